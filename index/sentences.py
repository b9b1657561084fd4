"""Cut a text into sentences, by their offsets.

`sentencex` finds the boundaries; this module owns what it does not know about our documents: no sentence
crosses a line end, a source note or a closing quote goes with the sentence before it, an abbreviation does
not end one, and no sentence is too long to be read as evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.abbreviations import STARTERS, goes_on, possible_ends
from index.languages import cut_as
from index.types import Sentence

MAX_LENGTH = 1_000
"""Characters beyond which a "sentence" (a list, a table that lost its lines) is split."""

_NOTE = re.compile(r"[(\[（][^()\[\]（）]{1,80}[)\]）][.,;。]?[”’\"'»]?(?=\s|$)|（[^（）]{4,80}）[。；，]?")
_ENDED = re.compile(r"[.!?…。！？؟۔।॥][”“’\"'»)\]」』]*$")
# Ends that sentencex does not see: after ellipses and closing quotes, and in scripts of which it knows little.
_CAPITAL = r"A-ZÀ-ÖØ-ÞА-ЯЁ“„‘\"(«"
_MISSED = re.compile(
    r"[.!?…؟۔।॥](?:"
    rf"(?<=\b[A-Z]\.[A-Z]\.)\s+(?=(?:{STARTERS})\s+[a-z])"
    rf"|(?<=[.!?])[)\]“]\s+(?=[{_CAPITAL}])"
    rf"|(?<=\w…)\s+(?=[{_CAPITAL}])"
    r"|(?<=[.!?])\s+(?=[a-z][A-Z][a-z])"
    r"|(?<=[؟۔।॥])[»”\"')\]]{0,2}\s*(?=[^\s»”\"')\].,])"
    r")"
)
_CLOSING = re.compile(r":(?!\d)|[,;.!?)\]}»”’،؛]|[—–-]\s*(?=[^\W\d_])")
_SAID = re.compile(r"[^，。！？]{1,8}?(?:说|說|问|問|道|喊|叫|笑)[^，。！？]{0,2}[。！，：]?$|(?:と|って|という)")
_DIALOGUE = re.compile(r"[—–-]\s*[^\W\d_a-zа-яёà-öø-ÿ]")
_SHORT = re.compile(r"(?<![A-Za-zА-Яа-яё])[A-Za-zА-Яа-яё]{1,2}\.$")
_NAME_BEGUN_SMALL = re.compile(r"[a-z][A-Z][a-z]")
_BREAK = re.compile(r"[;；。](?=\s|[\u3000-\u9fff])\s*|[,，](?=\s|[\u3000-\u9fff])\s*|\s+")

_TAIL = 60
_SAMPLE = 300
_WINDOW = 5_000

_Span = tuple[int, int]


def sentences(text: str, language: str = "en") -> list[Sentence]:
    """Return the sentences of `text` in order; every character but white space is in exactly one.

    `language` is an ISO 639-1 code; a text in another script is cut by the rules of the script's language.
    """
    language = cut_as(text, language)
    found: list[Sentence] = []
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        own = language if text[start:end].isascii() else cut_as(text[start : min(end, start + _SAMPLE)], language)
        found += (Sentence(*span) for span in _of_line(text, start, end, own))
        start = end + 1
    return found


def _of_line(text: str, start: int, end: int, language: str) -> Iterator[_Span]:
    """Yield the sentences of one paragraph, heading or row."""
    start, end = _trim(text, start, end)
    if start == end:
        return
    merged: list[_Span] = []
    for piece in _pieces(text, start, end, language):
        if merged and _belongs(text, merged[-1], piece, language):
            merged[-1] = (merged[-1][0], piece[1])
        else:
            merged.append(piece)
    for piece in merged:
        yield from _shortened(text, *piece)


def _pieces(text: str, start: int, end: int, language: str) -> Iterator[_Span]:
    """Yield what sentencex takes for sentences, source notes at the start of a piece as pieces of their own.

    Only the ends that it gives are used, each piece beginning where the one before it ends: what it leaves
    out between two sentences is not lost.
    """
    line = text[start:end]
    cuts = _cuts(line, language) | {match.end() for match in _MISSED.finditer(line)} | possible_ends(line)
    at = 0
    for cut in (*sorted(cuts), len(line)):
        piece = _trim(text, start + at, start + min(cut, len(line)))
        at = max(at, cut)
        if piece[0] == piece[1]:
            continue
        note = _NOTE.match(text, *piece)
        if note and note.end() < piece[1]:
            yield piece[0], note.end()
            piece = _trim(text, note.end(), piece[1])
        yield piece


def _cuts(line: str, language: str) -> set[int]:
    """Return where sentences end; in windows, as on a very long line sentencex can take quadratic time."""
    from sentencex import get_sentence_boundaries  # type: ignore[import-untyped]

    cuts: set[int] = set()
    start = 0
    while start < len(line):
        window = line[start : start + _WINDOW]
        ends = [start + int(boundary["end_index"]) for boundary in get_sentence_boundaries(language, window)]
        if start + _WINDOW >= len(line):
            return cuts | set(ends)
        cuts.update(ends[:-1])  # the last sentence of a window goes on in the next
        start = max([*ends[:-1], start + _WINDOW // 2])
    return cuts


def _belongs(text: str, before: _Span, piece: _Span, language: str) -> bool:
    """Tell whether a piece is the rest of the sentence before it."""
    earlier, later = text[max(before[0], before[1] - _TAIL) : before[1]], text[slice(*piece)]
    if not any(map(str.isalnum, later)) or not any(map(str.isalnum, earlier)):
        return True
    note = _NOTE.match(later)
    if note and note.end() == len(later):
        return True
    if _is_torn(earlier, later, before[1] < piece[0]):
        return True
    if not _ENDED.search(earlier):
        # A piece that ends without a full stop was cut after a note or a quotation; a capital begins the next
        # one.
        return later[0].islower() or (earlier[-1] not in ")]”’\"'»" and not _cjk(earlier[-1]))
    first = later.lstrip("\"'“‘([")[:1]
    if first.islower() and not _NAME_BEGUN_SMALL.match(later) and earlier.endswith((".", "…")):
        return True
    return earlier.endswith(".") and goes_on(earlier, later, language)


def _is_torn(earlier: str, later: str, gap: bool) -> bool:
    """Tell whether a sentence cannot end or begin where two pieces meet: ".NET", "U.S.", "“Go!” — he said", 「…」と."""
    if _CLOSING.match(later) and not _DIALOGUE.match(later):
        return True
    if not gap and (earlier.endswith(" .") or (_SHORT.search(earlier) and later[0].isalnum())):
        return not _cjk(later[0])
    return earlier[-1] in "”」』’" and _SAID.match(later) is not None


def _cjk(character: str) -> bool:
    return "\u3000" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"


def _shortened(text: str, start: int, end: int) -> Iterator[_Span]:
    """Yield a sentence, cut at a semicolon, a comma or a space where it is longer than `MAX_LENGTH`."""
    while end - start > MAX_LENGTH:
        best: dict[str, int] = {}
        for match in _BREAK.finditer(text, start + MAX_LENGTH // 2, start + MAX_LENGTH):
            best[match[0][:1].strip()] = match.end()
        cut = next((best[mark] for mark in (";", "；", "。", ",", "，", "") if mark in best), start + MAX_LENGTH)
        yield _trim(text, start, cut)
        start, end = _trim(text, cut, end)
    if start < end:
        yield start, end


def _trim(text: str, start: int, end: int) -> _Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
