"""A library of the documents that a set brings, built once and kept by their content.

Owns where it is kept (`RAG_HOME/eval`) and when it is built again: when a document, the reading code or the embedder
is another. Texts are written as files and read as a user's files are, so that what is measured is what a user gets.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from eval.formats import QuestionSet, SetError, Text
from index.types import Outcome, Progress, Report

if TYPE_CHECKING:
    from index.library import Library
    from rag.settings import Settings

Tell = Callable[[str], None]

FOLDER = 500
"""Texts of a folder: for each, all titles of its folder are looked through."""

_DONE = "built.json"
"""Written last: a library without it was interrupted, and is gone on with."""


def library_for(
    question_set: QuestionSet, settings: Settings, *, progress: Progress | None = None, tell: Tell | None = None
) -> Library:
    """Return the library of a set's own documents, built if it is not there yet.

    Args:
        question_set: a set that brings documents.
        settings: where the cache is, which embedder, and what reading a file may take.
        progress: called after each file that is taken in.
        tell: called with a line for each document that cannot be read, whenever the library is opened.

    Raises:
        SetError: when the set brings no document that can be read.
    """
    if not question_set.own:
        raise SetError(
            f"{question_set.path}: brings no documents (no folder 'documents' beside it); "
            "name the collection that it asks about with --collection"
        )
    folder = folder_for(question_set, settings)
    folder.mkdir(parents=True, exist_ok=True)
    library = _open(folder, settings)
    try:
        with FileLock(folder / "build.lock"):
            if not (folder / _DONE).exists():
                _build(library, question_set, progress)
    except BaseException:
        library.close()
        raise
    for problem in json.loads((folder / _DONE).read_text(encoding="utf-8")):
        if tell:
            tell(problem)
    return library


def _build(library: Library, question_set: QuestionSet, progress: Progress | None) -> None:
    paths = [*question_set.paths, *_write(question_set.texts, library.folder / "texts")]
    problems = _problems(library.add(paths, progress=progress))
    if not library.documents():
        raise SetError(f"{question_set.path}: none of its documents can be read", *problems)
    (library.folder / _DONE).write_text(json.dumps(problems, ensure_ascii=False), encoding="utf-8")


def folder_for(question_set: QuestionSet, settings: Settings) -> Path:
    """Return the folder of the library of a set's documents: another for every other content or way of reading."""
    from index.intake import PASSAGE_TOKENS
    from index.read import READER
    from index.store import VERSION

    found = hashlib.sha256(f"{READER}\0{VERSION}\0{PASSAGE_TOKENS}\0{settings.embedder}\0".encode())
    for text in question_set.texts:
        for part in (text.name, *text.metadata, text.text):
            found.update(part.encode() + b"\0")
    for path in question_set.paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                name = file.relative_to(path.parent).as_posix()
                found.update(name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    short = "".join(c if c.isalnum() or c in "-_." else "-" for c in question_set.name)[:40]
    return settings.home.expanduser() / "eval" / f"{short}-{found.hexdigest()[:16]}"


def _open(folder: Path, settings: Settings) -> Library:
    from index.embed import open_embedder
    from index.library import Library
    from index.workers import Limits

    embedder = open_embedder(settings.embedder, settings.cache, device=settings.device, offline=settings.offline)
    limits = Limits(settings.read_seconds, settings.read_memory_mb, settings.max_file_mb << 20)
    return Library(folder, embedder, limits=limits)


def _write(texts: Sequence[Text], folder: Path) -> list[Path]:
    """Write texts as files, with what is known of them beside; return what is to be added. Empty ones are no files."""
    kept = [text for text in texts if text.text.strip()]
    for begin in range(0, len(kept), FOLDER):
        part = folder / f"{begin // FOLDER:05d}"
        part.mkdir(parents=True, exist_ok=True)
        for text in kept[begin : begin + FOLDER]:
            (part / text.name).write_text(text.text, encoding="utf-8")
        known = [
            (text.name, *(" ".join(value.split()) for value in (text.title, text.author, text.date)))
            for text in kept[begin : begin + FOLDER]
            if any(text.metadata)
        ]
        if known:
            with (part / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("file", "title", "author", "date"), *known])
    return [folder] if kept else []


def _problems(report: Report) -> list[str]:
    wrong = (Outcome.FAILED, Outcome.SKIPPED)
    return [f"{entry.source}: {entry.detail}" for entry in report.files if entry.outcome in wrong]
