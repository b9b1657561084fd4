"""The first look: passages that are near a question in meaning (dense) or share its words (lexical), fused.

Fusion adds scores, not ranks: the cosine, and the BM25 score as a share of the best one. On 1,500 questions over 390
SQuAD paragraphs this put the right one first for .81-.82 of them, reciprocal rank fusion for .73.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.embed import Vectors
from index.library import Library
from index.types import DocumentInfo, Passage
from rag.types import Query, RetrievedPassage

LEXICAL_WEIGHT = 0.5
NAMED_BONUS = 0.15
"""Added to the passages of a document whose author or date the question names."""


@dataclass(frozen=True)
class Candidate:
    """A passage on its way through retrieval, with what is needed to score its sentences."""

    hit: RetrievedPassage
    passage: Passage
    title: str
    author: str | None
    date: str | None

    @property
    def about(self) -> str:
        """Title, author and date of the document: words that a question may use for it."""
        return " ".join(part for part in (self.title, self.author, self.date and self.date.replace("-", " ")) if part)


def retrieve(query: Query, vector: Vectors, library: Library, count: int) -> list[Candidate]:
    """Return the passages of both lists, best first.

    Args:
        query: the question, with its filters.
        vector: its embedding.
        library: where to look.
        count: passages taken from each list.
    """
    dense = library.dense(vector, count)
    lexical = library.lexical(query.text, count)
    cosines = dict(dense) | _missing_cosines(library, vector, [i for i, _ in lexical], dict(dense))
    best = max((score for _, score in lexical), default=1.0)
    words = {identity: score / best for identity, score in lexical}
    ranks: dict[int, dict[str, int]] = {}
    for name, ranked in (("dense", dense), ("lexical", lexical)):
        for rank, (identity, _) in enumerate(ranked, start=1):
            ranks.setdefault(identity, {})[name] = rank
    rows = library.passages(list(ranks))
    infos = {info.id: info for info in library.documents()}
    named = _named(query, infos.values())
    found = []
    for identity, (document, passage, text) in rows.items():
        score = cosines[identity] + LEXICAL_WEIGHT * words.get(identity, 0.0) + NAMED_BONUS * (document in named)
        hit = RetrievedPassage(
            identity, document, passage.start, passage.end, text, passage.heading, ranks[identity], score
        )
        info = infos[document]
        found.append(Candidate(hit, passage, info.title, info.metadata.author, info.metadata.date))
    return sorted(found, key=lambda c: (-c.hit.score, c.hit.id))


def rescored(candidate: Candidate, score: float) -> Candidate:
    """Return the candidate with another score."""
    return replace(candidate, hit=replace(candidate.hit, score=score))


def _missing_cosines(library: Library, vector: Vectors, ids: list[int], known: dict[int, float]) -> dict[int, float]:
    """Return the cosines of passages that only the lexical list holds."""
    missing: NDArray[np.int64] = np.array(sorted(set(ids) - set(known)), np.int64)
    return dict(library.dense(vector, len(missing), among=missing)) if len(missing) else {}


def _named(query: Query, documents: Iterable[DocumentInfo]) -> set[str]:
    """Return the documents that the question's filters mean."""
    return {
        info.id
        for info in documents
        if (query.filters.get("author") and query.filters["author"] == info.metadata.author)
        or (query.filters.get("year") and (info.metadata.date or "").startswith(query.filters["year"]))
    }
