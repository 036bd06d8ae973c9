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
from mle_helpers.likelihood import as_data
from mle_helpers.models import HALF_LOG_2PI, _positive, asymmetry, bernoulli_image_logpmf, mvn_logpdf

BLOCK = 2**17  # numbers at a time: what stays in the processor's cache
SHARP = 1e5  # (mean - centre)^2 / variance up to which (x - mean)^2 is safely expanded around the centre
STRIP = 16  # rows at a time of a triangular or symmetric matrix
NEGLIGIBLE = 1e-20  # share of a component below which an observation changes no digit of its scatter
KINDS = ("full", "diagonal", "tied")


# --- Gaussian components ---------------------------------------------------------------------------------------------


def mixture_logpdf(theta, x):
    r"""Gaussian mixture, theta = dict(weights (K,), means (K, d), covs), x (n, d).

    $\log f = \log \sum_k w_k N(x \mid \mu_k, \Sigma_k)$; the weights are >= 0 and sum to one

    The shape of covs tells the kind: (K, d, d) full, (K, d) diagonal, the variances, (1, d, d) tied, one covariance for
    all components. A covariance that is not positive definite puts theta outside the family, whatever its weight.
    """
    weights, means, covs = _parts(theta)
    covs = [covs[0]] * len(means) if len(covs) == 1 else covs
    parts = [_component(mean, cov, x) for mean, cov in zip(means, covs, strict=True)]
    proper = all(numpy.any(np.isfinite(part)) for part in parts)  # else a component has no positive definite cov
    return _mix(weights, parts) if proper else numpy.full(len(x), -np.inf)


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
    shift = (numpy.matmul if covs.ndim == 3 else numpy.multiply)(roots, (means - centre)[:, :, None])
    expand = covs.ndim == 2 and numpy.all(shift**2 < SHARP)  # two products in place of K passes
    joint, log_densities = numpy.empty((K, n)), numpy.empty(n)
    for block, columns, z in _blocks(x, K, each=not expand):
        columns -= centre[:, None]
        if expand:
            squares = (1 / covs) @ columns**2 - (2 * shift * roots)[:, :, 0] @ columns + (shift**2).sum(axis=1)
        else:
            if covs.ndim == 3:
                for rows in _strips(d):  # a root is zero right of its diagonal
                    numpy.matmul(roots[:, rows, : rows.stop], columns[: rows.stop], out=z[: len(roots), rows])
            else:
                numpy.multiply(roots, columns, out=z)
            numpy.subtract(z if len(roots) == K else z[:1].copy(), shift, out=z)
            squares = numpy.einsum("kdn,kdn->kn", z, z)
        joint[:, block] = constants - squares / 2
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
    K = len(counts)
    means = (r.T @ x) / counts[:, None]
    scatter = _squares(r, counts, means, x, floor) if kind == "diagonal" else _scatter(r, counts, means, x)
    if kind == "tied":
        covs = scatter.sum(axis=0, keepdims=True) / counts.sum()
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
    groups = _groups(x, K, rng)
    r, counts, x = _counts_of(groups, x)
    means = (r.T @ x) / counts[:, None]
    within = x - means[groups.argmax(axis=1)]
    pooled = mixture_m_step(numpy.ones((len(x), 1)), within, kind, floor)["covs"]
    return {
        "weights": counts / len(x),
        "means": means,
        "covs": pooled if kind == "tied" else numpy.repeat(pooled, K, axis=0),
    }


# --- Bernoulli components: binary images -----------------------------------------------------------------------------


def bernoulli_mixture_logpmf(theta, x):
    r"""Mixture of images with independent pixels, theta = dict(weights (K,), p (K, D)), x (n, D) in {0, 1}.

    $\log f = \log \sum_k w_k \prod_j p_{kj}^{x_j} (1 - p_{kj})^{1 - x_j}$
    """
    return _mix(theta["weights"], [bernoulli_image_logpmf(p, x) for p in theta["p"]])


def bernoulli_mixture_e_step(theta, x):
    """Responsibilities (n, K) and log probabilities (n,), as an `EStep`, for images x (n, D) in {0, 1}."""
    p, x = theta["p"], numpy.asarray(x)
    never, always = p <= 0, p >= 1
    log_on, log_off = numpy.log(numpy.where(never, 1, p)), numpy.log1p(-numpy.where(always, 0, p))
    with numpy.errstate(divide="ignore"):
        constants = (numpy.log(_simplex(theta["weights"])) + log_off.sum(axis=1))[:, None]
    joint = numpy.empty((len(p), len(x)))
    for block, pixels, _ in _blocks(x, len(p), each=False):
        joint[:, block] = constants + (log_on - log_off) @ pixels
        if never.any() or always.any():  # pixels on that are never, off that are always
            impossible = (1.0 * never - always) @ pixels + always.sum(axis=1, keepdims=True)
            joint[:, block][impossible > 0] = -numpy.inf
    return EStep(joint.T, _normalise(joint))


def bernoulli_mixture_m_step(responsibilities, x, floor=0.0):
    r"""$w_k = n_k/n$ and $p_{kj} = \sum_i r_{ik} x_{ij} / n_k$, kept within [floor, 1 - floor].

    Without a floor a pixel never on in a component's share of the training images makes all other images impossible.
    """
    r, counts, x = _counts_of(responsibilities, x)
    if not 0 <= floor < 0.5:
        raise ValueError(f"floor: expected 0 <= floor < 0.5, got {floor!r}.")
    on = sum(r[block].T @ pixels.T for block, pixels, _ in _blocks(x, len(counts), each=False))
    return {"weights": counts / counts.sum(), "p": numpy.clip(on / counts[:, None], floor, 1 - floor)}


def bernoulli_mixture_steps(*, floor):
    """The pair (e_step, m_step) for `em`, with every probability kept within [floor, 1 - floor]."""

    def m_step(responsibilities, x):
        return bernoulli_mixture_m_step(responsibilities, x, floor)

    def at_floor(theta):
        reached = (floor > 0) & ((theta["p"] <= floor) | (theta["p"] >= 1 - floor))
        return tuple(f"p[{k}][{j}]" for k, j in numpy.argwhere(reached))

    m_step.at_bound, m_step.setting = at_floor, f"floor {floor:g} under p and 1 - p"
    return bernoulli_mixture_e_step, m_step


def bernoulli_mixture_start(x, K, rng, floor=0.0):
    """A theta to start from: the groups around k-means++ centres, each with one more image half on and half off."""
    r, counts, x = _counts_of(_groups(x, K, rng), x)
    p = (r.T @ x + 0.5) / (counts[:, None] + 1)
    return {"weights": counts / len(x), "p": numpy.clip(p, floor, 1 - floor)}


# --- what both share -------------------------------------------------------------------------------------------------


def _parts(theta):
    """weights, means and covs, after a look at their shapes."""
    weights, means, covs = (theta[name] for name in ("weights", "means", "covs"))
    K, d = np.shape(means) if np.ndim(means) == 2 else (0, 0)
    if np.shape(weights) != (K,) or np.shape(covs) not in [(K, d, d), (K, d), (1, d, d)] or K * d == 0:
        raise ValueError(
            "theta: expected weights (K,), means (K, d) and covs (K, d, d), (K, d) if diagonal or (1, d, d) if tied, "
            f"got {np.shape(weights)}, {np.shape(means)} and {np.shape(covs)}."
        )
    return weights, means, covs


def _component(mean, cov, x):
    """Log densities of one component; ``cov`` is a matrix, or the variances."""
    if np.ndim(cov) == 2:
        return mvn_logpdf((mean, cov), x)
    valid, variances = _positive(cov)
    z = np.square(np.asarray(x) - mean) / variances
    constant = np.where(np.all(valid), -np.sum(np.log(variances)) / 2 - len(mean) * HALF_LOG_2PI, -np.inf)
    return constant - np.sum(z, axis=1) / 2


def _mix(weights, parts):
    r"""$\log \sum_k w_k f_k$ from the weights and the log densities of the components."""
    positive, safe = _positive(weights)
    valid = np.all(weights >= 0) & (abs(np.sum(weights) - 1) < 1e-8)
    # Divided by their sum, 1, the weights are seen by the derivatives as shares: only ratios of them can be estimated.
    log_weights = np.where(positive & valid, np.log(safe / np.where(valid, np.sum(weights), 1.0)), -np.inf)
    mixed = logsumexp(np.stack([w + part for w, part in zip(log_weights, parts, strict=True)], axis=1), axis=1)
    absent = [(w, part) for w, part, there in zip(weights, parts, positive, strict=True) if valid and not there]
    if not absent:
        return mixed
    below = np.where(np.isfinite(mixed), mixed, np.inf)  # without weight a component adds nothing, but has a slope
    return mixed + np.log1p(sum(w * np.exp(np.minimum(part - below, 700.0)) for w, part in absent))


def _constraints(theta):
    """What is zero for a mixture: the excess of the weights over one, and the asymmetry of covariance matrices."""
    excess, covs = np.reshape(np.sum(theta["weights"]) - 1.0, (1,)), theta.get("covs")
    return excess if np.ndim(covs) != 3 else np.concatenate([excess, asymmetry(covs)])


mixture_logpdf.constraints = bernoulli_mixture_logpmf.constraints = _constraints


def _simplex(weights):
    weights = numpy.asarray(weights)
    if not (numpy.all(weights >= 0) and abs(weights.sum() - 1) < 1e-8):
        raise ValueError(f"theta: expected weights that are >= 0 and sum to one, got {weights}.")
    return weights


def _blocks(x, K, each=True):
    """For every block of rows: its slice, its transpose (d, b) as a copy, and room, all reused.

    The room is (K, d, b), a copy of the block for each component, or none: (0, d, b), and then the transpose lies in
    memory as the rows do, which is quicker to copy and no slower in a product.
    """
    (n, d), copies, order = x.shape, *((K, "C") if each else (0, "F"))
    step = max(BLOCK // (64 * (K * d if each else K + d)), 1) * 64  # aligned rows
    columns, room = numpy.empty((d, min(step, n)), order=order), numpy.empty((copies, d, min(step, n)))
    for start in range(0, n, step):
        block, size = slice(start, start + step), min(step, n - start)
        if size < columns.shape[1]:
            columns, room = numpy.empty((d, size), order=order), numpy.empty((copies, d, size))
        columns[:] = x[block].T
        yield block, columns, room


def _strips(d):
    """Slices of rows: of a triangular or symmetric matrix only what lies left of a strip's end is computed."""
    return [slice(i, min(i + STRIP, d)) for i in range(0, d, STRIP)]


def _scatter(r, counts, means, x):
    r"""$\sum_i r_{ik} (x_i - \mu_k)(x_i - \mu_k)^T$ for every component, (K, d, d)."""
    (n, d), K = x.shape, len(means)
    scatter, strips = numpy.zeros((K, d, d)), _strips(d)
    parts = [(slice(None), slice(None))]
    if d > STRIP and (counted := r > NEGLIGIBLE / n * counts).mean() < 0.5:
        # components are far apart: most observations do not count for most of them
        parts = [(slice(k, k + 1), counted[:, k]) for k in range(K)]
    for components, rows in parts:
        weights = r[rows, components]
        for block, columns, z in _blocks(x[rows], weights.shape[1]):
            numpy.subtract(columns, means[components, :, None], out=z)
            z *= numpy.sqrt(weights[block].T)[:, None]
            for strip in strips:
                scatter[components, strip, : strip.stop] += z[:, strip] @ z[:, : strip.stop].mT
    if d > STRIP:
        row, column = numpy.triu_indices(d, 1)
        scatter[:, row, column] = scatter[:, column, row]
    return scatter


def _squares(r, counts, means, x, floor):
    """The diagonals of `_scatter`, (K, d): around one centre in two products, where that loses no digits."""
    centre, scatter, K = (counts / counts.sum()) @ means, 0.0, len(means)
    from_centre = counts[:, None] * (means - centre) ** 2
    for block, columns, _ in _blocks(x, K, each=False):
        scatter = scatter + r[block].T @ ((columns - centre[:, None]) ** 2).T
    scatter = scatter - from_centre
    # Digits that are lost below the floor are not missed.
    if numpy.all(from_centre < SHARP * numpy.maximum(scatter, floor * counts[:, None])):
        return scatter
    scatter = 0.0
    for block, columns, z in _blocks(x, K):
        numpy.subtract(columns, means[:, :, None], out=z)
        scatter = scatter + numpy.einsum("kdn,kdn,kn->kd", z, z, r[block].T)
    return scatter


def _inverse_roots(covs):
    """$L^{-1}$ for every covariance $L L^T$, or 1 / sd for variances, and the logarithms of their determinants."""
    try:
        if covs.ndim == 2:
            if not numpy.all(covs > 0):
                raise numpy.linalg.LinAlgError
            return 1 / numpy.sqrt(covs)[:, :, None], -numpy.log(covs).sum(axis=1) / 2
        factors = numpy.linalg.cholesky(covs)
    except numpy.linalg.LinAlgError:
        raise ValueError(
            "theta: a component has collapsed, its covariance is not positive definite. Set a floor, or try another "
            "start or fewer components."
        ) from None
    diagonals = factors.diagonal(axis1=1, axis2=2)
    return numpy.array([dtrtri(factor, lower=1)[0] for factor in factors]), -numpy.log(diagonals).sum(axis=1)


def _normalise(joint):
    """Turn joint log densities (K, n) into responsibilities, in place; returns the log densities (n,)."""
    top = joint.max(axis=0)
    if not numpy.all(numpy.isfinite(top)):
        raise ValueError(f"theta: {numpy.sum(~numpy.isfinite(top))} observations have log density -inf or NaN.")
    joint -= top
    numpy.exp(joint, out=joint)
    total = joint.sum(axis=0)
    joint /= total
    return top + numpy.log(total)


def _counts_of(responsibilities, x):
    """Responsibilities, their sums n_k, and the data, as arrays that fit together."""
    r, x = numpy.asarray(responsibilities), numpy.asarray(x)
    if r.ndim != 2 or x.ndim != 2 or len(r) != len(x):
        raise ValueError(f"responsibilities: expected (n, K) for x of shape (n, d), got {r.shape} for {x.shape}.")
    counts = r.sum(axis=0)
    if not numpy.all(counts > 0):
        empty = numpy.argmin(counts)
        raise ValueError(f"responsibilities: component {empty} is left without observations; start from other means.")
    return r, counts, x


def _raised(covs, floor):
    """Covariances (or variances) with eigenvalues at least ``floor``; decomposed only if one lies below."""
    if floor == 0 or covs.ndim == 2:
        return numpy.maximum(covs, floor) if floor else covs
    try:
        numpy.linalg.cholesky(covs - floor * numpy.eye(covs.shape[-1]))
        return covs
    except numpy.linalg.LinAlgError:
        values, vectors = numpy.linalg.eigh(covs)
        halves = vectors * numpy.sqrt(numpy.maximum(values, floor))[:, None]
        return numpy.where(values[:, :1, None] < floor, halves @ halves.mT, covs)


def _groups(x, K, rng):
    """Groups (n, K) of zeros and ones around K centres drawn from x by k-means++ (Arthur and Vassilvitskii 2007)."""
    x = numpy.asarray(as_data(x), dtype=float)
    if x.ndim != 2:
        raise ValueError(
            f"x: expected shape (n, d), a row for each observation, got {x.shape}; one column is x[:, None]."
        )
    if not (isinstance(K, (int, numpy.integer)) and K >= 1):
        raise ValueError(f"K: expected a whole number of components, 1 or more, got {K!r}.")
    if not isinstance(rng, numpy.random.Generator):
        raise ValueError(f"rng: expected a generator, np.random.default_rng({rng!r}), got {rng!r} itself.")
    groups, distance = numpy.zeros(len(x), dtype=int), numpy.full(len(x), numpy.inf)
    for k in range(K):
        if not distance.any():
            raise ValueError(f"K: expected no more components than x has different rows, {k}, got {K}.")
        # The first centre is any observation, each further one far from those before: p in proportion to distance^2.
        centre = x[rng.choice(len(x), p=distance / distance.sum() if k else None)]
        to_centre = numpy.square(x - centre).sum(axis=1)
        groups[to_centre < distance] = k
        distance = numpy.minimum(distance, to_centre)
    return numpy.eye(K)[groups]
