"""Find the notes at the feet of pages, where the format has pages: nothing else on a page is a note."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import groupby

from index.lines import Line, ends_sentence, is_row, starts_lower
from index.marks import SUPERSCRIPTS, Mark

_FOOT_NOTE = re.compile(
    r"[(\[]?(\d{1,3})(?:[)\].]{0,2}\s+(?=[\"“‘'«(]?(?:[A-Z]|[^\W\d_a-z]|see\b|cf\b|ibid|op\b|http|www))|(?=[A-Z][a-z]))"
    r"|([⁰¹²³⁴-⁹]{1,3})\s*(?=\S)"
)
_SKIPPED = 3
_FOOT = 0.6
_FULL = 0.6
_MOST_LINES = 120
_LONGEST_REST = 7

Note = tuple[list[list[Line]], str, Mark | None]
"""The lines of a note, in parts where a page has broken it, its label and its mark."""


def foot_notes(lines: Sequence[Line], marks: Sequence[Mark]) -> list[Note]:
    """Return the notes at the feet of the pages, in order."""
    notes: list[Note] = []
    used: set[Mark] = set()
    last, before = 0, 0
    for _, group in groupby((line for line in lines if not line.removed), key=lambda line: line.page):
        page = list(group)
        near = marks[bisect_left(marks, before, key=_start) : bisect_left(marks, page[-1].end, key=_start)]
        near = [mark for mark in near if mark not in used]
        found = _notes_of(page, near, last)
        first = found[0][0] if found else len(page)
        rest = _rest_of_note(page, first) if notes and notes[-1][0][-1][-1].page == page[0].page - 1 else first
        if rest < first and not ends_sentence(notes[-1][0][-1][-1].text):
            notes[-1][0].append(page[rest:first])
        if found:
            start = page[first].start
            above = sorted((mark for mark in near if mark.start < start), key=lambda mark: (not mark.weak, mark.start))
            nearest = {mark.number: mark for mark in above}
            for begin, end, number in _spans(found, len(page)):
                mark = nearest.get(number)
                notes.append(([page[begin:end]], str(number), mark))
                used.update((mark,) if mark else ())
            last = found[-1][1]
        before = page[0].start
    return notes


def _start(mark: Mark) -> int:
    return mark.start


def _spans(found: Sequence[tuple[int, int]], end: int) -> Iterator[tuple[int, int, int]]:
    stops = [begin for begin, _ in found[1:]] + [end]
    return ((begin, stop, number) for (begin, number), stop in zip(found, stops, strict=True))


def _rest_of_note(page: Sequence[Line], end: int) -> int:
    """Return where the end of the last page's note begins, above this page's notes; `end` when there is none.

    It stands apart below a line that is not the last of its paragraph, or in small letters below one that is.
    """
    width = max((len(line.text) for line in page), default=0)
    for i in range(end - 1, max(int(len(page) * (1 - _FOOT)), end - _LONGEST_REST), -1):
        if page[i].blanks:
            before = page[i - 1]
            cut = not before.level and not ends_sentence(before.text) and len(before.text) > _FULL * width
            apart = cut or (starts_lower(page[i].text) and ends_sentence(before.text))
            return i if apart and ends_sentence(page[end - 1].text) and not page[i].row else end
    return end


def _notes_of(page: Sequence[Line], marks: Sequence[Mark], last: int) -> list[tuple[int, int]]:
    """Return the notes at the foot of a page, each its first line's index and its number; none when in doubt."""
    best: list[tuple[int, int]] = []
    first_marks: dict[int, int] = {}
    for mark in marks:
        if not mark.weak:
            first_marks.setdefault(mark.number, mark.start)
    for i in range(max(int(len(page) * (1 - _FOOT)), len(page) - _MOST_LINES), len(page)):
        number = _number(page[i])
        # They count on, or begin anew on each page.
        if number is None or not (number == 1 or last < number <= last + _SKIPPED or not last):
            continue
        if first_marks.get(number, page[i].start) >= page[i].start:
            continue
        if best and number > best[0][1]:
            continue  # a later note; one with the same number goes on: a heading above may have it too
        notes = [(i, number)]
        for j in range(i + 1, len(page)):
            if _number(page[j]) == notes[-1][1] + 1:
                notes.append((j, notes[-1][1] + 1))
        if _set_as_notes(page, notes):
            best = notes
    return best


def _number(line: Line) -> int | None:
    match = _FOOT_NOTE.match(line.text)
    if not match or (line.row and is_row(line.text[match.end() :])):
        return None
    return int((match[1] or match[2]).translate(SUPERSCRIPTS))


def _set_as_notes(page: Sequence[Line], notes: Sequence[tuple[int, int]]) -> bool:
    """Tell whether the lines from the first note on are set as notes are: only a note's last line is short."""
    first = notes[0][0]
    width = max(len(line.text) for line in page[first:])
    last_lines = {begin - 1 for begin, _ in notes[1:]} | {len(page) - 1}
    if not any(re.search(r"[.,;:。，；：]|\d$", line.text[3:]) for line in page[first:]):
        return False  # as likely a heading or a formula
    for at, line in enumerate(page[first:], first):
        if at not in last_lines and len(line.text) < _FULL * width:
            return False
    # What begins anew under a short line without a full stop is a paragraph under a heading.
    return all(
        begin in last_lines
        or ends_sentence(page[begin].text)
        or len(page[begin].text) > 0.85 * width
        or not page[begin + 1].text[0].isupper()
        for begin, _ in notes
    )
