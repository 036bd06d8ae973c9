r"""Log densities given covariates, one plain function each.

A model of regression is ``logpmf(beta, (X, y)) -> (n,)`` with X (n, p) and y (n,), otherwise as in `models`. Where it
depends on theta = beta through the linear predictor $\eta = X\beta$ alone, it is written as a formula in eta, and
`regression` makes the model of it: ``of_predictor(eta, y)`` stays at hand for derivatives, $\partial/\partial\beta =
X^T \partial/\partial\eta$. With one more parameter theta is (beta, that parameter). Every finite beta belongs to each
family, an infinite one to none.
"""

import inspect

import autograd.numpy as np
import numpy
from autograd.extend import defjvp, defvjp, primitive
from autograd.scipy.special import logsumexp
from autograd.tracer import getval

from mle_helpers.models import (
    BINARY,
    COUNT,
    NOT_NEGATIVE,
    POSITIVE,
    REAL,
    _binomial,
    _checked,
    _data,
    _negative_binomial,
    _parts,
    _poisson,
    _where,
    gaussian_logpdf,
    log_ndtr,
    supported_on,
)


def regression(support):
    """Make of a formula ``(eta, y) -> (n,)`` a model ``logpdf(theta, x)`` with ``of_predictor`` and ``support``."""

    def build(of_predictor):
        _, *names = inspect.signature(of_predictor).parameters

        def logpdf(theta, x):
            X, *data = _design(x, names, len(names) - len(of_predictor.__defaults__ or ()))
            return of_predictor(_predictor(X, _suited(theta, X)), *data)

        for name in ("__name__", "__qualname__", "__module__", "__doc__"):
            setattr(logpdf, name, getattr(of_predictor, name))
        logpdf.of_predictor = of_predictor
        return supported_on(support)(logpdf)

    return build


def _design(x, names=("y",), at_least=1):
    """X (n, p) and what goes with it, one number a row each: ``names``, of which the last may be missing."""
    try:
        X, *data = x
    except TypeError:
        X, data = x, ()
    X, data = _data(X, "X"), [_data(one, name) for one, name in zip(data, names, strict=False)]
    if X.ndim != 2 or len(data) < at_least or len(x) > len(names) + 1 or {one.shape for one in data} != {X.shape[:1]}:
        forms = " or ".join(f"(X, {', '.join(names[:k])})" for k in range(at_least, len(names) + 1))
        got = ", ".join(str(one.shape) for one in (X, *data))
        raise ValueError(f"x: expected {forms} of shapes (n, p) and (n,), got {got}.")
    return X, *data


def _suited(beta, X):
    """``beta``, one number for each column of X."""
    beta = np.array(beta) if isinstance(beta, (list, tuple)) else beta
    if isinstance(beta, dict) or np.shape(beta) != X.shape[1:]:
        got = "a dict" if isinstance(beta, dict) else np.shape(beta)
        raise ValueError(f"theta: expected beta of shape {X.shape[1:]}, as X has columns, got {got}.")
    return beta


def _predictor(X, beta):
    """X beta; a row that is not finite is a constant, so that it does not reach the derivatives of the others."""
    with numpy.errstate(over="ignore", invalid="ignore"):
        eta = np.dot(X, beta)
        finite = numpy.isfinite(getval(eta)).reshape(len(X), -1).all(axis=1)
        if numpy.all(finite):
            return eta
        stand_in = numpy.where(finite, 0.0, np.inf).reshape(-1, *[1] * (np.ndim(eta) - 1))
        return np.dot(numpy.where(finite[:, None], X, 0.0), beta) + stand_in


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


@regression("y: counts 0, 1, 2, …, and a finite offset if there is one")
def poisson_regression_logpmf(eta, y, offset=0.0):
    r"""Poisson regression, theta = beta (p,), x = (X (n, p), y (n,) counts) or (X, y, offset (n,)), $E(y) = e^\eta$.

    $\log f = y \eta - e^\eta - \log y!$, with $\eta = X\beta + o$; -inf where $e^\eta$ overflows. The offset o is the
    logarithm of the exposure: of the time, the area, the people that the count counts. Large counts keep their digits
    as in `poisson_logpmf`.
    """
    inside, eta, k = _checked((_plus(eta, offset), REAL), (_data(y, "y"), COUNT))
    finite = eta < 709
    eta = _where(finite, eta, 0.0)
    return _where(inside & finite, _poisson(k, eta, np.exp(eta)), -np.inf)


def _plus(eta, offset):
    """``eta + offset``, infinite where either is; ``eta`` itself without an offset, which is then a number."""
    if numpy.ndim(offset) == 0:
        return eta
    inside, eta, offset = _checked((eta, REAL), (offset, REAL))
    with numpy.errstate(over="ignore"):
        return _where(inside, eta + offset, np.inf)


@regression("k and m: counts 0 <= k <= m")
def binomial_regression_logpmf(eta, k, m):
    r"""Logistic regression of k successes in m trials, theta = beta (p,), x = (X (n, p), k (n,), m (n,)).

    $\log f = \log\binom{m}{k} - k \log(1 + e^{-\eta}) - (m - k) \log(1 + e^\eta)$, with $\eta = X\beta$
    """
    inside, eta, k, m = _checked((eta, REAL), (_data(k, "k"), COUNT), (_data(m, "m"), COUNT))
    values = _binomial(k, m, -softplus(-eta), sigmoid(eta), -softplus(eta), sigmoid(-eta))
    return _where(inside & (k <= m), values, -np.inf)


@supported_on("y: counts 0, 1, 2, …, and a finite offset if there is one")
def negative_binomial_regression_logpmf(theta, x):
    r"""Negative binomial regression, theta = (beta (p,), dispersion >= 0), x = (X (n, p), y (n,)) or (X, y, offset).

    `negative_binomial_logpmf` with mean $e^\eta$, $\eta = X\beta + o$: the variance is $e^\eta + \alpha e^{2\eta}$;
    dispersion = 0 belongs to the family and is Poisson regression. -inf where $e^\eta$ overflows.
    """
    (beta, alpha), (X, y, *offset) = _parts(theta, "beta, dispersion"), _design(x, ("y", "offset"))
    eta = _plus(_predictor(X, _suited(beta, X)), offset[0] if offset else 0.0)
    inside, eta, alpha, k = _checked((eta, REAL), (alpha, NOT_NEGATIVE), (y, COUNT))
    finite = eta < 709
    eta = _where(finite, eta, 0.0)
    return _where(inside & finite, _negative_binomial(k, eta, np.exp(eta), alpha), -np.inf)


@supported_on("y: any finite number")
def linear_logpdf(theta, x):
    r"""Linear regression with normal errors, theta = (beta (p,), sigma > 0), x = (X (n, p), y (n,)); sigma in y's unit.

    $\log f = -\log\sigma - \tfrac12\log 2\pi - \tfrac12 \left(\frac{y - \eta}{\sigma}\right)^2$, with $\eta = X\beta$

    sigma = 0 does not belong to the family.
    """
    (beta, sigma), (X, y) = _parts(theta, "beta, sigma"), _design(x)
    inside, gap = _checked((y - _predictor(X, _suited(beta, X)), REAL))
    return _where(inside, gaussian_logpdf((0.0, sigma), gap), -np.inf)


@supported_on("y: numbers >= 0")
def tobit_logpdf(theta, x):
    r"""Linear regression of what cannot fall below 0, theta = (beta (p,), sigma > 0), x = (X (n, p), y (n,) >= 0).

    $\log f$ as in `linear_logpdf` where y > 0; $\log\Phi(-\eta/\sigma)$ where y = 0: all that is known there is that
    $\eta + \sigma\varepsilon \le 0$. For another limit subtract it from y; for a ceiling change the sign as well.

    sigma = 0 does not belong to the family. Tobin (1958).
    """
    (beta, sigma), (X, y) = _parts(theta, "beta, sigma"), _design(x)
    eta = _predictor(X, _suited(beta, X))
    inside, eta, sigma, y = _checked((eta, REAL), (sigma, POSITIVE), (y, NOT_NEGATIVE))
    with numpy.errstate(over="ignore"):
        nought = log_ndtr(-eta / sigma)
    return _where(inside, _where(y > 0, gaussian_logpdf((eta, sigma), y), nought), -np.inf)


@supported_on("y: one of the classes 0, 1, …, K - 1")
def softmax_logpmf(theta, x):
    r"""Softmax (multinomial logistic) regression, theta = B (p, K - 1), x = (X (n, p), y (n,) in 0, 1, ..., K - 1).

    $\log f = \eta_y - \log\sum_{j=0}^{K-1} e^{\eta_j}$, with $\eta_0 = 0$ and $(\eta_1, \dots, \eta_{K-1}) = XB$

    Column j - 1 of B holds the log odds of class j against class 0, per unit of X; with a column for each class, the
    same number added to all would change nothing. K = 2 is `logistic_logpmf`.
    """
    (X, y), B = _design(x), np.array(theta) if isinstance(theta, (list, tuple)) else theta
    if isinstance(B, dict) or np.ndim(B) != 2 or np.shape(B)[0] != X.shape[1]:
        raise ValueError(f"theta: expected B of shape ({X.shape[1]}, K - 1), a column for each class but the first.")
    inside, eta = _checked((_predictor(X, B), REAL))
    eta = np.concatenate([numpy.zeros((len(X), 1)), eta], axis=1)
    chosen = numpy.arange(eta.shape[1]) == y[:, None]
    possible = inside.all(axis=1) & chosen.any(axis=1)
    return _where(possible, np.sum(chosen * eta, axis=1) - logsumexp(eta, axis=1), -np.inf)
