"""The figures that move in a real JupyterLab: live with the reader's own data, stored and trusted, stored and not."""

import json
import os
import subprocess
import sys

import nbformat
import numpy as np
import pytest

from ..conftest import ROOT
from ..lab import jupyterlab, own_places
from . import figures

X = np.random.default_rng(1).normal(10, 2, 40)
CELLS = [
    "import json\nimport numpy as np\nfrom mle_helpers.explorers import explore_gaussian\n"
    "explorer = explore_gaussian(np.random.default_rng(1).normal(10, 2, 40))\nexplorer",
    "print(json.dumps(explorer.value))",
    "explorer.value = {'mu': 11.0}\nprint(json.dumps(explorer.value))",
]
SETTINGS = {"docmanager-extension/plugin": {"autosave": False}}
# The kernel answers. Where the machine was so slow that JupyterLab asks which kernel, its proposal is accepted.
# (Not an async function: Playwright would take its promise, whatever it becomes, for true.)
CONNECTED = """() => {
    document.querySelector(".jp-Dialog .jp-mod-accept")?.click();
    const panel = jupyterapp.shell.currentWidget, kernel = panel?.sessionContext?.session?.kernel;
    return panel?.context.isReady && panel.sessionContext.isReady && kernel?.connectionStatus === "connected"
        && kernel.status === "idle";
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on this machine only: (its address with the token, the folder it serves)."""
    place = tmp_path_factory.mktemp("lab")
    folder = place / "course"
    folder.mkdir()
    live = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    live.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(live, folder / "live.ipynb")
    for name in ("trusted", "untrusted"):  # outputs as they are committed; a signature belongs to a text
        stored = nbformat.read(ROOT / "book" / "gaussian.ipynb", as_version=4)
        stored.cells.append(nbformat.v4.new_markdown_cell(name))
        nbformat.write(stored, folder / f"{name}.ipynb")
    environment = {**os.environ, **own_places(place)}
    trust = [sys.executable, "-m", "jupyter", "trust", folder / "trusted.ipynb"]
    subprocess.run(trust, env=environment, check=True, capture_output=True)
    with jupyterlab(place, folder, settings=SETTINGS, options=["--LabApp.expose_app_in_browser=True"]) as server:
        yield server


FINISHED = """([number, before]) => {
    const cell = document.querySelectorAll(".jp-Notebook .jp-CodeCell")[number];
    const prompt = cell.querySelector(".jp-InputPrompt").innerText.trim();
    return /^\\[\\d+\\]:$/.test(prompt) && prompt !== before;
}"""


def run(page, number):
    """Run one code cell and give back what it prints, once it has finished."""
    page.evaluate("() => jupyterapp.restored.then(() => null)")
    page.wait_for_function(CONNECTED)
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(number)
    before = cell.locator(".jp-InputPrompt").first.inner_text().strip()
    cell.locator(".cm-content").click()
    cell.locator(".cm-content:focus").wait_for()
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(FINISHED, arg=[number, before])
    output = cell.locator(".jp-OutputArea-output").first
    output.wait_for()
    return output.inner_text()


def test_live_with_own_data_the_choice_comes_back_to_python(open_notebook):
    page = open_notebook("live")
    run(page, 0)
    page.wait_for_selector(".mlx svg")
    assert page.locator(".mlx").count() == 1  # the widget, not the stored page beside it
    html = run_html()
    (spec,) = figures.specs(html)
    one = figures.Figure(page, 0, spec, figures.gaussian_on(X))
    one.drive_by_keyboard(keys=("ArrowRight", "ArrowUp", "PageUp", "ArrowLeft", "ArrowDown"))
    state = one.check()
    mu, sigma = (c["values"][at] for c, at in zip(spec["controls"], state["at"], strict=True))
    assert json.loads(run(page, 1)) == pytest.approx({"mu": mu, "sigma": sigma}, rel=1e-8)
    # and the other way: Python moves the slider
    chosen = json.loads(run(page, 2))
    nearest = int(np.argmin(np.abs(np.array(spec["controls"][0]["values"]) - 11.0)))
    page.wait_for_function("(n) => +document.querySelector('.mlx input').value === n", arg=nearest)
    after = one.check()
    assert after["drawing"] != state["drawing"]
    assert chosen == pytest.approx({"mu": spec["controls"][0]["values"][nearest], "sigma": sigma}, rel=1e-8)
    # and once more from the page, by mouse on the map
    one.drive_by_mouse()
    at = one.read()["at"]
    values = json.loads(run(page, 1))
    assert values == pytest.approx({c["name"]: c["values"][i] for c, i in zip(spec["controls"], at, strict=True)})
    assert not page.outside and not page.faults


def run_html():
    from mle_helpers.explorers import explore_gaussian

    return explore_gaussian(X).to_html()


def scrolled_to_the_figure(page, wanted):
    """Scroll to the cell with the stored figure, for JupyterLab draws only what is near the window."""
    page.evaluate(
        """async () => {
            const panel = jupyterapp.shell.currentWidget;
            await panel.context.ready;
            const holds = (cell) => JSON.stringify(cell.outputs ?? []).includes("data-explorer");
            await panel.content.scrollToItem(panel.context.model.toJSON().cells.findIndex(holds), "center");
        }"""
    )
    figure = page.locator(wanted).first
    figure.scroll_into_view_if_needed()
    return figure


def test_a_stored_and_trusted_notebook_is_interactive_before_it_is_run(open_notebook):
    page = open_notebook("trusted")
    scrolled_to_the_figure(page, ".mlx svg")
    source = json.loads((ROOT / "book" / "gaussian.ipynb").read_text())
    html = [
        "".join(output["data"]["text/html"])
        for cell in source["cells"]
        for output in cell.get("outputs", [])
        if "data-explorer" in "".join(output.get("data", {}).get("text/html", ""))
    ]
    (spec,) = figures.specs(html[0])
    from mle_helpers.datasets import load_speed_of_light

    one = figures.Figure(page, 0, spec, figures.gaussian_on(load_speed_of_light()))
    one.drive_by_keyboard(keys=("ArrowRight", "ArrowUp", "PageUp", "ArrowLeft"))
    one.drive_by_mouse()
    assert not page.outside


def test_a_notebook_nobody_trusts_shows_the_picture(open_notebook):
    page = open_notebook("untrusted")
    picture = scrolled_to_the_figure(page, '.jp-OutputArea-output img[alt^="A Gaussian"]')
    assert picture.evaluate("(image) => image.complete && image.naturalWidth > 300")
    assert page.locator(".mlx").count() == 0
    assert not page.outside
