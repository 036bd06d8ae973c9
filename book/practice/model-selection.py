"""What `check` knows of the exercises on the page model-selection."""

import numpy as np
from scipy.stats import chi2

from mle_helpers.practice.checks import Exercise


def sandwich(x):
    return np.std(x) / np.mean(x) ** 2 / np.sqrt(len(x))


def chosen(ell, k, n):
    by_aic = np.argmin(-2 * ell + 2 * k)
    return int(by_aic), int(np.argmin(-2 * ell + k * np.log(n)))


def highest(ell, k, n):
    return int(np.argmax(ell)), int(np.argmax(ell))


def largest_criterion(ell, k, n):
    by_aic = np.argmax(-2 * ell + 2 * k)
    return int(by_aic), int(np.argmax(-2 * ell + k * np.log(n)))


def without_two(ell, k, n):
    by_aic = np.argmin(-ell + 2 * k)
    return int(by_aic), int(np.argmin(-ell + k * np.log(n)))


def swapped(ell, k, n):
    return chosen(ell, k, n)[::-1]


def some_waits(rng):
    return (rng.gamma(3.0, 2.0, int(rng.integers(4, 12))).round(2),)


def some_counts(rng):
    return (rng.negative_binomial(2, 0.4, int(rng.integers(8, 20))) + 1,)


def some_fits(rng):
    k = np.array([2, 4, 7])
    ell = -200 + np.cumsum(rng.uniform(0.5, 8.0, 3)).round(1)
    return ell, k, int(rng.integers(30, 3000))


WAITS = np.array([3.0, 5.0, 4.0, 6.0, 2.0])
COUNTS = np.array([0, 3, 1, 0, 7, 2, 1, 4])
ELL, K = np.array([-310.2, -307.9, -304.6]), np.array([2, 3, 6])

CHECKS = {
    "exponential-sandwich": Exercise(
        asks="your function of the array `x` of waits that gives the "
        "sandwich standard error of the rate",
        reference=sandwich,
        why="The delta method says the same: the standard error of a mean, "
        "times the slope of one over the mean.",
        mistakes=(
            (
                lambda x: 1 / np.mean(x) / np.sqrt(len(x)),
                "That is the error from the curvature; it believes that "
                "the standard deviation equals the mean.",
            ),
            (
                lambda x: np.std(x) / np.sqrt(len(x)),
                "That is for the mean wait; the rate is one over it.",
            ),
            (
                lambda x: np.std(x) / np.mean(x) ** 2,
                "A single wait has that error; where is n?",
            ),
            (
                lambda x: sandwich(x) ** 2,
                "That is the variance. Take the root.",
            ),
            (
                lambda x: sandwich(x) * np.sqrt(len(x) / (len(x) - 1)),
                "The divisor n − 1 has slipped in; G is a plain sum.",
            ),
        ),
        inputs=((WAITS,), (np.array([1.0, 10.0, 2.0, 30.0]),)),
        draw=some_waits,
        rtol=1e-6,
    ),
    "criteria-pair": Exercise(
        asks="your function of the log-likelihoods `ell`, the numbers of "
        "parameters `k` and `n` that gives the positions which AIC and BIC "
        "choose",
        reference=chosen,
        why="Both add a price to −2ℓ: 2 a parameter, or log n.",
        mistakes=(
            (
                highest,
                "The highest log-likelihood always belongs to the "
                "largest model; where is the price?",
            ),
            (
                largest_criterion,
                "Smaller is better: the criterion begins with −2ℓ.",
            ),
            (without_two, "The price is for −2ℓ, not for −ℓ."),
            (swapped, "AIC first, then BIC."),
        ),
        inputs=((ELL, K, 200), (np.array([-100.0, -98.5, -90.0]), K, 20)),
        draw=some_fits,
    ),
    "optimism-expected": Exercise(
        asks="your function of the array `x` of counts that estimates the "
        "optimism of a Poisson fit",
        reference=lambda x: np.var(x) / np.mean(x),
        why="If the Poisson is right this is near 1, AIC's price in nats.",
        mistakes=(
            (
                lambda x: 1.0,
                "That is AIC's answer, for a Poisson that is right.",
            ),
            (
                lambda x: np.mean(x) / np.var(x),
                "Upside down: G is the spread of the scores, J the "
                "curvature.",
            ),
            (
                lambda x: np.std(x) / np.mean(x),
                "J⁻¹G holds the variance, not the standard deviation.",
            ),
            (
                lambda x: np.var(x) / np.mean(x) / 2,
                "That is one of the two halves.",
            ),
            (
                lambda x: np.var(x) / np.mean(x) / len(x),
                "J and G are both sums over the observations; n cancels.",
            ),
        ),
        inputs=((COUNTS,), (np.array([2, 2, 3, 1, 2, 2, 3, 1, 2]),)),
        draw=some_counts,
        rtol=0.2,  # with divisor n or n − 1
    ),
    "edge-border": Exercise(
        asks="your function of the level `alpha`, below ½, that gives the "
        "border which the statistic exceeds with that probability",
        reference=lambda alpha: chi2.ppf(1 - 2 * alpha, 1),
        why="It is the border of the one-sided test: its root is the "
        "normal quantile at 1 − α.",
        mistakes=(
            (
                lambda alpha: chi2.ppf(1 - alpha, 1),
                "Half of the time the statistic is 0; the other half must "
                "hold all of α.",
            ),
            (
                lambda alpha: chi2.ppf(1 - alpha / 2, 1),
                "The wrong way: the border gets lower, not higher.",
            ),
            (
                lambda alpha: chi2.ppf(1 - 2 * alpha, 1) ** 0.5,
                "That is the border for √n x̄, before squaring.",
            ),
            (
                lambda alpha: chi2.ppf(1 - alpha, 2),
                "There is one parameter, not two.",
            ),
        ),
        inputs=((0.05,), (0.01,)),
        draw=lambda rng: (round(rng.uniform(0.005, 0.3), 3),),
        rtol=1e-3,
    ),
}
