"""Find title, author, publisher and date in the text of a document, and judge what the file itself claims.

Owns rules that read the first and last lines as a person does. Refuses to guess: an ambiguous date gives only
its year, a date that is not alone on its line is not the document's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as calendar

from index.furniture import is_web_furniture
from index.languages import language_of
from index.types import DateBasis, Metadata

_HEAD_LINES = 15
_TAIL_LINES = 40
_MAX_TITLE = 160
_MAX_NAME = 80

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan января janvier januar enero",
            "february feb февраля février februar febrero",
            "march mar марта mars märz marzo",
            "april apr апреля avril abril",
            "may мая mai mayo",
            "june jun июня juin juni junio",
            "july jul июля juillet juli julio",
            "august aug августа août agosto",
            "september sept sep сентября septembre septiembre",
            "october oct октября octobre oktober octubre",
            "november nov ноября novembre noviembre",
            "december dec декабря décembre dezember diciembre",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th|\.)?"
_YEAR = r"((?:19|20)\d\d)"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_ZONE = r"(?:Z|[A-Z]{2,4}|[+-]\d\d:?\d\d)?"
_CLOCK = rf"(?:[\sT,]+(?:at\s+)?\d{{1,2}}:\d\d(?::\d\d)?(?:\.\d+)?\s*(?:[ap]\.?m\.?)?\s*{_ZONE})?"
_DATES = tuple(
    (re.compile(_WEEKDAY + pattern + _CLOCK, re.IGNORECASE), order)
    for pattern, order in (
        (rf"{_YEAR}[-/.](\d{{1,2}})[-/.](\d{{1,2}})", "ymd"),
        (rf"{_DAY}\s+(?:de\s+)?{_MONTH},?\s+(?:de\s+)?{_YEAR}(?:\s*г\.?)?", "dmy"),
        (rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}", "mdy"),
        (rf"{_MONTH},?\s+{_YEAR}", "my"),
        (rf"(\d{{1,2}})[/.](\d{{1,2}})[/.]{_YEAR}", "??y"),
        (rf"{_YEAR}\s*年\s*(\d{{1,2}})\s*月\s*(\d{{1,2}})\s*日", "ymd"),
        (rf"{_YEAR}", "y"),
    )
)

_DATE_LABEL = re.compile(
    r"^(?:(?:first )?published(?: on)?|posted(?: on)?|date|dated|updated|issued|released|erschienen"
    r"|опубликовано|дата)"
    r"\s*[:–—-]?\s*",
    re.IGNORECASE,
)
_BY = re.compile(r"^(?:by|written by|authors?|von|par|autor|автор)\s*(:)?\s+(\S.*)$", re.IGNORECASE)
_PUBLISHER = re.compile(r"^(?:publication|publisher|published by|source)\s*:?\s+(\S.*)$", re.IGNORECASE)
_NAME = r"[^\W\d_](?:[\w’'-]*[^\W_]|\.)"
_PERSON = re.compile(rf"^{_NAME}(?:\s+(?:(?:de|da|di|van|von|der|den|al|bin|la|le)\s+)?{_NAME}){{1,3}}$")
_CAPITALISED = r"[A-ZÀ-ÖØ-ÞА-ЯЁ][^\W\d_]*(?:[’'-][^\W\d_]+)*"
_PERSON_ALONE = re.compile(
    rf"(?:{_CAPITALISED})(?:\s+[A-Z]\.)?(?:\s+(?:(?:de|da|di|van|von|der|den|al|bin|la|le)\s+)?{_CAPITALISED}){{1,2}}"
)
# Two words with capitals that are no person: bodies, places, headings.
_NO_PERSON = re.compile(
    r"\b(?:agency|annual|association|bank|board|cent(?:er|re)|city|commission|committee|company|council|department"
    r"|edition|editor\w*|executive|faculty|federal|forum|foundation|group|house|institut\w*|international|journal"
    r"|limited|ministry|national|north\w*|office|papers?|policy|press|region|report|research|review|school|series"
    r"|society|south\w*|state|states|staff|street|studies|summary|team|the|trust|union|united|university|west\w*"
    r"|working|east\w*|new|san|santa|saint|nizhny|news|times|inc|ltd|llc|corp|for|of|and|in|on|to|part|chapter"
    r"|volume|issue|table|figure|version|draft|page)\b",
    re.IGNORECASE,
)
_PARTING = re.compile(r"(,\s+|\s+[|·•–—-]\s+)")
_SENTENCE = re.compile(r"[.!?]$|\b(?:is|was|are|were|has|have|had|in|on|at)\b")
_TITLE_LINES = 4
_MAX_BYLINE = 120
_BYLINE_LABEL = re.compile(
    r"\b(?:(?:written )?by|authors?|autor|автор|von|par|publication|publisher|published(?: on| by)?|source|dated?"
    r"|posted(?: on)?|updated|issued|released)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^\s*(?:\d+(?:\.\d+)*|[IVX]+)\.?\s+\S")
_RUNNING = re.compile(r"^\d{1,3}\s+(\w\D*[\w?!)])$|^(\w\D*[\w?!)])\s+\d{1,3}$")
_SECTION = re.compile(r"^(?:introduction|contents|table of contents|abstract|summary|preface|foreword)$", re.I)
_JUNK_TITLE = re.compile(
    r"^(?:microsoft \w+ - .*|untitled.*|document\d*|slide \d+"
    r"|.*\.(?:docx?|pdf|indd|qxd|tex|dvi|rtf|odt|pptx?|xlsx?|ai)"
    r"|title|no ?title|\(anonymous\)|noname|new document|output|[\d\W]*|[^\s]*[_\d-][^\s]*)$",
    re.IGNORECASE,
)
_JUNK_AUTHOR = re.compile(
    r"^(?:unknown|anonymous|author|user|admin(?:istrator)?|owner|root|microsoft.*|python-docx|html-to-docx|windows.*"
    r"|\(?none\)?|.*\buser|EDGAR.*|Workiva.*|Adobe .*|\W*\d*\W*|\w*\d+\w*|https?:.*)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Properties:
    """What a file says of itself, unchecked."""

    title: str | None = None
    author: str | None = None
    created: str | None = None


def describe(text: str, properties: Properties | None = None, stated: Metadata | None = None) -> Metadata:
    """Return the metadata of a document from what it states, its text and its file properties.

    `stated` (a page's meta tags, a front matter) goes before the text, the text before the file's properties.
    """
    properties = properties or Properties()
    lines = [stripped for line in text.splitlines() if (stripped := line.strip())]
    read = _from_lines(lines)
    file = Metadata(
        title=_clean_property(properties.title, _JUNK_TITLE),
        author=person(properties.author),
        date=iso_date(properties.created or ""),
        language=language_of(text),
    )
    # A property is typed once and may be another document's; a title line is what the reader of the text
    # sees. But the first line of a PDF is as often a running header, so there the property goes first.
    merged = read.overridden_by(Metadata(title=file.title) if properties.title else Metadata())
    merged = file.overridden_by(merged).overridden_by(stated or Metadata())
    basis: DateBasis | None = "stated" if read.date or (stated and stated.date) else "file" if file.date else None
    return merged.overridden_by(Metadata(date_basis=basis)) if basis else merged


def is_byline_of(line: str, known: Metadata) -> bool:
    """Tell whether a line holds the author, publisher or date of the document and nothing else but labels."""
    if len(line) > 2 * _MAX_BYLINE:
        return False
    rest = line
    for name in filter(None, (known.author, known.publisher)):
        rest = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "", rest, count=1, flags=re.IGNORECASE)
    for pattern, order in _DATES:
        # A date of which only the year is certain says more than is known: it stays in the text.
        found = pattern.search(rest) if order not in ("y", "??y") else None
        if found and iso_date(found[0]) == known.date:
            rest = rest[: found.start()] + rest[found.end() :]
    return rest != line and not any(map(str.isalnum, _BYLINE_LABEL.sub("", rest)))


def is_byline(line: str, known: Metadata) -> bool:
    """Tell whether a line only names the author, publisher or date of the document."""
    named = {name.casefold() for name in (known.author, known.publisher) if name}
    return line.casefold() in named or bool(_BY.match(line) or _PUBLISHER.match(line)) or _date_line(line) is not None


def iso_date(text: str) -> str | None:
    """Return the date that `text` is, ISO 8601 and no finer than is certain, or None when it is no date."""
    text = text.strip().rstrip(".")
    for pattern, order in _DATES:
        match = pattern.fullmatch(text)
        if match:
            return _assemble(dict(zip(order.replace("??", "ab"), match.groups(), strict=True)))
    return None


def _assemble(parts: dict[str, str]) -> str | None:
    year = parts["y"]
    if "a" in parts:
        first, second = int(parts["a"]), int(parts["b"])
        if first == second or max(first, second) > 12:
            day, month = (first, second) if first > 12 else (second, first)
        else:
            return year  # 5/8 is the fifth of August or the eighth of May
    elif "m" in parts:
        name = parts["m"].casefold()
        month = int(name) if name.isdigit() else _MONTHS[name]
        day = int(parts.get("d", 0))
    else:
        return year
    if not day:
        return f"{year}-{month:02d}"
    try:
        return calendar(int(year), month, day).isoformat()
    except ValueError:
        return year


def _from_lines(lines: list[str]) -> Metadata:
    plain = (line.strip("*_ ") or line for line in lines[: 2 * _HEAD_LINES])  # bylines are often emphasised
    head = [line for line in plain if not is_web_furniture(line)][:_HEAD_LINES]
    tail = lines[max(len(lines) - _TAIL_LINES, len(head)) :]
    date = next((found for line in head if (found := _date_line(line))), None)
    read = Metadata(
        title=_title(head, lines),
        author=_author(head, lines, tail),
        publisher=next((match[1] for line in head if len(line) < 100 and (match := _PUBLISHER.match(line))), None),
        date=date,
    )
    page = _title_page(head) or next((byline for line in head if (byline := _byline(line))), Metadata())
    if page.author and not read.author and _has_common_word(page.author, lines):
        page = Metadata()
    return page.overridden_by(read)


def _title_page(head: list[str]) -> Metadata | None:
    """Return what a title page states: lines of a title, a person, and a line that holds a month and year."""
    for i, line in enumerate(head[1 : _TITLE_LINES + 1], 1):
        if line[-1] in ".!?,;:" or len(line) > _MAX_TITLE or _NUMBERED.match(line):
            return None
        issue = _issue(head[i + 1]) if _is_person(line) and len(head) > i + 1 else None
        title = " ".join(head[:i])
        if issue and issue.publisher and len(title) <= _MAX_TITLE and head[0][-1] not in ".,;" and title[0].isalnum():
            return issue.overridden_by(Metadata(title=title, author=line))
    return None


def _byline(line: str) -> Metadata | None:
    """Return what "By Anna Berg — Harbour News, May 2015" or "Anna Berg, Harbour News, 3 May 2015" states."""
    by = _BY.match(line)
    text = by[2] if by else line
    name, mark, rest = (*_PARTING.split(text, maxsplit=1), "", "")[:3]
    if len(line) > _MAX_BYLINE or not _is_person(name) or not (found := _issue(rest)):
        return None
    if not by:  # only with a name between a person's and the date: "New Delhi, May 2015" is a place
        return found.overridden_by(Metadata(author=name)) if found.publisher else None
    # After a comma may come a place or an office: "By Anna Berg, Berlin, May 2015".
    return Metadata(author=name, publisher=found.publisher if mark.strip() != "," else None, date=found.date)


def _issue(line: str) -> Metadata | None:
    """Return publisher and date from a short line that ends with a date, to the month at least, or None."""
    parts = _PARTING.split(line) if len(line) <= _MAX_BYLINE else []
    for at in range(max(len(parts) - 3, 0), len(parts), 2):  # "May 5, 2015" is two parts
        date = iso_date("".join(parts[at:]))
        if date and len(date) > 4:
            publisher = "".join(parts[: max(at - 1, 0)])
            named = len(publisher.split()) > 1 and publisher[0].isupper() and not _SENTENCE.search(publisher)
            return Metadata(publisher=publisher if named else None, date=date)
    return None


def _has_common_word(name: str, lines: Sequence[str]) -> bool:
    """Tell whether a word of a name stands in small letters in the text: "Second Quarter" is nobody."""
    words = "|".join(re.escape(word.casefold()) for word in name.split() if word[0].isupper())
    common = re.compile(rf"(?<![\w.@/-])(?:{words})(?![\w.@/-]|\.\w)")
    return any(common.search(line) for line in lines)


def _is_person(line: str) -> bool:
    """Tell whether a line is most likely a person's name: two or three words with capitals, none a body's."""
    return _PERSON_ALONE.fullmatch(line) is not None and not line.isupper() and not _NO_PERSON.search(line)


def _date_line(line: str) -> str | None:
    stripped = _DATE_LABEL.sub("", line)
    if stripped == line and re.fullmatch(_YEAR, line):
        return None  # a bare year is as likely a table's
    by, _, rest = stripped.partition(",")
    if _BY.match(by) and rest:
        stripped = rest
    return iso_date(stripped)


def _title(head: list[str], lines: list[str]) -> str | None:
    for number, line in enumerate(head):
        if _BY.match(line) or _date_line(line) or _PUBLISHER.match(line):
            continue
        if _NUMBERED.match(line) or _SECTION.match(line) or number > 2:
            break
        if line[-1] in ".,;:–—-" or len(line) > _MAX_TITLE or len(line.split()) < 2 or not line[0].isalnum():
            break
        if len(head) > number + 1 and head[number + 1][0].islower():
            break  # the first line of a wrapped paragraph
        if sum(map(str.isalpha, line)) < 0.6 * len(line):
            break  # a formula, a row of a table
        if line.isupper() and len(line.split()) < 3:
            break  # a letterhead
        return line.strip("#* ")
    return _running_title(lines)


def _running_title(lines: list[str]) -> str | None:
    """Return the words that stand with different page numbers on three pages or more."""
    seen: Counter[str] = Counter()
    for line in set(lines):
        match = _RUNNING.match(line) if len(line) <= _MAX_TITLE else None
        if match:
            seen[match[1] or match[2]] += 1
    title, count = max(seen.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    return title if count >= 3 and len(title.split()) > 2 else None


def _author(head: list[str], lines: list[str], tail: list[str]) -> str | None:
    for line in (*head, *lines):
        match = _BY.match(line) if len(line) < 200 else None
        if match and (match[1] or line in head):  # far from the top, "By ..." without a colon is a sentence
            name = re.split(r",\s|\s[|–—-]\s|\s\(", match[2])[0].strip()
            names = re.split(r",\s+(?:and\s+)?|\s+(?:and|und|et|&)\s+", name)
            if all(map(_PERSON.match, names)):
                return name
    ends = (*head, *tail)
    return next((line for line in ends if _PERSON.match(line) and _has_note(line, ends)), None)


def _has_note(name: str, lines: Sequence[str]) -> bool:
    """Tell whether some line says who `name` is, as the note on an author does."""
    about = re.compile(rf"(?:(?:Dr|Prof|Professor)\.?\s+)?{re.escape(name)}\s+(?:is|was|has|works|teaches)\b")
    return any(about.match(line) for line in lines)


def person(value: str | None) -> str | None:
    """Return the names that a file or page gives, or None for a program, an account or a whole table."""
    name = _clean_property(value, _JUNK_AUTHOR)
    return name if name and len(name) <= _MAX_NAME else None


def _clean_property(value: str | None, junk: re.Pattern[str]) -> str | None:
    value = " ".join(value.split()) if value else ""
    return value if value and not junk.match(value) else None
