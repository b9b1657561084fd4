"""An answer can be stopped by another thread than the one that takes it: at once, also while the model writes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from copy import copy
from threading import Event

from prompts import Message
from rag.assistant import Assistant
from rag.errors import RagError
from rag.models import ChatModel, Record, Reply, ReplyError, Size


class Halted(RagError):
    """The answer was stopped."""


class Halt:
    """A wish that an answer stop, which any thread may have."""

    def __init__(self) -> None:
        self._wished = Event()
        self._stop: Callable[[], None] | None = None

    @property
    def wished(self) -> bool:
        """Whether the answer is to stop."""
        return self._wished.is_set()

    def wish(self) -> None:
        """Stop the answer."""
        self._wished.set()
        if stop := self._stop:
            stop()

    def heeds(self, stop: Callable[[], None] | None) -> None:
        """Have `stop` called when it is wished, or now if it was."""
        self._stop = stop
        # In this order, and the other way round above: one of the two sees what the other has done.
        if self.wished and stop:
            stop()

    def check(self) -> None:
        """Raise `Halted` when the answer is to stop."""
        if self.wished:
            raise Halted("The answer was stopped.")


def halting(assistant: Assistant, halt: Halt) -> Assistant:
    """Return an assistant like this one whose answer ends in `Halted` soon after it is wished."""
    ours = copy(assistant)
    ours.model = assistant.model and _Halting(assistant.model, halt)
    return ours


class _Halting:
    """A chat model whose replies can be halted."""

    def __init__(self, model: ChatModel, halt: Halt) -> None:
        self._model = model
        self._halt = halt

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def size(self) -> Size:
        return self._model.size

    @property
    def context(self) -> int:
        return self._model.context

    def count(self, text: str) -> int:
        return self._model.count(text)

    def stream(self, messages: Sequence[Message], *, max_tokens: int, temperature: float, seed: int) -> Reply:
        self._halt.check()
        pieces = self._model.stream(messages, max_tokens=max_tokens, temperature=temperature, seed=seed)
        record = pieces.record if isinstance(pieces, Reply) else Record()
        return Reply(self._until_halted(pieces), record)

    def close(self) -> None:
        self._model.close()

    def _until_halted(self, pieces: Iterator[str]) -> Generator[str, None, None]:
        self._halt.heeds(pieces.stop if isinstance(pieces, Reply) else None)
        try:
            with closing(pieces) as open_pieces:  # type: ignore[type-var]  # a generator or a `Reply`
                for piece in open_pieces:
                    self._halt.check()
                    yield piece
        except ReplyError:
            self._halt.check()  # of a reply that was halted there may be nothing
            raise
        finally:
            self._halt.heeds(None)
        self._halt.check()
