"""Collections: which there are, and that a removed one leaves no byte, or is refused and left whole."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from filelock import FileLock

from index import collections as module
from index.collections import BusyError, check_idle, collections, describe, names, remove, writing
from index.embed import Embedder
from index.errors import NotFoundError, StoreError
from index.library import Library
from index.types import FileReport, Metadata

WORDS = b"Sourdough needs two things"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, filled_home: Path) -> Path:
    """Return a folder of two collections, one with an uploaded file: to be copied, not changed."""
    root = tmp_path_factory.mktemp("made") / "collections"
    for name in ("default", "ships"):
        shutil.copytree(filled_home / "collections" / "default", root / name)
    (root / "ships" / "uploads").mkdir()
    (root / "ships" / "uploads" / "list.txt").write_text("The ferry Sule.")
    return root


@pytest.fixture
def root(tmp_path: Path, made: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "collections"))


@pytest.fixture
def ships(root: Path, embedder: Embedder) -> Iterator[Library]:
    library = Library.existing(root / "ships", embedder)
    yield library
    library.close()


def content(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder that are no locks, and what is in them."""
    files = (file for file in folder.rglob("*") if file.is_file() and not file.name.endswith((".lock", "-shm", "-wal")))
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


# Which there are


def test_collections_are_listed_with_their_documents_and_bytes(root: Path) -> None:
    (root / "notes").mkdir()
    (root / "loose.txt").write_text("no collection")
    assert names(root) == ["default", "ships"] and names(root / "nothing") == []
    default, ships = collections(root)
    assert (default.name, default.documents, default.problem) == ("default", 3, "")
    assert default.bytes == sum(f.stat().st_size for f in (root / "default").rglob("*") if f.is_file())
    assert ships.bytes == default.bytes + len("The ferry Sule.")


def test_a_damaged_collection_is_listed_with_what_is_wrong(root: Path) -> None:
    (root / "ships" / "library.db").write_bytes(b"SQLite format 3\x00" + b"x" * 500)
    default, ships = collections(root)
    assert default.documents == 3 and ships.documents is None and "cannot be opened" in ships.problem
    assert remove(root / "ships").left == () and names(root) == ["default"], "it can be removed all the same"


# Removal


def test_a_removed_collection_leaves_no_byte(root: Path) -> None:
    beside = ("-wal", "-shm")  # what SQLite keeps beside a database while it is open
    files = len([f for f in (root / "ships").rglob("*") if f.is_file() and not f.name.endswith(beside)])
    removal = remove(root / "ships")
    assert (removal.info.name, removal.info.documents, removal.left) == ("ships", 3, ())
    assert removal.info.bytes > 10_000 and removal.files >= files
    assert [path.name for path in root.iterdir()] == ["default"]
    shutil.rmtree(root / "default")
    assert not [file for file in root.parent.rglob("*") if file.is_file() and WORDS in file.read_bytes()]


def test_the_others_stay_as_they_are(root: Path) -> None:
    before = content(root / "default")
    remove(root / "ships")
    assert content(root / "default") == before


def test_a_collection_behind_a_link_goes_with_the_link(root: Path, tmp_path: Path) -> None:
    (root / "ships").rename(tmp_path / "elsewhere")
    (root / "ships").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert remove(root / "ships").left == ()
    assert not (root / "ships").is_symlink() and not list(tmp_path.glob("*elsewhere*"))


def test_one_that_is_not_there_is_named_with_those_that_are(root: Path) -> None:
    for act in (remove, describe):
        with pytest.raises(NotFoundError, match=r"no collection 'trains' .* there are: default, ships"):
            act(root / "trains")
    assert not (root / "trains").exists()


WRITES = """
import sys
from pathlib import Path
from index.collections import writing
with writing(Path(sys.argv[1])):
    print("writing", flush=True)
    sys.stdin.readline()
"""


def test_one_that_another_process_writes_to_is_left_whole(root: Path) -> None:
    before = content(root)
    command = [sys.executable, "-c", WRITES, str(root / "ships")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin and other.stdout and other.stdout.readline() == "writing\n"
        with pytest.raises(BusyError, match="'ships' is being written to"):
            remove(root / "ships")
        assert content(root) == before
        other.stdin.write("\n")
    assert other.returncode == 0
    assert remove(root / "ships").left == ()


def test_what_a_writer_that_was_killed_has_left_is_in_nobodys_way(root: Path) -> None:
    command = [sys.executable, "-c", WRITES, str(root / "ships")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout and other.stdout.readline() == "writing\n"
        other.kill()
    assert list((root / "ships").glob("writing-*"))
    check_idle(root / "ships")
    assert remove(root / "ships").left == ()


def test_one_whose_indexes_are_written_is_refused(root: Path) -> None:
    with FileLock(root / "ships" / "indexes.lock"), pytest.raises(BusyError):
        remove(root / "ships")
    assert names(root) == ["default", "ships"]


def test_none_goes_while_documents_are_added_in_this_process(ships: Library, documents: Path) -> None:
    refused: list[str] = []

    def taken(_: Sequence[FileReport]) -> None:
        with pytest.raises(BusyError) as told:
            remove(ships.folder)
        refused.append(str(told.value))

    (documents / "new.txt").write_text("The pier is of wood.")
    ships.add([documents / "new.txt"], taken=taken)
    assert len(refused) == 1 and len(ships.documents()) == 4
    assert not list(ships.folder.glob("writing-*")), "no mark is left behind"


def test_who_came_between_the_look_and_the_removal_gets_the_collection_back(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, end = threading.Event(), threading.Event()

    def write() -> None:
        with writing(root / "ships"):
            begun.set()
            end.wait(20)

    writer, look = threading.Thread(target=write), module.check_idle

    def late(folder: Path, name: str | None = None) -> None:
        look(folder, name)
        if folder.name == "ships":
            writer.start()
            begun.wait(20)

    before = content(root)
    monkeypatch.setattr(module, "check_idle", late)
    with pytest.raises(BusyError, match="'ships'"):
        remove(root / "ships")
    end.set()
    writer.join()
    assert content(root) == before and sorted(path.name for path in root.iterdir()) == ["default", "ships"]


def test_a_file_system_that_does_not_let_it_go_loses_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(self))

    before = content(root)
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(StoreError, match=r"'ships' cannot be removed .*Permission denied.* Nothing of it was deleted"):
        remove(root / "ships")
    assert content(root) == before


def test_what_cannot_be_deleted_is_told_and_the_next_removal_ends_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)
        removal = remove(root / "ships")
    assert removal.left and all(".ships.removed-" in file for file in removal.left)
    assert names(root) == ["default"], "it is no collection any more"
    assert [info.name for info in collections(root)] == ["default"]
    assert [path.name for path in root.iterdir()] == ["default"]


# Those who have it open


def test_who_has_a_removed_library_open_is_told_and_writes_nothing(ships: Library, documents: Path) -> None:
    ships.catch_up()
    remove(ships.folder)
    (documents / "new.txt").write_text("The pier is of wood.")
    for act in (
        lambda: ships.lexical("bread", 3),
        lambda: ships.add([documents / "new.txt"]),
        lambda: ships.sync(documents),
        lambda: ships.remove("bakery.txt"),
        lambda: ships.set_metadata("bakery.txt", Metadata(author="Mo")),
    ):
        with pytest.raises(StoreError, match="'ships' was removed while it was open"):
            act()
    assert not ships.folder.exists()


def test_a_mark_that_comes_too_late_leaves_no_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Path] = []

    def there(folder: Path) -> None:
        seen.append(folder)
        if len(seen) == 1:
            remove(folder)  # just after it was looked for
        else:
            raise StoreError("gone")

    monkeypatch.setattr(module, "_check_still_there", there)
    with pytest.raises(StoreError, match="gone"), writing(root / "ships"):
        raise AssertionError("nothing is written")
    assert len(seen) == 2 and [path.name for path in root.iterdir()] == ["default"]
