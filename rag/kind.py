"""What kind of thing a question asks for, and whether a text holds one: a sum of money cannot be told by a date.

English only: a question in another language asks for no kind, and nothing is held against a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from itertools import islice

from rag.facts import has_name, names, numbers, words

FEWEST_REPEATED, MOST_REPEATED = 5, 40
"""Words of a sentence that a question must hold to repeat it: fewer may stand there by chance."""
_WORD = re.compile(r"\w+")


class Kind(StrEnum):
    """A kind of answer that can be recognised by its form."""

    MONEY = "a sum of money"
    SHARE = "a share or rate"
    COUNT = "a number"
    DATE = "a date"
    PERSON = "a name"


_ASKED = (
    (
        Kind.SHARE,
        r"\b(?:what|which) (?:share|proportion|percentage|rate|part|fraction)\b|\bhow high (?:is|was|were) the rate",
    ),
    (
        Kind.MONEY,
        r"\bhow much (?:money|(?:did|does|will) .* (?:cost|pay|charge)|(?:was|is) .* worth)"
        r"|\bwhat (?:price|sum|fee|did .* (?:cost|pay|charge)|does .* (?:cost|pay|charge))\b",
    ),
    (
        Kind.COUNT,
        r"\bhow (?:many|much|large|long|far|tall|old)\b|\bwhat (?:number|annual|volume|capacity|distance|range)\b",
    ),
    (Kind.DATE, r"^(?:since |until |by )?when\b|\b(?:what|which|on what|in which|in what) (?:year|date|day|month)\b"),
    (Kind.PERSON, r"^(?:by |to |from )?(?:who|whom|whose)\b"),
)
_QUESTIONS = [(kind, re.compile(pattern, re.I)) for kind, pattern in _ASKED]

_CURRENCY = re.compile(
    r"[$€£¥₽]|\b(?:dollars?|euros?|pounds?|yuan|renminbi|roubles?|rubles?|yen|(?<!per )cents?|usd|eur|rmb|francs?)\b",
    re.I,
)
_SHARE = re.compile(
    r"%|\bper ?cent\b|\bpercentage|\b(?:half|thirds?|quarters?|fifths?|tenths?|majority|most|all|none)\b", re.I
)
_MONTH = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"spring|summer|autumn|winter|today|yesterday|last (?:year|month|week)|this (?:year|month|week))\b",
    re.I,
)

_WHO_SAID = re.compile(
    r"\b(?:who|whose)\b[^?]*\b(?:says?|said|writes?|wrote|argue[sd]?|claim(?:s|ed)|thinks?(?! tank)|thought"
    r"|believe[sd]?|stated|view|opinion|author)\b|\b(?:by|according to) whom\b",
    re.I,
)


def who_said(question: str) -> bool:
    """Say whether a question asks whose words something is."""
    return _WHO_SAID.search(question) is not None


def repeats(question: str) -> Callable[[str], bool]:
    """Return what says of a sentence whether the question holds it word for word, or its first words where it is long.

    It then asks about what the sentence says, and is not answered by hearing it again. What stands in brackets is what
    a follow-up was about (`rag.follow_up`), and may well answer it.
    """
    asked_words = f" {' '.join(_WORD.findall(question.partition(' (')[0].lower()))} "

    def held(sentence: str) -> bool:
        words_of = (match[0] for match in _WORD.finditer(sentence.lower()))
        told = list(islice(words_of, FEWEST_REPEATED))
        if len(told) < FEWEST_REPEATED or f" {' '.join(told)} " not in asked_words:
            return False  # nearly always: a question is held against hundreds of sentences
        told += islice(words_of, MOST_REPEATED - FEWEST_REPEATED)
        return f" {' '.join(told)} " in asked_words

    return held


def asked(question: str) -> Kind | None:
    """Return the kind of thing that a question asks for; None when its form does not tell."""
    return next((kind for kind, pattern in _QUESTIONS if pattern.search(question)), None)


def holds(kind: Kind | None, question: str, text: str) -> bool:
    """Say whether a text holds something of the kind that is not in the question itself."""
    return kind is None or _TESTS[kind](question, text)


def _money(question: str, text: str) -> bool:
    return _CURRENCY.search(text) is not None and _count(question, text)


def _share(question: str, text: str) -> bool:
    return _SHARE.search(text) is not None


def _count(question: str, text: str) -> bool:
    return (
        bool(numbers(text) - numbers(question)) or re.search(r"\b(?:no|none|one|single|half)\b", text, re.I) is not None
    )


def _date(question: str, text: str) -> bool:
    return any(1000 <= n <= 2200 for n in numbers(text) - numbers(question)) or _MONTH.search(text) is not None


def _person(question: str, text: str) -> bool:
    spoken = words(question)
    first = re.match(r"\W*([A-Z][\w'’-]+)", text)
    found = names(text) | ({first[1].lower()} if first else set())
    return any(not has_name(name, spoken) for name in found)


_TESTS: dict[Kind, Callable[[str, str], bool]] = {
    Kind.MONEY: _money,
    Kind.SHARE: _share,
    Kind.COUNT: _count,
    Kind.DATE: _date,
    Kind.PERSON: _person,
}
