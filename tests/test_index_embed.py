from __future__ import annotations

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


def test_tokens_are_counted_without_the_models_marks(embedder: Embedder) -> None:
    assert embedder.count(["bread", "bread bread", ""]) == [1, 2, 0]
    assert embedder.max_tokens == 256


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
