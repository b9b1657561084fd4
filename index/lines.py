"""The lines of a raw text, as the cleaner works on them, and what is typical of their layout.

Owns cutting the raw text into lines and the measures that say whether its lines are wrapped. Removes nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.types import RawDocument

Span = tuple[int, int]

_TERMINAL = re.compile(r"[.!?…。！？][”’\"'»)\]›]*[\d⁰¹²³⁴-⁹*†\[\]]{0,5}$|[。！？：；][”’」』）]*[\d⁰¹²³⁴-⁹\[\]]{0,5}$")
_LOWER = re.compile(r"[\"“‘'(\[]?[^\W\d_A-Z]")
_COLUMNS = re.compile(r"\S(?:\t| {3,})\S")
_NUMBER = r"(?:[(\[]?[$€£¥+–—-]?\d[\d.,:/%]*[)\]%]*|[–—$€£¥%-]|n/m|N/A|n\.a\.)"
_NUMBERS = re.compile(rf"(?<!\S){_NUMBER}(?!\S)")
_TWO_LAST = re.compile(rf"(?<!\S){_NUMBER}(?<![.,:])\s{_NUMBER}(?<![.,:])$")
_DIGIT = re.compile(r"\d")
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_SAMPLE = 200
_WINDOW = 8
_LONGEST_ROW = 400


@dataclass(slots=True)
class Line:
    """One line of the raw text: the spans of it that are kept, and what the rules have found out about it.

    `blanks` counts the blank lines before it; `indent` tells that it begins with white space; `rows` that its
    end is the end of a row;
    `soft` that it ends with a soft hyphen; `row` that it is a row
    of a table; `removed` and `reason` are empty as long as the line is kept. A heading has a
    `level`, and `follows` when it continues the heading line before it.
    """

    pieces: list[Span]
    text: str
    blanks: int
    page: int
    indent: bool
    rows: bool = False
    soft: bool = False
    row: bool = False
    level: int = 0
    follows: bool = False
    removed: str = ""
    reason: str = ""

    @property
    def start(self) -> int:
        """The offset of the line's first character."""
        return self.pieces[0][0]

    @property
    def end(self) -> int:
        """The offset after the line's last character."""
        return self.pieces[-1][1]

    def remove(self, kind: str, reason: str) -> None:
        """Mark the line as removed."""
        if not self.removed:
            self.removed, self.reason = kind, reason

    def cut(self, count: int) -> None:
        """Take its first characters off."""
        self.text = self.text[count:].lstrip()
        while count >= self.pieces[0][1] - self.pieces[0][0] and len(self.pieces) > 1:
            count -= self.pieces[0][1] - self.pieces[0][0]
            self.pieces = self.pieces[1:]
        self.pieces = [(self.pieces[0][0] + count, self.pieces[0][1]), *self.pieces[1:]]


def split_lines(
    raw: RawDocument, cuts: Sequence[Span], fences: frozenset[int] = frozenset(), within: Span | None = None
) -> list[Line]:
    """Return the lines of the raw text, or of a span of it, that hold more than white space without the `cuts`.

    `cuts` are sorted and do not overlap; `fences` are the offsets at which a block of code begins or ends.
    """
    lines: list[Line] = []
    first, last = within or (0, len(raw.text))
    blanks, code, page = 0, False, 0
    cut = bisect_right(cuts, first, key=lambda span: span[1])
    for start, end in _raw_lines(raw.text, first, last):
        code ^= start in fences
        while cut < len(cuts) and cuts[cut][1] <= start:
            cut += 1
        pieces, cut = _pieces(raw.text, start, end, cuts, cut)
        if not pieces:
            blanks += raw.text[start:end].strip() == ""  # a line that is cut out whole parts nothing
            continue
        text = "".join(raw.text[a:b] for a, b in pieces)
        if "  " in text or not text.isprintable():  # a tab or hard space is not printable
            text = " ".join(text.split())
        page = bisect_right(raw.pages, pieces[0][0]) if raw.pages else 0
        soft = raw.text[pieces[-1][1] : end].rstrip().endswith("\u00ad")
        lines.append(Line(pieces, text, blanks, page, raw.text[start].isspace(), rows=code, soft=soft))
        lines[-1].row = len(text) <= _LONGEST_ROW and is_row(text, raw.text[pieces[0][0] : pieces[-1][1]])
        blanks = 0
    return lines


def _raw_lines(text: str, start: int, last: int) -> Iterator[Span]:
    while start <= last:
        end = text.find("\n", start, last)
        end = last if end < 0 else end
        yield start, end
        start = end + 1


def _pieces(text: str, start: int, end: int, cuts: Sequence[Span], cut: int) -> tuple[list[Span], int]:
    """Return what the cuts leave of the line, and the first cut that may touch the next line."""
    if cut == len(cuts) or cuts[cut][0] >= end:
        line = text[start:end]
        inner = line.strip()
        first = start + len(line) - len(line.lstrip()) if inner else end
        return ([(first, first + len(inner))] if inner else []), cut
    pieces: list[Span] = []
    at = start
    while cut < len(cuts) and cuts[cut][0] < end:
        if cuts[cut][0] > at:
            pieces.append((at, cuts[cut][0]))
        at = max(at, cuts[cut][1])
        if cuts[cut][1] > end:
            break
        cut += 1
    if at < end:
        pieces.append((at, end))
    return _trimmed(text, pieces), cut


def _trimmed(text: str, pieces: list[Span]) -> list[Span]:
    kept = [(a, b) for a, b in pieces if not text[a:b].isspace()]
    if not kept:
        return []
    inner = [piece for piece in pieces if kept[0] <= piece <= kept[-1]]  # white space between two cuts is a space
    (a, b), (c, d) = inner[0], inner[-1]
    inner[0] = (b - len(text[a:b].lstrip()), b)
    c = inner[-1][0]
    inner[-1] = (c, c + len(text[c:d].rstrip()))
    return inner


def ends_sentence(text: str) -> bool:
    """Tell whether a line ends as a sentence does, a note mark after its full stop allowed."""
    return _TERMINAL.search(text[-12:]) is not None


def starts_lower(text: str) -> bool:
    """Tell whether a line begins with a small letter, as only the rest of a sentence does."""
    match = _LOWER.match(text)
    return match is not None and match[0][-1].islower()


def is_wide(text: str) -> bool:
    """Tell whether a text is Chinese or Japanese for the most part."""
    return not text.isascii() and 2 * len(_WIDE.findall(text)) > len(text)


def is_row(text: str, raw_text: str = "") -> bool:
    """Tell whether a line is a row of a table: in columns, mostly numbers, or with two numbers at its end."""
    if ("\t" in raw_text or "   " in raw_text) and _COLUMNS.search(raw_text):
        return True
    if not _DIGIT.search(text):
        return False
    numbers = len(_NUMBERS.findall(text))
    return numbers >= 2 and (2 * numbers >= len(text.split()) or _TWO_LAST.search(text) is not None)


@dataclass(frozen=True)
class Layout:
    """What is typical of the lines of a text.

    `wrapped`: its paragraphs are broken into lines. `spaced`: a blank line follows every line, so it parts
    nothing. `parted`: blank lines part its paragraphs. `widths`: for each line the longest line near it that is
    kept. `scale`: how many Latin letters a character holds, 2 for Chinese and Japanese.
    """

    wrapped: bool
    spaced: bool
    parted: bool
    widths: tuple[int, ...]
    scale: int = 1


def close_up(lines: Sequence[Line], layout: Layout) -> None:
    """Where a blank line follows every line, take it for the end of the line and no more."""
    for line in lines if layout.spaced else ():
        line.blanks = max(line.blanks - 1, 0)


def measure(lines: Sequence[Line], kind: str, *, spaced: bool = False) -> Layout:
    """Measure the layout of the lines of a text; those of a PDF are wrapped, however wide.

    `spaced`: their lines have been closed up, so that what blank lines there are part paragraphs.
    """
    lengths = [0 if line.removed else len(line.text) for line in lines]
    total = sum(lengths) or 1
    wide = sum(len(_WIDE.findall(line.text)) for line in lines[:_SAMPLE])
    scale = 2 if 2 * wide > sum(len(line.text) for line in lines[:_SAMPLE]) else 1
    wrapped = kind == "pdf" or sum(length for length in lengths if length > 160 / scale) < 0.25 * total
    inner = lines[1:]
    single = [number for number, line in enumerate(inner) if line.blanks == 1]
    running = sum(
        not ends_sentence(lines[n].text) and (lengths[n] > 50 / scale or starts_lower(inner[n].text)) for n in single
    )
    close = sum(line.blanks == 0 for line in inner)
    if spaced:
        short = [n for n in range(len(inner)) if ends_sentence(lines[n].text) and lengths[n] < 0.7 * max(lengths)]
        parted = sum(inner[n].blanks > 0 for n in short) > 0.5 * len(short)
    else:
        spaced = wrapped and close < 0.1 * len(inner) < 0.25 * len(single) and running > 0.4 * len(single)
        blank = sum(line.blanks > 0 and line.page == before.page for before, line in zip(lines, inner, strict=False))
        parted = not spaced and 0.02 * len(lines) < blank
    widths = tuple(max(lengths[max(i - _WINDOW, 0) : i + _WINDOW + 1]) for i in range(len(lengths)))
    return Layout(wrapped, spaced, parted, widths, scale)
