"""What "last year" and "on Monday" mean in a document of a known date, written out; English phrases.

A phrase is resolved no finer than the document's date allows: with a year alone, "yesterday" stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from rag.facts import MONTHS, spelt

_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_COUNT = r"(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty)"
_PHRASES = re.compile(
    r"\b(?:(?P<which>last|past|previous|this|current|the same|next|coming)\s+(?P<unit>year|month|week)"
    rf"|{_COUNT}\s+(?P<units>year|month|week|day)s?\s+(?P<way>ago|from now|hence)"
    r"|(?P<day>yesterday|today|tonight|tomorrow)"
    rf"|(?P<past>on|last)\s+(?P<weekday>{'|'.join(_DAYS)})"
    rf"|(?:in|since|by|until|last|of|early|late)\s+(?P<month>{'|'.join(MONTHS)})\b(?!,?\s+(?:\d|of\s+\d)))\b",
    re.IGNORECASE,
)
_STEPS = {"last": -1, "past": -1, "previous": -1, "this": 0, "current": 0, "the same": 0, "next": 1, "coming": 1}
_SPANS = {"day": 1, "week": 7}


def relative(text: str) -> frozenset[str]:
    """Return the phrases of a text that mean something only on the day it was written, in lower case."""
    return frozenset(m[0].lower() for m in _PHRASES.finditer(text) if not (m["month"] or m["which"] == "the same"))


def resolved(text: str, written: str | None) -> str:
    """Return a text followed, in brackets, by the dates that its relative ones mean.

    Args:
        text: a sentence.
        written: when its document was written, ISO 8601 to the day, month or year; None when that is not known.
    """
    if not written:
        return text
    found = list(dict.fromkeys(meant for match in _PHRASES.finditer(text) for meant in _meant(match, written)))
    return f"{text} ({'; '.join(found)})" if found else text


def _meant(match: re.Match[str], written: str) -> Iterator[str]:
    parts = [int(part) for part in written.split("-")]
    unit = match["unit"] or match["units"] or ""
    if match["month"]:
        name = match["month"].capitalize()
        yield f"{name} {parts[0] - (len(parts) > 1 and MONTHS.index(name) + 1 > parts[1])}"
    elif match["day"] or match["weekday"] or unit.lower() in _SPANS:
        if len(parts) == 3:
            yield from _day(match, date(*parts))
    elif unit.lower() == "year":
        yield str(parts[0] + _steps(match))
    elif unit.lower() == "month" and len(parts) > 1:
        month = parts[0] * 12 + parts[1] - 1 + _steps(match)
        yield f"{MONTHS[month % 12]} {month // 12}"


def _steps(match: re.Match[str]) -> int:
    if match["which"]:
        return _STEPS[match["which"].lower()]
    counted = match["count"].lower()
    count = (
        int(counted) if counted.isdigit() else int({"a": 1, "an": 1, "one": 1}.get(counted) or spelt([counted]) or 0)
    )
    return count if match["way"].lower() in ("from now", "hence") else -count


def _day(match: re.Match[str], written: date) -> Iterator[str]:
    """Yield a day, or for a week the month and year on both its ends."""
    if match["weekday"]:
        back = (written.weekday() - _DAYS.index(match["weekday"].lower())) % 7
        meant = written - timedelta(back or (7 if match["past"].lower() == "last" else 0))
    elif match["day"]:
        meant = written + timedelta({"yesterday": -1, "tomorrow": 1}.get(match["day"].lower(), 0))
    else:
        unit = (match["unit"] or match["units"]).lower()
        meant = written + timedelta(_SPANS[unit] * _steps(match))
        if unit == "week":
            yield f"{MONTHS[meant.month - 1]} {meant.year}"
            return
    yield f"{meant.day} {MONTHS[meant.month - 1]} {meant.year}"
