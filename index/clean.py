"""Clean a raw document: take out what is not its text, join what its layout has torn apart, record both.

Deterministic rules, none of which knows a particular text. Every character of the clean text but inserted
white space stands in the raw text, and the alignment says where; every character of the raw text that is
gone, but white space, lies in a `removed` span that says why. A slip of the source is not corrected: we quote
what is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.lines import Layout, Line, Span, measure, split_lines
from index.notes import remove_notes
from index.paragraphs import NONE, PARAGRAPH, glue, mark_headings
from index.running import remove_bylines, remove_page_furniture, remove_web_furniture
from index.types import Alignment, CleanText, Heading, RawDocument, Removed, Run

# Control characters, soft hyphens, zero-width and direction marks.
_CONTROL = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_JOINERS = "\u200c\u200d"
_EUROPEAN = "\u058f"
_MANY_WORDS = 500
_CHUNK = re.compile(r"\S+(?: \S+)*")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")


def clean(raw: RawDocument) -> CleanText:
    """Return the clean text of a raw document, aligned with it."""
    removed = [*raw.removed, *_controls(raw.text)]
    fences = frozenset(item.start for item in raw.removed if item.kind == "fence")
    lines = split_lines(raw, _merged((item.start, item.end) for item in removed), fences)
    _mark_given_headings(lines, raw.headings)
    layout = measure(lines, raw.kind)
    cuts: list[Span] = []
    if raw.layout == "lines":
        remove_page_furniture(lines)
        if raw.kind == "txt":
            remove_web_furniture(lines)
        cuts = remove_notes(lines, raw.text, layout.widths)
        if raw.pages:
            layout = measure(lines, raw.kind)  # notes are set smaller: their lines hold more than those of the text
    remove_bylines(lines, raw.metadata)
    if raw.layout == "lines":
        mark_headings(lines, layout, raw.metadata)
    removed += [Removed(start, end, "note mark", "mark of a note") for start, end in cuts]
    removed += [Removed(line.start, line.end, line.removed, line.reason) for line in lines if line.removed]
    writer = _Writer(raw.text, cuts)
    _write(writer, lines, layout, raw)
    removed += writer.hyphens
    removed.sort(key=lambda item: (item.start, item.end))
    return CleanText("".join(writer.parts), Alignment(tuple(writer.runs)), tuple(writer.headings), tuple(removed))


def _controls(text: str) -> list[Removed]:
    """Return the invisible characters of a text, but for the joiners that other scripts and emoji need."""
    spans = (match.span() for match in _CONTROL.finditer(text))
    return [
        Removed(start, end, "control", "invisible character")
        for start, end in spans
        if text[start] not in _JOINERS or text[max(start - 1, 0)] <= _EUROPEAN
    ]


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged


def _mark_given_headings(lines: Sequence[Line], headings: Sequence[Heading]) -> None:
    at = 0
    for heading in headings:
        while at < len(lines) and lines[at].end <= heading.start:
            at += 1
        first = True
        for line in lines[at:]:
            if line.start >= heading.end:
                break
            line.level, line.follows, first = heading.level, not first, False


def _write(writer: _Writer, lines: Sequence[Line], layout: Layout, raw: RawDocument) -> None:
    before: Line | None = None
    broken = False
    words: _Words | None = None
    for i, line in enumerate(lines):
        gap = line.blanks - 1 if layout.spaced else line.blanks
        broken = broken or gap > 0 or (before is not None and line.page != before.page)
        if line.removed:
            broken = True
            continue
        join = glue(before, line, broken, layout.widths[i], layout, raw) if before else PARAGRAPH
        drop = False
        if before and join == NONE and not before.soft:
            words = words or _vocabulary(lines)
            drop = _soft(before, line, raw.text, words)
        writer.add(line, join, drop)
        before, broken = line, False
    writer.close()


@dataclass(frozen=True)
class _Words:
    """The words of a text, and `parts`, those that stand in them between hyphens.

    `breaks` tells that the text parts words at its lines' ends, as far as it is long enough to tell.
    """

    whole: set[str]
    parts: set[str]
    breaks: bool


def _vocabulary(lines: Sequence[Line]) -> _Words:
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
            parted = found.pop() if found and (line.soft or line.text.endswith(("-", "\u2010"))) else ""
        whole.update(found)
    # Typesetters part words, browsers do not: their lines end with the hyphens of compounds only.
    balance = sum((first + second in whole) - (f"{first}-{second}" in whole) for first, second in ends)
    return _Words(whole, {part for word in whole for part in word.split("-")}, count >= _MANY_WORDS and balance >= 0)


def _soft(before: Line, line: Line, text: str, words: _Words) -> bool:
    """Tell whether the hyphen at a line's end parts one word rather than joins two.

    What the text has elsewhere decides: the word in one, the two with their hyphen, or either part by itself.
    """
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


class _Writer:
    """Builds the clean text and its runs."""

    def __init__(self, raw: str, cuts: Sequence[Span]) -> None:
        self.parts: list[str] = []
        self.runs: list[Run] = []
        self.headings: list[Heading] = []
        self.hyphens: list[Removed] = []
        self._raw = raw
        self._cuts = cuts
        self._cut_ends = frozenset(end for _, end in cuts)
        self._cut = 0
        self._length = 0
        self._line: Line | None = None  # held back until it is known whether its hyphen stays
        self._heading: Line | None = None
        self._heading_start = 0

    def add(self, line: Line, join: str, drop_hyphen: bool) -> None:
        """Append a line, `join` between it and the one before, which loses its last hyphen if so told."""
        if self._line:
            self._flush(self._line, drop_hyphen)
            if self._heading and not line.follows:
                self._end_heading()
            self._insert(join)
        if line.level and not line.follows:
            self._heading, self._heading_start = line, self._length
        self._line = line

    def close(self) -> None:
        """Write the last line."""
        if self._line:
            self._flush(self._line, False)
            self._end_heading()

    def _end_heading(self) -> None:
        if self._heading:
            self.headings.append(Heading(self._heading_start, self._length, self._heading.level))
            self._heading = None

    def _flush(self, line: Line, drop_hyphen: bool) -> None:
        space = False
        begun = False
        for start, end in self._uncut(line):
            at = start
            if drop_hyphen and end == line.end:
                end -= 1
                self.hyphens.append(Removed(end, end + 1, "hyphen", "word parted at a line's end"))
            # A mark may have stood in the place of the space: "the end.5The next".
            space = space or (start in self._cut_ends and self._raw[start : start + 1].isupper())
            for match in _CHUNK.finditer(self._raw, start, end):
                if begun and (space or match.start() > at):
                    self._insert(" ")
                self._copy(match.start(), match.end())
                at, begun, space = match.end(), True, False
            space = space or at < end

    def _uncut(self, line: Line) -> list[Span]:
        """Return the pieces of a line without the note marks in them."""
        pieces: list[Span] = []
        for start, end in line.pieces:
            while self._cut < len(self._cuts) and self._cuts[self._cut][0] < end:
                a, b = self._cuts[self._cut]
                self._cut += 1
                if a >= start:
                    pieces.append((start, a))
                    start = b
            pieces.append((start, end))
        return pieces

    def _insert(self, space: str) -> None:
        self.parts.append(space)
        self._length += len(space)

    def _copy(self, start: int, end: int) -> None:
        last = self.runs[-1] if self.runs else None
        if last and last.clean + last.length == self._length and last.raw + last.length == start:
            self.runs[-1] = Run(last.clean, last.raw, last.length + end - start)
        else:
            self.runs.append(Run(self._length, start, end - start))
        self.parts.append(self._raw[start:end])
        self._length += end - start
