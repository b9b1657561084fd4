"""A sentence of a draft is led back to the sentences of the documents that it rests on.

The model's own markers are not asked. Words and meaning choose; what of the sentence, or of one of its clauses, one
source leaves open, a second or third may cover. A word that few sentences of the pool have counts for more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from index.embed import Vectors
from rag.facts import clauses, has_name, names, numbers, terms, words
from rag.types import EvidenceSentence

MOST = 3
"""Most source sentences under one sentence."""
FAIR = 0.25
"""Share of the sentence, or of one of its clauses, that a further source has to carry beyond the others."""

ADJOINING = 3
"""Most characters between two sentences of a paragraph."""

Key = tuple[str, int]


def attribute(
    claim: str, vector: Vectors, pool: Sequence[EvidenceSentence], vectors: Mapping[Key, Vectors]
) -> list[EvidenceSentence]:
    """Return the fewest sentences of the pool that cover most of a claim, the best first; none for an empty pool.

    Args:
        claim: the sentence to be supported.
        vector: its embedding.
        pool: sentences of the documents, the best evidence first.
        vectors: their embeddings, by document and start.
    """
    for sentence in pool:
        if _folded(claim) == _folded(sentence.text):
            return [sentence]
    if not pool:
        return []
    parts = [_demands(part) for part in clauses(claim)]
    wanted = _demands(claim).union(*parts)
    held = [_held(wanted, s.text) for s in pool]
    weights = {d: math.log(1 + len(pool) / (1 + sum(d in h for h in held))) for d in wanted}
    first = max(
        range(len(pool)),
        key=lambda i: _share(wanted, held[i], weights) + float(vectors[pool[i].document, pool[i].start] @ vector),
    )
    chosen = [first]
    while len(chosen) < min(MOST, len(pool)):
        position = _further(chosen, wanted, parts, held, weights)
        if position is None:
            break
        chosen.append(position)
    return [pool[i] for i in chosen]


def one_before(sentence: EvidenceSentence, by_end: Mapping[Key, EvidenceSentence]) -> EvidenceSentence | None:
    """Return the sentence before one in its paragraph, of those given by document and end; None where it is not."""
    ends = ((sentence.document, sentence.start - gap) for gap in range(ADJOINING))
    return next((by_end[end] for end in ends if end in by_end), None)


def one_after(sentence: EvidenceSentence, by_start: Mapping[Key, EvidenceSentence]) -> EvidenceSentence | None:
    """Return the sentence after one in its paragraph, of those given by document and start; None where it is not."""
    starts = ((sentence.document, sentence.end + gap) for gap in range(ADJOINING))
    return next((by_start[start] for start in starts if start in by_start), None)


def in_context(sources: Sequence[EvidenceSentence], pool: Sequence[EvidenceSentence]) -> str:
    """Return sources as one text, in the order of their documents, each with the sentence before it if the pool has it.

    That sentence often says who "he" is.
    """
    by_end = {(s.document, s.end): s for s in pool}
    places = {s.document: place for place, s in reversed(list(enumerate(sources)))}
    shown = {(s.document, s.start): s for source in sources for s in (one_before(source, by_end), source) if s}
    return " ".join(s.text for s in sorted(shown.values(), key=lambda s: (places[s.document], s.start)))


def _further(
    chosen: Sequence[int],
    wanted: set[str],
    parts: Sequence[set[str]],
    held: Sequence[set[str]],
    weights: Mapping[str, float],
) -> int | None:
    """Return the sentence that adds most: to the whole, or to the clause that the chosen ones hold least of.

    A further source has to carry a fair part, or a name or number that is still open.
    """
    covered = set[str]().union(*(held[i] for i in chosen))
    best = [max(_share(part, held[i], weights) for i in chosen) for part in parts]

    def gain(i: int) -> float:
        added = _share(wanted, held[i] - covered, weights)
        clause = max(_share(part, held[i], weights) - had for part, had in zip(parts, best, strict=True))
        return max(added, clause)

    position = max((i for i in range(len(held)) if i not in chosen), key=gain)
    opened = any(d.startswith(("#", "@")) for d in held[position] - covered)
    return position if opened or gain(position) >= FAIR else None


def _share(wanted: set[str], held: set[str], weights: Mapping[str, float]) -> float:
    return sum(weights[d] for d in wanted & held) / (sum(weights[d] for d in wanted) or 1.0)


def _folded(text: str) -> str:
    return " ".join(text.split()).strip(" \"'“”‘’").lower()


def _demands(claim: str) -> set[str]:
    """Return what a claim asks of its sources: terms, "#" and a number, "@" and a name."""
    return {*terms(claim), *(f"#{n}" for n in numbers(claim)), *(f"@{n}" for n in names(claim))}


def _held(wanted: set[str], text: str) -> set[str]:
    stems, values, spoken = set(terms(text)), {f"#{n}" for n in numbers(text)}, words(text)
    return {d for d in wanted if d in stems or d in values or (d.startswith("@") and has_name(d[1:], spoken))}
