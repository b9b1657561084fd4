"""A sentence is held against its sources: supported, partial, unsupported or contradicted.

Deterministic. Coverage and similarity say how much of the sentence its sources carry; a number, date or name that
they lack, or a negation that was lost or put in, is a veto that nothing outweighs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rag.facts import clauses, denied, has_name, names, negated, numbers, terms, words, written
from rag.types import Verdict

COVERED = 0.75
"""Share of a sentence's words that its sources must hold for it to be supported."""
PARTLY = 0.55
SIMILAR = 0.5
"""Cosine between a sentence and its best source below which it is not supported, whatever its words."""


@dataclass(frozen=True)
class Judgement:
    """A verdict, the score (0 to 1) and, unless supported, the reason in words."""

    verdict: Verdict
    score: float
    why: str = ""


def verify(claim: str, sources: Sequence[str], similarity: float, known: Collection[str] = ()) -> Judgement:
    """Judge a sentence by its source sentences.

    Args:
        claim: the sentence.
        sources: the words that it is cited to.
        similarity: the highest cosine between it and a source.
        known: names that are known to be names, in lower case.
    """
    text = "\n".join(sources)
    if " ".join(claim.split()) in " ".join(text.split()) and sources:
        return Judgement(Verdict.SUPPORTED, 1.0)
    wanted, held = set(terms(claim)), set(terms(text))
    covered = len(wanted & held) / len(wanted) if wanted else 0.0
    score = round(0.6 * covered + 0.4 * max(similarity, 0.0), 4)
    if not wanted or not sources:
        return Judgement(
            Verdict.UNSUPPORTED, 0.0, "nothing in it can be checked" if sources else "no source is near it"
        )
    lost = missing_values(claim, text, known)
    if lost:
        verdict = Verdict.CONTRADICTED if covered >= COVERED and _other_number(claim, text) else Verdict.UNSUPPORTED
        return Judgement(verdict, min(score, 0.4), f"its sources do not hold: {', '.join(lost)}")
    if joined := _joined_values(claim, sources):
        why = f"no clause of its sources holds {joined} together"
        return Judgement(Verdict.UNSUPPORTED, min(score, 0.4), why)
    if _turned(claim, sources):
        return Judgement(
            Verdict.CONTRADICTED, min(score, 0.3), "it denies what its source says, or says what it denies"
        )
    near = similarity >= SIMILAR
    if covered >= COVERED and near and not _loose_clause(claim, sources, COVERED, known):
        return Judgement(Verdict.SUPPORTED, score)
    loose = _loose_clause(claim, sources, PARTLY, known)
    verdict = Verdict.PARTIAL if covered >= PARTLY and near and not loose else Verdict.UNSUPPORTED
    return Judgement(verdict, score, loose or f"its sources hold {covered:.0%} of its words")


def missing_values(claim: str, text: str, known: Collection[str] = ()) -> list[str]:
    """Return the names and numbers of a claim that a text lacks."""
    spoken = words(text)
    lost = [name for name in sorted(names(claim, known)) if not has_name(name, spoken)]
    return lost + [written(n) for n in sorted(numbers(claim) - numbers(text))]


def _other_number(claim: str, text: str) -> bool:
    return bool(numbers(claim) - numbers(text)) and bool(numbers(text))


def _joined_values(claim: str, sources: Sequence[str]) -> str:
    """Return the numbers of a clause of the claim that no one clause of a source holds together.

    Two numbers that a claim binds together ("38 billion in 2023") may each stand in a source, bound to other things.
    """
    told = [numbers(part) for source in sources for part in clauses(source)]
    for part in clauses(claim):
        values = numbers(part)
        if len(values) > 1 and not any(values <= held for held in told):
            return " and ".join(written(n) for n in sorted(values))
    return ""


def _loose_clause(claim: str, sources: Sequence[str], share: float, known: Collection[str]) -> str:
    """Say which clause of the claim no one source holds: its names, its numbers and a share of its words.

    Sources that hold it only together may speak of different things.
    """
    for part in clauses(claim):
        wanted = set(terms(part))
        held_by_one = any(
            len(wanted & set(terms(source))) >= share * len(wanted) and not missing_values(part, source, known)
            for source in sources
        )
        if len(wanted) > 1 and not held_by_one:
            return f"no one source holds “{part}”"
    return ""


def _turned(claim: str, sources: Sequence[str]) -> bool:
    """Say whether a negation was lost or put in on the way from the sources.

    Only the clauses of the sources that share words with the claim count, so that a "not" elsewhere in a long
    sentence is no obstacle.
    """
    wanted = set(terms(claim))
    related = [
        part
        for source in sources
        for part in clauses(source)
        if len(wanted & set(terms(part))) >= max(1, len(wanted) // 3)
    ]
    parts = related or list(sources)
    return any(test(claim) != any(map(test, parts)) for test in (negated, denied))
