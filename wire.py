"""One-off: put the checks into the notebooks, ``python wire.py [PAGE ...]``; then run the pages it names.

Every exercise gets a last line that says what to hand in, its solution cell the checks that it passes itself, and the
page's imports `check`. What is wired already is left alone, so it can run again on a newer notebook: cells are found
by the exercise's label.
"""

import json
import re
import sys
from pathlib import Path

from mle_helpers.practice.checks import catalogues

BOOK = Path(__file__).resolve().parent / "book"
IMPORT = "from mle_helpers.practice import "
TABLE = {  # page -> label of the exercise -> what its solution cell ends with; a name stands where its check is called
    "refresher": {
        "ex-refresher-density": """
check("density-variance", 1 / 2 - (2 / 3) ** 2)
""",
        "ex-refresher-birthdays": """
display(check("birthdays-different", lambda m: all_different[m - 1]))
check("birthdays-first", first)
""",
        "ex-refresher-log": """
check(
    "exponential-log-joint",
    lambda rate, x: len(x) * np.log(rate) - rate * x.sum(),
)
""",
        "ex-refresher-top": """
display(check("top-slope", grad(q)))
check("top-place", lambda n, S: np.sqrt(S / n))
""",
    },
    "likelihood": {
        "ex-likelihood-six-heads": """
display(check("six-heads-likelihood", lambda p: p**6))
display(check("six-heads-area", np.trapezoid(six_heads, grid)))
check("six-heads-ratio", 1 / 0.8**6)
""",
        "ex-likelihood-stopping": """
check("second-tail", likelihood_waiting)
""",
        "ex-likelihood-taxis": """
display(check("taxis-likelihood", lambda N: likelihood_taxis[N - 1]))
check("taxis-plausible", plausible.max())
""",
        "ex-likelihood-sticky": """
check("sticky-likelihood", likelihood_sticky)
""",
    },
    "log-likelihood": {
        "ex-log-likelihood-images": """
display(check("images-nats", ell_image))
check("images-float32", np.count_nonzero(singles))
""",
        "ex-log-likelihood-nan": """
check("coin-loglik", loglik_coin)
""",
        "ex-log-likelihood-coarse": """
check("coarse-displays", five_displays)
""",
        "ex-log-likelihood-two": """
display(check("suspects-log", whole))
check("suspects-fair", fair)
""",
    },
    "argmax": {
        "ex-argmax-poisson": """
display(check("kicks-slope", slope_kicks))
display(check("kicks-limit", 2 / np.mean(deaths)))
check("kicks-none", np.exp(-np.mean(deaths)))
""",
        "ex-argmax-zoom": """
display(check("zoom-point", lambda f, low, high: zoom(f, low, high)[0]))
check("zoom-count", 8 * 9**21)
""",
        "ex-argmax-two": """
check("two-tops", lambda a: np.sqrt(max(a**2 - 1, 0)))
""",
    },
    "score-equation": {
        "ex-score-equation-geometric": """
display(check("geometric-logpmf", geometric_logpmf))
check("geometric-root", lambda x: 1 / x.mean())
""",
        "ex-score-equation-uniform": """
check("bus-mean", lambda theta, n: theta * n / (n + 1))
""",
        "ex-score-equation-basin": """
display(check("newton-limit", 2 * 0.61))
check("newton-step", lambda eta, m: eta + m / np.exp(eta) - 1)
""",
    },
    "gaussian": {
        "ex-gaussian-known-mean": """
check("known-centre", known)
""",
        "ex-gaussian-units": """
display(
    check(
        "units-estimates",
        lambda mu, sigma, a, b: (a + b * mu, abs(b) * sigma),
    )
)
check("units-gain", tops[1] - tops[0])
""",
        "ex-gaussian-lognormal": """
check("lognormal-top", log_normal)
""",
    },
    "variance-in-practice": {
        "ex-variance-welford": """
check("welford-add", add)
""",
        "ex-variance-unmerge": """
check("triples-remove", remove)
""",
        "ex-variance-groups": """
check("groups-sigma", lambda runs: np.sqrt(np.mean(runs.var(axis=1))))
""",
    },
    "information": {
        "ex-information-tosses": """
check("tosses-needed", lambda width, info: (1.96 / width) ** 2 / info)
""",
        "ex-information-waiting": """
check(
    "waiting-interval",
    lambda n, mean: interval(1 / mean, n * mean**2),
)
""",
        "ex-information-cauchy": """
def one_step(m, x):
    u = x - m
    return m + np.sum(2 * u / (1 + u**2)) / (len(x) / 2)


check("cauchy-step", one_step)
""",
        "ex-information-bus": """
check("bus-upper", 9.2 / c)
""",
    },
    "exponential-families": {
        "ex-families-mean": """
display(check("mean-score", lambda m, x: score(mean_logpdf, m, x)))
check("mean-information", lambda m: 1 / m**2)
""",
        "ex-families-butterflies": """
display(check("butterflies-A", A_logarithmic))
check("butterflies-q", np.exp(eta_hat))
""",
        "ex-families-bounce": """
display(check("bounce-scoring", lambda m: m + score(cauchy, m, one) / 0.5))
check("bounce-newton", lambda m: newton(cauchy, m, one, 1)[-1])
""",
    },
    "generative-models": {
        "ex-generative-one-coin": """
check(
    "one-coin-bits",
    lambda theta: (
        -theta * np.log2(theta) - (1 - theta) * np.log2(1 - theta)
    ),
)
""",
        "ex-generative-threshold": """
check("threshold-bits", by_threshold[192])
""",
        "ex-generative-alpha": """
check(
    "alpha-theta",
    lambda ink, alpha: (ink.sum(axis=0) + alpha) / (len(ink) + 2 * alpha),
)
""",
        "ex-generative-typical": """
display(check("typical-outcome", log_outcome))
check("typical-together", together_20)
""",
    },
    "many-numbers-at-once": {
        "ex-many-corner": """
display(check("corner-bound", bound))
check("corner-exact", exact)
""",
        "ex-many-root": """
def eigen_root(cov):
    values, vectors = np.linalg.eigh(cov)
    return vectors * np.sqrt(values)


check("eigen-root", eigen_root)
""",
        "ex-many-two-goals": """
def mean_bits(log_c):
    return grey_bits(logsumexp(log_c, axis=0) - np.log(10)).mean()


def share_named(log_c, labels):
    return np.mean(log_c.argmax(axis=0) == labels)


display(check("goals-bits", mean_bits))
check("goals-named", share_named)
""",
        "ex-many-complete": """
def complete(mean, cov, a):
    k = len(a)
    b_from_a = np.linalg.solve(cov[:k, :k], cov[:k, k:])
    return mean[k:] + (a - mean[:k]) @ b_from_a


check("complete-half", complete)
""",
    },
    "principal-coordinates": {
        "ex-principal-hand": """
display(check("hand-scale", np.sqrt(3.5)))
check("hand-gain", gained)
""",
        "ex-principal-units": """
check("geyser-direction", line[1] / line[0])
""",
        "ex-principal-naming": """
def name_rows(x, groups, other):
    models = [fit_gaussian(x[groups == g]) for g in np.unique(groups)]
    return log_given(models, other).argmax(axis=0)


check("naming-guess", name_rows)
""",
        "ex-principal-clean": """
check("clean-factor", lambda s, sigma: s**2 / (s**2 + sigma**2 + 0.09))
""",
    },
}


RENAMED = {"check": "by_package"}  # a name that the page information gives to a number in its solution


def called(text):
    """The names of the checks that a piece of code calls."""
    return re.findall(r'check\(\s*"([\w-]+)"', text)


def line(names, known):
    """What the exercise says about its checks."""
    return "Check yours: " + "; ".join(f'`check("{name}", mine)` with {known[name].asks}' for name in names) + "."


def put_line(source, label, text):
    """The exercise's cell with the line as the last of the exercise; one that stands there is replaced."""
    lines = source.split("\n")
    at = lines.index(f":label: {label}")
    begin = max(i for i in range(at) if "{exercise}" in lines[i])
    fence = re.match(r"[`:]+", lines[begin])[0]
    end = next(i for i in range(at, len(lines)) if lines[i] == fence)
    body = "\n".join(part for part in lines[:end] if not part.startswith("Check yours: ")).rstrip()
    return "\n".join([body, "", text, *lines[end:]])


def put_code(source, code):
    """The solution's cell with the checks at its end; left alone if they are there."""
    if set(called(code)) <= set(called(source)):
        return source
    for old, new in RENAMED.items():
        if f"\n{old} = " in source:
            source = re.sub(rf"\b{old}\b(?!\()", new, source)
    gap = "\n\n\n" if code.strip().startswith("def ") else "\n\n"  # as ruff formats it
    return source.rstrip() + gap + code.strip()


def put_import(source):
    """The import cell with `check` among its imports."""
    found = re.search(rf"^{IMPORT}(.+)$", source, re.MULTILINE)
    if found:
        names = sorted({*found[1].split(", "), "check"})
        return source.replace(found[0], IMPORT + ", ".join(names))
    last = re.findall(r"^from mle_helpers\.p(?:lots)\b.*$", source, re.MULTILINE)[-1]
    return source.replace(last, f"{last}\n{IMPORT}check")


def edit(cell, source):
    """Put a source into a cell, line by line as notebooks are stored."""
    cell["source"] = source.splitlines(keepends=True)


def wire(page, known):
    """Wire one notebook; whether it changed. A label that is gone stops with its name."""
    path = BOOK / f"{page}.ipynb"
    before = path.read_text(encoding="utf-8")
    notebook = json.loads(before)
    cells = notebook["cells"]
    for label, code in TABLE[page].items():
        texts = ["".join(cell["source"]) for cell in cells]
        asked = next((i for i, text in enumerate(texts) if f"\n:label: {label}\n" in text), None)
        solved = next((i for i, text in enumerate(texts) if "{solution} " + label + "\n" in text), None)
        if asked is None or solved is None:
            sys.exit(f"{page}: there is no exercise {label}, or it has no solution.")
        run = next(i for i in range(solved, len(cells)) if cells[i]["cell_type"] == "code")
        edit(cells[asked], put_line(texts[asked], label, line(called(code), known)))
        edit(cells[run], put_code(texts[run], code))
        cells[run]["metadata"].setdefault("mystnb", {})["markdown_format"] = "myst"  # as tests/test_book.py asks
    first = next(cell for cell in cells if cell["cell_type"] == "code" and "use_style()" in "".join(cell["source"]))
    edit(first, put_import("".join(first["source"])))
    after = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    path.write_text(after, encoding="utf-8")
    return after != before


def main(names):
    known = catalogues()
    for page in names or TABLE:
        wired = {name for code in TABLE[page].values() for name in called(code)}
        if wired != set(known[page]):
            sys.exit(f"{page}: the table and the catalogue differ in {sorted(wired ^ set(known[page]))}.")
    changed = [page for page in names or TABLE if wire(page, known[page])]
    if changed:
        print("Wired; now run: python tools/notebooks.py", *(f"book/{page}.ipynb" for page in changed))


if __name__ == "__main__":
    main(sys.argv[1:])
