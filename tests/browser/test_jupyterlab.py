"""The chapters in a real JupyterLab: all prose rendered, no directive left as raw text, folded code folded."""

import json
import re
import shutil
from pathlib import Path

import pytest

from ..lab import jupyterlab
from .conftest import SLOW

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(path.stem for path in (ROOT / "book").glob("*.ipynb"))
AT_ONCE = {  # some of each kind; the rest in `make audit`
    *("refresher", "likelihood", "gaussian", "intervals", "regression", "gaussian-mixtures", "flows"),
    *("variational-autoencoders", "which-model-wins", "recap", "distributions", "drills"),
}
# Every cell in the page at once, and no kernel: this is about reading.
SETTINGS = {"notebook-extension/tracker": {"windowingMode": "none", "autoStartDefaultKernel": False}}


def is_prose(cell):
    return cell["cell_type"] == "markdown"


def is_folded(cell):
    return cell["metadata"].get("jupyter", {}).get("source_hidden", False)


def asks(cell):
    """How many questions the cell asks."""
    tagged = {"predict", "quiz"} & set(cell["metadata"].get("tags", []))
    return json.dumps(cell["outputs"]).count("data-practice ") if tagged else 0


def lighten(cell):
    """Without outputs but questions: drawing hundreds of them at once takes JupyterLab longer than all the prose."""
    return cell if is_prose(cell) or asks(cell) else {**cell, "outputs": []}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on this machine only, with the prose and the folded code of the chapters: (address, token)."""
    place = tmp_path_factory.mktemp("lab")
    ignore = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__", "*.ipynb")
    shutil.copytree(ROOT / "book", place / "course" / "book", ignore=ignore)
    for name in NAMES:
        notebook = json.loads((ROOT / "book" / f"{name}.ipynb").read_text())
        notebook["cells"] = [lighten(cell) for cell in notebook["cells"] if is_prose(cell) or is_folded(cell)]
        (place / "course" / "book" / f"{name}.ipynb").write_text(json.dumps(notebook))
    with jupyterlab(place, place / "course", settings=SETTINGS) as server:
        yield server


@pytest.fixture(scope="module")
def lab_page(chromium, lab):
    address, token = lab
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    outside = []

    def guard(route):
        if route.request.url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    context.set_default_timeout(SLOW)
    page = context.new_page()
    page.goto(f"{address}/lab?token={token}")
    yield page
    context.close()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in AT_ONCE else pytest.mark.audit) for name in NAMES]
)
def test_reads_in_jupyterlab(lab, lab_page, name):
    address, _ = lab
    lab_page.goto(f"{address}/doc/tree/book/{name}.ipynb")
    cells = json.loads((ROOT / "book" / f"{name}.ipynb").read_text())["cells"]
    markdown = sum(is_prose(cell) for cell in cells)
    lab_page.wait_for_function(
        "(wanted) => document.querySelectorAll('.jp-MarkdownCell.jp-mod-rendered').length === wanted",
        arg=markdown,
    )
    # What the extension draws comes after the cell counts as rendered.
    lab_page.wait_for_function(
        """(wanted) => [...document.querySelectorAll(".jp-MarkdownCell .myst")]
            .filter((cell) => cell.textContent.trim()).length === wanted""",
        arg=markdown,
    )
    texts = lab_page.evaluate(
        """() => [...document.querySelectorAll(".jp-MarkdownCell .myst")].map((cell) => {
            const copy = cell.cloneNode(true);
            for (const inner of copy.querySelectorAll("pre, code, .katex, script, style")) inner.remove();
            return copy.textContent;
        })"""
    )
    assert len(texts) == markdown
    for text in texts:
        found = re.search(r":::|```|\{[a-z:-]+\}|^:[a-z]+:|\$\$|\*\*", text, re.MULTILINE)
        assert not found, f"{name}: left as raw text in JupyterLab: {text[:300]!r}"
    wrong = lab_page.locator(".jp-MarkdownCell .katex-error").all_text_contents()
    assert not wrong, f"{name}: formulas that JupyterLab cannot draw: {wrong}"
    questions = sum(map(asks, cells))
    lab_page.wait_for_function(
        """(wanted) => {
            const boxes = [...document.querySelectorAll(".jp-OutputArea .question")];
            return boxes.length === wanted && boxes.every((box) => box.querySelector("details:not([open]) > summary")
                && !/\\\\\\(/.test(box.innerText));
        }""",
        arg=questions,
    )
    folded = sum(is_folded(cell) for cell in cells)
    assert lab_page.locator(".jp-CodeCell .jp-InputPlaceholder").count() == folded
