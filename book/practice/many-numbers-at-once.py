"""What `check` knows of the exercises on the page many-numbers-at-once."""

import numpy as np
from scipy.special import logsumexp

from mle_helpers.models import gaussian_logpdf
from mle_helpers.practice.checks import Exercise

BIT, SPREAD = np.log(2), np.sqrt(1 / 12)
PLACES = (np.arange(10_000) + 0.5) / 10_000


def bound(sigma=SPREAD, unit=BIT):
    return -np.mean(gaussian_logpdf((0.5, sigma), PLACES)) / unit


def exact(sigma=SPREAD, unit=BIT):
    log_p = gaussian_logpdf((0.5, sigma), PLACES)
    return -np.log(np.mean(np.exp(log_p))) / unit


def roots(cov, power=0.5):
    values, vectors = np.linalg.eigh(cov)
    return values**power, vectors


def eigen_root(cov):
    scales, vectors = roots(cov)
    return vectors * scales


def unsquared(cov):
    values, vectors = roots(cov, 1)
    return vectors * values


def rows_scaled(cov):
    scales, vectors = roots(cov)
    return scales[:, None] * vectors


def symmetric(cov):
    scales, vectors = roots(cov)
    return vectors * scales @ vectors.T


def as_a_root(root):
    """The same for every U√D, whatever its signs and order."""
    return root @ root.T, np.sort(np.diag(root.T @ root))


def some_cov(rng):
    a = rng.normal(size=(3, 3)).round(1)
    return ((a @ a.T + np.diag([0.5, 1.0, 2.0])).round(2),)


def bits(log_c, whole=logsumexp, ten=10, unit=BIT):
    log_p = whole(log_c, axis=0) - np.log(ten)
    return np.mean(8 - log_p / (784 * unit))


def some_logs(rng):
    return (rng.normal(900, 60, (10, 4)).round(1),)


def some_names(rng):
    return (*some_logs(rng), rng.integers(0, 10, 4))


def named(log_c, labels):
    return np.mean(log_c.argmax(axis=0) == labels)


def complete(mean, cov, a, back=1.0, shift=1.0):
    k = len(a)
    b = mean[k:] * back
    return b + cov[k:, :k] @ np.linalg.solve(
        cov[:k, :k], a - shift * mean[:k]
    )


def without_inverse(mean, cov, a):
    k = len(a)
    return mean[k:] + cov[k:, :k] @ (a - mean[:k])


def wrong_block(mean, cov, a):
    k = len(a)
    step = cov[k:, :k] @ (a - mean[:k])
    return mean[k:] + np.linalg.solve(cov[k:, k:], step)


def some_halves(rng):
    a = rng.normal(size=(4, 4)).round(1)
    cov = (a @ a.T + np.eye(4)).round(2)
    return rng.normal(2, 1, 4).round(1), cov, rng.normal(2, 1, 2).round(1)


COV = np.array([[2.0, 0.6], [0.6, 1.0]])
LOGS = np.array([[900.0, 880.0, 850.0], [905.0, 860.0, 870.0]] * 5)
LOGS += np.arange(10)[:, None]

CHECKS = {
    "corner-bound": Exercise(
        asks="the bits of the pixel by the bound, a number",
        reference=bound,
        why="The bound pays twice: for what the Gaussian puts outside, and "
        "for its wrong shape within.",
        mistakes=(
            (exact, "That is the exact cost: the mean is inside the log."),
            (lambda: bound(unit=1.0), "That is in nats; bits are wanted."),
            (
                lambda: bound(1 / 12),
                "`gaussian_logpdf` takes σ; 1/12 is its square.",
            ),
            (lambda: -bound(), "The sign is the wrong way round."),
            (
                lambda: 10_000 * bound(),
                "That is the sum over the places; a mean is wanted.",
            ),
        ),
        rtol=1e-4,
    ),
    "corner-exact": Exercise(
        asks="the bits of the pixel exactly, a number",
        reference=exact,
        why="What is left is the probability that the Gaussian puts on "
        "values that do not occur.",
        mistakes=(
            (bound, "That is the bound: the log is inside the mean."),
            (lambda: exact(unit=1.0), "That is in nats; bits are wanted."),
            (
                lambda: exact(1 / 12),
                "`gaussian_logpdf` takes σ; 1/12 is its square.",
            ),
            (lambda: -exact(), "The sign is the wrong way round."),
            (
                lambda: 2 ** -exact(),
                "That is a probability; what does it cost?",
            ),
        ),
        rtol=1e-4,
    ),
    "eigen-root": Exercise(
        asks="your function of `cov` that gives U D^½",
        reference=eigen_root,
        why="Every root of Σ draws from the same Gaussian; they differ by "
        "a turn, which a round cloud does not show.",
        mistakes=(
            (unsquared, "D itself; its root is wanted."),
            (
                rows_scaled,
                "That scales the rows of U; eigenvectors are its columns.",
            ),
            (
                symmetric,
                "A root, but the symmetric one: do not turn back.",
            ),
            (
                np.linalg.cholesky,
                "A root, but Cholesky's; build it from the eigenvectors.",
            ),
            (
                lambda cov: roots(cov)[1],
                "That turns only; the scales are missing.",
            ),
        ),
        inputs=((COV,), (np.array([[1.3, 14.0], [14.0, 184.0]]),)),
        draw=some_cov,
        view=as_a_root,
        atol=1e-9,
    ),
    "goals-bits": Exercise(
        asks="your function of `log_c`, log densities with a row for each "
        "of the ten digits: the mean bits per pixel on 0 to 256",
        reference=bits,
        why="The digit is summed out, not chosen: nobody tells the model "
        "which one it is.",
        mistakes=(
            (
                lambda log_c: bits(log_c, ten=1),
                "Each digit has a probability of a tenth.",
            ),
            (
                lambda log_c: bits(log_c, np.max, ten=1),
                "That takes the best digit; sum over all ten.",
            ),
            (
                lambda log_c: bits(log_c, np.max),
                "That takes the best digit; sum over all ten.",
            ),
            (
                lambda log_c: bits(log_c, np.mean, ten=1),
                "That is the mean of the logarithms; the densities are "
                "added, inside the logarithm.",
            ),
            (
                lambda log_c: bits(log_c) - 8,
                "On 0 to 256 every pixel costs 8 bits more than on 0 to 1.",
            ),
            (
                lambda log_c: bits(log_c, unit=1.0),
                "That counts nats as bits: divide by log 2.",
            ),
        ),
        inputs=((LOGS,),),
        draw=some_logs,
        rtol=1e-8,
    ),
    "goals-named": Exercise(
        asks="your function of `log_c`, log densities with a row for each "
        "of the ten digits, and `labels`: the share named rightly",
        reference=named,
        why="To name, only differences between the digits count; to "
        "describe, the level counts. So the two goals part.",
        mistakes=(
            (
                lambda log_c, labels: 1 - named(log_c, labels),
                "That is the share named wrongly.",
            ),
            (
                lambda log_c, labels: named(log_c, labels) * len(labels),
                "That is how many; their share is wanted.",
            ),
            (
                lambda log_c, labels: named(-log_c, labels),
                "That names the digit with the *lowest* density.",
            ),
        ),
        inputs=((LOGS, np.array([9, 8, 7])), (LOGS, np.array([9, 8, 9]))),
        draw=some_names,
    ),
    "complete-half": Exercise(
        asks="your function of `mean`, `cov` and `a`, the first entries of "
        "x: the mean of the rest given them",
        reference=lambda mean, cov, a: complete(mean, cov, a),
        why="It is a straight line in what is given; a Gaussian knows no "
        "other dependence.",
        mistakes=(
            (
                lambda mean, cov, a: complete(mean, cov, a, shift=0.0),
                "How far is `a` from its own mean? Take that away first.",
            ),
            (
                lambda mean, cov, a: complete(mean, cov, a, back=0.0),
                "That is the correction; it starts from μ_b.",
            ),
            (
                without_inverse,
                "The covariance of `a` with itself is not divided out.",
            ),
            (
                wrong_block,
                "That divides by the covariance of b; it is that of `a` "
                "which must go.",
            ),
            (
                lambda mean, cov, a: mean[len(a) :],
                "That is the plain guess; `a` says more.",
            ),
        ),
        inputs=(
            (np.array([1.0, 2.0]), COV, np.array([2.0])),
            (np.array([0.0, 2.0]), COV, np.array([-1.0])),
        ),
        draw=some_halves,
        atol=1e-9,
    ),
}
