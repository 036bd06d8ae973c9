"""What pages say of themselves elsewhere, how they are cited, what a reader takes away, and the parcel of the site."""

import base64
import hashlib
import importlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import unquote, urljoin
from xml.etree import ElementTree

import numpy as np
import pytest
import yaml
from bs4 import BeautifulSoup
from PIL import Image

from tools import parcel

from .conftest import ROOT, build_book, pages_of
from .test_build import tiny_book

ADDRESS = "https://someone.github.io/some-course/"


@pytest.fixture(scope="module")
def extension():
    """extension(name) -> the module book/_ext/<name>.py."""
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    yield importlib.import_module
    sys.path.remove(str(ROOT / "book" / "_ext"))


@pytest.fixture(scope="module")
def pages(site):
    return {path: BeautifulSoup(path.read_text(), "html.parser") for path in pages_of(site)}


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The folder of a small book that knows its repository."""
    folder = tiny_book(tmp_path_factory.mktemp("published"))
    shutil.copy(ROOT / "CITATION.cff", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOOK_REPOSITORY", "https://github.com/Someone/some-course")
        patch.delenv("BOOK_ADDRESS", raising=False)
        result = build_book(folder, folder)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder / "_build" / "html"


def properties(page):
    return {meta["property"]: meta["content"] for meta in page.select('meta[property^="og:"]')}


# --- previews and addresses --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        ("https://github.com/Someone/some-course", ADDRESS),
        ("https://github.com/someone/some-course.git", ADDRESS),
        ("https://github.com/Someone/someone.github.io", "https://someone.github.io/"),
        ("https://github.com/someone", ""),
        ("https://gitlab.com/someone/some-course", ""),
        ("", ""),
    ],
)
def test_a_repository_on_github_tells_where_its_pages_are(extension, repository, address):
    assert extension("shared").pages_address(repository) == address


def test_every_page_has_a_preview_of_its_own(pages):
    titles, pictures = [], []
    for path, page in pages.items():
        said = properties(page)
        assert said["og:description"] == page.find("meta", attrs={"name": "description"})["content"], path.name
        titles.append(said["og:title"])
        assert said["og:title"] in " ".join(page.article.h1.get_text().split()), path.name
        picture = (path.parent / said["og:image"]).resolve()
        with Image.open(picture) as card:
            assert card.size == (int(said["og:image:width"]), int(said["og:image:height"])) == (1200, 630)
        assert picture.stat().st_size < 300e3, f"{picture.name} is too heavy for a preview"
        assert len(said["og:image:alt"].split()) >= 5, path.name
        pictures.append(picture.read_bytes())
    assert len(set(titles)) == len(titles)
    assert len(set(pictures)) == len(pictures)


def test_the_front_is_a_website_and_the_others_are_articles(pages):
    kinds = {path.stem: properties(page)["og:type"] for path, page in pages.items()}
    assert kinds.pop("index") == "website"
    assert set(kinds.values()) == {"article"}


def test_the_site_s_own_address_shows_the_front_page_s_preview(site, pages):
    root = properties(BeautifulSoup((site / "index.html").read_text(), "html.parser"))
    front = properties(pages[site / "book" / "index.html"])
    assert (site / root.pop("og:image")).is_file()
    front.pop("og:image")
    assert root == front


def test_without_an_address_no_page_claims_one(site, pages):
    known = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
    if known or os.environ.get("BOOK_REPOSITORY") or os.environ.get("BOOK_ADDRESS"):
        pytest.skip("This book knows its address.")
    assert not (site / "sitemap.xml").exists()
    for path, page in pages.items():
        assert not page.select("link[rel=canonical]"), path.name
        assert "og:url" not in properties(page), path.name


def test_a_known_address_is_canonical_and_makes_pictures_absolute(published):
    for name in ("index", "likelihood"):
        page = BeautifulSoup((published / f"book/{name}.html").read_text(), "html.parser")
        said, address = properties(page), f"{ADDRESS}book/{name}.html"
        assert [link["href"] for link in page.select("link[rel=canonical]")] == [address]
        assert said["og:url"] == address
        assert said["og:image"].startswith(ADDRESS)
        assert (published / said["og:image"].removeprefix(ADDRESS)).is_file()
        assert address in page.select_one(".takeaway pre").get_text()


def test_the_sitemap_lists_exactly_the_pages(published):
    tree = ElementTree.parse(published / "sitemap.xml")
    listed = [loc.text for loc in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert sorted(listed) == sorted(f"{ADDRESS}book/{path.name}" for path in pages_of(published))


def test_an_address_that_is_given_wins(extension, monkeypatch):
    class Config:
        html_baseurl = ""
        html_theme_options = {"repository_url": "https://github.com/someone/some-course"}

    monkeypatch.setenv("BOOK_ADDRESS", "https://course.example")
    extension("shared").set_address(None, Config)
    assert Config.html_baseurl == "https://course.example/"


def test_a_card_shows_the_figure_and_the_words(extension, tmp_path):
    cards = extension("social_cards")
    red = io.BytesIO()
    Image.new("RGB", (400, 300), (200, 0, 0)).save(red, "PNG")
    cards.draw_card(tmp_path / "with.png", "Course: below", "A title", "A question?", red.getvalue())
    cards.draw_card(tmp_path / "without.png", "Course: below", "A title", "A question?")
    cards.draw_card(tmp_path / "longer.png", "Course: below", "A title", "Another question? " * 40)
    share = {}
    for path in tmp_path.glob("*.png"):
        pixels = np.asarray(Image.open(path).convert("RGB"))
        share[path.stem] = np.mean((pixels[..., 0] > 180) & (pixels[..., 1] < 40))
        assert (pixels[-30:, 16:] >= 250).all(), f"{path.name}: something runs into the lower edge"
    assert share["with"] > 0.2 > share["without"]


def test_the_first_figure_is_that_of_the_notebook(extension, tmp_path):
    picture = base64.b64encode(b"a picture").decode()
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# One"},
        {"cell_type": "code", "metadata": {}, "outputs": [{"output_type": "stream", "text": "1"}]},
        {
            "cell_type": "code",
            "metadata": {"mystnb": {"image": {"alt": "What it shows."}}},
            "outputs": [{"output_type": "display_data", "data": {"image/png": [picture[:5], picture[5:]]}}],
        },
    ]
    (tmp_path / "one.ipynb").write_text(json.dumps({"cells": cells}))
    first_figure = extension("social_cards").first_figure
    assert first_figure(tmp_path / "one.ipynb") == (b"a picture", "What it shows.")
    assert first_figure(tmp_path / "one.md") == (None, "")


# --- what a reader takes away ------------------------------------------------------------------------------


def test_every_notebook_can_be_taken_home_and_holds_its_results(pages):
    for path, page in pages.items():
        source = ROOT / "book" / f"{path.stem}.ipynb"
        links = [link for link in page.select(".takeaway a[download]") if link["href"].endswith(".ipynb")]
        assert len(links) == source.is_file(), path.name
        for link in links:
            taken, stored = (
                json.loads(p.read_text()) for p in ((path.parent / unquote(link["href"])).resolve(), source)
            )
            for output in (output for cell in stored["cells"] for output in cell.get("outputs", [])):
                output.get("data", {}).pop("image/svg+xml", None)  # the picture beside it stays
            assert taken == stored, path.name


def test_every_page_says_how_to_cite_it(pages):
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    keys = []
    for path, page in pages.items():
        (box,) = page.select(".takeaway details")
        entry = box.pre.get_text()
        keys.append(entry[entry.index("{") + 1 : entry.index(",")])
        assert entry.count("{") == entry.count("}"), path.name
        for part in (cited["title"], cited["authors"][0]["name"], str(cited["version"])):
            assert part in entry and part in box.p.get_text(), f"{path.name}: {part}"
    assert len(set(keys)) == len(keys)


def test_bibtex_keeps_persons_apart_and_signs_harmless(extension):
    cited = {
        "title": "Bits & nats_100%",
        "version": 2,
        "date-released": "2030-05-01",
        "authors": [{"given-names": "Ada", "family-names": "L"}, {"name": "The Others"}],
    }
    entry = extension("takeaway").bibtex(cited, "page", "On #1", False, "https://a.b/c_d.html")
    assert "author = {L, Ada and {The Others}}" in entry
    assert r"booktitle = {Bits \& nats\_100\%}" in entry and r"title = {On \#1}" in entry
    assert "year = {2030}" in entry and "url = {https://a.b/c_d.html}" in entry
    assert entry.startswith("@incollection{maximum-likelihood-page,")


def test_the_package_beside_the_pages_installs_and_runs(site, tmp_path):
    (wheel,) = site.glob("_downloads/*.whl")
    with zipfile.ZipFile(wheel) as inside:
        (record,) = (name for name in inside.namelist() if name.endswith("RECORD"))
        lines = [line.split(",") for line in inside.read(record).decode().splitlines()]
        assert {name for name, _, _ in lines} == set(inside.namelist())
        for name, digest, _ in lines[:-1]:
            sum_ = base64.urlsafe_b64encode(hashlib.sha256(inside.read(name)).digest()).decode().rstrip("=")
            assert digest == f"sha256={sum_}", name
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target", tmp_path, wheel]
    result = subprocess.run(pip, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    use = (
        "import mle_helpers, mle_helpers.datasets as d, mle_helpers.explorers\n"
        "d.load_horse_kicks()\n"
        "print(mle_helpers)\n"
        "from mle_helpers.practice.questions import PRACTICE, load\n"
        "print([page for page in sorted(path.stem for path in PRACTICE.glob('*.yml')) if load(page)])\n"
        "from mle_helpers.practice import check\n"
        "print(check('six-heads-likelihood', lambda p: p**6))"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    result = subprocess.run([sys.executable, "-c", use], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert str(tmp_path) in result.stdout
    questions = sorted(path.stem for path in (ROOT / "book" / "practice").glob("*.yml"))
    assert result.stdout.splitlines()[-2] == str(questions)
    assert result.stdout.splitlines()[-1].startswith("Right.")


def test_every_page_offers_that_package_beside_its_notebook(pages):
    for path, page in pages.items():
        wheels = [link["href"] for link in page.select(".takeaway a[download]") if link["href"].endswith(".whl")]
        assert len(wheels) == (ROOT / "book" / f"{path.stem}.ipynb").is_file(), path.name
        for href in wheels:
            assert (path.parent / href).resolve().is_file(), path.name


# --- the page for lost addresses ---------------------------------------------------------------------------


def test_the_lost_page_is_whole_in_itself_and_lists_every_page(site, pages):
    lost = BeautifulSoup((site / "404.html").read_text(), "html.parser")
    assert not lost.select("[src], link")
    listed = [link["href"] for link in lost.select("li a")]
    assert sorted(site / urljoin("", href) for href in listed) == sorted(pages)
    assert (site / lost.form["action"]).is_file()


def test_where_the_address_is_known_the_lost_page_links_from_there(published):
    lost = BeautifulSoup((published / "404.html").read_text(), "html.parser")
    for href in [link["href"] for link in lost.select("li a")] + [lost.form["action"]]:
        assert href.startswith(ADDRESS) and (published / href.removeprefix(ADDRESS)).is_file()


# --- the parcel --------------------------------------------------------------------------------------------


def test_the_same_site_makes_the_same_parcel(tmp_path):
    for place, when in (("one", 1_000_000_000), ("two", 1_500_000_000)):
        folder = tmp_path / place / "html"
        (folder / "book").mkdir(parents=True)
        for name in ("index.html", "book/b.html", "book/a.html", ".buildinfo"):
            (folder / name).write_text(name)
            os.utime(folder / name, (when, when))
        parcel.main(folder, tmp_path / f"{place}.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as whole:
        names = whole.namelist()
        assert whole.read(f"{parcel.FOLDER}/book/a.html") == b"book/a.html"
    assert names == sorted(names) and not any("buildinfo" in name for name in names)
    assert {f"{parcel.FOLDER}/{name}" for name in ("LICENSE", "LICENSE-CONTENT", "CITATION.cff")} <= set(names)


def test_without_a_built_book_a_sentence_says_what_to_do(tmp_path):
    command = [sys.executable, "-m", "tools.parcel", tmp_path / "nothing", tmp_path / "zip"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert "build it first" in line and not Path(tmp_path / "zip").exists()
