"""Is it enough to answer? One calibrated probability that the best passages hold the answer, and what they lack.

The threshold that it is held to is a setting; nothing here, or anywhere, lowers it to let something through.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.facts import coverage, has_name, names, numbers, words, written
from rag.retrieve import Candidate


@dataclass(frozen=True)
class Findings:
    """What the probability is made from; `passages` are the best first."""

    question: str
    weights: Mapping[str, float]
    """Weight of each content word of the question."""
    passages: Sequence[Candidate]
    missing: Sequence[str]
    cosine: float
    """Best cosine between the question and a sentence."""
    score: float
    """Best score of a sentence, before an evidence model read it."""


def missing(question: str, passages: Sequence[Candidate]) -> tuple[str, ...]:
    """Return the names and numbers of the question that stand neither in the passages nor in what is known of them."""
    text = "\n".join(f"{c.about}\n{c.hit.heading}\n{c.hit.text}" for c in passages)
    held, values = words(text), numbers(text)
    lost = [name for name in names(question) if not has_name(name, held)]
    spelt = [w for w in dict.fromkeys(re.findall(r"\w+", question)) if w.lower() in lost]
    return (*spelt, *(written(n) for n in sorted(numbers(question) - values)))


def features(findings: Findings) -> list[float]:
    """Return what the probability is made of, each 0 to 1 or near it.

    The best cosine of a sentence; the best sentence's score; the share of the question's words in the best three
    passages; the share of its names and numbers that the best five lack.
    """
    stood_in = "\n".join(f"{c.about}\n{c.hit.text}" for c in findings.passages[:3])
    named = len(names(findings.question)) + len(numbers(findings.question))
    return [
        findings.cosine,
        findings.score,
        coverage(findings.weights, stood_in),
        len(findings.missing) / max(named, 1),
    ]


INTERCEPT = -12.62
COEFFICIENTS = (9.33, 14.2, 3.18, -1.15)
"""Fitted on 450 answerable SQuAD questions and 400 questions on subjects that the library has nothing about."""


def chance(findings: Findings) -> float:
    """Return the calibrated chance that the best passages hold the answer."""
    if not findings.passages:
        return 0.0
    return logistic(INTERCEPT, COEFFICIENTS, features(findings))


def logistic(intercept: float, coefficients: Sequence[float], values: Sequence[float]) -> float:
    """Return 1 / (1 + exp(-(intercept + coefficients · values)))."""
    return 1 / (1 + math.exp(-intercept - sum(c * v for c, v in zip(coefficients, values, strict=True))))
