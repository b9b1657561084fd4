"""Questions asked by several processes at a time: a model on this machine computes, and threads would take turns."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from eval.formats import Item
from eval.judge import judges
from eval.run import AskAll, Examiner, as_they_come, in_threads
from eval.runs import Record, RunError
from rag.options import open_assistant

if TYPE_CHECKING:
    from index.library import Library
    from rag.settings import Settings


@dataclass(frozen=True)
class Opening:
    """What an examiner is made of, small enough to be sent to a process: settings, a library's folder, a judge."""

    settings: Settings
    folder: Path
    judge: str | None = None
    price: str | None = None

    def examiner(self, library: Library) -> Examiner:
        """Open the models, and return who asks this library."""
        assistant = open_assistant(self.settings, library)
        judge = judges(self.settings, self.judge, self.price)
        return Examiner(assistant, library, library.embedder.encode, judge)


def ask_with(opening: Opening, library: Library, jobs: int) -> AskAll:
    """Return a way to ask questions: one at a time, several of a service, or several in processes of their own."""
    if jobs == 1 or opening.settings.model.startswith("openai:"):
        return in_threads(opening.examiner(library).ask, jobs)

    def ask_all(items: Sequence[Item]) -> Iterator[Record]:
        # Forked processes would share the threads and locks of engines that are already running.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(min(jobs, len(items) or 1), context, initializer=_begin, initargs=(opening,))
        try:
            yield from as_they_come(pool, _ask, items)
        except BrokenProcessPool:
            raise RunError(
                f"one of {jobs} processes that asked questions came to an end, for want of memory perhaps: "
                "go on with fewer --jobs"
            ) from None

    return ask_all


_examiner: Examiner | None = None
"""Who asks in this process."""


def _begin(opening: Opening) -> None:
    from index.embed import open_embedder
    from index.library import Library

    global _examiner
    Thread(target=_end_with_parent, daemon=True).start()
    settings = opening.settings
    embedder = open_embedder(settings.embedder, settings.cache, device=settings.device, offline=settings.offline)
    _examiner = opening.examiner(Library.existing(opening.folder, embedder))


def _end_with_parent() -> None:
    """End this process when the one that began it is no more: a pool's process would wait for questions for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _ask(item: Item) -> Record:
    assert _examiner is not None
    return _examiner.ask(item)
