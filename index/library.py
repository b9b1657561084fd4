"""A library: a collection of documents that can be added to, brought into line with a folder, and searched.

Owns the order of things: read, clean, sentences, passages, embeddings, one transaction; then the derived indexes.
A file that fails costs itself and a line in the report, never the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from index.clean import clean
from index.embed import Embedder
from index.errors import EmbedderError, LibraryError, NotFoundError, ReadError, StoreError
from index.lexical import LexicalIndex
from index.passages import passages
from index.read import READER, SUFFIXES, read
from index.sentences import sentences
from index.store import Store
from index.types import (
    Document,
    DocumentInfo,
    FileReport,
    Metadata,
    Outcome,
    Passage,
    Progress,
    Report,
    Sentence,
    Vectors,
)
from index.vectors import VectorIndex

MAX_BYTES = 100 << 20
PASSAGE_TOKENS = 180
"""Most tokens of a passage; with its title and heading it stays within the window of 256 of the default model."""


class Library:
    """The documents of one collection. Safe to share between threads and processes."""

    def __init__(self, folder: Path, embedder: Embedder, *, max_bytes: int = MAX_BYTES) -> None:
        self.folder = folder
        self.embedder = embedder
        self._max_bytes = max_bytes
        self.store = Store(folder / "library.db")
        self._vectors = VectorIndex(folder)
        self._words = LexicalIndex(folder)
        self._lock = FileLock(folder / "indexes.lock", timeout=600)

    @classmethod
    def existing(cls, folder: Path, embedder: Embedder, *, max_bytes: int = MAX_BYTES) -> Library:
        """Open a library that must be there.

        Raises:
            StoreError: when there is none.
        """
        if not (folder / "library.db").exists():
            raise StoreError(
                f"there is no library {folder.name!r} yet (looked in {folder}): add documents with 'rag add PATH'"
            )
        return cls(folder, embedder, max_bytes=max_bytes)

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    # Changes

    def add(
        self,
        paths: Sequence[Path],
        metadata: Metadata | None = None,
        progress: Progress | None = None,
    ) -> Report:
        """Add files, and all files of folders whose type is known.

        Args:
            paths: files and folders.
            metadata: values that take the place of those found in each file.
            progress: called after each file.
        """
        files, report = [], []
        for path in paths:
            found = list(_files(path))
            unknown = [f for f in found if f.suffix.lower() not in SUFFIXES and f != path]
            report += [
                FileReport(str(f), Outcome.SKIPPED, f"unknown type {f.suffix or 'without suffix'}") for f in unknown
            ]
            files += [f for f in found if f not in set(unknown)]
        return self._add(files, report, metadata or Metadata(), progress)

    def sync(self, folder: Path, progress: Progress | None = None) -> Report:
        """Bring the library into line with a folder: add what is new or edited, remove what is no longer there."""
        if not folder.is_dir():
            raise NotFoundError(
                f"{folder} is not a folder: 'rag sync' takes the folder to bring the library into line with"
            )
        # Adding comes first, so that a file that was moved keeps its document.
        added = self.add([folder], progress=progress)
        root = folder.resolve()
        gone = [s for s in self.store.sources() if Path(s).is_relative_to(root) and not Path(s).exists()]
        removed = [FileReport(source, Outcome.REMOVED, document=self._unlink(source)) for source in gone]
        if removed:
            self._forget()
        return Report((*added.files, *removed))

    def remove(self, reference: str) -> DocumentInfo:
        """Remove a document with all that was derived from it, and say which it was."""
        info = self.find(reference)
        with self.store.transaction():
            self.store.delete(info.id)
        self._forget()
        return info

    def set_metadata(self, reference: str, metadata: Metadata) -> DocumentInfo:
        """Replace those of a document's metadata that are given."""
        info = self.find(reference)
        merged = info.metadata.overridden_by(metadata)
        with self.store.transaction():
            self.store.set_metadata(info.id, merged)
        return replace(info, metadata=merged)

    # Documents

    def documents(self) -> list[DocumentInfo]:
        """List the documents in the order of their paths."""
        return self.store.infos()

    def document(self, identity: str) -> Document:
        """Return a document by its id.

        Raises:
            NotFoundError: when there is none of that id.
        """
        try:
            return self.store.document(identity)
        except KeyError:
            raise NotFoundError(f"no document has the id {identity!r}: 'rag list' shows those that are there") from None

    def find(self, reference: str) -> DocumentInfo:
        """Find the one document that an id (or the start of one), a path or a file name means."""
        infos = self.documents()
        path = str(Path(reference).resolve())
        tests: list[Callable[[DocumentInfo], bool]] = [
            lambda i: i.id == reference or i.source in (reference, path),
            lambda i: Path(i.source).name == reference,
            lambda i: len(reference) >= 3 and (i.id.startswith(reference) or Path(i.source).name.startswith(reference)),
        ]
        for test in tests:
            found = [info for info in infos if test(info)]
            if len(found) == 1:
                return found[0]
            if found:
                names = ", ".join(f"{i.id[:8]} {Path(i.source).name}" for i in found[:5])
                raise NotFoundError(
                    f"{reference!r} means several documents ({names}): give a longer id or the whole path"
                )
        raise NotFoundError(f"no document is called {reference!r}: 'rag list' shows those that are there")

    # Search

    def dense(self, vector: Vectors, k: int, among: NDArray[np.int64] | None = None) -> list[tuple[int, float]]:
        """Return the passages nearest to a vector, (id, cosine), best first."""
        self.catch_up()
        return self._vectors.search(vector, k, among)

    def lexical(self, text: str, k: int, among: NDArray[np.int64] | None = None) -> list[tuple[int, float]]:
        """Return the passages that share most with a text's words, (id, BM25 score), best first."""
        self.catch_up()
        return self._words.search(text, k, among)

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Return in how many passages each term of `index.lexical.analyse` occurs."""
        self.catch_up()
        return self._words.frequencies(terms)

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[str, Passage, str]]:
        """Return the document's id, the passage and its text, for each id."""
        return self.store.passages(ids)

    def sentences(self, document: str, first: int, last: int) -> tuple[list[Sentence], Vectors]:
        """Return sentences `first` to `last` of a document and their embeddings, shape (n, dimension)."""
        return self.store.sentences(document, first, last)

    def catch_up(self) -> None:
        """Bring the derived indexes to the database's generation."""
        generation = self.store.generation
        if generation == self._caught_up:
            return
        self._check_embedder()
        with self._lock:
            dimension = int(self.store.get_meta("dimension") or 0) or self.embedder.dimension
            self._vectors.catch_up(self.store, dimension)
            self._words.catch_up(self.store)
            self._caught_up = generation

    _caught_up = -1

    def status(self) -> dict[str, Any]:
        """Return counts, sizes in bytes and whether the derived indexes are up to date."""
        self.catch_up()
        files = [f for f in self.folder.rglob("*") if f.is_file()]
        return {
            "folder": str(self.folder),
            **self.store.counts(),
            "vectors": len(self._vectors),
            "words": len(self._words),
            "embedder": self.store.get_meta("embedder") or self.embedder.name,
            "generation": self.store.generation,
            "bytes": sum(f.stat().st_size for f in files),
        }

    # How a file becomes a document

    def _add(
        self, files: Sequence[Path], report: list[FileReport], given: Metadata, progress: Progress | None
    ) -> Report:
        self._check_embedder()
        replaced = False
        for number, path in enumerate(files, start=1):
            try:
                entry = self._take(path, given)
            except LibraryError as error:
                entry = FileReport(str(path), Outcome.FAILED, str(error))
            replaced = replaced or entry.outcome is Outcome.UPDATED
            report.append(entry)
            if progress:
                progress(number, len(files), path.name)
        if replaced:
            self._forget()
        else:
            self.catch_up()
        return Report(tuple(report))

    def _take(self, path: Path, given: Metadata) -> FileReport:
        source = str(path.resolve())
        identity = self._identify(path)
        if self.store.reader_of(identity) == READER:
            return self._keep(source, identity, given)
        raw = read(path, max_bytes=self._max_bytes)
        cleaned = clean(raw)
        metadata = raw.metadata.overridden_by(replace(given, date_basis="user" if given.date else None))
        pages = tuple(cleaned.alignment.to_clean(offset) for offset in raw.pages)
        document = Document(
            identity, source, raw.kind, metadata, cleaned.text, raw.text, cleaned.alignment,
            cleaned.headings, (*raw.removed, *cleaned.removed), pages,
        )  # fmt: skip
        outcome = Outcome.UPDATED if self.store.document_at(source) else Outcome.ADDED
        self._insert(document)
        return FileReport(source, outcome, document=identity)

    def _identify(self, path: Path) -> str:
        try:
            size = path.stat().st_size
            if path.is_file() and size <= self._max_bytes:
                return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        except OSError as error:
            raise ReadError(f"{path}: {error.strerror or error}: check the path and its permissions") from error
        if path.is_file():
            raise ReadError(
                f"{path}: {size / 2**20:.0f} MB is over the limit of {self._max_bytes / 2**20:.0f} MB: "
                "divide the file, or raise 'max_file_mb'"
            )
        raise ReadError(f"{path}: not a regular file: give a file or a folder")

    def _keep(self, source: str, identity: str, given: Metadata) -> FileReport:
        """Let a path lead to a document that is there already."""
        before = self.store.document_at(source)
        with self.store.transaction():
            if given != Metadata():
                metadata = self.store.document(identity).metadata
                given = replace(given, date_basis="user" if given.date else None)
                self.store.set_metadata(identity, metadata.overridden_by(given))
            self.store.link(source, identity)
            orphaned = before is not None and before != identity and before not in self.store.sources().values()
            if before is not None and orphaned:
                self.store.delete(before)
        if orphaned:
            return FileReport(source, Outcome.UPDATED, document=identity)
        known = "" if before == identity else "the same content is in the library already"
        return FileReport(source, Outcome.UNCHANGED, known, identity)

    def _insert(self, document: Document) -> None:
        parts = sentences(document.text, document.metadata.language or "")
        if not parts:
            raise ReadError(f"{document.source}: no sentence is left after cleaning: is there text in the file?")
        texts = [document.text[s.start : s.end] for s in parts]
        budget = min(PASSAGE_TOKENS, self.embedder.max_tokens - 2)
        made = passages(document, parts, self.embedder.count(texts), budget)
        vectors = self.embedder.encode([_described(document, p) for p in made])
        sentence_vectors = self.embedder.encode(texts)
        with self.store.transaction():
            self._claim_embedder()
            before = self.store.document_at(document.source)
            if self.store.reader_of(document.id) is not None:  # read by an older reader: its paths stay
                paths = [path for path, other in self.store.sources().items() if other == document.id]
                self.store.delete(document.id)
            else:
                paths = []
            self.store.put(document, parts, sentence_vectors, made, vectors, READER)
            for path in paths:
                self.store.link(path, document.id)
            if before is not None and before not in self.store.sources().values():
                self.store.delete(before)

    def _unlink(self, source: str) -> str:
        with self.store.transaction():
            document = self.store.document_at(source) or ""
            self.store.unlink(source)
            if document not in self.store.sources().values():
                self.store.delete(document)
        return document

    def _forget(self) -> None:
        """Leave no byte of what was removed in the log or the derived indexes."""
        self.store.wipe()
        self.catch_up()

    def _check_embedder(self) -> None:
        built_with = self.store.get_meta("embedder")
        if built_with is not None and built_with != self.embedder.name:
            raise EmbedderError(
                f"the library {self.folder.name!r} was built with the embedder {built_with!r}, the settings say "
                f"{self.embedder.name!r}: set embedder = {built_with!r}, or build another --collection"
            )

    def _claim_embedder(self) -> None:
        if self.store.get_meta("embedder") is None:
            self.store.set_meta("embedder", self.embedder.name)
            self.store.set_meta("dimension", str(self.embedder.dimension))


def _described(document: Document, passage: Passage) -> str:
    """Return what a passage is embedded as: its title and heading, then its text."""
    name = " › ".join(part for part in (document.metadata.title, passage.heading) if part)
    return f"{name}\n{document.text[passage.start : passage.end]}"


def _files(path: Path) -> Iterator[Path]:
    """Yield a file itself, or the files of a folder and of its folders, in order, hidden ones left out."""
    try:
        entries = sorted(path.iterdir()) if path.is_dir() else None
    except OSError:
        entries = None  # a folder that may not be entered is reported like a file that cannot be read
    if entries is None:
        yield path
        return
    for entry in entries:
        if not entry.name.startswith(".") and not (entry.is_symlink() and entry.is_dir()):
            yield from _files(entry)
