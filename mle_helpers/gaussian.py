"""The Gaussian in closed form: one number, for data of any length in any number of pieces, and many, in coordinates.

A piece of data is summarised by (n, mean, rest, sigma), where mean + rest is its mean to twice double precision.
"""

import math

import numpy

from mle_helpers.likelihood import same_rows

BLOCK = 65536  # observations at a time: what stays in the processor's cache
ROW = 10_000  # from here on BLAS starts threads, which cost more than they bring on a block


def gaussian_mle(x, weights=None):
    r"""Maximum-likelihood estimates (mu, sigma) of a normal distribution, as two floats in the units of x.

    $\hat\mu = \sum_i w_i x_i / n$, $\hat\sigma^2 = \sum_i w_i (x_i - \hat\mu)^2 / n$, $n = \sum_i w_i$ (all
    $w_i = 1$ without ``weights``): the divisor is n, not n - 1. No copy of the data is made, and the digits survive a
    mean that is large against the spread; those of whole numbers too, beyond 2^53, where not every one is a double.

    Raises ValueError when ``x`` is empty, not one-dimensional, masked, not real or not finite, and when ``weights`` has
    another shape, a negative or non-finite entry, or sum zero.
    """
    n, mean, rest, sigma = _summary(x, weights, "x")
    if n == 0:
        raise ValueError("weights: expected a positive sum." if numpy.size(x) else "x: expected data, got none.")
    return mean + rest, sigma


class GaussianAccumulator:
    r"""`gaussian_mle` for data that arrive in chunks, or lie on several machines.

    Two summaries, with shares $v_a$ and $v_b$ of the observations, merge exactly:
    $\mu = v_a \mu_a + v_b \mu_b$ and $\sigma^2 = v_a \sigma_a^2 + v_b \sigma_b^2 + v_a v_b (\mu_b - \mu_a)^2$
    (Chan, Golub and LeVeque 1983). ``n`` is the number of observations, or their total weight; while it is zero,
    ``mu`` and ``sigma`` raise ValueError. An ``update`` that raises has changed nothing.
    """

    def __init__(self):
        self._parts = (0, 0.0, 0.0, 0.0)

    def update(self, chunk, weights=None):
        """Take in a chunk of data, possibly empty; returns the accumulator itself. Errors as in `gaussian_mle`."""
        self._parts = _merged(self._parts, _summary(chunk, weights, "chunk"))
        return self

    def merge(self, other):
        """Take in all that another accumulator has seen, without changing it; returns the accumulator itself."""
        if not isinstance(other, GaussianAccumulator):
            raise ValueError(f"other: expected a GaussianAccumulator, got {type(other).__name__}; for data use update.")
        self._parts = _merged(self._parts, other._parts)
        return self

    @property
    def n(self):
        return self._parts[0]

    @property
    def mu(self):
        return self._filled()[1] + self._parts[2]

    @property
    def sigma(self):
        return self._filled()[3]

    def _filled(self):
        if self.n == 0:
            raise ValueError("this GaussianAccumulator has seen no data: call update(chunk) first.")
        return self._parts

    def __repr__(self):
        estimate = f", mu={self.mu:.6g}, sigma={self.sigma:.6g}" if self.n else ""
        return f"GaussianAccumulator(n={self.n}{estimate})"


def principal_coordinates(x, k):
    r"""Probabilistic principal components by maximum likelihood: (mean, directions, scales, noise) of data x (n, d).

    The model: $x = \mu + \sum_j s_j z_j u_j + \sigma\varepsilon$ with all $z_j$ and $\varepsilon$ standard normal, so
    $x \sim N(\mu, \sum_j s_j^2 u_j u_j^T + \sigma^2 I)$. Let $\lambda_1 \ge \dots \ge \lambda_d$ be the eigenvalues of
    the covariance of the data (divisor n). At the maximum $u_1, \dots, u_k$ are its leading eigenvectors,
    $\sigma^2 = \sum_{j>k} \lambda_j / (d - k)$, $s_j^2 = \lambda_j - \sigma^2$ (Tipping and Bishop 1999, eqs. 7 and 8).

    Returns mean (d,); directions (k, d), orthonormal rows; scales s (k,), falling; noise $\sigma$, a float. All but the
    directions are in the unit of x. The coordinates of x are ``(x - mean) @ directions.T``, with variances
    ``scales**2 + noise**2``. The entry of largest size in each direction is positive, the first of several as large;
    where eigenvalues are equal, their directions are one choice of many.

    Raises ValueError when ``x`` is not a matrix of finite real numbers, when ``k`` is no whole number from 1 to d - 1,
    and when the data do not vary beyond k directions: then the likelihood has no maximum.
    """
    x = _real_matrix(x, "x")
    n, d = x.shape
    if isinstance(k, bool) or not isinstance(k, int | numpy.integer) or not 1 <= k < d:
        raise ValueError(f"k: expected a whole number from 1 to {d - 1}, one less than the columns of x, got {k!r}.")
    unit = float(numpy.max(numpy.abs(x))) or 1.0  # squares stay within the range of doubles
    mean = numpy.mean(x / unit, axis=0)
    centred = x / unit - mean
    if n > d:
        variances, columns = numpy.linalg.eigh(centred.T @ centred / n)
    else:  # the same from the smaller matrix of scalar products
        variances, columns = numpy.linalg.eigh(centred @ centred.T / n)
        columns = centred.T @ (columns / numpy.sqrt(n * numpy.maximum(variances, 1e-300)))
    variances, directions = variances[::-1], columns.T[-1 : -k - 1 : -1]
    left = numpy.sum(variances[k:]) / (d - k)
    if k >= n - 1 or not left > 1e-13 * variances[0]:
        rank = min(int(numpy.sum(variances > 1e-13 * variances[0])), n - 1)
        raise ValueError(
            f"k: the {n} observations in x vary in {rank} of {d} directions, so with k = {k} no noise is left and the "
            "likelihood has no maximum; take fewer coordinates, or more observations."
        )
    sizes = numpy.abs(directions)
    leading = numpy.argmax(sizes > (1 - 1e-9) * numpy.max(sizes, axis=1, keepdims=True), axis=1)
    directions = directions * numpy.sign(directions[numpy.arange(k), leading])[:, None]
    scales = numpy.sqrt(numpy.maximum(variances[:k] - left, 0.0))
    return unit * mean, directions, unit * scales, unit * math.sqrt(left)


def _merged(a, b, name="other"):
    """The summary of two pieces of data together."""
    (n_a, mean, rest, sigma_a), (n_b, mean_b, rest_b, sigma_b) = a, b
    if n_a == 0 or n_b == 0:
        return a if n_b == 0 else b
    n = n_a + n_b
    share_a, share_b = n_a / n, n_b / n
    gap = (mean_b - mean) + (rest_b - rest)
    sigma = math.hypot(math.sqrt(share_a) * sigma_a, math.sqrt(share_b) * sigma_b, math.sqrt(share_a * share_b) * gap)
    if not sigma < math.inf:
        raise ValueError(f"{name}: the spread exceeds the range of floating-point numbers; divide all data by 1e10.")
    # What rounding takes from the mean is kept in rest: with a mean of 1e7 and a spread of 0.1 it would show in sigma.
    return n, *_two_part_sum(mean, rest + share_b * gap), sigma


def _summary(x, weights, name):
    """The summary of an array, block by block."""
    same_rows(x, weights)
    x = _real_vector(x, name)
    if weights is not None:
        weights = _real_vector(weights, "weights")
        if weights.shape != x.shape:
            raise ValueError(f"weights: expected one for each observation, {x.shape}, got {weights.shape}.")
    parts, buffer = (0, 0.0, 0.0, 0.0), numpy.empty(min(x.size, BLOCK))
    with numpy.errstate(over="ignore", invalid="ignore"):
        for start in range(0, x.size, BLOCK):
            block = x[start : start + BLOCK]
            w = None if weights is None else numpy.asarray(weights[start : start + BLOCK], dtype=float)
            # The mean so far is as good a centre as the block's own once it rests on as many observations.
            centre = parts[1] if start and w is None else None
            base = _base(block)
            if base is not None:
                block, centre = _above(block, base), None
            found = _moments(block, w, buffer[: block.size], centre)
            if found is None:
                raise ValueError(_refusal(x, weights, name))
            parts = _merged(parts, _shifted(found, base or 0), name)
    return parts


def _base(x):
    """The least of some whole numbers of which some are beyond 2^53, where doubles lose digits; None for others."""
    if x.dtype.kind not in "iu" or x.dtype.itemsize < 8:
        return None
    low, high = int(numpy.minimum.reduce(x)), int(numpy.maximum.reduce(x))
    return low if max(-low, high) > 2**53 else None


def _above(x, base):
    """``x - base`` of 64-bit whole numbers, none below ``base``: exact modulo 2^64, hence exact."""
    return x.astype(numpy.uint64) - numpy.uint64(base % 2**64)


def _shifted(parts, base):
    """The summary of data raised by the whole number ``base``."""
    if not base:
        return parts
    n, mean, rest, sigma = parts
    high = float(base)
    return n, *_two_part_sum(high, mean + (rest + float(base - int(high)))), sigma


def _two_part_sum(a, b):
    """The rounded sum of two doubles and what rounding took from it."""
    total = a + b
    back = total - a
    return total, (a - (total - back)) + (b - back)


def _real_vector(x, name):
    """``x`` as a one-dimensional real array, without a copy of one that already is."""
    if isinstance(x, numpy.ma.MaskedArray):
        raise ValueError(f"{name}: expected an array without a mask; pass {name}.compressed(), the values not masked.")
    try:
        x = numpy.asarray(x)
    except ValueError:  # lists of unequal lengths
        raise ValueError(f"{name}: expected one dimension, got parts of unequal shapes; give one sample.") from None
    if x.dtype.kind not in "biuf":
        missing = ": None, NA or what is no number; drop or impute it first" if x.dtype.kind == "O" else ""
        raise ValueError(f"{name}: expected real numbers, got dtype {x.dtype}{missing}.")
    if x.ndim != 1:
        how = f"if it is one sample, ravel it first: numpy.ravel({name})" if x.ndim else "give a list of numbers"
        raise ValueError(f"{name}: expected one dimension, got shape {x.shape}; {how}.")
    return x


def _real_matrix(x, name):
    """``x`` as a matrix of finite doubles, one observation a row."""
    if isinstance(x, numpy.ma.MaskedArray):
        raise ValueError(f"{name}: expected an array without a mask; drop or impute what is masked first.")
    try:
        x = numpy.asarray(x)
    except ValueError:  # rows of unequal lengths
        raise ValueError(f"{name}: expected rows of equal length, one for each observation.") from None
    if x.dtype.kind not in "biuf":
        raise ValueError(f"{name}: expected real numbers, got dtype {x.dtype}.")
    if x.ndim != 2 or min(x.shape) < 2:
        raise ValueError(f"{name}: expected shape (n, d), at least 2 observations of 2 numbers each, got {x.shape}.")
    if not numpy.isfinite(x).all():
        row, column = numpy.argwhere(~numpy.isfinite(x))[0].tolist()
        raise ValueError(
            f"{name}: expected finite numbers, got {name}[{row}, {column}] = {x[row, column]}; "
            "drop or impute what is missing first."
        )
    return x.astype(float)


def _refusal(x, weights, name):
    """What is wrong with data that have no moments."""
    for values, label, valid in ((weights, "weights", "finite numbers, none negative"), (x, name, "finite numbers")):
        if values is None:
            continue
        bad = ~numpy.isfinite(values) | ((values < 0) if label == "weights" else False)
        if numpy.any(bad):
            first = int(numpy.argmax(bad))
            advice = "; drop or impute what is missing first" if label == name else ""
            return f"{label}: expected {valid}, got {label}[{first}] = {values[first]}{advice}."
    return "weights: expected a sum within the range of floating-point numbers; divide them by their maximum."


def _moments(x, w, d, centre):
    """The summary of one block, None if it has none; ``d`` is room for the deviations."""
    n = x.size if w is None else float(numpy.add.reduce(w))
    if w is not None and not (numpy.minimum.reduce(w) >= 0 and n < math.inf):
        return None
    if n > 1e-250:
        centre, shift, square = _two_sums(x, w, d, n, centre)
        if 1e-250 < square < 1e250:
            return n, centre, shift, math.sqrt(square)
    # All equal, weightless, not finite, or squares that leave the range of doubles: look closer.
    if not numpy.isfinite(x).all():
        return None
    if w is not None:
        x, w = x[w > 0], w[w > 0] / numpy.max(w, initial=0)
    largest = float(numpy.max(numpy.abs(x, dtype=float), initial=0))
    if largest == 0:
        return n, 0.0, 0.0, 0.0
    scale = 2.0 ** (math.frexp(largest)[1] - 1)
    share = x.size if w is None else float(numpy.add.reduce(w))
    centre, shift, square = _two_sums(numpy.divide(x, scale, dtype=float), w, d[: x.size], share)
    return n, scale * centre, scale * shift, scale * math.sqrt(max(square, 0.0))


def _two_sums(x, w, d, n, centre=None):
    r"""A centre near the mean, the mean's distance from it and the variance, which need only two sums:

    $d = x - c$, $\bar x - c = \sum w d / n$, $\sigma^2 = \sum w d^2 / n - (\bar x - c)^2$ (corrected two-pass).
    """
    if centre is None and w is None:  # the mean of a sixteenth is within four sigma of the mean of all, whatever x is
        centre = float(numpy.add.reduce(x[: n // 16 + 1], dtype=float)) / (n // 16 + 1)
    elif centre is None:
        centre = _dot(w, x) / n
    numpy.subtract(x, centre, out=d, dtype=float)
    shift = float(numpy.add.reduce(d) if w is None else _dot(w, d)) / n
    return centre, shift, _dot(d if w is None else w * d, d) / n - shift * shift


def _dot(a, b):
    """Scalar product, row by row."""
    if a.size <= ROW:
        return float(numpy.dot(a, b))
    whole = a.size - a.size % ROW
    rows = numpy.vecdot(a[:whole].reshape(-1, ROW), b[:whole].reshape(-1, ROW))
    return float(numpy.add.reduce(rows)) + float(numpy.dot(a[whole:], b[whole:]))
