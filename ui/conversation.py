"""What one browser session has asked and been told so far: plain data, forgotten with the session."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from rag.types import Answer, AnswerSentence, Checked, Citation, Event, Nearest, Stage, Turn

Place = Citation | Nearest
"""A span of a document that can be shown beside the conversation."""


@dataclass(frozen=True)
class Exchange:
    """A question, and what has come of it so far.

    `waiting` is the stage that the assistant is in, and empty once it is done; `problem` says in words why
    there is no answer.
    """

    question: str
    waiting: str = ""
    checked: tuple[Checked, ...] = ()
    answer: Answer | None = None
    problem: str = ""

    def after(self, event: Event) -> Exchange:
        """Return the exchange with one more event of the assistant's stream."""
        if isinstance(event, Stage):
            return replace(self, waiting=event.name)
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

    def place(self, key: str) -> Place | None:
        """Return the citation of a number ("1") or the nearest passage of a letter ("a"), if there is one."""
        places: dict[str, Place] = {str(c.id): c for c in self.citations}
        places |= {letter(index): near for index, near in enumerate(self.nearest)}
        return places.get(key)


def letter(index: int) -> str:
    """Return the letter that stands for a nearest passage."""
    return chr(ord("a") + index)


@dataclass
class Conversation:
    """What one browser session has asked. It changes while a question is answered, stopped or forgotten.

    Each question begins a run. What comes when its run is over, because the user stopped it or began anew, is
    not taken in.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    run: int = 0

    @property
    def busy(self) -> bool:
        """Whether a question is being answered."""
        return bool(self.exchanges) and bool(self.exchanges[-1].waiting)

    def begin(self, question: str) -> int:
        """Add a question, and return the number of its run."""
        self.exchanges.append(Exchange(question, "searching"))
        self.run += 1
        return self.run

    def take(self, run: int, event: Event) -> bool:
        """Take in what a run has brought, if it is not over; say whether it was taken in."""
        if run == self.run:
            self.exchanges[-1] = self.exchanges[-1].after(event)
        return run == self.run

    def end(self, run: int, problem: str) -> None:
        """End a run that has brought no answer, if it is not over, and say why."""
        if run == self.run and self.busy:
            self.exchanges[-1] = self.exchanges[-1].ended(problem)

    def stop(self) -> None:
        """Leave the last question as far as it is answered."""
        self.end(self.run, "Stopped.")
        self.run += 1

    def clear(self) -> None:
        """Forget everything."""
        self.exchanges.clear()
        self.run += 1

    def history(self) -> list[Turn]:
        """Return the turns that a follow-up may lean on: those that were answered or refused."""
        answers = [e.answer for e in self.exchanges if e.answer]
        return [Turn(a.question, a.answer, a.trace.standalone_question) for a in answers]

    def find(self, turn: str, key: str) -> Place | None:
        """Return the place that the page names by the number of its question and its key, if there is one."""
        if not turn.isdecimal() or int(turn) >= len(self.exchanges):
            return None
        return self.exchanges[int(turn)].place(key)
