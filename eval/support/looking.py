"""A pair as the product would look at it: its sentences embedded, the few that carry the claim chosen, and judged."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np

from eval.support.pairs import Pair
from index.embed import Embedder, Vectors
from rag.attribute import attribute, in_context
from rag.facts import names, terms
from rag.reader import EvidenceModel
from rag.types import EvidenceSentence
from rag.verify import Judgement, verify

POOL = 16
"""Sentences of a text that are looked at: those that share most words with the claim, as retrieval would find them."""
LONGEST = 1_000


@dataclass(frozen=True)
class Look:
    """A pair with the sources that attribution chose for it; `known` are the names within its text."""

    pair: Pair
    sources: tuple[str, ...]
    about: str
    similarity: float
    known: frozenset[str]
    judgement: Judgement
    read: float | None
    """The evidence model's logit, if one read it."""
    seconds: float
    """Processor time of attribution and verification."""


class Remembered:
    """Embeds texts, and keeps the vectors in a file: the same texts are looked at again with every change."""

    def __init__(self, embedder: Embedder, file: Path) -> None:
        self._embedder = embedder
        self._file = file
        self._known: dict[str, Vectors] = {}
        if file.exists():
            with np.load(file) as kept:
                self._known = dict(zip(kept["keys"].tolist(), kept["vectors"].astype(np.float32), strict=True))

    def encode(self, texts: Sequence[str]) -> dict[str, Vectors]:
        """Return the vector of each text."""
        keys = {text: hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24] for text in texts}
        new = [text for text, key in keys.items() if key not in self._known]
        if new:
            self._known |= zip((keys[text] for text in new), self._embedder.encode(new), strict=True)
            self._file.parent.mkdir(parents=True, exist_ok=True)
            vectors = np.stack(list(self._known.values())).astype(np.float16)
            np.savez(self._file, keys=np.array(list(self._known)), vectors=vectors)
        return {text: self._known[key] for text, key in keys.items()}


def look_at(pairs: Sequence[Pair], embedder: Remembered, reader: EvidenceModel | None = None) -> list[Look]:
    """Attribute and verify every claim, with what the evidence model says of it, if there is one."""
    pools = [_nearest(pair) for pair in pairs]
    texts = [text for pair, pool in zip(pairs, pools, strict=True) for text in (pair.claim, *(s.text for s in pool))]
    vectors = embedder.encode(texts)
    return [_look(pair, pool, vectors, reader) for pair, pool in zip(pairs, pools, strict=True)]


def _nearest(pair: Pair) -> list[EvidenceSentence]:
    """Return the sentences that share most words with the claim, in their order; the texts are the documents."""
    wanted = set(terms(pair.claim))
    all_of_them = [
        EvidenceSentence(str(number), 0, place, place + 1, sentence[:LONGEST], 0.0)
        for number, text in enumerate(pair.texts)
        for place, sentence in enumerate(text.sentences)
    ]
    order = sorted(range(len(all_of_them)), key=lambda i: (-len(wanted & set(terms(all_of_them[i].text))), i))
    return [all_of_them[i] for i in sorted(order[:POOL])]


def _look(
    pair: Pair, pool: Sequence[EvidenceSentence], vectors: dict[str, Vectors], reader: EvidenceModel | None
) -> Look:
    placed = {(s.document, s.start): vectors[s.text] for s in pool}
    known = frozenset().union(*(names(s.text) for s in pool))
    begun = process_time()
    sources = attribute(pair.claim, vectors[pair.claim], pool, placed)
    similarity = max(float(vectors[source.text] @ vectors[pair.claim]) for source in sources)
    whose = [pair.texts[int(document)] for document in dict.fromkeys(s.document for s in sources)]
    read = reader.support(pair.claim, in_context(sources, pool), whose[0].title) if reader else None
    texts, about = tuple(s.text for s in sources), "\n".join(text.about for text in whose)
    judgement = verify(pair.claim, texts, similarity, known, (), lambda: read, about)
    return Look(pair, texts, about, similarity, known, judgement, read, process_time() - begun)
