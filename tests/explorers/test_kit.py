"""Figures as files and as live objects; the kit's own tables, marks and sprites."""

import base64
import gzip
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from mle_helpers.explorers import (
    explore_ascent,
    explore_em,
    explore_gaussian,
    explore_latent,
    explore_likelihood,
    explore_score,
    kit,
)
from mle_helpers.explorers.kit import MODULE, Explorer, readout, slider, sprite

from .examples import (
    ALL,
    CODES,
    FAITHFUL,
    MEASURED,
    NAMES,
    coin,
    em_steps,
    gaussian,
    grids,
    latent_pad,
    made,
    shades,
    slope,
    unit_normal,
    unpack,
)

each = pytest.mark.parametrize("build", ALL, ids=lambda build: build.__name__)


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
    "gaussian": (explore_gaussian, SPREAD),
    "ascent": (explore_ascent, SPREAD),
    "em": (explore_em, FAITHFUL[:, 1]),
    "latent": (lambda codes: explore_latent(shades, codes, NAMES), CODES),
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
    assert MODULE.stat().st_size < 19_000


def test_packing_keeps_numbers_gaps_and_extremes():
    table = np.array([[0.0, -1.25, np.nan], [300.0, 0.004, np.inf]])
    for step in (0.01, 1.0):
        back = unpack(kit._pack(table, step))
        assert np.array_equal(np.isnan(back), ~np.isfinite(table))
        assert np.nanmax(np.abs(back - np.where(np.isfinite(table), table, np.nan))) <= 0.50001 * step
    assert np.all(np.isnan(unpack(kit._pack(np.full(3, np.nan), 1.0))))
    with pytest.raises(ValueError, match="narrow the grid"):
        kit._pack(np.array([0.0, 1e12]), 0.1)


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
    monkeypatch.setattr(kit, "_live", lambda: True)
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
    explore_gaussian(x).to_html()
    explore_ascent(x)
    explore_likelihood(unit_normal, thetas, x)
    explore_score(unit_normal, thetas, x, sizes=(5, 12))
    assert np.array_equal(x, before[0]) and np.array_equal(thetas, before[1])


def test_a_table_that_does_not_fit_its_controls_is_refused():
    with pytest.raises(ValueError, match=r"over \['a'\] has shape \(4, 1\), but the controls have \[3\] places"):
        Explorer(
            "t", "t", [slider("a", "a", [1, 2, 3], 1)], [], [readout("r", "r", range(4), ["a"], digits=0)], finding=""
        )


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


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: slider("a", "a", [[1.0, 2.0]], 1), "two grid values"),
        (lambda: slider("a", "a", [1.0, np.inf], 1), "a holds NaN or infinite values"),
        (lambda: sprite(np.full((2, 4, 4), np.nan), ["a"]), "images holds NaN"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
