"""Take an English sentence apart into subject, verb, the rest and a time, if it is plain enough to be sure of it.

Most sentences are not, and are left alone: of a document with hundreds of sentences some dozens are enough.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from eval.propose.verbs import AUXILIARIES, BE, HAVE, IRREGULAR, PRESENT, SPEECH, is_finite, is_participle, is_past

MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
YEAR = r"(?:1[5-9]\d\d|20\d\d)"
_SEASON = "(?:(?:the )?(?:spring|summer|autumn|winter)(?: of)? |early |late |the end of )"
TIME = re.compile(
    rf"\b(?:[Ii]n {_SEASON}?(?:{MONTH} )?{YEAR}|[Oo]n \d{{1,2}} {MONTH}(?: {YEAR})?|"
    rf"[Oo]n {MONTH} \d{{1,2}}(?:, {YEAR})?)(?![\w-])(?!, \d)"
)
"""When something happened, to the year or to the day."""

_LEAD = re.compile(rf"^({TIME.pattern}),? ")
_UNPLAIN = re.compile(r"[\"“”«»()\[\]?!…|/]|\.\s|\b(?:not|never|no|nor|neither|hardly)\b|n['’]t\b", re.I)
_CUT = re.compile(
    r"[,;:(—–]| - | (?:which|who|whom|whose|because|although|though|while|whereas|but|when|where|after|before|until|"
    r"unless|if|so that|as|than)\b"
)
_SHARED = re.compile(
    rf"(?:{TIME.pattern}).*?(?P<timed> and )(?=(?:the|an?|in|on|at|by) )|\d.*?(?P<counted> and )(?![\d$€£])(?=\D+\d)"
)
_RESTRICTS = frozenset("who which whom whose where".split())
_APPOSED = re.compile(r"^((?:The |the )?[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*), (?:an?|the|then|now) [^,]+,$")
_NO_SUBJECT = frozenset(
    """this that these those it they he she we i you there here but and or so yet such another other others both some
    many most few each all one what when where who why how if as while although because since after before then thus
    now today still also even perhaps nor not none nobody no its their his her our my former latter same by for with
    from at on in of to under over among between during without within through like according only neither either
    whoever whatever anyone everyone everything nothing something later meanwhile instead yesterday tomorrow""".split()
)
_NOT_IN_SUBJECT = frozenset(
    """who which that whom whose when where if because it they he she we i you this these those his her their its our my
    such to not never only than as though although but""".split()
)
_LOOSE = frozenset("also then later now soon again once finally recently already still first".split())
_LAST = frozenset("of in on at by for with from to and or the a an as into over under between than".split())
_TORN = frozenset("in on by at for from with of as under now after during since".split())
_COMPLETE = frozenset(
    "agreed refused decided failed opened closed ended started arrived happened occurred died".split()
)
LONGEST_SUBJECT = 9
LONGEST = 45
"""Most words of a subject, and of a sentence."""


@dataclass(frozen=True)
class Clause:
    """A plain sentence. `verb` is its finite word, `chain` what belongs to it, `rest` what comes after.

    "In 2012 the council had rejected a second terminal because it was dear.": time "in 2012", subject "the council",
    verb "had", chain "rejected", rest "a second terminal", reason "because it was dear". A time at the end stays in the
    rest.
    """

    subject: str
    verb: str
    chain: str
    rest: str
    time: str = ""
    reason: str = ""

    @property
    def auxiliary(self) -> bool:
        """Whether the verb goes before the subject in a question; others need "did"."""
        return self.verb in AUXILIARIES and not (self.verb in HAVE and not self.chain)

    @property
    def passive(self) -> bool:
        """Whether something is done to the subject."""
        return (self.verb in BE or "been" in self.chain.split()) and bool(self.chain)

    @property
    def present(self) -> bool:
        """Whether the verb asks for "does" and not for "did"."""
        return self.verb in PRESENT or self.verb in ("has", "have")


def parse(sentence: str) -> Clause | None:
    """Return the clause that a sentence begins with, if it is plain; what follows a comma is left out."""
    text = " ".join(sentence.split())
    if not text.endswith(".") or not 6 <= len(text.split()) <= LONGEST or not text[0].isupper():
        return None
    text = text[:-1]
    lead = _LEAD.match(text)
    time = lead[1][0].lower() + lead[1][1:] if lead else ""
    words = text[lead.end() if lead else 0 :].split()
    at = next((i for i, word in enumerate(words) if i and is_finite(word)), None)
    if at is None or (lead and not words[0][:1].isalpha()):
        return None
    subject = _subject(words[:at])
    verb = words[at]
    chain, after = _chain(verb, words[at + 1 :])
    rest = " ".join(after) if verb in SPEECH else _core(after)
    if subject is None or rest is None or _UNPLAIN.search(f"{subject} {rest}"):
        return None
    if (
        not chain
        and is_past(verb)
        and verb not in IRREGULAR
        and verb not in _COMPLETE
        and after[:1]
        and after[0] in _TORN
    ):
        return None  # "a plan approved in August gives": no verb of the sentence, but part of its subject
    because = re.search(r"\bbecause .*", " ".join(after))
    return Clause(subject, verb, chain, rest, time, because[0] if because else "")


def parts(sentence: str) -> list[str]:
    """Return the clauses of a sentence that could be sentences themselves."""
    text = " ".join(sentence.split())
    found = [
        part.strip() for part in re.split(r"; (?:and |but )?|, (?:and|but) (?=[A-Z]|the |a |an |in \d|in [A-Z])", text)
    ]
    return [part[:1].upper() + part[1:].rstrip(".") + "." for part in found if part]


def _core(after: list[str]) -> str | None:
    """Return what belongs to the verb, up to the next clause; None where it is not clear where that begins."""
    whole = " ".join(after)
    cut = _CUT.search(f" {whole}")
    if cut and cut[0].strip() in _RESTRICTS:
        return None  # without a comma, what follows says which one is meant
    words = (f" {whole}"[: cut.start()] if cut else whole).split()
    joined = next((i for i, word in enumerate(words[:-1]) if word == "and" and is_finite(words[i + 1])), None)
    words = words[:joined]
    text = " ".join(words)
    # A second clause that shares the verb of the first: "opened in June and the other in July".
    if torn := _SHARED.search(text):
        words = text[: max(torn.start("timed"), torn.start("counted"))].split()
    if any(is_finite(word) for word in words) or "that" in words:
        return None
    if words and (words[-1] in _LAST or words[-1].endswith("ing")):
        return None
    return " ".join(words)


def _subject(words: list[str]) -> str | None:
    if apposed := _APPOSED.match(" ".join(words)):
        words = apposed[1].split()
    while words and (words[-1] in _LOOSE or (words[-1].endswith("ly") and len(words) > 1)):
        words = words[:-1]
    if not words or len(words) > LONGEST_SUBJECT or any(sign in word for word in words for sign in ",;:"):
        return None
    lower = [word.lower() for word in words]
    if lower[0] in _NO_SUBJECT or lower[-1] in _LAST or any(word in _NOT_IN_SUBJECT for word in lower):
        return None
    return " ".join(words)


def _chain(verb: str, after: list[str]) -> tuple[str, list[str]]:
    """Return what belongs to the verb and what comes after it."""
    if verb not in AUXILIARIES:
        return "", after
    size = 0
    while size < len(after) and size < 4:
        word = after[size]
        if word in ("be", "been", "have", "being"):
            size += 1
        elif (word.endswith("ly") or word in _LOOSE) and size + 1 < len(after) and is_participle(after[size + 1]):
            size += 2
            break
        elif verb not in ("will", "would", "can", "could", "may", "might", "must", "should") and is_participle(word):
            size += 1
            break
        elif is_past(word) and size:
            size += 1
            break
        else:
            break
    return " ".join(after[:size]), after[size:]
