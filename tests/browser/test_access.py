"""Every built page for every reader: WCAG 2.2 A and AA by axe, 400 % zoom, a focus that is seen and not covered."""

import pytest

from .axe import all_rules, findings, lighten
from .test_pages import NAMES, ONE_OF_EACH_KIND, WIDE_FORMULAS_SCROLL, overflow, pages

BESIDE = ["search", "genindex"]  # pages of the site that no source stands for
EACH = [*NAMES, *BESIDE]
FEW = (*ONE_OF_EACH_KIND, "search")


@pytest.mark.parametrize("name", BESIDE)
def test_axe_finds_nothing_beside_the_pages(open_page, name):
    """The pages themselves: in test_pages.py."""
    page = open_page(f"{name}.html")
    lighten(page)
    faults = findings(page, **all_rules())
    assert not faults, f"{name}:\n" + "\n".join(faults)


@pytest.mark.parametrize("name", FEW)
def test_axe_finds_no_contrast_too_low_in_the_dark(open_page, name):
    page = open_page(f"{name}.html", mode="dark")
    lighten(page)
    faults = findings(page, runOnly=["color-contrast"])
    assert not faults, f"{name}:\n" + "\n".join(faults)


@pytest.mark.audit
@pytest.mark.parametrize("name", EACH, ids=lambda name: name.split("/")[-1])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_in_the_dark_or_on_a_phone(open_page, name, width):
    page = open_page(f"{name}.html", mode="dark", width=width)
    lighten(page)
    faults = findings(page, **all_rules())
    assert not faults, f"{name}:\n" + "\n".join(faults)


def test_axe_is_asked_what_it_must_be_asked(open_page):
    page = open_page("book/references.html")
    page.evaluate(
        """() => document.querySelector("article").insertAdjacentHTML("beforeend",
            `<button aria-label="Other words">What stands here</button><img src="x">
             <p style="color: #999; background: #fff">Too pale to read</p>
             <a href="#a" style="position: absolute; font-size: 5px">a</a>
             <a href="#b" style="position: absolute; left: 8px; font-size: 5px">b</a>`)"""
    )
    found = {line.split(" ")[0] for line in findings(page, **all_rules())}
    assert found >= {"label-content-name-mismatch", "image-alt", "color-contrast"}


@pages(EACH, FEW)
def test_at_400_percent_a_page_scrolls_one_way_and_headers_leave_room(open_page, name):
    page = open_page(f"{name}.html", width=320)
    page.set_viewport_size({"width": 320, "height": 256})  # what 1280 × 1024 becomes
    page.wait_for_function(WIDE_FORMULAS_SCROLL)
    assert not overflow(page)
    page.evaluate("() => scrollTo(0, 600)")
    covered = page.evaluate(
        """() => [...document.querySelectorAll("body *")].filter((node) => {
            const style = getComputedStyle(node), box = node.getBoundingClientRect();
            return ["fixed", "sticky"].includes(style.position) && style.visibility === "visible"
                && style.pointerEvents !== "none" && box.width > 160 && box.height && box.top <= 1 && box.bottom > 0
                && !node.matches("dialog:not([open])");
        }).map((node) => node.getBoundingClientRect().bottom)"""
    )
    assert max(covered, default=0) <= 256 / 3, f"{covered} of 256 px are covered"


FOCUS = """() => {
    const node = document.activeElement;
    if (!node || node === document.body) return null;
    const look = (of) => {
        const style = getComputedStyle(of);
        return [style.outlineStyle === "none" ? "" : style.outlineWidth + style.outlineColor, style.boxShadow,
            style.borderColor, style.backgroundColor, style.textDecorationLine, style.color].join("|");
    };
    // A control may hand its ring to its label or to the box around it.
    const shown = [node, node.closest("label"), node.parentElement].filter(Boolean);
    const box = node.getBoundingClientRect();
    const points = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.1], [0.5, 0.9]];
    const top = points.map(([x, y]) => document.elementFromPoint(box.left + x * box.width, box.top + y * box.height));
    const seen = box.width === 0 || top.some((one) => one && (node.contains(one) || one.contains(node)));
    const focused = shown.map(look);
    node.blur();
    const plain = shown.map(look);
    node.focus({focusVisible: true, preventScroll: true});
    node.dataset.visited = (+node.dataset.visited || 0) + 1;
    return {html: node.outerHTML.slice(0, 160), differs: focused.some((one, i) => one !== plain[i]), seen,
        again: +node.dataset.visited > 1};
}"""


@pytest.mark.parametrize("mode", ["light", pytest.param("dark", marks=pytest.mark.audit)])
@pages(EACH, FEW)
def test_the_focus_is_seen_wherever_the_keyboard_goes(open_page, name, mode):
    page = open_page(f"{name}.html", mode=mode, reduced_motion="reduce")
    page.add_style_tag(content="* { transition: none !important; scroll-behavior: auto !important }")
    unseen, covered, stops = [], [], 0
    while stops < 400:
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUS)
        if found is None or found["again"]:
            break
        stops += 1
        if not found["differs"]:
            unseen.append(found["html"])
        if not found["seen"]:
            covered.append(found["html"])
    assert stops > 10
    assert not unseen, f"{name}: no sign of the focus on {len(unseen)} of {stops}:\n" + "\n".join(unseen[:8])
    assert not covered, f"{name}: focus under something else on {len(covered)} of {stops}:\n" + "\n".join(covered[:8])
