"""The product of the densities against the sum of their logarithms, as the data grow."""

import numpy as np

from mle_helpers.explorers.kit import Explorer, as_finite, mark, panel, readout, slider
from mle_helpers.explorers.shared import as_sample, with_unit

SMALLEST, LARGEST = np.log10(5e-324), np.log10(np.finfo(float).max)  # powers of ten that a double can hold
PLACES = 60  # of the slider for n


def explore_product_and_sum(logpdf, thetas, x, *, symbol="θ", unit="", digits=2):
    """Let n grow: the product of the densities leaves what a double can hold, the sum of their logarithms goes on.

    ``logpdf(theta, x)`` with a single number theta, finite for all ``thetas`` and the sample ``x``, shape (n,).
    """
    x, thetas = as_sample(x), np.unique(as_finite(thetas, "thetas"))
    terms = np.array([logpdf(theta, x) for theta in thetas])
    if not np.all(np.isfinite(terms)):
        raise ValueError("thetas: a log density is not finite; keep inside the domain and the support.")
    sizes = np.unique(np.linspace(1, len(x), min(PLACES, len(x))).round().astype(int))
    sums = np.cumsum(terms, axis=1)[:, sizes - 1]
    with np.errstate(over="ignore", divide="ignore"):
        running = np.cumprod(np.exp(terms), axis=1)[:, sizes - 1]
        products = np.log10(running)
    products, top = np.where(np.isfinite(products), products, np.nan), running.max(axis=0)
    by_product = np.where((top > 0) & np.isfinite(top), thetas[running.argmax(axis=0)], np.nan)
    by_sum = thetas[sums.argmax(axis=0)]
    powers = sums / np.log(10)
    low, high = min(1.25 * powers.min(), -20.0), max(1.25 * powers.max(), 20.0)
    ends = [(SMALLEST, "too small for a double: 0", 16), (LARGEST, "too large for a double: inf", -7)]
    marks = [
        mark("line", sizes, powers, style="thin soft", by=[symbol]),  # where it will go
        mark("line", sizes, powers, style="thin", by=[symbol], upto="n"),
        mark("line", sizes, products, role="estimate", beads=True, by=[symbol], upto="n"),
    ]
    for place, text, dy in ends:
        if low < place < high:
            marks.append(mark("line", [0, sizes[-1]], [place, place], role="data", style="dash"))
            marks.append(mark("words", [0], [place], text=text, role="data", dx=6, dy=dy))
    alt = "The running product as a power of ten, over the number of observations; where it ends a double has ended."
    by, number = [symbol, "n"], {"digits": digits, "unit": unit, "gap": "none"}
    return Explorer(
        "The product against the sum",
        f"Let n grow until the product (dots) is gone. Does the line of the sum notice? Try another {symbol}.",
        [
            slider("n", "observations n", sizes, sizes[len(sizes) // 6], digits=0),
            slider(symbol, symbol, thetas, thetas[len(thetas) // 2], digits=digits, unit=unit),
        ],
        [panel((0, 1.02 * sizes[-1]), (low, high), "observations", "power of ten", marks, alt=alt)],
        [
            readout("product", "product, as a power of ten", products, by, digits=1, gap="gone"),
            readout("sum", "sum of the logarithms", sums, by, digits=1, unit="nats"),
            readout("by_product", f"best {symbol} by the product", by_product, ["n"], **number),
            readout("by_sum", f"best {symbol} by the sum", by_sum, ["n"], **number),
        ],
        finding=f"With n = {{n}} and {with_unit(symbol, '')} = {{{symbol}}} the product, as a power of ten, is "
        f"{{product}}; the sum of the logarithms is {{sum}}. The best {symbol} by the product: {{by_product}}; "
        "by the sum: {by_sum}.",
    )
