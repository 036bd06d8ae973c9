"""Pages that are made from the others: the glossary and the cards of formulas.

A page asks for them by an empty fence, ```{glossary-terms} or ```{formula-cards}; its text is put in place before the
page is read, so that headings, links and anchors are those of any page.
"""

import json
import re
from pathlib import Path

import yaml

FENCE = re.compile(r"^```\{(glossary-terms|formula-cards)\}\n```$", re.MULTILINE)
CARD = re.compile(r"^(`{3,}|:{3,})\{admonition\}[^\n]*\n:class: formula-card\n(.*?)\n\1[ ]*$", re.DOTALL | re.MULTILINE)


def pages_in_order(source):
    """The names of all pages, as _toc.yml has them: deeper ones after the page that they hang below."""

    def below(entries):
        for entry in entries:
            yield Path(entry["file"]).name
            yield from below(entry.get("sections", []))

    toc = yaml.safe_load((Path(source) / "_toc.yml").read_text(encoding="utf-8"))
    parts = toc.get("parts", [toc])
    return [Path(toc["root"]).name, *(name for part in parts for name in below(part["chapters"]))]


def prose_of(path):
    """The Markdown of a notebook."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def file_of(folder, page):
    """The file name of a page: a notebook, or Markdown."""
    return next((f"{page}{end}" for end in (".ipynb", ".md") if (folder / f"{page}{end}").is_file()), f"{page}.ipynb")


def glossary_terms(folder, pages):
    """The terms of glossary.yml as Sphinx's own glossary, by letters, each with the page that teaches it."""
    path = folder / "glossary.yml"
    terms = (yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None) or []
    entries = []
    for term in sorted(terms, key=lambda term: term["term"].lower()):
        target = file_of(folder, term["page"]) + (f"#{term['anchor']}" if term.get("anchor") else "")
        title = re.search(r"^# (.+)$", source_of(folder, term["page"]), re.MULTILINE)
        link = f"[{title[1] if title else term['page']}]({target})"
        entries.append(f"{term['term']}\n  {' '.join(str(term['says']).split())} → {link}\n")
    return "```{glossary}\n" + "\n".join(entries) + "```" if entries else "", [path]


def source_of(folder, page):
    path = folder / file_of(folder, page)
    if not path.is_file():
        return ""
    return prose_of(path) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")


def formula_cards(folder, pages):
    """The formula card of each page that has one, under a heading that links to the page."""
    paths = [folder / f"{page}.ipynb" for page in pages]
    paths = [path for path in paths if path.is_file()]
    parts = []
    for path in paths:
        text = prose_of(path)
        card, title = CARD.search(text), re.search(r"^# (.+)$", text, re.MULTILINE)
        if card:
            parts.append(f"## [{title[1]}]({path.name})\n\n{card[2].strip()}")
    return "\n\n".join(parts), paths


MAKERS = {"glossary-terms": glossary_terms, "formula-cards": formula_cards}


def put_in_place(app, name, text):
    """What a page asks for; it depends on the pages that this is made from."""
    folder = Path(app.env.doc2path(name)).parent

    def made(fence):
        markdown, paths = MAKERS[fence[1]](folder, pages_in_order(app.srcdir))
        for path in paths:
            app.env.note_dependency(str(path))
        return markdown

    text[0] = FENCE.sub(made, text[0])


def setup(app):
    app.connect("source-read", put_in_place)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
