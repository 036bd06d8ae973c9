"""The problems of the page drills: log-likelihood, score, estimate and information as formulas, then a number.

``book/practice/drills.yml`` holds them; each part becomes a question of the kit. A number is asked in several cases, of
which one is seen; practice.js shows another one, and the problems in another order, when the reader wants to go again.
"""

from mle_helpers.practice.boxes import Box, module
from mle_helpers.practice.questions import PRACTICE, compute, faults, load

FORMULAS = {  # part -> (its title, what it asks for unless it says so itself)
    "loglik": ("Log-likelihood", "The log-likelihood."),
    "score": ("Score", "The score."),
    "estimate": ("Estimate", "The estimate."),
    "information": ("Information", "The Fisher information of one observation."),
}
WITHIN = "1 %"


def formula_part(problem, part):
    """A part of the problem as a question of kind formula."""
    own = problem[part]
    drop = {"parameter": problem["parameter"], "theta_free_terms": "drop"} if part == "loglik" else {}
    return {"ask": FORMULAS[part][1], "kind": "formula", "where": problem["where"], **drop, **own}


def number_case(problem, case):
    """The number of the problem as a question, with the values of one case put in."""
    own = problem["number"]
    ask = own["ask"]
    for name, value in case.items():
        ask = ask.replace("{" + name + "}", str(value).replace("-", "−"))
    near = [{"value": compute(miss["value"], **case), "because": miss["because"]} for miss in own.get("near", [])]
    because = own.get("because", f"That is `{own['answer']}`.")
    return {
        "ask": ask,
        "kind": "number",
        "answer": compute(own["answer"], **case),
        "within": WITHIN,
        "because": because,
    } | ({"near": near} if near else {})


def questions_of(problem):
    """All questions of a problem: (title, question) for its formulas, and a list of those for its number."""
    formulas = [(title, formula_part(problem, part)) for part, (title, _) in FORMULAS.items()]
    return formulas, [number_case(problem, case) for case in problem["number"]["cases"]]


def problems(folder=PRACTICE):
    """The problems of drills.yml by name."""
    return load("drills", folder).get("drills", {})


class Drill:
    """One problem as boxes; shown as HTML where that is possible, else as text without its answers."""

    def __init__(self, name, problem):
        formulas, numbers = questions_of(problem)
        self.boxes = [Box(title, question, f"drills:{name}", "quiz") for title, question in formulas]
        self.cases = [Box("With numbers", question, f"drills:{name}", "quiz") for question in numbers]

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": repr(self), "text/html": f"{self.html()}\n{module()}"}

    def __repr__(self):
        return "\n\n".join(box.text() for box in [*self.boxes, self.cases[0]])

    def html(self):
        first, *others = (box.html() for box in self.cases)
        hidden = "\n".join(f"<div hidden>{other}</div>" for other in others)
        boxes = "\n".join(box.html() for box in self.boxes)
        return f'<div class="drill" data-drill>\n{boxes}\n<div>{first}</div>\n{hidden}\n</div>'


def drill(name, folder=PRACTICE):
    """One problem of the page drills. Raises ValueError if there is none of that name, or if it is not whole."""
    known = problems(folder)
    if name not in known:
        raise ValueError(f"drills.yml has no problem {name!r}. It has: {', '.join(known) or 'none'}.")
    formulas, numbers = questions_of(known[name])
    for title, question in [*formulas, *(("With numbers", question) for question in numbers)]:
        for fault in faults(question):
            raise ValueError(f"drills.yml, {name}, {title}: {fault}")
    return Drill(name, known[name])
