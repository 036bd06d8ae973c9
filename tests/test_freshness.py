"""A build of what was edited leaves nothing stale: after each edit the site equals one built anew, file by file."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from .conftest import ROOT, build_book
from .test_build import tiny_book

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
)
PAGES = {
    "index.md": "# Welcome\n\nThe first page of a book that is edited again and again.\n",
    "one.md": "# One\n\nSee [](#a-part), {eq}`eq-one` and {cite}`fisher1922`.\n\n"
    "$$x = 1$$ (eq-one)\n\n```{exercise} Count\n:label: ex-one\nCount to one, with care.\n```\n",
    "two.md": "# Two\n\nA page with [](one.md) in it, and {ref}`ex-one`.\n\n"
    "(a-part)=\n## Part\n\nA part of the page, with words.\n",
    "references.md": "# References\n\n```{bibliography}\n:filter: cited\n```\n",
}
TOC = "format: jb-book\nroot: book/index\nparts:\n- caption: A part\n  numbered: 1\n  chapters:\n"


def notebook(picture):
    data = {"image/png": PNG[picture], "text/plain": ["<Figure>"]}
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    alt = {"mystnb": {"image": {"alt": "One dot of one colour and no more"}}}
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Picture\n\nOne dot is drawn below this."},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": alt,
            "source": "draw()",
            "execution_count": 1,
            "outputs": [output],
        },
    ]
    cells[1]["outputs"] = [output]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


class Book:
    """A small book with the course's own settings, and what its site held after the build before."""

    def __init__(self, folder):
        self.folder = tiny_book(folder / "source")
        (self.folder / "book" / "likelihood.ipynb").unlink()
        for name, text in PAGES.items():
            self.write(f"book/{name}", text)
        self.write("book/picture.ipynb", notebook(0))
        shutil.copy(ROOT / "references.bib", self.folder)
        self.contents("one", "two", "picture", "references")
        self.output, self.anew = folder / "kept", folder / "anew"

    def write(self, name, text, date=None):
        path = self.folder / name
        path.write_text(text)
        if date:
            os.utime(path, (date, date))

    def change(self, name, old, new, date=None):
        before = (self.folder / name).read_text()
        assert before.count(old) == 1
        self.write(name, before.replace(old, new), date)

    def contents(self, *names):
        self.write("_toc.yml", TOC + "".join(f"  - file: book/{name}\n" for name in names))

    def build(self, output, *options):
        result = build_book(self.folder, output, *options)
        return result.returncode, result.stdout + result.stderr

    def site(self, output):
        site = output / "_build" / "html"
        return {str(path.relative_to(site)): path.read_bytes() for path in site.rglob("*") if path.is_file()}

    def rewritten(self):
        """Build what changed; the pages that were written, by the time of their files."""
        pages = sorted((self.output / "_build" / "html" / "book").glob("*.html"))
        before = {path: path.stat().st_mtime_ns for path in pages}
        code, said = self.build(self.output)
        assert code == 0, said
        return {path.stem for path in pages if path.exists() and path.stat().st_mtime_ns != before[path]}

    def equals_one_built_anew(self):
        code, said = self.build(self.anew, "--cold")
        assert code == 0, said
        kept, anew = self.site(self.output), self.site(self.anew)
        assert set(kept) == set(anew)
        different = [name for name in kept if kept[name] != anew[name]]
        assert not different


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("freshness"))
    code, said = book.build(book.output)
    assert code == 0, said
    return book


ROOT_PAGE = {"index"}  # Sphinx writes the page with the contents whenever one of these is written
ALL = {"index", "one", "two", "picture", "references"}


def test_an_edited_page_alone_is_written_whatever_its_date(book):
    book.change("book/two.md", "with words", "with other words", date=1_000_000_000)
    assert book.rewritten() == {"two", *ROOT_PAGE}
    book.equals_one_built_anew()


def test_without_an_edit_nothing_is_written(book):
    assert book.rewritten() == set()


def test_what_other_pages_show_is_new_everywhere(book):
    book.change("book/two.md", "# Two", "# The second")
    book.change("book/one.md", "{cite}`fisher1922`", "{cite}`aldrich1997`")
    book.change("book/one.md", "{exercise} Count", "{exercise} Reckon")
    book.write("book/picture.ipynb", notebook(1))
    assert book.rewritten() == ALL
    book.equals_one_built_anew()


@pytest.mark.audit
@pytest.mark.parametrize(
    "page, olds, new",
    [
        ("two", ("# Two", "# The second"), "# The second again"),
        ("one", ("{cite}`fisher1922`", "{cite}`aldrich1997`"), "{cite}`fisher1925`"),
        ("one", ("{exercise} Count", "{exercise} Reckon"), "{exercise} Add"),
        ("two", ("## Part",), "## Portion"),
    ],
)
def test_each_thing_that_other_pages_show_is_new_everywhere(book, page, olds, new):
    text = (book.folder / "book" / f"{page}.md").read_text()
    old = next(old for old in olds if old in text)  # the test above may have changed it, or may not be run
    book.change(f"book/{page}.md", old, new)
    assert book.rewritten() == ALL
    book.equals_one_built_anew()


@pytest.mark.audit
def test_a_picture_that_was_replaced_is_gone(book):
    book.write("book/picture.ipynb", notebook(0))
    assert book.rewritten() == {"picture", *ROOT_PAGE}
    book.equals_one_built_anew()


def test_a_warning_is_said_again_until_it_is_mended(book):
    book.change("book/two.md", "with other words", "with [other](nowhere.md) words")
    for _ in range(2):
        code, said = book.build(book.output)
        assert code == 1 and "nowhere.md" in said
    book.change("book/two.md", "with [other](nowhere.md) words", "with words")


def test_a_page_that_is_gone_and_another_style_leave_nothing_behind(book):
    book.change("book/two.md", "[](one.md) in it, and {ref}`ex-one`", "words in it")
    (book.folder / "book" / "one.md").unlink()
    book.contents("picture", "two", "references")
    book.write("book/_static/course.css", (book.folder / "book/_static/course.css").read_text() + "\np { margin: 0 }\n")
    book.rewritten()
    book.equals_one_built_anew()
    assert not (book.output / "_build/html/book/one.html").exists()


@pytest.mark.parametrize(
    "name", ["_config.yml", "references.bib", "book/_ext/book_pages.py", "book/_static/course.css"]
)
def test_what_every_page_depends_on_calls_for_a_build_of_all(book, name):
    from tools.build import fingerprint

    before, text = fingerprint(book.folder), (book.folder / name).read_text()
    book.write(name, text + "\n")
    assert fingerprint(book.folder) != before
    book.write(name, text)
    assert fingerprint(book.folder) == before
    book.write("book/two.md", (book.folder / "book/two.md").read_text() + "\n")
    assert fingerprint(book.folder) == before
    assert fingerprint(book.folder, pages=True) != fingerprint(book.folder)


def test_a_second_build_waits_for_the_first(tmp_path):
    from tools.build import locked

    code = "import sys; from pathlib import Path; from tools.build import locked\nwith locked(Path(sys.argv[1])): pass"
    command = [sys.executable, "-c", code, tmp_path / "lock"]
    with locked(tmp_path / "lock"):
        waiting = subprocess.Popen(command, cwd=ROOT)
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(2)
    assert waiting.wait() == 0
