"""The profile of a likelihood: its height where one parameter, or a function of theta, is held and all else is free."""

import warnings

import numpy
from autograd import grad, hessian
from autograd.misc import flatten

from mle_helpers.estimate import _paths
from mle_helpers.likelihood import HOW_TO_WRITE, curvature_along, predictors_along
from mle_helpers.maximum import WEAK, Surface

SAME_TOP = 1e-3  # nats by which a profile may rise above the fit before it says so
CLOSE = 1e-5  # standard errors from the end of an interval at which one secant step does the rest
OPEN = 1e3  # standard errors from which a level profile counts as open
LEVEL = 1e-5  # nats by which it then may still fall while the distance grows fourfold


def followed(operation, at):
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Output seems independent of input")
            return operation(at)
    except (TypeError, AttributeError, NotImplementedError) as error:
        raise TypeError(f"autograd cannot follow the function of theta ({error}). {HOW_TO_WRITE}") from error


def position(fit, what):
    """The place of a parameter in the flattened theta, by index, name or key."""
    paths, size = _paths(fit.theta, "theta"), len(fit.names)
    if isinstance(what, str):
        for labels in (list(fit.names), paths):
            if labels.count(what) == 1:
                return labels.index(what)
        raise ValueError(f"what: there is no one parameter {what!r}; they are {', '.join(fit.names)}.")
    if isinstance(what, (int, numpy.integer)) and not isinstance(what, bool):
        if -size <= what < size:
            return int(what) % size
        raise ValueError(f"what: theta has {size} parameters, there is no index {what}.")
    raise ValueError(f"what must be an index, a name or a function of theta, got {what!r}.")


class Profile:
    """The log-likelihood where a function of theta is held at a value and all else is free; followed from the top.

    Newton steps along the surface on which the function is constant, in the directions of the fit's frame: Nocedal
    and Wright (2006), chapter 18. Parameters that reach a bound stay there as long as the slope presses them to it.
    """

    def __init__(self, fit, what):
        self.flat, unflatten = flatten(fit.theta)
        self.surface, self.names = Surface(fit.logpdf, fit.theta, fit.x, fit.weights), fit.names
        self.top = self.surface.height(self.flat)
        self.index = None if callable(what) else position(fit, what)
        self.function = (lambda t: what(unflatten(t))) if callable(what) else (lambda t: t[self.index])
        if numpy.ndim(followed(self.function, self.flat)) != 0:
            raise ValueError("what: the function of theta must return one number.")
        self.low, self.high = fit.limits or (
            numpy.full(self.flat.size, -numpy.inf),
            numpy.full(self.flat.size, numpy.inf),
        )
        self.basis, level = self.directions(fit)
        self.along = predictors_along(fit.logpdf, fit.x, self.basis)
        self.bends, self.inverse_basis = numpy.eye(self.basis.shape[1]), numpy.linalg.pinv(self.basis)
        self.last = self.flat, numpy.zeros(self.basis.shape[1])
        slope = self.slope_of(self.flat)
        if not numpy.all(numpy.isfinite(slope)) or not numpy.any(slope):
            raise ValueError("what: the function of theta has no slope at the estimate, so no values near its own.")
        wide = numpy.abs(self.flat) + numpy.sum(numpy.abs(self.basis), axis=1)
        self.unidentified = bool(numpy.any(numpy.abs(slope @ level) > 1e-6 * (numpy.abs(slope) @ wide)))
        self.value = float(self.function(self.flat))
        self.error = numpy.linalg.norm(slope @ self.basis)

    def directions(self, fit):
        """Directions of about one standard error, single ones for parameters at a bound; and level ones."""
        view, bound = fit._frame, numpy.array([name in fit.at_bound for name in self.names])
        basis = view.basis / numpy.sqrt(numpy.maximum(numpy.abs(view.bend), WEAK))
        single = numpy.eye(self.flat.size)[:, bound]
        sizes = self.surface.look(self.flat, single).sizes
        return numpy.hstack([basis, single / numpy.where(sizes > 0, sizes, 1.0)]), view.level

    def slope_of(self, flat):
        if self.index is not None:
            return numpy.eye(flat.size)[self.index]
        return followed(grad(self.function), flat)

    # --- the top at one value

    def onto(self, flat, value):
        """The nearest place, in standard errors, where the function has this value; None if there is none inside."""
        if self.index is not None:
            flat = self.moved(flat, value - flat[self.index])
            flat[self.index] = value
            return flat
        gap = value - self.function(flat)
        for _ in range(40):
            if not numpy.isfinite(gap) or abs(gap) <= 1e-10 * self.error:
                return flat if numpy.isfinite(gap) else None
            for length in 0.5 ** numpy.arange(12):
                ahead = self.moved(flat, length * gap)
                left = value - self.function(ahead)
                if abs(left) < abs(gap):
                    break
            else:
                return flat if abs(gap) <= 1e-7 * self.error else None
            flat, gap = ahead, left
        return None

    def moved(self, flat, gap):
        """``flat`` moved so that the function changes by ``gap``, were it straight; within the bounds."""
        a = self.basis.T @ self.slope_of(flat)
        with numpy.errstate(all="ignore"):
            return numpy.clip(flat + self.basis @ a * (gap / (a @ a)), self.low, self.high)

    def highest(self, starts, value):
        """From ``starts`` to the top where the function has this value: place, height and slope in the value, or None.

        Of several starts the highest is taken, once it is moved to where the function has the value.
        """
        places = [place for place in (self.onto(one, value) for one in starts) if place is not None]
        flat = max(places, key=self.surface.height) if len(places) > 1 else (places or [None])[0]
        height, gradient = (None, None) if flat is None else self.surface.slope(flat)
        if gradient is None:
            return None
        for round in range(60):
            quick = round < 4 and self.index is not None and abs(value - self.value) < 6 * self.error
            slope, a = self.basis.T @ gradient, self.basis.T @ self.slope_of(flat)
            tilt = a @ slope / (a @ a)
            inside = _null_space(numpy.vstack([a, self.basis[self.held(flat, slope, a)]]))
            if inside.shape[1] == 0:
                break
            bends = self.learnt(flat, slope) if quick else tilt * self.curve_of(flat) - self.curvature(flat)
            bend, turn = numpy.linalg.eigh(inside.T @ bends @ inside)
            uphill = turn.T @ (inside.T @ slope)
            step = uphill / numpy.maximum(numpy.abs(bend), 1e-8 * numpy.max(numpy.abs(bend), initial=1e-300))
            far = numpy.sqrt(2 * max(self.top - height, 0.0)) - self.goal  # only near the end each digit counts
            if uphill @ step < (max(1e-8, 1e-2 * far**2) if quick else 1e-10):
                height += uphill @ step / 2
                break
            moved = self.line_search(flat, self.basis @ (inside @ (turn @ step)), value, height, uphill @ step)
            if moved is None:
                break
            flat, height, gradient = moved
        return flat, height, tilt

    def learnt(self, flat, slope):
        """Minus the curvature near the top, from the slopes that were met: BFGS, from what is known at the top."""
        before, slope_before = self.last
        moved, turned = self.inverse_basis @ (flat - before), slope_before - slope
        self.last = flat, slope
        if moved @ turned > 1e-8 * (moved @ moved):
            pulled = self.bends @ moved
            self.bends = self.bends - numpy.outer(pulled, pulled) / (moved @ pulled)
            self.bends += numpy.outer(turned, turned) / (moved @ turned)
        return self.bends

    def held(self, flat, slope, a):
        """Parameters at a bound that the way up, with the function held, would leave."""
        held = (flat <= self.low) | (flat >= self.high)
        if self.index is not None:
            held[self.index] = False
        for _ in range(int(numpy.sum(held))):
            walls = numpy.vstack([a, self.basis[held]])
            inward = numpy.where(flat <= self.low, 1.0, -1.0)[held]
            push = numpy.linalg.lstsq(walls.T, slope, rcond=None)[0][1:] * inward
            if not numpy.any(push > 0):
                break
            held[numpy.flatnonzero(held)[numpy.argmax(push)]] = False
        return held

    def line_search(self, flat, step, value, height, rise):
        for length in 0.5 ** numpy.arange(30):
            place = self.onto(numpy.clip(flat + length * step, self.low, self.high), value)
            there, gradient = (None, None) if place is None else self.surface.slope(place)
            if gradient is not None and there > height + 1e-4 * length * rise:
                return place, there, gradient
        return None

    def curvature(self, flat):
        with numpy.errstate(all="ignore"):
            parts = self.surface.logpdf, flat, self.surface.unflatten, self.surface.x, self.surface.weights
            found = curvature_along(*parts, self.basis, self.along)
        return found if numpy.all(numpy.isfinite(found)) else -numpy.eye(len(found))

    def curve_of(self, flat):
        if self.index is not None:
            return 0.0
        return followed(hessian(lambda step: self.function(flat + self.basis @ step)), numpy.zeros(self.basis.shape[1]))

    # --- the end of the interval

    def end(self, sign, drop):
        """Where the profile has fallen by ``drop`` nats, and None; or the end of all values, and the fall there."""
        goal = self.goal = numpy.sqrt(2 * drop)
        here, before, beyond, widest = (self.value, self.flat, 0.0), None, None, numpy.inf
        last = sign * numpy.inf if self.index is None else (self.high if sign > 0 else self.low)[self.index]
        step = goal * self.error
        for _ in range(400):
            value, place, root = here
            if value == last:
                return value, root**2 / 2
            target = value + sign * min(step, widest)
            target = target if sign * (last - target) > 0 else float(last)
            found = self.highest(self.guesses(here, before, target), target)
            if found is None:
                widest = abs(target - value) / 4
                if widest < 1e-6 * max(abs(value - self.value), 1e-6 * self.error):
                    return self.edge(place, value, target), root**2 / 2
                continue
            there, height, tilt = found
            if height > self.top + SAME_TOP:
                raise ValueError(
                    f"the profile is {height - self.top:.3g} nats higher than the fit, near "
                    f"{dict(zip(self.names, there.round(6).tolist(), strict=True))}: fit again from there."
                )
            depth, widest = max(self.top - height, 0.0), 2 * widest
            new = numpy.sqrt(2 * depth)
            rate = -sign * tilt / max(new, 1e-12)  # of the root of twice the fall
            if abs(new - goal) < CLOSE and rate > 0:
                return float(target + sign * (goal - new) / rate), None
            if new > goal:
                beyond = (target, new)
            else:
                far = abs(target - self.value)
                level = abs(depth - root**2 / 2) < LEVEL and abs(target - value) > far / 2
                if level and far > OPEN * goal * self.error or far > 1e150:
                    return sign * numpy.inf, depth
                before, here = here, (target, there, new)
            step = sign * (target - here[0]) + (goal - new) / rate if rate > 0 else numpy.inf
            step = self.within(step, here, beyond, goal)
            if step is None:
                return float(here[0]), None
        raise ValueError("the end of the profile was not found in 400 steps.")

    def within(self, step, here, beyond, goal):
        """Newton's step on the root of twice the fall, kept within what is known; None where nothing is left of it."""
        value, _, root = here
        far = abs(value - self.value)
        if beyond is None:
            least = 0.1 * (far + self.error) if goal - root > 0.1 else 0.0
            return min(max(step, least), 4 * far + self.error)
        room = abs(beyond[0] - value)
        if room <= 1e-13 * max(abs(value), far):
            return None
        if not 0 < step < room:
            step = min(room * max(goal - root, 0.02 * goal) / (beyond[1] - root), 0.98 * room)
        return step

    def guesses(self, here, before, target):
        """Where the top at ``target`` may be: where it was, and on the straight line through the last two tops."""
        value, place, _ = here
        if before is None or before[0] == value:
            return [place]
        ahead = place + (place - before[1]) * ((target - value) / (value - before[0]))
        ahead = numpy.clip(ahead, self.low, self.high)
        return [ahead] if self.index is not None and self.surface.height(ahead) > -numpy.inf else [place, ahead]

    def edge(self, place, value, wall):
        """The last value inside, by halves, as the function has it there; zero if it is zero to rounding."""
        last = place
        for _ in range(100):
            middle = (value + wall) / 2
            if middle in (value, wall):
                break
            there = self.onto(place, middle)
            inside = there is not None and self.surface.height(there) > -numpy.inf
            last, value, wall = (there, middle, wall) if inside else (last, value, middle)
        value = float(self.function(last))
        return 0.0 if abs(value) < 1e-12 * abs(self.value) or value * wall <= 0 else value


def _null_space(rows):
    """An orthonormal basis (k, m) of what all ``rows`` (r, k) leave alone."""
    _, sizes, turn = numpy.linalg.svd(rows)
    return turn[numpy.sum(sizes > 1e-10 * sizes[0]) :].T
