"""Metadata that the user writes beside the documents: `metadata.csv` or `metadata.toml` in their folder.

Owns which entry holds for which file, and what is wrong in such a file, named with its line. Refuses to stop for it:
a mistake costs its own value and nothing else. A `metadata.csv` without a column `file` is a document like any other.

    # metadata.toml
    [default]                       # every file here and below
    publisher = "Skarv Museum"
    ["reports/*.pdf"]               # `*` within a folder, `**` across folders
    author = "Ingrid Solvang"
    ["archive.zip/letter.txt"]      # a file within a file
    date = 2016-03-14
"""

from __future__ import annotations

import csv
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from pathlib import Path

from index.dates import iso_date, readings
from index.errors import ReadError
from index.readers.encoding import decode
from index.types import Metadata

NAMES = ("metadata.csv", "metadata.toml")
"""What such a file is called; in one folder the second goes before the first."""

_FIELDS = tuple(f.name for f in fields(Metadata) if f.name != "date_basis")
_FILE = frozenset({"file", "filename", "file name", "path"})
_EVERY = frozenset({"default", "*"})
_MAX_BYTES = 4 << 20
_GLOB = re.compile(r"[*?\[]")
_LINE = re.compile(r"\s*\(at line (\d+)[^)]*\)|\s*\(at end of document\)")


@dataclass(frozen=True)
class Problem:
    """What is wrong in a file of metadata; `line` is 0 where it is not known."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}{f', line {self.line}' if self.line else ''}: {self.message}"


@dataclass(frozen=True)
class _Entry:
    key: str
    metadata: Metadata
    line: int

    def matches(self, name: str) -> int:
        """Return how well the entry fits a path below its folder: 3 exactly, 2 by a pattern, 1 as every file, 0 not."""
        if self.key == name:
            return 3
        if self.key.casefold() in _EVERY:
            return 1
        return 2 if _GLOB.search(self.key) and _pattern(self.key).fullmatch(name) else 0


@dataclass(frozen=True)
class _Sidecar:
    """A file of metadata, read. `stamp` tells whether it was changed since."""

    stamp: tuple[int, int]
    entries: tuple[_Entry, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass
class Sidecars:
    """The files of metadata of the folders that are added, each read once and again when it was changed."""

    _read: dict[Path, _Sidecar] = field(default_factory=dict)

    def of(self, path: Path | str, root: Path) -> Metadata:
        """Return what the user has written about a document.

        Args:
            path: its path; for a file within a file the outer path and then the inner one.
            root: the folder, or the file, that was added; no folder above it is looked in.

        A folder nearer to the document goes before one farther away, and in a folder the file's own entry before a
        pattern, and that before `default`.
        """
        path, root = Path(path), Path(root).resolve()
        root = root if root.is_dir() else root.parent
        found = Metadata()
        folders = [folder for folder in path.parents if folder == root or folder.is_relative_to(root)]
        for folder in reversed(folders or [path.parent]):
            name = _normal(path.relative_to(folder).as_posix())
            for sidecar in self._in(folder):
                # Sorting is stable: of two patterns the one that stands later goes first.
                for entry in sorted(sidecar.entries, key=lambda e: e.matches(name)):
                    if entry.matches(name):
                        found = over(found, entry.metadata)
        return found

    def is_sidecar(self, path: Path) -> bool:
        """Tell whether a file holds metadata of other files, and is no document itself."""
        if path.name not in NAMES or not path.is_file():
            return False
        return path.suffix == ".toml" or _is_table(path)

    def problems(self) -> list[Problem]:
        """Return what is wrong in the files of metadata that were read so far; that a file is not there, too."""
        found: list[Problem] = []
        for path, sidecar in sorted(self._read.items()):
            found += sidecar.problems
            found += [
                Problem(
                    path, entry.line, f"there is no file {entry.key!r} here: write its name as it stands in the folder"
                )
                for entry in sidecar.entries
                if not _GLOB.search(entry.key) and entry.key.casefold() not in _EVERY and not _is_there(path, entry.key)
            ]
        return found

    def _in(self, folder: Path) -> Iterator[_Sidecar]:
        for name in NAMES:
            path = folder / name
            try:
                status = path.stat()
            except OSError:
                self._read.pop(path, None)
                continue
            stamp = (status.st_mtime_ns, status.st_size)
            if path not in self._read or self._read[path].stamp != stamp:
                self._read[path] = _load(path, stamp)
            yield self._read[path]


def _load(path: Path, stamp: tuple[int, int]) -> _Sidecar:
    try:
        if stamp[1] > _MAX_BYTES:
            raise ReadError(f"has {stamp[1] >> 20} MB: a file of metadata has at most {_MAX_BYTES >> 20}")
        text = decode(path.read_bytes(), path.name)
        if path.suffix == ".csv" and not _columns(text):
            return _Sidecar(stamp)
        rows = list(_rows(text) if path.suffix == ".csv" else _tables(text))
    except (OSError, ReadError, csv.Error) as error:
        return _Sidecar(stamp, problems=(Problem(path, 0, f"cannot be read ({error})"),))
    except tomllib.TOMLDecodeError as error:
        at = _LINE.search(str(error))
        what = f"is no TOML ({_LINE.sub('', str(error))}): nothing in it is used until it is mended"
        return _Sidecar(stamp, problems=(Problem(path, int(at[1] or 0) if at else 0, what),))
    entries: dict[str, _Entry] = {}
    problems: list[Problem] = []
    for line, key, values in rows:
        metadata, wrong = _metadata(values)
        if not key:
            wrong = wrong or ["names no file: write one in the column 'file'"]
        elif key in entries:
            wrong = [f"names {key!r} a second time: the first, in line {entries[key].line}, holds"]
        else:
            entries[key] = _Entry(key, metadata, line)
        problems += [Problem(path, line, message) for message in wrong]
    return _Sidecar(stamp, tuple(entries.values()), tuple(problems))


def over(found: Metadata, other: Metadata) -> Metadata:
    """Return the values of `other`, and ours where it has none; "" takes a value of the document away."""
    given = {f.name: value for f in fields(other) if (value := getattr(other, f.name)) is not None}
    return replace(found, **given | ({"date_basis": other.date_basis} if "date" in given else {}))


# Rows and tables


_Row = tuple[int, str, Mapping[str, object]]


def _rows(text: str) -> Iterator[_Row]:
    """Yield line, file and values of each row of a table; an empty cell says nothing."""
    columns, delimiter = _columns(text), _delimiter(text)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    next(reader)
    before = reader.line_num
    for row in reader:
        line, before = before + 1, reader.line_num
        cells = {columns[i]: cell.strip() for i, cell in enumerate(row) if i in columns and cell.strip()}
        if cells:
            yield line, _normal(cells.pop("file", "")), cells


def _columns(text: str) -> dict[int, str]:
    """Return the columns of a table that are ours by their numbers, none when it has no column `file`."""
    first = next(csv.reader(text.splitlines()[:1], delimiter=_delimiter(text)), [])
    names = [name.strip().casefold() for name in first]
    if not _FILE.intersection(names):
        return {}
    known = {i: "file" if name in _FILE else name.removesuffix("s") for i, name in enumerate(names)}
    return {i: name for i, name in known.items() if name in ("file", *_FIELDS)}


def _delimiter(text: str) -> str:
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _is_table(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return bool(_columns(decode(file.readline(64 << 10), path.name)))
    except (OSError, ReadError, csv.Error):
        return False


def _tables(text: str) -> Iterator[_Row]:
    """Yield line, file and values of each table."""
    lines = text.split("\n")
    for key, values in tomllib.loads(text).items():
        at = (i for i, line in enumerate(lines, 1) if line.lstrip().startswith("[") and key in line)
        line = next(at, 0)
        if isinstance(values, dict):
            yield line, _normal(key), values
        else:
            yield 0, "", {"": key}


# Values


def _metadata(values: Mapping[str, object]) -> tuple[Metadata, list[str]]:
    """Return the metadata that the values are, and what is wrong with the others."""
    found: dict[str, str] = {}
    wrong: list[str] = []
    for name, value in values.items():
        known = name.casefold() if name.casefold() in _FIELDS else name.casefold().removesuffix("s")
        if not name:
            wrong.append(f'{value!r} stands outside a table: write ["file name"] above it')
        elif known not in _FIELDS:
            wrong.append(f"there is no value {name!r}: write {', '.join(_FIELDS)}")
        elif known == "date":
            day = value.date().isoformat() if isinstance(value, datetime) else str(value)
            text, reason = check_date(day)
            found |= {} if text is None else {"date": text}
            wrong += [reason] if reason else []
        elif isinstance(value, list):
            found[known] = ", ".join(map(str, value))
        elif isinstance(value, str | int | float | date):
            found[known] = " ".join(str(value).split())
        else:
            wrong.append(f"{name} is {value!r}: write a text in quotes")
    return Metadata(**found, date_basis="user" if found.get("date") else None), wrong


def check_date(text: str) -> tuple[str | None, str]:
    """Return the date that a user wrote, ISO 8601, or None and what is wrong with it. An empty one takes it away."""
    text = text.strip()
    found = iso_date(text) if text else ""
    both = readings(text)
    if len(both) > 1:
        return None, f"{text!r} can be {both[0]} or {both[1]}: write the one that you mean"
    if found is None or (found and len(found) == 4 and text != found):
        return None, f"{text!r} is no date: write 2015-05-08, 2015-05 or 2015"
    return found, ""


# Names


def _normal(name: str) -> str:
    """Return a path as it is compared: with slashes, and letters composed, which not every system does."""
    return unicodedata.normalize("NFC", name.strip().replace("\\", "/").removeprefix("./"))


def _pattern(key: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/?|\*|\?|\[[^\]/]+\])", key)
    try:
        return re.compile("".join(map(_part, parts)))
    except re.error:  # [z-a]
        return re.compile(re.escape(key))


def _part(part: str) -> str:
    if part.startswith("**"):
        return "(?:.*/)?" if part.endswith("/") else ".*"
    if part.startswith("["):
        return part.replace("[!", "[^", 1).replace("\\", "\\\\")
    return {"*": "[^/]*", "?": "[^/]"}.get(part, re.escape(part))


def _is_there(sidecar: Path, key: str) -> bool:
    """Tell whether a key names a file in or below the folder of the file that names it, or one within such a file."""
    parts: Sequence[str] = key.split("/")
    place = sidecar.parent
    for part in parts:
        try:
            names = {_normal(entry.name): entry for entry in place.iterdir()}
        except OSError:
            return False
        if part not in names:
            return False
        place = names[part]
        if place.is_file():
            return True  # what is within it is not looked for
    return place.exists()
