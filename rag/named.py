"""The names of a claim are looked for in its sources: as they stand, as adjectives, by their initials or surnames."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from rag.facts import has_name, names, words

_CAPITAL = r"[A-Z][^\W\d_]*(?:['’-][^\W\d_]+)*"
_RUN = re.compile(rf"(?!The ){_CAPITAL}(?: (?:(?:of|and|the|for) )*{_CAPITAL})+")
_WHOLE = re.compile(rf"(?:{_CAPITAL}\.? )+{_CAPITAL}")
_INITIALS = re.compile(r"\b(?:[A-Z]{2,6}s?|(?:[A-Z]\.){2,6})(?!\w)")
_DEFINED = re.compile(r"\(([A-Z]{2,6})s?\)")
_BEFORE = re.compile(r"\b(?:[Tt]he|an?|this|that|its|their|of|[A-Z][\w'’.-]*)\s+$")


def missing_names(claim: str, text: str, known: Collection[str] = ()) -> list[str]:
    """Return the words of names in a claim that a text lacks, in lower case.

    "UN" stands for "United Nations", in a claim or in its source. A first name is not missed where the text has the
    surname alone and `known` has the first name.
    """
    spoken = words(text)
    lost = {name for name in names(claim, known) if not has_name(name, spoken)}
    if not lost:
        return []
    lost -= set(_shortened(claim, text))
    return sorted(lost - {name for name in _first_names(claim, text) if name in known})


def _shortened(claim: str, text: str) -> Iterator[str]:
    """Yield initials whose words the text has, or the claim before a bracket, and words whose initials it has."""
    told = {_initials(run[0]) for run in _RUN.finditer(text)}
    for match in _INITIALS.finditer(claim):
        short = match[0].replace(".", "").removesuffix("s").lower()
        if short in told:
            yield short
    for match in _DEFINED.finditer(claim):
        short = match[1].lower()
        before = re.findall(r"[^\W\d_]+", claim[: match.start()].lower())[-len(short) - 2 :]
        if "".join(word[0] for word in before).endswith(short):
            yield short
    short_told = {m[0].replace(".", "").removesuffix("s").lower() for m in _INITIALS.finditer(text)}
    for run in _RUN.finditer(claim):
        if _initials(run[0]) in short_told:
            yield from names(f"a {run[0]}")


def _initials(run: str) -> str:
    return "".join(word[0] for word in run.split() if word[0].isupper()).lower()


def _first_names(claim: str, text: str) -> Iterator[str]:
    """Yield the words before a surname that stands alone in the text."""
    for run in _WHOLE.finditer(claim):
        *first, last = run[0].split()
        surname = re.sub(r"['’]s?$", "", last)
        alone = re.compile(rf"\b{re.escape(surname)}(?!\w)")
        if any(_BEFORE.search(text, max(m.start() - 30, 0), m.start()) is None for m in alone.finditer(text)):
            yield from (word.lower().strip(".") for word in first)
