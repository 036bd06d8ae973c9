"""Figures in the house style: one palette that colour-blind readers can tell apart, type that reads on a phone."""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager

DATA = Path(__file__).parent / "data"
FONT = "Course Sans"
SIZE = 15  # points, of all text
WIDTH = 6.4  # inches, the widest figure

# Okabe and Ito (2008), named by the role each colour plays in every chapter.
COLORS = {
    "data": "#6b6b6b",
    "model": "#0072B2",
    "estimate": "#D55E00",
    "truth": "#009E73",
    "other": "#CC79A7",
    "sky": "#56B4E9",
    "yellow": "#E69F00",
}


def use_style():
    """Set the house style; call it once, in the first code cell of a notebook.

    All text has one size. A page shows a figure 6.4 inches wide at 1.2 pixels a point on a wide screen and at 0.8 on a
    phone, so that 15 points are 18 and 12 pixels; smaller text, larger text or a wider figure would leave that range.
    """
    add_fonts()
    plt.rcParams.update(
        {
            "figure.figsize": (WIDTH, 3.8),
            "figure.dpi": 96,
            "figure.constrained_layout.use": True,
            "savefig.pad_inches": 0.03,
            "font.family": [FONT, "DejaVu Sans"],
            "font.size": SIZE,
            **{f"{part}.labelsize": SIZE for part in ("axes", "xtick", "ytick", "figure")},
            **{f"{part}.titlesize": SIZE for part in ("axes", "figure")},
            "legend.fontsize": SIZE,
            "mathtext.fontset": "custom",
            "mathtext.rm": FONT,
            "mathtext.it": f"{FONT}:italic",
            "mathtext.bf": f"{FONT}:bold",
            **{f"mathtext.{kind}": FONT for kind in ("sf", "tt", "cal")},  # else looked for, with a warning
            "mathtext.fallback": "stixsans",
            "svg.fonttype": "none",  # text stays text: the page sets it in its own font and colour
            "svg.hashsalt": "course",  # the same figure has the same ids in every run
            "axes.grid": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.prop_cycle": plt.cycler(color=[COLORS[k] for k in ("model", "estimate", "truth", "other", "sky")]),
            "grid.color": "#dddddd",
            "legend.frameon": False,
            "lines.linewidth": 2.2,
            "image.cmap": "cividis",
            "image.interpolation": "none",  # a digit keeps its pixels, also inside an SVG
        }
    )
    show_as_png_and_svg()


def add_fonts():
    """Let matplotlib know the font that the package ships, once."""
    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in sorted(DATA.glob("course-sans-*.ttf")):
        if str(path) not in known:
            font_manager.fontManager.addfont(str(path))


def show_as_png_and_svg():
    """In a notebook, show every figure as PNG of twice the pixels and as SVG without a date; elsewhere do nothing."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or not hasattr(shell, "kernel"):
        return
    from matplotlib_inline.config import InlineBackend

    inline = InlineBackend.instance(parent=shell)
    inline.figure_formats = {"retina", "svg"}
    inline.print_figure_kwargs = {"bbox_inches": "tight", "metadata": {"Date": None}}


def mark_estimate(ax, x, y=None, label=r"$\hat\theta$"):
    """Mark an estimate on ``ax``: a dashed vertical line at ``x``, or a diamond at ``(x, y)``, with its label."""
    color = COLORS["estimate"]
    if y is None:
        ax.axvline(x, color=color, linestyle="--", linewidth=1.8)
        anchor, transform, offset = (x, 1.0), ax.get_xaxis_transform(), (5, -14)
    else:
        ax.plot(x, y, marker="D", color=color, markersize=8, linestyle="none", zorder=5)
        anchor, transform, offset = (x, y), ax.transData, (8, 6)
    ax.annotate(
        label, anchor, xycoords=transform, xytext=offset, textcoords="offset points", color=color, fontweight="bold"
    )


def show_images(images, labels=None, columns=10):
    """Draw grey ``images`` (n, height, width), dark ink on white, in a grid at reading size; returns the figure."""
    images = np.asarray(images)
    if images.ndim != 3:
        raise ValueError(f"images must have shape (n, height, width), got {images.shape}; reshape flat images first.")
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    side = min(0.8, WIDTH / columns)
    height = side if labels is None else side + 0.3
    fig, axes = plt.subplots(rows, columns, figsize=(side * columns, height * rows), squeeze=False)
    for number, ax in enumerate(axes.flat):
        ax.axis("off")
        if number < len(images):
            ax.imshow(images[number], cmap="gray_r", vmin=0, vmax=max(images.max(), 1e-12))
            if labels is not None:
                ax.set_title(str(labels[number]), pad=3)
    return fig
