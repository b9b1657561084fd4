"""The extractive draft: the best sentences as they stand, with what they need to be understood."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rag.attribute import one_after, one_before
from rag.breadth import wide
from rag.evidence import Evidence, Key, tells
from rag.facts import terms
from rag.quantities import Quantity, quantities, stands_for
from rag.types import EvidenceSentence

NEAR_BEST, NEAR_BEST_OF_WIDE = 0.88, 0.8
"""A further sentence is taken when its score is at least this share of the best one's; the second number holds where no
single sentence need hold the answer.

Of what is then shown .65 and .86 answer on two sets of reports (33 and 28 questions), .77 on essays (329), .73 on a
dossier (112), .83 on SQuAD (101), and .68, .86, .75, .75 and .90 of what answers is there; at .84 and .76 .66, .86,
.75, .73 and .83 of what is shown, and .72, .90, .75, .75 and .92 of what answers.
"""
WORDS_BEFORE = 4
"""Words of a sentence that "this" may mean: fewer are the number and name of a section ("3.4. Trademarks.")."""
NEW_WORDS = 3
"""Words that a further sentence must add, unless it gives another figure than those before."""

_POINTS_BACK = re.compile(
    r"(?:(?:But|And|Yet|Then|So|Still|However|Moreover|Also|Thus),?\s+)?"
    r"(?:(?i:he|she|they|his|her|their|its|this|that|these|those|such|both|neither|the (?:former|latter|same))\s"
    r"|[Ii]t\s+(?!(?:is|was|has been|would be|will be|may be|seems|remains|became)\s+(?:\w+\s+){1,2}"
    r"(?:that|to|who|for|of)\b))"
)
"""How a sentence opens that says of whom or what it tells only by the one before it; "it is clear that" does not."""


_ANNOUNCES = re.compile(
    r"\b(?:two|three|four|five|six|several|various|a number of|a few|the following|both)\s(?:[\w’'-]+\s){0,3}?\w+s\b",
    re.I,
)
_FIRST = re.compile(
    r"(?:And\s+)?(?i:one(?:\s+(?:of (?:them|these)|\w+))?\s+(?:is|was|are|were|has|had|would|will)\b"
    r"|the (?:first|former)\b|first(?:ly)?\b|in the first place\b|to begin with\b|on the one hand\b)"
)
_FURTHER = re.compile(
    r"(?:And\s+)?(?i:another\b|(?:the|an?) (?:other|second|third|fourth|fifth|next|last|final|latter)\b"
    r"|(?:second|third|fourth|fifth|last|final)(?:ly)?\b|on the other\b|a further\b)"
)
"""How sentences open that count up what one before them announces."""
COUNTED_UP, BETWEEN = 5, 2
"""Sentences that may follow one that announces them, and how many others in a row end the search for them."""


def extract(evidence: Evidence, most: int) -> list[EvidenceSentence]:
    """Return the best sentence, then others in the order in which they stand in their documents.

    Each part of a question that has several gets the best sentence for it. A further sentence is taken while it is
    nearly as good as the best and says something that those before do not, or in another document something else. One
    that opens with "these" or "he" has the sentence before it, and one that announces "two ways" those after it that
    count them up, beyond the `most`. A question that a document asks answers nothing.
    """
    told = [s for s in evidence.sentences if tells(s.text)]
    if not told:
        return []
    best = told[0]
    chosen = [s for s in evidence.sides if s.text != best.text][: most - 1] if len(evidence.sides) > 1 else []
    said = set(terms(" ".join(s.text for s in (best, *chosen))))
    near = NEAR_BEST_OF_WIDE if wide(evidence.findings.question) else NEAR_BEST
    for sentence in told[1:]:
        if len(chosen) == most - 1 or sentence.score < near * best.score:
            break
        new = set(terms(sentence.text)) - said
        if len(new) >= NEW_WORDS or _says_otherwise(sentence, (best, *chosen)):
            chosen.append(sentence)
            said |= new
    first_of = {s.document: i for i, s in reversed(list(enumerate([best, *chosen])))}
    return _understood([best, *sorted(chosen, key=lambda s: (first_of[s.document], s.start))], evidence)


def _says_otherwise(sentence: EvidenceSentence, before: Sequence[EvidenceSentence]) -> bool:
    """Say whether a sentence gives a figure of a kind for which other documents were taken with none like it."""
    there = [figure for other in before if other.document != sentence.document for figure in _counted(other)]
    return any(
        any(f.unit == t.unit for t in there) and not any(stands_for(f, t) or stands_for(t, f) for t in there)
        for f in _counted(sentence)
    )


def _counted(sentence: EvidenceSentence) -> tuple[Quantity, ...]:
    return tuple(q for q in quantities(sentence.text) if not q.year and not q.small)


def _understood(chosen: Sequence[EvidenceSentence], evidence: Evidence) -> list[EvidenceSentence]:
    """Put before each sentence that points back the one that it points to, where that was read with it.

    After one that announces what is counted up then comes what is.
    """
    pool = [s for s in evidence.sentences if s.document in {c.document for c in chosen}]
    by_end, by_start = {(s.document, s.end): s for s in pool}, {(s.document, s.start): s for s in pool}
    told: list[EvidenceSentence] = []
    for sentence in chosen:
        if _POINTS_BACK.match(sentence.text):
            before = one_before(sentence, by_end)
            told += [before] if before and len(before.text.split()) >= WORDS_BEFORE else []
        told += [sentence, *_counted_up(sentence, by_start)]
    return list(dict.fromkeys(told))


def _counted_up(sentence: EvidenceSentence, by_start: Mapping[Key, EvidenceSentence]) -> list[EvidenceSentence]:
    """Return the sentences after one that count up what it announces: "One is ... Another ..."."""
    if not _ANNOUNCES.search(sentence.text):
        return []
    found: list[EvidenceSentence] = []
    between, after = 0, one_after(sentence, by_start)
    while after and len(found) < COUNTED_UP and between < BETWEEN:
        counts = (_FURTHER if found else _FIRST).match(after.text) is not None
        found, between = ([*found, after], 0) if counts else (found, between + 1)
        after = one_after(after, by_start)
    return found if len(found) > 1 else []
