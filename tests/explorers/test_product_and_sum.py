"""What the figure of product and sum shows, held against both; where doubles end; bad input."""

import math

import numpy as np
import pytest
from scipy.stats import norm, poisson

from mle_helpers.explorers import explore_product_and_sum
from mle_helpers.models import gaussian_logpdf, poisson_logpmf

from .examples import KICKS, grids, made, product, shown


def test_the_sum_is_scipys_and_the_product_a_doubles():
    x, at = np.tile(KICKS, 4), grids(made(product))
    sums, products = shown(made(product), "sum"), shown(made(product), "product")
    for i, j in [(0, 0), (3, 10), (9, 40), (5, 59)]:
        n, rate = int(at["n"][j]), at["λ"][i]
        assert sums[i, j] == pytest.approx(poisson.logpmf(x[:n], rate).sum(), abs=0.0501)
        exact = math.prod(map(float, poisson.pmf(x[:n], rate)))
        if exact > 1e-300:
            assert products[i, j] == pytest.approx(np.log10(exact), abs=0.0501)
    gone = np.isnan(products)
    assert np.array_equal(gone, sums / np.log(10) < -323.5)  # where the smallest double ends
    assert gone.any() and not gone.all()
    best = {name: shown(made(product), f"by_{name}") for name in ("product", "sum")}
    assert np.array_equal(np.isnan(best["product"]), gone.all(axis=0))  # every product is 0: none is the best
    totals = np.cumsum([poisson.logpmf(x, rate) for rate in at["λ"]], axis=1)
    tops = totals.argmax(axis=0)[np.array(at["n"], int) - 1]
    assert best["sum"] == pytest.approx(np.array(at["λ"])[tops])
    kept = ~gone.all(axis=0)
    assert kept.any() and not kept.all() and np.array_equal(best["product"][kept], best["sum"][kept])
    assert best["sum"][-1] == pytest.approx(0.7)  # the mean of the counts is 0.70


def test_a_product_can_be_too_large():
    x = np.full(800, 0.0)
    narrow = explore_product_and_sum(lambda mu, x: gaussian_logpdf((mu, 1e-3), x), [-1e-3, 0.0, 1e-3], x)
    products, sums = shown(narrow, "product"), shown(narrow, "sum")
    assert np.array_equal(np.isnan(products), sums / np.log(10) > np.log10(np.finfo(float).max))
    assert sums[1, -1] == pytest.approx(norm.logpdf(x, 0, 1e-3).sum(), abs=0.0501)
    best = shown(narrow, "by_product")
    assert np.array_equal(np.isnan(best), np.isnan(products[1])) and np.all(shown(narrow, "by_sum") == 0)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: explore_product_and_sum(poisson_logpmf, [0.5, 1.0], []), "x"),
        (lambda: explore_product_and_sum(poisson_logpmf, [0.5, np.nan], KICKS), "thetas holds NaN"),
        (lambda: explore_product_and_sum(poisson_logpmf, [0.0, 1.0], KICKS), "not finite"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
