"""Sets kept as a table: CSV, TSV or Excel, a question a row, under a row of column names.

Owns what the columns may be called and how a cell holds a list: `;` between entries, `|` between ways to say one, as
in "nine|9; Mediterranean" for `must_include`. Evidence has a column for its words, one for its document and one for
its page, numbered when there are several ("quote 2", "document 2"). What a row says is checked as a line of JSON is.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from eval.formats.lines import beside, item_of
from eval.formats.source import digest, name_of, read_text
from eval.formats.types import Item, QuestionSet, SetError, unique
from index.errors import ReadError

NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "no", "nr", "number", "question id", "qid", "#"),
    "question": ("question", "questions", "q", "query", "prompt"),
    "type": ("type", "kind", "question type"),
    "answer": ("answer", "a", "expected", "expected answer", "reference answer", "gold answer", "ground truth"),
    "aliases": ("aliases", "alias", "other answers", "also accepted", "accepted answers"),
    "must_include": ("must include", "facts", "key facts", "keywords", "required"),
    "quote": ("quote", "quotation", "evidence", "evidence quote", "supporting text", "passage"),
    "doc": ("doc", "document", "file", "file name", "filename", "source", "source document"),
    "page": ("page", "page number"),
}
"""What the columns may be called, in any case, with `_` or `-` for a space, and a number behind those of evidence."""

SUFFIXES = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls")
_EXCEL = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    ".xls": "application/vnd.ms-excel",
}
_FIELDS = {name: field for field, names in NAMES.items() for name in names}
_EVIDENCE = ("quote", "doc", "page")
_LARGEST_CELL = 2**24

Row = list[str]


@dataclass(frozen=True)
class _Column:
    """A column that is used: where it stands, what the user calls it, and which field of which evidence it is."""

    at: int
    title: str
    field: str
    number: int = 0


def load_table(path: Path, data: bytes) -> QuestionSet:
    """Return the set that a table holds; empty rows are skipped.

    Without an id a question is called after its row; without a type it is a factoid, or unanswerable when there is no
    answer. Documents in a folder `documents` beside it belong to it.

    Raises:
        SetError: with a line for each problem: file, row, column, what is there and what is expected.
    """
    rows = _sheet(path, data) if path.suffix.lower() in _EXCEL else _delimited(read_text(data, path), path)
    head, header = next(((n, row) for n, row in rows if any(cell.strip() for cell in row)), (0, []))
    columns, unknown = _columns(header, path)
    items: list[Item] = []
    problems: list[str] = []
    for number, row in rows:
        if number <= head or not any(cell.strip() for cell in row):
            continue
        try:
            items.append(_item(row, number, columns, path))
        except SetError as error:
            problems += error.problems
    if problems:
        raise SetError(*problems)
    remarks = (f"{path}: not used: the columns {', '.join(map(repr, unknown))}",) if unknown else ()
    return QuestionSet(name_of(path), unique(items, path), path, digest(data), paths=beside(path), remarks=remarks)


def _columns(header: Row, path: Path) -> tuple[list[_Column], list[str]]:
    """Return the columns that are known, and the names of those that are not."""
    known: list[_Column] = []
    unknown: list[str] = []
    problems: list[str] = []
    for at, title in enumerate(header):
        if not title.strip():
            continue
        column = _column(at, title)
        if column is None:
            near = get_close_matches(_plain(title), _FIELDS, n=1, cutoff=0.8)
            if near:
                problems.append(f"{path}, row of column names: {title!r} is unknown; did you mean {near[0]!r}?")
            unknown.append(title)
        elif any((c.field, c.number) == (column.field, column.number) for c in known):
            problems.append(f"{path}, row of column names: {title!r} says again what another column says")
        else:
            known.append(column)
    if "question" not in {c.field for c in known}:
        found = ", ".join(repr(title) for title in header if title.strip()) or "none"
        remedy = "give that of the questions this name, and that of the answers 'answer'"
        problems.insert(0, f"{path}: has no column 'question'; its columns are {found}: {remedy}")
    if problems:
        raise SetError(*problems)
    return known, unknown


def _column(at: int, title: str) -> _Column | None:
    name = _plain(title)
    if name in _FIELDS:
        return _Column(at, title, _FIELDS[name])
    numbered = re.fullmatch(r"(.*?) ?(\d{1,2})", name)
    field = _FIELDS.get(numbered[1]) if numbered else None
    return _Column(at, title, field, int(numbered[2]) - 1) if numbered and field in _EVIDENCE else None


def _plain(title: str) -> str:
    return " ".join(re.sub(r"[_\-\s]+", " ", title.casefold().strip(" :?*")).split())


def _item(row: Row, number: int, columns: Sequence[_Column], path: Path) -> Item:
    cells = {c: row[c.at].strip() if c.at < len(row) else "" for c in columns}
    plain = {c.field: value for c, value in cells.items() if c.field not in _EVIDENCE}
    answer = plain.get("answer", "")
    evidence, used = _evidence({c: value for c, value in cells.items() if c.field in _EVIDENCE})
    value = {
        "id": plain.get("id") or f"row-{number}",
        "question": plain.get("question", ""),
        "type": plain.get("type", "").lower().replace(" ", "-") or ("factoid" if answer else "unanswerable"),
        "answer": answer,
        "aliases": _entries(plain.get("aliases", "")),
        "must_include": [_entries(group, "|") for group in _entries(plain.get("must_include", ""))],
        "evidence": evidence,
    }
    titles = {c.field: c.title for c in columns if c.field not in _EVIDENCE}

    def called(field: str) -> str:
        found = re.fullmatch(r"evidence\[(\d+)\]\.(\w+)", field)
        title = used.get((int(found[1]), found[2])) if found else titles.get(re.split(r"[.\[]", field)[0])
        return f"column {title!r}" if title else f"column {found[2] if found else field!r}"

    return item_of(value, path, f"row {number}", called)


def _evidence(cells: Mapping[_Column, str]) -> tuple[list[dict[str, object]], dict[tuple[int, str], str]]:
    """Return the evidence of a row, and the title of the column that each of its fields comes from.

    Evidence without a document of its own is in that of the first.
    """
    given: list[dict[str, object]] = []
    used: dict[tuple[int, str], str] = {}
    shared = next((value for c, value in cells.items() if (c.field, c.number) == ("doc", 0)), "")
    for number in sorted({c.number for c in cells}):
        found = {c.field: (c.title, value) for c, value in cells.items() if c.number == number and value}
        if number and set(found) <= {"doc"} and not found:
            continue
        if not found:
            continue
        entry: dict[str, object] = {field: value for field, (_, value) in found.items()}
        if shared:
            entry.setdefault("doc", shared)
        if str(entry.get("page", "")).removesuffix(".0").isdigit():
            entry["page"] = int(str(entry["page"]).removesuffix(".0"))
        used |= {(len(given), c.field): c.title for c in cells if c.number == number}
        given.append(entry)
    return given, used


def _entries(cell: str, sign: str = ";") -> list[str]:
    return [part for part in (part.strip() for part in re.split(rf"[{sign}\n]", cell)) if part]


def _delimited(text: str, path: Path) -> list[tuple[int, Row]]:
    """Return the rows of a table of text with the numbers of the lines on which they begin.

    The separator is the sign by which the first line falls into most known columns.
    """
    first = next((line for line in text.split("\n") if line.strip()), "")
    if declared := re.fullmatch(r"sep=(.)", first, re.IGNORECASE):
        separator = declared[1]
    else:
        separator = max(
            ",;\t|", key=lambda sign: sum(_column(0, t) is not None for t in next(csv.reader([first], delimiter=sign)))
        )
    limit = csv.field_size_limit(_LARGEST_CELL)
    try:
        return list(_numbered(text, separator, bool(declared)))
    except csv.Error as error:
        raise SetError(f"{path}: is not a table that can be read ({error}); save it as CSV again") from error
    finally:
        csv.field_size_limit(limit)


def _numbered(text: str, separator: str, declared: bool) -> Iterator[tuple[int, Row]]:
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    began = 1
    for row in reader:
        if not (declared and [cell.strip() for cell in row][:1] and began == 1):
            yield began, row
        began = reader.line_num + 1


def _sheet(path: Path, data: bytes) -> list[tuple[int, Row]]:
    """Return the rows of the first sheet that has a column of questions, or else of the first."""
    from index.readers.native import extract  # its parser need not be loaded for other sets

    try:
        tables = extract(data, _EXCEL[path.suffix.lower()], path.name).tables
    except ReadError as error:
        raise SetError(f"{path}: {str(error).removeprefix(f'{path.name}: ')}") from error
    sheets = [[(n, [str(cell) for cell in row]) for n, row in enumerate(table.cells, 1)] for table in tables]
    for rows in sheets:
        header = next((row for _, row in rows if any(cell.strip() for cell in row)), [])
        if any((column := _column(0, title)) and column.field == "question" for title in header):
            return rows
    return sheets[0] if sheets else []
