"""A document beside the conversation, as HTML: around a quote, as it was read or as it stands in the file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from index.errors import LibraryError
from index.library import Library
from index.types import Document, Removed
from ui.conversation import Exchange, Place
from ui.markup import note, text
from ui.words import ENGLISH, Words

WINDOW = 1500
"""Characters of a document shown on each side of a quote, at least to the ends of their paragraphs."""

BACK = '<a class="back" href="#conversation" data-act="back">Back to the answer</a>'

Span = tuple[int, int]


def no_source() -> str:
    """Return what stands beside the conversation until a citation is chosen."""
    return _panel('<p class="hint">Choose a citation to read it where it stands.</p>')


def lost_source(why: str) -> str:
    """Say why a citation cannot be shown."""
    return _panel(note(why))


def panel(
    place: Place | None,
    library: Library,
    data: Mapping[str, str],
    words: Words = ENGLISH,
    exchange: Exchange | None = None,
    back: str = BACK,
) -> str:
    """Return what stands beside the conversation when a citation, or something in this panel, was chosen.

    Args:
        place: what was chosen, if it is there.
        library: the documents of its collection.
        data: what the page says of the choice: the question, the place and how it is to be shown.
        words: the words of the page.
        exchange: the question and answer that the place is of, if it is of any.
        back: the link to where the place was chosen.
    """
    if place is None:
        return lost_source("This citation is not in the conversation any more.")
    try:
        document = library.document(place.document)
    except LibraryError:
        return lost_source(f"{place.title} is not in the library any more.")
    turn, key = data.get("turn", ""), data.get("place", "")
    return source(place, document, turn, key, whole=bool(data.get("whole")), raw=bool(data.get("raw")), back=back)


def source(
    place: Place,
    document: Document,
    turn: str,
    key: str,
    *,
    whole: bool = False,
    raw: bool = False,
    back: str = BACK,
) -> str:
    """Return a document around a quote, the quote marked: exactly `document.text[start:end]`.

    Args:
        place: what to mark.
        document: the document it is of.
        turn: the number of the question, and
        key: the key of the place, by which the page asks for the rest.
        whole: show all of the document.
        raw: show it as it stands in the file, with what is not in the running text and why.
        back: the link to where the place was chosen.

    """
    if document.text[place.start : place.end] != place.quote:
        return lost_source(f"{place.title} has changed since the question was asked: ask again.")
    differs = document.raw != document.text
    body = document.raw if raw else document.text
    quote = document.alignment.to_raw(place.start, place.end) if raw else (place.start, place.end)
    first, last = (0, len(body)) if whole else window(body, *quote)
    before, after = (f'<p class="cut">{"…" if cut else ""}</p>' for cut in (first > 0, last < len(body)))
    shown = "".join(_pieces(body, (first, last), quote, document.removed if raw else ()))

    def link(label: str, whole: bool, raw: bool) -> str:
        return (
            f'<a href="#source" data-act="source" data-turn="{text(turn)}" data-place="{text(key)}" '
            f'data-whole="{"1" if whole else ""}" data-raw="{"1" if raw else ""}">{label}</a>'
        )

    tools = link("Show as read" if raw else "Show as in the file", whole, not raw) if raw or differs else ""
    if whole or (first, last) != (0, len(body)):
        tools = link("Show less" if whole else "Show the whole document", not whole, raw) + tools
    return _panel(
        f'<header><h2 dir="auto">{text(place.title)}</h2>{_about(place, document)}'
        f'<p class="tools">{tools}{back}</p></header>'
        f'<div class="text" tabindex="0" role="region" aria-label="Text of the document">'
        f'{before}<div class="body" dir="auto">{shown}</div>{after}</div>'
    )


def _pieces(body: str, shown: Span, quote: Span, removed: Sequence[Removed]) -> Iterator[str]:
    """Yield the shown part of a text in pieces: the quote marked, what was removed or moved struck out."""
    gone = [(start, end, why) for start, end, why in _apart(removed) if start < shown[1] and end > shown[0]]
    points = {*quote, *(point for start, end, _ in gone for point in (start, end))}
    for start, end in pairwise(sorted({*shown, *(point for point in points if shown[0] < point < shown[1])})):
        piece = text(body[start:end])
        at = bisect_right(gone, start, key=lambda item: item[0]) - 1
        if at >= 0 and start < gone[at][1] and piece.strip():
            piece = f'<del title="{text(gone[at][2])}">{piece}</del>'
        yield f"<mark>{piece}</mark>" if quote[0] <= start < quote[1] else piece


def _apart(removed: Sequence[Removed]) -> Iterator[tuple[int, int, str]]:
    """Yield the spans with their reasons, in order; where two overlap, the first has the characters."""
    last = 0
    for item in sorted(removed, key=lambda item: (item.start, -item.end)):
        start = max(item.start, last)
        if start < item.end:
            yield start, item.end, f"{item.kind}: {item.reason}"
            last = item.end


def window(body: str, start: int, end: int) -> tuple[int, int]:
    """Return the span shown around a quote: some way on each side, to the end of a paragraph if near."""
    first = body.rfind("\n\n", 0, max(start - WINDOW, 0))
    first = 0 if first < 0 else first + 2
    last = body.find("\n\n", min(end + WINDOW, len(body)))
    last = len(body) if last < 0 else last
    return max(first, start - 3 * WINDOW, 0), min(last, end + 3 * WINDOW)


def _panel(inside: str) -> str:
    return f'<section class="source" id="source" aria-label="Source" aria-live="polite">{inside}</section>'


def _about(place: Place, document: Document) -> str:
    known = document.note_at(place.start)
    facts = (
        ("Under", _section(document, place.start)),
        ("Author", place.author),
        ("Date", place.date),
        ("In", known and known.name),
        ("Page", place.page),
        ("File", Path(place.source).name),
    )
    rows = "".join(f"<div><dt>{name}</dt><dd><bdi>{text(fact)}</bdi></dd></div>" for name, fact in facts if fact)
    return f'<dl class="about">{rows}</dl>'


def _section(document: Document, offset: int) -> str:
    """Return the headings that a place stands under, the highest first; a title that is shown above is left out."""
    open_: list[tuple[int, str]] = []
    for heading in document.headings:
        if heading.start > offset:
            break
        name = " ".join(document.text[heading.start : heading.end].split())
        open_ = [(level, above) for level, above in open_ if level < heading.level] + [(heading.level, name)]
    return " › ".join(name for _, name in open_ if name != document.title)
