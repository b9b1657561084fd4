from __future__ import annotations

import pytest

from index.types import DocumentInfo, Metadata
from rag.errors import QuestionError
from rag.question import LONGEST, standalone
from rag.types import Turn

INFOS = [
    DocumentInfo("a", "a.txt", "txt", Metadata(author="Ines Falk", date="2014-03-02"), 1, 1, 1, 0, ""),
    DocumentInfo("b", "b.txt", "txt", Metadata(), 1, 1, 1, 0, ""),
]
BEFORE = [Turn("How much cargo did Lorn handle in 2013?", "4.2 million tons.")]


@pytest.mark.parametrize("question", ["", "  \n ", "?!…"])
def test_an_empty_question_is_refused(question: str) -> None:
    with pytest.raises(QuestionError, match="empty"):
        standalone(question, [], INFOS)


def test_a_question_that_is_too_long_is_refused_with_its_length() -> None:
    with pytest.raises(QuestionError, match="100,000 characters"):
        standalone("a" * 100_000, [], INFOS)
    assert standalone("a" * LONGEST, [], INFOS).text


def test_a_first_question_stays_as_it_is() -> None:
    assert standalone(" What did it\ncost? ", [], INFOS).text == "What did it cost?"


@pytest.mark.parametrize(
    ("follow_up", "meant"),
    [
        ("And in 2018?", "How much cargo did Lorn handle in 2018?"),
        ("Who said that?", "How much cargo did Lorn handle in 2013: Who said that?"),
        ("why?", "How much cargo did Lorn handle in 2013: why?"),
        ("Who directs the fish market of Bergen?", "Who directs the fish market of Bergen?"),
    ],
)
def test_a_follow_up_is_joined_with_what_it_leans_on(follow_up: str, meant: str) -> None:
    assert standalone(follow_up, BEFORE, INFOS).text == meant


def test_a_follow_up_leans_on_the_standalone_form_of_the_last_question() -> None:
    turns = [*BEFORE, Turn("And in 2018?", "6.8", standalone="How much cargo did Lorn handle in 2018?")]
    assert standalone("and in 2020?", turns, INFOS).text == "How much cargo did Lorn handle in 2020?"


def test_authors_and_years_of_writing_are_recognised() -> None:
    assert standalone("What does Falk say in the 2014 report?", [], INFOS).filters == {
        "author": "Ines Falk",
        "year": "2014",
    }
    assert standalone("What happened in 2014?", [], INFOS).filters == {}
