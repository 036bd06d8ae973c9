"""What `check` knows of the exercises on the page which-model-wins."""

import numpy as np

from mle_helpers.practice.checks import Exercise


def paired(a, b):
    d = a - b
    return d.mean(), d.std(ddof=1) / np.sqrt(len(d))


def apart(a, b):
    error = np.hypot(a.std(ddof=1), b.std(ddof=1)) / np.sqrt(len(a))
    return np.mean(a - b), error


def spread(a, b):
    return np.mean(a - b), np.std(a - b, ddof=1)


def turned(a, b):
    mean, error = paired(a, b)
    return -mean, error


def both(log_a, log_b):
    return np.logaddexp(log_a, log_b) - np.log(2)


def nearest(a, b):
    d = a[:, None] - b
    return np.sqrt(np.mean(d**2, axis=2).min(axis=1))


def summed(a, b):
    return nearest(a, b) * np.sqrt(a.shape[1])


def squared(a, b):
    return nearest(a, b) ** 2


def some_scores(rng):
    hard = rng.normal(0.2, 0.05, 12)
    return (hard + rng.normal(0.01, 0.01, 12)).round(3), hard.round(3)


def some_logs(rng):
    return tuple(rng.normal(-90, 4, (2, 5)).round(1))


def some_rows(rng):
    return rng.random((4, 6)).round(2), rng.random((7, 6)).round(2)


SCORES = (
    np.array([0.21, 0.3, 0.18, 0.25]),
    np.array([0.2, 0.28, 0.18, 0.22]),
)
LOGS = (np.array([-90.0, -100.0]), np.array([-95.0, -80.0]))
ROWS = (
    np.array([[0.0, 0.0], [1.0, 1.0]]),
    np.array([[0.0, 0.5], [3.0, 1.0]]),
)
CHECKS = {
    "wins-paired": Exercise(
        asks="your function of `a` and `b`: mean difference and its error",
        reference=paired,
        why="What is hard for both models drops out.",
        mistakes=(
            (
                apart,
                "That error is for scores of different images.",
            ),
            (
                spread,
                "That is the spread. Divide by the root of n.",
            ),
            (
                lambda a, b: (
                    np.mean(a - b),
                    np.std(a - b) / np.sqrt(len(a)),
                ),
                "NumPy's `std` divides by n unless told otherwise; an "
                "error takes n − 1: `ddof=1`.",
            ),
            (turned, "The sign is turned: a − b is asked for."),
            (
                lambda a, b: (
                    np.mean(a - b),
                    np.std(a - b, ddof=1) / len(a),
                ),
                "The error falls with the root of n, not with n.",
            ),
        ),
        inputs=(SCORES,),
        draw=some_scores,
    ),
    "bound-both": Exercise(
        asks="your function of two arrays of log-probabilities",
        reference=both,
        why="A mixture of two models: add in logarithms, and halve.",
        mistakes=(
            (np.logaddexp, "The weights ½ are missing: subtract log 2."),
            (
                lambda a, b: (a + b) / 2,
                "That averages the logarithms. Average the probabilities.",
            ),
            (
                lambda a, b: np.maximum(a, b) - np.log(2),
                "That is the bound. The smaller one counts too.",
            ),
        ),
        inputs=(LOGS,),
        draw=some_logs,
    ),
    "nearest-distance": Exercise(
        asks="your function of `a` and `b`: a distance for each row of a",
        reference=nearest,
        why="One product of matrices gives all distances.",
        mistakes=(
            (
                summed,
                "Take the mean over the pixels, not the sum.",
            ),
            (squared, "The root is missing."),
            (
                lambda a, b: nearest(b, a),
                "The other way round: one for each row of a.",
            ),
        ),
        inputs=(ROWS,),
        draw=some_rows,
        atol=1e-6,
    ),
}
