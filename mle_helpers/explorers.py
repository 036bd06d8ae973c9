"""Figures that move: on a published page without a kernel, and in JupyterLab with the reader's own data.

Every number is computed here. An explorer holds *tables* with one axis for each control; the module ``explorer.js``
looks up the entry at the controls' positions and draws it. The same module serves the static page (inline,
self-contained) and a live kernel (through anywidget); where neither runs, a still picture stands in.
"""

import base64
import html
import io
import json
import textwrap
from functools import cache, partial
from pathlib import Path

import anywidget
import contourpy
import matplotlib.pyplot as plt
import numpy as np
import traitlets
from matplotlib.ticker import MaxNLocator
from PIL import Image
from scipy.optimize import minimize, minimize_scalar
from scipy.special import logsumexp, xlogy
from scipy.stats import norm

from mle_helpers.gaussian import gaussian_mle
from mle_helpers.likelihood import as_data, as_theta, log_densities, log_likelihood, observed_information, score
from mle_helpers.mixtures import mixture_steps
from mle_helpers.models import gaussian_logpdf, mvn_logpdf
from mle_helpers.plots import COLORS

MODULE = Path(__file__).with_name("explorer.js")
PIXELS = 1200  # drawn coordinates are rounded to this fraction of an axis, a third of a pixel on the page


# ---------------------------------------------------------------------------------------------------------------------
# The kit: controls, marks, panels, readouts
# ---------------------------------------------------------------------------------------------------------------------


def slider(name, label, values, start, *, digits=2, unit="", labels=None):
    """A slider over ``values`` that begins at the one nearest to ``start``; ``labels`` if numbers say too little."""
    values = _finite(values, name)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"{name} needs at least two grid values to slide over, got shape {values.shape}.")
    given = {"name": name, "label": label, "unit": unit and f" {unit}", "items": values.tolist()}
    texts = [_text(v, digits) for v in values] if labels is None else [str(text) for text in labels]
    places = [float(f"{v:.10g}") for v in values]
    return given | {"labels": texts, "values": places, "start": int(np.argmin(np.abs(values - start)))}


def choice(name, label, options, start=0):
    """Radio buttons, one for each of ``options``."""
    labels = [str(option) for option in options]
    return {"name": name, "label": label, "unit": "", "items": list(options), "labels": labels, "start": start}


def mark(kind, x, y=None, *, by=(), x_by=(), size=None, size_by=(), role="model", style="", **options):
    """One mark of a panel: ``line``, ``bars``, ``sticks``, ``dots`` or ``words``.

    ``x`` and ``y`` are arrays whose leading axes follow the controls named in ``x_by`` and ``by`` and whose last axis
    runs along the mark. NaN breaks a line. ``role`` is a colour's name, ``style`` any of "thin dash soft". Options:
    ``upto``: a control that says how much of the mark is seen; ``over``: a control whose visited part of it is seen;
    ``under``: number of the line up to which sticks reach; ``beads=True``: a line with a dot at each point;
    ``shape="diamond"`` and ``radius`` of dots, whose ``size`` scales each of them (0 hides it); ``width`` of bars;
    ``text``, ``anchor``, ``dx``, ``dy`` of words; ``when="later"``: hidden until the reader asks; ``when="hint"``:
    there until the reader moves something.
    """
    tables = {"x": (x, x_by), "y": (y, by), "size": (size, size_by)}
    arrays = {key: (np.asarray(array, float), names) for key, (array, names) in tables.items() if array is not None}
    return {"kind": kind, "role": role, "style": style, **options, **arrays}


def sprite(images, by):
    """A mark that shows one of ``images``: grey levels 0 to 255, shape (one axis for each control, height, width)."""
    images = _finite(images, "images").astype(np.uint8)
    *lengths, high, wide = images.shape
    columns, rows = lengths[-1], int(np.prod(lengths[:-1]))
    sheet = images.reshape(rows, columns, high, wide).swapaxes(1, 2).reshape(rows * high, columns * wide)
    numbers = np.arange(rows * columns).reshape(*lengths, 1)
    url = "data:image/png;base64," + base64.b64encode(_png(Image.fromarray(sheet), 32)).decode()
    return mark("sprite", numbers, x_by=by, sheet=url, tiles=[wide, high, columns, rows], images=images)


def panel(xlim, ylim, xlabel, ylabel, marks, *, alt, drag=None, xticks=None, yticks=None):
    """A pair of axes with its marks; ``drag=(a, b)`` lets one point set the sliders a (across) and b (up)."""
    xlim, ylim = _ends(*xlim), _ends(*ylim)
    given = {"xlim": xlim, "ylim": ylim, "xlabel": xlabel, "ylabel": ylabel, "marks": marks, "alt": alt, "drag": drag}
    return given | {"xticks": _ticks(*xlim, xticks), "yticks": _ticks(*ylim, yticks)}


def readout(name, label, values, by, *, digits, unit="", best=False, gap="none"):
    """A number beside the figure, from a table with one axis for each control in ``by``; NaN shows as ``gap``."""
    given = {"name": name, "label": label, "table": (np.asarray(values, float)[..., None], by), "digits": digits}
    return given | {"unit": unit and f" {unit}", "best": best, "gap": gap}


class Explorer:
    """A figure that moves. Show it as the last line of a cell; in a live kernel ``value`` reads the controls back."""

    def __init__(self, title, task, controls, panels, readouts, *, finding, reveal=""):
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
        }

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
                at[name] = int(np.argmin(np.abs(np.array(items) - _finite(wanted, name))))
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
            texts[r["name"]] = _text(number, r["digits"]) + r["unit"] if np.isfinite(number) else r["gap"]
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
            if m["kind"] == "sprite" or key == "size":
                packed[key] = self._packed(m[key], 1.0 if key == "x" else 0.01)
            else:
                packed[key] = self._packed((np.clip(array, low - reach, high + reach), by), step)
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


def _finite(values, name):
    values = np.asarray(values, float)
    if values.size == 0:
        raise ValueError(f"{name} is empty; give at least two grid values.")
    if not np.all(np.isfinite(values)):
        raise ValueError(f"{name} holds NaN or infinite values; give finite numbers.")
    return values


def _text(value, digits):
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
    return [[round(float(t), 10), _text(t, digits)] for t in places]


# ---------------------------------------------------------------------------------------------------------------------
# The explorers of the chapters
# ---------------------------------------------------------------------------------------------------------------------


def explore_likelihood(logpdf, thetas, x, *, outcomes=None, symbol="θ", quantity="x", unit="", theta_unit="", digits=2):
    """Slide theta: p(x | theta) over x with the data marked, and the likelihood traced over theta.

    ``logpdf(theta, x)`` with a single number theta; ``thetas`` the grid, shape (m,); ``x`` the data, shape (n,).
    ``outcomes``: all values that a discrete x can take (bars); leave it out for a density (a curve).
    """
    x, thetas = _sample(x), np.unique(_finite(thetas, "thetas"))
    control = slider(symbol, symbol, thetas, thetas[len(thetas) // 4], digits=digits, unit=theta_unit)
    discrete = outcomes is not None
    values = np.array([log_likelihood(logpdf, t, x) for t in thetas])
    if not np.any(np.isfinite(values)):
        raise ValueError("thetas: the data are impossible under every theta of the grid; widen it.")
    theta_hat, highest = _top(logpdf, thetas, values, x)
    places = np.unique(_finite(outcomes, "outcomes")) if discrete else _window(logpdf, theta_hat, x)
    model = np.exp([log_densities(logpdf, t, places) for t in thetas])
    relative = np.exp(values - highest)
    if discrete:
        seen, counts = np.unique(x, return_counts=True)
        share, width = counts / len(x), 0.8 * min(np.diff(places), default=1)
        data = {"role": "data", "shape": "diamond"}
        marks = [mark("bars", places, model, by=[symbol], width=width)]
        if len(x) == 1:  # its share says nothing, its height in the model is the likelihood
            marks.append(mark("dots", seen, np.exp(values)[:, None], by=[symbol], **data))
            top, caption = model.max(), "probability; the diamond marks what you saw"
        else:
            marks.append(mark("dots", seen, share, **data))
            top, caption = max(model.max(), share.max()), "probability (bars); diamonds: share in the data"
        xlim = (places[0] - 0.6, places[-1] + 0.6)
        aim = "Where do the data you saw become most probable?"
    else:
        sticks, which = _thin(x)
        data = mark("sticks", sticks, role="data", style="thin", under=0)
        marks = [mark("line", places, model, by=[symbol]), data]
        top, caption = model.max(), f"{_named('density', unit, ' per ')} (curve); sticks: {which}"
        xlim, aim = (places[0], places[-1]), "Where is the density of the data you saw highest?"
    here = {"by": [symbol], "x_by": [symbol], "shape": "diamond", "role": "estimate"}
    centre = {"anchor": "middle", "dx": 0}
    peak = f"{symbol}̂ = {_text(theta_hat, digits)}"
    curve = [
        mark("words", [thetas.mean()], [0.6], text=f"Slide {symbol}: the curve appears", when="hint", **centre),
        mark("line", thetas, relative, when="later", style="soft"),
        mark("line", thetas, relative, over=symbol),
        mark("dots", thetas[:, None], relative[:, None], **here),
        mark("words", [theta_hat], [1.0], text=peak, role="estimate", when="later", dy=-9, **centre),
    ]
    alt = f"The {'probability' if discrete else 'density'} of each {quantity} under the chosen {symbol}, with the data."
    xticks = places if discrete and len(places) < 12 else None
    left = panel(xlim, (0, 1.08 * top), _named(quantity, unit), caption, marks, xticks=xticks, alt=alt)
    alt = f"The likelihood traced over {symbol}: one point for every {symbol} that was tried."
    caption = f"relative likelihood (1 at the best {symbol})"
    right = panel(_margin(thetas, 0.02), (0, 1.18), _named(symbol, theta_unit), caption, curve, alt=alt)
    visible = np.where((relative > 0) & (relative < 5e-4), np.nan, relative)
    readouts = [readout("relative", "relative likelihood", visible, [symbol], digits=3, gap="below 0.001")]
    finding = f"At {symbol} = {{{symbol}}} the likelihood is {{relative}} of its highest value."
    if discrete and highest > np.log(0.001):  # of many observations it is too small to read
        readouts.insert(0, readout("likelihood", "likelihood", np.exp(values), [symbol], digits=4))
        finding = f"At {symbol} = {{{symbol}}} the likelihood is {{likelihood}}, {{relative}} of its highest value."
    title, task = f"The likelihood of {symbol}", f"Slide {symbol} and watch both pictures. {aim}"
    return Explorer(title, task, [control], [left, right], readouts, finding=finding, reveal="Show the whole curve")


def explore_ascent(x, *, steps=None, iterations=30, unit=""):
    """Drag the start, choose the step: gradient ascent on a Gaussian's mean log-likelihood in (mu, log sigma).

    ``x``: data, shape (n,). ``steps``: step sizes to choose from; without them three that crawl, arrive and never
    settle, as parts of 2 / max(1 / sigma_hat², 2), above which no step size can. Data whose spread is far from 1 make
    a long, thin hill: one step size then cannot serve both directions, and dividing the data by their spread can.
    """
    x = _sample(x)
    mu_hat, sigma_hat = _vary(x)
    limit = 2 / max(sigma_hat**-2, 2)
    steps = _finite([float(f"{limit * s:.2g}") for s in (0.03, 0.5, 1.5)] if steps is None else steps, "steps")
    if np.any(steps <= 0):
        raise ValueError(f"steps must be positive, got {steps.tolist()}.")
    mus, logs = mu_hat + sigma_hat * np.linspace(-2.5, 2.5, 13), np.log(sigma_hat) + np.linspace(-1.0, 1.4, 11)
    rate, mu, log_sigma = (a.copy() for a in np.broadcast_arrays(*np.ix_(steps, mus, logs)))
    path = [(mu, log_sigma)]
    for _ in range(iterations):
        spread = np.exp(-2 * log_sigma)
        slope_mu, slope_log = (mu_hat - mu) * spread, (sigma_hat**2 + (mu_hat - mu) ** 2) * spread - 1
        far = (np.abs(mu - mu_hat) > 1e3 * sigma_hat) | (np.abs(log_sigma - np.log(sigma_hat)) > 50)
        rate = np.where(far, 0.0, rate)  # a climber that far out is lost
        mu, log_sigma = mu + rate * slope_mu, log_sigma + rate * slope_log
        path.append((mu, log_sigma))
    across, up = (np.moveaxis(np.array(a), 0, -1) for a in zip(*path, strict=True))
    heights, top = _height(across, up, mu_hat, sigma_hat), _height(mu_hat, np.log(sigma_hat), mu_hat, sigma_hat)
    xlim, ylim = _margin(mus, 0.1), _margin(logs, 0.1)
    grid = np.linspace(*xlim, 60), np.linspace(*ylim, 60)
    surface = _height(grid[0], grid[1][:, None], mu_hat, sigma_hat)
    thin = {"role": "data", "style": "thin"}
    by = ["step", "mu", "log_sigma"]
    route = {"by": by, "upto": "iterations", "beads": True}
    hill = [
        *(mark("line", *_contour(*grid, surface, top - drop), **thin) for drop in (0.05, 0.2, 0.5, 1, 2, 4, 8)),
        mark("line", across, up, x_by=by, **route),
        mark("dots", [mu_hat], [np.log(sigma_hat)], shape="diamond", role="estimate"),
        mark("words", [mu_hat], [np.log(sigma_hat)], text="θ̂", role="estimate", dx=10, dy=18),
    ]
    climb = [
        mark("line", [0, iterations], [top, top], role="estimate", style="dash"),
        mark("words", [iterations], [top], text="highest possible", role="estimate", anchor="end", dx=0, dy=-7),
        mark("line", np.arange(iterations + 1), heights, **route),
    ]
    alt = "Contours of the mean log-likelihood over mu and log sigma, with the path of gradient ascent."
    left = panel(xlim, ylim, _named("μ", unit), "log σ; lines of equal mean log-likelihood", hill, drag=by[1:], alt=alt)
    alt, tall = "The mean log-likelihood after each iteration.", (top - 4, top + 0.6)
    right = panel((-0.5, iterations + 0.5), tall, "iteration", "mean log-likelihood (nats)", climb, alt=alt)
    shown, digits = np.where(heights > -100, heights, np.nan), max(2, 1 - int(np.floor(np.log10(limit))))
    return Explorer(
        "Climbing the log-likelihood",
        "Drag the ring to another start; try every step size. Which arrives, which crawls, which never settles?",
        [
            choice("step", "step size", [float(s) for s in steps], start=len(steps) // 2),
            slider("iterations", "iterations", np.arange(iterations + 1), iterations, digits=0),
            slider("mu", "start μ", mus, mus[1], digits=_digits(sigma_hat), unit=unit),
            slider("log_sigma", "start log σ", logs, logs[9]),
        ],
        [left, right],
        [
            readout(
                "height", "mean log-likelihood", shown, [*by, "iterations"], digits=2, unit="nats", gap="off the map"
            ),
            readout("top", "highest possible", top, [], digits=2, unit="nats"),
            readout("limit", "largest step size that can settle", limit, [], digits=digits),
        ],
        finding="From μ = {mu}, log σ = {log_sigma} with step size {step}: after {iterations} iterations the mean "
        "log-likelihood is {height}; the highest possible is {top}. No step size above {limit} can settle.",
    )


def explore_score(logpdf, thetas, x, *, sizes=(5, 20, 80, 320), symbol="θ", unit="", digits=2):
    """Slide theta along the log-likelihood with its tangent; beside it the score crosses zero; n sharpens both.

    ``logpdf(theta, x)`` with a single number theta; the first ``sizes[k]`` values of ``x`` are used.
    """
    x, thetas = _sample(x), np.unique(_finite(thetas, "thetas"))
    control = slider(symbol, symbol, thetas, thetas[len(thetas) // 5], digits=digits, unit=unit)
    if min(sizes) < 1 or max(sizes) > len(x):
        raise ValueError(f"sizes asks for {min(sizes)} to {max(sizes)} observations, x has {len(x)}.")
    heights = np.array([[log_likelihood(logpdf, t, x[:n]) for t in thetas] for n in sizes])
    if not np.all(np.isfinite(heights)):
        raise ValueError("thetas: the log-likelihood is not finite on the whole grid; keep inside the domain.")
    slopes = np.array([[score(logpdf, t, x[:n]) for t in thetas] for n in sizes])
    best, tops = np.array([_top(logpdf, thetas, h, x[:n]) for h, n in zip(heights, sizes, strict=True)]).T
    drop = heights - tops[:, None]
    curvature = [observed_information(logpdf, t, x[:n]).item() for t, n in zip(best, sizes, strict=True)]
    xlim = _margin(thetas, 0.02)
    tangents = drop[..., None] + slopes[..., None] * (np.array(xlim) - thetas[:, None])
    reach = 1.15 * np.quantile(np.abs(slopes[-2:][0]), 0.9)
    here = {"by": ["n", symbol], "x_by": [symbol], "role": "estimate"}
    ascent = [
        mark("line", thetas, drop, by=["n"]),
        mark("line", xlim, tangents, by=["n", symbol], role="estimate", style="dash"),
        mark("dots", thetas[:, None], drop[..., None], **here),
    ]
    zero = [
        mark("line", xlim, [0, 0], role="data", style="thin"),
        mark("line", thetas, slopes, by=["n"]),
        mark("dots", thetas[:, None], slopes[..., None], **here),
    ]
    at_top = {"x_by": ["n"], "role": "truth", "style": "dash", "when": "later"}
    for marks, ends in ((ascent, (-10, 1)), (zero, (-reach, reach))):
        marks.append(mark("line", np.repeat(best[:, None], 2, 1), ends, **at_top))
    across = _named(symbol, unit)
    alt = f"The log-likelihood over {symbol} with its tangent at the chosen point."
    left = panel(xlim, (-10, 1), across, "log-likelihood below its top (nats)", ascent, alt=alt)
    alt = f"The score over {symbol}: it crosses zero where the log-likelihood has its top."
    right = panel(xlim, (-reach, reach), across, f"score (nats per {unit or f'unit of {symbol}'})", zero, alt=alt)
    return Explorer(
        "The slope of the log-likelihood",
        f"Find the {symbol} where the tangent lies flat. Then let n grow: what happens to the peak, and to the score?",
        [control, choice("n", "observations n", sizes, start=min(1, len(sizes) - 1))],
        [left, right],
        [
            readout("score", "score", slopes, ["n", symbol], digits=1),
            readout("height", "below the top", drop, ["n", symbol], digits=2, unit="nats"),
            readout("curvature", f"curvature J at {symbol}̂", curvature, ["n"], digits=1),
        ],
        finding=f"At {symbol} = {{{symbol}}} with n = {{n}} the score is {{score}}, the log-likelihood {{height}} from "
        "its top, where the curvature is {curvature}.",
        reveal=f"Show {symbol}̂",
    )


def explore_gaussian(x, *, quantity="x", unit=""):
    """Slide mu and sigma against the data: one stick for each observation's density, the sum of logs read out.

    ``x``: data, shape (n,), at least two different values. A second panel maps (mu, sigma); drag the ring there.
    """
    x = _sample(x)
    mu_hat, sigma_hat = _vary(x)
    mus = np.unique(np.append(mu_hat + sigma_hat * np.linspace(-2.4, 2.4, 60), mu_hat))
    sigmas = np.unique(np.append(sigma_hat * np.geomspace(0.4, 2.5, 48), sigma_hat))
    offsets = np.linspace(-5, 5, 101) * sigma_hat
    curves = np.exp([gaussian_logpdf((0.0, s), offsets) for s in sigmas])
    values = len(x) * _height(mus[:, None], np.log(sigmas), mu_hat, sigma_hat)
    sticks, which = _thin(x)
    place = {"by": ["sigma"], "x_by": ["mu"]}
    later = {"role": "estimate", "when": "later"}
    fit, caption = [], f"{_named('density', unit, ' per ')}; sticks: {which}"
    if len(x) >= 30:  # fewer observations make no histogram worth looking at
        share, edges = np.histogram(x, bins=min(30, int(2 * len(x) ** (1 / 3))), density=True)
        centres, width = (edges[:-1] + edges[1:]) / 2, edges[1] - edges[0]
        fit, caption = (
            [mark("bars", centres, share, width=width, role="data", style="soft")],
            caption + "; bars: histogram",
        )
    fit += [
        mark("sticks", sticks, role="data", style="thin", under=len(fit) + 1),
        mark("line", mus[:, None] + offsets, curves, **place),
        mark("line", mu_hat + offsets, np.exp(gaussian_logpdf((0.0, sigma_hat), offsets)), style="dash", **later),
    ]
    contours = (_contour(mus, sigmas, values.T, values.max() - drop) for drop in (1, 3, 10, 30, 100))
    hill = [
        mark("words", [mu_hat], [sigmas[-4]], text="Drag the ring, or slide", anchor="middle", dx=0, when="hint"),
        *(mark("line", *contour, role="data", style="thin", when="later") for contour in contours),
        mark("dots", [mu_hat], [sigma_hat], shape="diamond", **later),
        mark("words", [mu_hat], [sigma_hat], text="θ̂", dx=10, dy=-8, **later),
        mark("dots", mus[:, None], sigmas[:, None], **place),
    ]
    tall = (0, 1.05 * np.quantile(curves.max(axis=1), 0.8))
    alt = "The Gaussian density for the chosen mu and sigma, with a stick up to it from each observation."
    left = panel(_margin(x, 0.25), tall, _named(quantity, unit), caption, fit, alt=alt)
    alt = "A map of mu and sigma: the chosen pair, and on request the contours of the log-likelihood."
    limits = _margin(mus, 0.05), _margin(sigmas, 0.05)
    right = panel(*limits, _named("μ", unit), _named("σ", unit), hill, drag=("mu", "sigma"), alt=alt)
    numbers = {"by": ["mu", "sigma"], "digits": 1, "unit": "nats"}
    return Explorer(
        "A Gaussian against the data",
        "Move μ and σ until the log-likelihood is as high as you can make it. Then reveal θ̂: how close were you?",
        [
            slider("mu", "μ", mus, mus[12], digits=_digits(sigma_hat), unit=unit),
            slider("sigma", "σ", sigmas, sigmas[36], digits=_digits(sigma_hat), unit=unit),
        ],
        [left, right],
        [
            readout("loglik", "log-likelihood (sum of logs)", values, **numbers),
            readout("best", "best so far", values, best=True, **numbers),
        ],
        finding="At μ = {mu} and σ = {sigma} the log-likelihood is {loglik}; your best so far is {best}.",
        reveal="Reveal θ̂",
    )


def explore_divergences(separations=None, weights=(0.5, 0.7)):
    """One Gaussian fitted to a two-humped target as the humps part, under forward KL, Jensen-Shannon or reverse KL.

    The target p is a mixture of N(-s/2, 1) and N(s/2, 1) with ``weights`` on the right, from 0.5 up, one to choose;
    ``separations`` is the grid of s. Each fit q = N(mu, sigma²) is the global minimum: a search over a grid of mu and
    sigma, then BFGS from every local minimum of it. At weight 0.5 reverse KL, and JS once the humps are far apart, have
    two equal minima; the right one is shown.
    """
    apart = np.linspace(1, 10, 37) if separations is None else np.unique(_finite(separations, "separations"))
    weights = _finite(weights, "weights")
    if apart.min() <= 0 or apart.max() > 10:
        raise ValueError(f"separations must lie above 0 and up to 10, got {apart.min():g} to {apart.max():g}.")
    if weights.ndim != 1 or weights.min() < 0.5 or weights.max() >= 1:
        raise ValueError(f"weights must lie from 0.5 up to below 1 (the right hump's share), got {weights.tolist()}.")
    mus, logs = np.linspace(-6, 6, 49), np.linspace(np.log(0.6), np.log(7), 18)
    fits, profiles = np.empty((3, len(weights), len(apart), 3)), np.empty((3, len(weights), len(apart), len(mus)))
    for i, j in np.ndindex(fits.shape[1:3]):
        profiles[:, i, j], fits[:, i, j] = _closest_gaussians(weights[i], apart[j], mus, logs)
    mu, sigma, value = np.moveaxis(fits, -1, 0)
    x = np.linspace(-8, 8, 109)
    pairs = weights[:, None, None], apart[:, None]
    target, fitted = np.exp(_humps(x, *pairs)), norm.pdf(x, mu[..., None], sigma[..., None])
    by = ["divergence", "weight", "separation"]
    here = {"by": by, "x_by": by, "shape": "diamond", "role": "estimate"}
    curves = [
        mark("line", x, target, by=by[1:], role="truth"),
        mark("line", x, fitted, by=by, style="dash"),
        mark("sticks", mu[..., None], norm.pdf(0, 0, sigma)[..., None], by=by, x_by=by, role="estimate"),
    ]
    valley = [mark("line", mus, profiles, by=by), mark("dots", mu[..., None], value[..., None], **here)]
    alt = "The density of a target with two humps and of the Gaussian closest to it."
    caption = "density: target (line) and closest Gaussian (dashed, its μ marked)"
    left = panel((-8, 8), (0, 0.42), "x, in standard deviations of a hump", caption, curves, alt=alt)
    alt = "The divergence over the Gaussian's mean, at the best sigma for each; a diamond at the lowest point."
    caption = "divergence at the best σ for each μ (nats)"
    right = panel((-6, 6), (0, 1.2), "μ of the Gaussian", caption, valley, alt=alt)
    left_share = 100 * norm.cdf(-mu / sigma)
    of_target = 100 * ((1 - weights[:, None]) * norm.cdf(apart / 2) + weights[:, None] * norm.cdf(-apart / 2))
    return Explorer(
        "Two humps, one Gaussian",
        "Pull the humps apart, slowly. Which divergence lets go of a hump, and at which distance? Which never does?",
        [
            choice("divergence", "divergence", ["KL(p‖q), as in maximum likelihood", "Jensen–Shannon", "KL(q‖p)"]),
            choice("weight", "share of the right hump", [f"{100 * w:g} %" for w in weights]),
            slider("separation", "distance of the humps", apart, apart[len(apart) // 3], unit="sd"),
        ],
        [left, right],
        [
            readout("mu", "μ", mu, by, digits=2),
            readout("sigma", "σ", sigma, by, digits=2),
            readout("value", "divergence", value, by, digits=3, unit="nats"),
            readout("share", "share of the Gaussian left of 0", left_share, by, digits=0, unit="%"),
            readout("target", "share of the target left of 0", of_target, by[1:], digits=0, unit="%"),
        ],
        finding="Divergence {divergence}, {weight} of the target on the right, humps {separation} apart: the closest "
        "Gaussian has μ = {mu}, σ = {sigma}, at {value}. {share} of it lie left of 0, of the target {target}.",
    )


def explore_latent(decode, z, labels, *, reach=4.0, places=17, each=8):
    """Walk the plane of two latent variables: the decoder's picture at every point, among encoded observations.

    ``decode(points)``: (n, 2) -> pictures (n, height, width), 0 for paper to 1 for ink; it is asked on a grid of
    ``places`` by ``places`` points from -``reach`` to ``reach``. ``z`` (m, 2): where the encoder puts observations,
    whose ``labels`` (m,) are whole numbers; the first ``each`` of every label inside the plane are drawn as numerals.
    """
    z, labels = _finite(z, "z"), np.asarray(labels)
    if z.ndim != 2 or z.shape[1] != 2 or labels.shape != z.shape[:1] or labels.dtype.kind not in "iu":
        raise ValueError(
            f"z must have shape (m, 2) and labels be m whole numbers, got {z.shape} and {labels.shape} {labels.dtype}."
        )
    if not (reach > 0 and places >= 2 and each >= 1):
        raise ValueError(f"reach, places and each must be positive; got {reach}, {places} and {each}.")
    across = np.linspace(-reach, reach, places)
    points = np.stack(np.meshgrid(across, across, indexing="ij"), axis=-1)
    pictures = _finite(decode(points.reshape(-1, 2)), "decode(points)")
    if pictures.ndim != 3 or len(pictures) != places**2 or pictures.min() < 0 or pictures.max() > 1:
        raise ValueError(
            f"decode must turn points (n, 2) into pictures (n, height, width) from 0 to 1; for {places**2} points it "
            f"gave shape {pictures.shape}, values from {pictures.min():.3g} to {pictures.max():.3g}."
        )
    limits = (-1.1 * reach, 1.1 * reach)
    step = 2.2 * reach / PIXELS
    inside = np.flatnonzero(np.max(np.abs(z), axis=1) <= reach)
    some = [inside[labels[inside] == label][:each] for label in np.unique(labels)]
    some = np.concatenate(some) if len(inside) else inside
    if not len(some):
        raise ValueError(f"z: no observation lies within {reach} of the origin; give a larger reach.")
    drawn, names = step * np.round(z[some] / step), labels[some]  # distances are to the marks as they are drawn
    colours = ("model", "estimate", "truth", "other", "data")
    words = [
        mark("words", [a], [b], text=str(name), role=colours[name % 5], anchor="middle", dx=0, dy=5)
        for (a, b), name in zip(drawn, names.tolist(), strict=True)
    ]
    distance = np.sqrt(np.sum((points[:, :, None] - drawn) ** 2, axis=-1))
    prior = -np.sum(points**2, axis=-1) / 2 - np.log(2 * np.pi)
    ring = mark("dots", across[:, None], across[:, None], x_by=["z1"], by=["z2"], role="estimate")
    pixels = np.round(255 * (1 - pictures)).reshape(places, places, *pictures.shape[1:])
    alt = "The latent plane with encoded digits as numerals, and the chosen point."
    plane = panel(
        limits, limits, "z₁", "z₂; numerals: where the encoder puts digits", [*words, ring], drag=("z1", "z2"), alt=alt
    )
    alt = "The decoded digit at the chosen point: dark where ink is probable."
    image = panel(
        (0, 1),
        (0, 1),
        "",
        "decoded: probability of ink in each pixel",
        [sprite(pixels, ["z1", "z2"])],
        xticks=[],
        yticks=[],
        alt=alt,
    )
    by = ["z1", "z2"]
    return Explorer(
        "A walk in the latent plane",
        "Drag the ring. Where does one digit turn into another, and what does the decoder draw on the border?",
        [slider("z1", "z₁", across, 0.0), slider("z2", "z₂", across, 0.0)],
        [plane, image],
        [
            readout("prior", "log prior density", prior, by, digits=2, unit="nats"),
            readout("label", "nearest numeral", names[distance.argmin(axis=-1)], by, digits=0),
            readout("distance", "at a distance of", distance.min(axis=-1), by, digits=2),
        ],
        finding="At z₁ = {z1}, z₂ = {z2} the log prior density is {prior}; the nearest of the encoded digits shown is "
        "a {label}, at a distance of {distance}.",
    )


def explore_em(x, K=2, *, start=None, steps=30, floor=None, names=("x₁", "x₂")):
    """EM for K Gaussians, E and M apart: colours and ellipses move in turn; beside them the bound touches and lets go.

    ``x``: data, shape (n, 2). ``start``: weights (K,), means (K, 2) and covs (K, 2, 2), as `mixture_logpdf` takes
    them; without it means side by side along the data's longest axis, each with the covariance of all data. ``steps``:
    at most so many rounds, fewer if EM gains less than 0.001 nats before. ``floor`` under the variances in every
    direction; without it about a thousandth of the data's smallest. ``names``: the two quantities with their units.

    The second panel cuts along EM's own path, straight from each theta to the next: there the bound of a round touches
    the log-likelihood at the theta of its E-step and is highest at the theta of its M-step.
    """
    x, theta, floor = _em_start(x, K, start, floor)
    thetas, shares = _em_rounds(x, theta, steps, floor)
    places, heights, bounds = _em_path(x, thetas, shares)
    position = np.arange(2 * len(shares) - 1)
    seen, here = position // 2, (position + 1) // 2  # whose responsibilities, whose theta
    nodes = np.arange(len(thetas)) * (len(places) - 1) // (len(thetas) - 1)
    height, bound = heights[nodes[here]], bounds[seen, nodes[here]]
    drawn = slice(None, None, -(-len(x) // 400))
    cloud, reach, labels = [], x.T, [f"{letter} {t + 1}" for t in range(len(thetas)) for letter in "EM"][:-1]
    sizes = np.sqrt(np.where(shares < 0.01, 0, shares))  # what is too small to see takes no time to draw
    turn = 2 * np.array([np.cos(a := np.linspace(0, 2 * np.pi, 41)), np.sin(a)])  # two standard deviations around
    follow = {"by": ["step"], "x_by": ["step"]}
    for k, (role, shape, style) in enumerate(EM_MARKS[:K]):
        look = {"role": role, "shape": shape, "style": style, "radius": 1.6 if shape == "diamond" else 2.8}
        cloud.append(mark("dots", *x[drawn].T, size=sizes[seen, drawn, k], size_by=["step"], **look))
    for k, (role, shape, _) in enumerate(EM_MARKS[:K]):
        means = np.array([thetas[t]["means"][k] for t in here])
        around = means[..., None] + np.array([np.linalg.cholesky(thetas[t]["covs"][k]) @ turn for t in here])
        reach = np.concatenate([reach, around.swapaxes(0, 1).reshape(2, -1)], axis=1)
        cloud.append(mark("line", around[:, 0], around[:, 1], role=role, style="dash" if k % 2 else "", **follow))
        cloud.append(mark("dots", *means.T[..., None], role="data", shape=shape, **follow))
        end = np.arange(len(here)), ..., around[:, 0].argmax(axis=1) if k % 2 else around[:, 0].argmin(axis=1)
        beside = {"anchor": "start", "dx": 5} if k % 2 else {"anchor": "end", "dx": -5}
        cloud.append(mark("words", *around[end].T[..., None], text=f"{k + 1}", role=role, dy=5, **beside, **follow))
    at, gap = here[:, None], np.stack([bound, height], axis=1)
    low, high = _margin(heights, 0.2)
    climb = [
        mark("line", places, heights, role="truth"),
        mark("line", places, bounds[seen], by=["step"], role="other", style="dash"),
        mark("line", np.repeat(at, 2, 1), gap, role="data", **follow),
        mark("dots", at, height[:, None], role="truth", radius=7, **follow),
        mark("dots", at, bound[:, None], role="other", shape="diamond", **follow),
        mark("words", at[-1] / 2, heights[-1:], text="log-likelihood ℓ", role="truth", dx=0, dy=-14),
        mark("words", at[-1] / 2, [low], text="bound of this round", role="other", dx=0, dy=-8),
    ]
    alt = "The data with an ellipse for each component; size and colour of the marks are the responsibilities."
    left = panel(
        *(_margin(side, 0.05) for side in reach),
        names[0],
        f"{names[1]}; size of a mark: responsibility",
        cloud,
        alt=alt,
    )
    alt = "The log-likelihood along EM's path, and the bound of the present round below it."
    right = panel(_margin(places, 0.06), (low, high), "rounds done", "nats, along EM's path", climb, alt=alt)
    numbers = {"by": ["step"], "digits": 2, "unit": "nats"}
    return Explorer(
        "EM, step by step",
        "Step through E, M, E, M … Which step recolours the points, which moves the ellipses? Which closes the gap?",
        [slider("step", "step", position, 0, labels=labels)],
        [left, right],
        [
            readout("height", "log-likelihood ℓ", height, **numbers),
            readout("bound", "bound", bound, **numbers),
            readout("gap", "gap", height - bound, **numbers),
        ],
        finding="After step {step} the log-likelihood is {height} and the bound {bound}: a gap of {gap}.",
    )


# Colour, shape and style of the marks of component 1, 2, … in `explore_em`.
EM_MARKS = [
    ("model", "circle", ""),
    ("estimate", "diamond", ""),
    ("truth", "circle", "soft"),
    ("other", "diamond", "soft"),
]


def _em_start(x, K, start, floor):
    """Data (n, 2), a theta to start from and the floor, checked."""
    x = np.asarray(as_data(x), float)
    if x.ndim != 2 or x.shape[1] != 2 or not np.all(np.isfinite(x)):
        raise ValueError(f"x must hold finite numbers in two columns, shape (n, 2), got shape {x.shape}.")
    if K not in range(1, len(EM_MARKS) + 1):
        raise ValueError(f"K must be a whole number from 1 to {len(EM_MARKS)}, got {K!r}.")
    mean, cov = x.mean(axis=0), np.cov(x.T, bias=True)
    variances, axes = np.linalg.eigh(cov)
    area = cov[0, 0] * cov[1, 1] - cov[0, 1] ** 2
    if not area > 1e-9 * cov[0, 0] * cov[1, 1]:
        raise ValueError("x: the points do not spread in two directions; give at least three that are not on a line.")
    floor = 1e-3 * area / np.trace(cov) if floor is None else floor
    if start is None:
        aside = np.linspace(-0.5, 0.5, K)[:, None] if K > 1 else np.zeros((1, 1))
        along = axes[:, 1] * np.sign(axes[abs(axes[:, 1]).argmax(), 1])  # eigh leaves its sign open
        means = mean + aside * np.sqrt(variances[1]) * along
        start = {"weights": np.full(K, 1 / K), "means": means, "covs": np.array([cov] * K)}
    start = as_theta(start, "start")
    if any(
        np.shape(start.get(name)) != shape
        for name, shape in zip(("weights", "means", "covs"), [(K,), (K, 2), (K, 2, 2)], strict=True)
    ):
        raise ValueError(f"start must hold weights ({K},), means ({K}, 2) and covs ({K}, 2, 2), as K = {K} asks for.")
    return x, start, floor


def _em_rounds(x, theta, steps, floor):
    """The thetas of EM and the responsibilities (rounds, n, K) under each, until it gains less than 0.001 nats."""
    if not steps >= 1:
        raise ValueError(f"steps must be at least 1, got {steps!r}.")
    e_step, m_step = mixture_steps("full", floor=floor)
    found, thetas = [e_step(theta, x)], [theta]
    while len(thetas) <= steps:
        thetas.append(m_step(found[-1].expected, x))
        found.append(e_step(thetas[-1], x))
        if found[-1].log_densities.sum() - found[-2].log_densities.sum() < 1e-3:
            break
    return thetas, np.array([one.expected for one in found])


def _em_path(x, thetas, shares):
    """Places along the path through ``thetas``; there the log-likelihood (m,) and every round's bound (rounds, m)."""
    last = len(thetas) - 1
    places = np.linspace(0, last, 8 * last + 1)
    entropies, heights, bounds = -xlogy(shares, shares).sum(axis=(1, 2)), [], []
    for place in places:
        before = min(int(place), last - 1)
        ends = thetas[before], thetas[before + 1]
        theta = {name: ends[0][name] + (place - before) * (ends[1][name] - ends[0][name]) for name in ends[0]}
        parts = zip(theta["weights"], theta["means"], theta["covs"], strict=True)
        joint = np.stack([np.log(weight) + mvn_logpdf((mean, cov), x) for weight, mean, cov in parts], axis=1)
        heights.append(logsumexp(joint, axis=1).sum())
        bounds.append(np.tensordot(shares, joint, 2) + entropies)
    return places, np.array(heights), np.array(bounds).T


def _sample(x):
    x = np.asarray(as_data(x), float)
    if x.ndim != 1 or not np.all(np.isfinite(x)):
        raise ValueError(f"x must be a 1-d array of finite numbers, got shape {x.shape}.")
    return x


def _vary(x):
    """The Gaussian's maximum-likelihood estimates, if there are any."""
    mu_hat, sigma_hat = gaussian_mle(x)
    if sigma_hat == 0:
        raise ValueError("x: all values are equal, so the likelihood has no maximum; give data that vary.")
    return mu_hat, sigma_hat


def _height(mu, log_sigma, mu_hat, sigma_hat):
    """The Gaussian's mean log-likelihood; of the data it needs the estimates only."""
    misfit = (sigma_hat**2 + (mu_hat - mu) ** 2) * np.exp(-2 * log_sigma)
    return -log_sigma - 0.5 * np.log(2 * np.pi) - 0.5 * misfit


def _top(logpdf, thetas, heights, x):
    """Where the log-likelihood is highest, searched between the best grid value's neighbours, and how high."""
    best = int(np.argmax(heights))
    ends = thetas[max(best - 1, 0)], thetas[min(best + 1, len(thetas) - 1)]
    with np.errstate(all="ignore"):  # beside the edge of a support the search meets infinities
        found = minimize_scalar(lambda t: -log_likelihood(logpdf, t, x), bounds=ends, options={"xatol": 1e-9})
    return (found.x, -found.fun) if -found.fun > heights[best] else (thetas[best], heights[best])


def _window(logpdf, theta, x):
    """Places from left to right where the density under ``theta`` is not next to nothing, the data included."""
    wide = np.linspace(*_margin(x, 3.0), 400)
    density = log_densities(logpdf, theta, wide)
    return np.linspace(*_margin(np.concatenate([x, wide[density > density.max() - np.log(100)]]), 0.05), 101)


def _thin(x, most=200):
    """At most ``most`` of the sorted values, evenly spread, and what they are: more could not be told apart."""
    if len(x) <= most:
        return x, "one for each observation"
    return np.quantile(x, (np.arange(most) + 0.5) / most), f"{most} of {len(x):,} observations"


def _named(name, unit, before=" ("):
    """``name (unit)`` or ``name per unit``, or the name alone."""
    return f"{name}{before}{unit}{')' if '(' in before else ''}" if unit else name


def _digits(spread):
    """Decimals that show a hundredth of ``spread``."""
    return max(0, 2 - int(np.floor(np.log10(spread))))


def _margin(values, share):
    """The range of ``values``, widened on both sides by ``share`` of its length."""
    low, high = float(np.min(values)), float(np.max(values))
    extra = share * ((high - low) or 1.0)
    return low - extra, high + extra


def _contour(across, up, surface, level):
    """One contour as x and y arrays, NaN between its pieces."""
    pieces = contourpy.contour_generator(across, up, surface).lines(level)
    pieces = [np.vstack([piece[:: max(1, len(piece) // 60)], piece[-1:], [[np.nan, np.nan]]]) for piece in pieces]
    return np.concatenate([*pieces, [[np.nan, np.nan]]]).T


_Z, _X = np.linspace(-6, 6, 161), np.linspace(-12, 12, 161)  # where q, as x = mu + sigma z, and p have their mass


def _humps(x, weight, s):
    """Log density of the target of `explore_divergences`."""
    left, right = (-0.5 * (x - m) ** 2 - 0.5 * np.log(2 * np.pi) for m in (-s / 2, s / 2))
    return np.logaddexp(np.log(1 - weight) + left, np.log(weight) + right)


def _divergences(mu, log_sigma, weight, s):
    """KL(p‖q), JS and KL(q‖p) in nats, stacked first, for q = N(mu, sigma²): integrals over p on _X, over q on _Z."""
    mu, log_sigma = (np.asarray(a, float)[..., None] for a in (mu, log_sigma))
    log_unit = -0.5 * np.log(2 * np.pi) - log_sigma
    log_p, log_q = _humps(_X, weight, s), log_unit - 0.5 * ((_X - mu) * np.exp(-log_sigma)) ** 2
    over_p = np.exp(log_p) * (_X[1] - _X[0])
    p_there, q_there = _humps(mu + np.exp(log_sigma) * _Z, weight, s), log_unit - 0.5 * _Z**2
    over_q = np.exp(-0.5 * _Z**2) / np.sqrt(2 * np.pi) * (_Z[1] - _Z[0])
    js = (log_p - np.logaddexp(log_p, log_q)) @ over_p + (q_there - np.logaddexp(p_there, q_there)) @ over_q
    return np.stack([(log_p - log_q) @ over_p, np.log(2) + js / 2, (q_there - p_there) @ over_q])


def _closest_gaussians(weight, s, mus, logs):
    """For each divergence the lowest values over sigma, along ``mus``; and mu, sigma, value of its global minimum."""
    surface = _divergences(mus[:, None], logs, weight, s)
    mean, spread = (weight - 0.5) * s, np.sqrt(1 + weight * (1 - weight) * s**2)
    fits = [(mean, spread, _divergences(mean, np.log(spread), weight, s)[0])]  # forward KL keeps mean and variance
    for kind in (1, 2):
        best = np.r_[np.inf, surface[kind].min(axis=1), np.inf]
        starts = np.flatnonzero((best[1:-1] <= best[:-2]) & (best[1:-1] <= best[2:]))
        loss = partial(lambda t, kind: _divergences(*t, weight, s)[kind], kind=kind)
        ends = [minimize(loss, (mus[i], logs[surface[kind, i].argmin()]), options={"gtol": 1e-4}) for i in starts]
        end = min(ends, key=lambda e: (round(e.fun, 6), -e.x[0]))  # of two equal minima the right one
        fits.append((end.x[0], np.exp(end.x[1]), end.fun))
    return _along(surface), np.array(fits)


def _along(surface):
    """Minima along the last axis, between the grid's places by the parabola through the lowest three."""
    at = np.clip(surface.argmin(axis=-1), 1, surface.shape[-1] - 2)[..., None]
    left, middle, right = (np.take_along_axis(surface, at + k, -1)[..., 0] for k in (-1, 0, 1))
    return middle - (right - left) ** 2 / 8 / np.maximum(left - 2 * middle + right, 1e-12)
