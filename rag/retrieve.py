"""The first look: passages that are near a question in meaning (dense) or share its words (lexical), fused.

What is known of a document helps its passages to be found: the words of its title, author, publisher, date and the
heading that a passage stands under count like a field of their own, and the documents that a question names go first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from index.embed import Vectors
from index.library import Library
from index.types import DocumentInfo, Passage
from rag.catalogue import Catalogue, catalogue_of
from rag.diversity import diverse
from rag.duplicates import groups
from rag.facts import coverage, terms
from rag.fusion import Fusion, fuse
from rag.types import Query, RetrievedPassage

ABOUT_WEIGHT = 0.3
"""Weight of the share of a question's words that stand in title, author, publisher, date or heading."""
PREFERRED_BONUS = 0.1
"""Added to the passages of the documents that a question names."""
FOLDED = 50
"""Best candidates among which those that say the same are folded: more than are looked at afterwards."""


@dataclass(frozen=True)
class Candidate:
    """A passage on its way through retrieval, with what is needed to score its sentences.

    `parts` are its scores for each part of the question. `same` are passages that say the same, and could be cited in
    its place.
    """

    hit: RetrievedPassage
    passage: Passage
    title: str
    author: str | None
    date: str | None
    publisher: str | None = None
    parts: tuple[float, ...] = ()
    same: tuple[Candidate, ...] = ()

    @property
    def about(self) -> str:
        """Title, author, publisher and date of the document: words that a question may use for it."""
        return about(self.title, self.author, self.publisher, self.date)


def about(title: str, author: str | None, publisher: str | None, date: str | None) -> str:
    """Return what is known of a document, as words."""
    return " ".join(part for part in (title, author, publisher, date and date.replace("-", " ")) if part)


@dataclass
class _Found:
    """The passages that a question finds, by id: their ranks in each list, and their scores in it."""

    ranks: dict[int, dict[str, int]]
    cosines: dict[int, float]
    words: dict[int, float]


def retrieve(query: Query, vector: Vectors, library: Library, count: int, fusion: Fusion = "scores") -> list[Candidate]:
    """Return the passages of both lists, best first; those that say the same take one place.

    Args:
        query: the question, and where to look for its answer.
        vector: its embedding.
        library: where to look.
        count: passages taken from each list.
        fusion: how the lists become one.
    """
    catalogue = catalogue_of(library)
    whole = _search(query, vector, library, count)
    vectors = [vector if p.text == query.text else library.embedder.encode_query(p.text) for p in query.parts]
    sides = [_search(part, v, library, count) for part, v in zip(query.parts, vectors, strict=True)]
    ids = list(dict.fromkeys(i for found in (whole, *sides) for i in found.ranks))
    rows = library.passages(ids)
    scores = [
        _scores(q, found, v, rows, library, catalogue, fusion)
        for q, found, v in zip((query, *query.parts), (whole, *sides), (vector, *vectors), strict=True)
    ]
    found = []
    for identity, (document, passage, text) in rows.items():
        score, *parts = (of[identity] for of in scores)
        ranks = whole.ranks.get(identity, {})
        span = passage.start, passage.end
        hit = RetrievedPassage(identity, document, *span, text, passage.heading, ranks, score, score)
        info = catalogue.documents[document]
        m = info.metadata
        found.append(Candidate(hit, passage, info.title, m.author, m.date, m.publisher, tuple(parts)))
    found.sort(key=lambda c: (-c.hit.score, c.hit.id))
    return _folded(diverse(found, query))


def _search(query: Query, vector: Vectors, library: Library, count: int) -> _Found:
    """Return what a question finds where it may look, and in the documents that it names."""
    ranks: dict[int, dict[str, int]] = {}
    dense = library.dense(vector, count, query.among)
    lexical = library.lexical(query.text, count, query.among)
    for name, ranked in (("dense", dense), ("lexical", lexical)):
        for rank, (identity, _) in enumerate(ranked, start=1):
            ranks.setdefault(identity, {})[name] = rank
    if query.preferred:
        near = library.dense(vector, count, query.preferred)
        worded = library.lexical(query.text, count, query.preferred)
        dense, lexical = dense + near, lexical + worded
        for identity, _ in (*near, *worded):
            ranks.setdefault(identity, {})
    return _Found(ranks, dict(dense), dict(lexical))


def _scores(
    query: Query,
    found: _Found,
    vector: Vectors,
    rows: Mapping[int, tuple[str, Passage, str]],
    library: Library,
    catalogue: Catalogue,
    fusion: Fusion,
) -> dict[int, float]:
    """Return the score of each passage: of both lists, of what stands over it, and of its document.

    What a question may not look at has the score -inf.
    """
    seen = [i for i, (document, *_) in rows.items() if query.among is None or document in query.among]
    cosines = found.cosines | library.cosines(vector, [i for i in seen if i not in found.cosines])
    weights = question_weights(query.text, library, catalogue)
    covered: dict[tuple[str, str], float] = {}
    scores = dict.fromkeys(rows, -math.inf) | fuse({i: cosines[i] for i in seen}, found.words, weights, fusion)
    for identity in seen:
        document, passage, _ = rows[identity]
        place = document, passage.heading
        if place not in covered:
            covered[place] = coverage(weights, f"{_about(catalogue.documents[document])} {passage.heading}")
        scores[identity] += ABOUT_WEIGHT * covered[place] + PREFERRED_BONUS * (document in query.preferred)
    return scores


def _about(info: DocumentInfo) -> str:
    return about(info.title, info.metadata.author, info.metadata.publisher, info.metadata.date)


def question_weights(question: str, library: Library, catalogue: Catalogue) -> dict[str, float]:
    """Return the weight of each content word of the question: its inverse frequency over passages, as in BM25."""
    wanted = list(dict.fromkeys(terms(question)))
    frequencies = library.frequencies(wanted)
    return {t: math.log(1 + (catalogue.passages - frequencies[t] + 0.5) / (frequencies[t] + 0.5)) for t in wanted}


def _folded(candidates: list[Candidate]) -> list[Candidate]:
    """Return the candidates; of those that say the same, the first stays and remembers the others."""
    best, rest = candidates[:FOLDED], candidates[FOLDED:]
    kept = []
    for first, *others in groups([c.hit.text for c in best]):
        kept.append(replace(best[first], same=tuple(best[i] for i in others)) if others else best[first])
    return kept + rest
