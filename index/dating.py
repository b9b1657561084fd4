"""Date a text that bears no date by the years that it names.

Owns: which years a text speaks of as past, and when the newest of them is the year in which it was written. Refuses
to guess: a year that is named once, a year that is only planned for, or a text that says "this year" without
naming it gives nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date as calendar
from itertools import islice

from index.dates import MONTH, SEASON

_OLDEST = 1990
"""A text whose newest year is before this is far more likely a history than a file of that age."""
_CLAUSE = 60
_LEAD = 32
_MOST = 4_000
_IN_PASSING = 0.04
_MAX_TEXT = 120_000

_YEAR = re.compile(r"(?<![\w.,:/$€£¥#-])((?:19|20)\d\d)(?:[-–/](\d\d)(?!\d))?(?![\w%°/]|[.,:]\d|-\w)")
_NAMED = re.compile(r"(?<=[^\W\d_])-((?:19|20)\d\d)(?![\w/-]|[.,]\d)")  # Expo-2015
_CHINESE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[年년]")
_TO_THE_MONTH = re.compile(
    rf"(?:{MONTH}|\b{SEASON}|\d\s*(?:st|nd|rd|th)|\d{{1,2}}[./-]\d{{1,2}}[./-])[\s,]*(?:\d{{1,2}},?\s*)?(?:of\s+|de\s+)?$",
    re.IGNORECASE,
)
_SPOKEN_OF = re.compile(
    r"(?:\b(?:in|on|of|since|during|from|between|and|after|early|late|mid|end|year|was|в|во|с|за|im|jahr|jahre?s?|seit|von|en"
    r"|depuis|de|del|desde|année|anno|nel|dal|em)[\s-]*(?:(?:the|de|des|le|l['’]année)\s*)?)$",
    re.IGNORECASE,
)
_UP_TO = re.compile(
    r"\b(?:by|until|till|through|beyond|towards?|before|bis|jusqu['’]en|jusqu['’]à|d['’]ici|hasta|до|к)\s+"
    r"(?:(?:the\s+)?(?:end|middle|start|beginning|year|summer|autumn|fall|winter|spring)\s+(?:of\s+)?)?"
    rf"(?:\d\d?\s+)?(?:{MONTH}\s+)?(?:\d\d?,?\s+)?$",
    re.IGNORECASE,
)
_PLANNED = re.compile(
    r"\b(?:will|shall|plan(?:s|ned)|aim(?:s|ed)?|targets?|goals?|forecasts?|projected|expect(?:s|ed)|predict\w*|due|schedul\w+"
    r"|intend\w*|(?:is|are|was|were) to|upcoming|next|vision|agenda|wird|werden|soll\w*|будет|будут|планир\w+|sera"
    r"|seront"
    r"|devrait)\b|将|计划|目标",
    re.IGNORECASE,
)
_THIS_YEAR_MONTH = re.compile(
    rf"\b{MONTH}\s+(?:of\s+)?this\s+year|\bearlier this year|\bв этом году|\bв\s+\w+\s+этого года|\bdieses Jahres"
    rf"|今年\d",
    re.IGNORECASE,
)
_LAST_YEAR = re.compile(
    r"\b(?:last|past|previous) (?:year|spring|summer|autumn|fall|winter)|\byears? ago|\bв прошлом году|\bпрошлого года"
    r"|\bletzte[sn] Jahr|\bvorige[sn] Jahr|\bl['’]an dernier|\bl['’]année dernière|去年",
    re.IGNORECASE,
)
_THIS = re.compile(
    r"\b(?:this|last|next) (?:year|month|week|spring|summer|autumn|fall|winter|mon|tues|wednes|thurs|fri|satur|sun)"
    r"|\b(?:yesterday|today)\b|\bon (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\bв этом (?:году|месяце)"
    r"|\bdiese[sn] Jahr"
    r"|\bcette année|今年|本月|去年",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"\b(?:now|today|current(?:ly)?|present(?:ly)?|recent(?:ly)?|so far|to date|still|yet|has been|have been|сегодня"
    r"|сейчас"
    r"|теперь|недавно|heute|jetzt|derzeit|aktuell|aujourd['’]hui|récemment|actuellement)\b|目前|如今|现在|近",
    re.IGNORECASE,
)
_DAY_WITHOUT_YEAR = re.compile(
    rf"\b(?:{MONTH}\s+\d{{1,2}}|\d{{1,2}}\.?\s+{MONTH})(?!\s*,?\s*(?:19|20)\d\d|\w)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?](?=\s)|[。！？]|\n")


@dataclass
class _Year:
    """How a text speaks of one year: the sentences that name it as past, to the month, as planned, or otherwise."""

    past: set[int] = field(default_factory=set)
    to_the_month: set[int] = field(default_factory=set)
    planned: set[int] = field(default_factory=set)
    other: set[int] = field(default_factory=set)

    @property
    def named(self) -> int:
        """In how many sentences the year is named without being planned for."""
        return len(self.past | self.other)


def year_of(text: str, rights: frozenset[int] = frozenset()) -> str | None:
    """Return the year in which a text was most likely written, or None when it does not settle it.

    `rights` are the years of rights notices around the text: alone they say nothing, but they add to a year that
    the text itself names.
    """
    text = text[:_MAX_TEXT]
    this_year = calendar.today().year  # no text is of a year that has not begun
    years = {year: how for year, how in _years(text).items() if year <= this_year}
    newest = _newest(years)
    if newest is None or newest < _OLDEST:
        return None
    months = len(_THIS_YEAR_MONTH.findall(text))
    found = _of_this_year(text, newest, years, months) if months else _of_newest(text, newest, years, newest in rights)
    return str(found) if found and found <= this_year else None


def _of_this_year(text: str, newest: int, years: dict[int, _Year], months: int) -> int | None:
    """Return the year that is "this year" in a text which says "in May this year" so many times.

    Who writes so gives the year only with the months of other years: the year is later than they are.
    """
    how, before = years[newest], years.get(newest - 1, _Year())
    if not how.to_the_month:
        return newest if how.named > 1 and len(before.to_the_month) > 1 else None
    dated = [year for year in years if newest - 15 < year <= newest and years[year].past]
    # Nothing is "last year", so that year too goes by its number; and the newest number is the one before this.
    return newest + 1 if months > 1 and len(dated) > 2 and not _LAST_YEAR.search(text) else None


def _of_newest(text: str, newest: int, years: dict[int, _Year], in_rights: bool) -> int | None:
    """Return the newest year that a text speaks of as past, where it does so often enough to be its own."""
    how, before, after = (years.get(newest + step, _Year()) for step in (0, -1, 1))
    past, months = len(how.past) + in_rights, len(how.to_the_month)
    if not _NOW.search(text) or past < 3 * len(after.planned | after.other):
        return None  # a history; or what is said of the next year may have been said in it
    if before.named < 2 and past < 6:
        return None  # the years lead up to it: one that stands apart may be an election to come
    if _THIS.search(text) or _DAY_WITHOUT_YEAR.search(text):
        return newest if past > 1 and months > 1 else None
    return newest if past > 2 or (past > 1 and months) else None


def _newest(years: dict[int, _Year]) -> int | None:
    """Return the newest year of which the text speaks as past; in a long text, not only in passing."""
    least = _IN_PASSING * sum(len(how.past) for how in years.values())
    return max((year for year, how in years.items() if len(how.past) > least and not _planned(how)), default=None)


def _planned(how: _Year) -> bool:
    """Tell whether a text looks ahead to a year rather than back."""
    return len(how.past) < 2 * len(how.planned)


def _years(text: str) -> dict[int, _Year]:
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    years: defaultdict[int, _Year] = defaultdict(_Year)
    for year, start, end in _mentions(text):
        sentence = bisect_right(ends, start)
        begin = max(ends[sentence - 1] if sentence else 0, start - _CLAUSE)
        stop = min(ends[sentence] if sentence < len(ends) else len(text), end + _CLAUSE)
        how = years[year]
        before = text[max(begin, start - _LEAD) : start]
        month = _TO_THE_MONTH.search(before)
        if _UP_TO.search(before) or _PLANNED.search(text, begin, stop):
            how.planned.add(sentence)
        elif month or _SPOKEN_OF.search(before) or text[start:end].endswith(("年", "년")):
            how.past.add(sentence)
            if month:
                how.to_the_month.add(sentence)
        else:
            how.other.add(sentence)
    return dict(years)


def _mentions(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield the years that a text names, with the place; of a range like 2014-15 the later one."""
    for match in islice(_YEAR.finditer(text), _MOST):
        year = int(match[1])
        later = year // 100 * 100 + int(match[2]) if match[2] else year
        yield (later if year < later <= year + 10 else year), match.start(), match.end()
    for pattern in (_NAMED, _CHINESE):
        for match in islice(pattern.finditer(text), _MOST):
            yield int(match[1]), match.start(), match.end()
