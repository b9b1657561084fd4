"""Build the raw text of a format that knows its paragraphs: blank lines between blocks, none between rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.types import Heading

_SPACE = re.compile(r"\s+")


class Blocks:
    """Collects blocks of text and remembers which are headings.

    `spans` are the blocks' places in `text`; `sources` their words as the file has them, without what was put
    in to make the rows of a table readable.
    """

    def __init__(self) -> None:
        self.headings: list[Heading] = []
        self.spans: list[tuple[int, int]] = []
        self.sources: list[str] = []
        self._parts: list[str] = []
        self._length = 0
        self._row = False

    @property
    def text(self) -> str:
        """The blocks so far, as one text."""
        return "".join(self._parts)

    def add(self, text: str, *, level: int = 0, row: bool = False, source: str | None = None) -> None:
        """Append a block, white space folded; a heading has a `level`, a row stands close to a row."""
        text = _SPACE.sub(" ", text).strip()
        if not text:
            return
        if self._parts:
            self._append("\n" if row and self._row else "\n\n")
        start = self._length
        self._append(text)
        self.spans.append((start, self._length))
        self.sources.append(text if source is None else source)
        if level:
            self.headings.append(Heading(start, self._length, level))
        self._row = row

    def add_table(self, rows: Sequence[Sequence[str]]) -> None:
        """Append a table, each row with its column headings so that it can be read (and cited) alone."""
        self._row = False
        cells = [[_SPACE.sub(" ", cell).strip() for cell in row] for row in rows]
        cells = [row for row in cells if any(row)]
        if len(cells) > 1 and len(cells[0]) > 1 and sum(map(bool, cells[0])) > len(cells[0]) / 2:
            names, cells = cells[0], cells[1:]
        else:
            names = []
        for row in cells:
            readable = "; ".join(_cell(names, i, cell) for i, cell in enumerate(row) if cell)
            self.add(readable, row=True, source=" ".join(row))
        self._row = False

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def _cell(names: Sequence[str], column: int, cell: str) -> str:
    name = names[column] if column < len(names) else ""
    return f"{name}: {cell}" if name and name != cell else cell
