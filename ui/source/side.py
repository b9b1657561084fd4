"""What several documents say, side by side: the cited words of each with a little around them, the oldest first."""

from __future__ import annotations

from collections.abc import Sequence

from index.errors import LibraryError
from index.library import Library
from index.types import Document
from ui.ask.conversation import Exchange, Place, letter
from ui.markup import note, text
from ui.source.reading import link
from ui.words import Words

AROUND = 200
"""Characters shown on each side of a quote, at most."""


def places(exchange: Exchange) -> dict[str, Place]:
    """Return the places of an answer by their keys, in the order in which they stand."""
    cited: dict[str, Place] = {str(c.id): c for c in exchange.citations}
    return cited | {letter(index): near for index, near in enumerate(exchange.nearest)}


def documents_of(exchange: Exchange) -> int:
    """Return how many documents the places of an answer are of."""
    return len({place.document for place in places(exchange).values()})


def side_by_side(exchange: Exchange, library: Library, turn: str, words: Words) -> str:
    """Return a card for each document of an answer, ordered by date, those without one last."""
    cards: dict[str, list[tuple[str, Place]]] = {}
    for key, place in places(exchange).items():
        cards.setdefault(place.document, []).append((key, place))
    made = sorted((_card(quotes, library, turn, words) for quotes in cards.values()), key=lambda card: card[0])
    label = text(words("source.side_region"))
    shown = "".join(card for _, card in made)
    return f'<div class="text" tabindex="0" role="region" aria-label="{label}"><div class="sides">{shown}</div></div>'


def _card(quotes: Sequence[tuple[str, Place]], library: Library, turn: str, words: Words) -> tuple[str, str]:
    """Return by what a card is ordered, and the card."""
    first = quotes[0][1]
    try:
        document = library.document(first.document)
    except LibraryError:
        return "~", _framed(first.date, first.title, first.author, note(words("source.gone", title=first.title)), words)
    known = document.metadata
    shown = "".join(_quote(document, key, place, turn, words) for key, place in quotes)
    author = ", ".join(part for part in (known.author, known.publisher) if part)
    return known.date or "~", _framed(known.date, document.title, author, shown, words)


def _framed(date: str | None, title: str, author: str | None, shown: str, words: Words) -> str:
    by = f'<p class="from" dir="auto">{text(author)}</p>' if author else ""
    return (
        f'<article class="side"><header><p class="when">{text(date or words("source.undated"))}</p>'
        f'<h3 dir="auto">{text(title)}</h3>{by}</header>{shown}</article>'
    )


def _quote(document: Document, key: str, place: Place, turn: str, words: Words) -> str:
    if document.text[place.start : place.end] != place.quote:
        return note(words("source.changed", title=document.title))
    data = {"turn": turn, "place": key, "go": "text"}
    opens = link(f"[{key}]", data, words("source.open_place", key=key, title=document.title))
    before, after = _around(document.text, place.start, place.end)
    page = document.page_at(place.start)
    where = f' <span class="why">{text(words("source.page_short", n=page))}</span>' if page else ""
    return (
        f'<p class="said" dir="auto"><span class="why">{text(before)}</span><mark>{text(place.quote)}</mark>'
        f'<span class="why">{text(after)}</span></p><p class="from">{opens}{where}</p>'
    )


def _around(body: str, start: int, end: int) -> tuple[str, str]:
    """Return what stands before and after a span in its paragraph, cut at words."""
    before = body[max(body.rfind("\n\n", 0, start), -2) + 2 : start].lstrip()
    stop = body.find("\n\n", end)
    after = body[end : stop if stop >= 0 else len(body)].rstrip()
    if len(before) > AROUND:
        before = "… " + before[-AROUND:].partition(" ")[2]
    if len(after) > AROUND:
        after = after[:AROUND].rpartition(" ")[0] + " …"
    return before, after
