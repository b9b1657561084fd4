"""Going through proposals one by one: which is shown, and what became of those before. Forgotten with the session.

What is decided is on the disk at once (`eval.propose.Session`); here is only what the page shows meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from threading import Lock

from eval.formats import Item, SetError
from eval.metrics import mentions
from eval.propose import Proposal, Session
from ui.words import ENGLISH, Words

OR = " | "
"""Stands between the ways in which a fact may be said; each fact has a line."""

_one_at_a_time = Lock()
"""Two windows of the browser may add to the same set."""


def facts_text(facts: Sequence[Sequence[str]]) -> str:
    """Return facts as they are edited: a line for each, its ways with a bar between them."""
    return "\n".join(OR.join(ways) for ways in facts)


def facts_of(text: str) -> list[list[str]]:
    """Return the facts that a person has written."""
    lines = ([way.strip() for way in line.split(OR.strip())] for line in text.splitlines())
    return [ways for line in lines if (ways := [way for way in line if way])]


def changes(item: Item, question: str, answer: str, facts: str, words: Words = ENGLISH) -> dict[str, object]:
    """Return the fields of a proposal that a person has changed; nothing is kept but what was to be seen.

    Raises:
        SetError: when a fact that an answer must have is not in the expected answer.
    """
    changed: dict[str, object] = {}
    if question != item.question:
        changed["question"] = " ".join(question.split())
    if item.answerable and (answer != item.answer or facts != facts_text(item.must_include)):
        found = facts_of(facts)
        for ways in found:
            if not any(mentions(answer, way) for way in ways):
                raise SetError(words("sets.fact_missing", fact=OR.join(ways)))
        changed |= {"answer": answer.strip(), "must_include": found}
    return changed


class Sitting:
    """One person's going through the proposals for a set.

    `current` is the proposal that is shown, the `number`th of those `wanted`; `notice` says what was done last, and
    `counts` how many were accepted, edited, rejected and left for later. `questions` are in the set by now.
    """

    def __init__(
        self,
        session: Session,
        proposals: Iterator[Proposal],
        wanted: int,
        pool: Executor,
        words: Words = ENGLISH,
    ) -> None:
        """Show the first of some proposals; while a person reads one, the next is looked for in the pool."""
        self.words = words
        self.path = session.path
        self.questions = len(session.items)
        self.wanted = wanted
        self.number = 0
        self.current: Proposal | None = None
        self.notice = ""
        self.counts: Counter[str] = Counter()
        self._decided: list[tuple[Proposal, str, Item | None]] = []
        self._again: list[Proposal] = []
        self._look: Callable[[], Future[Proposal | None]] = lambda: pool.submit(next, proposals, None)
        self._coming = self._look()
        self.advance()

    def advance(self) -> None:
        """Show the next proposal; none when all that were wanted were shown, or there are no more.

        Raises:
            LibraryError: when the documents cannot be read.
        """
        self.current = None
        if self._again:
            self.current = self._again.pop()
        elif self.number < self.wanted and (coming := self._coming.result()):
            self.current = coming
            self._coming = self._look()
        self.number += self.current is not None

    def accept(self, key: str, question: str, answer: str, facts: str) -> bool:
        """Add the proposal of this key to the set, if it is the one that is shown, as it stands on the page.

        Raises:
            SetError: when what was changed makes no question of a set; nothing is added then.
            OSError: when the set cannot be written.
        """

        def add(session: Session, proposal: Proposal) -> tuple[str, Item | None, str]:
            changed = changes(proposal.item, question, answer, facts, self.words)
            item = session.accept(proposal, **changed)
            return "edited" if changed else "accepted", item, self.words("sets.kept_as", id=item.id)

        return self._decide(key, add)

    def reject(self, key: str) -> bool:
        """Note that the proposal of this key is not wanted, if it is the one that is shown.

        Raises:
            OSError: when that cannot be written down.
        """

        def refuse(session: Session, proposal: Proposal) -> tuple[str, Item | None, str]:
            session.reject(proposal)
            return "rejected", None, self.words("sets.was_rejected")

        return self._decide(key, refuse)

    def later(self, key: str) -> bool:
        """Leave the proposal of this key, if it is the one that is shown: it will be proposed again."""
        return self._decide(key, lambda *_: ("later", None, self.words("sets.was_left")))

    @property
    def undoable(self) -> bool:
        """Whether there is a decision to take back."""
        return bool(self._decided)

    def undo(self) -> bool:
        """Take back the last decision, and show its proposal again; say whether there was one.

        Raises:
            OSError: when that cannot be written down; the decision stands then.
            SetError: when the set cannot be read.
        """
        with _one_at_a_time:
            if not self._decided:
                return False
            proposal, done, item = self._decided[-1]
            session = Session(self.path)
            if done != "later" and not session.undo(proposal, item):
                self.notice = self.words("sets.not_undone")
            else:
                self.notice = self.words("sets.was_undone")
                self.counts[done] -= 1
                if self.current:
                    self._again.append(self.current)
                    self.number -= 1
                self.current = proposal
            self._decided.pop()
            self.questions = len(session.items)
        return True

    def _decide(self, key: str, act: Callable[[Session, Proposal], tuple[str, Item | None, str]]) -> bool:
        """Decide on what is shown and go on; whatever else a page sends, such as a second click, changes nothing."""
        with _one_at_a_time:
            if self.current is None or self.current.key != key:
                return False
            # Read anew each time: another window, or the command line, may have added to the set meanwhile.
            session = Session(self.path)
            if key in session.known:
                done, self.notice = "elsewhere", self.words("sets.was_elsewhere")
            else:
                done, item, self.notice = act(session, self.current)
                self._decided.append((self.current, done, item))
            self.counts[done] += 1
            self.questions = len(session.items)
            self.current = None
        self.advance()
        return True
