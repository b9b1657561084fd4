"""Find who wrote a document, where it appeared and when, in the lines at its head and foot.

Owns bylines, title pages, notes on authors and what is a person's name. A date counts when its line says nothing
else, or says that the text was published then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.dates import PATTERNS, YEAR, iso_date, readings
from index.types import Metadata

_MAX_NAME = 60
_MAX_NAMES = 200
_MAX_BYLINE = 120
_MAX_PUBLISHER = 80
_MAX_TITLE = 160
_TITLE_LINES = 4
_NOTE_LINES = 15

_DATE_LABEL = re.compile(
    r"^(?:(?:first |last )?published(?: on)?|posted(?: on)?|date(?: of publication)?|dated|updated(?: on)?|issued"
    r"|released"
    r"|publication date|erschienen(?: am)?|veröffentlicht(?: am)?|stand|datum|publié le|date de publication"
    r"|опубликовано"
    r"|дата(?: публикации)?|发布(?:时间|日期)?|日期)"
    r"\s*[:：–—-]?\s*",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^(?:(?:written |text |story |words )?by|authors?|von|par|por|autor(?:en|in)?|auteure?s?|text"
    r"|автор(?:ы)?)\s*([:：])?\s+"
    r"(\S.*)$",
    re.IGNORECASE,
)
_BY_CHINESE = re.compile(r"^(?:作者|文|撰文|记者)\s*[:：/／|]\s*(\S{2,12}(?:[、,，\s]\s*\S{2,12}){0,3})$")
_PUBLISHER = re.compile(
    r"^(?:publication|publisher|published (?:by|in)|source|herausgeber|quelle|издатель|источник"
    r"|来源)\s*[:：]?\s+(\S.*)$",
    re.IGNORECASE,
)
_APPEARED = re.compile(
    r"^(?:this|the)\s+(?:\w+\s+){0,2}?(?:article|essay|report|paper|text|piece|commentary|brief|chapter|study|interview|speech|"
    r"note|post|column|analysis|translation|version)\b[^.]{0,60}?\b(?:first |originally )*(?:appeared|published"
    r"|printed|released"
    r"|issued|posted|given|delivered)\b(?P<rest>[^.;]{3,160})",
    re.IGNORECASE,
)
_WRITTEN = re.compile(
    r"\b(?:manuscript|text|paper|report|article) (?:was )?(?:completed|finished|closed|finali[sz]ed)\s+(?:in|on)\s+"
    r"(?P<rest>[^.;]{4,40})",
    re.IGNORECASE,
)

_NAME = r"[^\W\d_](?:[\w’'-]*[^\W_]|\.)"
_PARTICLE = r"(?:(?:de|da|di|van|von|der|den|al|bin|la|le|dos|del|zu|el)\s+){0,2}"
_PERSON = re.compile(rf"^{_NAME}(?:\s+{_PARTICLE}{_NAME}){{1,3}}$")
_CAPITALISED = r"[A-ZÀ-ÖØ-ÞŁŚŽŠČĆĐА-ЯЁ][^\W\d_]*(?:[’'-][^\W\d_]+)*"
_PERSON_ALONE = re.compile(
    rf"(?:{_CAPITALISED})(?:\s+[A-ZА-Я]\.){{0,2}}(?:\s+{_PARTICLE}{_CAPITALISED}){{1,2}}"
    rf"|(?:[A-ZА-Я]\.\s?){{1,2}}{_CAPITALISED}"
)
# Two words with capitals that are no person: bodies, places, headings.
_NO_PERSON = re.compile(
    r"\b(?:agency|annual|association|bank|board|cent(?:er|re)|city|commission|committee|company|council|department"
    r"|edition|editor\w*|executive|faculty|federal|forum|foundation|group|house|institut\w*|international|journal"
    r"|limited|ministry|national|north\w*|office|papers?|policy|press|region|report|research|review|school|series"
    r"|society|south\w*|state|states|staff|street|studies|summary|team|the|trust|union|united|university|west\w*"
    r"|working|east\w*|new|san|santa|saint|nizhny|news|times|inc|ltd|llc|corp|for|of|and|in|on|to|part|chapter"
    r"|volume|issue|table|figure|version|draft|page|media|post|wires?|services?|magazine|blog|insider|business|writer"
    r"|correspondent|reporters?|advance|network|online|com|digital)\b",
    re.IGNORECASE,
)
_ROLE = (
    r"(?:director|president|chair\w*|head|professor|lecturer|fellow|scholar|analyst|researcher|economist|historian|journalist"
    r"|reporter|correspondent|columnist|editor|writer|author|associate|adviser|advisor|expert|member|student|candidate|partner"
    r"|teacher|consultant|diplomat|ambassador|engineer|physician|scientist|lawyer|officer|secretary|coordinator|founder)"
)
_IS = r"(?:is|was|has been|works|teaches|writes|serves|heads|directs|lives)"
_HONOUR = r"(?:(?:Dr|Prof|Professor|Mr|Mrs|Ms|Sir|Dame)\.?\s+)?"
_ABOUT = re.compile(
    rf"^(?:about the authors?\s*:?\s*)?(?:the author,\s+)?{_HONOUR}"
    rf"(?P<name>{_CAPITALISED}(?:\s+[A-Z]\.){{0,2}}(?:\s+{_PARTICLE}{_CAPITALISED}){{1,2}}),?\s+{_IS}\b"
    rf"(?=.{{0,90}}\b{_ROLE}\b)",
    re.IGNORECASE,
)
_ALL_LETTERS = re.compile(r"[^\W\d_]+")
_PARTING = re.compile(r"(,\s+|\s+[|·•–—-]\s+)")
_SENTENCE = re.compile(r"[.!?]$|\b(?:is|was|are|were|has|have|had|in|on|at)\b")
_BYLINE_LABEL = re.compile(
    r"\b(?:(?:written )?by|authors?|autor|автор|von|par|publication|publisher|published(?: on| by)?|source|dated?"
    r"|posted(?: on)?|updated|issued|released)\b",
    re.IGNORECASE,
)
NUMBERED = re.compile(r"^\s*(?:\d+(?:\.\d+)*|[IVX]+)\.?\s+\S")
_JUNK_AUTHOR = re.compile(
    r"^(?:unknown|anonymous|author|user|(?:\w{1,3})?admin(?:istrator)?|owner|root|microsoft.*|python-docx|html-to-docx"
    r"|windows.*|\(?none\)?|.*\buser|EDGAR.*|Workiva.*|Adobe .*|\W*\d*\W*|\w*\d+\w*|https?:.*|editorial|opinion|guest"
    r"|staff(?: (?:writers?|reports?|reporters?))?|the editors?|editorial (?:board|staff|team)|web ?master"
    r"|contributors?)$",
    re.IGNORECASE,
)
_NAME_TAIL = re.compile(
    r"(?i:\s+(?:january|february|march|april|may|june|july|august|september|october|november|december|published|updated"
    r"|posted|associated press|reuters|afp|staff writer))+\.?$"
)
_ACCOUNT = re.compile(r"[a-z]\w*|(?:a|an|the)\s.*")


# What the lines say


def from_lines(head: Sequence[str], lines: Sequence[str], tail: Sequence[str]) -> Metadata:
    """Return author, publisher and date, and for a title page the title, that the first and last lines state."""
    read = Metadata(
        author=_author(head, lines, tail),
        publisher=next(filter(None, map(_publisher, head)), None),
        date=next((found for line in head if (found := date_line(line))), None),
    )
    page = _title_page(head) or next((byline for line in head if (byline := _byline(line))), Metadata())
    if page.author and not read.author and _has_common_word(page.author, lines):
        page = Metadata()
    read = page.overridden_by(read)
    return read if read.date else read.overridden_by(Metadata(date=_appeared((*head, *tail))))


def is_byline_of(line: str, known: Metadata) -> bool:
    """Tell whether a line holds the author, publisher or date of the document and nothing else but labels."""
    if len(line) > 2 * _MAX_BYLINE:
        return False
    rest = line
    for name in filter(None, (known.author, known.publisher)):
        rest = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "", rest, count=1, flags=re.IGNORECASE)
    for pattern, order in PATTERNS:
        # A date of which only the year is certain says more than is known: it stays in the text.
        found = pattern.search(rest) if order not in ("y", "??y") else None
        if found and iso_date(found[0]) == known.date:
            rest = rest[: found.start()] + rest[found.end() :]
    return rest != line and not any(map(str.isalnum, _BYLINE_LABEL.sub("", rest)))


def is_byline(line: str, known: Metadata) -> bool:
    """Tell whether a line only names the author, publisher or date of the document."""
    named = {name.casefold() for name in (known.author, known.publisher) if name}
    return line.casefold() in named or bool(_BY.match(line) or _PUBLISHER.match(line)) or date_line(line) is not None


def labels(line: str) -> bool:
    """Tell whether a line begins as one that names an author, a publisher or a date does."""
    return bool(_BY.match(line) or _BY_CHINESE.match(line) or _PUBLISHER.match(line) or date_line(line))


# Dates


def date_line(line: str) -> str | None:
    """Return the date that a line states and says nothing else, no finer than is certain."""
    stripped = _unlabelled(line)
    if stripped == line and re.fullmatch(rf"{YEAR}(?:-\d\d)?", line):
        return None  # a bare year, or a span of two, is as likely a table's
    return iso_date(stripped)


def doubtful_date(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the two readings of the first line that is a date which can be read in two ways."""
    for line in lines:
        both = readings(_unlabelled(line))
        if both:
            return both if len(both) > 1 else ()
    return ()


def _unlabelled(line: str) -> str:
    stripped = _DATE_LABEL.sub("", line)
    by, _, rest = stripped.partition(",")
    return rest.strip() if _BY.match(by) and rest else stripped


def _appeared(lines: Sequence[str]) -> str | None:
    """Return the date in a sentence that says when the text was published: "first appeared in …, autumn 2015"."""
    for line in lines:
        told = _APPEARED.search(line) or _WRITTEN.search(line)
        if told is None:
            continue
        for pattern, _ in PATTERNS:
            if (found := pattern.search(told["rest"])) and (date := iso_date(found[0])):
                return date
    return None


# Publishers


def _publisher(line: str) -> str | None:
    match = _PUBLISHER.match(line) if len(line) < 100 else None
    name = match[1] if match else ""
    plain = name[:1].isalnum() and not name[0].islower() and not re.search(r"[/\\]|\.\s|\.$|\w\.\w", name)
    return name if plain and len(name) <= _MAX_PUBLISHER else None


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


# Authors


def _title_page(head: Sequence[str]) -> Metadata | None:
    """Return what a title page states: lines of a title, a person, and a line that holds a month and year."""
    for i, line in enumerate(head[1 : _TITLE_LINES + 1], 1):
        if line[-1] in ".!?,;:" or len(line) > _MAX_TITLE or NUMBERED.match(line):
            return None
        issue = _issue(head[i + 1]) if is_person(line) and len(head) > i + 1 else None
        title = " ".join(head[:i])
        if issue and issue.publisher and len(title) <= _MAX_TITLE and head[0][-1] not in ".,;" and title[0].isalnum():
            return issue.overridden_by(Metadata(title=title, author=line))
    return None


def _byline(line: str) -> Metadata | None:
    """Return what "By Anna Berg — Harbour News, May 2015" or "Anna Berg, Harbour News, 3 May 2015" states."""
    by = _BY.match(line)
    text = by[2] if by else line
    name, mark, rest = (*_PARTING.split(text, maxsplit=1), "", "")[:3]
    if len(line) > _MAX_BYLINE or not is_person(name) or not (found := _issue(rest)):
        return None
    if not by:  # only with a name between a person's and the date: "New Delhi, May 2015" is a place
        return found.overridden_by(Metadata(author=name)) if found.publisher else None
    # After a comma may come a place or an office: "By Anna Berg, Berlin, May 2015".
    return Metadata(author=name, publisher=found.publisher if mark.strip() != "," else None, date=found.date)


def _author(head: Sequence[str], lines: Sequence[str], tail: Sequence[str]) -> str | None:
    labelled = (*head, *(line for line in lines if len(line) < 200 and (by := _BY.match(line)) and by[1]))
    for line in labelled:  # far from the top, "By ..." without a colon is a sentence
        if chinese := _BY_CHINESE.match(line):
            return chinese[1]
        match = _BY.match(line) if len(line) < 200 else None
        if match and (names := _names(match[2])):
            return names
    ends = (*head, *tail)
    named = next((line for line in ends if _PERSON.match(line) and _has_note(line, ends)), None)
    return named or _about(lines)


def _names(text: str) -> str | None:
    """Return the one or more persons that the text after "By" names, without their offices."""
    parts = re.split(r"\s[|–—-]\s|\s?\(", text)[0].strip()
    names: list[str] = []
    for part in re.split(r",\s+(?:and\s+)?|\s+(?:and|und|et|y|и|&|with)\s+", parts):
        named = _PERSON.match(part) and not part.split()[-1][0].islower()
        if not named or (names and not is_person(part)):
            break
        names.append(part)
    if not names or (len(names) == 1 and _SENTENCE.search(parts) and not parts.startswith(names[0] + ",")):
        return None
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]


def _about(lines: Sequence[str]) -> str | None:
    """Return the person of whom a note at the end says who he or she is, and of whom the text says nothing else."""
    last = [line for line in lines[-_NOTE_LINES:] if len(line) < 600]
    for line in last:
        match = _ABOUT.match(line)
        if match and is_person(name := match["name"]):
            family = re.compile(rf"\b{re.escape(name.split()[-1])}\b")
            body = [other for other in lines[:-_NOTE_LINES] if family.search(other) and other != name]
            alone = all(len(other) < _MAX_BYLINE and name.casefold() in other.casefold() for other in body)
            if alone:
                return name
    return None


def _has_note(name: str, lines: Sequence[str]) -> bool:
    """Tell whether some line says who `name` is, as the note on an author does."""
    about = re.compile(rf"{_HONOUR}{re.escape(name)},?\s+{_IS}\b")
    return any(about.match(line) for line in lines)


def _has_common_word(name: str, lines: Sequence[str]) -> bool:
    """Tell whether a word of a name stands in small letters in the text: "Second Quarter" is nobody."""
    words = "|".join(re.escape(word.casefold()) for word in name.split() if word[0].isupper())
    common = re.compile(rf"(?<![\w.@/-])(?:{words})(?![\w.@/-]|\.\w)")
    return any(common.search(line) for line in lines)


def is_person(line: str) -> bool:
    """Tell whether a line is most likely a person's name: two or three words with capitals, none a body's."""
    return _PERSON_ALONE.fullmatch(line) is not None and not line.isupper() and not _NO_PERSON.search(line)


def person(value: str | None, publisher: str | None = None) -> str | None:
    """Return the names that a file or page gives, or None for a program, an account or a whole table.

    Offices, places of work and the publisher are left out where a person is named beside them.
    """
    text = " ".join((value or "").split())
    parts = [part for part in map(_without_tail, _split(text)) if part]
    parts = [p for p in parts if not _JUNK_AUTHOR.match(p) and not _ACCOUNT.fullmatch(p) and not _same(p, publisher)]
    persons = list(dict.fromkeys(part for part in parts if _may_be_person(part)))
    if persons:
        persons = [name for name in persons if not any(_shorter(name, other) for other in persons)]
    named = ", ".join(persons or dict.fromkeys(parts))
    return named if 0 < len(named) <= (_MAX_NAMES if len(persons) > 1 else _MAX_NAME) else None


def _without_tail(text: str) -> str:
    """Return a name without the month or the agency that a page has run together with it."""
    name = _NAME_TAIL.sub("", text.strip())
    return name if len(name.split()) > 1 else text.strip()


def _split(text: str) -> Iterator[str]:
    yield from re.split(r"\s*[;|]\s*|,\s+(?!(?:Jr|Sr|Inc|Ltd|LLC|II+)\b)|\s+(?:and|&)\s+(?=[A-ZА-Я])", text)


def _may_be_person(text: str) -> bool:
    words = _ALL_LETTERS.findall(text)
    return len(words) > 1 and _PERSON.match(text) is not None and not _NO_PERSON.search(text)


def _shorter(name: str, other: str) -> bool:
    """Tell whether a name is the other one without the initials: "Ann Lee" beside "Ann M. Lee"."""
    mine, theirs = name.split(), other.split()
    return name != other and (mine[0], mine[-1]) == (theirs[0], theirs[-1]) and len(mine) < len(theirs)


def _same(name: str, publisher: str | None) -> bool:
    return publisher is not None and _letters(name) in (_letters(publisher), _letters(publisher) + "staff")


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
