"""The second look: single sentences, how well each answers the question, and whether they are enough to go on.

A sentence is scored by meaning (cosine), by the share of the question's words that it holds, and by the passage that
it stands in. `answerable` is a calibrated probability, and the threshold it is held to never moves to let something
through.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.library import Library
from index.types import Vectors
from rag.facts import has_name, names, numbers, terms, words, written
from rag.retrieve import Candidate, rescored
from rag.types import EvidenceSentence, Query

COVERAGE_WEIGHT = 0.8
PASSAGE_WEIGHT = 0.6
KIND_BONUS = 0.1
SCALE = 1 + COVERAGE_WEIGHT + PASSAGE_WEIGHT * 1.5
LOOKED_AT = 40
"""Passages whose sentences are scored."""


@dataclass(frozen=True)
class Evidence:
    """What the library has on a question.

    `sentences` are the best first, `passages` are re-scored by their best sentence, `answerable` is the chance that
    the answer is among them, `missing` are names and numbers of the question that none of the best passages holds.
    """

    sentences: tuple[EvidenceSentence, ...]
    passages: tuple[Candidate, ...]
    vectors: Mapping[tuple[str, int], Vectors]
    """Embedding of each sentence, by document and start."""
    names: frozenset[str]
    """Words that stand as names inside the sentences, in lower case."""
    answerable: float
    missing: tuple[str, ...]


def find_evidence(
    query: Query, vector: Vectors, candidates: Sequence[Candidate], library: Library
) -> Evidence:
    """Score the sentences of the best candidates and judge whether they answer the question."""
    weights = _weights(query.text, library)
    scored: list[EvidenceSentence] = []
    passages: list[Candidate] = []
    vectors: dict[tuple[str, int], Vectors] = {}
    top_cosine = 0.0
    for candidate in candidates[:LOOKED_AT]:
        found, best, cosine = _score(candidate, query.text, vector, weights, library, vectors)
        top_cosine = max(top_cosine, cosine)
        scored += found
        passages.append(rescored(candidate, candidate.hit.score + best))
    passages.sort(key=lambda c: (-c.hit.score, c.hit.id))
    scored.sort(key=lambda s: (-s.score, s.document, s.start))
    missing = _missing(query.text, passages[:5])
    chance = _answerable(query.text, scored, passages, weights, missing, top_cosine)
    known = frozenset().union(*(names(s.text) for s in scored))
    return Evidence(tuple(_distinct(scored)), tuple(passages), vectors, known, chance, missing)


def _weights(question: str, library: Library) -> dict[str, float]:
    """Return the weight of each content word of the question: its inverse frequency over passages, as in BM25."""
    wanted = list(dict.fromkeys(terms(question)))
    frequencies = library.frequencies(wanted)
    total = library.store.counts()["passages"]
    return {t: math.log(1 + (total - frequencies[t] + 0.5) / (frequencies[t] + 0.5)) for t in wanted}


def coverage(weights: Mapping[str, float], text: str) -> float:
    """Return the share of the weights whose words stand in a text, 0 to 1."""
    held = set(terms(text))
    return sum(w for t, w in weights.items() if t in held) / (sum(weights.values()) or 1.0)


def _score(
    candidate: Candidate,
    question: str,
    vector: Vectors,
    weights: Mapping[str, float],
    library: Library,
    vectors: dict[tuple[str, int], Vectors],
) -> tuple[list[EvidenceSentence], float, float]:
    """Return a passage's sentences with their scores, the best of cosine plus coverage, and the best cosine."""
    hit, passage = candidate.hit, candidate.passage
    spans, embedded = library.sentences(hit.document, passage.first, passage.last)
    cosines = embedded @ vector
    found, best = [], 0.0
    for span, cosine, embedding in zip(spans, cosines.tolist(), embedded, strict=True):
        text = hit.text[span.start - passage.start : span.end - passage.start]
        covered = coverage(weights, text)
        best = max(best, cosine + covered)
        score = (
            cosine
            + COVERAGE_WEIGHT * covered
            + PASSAGE_WEIGHT * hit.score
            + KIND_BONUS * _right_kind(question, text)
        )
        found.append(
            EvidenceSentence(
                hit.document, hit.id, span.start, span.end, text, min(max(score / SCALE, 0.0), 1.0)
            )
        )
        vectors[hit.document, span.start] = embedding
    return found, best, float(np.max(cosines, initial=0.0))


def _right_kind(question: str, text: str) -> bool:
    """Say whether a sentence holds the kind of thing that the question asks for: a number, a date, a name."""
    asked = question.lower()
    if any(
        w in asked
        for w in ("how many", "how much", "what share", "what percentage", "how large", "what number")
    ):
        return bool(numbers(text))
    if asked.startswith("when") or "which year" in asked or "what year" in asked or "what date" in asked:
        return any(1000 <= n <= 2100 for n in numbers(text)) or bool(names(text) & MONTHS)
    if asked.startswith(("who ", "whose ", "by whom")):
        return bool(names(text))
    return False


MONTHS = frozenset(
    "january february march april may june july august september october november december".split()
)


def _distinct(sentences: Sequence[EvidenceSentence]) -> list[EvidenceSentence]:
    """Keep the first of sentences with the same words."""
    seen: dict[str, EvidenceSentence] = {}
    for sentence in sentences:
        seen.setdefault(" ".join(sentence.text.lower().split()), sentence)
    return list(seen.values())


def _missing(question: str, passages: Sequence[Candidate]) -> tuple[str, ...]:
    """Return the names and numbers of the question that stand in none of the passages, nor say which they are."""
    text = "\n".join(f"{c.about}\n{c.hit.heading}\n{c.hit.text}" for c in passages)
    held, values = words(text), numbers(text)
    lost = [name for name in sorted(names(question)) if not has_name(name, held)]
    return (*lost, *(written(n) for n in sorted(numbers(question) - values)))


def _answerable(
    question: str,
    sentences: Sequence[EvidenceSentence],
    passages: Sequence[Candidate],
    weights: Mapping[str, float],
    missing: Sequence[str],
    top_cosine: float,
) -> float:
    """Return the calibrated chance that the best passages hold the answer."""
    if not sentences:
        return 0.0
    return chance(features(question, sentences, passages, weights, missing, top_cosine))


def features(
    question: str,
    sentences: Sequence[EvidenceSentence],
    passages: Sequence[Candidate],
    weights: Mapping[str, float],
    missing: Sequence[str],
    top_cosine: float,
) -> list[float]:
    """Return what the probability is made of, each 0 to 1 or near it.

    The best cosine of a sentence; the best sentence's score; the share of the question's words in the best three
    passages; the share of its names and numbers that the best five lack.
    """
    stood_in = "\n".join(f"{c.about}\n{c.hit.text}" for c in passages[:3])
    named = len(names(question)) + len(numbers(question))
    return [top_cosine, sentences[0].score, coverage(weights, stood_in), len(missing) / max(named, 1)]


INTERCEPT = -12.62
COEFFICIENTS = (9.33, 14.2, 3.18, -1.15)
"""Fitted on 450 answerable SQuAD questions and 400 questions on subjects that the library has nothing about."""


def chance(values: Sequence[float]) -> float:
    """Return the logistic probability of the features."""
    return 1 / (1 + math.exp(-INTERCEPT - sum(c * v for c, v in zip(COEFFICIENTS, values, strict=True))))
