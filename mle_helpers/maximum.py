r"""Is this point a maximum? Asked in every direction, whatever the units and the origin of the parameters.

At a maximum three things hold: the slope is zero in every direction, the log-likelihood curves down in every direction
that the data identify, and no step, short or long, leads up. None of them can be read off the axes of theta: a slope
of 1e-5 is steep for a parameter counted in millions, and a calendar year as a covariate makes the intercept and its
slope almost one parameter. So the surface is looked at in a `Frame`: directions of about one standard error each, made
from what the data say themselves, the curvature $H$ and the spread of the scores $G = \sum_i w_i s_i s_i^T$.
"""

from functools import cached_property, partial
from typing import Any, NamedTuple

import autograd.numpy as np
import numpy
from autograd import grad, jacobian, make_vjp, value_and_grad
from autograd.misc import flatten
from scipy.linalg import qr
from scipy.optimize import nnls

from mle_helpers.likelihood import curvature_along, differentiate, predictors_along, scores_along, weighted

MANY, FEW = 20_000, 2_000  # observations from which a share of them is asked first, and how many
GAIN = 1e-6  # nats: no step from a maximum may gain more
BENT = 1e-6  # share of curvature up that rounding cannot explain
STRAIGHT = 1e-10  # share of curvature below which the data do not identify a direction
WEAK = 1e-4  # share of curvature in |H| + G below which a direction is walked along, not only looked at
LEVEL = 1e-3  # share of curvature that the slope next to a maximum leaves in directions without any
SCORE = 1e-3  # slope, in units of its own spread, that counts as zero
TOO_FAR = 1e12  # mean over standard deviation of a column in which four digits or fewer are left
BLURRED = 1e-3  # standard errors that the rounding of theta may take away
NEAR = 10.0 ** numpy.arange(-1, 3)  # lengths of steps along well curved directions, in standard errors
FAR = 10.0 ** numpy.arange(-4, 6.5, 0.5)  # lengths of steps along weak directions, in standard errors
LEVELS = numpy.sort([*FAR, 0.9, 0.99, 0.999, 0.9999, 1 - 1e-5, 1 - 1e-6])  # along level ones, in units of theta


class Surface:
    """The log-likelihood over the flattened parameters: heights and derivatives, -inf or None outside the domain."""

    def __init__(self, logpdf, theta, x, weights=None):
        self.logpdf, self.x, self.weights = logpdf, x, weights
        (self.start, self.unflatten), self.n = flatten(theta), len(x[0] if isinstance(x, tuple) else x)
        self.size = self.start.size
        # glibc returns arrays of this size to the system after every call, and faults them in again, which takes longer
        # than the arithmetic; an array freed once tells it to keep them. It is never touched, so it costs nothing.
        numpy.empty(4_000_000)
        self.height_and_slope = value_and_grad(self.height_of)

    def share(self):
        """Of many observations one in so many, each counted as often: about as high, and quick to ask."""
        if self.n < MANY:
            return self
        every = slice(None, None, self.n // FEW)
        rows = tuple(part[every] for part in self.x) if isinstance(self.x, tuple) else self.x[every]
        count = len(rows[0] if isinstance(rows, tuple) else rows)
        weights = numpy.ones(count) if self.weights is None else self.weights[every]
        return Surface(self.logpdf, self.unflatten(numpy.zeros(self.size)), rows, weights * self.n / count)

    @cached_property
    def normal(self):
        """The rows (m, p) of ``logpdf.constraints``, which are zero and linear in theta, as weights that sum to one."""
        constraints = getattr(self.logpdf, "constraints", None)
        if constraints is None or numpy.size(constraints(self.unflatten(self.start))) == 0:
            return numpy.zeros((0, self.size))
        return numpy.reshape(jacobian(lambda t: constraints(self.unflatten(t)))(self.start), (-1, self.size))

    def kept(self, free):
        """The projection (p, p) onto the directions in which ``free`` parameters may move within the constraints."""
        tied = self.normal * free
        return numpy.diag(1.0 * free) - numpy.outer(free, free) * (numpy.linalg.pinv(tied) @ tied)

    def ties(self, slope, free):
        """The part of a ``slope`` (p,) that the constraints bear, as far as ``free`` parameters tell: Lagrange's."""
        return slope[free] @ numpy.linalg.pinv(self.normal[:, free]) @ self.normal

    def tangent(self, free):
        """A basis (p, k) of these directions, of columns that keep units apart."""
        kept = self.kept(free)
        if len(self.normal) == 0:
            return kept[:, free]
        return kept[:, qr(kept, pivoting=True)[2][: round(numpy.trace(kept))]]

    def onto(self, flat, free):
        """The place next to ``flat`` that meets the constraints; only ``free`` parameters move."""
        if len(self.normal) == 0:
            return flat
        away = numpy.ravel(self.logpdf.constraints(self.unflatten(flat)))
        flat = flat - free * (numpy.linalg.pinv(self.normal * free) @ away)
        if numpy.any(numpy.abs(self.logpdf.constraints(self.unflatten(flat))) > 1e-9 * abs(self.normal) @ abs(flat)):
            raise ValueError("logpdf.constraints must be linear in theta, and zero where theta is allowed.")
        return flat

    def densities_of(self, flat):
        """The (n,) log densities, each times its weight; can be differentiated."""
        return weighted(self.logpdf(self.unflatten(flat), self.x), self.weights)

    def height_of(self, flat):
        """The log-likelihood; can be differentiated."""
        return np.sum(self.densities_of(flat))

    def densities(self, flat):
        """The (n,) log densities; a single -inf where logpdf raises ValueError."""
        with numpy.errstate(all="ignore"):
            try:
                return numpy.asarray(self.densities_of(flat))
            except ValueError:
                return numpy.full(1, -numpy.inf)

    def height(self, flat):
        """The log-likelihood in nats; -inf outside the domain."""
        with numpy.errstate(all="ignore"):
            value = float(numpy.sum(self.densities(flat)))
        return -numpy.inf if numpy.isnan(value) else value

    def slope(self, flat):
        """Height and gradient; (-inf, None) where either is not finite, (inf, None) where the height is infinite."""
        with numpy.errstate(all="ignore"):
            try:
                value, gradient = differentiate(lambda f: self.height_and_slope, None, flat, constant="ignore")
            except TypeError:  # the same call went well at the start: logpdf raises here, outside its domain
                return -numpy.inf, None
        if numpy.isfinite(value) and numpy.all(numpy.isfinite(gradient)):
            return float(value), gradient
        return (numpy.inf if value == numpy.inf else -numpy.inf), None

    def look(self, flat, basis):
        """Slope, curvature and spread of the scores along the columns of ``basis``; what is not finite counts as 0."""
        if basis.shape[1] == 0:
            return Look(numpy.zeros(0), numpy.zeros((0, 0)), numpy.zeros((0, 0)))
        with numpy.errstate(all="ignore"):
            along = predictors_along(self.logpdf, self.x, basis)
            curvature = curvature_along(self.logpdf, flat, self.unflatten, self.x, self.weights, basis, along)
            rows = scores_along(self.logpdf, flat, self.unflatten, self.x, basis, along)
            finite = numpy.isfinite(numpy.sum(rows)) or numpy.isfinite(rows)
        if not numpy.all(numpy.isfinite(curvature)):
            curvature = numpy.zeros_like(curvature)
        rows = rows if finite is True else numpy.where(finite, rows, 0.0)
        heavy = rows if self.weights is None else self.weights[:, None] * rows
        with numpy.errstate(all="ignore"):
            spread = heavy.T @ rows
        if not numpy.all(numpy.isfinite(spread)):
            raise OverflowError("the slopes of the log-likelihood are larger than any number")
        return Look(numpy.ones(len(heavy)) @ heavy, curvature, spread)  # sum(axis=0) takes ten times as long

    def bend(self, flat):
        """The map v -> H v, for many parameters; computed once, it costs two gradients a product."""
        product = make_vjp(lambda t: grad(self.height_of)(t))(flat)[0]

        def times(v):
            with numpy.errstate(all="ignore"):
                return product(numpy.asarray(v, float))

        return times


class Look(NamedTuple):
    """Slope (k,), curvature H (k, k) and spread of the scores G (k, k) of the surface along k directions."""

    slope: Any
    curvature: Any
    spread: Any

    @property
    def total(self):
        """|H| + G, where |H| has the directions of H and the absolute values of its eigenvalues."""
        values, turn = numpy.linalg.eigh(self.curvature)
        return (turn * numpy.abs(values)) @ turn.T + self.spread

    @property
    def sizes(self):
        """How much the surface changes along each direction: one over its standard error, or nearly.

        The eigenvalues of H keep their digits only between directions of about the same size, so these come first.
        """
        rough = numpy.sqrt(numpy.abs(numpy.diag(self.curvature)) + numpy.diag(self.spread))
        rough = numpy.where(rough > 0, rough, 1.0)
        return rough * numpy.sqrt(numpy.diag(self.along(numpy.diag(1 / rough)).total))

    def along(self, change):
        """The same along the columns of ``change`` (k, m), combinations of these directions."""
        return Look(change.T @ self.slope, change.T @ self.curvature @ change, change.T @ self.spread @ change)


class Frame(NamedTuple):
    """Directions in which the surface is one standard error wide: |H| + G is the identity along them, H diagonal.

    ``basis`` (p, k); ``slope`` (k,) along it; ``bend`` (k,), minus the second derivatives: 1 where it curves down as
    much as it can, 0 where it is straight, negative where it curves up. ``level`` (p, m): directions in which no
    log density changes at all.
    """

    basis: Any
    slope: Any
    bend: Any
    level: Any

    @property
    def to_gain(self):
        """Nats that a parabola with this slope and curvature would gain; infinite where it curves up."""
        if numpy.any(self.bend < -BENT):
            return numpy.inf
        return float(numpy.sum(self.slope**2 / numpy.maximum(self.bend, 1e-9))) / 2

    @property
    def steepness(self):
        """The largest slope in units of its own spread; at a maximum 0, on an endless rise of the order of one."""
        return float(numpy.max(self.ratios, initial=0.0))

    @property
    def ratios(self):
        """Each slope in units of its spread."""
        spread = numpy.sqrt(numpy.maximum(1 - numpy.abs(self.bend), 1e-300))
        return numpy.abs(self.slope) / spread

    def newton(self, at_least=1e-8):
        """The step to the top of the parabola; where it curves up, as far in the direction that rises."""
        return self.basis @ (self.slope / numpy.maximum(numpy.abs(self.bend), at_least))


def frame(surface, flat, free=None):
    """The `Frame` of the surface at ``flat``, over the parameters that are ``free`` to move, as its `tangent` says."""
    free = numpy.ones(flat.size, bool) if free is None else free
    tangent = surface.tangent(free)
    look = surface.look(flat, tangent)
    sizes, basis, level = look.sizes, numpy.eye(tangent.shape[1]), numpy.zeros((tangent.shape[1], 0))
    for again in range(5):
        even = numpy.diag(1 / numpy.where(look.sizes > 0, look.sizes, 1.0))
        basis, look = basis @ even, look.along(even)
        total, turn = numpy.linalg.eigh(look.total)
        turn = turn / numpy.sqrt(numpy.maximum(total, 1e-14))
        basis, look = basis @ turn, look.along(turn)
        sound = min(total, default=1.0) > (0.5 if again else 1e-6) * max(total, default=1.0)
        if sound and (again or min(numpy.linalg.eigvalsh(look.spread), default=1.0) > 1e-5):
            break
        # Digits of the weakest directions have cancelled: look again along them, now that they are known.
        look, reach = surface.look(flat, tangent @ basis), sizes @ numpy.abs(basis)
        bare = (numpy.diag(look.spread) <= (1e-12 * reach) ** 2) & (look.sizes**2 <= LEVEL * reach**2)
        level = numpy.hstack([level, basis[:, bare]])
        basis, look = basis[:, ~bare], look.along(numpy.eye(bare.size)[:, ~bare])
    bend, turn = numpy.linalg.eigh(-look.curvature)
    basis, level = tangent @ basis, tangent @ level
    wide = numpy.abs(flat) + numpy.sum(numpy.abs(basis), axis=1)  # a level direction is as long as theta is large
    level = level / numpy.max(numpy.abs(level) / numpy.where(wide > 0, wide, 1.0)[:, None], axis=0, initial=1e-300)
    return Frame(basis @ turn, turn.T @ look.slope, numpy.clip(bend, -1.0, 1.0), level)


# --- steps -----------------------------------------------------------------------------------------------------------


class Walk(NamedTuple):
    """What a walk along one ray met: ``way`` "rises", "falls", "level", "edge" (level up to it) or "wall" (at once)."""

    way: str
    place: Any


def walk(surface, flat, height, step, lengths, inside=None, gain=GAIN, follow=None):
    """Walk from ``flat`` along ``step``, in growing ``lengths``, until the surface has clearly gone down or up.

    Beyond a valley of 1e-3 nats begins another hill, which is not asked for. With ``follow``, each place is also
    brought to the top across the firm directions, so that a way up that bends is found too.
    """
    way, blurs = "wall", 0
    for length in lengths:
        place = flat + length * step
        change = surface.height(place) - height if inside is None or inside(place) else -numpy.inf
        if follow is not None and abs(change) > gain and noisy(surface, place, length * step, change):
            if (blurs := blurs + 1) > 4:
                return Walk("level", place)
            way = "level"
            continue  # a longer step may stand out
        if change > gain:
            return Walk("rises", place)
        ridge = follow(place) if follow is not None and numpy.isfinite(change) else None
        if ridge is not None and (inside is None or inside(ridge)):
            rise = surface.height(ridge) - height
            if rise > gain and not noisy(surface, ridge, length * step, rise):
                return Walk("rises", ridge)
        if change == -numpy.inf:
            return Walk({"level": "edge"}.get(way, way), place)
        if change < -1e-3:
            return Walk("falls", place)
        way = "falls" if change < -gain else "level"
    return Walk(way, place)


def end_of(height, inside, outside):
    """The last number between two where ``height`` is finite, or 0 where the domain ends there; and the next one."""
    start = inside
    for _ in range(200):
        middle = (inside + outside) / 2
        if middle in (inside, outside) or abs(inside) < 1e-15 * abs(start):
            break
        inside, outside = (middle, outside) if height(middle) > -numpy.inf else (inside, middle)
    if inside * outside <= 0:
        return 0.0, outside if outside else -numpy.sign(start) * 1e-300
    return inside, outside


def noisy(surface, place, step, change):
    """Is a ``change`` of height noise: do heights a billionth of the way apart differ by a tenth of it?"""
    heights = [surface.height(place + k * 1e-9 * step) for k in range(4)]
    return numpy.isfinite(change) and numpy.ptp(heights) > 0.1 * abs(change)


def firm_directions(surface, flat, view):
    """True for directions that curve well, and as far as a tenth of a standard error as their curvature promises.

    On a ledge along a curve, such as that of a skew-normal at alpha = 0, what curvature there is says nothing.
    """
    steps = view.basis.T / numpy.sqrt(numpy.maximum(view.bend, WEAK))[:, None]
    return (view.bend >= WEAK) & are_domes(surface, flat, steps)


def across(surface, place, view, firm):
    """From ``place`` one Newton step across the ``firm`` directions, or None."""
    gradient = surface.slope(place)[1]
    if gradient is None or not numpy.any(firm):
        return None
    return place + view.basis[:, firm] @ (view.basis[:, firm].T @ gradient / view.bend[firm])


def blur(surface, flat, basis):
    """The noise of the log-likelihood in nats: how it scatters between points a billionth of a standard error apart."""
    step = 1e-9 * basis @ numpy.ones(basis.shape[1])
    heights = [surface.height(flat + k * step) for k in range(4)]
    return float(numpy.ptp(heights)) + numpy.finfo(float).eps * abs(heights[0])


def to_nought(flat, step):
    """``step``, as long as takes the first of its parameters to zero: from far out towards a limit, the way back."""
    with numpy.errstate(all="ignore"):
        shares = numpy.nan_to_num(numpy.abs(step / flat), posinf=0.0)
    return step / numpy.max(shares) if numpy.any(shares) else step


def directions(flat, view, firm, everywhere=False):
    """Pairs (step, lengths) to walk along: what curves well once, what does not far and wide."""
    k, generator = view.bend.size, numpy.random.default_rng(0)
    weak = ~firm | everywhere
    mixed = generator.choice([-1.0, 1.0], (k, 2 * k if everywhere else 4))
    steps = [(step, FAR) for step in view.basis.T[weak]]
    back = [to_nought(flat, step) for step in [*view.level.T, *view.basis.T[weak]]]
    steps += [(step, LEVELS) for step in [*view.level.T, *back]]
    if everywhere:
        steps += [(step, FAR) for step in (view.basis @ (mixed * generator.random(mixed.shape))).T]
    elif k > 4:
        steps += [(step, NEAR) for step in (view.basis @ (mixed * ~weak[:, None]) / numpy.sqrt(k)).T]
    else:
        steps += [(step, NEAR) for step in view.basis.T[~weak]]
    return steps


def examine(surface, flat, height, view, inside=None, everywhere=False, gain=GAIN):
    """Walk in all `directions`, both ways; returns (verdict, place): "maximum", "rises" or "limit".

    "rises": a step to ``place`` leads up by more than ``gain``. "limit": one way down, the other level as far as one
    can go: the log-likelihood approaches a limit and has no maximum. Level both ways is a ridge, and a maximum.
    """
    firm = firm_directions(surface, flat, view)
    for step, lengths in directions(flat, view, firm, everywhere):
        follow = None if lengths is NEAR or everywhere else partial(across, surface, view=view, firm=firm)
        walks = [walk(surface, flat, height, sign * step, lengths, inside, gain, follow) for sign in (1, -1)]
        for one in walks:
            if one.way == "rises":
                return one
        ways = {one.way for one in walks}
        if "falls" in ways and ways & {"level", "edge"}:
            return Walk("limit", next(one.place for one in walks if one.way in ("level", "edge")))
    return Walk("maximum", flat)


def rounding(flat, view):
    """Standard errors that the rounding of each parameter to a double takes away; 1e-8 is fine, 1e-3 is not."""
    bend = numpy.maximum(view.bend, 0.0)
    dual = numpy.linalg.pinv(view.basis) if view.bend.size else numpy.zeros((0, flat.size))
    return numpy.finfo(float).eps * numpy.abs(flat) * numpy.sqrt(bend @ dual**2)


def crossing(view, n):
    """Steps of a standard error that a kink in any parameter lies across: the frame's, or of many a few mixtures."""
    k = view.bend.size
    mixed = numpy.random.default_rng(1).choice([-1.0, 1.0], (k, 4 if n < MANY else 2)) / numpy.sqrt(max(k, 1))
    return view.basis.T if k <= 4 else (view.basis @ mixed).T


def has_kink(surface, flat, step, height=None):
    """Does the surface fall on both sides of ``flat`` like a roof, not like a dome: twice as far, twice as deep?"""
    height = surface.height(flat) if height is None else height
    for sign in (1, -1):
        near, far = (height - surface.height(flat + sign * d * step) for d in (1e-3, 2e-3))
        if not (near > 0 and 1.8 < far / near < 2.2):
            return False
    return True


def is_dome(surface, flat, step, height=None):
    """Does the surface bend near ``flat`` as its curvature promises, a tenth of a standard error to both sides?

    Within a factor of four: a flat top such as -t^4 promises standard errors that are thousands of times too long.
    Where the domain has no room for the step, as beside a simplex, the curvature is believed.
    """
    height = surface.height(flat) if height is None else height
    falls = [height - surface.height(flat + sign * step / 10) for sign in (1, -1)]
    return 0.0025 < sum(falls) < 0.04 or sum(falls) == numpy.inf


def are_domes(surface, flat, steps):
    """`is_dome` for each of ``steps``, asked first of a share of the observations; where that says no, of all."""
    share, every = surface.share(), surface.n >= MANY
    height = share.height(flat)
    domes = [is_dome(share, flat, step, height) or (every and is_dome(surface, flat, step)) for step in steps]
    return numpy.array(domes, bool)


def least_slope(slopes):
    """The shortest vector in the convex hull of the rows of ``slopes``: zero at a maximum, also where it has a kink.

    Burke, Lewis and Overton (2005), A robust gradient sampling algorithm for nonsmooth, nonconvex optimization.
    """
    large = 1e3 * numpy.max(numpy.abs(slopes), initial=1e-300)
    shares = nnls(numpy.vstack([slopes.T, numpy.full(len(slopes), large)]), numpy.r_[0 * slopes[0], large])[0]
    return shares @ slopes / shares.sum()


# --- said in words ---------------------------------------------------------------------------------------------------


class Checklist(NamedTuple):
    """What makes a maximum, measured: print it for one line a question.

    ``to_gain``: nats that a parabola with this slope and curvature would still gain; ``steepness``: the largest slope
    in units of its own spread; ``bend``: the lowest curvature, from -1 (up) to 1 (down), 0 where nothing changes;
    ``lost``: standard errors that rounding theta to doubles takes away; ``starts`` and ``units``: nats by which a fit
    from other starts, and one in other units of theta, comes out higher (positive) or lower, None if not tried.
    """

    to_gain: float
    steepness: float
    bend: float
    straight: tuple
    lost: float
    starts: float | None = None
    units: float | None = None

    @classmethod
    def of(cls, view, flat, names):
        """The lines that need no other fit, from the `Frame` at ``flat``."""
        straight = numpy.hstack([view.level, view.basis[:, view.bend < STRAIGHT]])
        share = numpy.max(numpy.abs(straight), axis=1, initial=0)
        where = tuple(name for name, part in zip(names, share, strict=True) if part > 0.1 * share.max(initial=0))
        lowest = min([*view.bend, *numpy.zeros(view.level.shape[1])], default=1.0)
        lost = float(numpy.max(rounding(flat, view), initial=0.0))
        return cls(view.to_gain, view.steepness, float(lowest), where, lost)

    @property
    def verdicts(self):
        """True, False or None (not tried) for each line."""
        return {
            "slope": self.to_gain < GAIN or self.steepness < SCORE,
            "curvature": self.bend > STRAIGHT,
            "digits": self.lost < BLURRED,
            "starts": None if self.starts is None else abs(self.starts) < 1e-4,
            "units": None if self.units is None else abs(self.units) < 1e-4,
        }

    def __str__(self):
        straight = f", straight in {', '.join(self.straight[:4])}" if self.straight else ""
        digits = f"{-numpy.log10(max(self.lost, 1e-16)):.0f}"
        digits += " digit of one holds" if digits == "1" else " digits of one hold"
        said = {
            "slope": f"the slope could gain {self.to_gain:.2g} nats; it is {self.steepness:.2g} times its own spread",
            "curvature": f"the lowest curvature is {self.bend:.2g} of what it can be{straight}",
            "digits": f"rounding theta moves it by {self.lost:.2g} standard errors: {digits}",
            "starts": f"other starts come out {_higher(self.starts)}",
            "units": f"theta in other units comes out {_higher(self.units)}",
        }
        marks = {True: "yes", False: "NO", None: "not tried"}
        return "\n".join(f"{name:<10} {marks[ok]:<10} {said[name]}" for name, ok in self.verdicts.items())


def _higher(gap):
    if gap is None:
        return "?"
    return "equal" if abs(gap) < 1e-4 else f"{abs(gap):.3g} nats {'higher' if gap > 0 else 'lower'}"


def lost_digits(x, names, flat, lost):
    """What to say where rounding the parameters to doubles moves them by ``lost`` standard errors."""
    name, value, lost = names[numpy.argmax(lost)], flat[numpy.argmax(lost)], numpy.max(lost)
    if isinstance(x, tuple) and numpy.ndim(x[0]) == 2:
        far = numpy.abs(numpy.mean(x[0], axis=0)) / numpy.maximum(numpy.std(x[0], axis=0), 1e-300)
        far[numpy.std(x[0], axis=0) == 0] = 0
        if far.max() > 1e6:
            worst = int(numpy.argmax(far))
            return (
                f"digits are lost: centre column {worst + 1} of X, whose mean is {far[worst]:.2g} times its "
                f"standard deviation; rounding {name} alone moves it by {lost:.2g} standard errors"
            )
    return (
        f"digits are lost: rounding {name} = {value:.6g} to a double moves it by {lost:.2g} "
        "standard errors. Centre x (subtract a round number near its mean) if it lies far from zero; otherwise the "
        "log-likelihood keeps rising while theta drifts away: the maximum may not exist, tied data make a spike"
    )


def far_from_zero(x):
    """The sentence for data whose variation is lost beside their distance from zero; else ""."""
    parts = x if isinstance(x, tuple) else (x,)
    for part in (np.asarray(part, float) for part in parts if np.ndim(part) in (1, 2)):
        low, high = numpy.min(part, axis=0), numpy.max(part, axis=0)
        if numpy.all(numpy.maximum(-low, high) * numpy.sqrt(2 * len(part)) <= TOO_FAR * (high - low)):
            continue  # the standard deviation is at least the range over sqrt(2 n)
        spread = numpy.where(high > low, numpy.maximum(numpy.std(part, axis=0), 1e-300), numpy.inf)
        far = numpy.atleast_1d(numpy.abs(numpy.mean(part, axis=0)) / spread)
        if far.max() > TOO_FAR:
            where = f"column {int(numpy.argmax(far)) + 1} of {'X' if isinstance(x, tuple) else 'x'}"
            return (
                f"digits are lost: centre {where if part.ndim == 2 else 'x'}, whose mean is {far.max():.2g} times its "
                "standard deviation (subtract a round number near the mean)"
            )
    return ""


def brief(flat, names):
    """The first parameters by name, for messages."""
    text = ", ".join(f"{name} = {value:.4g}" for name, value in list(zip(names, flat, strict=True))[:6])
    return text + (" …" if len(names) > 6 else "")
