"""Cells on the page: the text of code is kept, checks and imports fold, answers wait."""

import re
import sys

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from .conftest import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
import boxes  # noqa: E402
import cells  # noqa: E402

CODE = 'def f(x):\n    """One.\n\n    Two.\n    """\n\n    return x < 2 and "&"\n'


def parse(html):
    return BeautifulSoup(html, "html.parser")


def cell(code, tags="", output=""):
    drawn = highlight(code, PythonLexer(), HtmlFormatter())
    shown = f'<div class="cell_output"><pre>{output}</pre></div>' if output else ""
    return f'<div class="cell {tags}"><div class="cell_input">{drawn}</div>{shown}</div>'


@given(st.text(st.sampled_from("ab (\"'=#<&>\n    \\é")))
def test_wrapping_lines_keeps_the_text_of_any_code(code):
    html = highlight(code, PythonLexer(ensurenl=True), HtmlFormatter())
    before, after = parse(html).pre.get_text(), parse(cells.wrap_lines(html)).pre.get_text()
    assert after == closer(before if before.endswith("\n") else before + "\n")


def closer(code):
    """Without an empty line after an empty line."""
    found = code.removesuffix("\n").split("\n")
    return "".join(line + "\n" for i, line in enumerate(found) if line or i == 0 or found[i - 1])


def test_every_line_knows_its_indent():
    lines = parse(cells.wrap_lines(highlight(CODE, PythonLexer(), HtmlFormatter()))).select("pre > .line")
    assert "".join(line.get_text() for line in lines) == CODE
    for line in lines:
        text = line.get_text().rstrip("\n")
        indent = int(re.search(r"\d+", line["style"])[0]) if line.has_attr("style") else 0
        assert indent == len(text) - len(text.lstrip(" "))
        assert "\n" not in text


def test_other_preformatted_text_is_left_alone():
    html = '<pre>a\n  b</pre><div class="highlight">no code</div>'
    assert cells.wrap_lines(html) == html


@pytest.mark.parametrize(
    "code, count",
    [
        ("assert a\n", "1 statement checked"),
        ("assert a\nassert b\nassert c\n", "3 statements checked"),
        ("for x in y:\n    assert x\nassert a\n", "2 statements checked"),
        ("d = '''\nassert no\n'''\nassert d\n", "1 statement checked"),
    ],
)
def test_a_checked_cell_says_how_many_statements_hold_and_unfolds(code, count):
    page = parse(cell(code, "tag_checked"))
    cells.fold_checks(page)
    box = page.find("details", class_="fold-checked")
    assert box.summary.get_text() == f"✓ {count}"
    assert not box.has_attr("open")
    assert box.select_one("div.cell pre").get_text() == code


def test_only_an_opening_cell_of_imports_folds():
    imports = "import numpy as np\nfrom a import (\n    b,\n)\n\nuse_style()\n"
    for code, folds in (
        (imports, True),
        (imports + "x = 1\n", False),
        ("use_style()\n", False),
        ("import a b\n", False),
    ):
        page = parse(cell(code) + cell("import late\n"))
        cells.fold_imports(page)
        assert [bool(c.find("details")) for c in page.select("div.cell")] == [folds, False], code


def test_answers_and_the_checks_after_them_wait_in_one_box():
    page = parse(
        "<p>before</p>"
        + cell("a\n", "tag_answer", "1")
        + cell("assert a\n", "tag_checked")
        + '<div class="tag-answer"><p>reading</p></div><p>after</p>'
        + cell("assert b\n", "tag_checked")
        + cell("c\n", "tag_hide-input tag_answer", "2")
    )
    cells.fold_answers(page)
    cells.fold_checks(page)
    first, second = page.select("details.fold-answer")
    assert [part.name for part in first.find_all(recursive=False)] == ["summary", "div", "details", "div"]
    assert len(second.select("div.cell")) == 1
    assert [part.get_text() for part in page.find_all("p", recursive=False)] == ["before", "after"]
    assert len(page.find_all("details", class_="fold-checked", recursive=False)) == 1


def test_numbers_that_vary_are_marked_beside_them_and_no_others():
    page = parse(cell("a\n", "tag_nbval-ignore-output", "1") + cell("b\n", "", "2"))
    cells.mark_varying(page)
    first, second = page.select("div.cell_output")
    assert first.find(class_="varies").get_text() == "≈ varies a little"
    assert not second.find(class_="varies")


TOLD = "One.\n```{note}\nTwo.\n```"


def test_tagged_prose_is_handed_over_and_other_cells_are_not_touched():
    def notebook():
        return {
            "cells": [
                {
                    "cell_type": "markdown",
                    "metadata": {"tags": ["answer"]},
                    "source": ["One.\n", "```{note}\nTwo.\n```"],
                },
                {"cell_type": "markdown", "metadata": {}, "source": ["Three."]},
                {"cell_type": "code", "metadata": {"tags": ["answer"]}, "source": ["x"]},
            ]
        }

    first, *others = cells.tag_prose(notebook())["cells"]
    assert re.fullmatch(r":{10}\{container\} tag-answer\nOne\.\n```\{note\}\nTwo\.\n```\n:{10}", first["source"])
    assert others == notebook()["cells"][1:]


CARD = """<div class="admonition chapter-card"><p class="admonition-title">In this chapter</p>
<p><strong>The question.</strong> Why?</p><p><strong>You will be able to</strong></p><ul><li>do it;</li></ul>
<p><strong>Minutes.</strong> 10</p><p><strong>Needs.</strong> Nothing.</p></div>"""


def test_the_card_keeps_its_words_and_folds_the_objectives():
    page = parse(CARD)
    boxes.shorten_card(page)
    parts = page.div.find_all(recursive=False)
    assert [part.name for part in parts] == ["p", "p", "div", "details"]
    assert parts[1].get_text(strip=True) == "Why?"
    assert [p.get_text(" ", strip=True) for p in parts[2].find_all("p")] == ["Minutes. 10", "Needs. Nothing."]
    assert parts[3].summary.get_text() == "You will be able to" and parts[3].ul.get_text(strip=True) == "do it;"
    assert not parts[3].has_attr("open")


def test_figures_that_move_and_wide_tables_may_use_the_margin():
    module = '<div class="text_html"><script type="module"></script></div>'
    module = f'<div class="cell"><div class="cell_output">{module}</div></div>'
    table = '<div class="pst-scrollable-table-container"><table><tr>{}</tr></table></div>'
    page = parse(module + table.format("<th>a</th>" * 4) + table.format("<th>a</th>" * 5))
    boxes.widen(page)
    assert "tag_full-width" in page.find(class_="cell")["class"]
    assert ["full-width" in box["class"] for box in page.select(".pst-scrollable-table-container")] == [False, True]


def test_a_picture_with_links_stands_in_the_page_under_its_name():
    page = parse(
        '<a class="reference"><img class="course-map inline" src="../_static/course-map.svg" alt="The map"/></a>'
    )
    boxes.inline_pictures(page)
    assert page.svg["aria-label"] == "The map" and page.svg["role"] == "group"
    assert not page.find("img") and page.find("a") is not None and page.svg.parent.name != "a"
    targets = {link["href"] for link in page.select("svg a")}
    assert "likelihood.html" in targets


def test_of_a_question_cell_the_page_keeps_the_box_and_of_the_box_the_answer_waits():
    option = '<details><summary><span class="mark">▸ </span>So.</summary></details>'
    box = f'<div class="admonition predict question" style="color: red">Why?{option}</div>'
    box = f'<div class="cell_output"><div class="text_html">{box}</div></div>'
    asked = f'<div class="cell tag_predict"><div class="cell_input"><pre>predict("a:b")</pre></div>{box}</div>'
    page = parse(asked + cell("a\n", "tag_answer", "1"))
    cells.show_questions(page)
    cells.fold_answers(page)
    assert [part.name for part in page.find_all(recursive=False)] == ["div", "details"]
    assert page.div.attrs == {"class": ["admonition", "predict", "question"]} and page.div.get_text() == "Why?So."


def test_level_and_minutes_end_the_title_of_an_exercise_and_not_that_of_its_solution():
    title = '<p class="admonition-title"><span>Exercise 1 </span> (Two clubs ●●, 10 minutes)</p>'
    page = parse(
        f'<div class="exercise admonition">{title}</div><div class="solution admonition">{title}</div>'
        '<div class="exercise admonition"><p class="admonition-title">Exercise 2 (No effort)</p></div>'
    )
    boxes.show_efforts(page)
    exercise, solution, bare = page.select(".admonition-title")
    assert exercise.get_text() == "Exercise 1  (Two clubs) ●●○ 10 minutes"
    assert exercise.select_one(".level")["aria-label"] == "thinking"
    assert solution.get_text() == "Exercise 1  (Two clubs)" and bare.get_text() == "Exercise 2 (No effort)"
