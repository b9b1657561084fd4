"""What a threshold means: of the questions of a run, which would be refused at it, and which let through.

A run knows the chance that it gave each question. What was refused for another reason, because no sentence held what
the draft said, is refused at every threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.runs import Record


@dataclass(frozen=True)
class Refusals:
    """How many of the answerable questions are refused at a threshold, and of the unanswerable ones answered."""

    threshold: float
    answerable: int
    refused: int
    unanswerable: int
    answered: int


def refusals(records: Sequence[Record], threshold: float, was: float) -> Refusals:
    """Return what a threshold makes of the questions of a run whose own threshold `was` that.

    A question that the run refused for its chance alone counts as answered below it: what the answer would have been
    is not known.
    """

    def refused(record: Record) -> bool:
        chance = record.scores["answerable"]
        return chance < threshold or (record.refused and chance >= was)

    answerable = [record for record in records if record.answerable]
    others = [record for record in records if not record.answerable]
    return Refusals(
        threshold, len(answerable), sum(map(refused, answerable)), len(others), sum(not refused(r) for r in others)
    )
