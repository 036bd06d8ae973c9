"""What is maximised, and its derivatives.

A model is one function, ``logpdf(theta, x) -> (n,)``, the natural logarithm of the density (or probability mass)
of each observation, written with ``autograd.numpy``. ``theta`` is a number, an array (a list of plain numbers becomes
one), or a dict, list or tuple of arrays.

The data ``x`` is an array with a row for each observation, or a tuple of such arrays: ``(X, y)`` for a regression,
``(time, observed)`` for censored lifetimes.

``weights`` are frequencies: a whole number w counts its observation w times, and n is their sum. Standard errors
treat the w copies as w observations; a weight that says something else (a share of a survey, a precision) gives the
right estimate and the wrong standard errors.
"""

import warnings

import autograd.numpy as np
import autograd.scipy.special  # noqa: F401 (so that the loop over primitives below knows them)
import numpy
from autograd import elementwise_grad, grad, hessian, make_jvp
from autograd.core import primitive_jvps, primitive_vjps
from autograd.extend import defjvp, defjvp_argnums, defvjp, vspace
from autograd.misc import flatten
from autograd.numpy.numpy_vjps import unbroadcast_f
from autograd.scipy.linalg import solve_triangular

HOW_TO_WRITE = (
    "Write it with `import autograd.numpy as np` and plain array expressions: no math.log, no scipy.stats, "
    "no float(...), no assignment into arrays; special functions come from autograd.scipy.special."
)

# --- rules that autograd lacks ---------------------------------------------------------------------------------------
# Its own rules for np.where forget to sum over broadcast axes, or to fill them, so np.where(x <= theta, -np.log(theta),
# -np.inf) with an array x and a number theta would fail. From autograd 1.9 np.where is a wrapper around the primitive.
WHERE = getattr(np, "_original_where", np.where)


def _filled(g, ans):
    """The tangent of a number, as large as the result it is part of."""
    return g if np.shape(g) == np.shape(ans) else np.broadcast_to(g, np.shape(ans))


defvjp(
    WHERE,
    None,
    lambda ans, c, x=None, y=None: unbroadcast_f(x, lambda g: np.where(c, g, np.zeros(g.shape))),
    lambda ans, c, x=None, y=None: unbroadcast_f(y, lambda g: np.where(c, np.zeros(g.shape), g)),
)
defjvp(
    WHERE,
    None,
    lambda g, ans, c, x=None, y=None: np.where(c, _filled(g, ans), np.zeros(np.shape(ans))),
    lambda g, ans, c, x=None, y=None: np.where(c, np.zeros(np.shape(ans)), _filled(g, ans)),
)


def _forward_rule(primitive):
    r"""The forward rule from the reverse one: $J g$ is the gradient in v of $\langle J^T v, g\rangle$."""

    def rule(argnums, gs, ans, args, kwargs):
        def along(v):
            pulled = primitive_vjps[primitive](argnums, ans, args, kwargs)(v)
            return sum(np.sum(g * p) for g, p in zip(gs, pulled, strict=True))

        return grad(along)(vspace(ans).ones())  # linear in v: any point will do

    return rule


def _cholesky_rule(g, factor, cov):
    r"""$L\,\Phi(L^{-1} \dot\Sigma L^{-T})$, where Φ keeps the lower triangle and half of the diagonal.

    Murray (2016), Differentiation of the Cholesky decomposition.
    """
    inner = np.linalg.solve(factor, np.transpose(np.linalg.solve(factor, g)))
    return np.dot(factor, np.tril(inner) / (1.0 + np.eye(len(cov))))


def _triangular_rule(g, ans, a, b, trans=0, lower=False, **kwargs):
    r"""$-A^{-1} \dot A\, A^{-1} b$: as the equation demands, a move of A changes its solution."""
    moved = np.tril(g) if lower else np.triu(g)
    moved = np.transpose(moved) if trans in (1, 2, "T", "C") else moved
    return -solve_triangular(a, np.dot(moved, ans), trans=trans, lower=lower, **kwargs)


# The general rule would serve these too, but makes the scores of a multivariate normal take twice as long.
defjvp(np.linalg.cholesky, _cholesky_rule)
defjvp(solve_triangular, _triangular_rule, lambda g, ans, a, b, **kwargs: solve_triangular(a, g, **kwargs))

for _primitive in primitive_vjps:  # special functions, eigenvalues, … have a reverse rule only
    if _primitive not in primitive_jvps:
        defjvp_argnums(_primitive, _forward_rule(_primitive))


# --- the log-likelihood and its derivatives --------------------------------------------------------------------------


def log_likelihood(logpdf, theta, x, *, weights=None):
    r"""Log-likelihood of independent observations, in nats.

    $\ell(\theta \mid x) = \sum_{i=1}^n w_i \log f(x_i \mid \theta)$, all $w_i = 1$ without ``weights``

    Returns a float, ``-inf`` where an observation of positive weight is impossible under ``theta``.
    Raises ValueError when ``x`` is empty or holds NaN, when ``logpdf`` does not return one number for each
    observation or returns NaN, and for weights that are negative, not finite or not one for each observation.
    """
    x, weights = as_sample(x, weights)
    values = log_densities(logpdf, as_theta(theta), x)
    return float(np.sum(weighted(values, weights)))


def score(logpdf, theta, x, *, weights=None):
    r"""Score: the gradient of the log-likelihood in theta, $\partial \ell / \partial \theta$, shaped like ``theta``.

    Raises ValueError as `log_likelihood` does, and where the log-likelihood is ``-inf``; TypeError when autograd
    cannot differentiate ``logpdf``.
    """
    theta, x, weights = _inside(logpdf, theta, x, weights)
    return as_theta(differentiate(grad, lambda t: np.sum(weighted(logpdf(t, x), weights)), theta), "the score")


def score_obs(logpdf, theta, x, *, weights=None):
    r"""Score of each observation, $w_i \, \partial \log f(x_i \mid \theta) / \partial \theta_j$, as an (n, p) array.

    Columns stand in the order of ``autograd.misc.flatten(theta)``; their sums are `score`.
    """
    theta, x, weights = _inside(logpdf, theta, x, weights)
    flat, unflatten = flatten(theta)
    rows = scores_along(logpdf, flat, unflatten, x, np.eye(flat.size))
    return rows if weights is None else weights[:, None] * rows


def observed_information(logpdf, theta, x, *, weights=None):
    r"""Observed information of all n observations, $J(\theta) = -\partial^2 \ell / \partial\theta\,\partial\theta^T$.

    A (p, p) array in the order of ``autograd.misc.flatten(theta)``, in nats per squared unit of theta.
    """
    theta, x, weights = _inside(logpdf, theta, x, weights)
    flat, unflatten = flatten(theta)
    return -curvature_along(logpdf, flat, unflatten, x, weights, np.eye(flat.size))


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


# --- derivatives along directions ------------------------------------------------------------------------------------
# theta moves along the columns of ``basis`` (p, k). With a basis adapted to the data, digits survive that would cancel
# if the derivatives were taken along the axes first and combined afterwards. A regression (`of_predictor`) knows theta
# only through eta = X theta, so two derivatives in eta, one number for each observation, hold all that is needed.


def predictors_along(logpdf, x, basis):
    """How the linear predictors move along ``basis``, (n, k); None for a model that is no regression."""
    return np.asarray(x[0]) @ basis if hasattr(logpdf, "of_predictor") else None


def scores_along(logpdf, flat, unflatten, x, basis, along=None):
    r"""Derivatives of each log density along ``basis``: $(\partial\log f(x_i)/\partial\theta)^T B$, (n, k)."""
    if hasattr(logpdf, "of_predictor"):
        first = differentiate(elementwise_grad, lambda eta: logpdf.of_predictor(eta, *x[1:]), np.asarray(x[0]) @ flat)
        return first[:, None] * (predictors_along(logpdf, x, basis) if along is None else along)

    def moved(step):
        return logpdf(unflatten(flat + step), x)

    return np.stack(
        [differentiate(lambda f, v=v: lambda at: make_jvp(f)(at)(v)[1], moved, 0 * flat) for v in basis.T], 1
    )


def curvature_along(logpdf, flat, unflatten, x, weights, basis, along=None):
    r"""Second derivatives of the log-likelihood along the columns of ``basis``: $B^T (\partial^2 \ell) B$, (k, k)."""
    if hasattr(logpdf, "of_predictor"):
        first = elementwise_grad(lambda eta: weighted(logpdf.of_predictor(eta, *x[1:]), weights))
        along = predictors_along(logpdf, x, basis) if along is None else along
        second = differentiate(elementwise_grad, first, np.asarray(x[0]) @ flat, "ignore")
        curvature = along.T @ (second[:, None] * along)
        return (curvature + curvature.T) / 2

    def moved(step):
        return np.sum(weighted(logpdf(unflatten(flat + basis @ step), x), weights))

    curvature = differentiate(hessian, moved, np.zeros(basis.shape[1]), constant="ignore")
    return (curvature + curvature.T) / 2


# --- checked input ---------------------------------------------------------------------------------------------------


def as_theta(theta, name="theta"):
    """Copy ``theta`` with float leaves; the caller's arrays stay untouched, a list of numbers becomes an array."""
    if isinstance(theta, (dict, list, tuple)) and not theta:
        raise ValueError(f"{name} holds no parameter.")
    if isinstance(theta, numpy.ma.MaskedArray):
        raise ValueError(f"{name} is a masked array; give a plain array, with a number for every parameter.")
    if isinstance(theta, dict):
        return {key: as_theta(value, f"{name}[{key!r}]") for key, value in theta.items()}
    if isinstance(theta, (list, tuple)):
        parts = [as_theta(value, f"{name}[{i}]") for i, value in enumerate(theta)]
        if isinstance(theta, tuple):
            return tuple(parts)
        return np.array(parts) if all(isinstance(part, float) for part in parts) else parts
    try:
        leaf = np.array(theta, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must hold numbers, got {theta!r}.") from None
    if np.any(np.isnan(leaf)):
        raise ValueError(f"{name} holds NaN; give a number for every parameter.")
    return float(leaf) if leaf.ndim == 0 else leaf


def as_sample(x, weights=None):
    """`as_data` and `as_weights`, once `same_rows` has seen that their rows belong together."""
    same_rows(x, weights)
    x = as_data(x)
    return x, as_weights(weights, x)


def same_rows(x, weights=None):
    """Refuse pandas parts whose row labels differ: rows are taken by position, never by label."""
    labels = [part.index for part in (*(x if isinstance(x, tuple) else (x,)), weights) if hasattr(part, "iloc")]
    if not all(index.equals(labels[0]) for index in labels):
        raise ValueError(
            "the parts of x, or x and weights, carry different row labels, but rows belong together by position: bring "
            "them into one order (b.loc[a.index]), or pass arrays (b.to_numpy()) if they are in it."
        )


def as_data(x, name="x"):
    """``x`` as an array, or a tuple of arrays with as many observations each.

    float32 and float16 become float64, since a log-likelihood sums away digits that they do not have; nothing else
    is copied.
    """
    if isinstance(x, tuple):
        if all(np.ndim(part) == 0 for part in x):
            raise ValueError(f"{name} is a tuple of numbers; one sample is a list or an array: np.array({name}).")
        parts = tuple(as_data(part, f"{name}[{i}]") for i, part in enumerate(x))
        if len({len(part) for part in parts}) > 1:
            counts = ", ".join(str(len(part)) for part in parts)
            raise ValueError(f"the parts of {name} must have one row for each observation, got {counts} rows.")
        return parts
    if isinstance(x, numpy.ma.MaskedArray):
        kept = f"{name}.compressed(), the values" if x.ndim == 1 else f"{name}[~{name}.mask.any(axis=1)].data, the rows"
        raise ValueError(f"{name} is a masked array; pass {kept} that are not masked.")
    try:
        given, x = x, np.asarray(x)
    except ValueError:
        raise ValueError(f"{name} is a list of unlike parts; give them as a tuple: (X, y), (time, observed).") from None
    if x.ndim == 0:
        advice = f"for a single one give [{x}]" if x.dtype.kind in "biuf" else f"got a {type(given).__name__}"
        raise ValueError(f"{name} must be a list or an array with one observation in each row; {advice}.")
    if x.size == 0:
        raise ValueError(f"{name} is empty: a likelihood needs at least one observation.")
    if x.dtype.kind not in "biuf":
        what = "missing or mixed values (dtype object); drop missing ones first" if x.dtype == object else x.dtype
        raise ValueError(f"{name} must hold real numbers, got dtype {what}.")
    if x.dtype.kind == "f" and np.any(np.isnan(x)):
        raise ValueError(f"{name} holds {np.isnan(x).sum()} NaN; drop or impute missing values first.")
    return x.astype(float, copy=False) if x.dtype.kind == "f" else x


def as_weights(weights, x):
    """``weights`` as an (n,) array of floats, or None for all ones."""
    if weights is None:
        return None
    n = len(x[0] if isinstance(x, tuple) else x)
    w = as_data(weights, "weights").astype(float)
    if w.shape != (n,):
        raise ValueError(f"weights must be one number for each of the {n} observations, got shape {w.shape}.")
    bad = np.flatnonzero(~((w >= 0) & (w < np.inf)))
    if bad.size:
        raise ValueError(f"weights must be finite and not negative; weights[{bad[0]}] is {w[bad[0]]}.")
    if not np.any(w):
        raise ValueError("weights are all zero: a likelihood needs at least one observation.")
    return w


def weighted(values, weights):
    r"""$w_i \log f_i$ for each observation; with weight zero it counts for nothing, even an impossible one."""
    return values if weights is None else weights * np.where(weights > 0, values, 0.0)


def log_densities(logpdf, theta, x):
    """The (n,) values of ``logpdf``, checked: one for each observation and no NaN."""
    if not callable(logpdf):
        raise TypeError(f"logpdf must be a function logpdf(theta, x), got a {type(logpdf).__name__}.")
    values = np.asarray(logpdf(theta, x))
    n = len(x[0] if isinstance(x, tuple) else x)
    if values.shape != (n,):
        parts = x if isinstance(x, tuple) else (x,)
        advice = "do not sum inside logpdf"
        if any(np.shape(part) == values.shape for part in parts):
            kind, fix = ("column", "x[:, 0]") if values.shape == (n, 1) else ("table", "np.ravel(x)")
            advice = f"a {kind} of shape {values.shape} is not a sample of numbers: pass {fix}"
        raise ValueError(
            f"logpdf(theta, x) must return one log density for each of the {n} observations, shape ({n},); "
            f"it returned shape {values.shape}. {advice.capitalize()}."
        )
    if np.any(np.isnan(values)):
        raise ValueError(f"logpdf returned NaN at theta = {theta}; return -np.inf outside the support or domain.")
    return values


def differentiate(operator, function, at, constant="error"):
    """``operator(function)(at)`` for grad, jacobian, hessian …, with an error that says how to write ``function``.

    A function that does not depend on where it is taken is such an error too, unless ``constant="ignore"``.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings(constant, message="Output seems independent of input")
            return operator(function)(at)
    except (TypeError, AttributeError, NotImplementedError, ValueError, UserWarning) as error:
        raise TypeError(f"autograd cannot differentiate logpdf ({error}). {HOW_TO_WRITE}") from error


def _inside(logpdf, theta, x, weights):
    """Checked ``theta``, ``x`` and ``weights``, at a point where derivatives of the log-likelihood exist."""
    theta, (x, weights) = as_theta(theta), as_sample(x, weights)
    outside = np.sum(np.isneginf(weighted(log_densities(logpdf, theta, x), weights)))
    if outside:
        raise ValueError(
            f"the log-likelihood is -inf at theta = {theta} ({outside} observations are impossible there), so it has "
            "no derivative; move theta inside its domain."
        )
    return theta, x, weights
