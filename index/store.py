"""The one truth of a library: documents, passages, sentences and embeddings in one SQLite file.

One transaction a document, write-ahead logging, and removed rows overwritten with zeros. Every change raises the
generation, by which the derived indexes see that they are behind. This module owns the schema and all SQL.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import StoreError
from index.types import (
    Alignment,
    Document,
    DocumentInfo,
    Heading,
    Metadata,
    Passage,
    Removed,
    Run,
    Sentence,
    Vectors,
)

VERSION = 1
"""Version of the schema; a library of a higher one was written by a newer rag."""

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, metadata TEXT NOT NULL, text TEXT NOT NULL, raw TEXT NOT NULL,
    alignment TEXT NOT NULL, headings TEXT NOT NULL, removed TEXT NOT NULL, pages TEXT NOT NULL, added TEXT NOT NULL,
    reader INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE sources (
    path TEXT PRIMARY KEY, document TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX sources_document ON sources(document);
CREATE TABLE sentences (
    document TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE, number INTEGER NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, embedding BLOB NOT NULL, PRIMARY KEY (document, number)
) WITHOUT ROWID;
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    heading TEXT NOT NULL, page INTEGER, embedding BLOB NOT NULL
);
CREATE INDEX passages_document ON passages(document);
"""


class Store:
    """The SQLite file of one library. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = RLock()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
                self._db.execute(f"PRAGMA {pragma}")
            self._prepare()
        except sqlite3.Error as error:
            raise StoreError(
                f"the library {path} cannot be opened ({error}): is the file damaged or locked?"
            ) from error

    def _prepare(self) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            self._db.close()
            raise StoreError(
                f"the library {self.path} has format {version}, this rag reads up to {VERSION}: "
                "update rag, or use another --collection"
            )
        if version == 0:
            with self.transaction():
                # Another process may have been first while this one waited for the lock.
                if self._db.execute("PRAGMA user_version").fetchone()[0] == 0:
                    for statement in SCHEMA.split(";"):
                        self._db.execute(statement)
                    self._db.execute("INSERT INTO meta VALUES ('generation', '0')")
                    self._db.execute(f"PRAGMA user_version = {VERSION}")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of the block's changes or none; other processes wait."""
        with self._lock:
            self._rows("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise self._failed(error) from error
                raise

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        with self._lock:
            try:
                return self._db.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                raise self._failed(error) from error

    def _failed(self, error: sqlite3.Error) -> StoreError:
        return StoreError(
            f"the library {self.path} cannot be used ({error}): is it damaged, locked by another process, "
            "or the disk full? What was added before is kept"
        )

    # What the library is

    @property
    def generation(self) -> int:
        """How many changes the library has seen."""
        return int(self.get_meta("generation") or 0)

    def get_meta(self, key: str) -> str | None:
        """Return a property of the library."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def set_meta(self, key: str, value: str) -> None:
        """Set a property of the library."""
        self._rows(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, value),
        )

    def _changed(self) -> None:
        self._rows("UPDATE meta SET value = value + 1 WHERE key = 'generation'")

    # Changes

    def put(
        self,
        document: Document,
        sentences: Sequence[Sentence],
        sentence_vectors: Vectors,
        passages: Sequence[Passage],
        passage_vectors: Vectors,
        reader: int,
    ) -> None:
        """Add a document that is not there yet, with all that belongs to it. Call within a transaction.

        `reader` is the version of the code that read it, by which a later one knows that it is to be read anew.
        """
        d = document
        parts = [
            json.dumps([tuple(asdict(x).values()) for x in group], separators=(",", ":"))
            for group in (d.alignment.runs, d.headings, d.removed)
        ]
        metadata = json.dumps(asdict(d.metadata), ensure_ascii=False)
        added = datetime.now(UTC).isoformat(timespec="seconds")
        self._db.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (d.id, d.kind, metadata, d.text, d.raw, *parts, json.dumps(d.pages), added, reader),
        )
        self._db.executemany(
            "INSERT INTO sentences VALUES (?, ?, ?, ?, ?)",
            [
                (d.id, number, s.start, s.end, vector.astype(np.float16).tobytes())
                for number, (s, vector) in enumerate(zip(sentences, sentence_vectors, strict=True))
            ],
        )
        self._db.executemany(
            'INSERT INTO passages (document, start, "end", first, last, heading, page, embedding) '
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (d.id, p.start, p.end, p.first, p.last, p.heading, p.page, vector.tobytes())
                for p, vector in zip(passages, passage_vectors, strict=True)
            ],
        )
        self.link(d.source, d.id)
        self._changed()

    def link(self, source: str, document: str) -> str | None:
        """Let a path lead to a document; return the document it led to before. Call within a transaction."""
        before = self.document_at(source)
        self._db.execute(
            "INSERT INTO sources VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET document = excluded.document",
            (source, document),
        )
        return before

    def unlink(self, source: str) -> None:
        """Let a path lead nowhere. Call within a transaction."""
        self._db.execute("DELETE FROM sources WHERE path = ?", (source,))

    def delete(self, document: str) -> None:
        """Remove a document and all that belongs to it. Call within a transaction."""
        self._db.execute("DELETE FROM documents WHERE id = ?", (document,))
        self._changed()

    def set_metadata(self, document: str, metadata: Metadata) -> None:
        """Replace a document's metadata. Call within a transaction."""
        data = json.dumps(asdict(metadata), ensure_ascii=False)
        self._db.execute("UPDATE documents SET metadata = ? WHERE id = ?", (data, document))
        self._changed()

    def wipe(self) -> None:
        """Empty the write-ahead log, so that no removed text outlives its removal there."""
        self._rows("PRAGMA wal_checkpoint(TRUNCATE)")

    # Documents

    def reader_of(self, document: str) -> int | None:
        """Return the version of the code that read the document; None when it is not there."""
        rows = self._rows("SELECT reader FROM documents WHERE id = ?", (document,))
        return int(rows[0][0]) if rows else None

    def document_at(self, source: str) -> str | None:
        """Return the id of the document to which a path leads."""
        rows = self._rows("SELECT document FROM sources WHERE path = ?", (source,))
        return str(rows[0][0]) if rows else None

    def sources(self) -> dict[str, str]:
        """Return every path and the id of the document to which it leads."""
        return dict(self._rows("SELECT path, document FROM sources ORDER BY path"))

    def document(self, document: str) -> Document:
        """Return a document.

        Raises:
            KeyError: when there is none of that id.
        """
        rows = self._rows(
            "SELECT id, (SELECT min(path) FROM sources WHERE document = id), kind, metadata, text, raw, alignment, "
            "headings, removed, pages FROM documents WHERE id = ?",
            (document,),
        )
        if not rows:
            raise KeyError(document)
        identity, source, kind, metadata, text, raw, alignment, headings, removed, pages = rows[0]
        return Document(
            identity,
            source or "",
            kind,
            Metadata(**json.loads(metadata)),
            text,
            raw,
            Alignment(tuple(Run(*x) for x in json.loads(alignment))),
            tuple(Heading(*x) for x in json.loads(headings)),
            tuple(Removed(*x) for x in json.loads(removed)),
            tuple(json.loads(pages)),
        )

    def infos(self) -> list[DocumentInfo]:
        """Return a row for every document, in the order of their paths."""
        rows = self._rows(
            "SELECT d.id, coalesce((SELECT min(path) FROM sources WHERE document = d.id), ''), d.kind, d.metadata, "
            "length(d.text), (SELECT count(*) FROM sentences WHERE document = d.id), "
            "(SELECT count(*) FROM passages WHERE document = d.id), json_array_length(d.pages), d.added "
            "FROM documents d ORDER BY 2"
        )
        return [DocumentInfo(r[0], r[1], r[2], Metadata(**json.loads(r[3])), *r[4:]) for r in rows]

    # Passages and sentences

    def counts(self) -> dict[str, int]:
        """Return how many documents, passages and sentences there are."""
        return {
            table: self._rows(f"SELECT count(*) FROM {table}")[0][0] for table in ("documents", "passages", "sentences")
        }

    def passage_ids(self) -> NDArray[np.int64]:
        """Return the ids of all passages, ascending. An id is never used again."""
        return np.array([row[0] for row in self._rows("SELECT id FROM passages ORDER BY id")], np.int64)

    def passage_vectors(self, ids: Sequence[int], dimension: int) -> Vectors:
        """Return the embeddings of these passages, which must be in ascending order, shape (len(ids), dimension)."""
        rows = self._rows(
            "SELECT embedding FROM passages WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(list(map(int, ids))),),
        )
        return np.frombuffer(b"".join(row[0] for row in rows), np.float32).reshape(-1, dimension)

    def passages(self, ids: Sequence[int]) -> dict[int, tuple[str, Passage, str]]:
        """Return the document's id, the passage and its text, for each of these ids that exists."""
        rows = self._rows(
            'SELECT p.id, p.document, p.start, p."end", p.first, p.last, p.heading, p.page, '
            'substr(d.text, p.start + 1, p."end" - p.start) '
            "FROM passages p JOIN documents d ON d.id = p.document WHERE p.id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(map(int, ids))),),
        )
        return {r[0]: (r[1], Passage(*r[2:8]), r[8]) for r in rows}

    def sentences(self, document: str, first: int, last: int) -> tuple[list[Sentence], Vectors]:
        """Return sentences `first` to `last` of a document and their embeddings, shape (n, dimension)."""
        rows = self._rows(
            'SELECT start, "end", embedding FROM sentences WHERE document = ? AND number BETWEEN ? AND ? '
            "ORDER BY number",
            (document, first, last),
        )
        vectors = np.frombuffer(b"".join(r[2] for r in rows), np.float16).astype(np.float32)
        return [Sentence(r[0], r[1]) for r in rows], vectors.reshape(len(rows), -1)
