"""A document as it is being read in a panel: which, from where, and how. Also the links that lead to another view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from index.types import Document
from ui.ask.conversation import Exchange, Place
from ui.markup import text
from ui.words import ENGLISH, Words

VIEWS = ("text", "raw", "page", "notes", "left-out", "side")

Span = tuple[int, int]


@dataclass(frozen=True)
class Reading:
    """A document that is read, around a quote or, without one, from its beginning.

    Args:
        document: the document.
        collection: the name of its collection.
        view: one of `VIEWS`.
        data: what a link carries so that the page leads back to this document.
        place: the quote that is marked in it.
        exchange: the question and answer that the quote is of.
        whole: show all of the text.
        page: the page that is shown of a PDF; 0 for the one of the quote.
        at: where in the text to begin, instead of at the quote.
        back: the link to where the document was chosen.
        words: the words of the page.
    """

    document: Document
    collection: str = ""
    view: str = "text"
    data: Mapping[str, str] | None = None
    place: Place | None = None
    exchange: Exchange | None = None
    whole: bool = False
    page: int = 0
    at: int | None = None
    back: str = ""
    words: Words = ENGLISH

    @property
    def quote(self) -> Span | None:
        """The span of the quote in the clean text."""
        return (self.place.start, self.place.end) if self.place else None

    @property
    def quote_page(self) -> int:
        """The page on which the quote begins, or the first."""
        return self.document.page_at(self.place.start if self.place else 0) or 1

    def link(self, shown: str, go: str, *, label: str = "", **more: object) -> str:
        """Return a link that shows the same document in another way.

        `go` names it in the panel, so that the focus finds it again in the next; `more` is what changes.
        """
        data = {"view": self.view, **(self.data or {}), **more, "go": go}
        data["raw"] = "1" if data["view"] == "raw" else ""
        return link(shown, data, label)


def link(shown: str, data: Mapping[str, object], label: str = "") -> str:
    """Return a link that leads to a view of a document."""
    given = "".join(f' data-{name}="{text(value)}"' for name, value in data.items())
    named = f' aria-label="{text(label)}" title="{text(label)}"' if label else ""
    return f'<a href="#source" data-act="source"{given}{named}>{text(shown)}</a>'


def reading(document: Document, data: Mapping[str, str], **known: object) -> Reading:
    """Return the reading that the page asks for by its data."""
    view = data.get("view") or ("raw" if data.get("raw") else "text")
    page, at = (int(n) if n.isdecimal() and len(n) < 12 else None for n in (data.get("page", ""), data.get("at", "")))
    # The page numbers what it asks for: of two readings that are alike the second is shown anew, too.
    kept = {name: data[name] for name in ("turn", "place", "document", "asked") if name in data}
    return Reading(
        document,
        view=view if view in VIEWS else "text",
        data=kept,
        whole=bool(data.get("whole")),
        page=page or 0,
        at=None if at is None else min(at, len(document.text)),
        **known,  # type: ignore[arg-type]  # the fields that are not said by the page
    )
