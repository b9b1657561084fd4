"""Whether the evidence was found, and how high up."""

from __future__ import annotations

from collections.abc import Sequence

from eval.metrics.spans import Span, covered


def evidence_rank(gold: Span, retrieved: Sequence[Span], text: str) -> int | None:
    """Return the smallest k for which the first k passages cover the evidence, or None.

    `text` is the clean text of the evidence's document. Passages of other documents take up ranks and cover
    nothing.
    """
    mine: list[tuple[int, int]] = []
    for k, passage in enumerate(retrieved, start=1):
        if passage.document == gold.document:
            mine.append((passage.start, passage.end))
            if covered(gold.start, gold.end, mine, text):
                return k
    return None


def overlap_rank(gold: Span, retrieved: Sequence[Span]) -> int | None:
    """Return the rank of the first passage that shares text with the evidence, or None.

    For evidence that is a whole page or document, as the judgements of BEIR and TREC are: no passage can cover it.
    """
    return next(
        (
            k
            for k, p in enumerate(retrieved, start=1)
            if p.document == gold.document and p.start < gold.end and gold.start < p.end
        ),
        None,
    )


def hit_at(k: int, ranks: Sequence[int | None]) -> float | None:
    """Return 1 if any evidence is found in the first k passages, else 0.

    `ranks` has the `evidence_rank` of each evidence of one question. Mean over questions: success@k.
    """
    return float(any(rank is not None and rank <= k for rank in ranks)) if ranks else None


def all_at(k: int, ranks: Sequence[int | None]) -> float | None:
    """Return 1 if all evidence is found in the first k passages, else 0.

    As in multi-hop retrieval (HotpotQA and others), where half of the evidence does not answer the question.
    """
    return float(all(rank is not None and rank <= k for rank in ranks)) if ranks else None


def recall_at(k: int, ranks: Sequence[int | None]) -> float | None:
    """Return the share of the evidence that is found in the first k passages.

    Formula: |{e : rank(e) <= k}| / |evidence|: R@k of trec_eval, each evidence being judged relevant.
    """
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks) if ranks else None


def reciprocal_rank(ranks: Sequence[int | None]) -> float | None:
    """Return 1 / (smallest k at which any evidence is found), 0 if none is.

    Mean over questions: MRR (Voorhees, TREC-8 question answering track, 1999).
    """
    found = [rank for rank in ranks if rank is not None]
    if not ranks:
        return None
    return 1 / min(found) if found else 0.0


def ndcg_at(k: int, ranks: Sequence[int | None], grades: Sequence[int] = ()) -> float | None:
    """Return the normalised discounted cumulative gain of the evidence in the first k passages, by `ir-measures`.

    DCG = sum of grade(e) / log2(place(e) + 1) over evidence with place <= k, divided by that of the ideal order
    (Järvelin and Kekäläinen, 2002, as trec_eval has it). A passage that completes several evidences would
    otherwise count for one: they take the places from its rank on. `grades` is 1 for each unless given.
    """
    if not ranks:
        return None
    import ir_measures  # an evaluation needs it, and nothing else does

    given = list(grades) or [1] * len(ranks)
    names = [f"evidence{i}" for i in range(len(ranks))]
    places = _places(ranks, given)
    # trec_eval counts places in the list, so that what is no evidence must stand in it too.
    listed = {place: f"passage{place}" for place in range(1, k + 1)} | {place: names[i] for i, place in places.items()}
    run = {"question": {name: -float(place) for place, name in listed.items()}}
    qrels = {"question": dict(zip(names, given, strict=True))}
    measure = ir_measures.nDCG @ k
    return float(ir_measures.calc_aggregate([measure], qrels, run)[measure])


def _places(ranks: Sequence[int | None], grades: Sequence[int]) -> dict[int, int]:
    """Return by evidence the place it takes: its rank, or the next one that is free."""
    found = sorted((rank, -grade, i) for i, (rank, grade) in enumerate(zip(ranks, grades, strict=True)) if rank)
    places: dict[int, int] = {}
    last = 0
    for rank, _, i in found:
        places[i] = last = max(rank, last + 1)
    return places
