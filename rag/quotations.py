"""Words that a claim puts between quotation marks, or into someone's mouth, are looked for in its sources.

Exact words only: case, white space, the form of the marks and what is left out with an ellipsis do not count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_QUOTED = re.compile(r"“([^“”]+)”|\"([^\"]+)\"|«([^«»]+)»|(?<!\w)‘((?:[^‘’]|’(?=\w))+)’(?!\w)")
_GAP = re.compile(r"\s*(?:\[[^\]]*\]|\(?(?:\.\s?){3}\)?|…)\s*")
_MARKS = str.maketrans({**dict.fromkeys('“”„«»"', " "), "’": "'", "‘": "'", "–": "-", "—": "-"})
_ENDS = " .,;:!?'-"

_VERBS = (
    r"(?:says?|said|saying|tells?|told|writes?|wrote|argue[sd]?|warn(?:s|ed)|claim(?:s|ed)|insist(?:s|ed)|note[sd]|"
    r"add(?:s|ed)|announce[sd]|declare[sd]|denie[sd]|stresse[sd]|stressed|believe[sd]|thinks|thought|states|stated|"
    r"conclude[sd]|suggest(?:s|ed)|explain(?:s|ed)|predict(?:s|ed)|complain(?:s|ed)|quipped|replied)"
)
_NAME = r"((?:(?!(?:The|He|She|It|They|We|I|In|On|At|But|And|This|That)\b)[A-Z][\w'’-]+ ?)+)"
_SPEAKERS = (
    re.compile(rf"{_NAME}(?:, [^,]{{3,60}}, | )?(?:has |had |have |also |later |then )*\b{_VERBS}\b"),
    re.compile(rf"\b(?!t[eo]l){_VERBS} (?:(?!that |of |in |on |to |at |by |how |if )[a-z]+ ){{0,4}}{_NAME}"),
    re.compile(rf"\b[Aa]ccording to (?:the |a )?(?:[a-z]+ ){{0,3}}{_NAME}"),
)


def misquoted(claim: str, sources: Sequence[str]) -> str:
    """Return the first words between quotation marks that no source holds as they stand; "" when all are held."""
    held = [_folded(source) for source in sources]
    for match in _QUOTED.finditer(claim):
        quoted: str = next(filter(None, match.groups()))
        if _is_title(quoted):
            continue
        for piece in filter(None, (_folded(p).strip(_ENDS) for p in _GAP.split(quoted))):
            words = re.compile(rf"(?<!\w){re.escape(piece)}(?!\w)")
            if not any(words.search(source) for source in held):
                return quoted.strip()
    return ""


def _is_title(quoted: str) -> bool:
    """Say whether quoted words are a title or a figure, which is no one's words: each long one has a capital."""
    long = re.findall(r"[^\W\d_]{4,}", quoted) or re.findall(r"[^\W\d_]+", quoted)
    return all(word[0].isupper() for word in long)


def _folded(text: str) -> str:
    return " ".join(text.translate(_MARKS).split()).casefold()


def speakers(text: str) -> frozenset[str]:
    """Return the last words of the names to which a text gives what is said, in lower case."""
    return frozenset(
        match[1].split()[-1].lower().removesuffix("'s").removesuffix("’s")
        for pattern in _SPEAKERS
        for match in pattern.finditer(text)
    )


def other_speaker(claim: str, sources: Sequence[str]) -> str:
    """Return the speaker of a claim whose sources name others only as speakers; "" when there is none.

    A source that names no speaker ("he said") says nothing about who it was.
    """
    claimed, told = speakers(claim), frozenset().union(*map(speakers, sources))
    if not claimed or not told or any(a[:5] == b[:5] for a in claimed for b in told):
        return ""
    return min(claimed)
