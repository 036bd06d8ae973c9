"""EM for Gaussian mixtures, by the iteration, against scikit-learn's GaussianMixture: equal starts, K, D, n and kind.

After the same number of iterations both must have the same log-likelihood to 1e-10 relative. "plain" is the textbook's
E-step and M-step for full covariances in a few lines of NumPy and SciPy, as a chapter shows them first.

On a busy machine ``OMP_NUM_THREADS=1 python benchmarks/bench_mixtures.py`` is steadier: the peers take turns within one
process, and the ratios of the best times are printed; then the cost as n and K double, and the memory at n = 1e6.
"""

import sys
import time
import tracemalloc
import warnings
from functools import partial

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.datasets import load_digits
from sklearn.mixture import GaussianMixture

from mle_helpers.datasets import load_old_faithful
from mle_helpers.estimate import FitError, em
from mle_helpers.mixtures import mixture_logpdf, mixture_m_step, mixture_start, mixture_steps

SKLEARN_NAME = {"full": "full", "diagonal": "diag", "tied": "tied"}
# name: (K, n of simulated data or its name, iterations)
PROBLEMS = {
    "digits 1797x64 K=10": (10, "digits", 3),
    "Old Faithful 272x2 K=3": (3, "Old Faithful", 50),
    "simulated 1e5x2 K=3": (3, 10**5, 5),
}


def data_of(what):
    rng = np.random.default_rng(1)
    if what == "digits":  # grey levels are whole numbers: uniform noise makes them measurements with a density
        digits = load_digits().data
        return digits + rng.random(digits.shape)
    if what == "Old Faithful":
        return load_old_faithful()
    means = np.array([[0, 0], [3, 1], [-1, 4]])
    return means[rng.integers(3, size=what)] + rng.normal(size=(what, 2)) @ [[1, 0.5], [0, 0.7]]


def start_of(name, kind):
    K, what, iterations = PROBLEMS[name]
    x = data_of(what)
    if what == "digits":  # from the ten kinds of digits: from elsewhere a component may collapse, also scikit-learn's
        blurred = 0.3 * np.eye(10)[load_digits().target] + 0.07
        return x, mixture_m_step(blurred, x, kind), iterations
    return x, mixture_start(x, K, np.random.default_rng(3), kind), iterations


def ours(x, theta, kind, iterations):
    """The log-likelihood after so many iterations: `em` never gets there, and says so."""
    try:
        em(*mixture_steps(kind, floor=1e-9), mixture_logpdf, theta, x, tol=1e-300, max_iter=iterations)
    except FitError as error:
        assert len(error.trace.theta) == iterations + 1
        return error.trace.log_likelihood[-1]


def scikit_learn(x, theta, kind, iterations):
    covs = theta["covs"][0] if kind == "tied" else theta["covs"]
    model = GaussianMixture(
        len(theta["weights"]),
        covariance_type=SKLEARN_NAME[kind],
        tol=0,
        reg_covar=0,
        max_iter=iterations,
        weights_init=theta["weights"],
        means_init=theta["means"],
        precisions_init=1 / covs if kind == "diagonal" else np.linalg.inv(covs),
        init_params="random_from_data",  # not used, but scikit-learn computes it
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(x)
    assert model.n_iter_ == iterations
    model.log_likelihood = model.lower_bound_ * len(x)  # that of the E-step before the last M-step
    return model


def plain(x, theta, kind, iterations):
    weights, means, covs = theta["weights"], theta["means"], theta["covs"]
    for _ in range(iterations):
        joint = np.log(weights) + np.column_stack(
            [multivariate_normal(m, c).logpdf(x) for m, c in zip(means, covs, strict=True)]
        )
        r = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
        counts = r.sum(axis=0)
        weights, means = counts / len(x), r.T @ x / counts[:, None]
        covs = [(r[:, k, None] * (x - means[k])).T @ (x - means[k]) / counts[k] for k in range(len(counts))]


PEERS = {"ours": ours, "scikit-learn": scikit_learn, "plain": plain}
CASES = [(name, kind) for name in PROBLEMS for kind in SKLEARN_NAME]


def check_equal(x, theta, kind, iterations):
    expected = scikit_learn(x, theta, kind, iterations + 1).log_likelihood
    assert ours(x, theta, kind, iterations) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("name,kind", CASES)
def bench_mixture(benchmark, name, kind, peer):
    if peer == "plain" and kind != "full":
        pytest.skip("the plain version has full covariances")
    benchmark.group = f"EM {name} {kind}"
    x, theta, iterations = start_of(name, kind)
    check_equal(x, theta, kind, iterations)
    benchmark.extra_info["iterations"] = iterations
    benchmark.pedantic(PEERS[peer], args=(x, theta, kind, iterations), rounds=8, warmup_rounds=1)


COSTS = {f"n = {n}, K = {K}": (n, K) for n, K in [(10**5, 3), (2 * 10**5, 3), (4 * 10**5, 3), (10**5, 6), (10**5, 12)]}


@pytest.mark.parametrize("peer", COSTS)
def bench_cost(benchmark, peer):
    """Linear in n and in K: the nanoseconds for an iteration, an observation and a component stay or fall."""
    benchmark.group = "EM cost, simulated in two dimensions, full"
    n, K = COSTS[peer]
    x = data_of(n)
    benchmark.pedantic(ours, args=(x, mixture_start(x, K, np.random.default_rng(3)), "full", 3), rounds=5)
    benchmark.extra_info["nanoseconds_each"] = 1e9 * benchmark.stats.stats.median / 3 / n / K


@pytest.mark.parametrize("peer", ["ours", "scikit-learn"])
def bench_memory(benchmark, peer):
    benchmark.group = "EM memory, n = 1e6 x 2, K = 3, full"
    megabytes = benchmark.pedantic(peak_memory, args=(peer, 10**6), rounds=1)
    benchmark.extra_info["megabytes_over_the_data"] = megabytes


def best_times(runs, rounds):
    """CPU seconds of each run, the least of several; the runs take turns."""
    best = dict.fromkeys(runs, np.inf)
    for _ in range(rounds):
        for name, run in runs.items():
            begin = time.process_time()
            run()
            best[name] = min(best[name], time.process_time() - begin)
    return best


def peak_memory(peer, n):
    """Megabytes that three iterations hold at their peak, the data not counted."""
    x = data_of(n)
    theta = mixture_start(x[:1000], 3, np.random.default_rng(3))
    tracemalloc.start()
    PEERS[peer](x, theta, "full", 3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def main(rounds):
    for name, kind in CASES:
        x, theta, iterations = start_of(name, kind)
        check_equal(x, theta, kind, iterations)
        peers = PEERS if kind == "full" else {"ours": ours, "scikit-learn": scikit_learn}
        runs = {peer: partial(run, x, theta, kind, iterations) for peer, run in peers.items()}
        best = best_times(runs, rounds)
        ratios = ", ".join(f"ours / {peer} {best['ours'] / best[peer]:.2f}" for peer in peers if peer != "ours")
        print(f"{name:24} {kind:9} {1e3 * best['ours'] / iterations:8.3f} ms an iteration; {ratios}", flush=True)
    for name, (n, K) in COSTS.items():
        x = data_of(n)
        theta = mixture_start(x, K, np.random.default_rng(3))
        best = best_times({"ours": partial(ours, x, theta, "full", 3)}, rounds)["ours"]
        print(f"{name}: {1e9 * best / 3 / n / K:.1f} ns an iteration, observation and component", flush=True)
    for peer in ("ours", "scikit-learn"):
        print(f"n = 1e6 x 2, K = 3, {peer}: {peak_memory(peer, 10**6):.0f} MB over the data", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
