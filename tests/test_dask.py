"""The accumulator on data larger than memory: each block is summarised where it lies, and the summaries are merged."""

from functools import reduce

import numpy as np
import pytest

from mle_helpers.gaussian import GaussianAccumulator, gaussian_mle

da = pytest.importorskip("dask.array")
dask = pytest.importorskip("dask")


@dask.delayed
def summary(block):
    return GaussianAccumulator().update(block)


@dask.delayed
def together(summaries):
    return reduce(GaussianAccumulator.merge, summaries, GaussianAccumulator())


@pytest.mark.parametrize("scheduler", ["synchronous", "threads"])
@pytest.mark.parametrize("chunks", [1000, (7000, 1, 0, 1999, 1000), 10_000])
def test_blocks_give_the_estimates_of_the_whole(scheduler, chunks):
    x = 1e7 + 0.1 * np.random.default_rng(2).normal(size=10_000)
    blocks = da.from_array(x, chunks=(chunks,)).to_delayed()
    total = together([summary(block) for block in blocks])
    for _ in range(2):  # computing again must not count twice
        result = total.compute(scheduler=scheduler)
        assert result.n == 10_000
        assert (result.mu, result.sigma) == pytest.approx(gaussian_mle(x), rel=1e-12)
