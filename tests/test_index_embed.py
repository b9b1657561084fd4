from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.embed import DEFAULT, Embedder, TorchEmbedder, find_weights, open_embedder
from index.errors import EmbedderError

TEXTS = [
    "The harbour handled 4.2 million tons.",
    "Bread.",
    "A long sentence about " + "many things and " * 120,
]


def test_vectors_are_those_of_sentence_transformers(embedder: Embedder) -> None:
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(find_weights(DEFAULT), device="cpu").encode(TEXTS, normalize_embeddings=True)
    ours = embedder.encode(TEXTS)
    assert ours.shape == (3, 384)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)
    assert ((ours * reference).sum(axis=1) > 0.999).all()


def test_a_question_is_embedded_the_same_whatever_stands_beside_it(embedder: Embedder) -> None:
    alone = embedder.encode_query(TEXTS[0])
    assert np.array_equal(alone, embedder.encode_query(TEXTS[0]))
    assert float(alone @ embedder.encode(TEXTS)[0]) > 0.9999


def test_a_question_is_embedded_as_a_text_of_any_length_is(embedder: Embedder) -> None:
    texts = [" ".join(["herring"] * n) for n in range(1, 20)] + [TEXTS[2], ""]
    questions = np.array([embedder.encode_query(text) for text in texts])
    np.testing.assert_allclose(questions, embedder.encode(texts), atol=1e-3)


def test_questions_of_several_threads_do_not_mix(embedder: Embedder) -> None:
    texts = [f"What became of ship {n}, and of its {n * n} casks of herring?" for n in range(40)]
    alone = [embedder.encode_query(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert np.array_equal(list(pool.map(embedder.encode_query, texts)), alone)


def test_half_a_character_is_one_that_cannot_be_read(embedder: Embedder) -> None:
    other = TorchEmbedder(DEFAULT, "cpu", offline=True)
    for engine in (embedder, other):
        assert np.array_equal(engine.encode_query("bread \ud800"), engine.encode_query("bread \ufffd"))
        assert np.array_equal(engine.encode(["\udcff bread"]), engine.encode(["\ufffd bread"]))
        assert engine.count(["a \ud800 b"]) == engine.count(["a \ufffd b"])


def test_tokens_are_counted_without_the_models_marks(embedder: Embedder) -> None:
    assert embedder.count(["bread", "bread bread", ""]) == [1, 2, 0]
    assert embedder.max_tokens == 256


def test_what_is_compiled_is_kept_once_whatever_the_path(
    embedder: Embedder, models_folder: Path, tmp_path: Path
) -> None:
    before = set(models_folder.glob("*/compiled/*"))
    assert before
    (tmp_path / "models").symlink_to(models_folder, target_is_directory=True)
    assert open_embedder(DEFAULT, tmp_path / "models").encode_query("bread").shape == (384,)
    assert set(models_folder.glob("*/compiled/*")) == before


def test_nothing_is_loaded_before_it_is_needed(tmp_path: Path) -> None:
    assert open_embedder("no/such-model", tmp_path).name == "no/such-model"
    assert not list(tmp_path.iterdir())


def test_an_unknown_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"'no/such-model'.*folder.*offline = false"):
        open_embedder("no/such-model", tmp_path).encode(["x"])


def test_the_engine_for_gpus_gives_the_same_vectors(embedder: Embedder, tmp_path: Path) -> None:
    # No GPU is at hand, so the device is the CPU; the code is the same.
    other = TorchEmbedder(DEFAULT, "cpu", offline=True)
    assert (other.encode(TEXTS) * embedder.encode(TEXTS)).sum(axis=1).min() > 0.999
    assert float(other.encode_query("bread") @ embedder.encode_query("bread")) > 0.999
    assert other.count(["bread bread"]) == [2]
    assert (other.dimension, other.max_tokens) == (384, 256)
