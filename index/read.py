"""Read a file: from its bytes to a `RawDocument`, or a `ReadError` that says what is wrong and what to do.

Owns the choice of the reader, by what the file is rather than by what it is called. Cleans nothing: the raw
text holds all that stands in the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import ReadError

if TYPE_CHECKING:  # at run time it would import numpy, for a name in an annotation
    from index.types import RawDocument

    Reader = Callable[[bytes, str], RawDocument]

MAX_BYTES = 200 * 1024 * 1024

IMAGES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
"""Suffixes of pictures, which are read as scans."""

READER = 2
"""Version of reading and cleaning: raise it when either gives another text, and documents are read anew."""


def _lazy(module: str, function: str) -> Reader:
    """Return a reader whose module, and the parser under it, is imported when it first reads."""

    def read_lazily(data: bytes, name: str) -> RawDocument:
        reader: Reader = getattr(import_module(f"index.readers.{module}"), function)
        return reader(data, name)

    return read_lazily


_TEXT: dict[str, Reader] = {
    **dict.fromkeys((".txt", ".text"), _lazy("text", "read_txt")),
    **dict.fromkeys((".md", ".markdown"), _lazy("markdown", "read_markdown")),
    **dict.fromkeys((".html", ".htm", ".xhtml"), _lazy("html", "read_html")),
    **dict.fromkeys((".csv", ".tsv"), _lazy("delimited", "read_csv")),
    **dict.fromkeys((".eml", ".mht", ".mhtml"), _lazy("mail", "read_eml")),
    ".rst": _lazy("rst", "read_rst"),
    ".org": _lazy("org", "read_org"),
    ".ipynb": _lazy("notebook", "read_notebook"),
    ".fodt": _lazy("odf", "read_flat_odt"),
}

_BINARY: dict[str, Reader] = {
    ".pdf": _lazy("pdf", "read_pdf"),
    **dict.fromkeys((".docx", ".docm", ".dotx"), _lazy("word", "read_docx")),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx"), _lazy("slides", "read_pptx")),
    **dict.fromkeys((".xlsx", ".xlsm"), _lazy("sheets", "read_xlsx")),
    ".xlsb": _lazy("sheets", "read_xlsb"),
    ".odt": _lazy("odf", "read_odt"),
    ".ods": _lazy("odf", "read_ods"),
    ".odp": _lazy("odf", "read_odp"),
    ".rtf": _lazy("rich", "read_rtf"),
    ".epub": _lazy("book", "read_epub"),
    ".msg": _lazy("outlook", "read_msg"),
    ".doc": _lazy("oldword", "read_doc"),
    ".xls": _lazy("sheets", "read_xls"),
    ".ppt": _lazy("oldslides", "read_ppt"),
    ".zip": _lazy("archive", "read_zip"),
    **dict.fromkeys(IMAGES, _lazy("scan", "read_image")),
}

READERS: dict[str, Reader] = {**_TEXT, **_BINARY}

SUFFIXES = frozenset(READERS)
"""The file name suffixes that can be read, lower case, with the dot."""


def read(path: Path, *, max_bytes: int = MAX_BYTES) -> RawDocument:
    """Read the file at `path`.

    Raises:
        ReadError: when it is missing, empty, too large, of an unknown type, protected, damaged or without
            text; the message names the file, what happened and what to do.
    """
    return read_bytes(load(path, max_bytes), path.name)


def read_bytes(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a file called `name`: the member of an archive, the attachment of a mail.

    Raises:
        ReadError: as `read` does.
    """
    if Path(name).suffix.lower() not in READERS:
        raise _unknown(name)
    if not data.strip():
        raise ReadError(f"{name}: is empty.")
    document = _reader(data, name)(data, name)
    if not document.attached and not any(map(str.isalnum, document.text)):
        raise ReadError(f"{name}: holds no text.")
    return document


def identify(data: bytes) -> str:
    """Return the id of a document: a hash of the bytes of its file."""
    return hashlib.sha256(data).hexdigest()[:16]


def _unknown(name: str) -> ReadError:
    suffix = Path(name).suffix or "files without a suffix"
    return ReadError(f"{name}: cannot read {suffix}. Known: {', '.join(sorted(SUFFIXES))}.")


def load(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the bytes of a file of a known type.

    Raises:
        ReadError: when it is missing, too large, of an unknown type, or may not be read.
    """
    if path.suffix.lower() not in READERS and not path.is_dir():
        raise _unknown(path.name)
    try:
        if path.is_dir():
            raise ReadError(f"{path.name}: is a folder, not a file. Add the folder itself to take in the files in it.")
        size = path.stat().st_size
        if size > max_bytes:
            raise ReadError(f"{path.name}: {_mib(size)} is over the limit of {_mib(max_bytes)}. Split the file.")
        return path.read_bytes()
    except FileNotFoundError:
        raise ReadError(f"{path.name}: no such file ({path}).") from None
    except PermissionError:
        raise ReadError(f"{path.name}: no permission to read it. Change its permissions, then add again.") from None
    except OSError as error:
        raise ReadError(f"{path.name}: cannot be read ({error.strerror or error}).") from error


def _reader(data: bytes, name: str) -> Reader:
    """Return the reader for what the bytes are, which may not be what the suffix says."""
    from index.readers.sniff import sniff, sniff_text

    suffix = Path(name).suffix.lower()
    found = sniff(data, name)
    if found:
        return READERS[found]
    if suffix in _TEXT and suffix not in (".txt", ".text"):
        return _TEXT[suffix]
    if suffix in _BINARY and not _is_text(data, name):
        raise ReadError(f"{name}: is not a {suffix} file inside, or is damaged. Save it again and retry.")
    return _TEXT[sniff_text(data) or (".tsv" if suffix in (".xls", ".xlsx") else ".txt")]


def _is_text(data: bytes, name: str) -> bool:
    """Tell whether what should be a binary file is text: a page, a table or a letter under a wrong name."""
    from index.readers.encoding import decode

    try:
        text = decode(data, name)
    except ReadError:
        return False
    return text.count("\ufffd") * 100 < len(text)


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB" if size >= 2**20 else f"{size} bytes"
