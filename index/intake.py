"""How files become documents of a library: read by workers, embedded, stored, each in one transaction.

Owns what happens when a file is there already, was edited, lies within another, or cannot be read. A file that fails
costs itself and a line in the report, never the others, and never what was read of it before.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path

from index.embed import Embedder
from index.errors import LibraryError
from index.passages import passages
from index.read import READER, identify
from index.store import Store
from index.types import Document, FileReport, Metadata, Outcome, Parsed, Part, Passage, Sentence
from index.workers import Limits, Workers

PASSAGE_TOKENS = 180
"""Most tokens of a passage; with its title and heading it stays within the window of 256 of the default model."""

Given = Callable[[str], Metadata]
"""The metadata that the user gives for the document at a path."""


class Intake:
    """Takes files into a store."""

    def __init__(self, store: Store, embedder: Embedder, limits: Limits) -> None:
        self._store = store
        self._embedder = embedder
        self._limits = limits

    def take(self, files: Sequence[Path], given: Given) -> Iterator[list[FileReport]]:
        """Take in files, by their full paths, some read ahead of others; yield what became of each, in order."""
        with Workers(self._limits) as workers:
            for path, parsed in workers.map(files, self._is_new):
                try:
                    yield self._keep_file(path, given) if parsed is None else self._settle(path, parsed, given)
                except LibraryError as error:
                    yield [FileReport(str(path), Outcome.FAILED, str(error))]

    def unlink(self, source: str) -> str:
        """Let a path lead nowhere, and remove the document to which no other path leads. Return its id."""
        with self._store.transaction():
            document = self._store.document_at(source)
            self._store.unlink(source)
            self._store.forget_container(source)
            self._drop_orphan(document)
        return document or ""

    # What is there already

    def _is_new(self, path: Path) -> bool:
        try:
            if path.stat().st_size > self._limits.max_bytes:
                return True
            identity = identify(path.read_bytes())
        except OSError:
            return True  # reading it will say what is wrong
        if self._store.container(str(path)) == (identity, READER):
            return False
        holds_files = self._store.is_container(identity) or self._store.sources_within(str(path))
        return bool(holds_files) or self._store.reader_of(identity) != READER

    def _keep_file(self, path: Path, given: Given) -> list[FileReport]:
        source = str(path)
        if self._store.container(source) is None:
            return [self._keep(source, identify(path.read_bytes()), "", given)]
        within = [(inner, source) for inner in self._store.sources_within(source)]
        known = self._store.sources()
        places = [(source, ""), *within] if source in known else within
        return [self._keep(place, known[place], container, given) for place, container in places]

    def _keep(self, source: str, identity: str, container: str, given: Given) -> FileReport:
        """Let a path lead to a document that is there already."""
        metadata, by_hand = self._store.metadata(identity), self._store.by_hand(identity)
        said = _by_user(given(source))
        wanted, left = metadata.overridden_by(said), _without(by_hand, said)
        before = self._store.document_at(source)
        with self._store.transaction():
            if wanted != metadata:
                self._store.set_metadata(identity, wanted)
            if left != by_hand:
                self._store.set_by_hand(identity, left)
            self._store.link(source, identity, container)
            replaced = before != identity and self._drop_orphan(before)
        if replaced:
            return FileReport(source, Outcome.UPDATED, document=identity)
        known = "" if before == identity else "the same content is in the library already"
        return FileReport(source, Outcome.UNCHANGED, known, identity)

    # What is new

    def _settle(self, path: Path, parsed: Parsed, given: Given) -> list[FileReport]:
        source = str(path)
        reports = [self._settle_part(part, source, given) for part in parsed.parts]
        if any(part.source == source and part.problem for part in parsed.parts):
            return reports  # what was read of it before stays
        present = {part.source for part in parsed.parts}
        before = [*self._store.sources_within(source), *([source] if self._store.document_at(source) else [])]
        reports += [
            FileReport(gone, Outcome.REMOVED, document=self.unlink(gone)) for gone in before if gone not in present
        ]
        with self._store.transaction():
            if any(report.outcome is Outcome.FAILED for report in reports) or present == {source}:
                self._store.forget_container(source)
            else:
                self._store.set_container(source, parsed.id, READER)
        return reports

    def _settle_part(self, part: Part, file: str, given: Given) -> FileReport:
        if part.document is None:
            return FileReport(part.source, Outcome.SKIPPED if part.skipped else Outcome.FAILED, part.problem)
        container = "" if part.source == file else file
        try:
            if self._store.reader_of(part.document.id) == READER:
                return self._keep(part.source, part.document.id, container, given)
            outcome = Outcome.UPDATED if self._store.document_at(part.source) else Outcome.ADDED
            said = _by_user(given(part.source))
            by_hand = _without(self._by_hand(part.document), said)
            metadata = part.document.metadata.overridden_by(by_hand).overridden_by(said)
            self._insert(replace(part.document, metadata=metadata), part.sentences, container, by_hand)
        except LibraryError as error:
            return FileReport(part.source, Outcome.FAILED, str(error))
        return FileReport(part.source, outcome, _unread(part.document), part.document.id)

    def _by_hand(self, document: Document) -> Metadata:
        """Return what the user has set of a document, or of the one whose place it takes."""
        read_before = self._store.reader_of(document.id) is not None
        return self._store.by_hand(document.id if read_before else self._store.document_at(document.source))

    def _insert(self, document: Document, parts: Sequence[Sentence], container: str, by_hand: Metadata) -> None:
        texts = [document.text[s.start : s.end] for s in parts]
        budget = min(PASSAGE_TOKENS, self._embedder.max_tokens - 2)
        made = passages(document, parts, self._embedder.count(texts), budget)
        vectors = self._embedder.encode([_described(document, p, parts) for p in made])
        sentence_vectors = self._embedder.encode(texts)
        with self._store.transaction():
            self._claim_embedder()
            before = self._store.document_at(document.source)
            # Read by an older reader: its paths stay.
            places = self._store.places(document.id) | {document.source: container}
            if self._store.reader_of(document.id) is not None:
                self._store.delete(document.id)
            self._store.put(document, parts, sentence_vectors, made, vectors, READER)
            self._store.set_by_hand(document.id, by_hand)
            for path, file in places.items():
                self._store.link(path, document.id, file)
            if before != document.id:
                self._drop_orphan(before)

    def _drop_orphan(self, document: str | None) -> bool:
        """Remove a document to which no path leads any more; tell whether there was one."""
        if document is None or self._store.places(document):
            return False
        self._store.delete(document)
        return True

    def _claim_embedder(self) -> None:
        if self._store.get_meta("embedder") is None:
            self._store.set_meta("embedder", self._embedder.name)
            self._store.set_meta("dimension", str(self._embedder.dimension))


def _unread(document: Document) -> str:
    """Say how many pages of a document hold no text that could be read."""
    pictures = sum(item.kind == "scan" for item in document.removed)
    if not pictures:
        return ""
    pages = "one page is a picture" if pictures == 1 else f"{pictures} pages are pictures"
    return f"{pages} without text: install Tesseract, remove the document and add it again to have all of it"


def _by_user(given: Metadata) -> Metadata:
    return replace(given, date_basis="user" if given.date else None)


def _without(by_hand: Metadata, said: Metadata) -> Metadata:
    """Return what was set by hand of which nothing else is said now."""
    kept = {f.name: None for f in fields(Metadata) if getattr(said, f.name) is not None}
    return replace(by_hand, **kept | ({"date_basis": None} if "date" in kept else {}))


def _described(document: Document, passage: Passage, parts: Sequence[Sentence]) -> str:
    """Return what a passage is embedded as: its title and heading, its text, for a note the sentence it belongs to."""
    name = " › ".join(part for part in (document.metadata.title, passage.heading) if part)
    text = f"{name}\n{document.text[passage.start : passage.end]}"
    note = document.note_at(passage.start)
    if note is None:
        return text
    # A mark stands behind the last character of its sentence, or within it.
    at = max(bisect_left(parts, note.mark, key=lambda s: s.start) - 1, 0)
    return f"{text}\n{document.text[parts[at].start : parts[at].end]}"
