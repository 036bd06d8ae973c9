"""Pages made from the others: the cards of formulas in the order of the contents."""

import ast
import importlib
import importlib.util
import json

import nbformat
from bs4 import BeautifulSoup

from .conftest import ROOT, build_book
from .test_book import toc_files
from .test_build import tiny_book

CARD = "```{admonition} On one card\n:class: formula-card\nThe estimate is $\\hat p = s/n$.\n\n$$\n\\ell(p)\n$$\n```"


def text_of(page):
    path = ROOT / "book" / f"{page}.ipynb"
    cells = nbformat.read(path, as_version=4).cells if path.exists() else []
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def test_the_front_page_lists_every_page_with_the_minutes_of_its_card(site):
    page = BeautifulSoup((site / "book" / "index.html").read_text(), "html.parser")
    rows = page.select("article table")[0].select("tr")[1:]
    names = [name.split("/")[-1] for name in toc_files() if (ROOT / f"{name}.ipynb").exists()]
    listed = {row.a["href"]: [cell.get_text() for cell in row.select("td")] for row in rows if row.a}
    assert list(listed) == [f"{name}.html" for name in names]
    for name, (said, reading, exercises) in zip(names, listed.values(), strict=True):
        card = text_of(name).split("**Minutes.** ")[1].split("\n")[0]
        assert said.endswith("?") and card.startswith(reading), name
        assert exercises == "–" or f"{exercises} of exercises" in card, name
    hours = [cell.get_text() for cell in rows[-1].select("td")[1:]]
    for column, said in enumerate(hours, start=1):
        assert said == f"{sum(int(row[column]) for row in listed.values() if row[column] != '–') / 60:.0f}"


def test_the_map_has_every_page_in_its_order():
    picture = BeautifulSoup((ROOT / "book" / "_static" / "course-map.svg").read_text(), "html.parser")
    assert [link["href"] for link in picture.select("a")] == [f"{name.split('/')[-1]}.html" for name in toc_files()[1:]]


def test_the_map_is_drawn_from_the_contents():
    tool = importlib.util.module_from_spec(
        spec := importlib.util.spec_from_file_location("course_map", ROOT / "tools" / "course_map.py")
    )
    spec.loader.exec_module(tool)
    assert tool.TARGET.read_text(encoding="utf-8") == tool.drawn(), (
        "The contents changed. Run: python tools/course_map.py"
    )


def test_the_formulas_are_the_cards_of_all_pages_in_their_order(site):
    page = BeautifulSoup((site / "book" / "formulas.html").read_text(), "html.parser")
    names = [name.split("/")[-1] for name in toc_files()]
    wanted = [f"{name}.html" for name in names if ":class: formula-card" in text_of(name)]
    assert [heading.a["href"] for heading in page.select("article h2")] == wanted


def test_an_edited_card_is_collected_again(tmp_path):
    folder = tiny_book(tmp_path, "# One\n\nAll the cards of the book.\n\n```{formula-cards}\n```\n")
    path, built = folder / "book" / "likelihood.ipynb", tmp_path / "_build" / "html" / "book" / "index.html"
    notebook = json.loads(path.read_text())
    for says in ("The estimate is", "The best is"):
        cell = {"cell_type": "markdown", "id": "b", "metadata": {}, "source": CARD.replace("The estimate is", says)}
        path.write_text(json.dumps({**notebook, "cells": [*notebook["cells"][:1], cell]}))
        result = build_book(folder, tmp_path)
        assert result.returncode == 0, result.stderr
        page = BeautifulSoup(built.read_text(), "html.parser")
        assert page.select_one("article h2 a")["href"] == "likelihood.html"
        assert says in page.article.get_text() and page.select(".math")


def page_of_the_package():
    spec = importlib.util.spec_from_file_location("package", ROOT / "book" / "_ext" / "package.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_module_is_shown_or_said_to_be_inside():
    page, package = page_of_the_package(), ROOT / "mle_helpers"
    rooms = {path.stem for path in package.glob("*.py")} | {path.parent.name for path in package.glob("*/__init__.py")}
    assert {*page.SHOWN, *page.INSIDE} == rooms - {"__init__"}
    said = (ROOT / "book" / "api.md").read_text()
    assert all(f"`{name}`" in said for name in page.INSIDE)


def test_every_public_function_stands_on_the_page_of_the_package(site):
    page = BeautifulSoup((site / "book" / "api.html").read_text(), "html.parser")
    listed = {entry["id"] for entry in page.select("dl.py > dt[id]")}
    for module in page_of_the_package().SHOWN:
        path = ROOT / "mle_helpers" / f"{module}.py"
        loaded = importlib.import_module(f"mle_helpers.{module}")
        if path.is_file():
            body = ast.parse(path.read_text(encoding="utf-8")).body
            names = [node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        else:
            names = loaded.__all__
        wanted = {f"mle_helpers.{module}.{name}" for name in names if not name.startswith("_")}
        assert wanted <= listed, f"{sorted(wanted - listed)} have no docstring, which the page would show."


def test_the_page_of_the_package_shows_signatures_formulas_and_where_a_function_is_met(site):
    page = BeautifulSoup((site / "book" / "api.html").read_text(), "html.parser")
    entry = page.find(id="mle_helpers.estimate.fit").parent
    assert entry.dt.get_text().strip().startswith("fit(logpdf, theta0, x, *, bounds=None")
    assert entry.select(".math") and entry.select_one('a[href$=".html"]')
    assert page.find(id="mle_helpers.models.gaussian_logpdf").parent.select(".math")
    assert page.find(id="mle_helpers.estimate.Fit.standard_errors")
    raw = [code for code in page.article.select("dd p") if "``" in code.get_text() or "$" in code.get_text()]
    assert not raw
