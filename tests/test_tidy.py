"""Bringing notebooks into normal form without running them."""

import subprocess
import sys

import nbformat

from .conftest import ROOT


def tidy(*paths):
    command = [sys.executable, ROOT / "tools" / "tidy.py", *paths]
    return subprocess.run(command, capture_output=True, text=True)


def test_form_is_mended_results_stay_and_a_second_time_changes_nothing(tmp_path):
    path = tmp_path / "page.ipynb"
    printed = nbformat.v4.new_output("stream", text="not what this cell prints")
    cell = nbformat.v4.new_code_cell("print(1)\n\n", outputs=[printed], metadata={"tags": ["hide-input"]})
    cell.id = "of-an-editor"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {}}), path)
    first = tidy(path)
    assert (first.returncode, first.stdout) == (1, "page.ipynb: now in normal form\n"), first.stderr
    (after,) = nbformat.read(path, as_version=4).cells
    assert (after.id, after.source) == ("cell-000", "print(1)")
    assert after.outputs == [printed] and after.metadata["jupyter"] == {"source_hidden": True}
    stored = path.read_bytes()
    second = tidy(path)
    assert (second.returncode, second.stdout) == (0, "") and path.read_bytes() == stored
