"""Questions on the page, cards of formulas, and old addresses that lead on, in a real Chromium."""

import pytest
import yaml

from ..conftest import ROOT

ASKING = sorted(path.stem for path in (ROOT / "book" / "practice").glob("*.yml"))
MOVED = yaml.safe_load((ROOT / "book" / "moved.yml").read_text()) or {}
OPTION = "article .question:has(+ details.fold-answer) > details"


@pytest.mark.parametrize("page_name", ASKING)
def test_a_question_waits_folded_and_whoever_answers_sees_what_happens(open_page, page_name):
    page = open_page(f"book/{page_name}.html", scheme="file", width=390)
    questions = page.locator("article .question")
    asked = yaml.safe_load((ROOT / "book" / "practice" / f"{page_name}.yml").read_text())["predict"]
    assert questions.count() == len(asked)
    assert page.locator("article .question details[open]").count() == 0
    assert (
        page.locator("article .question .math mjx-container").count() == page.locator("article .question .math").count()
    )
    assert "predict(" not in page.locator("article").inner_text()
    option = page.locator(OPTION).first
    if option.count():
        happens = option.locator("xpath=..").locator("+ details.fold-answer")
        assert not happens.evaluate("(box) => box.open")
        option.locator("summary").focus()
        page.keyboard.press("Enter")
        assert option.locator(".reason").is_visible()
        page.wait_for_function("(box) => box.open", arg=happens.element_handle())
    assert not page.troubles


def test_a_question_prints_with_its_reasons(open_page):
    page = open_page(f"book/{ASKING[0]}.html", java_script_enabled=False, scheme="file")
    reason = page.locator("article .question .reason").first
    assert not reason.is_visible()
    page.emulate_media(media="print")
    assert reason.is_visible()


def test_the_cards_of_formulas_fit_a_phone(open_page):
    """As wide as in their box on a page of 390 px."""
    page = open_page("book/formulas.html", width=362)
    wide = page.evaluate(
        """() => [...document.querySelectorAll("article section section div.math mjx-container")].map((formula) => {
            const [needs, has] = [formula.firstElementChild, formula.parentElement].map((part) =>
                Math.round(part.getBoundingClientRect().width));
            return needs > has + 1 && `${formula.closest("section").id}: ${needs} of ${has} px`;
        }).filter(Boolean)"""
    )
    assert not wide, f"these cards scroll sideways on a phone; break their lines: {wide}"


@pytest.mark.parametrize("scheme", ["http", "file"])
@pytest.mark.parametrize("old", sorted(MOVED))
def test_an_old_address_ends_at_the_new_one(open_page, roots, scheme, old):
    anchor, to = next(iter(MOVED[old].items()))
    page = open_page("book/references.html", scheme=scheme)
    page.goto(f"{roots[scheme]}/book/{old}.html#{anchor}", wait_until="commit")
    page.wait_for_url(f"{roots[scheme]}/book/{to}")
    page.wait_for_load_state("load")
    assert not page.troubles


def test_without_a_script_the_old_address_says_where_to_go(open_page, roots):
    old = sorted(MOVED)[0]
    anchor, to = next(iter(MOVED[old].items()))
    page = open_page(f"book/{old}.html#{anchor}", scheme="file", java_script_enabled=False)
    line = page.locator(f"p.moved#{anchor}")
    assert line.is_visible() and line.locator("a").get_attribute("href") == to
    assert page.locator("p.moved:visible").count() == 1
