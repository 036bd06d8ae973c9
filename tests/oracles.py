"""What the tests of every log density share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd import grad, hessian
from autograd.misc import flatten
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as array_strategy
from numpy.testing import assert_allclose
from scipy.differentiate import derivative

from mle_helpers import models, regression


def on_flat_theta(model, theta, x):
    flat, unflatten = flatten(theta)
    return flat, lambda t: anp.sum(model(unflatten(t), x))


def finite_difference(function, at, j):
    """Derivative of a scalar function of a vector in its j-th component, by SciPy's adaptive differences."""

    def along(t):
        return np.vectorize(lambda s: function(np.where(np.arange(len(at)) == j, s, at)))(t)

    return derivative(along, at[j], initial_step=0.05 * min(1.0, abs(at[j]) or 1.0), tolerances={"rtol": 1e-10}).df


def assert_derivatives_equal_finite_differences(model, theta, x):
    flat, total = on_flat_theta(model, theta, x)
    score, curvature = grad(total)(flat), hessian(total)(flat)
    for j in range(len(flat)):
        assert_allclose(score[j], finite_difference(total, flat, j), rtol=1e-6, atol=1e-7)
        slope_j = lambda t, j=j: grad(total)(t)[j]  # noqa: E731
        for i in range(len(flat)):
            assert_allclose(curvature[i, j], finite_difference(slope_j, flat, i), rtol=1e-5, atol=1e-6)


def assert_arguments_are_left_as_they_were(model, theta, x):
    arrays = [a for a in (*(theta if isinstance(theta, tuple) else (theta,)), *(x if isinstance(x, tuple) else (x,)))]
    before = [np.array(a) for a in arrays]
    model(theta, x)
    assert all(np.array_equal(a, b) for a, b in zip(arrays, before, strict=True))


# --- every model, with what its parameters and its data may be: the registry of the property tests -------------------


@dataclass(frozen=True)
class Model:
    """A log density, strategies for any theta and any data, and in words of its own what belongs where."""

    logpdf: Callable
    theta: st.SearchStrategy  # any numbers whatever, in the shape that the model takes
    x: st.SearchStrategy
    in_domain: Callable  # theta -> bool
    in_support: Callable  # theta, x -> (n,) bool
    ordinary: tuple  # a theta well inside
    possible: Any  # data that are possible there


EDGES = [0.0, -0.0, 1.0, -1.0, 2.0, 5e-324, 1e-310, 1e-200, 1e200, 1.7e308, -1.7e308, np.inf, -np.inf, np.nan, 1e9]
ANY = st.one_of(st.sampled_from(EDGES), st.floats(), st.integers(-3, 6000).map(float), st.floats(0, 1))
SIZE = st.integers(1, 6)


def arrays(*shape, elements=ANY):
    return array_strategy(float, shape, elements=elements)


def vectors(elements=ANY):
    return SIZE.flatmap(lambda n: arrays(n, elements=elements))


LIFETIMES = SIZE.flatmap(
    lambda n: st.tuples(arrays(n), arrays(n, elements=st.one_of(st.sampled_from([0.0, 1.0]), ANY)))
)
COVARIATES = SIZE.flatmap(lambda n: st.tuples(arrays(n, 2), arrays(n)))
EXPOSED = SIZE.flatmap(lambda n: st.tuples(arrays(n, 2), arrays(n), arrays(n)))
TRIALS = SIZE.flatmap(lambda n: st.tuples(arrays(n), arrays(n)))
WITH_SPREAD = st.tuples(arrays(2), ANY)
NUMBER, PAIR = ANY, st.tuples(ANY, ANY)
MATRIX = st.one_of(arrays(2, 2), st.tuples(ANY, ANY).map(np.diag), st.just(np.eye(2)))


def finite(x):
    return np.isfinite(x)


def positive(x):
    return (np.asarray(x) > 0) & (np.asarray(x) < np.inf)


def not_negative(x):
    return (np.asarray(x) >= 0) & (np.asarray(x) < np.inf)


def count(x):
    return not_negative(x) & (np.where(np.isfinite(x), x, 0.5) % 1 == 0)


def binary(x):
    return np.isin(x, [0, 1])


def both_positive(theta):
    return bool(positive(theta[0]) and positive(theta[1]))


def lifetime(theta, x):
    return not_negative(x[0]) & binary(x[1])


def predictor(theta, x):
    with np.errstate(all="ignore"):
        return np.isfinite(x[0] @ theta)


def successes(k, m):
    return count(k) & count(m) & (np.asarray(k) <= np.asarray(m))


def offset_predictor(theta, x):
    with np.errstate(all="ignore"):
        return np.isfinite(x[0] @ theta) & np.isfinite(x[2]) & np.isfinite(x[0] @ theta + x[2])


def located(theta):
    return bool(np.all(finite(theta[0])) and positive(theta[1]))


def positive_definite(theta):
    if not (np.all(np.isfinite(theta[0])) and np.all(np.isfinite(theta[1]))):
        return False
    (a, b), (c, d) = theta[1]
    # Where the correlation is 1 but for rounding, either answer is right.
    return bool(a > 0 and d > 0 and abs(b / 2 + c / 2) / np.sqrt(a) / np.sqrt(d) < 1 + 1e-12)


ALL = [
    Model(
        models.gaussian_logpdf,
        PAIR,
        vectors(),
        lambda t: bool(finite(t[0]) and positive(t[1])),
        lambda t, x: finite(x),
        (0.3, 1.7),
        np.array([-2.0, 0.0, 3.0]),
    ),
    Model(
        models.cauchy_logpdf,
        PAIR,
        vectors(),
        lambda t: bool(finite(t[0]) and positive(t[1])),
        lambda t, x: finite(x),
        (0.3, 1.7),
        np.array([-2.0, 0.3, 3.0, 1e200]),
    ),
    Model(
        models.bernoulli_logpmf,
        NUMBER,
        vectors(),
        lambda t: bool(0 <= t <= 1),
        lambda t, x: binary(x) & ~((t == 0) & (x == 1)) & ~((t == 1) & (x == 0)),
        0.3,
        np.array([0.0, 1.0, 1.0]),
    ),
    Model(
        models.poisson_logpmf,
        NUMBER,
        vectors(),
        lambda t: bool(not_negative(t)),
        lambda t, x: count(x) & ~((t == 0) & (x > 0)),
        2.5,
        np.array([0.0, 1.0, 3.0, 5000.0]),
    ),
    Model(
        models.exponential_logpdf,
        NUMBER,
        vectors(),
        lambda t: bool(positive(t)),
        lambda t, x: not_negative(x),
        0.7,
        np.array([0.0, 1.0, 3.0]),
    ),
    Model(
        models.uniform_logpdf,
        NUMBER,
        vectors(),
        lambda t: bool(positive(t)),
        lambda t, x: not_negative(x) & (x <= t),
        4.0,
        np.array([0.0, 1.0, 4.0]),
    ),
    Model(
        models.weibull_logpdf,
        PAIR,
        vectors(),
        both_positive,
        lambda t, x: not_negative(x),
        (1.3, 2.1),
        np.array([0.01, 1.0, 3.0]),
    ),
    Model(
        models.gamma_logpdf,
        PAIR,
        vectors(),
        both_positive,
        lambda t, x: not_negative(x),
        (1.3, 2.1),
        np.array([0.01, 1.0, 3.0]),
    ),
    Model(
        models.exponential_censored_logpdf,
        NUMBER,
        LIFETIMES,
        lambda t: bool(positive(t)),
        lifetime,
        0.7,
        (np.array([0.0, 1.0, 3.0, 0.0]), np.array([1, 0, 1, 0])),
    ),
    Model(
        models.weibull_censored_logpdf,
        PAIR,
        LIFETIMES,
        both_positive,
        lifetime,
        (1.3, 2.1),
        (np.array([0.01, 1.0, 3.0, 0.0]), np.array([1, 0, 1, 0])),
    ),
    Model(
        models.gamma_censored_logpdf,
        PAIR,
        LIFETIMES,
        both_positive,
        lifetime,
        (1.3, 2.1),
        (np.array([0.01, 1.0, 3.0, 0.0]), np.array([1, 0, 1, 0])),
    ),
    Model(
        models.mvn_logpdf,
        st.tuples(arrays(2), MATRIX),
        SIZE.flatmap(lambda n: arrays(n, 2)),
        positive_definite,
        lambda t, x: np.isfinite(x).all(axis=1),
        (np.array([0.1, -0.2]), np.array([[1.5, 0.4], [0.4, 0.7]])),
        np.array([[0.0, 1.0], [2.0, -3.0]]),
    ),
    Model(
        models.bernoulli_image_logpmf,
        arrays(3),
        SIZE.flatmap(lambda n: arrays(n, 3, elements=st.one_of(st.sampled_from([0.0, 1.0]), ANY))),
        lambda t: bool(np.all((t >= 0) & (t <= 1))),
        lambda t, x: (binary(x) & ~((t == 0) & (x == 1)) & ~((t == 1) & (x == 0))).all(axis=1),
        np.array([0.2, 0.5, 0.9]),
        np.array([[0, 1, 1], [1, 0, 0]]),
    ),
    Model(
        regression.logistic_logpmf,
        arrays(2),
        COVARIATES,
        lambda t: bool(np.all(np.isfinite(t))),
        lambda t, x: predictor(t, x) & binary(x[1]),
        np.array([0.5, -1.0]),
        (np.array([[1.0, 0.3], [1.0, -2.0], [1.0, 60.0]]), np.array([1, 0, 1])),
    ),
    Model(
        regression.poisson_regression_logpmf,
        arrays(2),
        COVARIATES,
        lambda t: bool(np.all(np.isfinite(t))),
        lambda t, x: predictor(t, x) & count(x[1]),
        np.array([0.5, -1.0]),
        (np.array([[1.0, 0.3], [1.0, -2.0], [1.0, 60.0], [1.0, -8.0]]), np.array([1, 0, 3, 5000])),
    ),
    Model(
        regression.poisson_regression_logpmf,
        arrays(2),
        EXPOSED,
        lambda t: bool(np.all(np.isfinite(t))),
        lambda t, x: offset_predictor(t, x) & count(x[1]),
        np.array([0.5, -1.0]),
        (np.array([[1.0, 0.3], [1.0, -2.0]]), np.array([1, 4]), np.array([-2.0, 3.0])),
    ),
    Model(
        models.student_t_logpdf,
        st.tuples(ANY, ANY, ANY),
        vectors(),
        lambda t: located(t) and bool(positive(t[2])),
        lambda t, x: finite(x),
        (0.3, 1.7, 2.5),
        np.array([-2.0, 0.3, 3.0, 1e200]),
    ),
    Model(
        models.lognormal_logpdf,
        PAIR,
        vectors(),
        located,
        lambda t, x: positive(x),
        (0.3, 1.7),
        np.array([1e-300, 1.0, 3.0]),
    ),
    Model(
        models.binomial_logpmf,
        NUMBER,
        TRIALS,
        lambda t: bool(0 <= t <= 1),
        lambda t, x: successes(*x) & ~((t == 0) & (x[0] > 0)) & ~((t == 1) & (x[0] < x[1])),
        0.3,
        (np.array([0, 1, 3, 0, 5000]), np.array([2, 1, 7, 0, 20000])),
    ),
    Model(
        models.negative_binomial_logpmf,
        PAIR,
        vectors(),
        lambda t: bool(not_negative(t[0]) and not_negative(t[1])),
        lambda t, x: count(x) & ~((t[0] == 0) & (x > 0)),
        (2.5, 0.7),
        np.array([0.0, 1.0, 3.0, 5000.0]),
    ),
    Model(
        regression.binomial_regression_logpmf,
        arrays(2),
        EXPOSED,
        lambda t: bool(np.all(np.isfinite(t))),
        lambda t, x: predictor(t, x) & successes(x[1], x[2]),
        np.array([0.5, -1.0]),
        (np.array([[1.0, 0.3], [1.0, -2.0], [1.0, 60.0]]), np.array([1, 0, 3]), np.array([2, 5, 4])),
    ),
    Model(
        regression.negative_binomial_regression_logpmf,
        WITH_SPREAD,
        COVARIATES,
        lambda t: bool(np.all(np.isfinite(t[0])) and not_negative(t[1])),
        lambda t, x: predictor(t[0], x) & count(x[1]),
        (np.array([0.5, -1.0]), 0.7),
        (np.array([[1.0, 0.3], [1.0, -2.0], [1.0, 60.0]]), np.array([1, 0, 3])),
    ),
    Model(
        regression.linear_logpdf,
        WITH_SPREAD,
        COVARIATES,
        located,
        lambda t, x: predictor(t[0], x) & finite(x[1]),
        (np.array([0.5, -1.0]), 1.7),
        (np.array([[1.0, 0.3], [1.0, -2.0]]), np.array([1.0, -3.0])),
    ),
    Model(
        regression.tobit_logpdf,
        WITH_SPREAD,
        COVARIATES,
        located,
        lambda t, x: predictor(t[0], x) & not_negative(x[1]),
        (np.array([0.5, -1.0]), 1.7),
        (np.array([[1.0, 0.3], [1.0, -2.0], [1.0, 60.0], [1.0, -60.0]]), np.array([1.0, 0.0, 0.0, 0.0])),
    ),
    Model(
        regression.softmax_logpmf,
        arrays(2, 2),
        COVARIATES,
        lambda t: bool(np.all(np.isfinite(t))),
        lambda t, x: predictor(t, x).all(axis=1) & np.isin(x[1], [0, 1, 2]),
        np.array([[0.5, -1.0], [0.2, 0.7]]),
        (np.array([[1.0, 0.3], [1.0, -2.0], [1.0, 60.0]]), np.array([1, 0, 2])),
    ),
]
MODEL_IDS = [f"{model.logpdf.__name__}-{i}" for i, model in enumerate(ALL)]
