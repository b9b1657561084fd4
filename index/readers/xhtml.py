"""Walk the pages of a book: paragraphs, headings, lists, tables and notes of XHTML, into blocks.

A book has no furniture of a web page: all that it shows is its text.
"""

from __future__ import annotations

import html
import re

from index.readers.blocks import Blocks, mark
from index.readers.encoding import decode
from index.readers.package import Element, attribute, local, parse_xml

_DROPPED = frozenset("script style noscript template svg math head iframe object canvas audio video rt rp".split())
_BLOCK = frozenset(
    "address article aside blockquote body br caption center dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 "
    "header hr li main nav ol p pre section table tbody td tfoot th thead tr ul".split()
)
_NOTES = ("footnote", "endnote", "rearnote", "doc-footnote", "doc-endnote")
_MARKS = ("noteref", "doc-noteref")
_ENTITY = re.compile(r"&(?!amp;|lt;|gt;|quot;|apos;|#)[A-Za-z][A-Za-z0-9]{1,31};")
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
_DEEPEST = 400


def add_page(blocks: Blocks, data: bytes, name: str, path: str, *, furniture: str = "") -> None:
    """Append the text of an XHTML page, `path` in its book, to the blocks.

    Raises:
        ReadError: when it is no XHTML.
    """
    source = _DOCTYPE.sub("", decode(data, name), count=1)
    source = _ENTITY.sub(lambda match: html.unescape(match[0]), source)
    source = re.sub(r"^\s*<\?xml[^>]*\?>", "", source)
    root = parse_xml(source.encode(), name)
    _Page(blocks, path, furniture).read(root)


class _Page:
    """The text of the block that is open, and the notes that are to follow the page."""

    def __init__(self, blocks: Blocks, path: str, furniture: str) -> None:
        self._blocks = blocks
        self._path = path
        self._furniture = furniture
        self._text: list[str] = []
        self._level = 0
        self._item = False
        self._notes: list[tuple[str, str]] = []

    def read(self, root: Element) -> None:
        """Add the blocks of the page, then its notes."""
        self._walk(root, 0)
        self._flush()
        for key, text in self._notes:
            self._blocks.add_note(key, text)

    def _walk(self, node: Element, depth: int) -> None:
        tag = local(node)
        if tag in _DROPPED or not isinstance(node.tag, str) or node.get("hidden") is not None:
            return
        kinds = _kinds(node)
        if kinds & {*_NOTES} and node.get("id"):
            self._notes.append((f"{self._path}#{node.get('id')}", _words(node)))
            return
        if tag == "a" and kinds & {*_MARKS}:
            self._text.append(mark(_target(self._path, node.get("href") or "")))
            return
        if tag == "table" and (rows := _cells(node)):
            self._flush()
            self._blocks.add_table(rows)
            return
        block = tag in _BLOCK
        if block:
            self._flush()
            level = int(tag[1]) if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit() else 0
            self._level, self._item = level or self._level * (tag != "body"), tag == "li" or self._item
        self._text.append(node.text or "")
        for found in node:
            if depth < _DEEPEST:
                self._walk(found, depth + 1)
            self._text.append(found.tail or "")
        if block:
            self._flush()
            self._level, self._item = 0, False

    def _flush(self) -> None:
        text = "".join(self._text)
        self._text.clear()
        if text.strip():
            lead = "- " if self._item else ""
            self._blocks.add(lead + text.strip(), level=self._level, row=self._item, furniture=self._furniture)
            self._item = False


def _kinds(node: Element) -> set[str]:
    return {*(attribute(node, "type") or "").split(), *(node.get("role") or "").split()}


def _target(path: str, href: str) -> str:
    from index.readers.package import resolve

    page, _, anchor = href.partition("#")
    folder = path.rpartition("/")[0]
    return f"{resolve(folder, page) if page else path}#{anchor}"


def _words(node: Element) -> str:
    """Return the text of a note, without the sign that leads back."""
    parts = []
    for found in node.iter():
        back = "doc-backlink" in _kinds(found) or "backlink" in _kinds(found)
        parts += [("" if back else found.text or "") if isinstance(found.tag, str) else "", found.tail or ""]
    return " ".join("".join(parts).split()).lstrip("↩ ").removesuffix("↩").strip()


def _cells(table: Element) -> list[list[str]]:
    """Return the cells of a table, none where it only lays out a page."""
    if any(local(node) == "table" for node in table.iterdescendants()):
        return []
    rows = [
        [" ".join("".join(cell.itertext()).split()) for cell in row if local(cell) in ("td", "th")]
        for row in table.iter()
        if local(row) == "tr"
    ]
    return rows if max(map(len, rows), default=0) > 1 else []
