"""What the figure of the score shows, held against the package; bad input."""

import pytest

from mle_helpers.explorers import explore_score
from mle_helpers.likelihood import log_likelihood, observed_information, score
from mle_helpers.models import poisson_logpmf

from .examples import KICKS, SIZES, grids, made, shown, slope


def test_score_explorer_shows_score_height_and_curvature():
    lambdas = grids(made(slope))["λ"]
    for k, n in enumerate(SIZES):
        x = KICKS[:n]
        slopes = [score(poisson_logpmf, t, x) for t in lambdas]
        assert shown(made(slope), "score")[k] == pytest.approx(slopes, abs=0.0501)
        top = log_likelihood(poisson_logpmf, x.mean(), x)
        heights = [log_likelihood(poisson_logpmf, t, x) - top for t in lambdas]
        assert shown(made(slope), "height")[k] == pytest.approx(heights, abs=0.00501)
        curvature = observed_information(poisson_logpmf, x.mean(), x)[0, 0]
        assert curvature == pytest.approx(n / x.mean())
        assert shown(made(slope), "curvature")[k] == pytest.approx(curvature, abs=0.0501)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: explore_score(poisson_logpmf, [0.0, 1.0], KICKS, sizes=SIZES), "keep inside the domain"),
        (lambda: explore_score(poisson_logpmf, [0.5, 1.0], KICKS), "x has 280"),
        (lambda: explore_score(poisson_logpmf, [0.5, 1.0], KICKS, sizes=(0, 5)), "0 to 5 observations"),
        (lambda: explore_score(poisson_logpmf, [0.5], KICKS, sizes=(50,)), "two grid values"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
