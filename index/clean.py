"""Clean a raw document: take out what is not its text, join what its layout has torn apart, record both.

Deterministic rules, none of which knows a particular text. Every character of the clean text but inserted
white space stands in the raw text, and the alignment says where; every character of the raw text that is
gone, but white space, lies in a `removed` span that says why, and so does every note that was moved to the end of
the text. A slip of the source is not corrected: we quote what is written.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from index.hyphens import HYPHENS, Words, parts_word, vocabulary
from index.lines import Layout, Line, Span, close_up, measure, split_lines
from index.menus import remove_block_furniture, remove_notices, remove_web_furniture
from index.notes import FoundNote, find_notes
from index.paragraphs import NONE, glue, mark_headings, note_glue
from index.running import remove_bylines, remove_page_furniture
from index.types import Alignment, CleanText, Heading, Note, RawDocument, Removed
from index.writer import PARAGRAPH, Writer

# A terminal's orders (bold, colour), control characters, soft hyphens, zero-width and direction marks.
_CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|"
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_JOINERS = "\u200c\u200d"
_EUROPEAN = "\u058f"


@dataclass(frozen=True)
class _Moved:
    """A note on its way to the end of the text: its lines, its label and the raw offset at which its mark stood."""

    lines: Sequence[Line]
    label: str
    mark: int


def clean(raw: RawDocument) -> CleanText:
    """Return the clean text of a raw document, aligned with it."""
    removed = [*raw.removed, *_controls(raw.text), *_given_marks(raw)]
    gone = merged((item.start, item.end) for item in removed)
    given, spans = _given_notes(raw, gone)
    fences = frozenset(item.start for item in raw.removed if item.kind == "fence")
    lines = split_lines(raw, merged([*gone, *spans]), fences)
    _mark_given_headings(lines, raw.headings)
    cuts, found, layout = _remove(lines, raw)
    removed += [Removed(start, end, "note mark", "mark of a note") for start, end in cuts]
    removed += [Removed(note.start, note.end, "note", f"{note.name}, moved to the notes") for note in given]
    removed += [Removed(*part, "note", note.reason) for note in found for part in note.parts]
    removed += [
        Removed(line.start, line.end, line.removed, line.reason)
        for line in lines
        if line.removed and line.removed != "note"
    ]
    moved = [_Moved(split_lines(raw, gone, within=(note.start, note.end)), note.label, note.mark) for note in given]
    moved += [_Moved(note.lines, note.label, note.place) for note in found]
    writer = Writer(raw.text, cuts)
    words = cache(lambda: vocabulary(lines))
    _write(writer, lines, layout, raw, words)
    notes = _write_notes(writer, sorted(moved, key=lambda note: note.mark), raw, words)
    removed += writer.hyphens
    removed.sort(key=lambda item: (item.start, item.end))
    return CleanText(writer.text, Alignment(tuple(writer.runs)), tuple(writer.headings), tuple(removed), notes)


def page_starts(cleaned: CleanText, pages: Sequence[int]) -> tuple[int, ...]:
    """Return where in the clean text each page starts, for the offsets in the raw text at which it does.

    A page that begins with a note begins with the first words after it, for the note stands elsewhere now.
    """
    end = cleaned.notes[0].start if cleaned.notes else len(cleaned.text)
    runs = [run for run in cleaned.alignment.runs if run.clean < end]
    starts = []
    for page in pages:
        i = bisect_left(runs, page + 1, key=lambda run: run.raw + run.length)
        starts.append(runs[i].clean + max(page - runs[i].raw, 0) if i < len(runs) else end)
    return tuple(starts)


def _remove(lines: Sequence[Line], raw: RawDocument) -> tuple[list[Span], list[FoundNote], Layout]:
    """Mark the lines that are not of the running text; return the cuts in it, the notes and the layout."""
    cuts: list[Span] = []
    notes: list[FoundNote] = []
    layout = measure(lines, raw.kind)
    if raw.layout == "rows":
        return cuts, notes, layout
    if raw.layout == "lines":
        close_up(lines, layout)
    if raw.layout == "blocks":
        # What stands outside the article of a web page, its reader knows better.
        remove_block_furniture(lines, heads=raw.kind != "html")
    else:
        remove_page_furniture(lines, raw.metadata)
        if raw.kind == "txt":
            remove_web_furniture(lines)
            remove_notices(lines)
        cuts, notes = find_notes(lines, raw.text, layout.widths, anywhere=raw.kind == "txt" or not raw.pages)
        layout = measure(lines, raw.kind, spaced=layout.spaced)  # notes are set smaller, or in narrow columns
    remove_bylines(lines, raw.metadata)
    if raw.layout == "lines" and not raw.headings:
        mark_headings(lines, layout, raw.metadata)
    return cuts, notes, layout


def _controls(text: str) -> list[Removed]:
    """Return the invisible characters of a text, but for the joiners that other scripts and emoji need."""
    spans = (match.span() for match in _CONTROL.finditer(text))
    return [
        Removed(start, end, "control", "invisible character")
        for start, end in spans
        if text[start] not in _JOINERS or text[max(start - 1, 0)] <= _EUROPEAN
    ]


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, those that touch or overlap as one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif end > start:
            joined.append((start, end))
    return joined


def _given_marks(raw: RawDocument) -> list[Removed]:
    """Return the marks of the notes that the reader found."""
    return [Removed(n.mark, n.mark_end, "note mark", "mark of a note") for n in raw.notes if n.mark < n.mark_end]


def _given_notes(raw: RawDocument, gone: Sequence[Span]) -> tuple[list[Note], list[Span]]:
    """Return the notes that the reader found and that have words, and their spans; of two that overlap the first."""
    notes: list[Note] = []
    for note in sorted(raw.notes, key=lambda note: (note.start, note.end)):
        if (not notes or note.start >= notes[-1].end) and split_lines(raw, gone, within=(note.start, note.end)):
            notes.append(note)
    return notes, [(note.start, note.end) for note in notes]


def _mark_given_headings(lines: Sequence[Line], headings: Sequence[Heading]) -> None:
    at = 0
    for heading in headings:
        while at < len(lines) and lines[at].end <= heading.start:
            at += 1
        first = True
        for line in lines[at:]:
            if line.start >= heading.end:
                break
            line.level, line.follows, first = heading.level, not first, False


def _write(writer: Writer, lines: Sequence[Line], layout: Layout, raw: RawDocument, words: Callable[[], Words]) -> None:
    before: Line | None = None
    broken = False
    for i, line in enumerate(lines):
        broken = broken or line.blanks > 0 or (before is not None and line.page != before.page)
        if line.removed:
            broken = True
            continue
        join = glue(before, line, broken, layout.widths[i], layout, raw) if before else PARAGRAPH
        writer.add(line, join, _drops(before, line, join, raw, words))
        before, broken = line, False
    writer.close()


def _write_notes(
    writer: Writer, moved: Sequence[_Moved], raw: RawDocument, words: Callable[[], Words]
) -> tuple[Note, ...]:
    """Write each note as a paragraph of its own, and return them."""
    running = tuple(writer.runs)
    notes = []
    for note in moved:
        before: Line | None = None
        start = writer.length
        for line in note.lines:
            join = note_glue(before, line) if before else PARAGRAPH
            writer.add(line, join, _drops(before, line, join, raw, words))
            start, before = start if before else writer.length, line
        writer.close()
        place = writer.place_of(note.mark, running)
        notes.append(Note(start, writer.length, place, place, note.label))
    return tuple(notes)


def _drops(before: Line | None, line: Line, join: str, raw: RawDocument, words: Callable[[], Words]) -> bool:
    if before is None or join != NONE or before.soft or raw.text[before.end - 1] not in HYPHENS:
        return False
    return parts_word(before, line, raw.text, words())
