from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag.conversations import ConversationError, Conversations, new_id
from rag.exchange import Exchange
from rag.saved import SavedError, answer_of, json_of
from rag.types import (
    Answer,
    AnswerSentence,
    Checked,
    Citation,
    Dropped,
    Nearest,
    RetrievedPassage,
    Trace,
    Verdict,
)

QUOTE = "Herring is 60 per cent of the catch."
CITED = Citation(1, "d1", "/files/harbour.txt", "The harbour", "Ines Falk", "2014-03", 3, 10, 10 + len(QUOTE), QUOTE)
SENTENCE = AnswerSentence("Herring made up 60 per cent.", Verdict.PARTIAL, 0.9, (1,), "In 2014 Falk wrote:")
PASSAGE = RetrievedPassage(0, "d1", 10, 46, QUOTE, "", {"dense": 1, "lexical": 2}, 0.5, 0.4, 0.3, (10, 46))
ANSWER = Answer(
    "What is caught?",
    "partial",
    "Herring made up 60 per cent. [1]",
    (SENTENCE,),
    (CITED,),
    (Nearest("d1", "/files/harbour.txt", "The harbour", None, None, None, 10, 46, QUOTE),),
    (Dropped("Cod too.", "no source says so"),),
    Trace("What is caught?", {"author": "Falk"}, 0.8, "extractive", {"draft": 3}, {"total": 4.0}, (PASSAGE,), ("x",)),
)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Conversations]:
    made = Conversations(tmp_path / "home" / "conversations.db")
    yield made
    made.close()


def asked(kept: Conversations, question: str, identity: str = "", user: str = "local", said: str = "") -> str:
    """Keep a question with an answer, and return the id of its conversation."""
    identity = identity or new_id()
    exchange = kept.ask(user, "default", identity, Exchange(question, model="extractive"))
    kept.put(replace(exchange, answer=replace(ANSWER, question=question, answer=said or ANSWER.answer)))
    return identity


def test_an_answer_is_read_back_equal() -> None:
    assert answer_of(json_of(ANSWER)) == ANSWER


@pytest.mark.parametrize("text", ["{", "[]", '{"status": "answered"}', json_of(ANSWER).replace("partial", "perhaps")])
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(SavedError, match="ask the question again"):
        answer_of(text)


def test_a_conversation_outlives_its_server(kept: Conversations) -> None:
    identity = asked(kept, "What is caught?")
    exchange = kept.ask("local", "default", identity, Exchange("And how much cod?", model="gguf:package"))
    kept.put(replace(exchange, checked=(Checked(SENTENCE, (CITED,)),), problem="Stopped."))
    kept.rate("local", exchange.id, "down", "No cod.")
    kept.close()
    again = Conversations(kept.path)
    talk = again.talk("local", identity)
    assert (talk.title, talk.collection) == ("What is caught?", "default")
    first, second = talk.exchanges
    assert first.answer == ANSWER and first.model == "extractive" and first.asked
    assert second.sentences == (SENTENCE,) and second.citations == (CITED,)
    assert (second.problem, second.rating, second.reason) == ("Stopped.", "down", "No cod.")
    again.close()


def test_a_question_is_kept_before_it_is_answered(kept: Conversations) -> None:
    exchange = kept.ask("local", "default", new_id(), Exchange("What is caught?"))
    other = Conversations(kept.path)  # as after a crash: nothing was closed
    (listed,) = other.listed("local", "default")
    (found,) = other.talk("local", listed.id).exchanges
    assert (found.id, found.question, found.answer, found.problem) == (exchange.id, "What is caught?", None, "")
    other.close()


def test_the_newest_comes_first_and_each_has_its_collection_and_user(kept: Conversations) -> None:
    one, two = asked(kept, "What is caught?"), asked(kept, "Who is the director?")
    asked(kept, "Whose is this?", user="other")
    kept.ask("local", "letters", new_id(), Exchange("Who wrote?"))
    assert [listed.id for listed in kept.listed("local", "default")] == [two, one]
    asked(kept, "And cod?", one)
    assert [(x.id, x.questions) for x in kept.listed("local", "default")] == [(one, 2), (two, 1)]
    assert [x.title for x in kept.listed("local", "letters")] == ["Who wrote?"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("herring", True),
        ("HERR", True),
        ("director herring", True),
        ("herring turnip", False),
        ("60", True),
        ("61", False),
        ('"herring', False),
        ("per_cent", False),
        ("%", False),
        ("* OR NEAR(", False),
        ("гавань", True),
        ("鲱鱼", True),
        ("", True),
    ],
)
def test_it_is_found_by_what_was_asked_and_said(kept: Conversations, search: str, found: bool) -> None:
    identity = asked(kept, "Was ist die Гавань и 港口的鲱鱼?")
    asked(kept, "Who is the director?", identity)
    assert bool(kept.listed("local", "default", search)) is found


def test_a_title_is_found_and_changed(kept: Conversations) -> None:
    identity = asked(kept, "What is caught?")
    kept.rename("local", identity, "  The\ncatch of 2014 ")
    kept.rename("local", identity, " ")
    kept.rename("other", identity, "Mine")
    assert [x.title for x in kept.listed("local", "default", "catch of")] == ["The catch of 2014"]
    assert len(kept.listed("local", "default", "of")) == 1


def test_nobody_gets_at_the_conversation_of_another(kept: Conversations) -> None:
    identity = asked(kept, "What is caught?")
    (exchange,) = kept.talk("local", identity).exchanges
    for act in (
        lambda: kept.talk("other", identity),
        lambda: kept.fork("other", identity, 1),
        lambda: kept.ask("other", "default", identity, Exchange("Mine?")),
    ):
        with pytest.raises(ConversationError):
            act()
    kept.delete("other", identity)
    kept.drop("other", exchange.id)
    kept.rate("other", exchange.id, "down", "no")
    assert kept.talk("local", identity).exchanges == (exchange,)


def test_a_fork_leaves_the_conversation_as_it_was(kept: Conversations) -> None:
    identity = asked(kept, "What is caught?")
    asked(kept, "And cod?", identity)
    fork = kept.fork("local", identity, 1)
    asked(kept, "And herring?", fork)
    assert [e.question for e in kept.talk("local", identity).exchanges] == ["What is caught?", "And cod?"]
    assert [e.question for e in kept.talk("local", fork).exchanges] == ["What is caught?", "And herring?"]
    assert kept.talk("local", fork).exchanges[0].answer == ANSWER
    assert len(kept.listed("local", "default", "herring")) == 2


SECRETS = ("Zyxxomatic", "Quorvleb", "Wrathpin", "Bjelkyn")


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file()).lower()


def test_what_is_deleted_leaves_no_byte(kept: Conversations) -> None:
    other = asked(kept, "What is caught?")
    question, said, reason, title = SECRETS
    identity = asked(kept, f"{question}? " * 400, said=f"{said}. " * 3000)
    (exchange,) = kept.talk("local", identity).exchanges
    kept.rate("local", exchange.id, "up", reason)
    kept.rename("local", identity, title)
    folder = kept.path.parent
    assert all(secret.lower().encode() in bytes_of(folder) for secret in SECRETS)
    assert kept.listed("local", "default", question)
    kept.delete("local", identity)
    left = bytes_of(folder)
    # The words to search by stand in runs of three characters, of which only the end may be written out.
    assert not [secret for secret in SECRETS if secret.lower().encode() in left]
    assert b"zyx" not in left and b"rvleb" not in left
    with sqlite3.connect(kept.path) as db:
        db.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, words, row)")
        terms = {term for (term,) in db.execute("SELECT term FROM temp.terms")}
    db.close()
    assert "cau" in terms and not terms & {"zyx", "quo", "rvl"}
    assert [x.id for x in kept.listed("local", "default")] == [other]


def test_a_question_that_is_dropped_leaves_no_byte(kept: Conversations) -> None:
    identity = asked(kept, "What is caught?")
    asked(kept, "Zyxxomatic?", identity)
    first, second = kept.talk("local", identity).exchanges
    kept.drop("local", second.id)
    assert kept.talk("local", identity).exchanges == (first,)
    assert b"zyxxo" not in bytes_of(kept.path.parent)


def test_conversations_with_a_removed_collection_leave_no_byte(kept: Conversations) -> None:
    other = asked(kept, "What is caught?")
    question, said, *_ = SECRETS
    gone = []
    for user in ("local", "someone"):
        identity = new_id()
        exchange = kept.ask(user, "ships", identity, Exchange(f"{question} of {user}?"))
        kept.put(replace(exchange, answer=replace(ANSWER, answer=f"{said}. " * 3000)))
        kept.ask(user, "ships", identity, Exchange("And then?"))
        gone.append(identity)
    assert kept.with_collection("ships") == sorted(gone)
    forgotten = kept.forget("ships")
    assert (forgotten.conversations, forgotten.questions, forgotten.left) == (2, 4, ())
    assert forgotten.searched > 10_000
    left = bytes_of(kept.path.parent)
    assert not [secret for secret in (question, said, *gone) if secret.lower().encode() in left]
    assert [x.id for x in kept.listed("local", "default")] == [other] and kept.with_collection("ships") == []
    assert kept.forget("ships").conversations == 0


def test_what_is_left_of_conversations_is_found(kept: Conversations) -> None:
    identity = new_id()
    kept.ask("local", "ships", identity, Exchange("What is caught?"))
    copy = kept.path.with_name("conversations.db.copy")
    copy.write_bytes(b"x" * 100 + identity.encode())
    assert kept.forget("ships").left == (str(copy),)


def test_what_comes_after_a_deletion_is_not_kept(kept: Conversations) -> None:
    identity = new_id()
    exchange = kept.ask("local", "default", identity, Exchange("What is caught?"))
    kept.delete("local", identity)
    kept.put(replace(exchange, answer=ANSWER))
    assert kept.listed("local", "default") == [] and kept.listed("local", "default", "herring") == []


def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, kept: Conversations) -> None:
    path = tmp_path / "damaged.db"
    path.write_bytes(b"SQLite format 3\x00" + b"x" * 500)
    with pytest.raises(ConversationError, match=r"damaged.db cannot be opened"):
        Conversations(path)
    with sqlite3.connect(kept.path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(ConversationError, match="format 99"):
        Conversations(kept.path)
