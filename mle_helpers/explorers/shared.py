"""What several of the figures need: data that are checked, places where something is seen, words for numbers."""

import contourpy
import numpy as np
from scipy.optimize import minimize_scalar

from mle_helpers.gaussian import gaussian_mle
from mle_helpers.likelihood import as_data, log_likelihood


def as_sample(x):
    x = np.asarray(as_data(x), float)
    if x.ndim != 1 or not np.all(np.isfinite(x)):
        raise ValueError(f"x must be a 1-d array of finite numbers, got shape {x.shape}.")
    return x


def estimates_of(x):
    """The Gaussian's maximum-likelihood estimates, if there are any."""
    mu_hat, sigma_hat = gaussian_mle(x)
    if sigma_hat == 0:
        raise ValueError("x: all values are equal, so the likelihood has no maximum; give data that vary.")
    return mu_hat, sigma_hat


def mean_log_likelihood(mu, log_sigma, mu_hat, sigma_hat):
    """The Gaussian's mean log-likelihood; of the data it needs the estimates only."""
    misfit = (sigma_hat**2 + (mu_hat - mu) ** 2) * np.exp(-2 * log_sigma)
    return -log_sigma - 0.5 * np.log(2 * np.pi) - 0.5 * misfit


def highest_point(logpdf, thetas, heights, x):
    """Where the log-likelihood is highest, searched between the best grid value's neighbours, and how high."""
    best = int(np.argmax(heights))
    ends = thetas[max(best - 1, 0)], thetas[min(best + 1, len(thetas) - 1)]
    with np.errstate(all="ignore"):  # beside the edge of a support the search meets infinities
        found = minimize_scalar(lambda t: -log_likelihood(logpdf, t, x), bounds=ends, options={"xatol": 1e-9})
    return (found.x, -found.fun) if -found.fun > heights[best] else (thetas[best], heights[best])


def thinned(x, most=200):
    """At most ``most`` of the sorted values, evenly spread, and what they are: more could not be told apart."""
    if len(x) <= most:
        return x, "one for each observation"
    return np.quantile(x, (np.arange(most) + 0.5) / most), f"{most} of {len(x):,} observations"


def with_unit(name, unit, before=" ("):
    """``name (unit)`` or ``name per unit``, or the name alone."""
    return f"{name}{before}{unit}{')' if '(' in before else ''}" if unit else name


def decimals(spread):
    """Decimals that show a hundredth of ``spread``."""
    return max(0, 2 - int(np.floor(np.log10(spread))))


def widened(values, share):
    """The range of ``values``, widened on both sides by ``share`` of its length."""
    low, high = float(np.min(values)), float(np.max(values))
    extra = share * ((high - low) or 1.0)
    return low - extra, high + extra


def contour_line(across, up, surface, level):
    """One contour as x and y arrays, NaN between its pieces."""
    pieces = contourpy.contour_generator(across, up, surface).lines(level)
    pieces = [np.vstack([piece[:: max(1, len(piece) // 60)], piece[-1:], [[np.nan, np.nan]]]) for piece in pieces]
    return np.concatenate([*pieces, [[np.nan, np.nan]]]).T
