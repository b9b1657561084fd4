"""Read Word files: headings, paragraphs, lists with their numbers, tables, notes, text boxes.

Owns what of the XML a reader of the page sees: inserted text, not deleted text; a field's result, not its code.
Page headers and footers are in the raw text, as furniture, after the body.
"""

from __future__ import annotations

from collections.abc import Iterator

from index.errors import ReadError
from index.metadata import Properties
from index.readers.blocks import Blocks, mark
from index.readers.drawing import Drawn, drawn, formula
from index.readers.embedded import embedded
from index.readers.numbering import Numbering
from index.readers.package import Element, Package, attribute, child, local, parse_xml
from index.readers.styles import Styles
from index.types import Metadata, RawDocument

_PASSED = frozenset("ins moveTo smartTag hyperlink fldSimple sdtContent customXml bdo dir rubyBase sdt ruby r".split())
_WRAPPERS = frozenset("sdt sdtContent customXml ins moveTo smartTag sect sub-section".split())
_MARKS = {"footnoteReference": "f", "endnoteReference": "e", "commentReference": "c"}
_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
_PARTS = (("footnotes", "footnote", "f"), ("endnotes", "endnote", "e"), ("comments", "comment", "c"))
_LONG_CELL = 400
_DEEPEST = 40


def read_docx(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a Word file: an Office package, or the single XML file of Word 2003.

    Raises:
        ReadError: when it is protected or damaged.
    """
    if not data.startswith(b"PK"):
        return _Word(parse_xml(data, name), None, "", name).document()
    package = Package(data, name)
    paths = [path for kind, path in package.relations("").values() if kind == "officeDocument"]
    main = next((path for path in (*paths, "word/document.xml", "word/document2.xml") if path in package), "")
    root = package.xml(main) if main else None
    if root is None:
        raise ReadError(f"{name}: is damaged (its part word/document.xml is missing). Save it again and retry.")
    return _Word(root, package, main, name).document()


class _Word:
    """One Word file on its way into blocks."""

    def __init__(self, root: Element, package: Package | None, main: str, name: str) -> None:
        self._root = root
        self._package = package
        self._relations = package.relations(main) if package else {}
        self._styles = Styles(self._part("styles"))
        self._numbering = Numbering(self._part("numbering"))
        self._blocks = Blocks()
        self._name = name
        self._depth = 0
        self._boxes: list[Element | Drawn] = []
        self._title = ""
        self._notes = 0
        self._own_notes: list[tuple[str, str]] = []

    def document(self) -> RawDocument:
        """Return the file as a raw document."""
        # Word 2003 keeps the body in a document of its own; a bare body is its own root.
        body = next((node for node in self._root.iter() if local(node) == "body"), self._root)
        self._walk(body)
        self._add_notes()
        self._add_running_heads()
        stated = Metadata(title=self._title) if self._title else None
        attached = embedded(self._package, self._relations) if self._package else []
        return self._blocks.document("docx", self._properties(), stated, attached=attached)

    def _part(self, kind: str) -> Element | None:
        if self._package is None:
            return child(self._root, {"numbering": "lists"}.get(kind, kind))
        path = next((path for found, path in self._relations.values() if found == kind), "")
        return self._package.xml(path) if path else None

    def _properties(self) -> Properties:
        core = self._package.xml("docProps/core.xml") if self._package else child(self._root, "DocumentProperties")
        return core_properties(core)

    def _walk(self, parent: Element) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ReadError(f"{self._name}: nests its parts more than {_DEEPEST} deep. Save it again as .docx.")
        for node in parent:
            tag = local(node)
            if tag == "p":
                self._paragraph(node)
            elif tag == "tbl":
                self._table(node)
            elif tag == "AlternateContent":
                self._walk(_choice(node))
            elif tag in _WRAPPERS:
                self._walk(node)
        self._depth -= 1

    def _paragraph(self, node: Element) -> None:
        properties = child(node, "pPr")
        style = _value(child(properties, "pStyle"))
        text = self._text(node)
        if text.strip():
            level = self._styles.level(style, properties)
            number = self._numbering.label(properties, style, self._styles)
            if self._styles.is_title(style) and not self._title:
                self._title = " ".join(text.replace("\x02", " ").replace("\x03", " ").split())
            listed = bool(number) and not level
            furniture = "table of contents" if self._styles.is_contents(style) else ""
            prefix = f"{number} " if number else ""
            for part in [text] if level or listed else _lines(text):
                self._blocks.add(prefix + part, level=level, row=listed, furniture=furniture)
        self._open_boxes()

    def _open_boxes(self) -> None:
        boxes, self._boxes = self._boxes, []
        for box in boxes:
            if isinstance(box, Drawn):
                box.add_to(self._blocks)
            else:
                self._walk(box)

    def _text(self, parent: Element) -> str:
        return "".join(self._pieces(parent))

    def _pieces(self, parent: Element) -> Iterator[str]:
        for node in parent:
            tag = local(node)
            if tag == "t":
                yield node.text or ""
            elif tag == "r" and _hidden(node):
                continue
            elif tag in _PASSED:
                yield from self._pieces(node)
            elif tag in _CHARACTERS:
                yield _CHARACTERS[tag]
            elif tag in _MARKS:
                yield mark(_MARKS[tag] + (attribute(node, "id") or ""))
            elif tag in ("footnote", "endnote") and local(parent) == "r":  # Word 2003 has the note where its mark is
                yield self._note_in_place(node)
            elif tag == "sym":
                yield _symbol(node)
            elif tag == "AlternateContent":
                yield from self._pieces(_choice(node))
            else:
                yield self._drawn(node, tag)

    def _drawn(self, node: Element, tag: str) -> str:
        """Return a formula in words; keep the text boxes of a drawing for after the paragraph."""
        if tag in ("oMath", "oMathPara"):
            return f" {formula(node)} "
        if tag in ("drawing", "pict", "object"):
            self._boxes += [box for box in node.iter() if local(box) == "txbxContent" and not _in_fallback(box, node)]
            if self._package:
                self._boxes += drawn(node, self._package, self._relations)
        return ""

    def _note_in_place(self, node: Element) -> str:
        self._notes += 1
        key = f"i{self._notes}"
        self._own_notes.append((key, " ".join(self._text(p) for p in node.iter() if local(p) == "p")))
        return mark(key)

    def _table(self, node: Element) -> None:
        rows: list[list[str]] = []
        header, plain = 0, True
        cells: list[Element] = []
        above: list[str] = []
        for row in _rows(node):
            texts: list[str] = []
            for cell in (found for found in _flat(row) if local(found) == "tc"):
                cells.append(cell)
                properties = child(cell, "tcPr")
                text = self._cell(cell)
                merged = child(properties, "vMerge")
                if merged is not None and _value(merged) != "restart" and len(texts) < len(above):
                    text = text or above[len(texts)]
                plain = plain and len(text) <= _LONG_CELL
                span = min(int(_value(child(properties, "gridSpan")) or 1), 60)
                heads = child(row, "trPr", "tblHeader") is not None
                texts += [text] + [text if heads else ""] * (span - 1)
            header += child(row, "trPr", "tblHeader") is not None and header == len(rows)
            rows.append(texts)
            above = texts
        if plain and max(map(len, rows), default=0) > 1:
            self._blocks.add_table(rows, header or None)
        else:  # a table that lays out the page, or a frame around a text
            self._boxes = [*cells]
        self._open_boxes()

    def _cell(self, cell: Element) -> str:
        return " ".join(filter(None, (self._text(p).strip() for p in cell.iter() if local(p) == "p")))

    def _add_notes(self) -> None:
        for part, tag, key in _PARTS:
            root = self._part(part) if self._package else None
            for node in root if root is not None else ():
                # The rules above the notes have a type.
                if local(node) == tag and attribute(node, "type") in (None, "normal"):
                    text = " ".join(filter(None, (self._text(p).strip() for p in node.iter() if local(p) == "p")))
                    if text and key == "c":
                        text = f"Comment by {attribute(node, 'author') or 'a reader'}: {text}"
                    self._blocks.add_note(key + (attribute(node, "id") or ""), text)
        for key, text in self._own_notes:
            self._blocks.add_note(key, text)

    def _add_running_heads(self) -> None:
        seen: set[str] = set()
        for kind, path in self._relations.values():
            root = self._package.xml(path) if self._package and kind in ("header", "footer") else None
            for node in root.iter() if root is not None else ():
                text = self._text(node).strip() if local(node) == "p" else ""
                if text and text not in seen:
                    seen.add(text)
                    self._blocks.add(text, furniture=f"page {kind}")


def core_properties(core: Element | None) -> Properties:
    """Return what the properties of an Office file say of it."""
    found = {local(node).casefold(): " ".join((node.text or "").split()) for node in (core if core is not None else ())}
    title, author = found.get("title"), found.get("creator") or found.get("author")
    return Properties(title or None, author or None, found.get("created") or found.get("date") or None)


def _lines(text: str) -> list[str]:
    """Return the paragraphs that a writer has parted by two line breaks instead of a paragraph's end."""
    return text.replace("\n \n", "\n\n").split("\n\n")


def _value(node: Element | None) -> str:
    return (attribute(node, "val") or "") if node is not None else ""


def _hidden(run: Element) -> bool:
    vanish = child(run, "rPr", "vanish")
    return vanish is not None and _value(vanish) not in ("0", "false", "off")


def _symbol(node: Element) -> str:
    try:
        code = int(attribute(node, "char") or "", 16)
    except ValueError:
        return ""
    return "" if 0xE000 <= code <= 0xF8FF else chr(code)  # private use: a picture of a font


def _choice(node: Element) -> Element:
    """Return which of the alternatives to show: the first, unless it has no text and the fallback has."""
    choices = [found for found in node if local(found) in ("Choice", "Fallback")]
    with_text = [found for found in choices if any(local(t) == "t" and t.text for t in found.iter())]
    return next(iter(with_text or choices), node)


def _in_fallback(box: Element, top: Element) -> bool:
    """Tell whether a text box repeats another, or lies in another that is walked through anyway."""
    parent = box.getparent()
    while parent is not None and parent is not top:
        if local(parent) in ("Fallback", "txbxContent"):
            return True
        parent = parent.getparent()
    return False


def _flat(node: Element) -> Iterator[Element]:
    for found in node:
        if local(found) in _WRAPPERS:
            yield from _flat(found)
        else:
            yield found


def _rows(table: Element) -> Iterator[Element]:
    return (found for found in _flat(table) if local(found) == "tr")
