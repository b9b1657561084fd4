"""SQuAD 2.0 and XQuAD: the right paragraph found, the right sentence on top, an unanswerable question known as such.

A paragraph counts as one passage: passages of the same paragraph take up one rank.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.metrics import auroc, calibration_error, plain
from eval.retrieval.asking import Way, distinct
from eval.retrieval.corpora import Asked, Paragraphs
from eval.retrieval.libraries import Built, Within
from eval.retrieval.rows import Row, mean
from index.embed import Vectors
from index.library import Library
from rag.evidence import Evidence
from rag.show import Bar


@dataclass(frozen=True)
class Outcome:
    """What became of a question: the rank of its paragraph, and the chances open and with the paragraph given."""

    asked: Asked
    rank: int | None
    top: bool
    """Whether the top sentence is of the paragraph and holds the answer."""
    open: float
    given: float | None


@dataclass(frozen=True)
class Goals:
    """What must be reached, and what others or ours reached before."""

    first: float | None = None
    five: float | None = None
    top: float | None = None
    open: float | None = None
    given: float | None = None


def ask_all(
    paragraphs: Paragraphs, built: Built, vectors: dict[str, Vectors], way: Way, *, given: bool
) -> list[Outcome]:
    """Ask every question of the whole library, and, if `given`, of its paragraph alone."""
    outcomes = []
    alone = {key: Within(built.library, home) for key, home in built.homes.items()} if given else {}
    with Bar(f"Asking {paragraphs.name}") as bar:
        for number, asked in enumerate(paragraphs.questions, start=1):
            outcomes.append(_ask(asked, built, vectors[asked.question], way, alone.get(asked.key)))
            bar.update(number, len(paragraphs.questions), asked.question)
    return outcomes


def _ask(asked: Asked, built: Built, vector: Vectors, way: Way, alone: Library | None) -> Outcome:
    home = built.homes.get(asked.key, "")
    evidence = way.evidence(asked.question, vector, built.library)
    found = distinct(c.hit.document for c in evidence.passages)
    given = way.evidence(asked.question, vector, alone).answerable if alone else None
    rank = found.index(home) + 1 if home in found else None
    return Outcome(asked, rank, holds_answer(evidence, home, asked.answers), evidence.answerable, given)


def holds_answer(evidence: Evidence, home: str, answers: Sequence[str]) -> bool:
    """Say whether the best sentence is of the right text and has an answer in it."""
    top = next(iter(evidence.sentences), None)
    if top is None or top.document != home:
        return False
    text = plain(top.text).lower()
    return any(plain(answer).lower() in text for answer in answers)


def rows(on: str, outcomes: Sequence[Outcome], goals: Goals, baselines: Goals | None = None) -> list[Row]:
    """Return the figures; what is not answered counts only where answered and not are told apart."""
    base = baselines or Goals()
    answered = [o for o in outcomes if o.asked.answered]
    found = [
        Row(on, "right paragraph first", _at(answered, 1), len(answered), goals.first, baseline=_said(base.first)),
        Row(on, "right paragraph in five", _at(answered, 5), len(answered), goals.five, baseline=_said(base.five)),
        Row(
            on, "top sentence holds the answer", mean([float(o.top) for o in answered]), len(answered), goals.top,
            baseline=_said(base.top),
        ),
    ]  # fmt: skip
    if len(answered) == len(outcomes):
        return found
    true = [o.asked.answered for o in outcomes]
    given = [o.given for o in outcomes if o.given is not None]
    if len(given) == len(outcomes):
        found.append(Row(on, "answerable, AUROC, paragraph given", auroc(given, true), len(true), goals.given))
    chances = [o.open for o in outcomes]
    return [
        *found,
        Row(on, "answerable, AUROC, open", auroc(chances, true), len(true), goals.open, baseline=_said(base.open)),
        Row(on, "calibration error, open", calibration_error(chances, true), len(true), low=True),
    ]


def lexical(paragraphs: Paragraphs, built: Built, *, goal: float | None) -> Row:
    """Return how often the lexical index alone finds the right paragraph among five."""
    hits = []
    with Bar(f"Searching {paragraphs.name}") as bar:
        for number, asked in enumerate(paragraphs.questions, start=1):
            # A paragraph may be several passages: enough for five paragraphs are taken.
            ranked = built.library.lexical(asked.question, 30)
            owners = built.owners
            found = distinct(owners[identity] for identity, _ in ranked)
            hits.append(float(built.homes.get(asked.key) in found[:5]))
            bar.update(number, len(paragraphs.questions), asked.question)
    return Row(paragraphs.name, "lexical alone: right paragraph in five", mean(hits), len(hits), goal)


def _at(outcomes: Sequence[Outcome], k: int) -> float | None:
    return mean([float(o.rank is not None and o.rank <= k) for o in outcomes])


def _said(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}".rstrip("0")
