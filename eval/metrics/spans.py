"""Spans of documents: where a quote stands, what covers it and what overlaps it.

Spans are offsets into a document's clean text, half open.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from eval.metrics.text import QUOTES


class Span(NamedTuple):
    """A stretch of a document's clean text: `text[start:end]` of the document with this id."""

    document: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    if char.isspace() or unicodedata.category(char) in ("Pd", "Cf") or char == "\u2212":
        return ""
    folded = unicodedata.normalize("NFKD", char.translate(QUOTES))
    return "".join(c for c in folded if not c.isspace())


@lru_cache(maxsize=16)  # a set has many quotes of few documents
def _fold(text: str) -> tuple[str, list[int]]:
    """Return the folded text and, for each of its characters, the offset in `text` it comes from."""
    pieces = [_fold_char(char) for char in text]
    return "".join(pieces), [i for i, piece in enumerate(pieces) for _ in piece]


def _joins(left: str, right: str) -> bool:
    """Return whether a cut between two characters would go through a word or a number."""
    return (left.isalpha() and right.isalpha()) or (left.isdigit() and right.isdigit())


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """Return the span of a quote in a text, or None; white space, hyphens and typography do not count.

    White space, hyphens, dashes, soft hyphens and other invisible characters are left out of both, curly
    quotation marks become straight, and ligatures and composed accents are taken apart; the rest must agree,
    case included. The first occurrence that starts and ends between words is taken, or where there is none
    (scripts without spaces) the first of all.
    """
    needle, _ = _fold(quote)
    haystack, offsets = _fold(text)
    inside: tuple[int, int] | None = None
    at = haystack.find(needle) if needle else -1
    while at >= 0:
        last = at + len(needle) - 1
        start, end = offsets[at], offsets[last] + 1
        # A folded match may begin or end halfway through an original character ("fi" of "ffi" in one glyph).
        begins = at == 0 or offsets[at - 1] != start
        stops = last + 1 == len(offsets) or offsets[last + 1] >= end
        if begins and stops:
            cut = (start > 0 and _joins(text[start - 1], text[start])) or (
                end < len(text) and _joins(text[end - 1], text[end])
            )
            if not cut:
                return start, end
            inside = inside or (start, end)
        at = haystack.find(needle, at + 1)
    return inside


def covered(start: int, end: int, spans: Sequence[tuple[int, int]], text: str) -> bool:
    """Return whether the union of the spans holds every character of `text[start:end]` but white space."""
    at = start
    for first, last in sorted(spans):
        if first > at and text[at : min(first, end)].strip():
            return False
        at = max(at, last)
        if at >= end:
            return True
    return not text[at:end].strip()


def overlaps(one: Span, other: Span) -> bool:
    """Return whether two spans share at least half of the shorter one, in characters."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    shorter = min(one.end - one.start, other.end - other.start)
    return one.document == other.document and shared > 0 and 2 * shared >= shorter
