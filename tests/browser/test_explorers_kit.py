"""The kit on a page of its own: every control, two of one figure, print, no script, small screens, contrast."""

import importlib.util
import io
import re
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from mle_helpers.models import bernoulli_logpmf, poisson_logpmf

from ..explorers import examples as made
from . import figures

ROOT = Path(__file__).parents[2]
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Explorers</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><script>document.documentElement.dataset.theme =
matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"</script>
<style>body {{ margin: 8px; background: #fff }}
[data-theme=dark] body {{ background: #121212; color: #ced6dd }}</style></head><body><main><h1>Explorers</h1>
{body}</main></body></html>"""
FIGURES = {  # name -> (explorer, oracle)
    "coin": (made.coin, figures.likelihood_of(bernoulli_logpmf, made.TOSSES, 4 / 6, readable=True)),
    "kicks": (made.kicks, figures.likelihood_of(poisson_logpmf, made.KICKS, made.KICKS.mean())),
    "mean": (made.mean, figures.likelihood_of(made.unit_normal, made.MEASURED, made.MEASURED.mean())),
    "ascent": (made.ascent, figures.ascent_on(made.MEASURED)),
    "slope": (made.slope, figures.score_on(poisson_logpmf, made.KICKS, np.mean)),
    "gaussian": (made.gaussian, figures.gaussian_on(made.load_speed_of_light())),
    "coordinates": (made.coordinates, figures.coordinates_of()),
    "noising": (made.noising, figures.noising_of(lambda t: np.log(made.ALPHA[int(t)] ** -2 - 1) if t else -np.inf)),
    "product": (
        made.product,
        figures.product_and_sum_of(poisson_logpmf, "λ", np.linspace(0.3, 1.2, 10), np.tile(made.KICKS, 4)),
    ),
    "em": (made.geyser, figures.em_on(made.FAITHFUL[:, 1], spread=np.std(made.FAITHFUL[:, 1]) / 2)),
    "intervals": (made.intervals, figures.intervals_of_a_share(0.2)),
    "coverage": (made.coverage, figures.coverage_of(made.KINDS)),
    "pad": (lambda: made.latent_pad()[0], lambda values: {"d": np.hypot(values["z1"], values["z2"])}),
    "steps": (lambda: made.em_steps()[0], lambda values: {}),
}


def tidy():
    """What the site's build does to the body of a page."""
    place = ROOT / "book" / "_ext" / "book_pages.py"
    spec = importlib.util.spec_from_file_location("book_pages", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.tidy


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Pages that hold nothing but figures; here in place of the built book."""
    folder = tmp_path_factory.mktemp("figures")
    bodies = {name: build().to_html() for name, (build, _) in FIGURES.items()}
    bodies["all"] = "\n".join(bodies.values())
    bodies["twice"] = bodies["steps"] + bodies["gaussian"] + bodies["steps"] + bodies["gaussian"]
    bodies["tidied"] = tidy()(bodies["twice"])
    assert bodies["tidied"].count("data-explorer-module") == 1
    for name, body in bodies.items():
        (folder / f"{name}.html").write_text(PAGE.format(body=body), encoding="utf-8")
    return folder


@pytest.fixture
def figure(open_page, site):
    """figure(name, page=None, index=0, **options of open_page) -> a figure on a page that is open."""

    def figure(name, page=None, index=0, **options):
        page = page or open_page(f"{name}.html", **options)
        source = (site / f"{name}.html").read_text(encoding="utf-8")
        return figures.Figure(page, index, figures.specs(source)[0], FIGURES[name][1])

    return figure


each = pytest.mark.parametrize("name", FIGURES)


@each
def test_the_keyboard_moves_every_control_and_all_numbers_are_right(figure, name):
    one = figure(name)
    one.drive_by_keyboard()
    one.finding()
    one.buttons()
    assert not one.page.troubles


@pytest.mark.parametrize("name", ["ascent", "gaussian", "pad", "em"])
def test_a_drag_moves_two_controls_by_mouse_and_by_touch(figure, name):
    one = figure(name)
    one.drive_by_mouse()
    figure(name, has_touch=True, is_mobile=True, width=390).drive_by_touch()


def test_e_and_m_go_on_in_turn_and_a_second_press_has_nothing_to_do(figure):
    one = figure("em")
    pressed = {letter: one.root.get_by_role("button", name=letter, exact=True) for letter in "EM"}
    turns = [("M", "start"), ("E", "E 1"), ("E", "E 1"), ("M", "M 1"), ("M", "M 1"), ("E", "E 2")]
    for letter, shown in turns:
        pressed[letter].press("Enter")
        assert one.check()["shown"][2] == shown
    one.inputs()[0].press("ArrowRight")
    assert one.check()["shown"][2] == "start"  # from another start it begins anew


@pytest.mark.parametrize("name", ["slope", "coin"])
def test_a_finger_moves_sliders_and_choices(figure, name):
    figure(name, has_touch=True, is_mobile=True, width=390).drive_by_touch()


def test_the_point_drawn_is_where_the_numbers_say(figure):
    one = figure("gaussian")
    for position in (3, 30, 57):
        one.inputs()[0].fill(str(position))
        state = one.read()
        curve = re.search(r'class="line model[^"]*" d="([^"]+)"', state["drawing"])[1]
        points = np.array([pair.split(" ") for pair in re.split("[ML]", curve)[1:]], float)
        spec = one.spec["panels"][0]
        peak, height = points[len(points) // 2]
        assert height == points[:, 1].min()
        low, high = spec["xlim"]
        mu = one.spec["controls"][0]["values"][position]
        assert peak == pytest.approx(60 + 325 * (mu - low) / (high - low), abs=0.5)


def test_the_pad_shows_one_picture_whole_and_no_other(figure):
    one = figure("pad")
    images = made.latent_pad()[1]
    for at in ((0, 0), (3, 5), (1, 4)):
        for slider, position in zip(one.inputs(), at, strict=True):
            slider.fill(str(position))
        sheet = one.root.locator("svg[role=img]").nth(1)
        image = Image.open(io.BytesIO(sheet.screenshot())).convert("L")
        seen = np.asarray(image, int)[: int(image.height * 212 / 236)]
        rows, columns = (np.flatnonzero((seen < 250).any(axis=axis)) for axis in (1, 0))
        picture = seen[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        high, wide = picture.shape
        assert abs(high - wide) <= 2 and high > 0.8 * 212 / 236 * image.height
        centres = (np.arange(5) + 0.5) / 5
        tile = picture[np.ix_((centres * high).astype(int), (centres * wide).astype(int))]
        assert np.abs(tile - images[at]).max() <= 10


def test_the_trace_shows_what_was_visited_and_nothing_else(figure):
    one = figure("coin")
    hint = one.root.locator(".hint")
    visited = "g:not(.later) > .line.model"

    def points():
        return len(re.findall("[ML]", one.root.locator(f"svg >> nth=1 >> {visited}").get_attribute("d")))

    assert hint.is_visible() and points() == 1
    one.inputs()[0].focus()
    for _ in range(3):
        one.page.keyboard.press("ArrowRight")
    assert not hint.is_visible() and points() == 4
    one.page.keyboard.press("Home")
    assert points() == 29
    one.root.get_by_role("button", name="Start again").click()
    assert hint.is_visible() and points() == 1


@pytest.mark.parametrize("page_name", ["twice", "tidied"])
def test_two_of_one_figure_stay_apart(open_page, page_name):
    page = open_page(f"{page_name}.html")
    assert page.locator(".mlx").count() == 4
    ids = page.evaluate("() => [...document.querySelectorAll('.mlx [id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids)) > 0
    texts = page.locator(".mlx").evaluate_all("(all) => all.map((one) => one.innerText)")
    assert texts[0] == texts[2] and texts[1] == texts[3]
    page.locator(".mlx").nth(2).locator("input[type=radio]").nth(1).check()
    page.locator(".mlx").nth(3).locator("input[type=range]").first.press("End")
    after = page.locator(".mlx").evaluate_all("(all) => all.map((one) => one.innerText)")
    assert after[:2] == texts[:2] and after[3] != texts[3]
    checked = "(all) => all.map((one) => one.querySelector(':checked')?.value)"
    assert page.locator(".mlx").evaluate_all(checked) == ["0", None, "1", None]
    assert not page.troubles


def test_a_picture_with_its_finding_stands_in_where_scripts_are_off(open_page):
    page = open_page("all.html", java_script_enabled=False)
    pictures = page.locator("[data-explorer] img")
    assert pictures.count() == len(FIGURES)
    for picture in pictures.all():
        assert picture.is_visible()
        assert picture.bounding_box()["width"] > 300 and picture.bounding_box()["height"] > 100
        assert len(picture.get_attribute("alt")) > 5
    assert page.locator(".mlx").count() == 0


def test_nothing_moves_by_itself(figure):
    one = figure("ascent", reduced_motion="reduce")
    one.drive_by_keyboard(keys=("Home", "PageUp", "End"))
    assert one.page.evaluate("() => document.getAnimations().length") == 0


def counted(one):
    """The share that covered, its error and the number of samples, as the page shows them."""
    text = one.root.locator(".ran").inner_text()
    return [float(number) for number in re.findall(r"[\d.]+", text)] or [0.0, 0.0, 0.0]


def test_samples_are_drawn_when_asked_and_the_count_nears_the_long_run(figure):
    one = figure("coverage", reduced_motion="no-preference")
    one.page.wait_for_timeout(400)
    assert counted(one)[2] == 0  # nothing runs by itself
    one.root.get_by_role("button", name="Draw samples").press("Enter")
    one.page.wait_for_function("() => /[(]\\d+/.exec(document.querySelector('.ran').textContent)")
    one.root.get_by_role("button", name="Stop").press("Enter")
    before = counted(one)
    one.page.wait_for_timeout(400)
    assert counted(one) == before and before[2] > 0  # stopped is stopped
    one.inputs()[1].press("End")  # another experiment begins at nothing
    assert counted(one)[2] == 0
    one.root.get_by_role("button", name="Draw samples").press("Enter")
    one.page.wait_for_timeout(400)
    one.root.get_by_role("button", name="Start again").press("Enter")
    assert counted(one)[2] == 0 and not one.page.troubles


def test_with_reduced_motion_a_thousand_are_drawn_at_once_and_nothing_moves(figure):
    one = figure("coverage", reduced_motion="reduce")
    for _ in range(20):
        one.root.get_by_role("button", name="Draw 1,000 samples").press("Enter")
    share, error, drawn = counted(one)
    exact = figures.number(one.read()["readouts"]["cover"])[0]
    assert drawn == 20_000 and abs(share - exact) < 5 * error + 0.1
    one.page.wait_for_timeout(400)
    assert counted(one) == [share, error, drawn]


def test_it_prints_as_it_stands_in_dark_ink(figure):
    one = figure("gaussian", mode="dark")
    one.inputs()[0].press("End")
    drawn = one.read()["drawing"]
    screen = one.root.evaluate("(root) => getComputedStyle(root).color")
    one.page.emulate_media(media="print")
    assert one.read()["drawing"] == drawn
    assert one.root.evaluate("(root) => getComputedStyle(root).color") == "rgb(27, 27, 27)" != screen
    assert not one.root.locator("input").first.is_visible() and not one.root.locator("button").first.is_visible()
    assert one.root.locator("b").first.is_visible() and one.root.locator("svg").first.is_visible()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_no_serious_accessibility_fault_in_either_light(open_page, mode):
    page = open_page("all.html", mode=mode)
    for button in page.locator(".mlx button[aria-pressed]").all():
        button.click()
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert not [f"{fault['id']}: {node['html'][:160]}" for fault in found for node in fault["nodes"]]
    # Lines and points against the page, which axe does not look at: at least 3 to 1.
    contrasts = page.evaluate(
        """() => {
            const light = (text) => {
                const parts = text.match(/[\\d.]+/g).slice(0, 3).map((v) => {
                    const c = v / 255;
                    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
                });
                return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
            };
            const ground = light(getComputedStyle(document.body).backgroundColor);
            return [...document.querySelectorAll(".mlx :is(.line, .bar, .dot)")].map((node) => {
                const ink = light(getComputedStyle(node).stroke);
                return [node.getAttribute("class"), (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05)];
            });
        }"""
    )
    assert len(contrasts) > 20
    assert not [one for one in contrasts if one[1] < 3]


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_fits_and_can_be_read_on_every_screen(open_page, width):
    page = open_page("all.html", width=width)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    clipped = page.evaluate(
        """() => [...document.querySelectorAll(".mlx svg text")].filter((text) => {
            const sheet = text.ownerSVGElement.getBoundingClientRect(), box = text.getBoundingClientRect();
            const out = [sheet.left - box.left, box.right - sheet.right, box.bottom - sheet.bottom];
            return box.width && Math.max(...out) > 1;
        }).map((text) => text.textContent)"""
    )
    assert not clipped
    crowded = page.evaluate(
        """() => [...document.querySelectorAll(".mlx .frame > svg")].flatMap((sheet) => {
            const labels = [...sheet.children].filter((node) => node.tagName === "text");
            const boxes = labels.map((node) => node.getBoundingClientRect());
            return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) =>
                a.left < b.right - 2 && b.left < a.right - 2 && a.top + 3 < b.bottom - 3 && b.top + 3 < a.bottom - 3,
            ).map(() => labels[i].textContent));
        })"""
    )
    assert not crowded
    sizes = page.evaluate(
        """() => [...document.querySelectorAll(".mlx .frame > svg > text")].map((text) =>
            parseFloat(getComputedStyle(text).fontSize) * text.ownerSVGElement.clientWidth / 400)"""
    )
    assert min(sizes) > 10.5
    targets = page.evaluate(
        """() => [...document.querySelectorAll(".mlx :is(input[type=range], button, fieldset label, .handle)")]
            .map((node) => node.getBoundingClientRect()).map((box) => Math.min(box.width, box.height))"""
    )
    assert min(targets) >= 24


def test_the_same_payload_draws_the_same_page(open_page):
    drawn = "() => [...document.querySelectorAll('.mlx')].map((root) => root.outerHTML).join('')"
    first, second = (open_page("all.html").evaluate(drawn) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", ["coordinates", "product", "intervals", "coverage"])
def test_a_figure_of_one_panel_fits_a_phones_screen_with_its_controls(figure, name):
    one = figure(name, has_touch=True, is_mobile=True, width=390)
    assert one.root.bounding_box()["height"] <= 844 - 100  # of a phone, without the browser's own bars
    assert len(one.spec["panels"]) == 1
