"""The kit of figures that move: controls, marks, panels, readouts, and the object that shows them.

Every number is computed in Python. An explorer holds *tables* with one axis for each control; the module
``explorer.js`` looks up the entry at the controls' positions and draws it. The same module serves the static page
(inline, self-contained) and a live kernel (through anywidget); where neither runs, a still picture stands in.
"""

import base64
import html
import io
import json
import textwrap
from functools import cache
from pathlib import Path

import anywidget
import matplotlib.pyplot as plt
import numpy as np
import traitlets
from matplotlib.ticker import MaxNLocator
from PIL import Image

from mle_helpers.plots import COLORS

MODULE = Path(__file__).with_name("explorer.js")
FINE = 4e-5  # to this the ends of intervals and chances are rounded
PIXELS = 1200  # drawn coordinates are rounded to this fraction of an axis, a third of a pixel on the page


def slider(name, label, values, start, *, digits=2, unit="", labels=None):
    """A slider over ``values`` that begins at the one nearest to ``start``; ``labels`` if numbers say too little."""
    values = as_finite(values, name)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"{name} needs at least two grid values to slide over, got shape {values.shape}.")
    given = {"name": name, "label": label, "unit": unit and f" {unit}", "items": values.tolist()}
    texts = [number_text(v, digits) for v in values] if labels is None else [str(text) for text in labels]
    places = [float(f"{v:.10g}") for v in values]
    return given | {"labels": texts, "values": places, "start": int(np.argmin(np.abs(values - start)))}


def choice(name, label, options, start=0):
    """Radio buttons, one for each of ``options``."""
    labels = [str(option) for option in options]
    return {"name": name, "label": label, "unit": "", "items": list(options), "labels": labels, "start": start}


def mark(kind, x, y=None, *, by=(), x_by=(), size=None, size_by=(), role="model", style="", **options):
    """One mark of a panel: ``line``, ``bars``, ``sticks``, ``dots``, ``words`` or ``bell``.

    ``x`` and ``y`` are arrays whose leading axes follow the controls named in ``x_by`` and ``by`` and whose last axis
    runs along the mark. NaN breaks a line. ``role`` is a colour's name, ``style`` any of "thin dash soft". Options:
    ``upto``: a control that says how much of the mark is seen; ``over``: a control whose visited part of it is seen;
    ``under``: number of the line up to which sticks reach; ``beads=True``: a line with a dot at each point;
    ``shape="diamond"`` and ``radius`` of dots, whose ``size`` scales each of them (0 hides it); ``width`` of bars;
    ``up`` of a bell, 1 or -1, whose ``y`` are weight, mean and spread;
    ``text``, ``anchor``, ``dx``, ``dy`` of words; ``when="later"``: hidden until the reader asks; ``when="hint"``:
    there until the reader moves something. ``belt`` draws an interval for each count k, from ``x`` to ``y``, at the
    height of its share; ``size`` holds the chances of 0 … k added up, from which the page draws samples (`Explorer`'s
    ``run``), and ``truth`` what an interval should cover, by the same controls as the chances.
    """
    tables = {"x": (x, x_by), "y": (y, by), "size": (size, size_by)}
    arrays = {key: (np.asarray(array, float), names) for key, (array, names) in tables.items() if array is not None}
    return {"kind": kind, "role": role, "style": style, **options, **arrays}


def sprite(images, by):
    """A mark that shows one of ``images``: grey levels 0 to 255, shape (one axis for each control, height, width)."""
    images = as_finite(images, "images").astype(np.uint8)
    *lengths, high, wide = images.shape
    columns, rows = lengths[-1], int(np.prod(lengths[:-1]))
    sheet = images.reshape(rows, columns, high, wide).swapaxes(1, 2).reshape(rows * high, columns * wide)
    numbers = np.arange(rows * columns).reshape(*lengths, 1)
    url = "data:image/png;base64," + base64.b64encode(_png(Image.fromarray(sheet), 32)).decode()
    return mark("sprite", numbers, x_by=by, sheet=url, tiles=[wide, high, columns, rows], images=images)


def panel(xlim, ylim, xlabel, ylabel, marks, *, alt, drag=None, xticks=None, yticks=None):
    """A pair of axes with its marks; ``drag=(a, b)`` lets one point set the sliders a (across) and b (up).

    ``drag=[(a, 2.0), …]`` has points that are drawn at a fixed height, and set one slider each.
    """
    xlim, ylim = _ends(*xlim), _ends(*ylim)
    given = {"xlim": xlim, "ylim": ylim, "xlabel": xlabel, "ylabel": ylabel, "marks": marks, "alt": alt, "drag": drag}
    return given | {"xticks": _ticks(*xlim, xticks), "yticks": _ticks(*ylim, yticks)}


def readout(name, label, values, by, *, digits, unit="", best=False, gap="none"):
    """A number beside the figure, from a table with one axis for each control in ``by``; NaN shows as ``gap``."""
    given = {"name": name, "label": label, "table": (np.asarray(values, float)[..., None], by), "digits": digits}
    return given | {"unit": unit and f" {unit}", "best": best, "gap": gap}


class Explorer:
    """A figure that moves. Show it as the last line of a cell; in a live kernel ``value`` reads the controls back."""

    def __init__(self, title, task, controls, panels, readouts, *, finding, reveal="", run=(), stepper=()):
        """``run``: what the button says that draws samples from a ``belt``: to start, to stop, to draw a thousand.

        ``stepper``: a slider and two buttons that go along it in turn; other sliders lead back to its start.
        """
        self._controls = {c["name"]: c for c in controls}
        self._panels, self._readouts = panels, readouts
        self._at = {c["name"]: c["start"] for c in controls}
        self._widget = None
        self.spec = {
            "title": title,
            "task": task,
            "controls": [{key: value for key, value in c.items() if key != "items"} for c in controls],
            "panels": [one | {"marks": [self._packed_mark(m, one) for m in one["marks"]]} for one in panels],
            "readouts": [r | {"table": self._packed(r["table"], 10.0 ** -r["digits"])} for r in readouts],
            "finding": finding,
            "reveal": reveal,
        } | {name: list(words) for name, words in (("run", run), ("stepper", stepper)) if words}

    @property
    def value(self):
        """The controls as the reader has set them, by name; set some of them to move the figure from Python."""
        at = self._widget.at if self._widget else self._at
        return {name: control["items"][at[name]] for name, control in self._controls.items()}

    @value.setter
    def value(self, change):
        at = dict(self._widget.at if self._widget else self._at)
        for name, wanted in change.items():
            if name not in at:
                raise ValueError(f"value: no control named {name!r}; there are {sorted(at)}.")
            items = self._controls[name]["items"]
            if "values" in self._controls[name]:
                at[name] = int(np.argmin(np.abs(np.array(items) - as_finite(wanted, name))))
            elif wanted in items:
                at[name] = items.index(wanted)
            else:
                raise ValueError(f"value: {name} can be one of {items}, got {wanted!r}.")
        self._at = at
        if self._widget:
            self._widget.at = at

    def still(self):
        """The figure at the controls' first positions, as PNG bytes: for print, PDF and pages without scripts."""
        with plt.rc_context({"figure.constrained_layout.use": True, "font.size": 12, "savefig.dpi": 90}):
            fig, axes = plt.subplots(1, len(self._panels), figsize=(5 * len(self._panels), 3.6), squeeze=False)
            for one, ax in zip(self._panels, axes[0], strict=True):
                ax.set(xlim=one["xlim"], ylim=one["ylim"], xlabel=one["xlabel"])
                ax.set_title("\n".join(textwrap.wrap(one["ylabel"], 52)), fontsize=12, loc="left")
                for m in one["marks"]:
                    self._draw(ax, m, one)
            buffer = io.BytesIO()
            fig.savefig(buffer)
            plt.close(fig)
        return _png(Image.open(buffer).convert("RGB"), 64)

    def to_html(self):
        """A self-contained figure: payload, still picture and the module, in one string without outside links."""
        payload = json.dumps(self.spec, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
        picture = base64.b64encode(self.still()).decode()
        texts = {c["name"]: c["labels"][c["start"]] + c["unit"] for c in self._controls.values()}
        for r in self._readouts:
            number = self._pick(r["table"]).item()
            texts[r["name"]] = number_text(number, r["digits"]) + r["unit"] if np.isfinite(number) else r["gap"]
        alt = html.escape(f"{self.spec['title']}. {self.spec['finding'].format(**texts)}", quote=True)
        return (
            f'<div data-explorer><img alt="{alt}" style="max-width:100%" src="data:image/png;base64,{picture}">'
            f'<script type="application/json">{payload}</script></div>\n'
            f'<script type="module" data-explorer-module>{_module()}</script>'
        )

    def _repr_mimebundle_(self, **kwargs):
        bundle = {"text/plain": f"{self.spec['title']} (a figure that moves)", "text/html": self.to_html()}
        if _live():
            self._widget = self._widget or ExplorerWidget(spec=json.dumps(self.spec), at=self._at)
            bundle = self._widget._repr_mimebundle_(**kwargs)[0] | bundle
        return bundle

    def _pick(self, table):
        """The part of a table (array, names of its controls) at the controls' first positions."""
        return table[0][tuple(self._controls[name]["start"] for name in table[1])]

    def _packed(self, table, step):
        array, by = table
        lengths = [len(self._controls[name]["items"]) for name in by]
        if list(array.shape[:-1]) != lengths:
            raise ValueError(
                f"a table over {list(by)} has shape {array.shape}, but the controls have {lengths} places."
            )
        return _pack(array, step, by)

    def _packed_mark(self, m, one):
        """A mark with its coordinates rounded to what is drawn; nothing two widths outside the axes can be seen."""
        packed = {key: value for key, value in m.items() if key != "images"}
        for key in {"x", "y", "size"} & m.keys():
            (array, by), (low, high) = m[key], one.get(f"{key}lim", (0, 1))
            reach, step = 2 * (high - low), (high - low) / PIXELS
            if m["kind"] == "belt":
                packed[key] = self._packed(m[key], FINE)
            elif m["kind"] == "sprite" or key == "size":
                packed[key] = self._packed(m[key], 1.0 if key == "x" else 0.01)
            elif m["kind"] == "bell" and key == "y":
                packed[key] = self._packed(m[key], 0.002)
            else:
                packed[key] = self._packed((np.clip(array, low - reach, high + reach), by), step)
        if m["kind"] == "belt":
            packed["truth"] = self._packed(m["truth"], FINE)
        return packed

    def _draw(self, ax, m, one):
        """One mark of the still, with what the reader may ask for later."""
        color, dash = COLORS[m["role"]], "--" if "dash" in m["style"] else "-"
        alpha, x = 0.45 if "soft" in m["style"] else 1.0, self._pick(m["x"])
        if m["kind"] == "sprite":
            tile = m["images"][tuple(self._controls[name]["start"] for name in m["x"][1])]
            ax.imshow(tile, cmap="gray", vmin=0, vmax=255)
            ax.set_axis_off()
            return
        if m["kind"] == "belt":
            self._draw_belt(ax, m)
            return
        if "under" in m:
            curve = one["marks"][m["under"]]
            y = np.interp(x, self._pick(curve["x"]), self._pick(curve["y"]), 0, 0)
        else:
            y = self._pick(m["y"])
        if "upto" in m:
            end = self._controls[m["upto"]]["start"] + 1
            x, y = x[:end], y[:end]
        if m["kind"] == "line":
            width = 1 if "thin" in m["style"] else 2
            ax.plot(x, y, dash, color=color, alpha=alpha, linewidth=width, marker="." if "beads" in m else "")
        elif m["kind"] == "bell":
            weight, mean, sd = y
            bell = weight * np.exp(-(((x - mean) / sd) ** 2) / 2) / (sd * np.sqrt(2 * np.pi))
            ax.plot(x, m["up"] * bell, dash, color=color, linewidth=2)
        elif m["kind"] == "bars":
            ax.bar(x, y, m["width"], color=color, alpha=0.4 * alpha, edgecolor=color)
        elif m["kind"] == "sticks":
            ax.vlines(x, max(0, one["ylim"][0]), y, color=color, alpha=alpha, linewidth=1)
        elif m["kind"] == "dots":
            size = self._pick(m["size"]) if "size" in m else 1.0
            shape = "D" if m.get("shape") == "diamond" else "o"
            ax.scatter(x, y, (m.get("radius", 5) * size) ** 2 * 1.6, color=color, marker=shape, zorder=3)
        elif m["kind"] == "words" and m.get("when") != "hint":
            ax.annotate(m["text"], (x[0], y[0]), color=color, xytext=(5, 5), textcoords="offset points")

    def _draw_belt(self, ax, m):
        """Every interval, those that miss the truth dashed."""
        low, high, truth = self._pick(m["x"]), self._pick(m["y"]), self._pick(m["truth"]).item()
        n = int(np.sum(np.isfinite(low))) - 1
        for k in range(n + 1):
            hit = low[k] <= truth <= high[k]
            color, dash = COLORS[m["role"] if hit else "estimate"], "-" if hit else "--"
            ax.hlines(k / n, low[k], max(high[k], low[k] + 0.005), color=color, linestyle=dash, linewidth=1.2)


class ExplorerWidget(anywidget.AnyWidget):
    """The live form of an explorer: the same module, with ``at``, the controls' positions, kept in step with Python."""

    _esm = MODULE
    spec = traitlets.Unicode().tag(sync=True)
    at = traitlets.Dict().tag(sync=True)


@cache
def _module():
    return MODULE.read_text(encoding="utf-8").strip()


def _live():
    """True inside an IPython kernel, where a widget can talk back."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return hasattr(get_ipython(), "kernel")


def as_finite(values, name):
    values = np.asarray(values, float)
    if values.size == 0:
        raise ValueError(f"{name} is empty; give at least two grid values.")
    if not np.all(np.isfinite(values)):
        raise ValueError(f"{name} holds NaN or infinite values; give finite numbers.")
    return values


def number_text(value, digits):
    """``value`` with ``digits`` decimals, a true minus sign, and no minus before zero."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def _png(image, colours):
    small = io.BytesIO()
    image.quantize(colours, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def _pack(values, step, by=()):
    """Whole numbers in base64 that stand for ``(first + q) * step``; the highest code is a gap.

    The small shift keeps exact halves from rounding differently on another processor.
    """
    codes = np.floor(values / step + 0.5 + 1e-6)
    there = np.isfinite(codes)
    first = int(codes[there].min()) if there.any() else 0
    span = int(codes[there].max()) - first if there.any() else 0
    size = next((s for s in (1, 2, 4) if span < 256**s - 1), None)
    if size is None:
        raise ValueError(f"a table spans {span:.3g} steps of {step:g}, too many to draw; narrow the grid.")
    data = base64.b64encode(np.where(there, codes - first, 256**size - 1).astype(f"<u{size}").tobytes()).decode()
    shape = list(values.shape)
    return {"type": f"u{size}", "first": first, "step": step, "shape": shape, "by": list(by), "data": data}


def _ends(low, high):
    """An axis' ends to a ten-thousandth of its length: another processor's last digits do not reach the page."""
    digits = 4 - int(np.floor(np.log10(high - low)))
    return round(float(low), digits), round(float(high), digits)


def _ticks(low, high, places=None):
    if places is None:
        places = [t for t in MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high) if low <= t <= high]
    digits = max(0, int(-np.floor(np.log10(np.min(np.diff(places))) + 1e-9))) if len(places) > 1 else 1
    return [[round(float(t), 10), number_text(t, digits)] for t in places]
