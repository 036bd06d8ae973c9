"""What `check` knows of the exercises on the page flows."""

import numpy as np
from scipy.stats import norm

from mle_helpers.practice.checks import Exercise


def lognormal(theta, x):
    return norm.logpdf(np.log(x), theta[0], theta[1]) - np.log(x)


def cooled(z, log_det, tau):
    d = z.shape[1]
    inside = -np.sum(z**2, axis=1) / (2 * tau**2)
    return inside - d / 2 * np.log(2 * np.pi * tau**2) + log_det


def shrunk_once(z, log_det, tau):
    inside = -np.sum(z**2, axis=1) / (2 * tau**2)
    return inside - np.log(2 * np.pi * tau**2) / 2 + log_det


def without_scale(z, log_det, tau):
    return cooled(z, log_det, tau) + z.shape[1] * np.log(tau)


def variance_for_sd(z, log_det, tau):
    return cooled(z, log_det, np.sqrt(tau))


def some_codes(rng):
    z = rng.normal(size=(4, 3)).round(2)
    return z, rng.normal(size=4).round(2), round(rng.uniform(0.4, 1.5), 2)


X = np.array([0.5, 1.0, 4.0])
HAND = norm.logpdf([1.0, 2 * np.exp(0.5) - 1]).sum() + 0.5

CHECKS = {
    "flows-lognormal": Exercise(
        asks="your function of `theta = (mu, sigma)` and the array `x`",
        reference=lognormal,
        why="A fixed map changes the height, and not the place of the top.",
        mistakes=(
            (
                lambda theta, x: norm.logpdf(np.log(x), *theta),
                "That is the density of log x. What does the stretch cost?",
            ),
            (
                lambda theta, x: norm.logpdf(np.log(x), *theta) + np.log(x),
                "The slope of log x is 1/x; its logarithm has a sign.",
            ),
            (
                lambda theta, x: norm.logpdf(np.log(x), *theta) - x,
                "The charge is the logarithm of the slope.",
            ),
            (
                lambda theta, x: norm.logpdf(x, *theta) - np.log(x),
                "The Gaussian stands at f(x), not at x.",
            ),
        ),
        inputs=(((0.0, 1.0), X), ((1.0, 0.5), X)),
        draw=lambda rng: (
            (round(rng.normal(), 2), round(rng.uniform(0.3, 2), 2)),
            rng.uniform(0.1, 9, 4).round(2),
        ),
    ),
    "flows-hand": Exercise(
        asks="log p(x), a number",
        reference=HAND,
        why="The Gaussian at z, and the log-stretch on top.",
        mistakes=(
            (HAND - 0.5, "That is the Gaussian at z; add log|det|."),
            (
                HAND - 1.0,
                "The layer stretches towards z: its sign is plus.",
            ),
            (
                norm.logpdf([1.0, 2.0]).sum() + 0.5,
                "The Gaussian stands at z, not at x.",
            ),
            (
                HAND - 0.5 + np.exp(0.5),
                "The logarithm of the stretch is wanted, not the stretch.",
            ),
        ),
    ),
    "flows-cool": Exercise(
        asks="your function of `z` (n, d), `log_det` (n,) and `tau` that "
        "gives the log densities",
        reference=cooled,
        why="Only the Gaussian has changed; the map is the same.",
        mistakes=(
            (
                lambda z, log_det, tau: cooled(z, log_det, 1.0),
                "That is τ = 1.",
            ),
            (
                without_scale,
                "A narrower Gaussian is higher: by τ, d times.",
            ),
            (shrunk_once, "The constant comes once for each of d numbers."),
            (variance_for_sd, "τ is the standard deviation: square it."),
            (
                lambda z, log_det, tau: cooled(z, -log_det, tau),
                "The log-determinant is that of f, and it is added.",
            ),
        ),
        inputs=(
            (
                np.array([[1.0, 0.0], [2.0, -1.0]]),
                np.array([0.5, 0.0]),
                0.7,
            ),
        ),
        draw=some_codes,
    ),
}
