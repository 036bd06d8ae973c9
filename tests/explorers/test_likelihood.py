"""What the figure of the likelihood shows, held against the package; bad input."""

import numpy as np
import pytest
from scipy.stats import binom

from mle_helpers.explorers import explore_likelihood
from mle_helpers.likelihood import log_likelihood
from mle_helpers.models import bernoulli_logpmf, poisson_logpmf, uniform_logpdf

from .examples import KICKS, TOSSES, coin, grids, kicks, made, shown, unit_normal, unpack


def test_likelihood_shows_what_the_package_computes():
    for build, logpdf, x, theta_hat in [(coin, bernoulli_logpmf, TOSSES, 4 / 6), (kicks, poisson_logpmf, KICKS, 0.7)]:
        (thetas,) = grids(made(build)).values()
        highest = log_likelihood(logpdf, theta_hat, x)
        relative = np.exp([log_likelihood(logpdf, t, x) - highest for t in thetas])
        tiny, table = (relative > 0) & (relative < 0.0005), shown(made(build), "relative")
        assert np.array_equal(np.isnan(table), tiny)  # shown in words
        assert table[~tiny] == pytest.approx(relative[~tiny], abs=0.000501)


def test_heights_that_can_be_read_are_shown_and_others_are_not():
    thetas = np.array(grids(made(coin))["p"])
    assert shown(made(coin), "likelihood") == pytest.approx(thetas**4 * (1 - thetas) ** 2, abs=0.0000501)
    assert [r["name"] for r in made(kicks).spec["readouts"]] == ["relative"]


def test_a_single_observation_marks_its_own_bar():
    def heads(p, k):
        return binom.logpmf(k, 6, p)

    explorer = explore_likelihood(heads, np.linspace(0, 1, 101), [4], outcomes=np.arange(7), symbol="p")
    bars, dots = explorer.spec["panels"][0]["marks"]
    assert np.array_equal(unpack(dots["y"])[:, 0], unpack(bars["y"])[:, 4])


def test_bars_hold_the_models_probabilities():
    bars = made(coin).spec["panels"][0]["marks"][0]
    heights, step = unpack(bars["y"]), bars["y"]["step"]
    thetas = np.array(grids(made(coin))["p"])
    assert heights[:, 1] == pytest.approx(thetas, abs=step)
    assert heights.sum(axis=1) == pytest.approx(np.ones(101), abs=2 * step)


def test_a_maximum_at_the_edge_of_the_support_is_found_on_the_grid():
    x = np.array([0.2, 0.9, 0.5])
    explorer = explore_likelihood(uniform_logpdf, np.linspace(0.5, 2, 16), x, symbol="θ")
    table = shown(explorer, "relative")
    assert np.all(table[:4] == 0) and table[4] == 1 and np.all(np.diff(table[4:]) < 0)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: explore_likelihood(bernoulli_logpmf, [0.5], TOSSES, outcomes=[0, 1]), "two grid values"),
        (lambda: explore_likelihood(bernoulli_logpmf, [], TOSSES, outcomes=[0, 1]), "thetas is empty"),
        (lambda: explore_likelihood(bernoulli_logpmf, [0.0, 1.0], TOSSES, outcomes=[0, 1]), "impossible"),
        (lambda: explore_likelihood(bernoulli_logpmf, [0.1, np.nan], TOSSES, outcomes=[0, 1]), "NaN"),
        (lambda: explore_likelihood(bernoulli_logpmf, [0.1, 0.2], TOSSES, outcomes=[]), "outcomes is empty"),
        (lambda: explore_likelihood(bernoulli_logpmf, [0.1, 0.2], [], outcomes=[0, 1]), "x is empty"),
        (lambda: explore_likelihood(unit_normal, [[0.1, 0.2]], [[1.0]]), "1-d array"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
