"""Libraries of given texts, built as a user would: each text a file, its title beside it, taken in by the product.

They are kept by their content, and embedded questions too, so that a second run only asks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.formats import QuestionSet
from eval.formats.types import Text
from eval.retrieval.corpora import Entry
from eval.set_library import library_for
from index.embed import Embedder, Vectors
from index.library import Library
from index.read import identify
from rag.settings import Settings
from rag.show import Bar


@dataclass(frozen=True)
class Built:
    """A library of texts; `homes` has the document of each text's key. Texts with the same words share one."""

    library: Library
    homes: dict[str, str]

    @cached_property
    def owners(self) -> dict[int, str]:
        """The document of each passage."""
        rows = self.library.passages(self.library.store.passage_ids().tolist())
        return {identity: document for identity, (document, _, _) in rows.items()}

    @cached_property
    def keys(self) -> dict[str, list[str]]:
        """The keys of the texts that each document holds."""
        found: dict[str, list[str]] = {}
        for key, document in self.homes.items():
            found.setdefault(document, []).append(key)
        return found


def build(name: str, entries: Sequence[Entry], settings: Settings) -> Built:
    """Return the library of the texts, building it when it is not there; texts without a sentence have no home."""
    titled = tuple(Text(f"{number:06}.txt", e.text, e.title, e.author, e.date) for number, e in enumerate(entries))
    with Bar(f"Reading {name}") as bar:
        library = library_for(QuestionSet(name, (), texts=titled), settings, progress=bar.update)
    known = {info.id for info in library.documents()}
    homes = {entry.key: identify(entry.text.encode()) for entry in entries}
    return Built(library, {key: home for key, home in homes.items() if home in known})


class Within(Library):
    """A library as it is searched when nothing but one document may be found; words weigh as in the whole."""

    def __init__(self, whole: Library, document: str) -> None:
        self.__dict__.update(whole.__dict__)  # the same store and indexes, not copies of them
        self._only = {document}

    def dense(self, vector: Vectors, k: int, within: Collection[str] | None = None) -> list[tuple[int, float]]:
        """Return the nearest passages of the document."""
        return super().dense(vector, k, self._only if within is None else self._only & set(within))

    def lexical(self, text: str, k: int, within: Collection[str] | None = None) -> list[tuple[int, float]]:
        """Return the passages of the document that share most with a text's words."""
        return super().lexical(text, k, self._only if within is None else self._only & set(within))


def question_vectors(questions: Sequence[str], embedder: Embedder, cache: Path) -> dict[str, Vectors]:
    """Return the embedding of each question, from the cache where it is there."""
    wanted = list(dict.fromkeys(questions))
    digest = hashlib.sha256(json.dumps([embedder.name, wanted]).encode()).hexdigest()[:16]
    kept = cache / f"questions-{digest}.npy"
    if kept.exists():
        vectors: NDArray[np.float32] = np.load(kept)
    else:
        with Bar("Embedding questions") as bar:
            rows = []
            for number, question in enumerate(wanted, start=1):
                rows.append(embedder.encode_query(question))
                bar.update(number, len(wanted), "")
        vectors = np.stack(rows)
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, vectors)
    return dict(zip(wanted, vectors, strict=True))
