"""BEIR folders: `corpus.jsonl`, `queries.jsonl`, and judgements in `qrels.tsv` or `qrels/*.tsv`.

Each text of the corpus is a document. A question's evidence is the documents judged relevant to it, each with its
grade; what answers it is not known. Queries without a judgement are left out, as BEIR leaves them out.
https://github.com/beir-cellar/beir/wiki/Load-your-custom-dataset
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from eval.formats.source import digest, file_name, name_of, read_bytes, read_text, short
from eval.formats.types import RETRIEVAL, Evidence, Item, QuestionSet, SetError, Text, unique

FILES = ("corpus.jsonl", "queries.jsonl")
_SPLITS = ("test", "dev", "train")
"""Which judgements are taken when there are several: those that figures are reported on come first."""


class _Record(BaseModel):
    id: Annotated[str, StringConstraints(pattern=r"\S"), Field(alias="_id", coerce_numbers_to_str=True)]
    text: str
    title: str = ""


def load_beir(folder: Path) -> QuestionSet:
    """Return the set that a BEIR folder holds, with its corpus.

    Raises:
        SetError: with a line for each problem: file, line and field.
    """
    judged = qrels_of(folder)
    data = {path: read_bytes(path) for path in (*(folder / name for name in FILES), judged)}
    problems: list[str] = []
    corpus = _records(folder / FILES[0], data, problems)
    queries = _records(folder / FILES[1], data, problems)
    grades, strays = _grades(judged, read_text(data[judged], judged), corpus, queries, problems)
    problems += [
        f"{folder / FILES[1]}, {where}, field text: expected a question, got ''"
        for where, query in queries.values()
        if query.id in grades and not query.text.strip()
    ]
    if problems:
        raise SetError(*problems)
    items = []
    for where, query in queries.values():
        relevant = sorted(grades.get(query.id, {}).items(), key=lambda pair: -pair[1])
        evidence = tuple(Evidence(file_name(id_), relevance=grade) for id_, grade in relevant)
        if evidence:
            items.append(Item(query.id, query.text.strip(), RETRIEVAL, "", (), (), evidence, where))
    if unjudged := len(queries) - len(items):
        strays.append(f"{folder}: {unjudged} queries are left out, as nothing is judged relevant to them")
    return QuestionSet(
        name_of(folder),
        unique(items, folder),
        folder,
        digest(*data.values()),
        texts=tuple(Text(file_name(id_), record.text, record.title) for id_, (_, record) in corpus.items()),
        remarks=tuple(strays),
    )


def qrels_of(folder: Path) -> Path:
    """Return the file of judgements of a folder.

    Raises:
        SetError: when there is none.
    """
    there = [folder / "qrels.tsv", *(folder / "qrels" / f"{split}.tsv" for split in _SPLITS)]
    there += sorted((folder / "qrels").glob("*.tsv"))
    for path in there:
        if path.is_file():
            return path
    raise SetError(f"{folder}: has no judgements; expected qrels.tsv or qrels/test.tsv beside {' and '.join(FILES)}")


def _records(path: Path, data: Mapping[Path, bytes], problems: list[str]) -> dict[str, tuple[str, _Record]]:
    """Return the records of a file by their ids, each with its place; what is wrong goes to `problems`."""
    found: dict[str, tuple[str, _Record]] = {}
    for number, line in enumerate(read_text(data[path], path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        try:
            record = _Record.model_validate(json.loads(line))
        except (json.JSONDecodeError, RecursionError) as error:
            problems.append(f"{path}, {where}: not JSON ({error}); expected one JSON object a line")
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = f", field {first['loc'][0]}" if first["loc"] else ""
            problems.append(
                f"{path}, {where}{field}: expected '_id' and 'text', each a text, got {short(first['input'])}"
            )
        else:
            if record.id in found:
                problems.append(f"{path}, {where}, field _id: {record.id!r} is already on {found[record.id][0]}")
            found.setdefault(record.id, (where, record))
    if not found and not problems:
        problems.append(f"{path}: is empty; expected one JSON object a line")
    return found


def _grades(
    path: Path,
    text: str,
    corpus: Mapping[str, object],
    queries: Mapping[str, object],
    problems: list[str],
) -> tuple[dict[str, dict[str, int]], list[str]]:
    """Return the grade, above 0, of each document judged relevant to each query, and a remark for each stray one.

    A document that is judged and not in the corpus stays evidence, which is never found.
    """
    strays: list[str] = []
    grades: dict[str, dict[str, int]] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        cells = line.split("\t") if "\t" in line else line.split()
        if not line.strip() or (number == 1 and not _is_whole(cells[-1])):
            continue
        where = f"{path}, line {number}"
        if len(cells) == 4:  # as TREC writes them: query, iteration, document, grade
            cells = [cells[0], *cells[2:]]
        if len(cells) != 3 or not _is_whole(cells[2]):
            problems.append(
                f"{where}: expected query-id, corpus-id and a whole number, parted by tabs, got {short(line)}"
            )
            continue
        query, document, grade = cells[0].strip(), cells[1].strip(), int(cells[2])
        for name, id_, known in (("query-id", query, queries), ("corpus-id", document, corpus)):
            if id_ not in known:
                near = get_close_matches(id_, known, n=1)
                hint = f"; nearest is {near[0]!r}" if near else ""
                file = FILES[name == "query-id"]
                strays.append(f"{where}, field {name}: {id_!r} is not in {file}{hint}")
        if grade > 0:
            grades.setdefault(query, {})[document] = grade
    return grades, strays


def _is_whole(cell: str) -> bool:
    return cell.strip().lstrip("-").isdigit()
