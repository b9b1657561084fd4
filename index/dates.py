"""Read dates as people print them, in the languages of our documents, no finer than is certain.

Owns: the forms of dates, what a numeric date may mean, and what other dates around it say about that. Refuses to
guess: 5/8/2015 with nothing to settle it is the year 2015.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date as calendar

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan января январь январе januar jänner janvier enero gennaio janeiro januari يناير ינואר",
            "february feb февраля февраль феврале februar février febrero febbraio fevereiro februari فبراير פברואר",
            "march mar марта март марте märz mars marzo março maart مارس מרץ מרס",
            "april apr апреля апрель апреле avril abril aprile أبريل אפריל",
            "may мая май мае mai mayo maggio maio mei مايو מאי",
            "june jun июня июнь июне juni juin junio giugno junho يونيو יוני",
            "july jul июля июль июле juli juillet julio luglio julho يوليو יולי",
            "august aug августа август августе août agosto augustus أغسطس אוגוסט",
            "september sept sep сентября сентябрь сентябре septembre septiembre settembre setembro سبتمبر ספטמבר",
            "october oct октября октябрь октябре oktober octobre octubre ottobre outubro أكتوبر אוקטובר",
            "november nov ноября ноябрь ноябре novembre noviembre novembro نوفمبر נובמבר",
            "december dec декабря декабрь декабре dezember décembre diciembre dicembre dezembro ديسمبر דצמבר",
        ),
        start=1,
    )
    for name in names.split()
}
MONTH = "(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
SEASON = r"(?:(?:early|late)\s+)?(?:spring|summer|autumn|fall|winter)"
YEAR = r"((?:19|20)\d\d)"
_DAY = r"(\d{1,2})(?:st|nd|rd|th|er|\.|º)?"
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_ZONE = r"(?:Z|[A-Z]{2,4}|[+-]\d\d:?\d\d)?"
_CLOCK = rf"(?:[\sT,]+(?:at\s+)?\d{{1,2}}:\d\d(?::\d\d)?(?:\.\d+)?\s*(?:[ap]\.?m\.?)?\s*{_ZONE})?"
_OF = r"(?:de\s+|ב)?"
_FORMS = (
    (rf"{YEAR}[-/.](\d{{1,2}})[-/.](\d{{1,2}})", "ymd"),
    (rf"{_DAY}[\s-]+{_OF}{MONTH},?[\s-]+(?:de\s+)?{YEAR}(?:\s*г(?:ода)?\b\.?)?", "dmy"),
    (rf"{MONTH}\s+{_DAY},?\s+{YEAR}", "mdy"),
    (rf"{_OF}{MONTH},?\s+(?:de\s+)?{YEAR}(?:\s*г(?:ода)?\b\.?)?", "my"),
    (rf"{SEASON}(?:\s*/\s*{SEASON})?,?\s+{YEAR}(?:[-–/]\d\d)?", "y"),
    (r"(\d{1,2})/(\d{1,2})/" + YEAR, "??y"),
    (r"(\d{1,2})\.\s?(\d{1,2})\.\s?" + YEAR, "dmy"),  # with full stops the day goes first, in every country
    (rf"{YEAR}\s*[年년]\s*(\d{{1,2}})\s*[月월]\s*(\d{{1,2}})\s*[日일]", "ymd"),
    (rf"{YEAR}\s*[年년]\s*(\d{{1,2}})\s*[月월]", "ym"),
    (rf"{YEAR}-(0[1-9]|1[0-2])", "ym"),
    (rf"{YEAR}", "y"),
)
PATTERNS = tuple((re.compile(_WEEKDAY + form + _CLOCK, re.IGNORECASE), order) for form, order in _FORMS)

_NUMERIC = re.compile(
    rf"(?:({'|'.join(_WEEKDAYS)})[a-z]*\.?,?\s+)?(\d{{1,2}})/(\d{{1,2}})/{YEAR}{_CLOCK}",
    re.IGNORECASE,
)
_DAY_AND_MONTH = re.compile(
    rf"(?<![\w/.-])(?:(\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+|de\s+)?{MONTH}|{MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?)"
    rf"(?![\w/])(?:,?\s+(?:de\s+)?{YEAR})?",
    re.IGNORECASE,
)
_OTHER_NUMERIC = re.compile(r"(?<![\w/.-])(\d{1,2})/(\d{1,2})/(?:(?:19|20)\d\d)(?![\w/])")
_NEAR = 45
"""Days within which another date of the text speaks for a reading."""
_APART = 30
"""Days by which the other reading must be farther away."""


def iso_date(text: str) -> str | None:
    """Return the date that `text` is, ISO 8601 and no finer than is certain, or None when it is no date."""
    text = text.strip().rstrip(".")
    for pattern, order in PATTERNS:
        match = pattern.fullmatch(text)
        if match:
            found = _assemble(dict(zip(order.replace("??", "ab"), match.groups(), strict=True)))
            both = readings(text) if order == "??y" else ()
            return both[0] if len(both) == 1 else found
    return None


def _assemble(parts: dict[str, str]) -> str | None:
    year = parts["y"]
    if "a" in parts:
        found = {day for day in (_day(year, parts["a"], parts["b"]), _day(year, parts["b"], parts["a"])) if day}
        return found.pop() if len(found) == 1 else year  # 5/8 is the fifth of August or the eighth of May
    if "m" not in parts:
        return year
    name = parts["m"].casefold()
    month = int(name) if name.isdigit() else _MONTHS[name]
    if "d" in parts:
        return _day(year, str(month), parts["d"]) or year
    return f"{year}-{month:02d}" if 1 <= month <= 12 else year


def _day(year: str, month: str, day: str) -> str | None:
    try:
        return calendar(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def month_number(name: str) -> int:
    """Return the number, from 1, of a month's name."""
    return _MONTHS[name.rstrip(".").casefold()]


def readings(text: str) -> tuple[str, ...]:
    """Return what a numeric date may mean, ISO 8601: one day or two; none when `text` is no such date."""
    match = _NUMERIC.fullmatch(text.strip().rstrip("."))
    if not match:
        return ()
    weekday, first, second, year = match.groups()
    found = [day for day in (_day(year, first, second), _day(year, second, first)) if day]
    if weekday:
        number = _WEEKDAYS.index(weekday[:3].casefold())
        found = [day for day in found if calendar.fromisoformat(day).weekday() == number]
    return tuple(dict.fromkeys(found))


def settle(days: tuple[str, ...], text: str, known: str | None = None) -> str | None:
    """Return the one of two readings of a date that the other dates of the text speak for, or None.

    Each reading is held against the days that the text names: the text speaks of what was near its date. Where it
    writes other dates in numbers that can be read in one way only, their order counts too. `known` is another
    date of the document, a property of its file.
    """
    if known in days:
        return known
    if len(days) != 2:
        return days[0] if days else None
    order = _order(text)
    if order is not None:
        return days[order]
    year = int(days[0][:4])
    named = list(_days_named(text, year))
    near, far = sorted(days, key=lambda day: _distance(day, named))
    gap = _distance(near, named)
    return near if gap <= _NEAR and _distance(far, named) >= gap + _APART else None


def _order(text: str) -> int | None:
    """Return 0 where the numeric dates of a text give the month first, 1 the day, None where they do not tell."""
    pairs = [(int(match[1]), int(match[2])) for match in _OTHER_NUMERIC.finditer(text)]
    month_first = any(first <= 12 < second <= 31 for first, second in pairs)
    day_first = any(second <= 12 < first <= 31 for first, second in pairs)
    return None if month_first == day_first else int(day_first)


def _days_named(text: str, year: int) -> Iterator[calendar]:
    """Yield the days of a year, or of no year, that the text names."""
    for match in _DAY_AND_MONTH.finditer(text):
        if match[5] is None or int(match[5]) == year:
            try:
                yield calendar(year, month_number(match[2] or match[3]), int(match[1] or match[4]))
            except ValueError:
                continue


def _distance(day: str, others: list[calendar]) -> int:
    return min((abs((calendar.fromisoformat(day) - other).days) for other in others), default=366)
