"""What a library holds of a document: the proof that nothing is left of one that was removed.

Counts rows and entries, and looks for the document's own words in every byte of the library's files.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from index.library import Library
from index.types import Document, DocumentInfo

SAMPLES = 8
"""Pieces of a document's text that are looked for in the files."""
SAMPLE = 32
"""Characters of each: few enough that most do not stand across two of the database's pages."""


@dataclass(frozen=True)
class Traces:
    """What is there of a document: rows of the database, entries of the two indexes, files that hold words of it."""

    documents: int
    paths: int
    sentences: int
    passages: int
    vectors: int
    words: int
    files: tuple[str, ...]

    def __bool__(self) -> bool:
        return any((self.documents, self.paths, self.sentences, self.passages, self.vectors, self.words, self.files))


@dataclass(frozen=True)
class Removal:
    """A removed document, what there was of it, and what was found of it afterwards; `searched` counts bytes."""

    info: DocumentInfo
    before: Traces
    after: Traces
    searched: int


def remove(library: Library, reference: str) -> Removal:
    """Remove a document, and look for what is left of it.

    Raises:
        NotFoundError: when there is no such document, or several are meant.
    """
    info = library.find(reference)
    document = library.document(info.id)
    passages = library.store.passage_ids([info.id]).tolist()
    before = traces(library, document, passages)
    library.remove(info.id)
    after = traces(library, document, passages)
    return Removal(info, before, after, sum(map(_size, _files(library))))


def traces(library: Library, document: Document, passages: Sequence[int]) -> Traces:
    """Return what a library holds of a document, there or removed, which had these passages.

    Words that stand in another document too are no trace of this one.
    """
    rows = library.store.counts_of(document.id, passages)
    vectors = library.cosines(np.zeros(library.embedder.dimension, np.float32), passages)
    words = library.lexical(document.text[:10_000], max(len(passages), 1), [document.id])
    samples = _samples(document.text)
    own = cache(lambda sample: not library.store.stands_elsewhere(sample, document.id))
    files = tuple(file.name for file in _files(library) if any(map(own, _held(file, samples))))
    return Traces(**rows, vectors=len(vectors), words=len(words), files=files)


def _samples(text: str) -> list[str]:
    """Return pieces from all over a text."""
    step = max(len(text) // SAMPLES, SAMPLE)
    pieces = (text[at : at + SAMPLE].strip() for at in range(0, len(text), step))
    return [piece for piece in pieces if len(piece) >= SAMPLE // 2]


def _files(library: Library) -> list[Path]:
    """Return the files that a library has made; uploaded ones are the user's, and go with their documents."""
    uploads = library.folder / "uploads"
    return [file for file in library.folder.rglob("*") if file.is_file() and not file.is_relative_to(uploads)]


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:  # another removal has just had the indexes written anew
        return 0


def _held(file: Path, samples: Sequence[str]) -> Iterator[str]:
    """Yield those of the samples that stand in a file."""
    with suppress(FileNotFoundError), file.open("rb") as opened:
        if not opened.seek(0, 2):
            return
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield from (sample for sample in samples if data.find(sample.encode()) >= 0)
