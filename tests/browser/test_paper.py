"""The book as one PDF, read again page by page; the parcel unpacked and opened from the disk; the lost page served."""

import functools
import http.server
import itertools
import re
import shutil
import threading
import unicodedata
import zipfile
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from bs4 import BeautifulSoup
from pypdf import PdfReader

from tools import parcel, pdf
from tools.environment import Trouble

from .. import processes
from . import chromium as found

ROOT = Path(__file__).parents[2]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text())
PRINTED = ("book/index", "book/refresher", "book/references")  # one of each kind of page


@pytest.fixture(scope="module")
def paper(site):
    """The whole book as one page of HTML, parsed."""
    return BeautifulSoup(pdf.assemble(site.resolve(), CITATION), "html.parser")


@pytest.fixture(scope="module", params=[PRINTED, pytest.param(None, marks=pytest.mark.audit)], ids=["three", "all"])
def printed(request, site, chromium):
    """Three pages of the book, or all, as a PDF: (its bytes, the headings in it, the links that were to be printed)."""
    html = pdf.assemble(site.resolve(), CITATION, request.param)
    whole, titles = pdf.print_pdf(html, site.resolve(), chromium)
    links = {link["href"] for link in BeautifulSoup(html, "html.parser").select("a[href]")}
    return pdf.finish(whole, titles, CITATION), titles, links


@pytest.fixture(scope="module")
def reader(printed):
    return PdfReader(BytesIO(printed[0]))


@pytest.fixture(scope="module")
def texts(reader):
    """The text of each page, in plain letters: ligatures taken apart, those of formulas upright."""
    return [unicodedata.normalize("NFKC", page.extract_text()) for page in reader.pages]


def entries(reader):
    """[(depth, title, page from 1)] of the outline."""

    def walk(items, depth):
        for item in items:
            if isinstance(item, list):
                yield from walk(item, depth + 1)
            else:
                yield depth, item.title, reader.get_destination_page_number(item) + 1

    return list(walk(reader.outline, 0))


# --- the one page that is printed --------------------------------------------------------------------------


def test_all_pages_are_there_in_the_order_of_the_contents(paper):
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())

    def names(items):
        for item in items:
            yield item["file"].removeprefix("book/")
            yield from names(item.get("sections", []))

    listed = [toc["root"].removeprefix("book/")]
    listed += [name for part in toc["parts"] for name in names(part["chapters"])]
    assert [chapter["id"] for chapter in paper.select("section.chapter")] == listed
    captions = [part["caption"] for part in toc["parts"]]
    assert [title.get_text() for title in paper.select(".part-title")] == captions


def test_every_reference_leads_to_one_place_within(paper):
    ids = [element["id"] for element in paper.find_all(id=True)]
    assert len(ids) == len(set(ids)), f"twice: {sorted({i for i in ids if ids.count(i) > 1})[:5]}"
    for link in paper.select("a[href]"):
        href = link["href"]
        assert re.match("#|https?:|mailto:", href) and not href.startswith(pdf.HOME), f"leads out of the PDF: {link}"
        assert not href.startswith("#") or href[1:] in ids, f"leads nowhere: {link}"
    for use in paper.select("svg use"):
        assert (use.get("href") or use.get("xlink:href"))[1:] in ids, use
    for name in re.findall(r"url\(#([^)]+)\)", str(paper.main)):
        assert name in ids, f"url(#{name}) leads nowhere"


def test_pictures_are_found_and_nothing_comes_from_elsewhere(paper, site):
    for element in paper.select("[src], link[href]"):
        address = element.get("src") or element["href"]
        assert address.startswith((pdf.HOME, "data:")), element
        if address.startswith(pdf.HOME):
            assert (site / address.removeprefix(pdf.HOME).split("?")[0]).is_file(), address


def test_what_is_for_the_screen_is_gone_and_what_was_folded_is_open(paper):
    assert not paper.select("main button, main input, main script, main .d-print-none, main .headerlink")
    assert all(box.has_attr("open") for box in paper.select("details"))
    assert not paper.select("details.fold-checked pre")
    explorers = paper.select("[data-explorer]")
    assert explorers
    for explorer in explorers:
        assert explorer.img and len(explorer.select_one(".moves").get_text().split()) > 8


def test_solutions_are_collected_at_the_end(paper, site):
    sources = [BeautifulSoup(path.read_text(), "html.parser") for path in site.glob("book/*.html")]
    solutions = paper.select("#solutions .solution")
    assert len(solutions) == sum(len(page.select("article .solution")) for page in sources) > 0
    assert not paper.select("section.chapter .solution")
    ways = {a["href"] for a in paper.select("section.chapter .way a")}
    assert ways == {"#" + solution["id"] for solution in solutions}
    for way in paper.select("#solutions .way a"):  # and each leads back to its exercise
        assert "exercise" in paper.find(id=way["href"][1:])["class"], way


def test_numbered_formulas_keep_their_numbers(paper, site):
    for path in site.glob("book/*.html"):
        page = BeautifulSoup(path.read_text(), "html.parser")
        numbers = [number.get_text().strip("#") for number in page.select("article .eqno")]
        places = [paper.find(id=path.stem), paper.find(id=f"solutions-{path.stem}")]
        kept = [number.get_text() for place in places if place for number in place.find_all(class_="eqno")]
        assert sorted(kept) == sorted(numbers), path.stem


# --- the PDF -----------------------------------------------------------------------------------------------


def test_the_outline_is_made_of_the_headings(reader, printed):
    outline = entries(reader)
    assert [title for _, title, _ in outline] == printed[1]
    assert [page for _, _, page in outline] == sorted(page for _, _, page in outline)
    assert {depth for depth, _, _ in outline} >= {0, 1, 2}
    top = [title for depth, title, _ in outline if depth == 0]
    assert top[0] == "Contents" and top[-1] == "Solutions"


def test_the_headings_stand_on_the_pages_that_the_outline_names(reader, texts):
    for _, title, page in entries(reader):
        words = re.findall(r"[A-Za-z]{4,}", title)
        text = re.sub(r"\s+", "", texts[page - 1]).lower()
        assert all(word.lower() in text for word in words), f"{title!r} is not on page {page}"


def test_every_page_but_the_cover_bears_its_number(texts):
    assert CITATION["title"].split(":")[0] in texts[0]
    for number, text in enumerate(texts[1:], start=2):
        assert re.search(rf"^\s*{number}\s*$", text, re.MULTILINE), f"page {number} does not say so"


def test_the_contents_name_the_right_pages(reader, texts):
    before = itertools.takewhile(lambda entry: entry[1] != "Solutions", entries(reader))  # chapters come again in there
    places = {}
    for _, title, page in sorted((entry for entry in before if entry[0] < 3), key=lambda entry: entry[0]):
        places.setdefault(title, page)  # a deeper page stands among the sections of the page that it hangs below
    places["Solutions"] = next(page for _, title, page in entries(reader) if title == "Solutions")
    listed = re.findall(r"^\s*(.*?\S)\s+(\d+)\s*$", texts[1], re.MULTILINE)
    assert len(listed) >= len(PRINTED)
    for title, page in listed:
        assert places[title] == int(page), title


def test_every_link_is_in_the_pdf_and_leads_somewhere(reader, printed):
    inside, outside = set(), set()
    for page in reader.pages:
        for note in page.get("/Annots", []):
            note = note.get_object()
            if note.get("/Subtype") == "/Link":
                action = note.get("/A", {})
                if "/URI" in action:
                    outside.add(action["/URI"])
                else:
                    inside.add(unquote((note.get("/Dest") or action.get("/D")).lstrip("/")))
    assert inside <= {unquote(name.lstrip("/")) for name in reader.named_destinations}
    assert inside == {unquote(link[1:]) for link in printed[2] if link.startswith("#")}
    assert outside == {link for link in printed[2] if not link.startswith("#")}


def test_formulas_are_set_and_solutions_come_last(reader, texts):
    whole = "\n".join(texts)
    assert not re.search(r"\\\(|\\\[|\\frac|\\sum|\\hat", whole), "a formula is left as it was written"
    assert "μ" in whole
    (start,) = (page for depth, title, page in entries(reader) if (depth, title) == (0, "Solutions"))
    first = next(number for number, text in enumerate(texts, start=1) if "Solution to Exercise" in text)
    assert first >= start
    pages = [int(page) for page in re.findall(r"Solution\s+on\s+page\s+(\d+)", whole)]
    assert pages and start <= min(pages) and max(pages) <= len(texts)


def test_it_says_who_wrote_it_is_tagged_and_light(reader, printed):
    assert reader.metadata.title == CITATION["title"]
    assert reader.metadata.author == CITATION["authors"][0]["name"]
    assert reader.root_object["/MarkInfo"]["/Marked"]
    assert reader.root_object["/Lang"] == "en"
    assert len(printed[0]) < 15e6


def test_without_chromium_a_sentence_says_what_to_do(monkeypatch):
    monkeypatch.setattr(found, "find", lambda: None)
    with pytest.raises(Trouble, match="No Chromium was found.*install Chromium"):
        pdf.chromium()


def test_without_a_built_book_a_sentence_says_what_to_do(tmp_path):
    with pytest.raises(Trouble, match="build the book first"):
        pdf.assemble(tmp_path, CITATION)


# --- the parcel --------------------------------------------------------------------------------------------


def test_the_parcel_opens_from_the_disk(chromium, site, tmp_path):
    parcel.pack(site, tmp_path / "site.zip")
    with zipfile.ZipFile(tmp_path / "site.zip") as whole:
        whole.extractall(tmp_path)
    home = (tmp_path / parcel.FOLDER).as_uri()
    page = chromium.new_page()
    page.set_default_timeout(1000 * processes.SLOW)
    troubles = []
    # What is aborted was still on its way when the page led on to the next.
    page.on("requestfailed", lambda request: request.failure != "net::ERR_ABORTED" and troubles.append(request.url))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: request.url.startswith(("file:", "data:")) or troubles.append(request.url))
    page.goto(f"{home}/index.html")
    page.wait_for_url(f"{home}/book/index.html")
    page.goto(f"{home}/book/gaussian.html")
    page.wait_for_selector("article mjx-container", state="attached")  # the first may be folded away
    assert not troubles
    page.close()


# --- lost addresses ----------------------------------------------------------------------------------------


class Lost(http.server.SimpleHTTPRequestHandler):
    """Answers what it does not have with 404.html, as GitHub Pages does."""

    def log_message(self, *args):
        pass

    def send_error(self, code, message=None, explain=None):
        body = (Path(self.directory) / "some/course/404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@pytest.fixture(scope="module")
def elsewhere(site, tmp_path_factory):
    """Address of a server that has the site two folders down."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(site, folder / "some" / "course")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Lost, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("lost", ["gone.html", "book/gone.html", "book/deep/down/gone", "some/where/else.html"])
def test_from_a_lost_address_the_links_lead_to_the_pages(chromium, elsewhere, lost):
    page = chromium.new_page()
    page.set_default_timeout(1000 * processes.SLOW)
    reply = page.goto(f"{elsewhere}/some/course/{lost}")
    assert reply.status == 404
    page.wait_for_selector("html[data-found='/some/course/']", state="attached")
    page.get_by_role("link", name="The Gaussian").click()
    page.wait_for_url(f"{elsewhere}/some/course/book/gaussian.html")
    assert page.locator("article h1").count() == 1
    page.close()


def test_the_lost_page_searches(chromium, elsewhere):
    page = chromium.new_page()
    page.set_default_timeout(1000 * processes.SLOW)
    page.goto(f"{elsewhere}/some/course/book/gone.html")
    page.wait_for_selector("html[data-found]", state="attached")
    page.get_by_label("Search the course").fill("score")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url(f"{elsewhere}/some/course/search.html?q=score")
    page.close()
