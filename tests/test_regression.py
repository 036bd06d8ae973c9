"""The regressions against SciPy's scalar models, their derivatives, their edges and their words."""

import numpy as np
import pytest
from autograd import grad, make_jvp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import special, stats

from mle_helpers.models import log_ndtr, negative_binomial_logpmf
from mle_helpers.regression import (
    binomial_regression_logpmf,
    linear_logpdf,
    logistic_logpmf,
    negative_binomial_regression_logpmf,
    poisson_regression_logpmf,
    softmax_logpmf,
    tobit_logpdf,
)

from .oracles import assert_arguments_are_left_as_they_were, assert_derivatives_equal_finite_differences

quick = settings(max_examples=60, deadline=None, derandomize=True)


@quick
@given(st.integers(0, 2**32 - 1))
def test_equal_their_scalar_models(seed):
    rng = np.random.default_rng(seed)
    X, beta = rng.normal(size=(9, 3)), rng.normal(size=3)
    y, counts = rng.integers(0, 2, 9), rng.poisson(2.0, 9)
    p = special.expit(X @ beta)
    assert_allclose(logistic_logpmf(beta, (X, y)), stats.bernoulli.logpmf(y, p), rtol=1e-9)
    actual = poisson_regression_logpmf(beta, (X, counts))
    assert_allclose(actual, stats.poisson.logpmf(counts, np.exp(X @ beta)), rtol=1e-9)


@quick
@given(st.integers(0, 2**32 - 1))
def test_the_others_equal_their_scalar_models(seed):
    rng = np.random.default_rng(seed)
    X, beta, offset, sigma = rng.normal(size=(9, 3)), rng.normal(size=3), rng.normal(size=9), rng.gamma(2.0)
    eta, counts, trials = X @ beta, rng.poisson(2.0, 9), rng.integers(0, 5, 9)
    successes = rng.binomial(trials, 0.5)
    actual = poisson_regression_logpmf(beta, (X, counts, offset))
    assert_allclose(actual, stats.poisson.logpmf(counts, np.exp(eta + offset)), rtol=1e-9)
    actual = binomial_regression_logpmf(beta, (X, successes, trials))
    assert_allclose(actual, stats.binom.logpmf(successes, trials, special.expit(eta)), rtol=1e-9, atol=1e-12)
    actual = negative_binomial_regression_logpmf((beta, sigma), (X, counts, offset))
    expected = stats.nbinom.logpmf(counts, 1 / sigma, 1 / (1 + sigma * np.exp(eta + offset)))
    assert_allclose(actual, expected, rtol=1e-8, atol=1e-10)
    y = rng.normal(size=9)
    assert_allclose(linear_logpdf((beta, sigma), (X, y)), stats.norm.logpdf(y, eta, sigma), rtol=1e-9)
    cut = np.maximum(y, 0.0)
    expected = np.where(y > 0, stats.norm.logpdf(y, eta, sigma), stats.norm.logcdf(0, eta, sigma))
    assert_allclose(tobit_logpdf((beta, sigma), (X, cut)), expected, rtol=1e-9)
    B, classes = rng.normal(size=(3, 3)), rng.integers(0, 4, 9)
    log_p = special.log_softmax(np.column_stack([np.zeros(9), X @ B]), axis=1)
    assert_allclose(softmax_logpmf(B, (X, classes)), log_p[np.arange(9), classes], rtol=1e-9)


def test_special_cases_are_each_other():
    rng = np.random.default_rng(5)
    X, beta, y = rng.normal(size=(9, 2)), rng.normal(size=2), rng.integers(0, 2, 9)
    logistic = logistic_logpmf(beta, (X, y))
    assert_allclose(softmax_logpmf(beta[:, None], (X, y)), logistic, rtol=1e-12)
    assert_allclose(binomial_regression_logpmf(beta, (X, y, np.ones(9))), logistic, rtol=1e-12)
    poisson = poisson_regression_logpmf(beta, (X, y))
    assert_allclose(negative_binomial_regression_logpmf((beta, 0.0), (X, y)), poisson, rtol=1e-12)
    scalar = [negative_binomial_logpmf((np.exp(x @ beta), 0.3), [k])[0] for x, k in zip(X, y, strict=True)]
    assert_allclose(negative_binomial_regression_logpmf((beta, 0.3), (X, y)), scalar, rtol=1e-12)


def test_log_ndtr_has_its_derivatives_in_both_tails():
    for z in (-1e4, -40.0, -3.0, 0.0, 3.0, 40.0):
        slope, curvature = grad(log_ndtr)(z), grad(grad(log_ndtr))(z)
        # Mills' ratio: phi/Phi is -z - 1/z + ... far to the left, phi itself far to the right
        mills = -z - 1 / z + 2 / z**3 if z < -30 else stats.norm.pdf(z) / stats.norm.cdf(z)
        assert_allclose(log_ndtr(z), special.log_ndtr(z), rtol=1e-14)
        assert_allclose(slope, mills, rtol=1e-6)
        assert_allclose(curvature, -mills * (z + mills), rtol=1e-4, atol=1e-6)
        assert_allclose(make_jvp(log_ndtr)(z)(1.0)[1], slope, rtol=1e-14)


def test_far_linear_predictors_keep_their_digits():
    X, y = np.array([[800.0], [-800.0], [40.0]]), np.array([0, 1, 1])
    assert_allclose(logistic_logpmf(np.ones(1), (X, y)), [-800, -800, -np.exp(-40)], rtol=1e-12)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
def test_small_integer_types_do_not_wrap_around(dtype):
    y, X = np.array([0, 1, 1], dtype=dtype), np.ones((3, 1))
    assert_allclose(logistic_logpmf(np.zeros(1), (X, y)), np.log([0.5] * 3))
    assert_allclose(poisson_regression_logpmf(np.zeros(1), (X, y)), stats.poisson.logpmf([0, 1, 1], 1.0))


OUTSIDE = [
    (logistic_logpmf, np.ones(1), (np.ones((2, 1)), np.array([2, 0.5]))),
    (poisson_regression_logpmf, np.ones(1), (np.ones((2, 1)), np.array([-1, 0.5]))),
    (poisson_regression_logpmf, np.array([1000.0]), (np.ones((2, 1)), np.array([0, 1]))),
    (poisson_regression_logpmf, np.ones(1), (np.ones((2, 1)), np.array([0, 1]), np.array([np.inf, -np.inf]))),
    (binomial_regression_logpmf, np.ones(1), (np.ones((2, 1)), np.array([3, 0.5]), np.array([2, 2]))),
    (negative_binomial_regression_logpmf, (np.ones(1), -0.1), (np.ones((2, 1)), np.array([0, 1]))),
    (linear_logpdf, (np.ones(1), 0.0), (np.ones((2, 1)), np.array([0, 1]))),
    (tobit_logpdf, (np.ones(1), 1.0), (np.ones((2, 1)), np.array([-1.0, np.inf]))),
    (softmax_logpmf, np.ones((1, 2)), (np.ones((2, 1)), np.array([3, 0.5]))),
]


@pytest.mark.parametrize("model, theta, x", OUTSIDE)
def test_minus_infinity_outside_support_and_domain(model, theta, x):
    with np.errstate(all="raise"):
        assert np.all(np.isneginf(model(theta, x)))


RNG = np.random.default_rng(11)
X_REG = RNG.normal(size=(12, 2))
SMOOTH = [
    (logistic_logpmf, np.array([0.5, -1.0]), (X_REG, RNG.integers(0, 2, 12))),
    (poisson_regression_logpmf, np.array([0.5, -1.0]), (X_REG, RNG.poisson(2.0, 12))),
    (poisson_regression_logpmf, np.array([0.5, -1.0]), (X_REG, RNG.poisson(2.0, 12), RNG.normal(size=12))),
    (binomial_regression_logpmf, np.array([0.5, -1.0]), (X_REG, RNG.integers(0, 4, 12), np.full(12, 4))),
    (negative_binomial_regression_logpmf, (np.array([0.5, -1.0]), 0.7), (X_REG, RNG.poisson(2.0, 12))),
    (
        negative_binomial_regression_logpmf,
        (np.array([0.5, -1.0]), 0.001),
        (X_REG, RNG.poisson(2.0, 12), RNG.normal(size=12)),
    ),
    (linear_logpdf, (np.array([0.5, -1.0]), 1.7), (X_REG, RNG.normal(size=12))),
    (tobit_logpdf, (np.array([0.5, -1.0]), 1.7), (X_REG, np.maximum(RNG.normal(size=12), 0))),
    (softmax_logpmf, np.array([[0.5, -1.0], [0.2, 0.7]]), (X_REG, RNG.integers(0, 3, 12))),
]
IDS = [f"{model.__name__}-{i}" for i, (model, _, _) in enumerate(SMOOTH)]


@pytest.mark.parametrize("model, theta, x", SMOOTH, ids=IDS)
def test_score_and_hessian_equal_finite_differences(model, theta, x):
    assert_derivatives_equal_finite_differences(model, theta, x)


X1 = np.ones(3)
ERRORS = [
    (logistic_logpmf, np.ones(3), (np.ones((3, 2)), X1), r"theta: expected beta of shape \(2,\)"),
    (poisson_regression_logpmf, 1.0, (np.ones((3, 2)), X1), r"theta: expected beta of shape \(2,\)"),
    (logistic_logpmf, np.ones(2), (np.ones((4, 2)), X1), r"x: expected \(X, y\)"),
    (logistic_logpmf, 1.0, (X1, X1), r"x: expected \(X, y\)"),
    (poisson_regression_logpmf, np.ones(2), (np.ones((3, 2)), X1, X1[:2]), r"expected \(X, y\) or \(X, y, offset\)"),
    (binomial_regression_logpmf, np.ones(2), (np.ones((3, 2)), X1), r"x: expected \(X, k, m\) of shapes"),
    (logistic_logpmf, np.ones(2), (np.ones((3, 2)), X1, X1), r"x: expected \(X, y\) of shapes"),
    (linear_logpdf, np.ones(3), (np.ones((3, 2)), X1), r"theta: expected the two parts \(beta, sigma\)"),
    (linear_logpdf, (np.ones(3), 1.0), (np.ones((3, 2)), X1), r"theta: expected beta of shape \(2,\)"),
    (softmax_logpmf, np.ones(2), (np.ones((3, 2)), X1), r"theta: expected B of shape \(2, K - 1\)"),
]


@pytest.mark.parametrize("model, theta, x, message", ERRORS)
def test_errors_name_the_argument_and_what_was_expected(model, theta, x, message):
    with pytest.raises(ValueError, match=message):
        model(theta, x)


@pytest.mark.parametrize("model, theta, x", SMOOTH, ids=IDS)
def test_arguments_are_left_as_they_were(model, theta, x):
    assert_arguments_are_left_as_they_were(model, theta, x)
