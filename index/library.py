"""A library: a collection of documents that can be added to, brought into line with a folder, and searched.

Owns the order of things: what is added, then what is gone, then the derived indexes. How a file becomes documents is
in `index/intake.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock

from index.collections import removed_meanwhile, size, writing
from index.embed import Embedder, Vectors
from index.errors import EmbedderError, NotFoundError, StoreError
from index.intake import Intake
from index.lexical import LexicalIndex
from index.read import SUFFIXES
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
    Taken,
)
from index.vectors import VectorIndex
from index.workers import Limits

if TYPE_CHECKING:
    from index.sidecar import Sidecars


class Library:
    """The documents of one collection. Safe to share between threads and processes."""

    def __init__(self, folder: Path, embedder: Embedder, *, limits: Limits | None = None) -> None:
        self.folder = folder
        self.embedder = embedder
        self.store = Store(folder / "library.db")
        self._intake = Intake(self.store, embedder, limits or Limits())
        self._vectors = VectorIndex(folder)
        self._words = LexicalIndex(folder)
        self._lock = FileLock(folder / "indexes.lock", timeout=600)

    @classmethod
    def existing(cls, folder: Path, embedder: Embedder, *, limits: Limits | None = None) -> Library:
        """Open a library that must be there.

        Raises:
            StoreError: when there is none.
        """
        if not (folder / "library.db").exists():
            raise StoreError(
                f"there is no library {folder.name!r} yet (looked in {folder}): add documents with 'rag add PATH'"
            )
        return cls(folder, embedder, limits=limits)

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    # Changes

    def add(
        self,
        paths: Sequence[Path],
        metadata: Metadata | None = None,
        progress: Progress | None = None,
        taken: Taken | None = None,
    ) -> Report:
        """Add files, and all files of folders whose type is known; files within files are documents of their own.

        Args:
            paths: files and folders.
            metadata: values that take the place of those found in each file, and in a `metadata.csv` or
                `metadata.toml` beside it.
            progress: called after each file.
            taken: called after each file with what became of it; an error that it raises ends the adding there.
        """
        from index.sidecar import Sidecars, over  # it knows dates, whose rules a question need not wait for

        self._check_embedder()
        sidecars = Sidecars()
        roots: dict[Path, Path] = {}
        report: list[FileReport] = []
        for path in paths:
            for file in _files(path):
                why = _why_not(file, path, sidecars)
                if why is None:
                    roots.setdefault(file.resolve(), path)
                elif why:
                    report.append(FileReport(str(file), Outcome.SKIPPED, why))

        def given(source: str) -> Metadata:
            file = next(file for file in (Path(source), *Path(source).parents) if file in roots)
            return over(sidecars.of(source, roots[file]), metadata or Metadata())

        with writing(self.folder):
            taking = self._intake.take(list(roots), given)
            try:
                for number, (file, entries) in enumerate(zip(roots, taking, strict=True), 1):
                    report += entries
                    if taken:
                        taken(entries)
                    if progress:
                        progress(number, len(roots), file.name)
            except BaseException:
                self._settle(report)
                raise
            report += [FileReport(str(problem.path), Outcome.FAILED, str(problem)) for problem in sidecars.problems()]
            self._settle(report)
        return Report(tuple(report))

    def sync(self, folder: Path, progress: Progress | None = None, taken: Taken | None = None) -> Report:
        """Bring the library into line with a folder: add what is new or edited, remove what is no longer there."""
        if not folder.is_dir():
            raise NotFoundError(
                f"{folder} is not a folder: 'rag sync' takes the folder to bring the library into line with"
            )
        with writing(self.folder):
            # Adding comes first, so that a file that was moved keeps its document.
            added = self.add([folder], progress=progress, taken=taken)
            root = folder.resolve()
            files = {file for file in self.store.files().values() if Path(file).is_relative_to(root)}
            lost = {file for file in files if not Path(file).exists()}
            gone = [source for source, file in self.store.files().items() if file in lost]
            removed = [FileReport(source, Outcome.REMOVED, document=self._intake.unlink(source)) for source in gone]
            self._settle(removed)
        return Report((*added.files, *removed))

    def remove(self, reference: str) -> DocumentInfo:
        """Remove a document with all that was derived from it, and say which it was."""
        info = self.find(reference)
        with writing(self.folder):
            with self.store.transaction():
                self.store.delete(info.id)
            self._forget()
        return info

    def set_metadata(self, reference: str, metadata: Metadata) -> DocumentInfo:
        """Replace those of a document's metadata that are given; what takes the document's place keeps them."""
        from index.sidecar import over

        info = self.find(reference)
        merged = info.metadata.overridden_by(metadata)
        with writing(self.folder), self.store.transaction():
            self.store.set_metadata(info.id, merged)
            self.store.set_by_hand(info.id, over(self.store.by_hand(info.id), metadata))
        return replace(info, metadata=merged)

    # Documents

    def documents(self) -> list[DocumentInfo]:
        """List the documents in the order of their paths."""
        return list(self.infos().values())

    def infos(self) -> Mapping[str, DocumentInfo]:
        """Return what is known of each document, by its id, in the order of their paths; read anew after a change."""
        state = self.store.state
        if self._infos is None or self._infos[0] != state:
            self._infos = state, MappingProxyType({info.id: info for info in self.store.infos()})
        return self._infos[1]

    _infos: tuple[tuple[int, int], Mapping[str, DocumentInfo]] | None = None

    def document(self, identity: str) -> Document:
        """Return a document by its id.

        Raises:
            NotFoundError: when there is none of that id.
        """
        try:
            return self.store.document(identity)
        except KeyError:
            raise NotFoundError(f"no document has the id {identity!r}: 'rag list' shows those that are there") from None

    def texts(self, identity: str, spans: Sequence[tuple[int, int]]) -> list[str] | None:
        """Return the text of some spans of a document; None when it is not there."""
        return self.store.texts(identity, spans)

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

    def dense(self, vector: Vectors, k: int, within: Collection[str] | None = None) -> list[tuple[int, float]]:
        """Return the passages nearest to a vector, (id, cosine), best first; `within` limits them to documents."""
        self.catch_up()
        among = None if within is None else self.store.passage_ids(within)
        return self._vectors.search(vector, k, among)

    def lexical(self, text: str, k: int, within: Collection[str] | None = None) -> list[tuple[int, float]]:
        """Return the passages that share most with a text's words, (id, BM25 score), best first.

        `within` limits them to documents; the scores are the same as without.
        """
        self.catch_up()
        return self._words.search(text, k, within)

    def cosines(self, vector: Vectors, ids: Sequence[int]) -> dict[int, float]:
        """Return how near these passages are to a vector: the cosines that `dense` would give them."""
        self.catch_up()
        return self._vectors.cosines(vector, np.array(ids, np.int64))

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
        self._check_there()
        generation = self.store.generation
        if generation == self._caught_up:
            return
        self._check_embedder()
        with self._lock:
            self._check_there()  # else the indexes would be written again where they have just been removed
            dimension = int(self.store.get_meta("dimension") or 0) or self.embedder.dimension
            self._vectors.catch_up(self.store, dimension)
            self._words.catch_up(self.store)
            self._caught_up = generation

    _caught_up = -1

    def status(self) -> dict[str, Any]:
        """Return counts, sizes in bytes and whether the derived indexes are up to date."""
        self.catch_up()
        return {
            "folder": str(self.folder),
            **self.store.counts(),
            "vectors": len(self._vectors),
            "words": len(self._words),
            "embedder": self.store.get_meta("embedder") or self.embedder.name,
            "generation": self.store.generation,
            "bytes": size(self.folder),
        }

    # What changes share

    def _settle(self, report: Sequence[FileReport]) -> None:
        if any(entry.outcome in (Outcome.UPDATED, Outcome.REMOVED) for entry in report):
            self._forget()
        else:
            self.catch_up()

    def _forget(self) -> None:
        """Leave no byte of what was removed in the log or the derived indexes."""
        self.store.wipe()
        self.catch_up()

    def _check_there(self) -> None:
        if not self.store.path.exists():
            raise StoreError(removed_meanwhile(self.folder))

    def _check_embedder(self) -> None:
        built_with = self.store.get_meta("embedder")
        if built_with is not None and built_with != self.embedder.name:
            raise EmbedderError(
                f"the library {self.folder.name!r} was built with the embedder {built_with!r}, the settings say "
                f"{self.embedder.name!r}: set embedder = {built_with!r}, or build another --collection"
            )


def _why_not(file: Path, given: Path, sidecars: Sidecars) -> str | None:
    """Return why a file is not read, None when it is; "" when nothing need be said of it."""
    if sidecars.is_sidecar(file):
        return "holds metadata of other files: add those" if file == given else ""
    if file == given or file.suffix.lower() in SUFFIXES:
        return None
    return f"unknown type {file.suffix or 'without suffix'}"


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
