"""A file becomes documents with their sentences: read, clean, cut. What a worker process does with each file.

Owns the files within a file: attachments and members of archives are parsed as the files that they are, each a
document of its own or a line that says why not. Nothing is written to disk, fetched or followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from index.clean import clean, page_starts
from index.errors import ReadError
from index.metadata import describe_clean
from index.read import IMAGES, SUFFIXES, identify, load, read_bytes
from index.sentences import sentences
from index.types import Attached, CleanText, Document, Layout, Part, RawDocument, Sentence

DEEPEST = 3
"""Files are looked for in files within files so often, and no deeper."""

SMALL_PICTURE = 20_000
"""Pictures of fewer bytes in a mail or an archive are taken for logos and icons, and not for scans."""

LONGEST_ROW = 1_000
"""A row of a sheet up to this many characters is one sentence, so that each value keeps its column's name."""


def parse(path: Path, max_bytes: int) -> Iterator[Part | str]:
    """Yield what the file at `path` holds, itself and the files within it, each when it is read; then its id.

    Raises:
        ReadError: when the file itself cannot be read.
    """
    data = load(path, max_bytes)
    yield from _parse(read_bytes(data, path.name), data, str(path), max_bytes, 0)
    yield identify(data)


def _parse(raw: RawDocument, data: bytes, source: str, max_bytes: int, depth: int) -> Iterator[Part]:
    if raw.text or not raw.attached:
        yield _document(raw, identify(data), source)
    for attached in raw.attached:
        yield from _within(attached, f"{source}/{attached.name}", max_bytes, depth + 1)


def _within(attached: Attached, source: str, max_bytes: int, depth: int) -> Iterator[Part]:
    suffix = Path(attached.name).suffix.lower()
    if suffix not in SUFFIXES:
        yield Part(source, problem=f"unknown type {suffix or 'without suffix'}", skipped=True)
        return
    try:
        if depth > DEEPEST:
            raise ReadError(f"{attached.name}: lies {depth} files deep. Unpack the outer ones first.")
        if suffix in IMAGES and len(attached.data) < SMALL_PICTURE:
            raise ReadError(f"{attached.name}: a small picture")
        if len(attached.data) > max_bytes:
            raise ReadError(f"{attached.name}: {len(attached.data) >> 20} MB is over the limit. Divide the file.")
        yield from _parse(read_bytes(attached.data, attached.name), attached.data, source, max_bytes, depth)
    except ReadError as error:
        # Of the pictures in a mail or a report few are scans: that one holds no text is no failure.
        yield Part(source, problem=str(error), skipped=suffix in IMAGES)


def _document(raw: RawDocument, identity: str, source: str) -> Part:
    cleaned = clean(raw)
    known = describe_clean(raw, cleaned)
    document = Document(
        identity, source, raw.kind, known, cleaned.text, raw.text, cleaned.alignment, cleaned.headings,
        cleaned.removed, page_starts(cleaned, raw.pages), cleaned.notes, raw.layout,
    )  # fmt: skip
    parts = _sentences(cleaned, raw.layout, known.language or "")
    if not parts:
        return Part(source, problem=f"{Path(source).name}: no sentence is left after cleaning. Is there text in it?")
    return Part(source, document, tuple(parts))


def _sentences(cleaned: CleanText, layout: Layout, language: str) -> list[Sentence]:
    if layout != "rows":
        return sentences(cleaned.text, language)
    found: list[Sentence] = []
    start = 0
    for line in cleaned.text.split("\n"):
        if line.strip():
            parts = [Sentence(0, len(line))] if len(line) <= LONGEST_ROW else sentences(line, language)
            found += (Sentence(start + part.start, start + part.end) for part in parts)
        start += len(line) + 1
    return found
