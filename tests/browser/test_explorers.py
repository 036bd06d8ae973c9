"""The figures that move on the built pages: every control moved, every number held against the package."""

import re

import numpy as np
import pytest
from numpy.random import default_rng
from scipy.stats import binom

from mle_helpers.datasets import load_horse_kicks, load_old_faithful, load_speed_of_light
from mle_helpers.models import poisson_logpmf

from .. import conftest
from . import figures

KICKS = load_horse_kicks()
FAITHFUL = load_old_faithful()


def heads_in_six(p, k):
    return binom.logpmf(k, 6, p)


# chapter -> (title, what the package says) for each figure, in their order. A new figure needs a line here.
ORACLES = {
    "likelihood": [("The likelihood of p", figures.likelihood_of(heads_in_six, np.array([4]), 4 / 6, readable=True))],
    "log-likelihood": [
        (
            "The product against the sum",
            figures.product_and_sum_of(poisson_logpmf, "λ", np.linspace(0.3, 1.2, 10), np.tile(KICKS, 5)),
        )
    ],
    "argmax": [("Climbing the log-likelihood", figures.ascent_on(load_speed_of_light() / 100))],
    "score-equation": [
        (
            "The slope of the log-likelihood",
            figures.score_on(poisson_logpmf, default_rng(15).permutation(KICKS), np.mean),
        )
    ],
    "gaussian": [("A Gaussian against the data", figures.gaussian_on(load_speed_of_light()))],
    "intervals": [
        ("Two intervals from one curve", figures.intervals_of_a_share(0.2)),
        ("Does it cover 95 % of the time?", figures.coverage_of(figures.SHARES)),
    ],
    "principal-coordinates": [("Turn the coordinates, see the digit", figures.coordinates_of())],
    "generative-adversarial-networks": [("Two humps, one Gaussian", figures.divergences_of())],
    "diffusion": [("Slide the level", figures.noising_of(lambda t: -4 + 8 * (t - 1) / 99 if t else -np.inf))],
    "gaussian-mixtures": [("EM, step by step", figures.em_on(FAITHFUL[:, 1], spread=10.0))],
    "variational-autoencoders": [
        (
            "A walk in the latent plane",
            figures.latent_on(conftest.ROOT / "book" / "variational-autoencoders.ipynb"),
        )
    ],
}
STORED = {path.stem for path in (conftest.ROOT / "book").glob("*.ipynb") if "<div data-explorer>" in path.read_text()}
each = pytest.mark.parametrize("chapter", sorted(STORED | set(ORACLES)))
# What repeats a check in another setting; the kit's own tests touch and drag one figure of each kind.
at_once = pytest.mark.parametrize(
    "chapter", [pytest.param(name, marks=() if name == "gaussian" else pytest.mark.audit) for name in sorted(STORED)]
)


@pytest.fixture
def open_figures(open_page, site):
    """open_figures(chapter, **options of open_page) -> the figures of a built chapter, in order."""

    def open_figures(chapter, **options):
        source = (site / "book" / f"{chapter}.html").read_text(encoding="utf-8")
        specs, known = figures.specs(source), ORACLES.get(chapter, [])
        titles = [spec["title"] for spec in specs]
        assert titles == [title for title, _ in known], f"{chapter}: bring ORACLES in this file up to date"
        page = open_page(f"book/{chapter}.html", **options)
        assert page.locator("[data-explorer], .mlx").count() == len(specs)
        return [figures.Figure(page, i, spec, known[i][1]) for i, spec in enumerate(specs)]

    return open_figures


@each
def test_the_keyboard_moves_every_control_and_all_numbers_are_right(open_figures, chapter):
    for one in open_figures(chapter):
        one.drive_by_keyboard()
        one.finding()
        one.buttons()
        assert not one.page.troubles


@at_once
def test_they_move_from_the_disk_too(open_figures, chapter):
    for one in open_figures(chapter, scheme="file"):
        one.drive_by_keyboard(("End", "ArrowLeft", "Home"))
        assert not one.page.troubles


@at_once
def test_mouse_and_finger_move_them_too(open_figures, chapter):
    for one in open_figures(chapter):
        one.drive_by_mouse()
        assert not one.page.troubles
    for one in open_figures(chapter, has_touch=True, is_mobile=True, width=390, mode="dark"):
        one.drive_by_touch()
        assert not one.page.troubles


@each
def test_a_page_carries_the_module_once(site, chapter):
    source = (site / "book" / f"{chapter}.html").read_text(encoding="utf-8")
    assert len(re.findall("<script[^>]* data-explorer-module", source)) == 1
    assert "application/vnd.jupyter.widget" not in source


@each
def test_without_scripts_a_picture_with_its_finding_is_seen(open_page, chapter):
    page = open_page(f"book/{chapter}.html", java_script_enabled=False)
    pictures = page.locator("[data-explorer] img")
    assert pictures.count() == len(ORACLES[chapter])
    for picture in pictures.all():
        assert picture.is_visible() and picture.bounding_box()["width"] > 300
        assert re.search(r"\d", picture.get_attribute("alt"))
