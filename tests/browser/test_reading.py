"""What a page does for its reader: first screen, wrapping code, answers that wait, cards, progress, the front page."""

import re
import threading

import nbformat
import pytest

from ..conftest import ROOT
from .test_pages import CHAPTERS, NAMES

BOOK = ROOT / "book"
AT_ONCE = ("book/index", "book/gaussian")  # tried in `make test`; the rest in `make audit`
STORE = "() => localStorage.getItem('course-progress')"
BLUE = "rgb(0, 114, 178)"


def test_the_type_is_the_books_own_open_and_light(open_page, site):
    fonts = site / "_static" / "fonts"
    assert sum(path.stat().st_size for path in fonts.glob("*.woff2")) <= 250_000
    for family in ("serif", "sans", "code"):
        assert "SIL OPEN FONT LICENSE" in (fonts / f"LICENSE-course-{family}.txt").read_text()
    for scheme in ("http", "file"):
        page = open_page("book/gaussian.html", scheme=scheme)
        page.evaluate("() => document.fonts.ready.then(() => null)")
        loaded = page.evaluate("() => [...document.fonts].filter((f) => f.status === 'loaded').map((f) => f.family)")
        assert {"Course Serif", "Course Sans", "Course Code"} <= {name.strip('"') for name in loaded}, scheme
        shown = page.evaluate("() => [...document.fonts].map((f) => f.display)")
        assert shown.count("swap") == len(list(fonts.glob("*.woff2")))
        assert not page.troubles


WATCH = """
    window.jumps = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.jumps += entry.value; }))
        .observe({type: "layout-shift", buffered: true});
"""


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in AT_ONCE else pytest.mark.audit) for name in NAMES]
)
def test_nothing_jumps_when_the_fonts_arrive(open_page, name, width):
    """They are held back until the page has been drawn with the system's own."""
    page = open_page(f"{name}.html", width=width)
    held, drawn = [], threading.Event()
    page.add_init_script(WATCH)
    page.route(
        re.compile(r"/fonts/course-.*\.woff2$"),
        lambda route: route.continue_() if drawn.is_set() else held.append(route),
    )
    page.reload(wait_until="domcontentloaded")
    page.evaluate("() => window.MathJax?.startup?.promise?.then(() => null)")
    frames = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
    page.evaluate(frames)
    assert len(held) >= 3
    drawn.set()
    for route in held:
        route.continue_()
    page.evaluate("() => document.fonts.ready.then(() => null)")
    page.evaluate(frames)
    assert page.evaluate("() => window.jumps") < 0.05


def test_where_mathjax_does_not_come_formulas_are_read_as_tex(open_page):
    page = open_page("book/score-equation.html")
    page.route("**/mathjax/**", lambda route: route.abort())
    page.reload(wait_until="load")
    page.wait_for_selector("html.as-tex")
    first = page.locator("article span.math").first
    assert first.inner_text() == r"\(p = 0.8\)"
    colours = first.evaluate("(one) => [one, one.parentElement].map((part) => getComputedStyle(part).color)")
    assert colours[0] == colours[1]  # not transparent


def fetched(page):
    """A list that collects what the page asks for from now on.

    Left out: the browser's own look for an icon, and fonts, which it fetches when it first draws a glyph of theirs,
    on a busy machine long after the page has loaded.
    """
    asked = []
    not_the_pages = ("favicon.svg", ".woff", ".woff2")
    page.on("request", lambda request: request.url.endswith(not_the_pages) or asked.append(request.url))
    return asked


def test_a_wrapped_line_hangs_and_is_marked_and_its_text_is_the_notebooks(open_page):
    page = open_page("book/gaussian.html", width=390)
    code = [cell for cell in nbformat.read(BOOK / "gaussian.ipynb", 4).cells if cell.cell_type == "code"]
    sources = {cell.source for cell in code if not {"predict", "quiz"} & set(cell.metadata.get("tags", []))}
    shown = page.evaluate("() => [...document.querySelectorAll('div.cell_input pre')].map((code) => code.textContent)")
    assert {text.rstrip("\n") for text in shown} == {source.replace("\n\n\n", "\n\n") for source in sources}
    rows = page.evaluate(
        """() => [...document.querySelectorAll("div.cell_input .line")].map((line) => {
            const words = document.createRange();
            words.selectNodeContents(line);
            const rects = [...words.getClientRects()].filter((rect) => rect.width > 0);
            const high = parseFloat(getComputedStyle(line.closest("pre")).lineHeight);
            const starts = {};  // row -> where its first word begins
            for (const { top, left } of rects) {
                const row = Math.round(top / high);
                starts[row] = Math.min(left, starts[row] ?? left);
            }
            const lefts = Object.keys(starts).map(Number).sort((a, b) => a - b).map((row) => starts[row]);
            const mark = parseFloat(getComputedStyle(line, "::before").height);
            return { rows: Math.round(line.getBoundingClientRect().height / high), mark: mark / high, lefts };
        })"""
    )
    wrapped = [row for row in rows if row["rows"] > 1]
    assert len(wrapped) > 20 and any(row["rows"] == 1 for row in rows)
    for row in rows:
        assert round(row["mark"]) == row["rows"] - 1  # a mark beside each continued row, none beside a line that fits
    assert all(min(row["lefts"][1:]) > row["lefts"][0] for row in wrapped if len(row["lefts"]) > 1)


def test_code_has_the_colour_of_the_palette(open_page):
    page = open_page("book/gaussian.html")
    bar = page.locator("div.cell_input").first.evaluate("(box) => getComputedStyle(box).borderLeftColor")
    assert bar == BLUE


def test_figures_that_move_use_the_margin_of_a_wide_window_only(open_page):
    page = open_page("book/gaussian.html")
    widths = {}
    for width in (1280, 1200, 1199, 390):
        page.set_viewport_size({"width": width, "height": 900})
        widths[width] = page.evaluate(
            "() => ['.mlx', 'article > section'].map((s) => document.querySelector(s).getBoundingClientRect().width)"
        )
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert all(widths[width][0] > 1.2 * widths[width][1] for width in (1280, 1200))
    assert all(widths[width][0] <= widths[width][1] + 1 for width in (1199, 390))


def test_the_way_back_to_the_top_covers_nothing(open_page):
    for width in (1280, 390):
        page = open_page("book/gaussian.html", width=width)
        page.evaluate("() => scrollTo(0, 5000)")
        page.wait_for_function("() => scrollY > 4000")
        page.evaluate("() => scrollTo(0, 4000)")
        page.wait_for_function("() => scrollY < 4500")
        assert not page.locator("#pst-back-to-top").is_visible()
        link = page.locator("article .to-top a")
        link.click()
        page.wait_for_function("() => scrollY === 0")


# --- answers and checks -------------------------------------------------------------------------------------


def test_what_gives_an_answer_away_waits_for_it(open_page):
    page = open_page("book/gaussian.html")
    waiting = page.locator("details.fold-answer")
    tagged = [c for c in nbformat.read(BOOK / "gaussian.ipynb", 4).cells if "answer" in c.metadata.get("tags", [])]
    tagged = [cell for cell in tagged if not cell.source.startswith("(fig-")]  # a caption has joined its figure
    assert waiting.count() >= 5
    assert page.locator("details.fold-answer :is(.tag_answer, .tag-answer)").count() == len(tagged)
    assert not any(waiting.nth(i).evaluate("(box) => box.open") for i in range(waiting.count()))
    page.locator(".predict input").first.check()
    assert not waiting.first.evaluate("(box) => box.open")
    page.locator(".predict").first.get_by_role("button", name="Check").click()
    page.wait_for_function("() => document.querySelector('details.fold-answer').open")
    assert not waiting.nth(1).evaluate("(box) => box.open")


def test_a_link_into_a_folded_box_opens_it(open_page, roots):
    page = open_page("book/gaussian.html")
    target = page.evaluate("() => document.querySelector('details.fold-answer figure[id]').id")
    page.goto(f"{roots['http']}/book/references.html")
    page.goto(f"{roots['http']}/book/gaussian.html#{target}")
    page.wait_for_function("(id) => document.getElementById(id).closest('details').open", arg=target)
    page.wait_for_function("(id) => document.getElementById(id).getBoundingClientRect().top < innerHeight", arg=target)


def test_paper_shows_folded_answers_without_a_script_too(open_page):
    page = open_page("book/gaussian.html", scheme="file", java_script_enabled=False)
    inside = page.locator("details.fold-answer div.cell_input").first
    assert not inside.is_visible()
    page.emulate_media(media="print")
    assert inside.is_visible()


def test_checks_are_one_quiet_line_that_counts_and_unfolds(open_page):
    page = open_page("book/gaussian.html")
    lines = page.locator("details.fold-checked > summary").all_text_contents()
    cells = [c for c in nbformat.read(BOOK / "gaussian.ipynb", 4).cells if "checked" in c.metadata.get("tags", [])]
    assert len(lines) == len(cells) > 10
    for line, cell in zip(lines, cells, strict=True):
        assert re.fullmatch(r"✓ \d+ statements? checked", line)
        assert int(re.search(r"\d+", line)[0]) == len(re.findall(r"^\s*assert\b", cell.source, re.MULTILINE))
    first = page.locator("article section > details.fold-checked").first
    assert first.bounding_box()["height"] < 40
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    assert first.locator("pre").is_visible()


def test_numbers_that_vary_say_so_beside_them(open_page, site):
    marked = 0
    for name in CHAPTERS:
        html = (site / f"{name}.html").read_text()
        cells = [c for c in nbformat.read(ROOT / f"{name}.ipynb", 4).cells if c.cell_type == "code" and c.outputs]
        wanted = sum("nbval-ignore-output" in c.metadata.get("tags", []) for c in cells)
        assert html.count('class="varies-link"') == wanted, name
        marked += wanted
    assert marked > 0
    page = open_page("book/index.html")
    assert page.locator("#what-the-marks-mean").get_by_text("varies a little").count() == 1


# --- cards --------------------------------------------------------------------------------------------------


def test_a_reference_shows_its_target_to_the_pointer_and_to_the_keyboard(open_page):
    for scheme, mode in (("http", "light"), ("file", "dark")):
        page = open_page("book/gaussian.html", scheme=scheme, mode=mode)
        asked = fetched(page)
        card = page.locator("#reference-card")
        link = page.locator('article a.reference[href="#equation-eq-split"]').first
        link.hover()
        card.wait_for(state="visible")
        assert card.locator("mjx-container").count() == 1
        card.hover()  # the pointer may move onto it
        assert card.is_visible()
        page.keyboard.press("Escape")
        card.wait_for(state="hidden")
        page.mouse.move(0, 0)

        link.evaluate("(a) => { a.previousSibling; a.focus(); }")
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        card.wait_for(state="visible")
        assert link.get_attribute("aria-describedby") == "reference-card"
        box = card.bounding_box()
        assert 0 <= box["x"] and box["x"] + box["width"] <= 1280 and 0 <= box["y"] and box["y"] + box["height"] <= 900
        page.keyboard.press("Escape")
        card.wait_for(state="hidden")
        assert link.evaluate("(a) => a === document.activeElement")
        assert not asked and not page.troubles


@pytest.mark.parametrize("target, says", [("#fig-gaussian-contours", "Figure"), ("references.html#", "Stigler")])
def test_figures_and_sources_have_cards_too(open_page, target, says):
    page = open_page("book/gaussian.html", width=390)
    link = page.locator(f'article a.reference[href^="{target}"]').first
    link.scroll_into_view_if_needed()
    link.hover()
    card = page.locator("#reference-card")
    card.wait_for(state="visible")
    assert says in card.inner_text()
    box = card.bounding_box()
    assert 0 <= box["x"] and box["x"] + box["width"] <= 390
    ids = page.evaluate("() => [...document.querySelectorAll('article [id]')].map((part) => part.id)")
    assert len(ids) == len(set(ids))


def test_a_term_shows_what_the_glossary_says(open_page):
    page = open_page("book/information.html", scheme="file", width=390)
    link = page.locator('article a.term[href$="#term-nat"]')
    link.scroll_into_view_if_needed()
    link.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    card = page.locator("#reference-card")
    card.wait_for(state="visible")
    assert "likelihood ratio of" in card.inner_text()
    assert card.locator("mjx-container").bounding_box()["height"] > 5  # its formula is set, though its source is hidden
    box = card.bounding_box()
    assert 0 <= box["x"] and box["x"] + box["width"] <= 390 and not page.troubles
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary.html#term-nat")


# --- progress -----------------------------------------------------------------------------------------------


def scroll_to_end(page):
    page.evaluate("() => scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function("() => JSON.parse(localStorage.getItem('course-progress') || '{}').likelihood?.read")


def test_progress_is_kept_on_this_device_shown_and_forgotten(open_page, roots):
    page = open_page("book/likelihood.html")
    asked = fetched(page)
    assert page.evaluate(STORE) is None
    page.evaluate("() => scrollTo(0, document.body.scrollHeight / 2)")
    page.wait_for_function("() => JSON.parse(localStorage.getItem('course-progress') || '{}').likelihood?.at")
    bar = page.locator(".reading-bar").bounding_box()
    assert bar["height"] <= 4 and 0.3 < bar["width"] / 1280 < 0.8
    assert not asked
    page.goto(f"{roots['http']}/book/likelihood.html")
    back = page.locator("a.go-on")
    back.click()
    page.wait_for_function("() => scrollY > 500")
    scroll_to_end(page)
    page.goto(f"{roots['http']}/book/index.html")
    assert page.locator(".bd-links .progress-tick").count() == 1
    assert page.locator(".course-map .progress-tick").count() == 1
    pages = sum(1 for path in BOOK.glob("*.ipynb"))
    assert f"1 of {pages} pages, 0 of " in page.locator("#reading-progress").inner_text()
    page.get_by_role("button", name="Forget").click()
    assert page.evaluate(STORE) is None
    assert page.locator(".progress-tick").count() == 0
    assert not page.troubles


def test_from_the_disk_nothing_is_kept_and_everything_is_there(open_page):
    page = open_page("book/likelihood.html", scheme="file")
    page.evaluate("() => scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function("() => scrollY > 1000")
    assert page.evaluate(STORE) is None
    assert page.locator(".reading-bar, .go-on, .progress-tick").count() == 0
    assert not page.troubles


# --- the front page -----------------------------------------------------------------------------------------


def test_the_opening_plays_once_and_ends_as_it_stands_without_a_script(open_page):
    drawn = """() => [document.querySelector('.opening .curve').getAttribute('d'),
        ...[...document.querySelectorAll('.opening [data-says]')].map((e) => e.textContent)]"""
    still = open_page("book/index.html", reduced_motion="reduce")
    assert still.locator(".opening").get_attribute("data-state") == "still"
    last = still.evaluate(drawn)
    assert last[1] == "H H H T H T"
    still.get_by_role("button", name="Play again").click()
    still.wait_for_function("() => document.querySelector('.opening').dataset.state === 'moving'")

    page = open_page("book/index.html")
    page.wait_for_function("() => document.querySelector('.opening').dataset.state === 'still'")
    for now, then in zip(page.evaluate(drawn), last, strict=True):
        assert re.sub(r"\.0\b", "", now) == re.sub(r"\.0\b", "", then)
    frames = page.locator(".opening .digit image").count()
    assert frames > 5 and page.locator(".opening .later").count() == frames - 1
    assert not page.troubles

    plain = open_page("book/index.html", scheme="file", java_script_enabled=False)
    assert plain.locator(".opening .digit image:not(.later)").count() == 1
    assert plain.locator(".opening").bounding_box()["y"] < 400


def test_the_front_page_leads_into_the_book(open_page):
    for width in (1280, 390):
        page = open_page("book/index.html", width=width)
        for name in ("Start", "Refresher"):
            link = page.locator(".start a", has_text=name)
            assert link.bounding_box()["y"] < 900
        assert page.locator(".opening").bounding_box()["y"] < 300
    assert not page.locator("article table").first.is_visible()  # the list repeats the map, so it is folded
    targets = page.evaluate(
        "() => [...document.querySelectorAll('svg.course-map a')].map((a) => a.getAttribute('href'))"
    )
    assert {f"{name.removeprefix('book/')}.html" for name in CHAPTERS} <= set(targets)
    first = page.locator("svg.course-map a").nth(1)
    first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/likelihood.html")
