"""What the figure of the coordinates shows, held against the formula; bad input."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from scipy.stats import norm

from mle_helpers.explorers import explore_coordinates

from .examples import CENTRE, TURNED, coordinates, grids, made, shown, unpack


def test_distance_and_density_are_those_of_the_coordinates():
    turns = np.array(grids(made(coordinates))["first"])
    assert turns.tolist() == [-2, -1, 0, 1, 2] == grids(made(coordinates))["third"]
    for place in [(0, 0, 0), (2, 2, 2), (4, 1, 3)]:
        z = turns[list(place)]
        assert shown(made(coordinates), "out")[place] == pytest.approx(np.linalg.norm(z), abs=0.00501)
        against = norm.logpdf(z).sum() - norm.logpdf(np.zeros(3)).sum()
        assert shown(made(coordinates), "density")[place] == pytest.approx(against, abs=0.00501)


def test_the_picture_is_the_mean_and_so_much_of_each_direction():
    (tile,) = made(coordinates).spec["panels"][0]["marks"]
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(tile["sheet"].split(",")[1]))).convert("L"), float)
    turns, (wide, high, columns, _) = np.array(grids(made(coordinates))["first"]), tile["tiles"]
    for place in [(0, 0, 0), (2, 2, 2), (4, 1, 3), (3, 4, 0)]:
        row, column = divmod(int(unpack(tile["x"])[(*place, 0)]), columns)
        picture = sheet[row * high : (row + 1) * high, column * wide : (column + 1) * wide]
        ink = CENTRE + 0.2 * turns[list(place)] @ TURNED[:3]
        assert picture == pytest.approx(255 * (1 - np.clip(ink, 0, 1)).reshape(2, 2), abs=9)  # 32 grey levels


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: explore_coordinates([], TURNED, np.ones(4)), "mean is empty"),
        (lambda: explore_coordinates(CENTRE, TURNED, np.ones(4)), "d = 784 pixels"),
        (lambda: explore_coordinates(CENTRE, TURNED[:2], np.ones(2), shape=(2, 2)), "k >= 3"),
        (lambda: explore_coordinates(CENTRE, TURNED * np.nan, np.ones(4), shape=(2, 2)), "directions holds NaN"),
        (lambda: explore_coordinates(CENTRE, TURNED, np.ones(3), shape=(2, 2)), "spreads: expected 4 positive"),
        (lambda: explore_coordinates(CENTRE, TURNED, np.zeros(4), shape=(2, 2)), "spreads: expected 4 positive"),
        (lambda: explore_coordinates(CENTRE, TURNED, np.ones(4), shape=(2, 2), places=4), "an odd number"),
        (lambda: explore_coordinates(CENTRE, TURNED, np.ones(4), shape=(2, 2), reach=0), "reach must be positive"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
