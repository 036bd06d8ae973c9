"""Questions on the page: what is wrong with one is said in a sentence, and the book's own are complete and used."""

import re

import nbformat
import pytest
import yaml

from mle_helpers.practice import predict
from mle_helpers.practice.boxes import Box
from mle_helpers.practice.questions import PRACTICE, compute, faults, find, load, shown, tolerance

from .conftest import ROOT
from .test_book import minutes

PAGES = sorted(path.stem for path in (ROOT / "book" / "practice").glob("*.yml"))
CALL = re.compile(r'predict\("([\w-]+):([\w-]+)"\)')

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
    "near": [{"value": "1 / answer", "because": "The other way round."}],
}
FORMULA = {
    "ask": "Below which $N$?",
    "kind": "formula",
    "where": {"M": [50, 200], "n": [20, 100], "r": [2, 15]},
    "answer": "M*n/r",
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
    assert bundle["text/plain"].startswith("Predict. ") and "<script" not in bundle["text/html"]
    assert bundle["text/html"].count("<details") == bundle["text/html"].count("</details>") >= 1
    assert "<details open" not in bundle["text/html"]


def test_options_fold_their_reasons_and_formulas_wait_for_mathjax():
    html, text = (Box("Predict", ONE)._repr_mimebundle_()[kind] for kind in ("text/html", "text/plain"))
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


def test_an_order_is_asked_in_another_order():
    assert Box("Predict", ORDER).choices() == ["a", "b", "c"]
    assert Box("Predict", {**ORDER, "right": ["a", "b", "c"]}).choices() == ["c", "b", "a"]


@pytest.mark.parametrize(
    "change, says",
    [
        ({"ask": None}, "ask is missing"),
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
        ({**FORMULA, "where": {"M": [1], "n": [1, 2], "r": [3]}}, "the same number of values"),
        ({**FORMULA, "answer": "M*k"}, "M*k cannot be computed"),
        ({**ORDER, "right": ["a", "b"]}, "three items or more"),
        ({**ORDER, "because": ""}, "because is missing"),
    ],
)
def test_what_a_question_lacks_is_said(tmp_path, change, says):
    (tmp_path / "coin.yml").write_text(yaml.safe_dump({"predict": {"toss": {**ONE, **change}}}))
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
    "text, says", [("a: b: c", "coin.yml is no YAML"), ("- a", "predict must hold"), ("predict: [1]", "by id")]
)
def test_a_file_in_another_shape_is_named(tmp_path, text, says):
    (tmp_path / "coin.yml").write_text(text)
    with pytest.raises(ValueError, match=says):
        load("coin", tmp_path)


def test_the_questions_are_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert PRACTICE == ROOT / "book" / "practice" and PRACTICE.is_dir()


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
    assert set(questions) <= {"predict", "quiz"}, f"{page}.yml: only predict and quiz are read."
    named = [*questions.get("predict", {}).items(), *enumerate(questions.get("quiz", []), start=1)]
    complaints = [f"{page}.yml, {name}: {fault}" for name, question in named for fault in faults(question)]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("page", PAGES)
def test_near_misses_are_no_hits(page):
    for name, question in load(page).get("predict", {}).items():
        if question["kind"] == "number":
            answer = compute(question["answer"])
            for miss in question.get("near", []):
                off = abs(compute(miss["value"], answer=answer) - answer)
                assert off > tolerance(question), f"{page}.yml, {name}: {miss['value']} counts as right."


@pytest.mark.parametrize("page", PAGES)
def test_every_prediction_stands_in_one_cell_of_its_page(page):
    assert (ROOT / "book" / f"{page}.ipynb").exists(), f"book/practice/{page}.yml belongs to no notebook."
    calls = [(of, name) for cell in used(page) for of, name in cell]
    asked = [(page, name) for name in load(page).get("predict", {})]
    assert sorted(calls) == sorted(asked), (
        f"{page}: the cells ask {sorted(name for _, name in calls)}, the file has {sorted(name for _, name in asked)}; "
        "each prediction stands in exactly one cell of its own page."
    )
