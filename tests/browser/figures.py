"""Reading the figures that move: what they show, how a reader moves them, and what the package says to that."""

import json
import re
from functools import cache

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq, minimize
from scipy.special import expit, logit, rel_entr, xlogy
from scipy.stats import binom, norm

from mle_helpers.gaussian import gaussian_mle
from mle_helpers.likelihood import log_likelihood, observed_information, score
from mle_helpers.mixtures import mixture_e_step, mixture_logpdf, mixture_m_step
from mle_helpers.models import gaussian_logpdf

KEYS = ("Home", "ArrowRight", "ArrowUp", "PageUp", "End", "ArrowLeft", "ArrowDown", "PageDown")
BOX = (60, 8, 325, 204)  # left, top, width and height of the axes on a sheet that is 400 wide


def specs(source):
    """The payloads in the source of a page, in order."""
    blocks = re.findall(
        r'<div data-explorer(?:="")?>.*?<script type="application/json">(.*?)</script>', source, re.DOTALL
    )
    return [json.loads(block) for block in blocks]


def number(text):
    """The number that a text begins with, and one unit in its last place."""
    digits = re.match(r"−?\d+(?:\.(\d+))?", text)
    return float(digits[0].replace("−", "-")), 10.0 ** -len(digits[1] or "")


class Figure:
    """One figure on a loaded page; `oracle(values)` gives every readout as a number, or as the words shown for it."""

    def __init__(self, page, index, spec, oracle):
        self.page, self.spec, self.oracle = page, spec, oracle
        self.root = page.locator(".mlx").nth(index)
        self.best = {}

    def read(self):
        """The positions of the controls, every text that is shown, and the drawing."""
        return self.root.evaluate(
            """(root) => ({
                at: [...root.querySelectorAll(".controls > *")].map((c) => {
                    const range = c.querySelector("input[type=range]");
                    return range ? +range.value : +c.querySelector(":checked").value;
                }),
                shown: [...root.querySelectorAll(".controls > *")].map((c) =>
                    (c.querySelector("b") ?? c.querySelector(":checked").parentElement).textContent),
                spoken: [...root.querySelectorAll("input[type=range]")].map((c) => c.getAttribute("aria-valuetext")),
                readouts: Object.fromEntries(
                    [...root.querySelectorAll("[data-name]")].map((d) => [d.dataset.name, d.textContent])),
                drawing: [...root.querySelectorAll("svg")].map((s) => s.outerHTML).join(""),
                all: root.innerText + root.querySelector(".said").textContent,
            })"""
        )

    def check(self):
        """Everything shown is what the package computes at these positions; gives back what was read."""
        state = self.read()
        values = {}
        for control, at, shown in zip(self.spec["controls"], state["at"], state["shown"], strict=True):
            assert shown == control["labels"][at] + control["unit"]
            if "values" in control:
                values[control["name"]] = control["values"][at]
                if not re.search("[A-Za-z]", control["labels"][at]):
                    value, unit = number(shown)
                    assert abs(value - control["values"][at]) <= 0.501 * unit
            else:
                values[control["name"]] = shown
        assert set(state["spoken"]) <= set(state["shown"])
        expected = self.oracle(values)
        assert set(expected) == set(state["readouts"])
        for readout in self.spec["readouts"]:
            name, text = readout["name"], state["readouts"][readout["name"]]
            want = expected[name]
            if readout["best"]:
                want = self.best[name] = max(self.best.get(name, -np.inf), want)
            where = f"{self.spec['title']}: {name} at {values} shows {text!r}, expected {want}"
            if isinstance(want, str):
                assert text == want, where
            else:
                assert text.endswith(readout["unit"]), where
                value, unit = number(text)
                assert unit == 10.0 ** -readout["digits"] or readout["digits"] == 0, where
                assert abs(value - want) <= 1.001 * unit, where
        told = re.sub(r"base64,[\w+/=]+", "", state["all"] + state["drawing"])  # a picture's letters may spell anything
        assert not re.search(r"NaN|undefined|Infinity|null|\[object", told)
        return state

    def finding(self):
        """What a screen reader is told, once the slide has come to rest."""
        state = self.read()
        texts = state["readouts"] | {
            c["name"]: text for c, text in zip(self.spec["controls"], state["shown"], strict=True)
        }
        said = re.sub(r"{(.+?)}", lambda name: texts[name[1]], self.spec["finding"])
        live = self.root.locator("[aria-live=polite]").element_handle()
        self.page.wait_for_function("([live, said]) => live.textContent === said", arg=[live, said])
        return said

    def inputs(self):
        """For each control its focusable inputs: one slider, or the radio buttons of a choice."""
        holders = self.root.locator(".controls > *")
        return [holders.nth(i).locator("input") for i in range(holders.count())]

    def drive_by_keyboard(self, keys=KEYS):
        """Move every control by its keys, reach them all by Tab; check what is shown after each."""
        before = self.check()
        inputs = self.inputs()
        for number_, (control, parts) in enumerate(zip(self.spec["controls"], inputs, strict=True)):
            if number_ == 0:
                (parts if "values" in control else parts.nth(before["at"][0])).focus()
            else:
                self.page.keyboard.press("Tab")
            assert self.page.evaluate("() => document.activeElement.name").endswith(control["name"])
            last = len(control["labels"]) - 1
            if "values" in control:
                presses = keys
            else:
                presses = ["ArrowRight"] * (last + 1) + ["ArrowLeft"]
            for key in presses:
                self.page.keyboard.press(key)
                after = self.check()
                here, there = before["at"][number_], after["at"][number_]
                if "values" in control:
                    near = {
                        "Home": {0},
                        "End": {last},
                        "ArrowRight": {min(here + 1, last)},
                        "ArrowUp": {min(here + 1, last)},
                        "ArrowLeft": {max(here - 1, 0)},
                        "ArrowDown": {max(here - 1, 0)},
                        "PageUp": set(range(min(here + 1, last), last + 1)),
                        "PageDown": set(range(0, max(here - 1, 0) + 1)),
                    }[key]
                else:
                    near = {(here + (1 if key == "ArrowRight" else -1)) % (last + 1)}
                assert there in near, f"{control['name']}: {key} went from {here} to {there}"
                assert (after["drawing"] != before["drawing"]) == (there != here), f"{control['name']}: {key}"
                before = after

    def buttons(self):
        """Reveal and start again, by keyboard."""
        start = [c["start"] for c in self.spec["controls"]]
        reveal = self.root.get_by_role("button", name=self.spec["reveal"]) if self.spec["reveal"] else None
        if reveal:
            displayed = "(root) => getComputedStyle(root.querySelector('svg .later')).display !== 'none'"
            for key, wanted in [("Enter", True), ("Space", False), ("Enter", True)]:
                assert self.root.evaluate(displayed) != wanted
                reveal.press(key)
                assert self.root.evaluate(displayed) == wanted
                assert reveal.get_attribute("aria-pressed") == str(wanted).lower()
        self.root.get_by_role("button", name="Start again").press("Enter")
        self.best = {}
        assert self.check()["at"] == start
        assert not reveal or reveal.get_attribute("aria-pressed") == "false"

    def place(self, handle, at):
        """Where on the screen the handle is that stands for these positions of its two controls, or of its one."""
        panel, drag, height = handle
        one = self.spec["panels"][panel]
        controls = {c["name"]: c for c in self.spec["controls"]}
        x, y = [*(controls[name]["values"][i] for name, i in zip(drag, at, strict=True)), height][:2]
        left, top, wide, high = BOX
        across = left + wide * (x - one["xlim"][0]) / (one["xlim"][1] - one["xlim"][0])
        down = top + high * (one["ylim"][1] - y) / (one["ylim"][1] - one["ylim"][0])
        sheet = self.root.locator("svg[role=img]").nth(panel).bounding_box()
        scale = sheet["width"] / 400
        return sheet["x"] + scale * across, sheet["y"] + scale * down

    def pads(self):
        """(handle, its controls, their positions now, positions to go to); a handle is (panel, names, fixed height)."""
        names = [c["name"] for c in self.spec["controls"]]
        at = self.read()["at"]
        found = []
        for panel, one in enumerate(self.spec["panels"]):
            drags = one["drag"] or []
            both = drags and isinstance(drags[0], str)
            for drag, height in [(drags, None)] if both else [([name], height) for name, height in drags]:
                places = [names.index(name) for name in drag]
                lengths = [len(self.spec["controls"][i]["labels"]) for i in places]
                here = [at[i] for i in places]
                there = [(i + n // 2) % n for i, n in zip(here, lengths, strict=True)]
                found.append(((panel, drag, height), places, here, there))
        return found

    def drive_by_mouse(self):
        """Drag every handle; the controls follow to the place under the pointer."""
        for handle, places, here, there in self.pads():
            self.root.locator("svg[role=img]").nth(handle[0]).scroll_into_view_if_needed()
            before = self.check()
            self.page.mouse.move(*self.place(handle, here))
            self.page.mouse.down()
            self.page.mouse.move(*self.place(handle, there), steps=6)
            self.page.mouse.up()
            self.page.mouse.move(1, 1)  # let go: it stays
            self.best = {}  # the way there may have passed a better place
            after = self.read()
            assert [after["at"][i] for i in places] == there
            assert after["drawing"] != before["drawing"]
            if not any(r["best"] for r in self.spec["readouts"]):
                self.check()

    def drive_by_touch(self):
        """One finger on every handle and on every slider."""
        session = self.page.context.new_cdp_session(self.page)

        def touch(kind, *points):
            points = [{"x": x, "y": y} for x, y in points]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        for handle, places, here, there in self.pads():
            self.root.locator("svg[role=img]").nth(handle[0]).scroll_into_view_if_needed()
            (x0, y0), (x1, y1) = self.place(handle, here), self.place(handle, there)
            touch("touchStart", (x0, y0))
            for share in (0.3, 0.7, 1.0):
                touch("touchMove", (x0 + share * (x1 - x0), y0 + share * (y1 - y0)))
            touch("touchEnd")
            after = self.read()
            assert [after["at"][i] for i in places] == there
        for number_, (control, parts) in enumerate(zip(self.spec["controls"], self.inputs(), strict=True)):
            before = self.read()
            part = parts if "values" in control else parts.nth((before["at"][number_] + 1) % len(control["labels"]))
            part.scroll_into_view_if_needed()
            box = part.bounding_box()
            share = 0.8 if before["at"][number_] < len(control["labels"]) / 2 else 0.2
            self.page.touchscreen.tap(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
            after = self.read()
            assert after["at"][number_] != before["at"][number_], control["name"]
            assert after["drawing"] != before["drawing"]
        self.best = {name: number(text)[0] for name, text in after["readouts"].items() if name == "best"}
        self.check()


# --- what the package says, computed afresh from the same data -----------------------------------------------------


def likelihood_of(logpdf, x, theta_hat, readable=False):
    """For `explore_likelihood`: the likelihood and its ratio to the one at the known maximum."""
    highest = log_likelihood(logpdf, theta_hat, x)

    def oracle(values):
        (theta,) = values.values()
        value = log_likelihood(logpdf, theta, x)
        relative = np.exp(value - highest)
        found = {"relative": "below 0.001" if 0 < relative < 0.0005 else relative}
        return found | ({"likelihood": np.exp(value)} if readable else {})

    return oracle


def ascent_on(x):
    """For `explore_ascent`: climb with the package's score, in the mean log-likelihood."""
    import autograd.numpy as anp

    def logpdf(theta, x):
        return gaussian_logpdf((theta[0], anp.exp(theta[1])), x)

    mu_hat, sigma_hat = gaussian_mle(x)
    theta_hat = np.array([mu_hat, np.log(sigma_hat)])
    mus, logs = mu_hat + sigma_hat * np.linspace(-2.5, 2.5, 13), theta_hat[1] + np.linspace(-1.0, 1.4, 11)

    def oracle(values):
        across, up = np.abs(mus - values["mu"]).argmin(), np.abs(logs - values["log_sigma"]).argmin()
        theta = np.array([mus[across], logs[up]])  # to all digits: a climber that never settles magnifies rounding
        for _ in range(int(values["steps"])):
            if abs(theta[0] - mu_hat) < 1e3 * sigma_hat and abs(theta[1] - theta_hat[1]) < 50:
                theta = theta + float(values["size"]) * score(logpdf, theta, x) / len(x)
        height = log_likelihood(logpdf, theta, x) / len(x)
        left = log_likelihood(logpdf, theta_hat, x) / len(x) - height
        return {"left": left if left < 60 else "off the map"}

    return oracle


def score_on(logpdf, x, theta_hat):
    """For `explore_score`: `theta_hat(x)` is the maximum in closed form."""

    def oracle(values):
        seen = x[: int(values.pop("n"))]
        (theta,) = values.values()
        best = theta_hat(seen)
        return {
            "score": score(logpdf, theta, seen),
            "height": log_likelihood(logpdf, theta, seen) - log_likelihood(logpdf, best, seen),
            "curvature": observed_information(logpdf, best, seen).item(),
        }

    return oracle


def gaussian_on(x):
    """For `explore_gaussian`."""
    top = log_likelihood(gaussian_logpdf, gaussian_mle(x), x)

    def oracle(values):
        value = log_likelihood(gaussian_logpdf, (values["mu"], values["sigma"]), x)
        return {"loglik": value, "best": value, "left": top - value}

    return oracle


def em_on(x, spread):
    """For `explore_em`: EM by the package, half a round at a time."""
    data = x[:, None]

    def oracle(values):
        covs, half = np.full((2, 1, 1), spread**2), np.full((len(x), 2), 0.5)
        means = np.array([[values["first"]], [values["second"]]])
        theta, shares = {"weights": np.array([0.5, 0.5]), "means": means, "covs": covs}, half
        for turn in range(int(values["step"])):
            if turn % 2:
                theta = mixture_m_step(shares, data)
            else:
                shares = mixture_e_step(theta, data).expected
        gap = rel_entr(shares, mixture_e_step(theta, data).expected).sum()
        height = log_likelihood(mixture_logpdf, theta, data)
        return {"height": height, "bound": height - gap, "gap": gap}

    return oracle


def divergences_of():
    """For `explore_divergences`: the lowest of several Nelder-Mead searches, on integrals by `scipy.integrate.quad`."""

    @cache
    def closest(kind, weight, s):
        def integral(density, other, *reach):
            return quad(lambda x: np.exp(density(x)) * (density(x) - other(x)), *reach, limit=200)[0]

        def log_p(x):
            left, right = (-0.5 * ((x - m) ** 2 + np.log(2 * np.pi)) for m in (-s / 2, s / 2))
            return np.logaddexp(np.log(1 - weight) + left, np.log(weight) + right)

        def loss(t):
            mu, sigma = t[0], np.exp(t[1])

            def log_q(x):
                return -0.5 * (((x - mu) / sigma) ** 2 + np.log(2 * np.pi)) - t[1]

            def log_m(x):
                return np.logaddexp(log_p(x), log_q(x)) - np.log(2)

            of_p, of_q = (-s / 2 - 8, s / 2 + 8), (mu - 8 * sigma, mu + 8 * sigma)
            if kind == "KL(q‖p)":
                return integral(log_q, log_p, *of_q)
            if kind == "Jensen–Shannon":
                return (integral(log_p, log_m, *of_p) + integral(log_q, log_m, *of_q)) / 2
            return integral(log_p, log_q, *of_p)

        wide = np.log(1 + s / 2)
        starts = [(s / 2, 0.0), ((weight - 0.5) * s, wide), ((weight - 0.5) * s / 2, wide / 2)]
        ends = [minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-4}) for start in starts]
        best = min(ends, key=lambda end: end.fun)
        return abs(best.x[0]) if weight == 0.5 else best.x[0], np.exp(best.x[1]), best.fun

    def oracle(values):
        weight, s = float(values["weight"].strip().removesuffix(" %")) / 100, values["separation"]
        mu, sigma, value = closest(values["divergence"].strip(), weight, s)
        target = (1 - weight) * norm.cdf(s / 2) + weight * norm.cdf(-s / 2)
        share = norm.cdf(-mu / sigma)
        return {"mu": mu, "sigma": sigma, "value": value, "share": 100 * share, "target": 100 * target}

    return oracle


def latent_on(notebook):
    """For `explore_latent`: the prior, and the nearest of the numerals that the stored figure holds.

    Where the encoder put them depends on the training, so that part of the figure is its own witness.
    """

    @cache
    def numerals():
        outputs = [o for cell in json.loads(notebook.read_text())["cells"] for o in cell.get("outputs", [])]
        (spec,) = specs("".join("".join(o.get("data", {}).get("text/html", "")) for o in outputs))
        words = [m for m in spec["panels"][0]["marks"] if m["kind"] == "words"]
        places = np.array([[m[axis]["first"] * m[axis]["step"] for axis in "xy"] for m in words])
        return places, [int(m["text"]) for m in words]

    def oracle(values):
        z = np.array([values["z1"], values["z2"]])
        places, labels = numerals()
        distances = np.hypot(*(places - z).T)
        return {
            "prior": norm.logpdf(z).sum(),
            "label": str(labels[distances.argmin()]),
            "distance": distances.min(),
        }

    return oracle


def coordinates_of():
    """For `explore_coordinates`: how far out the three coordinates lie, and the normal density there."""

    def oracle(values):
        z = np.array([values["first"], values["second"], values["third"]])
        return {"out": np.linalg.norm(z), "density": norm.logpdf(z).sum() - 3 * norm.logpdf(0)}

    return oracle


def noising_of(log_ratio):
    """For `explore_diffusion`: signal and noise at a level, `log_ratio(level)` being log noise over signal."""

    def oracle(values):
        ratio = np.exp(log_ratio(values["level"]))
        return {"alpha": (1 + ratio) ** -0.5, "sigma": (ratio / (1 + ratio)) ** 0.5}

    return oracle


def product_and_sum_of(logpdf, symbol, thetas, x):
    """For `explore_product_and_sum`: the product of so many densities as a double, the sum of their logarithms."""

    def oracle(values):
        terms = np.array([logpdf(theta, x[: int(values["n"])]) for theta in thetas])
        product, sums = np.cumprod(np.exp(terms), axis=1)[:, -1], terms.sum(axis=1)
        at = np.abs(thetas - values[symbol]).argmin()
        return {
            "product": np.log10(product[at]) if product[at] > 0 else "gone",
            "sum": sums[at],
            "by_product": thetas[product.argmax()] if product.any() else "none",
            "by_sum": thetas[sums.argmax()],
        }

    return oracle


def intervals_of_a_share(share):
    """For `explore_intervals` of tosses: the crossings of the binomial log-likelihood, and Wald's formula twice."""

    def oracle(values):
        n, z = values["n"], norm.ppf((1 + values["level"] / 100) / 2)

        def below(p):
            return n * (xlogy(share, p / share) + xlogy(1 - share, (1 - p) / (1 - share))) + z**2 / 2

        error = np.sqrt(share * (1 - share) / n)
        low, high = share - z * error, share + z * error
        if values["scale"].strip() == "log-odds":
            low, high = expit(logit(share) + np.array([-z, z]) / np.sqrt(n * share * (1 - share)))
        found = {"low": brentq(below, 1e-12, share), "high": brentq(below, share, 1 - 1e-12)}
        return found | {"wald_low": low, "wald_high": high}

    return oracle


def coverage_of(kinds):
    """For `explore_coverage`: the chance, by summation, of a count whose interval covers."""

    def oracle(values):
        n, p = int(values["n"]), values["p"]
        k = np.arange(n + 1)
        low, high = kinds[values["kind"].strip()](k, n)
        return {"cover": 100 * binom.pmf(k, n, p)[(low <= p) & (p <= high)].sum()}

    return oracle


def wald_for_shares(k, n):
    half = norm.ppf(0.975) * np.sqrt(k / n * (1 - k / n) / n)
    return k / n - half, k / n + half


def wald_for_log_odds(k, n):
    """No end without heads, and none without tails."""
    inner = np.clip(k, 0.5, n - 0.5)  # a stand-in at the two ends
    half = norm.ppf(0.975) * np.sqrt(1 / inner + 1 / (n - inner))
    ends = expit(logit(inner / n) + np.array([[-1], [1]]) * half)
    return np.where((k == 0) | (k == n), [[0.0], [1.0]], ends)


@cache
def _ratio_ends(k, n):
    def over(p):
        return binom.logpmf(k, n, p) - binom.logpmf(k, n, k / n) + norm.ppf(0.975) ** 2 / 2

    return (brentq(over, 1e-12, k / n) if k else 0.0), (brentq(over, k / n, 1 - 1e-12) if k < n else 1.0)


def likelihood_ratio_for_shares(k, n):
    return np.transpose([_ratio_ends(int(one), n) for one in k])


SHARES = {
    "Wald, for p": wald_for_shares,
    "Wald, for the log-odds": wald_for_log_odds,
    "likelihood ratio": likelihood_ratio_for_shares,
}
