"""Ask an assistant the questions of a set, score each answer, and keep the whole as a file.

This module needs no more of the core than the two protocols below. It scores single answers; means and tables
are `eval.report`'s. A run of the same set over the same library differs only in its times.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Protocol
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from eval import metrics
from eval.formats import Evidence, Item, QuestionSet
from eval.metrics import Span
from index.types import Document, DocumentInfo
from rag.errors import RagError
from rag.types import Answer, Turn

FORMAT = 1
"""Version of the file that `Run.save` writes."""

CUTOFFS = (1, 3, 5, 10)
"""The k of hit@k and all@k."""

Progress = Callable[[int, int, str], None]
"""Called after each question with (questions done, questions in all, the question)."""


class RunError(RagError):
    """A saved run that cannot be used."""

    exit_code = 2


class Assistant(Protocol):
    """What answers the questions."""

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """Return a checked answer or a refusal."""


class Library(Protocol):
    """What holds the documents that the answers cite."""

    def documents(self) -> list[DocumentInfo]:
        """Return what is known of each document but its text."""

    def document(self, id: str, /) -> Document:  # noqa: A002 - the field is called so
        """Return a document in full."""


@dataclass(frozen=True)
class Unlocated:
    """Evidence of the set that stands in no document, why, and how its quote begins (80 characters).

    It counts as not found and not cited, so that a cleaner that loses text cannot raise a figure.
    """

    item: str
    doc: str
    quote: str
    reason: str


@dataclass(frozen=True)
class Record:
    """A question, what was expected, what came (`Answer.to_dict`), and its scores.

    `scores` has only the metrics that apply: no `facts` for an unanswerable question.
    """

    id: str
    question: str
    type: str
    answerable: bool
    expected: str
    answer: Mapping[str, Any]
    scores: Mapping[str, float]
    seconds: float


@dataclass(frozen=True)
class Run:
    """What an assistant made of a set of questions, and with which settings. `started` is ISO 8601, UTC."""

    format: int
    set: str
    started: str
    settings: Mapping[str, Any]
    records: tuple[Record, ...]
    unlocated: tuple[Unlocated, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the run as JSON-ready data."""
        return asdict(self)

    def save(self, path: Path | str) -> None:
        """Write the run to a file, whole or not at all."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            with draft.open("w", encoding="utf-8") as file:
                json.dump(self.to_dict(), file, ensure_ascii=False, indent=1)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)


def load_run(path: Path | str) -> Run:
    """Read a run that `Run.save` wrote.

    Raises:
        RunError: when the file is missing, is no run, or was written by another version.

    """
    path = Path(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror}); expected a saved run (.json)") from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise RunError(f"{path}: not a saved run ({error}); save one with an evaluation") from error
    version = data.get("format") if isinstance(data, dict) else None
    if version != FORMAT:
        raise RunError(f"{path}: has format {version!r}, this version reads {FORMAT}; run the evaluation again")
    try:
        return TypeAdapter(Run).validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise RunError(f"{path}, field {field}: {first['msg']}; run the evaluation again") from error


def run_set(
    question_set: QuestionSet,
    assistant: Assistant,
    library: Library,
    *,
    settings: Mapping[str, object],
    on_progress: Progress | None = None,
) -> Run:
    """Ask every question of a set, without a conversation, and score the answers.

    An error of the assistant ends the run: figures over the questions that happened to work would mislead.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    texts = _Texts(library)
    records: list[Record] = []
    unlocated: list[Unlocated] = []
    for item in question_set.items:
        placed = [texts.place(evidence) for evidence in item.evidence]
        for evidence, place in zip(item.evidence, placed, strict=True):
            if isinstance(place, str):
                unlocated.append(Unlocated(item.id, evidence.doc, evidence.quote[:80], place))
        gold = [None if isinstance(place, str) else place for place in placed]
        records.append(_ask(item, assistant, gold, texts))
        if on_progress is not None:
            on_progress(len(records), len(question_set.items), item.question)
    plain_settings = json.loads(json.dumps(dict(settings), default=str))
    return Run(FORMAT, question_set.name, started, plain_settings, tuple(records), tuple(unlocated))


def _ask(item: Item, assistant: Assistant, gold: Sequence[Span | None], texts: _Texts) -> Record:
    begun = time.perf_counter()
    try:
        answer = assistant.ask(item.question)
    except RagError as error:
        error.add_note(f"while asking question {item.id!r}")
        raise
    seconds = time.perf_counter() - begun
    cited = texts.read({c.document for c in answer.citations} | {g.document for g in gold if g})
    return Record(
        id=item.id,
        question=item.question,
        type=item.type,
        answerable=item.answerable,
        expected=item.answer,
        answer=json.loads(json.dumps(answer.to_dict())),  # as it will be read back: lists, plain strings
        scores=score(item, answer, gold, cited),
        seconds=round(seconds, 6),
    )


def score(item: Item, answer: Answer, gold: Sequence[Span | None], texts: Mapping[str, str]) -> dict[str, float]:
    """Return the metrics of one answer that apply to its question.

    `gold` has the span of each evidence, or None; `texts` the clean text, by id, of each document that is
    cited or holds evidence. Retrieval is scored wherever there is evidence. What the answer says and cites is
    scored for answerable questions, a refusal counting as nothing said; and for a false premise only where it
    was not refused, since a refusal is right too.
    """
    refused = answer.status == "refused"
    scores: dict[str, float | None] = {
        "refused": float(refused),
        "answerable": float(answer.trace.answerable),
    }
    retrieved = [Span(p.document, p.start, p.end) for p in answer.trace.retrieved]
    ranks = [metrics.evidence_rank(g, retrieved, texts[g.document]) if g else None for g in gold]
    for k in CUTOFFS:
        scores[f"hit@{k}"] = metrics.hit_at(k, ranks)
        scores[f"all@{k}"] = metrics.all_at(k, ranks)
    scores["reciprocal_rank"] = metrics.reciprocal_rank(ranks)
    citations = () if refused else answer.citations
    scores["citations_resolve"] = metrics.citations_resolve(citations, texts)
    scores["supported_values"] = metrics.supported_values(answer)
    if item.answerable or not refused:
        said = "" if refused else answer.answer
        cited = [Span(c.document, c.start, c.end) for c in citations]
        scores["facts"] = metrics.facts_found(said, item.must_include)
        scores["citation_precision"] = metrics.citation_precision(cited, gold)
        scores["citation_recall"] = metrics.citation_recall(cited, gold)
        if item.answer:
            expected = (item.answer, *item.aliases)
            scores["token_f1"] = metrics.token_f1(said, expected)
            scores["exact_match"] = metrics.exact_match(said, expected)
    return {name: value for name, value in scores.items() if value is not None}


class _Texts:
    """The documents of a library, by id and by the start of their file names; each is read once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._names = {info.id: _file_name(info.source) for info in library.documents()}
        self._read: dict[str, Document] = {}

    def read(self, ids: set[str]) -> dict[str, str]:
        """Return the clean text of each of these documents that the library has."""
        return {id_: self._document(id_).text for id_ in sorted(ids) if id_ in self._names}

    def place(self, evidence: Evidence) -> Span | str:
        """Return where evidence stands, or in words why it stands nowhere."""
        named = [id_ for id_, name in self._names.items() if name.startswith(evidence.doc)]
        if not named:
            return "no document's file name starts so"
        if len(named) > 1:
            return f"{len(named)} documents' file names start so; expected one"
        document = self._document(named[0])
        span = metrics.locate(evidence.quote, document.text) or _through_raw(evidence.quote, document)
        return Span(document.id, *span) if span else "the quote is not in the document's text"

    def _document(self, id_: str) -> Document:
        if id_ not in self._read:
            self._read[id_] = self._library.document(id_)
        return self._read[id_]


def _through_raw(quote: str, document: Document) -> tuple[int, int] | None:
    """Return the clean span of a quote that stands only in the raw text, say with a note mark in it."""
    span = metrics.locate(quote, document.raw)
    if span is None:
        return None
    start, end = (document.alignment.to_clean(offset) for offset in span)
    return (start, end) if document.text[start:end].strip() else None


def _file_name(source: str) -> str:
    """Return the last part of a path (of either kind of slash) or of a URL's path."""
    path = urlsplit(source).path if "://" in source else source.replace("\\", "/")
    return PurePosixPath(path).name
