"""A conversation as the server holds it while it is shown or answered: several windows and threads may share one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Condition

from rag.exchange import Exchange, Place, letter
from rag.types import Event, Turn

__all__ = ["FAILED", "INTERRUPTED", "STOPPED", "Conversation", "Exchange", "Place", "letter"]

STOPPED, FAILED, INTERRUPTED = "stopped", "failed", "interrupted"
"""Why there is no answer, where the page has its own words for it: a user stopped it, we failed, the server ended."""


@dataclass(eq=False)
class Conversation:
    """What was asked. It changes while a question is answered or stopped.

    Each question begins a run. What comes when its run is over, because the user stopped it, is not taken in. `id` is
    empty until the first question was asked.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    user: str = "local"
    collection: str = ""
    id: str = ""
    title: str = ""
    run: int = 0
    _version: int = 0
    _changed: Condition = field(default_factory=Condition, repr=False)

    @property
    def busy(self) -> bool:
        """Whether a question is being answered."""
        return bool(self.exchanges) and bool(self.exchanges[-1].waiting)

    def begin(self, exchange: Exchange) -> int:
        """Add a question, and return the number of its run."""
        with self._changed:
            self.exchanges.append(replace(exchange, waiting="searching"))
            self.run += 1
            self._tell()
            return self.run

    def take(self, run: int, event: Event) -> bool:
        """Take in what a run has brought, if it is not over; say whether it was taken in."""
        with self._changed:
            if run == self.run:
                self.exchanges[-1] = self.exchanges[-1].after(event)
                self._tell()
            return run == self.run

    def end(self, run: int, problem: str) -> bool:
        """End a run that has brought no answer, if it is not over, and say why; tell whether that was so."""
        with self._changed:
            ends = run == self.run and self.busy
            if ends:
                self.exchanges[-1] = self.exchanges[-1].ended(problem)
                self._tell()
            return ends

    def stop(self) -> None:
        """Leave the last question as far as it is answered."""
        with self._changed:
            self.end(self.run, STOPPED)
            self.run += 1

    def put(self, turn: int, exchange: Exchange) -> None:
        """Put another in the place of a question that is not being answered."""
        with self._changed:
            self.exchanges[turn] = exchange
            self._tell()

    def drop(self) -> None:
        """Take the last question away."""
        with self._changed:
            self.exchanges.pop()
            self._tell()

    def wait(self, version: int, seconds: float) -> int:
        """Wait until there is a later version than this, so many seconds at the longest; return the one there is."""
        with self._changed:
            self._changed.wait_for(lambda: self._version != version, seconds)
            return self._version

    def _tell(self) -> None:
        self._version += 1
        self._changed.notify_all()

    def history(self, before: int | None = None) -> list[Turn]:
        """Return the turns that a follow-up may lean on: those answered or refused, up to the question `before`."""
        answers = [e.answer for e in self.exchanges[:before] if e.answer]
        return [Turn(a.question, a.answer, a.trace.standalone_question) for a in answers]

    def exchange(self, turn: str) -> Exchange | None:
        """Return the question that the page names by its number, if there is one."""
        known = turn.isdecimal() and len(turn) < 7 and int(turn) < len(self.exchanges)
        return self.exchanges[int(turn)] if known else None

    def find(self, turn: str, key: str) -> Place | None:
        """Return the place that the page names by the number of its question and its key, if there is one."""
        found = self.exchange(turn)
        return found.place(key) if found else None


def known(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Return what was kept of a conversation; what was being answered when the server ended says so."""
    return [e if e.answer or e.problem else e.ended(INTERRUPTED) for e in exchanges]
