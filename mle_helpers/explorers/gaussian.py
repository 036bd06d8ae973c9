"""A Gaussian against the data: mu and sigma by hand, the log-likelihood as a landscape."""

import numpy as np

from mle_helpers.explorers.kit import Explorer, mark, panel, readout, slider
from mle_helpers.explorers.shared import (
    as_sample,
    contour_line,
    decimals,
    estimates_of,
    mean_log_likelihood,
    thinned,
    widened,
    with_unit,
)
from mle_helpers.models import gaussian_logpdf


def explore_gaussian(x, *, quantity="x", unit=""):
    """Slide mu and sigma against the data: one stick for each observation's density, the sum of logs read out.

    ``x``: data, shape (n,), at least two different values. A second panel maps (mu, sigma); drag the ring there.
    """
    x = as_sample(x)
    mu_hat, sigma_hat = estimates_of(x)
    mus = np.unique(np.append(mu_hat + sigma_hat * np.linspace(-2.4, 2.4, 60), mu_hat))
    sigmas = np.unique(np.append(sigma_hat * np.geomspace(0.4, 2.5, 48), sigma_hat))
    offsets = np.linspace(-5, 5, 101) * sigma_hat
    curves = np.exp([gaussian_logpdf((0.0, s), offsets) for s in sigmas])
    values = len(x) * mean_log_likelihood(mus[:, None], np.log(sigmas), mu_hat, sigma_hat)
    sticks, which = thinned(x)
    place = {"by": ["sigma"], "x_by": ["mu"]}
    later = {"role": "estimate", "when": "later"}
    fit, caption = [], f"{with_unit('density', unit, ' per ')}; sticks: {which}"
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
    contours = (contour_line(mus, sigmas, values.T, values.max() - drop) for drop in (1, 3, 10, 30, 100))
    hill = [
        mark("words", [mu_hat], [sigmas[-4]], text="Drag the ring, or slide", anchor="middle", dx=0, when="hint"),
        *(mark("line", *contour, role="data", style="thin", when="later") for contour in contours),
        mark("dots", [mu_hat], [sigma_hat], shape="diamond", **later),
        mark("words", [mu_hat], [sigma_hat], text="θ̂", dx=10, dy=-8, **later),
        mark("dots", mus[:, None], sigmas[:, None], **place),
    ]
    tall = (0, 1.05 * np.quantile(curves.max(axis=1), 0.8))
    alt = "The Gaussian density for the chosen mu and sigma, with a stick up to it from each observation."
    left = panel(widened(x, 0.25), tall, with_unit(quantity, unit), caption, fit, alt=alt)
    alt = "A map of mu and sigma: the chosen pair, and on request the contours of the log-likelihood."
    limits = widened(mus, 0.05), widened(sigmas, 0.05)
    right = panel(*limits, with_unit("μ", unit), with_unit("σ", unit), hill, drag=("mu", "sigma"), alt=alt)
    numbers = {"by": ["mu", "sigma"], "digits": 1, "unit": "nats"}
    return Explorer(
        "A Gaussian against the data",
        "Move μ and σ until the log-likelihood is as high as you can make it. Then reveal θ̂: how close were you?",
        [
            slider("mu", "μ", mus, mus[12], digits=decimals(sigma_hat), unit=unit),
            slider("sigma", "σ", sigmas, sigmas[36], digits=decimals(sigma_hat), unit=unit),
        ],
        [left, right],
        [
            readout("loglik", "log-likelihood (sum of logs)", values, **numbers),
            readout("best", "best so far", values, best=True, **numbers),
        ],
        finding="At μ = {mu} and σ = {sigma} the log-likelihood is {loglik}; your best so far is {best}.",
        reveal="Reveal θ̂",
    )
