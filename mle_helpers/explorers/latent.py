"""A walk in the latent plane of a decoder."""

import numpy as np

from mle_helpers.explorers.kit import PIXELS, Explorer, as_finite, mark, panel, readout, slider, sprite

WIDE, HIGH = 325, 204  # the box of the axes in explorer.js


def explore_latent(decode, z, labels, *, reach=4.0, places=17, each=8):
    """Walk the plane of two latent variables: the decoder's picture at every point, among encoded observations.

    ``decode(points)``: (n, 2) -> pictures (n, height, width), 0 for paper to 1 for ink; it is asked on a grid of
    ``places`` by ``places`` points from -``reach`` to ``reach``. ``z`` (m, 2): where the encoder puts observations,
    whose ``labels`` (m,) are whole numbers; the first ``each`` of every label inside the plane are drawn as numerals.
    A unit is as long across as up, and the walk begins where the picture is sharpest for its ink.
    """
    z, labels = as_finite(z, "z"), np.asarray(labels)
    if z.ndim != 2 or z.shape[1] != 2 or labels.shape != z.shape[:1] or labels.dtype.kind not in "iu":
        raise ValueError(
            f"z must have shape (m, 2) and labels be m whole numbers, got {z.shape} and {labels.shape} {labels.dtype}."
        )
    if not (reach > 0 and places >= 2 and each >= 1):
        raise ValueError(f"reach, places and each must be positive; got {reach}, {places} and {each}.")
    across = np.linspace(-reach, reach, places)
    points = np.stack(np.meshgrid(across, across, indexing="ij"), axis=-1)
    pictures = as_finite(decode(points.reshape(-1, 2)), "decode(points)")
    if pictures.ndim != 3 or len(pictures) != places**2 or pictures.min() < 0 or pictures.max() > 1:
        raise ValueError(
            f"decode must turn points (n, 2) into pictures (n, height, width) from 0 to 1; for {places**2} points it "
            f"gave shape {pictures.shape}, values from {pictures.min():.3g} to {pictures.max():.3g}."
        )
    sides = 1.1 * reach * np.array([WIDE / HIGH, 1.0])
    step = 2 * sides / PIXELS
    sharp = np.mean(pictures * (1 - pictures), axis=(1, 2)) / np.maximum(np.mean(pictures, axis=(1, 2)), 1e-6)
    near = np.sum(points**2, axis=-1).ravel() <= max(4.0, across.min() ** 2 / 4)
    begin = points.reshape(-1, 2)[np.argmin(np.where(near, sharp, np.inf))]
    inside = np.flatnonzero(np.max(np.abs(z), axis=1) <= reach)
    some = [inside[labels[inside] == label][:each] for label in np.unique(labels)]
    some = np.concatenate(some) if len(inside) else inside
    if not len(some):
        raise ValueError(f"z: no observation lies within {reach} of the origin; give a larger reach.")
    drawn, names = step * np.round(z[some] / step), labels[some]  # distances are to the marks as they are drawn
    colours = ("model", "estimate", "truth", "other", "data")
    words = [
        mark("words", [a], [b], text=str(name), role=colours[name % 5], anchor="middle", dx=0, dy=5)
        for (a, b), name in zip(drawn, names.tolist(), strict=True)
    ]
    distance = np.sqrt(np.sum((points[:, :, None] - drawn) ** 2, axis=-1))
    prior = -np.sum(points**2, axis=-1) / 2 - np.log(2 * np.pi)
    ring = mark("dots", across[:, None], across[:, None], x_by=["z1"], by=["z2"], role="estimate")
    pixels = np.round(255 * (1 - pictures)).reshape(places, places, *pictures.shape[1:])
    alt = "The latent plane with encoded digits as numerals, and the chosen point."
    plane = panel(
        (-sides[0], sides[0]),
        (-sides[1], sides[1]),
        "z₁",
        "z₂; numerals: where the encoder puts digits",
        [*words, ring],
        drag=("z1", "z2"),
        alt=alt,
    )
    alt = "The decoded digit at the chosen point: dark where ink is probable."
    image = panel(
        (0, 1),
        (0, 1),
        "",
        "decoded: probability of ink in each pixel",
        [sprite(pixels, ["z1", "z2"])],
        xticks=[],
        yticks=[],
        alt=alt,
    )
    by = ["z1", "z2"]
    return Explorer(
        "A walk in the latent plane",
        "Drag the ring. Where does one digit turn into another, and what does the decoder draw on the border?",
        [slider("z1", "z₁", across, begin[0]), slider("z2", "z₂", across, begin[1])],
        [plane, image],
        [
            readout("prior", "log prior density", prior, by, digits=2, unit="nats"),
            readout("label", "nearest numeral", names[distance.argmin(axis=-1)], by, digits=0),
            readout("distance", "at a distance of", distance.min(axis=-1), by, digits=2),
        ],
        finding="At z₁ = {z1}, z₂ = {z2} the log prior density is {prior}; the nearest of the encoded digits shown is "
        "a {label}, at a distance of {distance}.",
    )
