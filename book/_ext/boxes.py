"""Boxes on the page: native folding, the card on top, pictures with links, repairs for assistive technology."""

import re
from pathlib import Path

from bs4 import BeautifulSoup
from cells import details

WIDE = 5  # columns
EFFORT = re.compile(r"(.*?)\s+(●{1,3}), (\d+) minutes(.*)", re.DOTALL)
LEVELS = {1: "routine", 2: "thinking", 3: "stretching"}
LEVEL = (
    ' <span class="effort"><span class="level" role="img" aria-label="{level}" title="{level}">{dots}{rest}</span> '
    "{minutes} minutes</span>"
)
STATIC = Path(__file__).resolve().parent.parent / "_static"


def fold_boxes(page):
    """Folded boxes and folded code become plain <details>: keyboard, find-in-page and no-script all work."""
    for box in page.select("div.admonition.dropdown, details.admonition.hide"):
        title = box.find("summary", recursive=False) or box.find(class_="admonition-title", recursive=False)
        if title is None:
            continue
        code = box.name == "details"
        kept = [name for name in box["class"] if name not in ("admonition", "dropdown", "hide", "above-input")]
        box.name, box["class"] = "details", ["fold", *(["fold-code"] if code else []), *kept]
        title.name, title["class"] = "summary", ["fold-title"]
        for link in title.find_all("a"):  # a link inside the handle would catch the click
            link.unwrap()
        for label in title.find_all("p"):  # "Show the code" and "Hide the code"
            label.name = "span"
            label["class"] = [name for name in label["class"] if name != "admonition-title"]


def shorten_card(page):
    """The card on top: the question, one line of facts, and the objectives folded."""
    for card in page.select("div.admonition.chapter-card"):
        facts = page.new_tag("div", attrs={"class": "card-facts"})
        goals = details(page, "card-goals", "You will be able to")
        for part in card.find_all("p", recursive=False):
            label = part.find("strong", recursive=False)
            words = label.get_text() if label else ""
            if words.startswith("The question"):
                part["class"] = "card-question"
                label.decompose()
            elif words.startswith("You will be able to") and (items := part.find_next_sibling()).name == "ul":
                part.decompose()
                goals.append(items.extract())
            elif words:
                facts.append(part.extract())
        for part in (facts, goals):
            if part.find(["p", "ul"]):
                card.append(part)


def show_efforts(page):
    """The level and the minutes that end an exercise's title stand apart; the title of its solution does without."""
    for title in page.select(".exercise > .admonition-title, .solution > :is(.admonition-title, summary)"):
        for text in title.find_all(string=EFFORT):
            bare, dots, minutes, after = EFFORT.fullmatch(text).groups()
            if "exercise" in title.parent["class"]:
                markup = LEVEL.format(level=LEVELS[len(dots)], dots=dots, rest="○" * (3 - len(dots)), minutes=minutes)
                title.append(BeautifulSoup(markup, "html.parser"))
            text.replace_with(bare + after)


def inline_pictures(page):
    """An SVG picture of class `inline` stands in the page itself: its links work, its colours follow the theme."""
    for image in page.select("img.inline[src$='.svg']"):
        path = STATIC / Path(image["src"]).name
        picture = BeautifulSoup(path.read_text(), "html.parser").svg
        kept = [name for name in image["class"] if name != "inline"]
        picture["class"] = ["inline-picture", *kept]
        picture["role"] = "group" if picture.find("a") else "img"
        picture["aria-label"] = image["alt"]
        (image.find_parent("a", class_="reference") or image).replace_with(picture)


def widen(page):
    """Figures that move, and tables of five columns and more, may use the empty margin of a wide window.

    The class is one that the theme knows: it folds the contents at the side while such a thing passes by.
    """
    for module in page.select("div.cell_output .text_html script[type=module]"):
        module.find_parent(class_="cell")["class"].append("tag_full-width")
    for table in page.select("div.pst-scrollable-table-container > table"):
        if len(table.find("tr").find_all(["th", "td"])) >= WIDE:
            table.parent["class"].append("full-width")


def modules_once(page):
    """Keep the first of several identical inline modules: a stored output stands alone, a page needs one."""
    seen = set()
    for module in page.select("script[type=module]"):
        source = module.get_text()
        if source.strip() and source in seen:
            module.decompose()
        seen.add(source)


def name_things(page):
    """Names that assistive technology reads: no repeated ids, no label that hides what the handle says."""
    for section in page.select("section#exercise-content, section#solution-content, section#proof-content"):
        section.name = "div"
        del section["id"]
    for handle in page.select("summary[aria-label]"):
        del handle["aria-label"]
    for cell in page.select("thead th"):
        if not cell.get_text(strip=True) and not cell.find("img"):
            cell.name = "td"
    for sources in page.select("div.citation-list[role=list]"):  # its entries have a role of their own
        del sources["role"]
    for source in page.select("div.citation[role=doc-biblioentry]"):  # a role that is given up
        del source["role"]
