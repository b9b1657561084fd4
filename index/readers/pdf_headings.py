"""Find the headings of a PDF by how they are set: larger than the text, or bold where the text is not.

Says nothing where the type says nothing: a document in which no size prevails, or in which every other line would be
a heading, has none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.readers.pdf_pieces import Line
from index.readers.pdfium import Font
from index.types import Heading

_LARGER = 1.12
_LARGE = 1.3
_SAME = 0.95
_PREVAILS = 0.4
_MANY = 0.25
_MAX_LENGTH = 160
_MAX_LINES = 4
_LEVELS = 6
_RUNNING = 3
_NEAR = 0.8
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]")
_NUMBERED = re.compile(r"(?:[A-Z][a-z]+ )?[\dIVXA-Z]{1,4}(?:\.\d+)*[.):]?\s")
_ENTRY = re.compile(r"(?:\. ?){4,}|…{2,}")
_ITEM = re.compile(r"[•·▪◦‣●○■□➢✓–—*-]\s")
_SENTENCE = re.compile(r"[.,;:–—-]$")


@dataclass(slots=True)
class Set:
    """A line as it is set: `start` to `end` of the text, its page, its font, and whether all of it is bold."""

    line: Line
    start: int
    end: int
    page: int
    font: Font
    bold: bool


def headings_of(lines: Sequence[Set]) -> tuple[Heading, ...]:
    """Return the headings among the lines of a document, which are in its order."""
    sizes: Counter[float] = Counter()
    for item in lines:
        sizes[item.font.size] += len(item.line.text)
    if not sizes:
        return ()
    body, count = max(sizes.items(), key=lambda item: (item[1], -item[0]))
    near = sum(length for size, length in sizes.items() if abs(size - body) <= 0.06 * body)
    bold = sum(len(item.line.text) for item in lines if item.font.size == body and item.bold)
    if near < _PREVAILS * sizes.total():
        return ()
    running = _running(lines)
    after = {item.end: other for item, other in pairwise(lines)}
    found = [
        group
        for group in _groups(lines, body, 2 * bold < count)
        if not any(_folded(item) in running for item in group) and _is_heading(group, after.get(group[-1].end), body)
    ]
    if sum(map(len, found)) > max(_MANY * len(lines), 2):
        return ()
    styles = sorted({_style(group[0], body) for group in found}, reverse=True)
    levels = {style: min(level, _LEVELS) for level, style in enumerate(styles, 1)}
    return tuple(Heading(group[0].start, group[-1].end, levels[_style(group[0], body)]) for group in found)


def _style(item: Set, body: float) -> tuple[float, bool]:
    """Return what tells levels apart: the size, and for those of the text's size that they are bold."""
    return (max(round(item.font.size * 2) / 2, body), item.bold)


def _running(lines: Sequence[Set]) -> set[str]:
    """Return the lines that stand on several pages, digits aside."""
    pages = Counter(text for text, _ in {(_folded(item), item.page) for item in lines})
    return {text for text, count in pages.items() if count >= _RUNNING}


def _folded(item: Set) -> str:
    return _DIGITS.sub("#", item.line.text)


def _groups(lines: Sequence[Set], body: float, bold_tells: bool) -> list[list[Set]]:
    """Return runs of lines that are set alike, close below each other, and otherwise than the text."""
    groups: list[list[Set]] = []
    before: Set | None = None
    for item in lines:
        if not _stands_out(item, body, bold_tells):
            before = None
            continue
        if before is not None and _goes_on(before, item):
            groups[-1].append(item)
        else:
            groups.append([item])
        before = item
    return groups


def _stands_out(item: Set, body: float, bold_tells: bool) -> bool:
    size = item.font.size
    return size >= _LARGER * body or (bold_tells and item.bold and size >= _SAME * body)


def _goes_on(before: Set, item: Set) -> bool:
    """Tell whether a heading goes on in the next line."""
    return (
        before.page == item.page
        and before.font == item.font
        and before.bold == item.bold
        and -0.5 * item.line.height < item.line.top - before.line.bottom < _NEAR * item.line.height
    )


def _is_heading(group: Sequence[Set], after: Set | None, body: float) -> bool:
    """Tell whether lines that stand out head what comes after them.

    A bold line of the text's size may be the label of a table too, or the beginning of a paragraph.
    """
    text = " ".join(item.line.text for item in group)
    large = group[0].font.size >= _LARGE * body
    if not large and after is not None and after.page == group[-1].page:
        close = after.line.top - group[-1].line.bottom < _NEAR * after.line.height
        if close and (after.line.row or after.line.parts > 1 or after.line.text[0].islower()):
            return False
    return (
        len(_LETTERS.findall(text)) >= 2
        and len(group) <= _MAX_LINES
        and len(text) <= _MAX_LENGTH
        and (sum(item.line.parts for item in group) == len(group) or _NUMBERED.match(text) is not None)
        and not _ENTRY.search(text)
        and not _ITEM.match(text)
        and not any(item.line.row or item.line.turned for item in group)
        and (large or not _SENTENCE.search(text))
        and not text[0].islower()
    )
