"""Questions on the page: asked before the answer is shown, each wrong answer with its own reason.

A page's questions are in ``book/practice/<page>.yml``; `questions` reads and judges them, `boxes` shows them, and
``practice.js`` lets a reader answer.
"""

from mle_helpers.practice.boxes import Box, Quiz
from mle_helpers.practice.questions import find, find_quiz

__all__ = ["predict", "quiz"]


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
