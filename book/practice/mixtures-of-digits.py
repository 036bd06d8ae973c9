"""What `check` knows of the exercises on the page mixtures-of-digits."""

import numpy as np
from scipy.special import logsumexp
from scipy.stats import norm

from mle_helpers.practice.checks import Exercise

WEIGHTS = np.array([0.3, 0.7])
LEFT = np.array([[-1.0, -2.0], [-3.0, -1.0]])
RIGHT = np.array([[-2.0, -1.0], [-1.0, -4.0]])


def given_left(left, right, weights):
    whole = logsumexp(np.log(weights) + left + right, axis=1)
    return whole - logsumexp(np.log(weights) + left, axis=1)


def some_tables(rng):
    weights = rng.dirichlet([2, 2]).round(2)
    weights[1] = 1 - weights[0]
    return (
        -rng.uniform(0, 4, (2, 2)).round(1),
        -rng.uniform(0, 4, (2, 2)).round(1),
        weights.clip(0.05, 0.95) / weights.clip(0.05, 0.95).sum(),
    )


def level(value, mean, sd):
    return norm.cdf(value + 1, mean, sd) - norm.cdf(value, mean, sd)


def paired(a, b):
    return np.std(a - b, ddof=1) / np.sqrt(len(a))


def unpaired(a, b):
    return np.sqrt((np.var(a, ddof=1) + np.var(b, ddof=1)) / len(a))


A = np.array([5.0, 5.4, 4.8, 9.0, 5.1])
B = np.array([5.2, 5.1, 4.9, 7.0, 5.0])

CHECKS = {
    "floored-share": Exercise(
        asks="your function of `s`, `n` and `f`",
        reference=lambda s, n, f: min(max(s / n, f), 1 - f),
        why="Clipping is the exact maximum under the constraint.",
        mistakes=(
            (
                lambda s, n, f: s / n,
                "Without the floor: zero ink stays impossible.",
            ),
            (
                lambda s, n, f: max(s / n, f),
                "There is a ceiling too, at 1 - f.",
            ),
            (
                lambda s, n, f: (s + f) / (n + 2 * f),
                "That adds pretended images; the constraint clips.",
            ),
            (
                lambda s, n, f: f + (1 - 2 * f) * s / n,
                "That squeezes every share; the constraint moves only "
                "those outside.",
            ),
        ),
        inputs=((0, 50, 0.001), (50, 50, 0.001), (3, 50, 0.01)),
        draw=lambda rng: (int(rng.integers(0, 20)), 20, 0.1),
    ),
    "given-left": Exercise(
        asks="your function of two tables `left` and `right` of log "
        "densities (n, K), each given the component, and the `weights`, "
        "that gives log p(right | left) of each image",
        reference=given_left,
        why="The left half's responsibilities become the weights of the "
        "right half.",
        mistakes=(
            (
                lambda left, right, weights: logsumexp(
                    np.log(weights) + left + right, axis=1
                ),
                "That is the whole image; the left half is given.",
            ),
            (
                lambda left, right, weights: logsumexp(
                    np.log(weights) + right, axis=1
                ),
                "That is the right half alone; the left one tells "
                "something.",
            ),
            (
                lambda left, right, weights: given_left(
                    left, right, np.full(len(weights), 1 / len(weights))
                ),
                "The weights have been left out.",
            ),
            (
                lambda left, right, weights: given_left(
                    right, left, weights
                ),
                "That is the left half given the right.",
            ),
        ),
        inputs=((LEFT, RIGHT, WEIGHTS), (RIGHT, LEFT, WEIGHTS)),
        draw=some_tables,
    ),
    "level-mass": Exercise(
        asks="your probability of one grey level, a function of its "
        "`value`, and of `mean` and `sd` in grey levels (from 0 to 256)",
        reference=level,
        why="For a mixture, multiply over pixels and add over components.",
        mistakes=(
            (norm.pdf, "That is a density at the level's lower end."),
            (
                lambda value, mean, sd: norm.pdf(value + 0.5, mean, sd),
                "That is the density in the middle; a mass was asked for.",
            ),
            (
                lambda value, mean, sd: (
                    norm.cdf(value + 0.5, mean, sd)
                    - norm.cdf(value - 0.5, mean, sd)
                ),
                "The level reaches from value to value + 1.",
            ),
            (
                lambda value, mean, sd: norm.cdf(value + 1, mean, sd),
                "That is all below; take off what lies below the level.",
            ),
        ),
        inputs=((100, 100.5, 1.0), (3, 5.0, 2.0), (0, 0.2, 0.5)),
        draw=lambda rng: (
            int(rng.integers(0, 9)),
            round(rng.uniform(0, 9), 1),
            round(rng.uniform(0.5, 3), 1),
        ),
    ),
    "paired-error": Exercise(
        asks="your function of two arrays `a` and `b` of bits, one number "
        "for each image, that gives the standard error of the difference "
        "of their means",
        reference=paired,
        why="What is hard for both models cancels in the difference.",
        mistakes=(
            (unpaired, "That is for different images; these are the same."),
            (
                lambda a, b: np.std(a - b) / np.sqrt(len(a)),
                "NumPy's `std` divides by n unless told otherwise; an "
                "error takes n - 1: `ddof=1`.",
            ),
            (
                lambda a, b: np.std(a - b, ddof=1),
                "That is the spread of one difference; a mean has the root "
                "of n below.",
            ),
            (
                lambda a, b: np.std(a - b, ddof=1) / len(a),
                "The root of the number of images goes below, not the "
                "number.",
            ),
            (lambda a, b: np.mean(a - b), "That is the mean difference."),
        ),
        inputs=((A, B), (A[:4], B[:4])),
        draw=lambda rng: (
            rng.normal(5, 1, 5).round(1),
            rng.normal(5, 1, 5).round(1),
        ),
    ),
}
