"""Every log density against SciPy, its derivatives against finite differences, its edges against the exact limits."""

import inspect
from decimal import Decimal, localcontext

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad, hessian, jacobian
from autograd.misc import flatten
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import integrate, special, stats

from mle_helpers import models, regression

from . import test_regression
from .oracles import (
    ALL,
    MODEL_IDS,
    assert_arguments_are_left_as_they_were,
    assert_derivatives_equal_finite_differences,
    on_flat_theta,
)

quick = settings(max_examples=60, deadline=None, derandomize=True)

POSITIVE = st.floats(1e-3, 1e3)
REAL = st.floats(-1e3, 1e3)
PAIR = st.tuples(POSITIVE, POSITIVE)
LOCATED = st.tuples(REAL, POSITIVE)
PROBABILITY = st.floats(0, 1)
# SciPy itself loses digits where x / scale is subnormal.
NUMBERS = st.one_of(st.floats(-1e4, 1e4).filter(lambda x: abs(x) > 1e-290), st.integers(-2, 50), st.just(0.0))
DATA = st.lists(NUMBERS, min_size=1, max_size=20).map(lambda x: np.array(x, dtype=float))


def scipy_of(family, **names):
    return lambda theta, x: family(x, **{key: value(theta) for key, value in names.items()})


# name: (model, strategy for theta, the same by SciPy)
PLAIN = {
    "gaussian": (models.gaussian_logpdf, LOCATED, lambda t, x: stats.norm.logpdf(x, *t)),
    "bernoulli": (models.bernoulli_logpmf, PROBABILITY, lambda t, x: stats.bernoulli.logpmf(x, t)),
    "poisson": (models.poisson_logpmf, st.one_of(st.just(0.0), POSITIVE), lambda t, x: stats.poisson.logpmf(x, t)),
    "exponential": (models.exponential_logpdf, POSITIVE, lambda t, x: stats.expon.logpdf(x, scale=1 / t)),
    "uniform": (models.uniform_logpdf, POSITIVE, lambda t, x: stats.uniform.logpdf(x, scale=t)),
    "cauchy": (models.cauchy_logpdf, LOCATED, lambda t, x: stats.cauchy.logpdf(x, *t)),
    "weibull": (
        models.weibull_logpdf,
        st.tuples(st.floats(0.05, 20), POSITIVE),
        lambda t, x: stats.weibull_min.logpdf(x, t[0], scale=t[1]),
    ),
    "student_t": (
        models.student_t_logpdf,
        st.tuples(REAL, POSITIVE, POSITIVE),
        lambda t, x: stats.t.logpdf(x, t[2], t[0], t[1]),
    ),
    "lognormal": (
        models.lognormal_logpdf,
        st.tuples(st.floats(-10, 10), st.floats(0.05, 20)),
        lambda t, x: stats.lognorm.logpdf(x, t[1], scale=np.exp(t[0])),
    ),
    "negative_binomial": (
        models.negative_binomial_logpmf,
        st.tuples(st.floats(0.01, 100), st.floats(1e-3, 100)),
        lambda t, x: stats.nbinom.logpmf(x, 1 / t[1], 1 / (1 + t[0] * t[1])),
    ),
    "gamma": (models.gamma_logpdf, PAIR, lambda t, x: stats.gamma.logpdf(x, t[0], scale=1 / t[1])),
}
SURVIVAL = {
    "exponential": (models.exponential_censored_logpdf, *PLAIN["exponential"][:2]),
    "weibull": (models.weibull_censored_logpdf, *PLAIN["weibull"][:2]),
    "gamma": (models.gamma_censored_logpdf, *PLAIN["gamma"][:2]),
}
LOG_SURVIVAL = {
    "exponential": lambda t, x: -t * x,
    "weibull": lambda t, x: -((x / t[1]) ** t[0]),
    "gamma": lambda t, x: np.log(special.gammaincc(t[0], t[1] * x)),
}


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLAIN)
@quick
@given(data=st.data())
def test_equals_scipy_inside_and_outside_the_support(name, data):
    model, thetas, oracle = PLAIN[name]
    theta, x = data.draw(thetas), data.draw(DATA)
    with np.errstate(all="ignore"):
        expected = oracle(theta, x)
    actual = model(theta, x)
    assert actual.shape == x.shape
    # A cumulative hazard beyond 1e307 is -inf here, a negative number of that size in SciPy.
    expected = np.where(expected < -1e307, -np.inf, expected)
    assert_allclose(actual, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", SURVIVAL)
@quick
@given(data=st.data())
def test_censored_is_density_where_observed_and_survival_where_not(name, data):
    censored, density, thetas = SURVIVAL[name]
    theta, time = data.draw(thetas), np.abs(data.draw(DATA))
    observed = np.array(data.draw(st.lists(st.booleans(), min_size=len(time), max_size=len(time))))
    with np.errstate(all="ignore"):
        log_survival = LOG_SURVIVAL[name](theta, time)
    expected = np.where(observed, density(theta, time), log_survival)
    actual = censored(theta, (time, observed))
    # SciPy's survival function underflows to 0 where ours goes on; the quadrature has its own test below.
    compared = np.isfinite(expected) & (expected > -700) | observed
    assert_allclose(actual[compared], expected[compared], rtol=1e-9, atol=1e-9)
    assert not np.any(np.isnan(actual))


@pytest.mark.parametrize("name", PLAIN)
def test_is_normalised(name):
    model, theta = PLAIN[name][0], {"bernoulli": 0.3, "poisson": 3.7, "exponential": 2.0, "uniform": 1.7}
    theta = {**theta, "student_t": (1.3, 0.8, 2.5)}.get(name, (1.3, 0.8))
    if name in ("bernoulli", "poisson", "negative_binomial"):
        assert_allclose(np.exp(model(theta, np.arange(200))).sum(), 1)
    else:
        density = lambda x: float(np.exp(model(theta, np.array([x]))[0]))  # noqa: E731
        low, high = (
            (0, 1.7) if name == "uniform" else (-np.inf if name in ("gaussian", "cauchy", "student_t") else 0, np.inf)
        )
        assert_allclose(integrate.quad(density, low, high)[0], 1, rtol=1e-7)


OUTSIDE = [
    (models.gaussian_logpdf, (0.0, 0.0), [0.0, 1.0]),
    (models.gaussian_logpdf, (0.0, -1.0), [0.0, 1.0]),
    (models.gaussian_logpdf, (0.0, np.nan), [0.0, 1.0]),
    (models.bernoulli_logpmf, -0.1, [0, 1]),
    (models.bernoulli_logpmf, 1.1, [0, 1]),
    (models.bernoulli_logpmf, 0.5, [2, -1, 0.5]),
    (models.bernoulli_logpmf, 0.0, [1]),
    (models.bernoulli_logpmf, 1.0, [0]),
    (models.poisson_logpmf, -1.0, [0, 1]),
    (models.poisson_logpmf, np.inf, [0, 1]),
    (models.poisson_logpmf, 0.0, [1, 2]),
    (models.poisson_logpmf, 2.0, [-1, 0.5, np.inf]),
    (models.exponential_logpdf, 0.0, [0.0, 1.0]),
    (models.exponential_logpdf, -1.0, [0.0, 1.0]),
    (models.exponential_logpdf, 1.0, [-1e-300, -1.0, np.inf]),
    (models.uniform_logpdf, 0.0, [0.0, 1.0]),
    (models.uniform_logpdf, 1.0, [-0.1, 1.1]),
    (models.cauchy_logpdf, (0.0, -1.0), [0.0, 1.0]),
    (models.weibull_logpdf, (0.0, 1.0), [0.0, 1.0]),
    (models.weibull_logpdf, (0.5, -1.0), [0.0, 1.0]),
    (models.weibull_logpdf, (0.5, 1.0), [-1.0, np.inf]),
    (models.weibull_logpdf, (2.0, 1.0), [0.0, 1e300]),
    (models.gamma_logpdf, (-1.0, 1.0), [0.0, 1.0]),
    (models.gamma_logpdf, (0.5, 0.0), [0.0, 1.0]),
    (models.gamma_logpdf, (2.0, 1.0), [-1.0, 0.0, np.inf]),
    (models.gamma_censored_logpdf, (0.5, 0.0), ([0.0, 1.0], [False, True])),
    (models.gamma_censored_logpdf, (0.5, 1.0), ([-1.0, -1.0], [False, True])),
    (models.student_t_logpdf, (0.0, 0.0, 1.0), [0.0, 1.0]),
    (models.student_t_logpdf, (0.0, 1.0, -1.0), [0.0, 1.0]),
    (models.lognormal_logpdf, (0.0, 1.0), [0.0, -1.0, np.inf]),
    (models.lognormal_logpdf, (0.0, 0.0), [1.0, 2.0]),
    (models.binomial_logpmf, 0.5, ([3, -1, 0.5, 0], [2, 2, 2, -1])),
    (models.binomial_logpmf, 0.0, ([1, 2], [2, 2])),
    (models.binomial_logpmf, 1.0, ([1, 0], [2, 2])),
    (models.negative_binomial_logpmf, (0.0, 1.0), [1, 2]),
    (models.negative_binomial_logpmf, (1.0, -0.1), [0, 1]),
    (models.negative_binomial_logpmf, (1.0, 0.5), [-1, 0.5, np.inf]),
    (models.weibull_censored_logpdf, (0.5, 0.0), ([0.0, 1.0], [False, True])),
    (models.weibull_censored_logpdf, (0.5, 1.0), ([-1.0, -1.0], [False, True])),
    (models.exponential_censored_logpdf, -1.0, ([0.0, 1.0], [False, True])),
    (models.mvn_logpdf, (np.zeros(2), -np.eye(2)), np.zeros((1, 2))),
    (models.mvn_logpdf, (np.zeros(2), np.ones((2, 2))), np.zeros((1, 2))),
    (models.mvn_logpdf, (np.zeros(2), np.full((2, 2), np.inf)), np.zeros((1, 2))),
    (models.bernoulli_image_logpmf, np.array([0.5, 1.5]), np.array([[0, 1]])),
    (models.bernoulli_image_logpmf, np.array([0.5, 0.0]), np.array([[0, 1]])),
    (models.bernoulli_image_logpmf, np.array([0.5, 1.0]), np.array([[0, 0]])),
    (models.bernoulli_image_logpmf, np.array([0.5, 0.5]), np.array([[0, 2], [0, 0.5]])),
]


@pytest.mark.parametrize("model, theta, x", OUTSIDE)
def test_minus_infinity_outside_support_and_domain(model, theta, x):
    with np.errstate(all="raise"):
        values = model(theta, tuple(map(np.asarray, x)) if isinstance(x, tuple) else np.asarray(x))
    assert np.all(np.isneginf(values))


def test_limits_at_the_edge():
    assert np.all(models.bernoulli_logpmf(0.0, np.array([0, 0])) == 0)
    assert np.all(models.bernoulli_logpmf(1.0, np.array([1, 1])) == 0)
    assert np.all(models.poisson_logpmf(0.0, np.array([0, 0])) == 0)
    assert models.bernoulli_image_logpmf(np.array([0.0, 1.0]), np.array([[0, 1]]))[0] == 0
    for model in (models.weibull_logpdf, models.gamma_logpdf):
        zero = np.zeros(1)
        assert model((0.5, 2.0), zero)[0] == np.inf and model((1.5, 2.0), zero)[0] == -np.inf
    assert_allclose(models.weibull_logpdf((1.0, 2.0), np.zeros(1)), np.log(0.5))
    assert_allclose(models.gamma_logpdf((1.0, 2.0), np.zeros(1)), np.log(2))
    # nothing is learned from "still alive at time 0"
    for model in (models.weibull_censored_logpdf, models.gamma_censored_logpdf):
        assert model((0.5, 2.0), (np.zeros(1), np.array([False])))[0] == 0


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
def test_small_integer_types_do_not_wrap_around(dtype):
    y = np.array([0, 1, 1], dtype=dtype)
    images = np.array([[0, 1], [1, 1], [0, 0]], dtype=dtype)
    p = np.array([0.2, 0.7])
    assert_allclose(models.bernoulli_logpmf(0.3, y), np.log([0.7, 0.3, 0.3]))
    assert_allclose(models.poisson_logpmf(0.3, y), stats.poisson.logpmf([0, 1, 1], 0.3))
    assert_allclose(models.bernoulli_image_logpmf(p, images), np.log([0.8 * 0.7, 0.2 * 0.7, 0.8 * 0.3]))


@quick
@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_multivariate_normal_equals_scipy(d, seed):
    rng = np.random.default_rng(seed)
    root, mean, x = rng.normal(size=(d, d)), rng.normal(size=d), rng.normal(size=(7, d))
    cov = root @ root.T + 0.1 * np.eye(d)
    actual = models.mvn_logpdf((mean, cov), x)
    assert_allclose(actual, stats.multivariate_normal.logpdf(x, mean, cov).reshape(7), rtol=1e-9, atol=1e-9)


@quick
@given(st.integers(0, 2**32 - 1))
def test_images_equal_their_scalar_model(seed):
    rng = np.random.default_rng(seed)
    images, p = rng.integers(0, 2, (6, 9)), rng.uniform(size=9)
    expected = stats.bernoulli.logpmf(images, p).sum(axis=1)
    assert_allclose(models.bernoulli_image_logpmf(p, images), expected, rtol=1e-9)


# --- one rule for all: never NaN, -inf outside support and domain ----------------------------------------------------


def test_the_registry_holds_every_model():
    public = {
        function
        for module in (models, regression)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if name.endswith(("_logpdf", "_logpmf")) and function.__module__ == module.__name__
    }
    assert public == {model.logpdf for model in ALL}
    assert public <= {test[0] for test in (*SMOOTH, *test_regression.SMOOTH)}


@pytest.mark.parametrize("model", ALL, ids=MODEL_IDS)
def test_says_what_an_observation_may_be_and_which_end_belongs(model):
    assert isinstance(model.logpdf.support, str) and model.logpdf.support.isprintable()
    # The regressions share one sentence, in the docstring of their module.
    in_module = regression.__doc__ if model.logpdf.__module__ == regression.__name__ else ""
    assert "belong" in model.logpdf.__doc__ + in_module
    assert list(inspect.signature(model.logpdf).parameters) == ["theta", "x"]


@pytest.mark.parametrize("model", ALL, ids=MODEL_IDS)
@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.data())
def test_never_nan_and_minus_infinity_outside_support_and_domain(model, data):
    theta, x = data.draw(model.theta), data.draw(model.x)
    n = len(x[0] if isinstance(x, tuple) else x)
    with np.errstate(all="ignore"):
        values = model.logpdf(theta, x)
        inside = model.in_support(theta, x) & model.in_domain(theta)
    assert values.shape == (n,)
    assert not np.any(np.isnan(values))
    assert np.all(np.isneginf(values[~inside]))


@pytest.mark.parametrize("model", ALL, ids=MODEL_IDS)
@quick
@given(data=st.data())
def test_stray_observations_leave_the_derivatives_of_the_others(model, data):
    """Any data appended to possible ones: the score of the possible ones stays finite and what it was."""
    stray = data.draw(model.x)
    parts = model.possible if isinstance(model.possible, tuple) else (model.possible,)
    strays = stray if isinstance(stray, tuple) else (stray,)
    joined = tuple(np.concatenate([part, more]) for part, more in zip(parts, strays, strict=True))
    x = joined if isinstance(model.possible, tuple) else joined[0]
    flat, unflatten = flatten(model.ordinary)
    n = len(parts[0])
    with np.errstate(all="ignore"):
        assert np.all(np.isfinite(model.logpdf(model.ordinary, model.possible)))
        score = grad(lambda t: anp.sum(model.logpdf(unflatten(t), x)[:n]))(flat)
        _, alone = on_flat_theta(model.logpdf, model.ordinary, model.possible)
        assert np.all(np.isfinite(score)) and np.all(np.isfinite(hessian(alone)(flat)))
        assert_allclose(score, grad(alone)(flat), rtol=1e-12)


@pytest.mark.parametrize("model", ALL, ids=MODEL_IDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_short_floats_give_what_the_same_data_give_in_doubles(model, dtype):
    def cast(x, dtype):
        return tuple(cast(part, dtype) for part in x) if isinstance(x, tuple) else np.clip(x, -6e4, 6e4).astype(dtype)

    short = cast(model.possible, dtype)
    actual, expected = (model.logpdf(model.ordinary, x) for x in (short, cast(short, float)))
    assert actual.dtype == float
    assert np.array_equal(actual, expected)


ENDS = [  # a model, theta at or towards an end of its domain, whether that belongs to the family, data possible there
    (models.gaussian_logpdf, (0.0, 0.0), False, [0.0]),
    (models.gaussian_logpdf, (np.inf, 1.0), False, [0.0]),
    (models.gaussian_logpdf, (0.0, np.inf), False, [0.0]),
    (models.bernoulli_logpmf, 0.0, True, [0, 0]),
    (models.bernoulli_logpmf, 1.0, True, [1, 1]),
    (models.poisson_logpmf, 0.0, True, [0, 0]),
    (models.poisson_logpmf, np.inf, False, [0, 0]),
    (models.exponential_logpdf, 0.0, False, [0.0]),
    (models.exponential_censored_logpdf, 0.0, False, ([1.0], [0])),
    (models.uniform_logpdf, 0.0, False, [0.0]),
    (models.cauchy_logpdf, (0.0, 0.0), False, [0.0]),
    (models.weibull_logpdf, (0.0, 1.0), False, [1.0]),
    (models.weibull_logpdf, (1.0, 0.0), False, [0.0]),
    (models.weibull_censored_logpdf, (0.0, 1.0), False, ([1.0], [0])),
    (models.gamma_logpdf, (0.0, 1.0), False, [1.0]),
    (models.gamma_logpdf, (1.0, 0.0), False, [1.0]),
    (models.gamma_censored_logpdf, (1.0, 0.0), False, ([1.0], [0])),
    (models.student_t_logpdf, (0.0, 1.0, np.inf), False, [0.0]),
    (models.student_t_logpdf, (0.0, 1.0, 0.0), False, [0.0]),
    (models.student_t_logpdf, (0.0, 0.0, 1.0), False, [0.0]),
    (models.lognormal_logpdf, (0.0, 0.0), False, [1.0]),
    (models.binomial_logpmf, 0.0, True, ([0, 0], [0, 4])),
    (models.binomial_logpmf, 1.0, True, ([0, 4], [0, 4])),
    (models.negative_binomial_logpmf, (0.0, 0.5), True, [0, 0]),
    (models.negative_binomial_logpmf, (2.0, 0.0), True, [0, 5]),
    (models.negative_binomial_logpmf, (2.0, np.inf), False, [0]),
    (models.mvn_logpdf, (np.zeros(2), np.diag([1.0, 0.0])), False, np.zeros((1, 2))),
    (models.bernoulli_image_logpmf, np.array([0.0, 1.0]), True, np.array([[0, 1]])),
    (regression.logistic_logpmf, np.array([np.inf]), False, (np.ones((1, 1)), [1])),
    (regression.poisson_regression_logpmf, np.array([-np.inf]), False, (np.ones((1, 1)), [0])),
    (regression.binomial_regression_logpmf, np.array([np.inf]), False, (np.ones((1, 1)), [1], [1])),
    (regression.negative_binomial_regression_logpmf, (np.ones(1), 0.0), True, (np.ones((1, 1)), [3])),
    (regression.linear_logpdf, (np.ones(1), 0.0), False, (np.ones((1, 1)), [1.0])),
    (regression.tobit_logpdf, (np.ones(1), 0.0), False, (np.ones((1, 1)), [0.0])),
    (regression.softmax_logpmf, np.full((1, 1), np.inf), False, (np.ones((1, 1)), [1])),
]


@pytest.mark.parametrize("model, theta, belongs, x", ENDS)
def test_an_end_that_belongs_to_the_family_is_finite_and_one_that_does_not_is_not(model, theta, belongs, x):
    values = model(theta, x)
    assert np.all(np.isfinite(values) if belongs else np.isneginf(values))


def exact_log_poisson(k, rate):
    """In 60 digits, by Stirling's series."""
    with localcontext(prec=60):
        k, rate, pi = (
            Decimal(k),
            Decimal(rate),
            Decimal("3.14159265358979323846264338327950288419716939937510582097494"),
        )
        stirling = (k + Decimal("0.5")) * k.ln() - k + (2 * pi).ln() / 2 + 1 / (12 * k) - 1 / (360 * k**3)
        return float(k * rate.ln() - rate - stirling)


@pytest.mark.parametrize("k", [4095, 4096, 10**5, 10**7, 10**9, 10**12])
@pytest.mark.parametrize("sigmas", [-40.0, -1.0, 0.0, 0.3, 3.0])
def test_large_counts_and_shapes_keep_their_digits(k, sigmas):
    rate = k + sigmas * k**0.5
    expected = exact_log_poisson(k, rate)
    atol = 2e-15 * k * np.log(k) if k < models.LARGE else 1e-15 * k**0.5 * np.log(k) * (1 + abs(sigmas))
    assert_allclose(models.poisson_logpmf(rate, np.array([k])), expected, rtol=1e-13, atol=atol)
    eta = (np.ones((1, 1)), np.array([k]))
    assert_allclose(regression.poisson_regression_logpmf([np.log(rate)], eta), expected, rtol=1e-13, atol=4 * atol)
    # x times the gamma density with shape k is k times the Poisson probability of k at the rate b x
    gamma = models.gamma_logpdf((float(k), 2.0), np.array([rate / 2]))
    assert_allclose(gamma, expected + np.log(2 * k) - np.log(rate), rtol=1e-13, atol=4 * atol)


@pytest.mark.parametrize("k", [4095.9999, 4096.0, 1e6])
def test_large_shapes_have_the_derivatives_of_small_ones(k):
    t = np.array([k * 1.01 / 3.0])
    slope, curvature = (d(lambda a: models.gamma_logpdf((a, 3.0), t)[0])(k) for d in (grad, lambda f: grad(grad(f))))
    assert_allclose(slope, np.log(1.01 * k) - special.digamma(k), rtol=1e-9)
    assert_allclose(curvature, -special.polygamma(1, k), rtol=1e-9)


def exact_negative_binomial(k, mean, alpha):
    """The sum of its definition, for a whole number k, in 50 digits."""
    with localcontext(prec=50):
        m, a = Decimal(mean), Decimal(alpha)
        rising = sum(((1 + a * j).ln() for j in range(k)), Decimal(0))
        factorial = sum((Decimal(j).ln() for j in range(1, k + 1)), Decimal(0))
        return float(rising + k * m.ln() - factorial - (k + 1 / a) * (1 + a * m).ln())


@pytest.mark.parametrize("k, mean", [(0, 0.7), (1, 300.0), (5, 0.001), (40, 30.0), (5000, 4000.0)])
@pytest.mark.parametrize("alpha", [1e-12, 1e-6, 0.0049, 0.0051, 0.3, 40.0])
def test_negative_binomial_keeps_its_digits_down_to_the_poisson(k, mean, alpha):
    actual = models.negative_binomial_logpmf((mean, alpha), np.array([k]))[0]
    assert_allclose(actual, exact_negative_binomial(k, mean, alpha), rtol=2e-13, atol=2e-13)


@pytest.mark.parametrize("k, mean", [(0, 0.7), (1, 3.0), (5, 2.0), (12, 30.0)])
def test_negative_binomial_has_the_slope_of_overdispersion_at_the_poisson(k, mean):
    """The score in the dispersion at 0 is ((x - mean)^2 - x)/2: what the score test of overdispersion sums."""
    in_alpha = lambda a: models.negative_binomial_logpmf((mean, a), np.array([k]))[0]  # noqa: E731
    assert_allclose(grad(in_alpha)(0.0), ((k - mean) ** 2 - k) / 2, rtol=1e-12)
    assert_allclose(grad(in_alpha)(0.00499), grad(in_alpha)(0.00501), rtol=1e-2, atol=1e-3)


def test_t_is_cauchy_at_one_and_normal_far_out():
    x = np.array([-3.0, 0.1, 2.0, 1e200])
    assert_allclose(models.student_t_logpdf((0.3, 1.7, 1.0), x), models.cauchy_logpdf((0.3, 1.7), x), rtol=1e-12)
    normal = models.gaussian_logpdf((0.3, 1.7), x[:3])
    assert_allclose(models.student_t_logpdf((0.3, 1.7, 1e13), x[:3]), normal, rtol=1e-11)
    for df in (199.999999, 200.000001):
        assert_allclose(models.student_t_logpdf((0.3, 1.7, df), x[:3]), stats.t.logpdf(x[:3], df, 0.3, 1.7), rtol=1e-11)


@pytest.mark.parametrize("m", [10, 4096, 10**6, 10**10])
def test_binomial_keeps_its_digits(m):
    k = m // 3 + 1
    with localcontext(prec=60):
        log_choose = exact_log_poisson(k, 1) + exact_log_poisson(m - k, 1) - exact_log_poisson(m, 1) + 1
        if m < 4096:
            log_choose = np.log(float(special.comb(m, k, exact=True)))
        p = Decimal("0.3")
        exact = float(Decimal(log_choose) + k * p.ln() + (m - k) * (1 - p).ln())
    tolerance = 1e-12 if m < 10**5 else 1e-16 * m * 30  # the test's own sum loses digits first
    assert_allclose(models.binomial_logpmf(0.3, ([k], [m])), exact, rtol=1e-12, atol=tolerance)
    at = m * 0.3 + 0.5 * (m * 0.21) ** 0.5
    near = np.round(at)
    saddle = stats.norm.logpdf(near, m * 0.3, (m * 0.21) ** 0.5)
    assert_allclose(models.binomial_logpmf(0.3, ([near], [m])), saddle, atol=0.5 / m**0.5)


def test_cauchy_far_out_does_not_overflow():
    assert_allclose(models.cauchy_logpdf((0.0, 2.0), np.array([1e200])), np.log(2 / np.pi) - 400 * np.log(10))
    assert_allclose(grad(lambda m: models.cauchy_logpdf((m, 2.0), np.array([1e200]))[0])(0.0), 2e-200)


# --- derivatives -----------------------------------------------------------------------------------------------------

RNG = np.random.default_rng(11)
TIMES = RNG.gamma(2.0, 1.5, 12)
OBSERVED = RNG.random(12) < 0.6
POINTS = RNG.normal(size=(12, 2))
COV = np.array([[1.5, 0.4], [0.4, 0.7]])
SMOOTH = [
    (models.gaussian_logpdf, (0.3, 1.7), TIMES),
    (models.gaussian_logpdf, np.array([0.3, 1.7]), TIMES),
    (models.bernoulli_logpmf, 0.3, 1 * OBSERVED),
    (models.poisson_logpmf, 2.2, np.floor(TIMES)),
    (models.exponential_logpdf, 0.4, TIMES),
    (models.uniform_logpdf, 25.0, TIMES),
    (models.cauchy_logpdf, (0.3, 1.7), TIMES),
    (models.weibull_logpdf, (1.4, 2.1), TIMES),
    (models.gamma_logpdf, (1.4, 2.1), TIMES),
    (models.student_t_logpdf, (0.3, 1.7, 2.5), TIMES),
    (models.student_t_logpdf, (0.3, 1.7, 300.0), TIMES),
    (models.lognormal_logpdf, (0.3, 1.7), TIMES),
    (models.binomial_logpmf, 0.3, (1 * OBSERVED, np.arange(1, 13))),
    (models.negative_binomial_logpmf, (2.2, 0.4), np.floor(TIMES)),
    (models.negative_binomial_logpmf, (2.2, 0.003), np.floor(TIMES)),
    (models.exponential_censored_logpdf, 0.4, (TIMES, OBSERVED)),
    (models.weibull_censored_logpdf, (1.4, 2.1), (TIMES, OBSERVED)),
    (models.gamma_censored_logpdf, (1.4, 0.7), (TIMES, OBSERVED)),
    (models.gamma_censored_logpdf, (0.3, 0.1), (TIMES, OBSERVED)),
    (models.mvn_logpdf, (np.array([0.1, -0.2]), COV), POINTS),
    (models.bernoulli_image_logpmf, np.array([0.3, 0.8]), 1 * (POINTS > 0)),
]
IDS = [f"{model.__name__}-{i}" for i, (model, _, _) in enumerate(SMOOTH)]


@pytest.mark.parametrize("model, theta, x", SMOOTH, ids=IDS)
def test_score_and_hessian_equal_finite_differences(model, theta, x):
    assert_derivatives_equal_finite_differences(model, theta, x)


WITH_STRAYS = [
    (models.gaussian_logpdf, (0.0, 1.0), [0.5, 2.0], []),
    (models.bernoulli_logpmf, 0.3, [0, 1], [2, -1, 0.5]),
    (models.poisson_logpmf, 2.0, [0, 3], [-1, 0.5]),
    (models.exponential_logpdf, 2.0, [0.0, 3.0], [-1.0]),
    (models.uniform_logpdf, 2.0, [0.0, 1.0], [-1.0, 3.0]),
    (models.weibull_logpdf, (1.3, 2.0), [0.5, 1.0], [-1.0]),
    (models.gamma_logpdf, (1.3, 2.0), [0.5, 1.0], [-1.0]),
]


@pytest.mark.parametrize("model, theta, good, strays", WITH_STRAYS)
def test_an_impossible_observation_leaves_the_others_derivatives(model, theta, good, strays):
    flat, total = on_flat_theta(model, theta, np.array([*good, *strays]))
    _, total_good = on_flat_theta(model, theta, np.array(good))
    assert np.isneginf(total(flat)) == bool(strays)
    for operator in (grad, hessian):
        with np.errstate(all="raise"):
            assert_allclose(operator(total)(flat), operator(total_good)(flat))


def test_derivatives_at_the_edge_of_the_domain_are_finite():
    for model, theta, x in [
        (models.bernoulli_logpmf, 0.0, np.array([0, 1])),
        (models.bernoulli_logpmf, 1.0, np.array([0, 1])),
        (models.poisson_logpmf, 0.0, np.array([0, 1])),
        (models.bernoulli_image_logpmf, np.array([0.0, 1.0, 0.5]), np.eye(3)),
        (models.weibull_logpdf, np.array([1.5, 2.0]), np.array([0.0, 1.0])),
        (models.gamma_logpdf, np.array([1.5, 2.0]), np.array([0.0, 1.0])),
        (models.gamma_censored_logpdf, np.array([1.5, 2.0]), (np.array([0.0, 1.0]), np.array([0, 0]))),
    ]:
        flat, total = on_flat_theta(model, theta, x)
        assert np.all(np.isfinite(grad(total)(flat))) and np.all(np.isfinite(hessian(total)(flat)))
    # the slope of n log(1 - p) at p = 0 is -n
    assert grad(lambda p: anp.sum(models.bernoulli_logpmf(p, np.zeros(4))))(0.0) == -4


@pytest.mark.parametrize(
    "a, z", [(0.01, 1e-5), (0.3, 0.1), (1.0, 1.0), (2.5, 2.5), (2.5, 40.0), (40.0, 30.0), (40.0, 55.0), (900.0, 880.0)]
)
def test_gamma_survival_and_its_derivatives_in_the_shape(a, z):
    """log Q(a, z): the slope is E(log T | T > z) - digamma(a), the curvature Var(log T | T > z) - trigamma(a)."""
    in_shape = lambda a: anp.sum(models._log_gamma_tail(a, anp.array([z])))  # noqa: E731
    top = max(np.log(z), np.log(a))
    weight = lambda s: np.exp(a * (s - top) - np.exp(s) + np.exp(top))  # noqa: E731  s = log t
    spread = 12 / np.sqrt(a) + 4
    cuts = [np.log(z), *np.linspace(max(np.log(z), top - min(spread, 45 / a)), top + spread, 30)]

    def moment(k):
        pieces = zip(cuts, cuts[1:], strict=False)
        return sum(integrate.quad(lambda s: s**k * weight(s), *p, epsabs=0, epsrel=1e-12)[0] for p in pieces)

    total, first, second = moment(0), moment(1), moment(2)
    mean = first / total
    assert_allclose(in_shape(a), np.log(special.gammaincc(a, z)), rtol=1e-9, atol=1e-11)
    assert_allclose(grad(in_shape)(a), mean - special.digamma(a), rtol=1e-8, atol=1e-9)
    variance = second / total - mean**2
    assert_allclose(grad(grad(in_shape))(a), variance - special.polygamma(1, a), rtol=1e-6, atol=1e-8)


def test_gamma_survival_goes_on_where_scipy_underflows():
    # Q(2, z) = (1 + z) exp(-z)
    z = np.array([1e-8, 1.0, 2.0, 700.0, 1e4, 1e6])
    assert_allclose(models._log_gamma_tail(2.0, z), np.log1p(z) - z, rtol=1e-12, atol=1e-14)
    slope = jacobian(lambda z: models._log_gamma_tail(2.0, z))(z).diagonal()
    assert_allclose(z * slope, -z * z / (1 + z), rtol=1e-9, atol=1e-12)


# --- errors and manners ----------------------------------------------------------------------------------------------

X1 = np.ones(3)
ERRORS = [
    (models.gaussian_logpdf, (1.0, 2.0, 3.0), X1, r"theta: expected the two parts \(mu, sigma\)"),
    (models.gaussian_logpdf, 1.0, X1, r"theta: expected the two parts \(mu, sigma\)"),
    (models.gaussian_logpdf, {"mu": 1.0, "sigma": 2.0}, X1, r"theta: expected the two parts \(mu, sigma\)"),
    (models.cauchy_logpdf, np.ones(3), X1, r"theta: expected the two parts \(location, scale\)"),
    (models.weibull_logpdf, np.array(1.0), X1, r"theta: expected the two parts \(shape, scale\)"),
    (models.gamma_logpdf, [1.0], X1, r"theta: expected the two parts \(shape, rate\)"),
    (models.gamma_censored_logpdf, [1.0], (X1, X1), r"theta: expected the two parts \(shape, rate\)"),
    (models.poisson_logpmf, (1.0, 2.0), X1, "theta: expected one number, the rate"),
    (models.exponential_logpdf, [1.0], X1, "theta: expected one number, the rate"),
    (models.bernoulli_logpmf, {"p": 0.5}, X1, "theta: expected one number, the probability p"),
    (models.uniform_logpdf, (0.0, 1.0), X1, "theta: expected one number, the upper end"),
    (models.weibull_censored_logpdf, (1.0, 1.0), (X1, X1[:2]), r"x: expected \(time, observed\)"),
    (models.exponential_censored_logpdf, 1.0, X1, r"x: expected \(time, observed\)"),
    (models.gaussian_logpdf, (0.0, 1.0), np.ma.masked_equal([1.0, 2.0], 2.0), "x: expected an array without a mask"),
    (models.poisson_logpmf, 1.0, [1, None], "x: expected real numbers, got dtype object; drop or impute"),
    (models.weibull_censored_logpdf, (1.0, 1.0), (["a"], [1]), "time: expected real numbers, got dtype <U1"),
    (models.mvn_logpdf, (np.zeros(2), np.eye(3)), np.ones((3, 2)), r"theta: expected \(mean, cov\)"),
    (models.mvn_logpdf, (np.zeros(2), np.eye(2)), np.ones((3, 3)), r"theta: expected \(mean, cov\)"),
    (models.mvn_logpdf, (0.0, 1.0), X1, r"theta: expected \(mean, cov\)"),
    (models.bernoulli_image_logpmf, np.ones(3), np.ones((2, 4)), r"theta: expected p of shape \(d,\)"),
    (models.bernoulli_image_logpmf, np.ones((2, 2)), np.ones((3, 2, 2)), r"theta: expected p of shape \(d,\)"),
]


@pytest.mark.parametrize("model, theta, x, message", ERRORS)
def test_errors_name_the_argument_and_what_was_expected(model, theta, x, message):
    with pytest.raises(ValueError, match=message):
        model(theta, x)


@pytest.mark.parametrize("model, theta, x", SMOOTH, ids=IDS)
def test_arguments_are_left_as_they_were(model, theta, x):
    assert_arguments_are_left_as_they_were(model, theta, x)
