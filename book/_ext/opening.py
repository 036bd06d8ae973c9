"""The picture that opens the book: six tosses become a curve, and 784 such curves a digit.

Every shape is computed: the curve is L(p) = p^h (1 - p)^t over its maximum, the digit the estimate of 784 coins, one a
pixel, from as many handwritten threes as the frame says. opening.js moves it; as it stands here it is the last frame.
"""

import base64
import io
import json

import numpy as np
from bs4 import BeautifulSoup
from PIL import Image

from mle_helpers.datasets import binarise, load_digits

TOSSES = "HHHTHT"
COUNTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)  # images averaged, frame by frame
DIGIT = 3
LEFT, RIGHT, TOP, BOTTOM = 14, 186, 14, 122  # the axes of the curve, on a sheet of 200 × 150


def likelihood(tosses, p):
    """The likelihood of the coins ``p`` after these tosses, divided by its maximum; all 1 before the first."""
    heads = np.mean([toss == "H" for toss in tosses]) if tosses else 0.5
    values = p ** tosses.count("H") * (1 - p) ** tosses.count("T")
    return values / (heads ** tosses.count("H") * (1 - heads) ** tosses.count("T")) if tosses else values


def heights(tosses, p):
    """Where the curve is drawn, from the top of the sheet."""
    return np.round(BOTTOM - (BOTTOM - TOP) * likelihood(tosses, p), 1).tolist()


def estimates():
    """Estimated probability of ink in every pixel, (28, 28), for each of COUNTS."""
    images, labels = load_digits("train")
    ink = binarise(images[labels == DIGIT])
    return [ink[:count].mean(axis=0).reshape(28, 28) for count in COUNTS]


def picture(probabilities):
    """A PNG as an address: ink of the current kind, as opaque as it is probable."""
    alpha = np.round(255 * probabilities).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(255 - alpha, "L").save(out, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def coin(number, toss):
    x, y = 40 + 60 * (number % 3), 44 + 58 * (number // 3)
    return (
        f'<g class="coin coin-{toss}"><circle cx="{x}" cy="{y}" r="24"/>'
        f'<text x="{x}" y="{y + 8}" text-anchor="middle">{toss}</text></g>'
    )


def frame(source, last):
    hidden = "" if last else ' class="later"'
    return f'<image{hidden} x="3" y="3" width="144" height="144" href="{source}"/>'


def opening():
    """The picture as HTML."""
    p = np.linspace(0, 1, 61)
    x = np.round(LEFT + (RIGHT - LEFT) * p, 1).tolist()
    curves = [heights(TOSSES[:count], p) for count in range(len(TOSSES) + 1)]
    best = int(np.argmin(curves[-1]))
    line = "M" + "L".join(f"{a},{b}" for a, b in zip(x, curves[-1], strict=True))
    frames = [picture(values) for values in estimates()]
    images = "".join(frame(source, source is frames[-1]) for source in frames)
    counts = [f"from {count} image{'s' if count > 1 else ''}" for count in COUNTS]
    data = json.dumps({"x": x, "curves": curves, "tosses": list(TOSSES), "counts": counts})
    return f"""<figure class="opening" data-state="still">
<div class="opening-part"><svg viewBox="0 0 200 150" role="img" aria-label="Six coins: {" ".join(TOSSES)}">
{"".join(coin(number, toss) for number, toss in enumerate(TOSSES))}</svg>
<p>Six tosses <br><span data-says="">{" ".join(TOSSES)}</span></p></div>
<div class="opening-arrow" aria-hidden="true"></div>
<div class="opening-part"><svg viewBox="0 0 200 150" role="img" aria-label="A curve over all coins, highest at 4/6">
<path class="base" d="M{LEFT},{BOTTOM}H{RIGHT}"/><path class="curve" d="{line}"/>
<circle class="top" cx="{x[best]}" cy="{curves[-1][best]}" r="6"/>
<text x="{LEFT}" y="142">0</text><text x="{RIGHT}" y="142" text-anchor="end">1</text>
<text class="best" x="{x[best]}" y="142" text-anchor="middle">4/6</text></svg>
<p>One curve: how probable <br>each coin makes them</p></div>
<div class="opening-arrow" aria-hidden="true"></div>
<div class="opening-part digit"><svg viewBox="0 0 150 150" role="img" aria-label="A three, soft at its edges">
<rect x="0.5" y="0.5" width="149" height="149" rx="6"/>{images}</svg>
<p>784 curves, one a pixel <br><span data-says="">{counts[-1]}</span></p></div>
<script type="application/json">{data}</script>
</figure>"""


def place_opening(page):
    """Put the picture where the page asks for it."""
    for place in page.select("div.opening-here"):
        place.replace_with(BeautifulSoup(opening(), "html.parser"))
