"""The mathematics of the chapter on variational autoencoders and of the page below it, in their own functions."""

import numpy
import pytest
from scipy.stats import multivariate_normal, norm

from .conftest import functions_of


@pytest.fixture(scope="module")
def chapter():
    return functions_of("the-linear-vae", k=2, d=5)


@pytest.fixture(scope="module")
def network():
    return functions_of("variational-autoencoders")


def linear_case(seed):
    """A linear model and an encoder that does not fit it, with data from another model still."""
    rng = numpy.random.default_rng(seed)
    theta = {
        "W": rng.normal(size=(5, 2)),
        "V": 0.3 * rng.normal(size=(5, 2)),
        "log_s": rng.normal(-0.5, 0.3, 2),
        "log_sigma": numpy.array(rng.normal(0, 0.2)),
    }
    return theta, rng.normal(size=(6, 5)), rng


@pytest.mark.parametrize("seed", range(5))
def test_in_the_linear_model_the_gap_is_the_divergence_for_every_image(chapter, seed):
    theta, x, _ = linear_case(seed)
    cov = theta["W"] @ theta["W"].T + numpy.exp(2 * theta["log_sigma"]) * numpy.eye(5)
    exact = multivariate_normal(numpy.zeros(5), cov).logpdf(x)
    assert chapter["log_p"](theta["W"], numpy.exp(2 * theta["log_sigma"]), x) == pytest.approx(exact, rel=1e-10)
    gap = exact - chapter["linear_elbo"](theta, x)
    assert numpy.all(gap > 0)
    assert gap == pytest.approx(chapter["kl_to_posterior"](theta, x), rel=1e-9)


def test_bound_weighted_estimate_and_exact_value_are_in_order_in_expectation(chapter):
    theta, x, rng = linear_case(11)
    exact, elbo = chapter["log_p"](theta["W"], numpy.exp(2 * theta["log_sigma"]), x), chapter["linear_elbo"](theta, x)
    log_w = chapter["linear_log_weights"](theta, x, 64 * 4000, rng).reshape(64, 4000, len(x))
    means, errors = {}, {}
    for K in (1, 2, 8, 64):
        draws = chapter["log_mean"](log_w[:K])
        means[K], errors[K] = draws.mean(axis=0), draws.std(axis=0) / numpy.sqrt(len(draws))
    assert numpy.all(numpy.abs(means[1] - elbo) < 4 * errors[1])  # the bound is the estimate from one draw
    for few, many in ((1, 2), (2, 8), (8, 64)):
        assert numpy.all(means[few] <= means[many] + 3 * numpy.hypot(errors[few], errors[many]))
    assert numpy.all(means[64] <= exact + 3 * errors[64])
    assert numpy.all(exact - means[64] < 0.5 * (exact - elbo))


def test_single_weights_are_unbiased_for_the_density(chapter):
    theta, x, rng = linear_case(4)
    theta["log_s"] = theta["log_s"] + 1  # wider than the posterior: the weights have a finite variance
    exact = chapter["log_p"](theta["W"], numpy.exp(2 * theta["log_sigma"]), x)
    ratio = numpy.exp(chapter["linear_log_weights"](theta, x, 200_000, rng) - exact)
    assert numpy.all(numpy.abs(ratio.mean(axis=0) - 1) < 4.5 * ratio.std(axis=0) / numpy.sqrt(200_000))


def test_with_the_posterior_as_encoder_every_weight_is_the_density(chapter):
    theta, x, rng = linear_case(2)
    theta["W"] = numpy.linalg.qr(theta["W"])[0] * [
        2.0,
        0.7,
    ]  # orthogonal columns: the posterior's covariance is diagonal
    sigma2 = numpy.exp(2 * theta["log_sigma"])
    M = theta["W"].T @ theta["W"] + sigma2 * numpy.eye(2)
    theta |= {"V": theta["W"] @ numpy.linalg.inv(M), "log_s": numpy.log(sigma2 / numpy.diag(M)) / 2}
    exact = chapter["log_p"](theta["W"], sigma2, x)
    assert chapter["linear_elbo"](theta, x) == pytest.approx(exact, rel=1e-10)
    assert chapter["linear_log_weights"](theta, x, 3, rng) == pytest.approx(numpy.tile(exact, (3, 1)), rel=1e-10)


def test_the_bound_of_the_network_is_log_joint_less_log_q_in_expectation(network):
    rng = numpy.random.default_rng(0)
    shapes = {"encoder": [(6, 4)], "mean": [(4, 2)], "log_s": [(4, 2)], "decoder": [(2, 4), (4, 6)]}
    params = {name: [(rng.normal(0, 0.4, s), rng.normal(size=s[1])) for s in part] for name, part in shapes.items()}
    x = numpy.tile(rng.integers(2, size=6).astype(float), (100_000, 1))
    noise = numpy.random.default_rng(1).standard_normal((len(x), 2), dtype="float32")
    (W1, b1), (Wm, bm), (Ws, bs) = params["encoder"] + params["mean"] + params["log_s"]
    hidden = numpy.maximum(x[0] @ W1 + b1, 0)
    m, s = hidden @ Wm + bm, numpy.exp(hidden @ Ws + bs)
    z = m + s * noise
    (W2, b2), (W3, b3) = params["decoder"]
    chance = 1 / (1 + numpy.exp(-(numpy.maximum(z @ W2 + b2, 0) @ W3 + b3)))
    log_joint = numpy.log(numpy.where(x == 1, chance, 1 - chance)).sum(axis=1) + norm.logpdf(z).sum(axis=1)
    direct = log_joint - norm.logpdf(z, m, s).sum(axis=1)
    difference = network["elbo"](params, x, numpy.random.default_rng(1)) - direct
    assert abs(difference.mean()) < 4.5 * difference.std() / numpy.sqrt(len(x))
    log_w = network["log_weights"](params, x[:50_000], 2, numpy.random.default_rng(2))
    assert abs(log_w.mean() - direct.mean()) < 5 * direct.std() / numpy.sqrt(50_000)


@pytest.mark.parametrize("seed", range(3))
def test_the_way_back_by_hand_is_what_a_nudge_gives(network, seed):
    rng = numpy.random.default_rng(seed)
    params = [(rng.normal(size=(2, 4)), rng.normal(size=4)), (rng.normal(size=(4, 3)), rng.normal(size=3))]
    z, x = rng.normal(size=(5, 2)), rng.integers(2, size=(5, 3))

    def log_p(z):
        a = network["two_layers"](params, z)[1]
        return numpy.sum(x * a - numpy.logaddexp(0, a))

    layers, to_z = network["way_back"](params, z, x)
    for array, slope in zip([*params[0], *params[1], z], [*layers[0], *layers[1], to_z], strict=True):
        for place in numpy.ndindex(array.shape):
            heights = []
            for nudge in (1e-6, -2e-6):
                array[place] += nudge
                heights.append(log_p(z))
            array[place] += 1e-6
            assert slope[place] == pytest.approx((heights[0] - heights[1]) / 2e-6, abs=1e-5)
