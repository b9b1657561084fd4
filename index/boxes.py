"""Where a quote stands on the pages of its PDF, and pictures of these pages: what a person needs to see it marked.

Boxes are found when they are asked for and stored nowhere. The letters of the quote are aligned with those of its
page, and of the next, white space and hyphens aside: it does not matter that lines were joined, a parted word was
made whole, or a running head or a note mark was taken out of its middle.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from index.errors import NotFoundError
from index.readers.pdf_layout import lines_of
from index.readers.pdfium import opened, page_of

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

MAX_WIDTH = 4_000
"""Pixels a page may be wide."""

_LEAST = 0.9
_SHORTEST_RUN = 4
_DROPPED = re.compile(r"[\s\x00-\x1f\u00ad\u200b-\u200f\u2060\ufeff\ufffe\u2010-\u2015\u2212-]")


@dataclass(frozen=True)
class Box:
    """A rectangle on a page, which is counted from 1: shares of its width and height from its top left corner.

    On a picture of the page, however large, `100 * left` is its left edge in per cent.
    """

    page: int
    left: float
    top: float
    right: float
    bottom: float


class _Letter(NamedTuple):
    """A letter as it is compared, and where it stands: left, top, right and bottom in points."""

    letter: str
    begins: bool
    """Whether a word begins with it."""
    page: int
    line: int
    sides: list[float]
    size: tuple[float, float]


def sentence_boxes(source: Path | bytes, page: int, quote: str) -> list[Box]:
    """Return the boxes of a quote in reading order, one for each line of each page it stands in.

    `page` is the page, from 1, on which the quote begins; it may end on the next. A page without text (a scan) has no
    boxes.

    Raises:
        NotFoundError: when the file is gone, or the quote does not stand there: it is not the file that was read.
        ReadError: when the file is protected or damaged.
    """
    data, name = _bytes(source)
    wanted = "".join(map(_folded, quote))
    if not wanted:
        return []
    with opened(data, name) as document:
        _check(document, page, name)
        letters = _letters(document, page)
        found = _exact(letters, wanted)
        if not found:
            letters += _letters(document, page + 1)
            found = _exact(letters, wanted) or _aligned(letters, wanted)
    if letters and not found:
        raise NotFoundError(
            f"{name}: the quote does not stand on page {page}: the file has changed since it was read. "
            "Bring the library up to date with 'rag sync'."
        )
    return _lines(found)


def render_page(source: Path | bytes, page: int, width: int) -> bytes:
    """Return a picture (PNG) of a page, from 1, that is `width` pixels wide.

    Raises:
        NotFoundError: when the file is gone or has no such page.
        ReadError: when the file is protected or damaged.
        ValueError: when the width is not between 1 and `MAX_WIDTH`.
    """
    if not 0 < width <= MAX_WIDTH:
        raise ValueError(f"width {width} is not between 1 and {MAX_WIDTH} pixels")
    data, name = _bytes(source)
    with opened(data, name) as document:
        _check(document, page, name)
        with page_of(document, page - 1) as loaded:
            if loaded is None:
                raise NotFoundError(f"{name}: page {page} is damaged and cannot be shown.")
            scale = min(width / loaded.width, 4 * MAX_WIDTH / loaded.height)
            picture = loaded.page.render(scale=scale).to_pil()
    buffer = BytesIO()
    picture.save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def _bytes(source: Path | bytes) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        return source, "the document"
    try:
        return source.read_bytes(), source.name
    except FileNotFoundError:
        raise NotFoundError(f"{source}: the file is gone. Put it back, or bring the library up to date.") from None
    except OSError as error:
        raise NotFoundError(f"{source}: cannot be read ({error.strerror or error}).") from error


def _check(document: PdfDocument, page: int, name: str) -> None:
    if not 0 < page <= len(document):
        raise NotFoundError(f"{name}: has {len(document)} pages and no page {page}.")


def _letters(document: PdfDocument, page: int) -> list[_Letter]:
    """Return the letters of a page, from 1, in reading order; none past the last page."""
    if page > len(document):
        return []
    with page_of(document, page - 1) as loaded:
        if loaded is None:
            return []
        words = loaded.words()
        width, height = loaded.width, loaded.height
        places = [
            (line, place, place == word[0])
            for line, item in enumerate(lines_of(words, width, height))
            for first, last in item.words
            for word in words.spans[first : last + 1].tolist()
            for place in range(*word)
        ]
        boxes = loaded.boxes(words.places[[place for _, place, _ in places]]).tolist() if places else []
    return [
        _Letter(letter, begins, page, line, sides, (width, height))
        for (line, place, begins), sides in zip(places, boxes, strict=True)
        for letter in _folded(words.text[place])
    ]


@lru_cache(maxsize=10_000)
def _folded(char: str) -> str:
    """Return what of a character is compared: ligatures as their letters, no white space, no hyphens."""
    return _DROPPED.sub("", unicodedata.normalize("NFKC", char))


def _exact(letters: Sequence[_Letter], wanted: str) -> list[_Letter]:
    """Return the letters of a quote, where they first begin with a word; within one only if they stand nowhere else."""
    text = "".join(letter.letter for letter in letters)
    places = [match.start() for match in re.finditer(f"(?={re.escape(wanted)})", text)]
    at = next((place for place in places if letters[place].begins), places[0] if places else None)
    return [] if at is None else list(letters[at : at + len(wanted)])


def _aligned(letters: Sequence[_Letter], wanted: str) -> list[_Letter]:
    """Return the letters of a quote that has lost something in its middle, or none when too little of it is there."""
    text = "".join(letter.letter for letter in letters)
    blocks = SequenceMatcher(None, text, wanted, autojunk=False).get_matching_blocks()
    runs = [block for block in blocks if block.size >= _SHORTEST_RUN]
    if sum(block.size for block in runs) < _LEAST * len(wanted):
        return []
    return [letter for block in runs for letter in letters[block.a : block.a + block.size]]


def _lines(letters: Sequence[_Letter]) -> list[Box]:
    """Put the boxes of letters that stand in one line together."""
    lines = []
    for (page, _), group in groupby(letters, key=lambda letter: (letter.page, letter.line)):
        found = list(group)
        width, height = found[0].size
        left, top, right, bottom = zip(*(letter.sides for letter in found), strict=True)
        lines.append(
            Box(
                page,
                max(min(left) / width, 0.0),
                max(min(top) / height, 0.0),
                min(max(right) / width, 1.0),
                min(max(bottom) / height, 1.0),
            )
        )
    return lines
