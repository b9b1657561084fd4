"""Remove what a web page puts around its text: menus, counters, side bars, captions and notices.

Each rule marks lines as removed, by what they say and by where they stand. In doubt a line stays.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import dropwhile, groupby, pairwise

from index.furniture import is_caption, is_counter, is_notice, is_prose, is_web_furniture, page_number
from index.lines import Line, ends_sentence, starts_lower

_TOP = 40
_LAST = 6
_FEWEST = 3
_ITEM_LENGTH = 25
_DIGITS = re.compile(r"\d+")
_ITEM = re.compile(r"(?:[-–—*+•]|\(?\w{1,2}[.)])\s")
_FULL_STOP = re.compile(r"[.!?。！？]")
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
    before = lines[i - 1].text if i else ""
    unfinished = len(before) > _ITEM_LENGTH and not ends_sentence(before)
    return unfinished and (not lines[i].blanks or starts_lower(lines[i].text))


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


def remove_notices(lines: Sequence[Line]) -> None:
    """Mark rights notices and disclaimers at the two ends of a text, and the caption of a photograph above it."""
    kept = [i for i, line in enumerate(lines) if not line.removed]
    paragraphs = _paragraphs(lines, kept[:_TOP]) + _paragraphs(lines, kept[_TOP:][-_TOP:])
    if len(paragraphs) < _FEWEST:
        return
    body = next(
        (n for n, part in enumerate(paragraphs) if is_prose(_text(part)) and _sentences(part) > 1), len(paragraphs)
    )
    for n, part in enumerate(paragraphs):
        edge = n <= body or n >= len(paragraphs) - _LAST
        if edge and is_notice(_text(part)):
            _remove(part, "furniture", "notice of rights or opinions")
        elif n < body and is_caption(_text(part)):
            _remove(part, "caption", "caption of a photograph")


def _paragraphs(lines: Sequence[Line], kept: Sequence[int]) -> list[list[Line]]:
    """Return the lines in paragraphs, as far as blank lines and indents part them."""
    parts: list[list[Line]] = []
    for i in kept:
        line = lines[i]
        apart = line.blanks or not parts or lines[i - 1].removed or (line.indent and ends_sentence(lines[i - 1].text))
        if apart or line.level:
            parts.append([])
        parts[-1].append(line)
    return parts


def _text(lines: Sequence[Line]) -> str:
    return " ".join(line.text for line in lines)


def _sentences(lines: Sequence[Line]) -> int:
    return len(_FULL_STOP.findall(_text(lines)))


def _remove(lines: Sequence[Line], kind: str, reason: str) -> None:
    for line in lines:
        line.remove(kind, reason)


def remove_block_furniture(lines: Sequence[Line], *, heads: bool) -> None:
    """Mark the furniture among the blocks of a reader: phrases and, if so told, heads, each a block of its own."""
    again = Counter(_DIGITS.sub("#", line.text.casefold()) for line in lines if not line.level and not line.rows)
    for i, line in enumerate(lines):
        alone = (not i or line.blanks) and (i + 1 == len(lines) or lines[i + 1].blanks)
        if line.level or line.rows or not alone or "|" in line.text or _ITEM.match(line.text):
            continue
        number = page_number(line.text)
        if number is not None and number != line.text.strip() and len(line.text) > 3:
            line.remove("page number", "number of the page")
        elif len(line.text.split()) > 1 and is_web_furniture(line.text) and not line.text.endswith(":"):
            line.remove("furniture", "phrase of a web page")
        elif (
            heads
            and again[_DIGITS.sub("#", line.text.casefold())] > 2
            and 1 < len(line.text.split()) < 15
            and _may_repeat(line)
        ):
            line.remove("running head", "stands on several pages")
    remove_notices(lines)


def _may_repeat(line: Line) -> bool:
    """Tell whether a block that comes again and again is no sentence, no question and no label of what is below it."""
    return not ends_sentence(line.text) and line.text[-1].isalnum() and not line.row
