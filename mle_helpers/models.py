r"""Log densities of numbers, lifetimes, vectors and images, one plain function each.

A model is one function, ``logpdf(theta, x) -> (n,)``: the natural logarithm of $f(x_i \mid \theta)$ for each
observation, in nats. The functions are written with ``autograd.numpy``, so that they can be differentiated in
theta as often as needed.

Outside the support, and for theta outside its domain, the value is ``-inf``, never NaN. Each docstring says of each
end of the domain whether it belongs to the family: where it does, the value there is that of the formula, finite where
the data allow it; where it does not, it is ``-inf``. No infinity belongs to any family, nor to any support. The
attribute ``support`` says in words what an observation may be.

A formula that breaks down outside is evaluated at a harmless stand-in before ``np.where`` puts ``-inf`` in its place:
a NaN that is computed and then thrown away would still reach the gradient.
"""

import math

import autograd.numpy as np
import numpy
from autograd.extend import defjvp, defvjp, primitive
from autograd.scipy.linalg import solve_triangular
from autograd.scipy.special import gammaln, logsumexp
from autograd.tracer import getval, isbox
from scipy import special

HALF_LOG_2PI = math.log(2 * math.pi) / 2
NODES, WEIGHTS = numpy.polynomial.legendre.leggauss(32)
NODES, WEIGHTS = (NODES[:, None] + 1) / 2, WEIGHTS[:, None] / 2  # from [-1, 1] to [0, 1]
LOG_FACTORIAL = numpy.array([math.lgamma(k + 1) for k in range(4096)])  # to look up: gammaln takes forty times as long
LARGE = 4096  # from here on a log x - log Gamma(a) is a small difference of large numbers

# What a parameter or an observation may be: where a value belongs, and a stand-in for one that does not.
REAL = (np.isfinite, 0.0)
POSITIVE = (lambda value: (value > 0) & (value < np.inf), 1.0)
NOT_NEGATIVE = (lambda value: (value >= 0) & (value < np.inf), 1.0)
PROBABILITY = (lambda value: (value >= 0) & (value <= 1), 0.5)
BINARY = (lambda value: (value == 0) | (value == 1), 0.0)
COUNT = (lambda value: (value >= 0) & (value < np.inf) & (value == np.floor(value)), 0.0)


def supported_on(words):
    """Give a model its ``support``: ``words`` on what an observation may be, for the message about one that may not."""

    def give(logpdf):
        logpdf.support = words
        return logpdf

    return give


def _number(theta, name):
    """``theta``, which the model expects to be a number."""
    if isinstance(theta, (dict, list, tuple)):
        raise ValueError(f"theta: expected one number, the {name}, got {theta!r}.")
    return theta


def _parts(theta, names):
    """The two or three parts of ``theta``, as many as ``names`` has."""
    count = names.count(",") + 1
    try:
        if len(theta) == count:
            return [theta[i] for i in range(count)]
    except (TypeError, KeyError):
        pass
    words = {2: "two", 3: "three"}[count]
    raise ValueError(f"theta: expected the {words} parts ({names}), got {getval(theta)!r}.")


def _data(x, name="x"):
    """``x`` as an array of doubles; no copy of one that is."""
    if isbox(x):
        return x
    if isinstance(x, numpy.ma.MaskedArray):
        raise ValueError(f"{name}: expected an array without a mask; pass {name}.compressed(), the values not masked.")
    x = numpy.asarray(x)
    if x.dtype.kind not in "biuf":
        raise ValueError(f"{name}: expected real numbers, got dtype {x.dtype}; drop or impute what is missing first.")
    return numpy.asarray(x, dtype=float)


def _where(condition, values, other):
    """``np.where``, which returns ``values`` themselves, at no cost, if the condition holds throughout."""
    if numpy.all(condition):
        return values
    # autograd's own rules for np.where do not sum over broadcast axes: every part gets the full shape.
    whole = numpy.zeros(numpy.broadcast_shapes(np.shape(condition), np.shape(values), np.shape(other)))
    return np.where(condition, values + whole, other + whole)


def _checked(*parts):
    """From pairs (value, kind): whether all values belong to their kinds, then each value, a stand-in where not."""
    inside, values = True, []
    for value, (belongs, stand_in) in parts:
        here = belongs(value)
        inside = inside & here
        values.append(_where(here, value, stand_in))
    return inside, *values


def _positive(value):
    """Whether ``value`` lies in (0, inf), and ``value`` itself with 1 as a stand-in where it does not."""
    return _checked((value, POSITIVE))


def _over(distance, scale):
    """``distance / scale``, as a product where 1/scale is finite: a quotient's derivatives take twice the passes."""
    with numpy.errstate(over="ignore"):
        per_scale = 1.0 / scale
    return distance * per_scale if numpy.all(per_scale < np.inf) else distance / scale


# --- one number for each observation ---------------------------------------------------------------------------------


@supported_on("any finite number")
def gaussian_logpdf(theta, x):
    r"""Normal distribution, theta = (mu, sigma), mu real, sigma > 0; both in the units of x.

    $\log f = -\log\sigma - \tfrac12\log 2\pi - \tfrac12 \left(\frac{x - \mu}{\sigma}\right)^2$

    sigma = 0 does not belong to the family.
    """
    mu, sigma = _parts(theta, "mu, sigma")
    inside, mu, sigma, x = _checked((mu, REAL), (sigma, POSITIVE), (_data(x), REAL))
    return _where(inside, (-np.log(sigma) - HALF_LOG_2PI) - np.square(_over(x - mu, sigma)) / 2, -np.inf)


@supported_on("0 or 1")
def bernoulli_logpmf(theta, x):
    r"""One toss, x in {0, 1}, theta = p = P(x = 1) in [0, 1].

    $\log f = x \log p + (1 - x) \log(1 - p)$, with $0 \log 0 = 0$

    Both ends belong to the family: p = 0 allows only x = 0, p = 1 only x = 1.
    """
    inside, p, x = _checked((_number(theta, "probability p"), PROBABILITY), (_data(x), BINARY))
    log_on, log_off = np.log(_where(p > 0, p, 1.0)), np.log1p(-_where(p < 1, p, 0.0))
    possible = inside & ((p > 0) | (x == 0)) & ((p < 1) | (x == 1))
    return _where(possible, x * log_on + (1 - x) * log_off, -np.inf)


@supported_on("counts 0, 1, 2, …")
def poisson_logpmf(theta, x):
    r"""Counts x = 0, 1, 2, ... with mean theta = rate >= 0.

    $\log f = x \log\lambda - \lambda - \log x!$, with $0 \log 0 = 0$

    rate = 0 belongs to the family and allows only x = 0. From x = 4096 on the value is taken from the top of f in the
    rate, $\log f = -\tfrac12\log 2\pi x - \tfrac{1}{12 x} - x (e^r - 1 - r)$ with $r = \log(\lambda/x)$, so that a
    count of 1e9 costs 1e-10 nats and not 1e-6 (Loader 2000).
    """
    inside, rate, k = _checked((_number(theta, "rate"), NOT_NEGATIVE), (_data(x), COUNT))
    log_rate = np.log(_where(rate > 0, rate, 1.0))
    possible = inside & ((rate > 0) | (k == 0))
    return _where(possible, _poisson(k, log_rate, rate), -np.inf)


def _poisson(k, log_rate, rate):
    """The logarithm of the Poisson probability of the counts ``k``."""
    k = getval(k)
    small = k < LARGE
    few = _where(small, k, 0.0)
    values = few * log_rate - rate - LOG_FACTORIAL[few.astype(int)]
    if numpy.all(small):
        return values
    many = numpy.where(small, LARGE, k)
    return _where(small, values, -HALF_LOG_2PI - numpy.log(many) / 2 - 1 / (12 * many) - _gap(many, log_rate))


@supported_on("(k, m), counts 0 <= k <= m")
def binomial_logpmf(theta, x):
    r"""k successes in m trials, x = (k, m), theta = p in [0, 1].

    $\log f = \log\binom{m}{k} + k \log p + (m - k) \log(1 - p)$, with $0 \log 0 = 0$

    Both ends belong to the family: p = 0 allows only k = 0, p = 1 only k = m. Large counts keep their digits as in
    `poisson_logpmf`.
    """
    (k, m), p = _trials(x), _number(theta, "probability p")
    inside, p, k, m = _checked((p, PROBABILITY), (k, COUNT), (m, COUNT))
    log_on, log_off = np.log(_where(p > 0, p, 1.0)), np.log1p(-_where(p < 1, p, 0.0))
    possible = inside & (k <= m) & ((p > 0) | (k == 0)) & ((p < 1) | (k == m))
    return _where(possible, _binomial(k, m, log_on, p, log_off, 1 - p), -np.inf)


def _trials(x):
    """Successes and trials, of one shape."""
    try:
        k, m = x
    except (TypeError, ValueError):
        k, m = x, ()
    k, m = _data(k, "k"), _data(m, "m")
    if k.shape != m.shape:
        raise ValueError(f"x: expected (k, m), successes and trials, of one shape; got shapes {k.shape} and {m.shape}.")
    return k, m


def _binomial(k, m, log_p, p, log_q, q):
    """k of Poisson(m p) and m - k of Poisson(m q), given that they sum to m."""
    others = numpy.maximum(m - k, 0.0)
    log_m = numpy.log(numpy.maximum(m, 1.0))
    both = _poisson(k, log_m + log_p, m * p) + _poisson(others, log_m + log_q, m * q)
    return both - _poisson(m, log_m, m)


@supported_on("counts 0, 1, 2, …")
def negative_binomial_logpmf(theta, x):
    r"""Counts with theta = (mean, dispersion), both >= 0; their variance is mean + dispersion mean^2.

    $\log f = \sum_{j < x} \log(1 + \alpha j) + x \log\mu - \log x! - (x + 1/\alpha) \log(1 + \alpha\mu)$

    dispersion = 0 belongs to the family and is the Poisson distribution; mean = 0 allows only x = 0. -inf where
    dispersion times mean or count overflows. Computed from its ratio to a Poisson probability, so that neither a small
    dispersion nor a large count costs digits.
    """
    mean, dispersion = _parts(theta, "mean, dispersion")
    inside, mean, alpha, k = _checked((mean, NOT_NEGATIVE), (dispersion, NOT_NEGATIVE), (_data(x), COUNT))
    possible = inside & ((mean > 0) | (k == 0))
    return _where(possible, _negative_binomial(k, np.log(_where(mean > 0, mean, 1.0)), mean, alpha), -np.inf)


def _negative_binomial(k, log_mean, mean, alpha):
    r"""A Poisson probability at the rate $\mu (1 + \alpha k)/(1 + \alpha\mu)$, and what a gamma mixture adds to it.

    The $n = 1/\alpha$ failures and k successes of n + k trials, as in `_binomial`; for a large n by Stirling's series,
    in which $d = (1 + \alpha k)/(1 + \alpha\mu) - 1$ (Loader 2000).
    """
    bounded = np.log(alpha + 1e-300) + np.log(numpy.maximum(getval(mean), k) + 1.0) < 690
    alpha = _where(bounded, alpha, 0.0)
    share = (1 + alpha * k) / (1 + alpha * mean)
    log_share = np.log1p(alpha * k) - np.log1p(alpha * mean)
    poisson = _poisson(k, log_mean + log_share, mean * share)
    few = alpha > 0.005
    n, a = 1 / _where(few, alpha, 1.0), _where(few, 0.0, alpha)
    exact = _log_power(n, np.log(n) + log_share, n * share) - _log_power(n + k, np.log(n + k), n + k)
    e = (k - mean) / (1 + a * mean)
    near = np.abs(a * e) < 1e-3
    d, far = _where(near, a * e, 0.0), _where(near, 1.0, a * e)
    bend = d / 2 - d**2 / 3 + d**3 / 4 - d**4 / 5 + d**5 / 6  # 1 - log(1 + d) / d
    bend = _where(near, bend, 1 - log_share / far)
    s = 1 / (1 + a * k)
    limit = np.log(s) / 2 - a * (1 - s) / 12 + a**3 * (1 - s**3) / 360 - e * bend
    return _where(bounded, poisson + _where(few, exact, limit), -np.inf)


def _gap(a, log_m):
    r"""$m - a - a \log(m/a)$, which is 0 at m = a and positive elsewhere, from log m."""
    r = log_m - np.log(a)
    return a * (np.expm1(r) - r)


@supported_on("waiting times x >= 0")
def exponential_logpdf(theta, x):
    r"""Waiting times x >= 0, theta = rate > 0, events per unit of x.   $\log f = \log\lambda - \lambda x$

    rate = 0 does not belong to the family.
    """
    inside, rate, x = _checked((_number(theta, "rate"), POSITIVE), (_data(x), NOT_NEGATIVE))
    return _where(inside, np.log(rate) - rate * x, -np.inf)


@supported_on("numbers 0 <= x <= theta")
def uniform_logpdf(theta, x):
    r"""Uniform on [0, theta], theta = upper > 0 in the units of x: the support depends on theta.

    $\log f = -\log\theta$ for $0 \le x \le \theta$

    upper = 0 does not belong to the family.
    """
    inside, upper, x = _checked((_number(theta, "upper end"), POSITIVE), (_data(x), NOT_NEGATIVE))
    return _where(inside & (x <= upper), -np.log(upper) + 0.0 * x, -np.inf)


@supported_on("any finite number")
def cauchy_logpdf(theta, x):
    r"""Cauchy distribution, theta = (location, scale), location real, scale > 0; both in the units of x.

    $\log f = -\log(\pi s) - \log\left(1 + ((x - m)/s)^2\right)$

    scale = 0 does not belong to the family.
    """
    location, scale = _parts(theta, "location, scale")
    inside, m, s, x = _checked((location, REAL), (scale, POSITIVE), (_data(x), REAL))
    return _where(inside, -math.log(math.pi) - np.log(s) - _log1p_square(x - m, s), -np.inf)


def _log1p_square(distance, scale):
    r"""$\log(1 + (d/s)^2)$; far out, where the square may overflow and the 1 beside it says nothing, $2 \log |d|/s$."""
    z = _over(distance, scale)
    near = np.abs(z) < 1e150
    values = np.log1p(np.square(_where(near, z, 1.0)))
    if numpy.all(near):
        return values
    return _where(near, values, 2 * np.log(np.abs(_where(~near, distance, 1.0))) - 2 * np.log(scale))


@supported_on("any finite number")
def student_t_logpdf(theta, x):
    r"""Student's t, theta = (location, scale, df), scale and df > 0; location and scale in the units of x.

    $\log f = \log\Gamma(\tfrac{\nu + 1}{2}) - \log\Gamma(\tfrac{\nu}{2}) - \tfrac12 \log(\pi\nu) - \log s
    - \tfrac{\nu + 1}{2} \log\left(1 + \tfrac{1}{\nu} ((x - m)/s)^2\right)$

    df = 1 is the Cauchy distribution; df towards infinity leads to the normal, which does not belong to the family.
    Neither scale = 0 nor df = 0 belongs to it; the scale is not the standard deviation, $s \sqrt{\nu/(\nu - 2)}$.
    """
    location, scale, df = _parts(theta, "location, scale, df")
    inside, m, s, df, x = _checked((location, REAL), (scale, POSITIVE), (df, POSITIVE), (_data(x), REAL))
    some, wide = _positive(s * np.sqrt(df))
    (split, half), small = _positive(df / 2), df < 200  # of the smallest number there is no half
    a, many = _where(small, half, 1.0), _where(small, 100.0, half)
    few = gammaln(a + 0.5) - _log_gamma(a) - np.log(a) / 2
    top = _where(small, few, -1 / (8 * many) + 1 / (192 * many**3) - 1 / (640 * many**5))
    values = top - HALF_LOG_2PI - np.log(s) - (half + 0.5) * _log1p_square(x - m, wide)
    return _where(inside & some & split, values, -np.inf)


@supported_on("numbers x > 0")
def lognormal_logpdf(theta, x):
    r"""Lognormal distribution of x > 0: log x is normal, theta = (mu, sigma), mean and standard deviation of log x.

    $\log f = -\log x - \log\sigma - \tfrac12\log 2\pi - \tfrac12 \left(\frac{\log x - \mu}{\sigma}\right)^2$

    sigma = 0 does not belong to the family.
    """
    inside, x = _positive(_data(x))
    log_x = np.log(x)
    return _where(inside, gaussian_logpdf(theta, log_x) - log_x, -np.inf)


@primitive
def log_ndtr(z):
    r"""$\log\Phi(z)$, of the standard normal distribution function, with its derivatives in either tail."""
    return special.log_ndtr(z)


@primitive
def _mills(z):
    r"""$\varphi(z)/\Phi(z)$, the derivative of $\log\Phi$."""
    with numpy.errstate(over="ignore"):
        return math.sqrt(2 / math.pi) / special.erfcx(-z / math.sqrt(2))


defvjp(log_ndtr, lambda ans, z: lambda g: g * _mills(z))
defjvp(log_ndtr, lambda g, ans, z: g * _mills(z))
defvjp(_mills, lambda ans, z: lambda g: -g * ans * (z + ans))
defjvp(_mills, lambda g, ans, z: -g * ans * (z + ans))


# --- lifetimes, complete and right-censored --------------------------------------------------------------------------
# Of a censored lifetime only T > time is known: it contributes log S(time) = log P(T > time) in place of log f(time).

CENSORED = "(time, observed) with time >= 0 and observed 0 or 1"


def _lifetimes(x):
    """Times, and whether each event was observed."""
    try:
        time, observed = x
    except (TypeError, ValueError):
        time, observed = x, ()
    time, observed = _data(time, "time"), _data(observed, "observed")
    if time.shape != observed.shape:
        raise ValueError(
            "x: expected (time, observed) of one shape, observed True where the event was seen and False where only "
            f"T > time is known; got shapes {time.shape} and {observed.shape}."
        )
    return time, observed


def _log_zero_power(a):
    r"""$\log 0^a$, with $0^0 = 1$."""
    return numpy.where(getval(a) == 0, 0.0, numpy.where(getval(a) > 0, -np.inf, np.inf))


@supported_on(CENSORED)
def exponential_censored_logpdf(theta, x):
    r"""Right-censored exponential lifetimes, theta = rate > 0, x = (time, observed).

    $\log f = \log\lambda - \lambda t$ where observed, $\log S = -\lambda t$ where not

    rate = 0 does not belong to the family.
    """
    time, observed = _lifetimes(x)
    parts = (_number(theta, "rate"), POSITIVE), (time, NOT_NEGATIVE), (observed, BINARY)
    inside, rate, time, observed = _checked(*parts)
    return _where(inside, observed * np.log(rate) - rate * time, -np.inf)


@supported_on("lifetimes x >= 0; x = 0 has density infinite if shape < 1, and 0 if shape > 1")
def weibull_logpdf(theta, x):
    r"""Weibull lifetimes x >= 0, theta = (shape, scale), both > 0, scale in the units of x.

    $\log f = \log\frac{k}{s} + (k - 1) \log\frac{x}{s} - \left(\frac{x}{s}\right)^k$

    Neither shape = 0 nor scale = 0 belongs to the family. At x = 0 the value is +inf if k < 1, -inf if k > 1.
    """
    return _weibull(theta, _data(x), 1.0)


@supported_on(f"{CENSORED}; an observed time of 0 has density infinite if shape < 1, and 0 if shape > 1")
def weibull_censored_logpdf(theta, x):
    r"""Right-censored Weibull lifetimes, theta = (shape, scale), x = (time, observed).

    $\log f$ as in `weibull_logpdf` where observed, $\log S = -(t/s)^k$ where not

    Neither shape = 0 nor scale = 0 belongs to the family.
    """
    return _weibull(theta, *_lifetimes(x))


def _weibull(theta, time, observed):
    """The log hazard where observed, less the hazard so far, $(t/s)^k$."""
    shape, scale = _parts(theta, "shape, scale")
    parts = (shape, POSITIVE), (scale, POSITIVE), (time, NOT_NEGATIVE), (observed, BINARY)
    inside, k, s, time, observed = _checked(*parts)
    later = time > 0
    log_t = np.log(_where(later, time, 1.0))
    log_so_far = k * (log_t - np.log(s))
    finite = (log_so_far < 709) | ~later  # beyond, (t/s)^k overflows
    log_so_far = _where(finite, log_so_far, 0.0)
    values = observed * (log_so_far + (np.log(k) - log_t)) - np.exp(log_so_far)
    if not numpy.all(later):
        at_zero = np.log(k) - np.log(s) + _log_zero_power(k - 1)
        values = _where(later, values, _where(observed == 1, at_zero, 0.0))
    return _where(inside & finite, values, -np.inf)


@supported_on("lifetimes x >= 0; x = 0 has density infinite if shape < 1, and 0 if shape > 1")
def gamma_logpdf(theta, x):
    r"""Gamma lifetimes x >= 0, theta = (shape, rate), both > 0, rate per unit of x; the mean is shape / rate.

    $\log f = a \log b - \log\Gamma(a) + (a - 1) \log x - b x$

    Neither shape = 0 nor rate = 0 belongs to the family. At x = 0 the value is +inf if a < 1, -inf if a > 1. From a
    shape of 4096 on the value is taken from the top of $x f$, as in `poisson_logpmf`.
    """
    shape, rate = _parts(theta, "shape, rate")
    inside, a, b, x = _checked((shape, POSITIVE), (rate, POSITIVE), (_data(x), NOT_NEGATIVE))
    later = x > 0
    log_x, log_b = np.log(_where(later, x, 1.0)), np.log(b)
    values = _log_power(a, log_x + log_b, b * x) - log_x
    if not numpy.all(later):
        values = _where(later, values, log_b + _log_zero_power(a - 1))
    return _where(inside, values, -np.inf)


def _log_power(a, log_t, t):
    r"""$\log (t^a e^{-t} / \Gamma(a))$; for a large shape from its top, at t = a."""
    small = a < LARGE
    few = _where(small, a, 1.0)
    values = few * log_t - t - _log_gamma(few)
    if numpy.all(small):
        return values
    many = _where(small, LARGE, a)
    top = np.log(many) / 2 - HALF_LOG_2PI - 1 / (12 * many)
    return _where(small, values, top - _gap(many, log_t))


@supported_on(f"{CENSORED}; an observed time of 0 has density infinite if shape < 1, and 0 if shape > 1")
def gamma_censored_logpdf(theta, x):
    r"""Right-censored gamma lifetimes, theta = (shape, rate), x = (time, observed).

    $\log f$ as in `gamma_logpdf` where observed, $\log S = \log\Gamma(a, bt) - \log\Gamma(a)$ where not

    Neither shape = 0 nor rate = 0 belongs to the family.
    """
    (time, observed), (shape, rate) = _lifetimes(x), _parts(theta, "shape, rate")
    parts = (shape, POSITIVE), (rate, POSITIVE), (time, NOT_NEGATIVE), (observed, BINARY)
    inside, a, b, time, observed = _checked(*parts)
    seen = observed == 1
    log_density = gamma_logpdf((a, b), _where(seen, time, 1.0))
    if numpy.all(seen):
        return _where(inside, log_density, -np.inf)
    z = b * _where(~seen, time, 1.0)
    (positive, safe_z), bounded = _positive(z), z < np.inf
    log_survival = _where(positive, _log_gamma_tail(a, safe_z), _where(bounded, 0.0, -np.inf))  # S(0) = 1
    return _where(inside, _where(seen, log_density, log_survival), -np.inf)


def _log_gamma(a):
    r"""$\log\Gamma(a)$ for a > 0; SciPy's overflows where 1/a does."""
    return gammaln(a + 1.0) - np.log(a)


def _log_gamma_tail(a, z):
    r"""$\log Q(a, z) = \log\Gamma(a, z) - \log\Gamma(a)$ for a, z > 0, differentiable in both.

    With $t = z e^u$, $\Gamma(a, z) = \int_z^\infty t^{a-1} e^{-t} dt = \int_0^\infty t^a e^{-t}\, du$.
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
    return logsumexp(_log_power(a, np.log(z) + u, z * half * half) + log_width, axis=0)


# --- vectors, images -------------------------------------------------------------------------------------------------


@supported_on("vectors of d finite numbers")
def mvn_logpdf(theta, x):
    r"""Multivariate normal, theta = (mean (d,), cov (d, d) positive definite), x (n, d).

    $\log f = -\tfrac12 \log|2\pi\Sigma| - \tfrac12 (x - \mu)^T \Sigma^{-1} (x - \mu)$, by Cholesky; where cov is not
    symmetric, its symmetric part stands for it.

    A cov that is singular, to working precision, does not belong to the family.
    """
    mean, cov = _parts(theta, "mean, cov")
    x, d = _data(x), np.shape(mean)[0] if np.ndim(mean) == 1 else 0
    if np.shape(cov) != (d, d) or np.shape(x)[1:] != (d,) or d == 0:
        raise ValueError(
            "theta: expected (mean, cov) of shapes (d,) and (d, d) for x of shape (n, d), "
            f"got {np.shape(mean)} and {np.shape(cov)} for {np.shape(x)}."
        )
    factor = _cholesky(cov / 2 + np.transpose(cov) / 2)
    if factor is None or not numpy.all(np.isfinite(mean)):
        return numpy.full(len(x), -np.inf)
    z = solve_triangular(factor, np.transpose(x - mean), lower=True, check_finite=False)
    inside = numpy.all(np.isfinite(z), axis=0)
    if not numpy.all(inside):  # not finite, or a distance that overflows: leave them out from the start
        z = solve_triangular(factor, np.transpose(_where(inside[:, None], x, mean) - mean), lower=True)
    values = (-np.sum(np.log(np.diag(factor))) - d * HALF_LOG_2PI) - np.sum(np.square(z), axis=0) / 2
    return _where(inside, values, -np.inf)


def asymmetry(cov):
    """What is zero for a symmetric matrix (d, d), or for several (K, d, d): entries above less those below."""
    i, j = numpy.triu_indices(np.shape(cov)[-1], 1)
    return np.ravel(cov[..., i, j] - cov[..., j, i])


mvn_logpdf.constraints = lambda theta: asymmetry(theta[1])  # so that `fit` knows in which directions theta may move


def _cholesky(cov):
    """The lower Cholesky factor, or None where there is none: ``cov`` is not positive definite."""
    try:
        return np.linalg.cholesky(cov) if numpy.all(np.isfinite(cov)) else None
    except numpy.linalg.LinAlgError:
        return None


@supported_on("images of d pixels, each 0 or 1")
def bernoulli_image_logpmf(theta, x):
    r"""Binary images with independent pixels, theta = p (d,) in [0, 1], x (n, d) in {0, 1}.

    $\log f = \sum_j x_j \log p_j + (1 - x_j) \log(1 - p_j)$, with $0 \log 0 = 0$: one pixel that the model calls
    impossible makes the whole image impossible. p_j = 0 and p_j = 1 belong to the family.
    """
    p, x = theta, _data(x)
    if np.ndim(p) != 1 or x.ndim != 2 or np.shape(p) != x.shape[1:]:
        raise ValueError(f"theta: expected p of shape (d,) for x of shape (n, d), got {np.shape(p)} for {x.shape}.")
    binary = numpy.all((x == 0) | (x == 1), axis=1)
    pixels = _where(binary[:, None], x, 0.0)
    log_on, log_off = np.log(_where(p > 0, p, 1.0)), np.log1p(-_where(p < 1, p, 0.0))
    never, always = 1.0 * (p <= 0), 1.0 * (p >= 1)
    impossible = numpy.dot(pixels, never - always) + always.sum()  # pixels on that are never, off that are always
    inside = numpy.all((p >= 0) & (p <= 1)) & binary & (impossible == 0)
    return _where(inside, np.dot(pixels, log_on - log_off) + np.sum(log_off), -np.inf)
