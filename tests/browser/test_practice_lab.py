"""Questions in a real JupyterLab, as they are stored: a trusted notebook answers back, another keeps the folds."""

import os
import subprocess
import sys

import nbformat
import pytest

from ..conftest import ROOT
from ..lab import jupyterlab, own_places
from .test_practice import SHOWN, STORE, asked, give, one_of_each, right_answer, says, wrong_answer

SETTINGS = {"notebook-extension/tracker": {"windowingMode": "none", "autoStartDefaultKernel": False}}


def only_questions():
    """The notebook of the page with the cells that ask, and their stored outputs."""
    notebook = nbformat.read(ROOT / "book" / f"{SHOWN}.ipynb", as_version=4)
    asking = [cell for cell in notebook.cells if {"predict", "quiz"} & set(cell.metadata.get("tags", []))]
    return nbformat.v4.new_notebook(cells=asking, metadata=notebook.metadata)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on this machine only, with a notebook that is trusted and one that is not: (address, token)."""
    place = tmp_path_factory.mktemp("lab")
    folder = place / "course"
    folder.mkdir()
    for name in ("trusted", "untrusted"):  # a signature belongs to a text
        notebook = only_questions()
        notebook.cells.append(nbformat.v4.new_markdown_cell(name))
        nbformat.write(notebook, folder / f"{name}.ipynb")
    trust = [sys.executable, "-m", "jupyter", "trust", folder / "trusted.ipynb"]
    subprocess.run(trust, env={**os.environ, **own_places(place)}, check=True, capture_output=True)
    with jupyterlab(place, folder, settings=SETTINGS) as server:
        yield server


@pytest.fixture
def open_questions(open_notebook):
    def open_questions(name):
        page = open_notebook(name)
        page.locator(".jp-Notebook .question").nth(len(asked(SHOWN)) - 1).wait_for()
        return page

    return open_questions


def test_a_trusted_notebook_answers_before_it_is_run(open_questions):
    page = open_questions("trusted")
    page.locator(".question.practice").nth(len(asked(SHOWN)) - 1).wait_for()
    page.wait_for_function(
        "() => ![...document.querySelectorAll('.question form')].some((form) => /\\\\\\(/.test(form.innerText))"
    )
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    for kind, (question, box) in one_of_each(page, ".jp-Notebook").items():
        assert not box.locator("details").first.is_visible()
        answer, because = wrong_answer(question)
        give(box, question, answer)
        says(box, "Not so.", because)
        answer, because = right_answer(question)
        give(box, question, answer)
        says(box, "", because)
        assert box.get_attribute("data-answered") == "right", kind
    _, box = one_of_each(page, ".jp-Notebook")["formula"]
    field = box.locator("input")
    field.fill("")
    field.press_sequentially("ddaabx")  # keys by which JupyterLab would delete and add cells
    assert field.input_value() == "ddaabx" and page.locator(".jp-Notebook .jp-Cell").count() == cells
    field.press("Enter")
    says(box, "I do not know", "")
    assert page.evaluate(STORE) is None
    assert not page.outside and not page.faults


def test_a_notebook_that_nobody_trusts_keeps_the_folds(open_questions):
    page = open_questions("untrusted")
    box = page.locator(".jp-Notebook .question").first
    assert page.locator(".question form").count() == 0
    box.locator("summary").first.click()
    box.locator(".reason").first.wait_for(state="visible")
    assert not page.outside
