"""The tools: scripts that can be read, notebooks run and compared, and that comparing bites."""

import base64
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
import yaml

from .conftest import ROOT

CHAPTER = ROOT / "book" / "likelihood.ipynb"


def test_scripts_and_workflows_can_be_read():
    for script in [*ROOT.glob("tools/*.sh"), ROOT / ".ci" / "run"]:
        shell = "bash" if "bash" in script.read_text().splitlines()[0] else "sh"
        subprocess.run([shell, "-n", script], check=True)
    for workflow in ROOT.glob(".github/workflows/*.yml"):
        assert yaml.safe_load(workflow.read_text())["jobs"]


# --- running and comparing notebooks ----------------------------------------------------------------------


def run_tool(*paths):
    command = [sys.executable, ROOT / "tools" / "notebooks.py", *paths]
    return subprocess.run(command, capture_output=True, text=True)


def compare(path):
    """Run nbval in comparing mode, as `make test` does: (content?, what it said)."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "--nbval"]
    command += ["--nbval-sanitize-with", ROOT / "tools" / "nbval.cfg", path]
    result = subprocess.run(command, cwd=path.parent, capture_output=True, text=True)
    assert result.returncode in (0, 1), result.stdout + result.stderr
    return result.returncode == 0, result.stdout


@pytest.fixture(scope="module")
def opening(tmp_path_factory):
    """The opening of a real chapter, up to its first figure, with a number printed on the way."""
    notebook = nbformat.read(CHAPTER, as_version=4)
    kinds = [{kind for output in cell.get("outputs", []) for kind in output.get("data", {})} for cell in notebook.cells]
    notebook.cells = notebook.cells[: 1 + next(i for i, kind in enumerate(kinds) if "image/png" in kind)]
    path = tmp_path_factory.mktemp("opening") / "opening.ipynb"
    shutil.copy(ROOT / "book" / "conftest.py", path.parent)
    nbformat.write(notebook, path)
    result = run_tool(path)
    assert result.returncode == 0, result.stderr
    return path


def altered(path, change, suffix):
    notebook = nbformat.read(path, as_version=4)
    assert change(notebook), "nothing was altered"
    copy = path.with_name(f"opening-{suffix}.ipynb")
    nbformat.write(notebook, copy)
    return copy


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def alter_a_number(notebook):
    for output in outputs(notebook):
        if output.output_type == "stream" and (digit := re.search(r"\d(?=\D*$)", output.text)):
            other = str((int(digit[0]) + 1) % 10)
            output.text = output.text[: digit.start()] + other + output.text[digit.end() :]
            return True


def alter_a_picture(notebook):
    for output in outputs(notebook):
        if picture := output.get("data", {}).get("image/png"):
            raw = bytearray(base64.b64decode(picture))
            raw[-20] ^= 1
            output.data["image/png"] = base64.b64encode(bytes(raw)).decode() + "\n"
            return True


def alter_a_drawing(notebook):
    for output in outputs(notebook):
        if "image/svg+xml" in output.get("data", {}):
            output.data["image/svg+xml"] = output.data["image/svg+xml"].replace("<g ", '<g class="other" ', 1)
            return True


def drop_the_drawings(notebook):
    return [
        output.data.pop("image/svg+xml") for output in outputs(notebook) if "image/svg+xml" in output.get("data", {})
    ]


def drop_an_output(notebook):
    for cell in notebook.cells:
        if cell.get("outputs"):
            cell.outputs = []
            return True


def test_comparing_accepts_what_is_stored(opening):
    content, said = compare(opening)
    assert content, said


@pytest.mark.parametrize("change", [alter_a_number, drop_an_output])
def test_comparing_rejects(opening, change):
    content, said = compare(altered(opening, change, change.__name__))
    assert not content and "1 failed" in said, said


@pytest.mark.parametrize("change", [alter_a_picture, alter_a_drawing, drop_the_drawings])
def test_comparing_accepts_another_processor_s_picture(opening, change):
    content, said = compare(altered(opening, change, change.__name__))
    assert content, said


def test_only_addresses_in_memory_and_pictures_are_left_out_of_the_comparison():
    rules = re.findall(r"^regex: (.+)$", (ROOT / "tools" / "nbval.cfg").read_text(), re.MULTILINE)
    assert rules == ["0x[0-9a-f]{6,}", "data:image/png;base64,[A-Za-z0-9+/=]+"]


def test_running_again_changes_not_one_byte(opening, tmp_path):
    path = shutil.copy(opening, tmp_path / "again.ipynb")
    runs = []
    for _ in range(2):
        assert run_tool(path).returncode == 0
        runs.append(path.read_bytes())
    assert runs[0] == runs[1]


def test_a_failing_notebook_is_left_as_it_was_and_the_cell_is_shown(tmp_path):
    path = tmp_path / "failing.ipynb"
    cell = nbformat.v4.new_code_cell("assert 1 + 1 == 3, 'not quite'")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    before = path.read_bytes()
    result = run_tool(path)
    assert result.returncode != 0
    assert "failing.ipynb stopped at a cell and was left as it was" in result.stderr
    assert "not quite" in result.stderr
    assert path.read_bytes() == before


def test_a_missing_notebook_is_named(tmp_path):
    result = run_tool(tmp_path / "nowhere.ipynb")
    assert result.returncode != 0
    assert "No notebook at" in result.stderr and "Traceback" not in result.stderr


# --- other seeds ------------------------------------------------------------------------------------------


def seeds(*arguments):
    command = [sys.executable, ROOT / "tools" / "seeds.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_other_seeds_report_the_claims_that_do_not_hold(tmp_path):
    path = tmp_path / "claims.ipynb"
    sources = ["SEED = 1", "import os\nassert os.environ['OMP_NUM_THREADS'] == '2'", "assert SEED < 2"]
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources]), path)
    before = path.read_bytes()
    result = seeds(path, "--seeds", "0", "7", "--threads", "2")
    first, second, where = result.stdout.splitlines()
    assert result.returncode == 1 and path.read_bytes() == before
    assert first == "claims.ipynb, SEED = 0, 2 thread(s), BLAS kernel as detected: all asserts hold"
    assert second.endswith("FAILED") and "cell 2: AssertionError" in where and "assert SEED < 2" in where


def test_other_seeds_say_what_they_need(tmp_path):
    assert "No notebook at nowhere.ipynb" in seeds("nowhere.ipynb").stderr
    assert "expected one code cell with a line such as 'SEED = 0', found 0" in seeds(CHAPTER).stderr
    assert "--threads must be at least 1" in seeds(CHAPTER, "--threads", "0").stderr
