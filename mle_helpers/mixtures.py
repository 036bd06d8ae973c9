r"""Mixtures fitted by EM: Gaussian components with full, diagonal or tied covariances, and Bernoulli images.

``em(*mixture_steps("full", floor=0.01), mixture_logpdf, mixture_start(x, 3, rng, "full", floor=0.01), x)`` fits three
Gaussians. What differs from the plain formulas: the E-step walks through the data in blocks that fit the processor's
cache, with the Cholesky factors inverted once, and hands `em` the log densities that it has computed on the way.

The likelihood of a Gaussian mixture has no maximum: it grows without limit as one component shrinks onto one
observation. A ``floor`` leaves out the thetas where that happens. Each M-step maximises under it exactly, so what EM
raises is the log-likelihood itself, over the thetas that are left. Where the floor is not reached, the end is a local
maximum of the likelihood as without it; where it is, it is not, and `Fit` says so.
"""

import autograd.numpy as np
import numpy
from autograd.scipy.special import logsumexp
from scipy.linalg.lapack import dtrtri

from mle_helpers.estimate import EStep
from mle_helpers.models import HALF_LOG_2PI, _positive, bernoulli_image_logpmf, mvn_logpdf

BLOCK = 2**16  # numbers at a time, K d for each observation: what stays in the processor's cache
KINDS = ("full", "diagonal", "tied")


# --- Gaussian components ---------------------------------------------------------------------------------------------


def mixture_logpdf(theta, x):
    r"""Gaussian mixture, theta = dict(weights (K,), means (K, d), covs), x (n, d).

    $\log f = \log \sum_k w_k N(x \mid \mu_k, \Sigma_k)$; the weights are >= 0 and sum to one

    The shape of covs tells the kind: (K, d, d) full, (K, d) diagonal, the variances, (1, d, d) tied, one covariance for
    all components.
    """
    weights, means, covs = _parts(theta)
    covs = [covs[0]] * len(means) if len(covs) == 1 else covs
    return _mix(weights, [_component(mean, cov, x) for mean, cov in zip(means, covs, strict=True)])


def mixture_e_step(theta, x):
    r"""Responsibilities (n, K), the probability of each component given the observation, and log densities (n,).

    $r_{ik} = w_k N(x_i \mid \mu_k, \Sigma_k) \,/\, \sum_j w_j N(x_i \mid \mu_j, \Sigma_j)$

    Returns an `EStep`. Raises ValueError where a component has collapsed: its covariance is not positive definite.
    """
    weights, means, covs = (numpy.asarray(part) for part in _parts(theta))
    n, (K, d), x = len(x), means.shape, numpy.asarray(x)
    if x.shape != (n, d):
        raise ValueError(f"x: expected shape (n, {d}), as means has columns, got {x.shape}.")
    roots, log_roots = _inverse_roots(covs)  # z = root (x - mean) is standard normal
    with numpy.errstate(divide="ignore"):  # the logarithm of a weight of zero
        constants = (numpy.log(_simplex(weights)) + log_roots - d * HALF_LOG_2PI)[:, None]
    centre = weights @ means
    shift = _apply(roots, (means - centre)[:, :, None])
    joint, log_densities, step = numpy.empty((K, n)), numpy.empty(n), _block(K, d)
    whitened, centred = numpy.empty((K, d, min(step, n))), numpy.empty((d, min(step, n)))
    for start in range(0, n, step):
        block = slice(start, start + step)
        deviations = numpy.subtract(x[block].T, centre[:, None], out=centred[:, : n - start])
        z = numpy.subtract(_apply(roots, deviations), shift, out=whitened[:, :, : n - start])
        joint[:, block] = constants - numpy.einsum("kdn,kdn->kn", z, z) / 2
        log_densities[block] = _normalise(joint[:, block])
    return EStep(joint.T, log_densities)


def mixture_m_step(responsibilities, x, kind="full", floor=0.0):
    r"""The theta that maximises the expected complete-data log-likelihood, covariances of ``kind`` above ``floor``.

    $n_k = \sum_i r_{ik}$, $w_k = n_k/n$, $\mu_k = \sum_i r_{ik} x_i / n_k$, $S_k = \sum_i r_{ik} (x_i - \mu_k)
    (x_i - \mu_k)^T$; $\Sigma_k = S_k / n_k$ if full, its diagonal if diagonal, $\Sigma = \sum_k S_k / n$ if tied.
    Eigenvalues (diagonal: variances) below ``floor``, in squared units of x, are raised to it: the maximum over all
    $\Sigma$ without an eigenvalue below. Raises ValueError for bad input and where a component is left empty.
    """
    r, counts, x = _counts_of(responsibilities, x)
    if kind not in KINDS or not floor >= 0:
        raise ValueError(f"kind must be one of {', '.join(KINDS)} and floor >= 0, got {kind!r} and {floor!r}.")
    (n, d), K = x.shape, len(counts)
    means = (r.T @ x) / counts[:, None]
    scatter, step = numpy.zeros((K, d) if kind == "diagonal" else (K, d, d)), _block(K, d)
    buffer = numpy.empty((K, d, min(step, n)))
    for start in range(0, n, step):
        block = slice(start, start + step)
        z = numpy.subtract(x[block].T, means[:, :, None], out=buffer[:, :, : n - start])
        z *= numpy.sqrt(r[block].T)[:, None]
        scatter += numpy.einsum("kdn,kdn->kd", z, z) if kind == "diagonal" else z @ z.mT  # BLAS sees the symmetry
    if kind == "tied":
        covs = scatter.sum(axis=0, keepdims=True) / n
    else:
        covs = scatter / counts.reshape([K] + [1] * (scatter.ndim - 1))
    return {"weights": counts / counts.sum(), "means": means, "covs": _raised(covs, floor)}


def mixture_steps(kind="full", *, floor):
    """The pair (e_step, m_step) for `em`: `mixture_e_step`, and `mixture_m_step` with ``kind`` and ``floor`` set.

    The printed `Fit` names the floor and the components that reached it.
    """

    def m_step(responsibilities, x):
        return mixture_m_step(responsibilities, x, kind, floor)

    def at_floor(theta):
        covs = theta["covs"]
        lowest = covs.min(axis=1) if kind == "diagonal" else numpy.linalg.eigvalsh(covs)[:, 0]
        return tuple(f"covs[{k}]" for k in numpy.flatnonzero(lowest <= floor * (1 + 1e-6)))

    m_step.at_bound, m_step.setting = at_floor, f"floor {floor:g} under the variances in every direction"
    return mixture_e_step, m_step


def mixture_start(x, K, rng, kind="full", floor=0.0):
    """A theta to start from: means and weights of the groups around k-means++ centres, and the spread within them.

    All components start with one covariance, pooled over the groups: that of a small group may be singular.
    """
    theta = mixture_m_step(_groups(x, K, rng), x, "tied", floor)
    pooled = theta["covs"][0]
    covs = {"full": [pooled] * K, "diagonal": [numpy.diag(pooled)] * K, "tied": [pooled]}
    return theta | {"covs": numpy.array(covs[kind])}


# --- Bernoulli components: binary images -----------------------------------------------------------------------------


def bernoulli_mixture_logpmf(theta, x):
    r"""Mixture of images with independent pixels, theta = dict(weights (K,), p (K, D)), x (n, D) in {0, 1}.

    $\log f = \log \sum_k w_k \prod_j p_{kj}^{x_j} (1 - p_{kj})^{1 - x_j}$
    """
    return _mix(theta["weights"], [bernoulli_image_logpmf(p, x) for p in theta["p"]])


def bernoulli_mixture_e_step(theta, x):
    """Responsibilities (n, K) and log probabilities (n,), as an `EStep`; x (n, D) in {0, 1} is not checked."""
    p, x = theta["p"], numpy.asarray(x)
    joint, step = numpy.empty((len(p), len(x))), _block(1, x.shape[1])
    log_on, log_off = numpy.log(numpy.maximum(p, 1e-300)), numpy.log(numpy.maximum(1 - p, 1e-300))
    with numpy.errstate(divide="ignore"):
        constants = numpy.log(_simplex(theta["weights"])) + log_off.sum(axis=1)
    for start in range(0, len(x), step):
        block = slice(start, start + step)
        joint[:, block] = (log_on - log_off) @ x[block].T.astype(float) + constants[:, None]
    # One impossible pixel (p of 0 or 1) makes an image impossible: its 1e-300 stood in for zero.
    joint[joint < -600] += numpy.where(((p <= 0) | (p >= 1)).any(), 0.0, 0.0)
    return EStep(joint.T, _normalise(joint))
