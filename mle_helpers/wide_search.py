"""`Search` for many parameters, where the Hessian is met only in products with directions."""

import numpy
from scipy.optimize import minimize
from scipy.sparse.linalg import LinearOperator, cg, eigsh

from mle_helpers.maximum import BENT, FAR, GAIN, walk
from mle_helpers.search import NOT_DOWN, NoMaximum, Search

DENSE = 1000  # parameters up to which all eigenvalues of the Hessian are computed


class WideSearch(Search):
    """One start of `fit` with more than 60 parameters."""

    def solve(self, max_iter):
        """L-BFGS-B in even units, then Newton steps by conjugate gradients; `NoMaximum` says why there is none."""
        scale, before = self.rough_scale(), -numpy.inf
        for _ in range(20):
            self.search_scaled(scale, max_iter)
            gain, step, bend = self.left_to_gain(scale)
            if gain < 0.1 * GAIN:
                if numpy.linalg.norm(step / scale) > 0.03:  # almost nothing to gain, yet far to go: a limit
                    raise NoMaximum(self.drift())
                self.judge_many(bend, scale)
                return
            if self.used >= max_iter or not self.height > before + 1e-3 * GAIN:
                raise NoMaximum(
                    f"{gain:.2g} nats are left to gain after {self.used} iterations: raise max_iter; or {self.drift()}"
                )
            before = self.height
            place = numpy.clip(self.flat + step, self.low, self.high)
            if self.surface.height(place) > self.height:
                self.move(place)
        raise NoMaximum(self.drift())

    def rough_scale(self):
        """Units in which the rows of the Hessian are about equally long, from a few products with random signs."""
        scale, generator, bend = numpy.ones(self.flat.size), numpy.random.default_rng(0), self.surface.bend(self.flat)
        for _ in range(3):
            signs = generator.choice([-1.0, 1.0], (6, scale.size))
            rows = numpy.sqrt(numpy.mean([numpy.square(scale * bend(scale * one)) for one in signs], axis=0))
            scale = scale / numpy.sqrt(numpy.where(rows > 0, rows, 1.0))
        return scale

    def search_scaled(self, scale, max_iter):
        start, best = self.flat, [self.height, self.flat, self.gradient]

        def loss(step):
            flat = start + scale * step
            height, gradient = self.surface.slope(flat)
            if gradient is None:
                return 10 * (1 + abs(best[0])) - best[0], numpy.zeros_like(step)
            if height > best[0]:
                best[:] = height, flat, gradient
            return -height, -scale * gradient

        def keep(intermediate_result):
            self.used += 1
            self.move(best[1], best[0], best[2])

        bounds = list(zip((self.low - start) / scale, (self.high - start) / scale, strict=True))
        options = {"maxiter": max(max_iter - self.used, 1), "gtol": 1e-6, "ftol": 1e-15, "maxcor": 20}
        minimize(loss, 0 * start, jac=True, method="L-BFGS-B", bounds=bounds, callback=keep, options=options)
        self.move(best[1], best[0], best[2])

    def left_to_gain(self, scale):
        """Nats that a Newton step would gain, the step, and the map v -> -H v, all in scaled parameters."""
        free, product = ~self.pressed, self.surface.bend(self.flat)

        def bend(v):
            return -numpy.where(free, scale * product(scale * numpy.where(free, numpy.ravel(v), 0.0)), 0.0)

        slope = numpy.where(free, scale * self.gradient, 0.0)
        size = self.flat.size
        step = cg(LinearOperator((size, size), bend), slope, rtol=1e-4, maxiter=60)[0]
        return abs(slope @ step) / 2, scale * step, LinearOperator((size, size), bend)

    def judge_many(self, bend, scale):
        """`NoMaximum` where the Hessian has a direction up, or a step in one of twenty directions leads up."""
        size, generator = self.flat.size, numpy.random.default_rng(0)
        steps = [scale * self.gradient * scale, *(scale * generator.normal(size=(18, size)))]
        if size <= DENSE:
            values, turn = numpy.linalg.eigh(numpy.array([bend.matvec(one) for one in numpy.eye(size)]))
            top, low, vector = values[-1], values[0], turn[:, 0]
        elif size <= 5000:
            start = generator.normal(size=size)
            top = eigsh(bend, 1, which="LA", v0=start, tol=1e-2, maxiter=200)[0][0]
            values, turn = eigsh(bend, 1, which="SA", v0=start, tol=1e-3, maxiter=2000)
            low, vector = values[0], turn[:, 0]
        if size <= 5000:
            if low < -BENT * abs(top):
                raise NoMaximum(NOT_DOWN)
            steps.append(scale * vector / numpy.sqrt(top if top > 0 else 1.0))
        for one in steps:
            for sign in (1, -1):
                if walk(self.surface, self.flat, self.height, sign * one, FAR, self.inside).way == "rises":
                    raise NoMaximum(NOT_DOWN)
