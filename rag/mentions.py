"""Documents that a question names: by author, publisher, title, date of writing, type or file.

A type or a date of writing that is said in so many words ("in the 2015 articles") rules the others out; whatever else
is named is only looked at first, for what Trenin says may stand in another's text. A year that is no date of writing
("the 2015 summit") names no document. English phrases; names and titles in any language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

from rag.breadth import GENRE
from rag.catalogue import Catalogue, Words, folded, words_of
from rag.facts import MONTHS, names
from rag.filters import dated, kinds, of_kind

_MONTH = rf"(?:(?P<month>{'|'.join(MONTHS)})\s+)?"
_YEAR = r"(?P<year>(?:1[89]|20)\d\d)"
_DETERMINER = r"(?:(?:the|this|that|these|those|all|both|our|my|your|his|her|their|any|an?|[\w.-]+(?:['’]s|s['’]))\s+)"
_THE = rf"{_DETERMINER}{{0,3}}"

_AROUND = re.compile(
    rf"\b(?P<way>before|after|since|until)\s+{_DETERMINER}{{1,3}}{_MONTH}{_YEAR}\s+(?:[\w-]+\s+){{0,2}}{GENRE}\b", re.I
)
_WRITTEN = re.compile(rf"\b{_MONTH}{_YEAR}\s+(?P<between>(?:[\w-]+\s+){{0,2}}?){GENRE}\b", re.I)
_LEADING = re.compile(
    r"(?:\b(?P<within>in|from|of|per|within|according to|by)\s+)?"
    rf"(?P<the>{_THE}(?-i:(?:[A-Z][\w.-]+\s+){{0,3}}[A-Z][\w.-]*['’]s\s+)|{_DETERMINER}{{1,3}})$",
    re.I,
)
"""What leads to a date of writing: a preposition, an article or whose it is."""
_LEAD = 60
_OF_YEARS = re.compile(
    rf"(?P<within>\b(?:in|from|of|per|within|according to|by)\s+{_THE})?\b{GENRE}\s+"
    r"(?:(?:written|published|dated|issued|sent|out)\s+)?(?P<way>in|from|of|dated|since|after|before)\s+"
    rf"{_MONTH}(?P<years>(?:1[89]|20)\d\d(?:(?:,\s*|,?\s*(?:and|or)\s+)(?:1[89]|20)\d\d)*)\b",
    re.I,
)
_SINCE = re.compile(rf"\b(?:since|after)\s+{_MONTH}{_YEAR}\b", re.I)
_TYPE = re.compile(
    r"\b(?:in|from|within|according to|of)\s+(?:(?:the|this|that|these|those|all|our|my|any|an?)\s+)*(?:[\w-]+\s+)?(?:"
    r"(?P<pdf>pdfs?)|(?P<word>word (?:documents?|files?))|(?P<sheet>spreadsheets?|workbooks?|excel (?:sheets?|files?))|"
    r"(?P<mail>e-?mails?|mails?\s+(?=from|of|to|by)|mails)|(?P<slides>slides?|slide decks?|presentations?)|"
    r"(?P<web>web ?pages?)|(?P<notebook>(?:jupyter )?notebooks?))\b",
    re.I,
)
_SURE_TYPES = frozenset(("pdf", "word", "sheet", "mail"))
"""Words that mean a type of file and nothing else; a presentation may have been saved as PDF."""
_CALLED = re.compile(rf"\b(?:in|from|of|per|according to)\s+{_THE}(?P<name>(?:[\w-]+\s+){{1,3}}{GENRE})\b", re.I)
_FILE = re.compile(r"(?<![\w.()-])[\w.()-]{1,100}\.[a-z][a-z0-9]{1,5}\b", re.I)
_QUOTED = re.compile(r"[\"“«„]([^\"”»“]{3,120})[\"”»“]")
_LONGEST_NAME = 12
_SURE_DATES = frozenset(("stated", "user"))


@dataclass(frozen=True)
class Mention:
    """Documents that a question names: how, and which they are. `allowed` are those that it does not rule out."""

    name: str
    value: str
    documents: frozenset[str]
    allowed: frozenset[str] | None = None


def mentions(question: str, catalogue: Catalogue) -> list[Mention]:
    """Return the documents that a question names, by each way of naming; dates and types also where there are none."""
    return [
        *_authors(question, catalogue),
        *_publishers(question, catalogue),
        *_titles(question, catalogue),
        *_files(question, catalogue),
        *_dates(question, catalogue),
        *_types(question, catalogue),
    ]


def together(found: Iterable[Mention]) -> list[Mention]:
    """Return mentions with those of one kind made one: "by Falk or Brandt"."""
    return [_joined(list(same)) for _, same in groupby(found, key=lambda m: m.name)]


def alternatives(found: Iterable[Mention]) -> list[Mention]:
    """Return the mentions of the kind of which there are most, where there are several: each names a side."""
    kinds_of = [list(same) for _, same in groupby(found, key=lambda m: m.name)]
    most = max(kinds_of, key=len, default=[])
    return most if len(most) > 1 else []


def _joined(same: list[Mention]) -> Mention:
    sure = [m.allowed for m in same if m.allowed is not None]
    return Mention(
        same[0].name,
        " or ".join(dict.fromkeys(m.value for m in same)),
        frozenset().union(*(m.documents for m in same)),
        frozenset().union(*sure) if len(sure) == len(same) else None,
    )


def _authors(question: str, catalogue: Catalogue) -> Iterator[Mention]:
    spoken = words_of(question)
    called = dict.fromkeys(_called(spoken, catalogue))
    capitals = {folded(name) for name in names(question, [part for surname in called for part in surname.split()])}
    found = [surname for surname in called if set(surname.split()) & capitals]
    if not question.isascii():
        # Scripts without capitals, or without spaces, or that change a name's ending.
        text = folded(question)
        found += [n for n in catalogue.people if not n.isascii() and n[: max(len(n) - 2, 4)] in text and n not in found]
    for surname in found:
        people = catalogue.people[surname]
        # Two Smiths are told apart when the question gives a first name.
        whole = {name: ids for name, ids in people.items() if set(name) <= set(spoken)}
        for ids in (whole or people).values():
            author = catalogue.documents[min(ids)].metadata.author or ""
            yield Mention("author", author, frozenset(ids))


def _called(spoken: Words, catalogue: Catalogue) -> Iterator[str]:
    for start in range(len(spoken)):
        for size in range(1, 5):
            name = " ".join(spoken[start : start + size])
            if name in catalogue.people:
                yield name


def _publishers(question: str, catalogue: Catalogue) -> Iterator[Mention]:
    for name, ids in _runs(question, catalogue.publishers):
        if len(name) > 1 or re.search(rf"\b{re.escape(name[0].capitalize())}", question):
            yield Mention("publisher", catalogue.documents[min(ids)].metadata.publisher or "", frozenset(ids))


def _titles(question: str, catalogue: Catalogue) -> Iterator[Mention]:
    for _, ids in _runs(question, catalogue.titles):
        yield Mention("title", catalogue.documents[min(ids)].title, frozenset(ids))
    phrases = [match["name"] for match in _CALLED.finditer(question)] + _QUOTED.findall(question)
    for phrase in phrases:
        called = words_of(phrase)
        if held := _with_all(called[-3:], catalogue) or _with_all(called[-2:], catalogue):
            yield Mention("title", phrase, frozenset(held))


def _with_all(called: Words, catalogue: Catalogue) -> set[str]:
    """Return the documents in whose title or file name the words stand one after the other."""
    pairs = [catalogue.pairs.get(pair, set()) for pair in pairwise(called)]
    return set.intersection(*pairs) if pairs else set()


def _runs(question: str, known: dict[Words, set[str]]) -> Iterator[tuple[Words, set[str]]]:
    """Yield the longest runs of a question's words that are names, from left to right."""
    spoken, start = words_of(question), 0
    while start < len(spoken):
        for end in range(min(len(spoken), start + _LONGEST_NAME), start, -1):
            if spoken[start:end] in known:
                yield spoken[start:end], known[spoken[start:end]]
                start = end - 1
                break
        start += 1


def _files(question: str, catalogue: Catalogue) -> Iterator[Mention]:
    for match in _FILE.finditer(question):
        if ids := catalogue.files.get(match[0].lower()):
            yield Mention("file", match[0], frozenset(ids), frozenset(ids))


def _dates(question: str, catalogue: Catalogue) -> Iterator[Mention]:
    taken: list[tuple[int, int]] = []

    def fresh(form: re.Pattern[str]) -> Iterator[re.Match[str]]:
        for match in form.finditer(question):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                taken.append(match.span())
                yield match

    for match in fresh(_AROUND):
        date = _date(match["month"], match["year"])
        later = match["way"].lower() in ("after", "since")
        yield _dated(catalogue, date if later else None, None if later else date, sure=False)
    for match in fresh(_WRITTEN):
        lead = _LEADING.search(question, max(match.start() - _LEAD, 0), match.start())
        # "The 2019 annual report", but "in 2019 annual reports" speaks of a year.
        if lead or not match["between"]:
            date = _date(match["month"], match["year"])
            said = lead is not None and lead["within"] is not None and not match["between"]
            yield _dated(catalogue, date, _next(date), sure=said)
    for match in fresh(_OF_YEARS):
        yield from _of_years(match, catalogue)
    for match in fresh(_SINCE):
        yield _dated(catalogue, _date(match["month"], match["year"]), None, sure=False)


def _of_years(match: re.Match[str], catalogue: Catalogue) -> Iterator[Mention]:
    way, said = match["way"].lower(), match["within"] is not None
    for year in re.findall(r"\d{4}", match["years"]):
        date = _date(match["month"], year)
        if way == "before":
            yield _dated(catalogue, None, date, sure=said)
        else:
            yield _dated(catalogue, date, None if way in ("since", "after") else _next(date), sure=said)


def _date(month: str | None, year: str) -> str:
    return f"{year}-{MONTHS.index(month.capitalize()) + 1:02d}" if month else year


def _next(date: str) -> str:
    """Return the year after a year, the month after a month."""
    year, month = int(date[:4]), date[5:]
    if not month:
        return str(year + 1)
    return f"{year + 1}-01" if month == "12" else f"{year}-{int(month) + 1:02d}"


def _dated(catalogue: Catalogue, after: str | None, before: str | None, *, sure: bool) -> Mention:
    """Name the documents of a time; when that is sure, those surely of another are ruled out."""
    exact = after is not None and before == _next(after)
    name = "date" if exact else "after" if after else "before"
    titled = catalogue.years.get(after, set()) if exact and after else set()
    times = {info.metadata.date for info in catalogue.documents.values()}
    fitting = {date for date in times if dated(date, after, before)}
    within, other = set(titled), set()
    for identity, info in catalogue.documents.items():
        if info.metadata.date in fitting:
            within.add(identity)
        elif info.metadata.date and info.metadata.date_basis in _SURE_DATES and identity not in titled:
            other.add(identity)
    allowed = frozenset(catalogue.documents) - other if sure else None
    return Mention(name, str(after or before), frozenset(within), allowed)


def _types(question: str, catalogue: Catalogue) -> Iterator[Mention]:
    for match in _TYPE.finditer(question):
        name = match.lastgroup or ""
        ids = frozenset(d for d in catalogue.documents if of_kind(d, kinds(name), catalogue))
        yield Mention("type", name, ids, ids if name in _SURE_TYPES else None)


def not_ruled_out(found: Iterable[Mention]) -> frozenset[str] | None:
    """Return the documents that no mention rules out; None when none rules any out, or they leave none."""
    allowed = [m.allowed for m in found if m.allowed is not None and m.documents]
    return (frozenset.intersection(*allowed) or None) if allowed else None


def named(found: Iterable[Mention]) -> frozenset[str]:
    """Return the documents that all mentions name; where they name different ones, all of those."""
    each = [m.documents for m in found if m.documents]
    return (frozenset.intersection(*each) or frozenset().union(*each)) if each else frozenset()
