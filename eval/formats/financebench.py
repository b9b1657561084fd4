"""FinanceBench: questions on filings (PDF) with the page that answers, counted from zero in its files.

The filings that the questions name lie beside the file, in `pdfs` beside it or beside its folder, as in the original.
https://github.com/patronus-ai/financebench
"""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, Field, StringConstraints, ValidationError

from eval.formats.lines import dotted
from eval.formats.source import digest, name_of, read_text, short
from eval.formats.types import Evidence, Item, QuestionSet, SetError, unique

MARK = "financebench_id"
"""The field by which such a file is known."""

_Words = Annotated[str, StringConstraints(pattern=r"\S")]


class _Evidence(BaseModel):
    evidence_text: str
    doc_name: Annotated[_Words, Field(validation_alias=AliasChoices("doc_name", "evidence_doc_name"))]
    evidence_page_num: Annotated[int, Field(ge=0)]


class _Question(BaseModel):
    financebench_id: _Words
    question: _Words
    answer: _Words
    doc_name: _Words
    evidence: Annotated[list[_Evidence], Field(min_length=1)]


def load_financebench(path: Path, data: bytes) -> QuestionSet:
    """Return the set that a file of FinanceBench holds, with the filings that its questions name.

    Raises:
        SetError: with a line for each problem: file, line, field, and for a filing that is not there what is.
    """
    items: list[Item] = []
    problems: list[str] = []
    wanted: dict[str, str] = {}
    for number, line in enumerate(read_text(data, path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        try:
            question = _Question.model_validate(json.loads(line))
        except (json.JSONDecodeError, RecursionError) as error:
            problems.append(f"{path}, {where}: not JSON ({error}); expected one JSON object a line")
        except ValidationError as error:
            problems += [f"{path}, {where}, {_explain(problem)}" for problem in error.errors(include_url=False)]
        else:
            items.append(_item(question, where))
            for evidence in question.evidence:
                wanted.setdefault(evidence.doc_name, where)
    there = _filings(path)
    for name, where in wanted.items():
        if f"{name}.pdf".lower() not in there:
            near = get_close_matches(f"{name}.pdf".lower(), there, n=1)
            hint = f"; nearest is {there[near[0]].name}" if near else ""
            problems.append(f"{path}, {where}, field doc_name: there is no {name}.pdf beside it or in pdfs/{hint}")
    if problems:
        raise SetError(*problems)
    paths = tuple(there[f"{name}.pdf".lower()] for name in sorted(wanted))
    return QuestionSet(name_of(path), unique(items, path), path, digest(data), paths=paths)


def _filings(path: Path) -> dict[str, Path]:
    """Return the PDF files that may be meant, by their names in lower case; the nearest folder's go first."""
    found: dict[str, Path] = {}
    for folder in (path.parent, path.parent / "pdfs", path.absolute().parent.parent / "pdfs"):
        if folder.is_dir():
            for file in sorted(folder.iterdir()):
                if file.suffix.lower() == ".pdf":
                    found.setdefault(file.name.lower(), file)
    return found


def _item(question: _Question, where: str) -> Item:
    answer = question.answer.strip()
    figure = _figure(answer)
    return Item(
        question.financebench_id,
        question.question.strip(),
        "number" if figure else "factoid",
        answer,
        (),
        (figure,) if figure else (),
        tuple(
            # Taken from the PDF by another program than ours, the words may be spaced or ordered otherwise, and many
            # are a whole table: what FinanceBench judges retrieval by is the page.
            Evidence(f"{e.doc_name}.pdf", e.evidence_text.strip(), e.evidence_page_num + 1, by_page=True)
            for e in question.evidence
        ),
        where,
    )


def _figure(answer: str) -> tuple[str, ...]:
    """Return the ways to write an answer that is one figure, or nothing when it is more than that."""
    found = re.fullmatch(r"[$€£]?\s*(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?\s*%?\.?", answer)
    if found is None:
        return ()
    sign, whole, part = found[1], found[2].replace(",", ""), (found[3] or "").rstrip("0")
    tails = [f".{part}"] if part else [""]
    if found[3] and found[3] != part:
        tails.append(f".{found[3]}")
    return tuple(dict.fromkeys(f"{sign}{w}{t}" for t in tails for w in (whole, f"{int(whole):,}")))


def _explain(problem: Any) -> str:
    field = dotted(problem["loc"])
    if problem["type"] == "missing":
        return f"field {field} is missing"
    return f"field {field}: {problem['msg'][0].lower()}{problem['msg'][1:]}, got {short(problem['input'])}"
