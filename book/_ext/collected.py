"""What pages show of the others: glossary, cards of formulas, all functions, the table of pages, how many questions.

A page asks for it by an empty fence, ```{glossary-terms}, ```{formula-cards}, ```{package-functions}, ```{course-table}
or ```{reading-progress}; the text is put in place before the page is read, so that headings, links and anchors are
those of any page.
"""

import json
import re
from html import escape
from pathlib import Path

import yaml
from package import notebooks_in, package_functions

FENCE = re.compile(
    r"^```\{(glossary-terms|formula-cards|package-functions|course-table|reading-progress)\}\n```$", re.MULTILINE
)
CARD = re.compile(r"^(`{3,}|:{3,})\{admonition\}[^\n]*\n:class: formula-card\n(.*?)\n\1[ ]*$", re.DOTALL | re.MULTILINE)

QUESTION = r"\*\*The question\.\*\* (.+)"  # what a page's card says
READING = r"\*\*Minutes\.\*\* (\d+)"
EXERCISES = r"\*\*Minutes\.\*\* .*?(\d+) of exercises"


def parts_in_order(source):
    """(caption, [(page, how deep it hangs)]) of each part of _toc.yml; the root is a part without a caption."""

    def below(entries, depth=0):
        for entry in entries:
            yield Path(entry["file"]).name, depth
            yield from below(entry.get("sections", []), depth + 1)

    toc = yaml.safe_load((Path(source) / "_toc.yml").read_text(encoding="utf-8"))
    parts = [(part.get("caption", ""), list(below(part["chapters"]))) for part in toc.get("parts", [toc])]
    return [("", [(Path(toc["root"]).name, 0)]), *parts]


def prose_of(path):
    """The Markdown of a notebook."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def file_of(folder, page):
    """The file name of a page: a notebook, or Markdown."""
    return next((f"{page}{end}" for end in (".ipynb", ".md") if (folder / f"{page}{end}").is_file()), f"{page}.ipynb")


def pages_in(parts):
    """The names of all pages, in order."""
    return [page for _, pages in parts for page, _ in pages]


def title_of(text):
    return re.search(r"^# (.+)$", text, re.MULTILINE)[1]


def glossary_terms(folder, parts):
    """The terms of glossary.yml as Sphinx's own glossary, by letters, each with the page that teaches it."""
    path = folder / "glossary.yml"
    terms = (yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None) or []
    entries = []
    for term in sorted(terms, key=lambda term: term["term"].lower()):
        target = file_of(folder, term["page"]) + (f"#{term['anchor']}" if term.get("anchor") else "")
        text = source_of(folder, term["page"])
        link = f"[{title_of(text) if text else term['page']}]({target})"
        entries.append(f"{term['term']}\n  {' '.join(str(term['says']).split())} → {link}\n")
    return "```{glossary}\n" + "\n".join(entries) + "```" if entries else "", [path]


def source_of(folder, page):
    path = folder / file_of(folder, page)
    if not path.is_file():
        return ""
    return prose_of(path) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")


def formula_cards(folder, parts):
    """The formula card of each page that has one, under a heading that links to the page."""
    paths = [path for page in pages_in(parts) if (path := folder / f"{page}.ipynb").is_file()]
    cards = []
    for path in paths:
        text = prose_of(path)
        if card := CARD.search(text):
            cards.append(f"## [{title_of(text)}]({path.name})\n\n{card[2].strip()}")
    return "\n\n".join(cards), paths


def course_table(folder, parts):
    """Every notebook with the question and the minutes of its card, part by part, and what they come to."""
    rows, paths, together = [], [], [0, 0]
    for caption, pages in parts:
        lines, sums = [], [0, 0]
        for page, depth in pages:
            if not (path := folder / f"{page}.ipynb").is_file():
                continue
            text = prose_of(path)
            minutes = [re.search(pattern, text) for pattern in (READING, EXERCISES)]
            minutes = [int(found[1]) if found else 0 for found in minutes]
            question = re.search(QUESTION, text)
            name = f"{'↳ ' * depth}[{title_of(text)}]({path.name})"
            name += f" <br> {question[1]}".replace("|", "\\|") if question else ""
            lines.append((name, *(str(each or "–") for each in minutes)))
            sums = [a + b for a, b in zip(sums, minutes, strict=True)]
            paths.append(path)
        if lines:
            rows += [(f"**{caption}**", *(f"**{each or '–'}**" for each in sums)), *lines]
            together = [a + b for a, b in zip(together, sums, strict=True)]
    rows.append(("**All together, in hours**", *(f"**{each / 60:.0f}**" for each in together)))
    head = "| Page, and its question | Reading | Exercises |\n|:--|--:|--:|\n"
    return head + "\n".join(f"| {' | '.join(row)} |" for row in rows), paths


def questions_of(path):
    """How many questions a file of book/practice/ holds."""
    asked = (yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None) or {}
    return len(asked.get("predict", {})) + len(asked.get("quiz", []))


def reading_progress(folder, parts):
    """The place where progress.js says how far the reader is: it knows every notebook and how many questions it has."""
    pages = [page for page in pages_in(parts) if (folder / f"{page}.ipynb").is_file()]
    paths = {page: folder / "practice" / f"{page}.yml" for page in pages}
    asked = escape(json.dumps({page: questions_of(path) for page, path in paths.items()}), quote=True)
    return f'<div id="reading-progress" data-questions="{asked}"></div>', [p for p in paths.values() if p.is_file()]


MAKERS = {
    "glossary-terms": glossary_terms,
    "formula-cards": formula_cards,
    "package-functions": lambda folder, parts: package_functions(folder, notebooks_in(folder, pages_in(parts[:-1]))),
    "course-table": course_table,
    "reading-progress": reading_progress,
}


def put_in_place(app, name, text):
    """What a page asks for; it depends on the pages that this is made from."""
    folder = Path(app.env.doc2path(name)).parent

    def made(fence):
        markdown, paths = MAKERS[fence[1]](folder, parts_in_order(app.srcdir))
        for path in paths:
            app.env.note_dependency(str(path))
        return markdown

    text[0] = FENCE.sub(made, text[0])


def setup(app):
    app.connect("source-read", put_in_place)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
