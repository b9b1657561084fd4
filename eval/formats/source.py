"""The files of a set: bytes to text whatever their encoding, names of sets and of documents."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from eval.formats.types import SetError
from index.errors import ReadError
from index.readers.encoding import decode

_LONGEST_NAME = 120
_MIXED = 0.2
"""Share of the lines with letters beyond ASCII that must be UTF-8 for the file to be of two encodings: in one that is
in an older encoding as a whole, hardly a line is UTF-8 by chance."""


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises:
        SetError: when it is not there or cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SetError(f"{path}: there is no such file; expected a set of questions") from None
    except OSError as error:
        raise SetError(f"{path}: cannot be read ({error.strerror}); expected a set of questions") from error


def read_text(data: bytes, path: Path) -> str:
    """Return the characters of a file's bytes: UTF-8, UTF-16 or an older encoding, lines ended by a line feed.

    Raises:
        SetError: when they are no text, or of two encodings at once; the line is named.
    """
    try:
        text = decode(data, path.name).removeprefix("\ufeff")
    except ReadError as error:
        raise SetError(f"{path}: {str(error).removeprefix(f'{path.name}: ')} Expected a set of questions") from error
    line = _stranger(data)
    if line is None and "\ufffd" in text and "\ufffd".encode() not in data:
        line = text.count("\n", 0, text.index("\ufffd")) + 1
    if line is not None:
        raise SetError(f"{path}, line {line}: holds bytes of another encoding than the rest; save the file as UTF-8")
    return text


def _stranger(data: bytes) -> int | None:
    """Return the first line that is not in the encoding of most, where some lines are UTF-8 and some are not."""
    if b"\0" in data:  # UTF-16, whose lines end otherwise
        return None
    kinds: dict[bool, list[int]] = {True: [], False: []}
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.isascii():
            kinds[_is_utf8(line)].append(number)
    utf8, other = kinds[True], kinds[False]
    if not other or len(utf8) < _MIXED * (len(utf8) + len(other)):
        return None
    return other[0] if len(utf8) >= len(other) else utf8[0]


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def digest(*parts: bytes) -> str:
    """Return the SHA-256 of some bytes, and of where one part ends and the next begins."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.hexdigest()


def name_of(path: Path) -> str:
    """Return what a set is called: its file, or its folder where the file is called `questions`."""
    path = path.absolute()
    return path.parent.name if path.stem == "questions" and not path.is_dir() else path.stem


def file_name(name: str, suffix: str = ".txt") -> str:
    """Return a name under which a document can be kept as a file, other for other names.

    No sign in it means anything to a file system, a pattern of file names or a table.
    """
    safe = quote(name, safe=" ()+=@!&'-_.")
    if safe.startswith("."):
        safe = f"%2E{safe[1:]}"
    if len(safe) > _LONGEST_NAME:
        safe = f"{safe[:_LONGEST_NAME]}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    return safe + suffix


def short(value: Any) -> str:
    """Return a value as JSON, cut to fit a message."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
