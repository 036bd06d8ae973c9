r"""Log densities of numbers, lifetimes, vectors and images, one plain function each.

A model is one function, ``logpdf(theta, x) -> (n,)``: the natural logarithm of $f(x_i \mid \theta)$ for each
observation, in nats. The functions are written with ``autograd.numpy``, so that they can be differentiated in
theta as often as needed.

Outside the support, and for theta outside its domain, the value is ``-inf``, never NaN. A formula that breaks down
there is evaluated at a harmless stand-in before ``np.where`` puts ``-inf`` in its place: a NaN that is computed and
then thrown away would still reach the gradient.
"""

import math

import autograd.numpy as np
import numpy
from autograd.scipy.linalg import solve_triangular
from autograd.scipy.special import gammaln, logsumexp
from autograd.tracer import getval

HALF_LOG_2PI = math.log(2 * math.pi) / 2
NODES, WEIGHTS = numpy.polynomial.legendre.leggauss(32)
NODES, WEIGHTS = (NODES[:, None] + 1) / 2, WEIGHTS[:, None] / 2  # from [-1, 1] to [0, 1]


def _number(theta, name):
    """``theta``, which the model expects to be a number."""
    if isinstance(theta, (dict, list, tuple)):
        raise ValueError(f"theta: expected one number, the {name}, got {theta!r}.")
    return theta


def _pair(theta, names):
    """The two parts of ``theta``."""
    try:
        first, second = (theta[0], theta[1]) if len(theta) == 2 else ()
        return first, second
    except (TypeError, KeyError, ValueError):
        raise ValueError(f"theta: expected the two parts ({names}), got {getval(theta)!r}.") from None


def _positive(value):
    """Whether ``value`` lies in (0, inf), and ``value`` itself with 1 as a stand-in where it does not."""
    valid = (value > 0) & (value < np.inf)
    return valid, np.where(valid, value, 1.0)


def _log_zero_power(a, x):
    r"""$\log x^a$ where x = 0, with $0^0 = 1$; and 0 elsewhere."""
    return numpy.where((x != 0) | (a == 0), 0.0, numpy.where(a > 0, -np.inf, np.inf))


def _xlogy(a, x):
    r"""$a \log x$ for x >= 0, with $0 \log 0 = 0$."""
    return a * np.log(np.where(x > 0, x, 1.0)) + _log_zero_power(a, x)


def _counts(x):
    """Which of ``x`` are counts 0, 1, 2, ..., and ``x`` with 0 as a stand-in where they are not."""
    x = np.asarray(x)
    valid = (x >= 0) & (x == np.floor(x)) & (x < np.inf)
    return valid, np.where(valid, x, 0.0)


# --- one number for each observation ---------------------------------------------------------------------------------


def gaussian_logpdf(theta, x):
    r"""Normal distribution, theta = (mu, sigma), sigma > 0; both in the units of x.

    $\log f = -\log\sigma - \tfrac12\log 2\pi - \tfrac12 \left(\frac{x - \mu}{\sigma}\right)^2$
    """
    mu, sigma = _pair(theta, "mu, sigma")
    valid, sigma = _positive(sigma)
    return np.where(valid, -np.log(sigma) - HALF_LOG_2PI, -np.inf) - np.square((np.asarray(x) - mu) / sigma) / 2


def bernoulli_logpmf(theta, x):
    r"""One toss, x in {0, 1}, theta = p = P(x = 1) in [0, 1].

    $\log f = x \log p + (1 - x) \log(1 - p)$, with $0 \log 0 = 0$
    """
    p, x = _number(theta, "probability p"), np.asarray(x)
    valid, toss = (p >= 0) & (p <= 1), (x == 0) | (x == 1)
    p, x = np.where(valid, p, 0.5), numpy.where(toss, x, 0)
    return np.where(valid & toss, _xlogy(x, p) + _xlogy(1 - x, 1 - p), -np.inf)


def poisson_logpmf(theta, x):
    r"""Counts x = 0, 1, 2, ... with mean theta = rate >= 0.

    $\log f = x \log\lambda - \lambda - \log x!$, with $0 \log 0 = 0$
    """
    rate, (counts, k) = _number(theta, "rate"), _counts(x)
    valid = (rate >= 0) & (rate < np.inf)
    rate = np.where(valid, rate, 1.0)
    return np.where(valid & counts, _xlogy(k, rate) - rate - gammaln(k + 1.0), -np.inf)


def exponential_logpdf(theta, x):
    r"""Waiting times x >= 0, theta = rate > 0, events per unit of x.   $\log f = \log\lambda - \lambda x$"""
    return exponential_censored_logpdf(theta, (x, numpy.ones(numpy.shape(x))))


def uniform_logpdf(theta, x):
    r"""Uniform on [0, theta], theta = upper > 0 in the units of x: the support depends on theta.

    $\log f = -\log\theta$ for $0 \le x \le \theta$
    """
    x = np.asarray(x)
    valid, upper = _positive(_number(theta, "upper end"))
    return np.where(valid & (x >= 0) & (x <= upper), -np.log(upper) + numpy.zeros(x.shape), -np.inf)


def cauchy_logpdf(theta, x):
    r"""Cauchy distribution, theta = (location, scale), scale > 0; both in the units of x.

    $\log f = -\log(\pi s) - \log\left(1 + ((x - m)/s)^2\right)$
    """
    location, scale = _pair(theta, "location, scale")
    valid, scale = _positive(scale)
    return np.where(valid, -np.log(np.pi * scale), -np.inf) - np.log1p(np.square((np.asarray(x) - location) / scale))


# --- lifetimes, complete and right-censored --------------------------------------------------------------------------
# Of a censored lifetime only T > time is known: it contributes log S(time) = log P(T > time) in place of log f(time).


def _censored(x):
    """Times, and whether each event was observed."""
    time, observed = np.asarray(x[0]), np.asarray(x[1])
    if time.shape != observed.shape or not numpy.all((observed == 0) | (observed == 1)):
        raise ValueError(
            "x: expected (time, observed) of one shape, observed True where the event was seen and False where only "
            f"T > time is known; got shapes {time.shape} and {observed.shape}."
        )
    return time, observed == 1


def exponential_censored_logpdf(theta, x):
    r"""Right-censored exponential lifetimes, theta = rate > 0, x = (time, observed).

    $\log f = \log\lambda - \lambda t$ where observed, $\log S = -\lambda t$ where not
    """
    time, observed = _censored(x)
    valid, rate = _positive(_number(theta, "rate"))
    inside = valid & (time >= 0) & (time < np.inf)
    return np.where(inside, observed * np.log(rate) - rate * numpy.where(inside, time, 0.0), -np.inf)


def weibull_logpdf(theta, x):
    r"""Weibull lifetimes x >= 0, theta = (shape, scale), both > 0, scale in the units of x.

    $\log f = \log\frac{k}{s} + (k - 1) \log\frac{x}{s} - \left(\frac{x}{s}\right)^k$; at x = 0 it is +inf if k < 1
    """
    return weibull_censored_logpdf(theta, (x, numpy.ones(numpy.shape(x))))


def weibull_censored_logpdf(theta, x):
    r"""Right-censored Weibull lifetimes, theta = (shape, scale), x = (time, observed).

    $\log f$ as in `weibull_logpdf` where observed, $\log S = -(t/s)^k$ where not
    """
    time, observed = _censored(x)
    shape, scale = _pair(theta, "shape, scale")
    (valid_shape, k), (valid_scale, s) = _positive(shape), _positive(scale)
    inside = valid_shape & valid_scale & (time >= 0) & (time < np.inf)
    log_ratio = np.log(numpy.where(inside & (time > 0), time, 1.0)) - np.log(s)
    finite = k * log_ratio < 709  # beyond, (t/s)^k overflows
    log_hazard = np.log(k / s) + (k - 1) * log_ratio
    log_hazard = log_hazard + _log_zero_power(k - 1, numpy.where(inside & observed, time, 1.0))
    hazard_so_far = (time > 0) * np.exp(np.where(finite, k * log_ratio, 0.0))
    return np.where(inside & finite, observed * log_hazard - hazard_so_far, -np.inf)


def gamma_logpdf(theta, x):
    r"""Gamma lifetimes x >= 0, theta = (shape, rate), both > 0, rate per unit of x; the mean is shape / rate.

    $\log f = a \log b - \log\Gamma(a) + (a - 1) \log x - b x$; at x = 0 it is +inf if a < 1
    """
    shape, rate = _pair(theta, "shape, rate")
    (valid_shape, a), (valid_rate, b) = _positive(shape), _positive(rate)
    x = np.asarray(x)
    inside = valid_shape & valid_rate & (x >= 0) & (x < np.inf)
    t = numpy.where(inside, x, 1.0)
    return np.where(inside, a * np.log(b) - gammaln(a) + _xlogy(a - 1, t) - b * t, -np.inf)


def gamma_censored_logpdf(theta, x):
    r"""Right-censored gamma lifetimes, theta = (shape, rate), x = (time, observed).

    $\log f$ as in `gamma_logpdf` where observed, $\log S = \log\Gamma(a, bt) - \log\Gamma(a)$ where not
    """
    time, observed = _censored(x)
    shape, rate = _pair(theta, "shape, rate")
    (valid_shape, a), (valid_rate, b) = _positive(shape), _positive(rate)
    inside = valid_shape & valid_rate & (time >= 0) & (time < np.inf)
    z = b * numpy.where(inside & ~observed, time, 1.0)
    positive, safe_z = _positive(z)
    log_survival = np.where(positive, _log_gamma_tail(a, safe_z), 0.0)  # S(0) = 1
    log_density = gamma_logpdf((a, b), numpy.where(inside & observed, time, 1.0))
    return np.where(inside & (z < np.inf), np.where(observed, log_density, log_survival), -np.inf)


def _log_gamma_tail(a, z):
    r"""$\log Q(a, z) = \log\Gamma(a, z) - \log\Gamma(a)$ for a, z > 0, differentiable in both.

    With $t = z e^u$, $\Gamma(a, z) = \int_z^\infty t^{a-1} e^{-t} dt = z^a \int_0^\infty \exp(a u - z e^u)\, du$.
    The integrand is log-concave with its top at $u = \max(0, \log a/z)$ and falls by more than e^-40 over the stretches
    below; 32 Gauss-Legendre points on either side of the top give it and two derivatives to about 1e-12.
    """
    a0, z0 = numpy.broadcast_arrays(getval(a), getval(z))
    k, excess, reach = 40 / a0, numpy.maximum(z0 - a0, 0), numpy.maximum(a0, z0)
    top = numpy.maximum(numpy.log(a0) - numpy.log(z0), 0)
    left = numpy.minimum((k + numpy.sqrt(k * k + 8 * k)) / 2, top)
    right = numpy.log1p((40 + numpy.sqrt(1600 + 80 * reach)) / reach)
    right = numpy.minimum(80 / (excess + numpy.sqrt(excess**2 + 80 * reach)), right)
    u = numpy.concatenate([top - left * NODES**2, top + right * NODES])  # (64, n), constants for autograd
    log_width = numpy.log(numpy.concatenate([left * 2 * NODES * WEIGHTS, right * WEIGHTS]) + 1e-300)
    half = numpy.exp(u / 2)  # e^u may overflow where z e^u does not
    return a * np.log(z) + logsumexp(a * u - z * half * half + log_width, axis=0) - gammaln(a)


# --- vectors, images -------------------------------------------------------------------------------------------------


def mvn_logpdf(theta, x):
    r"""Multivariate normal, theta = (mean (d,), cov (d, d) positive definite), x (n, d).

    $\log f = -\tfrac12 \log|2\pi\Sigma| - \tfrac12 (x - \mu)^T \Sigma^{-1} (x - \mu)$, by Cholesky; where cov is not
    symmetric, its symmetric part stands for it.
    """
    mean, cov = _pair(theta, "mean, cov")
    x, d = np.asarray(x), np.shape(mean)[0] if np.ndim(mean) == 1 else 0
    if np.shape(cov) != (d, d) or np.shape(x)[1:] != (d,) or d == 0:
        raise ValueError(
            "theta: expected (mean, cov) of shapes (d,) and (d, d) for x of shape (n, d), "
            f"got {np.shape(mean)} and {np.shape(cov)} for {np.shape(x)}."
        )
    cov = (cov + np.transpose(cov)) / 2
    try:
        if not (np.all(np.isfinite(cov)) and np.all(np.isfinite(mean))):
            raise numpy.linalg.LinAlgError
        factor = np.linalg.cholesky(cov)
    except numpy.linalg.LinAlgError:  # not positive definite
        return numpy.full(len(x), -np.inf)
    z = solve_triangular(factor, np.transpose(x - mean), lower=True)
    return -np.sum(np.log(np.diag(factor))) - d * HALF_LOG_2PI - np.sum(np.square(z), axis=0) / 2


def bernoulli_image_logpmf(theta, x):
    r"""Binary images with independent pixels, theta = p (d,) in [0, 1], x (n, d) in {0, 1}.

    $\log f = \sum_j x_j \log p_j + (1 - x_j) \log(1 - p_j)$, with $0 \log 0 = 0$: one pixel that the model calls
    impossible makes the whole image impossible.
    """
    p, x = theta, np.asarray(x)
    if np.ndim(p) != 1 or x.ndim != 2 or np.shape(p) != x.shape[1:]:
        raise ValueError(f"theta: expected p of shape (d,) for x of shape (n, d), got {np.shape(p)} for {x.shape}.")
    binary = numpy.all((x == 0) | (x == 1), axis=1)
    pixels = numpy.where(binary[:, None], x, 0.0)
    log_on, log_off = np.log(np.where(p > 0, p, 1.0)), np.log1p(-np.where(p < 1, p, 0.0))
    never, always = 1.0 * (p <= 0), 1.0 * (p >= 1)
    impossible = numpy.dot(pixels, never - always) + always.sum()  # pixels on that are never, off that are always
    inside = numpy.all((p >= 0) & (p <= 1)) & binary & (impossible == 0)
    return np.where(inside, np.dot(pixels, log_on - log_off) + np.sum(log_off), -np.inf)
