"""The second look: single sentences, and how well each answers the question.

A sentence is scored by meaning (cosine), by the share of the question's words that it holds, and by the passage that
it stands in. The evidence model then reads the best passages: what it finds in them decides whether to answer at all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from index.embed import Vectors
from index.library import Library
from rag.catalogue import catalogue_of
from rag.enough import Findings, Missing, chance, missing
from rag.facts import coverage, names
from rag.kind import asked, holds
from rag.reader import EvidenceModel, PassageToRead, Reading
from rag.retrieve import Candidate, question_weights
from rag.types import EvidenceSentence, Query

COVERAGE_WEIGHT = 0.8
PASSAGE_WEIGHT = 0.6
KIND_BONUS = 0.1
SCALE = 1 + COVERAGE_WEIGHT + PASSAGE_WEIGHT * 1.5
LOOKED_AT = 40
"""Passages whose sentences are scored."""
READ = 20
"""Of these, passages that the evidence model reads."""
Key = tuple[str, int]


@dataclass(frozen=True)
class Evidence:
    """What the library has on a question.

    `sentences` are the best first, `passages` are re-scored by their best sentence, `answerable` is the chance that
    the answer is among them, made of the `findings`.
    """

    sentences: tuple[EvidenceSentence, ...]
    passages: tuple[Candidate, ...]
    vectors: Mapping[Key, Vectors]
    """Embedding of each sentence, by document and start."""
    names: frozenset[str]
    """Words that stand as names inside the sentences, in lower case."""
    answerable: float
    findings: Findings

    @property
    def missing(self) -> Missing:
        """What of the question none of the best passages or sentences holds."""
        return self.findings.missing


@dataclass(frozen=True)
class _Look:
    """A passage with its sentences as they are scored so far."""

    candidate: Candidate
    sentences: tuple[EvidenceSentence, ...]
    first: tuple[tuple[float, float], ...]
    """Cosine and coverage of each sentence."""
    reading: Reading | None = None
    """What the evidence model makes of it."""


def find_evidence(
    query: Query,
    vector: Vectors,
    candidates: Sequence[Candidate],
    library: Library,
    reader: EvidenceModel | None = None,
) -> Evidence:
    """Score the sentences of the best candidates and judge whether they answer the question."""
    weights = question_weights(query.text, library, catalogue_of(library))
    vectors: dict[Key, Vectors] = {}
    looks = [_look(c, query.text, vector, weights, library, vectors) for c in candidates[:LOOKED_AT]]
    looks.sort(key=_order)
    cosine = max((cosine for look in looks for cosine, _ in look.first), default=0.0)
    best = max((s.score for look in looks for s in look.sentences), default=0.0)
    if reader:
        looks = _read(query.text, looks, reader)
    passages = [look.candidate for look in looks]
    sentences = sorted((s for look in looks for s in look.sentences), key=lambda s: (-s.score, s.document, s.start))
    lost = missing(query.text, passages[:5], sentences[:5])
    read = [look.reading for look in looks if look.reading]
    best_read = (max(r.best for r in read), max(r.passage for r in read)) if read else (None, None)
    findings = Findings(query.text, weights, passages, lost, cosine, best, *best_read)
    known = frozenset().union(*(names(s.text) for s in sentences))
    return Evidence(tuple(_distinct(sentences)), tuple(passages), vectors, known, chance(findings), findings)


def _order(look: _Look) -> tuple[float, int]:
    return -look.candidate.hit.score, look.candidate.hit.id


def _look(
    candidate: Candidate,
    question: str,
    vector: Vectors,
    weights: Mapping[str, float],
    library: Library,
    vectors: dict[Key, Vectors],
) -> _Look:
    """Score a passage's sentences, and the passage by the best cosine plus coverage among them."""
    hit, passage = candidate.hit, candidate.passage
    spans, embedded = library.sentences(hit.document, passage.first, passage.last)
    cosines: list[float] = (embedded @ vector).tolist()
    kind = asked(question)
    found, first = [], []
    for span, cosine, embedding in zip(spans, cosines, embedded, strict=True):
        text = hit.text[span.start - passage.start : span.end - passage.start]
        covered = coverage(weights, text)
        first.append((cosine, covered))
        score = cosine + COVERAGE_WEIGHT * covered + PASSAGE_WEIGHT * hit.score
        score = min(max((score + KIND_BONUS * (kind is not None and holds(kind, question, text))) / SCALE, 0.0), 1.0)
        found.append(EvidenceSentence(hit.document, hit.id, span.start, span.end, text, score))
        vectors[hit.document, span.start] = embedding
    sums = [cosine + covered for cosine, covered in first]
    best = max(range(len(sums)), key=lambda i: sums[i], default=None)
    if best is None:
        return _Look(candidate, (), ())
    whole = _with(candidate, score=hit.score + sums[best], best=(found[best].start, found[best].end))
    return _Look(whole, tuple(found), tuple(first))


def _read(question: str, looks: Sequence[_Look], reader: EvidenceModel) -> list[_Look]:
    """Let the evidence model read the best passages.

    Passages and sentences keep their order: mixed into the scores, its logits put the right sentence of SQuAD questions
    on top more often (.78 for .74), and took from the answers on two sets of long texts up to half of their facts.
    """
    chosen = looks[:READ]
    given = []
    for look in chosen:
        start = look.candidate.hit.start
        spans = [(s.start - start, s.end - start) for s in look.sentences]
        given.append(PassageToRead(look.candidate.hit.text, spans, look.candidate.title, look.first))
    read = []
    for look, reading in zip(chosen, reader.read(question, given), strict=True):
        if not look.sentences:
            read.append(look)
            continue
        logit = (reading.best + reading.passage) / 2
        best = look.sentences[int(reading.sentences.argmax())]
        found = _with(look.candidate, evidence=1 / (1 + math.exp(-logit)), best=(best.start, best.end))
        read.append(replace(look, candidate=found, reading=reading))
    return [*read, *looks[READ:]]


def _with(candidate: Candidate, **values: Any) -> Candidate:
    """Return the candidate with other values of its hit."""
    return replace(candidate, hit=replace(candidate.hit, **values))


def _distinct(sentences: Sequence[EvidenceSentence]) -> list[EvidenceSentence]:
    """Keep the first of sentences with the same words."""
    seen: dict[str, EvidenceSentence] = {}
    for sentence in sentences:
        seen.setdefault(" ".join(sentence.text.lower().split()), sentence)
    return list(seen.values())
