"""A question is asked in a thread of its own, and its answer streamed; when nobody listens any more, the model stops.

A model is stopped at its next piece of text: a wrapper around it, for this one question, sees that the client is gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from copy import copy
from threading import Event as Flag

from prompts import Message
from rag.assistant import Assistant
from rag.filters import NO_FILTERS, Filters
from rag.models import ChatModel, Record, Reply, Size
from rag.types import Answer, Event, Turn

LOOK = 0.25
"""Seconds between two looks whether the client is still there."""

AT_ONCE = 4
"""Questions that are answered at the same time; more wait in line. More would only share the same cores."""

_pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="rag-ask")


class Gone(Exception):
    """Whoever asked is not there any more."""


class Heeding:
    """A chat model that stops between two pieces of text once a flag is set."""

    def __init__(self, model: ChatModel, flag: Flag) -> None:
        self._model = model
        self._flag = flag

    @property
    def name(self) -> str:
        """Its full name."""
        return self._model.name

    @property
    def size(self) -> Size:
        """Which prompt it is given."""
        return self._model.size

    @property
    def context(self) -> int:
        """How many tokens its prompt and its answer may have together."""
        return self._model.context

    def count(self, text: str) -> int:
        """Return the number of tokens of a text."""
        return self._model.count(text)

    def stream(self, messages: Sequence[Message], *, max_tokens: int, temperature: float, seed: int) -> Iterator[str]:
        """Yield the reply in pieces while the flag is not set."""
        if self._flag.is_set():
            raise Gone
        reply = self._model.stream(messages, max_tokens=max_tokens, temperature=temperature, seed=seed)
        record = reply.record if isinstance(reply, Reply) else Record()
        return Reply(self._until(reply), record)

    def _until(self, reply: Iterator[str]) -> Generator[str, None, None]:
        with closing(reply) as pieces:  # type: ignore[type-var]  # a generator or a `Reply`
            for piece in pieces:
                if self._flag.is_set():
                    raise Gone
                yield piece

    def close(self) -> None:
        """Leave the model open: others use it."""


async def events(
    assistant: Assistant,
    question: str,
    history: Sequence[Turn] = (),
    filters: Filters = NO_FILTERS,
    gone: Callable[[], Awaitable[bool]] | None = None,
) -> AsyncGenerator[Event | None]:
    """Yield what the assistant streams, and None where it takes its time; end early when the client is `gone`.

    Raises:
        Exception: what the assistant raises.
    """
    loop, flag = asyncio.get_running_loop(), Flag()
    queue: asyncio.Queue[Event | Exception | None] = asyncio.Queue()

    def put(event: Event | Exception | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: the server has stopped
            loop.call_soon_threadsafe(queue.put_nowait, event)

    work = loop.run_in_executor(_pool, _work, _heeding(assistant, flag), question, history, filters, flag, put)
    try:
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), LOOK)
            except TimeoutError:
                if gone and await gone():
                    return
                yield None
                continue
            if event is None:
                return
            if isinstance(event, Exception):
                raise event
            yield event
    finally:
        flag.set()
        work.cancel()


async def answer(
    assistant: Assistant,
    question: str,
    history: Sequence[Turn] = (),
    filters: Filters = NO_FILTERS,
    gone: Callable[[], Awaitable[bool]] | None = None,
) -> Answer | None:
    """Return the answer; None when the client has gone before it was there."""
    async for event in events(assistant, question, history, filters, gone):
        if isinstance(event, Answer):
            return event
    return None


def _heeding(assistant: Assistant, flag: Flag) -> Assistant:
    if assistant.model is None:
        return assistant
    heeding = copy(assistant)
    heeding.model = Heeding(assistant.model, flag)
    return heeding


def _work(
    assistant: Assistant,
    question: str,
    history: Sequence[Turn],
    filters: Filters,
    flag: Flag,
    put: Callable[[Event | Exception | None], None],
) -> None:
    """Ask, and put down each event, at last the error or None."""
    try:
        if flag.is_set():
            return
        stream = assistant.stream(question, history, filters)
        with closing(stream) as going:  # type: ignore[type-var]  # a generator
            for event in going:
                if flag.is_set():
                    return
                put(event)
        put(None)
    except Gone:
        pass
    except Exception as error:  # noqa: BLE001  # told, or logged, where the answer is waited for
        put(error)
