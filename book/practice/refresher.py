"""What `check` knows of the exercises on the page refresher."""

import numpy as np

from mle_helpers.practice.checks import Exercise


def all_different(m):
    return np.prod((365 - np.arange(m)) / 365)


def log_joint(rate, x):
    return len(x) * np.log(rate) - rate * np.sum(x)


def slope(s, n, S):
    return (S - n * s**2) / s**3


def some_times(rng):
    return round(rng.uniform(0.1, 2), 2), rng.uniform(0.1, 9, 4).round(1)


def some_slope(rng):
    return tuple(rng.uniform([0.5, 1, 1], [4, 30, 90]).round(1).tolist())


TIMES = np.array([2.1, 0.4, 5.0, 1.3, 1.2])

CHECKS = {
    "density-variance": Exercise(
        asks="the number Var[X]",
        reference=1 / 18,
        why="A variance is the mean square less the square of the mean, "
        "here ½ − 4/9; later pages take variances apart in this way.",
        mistakes=(
            (1 / 2, "That is the mean of X². The mean's square must go."),
            (1 / 12, "That is the variance of a uniform number; f leans."),
            (18**-0.5, "That is the standard deviation, a root too many."),
            (-1 / 6, "Is it the mean's *square* that you take away?"),
        ),
    ),
    "birthdays-different": Exercise(
        asks="your function of `m`: the probability that `m` people all "
        "have different birthdays",
        reference=all_different,
        why="A joint probability is a product of conditional ones, each "
        "given those before it; that holds without independence.",
        mistakes=(
            (
                lambda m: np.prod((364 - np.arange(m)) / 365),
                "Is the first person already missing a day? Nobody came "
                "before.",
            ),
            (
                lambda m: 1 - all_different(m),
                "That is the probability of a shared birthday.",
            ),
            (
                lambda m: (364 / 365) ** (m * (m - 1) / 2),
                "That takes all pairs for independent, which is near but "
                "not exact: three people make three pairs that hang "
                "together.",
            ),
            (
                lambda m: (364 / 365) ** (m - 1),
                "That lets everybody miss the first person's day only.",
            ),
        ),
        inputs=((1,), (2,), (3,), (10,), (40,)),
    ),
    "birthdays-first": Exercise(
        asks="the number of people",
        reference=23,
        why="The chances grow with the number of pairs, like m², which is "
        "why so few people are enough.",
        mistakes=(
            (22, "One too few: entry 0 of a product over people is for 1."),
            (24, "One too many: “from m on” counts the first one that is."),
            (183, "That is half of the days, as if no pairs were made."),
            (253, "That is for somebody who shares *your* birthday."),
        ),
    ),
    "exponential-log-joint": Exercise(
        asks="your function of `rate` and the array `x`",
        reference=log_joint,
        why="All times enter only through their sum and their number; a "
        "log-likelihood is often that short.",
        mistakes=(
            (
                lambda rate, x: np.log(rate) - rate * np.sum(x),
                "Every factor brings a log of the rate, not one of them.",
            ),
            (
                lambda rate, x: 5 * np.log(rate) - rate * np.sum(x),
                "Right for five times; how many are in `x`?",
            ),
            (
                lambda rate, x: len(x) * np.log(rate) + rate * np.sum(x),
                "The exponent is negative: a sign is missing.",
            ),
            (
                lambda rate, x: np.prod(rate * np.exp(-rate * x)),
                "That is the product itself; its logarithm is wanted.",
            ),
            (
                lambda rate, x: log_joint(rate, x) / np.log(10),
                "That is a logarithm to base 10; `log` is the natural one.",
            ),
            (
                lambda rate, x: log_joint(rate, x) / len(x),
                "That is the mean over the times; their sum is wanted.",
            ),
        ),
        inputs=((1.0, TIMES), (0.7, TIMES)),
        draw=some_times,
    ),
    "top-slope": Exercise(
        asks="your function of `s`, `n` and `S`, the derivative of q at s",
        reference=slope,
        why="Its sign is that of S − ns²: uphill before the root, downhill "
        "after, so that the root is the top.",
        mistakes=(
            (
                lambda s, n, S: -n / s - S / s**3,
                "The power rule brings down −2, and minus times minus "
                "is plus.",
            ),
            (
                lambda s, n, S: -n / s + S / (2 * s**3),
                "The power rule multiplies by the exponent: where has the "
                "2 gone?",
            ),
            (
                lambda s, n, S: n / s - S / s**3,
                "The sign is the wrong way round: is that −q′?",
            ),
            (
                lambda s, n, S: -n * np.log(s) - S / (2 * s**2),
                "That is q itself; its derivative is wanted.",
            ),
        ),
        inputs=((1.0, 10, 40), (2.0, 10, 40), (3.0, 10, 40)),
        draw=some_slope,
        atol=1e-9,
    ),
    "top-place": Exercise(
        asks="your function of `n` and `S` that gives the s of the top",
        reference=lambda n, S: np.sqrt(S / n),
        why="With S a sum of squared distances this s will be the spread "
        "of a Gaussian, estimated by maximum likelihood.",
        mistakes=(
            (lambda n, S: S / n, "That is s²; the root is missing."),
            (
                lambda n, S: np.sqrt(S / (n - 1)),
                "Where does n − 1 come from? q has n.",
            ),
            (lambda n, S: np.sqrt(n / S), "That is upside down."),
            (
                lambda n, S: np.sqrt(S / (2 * n)),
                "A factor 2 has stayed: the power rule takes it away.",
            ),
        ),
        inputs=((10, 40), (4, 9)),
        draw=lambda rng: (int(rng.integers(2, 30)), rng.uniform(1, 90)),
    ),
}
