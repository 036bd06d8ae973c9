"""Questions on the page: what is wrong with one is said in a sentence, and the book's own are complete and used."""

import gzip
import json
import re

import nbformat
import pytest
import yaml

from mle_helpers.practice import predict, quiz
from mle_helpers.practice.boxes import Box, Quiz, module, payload
from mle_helpers.practice.questions import (
    KINDS,
    PRACTICE,
    compute,
    faults,
    find,
    find_quiz,
    load,
    same,
    shown,
    tolerance,
    unreadable,
)

from .conftest import ROOT
from .test_book import minutes

PAGES = sorted(path.stem for path in (ROOT / "book" / "practice").glob("*.yml"))
CALL = re.compile(r'predict\("([\w-]+):([\w-]+)"\)')
SET = 20_000  # bytes: what a page's quiz, or one prediction, may add to it without the script
SCRIPT = 12_000  # bytes: the script, compressed

ONE = {
    "ask": "Is $L$ a probability of `p`?",
    "kind": "one",
    "options": [
        {"say": "No, its area is $1/11$.", "right": True, "because": "Add it up: $\\int L < 1$."},
        {"say": "Yes.", "because": "Its area is not 1 & never was."},
    ],
}
NUMBER = {
    "ask": "How many times?",
    "kind": "number",
    "answer": "hypergeom.pmf(14, 428, 100, 60) / hypergeom.pmf(14, 300, 100, 60)",
    "within": "2 %",
    "because": "Divide the heights.",
    "near": [{"value": "1 / answer", "because": "The other way round."}],
}
FORMULA = {
    "ask": "Below which $N$?",
    "kind": "formula",
    "where": {"M": [50, 200], "n": [20, 100], "r": [2, 15]},
    "answer": "M*n/r",
    "because": "There neighbouring heights are equal.",
    "near": [{"formula": "r/(M*n)", "because": "The reciprocal."}],
}
ORDER = {"ask": "Put in order.", "kind": "order", "right": ["b", "c", "a"], "because": "Heights."}
SEVERAL = {**ONE, "kind": "several"}


# --- one question ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", [ONE, SEVERAL, NUMBER, FORMULA, ORDER], ids=lambda q: q["kind"])
def test_a_complete_question_has_no_fault_and_is_shown_alike_each_time(question):
    assert list(faults(question)) == []
    bundle = Box("Predict", question)._repr_mimebundle_()
    assert bundle == Box("Predict", question)._repr_mimebundle_()
    assert bundle["text/plain"].startswith("Predict. ") and question["kind"] in payload(question, "a:b")["kind"]
    assert bundle["text/html"].count("<details") == bundle["text/html"].count("</details>") >= 1
    assert "<details open" not in bundle["text/html"]


def test_options_fold_their_reasons_and_formulas_wait_for_mathjax():
    html, text = (Box("Predict", ONE)._repr_mimebundle_()[kind] for kind in ("text/html", "text/plain"))
    assert not any(reason in text for reason in ("Add it up", "Its area is not"))
    assert html.index("No, its area is") < html.index("Right.") < html.index("Yes.") < html.index("Not so.")
    assert r'<span class="math">\(1/11\)</span>' in html and r"\(\int L &lt; 1\)" in html and "<code>p</code>" in html
    assert "1 &amp; never" in html
    assert "Right" not in text and "- Yes." in text


def test_a_number_is_computed_and_shown_with_digits_that_matter():
    assert compute(NUMBER["answer"]) == pytest.approx(5.7549, abs=1e-4)
    html = Box("Predict", NUMBER).html()
    assert "<strong>5.75.</strong>" in html and "<em>0.17?</em> The other way round." in html
    assert tolerance(NUMBER) == pytest.approx(0.115, abs=1e-3)
    assert [shown(*pair) for pair in [(1234.5, 10), (-0.5, 0.01), (0.00123, 0.1), (0, 1)]] == [
        *("1,234", "−0.500", "0.0012", "0.0")
    ]


def test_the_minutes_count_what_is_asked_and_not_the_reasons():
    output = nbformat.v4.new_output("execute_result", Box("Predict", ORDER)._repr_mimebundle_())
    cell = nbformat.v4.new_code_cell('predict("a:b")', outputs=[output], metadata={"tags": ["predict"]})
    assert minutes.question(cell).split() == "Predict. Put in order. - a - b - c".split()
    words, lines, figures, _ = minutes.reading(nbformat.v4.new_notebook(cells=[cell]))
    assert (words, lines, figures) == (10, 0, 0)
    cell.metadata["tags"] = ["quiz"]  # takes as long, and is no prose
    assert minutes.reading(nbformat.v4.new_notebook(cells=[cell])) == (0, 0, 0, 0.1)


def test_an_order_is_asked_in_another_order():
    assert Box("Predict", ORDER).choices() == ["a", "b", "c"]
    assert Box("Predict", {**ORDER, "right": ["a", "b", "c"]}).choices() == ["c", "b", "a"]


@pytest.mark.parametrize(
    "change, says",
    [
        ({"ask": None}, "ask is missing"),
        ({"reasons": "x"}, "reasons: kind one has only ask, kind, options"),
        ({"options": [{**option, "because": "So."} for option in ONE["options"]]}, "two of its reasons are the same"),
        ({"ask": True}, "ask must be text"),
        ({"kind": "many"}, "kind is 'many'; it must be one of one, several"),
        ({"options": []}, "options is missing"),
        ({"options": "a, b"}, "option must be a list"),
        ({"options": [{"say": "a", "because": "b", "right": True}]}, "only one option"),
        ({"options": [*ONE["options"], {"say": "c"}]}, "option 3 has no text under because"),
        ({"options": [*ONE["options"], {"say": False, "because": "d"}]}, "False is read as true or false"),
        ({"options": [*ONE["options"], {"say": "c", "because": "d", "right": True}]}, "2 options are right"),
        ({"options": [*ONE["options"], {"say": "c", "because": "d", "right": False}]}, "right can only be true"),
        ({"options": ONE["options"][1:] * 2}, "0 options are right"),
        ({"options": ONE["options"][1:] * 2, "kind": "several"}, "no option is right"),
        ({**NUMBER, "within": "much"}, "within is 'much'"),
        ({**NUMBER, "within": None}, "within is missing"),
        ({**NUMBER, "answer": "1 / 0"}, "1 / 0 cannot be computed"),
        ({**NUMBER, "answer": "-inf"}, "-inf is -inf, no finite number"),
        ({**NUMBER, "answer": "open('x')"}, "cannot be computed"),
        ({**NUMBER, "near": [{"value": "2 * answer"}]}, "near miss 1 has no text under because"),
        ({**NUMBER, "near": [{"value": "1.01 * answer", "because": "x"}]}, "1.01 * answer lies within 2 %"),
        ({**NUMBER, "because": ""}, "because is missing"),
        ({**FORMULA, "where": {"M": [1], "n": [1, 2], "r": [3]}}, "the same number of values"),
        ({**FORMULA, "where": [1]}, "the same number of values"),
        ({**FORMULA, "answer": "M*k"}, "M*k cannot be read: k is neither in where"),
        ({**FORMULA, "answer": "M*n/r["}, "M*n/r[ cannot be read"),
        ({**FORMULA, "answer": "M*(lambda x: x)(n)"}, "cannot be read"),
        ({**FORMULA, "answer": "log(r - n)"}, "cannot be computed at all values"),
        ({**FORMULA, "near": [{"formula": "n/(r/M)", "because": "x"}]}, "n/(r/M) counts as right"),
        ({**FORMULA, "parameter": "p"}, "parameter is 'p', which is not in where"),
        ({**FORMULA, "theta_free_terms": "drop"}, "theta_free_terms needs a parameter"),
        ({**FORMULA, "parameter": "M", "theta_free_terms": "yes"}, "it can be count or drop"),
        ({**ORDER, "right": ["a", "b"]}, "three items or more"),
        ({**ORDER, "because": ""}, "because is missing"),
        ({**ORDER, "right": ["a", "b", "a"]}, "two of its items are the same"),
        ({**ORDER, "near": [{"order": ["b", "c", "a"], "because": "x"}]}, "the same items in another order"),
        ({**ORDER, "near": [{"order": ["c", "b", "a"]}]}, "near miss 1 needs order and because"),
    ],
)
def test_what_a_question_lacks_is_said(tmp_path, change, says):
    whole = change if "ask" in change and "kind" in change else {**ONE, **change}
    (tmp_path / "coin.yml").write_text(yaml.safe_dump({"predict": {"toss": whole}}))
    with pytest.raises(ValueError) as said:
        find("coin:toss", tmp_path)
    assert str(said.value).startswith("coin.yml, toss: ") and says in str(said.value)


def test_names_that_lead_nowhere_are_answered_with_what_there_is(tmp_path):
    (tmp_path / "coin.yml").write_text(yaml.safe_dump({"predict": {"toss": ONE, "two": ORDER}}))
    assert find("coin:toss", tmp_path) == ONE
    for name, says in [
        ("coin:three", "no prediction 'three'. It has: toss, two."),
        ("dice:one", "for the page 'dice'.*There are some for: coin"),
        ("coin", "named page:id"),
        ("coin:", "named page:id"),
    ]:
        with pytest.raises(ValueError, match=says):
            find(name, tmp_path)
    with pytest.raises(ValueError, match="There are no questions for the page 'nowhere'"):
        predict("nowhere:at-all")


@pytest.mark.parametrize(
    "text, says",
    [
        ("quiz: {a: b}", "quiz must be a list"),
        ("a: b: c", "coin.yml is no YAML"),
        ("- a", "predict must hold"),
        ("predict: [1]", "by id"),
    ],
)
def test_a_file_in_another_shape_is_named(tmp_path, text, says):
    (tmp_path / "coin.yml").write_text(text)
    with pytest.raises(ValueError, match=says):
        load("coin", tmp_path)


def test_the_questions_are_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert PRACTICE == ROOT / "book" / "practice" and PRACTICE.is_dir()


# --- what the page judges by --------------------------------------------------------------------------------


def spec_of(html):
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', html)[1])


def test_the_page_is_given_numbers_and_their_tolerance_and_no_reason_twice():
    spec = spec_of(Box("Predict", NUMBER, "a:b").html())
    answer = compute(NUMBER["answer"])
    assert spec["answer"] == pytest.approx([answer, 0.02 * answer], rel=1e-9)
    assert spec["near"] == [pytest.approx([1 / answer, 0.02 / answer], rel=1e-9)]
    fixed = payload({**NUMBER, "within": 0.3}, "a:b")
    assert [gap for _, gap in [fixed["answer"], *fixed["near"]]] == [0.3, 0.3]
    assert payload(SEVERAL, "a:b")["right"] == [0]
    order = payload({**ORDER, "near": [{"order": ["c", "b", "a"], "because": "x"}]}, "a:b")
    assert (order["right"], order["near"]) == ([1, 2, 0], [[2, 1, 0]])
    html = Box("Predict", ONE).html()
    assert html.count("Add it up") == 1


def test_an_answer_is_kept_for_the_question_as_it_is_asked():
    before = payload(ONE, "a:b")["id"]
    assert before.startswith("a:b:") and before == payload({**ONE}, "a:b")["id"]
    assert before != payload({**ONE, "ask": "Is it?"}, "a:b")["id"]
    assert before != payload({**ONE, "options": ONE["options"][::-1]}, "a:b")["id"]


def test_a_payload_cannot_end_its_script():
    html = Box("Predict", {**FORMULA, "parameter": "</script>"}).html()
    assert "</script>" in spec_of(html)["parameter"] and html.count("</script>") == 1


def test_the_script_is_small_and_on_one_line():
    source = module()
    assert len(gzip.compress(source.encode())) <= SCRIPT
    assert "\n" not in source and " // " not in source and source.count("</script>") == 1


COIN = {
    **FORMULA,
    "where": {"p": [0.3, 0.6, 0.7], "n": [6, 9, 12], "k": [1, 4, 5]},
    "answer": "k*log(p) + (n-k)*log(1-p)",
    "parameter": "p",
}


@pytest.mark.parametrize(
    "keep, formula, equal",
    [
        ({}, "log(p^k * (1-p)^(n-k))", True),
        ({}, "log(comb(n, k) * p^k * (1-p)^(n-k))", False),
        ({"theta_free_terms": "drop"}, "log(comb(n, k) * p^k * (1-p)^(n-k))", True),
        ({"theta_free_terms": "drop"}, "k*log(p) + n*log(1-p)", False),
        ({"theta_free_terms": "drop"}, "3*(k*log(p) + (n-k)*log(1-p))", False),
        ({"theta_free_factors": "drop"}, "3*(k*log(p) + (n-k)*log(1-p))", True),
    ],
)
def test_terms_and_factors_without_the_parameter_count_unless_they_are_dropped(keep, formula, equal):
    assert same({**COIN, **keep}, formula) is equal


def test_formulas_are_read_in_the_small_language_only():
    assert unreadable("n*log(lambda) - lambda*sum_x^2 / factorial(3)", ["n", "lambda", "sum_x"]) == ""
    assert compute("2^3 * lambda", **{"lambda": 5}) == 40
    for formula in ("np.log(n)", "n if n else 1", "[n]", "'n'.upper()", "open(n)", "n < 2"):
        assert unreadable(formula, ["n"]), formula


def test_a_quiz_numbers_its_questions_and_its_text_holds_no_answers(tmp_path):
    (tmp_path / "coin.yml").write_text(yaml.safe_dump({"quiz": [ONE, NUMBER, ORDER]}))
    bundle = Quiz(find_quiz("coin", tmp_path), "coin")._repr_mimebundle_()
    html, text = bundle["text/html"], bundle["text/plain"]
    assert re.findall(r">(Question \d of 3)<", html) == [f"Question {n} of 3" for n in (1, 2, 3)]
    assert html.count("data-practice-module") == 1
    assert (
        text.startswith("Question 1 of 3. Is $L$") and "  - Yes." in text and "Question 3 of 3. Put in order." in text
    )
    assert not any(said in text for said in ("Right", "Add it up", "Divide", "Heights", "5.75"))


def test_a_quiz_that_is_not_there_or_not_whole_is_named(tmp_path):
    (tmp_path / "coin.yml").write_text(yaml.safe_dump({"predict": {"a": ONE}}))
    (tmp_path / "dice.yml").write_text(yaml.safe_dump({"quiz": [ONE, {**ONE, "ask": ""}]}))
    with pytest.raises(ValueError, match="coin.yml has no quiz"):
        find_quiz("coin", tmp_path)
    with pytest.raises(ValueError, match="dice.yml, quiz 2: ask is missing"):
        find_quiz("dice", tmp_path)
    with pytest.raises(ValueError, match="There are no questions for the page 'nowhere'"):
        quiz("nowhere")


# --- the book's own ----------------------------------------------------------------------------------------


def used(page):
    """The predictions that the cells of a notebook name, cell by cell."""
    notebook = nbformat.read(ROOT / "book" / f"{page}.ipynb", as_version=4)
    return [
        CALL.findall(cell.source) for cell in notebook.cells if cell.cell_type == "code" and "predict(" in cell.source
    ]


@pytest.mark.parametrize("page", PAGES)
def test_every_question_of_the_book_is_complete(page):
    questions = load(page)
    read = {"drills"} if page == "drills" else {"predict", "quiz"}
    assert set(questions) <= read, f"{page}.yml: only {' and '.join(sorted(read))} are read."
    named = [*questions.get("predict", {}).items(), *enumerate(questions.get("quiz", []), start=1)]
    complaints = [f"{page}.yml, {name}: {fault}" for name, question in named for fault in faults(question)]
    assert not complaints, "\n".join(complaints)


def test_each_kind_of_question_is_used():
    asked = [q for page in PAGES for q in [*load(page).get("predict", {}).values(), *load(page).get("quiz", [])]]
    assert {question["kind"] for question in asked} == set(KINDS)


@pytest.mark.parametrize("page", PAGES)
def test_a_set_of_questions_is_light(page):
    questions = load(page)
    sets = {name: Box("Predict", question).html() for name, question in questions.get("predict", {}).items()}
    sets["quiz"] = Quiz(questions.get("quiz", []), page).html()
    heavy = {name: len(html.encode()) for name, html in sets.items() if len(html.encode()) > SET}
    assert not heavy, f"{page}.yml: {heavy} bytes; a set has {SET:,} at most. Shorten its reasons."


@pytest.mark.parametrize("page", [page for page in PAGES if load(page).get("quiz")])
def test_a_quiz_has_three_to_six_questions_and_one_cell_before_the_exercises(page):
    assert 3 <= len(load(page)["quiz"]) <= 6, f"{page}.yml: a quiz has three to six questions."
    cells = nbformat.read(ROOT / "book" / f"{page}.ipynb", as_version=4).cells
    asks = [place for place, cell in enumerate(cells) if "quiz" in cell.metadata.get("tags", [])]
    assert len(asks) == 1, (
        f'{page}: one cell  quiz("{page}")  tagged quiz asks all questions of its quiz; it has {asks}.'
    )
    before, after = cells[asks[0] - 1].source, cells[asks[0] + 1].source
    assert before.startswith("## Quiz") and after.startswith("## Exercises"), (
        f"{page}: the quiz stands under a heading ## Quiz, right before ## Exercises."
    )
    stored = "".join(cells[asks[0]].outputs[0]["data"]["text/html"])
    assert Quiz(load(page)["quiz"], page).html() in stored, (
        f"{page}: the questions have changed. Run: make notebooks N=book/{page}.ipynb"
    )


@pytest.mark.parametrize("page", PAGES)
def test_every_prediction_stands_in_one_cell_of_its_page(page):
    assert (ROOT / "book" / f"{page}.ipynb").exists(), f"book/practice/{page}.yml belongs to no notebook."
    calls = [(of, name) for cell in used(page) for of, name in cell]
    asked = [(page, name) for name in load(page).get("predict", {})]
    assert sorted(calls) == sorted(asked), (
        f"{page}: the cells ask {sorted(name for _, name in calls)}, the file has {sorted(name for _, name in asked)}; "
        "each prediction stands in exactly one cell of its own page."
    )
