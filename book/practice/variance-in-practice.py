"""What `check` knows of the exercises on the page variance-in-practice."""

import numpy as np

from mle_helpers.practice.checks import Exercise


def add(triple, x):
    n, mean, S = triple
    delta = x - mean
    return n + 1, mean + delta / (n + 1), S + delta**2 * n / (n + 1)


def add_with(scatter):
    """`add` with another S, of the old triple, x and the new mean."""

    def wrong(triple, x):
        n, mean, _ = add(triple, x)
        return n, mean, scatter(*triple, x, mean)

    return wrong


def old_count(triple, x):
    n, mean, S = triple
    return n + 1, mean + (x - mean) / n, S + (x - mean) ** 2 * (n - 1) / n


def remove(total, part, cross=1):
    (n, mean, S), (n_b, mean_b, S_b) = total, part
    n_a = n - n_b
    mean_a = (n * mean - n_b * mean_b) / n_a
    gap = mean_b - mean_a
    return n_a, mean_a, S - S_b - cross * gap**2 * n_a * n_b / n


def gap_to_the_whole(total, part):
    (n, mean, S), (n_b, mean_b, S_b) = total, part
    n_a, mean_a, _ = remove(total, part)
    return n_a, mean_a, S - S_b - (mean_b - mean) ** 2 * n_a * n_b / n


def summarised(x):
    return len(x), x.mean(), np.sum((x - x.mean()) ** 2)


def some_triple(rng):
    x = rng.normal(5, 2, int(rng.integers(2, 9))).round(1)
    return summarised(x), round(rng.normal(5, 4), 1)


def some_parts(rng):
    x = rng.normal(5, 2, int(rng.integers(4, 9))).round(1)
    return summarised(x), summarised(x[:2])


def some_runs(rng):
    runs = rng.normal(0, 1, rng.integers(2, 6, 2))
    return ((runs + np.arange(len(runs))[:, None]).round(1),)


RUNS = np.array([[1.0, 3.0, 2.0], [10.0, 14.0, 12.0]])

CHECKS = {
    "welford-add": Exercise(
        asks="your `add(triple, x)`",
        reference=add,
        why="This is Welford's formula: one pass, three numbers in memory, "
        "and nothing large is subtracted from something large.",
        mistakes=(
            (
                add_with(lambda n, old, S, x, new: S + (x - old) ** 2),
                "S grows by too much: part of the distance goes because "
                "the mean moves towards x.",
            ),
            (
                add_with(lambda n, old, S, x, new: S + (x - new) ** 2),
                "S grows by too little: the old numbers are now further "
                "from the mean, too.",
            ),
            (
                old_count,
                "Count x before you divide: which n stands below?",
            ),
            (
                add_with(
                    lambda n, old, S, x, new: (
                        (S + (x - old) * (x - new)) / (n + 1)
                    )
                ),
                "The third entry is S itself, not divided by n.",
            ),
            (
                lambda triple, x: add(triple, x)[1:],
                "Give all three back: n, mean and S.",
            ),
        ),
        inputs=(((1, 2.0, 0.0), 4.0), ((3, 2.0, 6.0), 6.0)),
        draw=some_triple,
        atol=1e-9,
    ),
    "triples-remove": Exercise(
        asks="your `remove(total, part)`",
        reference=remove,
        why="Summaries can be taken apart again, but by subtraction: "
        "where the part holds nearly all of S, digits are lost.",
        mistakes=(
            (
                lambda total, part: remove(total, part, cross=0),
                "The distance between the two means was in S, too.",
            ),
            (
                lambda total, part: remove(total, part, cross=-1),
                "What merging adds, removing takes away: a sign in S.",
            ),
            (
                gap_to_the_whole,
                "δ is the distance between the two parts' means; you took "
                "it from the mean of all.",
            ),
            (
                lambda total, part: tuple(np.subtract(total, part)),
                "n subtracts; a mean and S do not.",
            ),
        ),
        inputs=(
            ((5, 3.0, 20.0), (2, 2.0, 2.0)),
            (summarised(RUNS.ravel()), summarised(RUNS[0])),
        ),
        draw=some_parts,
        atol=1e-9,
    ),
    "groups-sigma": Exercise(
        asks="your function of the array `runs`, a row for each group, "
        "that gives σ̂",
        reference=lambda runs: np.sqrt(np.mean(runs.var(axis=1))),
        why="Differences between groups no longer count as scatter; but "
        "each group costs a mean, however many groups there are.",
        mistakes=(
            (
                lambda runs: np.std(runs),
                "That takes one mean for all; each group has its own.",
            ),
            (
                lambda runs: np.sqrt(np.mean(runs.var(axis=0))),
                "That is along the wrong axis: groups are the rows.",
            ),
            (
                lambda runs: np.mean(runs.var(axis=1)),
                "That is σ̂²; the root is missing.",
            ),
            (
                lambda runs: np.mean(runs.std(axis=1)),
                "That is the mean of the standard deviations; the S of the "
                "groups add up, before the root.",
            ),
            (
                lambda runs: np.sqrt(np.mean(runs.var(axis=1, ddof=1))),
                "That divides by r − 1, which mends the bias; maximum "
                "likelihood divides by the number of observations.",
            ),
        ),
        inputs=((RUNS,), (np.array([[0.0, 2.0], [5.0, 6.0], [9.0, 9.0]]),)),
        draw=some_runs,
    ),
}
