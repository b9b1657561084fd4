"""A conversation, or one answer of it, as a text with footnotes: the form that every file of it is written from.

Pure functions: `rag.export_markdown`, `rag.export_html` and `rag.export_word` write the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.exchange import Exchange, Place
from rag.types import Verdict


@dataclass(frozen=True)
class Labels:
    """The words of an export that come from no document, in the language of whoever reads it."""

    language: str = "en"
    model: str = "Answered by {model}"
    none: str = "No answer"
    nearest: str = "What comes nearest"
    again: str = "As in note {n}."
    page: str = "p. {n}"
    doubts: dict[Verdict, str] = field(
        default_factory=lambda: {
            Verdict.PARTIAL: "partly supported",
            Verdict.UNSUPPORTED: "not supported",
            Verdict.CONTRADICTED: "contradicted",
        }
    )


ENGLISH = Labels()


@dataclass(frozen=True)
class Note:
    """A footnote: the words that are cited, and title, author, date, page and file of their document."""

    number: int
    quote: str
    source: str


@dataclass(frozen=True)
class Said:
    """A sentence, what stands before it, why it is in doubt, and the numbers of its notes."""

    text: str
    lead: str
    doubt: str
    notes: tuple[int, ...]


@dataclass(frozen=True)
class Part:
    """A question with its answer; `told` is what is said where there is no answer. `nearest` notes have no number."""

    question: str
    about: str
    sentences: tuple[Said, ...]
    told: str
    nearest: tuple[Note, ...]


@dataclass(frozen=True)
class Sheet:
    """All of what is exported; its notes are numbered through."""

    title: str
    parts: tuple[Part, ...]
    notes: tuple[Note, ...]
    labels: Labels = ENGLISH


def sheet_of(title: str, exchanges: Iterable[Exchange], labels: Labels = ENGLISH) -> Sheet:
    """Return what was asked and answered as a text with footnotes."""
    notes: list[Note] = []
    parts = tuple(_part(exchange, notes, labels) for exchange in exchanges)
    return Sheet(title, parts, tuple(notes), labels)


def as_text(sheet: Sheet) -> str:
    """Return a sheet as plain text, the notes below it: for an editor, a mail, a terminal."""
    lines: list[str] = []
    for part in sheet.parts:
        said = [" ".join(filter(None, (_line(s), *(f"[{n}]" for n in s.notes)))) for s in part.sentences]
        lines += [part.question, "", *([" ".join(said), ""] if said else []), *([part.told, ""] if part.told else [])]
        lines += [*(f"• “{near.quote}” {near.source}" for near in part.nearest), *([""] if part.nearest else [])]
    lines += [f"[{note.number}] “{note.quote}” {note.source}" for note in sheet.notes]
    return "\n".join(lines).rstrip() + "\n"


def _line(said: Said) -> str:
    doubt = f" ({said.doubt})" if said.doubt else ""
    return " ".join(filter(None, (said.lead, said.text))) + doubt


def _part(exchange: Exchange, notes: list[Note], labels: Labels) -> Part:
    numbers: dict[int, int] = {}
    cited = {citation.id: citation for citation in exchange.citations}

    def number(identity: int) -> int:
        if identity not in numbers:
            numbers[identity] = len(notes) + 1
            notes.append(_note(len(notes) + 1, cited[identity], labels))
        return numbers[identity]

    sentences = tuple(
        Said(s.text, s.lead, labels.doubts.get(s.verdict, ""), tuple(number(c) for c in s.citations if c in cited))
        for s in exchange.sentences
    )
    refused = exchange.answer is not None and exchange.answer.status == "refused"
    told = exchange.answer.answer if exchange.answer and refused else "" if sentences else labels.none
    nearest = tuple(_note(0, near, labels) for near in exchange.nearest)
    return Part(exchange.question, _about(exchange, labels), sentences, told, nearest)


def _about(exchange: Exchange, labels: Labels) -> str:
    when = exchange.asked[:16].replace("T", " ")
    return " · ".join(filter(None, (when, exchange.model and labels.model.format(model=exchange.model))))


def _note(number: int, place: Place, labels: Labels) -> Note:
    file = Path(place.source).name
    page = labels.page.format(n=place.page) if place.page else None
    facts: Sequence[str | None] = (place.title, place.author, place.date, page, file if file != place.title else None)
    return Note(number, " ".join(place.quote.split()), ", ".join(fact for fact in facts if fact))
