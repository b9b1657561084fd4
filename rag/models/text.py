"""Text on its way into a model and out of it: control tokens made harmless, reasoning removed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import chain
from queue import SimpleQueue
from threading import Event

# The turn markers of common chat templates. A local model adds its own; a hosted one does not tell us.
_CONTROL = re.compile(
    r"<\|[\w.:/-]{1,40}\|>|<\uff5c[^<>\uff5c]{1,40}\uff5c>|</?s>|<(?:bos|eos|start_of_turn|end_of_turn|\|turn|turn\|)>"
    r"|\[/?INST\]|<</?SYS>>"
)
_OPEN, _CLOSE = re.compile(r"<think(?:ing)?>"), re.compile(r"</think(?:ing)?>")
_LONGEST_TAG = len("</thinking>")

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


def without_thoughts(pieces: Iterable[str]) -> Pieces:
    """Yield the pieces without `<think>…</think>`, even if a tag is cut in two, and without leading blanks.

    A trace whose opening tag stood in the prompt keeps its text and loses its closing tag: what was yielded
    stays. Servers that do this send the trace in a field of its own.
    """
    held, thinking, begun = "", False, False
    for piece in chain(pieces, [""]):
        held, ready = held + piece, ""
        while tag := (_CLOSE if thinking else _OPEN).search(held):
            ready += "" if thinking else held[: tag.start()]
            held, thinking = held[tag.end() :], not thinking
        # Keep back what may be the beginning of a tag; the last, empty piece lets it go.
        cut = held.rfind("<", max(0, len(held) - _LONGEST_TAG)) if piece else -1
        cut = len(held) if cut < 0 else cut
        ready += "" if thinking else held[:cut]
        held = held[cut:]
        text = _CLOSE.sub("", ready) if begun else _CLOSE.sub("", ready).lstrip()
        if text:
            begun = True
            yield text


def pump(generate: Callable[[Callable[[str], bool]], None]) -> Pieces:
    """Run a generation that pushes its text, in a thread, and yield the pieces.

    `generate` is given `emit`: called with each piece, it says whether to stop. An empty piece only asks.
    Closing this generator makes `emit` say stop and waits for the thread. What `generate` raises rises here.
    """
    pieces: SimpleQueue[str | None] = SimpleQueue()
    stopped = Event()

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


def reply(pieces: Pieces, nothing: Callable[[], Exception]) -> Pieces:
    """Yield the answer in the pieces, or raise what `nothing` returns; closing this closes `pieces`."""
    blank = True
    with closing(pieces):
        for text in without_thoughts(pieces):
            blank = blank and not text.strip()
            yield text
    if blank:
        raise nothing()
