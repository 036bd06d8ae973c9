"""A question as a box: on a page, in JupyterLab, and as plain text.

The reasons wait folded, and need no script. Where ``practice.js`` runs, it puts controls in the place of the folds,
takes the reasons from them, and judges by the few numbers of `payload`.
"""

import hashlib
import json
import re
from functools import cache
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from mle_helpers.practice.questions import compute, shown, tolerance

# For JupyterLab, where no style sheet of the course is; a page takes these styles off and brings its own.
FRAME = ' style="border-left: 3px solid #a0628f; padding: 0 0 4px 12px; margin: 0 0 12px"'
TITLE = ' style="font-weight: bold; color: #a0628f"'
MARK = '<span class="mark">▸ </span>'  # JupyterLab draws none
VERDICT = {True: "Right.", False: "Not so."}
MODULE = Path(__file__).with_name("practice.js")


def formula(text, options):
    return rf"\[{escape(text)}\]" if options["display_mode"] else rf"\({escape(text)}\)"


MARKDOWN = MarkdownIt("commonmark").use(dollarmath_plugin, allow_labels=False, renderer=formula)


def inline(text):
    """One line of MyST as HTML; formulas become \\( … \\) in a span that MathJax looks into."""
    return MARKDOWN.renderInline(str(text).strip()).replace('class="math inline"', 'class="math"')


def blocks(text):
    """MyST as HTML paragraphs."""
    return MARKDOWN.render(str(text).strip()).strip().replace('class="math inline"', 'class="math"')


def fold(handle, body, kind="option"):
    """A closed <details>; its handle is no question of its own, so it stays in the text."""
    return (
        f'<details class="fold {kind}"><summary class="fold-title">{MARK}{handle}</summary>\n'
        f'<div class="reason">{body}</div></details>'
    )


def judged(right, reason):
    """The verdict in bold, then the reason."""
    return f'<p><strong class="{"right" if right else "wrong"}">{VERDICT[right]}</strong> {inline(reason)}</p>'


def option_folds(question):
    return [fold(inline(o["say"]), judged(o.get("right", False), o["because"])) for o in question["options"]]


def number_folds(question):
    answer, close = compute(question["answer"]), tolerance(question)
    unit = f" {inline(question['unit'])}" if question.get("unit") else ""
    lines = [f"<p><strong>{shown(answer, close)}{unit}.</strong> {inline(question['because'])}</p>"]
    for miss in question.get("near", []):
        value = shown(compute(miss["value"], answer=answer), close)
        lines.append(f"<p><em>{value}?</em> {inline(miss['because'])}</p>")
    return [fold("Answer", "\n".join(lines), "answer")]


def formula_folds(question):
    said = inline(question.get("say") or f"`{question['answer']}`")
    lines = [f"<p><strong>{said}</strong> {inline(question['because'])}</p>"]
    for miss in question.get("near", []):
        lines.append(f"<p><code>{escape(str(miss['formula']))}</code>? {inline(miss['because'])}</p>")
    return [fold("Answer", "\n".join(lines), "answer")]


def mixed(items):
    """The items of an order in an order that gives nothing away: by their letters, turned if that is the right one."""
    items = list(map(str, items))
    by_letters = sorted(items)
    return by_letters[::-1] if by_letters == items else by_letters


def order_folds(question):
    def line(tag, items, because):
        return f"<p><{tag}>{' → '.join(map(inline, items))}</{tag}> {inline(because)}</p>"

    lines = [line("strong", question["right"], question["because"])]
    lines += [line("em", miss["order"], miss["because"]) for miss in question.get("near", [])]
    return [fold("Answer", "\n".join(lines), "answer")]


FOLDS = {"number": number_folds, "formula": formula_folds, "order": order_folds}


# --- what practice.js judges by ----------------------------------------------------------------------------


def lean(number):
    """The number with the digits that any processor agrees on."""
    return float(f"{number:.10g}")


def option_payload(question):
    return {"right": [place for place, option in enumerate(question["options"]) if option.get("right")]}


def number_payload(question):
    """The answer and each near miss as [number, how far from it still counts]."""
    answer, close = compute(question["answer"]), tolerance(question)
    share = close / abs(answer) if str(question["within"]).strip().endswith("%") else None
    misses = [compute(miss["value"], answer=answer) for miss in question.get("near", [])]
    near = [[lean(miss), lean(close if share is None else share * abs(miss))] for miss in misses]
    return {"answer": [lean(answer), lean(close)], "near": near, "unit": str(question.get("unit", ""))}


def order_payload(question):
    """The right order and the near misses as places in the list that is shown."""
    shown_first = mixed(question["right"])
    orders = [question["right"], *(miss["order"] for miss in question.get("near", []))]
    right, *near = [[shown_first.index(str(item)) for item in order] for order in orders]
    return {"right": right, "near": near}


def formula_payload(question):
    near = [str(miss["formula"]) for miss in question.get("near", [])]
    extra = {key: question[key] for key in ("parameter", "theta_free_terms", "theta_free_factors") if key in question}
    return {"where": question["where"], "answer": str(question["answer"]), "near": near, **extra}


PAYLOADS = {"number": number_payload, "formula": formula_payload, "order": order_payload}


def payload(question, name):
    """What the page needs to judge an answer, without the reasons; a reader's answer is kept under its ``id``.

    The id changes with the question, so that no old answer stands under a new one.
    """
    said = json.dumps([question["ask"], *map(str, Box("", question).choices())])
    key = f"{name}:{hashlib.sha256(said.encode()).hexdigest()[:8]}"
    return {"id": key, "kind": question["kind"], **PAYLOADS.get(question["kind"], option_payload)(question)}


@cache
def module():
    """The script, inline as in an explorer; without comments and on one line, so that a notebook's diff stays small."""
    lines = (re.sub(r"(^|\s+)// .*", "", line).strip() for line in MODULE.read_text(encoding="utf-8").splitlines())
    source = " ".join(filter(None, lines))
    return f'<script type="module" data-practice-module>{source}</script>'


# --- boxes -------------------------------------------------------------------------------------------------


class Box:
    """A question under a title; shown as HTML where that is possible, else as text without its answers."""

    def __init__(self, title, question, name="", kind="predict"):
        self.title, self.question, self.name, self.kind = title, question, name, kind

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": self.text(), "text/html": f"{self.html()}\n{module()}"}

    def __repr__(self):
        return self.text()

    def choices(self):
        """What there is to choose from or to sort, as MyST; nothing where a number or a formula is asked for."""
        kind = self.question["kind"]
        if kind == "order":
            return mixed(self.question["right"])
        return [str(option["say"]).strip() for option in self.question.get("options", [])]

    def text(self):
        choices = [f"  - {choice}" for choice in self.choices()]
        return "\n".join([f"{self.title}. {str(self.question['ask']).strip()}", *choices])

    def html(self):
        kind = self.question["kind"]
        body = [f'<div class="ask">{blocks(self.question["ask"])}</div>']
        if kind == "order":
            items = "".join(f"<li>{inline(item)}</li>" for item in self.choices())
            body.append(f'<ul class="choices">{items}</ul>')
        folds = FOLDS.get(kind, option_folds)(self.question)
        data = json.dumps(payload(self.question, self.name), separators=(",", ":"), ensure_ascii=False)
        data = data.replace("<", "\\u003c")
        return (
            f'<div class="admonition {self.kind} question kind-{kind}" data-practice{FRAME}>\n'
            f'<p class="admonition-title"{TITLE}>{self.title}</p>\n'
            + "\n".join([*body, *folds])
            + f'\n<script type="application/json">{data}</script></div>'
        )


class Quiz:
    """The questions of a page's quiz, one box for each, and one script for all."""

    def __init__(self, questions, page):
        many = len(questions)
        self.boxes = [
            Box(f"Question {number} of {many}", question, f"{page}:quiz", "quiz")
            for number, question in enumerate(questions, start=1)
        ]

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": repr(self), "text/html": f"{self.html()}\n{module()}"}

    def __repr__(self):
        return "\n\n".join(box.text() for box in self.boxes)

    def html(self):
        return "\n".join(box.html() for box in self.boxes)
