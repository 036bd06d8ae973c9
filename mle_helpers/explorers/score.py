"""The tangent to the log-likelihood, and its slope, the score."""

import numpy as np

from mle_helpers.explorers.kit import Explorer, as_finite, choice, mark, panel, readout, slider
from mle_helpers.explorers.shared import as_sample, highest_point, widened, with_unit
from mle_helpers.likelihood import log_likelihood, observed_information, score


def explore_score(logpdf, thetas, x, *, sizes=(5, 20, 80, 320), symbol="θ", unit="", digits=2):
    """Slide theta along the log-likelihood with its tangent; beside it the score crosses zero; n sharpens both.

    ``logpdf(theta, x)`` with a single number theta; the first ``sizes[k]`` values of ``x`` are used.
    """
    x, thetas = as_sample(x), np.unique(as_finite(thetas, "thetas"))
    control = slider(symbol, symbol, thetas, thetas[len(thetas) // 5], digits=digits, unit=unit)
    if min(sizes) < 1 or max(sizes) > len(x):
        raise ValueError(f"sizes asks for {min(sizes)} to {max(sizes)} observations, x has {len(x)}.")
    heights = np.array([[log_likelihood(logpdf, t, x[:n]) for t in thetas] for n in sizes])
    if not np.all(np.isfinite(heights)):
        raise ValueError("thetas: the log-likelihood is not finite on the whole grid; keep inside the domain.")
    slopes = np.array([[score(logpdf, t, x[:n]) for t in thetas] for n in sizes])
    best, tops = np.array([highest_point(logpdf, thetas, h, x[:n]) for h, n in zip(heights, sizes, strict=True)]).T
    drop = heights - tops[:, None]
    curvature = [observed_information(logpdf, t, x[:n]).item() for t, n in zip(best, sizes, strict=True)]
    xlim = widened(thetas, 0.02)
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
    across = with_unit(symbol, unit)
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
