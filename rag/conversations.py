"""The conversations of all users, kept in one SQLite file: what was asked, what came of it, what people made of it.

Safe to share between threads and processes. What is deleted leaves no byte: removed rows are overwritten, the words
to search by are written anew, and the write-ahead log is emptied. This module owns the schema and all SQL of it.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.database import Database
from rag.errors import RagError
from rag.exchange import Exchange, Rating
from rag.saved import answer_of, checked_of, json_of, json_of_checked

VERSION = 1
"""Version of the schema; a file of a higher one was written by a newer rag."""

_IN = "INSERT INTO words(rowid, question, said) VALUES (new.id, new.question, new.said)"
_OUT = "INSERT INTO words(words, rowid, question, said) VALUES ('delete', old.id, old.question, old.said)"
SCHEMA = (
    "CREATE TABLE conversations (id TEXT PRIMARY KEY, user TEXT NOT NULL, collection TEXT NOT NULL, "
    "title TEXT NOT NULL, changed TEXT NOT NULL)",
    "CREATE INDEX conversations_user ON conversations(user, collection, changed)",
    "CREATE TABLE exchanges (id INTEGER PRIMARY KEY AUTOINCREMENT, "
    "conversation TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE, question TEXT NOT NULL, "
    "said TEXT NOT NULL DEFAULT '', asked TEXT NOT NULL, model TEXT NOT NULL, answer TEXT, "
    "checked TEXT NOT NULL DEFAULT '[]', problem TEXT NOT NULL DEFAULT '', rating TEXT NOT NULL DEFAULT '', "
    "reason TEXT NOT NULL DEFAULT '')",
    "CREATE INDEX exchanges_conversation ON exchanges(conversation)",
    "CREATE VIRTUAL TABLE words USING fts5(question, said, content='exchanges', content_rowid='id', "
    "tokenize='trigram')",
    f"CREATE TRIGGER added AFTER INSERT ON exchanges BEGIN {_IN}; END",
    f"CREATE TRIGGER removed AFTER DELETE ON exchanges BEGIN {_OUT}; END",
    f"CREATE TRIGGER changed AFTER UPDATE OF question, said ON exchanges BEGIN {_OUT}; {_IN}; END",
)
# Runs of three characters find parts of words in any language, also in those that put no spaces between words.

SHORTEST = 3
"""Characters of a word below which the index of `words` does not find it."""
LISTED = 200
"""Most conversations that are listed at once; older ones are found by searching."""
TITLE = 80
"""Most characters of the title that a conversation gets from its first question."""


class ConversationError(RagError):
    """Conversations that cannot be kept or read, or one that is not there."""


@dataclass(frozen=True)
class Listed:
    """A conversation in a list. `changed` is when it was last added to, ISO 8601, UTC."""

    id: str
    title: str
    changed: str
    questions: int


@dataclass(frozen=True)
class Talk:
    """A conversation, whole."""

    id: str
    collection: str
    title: str
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True)
class Forgotten:
    """Conversations that were deleted together, and the files in which something of them was found afterwards: none.

    `searched` counts the bytes that were looked through.
    """

    conversations: int
    questions: int
    left: tuple[str, ...] = ()
    searched: int = 0


class Conversations(Database):
    """The conversations that are kept in a file. Every one belongs to a user, and no other user gets at it."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            ConversationError: when it cannot be opened, or was written by a newer version.
        """
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connect(path)
            self._prepare()
        except (OSError, sqlite3.Error) as error:
            raise ConversationError(
                f"the conversations in {path} cannot be opened ({error}): is the file damaged, or not writable?"
            ) from error

    def _prepare(self) -> None:
        with self.transaction():
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise ConversationError(
                    f"the conversations in {self.path} have format {version}, this rag reads {VERSION}: update rag"
                )
            if version < VERSION:
                for statement in SCHEMA:
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {VERSION}")

    # Reading

    def listed(self, user: str, collection: str, search: str = "") -> list[Listed]:
        """Return a user's conversations with a collection, the newest first.

        `search` leaves those in whose titles, questions or answers each of its words stands.
        """
        where, values = "c.user = ? AND c.collection = ?", [user, collection]
        for word in search.split():
            like = "%" + re.sub(r"([\\%_])", r"\\\1", word) + "%"
            if len(word) < SHORTEST:
                where += f" AND ({_IN_QUESTIONS}question {_LIKE} OR said {_LIKE}) OR c.title {_LIKE})"
                values += [like, like, like]
            else:
                within = "id IN (SELECT rowid FROM words WHERE words MATCH ?)"
                where += f" AND ({_IN_QUESTIONS}{within}) OR c.title {_LIKE})"
                values += ['"' + word.replace('"', '""') + '"', like]
        rows = self._rows(
            "SELECT c.id, c.title, c.changed, (SELECT count(*) FROM exchanges e WHERE e.conversation = c.id) "
            f"FROM conversations c WHERE {where} ORDER BY c.changed DESC, c.rowid DESC LIMIT {LISTED}",
            values,
        )
        return [Listed(*row) for row in rows]

    def talk(self, user: str, identity: str) -> Talk:
        """Return a conversation of a user, with all that was asked in it.

        Raises:
            ConversationError: when this user has none of that id.
        """
        rows = self._rows("SELECT id, collection, title FROM conversations WHERE id = ? AND user = ?", (identity, user))
        if not rows:
            raise ConversationError("This conversation is not there any more: it was deleted, or it is another user's.")
        asked = self._rows(f"SELECT {_FIELDS} FROM exchanges WHERE conversation = ? ORDER BY id", (identity,))
        _, collection, title = rows[0]
        return Talk(identity, collection, title, tuple(map(_exchange, asked)))

    # Writing

    def ask(self, user: str, collection: str, identity: str, exchange: Exchange) -> Exchange:
        """Keep a question that is being asked, before it is answered; its conversation begins if it is not there.

        Return it with its id and the time.

        Raises:
            ConversationError: when the conversation is another user's.
        """
        asked, title = _now(), " ".join(exchange.question.split())
        title = title if len(title) <= TITLE else title[: TITLE - 1].rstrip() + "…"
        with self.transaction():
            self._db.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                (identity, user, collection, title, asked),
            )
            self._touch(user, identity, asked)
            row = self._db.execute(
                "INSERT INTO exchanges (conversation, question, asked, model) VALUES (?, ?, ?, ?)",
                (identity, exchange.question, asked, exchange.model),
            )
        return replace(exchange, id=row.lastrowid or 0, asked=asked)

    def put(self, exchange: Exchange) -> None:
        """Keep what has come of a question that was kept; one that was deleted meanwhile stays deleted."""
        answer = exchange.answer
        self._rows(
            "UPDATE exchanges SET said = ?, answer = ?, checked = ?, problem = ? WHERE id = ?",
            (
                answer.answer if answer else " ".join(s.text for s in exchange.sentences),
                json_of(answer) if answer else None,
                "[]" if answer else json_of_checked(exchange.checked),
                exchange.problem,
                exchange.id,
            ),
        )

    def rate(self, user: str, exchange: int, rating: Rating, reason: str) -> None:
        """Keep what a user thinks of an answer, and why."""
        self._rows(
            "UPDATE exchanges SET rating = ?, reason = ? WHERE id = ? AND conversation IN "
            "(SELECT id FROM conversations WHERE user = ?)",
            (rating, reason, exchange, user),
        )

    def rename(self, user: str, identity: str, title: str) -> None:
        """Give a conversation another title; one without a letter changes nothing."""
        if title := " ".join(title.split())[: 2 * TITLE]:
            self._rows("UPDATE conversations SET title = ? WHERE id = ? AND user = ?", (title, identity, user))
            self._wipe()

    def fork(self, user: str, identity: str, count: int) -> str:
        """Begin a conversation with the first `count` questions of another, as they stand; return its id.

        Raises:
            ConversationError: when this user has no such conversation.
        """
        talk, made = self.talk(user, identity), new_id()
        with self.transaction():
            values = (made, user, talk.collection, talk.title, _now())
            self._db.execute("INSERT INTO conversations VALUES (?, ?, ?, ?, ?)", values)
            for exchange in talk.exchanges[:count]:
                self._db.execute(
                    f"INSERT INTO exchanges (conversation, {_COPIED}) SELECT ?, {_COPIED} FROM exchanges WHERE id = ?",
                    (made, exchange.id),
                )
        return made

    # Deleting

    def delete(self, user: str, identity: str) -> None:
        """Delete a conversation, to the last byte."""
        with self.transaction():
            self._db.execute("DELETE FROM conversations WHERE id = ? AND user = ?", (identity, user))
            self._db.execute("INSERT INTO words(words) VALUES ('rebuild')")
        self._wipe()

    def drop(self, user: str, exchange: int) -> None:
        """Delete one question of a conversation, to the last byte."""
        with self.transaction():
            self._db.execute(
                "DELETE FROM exchanges WHERE id = ? AND conversation IN (SELECT id FROM conversations WHERE user = ?)",
                (exchange, user),
            )
            self._db.execute("INSERT INTO words(words) VALUES ('rebuild')")
        self._wipe()

    def forget(self, collection: str) -> Forgotten:
        """Delete every user's conversations with a collection, to the last byte, and look for what is left of them."""
        with self.transaction():
            gone = self.with_collection(collection)
            questions = self._rows(_HOW_MANY, (collection,))[0][0]
            self._db.execute("DELETE FROM conversations WHERE collection = ?", (collection,))
            self._db.execute("INSERT INTO words(words) VALUES ('rebuild')")
        self._wipe()
        left, searched = self._traces(gone)
        return Forgotten(len(gone), questions, left, searched)

    def with_collection(self, collection: str) -> list[str]:
        """Return the ids of every user's conversations with a collection."""
        rows = self._rows("SELECT id FROM conversations WHERE collection = ? ORDER BY id", (collection,))
        return [str(row[0]) for row in rows]

    def _traces(self, ids: Sequence[str]) -> tuple[tuple[str, ...], int]:
        """Return the files in which one of these ids stands, as it does in each row, and the bytes of all of them."""
        found, searched = [], 0
        for file in sorted(self.path.parent.glob(f"{self.path.name}*")):
            data = file.read_bytes()
            searched += len(data)
            found += [str(file)] if any(identity.encode() in data for identity in ids) else []
        return tuple(found), searched

    def _wipe(self) -> None:
        self._rows("PRAGMA wal_checkpoint(TRUNCATE)")

    # What all share

    def _touch(self, user: str, identity: str, now: str) -> None:
        found = self._db.execute(
            "UPDATE conversations SET changed = ? WHERE id = ? AND user = ?", (now, identity, user)
        )
        if not found.rowcount:
            raise ConversationError("This conversation is another user's: begin a new one.")

    def _failed(self, error: sqlite3.Error) -> ConversationError:
        return ConversationError(
            f"the conversations in {self.path} cannot be used ({error}): is the file damaged, locked by another "
            "process, or the disk full? What was kept before is still there"
        )


def new_id() -> str:
    """Return an id for a conversation, which nobody guesses."""
    return secrets.token_hex(8)


_HOW_MANY = "SELECT count(*) FROM exchanges WHERE conversation IN (SELECT id FROM conversations WHERE collection = ?)"
_LIKE = "LIKE ? ESCAPE '\\'"
_IN_QUESTIONS = "c.id IN (SELECT conversation FROM exchanges WHERE "
_COPIED = "question, said, asked, model, answer, checked, problem, rating, reason"
_FIELDS = "question, checked, answer, problem, id, asked, model, rating, reason"


def _exchange(row: Sequence[Any]) -> Exchange:
    question, checked, answer, problem, identity, asked, model, rating, reason = row
    return Exchange(
        question,
        checked=checked_of(checked),
        answer=answer_of(answer) if answer else None,
        problem=problem,
        id=identity,
        asked=asked,
        model=model,
        rating=rating,
        reason=reason,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
