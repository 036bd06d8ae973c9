"""The few lines that the networks of the course share: layers, training by Adam, and a classifier that reads digits.

Gradients come from autograd. The chapters write a layer as ``activation(x @ W + b)``; `dense` is the same mathematics
registered as one step, so that its backward pass shares work and allocates less.
"""

import itertools
import sys

import autograd
import autograd.numpy as np
import numpy
from autograd.extend import defvjp, defvjp_argnums, primitive

ACTIVATIONS = {  # in place on the layer's fresh output; and the slope, written as a function of that output
    "linear": (lambda a: a, None),
    "relu": (lambda a: numpy.maximum(a, 0, out=a), lambda a: a > 0),
    "tanh": (lambda a: numpy.tanh(a, out=a), lambda a: 1 - a * a),
}


class TrainingError(RuntimeError):
    """Training met a loss that is not finite. ``params`` stood so at that loss, ``history`` has the epochs before."""

    def __init__(self, message, params, history):
        super().__init__(message)
        self.params, self.history = params, history


@primitive
def dense(x, weights, bias, activation="linear"):
    r"""One layer, $\phi(x W + b)$: x (n, a), weights (a, b), bias (b,), result (n, b).

    ``activation`` names $\phi$: "linear", "relu" or "tanh". Differentiable, also twice, in the three arrays.
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(map(repr, ACTIVATIONS))}, not {activation!r}.")
    out = numpy.dot(x, weights)
    out += bias
    return ACTIVATIONS[activation][0](out)


def _dense_vjp(argnums, ans, args, kwargs):
    x, weights, *_ = args
    slope = ACTIVATIONS[kwargs.get("activation", args[3] if len(args) > 3 else "linear")][1]

    def backward(g):
        g = _like(g, ans)
        g = g * slope(ans) if slope else g
        gradients = (lambda: np.dot(g, weights.T), lambda: np.dot(x.T, g), lambda: np.sum(g, axis=0))
        return tuple(gradients[argnum]() for argnum in argnums)  # x is not among them where it is data

    return backward


defvjp_argnums(dense, _dense_vjp)


def _like(g, ans):
    """A gradient in the precision of ``ans``: autograd's mean hands back float64, which would slow all that follows."""
    return g if g.dtype == ans.dtype else g.astype(ans.dtype)


@primitive
def bernoulli_logits_logpmf(logits, x):
    r"""Log pmf of binary vectors in nats, x_j on with probability $1 / (1 + e^{-a_j})$: logits, x (n, d) -> (n,).

    $\log p(x \mid a) = \sum_j x_j a_j - \log(1 + e^{a_j})$, where no logit overflows, because
    $\log(1 + e^a) = \max(a, 0) + \log(1 + e^{-|a|})$. (NumPy's logaddexp says the same ten times as slowly.)
    """
    softplus = numpy.abs(logits)
    numpy.exp(-softplus, out=softplus)
    softplus += 1
    numpy.log(softplus, out=softplus)
    softplus += numpy.maximum(logits, 0)
    return numpy.sum(x * logits - softplus, axis=-1)


defvjp(bernoulli_logits_logpmf, lambda ans, logits, x: lambda g: _like(g, ans)[..., None] * (x - sigmoid(logits)))


def sigmoid(a):
    """1 / (1 + exp(-a)), without overflow."""
    return (np.tanh(a / 2) + 1) / 2


def init_mlp(sizes, rng, dtype=numpy.float32):
    """Weights and biases of a multilayer perceptron with layers of ``sizes``: a list of pairs (W, b).

    Weights are normal with variance 2 / (fan in + fan out) (Glorot and Bengio 2010), biases zero.
    """
    if len(sizes) < 2 or any(int(s) != s or s < 1 for s in sizes):
        raise ValueError(f"sizes must hold at least two positive whole numbers, got {sizes!r}.")
    pairs = zip(sizes[:-1], sizes[1:], strict=True)
    return [
        ((rng.standard_normal((a, b)) * numpy.sqrt(2 / (a + b))).astype(dtype), numpy.zeros(b, dtype)) for a, b in pairs
    ]


def mlp(params, x, activation="tanh"):
    """Forward pass: ``activation`` after every layer but the last. x (n, sizes[0]) -> (n, sizes[-1])."""
    *hidden, (last_weights, last_bias) = params
    for weights, bias in hidden:
        x = dense(x, weights, bias, activation)
    return dense(x, last_weights, last_bias)


def leaves(tree):
    """The arrays in a nested list, tuple or dict, in a fixed order."""
    if isinstance(tree, dict):
        return [leaf for key in sorted(tree) for leaf in leaves(tree[key])]
    if isinstance(tree, (list, tuple)):
        return [leaf for part in tree for leaf in leaves(part)]
    return [tree]


def map_tree(function, tree):
    """The nested list, tuple or dict with ``function`` applied to each of its arrays, in the order of `leaves`."""
    if isinstance(tree, dict):
        return {key: map_tree(function, tree[key]) for key in sorted(tree)}
    if isinstance(tree, (list, tuple)):
        return type(tree)([map_tree(function, part) for part in tree])
    return function(tree)


def copy_tree(tree):
    """A copy of a nested list, tuple or dict of arrays."""
    return map_tree(numpy.array, tree)


def value_and_grad(loss):
    """``run(params, *args) -> (value, gradient shaped like params)`` for ``loss(params, *args)``.

    autograd's function of this name, which adds up a whole tree of zeros for each array taken out of a nested params.
    Here each array is a variable of its own, and its gradient is set down as the backward pass comes by.
    """

    def run(params, *args):
        grads, places = {}, itertools.count()

        def from_anchor(anchor):
            return loss(map_tree(lambda p: _variable(anchor, p, grads, next(places)), params), *args)

        value, _ = autograd.value_and_grad(from_anchor)(0.0)
        places = itertools.count()
        return value, map_tree(lambda p: grads[i] if (i := next(places)) in grads else numpy.zeros_like(p), params)

    return run


@primitive
def _variable(anchor, array, grads, place):
    return array


defvjp(_variable, lambda ans, anchor, array, grads, place: lambda g: grads.update({place: g}) or 0.0)


class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1), updating the arrays of ``params`` in place."""

    def __init__(self, params, step_size=1e-3, betas=(0.9, 0.999), eps=1e-8):
        self.params, self.step_size, self.betas, self.eps = leaves(params), step_size, betas, eps
        self.first, self.second, self.work = ([numpy.zeros_like(p) for p in self.params] for _ in range(3))
        self.count = 0

    def step(self, grads):
        """Move against ``grads``, shaped like the parameters."""
        self.count += 1
        b1, b2 = self.betas
        correction = (1 - b2**self.count) ** 0.5
        rate, eps = self.step_size * correction / (1 - b1**self.count), self.eps * correction
        for p, g, m, v, work in zip(self.params, leaves(grads), self.first, self.second, self.work, strict=True):
            m *= b1  # m = b1 m + (1 - b1) g
            m += numpy.multiply(g, 1 - b1, out=work)
            v *= b2  # v = b2 v + (1 - b2) g^2
            numpy.multiply(g, g, out=work)
            work *= 1 - b2
            v += work
            numpy.sqrt(v, out=work)  # p = p - rate m / (sqrt(v) + eps)
            work += eps
            numpy.divide(m, work, out=work)
            work *= rate
            p -= work


def train(loss, params, data, *, epochs, rng, batch_size=100, step_size=1e-3, progress=True, after_epoch=None):
    """Minimise ``loss(params, batch, rng)``, the mean over a mini-batch, by Adam; returns (params, history).

    ``history`` holds the mean loss of each epoch. The caller's ``params`` stay as they were. ``after_epoch(params)``
    looks at the parameters after each epoch, if given (copy what it keeps: the arrays go on changing). Raises
    TrainingError, which carries parameters and history, as soon as a loss is not finite.
    """
    if not (epochs >= 1 and 1 <= batch_size <= len(data) and step_size > 0):
        raise ValueError(
            f"epochs and step_size must be positive and batch_size between 1 and the {len(data)} observations; got "
            f"epochs={epochs}, step_size={step_size}, batch_size={batch_size}."
        )
    params, history = copy_tree(params), []
    optimiser, gradient = Adam(params, step_size), value_and_grad(loss)
    for epoch in range(epochs):
        order, losses = rng.permutation(len(data)), []
        for start in range(0, len(data) - batch_size + 1, batch_size):
            value, grads = gradient(params, data[order[start : start + batch_size]], rng)
            if not numpy.isfinite(value):
                raise TrainingError(
                    f"the loss became {value} in epoch {epoch + 1}, batch {start // batch_size + 1}. Try a smaller "
                    f"step_size (now {step_size:g}), scaled inputs, or a floor under variances.",
                    params,
                    history,
                )
            optimiser.step(grads)
            losses.append(float(value))
        history.append(float(numpy.mean(losses)))
        if after_epoch:
            after_epoch(params)
        if progress:
            report(epoch + 1, epochs)
    return params, numpy.array(history)


def report(done, total, width=30):
    """A progress bar on one line, which reads the same whenever training has ended."""
    filled = width * done // total
    sys.stdout.write(f"\r[{'#' * filled}{'.' * (width - filled)}] {done}/{total}" + ("\n" if done == total else ""))
    sys.stdout.flush()


def train_classifier(images, labels, rng, *, hidden=256, epochs=(3, 1), progress=False):
    """Parameters of a network that names digits, by maximum likelihood of the labels: the least cross-entropy.

    images (n, d), from 0 for paper to their largest value for full ink, of any dtype; labels (n,), whole numbers from
    0. One hidden layer of rectified units; Adam with steps of 1e-3 for ``epochs[0]`` rounds, then 2e-4 for
    ``epochs[1]``. From the 60,000 of MNIST it names more than 97 % of the 10,000 test digits, grey or binarised.
    """
    images, labels, scale = numpy.asarray(images), numpy.asarray(labels), numpy.float32(1 / numpy.max(images))
    if images.ndim != 2 or labels.shape != images.shape[:1] or not numpy.issubdtype(labels.dtype, numpy.integer):
        raise ValueError(
            f"images must be (n, d), labels (n,) whole; got {images.shape}, {labels.shape} {labels.dtype}."
        )

    def loss(params, batch, rng):
        x = images[batch].astype(numpy.float32) * scale
        return -np.mean(_log_softmax(mlp(params, x, "relu"))[np.arange(len(batch)), labels[batch]])

    params, places = init_mlp([images.shape[1], hidden, labels.max() + 1], rng), numpy.arange(len(images))
    for rounds, step_size in zip(epochs, (1e-3, 2e-4), strict=True):
        params, _ = train(loss, params, places, epochs=rounds, rng=rng, step_size=step_size, progress=progress)
    return params


def _log_softmax(logits):
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))


def class_probabilities(params, images):
    """What the network of `train_classifier` thinks of images (n, d) in [0, 1]: (n, classes), rows add up to 1."""
    return numpy.exp(_log_softmax(mlp(params, numpy.asarray(images, numpy.float32), "relu")))
