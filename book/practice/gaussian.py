"""What `check` knows of the exercises on the page gaussian."""

import numpy as np

from mle_helpers.datasets import load_speed_of_light
from mle_helpers.gaussian import gaussian_mle
from mle_helpers.models import gaussian_logpdf
from mle_helpers.practice.checks import Exercise


def squares():
    return np.sum((load_speed_of_light() - 734.5) ** 2)


def gaussian_top(x):
    return np.sum(gaussian_logpdf(gaussian_mle(x), x))


def logarithms():
    return np.log(load_speed_of_light())


def units(mu, sigma, a, b):
    return a + b * mu, abs(b) * sigma


def some_units(rng):
    low, high = [50, 5, -9, -3], [90, 20, 9, 3]
    return tuple(rng.uniform(low, high).round(1).tolist())


CHECKS = {
    "known-centre": Exercise(
        asks="your σ̂ in km/s, a number",
        reference=lambda: np.sqrt(squares() / 100),
        why="What lies between the known centre and the mean is counted "
        "as scatter, so this is larger than 78.6.",
        mistakes=(
            (
                lambda: np.std(load_speed_of_light()),
                "That is measured from the mean; the centre is known.",
            ),
            (lambda: squares() / 100, "That is σ̂²; the root is missing."),
            (
                lambda: np.sqrt(squares() / 99),
                "n − 1 is the price for estimating the centre, and you did "
                "not.",
            ),
            (
                lambda: np.sqrt(squares()),
                "That is the root of the sum; divide first.",
            ),
            (
                lambda: np.mean(load_speed_of_light()) - 734.5,
                "That is how far the mean is off; where is the scatter?",
            ),
        ),
        rtol=1e-4,  # climbed, or rounded to one decimal
    ),
    "units-estimates": Exercise(
        asks="your function of `mu`, `sigma`, `a`, `b` that gives both "
        "estimates for y = a + bx",
        reference=units,
        why="Estimates follow a change of units; only the height of the "
        "density, and so the log-likelihood, depends on it.",
        mistakes=(
            (
                lambda mu, sigma, a, b: (a + b * mu, b * sigma),
                "A spread is never negative, whatever the sign of b.",
            ),
            (
                lambda mu, sigma, a, b: (a + b * mu, a + abs(b) * sigma),
                "A shift moves the centre; it does not widen anything.",
            ),
            (
                lambda mu, sigma, a, b: (a + b * mu, b**2 * sigma),
                "b² belongs to the variance; this is σ.",
            ),
            (
                lambda mu, sigma, a, b: (b * mu, abs(b) * sigma),
                "The shift is missing from the centre.",
            ),
        ),
        inputs=((70.0, 13.0, 0.0, 2.0), (70.0, 13.0, 32.0, -1.0)),
        draw=some_units,
    ),
    "units-gain": Exercise(
        asks="by how many nats the log-likelihood rises, a number",
        reference=272 * np.log(60),
        why="Nothing about the fit has improved: a density is per minute "
        "or per hour.",
        mistakes=(
            (np.log(60), "That is for one wait; there are 272."),
            (-272 * np.log(60), "Per hour, is a density higher or lower?"),
            (272 * np.log10(60), "That is with `log10`."),
            (272 * np.log2(60), "That is in bits, with `log2`."),
            (272 * 60, "A density's *logarithm* moves by a logarithm."),
        ),
        rtol=1e-4,  # rounded to one decimal
    ),
    "lognormal-top": Exercise(
        asks="the maximal log-likelihood of the log-normal, a number",
        reference=lambda: gaussian_top(logarithms()) - logarithms().sum(),
        why="With the last sum both are densities per km/s, and can be "
        "compared: less than one nat apart.",
        mistakes=(
            (
                lambda: gaussian_top(logarithms()),
                "That is the density per unit of log y; a factor is "
                "missing.",
            ),
            (
                lambda: gaussian_top(logarithms()) + logarithms().sum(),
                "The factor divides by y; a sign is the wrong way round.",
            ),
            (
                lambda: gaussian_top(load_speed_of_light()),
                "That is the Gaussian's.",
            ),
            (
                lambda: (
                    (gaussian_top(logarithms()) - logarithms().sum()) / 100
                ),
                "That is the mean; the sum is wanted.",
            ),
        ),
        rtol=2e-4,  # rounded to one decimal
    ),
}
