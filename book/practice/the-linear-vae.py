"""What `check` knows of the exercises on the page the-linear-vae."""

import numpy as np

from mle_helpers.practice.checks import Exercise


def spreads(W, sigma2):
    return np.sqrt(sigma2 / (np.sum(W**2, axis=0) + sigma2))


def marginal(W, sigma2):
    M = W.T @ W + sigma2 * np.eye(W.shape[1])
    return np.sqrt(sigma2 * np.diag(np.linalg.inv(M)))


def lengths(eigenvalues, sigma2):
    return np.maximum(np.asarray(eigenvalues) - sigma2, 0)


def best_constant(h, g):
    return np.sum(h * g**2) / np.sum(g**2)


W = np.array([[1.0, 0.5], [0.0, 2.0], [1.0, -1.0]])

CHECKS = {
    "linear-encoder": Exercise(
        asks="your function of `W` and `sigma2` that gives the spreads s, "
        "an array (k,)",
        reference=spreads,
        why="The best diagonal q is narrower than the posterior wherever "
        "coordinates are correlated.",
        mistakes=(
            (
                marginal,
                "Those are the posterior's own spreads. The best diagonal "
                "q has others.",
            ),
            (
                lambda W, sigma2: spreads(W, sigma2) ** 2,
                "Those are variances.",
            ),
            (
                lambda W, sigma2: np.sqrt(sigma2 / np.sum(W**2, axis=0)),
                "The prior has its share: add its precision, 1.",
            ),
            (
                lambda W, sigma2: (
                    1 / np.sqrt(np.sum(W**2, axis=0) + sigma2)
                ),
                "A factor σ is missing: with much noise q is the prior.",
            ),
            (
                lambda W, sigma2: np.sqrt(
                    sigma2 / (np.sum(W**2, axis=1) + sigma2)
                ),
                "That takes rows of W; a coordinate has a column.",
            ),
        ),
        inputs=((W, 1.0), (W, 0.25)),
        draw=lambda rng: (
            rng.normal(size=(3, 2)).round(2),
            round(rng.uniform(0.1, 2), 2),
        ),
    ),
    "linear-lengths": Exercise(
        asks="your function of the array `eigenvalues` and `sigma2` that "
        "gives the squared lengths of the columns",
        reference=lengths,
        why="A direction in which the noise is enough gets no column.",
        mistakes=(
            (
                lambda e, sigma2: np.asarray(e) - sigma2,
                "A squared length cannot be negative.",
            ),
            (
                lambda e, sigma2: np.sqrt(lengths(e, sigma2)),
                "Those are lengths; their squares are wanted.",
            ),
            (
                lambda e, sigma2: np.where(np.asarray(e) > sigma2, e, 0.0),
                "The noise explains σ² of it already.",
            ),
            (
                lambda e, sigma2: np.abs(np.asarray(e) - sigma2),
                "Where the noise is too large, nothing is left; a column "
                "does not grow again.",
            ),
        ),
        inputs=(([81.0, 20.0], 30.0), ([5.0, 3.0, 1.0], 2.0)),
        draw=lambda rng: (
            rng.uniform(0, 10, 4).round(1),
            round(rng.uniform(2, 8), 1),
        ),
    ),
    "linear-constant": Exercise(
        asks="your function of arrays `h` and `g` that gives the best c",
        reference=best_constant,
        why="An average of h in which draws that pull hard count more.",
        mistakes=(
            (lambda h, g: np.mean(h), "That is good, and not the best."),
            (
                lambda h, g: np.sum(h * g) / np.sum(g),
                "The parabola's weights are g², not g.",
            ),
            (
                lambda h, g: np.mean(h * g**2),
                "Divide by the mean of g²; weights add up to one.",
            ),
            (
                lambda h, g: np.sum(h * np.abs(g)) / np.sum(np.abs(g)),
                "The weights are squares, not sizes.",
            ),
        ),
        inputs=(
            (np.array([-90.0, -80.0, -95.0]), np.array([1.0, -0.5, 2.0])),
        ),
        draw=lambda rng: (
            rng.normal(-80, 5, 4).round(1),
            rng.normal(size=4).round(2),
        ),
    ),
}
