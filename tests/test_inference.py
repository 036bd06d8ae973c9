"""How sure: against statsmodels, SciPy, closed forms and iminuit; invariance; what is refused, and how it is said."""

import autograd.numpy as np
import numpy as onp
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from scipy.optimize import brentq
from scipy.special import polygamma

from mle_helpers.datasets import load_old_faithful, load_remission
from mle_helpers.estimate import em, fit
from mle_helpers.inference import (
    aic,
    aicc,
    bic,
    bootstrap,
    delta_method,
    likelihood_ratio_test,
    n_parameters,
    profile_interval,
    score_test,
    standard_errors,
    summary,
    wald_interval,
    wald_test,
)
from mle_helpers.likelihood import observed_information, score, score_obs
from mle_helpers.mixtures import mixture_logpdf, mixture_start, mixture_steps
from mle_helpers.models import (
    bernoulli_logpmf,
    exponential_censored_logpdf,
    exponential_logpdf,
    gamma_logpdf,
    gaussian_logpdf,
    mvn_logpdf,
    poisson_logpmf,
    weibull_censored_logpdf,
    weibull_logpdf,
)
from mle_helpers.regression import logistic_logpmf, poisson_regression_logpmf

pytestmark = [pytest.mark.filterwarnings(f"error:{one}") for one in (":RuntimeWarning", "Output seems independent")]

RNG = onp.random.default_rng(12)
N = 300
X = onp.column_stack([onp.ones(N), RNG.normal(size=(N, 2))])
COUNTS = RNG.poisson(onp.exp(X @ [0.3, 0.4, -0.5]) * RNG.gamma(2.0, 0.5, N))
TOSSES = RNG.binomial(1, 1 / (1 + onp.exp(-X @ [0.3, 1.0, -0.5])))
GROUPS = RNG.integers(0, 40, N)
LIFETIMES = RNG.weibull(1.6, 80) * 3
HALF = stats.chi2.ppf(0.95, 1) / 2


def linear_logpdf(theta, x):
    """A user's own model: least squares with its spread, theta a dict."""
    return gaussian_logpdf((x[0] @ theta["beta"], np.exp(theta["log_sigma"])), x[1])


@pytest.fixture(scope="module")
def poisson():
    return fit(poisson_regression_logpmf, onp.zeros(3), (X, COUNTS))


@pytest.fixture(scope="module")
def logistic():
    return fit(logistic_logpmf, onp.zeros(3), (X, TOSSES))


@pytest.fixture(scope="module")
def weibull():
    return fit(weibull_logpdf, (1.0, 1.0), LIFETIMES)


# --- standard errors -------------------------------------------------------------------------------------------------


def test_sandwiches_equal_statsmodels(poisson, logistic):
    sm = pytest.importorskip("statsmodels.api")
    for found, model in ((poisson, sm.Poisson(COUNTS, X)), (logistic, sm.Logit(TOSSES, X))):
        robust = model.fit(disp=0, method="newton", tol=1e-12, cov_type="HC0").bse
        assert_allclose(standard_errors(found, "sandwich"), robust, rtol=1e-6)
        words = {"groups": GROUPS, "use_correction": False}
        clustered = model.fit(disp=0, method="newton", tol=1e-12, cov_type="cluster", cov_kwds=words).bse
        assert_allclose(standard_errors(found, "sandwich", groups=GROUPS), clustered, rtol=1e-6)
        assert_allclose(standard_errors(found, "sandwich", groups=onp.arange(N)), robust, rtol=1e-6)
        scores = model.score_obs(found.theta)
        assert_allclose(standard_errors(found, "outer"), onp.sqrt(onp.diag(onp.linalg.inv(scores.T @ scores))))


def test_linear_sandwich_equals_hc0_of_least_squares():
    sm = pytest.importorskip("statsmodels.api")
    y = X @ [1.0, 2.0, 3.0] + RNG.normal(size=N) * onp.exp(X[:, 1] / 2)
    found = fit(linear_logpdf, {"beta": onp.zeros(3), "log_sigma": 0.0}, (X, y))
    assert_allclose(standard_errors(found, "sandwich")["beta"], sm.OLS(y, X).fit(cov_type="HC0").bse, rtol=1e-6)


@pytest.mark.parametrize("kind", ["observed", "expected", "sandwich"])
def test_a_mean_has_the_standard_error_of_the_textbook(kind):
    x = RNG.normal(3, 2, 50)
    found = fit(gaussian_logpdf, (0.0, 1.0), x)
    draws = RNG.normal(*found.theta, 200_000) if kind == "expected" else None
    assert standard_errors(found, kind, draws=draws)[0] == pytest.approx(x.std() / onp.sqrt(50), rel=1e-3)


def test_expected_and_observed_agree_where_the_link_is_canonical(poisson, logistic):
    for found in (poisson, logistic):
        assert_allclose(standard_errors(found, "expected"), found.standard_errors, rtol=1e-8)


def test_expected_information_of_a_gamma_equals_the_trigamma_formula():
    x = RNG.gamma(2.0, 1.5, 200)
    found = fit(gamma_logpdf, (1.0, 1.0), x)
    shape, rate = found.theta
    information = 200 * onp.array([[polygamma(1, shape), -1 / rate], [-1 / rate, shape / rate**2]])
    draws = onp.random.default_rng(0).gamma(shape, 1 / rate, 100)
    right = onp.sqrt(onp.diag(onp.linalg.inv(information)))  # the second derivatives do not depend on x at all
    assert_allclose(standard_errors(found, "expected", draws=draws), right, rtol=1e-6)


@pytest.mark.parametrize("kind", ["observed", "outer", "sandwich"])
def test_weights_are_repeated_rows(kind):
    weights = RNG.integers(0, 4, N)
    rows = onp.repeat(onp.arange(N), weights)
    once = fit(poisson_regression_logpmf, onp.zeros(3), (X, COUNTS), weights=weights)
    often = fit(poisson_regression_logpmf, onp.zeros(3), (X[rows], COUNTS[rows]))
    assert_allclose(standard_errors(once, kind), standard_errors(often, kind), rtol=1e-6)
    assert bic(once) == pytest.approx(bic(often), rel=1e-9)
    assert_allclose(profile_interval(once, 1), profile_interval(often, 1), rtol=1e-7)
    clustered = standard_errors(once, "sandwich", groups=GROUPS)
    assert_allclose(clustered, standard_errors(often, "sandwich", groups=GROUPS[rows]), rtol=1e-6)


def test_the_year_as_a_covariate_costs_no_digits():
    year = onp.linspace(1900.0, 2020.0, N)
    far, near = onp.column_stack([onp.ones(N), year]), onp.column_stack([onp.ones(N), (year - 1960) / 10])
    one, other = (fit(poisson_regression_logpmf, onp.zeros(2), (Z, COUNTS)) for Z in (far, near))
    for kind in ("observed", "outer", "sandwich"):
        assert standard_errors(one, kind)[1] == pytest.approx(standard_errors(other, kind)[1] / 10, rel=1e-5)
    assert_allclose(profile_interval(one, 1), onp.array(profile_interval(other, 1)) / 10, rtol=1e-5)


def test_a_covariance_matrix_has_standard_errors_too():
    x = load_old_faithful()
    found = fit(mvn_logpdf, (x.mean(axis=0), onp.cov(x.T)), x)
    mean_error, cov_error = found.standard_errors
    cov, n = onp.cov(x.T, bias=True), len(x)
    assert_allclose(mean_error, onp.sqrt(onp.diag(cov) / n), rtol=1e-6)
    assert_allclose(cov_error, onp.sqrt((cov**2 + onp.outer(onp.diag(cov), onp.diag(cov))) / n), rtol=1e-6)
    assert n_parameters(found) == 5


@pytest.mark.parametrize("tied", [True, False])
def test_what_bounds_fix_is_not_counted(tied):
    x = onp.random.default_rng(0).normal(size=(30, 2))
    start, wide = (onp.zeros(2), onp.eye(2)), (None, None)
    free = fit(mvn_logpdf, start, x)
    fixed = fit(mvn_logpdf, start, x, bounds=[wide, wide, wide, (0.0, 0.0), (0.0, 0.0) if tied else wide, wide])
    assert (n_parameters(free), n_parameters(fixed)) == (5, 4)
    correlation = onp.corrcoef(x.T)[0, 1]
    test = likelihood_ratio_test(fixed, free)
    assert test.df == 1 and test.statistic == pytest.approx(-30 * onp.log1p(-(correlation**2)), rel=1e-6)


@pytest.fixture(scope="module")
def eruptions():
    x = load_old_faithful()
    start = mixture_start(x, 2, onp.random.default_rng(1))
    return em(*mixture_steps(floor=1e-3), mixture_logpdf, start, x, tol=1e-12)


def test_a_mixture_has_standard_errors_intervals_and_the_right_count(eruptions):
    assert n_parameters(eruptions) == 11
    assert bic(eruptions) == pytest.approx(2322.2, abs=0.05)  # mclust, VVV with two components
    first, second = eruptions.standard_errors["weights"]
    assert first == pytest.approx(second, rel=1e-6) and 0.02 < first < 0.04
    low, high = profile_interval(eruptions, "means[0][0]")
    assert low < eruptions.theta["means"][0][0] < high
    refits = bootstrap(eruptions, rng=onp.random.default_rng(0), draws=5, progress=False)
    assert refits.estimates.shape == (5, 14)


@pytest.mark.parametrize(
    "words, says",
    [
        ({"kind": "robust"}, "kind must be one of 'observed'"),
        ({"kind": "observed", "draws": [1.0]}, "draws belong to"),
        ({"kind": "outer", "groups": [1]}, "groups belong to"),
        ({"kind": "sandwich", "groups": [1, 2]}, "one label for each of the 80 rows"),
        ({"kind": "sandwich", "groups": onp.ones(80)}, "one group only"),
        ({"kind": "expected"}, "needs draws"),
        ({"kind": "expected", "draws": [1.0, onp.nan]}, "draws holds 1 NaN"),
    ],
)
def test_bad_input_for_standard_errors(weibull, words, says):
    with pytest.raises(ValueError, match=says):
        standard_errors(weibull, **words)


def test_at_a_bound_all_kinds_are_refused_with_the_reason():
    found = fit(bernoulli_logpmf, 0.5, onp.zeros(10))
    for ask in (lambda: standard_errors(found, "sandwich"), lambda: wald_interval(found), lambda: wald_test(found, 0)):
        with pytest.raises(ValueError, match="lies at a bound"):
            ask()
    assert "—" in repr(summary(found)) and "lies at a bound" in repr(summary(found))


# --- the delta method ------------------------------------------------------------------------------------------------


def test_delta_method_of_a_ratio_and_of_an_array(weibull):
    value, error = delta_method(lambda t: t[1] / t[0], weibull)
    cov = onp.linalg.inv(_information(weibull))
    slope = onp.array([-weibull.theta[1] / weibull.theta[0] ** 2, 1 / weibull.theta[0]])
    assert value == pytest.approx(weibull.theta[1] / weibull.theta[0])
    assert error == pytest.approx(onp.sqrt(slope @ cov @ slope), rel=1e-6)
    times = onp.array([1.0, 2.0])
    values, errors = delta_method(lambda t: np.exp(-((times / t[1]) ** t[0])), weibull)
    assert values.shape == errors.shape == (2,)
    with pytest.raises(TypeError, match="autograd cannot follow"):
        delta_method(lambda t: float(t[0]), weibull)


def _information(found):
    return observed_information(found.logpdf, found.theta, found.x, weights=found.weights)


# --- intervals -------------------------------------------------------------------------------------------------------


def test_wald_interval_is_shaped_like_theta():
    y = X @ [1.0, 2.0, 3.0] + RNG.normal(size=N)
    found = fit(linear_logpdf, {"beta": onp.zeros(3), "log_sigma": 0.0}, (X, y))
    low, high = wald_interval(found, 0.9)
    assert_allclose((high["beta"] - low["beta"]) / 2, 1.6448536 * found.standard_errors["beta"], rtol=1e-6)
    assert low["log_sigma"] < found.theta["log_sigma"] < high["log_sigma"]


def test_profile_of_a_mean_and_of_a_spread_have_closed_forms():
    x = RNG.normal(3, 2, 25)
    found = fit(gaussian_logpdf, (0.0, 1.0), x)
    reach = x.std() * onp.sqrt(onp.expm1(2 * HALF / 25))
    assert_allclose(profile_interval(found, 0), (x.mean() - reach, x.mean() + reach), rtol=1e-8)

    def fall(s):
        return 25 * (onp.log(s / x.std()) + (x.var() / s**2 - 1) / 2) - HALF

    ends = brentq(fall, 0.1, x.std(), xtol=1e-13), brentq(fall, x.std(), 100, xtol=1e-13)
    assert_allclose(profile_interval(found, 1), ends, rtol=1e-8)


def test_profiles_follow_a_change_of_parameter(weibull):
    ends = onp.array(profile_interval(weibull, 0))
    assert_allclose(profile_interval(weibull, lambda t: np.log(t[0])), onp.log(ends), rtol=1e-8)
    assert_allclose(profile_interval(weibull, lambda t: 1 / t[0]), 1 / ends[::-1], rtol=1e-7)

    def of_median(theta, x):
        return weibull_logpdf((theta[0], theta[1] / np.log(2) ** (1 / theta[0])), x)

    other = fit(of_median, (1.0, 1.0), LIFETIMES)
    median = profile_interval(weibull, lambda t: t[1] * np.log(2) ** (1 / t[0]))
    assert_allclose(profile_interval(other, 1), median, rtol=1e-7)
    assert_allclose(profile_interval(other, 0), ends, rtol=1e-7)


def test_profiles_follow_a_change_of_unit(weibull):
    days = fit(weibull_logpdf, (1.0, 365.0), 365.25 * LIFETIMES)
    assert_allclose(profile_interval(days, 0), profile_interval(weibull, 0), rtol=1e-7)
    assert_allclose(profile_interval(days, 1), 365.25 * onp.array(profile_interval(weibull, 1)), rtol=1e-7)


def test_one_parameter_needs_no_nuisance():
    x = onp.array([0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    found = fit(bernoulli_logpmf, 0.5, x)

    def fall(p):
        return 2 * onp.log(0.2 / p) + 8 * onp.log(0.8 / (1 - p)) - HALF

    ends = brentq(fall, 1e-9, 0.2, xtol=1e-14), brentq(fall, 0.2, 1 - 1e-9, xtol=1e-14)
    assert_allclose(profile_interval(found, 0), ends, rtol=1e-8)
    assert profile_interval(found, 0).reached == (0.95, 0.95)


def test_an_index_a_name_and_a_key_are_one_thing():
    time, observed = load_remission()
    found = fit(weibull_censored_logpdf, (1.0, 10.0), (time, observed), names=["shape", "scale"])
    by_key = fit(
        lambda t, x: weibull_censored_logpdf((t["shape"], t["scale"]), x),
        {"shape": 1.0, "scale": 9.0},
        (time, observed),
    )
    ends = profile_interval(found, 1)
    for one, what in ((found, "scale"), (found, -1), (by_key, "scale"), (by_key, lambda t: t["scale"])):
        assert_allclose(profile_interval(one, what), ends, rtol=1e-7)


def test_the_ratio_to_a_group_without_events_has_no_less_than_zero():
    counts, group = np.array([3, 4, 2, 0, 0, 0]), np.array([0, 0, 0, 1, 1, 1])
    found = fit(lambda theta, x: poisson_logpmf(theta[x[1]], x[0]), [1.0, 1.0], (counts, group))
    low, high = profile_interval(found, lambda theta: theta[1] / theta[0])
    assert low == 0  # the profile of the ratio r is -9 log(1 + r): rates 3/(1 + r) and 3r/(1 + r)
    assert high == pytest.approx(np.expm1(stats.chi2.ppf(0.95, 1) / 18), rel=1e-5)


def test_no_deaths_leave_the_lower_end_at_the_edge():
    found = fit(bernoulli_logpmf, 0.5, onp.zeros(10))
    interval = profile_interval(found, 0)
    assert interval.low == 0 and interval.high == pytest.approx(1 - onp.exp(-HALF / 10), rel=1e-8)
    assert interval.reached == (0.0, 0.95)
    interval = profile_interval(fit(bernoulli_logpmf, 0.5, onp.ones(10)), 0)
    assert interval == pytest.approx((onp.exp(-HALF / 10), 1.0), rel=1e-8)


def test_the_place_where_chances_are_even_may_have_an_open_interval():
    x = onp.linspace(-1, 1, 40)
    y = (onp.arange(40) * 7 % 5 < 2 + (x > 0)).astype(float)
    Z = onp.column_stack([onp.ones(40), x])
    found, without = fit(logistic_logpmf, onp.zeros(2), (Z, y)), fit(logistic_logpmf, onp.zeros(1), (Z[:, :1], y))
    test = likelihood_ratio_test(without, found)
    assert test.p_value > 0.05
    interval = profile_interval(found, lambda t: -t[0] / t[1])
    assert onp.isinf(interval.low) or onp.isinf(interval.high)
    assert max(r for r, end in zip(interval.reached, interval, strict=True) if onp.isinf(end)) == pytest.approx(
        1 - test.p_value, abs=1e-4
    )


def test_bounds_of_the_fit_hold_in_its_profile():
    x = RNG.normal(0.1, 1, 20)
    found = fit(gaussian_logpdf, (0.5, 1.0), x, bounds=[(0.0, None), (1e-6, None)])
    free = fit(gaussian_logpdf, (0.5, 1.0), x)
    assert profile_interval(free, 0).low < 0
    interval = profile_interval(found, 0)
    assert interval.low == 0.0 and interval.reached[0] < 0.95 == interval.reached[1]


def test_a_nuisance_at_its_bound_stays_there():
    x = onp.array([1.0, 2.0, 2.5, 3.1, 4.0])

    def fall(m):
        return onp.sum((x - m) ** 2 - (x - x.mean()) ** 2) / 2 / 2.1**2 - HALF

    found = fit(gaussian_logpdf, (0.0, 3.0), x, bounds=[(None, None), (2.1, None)])
    assert found.theta[1] == 2.1
    ends = brentq(fall, -9, x.mean(), xtol=1e-12), brentq(fall, x.mean(), 9, xtol=1e-12)
    low, high = profile_interval(found, 0)
    sigma_at_end = onp.sqrt(onp.mean((x - ends[0]) ** 2))
    assert sigma_at_end < 2.1  # so that the bound holds up to both ends
    assert (low, high) == pytest.approx(ends, rel=1e-8)


def test_on_a_ridge_what_is_identified_has_its_interval():
    def logpdf(theta, x):
        return gaussian_logpdf((theta[0] + theta[1], 1.0), x)

    x = RNG.normal(1, 1, 30)
    found = fit(logpdf, (0.0, 0.0), x)
    sum_ends = profile_interval(found, lambda t: t[0] + t[1])
    assert_allclose(sum_ends, x.mean() + onp.array([-1, 1]) * onp.sqrt(2 * HALF / 30), rtol=1e-8)
    interval = profile_interval(found, 0)
    assert interval == (-onp.inf, onp.inf) and interval.reached == (0.0, 0.0)
    with pytest.raises(ValueError, match="do not identify"):
        standard_errors(found, "sandwich")
    assert n_parameters(found) == 1


def test_profile_of_a_kink():
    x = onp.sort(RNG.laplace(2, 1, 31))

    def logpdf(theta, x):
        return -np.log(2 * theta[1]) - np.abs(x - theta[0]) / theta[1]

    found = fit(logpdf, (1.0, 1.0), x)
    scale = onp.mean(onp.abs(x - onp.median(x)))

    def fall(m):
        return 31 * onp.log(onp.mean(onp.abs(x - m)) / scale) - HALF

    ends = brentq(fall, x[0], found.theta[0]), brentq(fall, found.theta[0], x[-1])
    assert_allclose(profile_interval(found, 0), ends, rtol=1e-6)


def test_a_profile_that_meets_a_higher_top_says_so():
    def two_hills(theta, x):
        return (np.log(np.exp(-(theta**2) / 2) + np.exp(-((theta - 3.3) ** 2) / 2 + 1.0))) / len(x) + 0.0 * x

    found = fit(two_hills, -0.3, onp.zeros(3))
    assert found.theta < 1
    with pytest.raises(ValueError, match="higher than the fit"):
        profile_interval(found, 0, level=0.999)


@pytest.mark.parametrize(
    "what, level, says",
    [
        (2, 0.95, "no index 2"),
        ("scale", 0.95, "no one parameter 'scale'"),
        (0.5, 0.95, "an index, a name or a function"),
        (0, 95, "level must lie between"),
        (lambda t: t, 0.95, "must return one number"),
        (lambda t: (t[0] - t[0]) * t[1], 0.95, "no slope"),
    ],
)
def test_bad_input_for_a_profile(weibull, what, level, says):
    with pytest.raises(ValueError, match=says):
        profile_interval(weibull, what, level)


def test_profiles_equal_minos():
    iminuit = pytest.importorskip("iminuit")
    time, observed = load_remission()
    for found in (
        fit(weibull_censored_logpdf, (1.0, 10.0), (time, observed)),
        fit(logistic_logpmf, onp.zeros(3), (X, TOSSES)),
    ):
        flat = onp.array(found.theta, float)

        def minus_log_likelihood(t):
            return -found.logpdf(t, found.x).sum()  # noqa: B023, asked within this round only

        cost = iminuit.Minuit(minus_log_likelihood, flat)
        cost.errordef, cost.strategy, cost.tol = 0.5, 2, 1e-6
        cost.migrad()
        cost.minos(cl=0.95)
        for j, found_by_minos in enumerate(cost.merrors.values()):
            assert_allclose(
                profile_interval(found, j),
                flat[j] + onp.array([found_by_minos.lower, found_by_minos.upper]),
                rtol=0,
                atol=2e-3 * found.standard_errors[j],
            )


# --- tests -----------------------------------------------------------------------------------------------------------


def test_three_tests_of_a_rate_have_closed_forms():
    x = RNG.exponential(2.0, 40)
    full = fit(exponential_logpdf, 1.0, x)
    n, rate = 40, 1 / x.mean()
    wald = wald_test(full, 0, 0.4)
    assert wald.statistic == pytest.approx(n * (1 - 0.4 / rate) ** 2, rel=1e-8) and wald.df == 1
    assert wald.p_value == pytest.approx(stats.chi2.sf(wald.statistic, 1))


def test_ratio_and_score_test_of_exponential_against_weibull(weibull):
    restricted = fit(exponential_logpdf, 1.0, LIFETIMES)
    test = likelihood_ratio_test(restricted, weibull)
    assert test.statistic == pytest.approx(2 * (weibull.log_likelihood - restricted.log_likelihood)) and test.df == 1
    theta = (1.0, 1 / restricted.theta)
    s, rows = score(weibull_logpdf, theta, LIFETIMES), score_obs(weibull_logpdf, theta, LIFETIMES)
    for kind, info in (("observed", observed_information(weibull_logpdf, theta, LIFETIMES)), ("outer", rows.T @ rows)):
        found = score_test(restricted, weibull_logpdf, theta, kind=kind)
        assert found.statistic == pytest.approx(s @ onp.linalg.solve(info, s), rel=1e-6) and found.df == 1


def test_score_test_of_a_covariance_counts_it_once():
    x = onp.random.default_rng(4).normal(size=(80, 2)) @ onp.array([[1.0, 0.2], [0.0, 2.0]])
    mean, var = x.mean(axis=0), x.var(axis=0)

    def apart(theta, x):
        return gaussian_logpdf(theta[:2], x[:, 0]) + gaussian_logpdf(theta[2:], x[:, 1])

    def together(theta, x):  # the same model as mvn_logpdf, without the second covariance
        return mvn_logpdf((theta[:2], np.array([[theta[2], theta[3]], [theta[3], theta[4]]])), x)

    theta = onp.array([*mean, var[0], 0.0, var[1]])
    s, info = score(together, theta, x), observed_information(together, theta, x)
    restricted = fit(apart, onp.array([0.0, 1.0, 0.0, 1.0]), x)
    found = score_test(restricted, mvn_logpdf, (mean, onp.diag(var)))
    assert found.statistic == pytest.approx(s @ onp.linalg.solve(info, s), rel=1e-6) and found.df == 1


def test_wald_test_of_several_and_of_a_function(poisson):
    sm = pytest.importorskip("statsmodels.api")
    oracle = sm.Poisson(COUNTS, X).fit(disp=0, method="newton", tol=1e-12)
    both = oracle.wald_test(onp.eye(3)[1:], scalar=True, use_f=False)
    found = wald_test(poisson, [1, 2])
    assert found == pytest.approx((both.statistic, 2, both.pvalue), rel=1e-6)
    assert wald_test(poisson, lambda t: t[1:]) == pytest.approx(found, rel=1e-9)
    assert wald_test(poisson, lambda t: t[1] + t[2], 0.1).df == 1
    with pytest.raises(ValueError, match="different ones"):
        wald_test(poisson, [1, 1])


def test_wrong_pairs_of_fits_are_refused(poisson, weibull):
    smaller = fit(poisson_regression_logpmf, onp.zeros(2), (X[:, :2], COUNTS))
    assert likelihood_ratio_test(smaller, poisson).df == 1
    with pytest.raises(ValueError, match="swap them"):
        likelihood_ratio_test(poisson, smaller)
    with pytest.raises(ValueError, match="same data"):
        likelihood_ratio_test(fit(exponential_logpdf, 1.0, LIFETIMES[1:]), weibull)
    better = fit(lambda t, x: weibull_logpdf((1.6, t), x) + 1.0, 1.0, LIFETIMES)  # no density, but one parameter
    with pytest.raises(ValueError, match="restricted fits better"):
        likelihood_ratio_test(better, weibull)
    with pytest.raises(ValueError, match="restricted estimate"):
        score_test(fit(exponential_logpdf, 1.0, LIFETIMES), weibull_logpdf, (1.2, 1.0))


# --- which model -----------------------------------------------------------------------------------------------------


def test_criteria_equal_statsmodels(poisson):
    sm = pytest.importorskip("statsmodels.api")
    oracle = sm.Poisson(COUNTS, X).fit(disp=0, method="newton", tol=1e-12)
    assert aic(poisson) == pytest.approx(oracle.aic) and bic(poisson) == pytest.approx(oracle.bic)
    assert aicc(poisson) == pytest.approx(oracle.aic + 2 * 3 * 4 / (N - 4))
    with pytest.raises(ValueError, match="more than k"):
        aicc(fit(gaussian_logpdf, (0.0, 1.0), [1.0, 2.0, 4.0]))


# --- the bootstrap ---------------------------------------------------------------------------------------------------


def test_bootstrap_of_a_mean_has_the_variance_of_the_data():
    x = RNG.exponential(2.0, 60)
    found = fit(exponential_logpdf, 1.0, x)
    refits = bootstrap(found, rng=onp.random.default_rng(1), draws=400, progress=False)
    assert refits.failed == 0 and refits.estimates.shape == (400, 1)
    means = 1 / refits.estimates
    assert means.std() == pytest.approx(x.std() / onp.sqrt(60), rel=0.15)
    low, high = refits.interval()
    assert refits.interval(kind="basic") == pytest.approx((2 * found.theta - high, 2 * found.theta - low))
    assert refits.interval(function=lambda t: 1 / t) == pytest.approx((1 / high, 1 / low), rel=1e-2)


def test_each_refit_is_the_fit_to_its_rows(weibull):
    refits = bootstrap(weibull, rng=onp.random.default_rng(3), draws=3, progress=False)
    rng = onp.random.default_rng(3)
    for estimate in refits.estimates:
        rows = onp.repeat(LIFETIMES, rng.multinomial(80, onp.full(80, 1 / 80)))
        assert_allclose(fit(weibull_logpdf, (1.0, 1.0), rows).theta, estimate, rtol=1e-5)


def test_parametric_bootstrap_and_its_bar(weibull, capsys):
    def sampler(theta, rng):
        return theta[1] * rng.weibull(theta[0], 80)

    refits = bootstrap(weibull, rng=onp.random.default_rng(2), draws=200, sampler=sampler)
    assert refits.standard_errors == pytest.approx(weibull.standard_errors, rel=0.25)
    assert capsys.readouterr().out.endswith("] 200/200\n")


def test_failed_refits_are_counted_and_reported():
    x = onp.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    Z = onp.column_stack([onp.ones(8), onp.arange(8.0) % 3])
    found = fit(logistic_logpmf, onp.zeros(2), (Z, onp.array([0, 1, 0, 0, 1, 1, 0, 0])))
    refits = bootstrap(found, rng=onp.random.default_rng(0), draws=40, progress=False)
    assert refits.failed > 0 and len(refits.estimates) + refits.failed == 40
    assert f"{refits.failed} failed" in repr(refits) and "No maximum found" in repr(refits)
    assert x.sum() == 1


def test_bootstrap_keeps_bounds_dicts_and_weights():
    weights = onp.array([3, 0, 2, 5])
    x = onp.array([1.0, 9.0, 2.0, 4.0])
    found = fit(lambda t, x: exponential_logpdf(t["rate"], x), {"rate": 1.0}, x, weights=weights)
    refits = bootstrap(found, rng=onp.random.default_rng(0), draws=20, progress=False)
    assert set(refits.thetas[0]) == {"rate"} and refits.failed == 0
    assert onp.all(1 / refits.estimates <= 4.0)  # the row that counts for nothing never comes
    halves = fit(exponential_logpdf, 1.0, x, weights=weights / 2)
    with pytest.raises(ValueError, match="whole numbers"):
        bootstrap(halves, rng=onp.random.default_rng(0), draws=20)


# --- the table -------------------------------------------------------------------------------------------------------


def test_summary_holds_what_wald_interval_says():
    time, observed = load_remission()
    found = fit(exponential_censored_logpdf, 1.0, (time, observed), names=["rate"])
    table = summary(found, 0.9)
    low, high = wald_interval(found, 0.9)
    assert (table.columns["low"][0], table.columns["high"][0]) == pytest.approx((low, high))
    assert "90 % Wald" in repr(table) and "rate" in repr(table) and "n = 21" in repr(table)


def test_array_and_dict_agree():
    def by_key(theta, x):
        return gamma_logpdf((theta["shape"], theta["rate"]), x)

    one, other = fit(gamma_logpdf, [1.0, 1.0], LIFETIMES), fit(by_key, {"shape": 1.0, "rate": 1.0}, LIFETIMES)
    for kind in ("observed", "outer", "sandwich"):
        errors = standard_errors(other, kind)
        assert_allclose(standard_errors(one, kind), [errors["shape"], errors["rate"]], rtol=1e-6)
    assert_allclose(profile_interval(one, 0), profile_interval(other, "shape"), rtol=1e-8)
