"""Collections: the libraries of a home, each in a folder of its own. Which there are, and how one is removed.

Who writes to a library holds a mark in its folder as long as that takes, so that no removal comes between. Owns the
folders and the marks; what was said about the documents elsewhere, as in conversations, is for others to delete.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from filelock import FileLock, Timeout

from index.errors import NotFoundError, StoreError
from index.store import Store

LIBRARY = "library.db"
"""The file by which a folder is known to be a collection."""

_MARK = "writing-*.lock"
_GONE = ".*.removed-*"


class BusyError(StoreError):
    """A collection is being written to, by this process or by another."""


@dataclass(frozen=True)
class CollectionInfo:
    """A collection: its documents, None where `problem` says why they cannot be counted, and its bytes on the disk."""

    name: str
    folder: Path
    documents: int | None
    bytes: int
    problem: str = ""


@dataclass(frozen=True)
class CollectionRemoval:
    """A removed collection, how many files it had, and those that were found of it afterwards: none."""

    info: CollectionInfo
    files: int
    left: tuple[str, ...]


# Which there are


def names(root: Path) -> list[str]:
    """Return the names of the collections in a folder, in order; none where there is no such folder."""
    return sorted(path.parent.name for path in root.glob(f"*/{LIBRARY}") if not path.parent.name.startswith("."))


def collections(root: Path) -> list[CollectionInfo]:
    """Return what is known of each collection in a folder; a removal that was cut off is ended first."""
    _sweep(root)
    return [describe(root / name) for name in names(root)]


def describe(folder: Path) -> CollectionInfo:
    """Return what is known of a collection without opening its indexes.

    Raises:
        NotFoundError: when there is none in that folder.
    """
    _check_there(folder)
    documents, problem = None, ""
    try:
        store = Store(folder / LIBRARY)
        try:
            documents = len(set(store.sources().values()))
        finally:
            store.close()
    except StoreError as error:
        problem = str(error)
    return CollectionInfo(folder.name, folder, documents, size(folder), problem)


def size(folder: Path) -> int:
    """Return the bytes of all files in a folder and its folders."""
    found = 0
    for file in _files(folder):
        with suppress(FileNotFoundError):  # written anew just now
            found += file.stat().st_size
    return found


# Marks


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold a mark that a library is being written to; several may be held at a time.

    Raises:
        StoreError: when the library is not there any more.
    """
    _check_still_there(folder)
    mark = folder / _MARK.replace("*", token_hex(8))
    try:
        with FileLock(mark, timeout=0):
            _check_still_there(folder)  # a removal may have come before the mark: the lock has then made its folder
            yield
    finally:
        mark.unlink(missing_ok=True)
        if not (folder / LIBRARY).exists():
            with suppress(OSError):  # not empty, or gone as a whole
                folder.rmdir()


def _check_still_there(folder: Path) -> None:
    if not (folder / LIBRARY).exists():
        raise StoreError(removed_meanwhile(folder))


def removed_meanwhile(folder: Path) -> str:
    """Say that a library that is open is not there any more."""
    return f"the library {folder.name!r} was removed while it was open ({folder}): choose another --collection"


def check_idle(folder: Path, name: str | None = None) -> None:
    """Make sure that nothing is writing to a collection.

    Raises:
        BusyError: when something is.
    """
    for lock in (*folder.glob(_MARK), *folder.glob("indexes.lock")):
        try:
            with FileLock(lock, timeout=0):
                pass
        except Timeout:
            raise BusyError(
                f"the collection {name or folder.name!r} is being written to, here or by another process: wait until "
                "that is done, or stop it, and remove the collection then"
            ) from None


# Removal


def remove(folder: Path) -> CollectionRemoval:
    """Remove a collection with every byte in its folder, uploaded files too, and look for what is left of it.

    All of it goes or nothing: the folder is first renamed, so that from then on it is no collection.

    Raises:
        BusyError: when something is writing to it.
        NotFoundError: when there is no such collection.
        StoreError: when the file system does not let it go; then nothing was deleted.
    """
    _sweep(folder.parent)
    info, files = describe(folder), len(_files(folder))
    place = folder.resolve()  # it may lie on another disk, behind a link
    gone = place.with_name(f".{place.name}.removed-{token_hex(4)}")
    try:
        check_idle(folder)
        place.rename(gone)
        try:
            check_idle(gone, info.name)  # who came between holds a mark, which was renamed with the rest
        except BusyError:
            gone.rename(place)
            raise
        if folder.is_symlink():
            folder.unlink()
    except OSError as error:
        raise StoreError(
            f"the collection {info.name!r} cannot be removed ({error}): check that {place.parent} may be written and "
            "that nothing has the collection open. Nothing of it was deleted"
        ) from error
    shutil.rmtree(gone, ignore_errors=True)  # what cannot be deleted is left, and told
    return CollectionRemoval(info, files, tuple(map(str, (*_files(gone), *_files(folder)))))


def _sweep(root: Path) -> None:
    """Delete what a removal that was cut off has left."""
    for gone in root.glob(_GONE):
        with suppress(BusyError):  # about to be given its name back
            check_idle(gone)
            shutil.rmtree(gone, ignore_errors=True)


def _check_there(folder: Path) -> None:
    if not (folder / LIBRARY).exists():
        there = ", ".join(names(folder.parent)) or "none"
        raise NotFoundError(f"there is no collection {folder.name!r} in {folder.parent}; there are: {there}")


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if not file.is_dir() or file.is_symlink()]
