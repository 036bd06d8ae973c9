"""What the tests of every log density share."""

import autograd.numpy as anp
import numpy as np
from autograd import grad, hessian
from autograd.misc import flatten
from numpy.testing import assert_allclose
from scipy.differentiate import derivative


def on_flat_theta(model, theta, x):
    flat, unflatten = flatten(theta)
    return flat, lambda t: anp.sum(model(unflatten(t), x))


def finite_difference(function, at, j):
    """Derivative of a scalar function of a vector in its j-th component, by SciPy's adaptive differences."""

    def along(t):
        return np.vectorize(lambda s: function(np.where(np.arange(len(at)) == j, s, at)))(t)

    return derivative(along, at[j], initial_step=0.05 * min(1.0, abs(at[j]) or 1.0), tolerances={"rtol": 1e-10}).df


def assert_derivatives_equal_finite_differences(model, theta, x):
    flat, total = on_flat_theta(model, theta, x)
    score, curvature = grad(total)(flat), hessian(total)(flat)
    for j in range(len(flat)):
        assert_allclose(score[j], finite_difference(total, flat, j), rtol=1e-6, atol=1e-7)
        slope_j = lambda t, j=j: grad(total)(t)[j]  # noqa: E731
        for i in range(len(flat)):
            assert_allclose(curvature[i, j], finite_difference(slope_j, flat, i), rtol=1e-5, atol=1e-6)


def assert_arguments_are_left_as_they_were(model, theta, x):
    arrays = [a for a in (*(theta if isinstance(theta, tuple) else (theta,)), *(x if isinstance(x, tuple) else (x,)))]
    before = [np.array(a) for a in arrays]
    model(theta, x)
    assert all(np.array_equal(a, b) for a, b in zip(arrays, before, strict=True))
