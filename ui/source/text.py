"""The text of a document beside the conversation, as HTML: as it was read, as in the file; notes; what was left out."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from textwrap import shorten

from index.types import Document, Removed
from ui.markup import text
from ui.source.reading import Reading, Span

WINDOW = 1500
"""Characters of a document shown on each side of a quote, at least to the ends of their paragraphs."""
EXCERPTS = 5
"""Spans shown of each kind of what was left out."""
EXCERPT = 160
NOTES = 500
"""Notes shown at most."""

_NUMBER = re.compile(r"\d+")


def body(reading: Reading) -> str:
    """Return the text around the quote, and exactly the quote marked: `document.text[start:end]`, or its raw span."""
    document, raw = reading.document, reading.view == "raw"
    shown = document.raw if raw else document.text
    quote = _in_raw(document, reading.quote) if raw else reading.quote
    first, last = span_shown(reading)
    before, after = (f'<p class="cut">{"…" if cut else ""}</p>' for cut in (first > 0, last < len(shown)))
    pieces = "".join(_pieces(shown, (first, last), quote, document.removed if raw else (), _begin(reading)))
    return _region(reading.words("source.region"), f'{before}<div class="body" dir="auto">{pieces}</div>{after}')


def _region(label: str, inside: str) -> str:
    return f'<div class="text" tabindex="0" role="region" aria-label="{text(label)}">{inside}</div>'


def span_shown(reading: Reading) -> Span:
    """Return the span of the text, or of the raw text, that is shown."""
    document, raw = reading.document, reading.view == "raw"
    shown = document.raw if raw else document.text
    if reading.whole:
        return 0, len(shown)
    begin = _begin(reading)
    around = reading.quote if begin is None else (begin, begin)
    return window(shown, *((_in_raw(document, around) if raw else around) or (0, 0)))


def _begin(reading: Reading) -> int | None:
    """Return where to begin instead of at the quote; not among the text as in the file."""
    return None if reading.view == "raw" else reading.at


def _in_raw(document: Document, span: Span | None) -> Span | None:
    return span and document.alignment.to_raw(*span)


def _pieces(
    shown: str, part: Span, quote: Span | None, removed: Sequence[Removed], at: int | None = None
) -> Iterator[str]:
    """Yield the shown part of a text in pieces: the quote marked, what was removed or moved struck out."""
    gone = [(start, end, why) for start, end, why in _apart(removed) if start < part[1] and end > part[0]]
    points = {
        *(quote or ()),
        *(point for start, end, _ in gone for point in (start, end)),
        *(() if at is None else (at,)),
    }
    for start, end in pairwise(sorted({*part, *(point for point in points if part[0] < point < part[1])})):
        piece = text(shown[start:end])
        if start == at:
            yield '<span class="here" tabindex="-1"></span>'
        index = bisect_right(gone, start, key=lambda item: item[0]) - 1
        if index >= 0 and start < gone[index][1] and piece.strip():
            piece = f'<del title="{text(gone[index][2])}">{piece}</del>'
        yield f"<mark>{piece}</mark>" if quote and quote[0] <= start < quote[1] else piece


def _apart(removed: Sequence[Removed]) -> Iterator[tuple[int, int, str]]:
    """Yield the spans with their reasons, in order; where two overlap, the first has the characters."""
    last = 0
    for item in sorted(removed, key=lambda item: (item.start, -item.end)):
        start = max(item.start, last)
        if start < item.end:
            yield start, item.end, f"{item.kind}: {item.reason}"
            last = item.end


def window(shown: str, start: int, end: int) -> Span:
    """Return the span shown around a quote: some way on each side, to the end of a paragraph if near."""
    first = shown.rfind("\n\n", 0, max(start - WINDOW, 0))
    first = 0 if first < 0 else first + 2
    last = shown.find("\n\n", min(end + WINDOW, len(shown)))
    last = len(shown) if last < 0 else last
    return max(first, start - 3 * WINDOW, 0), min(last, end + 3 * WINDOW)


# Notes, and what was left out


def notes(reading: Reading) -> str:
    """Return the notes of a document, each with a link to where the text refers to it."""
    document, words = reading.document, reading.words
    items = "".join(
        f"<li><strong>{text(note.label or '•')}</strong> "
        f'<span dir="auto">{text(" ".join(document.text[note.start : note.end].split()))}</span> '
        f"{_to_mark(reading, note.mark, note.name)}</li>"
        for note in document.notes[:NOTES]
    )
    more = len(document.notes) - NOTES
    cut = f'<p class="hint">{text(words("source.notes_more", n=more))}</p>' if more > 0 else ""
    label = text(words("source.notes_region"))
    return (
        f'<div class="text" tabindex="0" role="region" aria-label="{label}"><ol class="notes">{items}</ol>{cut}</div>'
    )


def _to_mark(reading: Reading, mark: int, name: str) -> str:
    words = reading.words
    return reading.link(
        words("source.note_place"), "text", label=words("source.note_place_of", note=name), view="text", at=mark
    )


def left_out(reading: Reading) -> str:
    """Return what of the file is not in the running text, by kind and reason, the most frequent first."""
    document, words = reading.document, reading.words
    groups: defaultdict[tuple[str, str], list[Removed]] = defaultdict(list)
    for item in document.removed:
        groups[item.kind, _NUMBER.sub("n", item.reason)].append(item)  # "note 4, moved to the notes"
    ranked = sorted(groups.items(), key=lambda pair: -len(pair[1]))
    shown = "".join(_group(reading, kind, reason, items) for (kind, reason), items in ranked)
    shown = shown or f'<p class="hint">{text(words("source.left_out_none"))}</p>'
    return _region(words("source.left_out_region"), shown)


def _group(reading: Reading, kind: str, reason: str, items: Sequence[Removed]) -> str:
    words, raw = reading.words, reading.document.raw
    excerpts = (" ".join(raw[item.start : item.end].split()) for item in items)
    shown = list(dict.fromkeys(shorten(e, EXCERPT, placeholder=" …") or f"{e[:EXCERPT]} …" for e in excerpts if e))
    listed = "".join(f'<li dir="auto">{text(excerpt)}</li>' for excerpt in shown[:EXCERPTS])
    more = len(shown) - EXCERPTS
    listed += f'<li class="why">{text(words("source.left_out_more", n=more))}</li>' if more > 0 else ""
    characters = words("source.characters", n=sum(item.end - item.start for item in items))
    counts = " · ".join((words("source.places", n=len(items)), characters))
    head = f'<h3>{text(kind)} <span class="why">{text(reason)}</span></h3><p class="from">{text(counts)}</p>'
    return f'<section class="gone">{head}<ul>{listed}</ul></section>'
