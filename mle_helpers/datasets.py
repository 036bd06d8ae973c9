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


def _table(name):
    """The numeric columns of the CSV file `name` as arrays, of ints where every entry is a whole number."""
    rows = _rows(name)
    columns = {key: [float(row[key]) for row in rows] for key in rows[0]}
    whole = {key: all(value.is_integer() for value in column) for key, column in columns.items()}
    return {key: np.array(column, dtype=int if whole[key] else float) for key, column in columns.items()}


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


def load_beetles():
    """Flour beetles after five hours in carbon disulphide, eight groups.

    Returns three arrays (8,): dose in log10 of milligrams per litre (float), how many beetles were exposed and how many
    were killed (int). Source: Bliss (1935).
    """
    return tuple(_table("beetles.csv").values())


def load_siblings():
    """The 10,672 children of 5,626 families with one to three children, in order of birth.

    Returns three int arrays (10672,): family, a number from 0; ahead, which sex leads among the older siblings, 1 for
    boys, -1 for girls, 0 for neither; boy, 1 for a boy and 0 for a girl. Source: Rodgers and Doughty (2001), as printed
    by Roback and Legler (2021), chapter 2.
    """
    kinds = [row["composition"] for row in _rows("siblings.csv") for _ in range(int(row["families"]))]
    children = [
        (i, np.sign(kind[:j].count("B") - kind[:j].count("G")), kind[j] == "B")
        for i, kind in enumerate(kinds)
        for j in range(len(kind))
    ]
    return tuple(np.array(children, dtype=int).T)


def load_dobson():
    """Counts in three outcomes under three treatments, of a randomised trial: the example of R's `glm`.

    Returns three int arrays (9,): count, outcome and treatment (both 1 to 3). Source: Dobson (1990), page 93.
    """
    table = _table("dobson.csv")
    return table["count"], table["outcome"], table["treatment"]


def load_birth_weight():
    """Risk factors of a low birth weight, 189 births at Baystate Medical Center, Springfield, 1986.

    Returns a dict of int arrays (189,): low (1 below 2,500 g), the mother's age in years, lwt, her weight in pounds at
    the last period, race (1 white, 2 black, 3 other), smoke (0 or 1), ptl (earlier premature labours), ht
    (hypertension), ui (uterine irritability), ftv (visits to a doctor in the first trimester) and bwt, the child's
    weight in grams. Source: Hosmer and Lemeshow (1989), as in R's `birthwt`.
    """
    return _table("birth_weight.csv")


def load_aspirin():
    """Heart attacks of physicians who took aspirin, or a placebo, every other day.

    Returns two int arrays (2,), for aspirin and for the placebo: how many had a heart attack, of how many. Source: the
    Physicians' Health Study (1988).
    """
    rows = _rows("aspirin.csv")
    return tuple(np.array([int(row[key]) for row in rows]) for key in ("attacks", "people"))


def load_ground_beef():
    """How much ground beef a child under five ate at a meal, 254 servings in France.

    Returns a float array (254,), in grams. Source: Delignette-Muller and Cornu (2008), as in R's `groundbeef`.
    """
    return _table("ground_beef.csv")["serving"]


def load_incomes():
    """Income of twenty people, and their education.

    Returns two arrays (20,): income in thousands of dollars (float) and years of education (int). Source: Greene,
    *Econometric Analysis*, example C.1.
    """
    return tuple(_table("incomes.csv").values())


def load_port_pirie():
    """The highest level of the sea in each year at Port Pirie, South Australia, 1923 to 1987.

    Returns two arrays (65,): year (int) and level in metres (float). Source: Coles (2001), example 1.1.
    """
    return tuple(_table("port_pirie.csv").values())


def load_durables():
    """What twenty households spent on durable goods; thirteen of them nothing.

    Returns three arrays (20,): durable, the spending (float), age of the head in years (float) and quant, 1,000 times
    the share of liquid assets in income (int). Source: Tobin (1958), as in the R package survival.
    """
    return tuple(_table("durables.csv").values())


def load_warp_breaks():
    """How often the yarn broke on a loom, for 54 pieces of equal length.

    Returns three arrays (54,): breaks (int), wool ("A" or "B") and tension ("L", "M" or "H"), nine pieces a pair.
    Source: Tippett (1950), as in R's `warpbreaks`.
    """
    rows = _rows("warp_breaks.csv")
    breaks = np.array([int(row["breaks"]) for row in rows])
    return breaks, *(np.array([row[key] for row in rows]) for key in ("wool", "tension"))


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
