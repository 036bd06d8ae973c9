"""Mixtures by EM: against scikit-learn, SciPy, closed forms and mclust's published numbers, and what EM promises."""

import tracemalloc
import warnings

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad, hessian
from autograd.misc import flatten
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats
from scipy.differentiate import derivative
from scipy.special import logsumexp

from mle_helpers import mixtures
from mle_helpers.datasets import load_digits, load_old_faithful
from mle_helpers.estimate import EStep, FitError, em, fit
from mle_helpers.likelihood import score
from mle_helpers.mixtures import (
    bernoulli_mixture_e_step,
    bernoulli_mixture_logpmf,
    bernoulli_mixture_m_step,
    bernoulli_mixture_start,
    bernoulli_mixture_steps,
    mixture_e_step,
    mixture_logpdf,
    mixture_m_step,
    mixture_start,
    mixture_steps,
)
from mle_helpers.models import bernoulli_image_logpmf, mvn_logpdf

KINDS = ("full", "diagonal", "tied")
SKLEARN = {"full": "full", "diagonal": "diag", "tied": "tied"}
FAITHFUL = load_old_faithful()
POINTS = np.random.default_rng(11).normal(size=(12, 2))
SEEDS = st.integers(0, 2**32 - 1)
quick = settings(max_examples=60, deadline=None, derandomize=True)

COV = np.array([[1.5, 0.4], [0.4, 0.7]])
COVS = {  # K = d = 2, where a kind must not be taken for another
    "full": np.stack([COV, np.eye(2)]),
    "diagonal": np.array([[1.5, 0.7], [1.0, 0.2]]),
    "tied": COV[None],
}
MEANS = np.array([[-1.0, 0.0], [0.5, 1.0]])
MIXTURES = {kind: {"weights": np.array([0.3, 0.7]), "means": MEANS, "covs": covs} for kind, covs in COVS.items()}
MIXTURE = MIXTURES["full"]


def matrices(theta):
    """The covariance matrices (K, d, d) that ``covs`` stands for."""
    covs, K = theta["covs"], len(theta["means"])
    return np.array([np.diag(v) for v in covs]) if covs.ndim == 2 else np.repeat(covs, K // len(covs), axis=0)


def by_scipy(theta, x):
    """Log densities (n, K) of the components, weights included, by SciPy."""
    parts = zip(theta["weights"], theta["means"], matrices(theta), strict=True)
    return np.column_stack([np.log(w) + stats.multivariate_normal(m, c).logpdf(x) for w, m, c in parts])


def random_theta(rng, K, d, kind):
    root = rng.normal(size=(K, d, d))
    covs = root @ root.mT + 0.1 * np.eye(d)
    covs = {"full": covs, "diagonal": covs.diagonal(axis1=1, axis2=2), "tied": covs[:1]}[kind]
    return {"weights": rng.dirichlet(np.ones(K)), "means": 2 * rng.normal(size=(K, d)), "covs": covs}


# --- density and steps -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@quick
@given(st.integers(1, 4), st.integers(1, 4), SEEDS)
def test_density_and_responsibilities_equal_scipy(kind, K, d, seed):
    rng = np.random.default_rng(seed)
    theta, x = random_theta(rng, K, d, kind), 3 * rng.normal(size=(7, d))
    joint = by_scipy(theta, x)
    expected = logsumexp(joint, axis=1)
    responsibilities, log_densities = mixture_e_step(theta, x)
    assert_allclose(mixture_logpdf(theta, x), expected, rtol=1e-9, atol=1e-9)
    assert_allclose(log_densities, expected, rtol=1e-9, atol=1e-9)
    assert_allclose(responsibilities, np.exp(joint - expected[:, None]), rtol=1e-7, atol=1e-12)
    assert_allclose(responsibilities.sum(axis=1), 1, rtol=1e-12)


def test_sharp_components_keep_their_digits():
    rng = np.random.default_rng(0)
    for sd in (1.0, 1e-2, 1e-3, 1e-6):  # of two components 100 apart
        labels = rng.integers(2, size=200)
        x = 100.0 * labels[:, None] + sd * rng.normal(size=(200, 2))
        theta = mixture_m_step(np.eye(2)[labels], x, "diagonal")
        for k in range(2):
            assert_allclose(theta["covs"][k], x[labels == k].var(axis=0), rtol=1e-8)
        assert_allclose(mixture_e_step(theta, x).log_densities, logsumexp(by_scipy(theta, x), axis=1), rtol=1e-8)


def test_variances_far_below_the_floor_leave_the_others_exact():
    rng = np.random.default_rng(0)
    labels = rng.integers(2, size=200)
    x = 100.0 * labels[:, None] + [1e-6, 1.0, 0.1] * rng.normal(size=(200, 3))
    theta = mixture_m_step(np.eye(2)[labels], x, "diagonal", floor=0.25)
    for k in range(2):
        assert_allclose(theta["covs"][k], np.maximum(x[labels == k].var(axis=0), 0.25), rtol=1e-8)


@pytest.mark.parametrize("apart", [0.5, 30.0])  # all observations count for all components, or hardly any does
@pytest.mark.parametrize("kind", ["full", "tied"])
@pytest.mark.parametrize("d", [16, 17, 40])  # one strip of a triangle, or several
def test_the_m_step_is_the_plain_formula_in_many_dimensions(kind, d, apart):
    rng = np.random.default_rng(d)
    theta = random_theta(rng, 3, d, kind) | {"means": apart * rng.normal(size=(3, d))}
    x = np.concatenate(
        [rng.multivariate_normal(m, c, 60) for m, c in zip(theta["means"], matrices(theta), strict=True)]
    )
    r, log_densities = mixture_e_step(theta, x)
    assert_allclose(log_densities, logsumexp(by_scipy(theta, x), axis=1), rtol=1e-9)
    found = mixture_m_step(r, x, kind)
    for k in range(3):
        off = x - (r[:, k] @ x) / r[:, k].sum()
        assert_allclose(found["means"][k], (r[:, k] @ x) / r[:, k].sum(), rtol=1e-10)
        if kind == "full":
            assert_allclose(found["covs"][k], (r[:, k] * off.T) @ off / r[:, k].sum(), rtol=1e-10, atol=1e-12)
    if kind == "tied":
        offs = [x - mean for mean in found["means"]]
        pooled = sum((r[:, k] * offs[k].T) @ offs[k] for k in range(3)) / len(x)
        assert_allclose(found["covs"][0], pooled, rtol=1e-10, atol=1e-12)


def test_variances_of_many_pixels_need_no_matrices():
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 10
    x = 1e4 * labels[:, None] + rng.normal(size=(60, 400))  # so sharp that nothing can be expanded around one centre
    tracemalloc.start()
    theta = mixture_m_step(np.eye(10)[labels], x, "diagonal")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert_allclose(theta["covs"], [x[labels == k].var(axis=0) for k in range(10)], rtol=1e-9)
    assert peak < 10 * 400**2 * 8 / 2


@pytest.mark.parametrize("kind", KINDS)
def test_the_start_has_the_spread_within_its_groups(kind):
    theta = mixture_start(FAITHFUL, 3, np.random.default_rng(4), kind)
    assert_allclose(theta["weights"] @ theta["means"], FAITHFUL.mean(axis=0))
    off = theta["means"] - FAITHFUL.mean(axis=0)
    within = np.cov(FAITHFUL.T, bias=True) - (theta["weights"] * off.T) @ off  # the whole is within and between
    expected = np.diag(np.diag(within)) if kind == "diagonal" else within
    assert_allclose(matrices(theta), [expected] * 3, rtol=1e-9, atol=1e-12)


def test_blocks_join_without_a_seam(monkeypatch):
    x = np.random.default_rng(0).normal(size=(1000, 2))
    for kind in KINDS:
        whole = mixture_e_step(MIXTURES[kind], x)
        after = mixture_m_step(whole.expected, x, kind)
        with monkeypatch.context() as patch:
            patch.setattr(mixtures, "BLOCK", 1)  # blocks of 64 rows, and a last one of 40
            parts = mixture_e_step(MIXTURES[kind], x)
            assert_allclose(parts.expected, whole.expected, rtol=1e-12)
            assert_allclose(parts.log_densities, whole.log_densities, rtol=1e-12)
            assert_allclose(flatten(mixture_m_step(whole.expected, x, kind))[0], flatten(after)[0], rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_score_equals_finite_differences(kind):
    # The weights are moved along the simplex: off it the log-likelihood is -inf.
    flat, unflatten = flatten({**MIXTURES[kind], "weights": np.log(MIXTURE["weights"])})

    def total(t):
        theta = unflatten(t)
        shares = anp.exp(theta["weights"])
        return anp.sum(mixture_logpdf({**theta, "weights": shares / anp.sum(shares)}, POINTS))

    def slope(j):
        moved = lambda t: np.vectorize(lambda s: total(np.where(np.arange(len(flat)) == j, s, flat)))(t)  # noqa: E731
        return derivative(moved, flat[j], initial_step=0.05, tolerances={"rtol": 1e-10}).df

    assert_allclose(grad(total)(flat), [slope(j) for j in range(len(flat))], rtol=1e-6, atol=1e-7)
    assert np.all(np.isfinite(hessian(total)(flat)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_m_step_is_a_root_of_the_expected_score(kind):
    r = mixture_e_step(MIXTURES[kind], POINTS).expected
    theta = mixture_m_step(r, POINTS, kind)

    def expected(parts):
        covs = [anp.diag(v) for v in parts["covs"]] if kind == "diagonal" else parts["covs"]
        covs = [covs[0]] * 2 if kind == "tied" else covs
        logs = [mvn_logpdf((parts["means"][k], covs[k]), POINTS) for k in range(2)]
        return anp.sum(r * anp.stack(logs, axis=1))

    slope = grad(expected)({"means": theta["means"], "covs": theta["covs"]})
    assert_allclose(flatten(slope)[0], 0, atol=1e-9)
    assert_allclose(theta["weights"], r.mean(axis=0))


@quick
@given(SEEDS, st.floats(0.01, 3))
def test_the_floored_m_step_beats_every_other_covariance_above_the_floor(seed, floor):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(9, 3)) * [0.1, 1, 3]
    best = mixture_m_step(np.ones((9, 1)), x, "full", floor)
    value = mixture_e_step(best, x).log_densities.sum()
    assert np.linalg.eigvalsh(best["covs"][0])[0] >= floor * (1 - 1e-9)
    for size in (1e-3, 1e-1, 1.0):
        root = rng.normal(size=(3, 3)) * np.sqrt(size)
        blend = (1 - min(size, 0.9)) * (best["covs"] - floor * np.eye(3)) + root @ root.T  # again above the floor
        other = {**best, "covs": blend + floor * np.eye(3)}
        assert mixture_e_step(other, x).log_densities.sum() <= value + 1e-9


def test_steps_leave_their_arguments_as_they_were():
    for kind in KINDS:
        before, points = {name: part.copy() for name, part in MIXTURES[kind].items()}, POINTS.copy()
        r = mixture_e_step(MIXTURES[kind], POINTS).expected
        kept = r.copy()
        mixture_m_step(r, POINTS, kind, floor=1.0)
        assert np.array_equal(r, kept) and np.array_equal(POINTS, points)
        assert all(np.array_equal(MIXTURES[kind][name], before[name]) for name in before)


def test_far_observation_has_responsibilities_not_nan():
    assert_allclose(mixture_e_step(MIXTURE, np.array([[1e6, -1e6]])).expected.sum(), 1)


def test_digits_survive_a_far_origin():
    far = {**MIXTURE, "means": MIXTURE["means"] + 1e6}
    assert_allclose(mixture_e_step(far, POINTS + 1e6).log_densities, mixture_logpdf(MIXTURE, POINTS), rtol=1e-8)
    r = mixture_e_step(MIXTURE, POINTS).expected
    after = mixture_m_step(r, POINTS + 1e6)["covs"]
    assert_allclose(after, mixture_m_step(r, POINTS)["covs"], rtol=1e-8)


def test_outside_its_domain():
    for weights in ([0.5, 0.6], [-0.1, 1.1], [0.0, 0.0]):
        bad = {**MIXTURE, "weights": np.array(weights)}
        assert np.all(np.isneginf(mixture_logpdf(bad, POINTS)))
        with pytest.raises(ValueError, match="theta: expected weights that are >= 0 and sum to one"):
            mixture_e_step(bad, POINTS)
    for kind in KINDS:  # an empty component takes no part
        empty = {**MIXTURES[kind], "weights": np.array([0.0, 1.0])}
        alone = mvn_logpdf((MEANS[1], matrices(empty)[1]), POINTS)
        assert_allclose(mixture_logpdf(empty, POINTS), alone)
        assert_allclose(mixture_e_step(empty, POINTS).log_densities, alone)
        assert np.all(np.isfinite(flatten(grad(lambda t: anp.sum(mixture_logpdf(t, POINTS)))(empty))[0]))
    # with a singular covariance it has no density, so theta is outside the family, and EM stops there
    for kind, covs in COVS.items():
        if kind != "tied":
            singular = {**MIXTURES[kind], "covs": np.stack([0 * covs[0], covs[1]])}
            assert np.all(np.isneginf(mixture_logpdf(singular, POINTS)))
            with pytest.raises(ValueError, match="a component has collapsed"):
                mixture_e_step(singular, POINTS)


ERRORS = [
    (mixture_logpdf, ({**MIXTURE, "weights": np.ones(3) / 3}, POINTS), "theta: expected weights"),
    (mixture_logpdf, ({**MIXTURE, "covs": np.ones((3, 2, 2))}, POINTS), "theta: expected weights"),
    (mixture_logpdf, ({**MIXTURE, "covs": np.ones((2, 3, 3))}, POINTS), "theta: expected weights"),
    (mixture_e_step, (MIXTURE, np.ones((4, 3))), r"x: expected shape \(n, 2\)"),
    (mixture_m_step, (np.ones((3, 2)), np.ones((4, 2))), r"responsibilities: expected \(n, K\)"),
    (mixture_m_step, (np.eye(2)[:1].repeat(4, axis=0), np.ones((4, 2))), "component 1 is left without"),
    (mixture_m_step, (np.ones((4, 1)), np.ones((4, 2)), "diag"), "kind must be one of full, diagonal, tied"),
    (mixture_m_step, (np.ones((4, 1)), np.ones((4, 2)), "full", -1.0), "floor >= 0, got 'full' and -1.0"),
    (mixture_start, (np.ones((4, 2)), 2, np.random.default_rng(0)), "K: expected no more components"),
    (bernoulli_mixture_m_step, (np.ones((4, 1)), np.ones((4, 2)), 0.6), "floor: expected 0 <= floor < 0.5"),
]


@pytest.mark.parametrize("function, arguments, message", ERRORS)
def test_errors_name_the_argument_and_what_was_expected(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)


# --- the whole of EM -------------------------------------------------------------------------------------------------


def fit_of(x, theta, kind, floor=1e-9, **options):
    return em(*mixture_steps(kind, floor=floor), mixture_logpdf, theta, x, **{"max_iter": 5000, **options})


def scikit_learn(x, theta, kind, **options):
    mixture = pytest.importorskip("sklearn.mixture")
    covs = theta["covs"][0] if kind == "tied" else theta["covs"]
    model = mixture.GaussianMixture(
        len(theta["weights"]),
        covariance_type=SKLEARN[kind],
        reg_covar=0,
        weights_init=theta["weights"],
        means_init=theta["means"],
        precisions_init=1 / covs if kind == "diagonal" else np.linalg.inv(covs),
        init_params="random_from_data",  # not used
        **{"max_iter": 5000, "tol": 1e-11, **options},
    )
    return model.fit(x)


@pytest.fixture(scope="module")
def digits():
    """Grey digits 8 x 8 with uniform noise, which makes whole numbers measurements with a density, and their labels."""
    sklearn = pytest.importorskip("sklearn.datasets")
    images, labels = sklearn.load_digits(return_X_y=True)
    return images + np.random.default_rng(5).random(images.shape), labels


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("K", [2, 3])
def test_old_faithful_equals_scikit_learn_from_the_same_start(kind, K):
    theta = mixture_start(FAITHFUL, K, np.random.default_rng(1), kind)
    found = fit_of(FAITHFUL, theta, kind, tol=1e-11)
    peer = scikit_learn(FAITHFUL, theta, kind)
    assert peer.converged_
    assert found.log_likelihood == pytest.approx(peer.score(FAITHFUL) * len(FAITHFUL), abs=1e-6)
    assert_allclose(found.theta["means"], peer.means_, rtol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dimensions", [8, 64])
def test_digits_equal_scikit_learn_from_the_same_start(kind, dimensions, digits):
    x, labels = digits
    if dimensions < 64:  # principal components
        centred = x - x.mean(axis=0)
        x = centred @ np.linalg.svd(centred, full_matrices=False)[2][:dimensions].T
    theta = mixture_m_step(0.3 * np.eye(10)[labels] + 0.07, x, kind)
    found = fit_of(x, theta, kind, tol=1e-10)
    peer = scikit_learn(x, theta, kind, tol=1e-10)
    assert peer.converged_ and found.at_bound == ()
    assert found.log_likelihood == pytest.approx(peer.score(x) * len(x), abs=1e-6)


def best_of(x, K, kind, seeds, floor=1e-4):
    starts = [mixture_start(x, K, np.random.default_rng(seed), kind, floor) for seed in seeds]
    return max((fit_of(x, start, kind, floor, tol=1e-9) for start in starts), key=lambda one: one.log_likelihood)


def test_old_faithful_has_the_published_log_likelihoods():
    two = best_of(FAITHFUL, 2, "full", range(3))
    assert two.log_likelihood == pytest.approx(-1130.264, abs=1e-3)  # R's mclust, VVV with two components
    three = best_of(FAITHFUL, 3, "tied", range(1, 4))  # from seed 0 it creeps along a ridge
    # EEE with three: mclust prints -1126.361 in its versions up to 5.3 and -1126.326 later, stopping a little early.
    assert -1126.326 <= three.log_likelihood < -1126.31
    assert sorted(np.round(272 * three.theta["weights"])) == pytest.approx([41, 98, 133], abs=8)


@pytest.mark.parametrize("kind", KINDS)
def test_one_component_is_the_closed_form(kind):
    found = fit_of(FAITHFUL, mixture_start(FAITHFUL, 1, np.random.default_rng(0), kind), kind)
    cov = np.cov(FAITHFUL.T, bias=True)
    cov = np.diag(np.diag(cov)) if kind == "diagonal" else cov
    assert len(found.trace.theta) == 2
    assert_allclose(found.theta["means"][0], FAITHFUL.mean(axis=0))
    assert_allclose(matrices(found.theta)[0], cov)
    closed_form = stats.multivariate_normal(FAITHFUL.mean(axis=0), cov).logpdf(FAITHFUL).sum()
    assert found.log_likelihood == pytest.approx(closed_form, rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@quick
@given(data=st.data())
def test_em_never_goes_down_whatever_data_and_start(kind, data):
    d, K, seed = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 4)), data.draw(SEEDS)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(data.draw(st.integers(8, 60)), d)) * 10 ** rng.uniform(-2, 2, d) + rng.normal(size=d)
    if data.draw(st.booleans()):
        x = np.round(x)  # ties, and columns that may be constant
    if len(np.unique(x, axis=0)) < K:
        return
    floor = data.draw(st.sampled_from([1e-4, 1e-2, 1.0]))
    e_step, m_step = mixture_steps(kind, floor=floor)
    theta, values = mixture_start(x, K, rng, kind, floor), []
    for _ in range(25):
        expected, log_densities = e_step(theta, x)
        assert_allclose(expected.sum(axis=1), 1, rtol=1e-12)
        values.append(log_densities.sum())
        try:
            theta = m_step(expected, x)
        except ValueError as problem:
            assert "left without observations" in str(problem)
            break
    assert np.all(np.diff(values) >= -1e-9 * (1 + np.abs(values[1:])))


def test_collapse_is_reported_and_a_floor_prevents_it():
    x = np.append(FAITHFUL, [[20.0, 20.0]], axis=0)
    start = {
        "weights": np.array([0.01, 0.99]),
        "means": np.array([[20.0, 20.0], [3.5, 70.0]]),
        "covs": np.array([np.eye(2), np.cov(FAITHFUL.T)]),
    }
    with pytest.raises(FitError, match="collapsed.*Set a floor") as caught:
        em(mixture_e_step, mixture_m_step, mixture_logpdf, start, x)
    assert len(caught.value.trace.theta) == len(caught.value.trace.log_likelihood) >= 1
    found = fit_of(x, start, "full", floor=0.04)
    assert_allclose(np.linalg.eigvalsh(found.theta["covs"][0]), 0.04)
    assert found.at_bound == ("covs[0]",)
    assert repr(found).endswith(
        "floor 0.04 under the variances in every direction, reached in covs[0]: the likelihood is higher beyond, "
        "this is not its maximum"
    )
    with pytest.raises(ValueError, match=r"covs\[0\] lies at a bound"):
        found.standard_errors  # noqa: B018
    free = fit_of(FAITHFUL, mixture_start(FAITHFUL, 2, np.random.default_rng(0)), "full", floor=0.01)
    assert free.at_bound == () and repr(free).endswith("floor 0.01 under the variances in every direction")


def test_two_components_around_one_centre_are_an_answer_where_their_spreads_differ():
    rng = np.random.default_rng(5)
    half = np.concatenate([rng.normal(0, 1, 300), rng.normal(0, 8, 100)])
    x = np.concatenate([half, -half])[:, None]  # symmetric: both centres are zero
    start = {"weights": np.full(2, 0.5), "means": np.zeros((2, 1)), "covs": np.array([[[1.0]], [[30.0]]])}
    found = em(mixture_e_step, mixture_m_step, mixture_logpdf, start, x)
    assert_allclose(found.theta["means"], 0, atol=1e-12)
    assert_allclose(np.sqrt(found.theta["covs"].ravel()), [1, 8], rtol=0.15)


def test_weights_have_standard_errors_that_heed_their_sum():
    found = fit_of(FAITHFUL, mixture_start(FAITHFUL, 2, np.random.default_rng(0), "diagonal"), "diagonal", tol=1e-13)

    def logpdf(theta, x):  # one free number in place of two weights
        first = 1 / (1 + anp.exp(-theta["logit"]))
        return mixture_logpdf({**theta, "weights": anp.array([first, 1 - first])}, x)

    first = found.theta["weights"][0]
    start = {"logit": np.log(first / (1 - first)), "means": found.theta["means"], "covs": found.theta["covs"]}
    free = fit(logpdf, start, FAITHFUL)
    assert_allclose(found.standard_errors["weights"], first * (1 - first) * free.standard_errors["logit"], rtol=1e-4)
    assert_allclose(found.standard_errors["means"], free.standard_errors["means"], rtol=1e-4)


def test_memory_for_a_million_observations_is_below_scikit_learns():
    """Peak over the data, K = 3: responsibilities and log densities, 32 MB, once or twice, and little else."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(10**6, 2)) + 4 * rng.integers(3, size=(10**6, 1))
    theta = mixture_start(x[:500], 3, rng)

    def ours():
        with pytest.raises(FitError, match="after 1; raise max_iter"):
            fit_of(x, theta, "full", max_iter=1, tol=1e-300)

    def theirs():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scikit_learn(x, theta, "full", max_iter=1, tol=0)

    def peak(run):
        tracemalloc.start()
        run()
        bytes_held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return bytes_held

    assert peak(ours) < min(80e6, peak(theirs))


# --- what `em` asks of its steps -------------------------------------------------------------------------------------


def test_em_gives_the_same_with_log_densities_from_the_e_step_as_without():
    theta, calls = mixture_start(FAITHFUL, 2, np.random.default_rng(0)), []

    def logpdf(theta, x):
        calls.append(len(x))
        return mixture_logpdf(theta, x)

    with_densities = em(mixture_e_step, mixture_m_step, logpdf, theta, FAITHFUL)
    assert calls == [100]  # only to see that e_step and logpdf agree
    calls.clear()
    plain = em(lambda t, x: mixture_e_step(t, x).expected, mixture_m_step, logpdf, theta, FAITHFUL)
    assert calls == [100] + [272] * len(plain.trace.theta)
    assert_allclose(with_densities.trace.log_likelihood, plain.trace.log_likelihood, rtol=1e-12)
    assert_allclose(flatten(with_densities.theta)[0], flatten(plain.theta)[0], rtol=1e-9)


def test_em_keeps_iterates_by_reference_with_their_log_likelihoods():
    made, start = [], mixture_start(FAITHFUL, 2, np.random.default_rng(0))

    def m_step(expected, x):
        made.append(mixture_m_step(expected, x))
        return made[-1]

    trace = em(mixture_e_step, m_step, mixture_logpdf, start, FAITHFUL).trace
    assert all(kept is theta for kept, theta in zip(trace.theta[1:], made, strict=True))
    assert_allclose(trace.log_likelihood, [mixture_logpdf(t, FAITHFUL).sum() for t in trace.theta], rtol=1e-10)


def test_em_takes_a_plain_tuple_for_what_is_expected():
    # only an EStep is taken apart: this e_step returns two expected statistics
    x = np.array([1.0, 2.0, 6.0])
    found = em(lambda t, x: (x.sum(), len(x)), lambda e, x: e[1] / e[0], lambda t, x: np.log(t) - t * x, 1.0, x)
    assert found.theta == pytest.approx(1 / 3)


def test_em_refuses_another_models_e_step_and_names_a_step_that_fails():
    def e_step(theta, x):
        return EStep(mixture_e_step(theta, x).expected, np.zeros(len(x)))

    with pytest.raises(ValueError, match="e_step: its log densities at theta0 differ"):
        em(e_step, mixture_m_step, mixture_logpdf, MIXTURE, POINTS)

    def m_step(expected, x):
        raise ValueError("component 1 is left without observations")

    with pytest.raises(FitError, match="EM stopped in round 1: component 1 is left") as caught:
        em(mixture_e_step, m_step, mixture_logpdf, MIXTURE, POINTS)
    assert caught.value.theta is caught.value.trace.theta[0]


def test_a_start_holds_the_kind_and_the_floor():
    for kind in KINDS:
        theta = mixture_start(FAITHFUL, 3, np.random.default_rng(0), kind, floor=2.0)
        assert theta["covs"].shape == {"full": (3, 2, 2), "diagonal": (3, 2), "tied": (1, 2, 2)}[kind]
        assert np.linalg.eigvalsh(matrices(theta)).min() >= 2 * (1 - 1e-12)
        assert theta["weights"].sum() == pytest.approx(1)
    spread = np.array([[0.0], [0.1], [100.0], [100.1], [200.0]])  # k-means++ finds groups this far apart
    means = [mixture_start(spread, 3, np.random.default_rng(seed))["means"].ravel() for seed in range(20)]
    assert sum(np.allclose(np.sort(m), [0.05, 100.05, 200], atol=1e-9) for m in means) == 20


# --- Bernoulli images ------------------------------------------------------------------------------------------------


def small_images(rng, n=30, D=6):
    return rng.integers(0, 2, (n, D)).astype(bool)


@quick
@given(SEEDS, st.integers(1, 4), st.booleans())
def test_bernoulli_steps_equal_the_density_and_bayes_rule(seed, K, extreme):
    rng = np.random.default_rng(seed)
    x, theta = small_images(rng), {"weights": rng.dirichlet(np.ones(K)), "p": rng.uniform(0.1, 0.9, (K, 6))}
    if extreme and K > 1:
        theta["p"][0, :2] = [0.0, 1.0]
    r, log_probabilities = bernoulli_mixture_e_step(theta, x)
    each = theta["weights"] * np.exp([bernoulli_image_logpmf(p, x) for p in theta["p"]]).T
    assert_allclose(log_probabilities, np.log(each.sum(axis=1)), rtol=1e-10)
    assert_allclose(bernoulli_mixture_logpmf(theta, x), log_probabilities, rtol=1e-10)
    assert_allclose(r, each / each.sum(axis=1, keepdims=True), rtol=1e-9, atol=1e-15)


def test_bernoulli_mixture_sums_to_one_over_all_images():
    images = (np.arange(64)[:, None] >> np.arange(6)) & 1
    theta = bernoulli_mixture_start(small_images(np.random.default_rng(0)), 3, np.random.default_rng(1))
    assert np.exp(bernoulli_mixture_logpmf(theta, images)).sum() == pytest.approx(1)


@quick
@given(SEEDS, st.integers(1, 4), st.sampled_from([0.0, 1e-3, 0.1]))
def test_bernoulli_em_never_goes_down(seed, K, floor):
    rng = np.random.default_rng(seed)
    x = small_images(rng)
    theta = bernoulli_mixture_start(x, K, rng, floor)
    found = em(*bernoulli_mixture_steps(floor=floor), bernoulli_mixture_logpmf, theta, x, tol=1e-6, max_iter=5000)
    assert np.all(np.diff(found.trace.log_likelihood) >= -1e-9)
    assert found.theta["p"].min() >= floor and found.theta["p"].max() <= 1 - floor
    if K == 1:
        assert_allclose(found.theta["p"][0], np.clip(x.mean(axis=0), floor, 1 - floor))


def test_bernoulli_mixture_beats_one_image_of_coins_on_held_out_digits():
    train, test = ((load_digits(part)[0][:1000] >= 128).reshape(-1, 784) for part in ("train", "test"))
    steps, rng = bernoulli_mixture_steps(floor=1e-3), np.random.default_rng(0)
    held_out = {}
    for K in (1, 10):
        found = em(*steps, bernoulli_mixture_logpmf, bernoulli_mixture_start(train, K, rng, 1e-3), train, tol=1e-4)
        held_out[K] = bernoulli_mixture_logpmf(found.theta, test).mean()
        assert "floor 0.001 under p and 1 - p, reached in p[0][0], p[0][1], p[0][2] and " in found.setting
    assert held_out[10] > held_out[1] + 25


def test_a_component_without_weight_has_the_slope_of_one_with_next_to_none():
    x = np.random.default_rng(3).normal(size=(40, 2))
    theta = {"means": np.array([[0.0, 0], [1, -1], [30, 30]]), "covs": np.array([np.eye(2)] * 3)}
    none, some = ({**theta, "weights": np.array([1 - 2 * w, w, w])} for w in (0.0, 1e-9))
    at_none, at_some = (score(mixture_logpdf, one, x)["weights"] for one in (none, some))
    assert at_none == pytest.approx(at_some, rel=1e-5, abs=1e-5)
    assert np.all(mixture_logpdf(none, x) == mvn_logpdf((np.zeros(2), np.eye(2)), x))


def test_a_component_without_a_density_is_outside_the_family():
    x, covs = np.random.default_rng(3).normal(size=(5, 2)), np.array([np.eye(2), [[1.0, 2.0], [2.0, 1.0]]])
    for weights in ([0.5, 0.5], [1.0, 0.0]):
        theta = {"weights": np.array(weights), "means": np.zeros((2, 2)), "covs": covs}
        assert np.all(mixture_logpdf(theta, x) == -np.inf)
