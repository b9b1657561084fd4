"""Read files in worker processes, each file within a time and a memory limit.

A bomb, a crash in native code or an endless loop costs one file and one worker, which is started anew. Owns the
processes and what their ends mean; what they do is in `index/worker.py`.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from queue import SimpleQueue
from threading import Timer
from types import TracebackType
from typing import IO, Any

from index.types import Parsed, Part
from index.worker import DONE, LENGTH, PART, REFUSED, Replies

_LARGEST_REPLY = 2 << 30
_LAST_BREATH = 2.0


@dataclass(frozen=True)
class Limits:
    """What reading one file may take: seconds, megabytes of memory, bytes of the file."""

    seconds: float = 60.0
    memory_mb: int = 2048
    max_bytes: int = 100 << 20


class Workers:
    """Worker processes, one for each core; a context manager that ends them."""

    def __init__(self, limits: Limits, count: int | None = None) -> None:
        self._limits = limits
        self._count = count or max(min(os.cpu_count() or 1, 8), 1)
        self._threads: ThreadPoolExecutor | None = None
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._all: list[_Worker] = []

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def map(self, paths: Iterable[Path], wanted: Callable[[Path], bool]) -> Iterator[tuple[Path, Parsed | None]]:
        """Yield each path with what is in its file, in order, some files ahead; None where it is not `wanted`.

        What goes wrong with a file is its `problem`.
        """
        ahead: deque[tuple[Path, Future[Parsed] | None]] = deque()
        for path in paths:
            ahead.append((path, self._submit(path) if wanted(path) else None))
            while len(ahead) > self._count:
                yield _taken(*ahead.popleft())
        while ahead:
            yield _taken(*ahead.popleft())

    def close(self) -> None:
        """End the processes, also one that is reading."""
        for worker in self._all:
            worker.stop()
        if self._threads:
            self._threads.shutdown(cancel_futures=True)

    def _submit(self, path: Path) -> Future[Parsed]:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._count, thread_name_prefix="reader")
        if len(self._all) < self._count and self._idle.empty():
            self._all.append(_Worker(self._limits))
            self._idle.put(self._all[-1])
        return self._threads.submit(self._parse, path)

    def _parse(self, path: Path) -> Parsed:
        worker = self._idle.get()
        try:
            return worker.parse(path)
        finally:
            self._idle.put(worker)


def _taken(path: Path, future: Future[Parsed] | None) -> tuple[Path, Parsed | None]:
    return path, future.result() if future else None


class _Worker:
    """One process, started when the first file comes and again when it has ended."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None
        self._late = False

    def parse(self, path: Path) -> Parsed:
        """Return what the file holds; where its reader fails, what was read until then and why there is no more."""
        process = self._started()
        self._late = False
        parts: list[Part] = []
        try:
            _ask(process, json.dumps({"path": str(path), "max_bytes": self._limits.max_bytes}))
            while (reply := self._reply(process))[0] == PART:
                parts.append(reply[1])
            kind, what = reply
        except (OSError, EOFError, pickle.UnpicklingError, TypeError, ValueError) as error:
            if not isinstance(error, OSError | EOFError):
                process.kill()  # it lives, but what it says is no reply
            kind, what = REFUSED, self._end(path.name, process)
        if kind == DONE:
            return Parsed(str(what), tuple(parts))
        problem = str(what) or self._memory(path.name)
        if parts:
            problem += f" Of the files in it {len(parts)} were read before."
        return Parsed("", (*parts, Part(str(path), problem=problem)))

    def _reply(self, process: subprocess.Popen[bytes]) -> tuple[str, Any]:
        """Return the next reply, which must come within the time limit: each document in an archive has its own."""
        timer = Timer(self._limits.seconds, self._too_late, [process])
        timer.start()
        try:
            return _read(process)
        finally:
            timer.cancel()

    def stop(self) -> None:
        """End the process."""
        if self._process:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout, self._said):
                if pipe:
                    pipe.close()
            self._process = None

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._said = tempfile.TemporaryFile()
            # -P: a folder called "index" where the user happens to stand is not ours.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "index.worker", str(self._limits.memory_mb)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                env=os.environ | {"OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"},
            )
        return self._process

    def _too_late(self, process: subprocess.Popen[bytes]) -> None:
        self._late = True
        process.kill()

    def _end(self, name: str, process: subprocess.Popen[bytes]) -> str:
        """Return what the end of the process means, and make room for another."""
        try:
            code = process.wait(_LAST_BREATH)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        said = self._last_words()
        self.stop()
        if self._late:
            return (
                f"{name}: took longer than {self._limits.seconds:g} s to read. "
                "Divide the file, or raise 'read_seconds'."
            )
        if b"memory" in said and (b"alloc" in said or b"MemoryError" in said):
            return self._memory(name)
        ended = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        last = said.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        return (
            f"{name}: the reader crashed on it ({ended}: {last[0][:200]}). The file may be damaged or hostile; "
            "open it, save it again and retry."
        )

    def _last_words(self) -> bytes:
        if self._said is None:
            return b""
        self._said.seek(0)
        return self._said.read()[-4000:]

    def _memory(self, name: str) -> str:
        return (
            f"{name}: needs more than {self._limits.memory_mb} MB of memory to read. "
            "Divide the file, or raise 'read_memory_mb'."
        )


def _ask(process: subprocess.Popen[bytes], request: str) -> None:
    assert process.stdin
    process.stdin.write(request.encode() + b"\n")
    process.stdin.flush()


def _read(process: subprocess.Popen[bytes]) -> tuple[str, Any]:
    assert process.stdout
    head = process.stdout.read(LENGTH.size)
    (size,) = LENGTH.unpack(head) if len(head) == LENGTH.size else (0,)
    data = process.stdout.read(min(size, _LARGEST_REPLY))
    if not size or len(data) < size:
        raise EOFError
    kind, what = Replies(BytesIO(data)).load()
    if (kind == PART) != isinstance(what, Part):
        raise pickle.UnpicklingError(f"a reply of kind {kind} holds {type(what).__name__}")
    return kind, what
