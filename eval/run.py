"""Ask an assistant the questions of a set, score each answer, and keep each as soon as it is there.

This module needs no more of the core than the two protocols below. It scores single answers; means and tables
are made of them by `eval.figures` and `eval.report`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from eval.formats import Evidence, Item, QuestionSet
from eval.metrics.answers import Encode
from eval.placing import Library, Missing, Places
from eval.runs import FORMAT, Gold, Record, Run, RunError, RunFile, Unlocated, load_run
from eval.scoring import reasons, score
from rag.errors import RagError
from rag.types import Answer, Turn

__all__ = [
    "FORMAT",
    "Assistant",
    "Gold",
    "Library",
    "Record",
    "Run",
    "RunError",
    "RunFile",
    "Unlocated",
    "load_run",
    "run_set",
]

Judge = Callable[[Item, Answer], Mapping[str, float]]
"""Gives further scores of an answer, such as those of a model that is asked about it."""

AskAll = Callable[[Sequence[Item]], Iterator[Record]]
"""Yields a record for each question as soon as it is answered, in whatever order."""

CONTEXT = 300
"""Characters kept of the text before and after a citation, within its paragraph."""

Progress = Callable[[int, int, str], None]
"""Called after each question with (questions done, questions in all, the question)."""


class Assistant(Protocol):
    """What answers the questions."""

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """Return a checked answer or a refusal."""


class Examiner:
    """Asks an assistant single questions, and makes a scored record of each.

    `encode` embeds sentences for the metrics that compare meanings, which are left out without it; `judge` gives
    further scores. Safe to share between threads if the assistant is.
    """

    def __init__(
        self, assistant: Assistant, library: Library, encode: Encode | None = None, judge: Judge | None = None
    ) -> None:
        self._assistant = assistant
        self._encode = encode
        self._judge = judge
        self._places = Places(library)
        self._known = {info.id for info in library.documents()}

    def ask(self, item: Item) -> Record:
        """Ask a question, without a conversation, and score the answer."""
        begun = time.perf_counter()
        try:
            answer = self._assistant.ask(item.question)
        except RagError as error:
            error.add_note(f"while asking question {item.id!r}")
            raise
        seconds = time.perf_counter() - begun
        gold = tuple(_placed(evidence, self._places) for evidence in item.evidence)
        known = {g.document for g in gold if g.document}
        texts = self._texts({c.document for c in answer.citations} | known)
        running = {identity: self._places.running(identity) for identity in known}
        scores = score(item, answer, gold, texts, self._encode, running)
        if self._judge:
            scores |= self._judge(item, answer)
        return Record(
            id=item.id,
            question=item.question,
            type=item.type,
            answerable=item.answerable,
            expected=item.answer,
            answer=json.loads(json.dumps(answer.to_dict())),  # as it will be read back: lists, plain strings
            scores=scores,
            seconds=round(seconds, 6),
            aliases=item.aliases,
            must_include=item.must_include,
            evidence=gold,
            reasons=reasons(item, answer, gold, scores),
            contexts=tuple(context(texts.get(c.document, ""), c.start, c.end) for c in answer.citations),
        )

    def _texts(self, ids: set[str]) -> dict[str, str]:
        """Return the clean text of each of these documents that the library has."""
        return {id_: self._places.document(id_).text for id_ in sorted(ids) if id_ in self._known}


def run_set(
    question_set: QuestionSet,
    assistant: Assistant,
    library: Library,
    *,
    settings: Mapping[str, object],
    on_progress: Progress | None = None,
) -> Run:
    """Ask every question of a set and score the answers, without a file."""
    ids = tuple(item.id for item in question_set.items)
    run = Run(question_set.name, now(), json_settings(settings), ids, (), question_set.digest, len(ids))
    ask = Examiner(assistant, library).ask
    records: list[Record] = []
    for item in question_set.items:
        records.append(ask(item))
        if on_progress:
            on_progress(len(records), len(ids), item.question)
    return run.with_records(records)


def run_to_file(path: Path, run: Run, items: Sequence[Item], ask: AskAll, on_progress: Progress | None = None) -> Run:
    """Ask the questions of a run that it has no record of, and write each into its file as it is answered.

    An error of the assistant ends the run: figures over the questions that happened to work would mislead. What was
    answered is in the file.
    """
    records = list(run.records)
    left = set(run.ids) - {record.id for record in records}
    file = RunFile(path, run)
    try:
        for record in ask([item for item in items if item.id in left]):
            file.append(record)
            records.append(record)
            if on_progress:
                on_progress(len(records), len(run.ids), record.question)
    finally:
        file.close()
    return run.with_records(records)


def in_threads(ask: Callable[[Item], Record], jobs: int) -> AskAll:
    """Return a way to ask several questions at a time, for a model that runs elsewhere: what waits is a thread."""

    def ask_all(items: Sequence[Item]) -> Iterator[Record]:
        if jobs == 1:
            yield from map(ask, items)
        else:
            yield from as_they_come(ThreadPoolExecutor(jobs), ask, items)

    return ask_all


def as_they_come(pool: Executor, ask: Callable[[Item], Record], items: Sequence[Item]) -> Iterator[Record]:
    """Yield each record as soon as it is there; what is not begun when one fails is not asked."""
    try:
        for future in as_completed([pool.submit(ask, item) for item in items]):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _placed(evidence: Evidence, places: Places) -> Gold:
    found = places.place(evidence)
    if isinstance(found, Missing):
        return Gold(evidence.doc, evidence.quote, None, problem=found.reason)
    return Gold(evidence.doc, evidence.quote, *found.span, whole=found.whole)


def context(text: str, start: int, end: int) -> tuple[str, str]:
    """Return what stands before and after a span in its paragraph, whole words, at most `CONTEXT` characters each."""
    before = text[max(start - CONTEXT, 0) : start].rpartition("\n\n")[2]
    after = text[end : end + CONTEXT].partition("\n\n")[0]
    if len(before) == CONTEXT:
        before = before.partition(" ")[2]
    if len(after) == CONTEXT:
        after = after.rpartition(" ")[0]
    return before, after


def now() -> str:
    """Return the time, ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def json_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as they will be read back from a file."""
    data: dict[str, Any] = json.loads(json.dumps(dict(settings), default=str))
    return data
