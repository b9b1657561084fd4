from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from index.embed import Embedder
from index.library import Library
from rag.assistant import Assistant
from rag.errors import ModelError, QuestionError
from rag.settings import Settings
from rag.types import Event, Stage, Turn
from ui.ask_tab import NOTHING
from ui.conversation import Conversation
from ui.desk import Desk
from ui.page import Page

QUESTION = "How many tons of cargo did the harbour of Lorn handle in 2013?"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def page(library: Library, settings: Settings) -> Page:
    return Page(Desk(Assistant(library, settings), library, settings))


class Failing(Assistant):
    """An assistant that begins, and fails with the error it is given."""

    error: Exception

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Event]:
        yield Stage("searching")
        raise self.error


def event(**data: object) -> gr.EventData:
    return gr.EventData(None, data)


def last(steps: Iterator[tuple[Any, ...]]) -> str:
    *_, (html, *_) = steps
    assert isinstance(html, str)
    return html


def test_a_question_is_answered_step_by_step(page: Page) -> None:
    steps = list(page.ask.ask(QUESTION, Conversation()))
    words = [step[0] for step in steps]
    assert "Searching…" in words[0] and "4.2 million" not in words[0]
    assert any("Reading…" in word for word in words)
    assert any("4.2 million" in word and "Checking…" in word for word in words)
    assert "4.2 million" in words[-1] and "…</p>" not in words[-1]
    assert steps[0][-1] == "", "the question leaves its box"
    assert steps[0][2]["visible"] and not steps[-1][2]["visible"], "stop is there while it is of use"


def test_a_follow_up_leans_on_the_conversation(page: Page) -> None:
    session = Conversation()
    last(page.ask.ask(QUESTION, session))
    html = last(page.ask.ask("And in 2018?", session))
    assert len(session.exchanges) == 2 and "Understood as" in html
    assert "6.8 million" in html


def test_two_conversations_do_not_mix(page: Page) -> None:
    one = page.ask.ask(QUESTION, Conversation())
    two = page.ask.ask("How many loaves does the bakery sell a day?", Conversation())
    shown = {"one": "", "two": ""}
    for first, second in zip_longest(one, two):
        shown |= {"one": first[0]} if first else {}
        shown |= {"two": second[0]} if second else {}
    assert "4.2 million" in shown["one"] and "loaves" not in shown["one"]
    assert "300 loaves" in shown["two"] and "million" not in shown["two"]


def test_a_question_waits_for_the_one_before(page: Page) -> None:
    session = Conversation()
    first = page.ask.ask(QUESTION, session)
    next(first)
    assert list(page.ask.ask("How many loaves?", session)) == [NOTHING]
    assert "4.2 million" in last(first) and len(session.exchanges) == 1


def test_an_empty_question_asks_nothing(page: Page) -> None:
    session = Conversation()
    ((html, *_),) = page.ask.ask("  \n", session)
    assert session.exchanges == [] and "3 documents" in html


@pytest.mark.parametrize("question", ["???", "why " * 2000])
def test_a_question_that_cannot_be_asked_is_refused_in_words(page: Page, question: str) -> None:
    session = Conversation()
    html = last(page.ask.ask(question, session))
    assert 'role="alert"' in html and "Traceback" not in html
    assert session.exchanges[0].problem and not session.busy


@pytest.mark.parametrize("error", [ModelError("the model is <b>down</b>"), QuestionError("too odd")])
def test_an_error_becomes_a_sentence(page: Page, error: Exception) -> None:
    failing = Failing(page.desk.library(), page.desk.settings)
    page = Page(Desk(failing, page.desk.library(), page.desk.settings))
    failing.error = error
    session = Conversation()
    html = last(page.ask.ask(QUESTION, session))
    assert session.exchanges[0].problem == str(error) and "<b>" not in html


def test_an_error_of_ours_does_not_leave_the_page_waiting(page: Page) -> None:
    failing = Failing(page.desk.library(), page.desk.settings)
    page = Page(Desk(failing, page.desk.library(), page.desk.settings))
    failing.error = ZeroDivisionError()
    session = Conversation()
    with pytest.raises(ZeroDivisionError):
        last(page.ask.ask(QUESTION, session))
    assert not session.busy and "could not be answered" in page.ask.refresh(session)


def test_an_empty_library_says_how_to_begin(embedder: Embedder, settings: Settings, tmp_path: Path) -> None:
    library = Library(tmp_path / "empty", embedder)
    page = Page(Desk(Assistant(library, settings), library, settings))
    assert "add some under Documents" in last(page.ask.ask(QUESTION, Conversation()))
    assert "add some under Documents" in page.ask.refresh(Conversation())
    library.close()


def test_stop_keeps_what_there_is_and_nothing_comes_after(page: Page) -> None:
    session = Conversation()
    steps = page.ask.ask(QUESTION, session)
    while not session.exchanges or not session.exchanges[-1].checked:
        next(steps)
    html, ask, stop = page.ask.stop(session)
    assert "Stopped." in html and "4.2 million" in html and "Checking…" not in html
    assert ask["visible"] and not stop["visible"]
    assert list(steps) == [NOTHING]
    stopped = list(session.exchanges)
    page.ask.stop(session)
    assert session.exchanges == stopped, "stopping what has ended changes nothing"
    page.ask.stop(Conversation())


def test_a_new_conversation_takes_nothing_of_the_old(page: Page) -> None:
    session = Conversation()
    steps = page.ask.ask(QUESTION, session)
    next(steps)
    html, *_, panel = page.ask.clear(session)
    assert "3 documents" in html and "Choose a citation" in panel
    other = page.ask.ask("How many loaves does the bakery sell a day?", session)
    next(other)
    assert list(steps) == [NOTHING]
    assert "300 loaves" in last(other) and len(session.exchanges) == 1


def test_a_citation_is_shown_in_its_document(page: Page) -> None:
    session = Conversation()
    last(page.ask.ask(QUESTION, session))
    quote = session.exchanges[0].citations[0].quote
    assert f"<mark>{quote}</mark>" in page.ask.show(session, None, event(turn="0", place="1"))
    wrong: list[dict[str, object]] = [
        {},
        {"turn": "5", "place": "1"},
        {"turn": "0", "place": "../x"},
        {"turn": []},
    ]
    for data in wrong:
        assert "not in the conversation any more" in page.ask.show(session, None, event(**data))
    assert "not in the conversation any more" in page.ask.show(session, None, gr.EventData(None, "text"))
    page.desk.library().remove("harbour.md")
    assert "not in the library any more" in page.ask.show(session, None, event(turn="0", place="1"))


def test_the_page_has_no_part_that_reads_markup(page: Page) -> None:
    async def build() -> gr.Blocks:  # outside a loop gradio makes some and leaves them open
        return page.build()

    blocks = asyncio.run(build())
    kinds = {type(block).__name__ for block in blocks.blocks.values()}
    assert not kinds & {"Chatbot", "Markdown", "DataFrame"}
    # What a list of choices shows is text (tests/test_ui_browser.py looks); a hint beside a part is read as Markdown.
    hints = {str(hint) for block in blocks.blocks.values() if (hint := getattr(block, "info", None))}
    assert not {hint for hint in hints if any(sign in hint for sign in "<>[]`*_$")}
    assert not blocks.analytics_enabled
