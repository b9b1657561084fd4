"""Reasoning is taken out of replies, however its tags are written and wherever they are cut in two."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from itertools import chain

from rag.models.base import Record

# Of DeepSeek, Qwen and most others; Magistral; Kimi; gpt-oss (its "harmony" format, when no server reads it).
_NAMES = ("think", "thinking", "thought", "thoughts", "reasoning", "seed:think")
_OPEN = (
    *(f"<{name}>" for name in _NAMES),
    *("[think]", "◁think▷", "<|channel|>analysis<|message|>", "<|channel|>commentary<|message|>"),
)
_CLOSE = (*(f"</{name}>" for name in _NAMES), "[/think]", "◁/think▷", "<|channel|>final<|message|>")
_TAG = re.compile("|".join(map(re.escape, (*_OPEN, *_CLOSE))), re.IGNORECASE)
_BEGINNINGS = frozenset(tag[:length] for tag in (*_OPEN, *_CLOSE) for length in range(1, len(tag)))
_LONGEST = max(map(len, _BEGINNINGS))

_REASONER = re.compile(r"(?<![a-z0-9])(?:r1|qwq|think\w*|reason\w*)(?![a-z0-9])", re.IGNORECASE)


def names_a_reasoner(name: str) -> bool:
    """Say whether a model's name declares that it reasons first: `DeepSeek-R1`, `QwQ-32B`, `…-Thinking-2507`."""
    return _REASONER.search(name) is not None


def without_thoughts(pieces: Iterable[str], record: Record) -> Generator[str, None, None]:
    """Yield the pieces without their reasoning and without leading blanks; count its characters in the record.

    Reasoning that is never closed lasts to the end. A closing tag without an opening one, which then stood in the
    prompt, makes reasoning of all that was not yet yielded; the record calls it stray.
    """
    held, thinking, begun = "", False, False
    for piece in chain(pieces, [""]):
        held, ready = held + piece, ""
        while tag := _TAG.search(held):
            before, held = held[: tag.start()], held[tag.end() :]
            closes = tag[0].lower() in _CLOSE
            if thinking:
                record.thoughts += len(before)
            elif closes:
                record.stray = True
                record.thoughts += len(ready + before)
                ready = ""
            else:
                ready += before
            thinking = not closes
        cut = len(held) - (_beginning(held) if piece else 0)  # the last, empty piece lets all go
        if thinking:
            record.thoughts += cut
        else:
            ready += held[:cut]
        held = held[cut:]
        if text := ready if begun else ready.lstrip():
            begun = True
            yield text


def after_thoughts(pieces: Iterator[str], record: Record) -> Generator[str, None, None]:
    """Hold the pieces back up to the first tag: what a closing one ends was reasoning without an opening tag.

    A reply without any tag comes whole at its end; if it was cut off there, it was still reasoning.
    """
    text = ""
    for piece in pieces:
        text += piece
        if tag := _TAG.search(text):
            closes = tag[0].lower() in _CLOSE
            record.thoughts += tag.start() if closes else 0
            yield text[tag.end() :] if closes else text
            yield from pieces
            return
    if record.finish == "length":
        record.thoughts += len(text)
    else:
        yield text


def _beginning(text: str) -> int:
    """Return how many characters at the end of the text may be the beginning of a tag."""
    for length in range(min(_LONGEST, len(text)), 0, -1):
        if text[-length:].lower() in _BEGINNINGS:
            return length
    return 0
