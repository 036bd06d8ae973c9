"""Store notebooks in their normal form without running them: ``python tools/tidy.py [NOTEBOOK ...]``.

Ends with 1 if one was changed, as a hook before a commit wants it. Results stay as they are.
"""

import sys
from pathlib import Path

import nbformat
from notebooks import BOOK, normalise


def tidy(path):
    """Bring one notebook into normal form; returns whether that changed it."""
    before = path.read_bytes()
    nbformat.write(normalise(nbformat.read(path, as_version=4)), path)
    return path.read_bytes() != before


def main(names):
    changed = [path for path in map(Path, names or sorted(BOOK.glob("*.ipynb"))) if tidy(path)]
    for path in changed:
        print(f"{path.name}: now in normal form")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
