"""What `check` knows of the exercises on the page score-equation."""

import numpy as np

from mle_helpers.practice.checks import Exercise


def geometric(p, x):
    return (x - 1) * np.log(1 - p) + np.log(p)


def some_rounds(rng):
    p = round(rng.uniform(0.1, 0.9), 2)
    return p, rng.geometric(p, 5)


ROUNDS = np.array([2, 1, 4, 1, 3])

CHECKS = {
    "geometric-logpmf": Exercise(
        asks="your `geometric_logpmf(p, x)`, with `x` an array",
        reference=geometric,
        why="One number for each observation: then `score` and `fit` can "
        "do the rest.",
        mistakes=(
            (
                lambda p, x: x * np.log(1 - p) + np.log(p),
                "That counts the last toss as a tail, too; `x` counts all "
                "tosses.",
            ),
            (
                lambda p, x: (x - 1) * np.log(p) + np.log(1 - p),
                "p and 1 − p have changed places.",
            ),
            (
                lambda p, x: (1 - p) ** (x - 1) * p,
                "That is the probability; its logarithm is wanted.",
            ),
            (
                lambda p, x: np.sum(geometric(p, x)),
                "That is the sum; one number for each observation is "
                "wanted.",
            ),
            (
                lambda p, x: (x - 1) * np.log(1 - p),
                "The head at the end has a probability, too.",
            ),
        ),
        inputs=((0.5, ROUNDS), (0.2, ROUNDS)),
        draw=some_rounds,
    ),
    "geometric-root": Exercise(
        asks="your function of the array `x` that gives the root",
        reference=lambda x: 1 / np.mean(x),
        why="It is the coin's formula: n heads in S tosses.",
        mistakes=(
            (np.mean, "That is upside down; a p is at most 1."),
            (
                lambda x: 1 / np.sum(x),
                "n rounds bring n heads, not one.",
            ),
            (
                lambda x: len(x) / (np.sum(x) + len(x)),
                "`x` counts the head already.",
            ),
            (
                lambda x: (len(x) - 1) / (np.sum(x) - 1),
                "That has no bias, but it is no root of the score.",
            ),
        ),
        inputs=((ROUNDS,), (np.array([1, 1, 2]),)),
        draw=lambda rng: (rng.geometric(0.3, 6),),
    ),
    "bus-mean": Exercise(
        asks="your function of `theta` and `n`: the mean of θ̂",
        reference=lambda theta, n: theta * n / (n + 1),
        why="The gap goes down like 1/n, much faster than 1/√n: a sharp "
        "edge is located quickly.",
        mistakes=(
            (
                lambda theta, n: theta / (n + 1),
                "That is the gap to θ, or the mean of the *shortest* wait.",
            ),
            (
                lambda theta, n: theta * (n - 1) / n,
                "Integrate n tⁿ: the exponent goes up by one.",
            ),
            (
                lambda theta, n: theta * (n + 1) / n,
                "That is the factor that would mend the bias; the longest "
                "wait is below θ.",
            ),
            (lambda theta, n: theta, "θ̂ is never above θ, often below."),
            (lambda theta, n: theta / 2, "That is the mean of one wait."),
        ),
        inputs=((10.0, 6), (10.0, 60), (4.0, 1)),
        draw=lambda rng: (
            round(rng.uniform(1, 20), 1),
            int(rng.integers(1, 100)),
        ),
    ),
    "newton-limit": Exercise(
        asks="the start up to which Newton's method arrives, a number",
        reference=1.22,
        why="Newton's method is fast near the root and lost far from it.",
        mistakes=(
            (0.61, "That is the root; starts above it may arrive, too."),
            (1.0, "Repeated squaring asks for |e| < 1, not for λ < 1."),
            (2.0, "The error is measured in units of the mean."),
        ),
    ),
    "newton-step": Exercise(
        asks="your function of `tau` and the mean `m` of the counts that "
        "gives the next τ",
        reference=lambda tau, m: tau + m / np.exp(tau) - 1,
        why="The way to the top depends on the name of the parameter, "
        "though the top does not.",
        mistakes=(
            (
                lambda tau, m: tau - m / np.exp(tau) + 1,
                "That leads away from the root: a sign.",
            ),
            (
                lambda tau, m: tau + m - np.exp(tau),
                "That is a step along the score; divide by J.",
            ),
            (
                lambda tau, m: tau + m / tau - 1,
                "τ is the logarithm of the rate.",
            ),
            (
                lambda tau, m: tau + np.exp(tau) / m - 1,
                "The score is to be divided by J; is J in its place?",
            ),
            (
                lambda tau, m: 2 * tau - tau**2 / m,
                "That is the step for λ itself.",
            ),
        ),
        inputs=((0.5, 0.61), (1.0, 0.61), (-1.0, 2.0)),
        draw=lambda rng: tuple(
            rng.uniform([-2, 0.2], [2, 4]).round(2).tolist()
        ),
    ),
}
