"""What a web page shows, in order: its blocks of text, and for each what the page says of it.

Owns which text is shown at all, where a block begins and ends, and the zones of the page: stretches that a tag, a
role or the name of a class gives away as a menu, a side bar, a caption. Decides nothing about the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from index.readers.blocks import Blocks
from index.readers.html_notes import NoteElements, find_notes
from index.readers.html_shown import is_shown

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
_MAX_CELL = 200
_MAX_NAME = 100
_WRAPPED = 50

_TAGS = {
    "nav": "menu",
    "aside": "side bar",
    "footer": "page foot",
    "form": "form",
    "select": "form",
    "label": "form",
    "button": "button",
    "figcaption": "caption",
    "figure": "caption",
}
_ROLES = {
    "navigation": "menu",
    "menu": "menu",
    "menubar": "menu",
    "complementary": "side bar",
    "contentinfo": "page foot",
    "banner": "page head",
    "search": "form",
    "button": "button",
    "dialog": "form",
    "alertdialog": "form",
}
# The words of which names of classes and ids are made: programmers write them in English, whatever the page's language.
_WORDS = {
    word: kind
    for kind, words in {
        "menu": "nav navbar navigation menu submenu breadcrumb breadcrumbs crumb crumbs",
        "side bar": "sidebar",
        "page foot": "footer",
        "newsletter": "newsletter newsletters subscribe subscription signup",
        "comment prompt": "comments commentlist disqus",
        "related links": "related recirc recommended recommendations popular trending",
        "share links": "share sharing sharebar social",
        "advertisement": "ad ads advert adverts advertisement sponsored promo promos",
        "caption": "caption figcaption credit credits",
        "rights notice": "copyright",
        "cookie notice": "cookie cookies consent gdpr",
    }.items()
    for word in words.split()
}
_NAME = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

# What stands in the text of an open block for an element without text of its own; the parser lets none of them in.
_BREAK, _LINK, _UNLINK, _MARK, _NAMED, _UNMARK = "\x1c", "\x1d", "\x1e", "\x02", "\x03", "\x04"
_SIGNS = re.compile(f"([{_LINK}{_UNLINK}{_UNMARK}]|{_MARK}[^{_NAMED}]*{_NAMED})")
_SPACE = re.compile(r"\s+")
_LEFT_OF_NUMBER = re.compile(r"^[\s^↑.\])|:]+")
_EMPTY_LINE = re.compile(r"\n[^\S\n]*\n\s*")


@dataclass(slots=True)
class Zone:
    """A stretch of the page of some kind, and how many characters it holds."""

    kind: str
    length: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the page: its span in the text, and what the page says of it.

    `source` holds its words without what was put in to make the rows of a table readable; `linked` counts its
    characters that are links; `container` numbers the element that holds it and the paragraphs beside it; `zones`
    are the zones around it, the innermost last; `note` is the key of the note that it is a part of.
    """

    start: int
    end: int
    source: str
    level: int
    row: bool
    linked: int
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
        self._zones: tuple[Zone, ...] = ()
        self._opened = [_Open("", 0, 0, None)]
        self._containers = 0
        self._note = ""
        self._begun = False  # whether the note that is open has text
        self._pre = 0

    def write(self, text: str | None) -> None:
        """Add text to the block that is open."""
        if text:
            self._text.append(_EMPTY_LINE.sub(_BREAK * 2, text) if self._pre else text)

    def open(self, node: HtmlElement) -> bool:
        """Begin an element; tell whether its content is to be walked through."""
        tag = node.tag
        if not isinstance(tag, str) or node in self._notes.returns or not is_shown(node):
            return False
        if tag == "br":
            self._text.append(_BREAK)
            return False
        if tag == "table" and (rows := _table(node, self._notes)) is not None:
            self.flush()
            self._add_table(node, rows)
            return False
        if tag in _BLOCK:
            self._open_block(node, tag)
        if _leads_away(node):
            self._links += 1
            self._text.append(_LINK)
        if tag == "time":
            self.page.times.append((len(self.page.blocks), node.get("datetime") or _text(node)))
        elif _names_author(node) and len(name := _text(node)) <= _MAX_NAME:
            self.page.authors.append((len(self.page.blocks), name))
        self._pre += tag == "pre"
        if keys := self._notes.marks.get(node):
            self._text.append(f"{_MARK}{' '.join(keys)}{_NAMED}")
        if key := self._notes.bodies.get(node):
            self.flush()
            self._note, self._begun = key, False
        self.write(node.text)
        return True

    def _open_block(self, node: HtmlElement, tag: str) -> None:
        self.flush()
        last = self._opened[-1]
        kind = _zone_kind(node, tag)
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
            self._text.append(_UNMARK)
        if node in self._notes.bodies:
            self.flush()
            self._note = ""
        if node.tag in _BLOCK:
            self.flush()
            if self._opened.pop().zone:
                self._zones = self._zones[:-1]
        elif _leads_away(node):
            self._links -= 1
            self._text.append(_UNLINK)
        self._pre -= node.tag == "pre"

    def flush(self) -> None:
        """End the block that is open."""
        if not self._text:
            return
        text = "".join(self._text)
        self._text.clear()
        if text.isspace():  # the signs of links and breaks are white space too
            return
        links = self._links - text.count(_LINK) + text.count(_UNLINK)
        for paragraph in _paragraphs(text) if _BREAK in text else [text]:
            folded, linked, marks = _unsigned(paragraph, links)
            links += paragraph.count(_LINK) - paragraph.count(_UNLINK)
            if folded:
                self._add(folded, linked, marks)
            elif marks and self.page.blocks:  # a mark without text belongs to the block before it
                end = self.page.blocks[-1].end
                self.page.marks += [Mark(key, end, end) for keys, _, _ in marks for key in keys.split()]

    def _add(self, text: str, linked: int, marks: list[tuple[str, int, int]]) -> None:
        prefix, level, container, zone = self._opened[-1]
        if self._note:
            whole = text
            text = text if self._begun else _LEFT_OF_NUMBER.sub("", text)
            if not text:
                return
            left = len(whole) - len(text)
            marks = [(keys, max(begin - left, 0), max(end - left, 0)) for keys, begin, end in marks]
            prefix, self._begun = "", True
        self.written.add(prefix + text, level=level, row=bool(prefix))
        self._opened[-1] = _Open("", level, container, zone)  # the paragraphs of a list item have one bullet
        self._keep(level, bool(prefix), linked)
        start = self.page.blocks[-1].start + len(prefix)
        for keys, begin, end in marks:
            self.page.marks += [Mark(key, start + begin, start + end) for key in keys.split()]

    def _add_table(self, table: HtmlElement, rows: list[list[str]]) -> None:
        self.written.add_table(rows)
        self._keep(0, True, 0)
        end = self.page.blocks[-1].end
        keys = (key for node in table.iter() for key in self._notes.marks.get(node, ()))
        self.page.marks += [Mark(key, end, end) for key in keys]

    def _keep(self, level: int, row: bool, linked: int) -> None:
        """Note what is known of the blocks that were written last."""
        for number in range(len(self.page.blocks), len(self.written.spans)):
            (start, end), source = self.written.spans[number], self.written.sources[number]
            container = self._opened[-1].container
            self.page.blocks.append(Block(start, end, source, level, row, linked, container, self._zones, self._note))
            for zone in self._zones:
                zone.length += len(source)


def _zone_kind(node: HtmlElement, tag: str) -> str:
    """Return the kind of zone that an element opens, or an empty string for an element like any other."""
    kind = _ROLES.get(node.get("role") or "") or _TAGS.get(tag)
    if kind or tag in ("body", "main", "article"):
        return kind or ""
    names, name = node.get("class"), node.get("id")
    return _named_kind(f"{names} {name}") if names or name else ""


@lru_cache(maxsize=4096)
def _named_kind(names: str) -> str:
    return next((_WORDS[word] for found in _NAME.findall(names) if (word := found.lower()) in _WORDS), "")


def _leads_away(node: HtmlElement) -> bool:
    """Tell whether an element is a link to another page."""
    return node.tag == "a" and not (node.get("href") or "#").startswith("#")


def _names_author(node: HtmlElement) -> bool:
    """Tell whether the page marks an element as the name of an author."""
    named = f"{node.get('class')} {node.get('itemprop')}".lower()
    return "author" in named or "byline" in named or node.get("rel") == "author"


def _text(node: HtmlElement) -> str:
    return " ".join("".join(node.itertext()).split())


def _paragraphs(text: str) -> list[str]:
    """Part a text at its breaks, but for a single one that stands within a sentence."""
    made: list[str] = []
    parted = True
    for line in text.split(_BREAK):
        if not (bare := _SIGNS.sub("", line).strip()):
            parted = True
            if made:
                made[-1] += line
            elif line:
                made.append(line)
            continue
        if not parted and made and _goes_on(_SIGNS.sub("", made[-1]).rstrip(), bare):
            made[-1] += " " + line
        else:
            made.append(line)
        parted = False
    return made


def _goes_on(before: str, line: str) -> bool:
    """Tell whether a line is most likely the rest of the sentence that the line before it begins."""
    if not before or before[-1] in ".!?…:;。！？：；":
        return False
    return line[0].islower() or before[-1] == "," or len(before) > _WRAPPED


def _unsigned(text: str, links: int) -> tuple[str, int, list[tuple[str, int, int]]]:
    """Return a text, white space folded, how much of it is linked, and the spans of the marks of notes in it."""
    if _LINK not in text and _UNLINK not in text and _MARK not in text:
        text = " ".join(text.split())
        return text, len(text) if links > 0 else 0, []
    parts: list[str] = []
    marks: list[tuple[str, int, int]] = []
    opened: list[tuple[str, int]] = []
    length = linked = 0
    for number, piece in enumerate(_SIGNS.split(text)):
        if number % 2:
            links += (piece == _LINK) - (piece == _UNLINK)
            if piece[0] == _MARK:
                opened.append((piece[1:-1], length))
            elif piece == _UNMARK and opened:
                marks.append((*opened.pop(), length))
            continue
        piece = _SPACE.sub(" ", piece)
        if not length or parts[-1].endswith(" "):
            piece = piece.lstrip(" ")
        if piece:
            parts.append(piece)
            length += len(piece)
            linked += len(piece) if links > 0 else 0
    whole = "".join(parts).rstrip()
    return whole, linked, [(key, min(start, len(whole)), min(end, len(whole))) for key, start, end in marks]


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
