"""Find title, author, publisher, date and language of a document, and judge what the file itself claims.

Owns the order of what is believed: what a page or front matter states, then the text, then the properties of the
file, then the years that the text speaks of. Refuses to guess: a wrong author or date is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from index.bylines import doubtful_date, from_lines, is_byline, is_byline_of, person
from index.dates import iso_date, settle
from index.dating import year_of
from index.furniture import is_web_furniture
from index.languages import language_of
from index.titles import given_title, title, without_site
from index.types import CleanText, DateBasis, Metadata, RawDocument

__all__ = ["Properties", "describe", "describe_clean", "is_byline", "is_byline_of", "iso_date", "person"]

_HEAD_LINES = 15
_TAIL_LINES = 40
_TEMPLATES = frozenset({"2013-12-23", "2013-01-27", "1996-10-14", "2006-09-16"})
"""Dates of creation that python-docx, python-pptx and two versions of Excel copy from a template into every file."""
_OF_THE_TEXT = frozenset({"metadata", "title", "note", "note mark", "hyphen", "control", "markup", "fence"})
"""Kinds of what the cleaner takes out of the running text that are no furniture."""
_RIGHTS = re.compile(r"(?:©|\(c\)|copyright|all rights reserved)\D{0,40}((?:19|20)\d\d)(?!\s*[-–]\s*\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Properties:
    """What a file says of itself, unchecked."""

    title: str | None = None
    author: str | None = None
    created: str | None = None


def describe(text: str, properties: Properties | None = None, stated: Metadata | None = None) -> Metadata:
    """Return the metadata of a document from what it states, its text and its file properties.

    `stated` (a page's meta tags, a front matter) goes before the text, the text before the file's properties.
    """
    properties, stated = properties or Properties(), stated or Metadata()
    lines = _lines(text)
    head = _head(lines)
    read = _from_lines(lines)
    created = iso_date(properties.created or "")
    file = Metadata(
        title=given_title(properties.title),
        author=person(properties.author),
        date=None if created in _TEMPLATES else created,
    )
    publisher = stated.publisher or read.publisher
    stated = replace(
        stated,
        title=without_site(stated.title, publisher) if stated.title else None,
        author=person(stated.author, publisher) if stated.author else None,
        publisher=stated.publisher or None,
        date=stated.date or None,
        language=language_of(text, stated.language or None),
    )
    if not stated.date and (both := doubtful_date(head)):
        read = replace(read, date=settle(both, text, file.date) or read.date)
    # A property is typed once and may be another document's; a title line is what the reader of the text
    # sees. But the first line of a PDF is as often a running header, so there the property goes first.
    merged = read.overridden_by(Metadata(title=file.title) if properties.title else Metadata())
    merged = file.overridden_by(merged).overridden_by(stated)
    basis: DateBasis | None = "stated" if read.date or stated.date else "file" if file.date else None
    return replace(merged, date_basis=basis)


def describe_clean(raw: RawDocument, clean: CleanText) -> Metadata:
    """Return the metadata of a document now that its running text is known; call it after the cleaner.

    A date that stands in page furniture only is let go, a date that can be read in two ways is settled by the
    running text, and where the text bears no date, or its file's is not that of the text, the years that it speaks
    of may give one.
    """
    known = raw.metadata
    lines = _lines(_without_furniture(raw, clean))
    if raw.layout == "lines":
        known = _dated_by(known, _lines(raw.text), lines)
    if known.date_basis == "stated" and len(known.date or "") == 4 and (both := doubtful_date(_head(lines))):
        known = replace(known, date=settle(both, clean.text) or known.date)
    if raw.layout != "rows":
        known = _author_of(known, lines)
        known = _inferred(known, raw, clean)
    return known if known.language else replace(known, language=language_of(clean.text))


def _dated_by(known: Metadata, before: Sequence[str], lines: Sequence[str]) -> Metadata:
    """Return the metadata with the date that the lines state, where it was read from page furniture before."""
    there, now = _from_lines(before).date, _from_lines(lines).date
    read = known.date_basis == "stated" and there and known.date and known.date[:4] == there[:4]
    return replace(known, date=now, date_basis="stated" if now else None) if read and now != there else known


def _author_of(known: Metadata, lines: Sequence[str]) -> Metadata:
    """Return the metadata with the author whom a note at the end of the running text tells, if none was known."""
    return known if known.author else replace(known, author=_from_lines(lines).author)


def _inferred(known: Metadata, raw: RawDocument, clean: CleanText) -> Metadata:
    """Return the metadata with the year that the text speaks of as its own, where no better date is known."""
    if known.date_basis == "stated" and raw.layout == "lines":
        return known  # the text itself says so
    rights = frozenset(int(match[1]) for match in _RIGHTS.finditer(raw.text))
    year = year_of(clean.text, rights)
    if year is None:
        return known
    date = int(known.date[:4]) if known.date else None
    # A file may be saved years after it was written, or from an old template; a page may give its site's first day.
    trusted = {"file": range(int(year), int(year) + 2), "stated": range(int(year) - 1, 10_000)}
    if date is not None and date in trusted.get(known.date_basis or "", range(10_000)):
        return known
    return replace(known, date=year, date_basis="inferred")


def _without_furniture(raw: RawDocument, clean: CleanText) -> str:
    """Return the raw text without the lines that the cleaner took for furniture, bylines still in it."""
    parts, at = [], 0
    for item in sorted((*raw.removed, *clean.removed), key=lambda item: item.start):
        if item.kind not in _OF_THE_TEXT and item.end > at:
            parts.append(raw.text[at : max(item.start, at)])
            at = item.end
    return "\n".join((*parts, raw.text[at:]))


def _from_lines(lines: Sequence[str]) -> Metadata:
    head = _head(lines)
    found = from_lines(head, lines, lines[max(len(lines) - _TAIL_LINES, len(head)) :])
    return found.overridden_by(Metadata(title=None if found.title else title(head, lines)))


def _lines(text: str) -> list[str]:
    return [stripped for line in text.splitlines() if (stripped := line.strip())]


def _head(lines: Iterable[str]) -> list[str]:
    """Return the first lines, without the marks of emphasis that bylines often have."""
    first = [line.strip("*_ ") or line for line, _ in zip(lines, range(2 * _HEAD_LINES), strict=False)]
    return [line for line in first if not is_web_furniture(line)][:_HEAD_LINES]
