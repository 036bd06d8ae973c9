"""A question as a box: on a page, in JupyterLab, and as plain text. Reasons wait folded; no script is needed."""

from html import escape

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from mle_helpers.practice.questions import compute, shown, tolerance

# For JupyterLab, where no style sheet of the course is; a page takes these styles off and brings its own.
FRAME = ' style="border-left: 3px solid #a0628f; padding: 0 0 4px 12px"'
TITLE = ' style="font-weight: bold; color: #a0628f"'
MARK = '<span class="mark">▸ </span>'  # JupyterLab draws none
VERDICT = {True: "Right.", False: "Not so."}


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
    lines = [f"<p><strong>{shown(answer, close)}{unit}.</strong> {inline(question.get('because', ''))}</p>"]
    for miss in question.get("near", []):
        value = shown(compute(miss["value"], answer=answer), close)
        lines.append(f"<p><em>{value}?</em> {inline(miss['because'])}</p>")
    return [fold("Answer", "\n".join(lines), "answer")]


def formula_folds(question):
    said = inline(question.get("say") or f"`{question['answer']}`")
    lines = [f"<p><strong>{said}</strong> {inline(question.get('because', ''))}</p>"]
    for miss in question.get("near", []):
        lines.append(f"<p><code>{escape(str(miss['formula']))}</code>? {inline(miss['because'])}</p>")
    return [fold("Answer", "\n".join(lines), "answer")]


def mixed(items):
    """The items of an order in an order that gives nothing away: by their letters, turned if that is the right one."""
    items = list(map(str, items))
    by_letters = sorted(items)
    return by_letters[::-1] if by_letters == items else by_letters


def order_folds(question):
    said = " → ".join(inline(item) for item in question["right"])
    return [fold("Answer", f"<p><strong>{said}.</strong> {inline(question['because'])}</p>", "answer")]


FOLDS = {"number": number_folds, "formula": formula_folds, "order": order_folds}


class Box:
    """A question under a title; shown as HTML where that is possible, else as text without its answers."""

    def __init__(self, title, question):
        self.title, self.question = title, question

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": self.text(), "text/html": self.html()}

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
        body = [blocks(self.question["ask"])]
        if kind == "order":
            body.append("<ul>" + "".join(f"<li>{inline(item)}</li>" for item in self.choices()) + "</ul>")
        folds = FOLDS.get(kind, option_folds)(self.question)
        return (
            f'<div class="admonition predict question kind-{kind}"{FRAME}>\n'
            f'<p class="admonition-title"{TITLE}>{self.title}</p>\n' + "\n".join([*body, *folds]) + "\n</div>"
        )
