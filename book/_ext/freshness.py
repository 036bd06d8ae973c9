"""Nothing stale after a build of edited pages only.

Sphinx reads again what was edited since the last build, by the clock, and writes that. Here is added what it leaves
out: pages are told apart by content; when what other pages may show of a page has changed (titles, labels, numbers,
citations), all are written again; and what no page holds any more is removed: pictures, downloads, words to search.
`tools/build.py` builds all anew where settings, style or extension have changed.
"""

import hashlib
import re
from pathlib import Path

from docutils import nodes

LATE = re.compile(r"((?:mystnb\.[0-9a-f]+|exercise|proof)\.css)\?v=[0-9a-f]+")


def content(app, name):
    """The hash of a page's source."""
    return hashlib.sha256(Path(app.env.doc2path(name)).read_bytes()).hexdigest()


def label(node):
    """The text that references to this node may show: its title or caption, and its number."""
    parts = [child.astext() for child in node.children if isinstance(child, (nodes.title, nodes.caption))]
    return [*parts, str(node.get("label", "")), str(node.get("number", ""))]


def face(doctree):
    """What other pages may show of a page, as text: everything that can be pointed at, and whom it cites."""
    seen = [doctree.get("title", "")]
    for node in doctree.findall(nodes.Element):
        if node.get("ids") or node.get("label"):
            seen.append([node.tagname, sorted(node.get("ids", [])), sorted(node.get("names", [])), *label(node)])
        if node.get("refdomain") == "cite":
            seen.append(["cites", node["reftarget"]])
        if node.tagname == "index":
            seen.append(["index", repr(node.get("entries"))])
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def changed_content(app, env, added, changed, removed):
    """Pages whose source is another than the one last read, whatever its date."""
    known = getattr(env, "page_contents", {})
    return [name for name in env.found_docs if name in known and known[name] != content(app, name)]


def before_reading(app, env, names):
    if not hasattr(env, "page_contents"):
        env.page_contents, env.page_faces = {}, {}
    env.page_contents |= {name: content(app, name) for name in names}
    app.faces_before, app.jobs = dict(env.page_faces), app.parallel
    app.parallel = 1  # one of Jupyter Book's extensions cannot read in parallel; all can write so


def after_reading(app, doctree):
    app.env.page_faces[app.env.docname] = face(doctree)


def forget(app, env, name):
    """A page that is gone, or about to be read again, has no face; before the first reading there are none."""
    getattr(env, "page_faces", {}).pop(name, None)


def write_again(app, env):
    """All pages, if any shows another face than before."""
    app.parallel = app.jobs
    return sorted(env.found_docs) if env.page_faces != app.faces_before else []


def without_late_versions(app, pagename, templatename, context, doctree):
    """Styles that extensions copy only after the pages are written get a version in the second build; here in none."""
    tag = context["css_tag"]
    context["css_tag"] = lambda css: LATE.sub(r"\1", tag(css))


def drop_lost_words(app):
    """Words that no page holds any more leave the index of the search, where Sphinx keeps them without pages."""
    for words in (app.builder.indexer._mapping, app.builder.indexer._title_mapping):
        for word in [word for word, pages in words.items() if not pages]:
            del words[word]
    return []  # no further page


def drop_orphans(app, error):
    """Remove pictures and downloads that belonged to an earlier state of a page."""
    if error is not None or app.builder.format != "html":
        return
    for folder, kept in (("_images", app.env.images), ("_downloads", app.env.dlfiles)):
        names = {Path(name).as_posix() for _, name in kept.values()}
        for path in (Path(app.outdir) / folder).rglob("*"):
            if path.is_file() and path.relative_to(Path(app.outdir) / folder).as_posix() not in names:
                path.unlink()


def setup(app):
    app.connect("env-get-outdated", changed_content)
    app.connect("env-before-read-docs", before_reading)
    app.connect("doctree-read", after_reading)
    app.connect("env-purge-doc", forget)
    app.connect("env-updated", write_again)
    app.connect("html-page-context", without_late_versions)
    app.connect("html-collect-pages", drop_lost_words)
    app.connect("build-finished", drop_orphans)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
