"""English verbs in the past tense: which words are verbs, and what they are after "did".

A word that could also be a noun or an adjective is not taken for a verb unless its place leaves no doubt; a sentence
that is not understood gives no question, which costs nothing.
"""

from __future__ import annotations

from collections.abc import Container

_PAST = """become:became begin:began bring:brought build:built buy:bought catch:caught choose:chose come:came deal:dealt
draw:drew drive:drove eat:ate fall:fell feel:felt fight:fought find:found fly:flew forget:forgot get:got give:gave
go:went grow:grew have:had hear:heard hold:held keep:kept know:knew lead:led leave:left lend:lent lose:lost make:made
mean:meant meet:met overtake:overtook pay:paid ride:rode rise:rose run:ran say:said see:saw seek:sought sell:sold
send:sent shoot:shot show:showed sing:sang sink:sank sit:sat sleep:slept speak:spoke spend:spent stand:stood
steal:stole strike:struck swear:swore swim:swam take:took teach:taught tell:told think:thought throw:threw
understand:understood undertake:undertook wake:woke wear:wore win:won withdraw:withdrew write:wrote"""
IRREGULAR = {past: base for base, past in (pair.split(":") for pair in _PAST.split())}
"""Pasts that are no other word; "set", "cut", "left" and the like are told by nothing but their place."""
_PARTICIPLES = frozenset(
    """been begun born broken brought built bought caught chosen come cut drawn driven eaten fallen felt fought found
    flown forgotten given gone grown had heard held hit kept known laid led left lent lost made meant met overtaken paid
    put read risen run said seen sought sold sent set shot shown shut sunk split spoken spent spread stood stolen struck
    sworn taken taught told thought thrown torn understood undertaken won withdrawn worn written""".split()
)
_NO_VERBS = frozenset(
    """hundred indeed need speed breed seed exceed proceed succeed agreed-upon united naked sacred wicked so-called
    unprecedented alleged supposed aged crowded detailed experienced learned skilled talented unexpected""".split()
)

PRESENT = {
    past: base
    for past, base in (
        pair.split(":")
        for pair in """says:say believes:believe argues:argue owns:own contains:contain employs:employ provides:provide
        produces:produce requires:require belongs:belong consists:consist allows:allow gives:give takes:take makes:make
        becomes:become includes:include extends:extend carries:carry buys:buy sells:sell pays:pay receives:receive
        operates:operate supplies:supply publishes:publish wants:want keeps:keep thinks:think writes:write tells:tell
        knows:know brings:bring sends:send leads:lead spends:spend imports:import comprises:comprise defines:define
        describes:describe serves:serve""".split()
    )
}
"""Third persons that are hardly ever nouns, and what stands after "does"."""

BE = frozenset("is are was were".split())
HAVE = frozenset("has have had".split())
MODALS = frozenset("will would can could may might must should shall".split())
AUXILIARIES = BE | HAVE | MODALS | {"did", "does", "do"}

SPEECH = frozenset(
    """said told argued wrote warned claimed admitted predicted announced declared promised proposed complained reported
    suggested insisted noted thought believed concluded estimated explained recalled confirmed denied disclosed
    says believes argues thinks writes""".split()
)
"""Pasts of verbs of saying and thinking: who does it is a person, or speaks as one."""

SINGULAR = {"are": "is", "were": "was", "have": "has", "do": "does"}


def is_past(word: str) -> bool:
    """Return whether a word is the past of a verb, or its participle of the same form."""
    return word in IRREGULAR or (
        len(word) > 4 and word.endswith("ed") and not word.endswith("eed") and word not in _NO_VERBS and "-" not in word
    ) or word == "agreed"  # fmt: skip


def is_participle(word: str) -> bool:
    """Return whether a word can stand after "has" or "was"."""
    return word in _PARTICIPLES or is_past(word)


def is_finite(word: str) -> bool:
    """Return whether a word can be the verb of a clause by itself."""
    return word in AUXILIARIES or word in PRESENT or is_past(word)


def base_of(past: str, words: Container[str]) -> str | None:
    """Return what stands after "did" or "does": "rejected" gives "reject"; None when it is not sure.

    `words` tells real words from what only could be one: of "clos" and "close" it holds the second.
    """
    if past in IRREGULAR or past in PRESENT:
        return IRREGULAR.get(past) or PRESENT[past]
    stem = past.removesuffix("ed")
    if stem == past:
        return None
    if stem.endswith("i"):
        forms = [stem[:-1] + "y", stem + "e"]
    elif _one_consonant_ends(stem):
        # "hoped" is of hope, for hop doubles its p; "visited" is of visit, for there is no visite.
        forms = [stem + "e", stem]
    else:
        forms = [stem, stem + "e"]
    if len(stem) > 2 and stem[-1] == stem[-2]:
        forms.insert(1, stem[:-1])
    return next((form for form in forms if form in words), None)


def _one_consonant_ends(stem: str) -> bool:
    vowels = "aeiou"
    return len(stem) > 1 and stem[-1] not in vowels + "wxy" and stem[-2] in vowels and stem[-3:-2] not in tuple(vowels)
