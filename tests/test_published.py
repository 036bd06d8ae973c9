"""How sure others said they were: published errors, intervals and tests, to the digits printed. Each has its source."""

import autograd.numpy as np
import numpy as onp
import pytest
from autograd.scipy.special import gammaln

from mle_helpers.datasets import (
    load_beetles,
    load_dobson,
    load_incomes,
    load_port_pirie,
    load_remission,
    load_siblings,
)
from mle_helpers.estimate import em, fit
from mle_helpers.inference import (
    aic,
    bic,
    covariance_parts,
    delta_method,
    likelihood_ratio_test,
    profile_interval,
    score_test,
    standard_errors,
    wald_interval,
    wald_test,
)
from mle_helpers.likelihood import log_likelihood, observed_information, score
from mle_helpers.models import bernoulli_logpmf, exponential_censored_logpdf, weibull_censored_logpdf
from mle_helpers.regression import logistic_logpmf, poisson_regression_logpmf


def assert_printed(values, *printed):
    """Each of ``values`` rounds to what was printed."""
    values = onp.ravel(values)
    assert len(values) == len(printed)
    for value, text in zip(values, printed, strict=True):
        assert f"{value:.{len(text.partition('.')[2])}f}" == text, (value, text)


def covariance(found, kind, draws=None):
    basis, middle = covariance_parts(found, kind, draws)
    return basis @ middle @ basis.T


# --- Greene, Econometric Analysis, 7th edition (2012), examples 14.1 to 14.8 and appendix C --------------------------


def incomes_logpdf(theta, x):
    """Gamma with mean rho (beta + education): theta = (beta, rho), x = (education, income)."""
    education, income = x
    scale, rho = theta[0] + education, theta[1]
    inside = (scale > 0) & (rho > 0)
    scale, rho = np.where(inside, scale, 1.0), np.where(rho > 0, rho, 1.0)
    values = -rho * np.log(scale) - gammaln(rho) + (rho - 1) * np.log(income) - income / scale
    return np.where(inside, values, -np.inf)


def exponential_incomes_logpdf(beta, x):
    return incomes_logpdf((beta, 1.0), x)


@pytest.fixture(scope="module")
def incomes():
    income, education = load_incomes()
    x = education.astype(float), income
    return x, fit(exponential_incomes_logpdf, 10.0, x), fit(incomes_logpdf, (5.0, 1.0), x)


def expected_incomes(x, beta, rho):
    """Second derivatives are straight lines in income, so its mean is one draw that gives the exact expectation."""
    return x[0], rho * (beta + x[0])


def test_greene_estimates_and_log_likelihoods(incomes):
    _, restricted, full = incomes
    assert_printed(full.theta, "-4.7185", "3.1509")
    assert_printed([full.log_likelihood, restricted.log_likelihood], "-82.916", "-88.436")
    assert_printed([restricted.theta], "15.6027")


def test_greene_three_variances_of_one_estimate(incomes):
    x, restricted, _ = incomes
    draws = expected_incomes(x, restricted.theta, 1.0)
    assert_printed([standard_errors(restricted, "expected", draws) ** 2], "44.2546")
    assert_printed([standard_errors(restricted) ** 2], "46.16337")
    assert_printed([standard_errors(restricted, "outer") ** 2], "100.5116")


def test_greene_three_covariance_matrices(incomes):
    x, _, full = incomes
    upper = onp.triu_indices(2)
    assert_printed(covariance(full, "expected", expected_incomes(x, *full.theta))[upper], "4.900", "-1.473", "0.5768")
    assert_printed(covariance(full, "observed")[upper], "5.499", "-1.653", "0.6309")
    assert_printed(covariance(full, "outer")[upper], "13.37", "-4.322", "1.537")


def test_greene_three_tests(incomes):
    x, restricted, full = incomes
    assert_printed([likelihood_ratio_test(restricted, full).statistic], "11.0404")
    wald = wald_test(full, 1, 1.0, kind="expected", draws=expected_incomes(x, *full.theta))
    assert wald.statistic == pytest.approx(8.0214, abs=1e-3)  # from 2.1509 and 0.5768, already rounded
    at = (restricted.theta, 1.0)
    assert_printed([score_test(restricted, incomes_logpdf, at).statistic], "5.1162")
    assert_printed([score_test(restricted, incomes_logpdf, at, kind="outer").statistic], "15.6868")
    draws = expected_incomes(x, *at)
    assert_printed([score_test(restricted, incomes_logpdf, at, kind="expected", draws=draws).statistic], "4.7825")
    assert_printed(score(incomes_logpdf, at, x)[1:], "7.9145")


# --- Bliss's beetles, as in Dobson and Barnett, An Introduction to Generalized Linear Models, table 7.3 --------------


@pytest.fixture(scope="module")
def beetles():
    dose, exposed, killed = load_beetles()
    X = onp.column_stack([onp.ones(16), onp.tile(dose, 2)])
    return (X, onp.repeat([1, 0], 8)), onp.concatenate([killed, exposed - killed])


def test_beetles_coefficients_errors_and_log_likelihood(beetles):
    x, weights = beetles
    found = fit(logistic_logpmf, onp.zeros(2), x, weights=weights)
    assert_printed(found.theta, "-60.717", "34.270")
    assert_printed(found.standard_errors, "5.181", "2.912")
    assert_printed([found.log_likelihood], "-186.235")
    assert_printed(standard_errors(found, "expected"), "5.181", "2.912")
    inverse = covariance(found, "observed")
    assert_printed(inverse[onp.triu_indices(2)], "26.840", "-15.082", "8.481")


def test_beetles_iterates_of_newton(beetles):
    """Iteratively reweighted least squares is Newton's method here; Dobson prints its second, third and last steps."""
    x, weights = beetles
    beta, steps, heights = onp.zeros(2), [], []
    for _ in range(7):
        heights.append(log_likelihood(logistic_logpmf, beta, x, weights=weights))
        information = observed_information(logistic_logpmf, beta, x, weights=weights)
        beta = beta + onp.linalg.solve(information, score(logistic_logpmf, beta, x, weights=weights))
        steps.append(beta)
    assert_printed(steps[0], "-37.856", "21.337")
    assert_printed(steps[1], "-53.853", "30.384")
    assert_printed(steps[2], "-59.965", "33.844")
    assert_printed(steps[-1], "-60.717", "34.270")
    assert_printed(heights[:3], "-333.404", "-200.010", "-187.274")
    assert_printed(heights[-1:], "-186.235")


# --- linkage by EM: Dempster, Laird and Rubin (1977), section 1; Tanner, Tools for Statistical Inference (1996) ------

LINKAGE = onp.array([125, 18, 20, 34])


def linkage_logpmf(theta, x):
    """Four cells with probabilities 1/2 + t/4, (1 - t)/4, (1 - t)/4, t/4; x holds the number of the cell."""
    return np.log(np.array([0.5 + theta / 4, (1 - theta) / 4, (1 - theta) / 4, theta / 4]))[x]


def linkage_e_step(theta, x):
    """The share of the first cell that its part t/4 made."""
    return onp.where(x == 0, theta / (2 + theta), 1.0)


def linkage_m_step(expected, x):
    for_theta = onp.sum(expected[(x == 0) | (x == 3)])
    return for_theta / (for_theta + onp.sum(expected[(x == 1) | (x == 2)]))


def test_linkage_by_em_and_its_iterates():
    cells = onp.arange(4)
    found = em(linkage_e_step, linkage_m_step, linkage_logpmf, 0.5, cells, weights=LINKAGE, tol=1e-16)
    exact = (15 + 53809**0.5) / 394  # the positive root of 197 t^2 - 15 t - 68
    assert exact == pytest.approx(0.6268214980, abs=2e-10)  # printed by others; the last digit is where EM stopped
    assert found.theta == pytest.approx(exact, abs=2e-9)  # EM ends when a round gains less than rounding of l
    direct = fit(linkage_logpmf, 0.5, cells, weights=LINKAGE)
    assert direct.theta == pytest.approx(exact, abs=1e-12)
    iterates = "0.608247423", "0.624321050", "0.626488879", "0.626777322", "0.626815632", "0.626820719", "0.626821394"
    assert_printed(found.trace.theta[1:8], *iterates)  # printed: …051, …323 and …395 in three of the last places
    assert_printed([observed_information(linkage_logpmf, found.theta, cells, weights=LINKAGE)[0, 0]], "377.5")


# --- 6-mercaptopurine: Venables and Ripley, Modern Applied Statistics with S (2002), section 13.2 --------------------


@pytest.fixture(scope="module")
def remission():
    (drug, drug_seen), (placebo, placebo_seen) = load_remission("6-MP"), load_remission("control")
    control = onp.repeat([0.0, 1.0], 21)
    return onp.concatenate([drug, placebo]), onp.concatenate([drug_seen, placebo_seen]), control


def weibull_regression_logpdf(theta, x):
    """theta = (log scale under the drug, what the placebo takes off it, log of 1 / shape)."""
    scale = np.exp(theta[0] - theta[1] * x[2])
    return weibull_censored_logpdf((np.exp(-theta[2]), scale), (x[0], x[1]))


def test_remission_weibull_and_exponential(remission):
    found = fit(weibull_regression_logpdf, (3.0, 0.0, 0.0), remission)
    assert_printed(found.theta, "3.516", "1.267", "-0.312")
    assert_printed(found.standard_errors, "0.252", "0.311", "0.147")
    assert_printed([found.log_likelihood], "-106.6")

    def exponential(theta, x):
        return exponential_censored_logpdf(np.exp(theta[1] * x[2] - theta[0]), (x[0], x[1]))

    simpler = fit(exponential, (3.0, 0.0), remission)
    assert_printed(simpler.theta, "3.686", "1.527")
    assert_printed(simpler.standard_errors, "0.333", "0.398")
    assert_printed([simpler.log_likelihood], "-108.5")


# --- sexes of children: Roback and Legler, Beyond Multiple Linear Regression (2021), sections 2.4 to 2.6 -------------


def by_older_siblings_logpmf(theta, x):
    """A probability of a boy for each of the three states of the older siblings: x = (ahead, boy)."""
    p = np.array(theta)[x[0] + 1]
    return np.where(x[1] == 1, np.log(p), np.log1p(-p))


def test_sexes_of_children():
    _, ahead, boy = load_siblings()
    same = fit(bernoulli_logpmf, 0.5, boy)
    different = fit(by_older_siblings_logpmf, onp.full(3, 0.5), (ahead, boy))
    assert_printed([same.theta], "0.5075")
    assert_printed([same.log_likelihood, different.log_likelihood], "-7396.067", "-7391.448")
    test = likelihood_ratio_test(same, different)
    assert_printed([test.statistic, test.p_value], "9.239", "0.0099")  # 9.238 is twice the difference as printed
    assert 2 * (7396.067 - 7391.448) == pytest.approx(9.238)
    assert test.df == 2
    assert aic(different) < aic(same) and bic(same) < bic(different)  # the two criteria disagree
    assert_printed([aic(same), aic(different)], "14794.1", "14788.9")


# --- the level of the sea: Coles, An Introduction to Statistical Modeling of Extreme Values (2001), section 3.4.1 ----


def gev_logpdf(theta, x):
    """theta = (location, scale, shape), shape not 0."""
    z = 1 + theta[2] * (x - theta[0]) / theta[1]
    inside = (z > 0) & (theta[1] > 0)
    log_z, scale = np.log(np.where(inside, z, 1.0)), np.where(theta[1] > 0, theta[1], 1.0)
    return np.where(inside, -np.log(scale) - (1 + 1 / theta[2]) * log_z - np.exp(-log_z / theta[2]), -np.inf)


def return_level(years):
    return lambda t: t[0] - t[1] / t[2] * (1 - (-np.log(1 - 1 / years)) ** -t[2])


def test_port_pirie_errors_intervals_and_return_levels():
    found = fit(gev_logpdf, (3.8, 0.2, -0.1), load_port_pirie()[1])
    assert_printed(found.theta, "3.87", "0.198", "-0.050")
    assert_printed(found.standard_errors, "0.028", "0.020", "0.098")
    low, high = wald_interval(found)
    assert_printed([low[0], high[0]], "3.82", "3.93")
    assert_printed([low[1], high[1]], "0.158", "0.238")
    assert [low[2], high[2]] == pytest.approx([-0.242, 0.142], abs=1e-3)  # printed from rounded numbers
    for years, printed in ((10, ("4.30", "4.19", "4.40")), (100, ("4.69", "4.38", "5.00"))):
        level, error = delta_method(return_level(years), found)
        assert_printed([level, level - 1.96 * error, level + 1.96 * error], *printed)
    assert delta_method(return_level(10), found).standard_error ** 2 == pytest.approx(0.00303, abs=5e-6)


def test_port_pirie_profile_intervals():
    """Coles reads his ends off a picture: [-0.21, 0.17] for the shape and [4.50, 5.27] for a hundred years."""
    found = fit(gev_logpdf, (3.8, 0.2, -0.1), load_port_pirie()[1])
    assert profile_interval(found, 2) == pytest.approx((-0.21, 0.17), abs=0.01)
    assert profile_interval(found, return_level(100)) == pytest.approx((4.50, 5.27), abs=0.01)


# --- R's own help pages ----------------------------------------------------------------------------------------------


def test_dobson_profile_intervals_of_r():
    """`confint(glm.D93)` of R, which interpolates in a table of the profile: its last digits are off by 2e-5."""
    count, outcome, treatment = load_dobson()
    X = onp.column_stack([onp.ones(9), outcome == 2, outcome == 3, treatment == 2, treatment == 3]).astype(float)
    found = fit(poisson_regression_logpmf, onp.zeros(5), (X, count))
    printed = [(2.6958, 3.3666), (-0.8577, -0.0626), (-0.6754, 0.0824), (-0.3932, 0.3932), (-0.3932, 0.3932)]
    for j, ends in enumerate(printed):
        assert profile_interval(found, j) == pytest.approx(ends, abs=6e-5)
