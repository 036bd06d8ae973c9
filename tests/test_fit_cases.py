"""`fit`, `em` and `log_likelihood` on the inputs that make other packages go wrong.

Each kind of input comes with several numbers: units from 1e-9 to 1e9, origins up to 1e7, starts over four powers of
ten. The right answers are closed forms, or the same problem solved by SciPy or statsmodels in good units. Whatever is
returned must pass `assert_maximum`; where no maximum exists, the reason is asked for by name, within 2 s of CPU time.
"""

import math
import time
import warnings
from contextlib import contextmanager

import autograd.numpy as np
import numpy as onp
import pandas as pd
import pytest
import statsmodels.api as sm
from autograd import grad, hessian
from autograd.misc import flatten
from autograd.scipy.special import gammaln
from autograd.scipy.stats import norm
from scipy import optimize, stats

from mle_helpers.datasets import load_old_faithful
from mle_helpers.estimate import FitError, em, fit
from mle_helpers.gaussian import gaussian_mle
from mle_helpers.likelihood import log_likelihood, observed_information, score, score_obs
from mle_helpers.mixtures import (
    bernoulli_mixture_e_step,
    bernoulli_mixture_logpmf,
    bernoulli_mixture_m_step,
    mixture_e_step,
    mixture_logpdf,
    mixture_m_step,
)
from mle_helpers.models import (
    bernoulli_image_logpmf,
    bernoulli_logpmf,
    binomial_logpmf,
    cauchy_logpdf,
    exponential_censored_logpdf,
    exponential_logpdf,
    gamma_logpdf,
    gaussian_logpdf,
    mvn_logpdf,
    poisson_logpmf,
    uniform_logpdf,
    weibull_censored_logpdf,
    weibull_logpdf,
)
from mle_helpers.regression import logistic_logpmf, poisson_regression_logpmf

pytestmark = [pytest.mark.filterwarnings(f"error:{one}") for one in (":RuntimeWarning", "Output seems independent")]

SEVEN = onp.array([1, 2, 4, 5.5, 3.2, 2.9, 3.7])
STARTS = (0.1, 1.0, 10.0, 100.0, 1000.0)
UNITS = (1e-9, 1e-3, 1.0, 1e6, 1e9)
GAIN = 1e-6  # nats


# --- what is asked of every answer -----------------------------------------------------------------------------------


def work():
    """CPU seconds of a fixed piece of work of the kind that a fit does: 0.04 on the machine that the limits are for."""
    before, a = time.process_time(), onp.ones(8)
    for _ in range(20_000):
        a = onp.exp(onp.log(a) * 0.5) + 0.0 * a
    return time.process_time() - before


@contextmanager
def within(seconds=2.0):
    """The CPU time of the block is at most ``seconds``, more where the same work takes longer, as beside other work."""
    before = time.process_time()
    try:
        yield
    finally:  # a refusal must be as quick as an answer
        used = time.process_time() - before
        if used > seconds:
            slowness = max(1.0, *(work() / 0.04 for _ in range(5)))  # other work comes and goes
            assert used < seconds * slowness, f"took {used:.1f} s of CPU time on a machine {slowness:.1f} times as slow"


def height(logpdf, theta, x, weights=None):
    """The log-likelihood summed without rounding, and the size of its terms; -inf outside the domain."""
    with onp.errstate(all="ignore"):
        try:
            values = onp.asarray(logpdf(theta, x), float)
        except ValueError:
            return -math.inf, 0.0
    values = values if weights is None else onp.where(weights > 0, weights * values, 0.0)
    if not onp.all(onp.isfinite(values)):
        return (-math.inf if onp.any(onp.isneginf(values) | onp.isnan(values)) else math.inf), 0.0
    return math.fsum(values), math.fsum(onp.abs(values))


def standard_steps(total, flat, generator):
    """Axes, eigenvectors of the curvature and random mixtures of both, each about one standard error long."""
    with onp.errstate(all="ignore"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Output seems independent")  # of a sum of absolute values it is
        curvature = onp.nan_to_num(hessian(total)(flat)) if flat.size <= 120 else onp.eye(flat.size)
    size = onp.sqrt(onp.abs(onp.diag(curvature)))
    size = onp.where(size > 0, 1 / onp.where(size > 0, size, 1.0), onp.maximum(onp.abs(flat), 1e-3))
    values, vectors = onp.linalg.eigh(size[:, None] * curvature * size)
    eigen = (size[:, None] * vectors / onp.sqrt(onp.maximum(onp.abs(values), 1e-12))).T
    mixed = generator.normal(size=(12, flat.size)) / onp.sqrt(flat.size)
    return onp.vstack([onp.diag(size), eigen, mixed @ onp.diag(size), mixed @ eigen])


def assert_maximum(found, bounds=None, slack=GAIN):
    """No step from the fit, of 1e-6 to 100 standard errors in axis, eigen and random directions, raises the height.

    A walk outward ends beyond a valley: what lies behind it is another hill. ``slack`` is in nats; the rounding of the
    sum comes on top.
    """
    flat, unflatten = flatten(found.theta)
    low, high = onp.array(bounds, float).T if bounds is not None else (-onp.inf, onp.inf)
    top, terms = height(found.logpdf, found.theta, found.x, found.weights)
    assert found.log_likelihood == pytest.approx(top, rel=1e-9, abs=1e-9)
    slack += 1e-12 * terms
    weights = 1.0 if found.weights is None else found.weights
    steps = standard_steps(
        lambda t: np.sum(weights * found.logpdf(unflatten(t), found.x)), flat, onp.random.default_rng(3)
    )
    for step in onp.vstack([steps, -steps]):
        for length in 10.0 ** onp.arange(-6, 2.5, 0.5):
            place = flat + length * step
            if onp.any(place < low) or onp.any(place > high):
                break
            change = height(found.logpdf, unflatten(place), found.x, found.weights)[0] - top
            assert change < slack, f"a step of {length:.0e} standard errors gains {change:.3g} nats: {length * step}"
            if change < -1e-3:
                break


def assert_refused(says, logpdf, theta0, x, seconds=2.0, **options):
    """`fit` raises a FitError that ``says`` why, and does so fast; the error carries where it stopped."""
    with pytest.raises(FitError, match=says) as caught, within(seconds):
        fit(logpdf, theta0, x, **options)
    assert len(caught.value.trace.theta) >= 1
    assert caught.value.theta is not None
    return caught.value


def no_standard_errors(found, says="no standard errors"):
    with pytest.raises(ValueError, match=says):
        found.standard_errors  # noqa: B018


def flat_of(theta):
    return flatten(theta)[0]


# --- models that the course does not have ----------------------------------------------------------------------------


def linear_logpdf(theta, x):
    """Linear regression with theta = (beta, log sigma)."""
    X, y = x
    return norm.logpdf(y, np.dot(X, theta[:-1]), np.exp(theta[-1]))


def probit_logpmf(beta, x):
    X, y = x
    return norm.logcdf((2 * y - 1) * np.dot(X, beta))


def negative_binomial_logpmf(theta, x):
    """theta = (beta, log alpha), variance mu + alpha mu^2."""
    X, y = x
    eta, r = np.dot(X, theta[:-1]), np.exp(-theta[-1])
    return (
        gammaln(y + r) - gammaln(r) - gammaln(y + 1.0) - r * np.log1p(np.exp(eta) / r)
        + y * (eta - np.logaddexp(np.log(r), eta))
    )  # fmt: skip


def tobit_logpdf(theta, x):
    """Left-censored at 0, theta = (beta, log sigma)."""
    X, y = x
    mean, sigma = np.dot(X, theta[:-1]), np.exp(theta[-1])
    return np.where(y > 0, norm.logpdf(y, mean, sigma), norm.logcdf(-mean / sigma))


def t_logpdf(theta, x):
    """Student's t, theta = (location, log scale, log nu)."""
    m, s, v = theta[0], np.exp(theta[1]), np.exp(theta[2])
    z = (x - m) / s
    constant = gammaln((v + 1) / 2) - gammaln(v / 2) - np.log(np.pi * v) / 2 - np.log(s)
    return constant - (v + 1) / 2 * np.log1p(z * z / v)


def skew_normal_logpdf(theta, x):
    """theta = (location, log scale, alpha)."""
    z = (x - theta[0]) / np.exp(theta[1])
    return np.log(2.0) + norm.logpdf(z) + norm.logcdf(theta[2] * z) - theta[1]


def weibull3_logpdf(theta, x):
    """theta = (log shape, log scale, location)."""
    inside = x > theta[2]
    z = np.where(inside, x - theta[2], 1.0)
    k, log_z = np.exp(theta[0]), np.log(z) - theta[1]
    return np.where(inside, theta[0] - theta[1] + (k - 1) * log_z - np.exp(k * log_z), -np.inf)


def gev_logpdf(theta, x):
    """theta = (location, log scale, xi), xi not 0."""
    z = (x - theta[0]) / np.exp(theta[1])
    inside = 1 + theta[2] * z > 0
    log_u = np.log(np.where(inside, 1 + theta[2] * z, 1.0))
    return np.where(inside, -theta[1] - (1 + 1 / theta[2]) * log_u - np.exp(-log_u / theta[2]), -np.inf)


def two_gaussians_logpdf(theta, x):
    """A mixture, theta = (logit of the first weight, means, log sigmas)."""
    parts = np.stack([norm.logpdf(x, theta[1 + k], np.exp(theta[3 + k])) for k in (0, 1)])
    shares = np.array([-np.logaddexp(0.0, -theta[0]), -np.logaddexp(0.0, theta[0])])
    return np.logaddexp(parts[0] + shares[0], parts[1] + shares[1])


def zero_inflated_logpmf(theta, x):
    """Zero-inflated Poisson, theta = (share in [0, 1), rate > 0)."""
    share, rate = theta[0], theta[1]
    inside = (share >= 0) & (share < 1) & (rate > 0)
    p, m = np.where(inside, share, 0.5), np.where(inside, rate, 1.0)
    at_zero, elsewhere = np.log(p + (1 - p) * np.exp(-m)), np.log1p(-p) + x * np.log(m) - m - gammaln(x + 1.0)
    return np.where(inside, np.where(x == 0, at_zero, elsewhere), -np.inf)


def beta_logpdf(theta, x):
    """theta = (log a, log b); -inf at the ends 0 and 1, where the density is 0 or infinite."""
    a, b = np.exp(theta[0]), np.exp(theta[1])
    inside = (x > 0) & (x < 1)
    x = np.where(inside, x, 0.5)
    values = (a - 1) * np.log(x) + (b - 1) * np.log1p(-x) + gammaln(a + b) - gammaln(a) - gammaln(b)
    return np.where(inside, values, -np.inf)


def laplace_logpdf(theta, x):
    """theta = (location, scale)."""
    return -np.log(2 * theta[1]) - np.abs(x - theta[0]) / theta[1]


def surface(function):
    """A log-likelihood that is a function of theta alone, shared by the observations."""
    return lambda theta, x: function(theta) / len(x) + 0.0 * x


# --- the origin of a covariate ---------------------------------------------------------------------------------------

T = onp.arange(1.0, 11.0)
Y_BINARY = onp.array([0, 0, 0, 0, 1, 0, 1, 1, 1, 1])
Y_COUNT = onp.array([1, 1, 2, 3, 4, 4, 7, 9, 12, 18])
Y_REAL = onp.array([1.1, 1.4, 2.2, 2.0, 3.4, 3.1, 4.2, 4.4, 5.3, 5.1])
Y_CENSORED = onp.array([0, 0, 0.4, 0, 1.4, 0.9, 2.2, 1.8, 3.3, 3.1])
Y_OVER = onp.array([0, 3, 1, 0, 9, 2, 4, 21, 5, 30])
ORIGINS = (0.0, 2e3, 3e5, 2451545.0, 1e7, -1e7)
REGRESSIONS = {
    "logistic": (logistic_logpmf, Y_BINARY, onp.zeros(2)),
    "probit": (probit_logpmf, Y_BINARY, onp.zeros(2)),
    "poisson": (poisson_regression_logpmf, Y_COUNT, onp.zeros(2)),
    "linear": (linear_logpdf, Y_REAL, onp.zeros(3)),
    "tobit": (tobit_logpdf, Y_CENSORED, onp.zeros(3)),
    "negative binomial": (negative_binomial_logpmf, Y_OVER, onp.zeros(3)),
}


def design(*columns):
    return onp.column_stack([onp.ones(len(columns[0])), *columns])


def maximum_by_scipy(logpdf, theta0, x):
    """The maximum in good units, by another optimiser: SciPy's trust region with exact derivatives."""

    def loss(t):
        return -np.sum(logpdf(t, x))

    options = {"gtol": 1e-11}
    found = optimize.minimize(loss, theta0, jac=grad(loss), hess=hessian(loss), method="trust-exact", options=options)
    errors = onp.sqrt(onp.diag(onp.linalg.inv(hessian(loss)(found.x))))
    return found.x, -found.fun, errors


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("name", REGRESSIONS)
def test_the_origin_of_a_covariate_changes_no_slope(name, origin):
    logpdf, y, start = REGRESSIONS[name]
    right, top, errors = maximum_by_scipy(logpdf, start, (design(T - 5.5), y))
    with within(2):
        found = fit(logpdf, start, (design(origin + T), y))
    assert found.theta[1] == pytest.approx(right[1], rel=1e-5)
    assert found.theta[0] == pytest.approx(right[0] - right[1] * (origin + 5.5), rel=1e-5)
    assert found.theta[2:] == pytest.approx(right[2:], abs=1e-5)
    assert found.log_likelihood == pytest.approx(top, abs=1e-6)
    assert found.standard_errors[1] == pytest.approx(errors[1], rel=1e-4)
    assert_maximum(found)


@pytest.mark.parametrize("scale", STARTS)
@pytest.mark.parametrize("name", ["logistic", "poisson"])
def test_a_far_origin_and_a_poor_start_still_find_the_slope(name, scale):
    logpdf, y, _ = REGRESSIONS[name]
    right, top, _ = maximum_by_scipy(logpdf, onp.zeros(2), (design(T - 5.5), y))
    origin = 2e6
    start = onp.array([right[0] - scale * right[1] * (origin + 5.5), scale * right[1]])
    if name == "poisson" and scale == 1000:  # the mean overflows
        with pytest.raises(ValueError, match="theta0"):
            fit(logpdf, start, (design(origin + T), y))
        return
    with within(2):
        found = fit(logpdf, start, (design(origin + T), y))
    assert found.theta[1] == pytest.approx(right[1], rel=1e-5)
    assert found.log_likelihood == pytest.approx(top, abs=1e-6)
    assert_maximum(found)


def test_a_covariate_whose_variation_is_lost_in_its_origin_is_to_be_centred():
    X = design(1e15 + T)  # a spacing of 0.125: the slope times X has lost all that y says
    with pytest.raises(FitError, match="centre column 2 of X"):
        fit(logistic_logpmf, onp.zeros(2), (X, Y_BINARY))


@pytest.mark.parametrize("origin", [1e4, 1e6])
def test_forty_columns_far_from_zero(origin):
    generator = onp.random.default_rng(11)
    Z = generator.normal(size=(300, 39))
    beta = generator.normal(size=40)
    y = design(*Z.T) @ beta + generator.normal(size=300)
    found = fit(linear_logpdf, onp.zeros(41), (design(*(origin + Z.T)), y))
    right = onp.linalg.lstsq(design(*Z.T), y, rcond=None)[0]
    residual = y - design(*Z.T) @ right
    assert found.theta[1:40] == pytest.approx(right[1:], abs=1e-6)
    assert onp.exp(found.theta[-1]) == pytest.approx(onp.sqrt(onp.mean(residual**2)), rel=1e-7)
    assert_maximum(found)


# --- slopes without curvature ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [0.05, *STARTS])
@pytest.mark.parametrize("n", [1, 3, 40])
def test_only_zeros_are_a_poisson_rate_of_zero_from_any_start(n, start):
    with within(2):
        found = fit(poisson_logpmf, start, onp.zeros(n))
    assert found.theta == 0.0
    assert found.log_likelihood == 0.0
    no_standard_errors(found)


@pytest.mark.parametrize("start", [0.05, 50.0, *STARTS])
@pytest.mark.parametrize("unit", UNITS)
def test_lifetimes_without_an_event_have_no_rate(start, unit):
    time_, seen = unit * onp.array([4.0, 5.0]), onp.zeros(2)
    assert_refused("edge of the domain", exponential_censored_logpdf, start / unit, (time_, seen))


def test_lifetimes_without_an_event_have_no_weibull():
    assert_refused("limit|edge|end", weibull_censored_logpdf, (1.5, 3.0), (onp.array([4.0, 5.0, 2.0]), onp.zeros(3)))


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("slope", [-3.0, 1e-5, 2e6])
def test_a_straight_line_has_no_maximum(start, slope):
    assert_refused("without end", lambda t, x: slope * t + 0.0 * x, start, SEVEN)


# --- no maximum ------------------------------------------------------------------------------------------------------

LIGHT_TAILS = stats.uniform.ppf((onp.arange(25) + 0.5) / 25, 3, 2)
LEFT_SKEWED = -stats.gamma.ppf((onp.arange(40) + 0.5) / 40, 2.0) + 9
UNDERDISPERSED = onp.array([3, 4, 4, 5, 4, 3, 4, 5, 4, 4])
HALF_NORMAL = onp.abs(stats.norm.ppf((onp.arange(12) + 0.5) / 24))


def michaelis_menten_logpdf(theta, x):
    """theta = (V, K), y = V d / (K + d) + noise."""
    dose, y = x
    return norm.logpdf(y, theta[0] * dose / (theta[1] + dose), 0.3)


def log_michaelis_menten_logpdf(theta, x):
    return michaelis_menten_logpdf(np.exp(theta), x)


def natural_t_logpdf(theta, x):
    inside = (theta[1] > 0) & (theta[2] > 0)
    return np.where(inside, t_logpdf((theta[0], *(np.log(np.where(inside, t, 1.0)) for t in theta[1:])), x), -np.inf)


def natural_negative_binomial_logpmf(theta, x):
    """theta = (mean, alpha), both > 0."""
    inside = (theta[0] > 0) & (theta[1] > 0)
    m, a = np.where(inside, theta[0], 1.0), np.where(inside, theta[1], 1.0)
    one = np.array([[1.0]] * len(x))
    return np.where(inside, negative_binomial_logpmf(np.array([np.log(m), np.log(a)]), (one, x)), -np.inf)


DOSE = onp.array([1.0, 2, 3, 4, 5, 6, 7, 8])
NO_MAXIMUM = {
    "gamma, tied": ("spike|without end", gamma_logpdf, (1.0, 1.0), onp.full(3, 3.0)),
    "weibull, tied": ("spike|without end", weibull_logpdf, (1.0, 2.0), onp.full(4, 3.0)),
    "gaussian, tied": ("spike|without end", gaussian_logpdf, (2.0, 1.0), onp.full(3, 3.0)),
    "gaussian, tied, log sigma": (
        "spike|without end",
        lambda t, x: norm.logpdf(x, t[0], np.exp(t[1])),
        onp.array([2.0, 0.0]),
        onp.full(5, 3.0),
    ),
    "gaussian, one point": ("spike|without end", gaussian_logpdf, (2.0, 1.0), onp.array([3.3])),
    "cauchy, half tied": ("spike|without end", cauchy_logpdf, (2.0, 1.0), onp.array([3.0, 3.0, 3.0, 8.0])),
    "two points of the plane": (
        "spike|without end",
        mvn_logpdf,
        (onp.zeros(2), onp.eye(2)),
        onp.array([[1.0, 2.0], [3.0, 1.0]]),
    ),
    "points on a line of the plane": (
        "spike|without end",
        mvn_logpdf,
        (onp.zeros(2), onp.eye(2)),
        onp.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0], [5.0, 10.0]]),
    ),
    "exponential, zeros": ("without end", exponential_logpdf, 1.0, onp.zeros(2)),
    "t, light tails": ("limit|digits are lost", t_logpdf, onp.zeros(3), LIGHT_TAILS),
    "t, light tails, natural": ("limit", natural_t_logpdf, (4.0, 1.0, 5.0), LIGHT_TAILS),
    "negative binomial": (
        "limit|digits are lost",  # on the way there gammaln(y + r) - gammaln(r) loses all digits
        negative_binomial_logpmf,
        onp.array([1.0, -1.0]),
        (onp.ones((10, 1)), UNDERDISPERSED),
    ),
    "negative binomial, natural": ("limit|edge", natural_negative_binomial_logpmf, (2.0, 0.5), UNDERDISPERSED),
    "skew-normal": ("limit|edge", skew_normal_logpdf, onp.array([0.0, 0.0, 1.0]), HALF_NORMAL),
    "weibull, left-skewed": ("limit|without end|edge", weibull3_logpdf, onp.array([1.0, 1.0, -3.0]), LEFT_SKEWED),
    "weibull, steep": (
        "without end|spike|edge",
        weibull3_logpdf,
        onp.array([-0.3, 0.0, 0.9]),
        onp.array([1.0, 1.02, 1.05, 1.1, 1.3, 2.0, 4.0, 9.0]),
    ),
    "gev, support": (
        "without end|spike|edge",
        gev_logpdf,
        onp.array([3.5, 0.0, -1.4]),
        onp.array([1.0, 2.0, 3.0, 3.5, 3.8, 3.9, 3.95]),
    ),
    "a collapsing component": (
        "spike|without end",
        two_gaussians_logpdf,
        onp.array([-2.0, 5.5, 3.0, -4.0, 0.3]),
        SEVEN,
    ),
    "separated, logistic": ("limit", logistic_logpmf, onp.zeros(2), (design(T), (T > 5).astype(int))),
    "separated, probit": ("limit", probit_logpmf, onp.zeros(2), (design(T), (T > 5).astype(int))),
    "quasi-separated": (
        "limit",
        logistic_logpmf,
        onp.zeros(2),
        (design(onp.array([1.0, 2, 3, 3, 4, 5])), onp.array([0, 0, 0, 1, 1, 1])),
    ),
    "poisson, an empty group": (
        "limit",
        poisson_regression_logpmf,
        onp.zeros(2),
        (design(onp.array([0.0, 0, 0, 1, 1])), onp.array([2, 3, 1, 0, 0])),
    ),
    "poisson, only zeros": ("limit", lambda t, x: poisson_logpmf(np.exp(t), x), 0.0, onp.zeros(4)),
    "bernoulli, logit": ("limit", lambda t, x: -np.logaddexp(0.0, -t) * x, 0.0, onp.ones(4)),
    "zero inflation, logit": (
        "limit",
        lambda t, x: zero_inflated_logpmf((1 / (1 + np.exp(-t[0])), np.exp(t[1])), x),
        onp.array([-1.0, 0.5]),
        UNDERDISPERSED,
    ),
    "michaelis-menten": ("limit", michaelis_menten_logpdf, onp.array([5.0, 5.0]), (DOSE, 0.7 * DOSE)),
    "michaelis-menten, curved up": (
        "limit",
        michaelis_menten_logpdf,
        onp.array([5.0, 5.0]),
        (DOSE, 0.1 * DOSE**1.2),
    ),
    "michaelis-menten, logs": ("limit", log_michaelis_menten_logpdf, onp.array([1.0, 1.0]), (DOSE, 0.7 * DOSE)),
    "a curved ridge to a limit": (
        "limit",
        surface(lambda t: -((t[1] - t[0] ** 2) ** 2) + np.tanh(t[0])),
        onp.array([0.5, 0.0]),
        SEVEN,
    ),
    "a slow rise to a limit": ("limit", surface(lambda t: -1 / np.log(3 + t * t)), 1.0, SEVEN),
    "a root": ("without end", surface(lambda t: np.sqrt(1 + t * t)), 1.0, SEVEN),
    "a curved ridge without end": (
        "without end",
        surface(lambda t: -((t[1] - t[0] ** 2) ** 2) + np.log1p(t[0] ** 2)),
        onp.array([0.5, 0.0]),
        SEVEN,
    ),
    "perfect line": (
        "spike|without end",
        linear_logpdf,
        onp.array([0.0, 0.0, 0.0]),
        (design(T), 2 + 3 * T),
    ),
    "as many columns as rows": (
        "spike|without end",
        linear_logpdf,
        onp.zeros(4),
        (onp.array([[1.0, 2, 5], [1, 3, 1], [1, 7, 2]]), onp.array([3.0, 1.0, 4.0])),
    ),
    "exponential, no end in log": ("without end", lambda t, x: t - np.exp(t) * x, 0.0, onp.zeros(3)),
    "variance components": (
        "limit",
        lambda t, x: norm.logpdf(x, t[0], np.sqrt(1.0 + np.exp(t[1]))),
        onp.array([0.0, 0.0]),
        onp.array([0.1, -0.2, 0.3, 0.05]),
    ),
}


@pytest.mark.parametrize("name", NO_MAXIMUM)
def test_no_maximum_no_fit(name):
    says, logpdf, theta0, x = NO_MAXIMUM[name]
    assert_refused(says, logpdf, theta0, x)


@pytest.mark.parametrize("start", [(1.0, 1.0), (30.0, 0.1)])
@pytest.mark.parametrize("n, value", [(1, 5.0), (2, 0.07), (3, 3.0), (10, 41.0)])
def test_tied_lifetimes_are_a_spike_of_the_gamma(n, value, start):
    """Far along the ridge rounding hides how the log-likelihood rises in short steps, not in longer ones."""
    assert_refused("spike|without end", gamma_logpdf, start, onp.full(n, value))


# --- not a maximum ---------------------------------------------------------------------------------------------------

NOT_A_MAXIMUM = {
    "ledge": (lambda t: t**3, 0.0),
    "ledge, fifth": (lambda t: -(t**5), 0.0),
    "minimum": (lambda t: t**4 - t**6, 0.0),
    "flat minimum": (lambda t: t**4, 0.0),
    "saddle": (lambda t: t[0] * t[1], onp.zeros(2)),
    "saddle of fourth order": (lambda t: -(t[0] ** 2) + t[1] ** 4 - t[1] ** 6, onp.zeros(2)),
    "monkey saddle": (lambda t: t[0] ** 3 - 3 * t[0] * t[1] ** 2, onp.zeros(2)),
    "a rise on a parabola": (lambda t: -((t[1] - t[0] ** 2) * (t[1] - 3 * t[0] ** 2)), onp.zeros(2)),
    "61 minima": (lambda t: np.sum(t**2 - t**4), onp.zeros(61)),
    "100 minima": (lambda t: np.sum(t**2 - t**4), onp.zeros(100)),
    "one minimum in 61": (lambda t: -np.sum(t[1:] ** 2) + t[0] ** 2 - t[0] ** 4, onp.zeros(61)),
    "one weak minimum in 80": (lambda t: -np.sum(1e4 * t[1:] ** 2) + 1e-3 * (t[0] ** 2 - t[0] ** 4), onp.zeros(80)),
    "one flat minimum in 70": (lambda t: -np.sum(t[1:] ** 2) + t[0] ** 4 - t[0] ** 6, onp.zeros(70)),
    "ledges in 61": (lambda t: np.sum(t**3), onp.zeros(61)),
}


@pytest.mark.parametrize("name", NOT_A_MAXIMUM)
def test_a_start_where_the_slope_is_zero_by_chance_is_no_maximum(name):
    function, theta0 = NOT_A_MAXIMUM[name]
    try:
        with within(3):
            found = fit(surface(function), theta0, SEVEN)
    except FitError:
        return
    assert onp.any(onp.abs(found.theta) > 0.1)  # it may also go on to a maximum
    assert_maximum(found)


@pytest.mark.parametrize("units", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("power", [4, 6])
def test_a_degenerate_maximum_is_returned_without_standard_errors(power, units):
    with within(2):
        found = fit(surface(lambda t: -((t / units - 1) ** power)), 0.3 * units, SEVEN)
    assert found.log_likelihood == pytest.approx(0.0, abs=1e-6)
    assert_maximum(found)
    no_standard_errors(found, "does not curve down")


@pytest.mark.parametrize("units", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("power", [1.2, 1.5, 1.8, 2.2])
def test_no_standard_errors_where_a_top_is_sharper_or_flatter_than_a_parabola(power, units):
    """What curvature there is depends on where the search has stopped, and says nothing."""
    try:
        found = fit(lambda t, x: -(np.abs((t - x) / units) ** power), 0.3 * units, onp.full(3, units))
    except FitError:  # Newton steps jump to and fro over such a top; a refusal is honest too
        assert power < 2
        return
    assert found.log_likelihood == pytest.approx(0.0, abs=1e-6)
    no_standard_errors(found, "does not curve down|kink")


SKEWED = stats.skewnorm.ppf((onp.arange(20) + 0.5) / 20, 4.0)


@pytest.mark.parametrize("start", [(0, 0, 1), (0, 0, -1), (1, 0, 0), (-1, 1.8, -4.5), (1, 0, 10)])
def test_a_skew_normal_does_not_stop_where_its_information_is_singular(start):
    """At alpha = 0 the score of alpha is that of the location: a ledge along a curve (Azzalini 1985)."""
    right = optimize.minimize(
        lambda t: -height(skew_normal_logpdf, t, SKEWED)[0], (0.0, 0.0, 4.0), method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000},
    )  # fmt: skip
    try:
        with within(2):
            found = fit(skew_normal_logpdf, onp.array(start, float), SKEWED)
    except FitError as stopped:
        assert "saddle" in str(stopped)
        return
    assert found.log_likelihood == pytest.approx(-right.fun, abs=1e-6)
    assert found.theta == pytest.approx(right.x, abs=1e-3)


def decay_logpdf(theta, x):
    """theta = (height, log rate, floor, log sigma), y = height exp(-rate t) + floor + noise."""
    t, y = x
    return norm.logpdf(y, theta[0] * np.exp(-np.exp(theta[1]) * t) + theta[2], np.exp(theta[3]))


@pytest.mark.parametrize(
    "start", [(-0.3, -0.34, 0, -0.1), (1, 0, 0, 0), (1, 3, 0, 0), (-1, 0.5, 0, -1), (2, 9, 1, -0.5)]
)
def test_a_decay_is_found_or_its_plateau_at_an_endless_rate_is_named(start):
    t = onp.arange(12) * 0.25
    y = 3 * onp.exp(-t) + 0.1 + 0.1 * onp.cos(7 * onp.arange(12.0))
    try:
        with within(2):
            found = fit(decay_logpdf, onp.array(start, float), (t, y))
    except FitError as stopped:
        assert "limit" in str(stopped)
        return
    assert found.log_likelihood == pytest.approx(20.00866787, abs=1e-6)  # by SciPy's simplex from the truth
    assert_maximum(found)


# --- units -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("unit", UNITS)
def test_a_gaussian_in_any_unit_from_any_start(unit, start):
    x = unit * SEVEN
    for begin in ((start * x.mean(), start * x.std()), (-start * x.mean(), x.std()), (x.mean(), start * x.std())):
        with within(1):
            found = fit(gaussian_logpdf, begin, x)
        assert found.theta == pytest.approx((x.mean(), x.std()), rel=1e-8)
        errors = (x.std() / onp.sqrt(7), x.std() / onp.sqrt(14))
        assert found.standard_errors == pytest.approx(errors, rel=1e-6)
    assert_maximum(found)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("unit", UNITS)
def test_a_cauchy_in_any_unit_from_any_start(unit, start):
    with within(1):
        found = fit(cauchy_logpdf, (start * 3 * unit, start * unit), unit * SEVEN)
    assert onp.array(found.theta) / unit == pytest.approx([3.2745795, 0.74194112], rel=1e-6)
    assert_maximum(found)


@pytest.mark.parametrize("start", [1e-3, *STARTS])
@pytest.mark.parametrize("unit", UNITS)
def test_rates_in_any_unit_from_any_start(unit, start):
    x = unit * SEVEN
    found = fit(exponential_logpdf, start / x.mean(), x)
    assert found.theta == pytest.approx(1 / x.mean(), rel=1e-9)
    assert found.standard_errors == pytest.approx(1 / x.mean() / onp.sqrt(7), rel=1e-7)
    assert_maximum(found)
    seen = onp.array([1, 0, 1, 1, 0, 0, 1])
    found = fit(exponential_censored_logpdf, start / x.mean(), (x, seen))
    assert found.theta == pytest.approx(4 / x.sum(), rel=1e-9)


@pytest.mark.parametrize("start", [0.1, 1.0, 10.0, 100.0])
@pytest.mark.parametrize("unit", UNITS)
def test_lifetimes_in_any_unit_from_any_start(unit, start):
    shape, _, scale = stats.weibull_min.fit(SEVEN, floc=0)
    ours = fit(weibull_logpdf, (start, start * unit), unit * SEVEN)
    assert ours.theta == pytest.approx((shape, scale * unit), rel=1e-3)  # as far as SciPy's simplex goes
    assert_maximum(ours)
    shape, _, scale = stats.gamma.fit(SEVEN, floc=0)
    ours = fit(gamma_logpdf, (start, start / unit), unit * SEVEN)
    assert ours.theta == pytest.approx((shape, 1 / (scale * unit)), rel=1e-6)
    assert_maximum(ours)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("name", REGRESSIONS)
def test_the_unit_of_a_covariate_scales_its_slope(name, unit):
    logpdf, y, start = REGRESSIONS[name]
    right, top, errors = maximum_by_scipy(logpdf, start, (design(T - 5.5), y))
    with within(2):
        found = fit(logpdf, start, (design(unit * (T - 5.5)), y))
    assert found.theta[0] == pytest.approx(right[0], rel=1e-6, abs=1e-7)
    assert found.theta[1] * unit == pytest.approx(right[1], rel=1e-6)
    assert found.log_likelihood == pytest.approx(top, abs=1e-8)
    assert found.standard_errors[1] * unit == pytest.approx(errors[1], rel=1e-5)
    assert_maximum(found)


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("origin", [0.0, 1e4, 1e7])
def test_a_plane_in_any_unit_and_from_any_origin(unit, origin):
    generator = onp.random.default_rng(5)
    x = unit * (origin + generator.normal(size=(60, 2)) @ onp.array([[1.0, 0.8], [0.0, 0.3]]))
    start = (x.mean(axis=0) + unit * onp.array([2.0, -3.0]), unit**2 * onp.eye(2))
    found = fit(mvn_logpdf, start, x)
    assert found.theta[0] == pytest.approx(x.mean(axis=0), rel=1e-7)
    assert found.theta[1] / unit**2 == pytest.approx(onp.cov(x.T, bias=True) / unit**2, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("units", [(1e-9, 1e9), (1e-7, 1e7), (1e5, 1e-5), (1.0, 1e8)])
def test_a_plane_whose_columns_have_units_far_apart(units):
    generator = onp.random.default_rng(6)
    x = generator.normal(size=(40, 2)) @ onp.array([[1.0, 0.5], [0.0, 1.0]]) * onp.array(units)
    found = fit(mvn_logpdf, (onp.zeros(2), onp.diag(onp.square(units))), x)
    assert found.theta[0] == pytest.approx(x.mean(axis=0), rel=1e-5)
    assert found.theta[1] / onp.outer(units, units) == pytest.approx(onp.cov((x / units).T, bias=True), rel=1e-5)
    errors = found.standard_errors
    assert errors[0] == pytest.approx(x.std(axis=0) / onp.sqrt(40), rel=1e-4)


@pytest.mark.parametrize("count", [2, 3, 50])
def test_a_covariance_matrix_stays_symmetric(count):
    """Also on the way into a spike, where rounding alone would push apart what is one number."""
    x = onp.random.default_rng(count).normal(size=(count, 3))
    try:
        cov = fit(mvn_logpdf, (onp.zeros(3), onp.eye(3)), x).theta[1]
        assert cov == pytest.approx(onp.cov(x.T, bias=True), abs=1e-9)
    except FitError as refused:
        assert count < 4
        cov = refused.theta[1]
    assert cov == pytest.approx(cov.T, abs=1e-14)


def test_a_line_is_a_plane_of_one_dimension():
    found = fit(mvn_logpdf, (onp.zeros(1), onp.eye(1)), SEVEN[:, None])
    assert found.theta[0] == pytest.approx(SEVEN.mean(), rel=1e-9)
    assert found.theta[1] == pytest.approx(SEVEN.var(), rel=1e-9)
    assert found.standard_errors[1] == pytest.approx(SEVEN.var() * onp.sqrt(2 / 7), rel=1e-6)


@pytest.mark.parametrize("d", [2, 3, 4])
def test_a_start_that_is_not_symmetric_is_made_so(d):
    x = onp.random.default_rng(d).normal(size=(30, d))
    start = 2 * onp.eye(d)
    start[0, 1], start[1, 0] = 0.8, -0.2
    given = start.copy()
    found = fit(mvn_logpdf, (onp.zeros(d), start), x)
    assert found.theta[1] == pytest.approx(onp.cov(x.T, bias=True), abs=1e-9)
    assert onp.array_equal(start, given) and all(found.checklist().verdicts.values())


@pytest.mark.parametrize("d, origin, seed", [(2, 1e2, 2), (2, 1e3, 5), (3, 1e2, 1), (3, 1e3, 3)])
def test_a_plane_far_from_its_start(d, origin, seed):
    generator = onp.random.default_rng(seed)
    mix = generator.normal(size=(d, d))
    x = generator.normal(size=(30, d)) @ mix.T
    found = fit(mvn_logpdf, (onp.zeros(d), onp.eye(d)), x + origin)
    assert found.theta[1] == pytest.approx(onp.cov(x.T, bias=True), rel=1e-5, abs=1e-7)


def test_a_covariance_that_is_none_is_not_blamed_on_the_data():
    with pytest.raises(ValueError, match="If every one is, start inside the domain"):
        fit(
            mvn_logpdf,
            (onp.zeros(2), onp.array([[1.0, 2.0], [2.0, 1.0]])),
            onp.random.default_rng(0).normal(size=(9, 2)),
        )


def shares_logpmf(p, x):
    """Categories 0 to K - 1 with probabilities p (K,); those of zero belong to the family."""
    inside = np.all(p >= 0) & (abs(np.sum(p) - 1) < 1e-8)
    return np.where((p > 0) & inside, np.log(np.where(p > 0, p, 1.0)), -np.inf)[x]


shares_logpmf.constraints = lambda p: np.reshape(np.sum(p) - 1, (1,))


@pytest.mark.parametrize("bounds", [None, [(0, 1)] * 4])
@pytest.mark.parametrize("counts", [(10, 20, 5, 15), (10, 20, 0, 15), (0, 3, 0, 1)])
def test_shares_that_sum_to_one_are_those_counted(counts, bounds):
    x, p = onp.repeat(onp.arange(4), counts), onp.array(counts) / sum(counts)
    found = fit(shares_logpmf, onp.array([0.4, 0.2, 0.2, 0.2]), x, bounds=bounds)
    assert found.theta == pytest.approx(p, abs=1e-8)
    assert found.at_bound == tuple(f"theta[{j}]" for j in range(4) if counts[j] == 0)
    if not found.at_bound:
        assert found.standard_errors == pytest.approx(onp.sqrt(p * (1 - p) / sum(counts)), rel=1e-5)


def test_shares_with_one_at_a_bound_share_the_rest():
    x = onp.repeat(onp.arange(4), (10, 20, 5, 15))
    found = fit(shares_logpmf, onp.array([0.4, 0.2, 0.2, 0.2]), x, bounds=[(0.3, 1), *[(None, None)] * 3])
    assert found.theta == pytest.approx(onp.array([0.3, *(0.7 * onp.array([20, 5, 15]) / 40)]), abs=1e-8)
    assert found.at_bound == ("theta[0]",)


def test_constraints_that_are_not_linear_are_refused():
    def direction_logpdf(t, x):
        return 3 * np.dot(x, t) / np.sqrt(np.sum(t**2))

    direction_logpdf.constraints = lambda t: np.reshape(np.sum(t**2) - 1, (1,))
    with pytest.raises(ValueError, match="linear"):
        fit(direction_logpdf, onp.array([1.0, 0.0]), onp.random.default_rng(0).normal(size=(30, 2)) + 1)


@pytest.mark.parametrize("start", ["no weight", "twins"])
def test_a_mixture_leaves_a_start_without_slope(start):
    generator = onp.random.default_rng(0)
    x = onp.vstack([generator.normal(size=(60, 2)), generator.normal(size=(40, 2)) + [4, 2]])
    right = {
        "weights": onp.array([0.6, 0.4]),
        "means": onp.array([[0.0, 0], [4, 2]]),
        "covs": onp.array([onp.eye(2)] * 2),
    }
    theta0 = {**right, "weights": onp.array([1.0, 0.0])}
    if start == "twins":
        theta0 = {**right, "weights": onp.array([0.5, 0.5]), "means": onp.zeros((2, 2))}
    found, best = (fit(mixture_logpdf, one, x) for one in (theta0, right))
    assert found.log_likelihood == pytest.approx(best.log_likelihood, abs=1e-6)
    assert found.at_bound == () and found.theta["weights"].sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("model", ["shares", "rates"])
def test_a_constant_column_far_from_zero_is_no_warning(model):
    many, k = onp.full(10, 10**9), 10**8 * onp.arange(10)
    if model == "shares":
        assert fit(binomial_logpmf, 0.9, (k, many)).theta == pytest.approx(0.45, rel=1e-9)
    else:
        X = onp.full((10, 1), 1e9)
        found = fit(poisson_regression_logpmf, onp.zeros(1), (X, onp.arange(10)))
        assert found.theta[0] * 1e9 == pytest.approx(onp.log(4.5), rel=1e-9)


@pytest.mark.parametrize("origin", [1e4, 1e6, 1e7, -1e7])
@pytest.mark.parametrize("model", [gaussian_logpdf, cauchy_logpdf, laplace_logpdf])
def test_the_origin_of_the_data_shifts_the_location_only(model, origin):
    x = onp.array([0.3, 1.1, 1.7, 2.2, 2.25, 3.1, 9.0])
    here, far = fit(model, (1.0, 1.0), x), fit(model, (origin + 1.0, 1.0), origin + x)
    assert far.theta[0] - origin == pytest.approx(here.theta[0], abs=1e-6)
    assert far.theta[1] == pytest.approx(here.theta[1], rel=1e-6)
    assert_maximum(far)


# --- large counts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1.0, 1e3, 1e6, 1e8])
def test_large_counts_and_a_poor_fit_equal_the_glm(size):
    y = onp.round(size * onp.array([3.0, 5, 4, 9, 8, 12, 10, 17, 15, 20]))
    oracle = sm.GLM(y, design(T), family=sm.families.Poisson()).fit(tol=1e-14, maxiter=200)
    for start in (onp.zeros(2), onp.array([onp.log(size), 0.0])):
        with within(2):
            found = fit(poisson_regression_logpmf, start, (design(T), y))
        assert found.theta == pytest.approx(oracle.params, rel=1e-8)
        assert found.standard_errors == pytest.approx(oracle.bse, rel=1e-6)


@pytest.mark.parametrize("start", [0.1, 1.0, 10.0, 1000.0])
@pytest.mark.parametrize("size", [1e4, 1e7, 1e10])
def test_large_counts_have_their_mean_as_rate(size, start):
    x = onp.round(size * SEVEN)
    found = fit(poisson_logpmf, start * size, x)
    error = onp.sqrt(x.mean() / 7)  # the log-likelihood of counts of 1e10 is rounded to 1e-5 nats
    assert found.theta == pytest.approx(x.mean(), abs=1e-3 * error)
    assert found.standard_errors == pytest.approx(error, rel=1e-5)


# --- kinks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [(6.2, 5.5), (4.0, 4.2), (2.0, 1.0), (0.0, 100.0), (900.0, 0.5)])
@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_a_laplace_has_its_median(unit, start):
    x = onp.array([1.0, 2, 4, 8, 16])
    with within(2):
        found = fit(laplace_logpdf, (unit * start[0], unit * start[1]), unit * x)
    assert onp.array(found.theta) / unit == pytest.approx([4.0, 4.2], abs=2e-6)
    assert found.log_likelihood == pytest.approx(-15.6411585 - 5 * onp.log(unit), abs=1e-6)
    assert_maximum(found)
    no_standard_errors(found, "kink")


def test_an_even_laplace_is_level_between_its_middle_points():
    found = fit(laplace_logpdf, (0.0, 1.0), onp.array([1.0, 2.0, 5.0, 9.0]))
    assert 2 - 1e-6 < found.theta[0] < 5 + 1e-6
    assert found.theta[1] == pytest.approx(11 / 4, rel=1e-6)
    assert_maximum(found)


def least_losses(X, y, quantile=0.5):
    """The least sum of check losses, a linear programme."""
    n, p = X.shape
    cost = onp.r_[onp.zeros(p), onp.full(n, quantile), onp.full(n, 1 - quantile)]
    found = optimize.linprog(
        cost, A_eq=onp.hstack([X, onp.eye(n), -onp.eye(n)]), b_eq=y, bounds=[(None, None)] * p + [(0, None)] * (2 * n)
    )
    return found.fun, found.x[:p]


@pytest.mark.parametrize("quantile", [0.5, 0.1, 0.8])
@pytest.mark.parametrize("p", [2, 3, 4])
def test_quantile_regressions_equal_linear_programming(p, quantile):
    generator = onp.random.default_rng(p)
    X = design(*generator.normal(size=(p - 1, 31)))
    y = X @ onp.arange(1.0, p + 1) + generator.standard_t(2, 31)

    def logpdf(beta, x):
        r = x[1] - np.dot(x[0], beta)
        return -np.where(r > 0, quantile * r, (quantile - 1) * r)

    with within(2):
        found = fit(logpdf, onp.zeros(p), (X, y))
    least, beta = least_losses(X, y, quantile)
    assert found.log_likelihood == pytest.approx(-least, abs=1e-5)
    assert found.theta == pytest.approx(beta, abs=1e-4)
    assert_maximum(found)
    no_standard_errors(found)


def test_a_support_vector_machine_has_kinks_too():
    generator = onp.random.default_rng(2)
    X = design(*generator.normal(size=(2, 40)))
    y = onp.where(X @ [0.2, 1.0, -1.0] + generator.normal(size=40) > 0, 1.0, -1.0)

    def logpdf(beta, x):
        return -np.maximum(0.0, 1 - x[1] * np.dot(x[0], beta)) - 0.05 * np.dot(beta, beta)

    found = fit(logpdf, onp.zeros(3), (X, y))
    n, cost = len(y), onp.r_[onp.zeros(3), onp.ones(40)]

    def loss(z):
        return cost @ z + 2.0 * z[:3] @ z[:3]

    margin = {"type": "ineq", "fun": lambda z: y * (X @ z[:3]) - 1 + z[3:]}
    right = optimize.minimize(
        loss, onp.r_[onp.zeros(3), onp.ones(n)], constraints=[margin], bounds=[(None, None)] * 3 + [(0, None)] * n,
        method="SLSQP", options={"ftol": 1e-12, "maxiter": 500},
    )  # fmt: skip
    assert found.log_likelihood == pytest.approx(-right.fun, abs=1e-5)
    assert_maximum(found)


# --- closed ends of the domain ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [1e-6, 0.01, 0.5, 0.99, 1 - 1e-9])
@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize("n", [1, 3, 50])
def test_all_alike_tosses_are_a_probability_at_the_end(n, value, start):
    with within(1):
        found = fit(bernoulli_logpmf, start, onp.full(n, value))
    assert found.theta == value
    assert found.log_likelihood == 0.0
    no_standard_errors(found, "end|bound")


def test_pixels_that_never_vary_lie_at_their_ends():
    images = onp.array([[1, 0, 1], [1, 0, 0], [1, 0, 1], [1, 0, 1]])
    found = fit(bernoulli_image_logpmf, onp.full(3, 0.4), images)
    assert found.theta == pytest.approx([1.0, 0.0, 0.75], abs=1e-9)
    assert found.theta[0] == 1.0
    assert found.theta[1] == 0.0
    no_standard_errors(found)


@pytest.mark.parametrize("start", [(0.3, 2.0), (0.9, 0.5), (1e-3, 30.0)])
def test_no_more_zeros_than_a_poisson_has_is_an_inflation_of_zero(start):
    found = fit(zero_inflated_logpmf, start, UNDERDISPERSED)
    assert found.theta == pytest.approx((0.0, UNDERDISPERSED.mean()), rel=1e-8)
    assert found.theta[0] == 0.0
    no_standard_errors(found)


def test_an_upper_end_that_depends_on_theta_is_refused():
    for unit in UNITS:
        assert_refused("edge of the domain", uniform_logpdf, 9.0 * unit, unit * SEVEN)


# --- bounds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", UNITS)
def test_an_optimum_at_a_bound_in_any_unit(unit):
    x, bounds = unit * SEVEN, unit * onp.array([[4.0, 50.0], [1e-6, 900.0]])
    found = fit(gaussian_logpdf, (unit * 9.0, unit * 2.0), x, bounds=bounds)
    assert found.theta[0] == 4.0 * unit
    assert found.theta[1] == pytest.approx(onp.sqrt(onp.mean((x - 4 * unit) ** 2)), rel=1e-8)
    assert found.at_bound == ("theta[0]",)
    assert_maximum(found, bounds)


def test_several_bounds_at_once():
    x = SEVEN
    bounds = [(4.0, 5.0), (2.0, 3.0)]
    found = fit(gaussian_logpdf, (4.5, 2.5), x, bounds=bounds)
    assert found.theta == (4.0, 2.0)
    assert_maximum(found, bounds)
    X, y = design(*onp.random.default_rng(0).normal(size=(5, 80))), onp.arange(80.0) % 7
    bounds = [(0, 1), (0, None), (0, None), (None, 0), (0, 0.05), (None, None)]
    found = fit(
        lambda b, x: norm.logpdf(x[1], np.dot(x[0], b), 1.0), [0.5, 0.1, 0.1, -0.1, 0.02, 0.0], (X, y), bounds=bounds
    )
    low, high = onp.array([(-onp.inf if a is None else a, onp.inf if b is None else b) for a, b in bounds]).T
    right = optimize.lsq_linear(X, y, (low, high), tol=1e-14).x
    assert found.theta == pytest.approx(right, abs=1e-6)
    assert_maximum(found, onp.column_stack([low, high]))


@pytest.mark.parametrize("start", [3.1857142857142855, 5.0, 1000.0])
def test_a_bound_exactly_at_the_optimum(start):
    """The score is zero there: it is the maximum with the bound and without."""
    low = SEVEN.mean()
    found = fit(lambda t, x: gaussian_logpdf((t, 1.0), x), max(low, start), SEVEN, bounds=[(low, None)])
    assert found.theta == pytest.approx(low, rel=1e-9)
    assert found.theta >= low


@pytest.mark.parametrize("bounds", [[(0, 8), (0.5, 9)], [(-5, 0), (0.5, 9)]])
def test_a_start_on_a_bound_leaves_it_only_inwards(bounds):
    found = fit(gaussian_logpdf, (0.0, 0.5), SEVEN, bounds=bounds)
    mean = min(SEVEN.mean(), bounds[0][1])
    assert found.theta == pytest.approx((mean, onp.sqrt(onp.mean((SEVEN - mean) ** 2))), rel=1e-8)
    assert_maximum(found, bounds)


def test_a_parameter_held_by_its_bounds():
    found = fit(gaussian_logpdf, (4.0, 1.0), SEVEN, bounds=[(4, 4), (None, None)])
    assert found.theta == pytest.approx((4.0, onp.sqrt(onp.mean((SEVEN - 4) ** 2))), rel=1e-8)


def test_a_bound_turns_a_spike_into_an_answer():
    found = fit(gaussian_logpdf, (2.0, 1.0), onp.full(4, 3.0), bounds=[(None, None), (0.01, None)])
    assert found.theta == pytest.approx((3.0, 0.01), rel=1e-9)
    assert found.theta[1] == 0.01


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e6])
def test_a_start_on_a_bound_far_below_the_maximum(unit):
    x, low = unit * SEVEN, onp.array([1e-6, 1e-6 * unit])
    bounds = [(low[0], None), (low[1], None)]
    free = fit(weibull_logpdf, (1.0, unit), x)
    found = fit(weibull_logpdf, (low[0], 3 * unit), x, bounds=bounds)
    assert found.theta == pytest.approx(free.theta, rel=1e-6)
    mean, free = x.mean(), fit(gaussian_logpdf, (x.mean(), 1e-3 * unit), x)
    found = fit(gaussian_logpdf, (mean + unit, 1e-3 * unit), x, bounds=[(mean + unit, None), (1e-9 * unit, None)])
    assert found.theta == pytest.approx((mean + unit, onp.sqrt(onp.mean((x - mean - unit) ** 2))), rel=1e-7)


@pytest.mark.parametrize(
    ("logpdf", "start", "bounds"),
    [
        (weibull_logpdf, (1e-6, 3.0), [(1e-6, 2.0), (0.5, 9.0)]),
        (weibull_logpdf, (1e-6, 3.185), [(1e-6, None), (1.4, 9.3)]),
        (weibull_logpdf, (1e-6, 3.0), [(1e-6, None), (3.0, 9.0)]),
        (gaussian_logpdf, (3.0, 1e-3), [(2.9, 3.1), (1e-8, None)]),
        (gaussian_logpdf, (3.0, 1e-2), [(2.9, 3.1), (1e-8, None)]),
        (gaussian_logpdf, (5.0, 1e-3), [(5.0, 10.0), (1e-8, 14.0)]),
    ],
)
def test_a_start_far_off_in_a_box_finds_what_another_optimiser_finds(logpdf, start, bounds):
    free = optimize.minimize(
        lambda t: -height(logpdf, t, SEVEN)[0], [sum(b) / 2 if None not in b else b[0] + 2 for b in bounds],
        method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14},
    )  # fmt: skip
    found = fit(logpdf, start, SEVEN, bounds=bounds)
    assert found.log_likelihood == pytest.approx(-free.fun, abs=1e-6)


@pytest.mark.parametrize("start", [(0, 0, 0, 0), (2, 0, 0, 4), (1, 1, 0, 3), (2.88, -0.5, 0.7, 4.9), (-5, 0, 3, 0)])
def test_a_concave_log_likelihood_has_one_maximum_from_any_start(start):
    generator = onp.random.default_rng(0)
    X = design(*generator.normal(size=(3, 20)))
    y = generator.poisson(2, 20)
    oracle = sm.GLM(y, X, family=sm.families.Poisson()).fit(tol=1e-14)
    found = fit(poisson_regression_logpmf, onp.array(start, float), (X, y))
    assert found.theta == pytest.approx(oracle.params, rel=1e-6, abs=1e-8)


# --- masked, missing, wide and narrow numbers ------------------------------------------------------------------------


@pytest.mark.parametrize("call", [fit, log_likelihood, score, score_obs, observed_information])
def test_what_is_masked_or_missing_is_refused_everywhere_alike(call):
    def order(x):
        return call(gaussian_logpdf, (2.0, 1.0), x)

    masked = onp.ma.masked_array([1.2, 3.4, 2.2, -999, 2.9], mask=[0, 0, 0, 1, 0])
    with pytest.raises(ValueError, match=r"masked array.*compressed"):
        order(masked)
    with pytest.raises(ValueError, match="missing"):
        order(pd.Series([1.0, None, 2.0], dtype="Float64"))
    with pytest.raises(ValueError, match="missing"):
        order(pd.Series([1, None, 2], dtype="Int64"))
    with pytest.raises(ValueError, match="NaN"):
        order(pd.Series([1.0, None, 2.0]))
    with pytest.raises(ValueError, match="missing"):
        order(onp.array([1.0, None, 2.0], dtype=object))


def test_pandas_numbers_without_gaps_are_numbers():
    for dtype in ("Float64", "Int64", "float32", "int8"):
        x = pd.Series([1, 2, 4, 5, 3], dtype=dtype)
        assert fit(gaussian_logpdf, (2.0, 1.0), x).theta == pytest.approx((3.0, onp.sqrt(2)), rel=1e-8)
    frame = pd.DataFrame({"one": 1.0, "t": T})
    found = fit(logistic_logpmf, onp.zeros(2), (frame, pd.Series(Y_BINARY, dtype="Int64")))
    assert found.names == ("one", "t")


def test_float32_data_give_what_they_give_as_float64():
    x = (86399 + 0.01 * onp.random.default_rng(1).normal(size=50)).astype("float32")
    theta = (86399.0, 0.01)
    wide = log_likelihood(gaussian_logpdf, theta, x.astype(float))
    assert log_likelihood(gaussian_logpdf, theta, x) == wide
    X = design(2e6 + T)
    narrow = (X.astype("float32"), Y_COUNT.astype("float32"))
    beta = onp.array([-600.0, 3e-4])
    expected = log_likelihood(poisson_regression_logpmf, beta, (X, Y_COUNT))
    assert log_likelihood(poisson_regression_logpmf, beta, narrow) == pytest.approx(expected, rel=1e-12)
    assert fit(gaussian_logpdf, (86399.5, 1.0), x).theta == pytest.approx(
        fit(gaussian_logpdf, (86399.5, 1.0), x.astype(float)).theta, rel=1e-12
    )


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "uint64", "bool", "float16"])
def test_narrow_types_do_not_overflow(dtype):
    x = onp.array([1, 0, 1, 1, 0, 1], dtype=dtype) if dtype == "bool" else onp.array([100, 120, 90, 127], dtype=dtype)
    found = fit(gaussian_logpdf, (50.0, 10.0), x)
    assert found.theta == pytest.approx((x.astype(float).mean(), x.astype(float).std()), rel=1e-8)


def test_whole_numbers_beyond_2_53_in_fit():
    x = 1_700_000_000_000_000_000 + onp.array([0, 100, 200, 320, 470])
    with pytest.raises((FitError, ValueError), match="[Cc]entre"):
        fit(gaussian_logpdf, (1.7e18, 100.0), x)


# --- names, dicts, lists ---------------------------------------------------------------------------------------------


def by_name_logpdf(theta, x):
    return gaussian_logpdf((theta["mu"], theta["sigma"]), x)


def test_bounds_and_names_by_key_in_any_order():
    for start in ({"mu": 1.0, "sigma": 2.0}, {"sigma": 2.0, "mu": 1.0}):
        for bounds in ({"sigma": (1e-6, None)}, {"sigma": (1e-6, 9), "mu": (None, 5)}, {"mu": None}):
            found = fit(by_name_logpdf, start, SEVEN, bounds=bounds, names={"sigma": "spread", "mu": "centre"})
            assert found.theta["mu"] == pytest.approx(SEVEN.mean(), rel=1e-8)
            assert found.names == ("centre", "spread")
            assert list(found.theta) == list(start)
    held = fit(by_name_logpdf, {"mu": 5.0, "sigma": 2.0}, SEVEN, bounds={"mu": (4.5, 6)})
    assert held.theta["mu"] == 4.5
    assert held.at_bound == ("mu",)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"bounds": [(None, None), (1e-6, None)]}, "bounds.*key"),
        ({"names": ["mu", "sigma"]}, "names.*dict"),
        ({"bounds": {"sgima": (0, 1)}}, "sgima"),
        ({"names": {"m": "mu"}}, "theta has no"),
        ({"bounds": {"sigma": (3, 1)}}, "sigma.*(low|bounds)"),
        ({"bounds": {"sigma": 3}}, "pairs"),
        ({"bounds": {"sigma": (3, 4)}}, "sigma = 2 lies outside"),
    ],
)
def test_an_order_of_names_is_never_guessed(options, says):
    with pytest.raises(ValueError, match=says):
        fit(by_name_logpdf, {"mu": 1.0, "sigma": 2.0}, SEVEN, **options)


def test_a_nested_dict_keeps_its_shape():
    def logpdf(theta, x):
        beta = np.concatenate([np.reshape(theta["mean"]["intercept"], 1), theta["mean"]["slopes"]])
        return norm.logpdf(x[1], np.dot(x[0], beta), np.exp(theta["log_sigma"]))

    start = {"mean": {"slopes": onp.zeros(2), "intercept": 0.0}, "log_sigma": 0.0}
    X = design(T, onp.sin(T))
    found = fit(logpdf, start, (X, Y_REAL), bounds={"mean": {"slopes": (0.0, None)}})
    right = optimize.lsq_linear(X, Y_REAL, ([-onp.inf, 0, 0], onp.inf), tol=1e-14).x
    assert found.theta["mean"]["intercept"] == pytest.approx(right[0], abs=1e-6)
    assert found.theta["mean"]["slopes"] == pytest.approx(right[1:], abs=1e-6)
    assert set(found.names) == {"mean[slopes][0]", "mean[slopes][1]", "mean[intercept]", "log_sigma"} or all(
        any(part in name for name in found.names) for part in ("slopes", "intercept", "log_sigma")
    )


def test_a_list_of_numbers_arrives_as_an_array():
    def logpdf(t, x):
        return norm.logpdf(x[1], np.dot(x[0], t[:2]), np.exp(t[2]))

    found = fit(logpdf, [0, 0, 0], (design(T), Y_REAL))
    assert isinstance(found.theta, onp.ndarray)
    right = stats.linregress(T, Y_REAL)
    assert found.theta[:2] == pytest.approx([right.intercept, right.slope], rel=1e-7)


# --- messages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("logpdf", "theta0", "x", "says"),
    [
        (weibull_logpdf, (1.5, 2.0), [1.0, 2.0, 0.0], "observation 2.*lifetimes"),
        (exponential_logpdf, 1.0, [1.0, -2.0, 3.0], r"observation 1: -2\.0.*waiting times"),
        (poisson_logpmf, 1.0, [1, 2, 2.5], r"observation 2: 2\.5.*counts"),
        (poisson_logpmf, 1.0, [1, -1, 2], "observation 1: -1.*counts"),
        (logistic_logpmf, onp.zeros(2), (design(T), Y_BINARY + 1), "0 or 1"),
        (gaussian_logpdf, (0.0, 1.0), [1.0, onp.inf], "observation 1: inf.*finite"),
        (beta_logpdf, onp.zeros(2), [0.2, 0.5, 1.0], "observation 2: 1"),
        (gaussian_logpdf, (0.0, 1.0), SEVEN[:, None], r"column of shape \(7, 1\).*x\[:, 0\]"),
        (gaussian_logpdf, (0.0, 1.0), tuple(SEVEN), r"tuple of numbers.*np\.array"),
        (gaussian_logpdf, (0.0, 1.0), 3.0, r"give \[3\.0\]"),
        (gaussian_logpdf, (0.0, 1.0), ["a", "b"], "numbers"),
        (gaussian_logpdf, (0.0, 1.0), [1 + 2j, 3.0], "real"),
        (gaussian_logpdf, (0.0, 1.0), pd.to_datetime(["2020-01-01", "2021-01-01"]), "numbers"),
        (gaussian_logpdf, 0.0, SEVEN, "theta.*mu, sigma"),
        (gaussian_logpdf, {"mu": 0.0, "sigma": 1.0}, SEVEN, "theta.*mu, sigma"),
        (logistic_logpmf, onp.zeros(3), (design(T), Y_BINARY), "beta of shape"),
        (logistic_logpmf, onp.zeros(2), (design(T), Y_BINARY[:-1]), "one row for each observation"),
        (logistic_logpmf, onp.zeros(2), (design(T), Y_BINARY[:, None]), r"\(n, p\) and \(n,\)|\(n, 1\)"),
        (logistic_logpmf, onp.zeros(2), design(T), r"\(X, y\)"),
        (exponential_censored_logpdf, 1.0, SEVEN, r"\(time, observed\)"),
        (exponential_censored_logpdf, 1.0, (SEVEN, onp.full(7, 2)), "observed 0 or 1"),
        (gaussian_logpdf, (0.0, "1.0 m"), SEVEN, r"theta0\[1\].*numbers"),
        (gaussian_logpdf, (onp.inf, 1.0), SEVEN, "theta0"),
    ],
)
def test_what_is_wrong_with_the_input_is_said(logpdf, theta0, x, says):
    x = onp.asarray(x) if isinstance(x, list) else x
    with pytest.raises(ValueError, match=rf"(?s){says}"):
        fit(logpdf, theta0, x)


# --- weights ---------------------------------------------------------------------------------------------------------

WEIGHTED = {
    "gaussian": (gaussian_logpdf, (1.0, 1.0), SEVEN),
    "cauchy": (cauchy_logpdf, (1.0, 1.0), SEVEN),
    "censored": (weibull_censored_logpdf, (1.0, 1.0), (SEVEN, onp.array([1, 0, 1, 1, 0, 1, 1]))),
    "poisson regression": (poisson_regression_logpmf, onp.zeros(2), (design(T[:7]), Y_COUNT[:7])),
    "probit": (probit_logpmf, onp.zeros(2), (design(T[2:9]), Y_BINARY[2:9])),
}


def repeated(x, weights):
    return tuple(onp.repeat(part, weights, axis=0) for part in x) if isinstance(x, tuple) else onp.repeat(x, weights)


@pytest.mark.parametrize(
    "weights", [[2, 1, 3, 1, 1, 4, 2], [0, 1, 3, 2, 1, 4, 1], [10**6, 2 * 10**6, 10**6, 5 * 10**5, 7, 10**6, 3]]
)
@pytest.mark.parametrize("name", WEIGHTED)
def test_whole_weights_equal_repeated_rows(name, weights):
    logpdf, theta0, x = WEIGHTED[name]
    if max(weights) > 100:  # too many rows to repeat: proportional weights have the same maximum
        found = fit(logpdf, theta0, x, weights=weights)
        half = fit(logpdf, theta0, x, weights=onp.array(weights) / 2)
        assert flat_of(found.theta) == pytest.approx(flat_of(half.theta), rel=1e-7)
        assert flat_of(found.standard_errors) * onp.sqrt(2) == pytest.approx(flat_of(half.standard_errors), rel=1e-6)
        assert found.n_obs == sum(weights)
        return
    found, rows = fit(logpdf, theta0, x, weights=weights), fit(logpdf, theta0, repeated(x, weights))
    assert flat_of(found.theta) == pytest.approx(flat_of(rows.theta), rel=1e-8)
    assert found.log_likelihood == pytest.approx(rows.log_likelihood, rel=1e-12)
    assert flat_of(found.standard_errors) == pytest.approx(flat_of(rows.standard_errors), rel=1e-7)
    assert found.n_obs == rows.n_obs
    assert_maximum(found)
    theta = found.theta
    assert log_likelihood(logpdf, theta, x, weights=weights) == pytest.approx(
        log_likelihood(logpdf, theta, repeated(x, weights)), rel=1e-12
    )
    assert observed_information(logpdf, theta, x, weights=weights) == pytest.approx(
        observed_information(logpdf, theta, repeated(x, weights)), rel=1e-9
    )


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1e6, 1e12])
def test_the_size_of_weights_does_not_move_the_estimate(scale):
    w = scale * onp.array([2, 1, 3, 1, 1, 4, 2.5])
    found = fit(gaussian_logpdf, (30.0, 1.0), SEVEN, weights=w)
    mean = onp.average(SEVEN, weights=w)
    assert found.theta == pytest.approx((mean, onp.sqrt(onp.average((SEVEN - mean) ** 2, weights=w))), rel=1e-7)


def test_a_weight_of_zero_hides_an_impossible_observation():
    x, w = onp.array([1.0, 2, 4, -5]), [1, 1, 1, 0]
    assert fit(exponential_logpdf, 1.0, x, weights=w).theta == pytest.approx(3 / 7, rel=1e-9)
    assert log_likelihood(exponential_logpdf, 1.0, x, weights=w) == pytest.approx(-7.0, rel=1e-12)
    assert score(exponential_logpdf, 1.0, x, weights=w) == pytest.approx(3 - 7.0, rel=1e-12)
    assert score_obs(exponential_logpdf, 1.0, x, weights=w)[3] == 0.0


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ([1, 2, 3], r"one number for each of the 7"),
        (onp.ones((7, 1)), "one number for each of the 7"),
        ([1, 1, -1, 1, 1, 1, 1], r"weights\[2\] is -1"),
        ([1, 1, onp.inf, 1, 1, 1, 1], r"weights\[2\] is inf"),
        ([1, 1, onp.nan, 1, 1, 1, 1], "weights holds 1 NaN"),
        (onp.zeros(7), "all zero"),
        (2.0, "weights"),
        ("n", "weights"),
        (onp.ma.masked_array(onp.ones(7), mask=[1] + [0] * 6), "weights is a masked array"),
    ],
)
@pytest.mark.parametrize("call", [fit, log_likelihood, score, score_obs, observed_information])
def test_weights_that_are_none_are_named(call, weights, says):
    with pytest.raises(ValueError, match=says):
        call(gaussian_logpdf, (2.0, 1.0), SEVEN, weights=weights)


# --- ties, ridges, one observation, saturation -----------------------------------------------------------------------


def test_duplicated_columns_are_a_ridge_with_one_answer_for_the_sum():
    X = design(T, T)
    found = fit(logistic_logpmf, onp.zeros(3), (X, Y_BINARY))
    right, top, _ = maximum_by_scipy(logistic_logpmf, onp.zeros(2), (design(T - 5.5), Y_BINARY))
    assert found.theta[1] + found.theta[2] == pytest.approx(right[1], rel=1e-6)
    assert found.log_likelihood == pytest.approx(top, abs=1e-8)
    no_standard_errors(found, r"theta\[1\], theta\[2\]")
    assert_maximum(found)


def test_dummies_for_every_group_and_an_intercept():
    group = onp.arange(12) % 3
    X = onp.column_stack([onp.ones(12), *(group == g for g in range(3))]).astype(float)
    y = onp.arange(12.0) % 5
    found = fit(poisson_regression_logpmf, onp.zeros(4), (X, y))
    for g in range(3):
        assert onp.exp(found.theta[0] + found.theta[1 + g]) == pytest.approx(y[group == g].mean(), rel=1e-6)
    no_standard_errors(found)


@pytest.mark.parametrize("start", [(2.0, 3.0), (0.1, 0.1), (-3.0, -40.0), (100.0, 0.01)])
def test_a_product_is_a_curved_ridge(start):
    found = fit(lambda t, x: gaussian_logpdf((t[0] * t[1], 1.0), x), start, SEVEN)
    assert found.theta[0] * found.theta[1] == pytest.approx(SEVEN.mean(), rel=1e-6)
    assert_maximum(found)
    no_standard_errors(found)


def test_a_parameter_that_does_not_enter_is_a_ridge():
    found = fit(lambda t, x: gaussian_logpdf((t[0], 1.0), x) + 0 * t[1], (0.0, 7.0), SEVEN)
    assert found.theta == pytest.approx((SEVEN.mean(), 7.0), rel=1e-9)
    no_standard_errors(found, r"theta\[1\]")


def test_one_observation_is_enough_where_the_model_says_so():
    assert fit(exponential_logpdf, 1.0, [4.0]).theta == pytest.approx(0.25, rel=1e-9)
    assert fit(poisson_logpmf, 1.0, [4]).theta == pytest.approx(4.0, rel=1e-9)
    assert fit(lambda t, x: gaussian_logpdf((t, 1.0), x), 0.0, [4.0]).theta == pytest.approx(4.0, rel=1e-9)
    assert fit(lambda t, x: gaussian_logpdf((0.0, t), x), 1.0, [4.0]).theta == pytest.approx(4.0, rel=1e-9)


def test_a_saturated_poisson_goes_through_every_count():
    y = onp.array([3, 1, 7, 12, 4])
    X = onp.vander(onp.linspace(-1, 1, 5))
    found = fit(poisson_regression_logpmf, onp.zeros(5), (X, y))
    assert onp.exp(X @ found.theta) == pytest.approx(y, rel=1e-6)
    assert_maximum(found)


# --- more than sixty parameters --------------------------------------------------------------------------------------


def test_a_hundred_ill_scaled_means():
    units = 10.0 ** onp.linspace(-6, 6, 100)
    x = units * (onp.arange(100) + onp.random.default_rng(1).normal(size=(30, 100)))

    def logpdf(theta, x):
        return np.sum(-0.5 * ((x - theta) / units) ** 2, axis=1)

    with within(4):
        found = fit(logpdf, onp.zeros(100), x)
    right = x.mean(axis=0)
    assert found.log_likelihood == pytest.approx(height(logpdf, right, x)[0], abs=1e-6)
    assert_maximum(found)


@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_a_logistic_regression_with_a_hundred_columns_equals_statsmodels(scale):
    generator = onp.random.default_rng(4)
    X = design(*generator.normal(size=(99, 1000)))
    y = generator.binomial(1, 1 / (1 + onp.exp(-0.5 * X[:, 2:12] @ onp.ones(10))))
    X[:, 1::2] *= scale
    with within(6):
        found = fit(logistic_logpmf, onp.zeros(100), (X, y))
    oracle = sm.Logit(y, X).fit(disp=0, method="newton", tol=1e-12)
    assert found.log_likelihood == pytest.approx(oracle.llf, abs=1e-6)
    assert_maximum(found)


def test_a_hundred_means_under_bounds():
    x = onp.arange(100) - 50 + onp.random.default_rng(1).normal(size=(20, 100))

    def logpdf(theta, x):
        return np.sum(-0.5 * (x - theta) ** 2, axis=1)

    bounds = [(-10.0, 10.0)] * 100
    found = fit(logpdf, onp.zeros(100), x, bounds=bounds)
    assert found.theta == pytest.approx(onp.clip(x.mean(axis=0), -10, 10), abs=1e-3)
    assert found.log_likelihood == pytest.approx(height(logpdf, onp.clip(x.mean(axis=0), -10, 10), x)[0], abs=1e-6)
    assert_maximum(found, bounds)
    assert found.theta[0] == -10.0
    no_standard_errors(found)


def test_many_parameters_without_a_maximum():
    X = onp.eye(70)[onp.arange(140) % 70]
    y = (onp.arange(140) < 70).astype(int)
    y[69], y[139] = 1, 1  # one group of the seventy is all ones: separated
    assert_refused("limit|drifts", logistic_logpmf, onp.zeros(70), (X, y), seconds=6)


# --- densities written in other ways ---------------------------------------------------------------------------------


def test_a_density_may_raise_outside_its_domain():
    def logpdf(theta, x):
        if theta <= 0:
            raise ValueError("the rate must be positive")
        return np.log(theta) - theta * x

    for start in STARTS:
        assert fit(logpdf, start, SEVEN).theta == pytest.approx(1 / SEVEN.mean(), rel=1e-9)


def test_densities_with_other_logarithms_absolute_values_and_branches():
    def with_log10(t, x):
        return np.log10(t) * np.log(10.0) - t * x

    def with_abs(t, x):
        return gaussian_logpdf((t[0], np.abs(t[1])), x)

    def with_branches(t, x):
        return np.where(x < t[0], -np.square(x - t[0]), -2 * np.square(x - t[0]))

    assert fit(with_log10, 0.5, SEVEN).theta == pytest.approx(1 / SEVEN.mean(), rel=1e-9)
    assert abs(fit(with_abs, (2.0, -1.0), SEVEN).theta[1]) == pytest.approx(SEVEN.std(), rel=1e-8)
    found = fit(with_branches, [0.0], SEVEN)
    right = optimize.brentq(lambda m: onp.sum(onp.where(SEVEN < m, 1, 2) * (SEVEN - m)), 0, 6, xtol=1e-13)
    assert found.theta == pytest.approx([right], rel=1e-7)
    assert_maximum(found)


def test_the_expectile_of_a_curve_with_two_kinds_of_observation_is_a_maximum_with_standard_errors():
    found = fit(lambda t, x: -np.logaddexp(0.0, -np.abs(x) * t) - 0.1 * t**2, 0.3, SEVEN)
    assert_maximum(found)
    assert found.standard_errors > 0


# --- expectation–maximisation ----------------------------------------------------------------------------------------

FAITHFUL = load_old_faithful()
EM = (mixture_e_step, mixture_m_step, mixture_logpdf)
BERNOULLI_EM = (bernoulli_mixture_e_step, bernoulli_mixture_m_step, bernoulli_mixture_logpmf)
TOP = -1130.26396  # R's mclust, model VVV with two components


def two_groups(means, covs=None, weights=(0.5, 0.5)):
    covs = [onp.cov(FAITHFUL.T, bias=True)] * len(means) if covs is None else covs
    return {"weights": onp.array(weights), "means": onp.array(means), "covs": onp.array(covs)}


GOOD = two_groups([[2.0, 55.0], [4.5, 80.0]], [onp.diag([1.0, 100.0])] * 2)
CENTRE = FAITHFUL.mean(axis=0)


@pytest.mark.parametrize("apart", [0.0, 1e-14, 1e-12, 1e-9, 1e-6, 1e-4])
def test_em_from_equal_or_nearly_equal_means_climbs_or_says_saddle(apart):
    try:
        found = em(*EM, two_groups([CENTRE, CENTRE * (1 + apart)]), FAITHFUL, tol=1e-10)
    except FitError as stopped:
        assert "saddle" in str(stopped)
        return
    assert found.log_likelihood == pytest.approx(TOP, abs=1e-3) or "saddle" in found.setting


def test_em_names_which_components_are_equal():
    start = two_groups([[2.0, 55.0], [4.5, 80.0], [4.5, 80.0]], weights=[1 / 3] * 3)
    with pytest.raises(FitError, match="saddle.*components 1 and 2"):
        em(*EM, start, FAITHFUL)
    images = onp.array([[1, 0, 1, 1], [0, 1, 0, 0]] * 20)
    with pytest.raises(FitError, match="saddle.*p of components 0 and 1"):
        em(*BERNOULLI_EM, {"weights": onp.array([0.5, 0.5]), "p": onp.full((2, 4), 0.5)}, images)


@pytest.mark.parametrize("seed", range(4))
def test_em_from_equal_means_and_unequal_variances_is_no_plain_fit(seed):
    rng = onp.random.default_rng(seed)
    x = onp.concatenate([rng.normal(-3, 1, 200), rng.normal(3, 1, 200)])[:, None]
    start = {"weights": onp.array([0.5, 0.5]), "means": onp.zeros((2, 1)), "covs": onp.array([1.0, 4.0])[:, None, None]}
    try:
        found = em(*EM, start, x)
    except FitError as stopped:
        assert "saddle" in str(stopped)
        return
    assert found.log_likelihood > em(*EM, start | {"means": onp.array([[-3.0], [3.0]])}, x).log_likelihood - 1e-3


def test_a_mixture_of_spreads_with_one_centre_is_no_saddle():
    rng = onp.random.default_rng(7)
    x = onp.concatenate([rng.normal(0, 1, 300), rng.normal(0, 6, 300)])[:, None]
    covs = onp.array([0.5, 30.0])[:, None, None]
    found = em(*EM, {"weights": onp.array([0.5, 0.5]), "means": onp.zeros((2, 1)), "covs": covs}, x, tol=1e-10)
    assert found.theta["covs"].ravel() == pytest.approx([1, 36], rel=0.3)


@pytest.mark.parametrize("origin", [1e4, 1e7, 1e8, 1e12, 1e14])
def test_em_far_from_zero_is_right_or_asks_for_centred_data(origin):
    try:
        found = em(*EM, GOOD | {"means": GOOD["means"] + origin}, FAITHFUL + origin, tol=1e-10)
    except FitError as stopped:
        assert "centre the data" in str(stopped)
        assert origin >= 1e10
        return
    assert found.log_likelihood == pytest.approx(TOP, abs=1e-3)


@pytest.mark.parametrize("unit", UNITS)
def test_em_in_any_unit(unit):
    start = GOOD | {"means": unit * GOOD["means"], "covs": unit**2 * GOOD["covs"]}
    found = em(*EM, start, unit * FAITHFUL, tol=1e-12)
    assert found.log_likelihood + 2 * len(FAITHFUL) * onp.log(unit) == pytest.approx(TOP, abs=1e-4)


def test_weights_in_em_equal_repeated_rows():
    w = onp.arange(len(FAITHFUL)) % 4
    found = em(*EM, GOOD, FAITHFUL, weights=w, tol=1e-12)
    rows = em(*EM, GOOD, onp.repeat(FAITHFUL, w, axis=0), tol=1e-12)
    assert found.log_likelihood == pytest.approx(rows.log_likelihood, rel=1e-12)
    assert found.theta["means"] == pytest.approx(rows.theta["means"], rel=1e-8)
    assert found.theta["weights"] == pytest.approx(rows.theta["weights"], rel=1e-8)
    assert found.n_obs == rows.n_obs == w.sum()


@pytest.mark.parametrize(
    ("x", "options", "says"),
    [
        (onp.ma.masked_array(FAITHFUL, FAITHFUL > 90), {}, "masked"),
        (onp.where(FAITHFUL > 90, onp.nan, FAITHFUL), {}, "NaN"),
        (FAITHFUL, {"weights": [1, 2]}, "one number for each of the 272"),
        (FAITHFUL, {"weights": onp.zeros(272)}, "all zero"),
        (FAITHFUL[:, 0], {}, r"x: expected shape \(n, 2\)|x\[:, None\]|for x of shape"),
    ],
)
def test_em_refuses_what_fit_refuses(x, options, says):
    with pytest.raises(ValueError, match=says):
        em(*EM, GOOD, x, **options)


@pytest.mark.parametrize("call", ["fit", "log_likelihood", "score", "weights", "em", "gaussian_mle"])
def test_rows_with_labels_in_another_order_are_refused(call):
    """Matched by position they would give another answer than matched by label, and no word would be said."""
    x, other = pd.Series(SEVEN), pd.Series([0, 1, 0, 1, 0, 1, 1], index=range(7, 0, -1))
    pair = (x.to_frame(), other)
    with pytest.raises(ValueError, match="carry different row labels"):
        {
            "fit": lambda: fit(logistic_logpmf, onp.zeros(1), pair),
            "log_likelihood": lambda: log_likelihood(logistic_logpmf, onp.zeros(1), pair),
            "score": lambda: score(logistic_logpmf, onp.zeros(1), pair),
            "weights": lambda: fit(gaussian_logpdf, (3.0, 1.0), x, weights=other),
            "em": lambda: em(*EM, GOOD, x.to_frame(), weights=other),
            "gaussian_mle": lambda: gaussian_mle(x, other),
        }[call]()
    together = fit(logistic_logpmf, onp.zeros(1), (x.to_frame(), other.to_numpy()))
    assert together.theta == fit(logistic_logpmf, onp.zeros(1), (SEVEN[:, None], other.to_numpy())).theta


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: fit("gaussian", (3.0, 1.0), SEVEN), "logpdf must be a function logpdf.theta, x., got a str"),
        (
            lambda: fit(gaussian_logpdf, (3.0, 1.0), (x for x in SEVEN)),
            "x must be a list or an array .* got a generator",
        ),
        (lambda: fit(gaussian_logpdf, (3.0, 1.0), [[1.0, 2.0], [3.0]]), "x is a list of unlike parts"),
        (lambda: fit(logistic_logpmf, onp.zeros(1), [SEVEN[:, None], SEVEN > 3]), r"as a tuple: \(X, y\)"),
        (lambda: fit(gaussian_logpdf, (3.0, 1.0), SEVEN[None, :]), r"a table of shape .* pass np.ravel\(x\)"),
        (lambda: fit(gaussian_logpdf, (3.0, -1.0), SEVEN), "Start inside the domain"),
        (lambda: fit(gaussian_logpdf, (onp.inf, 1.0), SEVEN), "Start inside the domain"),
        (lambda: fit(gaussian_logpdf, (3.0, 1.0), SEVEN, starts=[(3.0, -1.0)]), r"starts\[0\] = .* Start inside"),
        (lambda: fit(gaussian_logpdf, (3.0, 1.0), SEVEN, names=["a", "a"]), "names must hold .* all different"),
        (lambda: fit(gaussian_logpdf, (3.0, 1.0), SEVEN, names="ms"), "names must hold one label"),
        (lambda: fit(gaussian_logpdf, (3.0, 1.0), SEVEN, max_iter=0), "max_iter must be at least 1"),
    ],
)
def test_what_was_meant_otherwise_gets_the_sentence_that_helps(call, says):
    with pytest.raises((ValueError, TypeError), match="(?i)" + says):
        call()


def test_masked_vectors_are_not_told_to_be_flattened():
    with pytest.raises(ValueError) as caught:
        em(*EM, GOOD, onp.ma.masked_array(FAITHFUL, FAITHFUL > 90))
    assert "compressed" not in str(caught.value)  # compressed() makes one row of numbers of them
