"""What `check` knows of the exercises on the page softmax."""

import numpy as np
from scipy.special import log_softmax, softmax

from mle_helpers.practice.checks import Exercise


def log_probabilities(eta):
    return log_softmax(eta, axis=1)


def new_reference(B, r):
    full = np.column_stack([np.zeros(len(B)), B])
    return np.delete(full - full[:, [r]], r, axis=1)


def reference_kept(B, r):
    full = np.column_stack([np.zeros(len(B)), B])
    return full - full[:, [r]]


def turned_round(B, r):
    return -new_reference(B, r)


def off_by_one(B, r):
    return np.delete(B - B[:, [r - 1]], r - 1, axis=1)


def curvature(eta):
    p = softmax(eta)
    return np.diag(p) - np.outer(p, p)


def some_eta(rng):
    return (rng.normal(scale=3, size=(3, 4)).round(2),)


def some_B(rng):
    return rng.normal(size=(2, 4)).round(2), int(rng.integers(1, 5))


B_SMALL = np.array([[0.5, -1.0], [2.0, 0.25]])

CHECKS = {
    "log-probabilities": Exercise(
        asks="your function of the array `eta`, a row for each "
        "observation, that gives an array of the same shape",
        reference=log_probabilities,
        why="Subtract the largest first: the same shift invariance that "
        "makes one class the reference keeps the digits.",
        mistakes=(
            (
                lambda eta: eta - np.log(np.exp(eta).sum(1, keepdims=True)),
                "Right for moderate numbers, but e^1000 overflows; "
                "subtract the largest of each row first.",
            ),
            (
                lambda eta: softmax(eta, axis=1),
                "These are the probabilities; their logarithms are wanted.",
            ),
            (
                lambda eta: log_softmax(eta, axis=0),
                "You summed over observations; sum over the classes of "
                "each row.",
            ),
            (
                lambda eta: log_softmax(eta),
                "You summed over the whole array; each row has "
                "probabilities of its own.",
            ),
            (
                lambda eta: eta - eta.max(axis=1, keepdims=True),
                "The largest is subtracted; the logarithm of the sum is "
                "missing.",
            ),
        ),
        inputs=(
            (np.array([[1000.0, 0.0, -1000.0], [1.0, 2.0, 3.0]]),),
            (np.array([[0.0, 0.5], [-2.0, 1.0]]),),
        ),
        draw=some_eta,
        rtol=1e-8,
        atol=1e-9,
    ),
    "new-reference": Exercise(
        asks="your function of `B` and `r` that gives the new matrix",
        reference=new_reference,
        why="Only differences of coefficients are facts about the data.",
        mistakes=(
            (
                turned_round,
                "Class k against r, so b_k − b_r; you have it the other "
                "way round.",
            ),
            (
                reference_kept,
                "The new reference's column is zero; leave it out.",
            ),
            (
                off_by_one,
                "The old reference, class 0, is missing; put its zeros "
                "back first.",
            ),
        ),
        inputs=((B_SMALL, 1), (B_SMALL, 2)),
        draw=some_B,
        atol=1e-9,
    ),
    "softmax-curvature": Exercise(
        asks="your function of one array of predictors `eta` that gives "
        "the K × K matrix",
        reference=curvature,
        why="It is the covariance matrix of a one-hot row: curvature is "
        "variance, as on the page Information.",
        mistakes=(
            (
                lambda eta: np.diag(softmax(eta) * (1 - softmax(eta))),
                "The diagonal is right. Classes compete: entries −p_j p_k "
                "stand beside it.",
            ),
            (
                lambda eta: -curvature(eta),
                "That is the second derivative; minus it is wanted.",
            ),
            (
                lambda eta: np.diag(softmax(eta)),
                "The slope of the denominator is missing: subtract p pᵀ.",
            ),
            (
                lambda eta: np.outer(softmax(eta), softmax(eta)),
                "That is p pᵀ; it is subtracted from diag(p).",
            ),
        ),
        inputs=(
            (np.array([2.0, 0.5, -1.0]),),
            (np.array([0.0, 0.0]),),
        ),
        draw=lambda rng: (rng.normal(size=4).round(2),),
        atol=1e-9,
    ),
}
