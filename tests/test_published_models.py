"""What others published, to the digits that they printed; where a source's own digits are off, the test says so."""

import autograd.numpy as np
import numpy as onp
import pytest
import statsmodels.api as sm
from lifelines.datasets import load_lung

from mle_helpers.datasets import (
    load_aspirin,
    load_birth_weight,
    load_dobson,
    load_durables,
    load_ground_beef,
    load_horse_kicks,
    load_old_faithful,
    load_orings,
    load_port_pirie,
)
from mle_helpers.estimate import em, fit
from mle_helpers.mixtures import mixture_e_step, mixture_logpdf, mixture_m_step
from mle_helpers.models import (
    binomial_logpmf,
    gamma_logpdf,
    lognormal_logpdf,
    negative_binomial_logpmf,
    poisson_logpmf,
    weibull_censored_logpdf,
    weibull_logpdf,
)
from mle_helpers.regression import (
    binomial_regression_logpmf,
    linear_logpdf,
    logistic_logpmf,
    negative_binomial_regression_logpmf,
    poisson_regression_logpmf,
    softmax_logpmf,
    tobit_logpdf,
)


def assert_printed(values, *printed):
    """Each value rounds to what was printed, a text."""
    values = onp.ravel(values)
    assert [f"{value:.{len(text.partition('.')[2])}f}" for value, text in zip(values, printed, strict=True)] == [
        *printed
    ]


def design(*columns):
    return onp.column_stack([onp.ones(len(columns[0])), *columns]).astype(float)


def test_dobson_counts():
    """The help page of R's `glm` prints the coefficients 3.045, -0.4543, -0.2930 and the residual deviance 5.1291."""
    count, outcome, treatment = load_dobson()
    X = design(outcome == 2, outcome == 3, treatment == 2, treatment == 3)
    found = fit(poisson_regression_logpmf, onp.zeros(5), (X, count))
    assert_printed(found.theta[:1], "3.045")
    assert_printed(found.theta[1:3], "-0.4543", "-0.2930")
    assert_printed(found.standard_errors, "0.1709", "0.2022", "0.1927", "0.2000", "0.2000")
    deviance = 2 * onp.sum(count * onp.log(count / onp.exp(X @ found.theta)))
    assert_printed(deviance, "5.1291")
    # R prints 1.338e-15 and 1.421e-15 for the treatments, which are rounding: every treatment has 50 people.
    assert found.theta[3:] == pytest.approx([0, 0], abs=1e-9)


def test_low_birth_weight():
    """Hosmer and Lemeshow, Applied Logistic Regression, 2nd edition (2000), table 2.2."""
    births = load_birth_weight()
    X = design(births["age"], births["lwt"], births["race"] == 2, births["race"] == 3, births["ftv"])
    found = fit(logistic_logpmf, onp.zeros(6), (X, births["low"]))
    assert_printed(found.log_likelihood, "-111.286")
    assert_printed(found.theta, "1.295", "-0.024", "-0.014", "1.004", "0.433", "-0.049")
    assert_printed(found.standard_errors, "1.071", "0.034", "0.0065", "0.498", "0.362", "0.167")


def test_aspirin():
    """Efron and Tibshirani (1993), chapter 1: the ratio of the rates is 0.55. The page prints 0.550."""
    found = fit(lambda t, x: binomial_logpmf(t[0] * np.array([t[1], 1.0]), x), [0.02, 0.8], load_aspirin())
    assert_printed(found.theta[1], "0.550")
    assert found.theta == pytest.approx([189 / 11034, 104 / 11037 / (189 / 11034)], rel=1e-9)


def test_ground_beef():
    """fitdistrplus prints shape 2.185885, scale 83.347679; 4.1693701 and 0.5366095; log-likelihoods as below.

    The Weibull's last digits are those of a Nelder-Mead search that stopped: the maximum lies at 2.185612, 83.346711,
    1e-6 nats above. So for the gamma, whose default search printed 4.00955898 and a better one 4.00833917.
    """
    serving = load_ground_beef()
    weibull = fit(weibull_logpdf, (1.0, 50.0), serving)
    assert_printed(weibull.log_likelihood, "-1255.225")
    assert weibull.theta == pytest.approx((2.185885, 83.347679), rel=2e-4)
    printed = onp.sum(weibull_logpdf((2.185885, 83.347679), serving))
    assert 0 < weibull.log_likelihood - printed < 1e-5
    gamma = fit(gamma_logpdf, (1.0, 0.02), serving)
    assert_printed(gamma.log_likelihood, "-1253.625")
    assert gamma.theta == pytest.approx((4.00833917, 0.05442736), rel=1e-5)
    lognormal = fit(lognormal_logpdf, (4.0, 1.0), serving)
    assert_printed(lognormal.log_likelihood, "-1261.319")
    assert_printed(lognormal.theta, "4.1693701", "0.5366095")
    assert_printed(lognormal.standard_errors, "0.03367", "0.02381")


def test_port_pirie():
    """Coles (2001), section 3.4.1: 3.87 (0.03), 0.198 (0.020), -0.050 (0.098), log-likelihood 4.34; a user's model."""

    def gev_logpdf(theta, x):
        mu, sigma, xi = theta
        t = 1 + xi * (x - mu) / sigma
        return -np.log(sigma) - (1 + 1 / xi) * np.log(t) - t ** (-1 / xi)

    found = fit(gev_logpdf, [3.9, 0.2, 0.1], load_port_pirie()[1])
    assert_printed(found.theta, "3.87", "0.198", "-0.050")
    assert_printed(found.standard_errors, "0.03", "0.020", "0.098")
    assert_printed(found.log_likelihood, "4.34")


def test_orings():
    """Dalal, Fowlkes and Hoadley (1989): 5.085 and -0.1156 for the joints, 15.043 and -0.2322 for the flights."""
    temperature, distressed = load_orings()
    X = design(temperature)
    flights = fit(logistic_logpmf, onp.zeros(2), (X, distressed > 0))
    assert_printed(flights.theta, "15.043", "-0.2322")
    joints = fit(binomial_regression_logpmf, onp.zeros(2), (X, distressed, onp.full(23, 6)))
    assert_printed(joints.theta, "5.085", "-0.1156")


def test_tobin():
    """R: `survreg(Surv(durable, durable > 0, type = "left") ~ age + quant, tobin, dist = "gaussian")`."""
    durable, age, quant = load_durables()
    found = fit(tobit_logpdf, (onp.array([15.0, 0.0, 0.0]), 5.0), (design(age, quant), durable))
    assert_printed(found.theta[0], "15.14487", "-0.12906", "-0.04554")
    assert_printed(found.standard_errors[0], "16.0795", "0.2186", "0.0583")
    assert_printed(found.theta[1], "5.57")
    assert_printed(found.log_likelihood, "-28.9")


def test_mites_on_apple_leaves():
    """Bliss and Fisher, Biometrics 9 (1953), 176-200: k = 1.02459, one over the dispersion."""
    mites = onp.repeat(onp.arange(9), [70, 38, 17, 10, 9, 3, 2, 1, 0])
    mean, dispersion = fit(negative_binomial_logpmf, (1.0, 0.5), mites).theta
    assert mean == pytest.approx(172 / 150, rel=1e-9)
    assert_printed(1 / dispersion, "1.02459")


def test_horse_kicks_have_a_negative_binomial_that_is_the_poisson():
    """With divisor n the variance 0.608 lies below the mean 0.610: the maximum is at dispersion 0."""
    deaths = load_horse_kicks()
    found = fit(negative_binomial_logpmf, (0.5, 0.3), deaths)
    assert found.theta == pytest.approx((0.61, 0.0), abs=1e-7)
    assert found.log_likelihood == pytest.approx(onp.sum(poisson_logpmf(0.61, deaths)), abs=1e-9)


def test_longley():
    """NIST StRD, data set Longley, certified: coefficients, and the residual standard deviation with divisor n - p."""
    data = sm.datasets.longley.load_pandas()
    X = design(data.exog)
    beta, sigma = fit(linear_logpdf, (onp.zeros(7), 1000.0), (X, data.endog)).theta
    certified = [-3482258.63459582, 15.0618722713733, -0.358191792925910e-01, -2.02022980381683, -1.03322686717359]
    assert beta == pytest.approx([*certified, -0.511041056535807e-01, 1829.15146461355], rel=1e-8)
    assert sigma * (16 / 9) ** 0.5 == pytest.approx(304.854073561965, rel=1e-8)


def test_spector():
    """Greene, Econometric Analysis, 5th edition (2003), table 21.1: logit for the effect of a teaching method."""
    data = sm.datasets.spector.load_pandas()
    found = fit(logistic_logpmf, onp.zeros(4), (sm.add_constant(data.exog), data.endog))
    assert_printed(found.theta, "-13.021", "2.826", "0.095", "2.379")
    assert_printed(found.standard_errors, "4.931", "1.263", "0.142", "1.065")
    assert_printed(found.log_likelihood, "-12.8896")


def test_visits_to_a_doctor():
    """The RAND health insurance experiment in the documentation of statsmodels, and its own negative binomial."""
    data = sm.datasets.randhie.load_pandas()
    x = (sm.add_constant(data.exog, prepend=False), data.endog)
    poisson = fit(poisson_regression_logpmf, onp.zeros(10), x)
    assert_printed(poisson.theta[:5], "-0.0525", "-0.2471", "0.0353", "-0.0346", "0.2717")
    assert_printed(poisson.theta[5:], "0.0339", "-0.0126", "0.0541", "0.2061", "0.7004")
    assert_printed(poisson.log_likelihood, "-62420")
    beta, dispersion = fit(negative_binomial_regression_logpmf, (poisson.theta, 1.0), x).theta
    start = [*poisson.theta, 1.0]
    oracle = sm.NegativeBinomial(data.endog, x[0]).fit(start_params=start, method="newton", disp=False)
    assert [*beta, dispersion] == pytest.approx(oracle.params.to_numpy(), rel=1e-4)


def test_party_identification():
    """The American National Election Study of 1996 in the documentation of statsmodels: multinomial logit."""
    data = sm.datasets.anes96.load_pandas()
    found = fit(softmax_logpmf, onp.zeros((6, 6)), (sm.add_constant(data.exog), data.endog))
    assert_printed(found.theta[:, 0], "-0.3734", "-0.0115", "0.2977", "-0.0249", "0.0825", "0.0052")
    assert_printed(found.log_likelihood, "-1461.9")
    oracle = sm.MNLogit(data.endog, sm.add_constant(data.exog)).fit(disp=False)
    assert found.theta == pytest.approx(oracle.params.to_numpy(), abs=1e-6)
    assert found.standard_errors == pytest.approx(oracle.bse.to_numpy(), rel=1e-4)


def test_lung_cancer():
    """R's `survreg(Surv(time, status) ~ age + sex, lung)`: a Weibull whose log scale is a linear predictor."""

    def weibull_regression_logpdf(theta, x):
        (beta, sigma), (time, died, X) = theta, x
        return weibull_censored_logpdf((1 / sigma, np.exp(np.dot(X, beta))), (time, died))

    lung = load_lung()
    x = (lung.time.to_numpy(), lung.status.to_numpy(), design(lung.age, lung.sex))
    found = fit(weibull_regression_logpdf, (onp.array([6.0, 0.0, 0.0]), 1.0), x)
    assert_printed(found.theta[0], "6.27485", "-0.01226", "0.38209")
    assert_printed(found.standard_errors[0], "0.48137", "0.00696", "0.12748")
    assert_printed(found.theta[1], "0.754")
    assert_printed(found.log_likelihood, "-1147.1")


def test_waiting_for_old_faithful():
    """mixtools (Benaglia and others, JSS 32(6), 2009): two normal distributions of the waiting times."""
    waiting = load_old_faithful()[:, 1:]
    start = {"weights": onp.full(2, 0.5), "means": onp.array([[55.0], [80.0]]), "covs": onp.full((2, 1, 1), 25.0)}
    found = em(mixture_e_step, mixture_m_step, mixture_logpdf, start, waiting, tol=1e-13)
    assert_printed(found.theta["weights"], "0.3609", "0.6391")
    assert_printed(found.theta["means"], "54.615", "80.091")
    assert_printed(onp.sqrt(found.theta["covs"]), "5.871", "5.868")
    assert_printed(found.log_likelihood, "-1034.002")


def test_alpha_particles():
    """Rutherford and Geiger, Philosophical Magazine 20 (1910): 10,097 particles in 2,608 intervals, 3.87 in each."""
    counts = onp.repeat(onp.arange(15), [57, 203, 383, 525, 532, 408, 273, 139, 45, 27, 10, 4, 0, 1, 1])
    assert (len(counts), counts.sum()) == (2608, 10097)
    assert_printed(fit(poisson_logpmf, 1.0, counts).theta, "3.87")
