"""What `check` knows of the exercises on the page intervals."""

import numpy as np
from scipy.optimize import brentq

from mle_helpers.practice.checks import Exercise

Z = 1.959963984540054


def rate_ends(n, mean, cut=Z**2 / 2):
    def over(u):
        return n * (np.log(u) - u + 1) + cut

    return brentq(over, 1e-12, 1) / mean, brentq(over, 1, 100) / mean


def wald_rate(n, mean):
    half = Z / (mean * np.sqrt(n))
    return 1 / mean - half, 1 / mean + half


def of_the_mean(n, mean):
    low, high = rate_ends(n, mean)
    return 1 / high, 1 / low


def wilson(k, n, z=Z):
    p = k / n
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    centre = p + z**2 / (2 * n)
    return (centre - half) / (1 + z**2 / n), (centre + half) / (
        1 + z**2 / n
    )


def wald(k, n):
    half = Z * np.sqrt(k * (n - k) / n**3)
    return k / n - half, k / n + half


def undivided(k, n):
    low, high = wilson(k, n)
    return low * (1 + Z**2 / n), high * (1 + Z**2 / n)


def plus_four(k, n):
    p = (k + 2) / (n + 4)
    half = Z * np.sqrt(p * (1 - p) / (n + 4))
    return p - half, p + half


def angles(k, n, factor=0.5):
    angle, half = np.arcsin(np.sqrt(k / n)), factor * Z / np.sqrt(n)
    return max(angle - half, 0), min(angle + half, np.pi / 2)


def arcsine(k, n, factor=0.5):
    low, high = angles(k, n, factor)
    return np.sin(low) ** 2, np.sin(high) ** 2


def unsquared(k, n):
    low, high = angles(k, n)
    return np.sin(low), np.sin(high)


def basic(hat, boot):
    low, high = np.quantile(boot, [0.025, 0.975])
    return 2 * hat - high, 2 * hat - low


def percentile(hat, boot):
    return tuple(np.quantile(boot, [0.025, 0.975]))


def by_sd(hat, boot):
    return hat - Z * np.std(boot), hat + Z * np.std(boot)


def crossed(hat, boot):
    low, high = basic(hat, boot)
    return high, low


def ninety(hat, boot):
    low, high = np.quantile(boot, [0.05, 0.95])
    return 2 * hat - high, 2 * hat - low


def some_count(rng):
    n = int(rng.integers(8, 60))
    return int(rng.integers(1, n)), n


def some_boot(rng):
    x = rng.exponential(1, 12).round(2)
    boot = x[rng.integers(12, size=(40, 12))].mean(axis=1).round(2)
    return round(float(x.mean()), 2), boot


BOOT = np.array([0.6, 0.8, 0.9, 1.0, 1.1, 1.4, 2.0])

CHECKS = {
    "rate-ends": Exercise(
        asks="your function of `n` and the `mean` that gives the two ends",
        reference=rate_ends,
        why="Two multiples of the estimate that depend on n alone; the "
        "unit of time does not matter.",
        mistakes=(
            (
                wald_rate,
                "That is the parabola's interval; ask the curve itself.",
            ),
            (
                of_the_mean,
                "That is the interval for the mean; λ is a rate.",
            ),
            (
                lambda n, mean: rate_ends(n, mean, Z**2),
                "The drop is compared with half of 3.84.",
            ),
            (
                lambda n, mean: rate_ends(1, mean),
                "All n waits add to the log-likelihood.",
            ),
        ),
        inputs=((40, 8.0), (5, 0.5)),
        draw=lambda rng: (
            int(rng.integers(3, 100)),
            round(rng.uniform(0.2, 20), 1),
        ),
        rtol=1e-3,  # 1.92 or all its digits
    ),
    "wilson-ends": Exercise(
        asks="your function of `k` and `n` that gives the two ends of the "
        "95 % interval",
        reference=wilson,
        why="It never leaves 0 to 1, and has a width even for no head at "
        "all.",
        mistakes=(
            (
                wald,
                "That is Wald's: the standard error belongs at p₀, not at "
                "the estimate.",
            ),
            (undivided, "Divide by the factor of p₀², 1 + z²/n."),
            (
                plus_four,
                "Two heads and two tails more come close, but the equation "
                "has another root.",
            ),
            (
                lambda k, n: wilson(k, n, 1.0),
                "That is one standard error to each side.",
            ),
        ),
        inputs=((7, 23), (0, 24), (12, 12)),
        draw=some_count,
        rtol=1e-3,  # 1.96 or all its digits
        atol=1e-6,
    ),
    "arcsine-ends": Exercise(
        asks="your function of `k` and `n` (with 0 < k < n) that gives the "
        "two ends, as values of p",
        reference=arcsine,
        why="In that name every coin has the same standard error, 1/(2√n).",
        mistakes=(
            (
                lambda k, n: arcsine(k, n, 1.0),
                "The slope of the arcsine has a 2 below.",
            ),
            (angles, "Those are angles; translate back into p."),
            (unsquared, "The sine is the root of p; square it."),
            (wald, "That is Wald's in p itself."),
        ),
        inputs=((7, 23), (1, 10)),
        draw=some_count,
        rtol=1e-3,
        atol=1e-6,
    ),
    "basic-ends": Exercise(
        asks="your function of the estimate `hat` and the array `boot` of "
        "bootstrapped estimates that gives the basic interval",
        reference=basic,
        why="It turns the percentiles round; for a lopsided estimate that "
        "is the wrong way to lean.",
        mistakes=(
            (percentile, "That is the percentile interval."),
            (
                by_sd,
                "That is Wald's with a bootstrapped standard error.",
            ),
            (crossed, "Which end is the lower one?"),
            (ninety, "2.5 % on each side, not 5 %."),
        ),
        inputs=((1.1, BOOT), (0.9, BOOT)),
        draw=some_boot,
    ),
}
