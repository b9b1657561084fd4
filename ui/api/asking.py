"""A question is asked in a thread of its own, and its answer streamed; when nobody listens any more, it is halted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

from rag.assistant import Assistant
from rag.filters import NO_FILTERS, Filters
from rag.halt import Halt, Halted, halting
from rag.types import Answer, Event, Turn

LOOK = 0.25
"""Seconds between two looks whether the client is still there."""

AT_ONCE = 4
"""Questions that are answered at the same time; more wait in line. More would only share the same cores."""

_pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="rag-ask")


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
    loop, halt = asyncio.get_running_loop(), Halt()
    queue: asyncio.Queue[Event | Exception | None] = asyncio.Queue()

    def put(event: Event | Exception | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: the server has stopped
            loop.call_soon_threadsafe(queue.put_nowait, event)

    work = loop.run_in_executor(_pool, _work, halting(assistant, halt), question, history, filters, halt, put)
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
        halt.wish()
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


def _work(
    assistant: Assistant,
    question: str,
    history: Sequence[Turn],
    filters: Filters,
    halt: Halt,
    put: Callable[[Event | Exception | None], None],
) -> None:
    """Ask, and put down each event, at last the error or None."""
    try:
        halt.check()
        stream = assistant.stream(question, history, filters)
        with closing(stream) as going:  # type: ignore[type-var]  # a generator
            for event in going:
                halt.check()
                put(event)
        put(None)
    except Halted:
        pass
    except Exception as error:  # noqa: BLE001  # told, or logged, where the answer is waited for
        put(error)
