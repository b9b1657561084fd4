"""A set of questions of one's own with its documents: all evidence found, and known when there is none.

The path is the assistant's own up to the evidence; who writes the answer does not matter here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.formats import Item, QuestionSet
from eval.metrics import (
    Span,
    all_at,
    auroc,
    calibration_error,
    evidence_rank,
    overlap_rank,
    refusal_f1,
    refusal_precision,
    refusal_recall,
    risk_area,
)
from eval.placing import Missing, Placed, Places
from eval.retrieval.asking import Way
from eval.retrieval.corpora import CorpusError
from eval.retrieval.rows import Row, mean
from eval.set_library import library_for
from index.library import Library
from rag.settings import Settings
from rag.show import Bar

CUTOFFS = (1, 5, 10)


@dataclass(frozen=True)
class Outcome:
    """What became of a question: where each piece of its evidence was found, and the chance that it is answered."""

    item: Item
    ranks: tuple[int | None, ...]
    chance: float
    refused: bool

    @property
    def right(self) -> bool:
        """Say whether an answer could be right: there is one, and all its evidence is in the ten passages shown."""
        return self.item.answerable and all_at(10, self.ranks) != 0


def build(name: str, documents: Path, settings: Settings) -> Library:
    """Return the library of the documents, built when it is not there."""
    problems: list[str] = []
    with Bar(f"Reading {name}") as bar:
        given = QuestionSet(name, (), paths=(documents,))
        library = library_for(given, settings, progress=bar.update, tell=problems.append)
    if problems:
        raise CorpusError(f"{name}: {len(problems)} documents could not be read; the first: {problems[0]}")
    return library


def ask_all(questions: QuestionSet, library: Library, way: Way) -> list[Outcome]:
    """Ask every question of the set."""
    places = Places(library)
    outcomes = []
    with Bar(f"Asking {questions.name}") as bar:
        for number, item in enumerate(questions.items, start=1):
            outcomes.append(_ask(item, library, places, way))
            bar.update(number, len(questions.items), item.question)
    return outcomes


def _ask(item: Item, library: Library, places: Places, way: Way) -> Outcome:
    evidence = way.evidence(item.question, library.embedder.encode_query(item.question), library)
    found = [Span(c.hit.document, c.hit.start, c.hit.end) for c in evidence.passages]
    ranks = tuple(_rank(places.place(gold), found, places) for gold in item.evidence)
    return Outcome(item, ranks, evidence.answerable, evidence.answerable < way.settings.refuse_below)


def _rank(gold: Placed | Missing, found: Sequence[Span], places: Places) -> int | None:
    """Return how many passages it takes; evidence that stands nowhere is never found, so losing text raises nothing."""
    if isinstance(gold, Missing):
        return None
    if gold.whole:
        return overlap_rank(gold.span, found)
    return evidence_rank(gold.span, found, places.document(gold.span.document).text)


def rows(on: str, outcomes: Sequence[Outcome], *, marked: bool) -> list[Row]:
    """Return the figures; `marked` puts the marks that they are held to beside them."""
    goals = {1: 0.45, 5: 0.75, 10: 0.85} if marked else {}
    base = {1: "0.26", 5: "0.57", 10: "0.66"} if marked else {}
    ranks = [o.ranks for o in outcomes if o.item.answerable and o.ranks]
    refused = [o.refused for o in outcomes]
    should = [not o.item.answerable for o in outcomes]
    chances = [o.chance for o in outcomes]
    answerable = [o.item.answerable for o in outcomes]
    right = [float(o.right) for o in outcomes]
    count = len(outcomes)
    return [
        *(
            Row(
                on, f"all evidence in {k} passage{'s' * (k > 1)}", mean([all_at(k, r) or 0.0 for r in ranks]),
                len(ranks), goals.get(k), baseline=base.get(k, ""),
            )
            for k in CUTOFFS
        ),
        Row(on, "refusals that are right", refusal_precision(refused, should), sum(refused)),
        Row(on, "refusals that are made", refusal_recall(refused, should), sum(should)),
        Row(on, "refusal F1", refusal_f1(refused, should), count, 0.7 if marked else None),
        Row(
            on, "answerable, AUROC", auroc(chances, answerable), count, 0.8 if marked else None,
            baseline="0.43; 0.63" if marked else "",
        ),
        Row(on, "calibration error", calibration_error(chances, answerable), count, low=True),
        Row(on, "area under risk and coverage", risk_area(chances, right), count, low=True),
    ]  # fmt: skip
