"""The one truth of a library: documents, passages, sentences and embeddings in one SQLite file.

One transaction a document, write-ahead logging, and removed rows overwritten with zeros. Every change raises the
generation, by which the derived indexes see that they are behind. This module owns the schema and all SQL.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.database import Database
from index.embed import Vectors
from index.errors import StoreError
from index.types import (
    Alignment,
    Document,
    DocumentInfo,
    Heading,
    Metadata,
    Note,
    Passage,
    Removed,
    Run,
    Sentence,
)

VERSION = 3
"""Version of the schema; a library of a higher one was written by a newer rag."""

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, metadata TEXT NOT NULL, text TEXT NOT NULL, raw TEXT NOT NULL,
    alignment TEXT NOT NULL, headings TEXT NOT NULL, removed TEXT NOT NULL, pages TEXT NOT NULL, added TEXT NOT NULL,
    reader INTEGER NOT NULL, notes TEXT NOT NULL DEFAULT '[]', layout TEXT NOT NULL DEFAULT 'blocks'
) WITHOUT ROWID;
CREATE TABLE sources (
    path TEXT PRIMARY KEY, document TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    container TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX sources_document ON sources(document);
CREATE TABLE containers (path TEXT PRIMARY KEY, hash TEXT NOT NULL, reader INTEGER NOT NULL) WITHOUT ROWID;
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
CREATE TABLE passage_texts (
    id INTEGER PRIMARY KEY REFERENCES passages(id) ON DELETE CASCADE, text TEXT NOT NULL
);
"""
# A passage's text stands in its document's too, but SQLite reads all of a text to give a part of it: 100 passages of
# long documents took longer than the whole of a search. Beside the embedding it would leave half of each page empty.

_BY_HAND = """
CREATE TABLE IF NOT EXISTS by_hand (
    document TEXT PRIMARY KEY REFERENCES documents(id) ON DELETE CASCADE, metadata TEXT NOT NULL
) WITHOUT ROWID
"""
# No format of its own: a rag that does not know of it reads the library as before.

_FROM_1 = """
ALTER TABLE documents ADD COLUMN notes TEXT NOT NULL DEFAULT '[]';
ALTER TABLE documents ADD COLUMN layout TEXT NOT NULL DEFAULT 'blocks';
ALTER TABLE sources ADD COLUMN container TEXT NOT NULL DEFAULT '';
CREATE TABLE containers (path TEXT PRIMARY KEY, hash TEXT NOT NULL, reader INTEGER NOT NULL) WITHOUT ROWID;
"""

_FROM_2 = """
CREATE TABLE passage_texts (
    id INTEGER PRIMARY KEY REFERENCES passages(id) ON DELETE CASCADE, text TEXT NOT NULL
)
"""


class Store(Database):
    """The SQLite file of one library. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._connect(path)
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
        if version < VERSION:
            with self.transaction():
                # Another process may have been first while this one waited for the lock.
                version = self._db.execute("PRAGMA user_version").fetchone()[0]
                if version == 0:
                    self._run(SCHEMA)
                    self._db.execute("INSERT INTO meta VALUES ('generation', '0')")
                if version == 1:
                    self._run(_FROM_1)
                if version in (1, 2):
                    self._run(_FROM_2)
                    for row in self._rows("SELECT id FROM documents"):
                        self._put_texts(*row)
                self._db.execute(f"PRAGMA user_version = {VERSION}")
        self._db.execute(_BY_HAND)

    def _run(self, statements: str) -> None:
        for statement in statements.split(";"):
            self._db.execute(statement)

    def _failed(self, error: sqlite3.Error) -> StoreError:
        return StoreError(
            f"the library {self.path} cannot be used ({error}): is it damaged, locked by another process, "
            "or the disk full? What was added before is kept"
        )

    # What the library is

    @property
    def state(self) -> tuple[int, int]:
        """What is the same only as long as nothing was written, by this process or by another."""
        return self._rows("PRAGMA data_version")[0][0], self._db.total_changes

    @property
    def generation(self) -> int:
        """How many changes the library has seen."""
        return int(self.get_meta("generation") or 0)

    @property
    def titles(self) -> int:
        """How often the title of a document has been changed; passages are found by the words of titles too."""
        return int(self.get_meta("titles") or 0)

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
        runs, headings, removed, notes = (
            json.dumps([tuple(asdict(x).values()) for x in group], separators=(",", ":"))
            for group in (d.alignment.runs, d.headings, d.removed, d.notes)
        )
        metadata = json.dumps(asdict(d.metadata), ensure_ascii=False)
        added = datetime.now(UTC).isoformat(timespec="seconds")
        self._db.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(d.id, d.kind, metadata, d.text, d.raw, runs, headings, removed),
                *(json.dumps(d.pages), added, reader, notes, d.layout),
            ),
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
        self._put_texts(d.id)
        self._changed()

    def _put_texts(self, document: str) -> None:
        text = self._rows("SELECT text FROM documents WHERE id = ?", (document,))[0][0]
        spans = self._rows('SELECT id, start, "end" FROM passages WHERE document = ?', (document,))
        texts = ((identity, text[start:end]) for identity, start, end in spans)
        self._db.executemany("INSERT INTO passage_texts VALUES (?, ?)", texts)

    def link(self, source: str, document: str, container: str = "") -> None:
        """Let a path lead to a document, which lies in the file `container` if that is given.

        Call within a transaction.
        """
        self._db.execute(
            "INSERT INTO sources VALUES (?, ?, ?) ON CONFLICT (path) DO UPDATE "
            "SET document = excluded.document, container = excluded.container",
            (source, document, container),
        )

    def unlink(self, source: str) -> None:
        """Let a path lead nowhere. Call within a transaction."""
        self._db.execute("DELETE FROM sources WHERE path = ?", (source,))

    def delete(self, document: str) -> None:
        """Remove a document and all that belongs to it. Call within a transaction."""
        # A file that held it is no longer wholly there: it is to be read when it is added again.
        self._db.execute(
            "DELETE FROM containers WHERE path IN "
            "(SELECT iif(container = '', path, container) FROM sources WHERE document = ?)",
            (document,),
        )
        self._db.execute("DELETE FROM documents WHERE id = ?", (document,))
        self._changed()

    def set_metadata(self, document: str, metadata: Metadata) -> None:
        """Replace a document's metadata. Call within a transaction."""
        if metadata.title != self.metadata(document).title:
            self.set_meta("titles", str(self.titles + 1))
        data = json.dumps(asdict(metadata), ensure_ascii=False)
        self._db.execute("UPDATE documents SET metadata = ? WHERE id = ?", (data, document))
        self._changed()

    def by_hand(self, document: str | None) -> Metadata:
        """Return what a user has set of a document's metadata; "" is what was taken away."""
        rows = self._rows("SELECT metadata FROM by_hand WHERE document = ?", (document,))
        return Metadata(**json.loads(rows[0][0])) if rows else Metadata()

    def set_by_hand(self, document: str, metadata: Metadata) -> None:
        """Note what a user has set of a document's metadata, for what takes its place. Call within a transaction."""
        self._db.execute("DELETE FROM by_hand WHERE document = ?", (document,))
        if metadata != Metadata():
            data = json.dumps(asdict(metadata), ensure_ascii=False)
            self._db.execute("INSERT INTO by_hand VALUES (?, ?)", (document, data))

    def wipe(self) -> None:
        """Empty the write-ahead log, so that no removed text outlives its removal there."""
        self._rows("PRAGMA wal_checkpoint(TRUNCATE)")

    # Files that hold files

    def set_container(self, path: str, identity: str, reader: int) -> None:
        """Note that all files within the file at `path` are there. Call within a transaction."""
        self._db.execute("INSERT OR REPLACE INTO containers VALUES (?, ?, ?)", (path, identity, reader))

    def forget_container(self, path: str) -> None:
        """Forget that the file at `path` holds files. Call within a transaction."""
        self._db.execute("DELETE FROM containers WHERE path = ?", (path,))

    def container(self, path: str) -> tuple[str, int] | None:
        """Return the hash of a file that holds files, and the version of the code that read it."""
        rows = self._rows("SELECT hash, reader FROM containers WHERE path = ?", (path,))
        return (str(rows[0][0]), int(rows[0][1])) if rows else None

    def is_container(self, identity: str) -> bool:
        """Tell whether the file of a hash is known to hold files, wherever it lies."""
        return bool(self._rows("SELECT 1 FROM containers WHERE hash = ?", (identity,)))

    def sources_within(self, container: str) -> list[str]:
        """Return the paths of the documents that lie in a file."""
        rows = self._rows("SELECT path FROM sources WHERE container = ? ORDER BY path", (container,))
        return [str(row[0]) for row in rows]

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

    def files(self) -> dict[str, str]:
        """Return every path and the file on disk that it lies in, which may be itself."""
        return dict(self._rows("SELECT path, iif(container = '', path, container) FROM sources ORDER BY path"))

    def places(self, document: str) -> dict[str, str]:
        """Return every path that leads to a document, and the file that it lies in, "" for itself."""
        return dict(self._rows("SELECT path, container FROM sources WHERE document = ? ORDER BY path", (document,)))

    def metadata(self, document: str) -> Metadata:
        """Return the metadata of a document that is there."""
        return Metadata(**json.loads(self._rows("SELECT metadata FROM documents WHERE id = ?", (document,))[0][0]))

    def document(self, document: str) -> Document:
        """Return a document.

        Raises:
            KeyError: when there is none of that id.
        """
        rows = self._rows(
            "SELECT id, (SELECT min(path) FROM sources WHERE document = id), kind, metadata, text, raw, alignment, "
            "headings, removed, pages, notes, layout FROM documents WHERE id = ?",
            (document,),
        )
        if not rows:
            raise KeyError(document)
        identity, source, kind, metadata, text, raw, alignment, headings, removed, pages, notes, layout = rows[0]
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
            tuple(Note(*x) for x in json.loads(notes)),
            layout,
        )

    def infos(self) -> list[DocumentInfo]:
        """Return a row for every document, in the order of their paths."""
        rows = self._rows(
            "SELECT d.id, coalesce((SELECT min(path) FROM sources WHERE document = d.id), ''), d.kind, d.metadata, "
            "length(d.text), coalesce((SELECT max(number) + 1 FROM sentences WHERE document = d.id), 0), "
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

    def counts_of(self, document: str, passages: Sequence[int]) -> dict[str, int]:
        """Return how many rows there are of a document that has, or had, these passages."""
        tables = {"documents": "id", "sources": "document", "sentences": "document", "passages": "document"}
        counts = {
            table: int(self._rows(f"SELECT count(*) FROM {table} WHERE {column} = ?", (document,))[0][0])
            for table, column in tables.items()
        }
        texts = "SELECT count(*) FROM passage_texts WHERE id IN (SELECT value FROM json_each(?))"
        left = int(self._rows(texts, (json.dumps(list(map(int, passages))),))[0][0])
        counts["passages"] = max(counts["passages"], left)
        return {"paths" if table == "sources" else table: count for table, count in counts.items()}

    def texts(self, document: str, spans: Sequence[tuple[int, int]]) -> list[str] | None:
        """Return the text of some spans of a document, without reading the rest of what is known; None without it."""
        rows = self._rows("SELECT text FROM documents WHERE id = ?", (document,))
        return [rows[0][0][start:end] for start, end in spans] if rows else None

    def stands_elsewhere(self, words: str, document: str) -> bool:
        """Tell whether words stand in another document than this."""
        sql = "SELECT 1 FROM documents WHERE id != ? AND (instr(text, ?) OR instr(raw, ?)) LIMIT 1"
        return bool(self._rows(sql, (document, words, words)))

    def passage_ids(self, within: Collection[str] | None = None) -> NDArray[np.int64]:
        """Return the ids of all passages, or of those of some documents, ascending. An id is never used again."""
        if within is None:
            rows = self._rows("SELECT id FROM passages ORDER BY id")
        else:
            rows = self._rows(
                "SELECT id FROM passages WHERE document IN (SELECT value FROM json_each(?)) ORDER BY id",
                (json.dumps(list(within)),),
            )
        return np.array([row[0] for row in rows], np.int64)

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
            'SELECT p.id, p.document, p.start, p."end", p.first, p.last, p.heading, p.page, t.text '
            "FROM passages p JOIN passage_texts t ON t.id = p.id WHERE p.id IN (SELECT value FROM json_each(?))",
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
