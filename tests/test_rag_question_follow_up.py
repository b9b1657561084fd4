from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import DocumentInfo, Metadata
from rag.answer import REFUSAL
from rag.catalogue import Catalogue
from rag.question import standalone
from rag.types import Turn


def _by(identity: str, author: str) -> DocumentInfo:
    return DocumentInfo(identity, f"{identity}.md", "md", Metadata(author=author), 1, 1, 1, 0, "")


CATALOGUE = Catalogue([_by("falk", "Ines Falk"), _by("brandt", "Tomas Brandt")])
CARGO = Turn("How much cargo did Lorn handle in 2013?", "The harbour of Lorn handled 4.2 million tons in 2013. [1]")
CRANE = Turn("Has the crane paid?", "Nine trawlers work from Lorn. [2] Piet Aldous said that the crane had paid. [1]")
REFUSED = Turn("What did the crane cost?", f"{REFUSAL} Nothing near it mentions a sum of money.")


def _meant(question: str, *history: Turn) -> str:
    return standalone(question, history, CATALOGUE).text


@pytest.mark.parametrize(
    ("before", "follow_up", "meant"),
    [
        ("How much cargo did Lorn handle in 2013?", "and 2018", "How much cargo did Lorn handle in 2018?"),
        ("How much cargo did Lorn handle in 2013?", "In May 2018?", "How much cargo did Lorn handle in May 2018?"),
        ("How much did Lorn earn in 2012-2013?", "2018?", "How much did Lorn earn in 2018?"),
        ("How much cargo did Lorn handle in 2013?", "two years later?", "How much cargo did Lorn handle in 2015?"),
        ("How much cargo did Lorn handle in 2013?", "and the year before?", "How much cargo did Lorn handle in 2012?"),
        ("How much cargo does Lorn handle?", "and in 2018?", "How much cargo does Lorn handle in 2018?"),
        ("What did Lorn sell in Finland?", "what about Sweden?", "What did Lorn sell in Sweden?"),
        ("What did Lorn sell in Finland?", "and greenland", "What did Lorn sell in Greenland?"),
        ("Who owns shares in Crane Works 2?", "and in Aln Docks?", "Who owns shares in Aln Docks?"),
        ("How large is it according to the town?", "and according to Falk?", "How large is it according to Falk?"),
        ("Does Tomas Brandt think that Lorn and Aln are rivals?", "And Falk?", None),
        ("What does a small crane cost in Lorn?", "and a large one?", "What does a large crane cost in Lorn?"),
        ("What did Danish traders pay the town?", "And the Swedish?", "What did the Swedish pay the town?"),
        ("When was the east pier of Lorn opened?", "what about the west pier?", "When was the west pier opened?"),
        ("How many trawlers does Lorn have?", "and ferries?", "How many ferries does Lorn have?"),
    ],
)
def test_a_piece_of_a_question_takes_the_place_of_what_it_stands_for(
    before: str, follow_up: str, meant: str | None
) -> None:
    expected = meant or "Does Falk think that Lorn and Aln are rivals?"
    assert _meant(follow_up, Turn(before, "Yes. [1]")) == expected


@pytest.mark.parametrize(
    "correction", ["no, I meant 2018", "sorry, 2018", "not 2013, 2018", "I mean in 2018", "make that 2018"]
)
def test_a_correction_changes_the_question(correction: str) -> None:
    assert _meant(correction, CARGO) == "How much cargo did Lorn handle in 2018?"


def test_whose_words_it_is_leaves_out_the_lead_before_them() -> None:
    led = replace(CARGO, answer=f"As of May 2014: {CARGO.answer}")
    said = _meant("And who said that?", led)
    assert said == "Who said that the harbour of Lorn handled 4.2 million tons in 2013?"
    told = Turn("And who said that?", f"Ines Falk, March 2014: {CARGO.answer}", said)
    assert _meant("and when?", led, told) == f"{said[:-1]}, and when?"
    assert _meant("Why?", led, told) == "Why is it that the harbour of Lorn handled 4.2 million tons in 2013?"


def test_a_correction_that_is_a_whole_question_stands_alone() -> None:
    assert _meant("no, I meant: who directs the harbour?", CARGO) == "who directs the harbour?"
    assert _meant("Sorry, who directs the harbour?", CARGO) == "who directs the harbour?"


@pytest.mark.parametrize(
    "request_",
    [
        "shorter, please",
        "Say it again",
        "can you put that in fewer words?",
        "in one sentence pls",
        "summarise",
        "Which document says that?",
        "what is your source",
        "who wrote that article?",
        "on which page is it?",
    ],
)
def test_what_asks_for_the_answer_again_asks_the_same_question(request_: str) -> None:
    assert _meant(request_, CRANE, CARGO) == CARGO.question


@pytest.mark.parametrize(
    ("follow_up", "meant"),
    [
        ("Who said that?", "Who said that Piet Aldous said that the crane had paid?"),
        ("why?", "Why has the crane paid?"),
        ("And when?", "When has the crane paid?"),
    ],
)
def test_a_question_word_asks_of_what_was_said(follow_up: str, meant: str) -> None:
    # Of two sentences, the one that says most of what was asked for.
    assert _meant(follow_up, CRANE) == meant


def test_a_question_word_takes_the_answer_where_the_question_has_no_room_for_it() -> None:
    assert _meant("why?", CARGO) == "Why is it that the harbour of Lorn handled 4.2 million tons in 2013?"
    assert _meant("over which years?", CARGO).startswith("Over which years is it that the harbour of Lorn")


@pytest.mark.parametrize(
    ("follow_up", "meant"),
    [
        ("what does he say of herring?", "what does Piet Aldous say of herring (the crane paid)?"),
        ("What happened to his crane?", "What happened to Piet Aldous's crane (the crane paid)?"),
        ("did anyone thank him", "did anyone thank Piet Aldous (the crane paid)?"),
        ("What was this for?", "What was this for (the crane paid)?"),
        ("how much did it cost", "how much did it cost (the crane paid)?"),
        ("why not the others?", "why not the others (the crane paid)?"),
        ("and after that?", "after that (the crane paid)?"),
    ],
)
def test_a_question_that_points_gets_what_it_points_to(follow_up: str, meant: str) -> None:
    assert _meant(follow_up, CRANE) == meant


def test_her_is_the_woman_s_or_the_woman() -> None:
    said = Turn("Who is Ines Falk?", "Ines Falk wrote the report. [1]")
    assert _meant("where was her report printed?", said) == "where was Ines Falk's report printed?"
    assert _meant("who asked her about herring?", said) == "who asked Ines Falk about herring?"


def test_what_a_pointing_question_was_about_is_carried_on() -> None:
    first = "how much did it cost"
    once = _meant(first, CRANE)
    again = _meant("and who paid for it?", CRANE, Turn(first, "Ten thousand crowns. [1]", once))
    assert again == "who paid for it (it cost; the crane paid)?"


def test_a_surname_becomes_the_name_that_was_heard() -> None:
    assert _meant("where does Aldous live?", CRANE) == "where does Piet Aldous live?"
    assert _meant("where does the Aldous flow?", CRANE) == "where does the Aldous flow?"
    assert _meant("where does Karl Aldous live?", CRANE) == "where does Karl Aldous live?"


def test_a_comparison_asks_both_questions_each_for_itself() -> None:
    later = Turn("And in 2018?", "6.8 million tons. [1]", "How much cargo did Lorn handle in 2018?")
    for follow_up in ("Compare it with the first", "compare the two", "which is larger?", "What's the difference?"):
        query = standalone(follow_up, [CARGO, later], CATALOGUE)
        assert query.text == f"{CARGO.question} {later.standalone}"
        assert len(query.parts) == 2
    other = standalone("compare it with 2018", [CARGO], CATALOGUE)
    assert (other.text, len(other.parts)) == (f"{CARGO.question} {later.standalone}", 2)
    third = Turn("Who directs the harbour?", "Piet Aldous. [1]")
    assert _meant("compare this with the first", CARGO, third, later).startswith(CARGO.question)
    assert _meant("compare the two", CARGO, third, later).startswith(third.question)


@pytest.mark.parametrize(
    "question",
    [
        "Who directs the fish market of Bergen?",
        "Is it true that herring moved north?",
        "How many piers are there in Aln?",
        "What does the law that was passed in May forbid?",
        "Did Brandt say that the trawlers were sold?",
        "What did the town council do with its old boats?",
        "Which years were the worst for the bakery of Mill Lane?",
        "Compare the bakeries of Lorn with those of Aln",
        "Thirty years of herring",
        "What was my first question?",
        "what did I ask you before?",
    ],
)
def test_a_question_of_its_own_inherits_nothing(question: str) -> None:
    assert _meant(question, CARGO, CRANE) == question


def test_a_question_about_the_conversation_is_no_subject_of_the_next() -> None:
    talk = Turn("What was my first question?", REFUSAL)
    assert _meant("and in 2018?", CARGO, talk) == "How much cargo did Lorn handle in 2018?"


def test_after_a_refusal_only_the_question_is_carried_on() -> None:
    assert _meant("who said that?", REFUSED) == "who said that (the crane cost)?"
    assert _meant("who?", REFUSED) == "What did the crane cost: who?"


@pytest.mark.parametrize("question", ["What did you say?", "What was your last answer again?", "say that again"])
def test_what_was_answered_is_answered_again(question: str) -> None:
    assert _meant(question, CARGO) == CARGO.question


@pytest.mark.parametrize(
    ("question", "only"),
    [
        ("What did I ask you at the beginning?", True),
        ("what did we discuss before?", True),
        ("What did you say about the crane?", False),
        ("How does that compare with your first answer?", False),
        ("What did the mayor say first?", False),
        ("What did you say?", False),
    ],
)
def test_what_is_asked_of_the_conversation_alone_no_document_knows(question: str, only: bool) -> None:
    assert standalone(question, [CARGO], ()).talk is only
    assert not standalone(question, [], ()).talk  # there is no conversation yet


def test_in_other_languages_a_year_is_put_in_the_place_of_the_year() -> None:
    before = Turn("Сколько груза принял порт в 2013 году?", "4,2 млн тонн. [1]")
    assert _meant("а в 2018?", before) == "Сколько груза принял порт в 2018 году?"


@given(
    st.text(max_size=60).filter(lambda t: re.search(r"\w", t)),
    st.lists(st.builds(Turn, st.text(max_size=60), st.text(max_size=60), st.text(max_size=60)), max_size=3),
)
def test_any_question_after_any_conversation_is_some_question(question: str, history: list[Turn]) -> None:
    found = standalone(question, history, CATALOGUE).text
    assert re.search(r"\w", found)
    if not history:
        assert found == " ".join(question.split())
