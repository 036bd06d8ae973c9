"""Figures in the house style: one palette that colour-blind readers can tell apart, type that reads on a phone."""

import matplotlib.pyplot as plt
import numpy as np

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
    """Set the house style; call it once, in the first code cell of a notebook."""
    plt.rcParams.update(
        {
            "figure.figsize": (6.4, 3.8),
            "figure.dpi": 120,
            "figure.constrained_layout.use": True,
            "font.size": 13,
            "axes.titlesize": 13,
            "axes.grid": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.prop_cycle": plt.cycler(color=[COLORS[k] for k in ("model", "estimate", "truth", "other", "sky")]),
            "grid.color": "#dddddd",
            "legend.frameon": False,
            "lines.linewidth": 2.2,
            "image.cmap": "cividis",
        }
    )


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
        label,
        anchor,
        xycoords=transform,
        xytext=offset,
        textcoords="offset points",
        color=color,
        fontweight="bold",
    )


def show_images(images, labels=None, columns=10):
    """Draw grey ``images`` (n, height, width), dark ink on white, in a grid at reading size; returns the figure."""
    images = np.asarray(images)
    if images.ndim != 3:
        raise ValueError(f"images must have shape (n, height, width), got {images.shape}; reshape flat images first.")
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    height = 0.8 if labels is None else 1.05
    fig, axes = plt.subplots(rows, columns, figsize=(0.8 * columns, height * rows), squeeze=False)
    for number, ax in enumerate(axes.flat):
        ax.axis("off")
        if number < len(images):
            ax.imshow(images[number], cmap="gray_r", vmin=0, vmax=max(images.max(), 1e-12))
            if labels is not None:
                ax.set_title(str(labels[number]), fontsize=11)
    return fig
