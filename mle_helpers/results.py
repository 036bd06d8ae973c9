"""What one page has trained and another shows: ``book/results/<page>.npz``, written by ``make notebooks`` alone."""

import os
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).resolve().parent.parent / "book" / "results"
WRITING = "COURSE_RESULTS"  # the folder that `make notebooks` collects from; nobody else sets it


def keep(page, **arrays):
    """Keep named arrays for other pages; returns what is stored, to be compared with this run: a dict of arrays.

    Under ``make notebooks`` the arrays given are stored. Everywhere else nothing is written, whatever you change, and
    the arrays stored before come back (those given, if there are none yet).
    """
    if folder := os.environ.get(WRITING):
        np.savez_compressed(Path(folder) / f"{page}.npz", **arrays)
    elif (RESULTS / f"{page}.npz").is_file():
        return kept(page)
    return {name: np.asarray(array) for name, array in arrays.items()}


def kept(page):
    """The arrays that the notebook of ``page`` kept when it was last stored: a dict by name."""
    path = RESULTS / f"{page}.npz"
    if not path.is_file():
        raise FileNotFoundError(f"{page!r} has kept nothing in {path}. Run: make notebooks N=book/{page}.ipynb")
    with np.load(path) as arrays:
        return {name: arrays[name] for name in arrays.files if name != "code"}
