"""Shared by all tests: where things are, the built book (built once), the functions that a chapter defines."""

import ast
import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

import matplotlib
import nbformat
import pytest

from .processes import pytest_configure, pytest_unconfigure  # noqa: F401, they end with the run what tests start

matplotlib.use("Agg")  # here only: the variable MPLBACKEND would reach the kernels of the notebooks too

ROOT = Path(__file__).resolve().parent.parent
KEPT = (ast.Import, ast.ImportFrom, ast.FunctionDef)
INPUTS = ("_config.yml", "_toc.yml", "references.bib", "requirements.txt")


def functions_of(chapter, **names):
    """``names``, the imports and the functions of the notebook book/<chapter>.ipynb; nothing else of it is run."""
    for cell in nbformat.read(ROOT / "book" / f"{chapter}.ipynb", as_version=4).cells:
        if cell.cell_type == "code":
            kept = [part for part in ast.parse(cell.source).body if isinstance(part, KEPT)]
            exec(compile(ast.Module(kept, []), f"{chapter}, cell {cell.id}", "exec"), names)
    return names


def fingerprint():
    """Changes when anything does that the pages are made from."""
    paths = [ROOT / name for name in INPUTS] + [path for path in (ROOT / "book").rglob("*") if path.is_file()]
    digest = hashlib.sha256()
    for path in sorted(paths):
        if not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts):
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def build_book(source, output):
    """Build the book in `source` as `make book` does; returns the finished process."""
    command = [Path(sys.executable).parent / "jupyter-book", "build", source, "--path-output", output]
    command += ["--all", "-W", "-n", "--keep-going", "-q"]
    return subprocess.run(command, cwd=source, capture_output=True, text=True, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="session")
def built():
    """The book, built from the stored outputs: (folder of the pages, exit code, what the build said)."""
    place = ROOT / "_build" / "tests"
    place.mkdir(parents=True, exist_ok=True)
    with open(place / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp, code, said = place / "stamp", place / "code", place / "said"
        if not stamp.exists() or stamp.read_text() != fingerprint():
            result = build_book(ROOT, place)
            code.write_text(str(result.returncode))
            said.write_text(result.stdout + result.stderr)
            stamp.write_text(fingerprint())
        return place / "_build" / "html", int(code.read_text()), said.read_text()


@pytest.fixture(scope="session")
def site(built):
    """Folder of the built pages."""
    folder, code, said = built
    if code:
        pytest.fail(f"The book did not build without a warning:\n{said[-3000:]}", pytrace=False)
    return folder
