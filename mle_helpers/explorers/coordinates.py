"""Turn the coordinates of a Gaussian, see the picture."""

import numpy as np

from mle_helpers.explorers.kit import Explorer, as_finite, panel, readout, slider, sprite

NAMES = ("first", "second", "third")


def explore_coordinates(mean, directions, spreads, *, shape=(28, 28), reach=2.0, places=5):
    r"""Turn the first three principal coordinates, the others at zero, and see the picture: $\mu + \sum_j a_j u_j$.

    ``mean`` (d,) and ``directions`` (k, d), k >= 3, as `principal_coordinates` returns them, of pictures of ``shape``
    whose pixels go from 0, paper, to 1, ink; ``spreads`` (k,): the standard deviation of each coordinate. The sliders
    go from -``reach`` to ``reach`` standard deviations in ``places`` steps.
    """
    mean, directions, spreads = as_finite(mean, "mean"), as_finite(directions, "directions"), np.asarray(spreads, float)
    if mean.shape != (np.prod(shape),) or directions.shape != (len(directions), len(mean)) or len(directions) < 3:
        raise ValueError(
            f"expected mean (d,) and directions (k, d) with d = {np.prod(shape)} pixels and k >= 3, "
            f"got {mean.shape} and {directions.shape}."
        )
    if spreads.shape != directions.shape[:1] or not np.all((spreads > 0) & (spreads < np.inf)):
        raise ValueError(f"spreads: expected {len(directions)} positive numbers, got shape {spreads.shape}.")
    if not (reach > 0 and places >= 3 and places % 2):
        raise ValueError(f"reach must be positive and places an odd number from 3 on; got {reach} and {places}.")
    turns = np.linspace(-reach, reach, places)
    grid = np.stack(np.meshgrid(turns, turns, turns, indexing="ij"), axis=-1)  # in standard deviations
    pictures = mean + (grid * spreads[:3]) @ directions[:3]
    pixels = np.round(255 * (1 - np.clip(pictures, 0, 1))).reshape(*grid.shape[:3], *shape)
    squares = np.sum(grid**2, axis=-1)
    image = panel(
        (0, 1),
        (0, 1),
        "",
        "the picture at these coordinates",
        [sprite(pixels, NAMES)],
        xticks=[],
        yticks=[],
        alt="The picture at the chosen coordinates: the mean picture where all are zero.",
    )
    starts = dict(zip(NAMES, (turns[-1], 0.0, 0.0), strict=True))
    return Explorer(
        "Turn the coordinates, see the digit",
        "Turn the three coordinates. Which digits can you make, and which picture has the highest density of all?",
        [slider(name, f"{name} coordinate", turns, starts[name], digits=1, unit="sd") for name in NAMES],
        [image],
        [
            readout("out", "distance from the mean", np.sqrt(squares), NAMES, digits=2, unit="sd"),
            readout("density", "log density, against the mean’s", -squares / 2, NAMES, digits=2, unit="nats"),
        ],
        finding="At {first}, {second} and {third} the picture lies {out} from the mean, and its log density is "
        "{density} against the mean’s.",
    )
