"""Figures that move: on a published page without a kernel, and in JupyterLab with the reader's own data.

One module for each figure; what they are made of is in `kit`.
"""

from mle_helpers.explorers.ascent import explore_ascent
from mle_helpers.explorers.coordinates import explore_coordinates
from mle_helpers.explorers.diffusion import explore_diffusion
from mle_helpers.explorers.divergences import explore_divergences
from mle_helpers.explorers.em import explore_em
from mle_helpers.explorers.gaussian import explore_gaussian
from mle_helpers.explorers.intervals import explore_coverage, explore_intervals
from mle_helpers.explorers.latent import explore_latent
from mle_helpers.explorers.likelihood import explore_likelihood
from mle_helpers.explorers.product_and_sum import explore_product_and_sum
from mle_helpers.explorers.score import explore_score

__all__ = [
    "explore_ascent",
    "explore_coordinates",
    "explore_coverage",
    "explore_diffusion",
    "explore_divergences",
    "explore_em",
    "explore_gaussian",
    "explore_intervals",
    "explore_latent",
    "explore_likelihood",
    "explore_product_and_sum",
    "explore_score",
]
