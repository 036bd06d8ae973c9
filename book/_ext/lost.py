"""404.html: the page for addresses that lead nowhere, whole in itself, with links that hold wherever it is served.

A server shows it under the address that was asked for, so a relative link would lead astray. Where the book's address
is known the links start there. A few lines of script find the folder in which the book lies, wherever that is.
"""

from markupsafe import Markup

STYLE = """
:root { color-scheme: light dark; font: 100%/1.6 system-ui, sans-serif; }
body { max-width: 38rem; margin: 0 auto; padding: 3rem 1.2rem; color: #1f2328; background: #fff; }
h1 { font-size: 1.8rem; line-height: 1.25; }
a { color: #0b5cab; }
ul { list-style: none; padding: 0; }
li { margin: 0.2rem 0; }
input, button { font: inherit; color: inherit; background: none; padding: 0.3rem 0.7rem; }
input, button { border: 1px solid currentcolor; border-radius: 0.3rem; }
:focus-visible { outline: 3px solid #0b5cab; outline-offset: 2px; }
@media (prefers-color-scheme: dark) {
  body { color: #e6e8eb; background: #14181e; }
  a { color: #79aef2; }
  :focus-visible { outline-color: #79aef2; }
}
"""

SCRIPT = """
(async () => {
  if (!location.protocol.startsWith("http")) return;
  const parts = location.pathname.split("/").slice(1, -1), places = [];
  for (let n = parts.length; n >= 0; n--) places.push("/" + parts.slice(0, n).map((part) => part + "/").join(""));
  const inside = parts.lastIndexOf("book");
  if (inside >= 0) places.sort((a, b) => (b.split("/").length === inside + 2) - (a.split("/").length === inside + 2));
  for (const place of places) {
    const found = await fetch(place + "searchindex.js", { method: "HEAD" }).catch(() => null);
    if (!found?.ok) continue;
    for (const link of document.querySelectorAll("[data-page]")) {
      link.setAttribute(link.tagName === "FORM" ? "action" : "href", place + link.dataset.page);
    }
    document.documentElement.dataset.found = place;
    return;
  }
})();
"""


def lost_page(course, pages, address):
    """The page as HTML; ``pages`` are (address within the site, title), ``address`` the book's own, or ""."""
    item = Markup('<li><a href="{0}{1}" data-page="{1}">{2}</a></li>\n')
    links = Markup("").join(item.format(address, target, title) for target, title in pages)
    return Markup("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Page not found — {course}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>There is no page at this address</h1>
<p>It may have moved: chapters are divided and renamed as the course grows. Here is all that there is.</p>
<form role="search" action="{address}search.html" data-page="search.html">
<label for="q">Search the course</label> <input id="q" name="q" type="search" required> <button>Search</button>
</form>
<ul>
{links}</ul>
</main>
<script>{script}</script>
</body>
</html>
""").format(course=course, style=Markup(STYLE), address=address, links=links, script=Markup(SCRIPT))
