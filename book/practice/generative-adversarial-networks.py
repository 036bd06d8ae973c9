"""What `check` knows of the exercises on the page on GANs."""

import numpy as np

from mle_helpers.practice.checks import Exercise


def log_odds(x, m_real, m_made):
    return (m_real - m_made) * x - (m_real**2 - m_made**2) / 2


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def turn(theta, psi, gamma):
    psi = psi - 0.1 * (theta * sigmoid(psi * theta) + gamma * psi)
    return theta + 0.1 * psi * sigmoid(psi * theta), psi


def at_once(theta, psi, gamma):
    d = sigmoid(psi * theta)
    return theta + 0.1 * psi * d, psi - 0.1 * (theta * d + gamma * psi)


def uphill(theta, psi, gamma):
    psi = psi + 0.1 * (theta * sigmoid(psi * theta) - gamma * psi)
    return theta - 0.1 * psi * sigmoid(psi * theta), psi


def old_opinion(theta, psi, gamma):
    d = sigmoid(psi * theta)
    psi = psi - 0.1 * (theta * d + gamma * psi)
    return theta + 0.1 * psi * d, psi


def frechet(m1, s1, m2, s2):
    return (m1 - m2) ** 2 + (s1 - s2) ** 2


CHECKS = {
    "gan-log-odds": Exercise(
        asks="your function of `x`, `m_real`, `m_made` that gives the best "
        "log-odds",
        reference=log_odds,
        why="With equal spreads the squares cancel, and a line is left.",
        mistakes=(
            (
                lambda x, m_real, m_made: -log_odds(x, m_real, m_made),
                "Those are the log-odds of made.",
            ),
            (
                lambda x, m_real, m_made: (m_real - m_made) * x,
                "The means' own squares do not cancel.",
            ),
            (
                lambda x, m_real, m_made: 2 * log_odds(x, m_real, m_made),
                "A Gaussian has ½ in front of the square.",
            ),
            (
                lambda x, m_real, m_made: sigmoid(
                    log_odds(x, m_real, m_made)
                ),
                "That is the probability; log-odds are wanted.",
            ),
        ),
        inputs=((1.0, 2.0, 0.0), (3.0, 2.0, 0.0)),
        draw=lambda rng: tuple(rng.normal(0, 2, 3).round(2).tolist()),
    ),
    "gan-circle": Exercise(
        asks="your function of `theta`, `psi` and `gamma` that gives the "
        "pair (theta, psi) after one turn",
        reference=turn,
        why="First the judge, then the generator against the new judge.",
        mistakes=(
            (at_once, "The generator moves against the *new* judge."),
            (old_opinion, "D is computed anew before the second move."),
            (uphill, "Both go the wrong way: signs."),
            (
                lambda theta, psi, gamma: turn(theta, psi, 0.0),
                "The penalty is missing.",
            ),
            (
                lambda theta, psi, gamma: turn(theta, psi, gamma)[::-1],
                "θ comes first.",
            ),
        ),
        inputs=((1.0, 0.5, 0.2), (1.0, -0.5, 0.0)),
        draw=lambda rng: (
            *rng.normal(0, 1, 2).round(2).tolist(),
            round(rng.uniform(0.1, 0.5), 2),
        ),
    ),
    "gan-frechet": Exercise(
        asks="your function of `m1`, `s1`, `m2`, `s2`",
        reference=frechet,
        why="In one dimension: difference of means and of spreads, "
        "squared.",
        mistakes=(
            (
                lambda m1, s1, m2, s2: (m1 - m2) ** 2 + abs(s1**2 - s2**2),
                "The trace of C₁ + C₂ − 2√(C₁C₂) is no difference of "
                "variances.",
            ),
            (
                lambda m1, s1, m2, s2: (m1 - m2) ** 2,
                "The spreads differ, too.",
            ),
            (
                lambda m1, s1, m2, s2: np.sqrt(frechet(m1, s1, m2, s2)),
                "That is the distance; its square is wanted.",
            ),
            (
                lambda m1, s1, m2, s2: frechet(m1, s1**2, m2, s2**2),
                "s₁ and s₂ are standard deviations.",
            ),
        ),
        inputs=((0.0, 1.0, 1.0, 2.0), (1.0, 3.0, 1.0, 0.5)),
        draw=lambda rng: tuple(rng.uniform(0.2, 3, 4).round(2).tolist()),
    ),
}
