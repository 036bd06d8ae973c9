"""What axe-core finds on a page, under WCAG 2.2 A and AA."""

from axe_playwright_python.sync_playwright import Axe

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ASKED = ["label-content-name-mismatch", "target-size"]  # of those levels too, but off unless asked for
# Findings that cannot be mended from here: (rule, a part of the element's HTML) -> why. Nothing else may be found.
KNOWN = {}


def lighten(page):
    """Unfold everything; take out the insides of formulas (MathJax's affair) and most code (one looks like another)."""
    page.evaluate(
        """() => {
            document.querySelectorAll("details").forEach((box) => { box.open = true; });
            document.querySelectorAll("mjx-container").forEach((formula) => formula.replaceWith("x"));
            [...document.querySelectorAll("pre")].slice(10).forEach((code) => code.replaceWith("x"));
        }"""
    )


def findings(page, **options):
    """What axe-core finds on the page as it is now, but for what is known: one line for an element."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [
        f"{fault['id']} ({fault['impact']}): {node['html'][:200]}"
        for fault in found
        for node in fault["nodes"]
        if not any(rule == fault["id"] and part in node["html"] for rule, part in KNOWN)
    ]


def all_rules():
    return {"runOnly": {"type": "tag", "values": TAGS}, "rules": {name: {"enabled": True} for name in ASKED}}
