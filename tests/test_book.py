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
VARIES = "nbval-ignore-output"  # digits that another machine prints differently: left out of the comparison
LONGEST = 14  # lines of code in an unfolded cell
WHOLE = {"gaussian": "def maximum_likelihood_estimation(data):"}  # the classic script, kept whole to copy and paste
WORDS_PER_LINE = 4
QUIZ_IMPORT = "from mle_helpers.practice import quiz"
NO_EXERCISES = {"drills", "distributions", "recap"}  # problems, a page to look things up in, and the one-page summary
PASSING = {"fig", "ax", "axes", "_"}  # names of a figure at work, and of what is not looked at

# What older pages do not keep to yet; each entry goes when its page is re-cut.
LATER = {}  # page -> rules: minutes on the card, captions, one sitting, exercises' levels, no Predict in prose
REBOUND = {}  # page -> names that stand for two things


def load(name):
    """The module tools/<name>.py."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tool, minutes = load("notebooks"), load("minutes")
FOLDED = minutes.FOLDED


def toc_files():
    """Every file of the contents: the root, chapters, and the deeper pages below them (sections)."""

    def below(entries):
        for entry in entries:
            yield from [entry["file"], *below(entry.get("sections", []))]

    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    return [toc["root"], *(name for part in toc["parts"] for name in below(part["chapters"]))]


def read(path):
    return nbformat.read(path, as_version=4)


def cells(notebook, kind):
    return [(number, cell) for number, cell in enumerate(notebook.cells) if cell.cell_type == kind]


def markdown(notebook):
    return "\n\n".join(cell.source for _, cell in cells(notebook, "markdown"))


def prose(path):
    """The text of a page, code left out."""
    return minutes.prose(markdown(read(path)) if path.suffix == ".ipynb" else path.read_text())


def test_prose_is_all_that_is_not_code():
    text = "one\n```{note} two\n:class: x\nthree\n```\nfour\n```python\nfive\n```\nsix\n```\nseven\n```\neight"
    kept = minutes.without_code(text).split()
    assert "five" not in kept and "seven" not in kept and {"one", "three", "four", "six", "eight"} <= set(kept)


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
        if tool.pictures(cell):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt.split()) >= 6, (
                f"{path.name}, cell {number}: the figure's alt text is {alt!r}. Say in a sentence what the figure "
                "shows, in the cell's metadata under mystnb.image.alt."
            )


def test_a_table_that_code_prints_is_a_table_on_the_page(path, notebook):
    for number, cell in cells(notebook, "code"):
        if any("text/markdown" in output.get("data", {}) for output in cell.outputs):
            assert cell.metadata.get("mystnb", {}).get("markdown_format") == "myst", (
                f'{path.name}, cell {number}: shows Markdown. Say "mystnb": {{"markdown_format": "myst"}} in the '
                "metadata, or the page shows its bars and dashes."
            )


def test_folded_code_is_folded_in_jupyterlab_too(path, notebook):
    for number, cell in cells(notebook, "code"):
        if FOLDED & set(cell.metadata.get("tags", [])):
            assert cell.metadata.get("jupyter", {}).get("source_hidden"), (
                f"{path.name}, cell {number}: folded on the page, open in JupyterLab. Run make notebooks."
            )


def test_cells_in_the_open_are_short(path, notebook):
    for number, cell in cells(notebook, "code"):
        lines = minutes.lines_of_code(cell.source)
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


# --- what is asserted, and what is printed ----------------------------------------------------------------


def tags(cell):
    return set(cell.metadata.get("tags", []))


def code_cells(notebook):
    """(number, cell, syntax tree) of every code cell."""
    return [(number, cell, ast.parse(cell.source)) for number, cell in cells(notebook, "code")]


def has_assertion(tree):
    return any(isinstance(node, ast.Assert) for node in ast.walk(tree))


def names(tree, *kinds):
    """Names in the tree that are stored or loaded (ast.Store, ast.Load); all of them if no kind is given."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, kinds or ast.AST)}


def unfit_for_checks(tree):
    """The first statement of a checked cell that shows something, or makes something that no assertion needs."""
    for place, part in enumerate(tree.body):
        needed = has_assertion(part) or isinstance(part, ast.Import | ast.ImportFrom)
        made = names(part, ast.Store) | {part.name for part in [part] if isinstance(part, ast.FunctionDef)}
        if not needed and not (made and any(made & names(later, ast.Load) for later in tree.body[place + 1 :])):
            return ast.unparse(part)


def later(path, rule, found, message):
    """Fail with the message if the rule is broken on a page, or if its place in LATER is no longer needed."""
    excused = rule in LATER.get(path.stem, "").split()
    assert excused or not found, f"{path.name}, {message}"
    assert found or not excused, f"{path.name} keeps the rule now; take {rule!r} off LATER in tests/test_book.py."


def test_no_assertion_stands_in_the_open(path, notebook):
    folded = {"checked", "hide-cell"}
    found = [number for number, cell, tree in code_cells(notebook) if has_assertion(tree) and not tags(cell) & folded]
    message = (
        f"cells {found}: assertions in the open. Move them to a cell of their own below, tagged checked; the page "
        "shows it as one quiet line."
    )
    later(path, "open", found, message)


def test_checked_cells_hold_assertions_and_what_these_need(path, notebook):
    before = None
    for number, cell, tree in code_cells(notebook):
        if "checked" in tags(cell):
            where = f"{path.name}, cell {number}, tagged checked"
            assert has_assertion(tree), f"{where}: asserts nothing. Remove the tag or the cell."
            assert not cell.outputs, f"{where}: shows something, which its fold would hide."
            assert before != number - 1, f"{where}: nothing stands between it and the one before; make one of the two."
            assert not unfit_for_checks(tree), (
                f"{where}: {unfit_for_checks(tree)!r} is needed by none of its assertions."
            )
            before = number


def test_no_cell_leans_on_a_folded_check(path, notebook):
    seen, only_checked = set(), {}
    for number, cell, tree in code_cells(notebook):
        if "checked" in tags(cell):
            only_checked |= {name: number for name in names(tree, ast.Store) - seen}
            continue
        missing = sorted(names(tree, ast.Load) & set(only_checked) - names(tree, ast.Store))
        assert not missing, (
            f"{path.name}, cell {number}: {missing[0]} is made in cell {only_checked.get(missing[0])}, which is "
            "folded. Make it in the open."
        )
        seen |= names(tree, ast.Store)
        only_checked = {name: made for name, made in only_checked.items() if name not in seen}


HEADS = re.compile(r"\S {2,}\S|:$")  # the heads of columns, and a line that introduces the next
TYPED = re.compile(r"\| *[−-]?\d[\d.,]*%? (?:to|and) [−-]?\d")  # a range in the row of a table
BOUND = re.compile(r"[,:] (?:below|over|under|at most|at least|less than|more than|within) [−-]?\d[^:]*$")


def typed_results(tree):
    """Literal text that poses as a result: printed without an expression, or a range or bound typed into a line."""
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            continue
        texts = [
            node.value for node in ast.walk(call) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        if call.func.id == "print" and call.args:
            literal = all(isinstance(argument, ast.Constant) for argument in call.args)
            yield from (text for text in texts if literal and not HEADS.search(text))
            yield from (text for text in texts if not literal and BOUND.search(text))
        elif call.func.id == "Markdown":
            yield from (text for text in texts if text.startswith("|") and TYPED.search(text))


@pytest.mark.parametrize(
    "source, found",
    [
        ('print("test ELBO: between -113 and -109 nats")', True),
        ('print("inverse to 1e-9, log-det to 1e-6")', True),
        ('print(f"JS: {js:.2f} at first, below 0.005 at the end")', True),
        ('Markdown("| VAE | 0.20 to 0.21 |")', True),
        ('Markdown(f"| bits (0 to 256) | {bits:.3f} |")', False),
        ('print(f"{far} bars are off by more than 2")', False),
        ('print("      mu      sigma      ell")', False),
        ('print("sum of the column k = 4:")', False),
        ('print(f"{n} of {len(x)} are below 0.5: {share:.0%}")', False),
        ('print(f"bits above 8: {np.sum(bits > 8)}")', False),
        ('print("mean", x.mean())', False),
    ],
)
def test_a_typed_result_is_told_from_an_honest_line(source, found):
    assert bool(list(typed_results(ast.parse(source)))) == found


def test_no_literal_text_poses_as_a_result(path, notebook):
    for number, _, tree in code_cells(notebook):
        typed = list(typed_results(tree))
        assert not typed, (
            f"{path.name}, cell {number}: {typed[0]!r} was typed, not measured. Print the number; if its digits depend "
            f"on the machine, tag the cell {VARIES} and assert the range in a cell tagged checked below it."
        )


def test_numbers_that_vary_have_their_range_asserted_next(path, notebook):
    code = code_cells(notebook)
    for place, (number, cell, tree) in enumerate(code):
        shown = "".join(str(output.get("text", output.get("data", {}))) for output in cell.outputs)
        moves = "application/json" in shown or "<script" in shown  # a figure that moves, with no number to assert
        if VARIES in tags(cell) and not moves:
            _, after, checks = code[place + 1] if place + 1 < len(code) else code[place]
            if "hide-cell" in tags(cell) and has_assertion(tree):
                continue
            assert "checked" in tags(after) and names(checks) & names(tree, ast.Store, ast.Load), (
                f"{path.name}, cell {number}: its digits vary, so the next code cell must be tagged checked and assert "
                "the range of what it shows."
            )


def without_atol(tree):
    """Calls of isclose and allclose that leave atol at 1e-8: two numbers as small as that are then always close."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in ("isclose", "allclose"):
            if "atol" not in {word.arg for word in call.keywords}:
                yield ast.unparse(call)


def test_comparisons_say_how_close_is_close(path, notebook):
    found = [f"{call} in cell {number}" for number, _, tree in code_cells(notebook) for call in without_atol(tree)]
    message = (
        f"{'; '.join(found[:3])}: atol stays at 1e-8, which numbers that small always pass. Say atol=0 to compare "
        "relatively, or a bound in the unit of what is compared."
    )
    later(path, "atol", found, message)


def bindings(tree):
    """(name, what it is bound to) for each binding outside functions, but no loop, no update of itself, no panels."""
    for part in ast.walk(ast.Module([node for node in tree.body if not isinstance(node, ast.FunctionDef)], [])):
        if isinstance(part, ast.Assign) and not ast.unparse(part.value).startswith("plt.subplots("):
            text = ast.unparse(part.value)
            for target in part.targets:
                for name in names(target, ast.Store) - names(part.value, ast.Load):
                    yield name, f"{ast.unparse(target)} = {text}"
    yield from ((node.name, ast.unparse(node)) for node in tree.body if isinstance(node, ast.FunctionDef))


def rebound(trees):
    """{name: its bindings} of the names that a notebook binds to different things."""
    found = {}
    for name, text in (pair for tree in trees for pair in bindings(tree)):
        found.setdefault(name, []).append(text)
    return {name: texts for name, texts in found.items() if len(set(texts)) > 1 and name not in PASSING}


def test_two_things_under_one_name_are_found():
    def found(*cells):
        return set(rebound([ast.parse(cell) for cell in cells]))

    assert found("x = [1]", "x = [2]") == {"x"}
    assert found("def f(x):\n    y = x\n    return y", "y = 3") == set()
    assert found("x = f(1)", "x = f(1)", "for x in y:\n    pass") == set()  # the same again; a loop
    assert found("x = 1", "x = x + 1", "x[0] = 2", "x += 1") == set()  # updates of itself
    assert found("a, b = p", "if z:\n    b = q") == {"b"}
    assert found("def f():\n    return 1", "f = 2") == {"f"}


def test_a_name_means_one_thing_on_a_page(path, notebook):
    found = rebound(tree for _, _, tree in code_cells(notebook))
    allowed = set(REBOUND.get(path.stem, "").split())
    new = {name: texts for name, texts in found.items() if name not in allowed}
    assert not new, f"{path.name}: one name for different things. Give the later one a name of its own: " + "; ".join(
        f"{name}: {', then '.join(texts[:2])}"[:160] for name, texts in sorted(new.items())
    )
    gone = sorted(allowed - set(found))
    assert not gone, f"{path.name}: {gone} are bound once now; take them off REBOUND in tests/test_book.py."


# --- sections, exercises, prose ----------------------------------------------------------------------------


def test_opens_with_a_title_and_its_card(path, notebook):
    opening = "\n".join(cell.source for cell in notebook.cells[:2] if cell.cell_type == "markdown")
    assert opening.startswith("# "), f"{path.name}: the first cell must be the title, # Title."
    assert ":class: chapter-card" in opening, f"{path.name}: no {{admonition}} with :class: chapter-card on top."
    for item in ("The question", "You will be able to", "Minutes", "Needs"):
        assert f"**{item}" in opening, f"{path.name}: the card on top lacks **{item}**."


def test_the_card_says_how_long_the_page_takes(path, notebook):
    """A page without exercises gives the minutes of reading alone; one over 40 links to its second half."""
    card = re.search(
        r"\*\*Minutes\.\*\* (\d+) of reading(.*?)(?:(\d+) of exercises)?\.?$", notebook.cells[0].source, re.M
    )
    *_, needed = minutes.reading(notebook)
    wrong = ""
    if not card or bool(card[3]) == (path.stem in NO_EXERCISES):
        wrong = 'the card must say "**Minutes.** 40 of reading and 30 of exercises".'
    elif abs(int(card[1]) - needed) > max(5, needed / 10):
        wrong = f"the card says {card[1]} minutes of reading; tools/minutes.py finds {needed:.0f}."
    elif needed > 40 and "](#" not in card[2]:
        wrong = f"{needed:.0f} minutes of reading: let the card link to where the second sitting begins."
    later(path, "card", wrong, wrong)


EXERCISE = re.compile(r"\{exercise\} (.+)\n")
EFFORT = re.compile(r"[^●]* (●{1,3}), (\d+) minutes$")


def test_every_exercise_says_its_level_and_minutes_and_the_card_their_sum(path, notebook):
    efforts = {title: EFFORT.match(title) for title in EXERCISE.findall(markdown(notebook))}
    bare = [title for title, effort in efforts.items() if not effort]
    total = sum(int(effort[2]) for effort in efforts.values() if effort)
    said = re.search(r"(\d+) of exercises", notebook.cells[0].source)
    wrong = ""
    if bare:
        wrong = f"exercise {bare[0]!r}: its title must end with level and minutes, as in  Two clubs ●●, 10 minutes."
    elif efforts and (not said or abs(int(said[1]) - total) > 5):
        wrong = f"the exercises take {total} minutes together; the card says {said and said[0]}."
    later(path, "levels", wrong, wrong)


WALK = ("likelihood", "log-likelihood", "argmax", "score-equation", "gaussian", "generative-models")


def test_from_the_coin_to_the_first_digits_it_is_less_than_eight_hours_with_exercises():
    pages = [nbformat.read(BOOK / f"{name}.ipynb", as_version=4) for name in WALK]
    reads = sum(minutes.reading(page)[-1] for page in pages)
    exercises = sum(int(each) for page in pages for each in re.findall(r"●, (\d+) minutes\n", markdown(page)))
    assert exercises > 150
    assert reads + exercises < 8 * 60, f"{reads:.0f} minutes of reading and {exercises} of exercises"


def test_predictions_are_cells_that_ask(path, notebook):
    found = [
        number for number, cell in cells(notebook, "markdown") if re.search(r":class: predict|\} Predict", cell.source)
    ]
    message = (
        f"cells {found}: a box Predict in prose. Write the question into book/practice/{path.stem}.yml and put a code "
        f'cell  predict("{path.stem}:an-id")  tagged predict in its place.'
    )
    later(path, "predict", found, message)
    for number, cell in cells(notebook, "code"):
        alone = re.fullmatch(rf'predict\("{path.stem}:[\w-]+"\)', cell.source)
        assert bool(alone) == ("predict" in tags(cell)) and ("predict(" not in cell.source or alone), (
            f'{path.name}, cell {number}: a cell that asks holds only predict("{path.stem}:an-id") and is tagged '
            "predict."
        )
        alone = re.fullmatch(rf'({QUIZ_IMPORT}\n\n)?quiz\("{path.stem}"\)', cell.source)
        assert bool(alone) == ("quiz" in tags(cell)) and ("quiz(" not in cell.source or alone), (
            f'{path.name}, cell {number}: a quiz is a cell with only quiz("{path.stem}") and its import, tagged quiz.'
        )


def test_a_page_with_exercises_has_a_quiz(path, notebook):
    asks = [number for number, cell in cells(notebook, "code") if "quiz" in tags(cell)]
    wrong = "" if asks or path.stem in NO_EXERCISES else "no quiz"
    message = (
        f"has no quiz. Write three to six questions into book/practice/{path.stem}.yml under  quiz:  and put a cell "
        f'quiz("{path.stem}")  tagged quiz under a heading ## Quiz, right before ## Exercises.'
    )
    later(path, "quiz", wrong, message)


def test_a_page_is_one_sitting(path, notebook):
    words, lines, _, needed = minutes.reading(notebook)
    found = words > 3000 or lines > 130 or needed > 60
    message = (
        f"{words:,} words, {lines} lines of open code, {needed:.0f} minutes; a sitting is 3,000 words, 130 lines "
        "and an hour at most. Fold a digression, or give it a page of its own below this one."
    )
    later(path, "sitting", found, message)


def test_every_figure_has_a_caption_that_states_its_finding(path, notebook):
    bare = []
    for (number, cell), after in zip(enumerate(notebook.cells), [*notebook.cells[1:], None], strict=True):
        moves = any("<script" in output.get("data", {}).get("text/html", "") for output in cell.get("outputs", []))
        if cell.cell_type == "code" and tool.pictures(cell) and not moves and "hide-cell" not in tags(cell):
            if not (after and after.cell_type == "markdown" and tool.CAPTION.match(after.source)):
                bare.append(number)
    message = (
        f"cells {bare}: a figure needs a caption right below it: **Figure.** and a sentence that says what one sees."
    )
    later(path, "captions", bare, message)


def test_answers_wait_below_a_question(path, notebook):
    question, before = False, set()
    for number, cell in enumerate(notebook.cells):
        if "predict" in tags(cell):
            question = True
        elif "answer" in tags(cell) and "answer" not in before:
            assert question, f"{path.name}, cell {number}: tagged answer, but no prediction stands above."
        elif cell.cell_type == "markdown" and "answer" not in tags(cell):
            question = ":class: predict" in cell.source
        before = tags(cell) if not (before & {"answer"} and "checked" in tags(cell)) else before


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
