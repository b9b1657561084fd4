from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from index.library import Library
from prompts import Message
from rag.assistant import Assistant
from rag.halt import Halt, Halted, halting
from rag.models import Record, Reply, ReplyError, Size
from rag.models.text import pump, reply
from rag.settings import Settings
from rag.types import Checked, Stage

QUESTION = "How many tons of cargo did the harbour of Lorn handle in 2013?"


class Endless:
    """A model that goes through its prompt for ever, then writes for ever, as fast as it is asked whether to stop."""

    name = "endless"
    size: Size = "instruct"
    context = 4096

    def __init__(self, says: str = "") -> None:
        self.says = says
        self.busy = threading.Event()
        self.free = threading.Event()

    def count(self, text: str) -> int:
        return len(text.split())

    def stream(self, messages: Sequence[Message], *, max_tokens: int, temperature: float, seed: int) -> Reply:
        record, stopped = Record(), threading.Event()
        return reply(pump(self.write, stopped), record, lambda: ReplyError("the model wrote nothing"), stopped.set)

    def write(self, emit: Callable[[str], bool]) -> None:
        self.busy.set()
        while not emit(self.says):
            time.sleep(0.005)
        self.free.set()

    def close(self) -> None:
        raise NotImplementedError


def asking(assistant: Assistant, taken: list[object]) -> threading.Thread:
    def work() -> None:
        try:
            for event in assistant.stream(QUESTION):
                taken.append(event)
        except Halted:
            taken.append("halted")

    thread = threading.Thread(target=work)
    thread.start()
    return thread


@pytest.fixture
def model() -> Iterator[Endless]:
    yield Endless()


def test_a_model_that_has_not_said_a_word_is_stopped_at_once(library: Library, model: Endless) -> None:
    halt, taken = Halt(), list[object]()
    assistant = Assistant(library, Settings(home=library.folder), model)
    thread = asking(halting(assistant, halt), taken)
    assert model.busy.wait(20)
    begun = time.perf_counter()
    halt.wish()
    thread.join(5)
    assert not thread.is_alive() and model.free.is_set()
    assert time.perf_counter() - begun < 1
    assert taken[-1] == "halted" and not [event for event in taken if isinstance(event, Checked)]
    assert assistant.model is model, "others who ask go on"


def test_what_was_checked_before_is_there(library: Library) -> None:
    model = Endless("The harbour of Lorn handled 4.2 million tons of cargo in 2013. ")
    halt, taken = Halt(), list[object]()
    thread = asking(halting(Assistant(library, Settings(home=library.folder), model), halt), taken)
    deadline = time.perf_counter() + 20
    while not any(isinstance(event, Checked) for event in taken) and time.perf_counter() < deadline:
        time.sleep(0.005)
    halt.wish()
    thread.join(5)
    assert taken[-1] == "halted" and any(isinstance(event, Checked) for event in taken) and model.free.is_set()


def test_what_was_halted_before_it_began_asks_no_model(library: Library, model: Endless) -> None:
    halt = Halt()
    halt.wish()
    events = halting(Assistant(library, Settings(home=library.folder), model), halt).stream(QUESTION)
    with pytest.raises(Halted):
        assert all(isinstance(event, Stage) for event in events)
    assert not model.busy.is_set()


def test_without_a_model_all_goes_as_before(library: Library) -> None:
    assistant = Assistant(library, Settings(home=library.folder))
    assert halting(assistant, Halt()).ask(QUESTION).answer == assistant.ask(QUESTION).answer
