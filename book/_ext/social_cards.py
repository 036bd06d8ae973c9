"""The picture that stands for a page when its address is shared: its title, its question and its first figure."""

import base64
import io
import json
import textwrap
from pathlib import Path

from matplotlib import get_data_path
from PIL import Image, ImageDraw, ImageFont

SIZE = WIDE, HIGH = 1200, 630
MARGIN, COLUMN = 60, 500  # px: around all, and the width of the words
INK, QUIET, BLUE, RED = "#1f2328", "#57606a", "#0b5cab", "#c44f00"
FONTS = Path(get_data_path()) / "fonts" / "ttf"


def first_figure(path):
    """(bytes of the first picture stored in the notebook at ``path``, its alt text); (None, "") if there is none."""
    if path.suffix != ".ipynb":
        return None, ""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            picture = output.get("data", {}).get("image/png")
            if picture:
                alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
                return base64.b64decode("".join(picture)), alt
    return None, ""


def font(size, bold=False):
    return ImageFont.truetype(FONTS / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"), size)


def write(draw, top, text, size, colour, lines, bold=False):
    """Write ``text`` in the column of words from ``top`` down, in at most ``lines`` lines; returns where it ends."""
    face = font(size, bold)
    columns = int(COLUMN / face.getlength("n"))
    for line in textwrap.wrap(text, columns, max_lines=lines, placeholder=" …"):
        draw.text((MARGIN, top), line, colour, face)
        top += round(1.3 * size)
    return top


def likelihood_curve(card):
    """The course's own mark where a page has no figure: the likelihood of six tosses and its top."""
    large = Image.new("RGB", (1040, 800), "white")  # drawn twice as large, so that its edges are smooth
    draw = ImageDraw.Draw(large)
    places = [step / 200 for step in range(201)]
    points = [(40 + 960 * p, 740 - 30000 * p**4 * (1 - p) ** 2) for p in places]
    draw.line([(40, 742), (1000, 742)], QUIET, 4)
    draw.line(points, BLUE, 14, joint="curve")
    x, y = points[133]
    draw.ellipse((x - 22, y - 22, x + 22, y + 22), RED)
    card.paste(large.resize((520, 400), Image.Resampling.LANCZOS), (WIDE - MARGIN - 520, 115))


def figure_beside(card, picture):
    """The figure, as large as fits beside the words."""
    figure = Image.open(io.BytesIO(picture)).convert("RGB")
    room = (WIDE - 3 * MARGIN - COLUMN, HIGH - 2 * MARGIN)
    scale = min(room[0] / figure.width, room[1] / figure.height)
    size = round(figure.width * scale), round(figure.height * scale)
    figure = figure.resize(size, Image.Resampling.LANCZOS)
    card.paste(figure, (WIDE - MARGIN - size[0], (HIGH - size[1]) // 2))


def draw_card(target, course, title, question, picture=None):
    """Write the card (PNG, 1200 × 630) of a page to ``target``."""
    card = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(card)
    draw.rectangle((0, 0, 15, HIGH), BLUE)  # both ends belong to it: 16 px
    name = course.partition(":")[0]
    top = MARGIN if title.lower().startswith(name.lower()) else write(draw, MARGIN, name, 26, BLUE, 1, bold=True) + 24
    top = write(draw, top, title, 48, INK, 5, bold=True) + 28
    write(draw, top, question, 28, QUIET, max(1, (HIGH - MARGIN - top) // 37))
    if picture:
        figure_beside(card, picture)
    else:
        likelihood_curve(card)
    target.parent.mkdir(parents=True, exist_ok=True)
    card.quantize(128, dither=Image.Dither.NONE).save(target, "PNG", optimize=True)
