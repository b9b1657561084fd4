"""Count the lists of a Word file, so that a paragraph has the number that a reader of the page sees."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from index.readers.package import Element, attribute, child, local
from index.readers.styles import Styles

BULLET = "-"
_LEVELS = 9
_PLACE = re.compile(r"%([1-9])")
_ROMAN = dict(m=1000, cm=900, d=500, cd=400, c=100, xc=90, l=50, xl=40, x=10, ix=9, v=5, iv=4, i=1)


@dataclass(frozen=True)
class _Level:
    form: str
    text: str
    start: int


class Numbering:
    """The lists of a file and how far each has counted."""

    def __init__(self, root: Element | None) -> None:
        self._abstract: dict[str, dict[int, _Level]] = {}
        self._lists: dict[str, tuple[str, dict[int, int]]] = {}
        self._styled: dict[str, tuple[str, int]] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        self._begun: set[str] = set()
        self._number_of: dict[str, str] = {}
        for node in root if root is not None else ():
            if local(node) == "abstractNum":
                identity = attribute(node, "abstractNumId") or ""
                self._abstract[identity] = {level: made for level, made, _ in _levels(node)}
                self._styled |= {style: (identity, level) for level, _, style in _levels(node) if style}
            elif local(node) == "num":
                number, abstract = attribute(node, "numId") or "", _value(child(node, "abstractNumId"))
                self._lists[number] = (abstract, _restarts(node))
                self._number_of.setdefault(abstract, number)

    def label(self, properties: Element | None, style: str, styles: Styles) -> str:
        """Return the number or bullet of a paragraph and count it, empty when it is in no list."""
        own = child(properties, "numPr")
        given = own if own is not None else styles.numbering(style)
        if given is None:
            return ""
        number = _value(child(given, "numId")) or _value(child(styles.numbering(style), "numId"))
        abstract, restarts = self._lists.get(number, ("", {}))
        levels = self._abstract.get(abstract)
        if number in ("", "0") or levels is None:
            return BULLET if number not in ("", "0") else ""
        depth = _value(child(given, "ilvl"))
        at = int(depth) if depth.isdigit() else self._styled.get(style, ("", 0))[1]
        return self._count(number, abstract, levels, min(at, _LEVELS - 1), restarts)

    def _count(self, number: str, abstract: str, levels: dict[int, _Level], at: int, restarts: dict[int, int]) -> str:
        counts = self._counts[abstract]
        if number not in self._begun:  # lists that share a definition count on, unless told to start again
            self._begun.add(number)
            counts |= {deep: start - 1 for deep, start in restarts.items()}
        level = levels.get(at, _Level("decimal", f"%{at + 1}.", 1))
        counts[at] = counts.get(at, level.start - 1) + 1
        for deeper in [other for other in counts if other > at]:
            del counts[deeper]
        if level.form == "bullet":
            return BULLET
        if level.form == "none" and not _PLACE.search(level.text):
            return level.text.strip()

        def shown(match: re.Match[str]) -> str:
            other = int(match[1]) - 1
            form = levels.get(other, level)
            return _numeral(counts.get(other, form.start), form.form)

        return _PLACE.sub(shown, level.text).strip()


def _levels(node: Element) -> list[tuple[int, _Level, str]]:
    found = []
    for item in node:
        depth = attribute(item, "ilvl") or ""
        if local(item) == "lvl" and depth.isdigit():
            start = _value(child(item, "start"))
            form = _value(child(item, "numFmt")) or "decimal"
            level = _Level(form, _value(child(item, "lvlText")), int(start) if start.isdigit() else 1)
            found.append((int(depth), level, _value(child(item, "pStyle"))))
    return found


def _restarts(node: Element) -> dict[int, int]:
    found = {}
    for item in node:
        depth, start = attribute(item, "ilvl") or "", _value(child(item, "startOverride"))
        if local(item) == "lvlOverride" and depth.isdigit() and start.isdigit():
            found[int(depth)] = int(start)
    return found


def _numeral(number: int, form: str) -> str:
    if form in ("lowerLetter", "upperLetter") and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman") and 0 < number < 5000:
        return roman(number).upper() if form == "upperRoman" else roman(number)
    return f"{number:02d}" if form == "decimalZero" else "" if form == "none" else str(number)


def roman(number: int) -> str:
    """Return a number in small Roman numerals."""
    written = ""
    for letters, value in _ROMAN.items():
        count, number = divmod(number, value)
        written += letters * count
    return written


def _value(node: Element | None) -> str:
    return (attribute(node, "val") or "") if node is not None else ""
