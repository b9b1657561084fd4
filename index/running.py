"""Remove what pages put around their text: running heads and feet, page numbers, ornaments, the line of the author.

Each rule marks lines as removed, by what they say and by where they stand. In doubt a line stays: a stray
header costs less than a lost sentence.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from index.furniture import is_organisation, is_ornament, page_number
from index.lines import Line, ends_sentence, is_wide, starts_lower
from index.metadata import is_byline_of
from index.types import Metadata

_EDGE = 3
_MAX_HEAD = 130
_FULL = 60
_TOP = 20
_HEADS = 6
_MOST = 0.7
_RUNNING = ("running head", "stands on several pages")
_NUMBER = ("page number", "number of the page")
_DIGITS = re.compile(r"\d+")
_WORDS = re.compile(r"\w+")
_NUMBERED = re.compile(r"^(\d{1,4})\s+(\D.*)$|^(.*\D)\s+(\d{1,4})$")
_COUNTED = re.compile(r"^(\d{1,4})\s+(\S.*)$|^(.*\S)\s+(\d{1,4})$")
_SECTION_NUMBER = re.compile(r"^(?:\d+(?:\.\d+)*\.?|[IVX]+\.)\s+")


def remove_page_furniture(lines: Sequence[Line], known: Metadata) -> None:
    """Mark running heads and feet and page numbers, where the format has pages or where it has lost them."""
    pages = [list(group) for _, group in groupby(lines, key=lambda line: line.page)]
    if len(pages) > 1:
        _remove_at_edges(pages, known)
    else:
        _remove_amid_text(lines, known)
        _remove_page_numbers(lines)
    for line in lines:
        if is_ornament(line.text):
            line.remove("furniture", "ornament")
    _remove_title_again(lines, known)


def _remove_title_again(lines: Sequence[Line], known: Metadata) -> None:
    """Mark the title, or the beginning of it, in capitals far below it, as a back cover has it."""
    title = (known.title or "").casefold()
    for line in lines[_TOP:]:
        if line.text.isupper() and " " in line.text and title.startswith(line.text.casefold()) and not line.level:
            line.remove("running head", "the title again")


def _remove_at_edges(pages: Sequence[list[Line]], known: Metadata) -> None:
    """Mark what stands at the head or foot of several pages, from the outside in as far as it goes."""
    edges = [[page[:_EDGE] for page in pages], [page[: -_EDGE - 1 : -1] for page in pages]]
    _remove_counted_heads(pages)
    titles = {_SECTION_NUMBER.sub("", line.text).casefold() for page in pages for line in page if not line.removed}
    for side in edges:
        seen = Counter(key for edge in side for key in {_key(line) for line in edge})
        offsets = Counter(n - edge[0].page for edge in side if (n := _arabic(edge[0])) is not None)
        for number, edge in enumerate(side):
            for line in edge:
                if line.removed:
                    continue
                foot = side is edges[1] and line is edge[0] and _ends_page(edge)
                if not (_is_running(line, seen, offsets) or foot or (number and _own(line, titles, known))):
                    break
                line.remove(*_RUNNING if page_number(line.text) is None else _NUMBER)


def _remove_counted_heads(pages: Sequence[list[Line]]) -> None:
    """Mark the lines at the edges of pages whose first or last number counts the pages, whatever their words."""
    for at in (0, -1):
        found = [(page[at], *head) for page in pages if len(page) > 1 for head in _counted_heads(page[at])]
        offsets = Counter(number - line.page for line, number, _ in found)
        offset, count = max(offsets.items(), key=lambda item: item[1], default=(0, 0))
        heads = [(line, words) for line, number, words in found if number - line.page == offset]
        seen = Counter(words.casefold() for _, words in heads)
        # The first page of a document or chapter often has no head. Titles of sections may count the pages
        # too ("1 Aim", "2 Method"), but each of them stands there only once.
        if count < max(2, _MOST * (len(pages) - 1)) or max(seen.values()) < 2:
            continue
        for line, words in heads:
            # On the first page it may as well be the first heading.
            if seen[words.casefold()] > 1 or (line.page > 1 and words[0].isupper() and not ends_sentence(words)):
                line.remove(*_RUNNING)


def _counted_heads(line: Line) -> Iterator[tuple[int, str]]:
    """Yield the number at the begin or end of a line, and the words beside it."""
    match = _COUNTED.match(line.text) if len(line.text) <= _MAX_HEAD and not line.row and not line.level else None
    if match and any(map(str.isalpha, words := match[2] or match[3])):
        yield int(match[1] or match[4]), words


def _is_running(line: Line, seen: Counter[str], offsets: Counter[int]) -> bool:
    number = page_number(line.text)
    if line.level:
        return False
    if number is not None and number != line.text.strip():
        return True  # "Page 3 of 12", "- 3 -"
    if number is not None:
        return offsets[int(number) - line.page] > 1 if number.isdigit() else number.islower()
    key = _key(line)
    often = seen[key] >= (3 if len(key.split()) > 1 and not ends_sentence(line.text) else 5)
    return often and len(line.text) <= _MAX_HEAD and bool(key.strip("# "))


def _own(line: Line, titles: set[str], known: Metadata) -> bool:
    """Tell whether a line is the title of the document, or that of a chapter with the number of the page."""
    match = _NUMBERED.match(line.text)
    return _names(line.text, known) or bool(match and match[3] and match[3].casefold() in titles)


def _ends_page(edge: Sequence[Line]) -> bool:
    """Tell whether the last line of a page is its number, the one above it words and no row of a table."""
    above = edge[1] if len(edge) > 1 else None
    return _arabic(edge[0]) is not None and above is not None and not above.row and any(map(str.isalpha, above.text))


def _key(line: Line) -> str:
    return _DIGITS.sub("#", line.text.casefold())


def _arabic(line: Line) -> int | None:
    number = page_number(line.text)
    return int(number) if number and number.isdigit() else None


@dataclass(frozen=True)
class _Head:
    """A line that may be a running head: its words without the number of the page, and where that stands."""

    line: Line
    words: str
    number: str
    last: bool
    interrupts: bool
    own: bool


def _remove_amid_text(lines: Sequence[Line], known: Metadata) -> None:
    """Mark "22 Title of the report" and "Name of the chapter 13" in a text that has lost its pages.

    A line by itself is one when its words come again and again with other numbers, or come again and once cut a
    sentence, or are the words of the title, of a heading or of the author where they have no business.
    """
    heads = _possible_heads(lines, known)
    groups: defaultdict[tuple[str, bool, bool], list[_Head]] = defaultdict(list)
    for head in heads:
        groups[head.words, bool(head.number), head.last].append(head)
    sections = {_SECTION_NUMBER.sub("", line.text).casefold() for line in lines if _SECTION_NUMBER.match(line.text)}
    sections |= {head.words for head in heads if not head.number}
    again = sum(not counts and len(group) > 3 for (_, counts, _), group in groups.items())
    for (words, counts, _), group in groups.items():
        if again > _HEADS and not counts and not group[0].own:
            continue  # so many lines that come again are how the text is built: a plan, a list, a form
        numbers = {head.number for head in group}
        cuts = any(head.interrupts for head in group)
        first = group[0] if not counts and not group[0].interrupts and not group[0].own else None
        for head in group:
            known_words = head.own or (head.last and words in sections)
            if head is not first and (
                (counts and (len(numbers) > 2 or known_words))
                or (len(group) > 1 and (cuts or head.own))
                or (head.own and not head.line.blanks)
                or (head.interrupts and known_words)
                or (not counts and len(group) > 3 and len(words.split()) > 2)
            ):
                head.line.remove(*_RUNNING)


def _possible_heads(lines: Sequence[Line], known: Metadata) -> list[_Head]:
    below = [*(bool(line.blanks) for line in lines[1:]), True][: len(lines)]
    # The first line of a paragraph has a blank line above it too, but it is long and the text goes on below it.
    apart = [after or (line.blanks > 0 and len(line.text) < _FULL) for line, after in zip(lines, below, strict=True)]
    own = [i > _EDGE and apart[i] and _names(line.text, known) for i, line in enumerate(lines)]
    found = []
    before: Line | None = None
    for i, line in enumerate(lines):
        if page_number(line.text) is not None:
            continue
        match = _NUMBERED.match(line.text) if len(line.text) <= _MAX_HEAD else None
        words = ((match[2] or match[3]) if match else line.text).strip()
        if apart[i] and _may_be_head(line, words):
            after = (n for n in range(i + 1, min(i + 1 + _EDGE, len(lines))) if not own[n] and not _is_number(lines[n]))
            cuts = _cuts_sentence(before, next((lines[n] for n in after), None))
            cuts = cuts or (own[i] and before is not None and len(before.text) > 30 and not ends_sentence(before.text))
            number = (match[1] or match[4]) if match else ""
            found.append(_Head(line, words.casefold(), number, bool(match and match[3]), cuts, own[i]))
        if not own[i]:
            before = line
    return found


def _may_be_head(line: Line, words: str) -> bool:
    one = len(words.split()) < 2 and not (len(words) > 1 and is_wide(words))
    long = len(line.text) > _MAX_HEAD or line.row or line.level
    return not (one or long or ends_sentence(words)) and any(map(str.isalpha, words))


def _is_number(line: Line) -> bool:
    return page_number(line.text) is not None


def _cuts_sentence(before: Line | None, after: Line | None) -> bool:
    return bool(before and after and not ends_sentence(before.text) and starts_lower(after.text))


def _names(text: str, known: Metadata) -> bool:
    """Tell whether a line holds words of the title, the author and the publisher only, and enough of them."""
    if len(text) > _MAX_HEAD or not known.title:
        return False
    words = {word for word in _WORDS.findall(text.casefold()) if not word.isdigit()}
    if is_wide(text):
        inside = [word for word in words if word in known.title]
        return len(text) > 1 and bool(inside) and all(word in (known.author or "") for word in words - {*inside})
    title = _WORDS.findall(known.title.casefold())
    other = _WORDS.findall(f"{known.author or ''} {known.publisher or ''}".casefold())
    enough = len(words) > 1 or (len(words) == 1 and len(title) == 1)
    fits = words <= {*title, *other} and not words.isdisjoint(title)
    return enough and fits and not ends_sentence(text) and text[-1] not in ",;:"


def _remove_page_numbers(lines: Sequence[Line]) -> None:
    """Mark numbers that stand alone between blank lines and count up through the text."""
    found: list[tuple[Line, int]] = []
    for i, line in enumerate(lines):
        if not (line.blanks or (i + 1 < len(lines) and lines[i + 1].blanks) or i + 1 == len(lines)):
            continue
        number = page_number(line.text)
        if number is None:
            continue
        before = next((other for other in lines[max(i - _EDGE, 0) : i][::-1] if not other.removed), None)
        after = next((other for other in lines[i + 1 : i + 1 + _EDGE] if not other.removed), None)
        last = after is None and before and ends_sentence(before.text) and (line.page or line.blanks)
        cuts = (number.isdigit() or number.islower()) and _cuts_sentence(before, after)
        if number != line.text.strip() or last or cuts:
            line.remove(*_NUMBER)
        if number.isdigit():
            if len(found) == 1 and not 0 < int(number) - found[-1][1] <= 3:
                found.clear()
            if not found or 0 < int(number) - found[-1][1] <= 3:
                found.append((line, int(number)))
    if len(found) > 2 or any(line.removed for line, _ in found):
        for line, _ in found:
            line.remove(*_NUMBER)


def remove_bylines(lines: Sequence[Line], known: Metadata) -> None:
    """Mark the lines near the top that name the author, publisher or date and say nothing else."""
    top = [line for line in lines[: _TOP + 1] if not line.removed]
    for line in top[:-1]:  # the last one stays: a document is not empty
        if not line.level and is_byline_of(line.text, known):
            line.remove("metadata", "author, publisher or date of the document")
    for before, line in pairwise(lines[:_TOP]):
        if before.removed == "metadata" and not line.level and is_organisation(line.text):
            line.remove("metadata", "where the author works, below the name")
