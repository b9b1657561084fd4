"""Who did what to whom: the sides of a verb in a claim are held against its sides in the sources.

No parser. For each word, the words that stand together before it and after it are its sides; "by" after it exchanges
them, "with" and "and" make them equal. Where a claim and its source have the same word (or its opposite: "bought",
"sold") with the same two sides, they stand the same way round or the claim is false.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rag.facts import clauses, term
from rag.polarity import AXES

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[,;:]")
_EQUAL = frozenset(
    "with and or between among alongside both versus vs against together like as , ; : but while which who that".split()
)
"""Words between a word and its right side that make the two sides alike, or part them."""
_ALIKE = frozenset(
    "meet met marri married wed border resembl equal cooper talk negoti clash play fight fought trade agre differ "
    "discuss correspond neighbour neighbor and ally alli link share sign join tie connect compar".split()
)
"""Terms whose sides may be exchanged."""
_ORDER = frozenset(("before", "after", "above", "below"))
_SKIPPED = re.compile(r"[a-z]+ly$")
MOST = 4
"""Words of a side."""
GAP = 5
"""Function words between a word and its side."""


@dataclass(frozen=True)
class _Token:
    word: str
    term: str
    name: bool
    first: bool


@dataclass(frozen=True)
class Relation:
    """A word with its two sides; a side holds terms, and `names` tells whether those are names."""

    word: str
    left: frozenset[str]
    right: frozenset[str]


@lru_cache(maxsize=4_000)
def relations(text: str) -> tuple[Relation, ...]:
    """Return what can be read as one thing done to, or compared with, another."""
    return tuple(found for part in clauses(text) for found in _of_clause(_tokens(part)))


def _tokens(text: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(text):
        word = re.sub(r"['’]s?$", "", match[0])
        lowered = word.lower()
        plain = lowered if lowered.isascii() else "".join(c for c in lowered if c.isalnum())
        found.append(_Token(lowered, term(plain) if plain.isalnum() else "", word[:1].isupper(), match.start() == 0))
    return found


def _of_clause(tokens: Sequence[_Token]) -> Iterator[Relation]:
    for place, token in enumerate(tokens):
        ordered = token.word in _ORDER
        if not (ordered or token.term) or token.name or token.term in _ALIKE:
            continue
        word = token.word if ordered else token.term
        left, _, _ = _side(tokens, place, -1, ordered)
        right, between, end = _side(tokens, place, 1, ordered)
        if not right or _EQUAL & set(between):
            continue
        further, linked, _ = _side(tokens, end - 1, 1)
        if "by" in between and left:
            # "B was invaded by A", "B's invasion by A"; in "an invasion by A of B" what "of" names takes the place.
            left, right = right, (further if "of" in linked else left)
        elif "by" in linked and "of" in between and further:
            left, right = further, right
        elif left and further and {"to", "from"} & set(linked):
            yield Relation(word, _terms_of(left), _terms_of(further))
        if left and not ("from" in between and not ordered):
            yield Relation(word, _terms_of(left), _terms_of(right))


def _side(tokens: Sequence[_Token], place: int, step: int, wide: bool = False) -> tuple[list[_Token], list[str], int]:
    """Return the words that stand together on a side, the words before them, and the place after them.

    A wide side goes on over function words.
    """
    run: list[_Token] = []
    between: list[str] = []
    place += step
    while 0 <= place < len(tokens):
        token = tokens[place]
        if token.term and not _SKIPPED.match(token.word):
            run.append(token)
        elif run and not wide:
            break
        else:
            between.append(token.word)
        if len(run) == MOST or len(between) > GAP or token.word in (",", ";", ":"):
            place += step
            break
        place += step
    return (run if step > 0 else run[::-1]), between, place


def _terms_of(side: Sequence[_Token]) -> frozenset[str]:
    """Return the terms of the names of a side, or of all its words when it has no name."""
    named = [t for t in side if t.name and not t.first]
    return frozenset(t.term for t in (named or side))


def exchanged(claim: str, sources: Sequence[str]) -> tuple[str, frozenset[int]]:
    """Return the word whose sides a claim exchanges, "" for none, and the axes of opposites that it turns rightly.

    "A sold it to B" and "B bought it from A" are one fact: the sides and the word are both turned.
    """
    told = [relation for source in sources for relation in relations(source)]
    same: set[int] = set()
    wrong = ""
    for claimed in relations(claim):
        turns = [turn for t in told if (turn := _turn(claimed, t))]
        if any(sign > 0 for sign, _ in turns):
            same |= {axis for sign, axis in turns if sign > 0 and axis >= 0}
        elif turns:
            wrong = wrong or claimed.word
    return wrong, frozenset(same)


def _turn(claimed: Relation, told: Relation) -> tuple[int, int] | None:
    """Return 1 when two relations say the same, -1 when the opposite, and the axis of their words, -1 for none."""
    axis = _axis(claimed.word, told.word)
    if axis is None:
        return None
    if _meet(claimed.left, told.left) and _meet(claimed.right, told.right):
        return (1, -1) if axis < 0 else None
    if _meet(claimed.left, told.right) and _meet(claimed.right, told.left):
        return (-1, -1) if axis < 0 else (1, axis)
    return None


def _axis(one: str, other: str) -> int | None:
    """Return -1 for the same word, the axis of two opposites, None for words that have nothing to do together."""
    if one == other or _kin(one, other):
        return -1
    for number, (up, down) in enumerate(_axes()):
        if (one in up and other in down) or (one in down and other in up):
            return number
    return None


@cache
def _axes() -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """Return the opposites as terms, and function words as they are."""
    return tuple((frozenset(term(w) or w for w in up), frozenset(term(w) or w for w in down)) for up, down in AXES)


def _kin(one: str, other: str) -> bool:
    """Say whether two terms are a verb and its noun: "invad" and "invas"."""
    shortest = min(len(one), len(other))
    common = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), shortest)
    return common >= 4 and common >= 0.75 * shortest


def _meet(one: frozenset[str], other: frozenset[str]) -> bool:
    return any(a == b or (len(a) >= 5 and a[:5] == b[:5]) for a in one for b in other)
