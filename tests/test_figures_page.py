"""Drawings set into a page: its colours, ids of their own, room that is known; captions under their figures."""

import re
import sys
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from docutils import nodes
from docutils.utils import new_document

from mle_helpers import plots

from .conftest import ROOT
from .test_figures import tool
from .test_plots import svg_of

sys.path.insert(0, str(ROOT / "book" / "_ext"))
import figures  # noqa: E402

COLOURS = figures.palette()


@pytest.fixture(autouse=True)
def style():
    with plt.rc_context():
        plots.use_style()
        yield
    plt.close("all")


def on_page(fig, prefix="drawing1"):
    """A figure's drawing as stored and then as set into the page: an element."""
    markup, wide, high = figures.for_page(tool.plainer(svg_of(fig)), prefix, 'says "so" & <so>')
    root = ElementTree.fromstring(markup)
    assert (root.get("width"), root.get("height")) == (str(wide), str(high))
    return root


def test_the_palette_is_that_of_the_package():
    expected = {colour.lower(): f"var(--fig-{role})" for role, colour in plots.COLORS.items()}
    assert expected == COLOURS


def test_colours_follow_the_page():
    assert figures.themed("#0072b2", COLOURS) == "var(--fig-model)"
    assert figures.themed("#000000", COLOURS) == "var(--fig-ink)"
    assert figures.themed("#ffffff", COLOURS) == "var(--fig-paper)"
    assert figures.themed("#dddddd", COLOURS) == "color-mix(in srgb, var(--fig-ink) 13%, var(--fig-paper))"
    assert figures.themed("#6b6b6b", COLOURS) == "var(--fig-data)"
    assert figures.themed("#00224e", COLOURS) == "color-mix(in srgb, var(--fig-ink) var(--fig-lift), #00224e)"
    assert figures.themed("#00224e", COLOURS, line=False) == "#00224e"
    assert figures.themed("none", COLOURS) == "none"


def lines(root):
    return [part.get("style") for part in root.iter() if "stroke" in part.get("style", "")]


def test_a_drawing_brings_no_colour_font_or_rule_of_its_own():
    fig, ax = plt.subplots()
    ax.plot([1, 2], color=plots.COLORS["model"], marker="o", markeredgecolor="white")
    ax.contour(np.outer(range(5), range(5)))
    ax.text(0, 1, "words", color=plots.COLORS["estimate"])
    ax.set_title(r"$\hat\theta$ here")
    markup = ElementTree.tostring(on_page(fig), encoding="unicode")
    assert "font-family" not in markup and "<style" not in markup
    plain = re.sub(r"color-mix\([^()]*(?:\(.*?\)[^()]*)+\)", "", markup)
    assert not re.search("#[0-9a-f]{6}", plain), re.search(".{60}#[0-9a-f]{6}", plain)
    for role in ("model", "estimate", "paper", "ink"):
        assert f"var(--fig-{role})" in markup
    assert "fill: #ffffff" not in markup and "fill: none" in markup  # the page's own paper shows


def test_ids_are_the_figure_s_own_and_every_reference_leads_somewhere():
    def figure():
        fig, ax = plt.subplots()
        ax.plot([1, 2], marker="o")
        ax.bar([0], [1], hatch="/")
        return fig

    roots = [on_page(figure(), f"drawing{number}") for number in (1, 2)]
    ids = [{part.get("id") for part in root.iter()} - {None} for root in roots]
    assert all(ids) and not ids[0] & ids[1]
    for root, own in zip(roots, ids, strict=True):
        markup = ElementTree.tostring(root, encoding="unicode")
        assert set(re.findall(r'(?:href="|url\()#([^")]+)', markup)) == own


def test_what_lies_on_pixels_keeps_its_colours():
    """A picture does not turn dark with the page, so neither may the words on it; title and ticks do."""
    fig, ax = plt.subplots()
    ax.imshow(np.eye(3), cmap="Blues")
    ax.text(1, 1, "inside")
    ax.text(0, 1, "coloured", color="white")
    ax.axhline(1, color=plots.COLORS["model"])
    ax.set_title("above")
    root = on_page(fig)
    parents = {child: parent for parent in root.iter() for child in parent}
    fills = {part.text: part.get("fill") or parents[part].get("fill") for part in root.iter("text")}
    assert fills["inside"] == "#000000" and fills["above"] is None and fills["0"] is None
    assert [part.get("style") for part in root.iter("text") if part.text == "coloured"][0].endswith("fill: #ffffff")
    assert any("#0072b2" in style for style in lines(root))
    assert len(list(root.iter("image"))) == 1


def test_letters_of_a_formula_are_few_runs_in_their_places():
    fig, ax = plt.subplots()
    ax.set_title(r"share of $\hat p$ and $\hat q$")
    stored = ElementTree.fromstring(tool.plainer(svg_of(fig)))
    letters = [part for part in stored.iter() if part.tag.endswith("tspan")]
    runs = list(on_page(fig).iter("tspan"))
    assert len(runs) < len(letters) / 3
    places = {(letter.text, letter.get("x"), letter.get("y")) for letter in letters}
    assert places == {
        (letter, x, run.get("y")) for run in runs for letter, x in zip(run.text, run.get("x").split(), strict=True)
    }


def test_what_markers_share_is_said_once():
    fig, ax = plt.subplots()
    ax.plot(range(50), "o", color=plots.COLORS["data"])
    (group,) = [part for part in on_page(fig).iter("g") if len(part.findall("use")) == 50]
    assert "var(--fig-data)" in group.get("style") and not any("style" in use.attrib for use in group)


def test_what_a_figure_says_is_its_name():
    fig, ax = plt.subplots()
    root = on_page(fig)
    assert (root.get("role"), root.get("aria-label")) == ("img", 'says "so" & <so>')


class HtmlApp:
    class builder:
        format = "html"


def cell(*outputs):
    return nodes.container("", nodes.container("", *outputs), nb_element="cell_code")


def paragraph(first, rest, **attributes):
    return nodes.paragraph("", "", nodes.Text(""), nodes.strong("", first), nodes.Text(rest), **attributes)


def test_a_caption_goes_under_its_figure_and_keeps_its_label():
    page = new_document("page")
    page += cell(nodes.image(uri="one.svg", alt="it <says>"))
    page += nodes.target(refid="fig-one")
    page += paragraph("Figure 1.", " A finding.", ids=["fig-one"], names=["fig-one"])
    page += cell(nodes.raw("", "<div data-explorer></div>", format="html"))
    page += paragraph("Figure 2.", " It moves.")
    page += cell(nodes.image(uri="two.svg"), nodes.image(uri="photo.png"))
    page += paragraph("Figure", " that is no caption.")
    page += paragraph("Figure 3.", " Nothing is shown right before it.")
    figures.set_figures(HtmlApp, page, "page")
    first, second = page.findall(nodes.figure)
    assert first["ids"] == ["fig-one"] and first["classes"] == ["course-figure"] and second["ids"] == []
    place, caption = first.children
    assert 'data-drawing="one.svg" data-says="it &lt;says&gt;"' in place.astext()
    assert caption.astext() == "Figure 1. A finding." and "caption-number" in caption.children[1]["classes"]
    assert second[1].astext() == "Figure 2. It moves."
    assert [image["uri"] for image in page.findall(nodes.image)] == ["photo.png"]
    assert len(list(page.findall(nodes.paragraph))) == 2


def test_placeholders_become_drawings(tmp_path):
    fig, ax = plt.subplots()
    (tmp_path / "one.svg").write_text(svg_of(fig))
    place = '<div class="course-frame" data-drawing="one.svg" data-says="a &amp; b"></div>'
    page = figures.inline_figures(f"<p>before</p>{place}<p>between</p>{place}", tmp_path)
    assert page.startswith('<p>before</p><div class="course-frame" style="--wide: ') and "data-drawing" not in page
    assert page.count('aria-label="a &amp; b"') == 2
    assert "drawing1-" in page and "drawing2-" in page
