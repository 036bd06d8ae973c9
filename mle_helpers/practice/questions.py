"""Read the questions of ``book/practice/<page>.yml``, say what one lacks, and compute its numbers.

A question has ``ask`` and a ``kind``:

- one, several: ``options``, each with ``say``, ``because`` and, if it is right, ``right: true``;
- number: ``answer``, an expression; ``within``, such as ``2 %`` or ``0.5``; ``near`` misses, each ``value`` (in which
  ``answer`` is the right number) and ``because``; if wanted a ``unit`` behind the number and a ``because`` of its own;
- formula: ``where`` (values of each symbol), ``answer``, ``near`` misses with ``formula`` and ``because``;
- order: ``right``, the items from first to last, and ``because``.
"""

import math
from pathlib import Path

import numpy as np
import scipy.special
import scipy.stats
import yaml

HERE = Path(__file__).resolve().parent
FOLDERS = (HERE.parent.parent / "book" / "practice", HERE / "pages")  # in a clone; beside a notebook taken home
PRACTICE = next(filter(Path.is_dir, FOLDERS), FOLDERS[0])
KINDS = {  # kind -> what such a question needs besides ask and kind
    "one": ("options",),
    "several": ("options",),
    "number": ("answer", "within"),
    "formula": ("where", "answer"),
    "order": ("right", "because"),
}
NAMES = {  # what an expression may use: NumPy as np, distributions of scipy.stats, the functions that formulas use
    **{name: thing for name, thing in vars(scipy.stats).items() if hasattr(thing, "cdf")},
    **{name: getattr(np, name) for name in ("log", "log2", "log10", "exp", "sqrt", "pi", "sin", "cos", "arctan")},
    **{name: getattr(scipy.special, name) for name in ("comb", "factorial", "gamma", "gammaln", "logsumexp")},
    **{"np": np, "abs": abs, "round": round, "min": min, "max": max, "sum": sum, "range": range, "inf": math.inf},
}


def load(page, folder=PRACTICE):
    """What ``<page>.yml`` holds: {"predict": {id: question}, "quiz": [question]}; a ValueError says what is wrong."""
    path = Path(folder) / f"{page}.yml"
    if not path.is_file():
        there = ", ".join(sorted(file.stem for file in path.parent.glob("*.yml"))) or "none"
        raise ValueError(f"There are no questions for the page {page!r} in {path.parent}. There are some for: {there}.")
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{path.name} is no YAML: {error} (Text with ': ' or '#' in it stands in quotes.)") from error
    if not isinstance(found, dict) or not isinstance(found.get("predict", {}), dict):
        raise ValueError(f"{path.name}: predict must hold questions by id, as in  predict: {{one-toss: {{ask: …}}}}.")
    return found


def find(name, folder=PRACTICE):
    """The prediction ``"page:id"``; a ValueError says what there is instead, or what the question lacks."""
    page, colon, key = name.partition(":")
    if not colon or not key:
        raise ValueError(f"A question is named page:id, such as likelihood:one-toss; got {name!r}.")
    questions = load(page, folder).get("predict", {})
    if key not in questions:
        there = ", ".join(map(str, questions)) or "none"
        raise ValueError(f"{page}.yml has no prediction {key!r}. It has: {there}.")
    for fault in faults(questions[key]):
        raise ValueError(f"{page}.yml, {key}: {fault}")
    return questions[key]


def faults(question):
    """A sentence for each thing that a question lacks."""
    if not isinstance(question, dict):
        yield f"a question has ask and kind; this is {question!r}."
        return
    kind = question.get("kind")
    if kind not in KINDS:
        yield f"kind is {kind!r}; it must be one of {', '.join(KINDS)}."
    missing = [key for key in ("ask", *KINDS.get(kind, ())) if question.get(key) in (None, "", [], {})]
    if missing:
        yield f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing."
    elif kind in KINDS:
        if not isinstance(question["ask"], str):
            yield f"ask must be text; {question['ask']!r} needs quotes."
        yield from {"number": number_faults, "formula": formula_faults, "order": order_faults}.get(kind, option_faults)(
            question
        )


def texts(items, keys, where):
    """A sentence for each of ``items`` that has no text under one of ``keys``."""
    if not isinstance(items, list):
        yield f"{where} must be a list."
        return
    for place, item in enumerate(items, start=1):
        for key in keys:
            text = item.get(key) if isinstance(item, dict) else None
            if text in (None, "") or isinstance(text, bool | dict | list):
                yield f"{where} {place} has no text under {key}" + (
                    f"; {text} is read as true or false, put it in quotes." if isinstance(text, bool) else "."
                )


def option_faults(question):
    yield from (wrong := list(texts(question["options"], ("say", "because"), "option")))
    if wrong:
        return
    right = [option for option in question["options"] if option.get("right") is True]
    if any(option.get("right", True) is not True for option in question["options"]):
        yield "right can only be true; leave it out elsewhere."
    if len(question["options"]) < 2:
        yield "there is only one option."
    if question["kind"] == "one" and len(right) != 1:
        yield f"{len(right)} options are right; kind one has exactly one."
    if question["kind"] == "several" and not right:
        yield "no option is right."


def number_faults(question):
    yield from texts(question.get("near", []), ("value", "because"), "near miss")
    for expression in [question["answer"], *(miss.get("value", 0) for miss in question.get("near", []))]:
        try:
            value = compute(expression, answer=compute(question["answer"]))
        except Exception as error:
            yield f"{expression} cannot be computed: {error}."
            return
        if not np.isfinite(value):
            yield f"{expression} is {value}, no finite number."
    try:
        tolerance(question)
    except ValueError:
        yield f"within is {question['within']!r}; write a number, or a share such as 2 %."


def formula_faults(question):
    yield from texts(question.get("near", []), ("formula", "because"), "near miss")
    lengths = {len(values) for values in question["where"].values()}
    if len(lengths) != 1:
        yield "where must give every symbol the same number of values."
        return
    for formula in [question["answer"], *(miss.get("formula", 0) for miss in question.get("near", []))]:
        for values in zip(*question["where"].values(), strict=True):
            try:
                compute(formula, **dict(zip(question["where"], values, strict=True)))
            except Exception as error:
                yield f"{formula} cannot be computed: {error}."
                return


def order_faults(question):
    if not isinstance(question["right"], list) or len(question["right"]) < 3:
        yield "right must list three items or more, from first to last."


def compute(expression, **values):
    """The value of an expression such as ``hypergeom.pmf(14, 428, 100, 60)``, as a float."""
    if isinstance(expression, int | float):
        return float(expression)
    return float(eval(str(expression), {"__builtins__": {}, **NAMES, **values}))  # the course's own files, no reader's


def tolerance(question):
    """How far from the answer a number may be and count as right: ``within`` as an amount."""
    text = str(question["within"]).strip()
    if text.endswith("%"):
        return abs(compute(question["answer"])) * float(text[:-1]) / 100
    return float(text)


def shown(value, close):
    """``value`` with the digits that a tolerance of ``close`` makes worth showing, and two of its own at least."""
    places = [-math.floor(math.log10(abs(size))) for size in (close, value) if size]
    places = max(0, 1 + max(places, default=0))
    return f"{value:,.{places}f}".replace("-", "−")
