"""The first use of a term on a page leads to the glossary, and carries what the glossary says, for a small card.

A term is linked where it is used, not on the page that teaches it. Its sentence stands in a hidden box at the foot of
the page, where MathJax finds its formulas; cards.js shows a copy beside the link.
"""

import re
from html import escape
from pathlib import Path

import yaml
from bs4 import BeautifulSoup, NavigableString

PROSE = ["p", "li", "td", "dd"]
NOT_IN = (  # where a link would be in the way
    "a, button, code, pre, script, style, svg, label, summary, h1, h2, h3, h4, h5, h6, .math, .cell, .chapter-card, "
    ".formula-card, .admonition-title, figcaption, .caption, [data-practice], .citation"
)
MATH = re.compile(r"\$([^$]+)\$")


def pattern(term):
    """A term in any of its forms, as whole words, singular or plural, small or capital letters."""
    forms = sorted([term["term"], *term.get("also", [])], key=len, reverse=True)
    words = "|".join(r"[\s-]+".join(map(re.escape, re.split(r"[\s-]+", form))) for form in forms)
    return re.compile(rf"(?<![\w-])(?:{words})(?:s|es)?(?![\w-])", re.IGNORECASE)


def sentence(term):
    """What the glossary says, as HTML, formulas for MathJax."""
    parts = MATH.split(" ".join(str(term["says"]).split()))
    formula = '<span class="math notranslate nohighlight">\\({}\\)</span>'
    return "".join(formula.format(escape(part)) if odd % 2 else escape(part) for odd, part in enumerate(parts))


def selected(page):
    """A test whether a tag is one that takes no links."""
    out = {id(tag) for tag in page.select(NOT_IN)}
    return lambda tag: id(tag) in out


def link_terms(html, terms, address):
    """The page with the first use of each term linked; ``terms`` without those that it teaches itself.

    ``address`` gives the address of a term in the glossary, or None where it has none.
    """
    page = BeautifulSoup(html, "html.parser")
    left = {term["term"]: (pattern(term), term) for term in terms if address(term["term"])}
    out, linked = selected(page), []
    for text in list(page.find_all(string=True)):
        if type(text) is not NavigableString or not text.strip() or not text.find_parent(PROSE):
            continue
        if text.find_parent(out):
            continue
        while found := earliest(str(text), left):
            name, match = found
            _, term = left.pop(name)
            link = page.new_tag("a", attrs={"class": "reference internal term", "href": address(name)})
            link["data-card"] = f"card-{len(linked)}"
            link.string = match[0]
            linked.append(term)
            before, after = NavigableString(text[: match.start()]), NavigableString(text[match.end() :])
            text.replace_with(before)
            before.insert_after(link)
            link.insert_after(after)
            text = after
    if linked:
        cards = "".join(f'<p id="card-{i}">{sentence(term)}</p>' for i, term in enumerate(linked))
        page.append(BeautifulSoup(f'<div class="term-cards" hidden>{cards}</div>', "html.parser"))
    return str(page)


def earliest(text, left):
    """(name, match) of the term that stands first in the text; of two that begin together, the longer."""
    found = []
    for name, (form, term) in left.items():
        hidden = text
        for phrase in term.get("unless", []):
            hidden = re.sub(re.escape(phrase), lambda m: "\0" * len(m[0]), hidden, flags=re.IGNORECASE)
        if match := form.search(hidden):
            found.append((match.start(), -len(match[0]), name, match))
    return min(found)[2:] if found else None


def terms_of(folder):
    path = folder / "glossary.yml"
    return (yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None) or []


def depend(app, name, text):
    """A page is written again when the glossary changes."""
    path = Path(app.env.doc2path(name)).parent / "glossary.yml"
    if path.is_file():
        app.env.note_dependency(str(path))


def finish(app, pagename, templatename, context, doctree):
    source = Path(app.env.doc2path(pagename)) if doctree is not None else None
    if source is None or source.suffix != ".ipynb" or not context.get("body"):
        return
    objects = app.env.get_domain("std").objects

    def address(name):
        where = objects.get(("term", name))
        return where and f"{app.builder.get_relative_uri(pagename, where[0])}#{where[1]}"

    terms = [term for term in terms_of(source.parent) if term["page"] != source.stem]
    context["body"] = link_terms(context["body"], terms, address)


def setup(app):
    app.connect("source-read", depend)
    app.connect("html-page-context", finish, priority=905)  # when the page is tidied, before drawings are put in
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
