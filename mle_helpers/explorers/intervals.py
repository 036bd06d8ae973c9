"""Two intervals from one curve, and how often an interval covers: tabulated here, drawn at random on the page."""

import autograd.numpy as np
import numpy
from autograd import grad
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import binom, norm

from mle_helpers.explorers.kit import FINE, Explorer, as_finite, choice, mark, panel, readout, slider
from mle_helpers.explorers.shared import as_sample, highest_point, widened, with_unit
from mle_helpers.likelihood import log_densities, observed_information

LEVELS = (50, 80, 90, 95, 99)  # per cent
SHARES = {"p": (lambda p: p, lambda p: p), "log-odds": (lambda p: np.log(p / (1 - p)), expit)}
BAR = -4.1, -4.7  # where the two intervals are drawn
SHOWN = -5.0  # nats below the top: the lower end of the axis


def explore_intervals(logpdf, thetas, x, *, scales=None, times=(1, 2, 5, 20), symbol="θ", unit="", digits=3):
    """One log-likelihood, its interval by likelihood ratio, and Wald's by a parabola in a name of your choice.

    ``logpdf(theta, x)`` with a single number theta; ``thetas`` spans the axis and may reach beyond the domain: an end
    of an interval that does not lie on it is open. ``scales``: {name: (function, its inverse)} of names for theta,
    increasing, the first one theta itself; without it, those of a share. ``times``: how often the data are repeated.
    """
    x, thetas = as_sample(x), np.unique(as_finite(thetas, "thetas"))
    scales = SHARES if scales is None else scales
    total = np.array([_sum(logpdf, t, x) for t in thetas])
    inside = np.isfinite(total)
    if not np.any(inside):
        raise ValueError("thetas: the data are impossible under every theta of the grid; widen it.")
    theta_hat, top = highest_point(logpdf, thetas[inside], total[inside], x)
    curvature = observed_information(logpdf, theta_hat, x).item()
    if not curvature > 0:
        raise ValueError("x: the log-likelihood has no curvature at its top, so there is no parabola to draw.")
    edges = _reach(lambda t: _sum(logpdf, t, x), thetas, inside)
    drop, z = np.where(inside, total - top, np.nan), norm.ppf((1 + np.array(LEVELS) / 100) / 2)
    cuts, names = -(z**2) / 2, list(scales)

    def below(theta):
        return _sum(logpdf, theta, x) - top

    ends = np.array([[_crossings(below, c / m, theta_hat, edges) for m in times] for c in cuts])
    curves, wald = [], []
    for there, back in scales.values():
        here, slope = there(theta_hat), grad(there)(float(theta_hat))
        at, error = numpy.full(len(thetas), numpy.nan), slope / np.sqrt(curvature)
        with np.errstate(all="ignore"):
            at[:] = there(thetas)
        curves.append([-m * ((at - here) / error) ** 2 / 2 for m in times])
        wald.append([[[back(here + s * q * error / m**0.5) for s in (-1, 1)] for m in times] for q in z])
    curves, wald = np.array(curves), np.array(wald)
    xlim, by = widened(thetas, 0.01), ["level", "n"]
    brackets = []
    for found, names_, role, style, bar in (
        (ends, by, "model", "", BAR[0]),
        (wald, ["scale", *by], "other", "dash", BAR[1]),
    ):
        low, high = np.where(np.isfinite(found), found, np.array([-1e3, 1e3]))[..., 0], found[..., 1]
        across = np.stack([low, low, high, high], -1)
        up = np.zeros(across.shape) + np.array([0.0, 1.0, 1.0, 0.0]) * bar
        cut = cuts.reshape((1,) * (len(names_) - 2) + (-1, 1, 1))
        up = np.where(np.array([True, False, False, True]), cut, up)
        brackets.append(mark("line", across, up, by=names_, x_by=names_, role=role, style=style))
    marks = [
        mark("line", xlim, np.repeat(cuts[:, None], 2, 1), by=["level"], role="data", style="thin"),
        mark("line", thetas, curves, by=["scale", "n"], role="other", style="dash"),
        mark("line", thetas, drop * np.array(times)[:, None], by=["n"]),
        *brackets,
        mark("dots", [theta_hat], [0.0], role="estimate", shape="diamond"),
    ]
    alt = f"The log-likelihood over {symbol} with a parabola; a line below the top cuts one interval out of each."
    of = {"digits": digits, "unit": unit}
    return Explorer(
        "Two intervals from one curve",
        f"Raise the level, let n grow, rename {symbol}. Which interval moves when only the name changes?",
        [
            slider("level", "level", LEVELS, 95, digits=0, unit="%"),
            slider("n", "observations n", len(x) * np.array(times), len(x), digits=0),
            choice("scale", "the parabola (dashed) is drawn in", names),
        ],
        [panel(xlim, (SHOWN, 0.4), with_unit(symbol, unit), "log-likelihood below its top (nats)", marks, alt=alt)],
        [
            readout("low", "likelihood ratio: from", ends[..., 0], by, gap="open", **of),
            readout("high", "to", ends[..., 1], by, gap="open", **of),
            readout("wald_low", "Wald, dashed: from", wald[..., 0], ["scale", *by], **of),
            readout("wald_high", "to", wald[..., 1], ["scale", *by], **of),
        ],
        finding="With n = {n} at level {level} the likelihood ratio gives {low} to {high}, Wald's formula for {scale} "
        "{wald_low} to {wald_high}.",
    )


def explore_coverage(kinds, *, sizes=(10, 20, 50, 100), truths=None, start=(20, 0.1), level=0.95):
    """Draw samples of tosses on the page, on request, and count how often the interval covers the true share.

    ``kinds``: {name: function}, each ``function(k, n) -> (low, high)`` with k an array of all counts 0 … n. The page
    only draws k from the binomial distribution; the intervals and the coverage in the long run come from here.
    """
    truths = as_finite(np.linspace(0.02, 0.5, 25) if truths is None else truths, "truths")
    if not (np.all((truths > 0) & (truths < 1)) and min(sizes) >= 1):
        raise ValueError("truths must be shares between 0 and 1, and sizes at least 1.")
    most = max(sizes)
    lows, highs = numpy.full((2, len(kinds), len(sizes), most + 1), numpy.nan)
    chance, cover = numpy.full((len(sizes), len(truths), most + 1), numpy.nan), []
    for i, interval in enumerate(kinds.values()):
        for j, n in enumerate(sizes):
            k = numpy.arange(n + 1)
            ends = numpy.array(interval(k, n), float)
            if ends.shape != (2, n + 1) or numpy.any(numpy.isnan(ends)):
                raise ValueError("kinds: a function(k, n) gives two arrays, the lower and the upper ends for every k.")
            lows[i, j, : n + 1], highs[i, j, : n + 1] = numpy.clip(ends, -0.5, 1.5)
            chance[j, :, : n + 1] = binom.cdf(k, n, truths[:, None])
            hit = (ends[0] <= truths[:, None]) & (truths[:, None] <= ends[1])
            cover.append(numpy.sum(binom.pmf(k, n, truths[:, None]) * hit, axis=1))
    cover = 100 * numpy.reshape(cover, (len(kinds), len(sizes), len(truths)))
    lows, highs = _apart(lows, truths, -1), _apart(highs, truths, 1)
    xlim, of = (-0.15, 1.05), ["kind", "n"]
    marks = [
        mark("line", np.repeat(truths[:, None], 2, 1), [-0.03, 1.03], x_by=["p"], role="truth", style="dash"),
        mark("belt", lows, highs, x_by=of, by=of, size=chance, size_by=["n", "p"], truth=(truths[:, None], ["p"])),
    ]
    alt = "The interval of every possible share of heads, one above the other, and a line at the true p."
    said = f"{100 * level:g} %"
    return Explorer(
        f"Does it cover {said} of the time?",
        f"Choose an interval and a true p, then draw samples. Does the count come near {said}? Where does it not?",
        [
            choice("kind", "interval", list(kinds)),
            slider("n", "tosses n", sizes, start[0], digits=0),
            slider("p", "true p", truths, start[1], digits=2),
        ],
        [panel(xlim, (-0.03, 1.03), "p, from low to high", "share of heads in the sample", marks, alt=alt)],
        [readout("cover", "coverage in the long run", cover, ["kind", "n", "p"], digits=1, unit="%")],
        finding="For a sample of {n} tosses and p = {p} the interval by {kind} covers {cover} in the long run.",
        run=["Draw samples", "Stop", "Draw 1,000 samples"],
    )


def _apart(ends, truths, side):
    """Ends that differ from a truth in the last digits only, moved so that rounding cannot change who covers it."""
    gap = ends[..., None] - truths
    near, covers = np.abs(gap) < 2 * FINE, side * gap >= 0
    moved = truths + 2 * FINE * side * np.where(covers, 1, -1)
    return np.where(np.any(near, axis=-1), np.sum(np.where(near, moved, 0), axis=-1), ends)


def _sum(logpdf, theta, x):
    return float(np.sum(log_densities(logpdf, theta, x)))


def _reach(height, thetas, inside):
    """The two ends of the grid, or of the domain where the grid goes beyond it."""
    ends = []
    for grid, there in ((thetas, inside), (thetas[::-1], inside[::-1])):
        first = int(np.argmax(there))
        good, bad = grid[first], grid[max(first - 1, 0)]
        for _ in range(60):
            middle = (good + bad) / 2
            good, bad = (middle, bad) if np.isfinite(height(middle)) else (good, middle)
        ends.append(good)
    return ends


def _crossings(below, cut, theta_hat, edges):
    """Where the log-likelihood has fallen to ``cut`` below its top, on the left and on the right; NaN if it has not."""
    return [
        brentq(lambda t: below(t) - cut, edge, theta_hat, xtol=1e-12) if below(edge) < cut else numpy.nan
        for edge in edges
    ]
