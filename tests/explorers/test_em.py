"""What the figure of EM shows, held against the package; bad input."""

import gzip
import json

import numpy as np
import pytest
from scipy.special import rel_entr

from mle_helpers.explorers import explore_em
from mle_helpers.mixtures import mixture_logpdf, mixture_steps

from .examples import FAITHFUL, MEASURED, geyser, made, shown, unpack

WAITS = FAITHFUL[:, 1]
STARTS = [50.0, 60.0, 60.0 + 1e-9, 80.0]


def start_of(first, second, spread):
    means = np.array([[first], [second]])
    return {"weights": np.array([0.5, 0.5]), "means": means, "covs": np.full((2, 1, 1), spread**2)}


@pytest.mark.parametrize("first, second", [(0, 1), (3, 0), (1, 1)])
def test_likelihood_bound_and_gap_after_every_half_step(first, second):
    explorer = explore_em(WAITS, starts=STARTS, spread=10.0, rounds=6)
    theta, x, shares = start_of(STARTS[first], STARTS[second], 10.0), WAITS[:, None], np.full((272, 2), 0.5)
    e_step, m_step = mixture_steps("full", floor=0)
    bells = [unpack(m["y"]) for m in explorer.spec["panels"][0]["marks"] if m["kind"] == "bell"]
    for position, label in enumerate(explorer.spec["controls"][2]["labels"]):
        assert label == ("start" if position == 0 else f"{'ME'[position % 2]} {(position + 1) // 2}")
        if label.startswith("E"):
            shares = e_step(theta, x).expected
        elif position:
            theta = m_step(shares, x)
        below = rel_entr(shares, e_step(theta, x).expected).sum()
        value = mixture_logpdf(theta, x).sum()
        numbers = [shown(explorer, name)[first, second, position] for name in ("height", "bound", "gap")]
        assert numbers == pytest.approx([value, value - below, below], abs=0.00502)
        for k, bell in enumerate(bells):
            curve = theta["weights"][k], theta["means"][k, 0], theta["covs"][k, 0, 0] ** 0.5
            assert bell[first, second, position] == pytest.approx(curve, abs=0.0011)


def test_the_bars_of_both_components_add_up_to_the_data():
    explorer = made(geyser)
    above, below = (unpack(m["y"]) for m in explorer.spec["panels"][0]["marks"] if m["kind"] == "bars")
    width = explorer.spec["panels"][0]["marks"][1]["width"] / 0.9
    whole = (above - below).sum(axis=-1) * width
    assert whole == pytest.approx(np.ones(whole.shape), abs=0.02)
    assert above.min() >= 0 and below.max() <= 0


def test_many_points_make_no_larger_figure():
    x = np.random.default_rng(1).normal(size=5000) + 4 * (np.arange(5000) // 2500)
    explorer = explore_em(x, rounds=8)
    assert len(gzip.compress(json.dumps(explorer.spec).encode())) < 60_000
    assert len(gzip.compress(json.dumps(made(geyser).spec).encode())) < 60_000


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: explore_em([]), "x is empty"),
        (lambda: explore_em([1.0, np.nan]), "x holds 1 NaN"),
        (lambda: explore_em(FAITHFUL), r"x must be a 1-d array of finite numbers, got shape \(272, 2\)"),
        (lambda: explore_em([2.0, 2.0, 2.0]), "all values are equal"),
        (lambda: explore_em(MEASURED, rounds=0), "rounds must be at least 1"),
        (lambda: explore_em(MEASURED, floor=-1.0), "floor >= 0"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
