"""What the figure of EM shows, held against the package; bad input."""

import gzip
import json

import numpy as np
import pytest
from scipy.special import rel_entr

from mle_helpers.explorers import explore_em
from mle_helpers.mixtures import mixture_logpdf, mixture_steps
from mle_helpers.models import mvn_logpdf

from .examples import FAITHFUL, MEASURED, geyser, made, shown, unpack


def start_of(K):
    places = np.quantile(FAITHFUL, (np.arange(K) + 1) / (K + 1), axis=0)
    return {"weights": np.full(K, 1 / K), "means": places, "covs": np.array([np.cov(FAITHFUL.T)] * K)}


@pytest.mark.parametrize("K", [1, 2, 4])
def test_em_explorer_shows_likelihood_bound_and_gap_after_every_half_step(K):
    explorer, theta = explore_em(FAITHFUL, K, start=start_of(K), steps=6), start_of(K)
    e_step, m_step = mixture_steps("full", floor=0)
    cloud = explorer.spec["panels"][0]["marks"]
    sizes = np.array([unpack(m["size"]) for m in cloud[:K]])
    outlines = [m for m in cloud if m["kind"] == "line"]
    for position, label in enumerate(explorer.spec["controls"][0]["labels"]):
        assert label == f"{'EM'[position % 2]} {position // 2 + 1}"
        if label.startswith("E"):
            shares = e_step(theta, FAITHFUL).expected
        else:
            theta = m_step(shares, FAITHFUL)
        below = rel_entr(shares, e_step(theta, FAITHFUL).expected).sum()
        value = mixture_logpdf(theta, FAITHFUL).sum()
        numbers = [shown(explorer, name)[position] for name in ("height", "bound", "gap")]
        assert numbers == pytest.approx([value, value - below, below], abs=0.00502)
        assert numbers[2] == 0 or label.startswith("M")
        assert sizes[:, position].T ** 2 == pytest.approx(shares, abs=0.011)
        for outline, mean, cov in zip(outlines, theta["means"], theta["covs"], strict=True):
            away = np.array([unpack(outline[axis])[position] for axis in "xy"]).T - mean
            assert np.sum(away @ np.linalg.inv(cov) * away, axis=1) == pytest.approx(np.full(len(away), 4), rel=0.1)


def test_em_explorers_bound_stays_below_touches_and_is_highest_where_the_m_step_goes():
    line, bound = (unpack(m["y"]) for m in made(geyser).spec["panels"][1]["marks"][:2])
    places = unpack(made(geyser).spec["panels"][1]["marks"][0]["x"])
    step = made(geyser).spec["panels"][1]["marks"][0]["y"]["step"]
    assert np.all(bound <= line + 1.01 * step)
    for position in range(len(bound)):
        touch = np.argmin(abs(places - position // 2))
        assert bound[position, touch] == pytest.approx(line[touch], abs=1.01 * step)
        if position < len(bound) - 1:
            peak = np.argmin(abs(places - position // 2 - 1))
            assert bound[position, peak] >= bound[position].max() - 1.01 * step


def test_em_explorer_draws_some_of_many_points_and_counts_them_all():
    x = np.random.default_rng(1).normal(size=(5000, 2)) + 4 * np.arange(5000)[:, None] // 2500
    explorer = explore_em(x, steps=8)
    assert explorer.spec["panels"][0]["marks"][0]["x"]["shape"][-1] <= 400
    assert len(gzip.compress(json.dumps(explorer.spec).encode())) < 60_000
    one = explore_em(x, 1, steps=1)
    closed_form = mvn_logpdf((x.mean(axis=0), np.cov(x.T, bias=True)), x).sum()
    assert shown(one, "height") == pytest.approx(np.full(3, closed_form), abs=0.00502)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: explore_em(np.empty((0, 2))), "x is empty"),
        (lambda: explore_em([[1.0, np.nan], [2.0, 3.0]]), "x holds 1 NaN"),
        (lambda: explore_em([[1.0, np.inf], [2.0, 3.0]]), "finite numbers in two columns"),
        (lambda: explore_em(MEASURED), r"two columns, shape \(n, 2\), got shape \(12,\)"),
        (lambda: explore_em(np.ones((5, 3))), "two columns"),
        (lambda: explore_em([[1.0, 2.0]]), "at least three that are not on a line"),
        (lambda: explore_em(np.outer(MEASURED, [1.0, 2.0])), "at least three that are not on a line"),
        (lambda: explore_em(FAITHFUL, 0), "K must be a whole number from 1 to 4, got 0"),
        (lambda: explore_em(FAITHFUL, 2.5), "K must be a whole number"),
        (lambda: explore_em(FAITHFUL, steps=0), "steps must be at least 1"),
        (lambda: explore_em(FAITHFUL, 3, start=start_of(2)), "start must hold weights"),
        (lambda: explore_em(FAITHFUL, start={"means": FAITHFUL[:2]}), "start must hold weights"),
        (lambda: explore_em(FAITHFUL, floor=-1.0), "floor >= 0"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
