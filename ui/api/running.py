"""Runs of question sets in the background: begun, looked at and stopped by the API."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event as Flag
from threading import Lock
from typing import Any

from rag.assistant import Assistant
from ui import set_run
from ui.api.bodies import RunState
from ui.api.errors import Problem, problem


@dataclass
class Going:
    """A run that was begun here: how far it is, and why it ended early. `name` is that of its file."""

    name: str = ""
    state: RunState = "running"
    done: int = 0
    of: int = 0
    problem: Problem | None = None
    stop: Flag = field(default_factory=Flag)
    begun: Flag = field(default_factory=Flag)


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
        """Stop a run after the question that it is at."""
        with self._lock:
            for going in self._going:
                going.stop.set()
        self._pool.shutdown()

    def _ask(self, going: Going, path: Path, assistant: Assistant) -> None:
        try:
            with closing(set_run.ask(path, assistant, assistant.library, assistant.settings)) as steps:  # type: ignore[type-var]
                for asked in steps:
                    going.name = asked.file.stem
                    going.done, going.of = len(asked.run.records), len(asked.run.ids)
                    going.begun.set()
                    if going.stop.is_set() and not asked.run.complete:
                        going.state = "stopped"
                        return
            going.state = "done"
        except Exception as error:  # noqa: BLE001  # told to whoever looks at the run, and logged if it is ours
            going.problem = problem(error)
            going.state = "failed"
        finally:
            going.begun.set()


def heads(folder: Path) -> list[dict[str, Any]]:
    """Return of each run in a folder what its first line says, the youngest first; what is no run is passed over.

    A run is many megabytes: the answers are not read.
    """
    found = []
    for path in sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime, reverse=True):
        try:
            with path.open("rb") as file:
                head = json.loads(file.readline())
                answered = sum(1 for _ in file)
            asked = len(head["ids"])
            known = {key: head[key] for key in ("set", "started")} | {"model": head["settings"]["model"]}
        except (OSError, ValueError, KeyError, TypeError):
            continue
        library = head["settings"].get("collection")
        found.append({"name": path.stem} | known | {"collection": library, "done": min(answered, asked), "of": asked})
    return found
