"""One tiny question to a chat model, by the same prompt and the same path as a real one."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from prompts import Quoted, fence_for, fenced, load
from rag.models.base import ChatModel, plain, prompt_for

TEXT = "The lighthouse of Lorn was built in 1871. It is painted red."
QUESTION = "What colour is the lighthouse of Lorn?"
LONGEST = 48
"""Tokens of the reply: enough for a sentence."""


@dataclass(frozen=True)
class Trial:
    """What came back, how long the first words took, and how long all of it did, in seconds."""

    reply: str
    first: float
    seconds: float


def try_model(model: ChatModel, prompts: Path | None = None) -> Trial:
    """Ask a model what colour a lighthouse is.

    Raises:
        ModelError: when it fails, with the remedy.
    """
    prompt = load(prompt_for(model.size), prompts)
    if plain(model.size):
        messages = prompt.render(passages=TEXT, question=QUESTION)
    else:
        fence = fence_for(QUESTION, TEXT, "Lighthouses")
        messages = prompt.render(passages=fenced([Quoted(TEXT, "Lighthouses")], fence), fence=fence, question=QUESTION)
    begun = time.perf_counter()
    first, said = 0.0, ""
    with closing(model.stream(messages, max_tokens=LONGEST, temperature=0.0, seed=0)) as pieces:  # type: ignore[type-var]
        for piece in pieces:
            first = first or time.perf_counter() - begun
            said += piece
    return Trial(" ".join(said.split()), first, time.perf_counter() - begun)
