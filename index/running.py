"""Remove what a page or a web page puts around its text: running heads, page numbers, menus, side bars.

Each rule marks lines as removed, by what they say and by where they stand. In doubt a line stays: a stray
header costs less than a lost sentence.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import dropwhile, groupby, pairwise

from index.furniture import is_counter, is_ornament, is_prose, is_web_furniture, page_number
from index.lines import Line, ends_sentence
from index.metadata import is_byline_of
from index.types import Metadata

_EDGE = 3
_MAX_HEAD = 130
_TOP = 20
_MOST = 0.7
_RUNNING = ("running head", "stands on several pages")
_NUMBER = ("page number", "number of the page")
_DIGITS = re.compile(r"\d+")
_NUMBERED = re.compile(r"^(\d{1,4})\s+(\D.*)$|^(.*\D)\s+(\d{1,4})$")
_COUNTED = re.compile(r"^(\d{1,4})\s+(\S.*)$|^(.*\S)\s+(\d{1,4})$")
_SECTION_NUMBER = re.compile(r"^(?:\d+(?:\.\d+)*\.?|[IVX]+\.)\s+")
_STAMP = re.compile(r"^[•·*|\s–-]*\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?,?\s+\d{1,2}:\d\d|^[•·*|\s–-]*\d{1,2}:\d\d\b")


def remove_page_furniture(lines: Sequence[Line]) -> None:
    """Mark running heads and feet and page numbers, where the format has pages or where it has lost them."""
    pages = [list(group) for _, group in groupby(lines, key=lambda line: line.page)]
    if len(pages) > 1:
        _remove_at_edges(pages)
    else:
        _remove_numbered_heads(lines)
        _remove_page_numbers(lines)
    for line in lines:
        if is_ornament(line.text):
            line.remove("furniture", "ornament")


def _remove_at_edges(pages: Sequence[list[Line]]) -> None:
    """Mark what stands at the head or foot of several pages, from the outside in as far as it goes."""
    edges = [[page[:_EDGE] for page in pages], [page[: -_EDGE - 1 : -1] for page in pages]]
    _remove_counted_heads(pages)
    for side in edges:
        seen = Counter(key for edge in side for key in {_key(line) for line in edge})
        offsets = Counter(n - edge[0].page for edge in side if (n := _arabic(edge[0])) is not None)
        for edge in side:
            for line in edge:
                if line.removed:
                    continue
                if not _is_running(line, seen, offsets):
                    break
                line.remove(*_RUNNING if page_number(line.text) is None else _NUMBER)


def _remove_counted_heads(pages: Sequence[list[Line]]) -> None:
    """Mark the lines at the edges of pages whose first or last number counts the pages, whatever their words."""
    for at in (0, -1):
        found = [(page[at], *head) for page in pages if len(page) > 1 for head in _counted_heads(page[at])]
        offsets = Counter(number - line.page for line, number, _ in found)
        offset, count = max(offsets.items(), key=lambda item: item[1], default=(0, 0))
        heads = [(line, words) for line, number, words in found if number - line.page == offset]
        seen = Counter(words.casefold() for _, words in heads)
        # The first page of a document or chapter often has no head. Titles of sections may count the pages
        # too ("1 Aim", "2 Method"), but each of them stands there only once.
        if count < max(2, _MOST * (len(pages) - 1)) or max(seen.values()) < 2:
            continue
        for line, words in heads:
            if seen[words.casefold()] > 1 or (words[0].isupper() and not ends_sentence(words)):
                line.remove(*_RUNNING)


def _counted_heads(line: Line) -> Iterator[tuple[int, str]]:
    """Yield the number at the begin or end of a line, and the words beside it."""
    match = _COUNTED.match(line.text) if len(line.text) <= _MAX_HEAD and not line.row else None
    if match and any(map(str.isalpha, words := match[2] or match[3])):
        yield int(match[1] or match[4]), words


def _is_running(line: Line, seen: Counter[str], offsets: Counter[int]) -> bool:
    number = page_number(line.text)
    if number is not None:
        return offsets[int(number) - line.page] > 1 if number.isdigit() else number.islower()
    key = _key(line)
    often = seen[key] >= (3 if len(key.split()) > 1 and not ends_sentence(line.text) else 5)
    return often and len(line.text) <= _MAX_HEAD and bool(key.strip("# "))


def _key(line: Line) -> str:
    return _DIGITS.sub("#", line.text.casefold())


def _arabic(line: Line) -> int | None:
    number = page_number(line.text)
    return int(number) if number and number.isdigit() else None


def _remove_numbered_heads(lines: Sequence[Line]) -> None:
    """Mark "22 Title of the report" and "Name of the chapter 13" in a text that has lost its pages."""
    numbers: defaultdict[str, set[str]] = defaultdict(set)
    alone: Counter[str] = Counter()
    sections = {_SECTION_NUMBER.sub("", line.text).casefold() for line in lines if _SECTION_NUMBER.match(line.text)}
    candidates = []
    for i, line in enumerate(lines):
        apart = line.blanks or (i + 1 < len(lines) and lines[i + 1].blanks)
        if not apart or len(line.text) > _MAX_HEAD:
            continue
        match = _NUMBERED.match(line.text)
        if match and len((match[2] or match[3]).split()) > 1:
            words = (match[2] or match[3]).casefold()
            numbers[words].add(match[1] or match[4])
            candidates.append((line, words, bool(match[3])))
        elif len(line.text.split()) > 2 and not ends_sentence(line.text):
            alone[line.text] += 1
    for line, words, last in candidates:
        if len(numbers[words]) > 2 or (last and words in sections):
            line.remove(*_RUNNING)
    for line in lines:
        if alone[line.text] > 3:
            line.remove(*_RUNNING)


def _remove_page_numbers(lines: Sequence[Line]) -> None:
    """Mark numbers that stand alone between blank lines and count up through the text."""
    found: list[tuple[Line, int]] = []
    for i, line in enumerate(lines):
        number = _arabic(line) if line.blanks or (i + 1 < len(lines) and lines[i + 1].blanks) else None
        if number is not None and (not found or 0 < number - found[-1][1] <= 3):
            found.append((line, number))
    if len(found) > 2:
        for line, _ in found:
            line.remove(*_NUMBER)


def remove_bylines(lines: Sequence[Line], known: Metadata) -> None:
    """Mark the lines near the top that name the author, publisher or date and say nothing else."""
    top = [line for line in lines[: _TOP + 1] if not line.removed]
    for line in top[:-1]:  # the last one stays: a document is not empty
        if not line.level and is_byline_of(line.text, known):
            line.remove("metadata", "author, publisher or date of the document")


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
