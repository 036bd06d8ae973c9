"""Old addresses lead on: book/moved.yml says where the sections went that once stood on a page.

On the old page each old anchor is a line that shows only to who was sent there, "This section is now: …"; where
scripts run, course.js follows it at once. A page that is gone as a whole has the empty anchor in the list: at its
address stands a small page that leads on, with its anchors.
"""

import json
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from docutils import nodes


def moved(source):
    """{old page: {old anchor: new address}} of the book in the folder ``source``."""
    path = Path(source) / "book" / "moved.yml"
    return (yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None) or {}


def section_title(env, page, anchor):
    """The title of a section as the page's own contents list it, or "" if they do not."""
    entries = env.tocs[page].findall(nodes.reference) if page in env.tocs else ()
    return next((entry.astext() for entry in entries if entry["anchorname"] == f"#{anchor}"), "")


def line(env, anchor, address):
    """The line that stands for a section that moved."""
    parts = urlsplit(address)
    page = f"book/{parts.path.removesuffix('.html')}"
    title = env.titles[page].astext() if page in env.titles else parts.path
    section = section_title(env, page, parts.fragment) if parts.fragment else ""
    name = f"{section}, on the page {title}" if section else title
    link = f'<a href="{escape(address)}">{escape(name)}</a>'
    return f'<p class="moved d-print-none" id="{escape(anchor)}">This section is now: {link}.</p>\n'


def lead_on(app, pagename, templatename, context, doctree):
    anchors = moved(app.srcdir).get(Path(pagename).name, {}) if context.get("body") else {}
    lines = "".join(line(app.env, anchor, address) for anchor, address in anchors.items())
    if lines:
        context["body"] = lines + context["body"]


GONE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="robots" content="noindex">
<title>{title} — moved</title>
<link rel="canonical" href="{address}">
<script>const to = {anchors}; location.replace(to[location.hash.slice(1)] ?? to[""]);</script>
<noscript><meta http-equiv="refresh" content="0; url={address}"></noscript>
</head>
<body><article>
<p>This page is now: <a href="{address}">{title}</a>.</p>
{lines}</article></body>
</html>
"""


def gone_pages(app, error):
    """Write what stands at the address of each page that is gone."""
    if error is not None or app.builder.format != "html":
        return
    for old, anchors in moved(app.srcdir).items():
        if "" not in anchors or f"book/{old}" in app.env.found_docs:
            continue
        page = f"book/{anchors[''].removesuffix('.html')}"
        lines = "".join(line(app.env, anchor, address) for anchor, address in anchors.items() if anchor)
        title = escape(app.env.titles[page].astext()) if page in app.env.titles else escape(anchors[""])
        text = GONE.format(title=title, address=escape(anchors[""]), anchors=json.dumps(anchors), lines=lines)
        (Path(app.outdir) / "book" / f"{old}.html").write_text(text, encoding="utf-8")


def setup(app):
    app.connect("html-page-context", lead_on, priority=920)  # after book_pages has tidied the page's own text
    app.connect("build-finished", gone_pages)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
