"""Does a question need several passages, or several documents? Its parts, found by its form.

English only: a question in another language has no parts that show, and is searched as one.
"""

from __future__ import annotations

import re

from rag.facts import terms

GENRE = (
    r"(?:articles?|reports?|commentar(?:y|ies)|papers?|essays?|texts?|analys[ei]s|stud(?:y|ies)|briefs?|briefings?|"
    r"books?|pieces?|documents?|columns?|editorials?|op-eds?|reviews?|memos?|memorand(?:um|a)|letters?|e-?mails?|mails?|"
    r"messages?|posts?|speech(?:es)?|interviews?|filings?|notes?|statements?|publications?|surveys?|minutes|newsletters?)"
)
"""What a document may be called."""
_MANY = (
    r"(?:articles|reports|commentaries|papers|essays|texts|analyses|studies|briefs|books|pieces|documents|columns|"
    r"editorials|reviews|memos|letters|e-?mails|speeches|interviews|filings|sources|authors|writers|publications)"
)
_ACROSS = re.compile(
    rf"\b(?:across|among|between|throughout)\s+(?:(?:all|the|these|those|our|my|different|various)\s+)*(?:[\w-]+\s+)?{_MANY}\b"
    rf"|\b(?:all|both|each|every|several|different|various|other|(?:the|these)\s+(?:two|three|four|five))\s+(?:of\s+)?(?:the\s+|these\s+)?"
    rf"(?:[\w-]+\s+)?{_MANY}\b"
    rf"|\b(?:each|every)\s+(?:author|{GENRE})\b"
    rf"|\b{_MANY}\s+(?:all\s+|both\s+)?(?:(?:dis)?agree|differ|compare|contradict|vary|diverge)\b",
    re.I,
)

_COMPARING = r"(?:compare[sd]?|differ(?:s|ed|ent|ence|ences)?|contrast(?:s|ed)?|(?:dis)?agree[sd]?|diverge[sd]?|unlike)"
_STOP = (
    rf"(?=\s+(?:{_COMPARING}|is|are|was|were|do|does|did|has|have|had|will|would|can|could|both|each|on|about|over|"
    r"regarding|concerning|when|with respect|in terms|say|says|said|see|sees|saw|describe\w*|discuss\w*|view\w*|"
    r"treat\w*|judge[sd]?|explain\w*|think|thinks|believe[sd]?|claim\w*|argue[sd]?|write|writes|wrote|mention\w*)\b"
    r"|\s*[,;:?!.](?:\s|$)|\s*$)"
)
_PAIRS = tuple(
    re.compile(form, re.I)
    for form in (
        rf"\bcompar(?:e|ing)\s+(?P<x>[^?]+?)\s+(?:with|to|and|against|versus)\s+(?P<y>[^?]+?){_STOP}",
        rf"\b(?:comparison|contrast|difference|differences)\s+(?:of|between)\s+(?P<x>[^?]+?)\s+(?:and|with)\s+(?P<y>[^?]+?){_STOP}",
        rf"\b(?:do|does|did)\s+(?P<x>[^?]+?)\s+(?:compare|contrast)\s+(?:with|to)\s+(?P<y>[^?]+?){_STOP}",
        rf"\b(?:do|does|did)\s+(?P<x>[^?]+?)\s+(?:differ|diverge)\s+from\s+(?P<y>[^?]+?){_STOP}",
        rf"\b(?:do|does|did|would|could)\s+(?P<x>[^?]+?)\s+(?:and|or)\s+(?P<y>[^?]+?)\s+(?:both\s+|each\s+)?{_COMPARING}\b",
        rf"(?:^|[,;:.]\s)(?P<x>[^?.]+?)\s+(?:differ(?:s|ed|ent)?|diverge[sd]?)\s+from\s+(?P<y>[^?]+?){_STOP}",
        rf"\bboth\s+(?P<x>[^?]+?)\s+and\s+(?P<y>[^?]+?){_STOP}",
        r"^(?P<x>[^?.]+?)\s+and\s+(?P<y>[^?.]+?)\s+(?:both|each|(?:dis)?agree|differ)\b",
        r"^(?P<x>[^?]+?),?\s+(?:as )?(?:compared (?:with|to)|as against|as opposed to|in contrast to|unlike)\s+"
        r"(?P<y>[^?]+?)\s*\?*$",
        rf"(?:^|[,;:.]\s)(?P<x>[^?,]+?)\s+(?:versus|vs\.?)\s+(?P<y>[^?,]+?){_STOP}",
    )
)
_ASKS = r"(?:who|whom|whose|what|which|when|where|why|how|(?:in|on|at|by|from|with|for|to)\s+(?:which|what|whom))"
_NEXT = re.compile(
    rf"[,;?.]\s+(?:and|but|or)\s+(?:if\s+(?:so|not),?\s+)?(?={_ASKS}\b)"
    r"|,\s+if\s+(?:so|not),?\s+|\?\s+(?=\w)"
    rf"|(?<=\w\w)\.\s+(?={_ASKS}\b)",
    re.I,
)
_YEARS = re.compile(r"\b(?:1[5-9]|20)\d\d\s+(?:and|or|to|than)\b[^?]*?\b(?:1[5-9]|20)\d\d\b", re.I)
_COUNTED = re.compile(r"(?:how (?:many|much)|what|which)\s+(?:[\w-]+\s+){0,3}?[\w-]+s(?=\s)", re.I)
_THOSE = re.compile(r"(?:those|that|the (?:ones?|number|figure|total))(?=\s)", re.I)
_OF_OTHER = re.compile(_THOSE.pattern + r"\s+of\s+", re.I)
_ASPECT = re.compile(r"(?:the|its|their)\s+(?:[\w-]+\s+){1,4}?of\s+", re.I)
_OF = re.compile(_ASPECT.pattern + r"(?:the\s+)?[\w-]+", re.I)
"""What of a thing is compared, "the setting and size of", and the same with its first word."""
_BACK = re.compile(r"\b(?:it|its|they|them|their|he|him|his|she|her|this|that|these|those|one)\b", re.I)


def across(question: str) -> bool:
    """Say whether a question asks what several documents say."""
    return _ACROSS.search(question) is not None


def compares(question: str) -> bool:
    """Say whether a question sets things side by side."""
    return across(question) or re.search(rf"\b{_COMPARING}\b", question, re.I) is not None


def several(question: str) -> bool:
    """Say whether a question asks more than one thing, or tells something before it asks."""
    return bool(parts(question)) or len([part for part in _NEXT.split(question) if part.strip(" ,;?.")]) > 1


def wide(question: str) -> bool:
    """Say whether no single sentence need hold the answer: things set side by side, several questions, two years."""
    return several(question) or compares(question) or _YEARS.search(question) is not None


def parts(question: str) -> tuple[str, ...]:
    """Return what is to be looked for apart: both sides of a comparison, or each of several questions.

    A side of a comparison is the question without the other side, so that it keeps what both are asked about. A
    question that points back to the one before it ("when was it opened?") is no part: it is found by the whole. None
    when the question is one.
    """
    for pair in _PAIRS:
        if match := pair.search(question):
            return (
                _without(question, match.end("x"), match.end("y")),
                _other_side(question, match),
            )
    asked = [part.strip(" ,;?.") for part in _NEXT.split(question)]
    whole = [part for part in asked if len(terms(part)) >= 2 and not (_BACK.search(part) and part is not asked[0])]
    return tuple(whole) if len(whole) > 1 else ()


def _other_side(question: str, match: re.Match[str]) -> str:
    """Return a comparison's question of its second side.

    "The cost of A differ from B" asks for the cost of B too, and "how many wells in A, compared with those in B" for
    wells in B.
    """
    one, other = match["x"], match["y"]
    counted, asked = _COUNTED.match(one), _ASPECT.match(one)
    if _THOSE.match(other):
        if counted:
            return _THOSE.sub(counted[0], other, count=1)
        if asked and (of := _OF_OTHER.match(other)):
            other = asked[0] + other[of.end() :]
        elif thing := _OF.match(one):
            other = _THOSE.sub(thing[0], other, count=1)
    elif asked and not _ASPECT.match(other):
        other = asked[0] + other
    return _tidy(f"{question[: match.start('x')]}{other}{question[match.end('y') :]}")


def _without(question: str, start: int, end: int) -> str:
    return _tidy(f"{question[:start]} {question[end:]}")


def _tidy(text: str) -> str:
    return re.sub(r"\s+(?=[?.,;!])", "", " ".join(text.split()))
