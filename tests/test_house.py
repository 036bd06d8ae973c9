"""The rooms of the package: who may import whom, no circles, none too large. Each failure says what to do."""

import ast
import io
import re
import textwrap
import tokenize
import tomllib
from fnmatch import fnmatch
from graphlib import CycleError, TopologicalSorter

import pytest

from .conftest import ROOT

PACKAGE = ROOT / "mle_helpers"
ORDER = (  # from the ground up: a module imports only what stands before it
    *("likelihood", "models", "regression", "gaussian", "neural", "datasets", "results", "plots"),
    *("maximum", "search", "wide_search", "estimate", "profile", "inference", "mixtures", "explorers", "practice"),
)
WITHOUT_TESTS = {  # tests of the figures, of fit, of intervals, of predict and of check compare what they do
    *(
        "explorers.shared",
        "search",
        "wide_search",
        "profile",
        "practice.boxes",
        "practice.questions",
        "practice.checks",
        "practice.drills",
    ),
}
LINES_A_MODULE = 400  # of code, without docstrings and comments
LINES_BEFORE_EXPLORERS = 3100
BY_NAME = {"import_module", "__import__"}
NOT_CODE = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
    *(tokenize.ENCODING, tokenize.ENDMARKER),
}


def modules(package):
    """{dotted name: path} of every module below ``package``, the package's own name left out ("" is its __init__)."""
    names = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


def docstrings(tree):
    """The nodes that are docstrings."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    firsts = [node.body[0] for node in ast.walk(tree) if isinstance(node, owners) and node.body]
    return [n for n in firsts if isinstance(n, ast.Expr) and isinstance(getattr(n.value, "value", None), str)]


def lines_of_code(source):
    """How many lines hold code: no blank lines, comments or docstrings."""
    described = set()
    for node in docstrings(ast.parse(source)):
        described.update(range(node.lineno, node.end_lineno + 1))
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    spans = (range(t.start[0], t.end[0] + 1) for t in tokens if t.type not in NOT_CODE)
    return len({line for span in spans for line in span} - described)


def targets(node, module, is_package, names, package):
    """The modules of the package, as in ``names``, that an import statement asks for."""
    if isinstance(node, ast.Import):
        asked = [alias.name.split(".") for alias in node.names]
    else:
        # A relative import starts from the package that the module lies in, and goes up one for each further dot.
        here = [package, *filter(None, module.split("."))]
        base = here[: len(here) + is_package - node.level] if node.level else []
        base += node.module.split(".") if node.module else []
        deeper = [[*base, alias.name] for alias in node.names]
        asked = [path if ".".join(path[1:]) in names and path[0] == package else base for path in deeper]
    return [".".join(path[1:]) for path in asked if path[0] == package]


def imports(module, path, names, package):
    """(imported module, line, inside a function) for each import of the package by itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)]
    hidden = {id(inner) for function in functions for inner in ast.walk(function)}
    is_package = path.name == "__init__.py"
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for target in targets(node, module, is_package, names, package):
                yield target, node.lineno, id(node) in hidden
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", None)) in BY_NAME:
            yield None, node.lineno, True


def wrong_arrows(package, order=ORDER):
    """A sentence for each import that goes against the order, is hidden, or cannot be placed."""
    names = modules(package)
    place = {name: i for i, name in enumerate(order)}
    for module, path in names.items():
        room = module.split(".")[0]
        if module and room not in place:
            yield (
                f"{path.name}: {room!r} has no place in the order. Add it to ORDER in tests/test_house.py, "
                "after all that it imports, and to the tree in README.md."
            )
            continue
        for target, line, inside in imports(module, path, names, package.name):
            where, other = f"{path.relative_to(package.parent).as_posix()}, line {line}", (target or "").split(".")[0]
            if target is None:
                yield f"{where}: a module is imported by its name as text, which hides the arrow. Write an import."
            elif inside:
                yield f"{where}: imports {target!r} inside a function, which hides the arrow. Import it at the top."
            elif not module:
                yield f"{where}: the package's __init__ imports {target!r}, and so would every import of anything."
            elif other in place and place[other] > place[room]:
                yield (
                    f"{where}: {module!r} imports {target!r}, which stands above it. Pass in what it needs, "
                    f"or move what both need down; the order is {', '.join(order)}."
                )


def circles(package):
    """A sentence if modules import each other in a circle."""
    names = modules(package)
    graph = {module: {t for t, _, _ in imports(module, path, names, package.name)} for module, path in names.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        path = " ← ".join(name or package.name for name in error.args[1])
        yield f"These modules import each other in a circle: {path}. Move what two of them need into a third."


def oversized(package, order=ORDER, each=LINES_A_MODULE, together=LINES_BEFORE_EXPLORERS):
    """A sentence for each module that is too large, and one if all before ``explorers`` are too large together."""
    sizes = {name: lines_of_code(path.read_text(encoding="utf-8")) for name, path in modules(package).items()}
    for name, size in sizes.items():
        if size > each:
            yield f"{name!r} has {size} lines of code, more than {each}. Split it by ideas, or make it simpler."
    before = order[: order.index("explorers")]
    total = sum(size for name, size in sizes.items() if name.split(".")[0] in before)
    if total > together:
        yield f"All before explorers has {total} lines of code, more than {together}. Make something simpler."


# --- the package ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", [wrong_arrows, circles, oversized])
def test_the_package_keeps_to_it(rule):
    complaints = list(rule(PACKAGE))
    assert not complaints, "\n".join(complaints)


def test_the_arrows_are_seen_at_all():
    names = modules(PACKAGE)
    seen = {(m, target) for m, path in names.items() for target, _, _ in imports(m, path, names, "mle_helpers")}
    assert {("estimate", "likelihood"), ("explorers.em", "explorers.kit"), ("explorers.em", "mixtures")} <= seen


def test_each_module_has_its_tests():
    for module in filter(None, modules(PACKAGE)):
        *rooms, name = module.split(".")
        test = ROOT.joinpath("tests", *rooms, f"test_{name}.py")
        inside = ROOT.joinpath("tests", *rooms, name)
        assert test.exists() or inside.is_dir() or module in WITHOUT_TESTS, (
            f"{module!r} has no {test.relative_to(ROOT)}."
        )


def test_the_tree_in_the_readme_shows_the_rooms_in_their_order():
    tree = (ROOT / "README.md").read_text(encoding="utf-8").split("\nmle_helpers/")[1].split("\nbenchmarks/")[0]
    shown = re.findall(r"^  (\w+)(?:\.py|/)\s", tree, re.MULTILINE)
    rooms = {name.split(".")[0] for name in modules(PACKAGE)} - {""}
    assert shown == [name for name in ORDER if name in rooms], "README.md: bring the tree of mle_helpers up to date."


def test_a_wheel_would_hold_every_file_of_the_package():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    for path in PACKAGE.rglob("*"):
        if path.is_dir() or "__pycache__" in path.parts:
            continue
        owner = next(folder for folder in path.parents if (folder / "__init__.py").exists())
        dotted = ".".join(owner.relative_to(ROOT).parts)
        rest = path.relative_to(owner).as_posix()
        patterns = ["*.py", *settings["package-data"].get(dotted, [])]
        assert dotted in settings["packages"], f"pyproject.toml: add {dotted!r} to tool.setuptools.packages."
        assert any(fnmatch(rest, pattern) for pattern in patterns), (
            f"pyproject.toml: {path.relative_to(ROOT)} matches nothing in tool.setuptools.package-data for {dotted!r}."
        )


# --- that the rules bite ----------------------------------------------------------------------------------


@pytest.fixture
def build(tmp_path):
    """Writes a small package from {file: source}."""

    def write(**files):
        package = tmp_path / "small"
        for name, source in {"__init__": "", **files}.items():
            path = package.joinpath(*name.split("__", 1) if name.startswith("explorers") else [name])
            path = path.with_name(path.name + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(source))
        return package

    return write


def test_a_package_in_order_is_accepted(build):
    package = build(
        likelihood="import math\nfrom numpy import array",
        models="from small.likelihood import f\nfrom . import likelihood",
        mixtures="import small.models\nfrom small import likelihood",
        explorers____init__="from small.explorers.em import explore_em",
        explorers__em="from .kit import mark\nfrom small.mixtures import g\nfrom .. import models",
        explorers__kit="from ..likelihood import h",
    )
    assert [*wrong_arrows(package), *circles(package), *oversized(package)] == []


@pytest.mark.parametrize(
    "statement",
    [
        "from small.estimate import fit",
        "from small import estimate",
        "import small.estimate",
        "import small.estimate as e",
        "from .estimate import fit",
        "from . import estimate",
        "if True:\n    from small import estimate",
        "class A:\n    from small import estimate",
    ],
)
def test_an_arrow_against_the_order_is_named(build, statement):
    package = build(models=f"import math\n{statement}", estimate="")
    (said,) = wrong_arrows(package)
    assert "'models' imports 'estimate', which stands above it" in said and "Pass in what it needs" in said
    assert said.startswith("small/models.py, line ")


@pytest.mark.parametrize("statement", ["from ..practice import f", "from .. import practice", "import small.practice"])
def test_an_arrow_out_of_the_figures_is_named(build, statement):
    package = build(practice="", explorers____init__="", explorers__em=statement)
    (said,) = wrong_arrows(package)
    assert "'explorers.em' imports 'practice'" in said and "small/explorers/em.py, line 1" in said


@pytest.mark.parametrize(
    "source, says",
    [
        ("def f():\n    from small.models import g", "inside a function"),
        ("def f():\n    import small.estimate", "inside a function"),
        ("class A:\n    def f(self):\n        from .models import g", "inside a function"),
        ("import importlib\nm = importlib.import_module('small.' + 'estimate')", "by its name as text"),
        ("m = __import__('small.estimate')", "by its name as text"),
    ],
)
def test_an_import_that_hides_its_arrow_is_named(build, source, says):
    (said,) = wrong_arrows(build(gaussian=source, models="", estimate=""))
    assert says in said and "hides the arrow" in said


def test_an_import_of_others_inside_a_function_is_no_arrow(build):
    assert list(wrong_arrows(build(gaussian="def f():\n    import smaller.models\n    from IPython import get"))) == []


def test_a_module_without_a_place_is_named(build):
    (said,) = wrong_arrows(build(rescue="", models=""))
    assert said.startswith("rescue.py: 'rescue' has no place in the order. Add it to ORDER")


def test_an_import_by_the_package_itself_is_named(build):
    (said,) = wrong_arrows(build(__init__="from small.models import f", models=""))
    assert "the package's __init__ imports 'models'" in said


@pytest.mark.parametrize(
    "files",
    [
        {"models": "import small.estimate", "estimate": "import small.models"},
        {"explorers____init__": "", "explorers__em": "from .kit import a", "explorers__kit": "from .em import b"},
        {"explorers____init__": "from .em import a", "explorers__em": "from small.explorers import b"},
        {
            "explorers____init__": "",
            "explorers__em": "from . import kit",
            "explorers__kit": "from . import shared",
            "explorers__shared": "from . import em",
        },
    ],
)
def test_a_circle_is_named(build, files):
    (said,) = circles(build(**files))
    assert "in a circle" in said and "Move what two of them need into a third" in said
    assert "explorers.em" in said or "models" in said


SEVEN = '''\
"""A docstring
of two lines."""

# a comment
import math  # counts


def f(x):
    """Another."""
    text = """a string
    is code"""

    return math.sin(
        # not this
        x
    )
'''


def test_lines_of_code_leave_out_docstrings_comments_and_gaps():
    assert lines_of_code(SEVEN) == 7
    assert lines_of_code('class A:\n    """Only this."""\n') == 1
    assert lines_of_code("") == 0


def test_a_module_that_is_too_large_is_named(build):
    package = build(models="x = 1\n" * 400, explorers____init__="", explorers__em="x = 1\n" * 401)
    (said,) = oversized(package)
    assert said.startswith("'explorers.em' has 401 lines of code, more than 400. Split it")


def test_too_much_before_the_figures_is_named(build):
    rooms = {name: "x = 1\n" * 400 for name in (*ORDER[:6], "maximum")}
    beyond = {"explorers____init__": "", "explorers__em": "x = 1\n" * 400, "practice": "x = 1\n" * 400}
    assert list(oversized(build(**rooms, plots="x = 1\n" * 300, **beyond))) == []
    (said,) = oversized(build(**rooms, plots="x = 1\n" * 301, **beyond))
    assert said.startswith("All before explorers has 3101 lines of code, more than 3100.")
