"""The evidence model, with its real weights."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.sentences import sentences
from rag.reader import LOWEST, WEIGHTS, PassageToRead, Reader, _batches, _pooled

pytestmark = pytest.mark.skipif(
    not (WEIGHTS / "reader.json").exists(), reason="the weights of the evidence model are absent"
)

LORN = (
    "Lorn lies on the north coast of the bay. Its harbour was opened in 1887 by the governor. "
    "The harbour handled 4.2 million tonnes of cargo in 2019. Most of the cargo is grain and timber."
)
BREAD = "Knead the dough for ten minutes. Leave it to rise under a cloth. Bake the loaf until it is brown."


def passage(text: str, title: str = "") -> PassageToRead:
    return PassageToRead(text, [(s.start, s.end) for s in sentences(text)], title)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("When was the harbour of Lorn opened?", "1887"),
        ("How much cargo did the harbour handle in 2019?", "4.2 million"),
        ("Where is Lorn?", "north coast"),
        ("What goods pass through the harbour?", "grain"),
    ],
)
def test_the_sentence_that_answers_scores_highest(reader: Reader, question: str, words: str) -> None:
    given = passage(LORN, "Lorn")
    scores = reader.read(question, [given])[0].sentences
    start, end = given.sentences[int(scores.argmax())]
    assert words in LORN[start:end]


def test_a_passage_that_answers_scores_above_one_that_does_not(reader: Reader) -> None:
    answers, other = reader.read("When was the harbour of Lorn opened?", [passage(LORN), passage(BREAD)])
    assert answers.best > other.best
    assert answers.passage > other.passage


def test_a_passage_scores_the_same_alone_and_among_others(reader: Reader) -> None:
    question = "How long is the dough kneaded?"
    many = [passage(LORN * n + BREAD) for n in (1, 3, 2, 1)] + [passage(BREAD)] * 12
    together = reader.read(question, many)
    for given, reading in zip(many, together, strict=True):
        alone = reader.read(question, [given])[0]
        assert np.allclose(
            alone.sentences, reading.sentences, atol=0.25
        )  # bfloat16, in batches of other widths
        assert len(reading.sentences) == len(given.sentences)


def test_threads_share_a_reader(reader: Reader) -> None:
    given = [passage(LORN), passage(BREAD)]
    alone = reader.read("Where is Lorn?", given)[0].best
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: reader.read("Where is Lorn?", given)[0].best, range(12)))
    assert np.allclose(found, alone, atol=1e-3)


@pytest.mark.parametrize("text", ["", " \n ", "?", "\x00", "日本", "word " * 2_000])
def test_no_text_is_an_error(reader: Reader, text: str) -> None:
    whole = PassageToRead(text, [(0, len(text))], text)
    for question in ("Where?", text):
        reading = reader.read(question, [whole])[0]
        assert np.isfinite(reading.sentences).all()
        assert np.isfinite(reading.passage)


def test_what_is_beyond_the_window_scores_lowest(reader: Reader) -> None:
    scores = reader.read(
        "Where is Lorn?", [passage("It rained again that day. " * 120 + "Lorn is in the north.")]
    )[0].sentences
    assert scores[0] > LOWEST
    assert scores[-1] == LOWEST


def test_no_passages_no_readings(reader: Reader) -> None:
    assert reader.read("Where?", []) == []


def test_reading_imports_no_torch() -> None:
    code = (
        "import sys; from rag.reader import Reader, PassageToRead; "
        "Reader().read('Where?', [PassageToRead('Here.', [(0, 5)])]); sys.exit('torch' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1], check=False).returncode
        == 0
    )


def test_missing_weights_are_said(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    assert not reader.available
    with pytest.raises(FileNotFoundError):
        reader.read("Where?", [passage(LORN)])


def test_pooling_is_a_weighted_mean() -> None:
    # Tokens at 0, 4 and 8; the first two in one sentence, with weights 3:1 (log 3 and 0) and values 1 and 5.
    tokens = np.array([[np.log(3), 1.0], [0.0, 5.0], [7.0, -2.0]], np.float32)
    scores = _pooled(tokens, [(0, 3), (4, 7), (8, 9)], [(0, 7), (8, 9), (9, 9)])
    assert scores.tolist() == pytest.approx([(3 * 1 + 1 * 5) / 4, -2.0, LOWEST])


def test_batches_hold_every_row_once_by_length() -> None:
    groups = _batches([300, 10, 2_000, 300, 10])
    assert sorted(i for group in groups for i in group) == [0, 1, 2, 3, 4]
    assert groups[-1] == [2]
