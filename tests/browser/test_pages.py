"""Every built page in a real Chromium: quiet, self-contained, readable on a phone, in light and in dark."""

import pytest
import yaml

from ..conftest import ROOT
from .axe import all_rules, findings, lighten
from .conftest import visits
from .test_figures_static import PAGES, unfold

TOC = yaml.safe_load((ROOT / "_toc.yml").read_text())
ENTRIES = [
    entry for part in TOC["parts"] for chapter in part["chapters"] for entry in (chapter, *chapter.get("sections", []))
]
NAMES = [TOC["root"], *(entry["file"] for entry in ENTRIES)]
CHAPTERS = [name for name in NAMES if (ROOT / f"{name}.ipynb").exists()]
DRAWN = [name for name in CHAPTERS if name.removeprefix("book/") in PAGES]
UNLABELLED = ("book/mixtures-of-digits",)  # rows of digits alone, told by their captions
WIDTHS = (1280, 390, 320)
ONE_OF_EACH_KIND = ("book/index", "book/gaussian", "book/references")
# A formula inside a line cannot break; the page marks, a moment after each change of width, those that must scroll.
WIDE_FORMULAS_SCROLL = """() => [...document.querySelectorAll("article mjx-container:not([display], .wide)")]
    .every((formula) => {
        const block = formula.closest("p, li, td, dd, dt, figcaption, h1, h2, h3, h4, .choice > span");
        return !block || formula.getBoundingClientRect().width <= block.clientWidth + 1;
    })"""


def pages(names=NAMES, few=ONE_OF_EACH_KIND):
    """A test for each page; beyond `few` only in `make audit`, for the check repeats what another setting has shown."""
    marks = [(name, () if name in few else pytest.mark.audit) for name in names]
    return pytest.mark.parametrize("name", [pytest.param(n, marks=mark, id=short(n)) for n, mark in marks])


def short(name):
    return name.split("/")[-1]


def only(names):
    """A test for some of the pages that `visited` opens."""
    return pytest.mark.parametrize("visited", names, indirect=True, ids=short)


@pytest.fixture(scope="module", params=NAMES, ids=short)
def visited(request, chromium, roots):
    """(page, name): each page, opened once by http at 1280 px for the next tests, the last of which may undo it."""
    with visits(chromium, roots) as open_page:
        yield open_page(f"{request.param}.html"), request.param


def overflow(page):
    """Elements that stick out of the window to the right, if the page itself can be scrolled sideways."""
    return page.evaluate(
        """() => {
            const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
            if (wide <= 0) return [];
            return [...document.querySelectorAll("main *")]
                .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
                .slice(-3).map((e) => `${wide} px: ${e.outerHTML.slice(0, 200)}`);
        }"""
    )


def blocks(page):
    """Code and what it prints: the blocks that scroll sideways."""
    return page.evaluate(
        """() => [...document.querySelectorAll("article :is(pre, div.cell_output > .output)")]
            .filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent.slice(0, 60))"""
    )


def labels(page):
    """[[text, height of its type in pixels]] of all labels; a formula counts by its largest letters."""
    return page.evaluate(
        """() => [...document.querySelectorAll("article svg.course-svg text")].map((text) => {
            const parts = text.querySelector("tspan") ? [...text.querySelectorAll("tspan")] : [text];
            const type = Math.max(...parts.map((part) => parseFloat(getComputedStyle(part).fontSize)));
            const scale = text.getScreenCTM();
            return [text.textContent, type * Math.hypot(scale.a, scale.b)];
        })"""
    )


def check(page, name):
    assert page.locator("article h1").count() == 1
    raw = page.evaluate(
        """() => {
            const walker = document.createTreeWalker(document.querySelector("article"), NodeFilter.SHOW_TEXT);
            const left = [];
            while (walker.nextNode()) {
                const node = walker.currentNode;
                if (node.parentElement.closest("pre, code, script, style, mjx-container")) continue;
                if (/\\\\\\(|\\\\\\[|\\\\\\]|\\$[^$]+\\$/.test(node.data)) left.push(node.data);
            }
            return left;
        }"""
    )
    assert not raw, f"{name}: formulas left as text: {raw[:3]}"
    assert page.locator(".math").count() == 0 or page.locator("mjx-container").count() > 0
    assert page.locator("mjx-merror, mjx-math[data-mjx-error]").count() == 0, f"{name}: a formula with an error"
    broken = page.evaluate(
        """async () => {
            const images = [...document.images];
            for (const image of images) { image.loading = "eager"; await image.decode().catch(() => null); }
            return images.filter((image) => image.naturalWidth === 0).map((image) => image.src);
        }"""
    )
    assert not broken, f"{name}: images that do not load: {broken}"
    assert not page.troubles, f"{name}: {page.troubles}"


@only(CHAPTERS)
def test_a_chapter_reaches_its_question_and_first_matter_on_the_first_screen(visited):
    page, name = visited
    places = page.evaluate(
        """() => {
            const matter = "article :is(div.cell_input, .course-frame, img, svg, [data-explorer], [data-drill], table)";
            const first = [...document.querySelectorAll(matter)]
                .find((e) => e.checkVisibility() && e.getBoundingClientRect().height > 20);
            const low = (e) => e && e.getBoundingClientRect().top + scrollY;
            return { question: low(document.querySelector(".card-question")), matter: low(first) };
        }"""
    )
    assert 0 < places["question"] < 300
    assert 0 < places["matter"] < 900, f"{name}: the first picture or cell begins at {places['matter']:.0f} px"
    assert not page.locator(".card-goals").first.evaluate("(box) => box.open")


def test_reads_by_http_at_every_width(visited):
    page, name = visited
    check(page, name)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(WIDE_FORMULAS_SCROLL)
        assert not overflow(page), f"{name} at {width} px: {overflow(page)}"
        page.evaluate("() => document.querySelectorAll('details').forEach((box) => { box.open = true; })")
        page.wait_for_function(WIDE_FORMULAS_SCROLL)
        assert not overflow(page), f"{name} at {width} px, all unfolded: {overflow(page)}"
        assert width < 390 or not blocks(page), f"{name} at {width} px: code or print scrolls sideways, {blocks(page)}"


@only(DRAWN)
def test_drawings_stand_in_the_page(visited):
    page, name = visited
    unfold(page)
    assert page.locator("article svg.course-svg").count() > 0
    ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids)), sorted({one for one in ids if ids.count(one) > 1})
    leads = page.evaluate(
        """() => [...document.querySelectorAll("article svg.course-svg use")]
            .filter((one) => !document.getElementById(one.getAttribute("href").slice(1))).length"""
    )
    assert leads == 0, "markers without a shape"
    rasters = page.locator("article .cell_output img:not([data-explorer] img)")
    assert rasters.count() == 0, "a picture in pixels is shown where a drawing is stored"
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        sizes = labels(page)
        outside = [(text, round(size, 1)) for text, size in sizes if text.strip() and not 12 <= size <= 18]
        assert bool(sizes) == (name not in UNLABELLED) and not outside, f"{name} at {width} pixels: {outside[:5]}"
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert not page.troubles


def test_axe_finds_nothing(visited):
    """In the light; one page of each kind in the dark, and in `make audit` all, in test_access.py."""
    page, name = visited
    page.set_viewport_size({"width": 1280, "height": 900})
    lighten(page)
    faults = findings(page, **all_rules())
    assert not faults, f"{name}:\n" + "\n".join(faults)


@pages()
def test_reads_from_the_disk_in_the_dark(open_page, name):
    page = open_page(f"{name}.html", scheme="file", mode="dark", width=390)
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    check(page, name)
    assert not overflow(page)


@pytest.mark.parametrize("scheme", ["http", "file"])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_first_visit_follows_the_system_and_a_choice_is_kept(open_page, scheme, mode):
    page = open_page("book/index.html", scheme=scheme, mode=mode)
    shown = "() => [document.documentElement.dataset.mode, document.documentElement.dataset.theme]"
    assert page.evaluate(shown) == ["auto", mode]
    other = {"light": "dark", "dark": "light"}[mode]
    page.emulate_media(color_scheme=other)
    page.wait_for_function("(theme) => document.documentElement.dataset.theme === theme", arg=other)
    page.reload()
    assert page.evaluate(shown) == ["auto", other]
    while page.evaluate(shown)[0] != mode:  # the button goes through auto, dark and light
        before = page.evaluate(shown)[0]
        page.locator("button.theme-switch-button:visible").first.click()
        page.wait_for_function("(mode) => document.documentElement.dataset.mode !== mode", arg=before)
    page.reload()
    assert page.evaluate(shown) == [mode, mode]
    assert not page.troubles


def test_the_first_paint_of_a_first_visit_has_its_colours(open_page):
    page = open_page("book/references.html", mode="dark")
    page.context.add_init_script(
        """new MutationObserver(() => {
            if (!document.body) return;
            window.firstSeen ??= document.documentElement.dataset.theme;
        }).observe(document, {childList: true, subtree: true});"""
    )
    page.evaluate("() => localStorage.clear()")
    page.reload()
    assert page.evaluate("() => window.firstSeen") == "dark"


def test_the_front_page_of_the_site_leads_to_the_book(open_page, roots):
    for scheme, root in roots.items():
        page = open_page("book/references.html", scheme=scheme)
        page.goto(f"{root}/index.html")
        page.wait_for_url(f"{root}/book/index.html")
        assert not page.troubles


def test_folded_answers_open_by_keyboard(open_page):
    page = open_page("book/likelihood.html")
    box = page.locator("article details.fold").first
    handle = box.locator("summary").first
    handle.focus()
    assert not box.evaluate("(box) => box.open")
    page.keyboard.press("Enter")
    assert box.evaluate("(box) => box.open")


def test_printing_unfolds_everything_and_folds_it_again(open_page):
    page = open_page("book/likelihood.html")
    closed = "() => document.querySelectorAll('article details:not([open])').length"
    before = page.evaluate(closed)
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert before > 0 and page.evaluate(closed) == 0
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(closed) == before


def test_search_finds_chapters(open_page):
    page = open_page("search.html?q=score+equation")
    page.wait_for_selector("#search-results li a")
    found = page.locator("#search-results li a").evaluate_all("(links) => links.map((a) => a.getAttribute('href'))")
    assert any("score-equation.html" in address for address in found[:5])
    assert not page.troubles


def test_search_finds_chapters_on_the_disk(open_page):
    page = open_page("search.html?q=score+equation", scheme="file")  # there it lists titles without excerpts
    page.wait_for_selector("#search-results li a")
    found = page.locator("#search-results li a").evaluate_all("(links) => links.map((a) => a.getAttribute('href'))")
    assert any("score-equation.html" in address for address in found[:5])
