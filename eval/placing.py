"""Where the evidence of a set stands in the documents of a library, or why it stands nowhere and what comes nearest.

Reads each document once. A quote is looked for as `eval.metrics.locate` does, in the clean text and then in the raw.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Protocol
from urllib.parse import urlsplit

from eval.formats import Evidence, QuestionSet
from eval.metrics import Span, locate
from index.lexical import analyse
from index.types import Document, DocumentInfo

_SHOWN = 120
_ALIKE = 0.4
"""Share of a quote's words that a stretch of text must hold to be called its nearest."""


class Library(Protocol):
    """What holds the documents."""

    def documents(self) -> list[DocumentInfo]:
        """Return what is known of each document but its text."""

    def document(self, id: str, /) -> Document:  # noqa: A002 - the field is called so
        """Return a document in full."""


@dataclass(frozen=True)
class Placed:
    """Where evidence stands. `whole`: any passage that touches the span counts; else the span is to be covered.

    `exact` is false where a page stands in for a quote that is not on it word for word.
    """

    span: Span
    whole: bool = False
    exact: bool = True


@dataclass(frozen=True)
class Missing:
    """Evidence that stands in no document, and why; `reason` says what comes nearest."""

    reason: str


class Places:
    """Finds evidence in the documents of a library."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._names = _names(library)
        self._read: dict[str, Document] = {}
        self._running: dict[str, str] = {}

    def document(self, identity: str) -> Document:
        """Return a document, read once."""
        if identity not in self._read:
            self._read[identity] = self._library.document(identity)
        return self._read[identity]

    def running(self, identity: str) -> str:
        """Return the text of a document with its headings blanked, which stand beside passages and not in them.

        A quote that begins with a heading would be covered by no passage, were the heading to be covered too.
        """
        if identity not in self._running:
            document = self.document(identity)
            text = document.text
            for heading in document.headings:
                text = text[: heading.start] + " " * (heading.end - heading.start) + text[heading.end :]
            self._running[identity] = text
        return self._running[identity]

    def place(self, evidence: Evidence) -> Placed | Missing:
        """Return where evidence stands, or why it stands nowhere."""
        found = self._named(evidence.doc)
        if isinstance(found, Missing):
            return found
        document = self.document(found)
        whole = Span(found, 0, len(document.text))
        page = _page(document, evidence.page) if evidence.page else None
        if evidence.page and page is None:
            count = len(document.pages)
            return Missing(f"page {evidence.page} is not there: it has {f'{count} pages' if count else 'no pages'}")
        if evidence.whole:
            return Placed(Span(found, *page) if page else whole, whole=True)
        span = _find(evidence.quote, document, page)
        if span:
            return Placed(Span(found, *span))
        if page:
            return Placed(Span(found, *page), whole=True, exact=False)
        return Missing(self._why(evidence, document))

    def _named(self, doc: str) -> str | Missing:
        """Return the id of the one document whose file is called so, or starts so."""
        exact = self._names.get(doc)
        ids = {exact} if exact else {identity for name, identity in self._names.items() if name.startswith(doc)}
        if len(ids) == 1:
            return ids.pop()
        if ids:
            return Missing(f"{len(ids)} documents' file names start with {doc!r}; expected one")
        near = get_close_matches(doc, self._names, n=1, cutoff=0.4)
        return Missing(f"no document's file name starts with {doc!r}" + (f"; nearest is {near[0]!r}" if near else ""))

    def _why(self, evidence: Evidence, document: Document) -> str:
        here = f"the quote is not in {_file_name(document.source)}"
        for name, identity in self._names.items():
            if identity != document.id and _find(evidence.quote, self.document(identity), None):
                return f"{here}; it stands in {name}"
        near = nearest(evidence.quote, document.text)
        return f"{here}; nearest there is: {near}" if near else f"{here}, nor anything like it"


def problems(question_set: QuestionSet, library: Library) -> list[str]:
    """Return a line for each evidence of a set that stands in no document: file, line, field, what comes nearest."""
    places = Places(library)
    found = []
    for item in question_set.items:
        for number, evidence in enumerate(item.evidence):
            placed = places.place(evidence)
            if isinstance(placed, Missing):
                quote = f", quote {_cut(evidence.quote)!r}" if evidence.quote else ""
                where = f"{item.where} ({item.id})" if item.where else item.id
                found.append(f"{question_set.path}, {where}, evidence[{number}]{quote}: {placed.reason}")
    return found


def nearest(quote: str, text: str) -> str | None:
    """Return the stretch of text, as long as the quote, that shares most of its words; None where few are shared."""
    words = _words(text)
    wanted = Counter(term for word in quote.split() for term in analyse(word))
    size = max(len(quote.split()), 1)
    if not words or not wanted:
        return None
    terms = [analyse(text[start:end]) for start, end in words]
    have: Counter[str] = Counter()
    shared = best = begin = 0
    for last, held in enumerate(terms):
        for term in held:
            have[term] += 1
            shared += have[term] <= wanted[term]
        if last >= size:
            for term in terms[last - size]:
                shared -= have[term] <= wanted[term]
                have[term] -= 1
        if shared > best:
            best, begin = shared, max(last - size + 1, 0)
    if best < _ALIKE * sum(wanted.values()):
        return None
    return _cut(text[words[begin][0] : words[min(begin + size, len(words)) - 1][1]], 200)


def _words(text: str) -> list[tuple[int, int]]:
    found, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        found.append((at, at + len(word)))
        at += len(word)
    return found


def _find(quote: str, document: Document, page: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return the clean span of a quote, on a page if one is given; it may stand in the raw text only."""
    if page:
        inside = locate(quote, document.text[page[0] : page[1]])
        if inside:
            return inside[0] + page[0], inside[1] + page[0]
    span = locate(quote, document.text)
    if span is None and (raw := locate(quote, document.raw)):
        start, end = (document.alignment.to_clean(offset) for offset in raw)
        span = (start, end) if document.text[start:end].strip() else None
    return span


def _page(document: Document, page: int) -> tuple[int, int] | None:
    """Return the span of a page, from 1; pages without text share theirs with the one after."""
    if page > len(document.pages):
        return None
    start = document.pages[page - 1]
    after = bisect_right(document.pages, start)
    end = document.pages[after] if after < len(document.pages) else len(document.text)
    return start, end


def _names(library: Library) -> Mapping[str, str]:
    """Return the file name of every path, and the id of the document to which it leads."""
    store = getattr(library, "store", None)
    if store is not None:  # files of the same content share a document, which then has several names
        return {_file_name(source): identity for source, identity in store.sources().items()}
    return {_file_name(info.source): info.id for info in library.documents()}


def _file_name(source: str) -> str:
    """Return the last part of a path (of either kind of slash) or of a URL's path."""
    path = urlsplit(source).path if "://" in source else source.replace("\\", "/")
    return PurePosixPath(path).name


def _cut(text: str, length: int = _SHOWN) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= length else f"{flat[: length - 1]}…"
