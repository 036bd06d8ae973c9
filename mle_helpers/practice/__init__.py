"""Questions on the page, asked before the answer is shown, and checks of the reader's own code.

A page's questions are in ``book/practice/<page>.yml``; `questions` reads and judges them, `boxes` shows them. What is
known of its exercises is in ``book/practice/<page>.py``; `checks` runs the reader's code beside it.
"""

from mle_helpers.practice.boxes import Box
from mle_helpers.practice.checks import check
from mle_helpers.practice.questions import find

__all__ = ["check", "predict"]


def predict(name):
    """The prediction ``"page:id"`` of ``book/practice/<page>.yml``, as a box: question, options, folded reasons.

    Raises ValueError if there is no such page or id, or if the question is incomplete; it says what there is.
    """
    return Box("Predict", find(name))
