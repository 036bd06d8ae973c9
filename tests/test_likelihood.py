"""The log-likelihood and its derivatives, against finite differences, closed forms and simulation."""

import autograd.numpy as np
import numpy as onp
import pytest
from autograd import jacobian, make_jvp
from autograd.scipy.linalg import solve_triangular
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.differentiate import derivative
from scipy.differentiate import jacobian as numerical_jacobian

from mle_helpers.likelihood import (
    bits_per_pixel,
    fisher_information,
    log_likelihood,
    observed_information,
    score,
    score_obs,
)
from mle_helpers.models import bernoulli_logpmf, exponential_logpdf, gaussian_logpdf, poisson_logpmf, weibull_logpdf
from mle_helpers.regression import logistic_logpmf

pytestmark = [pytest.mark.filterwarnings(f"error:{one}") for one in (":RuntimeWarning", "Output seems independent")]

RNG = onp.random.default_rng(20)
NORMAL = RNG.normal(2.0, 1.5, 40)
DESIGN = onp.column_stack([onp.ones(40), RNG.normal(size=(40, 2))])
MODELS = {  # logpdf, theta, data
    "gaussian": (gaussian_logpdf, onp.array([1.7, 1.2]), NORMAL),
    "weibull": (weibull_logpdf, onp.array([1.4, 2.0]), RNG.weibull(1.5, 40)),
    "poisson": (lambda t, x: poisson_logpmf(t[0], x), onp.array([0.8]), RNG.poisson(1.1, 40)),
    "logistic": (logistic_logpmf, onp.array([0.2, -0.4, 1.0]), (DESIGN, RNG.integers(0, 2, 40))),
}


@pytest.mark.parametrize("name", MODELS)
def test_score_is_the_gradient_that_finite_differences_find(name):
    logpdf, theta, x = MODELS[name]
    for j in range(len(theta)):

        def along(t, j=j):
            moved = [onp.where(onp.arange(len(theta)) == j, v, theta) for v in onp.ravel(t)]
            return onp.array([log_likelihood(logpdf, m, x) for m in moved]).reshape(onp.shape(t))

        assert score(logpdf, theta, x)[j] == pytest.approx(derivative(along, theta[j]).df, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_observed_information_is_minus_the_jacobian_of_the_score(name):
    logpdf, theta, x = MODELS[name]

    def scores(t):
        points = t.reshape(len(theta), -1).T
        return onp.array([score(logpdf, p, x) for p in points]).T.reshape(t.shape)

    information = observed_information(logpdf, theta, x)
    assert information == pytest.approx(-numerical_jacobian(scores, theta).df, rel=1e-5, abs=1e-5)
    assert onp.array_equal(information, information.T)


@pytest.mark.parametrize("name", MODELS)
def test_the_scores_of_the_observations_add_up_to_the_score(name):
    logpdf, theta, x = MODELS[name]
    rows = score_obs(logpdf, theta, x)
    assert rows.shape == (40, len(theta))
    assert rows.sum(axis=0) == pytest.approx(score(logpdf, theta, x), rel=1e-10, abs=1e-10)
    alone = (DESIGN[3:4], x[1][3:4]) if isinstance(x, tuple) else x[3:4]
    assert rows[3] == pytest.approx(score(logpdf, theta, alone), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize(
    ("logpdf", "theta", "draw", "information"),
    [
        (bernoulli_logpmf, 0.3, lambda n: RNG.binomial(1, 0.3, n), 1 / (0.3 * 0.7)),
        (poisson_logpmf, 2.5, lambda n: RNG.poisson(2.5, n), 1 / 2.5),
        (exponential_logpdf, 1.5, lambda n: RNG.exponential(1 / 1.5, n), 1 / 1.5**2),
        (gaussian_logpdf, (1.0, 2.0), lambda n: RNG.normal(1, 2, n), onp.diag([1 / 4, 2 / 4])),
    ],
)
def test_at_the_true_theta_the_score_has_mean_zero_and_variance_the_information(logpdf, theta, draw, information):
    n = 40_000
    x = draw(n)
    rows = score_obs(logpdf, theta, x)
    standard_error = rows.std(axis=0) / onp.sqrt(n)
    assert onp.all(onp.abs(rows.mean(axis=0)) < 4 * standard_error)
    squares = rows[:, :, None] * rows[:, None, :]
    error = squares.std(axis=0) / onp.sqrt(n)
    estimate = fisher_information(logpdf, theta, x)
    assert onp.all(onp.abs(estimate - information) < 4 * error + 1e-12)
    curvature = observed_information(logpdf, theta, x) / n
    assert curvature == pytest.approx(onp.atleast_2d(information), rel=0.08, abs=0.02)


def test_scores_do_not_average_to_zero_when_the_support_depends_on_theta():
    from mle_helpers.models import uniform_logpdf

    rows = score_obs(uniform_logpdf, 3.0, RNG.uniform(0, 3, 500))
    assert rows == pytest.approx(onp.full((500, 1), -1 / 3))


@given(st.floats(-5, 5), st.floats(0.1, 5))
def test_log_likelihood_is_the_sum_scipy_gives(mu, sigma):
    expected = stats.norm.logpdf(NORMAL, mu, sigma).sum()
    assert log_likelihood(gaussian_logpdf, (mu, sigma), NORMAL) == pytest.approx(expected, rel=1e-12)


def test_theta_may_be_a_number_an_array_a_dict_or_nested():
    def nested(theta, x):
        return gaussian_logpdf((theta["location"], theta["rest"][0]), x)

    expected = score(gaussian_logpdf, (1.0, 2.0), NORMAL)
    found = score(nested, {"location": 1, "rest": [onp.array(2.0)]}, NORMAL)
    assert found["location"] == pytest.approx(expected[0])
    assert found["rest"][0] == pytest.approx(expected[1])
    assert isinstance(score(poisson_logpmf, 2, onp.array([1, 2])), float)


def test_where_with_a_number_in_a_branch_can_be_differentiated():
    def logpdf(theta, x):
        return np.where(x <= theta, -np.log(theta), -np.inf)

    assert score(logpdf, 2.0, onp.array([0.5, 1.0, 1.5])) == pytest.approx(-3 / 2)
    assert observed_information(logpdf, 2.0, onp.array([0.5, 1.0, 1.5])) == pytest.approx(onp.array([[-3 / 4]]))


@pytest.mark.parametrize("trans", [0, "T"])
@pytest.mark.parametrize("lower", [True, False])
def test_forward_rules_of_triangular_matrices_find_what_the_reverse_rules_find(lower, trans):
    rng = onp.random.default_rng(0)
    root, move, b = rng.normal(size=(4, 4)), rng.normal(size=(4, 4)), rng.normal(size=(4, 3))
    A, move = root @ root.T + onp.eye(4), move + move.T

    def solution(A):
        factor = np.linalg.cholesky(A)
        return solve_triangular(factor if lower else factor.T, b * A[0, 0], lower=lower, trans=trans)

    forward = make_jvp(solution)(A)(move)[1]
    assert forward == pytest.approx(onp.tensordot(jacobian(solution)(A), move, 2), rel=1e-10, abs=1e-12)


def test_the_callers_arrays_are_left_alone():
    theta, x = onp.array([1.0, 2.0]), NORMAL.copy()
    for function in (log_likelihood, score, score_obs, observed_information, fisher_information):
        function(gaussian_logpdf, theta, x)
    assert onp.array_equal(theta, [1.0, 2.0])
    assert onp.array_equal(x, NORMAL)


@pytest.mark.parametrize(
    ("theta", "x", "says"),
    [
        ((0, 1), [], "x is empty"),
        ((0, 1), [1.0, onp.nan], "x holds 1 NaN"),
        ((0, 1), 3.0, r"for a single one give \[3.0\]"),
        ((0, 1), ["a"], "x must hold real numbers"),
        ((0, onp.nan), [1.0], r"theta\[1\] holds NaN"),
        (("a", 1), [1.0], r"theta\[0\] must hold numbers"),
    ],
)
def test_bad_input_is_named(theta, x, says):
    with pytest.raises(ValueError, match=says):
        log_likelihood(gaussian_logpdf, theta, x)


def test_parts_of_different_length_are_refused():
    with pytest.raises(ValueError, match="40, 39 rows"):
        log_likelihood(logistic_logpmf, onp.zeros(3), (DESIGN, onp.zeros(39)))


def test_a_logpdf_that_sums_or_returns_nan_is_refused():
    with pytest.raises(ValueError, match="Do not sum inside logpdf"):
        log_likelihood(lambda t, x: np.sum(gaussian_logpdf(t, x)), (0, 1), NORMAL)
    with pytest.raises(ValueError, match="return -np.inf outside"):
        log_likelihood(lambda t, x: x * onp.nan, 1.0, NORMAL)


def test_there_is_no_score_where_the_data_are_impossible():
    assert log_likelihood(exponential_logpdf, 1.0, [-1.0, 2.0]) == -onp.inf
    with pytest.raises(ValueError, match="1 observations are impossible"):
        score(exponential_logpdf, 1.0, [-1.0, 2.0])


def test_a_logpdf_that_autograd_cannot_read_gets_advice():
    def with_scipy(theta, x):
        return stats.norm.logpdf(x, theta[0], theta[1])

    def constant(theta, x):
        return -(x**2)

    for logpdf in (with_scipy, constant):
        with pytest.raises(TypeError, match="import autograd.numpy as np"):
            score(logpdf, onp.array([0.0, 1.0]), NORMAL)


def test_bits_per_pixel_of_a_fair_coin_and_of_the_uniform_density():
    assert bits_per_pixel(np.log(0.5) * 784) == pytest.approx(1.0, rel=1e-14)
    on_0_to_256 = np.full(784, np.log(1 / 256)).sum()
    onp.testing.assert_allclose(bits_per_pixel([on_0_to_256, on_0_to_256 + 784 * np.log(256)]), [8.0, 0.0], atol=1e-12)
    # a code word of ceil(-log2 p) bits exists for every image: Kraft's sum over all images of a tiny case is 1
    log_p = np.log(np.array([0.5, 0.25, 0.125, 0.125]))
    assert np.sum(2.0 ** (-2 * bits_per_pixel(log_p, pixels=2))) == pytest.approx(1.0)
