"""What the explorers' pages will show, decoded from the payload and held against the package; sizes; bad input."""

import base64
import gzip
import io
import itertools
import json
import math
import re
from functools import cache

import autograd.numpy as anp
import numpy as np
import pytest
from PIL import Image
from scipy.integrate import quad
from scipy.special import rel_entr
from scipy.stats import binom, norm

from mle_helpers import explorers
from mle_helpers.datasets import load_horse_kicks, load_old_faithful, load_speed_of_light
from mle_helpers.explorers import Explorer, choice, mark, panel, readout, slider, sprite
from mle_helpers.gaussian import gaussian_mle
from mle_helpers.likelihood import log_likelihood, observed_information, score
from mle_helpers.mixtures import mixture_logpdf, mixture_steps
from mle_helpers.models import bernoulli_logpmf, gaussian_logpdf, mvn_logpdf, poisson_logpmf, uniform_logpdf

TOSSES = np.array([1, 1, 1, 0, 1, 0])
MEASURED = np.random.default_rng(3).normal(2, 1, 12)
KICKS = load_horse_kicks(280)
FAITHFUL = load_old_faithful()
SIZES = (5, 20, 80, 280)


def unit_normal(mu, x):
    return gaussian_logpdf((mu, 1.0), x)


def in_log_sigma(theta, x):
    return gaussian_logpdf((theta[0], anp.exp(theta[1])), x)


def coin():
    return explorers.explore_likelihood(bernoulli_logpmf, np.linspace(0, 1, 101), TOSSES, outcomes=[0, 1], symbol="p")


def kicks():
    grid = np.linspace(0.05, 2, 79)
    return explorers.explore_likelihood(poisson_logpmf, grid, KICKS, outcomes=np.arange(7), symbol="λ")


def mean():
    return explorers.explore_likelihood(unit_normal, np.linspace(-1, 5, 121), MEASURED, symbol="μ", theta_unit="cm")


def ascent():
    return explorers.explore_ascent(MEASURED)


def slope():
    return explorers.explore_score(poisson_logpmf, np.linspace(0.2, 1.6, 113), KICKS, sizes=SIZES, symbol="λ")


def gaussian():
    return explorers.explore_gaussian(load_speed_of_light(), quantity="speed", unit="km/s")


def geyser():
    return explorers.explore_em(FAITHFUL, names=("eruption (minutes)", "wait (minutes)"))


def divergences():
    return explorers.explore_divergences()


CODES = np.random.default_rng(8).normal(0, 2, (300, 2))
NAMES = np.arange(300) % 10


def shades(points):
    """A decoder of four pixels that anyone can check."""
    a = np.stack([points[:, 0], points[:, 1], points.sum(axis=1), 0 * points[:, 0]], axis=1)
    return 1 / (1 + np.exp(-a.reshape(-1, 2, 2)))


def latent():
    return explorers.explore_latent(shades, CODES, NAMES)


ALL = [coin, kicks, mean, ascent, slope, gaussian, geyser, divergences, latent]
each = pytest.mark.parametrize("build", ALL, ids=lambda build: build.__name__)


@cache
def made(build):
    """One of each, for the tests that only look."""
    return build()


def unpack(table):
    """The table as the page decodes it."""
    codes = np.frombuffer(base64.b64decode(table["data"]), dtype="<" + table["type"]).reshape(table["shape"])
    values = (table["first"] + codes.astype(float)) * table["step"]
    return np.where(codes == np.iinfo(codes.dtype).max, np.nan, values)


def shown(explorer, name):
    """The table of a readout, one axis for each control."""
    (table,) = [r["table"] for r in explorer.spec["readouts"] if r["name"] == name]
    return unpack(table)[..., 0]


def grids(explorer):
    return {c["name"]: c.get("values") for c in explorer.spec["controls"]}


# --- every number shown is the package's -------------------------------------------------------------------


def test_likelihood_shows_what_the_package_computes():
    for build, logpdf, x, theta_hat in [(coin, bernoulli_logpmf, TOSSES, 4 / 6), (kicks, poisson_logpmf, KICKS, 0.7)]:
        (thetas,) = grids(made(build)).values()
        highest = log_likelihood(logpdf, theta_hat, x)
        relative = np.exp([log_likelihood(logpdf, t, x) - highest for t in thetas])
        tiny, table = (relative > 0) & (relative < 0.0005), shown(made(build), "relative")
        assert np.array_equal(np.isnan(table), tiny)  # shown in words
        assert table[~tiny] == pytest.approx(relative[~tiny], abs=0.000501)


def test_heights_that_can_be_read_are_shown_and_others_are_not():
    thetas = np.array(grids(made(coin))["p"])
    assert shown(made(coin), "likelihood") == pytest.approx(thetas**4 * (1 - thetas) ** 2, abs=0.0000501)
    assert [r["name"] for r in made(kicks).spec["readouts"]] == ["relative"]


def test_a_single_observation_marks_its_own_bar():
    def heads(p, k):
        return binom.logpmf(k, 6, p)

    explorer = explorers.explore_likelihood(heads, np.linspace(0, 1, 101), [4], outcomes=np.arange(7), symbol="p")
    bars, dots = explorer.spec["panels"][0]["marks"]
    assert np.array_equal(unpack(dots["y"])[:, 0], unpack(bars["y"])[:, 4])


def test_bars_hold_the_models_probabilities():
    bars = made(coin).spec["panels"][0]["marks"][0]
    heights, step = unpack(bars["y"]), bars["y"]["step"]
    thetas = np.array(grids(made(coin))["p"])
    assert heights[:, 1] == pytest.approx(thetas, abs=step)
    assert heights.sum(axis=1) == pytest.approx(np.ones(101), abs=2 * step)


def test_a_maximum_at_the_edge_of_the_support_is_found_on_the_grid():
    x = np.array([0.2, 0.9, 0.5])
    explorer = explorers.explore_likelihood(uniform_logpdf, np.linspace(0.5, 2, 16), x, symbol="θ")
    table = shown(explorer, "relative")
    assert np.all(table[:4] == 0) and table[4] == 1 and np.all(np.diff(table[4:]) < 0)


def test_score_explorer_shows_score_height_and_curvature():
    lambdas = grids(made(slope))["λ"]
    for k, n in enumerate(SIZES):
        x = KICKS[:n]
        slopes = [score(poisson_logpmf, t, x) for t in lambdas]
        assert shown(made(slope), "score")[k] == pytest.approx(slopes, abs=0.0501)
        top = log_likelihood(poisson_logpmf, x.mean(), x)
        heights = [log_likelihood(poisson_logpmf, t, x) - top for t in lambdas]
        assert shown(made(slope), "height")[k] == pytest.approx(heights, abs=0.00501)
        curvature = observed_information(poisson_logpmf, x.mean(), x)[0, 0]
        assert curvature == pytest.approx(n / x.mean())
        assert shown(made(slope), "curvature")[k] == pytest.approx(curvature, abs=0.0501)


@pytest.mark.parametrize("x", [load_speed_of_light(), MEASURED * 1e-4, 1e6 + MEASURED, [3.0, 4.0]])
def test_gaussian_explorer_sums_the_logs_and_its_grid_holds_the_estimate(x):
    explorer, x = explorers.explore_gaussian(x), np.asarray(x)
    mus, sigmas = grids(explorer)["mu"], grids(explorer)["sigma"]
    table = shown(explorer, "loglik")
    for i, j in [(0, 0), (12, 36), (len(mus) - 1, len(sigmas) - 1)]:
        assert table[i, j] == pytest.approx(log_likelihood(gaussian_logpdf, (mus[i], sigmas[j]), x), abs=0.051)
    assert table.max() == pytest.approx(log_likelihood(gaussian_logpdf, gaussian_mle(x), x), abs=0.0501)
    for values, estimate in zip((mus, sigmas), gaussian_mle(x), strict=True):
        assert min(abs(np.array(values) - estimate)) <= 1e-9 * abs(estimate)


def test_of_many_observations_some_are_drawn_and_all_are_counted():
    x = np.random.default_rng(1).normal(2, 1, 20_000)
    explorer = explorers.explore_gaussian(x)
    left = explorer.spec["panels"][0]
    assert "200 of 20,000 observations" in left["ylabel"]
    assert left["marks"][1]["x"]["shape"] == [200]
    assert shown(explorer, "loglik").max() == pytest.approx(
        log_likelihood(gaussian_logpdf, gaussian_mle(x), x), abs=0.051
    )
    assert len(gzip.compress(json.dumps(explorer.spec).encode())) < 60_000


def test_ascent_follows_the_gradient_of_the_mean_log_likelihood():
    i, j = 1, 8
    theta = np.array([grids(made(ascent))["mu"][i], grids(made(ascent))["log_sigma"][j]])
    rate = made(ascent).value["step"]
    for _ in range(30):
        theta = theta + rate * score(in_log_sigma, theta, MEASURED) / len(MEASURED)
    (path,) = [m for m in made(ascent).spec["panels"][0]["marks"] if m.get("upto")]
    for axis, expected in zip("xy", theta, strict=True):
        assert unpack(path[axis])[1, i, j, -1] == pytest.approx(expected, abs=path[axis]["step"])
    height = log_likelihood(in_log_sigma, theta, MEASURED) / len(MEASURED)
    assert shown(made(ascent), "height")[1, i, j, -1] == pytest.approx(height, abs=0.00501)
    assert shown(made(ascent), "height")[..., 0].max() <= shown(made(ascent), "top") + 1e-9


@pytest.mark.parametrize("spread", [0.3, 0.7, 1.0, 1.4])
def test_the_three_step_sizes_crawl_arrive_and_never_settle(spread):
    z = np.random.default_rng(3).normal(size=12)
    x = 2 + spread * (z - z.mean()) / z.std()
    explorer = explorers.explore_ascent(x)
    curvatures = observed_information(in_log_sigma, np.array([2.0, np.log(spread)]), x) / len(x)
    limit = 2 / np.linalg.eigvalsh(curvatures).max()
    assert shown(explorer, "limit") == pytest.approx(limit, abs=0.0051)
    labels = explorer.spec["controls"][0]["labels"]
    assert [float(text) / limit for text in labels] == pytest.approx([0.03, 0.5, 1.5], rel=0.1)
    (height,) = [m for m in explorer.spec["panels"][1]["marks"] if m.get("upto")]
    gap = shown(explorer, "top") - unpack(height["y"])[:, 1, 9, :]
    assert gap[0, -1] > 0.1 and np.all(np.diff(gap[0]) <= 0)
    assert gap[1, -1] < 0.03
    assert not np.nanmax(gap[2, -5:]) < 0.02


def start_of(K):
    places = np.quantile(FAITHFUL, (np.arange(K) + 1) / (K + 1), axis=0)
    return {"weights": np.full(K, 1 / K), "means": places, "covs": np.array([np.cov(FAITHFUL.T)] * K)}


@pytest.mark.parametrize("K", [1, 2, 4])
def test_em_explorer_shows_likelihood_bound_and_gap_after_every_half_step(K):
    explorer, theta = explorers.explore_em(FAITHFUL, K, start=start_of(K), steps=6), start_of(K)
    e_step, m_step = mixture_steps("full", floor=0)
    cloud = explorer.spec["panels"][0]["marks"]
    sizes = np.array([unpack(m["size"]) for m in cloud[:K]])
    outlines = [m for m in cloud if m["kind"] == "line"]
    for position, label in enumerate(explorer.spec["controls"][0]["labels"]):
        assert label == f"{'EM'[position % 2]} {position // 2 + 1}"
        if label.startswith("E"):
            shares = e_step(theta, FAITHFUL).expected
        else:
            theta = m_step(shares, FAITHFUL)
        below = rel_entr(shares, e_step(theta, FAITHFUL).expected).sum()
        value = mixture_logpdf(theta, FAITHFUL).sum()
        numbers = [shown(explorer, name)[position] for name in ("height", "bound", "gap")]
        assert numbers == pytest.approx([value, value - below, below], abs=0.00502)
        assert numbers[2] == 0 or label.startswith("M")
        assert sizes[:, position].T ** 2 == pytest.approx(shares, abs=0.011)
        for outline, mean, cov in zip(outlines, theta["means"], theta["covs"], strict=True):
            away = np.array([unpack(outline[axis])[position] for axis in "xy"]).T - mean
            assert np.sum(away @ np.linalg.inv(cov) * away, axis=1) == pytest.approx(np.full(len(away), 4), rel=0.1)


def test_em_explorers_bound_stays_below_touches_and_is_highest_where_the_m_step_goes():
    line, bound = (unpack(m["y"]) for m in made(geyser).spec["panels"][1]["marks"][:2])
    places = unpack(made(geyser).spec["panels"][1]["marks"][0]["x"])
    step = made(geyser).spec["panels"][1]["marks"][0]["y"]["step"]
    assert np.all(bound <= line + 1.01 * step)
    for position in range(len(bound)):
        touch = np.argmin(abs(places - position // 2))
        assert bound[position, touch] == pytest.approx(line[touch], abs=1.01 * step)
        if position < len(bound) - 1:
            peak = np.argmin(abs(places - position // 2 - 1))
            assert bound[position, peak] >= bound[position].max() - 1.01 * step


def test_em_explorer_draws_some_of_many_points_and_counts_them_all():
    x = np.random.default_rng(1).normal(size=(5000, 2)) + 4 * np.arange(5000)[:, None] // 2500
    explorer = explorers.explore_em(x, steps=8)
    assert explorer.spec["panels"][0]["marks"][0]["x"]["shape"][-1] <= 400
    assert len(gzip.compress(json.dumps(explorer.spec).encode())) < 60_000
    one = explorers.explore_em(x, 1, steps=1)
    closed_form = mvn_logpdf((x.mean(axis=0), np.cov(x.T, bias=True)), x).sum()
    assert shown(one, "height") == pytest.approx(np.full(3, closed_form), abs=0.00502)


def test_divergences_of_the_shown_gaussians_are_integrals_and_none_nearby_is_lower():
    explorer = made(divergences)
    names, shares, apart = (c["labels"] if i < 2 else c["values"] for i, c in enumerate(explorer.spec["controls"]))
    assert len(names) == 3 and shares == ["50 %", "70 %"]
    mu, sigma, value = (shown(explorer, name) for name in ("mu", "sigma", "value"))
    for (i, weight), j in itertools.product(enumerate((0.5, 0.7)), (0, 12, len(apart) - 1)):
        for kind in range(3):
            at = mu[kind, i, j], sigma[kind, i, j]
            here = integrated(kind, *at, weight, apart[j])
            assert value[kind, i, j] == pytest.approx(here, abs=0.001)
            others = [(at[0] + a, at[1] * b) for a in (-0.3, 0, 0.3, -at[0]) for b in (0.8, 1.25)]
            assert all(integrated(kind, *other, weight, apart[j]) > here - 1e-4 for other in others)


def test_forward_kl_keeps_mean_and_variance_and_the_others_let_go_of_a_hump():
    explorer = made(divergences)
    apart = np.array(explorer.spec["controls"][2]["values"])
    mu, sigma, left, target = (shown(explorer, name) for name in ("mu", "sigma", "share", "target"))
    for i, w in enumerate((0.5, 0.7)):
        assert mu[0, i] == pytest.approx((w - 0.5) * apart, abs=0.0051)
        assert sigma[0, i] == pytest.approx(np.sqrt(1 + w * (1 - w) * apart**2), abs=0.0051)
        assert np.all(left[0, i] > 25)
        drops = [apart[np.argmax(left[kind, i] < 2)] for kind in (1, 2)]
        assert 4 < drops[1] <= drops[0] < 9  # reverse KL lets go first
        assert np.all(left[1, i, -3:] == 0) and np.all(target[i] > 29)
    assert np.all(mu[:, 0] > -0.006)  # of two equal minima the right one


def integrated(kind, mu, sigma, weight, s):
    """One divergence by adaptive quadrature."""

    def log_normal(x, mean, sd):
        return -0.5 * ((x - mean) / sd) ** 2 - math.log(sd) - 0.5 * math.log(2 * math.pi)

    def between(x):
        log_q = log_normal(x, mu, sigma)
        left, right = math.log(1 - weight) + log_normal(x, -s / 2, 1), math.log(weight) + log_normal(x, s / 2, 1)
        log_p = max(left, right) + math.log1p(math.exp(-abs(left - right)))
        log_m = max(log_p, log_q) + math.log1p(math.exp(-abs(log_p - log_q))) - math.log(2)
        p, q = math.exp(log_p), math.exp(log_q)
        return (p * (log_p - log_q), (p * (log_p - log_m) + q * (log_q - log_m)) / 2, q * (log_q - log_p))[kind]

    reach = s / 2 + 9 * max(1, sigma)
    return quad(between, -reach, reach, points=sorted({-s / 2, s / 2, mu}), limit=200)[0]


def numerals(explorer):
    """What a reader sees of the encoded observations: places, and the digits written there."""
    words = [m for m in explorer.spec["panels"][0]["marks"] if m["kind"] == "words"]
    return np.array([[unpack(m[axis])[0] for axis in "xy"] for m in words]), [int(m["text"]) for m in words]


def test_latent_plane_names_the_nearest_numeral_and_the_prior_density():
    across, (places, digits) = np.array(grids(made(latent))["z1"]), numerals(made(latent))
    assert np.array_equal(across, grids(made(latent))["z2"]) and across[0] == -across[-1] == -4
    for i, j in [(0, 0), (8, 8), (16, 3), (5, 12)]:
        z = across[[i, j]]
        nearest = np.argmin(np.linalg.norm(places - z, axis=1))
        assert shown(made(latent), "label")[i, j] == digits[nearest]
        distance = np.linalg.norm(places[nearest] - z)
        assert shown(made(latent), "distance")[i, j] == pytest.approx(distance, abs=0.00501)
        assert shown(made(latent), "prior")[i, j] == pytest.approx(norm.logpdf(z).sum(), abs=0.00501)


def test_latent_plane_writes_the_first_of_each_label_where_the_encoder_put_them():
    places, digits = numerals(made(latent))
    inside = np.abs(CODES).max(axis=1) <= 4
    for digit in range(10):
        expected = CODES[inside & (NAMES == digit)][:8]
        assert places[np.array(digits) == digit] == pytest.approx(expected, abs=0.0038)


def test_latent_plane_shows_the_decoders_picture_as_ink_on_paper():
    (tile,) = made(latent).spec["panels"][1]["marks"]
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(tile["sheet"].split(",")[1]))).convert("L"), float)
    across, (wide, high, columns, _) = np.array(grids(made(latent))["z1"]), tile["tiles"]
    for i, j in [(0, 0), (8, 8), (16, 3), (5, 12)]:
        row, column = divmod(int(unpack(tile["x"])[i, j, 0]), columns)
        picture = sheet[row * high : (row + 1) * high, column * wide : (column + 1) * wide]
        assert picture == pytest.approx(255 * (1 - shades(across[[i, j]][None])[0]), abs=9)  # 32 grey levels


# --- a figure as a file ------------------------------------------------------------------------------------


@each
def test_a_figure_stands_alone_is_small_and_is_the_same_every_time(build):
    first, second = made(build), build()
    text = first.to_html()
    assert text == second.to_html()
    assert len(gzip.compress(json.dumps(first.spec).encode())) < 60_000
    assert not re.search(r"https?://(?!www\.w3\.org)", text)
    assert not re.search("NaN|Infinity", json.dumps(first.spec))
    payload = re.search(r'<script type="application/json">(.*?)</script>', text, re.S).group(1)
    assert json.loads(payload) == json.loads(json.dumps(first.spec))


SPREAD = np.random.default_rng(4).normal(2, 1, 12)  # too few for a histogram, whose counts jump at the edges
FROM_DATA = {
    "gaussian": (explorers.explore_gaussian, SPREAD),
    "ascent": (explorers.explore_ascent, SPREAD),
    "em": (explorers.explore_em, FAITHFUL),
    "latent": (lambda codes: explorers.explore_latent(shades, codes, NAMES), CODES),
}


@pytest.mark.parametrize("name", FROM_DATA)
def test_last_digits_that_another_processor_rounds_otherwise_do_not_reach_the_page(name):
    explore, data = FROM_DATA[name]
    assert explore(data * (1 + 4e-15)).spec == explore(data).spec


@each
def test_every_control_is_labelled_and_every_table_has_its_controls(build):
    spec = made(build).spec
    lengths = {c["name"]: len(c["labels"]) for c in spec["controls"]}
    tables = [r["table"] for r in spec["readouts"]]
    tables += [m[axis] for p in spec["panels"] for m in p["marks"] for axis in "xy" if axis in m]
    for table in tables:
        assert table["shape"][: len(table["by"])] == [lengths[name] for name in table["by"]]
    for control in spec["controls"]:
        assert len(set(control["labels"])) == len(control["labels"]), control["name"]
        assert 0 <= control["start"] < lengths[control["name"]]
    for name in re.findall(r"\{(.+?)\}", spec["finding"]):
        assert name in lengths or name in {r["name"] for r in spec["readouts"]}
    assert spec["task"].endswith((".", "?"))


@each
def test_a_still_stands_in_where_nothing_runs(build):
    image = np.asarray(Image.open(io.BytesIO(made(build).still())).convert("L"))
    assert image.shape[1] > 300
    assert image.std() > 10  # not an empty sheet
    alt = re.search('<img alt="(.*?)"', made(build).to_html())[1]
    assert re.search(r"\d", alt) and "{" not in alt and "nan" not in alt  # it says the finding


def test_the_module_is_small():
    assert explorers.MODULE.stat().st_size < 15_000


def test_packing_keeps_numbers_gaps_and_extremes():
    table = np.array([[0.0, -1.25, np.nan], [300.0, 0.004, np.inf]])
    for step in (0.01, 1.0):
        back = unpack(explorers._pack(table, step))
        assert np.array_equal(np.isnan(back), ~np.isfinite(table))
        assert np.nanmax(np.abs(back - np.where(np.isfinite(table), table, np.nan))) <= 0.50001 * step
    assert np.all(np.isnan(unpack(explorers._pack(np.full(3, np.nan), 1.0))))
    with pytest.raises(ValueError, match="narrow the grid"):
        explorers._pack(np.array([0.0, 1e12]), 0.1)


# --- the live object ---------------------------------------------------------------------------------------


def test_outside_a_kernel_there_is_a_page_and_no_widget():
    assert set(made(coin)._repr_mimebundle_()) == {"text/plain", "text/html"}


def test_value_reads_and_sets_the_controls():
    explorer = gaussian()
    mus = grids(explorer)["mu"]
    assert explorer.value == pytest.approx({"mu": mus[12], "sigma": grids(explorer)["sigma"][36]})
    explorer.value = {"mu": 850.0}
    nearest = min(mus, key=lambda mu: abs(mu - 850))
    assert explorer.value["mu"] == pytest.approx(nearest)
    with pytest.raises(ValueError, match="no control named 'nu'; there are"):
        explorer.value = {"nu": 1.0}
    with pytest.raises(ValueError, match="mu holds NaN"):
        explorer.value = {"mu": np.nan}
    assert explorer.value["mu"] == pytest.approx(nearest)


def test_a_choice_gives_back_what_it_was_made_from():
    explorer = slope()
    assert explorer.value["n"] == 20
    explorer.value = {"n": 280}
    assert explorer.value["n"] == 280
    with pytest.raises(ValueError, match=r"n can be one of \[5, 20, 80, 280\], got 100"):
        explorer.value = {"n": 100}


def test_in_a_kernel_the_widget_and_python_stay_in_step(monkeypatch):
    monkeypatch.setattr(explorers, "_live", lambda: True)
    explorer = gaussian()
    explorer.value = {"mu": 900}
    bundle = explorer._repr_mimebundle_()
    assert {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"} <= set(bundle)
    assert bundle["text/plain"].startswith("A Gaussian")
    widget = explorer._widget
    assert json.loads(widget.spec) == json.loads(json.dumps(explorer.spec))
    assert grids(explorer)["mu"][widget.at["mu"]] == pytest.approx(explorer.value["mu"])
    widget.at = widget.at | {"sigma": 0}  # as the page sends it
    assert explorer.value["sigma"] == pytest.approx(grids(explorer)["sigma"][0])
    explorer.value = {"sigma": 100}
    assert grids(explorer)["sigma"][widget.at["sigma"]] == pytest.approx(explorer.value["sigma"])
    assert explorer._repr_mimebundle_() == bundle  # shown twice: two views of one widget
    widget.close()


def test_the_readers_arrays_are_left_alone():
    x, thetas = np.random.default_rng(2).permutation(MEASURED), np.linspace(3, 1, 9)
    x.flags.writeable = thetas.flags.writeable = False
    before = x.copy(), thetas.copy()
    explorers.explore_gaussian(x).to_html()
    explorers.explore_ascent(x)
    explorers.explore_likelihood(unit_normal, thetas, x)
    explorers.explore_score(unit_normal, thetas, x, sizes=(5, 12))
    assert np.array_equal(x, before[0]) and np.array_equal(thetas, before[1])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: explorers.explore_gaussian([]), "x is empty"),
        (lambda: explorers.explore_gaussian([1.0, np.nan]), "x holds 1 NaN"),
        (lambda: explorers.explore_gaussian([1.0, np.inf]), "finite numbers"),
        (lambda: explorers.explore_gaussian([2.0, 2.0]), "all values are equal"),
        (lambda: explorers.explore_gaussian([2.0]), "all values are equal"),
        (lambda: explorers.explore_gaussian(np.ones((3, 2))), "1-d array"),
        (lambda: explorers.explore_ascent([2.0, 2.0]), "all values are equal"),
        (lambda: explorers.explore_ascent(MEASURED, steps=[0.1, -0.5]), "steps must be positive"),
        (lambda: explorers.explore_ascent(MEASURED, steps=[]), "steps is empty"),
        (lambda: explorers.explore_likelihood(bernoulli_logpmf, [0.5], TOSSES, outcomes=[0, 1]), "two grid values"),
        (lambda: explorers.explore_likelihood(bernoulli_logpmf, [], TOSSES, outcomes=[0, 1]), "thetas is empty"),
        (lambda: explorers.explore_likelihood(bernoulli_logpmf, [0.0, 1.0], TOSSES, outcomes=[0, 1]), "impossible"),
        (lambda: explorers.explore_likelihood(bernoulli_logpmf, [0.1, np.nan], TOSSES, outcomes=[0, 1]), "NaN"),
        (lambda: explorers.explore_likelihood(bernoulli_logpmf, [0.1, 0.2], TOSSES, outcomes=[]), "outcomes is empty"),
        (lambda: explorers.explore_likelihood(bernoulli_logpmf, [0.1, 0.2], [], outcomes=[0, 1]), "x is empty"),
        (lambda: explorers.explore_likelihood(unit_normal, [[0.1, 0.2]], [[1.0]]), "1-d array"),
        (lambda: explorers.explore_score(poisson_logpmf, [0.0, 1.0], KICKS, sizes=SIZES), "keep inside the domain"),
        (lambda: explorers.explore_score(poisson_logpmf, [0.5, 1.0], KICKS), "x has 280"),
        (lambda: explorers.explore_score(poisson_logpmf, [0.5, 1.0], KICKS, sizes=(0, 5)), "0 to 5 observations"),
        (lambda: explorers.explore_score(poisson_logpmf, [0.5], KICKS, sizes=(50,)), "two grid values"),
        (lambda: explorers.explore_em(np.empty((0, 2))), "x is empty"),
        (lambda: explorers.explore_em([[1.0, np.nan], [2.0, 3.0]]), "x holds 1 NaN"),
        (lambda: explorers.explore_em([[1.0, np.inf], [2.0, 3.0]]), "finite numbers in two columns"),
        (lambda: explorers.explore_em(MEASURED), r"two columns, shape \(n, 2\), got shape \(12,\)"),
        (lambda: explorers.explore_em(np.ones((5, 3))), "two columns"),
        (lambda: explorers.explore_em([[1.0, 2.0]]), "at least three that are not on a line"),
        (lambda: explorers.explore_em(np.outer(MEASURED, [1.0, 2.0])), "at least three that are not on a line"),
        (lambda: explorers.explore_em(FAITHFUL, 0), "K must be a whole number from 1 to 4, got 0"),
        (lambda: explorers.explore_em(FAITHFUL, 2.5), "K must be a whole number"),
        (lambda: explorers.explore_em(FAITHFUL, steps=0), "steps must be at least 1"),
        (lambda: explorers.explore_em(FAITHFUL, 3, start=start_of(2)), "start must hold weights"),
        (lambda: explorers.explore_em(FAITHFUL, start={"means": FAITHFUL[:2]}), "start must hold weights"),
        (lambda: explorers.explore_em(FAITHFUL, floor=-1.0), "floor >= 0"),
        (lambda: explorers.explore_divergences([]), "separations is empty"),
        (lambda: explorers.explore_divergences([0.0, 3.0]), "separations must lie above 0 and up to 10, got 0 to 3"),
        (lambda: explorers.explore_divergences([2.0, np.nan]), "separations holds NaN"),
        (lambda: explorers.explore_divergences([2.0, 12.0]), "up to 10, got 2 to 12"),
        (lambda: explorers.explore_divergences([3.0]), "two grid values"),
        (lambda: explorers.explore_divergences(weights=[0.3]), "weights must lie from 0.5 up to below 1"),
        (lambda: explorers.explore_divergences(weights=[1.0]), "weights must lie from 0.5"),
        (lambda: explorers.explore_divergences(weights=[]), "weights is empty"),
        (lambda: explorers.explore_latent(shades, [], []), "z is empty"),
        (lambda: explorers.explore_latent(shades, CODES * np.nan, NAMES), "z holds NaN"),
        (lambda: explorers.explore_latent(shades, CODES[:, :1], NAMES), r"shape \(m, 2\)"),
        (lambda: explorers.explore_latent(shades, CODES, NAMES[:-1]), "m whole numbers"),
        (lambda: explorers.explore_latent(shades, CODES, NAMES / 2), "float64"),
        (lambda: explorers.explore_latent(shades, CODES + 100, NAMES), "within 4.0 of the origin"),
        (lambda: explorers.explore_latent(shades, CODES, NAMES, reach=0), "must be positive"),
        (lambda: explorers.explore_latent(lambda z: shades(z)[0], CODES, NAMES), "must turn points"),
        (lambda: explorers.explore_latent(lambda z: 3 * shades(z), CODES, NAMES), "from 0 to 1"),
        (lambda: explorers.explore_latent(lambda z: np.nan * shades(z), CODES, NAMES), "NaN"),
        (lambda: slider("a", "a", [[1.0, 2.0]], 1), "two grid values"),
        (lambda: slider("a", "a", [1.0, np.inf], 1), "a holds NaN or infinite values"),
        (lambda: sprite(np.full((2, 4, 4), np.nan), ["a"]), "images holds NaN"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_a_table_that_does_not_fit_its_controls_is_refused():
    with pytest.raises(ValueError, match=r"over \['a'\] has shape \(4, 1\), but the controls have \[3\] places"):
        Explorer(
            "t", "t", [slider("a", "a", [1, 2, 3], 1)], [], [readout("r", "r", range(4), ["a"], digits=0)], finding=""
        )


# --- what later chapters need ------------------------------------------------------------------------------


def latent_pad():
    """A pad over a plane beside the picture at its point: as for a decoder."""
    rows, columns = 4, 6
    images = 40 * np.arange(rows)[:, None, None, None] + 20 * np.arange(columns)[:, None, None] + np.zeros((1, 1, 5, 5))
    images[..., 0, 0] = 255
    across, up = np.linspace(-2, 2, rows), np.linspace(-3, 3, columns)
    ring = mark("dots", across[:, None], up[:, None], x_by=["z1"], by=["z2"])
    pad = panel((-2.5, 2.5), (-3.5, 3.5), "z₁", "z₂", [ring], drag=("z1", "z2"), alt="The latent plane.")
    picture = panel(
        (0, 1), (0, 1), "", "the decoded digit", [sprite(images, ["z1", "z2"])], xticks=[], yticks=[], alt="A digit."
    )
    controls = [slider("z1", "z₁", across, 0), slider("z2", "z₂", up, 0)]
    distance = readout("d", "distance", np.hypot(across[:, None], up), ["z1", "z2"], digits=2)
    return Explorer("A pad", "Drag.", controls, [pad, picture], [distance], finding="At {z1}, {z2}."), images


def em_steps():
    """Steps with names, responsibilities as colours and shapes whose sizes add up, a bound that touches a curve."""
    names = ["start", "E 1", "M 1", "E 2", "M 2"]
    places, weight = np.linspace(0, 1, 7), np.linspace(0, 1, 35).reshape(5, 7)
    dots = {"size_by": ["step"], "radius": 6}
    points = [
        mark("dots", places, places**2, size=np.sqrt(weight), role="model", **dots),
        mark("dots", places, places**2, size=np.sqrt(1 - weight), role="estimate", shape="diamond", **dots),
    ]
    bound = -((places - np.linspace(0, 1, 5)[:, None]) ** 2)
    log_likelihood = np.zeros((2, 7)) + [[0.0], [0.1]]
    curves = [mark("line", places, log_likelihood, by=["k"])]
    curves += [mark("line", places, bound, by=["step"], style="dash", role="other", beads=True)]
    axes = {"xlabel": "x", "ylabel": "y", "alt": "A panel."}
    panels = [panel((-0.1, 1.1), (-0.1, 1.1), marks=points, **axes), panel((0, 1), (-1, 0.2), marks=curves, **axes)]
    controls = [slider("step", "step", range(5), 0, labels=names), choice("k", "components", [2, 3])]
    return Explorer("EM", "Step.", controls, panels, [], finding="After {step}."), weight


def test_a_pad_shows_the_picture_at_its_point():
    explorer, images = latent_pad()
    (tile,) = explorer.spec["panels"][1]["marks"]
    assert "images" not in tile
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(tile["sheet"].split(",")[1]))).convert("L"), int)
    numbers, (wide, high, columns, rows) = unpack(tile["x"])[..., 0].astype(int), tile["tiles"]
    assert sheet.shape == (rows * high, columns * wide)
    for (i, j), number in np.ndenumerate(numbers):
        row, column = divmod(number, columns)
        shown = sheet[row * high : (row + 1) * high, column * wide : (column + 1) * wide]
        assert np.abs(shown - images[i, j]).max() <= 8  # 32 grey levels
    assert len(explorer.still()) > 500


def test_a_pad_of_digits_is_light_enough():
    images = np.random.default_rng(0).integers(0, 2, (15, 15, 28, 28)) * 200  # noise: worse than any digit
    assert len(sprite(images, ["a", "b"])["sheet"]) < 150_000


def test_sizes_of_dots_and_names_of_steps_reach_the_page():
    explorer, weight = em_steps()
    first, second = explorer.spec["panels"][0]["marks"]
    total = unpack(first["size"]) ** 2 + unpack(second["size"]) ** 2
    assert total == pytest.approx(np.ones((5, 7)), abs=0.03)
    assert explorer.spec["controls"][0]["labels"][3] == "E 2"
    assert explorer.value == {"step": 0, "k": 2}
    assert len(explorer.still()) > 500
