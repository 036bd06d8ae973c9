"""What a page says of itself elsewhere: a preview when its address is shared, and where it is published.

1. The address of the book: BOOK_ADDRESS, else ``html: baseurl:`` in _config.yml, else GitHub Pages of its repository.
2. Open Graph title, description and picture on every page; a canonical address and sitemap.xml if that is known.
3. What a reader takes away (takeaway.py), and the page for addresses that lead nowhere (lost.py).
"""

import os
import re
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from lost import lost_page
from markupsafe import escape
from social_cards import draw_card, first_figure
from takeaway import lighten, package, take_away

CARDS = "_static/cards"


def pages_address(repository):
    """Where GitHub Pages publishes a repository: https://owner.github.io/name/; "" if it is none on GitHub."""
    address = urlsplit(repository)
    parts = address.path.strip("/").removesuffix(".git").split("/")
    if address.hostname != "github.com" or len(parts) != 2 or not all(parts):
        return ""
    owner, name = parts[0].lower(), parts[1]
    home = f"https://{owner}.github.io/"
    return home if name.lower() == f"{owner}.github.io" else f"{home}{name}/"


def set_address(app, config):
    """Sphinx's own ``html_baseurl``, from which it writes the canonical address of each page."""
    known = os.environ.get("BOOK_ADDRESS") or config.html_baseurl
    known = known or pages_address(config.html_theme_options.get("repository_url") or "")
    config.html_baseurl = known.rstrip("/") + "/" if known else ""


def plain_title(app, pagename):
    """The title of a page without its number."""
    return " ".join(app.env.titles[pagename].astext().split())


def open_graph(title, description, kind, site, picture, alt, address):
    """The <meta> lines that a shared link is shown by; those without content are left out."""
    properties = {
        "og:type": kind,
        "og:site_name": site,
        "og:locale": "en_GB",
        "og:title": title,
        "og:description": description,
        "og:url": address,
        "og:image": picture,
        "og:image:type": "image/png",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": alt,
    }
    lines = [f'<meta property="{key}" content="{escape(value)}" />' for key, value in properties.items() if value]
    return "\n".join([*lines, '<meta name="twitter:card" content="summary_large_image" />', ""])


def description_of(metatags):
    """What the page says of itself in its <meta name="description">."""
    found = re.search(r'<meta name="description" content="([^"]*)"', metatags)
    return unescape(found[1]) if found else ""


def finish_page(app, pagename, templatename, context, doctree):
    if doctree is None:  # search and index: pages that nobody shares
        context["pageurl"] = None
        return
    title, front = plain_title(app, pagename), pagename == app.config.root_doc
    description = description_of(context.get("metatags", ""))
    figure, alt = first_figure(Path(app.env.doc2path(pagename)))
    card = f"{CARDS}/{Path(pagename).name}.png"
    draw_card(Path(app.outdir) / card, app.config.html_title, title, description, figure)
    picture = app.config.html_baseurl + card if app.config.html_baseurl else context["pathto"](card, resource=True)
    context["metatags"] = context.get("metatags", "") + open_graph(
        title,
        description,
        "website" if front else "article",
        app.config.html_title,
        picture,
        alt or "The title of the page and the question that it answers.",
        context.get("pageurl"),
    )
    context["body"] = context.get("body", "") + str(take_away(app, pagename, title, front, context))


def sitemap(addresses):
    """The file that tells search engines which pages there are."""
    urls = "".join(f"  <url><loc>{escape(address)}</loc></url>\n" for address in addresses)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return f"{head}{urls}</urlset>\n"


def reading_order(app, name=None):
    """Names of all pages, as the table of contents has them."""
    name = name or app.config.root_doc
    below = app.env.toctree_includes.get(name, [])
    return [name, *(page for child in below for page in reading_order(app, child))]


def numbered_title(app, name):
    number = app.env.toc_secnumbers.get(name, {}).get("")
    return (".".join(map(str, number)) + ". " if number else "") + plain_title(app, name)


def finish_site(app, error):
    if error is not None or app.builder.format != "html":
        return
    out, address, names = Path(app.outdir), app.config.html_baseurl, reading_order(app)
    pages = [(app.builder.get_target_uri(name), numbered_title(app, name)) for name in names]
    (out / "404.html").write_text(lost_page(app.config.html_title, pages, address), encoding="utf-8")
    if address:
        (out / "sitemap.xml").write_text(sitemap([address + target for target, _ in pages]), encoding="utf-8")
    share_the_root(out / "index.html", out / pages[0][0])
    package(app)
    lighten(app)


def share_the_root(root, front):
    """The site's own first page only leads on to the book's; whoever is sent its address sees the same preview."""
    leads_on = re.search(r'<meta http-equiv="Refresh"[^>]*>', root.read_text(encoding="utf-8"))[0]
    found = re.findall(r'<meta (?:property="og:|name="twitter:)[^>]*>', front.read_text(encoding="utf-8"))
    lines = [line.replace('content="../', 'content="') for line in found]
    head = ["<!doctype html>", '<meta charset="utf-8" />', *lines, leads_on, ""]
    root.write_text("\n".join(head), encoding="utf-8")


def setup(app):
    app.connect("config-inited", set_address, priority=200)  # after the repository's address is known
    app.connect("html-page-context", finish_page, priority=950)  # after the page's description and body
    app.connect("build-finished", finish_site, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
