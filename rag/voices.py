"""Who says a sentence of a document, and when: words before it, of what is known of the document.

A sentence that stands alone loses the page it stood on. It is given its author and date where it needs them: where it
says "I" or "last year", where it is asked who said it, where several voices answer, and where what is asked may have
changed since; and the heading above it where its "this group" means that.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import combinations

from index.types import Document
from rag.facts import MONTHS, pointing
from rag.kind import who_said
from rag.likelihood import content, share, told
from rag.relative_dates import relative
from rag.types import EvidenceSentence, Verdict
from rag.verify import verify

ALIKE = 0.6
"""Share of the words of the shorter of two sentences that the other must hold for them to tell of the same thing."""

_QUOTED = re.compile(r"[“\"«][^”\"»]*[”\"»]")
_FIRST_PERSON = re.compile(
    r"(?:^|(?:^|\s)[a-z][\w'’-]*[,;:]?\s+|\b(?:And|As|But|Here|If|So|That|Then|What|When|While|Yet)\s+)I(?=['’\s]\s*[a-z])"
    r"|\b(?:we|our|ours|us|my|mine|me)\b|^(?:We|Our|My)\b"
)
"""The "I" of "World War I" follows a capital."""
OPENING = 4
"""First words of a sentence among which a "this" or "they" means what was named before it."""
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_NOW = re.compile(
    r"\b(?:now|today|currently|nowadays|at present|these days|still|so far|to date|latest|as of)\b"
    r"|^(?:how (?:many|much|large|big|old|long|high|far)|who|what (?:share|number|percentage|proportion|price|rate))\b"
    r"(?:(?!\b(?:did|was|were|had|would)\b)[^,;])*?\b(?:is|are|has|have|does|do)\b",
    re.I,
)
DIFFER = "The documents differ."
_DATED = rf"(?:about\s)?(?:(?:{'|'.join(MONTHS)})\s)?\d{{4}}"
_ON = r"on “[^”]{1,200}”"
_LEAD = re.compile(
    rf"^(?:{re.escape(DIFFER)}\s+)?(?:(?:As of|[^.:;?!\"“]{{1,120}},)\s{_DATED}(?:,\s{_ON})?|{_ON}):\s+", re.I
)


def leads(
    chosen: Sequence[EvidenceSentence], question: str, document: Callable[[str], Document]
) -> dict[tuple[str, int], str]:
    """Return what is to be said before sentences of documents, by document and start; most need nothing.

    Args:
        chosen: the sentences, in the order of the answer.
        question: what was asked, standing on its own.
        document: gives a document by its id.
    """
    known = {s.document: document(s.document) for s in chosen}
    several = len({_voice(d) for d in known.values()}) > 1
    asked_who = who_said(question)
    found, named = {}, ""
    for sentence in chosen:
        source = known[sentence.document]
        own = several or _own_voice(sentence.text) or (asked_who and bool(source.metadata.author))
        lead = ""
        if own and sentence.document != named:
            lead, named = _voice(source), sentence.document
        elif not own and source.metadata.date and _may_have_changed(question, sentence.text):
            lead = f"As of {_when(source)}"
        if under := _pointed_at(sentence, source):
            lead = f"{lead}, on “{under}”" if lead else f"On “{under}”"
        if lead:
            found[sentence.document, sentence.start] = f"{lead}:"
    if several and _differ(chosen):
        first = chosen[0].document, chosen[0].start
        found[first] = f"{DIFFER} {found[first]}"
    return found


def without_lead(text: str) -> str:
    """Return a shown sentence without the words before it that say whose it is and when, where they give a date."""
    return _LEAD.sub("", text)


def in_words(date: str) -> str:
    """Return an ISO date to the month, in words: "October 2015"."""
    year, *rest = date.split("-")
    return f"{MONTHS[int(rest[0]) - 1]} {year}" if rest else year


def _voice(document: Document) -> str:
    """Return the author, or else the title, and the date of a document, in words."""
    return ", ".join(part for part in (document.metadata.author or document.title, _when(document)) if part)


def _when(document: Document) -> str:
    known = document.metadata
    if not known.date:
        return ""
    return f"about {in_words(known.date)}" if known.date_basis == "inferred" else in_words(known.date)


def _own_voice(text: str) -> bool:
    """Say whether a sentence speaks as its author, on a day of its own, outside of quotation marks."""
    plain = _QUOTED.sub(" ", text)
    return _FIRST_PERSON.search(plain) is not None or bool(relative(plain))


def _pointed_at(sentence: EvidenceSentence, document: Document) -> str:
    """Return the heading that a sentence stands right under and that its "this" means; mostly there is none."""
    if not pointing(" ".join(sentence.text.split()[:OPENING])):
        return ""
    at = bisect_right(document.headings, sentence.start, key=lambda heading: heading.end)
    heading = document.headings[at - 1] if at else None
    if heading is None or document.text[heading.end : sentence.start].strip():
        return ""
    return " ".join(document.text[heading.start : heading.end].split())


def _may_have_changed(question: str, text: str) -> bool:
    return not _YEAR.search(text) and not _YEAR.search(question) and _NOW.search(question) is not None


def _differ(chosen: Sequence[EvidenceSentence]) -> bool:
    """Say whether two documents tell of the same thing, of the same years, and one of them denies the other."""
    return any(
        one.document != other.document
        and set(_YEAR.findall(one.text)) == set(_YEAR.findall(other.text))
        and _alike(one.text, other.text)
        and Verdict.CONTRADICTED in (_judged(one, other), _judged(other, one))
        for one, other in combinations(chosen, 2)
    )


def _alike(one: str, other: str) -> bool:
    return max(share(content(one), told(other)), share(content(other), told(one))) >= ALIKE


def _judged(claim: EvidenceSentence, source: EvidenceSentence) -> Verdict:
    return verify(claim.text, [source.text], 1.0).verdict
