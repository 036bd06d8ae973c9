"""A figure that moves as a notebook stores it, and what comparing notebooks notices in it."""

import os
import re
import subprocess
import sys

import nbformat
import pytest

from ..conftest import ROOT

SOURCE = """from mle_helpers.datasets import load_speed_of_light
from mle_helpers.explorers import explore_gaussian
explore_gaussian(load_speed_of_light())"""


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A notebook with one figure, run and stored by the course's own tool."""
    path = tmp_path_factory.mktemp("stored") / "stored.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SOURCE)]), path)
    result = subprocess.run([sys.executable, ROOT / "tools" / "notebooks.py", path], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return path


def html_of(notebook):
    return notebook.cells[0].outputs[0].data["text/html"]


def test_what_is_stored_needs_no_widget_and_nothing_from_elsewhere(stored):
    notebook = nbformat.read(stored, as_version=4)
    (output,) = notebook.cells[0].outputs
    assert set(output.data) == {"text/plain", "text/html"}
    assert "widgets" not in notebook.metadata
    assert output.data["text/plain"] == "A Gaussian against the data (a figure that moves)"


def another_number(html):
    return re.sub(r'("loglik".*?"data":")(.)', lambda m: m[1] + ("A" if m[2] != "A" else "B"), html, count=1)


def another_label(html):
    return html.replace('"labels":["', '"labels":["9', 1)


def another_picture(html):
    place = html.index("base64,") + 200
    return html[:place] + ("A" if html[place] != "A" else "B") + html[place + 1 :]


def test_comparing_notices_a_changed_number_and_lets_a_changed_picture_pass(stored):
    changes = {"same": str, "picture": another_picture, "number": another_number, "label": another_label}
    paths = []
    for name, change in changes.items():
        notebook = nbformat.read(stored, as_version=4)
        before = html_of(notebook)
        notebook.cells[0].outputs[0].data["text/html"] = change(before)
        assert (html_of(notebook) == before) == (name == "same")
        paths.append(stored.with_name(f"{name}.ipynb"))
        nbformat.write(notebook, paths[-1])
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-rA",
        "-q",
        "--color=no",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        "--nbval",
    ]
    command += ["--nbval-sanitize-with", ROOT / "tools" / "nbval.cfg", *paths]
    said = subprocess.run(command, cwd=stored.parent, capture_output=True, text=True).stdout
    verdicts = {
        name: verdict for verdict, name in re.findall(r"^(PASSED|FAILED) (\w+)\.ipynb::Cell 0", said, re.MULTILINE)
    }
    assert verdicts == {"same": "PASSED", "picture": "PASSED", "number": "FAILED", "label": "FAILED"}, said[-3000:]
