"""Whether what was cited still stands in its document: it may have been edited or removed since it was cited."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

from index.library import Library
from rag.exchange import Place

Lost = Literal["changed", "gone"]
"""The document says otherwise now, or is not in the library any more."""

Span = tuple[str, int, int]
"""A document's id, start and end."""


def lost(places: Iterable[Place], library: Library) -> dict[Span, Lost]:
    """Return which of the places do not stand in the library as they were quoted, and why."""
    by_document: dict[str, dict[Span, Place]] = defaultdict(dict)
    for place in places:
        by_document[place.document][span(place)] = place
    infos = library.infos()
    sources = {info.source for info in infos.values()}
    found: dict[Span, Lost] = {}
    for document, cited in by_document.items():
        texts = library.texts(document, [(place.start, place.end) for place in cited.values()])
        for number, (key, place) in enumerate(cited.items()):
            if texts is None:  # an edited file is another document at the same place
                found[key] = "changed" if place.source in sources else "gone"
            elif texts[number] != place.quote:
                found[key] = "changed"
    return found


def span(place: Place) -> Span:
    """Return what a place is known by."""
    return place.document, place.start, place.end
