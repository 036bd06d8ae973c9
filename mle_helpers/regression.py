r"""Log densities given covariates, one plain function each.

A model of regression is ``logpmf(beta, (X, y)) -> (n,)`` with X (n, p) and y (n,), otherwise as in `models`.
"""

import autograd.numpy as np
from autograd.scipy.special import gammaln

from mle_helpers.models import _counts


def _regression(beta, x):
    """The linear predictor X beta, and y."""
    X, y = np.asarray(x[0]), np.asarray(x[1])
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ValueError(f"x: expected (X, y) of shapes (n, p) and (n,), got {X.shape} and {y.shape}.")
    if np.shape(beta) != X.shape[1:]:
        raise ValueError(f"theta: expected beta of shape {X.shape[1:]}, as X has columns, got {np.shape(beta)}.")
    return np.dot(X, beta), y


def logistic_logpmf(theta, x):
    r"""Logistic regression, theta = beta (p,), x = (X (n, p), y (n,) in {0, 1}), $P(y = 1) = 1/(1 + e^{-\eta})$.

    $\log f = -\log(1 + e^{-\eta})$ if y = 1, $-\log(1 + e^{\eta})$ if y = 0, with $\eta = X\beta$
    """
    eta, y = _regression(theta, x)
    return np.where((y == 0) | (y == 1), -np.logaddexp(0.0, (1.0 - 2.0 * y) * eta), -np.inf)


def poisson_regression_logpmf(theta, x):
    r"""Poisson regression, theta = beta (p,), x = (X (n, p), y (n,) counts), $E(y) = e^\eta$.

    $\log f = y \eta - e^\eta - \log y!$, with $\eta = X\beta$; -inf where $e^\eta$ overflows
    """
    eta, (counts, k) = _regression(theta, x)[0], _counts(x[1])
    finite = eta < 709
    eta = np.where(finite, eta, 0.0)
    return np.where(counts & finite, k * eta - np.exp(eta) - gammaln(k + 1.0), -np.inf)
