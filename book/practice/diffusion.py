"""What `check` knows of the exercises on the page diffusion."""

import numpy as np

from mle_helpers.practice.checks import Exercise


def guess(x_t, alpha, sigma, mu, s):
    return sigma * (x_t - alpha * mu) / (alpha**2 * s**2 + sigma**2)


def steps(m, delta, d):
    return d / 2 * np.sum(np.log1p(np.expm1(delta) * np.asarray(m)[1:]))


def guided(given, without, w):
    return given + w * (given - without)


def some_level(rng):
    alpha = round(rng.uniform(0.1, 0.95), 2)
    sigma = round(float(np.sqrt(1 - alpha**2)), 3)
    return round(rng.normal(), 2), alpha, sigma, 1.5, 0.7


def some_errors(rng):
    return (
        rng.uniform(0.1, 1, 6).round(2),
        round(rng.uniform(0.1, 0.5), 2),
        3,
    )


GIVEN, WITHOUT = np.array([1.0, -0.5]), np.array([0.4, 0.5])

CHECKS = {
    "diffusion-guess": Exercise(
        asks="your function of `x_t`, `alpha`, `sigma`, `mu`, `s` "
        "(numbers)",
        reference=guess,
        why="Minus σ times the slope of the log density of x_t.",
        mistakes=(
            (
                lambda x_t, alpha, sigma, mu, s: (
                    -guess(x_t, alpha, sigma, mu, s)
                ),
                "A sign: the noise points away from the data.",
            ),
            (
                lambda x_t, alpha, sigma, mu, s: (
                    guess(x_t, alpha, sigma, mu, s) / sigma
                ),
                "That is minus the slope; σ is missing.",
            ),
            (
                lambda x_t, alpha, sigma, mu, s: guess(
                    x_t, alpha, sigma, mu / alpha, s
                ),
                "The mean of x_t is α μ, not μ.",
            ),
            (
                lambda x_t, alpha, sigma, mu, s: (
                    sigma * (x_t - alpha * mu) / (alpha * s + sigma) ** 2
                ),
                "Variances of independent parts add up, not spreads.",
            ),
            (
                lambda x_t, alpha, sigma, mu, s: (
                    sigma
                    * (x_t - alpha * mu)
                    / np.sqrt(alpha**2 * s**2 + sigma**2)
                ),
                "The slope has the variance below, not its root.",
            ),
        ),
        inputs=((1.0, 0.8, 0.6, 0.0, 1.0), (2.0, 0.8, 0.6, 3.0, 2.0)),
        draw=some_level,
    ),
    "diffusion-steps": Exercise(
        asks="your function of the array `m`, `delta` and `d` that gives "
        "the cost of all steps t = 2, …, T",
        reference=steps,
        why="With variances fitted, a step costs half a log for each "
        "coordinate.",
        mistakes=(
            (
                lambda m, delta, d: steps([0.0, *m], delta, d),
                "Level 1 belongs to the last step, not to this sum.",
            ),
            (
                lambda m, delta, d: steps(m, delta, 1),
                "There are d coordinates.",
            ),
            (
                lambda m, delta, d: 2 * steps(m, delta, d),
                "A factor ½ is missing.",
            ),
            (
                lambda m, delta, d: d / 2 * np.expm1(delta) * sum(m[1:]),
                "That is r = 1; the best r saves a little: a logarithm.",
            ),
            (
                lambda m, delta, d: (
                    d / 2 * np.sum(np.log1p(delta * np.asarray(m)[1:]))
                ),
                "The factor is exp(Δ) − 1, not Δ.",
            ),
        ),
        inputs=(
            (np.array([0.9, 0.5, 0.2]), 0.1, 2),
            (np.array([0.9, 0.5, 0.2]), 0.4, 40),
        ),
        draw=some_errors,
    ),
    "diffusion-guided": Exercise(
        asks="your function of the arrays `given`, `without` and `w`",
        reference=guided,
        why="Further in the direction in which the label points.",
        mistakes=(
            (
                lambda given, without, w: without + w * (given - without),
                "With w = 0 that forgets the label.",
            ),
            (
                lambda given, without, w: given - w * (given - without),
                "That walks away from the label.",
            ),
            (
                lambda given, without, w: given + w * without,
                "It is the difference of the two that is enlarged.",
            ),
        ),
        inputs=((GIVEN, WITHOUT, 0.0), (GIVEN, WITHOUT, 2.0)),
        draw=lambda rng: (
            rng.normal(size=3).round(2),
            rng.normal(size=3).round(2),
            round(rng.uniform(0.2, 4), 1),
        ),
    ),
}
