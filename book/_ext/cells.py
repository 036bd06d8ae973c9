"""Cells on the page: lines that wrap, imports and checks that fold, numbers that vary, answers that wait."""

import ast
import re
from itertools import pairwise

CODE = re.compile(r'(<div class="highlight"><pre>)(?:<span></span>)?(.*?)(</pre>)', re.DOTALL)
SPREAD = re.compile(r'<span class="(\w+)">([^<]*\n[^<]*)</span>')  # a token over several lines, such as a docstring
VARIES = "nbval-ignore-output"  # the tag of a cell whose digits depend on the machine; `make test` leaves it out
ANSWER = ("tag_answer", "tag-answer")  # what waits: code cells, and prose (docutils writes class names with hyphens)
MARKS = "index.html#what-the-marks-mean"


def wrap_lines(html):
    """Each line of highlighted code becomes a block that knows its indent, so that a long one hangs when it wraps."""
    return CODE.sub(lambda found: found[1] + lines(found[2]) + found[3], html)


def lines(code):
    """Highlighted ``code`` with every line in <span class="line">; its text stays the same, newlines included.

    Save that of several empty lines, as the style asks for around a function, one is enough in a short cell.
    """
    code = SPREAD.sub(lambda token: f'<span class="{token[1]}">' + token[2].replace("\n", closed(token[1])), code)
    found = code.removesuffix("\n").split("\n")
    again = [here == before == "" for before, here in pairwise(map(bare, ["-", *found]))]
    return "".join(line_block(line) for line, empty in zip(found, again, strict=True) if not empty)


def bare(line):
    """The text of a highlighted line."""
    return re.sub(r"<[^>]*>", "", line)


def closed(kind):
    """End a token with the line and begin it again on the next."""
    return f'</span>\n<span class="{kind}">'


def line_block(line):
    text = bare(line)
    indent = len(text) - len(text.lstrip(" "))
    style = f' style="--indent:{indent}"' if indent else ""
    return f'<span class="line"{style}>{line}\n</span>'


def source(cell):
    """The code of a cell on the page, or an empty string."""
    code = cell.select_one("div.cell_input pre")
    return code.get_text() if code else ""


def parsed(code):
    """The syntax tree of ``code``; an empty one where it is no plain Python."""
    try:
        return ast.parse(code)
    except SyntaxError:
        return ast.Module([], [])


def details(page, kind, handle):
    """A closed <details> with a handle."""
    box = page.new_tag("details", attrs={"class": f"fold {kind}"})
    summary = page.new_tag("summary", attrs={"class": "fold-title"})
    summary.string = handle
    box.append(summary)
    return box


def fold_imports(page):
    """The first code cell folds if it only imports and sets the style of figures."""
    cell = page.select_one("div.cell")
    if cell is None or cell.select_one("details, div.cell_output") or not only_imports(source(cell)):
        return
    box = details(page, "fold-code", "Show the imports")
    code = cell.select_one("div.cell_input")
    code.wrap(box)


def only_imports(code):
    kinds = [type(part) for part in parsed(code).body if ast.unparse(part) != "use_style()"]
    return bool(kinds) and set(kinds) <= {ast.Import, ast.ImportFrom}


def fold_checks(page):
    """A cell tagged `checked` becomes one quiet line that says how many statements hold, and unfolds."""
    for cell in page.select("div.cell.tag_checked"):
        count = sum(isinstance(node, ast.Assert) for node in ast.walk(parsed(source(cell))))
        box = details(page, "fold-checked", f"✓ {count} statement{'s' if count != 1 else ''} checked")
        cell.wrap(box)


def mark_varying(page):
    """Numbers that other machines print a little differently say so, and where to read what that means."""
    for output in page.select(f"div.cell.tag_{VARIES} div.cell_output"):
        note = page.new_tag("p", attrs={"class": "varies"})
        link = page.new_tag("a", attrs={"class": "varies-link", "href": MARKS})
        link.string = "≈ varies a little"
        note.append(link)
        output.insert(0, note)


def show_questions(page):
    """Of a cell tagged `predict`, `quiz` or `drill` the page shows the boxes with questions, behind their script."""
    for cell in page.select("div.cell.tag_predict, div.cell.tag_quiz, div.cell.tag_drill"):
        questions = cell.select("div.question")
        boxes = cell.select("div.drill") or questions
        for box in questions:
            for part in [box, *box.select("[style]")]:
                del part["style"]
            for mark in box.select("summary > .mark"):
                mark.decompose()
        if boxes:
            module = cell.select("script[data-practice-module]")
            cell.replace_with(*(part.extract() for part in [*module, *boxes]))


def fold_answers(page):
    """Neighbouring cells tagged `answer`, and the checks that follow them, wait in one box for the reader's answer."""
    for first in page.select(", ".join(f".{kind}" for kind in ANSWER)):
        if first.find_parent(class_="fold-answer"):
            continue
        box = first.wrap(details(page, "fold-answer", "See what happens"))
        while (after := box.find_next_sibling()) and {*ANSWER, "tag_checked"} & set(after.get("class", [])):
            box.append(after.extract())


def tag_prose(notebook):
    """Markdown cells tagged `answer` keep their tag on the page: MyST-NB hands over those of code cells only."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and "answer" in cell["metadata"].get("tags", []):
            text = "".join(cell["source"])
            cell["source"] = f"::::::::::{{container}} tag-answer\n{text}\n::::::::::"
    return notebook
