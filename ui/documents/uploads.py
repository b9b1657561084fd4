"""Where uploaded files are kept: in the library's own folder, so that the path of a document stays valid.

Owns names and copies. A name that a browser sends is never used as a path.
"""

from __future__ import annotations

import filecmp
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
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


def clashes(file: Path, folder: Path) -> bool:
    """Tell whether another file of its name is kept in a folder already."""
    path = folder / safe_name(file.name)
    return path.is_file() and not path.is_symlink() and not filecmp.cmp(file, path, shallow=False)


@dataclass(frozen=True)
class Replaced:
    """A kept file in the place of another, which waits under a hidden name until the new one is in the library."""

    path: Path
    before: Path

    def settle(self, taken: bool) -> None:
        """Delete the file that was there before, or put it back where the new one could not be taken in."""
        if taken:
            self.before.unlink(missing_ok=True)
        elif self.before.exists():
            self.before.replace(self.path)


def replace(file: Path, folder: Path) -> Replaced:
    """Copy a file into a folder, in the place of the one of its name."""
    path = folder / safe_name(file.name)
    before = folder / f".{path.name}.before"
    path.replace(before)
    try:
        with file.open("rb") as source, path.open("xb") as copy:
            shutil.copyfileobj(source, copy)
    except OSError:
        before.replace(path)
        raise
    return Replaced(path, before)


def discard(paths: Iterable[str | Path], folder: Path) -> None:
    """Delete those of the files that are kept in the folder, and no other."""
    for path in map(Path, paths):
        if path.parent.resolve() == folder.resolve():
            path.unlink(missing_ok=True)
