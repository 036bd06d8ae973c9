"""Questions that answer back, cards of formulas, and old addresses that lead on, in a real Chromium."""

import base64
import json
import math
import re

import pytest
import yaml

from mle_helpers.practice.boxes import MODULE, mixed
from mle_helpers.practice.questions import KINDS, compute, load, python, tolerance

from ..conftest import ROOT
from .test_access import all_rules, findings, lighten

ASKING = sorted(path.stem for path in (ROOT / "book" / "practice").glob("*.yml") if path.stem != "drills")
MOVED = yaml.safe_load((ROOT / "book" / "moved.yml").read_text()) or {}
SHOWN = "likelihood"  # a page with questions of every kind
STORE = "() => JSON.parse(localStorage.getItem('course-answers'))"


# --- what there is, and what to answer ----------------------------------------------------------------------


def asked(page_name):
    """The questions of a page in the order in which its file has them: predictions, then the quiz."""
    found = load(page_name)
    return [*found.get("predict", {}).values(), *found.get("quiz", [])]


def boxes_of(page, page_name, within="article"):
    """The box of each question, found by what it asks for: [(question, its box on the page)]."""
    ids = page.evaluate(
        """(within) => [...document.querySelectorAll(`${within} .question > script`)]
            .map((data) => JSON.parse(data.textContent).id)""",
        within,
    )
    found = load(page_name)
    names = [*(f"{page_name}:{key}:" for key in found.get("predict", {}))]
    boxes = page.locator(f"{within} .question")
    placed = [next(i for i, key in enumerate(ids) if key.startswith(name)) for name in names]
    placed += [i for i, key in enumerate(ids) if key.startswith(f"{page_name}:quiz:")]
    return [(question, boxes.nth(i)) for question, i in zip(asked(page_name), placed, strict=True)]


def plain(text):
    """The longest stretch of a text in MyST that the page shows letter by letter, outside of formulas."""
    return max(re.split(r"\$[^$]*\$|[`*\\_\[\]]|---?|'|\"", str(text)), key=len).strip()


def wrong_answer(question):
    """(answer, what is said of it): a mistake that the question knows, else one that it does not."""
    kind = question["kind"]
    if kind == "one":
        place, option = next((i, o) for i, o in enumerate(question["options"]) if not o.get("right"))
        return [place], option["because"]
    if kind == "several":
        place, option = next((i, o) for i, o in enumerate(question["options"]) if not o.get("right"))
        return [place], option["because"]
    if kind == "order":
        near = question.get("near")
        return (near[0]["order"], near[0]["because"]) if near else (question["right"][::-1], "from last to first")
    if kind == "number":
        answer = compute(question["answer"])
        if near := question.get("near"):
            return repr(compute(near[0]["value"], answer=answer)), near[0]["because"]
        return repr(answer * 1.37 + 3 * tolerance(question)), "Try again"
    near = question.get("near")
    other = "7 * ({})" if question.get("theta_free_terms") == "drop" else "7 + {}"  # a term of its own would not count
    return (near[0]["formula"], near[0]["because"]) if near else (other.format(question["answer"]), "Try again")


def right_answer(question):
    kind = question["kind"]
    if kind in ("one", "several"):
        right = [(i, o) for i, o in enumerate(question["options"]) if o.get("right")]
        return [i for i, _ in right], right[0][1]["because"]
    if kind == "order":
        return question["right"], question["because"]
    return repr(compute(question["answer"])) if kind == "number" else question["answer"], question["because"]


def press(control, touch):
    control.tap() if touch else control.click()


def sort(box, question, wanted, touch):
    """Bring the items into the wanted order by their buttons, the first one first."""
    texts = mixed(question["right"])
    now = [
        texts[int(key.split("-")[1])]
        for key in box.locator(".items > li > span").evaluate_all("(s) => s.map((one) => one.id)")
    ]
    for place, item in enumerate(map(str, wanted)):
        at = now.index(item)
        for step in range(at, place, -1):
            press(box.locator(".items > li").nth(step).get_by_role("button", name="Move up"), touch)
        now.insert(place, now.pop(at))


def give(box, question, answer, touch=False):
    """Answer a question by pointer and check it; what is said is in its live region afterwards."""
    if question["kind"] in ("one", "several"):
        labels = box.locator("label.choice")
        for i in range(labels.count()):
            chosen = labels.nth(i).locator("input").is_checked()
            if chosen != (i in answer) and (question["kind"] == "several" or i in answer):
                press(labels.nth(i), touch)
    elif question["kind"] == "order":
        sort(box, question, answer, touch)
    else:
        box.locator("input").fill(str(answer))
    press(box.get_by_role("button", name="Check"), touch)


def give_at_once(box, question, answer):
    """The same without a pointer, in a third of the time: choices are made inside the page."""
    if question["kind"] not in ("one", "several"):
        return give(box, question, answer)
    box.evaluate(
        """(box, answer) => {
            box.querySelectorAll("label.choice input").forEach((input, i) => {
                if (input.checked !== answer.includes(i) && (input.type === "checkbox" || answer.includes(i)))
                    input.click();
            });
            [...box.querySelectorAll("button")].find((button) => button.textContent === "Check").click();
        }""",
        answer,
    )


def says(box, verdict, reason):
    """Wait until the live region has the verdict and the reason."""
    words = plain(reason)
    box.get_by_role("status").filter(has_text=verdict).filter(has_text=words).wait_for()


# --- every question of the book -----------------------------------------------------------------------------


@pytest.mark.parametrize("page_name", ASKING)
def test_every_question_answers_a_wrong_and_a_right_answer_and_comes_back_answered(open_page, page_name):
    answered = give if page_name == SHOWN else give_at_once
    page = open_page(f"book/{page_name}.html")
    boxes = boxes_of(page, page_name)
    assert page.locator("article .question.practice").count() == len(boxes)
    assert page.locator("article .question details:visible, article details.fold-answer[open]").count() == 0
    assert page.locator("article .question label .math:not(:has(mjx-container))").count() == 0
    assert "predict(" not in page.locator("article").inner_text()
    for question, box in boxes:
        answer, because = wrong_answer(question)
        answered(box, question, answer)
        says(box, "Not so.", because)
        answer, because = right_answer(question)
        answered(box, question, answer)
        says(box, "Right." if question["kind"] != "several" else "", because)
        assert box.get_attribute("data-answered") == "right"
    waiting = page.locator("article .predict + details.fold-answer")
    assert waiting.count() == page.locator("article .predict + details.fold-answer[open]").count()
    assert page.locator("article .said .math:not(:has(mjx-container))").count() == 0
    assert set(page.evaluate(STORE)) == {page_name}
    page.reload(wait_until="load")
    page.wait_for_function(
        "(many) => document.querySelectorAll('article [data-answered=right] .said.yes').length === many", arg=len(boxes)
    )
    assert page.locator("article .predict + details.fold-answer[open]").count() == waiting.count()
    assert not page.troubles


def test_every_kind_is_on_the_page_that_the_next_tests_use():
    assert {question["kind"] for question in asked(SHOWN)} == set(KINDS)


def one_of_each(page, within="article"):
    """{kind: (question, box)}: the first of each kind on the page."""
    found = {}
    for question, box in boxes_of(page, SHOWN, within):
        found.setdefault(question["kind"], (question, box))
    return found


def test_from_the_disk_by_touch_in_the_dark_at_320_px(open_page):
    page = open_page(f"book/{SHOWN}.html", scheme="file", width=320, mode="dark", has_touch=True, is_mobile=True)
    for kind, (question, box) in one_of_each(page).items():
        answer, because = wrong_answer(question)
        give(box, question, answer, touch=True)
        says(box, "Not so.", because)
        answer, because = right_answer(question)
        give(box, question, answer, touch=True)
        says(box, "", because)
        assert box.get_attribute("data-answered") == "right", kind
        for control in box.locator("button, label.choice, input[type=text]").all():
            size = control.bounding_box()
            assert size["height"] >= 44 and size["width"] >= 44, f"{kind}: {control.inner_text()} is {size}"
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(STORE) is None
    assert not page.troubles


def focused(page):
    return page.evaluate("() => document.activeElement.textContent.trim() || document.activeElement.type")


def test_by_keyboard_alone(open_page):
    page = open_page(f"book/{SHOWN}.html", scheme="file")
    for kind, (question, box) in one_of_each(page).items():
        first = box.locator("input, button[aria-disabled=false]").first
        first.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        answer, because = right_answer(question)
        if kind == "one":
            page.keyboard.press("Space")
            for _ in range(answer[0]):
                page.keyboard.press("ArrowDown")
        elif kind == "several":
            for i in range(len(question["options"])):
                page.keyboard.press("Space") if i in answer else None
                page.keyboard.press("Tab") if i + 1 < len(question["options"]) else None
        elif kind == "order":
            texts = mixed(question["right"])
            for place, item in enumerate(answer):
                at = texts.index(item)
                up = box.locator(".items > li").nth(at).get_by_role("button", name="Move up")
                up.focus()
                for _ in range(at - place):
                    page.keyboard.press("Enter")
                    assert up.page.evaluate("() => document.activeElement.textContent.includes('Move up')")
                texts.insert(place, texts.pop(at))
            box.get_by_role("button", name="Check").focus()
        else:
            page.keyboard.type(str(answer))
        page.keyboard.press("Enter")
        says(box, "", because)
        assert box.get_attribute("data-answered") == "right", kind
        check = box.get_by_role("button", name="Check")
        check.focus()
        page.keyboard.press("Tab")
        assert focused(page) == "Show answer"
        page.keyboard.press("Enter")
        says(box, "Answer:", because)
    assert not page.troubles


def test_whoever_only_reads_is_shown_the_answer_and_what_it_opens(open_page):
    page = open_page(f"book/{SHOWN}.html")
    question, box = boxes_of(page, SHOWN)[0]
    check = box.get_by_role("button", name="Check")
    check.click()
    says(box, "Choose one first.", "")
    happens = box.locator("+ details.fold-answer")
    assert not happens.evaluate("(fold) => fold.open") and box.get_attribute("data-answered") is None
    box.get_by_role("button", name="Show answer").click()
    says(box, "Answer:", right_answer(question)[1])
    assert happens.evaluate("(fold) => fold.open")
    page.reload(wait_until="load")
    says(box, "Answer:", right_answer(question)[1])
    assert happens.evaluate("(fold) => fold.open")
    wrong, because = wrong_answer(question)
    give(box, question, wrong)  # and may still try
    says(box, "Not so.", because)


def test_answers_count_on_the_front_page_and_are_forgotten_there(open_page, roots):
    page = open_page(f"book/{SHOWN}.html")
    for question, box in boxes_of(page, SHOWN)[:3]:
        give(box, question, right_answer(question)[0])
        says(box, "Right.", "")
    page.goto(f"{roots['http']}/book/index.html")
    everything = sum(len(asked(name)) for name in ASKING)
    said = page.locator("#reading-progress")
    said.get_by_text(f"3 of {everything} questions").wait_for()
    page.get_by_role("button", name="Forget").click()
    said.get_by_text("Forgotten.").wait_for()
    assert page.evaluate(STORE) is None
    page.goto(f"{roots['http']}/book/{SHOWN}.html")
    page.wait_for_function("() => document.querySelector('.question.practice')")
    assert page.locator("[data-answered]").count() == 0
    assert not page.troubles


def test_what_is_kept_of_questions_that_are_asked_no_more_goes(open_page, roots):
    page = open_page(f"book/{SHOWN}.html")
    page.evaluate(
        "(kept) => localStorage.setItem('course-answers', kept)", json.dumps({SHOWN: {f"{SHOWN}:old:1": [0]}})
    )
    page.reload(wait_until="load")
    assert page.evaluate(STORE) == {SHOWN: {}}


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_finds_nothing_in_questions_that_were_answered(open_page, mode):
    page = open_page(f"book/{SHOWN}.html", mode=mode)
    for question, box in one_of_each(page).values():
        answer, because = wrong_answer(question)
        give(box, question, answer)
        says(box, "Not so.", because)
    boxes_of(page, SHOWN)[1][1].get_by_role("button", name="Show answer").click()
    says(boxes_of(page, SHOWN)[1][1], "Answer:", "")
    lighten(page)
    assert not findings(page, **all_rules())


def test_each_control_has_a_name_and_each_group_is_named_by_its_question(open_page):
    page = open_page(f"book/{SHOWN}.html")
    for kind, (question, box) in one_of_each(page).items():
        role = {"one": "radiogroup", "number": "form", "formula": "form"}.get(kind, "group")
        group = box.get_by_role(role, name=re.compile(re.escape(plain(question["ask"]))))
        assert group.count() == 1, kind
    _, box = one_of_each(page)["number"]
    assert box.get_by_role("textbox", name="Your answer").get_attribute("inputmode") == "decimal"


def test_without_scripts_a_question_waits_folded_and_prints_with_its_reasons(open_page):
    page = open_page(f"book/{SHOWN}.html", java_script_enabled=False, scheme="file")
    assert page.locator("article .question").count() == len(asked(SHOWN))
    assert page.locator("article .question details[open], article .question form").count() == 0
    assert page.locator("article .question > details > summary").first.is_visible()
    reason = page.locator("article .question .reason").first
    assert not reason.is_visible()
    page.emulate_media(media="print")
    assert reason.is_visible()


def test_with_scripts_it_prints_as_without(open_page):
    page = open_page(f"book/{SHOWN}.html", scheme="file")
    _, box = boxes_of(page, SHOWN)[0]
    assert box.locator("form").is_visible() and not box.locator(".reason").first.is_visible()
    page.emulate_media(media="print")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert box.locator(".reason").first.is_visible() and not box.locator("form").is_visible()
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.fold-answer[open]").count() == 0


# --- the small language of formulas -------------------------------------------------------------------------


@pytest.fixture
def language(chromium):
    """language(script, argument): what the functions of practice.js give, in an empty page."""
    page = chromium.new_page()
    address = "data:text/javascript;base64," + base64.b64encode(MODULE.read_bytes()).decode()
    page.evaluate("async (address) => { window.practice = await import(address); }", address)
    yield page.evaluate
    page.close()


def formulas():
    """(formula, values of its symbols) of the whole book, and of what the language has beyond that."""
    for page_name in ASKING:
        for question in asked(page_name):
            if question["kind"] == "formula":
                for formula in [question["answer"], *(miss["formula"] for miss in question.get("near", []))]:
                    yield formula, question["where"]
    where = {"lambda": [0.5, 3.0], "x": [2.0, 5.5], "n": [7, 12]}
    yield "-n*log(lambda)^2 + sqrt(x)/exp(-x) - abs(1 - x)", where
    yield "gamma(x) + lgamma(n) - factorial(3)*comb(n, 2) + 2^-x^0.5 + pi*e - ln(x)", where


def test_the_page_computes_what_python_computes(language):
    for formula, where in formulas():
        for row in zip(*where.values(), strict=True):
            values = dict(zip(where, row, strict=True))
            given = language("([f, v]) => practice.parse(f, Object.keys(v))(v)", [formula, values])
            assert given == pytest.approx(compute(formula, **values), rel=1e-9), (formula, values, python(formula))


COIN = {"where": {"n": [6, 9, 12], "k": [1, 4, 5]}, "answer": "k/n", "near": ["n/k"]}
LOG = {"where": {"p": [0.3, 0.6], "n": [6, 12], "k": [1, 5]}, "answer": "k*log(p) + (n-k)*log(1-p)", "near": []}
DROP = {**LOG, "parameter": "p", "theta_free_terms": "drop"}
RATE = {
    "where": {"sum_x": [3, 9], "n": [2, 7], "lambda": [0.5, 2]},
    "answer": "sum_x*log(lambda) - n*lambda",
    "near": [],
}
MEAN = {"where": {"x_bar": [3, 9], "sigma": [2, 7]}, "answer": "x_bar/sigma^2", "near": []}
POWERS = {
    "where": {"n": [3, 8], "sum_log_x": [2, 9], "sum_x2": [5, 30], "n_1": [2, 5]},
    "answer": "n*n_1/sum_log_x + sum_x2",
    "near": [],
}
SPREAD = {
    "where": {"sigma": [0.5, 2.0], "n": [5, 12], "Q": [3, 40]},
    "answer": "-n*log(sigma) - Q/(2*sigma^2)",
    "near": [],
    "parameter": "sigma",
    "theta_free_terms": "drop",
}
HALVES = {"where": {"lambda": [0.5, 2.0]}, "answer": "1 - exp(-lambda)/(exp(lambda) - 1)", "near": []}
RIGHT = [
    *(
        (POWERS, text)
        for text in ("n n₁/Σ log x + Σx²", "n n1/sum(log(x_i)) + sum(x_i^2)", "n n_1/(sum log x) + Σ(x²)")
    ),
    (POWERS, r"\frac{n n_1}{\sum_{i=1}^n \log x_i} + \sum x_i^2"),
    (POWERS, r"\frac{n \cdot n_1}{\sum \log(x_i)} + sum_x2"),
    (COIN, r"\hat p = \frac{k}{n}"),
    (COIN, "½ (2k/n)"),
    *(
        (COIN, text)
        for text in ("k/n", "K / N", "kn^-1", "k·n/n²", "2k/2n", "exp(log k − ln n)", "√(k²)/n", "[k]/{n}", "p̂ = k/n")
    ),
    *((LOG, text) for text in ("log(p^k(1-p)^(n-k))", "k log p + (n - k) ln(1 - p)", "klog(p)+(n-k)log(1-p)")),
    *((DROP, text) for text in ("log(comb(n,k) p^k (1-p)^(n-k))", "k log p + (n-k) log(1-p) - 8 + n!")),
    *(
        (RATE, text)
        for text in ("Σx log λ - nλ", "sum(x_i) log(lambda) − n lambda", "∑ x ln λ − λ n", "sumx log λ - nλ")
    ),
    *((MEAN, text) for text in ("x̄/σ²", "xbar/sigma**2", "mean(x) / σ^2", "x_bar σ^-2")),
    *(
        (SPREAD, text)
        for text in (
            "-n/2 log(2πσ²) - Q/2σ²",
            "-1/2σ² (Q + 2nσ² log σ)",
            "-½ n log (σ)^2 - Q σ⁻²/2",
            "-n*np.log(sigma) - Q/(2*sigma**2)",
            r"\hat{\ell} = -\frac{n}{2}\log\sigma^{2} - \frac{\frac{Q}{\sigma^{2}}}{2}",
            r"-n \log|\sigma| - \frac12 Q/\sigma^2",
        )
    ),
    (HALVES, "1 - e^-lam/expm1(λ)"),
]
WRONG = [
    (COIN, "n/k", {"near": 0}),
    (COIN, "-k/n", "sign"),
    (COIN, "k", "n times"),
    (COIN, "k/n^2", "divided by n"),
    (COIN, "2k/n", "twice"),
    (COIN, "(k/n)^2", "square of"),
    (COIN, "sqrt(k/n)", "square root"),
    (COIN, "log(k/n)", "logarithm"),
    (COIN, "2/3", None),
    (LOG, "log(comb(n,k) p^k (1-p)^(n-k))", None),
    (LOG, "p^k (1-p)^(n-k)", "exponential"),
    (DROP, "k log p", None),
]
UNREAD = [
    (COIN, "", "it is empty"),
    (COIN, "k/(n", "as far as ‘k/(n’: a closing bracket is missing"),
    (COIN, "k/", "as far as ‘k/’: something is missing at the end"),
    (COIN, "k n)", "‘)’ cannot stand here"),
    (COIN, "m/n", "I do not know ‘m’; the symbols here are n, k"),
    (COIN, "k; n", "‘;’ is no part of a formula"),
    (COIN, "1,000 k", "a comma cannot stand here"),
    (COIN, "log 2 k", "put brackets behind log"),
    (COIN, "comb(n)", "comb has 2 numbers"),
    (COIN, "alert(1)", "I do not know ‘alert’"),
    (COIN, "k 2 3", "‘2’ cannot stand here"),
    (COIN, "k.constructor", "‘.’ is no part of a formula"),
    (COIN, "constructor", "I do not know ‘constructor’"),
    (COIN, "(" * 200, "something is missing at the end"),
]


def test_any_equivalent_form_is_right_and_mistakes_are_named(language):
    judge = "([spec, text]) => practice.judgeFormula(spec, text)"
    for spec, text in RIGHT:
        assert language(judge, [spec, text]).get("right"), f"{text!r} for {spec['answer']!r} is right."
    for spec, text, said in WRONG:
        found = language(judge, [spec, text])
        assert not found.get("right") and not found.get("unread"), (text, found)
        assert (
            found == said if isinstance(said, dict) else (said or "") in found.get("usual", "") and (said or not found)
        ), (
            text,
            found,
        )
    for spec, text, said in UNREAD:
        assert said in language(judge, [spec, text]).get("unread", ""), (text, language(judge, [spec, text]))


NUMBERS = {
    **{"0.5": 0.5, "1e-3": 1e-3, "−3": -3, "-.5": -0.5, "1,000": 1000, "12,345.5": 12345.5, "0,5": 0.5, "1 000": 1000},
    **{
        "4/6": 4 / 6,
        "50 %": 0.5,
        "50%": 0.5,
        "about 30": 30,
        "p = 0.25": 0.25,
        "≈ 30": 30,
        "3·10^-5": 3e-5,
        "2^10": 1024,
        "log(2)": math.log(2),
    },
}


def test_a_number_is_read_as_people_write_it(language):
    read = (
        "([text, unit]) => { try { return practice.readNumber(text, unit); } catch (error) { return error.message; } }"
    )
    for text, value in NUMBERS.items():
        assert language(read, [text, ""]) == pytest.approx(value, rel=1e-9), text
    assert language(read, ["70 %", "%"]) == language(read, ["70", "%"]) == 70
    assert language(read, ["5 nats", "nats"]) == 5
    for text in ("abc", "1,23,4", "1/0", "1 2", "k", "5 apples"):
        found = language(read, [text, ""])
        assert isinstance(found, str), (text, found)


# --- cards of formulas --------------------------------------------------------------------------------------


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
