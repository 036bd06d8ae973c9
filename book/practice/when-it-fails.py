"""What `check` knows of the exercises on the page when-it-fails."""

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2, norm
from scipy.stats import t as student

from mle_helpers.practice.checks import Exercise


def edge_slope(x):
    return np.sum((x - np.mean(x)) ** 2 - x) / 2


def strata(m, sigma):
    return (m - 1) / m * sigma**2


def few(n, drop=3.841458820694124):
    border = np.sqrt((n - 1) * np.expm1(drop / n))
    return 2 * student.cdf(border, n - 1) - 1


def few_normal(n):
    border = np.sqrt((n - 1) * np.expm1(chi2.ppf(0.95, 1) / n))
    return 2 * norm.cdf(border) - 1


def few_wald(n):
    return 2 * student.cdf(1.96 * np.sqrt((n - 1) / n), n - 1) - 1


def few_one_side(n):
    return (few(n) + 1) / 2


def end(factor, drop, gaps=(0.5, 1.5, 2.5)):
    gaps = np.array(gaps)

    def over(b):
        return -factor * np.sum(np.log1p(np.exp(-b * gaps))) + drop

    return brentq(over, 1e-9, 40)


CUT = 3.841458820694124 / 2

CHECKS = {
    "edge-slope": Exercise(
        asks="your function of an array `x` that gives the slope of ℓ in α "
        "at α = 0, with μ at the mean of x",
        reference=edge_slope,
        why="Its sign says whether counts spread more than a Poisson's, "
        "with the divisor n.",
        mistakes=(
            (
                lambda x: np.sum((x - np.mean(x)) ** 2 - x),
                "The sum of j below x is x (x − 1) / 2: a half.",
            ),
            (
                lambda x: len(x) / 2 * (np.var(x, ddof=1) - np.mean(x)),
                "The divisor n − 1 has slipped in.",
            ),
            (
                lambda x: (np.var(x) - np.mean(x)) / 2,
                "That is the mean of the terms; the log-likelihood is "
                "their sum.",
            ),
            (
                lambda x: np.sum(x * (x - 1)) / 2,
                "The last term of log f depends on α, too.",
            ),
        ),
        inputs=((np.array([0, 4, 0, 4]),), (np.array([2, 2, 1, 3]),)),
        draw=lambda rng: (rng.poisson(2.5, 6),),
        atol=1e-9,
    ),
    "strata-limit": Exercise(
        asks="your function of `m` and `sigma` that gives the limit of σ̂²",
        reference=strata,
        why="One free deviation is lost for each mean; more samples do not "
        "bring it back.",
        mistakes=(
            (
                lambda m, sigma: sigma**2,
                "Consistency is lost: each sample brings its own mean.",
            ),
            (
                lambda m, sigma: sigma**2 / 2,
                "That is for pairs only.",
            ),
            (
                lambda m, sigma: m / (m - 1) * sigma**2,
                "That is the factor that mends it.",
            ),
            (
                lambda m, sigma: (m - 1) / m * sigma,
                "The variance is asked for, so σ is squared.",
            ),
        ),
        inputs=((2, 2.0), (5, 3.0)),
        draw=lambda rng: (
            int(rng.integers(3, 30)),
            round(rng.uniform(1.5, 5), 1),
        ),
    ),
    "few-coverage": Exercise(
        asks="your function of `n` that gives the coverage of the 95 % "
        "profile interval, between 0 and 1",
        reference=few,
        why="It nears 95 % as n grows; at three it is 85 %.",
        mistakes=(
            (
                few_normal,
                "t has Student's distribution, with heavier tails than the "
                "normal.",
            ),
            (few_wald, "That is the coverage of Wald's interval."),
            (few_one_side, "Both tails miss, not one."),
            (
                lambda n: few(n, 1.9207),
                "The drop of 1.92 is n/2 times the logarithm; where is the "
                "half?",
            ),
            (
                lambda n: 100 * few(n),
                "That is a percentage; give a number between 0 and 1.",
            ),
        ),
        inputs=((3,), (10,)),
        draw=lambda rng: (int(rng.integers(4, 30)),),
        rtol=1e-3,
    ),
    "separated-end": Exercise(
        asks="the lower end for the six animals, a number",
        reference=end(2, CUT),
        why="The data set a lower end and no upper one.",
        mistakes=(
            (
                end(2, 2 * CUT),
                "The drop is half of 3.84, and two animals stand at each "
                "distance.",
            ),
            (
                end(2, CUT, (1, 2, 3)),
                "The distances are from 3.5: 0.5, 1.5 and 2.5.",
            ),
            (
                end(2, 2.705543454095414 / 2),
                "That is the drop for 90 %.",
            ),
        ),
        rtol=0.01,  # two digits are enough
    ),
}
