"""Look for common misspellings: ``python tools/spelling.py [FILE ...]``; without arguments in every file under version.

Notebooks are read cell by cell, so that a stored picture is not taken for prose. What is no mistake goes into
``ignore-words-list`` in pyproject.toml.
"""

import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
TEXTS = {".bib", ".cff", ".css", ".js", ".md", ".py", ".sh", ".toml", ".yml"}


def under_version():
    """Every text and notebook that git knows."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    paths = [Path(name) for name in listed.decode().split("\0") if name]
    return [path for path in paths if path.suffix in TEXTS | {".ipynb"} and (ROOT / path).is_file()]


def spell(*arguments, text=None):
    """What codespell says, line by line."""
    command = [sys.executable, "-m", "codespell_lib", *map(str, arguments)]
    result = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True, encoding="utf-8")
    if result.returncode not in (0, 65):  # 65: there are mistakes
        sys.exit(result.stderr)
    return result.stdout.splitlines()


def in_notebook(path):
    """What codespell says of the cells of a notebook: a line of text, then what is wrong with it, by turns."""
    text = "\n".join(cell.source for cell in nbformat.read(ROOT / path, as_version=4).cells)
    said = spell("-", text=text)
    pairs = zip(said[::2], said[1::2], strict=True)
    return [f"{path}: {mistake.strip()} in {line.split(': ', 1)[1]!r}" for line, mistake in pairs]


def main(names):
    paths = [Path(name) for name in names] or under_version()
    plain = [path for path in paths if path.suffix != ".ipynb"]
    said = spell("--check-hidden", "--", *plain) if plain else []
    for path in paths:
        if path.suffix == ".ipynb":
            said += in_notebook(path)
    print("".join(f"{line}\n" for line in said), end="")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
