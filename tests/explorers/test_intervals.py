"""Two intervals from one curve against closed forms, and coverage in the long run against summation."""

import numpy as np
import pytest
from scipy.stats import binom, chi2, norm

from mle_helpers.explorers import explore_coverage, explore_intervals
from mle_helpers.models import bernoulli_logpmf, exponential_logpdf, poisson_logpmf

from .examples import KINDS, coverage, grids, intervals, made, shown, unpack, wald


def test_the_ends_lie_where_the_curve_has_dropped_by_half_a_quantile():
    low, high = (shown(made(intervals), name) for name in ("low", "high"))
    levels, sizes = (np.array(grids(made(intervals))[name]) for name in ("level", "n"))
    for i, level in enumerate(levels):
        for j, n in enumerate(sizes):
            for end in (low[i, j], high[i, j]):
                drop = binom.logpmf(0.2 * n, n, 0.2) - binom.logpmf(0.2 * n, n, end)
                slope = abs(n * (0.2 / end - 0.8 / (1 - end)))
                assert drop == pytest.approx(chi2.ppf(level / 100, 1) / 2, abs=0.0006 * slope + 1e-9)
    assert low[3, 0] < 0.2 < high[3, 0] and not np.isnan(low).any()


def test_walds_interval_depends_on_the_name_and_the_other_does_not():
    low = shown(made(intervals), "wald_low")
    assert low[0, 3, 0] == pytest.approx(0.2 - norm.ppf(0.975) * np.sqrt(0.016), abs=0.0006)
    assert low[0, 3, 0] < 0 < 0.04 < low[1, 3, 0]


def test_an_end_that_is_not_reached_is_open():
    one = explore_intervals(poisson_logpmf, np.linspace(0.4, 8, 100), np.array([1.0]), symbol="λ", times=(1, 9))
    assert np.isnan(shown(one, "low")[3, 0]) and shown(one, "low")[3, 1] < 1 < shown(one, "high")[0, 0]


def test_other_names_are_the_readers_own():
    names = {"λ": (lambda t: t, lambda t: t), "1/λ": (lambda t: -1 / t, lambda u: -1 / u)}
    x = np.tile([1.0, 2.0, 3.0], 4)
    one = explore_intervals(exponential_logpdf, np.linspace(0.01, 3, 300), x, scales=names, symbol="λ")
    z = norm.ppf(0.975)
    assert shown(one, "wald_high")[1, 3, 0] == pytest.approx(0.5 / (1 - z / np.sqrt(12)), abs=0.0006)


def test_what_the_page_decides_after_rounding_is_what_was_counted():
    (belt,) = [m for m in made(coverage).spec["panels"][0]["marks"] if m["kind"] == "belt"]
    low, high, chance, truth = (unpack(belt[name]) for name in ("x", "y", "size", "truth"))
    cover = shown(made(coverage), "cover")
    for i, j, m in np.ndindex(cover.shape):
        n = int(grids(made(coverage))["n"][j])
        hit = (low[i, j, : n + 1] <= truth[m]) & (truth[m] <= high[i, j, : n + 1])
        assert 100 * np.diff(chance[j, m, : n + 1], prepend=0)[hit].sum() == pytest.approx(cover[i, j, m], abs=0.3)
    exact = sum(binom.pmf(k, 20, 0.1) for k in range(21) if wald(k, 20)[0] <= 0.1 <= wald(k, 20)[1])
    assert cover[0, 1, 4] == pytest.approx(100 * exact, abs=0.0501)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: explore_intervals(bernoulli_logpmf, [-0.5, -0.1], [1, 0]), "thetas: the data are impossible"),
        (lambda: explore_intervals(bernoulli_logpmf, [0.2, np.nan], [1, 0]), "thetas holds NaN"),
        (lambda: explore_intervals(lambda t, x: t * x, [0.1, 0.2], [1.0, 1.0]), "no curvature"),
        (lambda: explore_coverage(KINDS, truths=[0.0, 0.5]), "truths"),
        (lambda: explore_coverage({"odd": lambda k, n: k}), "kinds"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises((ValueError, TypeError), match=says):
        call()
