"""Put the pieces of a PDF page into lines, and the lines into the order in which a person reads them.

The order of the file is kept where nothing speaks against it, for the program that wrote it knew its columns and
cells. Against it speak a gutter between two columns of prose, a number that stands in the row of a label but not in
its line, and a block that comes after one that it stands above. Nothing is left out.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from index.readers.pdf_columns import divide
from index.readers.pdf_pieces import RTL, Line, pieces_of
from index.readers.pdfium import Words

CELL = "\t"
"""What stands between the cells of a row."""

_AMOUNT = re.compile(r"[$€£¥%]|\d[.,]\d|\(\d")
_MARK = re.compile(r"[•·▪◦‣●○■□➢✓*†‡–—-]|\(?(?:\d{1,3}|[a-z]|[ivxl]{1,5})[.)]", re.IGNORECASE)
_MARK_LENGTH = 7
_INDENT = 4
_LABEL_WORDS = 16
_LEVEL = 0.6
_TALLEST = 3
_HEAD_LINES = 2
_CLOSE = 2.0
_SLACK = 0.3


def lines_of(words: Words, width: float, height: float) -> list[Line]:
    """Return the lines of a page in reading order, those that are turned at its end."""
    pieces = pieces_of(words, width, height)
    rtl = RTL.search(words.text) is not None
    groups = divide([piece for piece in pieces if not piece.turned], rtl)
    ordered = [line for group in groups for line in _in_order(_rows(_joined(group, rtl)))]
    return ordered + [piece for piece in pieces if piece.turned]


def _joined(pieces: Sequence[Line], rtl: bool) -> list[Line]:
    """Join the pieces that stand in one line of the file."""
    lines: list[Line] = []
    run: list[Line] = []
    for piece in pieces:
        if run and (piece.order != run[-1].order or not all(_beside(piece, other) for other in run)):
            lines.append(_line(run, rtl))
            run = []
        run.append(piece)
    return [*lines, _line(run, rtl)] if run else lines


def _line(pieces: Sequence[Line], rtl: bool = False) -> Line:
    """Make one line of pieces, which is a row when some of them are amounts."""
    if len(pieces) == 1:
        return pieces[0]
    if not rtl:
        pieces = sorted(pieces, key=lambda piece: piece.left)
    numbers = [piece for piece in pieces[1:] if piece.number]
    row = any(piece.row for piece in pieces) or len(numbers) > 1
    row = row or any(_AMOUNT.search(piece.text) for piece in numbers)
    text = pieces[0].text
    for before, piece in pairwise(pieces):
        wide = row and (piece.number or before.number) and not _sign(before)
        text += (CELL if wide else " ") + piece.text
    return Line(
        text,
        min(piece.left for piece in pieces),
        min(piece.top for piece in pieces),
        max(piece.right for piece in pieces),
        max(piece.bottom for piece in pieces),
        tuple(run for piece in pieces for run in piece.words),
        pieces[0].order,
        all(piece.number for piece in pieces),
        row,
        parts=sum(piece.parts for piece in pieces),
    )


def _sign(piece: Line) -> bool:
    """Tell whether a piece is the sign of the amount after it."""
    return len(piece.text) == 1 and piece.text in "$€£¥("


def _rows(lines: list[Line]) -> list[Line]:
    """Put numbers that stand in the row of a label, and marks that stand before a text, into one line with it."""
    loose = [line for before, line in pairwise(lines[:1] + lines) if line.number and not _under(before, line)]
    marks = [line for line in lines if len(line.text) <= _MARK_LENGTH and _MARK.fullmatch(line.text)]
    if not loose and not marks:
        return lines
    ordered = sorted(lines, key=lambda line: line.top)
    lines = _merged(lines, [(_label(number, ordered), number) for number in loose], rows_only=True)
    ordered = sorted(lines, key=lambda line: line.top)
    there = set(map(id, lines))
    return _merged(lines, [(_marked(mark, ordered), mark) for mark in marks if id(mark) in there], rows_only=False)


def _merged(lines: list[Line], pairs: Sequence[tuple[Line | None, Line]], *, rows_only: bool) -> list[Line]:
    """Put each second line of the pairs into one line with the first, unless that goes into another itself."""
    goes = {id(line) for first, line in pairs if first is not None}
    rows: dict[int, list[Line]] = {}
    for first, line in pairs:
        if first is not None and id(first) not in goes:
            rows.setdefault(id(first), [first]).append(line)
    made = {key: _line(row) for key, row in rows.items()}
    if rows_only:
        made = {key: line for key, line in made.items() if line.row}
    taken = {id(line) for key in made for line in rows[key][1:]}
    return [made.get(id(line), line) for line in lines if id(line) not in taken]


def _in_row(line: Line, ordered: Sequence[Line]) -> list[Line]:
    """Return the other lines, of all ordered by their tops, that stand in the row of a line."""
    last = bisect_left(ordered, line.bottom, key=lambda other: other.top)
    first = bisect_left(ordered, line.top - _TALLEST * line.height, key=lambda other: other.top)
    return [other for other in ordered[first:last] if other is not line and _level(other, line)]


def _under(before: Line, line: Line) -> bool:
    """Tell whether a line goes on in the next one: both are the text of one cell."""
    return not before.number and line.top > before.top and line.left < before.right and before.left < line.right


def _label(number: Line, ordered: Sequence[Line]) -> Line | None:
    """Return the leftmost line of the number's row, when it can be its label."""
    row = [line for line in _in_row(number, ordered) if line.right <= number.left]
    label = min(row, key=lambda line: line.left, default=None)
    if label is None or any(not line.number for line in row if line is not label):
        return None
    return label if label.text.count(" ") < _LABEL_WORDS else None


def _marked(mark: Line, ordered: Sequence[Line]) -> Line | None:
    """Return the text that begins right of a mark."""
    row = [line for line in _in_row(mark, ordered) if 0 <= line.left - mark.right <= _INDENT * mark.height]
    return min(row, key=lambda line: line.left, default=None)


def _beside(a: Line, b: Line) -> bool:
    return (a.left >= b.right or b.left >= a.right) and _level(a, b)


def _level(a: Line, b: Line) -> bool:
    return min(a.bottom, b.bottom) - max(a.top, b.top) > _LEVEL * min(a.height, b.height)


def _in_order(lines: Sequence[Line]) -> list[Line]:
    """Put each block of lines before the first one that it stands wholly above."""
    blocks = _blocks(lines)
    if len(blocks) < 2:
        return list(lines)
    ordered: list[list[Line]] = []
    boxes: list[tuple[float, float, float, float]] = []
    for block in blocks:
        box = (
            min(line.left for line in block), min(line.top for line in block),
            max(line.right for line in block), max(line.bottom for line in block),
        )  # fmt: skip
        slack = _SLACK * block[-1].height
        place = next((i for i, other in enumerate(boxes) if _above(box, other, slack)), len(boxes))
        if len(block) <= _HEAD_LINES and all(box[3] <= other[1] + slack for other in boxes):
            place = 0  # a running head may stand beside everything below it
        ordered.insert(place, block)
        boxes.insert(place, box)
    return [line for block in ordered for line in block]


def _above(box: tuple[float, float, float, float], other: tuple[float, float, float, float], slack: float) -> bool:
    """Tell whether a box stands wholly above another and shares some of its width."""
    return box[3] <= other[1] + slack and box[1] < other[1] and min(box[2], other[2]) > max(box[0], other[0])


def _blocks(lines: Sequence[Line]) -> list[list[Line]]:
    """Part the lines where the next one does not follow closely below."""
    if not lines:
        return []
    unit = median(line.height for line in lines)
    blocks = [[lines[0]]]
    for before, line in pairwise(lines):
        below = line.top >= before.top - _SLACK * unit and line.top - before.bottom <= _CLOSE * unit
        if below and min(line.right, before.right) > max(line.left, before.left):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks
