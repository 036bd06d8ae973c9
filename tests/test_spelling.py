"""The search for misspellings: files and notebooks, what is said of a mistake, and what is let pass."""

import subprocess
import sys

import nbformat
import pytest

from .conftest import ROOT

MISSPELT = "t" + "eh"  # written so that this file is not stopped


def spelling(*paths):
    command = [sys.executable, ROOT / "tools" / "spelling.py", *paths]
    result = subprocess.run(command, capture_output=True, text=True)
    assert not result.stderr
    return result.returncode, result.stdout


def notebook(path, *sources, output=""):
    cells = [nbformat.v4.new_markdown_cell(source) for source in sources]
    printed = nbformat.v4.new_output("stream", text=output)
    cells.append(nbformat.v4.new_code_cell("1 + 1", outputs=[printed]))
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_a_mistake_in_a_text_is_named_with_its_line(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(f"The likelihood,\nand {MISSPELT} score.\n")
    code, said = spelling(path)
    assert code == 1 and f"page.md:2: {MISSPELT} ==> the" in said


def test_a_mistake_in_a_notebook_is_named_with_its_sentence(tmp_path):
    path = notebook(tmp_path / "page.ipynb", "All is well.", f"It is {MISSPELT} score: ℓ′(θ).")
    code, said = spelling(path)
    assert code == 1 and f"page.ipynb: {MISSPELT} ==> the in 'It is {MISSPELT} score: ℓ′(θ).'" in said


@pytest.mark.parametrize("text", ["colour and behaviour, modelling", "Redner and Walker", "ans = f(x)"])
def test_british_spelling_and_names_pass(tmp_path, text):
    page = tmp_path / "page.md"
    page.write_text(text)
    assert spelling(page, notebook(tmp_path / "page.ipynb", text)) == (0, "")


def test_what_a_cell_printed_is_not_prose(tmp_path):
    assert spelling(notebook(tmp_path / "page.ipynb", "All is well.", output=MISSPELT)) == (0, "")
