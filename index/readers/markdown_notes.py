"""Find the notes of a Markdown text: `[^1]` where it is referred to, `[^1]: ...` where it stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from index.types import Note, Removed

_DEFINITION = re.compile(r"^ {0,3}\[\^([^\]\s]{1,60})\]:[ \t]*", re.MULTILINE)
_MARK = re.compile(r"[ \t]?\[\^([^\]\s]{1,60})\](?!:)")
_CODE = re.compile(r"(?<!`)(`{1,9})(?!`)[^`\n]{1,500}\1(?!`)")
_MORE = re.compile(r"\n(?:[ \t]*\n)*(?: {2,}|\t)\S[^\n]*")
_LAZY = re.compile(r"\n(?![ \t]*\n| {0,3}(?:#|\[\^|[-*+>|]|\d+[.)]|```|~~~))[^\n]+")

_Span = tuple[int, int]


def find_notes(text: str, start: int, fences: Sequence[_Span]) -> tuple[list[Note], list[Removed]]:
    """Return the notes of a text, and what else of their marks is to go."""
    code = [(fences[i][0], fences[i + 1][1] if i + 1 < len(fences) else len(text)) for i in range(0, len(fences), 2)]
    code += [match.span() for match in _CODE.finditer(text, start)]
    code.sort()
    marks: dict[str, list[_Span]] = {}
    for match in _MARK.finditer(text, start):
        if not _within(match.start(1), code):
            marks.setdefault(match[1], []).append(match.span())
    notes: list[Note] = []
    removed: list[Removed] = []
    for match in _DEFINITION.finditer(text, start):
        begin, end = match.end(), _end(text, match.end())
        if _within(match.start(1), code) or not text[begin:end].strip():
            continue
        first, *others = marks.pop(match[1], [(begin, begin)])
        notes.append(Note(begin, end, *first, match[1]))
        removed.append(Removed(match.start(), begin, "markup", "Markdown mark"))
        removed += [Removed(*other, "note mark", f"mark of note {match[1]}") for other in others]
    return sorted(notes, key=lambda note: note.start), removed


def _end(text: str, start: int) -> int:
    """Return where a note ends that begins at `start`: with the lines that go on, or stand indented below it."""
    end = text.find("\n", start)
    if end < 0:
        return len(text)
    while more := (_LAZY.match(text, end) or _MORE.match(text, end)):
        end = more.end()
    return end


def _within(offset: int, spans: Sequence[_Span]) -> bool:
    i = bisect_right(spans, (offset, offset)) - 1
    return any(begin <= offset < end for begin, end in spans[max(i - 1, 0) : i + 1])
