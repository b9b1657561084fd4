from __future__ import annotations

import pytest

from rag.kind import Kind, asked, holds, repeats


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many trawlers work from Lorn?", Kind.COUNT),
        ("What annual volume is contracted?", Kind.COUNT),
        ("How much did the bridge cost to build?", Kind.MONEY),
        ("What does the port charge a foreign ship?", Kind.MONEY),
        ("What share of the catch is herring?", Kind.SHARE),
        ("What rate of interest did the bank ask?", Kind.SHARE),
        ("When was the terminal opened?", Kind.DATE),
        ("In which year did the market close?", Kind.DATE),
        ("Who directs the harbour?", Kind.PERSON),
        ("Why was the terminal rejected?", None),
        ("Сколько судов в порту?", None),
    ],
)
def test_the_form_of_a_question_tells_what_it_asks_for(question: str, kind: Kind | None) -> None:
    assert asked(question) is kind


@pytest.mark.parametrize(
    ("question", "text", "held"),
    [
        ("How many trawlers work from Lorn?", "Nine trawlers work from Lorn.", True),
        ("How many of the 24 trawlers work?", "The 24 trawlers were built abroad.", False),
        ("What does the port charge a ship?", "Each ship pays 300 dollars.", True),
        ("What does the port charge a ship?", "Each ship pays for its pilot.", False),
        ("What does the port charge a ship?", "Of 9 ships 60 per cent pay.", False),
        ("What share of the catch is herring?", "Herring is 60 per cent of it.", True),
        ("What share of the catch is herring?", "Herring came in 2013.", False),
        ("When was the terminal opened?", "It opened last spring.", True),
        ("When was the terminal opened?", "It opened after a dispute.", False),
        ("Who directs the harbour of Lorn?", "Its director is Piet Aldous.", True),
        ("Who directs the harbour of Lorn?", "The harbour of Lorn is large.", False),
        ("Why?", "Anything.", True),
    ],
)
def test_a_text_holds_what_is_asked_for_or_not(question: str, text: str, held: bool) -> None:
    assert holds(asked(question), question, text) is held


LORN = "The harbour of Lorn, which is small, handled 4.2 million tons."


@pytest.mark.parametrize(
    ("question", "holds_it"),
    [
        ("Why is it that the harbour of Lorn, which is small, handled 4.2 million tons?", True),
        ("Who said “The harbour of Lorn, which is small, handled 4.2 million tons”?", True),
        ("Why is it that the harbour of Lorn handled 4.2 million tons?", False),
        ("When was that (the harbour of Lorn, which is small, handled 4.2 million tons)?", False),
    ],
)
def test_a_question_may_hold_a_sentence_word_for_word(question: str, holds_it: bool) -> None:
    assert repeats(question)(LORN) is holds_it


def test_a_few_words_of_a_question_are_no_sentence_repeated() -> None:
    assert not repeats("Why does the harbour of Lorn handle coaling?")("The harbour of Lorn handle coal.")
    assert not repeats("Why is Lorn so small?")("Lorn so small.")
    long = " ".join(f"word{n}" for n in range(60))
    assert repeats(f"Why is it that {' '.join(long.split()[:45])}?")(long)
