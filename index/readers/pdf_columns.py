"""Divide a PDF page into its columns of prose, in reading order.

A gutter is a strip without text, some lines high, with prose at both of its sides. A table has strips like it, but
beside them stand numbers, single words, or cells of all lengths: it is not divided.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import numpy as np

from index.readers.pdf_pieces import Line

_FINE = 4
"""Cells of the grid for each line height."""

_MIN_LINES = 4
_MIN_WIDTH = 0.5
_TRIES = 6
_DEPTH = 8
_MAX_CELLS = 1_000
_SHRINK = 0.2
_FULL = 0.6
_LETTERS = 0.6
_MIN_SIDE = 5
_WORDS = 3
_IDEOGRAPHS = 8
_SMALL = 0.25
_NUMBERS = 0.25
_EDGE_GAP = 0.9


class Gutter(NamedTuple):
    """A strip between two columns: at `x`, from `top` to `bottom`."""

    x: float
    top: float
    bottom: float


def divide(pieces: Sequence[Line], rtl: bool, depth: int = 0) -> list[list[Line]]:
    """Return the pieces of the page in groups, in reading order; in a group they keep the order of the file."""
    gutter = _gutter(pieces) if depth < _DEPTH and _are_beside(pieces) else None
    if gutter is None:
        return [list(pieces)] if pieces else []
    parts: tuple[list[Line], ...] = ([], [], [], [])
    for piece in pieces:
        middle = (piece.top + piece.bottom) / 2
        beside = 1 + (((piece.left + piece.right) / 2 > gutter.x) is not rtl)
        parts[0 if middle < gutter.top else 3 if middle > gutter.bottom else beside].append(piece)
    return [group for part in parts for group in divide(part, rtl, depth + 1)]


def _are_beside(pieces: Sequence[Line]) -> bool:
    """Tell whether enough pieces that may be lines of prose stand beside others to be columns: most pages have none."""
    several = [p for p in pieces if not p.number and (p.text.count(" ") >= _WORDS - 1 or _ideographs(p) >= _WORDS)]
    if len(several) < 2 * _MIN_LINES:
        return False
    left, top, right, bottom = np.array([(p.left, p.top, p.right, p.bottom) for p in several]).T
    level = (top[:, None] < bottom) & (top < bottom[:, None])
    return int((level & (right[:, None] <= left)).any(1).sum()) >= _MIN_LINES - 1


def _gutter(pieces: Sequence[Line]) -> Gutter | None:
    """Return the highest gutter among the pieces."""
    left, top, right, bottom = np.array([(p.left, p.top, p.right, p.bottom) for p in pieces]).T
    unit = float(np.median(bottom - top))
    x0, y0 = float(left.min()), float(top.min())
    extent = max(float(right.max()) - x0, float(bottom.max()) - y0)
    cell = max(unit / _FINE, extent / _MAX_CELLS)
    if unit <= 0:
        return None
    cover = _grid(left - x0, top - y0, right - x0, bottom - y0, cell)
    sides = np.arange(cover.shape[1])
    first, last = cover.argmax(1)[:, None], (cover.shape[1] - 1 - cover[:, ::-1].argmax(1))[:, None]
    between = ~cover & (sides > first) & (sides < last)
    total = np.cumsum(between, axis=0, dtype=np.int32)
    heights = total - np.maximum.accumulate(np.where(cover, total, 0), axis=0)
    best = heights.max(0)
    for _ in range(_TRIES):
        x = int(best.argmax())
        if best[x] * cell < _MIN_LINES * unit * (1 - 2 * _SHRINK):
            return None
        start, end = _free(cover[:, x], int(heights[:, x].argmax()))
        rows = np.flatnonzero(between[start:end, x])
        taken = np.any(cover[start + rows[0] : start + rows[-1] + 1], axis=0)
        a, b = _free(taken, x)
        if (b - a) * cell >= _MIN_WIDTH * unit:
            gutter = Gutter(x0 + (a + b) / 2 * cell, y0 + start * cell, y0 + end * cell)
            gutter = _trimmed(pieces, gutter, unit)
            if _parts_prose(pieces, gutter, unit):
                return gutter
        best[a:b] = 0
    return None


def _grid(left: np.ndarray, top: np.ndarray, right: np.ndarray, bottom: np.ndarray, cell: float) -> np.ndarray:
    """Return which cells of a grid over the pieces have text; lines are narrowed, for their boxes may overlap."""
    inset = _SHRINK * (bottom - top)
    x1, x2 = (left / cell).astype(int), np.ceil(right / cell).astype(int)
    y1 = ((top + inset) / cell).astype(int)
    y2 = np.maximum(np.ceil((bottom - inset) / cell).astype(int), y1 + 1)
    cover = np.zeros((int(y2.max()), int(max(x2.max(), 1))), np.bool_)
    for a, b, c, d in zip(x1.tolist(), y1.tolist(), x2.tolist(), y2.tolist(), strict=True):
        cover[b:d, a:c] = True
    return cover


def _free(blocked: np.ndarray, at: int) -> tuple[int, int]:
    """Return the stretch around `at` that is not blocked."""
    places = np.flatnonzero(blocked)
    i = int(np.searchsorted(places, at))
    return (int(places[i - 1]) + 1 if i else 0), (int(places[i]) if i < len(places) else len(blocked))


def _trimmed(pieces: Sequence[Line], gutter: Gutter, unit: float) -> Gutter:
    """Leave out a line at the top or bottom that stands off from the columns: a running head, a page number."""
    inside = sorted((p.top, p.bottom) for p in pieces if gutter.top <= (p.top + p.bottom) / 2 <= gutter.bottom)
    bands: list[tuple[float, float]] = []
    for top, bottom in inside:
        if bands and top < bands[-1][1]:
            bands[-1] = bands[-1][0], max(bands[-1][1], bottom)
        else:
            bands.append((top, bottom))
    start, end = gutter.top, gutter.bottom
    while len(bands) > 1 and bands[0][1] - bands[0][0] < 2 * unit and bands[1][0] - bands[0][1] > _EDGE_GAP * unit:
        start = (bands[0][1] + bands[1][0]) / 2
        bands.pop(0)
    while len(bands) > 1 and bands[-1][1] - bands[-1][0] < 2 * unit and bands[-1][0] - bands[-2][1] > _EDGE_GAP * unit:
        end = (bands[-2][1] + bands[-1][0]) / 2
        bands.pop()
    return Gutter(gutter.x, start, end)


def _parts_prose(pieces: Sequence[Line], gutter: Gutter, unit: float) -> bool:
    inside = [p for p in pieces if gutter.top <= (p.top + p.bottom) / 2 <= gutter.bottom]
    left = [p for p in inside if p.left + p.right <= 2 * gutter.x]
    right = [p for p in inside if p.left + p.right > 2 * gutter.x]
    near_left = [max(line, key=lambda piece: piece.right) for line in _level_lines(left)]
    near_right = [min(line, key=lambda piece: piece.left) for line in _level_lines(right)]
    return all(_is_prose(_column(lines), unit) for lines in (near_left, near_right))


def _column(lines: list[Line]) -> list[Line]:
    """Leave out lines that stand in a column further off, where the near one has none."""
    if not lines:
        return []
    edge, width = median(line.left for line in lines), median(line.right - line.left for line in lines)
    return [line for line in lines if abs(line.left - edge) < width / 2]


def _level_lines(pieces: Sequence[Line]) -> list[list[Line]]:
    """Return the pieces in groups that stand side by side."""
    lines: list[list[Line]] = []
    for piece in sorted(pieces, key=lambda p: p.top + p.bottom):
        last = lines[-1][-1] if lines else None
        if last and piece.top + piece.bottom < 2 * last.bottom and piece.top < last.bottom - 0.5 * last.height:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return lines


def _is_prose(lines: Sequence[Line], unit: float) -> bool:
    """Tell whether these are the lines of wrapped text.

    They are letters, several words each, most as wide as the column; and many begin with a small letter (or with one
    of a script that has no other), as the lines of a sentence do and the cells of a table do not.
    """
    text = "".join(line.text for line in lines)
    solid = sum(not char.isspace() for char in text)
    if len(lines) < _MIN_LINES - 1 or sum(map(str.isalpha, text)) < _LETTERS * solid:
        return False
    width = max(line.right for line in lines) - min(line.left for line in lines)
    small = sum(line.text[0].isalpha() and not line.text[0].isupper() for line in lines)
    numbers = sum(line.number for line in lines)
    if width < _MIN_SIDE * unit or small < _SMALL * len(lines) or numbers > _NUMBERS * len(lines):
        return False
    full = sum(line.right - line.left >= _FULL * width for line in lines)
    return 2 * full >= len(lines) and median(max(len(line.text.split()), _ideographs(line)) for line in lines) >= _WORDS


def _ideographs(line: Line) -> int:
    """Return how many words the Chinese or Japanese signs of a line may make."""
    return sum(char > "\u2e80" for char in line.text) * _WORDS // _IDEOGRAPHS
