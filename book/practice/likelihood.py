"""What `check` knows of the exercises on the page likelihood."""

import numpy as np

from mle_helpers.practice.checks import Exercise


def waiting(p):
    return 5 * p**4 * (1 - p) ** 2


def share(rng):
    return (round(rng.uniform(0.02, 0.98), 2),)


SHARES = ((0.5,), (0.9,), (0.25,))

CHECKS = {
    "six-heads-likelihood": Exercise(
        asks="your function of `p`",
        reference=lambda p: p**6,
        why="One factor for each toss, and it climbs all the way: the top "
        "is at the edge, where no slope is zero.",
        mistakes=(
            (lambda p: 6 * p, "That adds the six factors; multiply them."),
            (
                lambda p: 6 * np.log(p),
                "That is the logarithm of the likelihood.",
            ),
            (
                lambda p: p**4 * (1 - p) ** 2,
                "That is the likelihood of the other coin, with tails.",
            ),
            (
                lambda p: 7 * p**6,
                "That is scaled to area 1, as a density of p would be; a "
                "likelihood is left as it is.",
            ),
        ),
        inputs=SHARES,
        draw=share,
    ),
    "six-heads-ratio": Exercise(
        asks="the ratio, a number",
        reference=1 / 0.8**6,
        why="Six tosses hardly tell the two apart, though one of them "
        "says that tails cannot come.",
        mistakes=(
            (0.8**6, "That is the other way round: who is above?"),
            (1 / 0.8, "That is the ratio for one toss; there were six."),
            (1 / 0.2**6, "0.2 is the probability of tails."),
            (-6 * np.log(0.8), "That is the logarithm of the ratio."),
        ),
    ),
    "second-tail": Exercise(
        asks="your function of `p`: the probability of four heads before "
        "the second tail",
        reference=waiting,
        why="Only the constant differs from the other two reports, so the "
        "likelihood ratios are the same.",
        mistakes=(
            (
                lambda p: 3 * waiting(p),
                "That counts all orders of six tosses, but the last one "
                "must be a tail.",
            ),
            (
                lambda p: waiting(p) / 5,
                "That is one order; the first tail can stand elsewhere.",
            ),
            (
                lambda p: 5 * (1 - p) ** 4 * p**2,
                "Heads and tails have changed places.",
            ),
            (
                lambda p: 5 * p**4 * (1 - p),
                "The tail that stops the tosses has a probability, too.",
            ),
        ),
        inputs=SHARES,
        draw=share,
    ),
    "sticky-likelihood": Exercise(
        asks="your function of `s`",
        reference=lambda s: 0.5 * s**2 * (1 - s) ** 3,
        why="A joint distribution is a product of one piece for each toss, "
        "given those before: this is how models of text are built.",
        mistakes=(
            (
                lambda s: s**2 * (1 - s) ** 3,
                "The same curve but for a factor, and with the same top: "
                "the first toss has the probability ½.",
            ),
            (
                lambda s: 0.5 * s**3 * (1 - s) ** 2,
                "Repeats and switches have changed places.",
            ),
            (
                lambda s: s**4 * (1 - s) ** 2,
                "That counts heads and tails; count neighbours that are "
                "alike.",
            ),
            (
                lambda s: s**2 * (1 - s) ** 3 / 64,
                "Only the first toss is fair; what follows has s.",
            ),
        ),
        inputs=((0.5,), (0.2,), (0.9,)),
        draw=share,
    ),
}
