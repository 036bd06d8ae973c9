"""What `check` knows of the exercises on the page generative-models."""

import numpy as np
from scipy.special import comb

from mle_helpers.datasets import binarise, load_digits
from mle_helpers.practice.checks import Exercise


def entropy(theta):
    return -theta * np.log2(theta) - (1 - theta) * np.log2(1 - theta)


def threshold_bits(fit=192, score=192, add=0.5, unit=np.log2, test=True):
    """Mean bits a pixel of a coin in each pixel, fitted and scored."""
    ink = binarise(load_digits("train")[0], fit)
    x = binarise(load_digits("test" if test else "train")[0], score)
    theta = (ink.sum(axis=0) + add) / (len(ink) + 2 * add)
    share = x.mean(axis=0)
    return -np.mean(share * unit(theta) + (1 - share) * unit(1 - theta))


def smooth(ink, alpha):
    return (ink.sum(axis=0) + alpha) / (len(ink) + 2 * alpha)


def some_ink(rng):
    ink = rng.integers(0, 2, (int(rng.integers(2, 7)), 3))
    return ink, round(rng.uniform(0, 3), 2)


def outcome(k):
    return k * np.log(0.2) + (100 - k) * np.log(0.8)


INK = np.array([[1, 0, 0], [1, 1, 0], [1, 0, 0], [1, 1, 0]])
TOGETHER = comb(100, 20) * np.exp(outcome(20))

CHECKS = {
    "one-coin-bits": Exercise(
        asks="your function of `theta`, the bits a toss",
        reference=entropy,
        why="On its own training data a maximum likelihood coin needs as "
        "many bits as it is uncertain.",
        mistakes=(
            (
                lambda theta: entropy(theta) * np.log(2),
                "That is in nats, by `log`; bits are wanted.",
            ),
            (
                lambda theta: -entropy(theta),
                "That is the log-likelihood; a cost is positive.",
            ),
            (
                lambda theta: -theta * np.log2(theta),
                "Pixels without ink cost something, too.",
            ),
            (
                lambda theta: -np.log2(theta) - np.log2(1 - theta),
                "Weigh each cost by how often it is paid.",
            ),
            (
                lambda theta: entropy(theta) * np.log10(2),
                "That is with `log10`; bits are wanted.",
            ),
        ),
        inputs=((0.5,), (0.133,), (0.9,)),
        draw=lambda rng: (round(rng.uniform(0.01, 0.99), 2),),
    ),
    "threshold-bits": Exercise(
        asks="your bits per pixel at threshold 192, all digits of the "
        "number",
        reference=threshold_bits,
        why="The number is right and the comparison is not: emptier images "
        "are easier data.",
        mistakes=(
            (
                lambda: threshold_bits(128, 128),
                "That is at threshold 128.",
            ),
            (
                lambda: threshold_bits(128, 192),
                "Binarise the training images at 192, too.",
            ),
            (
                lambda: threshold_bits(192, 128),
                "Binarise the test images at 192, too.",
            ),
            (
                lambda: threshold_bits(test=False),
                "That is the score of the training images.",
            ),
            (
                lambda: threshold_bits(unit=np.log),
                "That is in nats, by `log`; bits are wanted.",
            ),
            (np.inf, "A pixel never seen with ink: add ½ first."),
            (
                lambda: threshold_bits(add=1),
                "That pretends a whole image of each kind; add ½.",
            ),
            (
                lambda: threshold_bits(193, 193),
                "A pixel of exactly 192 has ink: at least, not above.",
            ),
            (
                lambda: threshold_bits() * 784,
                "That is for an image; divide by its pixels.",
            ),
        ),
        rtol=1e-5,
    ),
    "alpha-theta": Exercise(
        asks="your function of the array `ink`, a row for each image, and "
        "`alpha` that gives θ̃ of every pixel",
        reference=smooth,
        why="α images of ink and α of paper are pretended; a little of it "
        "keeps every pixel possible.",
        mistakes=(
            (
                lambda ink, alpha: (
                    (ink.sum(axis=0) + alpha) / (len(ink) + alpha)
                ),
                "Paper is pretended as well as ink: what is below?",
            ),
            (
                lambda ink, alpha: (ink.sum(axis=0) + alpha) / len(ink),
                "What is pretended also counts below.",
            ),
            (
                lambda ink, alpha: ink.mean(axis=0) + alpha,
                "α is a count of images; add it before dividing.",
            ),
            (
                lambda ink, alpha: smooth(ink, 0.5),
                "That is for ½, whatever `alpha` is.",
            ),
            (
                lambda ink, alpha: smooth(ink.T, alpha),
                "That is along the wrong axis: images are the rows.",
            ),
            (
                lambda ink, alpha: ink.mean(axis=0),
                "That leaves `alpha` out.",
            ),
        ),
        inputs=((INK, 0.5), (INK, 1.0), (INK[:3], 0.1)),
        draw=some_ink,
    ),
    "typical-outcome": Exercise(
        asks="your function of `k`: the log-probability of one outcome "
        "with k heads",
        reference=outcome,
        why="The most probable single outcome is one that never comes: "
        "typical and most probable are two things.",
        mistakes=(
            (
                lambda k: np.log(comb(100, k)) + outcome(k),
                "That is for all outcomes with k heads together.",
            ),
            (
                lambda k: outcome(100 - k),
                "Heads and tails have changed places.",
            ),
            (
                lambda k: k * np.log(0.2),
                "The tails of an outcome have a probability, too.",
            ),
            (
                lambda k: outcome(k) / np.log(10),
                "That is with `log10`; nats are wanted.",
            ),
            (
                lambda k: np.exp(outcome(k)),
                "That is the probability; its logarithm is wanted.",
            ),
        ),
        inputs=((0,), (20,), (100,)),
        draw=lambda rng: (int(rng.integers(0, 101)),),
    ),
    "typical-together": Exercise(
        asks="the probability of 20 heads in all, all its digits",
        reference=TOGETHER,
        why="Each is rare and there are very many: together they are what "
        "is drawn.",
        mistakes=(
            (np.exp(outcome(20)), "That is one outcome; count them all."),
            (comb(100, 20), "That is how many there are."),
            (np.log(TOGETHER), "That is its logarithm."),
            (
                comb(100, 20) * 0.2**20,
                "The tails have a probability, too.",
            ),
        ),
        atol=0,
    ),
}
