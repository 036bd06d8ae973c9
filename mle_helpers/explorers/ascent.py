"""Gradient ascent on the Gaussian log-likelihood, step by step, with three sizes of step."""

import numpy as np

from mle_helpers.explorers.kit import Explorer, as_finite, choice, mark, panel, readout, slider
from mle_helpers.explorers.shared import (
    as_sample,
    contour_line,
    decimals,
    estimates_of,
    mean_log_likelihood,
    widened,
    with_unit,
)


def explore_ascent(x, *, step_sizes=None, steps=30, unit=""):
    """Drag the start, choose the step size: gradient ascent on a Gaussian's mean log-likelihood in (mu, log sigma).

    ``x``: data, shape (n,). ``step_sizes`` to choose from; without them three that crawl, arrive and never settle, as
    parts of 2 / max(1 / sigma_hat², 2), above which no step size can. ``steps``: how many are taken. Data whose spread
    is far from 1 make a long, thin hill: one step size then cannot serve both directions, and dividing the data by
    their spread can.
    """
    x = as_sample(x)
    mu_hat, sigma_hat = estimates_of(x)
    limit = 2 / max(sigma_hat**-2, 2)
    default = [float(f"{limit * share:.2g}") for share in (0.03, 0.5, 1.5)]
    sizes = as_finite(default if step_sizes is None else step_sizes, "step_sizes")
    if np.any(sizes <= 0):
        raise ValueError(f"step_sizes must be positive, got {sizes.tolist()}.")
    mus, logs = mu_hat + sigma_hat * np.linspace(-2.5, 2.5, 13), np.log(sigma_hat) + np.linspace(-1.0, 1.4, 11)
    rate, mu, log_sigma = (a.copy() for a in np.broadcast_arrays(*np.ix_(sizes, mus, logs)))
    path = [(mu, log_sigma)]
    for _ in range(steps):
        spread = np.exp(-2 * log_sigma)
        slope_mu, slope_log = (mu_hat - mu) * spread, (sigma_hat**2 + (mu_hat - mu) ** 2) * spread - 1
        far = (np.abs(mu - mu_hat) > 1e3 * sigma_hat) | (np.abs(log_sigma - np.log(sigma_hat)) > 50)
        rate = np.where(far, 0.0, rate)  # a climber that far out is lost
        mu, log_sigma = mu + rate * slope_mu, log_sigma + rate * slope_log
        path.append((mu, log_sigma))
    across, up = (np.moveaxis(np.array(a), 0, -1) for a in zip(*path, strict=True))
    heights = mean_log_likelihood(across, up, mu_hat, sigma_hat)
    top = mean_log_likelihood(mu_hat, np.log(sigma_hat), mu_hat, sigma_hat)
    xlim, ylim = widened(mus, 0.1), widened(logs, 0.1)
    grid = np.linspace(*xlim, 60), np.linspace(*ylim, 60)
    surface = mean_log_likelihood(grid[0], grid[1][:, None], mu_hat, sigma_hat)
    thin = {"role": "data", "style": "thin"}
    by = ["size", "mu", "log_sigma"]
    hill = [
        *(mark("line", *contour_line(*grid, surface, top - drop), **thin) for drop in (0.05, 0.2, 0.5, 1, 2, 4, 8)),
        mark("line", across, up, x_by=by, by=by, upto="steps", beads=True),
        mark("dots", [mu_hat], [np.log(sigma_hat)], shape="diamond", role="estimate"),
        mark("words", [mu_hat], [np.log(sigma_hat)], text="θ̂", role="estimate", dx=10, dy=18),
    ]
    alt = "Contours of the mean log-likelihood over mu and log sigma, with the path of gradient ascent."
    across_label, up_label = with_unit("μ", unit), "log σ; lines of equal mean log-likelihood"
    left = np.where(top - heights < 60, top - heights, np.nan)
    return Explorer(
        "Climbing the log-likelihood",
        "Drag the ring to another start; try every step size. Which arrives, which crawls, which never settles?",
        [
            choice("size", "step size", [float(s) for s in sizes], start=len(sizes) // 2),
            slider("steps", "steps taken", np.arange(steps + 1), steps, digits=0),
            slider("mu", "start μ", mus, mus[1], digits=decimals(sigma_hat), unit=unit),
            slider("log_sigma", "start log σ", logs, logs[9]),
        ],
        [panel(xlim, ylim, across_label, up_label, hill, drag=by[1:], alt=alt)],
        [
            readout(
                "left",
                "mean log-likelihood below its top",
                left,
                [*by, "steps"],
                digits=3,
                unit="nats",
                gap="off the map",
            ),
        ],
        finding="From μ = {mu}, log σ = {log_sigma} with step size {size}: after {steps} steps the mean "
        "log-likelihood below its top: {left}.",
    )
