"""Where the page keeps sets of questions: one folder for each collection, and a file of JSON Lines for each set.

Owns names and places. A name that a browser sends is never used as a path.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from eval.formats import SetError
from eval.propose import Session
from rag.settings import Settings
from ui.uploads import safe_name

SUFFIX = ".jsonl"


@dataclass(frozen=True)
class Kept:
    """A set of the folder: how many questions it has and how many of them have no answer, or why it cannot be read."""

    name: str
    path: Path
    questions: int = 0
    unanswerable: int = 0
    problem: str = ""


def folder(settings: Settings, collection: str | None = None) -> Path:
    """Return the folder of the sets on a collection's documents; on those of the settings if none is named."""
    return settings.home.expanduser().resolve() / "sets" / (collection or settings.collection)


def path_of(folder: Path, name: str) -> Path:
    """Return the file of a set, which need not be there.

    Raises:
        SetError: when the name cannot be that of a file in the folder.
    """
    stem = " ".join(name.split()).removesuffix(SUFFIX)
    if not stem:
        raise SetError("Give the set a name, such as “annual reports”.")
    if safe_name(f"{stem}{SUFFIX}") != f"{stem}{SUFFIX}":
        raise SetError(f"“{name}” cannot be the name of a file: use letters, digits, spaces, - and _.")
    return folder / f"{stem}{SUFFIX}"


def new(folder: Path, name: str) -> Path:
    """Return the file of a set that is not there yet, in a folder that can be written.

    Raises:
        SetError: when the name is taken or cannot be a file's, or nothing can be written there.
    """
    path = path_of(folder, name)
    if path.exists():
        raise SetError(
            f"There is a set “{path.stem}” already ({path}): choose “Propose more” beside it, or another name."
        )
    check_writable(folder)
    return path


def check_writable(folder: Path) -> None:
    """Make sure, before anyone has decided on anything, that a file of the folder can be written.

    Raises:
        SetError: when it cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder) as probe:
            probe.write(b"\n")
    except OSError as error:
        raise SetError(unwritable(folder, error)) from error


def unwritable(path: Path, error: OSError) -> str:
    """Say that nothing could be written, and what to do about it."""
    return f"{path} cannot be written ({error.strerror or error}): check that it may be, and that the disk has room."


def kept(folder: Path) -> list[Kept]:
    """Return the sets of a folder, by name."""
    files = (path for path in folder.glob(f"*{SUFFIX}") if not path.name.startswith("."))
    return [_kept(path) for path in sorted(files, key=lambda path: path.name.casefold())]


def _kept(path: Path) -> Kept:
    try:
        items = Session(path).items
    except SetError as error:
        return Kept(path.stem, path, problem=str(error))
    return Kept(path.stem, path, len(items), sum(not item.answerable for item in items))
