"""Near-miss questions: a question that the documents answer, with a year or a name exchanged so that they do not.

A set needs them: to refuse what has nothing to do with the documents is easy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eval.propose.checks import Search, stands_alone
from eval.propose.clauses import YEAR
from eval.propose.lexicon import Lexicon, names_in

_TRIES = 4


@dataclass(frozen=True)
class NearMiss:
    """A question that no document answers, and what was put in the place of what."""

    question: str
    was: str
    now: str


class NearMisses:
    """Makes near-miss questions of the names and years of some documents."""

    def __init__(self, search: Search, lexicon: Lexicon, years: Sequence[str]) -> None:
        """Take the names from `lexicon`, and from `years` those that occur."""
        self._search = search
        self._lexicon = lexicon
        self._years = sorted(set(years))

    def of(self, question: str, evidence: str) -> NearMiss | None:
        """Return a near miss of a question, verified by a search to have no answer; None when none can be made."""
        tried = 0
        for was, now in self._exchanges(question, evidence):
            changed = _exchanged(question, was, now)
            if changed == question or not stands_alone(changed):
                continue
            if self._search.answers(changed, now) is None:
                return NearMiss(changed, was, now)
            tried += 1
            if tried == _TRIES:
                return None
        return None

    def _exchanges(self, question: str, evidence: str) -> Iterator[tuple[str, str]]:
        """Yield what may be put in the place of what: other years, then names of one kind; titles are left alone."""
        question = re.sub("“.*?”", "", question)
        for was in re.findall(rf"\b{YEAR}\b", question):
            near = sorted(self._years, key=lambda year: (abs(int(year) - int(was)), year))
            yield from ((was, now) for now in near[: 2 * _TRIES] if now not in evidence)
        for was in names_in(f"- {question[0].lower()}{question[1:]}"):
            kin = [name for name in self._lexicon.kin(was) if name not in evidence and name not in question]
            yield from ((was, now) for now in kin[: 2 * _TRIES])


def _exchanged(question: str, was: str, now: str) -> str:
    """Return a question with a name in the place of another, but for titles in quotation marks."""
    parts = re.split("(“.*?”)", question)
    return "".join(
        part if number % 2 else re.sub(rf"(?<!\w){re.escape(was)}(?!\w)", lambda _: now, part)
        for number, part in enumerate(parts)
    )
