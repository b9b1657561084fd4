"""Tell a note that only names a work from one that says something: nobody is answered with a title and a year."""

from __future__ import annotations

import re

_MOST_WORDS = 3
_ASIDE = re.compile(
    r"‘[^’]*(?:’\w[^’]*)*’|“[^”]*”|\"[^\"]*\"|«[^»]*»|„[^“]*“|《[^》]*》|\([^)]*\)|\[[^]]*\]|https?://\S+|www\.\S+"
)
_WORD = re.compile(r"[^\W\d_]+")
_SIGN = re.compile(
    r"https?://|www\.|\b(?:ibid|op\. ?cit|pp?\.|vols?\.|nos?\.|eds?\.|see|cf\.|ders\.|vgl\.|с\.|см\.)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|will|would|can|could|did|does|do|said|says|means|ist|sind|war|waren"
    r"|hat|haben|wurde|wurden|est|sont|était|a été|был|была|было|были|является)\b",
    re.IGNORECASE,
)
_SMALL = frozenset(
    "and the of in on for at by to from with an see also cf pp vol vols no nos ed eds trans press und der die das von "
    "für et al de la le du des van den в и на о об из см стр том изд".split()
)


def is_reference(text: str) -> bool:
    """Tell whether a note names a work, or is a scrap of such a note, and makes no statement."""
    rest = _ASIDE.sub(" ", text)
    if _VERB.search(rest):
        return False
    words = _WORD.findall(rest)
    if len(words) < 4 and text[-1:] not in ".!?。！？":
        return True
    said = [word for word in words if word.islower() and len(word) > 2 and word not in _SMALL]
    if _SIGN.search(text) or _ASIDE.search(text):
        return len(said) <= _MOST_WORDS
    return _YEAR.search(text) is not None and not said  # a newspaper and its date
