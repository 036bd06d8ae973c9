"""One PDF of the whole book, printed by Chromium from the built pages: ``python -m tools.pdf [SITE [PDF]]``.

The pages become the chapters of one page: what moves stands still, what is folded is open, a link to another page
leads within the PDF, and the solutions stand together at the end. The site's own MathJax sets the formulas; nothing is
fetched from elsewhere. It is printed twice: only the first print tells on which page each chapter falls.
"""

import copy
import logging
import mimetypes
import posixpath
import re
import sys
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup

from tools.environment import ROOT, Trouble

logging.getLogger("pypdf").setLevel(logging.ERROR)  # it mends what a print has wrong in its table, and says so
SITE, PDF = ROOT / "_build" / "html", ROOT / "_build" / "maximum-likelihood.pdf"
HOME = "http://book.invalid/"  # a name that exists nowhere: every request is answered from the folder of the site
REFERS = ("for", "headers", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "aria-details")
SCREEN = ".d-print-none, .headerlink, button, noscript, script"
PATIENCE = 1_200_000  # ms a busy machine may take to set all formulas
WIDTH = 658  # px: what an A4 page leaves between the margins of print.css


# --- which pages, in which order ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One page of the table of contents: its name in the site, its part ("" for the front page), how deep it hangs."""

    name: str
    part: str
    depth: int


def read(site, name):
    """The parsed page ``name`` ("book/likelihood") of the site."""
    path = site / f"{name}.html"
    if not path.is_file():
        raise Trouble(f"There is no page {path}: build the book first (make book).")
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def front(site):
    """Name of the page that the site's own first page leads to."""
    target = re.search(r"url=([\w/.-]+)\.html", read(site, "index").prettify())
    if target is None:
        raise Trouble(f"{site / 'index.html'} leads to no page of the book: build the book first (make book).")
    return target[1]


def contents(page, name):
    """The entries that the side bar of ``page`` lists, in reading order."""
    entries, part = [], ""
    for element in page.select("nav.bd-links p.caption, nav.bd-links li > a.internal"):
        if element.name == "p":
            part = element.get_text(" ", strip=True)
            continue
        href = urlsplit(element["href"]).path
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), href)) if href else f"{name}.html"
        depth = len(element.find_parents("ul", class_="bd-sidenav")) + len(element.find_parents("ul")) - 2
        entries.append(Entry(target.removesuffix(".html"), part, max(depth, 0)))
    return entries


# --- a page becomes a chapter ------------------------------------------------------------------------------


def anchor(name, fragment=""):
    """The id that ``fragment`` of page ``name`` has in the PDF; without a fragment, the chapter's own."""
    stem = name.removeprefix("book/").replace("/", "-")
    return f"{stem}--{fragment}" if fragment else stem


def own_ids(article, name):
    """Give every id of the page, and all that refers to one, the page's name in front: pages share a house now."""
    for element in article.find_all(True):
        for key, value in list(element.attrs.items()):
            if key == "id":
                element[key] = anchor(name, value)
            elif key in REFERS:
                element[key] = " ".join(anchor(name, one) for one in str(value).split())
            elif isinstance(value, str) and "url(#" in value:
                element[key] = re.sub(r"url\(#", f"url(#{anchor(name)}--", value)
        if element.name == "use":
            for key in ("href", "xlink:href"):
                if element.get(key, "").startswith("#"):
                    element[key] = "#" + anchor(name, element[key][1:])


def own_links(article, name, names):
    """Links between pages lead within the PDF, those to the rest of the site become plain text, others stay."""
    for link in article.select("a[href]"):
        address = urlsplit(link["href"])
        if address.scheme or address.netloc:
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(address.path)))
        target = path.removesuffix(".html") if address.path else name
        if target in names:
            link["href"] = "#" + anchor(target, unquote(address.fragment))
        else:
            link.unwrap()


def whole_addresses(article, name):
    """Pictures are found from wherever the one page stands."""
    for image in article.select("img[src], image, source[src]"):
        for key in ("src", "href", "xlink:href"):
            if image.get(key) and not urlsplit(image[key]).scheme and not image[key].startswith("#"):
                image[key] = HOME + posixpath.normpath(posixpath.join(posixpath.dirname(name), image[key]))
        if image.name == "img":
            image["loading"] = "eager"


def lower(article, by):
    """Headings ``by`` levels lower, so that parts stand above chapters in the outline; class level-1 is a title."""
    for heading in article.find_all(re.compile("^h[1-6]$")):
        level = int(heading.name[1])
        heading["class"] = [*heading.get("class", []), f"level-{level}"]
        heading.name = f"h{min(level + by, 6)}"


def stand_still(article):
    """What is for a screen goes, what is folded opens, and a figure that moves says so."""
    for element in article.select(SCREEN):
        element.decompose()
    for box in article.find_all("details"):
        box["open"] = ""
    for check in article.select("details.fold-checked"):  # on paper its one line is enough
        for element in check.find_all(recursive=False):
            if element.name != "summary":
                element.decompose()
    for still in article.select("[data-explorer] img"):
        said = f"{escape(still.get('alt', ''))} <em>On the book’s web pages this figure moves.</em>"
        still.insert_after(BeautifulSoup(f'<p class="moves">{said}</p>', "html.parser"))


def chapter(page, entry, names):
    """The article of a page, ready to stand beside the others; links still as in the page's own terms."""
    article = copy.copy(page.find("article"))
    stand_still(article)
    own_links(article, entry.name, names)
    own_ids(article, entry.name)
    whole_addresses(article, entry.name)
    lower(article, 1 + entry.depth if entry.part else 0)
    return article


def take_solutions(article, stem):
    """Take the solutions out of a chapter, leaving a way to each; returns [(title, id of its exercise, elements)]."""
    taken = []
    for number, solution in enumerate(article.select(".solution"), start=1):
        exercise = solution.find_previous(class_="exercise")
        if exercise is None:
            continue
        elements, after = [solution], solution.find_next_sibling()
        while after is not None and {"cell", "tag_hide-cell"} <= set(after.get("class", [])):
            elements, after = [*elements, after], after.find_next_sibling()
        name = named(solution, f"{stem}--solution-{number}")
        solution.insert_before(BeautifulSoup(way(name, "Solution"), "html.parser"))
        handle = solution.find(["summary", "p"], class_=re.compile("title"))
        title = " ".join(handle.get_text(" ").split()) if handle else f"Solution {number}"
        if handle:
            handle.decompose()
        solution.name = "div"  # its title is a heading now
        taken.append(
            (title, named(exercise, f"{stem}--exercise-{number}"), [element.extract() for element in elements])
        )
    return taken


def named(element, name):
    """The element's id; where it has none, ``name`` becomes it."""
    if not element.get("id"):
        element["id"] = name
    return element["id"]


def way(target, text):
    """A paragraph that leads to ``target``, also on paper: its page is filled in after the first print."""
    return f'<p class="way"><a href="#{escape(target)}">{text}</a> on page {page_of(target)}</p>'


def page_of(target):
    return f'<span class="page-of" data-of="{escape(target)}">000</span>'


# --- the one page ------------------------------------------------------------------------------------------


def title_of(article):
    heading = article.find(class_="level-1")
    return " ".join(heading.get_text(" ").split()) if heading else "Untitled"


def people(citation):
    return ", ".join(one.get("name") or f"{one['given-names']} {one['family-names']}" for one in citation["authors"])


def cover(citation, logo):
    """Title, picture, authors, version, licence: from CITATION.cff."""
    title, _, below = citation["title"].partition(": ")
    licences = citation.get("license", [])
    text = {"MIT": "code: MIT", "CC-BY-4.0": "text and figures: CC BY 4.0"}
    terms = "; ".join(text.get(one, one) for one in ([licences] if isinstance(licences, str) else licences))
    return f"""<section class="cover">{logo}
<p class="cover-title">{escape(title)}</p><p class="cover-below">{escape(below)}</p>
<p class="cover-people">{escape(people(citation))}</p>
<p class="cover-terms">Version {citation["version"]}, {citation["date-released"]}<br>Licence: {escape(terms)}</p>
</section>"""


def table_of_contents(rows):
    """The printed contents; ``rows`` are (kind, title, id)."""
    lines = "".join(
        f'<li class="{kind}"><a href="#{target}">{escape(title)}</a> {page_of(target)}</li>'
        for kind, title, target in rows
    )
    return f'<section class="contents"><h1 class="level-1">Contents</h1><ol>{lines}</ol></section>'


def running_heads(titles):
    """Each chapter names its own kind of page, and that names the chapter at its head."""
    quoted = {name: title.replace("\\", "\\\\").replace('"', '\\"') for name, title in titles.items()}
    return "".join(
        f'#{name} {{ page: p-{name} }} @page p-{name} {{ @top-right {{ content: "{title}" }} }}\n'
        for name, title in quoted.items()
    )


def solutions_part(collected):
    """The solutions of all chapters; ``collected`` is [(chapter's title, its id, what take_solutions gave)]."""
    part = BeautifulSoup('<section class="part" id="solutions"><h1>Solutions</h1></section>', "html.parser")
    for title, stem, taken in collected:
        begin = f'<section class="solutions" id="solutions-{stem}"><h2 class="level-2">{escape(title)}</h2></section>'
        section = BeautifulSoup(begin, "html.parser").section
        for name, exercise, elements in taken:
            section.append(BeautifulSoup(f'<h3 class="level-3">{escape(name)}</h3>', "html.parser"))
            section.append(BeautifulSoup(way(exercise, "The exercise"), "html.parser"))
            section.extend(elements)
        part.section.append(section)
    return f'<article class="bd-article">{part}</article>'


def style_sheets(pages):
    """Links to the styles of all pages, each once, in their order."""
    found = {}
    for name, page in pages.items():
        for link in page.select("head link[rel=stylesheet]"):
            href = posixpath.normpath(posixpath.join(posixpath.dirname(name), link["href"]))
            found.setdefault(urlsplit(href).path, HOME + href)
    return "".join(f'<link rel="stylesheet" href="{escape(href)}">\n' for href in found.values())


def mathjax(pages):
    """The settings and the address of the site's own MathJax, from the first page that has formulas."""
    for name, page in pages.items():
        loader = page.select_one('head script[src*="mathjax"]')
        if loader is not None:
            settings = [s for s in page.select("head script:not([src])") if "MathJax" in s.get_text()]
            source = HOME + posixpath.normpath(posixpath.join(posixpath.dirname(name), loader["src"]))
            return "".join(map(str, settings)) + f'<script defer src="{escape(source)}"></script>'
    return ""


def dead_links(document):
    """Links to ids that are nowhere lead to the chapter they are in, as far as there is one."""
    ids = {element["id"] for element in document.find_all(id=True)}
    for link in document.select('a[href^="#"]'):
        target = unquote(link["href"][1:])
        if target not in ids and target.split("--")[0] in ids:
            link["href"] = "#" + target.split("--")[0]
        elif target not in ids:
            link.unwrap()


def assemble(site, citation, only=None):
    """The whole book, or ``only`` the pages of these names, as one page of HTML; its addresses lie under HOME."""
    first = front(site)
    entries = [entry for entry in contents(read(site, first), first) if only is None or entry.name in only]
    pages = {entry.name: read(site, entry.name) for entry in entries}
    body, rows, titles, collected, part = [], [], {"contents": "Contents"}, [], ""
    for entry in entries:
        article, stem = chapter(pages[entry.name], entry, set(pages)), anchor(entry.name)
        title = titles[stem] = title_of(article)
        opening = ""
        if entry.part and entry.part != part:
            part = entry.part
            mark = "part-" + re.sub(r"\W+", "-", part.lower())
            opening = f'<h1 class="part-title" id="{mark}">{escape(part)}</h1>'
            rows.append(("in-part", part, mark))
        taken = take_solutions(article, stem)
        if taken:
            collected.append((title, stem, taken))
        rows.append((f"in-chapter deep-{entry.depth}" if entry.part else "in-part", title, stem))
        body.append(f'<section class="chapter" id="{stem}">{opening}{article}</section>')
    if collected:
        titles["solutions"] = "Solutions"
        rows.append(("in-part", "Solutions", "solutions"))
        body.append(solutions_part(collected))
    logo = (site / "_static" / "logo.svg").read_text(encoding="utf-8")
    head = f"""<meta charset="utf-8"><title>{escape(citation["title"])}</title>
{style_sheets(pages)}{mathjax(pages)}<link rel="stylesheet" href="{HOME}_static/print.css">
<style>{running_heads(titles)}</style>"""
    whole = f"""<!doctype html><html lang="en" class="paper" data-theme="light" data-mode="light"><head>{head}</head>
<body>{cover(citation, logo[logo.find("<svg") :])}{table_of_contents(rows)}<main>{"".join(body)}</main></body></html>"""
    document = BeautifulSoup(whole, "html.parser")
    dead_links(document)
    return str(document)


# --- printing ----------------------------------------------------------------------------------------------

READY = """async () => {  // all is drawn; what is too wide shrinks; a box that fits a page is not torn
    await window.MathJax?.startup?.promise;
    await document.fonts.ready;
    await Promise.all([...document.images].map((image) => image.decode().catch(() => null)));
    const changes = [];  // made at the end: each would lay out the whole book again
    const shrink = (node, full, room) => {
        const size = `${Math.max(0.4, (0.98 * room) / full) * 100}%`;
        if (room && full > room + 1) changes.push(() => { node.style.fontSize = size; });
    };
    for (const formula of document.querySelectorAll("mjx-container")) {
        const block = formula.closest("p, li, td, dd, dt, div, figcaption");
        const drawn = formula.querySelector("mjx-math");
        if (block && drawn) shrink(formula, drawn.getBoundingClientRect().width, block.clientWidth);
    }
    for (const table of document.querySelectorAll("table")) {
        shrink(table, table.scrollWidth, table.parentElement.clientWidth);
    }
    for (const box of document.querySelectorAll(".admonition, details.fold")) {
        if (box.offsetHeight < 500) changes.push(() => { box.style.breakInside = "avoid"; });
    }
    for (const change of changes) change();
    return [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map((heading) => {
        const title = heading.cloneNode(true);
        for (const formula of title.querySelectorAll("mjx-container")) {
            formula.replaceWith(formula.querySelector("mjx-assistive-mml")?.textContent ?? "");
        }
        return title.textContent.replace(/\\s+/g, " ").trim();
    });
}"""
FILL = """(numbers) => {
    for (const place of document.querySelectorAll(".page-of")) place.textContent = numbers[place.dataset.of] ?? "";
}"""


def pages_of(pdf):
    """On which page of the PDF (from 1) each named destination lies."""
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(pdf))
    places = reader.named_destinations.items()
    return {unquote(name.lstrip("/")): reader.get_destination_page_number(place) + 1 for name, place in places}


def answer(route, site, html):
    """Serve the one page and the files of the site; refuse everything else."""
    address = urlsplit(route.request.url)
    path = (site / unquote(address.path).lstrip("/")).resolve()
    if not route.request.url.startswith(HOME):
        route.abort()
    elif address.path == "/":
        route.fulfill(body=html, content_type="text/html; charset=utf-8")
    elif path.is_relative_to(site) and path.is_file():
        route.fulfill(path=path, content_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream")
    else:
        route.fulfill(status=404, body="")


def print_pdf(html, site, browser):
    """What a running Chromium prints, the page numbers filled in: (bytes of the PDF, its headings as they read)."""
    page = browser.new_page(viewport={"width": WIDTH, "height": 900})
    page.set_default_timeout(PATIENCE)
    page.route("**/*", lambda route: answer(route, site, html))
    page.emulate_media(media="print", reduced_motion="reduce", color_scheme="light")
    page.goto(HOME, wait_until="load")
    titles = page.evaluate(READY)
    options = {"prefer_css_page_size": True, "print_background": True}
    page.evaluate(FILL, pages_of(page.pdf(**options)))
    printed = page.pdf(**options, outline=True, tagged=True)
    page.close()
    return printed, titles


def outline(item):
    """The entries of an outline, as dictionaries of the PDF, in reading order."""
    while item is not None:
        item = item.get_object()
        if "/Title" in item:
            yield item
        yield from outline(item.get("/First"))
        item = item.get("/Next")


def finish(pdf, titles, citation):
    """The PDF with the headings' own words in its outline (a print has them as they are broken) and who wrote it."""
    from pikepdf import ObjectStreamMode, Pdf
    from pypdf import PdfWriter
    from pypdf.generic import NameObject, TextStringObject

    writer = PdfWriter(clone_from=BytesIO(pdf))
    entries = list(outline(writer.root_object.get("/Outlines")))
    if len(entries) == len(titles):
        for entry, title in zip(entries, titles, strict=True):
            entry[NameObject("/Title")] = TextStringObject(title)
    writer.compress_identical_objects()
    writer.metadata = {"/Title": citation["title"], "/Author": people(citation)}
    plain, packed = BytesIO(), BytesIO()
    writer.write(plain)
    with Pdf.open(plain) as whole:  # a hundred thousand tags for those who listen, in streams that are compressed
        whole.save(packed, object_stream_mode=ObjectStreamMode.generate)
    return packed.getvalue()


def chromium():
    """Path of a Chromium on this machine."""
    from tests.browser.chromium import find

    path = find()
    if path is None:
        raise Trouble(
            "No Chromium was found, and it is what prints the PDF: install Chromium or Chrome, "
            "or name the one you have: CHROMIUM=/path/to/it make pdf"
        )
    return path


def main(site=SITE, target=PDF):
    """Print the book in the folder ``site`` to ``target``."""
    from playwright.sync_api import Error, sync_playwright

    site, target, path = Path(site).resolve(), Path(target), chromium()
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    html = assemble(site, citation)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        except Error as error:
            raise Trouble(f"Chromium at {path} did not start: {str(error).splitlines()[0]}") from error
        printed = finish(*print_pdf(html, site, browser), citation)
        browser.close()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(printed)
    print(f"The book as one PDF, {len(printed) / 1e6:.0f} MB: {target}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Trouble as trouble:
        sys.exit(str(trouble))
