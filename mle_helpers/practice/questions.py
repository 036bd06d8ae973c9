"""Read the questions of ``book/practice/<page>.yml``, say what one lacks, and compute its numbers.

A question has ``ask`` and a ``kind``:

- one, several: ``options``, each with ``say``, ``because`` and, if it is right, ``right: true``;
- number: ``answer``, an expression; ``within``, such as ``2 %`` or ``0.5``; ``because``; ``near`` misses, each with
  ``value`` (in which ``answer`` is the right number) and ``because``; if wanted a ``unit`` behind the number;
- formula: ``where`` (values of each symbol), ``answer``, ``because``, ``near`` misses with ``formula`` and ``because``;
  if wanted ``say``, the answer in MyST, and ``parameter``, with which ``theta_free_terms: drop`` (or
  ``theta_free_factors: drop``) makes formulas equal that differ by a term (a positive factor) without it;
- order: ``right``, the items from first to last, ``because``, and ``near`` misses with ``order`` and ``because``.

Formulas are written in a small language (`LANGUAGE`) that ``practice.js`` reads too. The page never runs Python.
"""

import ast
import math
import re
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
    "number": ("answer", "within", "because"),
    "formula": ("where", "answer", "because"),
    "order": ("right", "because"),
}
MAY = {  # kind -> what it may have besides
    "number": ("near", "unit"),
    "formula": ("near", "say", "parameter", "theta_free_terms", "theta_free_factors"),
    "order": ("near",),
}
LANGUAGE = {*("log", "ln", "exp", "sqrt", "abs", "gamma", "lgamma", "gammaln", "factorial", "comb", "pi", "e")}
SIGNS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.UAdd)
PARTS = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Constant, ast.Load, *SIGNS)
NAMES = {  # what an expression may use: NumPy as np, distributions of scipy.stats, the functions that formulas use
    **{name: thing for name, thing in vars(scipy.stats).items() if hasattr(thing, "cdf")},
    **{name: getattr(np, name) for name in ("log", "log2", "log10", "exp", "sqrt", "pi", "sin", "cos", "arctan")},
    **{name: getattr(scipy.special, name) for name in ("comb", "factorial", "gamma", "gammaln", "logsumexp")},
    **{"ln": np.log, "lgamma": scipy.special.gammaln, "e": math.e},
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
    if not isinstance(found.get("quiz", []), list):
        raise ValueError(f"{path.name}: quiz must be a list of questions, as in  quiz: [{{ask: …}}].")
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


def find_quiz(page, folder=PRACTICE):
    """The questions of a page's quiz, in order; a ValueError says that there is none, or what one of them lacks."""
    questions = load(page, folder).get("quiz", [])
    if not questions:
        raise ValueError(f"{page}.yml has no quiz: a list of questions under  quiz:")
    for number, question in enumerate(questions, start=1):
        for fault in faults(question):
            raise ValueError(f"{page}.yml, quiz {number}: {fault}")
    return questions


def reasons(question):
    """All reasons of a question, in the order in which it has them."""
    each = [*question.get("options", []), *question.get("near", []), question]
    return [str(item["because"]).strip() for item in each if isinstance(item, dict) and item.get("because")]


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
        known = {"ask", "kind", *KINDS[kind], *MAY.get(kind, ())}
        if unknown := [key for key in question if key not in known]:
            yield f"{', '.join(map(str, unknown))}: kind {kind} has only {', '.join(sorted(known))}."
        yield from FAULTS.get(kind, option_faults)(question)
        if len(set(said := reasons(question))) < len(said):
            yield "two of its reasons are the same; each mistake has its own."


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
    yield from (wrong := list(texts(question.get("near", []), ("value", "because"), "near miss")))
    if wrong:
        return
    misses = [miss["value"] for miss in question.get("near", [])]
    for expression in [question["answer"], *misses]:
        try:
            value = compute(expression, answer=compute(question["answer"]))
        except Exception as error:
            yield f"{expression} cannot be computed: {error}."
            return
        if not np.isfinite(value):
            yield f"{expression} is {value}, no finite number."
    try:
        close, answer = tolerance(question), compute(question["answer"])
    except ValueError:
        yield f"within is {question['within']!r}; write a number, or a share such as 2 %."
        return
    for miss in misses:
        if abs(compute(miss, answer=answer) - answer) <= close:
            yield f"the near miss {miss} lies within {question['within']} and counts as right."


def unreadable(formula, symbols):
    """What in ``formula`` is beyond the language that practice.js reads too; "" if nothing is."""
    try:
        tree = ast.parse(python(formula), mode="eval")
    except SyntaxError as error:
        return error.msg
    for node in ast.walk(tree):
        if not isinstance(node, PARTS):
            return f"{ast.unparse(node)} is not of the small language of formulas"
        if isinstance(node, ast.Name) and node.id not in LANGUAGE | {python(symbol) for symbol in symbols}:
            return f"{node.id} is neither in where nor in the small language of formulas"
    return ""


def formula_faults(question):
    yield from (
        wrong := [*where_faults(question), *texts(question.get("near", []), ("formula", "because"), "near miss")]
    )
    if wrong:
        return
    misses = [miss["formula"] for miss in question.get("near", [])]
    for formula in [question["answer"], *misses]:
        if trouble := unreadable(formula, question["where"]):
            yield f"{formula} cannot be read: {trouble}."
        elif not np.all(np.isfinite(values_of(formula, question["where"]))):
            yield f"{formula} cannot be computed at all values of where."
        elif formula in misses and same(question, formula):
            yield f"the near miss {formula} counts as right."


def where_faults(question):
    """A sentence for each fault in the values of a formula's symbols and in what is said of its parameter."""
    where, parameter = question["where"], question.get("parameter")
    if not isinstance(where, dict) or len({np.size(values) for values in where.values()}) != 1:
        yield "where must give every symbol the same number of values."
        return
    if parameter is not None and parameter not in where:
        yield f"parameter is {parameter!r}, which is not in where."
    for key in ("theta_free_terms", "theta_free_factors"):
        if question.get(key, "count") not in ("count", "drop"):
            yield f"{key} is {question[key]!r}; it can be count or drop."
        elif question.get(key) and parameter is None:
            yield f"{key} needs a parameter."


def values_of(formula, where, **fixed):
    """A formula's values at the points of ``where``; NaN where it has none."""
    values = []
    for row in zip(*where.values(), strict=True):
        with np.errstate(all="ignore"):
            try:
                values.append(compute(formula, **{**dict(zip(where, row, strict=True)), **fixed}))
            except (ArithmeticError, ValueError):
                values.append(math.nan)
    return np.array(values)


def same(question, formula):
    """Does ``formula`` count as right at the points of ``where``? (The page has more points, and the same rule.)"""
    where, parameter = question["where"], question.get("parameter")
    one, other = (values_of(each, where) for each in (question["answer"], formula))
    change = {"theta_free_factors": np.divide, "theta_free_terms": np.subtract}
    for key, gap in change.items():
        if question.get(key) == "drop":
            moved = [gap(one, values_of(question["answer"], where, **{parameter: v})) for v in where[parameter]]
            with_it = [gap(other, values_of(formula, where, **{parameter: v})) for v in where[parameter]]
            return np.allclose(moved, with_it, rtol=1e-6, atol=1e-12)
    return np.allclose(one, other, rtol=1e-6, atol=0)


def order_faults(question):
    right = question["right"]
    if not isinstance(right, list) or len(right) < 3:
        yield "right must list three items or more, from first to last."
        return
    if len(set(map(str, right))) < len(right):
        yield "two of its items are the same."
    for place, miss in enumerate(question.get("near", []), start=1):
        if not isinstance(miss, dict) or not miss.get("because") or not isinstance(miss.get("order"), list):
            yield f"near miss {place} needs order and because."
        elif sorted(map(str, miss["order"])) != sorted(map(str, right)) or miss["order"] == right:
            yield f"near miss {place} must have the same items in another order."


FAULTS = {"number": number_faults, "formula": formula_faults, "order": order_faults}


def python(formula):
    """The formula as Python writes it: ^ is **, and lambda is no keyword."""
    return re.sub(r"\blambda\b", "lambda_", str(formula)).replace("^", "**")


def compute(expression, **values):
    """The value of an expression such as ``hypergeom.pmf(14, 428, 100, 60)``, as a float."""
    if isinstance(expression, int | float):
        return float(expression)
    names = {"__builtins__": {}, **NAMES, **{python(name): value for name, value in values.items()}}
    return float(eval(python(expression), names))  # from the course's own files, never from a reader


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
