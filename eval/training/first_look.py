"""What retrieval knows of a sentence before any model reads it: its cosine with the question and its coverage.

Both go into the sentence's score in training as they do in use, so that the network learns only what they lack.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from eval.training.data import Example
from index.embed import Embedder
from rag.evidence import MIDDLING
from rag.facts import coverage, terms


class FirstLook:
    """Embeddings of the questions and sentences of some examples, and how rare their terms are."""

    def __init__(self, examples: Sequence[Example], embedder: Embedder) -> None:
        """Embed every question and sentence once."""
        texts = list(dict.fromkeys(t for e in examples for t in (e.asked, *e.origins)))
        self._rows = {text: row for row, text in enumerate(texts)}
        self._vectors = embedder.encode(texts)
        passages = {e.origins for e in examples}
        self._count = len(passages)
        self._frequencies = Counter(t for p in passages for t in set(terms(" ".join(p))))

    def __call__(self, example: Example) -> list[tuple[float, float]]:
        """Return cosine and coverage of each sentence. An exchanged name is in the coverage, not in the cosine.

        Sentences side by side were chosen by both, and are told apart by neither.
        """
        if example.heads:
            return [MIDDLING] * len(example.sentences)
        asked = self._vectors[self._rows[example.asked]]
        weights = {t: self._weight(t) for t in dict.fromkeys(terms(example.question))}
        return [
            (float(self._vectors[self._rows[origin]] @ asked), coverage(weights, sentence))
            for origin, sentence in zip(example.origins, example.sentences, strict=True)
        ]

    def _weight(self, term: str) -> float:
        held = self._frequencies[term]
        return math.log(1 + (self._count - held + 0.5) / (held + 0.5))
