"""Quantities of a claim are held against those of its sources: value, unit, and whether it is at least or at most.

"38 billion" stands for a source's 37.9 billion, "a third" for 33 per cent, "more than 40" for 47; "40 tons" does not
stand for 40 barrels, nor "less than 40" for "more than 40". A year stands for itself only. English words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.facts import NUMBER_WORDS, SCALES, numbers, spelt, written

ROUNDED = 0.05
"""Most that a rounded figure may be off where the source gives decimals; a whole number may by less."""
ROUNDED_WHOLE = 0.02
ABOUT = 0.1
"""Most that "about" may be off."""
FAR = 1.5
"""Most that "more than" may be below, and "less than" above: what is farther off is another fact."""

_UNITS = (
    ("share", 1.0, r"per ?cent(?:age points?)?|percentage points?|%"),
    ("dollar", 1.0, r"(?:us |u\.s\. )?dollars?|usd"),
    ("euro", 1.0, r"euros?|eur"),
    ("pound", 1.0, r"pounds sterling|gbp"),
    ("yuan", 1.0, r"yuan|renminbi|rmb|cny"),
    ("rouble", 1.0, r"rou?bles?|rub"),
    ("length", 1.0, r"met(?:re|er)s?"),
    ("length", 1000.0, r"kilomet(?:re|er)s?|km"),
    ("length", 1609.34, r"miles?"),
    ("length", 0.3048, r"feet|foot|ft"),
    ("mass", 1.0, r"kilogram(?:me)?s?|kg"),
    ("mass", 1000.0, r"(?:metric )?(?:tons?|tonnes?)"),
    ("volume", 1.0, r"cubic met(?:re|er)s?"),
    ("barrels", 1.0, r"barrels?"),
    ("time", 1.0, r"days?"),
    ("time", 1 / 24, r"hours?"),
    ("time", 7.0, r"weeks?"),
    ("time", 30.4375, r"months?"),
    ("time", 365.25, r"years?"),
)
_UNIT = re.compile(r"\s*-?\s*(?:" + "|".join(f"(?P<u{n}>{p})" for n, (*_, p) in enumerate(_UNITS)) + r")(?!\w)")
_SIGNS = {"$": "dollar", "€": "euro", "£": "pound", "₽": "rouble"}
_FIGURE = re.compile(
    r"(?<![\w.,])(?P<sign>[$€£¥₽]|us\$)?\s?(?P<figure>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:st|nd|rd|th|s)?"
    r"(?:\s*-?\s*(?P<scale>hundred|thousand|million|billion|trillion|dozen|bn|tn|m)(?!\w))?"
)
_RANGE = re.compile(
    r"\s*(?:-|–|to|and)\s*(?P<most>\d+(?:\.\d+)?)(?P<scale>,000|\s*(?:thousand|million|billion|trillion|bn))?"
)
_SHORT_YEAR = re.compile(r"(\d\d)\d\d[-–/]\d\d(?!\d)")
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "nine": 9}
_FRACTION = re.compile(
    r"\b(?:(?P<count>a|one|two|three|four|five|nine)[\s-])?(?<!first )(?<!second )(?<!other )"
    rf"(?P<part>{'|'.join(_PARTS)})s?(?=\s+(?:of|as)\b|\s+(?:the|its|their|all)\b|[,.;]?$)"
)
_HALF_SCALE = re.compile(r"\bhalf a (?P<scale>million|billion|trillion|dozen)\b")
_IN = re.compile(r"\b(?P<count>one|two|three) (?:in|out of) (?:every )?(?P<of>two|three|four|five|ten)\b")
_BOUNDS = (
    ("<", r"no more than|not more than|at most|less than|fewer than|lower than|under|below|up to|just under|short of"),
    (">", r"no less than|not less than|no fewer than|at least|more than|greater than|higher than|over|above|beyond|"
     r"exceed(?:s|ed|ing)?|in excess of|upwards? of|surpass(?:es|ed|ing)?"),
    ("~", r"about|around|approximately|roughly|some|circa|nearly|almost|close to|an estimated|estimated at"),
)  # fmt: skip
_BOUND = re.compile(
    "(?:" + "|".join(f"(?P<b{n}>\\b(?:{p}))" for n, (_, p) in enumerate(_BOUNDS)) + r")\s+(?:the |a |an )?$"
)
_AFTER = re.compile(r"\s*(?:or (?:(?P<more>more|over|above)|(?P<less>less|fewer|under)))\b")
_LISTED = re.compile(r"^\W*\d{1,2}[.)]\s")
_LOOKED_BACK = 24


@dataclass(frozen=True)
class Quantity:
    """A figure of a text. `unit` is empty where none is known, `bound` is one of "", "<", ">", "~"."""

    value: float
    unit: str = ""
    factor: float = 1.0
    """What one of the unit is in the least of its kind: 7 (days) of a week."""
    bound: str = ""
    digits: int = 9
    """Digits that count, as written: 2 of "38 billion"."""
    whole: bool = True
    year: bool = False
    small: bool = False
    """Whether it is "two" or "three" of something, which a reader may well have counted."""

    def __str__(self) -> str:
        """Return it as a reader would write it."""
        return f"{written(self.value)} per cent" if self.unit == "share" else written(self.value)


@lru_cache(maxsize=4_000)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Return the quantities of a text in order, ranges as two."""
    lowered = text.lower()
    return tuple([*_figures(lowered), *_in_words(_IN.sub(" ", lowered)), *_fractions(lowered)])


def _figures(text: str) -> Iterator[Quantity]:
    for match in _FIGURE.finditer(text):
        figure, scale = match["figure"], match["scale"]
        value, end = float(figure.replace(",", "")), match.end()
        plain = not (scale or match["sign"] or "," in figure or "." in figure)
        upper = _RANGE.match(text, end)
        if not scale and upper and upper["scale"] and value <= float(upper["most"]):  # not "in 2020 to 22.7 billion"
            scale = "thousand" if upper["scale"] == ",000" else upper["scale"].strip()
            end = upper.end()
        value *= 1e6 if scale == "m" else SCALES.get(scale or "", 1)
        unit, factor = _unit_after(text, upper.end() if upper and not scale else end)
        if (short := _SHORT_YEAR.match(text, match.start() - 5)) and plain:
            value += float(short[1]) * 100
        sign = (match["sign"] or "").removeprefix("us")
        year = plain and not unit and 1000 <= value < 2200
        yield Quantity(
            value,
            _SIGNS.get(sign, unit),
            factor,
            _bound(text, match.start(), end),
            max(len(figure.replace(",", "").replace(".", "").strip("0")), 1),
            "." not in figure,
            year,
        )


def _in_words(text: str) -> Iterator[Quantity]:
    for match in NUMBER_WORDS.finditer(text):
        value = spelt([word for word in re.findall(r"[a-z]+", match[0]) if word != "and"])
        if value is not None:
            unit, factor = _unit_after(text, match.end())
            small = not unit and value < 4
            yield Quantity(value, unit, factor, _bound(text, match.start(), match.end()), 1, small=small)


def _fractions(text: str) -> Iterator[Quantity]:
    for match in _FRACTION.finditer(text):
        part = _PARTS[match["part"]]
        if part == 2 or match["count"]:
            share = _COUNTS[match["count"] or "a"] / part
            yield Quantity(100 * share, "share", 1.0, _bound(text, match.start(), match.end()) or "~", 2, False)
    for match in _HALF_SCALE.finditer(text):
        unit, factor = _unit_after(text, match.end())
        yield Quantity(SCALES[match["scale"]] / 2, unit, factor, _bound(text, match.start(), match.end()), 1)
    for match in _IN.finditer(text):
        share = _COUNTS[match["count"]] / (spelt([match["of"]]) or 1)
        yield Quantity(100 * share, "share", 1.0, _bound(text, match.start(), match.end()) or "~", 2, False)


def _unit_after(text: str, end: int) -> tuple[str, float]:
    match = _UNIT.match(text, end)
    if match is None or match.lastgroup is None:
        return "", 1.0
    unit, factor, _ = _UNITS[int(match.lastgroup[1:])]
    return unit, factor


def _bound(text: str, start: int, end: int) -> str:
    if after := _AFTER.match(text, end):
        return ">" if after["more"] else "<"
    before = _BOUND.search(text, max(start - _LOOKED_BACK, 0), start)
    return _BOUNDS[int(before.lastgroup[1:])][0] if before and before.lastgroup else ""


def missing_quantities(claim: str, text: str) -> list[str]:
    """Return the figures of a claim, as a reader would write them, that a text does not hold."""
    told, values = quantities(text), numbers(text)
    lost = [q for q in quantities(_LISTED.sub("", claim)) if not q.small and not any(stands_for(q, t) for t in told)]
    united = {q.value for q in told if q.unit}
    lost = [q for q in lost if q.unit or q.bound or q.value in united or q.value not in values]
    return list(dict.fromkeys(map(str, lost)))


def stands_for(claimed: Quantity, told: Quantity) -> bool:
    """Say whether a claim may give this figure for that one of its source."""
    united = bool(claimed.unit and told.unit)
    if (united and claimed.unit != told.unit) or {claimed.bound, told.bound} == {"<", ">"}:
        return False
    here, there = (q.value * q.factor if united else q.value for q in (claimed, told))
    if math.isclose(here, there, rel_tol=1e-3 if united else 1e-9):
        return not (claimed.bound in ("<", ">") and told.bound == "")
    if claimed.year or told.year:
        return claimed.bound == "~" and abs(here - there) <= 1
    if claimed.bound == ">":
        return here < there <= here * FAR and told.bound != "<"
    if claimed.bound == "<":
        return here > there >= here / FAR and told.bound != ">"
    return _rounds(claimed, told, abs(here - there) / abs(there) if there else 1.0)


def _rounds(claimed: Quantity, told: Quantity, off: float) -> bool:
    """Say whether a figure is another one with fewer digits, or about it, when it is off by this share."""
    if "~" in (claimed.bound, told.bound) and off <= ABOUT:
        return claimed.bound == "~" or claimed.digits <= told.digits
    converted = claimed.unit == told.unit and claimed.factor != told.factor
    return (claimed.digits < told.digits or converted) and off <= (ROUNDED_WHOLE if told.whole else ROUNDED)


def bound_lost(claim: str, sources: Sequence[str]) -> bool:
    """Say whether a claim gives exactly what its sources give only as at least, at most or about so much."""
    told = [t for source in sources for t in quantities(source)]
    for claimed in quantities(claim):
        same = [t for t in told if math.isclose(t.value, claimed.value) and not claimed.bound]
        if same and all(t.bound in ("<", ">") for t in same):
            return True
    return False
