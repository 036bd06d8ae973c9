"""Slide theta: the data under the model, and the likelihood traced over theta."""

import numpy as np

from mle_helpers.explorers.kit import Explorer, as_finite, mark, number_text, panel, readout, slider
from mle_helpers.explorers.shared import as_sample, highest_point, thinned, widened, with_unit
from mle_helpers.likelihood import log_densities, log_likelihood


def explore_likelihood(logpdf, thetas, x, *, outcomes=None, symbol="θ", quantity="x", unit="", theta_unit="", digits=2):
    """Slide theta: p(x | theta) over x with the data marked, and the likelihood traced over theta.

    ``logpdf(theta, x)`` with a single number theta; ``thetas`` the grid, shape (m,); ``x`` the data, shape (n,).
    ``outcomes``: all values that a discrete x can take (bars); leave it out for a density (a curve).
    """
    x, thetas = as_sample(x), np.unique(as_finite(thetas, "thetas"))
    control = slider(symbol, symbol, thetas, thetas[len(thetas) // 4], digits=digits, unit=theta_unit)
    discrete = outcomes is not None
    values = np.array([log_likelihood(logpdf, t, x) for t in thetas])
    if not np.any(np.isfinite(values)):
        raise ValueError("thetas: the data are impossible under every theta of the grid; widen it.")
    theta_hat, highest = highest_point(logpdf, thetas, values, x)
    places = np.unique(as_finite(outcomes, "outcomes")) if discrete else _window(logpdf, theta_hat, x)
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
        sticks, which = thinned(x)
        data = mark("sticks", sticks, role="data", style="thin", under=0)
        marks = [mark("line", places, model, by=[symbol]), data]
        top, caption = model.max(), f"{with_unit('density', unit, ' per ')} (curve); sticks: {which}"
        xlim, aim = (places[0], places[-1]), "Where is the density of the data you saw highest?"
    here = {"by": [symbol], "x_by": [symbol], "shape": "diamond", "role": "estimate"}
    centre = {"anchor": "middle", "dx": 0}
    peak = f"{symbol}̂ = {number_text(theta_hat, digits)}"
    curve = [
        mark("words", [thetas.mean()], [0.6], text=f"Slide {symbol}: the curve appears", when="hint", **centre),
        mark("line", thetas, relative, when="later", style="soft"),
        mark("line", thetas, relative, over=symbol),
        mark("dots", thetas[:, None], relative[:, None], **here),
        mark("words", [theta_hat], [1.0], text=peak, role="estimate", when="later", dy=-9, **centre),
    ]
    alt = f"The {'probability' if discrete else 'density'} of each {quantity} under the chosen {symbol}, with the data."
    xticks = places if discrete and len(places) < 12 else None
    left = panel(xlim, (0, 1.08 * top), with_unit(quantity, unit), caption, marks, xticks=xticks, alt=alt)
    alt = f"The likelihood traced over {symbol}: one point for every {symbol} that was tried."
    caption = f"relative likelihood (1 at the best {symbol})"
    right = panel(widened(thetas, 0.02), (0, 1.18), with_unit(symbol, theta_unit), caption, curve, alt=alt)
    visible = np.where((relative > 0) & (relative < 5e-4), np.nan, relative)
    readouts = [readout("relative", "relative likelihood", visible, [symbol], digits=3, gap="below 0.001")]
    finding = f"At {symbol} = {{{symbol}}} the likelihood is {{relative}} of its highest value."
    if discrete and highest > np.log(0.001):  # of many observations it is too small to read
        readouts.insert(0, readout("likelihood", "likelihood", np.exp(values), [symbol], digits=4))
        finding = f"At {symbol} = {{{symbol}}} the likelihood is {{likelihood}}, {{relative}} of its highest value."
    title, task = f"The likelihood of {symbol}", f"Slide {symbol} and watch both pictures. {aim}"
    return Explorer(title, task, [control], [left, right], readouts, finding=finding, reveal="Show the whole curve")


def _window(logpdf, theta, x):
    """Places from left to right where the density under ``theta`` is not next to nothing, the data included."""
    wide = np.linspace(*widened(x, 3.0), 400)
    density = log_densities(logpdf, theta, wide)
    return np.linspace(*widened(np.concatenate([x, wide[density > density.max() - np.log(100)]]), 0.05), 101)
