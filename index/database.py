"""A SQLite file that threads and processes share: one statement at a time, all of a block's changes or none."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any


class Database(ABC):
    """What a class has that keeps its data in such a file."""

    _db: sqlite3.Connection
    _lock: RLock

    def _connect(self, path: Path) -> None:
        """Open the file, or make it; what is deleted is overwritten.

        Raises:
            sqlite3.Error: when it cannot be opened.
        """
        self._lock = RLock()
        self._db = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
            self._db.execute(f"PRAGMA {pragma}")

    @abstractmethod
    def _failed(self, error: sqlite3.Error) -> Exception:
        """Return what is raised in the place of an error of SQLite: what happened, and what to do."""

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
