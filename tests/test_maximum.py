"""Frames, walks and the checklist: the same answer in all units, and a bad case that each line catches."""

from dataclasses import replace

import autograd.numpy as np
import numpy as onp
import pytest

from mle_helpers.datasets import load_old_faithful
from mle_helpers.estimate import FitError, em, fit
from mle_helpers.likelihood import log_likelihood
from mle_helpers.maximum import Checklist, Surface, frame, has_kink, is_dome, least_slope, rounding, walk
from mle_helpers.mixtures import mixture_e_step, mixture_logpdf, mixture_m_step, mixture_start
from mle_helpers.models import cauchy_logpdf, gaussian_logpdf
from mle_helpers.regression import logistic_logpmf

pytestmark = [pytest.mark.filterwarnings(f"error:{one}") for one in (":RuntimeWarning", "Output seems independent")]

X = onp.array([1, 2, 4, 5.5, 3.2, 2.9, 3.7])
T, Y = onp.arange(1.0, 11.0), onp.array([0, 0, 0, 0, 1, 0, 1, 1, 1, 1])
TOP = onp.array([X.mean(), X.std()])


@pytest.mark.parametrize("unit", [1e-9, 1e-3, 1.0, 1e6, 1e9])
def test_a_frame_is_as_wide_as_the_standard_errors_in_any_unit(unit):
    view = frame(Surface(gaussian_logpdf, TOP, unit * X), unit * TOP)
    errors = onp.sqrt(onp.sum(view.basis**2 / view.bend, axis=1))
    assert errors == pytest.approx(unit * X.std() / onp.sqrt([7, 14]), rel=1e-9)
    assert view.to_gain < 1e-25 and view.steepness < 1e-12 and view.level.shape == (2, 0)


@pytest.mark.parametrize("origin", [0.0, 1e4, 2451545.0, 1e7, 1e9])
def test_a_frame_sees_what_a_far_origin_hides(origin):
    design = onp.column_stack([onp.ones(10), origin + T])
    theta = onp.array([-7.15901068 - 1.30163831 * origin, 1.30163831])
    view = frame(Surface(logistic_logpmf, theta, (design, Y)), theta)
    errors = onp.sqrt(onp.sum(view.basis**2 / view.bend, axis=1))
    assert errors[1] == pytest.approx(0.8400, abs=2e-4)


def test_a_direction_in_which_nothing_changes_is_level():
    view = frame(Surface(lambda t, x: gaussian_logpdf((t[0] + t[1], 1.0), x), onp.zeros(2), X), onp.zeros(2))
    assert view.basis.shape == (2, 1) and view.level.shape == (2, 1)
    assert view.level[0, 0] == pytest.approx(-view.level[1, 0])


def surface(function):
    return Surface(lambda t, x: function(t) + 0.0 * x, onp.zeros(1), onp.zeros(1))


@pytest.mark.parametrize(
    ("function", "way"),
    [
        (lambda t: -(t[0] ** 2), "falls"),
        (lambda t: t[0] ** 3, "rises"),
        (lambda t: 0.0 * t[0], "level"),
        (lambda t: np.where(t[0] > 10, -np.inf, 0.0), "edge"),
        (lambda t: np.where(t[0] > 0, -np.inf, 0.0), "wall"),
        (lambda t: -(np.sin(t[0]) ** 2) + t[0] / 100, "falls"),  # a valley first, the higher hill beyond it
    ],
)
def test_a_walk_says_what_it_met(function, way):
    lengths = 10.0 ** onp.arange(-1, 3) if way != "falls" else onp.array([0.3, 1.0, 3.0, 6.0, 1000.0])
    assert walk(surface(function), onp.zeros(1), 0.0, onp.ones(1), lengths).way == way


def test_a_roof_has_a_kink_and_a_flat_top_is_no_dome():
    at, step = onp.zeros(1), onp.ones(1)
    assert has_kink(surface(lambda t: -np.abs(t[0])), at, step)
    assert not has_kink(surface(lambda t: -(t[0] ** 2)), at, step)
    assert is_dome(surface(lambda t: -(t[0] ** 2) / 2), at, step)
    assert not is_dome(surface(lambda t: -((30 * t[0]) ** 4)), at, step)


def test_the_shortest_slope_vanishes_where_slopes_oppose_each_other():
    assert least_slope(onp.array([[1.0, 0.0], [-1.0, 1.0], [-1.0, -1.0]])) == pytest.approx([0, 0], abs=1e-12)
    assert least_slope(onp.array([[2.0, 1.0], [2.0, -1.0]])) == pytest.approx([2, 0], abs=1e-12)


def test_rounding_counts_in_standard_errors():
    far = 1e12 + X
    theta = onp.array([far.mean(), far.std()])
    lost = rounding(theta, frame(Surface(gaussian_logpdf, theta, far), theta))
    assert lost[0] == pytest.approx(2.2e-16 * 1e12 * onp.sqrt(7) / X.std(), rel=0.05)


# --- the checklist: a good fit, and a bad case for every line ---------------------------------------------------------


def test_a_good_fit_passes_every_line():
    found = fit(gaussian_logpdf, (0.0, 1.0), X).checklist()
    assert list(found.verdicts.values()) == [True] * 5
    assert str(found).count("yes") == 5


def test_the_slope_tells_of_em_that_stopped_early():
    x = onp.concatenate([onp.random.default_rng(0).normal(m, 1, 80) for m in (0, 3)])[:, None]
    start = {"weights": onp.full(2, 0.5), "means": onp.array([[0.5], [2.0]]), "covs": onp.ones((2, 1, 1))}
    early = em(mixture_e_step, mixture_m_step, mixture_logpdf, start, x, tol=1e-2)
    assert early.checklist(starts=False).verdicts["slope"] is False


def test_a_mixture_found_by_em_passes_every_line_once_it_has_arrived():
    """Its weights sum to one and its covariances are symmetric: in other directions no fit is asked to go."""
    x = load_old_faithful()
    steps = mixture_e_step, mixture_m_step, mixture_logpdf, mixture_start(x, 2, onp.random.default_rng(0)), x
    early, arrived = em(*steps, tol=1e-2), em(*steps, tol=1e-10)
    assert list(arrived.checklist().verdicts.values()) == [True] * 5
    behind = arrived.log_likelihood - early.log_likelihood
    found = early.checklist()
    assert found.to_gain == pytest.approx(behind, rel=0.05) and found.starts == pytest.approx(behind, abs=1e-5)
    assert [name for name, ok in found.verdicts.items() if ok is False] == ["slope", "starts", "units"]


def test_the_curvature_tells_of_a_ridge():
    found = fit(lambda t, x: gaussian_logpdf((t[0] + t[1], 1.0), x), [0.0, 0.0], X).checklist(starts=False)
    assert found.verdicts["curvature"] is False and found.straight == ("theta[0]", "theta[1]")


def test_the_digits_tell_of_data_far_from_zero():
    far = 1e14 + onp.round(8 * X)
    theta = onp.array([far.mean(), far.std()])
    found = Checklist.of(frame(Surface(gaussian_logpdf, theta, far), theta), theta, ("mu", "sigma"))
    assert found.verdicts["digits"] is False


def test_other_starts_tell_of_a_higher_top():
    found = fit(lambda t, x: cauchy_logpdf((t, 1.0), x), -6.0, onp.array([-5.0, 0.0, 1.0])).checklist()
    assert found.starts is not None and (found.starts > 1e-4) == (found.verdicts["starts"] is False)
    assert found.verdicts["starts"] is False


def test_other_units_tell_of_an_end_that_is_none():
    found = fit(gaussian_logpdf, (0.0, 1.0), X)
    short = replace(found, theta=(3.0, 1.3), log_likelihood=log_likelihood(gaussian_logpdf, (3.0, 1.3), X))
    assert short.checklist().units == pytest.approx(found.log_likelihood - short.log_likelihood, abs=1e-6)
    assert short.checklist().verdicts["units"] is False


def test_an_error_carries_the_lines_that_need_no_other_fit():
    with pytest.raises(FitError) as caught:
        fit(logistic_logpmf, onp.zeros(2), (onp.column_stack([onp.ones(6), onp.arange(6)]), onp.arange(6) > 2))
    assert caught.value.checklist.starts is None
    assert "not tried" in str(caught.value.checklist)
