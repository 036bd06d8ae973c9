r"""Room for a formula before MathJax has set it, so that no line breaks elsewhere when it arrives.

Until then a formula stands on the page as TeX, which is wider than what it says. Here each one is given the size that
it is going to have, in em of the text: ``--wide`` inside a line, added up from the widths that TeX's fonts give their
letters, ``--high`` on lines of its own, from its rows. course.css uses them until ``mjx-container`` is there. Half of
the formulas of this book come within 0.05 em in width and 0.3 em in height, 95 of 100 within 0.5 and 1.1.
"""

import html
import re

FORMULA = re.compile(r'(<(span|div) class="math notranslate nohighlight"(?: id="[^"]*")?)>(.*?)</\2>', re.DOTALL)
TOKENS = re.compile(r"\\[a-zA-Z]+|\\.|\s+|.", re.DOTALL)
LETTERS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        [529, 429, 433, 520, 466, 490, 477, 576, 345, 412, 521, 298, 878, 600, 485, 503, 446, 451, 469, 361, 572, 485]
        + [716, 572, 490, 465, 750, 759, 715, 828, 738, 643, 786, 831, 440, 555, 849, 681, 970, 803, 763, 642, 791]
        + [759, 613, 584, 683, 583, 944, 828, 581, 683],
        strict=True,
    )
)
SIGNS = {
    **{"alpha": 640, "beta": 566, "gamma": 518, "delta": 444, "epsilon": 406, "varepsilon": 466, "zeta": 438},
    **{"eta": 497, "theta": 469, "kappa": 576, "lambda": 583, "mu": 603, "nu": 494, "xi": 438, "pi": 570, "rho": 517},
    **{"sigma": 571, "tau": 437, "phi": 596, "varphi": 654, "chi": 626, "psi": 651, "omega": 622, "Gamma": 615},
    **{"Delta": 833, "Lambda": 694, "Sigma": 722, "Phi": 722, "Omega": 722, "ell": 417, "partial": 531, "nabla": 833},
    **{"Theta": 778, "Psi": 778, "Pi": 750, "infty": 1000, "top": 778, "prime": 275, "lVert": 500, "rVert": 500},
    **{"sum": 1056, "prod": 944, "int": 600, "dots": 1172, "ldots": 1172, "cdots": 1172},
}
SPACES = {r"\,": 167, r"\:": 222, r"\;": 278, r"\!": -167, r"\ ": 250, "~": 250, "quad": 1000, "qquad": 2000}
RELATIONS = set("= < > le ge leq geq ne neq approx sim to in propto ll gg equiv perp".split())
RELATIONS |= set("mapsto rightarrow Rightarrow leftarrow subset subseteq".split())
OPERATORS = {"+", "-", "−", "cdot", "times", "pm", "circ"}
OPENING = {"(", "[", r"\{", "|", "lvert", ",", "Big", "bigl", "{"}
PLAIN = {"hat", "bar", "tilde", "vec", "dot", "widehat", "overline", "boldsymbol", "mathbf", "mathcal", "mathbb", "bm"}
WORDS = {"text", "mathrm", "operatorname", "textbf", "textit", "mathit", "mathsf", "mbox"}
NOTHING = {"left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "bigm", "displaystyle", "textstyle", "limits"}
FRACTIONS = {"frac": 0.707, "tfrac": 0.707, "dfrac": 1.0, "binom": 0.707}
SCRIPT = 0.707  # the size of what stands above or below the line
MATHJAX = 1.05  # its em over that of the text, whose small letters it matches in height: 1.04 to 1.075, by font
KNOWN = {**LETTERS, **SIGNS, **SPACES, "mid": 834, ",": 445, ";": 445, ":": 834, ".": 278, "/": 500, "'": 275}
KNOWN |= {"(": 389, ")": 389, "[": 278, "]": 278, "|": 278, "lvert": 278, "rvert": 278}


class Reader:
    """Adds up a formula's width, in thousandths of an em, token by token."""

    def __init__(self, tex):
        self.tokens = [token for token in TOKENS.findall(tex) if not token.isspace()]
        self.place = 0

    def group(self):
        """What stands up to the end, or to the brace that closes here."""
        total, before = 0.0, "("
        while self.place < len(self.tokens):
            token = self.tokens[self.place]
            if token == "}":
                break
            total += self.scripts() if token in "^_" else self.item(before)
            before = token.lstrip("\\") if token[1:].isalpha() else token
        return total

    def scripts(self):
        """An exponent and an index stand above one another."""
        widths = []
        while self.place < len(self.tokens) and self.tokens[self.place] in "^_":
            self.place += 1
            widths.append(SCRIPT * self.item("("))
        return max(widths) + 50

    def item(self, before):
        """The next thing: a letter, a sign, a group, a command with what belongs to it."""
        if self.place == len(self.tokens):
            return 0
        token = self.tokens[self.place]
        self.place += 1
        name = token[1:] if token[1:].isalpha() else token
        if token == "{":
            inside = self.group()
            self.place += 1
            return inside
        if name in FRACTIONS:
            return FRACTIONS[name] * max(self.item("("), self.item("(")) + 240
        if name in WORDS:
            return self.words()
        if name == "sqrt":
            return 853 + self.item("(")
        if name in PLAIN:
            return self.item("(")
        if name in NOTHING:
            return 0
        if name in RELATIONS:
            return 778 + 556
        if name in OPERATORS:
            wide = 278 if name == "cdot" else 500 if name == "circ" else 778
            return wide + (0 if before in OPENING | RELATIONS | OPERATORS else 444)
        if name in KNOWN:
            return KNOWN[name]
        return 500 if len(name) == 1 or name[0] == "\\" else 500 * len(name) + 167  # \log and its like

    def words(self):
        """A group of upright text."""
        start, depth = self.place, 0
        while self.place < len(self.tokens):
            depth += {"{": 1, "}": -1}.get(self.tokens[self.place], 0)
            self.place += 1
            if not depth:
                break
        return 480 * len("".join(self.tokens[start : self.place]).strip("{}"))


def width(tex):
    """Of a formula inside a line, in em of the text."""
    return MATHJAX * Reader(tex).group() / 1000


def height(tex):
    """Of a formula on lines of its own, with the space around it, in em of the text: a row, and what stands high."""
    inner = re.compile(r"\\begin\{(pmatrix|cases|array)\}.*?\\end\{\1\}", re.DOTALL)
    more = sum(part[0].count(r"\\") for part in inner.finditer(tex))
    tex = re.sub(r"\\(begin|end)\{(aligned|split|gathered)\}", "", inner.sub("", tex))
    rows = [row for row in re.split(r"\\\\(?:\[[^\]]*\])?", tex) if row.strip()]
    return 2.5 + 1.28 * more + sum(row_height(row) for row in rows or [""])


def row_height(row):
    fraction = bool(re.search(r"\\d?frac|\\binom", row))
    if "textstyle" in row:
        return 1.5 + fraction
    if re.search(r"\\(sum|prod)_\{?[^}]*\}?\^", row):
        return 1.5 + 1.4 + fraction
    if re.search(r"\\(sum|prod|max|min|lim)_", row):
        return 1.5 + 1.0 + 0.4 * fraction
    return 1.5 + 1.1 * fraction


def with_room(found):
    opened, kind, text = found.groups()
    tex = re.sub(r"^\s*\\[(\[]|\\[)\]]\s*$", "", html.unescape(text))
    size = f"--wide: {width(tex):.2f}" if kind == "span" else f"--high: {height(tex):.1f}"
    return f'{opened} style="{size}">{text}</{kind}>'


def give_room(app, pagename, templatename, context, doctree):
    """In the finished page, whoever made its formulas."""
    if "body" in context:
        context["body"] = FORMULA.sub(with_room, context["body"])


def setup(app):
    app.connect("html-page-context", give_room, priority=950)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
