"""A real Chromium that reaches this machine only, and the built pages by http and from the disk."""

import contextlib
import functools
import http.server
import os
import threading

import pytest

from .. import processes
from .chromium import find

SLOW = 1000 * processes.SLOW  # in milliseconds, as Playwright counts


@pytest.fixture(scope="module")
def chromium():
    """A running Chromium. Without one the tests are skipped, except where CI is set: there they fail."""
    from playwright.sync_api import Error, sync_playwright

    path = find()
    reason = "No Chromium found: the tests of the built pages need one (or set CHROMIUM=/path/to/it)."
    # One browser a module: Playwright keeps an event loop running, which other test modules must not meet.
    with sync_playwright() as playwright:
        browser = None
        if path:
            try:
                browser = playwright.chromium.launch(
                    executable_path=path,
                    args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
                )
            except Error as error:
                reason = f"Chromium at {path} did not start: {str(error).splitlines()[0]}"
        if browser is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
        yield browser
        browser.close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def http_root(site):
    """Address of the built pages, served to this machine."""
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def roots(site, http_root):
    """The two ways to read the book: {"http": address, "file": address}."""
    return {"http": http_root, "file": site.as_uri()}


@contextlib.contextmanager
def visits(chromium, roots):
    """The function that `open_page` is; what it opened is closed in the end."""
    contexts = []

    def open_page(path, scheme="http", width=1280, mode="light", **options):
        root = roots[scheme]
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=mode, **options)
        contexts.append(context)
        context.set_default_timeout(SLOW)
        page = context.new_page()
        page.troubles = []

        def guard(route):
            if route.request.url.startswith((root, "data:", "blob:")):
                route.continue_()
            else:
                page.troubles.append(f"outside request: {route.request.url}")
                route.abort()

        def failed(request):
            if request.failure != "net::ERR_ABORTED":  # the reader went on to another page before it arrived
                page.troubles.append(f"failed: {request.url}")

        context.route("**/*", guard)
        page.on("console", lambda message: message.type == "error" and page.troubles.append(message.text))
        page.on("pageerror", lambda error: page.troubles.append(f"script error: {error}"))
        page.on("requestfailed", failed)
        page.on("response", lambda reply: reply.status >= 400 and page.troubles.append(f"{reply.status}: {reply.url}"))
        page.goto(f"{root}/{path}", wait_until="load")
        page.evaluate("() => window.MathJax?.startup?.promise?.then(() => null)")
        page.evaluate("() => document.fonts.ready.then(() => null)")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def open_page(chromium, roots):
    """open_page(path, scheme="http", width=1280, mode="light", **context) -> a loaded Playwright page.

    A first visit: nothing is stored, and the system asks for light or dark. `page.troubles` collects console errors,
    failed and outside requests; outside requests are blocked.
    """
    with visits(chromium, roots) as open_page:
        yield open_page


@pytest.fixture
def open_notebook(chromium, lab):
    """open_notebook(name) -> a page of the module's own ``lab`` with that notebook; outside requests are blocked."""
    address, token = lab
    contexts = []

    def open_notebook(name):
        context = chromium.new_context(viewport={"width": 1280, "height": 1000})
        contexts.append(context)
        context.set_default_timeout(SLOW)
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
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        return page

    yield open_notebook
    for context in contexts:
        context.close()
