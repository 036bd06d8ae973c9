"""EM for two Gaussians in one dimension, E and M apart: the bars are split, the curves follow, the bound lets go."""

import numpy as np
from scipy.special import rel_entr

from mle_helpers.explorers.kit import Explorer, mark, panel, readout, slider
from mle_helpers.explorers.shared import as_sample, decimals, widened
from mle_helpers.mixtures import mixture_steps

BARS, STARTS = 20, 7


def explore_em(x, *, starts=None, spread=None, rounds=25, floor=None, name="x"):
    """EM for two Gaussians, from starts that the reader drags; buttons E and M make one half-step each.

    ``x``: data, shape (n,). ``starts``: places to which the reader can drag a mean; without them seven that divide the
    range of the data evenly. Each start has weights of one half and the standard deviation ``spread`` for both, half
    of the data's if none is given. ``rounds``: of EM from each pair of starts. ``floor`` under the variances; without
    it a thousandth of the data's. ``name``: the quantity with its unit.

    The bars of component 1 stand upwards and those of component 2 hang downwards, each with its share of what was
    seen there. At the start nobody has asked yet: every bar is split into halves.
    """
    x = as_sample(x)
    if len(x) < 2 or np.ptp(x) == 0:
        raise ValueError("x: all values are equal, so there is nothing to divide; give data that vary.")
    if not rounds >= 1:
        raise ValueError(f"rounds must be at least 1, got {rounds!r}.")
    step = (np.max(x) - np.min(x)) / (STARTS - 1)
    starts = np.min(x) + step * np.arange(STARTS) if starts is None else np.asarray(starts, float)
    spread = np.std(x) / 2 if spread is None else spread
    floor = 1e-3 * np.var(x) if floor is None else floor
    edges = np.linspace(*widened(x, 0.02), BARS + 1)
    middle, width = (edges[:-1] + edges[1:]) / 2, edges[1] - edges[0]
    bar_of = np.clip(np.searchsorted(edges, x, "right") - 1, 0, BARS - 1)
    whole = np.bincount(bar_of, minlength=BARS) / (len(x) * width)

    size = (len(starts), len(starts), 2 * rounds + 1)
    bells, parts = np.empty((*size, 2, 3)), np.empty((*size, BARS))
    height, gap = np.empty(size), np.empty(size)
    for i, a in enumerate(starts):
        for j, b in enumerate(starts):
            for at, (theta, shares, ell, below) in enumerate(_half_steps(x, (a, b), spread, rounds, floor)):
                bells[i, j, at] = np.stack([theta["weights"], theta["means"][:, 0], theta["covs"][:, 0, 0] ** 0.5], 1)
                parts[i, j, at] = np.bincount(bar_of, shares, BARS) / (len(x) * width)
                height[i, j, at], gap[i, j, at] = ell, below

    wide = round(float(0.9 * width), 6)  # another processor's last digits do not reach the page
    by = ["first", "second", "step"]
    grid = np.linspace(*widened(x, 0.15), 121)
    top = 1.25 * max(whole.max(), np.max(bells[..., 0] / (np.sqrt(2 * np.pi) * np.maximum(bells[..., 2], width))))
    gone = grid[0] + (grid[-1] - grid[0]) * np.linspace(0, 1, size[2])  # how far along the step is, a thin line on top
    progress = np.stack([np.full(size[2], grid[0]), gone], axis=1)
    marks = [
        mark("line", progress, np.full(2, 0.985 * top), x_by=["step"], role="data", style="thin"),
        mark("bars", middle, parts, by=by, width=wide, role="estimate", style="soft"),
        mark("bars", middle, parts - whole, by=by, width=wide, role="model", style="soft"),
        mark("bell", grid, bells[..., 0, :], by=by, up=1, role="estimate", style="dash"),
        mark("bell", grid, bells[..., 1, :], by=by, up=-1, role="model"),
        mark("words", grid[[2]], [0.8 * top], text="component 1", role="estimate", dx=0, dy=0),
        mark("words", grid[[2]], [-0.88 * top], text="component 2", role="model", dx=0, dy=0),
    ]
    alt = "The data as bars, split between component 1, above, and component 2, below; a curve for each component."
    one = panel(
        (grid[0], grid[-1]),
        (-top, top),
        name,
        "density: component 1 above, component 2 below",
        marks,
        alt=alt,
        drag=[("first", round(float(0.5 * top), 6)), ("second", round(float(-0.5 * top), 6))],
        yticks=[],
    )
    labels = ["start", *(f"{letter} {t + 1}" for t in range(rounds) for letter in "EM")]
    digits = decimals(np.ptp(starts))
    numbers = {"by": by, "digits": 2, "unit": "nats"}
    return Explorer(
        "EM, step by step",
        "Drag the two rings, the means to start from. Then press E and M in turn. Which one splits the bars, which one "
        "moves the curves? Which one closes the gap?",
        [
            slider("first", "start of mean 1", starts, starts[1], digits=digits),
            slider("second", "start of mean 2", starts, starts[2], digits=digits),
            slider("step", "step", np.arange(size[2]), 0, labels=labels),
        ],
        [one],
        [
            readout("height", "log-likelihood ℓ", height, **numbers),
            readout("bound", "bound", height - gap, **numbers),
            readout("gap", "gap", gap, **numbers),
        ],
        finding="After step {step} the log-likelihood is {height} and the bound {bound}: a gap of {gap}.",
        stepper=["step", "E", "M"],
    )


def _half_steps(x, means, spread, rounds, floor):
    """(theta, responsibilities of component 1, log-likelihood, gap) at the start and after each E and each M."""
    e_step, m_step = mixture_steps("full", floor=floor)
    theta = {
        "weights": np.array([0.5, 0.5]),
        "means": np.array(means, float)[:, None],
        "covs": np.full((2, 1, 1), float(spread) ** 2),
    }
    data, shares = x[:, None], np.full((len(x), 2), 0.5)
    for _ in range(rounds):
        found = e_step(theta, data)
        ell = found.log_densities.sum()
        yield theta, shares[:, 0], ell, rel_entr(shares, found.expected).sum()
        shares = found.expected
        yield theta, shares[:, 0], ell, 0.0
        theta = m_step(shares, data)
    found = e_step(theta, data)
    yield theta, shares[:, 0], found.log_densities.sum(), rel_entr(shares, found.expected).sum()
