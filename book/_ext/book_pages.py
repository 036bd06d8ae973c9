"""What this book adds to Sphinx, so that its pages stand on their own.

1. MathJax comes from the site itself: nothing on a page is fetched from elsewhere.
2. Launch, source and issue buttons appear only if the repository's address is known.
3. Every page has a description, taken from the question that opens the chapter.
4. Old addresses lead on (moved.py); the glossary and the formulas are collected from the pages (collected.py).
5. The finished body of a page is tidied: boxes.py and cells.py say how.
6. The first use of a term leads to the glossary, whose sentence shows in a small card (terms.py).
7. A first visitor's page follows the system's light or dark from the first paint, without a word in the console.
"""

import json
import os
import re
import shutil
import sys
from importlib.metadata import distribution
from pathlib import Path

from bs4 import BeautifulSoup
from docutils import nodes
from markupsafe import escape

sys.path.insert(0, str(Path(__file__).parent))  # Sphinx looks here, a test that loads this file alone does not
from boxes import fold_boxes, inline_pictures, modules_once, name_things, shorten_card, show_efforts, widen  # noqa: E402
from cells import (  # noqa: E402
    fold_answers,
    fold_checks,
    fold_imports,
    mark_varying,
    show_questions,
    tag_prose,
    wrap_lines,
)
from opening import place_opening  # noqa: E402

TO_TOP = '<p class="to-top"><a href="#">Back to top</a></p>\n'
# What is done to a finished page, in this order.
STEPS = (
    show_questions,
    fold_boxes,
    show_efforts,
    shorten_card,
    fold_imports,
    mark_varying,
    fold_answers,
    fold_checks,
    inline_pictures,
    place_opening,
    widen,
    modules_once,
    name_things,
)
MATHJAX = "sphinx-mathjax-offline"  # the distribution that carries MathJax 3; only what pages load is copied
MATHJAX_PARTS = (
    "tex-chtml.js",
    "input/tex/extensions",
    "output/chtml/fonts/woff-v2",
    "sre/mathmaps/base.json",
    "sre/mathmaps/en.json",
)
# The theme asks for a stored mode before it has stored one, and says so as an error; in "auto" it first paints what
# the last visit saw. So both are settled before its own script runs, the first in the head of a page.
FIRST_MODE = """<script>
  if ((localStorage.getItem("mode") || "auto") === "auto") {
    localStorage.setItem("mode", "auto");
    localStorage.setItem("theme", matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }
</script>
"""


def copy_mathjax(app):
    """Put MathJax beside the other static files of the site."""
    if app.builder.format != "html":
        return
    source = Path(distribution(MATHJAX).locate_file(MATHJAX)) / "static" / "mathjax"
    target = Path(app.outdir) / "_static" / "mathjax"
    for part in MATHJAX_PARTS:
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part, dirs_exist_ok=True)
        else:
            shutil.copyfile(source / part, target / part)


def set_repository(app, config):
    """Fill in the repository's address, or drop every button that would need one."""
    options = config.html_theme_options
    url = (os.environ.get("BOOK_REPOSITORY") or options.get("repository_url") or "").rstrip("/")
    options["repository_url"] = url
    options["repository_branch"] = os.environ.get("BOOK_BRANCH") or options.get("repository_branch") or "main"
    for button in ("use_repository_button", "use_issues_button"):
        options[button] = bool(url)
    if not url:
        options["launch_buttons"] = {}


def describe(doctree):
    """The question of the chapter's card if there is one, else the first paragraph, as plain text."""
    cards = [node for node in doctree.findall(nodes.admonition) if "chapter-card" in node.get("classes", [])]
    for place in [*cards, doctree]:
        for paragraph in place.findall(nodes.paragraph):
            text = re.sub(r"\s+", " ", paragraph.astext()).strip()
            text = re.sub(r"^The question[.:]?\s*", "", text)
            if len(text) > 20:
                return text if len(text) <= 160 else text[:157].rsplit(" ", 1)[0] + " …"
    return ""


def tidy(html):
    """The body of a page, repaired; each step below edits the parsed page in place."""
    page = BeautifulSoup(wrap_lines(html), "html.parser")
    for step in STEPS:
        step(page)
    return str(page)


def read_notebook(app, name, text):
    """Tags of prose reach the page."""
    if str(app.env.doc2path(name)).endswith(".ipynb"):
        text[0] = json.dumps(tag_prose(json.loads(text[0])))


def finish_page(app, pagename, templatename, context, doctree):
    context["metatags"] = FIRST_MODE + context.get("metatags", "")
    description = describe(doctree) if doctree is not None else ""
    if description:
        meta = f'<meta name="description" content="{escape(description)}" />\n'
        context["metatags"] += meta
    if context.get("body"):
        context["body"] = tidy(context["body"]) + TO_TOP


def drop_source_maps(app, error):
    """The theme ships several MB of source maps, which no reader loads."""
    if error is None and app.builder.format == "html":
        for path in (Path(app.outdir) / "_static").rglob("*.map"):
            path.unlink()


def setup(app):
    app.add_config_value("comments_config", {}, "html")  # Jupyter Book sets it; no page has comments
    for part in ("sources", "shared", "moved", "collected", "terms", "formulas"):
        app.setup_extension(part)
    app.config.mathjax_path = "mathjax/tex-chtml.js"
    app.connect("config-inited", set_repository, priority=100)
    app.connect("builder-inited", copy_mathjax)
    app.connect("source-read", read_notebook)
    app.connect("html-page-context", finish_page, priority=900)
    app.connect("build-finished", drop_source_maps)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
