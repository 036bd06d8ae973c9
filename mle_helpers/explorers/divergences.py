"""One Gaussian for two humps, by each of three divergences."""

from functools import partial

import numpy as np
from scipy.optimize import minimize
from scipy.stats import norm

from mle_helpers.explorers.kit import Explorer, as_finite, choice, mark, panel, readout, slider

_Z, _X = np.linspace(-6, 6, 161), np.linspace(-12, 12, 161)  # where q, as x = mu + sigma z, and p have their mass


def explore_divergences(separations=None, weights=(0.5, 0.7)):
    """One Gaussian fitted to a two-humped target as the humps part, under forward KL, Jensen-Shannon or reverse KL.

    The target p is a mixture of N(-s/2, 1) and N(s/2, 1) with ``weights`` on the right, from 0.5 up, one to choose;
    ``separations`` is the grid of s. Each fit q = N(mu, sigma²) is the global minimum: a search over a grid of mu and
    sigma, then BFGS from every local minimum of it. At weight 0.5 reverse KL, and JS once the humps are far apart, have
    two equal minima; the right one is shown.
    """
    apart = np.linspace(1, 10, 37) if separations is None else np.unique(as_finite(separations, "separations"))
    weights = as_finite(weights, "weights")
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
