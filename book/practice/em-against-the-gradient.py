"""What `check` knows of the exercises on em-against-the-gradient."""

from mle_helpers.practice.checks import Exercise

CHECKS = {
    "nats-left": Exercise(
        asks="your function of the last gain `g` and the factor `c` of the "
        "gains",
        reference=lambda g, c: g * c / (1 - c),
        why="With c near 1 much is left when a round gains little.",
        mistakes=(
            (
                lambda g, c: g / (1 - c),
                "That counts the last gain again, which is already made.",
            ),
            (
                lambda g, c: g * c,
                "That is the next round's; many more follow.",
            ),
            (
                lambda g, c: g * c**2 / (1 - c**2),
                "The factor of the gains is already the square.",
            ),
            (lambda g, c: g, "The gains to come add up to a series."),
        ),
        inputs=((1e-5, 0.96), (0.01, 0.5), (2.0, 0.9)),
        draw=lambda rng: tuple(
            rng.uniform([0.001, 0.1], [1, 0.95]).round(3).tolist()
        ),
    ),
    "free-parameters": Exercise(
        asks="your function of `K` and `d` for full covariances",
        reference=lambda K, d: K - 1 + K * d + K * d * (d + 1) // 2,
        why="The covariances take the most as soon as d is large.",
        mistakes=(
            (
                lambda K, d: K + K * d + K * d * (d + 1) // 2,
                "The weights add up to 1; one of them is not free.",
            ),
            (
                lambda K, d: K - 1 + K * d + K * d * d,
                "A covariance is symmetric; half of it repeats.",
            ),
            (
                lambda K, d: K - 1 + 2 * K * d,
                "That is for diagonal covariances.",
            ),
            (
                lambda K, d: K - 1 + K * d + d * (d + 1) // 2,
                "That is one covariance for all; each has its own here.",
            ),
        ),
        inputs=((2, 2), (3, 2), (10, 40)),
        draw=lambda rng: (int(rng.integers(2, 9)), int(rng.integers(2, 9))),
    ),
}
