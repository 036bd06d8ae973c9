"""Figures that move: on a published page without a kernel, and in JupyterLab with the reader's own data.

Every number is computed here. An explorer holds *tables* with one axis for each control; the module ``explorer.js``
looks up the entry at the controls' positions and draws it. The same module serves the static page (inline,
self-contained) and a live kernel (through anywidget); where neither runs, a still picture stands in.
"""

import base64
import html
import io
import json
from functools import cache
from pathlib import Path

import anywidget
import contourpy
import matplotlib.pyplot as plt
import numpy as np
import traitlets
from matplotlib.ticker import MaxNLocator
from PIL import Image

from mle_helpers.likelihood import as_data, log_densities, observed_information, score
from mle_helpers.models import gaussian_logpdf, gaussian_mle
from mle_helpers.plots import COLORS

MODULE = Path(__file__).with_name("explorer.js")
PIXELS = 1200  # drawn coordinates are rounded to this fraction of an axis, a third of a pixel on the page


# ---------------------------------------------------------------------------------------------------------------------
# The kit: controls, marks, panels, readouts
# ---------------------------------------------------------------------------------------------------------------------


def slider(name, label, values, start, *, digits=2, unit=""):
    """A slider over ``values``; ``start`` is the value nearest to which it begins."""
    values = _finite(values, name)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"{name} needs at least two grid values to slide over, got shape {values.shape}.")
    labels = [_text(v, digits) for v in values]
    return {
        "name": name,
        "label": label,
        "unit": unit,
        "labels": labels,
        "values": [float(_text(v, 12, plain=True)) for v in values],
        "start": int(np.argmin(np.abs(values - start))),
    }


def choice(name, label, labels, start=0):
    """Radio buttons with one text each."""
    return {"name": name, "label": label, "labels": [str(t) for t in labels], "start": start}


def mark(kind, x, y=None, *, by=(), x_by=None, role="model", style="", **options):
    """One mark of a panel: ``line``, ``bars``, ``sticks``, ``dots``, ``trace``, ``words`` or ``sprite``.

    ``x`` and ``y`` are arrays whose leading axes follow the controls named in ``x_by`` and ``by`` and whose last axis
    runs along the mark. NaN breaks a line. ``reveal=True`` hides it until the reader asks.
    """
    given = {"kind": kind, "role": role, "style": style, **options}
    return given | {"x": (np.asarray(x, float), x_by or ()), "y": None if y is None else (np.asarray(y, float), by)}


def panel(xlim, ylim, xlabel, ylabel, marks, *, alt, drag=None, xticks=None):
    """A pair of axes with its marks; ``drag=(a, b)`` lets one point set the controls a (across) and b (up)."""
    given = {"xlim": xlim, "ylim": ylim, "xlabel": xlabel, "ylabel": ylabel, "marks": marks, "alt": alt, "drag": drag}
    return given | {"xticks": xticks}


def readout(name, label, values, by, *, digits, unit="", best=False, gap="none"):
    """A number beside the figure, from a table with one axis for each control in ``by``; NaN shows as ``gap``."""
    table = _pack(np.asarray(values, float)[..., None], 10.0**-digits, by)
    return {"name": name, "label": label, "table": table, "digits": digits, "unit": unit, "best": best, "gap": gap}


class Explorer:
    """A figure that moves. Show it as the last line of a cell; in a live kernel ``value`` reads the controls back."""

    def __init__(self, title, task, controls, panels, readouts, *, finding, reveal=""):
        self._controls, self._panels = controls, panels
        self.spec = {
            "title": title,
            "task": task,
            "controls": controls,
            "panels": [_packed_panel(one) for one in panels],
            "readouts": readouts,
            "finding": finding,
            "reveal": reveal,
        }
        self._value = {c["name"]: c.get("values", c["labels"])[c["start"]] for c in controls}
        self._widget = None

    @property
    def value(self):
        """The controls as the reader has set them, by name."""
        return dict(self._widget.value if self._widget else self._value)

    @value.setter
    def value(self, change):
        unknown = set(change) - set(self._value)
        if unknown:
            raise ValueError(f"value: no control named {sorted(unknown)}; there are {sorted(self._value)}.")
        self._value = self.value | change
        if self._widget:
            self._widget.value = self._value

    def still(self):
        """The figure at the controls' first positions, as PNG bytes: for print, PDF and pages without scripts."""
        with plt.rc_context({"figure.constrained_layout.use": True, "font.size": 12, "savefig.dpi": 72}):
            fig, axes = plt.subplots(1, len(self._panels), figsize=(5 * len(self._panels), 3.6), squeeze=False)
            starts = {c["name"]: c["start"] for c in self._controls}
            for one, ax in zip(self._panels, axes[0], strict=True):
                _still_panel(one, ax, starts)
            buffer, small = io.BytesIO(), io.BytesIO()
            fig.savefig(buffer)
            plt.close(fig)
        Image.open(buffer).convert("RGB").quantize(24).save(small, "PNG", optimize=True)
        return small.getvalue()

    def to_html(self):
        """A self-contained figure: payload, still picture and the module, in one string without outside links."""
        payload = json.dumps(self.spec, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
        picture = base64.b64encode(self.still()).decode()
        alt = html.escape(f"{self.spec['title']}. {self._panels[0]['alt']}", quote=True)
        return (
            f'<div data-explorer><img alt="{alt}" style="max-width:100%" src="data:image/png;base64,{picture}">'
            f'<script type="application/json">{payload}</script></div>\n'
            f'<script type="module" data-explorer-module>{_module()}</script>'
        )

    def _repr_mimebundle_(self, **kwargs):
        bundle = {"text/plain": f"{self.spec['title']} (a figure that moves)", "text/html": self.to_html()}
        if _live():
            self._widget = self._widget or ExplorerWidget(json.dumps(self.spec), self._value)
            bundle |= self._widget._repr_mimebundle_(**kwargs)[0]
            bundle["text/plain"] = f"{self.spec['title']} (a figure that moves)"
        return bundle


class ExplorerWidget(anywidget.AnyWidget):
    """The live form of an explorer: the same module, with ``value`` kept in step with Python."""

    _esm = MODULE
    spec = traitlets.Unicode().tag(sync=True)
    value = traitlets.Dict().tag(sync=True)

    def __init__(self, spec, value):
        super().__init__(spec=spec, value=value)


@cache
def _module():
    return MODULE.read_text(encoding="utf-8").strip()


def _live():
    """True inside an IPython kernel, where a widget can talk back."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def _finite(values, name):
    values = np.asarray(values, float)
    if values.size == 0:
        raise ValueError(f"{name} is empty; give at least two grid values.")
    if not np.all(np.isfinite(values)):
        raise ValueError(f"{name} holds NaN or infinite values; give finite numbers.")
    return values


def _text(value, digits, plain=False):
    """``value`` with ``digits`` decimals, a true minus sign, and no minus before zero."""
    text = f"{value:.{digits}f}"
    text = text[1:] if float(text) == 0 and text[0] == "-" else text
    return text if plain else text.replace("-", "−")


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
    packed = np.where(there, codes - first, 256.0**size - 1).astype(f"<u{size}")
    return {
        "type": f"u{size}",
        "first": first,
        "step": step,
        "shape": list(values.shape),
        "by": list(by),
        "data": base64.b64encode(packed.tobytes()).decode(),
    }


def _packed_panel(one):
    """``one`` with its coordinates rounded to what is drawn and its ticks chosen."""
    steps = [(one[lim][1] - one[lim][0]) / PIXELS for lim in ("xlim", "ylim")]
    marks = []
    for m in one["marks"]:
        packed = dict(m)
        for axis, step in zip("xy", steps, strict=True):
            if m[axis] is not None:
                values, by = m[axis]
                low, high = one[f"{axis}lim"]
                reach = 2 * (high - low)  # nothing further out can be seen
                packed[axis] = _pack(np.clip(values, low - reach, high + reach), step, by)
        marks.append({key: value for key, value in packed.items() if value is not None})
    return one | {
        "marks": marks,
        "xlim": [float(v) for v in one["xlim"]],
        "ylim": [float(v) for v in one["ylim"]],
        "xticks": _ticks(*one["xlim"], one["xticks"]),
        "yticks": _ticks(*one["ylim"]),
    }


def _ticks(low, high, places=None):
    if places is None:
        places = [t for t in MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high) if low <= t <= high]
    digits = max(0, int(-np.floor(np.log10(np.min(np.diff(places))) + 1e-9))) if len(places) > 1 else 1
    return [[round(float(t), 10), _text(t, digits)] for t in places]


def _still_panel(one, ax, starts):
    ax.set(xlim=one["xlim"], ylim=one["ylim"], xlabel=one["xlabel"], ylabel=one["ylabel"])
    for m in one["marks"]:
        if m.get("reveal") or m["kind"] == "sprite":
            continue
        x, y = (v and v[0][tuple(starts[name] for name in v[1])] for v in (m["x"], m["y"]))
        if m.get("under") is not None:
            (cx, cx_by), (cy, cy_by) = (one["marks"][m["under"]][axis] for axis in "xy")
            y = np.interp(x, cx[tuple(starts[n] for n in cx_by)], cy[tuple(starts[n] for n in cy_by)], 0, 0)
        if m.get("upto"):
            x, y = x[: starts[m["upto"]] + 1], y[: starts[m["upto"]] + 1]
        color, dash = COLORS[m["role"]], "--" if "dash" in m["style"] else "-"
        alpha = 0.45 if "soft" in m["style"] else 1.0
        if m["kind"] in ("line", "trace"):
            ax.plot(x, y, dash, color=color, alpha=alpha, linewidth=1 if "thin" in m["style"] else 2)
        elif m["kind"] == "bars":
            ax.bar(x, y, m["width"], color=color, alpha=0.4, edgecolor=color)
        elif m["kind"] == "sticks":
            ax.vlines(x, max(0, one["ylim"][0]), y, color=color, alpha=alpha)
        elif m["kind"] == "dots":
            ax.plot(x, y, "D" if m.get("shape") == "diamond" else "o", color=color, markersize=m.get("radius", 5))
        elif m["kind"] == "words":
            ax.annotate(m["text"], (x[0], y[0]), color=color, xytext=(5, 5), textcoords="offset points")


# ---------------------------------------------------------------------------------------------------------------------
# The explorers of the chapters
# ---------------------------------------------------------------------------------------------------------------------


def explore_likelihood(logpdf, thetas, x, *, outcomes=None, symbol="θ", quantity="x", unit="", digits=2):
    """Slide theta: p(x | theta) over x with the data marked, and the likelihood traced over theta.

    ``logpdf(theta, x)`` with a single number theta; ``thetas`` the grid, shape (m,); ``x`` the data, shape (n,).
    ``outcomes``: all values that a discrete x can take (bars); leave it out for a density (a curve).
    """
    x, thetas = _sample(x), _finite(thetas, "thetas")
    discrete = outcomes is not None
    places = _finite(outcomes, "outcomes") if discrete else np.linspace(*_margin(x, 0.35), 81)
    model = np.exp([log_densities(logpdf, t, places) for t in thetas])
    values = np.array([log_densities(logpdf, t, x).sum() for t in thetas])
    if not np.any(np.isfinite(values)):
        raise ValueError("thetas: the data are impossible under every theta of the grid; widen it.")
    best, relative = int(np.argmax(values)), np.exp(values - values.max())
    density = "probability" if discrete else "density"
    per = f" per {unit}" if unit and not discrete else ""
    if discrete:
        seen, counts = np.unique(x, return_counts=True)
        left = [
            mark("bars", places, model, by=[symbol], width=0.8 * np.min(np.diff(np.sort(places)))),
            mark("dots", seen, counts / len(x), role="data", shape="diamond"),
        ]
        top = max(model.max(), (counts / len(x)).max())
        legend = "diamonds: share in the data"
    else:
        left = [
            mark("line", places, model, by=[symbol]),
            mark("sticks", _thin(x), role="data", style="thin", under=0),
        ]
        top, legend = model.max(), "sticks: the data"
    xlim = (places.min() - 0.6, places.max() + 0.6) if discrete else (places[0], places[-1])
    words = f"{density}{per} (bars); {legend}" if discrete else f"{density}{per} (curve); {legend}"
    curve = {"by": (), "over": symbol}
    return Explorer(
        f"The likelihood of {symbol}",
        f"Slide {symbol} and watch both pictures. Where does the data you saw become most probable?"
        if discrete
        else f"Slide {symbol} and watch both pictures. Where is the density of the data you saw highest?",
        [slider(symbol, symbol, thetas, thetas[len(thetas) // 4], digits=digits, unit="")],
        [
            panel(
                xlim,
                (0, 1.08 * top),
                f"{quantity} ({unit})" if unit else quantity,
                words,
                left,
                xticks=places if discrete and len(places) < 12 else None,
                alt=f"The {density} of each {quantity} under the chosen {symbol}, with the data marked.",
            ),
            panel(
                _margin(thetas, 0.02),
                (0, 1.12),
                symbol,
                "likelihood ÷ its highest value",
                [
                    mark("line", thetas, relative, reveal=True, style="soft"),
                    mark("trace", thetas, relative, **curve),
                    mark(
                        "dots",
                        thetas[:, None],
                        relative[:, None],
                        by=[symbol],
                        x_by=[symbol],
                        shape="diamond",
                        role="estimate",
                    ),
                    mark(
                        "words",
                        [thetas[best]],
                        [1.0],
                        text=f"{symbol}̂ = {_text(thetas[best], digits)}",
                        role="estimate",
                        reveal=True,
                        anchor="middle",
                        dx=0,
                    ),
                ],
                alt=f"The likelihood traced over {symbol}: one point for every {symbol} that was tried.",
            ),
        ],
        [
            readout(
                "loglik",
                "log-likelihood",
                np.where(np.isfinite(values), values, np.nan),
                [symbol],
                digits=2,
                unit="nats",
                gap="−∞",
            ),
            readout("relative", "likelihood ÷ highest", relative, [symbol], digits=3),
        ],
        finding=f"At {symbol} = {{{symbol}}} the log-likelihood is {{loglik}}, {{relative}} of the highest likelihood.",
        reveal="Show the whole curve",
    )


def explore_ascent(x, *, steps=(0.05, 0.5, 1.2), iterations=20, unit=""):
    """Drag the start, choose the step: gradient ascent on a Gaussian's mean log-likelihood in (mu, log sigma).

    ``x``: data, shape (n,), best with a spread near 1; ``steps``: step sizes to choose from.
    """
    x = _sample(x)
    mu_hat, sigma_hat = gaussian_mle(x)
    if sigma_hat == 0:
        raise ValueError("x: all values are equal, so the likelihood has no maximum to climb to; give data that vary.")
    steps = _finite(steps, "steps")
    mus = mu_hat + sigma_hat * np.linspace(-2.5, 2.5, 9)
    logs = np.log(sigma_hat) + np.linspace(-1.0, 1.4, 9)
    mu, log_sigma = (np.broadcast_to(a, (len(steps), 9, 9)).copy() for a in np.meshgrid(mus, logs, indexing="ij"))
    path = [(mu, log_sigma)]
    for _ in range(iterations):
        spread = np.exp(-2 * log_sigma)
        slope_mu, slope_log = (mu_hat - mu) * spread, (sigma_hat**2 + (mu_hat - mu) ** 2) * spread - 1
        far = (np.abs(mu - mu_hat) > 1e3 * sigma_hat) | (np.abs(log_sigma) > 50)
        rate = np.where(far, 0.0, 1.0) * steps[:, None, None]
        mu, log_sigma = mu + rate * slope_mu, log_sigma + rate * slope_log
        path.append((mu, log_sigma))
    across, up = (np.moveaxis(np.array(a), 0, -1) for a in zip(*path, strict=True))

    def mean_log_likelihood(mu, log_sigma):
        fit_error = (sigma_hat**2 + (mu_hat - mu) ** 2) * np.exp(-2 * log_sigma)
        return -log_sigma - 0.5 * np.log(2 * np.pi) - 0.5 * fit_error

    heights = mean_log_likelihood(across, up)
    by = ["step", "mu", "log_sigma"]
    xlim, ylim = _margin(mus, 0.12), _margin(logs, 0.12)
    grid = np.linspace(*xlim, 60), np.linspace(*ylim, 60)
    surface = mean_log_likelihood(grid[0][None, :], grid[1][:, None])
    top = -np.log(sigma_hat) - 0.5 * np.log(2 * np.pi) - 0.5
    in_unit = f" ({unit})" if unit else ""
    marks = [
        mark("line", *_contour(*grid, surface, top - drop), role="data", style="thin")
        for drop in (0.05, 0.2, 0.5, 1, 2, 4, 8)
    ]
    marks += [
        mark("dots", [mu_hat], [np.log(sigma_hat)], shape="diamond", role="estimate"),
        mark("words", [mu_hat], [np.log(sigma_hat)], text="θ̂", role="estimate", dx=10, dy=18),
        mark("line", across, up, by=by, x_by=by, upto="iterations"),
        mark("dots", across, up, by=by, x_by=by, upto="iterations", radius=3),
    ]
    shown = np.where(heights > -100, heights, np.nan)
    return Explorer(
        "Climbing the log-likelihood",
        "Drag the ring to another start; try every step size. Which arrives, which crawls, which never settles?",
        [
            choice("step", "step size", [_text(s, 2) for s in steps], start=1),
            slider("mu", "start μ", mus, mus[1], digits=2, unit=unit),
            slider("log_sigma", "start log σ", logs, logs[7], digits=2),
            slider("iterations", "iterations", np.arange(iterations + 1), iterations, digits=0),
        ],
        [
            panel(
                xlim,
                ylim,
                f"μ{in_unit}",
                "log σ",
                marks,
                drag=("mu", "log_sigma"),
                alt="Contours of the mean log-likelihood over mu and log sigma, with the path of gradient ascent.",
            )
        ],
        [
            readout(
                "height",
                "mean log-likelihood there",
                shown,
                [*by, "iterations"],
                digits=2,
                unit="nats",
                gap="off the map",
            ),
            readout("top", "highest possible", top, [], digits=2, unit="nats"),
        ],
        finding="From μ = {mu}, log σ = {log_sigma} with step size {step}: after {iterations} iterations the mean "
        "log-likelihood is {height}; the highest possible is {top}.",
    )


def explore_score(logpdf, thetas, x, *, sizes=(5, 20, 80, 320), symbol="θ", unit="", digits=2):
    """Slide theta along the log-likelihood with its tangent; beside it the score crosses zero; n sharpens both.

    ``logpdf(theta, x)`` with a single number theta; the first ``sizes[k]`` values of ``x`` are used.
    """
    x, thetas = _sample(x), _finite(thetas, "thetas")
    if max(sizes) > len(x):
        raise ValueError(f"sizes asks for {max(sizes)} observations, x has {len(x)}.")
    heights = np.array([[log_densities(logpdf, t, x[:n]).sum() for t in thetas] for n in sizes])
    if not np.all(np.isfinite(heights)):
        raise ValueError("thetas: the log-likelihood is not finite on the whole grid; keep inside the domain.")
    slopes = np.array([[score(logpdf, t, x[:n]) for t in thetas] for n in sizes])
    drop = heights - heights.max(axis=1, keepdims=True)
    best = thetas[np.argmax(heights, axis=1)]
    curvature = [observed_information(logpdf, t, x[:n])[0, 0] for t, n in zip(best, sizes, strict=True)]
    xlim = _margin(thetas, 0.02)
    ends = np.array(xlim)
    tangents = drop[..., None] + slopes[..., None] * (ends - thetas[:, None])
    reach = 1.15 * np.quantile(np.abs(slopes[-2 if len(sizes) > 1 else -1]), 0.9)
    here = {"by": ["n", symbol], "x_by": [symbol]}
    in_unit = f" ({unit})" if unit else ""
    return Explorer(
        "The slope of the log-likelihood",
        f"Find the {symbol} where the tangent lies flat. Then let n grow: what happens to the peak, and to the score?",
        [
            slider(symbol, symbol, thetas, thetas[len(thetas) // 5], digits=digits, unit=unit),
            choice("n", "observations n", sizes, start=1 if len(sizes) > 1 else 0),
        ],
        [
            panel(
                xlim,
                (-10, 1),
                symbol + in_unit,
                "log-likelihood below its top (nats)",
                [
                    mark("line", thetas, drop, by=["n"]),
                    mark("line", ends, tangents, by=["n", symbol], role="estimate", style="dash"),
                    mark("dots", thetas[:, None], drop[..., None], **here, role="estimate"),
                ],
                alt=f"The log-likelihood over {symbol} with its tangent at the chosen point.",
            ),
            panel(
                xlim,
                (-reach, reach),
                symbol + in_unit,
                f"score (nats per unit of {symbol})",
                [
                    mark("line", ends, [0, 0], role="data", style="thin"),
                    mark("line", thetas, slopes, by=["n"]),
                    mark("dots", thetas[:, None], slopes[..., None], **here, role="estimate"),
                    mark(
                        "line",
                        np.repeat(best[:, None], 2, 1),
                        [-reach, reach],
                        x_by=["n"],
                        role="truth",
                        style="dash",
                        reveal=True,
                    ),
                ],
                alt=f"The score over {symbol}: it crosses zero where the log-likelihood has its top.",
            ),
        ],
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
    mu_hat, sigma_hat = gaussian_mle(x)
    if sigma_hat == 0:
        raise ValueError("x: all values are equal, so no sigma fits best; give data that vary.")
    mus = np.unique(np.append(mu_hat + sigma_hat * np.linspace(-2.4, 2.4, 60), mu_hat))
    sigmas = np.unique(np.append(sigma_hat * np.geomspace(0.4, 2.5, 48), sigma_hat))
    offsets = np.linspace(-5, 5, 101) * sigma_hat
    curves = np.exp([gaussian_logpdf((0.0, s), offsets) for s in sigmas])
    values = np.array([[gaussian_logpdf((m, s), x).sum() for s in sigmas] for m in mus])
    digits = max(0, 2 - int(np.floor(np.log10(sigma_hat))))
    fitted = np.exp(gaussian_logpdf((mu_hat, sigma_hat), mu_hat + offsets))
    xlim, in_unit = _margin(x, 0.25), f" ({unit})" if unit else ""
    drops = (1, 3, 10, 30, 100)
    contours = [
        mark("line", *_contour(mus, sigmas, values.T, values.max() - drop), role="data", style="thin", reveal=True)
        for drop in drops
    ]
    place = {"by": ["sigma"], "x_by": ["mu"]}
    return Explorer(
        "A Gaussian against the data",
        "Move μ and σ until the log-likelihood is as high as you can make it. Then reveal θ̂: how close were you?",
        [
            slider("mu", "μ", mus, mus[12], digits=digits, unit=unit),
            slider("sigma", "σ", sigmas, sigmas[36], digits=digits, unit=unit),
        ],
        [
            panel(
                xlim,
                (0, 1.05 * np.quantile(curves.max(axis=1), 0.8)),
                quantity + in_unit,
                f"density{f' per {unit}' if unit else ''}; one stick for each observation",
                [
                    mark("line", mus[:, None] + offsets, curves, **place),
                    mark("sticks", _thin(x), role="data", style="thin", under=0),
                    mark("line", mu_hat + offsets, fitted, role="estimate", style="dash", reveal=True),
                ],
                alt="The Gaussian density for the chosen mu and sigma, with a stick up to it from each observation.",
            ),
            panel(
                _margin(mus, 0.05),
                _margin(sigmas, 0.05),
                f"μ{in_unit}",
                f"σ{in_unit}",
                [
                    *contours,
                    mark("dots", [mu_hat], [sigma_hat], shape="diamond", role="estimate", reveal=True),
                    mark("words", [mu_hat], [sigma_hat], text="θ̂", role="estimate", reveal=True, dx=10, dy=-8),
                    mark("dots", mus[:, None], sigmas[:, None], **place),
                ],
                drag=("mu", "sigma"),
                alt="A map of mu and sigma: the chosen pair, and on request the contours of the log-likelihood.",
            ),
        ],
        [
            readout("loglik", "log-likelihood (sum of logs)", values, ["mu", "sigma"], digits=1, unit="nats"),
            readout("best", "best so far", values, ["mu", "sigma"], digits=1, unit="nats", best=True),
        ],
        finding="At μ = {mu} and σ = {sigma} the log-likelihood is {loglik}; your best so far is {best}.",
        reveal="Reveal θ̂",
    )


def _sample(x):
    x = np.asarray(as_data(x), float)
    if x.ndim != 1 or not np.all(np.isfinite(x)):
        raise ValueError(f"x must be a 1-d array of finite numbers, got shape {x.shape}.")
    return x


def _thin(x, most=200):
    """At most ``most`` of the sorted values, evenly spread: more sticks could not be told apart."""
    x = np.sort(x)
    return x if len(x) <= most else x[np.linspace(0, len(x) - 1, most).astype(int)]


def _margin(values, share):
    """The range of ``values``, widened on both sides by ``share`` of its length."""
    low, high = float(np.min(values)), float(np.max(values))
    extra = share * ((high - low) or 1.0)
    return low - extra, high + extra


def _contour(across, up, surface, level):
    """One contour as x and y arrays, NaN between its pieces."""
    pieces = contourpy.contour_generator(across, up, surface).lines(level)
    if not pieces:
        return np.array([np.nan]), np.array([np.nan])
    joined = np.concatenate(
        [np.vstack([piece[:: max(1, len(piece) // 60)], piece[-1:], [[np.nan, np.nan]]]) for piece in pieces]
    )
    return joined[:, 0], joined[:, 1]
