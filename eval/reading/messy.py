"""Read a folder of messy files: how many of each type are read, which are refused and why, how long each takes.

Each file is read in a process of its own with a time limit, as a crash or a hang must cost one file. The files
within files are read too, and counted by themselves. Whether a refusal is right, a person must judge: the report
lists every one.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from index.clean import clean
from index.errors import ReadError
from index.read import SUFFIXES, read, read_bytes
from index.types import Attached, RawDocument

TIMEOUT = 60.0
"""Seconds after which a file counts as hanging."""

MEMORY = 2 * 2**30
"""Bytes of memory beyond what the process has at its start."""

DEEPEST = 3


@dataclass(frozen=True)
class Outcome:
    """What became of one file: `what` is "read", "empty", "refused", "unknown", "error", "hang" or "crash".

    An empty file is one that is read and of which cleaning leaves nothing.
    """

    name: str
    suffix: str
    what: str
    detail: str = ""
    characters: int = 0
    seconds: float = 0.0


def measure(folder: Path, *, timeout: float = TIMEOUT) -> list[Outcome]:
    """Read every file of the folder and return what became of each, and of the files within it."""
    outcomes: list[Outcome] = []
    for path in sorted(folder.iterdir()):
        if path.is_file():
            outcomes += _in_process(path, timeout)
    return outcomes


def report(outcomes: Sequence[Outcome]) -> str:
    """Return a table with a row for each type, then every file that was not read, with the reason."""
    kinds: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        kinds[outcome.suffix].append(outcome)
    lines = ["type       files  read  refused  other  characters  seconds  worst"]
    for suffix, items in sorted(kinds.items()):
        count = Counter(item.what for item in items)
        other = len(items) - count["read"] - count["refused"]
        slowest = max(items, key=lambda item: item.seconds)
        lines.append(
            f"{suffix or 'none':<10}{len(items):>6}{count['read']:>6}{count['refused']:>9}{other:>7}"
            f"{sum(item.characters for item in items):>12}{sum(item.seconds for item in items):>9.2f}"
            f"{slowest.seconds:>7.2f}  {slowest.name}"
        )
    lines.append("")
    lines += [f"{item.what:<8} {item.name}  {item.detail}" for item in outcomes if item.what not in ("read", "unknown")]
    total = Counter(item.what for item in outcomes)
    lines += ["", ", ".join(f"{what} {count}" for what, count in sorted(total.items()))]
    return "\n".join(lines)


def _in_process(path: Path, timeout: float) -> list[Outcome]:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        return [Outcome(path.name, suffix, "unknown", "unknown type")]
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=_work, args=(path, sender), daemon=True)
    started = time.perf_counter()
    process.start()
    sender.close()
    try:
        if receiver.poll(timeout):
            outcomes: list[Outcome] = receiver.recv()
            return outcomes
        return [Outcome(path.name, suffix, "hang", f"no answer in {timeout:.0f} s", seconds=timeout)]
    except EOFError:
        process.join()
        seconds = time.perf_counter() - started
        return [Outcome(path.name, suffix, "crash", f"exit code {process.exitcode}", seconds=seconds)]
    finally:
        process.kill()
        process.join()


def _work(path: Path, sender: Connection) -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    sender.send(_outcomes(path.name, path, 0))


def _outcomes(name: str, source: Path | Attached, depth: int) -> list[Outcome]:
    suffix = Path(name).suffix.lower()
    if isinstance(source, Attached) and suffix not in SUFFIXES:
        return [Outcome(name, suffix, "unknown", "unknown type")]
    started = time.perf_counter()
    found: tuple[Attached, ...] = ()
    characters = 0
    try:
        raw = read(source) if isinstance(source, Path) else read_bytes(source.data, source.name)
        what, detail, found = *_state(raw), raw.attached
        characters = len(raw.text)
    except ReadError as error:
        what, detail = "refused", str(error)
    except Exception as error:  # noqa: BLE001 - whatever else a reader lets out is what is looked for here
        what, detail = "error", f"{type(error).__name__}: {error}"[:300]
    outcomes = [Outcome(name, suffix, what, detail, characters, time.perf_counter() - started)]
    for attached in found if depth < DEEPEST else ():
        outcomes += _outcomes(f"{name}/{attached.name}", attached, depth + 1)
    return outcomes


def _state(raw: RawDocument) -> tuple[str, str]:
    if raw.text and not clean(raw).text.strip():
        return "empty", f"cleaning leaves nothing of {raw.text[:60]!r}"
    return "read", ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the folder named on the command line; the exit code is 1 after a crash, a hang or another error."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--timeout", type=float, default=TIMEOUT, help="seconds for each file")
    given = parser.parse_args(arguments)
    outcomes = measure(given.folder, timeout=given.timeout)
    sys.stdout.write(report(outcomes) + "\n")
    return int(any(item.what in ("crash", "hang", "error") for item in outcomes))


if __name__ == "__main__":
    sys.exit(main())
