"""Read Org files: headings, lists, tables, notes, source blocks. No include is followed, no source is run."""

from __future__ import annotations

import re

from index.metadata import iso_date
from index.readers.blocks import Blocks, unmarked
from index.readers.encoding import decode
from index.readers.inline import plain_org
from index.types import Metadata, RawDocument

_HEADING = re.compile(r"(\*+)\s+(?:(?:TODO|DONE|NEXT|WAIT|CANCELLED)\s+)?(?:\[#[A-Z]\]\s+)?(.*?)(?:\s+:[\w@:]+:)?\s*$")
_KEYWORD = re.compile(r"#\+(\w+)(?:\[[^\]]*\])?:\s*(.*)$")
_BEGIN = re.compile(r"\s*#\+begin_(\w+)", re.IGNORECASE)
_DRAWER = re.compile(r"\s*:(?:PROPERTIES|LOGBOOK|[A-Z_]+):\s*$")
_PLANNING = re.compile(r"\s*(?:SCHEDULED|DEADLINE|CLOSED):\s")
_FOOTNOTE = re.compile(r"\[fn:([\w-]{1,40})\]\s+(.*)$")
_BULLET = re.compile(r"\s*(?:[-+]|\s\*|\d{1,3}[.)])\s+(?:\[[ X-]\]\s+)?")
_RULE = re.compile(r"\s*(?:\|[-+|]*-[-+|]*|-{5,})\s*$")
_LEVELS = 6


def read_org(data: bytes, name: str) -> RawDocument:
    """Read the bytes of an Org file."""
    lines = unmarked(decode(data, name)).split("\n")
    found = _Org()
    at = 0
    while at < len(lines):
        at = found.block(lines, at)
    for key, words in found.notes:
        found.blocks.add_note(key, words, key)
    fields = found.fields
    title = fields.get("title") or None
    stated = Metadata(
        title=title, author=fields.get("author") or None, date=iso_date(plain_org(fields.get("date", "")))
    )
    return found.blocks.document("org", stated=stated)


class _Org:
    """One file on its way into blocks."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self.notes: list[tuple[str, str]] = []
        self.fields: dict[str, str] = {}

    def block(self, lines: list[str], at: int) -> int:
        """Add the block that begins at a line; return the line after it."""
        line = lines[at]
        if not line.strip() or _RULE.match(line) or _PLANNING.match(line):
            return at + 1
        if heading := _HEADING.match(line):
            self.blocks.add(plain_org(heading[2]), level=min(len(heading[1]), _LEVELS))
            return at + 1
        if begin := _BEGIN.match(line):
            return self._environment(lines, at, begin[1].casefold())
        if line.startswith("#"):
            if keyword := _KEYWORD.match(line):
                self._keyword(keyword[1].casefold(), keyword[2])
            return at + 1
        if _DRAWER.match(line):
            return next((n + 1 for n in range(at, len(lines)) if lines[n].strip().upper() == ":END:"), at + 1)
        if line.lstrip().startswith("|"):
            return self._table(lines, at)
        return self._paragraph(lines, at)

    def _keyword(self, key: str, value: str) -> None:
        self.fields.setdefault(key, value.strip())
        if key == "title" and not self.blocks.spans:
            self.blocks.add(plain_org(value), level=1)
        elif key == "caption":
            self.blocks.add(plain_org(value))

    def _environment(self, lines: list[str], at: int, kind: str) -> int:
        end = next((n for n in range(at + 1, len(lines)) if lines[n].strip().casefold() == f"#+end_{kind}"), len(lines))
        inner = lines[at + 1 : end]
        if kind in ("src", "example", "verse"):
            for line in inner:
                self.blocks.add(line, row=True)
        elif kind not in ("comment", "export"):
            place = 0
            while place < len(inner):
                place = self.block(inner, place) if not _BEGIN.match(inner[place]) else place + 1
        return end + 1

    def _table(self, lines: list[str], at: int) -> int:
        end = at
        while end < len(lines) and lines[end].lstrip().startswith("|"):
            end += 1
        rows = [line.strip().strip("|").split("|") for line in lines[at:end] if not _RULE.match(line)]
        self.blocks.add_table([[plain_org(cell) for cell in row] for row in rows])
        return end

    def _paragraph(self, lines: list[str], at: int) -> int:
        note, item = _FOOTNOTE.match(lines[at]), _BULLET.match(lines[at])
        end = at + 1
        while end < len(lines) and lines[end].strip() and not _ends(lines[end]):
            end += 1
        text = " ".join(line.strip() for line in lines[at:end])
        if note:
            self.notes.append((note[1], plain_org(text[note.start(2) :])))
        elif item:
            sign = item[0].strip()
            words = text[len(item[0].strip()) :].strip()
            self.blocks.add(f"{sign if sign[0].isdigit() else '-'} {plain_org(words)}", row=True)
        else:
            self.blocks.add(plain_org(text))
        return end


def _ends(line: str) -> bool:
    """Tell whether a line begins another block."""
    begins = _HEADING.match(line) or _BULLET.match(line) or _BEGIN.match(line) or _FOOTNOTE.match(line)
    return bool(begins) or line.startswith("#+") or line.lstrip().startswith("|") or _DRAWER.match(line) is not None
