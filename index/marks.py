"""Find the marks of notes: numbers and signs that are glued to a word, or stand behind it in brackets.

A mark alone proves nothing ("Su-27", "km²", "G20"); `index.notes` pairs it with its note. Marks that count through
the text, hardly a number missing, prove each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.lines import Line

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")

# Each alternative begins with one of few characters, so that the search is fast; the rest is seen to in `_mark`.
_POSSIBLE = re.compile(r"\d+|[⁰¹²³⁴-⁹]+|\[\d{1,3}\]|\*+|[†‡]+")
_LONGEST = 3
_NOT_AFTER = re.compile(r"[\w%\])]|[.,:]\d")
_BEGINS = re.compile(r"[A-ZА-ЯЁ][a-zа-яё]|[\u3400-\u9fff]")
_FULL_STOP = re.compile(r"(?:[^\W\d_A-Z][.!?][)\]”’\"'»]?|[\u3400-\u9fff][。！？；][”’」』）]?)$")
# A letter of a formula has indices, not notes. Russian, Greek and Chinese words take marks as well.
_LETTER = r"[^\W\d_A-Z\u2100-\u214f\U0001d400-\U0001d7ff]"
_GLUED = re.compile(rf"(?:{_LETTER}[.,;:!?…)\]’”'\"»。，；：！？”」』）]{{0,2}}|[A-Z]{{2}}[.,;])$")
_NUMBER_END = re.compile(r"\d[.,;]$")
_NEW_SENTENCE = re.compile(r"\s+[\"“‘«]?[A-ZА-ЯЁ]")
_NOT_MARK = re.compile(r"(?:\b(?:nos?|vol|pp?|fig|figs|sec|ch|art|eq|tab|table|nr|bd|ver|v)\.?|[\d])$", re.IGNORECASE)
_UNIT = re.compile(r"(?:^|[\s\d(])(?:[kcdm]?m|in|ft|sq|км|см|м)$")
_CHAIN = 4


@dataclass(frozen=True)
class Mark:
    """A mark of a note: its span in the raw text, and its number or sign.

    `loose`: it stands in brackets. `weak`: it stands behind a number and may as well be its decimals.
    """

    start: int
    end: int
    label: str
    loose: bool = False
    weak: bool = False

    @property
    def number(self) -> int:
        """Its number, 0 for a sign."""
        return int(self.label) if self.label.isdigit() else 0


def find_marks(lines: Sequence[Line], text: str) -> list[Mark]:
    """Return all that looks like the mark of a note, in order."""
    marks = []
    for line in lines:
        if line.removed:
            continue
        for match in _POSSIBLE.finditer(text, line.start, line.end):
            mark = _mark(match, line, text) if match.start() > line.start else None
            if mark:
                marks.append(mark)
    return marks


def _mark(match: re.Match[str], line: Line, text: str) -> Mark | None:
    start, end = match.span()
    before = text[max(line.start, start - 8) : start]
    label = match[0].strip("[]").translate(SUPERSCRIPTS)
    if match[0][0] == "[":
        start -= before[-1].isspace()
        return Mark(start, end, label, loose=True) if start > line.start and not text[start - 1].isspace() else None
    if len(label) > _LONGEST or before[-1].isspace():
        return None
    if not label.isdigit():
        word = text[max(line.start, start - 40) : start].rsplit(" ", 1)[-1]
        sign = _GLUED.search(before) and "*" not in word and not text[end : end + 1].isalnum()
        return Mark(start, end, label) if sign else None
    if not match[0].isascii():
        return None if _UNIT.search(before) else Mark(start, end, label)
    begins = _BEGINS.match(text, end) is not None
    if before[-1] in "[(" or (_NOT_AFTER.match(text, end) and not begins):
        return None
    if _NUMBER_END.search(before):
        weak = before[-1] == "." and len(label) < _LONGEST and _NEW_SENTENCE.match(text, end)
        return Mark(start, end, label, weak=True) if weak else None
    glued = (_FULL_STOP if text[end : end + 1].isalpha() else _GLUED).search(before)
    if not glued or label.startswith("0") or _NOT_MARK.search(before.rstrip(". ")):
        return None
    return Mark(start, end, label)


def counted(marks: Sequence[Mark], proven: set[Mark]) -> set[Mark]:
    """Return the marks that count through the text, 1, 2, 3 and so on, hardly a number missing."""
    chain: list[Mark] = []
    for mark in marks:
        if mark.loose or mark.weak or not mark.number:
            continue
        if mark in proven or (chain and 0 < mark.number - chain[-1].number <= 2) or (not chain and mark.number == 1):
            if chain and mark in proven:
                while chain and chain[-1] not in proven and chain[-1].number >= mark.number:
                    chain.pop()
            chain.append(mark)
    numbers = {mark.number for mark in chain}
    if len(chain) < _CHAIN or max(numbers) > 1.4 * len(numbers) + 1:
        return set()
    return set(chain)


def holes(counted: set[Mark], text: str) -> set[Mark]:
    """Return the marks that a count lacks and that stand after a number, as in "by 2015-20.23 In the".

    Alone, nobody could tell them from its decimals.
    """
    chain = sorted((mark for mark in counted if mark.number), key=lambda mark: mark.start)
    found = set()
    for before, after in pairwise(chain):
        number = before.number + 1
        if after.number == number + 1:
            hole = re.compile(rf"(?<=\d[.,;]){number}(?=\s)").search(text, before.end, after.start)
            if hole:
                found.add(Mark(hole.start(), hole.end(), str(number)))
    return found
