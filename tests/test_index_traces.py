"""What is left of a document that was removed, and whether its file is still the one that was read."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from index.errors import NotFoundError
from index.library import Library
from index.originals import original
from index.traces import remove, traces
from index.types import FileReport, Outcome


def test_a_removal_says_what_there_was_and_that_nothing_is_left(library: Library) -> None:
    removal = remove(library, "bakery.txt")
    before, after = removal.before, removal.after
    assert (before.documents, before.paths, before.sentences, before.passages) == (1, 1, 3, 1)
    assert (before.vectors, before.words) == (1, 1)
    assert before.files, "the words that are looked for can be found where they are"
    assert not after and after.files == ()
    assert removal.info.title == "A note on bread" and removal.searched > 10_000
    with pytest.raises(NotFoundError, match="rag list"):
        remove(library, removal.info.id)


def test_words_left_in_a_file_are_a_trace(library: Library) -> None:
    document = library.document(library.find("bakery.txt").id)
    assert not remove(library, document.id).after
    (library.folder / "left.bin").write_bytes(b"\0" * 100 + document.text.encode()[:64] + b"\0")
    assert traces(library, document, []).files == ("left.bin",)


def test_words_of_another_document_are_no_trace(library: Library, documents: Path) -> None:
    text = (documents / "bakery.txt").read_text()
    (documents / "twice.txt").write_text(text + "\nAnd a word more.\n")
    library.add([documents / "twice.txt"])
    removal = remove(library, "bakery.txt")
    assert not removal.after and len(library.documents()) == 3


def test_the_file_of_a_document_is_given_only_while_it_is_the_same(library: Library, documents: Path) -> None:
    file = documents / "bakery.txt"
    identity = library.find("bakery.txt").id
    assert original(library, identity) == file.read_bytes()
    text = file.read_text()
    file.write_text(text + "More.")
    with pytest.raises(NotFoundError, match="was edited"):
        original(library, identity)
    file.unlink()
    with pytest.raises(NotFoundError, match="not there any more"):
        original(library, identity)
    (documents / "copy.txt").write_text(text)
    library.add([documents / "copy.txt"])  # the same content under another path
    assert original(library, identity) == text.encode()
    with pytest.raises(NotFoundError, match="no document"):
        original(library, "../../etc/passwd")


def test_a_file_within_a_file_is_named(library: Library, documents: Path) -> None:
    with zipfile.ZipFile(documents / "papers.zip", "w") as made:
        made.writestr("mill.txt", "The mill of Lorn burnt down in 1801.")
    library.add([documents / "papers.zip"])
    with pytest.raises(NotFoundError, match=r"mill.txt lies within .*papers\.zip"):
        original(library, library.find("mill.txt").id)


def test_each_file_is_told_when_it_is_done_and_adding_can_be_ended_there(library: Library, documents: Path) -> None:
    told: list[str] = []

    def taken(entries: Sequence[FileReport]) -> None:
        told.extend(f"{entry.outcome} {Path(entry.source).name}" for entry in entries)
        if len(told) == 2:
            raise KeyboardInterrupt

    shutil.copytree(documents, documents / "more")
    for number, file in enumerate(sorted((documents / "more").iterdir())):
        file.write_text(f"The pier number {number} is of wood.")
    with pytest.raises(KeyboardInterrupt):
        library.add([documents / "more"], taken=taken)
    assert told == ["added bakery.txt", "added harbour-later.txt"]
    status = library.status()
    assert status["documents"] == 5 and status["vectors"] == status["words"] == status["passages"]
    assert library.add([documents / "more"]).count(Outcome.ADDED) == 1
