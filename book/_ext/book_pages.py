"""What this book adds to Sphinx, so that its pages stand on their own.

1. MathJax comes from the site itself: nothing on a page is fetched from elsewhere.
2. Launch, source and issue buttons appear only if the repository's address is known.
3. Every page has a description, taken from the question that opens the chapter.
4. The finished page is tidied: identical inline modules once per page, a few accessibility repairs.
"""

import os
import re
import shutil
from importlib.metadata import distribution
from pathlib import Path

from docutils import nodes

MATHJAX = "sphinx-mathjax-offline"  # the distribution that carries MathJax 3; we take only what pages load
MATHJAX_PARTS = (
    "tex-chtml.js",
    "input/tex/extensions",
    "output/chtml/fonts/woff-v2",
    "sre/mathmaps/base.json",
    "sre/mathmaps/en.json",
)


def copy_mathjax(app):
    """Put MathJax beside the other static files of the site."""
    if app.builder.format != "html":
        return
    source = Path(distribution(MATHJAX).locate_file(MATHJAX)) / "static" / "mathjax"
    target = Path(app.outdir) / "_static" / "mathjax"
    for part in MATHJAX_PARTS:
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part, dirs_exist_ok=True)
        else:
            (target / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / part, target / part)


def set_repository(app, config):
    """Fill in the repository's address, or drop every button that would need one."""
    options = config.html_theme_options
    url = (os.environ.get("BOOK_REPOSITORY") or options.get("repository_url") or "").rstrip("/")
    options["repository_url"] = url
    options["repository_branch"] = os.environ.get("BOOK_BRANCH") or options.get("repository_branch", "main")
    for button in ("use_repository_button", "use_issues_button"):
        options[button] = bool(url)
    if not url:
        options["launch_buttons"] = {}
    # Thebe would load its code from elsewhere; no page offers it, so no page mentions it.
    config.extensions = [name for name in config.extensions if name != "sphinx_thebe"]


def describe(doctree):
    """The question of the chapter's card if there is one, else the first paragraph, in plain text."""
    cards = [node for node in doctree.findall(nodes.admonition) if "chapter-card" in node.get("classes", [])]
    for place in [*cards, doctree]:
        for paragraph in place.findall(nodes.paragraph):
            text = re.sub(r"\s+", " ", paragraph.astext()).strip()
            text = re.sub(r"^The question[.:]?\s*", "", text)
            if len(text) > 20:
                return text if len(text) <= 160 else text[:157].rsplit(" ", 1)[0] + " …"
    return ""


def tidy(html):
    """Repairs on the finished body of a page; each step takes and returns HTML text."""
    for step in (once_per_page,):
        html = step(html)
    return html


def once_per_page(html):
    """Keep the first of several identical inline modules: each stored output stands alone, a page needs one."""
    seen = set()

    def first_only(match):
        if match[0] in seen:
            return ""
        seen.add(match[0])
        return match[0]

    return re.sub(r'<script type="module" data-once[^>]*>.*?</script>', first_only, html, flags=re.DOTALL)


def finish_page(app, pagename, templatename, context, doctree):
    if doctree is not None:
        description = describe(doctree)
        if description:
            attribute = app.builder.templates.environment.filters["e"](description)
            context["metatags"] = context.get("metatags", "") + f'<meta name="description" content="{attribute}" />\n'
    if context.get("body"):
        context["body"] = tidy(context["body"])


def setup(app):
    app.config.mathjax_path = "mathjax/tex-chtml.js"
    app.connect("config-inited", set_repository, priority=100)
    app.connect("builder-inited", copy_mathjax)
    app.connect("html-page-context", finish_page, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
