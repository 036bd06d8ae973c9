"""Log densities, one plain function each, and the Gaussian's closed form.

A model is one function ``logpdf(theta, x)``: the natural logarithm of f(x_i | theta) for every
observation, in nats, shape (n,).  The functions are written with `autograd.numpy`, so that
`mle_helpers.likelihood` can differentiate them in theta as often as it likes.

Outside the support of x, and for theta outside its domain, the value is -inf, never NaN.  An observation
outside the support leaves the derivatives of the others finite: its formula is evaluated at a harmless
stand-in ("safe") before `np.where` puts -inf in its place, because a NaN in the branch that is not taken
would otherwise spoil the gradient of the whole sum.
"""

import math

import autograd.numpy as np
import numpy
from autograd.scipy.linalg import solve_triangular
from autograd.scipy.special import gammaln, logsumexp
from autograd.tracer import getval

LOG_2PI = math.log(2 * math.pi)


# --- small tools ---------------------------------------------------------------------------------


def _pair(theta, names):
    """The two entries of theta, or an error that names them."""
    if not hasattr(theta, "__len__") or len(theta) != 2:
        raise ValueError(f"theta: expected the pair ({names}), got {getval(theta)!r}")
    return theta[0], theta[1]


def _positive(value):
    """(valid, safe): where value > 0, and value with 1 in place of everything else."""
    value = np.asarray(value) if isinstance(value, list) else value
    valid = value > 0
    return valid, np.where(valid, value, 1.0)


def _xlogy(a, x):
    """a log x for x >= 0, with its limits at x = 0: in particular 0 log 0 = 0."""
    at_zero = np.where(a > 0, -np.inf, np.where(a < 0, np.inf, 0.0))
    return np.where(x > 0, a * np.log(np.where(x > 0, x, 1.0)), at_zero)


def _regression(beta, x):
    """X beta and y, after a check of the shapes."""
    X, y = np.asarray(x[0]), np.asarray(x[1])
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ValueError(f"x: expected (X, y) with shapes (n, p) and (n,), got {X.shape} and {y.shape}")
    if np.shape(beta) != X.shape[1:]:
        raise ValueError(f"theta: expected beta of shape ({X.shape[1]},), one per column of X, "
                         f"got shape {np.shape(beta)}")
    return np.dot(X, beta), y


def _censored(x):
    """Times and event flags of right-censored data, after a check of the shapes."""
    time, observed = np.asarray(x[0]), np.asarray(x[1])
    if time.shape != observed.shape or not numpy.all((observed == 0) | (observed == 1)):
        raise ValueError("x: expected (time, observed) of equal shape, observed True where the event was seen "
                         f"and False where the time is a lower bound; got shapes {time.shape}, {observed.shape}")
    return time, observed == 1


# --- one number per observation ------------------------------------------------------------------


def gaussian_logpdf(theta, x):
    """Normal density with mean mu and standard deviation sigma > 0.

    log f = -log sigma - log(2 pi)/2 - ((x - mu)/sigma)^2 / 2.   theta = (mu, sigma) in the units of x.
    """
    mu, sigma = _pair(theta, "mu, sigma")
    valid, sigma = _positive(sigma)
    return np.where(valid, -np.log(sigma) - LOG_2PI / 2, -np.inf) - np.square((x - mu) / sigma) / 2


def bernoulli_logpmf(theta, x):
    """One coin toss, x in {0, 1}, with P(x = 1) = p in [0, 1].   log f = x log p + (1 - x) log(1 - p)."""
    p, x = theta, np.asarray(x)
    valid = (p >= 0) & (p <= 1) & ((x == 0) | (x == 1))
    p = np.where((p >= 0) & (p <= 1), p, 0.5)
    return np.where(valid, np.where(x == 1, _xlogy(1.0, p), _xlogy(1.0, 1 - p)), -np.inf)


def poisson_logpmf(theta, x):
    """Counts x = 0, 1, 2, ... with mean rate >= 0.   log f = x log rate - rate - log x!."""
    rate, x = theta, np.asarray(x)
    counts = (x >= 0) & (x == np.floor(x))
    k = np.where(counts, x, 0.0)
    return np.where((rate >= 0) & counts, _xlogy(k, rate) - rate - gammaln(k + 1.0), -np.inf)


def exponential_logpdf(theta, x):
    """Waiting times x >= 0 with rate > 0 events per unit of x.   log f = log rate - rate x."""
    x = np.asarray(x)
    valid, rate = _positive(theta)
    return np.where(valid & (x >= 0), np.log(rate) - rate * np.where(x >= 0, x, 0.0), -np.inf)


def uniform_logpdf(theta, x):
    """Uniform on [0, upper], upper > 0.   log f = -log upper inside.   The support depends on theta."""
    x = np.asarray(x)
    valid, upper = _positive(theta)
    return np.where(valid & (x >= 0) & (x <= upper), -np.log(upper), -np.inf)


def cauchy_logpdf(theta, x):
    """Cauchy density, theta = (location, scale > 0).   log f = -log(pi scale) - log(1 + ((x - location)/scale)^2)."""
    location, scale = _pair(theta, "location, scale")
    valid, scale = _positive(scale)
    return np.where(valid, -np.log(np.pi * scale), -np.inf) - np.log1p(np.square((x - location) / scale))


# --- lifetimes, complete and right-censored ------------------------------------------------------
# A time that was only seen to exceed t contributes log S(t), S(t) = P(T > t), in place of log f(t).


def weibull_logpdf(theta, x):
    """Weibull lifetimes x >= 0, theta = (shape k > 0, scale > 0 in the units of x).

    log f = log(k / scale) + (k - 1) log(x / scale) - (x / scale)^k.
    """
    return weibull_censored_logpdf(theta, (x, np.ones(np.shape(x))))


def weibull_censored_logpdf(theta, x):
    """Right-censored Weibull, x = (time, observed):  log f(time) if observed, else log S = -(time / scale)^shape."""
    time, observed = _censored(x)
    shape, scale = _pair(theta, "shape, scale")
    valid_shape, shape = _positive(shape)
    valid_scale, scale = _positive(scale)
    ratio = np.where(time >= 0, time, 1.0) / scale
    log_hazard = np.log(shape / scale) + _xlogy(shape - 1, ratio)
    cumulative_hazard = np.exp(_xlogy(shape, ratio))
    inside = valid_shape & valid_scale & (time >= 0)
    return np.where(inside, np.where(observed, log_hazard, 0.0) - cumulative_hazard, -np.inf)


def exponential_censored_logpdf(theta, x):
    """Right-censored exponential, x = (time, observed):  log f = log rate - rate time, log S = -rate time."""
    time, observed = _censored(x)
    valid, rate = _positive(theta)
    log_density = np.where(observed, np.log(rate), 0.0) - rate * np.where(time >= 0, time, 0.0)
    return np.where(valid & (time >= 0), log_density, -np.inf)


def gamma_logpdf(theta, x):
    """Gamma lifetimes x >= 0, theta = (shape a > 0, rate b > 0 per unit of x; the mean is a / b).

    log f = a log b - log Gamma(a) + (a - 1) log x - b x.
    """
    x = np.asarray(x)
    a, b = _pair(theta, "shape, rate")
    valid_a, a = _positive(a)
    valid_b, b = _positive(b)
    t = np.where(x >= 0, x, 1.0)
    inside = valid_a & valid_b & (x >= 0)
    return np.where(inside, a * np.log(b) - gammaln(a) + _xlogy(a - 1, t) - b * t, -np.inf)


def gamma_censored_logpdf(theta, x):
    """Right-censored gamma, x = (time, observed):  log f(time) if observed, else log Q(shape, rate time)."""
    time, observed = _censored(x)
    shape, rate = _pair(theta, "shape, rate")
    valid, safe_shape = _positive(shape)
    valid, safe_rate = valid & (rate > 0), np.where(rate > 0, rate, 1.0)
    censored = ~observed & (time > 0)
    log_survival = _log_gammaincc(safe_shape, safe_rate * np.where(censored, time, 1.0))
    outside = ~valid | (time < 0)
    return np.where(observed, gamma_logpdf(theta, time),
                    np.where(outside, -np.inf, np.where(censored, log_survival, 0.0)))


_NODES, _WEIGHTS = (numpy.append(half, half) for half in numpy.polynomial.legendre.leggauss(40))


def _log_gammaincc(a, z):
    """log Q(a, z), Q(a, z) = integral from z to infinity of t^(a-1) e^-t dt / Gamma(a), by quadrature.

    SciPy has Q, but nobody has its derivative in a.  With t = e^s the integrand exp(a s - e^s) is log-concave.
    """
    raise NotImplementedError


# --- vectors, regressions, images ----------------------------------------------------------------


def mvn_logpdf(theta, x):
    """Multivariate normal, theta = (mean (d,), cov (d, d) positive definite), x (n, d).

    log f = -log|2 pi cov| / 2 - (x - mean)' cov^-1 (x - mean) / 2, by Cholesky.  Only the symmetric part of cov counts.
    """
    mean, cov = _pair(theta, "mean, cov")
    x, d = np.asarray(x), np.shape(mean)[-1] if np.ndim(mean) else 0
    if np.shape(mean) != (d,) or np.shape(cov) != (d, d) or x.ndim != 2 or x.shape[1] != d:
        raise ValueError("theta: expected (mean, cov) of shapes (d,) and (d, d) for x of shape (n, d), "
                         f"got {np.shape(mean)}, {np.shape(cov)} and {x.shape}")
    cov = (cov + np.transpose(cov)) / 2
    try:
        factor = np.linalg.cholesky(cov)
    except numpy.linalg.LinAlgError:  # not positive definite: outside the domain
        return np.full(len(x), -np.inf)
    z = solve_triangular(factor, np.transpose(x - mean), lower=True)
    return -np.sum(np.log(np.diag(factor))) - d * LOG_2PI / 2 - np.sum(np.square(z), axis=0) / 2


def logistic_logpmf(theta, x):
    """Logistic regression, theta = beta (p,), x = (X (n, p), y (n,) in {0, 1}): P(y = 1) = 1 / (1 + exp(-X beta)).

    log f = -log(1 + exp(-eta)) if y = 1, -log(1 + exp(eta)) if y = 0, with eta = X beta.
    """
    eta, y = _regression(theta, x)
    return np.where((y == 0) | (y == 1), -np.logaddexp(0.0, np.where(y == 1, -eta, eta)), -np.inf)


def poisson_regression_logpmf(theta, x):
    """Poisson regression, theta = beta (p,), x = (X (n, p), y (n,) counts): the mean of y is exp(X beta).

    log f = y eta - exp(eta) - log y!, with eta = X beta.
    """
    eta, y = _regression(theta, x)
    inside = (y >= 0) & (y == np.floor(y)) & (eta < 709)  # exp(eta) overflows beyond
    k, eta = np.where(inside, y, 0.0), np.where(inside, eta, 0.0)
    return np.where(inside, k * eta - np.exp(eta) - gammaln(k + 1.0), -np.inf)


def bernoulli_image_logpmf(theta, x):
    """Binary images with independent pixels, theta = p (d,) in [0, 1], x (n, d) in {0, 1}.

    log f = sum over pixels of x log p + (1 - x) log(1 - p); -inf for an image with a pixel of probability 0.
    """
    p, x = theta, np.asarray(x)
    if x.ndim != 2 or np.shape(p) != x.shape[1:]:
        raise ValueError(f"theta: expected p of shape (d,) for x of shape (n, d), got {np.shape(p)} and {x.shape}")
    binary = numpy.all((x == 0) | (x == 1), axis=1)
    x = np.where(binary[:, None], x, 0.0)
    log_on, log_off = np.log(np.where(p > 0, p, 1.0)), np.log1p(-np.where(p < 1, p, 0.0))
    impossible = np.dot(x, getval(p) <= 0) + np.dot(1 - x, getval(p) >= 1)
    valid = np.all((p >= 0) & (p <= 1)) & binary & (impossible == 0)
    return np.where(valid, np.dot(x, log_on) + np.dot(1 - x, log_off), -np.inf)


# --- Gaussian mixtures ---------------------------------------------------------------------------


def _mixture_joint(theta, x):
    """log(weight_k) + log N(x_i; mean_k, cov_k), shape (n, K)."""
    w, means, covs = theta["weights"], theta["means"], theta["covs"]
    K, d = np.shape(means) if np.ndim(means) == 2 else (0, 0)
    if np.shape(w) != (K,) or np.shape(covs) != (K, d, d):
        raise ValueError("theta: expected weights (K,), means (K, d), covs (K, d, d), "
                         f"got {np.shape(w)}, {np.shape(means)}, {np.shape(covs)}")
    valid = np.all(w >= 0) & (abs(np.sum(w) - 1) < 1e-8)
    log_w = np.where(valid & (w > 0), np.log(np.where(w > 0, w, 1.0)), -np.inf)
    return np.stack([log_w[k] + mvn_logpdf((means[k], covs[k]), x) for k in range(K)], axis=1)


def mixture_logpdf(theta, x):
    """Gaussian mixture, theta = dict(weights (K,) >= 0 with sum 1, means (K, d), covs (K, d, d)), x (n, d).

    log f = log sum_k weight_k N(x; mean_k, cov_k), by logsumexp.
    """
    return logsumexp(_mixture_joint(theta, x), axis=1)


def mixture_e_step(theta, x):
    """Responsibilities r (n, K): the probability of each component given the observation.  Rows sum to one."""
    joint = _mixture_joint(theta, x)
    return np.exp(joint - logsumexp(joint, axis=1, keepdims=True))


def mixture_m_step(responsibilities, x):
    """The theta that maximises the expected complete log-likelihood: weighted counts, means and covariances."""
    r, x = np.asarray(responsibilities), np.asarray(x)
    counts = np.sum(r, axis=0)
    if not np.all(counts > 0):
        raise ValueError(f"responsibilities: component {int(np.argmin(counts))} has no observations left; "
                         "start from other means or use fewer components")
    means = np.dot(r.T, x) / counts[:, None]
    deviations = [x - mean for mean in means]
    covs = [np.dot((r[:, k, None] * d).T, d) / counts[k] for k, d in enumerate(deviations)]
    return {"weights": counts / len(x), "means": means, "covs": np.array(covs)}


# --- the Gaussian in closed form, for data of any length, in any number of pieces ----------------

_BLOCK = 16384


class GaussianAccumulator:
    """Mean and standard deviation (divisor n) of data that arrive in pieces.

    Of each piece only the count, the mean and the standard deviation are kept, and two such summaries
    merge exactly (Chan, Golub and LeVeque 1983, eq. 1.5):  mu = v_a mu_a + v_b mu_b  and
    sigma^2 = v_a sigma_a^2 + v_b sigma_b^2 + v_a v_b (mu_b - mu_a)^2,  v the shares of the counts.
    """

    def __init__(self):
        self.n, self._mean, self._rest, self._sigma = 0, 0.0, 0.0, 0.0  # mean is the sum _mean + _rest

    def __repr__(self):
        return f"GaussianAccumulator(n={self.n}" + (f", mu={self.mu:.6g}, sigma={self.sigma:.6g})" if self.n else ")")

    @property
    def mu(self):
        """Mean of everything seen so far, in the units of x."""
        return self._nonempty()._mean

    @property
    def sigma(self):
        """Standard deviation (divisor n) of everything seen so far, in the units of x."""
        return self._nonempty()._sigma

    def _nonempty(self):
        if self.n == 0:
            raise ValueError("GaussianAccumulator: no data yet; call update(chunk) first")
        return self

    def update(self, chunk, weights=None):
        """Take in one chunk, 1-D; returns the accumulator itself."""
        x = numpy.asarray(chunk, dtype=float)
        w = None if weights is None else numpy.asarray(weights, dtype=float)
        for i in range(0, x.size, _BLOCK):
            self._merge(*_moments(x[i : i + _BLOCK], None if w is None else w[i : i + _BLOCK]))
        return self

    def merge(self, other):
        """Take in everything that `other` has seen; returns the accumulator itself, leaves `other` as it is."""
        self._merge(other.n, other._mean, other._rest, other._sigma)
        return self

    def _merge(self, n, mean, rest, sigma):
        if n == 0:
            return
        total = self.n + n
        a, b = self.n / total, n / total
        delta = (mean - self._mean) + (rest - self._rest)
        self._sigma = math.hypot(math.sqrt(a) * self._sigma, math.sqrt(b) * sigma, math.sqrt(a * b) * delta)
        rest = self._rest + b * delta
        mean = self._mean + rest
        self.n, self._mean, self._rest = total, mean, rest - (mean - self._mean)


def _moments(x, w):
    if w is None:
        n = x.size
        centre = float(x.sum()) / n
        d = x - centre
        shift = float(d.sum()) / n
        square = float(d.dot(d)) / n - shift**2
    else:
        n = float(w.sum())
        if n == 0:
            return 0, 0.0, 0.0, 0.0
        centre = float(w.dot(x)) / n
        d = x - centre
        shift = float(w.dot(d)) / n
        square = float((w * d).dot(d)) / n - shift**2
    return n, centre, shift, math.sqrt(max(square, 0.0))


def gaussian_mle(x, weights=None):
    """Maximum-likelihood (mu, sigma) of a normal sample: the mean, and the standard deviation with divisor n."""
    total = GaussianAccumulator().update(x, weights)
    if total.n == 0:
        raise ValueError("x: expected at least one observation, got none")
    return total.mu, total.sigma
