"""Build the raw text of a format that knows its paragraphs: blank lines between blocks, none between rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.languages import language_of
from index.metadata import Properties, describe
from index.types import Attached, Heading, Layout, Metadata, Note, RawDocument, Removed

_SPACE = re.compile(r"\s+")
_MARK = re.compile("\x02([^\x02\x03]*)\x03")
_STRAY = re.compile("[\x02\x03]")
_LONGEST_NAME = 120


def mark(key: str) -> str:
    """Return what stands for the mark of note `key` in a text that is added to blocks."""
    return f"\x02{key}\x03"


def unmarked(text: str) -> str:
    """Return a text of a file without characters that would be taken for the mark of a note."""
    return _STRAY.sub("", text)


class Blocks:
    """Collects blocks of text and remembers which are headings, notes, furniture, and where pages start.

    `spans` are the blocks' places in `text`; `sources` their words as the file has them, without what was put
    in to make the rows of a table readable.
    """

    def __init__(self) -> None:
        self.headings: list[Heading] = []
        self.spans: list[tuple[int, int]] = []
        self.sources: list[str] = []
        self.removed: list[Removed] = []
        self.notes: list[Note] = []
        self.pages: list[int] = []
        self._parts: list[str] = []
        self._length = 0
        self._row = False
        self._marks: dict[str, int] = {}

    @property
    def text(self) -> str:
        """The blocks so far, as one text."""
        return "".join(self._parts)

    def add(
        self, text: str, *, level: int = 0, row: bool = False, source: str | None = None, furniture: str = ""
    ) -> None:
        """Append a block, white space folded; a heading has a `level`, a row stands close to a row.

        A block that is `furniture` (the word says of which kind) is reported as removed.
        """
        text, marks = _parted(text)
        if not text:
            for key, _ in marks:  # a mark that stands alone belongs to the block before it
                self._marks.setdefault(key, self._length)
            return
        if self._parts:
            self._append("\n" if row and self._row else "\n\n")
        start = self._length
        self._append(text)
        self.spans.append((start, self._length))
        self.sources.append(text if source is None else _MARK.sub("", source))
        for key, at in marks:
            self._marks.setdefault(key, start + at)
        if level and not furniture:
            self.headings.append(Heading(start, self._length, level))
        if furniture:
            self.removed.append(Removed(start, self._length, "furniture", furniture))
        self._row = row

    def add_table(self, rows: Sequence[Sequence[str]], header: int | None = None) -> None:
        """Append a table, each row with its column headings so that it can be read (and cited) alone.

        `header` is how many rows hold the headings, where the format says so.
        """
        self._row = False
        cells = [[_SPACE.sub(" ", cell).strip() for cell in row] for row in rows]
        cells = [row for row in cells if any(row)]
        while header is None and len(cells) > 3 and len(cells[0]) > 2 and sum(map(bool, cells[0])) == 1:
            self.add(" ".join(filter(None, cells.pop(0))))  # the title of the table, over its headings
        if header is None:
            named = len(cells) > 1 and len(cells[0]) > 1 and sum(map(bool, cells[0])) > len(cells[0]) / 2
            header = int(named)
        header = min(header, len(cells) - 1)
        names = _names(cells[:header]) if header > 0 else []
        for row in cells[max(header, 0) :]:
            self.add(readable(names, row), row=True, source=" ".join(row))
        self._row = False

    def add_note(self, key: str, text: str, label: str = "") -> None:
        """Append the text of the note whose mark is `key`."""
        before = len(self.spans)
        self._row = False
        self.add(text)
        if len(self.spans) > before:
            start, end = self.spans[-1]
            at = self._marks.get(key, start)
            self.notes.append(Note(start, end, at, at, label))

    def start_page(self) -> None:
        """Begin a page with the next block."""
        self.pages.append(self._length + 2 if self._parts else 0)
        self._row = False

    def document(
        self,
        kind: str,
        properties: Properties | None = None,
        stated: Metadata | None = None,
        layout: Layout = "blocks",
        attached: Sequence[Attached] = (),
    ) -> RawDocument:
        """Return the blocks as a raw document, its metadata read from the running text."""
        text = self.text
        if len(self.removed) == len(self.spans):
            self.removed.clear()  # where nothing else stands, the furniture is the text
        if layout == "rows":  # a row is no title
            known = describe("", properties, stated).overridden_by(Metadata(language=language_of(text)))
        else:
            known = describe(self._running(text), properties, stated)
        return RawDocument(
            text,
            kind,
            layout,
            tuple(min(page, len(text)) for page in self.pages),
            known,
            tuple(self.headings),
            tuple(self.removed),
            tuple(self.notes),
            tuple(attached),
        )

    def _running(self, text: str) -> str:
        aside = {(item.start, item.end) for item in self.removed} | {(note.start, note.end) for note in self.notes}
        return "\n".join(text[start:end] for start, end in self.spans if (start, end) not in aside)

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def readable(names: Sequence[str], row: Sequence[str]) -> str:
    """Return a row of a table as one line, each cell with the heading of its column."""
    return "; ".join(_cell(names, i, cell) for i, cell in enumerate(row) if cell)


def _names(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return one name for each column from one or more rows of headings."""
    width = max(map(len, rows))
    columns = ([row[i] for row in rows if i < len(row) and row[i]] for i in range(width))
    return [_MARK.sub("", " ".join(dict.fromkeys(column)))[:_LONGEST_NAME] for column in columns]


def _parted(text: str) -> tuple[str, list[tuple[str, int]]]:
    """Return the text, white space folded, without the marks of notes in it, and each mark's key and offset."""
    text = _SPACE.sub(" ", text).strip()
    if "\x02" not in text:
        return text, []
    parts: list[str] = []
    marks: list[tuple[str, int]] = []
    length = 0
    for number, piece in enumerate(_MARK.split(text)):
        if number % 2:
            marks.append((piece, length))
            continue
        if not parts or parts[-1].endswith(" "):
            piece = piece.lstrip(" ")
        if piece:
            parts.append(piece)
            length += len(piece)
    whole = "".join(parts).rstrip()
    return whole, [(key, min(at, len(whole))) for key, at in marks]


def _cell(names: Sequence[str], column: int, cell: str) -> str:
    name = names[column] if column < len(names) else ""
    return f"{name.rstrip(' :')}: {cell}" if name and name != cell else cell
