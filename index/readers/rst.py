"""Read reStructuredText: headings by their underlines, lists, tables, notes. No directive is carried out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.metadata import iso_date
from index.readers.blocks import Blocks, unmarked
from index.readers.encoding import decode
from index.readers.inline import plain_rst
from index.types import Metadata, RawDocument

_UNDERLINE = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*$")
_DIRECTIVE = re.compile(r"\.\.\s+(?:\|[^|]+\|\s+)?([\w:+-]+)::\s*(.*)$")
_FOOTNOTE = re.compile(r"\.\.\s+\[(#?[\w.-]*|\*)\]\s+(.*)$")
_COMMENT = re.compile(r"\.\.(?:\s|$)")
_FIELD = re.compile(r":([^:\n]{1,60}):(?:\s+(.*))?$")
_BULLET = re.compile(r"(?:[-*+•]|\(?(?:\d{1,3}|[a-zA-Z]|#)[.)])\s+(?=\S)")
_GRID = re.compile(r"\+(?:[-=]+\+)+\s*$")
_SIMPLE = re.compile(r"=+(?:\s+=+)+\s*$")
_SHOWN = frozenset(
    "note warning tip important hint caution danger attention error admonition topic sidebar epigraph highlights "
    "pull-quote compound container rubric seealso versionadded versionchanged deprecated function class method "
    "attribute data table list-table".split()
)
_CODE = frozenset("code code-block sourcecode parsed-literal highlight literal prompt doctest".split())
_DEEPEST = 20


def read_rst(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a reStructuredText file."""
    text = unmarked(decode(data, name)).expandtabs(8)
    found = _Rst()
    found.read(text.split("\n"), 0)
    for key, words in found.notes:
        found.blocks.add_note(key, words, key)
    return found.blocks.document("rst", stated=found.stated())


class _Rst:
    """One file on its way into blocks."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self.notes: list[tuple[str, str]] = []
        self._levels: list[str] = []
        self._fields: dict[str, str] = {}

    def stated(self) -> Metadata:
        """Return what the field list at the head of the file states."""
        title = next((self.blocks.text[h.start : h.end] for h in self.blocks.headings if h.level == 1), None)
        date = iso_date(self._fields.get("date", ""))
        return Metadata(title=title, author=self._fields.get("author") or self._fields.get("authors"), date=date)

    def read(self, lines: Sequence[str], depth: int) -> None:
        """Add the blocks of these lines, which begin at the left."""
        at = 0
        while at < len(lines):
            at = self._block(lines, at, depth) if lines[at].strip() else at + 1

    def _block(self, lines: Sequence[str], at: int, depth: int) -> int:
        """Add the block that begins at a line; return the line after it."""
        line = lines[at]
        following = lines[at + 1] if at + 1 < len(lines) else ""
        if _GRID.match(line.strip()) or _SIMPLE.match(line):
            return self._table(lines, at)
        if _UNDERLINE.match(line) and following.strip() and at + 2 < len(lines) and _same(line, lines[at + 2]):
            return self._heading(following, line.strip()[0] * 2, at + 3)
        if not line.startswith(" ") and _UNDERLINE.match(following) and len(following.strip()) >= min(len(line), 4):
            return self._heading(line, following[0], at + 2)
        if _UNDERLINE.match(line):
            return at + 1
        if line.startswith(".."):
            return self._explicit(lines, at, depth)
        if match := _FIELD.match(line):
            end = _indented(lines, at + 1)
            self._fields.setdefault(
                match[1].casefold(), " ".join([match[2] or "", *map(str.strip, lines[at + 1 : end])]).strip()
            )
            if match[1].casefold() not in ("author", "authors", "date", "orphan", "tocdepth"):
                self.blocks.add(f"{match[1]}: {plain_rst(self._fields[match[1].casefold()])}", row=True)
            return end
        return self._paragraph(lines, at, depth)

    def _heading(self, words: str, sign: str, end: int) -> int:
        if sign not in self._levels:
            self._levels.append(sign)
        self.blocks.add(plain_rst(words), level=min(self._levels.index(sign) + 1, 6))
        return end

    def _paragraph(self, lines: Sequence[str], at: int, depth: int) -> int:
        item = _BULLET.match(lines[at].lstrip())
        indent = _indent(lines[at])
        end = at + 1
        while end < len(lines) and lines[end].strip() and not (_starts_item(lines[end], indent) and item):
            if not item and _indent(lines[end]) > indent and end == at + 1:
                break  # a term and what it means
            end += 1
        text = " ".join(line.strip() for line in lines[at:end])
        literal = text.endswith("::")
        text = (
            text[:-2].rstrip() + (":" if not text[:-2].endswith((" ", ":")) and text != "::" else "")
            if literal
            else text
        )
        if item:
            lead = "- " if item[0][0] in "-*+•" else item[0].strip() + " "
            self.blocks.add(lead + plain_rst(text[len(item[0]) :]), row=True)
        else:
            self.blocks.add(plain_rst(text))
        stop = _indented(lines, end, indent + 1)
        if stop > end and any(map(str.strip, lines[end:stop])):
            self._inner(lines[end:stop], literal, depth)
        return stop if stop > end else end

    def _inner(self, lines: Sequence[str], literal: bool, depth: int) -> None:
        width = min((_indent(line) for line in lines if line.strip()), default=0)
        inner = [line[width:] for line in lines]
        if literal:
            for line in filter(str.strip, inner):
                self.blocks.add(line, row=True)
        elif depth < _DEEPEST:
            self.read(inner, depth + 1)

    def _explicit(self, lines: Sequence[str], at: int, depth: int) -> int:
        end = _indented(lines, at + 1)
        inner = [*lines[at + 1 : end]]
        if note := _FOOTNOTE.match(lines[at]):
            words = plain_rst(" ".join([note[2], *map(str.strip, inner)]))
            self.notes.append((note[1].lstrip("#") or "#", words))
        elif directive := _DIRECTIVE.match(lines[at]):
            self._directive(directive[1].casefold().rpartition(":")[2], directive[2], inner, depth)
        elif not _COMMENT.match(lines[at]):
            self.blocks.add(plain_rst(lines[at]))
        return end

    def _directive(self, kind: str, words: str, inner: list[str], depth: int) -> None:
        """Add what a directive shows; a file that it names is not opened."""
        while inner and (not inner[0].strip() or _FIELD.match(inner[0].strip())):
            inner.pop(0)
        if kind in _CODE:
            self._inner(inner, True, depth)
        elif kind in ("csv-table",):
            self.blocks.add(words)
            self._inner(inner, True, depth)
        elif kind in _SHOWN or kind == "figure":
            self.blocks.add(plain_rst(words) if kind != "figure" else "")
            self._inner(inner, False, depth)

    def _table(self, lines: Sequence[str], at: int) -> int:
        end = at
        while end < len(lines) and lines[end].strip():
            end += 1
        if _SIMPLE.match(lines[at]):  # a simple table may hold blank lines: it ends with its third rule or more
            rules = [n for n in range(at, min(len(lines), at + 2_000)) if _SIMPLE.match(lines[n])]
            last = next((n for n in rules[1:] if n + 1 >= len(lines) or not lines[n + 1].strip()), end - 1)
            end = max(end, last + 1) if last > end else end
            self.blocks.add_table(_simple_rows(lines[at:end]))
        else:
            self.blocks.add_table(_grid_rows(lines[at:end]))
        return max(end, at + 1)


def _simple_rows(lines: Sequence[str]) -> list[list[str]]:
    starts = [match.start() for match in re.finditer(r"=+", lines[0])]
    rows: list[list[str]] = []
    for line in lines:
        if _UNDERLINE.match(line) or _SIMPLE.match(line) or not line.strip():
            continue
        ends = [*starts[1:], len(line) + 1]
        cells = [plain_rst(line[start:end].strip()) for start, end in zip(starts, ends, strict=True)]
        if rows and not cells[0]:  # the row goes on
            rows[-1] = [f"{before} {cell}".strip() for before, cell in zip(rows[-1], cells, strict=True)]
        else:
            rows.append(cells)
    return rows


def _grid_rows(lines: Sequence[str]) -> list[list[str]]:
    rows: list[list[str]] = []
    fresh = True
    for line in lines:
        if _GRID.match(line.strip()):
            fresh = True
            continue
        cells = [plain_rst(cell.strip()) for cell in line.strip().strip("|").split("|")]
        if fresh or len(cells) != len(rows[-1]):
            rows.append(cells)
        else:
            rows[-1] = [f"{before} {cell}".strip() for before, cell in zip(rows[-1], cells, strict=True)]
        fresh = False
    return rows


def _same(line: str, other: str) -> bool:
    return _UNDERLINE.match(other) is not None and other.strip()[0] == line.strip()[0]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _starts_item(line: str, indent: int) -> bool:
    return _indent(line) == indent and _BULLET.match(line.lstrip()) is not None


def _indented(lines: Sequence[str], at: int, least: int = 1) -> int:
    """Return the first line at or after `at` that is not blank and stands further left than `least`."""
    end = at
    for number in range(at, len(lines)):
        if lines[number].strip():
            if _indent(lines[number]) < least:
                break
            end = number + 1
    return end
