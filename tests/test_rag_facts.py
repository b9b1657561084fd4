from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.words import analyse
from rag.facts import clauses, denied, has_name, names, numbers, terms, words, written


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("nine ships", {9}),
        ("1.5 million and 1,500,000", {1_500_000}),
        ("$1.2bn", {1.2e9}),
        ("between 25-27,000 people", {25, 25_000, 27_000}),
        ("10 to 15 million", {10, 10e6, 15e6}),
        ("two hundred and fifty", {250}),
        ("twenty-five", {25}),
        ("three million", {3e6}),
        ("about a dozen", {12}),
        ("one of them, millions of others", set()),
        ("in the 1990s, on the 70th day, 40 per cent, 8%", {1990, 70, 40, 8}),
        ("Su-35 and 117S", {35, 117}),
        ("4.2 million in 2013, 6.8 million in 2018", {4.2e6, 6.8e6, 2013, 2018}),
    ],
)
def test_numbers_are_read_by_value(text: str, values: set[float]) -> None:
    assert numbers(text) == values


@given(st.integers(2, 999_999_999))
def test_a_number_is_the_same_with_and_without_commas(value: int) -> None:
    assert numbers(f"about {value:,} tons") == numbers(f"about {value} tons") == {float(value)}


def test_names_are_capitalised_words_that_open_no_sentence() -> None:
    assert names("Trade grew. In May Xi Jinping met NATO.") == {"may", "xi", "jinping", "nato"}
    assert names("“Relations are good,” said Ines Falk.") == {"ines", "falk"}
    assert names("Putin said so.") == set()
    assert names("Putin said so.", known={"putin"}) == {"putin"}
    assert names("Piet Aldous said so.") == {"piet", "aldous"}
    assert names("Sino-Russian trade and China's") == {"china"}


def test_a_name_is_held_by_itself_and_by_its_adjective() -> None:
    held = words("The Russian navy of China-based crews and Lorn's harbour")
    assert all(has_name(name, held) for name in ("russia", "russian", "china", "lorn"))
    assert not has_name("japan", held)


def test_terms_leave_out_function_words_and_endings() -> None:
    assert terms("The ships were joining the manoeuvres") == ["ship", "join", "manoeuvr"]
    assert terms("China’s thé isn't at_the quay") == ["china", "the", "isn", "t", "quay"]  # an accent makes a word


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("किताब में लिखा है", None),
        ("שָׁלוֹם לָעוֹלָם", "שלום לעולם"),
        ("كَتَبَ الوَلَدُ", "كتب الولد"),
        ("De\u0301s so\u00adcial", "Dés social"),
        ("สวัสดีครับ", None),
    ],
)
def test_terms_of_every_script_are_whole_words(text: str, bare: str | None) -> None:
    found = terms(text)
    assert found == terms(bare or text) == analyse(text)
    if " " in text:
        assert len(found) == len(text.split())


def test_what_was_found_in_a_text_stays_as_it_was() -> None:
    text = "Nine ships of Lorn sailed to Skarv."
    terms(text).append("changed")
    assert terms(text) == ["nine", "ship", "lorn", "sail", "skarv"]
    assert names(text, {"nine"}) == {"nine", "lorn", "skarv"}
    assert names(text) == {"lorn", "skarv"}
    assert (numbers(text), words(text) >= {"nine", "ships"}) == ({9}, True)


def test_a_text_of_any_length_is_read_alike() -> None:
    long = "Nine ships of Lorn sailed to Skarv. " * 100
    assert (names(long), numbers(long)) == ({"lorn", "skarv"}, {9})
    assert terms(long) == terms(long[:36]) * 100


@pytest.mark.parametrize(
    ("text", "is_denied"),
    [
        ("It did not open", False),
        ("It didn't open", False),
        ("He denied that it opened", True),
        ("It failed to open", True),
        ("It opened in notable style", False),
    ],
)
def test_a_negation_and_a_denial_are_different_things(text: str, is_denied: bool) -> None:
    assert denied(text) is is_denied


def test_short_pieces_are_no_clauses_of_their_own() -> None:
    assert clauses("In 2013, the harbour handled 1,200 tons, but in 2014 it handled none") == [
        "In 2013 the harbour handled 1,200 tons",
        "in 2014 it handled none",
    ]


def test_numbers_are_written_as_readers_do() -> None:
    assert [written(v) for v in (2013.0, 38e9, 1.5)] == ["2013", "38,000,000,000", "1.5"]


@given(st.text(st.sampled_from("ABab9 éÉ²½.-'’“(\n,:"), max_size=40))
def test_western_texts_are_read_as_all_others_are(text: str) -> None:
    other = f"{text} я"  # one letter of another script, and the general way is taken
    assert words(text) == words(other) - {"я"}
    assert names(text) == names(other)
    assert numbers(text) == numbers(other)
    assert terms(text) == terms(other)[:-1]
