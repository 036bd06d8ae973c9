"""Maximum-likelihood estimates: by optimisation (`fit`) and by expectation–maximisation (`em`)."""

from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Any, NamedTuple

import autograd.numpy as np
import numpy
from autograd.misc import flatten
from threadpoolctl import ThreadpoolController

from mle_helpers.likelihood import as_sample, as_theta, log_densities, weighted
from mle_helpers.maximum import STRAIGHT, WEAK, Checklist, Surface, are_domes, brief, crossing, frame, has_kink
from mle_helpers.search import NoMaximum, Search
from mle_helpers.wide_search import WideSearch

HESSIAN_SIZE = 60  # up to this many parameters the exact Hessian is used
NEAR, NEARLY_ALIKE = 0.01, 0.3  # how near two centres are looked at, in spreads of x; the second if all else is alike


class Trace(NamedTuple):
    """The accepted iterates of a fit: ``theta``, a list shaped like the start, and their log-likelihoods in nats."""

    theta: list
    log_likelihood: np.ndarray


class FitError(RuntimeError):
    """A fit that found no maximum: ``theta`` is where it stopped, ``trace`` how it got there, ``checklist`` why not."""

    def __init__(self, message, theta, trace, checklist=None):
        super().__init__(message)
        self.theta, self.trace, self.checklist = theta, trace, checklist


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
    n_obs: float
    logpdf: Any
    x: Any
    names: tuple
    at_bound: tuple = ()
    setting: str = ""
    weights: Any = None
    limits: Any = None  # low and high (p,), as the search met them; None where there are none
    again: Any = None  # (theta0, x, weights=…) -> Fit, the same estimate from other data

    @cached_property
    def standard_errors(self):
        r"""Square roots of the diagonal of $J(\hat\theta)^{-1}$, shaped like ``theta``; computed when first asked for.

        With ``weights`` they are those of data in which each observation stands as often as its weight says.
        Raises ValueError where the observed information says nothing of the error: at a bound or the end of the
        domain, at a kink, or when it is not positive definite because the data do not identify every parameter.
        `inference.standard_errors` has three other kinds.
        """
        view = self.parabola
        return as_theta(flatten(self.theta)[1](numpy.sqrt(numpy.sum(view.basis**2 / view.bend, axis=1))))

    @cached_property
    def parabola(self):
        """The `Frame` at theta, once the log-likelihood is seen to be a parabola there; ValueError if it is not."""
        if self.at_bound:
            raise ValueError(
                f"no standard errors: {', '.join(self.at_bound)} lies at a bound, where the score need not be zero and "
                "the log-likelihood is not a parabola. Use a profile of the likelihood."
            )
        flat = flatten(self.theta)[0]
        surface, view = Surface(self.logpdf, self.theta, self.x, self.weights), self._frame
        steps = view.basis.T / numpy.sqrt(numpy.maximum(numpy.abs(view.bend), STRAIGHT))[:, None]
        if any(has_kink(surface, flat, step, self.log_likelihood) for step in crossing(view, surface.n)):
            raise ValueError(
                "no standard errors: the log-likelihood has a kink at its maximum, where its curvature says nothing of "
                "the error. Use a profile of the likelihood, or repeat the fit on resampled data (bootstrap)."
            )
        unknown = [*view.level.T, *steps[(view.bend < STRAIGHT) | ~are_domes(surface, flat, steps)]]
        if unknown:
            wide = numpy.abs(flat) + numpy.sum(numpy.abs(view.basis), axis=1)
            parts = [numpy.abs(one) / numpy.where(wide > 0, wide, 1.0) for one in unknown]
            share = numpy.max([part / numpy.max(part) for part in parts], axis=0)
            flat_in = ", ".join(name for name, part in zip(self.names, share, strict=True) if part > 0.1)
            raise ValueError(
                f"no standard errors: the log-likelihood does not curve down in {flat_in} as a parabola does, so the "
                "data do not identify it at this estimate, or its top is flat. Fix a parameter, drop one, or use a "
                "profile of the likelihood."
            )
        return view

    @cached_property
    def _frame(self):
        """The `Frame` at theta, over the parameters that lie at no bound; `fit` may have it at hand."""
        return frame(Surface(self.logpdf, self.theta, self.x, self.weights), flatten(self.theta)[0], self._inside)

    @property
    def _inside(self):
        return numpy.array([name not in self.at_bound for name in self.names])

    @cached_property
    def _free(self):
        """Where theta may move: origin (p,), tangent (p, k) and z (k,), theta being origin + tangent z."""
        flat = flatten(self.theta)[0]
        tangent = Surface(self.logpdf, self.theta, self.x, self.weights).tangent(self._inside)
        here = numpy.linalg.lstsq(tangent, flat, rcond=None)[0]
        return flat - tangent @ here, tangent, here

    def checklist(self, starts=True):
        """Is this a maximum? Measured, a line a question: see `Checklist`. ``starts=False`` leaves out the refits.

        Other starts lie three standard errors away, up and down; other units are thousandfold, for every parameter.
        """
        view, tangent = self._frame, self._free[1]
        found = Checklist.of(view, flatten(self.theta)[0], self.names)
        if not starts:
            return found
        away = view.basis @ (3 / numpy.sqrt(numpy.maximum(view.bend, WEAK)))
        step = numpy.linalg.lstsq(tangent, away, rcond=None)[0]
        return found._replace(
            starts=self._other_heights([step, -step], 1.0),
            units=self._other_heights([0.0], 10.0 ** (3.0 - 6.0 * (numpy.arange(step.size) % 2))),
        )

    def _other_heights(self, steps, unit):
        """By how many nats fits from elsewhere, in other units of theta, end above this one, or the lowest below it."""
        (origin, tangent, here), unflatten = self._free, flatten(self.theta)[1]
        gaps, open_end = [], numpy.full(here.size, numpy.inf)
        for step in steps:
            try:
                search = Search(
                    lambda z, x: self.logpdf(unflatten(origin + tangent @ (z * unit)), x),
                    *((here + step) / unit, self.x, self.weights, -open_end, open_end, [""] * here.size),
                )
                search.solve(500)
                gaps.append(search.height - self.log_likelihood)
            except (ValueError, TypeError):  # not inside the domain
                steps += [step / 2] if len(steps) < 12 and numpy.any(step) else []
            except NoMaximum:
                gaps.append(-numpy.inf)
        return max(gaps, key=abs, default=None)

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


def fit(logpdf, theta0, x, *, bounds=None, starts=(), names=None, weights=None, max_iter=500):
    r"""Maximise the log-likelihood with exact gradients, in directions that do not depend on units; returns a `Fit`.

    $\hat\theta = \arg\max_\theta \sum_i w_i \log f(x_i \mid \theta)$

    ``theta0``: where to start, a number, an array (a list of plain numbers becomes one), or a dict, list or tuple of
    these. ``bounds``: a pair ``(low, high)`` for each number in theta, in the order of ``autograd.misc.flatten``, or
    for a dict by its keys (``{"sigma": (1e-6, None)}``, an array's pair holds for each entry); ``None`` where open.
    ``starts``: further starting points; the highest maximum wins. ``names``: labels for the printed table, in the
    same order or by key; the columns of a DataFrame X name theta by themselves. ``weights``: frequencies, one for
    each observation: whole numbers give what repeated rows would give, n_obs is their sum. Where a model has
    ``logpdf.constraints(theta) = 0``, linear in theta, as weights that sum to one, the search keeps to them.

    What is returned is a maximum, up to 1e-6 nats. With up to 60 parameters: the slope is zero in every direction, in
    units of its own spread; the curvature is downward in every direction that the data identify; and steps of many
    lengths, along those directions and in those without curvature, do not lead up. Beyond 60 parameters the Hessian is
    met only in products: what conjugate gradients say is left to gain, its lowest eigenvalue up to 5,000 parameters,
    and steps along 20 directions. A lower top beyond a valley is a maximum too: try several ``starts``. A ridge along
    which nothing changes is returned, and so is a maximum at a kink, at a bound, or at an end of the domain that
    belongs to the family, as p = 1 for a Bernoulli; `Fit.standard_errors` then says why it has none.

    Raises ValueError for bad input, which names the argument and the observation, and FitError when there is no
    maximum: a saddle point or ledge, a rise without end, towards a limit or into a spike; or when digits are lost.
    BFGS: Nocedal and Wright (2006), chapter 6; with kinks: Lewis and Overton (2013).
    """
    if not max_iter >= 1:
        raise ValueError(f"max_iter must be at least 1, got {max_iter}.")
    columns = _columns(x)
    x, weights = as_sample(x, weights)
    fits, failures = [], []
    for number, start in enumerate([theta0, *starts]):
        name = f"starts[{number - 1}]" if number else "theta0"
        theta = as_theta(start, name)
        labels = _names(theta, names, columns)
        low, high = _limits(bounds, theta, labels, name)
        kind = Search if len(labels) <= HESSIAN_SIZE else WideSearch
        try:
            with _one_thread():
                n = _count(_at_start(logpdf, theta, x, weights, name), weights)
                search = kind(logpdf, theta, x, weights, low, high, labels)
                search.solve(max_iter)
                search.flat = search.surface.onto(search.flat, ~search.at_end)
        except NoMaximum as reason:
            failures.append(_failure(search, reason))
            continue
        at_end = tuple(name for name, ends in zip(labels, search.at_end, strict=True) if ends)
        theta, trace = as_theta(search.surface.unflatten(search.flat)), _trace(search)
        parts = (labels, at_end, "", weights, (search.low, search.high), partial(fit, logpdf, bounds=bounds))
        fits.append(Fit(theta, search.height, trace, n, logpdf, x, *parts))
        if search.top is not None:
            fits[-1].__dict__["_frame"] = search.top
    if not fits:
        raise failures[0]
    return max(fits, key=lambda one: one.log_likelihood)


def _trace(search):
    return Trace(list(search.thetas), np.array(search.heights))


def _failure(search, reason):
    theta = as_theta(search.surface.unflatten(search.flat))
    try:
        few = len(search.names) <= HESSIAN_SIZE
        checklist = Checklist.of(frame(search.surface, search.flat), search.flat, search.names) if few else None
    except OverflowError:
        checklist = None
    return FitError(
        f"No maximum found: {reason}. Stopped at {brief(search.flat, search.names)} with log-likelihood "
        f"{search.height:.5g}. Try another theta0 or several starts, bounds or another parametrisation, and ask "
        "whether these data have a maximum at all.",
        theta,
        _trace(search),
        checklist,
    )


def em(e_step, m_step, logpdf, theta0, x, *, weights=None, tol=1e-8, max_iter=500):
    """Expectation–maximisation: alternate ``expected = e_step(theta, x)`` and ``theta = m_step(expected, x)``.

    Stops when the log-likelihood per observation rises by less than ``tol`` nats; returns a `Fit`. An ``e_step`` that
    has computed the log densities at theta anyway may return ``EStep(expected, log_densities)``: ``logpdf`` is then
    called only once, on up to 100 observations, to see that the two agree. An ``m_step`` that keeps theta within
    limits may carry ``m_step.setting``, a text to be printed, and ``m_step.at_bound(theta)``, the names of the
    parameters that lie at a limit. ``weights``: frequencies; ``expected`` must then be an array with a row for each
    observation (or a tuple of these), whose rows the M-step sums: they are multiplied by the weights.

    Raises FitError when the log-likelihood falls (the two steps do not belong to this ``logpdf``, or the data lie so
    far from zero that digits are lost), becomes non-finite (a component collapses on one observation), still rises
    after ``max_iter`` rounds, stands on a saddle point where two components are equal, and when a step raises
    ValueError on the way. EM that has stopped early may still be far from the top: `Fit.checklist` measures it.
    Dempster, Laird and Rubin (1977).
    """
    (x, weights), theta = as_sample(x, weights), as_theta(theta0, "theta0")
    if not (tol > 0 and max_iter >= 1):
        raise ValueError(f"tol must be positive and max_iter at least 1, got {tol} and {max_iter}.")
    problem = _Mixture(e_step, m_step, logpdf, x, weights)
    with _one_thread():
        return problem.climb(theta, tol, max_iter)


@cache
def _blas():
    return ThreadpoolController()


def _one_thread():
    """BLAS on one thread: with two, small matrices take three times as long, and ten times beside other work."""
    return _blas().limit(limits=1, user_api="blas")


@dataclass
class _Mixture:
    """The two steps of `em`, with their model and data."""

    e_step: Any
    m_step: Any
    logpdf: Any
    x: Any
    weights: Any

    def look(self, theta):
        """What the M-step needs, and the log-likelihood, with the log densities."""
        found = self.e_step(theta, self.x)
        expected, densities = found if isinstance(found, EStep) else (found, self.logpdf(theta, self.x))
        return expected, float(np.sum(weighted(densities, self.weights))), densities

    def counted(self, expected):
        """``expected``, each row as often as its observation counts."""
        if self.weights is None:
            return expected
        if isinstance(expected, tuple):
            return tuple(self.counted(part) for part in expected)
        return expected * numpy.reshape(self.weights, (-1,) + (1,) * (np.ndim(expected) - 1))

    def climb(self, theta, tol, max_iter):
        head = tuple(part[:100] for part in self.x) if isinstance(self.x, tuple) else self.x[:100]
        first = _at_start(self.logpdf, theta, head)
        expected, value, densities = self.look(theta)
        if not np.allclose(densities[:100], first, rtol=1e-6, atol=1e-6):
            raise ValueError("e_step: its log densities at theta0 differ from those of logpdf; it is another model's.")
        n, thetas, values = _count(densities, self.weights), [theta], [value]

        def stopped(message):
            return FitError(message, theta, Trace(thetas, np.array(values)))

        for rounds in range(1, max_iter + 1):
            try:
                theta = self.m_step(self.counted(expected), self.x)
                expected, value, _ = self.look(theta)
            except ValueError as problem:
                raise stopped(f"EM stopped in round {rounds}: {problem}") from problem
            thetas.append(theta)
            values.append(value)
            gain = values[-1] - values[-2]
            if not np.isfinite(value):
                raise stopped(
                    f"EM reached log-likelihood {value} in round {rounds}: a component has collapsed. Try another "
                    "start, fewer components, or an m_step with a floor under the variances."
                )
            if gain < -1e-9 * (1 + abs(value)):
                raise stopped(
                    f"EM lowered the log-likelihood by {-gain:.3g} nats in round {rounds}, which EM never does: "
                    + (_far_away(self.x) or "check that e_step and m_step belong to this logpdf, and that theta0 keeps")
                    + ("" if _far_away(self.x) else " to the limits of m_step.")
                )
            rounding_of_gain = 1e-12 * abs(value)
            growing = len(values) > 2 and gain > values[-2] - values[-3] + rounding_of_gain  # on the way from a saddle
            if gain < tol * n and not growing:
                if twins := self.twins_on_a_saddle(theta, value):
                    raise stopped(f"EM stopped at a saddle point: {twins}")
                trace = Trace(thetas, np.array(values))
                at_bound, setting = self.limits(theta)
                names = _names(theta, None)
                again = partial(em, self.e_step, self.m_step, self.logpdf, tol=tol, max_iter=max_iter)
                parts = (self.logpdf, self.x, names, at_bound, setting, self.weights, None, again)
                return Fit(theta, value, trace, n, *parts)
        raise stopped(f"EM still rises by {gain:.3g} nats a round after {max_iter}; raise max_iter or tol.")

    def limits(self, theta):
        """The parameters at a limit that the M-step sets, and the text that says so."""
        at_bound = tuple(self.m_step.at_bound(theta)) if hasattr(self.m_step, "at_bound") else ()
        setting = getattr(self.m_step, "setting", "")
        if at_bound:
            places = ", ".join(at_bound[:3]) + (f" and {len(at_bound) - 3} more" if len(at_bound) > 3 else "")
            setting += f", reached in {places}: the likelihood is higher beyond, this is not its maximum"
        return at_bound, setting

    def twins_on_a_saddle(self, theta, value):
        """What to say where two components have one centre and a small push parts them for good; else ""."""
        for key, leaf in theta.items() if isinstance(theta, dict) else ():
            same = np.shape(leaf)[1:] == np.shape(self.x)[1:]
            pair, rise = _twins(leaf, self.x, NEAR) if same else None, 1e-3
            if pair is None and same and (pair := _twins(leaf, self.x, NEARLY_ALIKE)):
                others = [part for part in theta.values() if np.ndim(part) > 1 and len(part) == len(leaf)]
                alike = [np.allclose(*part[list(pair)], rtol=0.1, atol=0) for part in others if part is not leaf]
                pair, rise = pair if alike and all(alike) else None, 1.0
            if pair is None:
                continue
            push = numpy.random.default_rng(0).normal(size=np.shape(leaf)) * 0.1 * numpy.std(self.x, axis=0)
            shares = 1 - numpy.random.default_rng(1).uniform(0, 0.1, np.shape(leaf))
            apart = numpy.zeros_like(leaf)
            apart[list(pair)] = (
                0.3 * numpy.std(self.x, axis=0) * numpy.reshape([1, -1], (2,) + (1,) * (np.ndim(leaf) - 1))
            )
            pushed = [theta | {key: part} for part in (leaf + push, leaf * shares, leaf + apart)]
            if any(self.after(one) > value + rise for one in [theta, *pushed]):
                return (
                    f"{key} of components {pair[0]} and {pair[1]} are equal or nearly, which EM parts slowly or never, "
                    "and the log-likelihood rises once they differ. Start from centres that differ (mixture_start)."
                )
        return ""

    def after(self, theta, rounds=300):
        """The log-likelihood some rounds further on; -inf where EM breaks down."""
        try:
            for _ in range(rounds):
                expected, value, _ = self.look(theta)
                theta = self.m_step(self.counted(expected), self.x)
        except ValueError:
            return -np.inf
        return value


def _twins(leaf, x, part):
    """The first two rows of an array that differ by less than a ``part`` of the spread of x, or None."""
    close = part * numpy.std(x, axis=0)
    for j in range(1, len(leaf)):
        for i in range(j):
            if numpy.all(numpy.abs(leaf[i] - leaf[j]) <= close):
                return i, j
    return None


def _far_away(x):
    """The advice to centre data whose mean is millions of times their spread; else ""."""
    parts = [part for part in (x if isinstance(x, tuple) else (x,)) if np.asarray(part).dtype.kind == "f"]
    far = [numpy.max(numpy.abs(numpy.mean(p, axis=0)) / numpy.maximum(numpy.std(p, axis=0), 1e-300)) for p in parts]
    if max(far, default=0) < 1e6:
        return ""
    return f"digits are lost, the mean of x is {max(far):.2g} times its spread: centre the data (x - x.mean(axis=0))."


def _count(values, weights):
    """The number of observations: the sum of the weights, a whole number where it is one."""
    n = float(len(values) if weights is None else np.sum(weights))
    return int(n) if n.is_integer() else n


def _columns(x):
    """The names of the columns of X, where x = (X, y) and X is a DataFrame."""
    columns = getattr(x[0], "columns", None) if isinstance(x, tuple) and x else None
    return None if columns is None else [str(name) for name in columns]


def _at_start(logpdf, theta0, x, weights=None, name="theta0"):
    values = weighted(log_densities(logpdf, theta0, x), weights)
    outside = numpy.flatnonzero(~np.isfinite(values))
    if outside.size:
        rows = x if isinstance(x, tuple) else (x,)
        first = ", ".join(f"{numpy.asarray(part)[outside[0]]}" for part in rows)
        raise ValueError(
            f"{name} = {theta0} gives {outside.size} of {len(values)} observations a log density that is not finite, "
            f"first observation {outside[0]}: {first}. {_who_is_at_fault(logpdf, theta0, x, outside[0])}"
        )
    return values


def _who_is_at_fault(logpdf, theta0, x, row):
    """Is a datum outside the support, or the start outside the domain? Other starts tell."""
    one = tuple(part[row : row + 1] for part in x) if isinstance(x, tuple) else x[row : row + 1]
    finite = numpy.nan_to_num(flatten(theta0)[0], nan=1.0, posinf=1.0, neginf=1.0)
    for start in [*(share * finite for share in (1.0, 0.5, 0.1, 1e-3, 0.0, 2.0, 10.0)), numpy.abs(finite)]:
        if np.isfinite(Surface(logpdf, theta0, one).height(start)):
            return "Start inside the domain, where every observation is possible."
    support = getattr(logpdf, "support", None)
    if support is None:
        return "Start inside the domain; if no start makes it possible, the datum is outside the model's support."
    return f"An observation must be: {support}. If every one is, start inside the domain."


def _by_key(value, theta, what):
    """One entry for each number in theta, in the order of flatten, from a dict with the keys of theta."""
    unknown = set(value) - set(theta)
    if unknown:
        raise ValueError(f"{what}: theta has no {sorted(map(str, unknown))}; its keys are {sorted(map(str, theta))}.")
    found = []
    for key in sorted(theta):
        size, given = flatten(theta[key])[0].size, value.get(key)
        if isinstance(theta[key], dict) and isinstance(given, dict):
            found += _by_key(given, theta[key], what)
        elif isinstance(given, list) and len(given) == size:
            found += given
        else:
            found += [given] * size
    return found


def _names(theta, names, columns=None):
    """The labels of the numbers in theta; where none are given by path, in which the columns of X stand for indices."""
    paths = _paths(theta, "theta", columns)
    if isinstance(names, dict):
        if not isinstance(theta, dict):
            raise ValueError("names: a dict of names goes with a dict theta; give a list of labels.")
        given = _by_key(names, theta, "names")
        return tuple(
            path if name is None else path.replace(path.split("[")[0], name, 1) if isinstance(name, str) else str(name)
            for name, path in zip(given, paths, strict=True)
        )
    if names is None:
        return tuple(paths)
    if isinstance(theta, dict):
        raise ValueError('names: for a dict theta give a dict, such as {"sigma": "spread"}; no order is needed.')
    if isinstance(names, str) or len(names) != len(paths) or len(set(names)) != len(paths):
        raise ValueError(f"names must hold one label for each of the {len(paths)} parameters, all different: {names!r}")
    return tuple(names)


def _paths(theta, prefix, columns=None):
    """Labels in the order of autograd's flatten: ``mu``, ``beta[2]``, ``theta[0]`` …; ``age`` for ``theta[0][2]``."""
    if isinstance(theta, dict):
        return [p for key in sorted(theta) for p in _paths(theta[key], str(key), columns)]
    if isinstance(theta, (list, tuple)):
        return [p for i, part in enumerate(theta) for p in _paths(part, f"{prefix}[{i}]", columns)]
    shape = np.shape(theta)
    rows = [f"{prefix}[{i}]" for i in range(shape[0])] if shape else [prefix]
    if columns is not None and shape[:1] == (len(columns),):
        rows = columns if prefix in ("theta", "theta[0]") else [f"{prefix}[{name}]" for name in columns]
    return [row + "".join(f"[{i}]" for i in index) for row in rows for index in np.ndindex(shape[1:])]


def _limits(bounds, theta, names, start):
    """The bounds as two arrays, checked against where the search starts."""
    flat = flatten(theta)[0]
    if bounds is None:
        return np.full(flat.size, -np.inf), np.full(flat.size, np.inf)
    if isinstance(bounds, dict) != isinstance(theta, dict):
        raise ValueError('bounds: by key for a dict theta, such as {"sigma": (1e-6, None)}, and a list of pairs else.')
    if isinstance(bounds, dict):
        bounds = [(None, None) if b is None else b for b in _by_key(bounds, theta, "bounds")]
    try:
        pairs = [(-np.inf if lo is None else float(lo), np.inf if hi is None else float(hi)) for lo, hi in bounds]
    except (TypeError, ValueError):
        raise ValueError("bounds must be a list of pairs (low, high), with None where open.") from None
    if len(pairs) != flat.size:
        raise ValueError(f"bounds must hold one (low, high) for each of the {flat.size} parameters, got {len(pairs)}.")
    for name, value, (low, high) in zip(names, flat, pairs, strict=True):
        if not low <= value <= high:
            raise ValueError(f"{start}: {name} = {value:g} lies outside its bounds ({low:g}, {high:g}).")
    return np.array(pairs).T
