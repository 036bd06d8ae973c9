"""`fit` against `scipy.stats.fit` and statsmodels' GenericLikelihoodModel: same log density, equal optimum, n = 1e5.

Ours and statsmodels also give standard errors, as statsmodels' `fit` does by default; SciPy gives none.
"""

import numpy as np
import pytest
from scipy import stats
from statsmodels.base.model import GenericLikelihoodModel

from mle_helpers.estimate import fit
from mle_helpers.models import gaussian_logpdf, weibull_logpdf
from mle_helpers.regression import logistic_logpmf

N = 100_000
RNG = np.random.default_rng(1)
X = np.column_stack([np.ones(N), RNG.normal(size=(N, 4))])
PROBLEMS = {  # logpdf, start, data, SciPy's family with its bounds
    "gaussian": (
        gaussian_logpdf,
        np.array([0.0, 3.0]),
        RNG.normal(2, 1, N),
        (stats.norm, {"loc": (-10, 10), "scale": (0.1, 10)}),
    ),
    "weibull": (
        weibull_logpdf,
        np.array([1.0, 1.0]),
        3 * RNG.weibull(1.7, N),
        (stats.weibull_min, {"c": (0.1, 10), "scale": (0.1, 10)}),
    ),
    "logistic": (
        logistic_logpmf,
        np.zeros(5),
        (X, RNG.binomial(1, 1 / (1 + np.exp(-X @ [0.1, 1.0, -1.0, 0.5, 0.0])))),
        None,
    ),
}


def mean_log_likelihood(name, theta):
    logpdf, _, data, _ = PROBLEMS[name]
    return np.mean(logpdf(np.asarray(theta), data))


def run_ours(name):
    logpdf, start, data, _ = PROBLEMS[name]
    found = fit(logpdf, start, data)
    assert np.all(np.isfinite(found.standard_errors))
    return found.theta


def run_statsmodels(name):
    logpdf, start, data, _ = PROBLEMS[name]
    y, exog = (data[1], data[0]) if isinstance(data, tuple) else (data, None)

    class Model(GenericLikelihoodModel):
        def loglikeobs(self, params):
            return logpdf(params, data)

        def nloglikeobs(self, params):
            return -self.loglikeobs(params)

    model = Model(y, exog=np.ones(len(y)) if exog is None else exog)
    model.df_model, model.df_resid = len(start) - 1, len(y) - len(start)
    return model.fit(start_params=start, method="bfgs", disp=0).params


def run_scipy(name):
    _, _, data, (family, bounds) = PROBLEMS[name]
    result = stats.fit(family, data, bounds)
    return result.params if family is stats.norm else (result.params.c, result.params.scale)


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("peer", ["ours", "statsmodels", "scipy"])
def bench_fit(benchmark, name, peer):
    if peer == "scipy" and PROBLEMS[name][3] is None:
        pytest.skip("scipy.stats.fit knows no regression")
    benchmark.group = f"fit {name} n={N}"
    run = {"ours": run_ours, "statsmodels": run_statsmodels, "scipy": run_scipy}[peer]
    rounds = 1 if peer == "scipy" else 5
    theta = benchmark.pedantic(run, args=(name,), rounds=rounds, warmup_rounds=rounds > 1)
    best = mean_log_likelihood(name, run_ours(name))
    assert best >= mean_log_likelihood(name, theta) - 1e-12
    assert mean_log_likelihood(name, theta) == pytest.approx(best, abs=1e-6)
