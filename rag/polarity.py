"""Whether a claim turns its source round: a negation lost or put in, a rise for a fall, "may" for "does".

Judged clause by clause: only the clauses of the sources that tell of the same count, so that a "not" elsewhere in a
long sentence is no obstacle. English words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rag.facts import clauses, denied, term, terms

SHARED = 0.5
"""Share of a clause's words that a clause of a source must hold to tell of the same thing."""
NEAR = 4
"""Words on either side of "rose" or "fell" that say what did."""
REACH = 8
"""Words from there at which the source's own "rose" or "fell" is looked for."""

AXES = tuple(
    (frozenset(up.split()), frozenset(down.split()))
    for up, down in (
        (
            "rise rises rose risen rising increase increases increased increasing grow grows grew grown growing growth "
            "climb climbs climbed climbing surge surges surged surging soar soared expand expands expanded expanding "
            "expansion gain gains gained strengthen strengthened improve improved improving double doubled",
            "fall falls fell fallen falling decrease decreases decreased decreasing decline declines declined "
            "drop drops dropped dropping shrink shrinks shrank shrunk shrinking reduce reduces reduced reduction "
            "plunge plunged slump slumped contract contracted contraction lose loses lost weaken weakened "
            "worsen worsened worsening halve halved",
        ),
        (
            "import imports imported importing importer importers",
            "export exports exported exporting exporter exporters",
        ),
        ("before", "after"),
        ("more larger bigger greater higher longer stronger", "less fewer smaller lower shorter weaker"),
        ("faster earlier sooner older", "slower later younger newer"),
        ("above over", "below under"),
        ("win wins won winning winner victory", "lose loses lost losing loser defeat"),
        ("buy buys bought buying purchase purchased buyer", "sell sells sold selling sale seller"),
        ("accept accepts accepted approve approved approves approval", "reject rejects rejected rejection"),
        (
            "support supports supported supporting back backs backed favour favoured favor favored",
            "oppose opposes opposed opposing opposition",
        ),
        ("open opens opened opening reopened", "close closes closed closing closure shut"),
        ("join joins joined enter enters entered", "leave leaves left leaving quit withdraw withdrew withdrawal"),
        ("allow allows allowed permit permits permitted", "ban bans banned forbid forbids forbade prohibit prohibited"),
        ("begin begins began begun start starts started", "end ends ended finish finished cease ceased stop stopped"),
        ("north northern", "south southern"),
        ("east eastern", "west western"),
        ("success successful succeeded succeed", "failure unsuccessful failed fail"),
        ("legal lawful", "illegal unlawful"),
        ("first earliest", "last latest"),
        ("maximum most highest largest biggest", "minimum least lowest smallest"),
    )
)  # fmt: skip
_SIDES = {
    word: (number, sign)
    for number, sides in enumerate(AXES)
    for sign, side in zip((1, -1), sides, strict=True)
    for word in side
}

_POSSIBLE = r"might|could(?! not\b)|possibly|probably|perhaps|potentially|likely|appears?|appeared|seems?|seemed"
_PLANNED = (
    r"will|would|shall|plan(?:s|ned|ning)?|expect(?:s|ed|ing)?|hope(?:s|d)?|intend(?:s|ed)?|aim(?:s|ed)?|"
    r"propos(?:es|ed|al)|promis(?:es|ed)|prepar(?:es|ed|ing)|want(?:s|ed)?|seeks?|sought|(?:due|set|ready) to|"
    r"scheduled|should|must|ought|call(?:s|ed)? (?:for|on)|urg(?:es|ed)|threat(?:ens|ened)|tr(?:ies|ied|ying) to|"
    r"(?:agree[sd]?|offer(?:s|ed)?|pledge[sd]?|vow(?:s|ed)?|decid(?:es|ed)|undertakes|undertook|willing|poised) to"
)
_TOLD = (
    r"reported(?:ly)?|alleged(?:ly)?|alleges?|said to|claim(?:s|ed|ing)|according to|accus(?:es|ed|ing)|believe[sd]?|"
    r"argue[sd]?|suspect(?:s|ed)?|rumou?r(?:s|ed)?|think(?:s)?|thought|suggest(?:s|ed)?|"
    r"if|unless|whether|would-be"
)
_HEDGE = re.compile(rf"\b(?:may|(?i:{_POSSIBLE}|{_PLANNED}|{_TOLD}))\b")
_QUANTIFIERS = (
    ("all every each entire entirely whole everyone always both any", "all"),
    ("only sole solely just alone exclusively merely", "only"),
    ("first 1st earliest", "first"),
    ("never none nobody", "never"),
)
_STRONG = {word: name for words, name in _QUANTIFIERS for word in words.split()}
_STATED = frozenset(("only", "first", "every", "always", "all"))
_CAUSES = re.compile(
    r"\b(?:because|due to|as a result|therefore|thus|caus(?:e|es|ed|ing)|led to|leads? to|"
    r"result(?:s|ed|ing)? (?:in|from)|"
    r"thanks to|owing to|prompt(?:s|ed)|forc(?:es|ed)|after|since|so|following|as|in order to|why|reason|made|"
    r"in response|in view of|given)\b",
    re.I,
)
_CAUSED = re.compile(r"\b(?:because|due to|as a result|therefore|caus(?:es|ed)|led to|resulted in|owing to)\b", re.I)
_NEGATION = re.compile(
    r"\b(?:(?:not|cannot)(?! (?:only|just|merely|less|more|fewer|later|earlier)\b)|no(?! (?:less|more|fewer|later|"
    r"earlier|doubt)\b)|never|neither|nor|none|nobody|nothing|without|hardly|unlikely|impossible|"
    r"lack(?:s|ed|ing)?(?: of)?|absence of)\b|n['’]t\b",
    re.I,
)
_UNTIL = re.compile(r"^(?:\W+\w+){1,6}?\W+until\b", re.I)
_WORD = re.compile(r"[a-z0-9]+(?:-[a-z]+)?")


@lru_cache(maxsize=4_000)
def _spoken(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.lower()))


def related(part: str, sources: Sequence[str]) -> list[str]:
    """Return the clauses of the sources that tell of the same as a clause: those that share most of its words."""
    wanted = frozenset(terms(part))
    shared = {told: len(wanted & set(terms(told))) for source in sources for told in clauses(source)}
    least = max(SHARED * len(wanted), 0.75 * max(shared.values(), default=0), 1)
    return [told for told, count in shared.items() if count >= least]


@lru_cache(maxsize=4_000)
def negated_terms(text: str) -> frozenset[str]:
    """Return what is negated: the first content word after each "not", or after a word of its kind.

    "Did not open until 2013" negates nothing: it opened.
    """
    found = set()
    for match in _NEGATION.finditer(text):
        if _UNTIL.match(text[match.end() :]) is None:
            found.update(terms(text[match.end() :])[:1])
    return frozenset(found)


def turned_round(claim: str, sources: Sequence[str], same: frozenset[int] = frozenset()) -> str:
    """Say how a claim says the opposite of its sources; "" when it does not.

    A denial and a negation, a negation and an opposite, undo each other: "did not rise" is no opposite of "fell".
    `same` are the axes of words like "before" and "after" that were found to say the same with the sides exchanged.
    """
    for part in clauses(claim):
        told = related(part, sources)
        if not told or part in told:
            continue
        if all(_denies(part, t) for t in told):
            return "it denies what its source says, or says what it denies"
        if opposite := _opposite(part, told, same):
            return f"its source says the opposite of “{opposite}”"
    return ""


def _denies(part: str, told: str) -> bool:
    """Say whether one of two clauses negates a word that the other has without it, a denial counting as a negation."""
    both = frozenset(terms(part)) & frozenset(terms(told))
    here, there = negated_terms(part), negated_terms(told)
    other = denied(part) != denied(told)
    doubtful = (here | there) & both
    return any(((t in here) != (t in there)) != other for t in doubtful) if doubtful else other and not (here | there)


def _opposite(part: str, told: Sequence[str], same: frozenset[int]) -> str:
    """Return the word of a clause whose opposite, and not itself, stands with the same words in the sources.

    An opposite that is negated on one side is none.
    """
    spoken, negated = _spoken(part), negated_terms(part)
    for place, word in enumerate(spoken):
        if word not in _SIDES or _SIDES[word][0] in same:
            continue
        axis, sign = _SIDES[word]
        if any(_SIDES.get(w) == (axis, -sign) for w in spoken):
            continue  # with both in one clause, nothing here tells which goes with what
        near = spoken[max(place - NEAR, 0) : place] + spoken[place + 1 : place + 1 + NEAR]
        anchors = [t for w in near if (t := term(w)) and _SIDES.get(w, (-1, 0))[0] != axis]
        signs = [s for anchor in anchors for t in told if (s := _nearest_side(anchor, axis, t))]
        sign = -sign if term(word) in negated else sign
        if len(signs) >= min(2, len(anchors)) and signs and all(s == -sign for s in signs):
            return word
    return ""


def _nearest_side(anchor: str, axis: int, told: str) -> int:
    """Return the side of the word of an axis that stands nearest to an anchor, 0 when none is within reach."""
    spoken, negated = _spoken(told), negated_terms(told)
    places = [n for n, w in enumerate(spoken) if term(w) == anchor]
    sides = [
        (n, -_SIDES[w][1] if term(w) in negated else _SIDES[w][1])
        for n, w in enumerate(spoken)
        if _SIDES.get(w, (-1, 0))[0] == axis
    ]
    # Of two as near, the one that follows: "exports rose".
    found = [(abs(n - place), n < place, sign) for place in places for n, sign in sides if abs(n - place) <= REACH]
    return min(found, default=(0, False, 0))[2]


def hedge_changed(claim: str, sources: Sequence[str]) -> str:
    """Say whether a claim is surer, or less sure, than the clauses of its sources that tell of the same."""
    told = related(claim, sources) or list(sources)
    hedged, sure = _HEDGE.search(claim) is not None, all(_HEDGE.search(t) is None for t in told)
    if hedged == sure:
        return "it is less sure than its source" if hedged else "it is surer than its source"
    return ""


def strengthened(claim: str, sources: Sequence[str]) -> str:
    """Return a word like "only" or "all" that a claim has and its sources do not say in any way; "" when none."""
    held = {_STRONG.get(w, w) for source in sources for w in _spoken(source)}
    return next((w for w in _spoken(claim) if w in _STATED and _STRONG[w] not in held), "")


def cause_put_in(claim: str, sources: Sequence[str]) -> bool:
    """Say whether a claim gives a cause where its sources have no word that could."""
    return _CAUSED.search(claim) is not None and not any(_CAUSES.search(source) for source in sources)
