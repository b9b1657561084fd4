"""What a fragment stands for in the question before it: a year for a year, a name for a name, "in X" for "in Y".

Where nothing in the question shows that it is what the fragment replaces, nothing is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import takewhile

from rag.facts import FUNCTION_WORDS, MONTHS, terms

_MONTH = rf"(?:{'|'.join(MONTHS)})"
_YEAR = r"(?:1[89]|20)\d\d"
_DATE = re.compile(rf"\b(?:(?:\d{{1,2}}\s+)?{_MONTH}\s+)?{_YEAR}(?:\s*[-–/]\s*\d{{2,4}})?\b", re.I)
_LATER = re.compile(
    r"^(?:the |a |an )?(?:(?P<count>\d+|one|two|three|four|five|six|seven|eight|nine|ten)\s+)?"
    r"(?:next |following |previous )?years?(?:\s+(?P<way>later|after|on|afterwards|earlier|before))?(?:\s+that)?$",
    re.I,
)
_COUNTS = "one two three four five six seven eight nine ten".split()
_OF_ITS_KIND = re.compile(r"^(?P<article>an?|the)\s+(?P<word>[\w-]+)\s+ones?$", re.I)
_LED = re.compile(
    r"^(?P<way>according to|because of|in|on|at|over|by|for|from|since|until|to|with|of|about|under|against|after|"
    r"before|between|among|through|into|without)\s+(?P<rest>.+)$",
    re.I,
)
_ASKED_FOR = re.compile(
    r"^(?P<lead>how many|how much|which|what)\s+(?P<thing>(?:[\w'’-]+\s+){0,3}?[\w'’-]+)\s+"
    r"(?=(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|may|should)\b)",
    re.I,
)
_NAME = re.compile(r"[A-Z][\w'’.-]*(?:\s+(?:[A-Z][\w'’.-]*|\d+\b(?!\s+[a-z])))*")
_FUNCTION = "|".join(sorted(FUNCTION_WORDS))
_PHRASE = rf"(?:(?:the|an?|this|our)\s+)?[^\s,;?]+(?:\s+(?!(?:{_FUNCTION})\b)[^\s,;?]+)*"
_TO_COMMA = r"[^,;?]+"
_WITHIN = "of|at|in|on|between|for|from|with|by"
_PLACED = re.compile(r"\b(?:the|an?|in|at|on|near|across|around|over|between|via)\s+$", re.I)
"""Before a name, it says that this is no person's."""
_CAPITALS = r"[A-Z][\w'’-]*(?:\s+[A-Z][\w'’-]*)*"
_LISTED = rf"(?-i:(?:the\s+)?{_CAPITALS}(?:(?:,\s+|,?\s+and\s+){_CAPITALS})*)"


def in_place(question: str, fragment: str, people: Collection[str] = ()) -> str:
    """Return a question with a fragment in the place of what it stands for, or "" where that does not show."""
    ways = (_dated, _of_its_kind, _led, _alike, lambda q, f: _named(q, f, people), _asked_for)
    return next((changed for way in ways if (changed := way(question, fragment))), "")


def tied(fragment: str) -> bool:
    """Say whether a fragment shows that it is one: by a preposition ("in Lorn"), or as a time ("two years later")."""
    return _LED.match(fragment) is not None or _LATER.match(fragment.rstrip("?!. ")) is not None


def whole_names(text: str) -> list[str]:
    """Return the runs of capitalised words in a text, each once, without a word that only opens a sentence."""
    found = [name for slot in _names(text) if (name := slot.text)]
    return list(dict.fromkeys(found))


def persons(text: str, people: Collection[str] = ()) -> list[str]:
    """Return the names in a text that may be a person's: two to four words, no acronym, no place that one is in.

    Surnames that are known to be names may stand alone.
    """
    found = []
    for slot in _names(text):
        parts = slot.text.split()
        lone = len(parts) == 1 and slot.text.lower() in people
        if (lone or 2 <= len(parts) <= 4) and not any(p.isupper() or p[0].isdigit() for p in parts):
            if not _PLACED.search(text[: slot.start]):
                found.append(slot.text)
    return list(dict.fromkeys(found))


def full_names(text: str, heard: str) -> str:
    """Return a text in which a lone surname, or a first name, has become the whole name that was heard before.

    "The" before it, or another name beside it, says that it stands for itself.
    """
    known = [name.split() for name in whole_names(heard) if 1 < len(name.split()) <= 4]
    lone = {name for name in whole_names(heard) if " " not in name}
    for slot in reversed(list(_names(text))):
        if " " in slot.text or slot.text in lone or re.search(r"\b(?:the|an?)\s+$", text[: slot.start], re.I):
            continue
        whole = {" ".join(parts[-2:]) for parts in known if parts[-1] == slot.text}
        whole |= {" ".join(parts[:2]) for parts in known if parts[0] == slot.text}
        if len(whole) == 1:
            text = text[: slot.start] + whole.pop() + text[slot.start + len(slot.text) :]
    return text


@dataclass(frozen=True)
class _Slot:
    """A stretch of a question that a fragment may replace; `adjective` says that a common noun follows it."""

    start: int
    end: int
    text: str
    adjective: bool = False


def _names(text: str) -> Iterator[_Slot]:
    for match in _NAME.finditer(text):
        start, name = match.start(), match[0].rstrip(".")
        # The word that opens a sentence has a capital in any case.
        first = name.split()[0]
        if re.sub(r"['’].*", "", first).lower() in FUNCTION_WORDS:
            start += len(first) + 1
            name = name[len(first) + 1 :]
        name = re.sub(r"['’]s?$", "", name.strip())
        if len(name) > 1:
            after = re.match(r"\s+([a-z][\w-]*)", text[start + len(name) :])
            common = after is not None and after[1] not in FUNCTION_WORDS
            yield _Slot(start, start + len(name), name, common)


def _dated(question: str, fragment: str) -> str:
    dates = list(_DATE.finditer(question))
    bare = re.sub(r"^(?:in|on|for|during|by|since|until|from|of)\s+", "", fragment, flags=re.I)
    given = _DATE.fullmatch(bare) if bare.isascii() else _DATE.search(bare)
    if given is None:
        later = _LATER.match(bare)
        if later is None or len(dates) != 1 or not (later["way"] or "next" in bare or "following" in bare):
            return ""
        count = (later["count"] or "one").lower()
        years = int(count) if count.isdigit() else _COUNTS.index(count) + 1
        earlier = (later["way"] or "").lower() in ("earlier", "before")
        new = str(int(re.findall(_YEAR, dates[0][0])[0]) + (-years if earlier else years))
    else:
        new = given[0]
    if not dates:
        return f"{question.rstrip('?!. ')} in {new}?"
    slot = dates[-1]
    return question[: slot.start()] + new + question[slot.end() :]


def _of_its_kind(question: str, fragment: str) -> str:
    """Replace the adjective: "and a bad one?" after "what does a weak Russia cost"."""
    match = _OF_ITS_KIND.match(fragment)
    if not match:
        return ""
    return re.sub(rf"\b({match['article']})\s+[\w-]+", rf"\1 {match['word']}", question, count=1, flags=re.I)


def _led(question: str, fragment: str) -> str:
    """Replace what the same preposition leads; "according to" reaches to a comma, others to a function word."""
    match = _LED.match(fragment)
    if not match:
        return ""
    way = match["way"].lower()
    slots = list(re.finditer(rf"\b{way}\s+{_TO_COMMA if ' ' in way else _PHRASE}", question, re.I))
    if not slots:
        return f"{question.rstrip('?!. ')}, {fragment}?"
    slot = slots[-1][0].rstrip()
    begin = slots[-1].start()
    return question[:begin] + slot[: len(way)] + fragment[len(way) :] + question[begin + len(slot) :]


def _alike(question: str, fragment: str) -> str:
    """Replace the phrase with the same noun: "the road bridge at Lorn" for "the railway bridge at Aln"."""
    noun = re.split(rf"\s+(?:{_WITHIN})\s+", fragment)[0].split()[-1]
    if not terms(noun):
        return ""
    slot = re.search(
        rf"(?:\b(?:the|an?)\s+)?(?:(?!\b(?:{_FUNCTION})\b)[\w'’-]+\s+){{0,4}}{re.escape(noun)}\b"
        rf"(?:\s+(?:{_WITHIN})\s+{_LISTED})?",
        question,
        re.I if noun.islower() else re.NOFLAG,
    )
    return question[: slot.start()] + fragment + question[slot.end() :] if slot else ""


def _named(question: str, fragment: str, people: Collection[str]) -> str:
    """Replace the name that is most like the fragment: a person's, one with an ending in common, or else the last."""
    slots = [s for s in _names(question) if not _DATE.fullmatch(s.text)]
    bare = re.sub(r"^(?:the|an?)\s+", "", fragment, flags=re.I)
    group = bare != fragment and " " not in bare
    if not slots or not bare:
        return ""
    score, last = max((_likeness(s, bare, people, group=group), i) for i, s in enumerate(slots))
    if score < 1 and (bare.islower() or len(bare.split()) > 3):
        return ""
    slot = slots[last]
    if bare.islower():  # it stands where a name stood
        fragment = re.sub(r"[\w'’-]+", lambda w: w[0] if w[0] in FUNCTION_WORDS else w[0].capitalize(), fragment)
    before = re.search(r"\b(?:the|an?)\s+$", question[: slot.start], re.I) if bare != fragment else None
    end = slot.end
    if group and slot.adjective:  # "German importers" gives way to "the Chinese" as a whole
        end += len(re.match(r"\s+[\w-]+", question[end:])[0])  # type: ignore[index]  # a common noun follows it
    return question[: before.start() if before else slot.start] + fragment + question[end:]


def _likeness(slot: _Slot, bare: str, people: Collection[str], *, group: bool) -> float:
    mine, others = slot.text.lower().split(), bare.lower().split()
    backwards = zip(reversed(mine[-1]), reversed(others[-1]), strict=False)
    ending = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], backwards))
    score = 2.0 * ({mine[-1], others[-1]} <= set(people)) + (ending >= 3) + (group and slot.adjective)
    return score + 0.5 * (group == slot.adjective and len(mine) == len(others))


def _asked_for(question: str, fragment: str) -> str:
    """Replace the thing that is asked for: "and destroyers?" after "how many submarines did they buy"."""
    match = _ASKED_FOR.match(question)
    if not match or not terms(fragment) or len(fragment.split()) > 4:
        return ""
    return f"{match['lead']} {fragment} {question[match.end() :]}"
