"""Put lines together again: which belong to one paragraph, which are rows, which are headings."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.lines import Layout, Line, ends_sentence, starts_lower
from index.metadata import is_byline
from index.types import Metadata, RawDocument
from index.writer import PARAGRAPH

ROW = "\n"
SPACE = " "
NONE = ""

_BULLET = re.compile(r"[•·▪◦‣●○■□➢✓]\s*\S")
_ITEM = re.compile(r"(?:[-–—*+]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+\S")
_HYPHEN = re.compile(r"[^\W_][-\u2010]$")
_SUSPENDED = re.compile(r"(?:and|or|und|oder|et|ou|to|bis)\b(?!-)")
_SECTION = re.compile(r"(?:\d+(?:\.\d+)*\.?|[IVX]+\.|[A-Z]\.)\s+(?=\S)")
# Not "on" and "in": a heading may end with an adverb ("Ten years on").
_UNFINISHED = re.compile(
    r"(?:\s|^)(?:an?|and|as|at|but|by|for|from|into|is|of|or|than|that|the|their|this|to|was|were|which|with"
    r"|d[aeiou]s?|del|der|das|dem|den|et|für|la|les?|mit|oder|ou|par|pour|und|von|zur?|y|и|в|на|с|по|для|или)$"
)
_SENTENCES = re.compile(r"[^\W\d_]{4}[.!?][”’\"')\]»]?[\d⁰¹²³⁴-⁹\[\]]{0,5}\s|[。！？].")
_NO_SPACES = re.compile(r"[\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_FITS = 0.85
_NUMBERED = re.compile(r"\d{1,2}(?:\.\d+)*\.?\s+\S")
_MAX_HEADING = 110
_MAX_WORDS = 14
_MAX_NUMBER = 12
_TOP = 20


def glue(before: Line, line: Line, broken: bool, width: int, layout: Layout, raw: RawDocument) -> str:
    """Return what stands between two kept lines: nothing, a space, a row's end or a paragraph's.

    `broken` tells that blank lines, removed lines or the end of a page lie between them; `width` is the
    length of a full line there.
    """
    if before.level or line.level:
        return _joined(before, line) if line.follows else PARAGRAPH
    if raw.layout == "rows":
        return PARAGRAPH if line.blanks else ROW
    if raw.layout == "blocks":
        return _block_glue(before, line, raw)
    found = _lines_glue(before, line, broken, width, layout, raw)
    return _joined(before, line) if found == SPACE else found


def note_glue(before: Line, line: Line) -> str:
    """Return what stands between two lines of one note."""
    hyphen = line.text[0].isalnum() and (before.soft or _HYPHEN.search(before.text))
    return NONE if hyphen and not _SUSPENDED.match(line.text) else _joined(before, line)


def _joined(before: Line, line: Line) -> str:
    """Return what joins two lines of a sentence: Chinese and Japanese have no spaces."""
    return NONE if _NO_SPACES.match(before.text[-1]) or _NO_SPACES.match(line.text[0]) else SPACE


def _lines_glue(before: Line, line: Line, broken: bool, width: int, layout: Layout, raw: RawDocument) -> str:
    if layout.wrapped and (before.soft or _HYPHEN.search(before.text)) and line.text[0].isalnum():
        return SPACE if _SUSPENDED.match(line.text) and not before.soft else NONE
    if _BULLET.match(line.text):
        return ROW
    ended = ends_sentence(before.text)
    lower = starts_lower(line.text)
    if not layout.wrapped:
        return SPACE if not ended and lower and len(before.text) > 60 and not _ITEM.match(line.text) else PARAGRAPH
    full = len(before.text) > 0.75 * width
    if broken:
        whole = len(line.text) > 0.4 * width or (bool(raw.pages) and ends_sentence(line.text))
        runs_on = not ended and (lower or (full and len(before.text) > 30 / layout.scale and whole))
        return SPACE if runs_on and not before.row and not line.row else PARAGRAPH
    if raw.pages and ended and not layout.parted and not (before.row or line.row or _ITEM.match(line.text)):
        # The paragraph has ended where the next word would have found room.
        room = len(before.text) + 1 + len(line.text.split(" ", 1)[0]) <= _FITS * width
        return PARAGRAPH if line.indent or _is_lead(line, width) or (room and not lower) else SPACE
    return _line_glue(before, line, ended, width, layout)


def _block_glue(before: Line, line: Line, raw: RawDocument) -> str:
    if line.blanks:
        return ROW if before.rows and line.rows else PARAGRAPH
    if raw.kind != "md" or line.rows or before.rows or "|" in line.text or "|" in before.text:
        return ROW
    hard = raw.text[before.end : before.end + 2] == "  "
    return ROW if hard or _ITEM.match(line.text) or _BULLET.match(line.text) else SPACE


def _line_glue(before: Line, line: Line, ended: bool, width: int, layout: Layout) -> str:
    """Return the glue of two lines that stand directly under each other."""
    if before.row or line.row:
        return ROW
    if _ITEM.match(line.text) and (ended or before.text.endswith((":", ";")) or _ITEM.match(before.text)):
        return ROW
    short = len(before.text) < (0.5 if layout.parted else 0.7) * width
    if not ended:
        return SPACE if starts_lower(line.text) or not short else ROW
    lead = _is_lead(line, width) and not layout.parted
    if starts_lower(line.text) or (len(before.text) > 0.75 * width and not lead):
        return SPACE
    return PARAGRAPH if line.indent or not layout.parted else SPACE


def _is_lead(line: Line, width: int) -> bool:
    """Tell whether a line announces what is below it."""
    return line.text.endswith(":") and len(line.text) < 0.5 * width


def mark_headings(lines: Sequence[Line], layout: Layout, known: Metadata) -> None:
    """Give a level to the lines that stand as headings: alone, short, no sentence, and over a paragraph."""
    kept = [(i, line) for i, line in enumerate(lines) if not line.removed]
    if known.title:
        _mark_title([line for _, line in kept[:8]], known.title.casefold())
    run = 0
    for position, (i, line) in enumerate(kept):
        if line.level:
            continue
        before = kept[position - 1][1] if position else None
        rest = [other for _, other in kept[position + 1 : position + 4]]
        width = layout.widths[i]
        if (
            line.text == known.author
            or (position < _TOP and is_byline(line.text, known))
            or not _heading_text(line)
            or not _stands_apart(line, before, layout, width)
            or not rest
        ):
            run = 0
            continue
        size = 2 if _two_lines(line, rest) else 1
        below = rest[size - 1 :]
        if below and _over_text(below[0], layout, width) and run < 3:
            _set_level(line, rest[0] if size == 2 else None)
        run += 1


def _mark_title(lines: Sequence[Line], title: str) -> None:
    """Give the first level to the line, or up to three lines, that the title is."""
    for i, line in enumerate(lines):
        for size in (1, 2, 3):
            if " ".join(part.text for part in lines[i : i + size]).casefold() == title:
                for part in lines[i : i + size]:
                    part.level, part.follows = 1, part is not line
                return


def _set_level(line: Line, second: Line | None) -> None:
    number = _SECTION.match(line.text)
    line.level = 1 + number[0].strip(" .").count(".") if number and number[0][0].isdigit() else 2
    if second:
        second.level, second.follows = line.level, True


def _heading_text(line: Line) -> bool:
    if len(line.text) > _MAX_HEADING + _MAX_NUMBER:
        return False
    number = _SECTION.match(line.text)
    words = line.text[number.end() :] if number else line.text
    return (
        0 < len(words) <= _MAX_HEADING
        and len(words.split()) <= _MAX_WORDS
        and (words[0].isupper() or (not words[0].islower() and words[0].isalpha()) or words[0] in "“‘\"'")
        and words[-1] not in ".,;:!…。，；：-–—"
        and any(map(str.isalpha, words))
        and not line.row
        and not re.search(r"\d[\d.,%)]*$", words)
        and not _UNFINISHED.search(words)
        and not _SENTENCES.search(words)
    )


def _stands_apart(line: Line, before: Line | None, layout: Layout, width: int) -> bool:
    apart = layout.parted or layout.spaced
    if layout.wrapped and not apart and len(line.text) >= 0.75 * width:
        return False  # a full line of a paragraph
    if layout.wrapped and len(line.text) > max(0.85 * width, 40 / layout.scale) and not _SECTION.match(line.text):
        return False
    if before is None or before.level:
        return True
    if apart:
        gap = line.blanks > 0 or line.page != before.page or line.indent
        return gap and (ends_sentence(before.text) or len(before.text) < 0.6 * width)
    under_title = _NUMBERED.match(line.text) is not None and len(before.text) < 0.6 * width
    return layout.wrapped and (ends_sentence(before.text) or under_title)


def _two_lines(line: Line, rest: Sequence[Line]) -> bool:
    """Tell whether a numbered heading goes on in the next line."""
    return (
        _SECTION.match(line.text) is not None
        and len(rest) > 1
        and not rest[0].blanks
        and bool(rest[1].blanks)
        and len(rest[0].text) < _MAX_HEADING / 2
        and not ends_sentence(rest[0].text)
    )


def _over_text(line: Line, layout: Layout, width: int) -> bool:
    """Tell whether the line begins a paragraph, after a blank line where blank lines part them."""
    apart = bool(line.blanks) or not (layout.parted or layout.spaced)
    prose = len(line.text) > 0.6 * width or ends_sentence(line.text) or (_heading_text(line) and bool(line.blanks))
    return apart and prose and not starts_lower(line.text) and not line.row
