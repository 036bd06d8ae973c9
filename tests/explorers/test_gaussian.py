"""What the figure of the Gaussian shows, held against the package; bad input."""

import gzip
import json

import numpy as np
import pytest

from mle_helpers.datasets import load_speed_of_light
from mle_helpers.explorers import explore_gaussian
from mle_helpers.gaussian import gaussian_mle
from mle_helpers.likelihood import log_likelihood
from mle_helpers.models import gaussian_logpdf

from .examples import MEASURED, grids, shown


@pytest.mark.parametrize("x", [load_speed_of_light(), MEASURED * 1e-4, 1e6 + MEASURED, [3.0, 4.0]])
def test_gaussian_explorer_sums_the_logs_and_its_grid_holds_the_estimate(x):
    explorer, x = explore_gaussian(x), np.asarray(x)
    mus, sigmas = grids(explorer)["mu"], grids(explorer)["sigma"]
    table = shown(explorer, "loglik")
    for i, j in [(0, 0), (12, 36), (len(mus) - 1, len(sigmas) - 1)]:
        assert table[i, j] == pytest.approx(log_likelihood(gaussian_logpdf, (mus[i], sigmas[j]), x), abs=0.051)
    assert table.max() == pytest.approx(log_likelihood(gaussian_logpdf, gaussian_mle(x), x), abs=0.0501)
    for values, estimate in zip((mus, sigmas), gaussian_mle(x), strict=True):
        assert min(abs(np.array(values) - estimate)) <= 1e-9 * abs(estimate)


def test_reveal_gives_the_estimate_the_top_and_a_dashed_curve_and_the_gap_is_read_out():
    x = load_speed_of_light()
    explorer = explore_gaussian(x)
    later = [m for one in explorer.spec["panels"] for m in one["marks"] if m.get("when") == "later"]
    words = [m["text"] for m in later if m["kind"] == "words"]
    assert words == ["θ̂, dashed", "◆ θ̂ = (852.4, 78.6)", "top: −578.3 nats"]
    assert [m["style"] for m in later if m["kind"] == "line" and m["role"] == "estimate"] == ["dash"]
    gap, height = shown(explorer, "left"), shown(explorer, "loglik")
    assert gap.min() == 0
    assert np.allclose(gap + height, log_likelihood(gaussian_logpdf, gaussian_mle(x), x), atol=0.151)


def test_of_many_observations_some_are_drawn_and_all_are_counted():
    x = np.random.default_rng(1).normal(2, 1, 20_000)
    explorer = explore_gaussian(x)
    left = explorer.spec["panels"][0]
    assert "200 of 20,000 observations" in left["ylabel"]
    assert left["marks"][1]["x"]["shape"] == [200]
    assert shown(explorer, "loglik").max() == pytest.approx(
        log_likelihood(gaussian_logpdf, gaussian_mle(x), x), abs=0.051
    )
    assert len(gzip.compress(json.dumps(explorer.spec).encode())) < 60_000


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: explore_gaussian([]), "x is empty"),
        (lambda: explore_gaussian([1.0, np.nan]), "x holds 1 NaN"),
        (lambda: explore_gaussian([1.0, np.inf]), "finite numbers"),
        (lambda: explore_gaussian([2.0, 2.0]), "all values are equal"),
        (lambda: explore_gaussian([2.0]), "all values are equal"),
        (lambda: explore_gaussian(np.ones((3, 2))), "1-d array"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
