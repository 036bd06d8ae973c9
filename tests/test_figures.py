"""How figures are stored: as a picture and as a drawing, the same bytes each time, with captions that count."""

import gzip
import importlib.util
import re

import nbformat
import pytest

from .conftest import ROOT

spec = importlib.util.spec_from_file_location("notebooks", ROOT / "tools" / "notebooks.py")
tool = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tool)

SVG = """<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "x" "y">
<svg xmlns="http://www.w3.org/2000/svg" width="9.123456pt" viewBox="0 0 9.123456 9">
 <metadata>
  <dc:date>today</dc:date>
 </metadata>
 <!-- $x$ -->
 <path id="m1.234567" d="M 0.123456 -1.999999
L 4 5.500000
" style="stroke-width: 0.123456"/>
 <text style="font: 3px 'Course Sans'" x="1.005001" y="-0.000001" transform="rotate(-0 1.005001 2)">x="1.234"</text>
 <tspan style="font-family: 'Course Sans', 'DejaVu Sans'; fill: red" x="1"/>
</svg>
"""


def test_a_drawing_is_stored_plain():
    plain = tool.plainer(SVG)
    assert plain.startswith("<svg ") and "metadata" not in plain and "<!--" not in plain and "today" not in plain
    assert '<path id="m1.234567" d="M 0.12 -2 L 4 5.5" style="stroke-width: 0.123456"/>' in plain
    assert 'width="9.123456pt" viewBox="0 0 9.123456 9"' in plain and "rotate" not in plain
    assert "font-family: 'Course Sans', sans-serif; fill: red" in plain
    assert tool.plainer(plain) == plain


def test_markers_say_once_what_they_share():
    group = '<g clip-path="url(#c)">\n<use x="1" style="fill: red"/>\n<use x="2" style="fill: {}"/>\n</g>'
    shared, mixed = group.format("red"), group.format("blue")
    assert tool.plainer(f"<svg>\n{shared}\n{mixed}\n</svg>").splitlines() == [
        "<svg>",
        '<g clip-path="url(#c)" style="fill: red">',
        '<use x="1"/>',
        '<use x="2"/>',
        "</g>",
        *mixed.splitlines(),
        "</svg>",
    ]


def markdown(*sources):
    return [nbformat.v4.new_markdown_cell(source) for source in sources]


def test_captions_count_down_the_notebook_and_references_follow():
    cells = markdown(
        "See [Figure 7](#fig-late), [Figure](#fig-early), [Figure 1](#fig-nowhere) and **Figure.** here.",
        "(fig-early)=\n**Figure 3.** First, like [Figure 3](#fig-late).",
        "**Figure.** Without a label.",
        "(fig-late)=\n**Figure 3.** Third.",
    )
    for _ in range(2):
        tool.number_figures(cells)
        assert [cell.source for cell in cells] == [
            "See [Figure 3](#fig-late), [Figure 1](#fig-early), [Figure 1](#fig-nowhere) and **Figure.** here.",
            "(fig-early)=\n**Figure 1.** First, like [Figure 3](#fig-late).",
            "**Figure 2.** Without a label.",
            "(fig-late)=\n**Figure 3.** Third.",
        ]


def test_pictures_of_both_kinds_are_found():
    drawn = nbformat.v4.new_output("display_data", {"image/png": "x", "image/svg+xml": "<svg/>", "text/plain": "f"})
    said = nbformat.v4.new_output("stream", text="words")
    assert tool.pictures(nbformat.v4.new_code_cell(outputs=[said, drawn])) == {"image/png", "image/svg+xml"}
    assert tool.pictures(nbformat.v4.new_code_cell(outputs=[said])) == set()
    assert tool.pictures(nbformat.v4.new_markdown_cell()) == set()


@pytest.fixture(params=sorted((ROOT / "book").glob("*.ipynb")), ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def test_every_figure_is_stored_as_picture_and_as_drawing(notebook):
    """...of the house's width at most, light enough, with all text in the font that the page has."""
    for cell in notebook.cells:
        kinds = tool.pictures(cell)
        assert kinds in (set(), {"image/png", "image/svg+xml"}), f"{cell.id}: only {kinds}. Run: make notebooks"
        for output in cell.get("outputs", []):
            if svg := output.get("data", {}).get("image/svg+xml"):
                weight = len(gzip.compress(svg.encode()))
                assert weight <= 150_000 and len(svg) <= 600_000, (
                    f"{cell.id}: {len(svg)} bytes, {weight} compressed. Draw fewer points, or with rasterized=True."
                )
                width = float(re.match(r'<svg [^>]*?width="([\d.]+)pt"', svg)[1])
                assert width <= 470, f"{cell.id}: {width} points wide. Stay within figsize=(6.4, ...)"
