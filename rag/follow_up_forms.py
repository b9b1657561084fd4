"""Forms in which a question leans on what was said before it: asked again, compared, corrected, cut short, pointing.

Recognises only; what the question then means is put together by `rag.follow_up`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.facts import FUNCTION_WORDS, names, terms

_AUX = (
    r"(?:is|are|was|were|am|be|do|does|did|has|have|had|will|would|can|could|may|might|shall|should|must|"
    r"(?:is|are|was|were|do|does|did|has|have|had|would|could|should)n['’]t|won['’]t|can['’]t)"
)
_ASKS = r"(?:who|whom|whose|what|which|when|where|why|how)"
_PREPOSITION = (
    r"(?:in|on|at|over|by|for|from|since|until|till|to|with|of|about|under|against|through|into|upon|after|before|"
    r"according to|because of)"
)
_QUESTION = re.compile(
    rf"^(?:(?:{_PREPOSITION}\s+)?{_ASKS}(?:['’]?s)?|{_AUX}|name|list|describe|explain|tell|give|show|summari[sz]e)\b",
    re.I,
)
_OPENING = re.compile(
    r"^\s*(?:(?:ok(?:ay)?|thanks|thank you|right|well|hm+|yes|sure|fine)\b[\s,.!]*)?"
    r"(?:(?P<led>(?:(?:and|but|or|so|then|also) )?(?:what|how) (?:about|of)|and|but|or|so|also|then|plus)\b[\s,]*)?",
    re.I,
)
_POLITE = re.compile(
    r"\b(?:please|pls|plz|kindly|thanks|thank you|ok(?:ay)?|(?:can|could|will|would) you|just|now|sorry|well|hm+)\b"
    r"|[^\w\s'’]",
    re.I,
)
_TALK = re.compile(
    r"\b(?:my|your|our)\s+(?:very\s+)?(?:first|last|previous|earlier|second|third|original|other)?\s*"
    r"(?:questions?|answers?|repl(?:y|ies)|messages?|conversation|chat)\b"
    r"|\bdid (?:I|we|you) (?:just |already )?(?:ask|say|write|talk|speak|tell|discuss|answer|mention)"
    r"|\b(?:I|we) (?:have )?(?:just |already )?asked\b|\bthis (?:conversation|chat)\b",
    re.I,
)

_OF_TALK = frozenset(
    """ask asked asking question questions answer answers answered reply replies replied message messages conversation
    chat say said write wrote written talk talked speak spoke spoken tell told discuss discussed mention mentioned
    first second third last previous earlier before already original beginning beginnings start started begin began
    ago minutes minute moment""".split()
)
_YOU_SAID = re.compile(
    r"^(?:so )?(?:what (?:did you (?:just )?(?:say|answer|tell me)|was (?:your (?:last )?answer|that))|say that)"
    r"(?: (?:again|just now|before))?[?!. ]*$",
    re.I,
)
_AGAIN = frozenset(
    """shorter short brief briefly briefer concise repeat again rephrase reword summarise summarize summary shorten sum
    fewer less simpler simply simplify plainer clearer longer elaborate expand detail details continue pardon
    sentence""".split()
)
_SHORT = frozenset(
    "shorter short brief briefly briefer concise shorten sum summarise summarize summary fewer less".split()
)
_IN_SHORT = re.compile(r"\b(?:briefly|in (?:one|a single|a) (?:short )?sentence|in short|in a word)\b", re.I)
_REQUEST = _AGAIN | frozenset(
    """make put say tell give write explain phrase up once more it that this the answer me us a an in with one two few
    words word sentences detailed version plain english differently be bit little much too long go on come do is what
    was i need want could you i'd like so for of all sorry""".split()
)
_SOURCE = frozenset(
    """document documents source sources page pages article paper report file author wrote written published citation
    quote""".split()
)
_SOURCING = _SOURCE | frozenset(
    """which what where when who whose is was are were does do did say says said stand stands it that this the a from
    come comes in of by for on your you have got get show me there and name exact exactly""".split()
)
_COMPARING = frozenset("compare compared comparison difference differ differs different contrast versus vs".split())
_DEGREE = re.compile(
    r"\b(?:which|who|what)(?: one| of them| of the two| of these)?\s+(?:is|are|was|were|has)\s+.*\b\w+(?:er|est)\b"
    r"|\b(?:which|who|what)\b.*\b(?:more|most|less|least)\b",
)
_SIDES = frozenset(
    """it that this them they these those both two the a an one ones other others first second last latter former
    number numbers figure figures answer answers result results with to and between of how do does is are was were what
    which who has have in each against there me i s please your you previous earlier original before value values
    year years number's""".split()
)
_POINTED = frozenset("it that this them these those".split())
_AGAINST = re.compile(
    r"\bcompare[sd]?(?:\s+(?:it|that|this|them|these|those))?\s+(?:with|to|and|against)\s+(?P<other>.+)$", re.I
)
_CORRECTION = re.compile(
    r"^(?:(?:no|nope|sorry|wait|oops|actually|hold on)\b[\s,.;:!–-]*)*"
    r"(?:not [\w\s]{1,40}?[,;]\s*(?:but\s+)?"
    r"|I (?:actually |really )?(?:meant|mean|was asking (?:about|for))[:,]?\s+(?:to ask\s+)?"
    r"|make (?:that|it)\s+|rather\s+|instead\s+)(?P<instead>.+)$",
    re.I,
)
_DENIED = re.compile(r"^(?:no|nope|sorry|wait|oops|actually)\b[\s,.;:!–-]+(?P<instead>.+)$", re.I)
_ELLIPTIC = re.compile(
    rf"^(?:{_PREPOSITION}\s+)?(?:(?:what|which|whose)(?:\s+(?!{_AUX}\b)[\w-]+){{0,2}}|when|where|why|who|whom|"
    rf"how(?:\s+(?:much|many|long|far|often|old|come|so|high|large|big))?)(?:\s+(?:not|exactly|then|so|precisely))?\W*$",
    re.I,
)
_SAYING = re.compile(
    r"^(?P<saying>who\s+(?:said|says|say|wrote|writes|claims?|claimed|thinks?|thought|argue[sd]?|believe[sd]?|state[sd]?|"
    r"predict(?:s|ed)?|warn(?:s|ed)?|told|tells))(?:\s+\w+){0,2}?\s+(?:that|this|so|it)$",
    re.I,
)
_PERSON = re.compile(r"\b(?P<subject>he|she)\b|\b(?P<whose>his)\b|\b(?P<object>him)\b|\bher(?P<her>\s+\w+)?", re.I)
_BOUND = re.compile(r"\b(?:he|she|they|his|her|their|its|him|them|themselves|itself)\b", re.I)
_FREE = re.compile(
    r"\b(?:this|these|those|such)\b(?!\s+(?:year|month|week|century|decade|who|of|that|which)\b)|\b(?:former|latter)\b"
    r"|\bit\b(?!\s+(?:true|possible|likely|the case|(?:mean|take|called)s?\s+(?:when|if|that|to|for))\b)"
    r"|(?<!\b(?:are|was) )(?<!\bis )(?<!\bwere )\bthere\s*(?:\?|$|,|\bsay|\bdo)|\bthen\s*(?:\?|$)"
    # "That" points where it stands for a thing, and not where it leads a clause.
    r"|\b(?:about|for|of|with|by|on|from|to|in|after|before|at|than|like|say|said|says|mean|means|meant|know|knows)"
    r"\s+that\b(?=\s*(?:[?,]|$|\s(?:is|was|are|were|do|does|did)\b))"
    r"|^(?:is|was|did|does|has|will|would|can|could|should)\s+that\b|\bthat\s*\??$"
    r"|\b(?:is|was)\s+that\b(?=\s+(?:about|for|from|in|on|at|of|to|with|by|so|then|again|said|done|called|why|how)\b)"
    r"|\bthat (?:number|figure|year|sum|amount|price|date|person|man|woman|book|paper|report|article|place|time|country"
    r"|company|deal|agreement|case|claim|view|point)\b"
    r"|\b(?:says?|said|do|think) so\b|\bthe (?:others?|rest)\s*(?:\?|$)",
    re.I,
)
_ENOUGH = 5
"""Content words with which a question that names something is whole, whatever "it" in it may be."""
_BINDING = 2
"""Content words before "they" or "its" among which is what it means."""


def about_the_talk(text: str) -> bool:
    """Say whether a question is about the conversation itself, of which no document knows."""
    return _TALK.search(text) is not None


def only_the_talk(text: str) -> bool:
    """Say whether a question is about the conversation and nothing else: "What did I ask you first?"."""
    asked = _plain(text) - FUNCTION_WORDS - _OF_TALK
    return about_the_talk(text) and not asked and compared(text) is None and not again(text)


def again(text: str) -> bool:
    """Say whether the last answer is asked for again: shorter, in other words, or with its source."""
    asked = _plain(text)
    return bool(asked) and (
        (asked <= _REQUEST and bool(asked & _AGAIN))
        or (asked <= _SOURCING and bool(asked & _SOURCE))
        or _YOU_SAID.search(text) is not None
    )


def brief(text: str) -> bool:
    """Say whether one sentence is asked for: the last answer made shorter, or a new one in short."""
    return (again(text) and bool(_plain(text) & _SHORT)) or _IN_SHORT.search(text) is not None


def compared(text: str) -> tuple[bool, str] | None:
    """Return how earlier answers are compared: whether with the first one, and with what else, if it is named."""
    asked = _plain(text)
    comparing = bool(asked & _COMPARING)
    if comparing and (match := _AGAINST.search(text)):
        before, other = _plain(text[: match.start("other")]), match["other"].rstrip("?!. ")
        if not _plain(other) <= _SIDES:
            return (False, other) if before <= _SIDES | _COMPARING and before & _POINTED else None
    if not comparing and not _DEGREE.search(text.lower()):
        return None
    rest = {w for w in asked - _COMPARING - _SIDES if not re.fullmatch(r"more|most|less|least|\w+er|\w+est", w)}
    return None if rest else ("first" in asked or "original" in asked, "")


def corrected(text: str) -> str:
    """Return what was meant instead, when a question is corrected: "no, I meant 2018"; else nothing."""
    match = _CORRECTION.match(text) or _DENIED.match(text)
    return match["instead"].strip() if match else ""


def opened(text: str) -> tuple[str, bool]:
    """Return a question without the "and" or "what about" that ties it to the one before, and whether it had one."""
    match = _OPENING.match(text)
    rest = text[match.end() :] if match else text
    return (rest, match is not None and match["led"] is not None) if rest.strip() else (text, False)


def elliptic(text: str) -> bool:
    """Say whether a question is its question word alone: "why?", "over which sea?"."""
    return _ELLIPTIC.match(text) is not None


def another_question(text: str) -> bool:
    """Say whether a text is a whole question, and no piece of one."""
    return _QUESTION.match(text) is not None and len(re.findall(r"\w+", text)) > 2


def saying(text: str) -> str:
    """Return a question about the saying of something, but for what was said: "Who said" of "who said that"."""
    match = _SAYING.match(text)
    return match["saying"][:1].upper() + match["saying"][1:] if match else ""


def person(text: str) -> Callable[[str], str] | None:
    """Return what puts a name in the place of "he" or "her", for the first of them; None where there is none."""
    match = _PERSON.search(text)
    if not match:
        return None

    def put(name: str) -> str:
        whose = match["whose"] or (match["her"] and match["her"].split()[0].lower() not in FUNCTION_WORDS)
        new = f"{name}'s{match['her'] or ''}" if whose else f"{name}{match['her'] or ''}"
        return text[: match.start()] + new + text[match.end() :]

    return put


def points(text: str) -> bool:
    """Say whether a question points at something that it does not name itself.

    "They" and "its" may mean what the question named before them; "that" and "it" mostly mean what was said.
    """
    named = names(text)
    if named and len(terms(text)) >= _ENOUGH:
        return False
    if _FREE.search(text):
        return True
    bound = _BOUND.search(text)
    before = text[: bound.start()] if bound else ""
    person_s = bound is not None and _PERSON.fullmatch(bound[0]) is not None
    return bound is not None and not names(before) and (person_s or len(terms(before)) < _BINDING)


def _plain(text: str) -> set[str]:
    """Return the words of a text without those that are only polite."""
    return {re.sub(r"['’]s$", "", word) for word in re.findall(r"[\w'’]+", _POLITE.sub(" ", text).lower())}
