"""Read a web page: its visible text, what of it is the article, and who wrote it when.

The raw text is all that the page shows, a block per paragraph. What is not the article is reported as `removed`,
with the kind of furniture that it is: the cleaner drops it, a reader can still look it up. The headline of an
article is the title of the document, and like the line that names the author it is not said again in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from index.errors import ReadError
from index.furniture import is_prose
from index.metadata import describe, is_byline_of
from index.readers.encoding import decode
from index.readers.html_main import FURNITURE, LINK, NOTES, TITLE, Article, choose
from index.readers.html_meta import by_name, day, day_of_url, stated
from index.readers.html_page import Block, Mark, Page, read_page
from index.types import Heading, Metadata, Note, RawDocument, Removed

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)""", re.IGNORECASE)
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1f]|&#(?:0*(?:[0-8]|1[1245-9]|2\d|3[01])|x0*(?:[0-8bcef]|1[\da-f]))(?:;|(?![\da-f]))",
    re.IGNORECASE,
)
_LONGEST_HEADING = 100
_BOLD_LEVEL = 6
_BYLINE = "byline"
_REMOVED = {
    FURNITURE: ("furniture", "outside the main text of the page"),
    TITLE: ("title", "headline of the page, the title of the document"),
    _BYLINE: ("metadata", "author, publisher or date of the document"),
    NOTES: ("furniture", "heading of the notes"),
    "menu": ("menu", "entry or heading of a menu"),
    "side bar": ("side bar", "stands beside the article"),
    "page head": ("page head", "stands at the head of the page"),
    "page foot": ("page foot", "stands at the foot of the page"),
    "form": ("form", "part of a form"),
    "button": ("form", "label of a button"),
    "caption": ("caption", "caption or credit of a picture"),
    "newsletter": ("newsletter", "offer of a newsletter"),
    "comment prompt": ("comment prompt", "comments of readers, or a prompt to write one"),
    "related links": ("related links", "link to another page"),
    LINK: ("related links", "link to another page"),
    "share links": ("share links", "links that share the page"),
    "advertisement": ("advertisement", "named an advertisement by the page"),
    "rights notice": ("rights notice", "says who holds the rights"),
    "cookie notice": ("cookie notice", "asks to accept cookies"),
    "counter": ("counter", "counter of views or comments"),
    "phrase": ("furniture", "phrase of a web page"),
}


def read_html(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a web page.

    Raises:
        ReadError: when it cannot be parsed or shows no text.
    """
    declared = _CHARSET.search(data[:4096])
    source = decode(data, name, declared[1].decode("ascii") if declared else None)
    root = _parse(_CONTROL.sub(" ", source), name)
    page = read_page(root)
    if not page.blocks:
        raise ReadError(f"{name}: holds no text (a page that a script fills?). Save it from a browser, as shown.")
    known = stated(root)
    article = choose(page, root, known.title or "", known.publisher or "")
    known = _metadata(page, article, known, day_of_url(root))
    kinds = _with_bylines(page, article, known)
    kept = [block for block, kind in zip(page.blocks, kinds, strict=True) if not kind]
    notes, marks = _notes(page, kept)
    headings = tuple(_headings(kept, known))
    removed = tuple(sorted([*_removed(page.blocks, kinds), *marks], key=lambda item: item.start))
    return RawDocument(page.text, "html", "blocks", (), known, headings, removed, tuple(notes))


def _parse(source: str, name: str) -> HtmlElement:
    from lxml import html  # type: ignore[import-untyped]
    from lxml.etree import LxmlError  # type: ignore[import-untyped]

    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(source.encode(), parser=parser)
    except (LxmlError, ValueError) as error:
        raise ReadError(f"{name}: holds no readable web page ({error}).") from error


def _metadata(page: Page, article: Article, known: Metadata, last: str | None) -> Metadata:
    """Return the metadata of a page: what it states, then what stands between its headline and its text.

    `last` is a date to fall back on.
    """
    blocks, kinds = page.blocks, article.kinds
    if article.headline is not None:
        known = replace(known, title=blocks[article.headline].source.removeprefix("- "))
    if not known.date:
        dates = (day(time) for at, time in page.times if _in_head(article, at))
        known = replace(known, date=next(filter(None, dates), None))
    if not known.author:
        authors = (by_name(name) for at, name in page.authors if _in_head(article, at))
        known = replace(known, author=next(filter(None, authors), None))
    head = {i for i in article.head if kinds[i] == FURNITURE}
    lines = [block.source for i, block in enumerate(blocks) if not kinds[i] or i in head]
    found = describe("\n".join([known.title or "", *lines]), stated=known)
    return found if found.date or not last else replace(found, date=last, date_basis="stated")


def _in_head(article: Article, number: int) -> bool:
    """Tell whether a block belongs to the head of the article, or is its first."""
    among = number == article.first or number in article.head
    return among and article.kinds[number] in ("", FURNITURE)


def _with_bylines(page: Page, article: Article, known: Metadata) -> list[str]:
    """Return the kinds of the blocks, with those told apart that say what the metadata say."""
    kinds = list(article.kinds)
    for i in article.head:
        if kinds[i] == FURNITURE and is_byline_of(page.blocks[i].source, known):
            kinds[i] = _BYLINE
    return kinds


def _headings(kept: Sequence[Block], known: Metadata) -> Iterator[Heading]:
    """Yield the headings of the text: those marked as such, and short bold lines over a paragraph."""
    for block, below in zip_longest(kept, kept[1:]):
        if block.level:
            yield Heading(block.start, block.end, block.level)
        elif (
            below
            and not (block.row or block.note or below.level or below.bold)
            and block.bold == len(block.source) <= _LONGEST_HEADING
            and block.source[-1] not in ".!…,;:"
            and below.container == block.container
            and is_prose(below.source)
            and not is_byline_of(block.source, known)
        ):
            yield Heading(block.start, block.end, _BOLD_LEVEL)


def _removed(blocks: Sequence[Block], kinds: Sequence[str]) -> list[Removed]:
    return [Removed(block.start, block.end, *_REMOVED[kind]) for block, kind in zip(blocks, kinds, strict=True) if kind]


def _notes(page: Page, kept: Sequence[Block]) -> tuple[list[Note], list[Removed]]:
    """Return the notes that are kept, each with its first mark, and their other marks."""
    spans: dict[str, tuple[int, int]] = {}
    for block in kept:
        if block.note:
            spans[block.note] = (spans.get(block.note, (block.start, 0))[0], block.end)
    marks: dict[str, Mark] = {}
    others: list[Removed] = []
    for mark in page.marks:
        shown = mark.note in spans and any(block.start <= mark.start <= block.end for block in kept)
        if shown and marks.setdefault(mark.note, mark) is not mark and mark.start < mark.end:
            others.append(Removed(mark.start, mark.end, "note mark", "mark of a note"))
    notes = [
        Note(*span, *marks.get(key, Mark(key, span[0], span[0]))[1:], page.labels.get(key, ""))
        for key, span in spans.items()
    ]
    return notes, others
