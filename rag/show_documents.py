"""What the command line prints of documents: the list with what is not known, a text, what was taken out of it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from textwrap import shorten

from rich.text import Text

from index.types import Document, DocumentInfo, Metadata, Removed
from rag.show import console, facts, line, safe

NEAR = 600
"""Characters shown on each side of a citation."""
EXCERPTS = 3
"""Spans shown of each kind of what was removed."""

_EXCERPT = 60
_UNKNOWN = "–"
_WIDE = 110
_GAP = "  "
_ELASTIC = {"title": 4, "author": 2, "publisher": 2, "file": 3}
_LEAST = 3
_QUIET = frozenset({"markup", "fence", "control", "hyphen"})
"""Kinds of removed spans that are a few characters within words: shown dim, without their names."""


_NUMBER = re.compile(r"\d+")


# The list


def lacks(info: DocumentInfo) -> list[str]:
    """Return which of title, author and date are not known of a document."""
    return [name for name in ("title", "author", "date") if not getattr(info.metadata, name)]


def documents(infos: Sequence[DocumentInfo]) -> None:
    """Print a table of documents, and what is not known of them.

    On a terminal a row is one line; elsewhere nothing is cut off.
    """
    wide = console.width >= _WIDE or not console.is_terminal
    names = ["id", "title", "author", "publisher", "date", *(["type", "pages", "file"] if wide else [])]
    rows = [_cells(info)[: len(names)] for info in infos]
    widths = _widths(names, rows, console.width if console.is_terminal else None)
    _print_rows(names, rows, widths)
    _print_unknown(infos)


def _print_rows(names: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
    for number, row in enumerate([names, *rows]):
        shown = Text(style="dim" if number == 0 else "")
        for cell, width in zip(row, widths, strict=True):
            text = Text(cell, style="yellow" if cell == _UNKNOWN else "")
            text.truncate(width, overflow="ellipsis", pad=True)
            shown.append_text(text).append(_GAP)
        shown.rstrip()
        console.print(shown)


def _cells(info: DocumentInfo) -> list[str]:
    known = info.metadata
    name = Path(info.source).name
    values = known.title or f"{_UNKNOWN} ({name})", known.author, known.publisher, _dated(known)
    return [info.id[:8], *(safe(v or _UNKNOWN) for v in values), info.kind, str(info.pages or _UNKNOWN), safe(name)]


def _dated(known: Metadata) -> str:
    return f"{known.date} {known.date_basis or ''}".strip() if known.date else ""


def _widths(names: Sequence[str], rows: Sequence[Sequence[str]], room: int | None) -> list[int]:
    """Return the widths of the columns; where the room is limited, names and titles share what the others leave."""
    natural = [max(Text(cell).cell_len for cell in column) for column in zip(names, *rows, strict=True)]
    if room is None:
        return natural
    widths = dict(zip(names, natural, strict=True))
    shares = {name: share for name, share in _ELASTIC.items() if name in widths}
    left = room - len(_GAP) * (len(names) - 1) - sum(width for name, width in widths.items() if name not in shares)
    while shares:  # who needs less than the share leaves the rest to the others
        part = max(left, 0) / sum(shares.values())
        small = [name for name, share in shares.items() if widths[name] <= part * share]
        if not small:
            widths |= {name: max(int(part * share), _LEAST) for name, share in shares.items()}
            break
        for name in small:
            left -= widths[name]
            del shares[name]
    return [widths[name] for name in names]


def _print_unknown(infos: Sequence[DocumentInfo]) -> None:
    names = ("title", "author", "publisher", "date")
    counts = {name: sum(not getattr(info.metadata, name) for info in infos) for name in names}
    told = [f"{name} of {count}" for name, count in counts.items() if count]
    if told:
        flags = " ".join(f"--{name} …" for name, count in counts.items() if count)
        line(f"{_UNKNOWN} is not known: {', '.join(told)}. To mend: rag set ID {flags}")


# One document


def head(d: Document) -> None:
    """Print what is known of a document."""
    known = d.metadata
    rows = {
        "title": known.title,
        "author": known.author,
        "publisher": known.publisher,
        "date": f"{known.date} ({known.date_basis})" if known.date and known.date_basis else known.date,
        "language": known.language,
        "file": d.source,
    }
    facts({name: value or _UNKNOWN for name, value in rows.items()})
    console.print()


def document(d: Document, span: tuple[int, int] | None, *, raw: bool, whole: bool) -> None:
    """Print a document, or what is near a span of it, the span marked; raw, with what was removed marked."""
    from index.errors import NotFoundError

    if span and span[1] > len(d.text):
        raise NotFoundError(f"{d.title} has {len(d.text):,} characters, there is no span {span[0]}:{span[1]} in it")
    text, marked = (d.raw, span and d.alignment.to_raw(*span)) if raw else (d.text, span)
    head(d)
    start, end = marked or (0, 0)
    begin, stop = (0, len(text)) if whole else (max(start - NEAR, 0), min(end + NEAR, len(text)))
    body = Text()
    for first, last, kind in _pieces(d.removed if raw else (), begin, stop):
        _append(body, text, first, last, kind, (start, end))
    console.print(body)
    if raw and whole:
        console.print()
        _print_kinds(d.removed)


def _pieces(removed: Sequence[Removed], begin: int, stop: int) -> Iterator[tuple[int, int, str]]:
    """Yield the pieces of a raw text in order, with the kind of what was removed, "" for what was kept."""
    at = begin
    for item in sorted(removed, key=lambda item: (item.start, -item.end)):
        first, last = max(item.start, at), min(item.end, stop)
        if first < last:
            yield at, first, ""
            yield first, last, item.kind
            at = last
    yield at, stop, ""


def _append(body: Text, text: str, first: int, last: int, kind: str, marked: tuple[int, int]) -> None:
    named = bool(kind) and kind not in _QUIET and not text[first:last].isspace()
    body.append(f"⟦{kind}: " if named else "", style="dim red")
    cuts = sorted({first, last, *(at for at in marked if first < at < last)})
    for begin, end in pairwise(cuts):
        inside = marked[0] <= begin and end <= marked[1]
        shown = "\n".join(safe(row) for row in text[begin:end].split("\n"))
        body.append(shown, style=("dim " if kind else "") + ("reverse" if inside else ""))
    body.append("⟧" if named else "", style="dim red")


def removed(d: Document, *, whole: bool) -> None:
    """Print what was removed from a document or moved to its notes, by kind, with excerpts or all of it."""
    head(d)
    kinds: defaultdict[str, list[Removed]] = defaultdict(list)
    for item in d.removed:
        kinds[item.kind].append(item)
    _print_kinds(d.removed)
    for kind, items in sorted(kinds.items(), key=lambda pair: -len(pair[1])):
        console.print(Text(f"\n{safe(kind)}", style="bold"))
        for item in items if whole else items[:EXCERPTS]:
            text = " ".join(safe(d.raw[item.start : item.end]).split())
            shown = text if whole else shorten(text, _EXCERPT, placeholder=" …") or text[:_EXCERPT] + " …"
            line(f"  {item.start}:{item.end}  {shown or '(white space)'}")
        if not whole and len(items) > EXCERPTS:
            console.print(Text(f"  and {len(items) - EXCERPTS:,} more (--all shows them)", style="dim"))


def _print_kinds(removed: Sequence[Removed]) -> None:
    if not removed:
        line("nothing was removed or moved")
        return
    characters: Counter[tuple[str, str]] = Counter()
    spans: Counter[tuple[str, str]] = Counter()
    for item in removed:
        why = item.kind, _NUMBER.sub("n", item.reason)  # "note 4, moved to the notes"
        spans[why] += 1
        characters[why] += item.end - item.start
    names = ["removed or moved", "spans", "characters", "because"]
    rows = [
        [safe(kind), f"{count:,}", f"{characters[kind, reason]:,}", safe(reason)]
        for (kind, reason), count in spans.most_common()
    ]
    _print_rows(names, rows, _widths(names, rows, None))


def notes(d: Document) -> None:
    """Print the notes of a document, each with the sentence that it belongs to."""
    from index.sentences import sentences

    head(d)
    if not d.notes:
        line("there are no notes in it")
        return
    running = d.text[: min(note.start for note in d.notes)]
    parts = sentences(running, d.metadata.language or "")
    starts = [part.start for part in parts]
    for note in d.notes:
        page = d.page_at(note.start)
        where = f"{note.start}:{note.end}" + (f", p. {page}" if page else "")
        console.print(Text(safe(note.name), style="bold").append(f"  ({where})", style="dim"))
        line(f"  {' '.join(d.text[note.start : note.end].split())}")
        # A mark stands behind the last character of its sentence, or within it.
        at = max(bisect_right(starts, max(note.mark - 1, 0)) - 1, 0)
        if parts:
            sentence = " ".join(safe(running[parts[at].start : parts[at].end]).split())
            console.print(Text(f"  to “{sentence}”", style="dim"))
