"""Files on their way into a library, in a thread of their own: how far they have come, and how to end it there.

Goes on when the page that began it is closed, and is found again by the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread
from weakref import WeakKeyDictionary

from index.errors import LibraryError
from index.library import Library
from index.types import FileReport, Report

Done = Callable[[Report], Report]
"""Called when all is done, with what became of the files; returns what is to be said of it."""


class _CancelledError(Exception):
    """The user has ended the adding."""


class Adding:
    """Files and folders that are being added to a library."""

    def __init__(
        self,
        library: Library,
        paths: Sequence[Path],
        *,
        sync: bool = False,
        refused: Sequence[FileReport] = (),
        done: Done | None = None,
    ) -> None:
        """Begin.

        Args:
            library: what they are added to.
            paths: files and folders; of `sync`, one folder, whose lost files are removed.
            sync: bring the library into line with the folder.
            refused: what was not even tried.
            done: what is to be done at the end.
        """
        self.finished = False
        self.cancelled = False
        self.problem = ""
        self.at: tuple[int, int, str] = (0, 0, "")
        self._entries: list[FileReport] = list(refused)
        self._refused = tuple(refused)
        self._paths, self._sync = list(paths), sync
        self._end = Event()
        # The library is not kept here: it is what `_latest` keeps this by, and neither would ever go.
        self._thread = Thread(target=self._run, args=(library, done), name="adding", daemon=True)
        _running.setdefault(library, []).append(self)
        _latest[library] = self
        self._thread.start()

    @property
    def report(self) -> Report:
        """What became of the files so far."""
        return Report(tuple(self._entries))

    def cancel(self) -> None:
        """End after the file that is being read. What was added stays."""
        self._end.set()

    def wait(self, seconds: float) -> bool:
        """Wait for the end, no longer than some time; say whether it has come."""
        self._thread.join(seconds)
        return self.finished

    def _run(self, library: Library, done: Done | None) -> None:
        try:
            report = self._add(library)
        except _CancelledError:
            self.cancelled = True
            report = Report(tuple(self._entries[len(self._refused) :]))
        except (LibraryError, OSError) as error:
            self.problem = str(error)
            report = Report(tuple(self._entries[len(self._refused) :]))
        try:
            ended = done(report) if done else report
            self._entries = [*ended.files, *self._refused]
        finally:
            self.finished = True
            _running[library].remove(self)

    def _add(self, library: Library) -> Report:
        if not self._paths:
            return Report()
        if self._sync:
            return library.sync(self._paths[0], progress=self._progress, taken=self._taken)
        return library.add(self._paths, progress=self._progress, taken=self._taken)

    def _progress(self, done: int, total: int, name: str) -> None:
        self.at = (done, total, name)

    def _taken(self, entries: Sequence[FileReport]) -> None:
        self._entries.extend(entries)
        if self._end.is_set():
            raise _CancelledError


_running: WeakKeyDictionary[Library, list[Adding]] = WeakKeyDictionary()
"""By library and not by page: there is a page for each language, and a new one whenever it is loaded."""

_latest: WeakKeyDictionary[Library, Adding] = WeakKeyDictionary()


def latest(library: Library) -> Adding | None:
    """Return what was added to a library last, or is being added, since the server was started."""
    return _latest.get(library)


def running(library: Library) -> Adding | None:
    """Return what is being added to a library, if something is."""
    return next(iter(_running.get(library, ())), None)
