"""Filters: which documents a question is asked of. Those that a user gives hold without exception.

Filters of one kind are alternatives, filters of different kinds hold together. The collection is no filter: it is the
library that is asked.
"""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import PurePosixPath

from index.types import DocumentInfo
from rag.catalogue import Catalogue, folded, people, words_of
from rag.errors import QuestionError

TYPES: dict[str, tuple[str, ...]] = {
    "text": ("txt",),
    "markdown": ("md",),
    "web": ("html", "mhtml"),
    "word": ("docx", "doc", "odt", "rtf"),
    "slides": ("pptx", "ppt", "odp"),
    "sheet": ("xlsx", "xls", "xlsb", "ods", "csv", "tsv"),
    "mail": ("eml", "msg"),
    "notebook": ("ipynb",),
    "book": ("epub",),
}
"""Types that a user may name beside the kinds of files themselves (pdf, docx, …), and the kinds that each means."""
_DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_SHOWN = 6
"""Values named in an error; a library may hold thousands."""
_COMPARED = 1000


@dataclass(frozen=True)
class Filters:
    """The documents to look at. Empty filters let every document through.

    `source` is a file, a folder, a pattern with `*` of either, or a publisher; `author` some words of a name;
    `type` a kind of file ("pdf") or one of `TYPES`. `after` is the first date that is let through, `before` the first
    that no longer is, both ISO 8601 to the day, the month or the year. A document that is dated to the year may be of
    any of its days; one without a date is let through by neither.

    Raises:
        QuestionError: when a date is none, or the two leave no day between them.
    """

    source: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    after: str | None = None
    before: str | None = None
    type: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("after", "before"):
            value = getattr(self, name)
            if value is not None and not _DATE.fullmatch(value):
                raise QuestionError(f"{name} {value!r} is no date: give a year, 2014-05, or 2014-05-08")
        if self.after and self.before and _first(self.before) <= _first(self.after):
            raise QuestionError(
                f"nothing is dated from {self.after} on and before {self.before}: 'before' names the first date that "
                "is no longer looked at"
            )

    def __bool__(self) -> bool:
        return any((self.source, self.author, self.after, self.before, self.type))

    def to_dict(self) -> dict[str, str]:
        """Return the filters in words, for the trace."""
        values = {
            "source": " or ".join(self.source),
            "author": " or ".join(self.author),
            "after": self.after or "",
            "before": self.before or "",
            "type": " or ".join(self.type),
        }
        return {name: value for name, value in values.items() if value}


NO_FILTERS = Filters()


def matching(filters: Filters, catalogue: Catalogue) -> frozenset[str]:
    """Return the ids of the documents that filters let through.

    Raises:
        QuestionError: when they let none through; the text says which filter excludes everything, and what there is.
    """
    left = _matching(filters, catalogue)
    if not left and catalogue.documents:
        raise QuestionError(_why_none(filters, catalogue))
    return left


def dated(date: str | None, after: str | None, before: str | None) -> bool:
    """Say whether a date, as exact as it is known, may lie from `after` on and before `before`."""
    if date is None:
        return False
    return (not after or _last(date) >= _first(after)) and (not before or _first(date) < _first(before))


def kinds(name: str) -> frozenset[str]:
    """Return the kinds of files that a type's name means: itself, or those of `TYPES`."""
    wanted = name.lower().lstrip(".")
    return frozenset((wanted, *TYPES.get(wanted, ())))


def of_kind(document: str, wanted: frozenset[str], catalogue: Catalogue) -> bool:
    """Say whether a document is of some kind, or lies in a file that is: an attachment belongs to its mail."""
    if catalogue.documents[document].kind in wanted:
        return True
    parts = (part for path in catalogue.paths(document) for part in PurePosixPath(path).parts)
    return any(PurePosixPath(part).suffix.lower().lstrip(".") in wanted for part in parts)


def _first(date: str) -> str:
    return date + "-01-01"[len(date) - 10 :] if len(date) < 10 else date


def _last(date: str) -> str:
    return date + "-12-31"[len(date) - 10 :] if len(date) < 10 else date


def _matching(filters: Filters, catalogue: Catalogue) -> frozenset[str]:
    found: Iterable[str] = catalogue.documents
    if filters.source:
        wanted = [_source(value) for value in filters.source]
        found = [d for d in found if any(is_of(d, catalogue) for is_of in wanted)]
    if filters.author:
        found = [d for d in found if any(_by(catalogue.documents[d], value) for value in filters.author)]
    if filters.after or filters.before:
        found = [d for d in found if dated(catalogue.documents[d].metadata.date, filters.after, filters.before)]
    if filters.type:
        wanted_kinds = frozenset().union(*map(kinds, filters.type))
        found = [d for d in found if of_kind(d, wanted_kinds, catalogue)]
    return frozenset(found)


class _source:
    """A test whether a document comes from a file, a folder or a publisher."""

    def __init__(self, value: str) -> None:
        pattern = folded(value.replace("\\", "/")).removeprefix("./").rstrip("/")
        glob = fnmatch.translate(pattern).removesuffix(r"\Z").removesuffix(r"\z")
        # A pattern may begin at any folder of a path and end at any, and leave out the suffix of a file.
        self._path = re.compile(rf"(?:.*/)?(?:{glob}|{re.escape(pattern)})(?:\.[^/.]+)?(?:/.*)?\Z", re.S)
        self._words = words_of(value)

    def __call__(self, document: str, catalogue: Catalogue) -> bool:
        if any(self._path.match(folded(path)) for path in catalogue.paths(document)):
            return True
        return follow(self._words, words_of(catalogue.documents[document].metadata.publisher or ""))


def follow(wanted: Sequence[str], spoken: Sequence[str]) -> bool:
    """Say whether words stand one after the other among other words."""
    size = len(wanted)
    return size > 0 and any(spoken[i : i + size] == wanted for i in range(len(spoken) - size + 1))


def _by(info: DocumentInfo, author: str) -> bool:
    """Say whether a document is by an author of whose name some words or initials are given."""
    wanted = words_of(author)
    return bool(wanted) and any(
        all(any(w == part or (len(w) == 1 and part.startswith(w)) for part in name) for w in wanted)
        for name, _ in [*people(info.metadata.author or ""), (words_of(info.metadata.author or ""), "")]
    )


def _why_none(filters: Filters, catalogue: Catalogue) -> str:
    """Return in words which filter lets no document through, and what values there are."""
    infos = list(catalogue.documents.values())
    alone = {
        "source": replace(NO_FILTERS, source=filters.source),
        "author": replace(NO_FILTERS, author=filters.author),
        "date": replace(NO_FILTERS, after=filters.after, before=filters.before),
        "type": replace(NO_FILTERS, type=filters.type),
    }
    counts = {name: len(_matching(only, catalogue)) for name, only in alone.items() if only}
    for name, count in counts.items():
        if not count:
            given = ", ".join(f"{key} {value}" for key, value in alone[name].to_dict().items())
            return f"no document matches {given}: {_there_is(name, filters, infos)} ('rag list' shows all)"
    each = ", ".join(f"{count} by {name}" for name, count in counts.items())
    given = ", ".join(f"{key} {value}" for key, value in filters.to_dict().items())
    return f"no document matches all of {given}: of {len(infos)} documents {each}, none by all; leave one out"


def _there_is(name: str, filters: Filters, infos: Sequence[DocumentInfo]) -> str:
    if name == "author":
        return "the authors are " + _some((i.metadata.author for i in infos), filters.author)
    if name == "type":
        return "the types are " + _some((i.kind for i in infos), filters.type)
    if name == "date":
        dates = sorted(i.metadata.date for i in infos if i.metadata.date)
        undated = len(infos) - len(dates)
        return f"the dates go from {dates[0]} to {dates[-1]}, {undated} have none" if dates else "none has a date"
    files = _some((PurePosixPath(i.source.replace("\\", "/")).name for i in infos), filters.source)
    publishers = _some((i.metadata.publisher for i in infos), filters.source)
    return f"the files are {files}; the publishers are {publishers}"


def _some(values: Iterable[str | None], near: Sequence[str]) -> str:
    """Return values in words: those like what was asked for first, then the most frequent."""
    counted = Counter(value for value in values if value)
    if not counted:
        return "not known"
    likeness = {value: max(_like(text, value) for text in near) for value in list(counted)[:_COMPARED]}
    alike = sorted((value for value in likeness if likeness[value] > 0.6), key=lambda value: -likeness[value])
    ordered = list(dict.fromkeys([*alike, *(value for value, _ in counted.most_common(_SHOWN))]))[:_SHOWN]
    more = len(counted) - len(ordered)
    return ", ".join(ordered) + (f" and {more} more" if more else "")


def _like(text: str, value: str) -> float:
    """Return how like a text is to a value, or to one of its words, 0 to 1."""
    wanted = folded(text)
    return max(SequenceMatcher(None, wanted, part).ratio() for part in (folded(value), *words_of(value)))
