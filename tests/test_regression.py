"""The regressions against SciPy's scalar models, their derivatives, their edges and their words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import special, stats

from mle_helpers.regression import logistic_logpmf, poisson_regression_logpmf

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
]
IDS = [model.__name__ for model, _, _ in SMOOTH]


@pytest.mark.parametrize("model, theta, x", SMOOTH, ids=IDS)
def test_score_and_hessian_equal_finite_differences(model, theta, x):
    assert_derivatives_equal_finite_differences(model, theta, x)


X1 = np.ones(3)
ERRORS = [
    (logistic_logpmf, np.ones(3), (np.ones((3, 2)), X1), r"theta: expected beta of shape \(2,\)"),
    (poisson_regression_logpmf, 1.0, (np.ones((3, 2)), X1), r"theta: expected beta of shape \(2,\)"),
    (logistic_logpmf, np.ones(2), (np.ones((4, 2)), X1), r"x: expected \(X, y\)"),
    (logistic_logpmf, 1.0, (X1, X1), r"x: expected \(X, y\)"),
]


@pytest.mark.parametrize("model, theta, x, message", ERRORS)
def test_errors_name_the_argument_and_what_was_expected(model, theta, x, message):
    with pytest.raises(ValueError, match=message):
        model(theta, x)


@pytest.mark.parametrize("model, theta, x", SMOOTH, ids=IDS)
def test_arguments_are_left_as_they_were(model, theta, x):
    assert_arguments_are_left_as_they_were(model, theta, x)
