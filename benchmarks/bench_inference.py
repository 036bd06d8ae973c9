"""How sure, against other packages: sandwich errors, the interval of one profile, and a thousand refits.

"statsmodels" makes HC0 errors of its own logistic regression: second derivatives and scores; the fit is not timed.
"iminuit" runs MINOS on our log-likelihood and gradient, from its own minimum and after its own HESSE, not timed.
"lifelines" fits its Weibull to the same resamples. Answers are held against ours. All on one thread.
"""

from functools import cache

import numpy as np
import pytest
from autograd import grad
from statsmodels.discrete.discrete_model import Logit
from statsmodels.stats.sandwich_covariance import cov_white_simple

from mle_helpers.estimate import fit
from mle_helpers.inference import bootstrap, profile_interval, standard_errors
from mle_helpers.models import weibull_logpdf
from mle_helpers.regression import logistic_logpmf

RNG = np.random.default_rng(3)
REFITS = 1000


@cache
def logistic(n, p):
    X = np.column_stack([np.ones(n), RNG.normal(size=(n, p - 1))])
    y = RNG.binomial(1, 1 / (1 + np.exp(-X @ RNG.normal(0, 0.4, p))))
    return X, y, fit(logistic_logpmf, np.zeros(p), (X, y))


@pytest.mark.parametrize("peer", ["ours", "statsmodels"])
def bench_sandwich(benchmark, peer):
    X, y, found = logistic(100_000, 20)
    benchmark.group = "sandwich logistic p=20 n=100000"
    if peer == "ours":

        def run():
            found.__dict__.pop("parabola", None)  # its checks are made again each time
            return standard_errors(found, "sandwich")

    else:
        theirs = Logit(y, X).fit(disp=0, tol=1e-8)

        def run():
            return np.sqrt(np.diag(cov_white_simple(theirs, use_correction=False)))

    errors = benchmark.pedantic(run, rounds=7, warmup_rounds=1)
    np.testing.assert_allclose(errors, standard_errors(found, "sandwich"), rtol=1e-5)


@pytest.mark.parametrize("peer", ["ours", "iminuit"])
def bench_profile(benchmark, peer):
    X, y, found = logistic(10_000, 5)
    benchmark.group = "profile interval logistic p=5 n=10000"
    if peer == "ours":
        ends = benchmark.pedantic(profile_interval, args=(found, 1), rounds=7, warmup_rounds=1)
    else:
        from iminuit import Minuit

        def value(t):
            return -logistic_logpmf(t, (X, y)).sum()

        cost = Minuit(value, found.theta, grad=grad(value), name=[f"t{j}" for j in range(5)])
        cost.errordef = Minuit.LIKELIHOOD

        def ready():
            cost.reset()
            cost.migrad()
            cost.hesse()

        def run():
            cost.minos("t1", cl=0.95)
            return cost.values["t1"] + cost.merrors["t1"].lower, cost.values["t1"] + cost.merrors["t1"].upper

        ends = benchmark.pedantic(run, setup=ready, rounds=7)
    right = profile_interval(found, 1)
    benchmark.extra_info["off_by_standard_errors"] = float(
        np.max(np.abs(np.subtract(ends, right))) / np.ptp(right) * 3.92
    )
    np.testing.assert_allclose(ends, right, atol=0.01 * np.ptp(right))


@pytest.mark.parametrize("peer", ["ours", "lifelines"])
def bench_bootstrap(benchmark, peer):
    x = 3 * np.random.default_rng(5).weibull(1.7, 200)
    benchmark.group = f"bootstrap weibull n=200 refits={REFITS}"
    if peer == "ours":
        found = fit(weibull_logpdf, (1.0, 1.0), x)

        def run():
            return bootstrap(found, rng=np.random.default_rng(1), draws=REFITS, progress=False).standard_errors

    else:
        lifelines = pytest.importorskip("lifelines")

        def run():
            rng, estimates = np.random.default_rng(1), []
            for _ in range(REFITS):
                refit = lifelines.WeibullFitter().fit(np.repeat(x, rng.multinomial(200, np.full(200, 1 / 200))))
                estimates.append((refit.rho_, refit.lambda_))
            return np.std(estimates, axis=0, ddof=1)

    errors = benchmark.pedantic(run, rounds=1)
    np.testing.assert_allclose(errors, [0.13679, 0.12721], rtol=2e-3)
