"""The questions of a set asked from the page or the API, as `rag eval` asks them: the run is a file like any other.

A run that was stopped or broke off is gone on with when the same set is asked again with the same settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from eval.formats import load_set
from eval.past import unfinished
from eval.provenance import new_run
from eval.run import Examiner
from eval.runs import Run, RunFile
from eval.session import new_file
from index.library import Library
from rag.assistant import Assistant
from rag.halt import Halt, halting
from rag.settings import Settings

ROUTE = "/reports/"
"""Where the server gives the report of a run, by the name of its file."""

COMPARISONS = "/comparisons"
"""Where it gives the comparison of runs: `?run=NAME&run=NAME`."""

_going: set[str] = set()
"""Names of the files that this process is writing; each is written by one run alone."""
_choosing = Lock()


class Asked(NamedTuple):
    """A run so far, its file, and how many seconds it may still take, once that can be told."""

    run: Run
    file: Path
    left: float | None = None


def folder(settings: Settings) -> Path:
    """Return the folder of the runs, which is that of the command line."""
    return settings.home.expanduser().resolve() / "runs"


def ask(
    path: Path, assistant: Assistant, library: Library, settings: Settings, halt: Halt | None = None
) -> Iterator[Asked]:
    """Ask every question of a set that has no answer yet; yield what there is at first and after each answer.

    Raises:
        RagError: when the set cannot be read, or a question cannot be answered; what was answered is in the file.
        OSError: when the run cannot be written.
        Halted: when it is wished that the run stop.
    """
    known = load_set(path)
    halt = halt or Halt()
    examiner = Examiner(halting(assistant, halt), library, library.embedder.encode)
    with _file(new_run(known, known.items, settings, library), folder(settings)) as (file, run):
        records = list(run.records)
        there = {record.id for record in records}
        yield Asked(run, file.path)
        seconds: list[float] = []
        for item in (item for item in known.items if item.id not in there):
            halt.check()
            records.append(examiner.ask(item))
            file.append(records[-1])
            seconds.append(records[-1].seconds)
            left = (len(run.ids) - len(records)) * sum(seconds) / len(seconds)
            yield Asked(run.with_records(records), file.path, left)


@contextmanager
def _file(run: Run, folder: Path) -> Iterator[tuple[RunFile, Run]]:
    """Give the file of a run: that of the same run where it was left, or a new one."""
    with _choosing:
        path, run = unfinished(run, folder, _going) or (new_file(folder, run), run)
        file = RunFile(path, run)
        _going.add(path.stem)
    try:
        yield file, run
    finally:
        file.close()
        _going.discard(path.stem)
