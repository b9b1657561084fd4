"""What a proposed question must be: one question, understandable alone, without its answer, and found by a search.

A search must find the evidence among the first passages of either list, by meaning or by words. That the assistant
finds it first is not asked: a set of questions that it already gets right would measure nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eval.metrics import mentions
from eval.propose.lexicon import names_in
from index.library import Library
from index.types import Document, DocumentInfo
from rag.facts import coverage, numbers, terms

DEPTH = 10
"""How many passages of each list are looked at."""
LONGEST = 32
"""Most words of a question."""
_POINTS = re.compile(
    r"\b(?:it|they|them|he|him|she|we|us|our|ours|my|me|i|you|your|this|these|those|such|former|latter|above|below|else|"
    r"everything|something|anything|everyone|other|others|another|same|here|there|today|yesterday|now|ago|recently|"
    r"(?:last|next|this|that|previous|following) (?:year|month|week|day|summer|winter|spring|autumn)|"
    r"the (?:two|three|four|five|six|seven|eight|nine|ten|both))\b",
    re.I,
)


def stands_alone(question: str) -> bool:
    """Return whether a question is one, names what it is about, and points at nothing said before."""
    plain = question[0].lower() + question[1:]
    return is_plain(question) and bool(names_in(f"- {plain}"))


def is_plain(question: str) -> bool:
    """Return whether a question is one and points at nothing said before, whether or not it names what it is about."""
    single = question.endswith("?") and question.count("?") == 1 and not re.search(r"[.!]\s", question)
    return single and 4 <= len(question.split()) <= LONGEST and not _POINTS.search(question)


def gives_away(question: str, facts: Sequence[Sequence[str]]) -> bool:
    """Return whether a question holds a fact of its own answer."""
    return any(mentions(question, way) for ways in facts for way in ways)


def adds_nothing(question: str, sources: Sequence[str]) -> bool:
    """Return whether the names and numbers of a question, and most of its words, stand in the sources."""
    text = " ".join(sources)
    known = numbers(text)
    if any(number not in known for number in numbers(question)):
        return False
    if any(name not in text for name in names_in(question)):
        return False
    return coverage(dict.fromkeys(terms(question), 1.0), text) >= 0.6


@dataclass(frozen=True)
class Found:
    """A passage that a search found."""

    document: str
    start: int
    end: int
    text: str


class Search:
    """Searches a library by meaning and by words, each list for itself."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.infos: dict[str, DocumentInfo] = {info.id: info for info in library.documents()}
        self._documents: dict[str, Document] = {}

    def document(self, identity: str) -> Document:
        """Return a document, read once."""
        if identity not in self._documents:
            self._documents[identity] = self.library.document(identity)
        return self._documents[identity]

    def passages(self, question: str, depth: int = DEPTH) -> list[Found]:
        """Return the first passages of both lists, those by meaning first."""
        vector = self.library.embedder.encode_query(question)
        ids = [i for i, _ in self.library.dense(vector, depth)]
        ids += [i for i, _ in self.library.lexical(question, depth) if i not in ids]
        rows = self.library.passages(ids)
        return [Found(rows[i][0], rows[i][1].start, rows[i][1].end, rows[i][2]) for i in ids if i in rows]

    def finds(self, question: str, document: str, start: int, end: int) -> bool:
        """Return whether a search for a question finds a span of a document."""
        return any(p.document == document and p.start < end and start < p.end for p in self.passages(question))

    def answers(self, question: str, value: str) -> Found | None:
        """Return a passage that may answer a question in which `value` was put, by its words; None when none does.

        A passage may when `value` stands in it, or in the date of its document, and most other words of the question
        do too.
        """
        weights = dict.fromkeys(terms(question), 1.0)
        for term in terms(value):
            weights.pop(term, None)
        for passage in self.passages(question, 3 * DEPTH):
            date = self.infos[passage.document].metadata.date or ""
            if mentions(passage.text, value, whole_words=True) or date.startswith(value):
                if any(coverage(weights, part) >= 0.6 for part in _windows(passage.text)):
                    return passage
        return None


def _windows(text: str, size: int = 3) -> Iterator[str]:
    """Yield each run of so many sentences."""
    from index.sentences import sentences

    parts = sentences(text)
    for first in range(max(len(parts) - size + 1, 1)):
        chosen = parts[first : first + size]
        if chosen:
            yield text[chosen[0].start : chosen[-1].end]
