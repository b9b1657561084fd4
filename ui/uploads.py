"""Where uploaded files are kept: in the library's own folder, so that the path of a document stays valid.

Owns names and copies. A name that a browser sends is never used as a path.
"""

from __future__ import annotations

import filecmp
import re
import shutil
from collections.abc import Iterable
from itertools import count
from pathlib import Path

from index.library import Library

LONGEST = 120
"""Most characters of a kept name; file systems allow 255 bytes."""

_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\ud800-\udfff]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.I)


def folder(library: Library) -> Path:
    """Return where the uploaded files of a library are kept."""
    return library.folder.resolve() / "uploads"


def safe_name(name: str) -> str:
    """Return a file name that leads nowhere else and that every system accepts."""
    last = _UNSAFE.sub("_", re.split(r"[\\/]", name)[-1]).strip(". ")
    stem, dot, suffix = last.rpartition(".")
    if not dot or len(suffix) > 10:
        stem, suffix = last, ""
    stem = stem.strip(". ")[: LONGEST - len(suffix)].strip(". ") or "document"
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    return f"{stem}.{suffix}" if suffix else stem


def keep(file: Path, folder: Path) -> Path:
    """Copy a file into a folder and return the copy; another file of that name is left alone.

    A file that is there already, byte for byte and under that name, is not copied again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = Path(safe_name(file.name))
    for number in count(1):
        path = folder / (name.name if number == 1 else f"{name.stem} ({number}){name.suffix}")
        try:
            with file.open("rb") as source, path.open("xb") as copy:
                shutil.copyfileobj(source, copy)
            return path
        except FileExistsError:
            if path.is_file() and filecmp.cmp(file, path, shallow=False):
                return path
    raise AssertionError("unreachable")


def discard(paths: Iterable[str | Path], folder: Path) -> None:
    """Delete those of the files that are kept in the folder, and no other."""
    for path in map(Path, paths):
        if path.parent.resolve() == folder.resolve():
            path.unlink(missing_ok=True)
