"""The network, its gradients, Adam and the training loop, against autograd's plain expressions and SciPy."""

import autograd
import autograd.numpy as np
import numpy
import pytest
from autograd import elementwise_grad
from autograd.misc.flatten import flatten
from autograd.misc.optimizers import adam
from scipy import stats
from scipy.special import expit, log_softmax

from mle_helpers.datasets import load_digits, load_mnist
from mle_helpers.models import bernoulli_image_logpmf
from mle_helpers.neural import (
    Adam,
    TrainingError,
    bernoulli_logits_logpmf,
    class_probabilities,
    copy_tree,
    dense,
    init_mlp,
    leaves,
    map_tree,
    mlp,
    sigmoid,
    train,
    train_classifier,
    value_and_grad,
)

PLAIN = {"linear": lambda a: a, "relu": lambda a: np.maximum(a, 0), "tanh": np.tanh}


def layer(seed=0):
    rng = numpy.random.default_rng(seed)
    return rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)


def squared_error(params, batch, rng):
    """The regression loss of a small network: the second half of each row is to be foretold from the first."""
    return np.mean((mlp(params, batch[:, :2]) - batch[:, 2:]) ** 2)


def regression(n=200, dtype=numpy.float64):
    x = numpy.random.default_rng(3).normal(size=(n, 2))
    return numpy.column_stack([x, numpy.sin(x[:, 0]) + x[:, 1]]).astype(dtype)


@pytest.mark.parametrize("activation", PLAIN)
def test_dense_is_the_plain_layer(activation):
    x, weights, bias = layer()
    expected = PLAIN[activation](x @ weights + bias)
    before = x.copy(), weights.copy(), bias.copy()
    numpy.testing.assert_allclose(dense(x, weights, bias, activation), expected, rtol=1e-14)
    numpy.testing.assert_allclose(dense(x, weights, bias, activation=activation), expected, rtol=1e-14)
    for old, new in zip(before, (x, weights, bias), strict=True):
        numpy.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("activation", PLAIN)
@pytest.mark.parametrize("argnum", [0, 1, 2, (0, 2), (0, 1, 2)])
@pytest.mark.parametrize("keyword", [True, False])
def test_gradients_of_dense(activation, argnum, keyword):
    arguments, direction = layer(), numpy.random.default_rng(1).normal(size=(5, 4))

    def fused(*arguments):
        out = dense(*arguments, activation=activation) if keyword else dense(*arguments, activation)
        return np.sum(out * direction)

    def plain(x, weights, bias):
        return np.sum(PLAIN[activation](np.dot(x, weights) + bias) * direction)

    ours, expected = (autograd.grad(loss, argnum)(*arguments) for loss in (fused, plain))
    numpy.testing.assert_allclose(flatten(ours)[0], flatten(expected)[0], rtol=1e-12)


@pytest.mark.parametrize("activation", PLAIN)
def test_dense_differentiates_twice(activation):
    """The GAN's gradient penalty: the slope in x is squared, and that is differentiated in the parameters."""
    x, weights, bias = layer()

    def penalty(network):
        def loss(weights, bias):
            slope = elementwise_grad(lambda x: np.sum(network(x, weights, bias) ** 3, axis=1))(x)
            return np.sum(slope**2)

        return autograd.grad(loss, (0, 1))(weights, bias)

    fused = penalty(lambda x, w, b: dense(x, w, b, activation))
    plain = penalty(lambda x, w, b: PLAIN[activation](np.dot(x, w) + b))
    numpy.testing.assert_allclose(flatten(fused)[0], flatten(plain)[0], rtol=1e-10)


def test_gradients_keep_single_precision():
    params = init_mlp([2, 5, 1], numpy.random.default_rng(0))
    value, grads = value_and_grad(squared_error)(params, regression(dtype=numpy.float32), None)
    assert {leaf.dtype for leaf in leaves(grads)} == {numpy.dtype("float32")}
    assert value.dtype == numpy.float32


def test_mlp_has_a_linear_last_layer():
    params = init_mlp([2, 3, 1], numpy.random.default_rng(0), numpy.float64)
    x = regression()[:, :2]
    (w1, b1), (w2, b2) = params
    numpy.testing.assert_allclose(mlp(params, x, "relu"), numpy.maximum(x @ w1 + b1, 0) @ w2 + b2)
    numpy.testing.assert_allclose(mlp(params, x), numpy.tanh(x @ w1 + b1) @ w2 + b2)


def test_bernoulli_logits_against_scipy_and_the_course():
    rng = numpy.random.default_rng(0)
    logits, x = rng.normal(0, 3, (6, 7)), rng.integers(0, 2, (6, 7))
    expected = stats.bernoulli.logpmf(x, expit(logits)).sum(axis=1)
    numpy.testing.assert_allclose(bernoulli_logits_logpmf(logits, x), expected, rtol=1e-12)
    for row, image in zip(logits, x, strict=True):
        found = bernoulli_logits_logpmf(row[None], image[None])
        numpy.testing.assert_allclose(found, bernoulli_image_logpmf(expit(row), image[None]), rtol=1e-12)


@pytest.mark.parametrize("dtype", [numpy.float32, numpy.float64])
def test_bernoulli_logits_at_the_extremes(dtype):
    with numpy.errstate(over="raise", invalid="raise", divide="raise"):
        logits = numpy.array([[1e4], [-1e4], [1e4], [-1e4], [0]], dtype)
        x = numpy.array([[1], [1], [0], [0], [1]], dtype)
        numpy.testing.assert_allclose(bernoulli_logits_logpmf(logits, x), [0, -1e4, -1e4, 0, -numpy.log(2)], rtol=1e-6)
        slope = elementwise_grad(bernoulli_logits_logpmf)(logits, x)
        numpy.testing.assert_allclose(slope[:, 0], [0, 1, -1, 0, 0.5])


def test_bernoulli_logits_sums_to_one_over_all_images():
    images = numpy.array([[i >> j & 1 for j in range(5)] for i in range(32)])
    logits = numpy.random.default_rng(0).normal(0, 4, (1, 5)) * numpy.ones((32, 1))
    assert numpy.exp(bernoulli_logits_logpmf(logits, images)).sum() == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("label", [0, 1])
def test_one_label_for_all_serves_the_gan(label):
    logits = numpy.random.default_rng(0).normal(size=(9, 1))
    expected = numpy.log(expit(logits[:, 0] if label else -logits[:, 0]))
    numpy.testing.assert_allclose(bernoulli_logits_logpmf(logits, label), expected)


def test_gradient_of_bernoulli_logits():
    rng = numpy.random.default_rng(0)
    logits, x, weights = rng.normal(0, 3, (4, 5)), rng.integers(0, 2, (4, 5)), rng.normal(size=4)
    ours = autograd.grad(lambda a: np.sum(weights * bernoulli_logits_logpmf(a, x)))(logits)
    plain = autograd.grad(lambda a: np.sum(weights * np.sum(x * a - np.logaddexp(0, a), axis=1)))(logits)
    numpy.testing.assert_allclose(ours, plain, rtol=1e-10)


def test_sigmoid():
    a = numpy.array([-1e4, -3, 0, 0.5, 1e4])
    numpy.testing.assert_allclose(sigmoid(a), expit(a), atol=1e-16)


def test_value_and_grad_is_autograds():
    rng = numpy.random.default_rng(0)
    params = {"b": init_mlp([2, 4, 1], rng, numpy.float64), "a": (rng.normal(size=3), rng.normal(size=(2, 2)))}

    def loss(params, batch):
        vector, matrix = params["a"]
        return squared_error(params["b"], batch, None) * np.sum(vector) + np.sum(np.dot(matrix, matrix))

    value, grads = value_and_grad(loss)(params, regression())
    expected_value, expected = autograd.value_and_grad(loss)(params, regression())
    assert value == pytest.approx(expected_value)
    assert isinstance(grads["a"], tuple) and isinstance(grads["b"], list)
    numpy.testing.assert_allclose(flatten(grads)[0], flatten(expected)[0], rtol=1e-12)


def test_value_and_grad_gives_zeros_for_what_the_loss_leaves_out():
    _, grads = value_and_grad(lambda params: np.sum(params["used"] ** 2))({"used": numpy.ones(2), "not": numpy.ones(3)})
    numpy.testing.assert_array_equal(grads["used"], [2, 2])
    numpy.testing.assert_array_equal(grads["not"], [0, 0, 0])


def test_adam_takes_autograds_steps():
    """Both add eps to the square root of the corrected second moment, as algorithm 1 does."""
    start = numpy.array([3.0, -2.0, 0.5])

    def gradient(x, _=0):
        return numpy.array([2.0, 20.0, 0.2]) * x

    theirs, ours = [], [start.copy()]
    adam(gradient, start, callback=lambda x, i, g: theirs.append(x.copy()), num_iters=50, step_size=0.05)
    optimiser = Adam(ours, step_size=0.05)
    for expected in theirs:
        numpy.testing.assert_allclose(ours[0], expected, rtol=1e-10)
        optimiser.step([gradient(ours[0])])


def test_adam_with_other_betas_and_a_large_eps():
    start, options = numpy.array([3.0, -2.0]), {"step_size": 0.1, "eps": 0.3}
    params = {"x": start.copy()}
    optimiser = Adam(params, betas=(0.5, 0.8), **options)
    for _ in range(20):
        optimiser.step({"x": 2 * params["x"]})
    expected = adam(lambda x, i: 2 * x, start, num_iters=20, b1=0.5, b2=0.8, **options)
    numpy.testing.assert_allclose(params["x"], expected, rtol=1e-10)


def test_training_learns_and_leaves_the_start_alone():
    start = init_mlp([2, 16, 1], numpy.random.default_rng(0))
    before = copy_tree(start)
    params, history = train(
        squared_error, start, regression(dtype=numpy.float32), epochs=30, rng=numpy.random.default_rng(1),
        batch_size=20, step_size=1e-2, progress=False,
    )  # fmt: skip
    assert history.shape == (30,)
    assert history[-1] < 0.1 * history[0]
    assert squared_error(params, regression(), None) < 0.1
    for old, new in zip(leaves(before), leaves(start), strict=True):
        numpy.testing.assert_array_equal(old, new)


def test_the_seed_decides_the_training():
    def run(seed):
        start = init_mlp([2, 8, 1], numpy.random.default_rng(0))
        rng = numpy.random.default_rng(seed)
        return train(squared_error, start, regression(), epochs=2, rng=rng, batch_size=20, progress=False)

    (params, history), (again, history_again), (_, other) = run(1), run(1), run(2)
    numpy.testing.assert_array_equal(history, history_again)
    numpy.testing.assert_array_equal(flatten(params)[0], flatten(again)[0])
    assert not numpy.array_equal(history, other)


def test_progress_ends_the_same(capsys):
    start = init_mlp([2, 4, 1], numpy.random.default_rng(0))
    train(squared_error, start, regression(), epochs=3, rng=numpy.random.default_rng(0))
    shown = capsys.readouterr().out
    assert shown.endswith("\n") and shown.count("\n") == 1
    assert shown.rstrip("\n").split("\r")[-1] == f"[{'#' * 30}] 3/3"


def test_training_stops_at_a_loss_that_is_not_finite():
    calls = []

    def breaks(params, batch, rng):
        calls.append(1)
        return np.sum(params[0] ** 2) * (np.inf if len(calls) > 3 else 1.0)

    with pytest.raises(TrainingError, match=r"inf in epoch 2, batch 2.*step_size") as caught:
        train(breaks, [numpy.ones(2)], numpy.zeros((20, 1)), epochs=5, rng=numpy.random.default_rng(0), batch_size=10,
              progress=False)  # fmt: skip
    assert numpy.all(numpy.isfinite(caught.value.params[0]))
    numpy.testing.assert_allclose(caught.value.params[0], 1 - 3e-3, atol=1e-5)
    assert len(caught.value.history) == 1


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"batch_size": 0}, {"batch_size": 201}, {"step_size": 0.0}])
def test_train_names_the_wrong_argument(wrong):
    options = {"epochs": 1, "batch_size": 20, "rng": numpy.random.default_rng(0), **wrong}
    with pytest.raises(ValueError, match=next(iter(wrong))):
        train(squared_error, init_mlp([2, 1], numpy.random.default_rng(0)), regression(), **options)


@pytest.mark.parametrize("sizes", [[3], [3, 0], [3, 2.5], []])
def test_init_mlp_names_the_wrong_argument(sizes):
    with pytest.raises(ValueError, match="sizes"):
        init_mlp(sizes, numpy.random.default_rng(0))


def test_dense_names_an_unknown_activation():
    with pytest.raises(ValueError, match="activation.*tanh"):
        dense(*layer(), "swish")


def test_init_mlp():
    (first, first_bias), (second, second_bias) = init_mlp([300, 200, 100], numpy.random.default_rng(0))
    assert first.shape == (300, 200) and second.shape == (200, 100) and first.dtype == numpy.float32
    # the variance of N normal draws has relative standard deviation sqrt(2 / N): 0.6 and 1 percent
    assert first.var() == pytest.approx(2 / 500, rel=0.03) and second.var() == pytest.approx(2 / 300, rel=0.05)
    assert not first_bias.any() and not second_bias.any() and second_bias.shape == (100,)


def test_leaves_come_in_the_order_of_flatten():
    tree = {"b": [numpy.array([1.0]), (numpy.array([2.0]), {"z": numpy.array([3.0])})], "a": numpy.array([0.0])}
    numpy.testing.assert_array_equal(numpy.concatenate(leaves(tree)), flatten(tree)[0])
    numpy.testing.assert_array_equal(numpy.concatenate(leaves(map_tree(lambda a: 2 * a, tree))), 2 * flatten(tree)[0])


def test_copy_tree_is_a_copy():
    tree = {"b": [numpy.zeros(2)], "a": (numpy.ones(1),)}
    copy = copy_tree(tree)
    copy["b"][0] += 1
    assert type(copy["a"]) is tuple and type(copy["b"]) is list
    numpy.testing.assert_array_equal(tree["b"][0], [0, 0])


def test_someone_may_look_at_the_parameters_after_each_epoch():
    data, start = regression(), init_mlp([2, 8, 2], numpy.random.default_rng(0), numpy.float64)
    seen, options = [], {"epochs": 3, "progress": False}
    alone, _ = train(squared_error, start, data, rng=numpy.random.default_rng(1), **options)
    looked, _ = train(
        squared_error,
        start,
        data,
        rng=numpy.random.default_rng(1),
        after_epoch=lambda p: seen.append(copy_tree(p)),
        **options,
    )
    assert len(seen) == 3 and not numpy.array_equal(seen[0][0][0], seen[1][0][0])
    for mine, theirs, last in zip(leaves(alone), leaves(looked), leaves(seen[-1]), strict=True):
        numpy.testing.assert_array_equal(mine, theirs)
        numpy.testing.assert_array_equal(theirs, last)


# --- the classifier ---------------------------------------------------------------------------------------


def stripes(n=600, dtype=numpy.uint8):
    """Small images of three classes: ink in one of three thirds, with noise."""
    rng = numpy.random.default_rng(5)
    labels = rng.integers(0, 3, n)
    return (rng.random((n, 12)) < 0.2 + 0.6 * (numpy.arange(12) // 4 == labels[:, None])).astype(dtype), labels


def test_the_classifier_minimises_the_cross_entropy_of_scipy(monkeypatch):
    """Its loss and gradient, caught on their way to `train`, are SciPy's log_softmax and a numerical slope."""
    images, labels = stripes(dtype=numpy.float64)
    caught = {}
    monkeypatch.setattr("mle_helpers.neural.train", lambda loss, params, data, **_: (caught.update(loss=loss), {}))
    monkeypatch.setattr("mle_helpers.neural.init_mlp", lambda sizes, rng: caught.update(sizes=sizes) or {})
    train_classifier(images, labels, None, hidden=5)
    assert caught["sizes"] == [12, 5, 3]
    params = init_mlp([12, 5, 3], numpy.random.default_rng(1), numpy.float64)
    batch = numpy.arange(40)
    value, grads = value_and_grad(caught["loss"])(params, batch, None)
    logits = mlp(params, images[:40], "relu")
    expected = -log_softmax(logits, axis=1)[batch, labels[:40]].mean()
    assert value == pytest.approx(expected, rel=1e-6)
    params[1][0][2, 1] += 1e-4
    upper = caught["loss"](params, batch, None)
    params[1][0][2, 1] -= 2e-4
    assert grads[1][0][2, 1] == pytest.approx((upper - caught["loss"](params, batch, None)) / 2e-4, rel=1e-3)


@pytest.mark.parametrize("dtype", [numpy.uint8, bool, numpy.float64])
def test_the_classifier_takes_images_of_any_kind_and_gives_probabilities(dtype):
    images, labels = stripes(dtype=dtype)
    params = train_classifier(images, labels, numpy.random.default_rng(0), hidden=16, epochs=(20, 2))
    p = class_probabilities(params, images)
    assert p.shape == (600, 3) and {leaf.dtype for leaf in leaves(params)} == {numpy.dtype("float32")}
    numpy.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
    assert (p.argmax(axis=1) == labels).mean() > 0.8
    louder = train_classifier(255.0 * images, labels, numpy.random.default_rng(0), hidden=16, epochs=(20, 2))
    numpy.testing.assert_allclose(class_probabilities(louder, images), p, atol=0.02)


def test_the_classifier_names_mnists_test_digits_grey_and_binarised():
    images, labels = load_mnist("train", "grey")
    params = train_classifier(images.reshape(-1, 784), labels, numpy.random.default_rng(0))
    ink, names = load_mnist("test")
    assert (class_probabilities(params, ink).argmax(axis=1) == names).mean() > 0.97
    images, names = load_digits("test")
    assert (class_probabilities(params, images.reshape(-1, 784) / 255).argmax(axis=1) == names).mean() > 0.965


@pytest.mark.parametrize(
    ("images", "labels"),
    [(numpy.ones((4, 2, 2)), numpy.arange(4)), (numpy.ones((4, 2)), numpy.ones(4)), (numpy.ones((4, 2)), [0, 1])],
)
def test_the_classifier_says_what_it_needs(images, labels):
    with pytest.raises(ValueError, match="labels .n,. whole"):
        train_classifier(images, labels, numpy.random.default_rng(0))
