"""How long does a page take to read? ``python tools/minutes.py [NOTEBOOK ...]`` (all of ``book/`` if none is named).

Words / 100, 10 s for a line of code in the open, a minute for a figure: fitted to what readers needed. Exercises are
not in it. The card on top of a page shows the result, rounded to tens, and ``tests/test_book.py`` compares.
"""

import ast
import re
import sys
from pathlib import Path

import nbformat

BOOK = Path(__file__).resolve().parent.parent / "book"
FOLDED = {"hide-input", "hide-cell", "checked", "predict", "quiz", "drill"}  # tags of cells with no code in the open

PROOF = re.compile(r"^```\{prf:\w+\}[^\n]*\n(:label: \S+\n)?:class: dropdown\n.*?^```$", re.DOTALL | re.MULTILINE)


def without_code(text):
    """The text without its fenced code. Boxes stay; inside of one, a bare fence closes it, elsewhere it opens code."""
    kept, boxes, code = [], 0, False
    for line in text.splitlines():
        fence = re.match(r"`{3,}(.*)", line)
        if not fence:
            kept += [] if code else [line]
        elif code or (not fence[1] and boxes):
            boxes, code = boxes - (not code), False
        else:
            boxes, code = boxes + fence[1].startswith("{"), not fence[1].startswith("{")
    return "\n".join(kept)


def prose(text):
    """Markdown without code, formulas, addresses of links, citation keys, and folded proofs, which are optional."""
    text = re.sub(r"\$\$.*?\$\$", " ", without_code(PROOF.sub(" ", text)), flags=re.DOTALL)
    text = re.sub(r"\{[a-z:]+\}`[^`]*`|`[^`]*`|\$[^$\n]*\$|\]\([^)]*\)|https?://\S+", " ", text)
    return re.sub(r"^:(class|label|alt|width|align|name):.*$", " ", text, flags=re.MULTILINE)


def lines_of_code(source):
    """Lines with something on them; an import counts once, however many lines its names are spread over."""
    imports = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    spread = sum(node.end_lineno - node.lineno for node in imports)
    return sum(bool(line.strip()) for line in source.splitlines()) - spread


def only_imports(source):
    """Such a cell, and the call that sets the style of figures, is folded on the page."""
    parts = [part for part in ast.parse(source).body if ast.unparse(part) != "use_style()"]
    return all(isinstance(part, ast.Import | ast.ImportFrom) for part in parts)


def is_figure(cell):
    """Does the cell show a picture, or a figure that moves?"""
    data = [output.get("data", {}) for output in cell.get("outputs", [])]
    return any("image/png" in kinds or "data-explorer" in kinds.get("text/html", "") for kinds in data)


def before_exercises(cells):
    """The cells up to the heading Exercises: what is read in the sitting."""
    for place, cell in enumerate(cells):
        if cell.cell_type == "markdown" and re.search("^## Exercises$", cell.source, re.MULTILINE):
            return cells[:place]
    return cells


def question(cell, tags=("predict", "quiz")):
    """What a cell tagged `predict` or `quiz` asks, in words; its reasons wait."""
    asks = {*tags} & set(cell.metadata.get("tags", []))
    outputs = cell.get("outputs", []) if asks else []
    return "\n\n".join("".join(output.get("data", {}).get("text/plain", "")) for output in outputs)


def reading(notebook):
    """(words, lines of code in the open, figures, minutes) of the page without its exercises.

    What its quiz asks takes minutes, too, but is no prose: it is not among the words.
    """
    cells = before_exercises(notebook.cells)
    code = [cell for cell in cells if cell.cell_type == "code"]
    opened = [cell.source for cell in code if not FOLDED & set(cell.metadata.get("tags", []))]
    texts = [cell.source if cell.cell_type == "markdown" else question(cell, ["predict"]) for cell in cells]
    words, asked = (len(prose("\n\n".join(each)).split()) for each in (texts, [question(c, ["quiz"]) for c in code]))
    lines = sum(lines_of_code(source) for source in opened if not only_imports(source))
    figures = sum(map(is_figure, code))
    return words, lines, figures, (words + asked) / 100 + lines / 6 + figures


def main(names):
    for path in [Path(name) for name in names] or sorted(BOOK.glob("*.ipynb")):
        if not path.is_file():
            sys.exit(f"No notebook at {path}. Give paths such as book/likelihood.ipynb, or none to see them all.")
        words, lines, figures, minutes = reading(nbformat.read(path, as_version=4))
        print(f"{path.stem:32} {words:6,} words {lines:4} lines {figures:3} figures: {minutes:4.0f} minutes")


if __name__ == "__main__":
    main(sys.argv[1:])
