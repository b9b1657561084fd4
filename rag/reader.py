"""The evidence model: reads a question with a passage and says of every sentence how well it answers.

A cross-encoder of twelve small layers, as `python -m eval.train_evidence` makes it, run through OpenVINO without
torch. One pass over a passage scores all its sentences, each in its context. With a claim in the question's place it
says how far the text supports it. Any cross-encoder of `sentence-transformers` can take its place
(`rag.cross_encoder`). Whether a passage is true it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from index.graphs import compile_graph
from rag.errors import SettingsError

if TYPE_CHECKING:
    from tokenizers import Encoding

SHIPPED = Path(__file__).parent / "weights"
"""The weights that come with the project; `MODEL_CARD.md` beside them says what they were made from."""
BATCH_TOKENS = 2_048
"""Tokens of a batch: enough to keep two cores busy, few enough to stay in their caches."""

STEP = 16
"""Widths of batches are multiples of it: for each new width, the engine prepares itself anew."""

Floats = NDArray[np.float32]
Span = tuple[int, int]


@dataclass(frozen=True)
class PassageToRead:
    """A passage, its sentences as offsets into it, and the title under which it stands, if it has one.

    `first` is what the first look found: for each sentence its cosine with the question, and the share of the
    question's words that it holds.
    """

    text: str
    sentences: Sequence[Span]
    title: str = ""
    first: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class Reading:
    """What the model makes of a passage: a logit for each sentence, and one for the passage.

    A sentence above 0 more likely holds the answer than not, going by the training data alone; a probability that
    holds for a library is made of these by `rag.enough`.
    """

    sentences: Floats
    passage: float

    @property
    def best(self) -> float:
        """The highest logit of a sentence."""
        return float(self.sentences.max(initial=LOWEST))


LOWEST = -12.0
"""Logit of a sentence that the model did not get to read: one without words, or beyond its window."""


class EvidenceModel(Protocol):
    """A model that reads passages for a question."""

    def prepare(self) -> None:
        """Begin to load, while the question is still being searched for. What goes wrong is said when reading."""
        ...

    def read(self, question: str, passages: Sequence[PassageToRead]) -> list[Reading]:
        """Score every sentence of every passage, in the order given."""
        ...

    def support(self, claim: str, text: str, title: str = "") -> float | None:
        """Return the logit that a text, of a document of that title, supports all of a claim; None if it cannot say."""
        ...


def heading(title: str, author: str | None, date: str | None) -> str:
    """Return what the model is told of a document with each of its passages: "author, year: title"."""
    return ": ".join(part for part in (_joined(author, date), title) if part)


def brief_heading(title: str, author: str | None, date: str | None) -> str:
    """Return the same in a few words, for a text made of sentences of several documents: "author, year"."""
    return _joined(author or title, date)


def _joined(name: str | None, date: str | None) -> str:
    return ", ".join(part for part in (name, date and date[:4]) if part)


def open_reader(name: str, cache: Path, *, offline: bool = True) -> EvidenceModel | None:
    """Return the evidence model of a name; None for "off". It loads at its first use.

    Args:
        name: "default" for the one that ships, "off", a folder that `python -m eval.train_evidence` wrote, or a
            cross-encoder: a folder of its weights or its name on Hugging Face.
        cache: folder for the graph compiled for this machine.
        offline: fail rather than fetch weights.

    Raises:
        SettingsError: when there is a folder of that name and no model in it.
    """
    if name == "off":
        return None
    folder = SHIPPED if name == "default" else Path(name).expanduser()
    if (folder / "reader.json").exists():
        return Reader(folder, cache)
    if name == "default" or (folder.is_dir() and not (folder / "config.json").exists()):
        raise SettingsError(
            f"evidence_model = '{name}' holds no evidence model (no reader.json or config.json in {folder}): give a "
            "folder that 'python -m eval.train_evidence' wrote, the name of a cross-encoder, 'default' or 'off'"
        )
    from rag.cross_encoder import CrossEncoderReader

    return CrossEncoderReader(name, offline=offline)


class Reader:
    """The evidence model of a folder. Loads at the first use; safe to share between threads."""

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        """Say where the weights are, and where the graph compiled for this machine may be kept."""
        self.folder = folder
        self._cache = cache
        self._lock = Lock()
        self._loaded: _Graph | None = None

    def read(self, question: str, passages: Sequence[PassageToRead]) -> list[Reading]:
        """Score every sentence of every passage, in the order given.

        Raises:
            FileNotFoundError: when the folder holds no weights.
        """
        return self._graph().read(question, passages)

    def support(self, claim: str, text: str, title: str = "") -> float | None:
        """Return the logit that a text supports all of a claim; None for weights from before there were claims.

        Raises:
            FileNotFoundError: when the folder holds no weights.
        """
        return self._graph().support(claim, text, title)

    def prepare(self) -> None:
        """Begin to load in a thread of its own; reading waits for it."""
        if self._loaded is None:
            # No daemon: a process that ends in the midst of the engine's work may end in a crash.
            Thread(target=self._try, name="evidence model").start()

    def _try(self) -> None:
        with suppress(Exception):  # the same comes up again where it can be told: when reading
            self._graph()

    def _graph(self) -> _Graph:
        with self._lock:
            if self._loaded is None:
                self._loaded = _Graph(self.folder, self._cache)
            return self._loaded


class _Graph:
    """The compiled graph with its tokenizer."""

    def __init__(self, folder: Path, cache: Path | None) -> None:
        from tokenizers import Tokenizer

        info = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
        self._question_tokens: int = info["question_tokens"]
        self._claim_tokens: int = info.get("claim_tokens", 0)
        self._title_tokens: int = info["title_tokens"]
        self._max_tokens: int = info["max_tokens"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._start: int = info["start"]
        self._end: int = info["end"]
        self._unmarked = frozenset(info["unmarked"])
        self._first: Floats = np.array(info["first"], np.float32)
        self._none: float = info["none"]
        options = {"PERFORMANCE_HINT": "LATENCY"}
        self._model = compile_graph(folder / "model.xml", options, cache)
        # One request serves one caller at a time; threads of the chat share it.
        self._request = self._model.create_infer_request()
        self._lock = Lock()

    def read(self, question: str, passages: Sequence[PassageToRead]) -> list[Reading]:
        if not passages:
            return []
        asked, *rest = self._encode(
            [question, *(p.title and f"{p.title}." for p in passages), *(p.text for p in passages)]
        )
        head = [self._start, *asked.ids[: self._question_tokens], self._end]
        titles, texts = rest[: len(passages)], rest[len(passages) :]
        fronts = [head + title.ids[: self._title_tokens] for title in titles]
        rows = [
            [*front, *text.ids[: self._max_tokens - 1 - len(front)], self._end]
            for front, text in zip(fronts, texts, strict=True)
        ]
        readings: list[Reading | None] = [None] * len(rows)
        for chosen in _batches([len(row) for row in rows]):
            tokens, wholes, _ = self._infer([rows[i] for i in chosen], len(head))
            for row, i in enumerate(chosen):
                kept = tokens[row, len(fronts[i]) : len(rows[i]) - 1]
                scores = _pooled(kept, texts[i].offsets[: len(kept)], passages[i].sentences)
                readings[i] = Reading(self._with_first(scores, passages[i]), float(wholes[row]))
        return [r for r in readings if r is not None]

    def support(self, claim: str, text: str, title: str) -> float | None:
        if not self._claim_tokens:
            return None
        said, named, told = self._encode([claim, title and f"{title}.", text])
        head = [self._start, *said.ids[: self._claim_tokens], self._end]
        row = head + named.ids[: self._title_tokens]
        row += [*told.ids[: self._max_tokens - 1 - len(row)], self._end]
        return float(self._infer([row], len(head))[2][0])

    def _with_first(self, scores: Floats, passage: PassageToRead) -> Floats:
        """Add what the first look found to what was read, as in training."""
        first = np.array(passage.first or [(0.0, 0.0)] * len(scores), np.float32).reshape(-1, 2)
        return np.where(scores > LOWEST, scores + first @ self._first - self._none, LOWEST).astype(np.float32)

    def _encode(self, texts: list[str]) -> list[Encoding]:
        # Half a character, as a command line may hold, is no text to a tokenizer; offsets stay, one for one.
        whole = [text.encode("utf-8", "replace").decode() for text in texts]
        return self._tokenizer.encode_batch(whole, add_special_tokens=False)

    def _infer(self, rows: list[list[int]], head: int) -> tuple[Floats, Floats, Floats]:
        """Return the numbers of each token, (batch, tokens, 2), of each passage and of each claim, (batch,)."""
        width = -(-max(map(len, rows)) // STEP) * STEP
        ids, mask, types = (np.zeros((len(rows), width), np.int64) for _ in range(3))
        for number, row in enumerate(rows):
            ids[number, : len(row)] = row
            mask[number, : len(row)] = 1
            types[number, : len(row)] = token_types(row, head, self._unmarked)
        with self._lock:
            found = self._request.infer([ids, mask, types])
            tokens, passages, *claims = (np.array(found[i], np.float32) for i in range(len(found)))
            return tokens, passages, claims[0] if claims else np.zeros(0, np.float32)


def token_types(ids: Sequence[int], head: int, unmarked: frozenset[int]) -> list[int]:
    """Return the type of each token: 0 of the question (the first `head`), 1 of the passage, 2 more if in both.

    That a token stands in both is plain to see, and a small model need not learn to see it. Tokens that are
    `unmarked` tell nothing by it.
    """
    shared = set(ids[:head]) & set(ids[head:]) - unmarked
    return [(place >= head) + 2 * (token in shared) for place, token in enumerate(ids)]


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Group rows of like length, so that little is spent on padding."""
    groups: list[list[int]] = [[]]
    for row in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if groups[-1] and (len(groups[-1]) + 1) * lengths[row] > BATCH_TOKENS:
            groups.append([])
        groups[-1].append(row)
    return groups


def _pooled(tokens: Floats, offsets: Sequence[Span], sentences: Sequence[Span]) -> Floats:
    """Return each sentence's score: the mean of its tokens' second number, weighted by the softmax of the first."""
    starts = np.array([a for a, _ in offsets], np.int64)
    scores = np.full(len(sentences), LOWEST, np.float32)
    for number, (start, end) in enumerate(sentences):
        first, last = np.searchsorted(starts, (start, end))
        if first < last:
            part = tokens[first:last]
            weights = np.exp(part[:, 0] - part[:, 0].max())
            scores[number] = weights @ part[:, 1] / weights.sum()
    return scores
