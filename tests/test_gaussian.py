"""The Gaussian's closed form against exact rational arithmetic, however the data is cut; principal coordinates."""

import copy
import math
import pickle
import tracemalloc
from decimal import Decimal
from fractions import Fraction
from functools import reduce

import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from mle_helpers.datasets import load_digits, load_old_faithful, load_speed_of_light
from mle_helpers.estimate import fit
from mle_helpers.gaussian import BLOCK, GaussianAccumulator, gaussian_mle, principal_coordinates
from mle_helpers.likelihood import log_likelihood
from mle_helpers.models import mvn_logpdf

quick = settings(max_examples=60, deadline=None, derandomize=True)


def integers(x):
    """Doubles as integers over one common denominator, a power of two."""
    ratios = [float(value).as_integer_ratio() for value in x]
    denominator = max(d for _, d in ratios)
    return [n * (denominator // d) for n, d in ratios], denominator


def exact(x, weights=None):
    """(mu, sigma) of the doubles in x, in rational arithmetic, rounded at the very end."""
    x, scale = integers(x)
    w, _ = integers([1.0] * len(x) if weights is None else weights)
    n, total = sum(w), sum(a * b for a, b in zip(w, x, strict=True))
    squares = sum(a * b * b for a, b in zip(w, x, strict=True))
    variance = Fraction(n * squares - total**2, n**2)  # in units of 1 / scale^2
    digits = 200 if variance else 0  # bits of the integer square root
    shift = max(0, digits - (variance.numerator.bit_length() - variance.denominator.bit_length()) // 2)
    root = math.isqrt((variance.numerator << 2 * shift) // variance.denominator)
    return float(Fraction(total, n * scale)), float(Fraction(root, scale << shift))


def assert_exact(actual, x, weights=None):
    """Equal to rational arithmetic to 1e-12 where |mean|/sd < 1e4, and to 1e-9 on anything."""
    mu, sigma = exact(x, weights)
    tolerance = 1e-12 if abs(mu) < 1e4 * sigma else 1e-9
    # A mean near zero is a difference of large numbers: its error is measured against the spread.
    assert abs(actual[0] - mu) <= tolerance * max(abs(mu), sigma)
    assert abs(actual[1] - sigma) <= tolerance * sigma


def estimates(accumulator):
    return accumulator.mu, accumulator.sigma


# --- certified and ill-conditioned data ------------------------------------------------------------------------------


def alternating(offset):
    """NIST's NumAcc2, 3 and 4: 0.2 once, then 0.1 and 0.3 five hundred times, above a growing offset."""
    return [float(offset + Decimal(tail)) for tail in ["0.2"] + ["0.1", "0.3"] * 500]


# Data, certified mean and standard deviation (divisor n - 1); NIST Statistical Reference Datasets, univariate.
NIST = {
    "Michelso": ((load_speed_of_light() + 299_000) / 1000, 299.852400000000, 0.0790105478190518),
    "NumAcc1": ([10000001, 10000003, 10000002], 10000002, 1),
    "NumAcc2": (alternating(1), 1.2, 0.1),
    "NumAcc3": (alternating(1_000_000), 1000000.2, 0.1),
    "NumAcc4": (alternating(10_000_000), 10000000.2, 0.1),
}


@pytest.mark.parametrize("name", NIST)
def test_nist_certified_values(name):
    x, mean, sd = NIST[name]
    mu, sigma = gaussian_mle(x)
    # 10000000.1 is not a double: the spread of the doubles is 6e-9 off the certified one.
    rtol = 1e-8 if name == "NumAcc4" else 1e-9 if name == "NumAcc3" else 2e-13
    assert_allclose(mu, mean, rtol=1e-15)
    assert_allclose(sigma * math.sqrt(len(x) / (len(x) - 1)), sd, rtol=rtol)
    assert_exact((mu, sigma), x)


def hard_data():
    rng = np.random.default_rng(5)
    z = rng.normal(size=1000)
    yield "standard", z
    yield "mean 1e7, sd 0.1", 1e7 + 0.1 * z
    yield "mean 1e12, sd 1e-3", 1e12 + 1e-3 * z
    yield "mean -1e15, sd 1", -1e15 + z
    yield "alternating neighbours", np.where(z > 0, 1.0, np.nextafter(1.0, 2.0))
    yield "sorted", np.sort(1e4 + z)
    yield "trend", np.linspace(-1e6, 1e6, 1000)
    yield "an outlier first", np.concatenate([[1e10], z])
    yield "an outlier last", np.concatenate([z, [-1e10]])
    yield "jump", np.concatenate([z[:300], 1e8 + z])
    yield "constant", np.full(1001, 0.1)
    yield "heavy tails", rng.standard_cauchy(1000)
    yield "huge", 1e300 * z
    yield "tiny", 1e-300 * z
    yield "subnormal", 1e-318 * np.round(100 * z)
    yield "one", z[:1]
    yield "two", z[:2]


HARD = dict(hard_data())


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("pieces", [3, 100, 10**9])
def test_equals_rational_arithmetic_however_the_data_is_cut(name, pieces):
    x = HARD[name]
    in_order, in_pairs = GaussianAccumulator(), [GaussianAccumulator()]
    for chunk in np.array_split(x, min(pieces, len(x))):
        in_order.update(chunk)
        in_pairs.append(GaussianAccumulator().update(chunk))
    while len(in_pairs) > 1:
        in_pairs = [reduce(GaussianAccumulator.merge, in_pairs[i : i + 2]) for i in range(0, len(in_pairs), 2)]
    for result in (gaussian_mle(x), estimates(in_order), estimates(in_pairs[0])):
        if name == "subnormal":  # the answer itself has few digits
            assert_allclose(result, exact(x), rtol=1e-3)
        else:
            assert_exact(result, x)


@pytest.mark.parametrize("offset, scale", [(0.0, 1.0), (1e7, 0.1), (1e3, 1.0)])
def test_long_data_spans_many_blocks(offset, scale):
    x = offset + scale * np.random.default_rng(1).normal(size=2 * BLOCK + 17)
    x[BLOCK:] += 5 * scale  # the running mean is then a poor centre
    assert_exact(gaussian_mle(x), x)
    assert_exact(gaussian_mle(x, np.full(len(x), 0.3)), x)


FINITE = st.floats(-1e150, 1e150, allow_subnormal=False)


@quick
@given(
    st.lists(st.one_of(FINITE, st.floats(-1, 1), st.integers(-5, 5).map(lambda k: 1e9 + k)), min_size=1, max_size=60),
    st.lists(st.integers(0, 60), max_size=6),
)
def test_any_data_in_any_cut(x, cuts):
    x = np.array(x, dtype=float)
    total = GaussianAccumulator()
    for chunk in np.split(x, sorted(min(cut, len(x)) for cut in cuts)):
        total.merge(GaussianAccumulator().update(chunk))
    assert total.n == len(x)
    for mu, sigma in (gaussian_mle(x), estimates(total)):
        exact_mu, exact_sigma = exact(x)
        assert abs(mu - exact_mu) <= 1e-12 * max(abs(exact_mu), exact_sigma)
        # Squares of distances below 1e-154 leave the range of doubles beside others that do not.
        assert abs(sigma - exact_sigma) <= 1e-9 * exact_sigma


@quick
@given(st.lists(st.lists(st.floats(-1e6, 1e6), max_size=8), min_size=3, max_size=3))
def test_merging_is_associative_and_commutative(chunks):
    a, b, c = (GaussianAccumulator().update(chunk) for chunk in chunks)

    def merged(*parts):
        return reduce(GaussianAccumulator.merge, parts, GaussianAccumulator())

    left, right, swapped = merged(merged(a, b), c), merged(a, merged(b, c)), merged(c, a, b)
    assert left.n == right.n == swapped.n
    if left.n:
        scale = max(abs(left.mu), left.sigma)
        for other in (right, swapped):
            assert_allclose(estimates(other), estimates(left), rtol=0, atol=1e-12 * scale)


# --- weights ---------------------------------------------------------------------------------------------------------


@quick
@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(0, 9)), min_size=1, max_size=30))
def test_weights_are_repetition(pairs):
    x, repeats = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    if repeats.sum() == 0:
        return
    total = GaussianAccumulator().update(x, repeats)
    assert total.n == repeats.sum()
    assert_exact(estimates(total), np.repeat(x, repeats))


def test_fractional_weights_are_exact_and_scale_free():
    rng = np.random.default_rng(3)
    x, w = 1e7 + rng.normal(size=1000), rng.random(1000)
    for factor in (1.0, 1e-300, 1e290):
        assert_exact(gaussian_mle(x, factor * w), x, factor * w)
    halves = GaussianAccumulator().update(x[:400], w[:400]).update(x[400:], w[400:])
    assert_exact(estimates(halves), x, w)


def test_chunks_of_no_weight_count_for_nothing():
    total = GaussianAccumulator().update([1.0, 3.0]).update([], []).update([100.0], [0.0]).update([])
    assert (total.n, total.mu, total.sigma) == (2, 2.0, 1.0)


# --- what it takes, what it costs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.int64, np.float16, np.float32, ">f8", np.longdouble])
def test_every_real_type_is_added_up_in_doubles(dtype):
    x = np.random.default_rng(4).integers(-100, 100, 70_000).astype(dtype)
    assert_exact(gaussian_mle(x), x)
    assert_exact(gaussian_mle(x[::-3]), x[::-3])


def exact_integers(x, weights=None):
    """(mu, sigma) of whole numbers of any length, in rational arithmetic."""
    x, w = [int(a) for a in x], [1] * len(x) if weights is None else [int(a) for a in weights]
    n, total = sum(w), sum(a * b for a, b in zip(w, x, strict=True))
    variance = Fraction(n * sum(a * b * b for a, b in zip(w, x, strict=True)) - total**2, n**2)
    return float(Fraction(total, n)), math.sqrt(variance)


BEYOND_2_53 = {
    "a clock in nanoseconds": (1_700_000_000 * 10**9 + np.array([0, 100, 200, 320, 470])),
    "unsigned": np.array([2**64 - 1, 2**64 - 3, 2**64 - 7, 2**64 - 7], dtype=np.uint64),
    "both ends": np.array([-(2**63), 2**63 - 1, -(2**63) + 5, 0]),
    "one far below": np.array([-(2**62) - 12345, 3, 5, 7]),
    "around 2^53": 2**53 + np.arange(-3, 4),
    "negative": -(2**60) + np.array([1, 0, 4, 9]),
    "all equal": np.full(7, 2**62 + 1),
    "big endian": (2**60 + np.array([1, 0, 4, 9])).astype(">i8"),
    "many blocks": 2**61 + np.random.default_rng(8).integers(-500, 500, 2 * BLOCK + 5),
    "every other one": (2**61 + np.random.default_rng(9).integers(-500, 500, 1000))[::2],
}


@pytest.mark.parametrize("name", BEYOND_2_53)
def test_whole_numbers_beyond_two_to_the_53_keep_their_digits(name):
    x = BEYOND_2_53[name]
    before, weights = x.copy(), np.random.default_rng(1).integers(0, 4, len(x))
    weights[0] = 1
    chunks = GaussianAccumulator()
    for chunk in np.array_split(x, 3):
        chunks.update(chunk)
    weighted = gaussian_mle(x, weights), exact_integers(x, weights)
    for actual, expected in ((gaussian_mle(x), exact_integers(x)), (estimates(chunks), exact_integers(x)), weighted):
        mu, sigma = expected
        assert abs(actual[0] - mu) <= 1e-12 * max(abs(mu), sigma)
        assert abs(actual[1] - sigma) <= 1e-12 * sigma
    assert np.array_equal(x, before)


def test_the_clock_in_nanoseconds_has_the_spread_of_its_ticks():
    assert_allclose(gaussian_mle(BEYOND_2_53["a clock in nanoseconds"])[1], 164.73008, rtol=1e-7)


@quick
@given(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=9),
    st.integers(1, 9),
)
def test_any_64_bit_integers_in_any_pieces(x, pieces):
    x = np.array(x, dtype=np.int64)
    total = GaussianAccumulator()
    for chunk in np.array_split(x, pieces):
        total.update(chunk)
    mu, sigma = exact_integers(x)
    for actual in (gaussian_mle(x), estimates(total)):
        assert abs(actual[0] - mu) <= 1e-12 * max(abs(mu), sigma)
        assert abs(actual[1] - sigma) <= 1e-12 * sigma


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("scale", [1.0, 1e-6, 3e4])
def test_short_floats_give_what_the_same_data_give_in_doubles(dtype, scale):
    x = (scale * np.clip(np.random.default_rng(2).normal(size=1000), -2, 2)).astype(dtype)
    w = np.random.default_rng(3).random(1000).astype(dtype)
    assert gaussian_mle(x) == gaussian_mle(x.astype(float))
    assert_allclose(gaussian_mle(x, w), gaussian_mle(x.astype(float), w.astype(float)), rtol=1e-14)


def test_pandas_columns_without_missing_values_are_data():
    pandas = pytest.importorskip("pandas")
    for dtype in ("Int64", "Float64", "int32", "float32"):
        assert gaussian_mle(pandas.Series([1, 3], dtype=dtype)) == (2.0, 1.0)
    with pytest.raises(ValueError, match=r"x: expected finite numbers, got x\[1\] = nan; drop or impute"):
        gaussian_mle(pandas.Series([1, None, 3], dtype="Int64"))


def test_lists_give_plain_floats():
    assert gaussian_mle([1, 3]) == gaussian_mle((1.0, 3.0)) == (2.0, 1.0)
    assert all(type(value) is float for value in gaussian_mle(np.arange(5)))


def test_no_copy_of_the_data():
    x = np.random.default_rng(0).normal(size=4_000_000)
    for data, weights in ((x, None), (x[::2], None), (x.astype(np.float32), None), (x, np.ones(len(x), np.float32))):
        tracemalloc.start()
        gaussian_mle(data, weights)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 4 * 8 * BLOCK < 0.1 * x.nbytes


def test_arguments_are_left_as_they_were():
    x, w = np.array([3.0, 1.0, 2.0]), np.array([1.0, 2.0, 1.0])
    other = GaussianAccumulator().update(x)
    before = copy.deepcopy(vars(other))
    gaussian_mle(x, w)
    GaussianAccumulator().update([7.0]).merge(other).merge(other)
    assert x.tolist() == [3, 1, 2] and w.tolist() == [1, 2, 1] and vars(other) == before


def test_merging_with_itself_doubles_the_weight():
    total = GaussianAccumulator().update([1.0, 3.0])
    assert total.merge(total) is total
    assert (total.n, total.mu, total.sigma) == (4, 2.0, 1.0)


def test_pickles_and_prints():
    total = GaussianAccumulator()
    assert repr(total) == "GaussianAccumulator(n=0)"
    assert total.update([1.0, 3.0]) is total
    assert repr(total) == "GaussianAccumulator(n=2, mu=2, sigma=1)"
    assert vars(pickle.loads(pickle.dumps(total))) == vars(total)


# --- errors ----------------------------------------------------------------------------------------------------------

BAD = [
    (([],), "x: expected data, got none"),
    (([[1.0, 2.0]],), r"x: expected one dimension, got shape \(1, 2\)"),
    ((3.0,), r"x: expected one dimension, got shape \(\)"),
    ((["a", "b"],), "x: expected real numbers, got dtype"),
    (([1j],), "x: expected real numbers, got dtype complex128"),
    (([None, 1.0],), "x: expected real numbers, got dtype object: None, NA or what is no number; drop or impute"),
    (([[1.0], [2.0, 3.0]],), "x: expected one dimension, got parts of unequal shapes"),
    ((np.ones((3, 1)),), r"x: .* got shape \(3, 1\); if it is one sample, ravel it first: numpy.ravel\(x\)"),
    (((value for value in [1.0]),), "x: expected real numbers, got dtype object"),
    ((np.ma.masked_array([1.0, 2.0], [True, False]),), "x: expected an array without a mask"),
    (([1.0, np.nan],), "x: expected finite numbers"),
    (([1.0, np.inf],), "x: expected finite numbers"),
    (([-np.inf, np.inf],), "x: expected finite numbers"),
    ((np.append(np.zeros(BLOCK + 1), np.nan),), rf"x: expected finite numbers, got x\[{BLOCK + 1}\] = nan"),
    (([np.nan, 1.0], [0.0, 1.0]), "x: expected finite numbers"),
    (([1.0, 2.0], [1.0]), r"weights: expected one for each observation, \(2,\), got \(1,\)"),
    (([1.0, 2.0], [1.0, -1.0]), r"weights: .*, none negative, got weights\[1\] = -1.0"),
    (([1.0, 2.0], [1e308, 1e308]), "weights: expected a sum within the range of floating-point numbers"),
    (([1.0, 2.0], [1.0, np.nan]), "weights: expected finite numbers, none negative"),
    (([1.0, 2.0], [1.0, np.inf]), "weights: expected finite numbers, none negative"),
    (([1.0, 2.0], [0.0, 0.0]), "weights: expected a positive sum"),
    (([1.0, 2.0], 2.0), "weights: expected one dimension"),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("arguments, message", BAD)
def test_errors_name_the_argument_and_what_was_expected(arguments, message):
    with pytest.raises(ValueError, match=message):
        gaussian_mle(*arguments)


@pytest.mark.filterwarnings("error")
def test_a_failed_update_changes_nothing():
    total = GaussianAccumulator().update([1.0, 3.0])
    with pytest.raises(ValueError, match="chunk: expected finite numbers"):
        total.update(np.append(np.zeros(BLOCK), np.nan))
    with pytest.raises(ValueError, match="other: expected a GaussianAccumulator, got list; for data use update"):
        total.merge([1.0])
    top = GaussianAccumulator().update([1.7e308])
    with pytest.raises(ValueError, match="other: the spread exceeds the range"):
        top.merge(GaussianAccumulator().update([-1.7e308]))
    assert (total.n, total.mu, total.sigma) == (2, 2.0, 1.0) and top.n == 1


@pytest.mark.parametrize("name", ["mu", "sigma"])
def test_an_empty_accumulator_has_no_estimates(name):
    with pytest.raises(ValueError, match=r"has seen no data: call update\(chunk\) first"):
        getattr(GaussianAccumulator(), name)
    empty = GaussianAccumulator().merge(GaussianAccumulator())
    assert empty.n == 0


# --- principal coordinates -------------------------------------------------------------------------------------------


def correlated(n, d, seed=0):
    """n observations of d numbers that hang together."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + rng.normal(size=d)


def covariance(directions, scales, noise):
    return directions.T @ np.diag(scales**2) @ directions + noise**2 * np.eye(directions.shape[1])


@pytest.mark.parametrize("k", [1, 2, 5])
def test_principal_coordinates_agree_with_scikit_learn_after_its_divisor(k):
    PCA = pytest.importorskip("sklearn.decomposition").PCA
    n, x = 60, correlated(60, 7)
    mean, directions, scales, noise = principal_coordinates(x, k)
    theirs = PCA(k, svd_solver="full").fit(x)
    cov = covariance(directions, scales, noise)
    assert_allclose(mean, theirs.mean_, rtol=1e-13)
    assert_allclose(cov, theirs.get_covariance() * (n - 1) / n, rtol=1e-11, atol=1e-11)
    assert_allclose(mvn_logpdf((mean, cov * n / (n - 1)), x), theirs.score_samples(x), rtol=1e-11)
    assert_allclose(np.abs(np.sum(directions * theirs.components_, axis=1)), 1, rtol=1e-12)


def test_principal_coordinates_are_where_fit_climbs_to():
    x = correlated(80, 3, seed=2)

    def logpdf(theta, x):
        w, log_noise = anp.reshape(theta[3:6], (3, 1)), theta[6]
        return mvn_logpdf((theta[:3], anp.dot(w, w.T) + anp.exp(2 * log_noise) * anp.eye(3)), x)

    climbed = fit(logpdf, np.array([0.0, 0, 0, 1, 1, 1, 0]), x)
    mean, directions, scales, noise = principal_coordinates(x, 1)
    cov = covariance(directions, scales, noise)
    assert_allclose(log_likelihood(mvn_logpdf, (mean, cov), x), climbed.log_likelihood, rtol=1e-9)
    assert_allclose(climbed.theta[:3], mean, atol=1e-4)
    assert_allclose(np.outer(climbed.theta[3:6], climbed.theta[3:6]), cov - noise**2 * np.eye(3), atol=1e-3)


def test_no_directions_and_variances_nearby_have_a_higher_likelihood():
    x, rng = correlated(50, 5, seed=3), np.random.default_rng(1)
    mean, directions, scales, noise = principal_coordinates(x, 2)
    top = log_likelihood(mvn_logpdf, (mean, covariance(directions, scales, noise)), x)
    for size in (1e-3, 1e-1, 1.0):
        for _ in range(50):
            turned = np.linalg.qr((directions + size * rng.normal(size=directions.shape)).T)[0].T
            stretched = scales * np.exp(size * rng.normal(size=2)), noise * np.exp(size * rng.normal())
            there = log_likelihood(mvn_logpdf, (mean, covariance(turned, *stretched)), x)
            assert there < top
    # all but the last direction: the full covariance with divisor n
    full = covariance(*principal_coordinates(x, 4)[1:])
    assert_allclose(full, np.cov(x.T, bias=True), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("n, d", [(40, 6), (6, 40), (20, 20)])
def test_what_principal_coordinates_return(n, d):
    x = correlated(n, d, seed=n)
    before = x.copy()
    mean, directions, scales, noise = principal_coordinates(x, 3)
    eigenvalues = np.linalg.eigvalsh(np.cov(x.T, bias=True))[::-1]
    assert mean.shape == (d,) and directions.shape == (3, d) and scales.shape == (3,) and type(noise) is float
    assert_allclose(directions @ directions.T, np.eye(3), atol=1e-12)
    assert_allclose(scales**2 + noise**2, eigenvalues[:3], rtol=1e-10)
    assert_allclose(noise**2, eigenvalues[3:].mean(), rtol=1e-10)
    coordinates = (x - mean) @ directions.T
    assert_allclose(coordinates.T @ coordinates / n, np.diag(scales**2 + noise**2), atol=1e-10 * eigenvalues[0])
    assert np.all(np.max(directions, axis=1) == np.max(np.abs(directions), axis=1))  # the largest entry is positive
    assert np.array_equal(x, before)


def test_signs_do_not_hang_on_the_last_digit_and_units_scale():
    x = np.array([[1.0, -1], [-1, 1], [0.3, 0.3], [-0.3, -0.3]])  # both entries of the direction are equally large
    for noise in (0, 1e-15, -1e-15):
        _, directions, _, _ = principal_coordinates(x + noise * np.array([[1, 0], [0, 0], [0, 0], [0, 1]]), 1)
        assert_allclose(directions, [[math.sqrt(0.5), -math.sqrt(0.5)]], rtol=1e-9)
    x = correlated(30, 4)
    mean, directions, scales, noise = principal_coordinates(x, 2)
    for factor in (1e-200, 1e200):
        scaled = principal_coordinates(factor * x, 2)
        for got, expected in zip(scaled, (factor * mean, directions, factor * scales, factor * noise), strict=True):
            assert_allclose(got, expected, rtol=1e-9)
    for turned in principal_coordinates(-x, 2)[1] - directions:
        assert_allclose(turned, 0, atol=1e-12)


def test_principal_coordinates_of_lists_whole_numbers_and_bits():
    geyser = load_old_faithful()
    expected = principal_coordinates(geyser, 1)
    for x in (geyser.tolist(), np.asfortranarray(geyser)):
        for got, wanted in zip(principal_coordinates(x, 1), expected, strict=True):
            assert_allclose(got, wanted, rtol=1e-12)
    images = load_digits("test")[0].reshape(-1, 784)
    _, _, scales, noise = principal_coordinates(images, 10)  # uint8 would overflow if squared as such
    eigenvalues = np.linalg.eigvalsh(np.cov(images.astype(float).T, bias=True))[::-1]
    assert_allclose(scales**2 + noise**2, eigenvalues[:10], rtol=1e-9)


PAIRS = [[1.0, 2.0], [3.0, 5.0], [0.0, 1.0]]
BAD_MATRICES = [
    (([1.0, 2.0], 1), r"x: expected shape \(n, d\), at least 2 observations of 2 numbers each, got \(2,\)"),
    (([[1.0], [2.0]], 1), r"x: expected shape \(n, d\).*got \(2, 1\)"),
    (([[1.0, 2.0]], 1), r"x: expected shape \(n, d\).*got \(1, 2\)"),
    (([[1.0, 2.0], [3.0]], 1), "x: expected rows of equal length"),
    (([["a", "b"], ["c", "d"]], 1), "x: expected real numbers"),
    (([[1.0, 2.0], [3.0, np.nan]], 1), r"x: expected finite numbers, got x\[1, 1\] = nan; drop or impute"),
    ((np.ma.masked_array(PAIRS, np.zeros((3, 2))), 1), "x: expected an array without a mask"),
    ((PAIRS, 0), "k: expected a whole number from 1 to 1, .* got 0"),
    ((PAIRS, 2), "k: expected a whole number from 1 to 1, .* got 2"),
    ((PAIRS, 1.0), "k: expected a whole number from 1 to 1, .* got 1.0"),
    ((PAIRS, True), "k: expected a whole number from 1 to 1, .* got True"),
    ((PAIRS[:2], 1), "k: the 2 observations in x vary in 1 of 2 directions, so with k = 1 no noise is left"),
    ((np.ones((9, 3)), 1), "k: the 9 observations in x vary in 0 of 3 directions"),
    ((np.outer(np.arange(9.0), [1, 2, 3]), 1), "k: the 9 observations in x vary in 1 of 3 directions"),
    ((np.random.default_rng(0).normal(size=(5, 30)), 4), "k: the 5 observations in x vary in 4 of 30 directions"),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("arguments, message", BAD_MATRICES)
def test_principal_coordinates_say_what_is_wrong(arguments, message):
    with pytest.raises(ValueError, match=message):
        principal_coordinates(*arguments)
