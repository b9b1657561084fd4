"""What a user has set of a document by hand stays when the document is replaced; what is given newly wins."""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path

import pytest

from index import intake
from index.embed import Embedder
from index.library import Library
from index.read import READER
from index.types import Metadata, Outcome

FERRY = "---\ntitle: The ferry\nauthor: Ines Falk\ndate: 2014-03-02\n---\nThe ferry to Lorn sails at nine.\n"
SET = Metadata("Our ferry", "Mo Baker", "Lorn Press", "2020-05", "user", "de")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "ferry.md").write_text(FERRY)
    return folder / "ferry.md"


@pytest.fixture
def ferry(tmp_path: Path, file: Path, embedder: Embedder) -> Library:
    """Return a library of one document, of which everything was set by hand."""
    made = Library(tmp_path / "library", embedder)
    made.add([file])
    made.set_metadata("ferry.md", SET)
    return made


def replaced(library: Library, file: Path, given: Metadata | None = None, more: str = "It is late.") -> Metadata:
    """Edit the file, add it again, and return what is then known of it."""
    file.write_text(FERRY + more)
    assert library.add([file], given).count(Outcome.UPDATED) == 1
    return library.find(file.name).metadata


def test_a_replaced_document_keeps_what_was_set_by_hand(ferry: Library, file: Path) -> None:
    before = ferry.find("ferry.md").id
    assert replaced(ferry, file) == SET
    assert ferry.find("ferry.md").id != before
    assert replaced(ferry, file, more="It never came.") == SET, "and again"
    assert ferry.lexical("our ferry", 1), "it is found by the words of its title"


def test_what_was_found_in_the_file_follows_the_file(ferry: Library, file: Path, embedder: Embedder) -> None:
    other = Library(ferry.folder.with_name("other"), embedder)
    other.add([file])
    other.set_metadata("ferry.md", Metadata(publisher="Lorn Press"))
    file.write_text(FERRY.replace("Ines Falk", "Anna Berg"))
    other.add([file])
    known = other.find("ferry.md").metadata
    assert (known.author, known.publisher, known.date_basis) == ("Anna Berg", "Lorn Press", "stated")


def test_what_was_taken_away_by_hand_stays_away(ferry: Library, file: Path) -> None:
    ferry.set_metadata("ferry.md", Metadata(author="", date=""))
    known = replaced(ferry, file)
    assert (known.author, known.date, known.date_basis) == (None, None, None)
    assert (known.title, known.publisher) == (SET.title, SET.publisher)


def test_what_is_given_newly_wins_and_the_old_does_not_come_back(ferry: Library, file: Path) -> None:
    known = replaced(ferry, file, Metadata(author="Tomas Brandt", date="2021"))
    assert (known.author, known.date, known.title) == ("Tomas Brandt", "2021", SET.title)
    known = replaced(ferry, file, more="It never came.")
    assert (known.author, known.date, known.date_basis) == ("Ines Falk", "2014-03-02", "stated")
    assert (known.title, known.publisher) == (SET.title, SET.publisher)


def test_what_is_given_of_an_unchanged_file_wins_too(ferry: Library, file: Path) -> None:
    assert ferry.add([file], Metadata(author="Tomas Brandt")).count(Outcome.UNCHANGED) == 1
    assert ferry.find("ferry.md").metadata.author == "Tomas Brandt"
    known = replaced(ferry, file)
    assert (known.author, known.title) == ("Ines Falk", SET.title)


def test_a_file_of_metadata_goes_before_what_was_set(ferry: Library, file: Path) -> None:
    (file.parent / "metadata.csv").write_text("file,author\nferry.md,Anna Berg\n")
    known = replaced(ferry, file)
    assert (known.author, known.title) == ("Anna Berg", SET.title)


def test_a_file_within_a_file_keeps_it(ferry: Library, file: Path) -> None:
    archive = file.with_name("papers.zip")
    for text in ("The market of Lorn closed.", "The market of Lorn closed in 2017."):
        with zipfile.ZipFile(archive, "w") as made:
            made.writestr("market.txt", text)
        ferry.add([archive])
        if "2017" not in text:
            ferry.set_metadata("market.txt", Metadata(author="Mo Baker"))
    assert ferry.find("market.txt").metadata.author == "Mo Baker"


def test_a_document_that_a_newer_reader_reads_again_keeps_it(
    ferry: Library, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "READER", READER + 1)
    assert ferry.add([file]).count(Outcome.UPDATED) == 1
    assert ferry.find("ferry.md").metadata == SET


def test_the_copy_that_stays_keeps_it_too(ferry: Library, file: Path) -> None:
    copy = file.with_name("copy.md")
    copy.write_text(FERRY)
    ferry.add([copy])
    assert replaced(ferry, file) == SET == ferry.find("copy.md").metadata


def test_a_removed_document_takes_it_along(ferry: Library, file: Path) -> None:
    ferry.remove("ferry.md")
    assert not [f for f in ferry.folder.rglob("*") if f.is_file() and b"Mo Baker" in f.read_bytes()]
    ferry.add([file])
    assert ferry.find("ferry.md").metadata.author == "Ines Falk"


def test_a_library_of_an_older_rag_learns_to_keep_it(ferry: Library, file: Path, embedder: Embedder) -> None:
    ferry.close()
    with sqlite3.connect(ferry.store.path) as db:
        db.execute("DROP TABLE by_hand")
    db.close()
    again = Library.existing(ferry.folder, embedder)
    assert replaced(again, file).author == "Ines Falk", "nobody knows what was set before"
    again.set_metadata("ferry.md", Metadata(author="Mo Baker"))
    assert replaced(again, file, more="It never came.").author == "Mo Baker"
