"""Uploaded files on their way into a library: where they are kept, whose names are taken, what is deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from index.library import Library
from index.types import FileReport, Outcome, Report
from ui import uploads
from ui.documents_adding import Adding
from ui.words import Words


def parted(files: Iterable[Path], library: Library) -> tuple[list[Path], list[Path]]:
    """Part uploaded files into those that are new, and those with the name of another that is in the library."""
    folder = uploads.folder(library)
    used = set(library.store.files().values())
    new: list[Path] = []
    taken: list[Path] = []
    for file in files:
        same = str(folder / uploads.safe_name(file.name)) in used
        (taken if same and uploads.clashes(file, folder) else new).append(file)
    return new, taken


def begin(files: Sequence[Path], library: Library, words: Words, *, over: bool = False) -> Adding:
    """Move files out of the folder where the browser's uploads lie, and begin to add them.

    Where they go over others of their names, these are put back if the new one cannot be taken in.
    """
    kept: list[Path] = []
    replaced: list[uploads.Replaced] = []
    refused: list[FileReport] = []
    folder = uploads.folder(library)
    for file in files:
        try:
            if over and uploads.clashes(file, folder):
                replaced.append(uploads.replace(file, folder))
                kept.append(replaced[-1].path)
            else:
                kept.append(uploads.keep(file, folder))
        except OSError as error:
            why = words("documents.cannot_keep", folder=folder, why=error.strerror or error)
            refused.append(FileReport(file.name, Outcome.FAILED, why))
        file.unlink(missing_ok=True)

    def done(report: Report) -> Report:
        failed = {entry.source for entry in report.failed}
        for item in replaced:
            item.settle(taken=str(item.path) not in failed)
        discard_unused(map(str, kept), library)
        restored = {str(item.path) for item in replaced} & failed
        stays = words("documents.restored")
        return Report(
            tuple(replace(e, detail=f"{e.detail} ({stays})") if e.source in restored else e for e in report.files)
        )

    return Adding(library, kept, refused=refused, done=done)


def drop(files: Iterable[Path]) -> None:
    """Delete uploaded files that are not wanted."""
    for file in files:
        file.unlink(missing_ok=True)


def discard_unused(files: Iterable[str], library: Library) -> bool:
    """Delete those uploaded files that no document of the library is, or lies in; say whether there was one."""
    used = set(library.store.files().values())
    unused = [Path(file) for file in files if file not in used]
    there = [file for file in unused if file.parent == uploads.folder(library) and file.exists()]
    uploads.discard(unused, uploads.folder(library))
    return bool(there)


def why_no_folder(path: str, local: bool, words: Words) -> str:
    """Return why a folder cannot be added by a path, or nothing."""
    if not local:
        return words("documents.folder_remote")
    try:
        folder = Path(path.strip()).expanduser()
        there = folder.is_dir()
    except (OSError, ValueError, RuntimeError):  # too long; with a null in it; the home of nobody
        folder, there = Path(path.strip()), False
    if not path.strip() or not (folder.is_absolute() or path.startswith("~")):
        return words("documents.folder_relative", path=path.strip())
    return "" if there else words("documents.folder_none", path=folder)
