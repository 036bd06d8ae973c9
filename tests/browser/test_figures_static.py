"""Figures that matplotlib drew, on the built pages: their colours, ids, sizes, weight, room and captions."""

import gzip
import re

import nbformat
import pytest

from ..conftest import ROOT
from ..test_figures import tool

EACH, ALL = 150_000, 500_000  # bytes, compressed: of one drawing, of all on a page
PLAIN, DIGITS = "gaussian", "generative-models"


def drawn(path):
    return any(tool.pictures(cell) for cell in nbformat.read(path, as_version=4).cells)


PAGES = [path.stem for path in sorted((ROOT / "book").glob("*.ipynb")) if drawn(path)]


def unfold(page):
    page.evaluate("() => document.querySelectorAll('details').forEach((box) => { box.open = true; })")


@pytest.mark.parametrize("name", PAGES)
def test_drawings_are_light(site, name):
    html = (site / "book" / f"{name}.html").read_text(encoding="utf-8")
    drawings = re.findall(r'<svg class="course-svg".*?</svg>', html, re.DOTALL)
    weights = [len(gzip.compress(drawing.encode())) for drawing in drawings]
    assert drawings and max(weights) <= EACH and sum(weights) <= ALL, weights
    assert all(re.match(r'<svg [^>]*aria-label="[^"]{20,}', drawing) for drawing in drawings)


def contrast(one, other):
    """Of two colours as the browser computes them, rgb(r, g, b)."""

    def luminance(colour):
        channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_colours_follow_light_and_dark_without_loading_again(open_page):
    page = open_page(f"book/{PLAIN}.html")
    look = """() => {
        const set = (name) => document.querySelector(`article svg.course-svg [style*="stroke: var(--fig-${name})"]`);
        const line = (name) => getComputedStyle(set(name)).stroke;
        const tick = document.querySelector("article svg.course-svg text:not([style*=fill])");
        return {text: getComputedStyle(tick).fill, page: getComputedStyle(document.body).backgroundColor,
                type: getComputedStyle(tick).fontFamily, paper: getComputedStyle(tick.closest("svg")).backgroundColor,
                lines: ["model", "estimate", "truth", "data"].map(line)};
    }"""
    light = page.evaluate(look)
    page.evaluate("() => { document.documentElement.dataset.theme = 'dark'; }")
    dark = page.evaluate(look)
    assert light["lines"] == ["rgb(0, 114, 178)", "rgb(213, 94, 0)", "rgb(0, 158, 115)", "rgb(107, 107, 107)"]
    for seen in (light, dark):
        assert contrast(seen["text"], seen["page"]) >= 7 and "Course Sans" in seen["type"]
        assert all(contrast(line, seen["page"]) >= 3 for line in seen["lines"])
        assert seen["paper"] == "rgba(0, 0, 0, 0)"
    assert all(one != other for one, other in zip(light["lines"], dark["lines"], strict=True))


def test_print_has_the_colours_of_light(open_page):
    page = open_page(f"book/{PLAIN}.html", mode="dark")
    ink = "() => getComputedStyle(document.querySelector('article svg.course-svg')).fill"
    on_screen = page.evaluate(ink)
    page.emulate_media(media="print")
    assert page.evaluate(ink) == "rgb(34, 40, 50)" != on_screen


def test_digits_stay_pixels(open_page):
    page = open_page(f"book/{DIGITS}.html")
    found = page.evaluate(
        """() => [...document.querySelectorAll("article svg.course-svg image")].map((image) =>
            [image.width.baseVal.value, getComputedStyle(image).imageRendering])"""
    )
    assert found and all(rendering == "pixelated" for _, rendering in found)
    assert min(wide for wide, _ in found) <= 28


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_jumps_while_a_reader_scrolls(open_page, width):
    page = open_page(f"book/{PLAIN}.html", width=width)
    page.evaluate(
        """async () => {
            await document.fonts.ready;
            window.jumps = 0;
            new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
                if (!entry.hadRecentInput) window.jumps += entry.value;
            })).observe({type: "layout-shift"});
            const frame = () => new Promise(requestAnimationFrame);
            for (let y = 0; y < document.documentElement.scrollHeight; y += 600) {
                scrollTo({top: y, behavior: "instant"});
                await frame();
                await frame();
            }
        }"""
    )
    assert page.evaluate("() => window.jumps") < 0.05
    frames = page.evaluate(
        """() => [...document.querySelectorAll(".course-frame")].map((frame) =>
            [frame.getBoundingClientRect().height, frame.firstElementChild.getBoundingClientRect().height])"""
    )
    assert all(abs(room - drawing) < 1 for room, drawing in frames if room)


def test_without_scripts_the_drawings_are_there(open_page):
    page = open_page(f"book/{PLAIN}.html", java_script_enabled=False)
    first = page.locator("article svg.course-svg").first
    first.scroll_into_view_if_needed()
    assert first.bounding_box()["width"] > 300


def test_captions_count_and_references_lead_to_them(open_page):
    page = open_page(f"book/{PLAIN}.html")
    unfold(page)
    captions = page.locator("article figure.course-figure > figcaption")
    begins = [re.match(r"Figure (\d+)\. \S", text) for text in captions.all_inner_texts()]
    assert begins and all(begins)
    assert [int(begin[1]) for begin in begins] == list(range(1, len(begins) + 1))
    shown = page.evaluate(
        """() => [...document.querySelectorAll("article figure.course-figure")].map((figure) =>
            figure.querySelectorAll("svg.course-svg, [data-explorer]").length)"""
    )
    assert set(shown) == {1}
    for link in page.locator("article a[href^='#fig-']:not(.headerlink)").all():
        target = page.locator(f"figure[id='{link.get_attribute('href')[1:]}'] figcaption")
        assert target.inner_text().startswith(f"{link.inner_text()}.")
