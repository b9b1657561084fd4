"""A question of a conversation and what came of it: plain data, while it is answered and after it was kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from rag.types import Answer, AnswerSentence, Checked, Citation, Event, Nearest, Stage

Place = Citation | Nearest
"""A span of a document that can be shown beside the conversation."""

Rating = Literal["", "up", "down"]


@dataclass(frozen=True)
class Exchange:
    """A question, and what has come of it so far.

    `waiting` is the stage that the assistant is in, and empty once it is done; `number` tells which sentence it is
    at. `problem` says in words why there is no answer. `id` is 0 until it is kept, `asked` is ISO 8601, UTC.
    """

    question: str
    waiting: str = ""
    checked: tuple[Checked, ...] = ()
    answer: Answer | None = None
    problem: str = ""
    number: int = 0
    id: int = 0
    asked: str = ""
    model: str = ""
    rating: Rating = ""
    reason: str = ""

    def after(self, event: Event) -> Exchange:
        """Return the exchange with one more event of the assistant's stream."""
        if isinstance(event, Stage):
            return replace(self, waiting=event.name, number=event.number)
        if isinstance(event, Checked):
            return replace(self, checked=(*self.checked, event))
        return replace(self, waiting="", answer=event)

    def ended(self, problem: str) -> Exchange:
        """Return the exchange as it stands when there will be no more, and why."""
        return replace(self, waiting="", problem=problem)

    @property
    def sentences(self) -> tuple[AnswerSentence, ...]:
        """The checked sentences so far."""
        return self.answer.sentences if self.answer else tuple(c.sentence for c in self.checked)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations so far, by their numbers."""
        if self.answer:
            return self.answer.citations
        known = {c.id: c for event in self.checked for c in event.citations}
        return tuple(known[number] for number in sorted(known))

    @property
    def nearest(self) -> tuple[Nearest, ...]:
        """The passages shown with a refusal."""
        return self.answer.nearest if self.answer else ()

    @property
    def places(self) -> dict[str, Place]:
        """What can be opened, by the keys of the page: citations by number ("1"), nearest passages by letter ("a")."""
        places: dict[str, Place] = {str(c.id): c for c in self.citations}
        return places | {letter(index): near for index, near in enumerate(self.nearest)}

    def place(self, key: str) -> Place | None:
        """Return what a key of the page names, if there is such a place."""
        return self.places.get(key)


def letter(index: int) -> str:
    """Return the letter that stands for a nearest passage."""
    return chr(ord("a") + index)
