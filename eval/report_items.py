"""Lay out what a report shows of each question: what was expected, what came, and what they have to do with each other.

Nothing is scored here: whether an answer is right, and why, was said when it was scored. The texts are plain; who puts
them on a page or into Markdown escapes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from eval import metrics
from eval.metrics import Span
from eval.runs import Gold, Record, Run
from index.sentences import sentences

PREVIEW = 260
"""Characters shown of a passage that was found; the run file has all of them."""


class Outcome(StrEnum):
    """What became of a question; the values are also the classes of the page's CSS."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    UNJUDGED = "unjudged"

    @property
    def label(self) -> str:
        """What a reader calls it."""
        return {"partly": "Partly right", "unjudged": "Not judged"}.get(self.value, self.value.capitalize())


@dataclass(frozen=True)
class Place:
    """A stretch of a document, with the sentence before and after it where they are known.

    `known` says that it is, or overlaps, evidence of the set.
    """

    number: int | None
    title: str
    about: str
    before: str
    quote: str
    after: str
    known: bool = False


@dataclass(frozen=True)
class Fact:
    """What an answer must have, in any of these words, and whether it has."""

    wanted: tuple[str, ...]
    found: bool


@dataclass(frozen=True)
class Known:
    """Evidence of the set: where it stands, and what retrieval and the answer made of it."""

    title: str
    quote: str
    found: str
    cited: bool


@dataclass(frozen=True)
class Hit:
    """A passage that was found: its scores and ranks in words, and whether it holds evidence of the set."""

    title: str
    scores: str
    text: str
    known: bool


@dataclass(frozen=True)
class ItemView:
    """A question as a report shows it. `documents` are the ids of those that hold evidence or are cited."""

    index: int
    record: Record
    outcome: Outcome
    refused: bool
    documents: tuple[str, ...]
    facts: tuple[Fact, ...]
    said: str
    sentences: tuple[tuple[str, str, tuple[int, ...]], ...]
    citations: tuple[Place, ...]
    known: tuple[Known, ...]
    nearest: tuple[Place, ...]
    dropped: tuple[tuple[str, str], ...]
    hits: tuple[Hit, ...]
    trace: Mapping[str, str]
    confidence: float


def outcome(record: Record) -> Outcome:
    """Return whether a question went right, in part (some of the expected facts are there), or wrong."""
    if "right" not in record.scores:
        return Outcome.UNJUDGED
    if record.scores["right"] > 0:
        return Outcome.RIGHT
    return Outcome.PARTLY if record.scores.get("facts", 0) > 0 else Outcome.WRONG


def document_titles(run: Run) -> dict[str, str]:
    """Return what to call each document of the run's library, by id: its title, or its file's name."""
    listed = run.library.get("documents", ())
    return {d["id"]: d.get("title") or d.get("name") or d["id"] for d in listed}


def items(run: Run) -> list[ItemView]:
    """Return every question of a run, in the order of the set."""
    titles = document_titles(run)
    return [_item(index, record, titles) for index, record in enumerate(run.records, start=1)]


def _item(index: int, record: Record, titles: Mapping[str, str]) -> ItemView:
    answer = record.answer
    cited = [] if record.refused else answer.get("citations", [])
    found = _trace(answer).get("retrieved", [])
    gold = [e for e in record.evidence if e.document]
    said = "" if record.refused else answer.get("answer", "")
    contexts = record.contexts if len(record.contexts) == len(cited) else [("", "")] * len(cited)
    return ItemView(
        index=index,
        record=record,
        outcome=outcome(record),
        refused=record.refused,
        documents=tuple(dict.fromkeys([*(e.document or "" for e in gold), *(c["document"] for c in cited)])),
        facts=tuple(Fact(tuple(group), metrics.facts_found(said, [group]) == 1) for group in record.must_include),
        said=answer.get("answer", ""),
        sentences=tuple(
            (s["text"], "" if s["verdict"] == "supported" else s["verdict"], tuple(s["citations"]))
            for s in answer.get("sentences", [])
        ),
        citations=tuple(_place(c, gold, context) for c, context in zip(cited, contexts, strict=True)),
        known=tuple(_known(e, found, cited, titles) for e in record.evidence),
        nearest=tuple(_place(n, gold, ("", "")) for n in answer.get("nearest", [])),
        dropped=tuple((d["text"], d["why"]) for d in answer.get("dropped", [])),
        hits=tuple(_hit(p, gold, titles) for p in found),
        trace=_facts(record),
        confidence=record.scores.get("answerable", 0.0),
    )


def _trace(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    trace: Mapping[str, Any] = answer.get("trace", {})
    return trace


def _span(place: Mapping[str, Any]) -> Span:
    return Span(place["document"], place["start"], place["end"])


def _is_known(place: Mapping[str, Any], gold: Sequence[Gold]) -> bool:
    return any(metrics.overlaps(_span(place), Span(e.document or "", e.start, e.end)) for e in gold)


def _place(place: Mapping[str, Any], gold: Sequence[Gold], context: Sequence[str]) -> Place:
    name = _file_name(place.get("source", ""))
    page = place.get("page") and f"p. {place['page']}"
    about = ", ".join(str(part) for part in (place.get("author"), place.get("date"), page, name) if part)
    return Place(
        number=place.get("id"),
        title=place.get("title") or name,
        about=about,
        before=_before(context[0]),
        quote=place["quote"],
        after=_after(context[1]),
        known=_is_known(place, gold),
    )


def _before(text: str) -> str:
    """Return the last sentence of the text before a quote."""
    cut = sentences(text)
    last = text[cut[-1].start : cut[-1].end] if cut else ""
    return f"… {last}" if last[:1].islower() else last


def _after(text: str) -> str:
    """Return the first sentence of the text after a quote."""
    cut = sentences(text)
    first = text[cut[0].start : cut[0].end] if cut else ""
    return f"{first} …" if first[-1:].isalnum() else first


def _file_name(source: str) -> str:
    return PurePosixPath(source.replace("\\", "/")).name


def _known(
    evidence: Gold,
    found: Sequence[Mapping[str, Any]],
    cited: Sequence[Mapping[str, Any]],
    titles: Mapping[str, str],
) -> Known:
    title = titles.get(evidence.document or "", evidence.doc)
    quote = evidence.quote or "(all of it)"
    if not evidence.document:
        return Known(title, quote, evidence.problem, cited=False)
    span = Span(evidence.document, evidence.start, evidence.end)
    first = next((rank for rank, p in enumerate(found, start=1) if metrics.overlaps(_span(p), span)), None)
    where = f"in passage {first} of those found" if first else f"in none of the {len(found)} passages found"
    return Known(title, quote, where, any(metrics.overlaps(_span(c), span) for c in cited))


def _hit(passage: Mapping[str, Any], gold: Sequence[Gold], titles: Mapping[str, str]) -> Hit:
    scores = [f"score {passage['score']:.2f}"]
    scores += [f"{name} {rank}" for name, rank in passage.get("ranks", {}).items()]
    if passage.get("evidence") is not None:
        scores.append(f"evidence {passage['evidence']:.2f}")
    text = " ".join(passage["text"].split())
    return Hit(
        title=titles.get(passage["document"], passage["document"][:8]),
        scores=", ".join(scores),
        text=text if len(text) <= PREVIEW else text[:PREVIEW].rsplit(" ", 1)[0] + " …",
        known=_is_known(passage, gold),
    )


def _facts(record: Record) -> dict[str, str]:
    """Return how the answer came about, as names and values; what is empty is left out."""
    trace = _trace(record.answer)
    times = trace.get("timings_ms", {})
    standalone = trace.get("standalone_question", "")
    facts = {
        "Understood as": "" if standalone == record.question else standalone,
        "Filters": ", ".join(f"{name}: {value}" for name, value in trace.get("filters", {}).items()),
        "Missing": ", ".join(map(str, trace.get("missing", ()))),
        "Written by": trace.get("model", ""),
        "Tokens": ", ".join(f"{name} {n:,}" for name, n in trace.get("tokens", {}).items()),
        "Milliseconds": ", ".join(f"{name} {value:.0f}" for name, value in times.items()),
    }
    return {name: value for name, value in facts.items() if value}
