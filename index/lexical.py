"""The lexical index: the words of passages in Tantivy, scored with BM25. Derived from the store, never the truth.

A question is split into words by the same analyser as the passages; no query syntax is ever parsed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.store import Store

if TYPE_CHECKING:
    import tantivy

ANALYSER = "rag"
WRITER_BYTES = 64 << 20
BATCH = 2000


class LexicalIndex:
    """BM25 over all passages of a store, with the title and heading that each stands under."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._state = folder / "words.json"
        self._index: tantivy.Index | None = None
        self._generation = -1
        self._searcher: tantivy.Searcher | None = None

    def catch_up(self, store: Store) -> None:
        """Bring the index to the store's generation.

        New passages are added. When passages are gone the index is built anew, because Tantivy only marks what is
        deleted and would keep its words on disk.
        """
        generation = store.generation
        if self._generation == generation:
            return
        name, have, self._generation = self._read(store.titles)
        wanted = store.passage_ids()
        if self._generation != generation or name is None:
            name = self._update(store, name, have, wanted)
            self._generation = generation
            passages = wanted.tolist()
            state = {"generation": generation, "titles": store.titles, "folder": name, "passages": passages}
            scratch = self._state.with_suffix(".new")
            scratch.write_text(json.dumps(state), encoding="utf-8")
            scratch.replace(self._state)
            self._sweep(keep=name)
        self._index = _open(self._folder / name)
        self._searcher = self._index.searcher()

    def _update(self, store: Store, name: str | None, have: NDArray[np.int64], wanted: NDArray[np.int64]) -> str:
        self._state.unlink(missing_ok=True)  # until the new state is written, a crash means: build anew
        if name is None or len(np.setdiff1d(have, wanted)):
            name = f"words-{store.generation}-{len(wanted)}"
            shutil.rmtree(self._folder / name, ignore_errors=True)
            have = np.empty(0, np.int64)
        new = np.setdiff1d(wanted, have).tolist()
        index = _open(self._folder / name)
        writer = index.writer(WRITER_BYTES, 1)
        titles = {info.id: info.title for info in store.infos()}
        for begin in range(0, len(new), BATCH):
            for identity, (document, passage, text) in store.passages(new[begin : begin + BATCH]).items():
                writer.add_document(_entry(identity, text, f"{titles[document]} {passage.heading}"))
        writer.commit()
        writer.wait_merging_threads()
        return name

    def search(self, text: str, k: int, among: NDArray[np.int64] | None = None) -> list[tuple[int, float]]:
        """Return the `k` best passages, (id, BM25 score), best first; `among` limits them to these ids."""
        terms = list(dict.fromkeys(analyse(text)))
        if not terms or self._index is None or self._searcher is None:
            return []
        import tantivy

        schema = _schema()
        should = [(tantivy.Occur.Should, _term(schema, "body", term, 1.0)) for term in terms]
        should += [(tantivy.Occur.Should, _term(schema, "heading", term, HEADING_WEIGHT)) for term in terms]
        limit = k if among is None else max(self._searcher.num_docs, 1)
        hits = self._searcher.search(tantivy.Query.boolean_query(should), limit, count=False).hits
        allowed = None if among is None else set(among.tolist())
        found = ((self._searcher.doc(address).get_first("id"), score) for score, address in hits)
        chosen = [(int(i), float(s)) for i, s in found if i is not None and (allowed is None or i in allowed)]
        # Equal scores come in no fixed order from Tantivy; the id makes the answer repeatable.
        return sorted(chosen, key=lambda hit: (-hit[1], hit[0]))[:k]

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Return in how many passages each term of `analyse` occurs."""
        if self._searcher is None:
            return {}
        return {term: self._searcher.doc_freq("body", term) for term in terms}

    def __len__(self) -> int:
        return self._searcher.num_docs if self._searcher is not None else 0

    def _read(self, titles: int) -> tuple[str | None, NDArray[np.int64], int]:
        try:
            state = json.loads(self._state.read_text(encoding="utf-8"))
            if state["titles"] == titles and (self._folder / state["folder"] / "meta.json").exists():
                return state["folder"], np.array(state["passages"], np.int64), int(state["generation"])
        except (OSError, ValueError, KeyError):
            pass  # absent or damaged: it is derived, so it is built anew
        return None, np.empty(0, np.int64), -1

    def _sweep(self, keep: str) -> None:
        for folder in self._folder.glob("words-*"):
            if folder.name != keep:
                shutil.rmtree(folder, ignore_errors=True)


HEADING_WEIGHT = 0.3
"""Weight of a word in the title or heading against one in the passage itself."""


@cache
def _analyser() -> tantivy.TextAnalyzer:
    import tantivy

    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in (
        tantivy.Filter.remove_long(60),
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
        tantivy.Filter.stemmer("english"),
    ):
        builder = builder.filter(step)
    return builder.build()


def analyse(text: str) -> list[str]:
    """Split a text into the terms under which its words are indexed: lower case, unaccented, stemmed."""
    return list(_analyser().analyze(text))


@cache
def _schema() -> tantivy.Schema:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", stored=True, indexed=True, fast=True)
    builder.add_text_field("body", tokenizer_name=ANALYSER, index_option="freq")
    builder.add_text_field("heading", tokenizer_name=ANALYSER, index_option="freq")
    return builder.build()


def _open(folder: Path) -> tantivy.Index:
    import tantivy

    folder.mkdir(parents=True, exist_ok=True)
    index = tantivy.Index(_schema(), path=str(folder))
    index.register_tokenizer(ANALYSER, _analyser())
    index.reload()
    return index


def _entry(identity: int, body: str, heading: str) -> tantivy.Document:
    import tantivy

    return tantivy.Document(id=identity, body=body, heading=heading)


def _term(schema: tantivy.Schema, field: str, term: str, weight: float) -> Any:
    import tantivy

    query = tantivy.Query.term_query(schema, field, term, "freq")
    return query if weight == 1.0 else tantivy.Query.boost_query(query, weight)
