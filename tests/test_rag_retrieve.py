from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embed import Embedder
from index.library import Library
from index.types import Passage
from rag.breadth import across, parts, wide
from rag.catalogue import catalogue_of
from rag.diversity import diverse
from rag.duplicates import groups, says
from rag.question import standalone
from rag.retrieve import Candidate, retrieve
from rag.types import Query, RetrievedPassage

SAID = "The harbour of Lorn handled 4.2 million tons of cargo in 2013, and its director praised the co-operation."


# Passages that say the same


@pytest.mark.parametrize(
    "other",
    [
        SAID,
        SAID.upper(),
        SAID.replace("co-operation", "cooperation"),
        SAID.replace("The harbour", "Harbour"),
        SAID.replace("director", "dirrector") + " Nobody else at the harbour had anything to say to us on that day.",
        "A correspondent writes: " + SAID + " So much for last year.",
    ],
)
def test_a_passage_that_another_holds_takes_no_place(other: str) -> None:
    assert groups([other, SAID]) == [[0, 1]]


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("4.2", "5.2"),
        ("4.2", "42"),
        ("2013", "2014"),
        ("Lorn", "Lord"),
        ("director", "Director Aldous"),
        ("handled", "never handled"),
        ("handled", "hardly handled"),
        ("praised", "blamed"),
        ("million", "billion"),
    ],
)
def test_passages_that_differ_in_what_counts_are_two(word: str, other: str) -> None:
    more = " It was said by all who were there on that day that the crane had come at the right time for the town."
    assert groups([SAID + more, (SAID + more).replace(word, other)]) == [[0], [1]]


def test_a_fuller_passage_keeps_its_place_behind_what_it_holds() -> None:
    assert groups([SAID, SAID + " The council rejected a second terminal."]) == [[0], [1]]


def test_rows_and_headings_are_never_folded() -> None:
    assert groups(["Herring, total 12", "Herring, total 12", "Tons of herring landed: 12"] * 2) == [
        [n] for n in range(6)
    ]


@given(st.lists(st.text("ab 1.", max_size=80), max_size=8))
def test_each_text_is_in_one_group_and_its_leader_says_it(texts: list[str]) -> None:
    found = groups(texts)
    assert sorted(n for group in found for n in group) == list(range(len(texts)))
    assert [group[0] for group in found] == sorted(group[0] for group in found)
    assert all(says(texts[group[0]], texts[n]) for group in found for n in group)


@pytest.fixture
def posted_again(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    """Return a library in which an article stands three times, once with another figure."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "first.txt").write_text(f"{SAID}\n", encoding="utf-8")
    (folder / "again.txt").write_text(f"{SAID}\n\n\n", encoding="utf-8")
    (folder / "corrected.txt").write_text(SAID.replace("4.2", "4.4"), encoding="utf-8")
    (folder / "bread.txt").write_text("Sourdough needs flour and patience, and a cargo of it.", encoding="utf-8")
    made = Library(tmp_path / "library", embedder)
    assert not made.add([folder]).failed
    yield made
    made.close()


def _retrieved(library: Library, question: str) -> list[Candidate]:
    query = standalone(question, [], catalogue_of(library))
    return retrieve(query, library.embedder.encode_query(query.text), library, 60)


def test_an_article_that_was_posted_again_takes_one_place_and_is_remembered(posted_again: Library) -> None:
    found = _retrieved(posted_again, "How much cargo did Lorn handle in 2013?")
    assert len(found) == 3
    (twice,) = [c for c in found if c.same]
    assert twice.hit.text == SAID
    assert {Path(posted_again.infos()[c.hit.document].source).name for c in (twice, *twice.same)} == {
        "first.txt",
        "again.txt",
    }


# Questions that need several passages


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Compare the crane of Lorn with that of Sill.", ("Compare the crane of Lorn.", "Compare the crane of Sill.")),
        (
            "How did the cost of the quay differ from the mole planned in 1990?",
            ("How did the cost of the quay?", "How did the cost of the mole planned in 1990?"),
        ),
        (
            "How many wells were sunk in the north, compared with those sunk in the south?",
            ("How many wells were sunk in the north?", "How many wells sunk in the south"),
        ),
        (
            "How did the price of fish in 2015 compare with that in 2019?",
            ("How did the price of fish in 2015?", "How did the price of fish in 2019?"),
        ),
        ("How does the old crane compare to the new one?", ("How does the old crane?", "How does the new one?")),
        (
            "What is the difference between cod and herring?",
            ("What is the difference between cod?", "What is the difference between herring?"),
        ),
        ("Do Falk and Brandt agree on the crane?", ("Do Falk agree on the crane?", "Do Brandt agree on the crane?")),
        (
            "How many ships came in 2013, compared with the trawlers of 2018?",
            ("How many ships came in 2013?", "the trawlers of 2018?"),
        ),
        (
            "When was the crane of Lorn bought, and who directs the fish market?",
            ("When was the crane of Lorn bought", "who directs the fish market"),
        ),
        ("When was the crane bought, and who paid for it?", ()),
        ("Who came to Lorn and Bergen in 2013?", ()),
        ("What did the harbour handle?", ()),
        ("Wie unterscheiden sich Falk und Brandt?", ()),
    ],
)  # fmt: skip
def test_the_parts_of_a_question(question: str, expected: tuple[str, ...]) -> None:
    assert parts(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How do the authors differ on the crane?", True),
        ("Across the texts, what is said of herring?", True),
        ("What do both reports say of the crane?", True),
        ("What does every document say of cod?", True),
        ("What does the report say of the crane?", False),
        ("How many ships sailed across the bay?", False),
        ("What do the two reports say of the crane?", True),
        ("Which two texts did the mayor sign?", False),
    ],
)
def test_a_question_across_documents_is_known(question: str, expected: bool) -> None:
    assert across(question) is expected


def _candidate(number: int, document: str, score: float, parts: tuple[float, ...] = ()) -> Candidate:
    hit = RetrievedPassage(number, document, 0, 1, "x", "", {}, score)
    return Candidate(hit, Passage(0, 1, 0, 0), document, None, None, parts=parts)


def _order(passages: list[Candidate], query: Query) -> list[int]:
    return [c.hit.id for c in diverse(passages, query)]


def test_an_ordinary_question_keeps_its_order() -> None:
    passages = [_candidate(n, "a", 1 - n / 10) for n in range(5)]
    assert diverse(passages, Query("Who?")) == passages


def test_across_documents_the_place_is_the_rank_times_the_rank_within_the_document() -> None:
    passages = [_candidate(n, d, 1 - n / 10) for n, d in enumerate("aaabac", start=1)]
    # a 1x1, a 2x2, a 3x3, b 4x1, a 5x4, c 6x1
    assert _order(passages, Query("?", across=True)) == [1, 2, 4, 6, 3, 5]


def test_the_whole_and_each_part_have_their_turns() -> None:
    lost = float("-inf")
    passages = [
        _candidate(1, "a", 0.9, (0.1, lost)),
        _candidate(2, "a", 0.8, (0.9, lost)),
        _candidate(3, "a", 0.7, (0.8, lost)),
        _candidate(4, "b", 0.2, (lost, 0.5)),
        _candidate(5, "b", 0.1, (lost, 0.3)),
    ]
    # two for the whole (1, 2), the first of each part (2 with 1.7, 4 with .7), two more (3, 4), the second of each (5)
    assert _order(passages, Query("?", parts=(Query("x"), Query("y")))) == [1, 2, 4, 3, 5]
    assert _order(passages[::-1], Query("?", parts=(Query("x"),))) == [5, 4, 2, 3, 1]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 1), st.floats(0, 1)), max_size=12), st.booleans())
def test_no_passage_is_lost_and_the_best_stays_first(rows: list[tuple[str, float, float]], wide: bool) -> None:
    rows.sort(key=lambda row: -row[1])
    passages = [_candidate(n, d, score, (part,)) for n, (d, score, part) in enumerate(rows)]
    found = _order(passages, Query("?", parts=() if wide else (Query("x"),), across=wide))
    assert sorted(found) == list(range(len(rows)))
    assert found[:1] == list(range(len(rows)))[:1]


def test_each_side_of_a_comparison_finds_its_passages(library: Library) -> None:
    found = _retrieved(library, "How do Ines Falk and Tomas Brandt differ on the trawlers?")
    assert {c.author for c in found[:2]} == {"Ines Falk", "Tomas Brandt"}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many tons did the harbour handle in 2013 and in 2018?", True),
        ("How did the catch change from 2010 to 2014?", True),
        ("Was the goal met, and if not, when was it reached?", True),
        ("How does the ferry compare with the train?", True),
        ("How many tons did the harbour handle in 2013?", False),
        ("Who built the bread oven and the mill?", False),
    ],
)
def test_a_question_is_wide_where_no_sentence_need_hold_it_all(question: str, expected: bool) -> None:
    assert wide(question) is expected
