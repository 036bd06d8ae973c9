"""The reader's own code is answered: every catalogue knows its exercises, and nothing that is handed in leaks out."""

import functools
import math
import re
import signal
import threading
import time
import warnings
from fractions import Fraction

import nbformat
import numpy as np
import pytest

from mle_helpers.practice import check, checks
from mle_helpers.practice.checks import HEADS, Answer, Exercise, answer, catalogues, inputs, shown

from .conftest import ROOT

BOOK = ROOT / "book"
LATER = {  # pages with coded exercises whose catalogue is still to be written; each goes when it is
    *("exact-likelihoods",),
}
PAGES = catalogues()
KNOWN = [(page, name) for page, known in PAGES.items() for name in known]
NAMES = {name: exercise for known in PAGES.values() for name, exercise in known.items()}
CALL = re.compile(r'\bcheck\(\s*"([\w-]+)"')
TIMER = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers")
each_exercise = pytest.mark.parametrize("page, name", KNOWN, ids=[name for _, name in KNOWN])


def handed_in(exercise, thing):
    """A reference or a mistake as a reader would hand it in: a value is computed first."""
    return thing() if exercise.inputs is None and callable(thing) else thing


def is_value(exercise):
    return exercise.inputs is None


# --- what is known of each exercise ------------------------------------------------------------------------


def test_a_name_stands_for_one_exercise():
    names = [name for _, name in KNOWN]
    twice = sorted({name for name in names if names.count(name) > 1})
    assert not twice, f"{twice} stand in more than one catalogue; give one of each another name."
    wrong = [name for name in names if not re.fullmatch(r"[a-z]+(-[A-Za-z0-9]+)+", name)]
    assert not wrong, f"{wrong}: a name is exercise-part, such as geometric-root."


@each_exercise
def test_the_reference_passes_its_own_check(page, name):
    exercise = NAMES[name]
    said = check(name, handed_in(exercise, exercise.reference))
    assert said.kind == "right" and exercise.why in said.text, f"book/practice/{page}.py, {name}: {said}"


@each_exercise
def test_each_mistake_is_recognised_in_its_own_words(page, name):
    exercise = NAMES[name]
    assert len(exercise.mistakes) >= 2, f"book/practice/{page}.py, {name}: fewer than two mistakes are catalogued."
    for wrong, sentence in exercise.mistakes:
        said = check(name, handed_in(exercise, wrong))
        assert (said.kind, said.text.startswith(sentence)) == ("mistake", True), (
            f"book/practice/{page}.py, {name}: {sentence!r} is answered by {said}"
        )
        assert "At `" in said.text or "Yours is `" in said.text


@each_exercise
def test_no_answer_gives_the_right_value_away(page, name):
    exercise = NAMES[name]
    if not is_value(exercise):  # then the answer is code, and no sentence holds any
        assert not any("`return" in sentence or "lambda" in sentence for _, sentence in exercise.mistakes)
        return
    right = shown(handed_in(exercise, exercise.reference))
    for attempt in [*(handed_in(exercise, wrong) for wrong, _ in exercise.mistakes), 0.12345, None, "text"]:
        said, yours, _ = (check(name, attempt).text + "Yours is").partition("Yours is")
        assert yours and right not in said and right[:5] not in said, f"{name}: {said}"


@each_exercise
def test_inputs_read_well_and_are_the_same_each_time(page, name):
    exercise = NAMES[name]
    if is_value(exercise):
        return
    first, again = inputs(exercise), inputs(exercise)
    assert len(first) >= 3 or exercise.draw is None
    for arguments, same in zip(first, again, strict=True):
        at = checks.where(exercise.reference, arguments)
        assert at == checks.where(exercise.reference, same) and len(at) < 200 and "np." not in at


def test_sentences_are_sentences():
    for _, name in KNOWN:
        exercise = NAMES[name]
        said = [sentence for _, sentence in exercise.mistakes]
        for text in (exercise.why, *said):
            sentence = text.endswith((".", "?")) and "!" not in text and not re.match(r"[a-z]{2,}", text)
            assert sentence, f"{name}: {text!r}"
            assert len(text) < 180, f"{name}: {text!r} is more than two sentences' worth."
        assert not exercise.asks.endswith("."), name


# --- the pages ---------------------------------------------------------------------------------------------


def notebooks():
    return {path.stem: nbformat.read(path, as_version=4) for path in sorted(BOOK.glob("*.ipynb"))}


def solution_cells(notebook):
    """The code that stands behind a solution."""
    cells = notebook.cells
    for before, cell in zip(cells[:-1], cells[1:], strict=True):
        if cell.cell_type == "code" and before.cell_type == "markdown" and "{solution}" in before.source:
            yield cell


@pytest.mark.parametrize("page", [page for page, notebook in notebooks().items() if any(solution_cells(notebook))])
def test_every_page_with_a_coded_exercise_has_a_catalogue(page):
    has = page in PAGES
    assert has or page in LATER, (
        f"book/practice/{page}.py is missing: {page}.ipynb has exercises with code. Write there "
        "CHECKS = {name: Exercise(…)}, at least one check for each of them, as CONTRIBUTING.md says."
    )
    assert not has or page not in LATER, f"{page} has a catalogue now; take it off LATER in tests/test_checks.py."


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_checks_asks_for_all_of_its_catalogue_and_passes(page):
    notebook = nbformat.read(BOOK / f"{page}.ipynb", as_version=4)
    asked = CALL.findall("\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown"))
    solved = [cell for cell in solution_cells(notebook) if CALL.search(cell.source)]
    called = [name for cell in solved for name in CALL.findall(cell.source)]
    for found, where in ((asked, "no exercise asks for"), (called, "no solution passes")):
        missing = sorted(set(PAGES[page]) - set(found))
        assert not missing, f"{page}.ipynb: {where} {missing}, which book/practice/{page}.py knows."
        assert set(found) <= set(PAGES[page]), f"{page}.ipynb: {sorted(set(found) - set(PAGES[page]))} are unknown."
    for cell in solved:
        said = [output.data["text/plain"] for output in cell.outputs if "text/markdown" in output.get("data", {})]
        assert len(said) == len(CALL.findall(cell.source)) and all(text.startswith("Right.") for text in said), (
            f"{page}.ipynb: a solution does not pass its own check: {said}. Run the page again."
        )


# --- what is handed in -------------------------------------------------------------------------------------


def mean_square(x, power):
    return np.mean(x**power)


SMALL = {
    "page": {
        "mean-power": Exercise(
            asks="your function of `x` and `power`",
            reference=mean_square,
            why="So it is.",
            mistakes=(
                (lambda x, power: np.sum(x**power), "That is the sum."),
                (lambda x, power: np.mean(x), "That leaves the power out."),
            ),
            inputs=((np.array([1.0, 2.0, 6.0]), 2),),
            draw=lambda rng: (rng.normal(size=4).round(1), int(rng.integers(2, 4))),
        ),
        "three-parts": Exercise(
            asks="a mean, a spread and a count", reference=(2.5, 0.5, 4), why="All three.", mistakes=()
        ),
        "half-life": Exercise(asks="a number", reference=0.5, why="Half.", mistakes=((2.0, "Upside down."),)),
        "ragged-pair": Exercise(
            asks="a point and a height", reference=(np.array([1.0, 2.0]), 3.0), why="Both.", mistakes=()
        ),
    }
}


def small(name, mine):
    return answer(name, mine, SMALL)


@pytest.mark.parametrize(
    "mine",
    [
        lambda x, power: (x**power).sum() / len(x),
        lambda x, power: x ** (power - 1) @ x / x.size,
        lambda x, power: sum(float(value) ** power for value in x) / len(x),
        lambda x, power: [np.mean(x**power)],
        lambda x, power: np.array(np.mean(x**power)),
        lambda x, power: Fraction(float(np.mean(x**power))),
        lambda *both: np.longdouble(mean_square(*both)),
        lambda x, power=2, extra=0: np.float64(np.mean(x**power)) + extra,
        functools.partial(lambda extra, x, power: np.mean(x**power), None),
        np.vectorize(mean_square, signature="(n),()->()"),
        mean_square,
    ],
)
def test_equivalent_functions_pass(mine):
    assert small("mean-power", mine).kind == "right"


@pytest.mark.parametrize(
    "name, mine",
    [
        *(("half-life", value) for value in (0.5, np.float32(0.5), np.array(0.5), [0.5], Fraction(1, 2), 0.5 + 1e-9)),
        *(("three-parts", value) for value in ((2.5, 0.5, 4), [2.5, 0.5, 4.0], np.array([2.5, 0.5, 4]))),
        *(("three-parts", value) for value in ((np.float64(2.5), 0.5, np.int32(4)), (Fraction(5, 2), 0.5, 4))),
        *(("ragged-pair", value) for value in ((np.array([1, 2]), 3), [[1.0, 2.0], 3.0])),
    ],
)
def test_equivalent_values_pass(name, mine):
    assert small(name, mine).kind == "right"


def test_one_mistake_is_told_from_another_with_the_input_and_the_readers_value():
    said = small("mean-power", lambda x, power: sum(x**power))
    assert said == Answer("mistake", "That is the sum. At `x = [1, 2, 6], power = 2` yours gives `41`.")
    assert "13.66" not in str(said)


@pytest.mark.parametrize(
    "change, says",
    [
        (lambda right: 2 * right, "by the same factor"),
        (lambda right: right + 1, "by the same amount"),
        (lambda right: -right, "sign is the wrong way round"),
        (lambda right: right + 1e-5 * np.abs(right), "close, but not equal"),
        (lambda right: np.nan, "NaN comes from"),
        (lambda right: right**2, "yours gives"),
        (lambda right: np.inf, "yours gives `inf`"),
    ],
)
def test_what_is_wrong_in_no_known_way_is_told_where_and_how(change, says):
    said = small("mean-power", lambda x, power: change(mean_square(x, power)))
    assert said.kind == "wrong" and says in said.text and "At `x = [1, 2, 6], power = 2` yours gives" in said.text


def test_a_value_copied_from_a_print_out_is_told_so_and_one_of_a_mistake_too():
    assert "rounded" in small("half-life", 0.5001).text and "rounded" in check("threshold-bits", 0.34).text
    assert "rounded" in small("mean-power", lambda x, power: round(mean_square(x, power), 2)).text
    assert "rounded" not in small("half-life", 0.52).text + small("half-life", 1.0).text
    assert small("half-life", 2.0005) == Answer("mistake", "Upside down. Yours is `2.0005`.")


class Hostile:
    """Raises whatever is done with it."""

    def __array__(self, *_, **__):
        raise RuntimeError("no array")

    def __repr__(self):
        raise RuntimeError("no text")

    __str__ = __float__ = __len__ = __repr__


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no message")


def not_implemented(x, power):
    raise NotImplementedError


def leaves(x, power):
    raise SystemExit(3)


def mute(x, power):
    raise Mute


def interrupted(x, power):
    raise KeyboardInterrupt


def recursive(x, power):
    return recursive(x, power)


def divides(x, power):
    below = power - power
    return power // below


def deep(x, power):
    return np.linalg.inv(np.zeros((2, 2)))


def changes(x, power):
    x **= power
    return x.mean()


def empty(x, power):
    x.mean()


async def awaits(x, power):
    return 1.0


@pytest.mark.parametrize(
    "mine, kind, says",
    [
        (None, "later", "your function of `x` and `power`"),
        (..., "later", "Hand in"),
        (lambda x, power: None, "later", "gives `None`"),
        (lambda x, power: ..., "later", "`return`"),
        (not_implemented, "later", "NotImplementedError"),
        (empty, "later", "`return`"),
        (3.0, "odd", "without calling it"),
        ("mean_square", "odd", "without quotes"),
        ([mean_square], "odd", "the function itself"),
        (lambda x: 1.0, "odd", "must take `x`, `power`"),
        (lambda: 1.0, "odd", "must take `x`, `power`"),
        (lambda x, power, more: 1.0, "odd", "must take `x`, `power`"),
        (lambda x, power: "13.7", "odd", "text"),
        (lambda x, power: b"13.7", "odd", "text"),
        (lambda x, power: 1j, "odd", "complex"),
        (lambda x, power: True, "odd", "true or false"),
        (lambda x, power: {}, "odd", "a dict"),
        (lambda x, power: {1.0}, "odd", "a set"),
        (lambda x, power: mean_square, "odd", "a function"),
        (lambda x, power: (value for value in x), "odd", "a generator"),
        (lambda x, power: object(), "odd", "an object"),
        (lambda x, power: [1.0, "a"], "odd", "text"),
        (lambda x, power: [[1.0], [1.0, 2.0]], "odd", "2 parts"),
        (lambda x, power: x**power, "odd", "an array of shape (3,), where one number is wanted"),
        (lambda x, power: np.ones((2, 2)), "odd", "an array of shape (2, 2)"),
        (lambda x, power: [], "odd", "an array of shape (0,)"),
        (lambda x, power: np.datetime64("2020-01-01"), "odd", "a date"),
        (awaits, "odd", "a coroutine"),
        (changes, "odd", "changes its own input"),
        (lambda x, power: x.sort(), "later", "`return`"),
        (divides, "raised", "`return power // below`, `ZeroDivisionError: integer division"),
        (lambda x, power: undefined, "raised", "NameError"),  # noqa: F821
        (deep, "raised", "`return np.linalg.inv(np.zeros((2, 2)))`, `LinAlgError: Singular matrix`"),
        (recursive, "raised", "RecursionError"),
        (leaves, "raised", "SystemExit"),
        (mute, "raised", "`Mute`"),
        (interrupted, "raised", "interrupted"),
        (lambda x, power: Hostile(), "raised", "RuntimeError"),
        (exit, "odd", "must take"),
        (Hostile(), "odd", "the function itself"),
    ],
)
def test_nonsense_for_a_function_is_answered(mine, kind, says):
    said = small("mean-power", mine)
    assert (said.kind, says in said.text) == (kind, True), said
    assert "Traceback" not in repr(said) and "\n" not in repr(said) and "13.66" not in repr(said)


@pytest.mark.parametrize(
    "mine, kind, says",
    [
        (None, "later", "Hand in a number"),
        (..., "later", "Hand in a number"),
        ("0.5", "odd", "text"),
        (0.5j, "odd", "complex"),
        (True, "odd", "true or false"),
        (mean_square, "odd", "This is a function"),
        ({"answer": 0.5}, "odd", "a dict"),
        ([0.5, 0.5], "odd", "an array of shape (2,), where one number is wanted"),
        (np.nan, "wrong", "NaN comes from"),
        (np.inf, "wrong", "`inf`"),
        (10**400, "odd", "too large"),
        (0.7, "wrong", "Yours is `0.7`."),
    ],
)
def test_nonsense_for_a_number_is_answered(mine, kind, says):
    said = small("half-life", mine)
    assert (said.kind, says in said.text) == (kind, True), said


def test_what_only_acts_like_an_array_is_quoted_as_one():
    class Series:
        def __array__(self, dtype=None, copy=None):
            return np.array([1.0, 2.0, 4.0], dtype=dtype)

    said = small("three-parts", Series())
    assert said == Answer("wrong", "Yours is `[1, 2, 4]`.")


def test_what_cannot_even_be_looked_at_leaks_no_exception():
    loop = []
    loop.append(loop)
    for mine in (Hostile(), [Hostile()], loop):
        assert check("hand-gain", mine).kind == "odd"


def test_the_line_named_is_the_readers_own_as_in_a_cell():
    import linecache

    cell = "import numpy as np\n\n\ndef mine(x, power):\n    # why\n    return np.mean(x) + np.ones((2, 'a'))\n"
    linecache.cache["/tmp/ipykernel_7/8.py"] = (len(cell), None, cell.splitlines(True), "/tmp/ipykernel_7/8.py")
    space = {}
    exec(compile(cell, "/tmp/ipykernel_7/8.py", "exec"), space)
    said = small("mean-power", space["mine"]).text
    assert "in line 6, `return np.mean(x) + np.ones((2, 'a'))`, `TypeError:" in said


# --- nothing is left behind --------------------------------------------------------------------------------


def test_the_readers_arrays_are_unchanged():
    mine, before = np.array([2.5, 0.5, 4.0]), [2.5, 0.5, 4.0]
    small("three-parts", mine)
    assert mine.tolist() == before and mine.flags.writeable
    kept = []
    small("mean-power", lambda x, power: kept.append(x.copy()) or changes(x, power))
    assert kept[0].tolist() == inputs(SMALL["page"]["mean-power"])[0][0].tolist()


def test_it_draws_from_its_own_generator_and_leaves_settings_alone(capsys):
    def noisy(x, power):
        print("here", x)
        warnings.warn("careful", stacklevel=1)
        np.seterr(all="raise")
        return np.log(-1.0) + np.float64(1) / 0

    before, errors, filters = np.random.get_state()[1].copy(), np.geterr(), list(warnings.filters)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        said = small("mean-power", noisy)
    assert said.kind in ("wrong", "raised") and not caught
    assert np.array_equal(before, np.random.get_state()[1]) and np.geterr() == errors
    assert list(warnings.filters) == filters and capsys.readouterr() == ("", "")


def forever(x, power):
    while True:
        time.sleep(0.01)


def stubborn(x, power):
    while True:
        try:
            time.sleep(0.001)
        except:  # noqa: E722
            pass


@TIMER
@pytest.mark.parametrize("mine", [forever, lambda x, power: time.sleep(60)])
def test_what_does_not_end_is_stopped(mine, monkeypatch):
    monkeypatch.setattr(checks, "SECONDS", 0.3)
    begun = time.monotonic()
    said = small("mean-power", mine)
    assert said.kind == "slow" and "loop that does not end" in said.text and time.monotonic() - begun < 5


@TIMER
def test_no_timer_and_no_handler_are_left_whatever_happened(monkeypatch):
    monkeypatch.setattr(checks, "SECONDS", 0.2)
    rang = []
    before = signal.signal(signal.SIGALRM, lambda *_: rang.append(1))
    try:
        for mine in (mean_square, forever, divides, interrupted, None):
            handler = signal.getsignal(signal.SIGALRM)
            small("mean-power", mine)
            assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0) and signal.getsignal(signal.SIGALRM) is handler
        signal.setitimer(signal.ITIMER_REAL, 0.4)  # somebody else's alarm still rings
        small("mean-power", forever)
        time.sleep(0.5)
        assert rang == [1]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@TIMER
def test_the_limit_is_five_seconds():
    assert checks.SECONDS == 5


def test_beside_the_main_thread_and_without_timers_there_is_no_limit(monkeypatch):
    said = []
    thread = threading.Thread(target=lambda: said.append(small("mean-power", mean_square)))
    thread.start()
    thread.join()
    monkeypatch.delattr(signal, "setitimer", raising=False)
    assert said[0].kind == small("mean-power", mean_square).kind == "right"


# --- names, and how an answer looks ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, mine, says",
    [
        ("mean-powr", 1, "there is `mean-power`"),
        ("MEAN-POWER", 1, "`mean-power`"),
        ("half-live", 1, "`half-life`"),
        ("page", 1, "On that page there are `mean-power`, `three-parts`"),
        ("zzz", 1, "The last line of an exercise says its name"),
        ("", 1, "The last line"),
        (None, 1, "The last line"),
        (7, 1, "The last line"),
        (mean_square, "mean-power", 'The name comes first, as in `check("mean-power", mine)`'),
        (["mean-power"], 1, "`mean-power`"),
    ],
)
def test_an_unknown_name_is_told_what_there_is(name, mine, says):
    said = small(name, mine)
    assert said.kind == "unknown" and says in said.text


def test_an_answer_is_one_line_of_text_and_of_markdown():
    said = Answer("right", "So it is.")
    assert repr(said) == str(said) == "Right. So it is." and said._repr_markdown_() == "**Right.** So it is."
    assert all(head.endswith(".") for head in HEADS.values())


@pytest.mark.parametrize(
    "value, text",
    [
        (0.1 + 0.2, "0.3"),
        (np.float64(2), "2"),
        (-math.inf, "-inf"),
        (np.arange(4), "[0, 1, 2, 3]"),
        (np.zeros((20, 3)), "array of shape (20, 3)"),
        ((1, np.array([2.5, 1])), "(1, [2.5, 1])"),
        (list(range(9)), "[0, 1, 2, 3, 4, 5, …]"),
        (mean_square, "mean_square"),
        (object(), "an object"),
        (Hostile(), "a Hostile"),
        (True, "True"),
    ],
)
def test_values_are_quoted_shortly(value, text):
    assert shown(value) == text


def test_a_text_of_the_readers_stays_inside_its_code():
    assert checks.code("a `b`\n<c> $d$") == "`a 'b' <c> $d$`"
    assert len(checks.code("x" * 500)) < 170
