from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.embed import Vectors
from index.store import Store
from index.types import Alignment, Document, Metadata, Passage, Run, Sentence
from index.vectors import LEAST, VectorIndex, sketches

DIMENSION = 96


def _unit(rows: np.ndarray) -> Vectors:
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _crowds(count: int, seed: int) -> Vectors:
    """Return vectors that gather around topics, as those of texts do."""
    draw = np.random.default_rng(seed)
    topics = np.random.default_rng(0).standard_normal((40, DIMENSION))
    return _unit(topics[draw.integers(0, 40, count)] + 0.7 * draw.standard_normal((count, DIMENSION)))


def _put(store: Store, name: str, vectors: Vectors) -> None:
    text = f"Of {name}. " * len(vectors)
    width = len(text) // len(vectors)
    spans = [(n * width, (n + 1) * width - 1) for n in range(len(vectors))]
    run = (Run(0, 0, len(text)),)
    document = Document(name, f"/{name}.txt", "txt", Metadata(), text, text, Alignment(run))
    with store.transaction():
        passages = [Passage(start, end, n, n) for n, (start, end) in enumerate(spans)]
        store.put(document, [Sentence(*span) for span in spans], vectors, passages, vectors, reader=1)
        store.link(document.source, name)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "library.db")
    for number in range(6):
        _put(made, f"document {number}", _crowds(1000, number + 1))
    return made


def _index(store: Store, exact: int) -> VectorIndex:
    index = VectorIndex(store.path.parent, exact=exact)
    index.catch_up(store, DIMENSION)
    return index


def _truth(store: Store, vector: Vectors, k: int) -> list[int]:
    ids = store.passage_ids()
    scores = store.passage_vectors(ids.tolist(), DIMENSION) @ vector
    return [int(i) for i in ids[np.argsort(-scores)[:k]]]


QUESTIONS = _crowds(40, 99)


def test_a_small_library_is_searched_exactly(store: Store) -> None:
    index = _index(store, exact=6000)
    for vector in QUESTIONS:
        assert [i for i, _ in index.search(vector, 50)] == _truth(store, vector, 50)


def test_by_sketches_nearly_all_of_the_nearest_are_found_with_their_exact_cosines(store: Store) -> None:
    index = _index(store, exact=500)
    ids = store.passage_ids()
    vectors = store.passage_vectors(ids.tolist(), DIMENSION)
    shares = []
    for vector in QUESTIONS:
        found = index.search(vector, 50)
        truth = _truth(store, vector, 50)
        shares.append(len({i for i, _ in found} & set(truth)) / 50)
        assert [score for _, score in found] == pytest.approx(
            [vectors[i - ids[0]] @ vector for i, _ in found], abs=1e-6
        )
        assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert np.mean(shares) >= 0.99
    assert LEAST < len(ids) / 5, "or all passages would be compared, and nothing be tested"


def test_limited_to_some_passages_no_other_is_found(store: Store) -> None:
    index = _index(store, exact=500)
    for count in (20, 3000):  # fewer than are compared exactly, and more
        among = np.sort(np.random.default_rng(7).choice(store.passage_ids(), count, replace=False))
        found = [i for i, _ in index.search(QUESTIONS[0], 50, among)]
        assert len(found) == min(count, 50)
        assert set(found) <= set(among.tolist())
        truth = [i for i in _truth(store, QUESTIONS[0], 6000) if i in set(among.tolist())]
        assert found[:10] == truth[:10]
    assert index.search(QUESTIONS[0], 50, np.array([10**9])) == []


def test_cosines_of_given_passages_are_those_of_the_search(store: Store) -> None:
    index = _index(store, exact=500)
    found = dict(index.search(QUESTIONS[1], 30))
    assert index.cosines(QUESTIONS[1], np.array([*found, 10**9])) == pytest.approx(found, abs=1e-6)


@pytest.mark.parametrize("exact", [500, 6500])
def test_a_library_that_grew_and_shrank_answers_like_one_built_anew(store: Store, exact: int) -> None:
    index = _index(store, exact)
    with store.transaction():
        store.delete("document 2")
    index.catch_up(store, DIMENSION)
    _put(store, "late", _crowds(1500, 50))
    index.catch_up(store, DIMENSION)
    grown = [index.search(vector, 50) for vector in QUESTIONS]
    opened = _index(store, exact)
    assert [opened.search(vector, 50) for vector in QUESTIONS] == grown
    for file in ("vectors.npy", "vectors.json"):
        (store.path.parent / file).unlink()
    assert [_index(store, exact).search(vector, 50) for vector in QUESTIONS] == grown


def test_what_is_removed_leaves_no_vector_and_no_sketch(store: Store) -> None:
    folder = store.path.parent
    index = _index(store, exact=500)
    gone = _crowds(1000, 3)[123]  # of "document 2"
    (folder / "vectors.faiss").write_bytes(gone.tobytes())  # of a version before
    with store.transaction():
        store.delete("document 2")
    for bytes_of_it in (gone.tobytes(), sketches(gone[None, :]).tobytes()):
        assert bytes_of_it in (folder / "vectors.npy").read_bytes()
    index.catch_up(store, DIMENSION)
    store.wipe()
    for file in folder.iterdir():
        held = file.read_bytes()
        assert gone.tobytes() not in held, file.name
        assert sketches(gone[None, :]).tobytes() not in held, file.name


def test_a_sketch_does_not_hang_on_the_vectors_beside_it() -> None:
    vectors = _crowds(1500, 5)
    together = sketches(vectors)
    assert together.shape == (1500, 128 // 8)
    apart = np.vstack([sketches(vectors[n : n + 1]) for n in range(1500)])
    assert (together == apart).all()


def test_bits_of_two_sketches_differ_as_their_vectors_do() -> None:
    vectors = _crowds(300, 5)
    bits = np.unpackbits(sketches(vectors), axis=1).astype(int)
    differ = (bits[:, None] != bits[None]).mean(2)
    angles = np.arccos(np.clip(vectors @ vectors.T, -1, 1)) / np.pi
    # The expected share of bits that differ is the angle over pi (Charikar 2002).
    assert np.abs(differ - angles).mean() < 0.05


@pytest.mark.parametrize("k", [0, 1, 10_000])
def test_any_number_can_be_asked_for(store: Store, k: int) -> None:
    assert len(_index(store, exact=500).search(QUESTIONS[0], k)) == min(k, 6000)


def test_an_empty_library_has_nothing_near(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path)
    assert (index.search(QUESTIONS[0], 5), index.cosines(QUESTIONS[0], np.array([1])), len(index)) == ([], {}, 0)
    index.catch_up(Store(tmp_path / "library.db"), DIMENSION)
    assert (index.search(QUESTIONS[0], 5), index.cosines(QUESTIONS[0], np.array([1])), len(index)) == ([], {}, 0)


def test_a_file_that_breaks_off_is_built_anew(store: Store) -> None:
    before = _index(store, exact=500).search(QUESTIONS[0], 20)
    path = store.path.parent / "vectors.npy"
    path.write_bytes(path.read_bytes()[:-100_000])
    assert _index(store, exact=500).search(QUESTIONS[0], 20) == before
