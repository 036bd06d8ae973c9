"""The room that a formula is given before it is set."""

import sys

import pytest

from .conftest import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from formulas import (  # noqa: E402
    FORMULA,  # noqa: E402
    MATHJAX,
    height,
    width,
    with_room,
)


@pytest.mark.parametrize(
    "tex, em",
    [  # as TeX's own fonts measure them
        ("x", 0.572),
        ("p = 0.8", 0.503 + 1.334 + 0.5 + 0.278 + 0.5),
        (r"\hat\theta", 0.469),
        ("x_i^2", 0.572 + 0.354 + 0.05),
        (r"\tfrac12", 0.24 + 0.354),
        ("-1", 0.778 + 0.5),
        ("a - b", 0.529 + 0.778 + 0.444 + 0.429),
        (r"\text{if}", 0.96),
        (r"\sqrt{n}", 0.853 + 0.6),
    ],
)
def test_a_width_is_the_sum_of_its_letters_and_spaces(tex, em):
    assert width(tex) == pytest.approx(MATHJAX * em, abs=0.01)


def test_more_rows_and_fractions_are_higher():
    one, two = height("x = 1"), height(r"\begin{aligned} x &= 1 \\ &= 2 \end{aligned}")
    assert one < height(r"x = \frac12") < two + 1 and one < two
    assert height(r"\sum_{i=1}^n x_i") > height(r"\sum_i x_i") > one


@pytest.mark.parametrize("broken", ["", "{", "}", "^", r"\frac", r"\frac1", r"\text{", "x_"])
def test_what_is_no_formula_gets_some_room_all_the_same(broken):
    assert width(broken) >= 0 and height(broken) > 0


def test_the_page_keeps_its_formulas_as_they_are():
    page = '<p><span class="math notranslate nohighlight">\\(a &lt; b\\)</span></p>'
    shown = FORMULA.sub(with_room, page)
    assert shown.replace(shown[shown.index(" style") : shown.index(">\\(")], "") == page
    assert f"--wide: {width('a < b'):.2f}" in shown
