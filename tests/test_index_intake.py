"""Files within files, notes and rows: how what is read becomes documents and passages of a library."""

from __future__ import annotations

import sqlite3
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from index.embed import Embedder
from index.library import Library
from index.types import Metadata, Outcome

FERRY = "The ferry to Lorn sails at nine. It carries forty cars."
MARKET = "The fish market of Lorn closed in 2017. Nobody has bought the hall."


def _archive(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), text)
    return path


def _names(library: Library, folder: Path) -> list[str]:
    return [str(Path(info.source).relative_to(folder.resolve())) for info in library.documents()]


@pytest.fixture
def empty(tmp_path: Path, embedder: Embedder) -> Library:
    return Library(tmp_path / "library", embedder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    return made


def test_each_file_of_an_archive_is_a_document_of_its_own(empty: Library, folder: Path) -> None:
    _archive(folder / "papers.zip", ferry_txt=FERRY, town__market_md=MARKET, notes_xyz="no document", empty_txt="")
    report = empty.add([folder])
    assert {(Path(f.source).name, f.outcome) for f in report.files} == {
        ("ferry.txt", Outcome.ADDED),
        ("market.md", Outcome.ADDED),
        ("notes.xyz", Outcome.SKIPPED),
        ("empty.txt", Outcome.FAILED),
    }
    assert _names(empty, folder) == ["papers.zip/ferry.txt", "papers.zip/town/market.md"]
    assert empty.lexical("fish market", 1)


def test_an_archive_that_is_added_again_is_unchanged_and_an_edited_one_is_brought_into_line(
    empty: Library, folder: Path
) -> None:
    path = _archive(folder / "papers.zip", ferry_txt=FERRY, market_txt=MARKET)
    empty.add([folder])
    assert [f.outcome for f in empty.add([folder]).files] == [Outcome.UNCHANGED, Outcome.UNCHANGED]
    _archive(path, ferry_txt=FERRY + " It is late.", school_txt="The school has ninety pupils.")
    report = empty.add([folder])
    assert {(Path(f.source).name, f.outcome) for f in report.files} == {
        ("ferry.txt", Outcome.UPDATED),
        ("school.txt", Outcome.ADDED),
        ("market.txt", Outcome.REMOVED),
    }
    assert _names(empty, folder) == ["papers.zip/ferry.txt", "papers.zip/school.txt"]
    assert empty.frequencies(["fish"]) == {"fish": 0}
    path.unlink()
    assert empty.sync(folder).count(Outcome.REMOVED) == 2
    assert empty.documents() == []


def test_a_document_that_was_removed_from_an_archive_comes_back_when_the_archive_is_added(
    empty: Library, folder: Path
) -> None:
    path = _archive(folder / "papers.zip", ferry_txt=FERRY, market_txt=MARKET)
    empty.add([path])
    empty.remove("ferry.txt")
    assert _names(empty, folder) == ["papers.zip/market.txt"]
    assert empty.add([path]).count(Outcome.ADDED) == 1


def test_a_mail_and_its_attachments_are_documents(empty: Library, folder: Path) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "The ferry", "Ines Falk <ines@lorn.example>", "all@lorn.example"
    mail.set_content("Dear all, the ferry will be late on Monday.")
    mail.add_attachment(MARKET.encode(), maintype="text", subtype="plain", filename="market.txt")
    (folder / "ferry.eml").write_bytes(bytes(mail))
    assert empty.add([folder]).count(Outcome.ADDED) == 2
    assert _names(empty, folder) == ["ferry.eml", "ferry.eml/market.txt"]
    assert empty.add([folder]).count(Outcome.UNCHANGED) == 2
    empty.remove("ferry.eml")
    assert empty.add([folder]).count(Outcome.ADDED) == 1


def test_a_mail_that_is_there_twice_keeps_its_attachments_when_one_goes(empty: Library, folder: Path) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "The ferry", "Ines Falk <ines@lorn.example>"
    mail.set_content("Dear all, the ferry will be late on Monday.")
    mail.add_attachment(MARKET.encode(), maintype="text", subtype="plain", filename="market.txt")
    for name in ("a.eml", "b.eml"):
        (folder / name).write_bytes(bytes(mail))
    empty.add([folder])
    (folder / "a.eml").unlink()
    empty.sync(folder)
    assert _names(empty, folder) == ["b.eml", "b.eml/market.txt"]


def test_an_archive_that_can_no_longer_be_read_keeps_what_was_read(empty: Library, folder: Path) -> None:
    path = _archive(folder / "papers.zip", ferry_txt=FERRY)
    empty.add([path])
    path.write_bytes(path.read_bytes()[:-40])
    assert empty.add([path]).count(Outcome.FAILED) == 1
    assert _names(empty, folder) == ["papers.zip/ferry.txt"]


def test_the_same_content_within_and_without_is_one_document(empty: Library, folder: Path) -> None:
    (folder / "a.txt").write_text(FERRY)
    _archive(folder / "papers.zip", ferry_txt=FERRY)
    report = empty.add([folder])
    assert [f.outcome for f in report.files] == [Outcome.ADDED, Outcome.UNCHANGED]
    assert len(empty.documents()) == 1
    (folder / "a.txt").unlink()
    empty.sync(folder)
    assert _names(empty, folder) == ["papers.zip/ferry.txt"]


def test_a_note_is_a_passage_under_its_section_and_can_be_found(empty: Library, folder: Path) -> None:
    (folder / "town.md").write_text(
        "# Lorn\n\nThe town has one ferry.\n\n## Trade\n\nThe market closed.[^1] The hall is empty.\n\n"
        "[^1]: In the year 2017, after the herring had moved north.\n\n## Schools\n\nThere is one school.\n"
    )
    empty.add([folder])
    document = empty.document(empty.find("town.md").id)
    (note,) = document.notes
    assert document.text[note.start : note.end] == "In the year 2017, after the herring had moved north."
    assert document.text[: note.mark].endswith("The market closed.")
    passages = {text: passage for _, passage, text in empty.passages(empty.store.passage_ids().tolist()).values()}
    assert passages[document.text[note.start : note.end]].heading.endswith("Trade › note 1")
    assert not any("market closed" in text and "2017" in text for text in passages)
    assert empty.lexical("herring moved north", 1)


def test_a_row_of_a_sheet_is_one_sentence_and_one_passage(empty: Library, folder: Path) -> None:
    (folder / "catch.csv").write_text("Year,Harbour,Herring (t)\n2016,Lorn. North quay,120\n2017,Lorn,0\n")
    empty.add([folder])
    texts = [text for _, _, text in empty.passages(empty.store.passage_ids().tolist()).values()]
    assert sorted(texts) == [
        "Year: 2016; Harbour: Lorn. North quay; Herring (t): 120",
        "Year: 2017; Harbour: Lorn; Herring (t): 0",
    ]
    assert empty.store.counts()["sentences"] == 2


def test_a_new_title_is_found_by_its_words_at_once_and_after_a_rebuild(library: Library, embedder: Embedder) -> None:
    assert library.lexical("zeppelin", 5) == []
    library.set_metadata("bakery.txt", Metadata(title="Zeppelin bread"))
    found = library.lexical("zeppelin", 5)
    assert len(found) == 1
    (library.folder / "words.json").unlink()
    assert Library.existing(library.folder, embedder).lexical("zeppelin", 5) == found


def test_a_library_of_the_first_format_is_brought_up_to_date(library: Library, embedder: Embedder) -> None:
    before = library.lexical("cargo of the harbour", 5)
    passages = library.passages([before[0][0]])
    library.close()
    with sqlite3.connect(library.folder / "library.db") as db:
        db.execute("ALTER TABLE documents DROP COLUMN notes")
        db.execute("ALTER TABLE documents DROP COLUMN layout")
        db.execute("ALTER TABLE sources DROP COLUMN container")
        db.execute("DROP TABLE containers")
        db.execute("DROP TABLE passage_texts")
        db.execute("PRAGMA user_version = 1")
    db.close()
    again = Library.existing(library.folder, embedder)
    assert again.lexical("cargo of the harbour", 5) == before
    assert again.passages([before[0][0]]) == passages
    assert again.document(again.find("bakery.txt").id).notes == ()


def test_what_the_user_writes_beside_the_documents_goes_before_what_they_say(empty: Library, folder: Path) -> None:
    (folder / "ferry.md").write_text("---\nauthor: Ines Falk\n---\n# The ferry\n\n" + FERRY)
    _archive(folder / "papers.zip", market_txt=MARKET)
    sidecar = folder / "metadata.csv"
    sidecar.write_text("file,author,date\nferry.md,Tomas Brandt,2014-03\npapers.zip/market.txt,,2018\n")
    report = empty.add([folder])
    assert [Path(f.source).name for f in report.files] == ["ferry.md", "market.txt"]
    ferry, market = (empty.find(name).metadata for name in ("ferry.md", "market.txt"))
    assert (ferry.author, ferry.date, ferry.date_basis) == ("Tomas Brandt", "2014-03", "user")
    assert (market.date, market.date_basis) == ("2018", "user")
    sidecar.write_text("file,author\nferry.md,Anna Berg\nlost.md,Nobody\n")
    report = empty.add([folder], Metadata(publisher="Lorn Press"))
    assert empty.find("ferry.md").metadata.author == "Anna Berg"
    assert empty.find("market.txt").metadata.publisher == "Lorn Press"
    (problem,) = report.failed
    assert "line 3" in problem.detail and "lost.md" in problem.detail
