"""What `check` knows of the exercises on the page lifetimes."""

import numpy as np

from mle_helpers.practice.checks import Exercise


def bench(t, n):
    return (np.sum(t) + (n - len(t)) * np.max(t)) / len(t)


def visits(lam, a, c):
    return -lam * a + np.log(-np.expm1(-lam * (c - a)))


def visits_by_density(lam, a, c):
    return np.log(lam) - lam * np.where(np.isfinite(c), c, a)


def first_of_pair(a, b):
    return np.log(a / b), np.sqrt(1 / a + 1 / b)


def left_out(lam, c):
    return 1 / (1 / lam - c / np.expm1(lam * c))


def some_failures(rng):
    t = np.sort(rng.uniform(10, 900, 4)).round()
    return t, int(rng.integers(5, 30))


def some_visits(rng):
    a = 4.0 * rng.integers(0, 9, 5)
    c = a + 4
    c[rng.random(5) < 0.4] = np.inf
    return round(rng.uniform(0.02, 0.4), 3), a, c


A, C = np.array([0.0, 4.0, 12.0]), np.array([4.0, 8.0, np.inf])

CHECKS = {
    "lamps-mean": Exercise(
        asks="your function of the failure times `t` (an array) and the "
        "number of lamps `n` that gives the estimated mean lifetime",
        reference=bench,
        why="Hours under watch over failures, whatever rule ended the "
        "watch.",
        mistakes=(
            (
                lambda t, n: np.mean(t),
                "That leaves out the lamps which were still burning.",
            ),
            (
                lambda t, n: (np.sum(t) + (n - len(t)) * np.max(t)) / n,
                "The burning ones have no lifetime yet; divide by the "
                "number of failures.",
            ),
            (
                lambda t, n: 1 / bench(t, n),
                "That is the rate; the mean is its inverse.",
            ),
            (
                lambda t, n: n * np.max(t) / len(t),
                "The lamps that failed did not burn to the end.",
            ),
        ),
        inputs=(
            (np.array([120.0, 410.0, 530.0]), 10),
            (np.array([3.0, 9.0]), 4),
        ),
        draw=some_failures,
    ),
    "visits-loglik": Exercise(
        asks="your function of the rate `lam` and the arrays `a` and `c` "
        "that gives one log-likelihood for each patient",
        reference=visits,
        why="Whatever is known of a time, it counts for the probability "
        "of just that.",
        mistakes=(
            (
                visits_by_density,
                "That takes the visit for the time of the relapse.",
            ),
            (
                lambda lam, a, c: -lam * a,
                "S(a) says only that it was later than a; it was before "
                "c, too.",
            ),
            (
                lambda lam, a, c: np.exp(-lam * a) - np.exp(-lam * c),
                "That is the likelihood; take its logarithm.",
            ),
            (
                lambda lam, a, c: np.sum(visits(lam, a, c)),
                "One number for each patient is wanted, not their sum.",
            ),
            (
                lambda lam, a, c: np.log(-np.expm1(-lam * c)),
                "P(T ≤ c) forgets that the patient was still well at a.",
            ),
        ),
        inputs=((0.1, A, C), (0.03, A, C)),
        draw=some_visits,
        rtol=1e-6,
        atol=1e-9,
    ),
    "first-of-pair": Exercise(
        asks="your function of the numbers of pairs `a`, in which placebo "
        "was first, and `b`, in which the drug was, that gives the "
        "estimate of log ρ and its standard error",
        reference=first_of_pair,
        why="A coin for each pair: no shape is needed, and pairs may "
        "differ as they like.",
        mistakes=(
            (
                lambda a, b: (a / b, np.sqrt(1 / a + 1 / b)),
                "That is ρ; its logarithm is wanted.",
            ),
            (
                lambda a, b: (np.log(a / (a + b)), np.sqrt(1 / a + 1 / b)),
                "p = ρ/(1 + ρ); solve for ρ.",
            ),
            (
                lambda a, b: (-np.log(a / b), np.sqrt(1 / a + 1 / b)),
                "Placebo first speaks for a ratio above 1.",
            ),
            (
                lambda a, b: (np.log(a / b), np.sqrt(a * b / (a + b) ** 3)),
                "That is the error of p, not of log ρ.",
            ),
            (
                lambda a, b: (np.log(a / b), 1 / a + 1 / b),
                "That is the variance; its root is wanted.",
            ),
            (
                lambda a, b: (np.log(a / b), np.sqrt(1 / (a + b))),
                "J is n p(1 − p) for the log-odds; you left out p(1 − p).",
            ),
        ),
        inputs=((18, 3), (10, 9)),
        draw=lambda rng: tuple(int(k) for k in rng.integers(1, 60, 2)),
    ),
    "left-out": Exercise(
        asks="your function of `lam` and `c` that gives the limit of the "
        "wrong estimate",
        reference=left_out,
        why="For a short watch it only says how long you watched.",
        mistakes=(
            (
                lambda lam, c: 1 / left_out(lam, c),
                "That is the mean of the rest; the estimate is its "
                "inverse.",
            ),
            (
                lambda lam, c: lam / (1 - (1 + lam * c) * np.exp(-lam * c)),
                "Divide by P(T ≤ c): the mean is taken over the rest "
                "alone.",
            ),
            (
                lambda lam, c: lam / -np.expm1(-lam * c),
                "That is the mean min(T, c), of all patients, turned "
                "round: the censored are still in it.",
            ),
            (lambda lam, c: 2 / c, "That is the limit for a short watch."),
        ),
        inputs=((0.05, 20.0), (0.3, 5.0)),
        draw=lambda rng: (
            round(rng.uniform(0.02, 0.5), 3),
            round(rng.uniform(2, 40), 1),
        ),
    ),
}
