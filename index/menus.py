"""Remove what a web page puts around its text: menus, counters, side bars, captions and notices.

Each rule marks lines as removed, by what they say and by where they stand. In doubt a line stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import dropwhile, groupby, pairwise

from index.furniture import is_counter, is_prose, is_web_furniture
from index.lines import Line, ends_sentence

_STAMP = re.compile(r"^[•·*|\s–-]*\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?,?\s+\d{1,2}:\d\d|^[•·*|\s–-]*\d{1,2}:\d\d\b")


def remove_web_furniture(lines: Sequence[Line]) -> None:
    """Mark menus, counters, side bars and the like in the text copy of a web page."""
    phrases = [not _continues(lines, i) and is_web_furniture(line.text) for i, line in enumerate(lines)]
    for i, line in enumerate(lines):
        if phrases[i]:
            # One word over a paragraph ("Discussion") may be its heading.
            heads = i + 1 < len(lines) and not phrases[i + 1] and is_prose(lines[i + 1].text)
            if len(line.text.split()) > 2 or not heads:
                line.remove("furniture", "phrase of a web page")
    for first, last in _side_bars(lines, phrases):
        for line in lines[first:last]:
            line.remove("furniture", "list of links and dates beside the text")
    for line in lines[: _first_prose(lines)]:
        if is_counter(line.text) and not _dated(line.text):
            line.remove("furniture", "counter of a web page")
    for before, line in pairwise(lines[:11]):
        if line.text.casefold() == before.text.casefold() and not ends_sentence(line.text):
            line.remove("duplicate", "the line above, again")


def _continues(lines: Sequence[Line], i: int) -> bool:
    """Tell whether the line is the wrapped end of the line before it."""
    return i > 0 and not lines[i].blanks and len(lines[i - 1].text) > 50 and not ends_sentence(lines[i - 1].text)


def _dated(text: str) -> bool:
    return re.search(r"\b(?:19|20)\d\d\b", text) is not None


def _first_prose(lines: Sequence[Line]) -> int:
    return next((i for i, line in enumerate(lines[:30]) if is_prose(line.text)), 0)


def _side_bars(lines: Sequence[Line], phrases: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of short lines that are dense with dates and counters."""
    stamps = [_STAMP.match(line.text) is not None for line in lines]
    light = [stamp or is_counter(line.text) for stamp, line in zip(stamps, lines, strict=True)]
    hard = [is_prose(line.text) and not _between(light, i, line) for i, line in enumerate(lines)]
    for prose, group in groupby(range(len(lines)), key=hard.__getitem__):
        run = list(dropwhile(lambda i: not (light[i] or phrases[i]), group))
        if not prose and len(run) >= 8 and sum(stamps[i] for i in run) >= 3:
            if sum(light[i] or phrases[i] for i in run) >= 0.4 * len(run):
                yield run[0], run[-1] + 1


def _between(light: Sequence[bool], i: int, line: Line) -> bool:
    """Tell whether a line stands between two dates or counters, as a headline in a side bar does."""
    return 0 < i < len(light) - 1 and light[i - 1] and light[i + 1] and len(line.text) < 200


def remove_block_furniture(lines: Sequence[Line]) -> None:
    """Mark the furniture among blocks that their reader has parted already."""
