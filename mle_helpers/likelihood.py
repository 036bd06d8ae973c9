"""What is maximised, and its derivatives.

A model is one function, ``logpdf(theta, x) -> (n,)``, the natural logarithm of the density (or probability mass)
of each observation, written with ``autograd.numpy``. ``theta`` is a number, an array, or a dict, list or tuple of
these. The data ``x`` is an array with one observation in each row, or a tuple of such arrays: ``(X, y)`` for a
regression, ``(time, observed)`` for censored lifetimes.
"""

import warnings

import autograd.numpy as np
from autograd import grad, hessian, jacobian
from autograd.extend import defvjp
from autograd.misc import flatten
from autograd.numpy.numpy_vjps import unbroadcast_f

HOW_TO_WRITE = (
    "Write it with `import autograd.numpy as np` and plain array expressions: no math.log, no scipy.stats, "
    "no float(...), no assignment into arrays; special functions come from autograd.scipy.special."
)

# autograd's own rule for np.where forgets to sum over broadcast axes, so np.where(x <= theta, -np.log(theta), -np.inf)
# with an array x and a number theta would fail. This is the same rule with the sum. From autograd 1.9 np.where is a
# wrapper around the primitive.
defvjp(
    getattr(np, "_original_where", np.where),
    None,
    lambda ans, c, x=None, y=None: unbroadcast_f(x, lambda g: np.where(c, g, np.zeros(g.shape))),
    lambda ans, c, x=None, y=None: unbroadcast_f(y, lambda g: np.where(c, np.zeros(g.shape), g)),
)


def log_likelihood(logpdf, theta, x):
    r"""Log-likelihood of independent observations, in nats.

    $\ell(\theta \mid x) = \sum_{i=1}^n \log f(x_i \mid \theta)$

    Returns a float, ``-inf`` where an observation is impossible under ``theta``.
    Raises ValueError when ``x`` is empty or holds NaN, or when ``logpdf`` does not return one number for each
    observation or returns NaN.
    """
    return float(np.sum(log_densities(logpdf, as_theta(theta), as_data(x))))


def score(logpdf, theta, x):
    r"""Score: the gradient of the log-likelihood in theta, $\partial \ell / \partial \theta$, shaped like ``theta``.

    Raises ValueError as `log_likelihood` does, and where the log-likelihood is ``-inf``; TypeError when autograd
    cannot differentiate ``logpdf``.
    """
    theta, x = _inside(logpdf, theta, x)
    return as_theta(differentiate(grad, lambda t: np.sum(logpdf(t, x)), theta), "the score")


def score_obs(logpdf, theta, x):
    r"""Score of each observation, $\partial \log f(x_i \mid \theta) / \partial \theta_j$, as an (n, p) array.

    Columns stand in the order of ``autograd.misc.flatten(theta)``; their sums are `score`. The weighted score
    $g(w) = \sum_i w_i \, \partial \log f(x_i)/\partial\theta$ is linear in w, so its Jacobian in w holds every
    row at a cost of p, not n, backward passes.
    """
    theta, x = _inside(logpdf, theta, x)
    flat, unflatten = flatten(theta)
    weights = np.ones(len(logpdf(theta, x)))

    def weighted_score(w):
        return grad(lambda t: np.dot(w, logpdf(unflatten(t), x)))(flat)

    return differentiate(jacobian, weighted_score, weights).T


def observed_information(logpdf, theta, x):
    r"""Observed information of all n observations, $J(\theta) = -\partial^2 \ell / \partial\theta\,\partial\theta^T$.

    A (p, p) array in the order of ``autograd.misc.flatten(theta)``, in nats per squared unit of theta.
    """
    theta, x = _inside(logpdf, theta, x)
    flat, unflatten = flatten(theta)
    curvature = differentiate(hessian, lambda t: np.sum(logpdf(unflatten(t), x)), flat)
    return -(curvature + curvature.T) / 2


def fisher_information(logpdf, theta, draws):
    r"""Expected (Fisher) information of ONE observation, $I(\theta) = E[s_1 s_1^T]$, a (p, p) array.

    The mean of the outer products of the score over ``draws`` from $f(\cdot \mid \theta)$; its Monte-Carlo error
    falls as one over the square root of the number of draws. It is the variance of the score because the score
    has mean zero at the true theta, which holds under regularity conditions: first of all, a support that does not
    depend on theta.
    """
    scores = score_obs(logpdf, theta, draws)
    return scores.T @ scores / len(scores)


def bits_per_pixel(log_p, pixels=784):
    r"""$-\log_2 p / \text{pixels}$ from log-probabilities of images in nats; any shape, element by element.

    For a density the number stands for the scale of its pixels: from 0 to 1, add 8 for the scale of 0 to 256.
    """
    return -np.asarray(log_p) / (pixels * np.log(2))


def as_theta(theta, name="theta"):
    """Copy ``theta`` with the same nesting and float leaves, so that the caller's arrays stay untouched."""
    if isinstance(theta, (dict, list, tuple)) and not theta:
        raise ValueError(f"{name} holds no parameter.")
    if isinstance(theta, dict):
        return {key: as_theta(value, f"{name}[{key!r}]") for key, value in theta.items()}
    if isinstance(theta, (list, tuple)):
        parts = [as_theta(value, f"{name}[{i}]") for i, value in enumerate(theta)]
        return parts if isinstance(theta, list) else tuple(parts)
    try:
        leaf = np.array(theta, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must hold numbers, got {theta!r}.") from None
    if np.any(np.isnan(leaf)):
        raise ValueError(f"{name} holds NaN; give a number for every parameter.")
    return float(leaf) if leaf.ndim == 0 else leaf


def as_data(x, name="x"):
    """``x`` as an array, or a tuple of arrays with as many observations each; no copy of an array is made."""
    if isinstance(x, tuple):
        parts = tuple(as_data(part, f"{name}[{i}]") for i, part in enumerate(x))
        if len({len(part) for part in parts}) > 1:
            counts = ", ".join(str(len(part)) for part in parts)
            raise ValueError(f"the parts of {name} must have one row for each observation, got {counts} rows.")
        return parts
    x = np.asarray(x)
    if x.ndim == 0:
        raise ValueError(f"{name} must be an array with one observation in each row; for a single one give [{x}].")
    if x.size == 0:
        raise ValueError(f"{name} is empty: a likelihood needs at least one observation.")
    if x.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold real numbers, got dtype {x.dtype}.")
    if x.dtype.kind == "f" and np.any(np.isnan(x)):
        raise ValueError(f"{name} holds {np.isnan(x).sum()} NaN; drop or impute missing values first.")
    return x


def log_densities(logpdf, theta, x):
    """The (n,) values of ``logpdf``, checked: one for each observation and no NaN."""
    values = np.asarray(logpdf(theta, x))
    n = len(x[0] if isinstance(x, tuple) else x)
    if values.shape != (n,):
        raise ValueError(
            f"logpdf(theta, x) must return one log density for each of the {n} observations, shape ({n},); "
            f"it returned shape {values.shape}. Do not sum inside logpdf."
        )
    if np.any(np.isnan(values)):
        raise ValueError(f"logpdf returned NaN at theta = {theta}; return -np.inf outside the support or domain.")
    return values


def differentiate(operator, function, at):
    """``operator(function)(at)`` for grad, jacobian, hessian …, with an error that says how to write ``function``."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message="Output seems independent of input")
            return operator(function)(at)
    except (TypeError, AttributeError, NotImplementedError, ValueError, UserWarning) as error:
        raise TypeError(f"autograd cannot differentiate logpdf ({error}). {HOW_TO_WRITE}") from error


def _inside(logpdf, theta, x):
    """Checked ``theta`` and ``x``, at a point where derivatives of the log-likelihood exist."""
    theta, x = as_theta(theta), as_data(x)
    outside = np.sum(np.isneginf(log_densities(logpdf, theta, x)))
    if outside:
        raise ValueError(
            f"the log-likelihood is -inf at theta = {theta} ({outside} observations are impossible there), so it has "
            "no derivative; move theta inside its domain."
        )
    return theta, x
