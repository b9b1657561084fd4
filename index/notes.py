"""Lift footnotes out of the text they interrupt, and note marks off the words they are glued to.

A note is a few lines at the foot or side of a page that begin with its number; its mark is the same number,
glued to a word before it. Only the two together are proof: a numbered heading has no mark, "Vol. 20, No.6" no
note. Where the format has pages, notes are the last lines of a page and nothing else is a note.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from index.lines import Line, Span, ends_sentence, starts_lower

_DIGITS = re.compile(r"\d{1,3}(?:(?![\w%])(?![.,]\d)|(?=[A-Z][a-z]))")
_FULL_STOP = re.compile(r"[a-z][.!?][)\]”’\"']?$")
# A letter of a formula has indices, not notes.
_GLUED = re.compile(r"(?:[^\W\d_A-Z\u2100-\u214f\U0001d400-\U0001d7ff][.,;:!?)\]’”'\"»]{0,2}|[A-Z]{2}[.,;])$")
_NOT_MARK = re.compile(r"(?:\b(?:nos?|vol|pp?|fig|figs|sec|ch|art|eq|tab|table|nr|bd|ver|v)\.?|[\d])$", re.IGNORECASE)
_NOTE = re.compile(r"^[(\[]?(\d{1,3})[)\].]?\s+(\S.*)$")
_FOOT_NOTE = re.compile(
    r"[(\[]?(\d{1,3})(?:[)\].]{0,2}\s+(?=[\"“‘'«(]?(?:[A-Z]|[^\W\d_a-z]|see\b|cf\b|ibid|op\b|http|www))|(?=[A-Z][a-z]))"
)
_REACH = 8_000
_SKIPPED = 3
_FOOT = 0.6
_FULL = 0.6
_LONGEST = 14
_NARROW = 0.6


@dataclass(frozen=True)
class _Mark:
    start: int
    end: int
    number: int


def remove_notes(lines: Sequence[Line], text: str, widths: Sequence[int]) -> list[Span]:
    """Mark the lines of notes as removed and return the spans of the note marks, in order."""
    marks = _find_marks(lines, text)
    if lines and lines[-1].page:
        proven = _remove_foot_notes(lines, marks)
        gone = [(line.start, line.end) for line in lines if line.removed]
        marks = [mark for mark in marks if not _within(mark.start, gone)]
        counted = _counted(marks, proven)
        return sorted((mark.start, mark.end) for mark in proven | counted | _holes(proven | counted, text))
    positions: dict[int, list[_Mark]] = {}
    proven = set()
    for mark in marks:
        positions.setdefault(mark.number, []).append(mark)
    last = -1
    for i, line in enumerate(lines):
        note = _NOTE.match(line.text) if not line.removed and i >= last else None
        if note is None or not _may_be_note(lines, i):
            continue
        found = _mark_before(positions.get(int(note[1]), ()), line.start, proven)
        if found:
            last = _end_of_note(lines, i, widths)
            proven.add(found)
            for other in lines[i:last]:
                other.remove("note", f"note {note[1]}")
    counted = _counted(marks, proven)
    inside = [(line.start, line.end) for line in lines if line.removed]
    counted |= _holes(counted, text)
    _remove_orphans(lines, widths, sorted(counted - proven, key=lambda mark: mark.start))
    return [(m.start, m.end) for m in sorted(proven | counted, key=lambda m: m.start) if not _within(m.start, inside)]


def _within(offset: int, spans: Sequence[Span]) -> bool:
    i = bisect_right(spans, offset, key=lambda span: span[0]) - 1
    return i >= 0 and offset < spans[i][1]


def _find_marks(lines: Sequence[Line], text: str) -> list[_Mark]:
    marks = []
    for line in lines:
        if line.removed:
            continue
        for match in _DIGITS.finditer(text, line.start, line.end):
            before = text[max(line.start, match.start() - 8) : match.start()]
            glued = _FULL_STOP if text[match.end() : match.end() + 1].isalpha() else _GLUED
            if glued.search(before) and not match[0].startswith("0") and not _NOT_MARK.search(before.rstrip(". ")):
                marks.append(_Mark(match.start(), match.end(), int(match[0])))
    return marks


def _remove_foot_notes(lines: Sequence[Line], marks: Sequence[_Mark]) -> set[_Mark]:
    """Mark the notes at the feet of the pages as removed and return their marks."""
    proven: set[_Mark] = set()
    last, before = 0, 0
    for _, group in groupby((line for line in lines if not line.removed), key=lambda line: line.page):
        page = list(group)
        near = [mark for mark in marks if before <= mark.start < page[-1].end and mark not in proven]
        found = _foot_notes(page, near, last)
        if found:
            for at, line in enumerate(page[found[0][0] :], found[0][0]):
                line.remove("note", f"note {max(note for note in found if note[0] <= at)[1]}")
            numbers = {number for _, number in found}
            start = page[found[0][0]].start
            nearest = {mark.number: mark for mark in near if mark.start < start and mark.number in numbers}
            proven.update(nearest.values())
            last = found[-1][1]
        before = page[0].start
    return proven


def _foot_notes(page: Sequence[Line], marks: Sequence[_Mark], last: int) -> list[tuple[int, int]]:
    """Return the notes at the foot of a page, each its first line's index and its number; none when in doubt."""
    best: list[tuple[int, int]] = []
    for i in range(int(len(page) * (1 - _FOOT)), len(page)):
        number = _foot_number(page[i])
        # They count on, or begin anew on each page.
        if number is None or not (number == 1 or last < number <= last + _SKIPPED or not last):
            continue
        if not any(mark.number == number and mark.start < page[i].start for mark in marks):
            continue
        if best and number > best[0][1]:
            continue  # a later note; one with the same number goes on: a heading above may have it too
        notes = [(i, number)]
        for j in range(i + 1, len(page)):
            if _foot_number(page[j]) == notes[-1][1] + 1:
                notes.append((j, notes[-1][1] + 1))
        if _set_as_notes(page, notes):
            best = notes
    return best


def _foot_number(line: Line) -> int | None:
    match = _FOOT_NOTE.match(line.text)
    return int(match[1]) if match and not line.row else None


def _set_as_notes(page: Sequence[Line], notes: Sequence[tuple[int, int]]) -> bool:
    """Tell whether the lines from the first note on are set as notes are: only a note's last line is short."""
    first = notes[0][0]
    width = max(len(line.text) for line in page[first:])
    last_lines = {begin - 1 for begin, _ in notes[1:]} | {len(page) - 1}
    if not any(re.search(r"[.,;:]|\d$", line.text[3:]) for line in page[first:]):
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


def _may_be_note(lines: Sequence[Line], i: int) -> bool:
    """Tell whether a numbered line may begin a note: it stands apart or interrupts, and is no heading."""
    line = lines[i]
    if i == 0:
        return False
    before = lines[i - 1]
    ended = ends_sentence(before.text)
    if ended and line.text[-1].isalnum() and i + 1 < len(lines) and lines[i + 1].blanks:
        return False  # one line alone, no full stop, between two paragraphs
    return bool(line.blanks or line.indent or before.removed or line.page != before.page or ended)


def _mark_before(marks: Sequence[_Mark], offset: int, used: set[_Mark]) -> _Mark | None:
    """Return the nearest unused mark before `offset`, not too far back."""
    i = bisect_right(marks, offset, key=lambda mark: mark.start) - 1
    if i < 0 or marks[i] in used or offset - marks[i].start > _REACH:
        return None
    return marks[i]


def _end_of_note(lines: Sequence[Line], i: int, widths: Sequence[int]) -> int:
    """Return the number of the line after the note that begins at line `i`."""
    narrow = len(lines[i].text) < _NARROW * widths[i]
    for j in range(i + 1, min(i + _LONGEST, len(lines))):
        line = lines[j]
        if line.blanks or line.removed or line.page != lines[i].page or _NOTE.match(line.text):
            return j
        if narrow and len(line.text) > _NARROW * 1.2 * widths[i]:
            return j  # the text goes on in its full width
    return min(i + _LONGEST, len(lines))


def _counted(marks: Sequence[_Mark], proven: set[_Mark]) -> set[_Mark]:
    """Return the marks that count through the text, 1, 2, 3 and so on, hardly a number missing."""
    chain: list[_Mark] = []
    for mark in marks:
        if mark in proven or (chain and 0 < mark.number - chain[-1].number <= 2) or (not chain and mark.number == 1):
            if chain and mark in proven:
                while chain and chain[-1] not in proven and chain[-1].number >= mark.number:
                    chain.pop()
            chain.append(mark)
    numbers = {mark.number for mark in chain}
    if len(chain) < 4 or max(numbers) > 1.4 * len(numbers) + 1:
        return set()
    return set(chain)


def _holes(counted: set[_Mark], text: str) -> set[_Mark]:
    """Return the marks that a count lacks and that stand after a number, as in "by 2015-20.23 In the".

    Alone, nobody could tell them from its decimals.
    """
    chain = sorted(counted, key=lambda mark: mark.start)
    found = set()
    for before, after in pairwise(chain):
        number = before.number + 1
        if after.number == number + 1:
            hole = re.compile(rf"(?<=\d[.,;]){number}(?=\s)").search(text, before.end, after.start)
            if hole:
                found.add(_Mark(hole.start(), hole.end(), number))
    return found


def _remove_orphans(lines: Sequence[Line], widths: Sequence[int], missing: Sequence[_Mark]) -> None:
    """Mark narrow lines that interrupt a sentence soon after a mark whose note has not been found."""
    for mark in missing:
        i = bisect_right(lines, mark.start, key=lambda line: line.start)
        while i < len(lines) and lines[i].start - mark.start < _REACH // 2:
            j = i
            while j < len(lines) and len(lines[j].text) < _NARROW * widths[i] and not (j > i and lines[j].blanks):
                j += 1
            if j > i + 1 and j < len(lines) and _interrupts(lines, i, j):
                for line in lines[i:j]:
                    line.remove("note", f"probably note {mark.number}, its number lost")
                break
            i = max(j, i + 1)


def _interrupts(lines: Sequence[Line], i: int, j: int) -> bool:
    before, after = lines[i - 1], lines[j]
    full = len(before.text) > 40 and not ends_sentence(before.text) and not before.removed
    return (
        full
        and bool(after.blanks)
        and starts_lower(after.text)
        and ends_sentence(lines[j - 1].text)
        and (bool(lines[i].blanks) or lines[i].indent)
    )
