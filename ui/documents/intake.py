"""Uploaded files on their way into a library: where they are kept, whose names are taken, what is deleted."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from index.library import Library
from index.types import FileReport, Outcome, Report
from rag.settings import Settings
from ui.documents import uploads
from ui.documents.adding import Adding
from ui.words import Words

MOST = 10_000
"""Files that are uploaded at a time."""


def uploaded(data: Mapping[str, str], folder: Path) -> tuple[list[Path], list[str]]:
    """Return the files that the page says are uploaded, and the names of those that are not there.

    Only files in the folder of uploads are among them, whatever a page may send.
    """
    there: list[Path] = []
    lost: list[str] = []
    for sent in _texts(data.get("files", "")):
        path = Path(os.path.realpath(sent.replace("\0", "")))
        known = path.is_relative_to(os.path.realpath(folder)) and path.is_file()
        there += [path] if known else []
        lost += [] if known else [path.name]
    return there, lost


def refused(data: Mapping[str, str], lost: Iterable[str], settings: Settings, words: Words) -> list[FileReport]:
    """Return the reports of the files that were not uploaded: too large, or lost on the way."""
    large = words("documents.too_large", megabytes=settings.max_file_mb)
    failed = words("documents.drop_lost")
    names = [(name, large) for name in _texts(data.get("large", ""))]
    names += [(name, failed) for name in (*_texts(data.get("failed", "")), *lost)]
    return [FileReport(name, Outcome.FAILED, why) for name, why in names]


def _texts(sent: str) -> list[str]:
    """Return the texts of a list in JSON, of anything else none."""
    try:
        found = json.loads(sent or "[]")
    except ValueError:
        return []
    return [item for item in found if isinstance(item, str)][:MOST] if isinstance(found, list) else []


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


def begin(
    files: Sequence[Path],
    library: Library,
    words: Words,
    *,
    over: bool = False,
    refused: Sequence[FileReport] = (),
) -> Adding:
    """Move files out of the folder where the browser's uploads lie, and begin to add them.

    Where they go over others of their names, these are put back if the new one cannot be taken in.
    """
    kept: list[Path] = []
    replaced: list[uploads.Replaced] = []
    not_kept: list[FileReport] = []
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
            not_kept.append(FileReport(file.name, Outcome.FAILED, why))
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

    return Adding(library, kept, refused=[*refused, *not_kept], done=done)


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
