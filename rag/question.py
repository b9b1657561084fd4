"""A question is made to stand on its own: checked, joined with its conversation, and read for author and year."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.types import DocumentInfo
from rag.errors import QuestionError
from rag.facts import names, words
from rag.types import Query, Turn

LONGEST = 4000
"""Most characters of a question; more is a document, not a question."""

_POINTING = frozenset(
    "he she it they him her them his hers its their theirs this that these those there then former latter same".split()
)
_OPENING = re.compile(r"^\s*(?:and|but|or|so|also|what about|how about|what of)\b[\s,]*", re.I)
_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")


def standalone(question: str, history: Sequence[Turn], documents: Sequence[DocumentInfo]) -> Query:
    """Return the question as it can be understood without the conversation, with the filters found in it.

    Raises:
        QuestionError: when it is empty or too long.
    """
    text = " ".join(question.split())
    if not text or not re.search(r"\w", text):
        raise QuestionError("the question is empty: ask something, for example 'rag ask \"Who wrote the report?\"'")
    if len(text) > LONGEST:
        raise QuestionError(
            f"the question has {len(text):,} characters, at most {LONGEST:,} can be asked: "
            "add the long text as a document with 'rag add', and ask about it"
        )
    if history and _depends(text):
        text = _joined(text, history[-1].standalone or history[-1].question)
    return Query(text, _filters(text, documents))


def _depends(text: str) -> bool:
    """Say whether a question leans on what was said before."""
    if _OPENING.match(text):
        return True
    spoken = re.findall(r"\w+", text.lower())
    points = any(w in _POINTING for w in spoken) and not names(text)
    return points or len(spoken) <= 3


def _joined(text: str, before: str) -> str:
    """Return a follow-up with what it leans on: only the year changed, or both questions together."""
    fragment = _OPENING.sub("", text)
    year, years = _YEAR.search(fragment), _YEAR.findall(before)
    if year and len(words(fragment)) <= 2 and len(years) == 1:
        return _YEAR.sub(year[0], before)
    return f"{before.rstrip('?!. ')}: {fragment}"


def _filters(text: str, documents: Sequence[DocumentInfo]) -> dict[str, str]:
    """Return the author whom the question names, and the year in which it says that something was written."""
    filters = {}
    spoken = names(text)
    for info in documents:
        surname = (info.metadata.author or "").split()[-1:]
        if surname and surname[0].lower() in spoken:
            filters["author"] = info.metadata.author or ""
    written = re.search(
        r"\b(1[89]\d\d|20\d\d)\s+(?:article|report|commentary|piece|paper|essay|text|analysis|study|brief|book)",
        text,
        re.I,
    )
    if written:
        filters["year"] = written[1]
    return filters
