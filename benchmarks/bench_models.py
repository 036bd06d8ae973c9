"""Seconds to train each model of the closing tables: the cells of the chapter `exact-likelihoods`, as they stand.

A code cell tagged ``time-<model>`` is measured once; the cells before it are run, in order and in the same namespace,
and not counted. The chapter quotes the result from ``timings.json``, by the name behind ``time-``. Figures are drawn
with the Agg backend and thrown away. One round each, since a round is a whole training: on a busy machine the
processor seconds beside it are the better number.
"""

import time
from pathlib import Path

import matplotlib
import nbformat
import pytest

NOTEBOOK = Path(__file__).resolve().parent.parent / "book" / "exact-likelihoods.ipynb"
PREFIX = "time-"
PLANE = ("flow", "diffusion", "kernel", "moon-gaussian", "moon-mixture")


def code_cells():
    """(source, model or None) of every code cell."""
    cells = [cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]
    tags = [[tag for tag in cell.metadata.get("tags", []) if tag.startswith(PREFIX)] for cell in cells]
    return [(cell.source, tag[0].removeprefix(PREFIX) if tag else None) for cell, tag in zip(cells, tags, strict=True)]


CELLS = code_cells()
MODELS = [model for _, model in CELLS if model]


class Notebook:
    """The cells, run as far as asked for; each is run once."""

    def __init__(self):
        self.namespace, self.done = {}, 0

    def up_to(self, model):
        """Run the cells before that of ``model``; returns its code, compiled."""
        while CELLS[self.done][1] != model:
            self.run(compile(CELLS[self.done][0], f"cell {self.done}", "exec"))
        return compile(CELLS[self.done][0], f"cell {self.done}", "exec")

    def run(self, code):
        import matplotlib.pyplot as plt

        exec(code, self.namespace)
        plt.close("all")
        self.done += 1


@pytest.fixture(scope="module")
def notebook():
    matplotlib.use("Agg")
    return Notebook()


@pytest.mark.parametrize("peer", MODELS)
def bench_model(benchmark, notebook, peer):
    benchmark.group = "models of points in the plane" if peer in PLANE else "models of the digits"
    code = notebook.up_to(peer)
    start = time.process_time()
    benchmark.pedantic(notebook.run, args=(code,), rounds=1, iterations=1)
    benchmark.extra_info["cpu_seconds"] = time.process_time() - start
