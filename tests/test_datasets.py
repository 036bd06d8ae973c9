"""The data equal what was published about them."""

import time
from fractions import Fraction

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize
from scipy.stats import kstest

from mle_helpers import datasets
from mle_helpers.datasets import (
    binarise,
    grey_test_places,
    load_aspirin,
    load_beetles,
    load_birth_weight,
    load_digits,
    load_dobson,
    load_durables,
    load_ground_beef,
    load_horse_kicks,
    load_incomes,
    load_mnist,
    load_old_faithful,
    load_orings,
    load_port_pirie,
    load_remission,
    load_siblings,
    load_speed_of_light,
    load_warp_breaks,
)
from mle_helpers.estimate import fit
from mle_helpers.regression import negative_binomial_regression_logpmf


@pytest.mark.parametrize(
    ("corps_years", "counts"),
    [(200, [109, 65, 22, 3, 1]), (280, [144, 91, 32, 11, 2])],
)
def test_horse_kicks_give_the_published_frequencies(corps_years, counts):
    deaths = load_horse_kicks(corps_years)
    assert deaths.shape == (corps_years,) and np.issubdtype(deaths.dtype, np.integer)
    assert np.bincount(deaths).tolist() == counts


def test_horse_kicks_have_the_published_totals():
    assert load_horse_kicks().mean() == 0.61
    assert load_horse_kicks(280).sum() == 196
    # Bortkiewicz's margins: deaths in each year (all corps), and in each corps (all years).
    table = load_horse_kicks(280).reshape(14, 20)
    assert table.sum(axis=0).tolist() == [3, 5, 7, 9, 10, 18, 6, 14, 11, 9, 5, 11, 15, 6, 11, 17, 12, 15, 8, 4]
    assert table.sum(axis=1).tolist() == [16, 16, 12, 12, 8, 11, 17, 12, 7, 13, 15, 25, 24, 8]


def test_speed_of_light_meets_the_certified_values():
    """NIST StRD, data set Michelso, in thousands of km/s: exact rational arithmetic, then one square root."""
    speed = [Fraction(299_000 + int(x), 1000) for x in load_speed_of_light()]
    mean = sum(speed) / 100
    variance = sum((x - mean) ** 2 for x in speed) / 99
    lag_one = sum((a - mean) * (b - mean) for a, b in zip(speed, speed[1:], strict=False)) / (99 * variance)
    assert mean == Fraction("299.8524")
    assert float(variance) ** 0.5 == pytest.approx(0.0790105478190518, rel=1e-14)
    assert float(lag_one) == pytest.approx(0.535199668621283, rel=1e-14)  # only in the right order


def test_speed_of_light_has_five_runs_of_twenty():
    runs = load_speed_of_light().reshape(5, 20)
    assert runs.mean(axis=1).tolist() == [909.0, 856.0, 845.0, 820.5, 831.5]
    assert runs[0, :5].tolist() == [850, 740, 900, 1070, 930]


def test_old_faithful_has_the_published_summary():
    eruption, waiting = load_old_faithful().T
    assert len(eruption) == 272
    assert eruption.mean() == pytest.approx(3.487783, abs=5e-7)
    assert waiting.mean() == pytest.approx(70.897059, abs=5e-7)
    # R: summary(faithful), sd(), cor()
    assert np.quantile(eruption, [0, 0.25, 0.5, 0.75, 1]) == pytest.approx([1.6, 2.16275, 4.0, 4.45425, 5.1])
    assert np.quantile(waiting, [0, 0.25, 0.5, 0.75, 1]).tolist() == [43, 58, 76, 82, 96]
    assert eruption.std(ddof=1) == pytest.approx(1.141371, abs=5e-7)
    assert waiting.std(ddof=1) == pytest.approx(13.594974, abs=5e-7)
    assert np.corrcoef(eruption, waiting)[0, 1] == pytest.approx(0.9008112, abs=5e-8)


def logistic_fit(temperature, hits, trials):
    def negative_log_likelihood(beta):
        eta = beta[0] + beta[1] * (temperature - 70)
        return -(hits * eta - trials * np.logaddexp(0, eta)).sum()

    beta = minimize(negative_log_likelihood, [0.0, 0.0], method="BFGS", options={"gtol": 1e-8}).x
    return [beta[0] - 70 * beta[1], beta[1]]


def test_orings_give_the_published_logistic_fits():
    temperature, distressed = load_orings()
    assert temperature.shape == distressed.shape == (23,)
    assert distressed.sum() == 9
    # Dalal, Fowlkes and Hoadley (1989), binomial over six joints; then the binary fit of the textbooks.
    assert logistic_fit(temperature, distressed, 6) == pytest.approx([5.085, -0.1156], abs=5e-4)
    assert logistic_fit(temperature, distressed > 0, 1) == pytest.approx([15.0429, -0.2322], abs=5e-4)


def test_remission_has_the_published_totals():
    weeks, relapse = load_remission()
    assert (len(weeks), relapse.sum(), weeks.sum()) == (21, 9, 359)
    assert sorted(weeks[relapse]) == [6, 6, 6, 7, 10, 13, 16, 22, 23]
    assert sorted(weeks[~relapse]) == [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    weeks, relapse = load_remission("control")
    assert (len(weeks), relapse.sum(), weeks.sum()) == (21, 21, 182)


def test_beetles_have_the_published_totals():
    dose, beetles, killed = load_beetles()
    assert (dose[0], dose[-1]) == (1.6907, 1.8839) and np.all(np.diff(dose) > 0)
    assert (beetles.sum(), killed.sum()) == (481, 291)


def test_siblings_give_the_published_totals():
    """Roback and Legler (2021), chapter 2: boys and girls by what stood before them in the family."""
    family, ahead, boy = load_siblings()
    assert (len(boy), boy.sum(), family[-1] + 1) == (10672, 5416, 5626)
    totals = [[int(np.sum((ahead == lead) & (boy == sex))) for sex in (1, 0)] for lead in (0, 1, -1)]
    assert totals == [[3161, 3119], [1131, 1164], [1124, 973]]
    assert np.all(np.diff(family) >= 0) and np.bincount(np.bincount(family)).tolist() == [0, 1881, 2444, 1301]
    first = np.flatnonzero(np.diff(family, prepend=-1))
    assert np.all(ahead[first] == 0)


def test_dobson_is_a_table_whose_outcome_changes_fastest():
    count, outcome, treatment = load_dobson()
    assert count.tolist() == [18, 17, 15, 20, 10, 20, 25, 13, 12]
    assert outcome.tolist() == [1, 2, 3] * 3 and treatment.tolist() == [1] * 3 + [2] * 3 + [3] * 3
    assert [int(count[treatment == k].sum()) for k in (1, 2, 3)] == [50, 50, 50]


def test_birth_weight_has_the_published_totals():
    births = load_birth_weight()
    assert {len(column) for column in births.values()} == {189}
    assert births["low"].sum() == 59 and np.array_equal(births["low"], births["bwt"] < 2500)
    assert np.bincount(births["race"]).tolist() == [0, 96, 26, 67] and births["smoke"].sum() == 74
    # R: mean(birthwt$bwt), mean(birthwt$lwt)
    assert births["bwt"].mean() == pytest.approx(2944.587, abs=5e-4)
    assert births["lwt"].mean() == pytest.approx(129.8148, abs=5e-5)


def test_aspirin_has_the_published_rates():
    """Efron and Tibshirani (1993), chapter 1: the ratio of the two rates is 0.55."""
    attacks, people = load_aspirin()
    assert people.tolist() == [11037, 11034] and attacks.tolist() == [104, 189]
    assert round(attacks[0] / people[0] / (attacks[1] / people[1]), 2) == 0.55


def test_ground_beef_has_the_published_summary():
    """R: descdist(groundbeef$serving)."""
    serving = load_ground_beef()
    assert (len(serving), serving.min(), serving.max(), np.median(serving)) == (254, 10, 200, 79)
    assert serving.mean() == pytest.approx(73.64567, abs=5e-6)
    assert serving.std(ddof=1) == pytest.approx(35.88487, abs=5e-6)


def test_incomes_have_the_published_sums():
    income, education = load_incomes()
    assert income.shape == education.shape == (20,)
    assert income.mean() == pytest.approx(31.278, abs=5e-4) and education.sum() == 292


def test_port_pirie_is_a_value_a_year():
    year, level = load_port_pirie()
    assert year.tolist() == list(range(1923, 1988))
    assert (level.min(), level.max()) == (3.57, 4.69)


def test_durables_were_bought_by_seven_households():
    durable, age, quant = load_durables()
    assert len(durable) == len(age) == len(quant) == 20
    assert sorted(durable[durable > 0]) == [0.7, 1.5, 3.0, 3.5, 3.7, 6.1, 10.4]


def test_warp_breaks_give_the_published_fits():
    breaks, wool, tension = load_warp_breaks()
    design = np.column_stack([np.ones(54), wool == "B", tension == "M", tension == "H"]).astype(float)
    poisson = sm.GLM(breaks, design, family=sm.families.Poisson()).fit()
    assert poisson.deviance == pytest.approx(210.39, abs=5e-3)  # as R's glm prints it
    assert poisson.params == pytest.approx([3.69196, -0.20599, -0.32132, -0.51849], abs=5e-6)
    found = fit(negative_binomial_regression_logpmf, (np.zeros(4), 1.0), (design, breaks))
    peer = sm.NegativeBinomial(breaks, design).fit(disp=0)
    assert np.append(*found.theta) == pytest.approx(peer.params, abs=1e-4)
    assert found.log_likelihood == pytest.approx(peer.llf, abs=1e-6)


@pytest.mark.parametrize(("split", "each"), [("train", 400), ("test", 100)])
def test_digits_are_stratified_and_look_like_mnist(split, each):
    images, labels = load_digits(split)
    assert images.shape == (10 * each, 28, 28) and images.dtype == np.uint8
    assert np.issubdtype(labels.dtype, np.integer)
    assert np.bincount(labels).tolist() == [each] * 10
    assert (images.min(), images.max()) == (0, 255)
    assert 0.78 < (images == 0).mean() < 0.84  # MNIST: 81 per cent of the pixels are paper
    # MNIST places each digit by its centre of mass.
    rows, columns = np.mgrid[:28, :28]
    ink = images.sum(axis=(1, 2), dtype=float)
    assert np.abs((images * rows).sum(axis=(1, 2)) / ink - 14).max() < 1.5
    assert np.abs((images * columns).sum(axis=(1, 2)) / ink - 14).max() < 1.5
    assert len(set(labels[:50])) == 10  # shuffled: the first rows already hold every digit


def test_no_digit_is_in_both_splits_or_twice():
    images = np.concatenate([load_digits("train")[0], load_digits("test")[0]])
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == 5000


def test_labels_belong_to_their_images():
    """The nearest class mean of the training digits names most test digits; wrong labels would give 0.1."""
    images, labels = load_digits("train")
    means = np.stack([images[labels == digit].mean(axis=0).ravel() for digit in range(10)])
    images, labels = load_digits("test")
    flat = images.reshape(len(images), -1).astype(float)
    guess = ((flat[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert (guess == labels).mean() > 0.75


# MNIST as published: how many of each digit (LeCun's files), and the mean and deviation that PyTorch's examples use.
EACH = {
    "train": [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    "test": [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
}


@pytest.mark.parametrize(("split", "n"), [("train", 60_000), ("test", 10_000)])
def test_mnist_is_all_there(split, n):
    ink, labels = load_mnist(split)
    assert ink.shape == (n, 784) and ink.dtype == np.uint8 and ink.max() == 1
    assert np.bincount(labels).tolist() == EACH[split] and np.issubdtype(labels.dtype, np.integer)
    assert labels[:5].tolist() == {"train": [5, 0, 4, 1, 9], "test": [7, 2, 1, 0, 4]}[split]  # in MNIST's own order
    assert int(ink.sum()) == {"train": 6_221_431, "test": 1_052_359}[split]  # of the original files, at 128


def test_grey_training_images_keep_mean_deviation_and_the_binarised_image():
    grey, labels = load_mnist("train", "grey")
    assert grey.shape == (60_000, 28, 28) and grey.dtype == np.uint8
    assert set(np.unique(grey)) == set(range(0, 256, 17))
    assert grey.mean() / 255 == pytest.approx(0.1307, abs=0.001)
    assert grey.std() / 255 == pytest.approx(0.3081, abs=0.002)
    ink, again = load_mnist("train")
    np.testing.assert_array_equal(binarise(grey), ink)
    np.testing.assert_array_equal(labels, again)


def test_the_small_digits_are_among_the_large():
    """Each of the 4,000 with all 256 levels rounds to one of the 60,000, the first 5,840 of them, with its label."""
    grey, labels = load_mnist("train", "grey")
    place = {image.tobytes(): i for i, image in enumerate(grey)}
    images, names = load_digits("train")
    places = [place[image.tobytes()] for image in ((images + np.uint16(8)) // 17 * 17).astype(np.uint8)]
    assert labels[places].tolist() == names.tolist() and max(places) < 5840 and len(set(places)) == 4000


def test_grey_test_images_are_from_the_test_set_alone():
    grey, labels = load_mnist("test", "grey")
    ink, names = load_mnist("test")
    places = grey_test_places()
    assert len(set(places)) == 1000
    np.testing.assert_array_equal(binarise(grey), ink[places])
    np.testing.assert_array_equal(labels, names[places])
    np.testing.assert_array_equal(grey, load_digits("test")[0])


def test_mnist_takes_eight_megabytes_and_loads_fast():
    assert sum((datasets.DATA / f"{name}.npz").stat().st_size for name in ("digits", "mnist_train", "mnist_test")) < 8e6
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        load_mnist("train", "grey")
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 2


def test_digits_are_small_and_load_fast():
    assert (datasets.DATA / "digits.npz").stat().st_size < 1_100_000
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        load_digits("train")
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.3


@pytest.mark.parametrize(
    ("load", "choices"),
    [
        (load_digits, "'train', 'test'"),
        (load_mnist, "'train', 'test'"),
        (load_horse_kicks, "200, 280"),
        (load_remission, "'6-MP', 'control'"),
    ],
)
def test_an_unknown_choice_is_told_the_choices(load, choices):
    with pytest.raises(ValueError, match=f"must be one of {choices}, not 'all'"):
        load("all")


def test_an_unknown_kind_is_told_the_kinds():
    with pytest.raises(ValueError, match="kind must be one of 'binary', 'grey', not 'gray'"):
        load_mnist("test", "gray")


@pytest.mark.parametrize(
    "load",
    [
        *(load_horse_kicks, load_speed_of_light, load_old_faithful, load_orings, load_remission, load_digits),
        *(load_beetles, load_siblings, load_dobson, load_birth_weight, load_aspirin, load_ground_beef),
        *(load_incomes, load_port_pirie, load_durables, load_mnist, load_warp_breaks),
    ],
)
def test_changing_what_was_loaded_changes_nothing_later(load):
    def arrays():
        loaded = load()
        loaded = tuple(loaded.values()) if isinstance(loaded, dict) else loaded
        return loaded if isinstance(loaded, tuple) else (loaded,)

    before = [array.copy() for array in arrays()]
    for array in arrays():
        array[...] = 0
    for old, new in zip(before, arrays(), strict=True):
        np.testing.assert_array_equal(new, old)


def test_every_data_file_has_its_section_in_the_readme():
    readme = (datasets.DATA / "README.md").read_text(encoding="utf-8")
    files = {path.name for path in datasets.DATA.iterdir() if path.suffix in {".csv", ".npz"}}
    assert len(files) == 18
    for name in files:
        section = readme.partition(f"## {name}")[2].partition("\n## ")[0]
        assert "Source:" in section and "Licence:" in section, name


def test_binarised_digits_are_ink_from_128_on():
    images = np.array([[[0, 127], [128, 255]]], dtype=np.uint8)
    np.testing.assert_array_equal(datasets.binarise(images), [[0.0, 0.0, 1.0, 1.0]])


def test_dequantised_digits_give_the_images_back_and_noise_that_is_uniform():
    images, _ = load_digits("test")
    rows = datasets.dequantise(images, seed=2)
    assert rows.shape == (1000, 784) and rows.min() >= 0 and rows.max() < 1
    np.testing.assert_array_equal(np.floor(256 * rows), images.reshape(1000, 784))
    noise = 256 * rows - images.reshape(1000, 784)
    assert kstest(noise.ravel(), "uniform").pvalue > 1e-4
    np.testing.assert_array_equal(rows, datasets.dequantise(images, seed=2))
