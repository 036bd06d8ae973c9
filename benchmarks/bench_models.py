"""Seconds to train each model that a page times: the page's own cells, as they stand.

A code cell tagged ``time-<model>`` is measured once; the cells before it are run, in order and in the same namespace,
and not counted. Pages quote the result from ``timings.json``, by the name behind ``time-``. Figures are drawn with the
Agg backend and thrown away. One round each, since a round is a whole training: on a busy machine the processor seconds
beside it are the better number.
"""

import gc
import time
from functools import cache
from pathlib import Path

import matplotlib
import nbformat
import pytest

BOOK = Path(__file__).resolve().parent.parent / "book"
PREFIX = "time-"
PLANE = ("flow", "diffusion", "kernel", "moon-gaussian", "moon-mixture")


def code_cells(chapter):
    """(source, model or None) of every code cell."""
    notebook = nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    tags = [[tag for tag in cell.metadata.get("tags", []) if tag.startswith(PREFIX)] for cell in cells]
    return [(cell.source, tag[0].removeprefix(PREFIX) if tag else None) for cell, tag in zip(cells, tags, strict=True)]


CELLS = {chapter: code_cells(chapter) for chapter in ("em-against-the-gradient", "exact-likelihoods")}
CASES = [(chapter, model) for chapter, cells in CELLS.items() for _, model in cells if model]


class Notebook:
    """The cells, run as far as asked for; each is run once."""

    def __init__(self, chapter):
        self.cells, self.namespace, self.done = CELLS[chapter], {}, 0

    def up_to(self, model):
        """Run the cells before that of ``model``; returns its code, compiled."""
        while self.cells[self.done][1] != model:
            self.run(compile(self.cells[self.done][0], f"cell {self.done}", "exec"))
        return compile(self.cells[self.done][0], f"cell {self.done}", "exec")

    def run(self, code):
        import matplotlib.pyplot as plt

        exec(code, self.namespace)
        plt.close("all")
        self.done += 1


@pytest.fixture(scope="module")
def open_notebook():
    matplotlib.use("Agg")
    return cache(Notebook)


@pytest.mark.parametrize("chapter,peer", CASES)
def bench_model(benchmark, open_notebook, chapter, peer):
    kind = "points in the plane" if peer in PLANE else "the digits"
    benchmark.group = "EM against the gradient" if chapter == "em-against-the-gradient" else f"models of {kind}"
    notebook = open_notebook(chapter)
    code = notebook.up_to(peer)
    gc.collect()  # what earlier cells left behind is not this cell's
    start = time.process_time()
    benchmark.pedantic(notebook.run, args=(code,), rounds=1, iterations=1)
    benchmark.extra_info["cpu_seconds"] = time.process_time() - start
