"""The flow and the diffusion model as the reader sees them: functions taken from the notebooks' own cells."""

import numpy as np
import pytest

from .conftest import functions_of

T = 100
LOG_RATIO = np.linspace(-4, 4, T)
DELTA = LOG_RATIO[1] - LOG_RATIO[0]
ALPHA = np.concatenate([[1], 1 / np.sqrt(1 + np.exp(LOG_RATIO))])
SIGMA = np.concatenate([[0], 1 / np.sqrt(1 + np.exp(-LOG_RATIO))])


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def flows():
    return functions_of("flows", coords=None)


@pytest.fixture(scope="module")
def diffusion():
    return functions_of("diffusion", T=T, delta=DELTA, alpha=ALPHA, sigma=SIGMA, coords=None)


def untamed(flows, d, rng):
    """A flow whose last layers are not near zero."""
    theta = flows["flow_start"](d, 8, rng, float)
    for net in theta:
        net[-1][0][:] = rng.normal(0, 0.15, net[-1][0].shape)
    return theta


@pytest.mark.parametrize("d", [2, 6, 40])
def test_the_flow_is_undone_by_its_inverse_and_its_determinant_is_the_jacobians(flows, rng, d):
    theta, x = untamed(flows, d, rng), rng.standard_normal((5, d))
    z, log_det = flows["flow_forward"](theta, x)
    assert np.allclose(flows["flow_inverse"](theta, z), x, atol=1e-8)
    by_force = flows["brute_log_det"](lambda x: flows["flow_forward"](theta, x)[0], x)
    assert np.allclose(log_det, by_force, atol=1e-4)


def test_the_flows_density_adds_up_to_one(flows, rng):
    theta = flows["flow_start"](2, 8, rng, float)
    side = np.linspace(-8, 8, 401)
    grid = np.stack(np.meshgrid(side, side), axis=2).reshape(-1, 2)
    assert np.isclose(np.exp(flows["flow_logpdf"](theta, grid)).sum() * 0.04**2, 1, atol=0.01)


@pytest.mark.parametrize("spread", [0.4, 1.0, 2.0])
def test_for_gaussian_data_the_bound_with_fitted_variances_touches(diffusion, rng, spread):
    k = SIGMA / (spread**2 * ALPHA**2 + SIGMA**2)  # the best guess is k x_t
    x = spread * rng.standard_normal((4000, 2))

    def standard_normal(shape, dtype=None):
        return rng.normal(size=shape)

    source = type("Source", (), {"standard_normal": staticmethod(standard_normal)})
    errors = diffusion["squared_errors"](lambda x_t, t: k[t][:, None] * x_t, x, source)
    first, prior, steps = diffusion["bound_terms"](errors, x, 1 - SIGMA * k)
    exact = -np.sum(x**2, axis=1) / (2 * spread**2) - np.log(2 * np.pi * spread**2)
    gap = exact - (first - prior - steps)
    assert abs(gap.mean()) < 4 * gap.std() / np.sqrt(len(gap)) + 0.03


def test_going_back_with_the_best_guess_gives_the_data_back(diffusion, rng):
    spread = 0.5
    k = SIGMA / (spread**2 * ALPHA**2 + SIGMA**2)
    way = diffusion["draw"](lambda x_t, t: k[t][:, None] * x_t, 20_000, 1, 1 - SIGMA * k, rng)
    assert way.shape == (T + 1, 20_000, 1)
    last = (k[1] * SIGMA[1] * spread) ** 2  # what the last step's noise would add
    assert way[0].std() == pytest.approx(spread, abs=0.02 + np.sqrt(last))
    assert way[50].std() == pytest.approx(np.sqrt(ALPHA[50] ** 2 * spread**2 + SIGMA[50] ** 2), abs=0.02)
