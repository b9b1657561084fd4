"""Which documents of a collection a list shows: found by words, sorted by a column, a page at a time."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from index.types import DocumentInfo

PAGE = 100
"""Documents shown at a time."""

Key = Callable[[DocumentInfo], str | int]

COLUMNS: dict[str, Key] = {
    "title": lambda i: folded(i.title),
    "author": lambda i: folded(i.metadata.author or ""),
    "publisher": lambda i: folded(i.metadata.publisher or ""),
    "date": lambda i: i.metadata.date or "",
    "type": lambda i: i.kind,
    "pages": lambda i: i.pages,
    "passages": lambda i: i.passages,
    "added": lambda i: i.added,
}
"""The columns of the list, and what each is sorted by."""


@dataclass(frozen=True)
class Listing:
    """What is asked of a list: words, the column that it is sorted by, the page (from 1), the row that is edited."""

    query: str = ""
    by: str = "title"
    descending: bool = False
    page: int = 1
    editing: str = ""

    def sorted_by(self, column: str) -> Listing:
        """Return the listing sorted by a column; by the column that it is sorted by, the other way round."""
        if column not in COLUMNS:
            return self
        return replace(self, by=column, descending=column == self.by and not self.descending, page=1, editing="")


@dataclass(frozen=True)
class Shown:
    """A page of a list: its rows, how many were found, how many there are, and the number of pages."""

    rows: tuple[DocumentInfo, ...]
    found: int
    total: int
    page: int
    pages: int


def listed(infos: Sequence[DocumentInfo], listing: Listing) -> Shown:
    """Return the documents that a listing shows; those of which nothing is known in its column stand last."""
    wanted = folded(listing.query).split()
    found = [info for info in infos if all(word in _searched(info) for word in wanted)] if wanted else list(infos)
    key = COLUMNS[listing.by]
    known, unknown = [i for i in found if key(i)], [i for i in found if not key(i)]
    ranked = sorted(known, key=key, reverse=listing.descending) + unknown
    pages = max(-(-len(ranked) // PAGE), 1)
    page = min(max(listing.page, 1), pages)
    return Shown(tuple(ranked[(page - 1) * PAGE : page * PAGE]), len(ranked), len(infos), page, pages)


def folded(value: str) -> str:
    """Return a text as it is compared: without regard to case and accents."""
    if value.isascii():  # most are, and ten thousand are searched while one writes
        return value.casefold()
    split = unicodedata.normalize("NFKD", value.casefold())
    return "".join(char for char in split if not unicodedata.combining(char))


def _searched(info: DocumentInfo) -> str:
    known = info.metadata
    return folded("\n".join((info.title, known.author or "", known.publisher or "", os.path.basename(info.source))))
