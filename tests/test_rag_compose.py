from __future__ import annotations

from dataclasses import replace

import pytest

from rag.compose import _plain, _split
from rag.enough import Findings, Missing
from rag.evidence import Evidence
from rag.extract import extract
from rag.types import EvidenceSentence


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("It opened in 2018 [1].", "It opened in 2018."),
        ("- It **opened** in 2018 [2, 3]", "It opened in 2018"),
        ("According to the text, it opened.", "It opened."),
        ("The passage states that gas flows.", "Gas flows."),
        ("1. First, it opened.", "First, it opened."),
        (" … ", ""),
    ],
)
def test_markers_and_markdown_of_a_model_are_taken_off(written: str, plain: str) -> None:
    assert _plain(written) == plain


def test_sentences_come_out_of_a_stream_as_soon_as_they_are_whole() -> None:
    given: list[str] = []

    def pieces() -> object:
        for piece in ("Nine ships ca", "me. They left on", " Monday. Mr. Bell st", "ayed"):
            given.append(piece)
            yield piece

    stream = _split(pieces())  # type: ignore[arg-type]
    assert next(stream) == "Nine ships came."
    assert len(given) == 2
    assert list(stream) == ["They left on Monday.", "Mr. Bell stayed"]


def test_the_rest_of_a_reply_that_was_cut_off_is_no_sentence() -> None:
    reply = ["Nine ships came. The council rejected the"]
    assert list(_split(iter(reply), lambda text: len(text) > 20)) == ["Nine ships came."]
    assert list(_split(iter(reply), lambda text: len(text) > 99)) == ["Nine ships came.", "The council rejected the"]


def _evidence(*sentences: tuple[str, str, int, float]) -> Evidence:
    made = [EvidenceSentence(d, 1, start, start + len(text), text, score) for text, d, start, score in sentences]
    return Evidence(tuple(made), (), {}, frozenset(), 1.0, Findings("", {}, (), Missing(), 0.0, 0.0))


def test_the_best_sentence_comes_first_and_the_others_in_reading_order() -> None:
    evidence = _evidence(
        ("Trade reached a hundred billion dollars.", "b", 50, 0.9),
        ("The bridge opened late in the summer.", "a", 70, 0.89),
        ("Ferries crossed every hour before then.", "a", 10, 0.88),
    )
    assert [s.start for s in extract(evidence, 3)] == [50, 10, 70]


def test_each_part_of_a_question_gets_its_sentence() -> None:
    told = [
        ("Aldous doubts that the second terminal will ever pay.", "a", 10, 0.9),
        ("Aldous still doubts it, for herring prices fell last spring.", "a", 90, 0.89),
        ("Brandt calls the new quay a bargain.", "b", 40, 0.3),
    ]
    whole = _evidence(*told)
    assert [s.start for s in extract(whole, 2)] == [10, 90]
    sides = (whole.sentences[0], whole.sentences[2])
    assert [s.start for s in extract(replace(whole, sides=sides), 2)] == [10, 40]
    assert [s.start for s in extract(replace(whole, sides=sides), 1)] == [10]


def test_weak_repeated_and_asking_sentences_are_left_out() -> None:
    evidence = _evidence(
        ("Does trade grow between the two?", "a", 0, 0.99),
        ("5/8/2015", "a", 35, 0.98),
        ("Trade grew by nine per cent.", "a", 40, 0.9),
        ("By nine per cent trade grew.", "b", 0, 0.89),
        ("The moon rose over quiet hills.", "c", 0, 0.4),
    )
    assert [s.text for s in extract(evidence, 3)] == ["Trade grew by nine per cent."]


def _in_a_row(*texts: str) -> Evidence:
    """Return evidence of sentences that follow one another in a document, the best first."""
    starts = [sum(len(t) + 1 for t in texts[:i]) for i in range(len(texts))]
    return _evidence(
        *((text, "a", start, 0.9 - i * 0.3) for i, (text, start) in enumerate(zip(texts, starts, strict=True)))
    )


def test_what_a_sentence_announces_comes_with_it() -> None:
    told = (
        "The port has two ways to pay its debts.",
        "One is to sell the crane, which nobody has used for years.",
        "It stands on the old quay.",
        "Another is to let the shed.",
        "The harbour master likes neither.",
    )
    assert [s.text for s in extract(_in_a_row(*told), 3)] == [told[0], told[1], told[3]]
    alone = ("The port has two ways to pay its debts.", *told[4:])
    assert [s.text for s in extract(_in_a_row(*alone), 3)] == [told[0]]
    unannounced = ("The port is in debt.", *told[1:])
    assert [s.text for s in extract(_in_a_row(*unannounced), 3)] == ["The port is in debt."]
