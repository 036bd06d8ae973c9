"""The mathematics of the chapter on autoregressive models, in the functions that its reader sees."""

import numpy as np
import pytest

from .conftest import functions_of


@pytest.fixture(scope="module")
def chapter():
    return functions_of("autoregressive-models")


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("pixels,hidden", [(2, 1), (4, 3), (4, 20), (10, 15)])
def test_autoregressive_probabilities_sum_to_one_over_all_images(chapter, rng, pixels, hidden):
    for scale in (0.1, 1.0, 5.0):
        theta = chapter["random_made"](pixels, hidden, rng, scale)
        images = chapter["every_image"](pixels)
        assert len({tuple(image) for image in images}) == 2**pixels
        log_p = chapter["made_logpmf"](theta, images)
        assert log_p.shape == (2**pixels,)
        assert np.isclose(np.exp(log_p).sum(), 1, rtol=1e-10)


def test_a_pixel_changes_only_the_logits_after_it(chapter, rng):
    theta, images = chapter["random_made"](9, 30, rng), rng.integers(0, 2, (20, 9)).astype(float)
    before = chapter["made_logits"](theta, images)
    for j in range(9):
        flipped = images.copy()
        flipped[:, j] = 1 - flipped[:, j]
        changed = np.abs(chapter["made_logits"](theta, flipped) - before).max(axis=0) > 0
        assert not changed[: j + 1].any() and changed[j + 1 :].all()


def test_drawn_images_come_as_often_as_the_model_says(chapter, rng):
    theta = chapter["random_made"](3, 5, rng, 1.0)
    drawn = chapter["made_draw"](theta, np.zeros((40_000, 3)), 0, rng)
    counts = np.bincount((drawn @ [1, 2, 4]).astype(int), minlength=8)
    p = np.exp(chapter["made_logpmf"](theta, chapter["every_image"](3)))
    z = (counts - 40_000 * p) / np.sqrt(40_000 * p * (1 - p))
    assert np.all(np.abs(z) < 5)


def test_what_is_given_stays_and_the_rest_follows_the_conditional(chapter, rng):
    theta, given = chapter["random_made"](4, 5, rng, 1.0), np.tile([1.0, 0.0, 0.0, 0.0], (40_000, 1))
    drawn = chapter["made_draw"](theta, given, 1, rng)
    assert np.all(drawn[:, 0] == 1) and np.all(given[:, 1:] == 0)  # the caller's array is as it was
    images = chapter["every_image"](4)
    p = np.exp(chapter["made_logpmf"](theta, images)) * (images[:, 0] == 1)
    counts = np.bincount((drawn @ [1, 2, 4, 8]).astype(int), minlength=16)
    p = p / p.sum()
    z = (counts - 40_000 * p)[p > 0] / np.sqrt(40_000 * p * (1 - p))[p > 0]
    assert np.all(np.abs(z) < 5)
