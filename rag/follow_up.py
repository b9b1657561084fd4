"""A question that leans on its conversation is given what it leans on, by its form.

Owns the order in which the forms are tried. English forms: in other languages only a piece of up to three words is
known to lean on what was said. Nothing is looked up, and nothing is added that was not said.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rag.facts import FUNCTION_WORDS, terms
from rag.follow_up_forms import (
    about_the_talk,
    again,
    another_question,
    compared,
    corrected,
    elliptic,
    opened,
    person,
    points,
    saying,
)
from rag.follow_up_slots import full_names, in_place, persons, tied
from rag.kind import who_said
from rag.types import Turn
from rag.voices import without_lead

LONGEST_SAID = 45
"""Most words of an answer that a follow-up is given."""
_LEAD = re.compile(
    r"^(?:(?:in|on|at|by|for|from|since|until|to|with|of|about|upon|according to)\s+)?"
    r"(?:(?:who|whom|whose|what|which|when|where|why|how)(?:'?s|\s+(?:many|much|long|far|often|old|large|big|high))?)?"
    r"\s*\b(?:(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|may|should)(?:n['’]t)?\s+)?"
    r"(?:it that\s+)?",
    re.I,
)
_MARKS = re.compile(r"\s*(?:\[\d+\])+\s*")


@dataclass(frozen=True)
class Said:
    """What the conversation was about last: the question, and the sentence that answers it ("" for a refusal)."""

    question: str
    sentence: str = ""

    @property
    def asked(self) -> str:
        """The question without its question mark."""
        return self.question.rstrip("?!. ")


def meant(text: str, history: Sequence[Turn], people: Collection[str] = ()) -> str:
    """Return a question as it is meant in its conversation; unchanged when it stands on its own.

    Args:
        text: the question, on one line.
        history: what was asked and answered before it.
        people: surnames that are known to be names, in lower case.
    """
    turns = [said for turn in history if not about_the_talk((said := _said(turn)).question)]
    if not turns or (about_the_talk(text) and not compared(text) and not again(text)):
        return text
    last = turns[-1]
    if again(text):
        return last.question
    if compared(text):
        return _compared(text, turns, people)
    if instead := corrected(text):
        return meant(instead, history, people) if another_question(instead) else _changed(last, instead, people)
    fragment, led = opened(text)
    if elliptic(fragment):
        return _ellipsis(fragment, last)
    if _fragment(fragment) or (led and not another_question(fragment) and not points(fragment)):
        return _changed(last, fragment, people)
    whole = full_names(fragment if led else text, _heard(turns))
    if points(whole):
        return _pointed(whole, last, people)
    return whole


def _said(turn: Turn) -> Said:
    """Return what was asked, and of the sentences that were cited the one that says most of what was asked for."""
    question = turn.standalone or turn.question
    pieces = [piece for said in _MARKS.split(turn.answer) if terms(piece := without_lead(said.strip()))]
    # What no citation follows is no answer from a document.
    cited = pieces if _MARKS.search(turn.answer) else []
    wanted = set(terms(question))
    best = max(cited, key=lambda piece: len(wanted & set(terms(piece))), default="")
    return Said(question, " ".join(best.split()[:LONGEST_SAID]).strip())


def _heard(turns: Sequence[Said]) -> str:
    return "\n".join(text for said in reversed(turns) for text in (said.question, said.sentence))


def _fragment(text: str) -> bool:
    """Say whether a text is no question but a piece of one: "2016?", "in Lorn?"."""
    most = 4 if tied(text) else 2 if text.isascii() else 3
    return not another_question(text) and not points(text) and len(re.findall(r"\w+", text)) <= most


def _compared(text: str, turns: Sequence[Said], people: Collection[str]) -> str:
    """Return both questions whose answers are compared, so that each is looked for."""
    last, (first, other) = turns[-1], compared(text) or (False, "")
    if other:
        return f"{last.asked}? {_changed(last, other, people)}"
    if len(turns) == 1:
        return f"{last.asked}: {text}"
    return f"{turns[0 if first else -2].asked}? {last.question}"


def _changed(last: Said, fragment: str, people: Collection[str]) -> str:
    """Return the last question with a fragment in the place of what it stands for; where none shows, with both."""
    fragment = fragment.rstrip("?!. ")
    return in_place(last.question, fragment, people) or f"{last.asked}: {fragment}?"


def _ellipsis(fragment: str, last: Said) -> str:
    """Return the last question with another question word, or what was said with it: "Why is it that …?"."""
    asks = fragment.rstrip("?!. ")
    if last.sentence and who_said(last.question) and not re.match(r"(?:why|how)\b", asks, re.I):
        return f"{last.asked}, and {asks.lower()}?"
    if turned := re.match(
        r"(?:(?:when|where|why|how|(?:since|until|in|on|at|by|from|over) (?:when|what \w+|which \w+))\s+)?"
        r"(?=(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|may|should)\b)",
        last.question,
        re.I,
    ):
        rest = last.question[turned.end() :]
        return f"{_capital(asks)} {rest[0].lower()}{rest[1:]}"
    if not last.sentence:
        return f"{last.asked}: {asks}?"
    return f"{_capital(asks)} is it that {_inside(last.sentence)}?"


def _pointed(text: str, last: Said, people: Collection[str]) -> str:
    """Return a question with whom it points to in the place of the pronoun, and with what the last one was about.

    What was said goes into it only where that is what is asked about: beside more than that, an answer repeats it.
    """
    asks = text.rstrip("?!. ")
    if last.sentence and (said := saying(asks)):
        return f"{said} that {_inside(last.sentence)}?"
    if put := person(asks):
        known = persons(last.question, people) or persons(last.sentence, people)
        asks = put(known[0]) if len(known) == 1 else asks
    about = "; ".join(topic for topic in _topics(last.question) if not set(terms(topic)) <= set(terms(asks)))
    return f"{asks} ({about})?" if about else f"{asks}?"


def _topics(question: str) -> list[str]:
    """Return what a question is about: its words after the question word, and what it was itself told to be about."""
    own, _, earlier = question.rstrip("?!.) ").partition(" (")
    return list(dict.fromkeys([_LEAD.sub("", own), *earlier.split("; ")[-1:]]))


def _inside(sentence: str) -> str:
    """Return a sentence as it stands within another: without its full stop, and small where it opens with no name."""
    first = sentence.split()[0]
    rest = sentence.rstrip(".!? ")
    return rest[0].lower() + rest[1:] if first.lower() in FUNCTION_WORDS and first != "I" else rest


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
