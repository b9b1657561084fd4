"""Passages that say the same take one place: an article that was posted again, a paragraph that was quoted whole.

A passage says the same as another when its words stand there, in their order and without a gap, but for case, accents,
hyphens, articles and slips of a letter. So nothing is folded that differs in a number, a date, a name or a "not", nor
in any other word: "rose" and "fell" are as far apart. Only the candidates of one question are compared.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from rag.catalogue import unaccented

SHORTEST = 40
"""Characters; less is a row or a heading, and two of those may be alike and mean different things."""
CLAUSE = 16
"""Least characters of the clauses by which passages that are alike find each other."""
ALIKE = 0.25
"""Share of a passage's characters, in whole clauses, that the other must have before they are compared by words."""
SLIPS = 20
"""Words for each slip that is let through."""

_WORD = re.compile(r"\w+(?:[.,'’:/]\w+)*[%°]?|[$€£¥₽]")
_HYPHEN = re.compile(r"(?<=\w)[-‐‑](?=\w)")
_ARTICLES = frozenset(("a", "an", "the"))


def groups(texts: Sequence[str]) -> list[list[int]]:
    """Return the numbers of the texts, those together that say the same; each group is led by its first.

    A text joins a group when the leader holds all that it says; where it says more, it has a place of its own.
    """
    found: list[list[int]] = []
    holders: dict[str, list[int]] = {}
    for number, text in enumerate(texts):
        clauses = _clauses(text)
        shared: Counter[int] = Counter()
        for clause in clauses:
            for group in holders.get(clause, ()):
                shared[group] += len(clause)
        enough = ALIKE * len(text)
        alike = (group for group, length in shared.most_common() if length >= enough) if shared else ()
        same = next((group for group in alike if says(texts[found[group][0]], text)), None)
        if same is not None:
            found[same].append(number)
            continue
        for clause in clauses:
            holders.setdefault(clause, []).append(len(found))
        found.append([number])
    return found


def _clauses(text: str) -> set[str]:
    if len(text) < SHORTEST:
        return set()
    pieces = text.lower().strip(" .").replace(". ", ", ").replace(": ", ", ").split(", ")
    return {piece for piece in pieces if len(piece) >= CLAUSE}


def says(longer: str, text: str) -> bool:
    """Say whether a text's words stand in a longer one, one after the other, but for slips."""
    if text in longer:
        return True
    whole, words = _words(longer), _words(text)
    held, wanted = [w.lower() for w in whole], [w.lower() for w in words]
    if f" {' '.join(wanted)} " in f" {' '.join(held)} ":
        return True
    slips = max(len(words) // SLIPS, 1)
    # Each slip is one word in the place of another: where more words are lacking, none need be laid side by side.
    if (Counter(wanted) - Counter(held)).total() > slips:
        return False
    matcher = SequenceMatcher(None, held, wanted, autojunk=False)
    changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    # What the longer text has before and after is no change.
    changes = [c for c in changes if not (c[0] == "delete" and c[3] in (0, len(words)))]
    return len(changes) <= slips and all(
        tag == "replace" and b - a == d - c == 1 and _slip(whole[a], words[c]) for tag, a, b, c, d in changes
    )


@lru_cache(maxsize=256)
def _words(text: str) -> tuple[str, ...]:
    """Return the words of a text; of one question's candidates each is compared with many."""
    plain = _HYPHEN.sub("", text if text.isascii() else unaccented(text))
    return tuple(word for word in _WORD.findall(plain) if word.lower() not in _ARTICLES)


def _slip(word: str, other: str) -> bool:
    """Say whether two long words, no names, differ in one letter, added, lost or changed, that is not the first."""
    short, long = sorted((word, other), key=len)
    if len(short) < 6 or len(long) - len(short) > 1 or word[0] != other[0]:
        return False
    if not (word + other).isalpha() or not (word + other).islower():
        return False
    at = next((i for i, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    return short[at + (len(short) == len(long)) :] == long[at + 1 :]
