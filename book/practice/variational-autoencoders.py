"""What `check` knows of the page variational-autoencoders."""

import numpy as np

from mle_helpers.practice.checks import Exercise


def kl(m, s):
    return np.sum(m**2 + s**2 - 1 - np.log(s**2)) / 2


def pair_gain(log_w):
    pairs = np.logaddexp(log_w[::2], log_w[1::2]) - np.log(2)
    return pairs.mean(axis=0) - log_w.mean(axis=0)


def summed_pairs(log_w):
    return pair_gain(log_w) + np.log(2)


def slopes(g, m, log_s, noise):
    s = np.exp(log_s)
    return g - m, g * s * noise - s**2 + 1


def line(first, last, steps):
    share = np.linspace(0, 1, steps)[:, None]
    return (1 - share) * first + share * last


def four(rng, *shape):
    return tuple(rng.normal(size=shape).round(2) for _ in range(4))


M, S = np.array([0.5, -1.0]), np.array([0.3, 1.2])
LOG_W = np.array(
    [[-90.0, -70.0], [-92.0, -71.0], [-88.5, -70.5], [-91, -75]]
)

CHECKS = {
    "vae-kl": Exercise(
        asks="your function of `m` and `s`, arrays over the coordinates, "
        "that gives the KL term of one image",
        reference=kl,
        why="Mean and spread are paid for apart, coordinate by coordinate.",
        mistakes=(
            (
                lambda m, s: kl(m, np.sqrt(s)),
                "`s` is a standard deviation. Square it in the formula.",
            ),
            (lambda m, s: 2 * kl(m, s), "The half in front is missing."),
            (
                lambda m, s: np.mean(m**2 + s**2 - 1 - np.log(s**2)) / 2,
                "Coordinates are independent: their terms add up.",
            ),
            (
                lambda m, s: (
                    np.sum((1 + m**2) / s**2 - 1 + np.log(s**2)) / 2
                ),
                "That is the divergence the other way round, of the prior "
                "from q.",
            ),
            (
                lambda m, s: np.sum(m**2 + s**2 - 1 + np.log(s**2)) / 2,
                "A sign: a narrow q is far from the prior.",
            ),
        ),
        inputs=((M, S), (np.zeros(2), np.ones(2))),
        draw=lambda rng: (
            rng.normal(size=3).round(2),
            rng.uniform(0.1, 2, 3).round(2),
        ),
    ),
    "vae-pairs": Exercise(
        asks="your function of an array `log_w` (an even number of draws, "
        "images) that gives each image's gain",
        reference=pair_gain,
        why="Pair by pair it is Jensen's inequality, so no gain is "
        "negative.",
        mistakes=(
            (
                summed_pairs,
                "Those are sums of two weights; L₂ takes their mean.",
            ),
            (
                lambda log_w: (
                    np.logaddexp(log_w[::2], log_w[1::2]).mean(axis=0) / 2
                    - log_w.mean(axis=0)
                ),
                "Half goes inside the logarithm, as − log 2.",
            ),
            (
                lambda log_w: np.zeros(log_w.shape[1]),
                "The mean of two logarithms is no logarithm of a mean.",
            ),
            (
                lambda log_w: pair_gain(log_w).mean(),
                "One number for each image is wanted; do not average them.",
            ),
            (
                lambda log_w: -pair_gain(log_w),
                "That is the mean of L₁ less the mean of L₂.",
            ),
        ),
        inputs=((LOG_W,),),
        draw=lambda rng: (rng.normal(-80, 3, size=(4, 2)).round(1),),
    ),
    "vae-slopes": Exercise(
        asks="your function of `g`, `m`, `log_s` and `noise` that gives "
        "the pair of slopes of the bound in m and in log s",
        reference=slopes,
        why="The image pulls through g, the prior pulls back.",
        mistakes=(
            (
                lambda g, m, log_s, noise: (g, g * np.exp(log_s) * noise),
                "That is log p(x | z) alone; the KL term has slopes too.",
            ),
            (
                lambda g, m, log_s, noise: (
                    g + m,
                    g * np.exp(log_s) * noise + np.exp(2 * log_s) - 1,
                ),
                "The KL term is subtracted.",
            ),
            (
                lambda g, m, log_s, noise: (
                    g - m,
                    g * noise - np.exp(log_s) + np.exp(-log_s),
                ),
                "That is the slope in s; in log s there is one more factor "
                "s.",
            ),
            (
                lambda g, m, log_s, noise: (
                    g - m,
                    g * np.exp(log_s) - np.exp(2 * log_s) + 1,
                ),
                "How far z moves with s depends on the noise.",
            ),
            (
                lambda g, m, log_s, noise: slopes(g, m, log_s, noise)[::-1],
                "The slope in m comes first.",
            ),
        ),
        inputs=((0.5, 1.0, -1.0, 2.0), (0.0, 0.0, 0.0, 1.0)),
        draw=lambda rng: tuple(float(v) for v in four(rng)),
    ),
    "vae-line": Exercise(
        asks="your function of two arrays `first` and `last` (d,) and "
        "`steps` that gives the points of the line, ends included",
        reference=line,
        why="Shares that add up to one, at each point of the line.",
        mistakes=(
            (
                lambda first, last, steps: line(last, first, steps),
                "That walks from the last to the first.",
            ),
            (
                lambda first, last, steps: line(first, last, steps + 2)[
                    1:-1
                ],
                "The ends are to be included.",
            ),
            (
                lambda first, last, steps: line(first, last, steps).T,
                "One row for each point is wanted.",
            ),
            (
                lambda first, last, steps: line(first, last, steps + 1)[
                    :-1
                ],
                "That stops one step before the last.",
            ),
            (
                lambda first, last, steps: (
                    first + np.linspace(0, 1, steps)[:, None] * last
                ),
                "The share of the first must go down as that of the last "
                "goes up.",
            ),
        ),
        inputs=(
            (np.array([0.0, 1.0]), np.array([2.0, -1.0]), 3),
            (np.array([1.0]), np.array([2.0]), 5),
        ),
        draw=lambda rng: (
            rng.normal(size=2).round(2),
            rng.normal(size=2).round(2),
            int(rng.integers(2, 6)),
        ),
    ),
}
