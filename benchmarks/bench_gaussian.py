"""`gaussian_mle` against `scipy.stats.norm.fit` and `np.mean` with `np.std`, n = 1e3 to 1e7: time and peak memory."""

import tracemalloc

import numpy as np
import pytest
from scipy import stats

from mle_helpers.gaussian import GaussianAccumulator, gaussian_mle

PEERS = {
    "mle_helpers": gaussian_mle,
    "scipy": stats.norm.fit,
    "numpy": lambda x: (np.mean(x), np.std(x)),
}


def peak_bytes(function, x):
    """The most memory that `function` holds at a time, the data themselves not counted."""
    tracemalloc.start()
    function(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("n", [10**3, 10**4, 10**5, 10**6, 10**7], ids="n={:.0e}".format)
def bench_gaussian_mle(benchmark, n, peer):
    x = np.random.default_rng(1).normal(2, 1, n)
    benchmark.group = f"gaussian_mle n={n}"
    benchmark.extra_info["peak_bytes_over_data"] = peak_bytes(PEERS[peer], x) / x.nbytes
    iterations = max(1, 10**5 // n)  # so that one round takes well over the clock's resolution
    estimate = benchmark.pedantic(PEERS[peer], args=(x,), rounds=25, iterations=iterations, warmup_rounds=2)
    assert np.allclose(estimate, (x.mean(), x.std()), rtol=1e-12)


def bench_accumulator(benchmark):
    """The same in 100 chunks, each summarised alone and then merged, as on a cluster: n = 1e6."""
    chunks = np.array_split(np.random.default_rng(1).normal(2, 1, 10**6), 100)
    benchmark.group = f"gaussian_mle n={10**6}"

    def in_chunks():
        total = GaussianAccumulator()
        for chunk in chunks:
            total.merge(GaussianAccumulator().update(chunk))
        return total

    assert benchmark.pedantic(in_chunks, rounds=25, warmup_rounds=2).n == 10**6
