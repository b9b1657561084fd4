"""How sure a figure is: bootstrap intervals, and two runs compared on the questions they share.

Every figure here is a ratio of sums over questions, sum(top) / sum(bottom): a mean has 1 below for each question
that it is taken over and 0 for the others; refusal precision has what was refused below. So one resampling of
questions serves all figures at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Interval = tuple[float, float]

RESAMPLES = 1000
SEED = 0
_ROWS = 1_000_000
"""Counts drawn at a time: all the resamples of a large set would not fit in memory."""


def bootstrap_interval(
    values: Sequence[float], *, resamples: int = RESAMPLES, seed: int = SEED
) -> tuple[float, float] | None:
    """Return the 95 % interval of the mean by the bootstrap's percentile method (Efron, 1979).

    The 2.5th and 97.5th percentile of the means of `resamples` samples drawn with replacement; the same
    seed gives the same interval.
    """
    return ratio_interval(values, [1.0] * len(values), resamples=resamples, seed=seed)


def ratio_interval(
    top: Sequence[float], bottom: Sequence[float], *, resamples: int = RESAMPLES, seed: int = SEED
) -> Interval | None:
    """Return the 95 % interval of sum(top) / sum(bottom), whole questions being drawn; None where it is undefined.

    Samples in which nothing is below are left out.
    """
    return ratio_intervals([(top, bottom)], resamples=resamples, seed=seed)[0]


def ratio_intervals(
    ratios: Sequence[tuple[Sequence[float], Sequence[float]]], *, resamples: int = RESAMPLES, seed: int = SEED
) -> list[Interval | None]:
    """Return the 95 % interval of each ratio (top, bottom) over the same questions, all from the same samples."""
    if not ratios or not len(ratios[0][0]):
        return [None] * len(ratios)
    sums = _resampled(np.array(ratios, float).reshape(2 * len(ratios), -1), resamples, seed)
    found = [_interval(_ratio(sums[:, 2 * i], sums[:, 2 * i + 1])) for i in range(len(ratios))]
    return [_exact(*ratio) or interval for ratio, interval in zip(ratios, found, strict=True)]


def _exact(top: Sequence[float], bottom: Sequence[float]) -> Interval | None:
    """Return the 95 % interval of a share that is 0 or 1 on every question, for which every resample is alike.

    Of n questions that all went right a share of at least .025 ** (1 / n) is likely (Clopper and Pearson, 1934).
    """
    counted = sum(1 for below in bottom if below)
    likely = 0.025 ** (1 / counted) if counted else 0.0
    if counted and list(top) == list(bottom):
        return likely, 1.0
    return (0.0, 1 - likely) if counted and not any(top) else None


def statistic_interval(
    size: int, statistic: Callable[[NDArray[np.int64]], float | None], *, resamples: int = RESAMPLES, seed: int = SEED
) -> Interval | None:
    """Return the 95 % interval of any statistic of `size` questions, given the numbers of those drawn."""
    rng = np.random.default_rng(seed)
    found = [statistic(rng.integers(size, size=size)) for _ in range(resamples)] if size else []
    return _interval(np.array([value for value in found if value is not None], float))


def paired_interval(
    one: tuple[Sequence[float], Sequence[float]],
    other: tuple[Sequence[float], Sequence[float]],
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Interval | None:
    """Return the 95 % interval of how much larger the other run's ratio is, the same questions drawn for both.

    The paired bootstrap (Efron and Tibshirani, 1993; Berg-Kirkpatrick et al., 2012): what makes a question hard for
    both runs cancels out. Each run is given as (top, bottom), in the same order of questions.
    """
    if not sum(one[1]) or not sum(other[1]):
        return None
    sums = _resampled(np.array([*one, *other], float), resamples, seed)
    return _interval(_ratio(sums[:, 2], sums[:, 3]) - _ratio(sums[:, 0], sums[:, 1]))


def sign_test(better: int, worse: int) -> float:
    """Return the chance of so uneven a split, or a more uneven one, if better and worse were equally likely.

    The two-sided exact sign test, ties left out: 2 * P(X <= min(better, worse)), X ~ Binomial(better + worse, 1/2),
    at most 1 (Dixon and Mood, 1946).
    """
    n = better + worse
    tail = sum(math.comb(n, i) for i in range(min(better, worse) + 1))
    return min(1.0, 2 * tail / (1 << n))


def _resampled(rows: Floats, resamples: int, seed: int) -> Floats:
    """Return the sum of each row over each sample of its columns, shape (resamples, rows)."""
    rng, size = np.random.default_rng(seed), rows.shape[1]
    sums = np.empty((resamples, len(rows)))
    step = max(1, _ROWS // size)
    for begin in range(0, resamples, step):
        drawn = rng.integers(size, size=(min(step, resamples - begin), size))
        counts = np.stack([np.bincount(sample, minlength=size) for sample in drawn])
        sums[begin : begin + len(drawn)] = counts @ rows.T
    return sums


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom != 0)


def _interval(values: Floats) -> Interval | None:
    kept = values[~np.isnan(values)]
    if not kept.size:
        return None
    low, high = np.quantile(kept, (0.025, 0.975))
    return float(low), float(high)
