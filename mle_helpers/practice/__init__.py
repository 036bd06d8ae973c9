"""Questions on the page, each wrong answer with its own reason, and checks of the reader's own code.

A page's questions are in ``book/practice/<page>.yml``; `questions` reads and judges them, `boxes` shows them, and
``practice.js`` lets a reader answer; `drills` are problems to solve again and again. What is known of its exercises is
in ``book/practice/<page>.py``; `checks` runs the reader's code beside it.
"""

from mle_helpers.practice.boxes import Box, Quiz
from mle_helpers.practice.checks import check
from mle_helpers.practice.drills import drill
from mle_helpers.practice.questions import find, find_quiz

__all__ = ["check", "drill", "predict", "quiz"]


def predict(name):
    """The prediction ``"page:id"`` of ``book/practice/<page>.yml``, as a box: question, options, folded reasons.

    Raises ValueError if there is no such page or id, or if the question is incomplete; it says what there is.
    """
    return Box("Predict", find(name), name)


def quiz(page):
    """The quiz of a page, all its questions in the order of ``book/practice/<page>.yml``.

    Raises ValueError if the page has none, or if a question is incomplete; it says which one.
    """
    return Quiz(find_quiz(page), page)
