"""What the figure of the noise levels shows, held against the formula; bad input."""

import numpy as np
import pytest

from mle_helpers.explorers import explore_diffusion

from .examples import ALPHA, CODES, grids, made, noising, shades, shown, unpack

POINTS = np.zeros((3, 2))
SIGMA = np.sqrt(1 - ALPHA**2)


def test_every_level_is_shown_with_its_signal_and_noise():
    assert grids(made(noising))["level"] == [0, 1, 2, 3, 4]
    assert shown(made(noising), "alpha") == pytest.approx(ALPHA, abs=0.00501)
    assert shown(made(noising), "sigma") == pytest.approx(SIGMA, abs=0.00501)


def test_level_0_shows_the_points_and_the_same_noise_serves_all_levels():
    (dots,) = made(noising).spec["panels"][0]["marks"]
    x = unpack(dots["x"])
    points = np.random.default_rng(4).normal(0, 1, (30, 2))
    assert x[0] == pytest.approx(points[:, 0], abs=0.01)
    noise = [(x[k] - ALPHA[k] * points[:, 0]) / SIGMA[k] for k in (2, 3, 4)]
    assert np.allclose(noise, noise[0], atol=0.02)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: explore_diffusion([], CODES[0], shades, ALPHA, SIGMA), "points is empty"),
        (lambda: explore_diffusion(POINTS[:, 0], CODES[0], shades, ALPHA, SIGMA), r"points \(n, 2\)"),
        (lambda: explore_diffusion(POINTS, CODES[0] * np.nan, shades, ALPHA, SIGMA), "code holds NaN"),
        (lambda: explore_diffusion(POINTS, CODES[0], shades, ALPHA[1:], SIGMA[1:], places=3), r"sigma\[0\] = 0"),
        (lambda: explore_diffusion(POINTS, CODES[0], shades, ALPHA, SIGMA), "places = 21"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
