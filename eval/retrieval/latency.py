"""How long a question takes in a large library: p50 and p95, warm, without an evidence model.

The library is made of given sentences in new orders, some of their words exchanged, through the real store and
indexes. A passage's vector is the sum of its sentences' own, so that neighbours are as close as in one that was read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.metrics import percentile
from eval.retrieval.asking import Way
from eval.retrieval.rows import Row
from index.embed import Embedder, Vectors
from index.library import Library
from index.types import Alignment, Document, Metadata, Passage, Sentence
from rag.answer import Clock
from rag.evidence import find_evidence
from rag.retrieve import retrieve
from rag.show import Bar

PASSAGES = 100_000
IN_DOCUMENT = 50
"""Passages of a document."""
IN_PASSAGE = 5
"""Sentences of a passage."""
SENTENCES = 3_000
"""Different sentences that the passages are made of."""
EXCHANGED = 0.4
"""Share of a sentence's words that are exchanged for others."""
WARM_UP = 20
VERSION = 2
"""Of how the library is made: one made otherwise is not taken from the cache."""


def build(texts: Sequence[str], count: int, embedder: Embedder, cache: Path, seed: int = 0) -> Library:
    """Return a library of `count` passages, from the cache when it is there whole."""
    known = sorted(set(texts))
    chosen = [known[i] for i in np.random.default_rng(seed).permutation(len(known))[:SENTENCES]]
    digest = hashlib.sha256(json.dumps([VERSION, count, seed, embedder.name, chosen]).encode()).hexdigest()[:12]
    folder = cache / f"large-{digest}"
    library = Library(folder, embedder)
    if library.store.counts()["passages"] == count:
        return library
    vectors = embedder.encode(chosen)
    store = library.store
    with store.transaction():
        store.set_meta("embedder", embedder.name)
        store.set_meta("dimension", str(embedder.dimension))
    words = [word for sentence in chosen for word in sentence.split()]
    total = -(-count // IN_DOCUMENT)
    with Bar("Making a large library") as bar:
        for number in range(store.counts()["documents"], total):
            # A generator for each document, so that an interrupted build goes on as it began.
            chance = np.random.default_rng((seed, number))
            drawn = chance.integers(len(chosen), size=(min(IN_DOCUMENT, count - number * IN_DOCUMENT), IN_PASSAGE))
            varied = [[_varied(chosen[i], words, chance) for i in row] for row in drawn.tolist()]
            _put(library, number, varied, vectors[drawn])
            bar.update(number + 1, total, "")
    return library


def _varied(sentence: str, words: Sequence[str], chance: np.random.Generator) -> str:
    """Return the sentence with some words exchanged: no two texts of a library say the same so often."""
    exchanged = chance.random(len(parts := sentence.split())) < EXCHANGED
    others = chance.integers(len(words), size=len(parts)).tolist()
    return " ".join(words[o] if e else part for part, e, o in zip(parts, exchanged.tolist(), others, strict=True))


def _put(library: Library, number: int, rows: Sequence[Sequence[str]], vectors: Vectors) -> None:
    """Put one document into the store: a passage for each row of sentences, vectors of shape (row, sentence, n)."""
    parts: list[Sentence] = []
    passages: list[Passage] = []
    text = ""
    for row in rows:
        first = len(parts)
        for sentence in row:
            parts.append(Sentence(len(text), len(text) + len(sentence)))
            text += sentence + " "
        passages.append(Passage(parts[first].start, parts[-1].end, first, len(parts) - 1))
        text = text[:-1] + "\n\n"
    sums = vectors.sum(1)
    units: Vectors = (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)
    source = f"/large/{number:06}.txt"
    identity = hashlib.sha256(source.encode()).hexdigest()
    document = Document(identity, source, "txt", Metadata(title=f"Volume {number}"), text, "", Alignment(()))
    with library.store.transaction():
        library.store.put(document, parts, vectors.reshape(-1, vectors.shape[-1]), passages, units, 0)
        library.store.link(source, identity)


def rows(library: Library, questions: Sequence[str], way: Way, *, marked: bool) -> list[Row]:
    """Return the times in milliseconds of each step of a question; the first questions only warm up."""
    times: dict[str, list[float]] = {"embed": [], "lists": [], "first look": [], "sentences": []}
    count = library.store.counts()["passages"]
    with Bar("Timing") as bar:
        for number, question in enumerate(questions, start=1):
            laps = _timed(question, library, way)
            for name, values in times.items() if number > WARM_UP else ():
                values.append(laps[name])
            bar.update(number, len(questions), question)
    on = f"{count:,} passages, ms"
    retrieval = [sum(laps) for laps in zip(times["embed"], times["first look"], strict=True)]
    shown = (
        ("embed the question", times["embed"], None, None),
        ("both lists", times["lists"], None, None),
        ("retrieve, question embedded", times["first look"], 8.0, 15.0),
        ("embed and retrieve", retrieval, None, None),
        ("score sentences", times["sentences"], None, None),
    )
    return [
        Row(on, f"{what}, p{percent}", percentile(values, percent), len(values), goal if marked else None, low=True)
        for what, values, *goals in shown
        for percent, goal in zip((50, 95), goals, strict=True)
    ]


def _timed(question: str, library: Library, way: Way) -> dict[str, float]:
    clock = Clock()
    vector = library.embedder.encode_query(question)
    clock.lap("embed")
    library.dense(vector, way.settings.candidates, way.settings.fusion)
    library.lexical(question, way.settings.candidates, way.settings.fusion)
    clock.lap("lists")
    query = way.query(question, library)
    found = retrieve(query, vector, library, way.settings.candidates, way.settings.fusion)
    clock.lap("first look")
    find_evidence(query, vector, found, library)
    clock.lap("sentences")
    return clock.laps()
