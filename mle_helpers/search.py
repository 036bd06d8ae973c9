"""From a start to a maximum of the log-likelihood, or the reason why there is none.

`Search` climbs by BFGS in the `Frame` of where it stands, looks around in a new frame, finishes with Newton steps, and
asks whether it has arrived. It goes on where a step leads up, follows the log-likelihood to the end of its domain, and
settles on kinks.
"""

from functools import partial

import autograd.numpy as np
import numpy
from autograd import value_and_grad
from autograd.misc import flatten

from mle_helpers import maximum
from mle_helpers.likelihood import as_theta, differentiate
from mle_helpers.maximum import BENT, BLURRED, GAIN, MANY, SCORE, Surface, brief, examine, frame, least_slope

CALM = 1e-9  # nats left to gain at which a search is over
SMALL = 1e-4  # nats left to gain at which steps must have become short
EXACT = 1e-22  # nats left to gain at which Newton steps have nothing left to do
STEEP = 0.9  # share of a slope up to which a step is lengthened
NEARBY = (1e-7, 1e-6, 1e-5)  # standard errors within which slopes on all sides of a kink are taken
KINKS = 4  # times that a search settles on a kink
ROUNDS = 100  # frames in one search
AT_EDGE = "the log-likelihood still rises at the edge of the domain, where the slope is not zero"
LATE = "the log-likelihood still rises after {} iterations: raise max_iter"
NOT_DOWN = (
    "the log-likelihood does not curve down there, although its slope is zero: a saddle point, a ledge or a minimum"
)


class NoMaximum(Exception):
    """Why a search ended without a maximum."""


class Search:
    """One start of `fit`: climb, look around in a new frame, climb on; over the flattened parameters."""

    def __init__(self, logpdf, theta0, x, weights, low, high, names):
        self.names, self.surface = names, Surface(logpdf, theta0, x, weights)
        self.low, self.high, self.bounds = low.copy(), high.copy(), (low, high)
        self.flat = self.surface.onto(start := self.surface.start, (start != low) & (start != high))
        self.ends, self.open_ends, self.looks_ahead, self.moved_on, self.kinks = {}, {}, 0, 0, 0
        differentiate(value_and_grad, self.surface.share().height_of, self.flat)
        self.height, self.gradient = self.surface.slope(self.flat)
        if self.gradient is None:
            raise ValueError(
                "theta0: the gradient of logpdf is not finite there. Start away from the edge of the domain, and keep "
                "invalid values out of both branches of np.where."
            )
        self.top, self.exact = None, EXACT * max(1.0, self.surface.n / 100) ** 2  # as many digits of theta for any n
        self.used, self.heights, self.noise = 0, [self.height], None
        self.thetas = [as_theta(self.surface.unflatten(self.flat))]
        self.held = numpy.zeros(self.flat.size, bool)  # at a bound that a step would leave: wait there for the others

    # --- where we are

    @property
    def pressed(self):
        """True for parameters at an end that the log-likelihood pushes against."""
        slope = self.gradient - self.surface.ties(self.gradient, ~self.at_end)
        return ((self.flat <= self.low) & (slope < 0)) | ((self.flat >= self.high) & (slope > 0))

    @property
    def at_end(self):
        """True for parameters at a bound, or at an end of the domain."""
        return (self.flat == self.low) | (self.flat == self.high)

    @property
    def free(self):
        """True for parameters that the next steps move."""
        return ~(self.pressed | self.held)

    @property
    def ends_met(self):
        return numpy.sum(self.at_end) + len(self.ends), numpy.sum(self.held)

    def inside(self, flat):
        return bool(numpy.all((flat >= self.low) & (flat <= self.high)))

    def move(self, flat, height=None, gradient=None):
        if gradient is None:
            height, gradient = self.surface.slope(flat)
            if gradient is None:
                return False
        self.flat, self.height, self.gradient = flat, height, gradient
        while len(self.heights) > 1 and height <= self.heights[-1]:  # rounding: the same height again
            self.thetas.pop()
            self.heights.pop()
        if height > self.heights[-1]:
            self.thetas.append(as_theta(self.surface.unflatten(flat)))
            self.heights.append(height)
        else:
            self.thetas[-1] = as_theta(self.surface.unflatten(flat))
        return True

    # --- the search

    def approach(self, enough):
        """Climb until ``enough`` nats are left to gain, or ten times; returns the frame of that place, not judged."""
        for _ in range(10):
            view = frame(self.surface, self.flat, self.free)
            if view.to_gain < enough:
                break
            self.climb(view, 100, 0.1 * enough)
        return view

    def begin_with_a_share(self):
        """Of many observations let a share climb first; if its place is higher, go on from there in its frame."""
        share = self.surface.share()
        try:
            first = Search(share.logpdf, self.thetas[0], share.x, share.weights, self.low, self.high, self.names)
            view = first.approach(1e-5 * self.surface.n)  # its own top is about that far from that of all
        except (ValueError, TypeError, NoMaximum, OverflowError):  # all observations may know better
            return
        height, gradient = self.surface.slope(first.flat)
        if gradient is not None and height > self.height:
            self.move(first.flat, height, gradient)
            if not numpy.any(self.at_end):
                self.polish(view._replace(slope=view.basis.T @ gradient), 0.01 * self.surface.n)

    def solve(self, max_iter):
        """Climb to a maximum; `NoMaximum` says why there is none."""
        try:
            if self.surface.n >= MANY:
                self.begin_with_a_share()
            self.to_the_top(max_iter)
        except OverflowError:
            raise NoMaximum(self.drift()) from None

    def to_the_top(self, max_iter):
        if message := maximum.far_from_zero(self.surface.x):
            raise NoMaximum(message)
        polished, gains = 0, []
        for round in range(ROUNDS):
            free = self.free
            fresh = frame(self.surface, self.flat, free)
            if fresh.to_gain < SMALL and fresh.steepness > SCORE + 30 * numpy.sqrt(2 * fresh.to_gain):
                self.must_come_to_rest(fresh)
            view = self.polish(fresh)
            if self.stale_ends():
                continue  # what an end held moves again: the frame is another one
            if self.exact < view.to_gain < SMALL and view is not fresh and polished < 5:
                polished += 1
                continue  # the last digits want the curvature of where we are now
            if view.to_gain < SMALL and numpy.any(self.held | (self.free & ~free)):
                self.held[:] = False
                continue  # one at a bound is pressed no longer, or may come along now
            if view.to_gain < CALM and self.is_top(view):
                self.top = view if view is fresh else None
                return
            if self.used >= max_iter:
                raise NoMaximum(f"{LATE.format(max_iter)}, or {self.drift()}")
            if endless(gains) or (endless(gains, 5) and self.is_spike()):
                raise NoMaximum(self.drift())
            polished = 0
            before, ends = self.height, self.ends_met
            self.climb(view, max_iter)
            if self.blocked is not None and (round < 4 or round % 4 == 0):
                self.look_for_ends(*self.blocked)
            gains.append(self.height - before)
            still = gains[-1] < 0.1 * GAIN + self.blurred(before) and self.ends_met == ends
            if still and self.stuck(view):
                return
        raise NoMaximum(self.drift())

    def blurred(self, height):
        """Gains that rounding explains; above one nat it explains nothing, digits are lost then."""
        return min((self.noise or 0.0) + 1e-13 * (1 + abs(height)), 1.0)

    def polish(self, view, near=None):
        """Newton steps within one frame; returns it with the slope at their end.

        The surface is a parabola farther out, in nats, the more observations there are.
        """
        near = max(0.1, 1e-3 * self.surface.n) if near is None else near
        inverse = numpy.diag(1 / numpy.maximum(numpy.abs(view.bend), 1e-9))
        if 0 < view.to_gain < near and self.noise is None:
            self.noise = 4 * maximum.blur(self.surface, self.flat, view.basis)
        for _ in range(8):
            if not self.exact < view.to_gain < near:
                break
            step = inverse @ view.slope
            there = self.flat + view.basis @ step
            height, gradient = self.surface.slope(there)
            if gradient is None or not self.inside(there):
                break
            after = view._replace(slope=view.basis.T @ gradient)
            if height < self.height - self.blurred(height) or not after.to_gain < 0.25 * view.to_gain:
                break
            self.used += 1
            self.move(there, height, gradient)
            inverse, view = _bfgs(inverse, step, view.slope - after.slope), after
        return view

    def climb(self, view, max_iter, least=0.01 * SMALL):
        """BFGS in the frame, until ``least`` nats are left to gain or no step helps; first steps: a standard error."""
        inverse, slope = numpy.diag(1 / numpy.maximum(numpy.abs(view.bend), 0.1)), view.basis.T @ self.gradient
        self.blocked, before, gains, self.tries = None, self.height, [], 0
        while self.used < max_iter:
            direction = inverse @ slope
            if not gains:
                direction = self.first_step(view, direction)
            if not slope @ direction > least:
                return  # Newton steps take it from here
            step = view.basis @ direction
            if numpy.any(self.leaves(step)):
                self.held |= self.leaves(step)
                return  # these stay: the frame of the others is another one
            found = self.stride(step, self.gradient @ step)
            self.used += 1
            if found is None or self.tries > 1000 and least > 1e-10:  # in noise each step takes tens of tries
                return
            length, place, height, gradient = found
            ends = self.at_end
            self.move(place, height, gradient)
            after = view.basis.T @ gradient
            inverse, slope = _bfgs(inverse, length * direction, slope - after), after
            gains.append(height - before)
            before = height
            if endless(gains) and (len(gains) > 250 or (len(gains) > 45 and far_and_farther(self.thetas))):
                raise NoMaximum(self.drift())
            if len(gains) > 5 and max(gains[-5:]) <= self.blurred(height):
                return
            if self.blocked is not None or numpy.any(self.at_end != ends):
                return  # at another end: the frame is another one there

    def first_step(self, view, direction):
        """``direction`` cut to a standard error, not to go over the next valley; longer if that moves no digit.

        But not farther than the parabola's top: in a spike all steps are too short for digits, and end the climb.
        """
        direction = direction / max(1.0, numpy.linalg.norm(direction))
        step = view.basis @ direction
        with numpy.errstate(all="ignore"):
            digits = numpy.min(numpy.abs(self.flat / step), where=step != 0, initial=numpy.inf) * numpy.finfo(float).eps
            top = numpy.max(numpy.abs(view.slope / view.bend))
        return direction * max(1.0, min(8 * digits, top))

    def leaves(self, step):
        """True for parameters at a bound that ``step`` leads out of."""
        return ((self.flat <= self.low) & (step < 0)) | ((self.flat >= self.high) & (step > 0))

    def stride(self, step, rise):
        """How far to go along ``step``, by halves and fourfold until the slope has eased; None if no length helps."""
        with numpy.errstate(all="ignore"):
            room = numpy.where(step > 0, (self.high - self.flat) / step, (self.low - self.flat) / step)
        reach = float(numpy.min(numpy.where(step == 0, numpy.inf, room), initial=numpy.inf))
        least, most, length, best = 0.0, numpy.inf, min(1.0, reach), None
        for _ in range(60):
            self.tries += 1
            place = numpy.clip(self.flat + length * step, self.low, self.high)
            height, gradient = self.surface.slope(place)
            if numpy.max(numpy.abs(place)) > 1e100:
                raise NoMaximum(self.drift())
            if height == numpy.inf:
                raise NoMaximum(f"the log-likelihood is infinite at {brief(place, self.names)}: a spike")
            if gradient is None and self.blocked is None:
                self.blocked = (step, length)
            if gradient is None or height < self.height + 1e-4 * length * rise:
                most = length
            elif gradient @ step > STEEP * rise and length < reach:
                least, best = length, (length, place, height, gradient)
            else:
                return length, place, height, gradient
            if numpy.all(place == self.flat):
                break
            length = min((least + most) / 2 if most < numpy.inf else 4 * length, reach)
            if best is not None and most < 1.5 * least:
                break
        return best

    # --- ends of the domain

    def look_for_ends(self, step, length):
        """Where the domain ends along single parameters: an end as high as here, or higher, becomes a bound."""
        for j in numpy.flatnonzero(step):
            outside = self.flat[j] + 2 * length * step[j]
            if self.height_at(j, outside) > -numpy.inf:
                continue
            place, beyond = maximum.end_of(partial(self.height_at, j), self.flat[j], outside)
            height = self.height_at(j, place)
            undefined = numpy.any(numpy.isnan(self.surface.densities(self.put(j, beyond))))
            if height == -numpy.inf:
                gap = abs(place - self.flat[j])
                if gap < 1e-9 * self.open_ends.setdefault((j, place), max(gap, 1e-300)):
                    raise NoMaximum(self.at_open_end(j, place))
            elif height > self.height - GAIN and not undefined:
                self.ends[j] = beyond
                (self.high if step[j] > 0 else self.low)[j] = place

    def put(self, j, value):
        """Where we are, with parameter j elsewhere, and what is tied to it."""
        way = self.surface.kept(~self.at_end | (numpy.arange(self.flat.size) == j))[j]
        there = self.flat + (value - self.flat[j]) * way / (way[j] or 1.0)
        there[j] = value
        return there

    def height_at(self, j, value):
        """The log-likelihood at the place of `put`."""
        return self.surface.height(self.put(j, value))

    def inward(self, j):
        """A little inside of the end that parameter j stands at: a thousandth of the way back to its start."""
        way = flatten(self.thetas[0])[0][j] - self.flat[j]
        return self.flat[j] + 1e-3 * (way or (self.flat[j] - self.ends[j]) * 1e15)

    def stale_ends(self):
        """Forget an end that has moved on with the other parameters; True if there was one."""
        gone = [j for j, beyond in self.ends.items() if self.height_at(j, beyond) > -numpy.inf]
        for j in gone:
            self.low[j], self.high[j] = self.bounds[0][j], self.bounds[1][j]
            del self.ends[j]
        return bool(gone)

    def at_open_end(self, j, place):
        start = flatten(self.thetas[0])[0][j] - place
        heights = [self.height_at(j, place + share * start) for share in (1e-3, 1e-6, 1e-9)]
        endless = heights[2] - heights[1] > 0.5 * (heights[1] - heights[0]) > 0
        return f"{AT_EDGE}: {self.names[j]} = {place:.6g} does not belong to the family, and " + (
            "towards it the log-likelihood rises without end, into a spike" if endless else "a limit is only approached"
        )

    # --- is it a maximum?

    def is_top(self, view):
        """Judge where we are; move on to a place that is higher, ten times at most."""
        higher = self.judge(view)
        if higher is None:
            return True
        self.moved_on += 1
        if self.moved_on > 10 or not self.move(higher):
            raise NoMaximum(self.drift())
        return False

    def judge(self, view):
        """None at a maximum; a place that is higher; `NoMaximum` where there is no maximum."""
        if self.stale_ends():
            return self.flat
        for j in (j for j in self.ends if self.at_end[j]):
            if abs(self.gradient[j] * self.flat[j]) * numpy.finfo(float).eps > GAIN:
                raise NoMaximum(f"{AT_EDGE}: the last digit of {self.names[j]} still raises it, so it is a spike")
            beyond = self.surface.densities(self.put(j, self.ends[j]))
            moves = self.surface.densities(self.put(j, self.inward(j))) != self.surface.densities(self.flat)
            if self.pressed[j] and numpy.any((beyond > -numpy.inf) & moves):
                raise NoMaximum(
                    f"{AT_EDGE}: beyond {self.names[j]} = {self.flat[j]:.6g} observation "
                    f"{int(numpy.argmin(beyond))} is impossible, so the support depends on theta. That edge is the "
                    "estimate, and no score equation gives it"
                )
        lost = maximum.rounding(self.flat, view)
        if numpy.any(lost > BLURRED):
            raise NoMaximum(maximum.lost_digits(self.surface.x, self.names, self.flat, lost))
        if view.steepness > SCORE:
            self.must_come_to_rest(view)
        found = examine(self.surface, self.flat, self.height, view, self.inside, gain=GAIN + self.blurred(self.height))
        if found.way == "limit":
            raise NoMaximum(self.drift(found.place))
        if found.way == "rises" and len(self.thetas) == 1 and not numpy.any(view.slope):
            raise NoMaximum(NOT_DOWN)
        return None if found.way == "maximum" else found.place

    def must_come_to_rest(self, view):
        """Look ahead, at most three times in a search: towards a limit steps go on for ever."""
        self.looks_ahead += 1
        if self.looks_ahead <= 3 and not self.comes_to_rest(view):
            raise NoMaximum(self.drift())

    def comes_to_rest(self, view):
        """Do Newton steps shrink? They do towards a maximum, also a flat one; towards a limit they never do."""
        flat, first, size = self.flat, view, None
        for _ in range(12):
            step = view.newton(1e-9)
            if numpy.all(numpy.abs(step) <= 8 * numpy.finfo(float).eps * numpy.abs(flat)) or view.steepness < SCORE:
                return True
            length = numpy.linalg.norm(numpy.linalg.lstsq(first.basis, step, rcond=None)[0])
            size = length if size is None else size
            flat = flat + step
            if not self.inside(flat) or self.surface.slope(flat)[1] is None:
                return False
            view = frame(self.surface, flat, self.free)
        return length < 0.7 * size

    def stuck(self, view):
        """Where no step helps: True at a maximum, with a kink or blurred by noise, False after a step up was found."""
        if not numpy.any(numpy.abs(view.slope) > 1e-7) and numpy.any(view.bend < -BENT):
            raise NoMaximum(NOT_DOWN)
        if view.to_gain < 1e-2 * GAIN + min(self.blurred(self.height), SMALL) and view.steepness < SCORE:
            return self.is_top(view)
        noise = maximum.blur(self.surface, self.flat, 1e3 * view.basis)
        if noise == numpy.inf or (self.ends and self.is_spike()):
            spike = f"{AT_EDGE}: a millionth of a standard error farther theta has left the domain, so it is a spike"
            raise NoMaximum(spike if self.is_spike() else self.drift())
        if noise > 1e-2:
            lost = f"digits are lost: the log-likelihood is noise of {noise:.2g} nats there"
            raise NoMaximum(f"{lost}, and {self.drift()}")
        self.kinks += 1
        if self.kinks > KINKS:
            raise NoMaximum(f"{AT_EDGE}, and {self.drift()}")
        before = self.height
        self.settle_on_kink(view)
        if self.height > before + 1e-9 + self.blurred(before):
            return False
        found = examine(self.surface, self.flat, self.height, view, self.inside, True, GAIN + self.blurred(before))
        agreed = [numpy.linalg.norm(self.agreed_slope(view, radius, 8 * view.bend.size + 8)) for radius in NEARBY]
        if found.way == "maximum" and min(agreed) < 0.05:
            return True
        self.used += 50
        if found.way == "limit" or (found.way == "rises" and self.used > 1000):
            raise NoMaximum(self.drift(found.place))
        if found.way == "maximum" or not self.move(found.place):
            raise NoMaximum(f"{AT_EDGE}, and {self.drift()}")
        return False

    def settle_on_kink(self, view):
        """BFGS to the last digit, which kinks do not stop; then the way up that all slopes around agree on, if any."""
        self.climb(view, self.used + 200, least=1e-16)
        radius = 1e-4
        for _ in range(40):
            if radius < 1e-9:
                break
            up = self.agreed_slope(view, radius, 2 * view.bend.size + 2)
            if not (up @ up > 1e-12 and self.uphill(view.basis @ up / numpy.linalg.norm(up), radius)):
                radius /= 10

    def agreed_slope(self, view, radius, count):
        """What all slopes around agree on, in the frame; nothing at a maximum, also where it has a kink."""
        around = numpy.random.default_rng(self.used).normal(size=(count, view.bend.size))
        around *= radius / numpy.linalg.norm(around, axis=1, keepdims=True)
        slopes = [self.surface.slope(self.flat + view.basis @ one)[1] for one in around]
        return least_slope(numpy.array([view.basis.T @ one for one in [self.gradient, *slopes] if one is not None]))

    def uphill(self, step, radius):
        for length in radius * 4.0 ** numpy.arange(3, -4, -1):
            place = self.flat + length * step
            better = self.height + 1e-12 + self.blurred(self.height)
            if self.inside(place) and self.surface.height(place) > better and self.move(place):
                return True
        return False

    # --- what to say

    def widths(self, flat):
        """The standard errors that the surface suggests at ``flat``, all else fixed; NaN where there is none."""
        try:
            sizes = self.surface.look(flat, numpy.eye(flat.size)).sizes
        except OverflowError:
            sizes = numpy.zeros(flat.size)
        return 1 / numpy.where(sizes > 0, sizes, numpy.nan)

    def is_spike(self):
        """Has a standard error become a millionth of what it was at the start? Not asked of many parameters."""
        start = flatten(self.thetas[0])[0]
        return start.size <= 60 and bool(numpy.any(self.widths(self.flat) < 1e-6 * self.widths(start)))

    def drift(self, beyond=None):
        """Where theta drifts to, and whether the rise has an end."""
        start = flatten(self.thetas[0])[0]
        goes = numpy.abs(self.flat - start) / (numpy.abs(start) + 1)
        names = ", ".join(self.names[j] for j in numpy.argsort(-goes)[:3] if goes[j] > 0.1 * goes.max())
        rise = "the log-likelihood keeps rising while theta drifts away: the maximum may not exist"
        late, latest = (self.height - h for h in (self.heights[2 * len(self.heights) // 3], self.heights[-3:][0]))
        ahead = self.gradient @ (self.flat - start)  # nats gained by going as far again, on a straight line
        if beyond is None and max(late, ahead) > 0.5 and max(latest, ahead) > 0.01 * late:
            return f"{rise} (it rises without end{', into a spike' if self.is_spike() else ''}, with {names})"
        way = self.flat - flatten(self.thetas[len(self.thetas) // 2])[0]
        heights = [self.height] + [self.surface.height(self.flat + 10.0**k * way) for k in range(7)]
        highest = max(heights if beyond is None else [*heights, self.surface.height(beyond)])
        whither = f"towards a limit near {highest:.6g} nats" if highest < self.height + 1 else "without end"
        return f"{rise} (it rises {whither}, with {names})"


def endless(gains, ago=10):
    """Does the log-likelihood rise as fast as it did ``ago`` rounds ago?"""
    return len(gains) >= 2 * ago and sum(gains[-ago:]) > max(0.8 * sum(gains[-2 * ago : -ago]), 1e-3)


def far_and_farther(thetas, twice=True):
    """Did the last ten steps lead a hundred times as far as the ten before, most of it just now, and to a new place?

    Asked ``twice``, also of five steps ago: a jump from a far start looks like that once.
    """
    now, late, then, before = (flatten(thetas[-min(k, len(thetas))])[0] for k in (1, 4, 11, 21))
    far, j = numpy.max(numpy.abs(now - then)), numpy.argmax(numpy.abs(now - then))
    if far <= 100 * numpy.max(numpy.abs(then - before)) or abs(now[j] - late[j]) < far / 2:
        return False
    visited = [flatten(theta)[0][j] for theta in thetas[:-10]]
    return not min(visited) <= now[j] <= max(visited) and not (twice and not far_and_farther(thetas[:-5], False))


def _bfgs(inverse, moved, turned):
    """The BFGS update of the inverse curvature: it maps ``turned``, the loss of slope, to ``moved``, if that may be."""
    if not moved @ turned > 1e-12 * numpy.sqrt(moved @ moved * (turned @ turned)):
        return inverse
    share = 1 / (moved @ turned)
    left = np.eye(moved.size) - share * np.outer(moved, turned)
    return left @ inverse @ left.T + share * np.outer(moved, moved)
