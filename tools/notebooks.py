"""Run notebooks in place and store them in one normal form: ``python tools/notebooks.py [NOTEBOOK ...]``.

Without arguments it takes every notebook in ``book/``, in the book's order. A second run on the same machine changes
nothing, so ``git diff`` shows exactly what an edit did to the results. What a notebook hands to ``keep`` (see
``mle_helpers/results.py``) goes to ``results/<page>.npz`` beside it, with a hash of the code that made it.
"""

import base64
import hashlib
import io
import os
import re
import sys
import tempfile
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from PIL import Image

BOOK = Path(__file__).resolve().parent.parent / "book"
FOLDED = {  # page tag -> what JupyterLab folds
    "hide-input": {"source_hidden": True},
    "hide-output": {"outputs_hidden": True},
    "hide-cell": {"source_hidden": True, "outputs_hidden": True},
    "checked": {"source_hidden": True},
    "predict": {"source_hidden": True},
    "quiz": {"source_hidden": True},
    "drill": {"source_hidden": True},
}
PICTURES = ("image/png", "image/svg+xml")
CAPTION = re.compile(r"\A(?:\((?P<label>fig-[\w-]+)\)=\n)?\*\*Figure(?: \d+)?\.\*\*")
WRITING, LARGEST = "COURSE_RESULTS", 1_000_000  # where `keep` writes to; bytes of results a page
REFERENCE = re.compile(r"\[Figure(?: \d+)?\]\(#(fig-[\w-]+)\)")


def normalise(notebook):
    """Fix what varies without meaning: ids, kernel and language metadata, folding in JupyterLab."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
    }
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:03d}"
        cell.source = cell.source.rstrip()
        cell.metadata.pop("execution", None)
        cell.metadata.pop("jupyter", None)
        for tag in cell.metadata.get("tags", []):
            if tag in FOLDED:
                cell.metadata.setdefault("jupyter", {}).update(FOLDED[tag])
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop("application/vnd.jupyter.widget-view+json", None)
            if "image/png" in data:
                data["image/png"] = lighter(data["image/png"])
            if "image/svg+xml" in data:
                data["image/svg+xml"] = plainer(data["image/svg+xml"])
    number_figures(notebook.cells)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def lighter(picture):
    """The same picture with a palette of 256 colours, a third of the size, so that pages open at once on a phone."""
    image = Image.open(io.BytesIO(base64.b64decode(picture)))
    if image.mode != "P":
        small = io.BytesIO()
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
        picture = base64.b64encode(small.getvalue()).decode()
    return picture


def plainer(svg):
    """The same drawing without prolog, metadata and comments, in hundredths of a point: half the size."""
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r' transform="rotate\(-?0 [^)]*\)"', "", svg)
    svg = re.sub(r' (?:d|x|y)="[^"]*"', lambda places: rounded(places[0]), svg)
    svg = re.sub(r"(font-family: 'Course Sans')(?:, [^;\"]+)?", r"\1, sans-serif", svg)
    svg = re.sub(r"\s*\n\s*", "\n", svg)
    return re.sub(r"(<g(?: clip-path=\"[^\"]*\")?)>\n((?:<use [^>]*/>\n)+)", said_once, svg)


def said_once(group):
    """A group of markers says what all of them have in common."""
    head, markers = group.groups()
    styles = set(re.findall(r' style="[^"]*"', markers))
    if len(styles) == 1 and markers.count(" style=") == markers.count("\n"):
        (style,) = styles
        return f"{head}{style}>\n{markers.replace(style, '')}"
    return group[0]


def rounded(places):
    """An attribute with its numbers to at most two decimals, on one line."""
    places = " " + " ".join(places.split()).replace(' "', '"')
    return re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), places)


def number_figures(cells):
    """Captions count 1, 2, … down the notebook, and references by label follow them."""
    numbers = {}
    captions = [cell for cell in cells if cell.cell_type == "markdown" and CAPTION.match(cell.source)]
    for number, cell in enumerate(captions, start=1):
        numbers[CAPTION.match(cell.source)["label"]] = number
        cell.source = re.sub(r"\*\*Figure(?: \d+)?\.\*\*", f"**Figure {number}.**", cell.source, count=1)
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source = REFERENCE.sub(
                lambda link: f"[Figure {numbers[link[1]]}](#{link[1]})" if link[1] in numbers else link[0], cell.source
            )


def pictures(cell):
    """The kinds of picture that a code cell's outputs store: of "image/png" and "image/svg+xml"."""
    return {kind for output in cell.get("outputs", []) for kind in output.get("data", {}) if kind in PICTURES}


def code_hash(notebook):
    """What identifies the code behind a page's results: all cells but those that only ask or check."""
    aside = {"checked", "predict", "quiz", "drill"}
    cells = [c for c in notebook.cells if c.cell_type == "code" and not aside & set(c.metadata.get("tags", []))]
    return hashlib.sha256("\n\n".join(cell.source.rstrip() for cell in cells).encode()).hexdigest()


def store(folder, notebook, results):
    """Move what `keep` wrote into ``folder`` to ``results``, with the code's hash; at most 1 MB a page."""
    for path in Path(folder).glob("*.npz"):
        with np.load(path) as arrays:
            arrays = dict(arrays)
        np.savez_compressed(path, code=code_hash(notebook), **arrays)
        if (size := path.stat().st_size) > LARGEST:
            sys.exit(f"{path.name} would take {size:,} bytes, more than {LARGEST:,}: keep fewer draws, or as uint8.")
        results.mkdir(exist_ok=True)
        (results / path.name).write_bytes(path.read_bytes())


def run(path):
    """Execute one notebook from a clean kernel in its own folder and write it back, normalised."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        os.environ[WRITING] = folder  # the kernel takes it along
        try:
            execute(notebook, path)
        finally:
            del os.environ[WRITING]
        store(folder, notebook, path.parent / "results")
    nbformat.write(normalise(notebook), path)


def execute(notebook, path):
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # a local kernel needs no encryption
        timeout=300,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()


def in_order():
    """The book's notebooks in the order of _toc.yml, so that a page runs after those whose results it shows."""
    toc = (BOOK.parent / "_toc.yml").read_text(encoding="utf-8")
    paths = [BOOK.parent / f"{name}.ipynb" for name in re.findall(r"file: (\S+)", toc)]
    return [path for path in paths if path.is_file()]


def main(names):
    paths = [Path(name) for name in names] or in_order()
    for path in paths:
        if not path.is_file():
            sys.exit(f"No notebook at {path}. Give paths such as book/likelihood.ipynb, or none to run them all.")
        print(f"running {path.name}", flush=True)
        try:
            run(path)
        except CellExecutionError as error:
            sys.exit(f"{path.name} stopped at a cell and was left as it was:\n{error}")


if __name__ == "__main__":
    main(sys.argv[1:])
