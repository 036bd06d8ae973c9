r"""Log densities, one plain function each, and the Gaussian fitted in closed form.

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


# --- vectors, regressions, images ------------------------------------------------------------------------------------


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


# --- the Gaussian in closed form, for data of any length, in any number of pieces ------------------------------------
# A piece of data is summarised by (n, mean, rest, sigma), where mean + rest is its mean to twice double precision.

BLOCK = 65536  # observations at a time: what stays in the processor's cache
ROW = 10_000  # from here on BLAS starts threads, which cost more than they bring on a block


def gaussian_mle(x, weights=None):
    r"""Maximum-likelihood estimates (mu, sigma) of a normal distribution, as two floats in the units of x.

    $\hat\mu = \sum_i w_i x_i / n$, $\hat\sigma^2 = \sum_i w_i (x_i - \hat\mu)^2 / n$, $n = \sum_i w_i$ (all
    $w_i = 1$ without ``weights``): the divisor is n, not n - 1. No copy of the data is made, and the digits survive a
    mean that is large against the spread.

    Raises ValueError when ``x`` is empty, not one-dimensional, not real or not finite, and when ``weights`` has another
    shape, a negative or non-finite entry, or sum zero.
    """
    n, mean, rest, sigma = _summary(x, weights, "x")
    if n == 0:
        raise ValueError("weights: expected a positive sum." if numpy.size(x) else "x: expected data, got none.")
    return mean + rest, sigma


class GaussianAccumulator:
    r"""`gaussian_mle` for data that arrive in chunks, or lie on several machines.

    Two summaries, with shares $v_a$ and $v_b$ of the observations, merge exactly:
    $\mu = v_a \mu_a + v_b \mu_b$ and $\sigma^2 = v_a \sigma_a^2 + v_b \sigma_b^2 + v_a v_b (\mu_b - \mu_a)^2$
    (Chan, Golub and LeVeque 1983). ``n`` is the number of observations, or their total weight; while it is zero,
    ``mu`` and ``sigma`` raise ValueError. An ``update`` that raises has changed nothing.
    """

    def __init__(self):
        self._parts = (0, 0.0, 0.0, 0.0)

    def update(self, chunk, weights=None):
        """Take in a chunk of data, possibly empty; returns the accumulator itself. Errors as in `gaussian_mle`."""
        self._parts = _merged(self._parts, _summary(chunk, weights, "chunk"))
        return self

    def merge(self, other):
        """Take in all that another accumulator has seen, without changing it; returns the accumulator itself."""
        if not isinstance(other, GaussianAccumulator):
            raise ValueError(f"other: expected a GaussianAccumulator, got {type(other).__name__}; for data use update.")
        self._parts = _merged(self._parts, other._parts)
        return self

    @property
    def n(self):
        return self._parts[0]

    @property
    def mu(self):
        return self._filled()[1] + self._parts[2]

    @property
    def sigma(self):
        return self._filled()[3]

    def _filled(self):
        if self.n == 0:
            raise ValueError("this GaussianAccumulator has seen no data: call update(chunk) first.")
        return self._parts

    def __repr__(self):
        estimate = f", mu={self.mu:.6g}, sigma={self.sigma:.6g}" if self.n else ""
        return f"GaussianAccumulator(n={self.n}{estimate})"


def _merged(a, b, name="other"):
    """The summary of two pieces of data together."""
    (n_a, mean, rest, sigma_a), (n_b, mean_b, rest_b, sigma_b) = a, b
    if n_a == 0 or n_b == 0:
        return a if n_b == 0 else b
    n = n_a + n_b
    share_a, share_b = n_a / n, n_b / n
    gap = (mean_b - mean) + (rest_b - rest)
    sigma = math.hypot(math.sqrt(share_a) * sigma_a, math.sqrt(share_b) * sigma_b, math.sqrt(share_a * share_b) * gap)
    if not sigma < math.inf:
        raise ValueError(f"{name}: the spread exceeds the range of floating-point numbers; divide all data by 1e10.")
    # What rounding takes from the mean is kept in rest: with a mean of 1e7 and a spread of 0.1 it would show in sigma.
    step = rest + share_b * gap
    total = mean + step
    back = total - mean
    return n, total, (mean - (total - back)) + (step - back), sigma


def _summary(x, weights, name):
    """The summary of an array, block by block."""
    x = _real_vector(x, name)
    if weights is not None:
        weights = _real_vector(weights, "weights")
        if weights.shape != x.shape:
            raise ValueError(f"weights: expected one for each observation, {x.shape}, got {weights.shape}.")
    parts, buffer = (0, 0.0, 0.0, 0.0), numpy.empty(min(x.size, BLOCK))
    with numpy.errstate(over="ignore", invalid="ignore"):
        for start in range(0, x.size, BLOCK):
            block = x[start : start + BLOCK]
            w = None if weights is None else numpy.asarray(weights[start : start + BLOCK], dtype=float)
            # The mean so far is as good a centre as the block's own once it rests on as many observations.
            centre = parts[1] if start and w is None else None
            parts = _merged(parts, _moments(block, w, buffer[: block.size], centre, name), name)
    return parts


def _real_vector(x, name):
    """``x`` as a one-dimensional real array, without a copy of one that already is."""
    if isinstance(x, numpy.ma.MaskedArray):
        raise ValueError(f"{name}: expected an array without a mask; pass {name}.compressed(), the values not masked.")
    x = numpy.asarray(x)
    if x.ndim != 1:
        raise ValueError(f"{name}: expected one dimension, got shape {x.shape}; if it is one sample, ravel it first.")
    if x.dtype.kind not in "biuf":
        raise ValueError(f"{name}: expected real numbers, got dtype {x.dtype}.")
    return x


def _moments(x, w, d, centre, name):
    """The summary of one block; ``d`` is room for the deviations."""
    n = x.size if w is None else float(numpy.add.reduce(w))
    if w is not None and not (numpy.minimum.reduce(w) >= 0 and n < math.inf):
        raise ValueError("weights: expected finite numbers, none negative.")
    if n > 1e-250:
        centre, shift, square = _two_sums(x, w, d, n, centre)
        if 1e-250 < square < 1e250:
            return n, centre, shift, math.sqrt(square)
    # All equal, weightless, not finite, or squares that leave the range of doubles: look closer.
    if not numpy.isfinite(x).all():
        raise ValueError(f"{name}: expected finite numbers, got NaN or infinity; drop or impute them first.")
    if w is not None:
        x, w = x[w > 0], w[w > 0] / numpy.max(w, initial=0)
    largest = float(numpy.max(numpy.abs(x, dtype=float), initial=0))
    if largest == 0:
        return n, 0.0, 0.0, 0.0
    scale = 2.0 ** (math.frexp(largest)[1] - 1)
    share = x.size if w is None else float(numpy.add.reduce(w))
    centre, shift, square = _two_sums(x / scale, w, d[: x.size], share)
    return n, scale * centre, scale * shift, scale * math.sqrt(max(square, 0.0))


def _two_sums(x, w, d, n, centre=None):
    r"""A centre near the mean, the mean's distance from it and the variance, which need only two sums:

    $d = x - c$, $\bar x - c = \sum w d / n$, $\sigma^2 = \sum w d^2 / n - (\bar x - c)^2$ (corrected two-pass).
    """
    if centre is None and w is None:  # the mean of a sixteenth is within four sigma of the mean of all, whatever x is
        centre = float(numpy.add.reduce(x[: n // 16 + 1], dtype=float)) / (n // 16 + 1)
    elif centre is None:
        centre = _dot(w, x) / n
    numpy.subtract(x, centre, out=d, dtype=float)
    shift = float(numpy.add.reduce(d) if w is None else _dot(w, d)) / n
    return centre, shift, _dot(d if w is None else w * d, d) / n - shift * shift


def _dot(a, b):
    """Scalar product, row by row."""
    if a.size <= ROW:
        return float(numpy.dot(a, b))
    whole = a.size - a.size % ROW
    rows = numpy.vecdot(a[:whole].reshape(-1, ROW), b[:whole].reshape(-1, ROW))
    return float(numpy.add.reduce(rows)) + float(numpy.dot(a[whole:], b[whole:]))
