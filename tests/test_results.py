"""What pages keep for each other: written by the tool alone, small, made by the code that the notebook holds."""

import importlib.util
import json
import os
import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest

from mle_helpers import results
from mle_helpers.results import keep, kept

from .conftest import ROOT

spec = importlib.util.spec_from_file_location("notebooks", ROOT / "tools" / "notebooks.py")
tool = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tool)

STORED = sorted((ROOT / "book" / "results").glob("*.npz"))
PAGES = {path.stem: path for path in (ROOT / "book").glob("*.ipynb")}


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results")
    monkeypatch.delenv(results.WRITING, raising=False)
    (tmp_path / "results").mkdir()
    return tmp_path / "results"


def code(path):
    return "\n".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code")


# --- what is stored ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_results_belong_to_the_code_of_their_notebook(path):
    assert path.stem in PAGES, f"{path.name} belongs to no notebook: delete it."
    with np.load(path) as arrays:
        made_by = str(arrays["code"])
    now = tool.code_hash(nbformat.read(PAGES[path.stem], as_version=4))
    assert made_by == now, f"{path.name} is from other code. Run: make notebooks N=book/{path.stem}.ipynb"
    assert path.stat().st_size <= tool.LARGEST


@pytest.mark.parametrize("page", sorted(PAGES))
def test_what_a_page_keeps_and_loads_is_there(page):
    stored = {path.stem for path in STORED}
    source = code(PAGES[page])
    for name in re.findall(r"\bkeep\(\s*\"([\w-]+)\"", source):
        assert name == page, f"{page}: keep takes the page's own name, not {name!r}."
        assert name in stored, f"{page}: nothing is stored. Run: make notebooks N=book/{page}.ipynb"
    for name in re.findall(r"\bkept\(\"([\w-]+)\"\)", source):
        assert name in stored, f"{page}: {name!r} has kept nothing. Run: make notebooks N=book/{name}.ipynb"


def test_no_results_are_left_of_a_page_that_keeps_none():
    for path in STORED:
        assert "keep(" in code(PAGES[path.stem]), f"{path.stem} keeps nothing: delete {path}."


# --- keep and kept ----------------------------------------------------------------------------------------


def test_nothing_is_written_but_by_the_tool(shelf):
    made = keep("flows", nats=[1.0, 2.0])
    assert made["nats"].tolist() == [1.0, 2.0] and not any(shelf.iterdir())
    np.savez_compressed(shelf / "flows.npz", nats=[3.0], code="abc")
    assert {name: a.tolist() for name, a in keep("flows", nats=[1.0, 2.0]).items()} == {"nats": [3.0]}
    assert set(kept("flows")) == {"nats"}


def test_the_tool_is_handed_what_is_kept(shelf, tmp_path, monkeypatch):
    np.savez_compressed(shelf / "flows.npz", nats=[3.0], code="abc")
    monkeypatch.setenv(results.WRITING, str(tmp_path))
    assert keep("flows", nats=[1.0])["nats"].tolist() == [1.0]
    with np.load(tmp_path / "flows.npz") as arrays:
        assert arrays["nats"].tolist() == [1.0]


def test_what_is_missing_is_named(shelf):
    with pytest.raises(FileNotFoundError, match="make notebooks N=book/flows.ipynb"):
        kept("flows")


def test_both_sides_agree_on_the_name_of_the_variable():
    assert tool.WRITING == results.WRITING and results.RESULTS == ROOT / "book" / "results"
    assert results.WRITING not in os.environ


# --- the tool ---------------------------------------------------------------------------------------------


def write(path, *cells):
    notebook = nbformat.v4.new_notebook()
    for source, tags in cells:
        notebook.cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": tags}))
    nbformat.write(notebook, path)
    return path


def run_tool(path):
    return subprocess.run([sys.executable, ROOT / "tools" / "notebooks.py", path], capture_output=True, text=True)


def test_make_notebooks_stores_results_and_twice_is_once(tmp_path):
    keeps = "from mle_helpers.results import keep\nprint(keep('tiny', a=[1, 2])['a'].sum())"
    page = write(tmp_path / "tiny.ipynb", (keeps, []), ("assert True", ["checked"]))
    for _ in range(2):
        result = run_tool(page)
        assert result.returncode == 0, result.stderr
        stored = (tmp_path / "results" / "tiny.npz").read_bytes()
    with np.load(tmp_path / "results" / "tiny.npz") as arrays:
        assert arrays["a"].tolist() == [1, 2]
        assert str(arrays["code"]) == tool.code_hash(nbformat.read(page, as_version=4))
    run_tool(page)
    assert (tmp_path / "results" / "tiny.npz").read_bytes() == stored


def test_a_page_that_stops_leaves_its_results_as_they_were(tmp_path):
    page = write(tmp_path / "tiny.ipynb", ("from mle_helpers.results import keep\nkeep('tiny', a=[1])\n1 / 0", []))
    assert run_tool(page).returncode != 0 and not (tmp_path / "results").exists()


def test_results_larger_than_a_megabyte_are_refused(tmp_path):
    np.savez_compressed(tmp_path / "big.npz", a=np.random.default_rng(0).random(140_000))
    with pytest.raises(SystemExit, match="big.npz would take 1,"):
        tool.store(tmp_path, nbformat.v4.new_notebook(), tmp_path / "results")


def test_the_hash_follows_the_code_and_nothing_else(tmp_path):
    def hashed(*cells, words=""):
        notebook = nbformat.read(write(tmp_path / "some.ipynb", *cells), as_version=4)
        notebook.cells.append(nbformat.v4.new_markdown_cell(words))
        return tool.code_hash(json.loads(json.dumps(notebook), object_hook=nbformat.NotebookNode))

    base = hashed(("a = 1", []), ("b = 2", []))
    assert base == hashed(("a = 1", []), ("assert a", ["checked"]), ("b = 2", []), words="Other words.")
    assert len({base, hashed(("a = 2", []), ("b = 2", [])), hashed(("b = 2", []), ("a = 1", []))}) == 3


def test_pages_run_after_those_whose_results_they_show():
    order = [path.stem for path in tool.in_order()]
    assert set(order) == set(PAGES)
    for page in order:
        for name in re.findall(r"\bkept\(\"([\w-]+)\"\)", code(PAGES[page])):
            assert order.index(name) < order.index(page), f"{page} shows what {name} keeps, which comes later."
