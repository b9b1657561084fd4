"""Read plain text: any encoding, form feeds as page breaks, metadata from the first lines."""

from __future__ import annotations

from itertools import accumulate

from index.metadata import describe
from index.readers.encoding import decode
from index.types import RawDocument


def read_txt(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a text file."""
    text = decode(data, name)
    return RawDocument(text, "txt", "lines", _pages(text), describe(text))


def _pages(text: str) -> tuple[int, ...]:
    """Return where each page starts, when form feeds part the text into pages."""
    parts = text.split("\f")
    if len(parts) > 1 and not parts[-1].strip():
        parts.pop()  # printers end the last page with a form feed too
    return tuple(accumulate((len(part) + 1 for part in parts[:-1]), initial=0)) if len(parts) > 1 else ()
