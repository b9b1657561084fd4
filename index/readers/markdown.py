"""Read Markdown: front matter as metadata, headings, and which characters are marks rather than text.

The raw text is the file as it stands; marks are reported as `removed` spans of kind "markup".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from index.metadata import describe, iso_date
from index.readers.encoding import decode
from index.readers.markdown_notes import find_notes
from index.types import Heading, Metadata, RawDocument, Removed

_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FENCE = re.compile(r"^ {0,3}(```+|~~~+).*$", re.MULTILINE)
_ATX = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")
_RULE = re.compile(r"^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_TABLE_RULE = re.compile(r"^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-*:?[ \t]*)+$")
_REFERENCE = re.compile(r"^ {0,3}\[(?!\^)[^\]\n]+\]:[ \t]+\S+.*$")
_LEAD = re.compile(r"^(?:[ \t]{0,3}>[ \t]?)+")
# What stands between two marks is held to a length: without a bound, a line of marks that are never closed takes
# quadratic time.
_LINK = re.compile(
    r"(!?)\[([^\[\]\n]{0,500})\]"
    r"\([^()\s]{0,500}(?:\([^()\s]{0,200}\)[^()\s]{0,200})?(?:[ \t]{1,9}\"[^\"\n]{0,300}\")?\)"
)
_BADGE = re.compile(
    r"\[!\[[^\[\]\n]{0,300}\](?:\([^()\s]{0,500}\)|\[[^\[\]\n]{0,200}\])\](?:\([^()\s]{0,500}\)|\[[^\[\]\n]{0,200}\])"
)
_PICTURE = re.compile(r"!\[[^\[\]\n]{0,300}\]\[[^\[\]\n]{0,200}\]")
_ADDRESS = re.compile(r"<(?:https?://|mailto:)[^<>\s]{1,500}>")
_REFERENCE_LINK = re.compile(r"(?<!!)\[([^\[\]\n]{1,500})\]\[[^\[\]\n]{0,200}\]")
_CODE = re.compile(r"(?<!`)(`{1,9})(?!`)([^`\n]{1,500})\1(?!`)")
_EMPHASIS = re.compile(
    r"(?<![\w*\\])(\*{1,3})(?=[^\s*])([^*\n]{0,500}[^\s*\\])\1(?![\w*])"
    r"|(?<![\w_\\])(_{1,3})(?=[^\s_])([^\n]{0,300}?[^\s_\\])\3(?![\w_])"
    r"|(~~)(?=\S)([^~\n]{1,500})~~"
)
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]{0,30}(?:[ \t][^<>\n]{0,500})?/?>")
_ESCAPE = re.compile(r"\\(?=[\\`*_{}\[\]()#+.!|<>~-])")

_Span = tuple[int, int]


def read_markdown(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a Markdown file."""
    text = decode(data, name)
    front = _FRONT_MATTER.match(text)
    start = front.end() if front else 0
    headings, marks, fences = _structure(text, start)
    removed = [Removed(0, start, "metadata", "front matter")] if front else []
    removed += [Removed(begin, end, "markup", "Markdown mark") for begin, end in marks]
    removed += [Removed(begin, end, "fence", "begin or end of code") for begin, end in fences]
    notes, note_marks = find_notes(text, start, fences)
    removed += note_marks
    stated = _front_matter(front[1]) if front else Metadata()
    if not stated.title and headings and headings[0].level == 1:
        stated = stated.overridden_by(Metadata(title=_visible(text, headings[0], marks)))
    return RawDocument(
        text,
        "md",
        "blocks",
        metadata=describe(text[start:], stated=stated),
        headings=tuple(headings),
        removed=tuple(removed),
        notes=tuple(notes),
    )


def _visible(text: str, heading: Heading, marks: list[_Span]) -> str:
    shown, at = [], heading.start
    for start, end in marks:
        if heading.start <= start and end <= heading.end and start >= at:
            shown.append(text[at:start])
            at = end
    return "".join((*shown, text[at : heading.end])).strip()


def _structure(text: str, start: int) -> tuple[list[Heading], list[_Span], list[_Span]]:
    """Return the headings of the text, the spans of its marks, in order, and those of the fences of code."""
    headings: list[Heading] = []
    marks: list[_Span] = []
    fences: list[_Span] = []
    fence = ""
    previous: _Span | None = None  # the line before, when it may be a heading that is underlined
    for begin, end in _lines(text, start):
        line = text[begin:end]
        if not line or line.isspace():
            previous = None
            continue
        opened = _FENCE.match(line)
        if fence or opened:
            if opened and (not fence or opened[1].startswith(fence)):
                fence = "" if fence else opened[1]
                fences.append((begin, end))
            previous = None
            continue
        if atx := _ATX.match(line):
            marks += [(begin, begin + atx.start(2)), (begin + atx.end(2), end)]
            headings.append(Heading(begin + atx.start(2), begin + atx.end(2), len(atx[1])))
        elif previous and (under := _UNDERLINE.match(line)):
            headings.append(Heading(*previous, 1 if under[1][0] == "=" else 2))
            marks.append((begin, end))
        elif _RULE.match(line) or _TABLE_RULE.match(line) or _REFERENCE.match(line):
            marks.append((begin, end))
        else:
            previous = (begin, end) if line.strip() and not line.startswith(("|", ">", "-", "*", " ")) else None
            marks += [(begin + a, begin + b) for a, b in _line_marks(line)]
            continue
        previous = None
        marks += [(begin + a, begin + b) for a, b in _inline(line)] if atx else []
    marks += _comments(text, start)
    marks = sorted({mark for mark in marks if mark[1] > mark[0]})
    return [heading for heading in headings if heading.end > heading.start], marks, fences


def _comments(text: str, start: int) -> Iterator[_Span]:
    while (begin := text.find("<!--", start)) >= 0 and (end := text.find("-->", begin)) >= 0:
        yield begin, end + 3
        start = end + 3


def _lines(text: str, start: int) -> Iterator[_Span]:
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield start, end
        start = end + 1


def _line_marks(line: str) -> Iterator[_Span]:
    if quote := _LEAD.match(line):
        yield quote.span()
    stripped = line.strip()
    if stripped.startswith("|") and stripped.endswith("|") and len(stripped) > 2:
        yield line.index("|"), line.index("|") + 1
        yield line.rindex("|"), line.rindex("|") + 1
    yield from _inline(line)


def _inline(line: str) -> Iterator[_Span]:
    """Yield the spans of the marks within a line; none inside code."""
    code = [match.span() for match in _CODE.finditer(line)]
    for match in _CODE.finditer(line):
        yield match.start(), match.start(2)
        yield match.end(2), match.end()
    for begin, end in (*_links(line), *_emphasis(line, 0), *(m.span() for m in _TAG.finditer(line))):
        if not any(a < end and begin < b for a, b in code):
            yield begin, end
    for match in _ESCAPE.finditer(line):
        if not any(a <= match.start() < b for a, b in code):
            yield match.span()


def _links(line: str) -> Iterator[_Span]:
    for match in (*_BADGE.finditer(line), *_PICTURE.finditer(line)):
        yield match.span()
    for match in _ADDRESS.finditer(line):
        yield match.start(), match.start() + 1
        yield match.end() - 1, match.end()
    for match in _LINK.finditer(line):
        if match[1]:
            yield match.span()
        else:
            yield match.start(), match.start(2)
            yield match.end(2), match.end()
    for match in _REFERENCE_LINK.finditer(line):
        yield match.start(), match.start(1)
        yield match.end(1), match.end()


def _emphasis(line: str, depth: int) -> Iterator[_Span]:
    for match in _EMPHASIS.finditer(line):
        group = next(number for number in (1, 3, 5) if match[number])
        yield match.start(), match.start(group + 1)
        yield match.end(group + 1), match.end()
        if depth < 2:  # **bold with _italic_ inside**
            for begin, end in _emphasis(match[group + 1], depth + 1):
                yield match.start(group + 1) + begin, match.start(group + 1) + end


def _front_matter(source: str) -> Metadata:
    import yaml

    try:
        values = yaml.safe_load(source)
    except yaml.YAMLError:
        return Metadata()  # a broken front matter costs the metadata, not the document
    if not isinstance(values, dict):
        return Metadata()
    named = {str(key).casefold(): value for key, value in values.items()}
    stated = _iso(named.get("date") or named.get("published"))
    return Metadata(
        title=_word(named.get("title")),
        author=_word(named.get("author") or named.get("authors")),
        publisher=_word(named.get("publisher") or named.get("publication") or named.get("source")),
        date=stated,
        language=_word(named.get("language") or named.get("lang")),
    )


def _word(value: object) -> str | None:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_word, value))) or None
    if isinstance(value, dict):
        return _word(value.get("name"))
    return str(value).strip() or None if isinstance(value, str | int) else None


def _iso(value: object) -> str | None:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return iso_date(str(value)) if value else None
