"""Runs of question sets in the background: begun, looked at and stopped by the API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock

from rag.assistant import Assistant
from rag.halt import Halt, Halted
from ui.api.bodies import RunState
from ui.api.errors import Problem, problem
from ui.sets import run as set_run


@dataclass
class Going:
    """A run that was begun here: how far it is, and why it ended early. `name` is that of its file."""

    name: str = ""
    state: RunState = "running"
    done: int = 0
    of: int = 0
    problem: Problem | None = None
    halt: Halt = field(default_factory=Halt)
    begun: Event = field(default_factory=Event)


class Runs:
    """The runs that were begun here. One at a time: the times of two at once would say nothing."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="rag-run")
        self._going: list[Going] = []
        self._lock = Lock()

    def begin(self, path: Path, assistant: Assistant) -> Going:
        """Begin to ask the questions of a set, and return the run once it has a file.

        Raises:
            Problem: when another is being asked, or this one cannot be.
        """
        with self._lock:
            now = next((going for going in self._going if going.state == "running"), None)
            if now:
                raise Problem(
                    409,
                    "conflict",
                    f"The run {now.name} is going on ({now.done} of {now.of} questions): wait for it, or stop it with "
                    f"POST /api/v1/runs/{now.name}/stop.",
                )
            going = Going()
            self._going.append(going)
        self._pool.submit(self._ask, going, path, assistant)
        going.begun.wait()
        if not going.name and going.problem:
            raise going.problem
        return going

    def find(self, name: str) -> Going | None:
        """Return the run of a name, if it was begun here."""
        with self._lock:
            return next((going for going in self._going if going.name == name), None)

    def close(self) -> None:
        """Stop a run."""
        with self._lock:
            for going in self._going:
                going.halt.wish()
        self._pool.shutdown()

    def _ask(self, going: Going, path: Path, assistant: Assistant) -> None:
        try:
            for asked in set_run.ask(path, assistant, assistant.library, assistant.settings, going.halt):
                going.name = asked.file.stem
                going.done, going.of = len(asked.run.records), len(asked.run.ids)
                going.begun.set()
            going.state = "done"
        except Halted:
            going.state = "stopped"
        except Exception as error:  # noqa: BLE001  # told to whoever looks at the run, and logged if it is ours
            going.problem = problem(error)
            going.state = "failed"
        finally:
            going.begun.set()
