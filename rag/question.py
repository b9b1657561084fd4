"""A question is made to stand on its own: checked, joined with its conversation, and read for where to look."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.types import DocumentInfo
from rag.breadth import across, compares, parts, several
from rag.catalogue import Catalogue
from rag.errors import QuestionError
from rag.filters import NO_FILTERS, Filters, matching
from rag.follow_up import meant
from rag.follow_up_forms import brief, only_the_talk
from rag.mentions import Mention, alternatives, mentions, named, not_ruled_out, together
from rag.types import Query, Turn

LONGEST = 4000
"""Most characters of a question; more is a document, not a question."""


def standalone(
    question: str,
    history: Sequence[Turn],
    documents: Catalogue | Sequence[DocumentInfo],
    filters: Filters = NO_FILTERS,
) -> Query:
    """Return the question as it can be understood without the conversation, and where to look for its answer.

    Args:
        question: as it was asked.
        history: what was asked and shown before it.
        documents: what the library holds, at best as its catalogue.
        filters: which of them to look at; those that the question itself names are found in it.

    Raises:
        QuestionError: when it is empty or too long, or the filters let no document through.
    """
    text = " ".join(question.split())
    if not text or not re.search(r"\w", text):
        raise QuestionError("the question is empty: ask something, for example 'rag ask \"Who wrote the report?\"'")
    if len(text) > LONGEST:
        raise QuestionError(
            f"the question has {len(text):,} characters, at most {LONGEST:,} can be asked: "
            "add the long text as a document with 'rag add', and ask about it"
        )
    catalogue = documents if isinstance(documents, Catalogue) else Catalogue(documents)
    whole = meant(text, history, catalogue.people)[:LONGEST] if history else text
    talk = bool(history) and only_the_talk(text)
    return replace(_where(whole, catalogue, filters), brief=brief(text), talk=talk)


def _where(text: str, catalogue: Catalogue, given: Filters) -> Query:
    """Return the question with the documents that are given to it, and those that it names."""
    among = matching(given, catalogue) if given else None
    found = mentions(text, catalogue)
    kinds = together(found)
    # Where several things are asked, what is said of one document does not hold for all of them.
    left = None if across(text) or several(text) else not_ruled_out(kinds)
    if left is not None and among is not None:
        left = left & among or None
    looked_at = among if left is None else left
    every = frozenset(catalogue.documents) if looked_at is None else looked_at
    preferred = _preferred(kinds, every)
    sides = _sides(text, found, catalogue, every)
    if not sides and preferred and several(text):
        sides = {kind.value: (text, preferred) for kind in kinds if kind.documents & preferred}
    filters = given.to_dict() | _in_words(kinds, ruling=left is not None)
    if sides:
        filters["parts"] = "; ".join(sides)
    asked = tuple(Query(side, among=within or looked_at) for side, within in sides.values())
    return Query(text, filters, looked_at, frozenset() if asked else preferred, asked, across(text))


def _sides(
    text: str, found: Sequence[Mention], catalogue: Catalogue, every: frozenset[str]
) -> dict[str, tuple[str, frozenset[str]]]:
    """Return what is to be looked for apart, under a name: its text, and the documents to look in (none: in all).

    Of things compared, one that names no document is looked for outside of those that the others name.
    """
    asked = parts(text)
    apart = alternatives(found) if compares(text) else []
    if len(apart) > len(asked):
        sides = {mention.value: (text, mention.documents & every) for mention in apart}
    else:
        sides = {part: (part, _preferred(together(mentions(part, catalogue)), every)) for part in asked}
    if compares(text):
        named_by_one = frozenset().union(*(within for _, within in sides.values()))
        others = every - named_by_one if named_by_one else frozenset()
        sides = {name: (side, within or others) for name, (side, within) in sides.items()}
    return sides


def _preferred(found: Sequence[Mention], every: frozenset[str]) -> frozenset[str]:
    """Return the documents to be looked at first; none where that would be all."""
    preferred = named(found) & every
    return preferred if preferred != every else frozenset()


def _in_words(found: Sequence[Mention], *, ruling: bool) -> dict[str, str]:
    words = {}
    for mention in found:
        if not mention.documents:
            if mention.allowed is not None:
                words[f"{mention.name} in the question"] = f"{mention.value} (no such document: all are looked at)"
        elif ruling and mention.allowed is not None:
            words[f"{mention.name} in the question"] = mention.value
        else:
            words[f"preferred {mention.name}"] = mention.value
    return words
