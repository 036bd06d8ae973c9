"""The page of drills in a real Chromium: each part answers, and the problems come again in another order."""

from mle_helpers.practice.drills import FORMULAS, problems, questions_of

from .test_practice import STORE, give, right_answer, says, wrong_answer

KNOWN = problems()
TITLES = "() => [...document.querySelectorAll('section:has([data-drill]) > h2')].map((h) => h.firstChild.textContent)"


def shown(page):
    """(problem, its boxes that are seen) in the order of the page."""
    drills = page.locator("[data-drill]")
    return [drills.nth(i).locator(".question:visible") for i in range(drills.count())]


def test_every_part_of_every_problem_answers_and_again_begins_anew(open_page):
    page = open_page("book/drills.html")
    page.locator(".drill-again").wait_for()
    parts = len(FORMULAS) + 1
    for boxes, problem in zip(shown(page), KNOWN.values(), strict=True):
        formulas, numbers = questions_of(problem)
        assert boxes.count() == parts
        for i, question in enumerate([*(question for _, question in formulas), numbers[0]]):
            answer, because = wrong_answer(question)
            give(boxes.nth(i), question, answer)
            says(boxes.nth(i), "Not so.", because)
            answer, because = right_answer(question)
            give(boxes.nth(i), question, answer)
            says(boxes.nth(i), "Right.", because)
    assert page.locator("[data-answered=right]").count() == parts * len(KNOWN)
    assert page.evaluate(STORE) is None  # to be done again, so nothing is kept
    before, first = page.evaluate(TITLES), shown(page)[0].nth(parts - 1).inner_text()
    page.get_by_role("button", name="Again, in another order").click()
    page.get_by_text(f"{len(KNOWN)} problems, none answered yet.").wait_for()
    after = page.evaluate(TITLES)
    assert sorted(after) == sorted(before) and after != before
    assert page.locator("[data-answered]").count() == 0
    assert [boxes.count() for boxes in shown(page)] == [parts] * len(KNOWN)
    place = after.index(before[0])
    assert shown(page)[place].nth(parts - 1).inner_text() != first
    page.wait_for_function("() => !document.querySelector('[data-drill] .ask .math:not(:has(mjx-container))')")
    numbers = questions_of(KNOWN["bernoulli"])[1]
    box = shown(page)[place].nth(parts - 1)
    question = next(q for q in numbers if q["ask"].split(" heads")[0] in box.inner_text())
    give(box, question, right_answer(question)[0])
    says(box, "Right.", question["because"])
    assert page.locator("article > section > :last-child h2, article h2").last.inner_text().startswith("Where next")
    assert not page.troubles


def test_on_a_phone_by_touch_from_the_disk(open_page):
    page = open_page("book/drills.html", scheme="file", width=320, mode="dark", has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Again, in another order").tap()
    box = shown(page)[0].first
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    give(box, {"kind": "formula"}, "7 ? 3", touch=True)
    box.get_by_role("status").filter(has_text="I understand as far as ‘7’").wait_for()
    assert not page.troubles
