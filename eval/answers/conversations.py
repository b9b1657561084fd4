"""Conversations of two and three turns, and whether a later question is understood as it was meant.

A later turn is asked in three ways: as it stands in its conversation, as the standalone question that it means, and
bare, as if nothing had been said before it. What lies between the first and the second is lost in understanding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from eval.answers.lines import read_lines
from eval.formats import Evidence, SetError
from eval.metrics import Span, all_at, evidence_rank, facts_found
from eval.placing import Missing, Places
from index.library import Library
from rag.assistant import Assistant
from rag.types import Answer, Turn

FOLDER = Path(__file__).parents[1] / "sets" / "conversations"
DOCUMENTS = FOLDER.parent / "eurasia" / "documents"
AMONG = 5
"""Passages among which the evidence must be."""
FIRST = "first"
"""Kind of a turn that nothing comes before."""

Way = Literal["in its conversation", "as it is meant", "bare"]
WAYS: tuple[Way, ...] = ("in its conversation", "as it is meant", "bare")
Progress = Callable[[int, int, str], None]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Quote(_Strict):
    """Words of a document that answer a turn."""

    doc: str
    quote: str


class AskedTurn(_Strict):
    """A question as it is typed, the question that it means, and what is known of the answer.

    Without evidence, the documents do not answer it: it is to be refused.
    """

    question: str
    kind: str
    standalone: str
    answer: str
    must_include: tuple[tuple[str, ...], ...]
    evidence: tuple[Quote, ...]

    @property
    def answerable(self) -> bool:
        """Whether the documents answer it."""
        return bool(self.evidence)


class Conversation(_Strict):
    """Turns in their order; rules may be tuned on those of the part "tuning", and on no others."""

    id: str
    part: Literal["tuning", "held-out"]
    turns: tuple[AskedTurn, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of a turn: the question as it was understood, whether its evidence was found, and the answer.

    `found` is None where there is none to be found. `facts` is the share of the facts in the answer.
    """

    conversation: Conversation
    turn: AskedTurn
    way: Way
    understood: str
    found: bool | None
    facts: float | None
    refused: bool
    answer: str

    @property
    def later(self) -> bool:
        """Whether something was said before it."""
        return self.turn.kind != FIRST


def read_conversations(path: Path = FOLDER / "conversations.jsonl") -> list[Conversation]:
    """Return the conversations of a file, one a line.

    Raises:
        SetError: with each line and field that is not one.
    """
    return read_lines(path, Conversation)


def ask_all(
    conversations: Sequence[Conversation],
    library: Library,
    assistant: Assistant,
    ways: Sequence[Way] = WAYS,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Ask every turn in each way; the history of a conversation holds the answers that were really given."""
    asking = _Asking(library, assistant)
    outcomes = []
    for number, conversation in enumerate(conversations, start=1):
        history: list[Turn] = []
        for turn in conversation.turns:
            for way in ways if history else WAYS[:1]:
                before = history if way == WAYS[0] else []
                question = turn.standalone if way == "as it is meant" else turn.question
                outcomes.append(asking.outcome(conversation, turn, way, question, before))
            said = asking.answer(turn.question, history)
            history.append(Turn(turn.question, said.answer, said.trace.standalone_question))
        if progress:
            progress(number, len(conversations), conversation.id)
    return outcomes


class _Asking:
    """Asks one library, each question and history once."""

    def __init__(self, library: Library, assistant: Assistant) -> None:
        self._places = Places(library)
        self._assistant = assistant
        self._answers: dict[tuple[str, tuple[Turn, ...]], Answer] = {}

    def answer(self, question: str, history: Sequence[Turn]) -> Answer:
        key = question, tuple(history)
        if key not in self._answers:
            self._answers[key] = self._assistant.ask(question, history)
        return self._answers[key]

    def outcome(
        self, conversation: Conversation, turn: AskedTurn, way: Way, question: str, history: Sequence[Turn]
    ) -> Outcome:
        answer = self.answer(question, history)
        refused = answer.status == "refused"
        facts = facts_found("" if refused else answer.answer, turn.must_include)
        found = self._found(answer, turn) if turn.answerable else None
        understood = answer.trace.standalone_question
        return Outcome(conversation, turn, way, understood, found, facts, refused, answer.answer)

    def _found(self, answer: Answer, turn: AskedTurn) -> bool:
        retrieved = [Span(p.document, p.start, p.end) for p in answer.trace.retrieved]
        ranks = []
        for quote in turn.evidence:
            placed = self._places.place(Evidence(quote.doc, quote.quote))
            if isinstance(placed, Missing):
                raise SetError(f"{turn.question!r}: {placed.reason}")
            ranks.append(evidence_rank(placed.span, retrieved, self._places.document(placed.span.document).text))
        return all_at(AMONG, ranks) == 1


@dataclass(frozen=True)
class Figures:
    """Shares over the later turns: evidence found, facts found, refused that should be, and refused wrongly."""

    turns: int
    found: float
    facts: float
    refused: float | None
    wrongly: float


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """Return the shares over outcomes of which at least one is answerable."""
    answerable = [o for o in outcomes if o.turn.answerable]
    others = [o for o in outcomes if not o.turn.answerable]
    return Figures(
        len(outcomes),
        _mean([float(bool(o.found)) for o in answerable]),
        _mean([o.facts or 0.0 for o in answerable]),
        _mean([float(o.refused) for o in others]) if others else None,
        _mean([float(o.refused) for o in answerable]),
    )


def by_way(outcomes: Sequence[Outcome], part: str | None = None) -> Mapping[Way, Figures]:
    """Return the figures of the later turns in each way, of one part or of all."""
    later = [o for o in outcomes if o.later and part in (None, o.conversation.part)]
    return {way: figures(mine) for way in WAYS if (mine := [o for o in later if o.way == way])}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
