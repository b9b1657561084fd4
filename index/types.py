"""The data of `index/`: what a document is on its way from a file to searchable passages.

Offsets are counted in characters (Python string indices), half open: `text[start:end]`. This module holds
data only; it reads no files and imports nothing of the project.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from functools import cached_property
from typing import Literal

Layout = Literal["lines", "blocks", "rows"]
"""What a line end means in a raw text."""

Progress = Callable[[int, int, str], None]
"""Called with (files done, files in all, name of the file)."""

DateBasis = Literal["stated", "file", "inferred", "user"]


@dataclass(frozen=True)
class Metadata:
    """What is known about a document beside its text.

    `date` is ISO 8601, to the day, the month or the year ("2015-05-08", "2015-05", "2015"); `date_basis` says
    where it comes from: stated in the text, a property of the file, inferred from the content, or the user's word.
    """

    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    date: str | None = None
    date_basis: DateBasis | None = None
    language: str | None = None

    def overridden_by(self, other: Metadata) -> Metadata:
        """Return these metadata with every value that `other` has put in the place of ours; "" takes a value away.

        A date and its basis go together.
        """
        given = {f.name: value for f in fields(other) if (value := getattr(other, f.name)) is not None}
        if "date" in given:
            given["date_basis"] = other.date_basis
        return replace(self, **{name: value or None for name, value in given.items()})


@dataclass(frozen=True)
class Run:
    """A stretch of clean text that stands, character for character, in the raw text."""

    clean: int
    raw: int
    length: int


@dataclass(frozen=True)
class Alignment:
    """Maps the clean text to the raw text by runs that ascend in the clean text.

    In the raw text they ascend too, but for what was moved: notes stand at the end of the clean text. Characters of
    the clean text that are in no run were put in by the cleaner (a space where a line was unwrapped); characters of
    the raw text that are in no run were removed by it.
    """

    runs: tuple[Run, ...]

    def to_raw(self, start: int, end: int) -> tuple[int, int]:
        """Return the smallest raw span that holds every raw character of the clean span `start:end`.

        Raises:
            ValueError: when no character of the clean span comes from the raw text.
        """
        first = max(bisect_right(self.runs, start, key=lambda run: run.clean) - 1, 0)
        touched = []
        for run in self.runs[first:]:
            if run.clean >= end:
                break
            begin, stop = max(start, run.clean), min(end, run.clean + run.length)
            if begin < stop:
                touched.append((run.raw + begin - run.clean, run.raw + stop - run.clean))
        if not touched:
            raise ValueError(f"clean span {start}:{end} has no character of the raw text")
        return min(begin for begin, _ in touched), max(stop for _, stop in touched)

    def to_clean(self, offset: int) -> int:
        """Return the clean offset of the first kept character at or after a raw offset, or the clean end."""
        runs = self._by_raw
        for run in runs[max(bisect_right(runs, offset, key=lambda run: run.raw) - 1, 0) :]:
            if offset < run.raw + run.length:
                return run.clean + max(offset - run.raw, 0)
        return self.runs[-1].clean + self.runs[-1].length if self.runs else 0

    @cached_property
    def _by_raw(self) -> tuple[Run, ...]:
        return tuple(sorted(self.runs, key=lambda run: run.raw))


@dataclass(frozen=True)
class Removed:
    """A span of the raw text that is not in the running text, and why: it was left out, or moved to the notes."""

    start: int
    end: int
    kind: str
    reason: str


@dataclass(frozen=True)
class Heading:
    """A heading, as a span of the clean text; level 1 is the highest."""

    start: int
    end: int
    level: int


@dataclass(frozen=True)
class Note:
    """A note: `start` to `end` of the text, and `mark`, the offset at which the text refers to it.

    In a raw document `mark` is where its mark begins and `mark_end` where it ends; the cleaner takes the mark out, so
    in a clean text both are the offset at which it stood. A note whose mark is not known belongs to the place where
    it stood.
    """

    start: int
    end: int
    mark: int
    mark_end: int
    label: str = ""
    """Its number or sign: "4", "*"."""

    @property
    def name(self) -> str:
        """What a reader calls it: "note 4"."""
        return f"note {self.label}".strip()


@dataclass(frozen=True)
class Attached:
    """A file within a file: a member of an archive, an attachment of a mail. `name` is its path in there."""

    name: str
    data: bytes


@dataclass(frozen=True)
class RawDocument:
    """What a reader makes of a file: text as it stands in it, where its pages start, and metadata.

    `pages` holds the offset in `text` at which each page starts (the first is 0), and is empty where the format
    has no pages. `layout` says what a line end means: "lines" (txt, pdf: may be a wrap), "blocks" (html, docx,
    md: the reader knows the paragraphs, each is a block between blank lines) or "rows" (sheets: each line is a row
    that can be read, and found, alone). `headings` and `notes` are spans of `text` that the format itself marks as
    such; `removed` are spans that the reader already knows to be furniture. `attached` are the files within the
    file; an archive has nothing else, and its text is empty.
    """

    text: str
    kind: str
    layout: Layout
    pages: tuple[int, ...] = ()
    metadata: Metadata = Metadata()
    headings: tuple[Heading, ...] = ()
    removed: tuple[Removed, ...] = ()
    notes: tuple[Note, ...] = ()
    attached: tuple[Attached, ...] = ()


@dataclass(frozen=True)
class CleanText:
    """Clean text: paragraphs and headings with one blank line between them, and how it came from the raw text.

    The notes are the last paragraphs, in the order of their marks.
    """

    text: str
    alignment: Alignment
    headings: tuple[Heading, ...] = ()
    removed: tuple[Removed, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """A sentence of a document: `document.text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True)
class Passage:
    """A run of whole sentences (`first` to `last`, inclusive) that is found and shown as one."""

    start: int
    end: int
    first: int
    last: int
    heading: str = ""
    page: int | None = None


@dataclass(frozen=True)
class Document:
    """A document of a library. `id` is the hash of the file's bytes; `source` its path or URL."""

    id: str
    source: str
    kind: str
    metadata: Metadata
    text: str
    raw: str
    alignment: Alignment
    headings: tuple[Heading, ...] = ()
    removed: tuple[Removed, ...] = ()
    pages: tuple[int, ...] = ()
    """Offset in `text` at which each page starts; empty where the format has no pages."""
    notes: tuple[Note, ...] = ()
    layout: Layout = "blocks"

    @property
    def title(self) -> str:
        """The title, or the file's name where none is known."""
        return self.metadata.title or _file_name(self.source)

    def page_at(self, offset: int) -> int | None:
        """Return the number, from 1, of the page that holds `text[offset]`; None where there are no pages.

        A note is on the page of its mark.
        """
        note = self.note_at(offset)
        return max(bisect_right(self.pages, note.mark if note else offset), 1) if self.pages else None

    def note_at(self, offset: int) -> Note | None:
        """Return the note that holds `text[offset]`, if one does."""
        return next((note for note in self.notes if note.start <= offset < note.end), None)


@dataclass(frozen=True)
class Part:
    """A document and its sentences, or the problem why there is none.

    `source` is its path, for a file within a file the outer path and then the inner one. `skipped` says that it is
    of a type that is not read.
    """

    source: str
    document: Document | None = None
    sentences: tuple[Sentence, ...] = ()
    problem: str = ""
    skipped: bool = False


@dataclass(frozen=True)
class Parsed:
    """What a file holds: itself, if it has a text, and the files within it.

    `id` is the hash of its bytes, and empty when not all of it could be read.
    """

    id: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class DocumentInfo:
    """One row of a library's list of documents: all but the texts."""

    id: str
    source: str
    kind: str
    metadata: Metadata
    characters: int
    sentences: int
    passages: int
    pages: int
    added: str
    """Time of adding, ISO 8601, UTC."""

    @property
    def title(self) -> str:
        """The title, or the file's name where none is known."""
        return self.metadata.title or _file_name(self.source)


class Outcome(StrEnum):
    """What became of one file."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class FileReport:
    """What became of one file, and for a failure the reason and the remedy in words."""

    source: str
    outcome: Outcome
    detail: str = ""
    document: str = ""


@dataclass(frozen=True)
class Report:
    """What became of every file of one `add` or `sync`, in order."""

    files: tuple[FileReport, ...] = field(default=())

    def count(self, outcome: Outcome) -> int:
        """Return how many files had this outcome."""
        return sum(f.outcome is outcome for f in self.files)

    @property
    def failed(self) -> tuple[FileReport, ...]:
        """The files that could not be taken in."""
        return tuple(f for f in self.files if f.outcome is Outcome.FAILED)


Taken = Callable[[Sequence[FileReport]], None]
"""Called with what became of a file, and of the files within it."""


def _file_name(source: str) -> str:
    # Not by way of a Path, which takes ten times as long: a question asks for the names of all documents.
    return os.path.basename(source)
