"""Sets of questions with known answers: JSON Lines, one question a line, checked on loading.

This module owns the format and its errors. It knows nothing of libraries, answers or scores; whether a quote
stands in a document is found out by `eval.run`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from rag.errors import RagError

ANSWERABLE_TYPES = (
    "factoid",
    "number",
    "date",
    "who-said",
    "list",
    "reason",
    "comparison",
    "cross-document",
    "temporal",
)
REFUSAL_TYPES = ("unanswerable", "false-premise")
TYPES = ANSWERABLE_TYPES + REFUSAL_TYPES

_EXPECTED = {
    "id": "a text that is not empty, such as 'q001'",
    "question": "a text that is not empty",
    "type": "one of " + ", ".join(TYPES),
    "answer": "a text (empty only for " + " and ".join(REFUSAL_TYPES) + ")",
    "aliases": "a list of texts, such as ['nine', '9 ships'], or []",
    "must_include": "a list of lists of texts, such as [['nine', '9'], ['Mediterranean']], or []",
    "evidence": "a list of {'doc': start of the file name, 'quote': exact words}, or []",
}


class SetError(RagError):
    """A set of questions that cannot be used."""

    exit_code = 2


@dataclass(frozen=True)
class Evidence:
    """Exact words that answer a question; `doc` is the start of the name of the file that holds them."""

    doc: str
    quote: str


@dataclass(frozen=True)
class Item:
    """A question and what is known of its answer.

    An answer has all the facts when each group of `must_include` has at least one string in it.
    """

    id: str
    question: str
    type: str
    answer: str
    aliases: tuple[str, ...]
    must_include: tuple[tuple[str, ...], ...]
    evidence: tuple[Evidence, ...]

    @property
    def answerable(self) -> bool:
        """Whether the documents answer the question, so that a refusal would be wrong."""
        return self.type not in REFUSAL_TYPES


@dataclass(frozen=True)
class QuestionSet:
    """A named set of questions, in the order of its file."""

    name: str
    items: tuple[Item, ...]


_Text = Annotated[str, StringConstraints(pattern=r"\S")]


class _EvidenceLine(BaseModel):
    model_config = ConfigDict(extra="forbid")
    doc: _Text
    quote: _Text


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: _Text
    question: _Text
    type: str
    answer: str
    aliases: list[_Text] = []
    must_include: list[Annotated[list[_Text], Field(min_length=1)]]
    evidence: list[_EvidenceLine]


def load_set(path: Path | str) -> QuestionSet:
    """Read a set of questions from a UTF-8 file of JSON Lines; blank lines are skipped.

    The set is named after the file, or after its folder where the file is called `questions`.

    Raises:
        SetError: when the file is missing or holds anything but a set; the text names file, line and field.

    """
    path = Path(path)
    items: dict[str, tuple[int, Item]] = {}
    for number, line in enumerate(_read(path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        item = _item(line, where)
        if item.id in items:
            raise SetError(f"{where}, field id: {item.id!r} is already on line {items[item.id][0]}; ids are unique")
        items[item.id] = (number, item)
    if not items:
        raise SetError(f"{path}: the set is empty; expected one question a line, as a JSON object")
    name = path.absolute().parent.name if path.stem == "questions" else path.stem
    return QuestionSet(name, tuple(item for _, item in items.values()))


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise SetError(f"{path}: there is no such file; expected a set of questions (.jsonl)") from None
    except OSError as error:
        raise SetError(f"{path}: cannot be read ({error.strerror}); expected a file (.jsonl)") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SetError(
            f"{path}, line {line}: byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        ) from error


def _item(line: str, where: str) -> Item:
    try:
        data = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise SetError(f"{where}: not JSON ({error}); expected one JSON object a line") from error
    if not isinstance(data, dict):
        raise SetError(f"{where}: expected a JSON object, got {_short(data)}")
    try:
        checked = _Line.model_validate(data)
    except ValidationError as error:
        raise SetError(f"{where}, {_explain(error)}") from error
    if checked.type not in TYPES:
        raise SetError(f"{where}, field type: expected {_EXPECTED['type']}, got {_short(checked.type)}")
    if checked.type in ANSWERABLE_TYPES and not checked.answer.strip():
        raise SetError(f"{where}, field answer: expected a text, for the type is {checked.type!r}, got ''")
    return Item(
        id=checked.id,
        question=checked.question,
        type=checked.type,
        answer=checked.answer,
        aliases=tuple(checked.aliases),
        must_include=tuple(tuple(group) for group in checked.must_include),
        evidence=tuple(Evidence(e.doc, e.quote) for e in checked.evidence),
    )


def _explain(error: ValidationError) -> str:
    """Return field, problem and what is expected, for the first of pydantic's complaints."""
    first = error.errors(include_url=False)[0]
    field = _dotted(first["loc"])
    expected = _EXPECTED.get(str(first["loc"][0]), "")
    if first["type"] == "missing":
        return f"field {field} is missing; expected {expected}"
    if first["type"] == "extra_forbidden":
        known = expected or "the fields " + ", ".join(_EXPECTED)
        return f"field {field} is unknown; expected {known}"
    return f"field {field}: expected {expected}, got {_short(first['input'])}"


def _dotted(loc: Sequence[str | int]) -> str:
    """Return pydantic's place of an error as it would be written in code: `evidence[0].quote`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
