"""Read Word 97 files (DOC): text from its pieces, headings by style, tables, notes; page heads as furniture.

The structures are those of [MS-DOC]. A picture, a drawn formula or a deleted revision is not looked into.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from typing import Any

from index.errors import ReadError
from index.metadata import Properties
from index.readers.blocks import Blocks, mark, unmarked
from index.readers.compound import attached_objects, summary
from index.types import RawDocument

_IDENTITIES = (0xA5EC, 0xA5DC, 0xA699, 0xA697, 0xA698)
_STYLES, _NOTE_MARKS, _NOTES, _PARAGRAPHS, _PIECES, _END_MARKS, _ENDS = 1, 2, 3, 13, 33, 46, 47
_ROW_END = b"\x17\x24\x01"
_IN_TABLE = (b"\x16\x24\x01", b"\x49\x66")
_TITLE, _CONTENTS = 62, range(19, 28)
_BREAKS = re.compile("[\r\x07\x0c]")
_LOWEST = 6


def read_doc(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a Word 97 file.

    Raises:
        ReadError: when it is protected or damaged.
    """
    import olefile

    try:
        with olefile.OleFileIO(BytesIO(data)) as ole:
            main = ole.openstream("WordDocument").read()
            properties, attached = summary(ole), attached_objects(ole)
            flags = int.from_bytes(main[10:12], "little")
            if flags & 0x100:
                raise ReadError(f"{name}: is protected with a password. Save a copy without it and add that.")
            table = ole.openstream("1Table" if flags & 0x200 else "0Table").read()
            document = _Doc(main, table).read(properties)
    except ReadError:
        raise
    except Exception as error:  # on damaged bytes the library fails in many ways
        raise ReadError(f"{name}: is damaged ({error}). Open it, save it as .docx and add that.") from error
    return document.document("doc", properties, attached=attached)


class _Doc:
    """One file: its characters, each with the place in the file at which it stands."""

    def __init__(self, main: bytes, table: bytes) -> None:
        self._main = main
        self._table = table
        if int.from_bytes(main[:2], "little") not in _IDENTITIES:
            raise ValueError("it does not begin as a Word file does")
        self._starts: list[int] = []
        self._places: list[tuple[int, int]] = []
        self.text = "".join(self._read_pieces())
        self._papx = [*self._paragraph_properties()]
        self._papx.sort(key=lambda item: item[0])
        self._papx_starts = [item[0] for item in self._papx]
        self._styles = self._read_styles()
        self.blocks = Blocks()

    def read(self, properties: Properties) -> Blocks:
        """Return the blocks of the body, then the notes, the text boxes and the page heads."""
        body, foot, head, _, remarks, ends, boxes = (_number(self._main, at) for at in range(0x4C, 0x68, 4))
        marks: dict[int, str] = {}
        notes: list[tuple[str, str]] = []
        start = body
        for number, length, places, texts in ((0, foot, _NOTE_MARKS, _NOTES), (1, ends, _END_MARKS, _ENDS)):
            start = body if number == 0 else body + foot + head + remarks
            for place, words in zip(
                self._positions(places, 2)[:-1], self._note_texts(texts, start, length), strict=False
            ):
                marks[place] = f"{number}.{place}"
                notes.append((marks[place], words))
        self._add_body(0, min(body, len(self.text)), marks)
        if boxes:
            self._add_body(body + foot + head + remarks + ends, body + foot + head + remarks + ends + boxes, {})
        for key, words in notes:
            self.blocks.add_note(key, words)
        for part in dict.fromkeys(_BREAKS.split(self.text[body + foot : body + foot + head])):
            self.blocks.add(_shown(unmarked(part)), furniture="page header or footer")
        return self.blocks

    def _note_texts(self, index: int, start: int, length: int) -> list[str]:
        places = self._positions(index, 0)
        words = self.text[start : start + length]
        return [_shown(unmarked(words[a:b])).strip() for a, b in pairwise(places)]

    def _read_pieces(self) -> Iterator[str]:
        clx = self._part(_PIECES)
        at = 0
        while at < len(clx) and clx[at] == 1:
            at += 3 + int.from_bytes(clx[at + 1 : at + 3], "little")
        size = _number(clx, at + 1)
        plc = clx[at + 5 : at + 5 + size]
        count = (len(plc) - 4) // 12
        for i in range(count):
            first, last = _number(plc, 4 * i), _number(plc, 4 * i + 4)
            if not first <= last <= first + len(self._main):
                raise ValueError("its pieces lie outside the file")
            fc = _number(plc, 4 * (count + 1) + 8 * i + 2)
            narrow = bool(fc & 0x40000000)
            offset = (fc & 0x3FFFFFFF) // 2 if narrow else fc
            self._starts.append(first)
            self._places.append((offset, 1 if narrow else 2))
            raw = self._main[offset : offset + (last - first) * (1 if narrow else 2)]
            text = raw.decode("cp1252" if narrow else "utf-16-le", "surrogatepass" if not narrow else "replace")
            yield text.ljust(last - first, "\0")

    def _place(self, position: int) -> int:
        i = bisect_right(self._starts, position) - 1
        offset, width = self._places[i]
        return offset + (position - self._starts[i]) * width

    def _paragraph_properties(self) -> Iterator[tuple[int, int, int, bytes]]:
        """Yield where a run of paragraphs begins and ends in the file, its style and its exceptions."""
        for page in self._positions(_PARAGRAPHS, 4, values=True):
            sheet = self._main[page * 512 : page * 512 + 512]
            if len(sheet) < 512:
                continue
            count = sheet[511]
            for i in range(min(count, 29)):
                offset = 2 * sheet[4 * (count + 1) + 13 * i]
                size = 2 * sheet[offset] - 1 if sheet[offset] else 2 * sheet[min(offset + 1, 511)]
                begin = offset + (1 if sheet[offset] else 2)
                known = sheet[begin : begin + size] if offset else b""
                style = int.from_bytes(known[:2], "little")
                yield _number(sheet, 4 * i), _number(sheet, 4 * i + 4), style, known[2:]

    def _read_styles(self) -> list[tuple[int, int]]:
        """Return for each style its built-in number and the style that it is based on."""
        sheet = self._part(_STYLES)
        at = 2 + int.from_bytes(sheet[:2], "little")
        styles = []
        while at + 2 <= len(sheet):
            size = int.from_bytes(sheet[at : at + 2], "little")
            entry = sheet[at + 2 : at + 2 + size]
            styles.append((int.from_bytes(entry[:2], "little") & 0xFFF, int.from_bytes(entry[2:4], "little") >> 4))
            at += 2 + size
        return styles

    def _kind(self, style: int) -> int:
        """Return the built-in style that a style is, or is based on."""
        for _ in range(12):
            if style >= len(self._styles):
                return 0
            built_in, base = self._styles[style]
            if built_in in range(1, 10) or built_in == _TITLE or built_in in _CONTENTS:
                return built_in
            style = base
        return 0

    def _properties_at(self, position: int) -> tuple[int, bytes]:
        place = self._place(position)
        i = bisect_right(self._papx_starts, place) - 1
        if i >= 0 and place < self._papx[i][1]:
            return self._kind(self._papx[i][2]), self._papx[i][3]
        return 0, b""

    def _add_body(self, start: int, end: int, marks: dict[int, str]) -> None:
        rows: list[list[str]] = []
        cells: list[str] = []
        pending = ""
        at = start
        for found in _BREAKS.finditer(self.text, start, end):
            kind, exceptions = self._properties_at(found.start())
            words = self._marked(at, found.start(), marks)
            at = found.end()
            if found[0] == "\x07":
                if _ROW_END in exceptions:
                    rows.append(cells)
                    cells = []
                else:
                    cells.append(_shown(pending + words))
                pending = ""
            elif any(sign in exceptions for sign in _IN_TABLE):
                pending += words + "\n"
            else:
                self._add_table(rows, cells)
                rows, cells = [], []
                self._add_paragraph(pending + words, kind)
                pending = ""
        self._add_table(rows, cells)
        self._add_paragraph(pending + self._marked(at, end, marks), 0)

    def _marked(self, start: int, end: int, marks: dict[int, str]) -> str:
        places = [place for place in marks if start <= place < end] if marks else []
        if not places:
            return unmarked(self.text[start:end])
        parts = []
        for place in sorted(places):
            parts += [unmarked(self.text[start:place]), mark(marks[place])]
            start = place + 1
        return "".join((*parts, unmarked(self.text[start:end])))

    def _add_table(self, rows: list[list[str]], cells: list[str]) -> None:
        rows = [*rows, cells] if cells else rows
        if max(map(len, rows), default=0) > 1:
            self.blocks.add_table(rows)
        else:
            for row in rows:
                self.blocks.add(" ".join(row))

    def _add_paragraph(self, words: str, kind: int) -> None:
        level = 1 if kind == _TITLE else min(kind, _LOWEST) if kind in range(1, 10) else 0
        self.blocks.add(_shown(words), level=level, furniture="table of contents" if kind in _CONTENTS else "")

    def _part(self, index: int) -> bytes:
        at = 154 + 8 * index
        offset, size = _number(self._main, at), _number(self._main, at + 4)
        return self._table[offset : offset + size]

    def _positions(self, index: int, width: int, *, values: bool = False) -> list[int]:
        """Return the positions of a table of the file, or the values (of four bytes) that it has for them."""
        part = self._part(index)
        count = (len(part) - 4) // (4 + width) if part else 0
        if values:
            return [_number(part, 4 * (count + 1) + 4 * i) for i in range(count)]
        return [_number(part, 4 * i) for i in range(count + 1)] if part else []


_FIELD = re.compile("\x13[^\x13\x14\x15]*(?:\x14([^\x13\x15]*))?\x15")
_SIGNS = {0x0B: "\n", 0x1E: "-", 0x1F: "", 0xA0: " ", 0x09: "\t", 0x0E: "\n"}
_SIGNS |= {code: "" for code in (*range(0, 2), *range(4, 9), 0x0C, 0x0F, *range(0x10, 0x1E))}
_DEEPEST = 10


def _shown(text: str) -> str:
    """Return what a reader of the page sees: of a field its result, of a picture nothing."""
    for _ in range(_DEEPEST):
        if "\x13" not in text:
            break
        text = _FIELD.sub(lambda match: match[1] or "", text)
    text = re.sub("\x13[^\x14]*(?:\x14|$)", "", text)  # a field that goes on in the next paragraph
    return text.translate(_SIGNS)


def _number(data: Any, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")
