"""What the figure of gradient ascent shows, held against the package; bad input."""

import numpy as np
import pytest

from mle_helpers.explorers import explore_ascent
from mle_helpers.likelihood import log_likelihood, observed_information, score

from .examples import MEASURED, ascent, grids, in_log_sigma, made, shown, unpack


def test_ascent_follows_the_gradient_of_the_mean_log_likelihood():
    i, j = 1, 8
    theta = np.array([grids(made(ascent))["mu"][i], grids(made(ascent))["log_sigma"][j]])
    rate = made(ascent).value["size"]
    for _ in range(30):
        theta = theta + rate * score(in_log_sigma, theta, MEASURED) / len(MEASURED)
    (path,) = [m for m in made(ascent).spec["panels"][0]["marks"] if m.get("upto")]
    for axis, expected in zip("xy", theta, strict=True):
        assert unpack(path[axis])[1, i, j, -1] == pytest.approx(expected, abs=path[axis]["step"])
    height = log_likelihood(in_log_sigma, theta, MEASURED) / len(MEASURED)
    top = np.array([MEASURED.mean(), np.log(MEASURED.std())])
    gap = log_likelihood(in_log_sigma, top, MEASURED) / len(MEASURED) - height
    assert shown(made(ascent), "left")[1, i, j, -1] == pytest.approx(gap, abs=0.000501)
    assert np.nanmin(shown(made(ascent), "left")) >= 0


@pytest.mark.parametrize("spread", [0.3, 0.7, 1.0, 1.4])
def test_the_three_step_sizes_crawl_arrive_and_never_settle(spread):
    z = np.random.default_rng(3).normal(size=12)
    x = 2 + spread * (z - z.mean()) / z.std()
    explorer = explore_ascent(x)
    curvatures = observed_information(in_log_sigma, np.array([2.0, np.log(spread)]), x) / len(x)
    limit = 2 / np.linalg.eigvalsh(curvatures).max()
    labels = explorer.spec["controls"][0]["labels"]
    assert [float(text) / limit for text in labels] == pytest.approx([0.03, 0.5, 1.5], rel=0.1)
    gap = shown(explorer, "left")[:, 1, 9, :]
    assert gap[0, -1] > 0.1 and np.all(np.diff(gap[0]) <= 0)
    assert gap[1, -1] < 0.03
    assert not np.nanmax(gap[2, -5:]) < 0.02


def test_it_speaks_of_steps_and_is_one_panel_high():
    explorer = explore_ascent(MEASURED, steps=12)
    assert "iteration" not in repr(explorer.spec)
    assert len(explorer.spec["panels"]) == 1  # a second one would push the controls off a phone's screen
    assert explorer.value["steps"] == 12
    assert "below its top: {left}" in explorer.spec["finding"]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: explore_ascent([2.0, 2.0]), "all values are equal"),
        (lambda: explore_ascent(MEASURED, step_sizes=[0.1, -0.5]), "step_sizes must be positive"),
        (lambda: explore_ascent(MEASURED, step_sizes=[]), "step_sizes is empty"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
