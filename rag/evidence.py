"""The second look: single sentences, and how well each answers the question.

A sentence is scored by meaning (cosine), by the share of the question's words that it holds, and by the passage that
it stands in. The evidence model then reads the best passages, and the best of their sentences once more side by side:
what it finds puts them in order, and decides whether to answer at all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from index.embed import Vectors
from index.library import Library
from rag.catalogue import catalogue_of
from rag.enough import Findings, Missing, chance, missing
from rag.facts import coverage, names, terms
from rag.kind import asked, holds, repeats, who_said
from rag.reader import LOWEST, EvidenceModel, PassageToRead, Reading, brief_heading, heading
from rag.retrieve import Candidate, question_weights
from rag.types import EvidenceSentence, Query

COVERAGE_WEIGHT = 0.8
PASSAGE_WEIGHT = 0.6
KIND_BONUS = 0.1
SCALE = 1 + COVERAGE_WEIGHT + PASSAGE_WEIGHT * 1.5
LOOKED_AT = 40
"""Passages whose sentences are scored."""
LOOKED_AT_FOR_PART = 12
"""Of these, those that are looked at for a part of the question, the best for it.

Of what is then chosen for 28 questions on essays that ask two things, .55 answers, and .63 of the answers is there; by
the first look alone .34 and .44.
"""
READ, AT_ONCE = 12, 3
"""Of these, the most passages that the evidence model reads, and how many of them at once."""
SURE = 1.0
"""Logit of a sentence from which on no further passage is read."""
READ_WEIGHT, PASSAGE_READ_WEIGHT = 0.75, 1.5
"""What the evidence model's word counts for in the order of sentences and of passages, against the first look's.

Any weight from .35 to 1 did as well within .05.
"""
FINALISTS = 6
"""Best sentences that the evidence model reads once more, all as one text, so that each is judged beside the others.

The right sentence is then first for .77 of 329 questions on essays, .74 of 112 on a dossier, .86 of 101 on SQuAD, .70
of 33 and .93 of 28 on two sets of reports; without it for .73, .71, .80, .64 and .89. Eight or twelve do no better.
"""
FINAL_WEIGHT = 0.35
"""What that counts for against the score before."""
MIDDLING = (0.5, 0.3)
"""Cosine and coverage that the model is told of each of them: the same, since both are in the score before."""
QUOTED = 0.95
"""Chance that a question who said something is answered when a document says it word for word."""
WORTHLESS, WORTHY = -8.0, 4.0
"""Logits between which a sentence is judged better or worse; beyond them it makes no difference."""
_LETTERS = re.compile(r"[^\W\d_]{2}|[\u3040-\u30ff\u4e00-\u9fff]")
Key = tuple[str, int]
LeftOut = Callable[[str], bool]
"""Says which sentences are no evidence, whatever they score."""


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
    sides: tuple[EvidenceSentence, ...] = ()
    """The best sentence for each part of a question that has several: both sides of a comparison, say."""

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
    chosen = candidates[:LOOKED_AT]
    weights = question_weights(query.text, library, catalogue_of(library))
    vectors: dict[Key, Vectors] = {}
    whose, repeated = who_said(query.text), repeats(query.text)
    left_out = None if whose else repeated
    looks = [_look(c, query.text, vector, weights, library, vectors, left_out) for c in chosen]
    looks.sort(key=_order)
    cosine = max((cosine for look in looks for cosine, _ in look.first), default=0.0)
    best = max((s.score for look in looks for s in look.sentences), default=0.0)
    parts = [_looks_for(number, part, chosen, library, reader, left_out) for number, part in enumerate(query.parts)]
    if reader:
        looks = _read(query.text, looks, reader, [look for part in parts for look in part])
    passages = [look.candidate for look in looks]
    sentences = _distinct(sorted((s for look in looks for s in look.sentences), key=_by_score))
    readings = [look.reading for look in looks if look.reading]
    final: float | None = None
    if reader and sentences and readings:
        headings = {c.hit.document: brief_heading(c.title, c.author, c.date) for c in passages}
        sentences, final = _side_by_side(query.text, sentences, headings, reader)
    lost = missing(query.text, passages[:5], sentences[:5])
    findings = Findings(query.text, weights, passages, lost, cosine, best)
    if final is not None:
        sentence, passage = max(r.best for r in readings), max(r.passage for r in readings)
        findings = replace(findings, sentence=sentence, passage=passage, final=final)
    whole = {(s.document, s.start): s for s in sentences}
    sides = [whole.get((side.document, side.start), side) for part in parts if (side := _best_of(part))]
    quoted = [s for s in sentences if repeated(s.text)] if whose else []
    known = frozenset().union(*(names(s.text) for s in sentences))
    return Evidence(
        tuple(dict.fromkeys([*quoted, *sentences])),
        tuple(passages),
        vectors,
        known,
        QUOTED if quoted else chance(findings),
        findings,
        tuple(dict.fromkeys(sides)),
    )


def _looks_for(
    number: int,
    part: Query,
    candidates: Sequence[Candidate],
    library: Library,
    reader: EvidenceModel | None,
    left_out: LeftOut | None,
) -> list[_Look]:
    """Return the passages that are best for a part of the question, with their sentences scored as for a whole one."""
    own = sorted((_with(c, score=c.parts[number]) for c in candidates), key=lambda c: (-c.hit.score, c.hit.id))
    vector = library.embedder.encode_query(part.text)
    weights = question_weights(part.text, library, catalogue_of(library))
    looks = [_look(c, part.text, vector, weights, library, {}, left_out) for c in own[:LOOKED_AT_FOR_PART]]
    looks.sort(key=_order)
    return _read(part.text, looks, reader) if reader else looks


def _best_of(looks: Sequence[_Look]) -> EvidenceSentence | None:
    """Return the best sentence that tells something."""
    told = (s for look in looks for s in look.sentences if tells(s.text))
    return min(told, key=_by_score, default=None)


class _Said:
    """What of a question's words a sentence of a document holds.

    What is known of the document counts as said in each of its sentences: else the note on its author outdoes what
    the author writes when a question names both.
    """

    def __init__(self, weights: Mapping[str, float], about: str) -> None:
        self.known = coverage(weights, about)
        held = set(terms(about)) if self.known else set()
        self._rest = {term: weight for term, weight in weights.items() if term not in held}

    def coverage(self, text: str) -> float:
        """Return the share of the question's words that are said, 0 to 1."""
        return self.known + (1 - self.known) * coverage(self._rest, text)


def _score(cosine: float, covered: float, passage: float) -> float:
    return cosine + COVERAGE_WEIGHT * covered + PASSAGE_WEIGHT * passage


def tells(text: str) -> bool:
    """Say whether a sentence tells something: a question does not, nor does a line that is a date or a number alone."""
    return not text.rstrip("\"'”’) ").endswith("?") and len(_LETTERS.findall(text)) > 1


def _by_score(sentence: EvidenceSentence) -> tuple[float, str, int]:
    return -sentence.score, sentence.document, sentence.start


def _order(look: _Look) -> tuple[float, int]:
    return -look.candidate.hit.score, look.candidate.hit.id


def _look(
    candidate: Candidate,
    question: str,
    vector: Vectors,
    weights: Mapping[str, float],
    library: Library,
    vectors: dict[Key, Vectors],
    left_out: LeftOut | None,
) -> _Look:
    """Score a passage's sentences, and the passage by the best cosine plus coverage among them."""
    hit, passage = candidate.hit, candidate.passage
    said = _Said(weights, candidate.about)
    spans, embedded = library.sentences(hit.document, passage.first, passage.last)
    cosines: list[float] = (embedded @ vector).tolist()
    kind = asked(question)
    found, first = [], []
    for span, cosine, embedding in zip(spans, cosines, embedded, strict=True):
        text = hit.text[span.start - passage.start : span.end - passage.start]
        if left_out and left_out(text):
            continue
        # The evidence model was trained on what the sentence itself holds.
        covered = coverage(weights, text)
        first.append((cosine, covered))
        score = _score(cosine, said.coverage(text) if said.known else covered, hit.score)
        score = min(max((score + KIND_BONUS * (kind is not None and holds(kind, question, text))) / SCALE, 0.0), 1.0)
        found.append(EvidenceSentence(hit.document, hit.id, span.start, span.end, text, score))
        vectors[hit.document, span.start] = embedding
    sums = [cosine + covered for cosine, covered in first]
    best = max(range(len(sums)), key=lambda i: sums[i], default=None)
    if best is None:
        return _Look(candidate, (), ())
    whole = _with(candidate, score=hit.score + sums[best], best=(found[best].start, found[best].end))
    return _Look(whole, tuple(found), tuple(first))


def _read(question: str, looks: Sequence[_Look], reader: EvidenceModel, for_parts: Sequence[_Look] = ()) -> list[_Look]:
    """Let the evidence model read the best passages, a few at a time, until a sentence answers.

    What it finds moves sentences and passages up or down; those that it did not get to read are taken for middling. A
    passage is worth what it is for a part of the question, where that is more.
    """
    read: list[_Look] = []
    while len(read) < min(READ, len(looks)) and not any(r.reading and r.reading.best > SURE for r in read):
        chosen = looks[len(read) : min(len(read) + AT_ONCE, READ)]
        given = [_to_read(look) for look in chosen]
        read += [_judged(look, reading) for look, reading in zip(chosen, reader.read(question, given), strict=True)]
    worth = [_worth(logit) for look in read if look.reading for logit in look.reading.sentences.tolist()]
    middling = sum(worth) / len(worth) if worth else 0.0
    at_least: dict[int, float] = {}
    for part in for_parts:
        if part.reading:
            place = part.candidate.hit.id
            at_least[place] = max(at_least.get(place, 0.0), _worth(part.reading.best))
    every = [*read, *looks[len(read) :]]
    return sorted((_moved(look, middling, at_least.get(look.candidate.hit.id, 0.0)) for look in every), key=_order)


def _side_by_side(
    question: str, sentences: Sequence[EvidenceSentence], headings: Mapping[str, str], reader: EvidenceModel
) -> tuple[list[EvidenceSentence], float]:
    """Let the evidence model read the best sentences as one text; return all in their new order, and its best logit.

    What its document is called by stands before the first of each.
    """
    chosen = sorted(sentences[:FINALISTS], key=lambda s: (s.document, s.start))
    text, spans = "", []
    for document, group in groupby(chosen, key=lambda s: s.document):
        text += f"{headings[document]}: "
        for sentence in group:
            spans.append((len(text), len(text) + len(sentence.text)))
            text += f"{sentence.text} "
    [reading] = reader.read(question, [PassageToRead(text, spans, first=[MIDDLING] * len(spans))])
    logits = reading.sentences.tolist()
    worth = {s: _worth(logit) for s, logit in zip(chosen, logits, strict=True) if logit > LOWEST}
    middling = sum(worth.values()) / max(len(worth), 1)  # of long sentences the last may be beyond what it reads
    worth = {s: worth.get(s, middling) for s in chosen}
    least = min(worth.values())
    moved = (replace(s, score=(s.score + FINAL_WEIGHT * worth.get(s, least)) / (1 + FINAL_WEIGHT)) for s in sentences)
    return sorted(moved, key=_by_score), reading.best


def _worth(logit: float) -> float:
    """Return a logit as a number from 0 to 1 that falls off evenly, where a probability would fall to nothing."""
    return min(max((logit - WORTHLESS) / (WORTHY - WORTHLESS), 0.0), 1.0)


def _moved(look: _Look, middling: float, at_least: float) -> _Look:
    """Return a passage whose score and whose sentences' scores have in them what was read."""
    found = look.reading.sentences.tolist() if look.reading else []
    worth = [_worth(logit) for logit in found] or [middling] * len(look.sentences)
    sentences = tuple(
        replace(sentence, score=(sentence.score + READ_WEIGHT * worthy) / (1 + READ_WEIGHT))
        for sentence, worthy in zip(look.sentences, worth, strict=True)
    )
    best = max(at_least, *worth) if worth else middling
    moved = _with(look.candidate, score=look.candidate.hit.score + PASSAGE_READ_WEIGHT * best)
    return replace(look, candidate=moved, sentences=sentences)


def _to_read(look: _Look) -> PassageToRead:
    hit = look.candidate.hit
    spans = [(s.start - hit.start, s.end - hit.start) for s in look.sentences]
    title = heading(look.candidate.title, look.candidate.author, look.candidate.date)
    return PassageToRead(hit.text, spans, title, look.first)


def _judged(look: _Look, reading: Reading) -> _Look:
    """Return a passage with what was read in it, its best sentence the one that the model likes best."""
    if not look.sentences:
        return look
    logit = (reading.best + reading.passage) / 2
    best = look.sentences[int(reading.sentences.argmax())]
    found = _with(look.candidate, evidence=1 / (1 + math.exp(-logit)), best=(best.start, best.end))
    return replace(look, candidate=found, reading=reading)


def _with(candidate: Candidate, **values: Any) -> Candidate:
    """Return the candidate with other values of its hit."""
    return replace(candidate, hit=replace(candidate.hit, **values))


def _distinct(sentences: Sequence[EvidenceSentence]) -> list[EvidenceSentence]:
    """Keep the first of sentences with the same words."""
    seen: dict[str, EvidenceSentence] = {}
    for sentence in sentences:
        seen.setdefault(" ".join(sentence.text.lower().split()), sentence)
    return list(seen.values())
