"""The panel of a source: its places in turn, the page of a PDF, why a passage was found, what is said side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.embed import Embedder
from index.library import Library
from index.types import Metadata
from rag.assistant import Assistant
from rag.settings import Settings
from rag.types import Answer, Citation, RetrievedPassage, Trace
from tests.pdf_bytes import pdf
from ui.ask.conversation import Exchange
from ui.source import panel as source
from ui.source.side import AROUND, places
from ui.source.why import filtered, passage_of
from ui.words import ENGLISH, Words

QUESTION = "How many tons did the harbour of Lorn handle in each year?"
LINES = ["The sound is wide at this place.", "A new boat was ordered in May 2015. The", "council of Norby paid for it."]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    """Yield a library of four documents, one of them a PDF; tests leave it as it is."""
    root = tmp_path_factory.mktemp("shelf")
    papers = root / "papers"
    papers.mkdir()
    (papers / "early.txt").write_text(
        "The harbour\n\nBy Ines Falk\n\n2 March 2014\n\n"
        "The harbour of Lorn handled 4.2 million tons of cargo in 2013. A terminal was refused.\n"
    )
    (papers / "later.txt").write_text(
        "Lorn revisited\n\nBy Tomas Brandt\n\n14 June 2019\n\nThe harbour of Lorn handled 6.8 million tons in 2018.\n"
    )
    (papers / "undated.txt").write_text(
        "A word on cargo\n\nThe harbour of Lorn handled 5.5 million tons in a good year.\n"
    )
    (papers / "ferry.pdf").write_bytes(pdf([["Nobody asked the captain."], LINES]))
    made = Library(root / "library", embedder)
    assert not made.add([papers]).failed
    yield made
    made.close()


@pytest.fixture(scope="module")
def exchange(shelf: Library) -> Exchange:
    """Return an answer that cites three documents; where each stands in its text is looked up."""
    cited = (
        of(shelf, "later.txt", "The harbour of Lorn handled 6.8 million tons in 2018."),
        of(shelf, "undated.txt", "The harbour of Lorn handled 5.5 million tons in a good year."),
        of(shelf, "early.txt", "The harbour of Lorn handled 4.2 million tons of cargo in 2013."),
    )
    citations = tuple(replace(citation, id=number) for number, citation in enumerate(cited, 1))
    trace = Trace(QUESTION, {}, 0.9, "extractive", {}, {}, ())
    return Exchange(QUESTION, answer=Answer(QUESTION, "answered", "", (), citations, (), (), trace))


def of(shelf: Library, name: str, quote: str) -> Citation:
    info = shelf.find(name)
    start = shelf.document(info.id).text.index(quote)
    m = info.metadata
    return Citation(1, info.id, info.source, info.title, m.author, m.date, None, start, start + len(quote), quote)


def panel(shelf: Library, place: Citation, exchange: Exchange | None = None, /, **data: str) -> str:
    return source.panel(place, shelf, {"turn": "0", "place": "1", **data}, ENGLISH, exchange)


# Previous and next


def test_the_places_of_an_answer_are_gone_through_in_turn(shelf: Library, exchange: Exchange) -> None:
    keys = list(places(exchange))
    assert keys == ["1", "2", "3"]
    steps = []
    for key in keys:
        place = exchange.place(key)
        assert isinstance(place, Citation)
        html = panel(shelf, place, exchange, place=key, view="raw")
        steps.append(re.findall(r'data-place="(\d)" data-view="(\w+)" data-go="(previous|next)"', html))
    assert steps == [
        [("2", "raw", "next")],
        [("1", "raw", "previous"), ("3", "raw", "next")],
        [("2", "raw", "previous")],
    ]


def test_a_view_that_there_is_none_of_is_not_offered(shelf: Library, exchange: Exchange) -> None:
    early, ferry = of(shelf, "early.txt", "The harbour of Lorn"), of(shelf, "ferry.pdf", "A new boat")
    assert 'data-view="page"' not in panel(shelf, early) and 'data-view="page"' in panel(shelf, ferry)
    assert 'data-view="side"' not in panel(shelf, early) and 'data-view="side"' in panel(shelf, early, exchange)
    for view in ("page", "nonsense", "../x"):
        assert "<mark>The harbour of Lorn</mark>" in panel(shelf, early, view=view) or view == "page"


# The page of a PDF


def test_a_quote_is_boxed_on_its_page(shelf: Library) -> None:
    place = of(shelf, "ferry.pdf", "The council of Norby paid for it.")
    html = panel(shelf, place, view="page")
    assert f'src="/pages/library/{place.document}/2.png"' in html
    assert "Page 2 of 2" in html and f"Boxed on it: “{place.quote}”" in html
    boxes = [tuple(map(float, box)) for box in re.findall(r"left:([\d.]+)%;top:([\d.]+)%;width:([\d.]+)%", html)]
    assert len(boxes) == 2, "one for each line"
    # The base lines of the second and third line are 116 and 132 of 800 points from the top; both begin or end at 60.
    (left, top, _), (left_2, top_2, _) = boxes
    assert top < 100 * 116 / 800 < top + 2 and top_2 < 100 * 132 / 800 < top_2 + 2
    assert left > 30 and left_2 == pytest.approx(10, abs=0.5)


@pytest.mark.parametrize(("page", "shown"), [("1", 1), ("2", 2), ("99", 2), ("0", 2), ("x", 2), ("9" * 40, 2)])
def test_pages_are_turned(shelf: Library, page: str, shown: int) -> None:
    html = panel(shelf, of(shelf, "ferry.pdf", "A new boat was ordered in May 2015."), view="page", page=page)
    assert f"Page {shown} of 2" in html and html.count('class="box"') == (shown == 2)
    assert ("To the quote, page 2" in html) == (shown == 1)


def test_a_file_that_has_moved_says_so_and_its_text_stays(shelf: Library) -> None:
    place = of(shelf, "ferry.pdf", "A new boat was ordered in May 2015.")
    file = Path(place.source)
    data = file.read_bytes()
    try:
        file.unlink()
        html = panel(shelf, place, view="page")
        assert "is not there any more" in html and f"<mark>{place.quote}</mark>" in html
        file.write_bytes(pdf([["Another text."]]))
        assert "was edited since it was added" in panel(shelf, place, view="page")
    finally:
        file.write_bytes(data)


# Side by side


def test_documents_stand_side_by_side_by_date(shelf: Library, exchange: Exchange) -> None:
    place = exchange.place("1")
    assert isinstance(place, Citation)
    html = panel(shelf, place, exchange, view="side")
    assert re.findall(r'class="when">([^<]+)<', html) == ["2014-03-02", "2019-06-14", "No date"]
    assert html.count("<mark>") == 3 and "A terminal was refused." in html, "a little around the quote"
    assert AROUND < 1000


def test_a_document_that_is_gone_keeps_its_card(shelf: Library, exchange: Exchange) -> None:
    assert exchange.answer
    first, *others = exchange.answer.citations
    gone = replace(exchange.answer, citations=(replace(first, document="gone"), *others))
    html = panel(shelf, others[0], Exchange(QUESTION, answer=gone), view="side")
    assert f"{first.title} is not in the library any more" in html and html.count("<article") == 3
    edited = replace(exchange.answer, citations=(replace(first, quote="Other words."), *others))
    assert "has changed" in panel(shelf, others[0], Exchange(QUESTION, answer=edited), view="side")


# Why this passage


def hit(number: int, start: int, end: int, **known: object) -> RetrievedPassage:
    text = "x" * (end - start)
    made = RetrievedPassage(number, "d", start, end, text, "", {"dense": number}, 1.0 / number, 1.0 / number)
    return replace(made, **known)  # type: ignore[arg-type]  # the fields of a test are written with care


def test_the_passage_of_a_quote_is_the_one_that_holds_most_of_it() -> None:
    place = Citation(1, "d", "/x", "x", None, None, None, 90, 120, "y" * 30)
    hits = [hit(1, 0, 100), hit(2, 100, 200), replace(hit(3, 90, 120), document="other")]
    assert passage_of(place, hits) == hits[1]
    assert passage_of(place, hits[2:]) is None and passage_of(place, []) is None


def test_each_stage_says_what_it_made_of_the_passage() -> None:
    from ui.source.why import why

    place = Citation(1, "d", "/x", "x", None, None, None, 10, 20, "y" * 10)
    hits = (
        hit(1, 100, 200, evidence=0.2, best=(110, 120)),
        hit(2, 0, 100, evidence=0.97, best=(10, 20), fused=2.0, ranks={"lexical": 4}),
    )
    trace = Trace("What?", {}, 0.9, "extractive", {}, {}, hits, ("the year 2019",))
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", why(place, trace, ENGLISH))
    assert cells == [
        "not among the first",
        "place 4 in the library",
        "2.00 · place 1 of 2",
        "97 % · place 1 of 2",
        "the cited one",
        "place 2 of 2",
    ]
    told = why(place, trace, ENGLISH)
    assert "Searched for: “What?”" in told and "holds: the year 2019" in told and "All documents were looked at" in told
    assert "not among those" in why(place, replace(trace, retrieved=()), ENGLISH)
    assert "97 %" in why(place, trace, Words("ru")) and "процитированное" in why(place, trace, Words("ru"))


def test_it_is_told_what_the_filters_did() -> None:
    given = {"author": "Falk", "after in the question": "2015", "preferred source": "Skarv", "parts": "a; b"}
    assert filtered(given, ENGLISH) == [
        "Filters: author Falk, after in the question 2015. Only documents that match were looked at.",
        "Named in the question: source Skarv. These documents were put first.",
        "Asked in parts: a; b",
    ]


# What is known of a document


@pytest.mark.parametrize(
    ("basis", "said"),
    [
        ("stated", "stated in the document"),
        ("file", "a property of the file"),
        ("inferred", "inferred from the text"),
        ("user", "set by a user"),
    ],
)
def test_a_date_says_where_it_comes_from(shelf: Library, basis: str, said: str) -> None:
    made = shelf.document(shelf.find("later.txt").id)
    dated = replace(made, metadata=Metadata("T", date="2019", date_basis=basis))  # type: ignore[arg-type]
    assert f"2019 ({said})" in source.document_panel(dated, shelf, {})


def test_a_refusal_has_its_places_in_turn_too(shelf: Library, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, evidence_model="off")
    answer: Answer = Assistant(shelf, settings).ask("What is the boiling point of tungsten?")
    refused = Exchange("?", answer=answer)
    assert list(places(refused))[:2] == ["a", "b"]
    place = refused.place("a")
    assert place is not None
    html = source.panel(place, shelf, {"turn": "0", "place": "a"}, ENGLISH, refused)
    assert "[a] · 1 of" in html and "Why this passage" in html
