"""Small real data sets. Sources and licences stand in `data/README.md`; nothing is downloaded."""

import csv
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent / "data"

# The guard corps and corps I, VI and XI were organised differently; R. A. Fisher left them out in 1925.
LEFT_OUT_BY_FISHER = ("G", "I", "VI", "XI")


def _rows(name):
    """The rows of the CSV file `name` as dictionaries of strings."""
    with open(DATA / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _choose(argument, value, choices):
    """Raise a ValueError that names the choices unless `value` is one of them."""
    if value not in choices:
        raise ValueError(f"{argument} must be one of {', '.join(map(repr, choices))}, not {value!r}.")


def load_horse_kicks(corps_years=200):
    """Deaths by horse kick in the Prussian army, 1875 to 1894, one number for each corps and year.

    Returns an int array (200,) for the ten corps of Fisher's table (mean 0.61), or (280,) for all
    fourteen (mean 0.70). Ordered by corps, then by year. Source: Bortkiewicz (1898).
    """
    _choose("corps_years", corps_years, (200, 280))
    left_out = LEFT_OUT_BY_FISHER if corps_years == 200 else ()
    return np.array([int(row["deaths"]) for row in _rows("horse_kicks.csv") if row["corps"] not in left_out])


def load_speed_of_light():
    """Michelson's 100 measurements of the speed of light in air, 1879, in km/s minus 299,000.

    Returns a float array (100,) in the order of R's `morley`: five runs of 20, reshape with (5, 20).
    On this scale the true value is 734.5. Source: Stigler (1977), table 6.
    """
    return np.array([float(row["speed"]) for row in _rows("speed_of_light.csv")])


def load_old_faithful():
    """Eruptions of the geyser Old Faithful, Yellowstone National Park.

    Returns a float array (272, 2): how long an eruption lasted and how long the wait until the next
    one was, both in minutes. Source: Härdle (1991), as in R's `faithful`.
    """
    return np.array([[float(row["eruption"]), float(row["waiting"])] for row in _rows("old_faithful.csv")])


def load_orings():
    """O-rings of the space shuttle on 23 flights before Challenger's last, 1981 to 1986.

    Returns two arrays (23,): temperature at launch in degrees Fahrenheit (float), and how many of the
    six field-joint O-rings showed thermal distress (int). Source: Dalal, Fowlkes and Hoadley (1989).
    """
    rows = _rows("orings.csv")
    temperature = np.array([float(row["temperature"]) for row in rows])
    return temperature, np.array([int(row["distressed"]) for row in rows])


def load_remission(treatment="6-MP"):
    """Weeks in remission of 21 patients with leukaemia, under the drug "6-MP" or a placebo ("control").

    Returns two arrays (21,): time in weeks (float) and observed (bool). Where `observed` is False
    the patient was still in remission when last seen. Source: Freireich and others (1963).
    """
    _choose("treatment", treatment, ("6-MP", "control"))
    rows = [row for row in _rows("remission.csv") if row["treatment"] == treatment]
    return np.array([float(row["weeks"]) for row in rows]), np.array([row["relapse"] == "1" for row in rows])


def load_digits(split="train"):
    """Handwritten digits from MNIST, few and exact: grey images, 0 for paper and 255 for full ink, with their labels.

    Returns images, a uint8 array (n, 28, 28), and labels, an int array (n,) of 0 to 9. "train" has 400 of each digit
    of MNIST's training set, "test" 100 of each of its test set, the same as `load_mnist("test", "grey")`.
    Source: LeCun and others (1998).
    """
    _choose("split", split, ("train", "test"))
    with np.load(DATA / "digits.npz") as arrays:
        return arrays[f"images_{split}"], arrays[f"labels_{split}"].astype(int)


def load_mnist(split="train", kind="binary"):
    """All of MNIST, in its own order: images, a uint8 array, and labels, an int array (n,) of 0 to 9.

    "binary": rows (n, 784) with 1 where the grey value is at least 128, else 0; 60,000 to train, 10,000 to test.
    "grey": images (n, 28, 28) from 0 (paper) to 255 (full ink). The 60,000 to train are rounded to the nearest of 16
    levels, 0, 17, …, 255, so off by at most 8; `binarise` makes the same of them. To test there are 1,000, all 256
    levels, shuffled, 100 of each digit: image i is row `grey_test_places()[i]` of the 10,000.
    uint8 is small: make floats of a batch, not of everything. Source: LeCun and others (1998).
    """
    _choose("split", split, ("train", "test"))
    _choose("kind", kind, ("binary", "grey"))
    if (split, kind) == ("test", "grey"):
        return load_digits("test")
    with np.load(DATA / f"mnist_{split}.npz") as arrays:
        images, labels = arrays["images"], arrays["labels"].astype(int)
    if split == "test":
        return np.unpackbits(images, axis=1), labels
    levels = np.stack([images >> 4, images & 15], axis=-1)  # two pixels a byte
    if kind == "binary":
        return (levels > 7).view(np.uint8).reshape(-1, 784), labels
    return (levels * np.uint8(17)).reshape(-1, 28, 28), labels


def grey_test_places():
    """Where the 1,000 grey test images stand among the 10,000 of `load_mnist("test")`: an int array (1000,)."""
    with np.load(DATA / "digits.npz") as arrays:
        return arrays["places_test"].astype(int)


def binarise(images, threshold=128):
    """Images as rows of ink (1.0) and no ink (0.0): (n, 28, 28) -> (n, 784). Ink: a pixel of at least ``threshold``."""
    return (np.reshape(images, (len(images), -1)) >= threshold).astype(float)


def dequantise(images, seed):
    """Whole grey values 0 to 255 as rows on [0, 1): each value plus its own uniform noise, divided by 256.

    (n, 28, 28) -> (n, 784), noise drawn from ``default_rng(seed)``. The course takes seed 1 for the training images and
    2 for the test images. A log density on this scale is 784 log 256 nats above the same density on 0 to 256.
    """
    rows = np.reshape(images, (len(images), -1))
    return (rows + np.random.default_rng(seed).random(rows.shape)) / 256
