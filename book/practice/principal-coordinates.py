"""What `check` knows of the exercises on the page principal-coordinates."""

import numpy as np

from mle_helpers.datasets import load_old_faithful
from mle_helpers.models import mvn_logpdf
from mle_helpers.practice.checks import Exercise


def slope(scale, back):
    """Minutes of wait for a minute along the first direction."""
    x = load_old_faithful() * [scale, 1.0]
    first = np.linalg.eigh(np.cov(x.T))[1][:, -1]
    return first[1] / first[0] * back


def regression():
    cov = np.cov(load_old_faithful().T)
    return cov[0, 1] / cov[0, 0]


def covariances(x, groups, ddof=0):
    parts = [x[groups == g] for g in np.unique(groups)]
    return [(p.mean(axis=0), np.cov(p.T, ddof=ddof)) for p in parts]


def guess(x, groups, other, ddof=0):
    models = covariances(x, groups, ddof)
    return np.argmax([mvn_logpdf(m, other) for m in models], axis=0)


def distances(models, other):
    return [
        np.sum((other - m) * np.linalg.solve(c, (other - m).T).T, axis=1)
        for m, c in models
    ]


def without_volume(x, groups, other):
    return np.argmin(distances(covariances(x, groups), other), axis=0)


def nearest(x, groups, other):
    means = [(m, np.eye(2)) for m, _ in covariances(x, groups)]
    return np.argmin(distances(means, other), axis=0)


def pooled(x, groups, other):
    models = covariances(x, groups)
    one = np.mean([c for _, c in models], axis=0)
    return np.argmin(distances([(m, one) for m, _ in models], other), 0)


def some_groups(rng):
    groups = np.repeat([0, 1, 2], 12)
    spread = np.array([[0.4, 3.0], [2.0, 2.0], [4.0, 0.6]])[groups]
    x = rng.normal(size=(36, 2)) * spread + groups[:, None]
    return x.round(2), groups, rng.uniform(-4, 6, (20, 2)).round(2)


def factor(s, sigma, extra=0.09):
    return s**2 / (s**2 + sigma**2 + extra)


GAIN = (3 * np.log(8 / 3) - np.log(5) - 2 * np.log(1.5)) / 2
SCALES = np.array([3.0, 1.0, 0.2])

CHECKS = {
    "hand-scale": Exercise(
        asks="ŝ₁, a number",
        reference=np.sqrt(3.5),
        why="A direction has its own spread and the noise; what the noise "
        "explains is taken off first.",
        mistakes=(
            (np.sqrt(5), "The noise has its share in that variance."),
            (3.5, "That is ŝ₁²; the root is missing."),
            (2.0, "The noise is the *mean* of the rest, not their sum."),
            (np.sqrt(5) - np.sqrt(1.5), "Variances subtract, not spreads."),
            (5 - 1.5**2, "1.5 is a variance already."),
        ),
        rtol=5e-3,  # done by hand: three digits are enough
    ),
    "hand-gain": Exercise(
        asks="the gain in nats an observation, a number",
        reference=GAIN,
        why="A direction is worth what it saves in log volume; equal "
        "eigenvalues would save nothing.",
        mistakes=(
            (2 * GAIN, "A log density has ½ in front of log v."),
            (GAIN / np.log(2), "That is in bits; nats are wanted."),
            (-GAIN, "More parameters never fit worse: a sign."),
            (
                (3 * np.log(8 / 3) - np.log(5) - np.log(1.5)) / 2,
                "The noise is the variance of two directions, not one.",
            ),
            (
                (3 * np.log(8 / 3) - np.log(5) - np.log(2)) / 2,
                "That gives every direction its own variance; here two "
                "share the noise.",
            ),
        ),
        rtol=5e-3,
    ),
    "geyser-direction": Exercise(
        asks="the minutes of wait for a minute of duration along the first "
        "direction, found with durations in seconds",
        reference=lambda: slope(60.0, 60.0),
        why="The first direction speaks of your units as much as of the "
        "geyser.",
        mistakes=(
            (
                lambda: slope(1.0, 1.0),
                "That is found with both columns in minutes.",
            ),
            (
                lambda: slope(60.0, 1.0),
                "That is minutes of wait for a *second*; turn it back.",
            ),
            (
                lambda: 1 / slope(60.0, 60.0),
                "That is upside down: wait for duration.",
            ),
            (
                regression,
                "That is the regression line, which has the noise in the "
                "wait alone.",
            ),
        ),
    ),
    "naming-guess": Exercise(
        asks="your function of `x`, `groups` (0, 1, 2, …) and `other` that "
        "fits a full Gaussian to each group of x and names the rows of "
        "other",
        reference=guess,
        why="Ten densities and a comparison: a model of the data names "
        "them for nothing.",
        mistakes=(
            (
                nearest,
                "That takes the nearest mean; each group has a shape.",
            ),
            (
                without_volume,
                "That compares distances only; a density also has its "
                "volume, the log determinant.",
            ),
            (pooled, "That gives all groups one shape."),
            (
                lambda x, groups, other: guess(x, groups, other, 1),
                "`np.cov` divides by n − 1; maximum likelihood by n.",
            ),
            (
                lambda x, groups, other: guess(x, groups, x),
                "Those are names of the rows of `x`; name `other`.",
            ),
        ),
        inputs=(),
        draw=some_groups,
    ),
    "clean-factor": Exercise(
        asks="your function of the array `s` and `sigma` that gives the "
        "factor of every coordinate",
        reference=factor,
        why="Narrow directions are nearly all noise, and are nearly "
        "switched off: the likelihood chooses softly what k would cut.",
        mistakes=(
            (
                lambda s, sigma: factor(s, sigma, extra=0.0),
                "The added noise counts, too.",
            ),
            (
                lambda s, sigma: factor(s, sigma, extra=0.3),
                "0.3 is a standard deviation; variances add.",
            ),
            (
                lambda s, sigma: 1 - factor(s, sigma),
                "That is what to take away; what stays?",
            ),
            (
                lambda s, sigma: s / np.sqrt(s**2 + sigma**2 + 0.09),
                "That is the root; variances stand above and below.",
            ),
            (
                lambda s, sigma: s**2 / (s**2 + sigma + 0.09),
                "σ enters as σ².",
            ),
        ),
        inputs=((SCALES, 0.1), (SCALES, 0.0)),
        draw=lambda rng: (
            rng.uniform(0.1, 4, 3).round(2),
            round(rng.uniform(0, 1), 2),
        ),
    ),
}
