"""A run and its file: what was asked of which library with which settings, and every answer in full.

The file is JSON Lines: a header, then a line for each question, added as soon as it is answered, so that a run that
is interrupted keeps what it has. Two runs of the same set, library and settings differ in their times alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import IO, Any

from pydantic import TypeAdapter, ValidationError

from eval.saved import SavedRecord
from rag.errors import RagError

FORMAT = 2
"""Version of the file."""


class RunError(RagError):
    """A saved run that cannot be used."""

    exit_code = 2


@dataclass(frozen=True)
class Gold:
    """Evidence of the set and where it stands: `text[start:end]` of a document.

    Where it stands nowhere, `document` is None and `problem` says why. `whole` says that any passage which touches
    the span counts as found.
    """

    doc: str
    quote: str
    document: str | None
    start: int = 0
    end: int = 0
    problem: str = ""
    whole: bool = False


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

    `scores` has only the metrics that apply: no `facts` for an unanswerable question. `reasons` say in words why the
    answer counts as right or wrong. `contexts` holds the text before and after each citation, in order.
    """

    id: str
    question: str
    type: str
    answerable: bool
    expected: str
    answer: Mapping[str, Any]
    scores: Mapping[str, float]
    seconds: float
    aliases: tuple[str, ...] = ()
    must_include: tuple[tuple[str, ...], ...] = ()
    evidence: tuple[Gold, ...] = ()
    reasons: tuple[str, ...] = ()
    contexts: tuple[tuple[str, str], ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the question was refused."""
        return bool(self.answer.get("status") == "refused")

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON-ready data."""
        # `asdict` would copy the answer, which is data already, and is most of the record.
        data = {f.name: getattr(self, f.name) for f in fields(self)}
        return data | {"evidence": [asdict(gold) for gold in self.evidence]}


@dataclass(frozen=True)
class Run:
    """What an assistant made of a set of questions.

    `ids` are the questions that were asked for, in the set's order; `questions` is how many the whole set has, and
    `set_hash` the SHA-256 of its file. `settings` hold no key. `models` has the name and the SHA-256 of the weights of
    each model, None where a service holds them. `library` names its documents, by the hash of their contents.
    `started` is ISO 8601, UTC.
    """

    set: str
    started: str
    settings: Mapping[str, Any]
    ids: tuple[str, ...]
    records: tuple[Record, ...] = ()
    set_hash: str = ""
    questions: int = 0
    seed: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    library: Mapping[str, Any] = field(default_factory=dict)
    machine: Mapping[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def complete(self) -> bool:
        """Whether every question was answered."""
        return len(self.records) == len(self.ids)

    @property
    def unlocated(self) -> tuple[Unlocated, ...]:
        """The evidence that stands in no document."""
        return tuple(
            Unlocated(record.id, gold.doc, gold.quote[:80], gold.problem)
            for record in self.records
            for gold in record.evidence
            if gold.document is None
        )

    def with_records(self, records: Sequence[Record]) -> Run:
        """Return the run with these records, in the order of its questions."""
        place = {identity: i for i, identity in enumerate(self.ids)}
        return replace(self, records=tuple(sorted(records, key=lambda record: place[record.id])))

    def header(self) -> dict[str, Any]:
        """Return all but the records, as JSON-ready data; the format comes first."""
        names = [f.name for f in fields(self) if f.name not in ("records", "format")]
        return {"format": self.format} | {name: _data(getattr(self, name)) for name in names}

    def save(self, path: Path | str) -> None:
        """Write the run to a file, whole or not at all."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            with draft.open("w", encoding="utf-8") as file:
                for line in (self.header(), *(record.to_dict() for record in self.records)):
                    file.write(_line(line))
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)


class RunFile:
    """The file of a run that is going on."""

    def __init__(self, path: Path, run: Run) -> None:
        """Write the header and the records that there are; what was in the file is replaced."""
        self.path = path
        self._ids = [record.id for record in run.records]
        self._run = run
        run.save(path)
        self._file: IO[str] = path.open("a", encoding="utf-8")

    def append(self, record: Record) -> None:
        """Add a record; it is with the operating system when this returns."""
        self._file.write(_line(record.to_dict()))
        self._file.flush()
        self._ids.append(record.id)

    def close(self) -> None:
        """Close the file; records that came out of order are put into the order of the set."""
        os.fsync(self._file.fileno())
        self._file.close()
        place = {identity: i for i, identity in enumerate(self._run.ids)}
        if self._ids != sorted(self._ids, key=place.__getitem__):
            load_run(self.path).save(self.path)


def load_run(path: Path | str) -> Run:
    """Read a run from its file. A last line that was cut off by an interruption is left out.

    Raises:
        RunError: when the file is missing, is no run, is damaged, or was written by another version.
    """
    path = Path(path)
    header, *lines = _read(path).split("\n")
    run: Run = _checked(_RUN, _header(path, header, lines) | {"records": ()}, f"{path}, line 1")
    records: dict[str, Record] = {}
    for number, line in enumerate(lines, start=2):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            data = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            if number == len(lines) + 1:  # no line end after it: it was being written
                break
            raise RunError(
                f"{where}: damaged ({error}); remove the line, then --resume asks its question again"
            ) from None
        record: Record = _checked(_RECORD, data, where)
        _checked(_SAVED, data, where)
        if record.id not in run.ids:
            raise RunError(f"{where}, field id: {record.id!r} is no question of this run; remove the line")
        records[record.id] = record
    return run.with_records(list(records.values()))


_RUN: TypeAdapter[Run] = TypeAdapter(Run)
_RECORD: TypeAdapter[Record] = TypeAdapter(Record)
_SAVED: TypeAdapter[SavedRecord] = TypeAdapter(SavedRecord)


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror}); expected a saved run (.jsonl)") from error
    last = data.rfind(b"\n") + 1
    try:
        # A cut can go through a character; what is damaged before the last line is an error.
        return data[:last].decode("utf-8") + data[last:].decode("utf-8", "replace")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RunError(f"{path}, line {line}: not a saved run (byte 0x{data[error.start]:02x} is not UTF-8)") from error


def _header(path: Path, first: str, rest: Sequence[str]) -> dict[str, Any]:
    """Return the header's data, of our version."""
    remedy = "; make one with 'rag eval SET --out FILE'"
    try:
        data = json.loads(first)
    except (json.JSONDecodeError, RecursionError) as error:
        try:  # format 1 was one JSON text over many lines
            data = json.loads("\n".join([first, *rest]))
        except (json.JSONDecodeError, RecursionError):
            raise RunError(f"{path}, line 1: not a saved run ({error}){remedy}") from None
    version = data.get("format") if isinstance(data, dict) else None
    if version is None or not isinstance(version, int):
        raise RunError(f"{path}, line 1: not a saved run (no field format){remedy}")
    if version != FORMAT:
        then = "run the evaluation again" if version < FORMAT else "it was written by a newer version of rag: use that"
        raise RunError(f"{path}: has format {version}, this version reads {FORMAT}; {then}")
    assert isinstance(data, dict)
    return data


def _checked(adapter: TypeAdapter[Any], data: object, where: str) -> Any:
    try:
        return adapter.validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"]) or "none"
        remedy = "remove the line, then --resume asks its question again" if adapter is not _RUN else "run it again"
        raise RunError(f"{where}, field {name}: {first['msg'][0].lower()}{first['msg'][1:]}; {remedy}") from error


def _data(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _line(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False) + "\n"
