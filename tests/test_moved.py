"""Old addresses of sections lead on: book/moved.yml against the built pages."""

import re

import pytest
import yaml
from bs4 import BeautifulSoup

from .conftest import ROOT, build_book, pages_of
from .test_build import tiny_book

MOVED = yaml.safe_load((ROOT / "book" / "moved.yml").read_text()) or {}
ENTRIES = [(page, anchor, str(to)) for page, anchors in MOVED.items() for anchor, to in anchors.items() if anchor]


@pytest.fixture(scope="module")
def ids(site):
    """{page: its anchors}, {page: the anchors that lead on, with where to}."""
    real, leading = {}, {}
    for path in sorted(site.glob("book/*.html")):
        page = BeautifulSoup(path.read_text(), "html.parser")
        lines = page.select("article p.moved[id]")
        leading[path.stem] = {line["id"]: line.a["href"] for line in lines}
        for line in lines:
            line.decompose()
        real[path.stem] = {element["id"] for element in page.select("article [id]")}
    return real, leading


@pytest.mark.parametrize("page, anchor, to", ENTRIES, ids=lambda part: part)
def test_an_old_address_leads_to_a_section_that_is_there(ids, page, anchor, to):
    real, leading = ids
    assert page in real, f"moved.yml: {page} is no page; give its anchors to the page that took its place."
    target, _, place = to.partition("#")
    assert re.fullmatch(r"[\w-]+\.html", target) and target.removesuffix(".html") in real, f"moved.yml: no page {to}"
    assert place in real[target.removesuffix(".html")] if place else True, f"moved.yml: {to} has no such section."
    assert anchor not in real[page], f"moved.yml: {page}.html#{anchor} is a section of the page; take it off the list."
    assert leading[page][anchor] == to


def test_a_page_that_is_gone_leads_to_the_one_that_took_its_place(site):
    gone = {page: anchors for page, anchors in MOVED.items() if "" in anchors}
    assert set(gone) == {path.stem for path in site.glob("book/*.html")} - {path.stem for path in pages_of(site)}
    for page, anchors in gone.items():
        stub = BeautifulSoup((site / "book" / f"{page}.html").read_text(), "html.parser")
        to = stub.select_one("link[rel=canonical]")["href"]
        assert to == anchors[""] and (site / "book" / to).is_file()
        assert (
            stub.select_one("noscript meta")["content"] == f"0; url={to}" and stub.select_one("article a")["href"] == to
        )
        assert all(stub.select_one(f"p.moved#{anchor} a")["href"] == anchors[anchor] for anchor in anchors if anchor)


def test_every_line_that_leads_on_is_in_the_list(ids):
    _, leading = ids
    assert {(page, anchor) for page, lines in leading.items() for anchor in lines} == {entry[:2] for entry in ENTRIES}


def test_a_line_names_the_section_it_leads_to(tmp_path):
    folder = tiny_book(tmp_path)
    (folder / "book" / "two.md").write_text("# Two\n\nA page of words enough to be one.\n\n## A part: here\n\nWords.\n")
    (folder / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nchapters: [{file: book/likelihood}, {file: book/two}]\n"
    )
    (folder / "book" / "moved.yml").write_text("index: {a-part: two.html#a-part-here, gone: two.html}\n")
    result = build_book(folder, tmp_path)
    assert result.returncode == 0, result.stderr
    page = BeautifulSoup((tmp_path / "_build/html/book/index.html").read_text(), "html.parser")
    assert [(line["id"], line.get_text(), line.a["href"]) for line in page.select("p.moved")] == [
        ("a-part", "This section is now: A part: here, on the page Two.", "two.html#a-part-here"),
        ("gone", "This section is now: Two.", "two.html"),
    ]
