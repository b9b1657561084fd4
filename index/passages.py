"""Sentences become passages: runs of whole sentences, under one heading, within the embedder's window."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import ceil

from index.references import is_reference
from index.types import Document, Heading, Passage, Sentence


def passages(document: Document, sentences: Sequence[Sentence], tokens: Sequence[int], budget: int) -> list[Passage]:
    """Divide a document into passages of about equal length within each section.

    A section is what stands between two headings. Headings are no passages: they name the ones that follow. A note
    is a passage, unless it only names a work, and so is a row of a sheet.

    Args:
        document: the document, with its headings and pages.
        sentences: its sentences, in order.
        tokens: number of tokens of each sentence.
        budget: most tokens of a passage; a sentence that has more is a passage of its own.
    """
    made = []
    noted = [n for n, sentence in enumerate(sentences) if document.note_at(sentence.start)]
    body = range(noted[0]) if noted else range(len(sentences))
    sections = list(_sections(document, sentences, body))
    for path, section in sections:
        units = _rows(document.text, sentences, section) if document.layout == "rows" else [section]
        for group in (group for unit in units for group in _groups(unit, tokens, budget)):
            made.append(_passage(document, sentences, group, path))
    for note, unit in groupby(noted, key=lambda n: document.note_at(sentences[n].start)):
        assert note is not None
        if is_reference(document.text[note.start : note.end]):
            continue
        path = next((path for path, section in reversed(sections) if sentences[section[0]].start <= note.mark), "")
        heading = f"{path} › {note.name}" if path else note.name
        made += [_passage(document, sentences, group, heading) for group in _groups(list(unit), tokens, budget)]
    return made


def _passage(document: Document, sentences: Sequence[Sentence], group: Sequence[int], heading: str) -> Passage:
    start, end = sentences[group[0]].start, sentences[group[-1]].end
    return Passage(start, end, group[0], group[-1], heading, document.page_at(start))


def _rows(text: str, sentences: Sequence[Sentence], section: Sequence[int]) -> list[list[int]]:
    """Part the sentences of a section by the lines that they stand on."""
    units: list[list[int]] = []
    for number in section:
        if units and "\n" not in text[sentences[number - 1].end : sentences[number].start]:
            units[-1].append(number)
        else:
            units.append([number])
    return units


def _sections(
    document: Document, sentences: Sequence[Sentence], body: Sequence[int]
) -> Iterator[tuple[str, list[int]]]:
    """Yield the heading path and the sentences' numbers of every section of the body that has text."""
    headings = sorted(document.headings, key=lambda h: h.start)
    path: list[Heading] = []
    section: list[int] = []
    for number in body:
        heading = _heading_of(sentences[number], headings)
        if heading is None:
            section.append(number)
            continue
        if section:
            yield _name(document, path), section
            section = []
        path = [*(h for h in path if h.level < heading.level), heading]
    if section:
        yield _name(document, path), section


def _heading_of(sentence: Sentence, headings: Sequence[Heading]) -> Heading | None:
    before = bisect_right(headings, sentence.start, key=lambda h: h.start)
    return headings[before - 1] if before and sentence.start < headings[before - 1].end else None


def _name(document: Document, path: Sequence[Heading]) -> str:
    return " › ".join(document.text[h.start : h.end] for h in path)


def _groups(section: Sequence[int], tokens: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Divide a section into as few groups as the budget allows, of about equal length."""
    total = sum(tokens[n] for n in section)
    target = total / ceil(total / budget) if total else budget
    group: list[int] = []
    size = 0
    for number in section:
        if group and (size + tokens[number] > budget or size + tokens[number] / 2 > target):
            yield group
            group, size = [], 0
        group.append(number)
        size += tokens[number]
    if group:
        yield group
