"""How likely it is that sources support a sentence: a logistic regression on what they share, and on what was read.

It says nothing of who did what or of a "not" that was lost: `rag.verify` asks that first, and holds to it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.facts import clauses, has_name, names, numbers, terms, words

KIN = 5
"""Letters that two words share at the start when one comes from the other ("invade", "invader")."""
KINDRED = 0.8
"""What such a word counts for."""
WINDOW = 3
"""Words of a source within which two neighbouring words of a sentence stand in their order."""

WORDS: tuple[float, tuple[float, ...]] = (-3.15, (2.6, 0.78, 0.59, -0.34, -1.45, 0.04, 1.55))
"""Intercept and coefficients where nothing was read, fitted by `python -m eval.support DATA --fit` on one half of
AttributionBench and WiCE dev, each counting 1, and on CovidFact, SICK and ClimateFEVER, each counting .3. On the other
halves it comes, with the vetoes, to a macro-F1 of .70 and .66. Weights by how rare a word is, the longest common run of
words and cosines of clauses add nothing."""
READ: tuple[float, tuple[float, ...]] = (-1.17, (1.33, 0.86, 0.96, 0.6, -1.54, 0.28, -0.55, 1.71))
"""The same with the evidence model's logit, fitted on the halves of AttributionBench and WiCE and of our own claims on
the essays that training spares, which count .6. On the other halves it comes to .71, .70 and .66; without the model's
word it came to .70, .66 and .48: of our own claims the false ones are mostly in the text's words, the true ones in
others."""
LEAST, MOST = -8.0, 8.0
"""Logits beyond which it makes no difference."""


@dataclass(frozen=True)
class Told:
    """The terms of a source in order, as a set, and by the letters they begin with."""

    order: Sequence[str]
    terms: frozenset[str]
    begins: Collection[str]


def told(text: str) -> Told:
    """Return what is needed of a source to hold sentences against it."""
    order = [t for t in terms(text) if not t[0].isdigit()]
    return Told(order, frozenset(order), frozenset(t[:KIN] for t in order if len(t) >= KIN))


def share(wanted: Collection[str], source: Told) -> float:
    """Return the share of terms that a source holds, 0 to 1; 1 when there are none."""
    held = sum(1.0 if t in source.terms else KINDRED if t[:KIN] in source.begins else 0.0 for t in wanted)
    return held / len(wanted) if wanted else 1.0


def content(text: str) -> frozenset[str]:
    """Return the terms of a text without its figures, which are held to their values instead."""
    return frozenset(t for t in terms(text) if not t[0].isdigit())


def features(
    claim: str, sources: Sequence[str], similarity: float, known: Collection[str] = (), about: str = ""
) -> list[float]:
    """Return what the likelihood is made of, each 0 to 1 or a little more.

    The similarity; of the clauses' words, the share that one source holds, at the least and on average; the words that
    no source holds, in eights; the figures, and the names that are not known of its document either, in fours; the
    share of pairs of neighbouring words that stand so in a source; the length of the sentence: of a long one it says
    more when its words are held.
    """
    wanted, each = content(claim), [told(source) for source in sources]
    parts = [part for part in map(content, clauses(claim)) if part] or [wanted]
    shares = [max(share(part, source) for source in each) for part in parts]
    open_words = len(wanted) * (1 - share(wanted, told("\n".join(sources))))
    return [
        similarity,
        min(shares),
        sum(shares) / len(shares),
        min(open_words, 8) / 8,
        min(_open_values(claim, "\n".join(sources), known, about), 4) / 4,
        _pairs([t for t in terms(claim) if not t[0].isdigit()], each),
        min(math.log1p(len(wanted)) / 3, 1.5),
    ]


def _open_values(claim: str, text: str, known: Collection[str], about: str) -> int:
    """Return how many names a text and what is known of it lack, and how many numbers the text lacks."""
    spoken = words(f"{text}\n{about}")
    lost = sum(not has_name(name, spoken) for name in names(claim, known))
    return lost + len(numbers(claim) - numbers(text))


def _pairs(order: Sequence[str], sources: Sequence[Told]) -> float:
    """Return the share of neighbouring words that stand near each other, in this order, in a source."""
    near = {
        (first, second)
        for source in sources
        for place, first in enumerate(source.order)
        for second in source.order[place + 1 : place + 1 + WINDOW]
    }
    pairs = list(pairwise(order))
    return sum(pair in near for pair in pairs) / len(pairs) if pairs else 1.0


def likelihood(found: Sequence[float], read: float | None = None) -> float:
    """Return the likelihood, 0 to 1, of the features, and of the logit that the evidence model gives, if it does."""
    if read is None:
        intercept, coefficients = WORDS
    else:
        intercept, coefficients = READ
        found = [*found, logit(read)]
    return 1 / (1 + math.exp(-intercept - sum(c * v for c, v in zip(coefficients, found, strict=True))))


def logit(read: float) -> float:
    """Return a logit as a feature, about -1 to 1."""
    return min(max(read, LEAST), MOST) / MOST
