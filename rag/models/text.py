"""Text on its way into a model and out of it: control tokens made harmless, generations pushed and pulled."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from queue import SimpleQueue
from threading import Event

from rag.models.base import Record, Reply
from rag.models.thoughts import without_thoughts

# The turn markers of common chat templates. A local model adds its own; a hosted one does not tell us.
_CONTROL = re.compile(
    r"<\|[\w.:/-]{1,40}\|>|<\uff5c[^<>\uff5c]{1,40}\uff5c>|</?s>|<(?:bos|eos|start_of_turn|end_of_turn|\|turn|turn\|)>"
    r"|\[/?INST\]|<</?SYS>>"
)

Pieces = Generator[str, None, None]
"""Text as it comes."""


def defuse(text: str, control: Collection[str] = ()) -> str:
    """Return the text with a space in each control token, so that a document cannot open a turn of its own.

    Engines read `<|im_end|>` in a message as the end of that message, wherever it came from.
    """
    # Half a character, as careless decoding leaves it, cannot be sent.
    text = _CONTROL.sub(_split, text.encode("utf-8", errors="replace").decode("utf-8"))
    for token in control:
        if token in text:
            text = text.replace(token, f"{token[0]} {token[1:]}")
    return text


def _split(found: re.Match[str]) -> str:
    return f"{found[0][0]} {found[0][1:]}"


def pump(generate: Callable[[Callable[[str], bool]], None], stopped: Event | None = None) -> Pieces:
    """Run a generation that pushes its text, in a thread, and yield the pieces.

    `generate` is given `emit`: called with each piece, it says whether to stop. An empty piece only asks.
    Closing this generator makes `emit` say stop and waits for the thread. What `generate` raises rises here.
    Another thread, which cannot close it, sets `stopped`: then it ends with what came until then.
    """
    pieces: SimpleQueue[str | None] = SimpleQueue()
    stopped = stopped or Event()

    def emit(piece: str) -> bool:
        if piece:
            pieces.put(piece)
        return stopped.is_set()

    def work() -> None:
        try:
            generate(emit)
        finally:
            pieces.put(None)

    with ThreadPoolExecutor(1, thread_name_prefix="rag-model") as pool:
        future = pool.submit(work)
        try:
            while (piece := pieces.get()) is not None:
                yield piece
        finally:
            stopped.set()
        future.result()


def reply(
    pieces: Pieces, record: Record, nothing: Callable[[], Exception], stop: Callable[[], None] | None = None
) -> Reply:
    """Return the answer in the pieces; it ends in what `nothing` returns when there is none. Closing it closes them."""
    return Reply(_answer(pieces, record, nothing), record, stop)


def _answer(pieces: Pieces, record: Record, nothing: Callable[[], Exception]) -> Pieces:
    blank = True
    with closing(pieces):
        for text in without_thoughts(pieces, record):
            blank = blank and not text.strip()
            yield text
    if record.thoughts:
        record.notes.append(f"{record.thoughts} characters of reasoning were left out")
    if record.stray:
        record.notes.append("reasoning without an opening tag: its beginning may stand in the reply")
    if record.finish == "length":
        record.notes.append("the reply was cut off")
    if blank:
        raise nothing()
