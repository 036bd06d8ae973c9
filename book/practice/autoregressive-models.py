"""What `check` knows of the exercises on the page autoregressive-models."""

import numpy as np

from mle_helpers.practice.checks import Exercise


def log1pexp(a):
    return np.logaddexp(0, a)


def cool(a, x, T):
    return np.sum(x * a / T - log1pexp(a / T))


def ink_given_rest(log_p_ink, log_p_paper):
    return 1 / (1 + np.exp(log_p_paper - log_p_ink))


def some_odds(rng):
    a = rng.normal(0, 2, 4).round(2)
    return a, rng.integers(2, size=4), round(rng.uniform(0.3, 2), 2)


A, X = np.array([1.0, -2.0, 0.5]), np.array([1, 0, 0])

CHECKS = {
    "ar-count": Exercise(
        asks="your function of `d` that gives the number of free "
        "parameters, U and c together",
        reference=lambda d: d * (d + 1) // 2,
        why="Pixel j hears j − 1 pixels and has one constant.",
        mistakes=(
            (
                lambda d: d * (d - 1) // 2,
                "That is U alone; each pixel has a constant, too.",
            ),
            (lambda d: d**2 + d, "Half of U looks ahead and is cut."),
            (
                lambda d: d * (d + 1) // 2 + d,
                "That has the diagonal of U in it: a pixel must not see "
                "itself.",
            ),
            (
                lambda d: 2**d - 1,
                "That is the full table of all images.",
            ),
        ),
        inputs=((2,), (3,), (784,)),
    ),
    "ar-record": Exercise(
        asks="the score in bits per pixel, a number",
        reference=lambda: np.log2(1 + np.exp(-4.0)),
        why="Every pixel is predicted by looking at it.",
        mistakes=(
            (
                lambda: np.log(1 + np.exp(-4.0)),
                "That is in nats; bits are wanted.",
            ),
            (
                lambda: 784 * np.log2(1 + np.exp(-4.0)),
                "That is for the whole image; divide by 784.",
            ),
            (
                lambda: np.log2(1 + np.exp(-8.0)),
                "The constant −4 has its part in the log odds.",
            ),
            (
                lambda: np.log2(1 + np.exp(4.0)),
                "That is the price of being wrong at every pixel.",
            ),
        ),
    ),
    "ar-missing": Exercise(
        asks="your function of `log_p_ink` and `log_p_paper` that gives "
        "the probability of ink",
        reference=ink_given_rest,
        why="The log odds are the difference of two log-probabilities.",
        mistakes=(
            (
                lambda u, v: 1 / (1 + np.exp(u - v)),
                "That is the probability of paper.",
            ),
            (
                lambda u, v: np.exp(u - v),
                "Those are the odds; a probability is wanted.",
            ),
            (
                lambda u, v: u / (u + v),
                "That divides logarithms; the probabilities are exp of "
                "them.",
            ),
            (
                lambda u, v: np.exp(u) / (np.exp(u) + np.exp(v)),
                "Right for small images; at −800 nats this is 0/0. Work in "
                "logs.",
            ),
        ),
        inputs=((-70.0, -72.0), (-900.0, -899.0)),
        draw=lambda rng: (
            round(rng.uniform(-90, -80), 1),
            round(rng.uniform(-90, -80), 1),
        ),
    ),
    "ar-cool": Exercise(
        asks="your function of `a`, `x` and `T` that gives the "
        "log-probability",
        reference=cool,
        why="Each coin is cooled by itself, and stays a coin.",
        mistakes=(
            (
                lambda a, x, T: cool(a, x, 1) / T,
                "Dividing log p by T leaves something that does not add up "
                "to one.",
            ),
            (
                lambda a, x, T: cool(a, x, 1 / T),
                "That multiplies the log odds by T.",
            ),
            (
                lambda a, x, T: np.sum(x * a / T - log1pexp(a)),
                "Both terms of a coin have the log odds in them. Cool "
                "both.",
            ),
            (lambda a, x, T: cool(a, x, 1), "The temperature is missing."),
            (
                lambda a, x, T: x * a / T - log1pexp(a / T),
                "One number for the image is wanted: the sum over its "
                "pixels.",
            ),
        ),
        inputs=((A, X, 0.5), (A, X, 2.0)),
        draw=some_odds,
    ),
}
