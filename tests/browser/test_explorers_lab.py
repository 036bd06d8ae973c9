"""The figures that move in a real JupyterLab: live with the reader's own data, stored and trusted, stored and not."""

import json
import os
import re
import shutil
import subprocess
import sys
import time

import nbformat
import numpy as np
import pytest

from ..conftest import ROOT
from . import figures

X = np.random.default_rng(1).normal(10, 2, 40)
CELLS = [
    "import json\nimport numpy as np\nfrom mle_helpers.explorers import explore_gaussian\n"
    "explorer = explore_gaussian(np.random.default_rng(1).normal(10, 2, 40))\nexplorer",
    "print(json.dumps(explorer.value))",
    "explorer.value = {'mu': 11.0}\nprint(json.dumps(explorer.value))",
]
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "docmanager-extension/plugin": {"autosave": False},
}


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
    for name, values in SETTINGS.items():
        file = place / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(place / "config"),
        "JUPYTER_DATA_DIR": str(place / "data"),
        "JUPYTER_RUNTIME_DIR": str(place / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(place / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(place / "workspaces"),
    }
    trust = [sys.executable, "-m", "jupyter", "trust", folder / "trusted.ipynb"]
    subprocess.run(trust, env=environment, check=True, capture_output=True)
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    command += ["--ServerApp.port=0", f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None"]
    with open(place / "log", "w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(480):
            found = list((place / "runtime").glob("jpserver-*.json"))
            if found and found[0].read_text().strip().endswith("}"):
                break
            assert process.poll() is None, (place / "log").read_text()
            time.sleep(0.25)
        server = json.loads(found[0].read_text())
        yield server["url"].rstrip("/").replace("localhost", "127.0.0.1"), server["token"]
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def open_notebook(chromium, lab):
    """open_notebook(name) -> a page of JupyterLab with that notebook; outside requests are blocked and kept."""
    address, token = lab
    contexts = []

    def open_notebook(name):
        context = chromium.new_context(viewport={"width": 1280, "height": 1000})
        contexts.append(context)
        page = context.new_page()
        page.outside, page.faults = [], []

        def guard(route):
            if route.request.url.startswith((address, "data:", "blob:")):
                route.continue_()
            else:
                page.outside.append(route.request.url)
                route.abort()

        context.route("**/*", guard)
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(f"{address}/doc/tree/{name}.ipynb?token={token}")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
        return page

    yield open_notebook
    for context in contexts:
        context.close()


def run(page, number):
    """Run one code cell and give back what it prints, once it has finished."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(number)
    prompt = cell.locator(".jp-InputPrompt").first
    before = prompt.inner_text()
    for _ in range(60):
        if prompt.inner_text() in (before, "[ ]:"):  # until the kernel is connected, a run comes to nothing
            if page.locator(".jp-Dialog").count():  # on a busy machine it asks for the kernel first
                page.locator(".jp-Dialog .jp-mod-accept").first.click()
            cell.locator(".cm-content").click()
            page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(3000)
        if re.fullmatch(r"\[\d+\]:", prompt.inner_text()) and prompt.inner_text() != before:
            break
    output = cell.locator(".jp-OutputArea-output").first
    output.wait_for(timeout=30_000)
    return output.inner_text()


def test_live_with_own_data_the_choice_comes_back_to_python(open_notebook):
    page = open_notebook("live")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=120_000)
    run(page, 0)
    page.wait_for_selector(".mlx svg", timeout=30_000)
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
    page.wait_for_function("(n) => +document.querySelector('.mlx input').value === n", arg=nearest, timeout=10_000)
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
    """Scroll through the notebook, which draws only what is near the window, until the figure is there."""
    for _ in range(60):
        if page.locator(wanted).count() and page.locator(wanted).first.is_visible():
            break
        page.locator(".jp-WindowedPanel-outer").first.evaluate("(panel) => panel.scrollBy(0, 500)")
        page.wait_for_timeout(150)
    figure = page.locator(wanted).first
    figure.scroll_into_view_if_needed(timeout=10_000)
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
