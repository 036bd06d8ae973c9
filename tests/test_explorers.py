"""What the explorers' pages will show, decoded from the payload and held against the package; sizes; bad input."""

import base64
import gzip
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from mle_helpers import explorers
from mle_helpers.datasets import load_horse_kicks, load_speed_of_light
from mle_helpers.likelihood import log_likelihood, observed_information, score
from mle_helpers.models import bernoulli_logpmf, gaussian_logpdf, gaussian_mle, poisson_logpmf

TOSSES = np.array([1, 1, 1, 0, 1, 0])
RNG = np.random.default_rng(3)
KICKS = load_horse_kicks(280)


def unit_normal(mu, x):
    return gaussian_logpdf((mu, 1.0), x)


def coin():
    return explorers.explore_likelihood(bernoulli_logpmf, np.linspace(0, 1, 101), TOSSES, outcomes=[0, 1], symbol="p")


def kicks():
    grid = np.linspace(0.05, 2, 79)
    return explorers.explore_likelihood(poisson_logpmf, grid, KICKS, outcomes=np.arange(7), symbol="λ")


def mean():
    return explorers.explore_likelihood(unit_normal, np.linspace(-1, 5, 121), RNG.normal(2, 1, 8), symbol="μ")


def ascent():
    return explorers.explore_ascent(np.random.default_rng(3).normal(2, 1, 12))


def slope():
    return explorers.explore_score(
        poisson_logpmf, np.linspace(0.2, 1.6, 113), KICKS, sizes=(5, 20, 80, 280), symbol="λ"
    )


def gaussian():
    return explorers.explore_gaussian(load_speed_of_light(), quantity="speed", unit="km/s")


ALL = [coin, kicks, mean, ascent, slope, gaussian]
each = pytest.mark.parametrize("build", ALL, ids=lambda build: build.__name__)


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


def test_likelihood_shows_what_the_package_computes():
    for explorer, logpdf, x, digits in [
        (coin(), bernoulli_logpmf, TOSSES, 2),
        (kicks(), poisson_logpmf, KICKS, 2),
    ]:
        (thetas,) = grids(explorer).values()
        expected = np.array([log_likelihood(logpdf, t, x) for t in thetas])
        possible = np.isfinite(expected)
        table = shown(explorer, "loglik")
        assert np.array_equal(np.isnan(table), ~possible)
        assert table[possible] == pytest.approx(expected[possible], abs=0.50001 * 10**-digits)
        assert shown(explorer, "relative") == pytest.approx(np.exp(expected - expected.max()), abs=0.000501)


def test_bars_hold_the_models_probabilities():
    explorer = coin()
    bars = explorer.spec["panels"][0]["marks"][0]
    heights, step = unpack(bars["y"]), bars["y"]["step"]
    thetas = np.array(grids(explorer)["p"])
    assert heights[:, 1] == pytest.approx(thetas, abs=step)
    assert heights.sum(axis=1) == pytest.approx(np.ones(101), abs=2 * step)


def test_score_explorer_shows_score_height_and_curvature():
    explorer = slope()
    lambdas = grids(explorer)["λ"]
    for k, n in enumerate((5, 20, 80, 280)):
        x = KICKS[:n]
        slopes = [score(poisson_logpmf, t, x) for t in lambdas]
        assert shown(explorer, "score")[k] == pytest.approx(slopes, abs=0.0501)
        top = max(log_likelihood(poisson_logpmf, t, x) for t in lambdas)
        heights = [log_likelihood(poisson_logpmf, t, x) - top for t in lambdas]
        assert shown(explorer, "height")[k] == pytest.approx(heights, abs=0.00501)
        best = lambdas[int(np.argmax(heights))]
        curvature = observed_information(poisson_logpmf, best, x)[0, 0]
        assert shown(explorer, "curvature")[k] == pytest.approx(curvature, abs=0.0501)


def test_gaussian_explorer_sums_the_logs_and_its_grid_holds_the_estimate():
    explorer, x = gaussian(), load_speed_of_light()
    mus, sigmas = grids(explorer)["mu"], grids(explorer)["sigma"]
    table = shown(explorer, "loglik")
    for i, j in [(0, 0), (12, 36), (len(mus) - 1, len(sigmas) - 1)]:
        assert table[i, j] == pytest.approx(log_likelihood(gaussian_logpdf, (mus[i], sigmas[j]), x), abs=0.0501)
    i, j = np.unravel_index(np.argmax(table), table.shape)
    assert table.max() == pytest.approx(log_likelihood(gaussian_logpdf, gaussian_mle(x), x), abs=0.0501)
    assert min(abs(np.array(mus) - gaussian_mle(x)[0])) < 1e-9
    assert min(abs(np.array(sigmas) - gaussian_mle(x)[1])) < 1e-9


def test_ascent_follows_the_gradient_of_the_mean_log_likelihood():
    x = np.random.default_rng(3).normal(2, 1, 12)
    explorer = ascent()

    def logpdf(theta, x):
        import autograd.numpy as anp

        return gaussian_logpdf((theta[0], anp.exp(theta[1])), x)

    i, j, rate = 1, 6, 0.5
    theta = np.array([grids(explorer)["mu"][i], grids(explorer)["log_sigma"][j]])
    for _ in range(20):
        theta = theta + rate * score(logpdf, theta, x) / len(x)
    path = explorer.spec["panels"][0]["marks"][-2]
    steps = [path[axis]["step"] for axis in "xy"]
    end = [unpack(path[axis])[1, i, j, -1] for axis in "xy"]
    assert abs(end[0] - theta[0]) < steps[0] and abs(end[1] - theta[1]) < steps[1]
    assert shown(explorer, "height")[1, i, j, -1] == pytest.approx(log_likelihood(logpdf, theta, x) / 12, abs=0.00501)
    assert shown(explorer, "height")[..., 0].max() <= shown(explorer, "top") + 1e-9


def test_the_three_step_sizes_crawl_arrive_and_never_settle():
    x = np.random.default_rng(3).normal(size=12)
    explorer = explorers.explore_ascent(2 + (x - x.mean()) / x.std())
    gap = shown(explorer, "top") - shown(explorer, "height")[:, 1, 7, -1]
    assert gap[0] > 0.02
    assert gap[1] < 0.005
    assert np.isnan(gap[2]) or gap[2] > 0.02


@each
def test_a_figure_stands_alone_is_small_and_is_the_same_every_time(build):
    first, second = build(), build()
    if build is not mean:
        assert json.dumps(first.spec) == json.dumps(second.spec)
        assert first.still() == second.still()
    text = first.to_html()
    assert len(gzip.compress(json.dumps(first.spec).encode())) < 60_000
    assert not re.search(r"https?://(?!www\.w3\.org)", text)
    assert "NaN" not in json.dumps(first.spec) and "Infinity" not in json.dumps(first.spec)
    payload = re.search(r'<script type="application/json">(.*?)</script>', text, re.S).group(1)
    assert json.loads(payload) == json.loads(json.dumps(first.spec))


@each
def test_every_control_is_labelled_and_every_table_has_its_controls(build):
    spec = build().spec
    lengths = {c["name"]: len(c["labels"]) for c in spec["controls"]}
    tables = [r["table"] for r in spec["readouts"]]
    tables += [m[axis] for p in spec["panels"] for m in p["marks"] for axis in "xy" if axis in m]
    for table in tables:
        assert table["shape"][: len(table["by"])] == [lengths[name] for name in table["by"]]
    for control in spec["controls"]:
        assert len(set(control["labels"])) == len(control["labels"]), control["name"]
        assert 0 <= control["start"] < lengths[control["name"]]
    for name in re.findall(r"\{(\w+)\}", spec["finding"]):
        assert name in lengths or name in {r["name"] for r in spec["readouts"]}
    assert spec["task"].endswith((".", "?"))


@each
def test_a_still_stands_in_where_nothing_runs(build):
    image = np.asarray(Image.open(io.BytesIO(build().still())).convert("L"))
    assert image.shape[1] > 300
    assert image.std() > 10  # not an empty sheet
    assert 'alt="' in build().to_html()


def test_the_module_is_small():
    assert explorers.MODULE.stat().st_size < 15_000


def test_outside_a_kernel_there_is_a_page_and_no_widget():
    bundle = coin()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}


def test_value_reads_and_sets_the_controls():
    explorer = gaussian()
    assert set(explorer.value) == {"mu", "sigma"}
    explorer.value = {"mu": 850.0}
    assert explorer.value["mu"] == 850.0
    with pytest.raises(ValueError, match=r"no control named \['nu'\]"):
        explorer.value = {"nu": 1.0}


def test_the_widget_carries_the_same_specification():
    explorer = coin()
    widget = explorers.ExplorerWidget(json.dumps(explorer.spec), explorer.value)
    assert json.loads(widget.spec) == json.loads(json.dumps(explorer.spec))
    widget.close()


def test_the_readers_arrays_are_left_alone():
    x = RNG.normal(size=30)
    before = x.copy()
    explorers.explore_gaussian(x)
    explorers.explore_ascent(x)
    assert np.array_equal(x, before)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: explorers.explore_gaussian([]), "x is empty"),
        (lambda: explorers.explore_gaussian([1.0, np.nan]), "x holds 1 NaN"),
        (lambda: explorers.explore_gaussian([1.0, np.inf]), "finite numbers"),
        (lambda: explorers.explore_gaussian([2.0, 2.0]), "all values are equal"),
        (lambda: explorers.explore_gaussian(np.ones((3, 2))), "1-d array"),
        (lambda: explorers.explore_ascent([2.0, 2.0]), "all values are equal"),
        (lambda: explorers.explore_likelihood(bernoulli_logpmf, [0.5], TOSSES, outcomes=[0, 1]), "two grid values"),
        (lambda: explorers.explore_likelihood(bernoulli_logpmf, [], TOSSES, outcomes=[0, 1]), "thetas is empty"),
        (lambda: explorers.explore_likelihood(bernoulli_logpmf, [0.0, 1.0], TOSSES, outcomes=[0, 1]), "impossible"),
        (lambda: explorers.explore_likelihood(bernoulli_logpmf, [0.1, np.nan], TOSSES, outcomes=[0, 1]), "NaN"),
        (lambda: explorers.explore_score(poisson_logpmf, [0.0, 1.0], KICKS), "keep inside the domain|has 280"),
        (lambda: explorers.explore_score(poisson_logpmf, [0.5, 1.0], KICKS, sizes=(500,)), "500 observations"),
        (lambda: explorers.explore_score(poisson_logpmf, [0.5], KICKS, sizes=(50,)), "two grid values"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
