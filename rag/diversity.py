"""The order of passages where a question needs several: each of its parts, or each document, has its turn.

An ordinary question keeps its order. Only ranks count, as the scores of different stages have no common unit.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.types import Query

if TYPE_CHECKING:
    from rag.retrieve import Candidate


WHOLE = 2
"""Passages for the whole question that come before the next of each part."""


def diverse(passages: Sequence[Candidate], query: Query) -> list[Candidate]:
    """Return the passages, best first, in the order in which they serve all that is asked.

    With parts, the next best for each part comes after each two for the whole question. Across documents, a passage's
    place is its rank times its rank within its document: a document's second passage waits for what is nearly as good
    in others.
    """
    if not query.parts and not query.across:
        return list(passages)
    whole = list(range(len(passages)))
    lists = [_for_part(passages, part) for part in range(len(query.parts))]
    if query.across:
        lists = [_documents_in_turn(passages, order) for order in lists or [whole]]
    places = [float(rank) if query.parts else math.inf for rank in range(1, len(passages) + 1)]
    for order in lists:
        for rank, i in enumerate(order, start=1):
            places[i] = min(places[i], WHOLE * rank + 0.5 if query.parts else rank)
    return [passages[i] for i in sorted(whole, key=lambda i: (places[i], i))]


def _for_part(passages: Sequence[Candidate], part: int) -> list[int]:
    """Return the passages that may serve a part, by number, the best for it and for the whole first."""
    scores = {i: c.hit.score + c.parts[part] for i, c in enumerate(passages) if part < len(c.parts)}
    return sorted((i for i, score in scores.items() if score > float("-inf")), key=lambda i: (-scores[i], i))


def _documents_in_turn(passages: Sequence[Candidate], order: Sequence[int]) -> list[int]:
    met: Counter[str] = Counter()
    place = {}
    for rank, i in enumerate(order, start=1):
        met[passages[i].hit.document] += 1
        place[i] = rank * met[passages[i].hit.document]
    return sorted(order, key=place.__getitem__)
