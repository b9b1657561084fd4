"""Where the page keeps sets of questions: one folder for each collection, and a file of JSON Lines for each set.

Owns names and places. A name that a browser sends is never used as a path.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile

from eval.formats import Item, SetError, line_of, load_set
from eval.propose import Session
from rag.settings import Settings, with_values
from ui.documents.uploads import safe_name
from ui.words import ENGLISH, Words

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
    """Return the folder of the sets on a collection's documents; on those of the settings if none is named.

    Raises:
        SettingsError: when the name cannot be that of a collection.
    """
    chosen = with_values(settings, {"collection": collection}) if collection else settings
    return settings.home.expanduser().resolve() / "sets" / chosen.collection


def path_of(folder: Path, name: str, words: Words = ENGLISH) -> Path:
    """Return the file of a set, which need not be there.

    Raises:
        SetError: when the name cannot be that of a file in the folder.
    """
    stem = " ".join(name.split()).removesuffix(SUFFIX)
    if not stem:
        raise SetError(words("sets.no_name"))
    if safe_name(f"{stem}{SUFFIX}") != f"{stem}{SUFFIX}":
        raise SetError(words("sets.bad_name", name=name))
    return folder / f"{stem}{SUFFIX}"


def new(folder: Path, name: str, words: Words = ENGLISH) -> Path:
    """Return the file of a set that is not there yet, in a folder that can be written.

    Raises:
        SetError: when the name is taken or cannot be a file's, or nothing can be written there.
    """
    path = path_of(folder, name, words)
    if path.exists():
        raise SetError(words("sets.taken", name=path.stem, path=path))
    check_writable(folder, words)
    return path


def take(file: Path, folder: Path, words: Words = ENGLISH) -> tuple[Path, Sequence[Item]]:
    """Keep the questions of a file of any format that is read as a new set of the folder; return it, and them.

    What documents the file brings is left out: the set is asked of the collection.

    Raises:
        SetError: with a line for each problem, its line and field; or when nothing can be written there.
    """
    try:
        items = load_set(file).items
    except SetError as error:
        raise SetError(*(problem.replace(str(file), file.name) for problem in error.problems)) from error
    stem = safe_name(f"{file.stem}{SUFFIX}").removesuffix(SUFFIX)
    stem = "question set" if stem == "questions" else stem  # a file of that name is called after its folder
    paths = (folder / f"{stem}{f' {n}' if n > 1 else ''}{SUFFIX}" for n in count(1))
    check_writable(folder, words)
    text = "".join(f"{line_of(item)}\n" for item in items)
    for path in paths:
        with suppress(FileExistsError), path.open("x", encoding="utf-8") as made:
            made.write(text)
            return path, items
    raise AssertionError("unreachable")


def check_writable(folder: Path, words: Words = ENGLISH) -> None:
    """Make sure, before anyone has decided on anything, that a file of the folder can be written.

    Raises:
        SetError: when it cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder) as probe:
            probe.write(b"\n")
    except OSError as error:
        raise SetError(unwritable(folder, error, words)) from error


def unwritable(path: Path, error: OSError, words: Words = ENGLISH) -> str:
    """Say that nothing could be written, and what to do about it."""
    return words("sets.unwritable", path=path, why=error.strerror or error)


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
