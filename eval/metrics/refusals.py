"""Whether the right questions are refused, and how far the chance of an answer can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


def refusal_precision(refused: Sequence[bool], should: Sequence[bool]) -> float | None:
    """Return the share of refusals that were right: |refused and should| / |refused|."""
    right = sum(r and s for r, s in zip(refused, should, strict=True))
    return right / sum(refused) if any(refused) else None


def refusal_recall(refused: Sequence[bool], should: Sequence[bool]) -> float | None:
    """Return the share of questions to refuse that were refused: |refused and should| / |should|."""
    return refusal_precision(should, refused)


def refusal_f1(refused: Sequence[bool], should: Sequence[bool]) -> float | None:
    """Return the harmonic mean of precision and recall: 2 |refused and should| / (|refused| + |should|)."""
    right = sum(r and s for r, s in zip(refused, should, strict=True))
    size = sum(refused) + sum(should)
    return 2 * right / size if size else None


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float | None:
    """Return the chance that a positive has a higher score than a negative, a tie counting half.

    The area under the ROC curve as the Mann-Whitney statistic U / (n+ n-) (Hanley and McNeil, 1982).
    """
    given, is_positive = np.asarray(scores, float), np.asarray(positive, bool)
    high, low = given[is_positive], given[~is_positive]
    if not high.size or not low.size:
        return None
    low.sort()
    below, not_above = np.searchsorted(low, high, "left"), np.searchsorted(low, high, "right")
    return float((below + not_above).sum() / (2 * high.size * low.size))


class Bin(NamedTuple):
    """The forecasts from `low` up to `high`: how many, their mean chance, and the share that came true."""

    low: float
    high: float
    n: int
    chance: float
    share: float


def reliability(chances: Sequence[float], happened: Sequence[bool], bins: int = 10) -> list[Bin]:
    """Return the reliability diagram: forecasts in bins of equal width, those without any left out.

    A bin holds low <= chance < high, the last one also 1 (Murphy and Winkler, 1977; DeGroot and Fienberg, 1983).
    """
    given, came = np.asarray(chances, float), np.asarray(happened, float)
    if given.size and not (given.min() >= 0 and given.max() <= 1):
        raise ValueError(f"the chances are from {given.min()} to {given.max()}; expected 0 to 1")
    place = np.minimum((given * bins).astype(int), bins - 1)
    counts = np.bincount(place, minlength=bins)
    chance, share = (np.bincount(place, weights=w, minlength=bins) / np.maximum(counts, 1) for w in (given, came))
    return [
        Bin(i / bins, (i + 1) / bins, int(counts[i]), float(chance[i]), float(share[i])) for i in np.flatnonzero(counts)
    ]


def calibration_error(chances: Sequence[float], happened: Sequence[bool], bins: int = 10) -> float | None:
    """Return the expected calibration error: sum over bins of n(bin) / n * |share that came true - mean chance|.

    Naeini et al. (2015), Guo et al. (2017); ten bins of equal width.
    """
    if not len(chances):
        return None
    found = reliability(chances, happened, bins)
    return sum(b.n * abs(b.share - b.chance) for b in found) / len(chances)


def risk_coverage(confidence: Sequence[float], right: Sequence[float]) -> list[tuple[float, float]]:
    """Return (coverage, risk) as more and more answers are let through, the surest first.

    Coverage is the share of answers let through, risk the mean of 1 - right over them (El-Yaniv and Wiener, 2010;
    Geifman and El-Yaniv, 2017). Answers of equal confidence come together, so the curve hangs on no order.
    """
    sure, wrong = np.asarray(confidence, float), 1 - np.asarray(right, float)
    order = np.argsort(-sure, kind="stable")
    n = np.arange(1, sure.size + 1)
    risks = np.cumsum(wrong[order]) / n
    last_of_its_kind = np.append(np.diff(sure[order]) != 0, True)[: sure.size]
    return [(float(n[i] / sure.size), float(risks[i])) for i in np.flatnonzero(last_of_its_kind)]


def risk_area(confidence: Sequence[float], right: Sequence[float]) -> float | None:
    """Return the area under the risk-coverage curve, AURC: the mean risk over all coverages 1/n to 1.

    Geifman, Uziel and El-Yaniv (2019). Within answers of equal confidence each counts with the risk at their end.
    """
    curve = risk_coverage(confidence, right)
    area = before = 0.0
    for coverage, risk in curve:
        area += (coverage - before) * risk
        before = coverage
    return area if curve else None
