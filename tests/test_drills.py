"""Every right answer of the drills, computed again from the density of one observation."""

import re

import nbformat
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from mle_helpers.practice import drill
from mle_helpers.practice.drills import FORMULAS, Drill, formula_part, problems, questions_of
from mle_helpers.practice.questions import compute, faults, same

from .conftest import ROOT

KNOWN = problems()
COUNTS = np.arange(0, 400)
HALF, LINE, UNIT = (0, np.inf), (-np.inf, np.inf), (0, 1)


def counted(x):
    return {"n": len(x), "S": np.sum(x)}


def squared(x):
    return {"n": len(x), "Q": np.sum(x**2)}


def logged(x):
    return {"n": len(x), "T": np.sum(np.log(x))}


def tosses(x):
    return {"n": len(x), "k": np.sum(x)}


def kinds(x):
    return {"a": np.sum(x == 2), "b": np.sum(x == 1), "c": np.sum(x == 0)}


def genes(p, x):
    return x * np.log(p) + (2 - x) * np.log(1 - p) + np.log(2.0) * (x == 1)


def truncated(rng, rate, n):
    x = rng.poisson(rate, 60 * n)
    return x[x > 0][:n]


# name -> (where the parameter lies, draws, log density of one observation, what is given, what can be observed)
MODELS = {
    "bernoulli": (
        (0.2, 0.8),
        lambda rng, p, n: rng.binomial(1, p, n),
        lambda p, x: x * np.log(p) + (1 - x) * np.log(1 - p),
        tosses,
        np.arange(2),
    ),
    "poisson": (
        (0.5, 3),
        lambda rng, m, n: rng.poisson(m, n),
        lambda m, x: x * np.log(m) - m - gammaln(x + 1),
        counted,
        COUNTS,
    ),
    "exponential": (
        (0.5, 3),
        lambda rng, r, n: rng.exponential(1 / r, n),
        lambda r, x: np.log(r) - r * x,
        counted,
        HALF,
    ),
    "exponential-mean": (
        (0.5, 3),
        lambda rng, m, n: rng.exponential(m, n),
        lambda m, x: -np.log(m) - x / m,
        counted,
        HALF,
    ),
    "geometric": (
        (0.2, 0.8),
        lambda rng, p, n: rng.geometric(p, n),
        lambda p, x: (x - 1) * np.log(1 - p) + np.log(p),
        counted,
        COUNTS[1:],
    ),
    "normal-spread": (
        (0.5, 3),
        lambda rng, s, n: rng.normal(0, s, n),
        lambda s, x: -np.log(s) - np.log(2 * np.pi) / 2 - x**2 / (2 * s**2),
        squared,
        LINE,
    ),
    "rayleigh": (
        (0.5, 3),
        lambda rng, s, n: rng.rayleigh(s, n),
        lambda s, x: np.log(x) - 2 * np.log(s) - x**2 / (2 * s**2),
        squared,
        HALF,
    ),
    "pareto": (
        (0.5, 3),
        lambda rng, a, n: 1 + rng.pareto(a, n),
        lambda a, x: np.log(a) - (a + 1) * np.log(x),
        logged,
        (1, np.inf),
    ),
    "power": (
        (0.5, 3),
        lambda rng, a, n: rng.power(a, n),
        lambda a, x: np.log(a) + (a - 1) * np.log(x),
        logged,
        UNIT,
    ),
    "laplace": (
        (0.5, 3),
        lambda rng, b, n: rng.laplace(0, b, n),
        lambda b, x: -np.abs(x) / b - np.log(2 * b),
        lambda x: {"n": len(x), "A": np.sum(np.abs(x))},
        LINE,
    ),
    "hardy-weinberg": ((0.2, 0.8), lambda rng, p, n: rng.binomial(2, p, n), genes, kinds, np.arange(3)),
    "zero-truncated-poisson": (
        (0.5, 3),
        truncated,
        lambda m, x: x * np.log(m) - m - gammaln(x + 1) - np.log(1 - np.exp(-m)),
        counted,
        COUNTS[1:],
    ),
}


def value(name, part, symbols):
    return compute(KNOWN[name][part]["answer"], **symbols)


def slope(f, at, step=1e-4):
    """The derivative of f by differences, exact to about 1e-7."""
    far, near = (f(at + 2 * step) - f(at - 2 * step)) / 4, (f(at + step) - f(at - step)) / 2
    return (4 * near - far) / 3 / step


def bend(f, at, step=1e-3):
    return slope(lambda t: slope(f, t, step), at, step)


def agrees(name, ell, inside, given, *, top=True):
    """Log-likelihood, score and, where it is one, the estimate, against a log-likelihood computed from the data."""
    by, (low, high) = KNOWN[name]["parameter"], inside
    places = np.linspace(low, high, 7)
    said = np.array([value(name, "loglik", {by: t, **given}) for t in places])
    true = np.array([ell(t) for t in places])
    np.testing.assert_allclose(said - said[0], true - true[0], rtol=1e-9, atol=1e-9)
    for t in places[1:-1]:
        assert value(name, "score", {by: t, **given}) == pytest.approx(slope(ell, t), rel=1e-5, abs=1e-6)
    if top:
        best = minimize_scalar(
            lambda t: -ell(t), bounds=(low / 5, high * 1.2 if high < 1 else high * 5), method="bounded"
        )
        assert value(name, "estimate", given) == pytest.approx(best.x, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("name", MODELS)
def test_the_steps_of_a_model_of_independent_observations(name):
    inside, draws, log_f, given, seen = MODELS[name]
    rng = np.random.default_rng(7)
    for truth in np.linspace(*inside, 4):
        x = draws(rng, truth, 40)
        closed = name != "zero-truncated-poisson"
        agrees(name, lambda t, x=x: np.sum(log_f(t, x)), inside, given(x), top=closed)

        def part(y, truth=truth):
            return np.exp(log_f(truth, y)) * slope(lambda t: log_f(t, y), truth, 1e-3) ** 2

        by_sum = np.sum(part(seen)) if isinstance(seen, np.ndarray) else quad(part, *seen, limit=400)[0]
        one = {KNOWN[name]["parameter"]: truth, **given(x)}
        assert value(name, "information", one) == pytest.approx(by_sum, rel=1e-4)


def test_counts_without_zeros_have_the_mean_that_the_estimate_is_found_by():
    for rate in (0.4, 1.3, 2.2):
        pmf = np.exp(MODELS["zero-truncated-poisson"][2](rate, COUNTS[1:]))
        assert value("zero-truncated-poisson", "estimate", {"lambda": rate}) == pytest.approx(pmf @ COUNTS[1:])
        assert value("zero-truncated-poisson", "score", {"lambda": rate, "n": 5, "S": 5 * (pmf @ COUNTS[1:])}) == (
            pytest.approx(0, abs=1e-9)
        )


def test_gamma_and_a_normal_mean_for_every_known_shape_and_variance():
    rng = np.random.default_rng(8)
    for k, v in [(1.5, 0.5), (3, 2.0)]:
        x = rng.gamma(k, 1 / 1.2, 30)
        given = {**counted(x), "k": k}
        agrees("gamma", lambda r, x=x, k=k: np.sum(k * np.log(r) - r * x), (0.5, 3), given)
        assert value("gamma", "information", {"lambda": 1.2, **given}) == pytest.approx(k / 1.2**2)  # -s' has no x
        y = rng.normal(1.4, np.sqrt(v), 30)
        given = {**counted(y), "v": v}
        agrees("normal-mean", lambda m, y=y, v=v: -np.sum((y - m) ** 2) / (2 * v), (0.5, 3), given)
        ell = lambda m, y=y, v=v: -np.sum((y - m) ** 2) / (2 * v)  # noqa: E731
        assert 30 * value("normal-mean", "information", given) == pytest.approx(-bend(ell, 1.0), rel=1e-5)


def test_a_line_two_samples_and_censored_times():
    rng = np.random.default_rng(9)
    x, v, w = rng.normal(2, 1, 12), 0.7, 1.9
    y = 1.3 * x + rng.normal(0, np.sqrt(v), 12)
    cases = {
        "through-the-origin": (lambda b: -np.sum((y - b * x) ** 2) / (2 * v), {"P": x @ y, "Q": x @ x, "v": v}),
    }
    one, two = rng.normal(1.4, np.sqrt(v), 9), rng.normal(1.4, np.sqrt(w), 14)
    cases["two-samples"] = (
        lambda m: -np.sum((one - m) ** 2) / (2 * v) - np.sum((two - m) ** 2) / (2 * w),
        {"n": 9, "S": one.sum(), "v": v, "m": 14, "R": two.sum(), "w": w},
    )
    times = rng.exponential(1, 25)
    seen, ended = np.minimum(times, 1.1), times <= 1.1
    cases["censored"] = (
        lambda r: np.sum(np.where(ended, np.log(r), 0) - r * seen),
        {"d": ended.sum(), "T": seen.sum()},
    )
    for name, (ell, given) in cases.items():
        agrees(name, ell, (0.5, 3), given)
        at = {KNOWN[name]["parameter"]: 1.2, **given}
        assert value(name, "information", at) == pytest.approx(-bend(ell, 1.2), rel=1e-5)


def test_the_weight_of_a_group():
    f, g = 0.3, 0.8
    ell = lambda w: np.log(w * f + (1 - w) * g)  # noqa: E731
    for w in (0.2, 0.5, 0.8):
        at = {"w": w, "f": f, "g": g}
        assert value("mixture-weight", "loglik", at) == pytest.approx(ell(w))
        assert value("mixture-weight", "score", at) == pytest.approx(slope(ell, w), rel=1e-6)
        assert value("mixture-weight", "information", at) == pytest.approx(-bend(ell, w), rel=1e-5)
        assert value("mixture-weight", "estimate", at) == pytest.approx(w * f / np.exp(ell(w)))


def test_where_the_edge_moves_with_the_parameter():
    rng = np.random.default_rng(10)
    waits, late = 8 * rng.random((200_000, 6)), 1.5 + rng.exponential(1, (200_000, 6))
    longest, first = waits.max(axis=1), late.min(axis=1)
    for theta in (8.0, 11.0):
        at = {"theta": theta, "n": 6, "M": 7.0}
        assert value("uniform", "loglik", at) == pytest.approx(6 * np.log(1 / theta))
        assert value("uniform", "score", at) == pytest.approx(slope(lambda t: -6 * np.log(t), theta))
    assert value("uniform", "estimate", {"M": 7.0, "n": 6}) == 7.0
    expected = value("uniform", "information", {"theta": 8.0, "n": 6})
    assert abs(longest.mean() - expected) < 5 * longest.std() / np.sqrt(200_000)
    at = {"a": 1.5, "n": 6, "S": late[0].sum(), "m": first[0]}
    assert value("shifted-exponential", "loglik", at) == pytest.approx(-np.sum(late[0] - 1.5))
    assert value("shifted-exponential", "score", at) == 6 and value("shifted-exponential", "estimate", at) == first[0]
    excess = value("shifted-exponential", "information", at)
    assert abs(first.mean() - 1.5 - excess) < 5 * first.std() / np.sqrt(200_000)
    corrected = {"uniform": (longest * 7 / 6, 8.0), "shifted-exponential": (first - 1 / 6, 1.5)}
    for name, (estimates, truth) in corrected.items():
        formula = KNOWN[name]["number"]["answer"]
        assert compute(formula, n=6, M=longest[0], m=first[0]) == pytest.approx(estimates[0])
        assert abs(estimates.mean() - truth) < 5 * estimates.std() / np.sqrt(200_000)


def test_numbers_are_those_of_the_formulas():
    """The number of a problem is its estimate, or a standard error that belongs to it, with the values put in."""
    own = {"zero-truncated-poisson", "uniform", "shifted-exponential", "mixture-weight"}  # tested above
    errors = {"poisson", "exponential-mean", "normal-mean", "through-the-origin"}
    for name, problem in KNOWN.items():
        for case in problem["number"]["cases"]:
            number = compute(problem["number"]["answer"], **case)
            if name in errors:
                complete = {"S": 1.0, **case}
                estimate = compute(problem["estimate"]["answer"], **complete)
                at = {**complete, problem["parameter"]: estimate}
                many = 1 if name == "through-the-origin" else case["n"]
                assert number == pytest.approx((many * value(name, "information", at)) ** -0.5), name
            elif name not in own:
                assert number == pytest.approx(compute(problem["estimate"]["answer"], **case)), name
    for case in KNOWN["mixture-weight"]["number"]["cases"]:
        assert value("mixture-weight", "number", case) == pytest.approx(value("mixture-weight", "estimate", case))
    for case in KNOWN["zero-truncated-poisson"]["number"]["cases"]:
        at = {"lambda": case["L"]}
        assert value("zero-truncated-poisson", "number", case) == pytest.approx(
            value("zero-truncated-poisson", "estimate", at)
        )


# --- the page -----------------------------------------------------------------------------------------------


def test_there_are_twenty_problems_of_three_levels_each_whole():
    assert len(KNOWN) >= 16 and {problem["level"] for problem in KNOWN.values()} == {1, 2, 3}
    for name, problem in KNOWN.items():
        formulas, numbers = questions_of(problem)
        assert len(numbers) >= 3 and len({question["ask"] for question in numbers}) == len(numbers), name
        for title, question in [*formulas, *(("number", number) for number in numbers)]:
            assert list(faults(question)) == [], f"drills.yml, {name}, {title}"
            assert not re.search(r"(?<![\\a-z}])\{\w\}", question["ask"]), f"{name}: {question['ask']}"


def test_the_page_asks_each_problem_once_below_its_level():
    cells = nbformat.read(ROOT / "book" / "drills.ipynb", as_version=4).cells
    asked = [(place, re.fullmatch(r'drill\("([\w-]+)"\)', cell.source)) for place, cell in enumerate(cells)]
    asked = [(place, found[1]) for place, found in asked if found]
    assert [name for _, name in asked] == list(KNOWN)
    for place, name in asked:
        level = KNOWN[name]["level"]
        dots, words = "●" * level, ("routine", "thinking", "stretching")[level - 1]
        assert f"\n\n{dots} {words}. " in cells[place - 1].source, f"drills: the problem {name} says another level."
        stored = "".join(cells[place].outputs[0]["data"]["text/html"])
        assert drill(name).html() in stored, f"{name} has changed. Run: make notebooks N=book/drills.ipynb"


def test_a_form_that_is_equal_counts_and_terms_without_the_parameter_do_not():
    ask = formula_part(KNOWN["bernoulli"], "loglik")
    assert same(ask, "k*log(p/(1-p)) + n*log(1-p)") and same(ask, "log(comb(n, k)) + k*log(p) + (n-k)*log(1-p)")
    assert not same(ask, "k*log(p)")
    assert same(formula_part(KNOWN["bernoulli"], "score"), "(k - n*p)/(p*(1-p))")


def test_a_problem_that_is_not_there_or_not_whole_is_named(tmp_path):
    with pytest.raises(ValueError, match="no problem 'coin'. It has: bernoulli, poisson"):
        drill("coin")
    text = (ROOT / "book/practice/drills.yml").read_text(encoding="utf-8")
    (tmp_path / "drills.yml").write_text(text.replace("answer: k/p - (n-k)/(1-p)", "answer: k/q", 1), encoding="utf-8")
    with pytest.raises(ValueError, match="drills.yml, bernoulli, Score: k/q cannot be read: q is neither in where"):
        drill("bernoulli", tmp_path)
    (tmp_path / "drills.yml").write_text("predict: {}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="It has: none"):
        drill("bernoulli", tmp_path)


def test_as_text_it_gives_no_answer_away():
    text = repr(Drill("bernoulli", KNOWN["bernoulli"]))
    assert text.count("\n\n") == len(FORMULAS) and "With numbers. In 40 tosses 26 heads came." in text
    assert "k/n" not in text and "0.65" not in text
