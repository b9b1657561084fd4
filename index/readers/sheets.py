"""Read Excel workbooks: each sheet under its name, each row with its column names, values as the sheet shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from index.errors import ReadError
from index.readers.blocks import Blocks
from index.readers.compound import attached_objects
from index.readers.drawing import chart
from index.readers.embedded import embedded
from index.readers.native import XLS, XLSB, extract
from index.readers.package import Element, Package, attribute, child, local
from index.readers.rows import MAX_CELLS, Row, add_sheet, check_cells
from index.readers.shown import BUILT_IN, plain, shown
from index.readers.word import core_properties
from index.types import Attached, RawDocument

_REFERENCE = re.compile(r"([A-Za-z]{1,3})(\d+)")
_MAX_COLUMNS = 2_000
_MAX_ROWS = 1_048_576
_MAX_MERGED = 5_000


def read_xlsx(data: bytes, name: str) -> RawDocument:
    """Read the bytes of an Excel workbook.

    Raises:
        ReadError: when it is protected, damaged, or has more cells than can be searched.
    """
    package = Package(data, name)
    main = next((path for kind, path in package.relations("").values() if kind == "officeDocument"), "")
    main = main if main in package else "xl/workbook.xml"
    root = package.xml(main)
    if root is None:
        raise ReadError(f"{name}: is damaged (its part {main} is missing). Save it again and retry.")
    return _Workbook(package, root, main).document()


def read_xlsb(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a binary Excel workbook.

    Raises:
        ReadError: when it is protected or damaged.
    """
    return _native(data, XLSB, name, "xlsb", [])


def read_xls(data: bytes, name: str) -> RawDocument:
    """Read the bytes of an Excel 97 workbook.

    Raises:
        ReadError: when it is protected, damaged, or has more cells than can be searched.
    """
    import olefile

    with olefile.OleFileIO(BytesIO(data)) as ole:
        attached = attached_objects(ole)
    return _native(data, XLS, name, "xls", attached)


def _native(data: bytes, mime_type: str, name: str, kind: str, attached: list[Attached]) -> RawDocument:
    """Read a workbook of an older kind, whose cells kreuzberg knows."""
    result = extract(data, mime_type, name)
    blocks = Blocks()
    names = [str(sheet) for sheet in result.metadata.get("sheet_names") or ()]
    tables: list[Any] = list(result.tables)
    check_cells(sum(len(row) for table in tables for row in table.cells), name)
    for number, table in enumerate(tables):
        at = table.page_number - 1 if len(names) != len(tables) else number
        rows = [[" ".join(str(cell).split()) for cell in row] for row in table.cells]
        add_sheet(blocks, rows, names[at] if 0 <= at < len(names) else "")
    return blocks.document(kind, layout="rows", attached=attached)


class _Workbook:
    """One workbook on its way into rows."""

    def __init__(self, package: Package, root: Element, main: str) -> None:
        self._package = package
        self._root = root
        self._relations = package.relations(main)
        self._strings = [*self._shared_strings()]
        self._formats = self._cell_formats()
        properties = child(root, "workbookPr")
        self._since_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        self._cells = 0

    def document(self) -> RawDocument:
        """Return the workbook as a raw document."""
        blocks = Blocks()
        attached: list[Attached] = []
        sheets = child(self._root, "sheets")
        for sheet in sheets if sheets is not None else ():
            kind, path = self._relations.get(attribute(sheet, "id") or "", ("", ""))
            if path not in self._package:
                continue
            title = sheet.get("name") or ""
            if kind == "worksheet":
                add_sheet(blocks, self._rows(path), title)
            self._add_drawn(blocks, path, title)
            attached += embedded(self._package, self._package.relations(path))
        known = core_properties(self._package.xml("docProps/core.xml"))
        return blocks.document("xlsx", known, layout="rows", attached=attached)

    def _part(self, kind: str) -> Element | None:
        path = next((path for found, path in self._relations.values() if found == kind), "")
        return self._package.xml(path) if path else None

    def _shared_strings(self) -> Iterator[str]:
        root = self._part("sharedStrings")
        for item in root if root is not None else ():
            yield _string(item)

    def _cell_formats(self) -> list[str]:
        root = self._part("styles")
        custom = child(root, "numFmts")
        codes = {node.get("numFmtId"): node.get("formatCode") or "" for node in (custom if custom is not None else ())}
        formats = child(root, "cellXfs")
        found = [node.get("numFmtId", "0") for node in (formats if formats is not None else ())]
        return [codes.get(number) or BUILT_IN.get(int(number) if number.isdigit() else 0, "") for number in found]

    def _rows(self, path: str) -> list[Row]:
        from lxml import etree  # type: ignore[import-untyped]

        rows: dict[int, Row] = {}
        merged: list[str] = []
        parser = etree.iterparse(
            BytesIO(self._package.read(path)), events=("end",), resolve_entities=False, no_network=True,
            load_dtd=False, recover=True, huge_tree=False, tag=("{*}row", "{*}mergeCell"),
        )  # fmt: skip
        at = 0
        try:
            for _, node in parser:
                if local(node) == "mergeCell":
                    merged.append(node.get("ref") or "")
                    continue
                number = node.get("r") or ""
                at = int(number) if number.isdigit() else at + 1
                if at <= _MAX_ROWS and (row := self._row(node)):
                    rows[at] = row
                node.clear()
                while node.getprevious() is not None:
                    del node.getparent()[0]
        except etree.LxmlError as error:
            if not rows:
                raise ReadError(f"{self._package.name}: is damaged at {path} ({error}). Save it again.") from error
        _spread(rows, merged[:_MAX_MERGED])
        return [rows.get(number, []) for number in _numbers(rows)]

    def _row(self, node: Element) -> Row:
        row: Row = []
        for cell in node:
            if local(cell) != "c":
                continue
            place = _REFERENCE.match(cell.get("r") or "")
            column = _column(place[1]) if place else len(row)
            value = self._value(cell)
            if not value or column >= _MAX_COLUMNS:
                continue
            self._cells += 1
            if self._cells > MAX_CELLS:
                check_cells(self._cells, self._package.name)
            row += [""] * (column - len(row))
            row[column:] = [value]
        return row

    def _value(self, cell: Element) -> str:
        kind = cell.get("t") or "n"
        if kind == "inlineStr":
            inline = child(cell, "is")
            return " ".join(_string(inline).split()) if inline is not None else ""
        node = child(cell, "v")
        text = (node.text or "").strip() if node is not None else ""
        if not text or kind == "e":
            return text
        if kind == "s":
            return (
                " ".join(self._strings[int(text)].split()) if text.isdigit() and int(text) < len(self._strings) else ""
            )
        if kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        if kind in ("str", "d"):
            return " ".join(text.split())
        return self._number(text, cell.get("s") or "0")

    def _number(self, text: str, style: str) -> str:
        try:
            value = float(text)
        except ValueError:
            return text
        if value != value or value in (float("inf"), float("-inf")):
            return text
        code = self._formats[int(style)] if style.isdigit() and int(style) < len(self._formats) else ""
        return shown(value, code, since_1904=self._since_1904) if code else plain(value)

    def _add_drawn(self, blocks: Blocks, path: str, title: str) -> None:
        """Append the charts and text boxes of a sheet, and the remarks on its cells."""
        for kind, part in self._package.relations(path).values():
            if kind == "comments" and (root := self._package.xml(part)) is not None:
                for node in (found for found in root.iter() if local(found) == "comment"):
                    text = " ".join(_string(child(node, "text")).split())
                    if text:
                        blocks.add(f"Comment on {title} {node.get('ref')}: {text}", row=True)
            elif kind == "drawing" and (root := self._package.xml(part)) is not None:
                self._add_drawing(blocks, root, part)

    def _add_drawing(self, blocks: Blocks, root: Element, part: str) -> None:
        for node in (found for found in root.iter() if local(found) == "txBody"):
            for paragraph in (found for found in node if local(found) == "p"):
                blocks.add("".join(t.text or "" for t in paragraph.iter() if local(t) == "t"))
        for kind, path in self._package.relations(part).values():
            if kind == "chart" and (drawn := self._package.xml(path)) is not None:
                chart(drawn).add_to(blocks)


def _string(item: Element | None) -> str:
    """Return the text of a string, without the phonetic reading beside it."""
    if item is None:
        return ""
    parts = []
    for node in item:
        if local(node) == "t":
            parts.append(node.text or "")
        elif local(node) == "r":
            parts += [found.text or "" for found in node if local(found) == "t"]
    return "".join(parts)


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - 64
    return number - 1


def _numbers(rows: dict[int, Row]) -> Iterator[int]:
    """Yield the numbers of the rows, with one empty row wherever some are missing."""
    before = 0
    for number in sorted(rows):
        if number > before + 1 and before:
            yield before + 1
        yield number
        before = number


def _spread(rows: dict[int, Row], merged: list[str]) -> None:
    """Give the value of a merged cell to each row that it spans, so that every row reads alone."""
    for area in merged:
        corners = [_REFERENCE.fullmatch(corner) for corner in area.split(":")]
        if len(corners) != 2 or not corners[0] or not corners[1]:
            continue
        column, first, last = _column(corners[0][1]), int(corners[0][2]), int(corners[1][2])
        row = rows.get(first, [])
        value = row[column] if column < len(row) else ""
        for number in range(first + 1, min(last, first + _MAX_COLUMNS) + 1):
            below = rows.get(number)
            if value and below is not None:
                below += [""] * (column + 1 - len(below))
                below[column] = below[column] or value
