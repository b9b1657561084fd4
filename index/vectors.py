"""The dense index: passage embeddings in FAISS, searched exactly. Derived from the store, never the truth."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embed import Vectors
from index.store import Store


class VectorIndex:
    """Inner products (cosines, as vectors have unit length) over all passages of a store."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "vectors.faiss"
        self._state = folder / "vectors.json"
        self._index: Any = None
        self._generation = -1

    def catch_up(self, store: Store, dimension: int) -> None:
        """Bring the index to the store's generation: add what is new, remove what is gone."""
        import faiss

        generation = store.generation
        if self._generation == generation:
            return
        if self._index is None:
            self._index, self._generation = self._read(dimension)
            if self._generation == generation:
                return
        wanted = store.passage_ids()
        have = faiss.vector_to_array(self._index.id_map) if self._index.ntotal else np.empty(0, np.int64)
        gone, new = np.setdiff1d(have, wanted), np.setdiff1d(wanted, have)
        if len(gone):
            self._index.remove_ids(gone)
        if len(new):
            self._index.add_with_ids(store.passage_vectors(new.tolist(), dimension), new)
        self._generation = generation
        self._write()

    def search(self, vector: Vectors, k: int, among: NDArray[np.int64] | None = None) -> list[tuple[int, float]]:
        """Return the `k` nearest passages, (id, cosine), best first; `among` limits them to these ids."""
        import faiss

        if not self._index.ntotal:
            return []
        chosen = None if among is None else faiss.SearchParameters(sel=faiss.IDSelectorBatch(among))  # type: ignore[call-arg]  # typed without it
        scores, ids = self._index.search(vector[None, :], min(k, self._index.ntotal), params=chosen)
        return [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]

    def __len__(self) -> int:
        return int(self._index.ntotal) if self._index is not None else 0

    def _read(self, dimension: int) -> tuple[Any, int]:
        import faiss

        try:
            state = json.loads(self._state.read_text(encoding="utf-8"))
            index = faiss.read_index(str(self._path))
            if index.d == dimension and index.ntotal == state["passages"]:
                return index, int(state["generation"])
        except (OSError, ValueError, KeyError, RuntimeError):
            pass  # absent or damaged: it is derived, so it is built anew
        return faiss.IndexIDMap2(faiss.IndexFlatIP(dimension)), -1

    def _write(self) -> None:
        import faiss

        state = {"generation": self._generation, "passages": self._index.ntotal}
        # The state goes first and comes last: an index without its state is built anew.
        self._state.unlink(missing_ok=True)
        _replace(self._path, faiss.serialize_index(self._index).tobytes())
        _replace(self._state, json.dumps(state).encode())


def _replace(path: Path, data: bytes) -> None:
    scratch = path.with_suffix(f".{os.getpid()}.new")
    scratch.write_bytes(data)
    scratch.replace(path)
