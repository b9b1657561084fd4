"""The dense index: the embeddings of passages, and sketches by which many are searched. Derived, never the truth.

Up to `EXACT` passages a vector is compared with all of them. Of more, only with those whose sketches come nearest:
a sketch holds the signs of a vector's coordinates after a fixed rotation, one bit each, and FAISS counts the bits that
differ. It depends on its own vector alone, unlike the cells and graphs of other methods: there is nothing to train, a
library that grew answers like one built anew, and what is removed leaves nothing behind. Sketches of signs: Charikar
2002; the rotation by Hadamard's matrix: Ailon and Chazelle 2009.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embed import Vectors
from index.store import Store

Sketches = NDArray[np.uint8]
Rows = NDArray[np.int64]

EXACT = 20_000
"""Passages up to which all are compared: about 30 MB to read at each question."""
SHARE = 50
"""One in so many passages is compared exactly, those with the nearest sketches.

Among 70,000 sentences of real texts that holds .994 of the 50 nearest to a question; one in 25 would hold .999.
"""
LEAST = 1000
"""Fewest that are."""
_BATCH = 1024


@dataclass(frozen=True)
class _Held:
    """All vectors in the order of their ids. Never changed, so that a search is not disturbed by an update."""

    ids: NDArray[np.int64]
    vectors: Vectors
    sketches: Sketches
    """Of no rows where there are few vectors."""


class VectorIndex:
    """Inner products (cosines, as vectors have unit length) over all passages of a store."""

    def __init__(self, folder: Path, exact: int = EXACT) -> None:
        self._path = folder / "vectors.npy"
        self._state = folder / "vectors.json"
        self._exact = exact
        self._held: _Held | None = None
        self._generation = -1

    def catch_up(self, store: Store, dimension: int) -> None:
        """Bring the index to the store's generation: add what is new, remove what is gone."""
        generation = store.generation
        if self._generation == generation:
            return
        if self._held is None:
            self._held, self._generation = self._read(dimension)
            if self._generation == generation:
                return
        self._held = self._updated(self._held, store, dimension)
        self._generation = generation
        self._write(self._held)

    def _updated(self, held: _Held, store: Store, dimension: int) -> _Held:
        wanted = store.passage_ids()
        kept = np.isin(held.ids, wanted, assume_unique=True)
        new = np.setdiff1d(wanted, held.ids, assume_unique=True)
        added = store.passage_vectors(new.tolist(), dimension)
        # An id is never used again and always higher than those before, so what is added stands last.
        vectors = np.concatenate((held.vectors[kept], added))
        if len(wanted) <= self._exact:
            return _Held(wanted, vectors, _no_sketches(dimension))
        if len(held.sketches) < len(held.ids):
            return _Held(wanted, vectors, sketches(vectors))
        return _Held(wanted, vectors, np.concatenate((held.sketches[kept], sketches(added))))

    def search(self, vector: Vectors, k: int, among: NDArray[np.int64] | None = None) -> list[tuple[int, float]]:
        """Return the `k` nearest passages, (id, cosine), best first; `among` limits them to these ids."""
        held = self._held
        if held is None:
            return []
        rows = None if among is None else _rows(held, among)
        if (len(held.ids) if rows is None else len(rows)) > max(self._exact, k):
            rows = _nearest(held, vector, k, rows)
        scores = held.vectors @ vector if rows is None else held.vectors[rows] @ vector
        ids = held.ids if rows is None else held.ids[rows]
        return _best(ids, scores, k)

    def cosines(self, vector: Vectors, ids: NDArray[np.int64]) -> dict[int, float]:
        """Return the cosines of these passages, of those that are there."""
        if self._held is None:
            return {}
        rows = _rows(self._held, ids)
        scores = self._held.vectors[rows] @ vector
        return dict(zip(self._held.ids[rows].tolist(), scores.tolist(), strict=True))

    def __len__(self) -> int:
        return len(self._held.ids) if self._held is not None else 0

    def _read(self, dimension: int) -> tuple[_Held, int]:
        try:
            state = json.loads(self._state.read_text(encoding="utf-8"))
            with self._path.open("rb") as file:
                held = _Held(np.load(file), np.load(file), np.load(file))
            counts = (state["passages"], state["sketches"])
            if held.vectors.shape == (len(held.ids), dimension) and (len(held.ids), len(held.sketches)) == counts:
                return held, int(state["generation"])
        except (OSError, ValueError, KeyError, EOFError):
            pass  # absent or damaged: it is derived, so it is built anew
        return _Held(np.empty(0, np.int64), np.empty((0, dimension), np.float32), _no_sketches(dimension)), -1

    def _write(self, held: _Held) -> None:
        state = {"generation": self._generation, "passages": len(held.ids), "sketches": len(held.sketches)}
        # The state goes first and comes last: an index without its state is built anew.
        self._state.unlink(missing_ok=True)
        scratch = self._path.with_suffix(f".{os.getpid()}.new")
        with scratch.open("wb") as file:
            for array in (held.ids, held.vectors, held.sketches):
                np.save(file, array)
        scratch.replace(self._path)
        self._path.with_suffix(".faiss").unlink(missing_ok=True)  # the same, as it was kept by the first version
        self._state.write_text(json.dumps(state), encoding="utf-8")


def _rows(held: _Held, ids: NDArray[np.int64]) -> Rows:
    """Return where the vectors of these ids stand, in order, leaving out those that are not there."""
    wanted = np.unique(ids)
    rows = np.searchsorted(held.ids, wanted)
    inside = rows < len(held.ids)
    found: Rows = rows[inside][held.ids[rows[inside]] == wanted[inside]]
    return found


def _best(ids: NDArray[np.int64], scores: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
    """Return the `k` highest scores with their ids; of equal ones the lower ids."""
    if 0 < k < len(scores):
        least = np.partition(scores, -k)[-k]
        chosen = np.flatnonzero(scores >= least)
        ids, scores = ids[chosen], scores[chosen]
    order = np.lexsort((ids, -scores))[:k]
    return list(zip(ids[order].tolist(), scores[order].tolist(), strict=True))


def _nearest(held: _Held, vector: Vectors, k: int, rows: Rows | None) -> Rows:
    """Return the rows, of all or of those given, whose sketches differ least from the vector's."""
    import faiss

    near = held.sketches if rows is None else held.sketches[rows]
    count = min(max(len(near) // SHARE, LEAST, k), len(near))
    # Counting by distance ("mc") takes a fraction of the time of a heap, at so many.
    _, found = faiss.knn_hamming(sketches(vector[None, :]), near, count, variant="mc")
    found = np.sort(found[0])
    return found if rows is None else rows[found]


def _no_sketches(dimension: int) -> Sketches:
    return np.empty((0, _width(dimension) // 8), np.uint8)


def _width(dimension: int) -> int:
    """Return the next power of two, which the rotation needs; FAISS wants whole bytes."""
    return max(8, 1 << (dimension - 1).bit_length())


def sketches(vectors: Vectors) -> Sketches:
    """Return the sketches of vectors, shape (n, bytes).

    Only sums are taken, of each row alone and in one order, so a vector has the same sketch on every machine and
    beside every other. A product of matrices would round differently with the number of rows.
    """
    width = _width(vectors.shape[1])
    made = np.empty((len(vectors), width // 8), np.uint8)
    for begin in range(0, len(vectors), _BATCH):
        batch = vectors[begin : begin + _BATCH]
        turned = np.zeros((len(batch), width), np.float32)
        turned[:, : vectors.shape[1]] = batch * _signs(width)[: vectors.shape[1]]
        made[begin : begin + _BATCH] = np.packbits(_hadamard(turned) > 0, axis=1)
    return made


@cache
def _signs(width: int) -> Vectors:
    """Return a fixed row of signs, drawn from a hash: without them the rotation would favour some coordinates."""
    drawn = np.frombuffer(hashlib.shake_256(b"sketch").digest(width // 8), np.uint8)
    return np.unpackbits(drawn).astype(np.float32) * 2 - 1


def _hadamard(rows: Vectors) -> Vectors:
    """Multiply rows by Hadamard's matrix of their width, a power of two, by sums and differences of halves."""
    count, width = rows.shape
    half = width // 2
    while half:
        pairs = rows.reshape(count, -1, 2, half)
        rows = np.empty_like(pairs)
        np.add(pairs[:, :, 0], pairs[:, :, 1], out=rows[:, :, 0])
        np.subtract(pairs[:, :, 0], pairs[:, :, 1], out=rows[:, :, 1])
        half //= 2
    return rows.reshape(count, width)
