"""One figure of each kind, and the decoding of what a page will show."""

import base64
from functools import cache

import autograd.numpy as anp
import numpy as np

from mle_helpers.datasets import load_horse_kicks, load_old_faithful, load_speed_of_light
from mle_helpers.explorers import (
    explore_ascent,
    explore_coordinates,
    explore_coverage,
    explore_diffusion,
    explore_divergences,
    explore_em,
    explore_gaussian,
    explore_intervals,
    explore_latent,
    explore_likelihood,
    explore_product_and_sum,
    explore_score,
)
from mle_helpers.explorers.kit import Explorer, choice, mark, panel, readout, slider, sprite
from mle_helpers.models import bernoulli_logpmf, gaussian_logpdf, poisson_logpmf

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
    return explore_likelihood(bernoulli_logpmf, np.linspace(0, 1, 101), TOSSES, outcomes=[0, 1], symbol="p")


def kicks():
    grid = np.linspace(0.05, 2, 79)
    return explore_likelihood(poisson_logpmf, grid, KICKS, outcomes=np.arange(7), symbol="λ")


def mean():
    return explore_likelihood(unit_normal, np.linspace(-1, 5, 121), MEASURED, symbol="μ", theta_unit="cm")


def ascent():
    return explore_ascent(MEASURED)


def slope():
    return explore_score(poisson_logpmf, np.linspace(0.2, 1.6, 113), KICKS, sizes=SIZES, symbol="λ")


def gaussian():
    return explore_gaussian(load_speed_of_light(), quantity="speed", unit="km/s")


def geyser():
    return explore_em(FAITHFUL[:, 1], name="wait (minutes)")


def divergences():
    return explore_divergences()


CODES = np.random.default_rng(8).normal(0, 2, (300, 2))


NAMES = np.arange(300) % 10


def shades(points):
    """A decoder of four pixels that anyone can check."""
    a = np.stack([points[:, 0], points[:, 1], points.sum(axis=1), 0 * points[:, 0]], axis=1)
    return 1 / (1 + np.exp(-a.reshape(-1, 2, 2)))


def latent():
    return explore_latent(shades, CODES, NAMES)


CENTRE = np.array([0.5, 0.2, 0.6, 0.4])


TURNED = np.array([[1.0, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]]) / 2


def coordinates():
    return explore_coordinates(CENTRE, TURNED, np.full(4, 0.2), shape=(2, 2))


ALPHA = np.sqrt(np.r_[1, 0.9, 0.6, 0.3, 0.05])


def noising():
    points = np.random.default_rng(4).normal(0, 1, (30, 2))
    sigma = np.sqrt(1 - ALPHA**2)
    return explore_diffusion(points, CODES[0], shades, ALPHA, sigma, shape=(2, 2), places=5)


def product():
    return explore_product_and_sum(poisson_logpmf, np.linspace(0.3, 1.2, 10), np.tile(KICKS, 4), symbol="λ")


def intervals():
    """Two heads in ten tosses, taken once, twice, five times and twenty times."""
    return explore_intervals(bernoulli_logpmf, np.linspace(-0.12, 0.8, 185), np.repeat([1, 0], [2, 8]), symbol="p")


def wald(k, n):
    half = 1.96 * np.sqrt(k * (n - k) / n**3)
    return k / n - half, k / n + half


def plus_four(k, n):
    """Two heads and two tails more (Agresti and Coull 1998)."""
    p = (k + 2) / (n + 4)
    half = 1.96 * np.sqrt(p * (1 - p) / (n + 4))
    return p - half, p + half


KINDS = {"Wald": wald, "two heads and two tails more": plus_four}


def coverage():
    return explore_coverage(KINDS)


ALL = [
    *(coin, kicks, mean, ascent, slope, gaussian, geyser, divergences, latent, coordinates, product),
    *(intervals, coverage, noising),
]


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
