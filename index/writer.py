"""Write the clean text line by line, and keep the account of where its characters stand in the raw text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from index.lines import Line, Span
from index.types import Heading, Removed, Run

PARAGRAPH = "\n\n"

_CHUNK = re.compile(r"\S+(?: \S+)*")


class Writer:
    """Builds the clean text, its runs and its headings; the `cuts` are spans of note marks, in order."""

    def __init__(self, raw: str, cuts: Sequence[Span]) -> None:
        self.runs: list[Run] = []
        self.headings: list[Heading] = []
        self.hyphens: list[Removed] = []
        self.length = 0
        self._parts: list[str] = []
        self._raw = raw
        self._cuts = cuts
        self._cut_ends = frozenset(end for _, end in cuts)
        self._cut = 0
        self._line: Line | None = None  # held back until it is known whether its hyphen stays
        self._heading: Line | None = None
        self._heading_start = 0

    @property
    def text(self) -> str:
        """What has been written."""
        return "".join(self._parts)

    def add(self, line: Line, join: str, drop_hyphen: bool) -> None:
        """Append a line, `join` between it and the one before, which loses its last hyphen if so told."""
        if self._line:
            self._flush(self._line, drop_hyphen)
            if self._heading and not line.follows:
                self._end_heading()
        if self.length:
            self._insert(join if self._line else PARAGRAPH)
        if line.level and not line.follows:
            self._heading, self._heading_start = line, self.length
        self._line = line

    def close(self) -> None:
        """Write the last line of a part of the text; a line that is added later begins a paragraph."""
        if self._line:
            self._flush(self._line, False)
            self._end_heading()
            self._line = None

    def place_of(self, offset: int, runs: Sequence[Run]) -> int:
        """Return where in the clean text the last character stands that precedes a raw offset, the end of it."""
        i = bisect_right(runs, offset, key=lambda run: run.raw) - 1
        return runs[i].clean + min(offset - runs[i].raw, runs[i].length) if i >= 0 else 0

    def _end_heading(self) -> None:
        if self._heading:
            self.headings.append(Heading(self._heading_start, self.length, self._heading.level))
            self._heading = None

    def _flush(self, line: Line, drop_hyphen: bool) -> None:
        space = begun = False
        for start, end in self._uncut(line):
            at = start
            if drop_hyphen and end == line.end:
                end -= 1
                self.hyphens.append(Removed(end, end + 1, "hyphen", "word parted at a line's end"))
            # A mark may have stood in the place of the space: "the end.5The next".
            space = space or (start in self._cut_ends and self._raw[start : start + 1].isupper())
            for match in _CHUNK.finditer(self._raw, start, end):
                # "word [3]." leaves no space before the full stop.
                if begun and (space or match.start() > at) and not (match.start() == start and match[0][0] in ".,;:!?"):
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
        self._parts.append(space)
        self.length += len(space)

    def _copy(self, start: int, end: int) -> None:
        last = self.runs[-1] if self.runs else None
        if last and last.clean + last.length == self.length and last.raw + last.length == start:
            self.runs[-1] = Run(last.clean, last.raw, last.length + end - start)
        else:
            self.runs.append(Run(self.length, start, end - start))
        self._parts.append(self._raw[start:end])
        self.length += end - start
