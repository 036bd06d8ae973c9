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


def explore_ascent(x, *, steps=None, iterations=30, unit=""):
    """Drag the start, choose the step: gradient ascent on a Gaussian's mean log-likelihood in (mu, log sigma).

    ``x``: data, shape (n,). ``steps``: step sizes to choose from; without them three that crawl, arrive and never
    settle, as parts of 2 / max(1 / sigma_hat², 2), above which no step size can. Data whose spread is far from 1 make
    a long, thin hill: one step size then cannot serve both directions, and dividing the data by their spread can.
    """
    x = as_sample(x)
    mu_hat, sigma_hat = estimates_of(x)
    limit = 2 / max(sigma_hat**-2, 2)
    steps = as_finite([float(f"{limit * s:.2g}") for s in (0.03, 0.5, 1.5)] if steps is None else steps, "steps")
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
    heights = mean_log_likelihood(across, up, mu_hat, sigma_hat)
    top = mean_log_likelihood(mu_hat, np.log(sigma_hat), mu_hat, sigma_hat)
    xlim, ylim = widened(mus, 0.1), widened(logs, 0.1)
    grid = np.linspace(*xlim, 60), np.linspace(*ylim, 60)
    surface = mean_log_likelihood(grid[0], grid[1][:, None], mu_hat, sigma_hat)
    thin = {"role": "data", "style": "thin"}
    by = ["step", "mu", "log_sigma"]
    route = {"by": by, "upto": "iterations", "beads": True}
    hill = [
        *(mark("line", *contour_line(*grid, surface, top - drop), **thin) for drop in (0.05, 0.2, 0.5, 1, 2, 4, 8)),
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
    left = panel(
        xlim, ylim, with_unit("μ", unit), "log σ; lines of equal mean log-likelihood", hill, drag=by[1:], alt=alt
    )
    alt, tall = "The mean log-likelihood after each iteration.", (top - 4, top + 0.6)
    right = panel((-0.5, iterations + 0.5), tall, "iteration", "mean log-likelihood (nats)", climb, alt=alt)
    shown, digits = np.where(heights > -100, heights, np.nan), max(2, 1 - int(np.floor(np.log10(limit))))
    return Explorer(
        "Climbing the log-likelihood",
        "Drag the ring to another start; try every step size. Which arrives, which crawls, which never settles?",
        [
            choice("step", "step size", [float(s) for s in steps], start=len(steps) // 2),
            slider("iterations", "iterations", np.arange(iterations + 1), iterations, digits=0),
            slider("mu", "start μ", mus, mus[1], digits=decimals(sigma_hat), unit=unit),
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
