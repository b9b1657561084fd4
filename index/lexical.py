"""The lexical index: the words of passages in Tantivy, scored with BM25. Derived from the store, never the truth.

A question is split into words by the same analyser as the passages; no query syntax is ever parsed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.store import Store
from index.words import analyse

if TYPE_CHECKING:
    import tantivy

__all__ = ["LexicalIndex", "analyse"]

FORMAT = 2
"""Raised when passages are split or stored in another way, so that an index made before is built anew."""
HEADING_WEIGHT = 0.3
"""Weight of a word in the title or heading against one in the passage itself."""
MOST_TERMS = 100
"""Terms of a question that are looked up, the rarest first; time grows with each."""

_SPLIT = "blanks"
_WRITER_BYTES = 64 << 20
_BATCH = 2000


class LexicalIndex:
    """BM25 over all passages of a store, with the title and heading that each stands under."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._state = folder / "words.json"
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
            kept = {"titles": store.titles, "folder": name, "passages": passages}
            scratch = self._state.with_suffix(".new")
            scratch.write_text(json.dumps({"format": FORMAT, "generation": generation, **kept}), encoding="utf-8")
            scratch.replace(self._state)
            self._sweep(keep=name)
        self._searcher = _open(self._folder / name).searcher()

    def _update(self, store: Store, name: str | None, have: NDArray[np.int64], wanted: NDArray[np.int64]) -> str:
        self._state.unlink(missing_ok=True)  # until the new state is written, a crash means: build anew
        if name is None or len(np.setdiff1d(have, wanted)):
            name = f"words-{store.generation}-{len(wanted)}"
            shutil.rmtree(self._folder / name, ignore_errors=True)
            have = np.empty(0, np.int64)
        new = np.setdiff1d(wanted, have).tolist()
        index = _open(self._folder / name)
        writer = index.writer(_WRITER_BYTES, 1)
        titles = {info.id: " ".join(analyse(info.title)) for info in store.infos()}
        for begin in range(0, len(new), _BATCH):
            for identity, (document, passage, text) in store.passages(new[begin : begin + _BATCH]).items():
                heading = " ".join((titles[document], *analyse(passage.heading)))
                writer.add_document(_entry(identity, document, " ".join(analyse(text)), heading))
        writer.commit()
        writer.wait_merging_threads()
        return name

    def search(self, text: str, k: int, within: Collection[str] | None = None) -> list[tuple[int, float]]:
        """Return the `k` best passages, (id, BM25 score), best first; `within` limits them to these documents."""
        searcher = self._searcher
        terms = self._rarest(list(dict.fromkeys(analyse(text)))) if searcher is not None else []
        if not terms or searcher is None or k < 1:
            return []
        hits = searcher.search(_query(terms, within), k, count=False).hits
        ids = searcher.fast_field_values("id", [address for _, address in hits])
        found = [(int(i), float(score)) for i, (score, _) in zip(ids, hits, strict=True) if i is not None]
        # Equal scores come in no fixed order from Tantivy; the id makes the answer repeatable.
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))

    def _rarest(self, terms: list[str]) -> list[str]:
        if len(terms) <= MOST_TERMS or self._searcher is None:
            return terms
        held = {term: n for term, n in self.frequencies(terms).items() if n}
        return sorted(held, key=held.__getitem__)[:MOST_TERMS]

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
            known = state["format"] == FORMAT and state["titles"] == titles
            if known and (self._folder / state["folder"] / "meta.json").exists():
                return state["folder"], np.array(state["passages"], np.int64), int(state["generation"])
        except (OSError, ValueError, KeyError):
            pass  # absent, of an older form or damaged: it is derived, so it is built anew
        return None, np.empty(0, np.int64), -1

    def _sweep(self, keep: str) -> None:
        for folder in self._folder.glob("words-*"):
            if folder.name != keep:
                shutil.rmtree(folder, ignore_errors=True)


@cache
def _schema() -> tantivy.Schema:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", fast=True)
    builder.add_text_field("document", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("body", tokenizer_name=_SPLIT, index_option="freq")
    builder.add_text_field("heading", tokenizer_name=_SPLIT, index_option="freq")
    return builder.build()


def _open(folder: Path) -> tantivy.Index:
    import tantivy

    folder.mkdir(parents=True, exist_ok=True)
    index = tantivy.Index(_schema(), path=str(folder))
    # What it is given are terms already, with blanks between them.
    index.register_tokenizer(_SPLIT, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    index.reload()
    return index


def _entry(identity: int, document: str, body: str, heading: str) -> tantivy.Document:
    import tantivy

    return tantivy.Document(id=identity, document=document, body=body, heading=heading)


def _query(terms: Sequence[str], within: Collection[str] | None) -> tantivy.Query:
    """Return the query for passages that hold any of the terms; what it limits to adds nothing to their scores."""
    from tantivy import Occur, Query

    schema = _schema()
    any_of: list[tuple[Any, Query]] = []
    for term in terms:
        heading = Query.term_query(schema, "heading", term, "freq")
        any_of.append((Occur.Should, Query.term_query(schema, "body", term, "freq")))
        any_of.append((Occur.Should, Query.boost_query(heading, HEADING_WEIGHT)))
    query = Query.boolean_query(any_of)
    if within is None:
        return query
    documents = Query.const_score_query(Query.term_set_query(schema, "document", list(within)), 0.0)
    return Query.boolean_query([(Occur.Must, documents), (Occur.Must, query)])
