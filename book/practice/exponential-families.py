"""What `check` knows of the exercises on the page exponential-families."""

import numpy as np
from scipy.optimize import brentq

from mle_helpers.practice.checks import Exercise


def normaliser(eta):
    return np.log(-np.log(1 - np.exp(eta)))


def some_times(rng):
    return round(rng.uniform(1, 20), 1), rng.integers(1, 30, 5)


def excess(q):
    return -q / ((1 - q) * np.log(1 - q)) - 2


def fitted():
    return brentq(excess, 0.01, 0.99, xtol=1e-14)


def start(rng):
    return (round(rng.uniform(-0.9, 0.9), 2),)


WEEKS = np.array([1, 5, 8, 12, 22])
STARTS = ((0.5,), (0.6,), (-0.25,))

CHECKS = {
    "mean-score": Exercise(
        asks="your function of `m` and the array `x`",
        reference=lambda m, x: np.sum(x - m) / m**2,
        why="The data against their mean, weighted: renaming a parameter "
        "changes the weight, and moves the root along.",
        mistakes=(
            (
                lambda m, x: np.sum(m - x) / m**2,
                "The sign is the wrong way round.",
            ),
            (
                lambda m, x: np.mean(x - m) / m**2,
                "That is the mean over the observations; the score adds "
                "them up.",
            ),
            (
                lambda m, x: np.sum(m - x),
                "That is the score in λ, at λ = 1/m; the chain rule brings "
                "a factor.",
            ),
            (
                lambda m, x: np.sum(x - m) / m,
                "One m too few below: differentiate x/m once more.",
            ),
        ),
        inputs=((8.0, WEEKS), (12.0, WEEKS)),
        draw=some_times,
        atol=1e-9,
    ),
    "mean-information": Exercise(
        asks="your function of `m` that gives the information of one "
        "observation",
        reference=lambda m: 1 / m**2,
        why="Information in another parameter is the old one times a "
        "squared slope.",
        mistakes=(
            (
                lambda m: m**2,
                "That is the information about λ; multiply by (dλ/dm)².",
            ),
            (
                lambda m: 1 / m,
                "A variance takes the *square* of a factor.",
            ),
            (
                lambda m: -1 / m**2,
                "Information is a variance, and never negative.",
            ),
            (
                lambda m: 1.0,
                "The factor dλ/dm counts twice, as a square.",
            ),
        ),
        inputs=((2.0,), (0.5,), (10.0,)),
        draw=lambda rng: (round(rng.uniform(0.2, 20), 1),),
    ),
    "butterflies-A": Exercise(
        asks="your function of `eta`, the normaliser A",
        reference=normaliser,
        why="Its derivative is the mean of T; all moments are in A.",
        mistakes=(
            (
                lambda eta: -normaliser(eta),
                "A is *subtracted* in the family's form: a sign.",
            ),
            (
                lambda eta: -np.log(1 - np.exp(eta)),
                "That is the sum itself; A is its logarithm.",
            ),
            (
                lambda eta: np.log(-np.log(np.float64(1 - eta))),
                "What you are given is η, the logarithm of q.",
            ),
            (
                lambda eta: np.log(1 - np.exp(eta)),
                "That is half of the way, and negative; A is a logarithm "
                "of a logarithm.",
            ),
        ),
        inputs=((-1.0,), (-0.5,), (-3.0,)),
        draw=lambda rng: (round(rng.uniform(-4, -0.1), 2),),
    ),
    "butterflies-q": Exercise(
        asks="your q̂, a number",
        reference=fitted,
        why="One equation, A′(η̂) = x̄, and every family of this form has "
        "it.",
        mistakes=(
            (lambda: np.log(fitted()), "That is η̂, the logarithm of q̂."),
            (0.5, "That is the geometric's 1 − 1/x̄; other weights here."),
            (2.0, "That is the mean of the catches; q is below 1."),
            (lambda: 1 - fitted(), "That is 1 − q̂."),
        ),
        rtol=1e-3,  # rounded to three decimals
    ),
    "bounce-scoring": Exercise(
        asks="your function of `m`: the next m of Fisher scoring",
        reference=lambda m: m - 4 * m / (1 + m**2),
        why="It always sets out uphill, and can still step too far.",
        mistakes=(
            (
                lambda m: m - 2 * m / (1 + m**2),
                "Divide the score by the information, ½.",
            ),
            (
                lambda m: m - m / (1 + m**2),
                "You multiplied by ½; divide.",
            ),
            (
                lambda m: m + 4 * m / (1 + m**2),
                "That leads away from 0: a sign.",
            ),
            (
                lambda m: 2 * m**3 / (m**2 - 1),
                "That is Newton's step, with J in place of the "
                "information.",
            ),
            (
                lambda m: -4 * m / (1 + m**2),
                "That is the step; where does it start?",
            ),
        ),
        inputs=STARTS,
        draw=start,
    ),
    "bounce-newton": Exercise(
        asks="your function of `m`: the next m of Newton's method",
        reference=lambda m: 2 * m**3 / (m**2 - 1),
        why="The new error goes with the cube of the old one, as long as "
        "the start is near.",
        mistakes=(
            (
                lambda m: m + m * (1 + m**2) / (1 - m**2),
                "That leads away from 0: a sign, of the score or of J.",
            ),
            (
                lambda m: m - 4 * m / (1 + m**2),
                "That is Fisher scoring, with the information in place of "
                "J.",
            ),
            (
                lambda m: -m * (1 + m**2) / (1 - m**2),
                "That is the step; where does it start?",
            ),
            (
                lambda m: -2 * m**3 / (m**2 - 1),
                "The sign is the wrong way round: it jumps over 0.",
            ),
        ),
        inputs=STARTS,
        draw=start,
        atol=1e-9,
    ),
}
