"""The metrics, one function each: plain arithmetic on spans, strings and numbers.

A share is between 0 and 1, and None where there is nothing to take a share of. Spans are offsets into a
document's clean text, half open. Nothing here asks a question, opens a library or prints.
"""

from eval.metrics.answers import exact_match, facts_found, mentions, normalise, similarity, squad_expected, token_f1
from eval.metrics.citations import (
    alce_precision,
    alce_recall,
    citation_precision,
    citation_recall,
    citations_resolve,
    supported_values,
)
from eval.metrics.cost import percentile, price
from eval.metrics.refusals import (
    Bin,
    auroc,
    calibration_error,
    refusal_f1,
    refusal_precision,
    refusal_recall,
    reliability,
    risk_area,
    risk_coverage,
)
from eval.metrics.retrieval import (
    all_at,
    evidence_rank,
    hit_at,
    ndcg_at,
    overlap_rank,
    recall_at,
    reciprocal_rank,
)
from eval.metrics.spans import Span, covered, locate, overlaps
from eval.metrics.text import plain
from eval.statistics import bootstrap_interval

__all__ = [
    "Bin",
    "Span",
    "alce_precision",
    "alce_recall",
    "all_at",
    "auroc",
    "bootstrap_interval",
    "calibration_error",
    "citation_precision",
    "citation_recall",
    "citations_resolve",
    "covered",
    "evidence_rank",
    "exact_match",
    "facts_found",
    "hit_at",
    "locate",
    "mentions",
    "ndcg_at",
    "normalise",
    "overlap_rank",
    "overlaps",
    "percentile",
    "plain",
    "price",
    "recall_at",
    "reciprocal_rank",
    "refusal_f1",
    "refusal_precision",
    "refusal_recall",
    "reliability",
    "risk_area",
    "risk_coverage",
    "similarity",
    "squad_expected",
    "supported_values",
    "token_f1",
]
