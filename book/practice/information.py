"""What `check` knows of the exercises on the page information."""

import numpy as np

from mle_helpers.practice.checks import Exercise


def tosses(width, info):
    return (1.96 / width) ** 2 / info


def waiting(n, mean, factor=1.96):
    error = 1 / (mean * np.sqrt(n))
    return 1 / mean - factor * error, 1 / mean + factor * error


def of_the_mean(n, mean):
    error = 1.96 * mean / np.sqrt(n)
    return mean - error, mean + error


def without_n(n, mean):
    return (1 - 1.96) / mean, (1 + 1.96) / mean


def cauchy_score(m, x):
    return np.sum(2 * (x - m) / (1 + (x - m) ** 2))


def some_sample(rng):
    x = rng.standard_cauchy(7).round(1)
    return float(np.median(x)), x


X = np.array([-1.0, 0.0, 0.5, 3.0, -0.2])

CHECKS = {
    "tosses-needed": Exercise(
        asks="your function of the half width `width` and the information "
        "`info` of one observation that gives n, rounded or not",
        reference=tosses,
        why="Half the width costs four times the data, whatever the model.",
        mistakes=(
            (
                lambda width, info: (1.96 / width) ** 2 * info,
                "More information means fewer observations: divide.",
            ),
            (
                lambda width, info: 1.96 / width / info,
                "The width goes down like the root of n; a square is "
                "missing.",
            ),
            (
                lambda width, info: (2 * 1.96 / width) ** 2 / info,
                "± is to each side; you took it for the whole width.",
            ),
            (
                lambda width, info: 1 / width**2 / info,
                "That is for one standard error; a 95 % interval has 1.96.",
            ),
        ),
        inputs=((0.02, 4.0), (0.02, 1 / 0.61), (0.1, 1.0)),
        draw=lambda rng: tuple(
            rng.uniform([0.01, 0.5], [0.1, 9]).round(3).tolist()
        ),
        rtol=1e-4,  # 1.96 or all its digits
        atol=1.0,  # rounded, up or down
    ),
    "waiting-interval": Exercise(
        asks="your function of `n` and the `mean` of the waits that gives "
        "the two ends of the interval for λ",
        reference=waiting,
        why="The relative error of a rate is 1/√n, whatever the unit of "
        "time.",
        mistakes=(
            (of_the_mean, "That is an interval for the mean; λ is a rate."),
            (
                lambda n, mean: waiting(n, mean, factor=1),
                "That is one standard error to each side.",
            ),
            (without_n, "One wait has that error; where is n?"),
            (
                lambda n, mean: waiting(n**2, mean),
                "The error has the root of n below, not n.",
            ),
        ),
        inputs=((40, 8.0), (100, 0.5)),
        draw=lambda rng: (
            int(rng.integers(5, 200)),
            round(rng.uniform(0.2, 20), 1),
        ),
        rtol=1e-3,  # 1.96 or all its digits
    ),
    "cauchy-step": Exercise(
        asks="your function of the start `m` and one sample, the array "
        "`x`, that takes one step",
        reference=lambda m, x: m + 2 * cauchy_score(m, x) / len(x),
        why="From a start that is near the truth, one step is as good as "
        "the whole climb.",
        mistakes=(
            (
                lambda m, x: m - 2 * cauchy_score(m, x) / len(x),
                "That goes downhill: a sign.",
            ),
            (
                lambda m, x: m + cauchy_score(m, x) / len(x) / 2,
                "Divide by the information, ½; you multiplied.",
            ),
            (
                lambda m, x: m + 2 * cauchy_score(m, x),
                "All observations inform: where is n?",
            ),
            (
                lambda m, x: m + cauchy_score(m, x) / len(x),
                "A factor 2: is it in the score, and is I = ½?",
            ),
            (
                lambda m, x: 2 * cauchy_score(m, x) / len(x),
                "That is the step; where does it start?",
            ),
        ),
        inputs=((0.0, X), (1.0, X)),
        draw=some_sample,
        atol=1e-9,
    ),
    "bus-upper": Exercise(
        asks="the upper end of the interval in minutes, a number",
        reference=9.2 / 0.05 ** (1 / 6),
        why="It rests on the exact distribution of the longest wait, and "
        "needs no parabola.",
        mistakes=(
            (
                9.2 / 0.95 ** (1 / 6),
                "0.95 is to lie *above* c θ; how much is left below?",
            ),
            (
                9.2 / 0.025 ** (1 / 6),
                "That leaves 2.5 %, as for an interval with two open "
                "sides; this one begins at 9.2.",
            ),
            (9.2 / 0.05, "That is as if there had been one wait."),
            (9.2 * 0.05 ** (1 / 6), "θ is above the longest wait."),
            (9.2 * 7 / 6, "That mends the bias; an interval is wanted."),
        ),
        rtol=3e-3,  # rounded to one decimal, as the waits are
    ),
}
