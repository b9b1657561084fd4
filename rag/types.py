"""The data of `rag/`: a question on its way to a checked answer. `Answer.to_dict` is the public JSON contract.

Spans are offsets into a document's clean text, half open: `quote == document.text[start:end]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Literal

Status = Literal["answered", "partial", "refused"]


class Verdict(StrEnum):
    """How a sentence stands to its evidence."""

    SUPPORTED = "supported"
    PARTIAL = "partial"
    UNSUPPORTED = "unsupported"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True)
class Turn:
    """One earlier question of a conversation and the answer that was shown."""

    question: str
    answer: str
    standalone: str = ""


@dataclass(frozen=True)
class Query:
    """A question that can be understood without its conversation, and where to look for its answer.

    `filters` say so in words: those given, and those found in the question. They come to `among`, the ids of the
    documents that may be looked at (None: all), and `preferred`, those looked at first. A question that compares or
    asks several things has `parts`, each a question of its own; one "across" the documents wants several of them; a
    `brief` one wants one sentence. One about the `talk` is about the conversation, of which no document knows.
    """

    text: str
    filters: Mapping[str, str] = field(default_factory=dict)
    among: frozenset[str] | None = None
    preferred: frozenset[str] = frozenset()
    parts: tuple[Query, ...] = ()
    across: bool = False
    brief: bool = False
    talk: bool = False


@dataclass(frozen=True)
class RetrievedPassage:
    """A passage that retrieval found, and why it stands where it does.

    `ranks` are its places in each list, from 1. `fused` is the score of both lists together, `evidence` the chance by
    the evidence model that it answers (None where none read it), `best` its best sentence, start and end in the
    document. `score` orders the passages; only the order has a meaning.
    """

    id: int
    document: str
    start: int
    end: int
    text: str
    heading: str
    ranks: Mapping[str, int]
    score: float
    fused: float = 0.0
    evidence: float | None = None
    best: tuple[int, int] | None = None


@dataclass(frozen=True)
class EvidenceSentence:
    """A sentence of a retrieved passage and how well it answers the question (0 to 1)."""

    document: str
    passage: int
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True)
class Citation:
    """The exact words of a document that support a sentence, and where they stand."""

    id: int
    document: str
    source: str
    title: str
    author: str | None
    date: str | None
    page: int | None
    start: int
    end: int
    quote: str


@dataclass(frozen=True)
class AnswerSentence:
    """A sentence of an answer, its verdict, the verifier's score (0 to 1) and the ids of its citations.

    `lead` says whose words it is in and when they were written, where it does not itself and a reader must know; it is
    made of what is known of the cited document, and stands before the sentence.
    """

    text: str
    verdict: Verdict
    score: float
    citations: tuple[int, ...]
    lead: str = ""


@dataclass(frozen=True)
class Dropped:
    """A draft sentence that is not shown, and why."""

    text: str
    why: str


@dataclass(frozen=True)
class Nearest:
    """A passage shown with a refusal: what comes nearest to the question."""

    document: str
    source: str
    title: str
    author: str | None
    date: str | None
    page: int | None
    start: int
    end: int
    quote: str


@dataclass(frozen=True)
class Trace:
    """How an answer came about. `missing` is what of the question the best evidence lacks, in words.

    `notes` say what went otherwise than it should with the model: a service that was asked again, passages cut to what
    it can read, a reply cut off, declined or empty, reasoning left out.
    """

    standalone_question: str
    filters: Mapping[str, str]
    answerable: float
    model: str
    tokens: Mapping[str, int]
    timings_ms: Mapping[str, float]
    retrieved: tuple[RetrievedPassage, ...]
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """A checked answer, or a refusal with the nearest passages."""

    question: str
    status: Status
    answer: str
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    nearest: tuple[Nearest, ...]
    dropped: tuple[Dropped, ...]
    trace: Trace

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON-ready data: the contract of `rag ask --json` and the REST API."""
        data = asdict(self)
        data["trace"]["retrieved"] = [
            {
                "document": p.document,
                "start": p.start,
                "end": p.end,
                "text": p.text,
                "ranks": dict(p.ranks),
                "fused": round(p.fused, 4),
                "evidence": None if p.evidence is None else round(p.evidence, 4),
                "best": None if p.best is None else {"start": p.best[0], "end": p.best[1]},
                "score": round(p.score, 4),
            }
            for p in self.trace.retrieved
        ]
        return data


@dataclass(frozen=True)
class Stage:
    """Streamed while waiting: what the assistant is doing now, and while checking, with which sentence of the draft."""

    name: Literal["searching", "reading", "writing", "checking"]
    number: int = 0


@dataclass(frozen=True)
class Checked:
    """Streamed as soon as it is verified: a sentence that will be shown, with its citations in full."""

    sentence: AnswerSentence
    citations: tuple[Citation, ...]


Event = Stage | Checked | Answer
"""What `Assistant.stream` yields: stages, checked sentences, and last the whole answer."""
