r"""Log densities given covariates, one plain function each.

A model of regression is ``logpmf(beta, (X, y)) -> (n,)`` with X (n, p) and y (n,), otherwise as in `models`. It depends
on beta through the linear predictor $\eta = X\beta$ alone, so it is written as a formula in eta, and `regression` makes
the model of it: ``of_predictor(eta, y)`` stays at hand for derivatives, $\partial/\partial\beta = X^T
\partial/\partial\eta$. Every finite beta belongs to each family, an infinite one to none.
"""

import autograd.numpy as np
import numpy
from autograd.extend import defjvp, defvjp, primitive
from autograd.tracer import getval

from mle_helpers.models import BINARY, COUNT, REAL, _checked, _data, _poisson, _where, supported_on


def regression(support):
    """Make of a formula ``(eta, y) -> (n,)`` a model ``logpdf(theta, x)`` with ``of_predictor`` and ``support``."""

    def build(of_predictor):
        def logpdf(theta, x):
            X, beta, y = _covariates(theta, x)
            return of_predictor(_predictor(X, beta), y)

        for name in ("__name__", "__qualname__", "__module__", "__doc__"):
            setattr(logpdf, name, getattr(of_predictor, name))
        logpdf.of_predictor = of_predictor
        return supported_on(support)(logpdf)

    return build


def _covariates(beta, x):
    """X (n, p), beta (p,) and y (n,), which suit each other."""
    try:
        X, y = x
    except (TypeError, ValueError):
        X, y = x, ()
    X, y = _data(X, "X"), _data(y, "y")
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ValueError(f"x: expected (X, y) of shapes (n, p) and (n,), got {X.shape} and {y.shape}.")
    beta = np.array(beta) if isinstance(beta, (list, tuple)) else beta
    if isinstance(beta, dict) or np.shape(beta) != X.shape[1:]:
        got = "a dict" if isinstance(beta, dict) else np.shape(beta)
        raise ValueError(f"theta: expected beta of shape {X.shape[1:]}, as X has columns, got {got}.")
    return X, beta, y


def _predictor(X, beta):
    """X beta; where it is not finite, a constant, so that it does not reach the derivatives of the others."""
    with numpy.errstate(over="ignore", invalid="ignore"):
        eta = np.dot(X, beta)
        finite = numpy.isfinite(getval(eta))
        if numpy.all(finite):
            return eta
        return np.dot(numpy.where(finite[:, None], X, 0.0), beta) + numpy.where(finite, 0.0, np.inf)


@primitive
def softplus(z):
    """$\\log(1 + e^z)$ with all its digits at both ends."""
    return numpy.maximum(z, 0.0) + numpy.log1p(numpy.exp(-numpy.abs(z)))


@primitive
def sigmoid(z):
    """$1/(1 + e^{-z})$ with all its digits at both ends."""
    return numpy.exp(numpy.minimum(z, 0.0)) / (1.0 + numpy.exp(-numpy.abs(z)))


defvjp(softplus, lambda ans, z: lambda g: g * sigmoid(z))
defjvp(softplus, lambda g, ans, z: g * sigmoid(z))
defvjp(sigmoid, lambda ans, z: lambda g: g * ans * sigmoid(-z))
defjvp(sigmoid, lambda g, ans, z: g * ans * sigmoid(-z))


@regression("y: 0 or 1")
def logistic_logpmf(eta, y):
    r"""Logistic regression, theta = beta (p,), x = (X (n, p), y (n,) in {0, 1}), $P(y = 1) = 1/(1 + e^{-\eta})$.

    $\log f = -\log(1 + e^{-\eta})$ if y = 1, $-\log(1 + e^{\eta})$ if y = 0, with $\eta = X\beta$
    """
    inside, eta, y = _checked((eta, REAL), (_data(y, "y"), BINARY))
    return _where(inside, -softplus((1.0 - 2.0 * y) * eta), -np.inf)


@regression("y: counts 0, 1, 2, …")
def poisson_regression_logpmf(eta, y):
    r"""Poisson regression, theta = beta (p,), x = (X (n, p), y (n,) counts), $E(y) = e^\eta$.

    $\log f = y \eta - e^\eta - \log y!$, with $\eta = X\beta$; -inf where $e^\eta$ overflows. Large counts keep their
    digits as in `poisson_logpmf`.
    """
    inside, eta, k = _checked((eta, REAL), (_data(y, "y"), COUNT))
    finite = eta < 709
    eta = _where(finite, eta, 0.0)
    return _where(inside & finite, _poisson(k, eta, np.exp(eta)), -np.inf)
