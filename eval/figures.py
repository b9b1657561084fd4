"""The figures of a run: each metric over its questions, with a 95 % interval.

Most are ratios of sums over questions (`eval.ratios`); here are those that are not, and how all are made of records.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval import metrics
from eval.metrics import Bin
from eval.ratios import HEADLINE, RATIOS, SPENT, Better, Figure, Ratio, Unit, refused, shown, traced
from eval.runs import Record
from eval.statistics import Floats, ratio_intervals, statistic_interval

__all__ = [
    "CONFIDENCE",
    "HEADLINE",
    "PERCENTILES",
    "RATIOS",
    "SPENT",
    "Better",
    "Figure",
    "Ratio",
    "Unit",
    "by_document",
    "by_type",
    "curve",
    "figures",
    "reliability_of",
    "shown",
]

PERCENTILES = (50, 95, 99)


def figures(records: Sequence[Record]) -> tuple[Figure, ...]:
    """Return the metrics over these records."""
    made = _ratios(RATIOS, records)
    kept = [figure for figure in made if figure.group != "judge" or figure.n]
    spent = [figure for figure in _ratios(SPENT, records) if figure.n]
    sure = [statistic.figure(records) for statistic in CONFIDENCE]
    return (*kept, *sure, *_latency(records), *_stages(records), *spent)


def by_type(records: Sequence[Record]) -> dict[str, tuple[Figure, ...]]:
    """Return the headline figures for each type of question, in order of appearance."""
    return _grouped(records, lambda record: [record.type])


def by_document(records: Sequence[Record]) -> dict[str, tuple[Figure, ...]]:
    """Return the headline figures for each document that holds evidence, as the set calls it, sorted."""
    return dict(sorted(_grouped(records, lambda record: [gold.doc for gold in record.evidence]).items()))


def _grouped(records: Sequence[Record], groups: Callable[[Record], Sequence[str]]) -> dict[str, tuple[Figure, ...]]:
    chosen = [ratio for ratio in RATIOS if ratio.key in HEADLINE]
    found: dict[str, list[Record]] = {}
    for record in records:
        for group in dict.fromkeys(groups(record)):
            found.setdefault(group, []).append(record)
    return {group: tuple(_ratios(chosen, members)) for group, members in found.items()}


def _ratios(ratios: Sequence[Ratio], records: Sequence[Record]) -> list[Figure]:
    intervals = ratio_intervals([ratio.terms(records) for ratio in ratios])
    return [ratio.figure(records, interval) for ratio, interval in zip(ratios, intervals, strict=True)]


def curve(records: Sequence[Record]) -> list[tuple[float, float]]:
    """Return the risk-coverage curve of the questions that were answered and can be judged."""
    judged = [record for record in records if _judged(record)]
    return metrics.risk_coverage([r.scores["answerable"] for r in judged], [r.scores["right"] for r in judged])


def reliability_of(records: Sequence[Record]) -> list[Bin]:
    """Return the reliability diagram of the chance that the documents answer."""
    return metrics.reliability(*_chances(records))


def _chances(records: Sequence[Record]) -> tuple[list[float], list[bool]]:
    return [record.scores["answerable"] for record in records], [record.answerable for record in records]


def _judged(record: Record) -> bool:
    return "right" in record.scores and not refused(record)


@dataclass(frozen=True)
class Statistic:
    """A figure that is no ratio of sums: of the chances given to the questions it is `over`, and of what `came`."""

    key: str
    label: str
    meaning: str
    better: Better
    of: Callable[..., float | None]
    over: Callable[[Record], bool]
    came: Callable[[Record], float]

    def columns(self, records: Sequence[Record]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Return the chance, what came, and whether the question counts, for each record."""
        over = np.array([self.over(record) for record in records], bool)
        given = np.array([record.scores["answerable"] for record in records], float)
        return given, np.array([self.came(r) if o else 0.0 for r, o in zip(records, over, strict=True)], float), over

    def figure(self, records: Sequence[Record]) -> Figure:
        """Return the statistic of these records, with its interval."""
        given, came, over = self.columns(records)
        given, came = given[over], came[over]
        interval = statistic_interval(given.size, lambda drawn: self.of(given[drawn], came[drawn]))
        value = self.of(given, came) if given.size else None
        return Figure(
            self.key, self.label, self.meaning, value, given.size, interval, "share", "confidence", self.better
        )


CONFIDENCE = (
    Statistic(
        "answerable_auroc",
        "Answerable AUROC",
        "answerable higher; luck .5",
        "higher",
        metrics.auroc,
        lambda _: True,
        lambda r: float(r.answerable),
    ),
    Statistic(
        "calibration_error",
        "Calibration error",
        "chance against share",
        "lower",
        metrics.calibration_error,
        lambda _: True,
        lambda r: float(r.answerable),
    ),
    Statistic(
        "risk_coverage_area",
        "Risk-coverage area",
        "mean risk, surest first",
        "lower",
        metrics.risk_area,
        _judged,
        lambda r: r.scores["right"],
    ),
)
"""The figures that say how far the chance of an answer can be trusted."""


def _latency(records: Sequence[Record]) -> list[Figure]:
    seconds = [record.seconds for record in records]
    return [
        _percentile(f"latency_p{p}", f"Latency p{p}", f"{p} % take at most this", seconds, p, "seconds")
        for p in PERCENTILES
    ]


def _stages(records: Sequence[Record]) -> list[Figure]:
    """Return the percentiles of every stage that the traces name, each over the answers that went through it."""
    times: dict[str, list[float]] = {}
    # The longest trace first: a refusal lacks the stages in the middle.
    for timings in sorted((traced(record, "timings_ms") for record in records), key=len, reverse=True):
        for stage, ms in timings.items():
            times.setdefault(stage, []).append(float(ms))
    return [
        _percentile(f"ms_{stage}_p{p}", f"{stage.capitalize()} p{p}", f"stage {stage}, {p} %", found, p, "ms")
        for stage, found in times.items()
        for p in PERCENTILES
    ]


def _percentile(key: str, label: str, meaning: str, values: Sequence[float], percent: int, unit: Unit) -> Figure:
    value = metrics.percentile(values, percent)
    return Figure(key, label, meaning, value, len(values), None, unit, "cost", "lower")
