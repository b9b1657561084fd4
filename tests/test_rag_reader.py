"""The evidence model: how it reads, whatever its weights. How well it judges is measured, not tested."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.embed import DEFAULT, find_weights
from index.sentences import sentences
from rag.cross_encoder import CrossEncoderReader
from rag.errors import SettingsError
from rag.reader import LOWEST, PassageToRead, Reader, _batches, _pooled, open_reader

LORN = (
    "Lorn lies on the north coast of the bay. Its harbour was opened in 1887 by the governor. "
    "The harbour handled 4.2 million tonnes of cargo in 2019. Most of the cargo is grain and timber."
)
BREAD = "Knead the dough for ten minutes. Leave it to rise under a cloth. Bake the loaf until it is brown."


def passage(text: str, title: str = "") -> PassageToRead:
    return PassageToRead(text, [(s.start, s.end) for s in sentences(text)], title)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Return a reader whose network was not trained: it is exported and run as a trained one, and judges at random."""
    import torch

    from eval.training.export import main
    from eval.training.network import begin

    folder = tmp_path_factory.mktemp("reader")
    torch.manual_seed(0)
    torch.save(begin(find_weights(DEFAULT) or "").state_dict(), folder / "network.pt")
    main(folder / "network.pt", folder / "weights", watched=4)
    return Reader(folder / "weights")


def test_a_passage_scores_the_same_alone_and_among_others(reader: Reader) -> None:
    question = "How long is the dough kneaded?"
    many = [passage(LORN * n + BREAD) for n in (1, 3, 2, 1)] + [passage(BREAD)] * 12
    together = reader.read(question, many)
    for given, reading in zip(many, together, strict=True):
        alone = reader.read(question, [given])[0]
        assert np.allclose(alone.sentences, reading.sentences, atol=0.25)  # bfloat16, in batches of other widths
        assert len(reading.sentences) == len(given.sentences)


def test_threads_share_a_reader(reader: Reader) -> None:
    given = [passage(LORN), passage(BREAD)]
    alone = reader.read("Where is Lorn?", given)[0].best
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: reader.read("Where is Lorn?", given)[0].best, range(12)))
    assert np.allclose(found, alone, atol=1e-3)


@pytest.mark.parametrize("text", ["", " \n ", "?", "\x00", "日本", "word " * 2_000, "half \udcff a letter"])
def test_no_text_is_an_error(reader: Reader, text: str) -> None:
    whole = PassageToRead(text, [(0, len(text))], text)
    for question in ("Where?", text):
        reading = reader.read(question, [whole])[0]
        assert np.isfinite(reading.sentences).all()
        assert np.isfinite(reading.passage)


def test_what_is_beyond_the_window_scores_lowest(reader: Reader) -> None:
    scores = reader.read("Where is Lorn?", [passage("It rained again that day. " * 120 + "Lorn is in the north.")])[
        0
    ].sentences
    assert scores[0] > LOWEST
    assert scores[-1] == LOWEST


def test_a_claim_is_read_beside_its_text(tmp_path: Path) -> None:
    reader = open_reader("default", tmp_path)
    assert reader is not None
    text = "The harbour of Lorn handled 4.2 million tons of cargo in 2013. Its director is Piet Aldous."
    held = reader.support("Piet Aldous is in charge of the harbour of Lorn.", text, "Lorn")
    other = reader.support("The harbour of Lorn was closed for repairs of its crane.", text, "Lorn")
    assert held is not None
    assert other is not None
    assert held > 0 > other
    for odd in ("", "\ud800", "word " * 900):
        assert reader.support(odd, odd) is not None


def test_no_passages_no_readings(reader: Reader) -> None:
    assert reader.read("Where?", []) == []


def test_reading_imports_no_torch(reader: Reader) -> None:
    code = (
        "import sys; from pathlib import Path; from rag.reader import Reader, PassageToRead; "
        "Reader(Path(sys.argv[1])).read('Where?', [PassageToRead('Here.', [(0, 5)])]); sys.exit('torch' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(reader.folder)]
    assert subprocess.run(command, cwd=Path(__file__).parents[1], check=False).returncode == 0


def test_the_weights_stay_small_enough_to_ship(reader: Reader) -> None:
    assert sum(f.stat().st_size for f in reader.folder.iterdir()) < 30 << 20


def test_missing_weights_are_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Reader(tmp_path).read("Where?", [passage(LORN)])
    with pytest.raises(SettingsError, match=f"evidence_model = '{tmp_path}' holds no evidence model"):
        open_reader(str(tmp_path), tmp_path)


def test_what_was_loaded_ahead_reads_the_same(reader: Reader, tmp_path: Path) -> None:
    ahead = Reader(reader.folder)
    ahead.prepare()
    given = [passage(LORN)]
    assert np.allclose(ahead.read("Where?", given)[0].sentences, reader.read("Where?", given)[0].sentences, atol=1e-3)
    nothing = Reader(tmp_path)
    nothing.prepare()
    with pytest.raises(FileNotFoundError):
        nothing.read("Where?", given)


def test_a_name_opens_what_it_means(reader: Reader, tmp_path: Path) -> None:
    assert open_reader("off", tmp_path) is None
    assert isinstance(open_reader(str(reader.folder), tmp_path), Reader)
    assert isinstance(open_reader("cross-encoder/no-such-model", tmp_path), CrossEncoderReader)


def test_what_the_first_look_found_is_added_to_what_was_read(reader: Reader) -> None:
    info = json.loads((reader.folder / "reader.json").read_text(encoding="utf-8"))
    spans = [(s.start, s.end) for s in sentences(LORN)]
    first = [(0.1 * i, 0.2 * i) for i in range(len(spans))]
    plain, added = (reader.read("Where is Lorn?", [PassageToRead(LORN, spans, "", f)])[0] for f in ((), first))
    assert added.sentences - plain.sentences == pytest.approx(np.array(first) @ info["first"], abs=1e-3)
    assert added.passage == pytest.approx(plain.passage, abs=1e-3)


def test_pooling_is_a_weighted_mean() -> None:
    # Tokens at 0, 4 and 8; the first two in one sentence, with weights 3:1 (log 3 and 0) and values 1 and 5.
    tokens = np.array([[np.log(3), 1.0], [0.0, 5.0], [7.0, -2.0]], np.float32)
    scores = _pooled(tokens, [(0, 3), (4, 7), (8, 9)], [(0, 7), (8, 9), (9, 9)])
    assert scores.tolist() == pytest.approx([(3 * 1 + 1 * 5) / 4, -2.0, LOWEST])


def test_batches_hold_every_row_once_by_length() -> None:
    groups = _batches([300, 10, 2_000, 300, 10])
    assert sorted(i for group in groups for i in group) == [0, 1, 2, 3, 4]
    assert groups[-1] == [2]
