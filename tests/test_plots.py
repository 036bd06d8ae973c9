"""The house style and its two helpers."""

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
    with pytest.raises(ValueError, match="reshape flat images"):
        plots.show_images(np.ones((7, 784)))
