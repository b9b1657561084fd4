"""A sentence of a draft is led back to the sentences of the documents that it rests on.

The model's own markers are not asked. Words and meaning choose; what of the sentence one source leaves open, a second
or third may cover.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.embed import Vectors
from rag.facts import has_name, names, numbers, terms, words
from rag.types import EvidenceSentence

MOST = 3
"""Most source sentences under one sentence."""

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
    wanted = _demands(claim)
    held = [_held(wanted, s.text) for s in pool]
    cosines = [float(vectors[s.document, s.start] @ vector) for s in pool]
    chosen: list[int] = []
    covered: set[str] = set()
    while len(chosen) < MOST and len(chosen) < len(pool):
        gains = [
            (len(held[i] - covered) / max(len(wanted), 1) + (0.0 if chosen else cosines[i]), -i)
            for i in range(len(pool))
            if i not in chosen
        ]
        gain, position = max(gains)
        # A further source has to carry a fair part of the sentence, or a value that is still open.
        opened = {d for d in held[-position] - covered if d.startswith(("#", "@"))}
        if chosen and gain < 0.25 and not opened:
            break
        chosen.append(-position)
        covered |= held[-position]
    return [pool[i] for i in chosen]


def _folded(text: str) -> str:
    return " ".join(text.split()).strip(" \"'“”‘’").lower()


def _demands(claim: str) -> set[str]:
    """Return what a claim asks of its sources: terms, "#" and a number, "@" and a name."""
    return {*terms(claim), *(f"#{n}" for n in numbers(claim)), *(f"@{n}" for n in names(claim))}


def _held(wanted: set[str], text: str) -> set[str]:
    stems, values, spoken = set(terms(text)), {f"#{n}" for n in numbers(text)}, words(text)
    return {d for d in wanted if d in stems or d in values or (d.startswith("@") and has_name(d[1:], spoken))}
