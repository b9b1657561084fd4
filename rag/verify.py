"""A sentence is held against its sources: supported, partial, unsupported or contradicted.

Deterministic. Coverage and similarity say how much of the sentence its sources carry; a number, date or name that
they lack, or a negation that was lost or put in, is a veto that nothing outweighs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from rag.facts import clauses, denied, has_name, hedged, names, negated, numbers, pointing, terms, words, written
from rag.types import Verdict

COVERED = 0.85
"""Share of a sentence's words that its sources must hold for it to be supported; figures are held to their values."""
PARTLY = 0.6
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
    if any(_folded(claim) == _folded(source) for source in sources):
        return Judgement(Verdict.SUPPORTED, 1.0)
    text = "\n".join(sources)
    wanted = _content(claim)
    covered = _share(wanted, text)
    score = round(0.6 * covered + 0.4 * max(similarity, 0.0), 4)
    if not terms(claim) or not sources:
        return Judgement(
            Verdict.UNSUPPORTED, 0.0, "nothing in it can be checked" if sources else "no source is near it"
        )
    if lost := missing_values(claim, text, known):
        verdict = Verdict.CONTRADICTED if covered >= COVERED and _other_number(claim, text) else Verdict.UNSUPPORTED
        return Judgement(verdict, min(score, 0.4), f"its sources do not hold: {', '.join(lost)}")
    if joined := _joined_values(claim, sources):
        return Judgement(Verdict.UNSUPPORTED, min(score, 0.4), f"no clause of its sources holds {joined} together")
    if _differs(claim, sources, negated) or _differs(claim, sources, denied):
        return Judgement(
            Verdict.CONTRADICTED, min(score, 0.3), "it denies what its source says, or says what it denies"
        )
    if similarity < SIMILAR or covered < PARTLY or (loose := _loose_clause(claim, sources, PARTLY, known)):
        why = f"its sources hold {covered:.0%} of its words" if covered < PARTLY or similarity < SIMILAR else loose
        return Judgement(Verdict.UNSUPPORTED, score, why)
    doubt = _doubt(claim, sources, covered, known)
    return Judgement(Verdict.PARTIAL if doubt else Verdict.SUPPORTED, score, doubt)


def _doubt(claim: str, sources: Sequence[str], covered: float, known: Collection[str]) -> str:
    """Return what keeps a sentence that its sources hold in the main from being supported, if anything."""
    if covered < COVERED:
        return f"its sources hold {covered:.0%} of its words"
    if loose := _loose_clause(claim, sources, COVERED, known):
        return loose
    alone = any(_share(_content(claim), source) >= COVERED for source in sources)
    if not alone and any(map(pointing, clauses(claim)[1:])):
        return "it ties together what no one source does"
    if _differs(claim, sources, hedged):
        return "it is surer, or less sure, than its source"
    return ""


def _folded(text: str) -> str:
    return " ".join(text.split())


def _content(text: str) -> set[str]:
    """Return the terms of a text without its figures, which are held to their values instead."""
    return {t for t in terms(text) if not t[0].isdigit()}


def _share(wanted: set[str], text: str) -> float:
    return len(wanted & set(terms(text))) / len(wanted) if wanted else 1.0


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
        wanted = _content(part)
        held_by_one = any(_share(wanted, s) >= share and not missing_values(part, s, known) for s in sources)
        if len(wanted) > 1 and not held_by_one:
            return f"no one source holds “{part}”"
    return ""


def _differs(claim: str, sources: Sequence[str], test: Callable[[str], bool]) -> bool:
    """Say whether a negation or a hedge was lost or put in on the way from the sources.

    Only the clauses of the sources that share most with the claim count, so that a "not" elsewhere in a long sentence
    is no obstacle.
    """
    wanted = _content(claim)
    shared = {part: len(wanted & set(terms(part))) for source in sources for part in clauses(source)}
    least = max(1.0, max(shared.values()) / 2)
    related = [part for part, count in shared.items() if count >= least]
    return test(claim) != any(map(test, related or sources))
