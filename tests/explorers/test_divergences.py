"""What the figure of the divergences shows, held against quadrature; bad input."""

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad

from mle_helpers.explorers import explore_divergences

from .examples import divergences, made, shown


def test_divergences_of_the_shown_gaussians_are_integrals_and_none_nearby_is_lower():
    explorer = made(divergences)
    names, shares, apart = (c["labels"] if i < 2 else c["values"] for i, c in enumerate(explorer.spec["controls"]))
    assert len(names) == 3 and shares == ["50 %", "70 %"]
    mu, sigma, value = (shown(explorer, name) for name in ("mu", "sigma", "value"))
    for (i, weight), j in itertools.product(enumerate((0.5, 0.7)), (0, 12, len(apart) - 1)):
        for kind in range(3):
            at = mu[kind, i, j], sigma[kind, i, j]
            here = integrated(kind, *at, weight, apart[j])
            assert value[kind, i, j] == pytest.approx(here, abs=0.001)
            others = [(at[0] + a, at[1] * b) for a in (-0.3, 0, 0.3, -at[0]) for b in (0.8, 1.25)]
            assert all(integrated(kind, *other, weight, apart[j]) > here - 1e-4 for other in others)


def test_forward_kl_keeps_mean_and_variance_and_the_others_let_go_of_a_hump():
    explorer = made(divergences)
    apart = np.array(explorer.spec["controls"][2]["values"])
    mu, sigma, left, target = (shown(explorer, name) for name in ("mu", "sigma", "share", "target"))
    for i, w in enumerate((0.5, 0.7)):
        assert mu[0, i] == pytest.approx((w - 0.5) * apart, abs=0.0051)
        assert sigma[0, i] == pytest.approx(np.sqrt(1 + w * (1 - w) * apart**2), abs=0.0051)
        assert np.all(left[0, i] > 25)
        drops = [apart[np.argmax(left[kind, i] < 2)] for kind in (1, 2)]
        assert 4 < drops[1] <= drops[0] < 9  # reverse KL lets go first
        assert np.all(left[1, i, -3:] == 0) and np.all(target[i] > 29)
    assert np.all(mu[:, 0] > -0.006)  # of two equal minima the right one


def integrated(kind, mu, sigma, weight, s):
    """One divergence by adaptive quadrature."""

    def log_normal(x, mean, sd):
        return -0.5 * ((x - mean) / sd) ** 2 - math.log(sd) - 0.5 * math.log(2 * math.pi)

    def between(x):
        log_q = log_normal(x, mu, sigma)
        left, right = math.log(1 - weight) + log_normal(x, -s / 2, 1), math.log(weight) + log_normal(x, s / 2, 1)
        log_p = max(left, right) + math.log1p(math.exp(-abs(left - right)))
        log_m = max(log_p, log_q) + math.log1p(math.exp(-abs(log_p - log_q))) - math.log(2)
        p, q = math.exp(log_p), math.exp(log_q)
        return (p * (log_p - log_q), (p * (log_p - log_m) + q * (log_q - log_m)) / 2, q * (log_q - log_p))[kind]

    reach = s / 2 + 9 * max(1, sigma)
    return quad(between, -reach, reach, points=sorted({-s / 2, s / 2, mu}), limit=200)[0]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: explore_divergences([]), "separations is empty"),
        (lambda: explore_divergences([0.0, 3.0]), "separations must lie above 0 and up to 10, got 0 to 3"),
        (lambda: explore_divergences([2.0, np.nan]), "separations holds NaN"),
        (lambda: explore_divergences([2.0, 12.0]), "up to 10, got 2 to 12"),
        (lambda: explore_divergences([3.0]), "two grid values"),
        (lambda: explore_divergences(weights=[0.3]), "weights must lie from 0.5 up to below 1"),
        (lambda: explore_divergences(weights=[1.0]), "weights must lie from 0.5"),
        (lambda: explore_divergences(weights=[]), "weights is empty"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
