"""Cut the words of a PDF page into pieces of lines: no piece spans a wide gap, a line's end or a turn of the text.

Owns turning the page's boxes until its text is upright, and the text of a piece.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.readers.pdfium import HYPHENS, Boxes, Words

RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")

_GAP = 0.6
_TOUCH = 0.1
_LEVEL = 0.3
_LONG_WORD = 3
_SPACE = re.compile(r"\s+")
_HYPHEN = re.compile(f"[{HYPHENS}]")
_END = re.compile(f"[\r\n{HYPHENS}]")
_NUMBER = re.compile(r"[$€£¥(+−–—-]*(?:\d[\d.,]*)?[%)]*|n/?[am]", re.IGNORECASE)


@dataclass(slots=True)
class Line:
    """A line of text where it stands on the page: in points from the top left corner, turned upright.

    `words` are the runs, from first to last, of the page's words in it; `order` is the line of the
    file; `number` tells that it holds nothing but numbers, `row` that it is a row of cells, `turned` that it is set
    at a right angle to the page's text; `parts` counts the pieces with wide gaps between them.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    words: tuple[tuple[int, int], ...]
    order: int
    number: bool = False
    row: bool = False
    turned: bool = False
    parts: int = 1

    @property
    def first(self) -> int:
        """The place of its first word among the page's words."""
        return self.words[0][0]

    @property
    def last(self) -> int:
        """The place of its last word."""
        return self.words[-1][1]

    @property
    def height(self) -> float:
        """How high the line is."""
        return self.bottom - self.top


def pieces_of(words: Words, width: float, height: float) -> list[Line]:
    """Return the pieces of a page's lines in the order of the file."""
    if not len(words.spans):
        return []
    boxes, turned = _upright(words, width, height)
    left, top, right, bottom = boxes.T
    tall = bottom - top
    low = np.minimum(tall[1:], tall[:-1])
    level = np.minimum(bottom[1:], bottom[:-1]) - np.maximum(top[1:], top[:-1]) > _LEVEL * low
    forward = left[1:] - right[:-1]
    apart = np.maximum(forward, left[:-1] - right[1:]) if RTL.search(words.text) else forward
    ended = _ended(words)
    near = level & (apart >= -_GAP * low) & (apart <= _GAP * low)
    same = turned[1:] & turned[:-1] & ~ended  # in text that is turned the gaps run the other way
    cut = ~(near | same) | (ended & (apart < -_TOUCH * low)) | (turned[1:] != turned[:-1])
    new_line = np.concatenate(([0], np.cumsum(ended | ~level)))
    starts = np.concatenate(([0], np.flatnonzero(cut) + 1))
    ends = np.concatenate((starts[1:], [len(boxes)])) - 1
    sides = zip(
        np.minimum.reduceat(left, starts).tolist(), np.minimum.reduceat(top, starts).tolist(),
        np.maximum.reduceat(right, starts).tolist(), np.maximum.reduceat(bottom, starts).tolist(),
        strict=True,
    )  # fmt: skip
    pieces = []
    for first, last, box in zip(starts.tolist(), ends.tolist(), sides, strict=True):
        text = _text(words, first, last, ended, apart, low)
        number = all(map(_NUMBER.fullmatch, text.split()))
        pieces.append(Line(text, *box, ((first, last),), int(new_line[first]), number, turned=bool(turned[first])))
    return pieces


def _upright(words: Words, width: float, height: float) -> tuple[Boxes, NDArray[np.bool_]]:
    """Return the words' boxes with the text upright, whichever way it runs, and which words run another way."""
    long = words.spans[:, 1] - words.spans[:, 0] >= _LONG_WORD
    right, down = words.steps[:, 0], words.steps[:, 1]
    vertical = np.abs(down) > np.abs(right)
    count = int(long.sum())
    left, top, far, bottom = words.boxes.T
    boxes = words.boxes
    across = 2 * int((vertical & long).sum()) > count > 0
    if across and 2 * int((down[vertical & long] < 0).sum()) >= int((vertical & long).sum()):
        boxes = np.column_stack((height - bottom, left, height - top, far))
    elif across:
        boxes = np.column_stack((top, width - far, bottom, width - left))
    elif not RTL.search(words.text) and count > 4 and int((right[long & ~vertical] < 0).sum()) > 0.8 * count:
        boxes = np.column_stack((width - far, height - bottom, width - left, height - top))
    other = ~vertical if across else vertical
    return boxes, other & long


def _ended(words: Words) -> NDArray[np.bool_]:
    """Tell for each word but the last whether pdfium ends the line after it."""
    breaks = np.array([match.start() for match in _END.finditer(words.text)], np.int32)
    return np.diff(np.searchsorted(breaks, words.spans[:, 0])) > 0


def _text(
    words: Words, first: int, last: int, ended: NDArray[np.bool_], apart: NDArray[np.float32], low: NDArray[np.float32]
) -> str:
    """Return the text of the words from `first` to `last`, one space for each of their gaps."""
    start, end = int(words.spans[first, 0]), int(words.spans[last, 1])
    text = words.text[start:end]
    if ended[first:last].any():  # within a line pdfium ends one where the type changes: a word may go on there
        parts = [words.text[int(words.spans[first, 0]) : int(words.spans[first, 1])]]
        for i in range(first, last):
            a, b = words.spans[i + 1]
            parts += ["" if ended[i] and apart[i] < _TOUCH * low[i] else " ", words.text[a:b]]
        text = "".join(parts)
    if HYPHENS[0] in text or HYPHENS[1] in text:
        text = _HYPHEN.sub("-", text)
    return text if text.isprintable() and "  " not in text else _SPACE.sub(" ", text)
