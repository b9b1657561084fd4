"""Tell the article of a web page from what stands around it.

trafilatura names the text of the article; the blocks of the page are found again in it. What the page itself says
of a block (a menu, a caption, nothing but a link) then corrects that verdict in both directions. Nothing is cut out
here: each block is either kept or given the kind of furniture that it is.
"""

from __future__ import annotations

import logging
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.furniture import is_counter, is_prose, is_web_furniture
from index.readers.html_page import Block, Page
from index.readers.html_zones import Zone

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]

FURNITURE = "furniture"
TITLE = "title"
LINK = "link"
NOTES = "heading of the notes"
_PLAIN_LINKS = 0.1
_LINK = 0.8
_MOST = 0.5
_MUCH = 0.3
_BARE = 0.95
_SMALL = 2000
_PART = 0.1
_URL = re.compile(r"(?:- )?(?:https?://|www\.)\S+$")
_SHORT = 25
_NAME = 3
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Article:
    """What of a page is its article.

    `kinds` holds for each block the kind of furniture that it is, or an empty string for the article's own;
    `headline` is the number of the block that holds the title, `first` that of the first block of the text.
    """

    kinds: list[str]
    headline: int | None
    first: int

    @property
    def head(self) -> range:
        """The numbers of the blocks between the headline and the text, where author and date stand."""
        return range(self.headline + 1, self.first) if self.headline is not None else range(0)


def choose(page: Page, root: HtmlElement, title: str, publisher: str) -> Article:
    """Tell the article of a page from its furniture; `title` and `publisher` are what the page says they are."""
    blocks = page.blocks
    chosen = _locate(main_text(root), blocks)
    kinds = _kinds(blocks, chosen)
    free = [not kind for kind in kinds]
    found = _length(blocks, [keep and may for keep, may in zip(chosen, free, strict=True)])
    linked = sum(block.linked for block in blocks)
    bare = _length(blocks, free) >= _BARE * sum(len(block.source) for block in blocks)
    named = any(kind and kind != LINK for kind in kinds)
    few = linked < _PLAIN_LINKS * len(page.text) or (not named and len(page.text) < _SMALL)
    # A document saved as a page: it has no furniture, or trafilatura, made for articles, misses most of it.
    plain = few and (bare or not named or found < _MOST * _length(blocks, free))
    kept = [not kind or kind == LINK for kind in kinds] if plain else _article(blocks, chosen, free)
    if not any(kept):
        kept = free if any(free) else [True] * len(blocks)
    _keep_notes(kept, page)
    kinds = ["" if keep else kind or _other(block) for keep, kind, block in zip(kept, kinds, blocks, strict=True)]
    first = next((i for i, block in enumerate(blocks) if kept[i] and is_prose(block.source)), kept.index(True))
    headline = _headline(blocks, first, title, publisher)
    if headline is not None and not plain:
        words = _fold(blocks[headline].source)
        for i in range(first):
            if kept[i] and (i == headline or (blocks[i].level and _fold(blocks[i].source) == words)):
                kinds[i] = TITLE
        kinds[headline] = TITLE
    _mark_headings_of_notes(kinds, blocks)
    return Article(kinds, headline, first)


def _other(block: Block) -> str:
    return "counter" if is_counter(block.source) else FURNITURE


def _headline(blocks: Sequence[Block], first: int, title: str, publisher: str) -> int | None:
    """Return the number of the block before the text that says what the page's title says, or None.

    A page's title often has the name of the site in it, which may stand over the text too.
    """
    whole = _fold(title)
    site = _fold(publisher)
    best: tuple[int, int] | None = None
    for i, block in enumerate(blocks[: first + 1]):
        words = _fold(block.source)
        heading = block.level > 0 and len(words) > _NAME
        if words == site or not (heading or (len(words) > _SHORT and whole.startswith(words))):
            continue
        if words in whole or (len(whole) > _SHORT and whole in words):
            best = max(best or (0, 0), (min(len(words), len(whole)), i))
    if best is None and not title:
        levels = [i for i, block in enumerate(blocks[: first + 1]) if block.level == 1]
        return levels[-1] if levels else None
    return best[1] if best else None


def _keep_notes(kept: list[bool], page: Page) -> None:
    """Keep a note where its mark stands in kept text, or where no mark of it is known."""
    ends = [block.end for block in page.blocks]
    marked: dict[str, bool] = {}
    for mark in page.marks:
        at = min(bisect_left(ends, mark.end), len(kept) - 1)
        marked[mark.note] = marked.get(mark.note, False) or (kept[at] and not page.blocks[at].note)
    for i, block in enumerate(page.blocks):
        if block.note:
            kept[i] = marked.get(block.note, kept[i] or any(kept))


def _mark_headings_of_notes(kinds: list[str], blocks: Sequence[Block]) -> None:
    """Take out a heading that has only notes under it."""
    only = False
    for i in range(len(blocks) - 1, -1, -1):
        if blocks[i].note:
            only = True
        elif not kinds[i]:
            if blocks[i].level and only:
                kinds[i] = NOTES
            only = False


def main_text(tree: HtmlElement) -> str:
    """Return what trafilatura takes for the article."""
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # a page without an article is no news to the reader
    try:
        found = trafilatura.bare_extraction(tree, include_comments=False, include_tables=True, favor_precision=True)
    except Exception:  # noqa: BLE001 - a heuristic over hostile input; without it the whole page is the text
        return ""
    return (getattr(found, "text", None) or "") if found else ""


def _length(blocks: Sequence[Block], kept: Sequence[bool]) -> int:
    return sum(len(block.source) for block, keep in zip(blocks, kept, strict=True) if keep)


def _kinds(blocks: Sequence[Block], chosen: Sequence[bool]) -> list[str]:
    """Return for each block what kind of furniture the page says that it is, or an empty string.

    A zone that holds much of the text is none: there are forms, and side bars by name, around whole pages.
    """
    limit = _MUCH * (_length(blocks, chosen) if any(chosen) else _length(blocks, [True] * len(blocks)))
    held = Counter[Zone]()
    for block, keep in zip(blocks, chosen, strict=True):
        for zone in block.zones:
            held[zone] += len(block.source) * (keep or not any(chosen))
    return [_kind(block, [zone.kind for zone in block.zones if held[zone] <= limit]) for block in blocks]


def _kind(block: Block, zones: Sequence[str]) -> str:
    for kind in reversed(zones):
        if not (kind == "caption" and block.row):
            return kind
    if is_web_furniture(block.source):
        return "phrase"
    if block.link_share >= _LINK and block.level != 1 and not _URL.match(block.source):
        return LINK
    return ""


def _article(blocks: Sequence[Block], chosen: Sequence[bool], free: Sequence[bool]) -> list[bool]:
    """Tell which blocks are the article's: those chosen, and what stands among them in the same element."""
    kept = [keep and may for keep, may in zip(chosen, free, strict=True)]
    if not any(kept):
        return kept
    first, last = kept.index(True), len(kept) - 1 - kept[::-1].index(True)
    held = Counter[int]()
    for block, keep in zip(blocks, kept, strict=True):
        held[block.container] += len(block.source) * keep
    total = held.total()
    below = True
    for number in range(last, first - 1, -1):
        block = blocks[number]
        if not kept[number] and free[number] and held[block.container] > _PART * total:
            kept[number] = below if block.level else (is_prose(block.source) or block.row)
        below = kept[number]
    return kept


def _locate(main: str, blocks: Sequence[Block]) -> list[bool]:
    """Tell for each block of the page whether it stands in the main text.

    Both are compared without white space. The lines of the main text are searched forward in the page, so
    that a phrase of the menu that recurs in the article is found in the article.
    """
    folded = [_fold(block.source) for block in blocks]
    starts, length = [], 0
    for block in folded:
        starts.append(length)
        length += len(block)
    page = "".join(folded)
    covered = [0] * len(folded)
    at, lost = 0, []
    for line in filter(None, (_fold(line) for line in main.splitlines())):
        found = page.find(line, at)
        if found < 0 and len(line) > _SHORT:
            found = page.find(line)
        if found < 0:
            lost.append(line)
            continue
        if found >= at:
            at = found + len(line)
        _cover(covered, starts, folded, found, found + len(line))
    rest = "\n".join(lost)
    return [
        2 * covered[i] >= len(block) > 0 or (len(block) > _SHORT and block in rest) or _shares(block, lost)
        for i, block in enumerate(folded)
    ]


def _shares(block: str, lost: Sequence[str]) -> bool:
    """Tell whether a line that could not be found as a whole begins or ends as this block does."""
    return len(block) > 2 * _SHORT and any(block[: 2 * _SHORT] in line or block[-2 * _SHORT :] in line for line in lost)


def _cover(covered: list[int], starts: Sequence[int], folded: Sequence[str], begin: int, end: int) -> None:
    for i in range(bisect_right(starts, begin) - 1, len(starts)):
        if starts[i] >= end:
            break
        covered[i] += max(min(end, starts[i] + len(folded[i])) - max(begin, starts[i]), 0)


def _fold(text: str) -> str:
    return _SPACE.sub("", text).removeprefix("-").replace("|", "").casefold()
