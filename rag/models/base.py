"""The seam between `rag` and its chat models: what a model is, what it is opened with, how big it counts.

Knows no engine. Every failure of a model is a `rag.errors.ModelError` with the value and the remedy:

ModelError
├── ContextError        the prompt is longer than the model reads: ask again with fewer passages
└── ReplyError          the reply is empty, declined or broken off: what came before it may be used
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from pydantic import SecretStr

from prompts import Message
from rag.errors import ModelError

Size = Literal["tiny", "small", "instruct", "large"]
"""What a model can be asked for: `tiny` below 1 billion parameters, `small` below 3, `instruct` below 15, else `large`.

Told to say so when the text does not answer, one of 1.5 billion said so of 14 of 22 questions that it did answer.
"""


@dataclass(frozen=True)
class ModelOptions:
    """What a model is opened with, beside its name.

    `timeout_s` is the longest silence of a service; `context` the tokens that prompt and answer share, None
    for the engine's default; `threads` those of a local engine, None for one per core. `offline` allows no
    machine but this. `backoff_s` is the pause before a service is asked a second time; each further one is twice
    as long. `cache` is the folder for what is made of a model once, 145 MB for the packaged one; without it nothing
    is kept and the model reads slower.
    """

    base_url: str = "http://127.0.0.1:8080/v1"
    api_key: SecretStr | None = None
    timeout_s: float = 60.0
    context: int | None = None
    threads: int | None = None
    offline: bool = True
    backoff_s: float = 0.5
    cache: Path | None = None


@dataclass(frozen=True)
class ModelInfo:
    """A form of model name, whether it can be used here, and a note: what it is, or what to do."""

    name: str
    usable: bool
    note: str
    size: Size | None = None


class ContextError(ModelError):
    """A prompt that is longer than the model reads; `limit` is what it reads in tokens, where that is known."""

    def __init__(self, message: str, limit: int | None = None) -> None:
        super().__init__(message)
        self.limit = limit


class ReplyError(ModelError):
    """A reply that is empty, declined or broken off. The whole sentences that came before can be used."""


Finish = Literal["stop", "length", "declined", "broken"]
"""Why a reply ended: the model was done, it was cut off, the service would not go on, the connection broke."""


@dataclass
class Record:
    """How a reply came about; filled while it comes, whole when its last piece has come.

    `notes` say in words what went otherwise than it should, for the trace. `tokens` are those that the model or its
    service counted: `prompt`, `reply`, `reasoning`. `thoughts` is the number of characters of reasoning that were
    left out; `stray` says that reasoning had no opening tag, so that its beginning may stand in the reply.
    """

    finish: Finish = "stop"
    notes: list[str] = field(default_factory=list)
    tokens: dict[str, int] = field(default_factory=dict)
    thoughts: int = 0
    stray: bool = False

    def take(self, other: Record) -> None:
        """Add what another attempt at the same reply has to tell; its end is the end."""
        self.finish, self.thoughts, self.stray = other.finish, other.thoughts, other.stray
        self.notes += other.notes
        self.tokens.update(other.tokens)


class Reply(Iterator[str]):
    """A reply in pieces, and the record of how it came about; closing it stops the model.

    `stop`, where there is one, does so from another thread: the reply then ends with what came until then.
    """

    def __init__(
        self, pieces: Generator[str, None, None], record: Record, stop: Callable[[], None] | None = None
    ) -> None:
        self._pieces = pieces
        self.record = record
        self.stop = stop

    def __next__(self) -> str:
        return next(self._pieces)

    def close(self) -> None:
        """Stop the model; nothing more comes."""
        self._pieces.close()


class ChatModel(Protocol):
    """A model that answers messages with text, a piece at a time."""

    @property
    def name(self) -> str:
        """Its full name, as in settings and traces: `openai:gpt-x`."""
        ...

    @property
    def size(self) -> Size:
        """What it can be asked for."""
        ...

    @property
    def context(self) -> int:
        """How many tokens its prompt and its answer may have together."""
        ...

    def count(self, text: str) -> int:
        """Return the number of tokens of a text, of any length, special tokens read as plain text."""
        ...

    def stream(self, messages: Sequence[Message], *, max_tokens: int, temperature: float, seed: int) -> Iterator[str]:
        """Yield the reply in pieces, at least one not blank; closing the iterator stops the model.

        The models of this package return a `Reply`, which also tells how the reply came about.

        Raises:
            ContextError: when the prompt is longer than the model reads.
            ReplyError: when the reply is empty, declined or breaks off, after the pieces that came.
        """
        ...

    def close(self) -> None:
        """Free what it holds. It cannot be used any more."""
        ...


def plain(size: Size) -> bool:
    """Say whether a model is given the text and the question alone, and no rules: more it does not follow."""
    return size in ("tiny", "small")


def prompt_for(size: Size) -> str:
    """Return the name of the prompt that a model of a size can follow."""
    return "answer-small" if plain(size) else f"answer-{size}"


def size_of(parameters: float) -> Size:
    """Return what a model of so many parameters can be asked for."""
    if parameters < 3e9:
        return "tiny" if parameters < 1e9 else "small"
    return "instruct" if parameters < 15e9 else "large"


_PARAMETERS = re.compile(r"(?<![A-Za-z0-9.])(?:(\d+)x)?(\d+(?:\.\d+)?)([bm])(?![A-Za-z0-9])", re.IGNORECASE)


def parameters_in(name: str) -> float | None:
    """Return the number of parameters that a name declares (`Qwen2.5-0.5B`, `mixtral-8x7b`), or None."""
    found = _PARAMETERS.search(name)
    if found is None:
        return None
    experts, number, unit = found.groups()
    return int(experts or 1) * float(number) * (1e9 if unit in "bB" else 1e6)


def missing(*packages: str) -> list[str]:
    """Return those of the packages that are not installed, without importing any."""
    return [package for package in packages if importlib.util.find_spec(package) is None]


def demand(name: str, *packages: str) -> None:
    """Raise `ModelError` with the `pip` command if a package that the model needs is not installed."""
    if absent := missing(*packages):
        raise ModelError(f"{name} needs {' and '.join(absent)}. Run: pip install {' '.join(absent)}")
