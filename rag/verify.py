"""A sentence is held against its sources: supported, partial, unsupported or contradicted.

First come the vetoes, which nothing outweighs: a name, figure or date that the sources lack, words put into a mouth,
sides exchanged, a negation lost, a rise for a fall. What passes them is judged by how likely its sources are to
support it (`rag.likelihood`, with what the evidence model makes of them), and a doubt, such as a lost "may", keeps it
from being more than partly supported.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from rag.facts import clauses, numbers, pointing, terms
from rag.likelihood import content, features, likelihood, share, told
from rag.named import missing_names
from rag.orders import obeys
from rag.polarity import cause_put_in, hedge_changed, strengthened, turned_round
from rag.quantities import Quantity, bound_lost, missing_quantities, quantities, stands_for
from rag.quotations import misquoted, other_speaker
from rag.relations import exchanged
from rag.relative_dates import relative, resolved
from rag.types import Verdict

COVERED = 0.85
"""Share of a sentence's words that its sources must hold together for it to be supported."""
CARRIED = 0.5
"""Share of a clause's words that one source must hold."""
LIKELY = 0.5
"""Likelihood from which a sentence is at least partly supported: of pairs of which half are right, so many more are
right than wrong."""
SURE = 0.65
"""Likelihood from which it is supported, when there is no doubt."""
VETOED = 0.3
"""Most that the score of a sentence can be that a veto fell upon."""


@dataclass(frozen=True)
class Judgement:
    """A verdict, the score (0 to 1) and, unless supported, the reason in words."""

    verdict: Verdict
    score: float
    why: str = ""


def verify(
    claim: str,
    sources: Sequence[str],
    similarity: float,
    known: Collection[str] = (),
    dates: Sequence[str | None] = (),
    read: Callable[[], float | None] | None = None,
    about: str = "",
) -> Judgement:
    """Judge a sentence by its source sentences.

    Args:
        claim: the sentence.
        sources: the words that it is cited to.
        similarity: the highest cosine between it and a source.
        known: names that are known to be names, in lower case.
        dates: when each source's document was written, ISO 8601; with them "last year" means a year.
        read: gives the evidence model's logit that the sources support it; asked only where that can count.
        about: what is known of the sources' documents, such as title and author; a name that stands only there leaves
            a doubt.
    """
    if any(_folded(claim) == _folded(source) for source in sources):
        return Judgement(Verdict.SUPPORTED, 1.0)
    if not terms(claim) or not sources:
        return Judgement(
            Verdict.UNSUPPORTED, 0.0, "nothing in it can be checked" if sources else "no source is near it"
        )
    if dates:
        sources = [resolved(source, date) for source, date in zip(sources, dates, strict=True)]
    found = features(claim, sources, similarity, known, about)
    if vetoed := _veto(claim, sources, known, about):
        verdict, why = vetoed
        return Judgement(verdict, min(round(likelihood(found), 4), VETOED), why)
    chance = round(likelihood(found, read() if read else None), 4)
    if chance < LIKELY:
        return Judgement(Verdict.UNSUPPORTED, chance, _lacking(claim, sources))
    doubt = _lacking(claim, sources) if chance < SURE else _doubt(claim, sources, known)
    return Judgement(Verdict.PARTIAL if doubt else Verdict.SUPPORTED, chance, doubt)


def _veto(claim: str, sources: Sequence[str], known: Collection[str], about: str) -> tuple[Verdict, str] | None:
    """Return the verdict on what cannot be outweighed, and the reason."""
    text = "\n".join(sources)
    if any(obeys(claim, source) for source in sources):
        return Verdict.UNSUPPORTED, "its source orders this to be said, and does not say it"
    if lost := missing_names(claim, f"{text}\n{about}", known) + missing_quantities(claim, text):
        verdict = Verdict.CONTRADICTED if _other_figure(claim, text) else Verdict.UNSUPPORTED
        return verdict, f"its sources do not hold: {', '.join(lost)}"
    if quoted := misquoted(claim, sources):
        return Verdict.UNSUPPORTED, f"no source holds the words “{quoted}”"
    if torn := _torn_figures(claim, sources):
        return Verdict.UNSUPPORTED, f"its sources do not bind {torn} together"
    turned, rightly = exchanged(claim, sources)
    if turned:
        return Verdict.CONTRADICTED, f"in its source the sides of “{turned}” stand the other way round"
    if why := turned_round(claim, sources, rightly):
        return Verdict.CONTRADICTED, why
    if speaker := other_speaker(claim, sources):
        return Verdict.UNSUPPORTED, f"its source does not give this to {speaker.capitalize()}"
    return None


def _doubt(claim: str, sources: Sequence[str], known: Collection[str]) -> str:
    """Return what keeps a sentence that its sources likely support from being supported, if anything."""
    if named := missing_names(claim, "\n".join(sources), known):
        return f"only what is known of its document names: {', '.join(named)}"
    if share(content(claim), told("\n".join(sources))) < COVERED:
        return _lacking(claim, sources)
    if why := hedge_changed(claim, sources):
        return why
    if bound_lost(claim, sources):
        return "its source gives a figure only as at least or at most"
    if word := strengthened(claim, sources):
        return f"its source does not say “{word}”"
    if cause_put_in(claim, sources):
        return "its source gives no cause"
    if relative(claim) - frozenset().union(*map(relative, sources)):
        return "its source does not tell when that was"
    if loose := _loose_clause(claim, sources, known):
        return loose
    wanted = content(claim)
    alone = any(share(wanted, told(source)) >= COVERED for source in sources)
    if not alone and any(map(pointing, clauses(claim)[1:])):
        return "it ties together what no one source does"
    return ""


def _folded(text: str) -> str:
    return " ".join(text.split())


def _lacking(claim: str, sources: Sequence[str]) -> str:
    held = share(content(claim), told(" ".join(sources)))
    return "its sources have its words, and do not say it" if held == 1 else f"its sources hold {held:.0%} of its words"


def missing_values(claim: str, text: str, known: Collection[str] = ()) -> list[str]:
    """Return the names and figures of a claim that a text lacks."""
    return missing_names(claim, text, known) + missing_quantities(claim, text)


def _other_figure(claim: str, text: str) -> bool:
    """Say whether a claim whose words are held gives another figure than the text."""
    lost = missing_quantities(claim, text)
    return bool(lost) and bool(numbers(text)) and share(content(claim), told(text)) >= COVERED


def _torn_figures(claim: str, sources: Sequence[str]) -> str:
    """Return the figures of a clause of the claim of which a source binds some to others.

    Of "38 billion in 2023" each may stand in a source: there 22 billion are bound to 2023, or 2024 to 38 billion.
    """
    there = [held for source in sources for held in clauses(source)]
    for part in clauses(claim):
        figures = quantities(part)
        if len(figures) > 1 and all(missing_quantities(part, held) for held in there):
            if any(_binds_otherwise(figures, quantities(held)) for held in there):
                return " and ".join(dict.fromkeys(map(str, figures)))
    return ""


def _binds_otherwise(figures: Sequence[Quantity], told: Sequence[Quantity]) -> bool:
    """Say whether some of the figures are told, and in the place of another a figure of its kind."""
    here = [any(stands_for(figure, t) for t in told) for figure in figures]
    others = {t.year for t in told if not any(stands_for(figure, t) for figure in figures)}
    return any(here) and any(not held and f.year in others for f, held in zip(figures, here, strict=True))


def _loose_clause(claim: str, sources: Sequence[str], known: Collection[str]) -> str:
    """Say which clause of the claim no one source holds: its names, its figures and half of its words.

    Sources that hold it only together may speak of different things.
    """
    for part in clauses(claim):
        wanted = content(part)
        held_by_one = any(
            share(wanted, told(source)) >= CARRIED and not missing_values(part, source, known) for source in sources
        )
        if len(wanted) > 1 and not held_by_one:
            return f"no one source holds “{part}”"
    return ""
