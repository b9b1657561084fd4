"""Read a file: from its bytes to a `RawDocument`, or a `ReadError` that says what is wrong and what to do.

Owns the choice of the reader, by what the file is rather than by what it is called. Cleans nothing: the raw
text holds all that stands in the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import ReadError

if TYPE_CHECKING:  # at run time it would import numpy, for a name in an annotation
    from index.types import RawDocument

    Reader = Callable[[bytes, str], RawDocument]

MAX_BYTES = 200 * 1024 * 1024

READER = 1
"""Version of reading and cleaning: raise it when either gives another text, and documents are read anew."""


def _txt(data: bytes, name: str) -> RawDocument:
    from index.readers.text import read_txt

    return read_txt(data, name)


def _markdown(data: bytes, name: str) -> RawDocument:
    from index.readers.markdown import read_markdown

    return read_markdown(data, name)


def _html(data: bytes, name: str) -> RawDocument:
    from index.readers.html import read_html

    return read_html(data, name)


def _pdf(data: bytes, name: str) -> RawDocument:
    from index.readers.pdf import read_pdf

    return read_pdf(data, name)


def _docx(data: bytes, name: str) -> RawDocument:
    from index.readers.word import read_docx

    return read_docx(data, name)


READERS: dict[str, Reader] = {
    ".txt": _txt,
    ".text": _txt,
    ".md": _markdown,
    ".markdown": _markdown,
    ".html": _html,
    ".htm": _html,
    ".pdf": _pdf,
    ".docx": _docx,
}

SUFFIXES = frozenset(READERS)
"""The file name suffixes that can be read, lower case, with the dot."""

# What a file begins with tells what it is, whatever it is called.
_FOREIGN = {
    b"\xd0\xcf\x11\xe0": "an old Office file, or one with a password. Save it as .docx without a password",
    b"{\\rtf": "an RTF file. Save it as .docx",
    b"\x89PNG": "an image. Run OCR on it and add the text",
    b"\xff\xd8\xff": "an image. Run OCR on it and add the text",
    b"GIF8": "an image. Run OCR on it and add the text",
    b"\x1f\x8b": "a gzip archive. Unpack it first",
    b"7z\xbc\xaf": "a 7z archive. Unpack it first",
    b"Rar!": "a RAR archive. Unpack it first",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
}

_HTML_START = re.compile(rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype html|html)\b", re.IGNORECASE | re.DOTALL)


def read(path: Path, *, max_bytes: int = MAX_BYTES) -> RawDocument:
    """Read the file at `path`.

    Raises:
        ReadError: when it is missing, empty, too large, of an unknown type, protected, damaged or without
        text;
            the message names the file, what happened and what to do.
    """
    path = Path(path)
    reader = READERS.get(path.suffix.lower())
    if reader is None and not path.is_dir():
        known = ", ".join(sorted(SUFFIXES))
        raise ReadError(f"{path.name}: cannot read {path.suffix or 'files without a suffix'}. Known: {known}.")
    data = _bytes(path, max_bytes)
    document = _true_reader(data, path, reader or _txt)(data, path.name)
    if not any(map(str.isalnum, document.text)):
        raise ReadError(f"{path.name}: holds no text.")
    return document


def _bytes(path: Path, max_bytes: int) -> bytes:
    try:
        if path.is_dir():
            raise ReadError(f"{path.name}: is a folder, not a file. Add the folder itself to take in the files in it.")
        size = path.stat().st_size
        if size > max_bytes:
            raise ReadError(f"{path.name}: {_mib(size)} is over the limit of {_mib(max_bytes)}. Split the file.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise ReadError(f"{path.name}: no such file ({path}).") from None
    except PermissionError:
        raise ReadError(f"{path.name}: no permission to read it. Change its permissions, then add again.") from None
    except OSError as error:
        raise ReadError(f"{path.name}: cannot be read ({error.strerror or error}).") from error
    if not data.strip():
        raise ReadError(f"{path.name}: is empty.")
    return data


def _true_reader(data: bytes, path: Path, reader: Reader) -> Reader:
    """Return the reader for what the bytes are, which may not be what the suffix says."""
    for magic, what in _FOREIGN.items():
        if data.startswith(magic):
            raise ReadError(f"{path.name}: is not a {path.suffix} file but {what}.")
    if b"%PDF-" in data[:1024]:
        return _pdf
    if data.startswith(b"PK\x03\x04"):
        if b"word/document" in data:
            return _docx
        raise ReadError(f"{path.name}: is a zip archive or an Office file of another kind. Save it as .docx or PDF.")
    if reader in (_pdf, _docx):
        raise ReadError(f"{path.name}: is not a {path.suffix} file inside, or is damaged. Save it again and retry.")
    return _html if reader is _txt and _HTML_START.match(data[:2000]) else reader


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB" if size >= 2**20 else f"{size} bytes"
