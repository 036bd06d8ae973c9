"""Shared by all tests: where things are, the built book (built once), the functions that a chapter defines."""

import ast
import subprocess
import sys
from pathlib import Path

import matplotlib
import nbformat
import pytest

from tools.build import fingerprint, locked

from .processes import pytest_configure, pytest_unconfigure  # noqa: F401, they end with the run what tests start

matplotlib.use("Agg")  # here only: the variable MPLBACKEND would reach the kernels of the notebooks too

ROOT = Path(__file__).resolve().parent.parent
KEPT = (ast.Import, ast.ImportFrom, ast.FunctionDef)


def functions_of(chapter, **names):
    """``names``, the imports and the functions of the notebook book/<chapter>.ipynb; nothing else of it is run."""
    for cell in nbformat.read(ROOT / "book" / f"{chapter}.ipynb", as_version=4).cells:
        if cell.cell_type == "code":
            kept = [part for part in ast.parse(cell.source).body if isinstance(part, KEPT)]
            exec(compile(ast.Module(kept, []), f"{chapter}, cell {cell.id}", "exec"), names)
    return names


def build_book(source, output, *options):
    """Build the book in `source` as `make book` does; returns the finished process."""
    command = [sys.executable, ROOT / "tools" / "build.py", source, output, *options]
    return subprocess.run(command, cwd=source, capture_output=True, text=True, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="session")
def built():
    """The book, built from the stored outputs: (folder of the pages, exit code, what the build said)."""
    place = ROOT / "_build" / "tests"
    with locked(place / "lock"):
        stamp, code, said = place / "stamp", place / "code", place / "said"
        now = fingerprint(ROOT, pages=True)
        if not stamp.exists() or stamp.read_text() != now:
            result = build_book(ROOT, place)
            code.write_text(str(result.returncode))
            said.write_text(result.stdout + result.stderr)
            stamp.write_text(now)
        return place / "_build" / "html", int(code.read_text()), said.read_text()


@pytest.fixture(scope="session")
def site(built):
    """Folder of the built pages."""
    folder, code, said = built
    if code:
        pytest.fail(f"The book did not build without a warning:\n{said[-3000:]}", pytrace=False)
    return folder


def pages_of(site):
    """The book's pages in a built site; not those that stand for a page that is gone and lead on."""
    paths = sorted(site.glob("book/*.html"))
    return [path for path in paths if "— moved</title>" not in path.read_text(encoding="utf-8")]
