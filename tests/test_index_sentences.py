"""Sentences: where they end in the texts people have, and that none is lost in any text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.languages import language_of
from index.sentences import MAX_LENGTH, sentences


def cut(text: str, language: str = "en") -> list[str]:
    return [text[sentence.start : sentence.end] for sentence in sentences(text, language)]


@pytest.mark.parametrize(
    "expected",
    [
        ["The ferry left at noon.", "Nobody saw it go!", "Why?"],
        ["Dr. J. R. Smith met Mr. Lee at 5 p.m. on Monday.", "They spoke of the bridge."],
        ["The U.S. and the U.K. agreed.", "Others did not."],
        ["He went to the U.S. in May.", "It was warm."],
        ["She flew to the U.S.", "The plan failed."],
        ["See No. 5, vol. 3, p. 12 of the log.", "It is short."],
        ["Trade fell. (Harbour News, Sept. 24)", "Then it rose."],
        ["Trade fell (Harbour News, September 24).", "It rose again (Log, 3)."],
        ["“We go,” he said.", "“It is done.”", "He left."],
        [
            "It was over. (That is what the log says, and the log was kept with care by three men.)",
            "So it is.",
        ],
        ["It cost 3.5 million.", "That was 1.2 per cent more."],
        ["Déjà vu — ein Tag am Meer.", "😀 Wir gehen.", "Ende."],
        ["Many birds, e.g. gulls, stay.", "Others, i.e. swallows, go."],
    ],
)
def test_sentences_end_where_they_end(expected: list[str]) -> None:
    assert cut(" ".join(expected)) == expected


def test_chinese_and_russian_are_known_by_their_script() -> None:
    chinese = "渡轮每天开四次。冬天港口结冰。"
    assert language_of(chinese) == "zh"
    assert cut(chinese) == ["渡轮每天开四次。", "冬天港口结冰。"]
    russian = "Паром ходит четыре раза в день. Зимой гавань замерзает."
    assert language_of(russian) == "ru"
    assert cut(russian) == ["Паром ходит четыре раза в день.", "Зимой гавань замерзает."]
    assert language_of("The ferry crosses the sound.") is None
    assert language_of("") is None


def test_no_sentence_crosses_a_line() -> None:
    text = "The harbour\n\nThe ferry crosses\n\nthe sound. It is slow.\nYear: 2011; Cars: 310\n"
    text += "Year: 2012; Cars: 308"
    assert cut(text) == [
        "The harbour",
        "The ferry crosses",
        "the sound.",
        "It is slow.",
        "Year: 2011; Cars: 310",
        "Year: 2012; Cars: 308",
    ]


def test_a_monster_is_cut_at_semicolons() -> None:
    item = "the harbour master counted every ship that came in from the north before the ice closed the sound; "
    parts = cut(item * 40)
    assert len(parts) > 3
    assert all(len(part) <= MAX_LENGTH and part.endswith("sound;") for part in parts)


def test_a_monster_without_a_space_is_cut_too() -> None:
    assert all(len(part) <= MAX_LENGTH for part in cut("x" * 5_000))


def test_a_long_paragraph_is_cut_as_a_short_one() -> None:
    unit = "The ferry left (Log, 3). Dr. Berg saw it. Nobody else did!"
    assert cut(" ".join([unit] * 500)) == cut(unit) * 500


@pytest.mark.parametrize("unit", ["<!--", "word12. ", "a.", "U.S. ", '"', "(", "! "])
def test_no_line_takes_quadratic_time(unit: str) -> None:
    start = time.process_time()
    sentences(unit * (200_000 // len(unit)))
    assert time.process_time() - start < 3


def test_nothing_from_nothing() -> None:
    assert sentences("") == sentences(" \n\n \t") == []


def test_two_megabytes_take_less_than_three_seconds() -> None:
    text = ("The ferry crosses the sound. It is slow (Log, 3). Nobody knows why it still sails.\n\n" * 25_000)[
        :2_000_000
    ]
    start = time.process_time()
    sentences(text)
    assert time.process_time() - start < 3


PIECES = st.sampled_from(
    [
        ". ",
        "\n",
        "\n\n",
        " ",
        "(a, 3)",
        "A",
        "word",
        "Mr.",
        "U.S.",
        "“",
        "”",
        '"',
        "！",
        "。",
        "港",
        "й",
        "😀",
        "…",
        "(",
        ")",
        "?!",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(PIECES, max_size=50).map("".join) | st.text(max_size=300),
    st.sampled_from(["en", "zh", "ru", "xx"]),
)
def test_every_character_is_in_exactly_one_sentence(text: str, language: str) -> None:
    at = 0
    for sentence in sentences(text, language):
        assert at <= sentence.start < sentence.end <= len(text)
        assert not text[at : sentence.start].strip()
        inner = text[sentence.start : sentence.end]
        assert inner == inner.strip() and "\n" not in inner and len(inner) <= MAX_LENGTH
        at = sentence.end
    assert not text[at:].strip()
