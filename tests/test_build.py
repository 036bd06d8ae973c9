"""The built pages, read as files: nothing from elsewhere, every link and anchor resolves, no dead button."""

import importlib.util
import os
import re
import shutil
from urllib.parse import unquote, urlparse

import pytest
import yaml
from bs4 import BeautifulSoup

from .conftest import ROOT, build_book
from .test_book import toc_files


@pytest.fixture(scope="module")
def pages(site):
    return {path: BeautifulSoup(path.read_text(), "html.parser") for path in sorted(site.glob("book/*.html"))}


@pytest.fixture(scope="module")
def extension():
    spec = importlib.util.spec_from_file_location("book_pages", ROOT / "book" / "_ext" / "book_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_book_builds_without_a_warning(built):
    _, code, said = built
    assert code == 0, said[-3000:]
    assert "WARNING" not in said


def test_every_page_of_the_contents_is_built(pages):
    assert set(toc_files()) == {f"book/{path.stem}" for path in pages}


def test_nothing_is_fetched_from_elsewhere(site):
    for path in site.rglob("*.html"):
        page = BeautifulSoup(path.read_text(), "html.parser")
        for tag, attribute in (("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src")):
            for element in page.find_all(tag, attrs={attribute: True}):
                assert not re.match(r"(https?:)?//", element[attribute]), f"{path.name}: {element}"
        for script in page.find_all("script", src=False):
            assert not re.search(r"https?://(?!www\.w3\.org)", script.get_text()), f"{path.name}: {script}"
    for path in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", path.read_text()), path.name


def test_links_and_anchors_resolve(pages):
    anchors = {path: {e["id"] for e in page.find_all(id=True)} for path, page in pages.items()}
    for path, page in pages.items():
        for link in page.select("article a[href], nav a[href], footer a[href]"):
            address = urlparse(link["href"])
            if address.scheme or link["href"] == "#":
                continue
            target = (path.parent / unquote(address.path)).resolve() if address.path else path
            assert target.exists(), f"{path.name}: {link['href']} leads nowhere"
            if address.fragment and target in anchors:
                assert unquote(address.fragment) in anchors[target], f"{path.name}: no anchor {link['href']}"


def test_pages_name_themselves(pages):
    titles, descriptions = [], []
    for path, page in pages.items():
        assert page.html["lang"] == "en", path.name
        titles.append(page.title.get_text())
        meta = page.find("meta", attrs={"name": "description"})
        assert meta and len(meta["content"]) > 20, f"{path.name}: no description"
        descriptions.append(meta["content"])
        assert len(page.select("article h1")) == 1, f"{path.name}: a page has one title"
    assert len(set(titles)) == len(titles)
    assert len(set(descriptions)) == len(descriptions)


def test_no_id_stands_twice_on_a_page(pages):
    for path, page in pages.items():
        ids = [element["id"] for element in page.select("article [id]")]
        assert len(ids) == len(set(ids)), f"{path.name}: {sorted({i for i in ids if ids.count(i) > 1})}"


def test_every_image_says_what_it_shows(pages):
    for path, page in pages.items():
        for image in page.select("article img"):
            alt = image.get("alt", "")
            assert len(alt.split()) >= 5, f"{path.name}: alt text {alt!r} of {image.get('src')}"


def test_no_markup_is_left_over(pages):
    for path, page in pages.items():
        article = BeautifulSoup(str(page.article), "html.parser")
        for code in article.select("pre, code, script, style, .math, dt.sig"):
            code.decompose()
        text = article.get_text(" ")
        found = re.search(r":::|\{[a-z-]+\}|\$[^$\n]+\$|\*\*|\]\(", text)
        assert not found, f"{path.name}: {text[max(0, found.start() - 60) : found.end() + 60]!r}"


def test_folded_boxes_are_details_with_a_handle(pages):
    folded = 0
    for path, page in pages.items():
        assert not page.select("article div.dropdown, article .toggle"), path.name
        for box in page.select("article details"):
            folded += 1
            handle = box.find("summary", recursive=False)
            assert handle and handle.get_text(strip=True), f"{path.name}: a folded box without a handle"
            assert not handle.find(["a", "button"]), f"{path.name}: {handle}"
    assert folded > 0


def test_the_site_is_small(site):
    size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    assert size < 25e6, f"The site weighs {size / 1e6:.0f} MB; what got in?"
    assert not list(site.rglob("*.map"))


def tiny_book(folder, text="# One\n\nOne paragraph of words.\n"):
    """The course's own settings around one page and one notebook."""
    shutil.copytree(ROOT / "book" / "_ext", folder / "book" / "_ext")
    shutil.copytree(ROOT / "book" / "_static", folder / "book" / "_static")
    shutil.copy(ROOT / "_config.yml", folder)
    (folder / "_toc.yml").write_text("format: jb-book\nroot: book/index\nchapters: [{file: book/likelihood}]\n")
    (folder / "references.bib").write_text("")
    (folder / "book" / "index.md").write_text(text)
    notebook = '{"cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# A notebook"}],'
    notebook += ' "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},'
    (folder / "book" / "likelihood.ipynb").write_text(notebook + ' "nbformat": 4, "nbformat_minor": 5}')
    return folder


def buttons(page):
    return [link["href"] for link in page.select(".article-header-buttons a[href]")]


def test_launch_buttons_are_there_exactly_if_the_repository_is_known(pages):
    known = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"] or os.environ.get("BOOK_REPOSITORY")
    for path, page in pages.items():
        outside = [href for href in buttons(page) if re.match("https?:", href)]
        assert bool(outside) == bool(known), f"{path.name}: {outside}"
        for href in set(buttons(page)) - set(outside):
            assert (path.parent / unquote(href)).exists(), f"{path.name}: {href}"


def test_with_a_known_repository_binder_opens_the_chapter_in_jupyterlab(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_REPOSITORY", "https://github.com/someone/some-course")
    monkeypatch.setenv("BOOK_BRANCH", "trunk")
    folder = tiny_book(tmp_path)
    (folder / ".pytest_cache").mkdir()
    (folder / ".pytest_cache" / "README.md").write_text("# What a run of the tests leaves is no page of the book")
    result = build_book(folder, tmp_path)
    assert result.returncode == 0, result.stderr
    built = (tmp_path / "_build/html/book/likelihood.html").read_text()
    links = buttons(BeautifulSoup(built, "html.parser"))
    assert "https://mybinder.org/v2/gh/someone/some-course/trunk?urlpath=lab/tree/book/likelihood.ipynb" in links
    assert "https://github.com/someone/some-course" in links


def test_broken_references_stop_the_build(tmp_path):
    broken = "# One\n\nSee [what is not there](nowhere.ipynb), {cite}`nobody1900` and {eq}`eq-nowhere`.\n"
    result = build_book(tiny_book(tmp_path, broken), tmp_path)
    assert result.returncode != 0
    for missing in ("nowhere.ipynb", "nobody1900", "eq-nowhere"):
        assert re.search(f"WARNING.*{missing}", result.stdout + result.stderr), missing


def test_identical_modules_stand_once_and_different_ones_stay(extension):
    one, two = '<script type="module">let a = 1;</script>', '<script type="module">let a = 2;</script>'
    data = '<script type="application/json">{"a": "<\\/b>"}</script>'
    html = extension.tidy(f"<div>{one}{data}</div><div>{two}{data}</div><div>{one}{data}</div>")
    assert html.count("let a = 1;") == 1
    assert html.count("let a = 2;") == 1
    assert html.count(data) == 3


def test_tidying_leaves_ordinary_content_as_it_was(extension):
    html = '<p>a &lt; b &amp; c <code>x  y</code></p>\n<pre>  two\n   lines</pre><img alt="é θ̂" src="a.png"/>'
    assert extension.tidy(html) == html
