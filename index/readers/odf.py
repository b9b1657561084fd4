"""Read OpenDocument files (LibreOffice): texts, sheets, presentations.

Owns what of the XML a reader of the page sees. Deleted text stays out; page heads are furniture after the body.
"""

from __future__ import annotations

from collections.abc import Iterator

from index.errors import ReadError
from index.metadata import Properties
from index.readers.blocks import Blocks, mark
from index.readers.package import Element, Package, attribute, child, local, parse_xml
from index.readers.rows import Row, add_sheet, check_cells
from index.readers.slides import NOTES
from index.types import Metadata, RawDocument

_SECTIONS = frozenset(
    "section index-body list-header page g alphabetical-index bibliography illustration-index "
    "numbered-paragraph frame text-box custom-shape rect ellipse line soft-page-break".split()
)
_SKIPPED = frozenset("tracked-changes title desc ruby-text settings forms variable-decls sequence-decls".split())
_INDEXES = frozenset("table-of-content table-index illustration-index alphabetical-index".split())
_SHAPES = frozenset("frame custom-shape text-box rect ellipse g line polygon path".split())
_FURNITURE = {"header": "slide header", "footer": "slide footer", "date-time": "slide date"}
_FURNITURE["page-number"] = "slide number"
_MAX_REPEATED = 1_000
_LOWEST = 6


def read_odt(data: bytes, name: str) -> RawDocument:
    """Read the bytes of an OpenDocument text.

    Raises:
        ReadError: when it is protected or damaged.
    """
    package = _open(data, name)
    found = _Text(_content(package, name), package.xml("styles.xml"), "odt")
    return found.document(package.xml("meta.xml"))


def read_flat_odt(data: bytes, name: str) -> RawDocument:
    """Read the bytes of an OpenDocument text that is one XML file."""
    root = parse_xml(data, name)
    return _Text(root, None, "odt").document(child(root, "meta"))


def read_odp(data: bytes, name: str) -> RawDocument:
    """Read the bytes of an OpenDocument presentation.

    Raises:
        ReadError: when it is protected or damaged.
    """
    package = _open(data, name)
    return _Text(_content(package, name), None, "odp").document(package.xml("meta.xml"))


def read_ods(data: bytes, name: str) -> RawDocument:
    """Read the bytes of an OpenDocument sheet.

    Raises:
        ReadError: when it is protected, damaged, or has more cells than can be searched.
    """
    package = _open(data, name)
    blocks = Blocks()
    count = 0
    for table in (node for node in _content(package, name).iter() if local(node) == "table"):
        rows = [*_sheet_rows(table)]
        count += sum(map(len, rows))
        check_cells(count, name)
        add_sheet(blocks, rows, attribute(table, "name") or "")
    return blocks.document("ods", properties(package.xml("meta.xml")), layout="rows")


def properties(root: Element | None) -> Properties:
    """Return what the properties of an OpenDocument file say of it."""
    meta = child(root, "meta") if root is not None and local(root) != "meta" else root
    found = {local(node): " ".join((node.text or "").split()) for node in (meta if meta is not None else ())}
    author = found.get("initial-creator") or found.get("creator")
    return Properties(found.get("title") or None, author or None, found.get("creation-date") or found.get("date"))


def _open(data: bytes, name: str) -> Package:
    package = Package(data, name)
    manifest = package.read("META-INF/manifest.xml")
    if b"encryption-data" in manifest and not package.read("content.xml").lstrip().startswith(b"<"):
        raise ReadError(f"{name}: is protected with a password. Save a copy without it and add that.")
    return package


def _content(package: Package, name: str) -> Element:
    root = package.xml("content.xml")
    if root is None:
        raise ReadError(f"{name}: is damaged (its part content.xml is missing). Save it again and retry.")
    return root


class _Text:
    """One text or presentation on its way into blocks."""

    def __init__(self, root: Element, styles: Element | None, kind: str) -> None:
        self._root = root
        self._styles_root = styles if styles is not None else root
        self._kind = kind
        self._blocks = Blocks()
        self._parents: dict[str, str] = {}
        self._notes: list[tuple[str, str, str]] = []
        self._shapes: list[Element] = []
        self._title = ""
        for part in (self._styles_root, root):
            for node in part.iter():
                if local(node) == "style":
                    name = attribute(node, "name") or ""
                    shown = attribute(node, "display-name") or name
                    self._parents[name] = attribute(node, "parent-style-name") or shown

    def document(self, meta: Element | None) -> RawDocument:
        """Return the file as a raw document."""
        body = child(self._root, "body")
        for part in body if body is not None else ():
            if local(part) == "presentation":
                self._slides(part)
            else:
                self._walk(part)
        for key, text, label in self._notes:
            self._blocks.add_note(key, text, label)
        self._running_heads()
        stated = Metadata(title=self._title) if self._title else None
        return self._blocks.document(self._kind, properties(meta), stated)

    def _slides(self, parent: Element) -> None:
        for page in (node for node in parent if local(node) == "page"):
            self._blocks.start_page()
            frames = [node for node in page if local(node) != "notes"]
            frames.sort(key=lambda node: attribute(node, "class") not in ("title",))
            for frame in frames:
                self._frame(frame)
            notes = child(page, "notes")
            lead = NOTES
            for node in notes.iter() if notes is not None else ():
                text = self._text(node) if local(node) == "p" else ""
                if text.strip():
                    self._blocks.add(lead + text)
                    lead = ""

    def _frame(self, frame: Element) -> None:
        kind = attribute(frame, "class") or ""
        if kind == "title":
            words = (self._text(node) for node in frame.iter() if local(node) in ("p", "h"))
            self._blocks.add(" ".join(words), level=1)
        elif kind in _FURNITURE:
            for node in (found for found in frame.iter() if local(found) == "p"):
                self._blocks.add(self._text(node), furniture=_FURNITURE[kind])
        elif local(frame) in _SHAPES:
            self._walk(frame)

    def _walk(self, parent: Element, *, listed: bool = False, furniture: str = "") -> None:
        for node in parent:
            tag = local(node)
            if tag in ("p", "h"):
                self._paragraph(node, tag, listed, furniture)
                listed = False  # one bullet for the paragraphs of an item
            elif tag == "list":
                for item in node:
                    self._walk(item, listed=local(item) == "list-item", furniture=furniture)
            elif tag == "table":
                self._table(node)
            elif tag in _INDEXES:
                self._walk(node, furniture="table of contents")
            elif tag in _SECTIONS:
                self._walk(node, furniture=furniture)

    def _paragraph(self, node: Element, tag: str, listed: bool, furniture: str) -> None:
        text = self._text(node)
        style = self._style(attribute(node, "style-name") or "")
        level = 0
        if tag == "h":
            outline = attribute(node, "outline-level") or "1"
            level = min(int(outline), _LOWEST) if outline.isdigit() else 1
        elif style == "Title":
            level = 1
        if style == "Title" and not self._title:
            self._title = " ".join(text.replace("\x02", " ").replace("\x03", " ").split())
        if text.strip():
            self._blocks.add(
                f"- {text}" if listed and not level else text, level=level, row=listed, furniture=furniture
            )
        shapes, self._shapes = self._shapes, []
        for shape in shapes:
            self._walk(shape)

    def _style(self, name: str) -> str:
        for _ in range(20):
            if name == "Title" or name not in self._parents or self._parents[name] == name:
                break
            name = self._parents[name]
        return name

    def _text(self, node: Element) -> str:
        return "".join(self._pieces(node))

    def _pieces(self, node: Element) -> Iterator[str]:
        yield node.text or ""
        for part in node:
            tag = local(part)
            if tag == "s":
                yield " "
            elif tag in ("tab", "line-break"):
                yield "\n"
            elif tag == "note":
                yield self._note(part)
            elif tag == "annotation":
                yield self._annotation(part)
            elif tag in _SHAPES:
                self._shapes.append(part)
            elif tag not in _SKIPPED and tag not in ("annotation-end", "tracked-changes"):
                yield from self._pieces(part)
            yield part.tail or ""

    def _note(self, node: Element) -> str:
        key = f"n{len(self._notes)}"
        label = child(node, "note-citation")
        body = child(node, "note-body")
        place = len(self._notes)
        self._notes.append((key, "", ""))
        text = " ".join(self._text(p) for p in body.iter() if local(p) in ("p", "h")) if body is not None else ""
        self._notes[place] = (key, text, "".join(label.itertext()).strip() if label is not None else "")
        return mark(key)

    def _annotation(self, node: Element) -> str:
        key = f"n{len(self._notes)}"
        author = child(node, "creator")
        by = "".join(author.itertext()).strip() if author is not None else ""
        text = " ".join("".join(p.itertext()) for p in node.iter() if local(p) == "p")
        self._notes.append((key, f"Comment by {by or 'a reader'}: {text}" if text.strip() else "", ""))
        return mark(key)

    def _table(self, node: Element) -> None:
        rows = [row for row in _table_rows(node) if row]
        if max(map(len, rows), default=0) < 2 or any(child(cell, "table") is not None for row in rows for cell in row):
            for row in rows:
                for cell in row:
                    self._walk(cell)
            return
        self._blocks.add_table([[_joined(self._text(p) for p in _own(cell)) for cell in row] for row in rows])

    def _running_heads(self) -> None:
        seen: set[str] = set()
        for node in self._styles_root.iter():
            if local(node) in ("header", "footer") and local(node.getparent()) == "master-page":
                for paragraph in (found for found in node.iter() if local(found) == "p"):
                    text = self._text(paragraph).strip()
                    if text and text not in seen:
                        seen.add(text)
                        self._blocks.add(text, furniture=f"page {local(node)}")


def _joined(parts: Iterator[str]) -> str:
    return " ".join(filter(None, map(str.strip, parts)))


def _table_rows(table: Element) -> Iterator[list[Element]]:
    for node in table:
        if local(node) == "table-row":
            yield [cell for cell in node if local(cell) in ("table-cell", "covered-table-cell")]
        elif local(node) in ("table-header-rows", "table-rows", "table-row-group"):
            yield from _table_rows(node)


def _own(cell: Element) -> Iterator[Element]:
    """Yield the paragraphs of a cell that are not those of a remark on it."""
    for node in cell:
        if local(node) in ("p", "h"):
            yield node
        elif local(node) not in ("annotation", "shapes"):
            yield from _own(node)


def _sheet_rows(table: Element) -> Iterator[Row]:
    for node in table:
        if local(node) == "table-row":
            row = [*_sheet_cells(node)]
            while row and not row[-1]:
                row.pop()
            yield from [row] * (_repeated(node, "number-rows-repeated") if row else 1)
        elif local(node) in ("table-header-rows", "table-rows", "table-row-group"):
            yield from _sheet_rows(node)


def _sheet_cells(row: Element) -> Iterator[str]:
    for cell in row:
        if local(cell) in ("table-cell", "covered-table-cell"):
            text = " ".join(" ".join("".join(p.itertext()) for p in _own(cell)).split())
            yield from [text] * _repeated(cell, "number-columns-repeated")


def _repeated(node: Element, name: str) -> int:
    count = attribute(node, name) or "1"
    return min(int(count), _MAX_REPEATED) if count.isdigit() else 1
