"""Our own format: JSON Lines, one question a line. `Line` is the format; the schema beside it is made from it.

`python -m eval.formats` writes `eval/schema/question.schema.json` anew; a test holds the file to `Line`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.config import JsonDict

from eval.formats.source import digest, name_of, read_text, short
from eval.formats.types import (
    ANSWERABLE_TYPES,
    REFUSAL_TYPES,
    RETRIEVAL,
    TYPES,
    AnswerableType,
    Evidence,
    Item,
    QuestionSet,
    RefusalType,
    SetError,
    unique,
)

SCHEMA = Path(__file__).parents[1] / "schema" / "question.schema.json"
DOCUMENTS = "documents"
"""A folder of this name beside a set holds the documents that the set brings."""

Called = Callable[[str], str]
"""Returns what a field is called in the file that the user knows: its name, or the name of its column."""

_EXPECTED = {
    "id": "a text that is not empty, such as 'q001'",
    "question": "a text that is not empty",
    "type": "one of " + ", ".join(TYPES),
    "answer": f"a text (empty only for {', '.join(REFUSAL_TYPES)} and {RETRIEVAL})",
    "aliases": "a list of texts, such as ['nine', '9 ships'], or []",
    "must_include": "a list of lists of texts, such as [['nine', '9'], ['Mediterranean']], or []",
    "evidence": "a list of {'doc': start of the file name, 'quote': exact words}, "
    "with 'page' (from 1) beside the quote or in its place, or []",
}

_Text = Annotated[str, StringConstraints(pattern=r"\S")]


class EvidenceLine(BaseModel):
    """Where a question is answered: exact words of a document, or a page of it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    doc: Annotated[_Text, Field(description="Name of the file, or how it starts.")]
    quote: Annotated[_Text | None, Field(description="Exact words; white space and hyphens do not count.")] = None
    page: Annotated[int | None, Field(ge=1, description="Page, from 1, beside the quote or in its place.")] = None
    relevance: Annotated[int, Field(ge=1, description="Grade of the judgement, for nDCG.")] = 1


# What `_against_the_rules` says, for readers of the schema.
_RULES: JsonDict = {
    "allOf": [
        {
            "if": {"properties": {"type": {"enum": [type_ for type_ in ANSWERABLE_TYPES if type_ != RETRIEVAL]}}},
            "then": {"properties": {"answer": {"pattern": r"\S"}}},
        },
        {
            "if": {"properties": {"type": {"not": {"const": RETRIEVAL}}}},
            "then": {
                "properties": {
                    "evidence": {
                        "items": {
                            "anyOf": [
                                {"properties": {"quote": {"type": "string"}}, "required": ["quote"]},
                                {"properties": {"page": {"type": "integer"}}, "required": ["page"]},
                            ]
                        }
                    }
                }
            },
        },
    ]
}


class Line(BaseModel):
    """A question and what is known of its answer: a line of a set of questions (JSON Lines)."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra=_RULES)
    id: Annotated[_Text, Field(description="Its name, unique in the set.")]
    question: Annotated[_Text, Field(description="The question as it is asked.")]
    type: Annotated[
        AnswerableType | RefusalType,
        Field(
            description="unanswerable: the documents do not say, and a refusal is right; false-premise: they say "
            "otherwise, and a refusal or a correction is right; retrieval: only the evidence is known."
        ),
    ]
    answer: Annotated[
        str, Field(description="A model answer; empty only for unanswerable, false-premise and retrieval.")
    ]
    aliases: Annotated[list[_Text], Field(description="Other short forms of the answer.")] = []
    must_include: Annotated[
        list[Annotated[list[_Text], Field(min_length=1)]],
        Field(description="The facts: an answer has all when each list has at least one of its texts in it."),
    ]
    evidence: Annotated[list[EvidenceLine], Field(description="Where the documents say it.")]


def load_lines(path: Path, data: bytes) -> QuestionSet:
    """Return the set that the bytes of a file of JSON Lines hold; blank lines are skipped.

    Documents in a folder `documents` beside it belong to it.

    Raises:
        SetError: with a line for each problem: file, line, field, what is there and what is expected.
    """
    items: list[Item] = []
    problems: list[str] = []
    for number, line in enumerate(read_text(data, path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        try:
            items.append(item_of(json.loads(line), path, where))
        except SetError as error:
            problems += error.problems
        except (json.JSONDecodeError, RecursionError) as error:
            problems.append(f"{path}, {where}: not JSON ({error}); expected one JSON object a line")
    if problems:
        raise SetError(*problems)
    return QuestionSet(name_of(path), unique(items, path), path, digest(data), paths=beside(path))


def beside(path: Path) -> tuple[Path, ...]:
    """Return the folder of documents beside a set, if there is one."""
    folder = path.parent / DOCUMENTS
    return (folder,) if folder.is_dir() else ()


def item_of(value: object, path: Path, where: str, called: Called = lambda field: f"field {field}") -> Item:
    """Return the question that JSON data hold, checked.

    Raises:
        SetError: with a line for each field that is missing, unknown or of a wrong type.
    """
    place = f"{path}, {where}"
    if not isinstance(value, dict):
        raise SetError(f"{place}: expected a JSON object, got {short(value)}")
    try:
        line = Line.model_validate(value)
    except ValidationError as error:
        found = [_explain(dict(problem), called) for problem in error.errors(include_url=False)]
        raise SetError(*(f"{place}, {text}" for text in dict.fromkeys(found))) from error
    problems = _against_the_rules(line, called)
    if problems:
        raise SetError(*(f"{place}, {problem}" for problem in problems))
    return Item(
        line.id,
        line.question,
        line.type,
        line.answer,
        tuple(line.aliases),
        tuple(tuple(group) for group in line.must_include),
        tuple(Evidence(e.doc, e.quote or "", e.page, e.relevance) for e in line.evidence),
        where,
    )


def line_of(item: Item) -> str:
    """Return a question as a line of a set, without its line feed."""
    evidence = []
    for e in item.evidence:
        given = {"doc": e.doc, "quote": e.quote or None, "page": e.page, "relevance": e.relevance}
        evidence.append({k: v for k, v in given.items() if v is not None and (k, v) != ("relevance", 1)})
    fields = {
        "id": item.id,
        "question": item.question,
        "type": item.type,
        "answer": item.answer,
        "aliases": list(item.aliases),
        "must_include": [list(group) for group in item.must_include],
        "evidence": evidence,
    }
    return json.dumps(fields, ensure_ascii=False)


def schema() -> str:
    """Return the JSON Schema of a line, as the file beside this package holds it."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(head | Line.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def _against_the_rules(line: Line, called: Called) -> list[str]:
    """Return what is wrong in a line whose fields are right each for itself."""
    problems = []
    if line.type in ANSWERABLE_TYPES and line.type != RETRIEVAL and not line.answer.strip():
        problems.append(f"{called('answer')}: expected a text, for the type is {line.type!r}, got {short(line.answer)}")
    for number, evidence in enumerate(line.evidence):
        if evidence.quote is None and evidence.page is None and line.type != RETRIEVAL:
            problems.append(f"{called(f'evidence[{number}].quote')} is missing; expected {_EXPECTED['evidence']}")
    return problems


def _explain(problem: dict[str, Any], called: Called) -> str:
    """Return field, problem and what is expected, for one of pydantic's complaints."""
    loc: Sequence[str | int] = problem["loc"]
    field = called(dotted(loc))
    expected = _EXPECTED.get(str(loc[0]), "")
    if problem["type"] == "missing":
        return f"{field} is missing; expected {expected}"
    if problem["type"] == "extra_forbidden":
        return f"{field} is unknown; expected {expected or 'the fields ' + ', '.join(_EXPECTED)}"
    return f"{field}: expected {expected}, got {short(problem['input'])}"


def dotted(loc: Sequence[str | int]) -> str:
    """Return pydantic's place of an error as it would be written in code: `evidence[0].quote`."""
    # The branches of a union stand in the place too; they mean nothing to the user.
    parts = [part for part in loc if isinstance(part, int) or not part.startswith("literal[")]
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")
