"""ALCE's citation metrics by hand and by our verifier, and likeness of meaning by the real embedder."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from eval import metrics
from index.embed import Embedder
from rag.types import Answer, AnswerSentence, Citation, Status, Trace, Verdict


def answer(quotes: dict[int, str], *sentences: tuple[str, tuple[int, ...]], status: Status = "answered") -> Answer:
    citations = tuple(Citation(n, "d", "", "", None, None, None, 0, len(q), q) for n, q in quotes.items())
    shown = tuple(AnswerSentence(text, Verdict.SUPPORTED, 1.0, cited) for text, cited in sentences)
    return Answer("?", status, "", shown, citations, (), (), Trace("?", {}, 1.0, "", {}, {}, ()))


def letters(sentence: str, quotes: Sequence[str]) -> bool:
    """Support in the small: the quotes together hold each letter of the sentence."""
    return set(sentence) <= set("".join(quotes))


QUOTES = {1: "abc", 2: "de", 3: "xyz", 4: "ab"}


@pytest.mark.parametrize(
    ("sentences", "recall", "precision"),
    [
        ([("abc", (1,))], 1, 1),
        ([("abc", (3,))], 0, 0),
        ([("abcde", (1, 2))], 1, 1),  # each is needed
        ([("abc", (1, 3))], 1, 1 / 2),  # 3 neither supports it nor is missed
        ([("ab", (1, 4))], 1, 1),  # either alone supports it: both count
        ([("abcde", (1, 2, 3))], 1, 2 / 3),
        ([("abcq", (1, 2))], 0, 0),  # what does not support together has no citation that counts
        ([("abc", (1,)), ("abc", ())], 1 / 2, 1),  # a sentence without a citation
        ([("abc", (1, 3)), ("de", (2,)), ("q", (2,))], 2 / 3, 2 / 4),
    ],
)
def test_alce_by_hand(sentences: list[tuple[str, tuple[int, ...]]], recall: float, precision: float) -> None:
    given = answer(QUOTES, *sentences)
    assert metrics.alce_recall(given, letters) == pytest.approx(recall)
    assert metrics.alce_precision(given, letters) == pytest.approx(precision)


def test_a_refusal_and_an_answer_without_citations() -> None:
    refused = answer(QUOTES, ("abc", (1,)), status="refused")
    assert metrics.alce_recall(refused, letters) is metrics.alce_precision(refused, letters) is None
    bare = answer({}, ("abc", ()))
    assert (metrics.alce_recall(bare, letters), metrics.alce_precision(bare, letters)) == (0, None)


def test_similarity_is_the_best_cosine_and_nothing_said_has_none(embedder: Embedder) -> None:
    said = "The harbour was shut for two years."
    near, far = "For two years the port stayed closed.", "Sourdough needs flour."
    both = metrics.similarity(said, [far, near], embedder.encode)
    assert both == metrics.similarity(said, [near], embedder.encode)
    assert both is not None
    other = metrics.similarity(said, [far], embedder.encode)
    assert other is not None and 0 <= other < 0.4 < 0.6 < both <= 1
    assert metrics.similarity(said, [said], embedder.encode) == pytest.approx(1, abs=1e-3)
    assert metrics.similarity(" ", [near], embedder.encode) == 0
    assert metrics.similarity(said, [], embedder.encode) is None
