"""A cross-encoder in the place of our evidence model: a real one, small and untrained, made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.embed import DEFAULT, find_weights
from index.sentences import sentences
from rag.cross_encoder import CrossEncoderReader, _in_context
from rag.errors import SettingsError
from rag.reader import LOWEST, PassageToRead, open_reader

TEXT = "Lorn lies on the bay. Its harbour was opened in 1887. It handles grain and timber."


def passage(text: str, title: str = "") -> PassageToRead:
    return PassageToRead(text, [(s.start, s.end) for s in sentences(text)], title)


def saved(folder: Path, labels: int) -> str:
    """Save a cross-encoder of two small layers, drawn at random, that reads with the tokenizer we ship."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    torch.manual_seed(0)
    shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    BertForSequenceClassification(BertConfig(**shape, num_labels=labels)).save_pretrained(folder)
    AutoTokenizer.from_pretrained(find_weights(DEFAULT) or "").save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def name(tmp_path_factory: pytest.TempPathFactory) -> str:
    return saved(tmp_path_factory.mktemp("cross"), labels=1)


def test_each_sentence_gets_the_score_of_its_pair(name: str, tmp_path: Path) -> None:
    reader = open_reader(name, tmp_path)
    assert isinstance(reader, CrossEncoderReader)
    given = [passage(TEXT), passage(""), passage("Bread rises.", "Baking")]
    readings = reader.read("When was the harbour opened?", given)
    assert [len(r.sentences) for r in readings] == [3, 0, 1]
    alone = [reader.read("When was the harbour opened?", [p])[0].sentences for p in given]
    assert np.allclose(np.concatenate(alone), np.concatenate([r.sentences for r in readings]), atol=1e-4)
    assert readings[0].passage == readings[0].sentences.max()
    assert readings[1].passage == LOWEST


def test_a_sentence_is_read_with_the_one_before_it_and_the_title() -> None:
    given = passage(TEXT, "Ports")
    assert _in_context(given, 0) == "Ports. Lorn lies on the bay."
    assert _in_context(given, 1) == "Ports. Lorn lies on the bay. Its harbour was opened in 1887."


def test_offline_an_unknown_name_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"evidence_model = .* cannot be loaded: .*offline = false"):
        CrossEncoderReader(str(tmp_path / "nothing")).read("Where?", [passage(TEXT)])


def test_a_model_of_several_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="gives 3 numbers"):
        CrossEncoderReader(saved(tmp_path, labels=3)).read("Where?", [passage(TEXT)])
