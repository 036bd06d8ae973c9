"""Draw the map on the front page from _toc.yml: ``python tools/course_map.py`` writes book/_static/course-map.svg.

One card a page, on one thread, in the order of the contents; deeper pages hang below their chapter; pages to look
things up in stand below. What a card says is in SAYS, its picture in tools/course_map.svg.
"""

import re
from html import escape
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "book" / "_static" / "course-map.svg"
SAYS = {  # page -> (its title on the card, what it says)
    "likelihood": ("Likelihood", "How well does θ predict what I saw?"),
    "log-likelihood": ("Log-likelihood", "Sums where products vanish"),
    "argmax": ("Argmax", "Which θ predicts it best?"),
    "score-equation": ("The score equation", "Where is the slope zero?"),
    "gaussian": ("The Gaussian", "The whole path, on real data"),
    "information": ("Information", "How far may the estimate be off?"),
    "intervals": ("Intervals", "Which values are still in play?"),
    "regression": ("Regression", "A parameter that follows x"),
    "lifetimes": ("Lifetimes", "Some are still waiting"),
    "model-selection": ("Model selection", "Which family, and at what price?"),
    "when-it-fails": ("When it fails", "Nine failures and their remedies"),
    "generative-models": ("Generative models", "Estimate, then make new data"),
    "many-numbers-at-once": ("Many numbers at once", "One Gaussian for 784 pixels"),
    "principal-coordinates": ("Principal coordinates", "A few numbers tell the digit"),
    "gaussian-mixtures": ("Gaussian mixtures", "Which hidden group was it from?"),
    "mixtures-of-digits": ("Mixtures of digits", "What do hidden groups earn?"),
    "variational-autoencoders": ("Variational autoencoders", "A hidden code behind each digit"),
    "generative-adversarial-networks": ("Adversarial networks", "Learning without a density"),
    "autoregressive-models": ("Autoregressive models", "Pixel by pixel, exactly"),
    "flows": ("Flows", "A cloud, bent into digits"),
    "diffusion": ("Diffusion", "Take the noise away"),
    "which-model-wins": ("Which model wins", "Three tables, never mixed"),
    "recap": ("Recap", "All of it on one page"),
}
PILLS = {  # page -> what becomes of the log density just before it
    "likelihood": "log density: logpdf(theta, x)",
    "log-likelihood": "added up: log_likelihood",
    "score-equation": "its slope: score",
    "gaussian": "slope zero: theta_hat",
    "information": "its curvature: standard_errors",
    "regression": "given x: logpdf(theta, (X, y))",
    "generative-models": "many parameters: a digit",
    "gaussian-mixtures": "hidden groups: a mixture",
    "variational-autoencoders": "log p too hard: a bound on it",
    "generative-adversarial-networks": "no log p at all: a game",
    "autoregressive-models": "log p exact again",
    "diffusion": "the other score: its slope in x",
}
SKIPPED = "How sure, and is it the right model"  # the part that readers bound for the next one may leave out
MIDDLE, CARD, DEEPER, PILL, SIDE = 180, 58, 30, 20, 34  # the axis, and heights


def link(page, body):
    return f'<a href="{page}.html">\n{body}\n</a>'


def card(page, y, picture):
    title, says = SAYS[page]
    return link(
        page,
        f'  <rect x="10" y="{y}" width="340" height="{CARD}" rx="9" class="chapter"/>\n'
        f'  <g transform="translate(20,{y + 6}) scale(0.92)">{picture}</g>\n'
        f'  <text x="86" y="{y + 25}" class="title">{escape(title)}</text>\n'
        f'  <text x="86" y="{y + 45}" class="says">{escape(says)}</text>',
    )


def deeper(page, title, y):
    return link(
        page,
        f'  <rect x="86" y="{y}" width="264" height="{DEEPER}" rx="7" class="side" stroke-dasharray="5 4"/>\n'
        f'  <text x="98" y="{y + 20}" style="font-size:13.5px">↳ {escape(title)}</text>',
    )


def pill(words, y):
    wide = round(24 + 6.8 * len(words))
    return (
        f'<rect x="{MIDDLE - wide / 2:g}" y="{y}" width="{wide}" height="{PILL}" rx="10" class="pill"/>\n'
        f'<text x="{MIDDLE}" y="{y + 14.5}" class="on-pill">{escape(words)}</text>'
    )


def heading(caption, y):
    """(what stands over a part, its height)."""
    if caption != SKIPPED:
        words = f'<text x="{MIDDLE}" y="{y + 18}" class="part-name">{escape(caption)}</text>'
        return f'<rect x="10" y="{y}" width="340" height="26" rx="6" class="part"/>\n{words}', 26
    return (
        f'<rect x="10" y="{y}" width="340" height="42" rx="6" class="part"/>\n'
        f'<text x="{MIDDLE}" y="{y + 18}" class="part-name">{escape(caption)}?</text>\n'
        f'<text x="{MIDDLE}" y="{y + 34}" class="part-says">bound for generative models? You may skip this</text>'
    ), 42


def start(y):
    return link(
        "refresher",
        f'  <rect x="40" y="{y}" width="280" height="48" rx="8" class="side" stroke-dasharray="5 4"/>\n'
        f'  <text x="{MIDDLE}" y="{y + 20}" text-anchor="middle" style="font-size:15px;font-weight:600">'
        "Refresher (optional)</text>\n"
        f'  <text x="{MIDDLE}" y="{y + 38}" text-anchor="middle" style="font-size:13px">'
        "densities, logs, derivatives, vectors</text>",
    )


def small(page, title, place, y):
    x = 10 + 174 * (place % 2)
    return link(
        page,
        f'  <rect x="{x}" y="{y}" width="166" height="{SIDE}" rx="8" class="side"/>\n'
        f'  <text x="{x + 83}" y="{y + 22}" text-anchor="middle" style="font-size:14px">{escape(title)}</text>',
    )


def title_of(page):
    """The title of a page, from its first line with a heading."""
    path = next(path for end in ("ipynb", "md") if (path := ROOT / "book" / f"{page}.{end}").is_file())
    return re.search(r'(?:^|")# ([^\n"\\]+)', path.read_text(encoding="utf-8"))[1]


def name(entry):
    return Path(entry["file"]).name


def part_of(part, y, icons, titles):
    """(what a part shows from y on, the middles of its cards, where it ends)."""
    head, high = heading(part["caption"], y)
    made, middles, y = [head], [], y + high + 5
    for chapter in part["chapters"]:
        page = name(chapter)
        if page in PILLS:
            made.append(pill(PILLS[page], y))
            y += PILL + 5
        made.append(card(page, y, icons[page]))
        middles.append(y + CARD // 2)
        y += CARD + 6
        for section in chapter.get("sections", []):
            made.append(deeper(name(section), titles(name(section)), y - 1))
            y += DEEPER + 5
    return made, middles, y + 4


def draw(toc, pictures, titles):
    """The map of a table of contents, as SVG; ``titles`` gives the title of a page."""
    style, icons = pictures
    _, *parts, last = toc["parts"]
    made, y, middles = [start(4)], 62, {}
    for part in parts:
        shown, middles[part["caption"]], y = part_of(part, y, icons, titles)
        made += shown
    for place, entry in enumerate(last["chapters"]):
        made.append(small(name(entry), titles(name(entry)), place, y + 4 + (SIDE + 6) * (place // 2)))
    height = y + 4 + (SIDE + 6) * ((len(last["chapters"]) + 1) // 2)
    captions = list(middles)
    place = captions.index(SKIPPED)
    leave, arrive = middles[captions[place - 1]][-1], middles[captions[place + 1]][0]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 {height}" width="440" class="course-map">\n'
        "<!-- Drawn by tools/course_map.py. Every word stands on a filled shape: it reads on light and dark. -->\n"
        f'{style}\n<path class="thread" d="M{MIDDLE},93 V{middles[captions[-1]][-1]}"/>\n'
        f'<path class="optional" d="M10,{leave} H3 V{arrive} H10"/>\n' + "\n".join(made) + "\n</svg>\n"
    )


def pictures():
    """(style, {page: picture}) of tools/course_map.svg."""
    text = (ROOT / "tools" / "course_map.svg").read_text(encoding="utf-8")
    icons = dict(re.findall(r'^<g id="([\w-]+)">(.*)</g>$', text, re.MULTILINE))
    return re.search(r"<style>.*?</style>", text, re.DOTALL)[0], icons


def drawn():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return draw(toc, pictures(), title_of)


if __name__ == "__main__":
    TARGET.write_text(drawn(), encoding="utf-8")
