"""The house style and its two helpers."""

import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from mle_helpers import plots


@pytest.fixture(autouse=True)
def style():
    with plt.rc_context():
        plots.use_style()
        yield
    plt.close("all")


def luminance(color):
    channels = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in plt.matplotlib.colors.to_rgb(color)
    ]
    return np.dot([0.2126, 0.7152, 0.0722], channels)


def test_colours_that_carry_text_or_lines_stand_out_from_white():
    for role in ("data", "model", "estimate", "truth"):
        assert 1.05 / (luminance(plots.COLORS[role]) + 0.05) > 3, role


def test_all_text_has_the_font_and_the_size_that_a_phone_needs(caplog):
    text = plots.SIZE / (72 * plots.WIDTH)  # its share of the width of a figure, which is 374 to 550 pixels on a page
    assert 12 <= 374 * text < 550 * text <= 18
    drawing = svg_of(busy_figure())
    assert set(re.findall(r"font-size: ([\d.]+)px", drawing)) == {"15"}
    assert set(re.findall(r"font-family: ('[^']*')", drawing)) == {"'Course Sans'"}
    assert "font-style: italic" in drawing and "font-weight: 700" in drawing
    assert not caplog.records  # no font was looked for in vain


def busy_figure():
    """Every kind of text that a figure of the course carries."""
    fig, ax = plt.subplots()
    ax.plot([1e-3, 2, 3], label=r"$\hat\theta = \bar x$, $\log p(x) - \partial\ell$")
    ax.set(title="a title", xlabel="α − ½ ± 1 ≤ ∞", ylabel=r"$\mu$ and $\sigma$")
    ax.text(0, 1, "θ̂ in bold", weight="bold")
    ax.legend(title="a legend")
    fig.suptitle("above all")
    return fig


def svg_of(fig):
    buffer = io.StringIO()
    fig.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def test_the_same_figure_is_the_same_drawing_with_text_as_text():
    first, second = svg_of(busy_figure()), svg_of(busy_figure())
    assert first == second
    assert ">a title</text>" in first and "dc:date" not in first


def test_pixels_stay_pixels_inside_a_drawing():
    drawing = svg_of(plots.show_images(np.eye(28)[None]))
    assert "pixelated" in drawing and len(drawing) < 10_000


def test_an_estimate_is_marked_by_line_and_label_or_by_point_and_label():
    _, ax = plt.subplots()
    plots.mark_estimate(ax, 2.0)
    plots.mark_estimate(ax, 2.0, 3.0, label="here")
    line, point = ax.lines
    assert set(line.get_xdata()) == {2.0} and line.get_linestyle() == "--"
    assert point.get_marker() == "D"
    assert [t.get_text() for t in ax.texts] == [r"$\hat\theta$", "here"]


def test_images_stand_in_a_grid_with_their_labels():
    fig = plots.show_images(np.ones((7, 28, 28)), labels=range(7), columns=5)
    assert len(fig.axes) == 10
    assert [ax.get_title() for ax in fig.axes[:7]] == list("0123456")
    assert fig.get_size_inches()[0] <= plots.WIDTH
    assert plots.show_images(np.ones((20, 28, 28)), columns=20).get_size_inches()[0] <= plots.WIDTH + 1e-9
    with pytest.raises(ValueError, match="reshape flat images"):
        plots.show_images(np.ones((7, 784)))
