"""The text of a block of a web page, with signs in it for links, line breaks and the marks of notes."""

from __future__ import annotations

import re
from typing import NamedTuple

_WRAPPED = 50
# The characters that are signs; whoever parses a page takes them out of it first.
BREAK, LINK, UNLINK, BOLD = "\x1c", "\x1d", "\x1e", "\x1f"  # white space, as a block that has only them is empty
MARK, NAMED, UNMARK = "\x02", "\x03", "\x04"
_SIGNS = re.compile(f"([{LINK}{UNLINK}{BOLD}{UNMARK}]|{MARK}[^{NAMED}]*{NAMED})")
_SPACE = re.compile(r"\s+")


class Folded(NamedTuple):
    """A text, white space folded: how much of it is linked, how much bold, and for each mark its notes and span."""

    text: str
    linked: int
    bold: int
    marks: tuple[tuple[str, int, int], ...]


def paragraphs(text: str) -> list[str]:
    """Part a text at its breaks, but for a single one that stands within a sentence."""
    made: list[str] = []
    before = ""
    for line in text.split(BREAK):
        if not (bare := _SIGNS.sub("", line).strip()):
            before = ""
            if made:
                made[-1] += line
            elif line:
                made.append(line)
            continue
        if before and _goes_on(before, bare):
            made[-1] += " " + line
        else:
            made.append(line)
        before = bare
    return made


def _goes_on(before: str, line: str) -> bool:
    """Tell whether a line is most likely the rest of the sentence that the line before it begins."""
    if before[-1] in ".!?…:;。！？：；":
        return False
    return line[0].islower() or before[-1] == "," or len(before) > _WRAPPED


def unsigned(text: str, linked: int, bold: bool) -> Folded:
    """Return a text without its signs, and what they say of it; `linked` and `bold` tell how it begins."""
    if not any(sign in text for sign in (LINK, UNLINK, BOLD, MARK)):
        text = " ".join(text.split())
        return Folded(text, len(text) * (linked > 0), len(text) * bold, ())
    parts: list[str] = []
    marks: list[tuple[str, int, int]] = []
    opened: list[tuple[str, int]] = []
    length = links = bolds = 0
    for number, piece in enumerate(_SIGNS.split(text)):
        if number % 2:
            linked += (piece == LINK) - (piece == UNLINK)
            bold ^= piece == BOLD
            if piece[0] == MARK:
                opened.append((piece[1:-1], length))
            elif piece == UNMARK and opened:
                marks.append((*opened.pop(), length))
            continue
        piece = _SPACE.sub(" ", piece)
        if not length or parts[-1].endswith(" "):
            piece = piece.lstrip(" ")
        if piece:
            parts.append(piece)
            length += len(piece)
            links += len(piece) * (linked > 0)
            bolds += len(piece) * bold
    whole = "".join(parts).rstrip()
    return Folded(whole, links, bolds, tuple((key, min(a, len(whole)), min(b, len(whole))) for key, a, b in marks))
