"""The desk of a server: the collections and models that it opens when they are asked for, and settings that change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from index.collections import BusyError, remove, writing
from index.embed import Embedder
from index.errors import NotFoundError, StoreError
from index.library import Library
from rag.assistant import Assistant
from rag.conversations import Conversations
from rag.errors import ModelError, SettingsError
from rag.exchange import Exchange
from rag.settings import Settings
from rag.types import Stage
from ui.desk import Desk


@pytest.fixture
def desk(tmp_path: Path, library: Library) -> Desk:
    settings = Settings(home=tmp_path / "home")
    return Desk(Assistant(library, settings), library, settings)


def test_the_library_and_the_assistant_that_it_was_given_are_the_first(desk: Desk, library: Library) -> None:
    assert desk.library() is desk.library("default") is library
    assert desk.assistant().library is library
    assert desk.assistant() is desk.assistant("default", "extractive")
    assert desk.collections() == ["default"]


def test_another_collection_is_opened_once_and_answers_from_its_own_documents(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        desk.library("ships")
    made = desk.library("ships", create=True)
    assert desk.library("ships") is made
    assert desk.collections() == ["default", "ships"]
    (tmp_path / "ferry.txt").write_text("The ferry Sule was built in Norby in 1912.", encoding="utf-8")
    made.add([tmp_path / "ferry.txt"])
    question = "Where was the ferry Sule built?"
    assert "Norby" in desk.assistant("ships").ask(question).answer
    assert desk.assistant().ask(question).status == "refused"
    desk.close()
    desk.library().documents()  # the first is the caller's, and stays open


@pytest.mark.parametrize("name", ["../up", "a b", "", "x" * 65])
def test_a_name_that_no_collection_can_have_is_refused(desk: Desk, name: str) -> None:
    if not name:
        assert desk.library(name) is desk.library()
        return
    with pytest.raises(SettingsError, match="collection"):
        desk.library(name, create=True)


def test_changed_settings_are_those_of_the_next_question(desk: Desk) -> None:
    before = desk.assistant()
    assert desk.change({"refuse_below": 1.0, "passages": 3}) is desk.settings
    after = desk.assistant()
    assert (after.settings.refuse_below, after.settings.passages) == (1.0, 3)
    assert (before.settings.refuse_below, before.settings.passages) == (0.5, 10)
    assert after.ask("How much cargo did the harbour of Lorn handle in 2013?").status == "refused"


def test_a_value_that_cannot_be_used_changes_nothing(desk: Desk) -> None:
    before = desk.settings
    with pytest.raises(SettingsError, match="refuse_below = 7"):
        desk.change({"passages": 3, "refuse_below": 7})
    assert desk.settings is before


def test_a_model_that_cannot_be_used_is_told_and_asked_for_again(desk: Desk) -> None:
    for _ in range(2):
        with pytest.raises(ModelError, match="There is no model 'nobody'"):
            desk.assistant(model="nobody")
    assert desk.assistant().model is None


def test_another_evidence_model_is_used(desk: Desk, embedder: Embedder) -> None:
    assert desk.assistant().reader is None
    desk.change({"evidence_model": "off"})
    assert desk.assistant().reader is None
    desk.change({"evidence_model": "default"})
    assert desk.library().embedder is embedder


def test_a_removed_collection_is_closed_and_its_conversations_are_gone(desk: Desk) -> None:
    made = desk.library("ships", create=True)
    desk.assistant("ships")
    desk.talks.store.ask("local", "ships", "t1", Exchange("Where was it built?"))
    desk.talks.store.ask("local", "default", "t2", Exchange("How much cargo?"))
    removal, forgotten = desk.remove("ships")
    assert (removal.info.name, removal.left, forgotten.conversations, forgotten.left) == ("ships", (), 1, ())
    assert not made.folder.exists() and desk.collections() == ["default"]
    for act in (desk.library, desk.assistant):
        with pytest.raises(StoreError, match="no library 'ships'"):
            act("ships")
    assert [one.id for one in desk.talks.listed("local", "default")] == ["t2"]
    assert desk.library("ships", create=True).documents() == [], "another may be made of that name"


def test_what_is_being_answered_with_a_removed_collection_stops(desk: Desk) -> None:
    desk.library("ships", create=True)
    c = desk.talks.open("local", "", "ships")
    begun, go_on = Event(), Event()

    def stream(*_: object) -> Iterator[Stage]:
        begun.set()
        go_on.wait(20)
        yield Stage("searching")

    desk.assistant("ships").stream = stream  # type: ignore[method-assign, assignment]
    desk.talks.ask(c, "Where was it built?")
    assert begun.wait(20) and c.busy
    assert desk.remove("ships")[1].conversations == 1
    assert not c.busy
    go_on.set()
    desk.close()
    again = Conversations(desk.settings.home / "conversations.db")
    assert again.with_collection("ships") == []
    again.close()


def test_the_collection_of_the_server_and_one_that_is_not_there_are_not_removed(desk: Desk) -> None:
    with pytest.raises(SettingsError, match="rag collections remove default"):
        desk.remove("default")
    with pytest.raises(NotFoundError, match="no collection 'nope'"):
        desk.remove("nope")
    with pytest.raises(SettingsError):
        desk.remove("../default")
    assert not (desk.settings.home / "collections" / "nope").exists()


def test_a_refused_removal_leaves_the_collection_usable(desk: Desk) -> None:
    made = desk.library("ships", create=True)
    desk.talks.store.ask("local", "ships", "t1", Exchange("Where was it built?"))
    with writing(made.folder), pytest.raises(BusyError):
        desk.remove("ships")
    assert desk.library("ships").documents() == [] and desk.talks.listed("local", "ships")


def test_a_collection_that_another_process_removed_is_not_there(desk: Desk) -> None:
    made = desk.library("ships", create=True)
    desk.assistant("ships")
    remove(made.folder)
    assert desk.collections() == ["default"]
    for act in (desk.assistant, desk.library):
        with pytest.raises(StoreError, match="no library 'ships'"):
            act("ships")
