"""EM for Gaussian mixtures, E and M apart: colours and ellipses, the bound and the log-likelihood."""

import numpy as np
from scipy.special import logsumexp, xlogy

from mle_helpers.explorers.kit import Explorer, mark, panel, readout, slider
from mle_helpers.explorers.shared import widened
from mle_helpers.likelihood import as_data, as_theta
from mle_helpers.mixtures import mixture_steps
from mle_helpers.models import mvn_logpdf

# Colour, shape and style of the marks of component 1, 2, … in `explore_em`.
EM_MARKS = [
    ("model", "circle", ""),
    ("estimate", "diamond", ""),
    ("truth", "circle", "soft"),
    ("other", "diamond", "soft"),
]


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
    low, high = widened(heights, 0.2)
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
        *(widened(side, 0.05) for side in reach),
        names[0],
        f"{names[1]}; size of a mark: responsibility",
        cloud,
        alt=alt,
    )
    alt = "The log-likelihood along EM's path, and the bound of the present round below it."
    right = panel(widened(places, 0.06), (low, high), "rounds done", "nats, along EM's path", climb, alt=alt)
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
