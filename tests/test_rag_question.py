from __future__ import annotations

import pytest

from index.types import DateBasis, DocumentInfo, Metadata
from rag.catalogue import Catalogue
from rag.errors import QuestionError
from rag.filters import Filters
from rag.question import LONGEST, standalone
from rag.types import Query, Turn


def _info(
    identity: str,
    source: str,
    title: str | None = None,
    author: str | None = None,
    date: str | None = None,
    publisher: str | None = None,
    basis: DateBasis = "stated",
) -> DocumentInfo:
    metadata = Metadata(title, author, publisher, date, basis if date else None)
    return DocumentInfo(identity, source, source.rsplit(".", 1)[-1], metadata, 1, 1, 1, 0, "")


INFOS = [
    _info("falk", "reports/lorn.pdf", "The harbour of Lorn: a survey", "Ines Falk", "2014-03-02"),
    _info("brandt", "reports/lorn-later.txt", "Second thoughts", "Tomas Brandt", "2019-06", "Coast Review, No. 7"),
    _info("annual", "annual-report-2018.docx", "Annual report 2018", "Harbour Board", "2019-02-01"),
    _info("guess", "notes/ferry.md", "On ferries", "Ilse Brandt", "2016", basis="inferred"),
    _info("mail", "mail/crane.eml", "The crane", "Piet Aldous", "2017-05-05"),
    _info("sheet", "data/catch.csv"),
]
CATALOGUE = Catalogue(INFOS)
ALL = frozenset(CATALOGUE.documents)
BEFORE = [Turn("How much cargo did Lorn handle in 2013?", "4.2 million tons.")]


def _read(question: str, filters: Filters = Filters()) -> Query:  # noqa: B008 - it is frozen
    return standalone(question, [], CATALOGUE, filters)


@pytest.mark.parametrize("question", ["", "  \n ", "?!…"])
def test_an_empty_question_is_refused(question: str) -> None:
    with pytest.raises(QuestionError, match="empty"):
        _read(question)


def test_a_question_that_is_too_long_is_refused_with_its_length() -> None:
    with pytest.raises(QuestionError, match="100,000 characters"):
        _read("a" * 100_000)
    assert _read("a" * LONGEST).text


def test_a_first_question_stays_as_it_is() -> None:
    assert _read(" What did it\ncost? ").text == "What did it cost?"


@pytest.mark.parametrize(
    ("follow_up", "meant"),
    [
        ("And in 2018?", "How much cargo did Lorn handle in 2018?"),
        ("why?", "How much cargo did Lorn handle in 2013: why?"),
        ("Who directs the fish market of Bergen?", "Who directs the fish market of Bergen?"),
    ],
)
def test_a_follow_up_is_joined_with_what_it_leans_on(follow_up: str, meant: str) -> None:
    assert standalone(follow_up, BEFORE, CATALOGUE).text == meant


def test_a_follow_up_leans_on_the_standalone_form_of_the_last_question() -> None:
    turns = [*BEFORE, Turn("And in 2018?", "6.8", standalone="How much cargo did Lorn handle in 2018?")]
    assert standalone("and in 2020?", turns, CATALOGUE).text == "How much cargo did Lorn handle in 2020?"


@pytest.mark.parametrize(
    ("question", "preferred", "shown"),
    [
        ("What is the trouble with cranes, according to Falk?", {"falk"}, {"preferred author": "Ines Falk"}),
        ("Falk argues that cranes pay; why?", {"falk"}, {"preferred author": "Ines Falk"}),
        ("What does Ilse Brandt say of ferries?", {"guess"}, {"preferred author": "Ilse Brandt"}),
        ("What does Brandt say?", {"brandt", "guess"}, {"preferred author": "Tomas Brandt or Ilse Brandt"}),
        ("What does Harbour Board plan?", {"annual"}, {"preferred author": "Harbour Board"}),
        ("Who pays the Board?", set(), {}),
        ("Is a falk a bird?", set(), {}),
        ("What did the Coast Review print?", {"brandt"}, {"preferred publisher": "Coast Review, No. 7"}),
        ("What is in the harbour of Lorn?", {"falk"}, {"preferred title": "The harbour of Lorn: a survey"}),
        ("What does “Second thoughts” conclude?", {"brandt"}, {"preferred title": "Second thoughts"}),
        ("How many ships came, in the annual report?", {"annual"}, {"preferred title": "annual report"}),
    ],
)
def test_who_and_what_is_named_is_looked_at_first_and_rules_nothing_out(
    question: str, preferred: set[str], shown: dict[str, str]
) -> None:
    query = _read(question)
    assert (query.among, set(query.preferred), query.filters) == (None, preferred, shown)


@pytest.mark.parametrize(
    ("question", "among", "preferred"),
    [
        # Surely of another year are those that say so themselves: not an inferred date, not one without.
        ("Who is praised in the 2014 articles?", {"falk", "guess", "sheet"}, {"falk"}),
        ("Who is praised in Falk's 2014 report?", {"falk", "guess", "sheet"}, {"falk"}),
        ("What do they say of cranes in the March 2014 paper?", {"falk", "guess", "sheet"}, {"falk"}),
        ("Who is praised in articles published in 2017?", {"mail", "guess", "sheet"}, {"mail"}),
        ("Who is praised in the reports since 2018?", {"brandt", "annual", "guess", "sheet"}, {"brandt", "annual"}),
        ("Who is praised in the reports before 2017?", {"falk", "guess", "sheet"}, {"falk", "guess"}),
        # The year of an annual report is in its name.
        ("What is the loss in the 2018 report?", {"annual", "guess", "sheet"}, {"annual"}),
        ("What does Aldous want in the mail from the harbour?", {"mail"}, set()),
        ("How much herring is in the spreadsheet?", {"sheet"}, set()),
        ("What does it say in lorn-later.txt?", {"brandt"}, set()),
    ],
)
def test_a_time_of_writing_or_type_said_in_so_many_words_rules_others_out(
    question: str, among: set[str], preferred: set[str]
) -> None:
    query = _read(question)
    assert (set(query.among or ALL), set(query.preferred)) == (among, preferred)


@pytest.mark.parametrize(
    ("question", "preferred"),
    [
        ("Who came to the 2014 summit?", set()),
        ("What happened in 2014?", set()),
        ("In 2014 Lorn bought two books for whom?", set()),
        ("How many ships came before 2017?", set()),
        ("How many ships have come since 2018?", {"brandt", "annual"}),
        ("What was known before the 2017 report?", {"falk", "guess"}),
        ("What is in the slides?", set()),
    ],
)
def test_a_year_that_is_no_time_of_writing_rules_nothing_out(question: str, preferred: set[str]) -> None:
    query = _read(question)
    assert (query.among, set(query.preferred)) == (None, preferred)


def test_what_is_named_and_not_there_is_said_and_all_are_looked_at() -> None:
    query = _read("Who is praised in the 2003 articles?")
    assert (query.among, query.preferred) == (None, frozenset())
    assert query.filters == {"date in the question": "2003 (no such document: all are looked at)"}


def test_filters_that_are_given_hold_whatever_the_question_names() -> None:
    query = _read(
        "Who is praised in the 2014 articles, according to Aldous?", Filters(after="2016", type=("txt", "mail"))
    )
    assert (set(query.among or ()), set(query.preferred)) == ({"brandt", "mail"}, {"mail"})
    assert query.filters["after"] == "2016"
    assert query.filters["type"] == "txt or mail"


def test_both_sides_of_a_comparison_are_looked_for_apart() -> None:
    query = _read("How do Ines Falk and Piet Aldous differ on the crane?")
    assert [(part.text, set(part.among or ())) for part in query.parts] == [
        ("How do Ines Falk differ on the crane?", {"falk"}),
        ("How do Piet Aldous differ on the crane?", {"mail"}),
    ]
    assert (query.among, query.preferred) == (None, frozenset())


def test_a_side_that_names_no_document_is_looked_for_outside_of_the_other() -> None:
    first, second = _read("How does the mayor's view of the crane compare with Falk's?").parts
    assert (set(first.among or ()), set(second.among or ())) == (set(ALL) - {"falk"}, {"falk"})


def test_each_of_several_years_or_authors_is_a_side() -> None:
    query = _read("Across the articles from 2014, 2017 and 2019, was the crane praised?")
    assert query.across
    assert [set(part.among or ()) for part in query.parts] == [{"falk"}, {"mail"}, {"brandt", "annual"}]
    assert {part.text for part in query.parts} == {query.text}


def test_what_is_said_of_one_document_does_not_rule_out_where_two_things_are_asked() -> None:
    query = _read("What did the 2014 report promise? And when was it done, in the report of 2019?")
    assert query.among is None
    assert query.parts


def test_a_name_in_a_script_without_capitals_or_with_endings_is_found() -> None:
    infos = [_info("lin", "a.txt", author="林娜"), _info("ber", "b.txt", author="Анна Береговая"), _info("c", "c.txt")]
    catalogue = Catalogue(infos)
    assert standalone("根据林娜的文章，港口是什么？", [], catalogue).preferred == {"lin"}
    assert standalone("Что пишет Анна Береговая о порте?", [], catalogue).preferred == {"ber"}


def test_an_empty_library_takes_any_question() -> None:
    query = standalone("According to Falk in the 2014 report, why?", [], Catalogue([]), Filters(author=("Falk",)))
    assert query.among == frozenset()
