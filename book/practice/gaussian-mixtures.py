"""What `check` knows of the exercises on the page gaussian-mixtures."""

import numpy as np

from mle_helpers.practice.checks import Exercise

PAIR = np.array([-0.5, 2.5])
X = np.array([-1.0, 0.2, 0.8, 1.5, 2.0, 3.1])
R = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8], [0.3, 0.7]])
COUNTS = np.array([0.0, 1.0, 3.0, 2.0])


def ratio(x, m1, m2):
    return np.exp((x - m2) ** 2 / 2 - (x - m1) ** 2 / 2)


def responsibility(x, m1, m2):
    return ratio(x, m1, m2) / (1 + ratio(x, m1, m2))


def no_half(x, m1, m2):
    return 1 / (1 + np.exp((x - m1) ** 2 - (x - m2) ** 2))


def rates(r, x):
    return r.T @ x / r.sum(axis=0)


def some_shares(rng):
    first = rng.uniform(0.05, 0.95, 5).round(2)
    counts = rng.poisson(2, 5).astype(float)
    counts[0] += 1
    return np.stack([first, 1 - first], axis=1), counts


def hard_round(c, x):
    label = np.abs(x[:, None] - c).argmin(axis=1)
    return np.array([x[label == k].mean() for k in range(2)])


def soft_round(c, x):
    r = responsibility(x, c[0], c[1])
    return np.array([r @ x / r.sum(), (1 - r) @ x / (1 - r).sum()])


def at_zero(c, x):
    label = x > 0
    return np.array([x[~label].mean(), x[label].mean()])


def medians(c, x):
    label = np.abs(x[:, None] - c).argmin(axis=1)
    return np.array([np.median(x[label == k]) for k in range(2)])


def two_humps(rng):
    x = np.concatenate([rng.normal(-1, 1, 4), rng.normal(3, 1, 4)]).round(1)
    return np.array([-1.0, 3.0]), np.append(x, [-1.0, 0.6, 3.0])


CHECKS = {
    "by-hand": Exercise(
        asks="your `responsibility(x, m1, m2)` of component 1 for one "
        "number `x`, with equal weights and σ = 1",
        reference=responsibility,
        why="Equal weights and spreads cancel; only the two distances "
        "count.",
        mistakes=(
            (ratio, "That is the ratio; divide it by one plus itself."),
            (
                lambda x, m1, m2: 1 - responsibility(x, m1, m2),
                "That is component 2's.",
            ),
            (no_half, "A Gaussian has half the square in its exponent."),
            (
                lambda x, m1, m2: (
                    np.exp(-((x - m1) ** 2) / 2) / np.sqrt(2 * np.pi)
                ),
                "That is a density; divide by the sum over both.",
            ),
        ),
        inputs=((0.5, 0.0, 2.0), (1.4, 1.0, 5.0), (2.0, 1.0, 2.5)),
        draw=lambda rng: tuple(rng.uniform(0, 3, 3).round(2).tolist()),
    ),
    "poisson-m-step": Exercise(
        asks="your M-step, a function of the responsibilities `r` (n, 2) "
        "and the counts `x` that gives the two rates",
        reference=rates,
        why="Each rate is the mean count, every count weighted by its "
        "responsibility.",
        mistakes=(
            (
                lambda r, x: r.T @ x / len(x),
                "Divide by what the component answers for, n_k, not by n.",
            ),
            (
                lambda r, x: r.T @ x,
                "That is the number of deaths each answers for; a rate is "
                "per corps-year.",
            ),
            (
                lambda r, x: r.sum(axis=0) / (r.T @ x),
                "Upside down: deaths stand above, corps-years below.",
            ),
            (
                lambda r, x: np.array([x.mean(), x.mean()]),
                "The responsibilities have been left out.",
            ),
        ),
        inputs=((R, COUNTS), (R[:3], COUNTS[:3])),
        draw=some_shares,
    ),
    "hard-round": Exercise(
        asks="your function of the two centres `c` and the data `x` that "
        "gives the two centres after one round",
        reference=hard_round,
        why="Each observation counts once, on its own side of the border.",
        mistakes=(
            (soft_round, "That is EM's round, with parts of observations."),
            (
                at_zero,
                "The border lies halfway between the centres, not at zero.",
            ),
            (medians, "Those are medians; the M-step takes means."),
            (
                lambda c, x: np.array(
                    [np.mean(x <= c.mean()), np.mean(x > c.mean())]
                ),
                "Those are the shares on the two sides; centres are means.",
            ),
        ),
        inputs=((PAIR, X), (np.array([0.0, 2.0]), X)),
        draw=two_humps,
    ),
    "wet-notebook": Exercise(
        asks="your estimate of the mean wait, in minutes",
        reference=72.16,
        why="The eruptions that belong to the lost waits are all there, "
        "and EM uses them.",
        mistakes=(
            (
                65.34,
                "That is the mean of what is left; long waits were lost.",
            ),
            (70.90, "That is the mean of all, which nobody has any more."),
        ),
        rtol=1e-3,
    ),
}
