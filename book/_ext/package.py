"""Every public function of the package, from its docstring: what the page `api` shows for ```{package-functions}."""

import ast
import json
import re
from pathlib import Path

SHOWN = (  # the modules a reader calls, from the ground up
    *("likelihood", "models", "regression", "gaussian", "estimate", "inference", "mixtures", "neural"),
    *("datasets", "plots", "results", "practice", "explorers"),
)
INSIDE = ("maximum", "search", "wide_search", "profile")  # what `fit` and intervals are made of
CONVERTED = re.compile(r"``(.+?)``|`(\w+(?:\.\w+)*)`", re.DOTALL)


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def exported(package, module):
    """[(syntax tree of a function or class)] that ``module`` offers, in the order of its source."""
    path = package / f"{module}.py"
    if path.is_file():
        return [node for node in tree_of(path).body if public(node)]
    files = [tree_of(path) for path in sorted((package / module).glob("*.py"))]
    assigned = [node for node in files[0].body if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"]
    names = ast.literal_eval(assigned[0].value)
    return [node for tree in files for node in tree.body if public(node) and node.name in names]


def public(node):
    kinds = ast.FunctionDef | ast.ClassDef
    return isinstance(node, kinds) and not node.name.startswith("_") and bool(ast.get_docstring(node))


def signature(node):
    """``name(arguments)`` of a function; of a class those of its ``__init__``, or its fields."""
    if isinstance(node, ast.FunctionDef):
        return f"{node.name}({ast.unparse(bare(node.args))})"
    if built := [part for part in node.body if getattr(part, "name", "") == "__init__"]:
        arguments = bare(built[0].args)
        del arguments.args[0]  # self
        return f"{node.name}({ast.unparse(arguments)})"
    return f"{node.name}({', '.join(part.target.id for part in node.body if isinstance(part, ast.AnnAssign))})"


def bare(arguments):
    """Without annotations, and without formulas among the defaults, which a signature cannot set."""
    hidden = [isinstance(one, ast.Constant) and "$" in str(one.value) for one in arguments.defaults]
    arguments.defaults = [
        ast.Constant(...) if hide else one for hide, one in zip(hidden, arguments.defaults, strict=True)
    ]
    for argument in ast.walk(arguments):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return arguments


def markdown(text, known):
    """A docstring as Markdown: code, names as links, and a formula that opens a paragraph on a line of its own."""

    def converted(found):
        code, name = found.groups()
        return f"`{code}`" if code else f"{{py:obj}}`{name} <{known[name]}>`" if name in known else f"`{name}`"

    paragraphs = []
    for paragraph in text.split("\n\n"):
        formula = re.match(r"\$([^$]+)\$[.,;:]?(\s|$)", paragraph)
        if formula and len(formula[1]) > 25:
            rest = paragraph[formula.end() :].strip()
            paragraphs += [f"$$\n{' '.join(formula[1].split())}\n$$", *([rest] if rest else [])]
        else:
            paragraphs.append(paragraph)
    parts = [part if part.startswith("$$") else CONVERTED.sub(converted, part) for part in paragraphs]
    return "\n\n".join(parts)


def entry(node, module, known, met):
    """A function, or a class with its methods, as Sphinx's own description, without a second entry in the contents."""
    kind = "py:class" if isinstance(node, ast.ClassDef) else "py:function"
    text = markdown(ast.get_docstring(node), known)
    for part in node.body if kind == "py:class" else []:
        if public(part) and isinstance(part, ast.FunctionDef):
            asked = any(isinstance(one, ast.Name | ast.Attribute) for one in part.decorator_list)
            name = part.name if asked else signature(part).replace("(self, ", "(").replace("(self)", "()")
            said = markdown(ast.get_docstring(part), known)
            inner = "py:attribute" if asked else "py:method"
            text += f"\n\n````{{{inner}}} {name}\n:no-contents-entry:\n\n{said}\n````"
    if met:
        text += f"\n\n*First on* [{met[0]}]({met[1]})."
    head = f":module: mle_helpers.{module}\n:no-contents-entry:"
    return f"`````{{{kind}}} {signature(node)}\n{head}\n\n{text}\n`````"


def first_pages(notebooks):
    """{name: (title, file)} of the first page, in the order of the contents, that imports a name or defines it."""
    found = {}
    for path in notebooks:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        title = re.search(r"^# (.+)$", "".join(cells[0]["source"]), re.MULTILINE)[1]
        for cell in cells:
            if cell["cell_type"] == "code":
                for node in ast.walk(ast.parse("".join(cell["source"]))):
                    imported = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mle_helpers")
                    names = [alias.name for alias in node.names] if imported else []
                    names += [node.name] if isinstance(node, ast.FunctionDef) else []
                    for name in names:
                        found.setdefault(name, (title, path.name))
    return found


def package_functions(folder, notebooks):
    """All of it, module by module, and the files that it is made from; ``notebooks`` are those that teach."""
    package = folder.parent / "mle_helpers"
    offered = {module: exported(package, module) for module in SHOWN}
    known = {}
    for module, nodes in offered.items():
        for node in nodes:
            known.setdefault(node.name, f"mle_helpers.{module}.{node.name}")
    met = first_pages(notebooks)
    sections = []
    for module, nodes in offered.items():
        path = package / f"{module}.py"
        text = ast.get_docstring(tree_of(path if path.is_file() else package / module / "__init__.py"))
        shown = [entry(node, module, known, met.get(node.name)) for node in nodes]
        sections.append("\n\n".join([f"## {module}", markdown(text, known), *shown]))
    return "\n\n".join(sections), [*sorted(package.rglob("*.py")), *notebooks]


def notebooks_in(folder, pages):
    return [path for page in pages if (path := Path(folder) / f"{page}.ipynb").is_file()]
