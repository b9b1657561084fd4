"""Ask a model with as much text as it can read: when the prompt is too long, with less of it rather than not at all."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing

from prompts import Message
from rag.models.base import ChatModel, ContextError, Record, Reply

LEAST = 64
"""Tokens of passages below which a prompt is not shortened any more."""
ATTEMPTS = 6
_TURN = 8  # tokens that a chat template puts around a message

Render = Callable[[int], Sequence[Message]]
"""Makes the messages with at most so many tokens of passages."""


def stream_fitting(
    model: ChatModel, render: Render, room: int, *, max_tokens: int, temperature: float, seed: int
) -> Reply:
    """Yield the reply to what `render` makes for `room` tokens of passages, or for fewer if that is too long.

    It is too long by our own count of the model's context, or because the model says so. The record tells of each
    shortening. Raises what the model raises: `ContextError` only when there is nothing left to shorten.
    """
    record = Record()
    choices = {"max_tokens": max_tokens, "temperature": temperature, "seed": seed}
    return Reply(_pieces(model, render, room, choices, record), record)


def _pieces(
    model: ChatModel, render: Render, room: int, choices: dict[str, float], record: Record
) -> Generator[str, None, None]:
    wanted = room
    for attempt in range(1, ATTEMPTS + 1):
        messages = render(room)
        length = sum(model.count(message.content) + _TURN for message in messages) + int(choices["max_tokens"])
        shorter = max(LEAST, room - (length - model.context))
        if shorter < room and attempt < ATTEMPTS:
            record.notes.append(f"passages cut from {room} to {shorter} tokens: the model reads {model.context}")
            room = shorter
            continue
        try:
            yield from _told(model, messages, choices, record)
            return
        except ContextError as error:
            if room <= min(LEAST, wanted) or attempt == ATTEMPTS:
                raise
            over = length - error.limit if error.limit else 0
            # Its tokens are not ours: what it says is more than we count.
            shorter = max(LEAST, room - max(over, room // 3))
            record.notes.append(f"passages cut from {room} to {shorter} tokens: the model said that it is too much")
            room = shorter


def _told(
    model: ChatModel, messages: Sequence[Message], choices: dict[str, float], record: Record
) -> Generator[str, None, None]:
    reply = model.stream(messages, **choices)  # type: ignore[arg-type]
    try:
        with closing(reply) as pieces:  # type: ignore[type-var]  # a generator or a `Reply`
            yield from pieces
    finally:
        if isinstance(reply, Reply):
            record.take(reply.record)
