"""The text of a block of a web page, with signs in it for links, line breaks and the marks of notes."""

from __future__ import annotations

import re

_WRAPPED = 50
# The characters that are signs; whoever parses a page takes them out of it first.
BREAK, LINK, UNLINK, MARK, NAMED, UNMARK = "\x1c", "\x1d", "\x1e", "\x02", "\x03", "\x04"
_SIGNS = re.compile(f"([{LINK}{UNLINK}{UNMARK}]|{MARK}[^{NAMED}]*{NAMED})")
_SPACE = re.compile(r"\s+")


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


def unsigned(text: str, links: int) -> tuple[str, int, list[tuple[str, int, int]]]:
    """Return a text, white space folded, how much of it is linked, and the spans of the marks of notes in it."""
    if LINK not in text and UNLINK not in text and MARK not in text:
        text = " ".join(text.split())
        return text, len(text) if links > 0 else 0, []
    parts: list[str] = []
    marks: list[tuple[str, int, int]] = []
    opened: list[tuple[str, int]] = []
    length = linked = 0
    for number, piece in enumerate(_SIGNS.split(text)):
        if number % 2:
            links += (piece == LINK) - (piece == UNLINK)
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
            linked += len(piece) if links > 0 else 0
    whole = "".join(parts).rstrip()
    return whole, linked, [(key, min(start, len(whole)), min(end, len(whole))) for key, start, end in marks]
