"""What `check` knows of the exercises on the page regression."""

import numpy as np
from scipy.special import log_ndtr

from mle_helpers.practice.checks import Exercise


def two_groups(S0, n0, S1, n1):
    return np.log(S1 / n1) - np.log(S0 / n0), np.sqrt(1 / S0 + 1 / S1)


def half_dose(beta, V, sign=1.0):
    slopes = np.array([-1 / beta[1], sign * beta[0] / beta[1] ** 2])
    return -beta[0] / beta[1], np.sqrt(slopes @ V @ slopes)


def half_dose_without_covariance(beta, V):
    return half_dose(beta, np.diag(np.diag(V)))


def probit_score(beta, X, y):
    eta = X @ beta
    slope = -(eta**2) / 2 - np.log(2 * np.pi) / 2
    p = np.exp(log_ndtr(eta))
    return X.T @ (np.exp(slope - log_ndtr(eta) - log_ndtr(-eta)) * (y - p))


def probit_residuals(beta, X, y):
    return X.T @ (y - np.exp(log_ndtr(X @ beta)))


def slope_alone(beta, X, y):
    eta = X @ beta
    density = np.exp(-(eta**2) / 2) / np.sqrt(2 * np.pi)
    return X.T @ (density * (y - np.exp(log_ndtr(eta))))


def logistic_score(beta, X, y):
    return X.T @ (y - 1 / (1 + np.exp(-X @ beta)))


def offset_score(beta, X, Y, m):
    return X.T @ (Y - m * np.exp(X @ beta))


X_FLIGHTS = np.array([[1.0, -1.2], [1.0, 0.0], [1.0, 0.4], [1.0, 1.5]])
ONES = np.array([1.0, 1.0, 0.0, 0.0])


def some_flights(rng):
    X = np.column_stack([np.ones(6), rng.normal(size=6).round(2)])
    return (
        rng.normal(size=2).round(2),
        X,
        rng.integers(0, 2, 6).astype(float),
    )


def some_counts(rng):
    X = np.column_stack([np.ones(5), rng.normal(size=5).round(2)])
    return (
        rng.normal(size=2).round(2),
        X,
        rng.integers(0, 30, 5),
        rng.integers(1, 9, 5),
    )


def some_matrix(rng):
    root = rng.normal(size=(2, 2)).round(2)
    return np.array([rng.normal(), rng.uniform(1, 4)]).round(
        2
    ), root @ root.T + np.eye(2)


CHECKS = {
    "two-groups": Exercise(
        asks="your function of `S0, n0, S1, n1` that gives the estimate "
        "of β₁ and its standard error",
        reference=two_groups,
        why="The error of a log ratio counts events; the healthy say "
        "nothing of it.",
        mistakes=(
            (
                lambda S0, n0, S1, n1: (
                    S1 / n1 - S0 / n0,
                    np.sqrt(S0 / n0**2 + S1 / n1**2),
                ),
                "That is the difference of the rates; β₁ is a difference "
                "of logarithms.",
            ),
            (
                lambda S0, n0, S1, n1: (
                    S1 / n1 / (S0 / n0),
                    np.sqrt(1 / S0 + 1 / S1),
                ),
                "That is the ratio; β₁ is its logarithm.",
            ),
            (
                lambda S0, n0, S1, n1: (
                    -two_groups(S0, n0, S1, n1)[0],
                    np.sqrt(1 / S0 + 1 / S1),
                ),
                "The column is 1 for the second group: second over first.",
            ),
            (
                lambda S0, n0, S1, n1: (
                    two_groups(S0, n0, S1, n1)[0],
                    np.sqrt(1 / S1),
                ),
                "That is one over the root of a diagonal entry of J. "
                "Invert the matrix first, then take the entry.",
            ),
            (
                lambda S0, n0, S1, n1: (
                    two_groups(S0, n0, S1, n1)[0],
                    1 / S0 + 1 / S1,
                ),
                "That is the variance; take its root.",
            ),
            (
                lambda S0, n0, S1, n1: (
                    two_groups(S0, n0, S1, n1)[0],
                    np.sqrt(1 / n0 + 1 / n1),
                ),
                "Not the numbers of people, those of events.",
            ),
            (
                lambda S0, n0, S1, n1: (
                    two_groups(S0, n0, S1, n1)[0],
                    np.sqrt(1 / S0 - 1 / n0 + 1 / S1 - 1 / n1),
                ),
                "That is the error for two binomials, a little smaller. "
                "Here the counts are Poisson.",
            ),
        ),
        inputs=((189, 11034, 104, 11037), (3, 10, 8, 12)),
        draw=lambda rng: tuple(
            int(k) for k in rng.integers([2, 40, 2, 40], [40, 400, 40, 400])
        ),
    ),
    "half-dose": Exercise(
        asks="your function of `beta` and the 2 × 2 matrix `V` that gives "
        "the estimate and its standard error",
        reference=half_dose,
        why="A ratio can be known well although neither of its parts is.",
        mistakes=(
            (
                half_dose_without_covariance,
                "V has entries beside its diagonal; they matter most here.",
            ),
            (
                lambda beta, V: half_dose(beta, V, sign=-1.0),
                "A sign in the gradient: the slope of −β₀/β₁ in β₁ is "
                "+β₀/β₁².",
            ),
            (
                lambda beta, V: (
                    half_dose(beta, V)[0],
                    half_dose(beta, V)[1] ** 2,
                ),
                "That is the variance.",
            ),
            (
                lambda beta, V: (beta[0] / beta[1], half_dose(beta, V)[1]),
                "The sign: β₀ + β₁x = 0 has x = −β₀/β₁.",
            ),
            (
                lambda beta, V: (
                    -beta[0] / beta[1],
                    np.sqrt(V[0, 0]) / beta[1],
                ),
                "β₁ is uncertain, too.",
            ),
        ),
        inputs=(
            (
                np.array([-60.717, 34.27]),
                np.array([[26.84, -15.08], [-15.08, 8.481]]),
            ),
            (np.array([1.0, 2.0]), np.array([[1.0, 0.2], [0.2, 0.5]])),
        ),
        draw=some_matrix,
    ),
    "probit-score": Exercise(
        asks="your function of `beta`, `X` and `y` that gives the score, "
        "an array",
        reference=probit_score,
        why="Residuals times covariates again, with a weight: this link "
        "is not the canonical one.",
        mistakes=(
            (
                probit_residuals,
                "The plain residuals would do for a canonical link; a "
                "weight is missing.",
            ),
            (
                slope_alone,
                "The slope φ is there; it still has to be divided by the "
                "variance p(1 − p).",
            ),
            (
                lambda beta, X, y: -probit_score(beta, X, y),
                "That is the slope of the negative log-likelihood.",
            ),
            (
                logistic_score,
                "That is the score of logistic regression; here p = Φ(η).",
            ),
            (
                lambda beta, X, y: probit_score(beta, X, y) / len(y),
                "The score is a sum, not a mean.",
            ),
        ),
        inputs=(
            (np.array([0.3, -0.5]), X_FLIGHTS, ONES),
            (np.array([0.0, 1.0]), X_FLIGHTS, ONES),
        ),
        draw=some_flights,
        rtol=1e-6,
        atol=1e-9,
    ),
    "offset-score": Exercise(
        asks="your function of `beta`, `X`, the sums `Y` and the numbers "
        "of rows `m` that gives the score, an array",
        reference=offset_score,
        why="Exposure goes into the mean, as a known term of the "
        "predictor; the score keeps its shape.",
        mistakes=(
            (
                lambda beta, X, Y, m: X.T @ (Y - np.exp(X @ beta)),
                "A sum over m rows has m times the mean.",
            ),
            (
                lambda beta, X, Y, m: X.T @ (Y / m - np.exp(X @ beta)),
                "Y/m is no count. Its rows would all weigh alike.",
            ),
            (
                lambda beta, X, Y, m: -offset_score(beta, X, Y, m),
                "That is the slope of the negative log-likelihood.",
            ),
            (
                lambda beta, X, Y, m: X.T @ (m * (Y - np.exp(X @ beta))),
                "m multiplies the mean alone; Y is a sum already.",
            ),
            (
                lambda beta, X, Y, m: X.T @ (Y - np.exp(X @ beta + m)),
                "The offset is log m; you added m itself to η.",
            ),
        ),
        inputs=(
            (
                np.array([0.5, -0.2]),
                X_FLIGHTS,
                np.array([3, 9, 20, 0]),
                np.array([2, 5, 10, 3]),
            ),
            (
                np.array([-1.0, 0.4]),
                X_FLIGHTS,
                np.array([1, 0, 2, 7]),
                np.array([4, 4, 1, 6]),
            ),
        ),
        draw=some_counts,
        atol=1e-9,
    ),
}
