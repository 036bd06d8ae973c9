"""The conventions of the notebooks. Each message says what to do; CONTRIBUTING.md says why."""

import ast
import importlib.util
import re
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
NOTEBOOKS = sorted(BOOK.glob("*.ipynb"))
TEXTS = sorted(BOOK.glob("*.md"))
FOLDED = {"hide-input", "hide-cell"}
LONGEST = 14  # lines of code in an unfolded cell
WHOLE = {"gaussian": "def maximum_likelihood_estimation(data):"}  # the classic script, kept whole to copy and paste
WORDS_PER_LINE = 4
NO_EXERCISES = {"recap"}  # the one-page summary

spec = importlib.util.spec_from_file_location("notebooks", ROOT / "tools" / "notebooks.py")
tool = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tool)


def lines_of_code(source):
    """Lines with something on them; an import counts once, however many lines its names are spread over."""
    imports = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    spread = sum(node.end_lineno - node.lineno for node in imports)
    return sum(bool(line.strip()) for line in source.splitlines()) - spread


def toc_files():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    return [toc["root"], *(entry["file"] for part in toc["parts"] for entry in part["chapters"])]


def read(path):
    return nbformat.read(path, as_version=4)


def cells(notebook, kind):
    return [(number, cell) for number, cell in enumerate(notebook.cells) if cell.cell_type == kind]


def prose(path):
    """The text of a page, code left out: fenced code, code spans, formulas, addresses of links, citation keys."""
    if path.suffix == ".ipynb":
        text = "\n\n".join(cell.source for _, cell in cells(read(path), "markdown"))
    else:
        text = path.read_text()
    text = re.sub(r"```(python|ipython3|text|bash|sh|console)?\n.*?```", " ", text, flags=re.DOTALL)
    text = re.sub(r"\$\$.*?\$\$", " ", text, flags=re.DOTALL)
    text = re.sub(r"\{[a-z:]+\}`[^`]*`|`[^`]*`|\$[^$\n]*\$|\]\([^)]*\)|https?://\S+", " ", text)
    return re.sub(r"^:(class|label|alt|width|align|name):.*$", " ", text, flags=re.MULTILINE)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return read(path)


@pytest.fixture(params=NOTEBOOKS + TEXTS, ids=lambda path: path.stem)
def page(request):
    return request.param


def test_the_contents_list_every_page_and_only_pages_that_exist():
    listed = {Path(name).name for name in toc_files()}
    present = {path.stem for path in NOTEBOOKS + TEXTS}
    assert listed == present, (
        f"_toc.yml and book/ differ. Only in _toc.yml: {sorted(listed - present)}; "
        f"only in book/: {sorted(present - listed)}. Add the one or the other."
    )


def test_is_stored_in_normal_form(path, notebook):
    before = nbformat.writes(notebook)
    after = nbformat.writes(tool.normalise(nbformat.from_dict(notebook)))
    assert before == after, f"{path.name}: not in normal form. Run: make notebooks N=book/{path.name}"


def test_was_run_from_top_to_bottom(path, notebook):
    counts = [cell.execution_count for _, cell in cells(notebook, "code")]
    assert counts == list(range(1, len(counts) + 1)), (
        f"{path.name}: cells were run out of order, or not at all. Run: make notebooks N=book/{path.name}"
    )
    empty = [number for number, cell in enumerate(notebook.cells) if not cell.source.strip()]
    assert not empty, f"{path.name}: cells {empty} are empty; remove them."


def test_stores_no_error_no_warning_and_no_widget_state(path, notebook):
    assert "widgets" not in notebook.metadata, f"{path.name}: stored widget state; run make notebooks."
    for number, cell in cells(notebook, "code"):
        for output in cell.outputs:
            where = f"{path.name}, cell {number}"
            assert output.output_type != "error", f"{where}: stored error. Catch it and print its message."
            assert output.get("name") != "stderr", f"{where}: wrote to stderr: {output.text[:200]!r}"
            kinds = output.get("data", {})
            assert "application/vnd.jupyter.widget-view+json" not in kinds, (
                f"{where}: stored widget view, which a reopened notebook cannot show."
            )


def test_every_figure_has_alt_text_that_states_its_finding(path, notebook):
    for number, cell in cells(notebook, "code"):
        if any("image/png" in output.get("data", {}) for output in cell.outputs):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt.split()) >= 6, (
                f"{path.name}, cell {number}: the figure's alt text is {alt!r}. Say in a sentence what the figure "
                "shows, in the cell's metadata under mystnb.image.alt."
            )


def test_folded_code_is_folded_in_jupyterlab_too(path, notebook):
    for number, cell in cells(notebook, "code"):
        if FOLDED & set(cell.metadata.get("tags", [])):
            assert cell.metadata.get("jupyter", {}).get("source_hidden"), (
                f"{path.name}, cell {number}: folded on the page, open in JupyterLab. Run make notebooks."
            )


def test_cells_in_the_open_are_short(path, notebook):
    for number, cell in cells(notebook, "code"):
        lines = lines_of_code(cell.source)
        excused = FOLDED & set(cell.metadata.get("tags", [])) or WHOLE.get(path.stem, "\0") in cell.source
        assert excused or lines <= LONGEST, (
            f"{path.name}, cell {number}: {lines} lines of code in the open, more than {LONGEST}. "
            "Split it by ideas, or tag it hide-input if it only draws."
        )


def test_code_is_carried_by_prose(path, notebook):
    words = sum(len(cell.source.split()) for _, cell in cells(notebook, "markdown"))
    lines = sum(len(cell.source.splitlines()) for _, cell in cells(notebook, "code"))
    assert words >= WORDS_PER_LINE * lines, (
        f"{path.name}: {words} words for {lines} lines of code; aim for {WORDS_PER_LINE} words a line."
    )


def test_measures_no_time(path, notebook):
    for number, cell in cells(notebook, "code"):
        found = re.search(r"perf_counter|process_time|timeit|^%%?time|\btime\.time\(", cell.source, re.MULTILINE)
        assert not found, (
            f"{path.name}, cell {number}: {found and found[0]}. No duration is stored in a notebook; "
            "quote benchmarks/timings.json instead."
        )


def test_draws_only_from_a_seeded_generator(path, notebook):
    for number, cell in cells(notebook, "code"):
        found = re.search(r"default_rng\(\)|np\.random\.(?!default_rng|Generator|PCG64|SeedSequence)\w+", cell.source)
        assert not found, f"{path.name}, cell {number}: {found and found[0]}. Use rng = default_rng(SEED)."


def test_opens_with_a_title_and_its_card(path, notebook):
    opening = "\n".join(cell.source for cell in notebook.cells[:2] if cell.cell_type == "markdown")
    assert opening.startswith("# "), f"{path.name}: the first cell must be the title, # Title."
    assert ":class: chapter-card" in opening, f"{path.name}: no {{admonition}} with :class: chapter-card on top."
    for item in ("The question", "You will be able to", "Minutes", "Needs"):
        assert f"**{item}" in opening, f"{path.name}: the card on top lacks **{item}**."


def test_has_the_closing_sections_in_order(path, notebook):
    headings = re.findall(r"^## (.+)$", "\n".join(c.source for _, c in cells(notebook, "markdown")), re.MULTILINE)
    wanted = ["Where next"] if path.stem in NO_EXERCISES else ["Exercises", "In short", "Sources", "Next"]
    found = headings[-len(wanted) :]
    assert found == wanted, f"{path.name}: the last sections are {found}; they must be {wanted}."


def test_exercises_have_hint_and_solution(path, notebook):
    text = "\n\n".join(cell.source for _, cell in cells(notebook, "markdown"))
    labels = re.findall(r"\{exercise\}.*\n:label: (\S+)", text)
    few, many = (0, 0) if path.stem in NO_EXERCISES else (3, 5)
    assert few <= len(labels) <= many, f"{path.name}: {len(labels)} exercises; {few} to {many} are wanted."
    assert len(set(labels)) == len(labels), f"{path.name}: two exercises share a label."
    for label in labels:
        assert label.startswith("ex-"), f"{path.name}: label {label} must begin ex-<chapter>-."
        assert f"{{solution}} {label}\n:class: dropdown" in text, f"{path.name}: no folded solution to {label}."
        after = text.split(f":label: {label}")[1].split("{exercise}")[0]
        assert re.search(r"\{admonition\} Hint\n:class: dropdown", after), f"{path.name}: no folded hint for {label}."


def test_links_lead_to_pages_that_exist(page):
    text = page.read_text()
    if page.suffix == ".ipynb":
        text = "\n".join(cell.source for _, cell in cells(read(page), "markdown"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?://|#", target):
            continue
        file = page.parent / target.split("#")[0]
        assert file.exists(), f"{page.name}: the link to {target} leads nowhere."
        assert not target.startswith("/"), f"{page.name}: {target} must be a relative link."


def test_says_nothing_that_only_one_of_page_and_jupyterlab_can_show(page):
    text = page.read_text() if page.suffix == ".md" else "\n".join(c.source for c in read(page).cells)
    found = re.search(r"\{(glue|doc|ref|download|margin|tableofcontents)[:}]", text)
    assert not found, f"{page.name}: {found and found[0]} does not work in JupyterLab; use a plain relative link."


def test_labels_are_unique_in_the_whole_book():
    where = {}
    for page in NOTEBOOKS + TEXTS:
        text = page.read_text() if page.suffix == ".md" else "\n".join(cell.source for cell in read(page).cells)
        for label in re.findall(r"^\$\$ \((\S+)\)|^:label: (\S+)", text, re.MULTILINE):
            where.setdefault("".join(label), []).append(page.name)
    twice = {label: pages for label, pages in where.items() if len(pages) > 1}
    assert not twice, f"Labels count for the whole book; rename one of each: {twice}"


def test_leaves_no_placeholder(page):
    found = re.search(r"\bTODO\b|\bFIXME\b|\bXXX\b|\bTBD\b|coming soon|to be written|lorem ipsum", prose(page), re.I)
    assert not found, f"{page.name}: placeholder {found and found[0]!r}; write it or take it out."


def test_keeps_the_house_style(page):
    text = prose(page)
    american = (
        r"\b\w*(maximiz|minimiz|normaliz|optimiz|generaliz|parametriz|parameteriz|regulariz|summariz|standardiz)\w*"
        r"|\b(behavior|favorite|modeling|modeled|labeled|colored?|colors?|gray|neighbors?|centered)\b"
    )
    found = re.search(american, text, re.I)
    assert not found, f"{page.name}: {found and found[0]!r}; the book is in British spelling (-ise, -our)."
    filler = r"\b(obviously|simply|trivially|clearly|needless to say|it is easy to see|of course)\b"
    found = re.search(filler, text, re.I)
    assert not found, f"{page.name}: {found and found[0]!r} adds nothing, or discourages; leave it out."
    emoji = re.search("[\U0001f300-\U0001faff\u2600-\u27bf]", text)
    assert not emoji, f"{page.name}: no emoji."
