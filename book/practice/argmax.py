"""What `check` knows of the exercises on the page argmax."""

import numpy as np

from mle_helpers.practice.checks import Exercise

MEAN = 0.61  # deaths a corps and year


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
    "paper-limit": Exercise(
        asks="the step size from which on the climb never settles",
        reference=8.0,
        why="Twice one over the curvature: there the factor is −1.",
        mistakes=(
            (4.0, "With that one you arrive in a single step."),
            (0.5, "Divide 2 by the curvature; do not multiply."),
            (2.0, "The curvature is 1/4 here, not 1."),
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
