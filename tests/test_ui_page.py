from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

import gradio as gr
import pytest

from index.embed import Embedder
from index.library import Library
from rag.assistant import Assistant
from rag.errors import ModelError, QuestionError
from rag.filters import NO_FILTERS, Filters
from rag.settings import Settings
from rag.types import Checked, Event, Stage, Turn
from tests.ui_window import Window, event, shelf
from ui.desk import Desk
from ui.page import Page

QUESTION = "How many tons of cargo did the harbour of Lorn handle in 2013?"
BREAD = "How many loaves does the bakery sell a day?"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    """Return a library that no test changes."""
    with shelf(tmp_path_factory.mktemp("page"), embedder) as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def desks() -> Iterator[list[Desk]]:
    made: list[Desk] = []
    yield made
    for desk in made:
        desk.close()


@pytest.fixture
def page(library: Library, settings: Settings, desks: list[Desk]) -> Page:
    desks.append(Desk(Assistant(library, settings), library, settings))
    return Page(desks[-1])


@pytest.fixture
def window(page: Page) -> Window:
    return Window(page.ask)


class Failing(Assistant):
    """An assistant that begins, and fails with the error it is given."""

    error: Exception

    def stream(self, question: str, history: Sequence[Turn] = (), filters: Filters = NO_FILTERS) -> Iterator[Event]:
        yield Stage("searching")
        raise self.error


class Slow(Assistant):
    """An assistant that goes on after a sentence when it is let."""

    go_on: threading.Semaphore

    def stream(self, question: str, history: Sequence[Turn] = (), filters: Filters = NO_FILTERS) -> Iterator[Event]:
        for come in super().stream(question, history):
            yield come
            if isinstance(come, Checked):
                assert self.go_on.acquire(timeout=20)


@pytest.fixture
def slow(library: Library, settings: Settings, desks: list[Desk]) -> Iterator[tuple[Window, Slow]]:
    """Return a window on a server that answers slowly, and its assistant."""
    made = Slow(library, settings)
    made.go_on = threading.Semaphore(0)
    desks.append(Desk(made, library, settings))
    yield Window(Page(desks[-1]).ask), made
    made.go_on.release(100)


def failing(library: Library, settings: Settings, desks: list[Desk], error: Exception) -> Window:
    """Return a window on a server whose assistant fails."""
    made = Failing(library, settings)
    made.error = error
    desks.append(Desk(made, library, settings))
    return Window(Page(desks[-1]).ask)


def until_checked(window: Window, question: str = QUESTION) -> Iterator[str]:
    """Ask until the first sentence is there; return the steps that are left."""
    steps = window.steps(question)
    while not window.id or not window.conversation.exchanges[-1].checked:
        next(steps)
    return steps


def idle(window: Window) -> None:
    """Wait until the server has nothing to do."""
    for _ in range(1000):
        if not window.tab.talks._running:
            return
        time.sleep(0.01)
    raise AssertionError("a question is still being answered")


def test_a_question_is_answered_step_by_step(slow: tuple[Window, Slow]) -> None:
    window, assistant = slow
    window.question = QUESTION
    steps = window.steps(QUESTION)
    shown = [next(steps)]
    assert "…</p>" in shown[0], "there is at once something to see"
    assert window.question == "" and window.stops and not window.asks
    assert QUESTION in window.listed, "it is kept before it is answered"
    while "4.2 million" not in shown[-1]:
        shown.append(next(steps))
    assert "Checking sentence 1…" in shown[-1]
    assistant.go_on.release(100)
    shown += list(steps)
    assert "4.2 million" in shown[-1] and "…</p>" not in shown[-1] and window.asks and not window.stops
    assert 'aria-current="true"' in window.listed


def test_a_follow_up_leans_on_the_conversation(window: Window) -> None:
    window.ask(QUESTION)
    html = window.ask("And in 2018?")
    assert len(window.conversation.exchanges) == 2 and "Understood as" in html
    assert "6.8 million" in html


def test_two_people_and_their_conversations_do_not_mix(page: Page) -> None:
    one, two = Window(page.ask, "one"), Window(page.ask, "two")
    for _ in zip_longest(one.steps(QUESTION), two.steps(BREAD)):
        pass
    assert "4.2 million" in one.html and "loaves" not in one.html
    assert "300 loaves" in two.html and "million" not in two.html
    assert "loaves" not in one.listed and QUESTION not in two.listed
    idle(one)
    assert "another user&#x27;s" in (two.load(f"conversation={one.id}") and two.notice)
    assert "4.2 million" not in two.html


def test_a_question_waits_for_the_one_before(slow: tuple[Window, Slow]) -> None:
    window, assistant = slow
    first = until_checked(window)
    list(window.steps("How many loaves?"))
    assert "still being answered" in window.notice and len(window.conversation.exchanges) == 1
    assistant.go_on.release(100)
    assert "4.2 million" in list(first)[-1]


def test_an_empty_question_asks_nothing(window: Window) -> None:
    assert window.ask("  \n") == "" and window.id == ""


@pytest.mark.parametrize("question", ["???", "why " * 2000])
def test_a_question_that_cannot_be_asked_stays_in_its_box(window: Window, question: str) -> None:
    window.question = question
    window.ask(question)
    assert 'role="alert"' in window.notice and "Traceback" not in window.notice
    assert window.question == question
    assert window.id == "" and window.tab.talks.listed("local", "default") == []


@pytest.mark.parametrize("error", [ModelError("the model is <b>down</b>"), QuestionError("too odd")])
def test_an_error_becomes_a_sentence(library: Library, settings: Settings, desks: list[Desk], error: Exception) -> None:
    window = failing(library, settings, desks, error)
    html = window.ask(QUESTION)
    assert window.conversation.exchanges[0].problem == str(error) and "<b>" not in html
    idle(window)
    assert window.load(f"conversation={window.id}") == html, "also when the page is loaded again"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_of_ours_does_not_leave_the_page_waiting(
    library: Library, settings: Settings, desks: list[Desk]
) -> None:
    window = failing(library, settings, desks, ZeroDivisionError())
    assert "could not be answered" in window.ask(QUESTION)
    assert not window.conversation.busy and window.asks
    idle(window)
    assert "could not be answered" in window.load(f"conversation={window.id}")


def test_an_empty_library_says_how_to_begin(
    embedder: Embedder, settings: Settings, desks: list[Desk], tmp_path: Path
) -> None:
    library = Library(tmp_path / "empty", embedder)
    desks.append(Desk(Assistant(library, settings), library, settings))
    window = Window(Page(desks[-1]).ask)
    window.ask(QUESTION)
    assert "add some under Documents" in window.notice
    assert "add some under Documents" in window.load()
    library.close()


def test_stop_keeps_what_there_is_and_nothing_comes_after(slow: tuple[Window, Slow]) -> None:
    window, assistant = slow
    steps = until_checked(window)
    html = window.do(window.tab.stop)
    assert "Stopped." in html and "4.2 million" in html and "Checking" not in html
    assert window.asks and not window.stops
    idle(window)
    assistant.go_on.release(100)
    assert list(steps) == [""]
    stopped = window.conversation.exchanges
    assert stopped[-1].problem == "stopped" and stopped[-1].checked and not stopped[-1].answer
    window.do(window.tab.stop)
    assert window.conversation.exchanges == stopped, "stopping what has ended changes nothing"
    Window(window.tab).do(window.tab.stop)


def test_a_new_conversation_takes_nothing_of_the_old_which_goes_on(slow: tuple[Window, Slow]) -> None:
    window, assistant = slow
    steps = until_checked(window)
    old = window.id
    assert "3 documents" in window.do(window.tab.new) and window.id == ""
    assistant.go_on.release(100)
    assert list(steps) == [""]
    assert "300 loaves" in window.ask(BREAD)
    assert len(window.conversation.exchanges) == 1 and window.id != old
    idle(window)
    answered = window.tab.talks.open("local", old, "default").exchanges[0].answer
    assert answered and "4.2 million" in answered.answer


def test_a_citation_is_shown_in_its_document(window: Window) -> None:
    window.ask(QUESTION)

    def show(**data: object) -> str:
        return window.tab.show(*window.where, event(**data))

    quote = window.conversation.exchanges[0].citations[0].quote
    assert quote in show(turn="0", place="1") and "<mark" in show(turn="0", place="1")
    wrong: list[dict[str, object]] = [
        {},
        {"turn": "5", "place": "1"},
        {"turn": "0", "place": "../x"},
        {"turn": []},
    ]
    for data in wrong:
        assert "not in the conversation any more" in show(**data)


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
