"""What of a sentence can be checked exactly: its terms, numbers, names and negations.

Numbers are compared by value ("nine" and 9, "1.5 million" and 1,500,000), names word by word. All is deterministic
and knows English number words and function words only; in other languages the digits and capitals still count.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache, wraps
from typing import TypeVar

from index.words import analyse

T = TypeVar("T")

KEPT = 20_000
"""Sentences of which what was found is kept: the same ones are looked at again by the next question."""
LONG = 1_000
"""Characters of a text that is not kept: it is no sentence, and what is kept is not to grow."""

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SMALL = {word: n for n, word in enumerate(_UNITS)} | {word: 10 * (n + 2) for n, word in enumerate(_TENS)}
SCALES = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "bn": 1e9,
    "tn": 1e12,
}
SCALES |= {"dozen": 12, "dozens": 12}

_SCALE = r"(?:\s*-?\s*(hundred|thousand|million|billion|trillion|dozen|bn|tn|m)\b)?"
_DIGITS = re.compile(
    r"(?<![\w.,])(?:[$€£¥]|US\$)?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:st|nd|rd|th|s|%)?" + _SCALE,
    re.I,
)
_RANGE = re.compile(
    r"(?<![\w.,])(\d+(?:\.\d+)?)\s*(?:-|–|to|and)\s*(\d+(?:\.\d+)?)(,000|\s*(?:thousand|million|billion|trillion|bn))",
    re.I,
)
_DIGIT = re.compile(r"\d")
NUMBER_WORDS = re.compile(r"\b(?:(?:" + "|".join([*_SMALL, *SCALES]) + r")\b(?:[\s-]+(?:and\s+)?)?)+")

WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
_PARTS = re.compile(r"[-.]")
_POSSESSIVE = re.compile(r"['’]s?$")

# What follows says the same as WORD of Western texts, which most are, in half the time.
_BEYOND_WEST = re.compile(r"[^\x00-\xff\u2000-\u206f\u20a0-\u20c0]")
_LETTER = "[A-Za-zª²³µ¹º¼½¾À-ÖØ-öø-ÿ]"
_WEST_WORD = re.compile(rf"{_LETTER}+(?:['’.-]{_LETTER}+)*")
_WEST_CAPITAL = re.compile(rf"(?<!{_LETTER})(?<!{_LETTER}['’.-])[A-ZÀ-ÖØ-Þ]{_LETTER}*(?:['’.-]{_LETTER}+)*")
_PRINTED = re.compile(r"[\u2010-\u2027]+")
_APART = bytes(b if chr(b).isalnum() else ord(" ") for b in range(128)) + bytes(range(128, 256))

FUNCTION_WORDS = frozenset(
    """a about above according across after again against all almost along already also although always am among an
    and another any are around as at away back be became because become been before behind being below between both
    but by can could day did do does doing done down during each either else enough even ever every few finally first
    for from further get give given go had has have having he hence her here hers herself him himself his how however
    i if in indeed instead into is it its itself just kind last later least less let like likely many may me might
    mine more moreover most much must my name near nearly next no nor not now of off often on once one only onto or
    other others otherwise our ours out over own per perhaps please put rather really said same say says second see
    seem shall she should since so some soon still such than that the their theirs them themselves then there
    therefore these they third this those though through throughout thus to today together too toward towards under
    unless until up upon us use used very was way we well were what whatever when where whether which while who whom
    whose why will with within without would yes yet you your yours""".split()
)
_LEFT_OUT = FUNCTION_WORDS | {"s"}
"""As the lexical index divides words: what stands after an apostrophe is one."""

MONTHS = (
    "January February March April May June July August September October November December"
).split()  # fmt: skip

_DENIALS = re.compile(
    r"\b(?:den(?:y|ies|ied|ying)|refus\w+|reject\w*|rul(?:e|es|ed|ing) out|dismiss(?:es|ed|ing)?|"
    r"fail(?:s|ed|ing|ure)? to|declin(?:ed|es|ing) to|unable to|stop(?:s|ped)? short of)\b",
    re.I,
)
_POINTERS = re.compile(r"\b(?:this|that|these|those|it|its|they|their|he|his|she|her|which|who)\b", re.I)
SHORT = 3
"""Words of a piece that is no clause of its own."""
_CLAUSE = re.compile(
    r"(?<!\d),|(?<=\d),(?!\d|\s(?:19|20)\d\d\b)|[;:()]|\s[–—-]\s|\b(?:but|although|though|while|whereas|yet|however|because|which)\b",
    re.I,
)


def _kept(find: Callable[[str], T]) -> Callable[[str], T]:
    """Keep what is found in the sentences last looked at."""
    known = lru_cache(maxsize=KEPT)(find)

    @wraps(find)
    def recall(text: str) -> T:
        return known(text) if len(text) < LONG else find(text)

    return recall


class _Terms(dict[str, str]):
    """The term of each plain word, empty for one that is left out; the same few words stand in many sentences."""

    def __missing__(self, word: str) -> str:
        if len(self) > KEPT:
            self.clear()
        found = analyse(word, _LEFT_OUT)
        self[word] = term = sys.intern(found[0]) if found else ""
        return term


_term_of = _Terms()


def term(word: str) -> str:
    """Return the term of a plain word in lower case, empty for a function word."""
    return _term_of[word]


@_kept
def _terms(text: str) -> tuple[str, ...]:
    plain = text if text.isascii() else _PRINTED.sub(" ", text)
    if not plain.isascii():
        return tuple(map(sys.intern, analyse(text, _LEFT_OUT)))
    return tuple(filter(None, map(_term_of.__getitem__, plain.lower().encode().translate(_APART).decode().split())))


def terms(text: str) -> list[str]:
    """Return the content words of a text as the lexical index knows them, in order, function words left out."""
    return list(_terms(text))


def coverage(weights: Mapping[str, float], text: str) -> float:
    """Return the share of the weights whose terms stand in a text, 0 to 1."""
    held = set(_terms(text))
    return sum(w for t, w in weights.items() if t in held) / (sum(weights.values()) or 1.0)


@_kept
def numbers(text: str) -> frozenset[float]:
    """Return the values of the numbers in a text, written in digits or in words. A lone "one" is no number."""
    found = set()
    if _DIGIT.search(text):
        found |= _in_digits(text)
    if not _number_terms().isdisjoint(_terms(text)):
        found |= _in_words(text)
    return frozenset(found)


def _in_digits(text: str) -> set[float]:
    found = set()
    for match in _DIGITS.finditer(text):
        value = float(match[1].replace(",", ""))
        found.add(value * {"m": 1e6}.get((match[2] or "").lower(), SCALES.get((match[2] or "").lower(), 1)))
    for match in _RANGE.finditer(text):
        if float(match[1]) > float(match[2]):
            continue  # "in 2020 to 22.7 billion" is no range
        scale = 1e3 if match[3] == ",000" else SCALES[match[3].strip().lower()]
        found |= {float(match[1]) * scale, float(match[2]) * scale}
    return found


@cache
def _number_terms() -> frozenset[str]:
    return frozenset(term for word in (*_SMALL, *SCALES) for term in _terms(word))


def _in_words(text: str) -> set[float]:
    # In lower case, because letter by letter in either case the expression takes four times as long.
    runs = (re.findall(r"[a-z]+", match[0]) for match in NUMBER_WORDS.finditer(text.lower()))
    values = (spelt([word for word in run if word != "and"]) for run in runs)
    return {value for value in values if value is not None}


def spelt(words: list[str]) -> float | None:
    """Return the value of number words, in lower case: tens and units add, scales multiply what stands before them."""
    if words == ["one"] or words == ["zero"] or not any(w in _SMALL or w == "dozen" for w in words):
        return None  # "one" is mostly a pronoun; "millions" and "hundreds" alone are no figures
    total, part = 0.0, 0.0
    for word in words:
        if word in _SMALL:
            part += _SMALL[word]
        elif word == "hundred":
            part = max(part, 1) * 100
        else:
            total += max(part, 1) * SCALES[word]
            part = 0.0
    return total + part


def names(text: str, known: Iterable[str] = ()) -> frozenset[str]:
    """Return the words of names in a text, in lower case.

    A capitalised word counts unless it opens a sentence; there it counts when it is an acronym, when another name
    follows, or when it is among `known` names.
    """
    sure, opening = _names(text)
    if not opening or not known:
        return sure
    known = frozenset(known)
    return sure.union(*(parts for word, parts in opening if word in known))


@_kept
def _names(text: str) -> tuple[frozenset[str], tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return the words of names, and the capitalised words that open a sentence, each with its parts."""
    if _BEYOND_WEST.search(text):
        capitals: Iterable[re.Match[str]] = filter(_capitalised, WORD.finditer(text))
    else:
        capitals = _WEST_CAPITAL.finditer(text)
    sure: set[str] = set()
    opening: list[tuple[str, tuple[str, ...]]] = []
    for match in capitals:
        word = _bare(match[0])
        lowered = word.lower()
        if (lowered in FUNCTION_WORDS and word != "May") or len(word) < 2:
            continue
        parts = _capital_parts(word)
        if word.isupper() or not _opens(text, match.start()) or _name_follows(text, match.end()):
            sure.update(parts)
        else:
            opening.append((lowered, parts))
    return frozenset(sure), tuple(opening)


def _capitalised(match: re.Match[str]) -> bool:
    return match[0][0].isupper()


def _capital_parts(word: str) -> tuple[str, ...]:
    if word.isalpha():
        return (sys.intern(word.lower()),)
    return tuple(sys.intern(p.lower()) for p in _PARTS.split(word) if len(p) > 1 and p[0].isupper())


def _name_follows(text: str, end: int) -> bool:
    """Say whether a blank and a capitalised word follow."""
    after = text[end + 1 : end + 2]
    return text[end : end + 1] == " " and after.isupper() and after.isalpha()


def _bare(word: str) -> str:
    return word if word.isalpha() else _POSSESSIVE.sub("", word)


def _opens(text: str, start: int) -> bool:
    """Say whether a word opens a sentence or a quotation, where every word has a capital."""
    if start > 1 and text[start - 1] == " " and (text[start - 2].isalnum() or text[start - 2] == ","):
        return False
    before = text[:start].rstrip()
    opened = before.rstrip("\"'“‘«([ ")
    return not opened or opened[-1] in ".!?:\n" or (before != opened and before[-1] in '"“‘«')


def has_name(name: str, text_words: frozenset[str]) -> bool:
    """Say whether a name's word, or its adjective (Russia, Russian), stands among lower-case words."""
    if name in text_words:
        return True
    return len(name) >= 5 and any(
        w[:5] == name[:5] and abs(len(w) - len(name)) <= 4 and (w.startswith(name) or name.startswith(w))
        for w in text_words
    )


@_kept
def words(text: str) -> frozenset[str]:
    """Return the words of a text in lower case, hyphenated ones also in their parts."""
    if _BEYOND_WEST.search(text):
        spoken = {_bare(word).lower() for word in WORD.findall(text)}
    else:
        spoken = set(_WEST_WORD.findall(text.lower()))
    for word in [word for word in spoken if not word.isalpha()]:
        bare = _bare(word)
        spoken.discard(word)
        spoken |= {bare, *_PARTS.split(bare)}
    return frozenset(map(sys.intern, spoken))


def pointing(text: str) -> bool:
    """Say whether a text points back at something said before it."""
    return _POINTERS.search(text) is not None


def denied(text: str) -> bool:
    """Say whether a text tells that something was denied, refused or not managed."""
    return _DENIALS.search(text) is not None


def written(value: float) -> str:
    """Return a number as a reader would write it: 38,000,000,000, and 2013 for a year."""
    return f"{value:.0f}" if value.is_integer() and 1000 <= value < 2200 else f"{value:,.12g}"


def clauses(text: str) -> list[str]:
    """Divide a sentence at commas, dashes and the conjunctions at which a negation ends.

    A short piece ("In 2013,") goes with the one that follows it, or at the end with the one before.
    """
    made: list[str] = []
    pending = ""
    for part in (p.strip() for p in _CLAUSE.split(text)):
        pending = f"{pending} {part}".strip()
        if len(pending.split()) > SHORT:
            made.append(pending)
            pending = ""
    if pending and made:
        made[-1] += f" {pending}"
    return made or [text]
