r"""How sure: standard errors, intervals, tests, AIC and BIC, for every `Fit`, whatever its ``logpdf``.

Covariances are computed along the directions of the fit's `Frame`, one standard error each, so that no digits are lost
to units or to a far origin. There are no small-sample corrections anywhere: no $n - 1$, no $n - p$, no $G - 1$. What a
fit at a bound, on a ridge or on a kink cannot say is refused with the reason, as `Fit.standard_errors` does; profiles
of the likelihood and the bootstrap still work there.
"""

from collections import Counter, namedtuple
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import autograd.numpy as np
import numpy
from autograd import jacobian
from autograd.misc import flatten
from scipy.stats import chi2, norm

from mle_helpers.estimate import HESSIAN_SIZE, Fit, FitError
from mle_helpers.likelihood import as_data, as_theta, curvature_along, log_densities, scores_along, weighted
from mle_helpers.maximum import WEAK, Surface, frame
from mle_helpers.neural import report
from mle_helpers.profile import Profile, followed, position
from mle_helpers.search import _bfgs

KINDS = ("observed", "expected", "outer", "sandwich")


class Interval(namedtuple("Interval", "low high")):
    """Two ends, ``low, high = interval``. ``reached``: the confidence level that the profile reaches at each.

    An end at which less than ``level`` is reached is not a crossing: it is infinite, or the end of the domain.
    """

    reached = None


class Test(NamedTuple):
    """A test: its statistic, degrees of freedom, and the chi-square probability of one as large."""

    __test__ = False  # not a test of pytest
    statistic: float
    df: int
    p_value: float


class Estimate(NamedTuple):
    """A number or an array, and its standard error in the same shape."""

    value: Any
    standard_error: Any


# --- standard errors -------------------------------------------------------------------------------------------------


def standard_errors(fit, kind="observed", draws=None, groups=None):
    r"""Standard errors, shaped like theta: square roots of the diagonal of the estimated covariance of $\hat\theta$.

    With $J = -\partial^2\ell$ and $G = \sum_i w_i s_i s_i^T$ at $\hat\theta$, sums over all n observations:

    - "observed": $J^{-1}$, as `Fit.standard_errors`
    - "expected": $(n \, \bar J)^{-1}$, $\bar J$ the mean of $-\partial^2 \log f$ over ``draws`` from
      $f(\cdot \mid \hat\theta)$, in the form of x; in a regression draw y again for the rows of X. Without ``draws``
      only where $J$ does not depend on y, as in logistic and Poisson regression, so that it is its own expectation
    - "outer": $G^{-1}$, the outer product of the scores (Berndt, Hall, Hall and Hausman)
    - "sandwich": $J^{-1} G J^{-1}$, right for the parameter that the fit aims at also where the model is wrong (Huber,
      White: HC0). With ``groups``, a label for each row, scores are summed within each group first,
      $G = \sum_g s_g s_g^T$: right when only groups are independent, and when there are many of them

    No correction for small samples. ``weights`` count observations, also here; with ``groups`` the copies of a row
    belong to its group. Raises ValueError where `Fit.standard_errors` does, for an unknown ``kind``, and for ``draws``
    or ``groups`` that do not fit it.
    """
    basis, middle = covariance_parts(fit, kind, draws, groups)
    variances = numpy.einsum("pj,jk,pk->p", basis, middle, basis)
    return as_theta(flatten(fit.theta)[1](numpy.sqrt(numpy.maximum(variances, 0.0))))


def covariance_parts(fit, kind="observed", draws=None, groups=None):
    """``basis`` (p, k) and ``middle`` (k, k): the covariance of the estimates is ``basis @ middle @ basis.T``."""
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(map(repr, KINDS))}, not {kind!r}.")
    if draws is not None and kind != "expected":
        raise ValueError(f'draws belong to kind="expected", not to {kind!r}.')
    if groups is not None and kind != "sandwich":
        raise ValueError(f'groups belong to kind="sandwich", not to {kind!r}.')
    view = fit.parabola
    if kind == "expected":
        return view.basis, _inverse(_expected_information(fit, view.basis, draws), "expected information")
    inverse = numpy.diag(1 / view.bend)
    if kind == "observed":
        return view.basis, inverse
    spread = _spread(fit, view, groups)
    return view.basis, _inverse(spread, "outer product") if kind == "outer" else inverse @ spread @ inverse


def _inverse(matrix, name):
    values, turn = numpy.linalg.eigh((matrix + matrix.T) / 2)
    if values[0] < 1e-10 * values[-1]:
        raise ValueError(f"no standard errors: the {name} has no inverse, so it says nothing of some direction.")
    return (turn / values) @ turn.T


def _spread(fit, view, groups):
    """Sum of the outer products of the scores along the frame, of each observation or of each group."""
    if groups is None and numpy.all(view.bend < 1 - 1e-4):
        return numpy.diag(1 - view.bend)  # the frame is made so that |H| + G is the identity
    rows = scores_along(fit.logpdf, *flatten(fit.theta), fit.x, view.basis)
    heavy = rows if fit.weights is None else fit.weights[:, None] * rows
    if groups is None:
        return heavy.T @ rows
    labels = numpy.asarray(groups)
    if labels.shape != (len(rows),):
        raise ValueError(f"groups must hold one label for each of the {len(rows)} rows, got shape {labels.shape}.")
    names, members = numpy.unique(labels, return_inverse=True)
    if names.size < 2:
        raise ValueError("groups: there is one group only; scores that sum to zero in it say nothing of their spread.")
    sums = numpy.stack([numpy.bincount(members, weights=column) for column in heavy.T], axis=1)
    return sums.T @ sums


def _expected_information(fit, basis, draws):
    """n times the mean of minus the second derivatives along ``basis``."""
    flat, unflatten = flatten(fit.theta)
    if draws is not None:
        draws = as_data(draws, "draws")
        count = len(log_densities(fit.logpdf, fit.theta, draws))
        return -fit.n_obs / count * curvature_along(fit.logpdf, flat, unflatten, draws, None, basis)
    information = -curvature_along(fit.logpdf, flat, unflatten, fit.x, fit.weights, basis)
    if hasattr(fit.logpdf, "of_predictor"):
        other = fit.x[0], numpy.zeros_like(fit.x[1]), *fit.x[2:]  # does it depend on y at all?
        others = -curvature_along(fit.logpdf, flat, unflatten, other, fit.weights, basis)
        if numpy.allclose(others, information, rtol=1e-9, atol=1e-9):
            return information
    raise ValueError(
        'kind="expected" needs draws: data from the model at fit.theta, in the form of x, the more the better '
        "(in a regression, y drawn again for the rows of X)."
    )


def delta_method(function, fit, kind="observed", *, draws=None, groups=None):
    r"""The value of ``function(theta)`` and its standard error, $\sqrt{g^T \Sigma g}$, $g = \partial h/\partial\theta$.

    ``function`` takes theta and returns a number or an array; write it with autograd.numpy. $\Sigma$ is what
    `standard_errors` has under ``kind``. Trust it where h is close to a straight line over a few standard errors.
    """
    flat, unflatten = flatten(fit.theta)
    value = numpy.asarray(followed(lambda t: function(unflatten(t)), flat), float)
    slopes = followed(jacobian(lambda t: np.reshape(np.array(function(unflatten(t))), -1)), flat)
    if not numpy.all(numpy.isfinite(slopes)):
        raise ValueError("function has no finite derivative at the estimate.")
    basis, middle = covariance_parts(fit, kind, draws, groups)
    along = slopes @ basis
    errors = numpy.sqrt(numpy.maximum(numpy.einsum("mj,jk,mk->m", along, middle, along), 0.0)).reshape(value.shape)
    return Estimate(as_theta(value), as_theta(errors))


# --- intervals -------------------------------------------------------------------------------------------------------


def wald_interval(fit, level=0.95, *, kind="observed", draws=None, groups=None):
    r"""$\hat\theta \pm z \, \mathrm{se}$, ends shaped like theta; z the normal quantile at (1 + level)/2.

    Depends on the parametrisation, and may leave the domain; `profile_interval` does neither.
    """
    flat, unflatten = flatten(fit.theta)
    reach = norm.ppf((1 + _level(level)) / 2) * flatten(standard_errors(fit, kind, draws, groups))[0]
    return Interval(as_theta(unflatten(flat - reach)), as_theta(unflatten(flat + reach)))


def profile_interval(fit, what, level=0.95):
    r"""The values of one parameter, or of a function of theta, whose profile lies less than $\chi^2_1/2$ below the top.

    $\{c : 2(\ell(\hat\theta) - \max_{h(\theta) = c} \ell(\theta)) \le \chi^2_{1,\,\mathrm{level}}\}$, the part around
    $h(\hat\theta)$

    ``what``: an index into the flattened theta, a name (of ``fit.names``, or a key of a dict theta), or a function of
    theta, written with autograd.numpy. Bounds of the fit hold. Returns an `Interval` of two numbers. Where the profile
    does not fall far enough an end is infinite, or the end of the domain if that is nearer; ``interval.reached`` says
    which level it reached on that side. Raises ValueError where the profile meets a higher top than the fit's.
    """
    drop = chi2.ppf(_level(level), 1) / 2
    profile = Profile(fit, what)
    if profile.unidentified:
        found = Interval(-numpy.inf, numpy.inf)
        found.reached = (0.0, 0.0)
        return found
    ends = [profile.end(sign, drop) for sign in (-1.0, 1.0)]
    found = Interval(*(end for end, _ in ends))
    found.reached = tuple(level if depth is None else float(chi2.cdf(2 * depth, 1)) for _, depth in ends)
    return found


def _level(level):
    if not (isinstance(level, (int, float, numpy.floating)) and 0 < level < 1):
        raise ValueError(f"level must lie between 0 and 1, such as 0.95, got {level!r}.")
    return float(level)


# --- tests -----------------------------------------------------------------------------------------------------------


def likelihood_ratio_test(restricted, full):
    r"""$2(\ell_{full} - \ell_{restricted})$ on as many degrees of freedom as `full` has more parameters (Wilks 1938).

    Both are fits to the same data, and ``restricted`` is a special case of ``full``. The chi-square holds for large n
    where the restricted values lie inside the domain of the full model: not for a variance of zero, nor for the number
    of components of a mixture. Raises ValueError when the data differ, when ``full`` has no more parameters, and when
    ``restricted`` fits better.
    """
    _same_data(restricted, full)
    df = n_parameters(full) - n_parameters(restricted)
    statistic = 2 * (full.log_likelihood - restricted.log_likelihood)
    if df < 1:
        raise ValueError(f"full must have more parameters than restricted, and has {-df} fewer: swap them?")
    if statistic < -1e-4:
        raise ValueError(f"restricted fits better, by {-statistic / 2:.3g} nats: full does not contain it.")
    return _chi_square(max(statistic, 0.0), df)


def _same_data(one, other):
    last = [part.x[-1] if isinstance(part.x, tuple) else part.x for part in (one, other)]
    weights = [
        numpy.ones(len(data)) if part.weights is None else part.weights
        for part, data in zip((one, other), last, strict=True)
    ]
    if not (numpy.array_equal(*last) and numpy.array_equal(*weights)):
        raise ValueError("the two fits must be of the same data: y, or x, or the weights differ.")


def _chi_square(statistic, df):
    return Test(float(statistic), int(df), float(chi2.sf(statistic, df)))


def wald_test(fit, what, value=0.0, *, kind="observed", draws=None, groups=None):
    r"""$(h - h_0)^T \hat\Sigma_h^{-1} (h - h_0)$ with $h = h(\hat\theta)$ and $h_0$ the ``value``.

    ``what``: an index, a name, a list of these, or a function of theta that returns a number or a 1-D array;
    ``kind``, ``draws``, ``groups`` as in `standard_errors`. Depends on how the hypothesis is written.
    """
    flat, unflatten = flatten(fit.theta)
    if callable(what):
        function = lambda t: np.ravel(what(unflatten(t)))  # noqa: E731
    else:
        places = numpy.array([position(fit, one) for one in (what if isinstance(what, (list, tuple)) else [what])])
        function = lambda t: t[places]  # noqa: E731
    gap = numpy.asarray(followed(function, flat), float) - value
    basis, middle = covariance_parts(fit, kind, draws, groups)
    along = followed(jacobian(function), flat) @ basis
    spread = along @ middle @ along.T
    if gap.shape != spread.shape[:1] or not numpy.linalg.matrix_rank(spread) == gap.size:
        raise ValueError("what: the restrictions must be different ones, and value one number for each.")
    return _chi_square(gap @ numpy.linalg.solve(spread, gap), gap.size)


def score_test(restricted, logpdf, theta, *, kind="observed", draws=None):
    r"""$s^T I^{-1} s$ of the full model ``logpdf`` at ``theta``, the restricted estimate in the full model's terms.

    Rao's test, the Lagrange multiplier test: only ``restricted`` is fitted. $I$ is the "observed", "expected" or
    "outer" information as in `standard_errors`, at ``theta``. Raises ValueError when ``theta`` does not have the
    log-likelihood of ``restricted``, and when the information has no inverse or is not positive there.
    """
    if kind not in KINDS[:3]:
        raise ValueError(f"kind must be one of {', '.join(map(repr, KINDS[:3]))}, not {kind!r}.")
    theta = as_theta(theta)
    surface, flat = Surface(logpdf, theta, restricted.x, restricted.weights), flatten(theta)[0]
    height = float(numpy.sum(weighted(log_densities(logpdf, theta, restricted.x), restricted.weights)))
    if not abs(height - restricted.log_likelihood) < 1e-4 * (1 + 1e-4 * abs(height)):
        raise ValueError(
            f"theta must be the restricted estimate in terms of logpdf: it has log-likelihood {height:.6g}, restricted "
            f"has {restricted.log_likelihood:.6g}."
        )
    view = frame(surface, flat)
    size, fewer = view.bend.size + view.level.shape[1], n_parameters(restricted)
    if size <= fewer:
        raise ValueError(f"theta has {size} parameters, restricted {fewer}: there is nothing to test.")
    look = surface.look(flat, view.basis)
    if kind == "expected":
        there = Fit(theta, height, None, restricted.n_obs, logpdf, restricted.x, (), weights=restricted.weights)
        information = _expected_information(there, view.basis, draws)
    else:
        information = look.spread if kind == "outer" else -look.curvature
    if view.level.size or numpy.linalg.eigvalsh(information)[0] < 1e-10:
        raise ValueError(f'the {kind} information is not positive definite at theta; try kind="outer" or "expected".')
    return _chi_square(look.slope @ numpy.linalg.solve(information, look.slope), size - fewer)


# --- which model -----------------------------------------------------------------------------------------------------


def n_parameters(fit):
    """How many parameters the data identify: the numbers in theta, less the directions in which nothing changes.

    So the K weights of a mixture count as K - 1, a covariance matrix as d (d + 1)/2; one that ``bounds`` fix, as (0, 0)
    do, is none. Beyond 60 numbers in theta only what ``logpdf.constraints`` says is taken off.
    """
    size = flatten(fit.theta)[0].size
    if size > HESSIAN_SIZE:
        return size - (len(fit.logpdf.constraints(fit.theta)) if hasattr(fit.logpdf, "constraints") else 0)
    fixed = numpy.equal(*fit.limits) if fit.limits else numpy.zeros(size, bool)
    tangent = Surface(fit.logpdf, fit.theta, fit.x, fit.weights).tangent
    return fit._frame.basis.shape[1] + tangent(~fixed).shape[1] - tangent(fit._inside).shape[1]


def aic(fit):
    r"""Akaike's criterion, $-2\ell(\hat\theta) + 2k$, in twice nats; the smaller the better. k: `n_parameters`."""
    return -2 * fit.log_likelihood + 2 * n_parameters(fit)


def aicc(fit):
    r"""AIC for small samples, AIC $+ 2k(k + 1)/(n - k - 1)$; exact for a linear model (Hurvich and Tsai 1989)."""
    k = n_parameters(fit)
    if fit.n_obs <= k + 1:
        raise ValueError(f"aicc needs more than k + 1 = {k + 1} observations, and there are {fit.n_obs}.")
    return aic(fit) + 2 * k * (k + 1) / (fit.n_obs - k - 1)


def bic(fit):
    r"""Schwarz's criterion, $-2\ell(\hat\theta) + k \log n$; the smaller the better. n: the sum of the weights."""
    return -2 * fit.log_likelihood + n_parameters(fit) * float(numpy.log(fit.n_obs))


# --- bootstrap -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Estimates from data drawn again. ``theta``: the original; ``estimates`` (B, p): a row for each refit, flattened.

    ``failed``: how many refits had no maximum; ``reasons`` counts why. They are in no interval: many of them say that
    the maximum itself is uncertain.
    """

    theta: Any
    estimates: Any
    failed: int
    reasons: Counter

    @property
    def thetas(self):
        """The refits, each shaped like theta."""
        unflatten = flatten(self.theta)[1]
        return [as_theta(unflatten(row)) for row in self.estimates]

    @property
    def standard_errors(self):
        """Standard deviations of the refits (divisor B - 1), shaped like theta."""
        return as_theta(flatten(self.theta)[1](numpy.std(self.estimates, axis=0, ddof=1)))

    def interval(self, level=0.95, kind="percentile", function=None):
        r"""Ends shaped like theta, or like ``function(theta)`` if one is given.

        "percentile": the quantiles $q$ of the refits at $(1 \mp level)/2$. "basic": $2\hat\theta - q$, the other way
        round, which takes the spread of $\hat\theta^* - \hat\theta$ for that of $\hat\theta - \theta$.
        """
        if kind not in ("percentile", "basic"):
            raise ValueError(f'kind must be "percentile" or "basic", not {kind!r}.')
        shares = [(1 - _level(level)) / 2, (1 + level) / 2]
        top, unflatten = flatten(self.theta) if function is None else flatten(as_theta(function(self.theta)))
        rows = self.estimates if function is None else [flatten(as_theta(function(t)))[0] for t in self.thetas]
        low, high = numpy.quantile(numpy.array(rows), shares, axis=0)
        low, high = (low, high) if kind == "percentile" else (2 * top - high, 2 * top - low)
        return Interval(as_theta(unflatten(low)), as_theta(unflatten(high)))

    def __repr__(self):
        lines = [f"{len(self.estimates)} refits, {self.failed} failed"]
        return "\n".join(lines + [f"  {count} times: {reason}" for reason, count in self.reasons.most_common()])


def bootstrap(fit, *, rng, draws=1000, sampler=None, progress=True):
    """Fit again to ``draws`` samples, each time starting from ``fit.theta``; returns a `Bootstrap`.

    Without ``sampler`` rows are drawn with replacement, as many as there are (a row with a weight as often as it says).
    With ``sampler(theta, rng)``, which returns data in the form of x drawn from the model, the bootstrap is
    parametric. A refit without a maximum is counted, with its reason, and reported. Efron and Tibshirani (1993).
    """
    if not (isinstance(draws, (int, numpy.integer)) and draws >= 2):
        raise ValueError(f"draws must be a whole number of at least 2, got {draws!r}.")
    resample = partial(_rows_again, fit) if sampler is None else (lambda rng: (as_data(sampler(fit.theta, rng)), None))
    estimates, reasons = [], Counter()
    for done in range(1, draws + 1):
        x, weights = resample(rng)
        try:
            near = _nearby(fit, x, weights)
            estimates.append(flatten(fit.again(fit.theta, x, weights=weights).theta)[0] if near is None else near)
        except (FitError, ValueError) as error:
            reasons[str(error).split(" (")[0][:150]] += 1
        if progress and 30 * done // draws > 30 * (done - 1) // draws:
            report(done, draws)
    if len(estimates) < 2:
        raise ValueError(f"of {draws} refits {len(estimates)} succeeded: {reasons.most_common(1)[0][0]}")
    return Bootstrap(fit.theta, numpy.array(estimates), sum(reasons.values()), reasons)


def _nearby(fit, x, weights):
    """The maximum near ``fit.theta`` for other data, by BFGS in its frame; None where steps do not settle uphill."""
    view = fit._frame
    if fit.at_bound or view.level.size or view.bend.size > HESSIAN_SIZE or not numpy.all(view.bend > WEAK):
        return None
    surface, inverse = Surface(fit.logpdf, fit.theta, x, weights), numpy.diag(1 / view.bend)
    flat, (low, high) = surface.start, fit.limits or (-numpy.inf, numpy.inf)
    height, gradient = surface.slope(flat)
    for _ in range(30):
        slope = view.basis.T @ gradient if gradient is not None else numpy.full(view.bend.size, numpy.nan)
        step = inverse @ slope
        if not slope @ step < 100:
            return None
        if slope @ step < 1e-12:
            return flat
        flat = flat + view.basis @ step
        before, (height, gradient) = height, surface.slope(flat)
        if gradient is None or height < before - 1e-9 or not numpy.all((flat > low) & (flat < high)):
            return None
        inverse = _bfgs(inverse, step, slope - view.basis.T @ gradient)
    return None


def _rows_again(fit, rng):
    """Rows drawn with replacement, each that came up once, with the count of how often as its weight."""
    n = len(fit.x[0] if isinstance(fit.x, tuple) else fit.x)
    if fit.weights is not None and numpy.any(fit.weights != numpy.floor(fit.weights)):
        raise ValueError("rows are drawn as often as they count, so weights must be whole numbers; or give a sampler.")
    shares = numpy.full(n, 1 / n) if fit.weights is None else fit.weights / fit.weights.sum()
    counts = rng.multinomial(int(fit.n_obs), shares)
    kept = counts > 0
    x = tuple(part[kept] for part in fit.x) if isinstance(fit.x, tuple) else fit.x[kept]
    return x, counts[kept].astype(float)


# --- the table -------------------------------------------------------------------------------------------------------


class Summary(str):
    """The table as text, printed as it is; ``columns`` holds its numbers, (p,) each, NaN where there are none."""

    __repr__ = str.__str__


def summary(fit, level=0.95):
    """The table of estimates, standard errors and Wald intervals, with log-likelihood, n, AIC and BIC.

    Where there are no standard errors a dash stands in their place, and a line says why.
    """
    flat, z = flatten(fit.theta)[0], norm.ppf((1 + _level(level)) / 2)
    last = [f"{100 * level:g} % Wald intervals; log-likelihood {fit.log_likelihood:.6g} nats, n = {fit.n_obs}"]
    last[0] += f", AIC {aic(fit):.2f}, BIC {bic(fit):.2f}"
    try:
        errors = flatten(fit.standard_errors)[0]
    except ValueError as reason:
        errors, last = numpy.full(flat.size, numpy.nan), [*last, str(reason)]
    columns = {"estimate": flat, "standard error": errors, "low": flat - z * errors, "high": flat + z * errors}
    cells = [[head, *("—" if numpy.isnan(v) else f"{v:.5g}" for v in column)] for head, column in columns.items()]
    cells = [[f"{cell:>{max(map(len, column))}}" for cell in column] for column in cells]
    names = [f"{name:{max(map(len, fit.names))}}" for name in ("", *fit.names)]
    table = Summary("\n".join([*map("  ".join, zip(names, *cells, strict=True)), *last]))
    table.columns = columns
    return table
