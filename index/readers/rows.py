"""Write the cells of a sheet as rows that read alone: "Column: value; Column: value".

Owns finding the row that holds the column names. A sheet without one still reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.errors import ReadError
from index.readers.blocks import Blocks, readable

MAX_CELLS = 3_000_000

_NUMBER = re.compile(r"[-+(]?[$€£¥]?\s?\d[\d.,\s:/%-]*(?:[eE][+-]?\d+)?[)%]?")
_SEARCHED = 12
_LONGEST_NAME = 120
_YEAR = re.compile(r"(?:FY\s?)?(?:19|20)\d\d[AE]?")

Row = list[str]


def add_sheet(blocks: Blocks, rows: Sequence[Row], title: str = "") -> None:
    """Append the rows of a sheet, under its name as a heading; blank rows part its tables."""
    if not any(any(row) for row in rows):
        return
    if title:
        blocks.add(title, level=1)
    names: Row = []
    for region in (part for whole in _regions(rows) for part in _beside(whole)):
        first = _header(region, names)
        if first is None:
            named = region
            names = names if _within(region, names) else []
        else:
            for row in region[:first]:
                blocks.add(readable([], row), row=True)
            names = [" ".join(cell.split())[:_LONGEST_NAME] for cell in region[first]]
            named = region[first + 1 :]
            if not named:  # nothing but names: they are the text
                blocks.add(readable([], names), row=True)
        for row in named:
            blocks.add(readable(names if sum(map(bool, row)) > 1 or len(names) < 2 else [], row), row=True)


def check_cells(count: int, name: str) -> None:
    """Refuse a sheet of an absurd size.

    Raises:
        ReadError: when there are more cells than can be searched with profit.
    """
    if count > MAX_CELLS:
        raise ReadError(f"{name}: holds more than {MAX_CELLS:,} cells. Keep the sheets that matter, or divide it.")


def _regions(rows: Sequence[Row]) -> Iterator[list[Row]]:
    region: list[Row] = []
    for row in rows:
        if any(row):
            region.append(row)
        elif region:
            yield region
            region = []
    if region:
        yield region


def _beside(region: list[Row]) -> list[list[Row]]:
    """Part tables that stand side by side, an empty column between them; each must have its column names."""
    width = max(map(len, region))
    empty = [not any(row[i] for row in region if i < len(row)) for i in range(width)]
    parts, start = [], 0
    for i in range(1, width + 1):
        if i == width or (empty[i] and not empty[i - 1]):
            part = [row[start:i] for row in region if any(row[start:i])]
            parts.append(part)
            start = i
    tables = [part for part in parts if part]
    return tables if len(tables) > 1 and all(_header(part, []) is not None for part in tables) else [region]


def _header(region: Sequence[Row], before: Row) -> int | None:
    """Return which row of a table names its columns, None when none does.

    `before` are the names of the table above, which may go on here.
    """
    width = max(_filled(row) for row in region)
    if width < 2 or (len(region) < 2 and before):
        return None
    for number, row in enumerate(region[:_SEARCHED]):
        if _filled(row) * 5 < width * 3 or _filled(row) < 2:
            continue  # a title or a remark over the table
        if not all(_is_name(cell) for cell in row if cell) or len(set(filter(None, row))) * 3 < _filled(row) * 2:
            return None
        below = region[number + 1 :]
        goes_on = bool(before) and not any(_NUMBER.fullmatch(cell) for other in below for cell in other)
        return None if goes_on and _within([row], before) else number
    return None


def _within(region: Sequence[Row], names: Row) -> bool:
    """Tell whether the cells of a table stand in columns that have names."""
    return bool(names) and all(i < len(names) and names[i] for row in region for i, cell in enumerate(row) if cell)


def _filled(row: Row) -> int:
    return sum(map(bool, row))


def _is_name(cell: str) -> bool:
    """Tell whether a cell may name a column: words, or a year."""
    if cell.endswith(":"):
        return False  # a label of the cell beside it
    return len(cell) <= _LONGEST_NAME and (not _NUMBER.fullmatch(cell) or _YEAR.fullmatch(cell) is not None)
