"""What `check` knows of the exercises on the page log-likelihood."""

import numpy as np
from scipy.special import gammaln, logsumexp, xlogy

from mle_helpers.practice.checks import Exercise


def coin(p, heads, tails):
    if not 0 <= p <= 1:
        return -np.inf
    return xlogy(heads, p) + xlogy(tails, 1 - p)


def plain(p, heads, tails):
    p = np.float64(p)
    return heads * np.log(p) + tails * np.log(1 - p)


def clipped(p, heads, tails):
    return coin(np.clip(p, 1e-9, 1 - 1e-9), heads, tails)


def some_tosses(rng):
    return (round(rng.uniform(0, 1), 2), *rng.integers(0, 9, 2).tolist())


def suspects(p):
    return 1730 * np.log(p) + 1270 * np.log(1 - p)


ELLS = np.array([suspects(0.5), suspects(0.6)])
WHOLE = logsumexp(ELLS) - np.log(2)
ORDERS = gammaln(3001) - gammaln(1731) - gammaln(1271)

CHECKS = {
    "images-nats": Exercise(
        asks="the log-likelihood of one image in nats, a number",
        reference=784 * np.log(0.5),
        why="The sum has a size that a double holds with ease, whatever "
        "becomes of the product.",
        mistakes=(
            (784 * np.log(2), "A log-probability is negative."),
            (-784, "That is in bits, by `log2`; nats are wanted."),
            (784 * np.log10(0.5), "That is with `log10`."),
            (np.log(0.5), "That is for one pixel; add them up."),
            (0.5**784, "That is the probability; take its logarithm."),
        ),
    ),
    "images-float32": Exercise(
        asks="the number of pixels that the product survives",
        reference=149,
        why="Not even a fifth of one image: this is why libraries add "
        "logarithms.",
        mistakes=(
            (150, "That is the first at which it is zero."),
            (148, "Entry 0 of a cumulative product is for one factor."),
            (1074, "That is in double precision."),
            (126, "Numbers below the smallest normal one still count."),
        ),
        rtol=0,
    ),
    "coin-loglik": Exercise(
        asks="your `loglik_coin(p, heads, tails)`, with `p` a number",
        reference=coin,
        why="−∞ where the data are impossible, never NaN: `<`, `>` and "
        "`==` with NaN are always false, and go wrong without a sound.",
        mistakes=(
            (
                plain,
                "0 · log 0 is NaN for the computer; what should it be?",
            ),
            (
                lambda p, heads, tails: (
                    xlogy(heads, p) + xlogy(tails, 1 - p)
                ),
                "Inside it is right; outside of 0 to 1 no p is possible.",
            ),
            (
                clipped,
                "That pushes p away from the edges: values change there, "
                "and what is impossible becomes possible.",
            ),
            (
                lambda p, heads, tails: np.nan_to_num(
                    plain(p, heads, tails)
                ),
                "`nan_to_num` makes a huge number of −∞, too, and of a p "
                "outside of 0 to 1 a zero.",
            ),
            (
                lambda p, heads, tails: coin(p, tails, heads),
                "Heads and tails have changed places.",
            ),
            (
                lambda p, heads, tails: np.exp(coin(p, heads, tails)),
                "That is the likelihood; its logarithm is wanted.",
            ),
        ),
        inputs=(
            *((0.5, 6, 0), (0.3, 2, 4), (1.0, 6, 0), (0.0, 0, 6)),
            *((1.0, 5, 1), (0.0, 1, 0), (-0.1, 6, 0), (1.1, 6, 0)),
            *((-0.1, 3, 2), (1.1, 3, 2)),
        ),
        draw=some_tosses,
    ),
    "suspects-log": Exercise(
        asks="the logarithm of the probability of the sequence, a number",
        reference=WHOLE,
        why="`logsumexp` takes out the larger term first; whatever is "
        "hidden in a model will bring this sum.",
        mistakes=(
            (logsumexp(ELLS), "Each kind has a probability of one half."),
            (
                ELLS.mean(),
                "That is the mean of the logarithms; the sum stands inside "
                "the logarithm and does not come apart.",
            ),
            (-np.inf, "Both likelihoods underflow: stay in logarithms."),
            (WHOLE / np.log(2), "That is in bits; nats are wanted."),
            (
                WHOLE + ORDERS,
                "That is for the number of heads, in any order; one "
                "sequence is wanted.",
            ),
        ),
        rtol=1e-9,
    ),
    "suspects-fair": Exercise(
        asks="the probability that the coin is fair",
        reference=np.exp(ELLS[0] - logsumexp(ELLS)),
        why="A difference of logarithms keeps what 0/0 has lost.",
        mistakes=(
            (np.nan, "0/0: both likelihoods underflow. Subtract logs."),
            (0.0, "Something underflowed to 0. Subtract logs, then `exp`."),
            (0.5, "That is before any toss; what do the tosses say?"),
            (1.0, "That is for the other coin."),
            (
                np.exp(ELLS[0] - WHOLE),
                "The half of drawing this coin is missing.",
            ),
            (
                ELLS[0] - logsumexp(ELLS),
                "That is its logarithm; take `exp` at the end.",
            ),
        ),
        atol=0,
    ),
}
