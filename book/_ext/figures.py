"""Figures drawn by matplotlib stand in the page itself: in its font, in colours that follow light and dark.

A notebook stores each figure as an SVG. On the page it becomes an inline <svg> whose palette and greys are CSS
variables (book/_static/figures.css), whose ids are the figure's own, and whose size is known before it is drawn. A
paragraph that begins with "**Figure 3.**" right after the cell becomes its caption.
"""

import itertools
import re
import unicodedata
from html import escape, unescape
from pathlib import Path
from xml.etree import ElementTree

from docutils import nodes

STYLES = Path(__file__).resolve().parent.parent / "_static" / "figures.css"
SCALE = 1.19  # pixels of a page for a point of a drawing: 15 points are 17.9 pixels
NUMBER = re.compile(r"Figure \d+\.")
PLACE = re.compile(r'<div class="course-frame" data-drawing="([^"]*)" data-says="([^"]*)"></div>')
HREF = "{http://www.w3.org/1999/xlink}href"


def palette():
    """{colour: variable}: the colours of the first block of figures.css."""
    block = re.search(r":root {(.*?)}", STYLES.read_text(encoding="utf-8"), re.DOTALL)[1]
    return {colour: f"var({name})" for name, colour in re.findall(r"(--fig-[a-z]+): (#[0-9a-f]{6});", block)}


def themed(colour, colours, line=True):
    """What a colour becomes on the page; `line` is false for areas, which keep a colour that has no meaning here."""
    if colour in colours:
        return colours[colour]
    if not re.fullmatch("#[0-9a-f]{6}", colour):
        return colour
    if colour[1:3] == colour[3:5] == colour[5:7]:
        ink = round(100 - int(colour[1:3], 16) / 2.55)
        plain = {0: "var(--fig-paper)", 100: "var(--fig-ink)"}
        return plain.get(ink, f"color-mix(in srgb, var(--fig-ink) {ink}%, var(--fig-paper))")
    return f"color-mix(in srgb, var(--fig-ink) var(--fig-lift), {colour})" if line else colour


def restyle(element, colours):
    """The style attribute of one element in the page's font and colours."""
    parts = []
    for part in element.get("style", "").split(";"):
        name, _, value = (piece.strip() for piece in part.partition(":"))
        if name in ("fill", "stroke"):
            writes = element.tag in ("text", "tspan") or element.tag == "g" and element.find("use") is None
            value = themed(value, colours, line=name == "stroke" or writes)
        if name and name != "font-family":
            parts.append(f"{name}: {value}")
    if parts:
        element.set("style", "; ".join(parts))


def recolour(element, colours, boxes=()):
    """Everything below `element` follows the page, save parts of it that lie on pixels: these do not change with it."""
    for child in element:
        if boxes and lies_on(child, boxes):
            child.set("fill", "#000000")
            continue
        restyle(child, colours)
        recolour(child, colours)


def lies_on(part, boxes):
    """Does this part of the axes lie on pixels? Ticks and labels do not, text may, and all else does."""
    if part.get("id", "").startswith("matplotlib.axis"):
        return False
    words = part.find(".//text")
    if words is None:
        return True
    moves = "".join(each.get("transform", "") for each in part.iter())
    moved = re.search(r"translate\(([-\d.]+) ([-\d.]+)\)", moves)
    x, y = map(float, moved.groups() if moved else (words.get("x", 0), words.get("y", 0)))
    return any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in boxes)


def rectangles(root):
    """{id: (left, top, right, bottom)} of the rectangles that others are clipped to."""
    found = {}
    for clip in root.iter("clipPath"):
        for rect in clip.findall("rect"):
            x, y, wide, high = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
            found[clip.get("id")] = x, y, x + wide, y + high
    return found


def boxes_of_pixels(axes, clips):
    """The rectangles that the pictures in one axes fill, or may fill."""
    found = []
    for parent in axes.iter():
        for image in parent.findall("image"):
            matrix = re.fullmatch(r"matrix\(([^ ]+) 0 0 ([^ ]+) ([^ ]+) ([^ ]+)\)", image.get("transform", ""))
            clip = re.search(r"#([^)]+)", parent.get("clip-path") or image.get("clip-path") or "")
            if matrix:
                across, down, left, top = map(float, matrix.groups())
                ends = left + across * float(image.get("width")), top + down * float(image.get("height"))
                found.append((min(left, ends[0]), min(top, ends[1]), max(left, ends[0]), max(top, ends[1])))
            elif clip and clip[1] in clips:
                found.append(clips[clip[1]])
    return found


def clear_ground(figure):
    """The white that the figure and its axes stand on goes: the page's own paper is there."""
    for part in [figure, *(part for part in figure if part.get("id", "").startswith("axes_"))]:
        ground = part.find("g")
        if ground is not None and ground.get("id", "").startswith("patch_"):
            for path in ground.findall("path"):
                path.set("style", path.get("style", "").replace("fill: #ffffff", "fill: none"))


def join_letters(root):
    """Matplotlib places every letter of a line with a formula; letters of one style and height become one run."""
    for text in root.iter("text"):
        runs = {}
        for letter in text.findall("tspan"):
            text.remove(letter)
            alone = unicodedata.combining(letter.text) and len(runs)  # an accent would slip onto the letter before it
            run = runs.setdefault((letter.get("style"), letter.get("y"), alone), [])
            run.append(letter)
        for (style, y, _), letters in runs.items():
            places = " ".join(letter.get("x") for letter in letters)
            joined = ElementTree.SubElement(text, "tspan", {"x": places, "y": y, "style": style})
            joined.text = "".join(letter.text for letter in letters)


def close_up(root):
    """White space between elements goes; in text it would show."""
    for element in root.iter():
        element.tail = None
        if len(element):
            element.text = None


def local_ids(root, prefix):
    """Only what is referred to keeps an id, a short one that is this figure's own."""
    for element in root.iter():
        if HREF in element.attrib:
            element.set("href", element.attrib.pop(HREF))
    text = " ".join(value for element in root.iter() for value in element.attrib.values() if "#" in value)
    used = dict.fromkeys(re.findall(r"(?:^|[ (])#([^ )]+)", text))
    names = {name: f"{prefix}-{number}" for number, name in enumerate(used)}
    for element in root.iter():
        name = names.get(element.attrib.pop("id", None))
        if name:
            element.set("id", name)
        for key, value in element.attrib.items():
            found = re.fullmatch(r"#(.+)" if key == "href" else r"(?:.*[ :])?url\(#([^)]+)\).*", value)
            if found and found[1] in names:
                element.set(key, value.replace(f"#{found[1]}", f"#{names[found[1]]}"))


def for_page(svg, prefix, says):
    """The stored drawing as it stands in a page: (markup, width, height), the sizes in pixels of a wide screen."""
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    for defs in root.iter("defs"):
        for style in defs.findall("style"):  # a rule here would hold for the whole page
            defs.remove(style)
    colours, clips = palette(), rectangles(root)
    for figure in root.findall("g"):
        clear_ground(figure)
        for part in figure:
            restyle(part, colours)
            recolour(part, colours, boxes_of_pixels(part, clips))
    join_letters(root)
    close_up(root)
    local_ids(root, prefix)
    box = root.get("viewBox")
    wide, high = (round(float(size) * SCALE) for size in box.split()[2:])
    root.attrib.clear()
    root.attrib |= {"class": "course-svg", "role": "img", "aria-label": says}
    root.attrib |= {"width": str(wide), "height": str(high), "viewBox": box}
    return ElementTree.tostring(root, encoding="unicode"), wide, high


def inline_figures(html, folder):
    """The finished page with every placeholder replaced by its drawing, read from the folder of the sources."""
    numbers = itertools.count(1)

    def drawing(place):
        source = (Path(folder) / unescape(place[1])).read_text(encoding="utf-8")
        svg, wide, high = for_page(source, f"drawing{next(numbers)}", unescape(place[2]))
        return f'<div class="course-frame" style="--wide: {wide}; --high: {high}">{svg}</div>'

    return PLACE.sub(drawing, html)


def caption_after(cell):
    """The paragraph right after a cell that begins with "Figure 3." in bold, or None."""
    following = cell.next_node(descend=False, siblings=True)
    if isinstance(following, nodes.container) and "tag-answer" in following["classes"]:  # it waits with its figure
        following = following.next_node()
    while isinstance(following, nodes.target):
        following = following.next_node(descend=False, siblings=True)
    parts = [part for part in following.children if part.astext()] if isinstance(following, nodes.paragraph) else []
    begins = parts and isinstance(parts[0], nodes.strong) and NUMBER.fullmatch(parts[0].astext())
    return following if begins else None


def set_figures(app, doctree, docname):
    """Put a placeholder for each drawing, and each caption under its figure."""
    if app.builder.format != "html":
        return
    cells = [node for node in doctree.findall(nodes.container) if node.get("nb_element") == "cell_code"]
    for cell in cells:
        for image in [image for image in cell.findall(nodes.image) if image["uri"].endswith(".svg")]:
            source, says = escape(image["uri"]), escape(image.get("alt", ""))
            place = f'<div class="course-frame" data-drawing="{source}" data-says="{says}"></div>'
            image.replace_self(nodes.raw("", place, format="html"))
        caption = caption_after(cell)
        shown = [node for node in cell.findall(nodes.raw) if node["format"] == "html"]
        if caption is not None and shown:
            around = caption.parent
            around.remove(caption)
            if isinstance(around, nodes.container) and not around.astext():
                around.parent.remove(around)
            number = next(caption.findall(nodes.strong))
            number.replace_self(nodes.inline("", number.astext(), classes=["caption-number"]))
            figure = nodes.figure("", ids=caption["ids"], names=caption["names"], classes=["course-figure"])
            shown[-1].replace_self(figure)
            figure += [shown[-1], nodes.caption("", "", *caption.children)]


def finish_page(app, pagename, templatename, context, doctree):
    if context.get("body"):
        context["body"] = inline_figures(context["body"], app.srcdir)


def setup(app):
    app.connect("doctree-resolved", set_figures)
    app.connect("html-page-context", finish_page, priority=940)  # after the page was parsed and tidied
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
