"""Classic test collections: nDCG@10 of the dense list, the lexical list, both fused, and all that comes after.

A text is a document of a library, divided into passages as any other, and ranked by its best passage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from eval.retrieval.asking import Way, distinct
from eval.retrieval.corpora import Collection
from eval.retrieval.libraries import Built
from eval.retrieval.rows import Row
from index.embed import Vectors
from rag.show import Bar

DEEP = 200
"""Passages of a list, so that ten documents are among them."""

Ranking = Mapping[str, Sequence[str]]
"""The keys of the texts that were found for each query, best first."""


def rankings(collection: Collection, built: Built, vectors: dict[str, Vectors], way: Way) -> dict[str, Ranking]:
    """Return what each part of retrieval finds for every query."""
    names = ("dense alone", "lexical alone", "fused", "ours")
    found: dict[str, dict[str, list[str]]] = {name: {} for name in names}
    library = built.library
    with Bar(f"Asking {collection.name}") as bar:
        for number, (key, text) in enumerate(collection.queries.items(), start=1):
            vector = vectors[text]
            lists = (
                (built.owners[i] for i, _ in library.dense(vector, DEEP)),
                (built.owners[i] for i, _ in library.lexical(text, DEEP)),
                (c.hit.document for c in way.first(text, vector, library)),
                (c.hit.document for c in way.evidence(text, vector, library).passages),
            )
            for name, documents in zip(names, lists, strict=True):
                found[name][key] = _keys(documents, built)
            bar.update(number, len(collection.queries), text)
    return dict(found)


def _keys(documents: Iterable[str], built: Built) -> list[str]:
    return [key for document in distinct(documents) for key in built.keys[document]]


def ndcg(ranking: Ranking, relevant: Mapping[str, Mapping[str, int]], cutoff: int = 10) -> float:
    """Return the mean nDCG over the queries, by trec_eval through `ir-measures`.

    With grades g of the first k texts, DCG is the sum of g / log2(rank + 1), and nDCG its share of the DCG of the
    best possible order (Järvelin and Kekäläinen, 2002).
    """
    from ir_measures import calc_aggregate, nDCG

    # trec_eval orders by score and breaks ties by name: distinct scores keep our order.
    run = {query: {key: -float(rank) for rank, key in enumerate(keys)} for query, keys in ranking.items()}
    measure = nDCG @ cutoff
    return float(calc_aggregate([measure], {q: dict(r) for q, r in relevant.items()}, run)[measure])


def rows(collection: Collection, found: Mapping[str, Ranking], *, goal: float | None, baselines: str) -> list[Row]:
    """Return nDCG@10 of each ranking; ours must be above the best of the others and of the baselines."""
    figures = {name: ndcg(ranking, collection.relevant) for name, ranking in found.items()}
    best = max([goal or 0.0, figures["dense alone"], figures["lexical alone"]])
    return [
        Row(
            collection.name, f"nDCG@10, {name}", value, len(collection.queries),
            round(best, 4) if name == "ours" else None, baseline=baselines if name == "ours" else "", above=True,
        )
        for name, value in figures.items()
    ]  # fmt: skip
