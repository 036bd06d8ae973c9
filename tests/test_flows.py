"""The coupling flow, checked on the functions that the reader sees: taken from the notebook's own cells."""

import numpy as np
import pytest
from scipy.integrate import dblquad

from .conftest import functions_of


@pytest.fixture(scope="module")
def chapter():
    return functions_of("flows", coords=None)  # a default of one of them


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def bent(chapter, d, hidden, rng):
    """A flow with weights large enough to bend: at its start it is nearly the identity."""
    flow = chapter["flow_start"](d, hidden, rng, "float64")
    for net in flow:
        net[-1][0][:] *= 10
    return flow


@pytest.mark.parametrize("d", [2, 6])
def test_the_log_determinant_equals_that_of_a_numerical_jacobian(chapter, rng, d):
    flow, x = bent(chapter, d, 8, rng), rng.standard_normal((50, d))
    _, log_det = chapter["flow_forward"](flow, x)
    step, forward = 1e-6, chapter["flow_forward"]
    jacobian = np.empty((50, d, d))
    for k in range(d):
        e = step * np.eye(d)[k]
        jacobian[:, :, k] = (forward(flow, x + e)[0] - forward(flow, x - e)[0]) / (2 * step)
    assert np.ptp(log_det) > 0.05  # not a constant
    # rectified units have corners; a point that lies within a step of one may differ
    close = np.isclose(np.log(np.abs(np.linalg.det(jacobian))), log_det, atol=1e-5)
    assert close.mean() > 0.95


@pytest.mark.parametrize("d", [2, 6, 40])
def test_the_flow_can_be_undone(chapter, rng, d):
    flow, z = bent(chapter, d, 8, rng), rng.standard_normal((200, d))
    x = chapter["flow_inverse"](flow, z)
    assert np.abs(x - z).max() > 0.1
    assert np.allclose(chapter["flow_forward"](flow, x)[0], z, atol=1e-8)


def test_the_density_of_the_flow_integrates_to_one(chapter, rng):
    flow = chapter["flow_start"](2, 4, rng, "float64")

    def density(b, a):
        return np.exp(chapter["flow_logpdf"](flow, np.array([[a, b]]))[0])

    mass, _ = dblquad(density, -12, 12, -12, 12, epsabs=1e-4)
    assert abs(mass - 1) < 2e-3
