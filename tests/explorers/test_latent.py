"""What the figure of the latent plane shows, held against its decoder; bad input."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from scipy.stats import norm

from mle_helpers.explorers import explore_latent

from ..conftest import ROOT
from .examples import CODES, NAMES, grids, latent, made, shades, shown, unpack


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
        assert places[np.array(digits) == digit] == pytest.approx(expected, abs=0.006)


def test_latent_plane_has_one_unit_both_ways_and_opens_where_the_picture_is_sharp():
    plane = made(latent).spec["panels"][0]
    script = (ROOT / "mle_helpers" / "explorers" / "explorer.js").read_text()
    wide, high = (int(re.search(rf"{name} = (\d+)", script)[1]) for name in ("WIDE", "HIGH"))
    (left, right), (low, top) = plane["xlim"], plane["ylim"]
    assert (right - left) / wide == pytest.approx((top - low) / high, rel=1e-3)

    def one_blot(points):  # grey everywhere but near (1, -1)
        p = 0.5 + 0.5 * np.exp(-np.sum((points - [1, -1]) ** 2, axis=1))
        return np.tile(p[:, None, None], (1, 2, 2))

    controls = explore_latent(one_blot, CODES, NAMES).spec["controls"]
    assert [c["values"][c["start"]] for c in controls] == [1, -1]


def test_latent_plane_shows_the_decoders_picture_as_ink_on_paper():
    (tile,) = made(latent).spec["panels"][1]["marks"]
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(tile["sheet"].split(",")[1]))).convert("L"), float)
    across, (wide, high, columns, _) = np.array(grids(made(latent))["z1"]), tile["tiles"]
    for i, j in [(0, 0), (8, 8), (16, 3), (5, 12)]:
        row, column = divmod(int(unpack(tile["x"])[i, j, 0]), columns)
        picture = sheet[row * high : (row + 1) * high, column * wide : (column + 1) * wide]
        assert picture == pytest.approx(255 * (1 - shades(across[[i, j]][None])[0]), abs=9)  # 32 grey levels


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: explore_latent(shades, [], []), "z is empty"),
        (lambda: explore_latent(shades, CODES * np.nan, NAMES), "z holds NaN"),
        (lambda: explore_latent(shades, CODES[:, :1], NAMES), r"shape \(m, 2\)"),
        (lambda: explore_latent(shades, CODES, NAMES[:-1]), "m whole numbers"),
        (lambda: explore_latent(shades, CODES, NAMES / 2), "float64"),
        (lambda: explore_latent(shades, CODES + 100, NAMES), "within 4.0 of the origin"),
        (lambda: explore_latent(shades, CODES, NAMES, reach=0), "must be positive"),
        (lambda: explore_latent(lambda z: shades(z)[0], CODES, NAMES), "must turn points"),
        (lambda: explore_latent(lambda z: 3 * shades(z), CODES, NAMES), "from 0 to 1"),
        (lambda: explore_latent(lambda z: np.nan * shades(z), CODES, NAMES), "NaN"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
