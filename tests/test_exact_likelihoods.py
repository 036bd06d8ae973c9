"""The chapter's three models, checked on the functions that the reader sees: taken from the notebook's own cells."""

import numpy as np
import pytest
from scipy.integrate import dblquad

from .conftest import functions_of


@pytest.fixture(scope="module")
def chapter():
    return functions_of("exact-likelihoods")


@pytest.fixture
def rng():
    return np.random.default_rng(0)


# --- The autoregressive model ----------------------------------------------------------------------------------------


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


# --- The flow --------------------------------------------------------------------------------------------------------


@pytest.fixture
def flow(chapter, rng):
    return chapter["flow_start"](4, 8, rng)


def test_log_det_of_the_flow_equals_that_of_a_numerical_jacobian(chapter, flow, rng):
    x = rng.standard_normal((200, 2))
    _, log_det = chapter["flow_forward"](flow, x)
    step, forward = 1e-5, chapter["flow_forward"]
    jacobian = np.empty((200, 2, 2))
    for k in range(2):
        e = step * np.eye(2)[k]
        jacobian[:, :, k] = (forward(flow, x + e)[0] - forward(flow, x - e)[0]) / (2 * step)
    assert np.ptp(log_det) > 0.05  # not a constant
    assert np.allclose(np.log(np.abs(np.linalg.det(jacobian))), log_det, atol=1e-6)


def test_the_flow_can_be_undone(chapter, flow, rng):
    z = 2 * rng.standard_normal((200, 2))
    assert np.allclose(chapter["flow_forward"](flow, chapter["flow_inverse"](flow, z))[0], z, atol=1e-10)


def test_the_density_of_the_flow_integrates_to_one(chapter, rng):
    flow = chapter["flow_start"](2, 4, rng)

    def density(b, a):
        return np.exp(chapter["flow_logpdf"](flow, np.array([[a, b]]))[0])

    mass, _ = dblquad(density, -12, 12, -12, 12, epsabs=1e-4)
    assert abs(mass - 1) < 1e-3


# --- The diffusion model ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [5, 20])
def test_diffusion_bound_is_below_the_exact_log_density_where_that_is_known(chapter, rng, steps):
    exact, bound = chapter["linear_case"](steps, False, 5000, rng)
    gap, error = chapter["mean_and_error"](exact - bound)
    assert gap > 3 * error  # in expectation; with r = 1 the bound is not tight


@pytest.mark.parametrize("steps", [5, 50])
def test_diffusion_bound_touches_at_the_fitted_variances(chapter, rng, steps):
    exact, bound = chapter["linear_case"](steps, True, 20_000, rng)
    gap, error = chapter["mean_and_error"](exact - bound)
    assert -3 * error < gap < 3 * error + 0.002  # 0.002: the prior's term, which does not vanish


def test_diffusion_density_of_the_linear_case_is_that_of_its_draws(chapter, rng):
    """The exact value rests on a recursion for the variance; the sampler is another way to it."""
    alpha, sigma, delta = plan = chapter["schedule"](10)
    k = sigma / (0.36 * alpha**2 + sigma**2)
    mse = np.full(10, 0.3)
    way = chapter["diffusion_draw"](lambda x, t: k[t] * x, 40_000, plan, mse, rng)
    assert way.shape == (11, 40_000, 2)
    variance = chapter["linear_variance"](k, plan, mse)
    assert np.isclose(np.mean(way[-1] ** 2) / variance, 1, atol=5 * np.sqrt(2 / 80_000))


def test_fitted_variances_are_the_best(chapter, rng):
    """Any other mean squared error than the measured one lowers the mean bound."""
    alpha, sigma, _ = plan = chapter["schedule"](10)
    x = 0.6 * rng.standard_normal((3000, 2))
    errors = chapter["squared_errors"](lambda x_t, t: 0.5 * sigma[t] * x_t, x, plan, rng)

    def bound(mse):
        reconstruction, prior, steps = chapter["diffusion_terms"](errors, x, plan, mse)
        return np.mean(reconstruction - prior - steps.sum(axis=1))

    best = errors.mean(axis=0) / 2
    for t in range(10):
        for factor in (0.8, 1.25):
            assert bound(np.where(np.arange(10) == t, factor * best, best)) < bound(best)
