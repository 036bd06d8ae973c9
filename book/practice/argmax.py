"""What `check` knows of the exercises on the page argmax."""

import itertools

import numpy as np

from mle_helpers.practice.checks import Exercise

MEAN = 0.61  # deaths a corps and year


def hill(theta):
    """the hill −(θ₀ − 3.3)² − 2 (θ₁ + 0.7)²"""
    return -((theta[0] - 3.3) ** 2) - 2 * (theta[1] + 0.7) ** 2


def ridge(theta):
    """the hill −θ₀² − (θ₁ − θ₀/2 − 1)⁴"""
    return -(theta[0] ** 2) - (theta[1] - theta[0] / 2 - 1) ** 4


def zoomed(f, low, high, grids=8, reach=1.0, sign=1):
    low, high = np.array(low, dtype=float), np.array(high, dtype=float)
    for _ in range(grids):
        knots = itertools.product(*np.linspace(low, high, 9).T)
        best = np.array(max(knots, key=lambda theta: sign * f(theta)))
        gap = (high - low) / 8
        low, high = best - reach * gap, best + reach * gap
    return best


def zoom(f, low, high):
    return zoomed(f, low, high)


def top(a):
    return np.sqrt(max(a**2 - 1, 0))


CHECKS = {
    "kicks-slope": Exercise(
        asks="your function of `log_rate`, the slope of ℓ/n in it",
        reference=lambda log_rate: MEAN - np.exp(log_rate),
        why="In the logarithm every step leads to a rate that is possible, "
        "and the slope is as simple as it can be.",
        mistakes=(
            (
                lambda log_rate: MEAN / np.exp(log_rate) - 1,
                "That is the slope in the rate; the chain rule brings a "
                "factor.",
            ),
            (
                lambda log_rate: MEAN - log_rate,
                "What you are given is the logarithm of the rate.",
            ),
            (
                lambda log_rate: 200 * (MEAN - np.exp(log_rate)),
                "That is the slope of ℓ, the sum; ℓ/n is wanted.",
            ),
            (
                lambda log_rate: np.exp(log_rate) - MEAN,
                "The sign is the wrong way round: it would lead downhill.",
            ),
        ),
        inputs=((0.0,), (-1.0,), (0.3,)),
        draw=lambda rng: (round(rng.uniform(-3, 2), 2),),
    ),
    "kicks-limit": Exercise(
        asks="the step size below which the climb settles, a number",
        reference=2 / MEAN,
        why="A step may lead past the top, but not twice as far: the "
        "curvature at the top sets the limit.",
        mistakes=(
            (1 / MEAN, "That step lands on the top; longer ones settle."),
            (2, "The curvature at the top is not 1."),
            (2 * MEAN, "A sharper top wants shorter steps: divide."),
            (2 / (200 * MEAN), "That is for ℓ; you climb on ℓ/n."),
        ),
    ),
    "kicks-none": Exercise(
        asks="the estimated probability of a year without a death",
        reference=np.exp(-MEAN),
        why="The estimate of a function of the rate is that function of "
        "the estimate: no new fit.",
        mistakes=(
            (
                0.545,
                "That is the share in the data; what does the Poisson say?",
            ),
            (1 - np.exp(-MEAN), "That is for a year with a death."),
            (1 - MEAN, "A Poisson count is 0 with another probability."),
            (MEAN * np.exp(-MEAN), "That is for exactly one death."),
        ),
    ),
    "zoom-point": Exercise(
        asks="a function of `f`, `low` and `high` that gives the best "
        "point of the last of 8 grids (`f` takes one θ with two entries)",
        reference=zoom,
        why="Each grid buys a factor of 4 in every parameter; the price in "
        "parameters it does not lower.",
        mistakes=(
            (
                lambda f, low, high: zoomed(f, low, high, grids=7),
                "That is one grid short.",
            ),
            (
                lambda f, low, high: zoomed(f, low, high, grids=9),
                "That is a grid too many.",
            ),
            (
                lambda f, low, high: zoomed(f, low, high, reach=0.5),
                "Reach one whole spacing to each side of the best point.",
            ),
            (
                lambda f, low, high: zoomed(f, low, high, sign=-1),
                "That goes where `f` is lowest.",
            ),
            (
                lambda f, low, high: (
                    *zoomed(f, low, high),
                    *(np.subtract(high, low) / 8 / 4**7),
                ),
                "Hand in the best point alone, without the spacing.",
            ),
            (
                lambda f, low, high: f(zoomed(f, low, high)),
                "That is the height of the top; its place is wanted.",
            ),
        ),
        inputs=(
            (hill, [0.0, -2.0], [8.0, 2.0]),
            (ridge, [-3.1, 0.2], [4.0, 2.9]),
        ),
        atol=1e-9,
    ),
    "zoom-count": Exercise(
        asks="the number of evaluations for p = 21",
        reference=8 * 9**21,
        why="Zooming removes the price of digits, not of parameters.",
        mistakes=(
            (9**21, "That is one grid."),
            (7 * 9**21, "Count the first grid, too."),
            (8 * 9 * 21, "Knots of a grid multiply from axis to axis."),
            (8 * 21**9, "Base and exponent have changed places."),
        ),
    ),
    "two-tops": Exercise(
        asks="your function of `a` that gives the highest point with m ≥ 0",
        reference=top,
        why="Near readings share one hill; far ones have a hill each, and "
        "the middle between them is the bottom of a dip.",
        mistakes=(
            (
                lambda a: np.sqrt(np.float64(a**2 - 1)),
                "For near readings, the lowest place of the parabola is "
                "out of reach, as m² cannot be negative.",
            ),
            (
                lambda a: max(a**2 - 1, 0),
                "That is m²; the root is missing.",
            ),
            (lambda a: a, "The tops are not at the readings themselves."),
            (
                lambda a: 0.0,
                "The middle has slope zero for every a; is it the top?",
            ),
        ),
        inputs=((4.0,), (1.0,), (0.5,), (2.0,)),
        draw=lambda rng: (round(rng.uniform(0.1, 6), 2),),
    ),
}
