from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.embed import Embedder
from index.library import Library
from index.types import DocumentInfo, Metadata
from rag.catalogue import Catalogue, catalogue_of, people
from rag.errors import QuestionError
from rag.filters import Filters, dated, matching
from rag.question import standalone
from rag.retrieve import Candidate, retrieve

FILES = {
    "reports/2014/lorn.md": "---\ntitle: The harbour of Lorn\nauthor: Ines Falk\ndate: 2014-03-02\n---\n"
    "The harbour of Lorn handled 4.2 million tons of cargo in 2013, and its crane has paid for itself.\n",
    "reports/2019/lorn.txt": "Lorn revisited\n\nBy Tomas Brandt\n\n14 June 2019\n\n"
    "The harbour of Lorn handled 6.8 million tons of cargo in 2018. Four trawlers were left by then.\n",
    "notes/bread.txt": "Sourdough needs two things: flour and patience. The bakery sells 300 loaves a day.\n",
    "mail/crane.eml": "From: Piet Aldous <piet@lorn.example>\nTo: office@lorn.example\nSubject: The new crane\n"
    "Date: Fri, 05 May 2017 10:00:00 +0000\nContent-Type: text/plain\n\n"
    "The new crane of Lorn can lift ninety tons of cargo at once, so please order a longer cable.\n",
    "data/catch.csv": "year,tons of herring\n2016,410\n2017,290\n",
}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    """Return a library of five small documents of five types."""
    folder = tmp_path_factory.mktemp("shelf")
    for name, text in FILES.items():
        path = folder / "documents" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    made = Library(folder / "library", embedder)
    assert not made.add([folder / "documents"]).failed
    made.set_metadata("bread.txt", Metadata(publisher="The Coast Gazette"))
    yield made
    made.close()


def _names(library: Library, ids: frozenset[str]) -> set[str]:
    return {"/".join(Path(library.infos()[i].source).parts[-2:]) for i in ids}


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (Filters(source=("lorn.md",)), {"2014/lorn.md"}),
        (Filters(source=("lorn",)), {"2014/lorn.md", "2019/lorn.txt"}),
        (Filters(source=("reports",)), {"2014/lorn.md", "2019/lorn.txt"}),
        (Filters(source=("reports/",)), {"2014/lorn.md", "2019/lorn.txt"}),
        (Filters(source=("reports/*",)), {"2014/lorn.md", "2019/lorn.txt"}),
        (Filters(source=("*.txt",)), {"2019/lorn.txt", "notes/bread.txt"}),
        (Filters(source=("./reports/2014",)), {"2014/lorn.md"}),
        (Filters(source=("REPORTS\\2019",)), {"2019/lorn.txt"}),
        (Filters(source=("Coast Gazette",)), {"notes/bread.txt"}),
        (Filters(source=("2014", "mail")), {"2014/lorn.md", "mail/crane.eml"}),
        (Filters(author=("Falk",)), {"2014/lorn.md"}),
        (Filters(author=("ines falk",)), {"2014/lorn.md"}),
        (Filters(author=("I. Falk", "Brandt")), {"2014/lorn.md", "2019/lorn.txt"}),
        (Filters(after="2017"), {"mail/crane.eml", "2019/lorn.txt"}),
        (Filters(after="2017-05-05", before="2019-06-14"), {"mail/crane.eml"}),
        (Filters(before="2017"), {"2014/lorn.md"}),
        (Filters(type=("mail",)), {"mail/crane.eml"}),
        (Filters(type=(".TXT", "sheet")), {"2019/lorn.txt", "notes/bread.txt", "data/catch.csv"}),
        (Filters(source=("reports",), author=("Brandt",), after="2015"), {"2019/lorn.txt"}),
    ],
)
def test_filters_let_through_what_matches_all_of_them(shelf: Library, filters: Filters, names: set[str]) -> None:
    assert _names(shelf, matching(filters, catalogue_of(shelf))) == names


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        (Filters(author=("Flak",)), ["author Flak", "the authors are Ines Falk,"]),
        (Filters(type=("docx",)), ["type docx", "the types are txt,", "eml", "csv"]),
        (Filters(after="2020"), ["after 2020", "the dates go from 2014-03-02 to 2019-06-14, 2 have none"]),
        (Filters(source=("lorm.md",)), ["source lorm.md", "the files are lorn.md", "Coast Gazette"]),
        (Filters(author=("Falk",), after="2015"), ["author Falk, after 2015", "1 by author, 2 by date, none by all"]),
    ],
)
def test_the_filter_that_excludes_everything_is_named_with_what_there_is(
    shelf: Library, filters: Filters, told: list[str]
) -> None:
    with pytest.raises(QuestionError) as raised:
        matching(filters, catalogue_of(shelf))
    assert [part for part in told if part not in str(raised.value)] == []


@pytest.mark.parametrize(
    ("after", "before", "why"),
    [
        ("spring", None, "'spring' is no date"),
        (None, "2014-13", "'2014-13' is no date"),
        ("2016", "2015-12", "nothing"),
    ],
)
def test_dates_that_cannot_be_used_are_refused(after: str | None, before: str | None, why: str) -> None:
    with pytest.raises(QuestionError, match=why):
        Filters(after=after, before=before)


@pytest.mark.parametrize(
    ("date", "after", "before", "expected"),
    [
        ("2015", "2015", "2016", True),
        ("2015", "2015-06", None, True),  # some day of 2015 is in June or later
        ("2015", None, "2015", False),
        ("2015", None, "2015-02", True),
        ("2015-12-31", "2016", None, False),
        ("2016-01-01", "2016", None, True),
        ("2016-05-31", None, "2016-06", True),
        ("2016-06-01", None, "2016-06", False),
        (None, None, "2016", False),
    ],
)
def test_a_date_is_as_exact_as_it_is_known(
    date: str | None, after: str | None, before: str | None, expected: bool
) -> None:
    assert dated(date, after, before) is expected


def test_only_passages_of_documents_that_are_let_through_are_found(shelf: Library) -> None:
    def found(filters: Filters) -> set[str]:
        query = standalone("How much cargo does Lorn handle?", [], catalogue_of(shelf), filters)
        hits = retrieve(query, shelf.embedder.encode_query(query.text), shelf, 60)
        return _names(shelf, frozenset(c.hit.document for c in hits))

    assert found(Filters()) == {"2014/lorn.md", "2019/lorn.txt", "notes/bread.txt", "mail/crane.eml", "data/catch.csv"}
    assert found(Filters(type=("mail",))) == {"mail/crane.eml"}
    assert found(Filters(before="2018", source=("reports", "notes"))) == {"2014/lorn.md"}


def test_a_document_that_is_named_goes_before_a_better_match(shelf: Library) -> None:
    def first(question: str) -> Candidate:
        query = standalone(question, [], catalogue_of(shelf))
        return retrieve(query, shelf.embedder.encode_query(query.text), shelf, 60)[0]

    assert first("How many million tons of cargo did Lorn handle, according to Brandt?").author == "Tomas Brandt"
    assert first("How many million tons of cargo did Lorn handle, according to Falk?").author == "Ines Falk"


def test_a_file_that_is_there_twice_is_found_by_either_path(tmp_path: Path, embedder: Embedder) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").write_text("The same words in both files.", encoding="utf-8")
    with_both = Library(tmp_path / "library", embedder)
    with_both.add([tmp_path / "old"])
    assert len(matching(Filters(source=("old",)), catalogue_of(with_both))) == 1
    with_both.add([tmp_path / "new"])
    assert matching(Filters(source=("new",)), catalogue_of(with_both)) == set(with_both.infos())
    with_both.close()


def test_an_attachment_belongs_to_its_mail() -> None:
    inside = DocumentInfo("a", "/m/letter.eml/plan.pdf", "pdf", Metadata(), 1, 1, 1, 0, "")
    other = DocumentInfo("b", "/m/plan.pdf", "pdf", Metadata(), 1, 1, 1, 0, "")
    catalogue = Catalogue([inside, other])
    assert matching(Filters(type=("mail",)), catalogue) == {"a"}
    assert matching(Filters(type=("pdf",)), catalogue) == {"a", "b"}


@pytest.mark.parametrize(
    ("line", "surnames"),
    [
        ("Ines Falk", ["falk"]),
        ("Ines Falk and Tomas Brandt", ["falk", "brandt"]),
        ("Ines Falk, Tomas Brandt, PhD", ["falk", "brandt"]),
        ("Falk, Ines", ["falk"]),
        ("José Núñez Jr.; World Bank", ["nunez", "world bank"]),
        ("", []),
    ],
)
def test_authors_are_called_by_their_surnames(line: str, surnames: list[str]) -> None:
    assert [surname for _, surname in people(line)] == surnames


def test_the_catalogue_is_made_anew_when_the_library_changes(library: Library) -> None:
    before = catalogue_of(library)
    assert catalogue_of(library) is before
    library.set_metadata("bakery.txt", Metadata(author="Mo Baker"))
    assert "baker" in catalogue_of(library).people
    assert "baker" not in before.people
