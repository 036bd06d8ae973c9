"""`fit` and `em` against closed forms, SciPy and published numbers; what they refuse and how they fail."""

import autograd.numpy as np
import numpy as onp
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from threadpoolctl import threadpool_info, threadpool_limits

from mle_helpers.datasets import load_horse_kicks, load_old_faithful, load_speed_of_light
from mle_helpers.estimate import Fit, FitError, em, fit
from mle_helpers.gaussian import gaussian_mle
from mle_helpers.likelihood import log_likelihood, score
from mle_helpers.mixtures import mixture_e_step, mixture_logpdf, mixture_m_step
from mle_helpers.models import (
    bernoulli_logpmf,
    cauchy_logpdf,
    exponential_censored_logpdf,
    exponential_logpdf,
    gamma_logpdf,
    gaussian_logpdf,
    mvn_logpdf,
    negative_binomial_logpmf,
    poisson_logpmf,
    uniform_logpdf,
    weibull_logpdf,
)
from mle_helpers.regression import linear_logpdf, logistic_logpmf, poisson_regression_logpmf, softmax_logpmf

pytestmark = [pytest.mark.filterwarnings(f"error:{one}") for one in (":RuntimeWarning", "Output seems independent")]

RNG = onp.random.default_rng(7)


@pytest.mark.parametrize("start", [(1, 0.5), (0.3, 0.5), (2, 0.01), (1, 1e-4), (0.61, 3.0), (5, 5)])
@pytest.mark.parametrize("bounds", [None, [(0, None), (0, None)]])
def test_no_dispersion_is_found_from_every_start_with_and_without_bounds(start, bounds):
    """With divisor n the variance 0.608 of the horse kicks lies below their mean 0.610: the Poisson is the maximum."""
    kicks = load_horse_kicks()
    found = fit(negative_binomial_logpmf, start, kicks, bounds=bounds)
    assert found.theta == pytest.approx([kicks.mean(), 0], abs=1e-7)
    assert found.log_likelihood == pytest.approx(stats.poisson.logpmf(kicks, kicks.mean()).sum(), abs=1e-9)


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_a_group_without_events_has_the_rate_zero(unit):
    """Its rate may not go below 0, where only its own observations become impossible: an end of the family."""
    counts, group = onp.array([3, 4, 2, 0, 0, 0]), onp.array([0, 0, 0, 1, 1, 1])
    found = fit(lambda theta, x: poisson_logpmf(theta[x[1]] / unit, x[0]), [unit, unit], (counts, group))
    assert found.theta / unit == pytest.approx([3, 0], abs=1e-7)
    with pytest.raises(ValueError, match="lies at a bound"):
        _ = found.standard_errors


def test_horse_kicks_have_the_published_rates():
    assert fit(poisson_logpmf, 1.0, load_horse_kicks()).theta == pytest.approx(0.61, abs=1e-12)
    assert fit(poisson_logpmf, 1.0, load_horse_kicks(280)).theta == pytest.approx(0.70, abs=1e-12)


def test_speed_of_light_equals_the_closed_form():
    x = load_speed_of_light()
    found = fit(gaussian_logpdf, (800.0, 50.0), x)
    assert found.theta == pytest.approx(gaussian_mle(x), rel=1e-12)
    assert found.n_obs == 100
    mu_error, sigma_error = found.standard_errors
    assert mu_error == pytest.approx(x.std() / 10, rel=1e-8)
    assert sigma_error == pytest.approx(x.std() / onp.sqrt(200), rel=1e-8)


def log_sigma_logpdf(theta, x):
    return gaussian_logpdf((theta[0], np.exp(theta[1])), x)


def test_the_estimate_follows_a_change_of_parameter():
    x = RNG.normal(3, 0.4, 60)
    sigma_hat = fit(gaussian_logpdf, (0.0, 1.0), x).theta[1]
    assert fit(log_sigma_logpdf, (0.0, 0.0), x).theta[1] == pytest.approx(onp.log(sigma_hat), rel=1e-10)


@settings(max_examples=25, deadline=None)
@given(st.floats(-1e3, 1e3), st.floats(0.01, 100), st.integers(3, 60), st.integers(0, 10**6))
def test_a_gaussian_fit_lands_on_the_closed_form_from_a_poor_start(mu, sigma, n, seed):
    x = onp.random.default_rng(seed).normal(mu, sigma, n)
    found = fit(gaussian_logpdf, (0.0, 1.0), x)
    assert found.theta[0] == pytest.approx(x.mean(), abs=1e-9 * x.std() + 1e-12 * abs(x.mean()))
    assert found.theta[1] == pytest.approx(x.std(), rel=1e-8)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.05, 0.95), st.integers(0, 10**6))
def test_the_score_vanishes_at_the_estimate(p, seed):
    x = onp.random.default_rng(seed).binomial(1, p, 50)
    if 0 < x.sum() < 50:
        theta_hat = fit(bernoulli_logpmf, 0.5, x).theta
        assert theta_hat == pytest.approx(x.mean(), rel=1e-10)
        assert score(bernoulli_logpmf, theta_hat, x) == pytest.approx(0, abs=1e-7)


def test_two_parameter_families_equal_scipy():
    x = RNG.weibull(1.7, 400) * 3
    shape, _, scale = stats.weibull_min.fit(x, floc=0)
    assert fit(weibull_logpdf, (1.0, 1.0), x).theta == pytest.approx((shape, scale), rel=2e-4)
    x = RNG.gamma(2.2, 3.0, 400)
    shape, _, scale = stats.gamma.fit(x, floc=0)
    assert fit(gamma_logpdf, (1.0, 1.0), x).theta == pytest.approx((shape, 1 / scale), rel=1e-6)


def test_scale_of_the_data_does_not_matter():
    x = RNG.weibull(1.7, 100)
    shape, scale = fit(weibull_logpdf, (1.0, 1.0), x).theta
    for unit in (1e-6, 1e6):
        assert fit(weibull_logpdf, (1.0, unit), unit * x).theta == pytest.approx((shape, unit * scale), rel=1e-8)


def test_censored_exponential_has_rate_events_over_total_time():
    time, observed = RNG.exponential(2.0, 30), RNG.integers(0, 2, 30).astype(bool)
    found = fit(exponential_censored_logpdf, 1.0, (time, observed))
    assert found.theta == pytest.approx(observed.sum() / time.sum(), rel=1e-10)
    assert found.n_obs == 30


def test_regressions_equal_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    X = onp.column_stack([onp.ones(200), RNG.normal(size=(200, 2))])
    y = RNG.binomial(1, 1 / (1 + onp.exp(-X @ [0.3, 1.0, -0.5])))
    oracle = sm.Logit(y, X).fit(disp=0, tol=1e-12)
    found = fit(logistic_logpmf, onp.zeros(3), (X, y))
    assert found.theta == pytest.approx(oracle.params, rel=1e-8)
    assert found.standard_errors == pytest.approx(oracle.bse, rel=1e-6)
    counts = RNG.poisson(onp.exp(X @ [0.3, 0.4, -0.5]))
    oracle = sm.Poisson(counts, X).fit(disp=0, method="newton", tol=1e-12)
    found = fit(poisson_regression_logpmf, onp.zeros(3), (X, counts))
    assert found.theta == pytest.approx(oracle.params, rel=1e-8)
    assert found.log_likelihood == pytest.approx(oracle.llf, rel=1e-10)


def test_a_dict_theta_with_a_matrix_keeps_its_shape():
    x = load_old_faithful()

    def logpdf(theta, x):  # covariance L L^T from its Cholesky factor
        factor = np.array([[np.exp(theta["log_diag"][0]), 0.0], [theta["below"], np.exp(theta["log_diag"][1])]])
        return mvn_logpdf((theta["mean"], factor @ factor.T), x)

    start = {"mean": x.mean(axis=0) + 1, "below": 0.0, "log_diag": onp.zeros(2)}
    found = fit(logpdf, start, x)
    assert found.theta["mean"] == pytest.approx(x.mean(axis=0), rel=1e-8)
    factor = onp.linalg.cholesky(onp.cov(x.T, bias=True))
    assert onp.exp(found.theta["log_diag"]) == pytest.approx(onp.diag(factor), rel=1e-6)
    assert found.names == ("below", "log_diag[0]", "log_diag[1]", "mean[0]", "mean[1]")
    assert start["below"] == 0.0


def test_more_starts_find_the_higher_of_two_maxima():
    x = onp.array([-5.0, 5.0, 6.0])

    def location(theta, x):
        return cauchy_logpdf((theta, 1.0), x)

    alone = fit(location, -6.0, x)
    both = fit(location, -6.0, x, starts=[5.0])
    assert alone.theta < 0 < both.theta
    grid = onp.linspace(-10, 10, 20_001)
    best = grid[onp.argmax([log_likelihood(location, t, x) for t in grid])]
    assert both.theta == pytest.approx(best, abs=1e-3)


def test_many_parameters_use_no_hessian():
    x = RNG.normal(size=(50, 700)) + onp.arange(700)

    def logpdf(theta, x):
        return np.sum(-0.5 * (x - theta) ** 2, axis=1)

    assert fit(logpdf, onp.zeros(700), x).theta == pytest.approx(x.mean(axis=0), abs=1e-4)


def test_the_trace_climbs_from_the_start_to_the_estimate():
    x = RNG.normal(5, 2, 30)
    found = fit(gaussian_logpdf, (0.0, 1.0), x)
    assert found.trace.theta[0] == (0.0, 1.0)
    assert found.trace.theta[-1] == found.theta
    assert onp.all(onp.diff(found.trace.log_likelihood) > 0)
    for theta, value in zip(found.trace.theta, found.trace.log_likelihood, strict=True):
        assert log_likelihood(gaussian_logpdf, theta, x) == pytest.approx(value, rel=1e-9)


def test_bounds_hold_and_an_estimate_on_one_has_no_standard_error():
    x = onp.array([-5.0, 5.0, 6.0])
    found = fit(gaussian_logpdf, (6.0, 2.0), x, bounds=[(5, None), (1e-6, None)], names=("mu", "sigma"))
    assert found.theta[0] == 5.0
    assert found.theta[1] == pytest.approx(onp.sqrt(onp.mean((x - 5) ** 2)), rel=1e-8)
    with pytest.raises(ValueError, match="mu lies at a bound"):
        found.standard_errors  # noqa: B018
    assert "—" in repr(found)


def test_a_fit_prints_estimate_standard_error_log_likelihood_and_n():
    found = fit(gaussian_logpdf, (800.0, 50.0), load_speed_of_light(), names=("mu", "sigma"))
    table = repr(found).splitlines()
    assert table[0].split() == ["estimate", "standard", "error"]
    assert table[1].split() == ["mu", "852.4", "7.8615"]
    assert table[2].split()[:2] == ["sigma", "78.615"]
    assert table[3] == f"log-likelihood {found.log_likelihood:.6g} nats, n = 100"


def test_parameters_that_the_data_cannot_tell_apart_have_no_standard_errors():
    found = fit(lambda t, x: gaussian_logpdf((t[0] + t[1], 1.0), x), onp.zeros(2), RNG.normal(size=20))
    with pytest.raises(ValueError, match="do not identify"):
        found.standard_errors  # noqa: B018


def gaussian_with_mean(theta, x):
    return gaussian_logpdf((theta, 1.0), x)


@pytest.mark.parametrize(
    ("logpdf", "theta0", "x", "says"),
    [
        (gaussian_logpdf, (0.0, 1.0), onp.array([2.0]), "still rises at the edge|does not curve down|drifts"),
        (gaussian_logpdf, (0.0, 1.0), onp.full(5, 3.0), "still rises at the edge|does not curve down|drifts"),
        (uniform_logpdf, 5.0, RNG.uniform(0, 3, 50), "edge of the domain, where the slope is not zero"),
        (exponential_censored_logpdf, 1.0, (onp.ones(4), onp.zeros(4)), "edge of the domain"),
        (
            logistic_logpmf,
            onp.zeros(2),
            (onp.column_stack([onp.ones(6), onp.arange(6)]), onp.array([0, 0, 0, 1, 1, 1])),
            "drifts away: the maximum may not exist",
        ),
    ],
    ids=["one point", "all equal", "uniform", "no event", "separated"],
)
def test_a_maximum_that_does_not_exist_is_reported_with_the_way_there(logpdf, theta0, x, says):
    with pytest.raises(FitError, match=says) as caught:
        fit(logpdf, theta0, x)
    error = caught.value
    assert len(error.trace.theta) == len(error.trace.log_likelihood) > 1
    assert onp.array_equal(error.theta, error.trace.theta[-1])
    assert "Try another theta0" in str(error)


def test_a_saddle_point_is_no_maximum():
    x = onp.array([-4.0, 4.0])  # the score is zero at the centre, which is a minimum

    with pytest.raises(FitError, match="does not curve down"):
        fit(lambda t, x: cauchy_logpdf((t, 1.0), x), 0.0, x)


def test_too_few_iterations_raise():
    with pytest.raises(FitError):
        fit(gaussian_logpdf, (0.0, 1.0), load_speed_of_light(), max_iter=1)


@pytest.mark.parametrize(
    ("kwargs", "says"),
    [
        ({"theta0": (0.0, -1.0)}, r"theta0 = \(0.0, -1.0\) gives 3 of 3 observations"),
        ({"theta0": (0.0, onp.nan)}, r"theta0\[1\] holds NaN"),
        ({"x": []}, "x is empty"),
        ({"x": [1.0, onp.nan]}, "x holds 1 NaN"),
        ({"bounds": [(0, 1)]}, "one .low, high. for each of the 2"),
        ({"bounds": [(1, 2), (0, 2)]}, r"theta\[0\] = 0 lies outside its bounds \(1, 2\)"),
        ({"bounds": [1, 2]}, "list of pairs"),
        ({"names": ("mu",)}, "one label for each of the 2"),
        ({"theta0": ()}, "theta0 holds no parameter"),
    ],
)
def test_bad_input_is_named(kwargs, says):
    call = {"theta0": (0.0, 1.0), "x": [1.0, 2.0, 4.0]} | kwargs
    with pytest.raises(ValueError, match=says):
        fit(gaussian_logpdf, call.pop("theta0"), onp.array(call.pop("x")), **call)


def test_a_logpdf_autograd_cannot_read_gets_advice():
    with pytest.raises(TypeError, match="import autograd.numpy as np"):
        fit(lambda t, x: stats.norm.logpdf(x, t[0], t[1]), (0.0, 1.0), onp.array([1.0, 2.0]))


def test_the_callers_arrays_are_left_alone():
    theta0, x = onp.array([0.0, 1.0]), RNG.normal(size=20)
    before = x.copy()
    fit(gaussian_logpdf, theta0, x)
    assert onp.array_equal(theta0, [0.0, 1.0])
    assert onp.array_equal(x, before)


# Expectation–maximisation

OLD_FAITHFUL_START = {
    "weights": onp.array([0.5, 0.5]),
    "means": onp.array([[2.0, 55.0], [4.5, 80.0]]),
    "covs": onp.array([onp.diag([1.0, 100.0])] * 2),
}


def test_em_climbs_to_the_published_maximum_for_old_faithful():
    found = em(mixture_e_step, mixture_m_step, mixture_logpdf, OLD_FAITHFUL_START, load_old_faithful(), tol=1e-12)
    assert isinstance(found, Fit)
    assert onp.all(onp.diff(found.trace.log_likelihood) > -1e-8)
    assert found.log_likelihood == pytest.approx(-1130.264, abs=2e-3)  # R's mclust, model VVV with two components
    assert sorted(found.theta["weights"]) == pytest.approx([0.3559, 0.6441], abs=2e-4)


def test_em_reports_steps_that_go_down_collapse_or_take_too_long():
    x = load_old_faithful()
    steps = (mixture_e_step, mixture_m_step, mixture_logpdf)
    with pytest.raises(FitError, match="raise max_iter or tol") as caught:
        em(*steps, OLD_FAITHFUL_START, x, tol=1e-12, max_iter=3)
    assert len(caught.value.trace.theta) == 4

    def worse(expected, x):
        theta = mixture_m_step(expected, x)
        return theta | {"covs": 50 * theta["covs"]}

    with pytest.raises(FitError, match="which EM never does"):
        em(mixture_e_step, worse, mixture_logpdf, OLD_FAITHFUL_START, x)
    with pytest.raises(FitError, match="collapsed"):
        em(lambda t, x: None, lambda e, x: 0.0, exponential_logpdf, 1.0, onp.array([1.0, 2.0]))
    with pytest.raises(ValueError, match="tol must be positive"):
        em(*steps, OLD_FAITHFUL_START, x, tol=0)


def test_a_fit_keeps_to_one_thread_of_blas_and_gives_the_others_back():
    """Beside other work, threads that wait for each other made small fits ten times as slow."""

    def threads():
        return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}

    seen = set()

    def logpdf(theta, x):
        seen.update(threads())
        return gaussian_logpdf(theta, x)

    with threadpool_limits(2, "blas"):
        before = threads()
        fit(logpdf, (0.0, 1.0), onp.array([1.0, 2.0, 4.0]))
        assert seen == {1} and threads() == before


def test_columns_name_theta_in_whatever_shape_it_has():
    rng = onp.random.default_rng(4)
    frame = pd.DataFrame({"one": onp.ones(60), "age": rng.normal(size=60)})
    y, kind = frame["age"].to_numpy() + rng.normal(size=60), rng.integers(0, 3, 60)
    linear = fit(linear_logpdf, (onp.zeros(2), 1.0), (frame, y))
    assert linear.names == ("one", "age", "theta[1]")
    softmax = fit(softmax_logpmf, onp.zeros((2, 2)), (frame, kind))
    assert softmax.names == ("one[0]", "one[1]", "age[0]", "age[1]")
    named = fit(
        lambda t, x: linear_logpdf((t["beta"], t["sigma"]), x),
        {"beta": onp.zeros(2), "sigma": 1.0},
        (frame, y),
    )
    assert named.names == ("beta[one]", "beta[age]", "sigma")
