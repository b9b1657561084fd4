"""What a web page shows, in order: its blocks of text, and for each what the page says of it.

Owns where a block of text begins and ends, and which links, notes and zones it belongs to. Decides nothing about
the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from index.readers.blocks import Blocks
from index.readers.html_notes import NoteElements, find_notes
from index.readers.html_shown import is_shown
from index.readers.html_text import BOLD, BREAK, LINK, MARK, NAMED, UNLINK, UNMARK, Folded, paragraphs, unsigned
from index.readers.html_zones import Zone, zone_kind

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

_BLOCK = frozenset(
    "address article aside blockquote body button caption center dd details dialog div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr label legend li main nav ol option p pre "
    "section select summary table tbody td tfoot th thead tr ul".split()
)
_LEVELS = {f"h{level}": level for level in range(1, 7)}
# What holds one paragraph or list only: the container of a block is the element around these.
_PARTS = frozenset("p li ul ol dl dt dd blockquote pre address center h1 h2 h3 h4 h5 h6".split())
_BOLD = frozenset({"b", "strong"})
_MAX_CELL = 200
_MAX_NAME = 100
_LEFT_OF_NUMBER = re.compile(r"^[\s^↑.\])|:]+")
_EMPTY_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the page: its span in the text, and what the page says of it.

    `source` holds its words without what was put in to make the rows of a table readable; `linked` and
    `bold` count its characters that are; `container` numbers the element that holds it and the paragraphs beside it;
    `zones` are the zones around it, the innermost last; `note` is the key of the note that it is a part of.
    """

    start: int
    end: int
    source: str
    level: int
    row: bool
    linked: int
    bold: int
    container: int
    zones: tuple[Zone, ...]
    note: str

    @property
    def link_share(self) -> float:
        """How much of the block is links, between 0 and 1."""
        return min(self.linked / max(len(self.source), 1), 1.0)


class Mark(NamedTuple):
    """Where the text refers to the note with this key."""

    note: str
    start: int
    end: int


class _Open(NamedTuple):
    """An element that is open: what is put before its text, the level of a heading, its container, its zone."""

    prefix: str
    level: int
    container: int
    zone: Zone | None


@dataclass
class Page:
    """What a page shows.

    `marks` are the marks of its notes, in order, `labels` the numbers or signs of the notes by their keys; `times`
    are the times on the page and `authors` the names that it marks as an author's, each with the number of its block.
    """

    blocks: list[Block] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    times: list[tuple[int, str]] = field(default_factory=list)
    authors: list[tuple[int, str]] = field(default_factory=list)
    text: str = ""


def read_page(root: HtmlElement) -> Page:
    """Return what the page shows, in order."""
    walk = _Walk(find_notes(root))
    stack: list[tuple[HtmlElement, Iterator[Any]]] = []  # no recursion: pages may nest very deep
    if walk.open(root):
        stack.append((root, iter(root)))
    while stack:
        parent, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            walk.close(parent)
            if stack:
                walk.write(parent.tail)
        elif walk.open(child):
            stack.append((child, iter(child)))
        else:
            walk.write(child.tail)
    walk.flush()
    walk.page.text = walk.written.text
    return walk.page


class _Walk:
    """Walks through the elements of a page and writes their text, block by block."""

    def __init__(self, notes: NoteElements) -> None:
        self.page = Page(labels=notes.labels)
        self.written = Blocks()
        self._notes = notes
        self._text: list[str] = []
        self._links = 0
        self._bolds = 0
        self._zones: tuple[Zone, ...] = ()
        self._opened = [_Open("", 0, 0, None)]
        self._containers = 0
        self._note = ""
        self._begun = False  # whether the note that is open has text
        self._pre = 0

    def write(self, text: str | None) -> None:
        """Add text to the block that is open."""
        if text:
            self._text.append(_EMPTY_LINE.sub(BREAK * 2, text) if self._pre else text)

    def open(self, node: HtmlElement) -> bool:
        """Begin an element; tell whether its content is to be walked through."""
        tag = node.tag
        if not isinstance(tag, str) or node in self._notes.returns or not is_shown(node):
            return False
        if tag == "br":
            self._text.append(BREAK)
            return False
        if tag == "table" and (rows := _table(node, self._notes)) is not None:
            self.flush()
            self._add_table(node, rows)
            return False
        if tag in _BLOCK:
            self._open_block(node, tag)
        if _leads_away(node):
            self._links += 1
            self._text.append(LINK)
        if tag in _BOLD:
            self._bolds += 1
            self._text += BOLD if self._bolds == 1 else ""
        self._pre += tag == "pre"
        self._look(node, tag)
        if keys := self._notes.marks.get(node):
            self._text.append(f"{MARK}{' '.join(keys)}{NAMED}")
        if key := self._notes.bodies.get(node):
            self.flush()
            self._note, self._begun = key, False
        self.write(node.text)
        return True

    def _look(self, node: HtmlElement, tag: str) -> None:
        """Note the times and authors that the page marks as such."""
        if tag == "time":
            self.page.times.append((len(self.page.blocks), node.get("datetime") or _short_text(node)))
        elif _names_author(node) and (name := _short_text(node)):
            self.page.authors.append((len(self.page.blocks), name))

    def _open_block(self, node: HtmlElement, tag: str) -> None:
        self.flush()
        last = self._opened[-1]
        kind = zone_kind(node, tag)
        zone = Zone(kind) if kind else None
        if zone:
            self._zones = (*self._zones, zone)
        self._containers += tag not in _PARTS
        container = last.container if tag in _PARTS else self._containers
        level = 0 if tag == "li" else _LEVELS.get(tag, last.level)
        self._opened.append(_Open("- " if tag == "li" else "", level, container, zone))

    def close(self, node: HtmlElement) -> None:
        """End an element that was opened."""
        if node in self._notes.marks:
            self._text.append(UNMARK)
        if node in self._notes.bodies:
            self.flush()
            self._note = ""
        if node.tag in _BLOCK:
            self.flush()
            if self._opened.pop().zone:
                self._zones = self._zones[:-1]
        elif _leads_away(node):
            self._links -= 1
            self._text.append(UNLINK)
        elif node.tag in _BOLD:
            self._bolds -= 1
            self._text += "" if self._bolds else BOLD
        self._pre -= node.tag == "pre"

    def flush(self) -> None:
        """End the block that is open."""
        if not self._text:
            return
        text = "".join(self._text)
        self._text.clear()
        if text.isspace():  # the signs of links and breaks are white space too
            return
        links = self._links - text.count(LINK) + text.count(UNLINK)
        bold = (self._bolds > 0) ^ (text.count(BOLD) % 2 > 0)
        for paragraph in paragraphs(text) if BREAK in text else [text]:
            folded = unsigned(paragraph, links, bold)
            links += paragraph.count(LINK) - paragraph.count(UNLINK)
            bold ^= paragraph.count(BOLD) % 2 > 0
            if folded.text:
                self._add(folded)
            elif folded.marks and self.page.blocks:  # a mark without text belongs to the block before it
                end = self.page.blocks[-1].end
                self.page.marks += [Mark(key, end, end) for keys, _, _ in folded.marks for key in keys.split()]

    def _add(self, folded: Folded) -> None:
        text, linked, bold, marks = folded
        prefix, level, container, zone = self._opened[-1]
        if self._note:
            whole = text
            text = text if self._begun else _LEFT_OF_NUMBER.sub("", text)
            if not text:
                return
            left = len(whole) - len(text)
            marks = tuple((keys, max(begin - left, 0), max(end - left, 0)) for keys, begin, end in marks)
            prefix, self._begun = "", True
        self.written.add(prefix + text, level=level, row=bool(prefix))
        self._opened[-1] = _Open("", level, container, zone)  # the paragraphs of a list item have one bullet
        self._keep(level, bool(prefix), linked, bold)
        start = self.page.blocks[-1].start + len(prefix)
        for keys, begin, end in marks:
            self.page.marks += [Mark(key, start + begin, start + end) for key in keys.split()]

    def _add_table(self, table: HtmlElement, rows: list[list[str]]) -> None:
        self.written.add_table(rows)
        self._keep(0, True, 0, 0)
        end = self.page.blocks[-1].end
        keys = (key for node in table.iter() for key in self._notes.marks.get(node, ()))
        self.page.marks += [Mark(key, end, end) for key in keys]

    def _keep(self, level: int, row: bool, linked: int, bold: int) -> None:
        """Note what is known of the blocks that were written last."""
        for number in range(len(self.page.blocks), len(self.written.spans)):
            (start, end), source = self.written.spans[number], self.written.sources[number]
            container = self._opened[-1].container
            self.page.blocks.append(
                Block(start, end, source, level, row, linked, bold, container, self._zones, self._note)
            )


def _leads_away(node: HtmlElement) -> bool:
    """Tell whether an element is a link to another page."""
    return node.tag == "a" and not (node.get("href") or "#").startswith("#")


def _names_author(node: HtmlElement) -> bool:
    """Tell whether the page marks an element as the name of an author."""
    named = f"{node.get('class')} {node.get('itemprop')}".lower()
    return "author" in named or "byline" in named or node.get("rel") == "author"


def _short_text(node: HtmlElement) -> str:
    """Return the text of an element, or an empty string when it is longer than a name."""
    text = ""
    for piece in node.itertext():
        text += " " + piece.strip() if piece.strip() else ""
        if len(text) > _MAX_NAME:
            return ""
    return " ".join(text.split())


def _table(table: HtmlElement, notes: NoteElements) -> list[list[str]] | None:
    """Return the cells of a table of data, or None when the table only lays out the page."""
    if table.find(".//table") is not None or any(node in notes.bodies for node in table.iter("li", "p", "div")):
        return None
    rows = [[_text_of(cell, notes) for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    rows = [row for row in rows if any(row)]
    if len(rows) < 2 or max(map(len, rows)) < 2 or any(len(cell) > _MAX_CELL for row in rows for cell in row):
        return None
    return rows


def _text_of(cell: HtmlElement, notes: NoteElements) -> str:
    """Return the text of a cell, without the marks of notes."""
    parts: list[str] = []
    stack: list[Any] = [cell]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            parts.append(node)
        elif isinstance(node.tag, str) and node not in notes.marks and is_shown(node):
            apart = " " if node.tag in _BLOCK or node.tag == "br" else ""
            stack.append(apart)
            stack += [part for child in reversed(node) for part in (child.tail, child) if part is not None]
            parts += [apart, node.text or ""]
    return _SPACE.sub(" ", "".join(parts)).strip()
