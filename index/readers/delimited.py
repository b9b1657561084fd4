"""Read tables of text (CSV, TSV): any encoding, any of the usual separators, quotes or none."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import Literal

from index.readers.blocks import Blocks
from index.readers.encoding import decode
from index.readers.rows import Row, add_sheet, check_cells
from index.types import RawDocument

_SEPARATORS = ",;\t|"
_SAMPLE = 60
_SHARE = 0.6
_LONGEST_FIELD = 2**27
_SWALLOWED = 200
_DECLARED = re.compile(r"sep=(.)\n", re.IGNORECASE)


def read_csv(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a table of text.

    Raises:
        ReadError: when they are no text, or more cells than can be searched.
    """
    text = decode(data, name).lstrip("\ufeff")
    declared = _DECLARED.match(text)
    if declared:
        text = text[declared.end() :]
    rows = _rows(text, declared[1] if declared else _separator(text))
    check_cells(sum(map(len, rows)), name)
    blocks = Blocks()
    add_sheet(blocks, rows)
    return blocks.document("tsv" if name.lower().endswith(".tsv") else "csv", layout="rows")


def _separator(text: str) -> str:
    """Return what parts the columns, empty when there is one column only: the sign that gives most rows as many.

    Of two that give as many rows as many, the one that leaves fewer quotation marks: the other parts what is quoted.
    """
    best, score = "", (0.0, 0)
    lines = text.split("\n", 2 * _SAMPLE)[: 2 * _SAMPLE]
    for separator in _SEPARATORS:
        rows = [row for row in _parse("\n".join(lines), separator, csv.QUOTE_MINIMAL)[:_SAMPLE] if row]
        widths = Counter(map(len, rows))
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        wide = sum(number for size, number in widths.items() if size > 1)
        if width < 2 and len(lines) > 2 and wide >= 2:  # a few remarks over a table
            width, count = max(((s, n) for s, n in widths.items() if s > 1), key=lambda item: (item[1], item[0]))
        found = count / max(sum(widths.values()), 1)
        # Ragged tables exist, prose with commas too: as many rows as not must be as wide as the others.
        clean = found, -sum(cell.count('"') for row in rows for cell in row)
        if width > 1 and found >= _SHARE and clean > score:
            best, score = separator, clean
    return best


def _rows(text: str, separator: str) -> list[Row]:
    if not separator:
        return [[" ".join(line.split()).strip('"')] for line in text.split("\n")]
    rows = _parse(text, separator, csv.QUOTE_MINIMAL)
    if any(cell.count("\n") > _SWALLOWED for row in rows for cell in row):
        rows = _parse(text, separator, csv.QUOTE_NONE)  # a quote that is never closed
    return [[" ".join(cell.split()) for cell in row] for row in rows]


def _parse(text: str, separator: str, quoting: Literal[0, 3]) -> list[Row]:
    limit = csv.field_size_limit(_LONGEST_FIELD)
    try:
        lines = text.splitlines(keepends=True) if quoting == csv.QUOTE_NONE else text.split("\n")
        terminated = (line if line.endswith("\n") else f"{line}\n" for line in lines)
        return list(csv.reader(terminated, delimiter=separator, quoting=quoting, skipinitialspace=True))
    except csv.Error:
        return [line.split(separator) for line in text.split("\n")]
    finally:
        csv.field_size_limit(limit)
