"""Noise, level by level: points in the plane and one picture."""

import numpy as np

from mle_helpers.explorers.kit import Explorer, as_finite, mark, panel, readout, slider, sprite


def explore_diffusion(points, code, to_pixels, alpha, sigma, *, shape=(28, 28), places=21, seed=1):
    r"""Slide the level and see $x_t = \alpha_t x + \sigma_t \varepsilon$ of a cloud and of one picture, noise fixed.

    ``points`` (n, 2); ``code`` (k,), what is noised of the picture, and ``to_pixels``, which turns rows (m, k) into
    pictures of ``shape`` with pixels from 0, paper, to 1, ink; ``alpha`` and ``sigma`` (T + 1,) at levels 0 to T, with
    sigma 0 at level 0. ``places`` of the levels, evenly spread, are on the slider, which begins at level 0.
    """
    points, code = as_finite(points, "points"), as_finite(code, "code")
    alpha, sigma = as_finite(alpha, "alpha"), as_finite(sigma, "sigma")
    if points.ndim != 2 or points.shape[1] != 2 or code.ndim != 1:
        raise ValueError(f"expected points (n, 2) and code (k,), got {points.shape} and {code.shape}.")
    if alpha.shape != sigma.shape or alpha.ndim != 1 or sigma[0] != 0 or not 2 <= places <= len(alpha):
        raise ValueError(
            f"alpha and sigma: expected two arrays (T + 1,) with sigma[0] = 0 and T + 1 >= places = {places}, "
            f"got {alpha.shape} and {sigma.shape}."
        )
    rng = np.random.default_rng(seed)
    levels = np.round(np.linspace(0, len(alpha) - 1, places)).astype(int)
    signal, noise = alpha[levels], sigma[levels]
    cloud = signal[:, None, None] * points + noise[:, None, None] * rng.standard_normal(points.shape)
    codes = signal[:, None] * code + noise[:, None] * rng.standard_normal(code.shape)
    pictures = np.reshape(to_pixels(codes), (places, *shape))
    reach = 3.2 * max(1.0, float(np.std(points)))
    alt = "The points at this level: as given at level 0, a round cloud at the highest."
    dots = mark("dots", cloud[:, :, 0], cloud[:, :, 1], by=["level"], x_by=["level"], radius=1.5)
    plane = panel((-reach, reach), (-reach, reach), "x₁", "x₂ of the points at this level", [dots], alt=alt)
    image = panel(
        (0, 1),
        (0, 1),
        "",
        "the picture at this level",
        [sprite(np.round(255 * (1 - np.clip(pictures, 0, 1))), ["level"])],
        xticks=[],
        yticks=[],
        alt="The picture at this level: clear at level 0, a shapeless blot at the highest.",
    )
    return Explorer(
        "Slide the level",
        "Slide the level up. When do the two moons run into one, and up to which level can you still name the digit?",
        [slider("level", "level", levels, 0, digits=0)],
        [plane, image],
        [
            readout("alpha", "signal α", signal, ["level"], digits=2),
            readout("sigma", "noise σ", noise, ["level"], digits=2),
        ],
        finding="At level {level} the signal is shrunk by {alpha}, and noise of size {sigma} is added.",
    )
