from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from index.embed import Embedder
from index.errors import EmbedderError, NotFoundError, StoreError
from index.library import Library
from index.types import Metadata, Outcome
from index.workers import Limits


def _answers(library: Library) -> list[object]:
    vector = library.embedder.encode_query("How much cargo did the harbour handle?")
    return [library.dense(vector, 5), library.lexical("cargo of the harbour", 5)]


def test_documents_are_found_by_meaning_and_by_words(library: Library) -> None:
    dense, lexical = _answers(library)
    for found in (dense, lexical):
        _, _, text = library.passages([found[0][0]])[found[0][0]]  # type: ignore[index]
        assert "million tons" in text
    assert library.store.counts()["documents"] == 3


def test_metadata_are_read_from_the_documents(library: Library) -> None:
    by_name = {Path(i.source).name: i.metadata for i in library.documents()}
    assert by_name["harbour.md"] == Metadata("The harbour report", "Ines Falk", None, "2014-03-02", "stated", "en")
    assert (by_name["harbour-later.txt"].author, by_name["harbour-later.txt"].date) == (
        "Tomas Brandt",
        "2019-06-14",
    )


def test_every_sentence_stands_in_the_text_and_in_the_raw_text(library: Library) -> None:
    for info in library.documents():
        document = library.document(info.id)
        sentences, vectors = library.sentences(info.id, 0, 1000)
        assert len(sentences) == len(vectors) == info.sentences
        for s in sentences:
            start, end = document.alignment.to_raw(s.start, s.end)
            assert document.raw[start:end].split() == document.text[s.start : s.end].split()


def test_adding_twice_changes_nothing(library: Library, documents: Path) -> None:
    generation, before = library.store.generation, _answers(library)
    report = library.add([documents])
    assert report.count(Outcome.UNCHANGED) == 3
    assert (library.store.generation, _answers(library)) == (generation, before)


def test_the_same_content_at_two_paths_is_one_document(library: Library, documents: Path) -> None:
    shutil.copy(documents / "bakery.txt", documents / "copy.txt")
    report = library.add([documents / "copy.txt"])
    assert report.files[0].outcome is Outcome.UNCHANGED
    assert "same content" in report.files[0].detail
    (documents / "copy.txt").unlink()
    library.sync(documents)
    assert library.find("bakery.txt").passages == 1


def test_editing_replaces(library: Library, documents: Path) -> None:
    (documents / "bakery.txt").write_text("The bakery on Mill Lane sells 450 loaves a day.", encoding="utf-8")
    assert library.add([documents]).count(Outcome.UPDATED) == 1
    assert library.store.counts()["documents"] == 3
    texts = [text for _, _, text in library.passages(library.store.passage_ids().tolist()).values()]
    assert any("450 loaves" in t for t in texts)
    assert not any("300 loaves" in t for t in texts)


def test_sync_removes_what_is_gone_and_keeps_what_moved(library: Library, documents: Path) -> None:
    (documents / "bakery.txt").unlink()
    (documents / "harbour.md").rename(documents / "moved.md")
    report = library.sync(documents)
    assert report.count(Outcome.REMOVED) == 2
    assert {Path(i.source).name for i in library.documents()} == {"moved.md", "harbour-later.txt"}
    assert library.find("moved.md").metadata.author == "Ines Falk"


@pytest.mark.parametrize("word", ["Sourdough", "Mill Lane", "300 loaves"])
def test_after_remove_no_file_holds_a_byte_of_the_document(library: Library, word: str) -> None:
    def holding() -> list[str]:
        files = [f for f in library.folder.rglob("*") if f.is_file()]
        return [f.name for f in files if word.encode() in f.read_bytes()]

    assert holding()
    removed = library.remove("bakery.txt")
    assert removed.title == "A note on bread"
    assert holding() == []
    assert library.frequencies(["sourdough", "harbour"]) == {"sourdough": 0, "harbour": 2}
    status = library.status()
    assert (status["documents"], status["vectors"], status["words"]) == (
        2,
        status["passages"],
        status["passages"],
    )


def test_a_library_rebuilt_from_the_database_alone_answers_identically(
    library: Library, tmp_path: Path, embedder: Embedder
) -> None:
    before = _answers(library)
    library.store.wipe()
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(library.folder / "library.db", copy)
    assert _answers(Library.existing(copy, embedder)) == before


@pytest.mark.parametrize("damaged", ["vectors.npy", "vectors.json", "words.json"])
def test_a_damaged_index_is_built_anew(library: Library, embedder: Embedder, damaged: str) -> None:
    before = _answers(library)
    (library.folder / damaged).write_bytes(b"junk")
    assert _answers(Library.existing(library.folder, embedder)) == before


def test_a_crash_in_the_middle_of_a_document_leaves_nothing_of_it(
    library: Library, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = library.store.generation
    (documents / "new.txt").write_text("Something new was written here today.", encoding="utf-8")

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(library.store, "link", broken)
    with pytest.raises(KeyboardInterrupt):
        library.add([documents])
    assert library.store.generation == generation
    assert library.store.counts()["documents"] == 3


def test_one_bad_file_costs_only_itself(library: Library, documents: Path) -> None:
    (documents / "junk.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20)
    (documents / "empty.txt").write_text("")
    (documents / "picture.xyz").write_bytes(b"123")
    (documents / "good.txt").write_text("The lighthouse keeper retired in 1988.", encoding="utf-8")
    report = library.add([documents])
    assert {Path(f.source).name for f in report.failed} == {"junk.pdf", "empty.txt"}
    assert report.count(Outcome.SKIPPED) == 1
    assert report.count(Outcome.ADDED) == 1
    assert all(Path(f.source).name in f.detail for f in report.failed)


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path, embedder: Embedder) -> None:
    big = tmp_path / "big.txt"
    big.write_bytes(b"A word. " * 200_000)
    report = Library(tmp_path / "l", embedder, limits=Limits(max_bytes=1 << 20)).add([big])
    assert "1.5 MiB is over the limit of 1.0 MiB" in report.failed[0].detail


def test_a_missing_path_is_reported(library: Library) -> None:
    report = library.add([Path("/no/such/file.txt")])
    assert "no such file" in report.failed[0].detail


def test_a_library_that_is_not_there_says_how_to_make_one(tmp_path: Path, embedder: Embedder) -> None:
    with pytest.raises(StoreError, match="rag add PATH"):
        Library.existing(tmp_path / "nothing", embedder)


def test_a_library_of_a_newer_version_is_left_alone(library: Library, embedder: Embedder) -> None:
    library.close()
    with sqlite3.connect(library.folder / "library.db") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreError, match=r"format 99.*update rag"):
        Library.existing(library.folder, embedder)


def test_another_embedder_is_refused(library: Library, documents: Path) -> None:
    class Other:
        name = "other"

    with pytest.raises(EmbedderError, match="built with the embedder 'all-MiniLM-L6-v2'"):
        Library.existing(library.folder, Other()).add([documents])  # type: ignore[arg-type]


def test_metadata_can_be_set_without_reading_again(library: Library) -> None:
    library.set_metadata("bakery.txt", Metadata(author="Someone", date="2001", date_basis="user"))
    assert library.find("bakery.txt").metadata == Metadata("A note on bread", "Someone", None, "2001", "user")


def test_references_that_mean_several_or_none_are_refused(library: Library) -> None:
    with pytest.raises(NotFoundError, match="several documents"):
        library.find("harbour")
    with pytest.raises(NotFoundError, match="rag list"):
        library.find("nonsense")
