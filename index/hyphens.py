"""Decide whether the hyphen at a line's end parts one word or joins two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.lines import Line

HYPHENS = ("-", "\u2010")

_MANY_WORDS = 500
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Words:
    """The words of a text, and `parts`, those that stand in them between hyphens.

    `breaks` tells that the text parts words at its lines' ends, as far as it is long enough to tell.
    """

    whole: set[str]
    parts: set[str]
    breaks: bool


def vocabulary(lines: Sequence[Line]) -> Words:
    """Return the words of the lines, but for those that a line's end may have parted."""
    whole: set[str] = set()
    ends: list[tuple[str, str]] = []
    count, parted = 0, ""
    for line in lines:
        found = _WORD.findall(line.text.casefold())
        count += len(found)
        if not line.removed:  # a word may go on after a note or a running head
            if parted and found:
                ends.append((parted, found.pop(0)))
            parted = found.pop() if found and (line.soft or line.text.endswith(HYPHENS)) else ""
        whole.update(found)
    # Typesetters part words, browsers do not: their lines end with the hyphens of compounds only.
    balance = sum((first + second in whole) - (f"{first}-{second}" in whole) for first, second in ends)
    return Words(whole, {part for word in whole for part in word.split("-")}, count >= _MANY_WORDS and balance >= 0)


def parts_word(before: Line, line: Line, text: str, words: Words) -> bool:
    """Tell whether the hyphen at the end of a line parts one word rather than joins two.

    What the text has elsewhere decides: the word in one, the two with their hyphen, or either part by itself.
    """
    if text[before.end - 1] not in HYPHENS:
        return False
    first = _LAST_WORD.search(text[max(before.start, before.end - 40) : before.end - 1])
    second = _FIRST_WORD.match(text, line.start)
    if not first or not second:
        return False
    parts = first[0].casefold(), second[0].casefold()
    if "-".join(parts) in words.whole:
        return False
    if "".join(parts) in words.whole:
        return True
    named = first[0][0].isupper() or second[0][0].isupper()
    return words.breaks and not named and not words.parts.issuperset(parts)
