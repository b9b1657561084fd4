"""Hold a clean text to its raw text: nothing comes from nowhere, nothing vanishes unrecorded."""

from __future__ import annotations

from itertools import pairwise

from index.types import CleanText, RawDocument


def faults(raw: RawDocument, cleaned: CleanText) -> list[str]:
    """Return what breaks the contract between a raw and a clean text; nothing when all is well."""
    return [*_of_runs(raw, cleaned), *_of_removed(raw, cleaned), *_of_parts(cleaned)]


def _of_runs(raw: RawDocument, cleaned: CleanText) -> list[str]:
    found: list[str] = []
    at = 0
    for run in cleaned.alignment.runs:
        if run.length <= 0 or run.clean < at:
            found.append(f"{run} does not ascend")
        if cleaned.text[run.clean : run.clean + run.length] != raw.text[run.raw : run.raw + run.length]:
            found.append(f"{run} has other words in the raw text")
        if cleaned.text[at : run.clean].strip():
            found.append(f"{cleaned.text[at : run.clean]!r} comes from nowhere")
        at = run.clean + run.length
    if cleaned.text[at:].strip():
        found.append(f"{cleaned.text[at:]!r} comes from nowhere")
    notes = cleaned.notes[0].start if cleaned.notes else len(cleaned.text)
    running = [run for run in cleaned.alignment.runs if run.clean < notes]
    found += [f"{b} stands before {a} in the raw text" for a, b in pairwise(running) if b.raw < a.raw + a.length]
    return found


def _of_removed(raw: RawDocument, cleaned: CleanText) -> list[str]:
    size = len(raw.text)
    gone, moved, kept = bytearray(size), bytearray(size), bytearray(size)
    found: list[str] = []
    for item in cleaned.removed:
        if not 0 <= item.start < item.end <= size:
            found.append(f"{item} is no span of the raw text")
        (moved if item.kind == "note" else gone)[item.start : item.end] = b"\1" * (item.end - item.start)
    for run in cleaned.alignment.runs:
        span = slice(run.raw, run.raw + run.length)
        if any(kept[span]):
            found.append(f"{run} is written twice")
        kept[span] = b"\1" * run.length
    for i, character in enumerate(raw.text):
        if kept[i] and gone[i]:
            found.append(f"{character!r} at {i} is both kept and removed")
        if not (kept[i] or gone[i] or moved[i] or character.isspace()):
            found.append(f"{character!r} at {i} is lost")
    starts = {note.start for note in cleaned.notes}
    for run in cleaned.alignment.runs:
        if bool(moved[run.raw]) != bool(starts and run.clean >= min(starts)):
            found.append(f"{run} is a note in one of the two texts only")
    return found


def _of_parts(cleaned: CleanText) -> list[str]:
    text = cleaned.text
    found: list[str] = []
    if text != text.strip() or "\n\n\n" in text:
        found.append("white space where none belongs")
    found += [f"{heading} is empty" for heading in cleaned.headings if not text[heading.start : heading.end].strip()]
    end = len(text) - sum(note.end - note.start + 2 for note in cleaned.notes)
    mark = 0
    for note in cleaned.notes:
        if not text[note.start : note.end].strip() or "\n" in text[note.start : note.end]:
            found.append(f"{note} is no paragraph")
        if note.start != max(end + 2, 0):
            found.append(f"{note} does not follow {end}")
        if not mark <= note.mark == note.mark_end <= max(cleaned.notes[0].start - 2, 0):
            found.append(f"{note} has its mark in the wrong place")
        end, mark = note.end, note.mark
    return found
