"""Maximum-likelihood estimates: by optimisation (`fit`) and by expectation–maximisation (`em`)."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

import autograd.numpy as np
from autograd import hessian, value_and_grad
from autograd.misc import flatten
from scipy.optimize import minimize
from threadpoolctl import ThreadpoolController

from mle_helpers.likelihood import as_data, as_theta, differentiate, log_densities, observed_information

# Up to this many parameters the exact Hessian is used: to scale the first step, to settle the last digits and to tell
# a maximum from a saddle point, a ridge or an ascent without end.
HESSIAN_SIZE = 60
# Relative curvature below which the log-likelihood does not curve down; rounding leaves about 1e-12.
FLAT = -1e-7


class Trace(NamedTuple):
    """The accepted iterates of a fit: ``theta``, a list shaped like the start, and their log-likelihoods in nats."""

    theta: list
    log_likelihood: np.ndarray


class FitError(RuntimeError):
    """A fit that found no maximum. ``theta`` is where it stopped, ``trace`` how it came there."""

    def __init__(self, message, theta, trace):
        super().__init__(message)
        self.theta, self.trace = theta, trace


class EStep(NamedTuple):
    """What an ``e_step`` may return in place of ``expected`` alone when it has the log densities (n,) at hand."""

    expected: Any
    log_densities: np.ndarray


@dataclass(frozen=True, eq=False)
class Fit:
    """A maximum-likelihood estimate, with what is needed to say how sure it is."""

    theta: Any
    log_likelihood: float
    trace: Trace
    n_obs: int
    logpdf: Any
    x: Any
    names: tuple
    at_bound: tuple = ()
    setting: str = ""

    @cached_property
    def standard_errors(self):
        r"""Square roots of the diagonal of $J(\hat\theta)^{-1}$, shaped like ``theta``; computed when first asked for.

        Raises ValueError where the observed information says nothing of the error: at a bound, or when it is not
        positive definite because the data do not identify every parameter.
        """
        if self.at_bound:
            raise ValueError(
                f"no standard errors: {', '.join(self.at_bound)} lies at a bound, where the score need not be zero and "
                "the log-likelihood is not a parabola. Use a profile of the likelihood."
            )
        flat, unflatten = flatten(self.theta)
        information = observed_information(self.logpdf, self.theta, self.x)
        scale = np.sqrt(np.abs(np.diag(information)))
        scale[scale == 0] = 1.0
        curvature, directions = np.linalg.eigh(information / np.outer(scale, scale))
        if curvature[0] < 1e-10:
            weights = np.abs(directions[:, 0] / scale)
            flat_in = ", ".join(name for name, w in zip(self.names, weights, strict=True) if w > 0.1 * weights.max())
            raise ValueError(
                f"no standard errors: the log-likelihood does not curve down in {flat_in}, so the data do not "
                "identify it at this estimate. Fix a parameter, drop one, or use a profile of the likelihood."
            )
        return as_theta(unflatten(np.sqrt(np.diag(np.linalg.inv(information)))))

    def __repr__(self):
        estimates = flatten(self.theta)[0]
        try:
            errors = [f"{value:.5g}" for value in flatten(self.standard_errors)[0]] if len(estimates) <= 60 else None
        except (ValueError, TypeError):
            errors = None
        errors = errors or ["—"] * len(estimates)
        shown = list(zip(self.names, [f"{value:.5g}" for value in estimates], errors, strict=True))[:20]
        width = max(len(name) for name, *_ in shown)
        lines = [f"{'':{width}}  {'estimate':>12}  {'standard error':>14}"]
        lines += [f"{name:{width}}  {value:>12}  {error:>14}" for name, value, error in shown]
        if len(estimates) > len(shown):
            lines.append(f"… and {len(estimates) - len(shown)} more parameters")
        lines.append(f"log-likelihood {self.log_likelihood:.6g} nats, n = {self.n_obs}")
        return "\n".join([*lines, self.setting] if self.setting else lines)


def fit(logpdf, theta0, x, *, bounds=None, starts=(), names=None, max_iter=500):
    r"""Maximise the log-likelihood by a quasi-Newton method with exact gradients; returns a `Fit`.

    $\hat\theta = \arg\max_\theta \frac1n \sum_i \log f(x_i \mid \theta)$

    ``theta0``: where to start, a number, an array, or a dict, list or tuple of these. ``bounds``: one pair
    ``(low, high)`` for each number in theta, in the order of ``autograd.misc.flatten``, ``None`` where open.
    ``starts``: further starting points; the highest maximum wins. ``names``: labels for the printed table.

    Steps to where ``logpdf`` is -inf or NaN are rejected, so a domain such as sigma > 0 needs no bounds. With up to 60
    parameters the end is checked by an exact Newton step: less than 1e-3 standard errors to go.

    Raises ValueError for bad input and FitError when no maximum was found: no convergence, a saddle point, or a
    log-likelihood that keeps rising. BFGS and L-BFGS-B: Nocedal and Wright (2006), chapters 6 and 7.
    """
    x = as_data(x)
    fits, failures = [], []
    for start in [theta0, *starts]:
        problem = _Problem(logpdf, start, x, bounds, names)
        try:
            fits.append(problem.solve(max_iter))
        except FitError as failure:
            failures.append(failure)
    if not fits:
        raise failures[0]
    return max(fits, key=lambda one: one.log_likelihood)


def em(e_step, m_step, logpdf, theta0, x, *, tol=1e-8, max_iter=500):
    """Expectation–maximisation: alternate ``expected = e_step(theta, x)`` and ``theta = m_step(expected, x)``.

    Stops when the log-likelihood per observation rises by less than ``tol`` nats; returns a `Fit`. An ``e_step`` that
    has computed the log densities at theta anyway may return ``EStep(expected, log_densities)``: ``logpdf`` is then
    called only once, on up to 100 observations, to see that the two agree. An ``m_step`` that keeps theta within
    limits may carry ``m_step.setting``, a text to be printed, and ``m_step.at_bound(theta)``, the names of the
    parameters that lie at a limit.

    Raises FitError when the log-likelihood falls (the two steps do not belong to this ``logpdf``), becomes
    non-finite (a component collapses on one observation), or still rises after ``max_iter`` rounds, and when a step
    raises ValueError on the way. Dempster, Laird and Rubin (1977).
    """
    x, theta = as_data(x), as_theta(theta0, "theta0")
    if not (tol > 0 and max_iter >= 1):
        raise ValueError(f"tol must be positive and max_iter at least 1, got {tol} and {max_iter}.")
    # Products of blocks and small matrices took three times as long with two BLAS threads as with one.
    with _blas().limit(limits=1, user_api="blas"):
        return _alternate(e_step, m_step, logpdf, theta, x, tol, max_iter)


@cache
def _blas():
    return ThreadpoolController()


def _alternate(e_step, m_step, logpdf, theta, x, tol, max_iter):
    def look(theta):
        """What the M-step needs, and the log densities."""
        found = e_step(theta, x)
        return found if isinstance(found, EStep) else EStep(found, logpdf(theta, x))

    head = tuple(part[:100] for part in x) if isinstance(x, tuple) else x[:100]
    first = _at_start(logpdf, theta, head)
    expected, log_densities = look(theta)
    if not np.allclose(log_densities[:100], first, rtol=1e-6, atol=1e-6):
        raise ValueError("e_step: its log densities at theta0 differ from those of logpdf; it is another model's.")
    n, thetas, values = len(log_densities), [theta], [float(np.sum(log_densities))]

    def stopped(message):
        return FitError(message, theta, Trace(thetas, np.array(values)))

    for rounds in range(1, max_iter + 1):
        try:
            theta = m_step(expected, x)
            expected, log_densities = look(theta)
        except ValueError as problem:
            raise stopped(f"EM stopped in round {rounds}: {problem}") from problem
        thetas.append(theta)
        values.append(float(np.sum(log_densities)))
        gain = values[-1] - values[-2]
        if not np.isfinite(values[-1]):
            raise stopped(
                f"EM reached log-likelihood {values[-1]} in round {rounds}: a component has collapsed. Try another "
                "start, fewer components, or an m_step with a floor under the variances."
            )
        if gain < -1e-9 * (1 + abs(values[-1])):
            raise stopped(
                f"EM lowered the log-likelihood by {-gain:.3g} nats in round {rounds}, which EM never does: check that "
                "e_step and m_step belong to this logpdf, and that theta0 keeps to the limits of m_step."
            )
        if gain < tol * n:
            at_bound = tuple(m_step.at_bound(theta)) if hasattr(m_step, "at_bound") else ()
            setting = getattr(m_step, "setting", "")
            if at_bound:
                places = ", ".join(at_bound[:3]) + (f" and {len(at_bound) - 3} more" if len(at_bound) > 3 else "")
                setting += f", reached in {places}: the likelihood is higher beyond, this is not its maximum"
            trace = Trace(thetas, np.array(values))
            return Fit(theta, values[-1], trace, n, logpdf, x, _names(theta, None), at_bound, setting)
    raise stopped(f"EM still rises by {gain:.3g} nats a round after {max_iter}; raise max_iter or tol.")


class _Problem:
    """One start of `fit`: minimise the mean negative log-likelihood over the flattened parameters."""

    def __init__(self, logpdf, theta0, x, bounds, names):
        theta0 = as_theta(theta0, "theta0")
        self.logpdf, self.x = logpdf, x
        self.start, self.unflatten = flatten(theta0)
        self.names = _names(theta0, names)
        self.low, self.high = _check_bounds(bounds, self.start, self.names)
        self.n = len(_at_start(logpdf, theta0, x))
        self.value_and_grad = value_and_grad(self.loss)
        self.last_loss, first_gradient = differentiate(value_and_grad, self.loss, self.start)
        if not np.all(np.isfinite(first_gradient)):
            raise ValueError(
                f"theta0: the gradient of logpdf is {first_gradient} there. Start away from the edge of the domain, "
                "and keep invalid values out of both branches of np.where."
            )
        self.thetas, self.losses, self.best = [theta0], [self.last_loss], (self.start, self.last_loss)

    def loss(self, flat):
        return -np.sum(self.logpdf(self.unflatten(flat), self.x)) / self.n

    def guarded(self, flat):
        """Loss and gradient; a trial outside the domain looks like a high plateau, so the line search turns back."""
        with np.errstate(all="ignore"):
            value, gradient = self.value_and_grad(flat)
        if np.isfinite(value) and np.all(np.isfinite(gradient)):
            self.last_loss = value
            if value < self.best[1]:
                self.best = (flat.copy(), value)
            return value, gradient
        return self.last_loss + 10 * (1 + abs(self.last_loss)), np.zeros_like(flat)

    def record(self, flat, value):
        if value < self.losses[-1]:
            self.thetas.append(as_theta(self.unflatten(flat)))
            self.losses.append(value)

    def solve(self, max_iter):
        """Search, settle, and search again from there with a fresh scale while that still helps."""
        used, before = 0, self.last_loss
        while True:
            result = self.search(max_iter - used)
            used += max(result.nit, 1)
            flat = self.best[0]
            self.record(*self.best)
            if self.start.size > HESSIAN_SIZE:
                problem = None if result.success else f"the optimiser stopped early ({result.message})"
            else:
                flat, problem = self.settle(flat)
            if problem is None:
                theta = as_theta(self.unflatten(flat))
                value = float(np.sum(self.logpdf(theta, self.x)))
                at_bound = tuple(
                    n for n, hit in zip(self.names, (flat == self.low) | (flat == self.high), strict=True) if hit
                )
                return Fit(theta, value, self.trace(), self.n, self.logpdf, self.x, self.names, at_bound)
            if used >= max_iter or not self.best[1] < before - 1e-9 * (1 + abs(before)):
                raise self.failure(problem)
            before = self.best[1]

    def search(self, max_iter):
        def callback(intermediate_result):
            self.record(intermediate_result.x, intermediate_result.fun)

        start, options = self.best[0], {"maxiter": max_iter}
        if np.all(np.isinf(self.low)) and np.all(np.isinf(self.high)) and self.start.size <= 500:
            method, bounds = "BFGS", None
            options |= {"gtol": 1e-7, "hess_inv0": self.first_scale(start)}
        else:
            method, bounds = "L-BFGS-B", list(zip(self.low, self.high, strict=True))
            options |= {"gtol": 1e-9, "ftol": 1e-15}
        return minimize(self.guarded, start, jac=True, method=method, bounds=bounds, callback=callback, options=options)

    def first_scale(self, flat):
        """Inverse of |Hessian| where the search starts: steps then do not depend on the units of the parameters."""
        if flat.size > HESSIAN_SIZE:
            return None
        curvature = self.hessian(flat)
        if not np.all(np.isfinite(curvature)) or not np.any(curvature):
            return None
        values, vectors = np.linalg.eigh(curvature)
        values = np.maximum(np.abs(values), 1e-8 * np.abs(values).max())
        inverse = (vectors / values) @ vectors.T
        return (inverse + inverse.T) / 2

    def hessian(self, flat):
        with np.errstate(all="ignore"):
            curvature = differentiate(hessian, self.loss, flat)
        return (curvature + curvature.T) / 2

    def settle(self, flat):
        """Newton steps from where the search stopped; returns the end and what is wrong with it, if anything."""
        for _ in range(20):
            value, gradient = self.guarded(flat)
            inside = ~self.pressed(flat, gradient)
            step = np.zeros_like(flat)
            step[inside], lowest = _newton_step(self.hessian(flat)[np.ix_(inside, inside)], gradient[inside])
            to_go = self.n * abs(gradient @ step)  # squared distance to the top, in standard errors
            trial = np.clip(flat + step, self.low, self.high)
            trial_value = self.guarded(trial)[0]
            if lowest < FLAT or trial_value > value + 1e-15 * (1 + abs(value)):
                break
            flat = trial
            self.record(flat, trial_value)
            if to_go < 1e-8:  # one Newton step squares the error
                break
        if lowest < FLAT or to_go > 1e-6 or np.any(np.abs(step) > 1e-5 * (1 + np.abs(flat))):
            return flat, self.diagnosis(flat, gradient, lowest)
        return flat, None

    def pressed(self, flat, gradient):
        """True for parameters at a bound that the log-likelihood pushes against."""
        return ((flat <= self.low) & (gradient > 0)) | ((flat >= self.high) & (gradient < 0))

    def diagnosis(self, flat, gradient, lowest):
        beyond = np.clip(flat - 1e-6 * (1 + np.abs(flat)) * np.sign(gradient), self.low, self.high)
        with np.errstate(all="ignore"):
            if np.any(gradient) and not np.isfinite(self.loss(beyond)):
                return "the log-likelihood still rises at the edge of the domain, where the score is not zero"
        if lowest < FLAT:
            return "the log-likelihood does not curve down there: a saddle point, or it rises without limit"
        return "the log-likelihood keeps rising while theta drifts away: the maximum may not exist"

    def failure(self, what):
        theta = self.thetas[-1]
        return FitError(
            f"No maximum found: {what}. Stopped at {_brief(theta, self.names)} with log-likelihood "
            f"{-self.n * self.losses[-1]:.5g}. Try another theta0 or several starts, bounds or another "
            "parametrisation, and ask whether these data have a maximum at all.",
            theta,
            self.trace(),
        )

    def trace(self):
        return Trace(list(self.thetas), -self.n * np.array(self.losses, dtype=float))


def _newton_step(curvature, gradient):
    """Newton step in a basis free of units, leaving out flat directions; and the lowest relative curvature."""
    if gradient.size == 0:
        return gradient, 0.0
    if not np.all(np.isfinite(curvature)):
        return np.zeros_like(gradient), -np.inf
    scale = np.sqrt(np.abs(np.diag(curvature)))
    scale[scale == 0] = 1.0
    values, vectors = np.linalg.eigh(curvature / np.outer(scale, scale))
    curved = values > 1e-10
    along = vectors[:, curved].T @ (gradient / scale)
    return -(vectors[:, curved] @ (along / values[curved])) / scale, values[0]


def _at_start(logpdf, theta0, x):
    values = log_densities(logpdf, theta0, x)
    outside = np.sum(~np.isfinite(values))
    if outside:
        raise ValueError(
            f"theta0 = {theta0} gives {outside} of {len(values)} observations a log density that is not finite; start "
            "inside the domain, where every observation is possible."
        )
    return values


def _names(theta, names):
    if names is None:
        names = _paths(theta, "theta")
    size = flatten(theta)[0].size
    if len(names) != size:
        raise ValueError(f"names must hold one label for each of the {size} parameters, got {len(names)}.")
    return tuple(names)


def _paths(theta, prefix):
    """Labels in the order of autograd's flatten: ``mu``, ``beta[2]``, ``theta[0]`` …"""
    if isinstance(theta, dict):
        return [p for key in sorted(theta) for p in _paths(theta[key], str(key))]
    if isinstance(theta, (list, tuple)):
        return [p for i, part in enumerate(theta) for p in _paths(part, f"{prefix}[{i}]")]
    shape = np.shape(theta)
    return [prefix + "".join(f"[{i}]" for i in index) for index in np.ndindex(shape)]


def _brief(theta, names):
    flat = flatten(theta)[0]
    text = ", ".join(f"{name} = {value:.4g}" for name, value in list(zip(names, flat, strict=True))[:6])
    return text + (" …" if len(names) > 6 else "")


def _check_bounds(bounds, start, names):
    if bounds is None:
        return np.full(start.size, -np.inf), np.full(start.size, np.inf)
    try:
        pairs = [(-np.inf if lo is None else float(lo), np.inf if hi is None else float(hi)) for lo, hi in bounds]
    except (TypeError, ValueError):
        raise ValueError("bounds must be a list of pairs (low, high), with None where open.") from None
    if len(pairs) != start.size:
        raise ValueError(f"bounds must hold one (low, high) for each of the {start.size} parameters, got {len(pairs)}.")
    for name, value, (low, high) in zip(names, start, pairs, strict=True):
        if not low <= value <= high:
            raise ValueError(f"theta0: {name} = {value:g} lies outside its bounds ({low:g}, {high:g}).")
    return np.array(pairs).T
