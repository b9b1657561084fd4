"""How fast documents are read, on one core: ours from bytes to sentences, beside kreuzberg alone and markitdown.

All are measured in one run, in turns, on the same files; the figures are medians over the rounds. markitdown is no
dependency: name a Python that has it (`--markitdown /path/to/venv/bin/python`), or it is left out. Files that one of
them refuses are left out for all.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from index.clean import clean
from index.errors import ReadError
from index.readers.native import PDF, extract
from index.readers.pdf import read_pdf
from index.readers.text import read_txt
from index.sentences import sentences
from index.types import RawDocument

ROUNDS = 5
_MARKITDOWN = """
import json, sys, time
from markitdown import MarkItDown
convert = MarkItDown(enable_plugins=False).convert
convert(sys.argv[1])
start = time.perf_counter()
for path in sys.argv[1:]:
    convert(path)
print(json.dumps(time.perf_counter() - start))
"""


@dataclass(frozen=True)
class Speed:
    """Pages a second of PDFs, and megabytes a second of plain text; None for what was not measured."""

    pages: int
    kreuzberg: float
    ours: float
    markitdown: float | None
    text: float | None

    @property
    def share(self) -> float:
        """Our speed, to sentences, as a share of kreuzberg's, to pages of text."""
        return self.ours / self.kreuzberg


def measure(pdfs: Path, texts: Path | None = None, *, rounds: int = ROUNDS, markitdown: str | None = None) -> Speed:
    """Time the reading of all PDFs, and of all plain texts, in two folders, on one core.

    Raises:
        ValueError: when no PDF in the folder can be read.
    """
    files = {path: path.read_bytes() for path in sorted(pdfs.glob("*.pdf"))}
    counts = {path: count for path, data in files.items() if (count := _pages(data, path.name))}
    if not counts:
        raise ValueError(f"{pdfs}: no PDF in it that can be read")
    jobs: dict[str, Callable[[], float]] = {
        "kreuzberg": lambda: _timed(lambda path: extract(files[path], PDF, path.name), list(counts)),
        "ours": lambda: _timed(lambda path: _to_sentences(read_pdf(files[path], path.name)), list(counts)),
    }
    if markitdown:
        jobs["markitdown"] = lambda: _markitdown(markitdown, list(counts))
    written = {path: path.read_bytes() for path in sorted(texts.glob("*.txt"))} if texts else {}
    if written:
        jobs["text"] = lambda: _timed(lambda path: _to_sentences(read_txt(written[path], path.name)), list(written))
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    with _one_core():
        for _ in range(rounds):
            for name, job in jobs.items():
                seconds[name].append(job())
    pages, size = sum(counts.values()), sum(map(len, written.values())) / 1e6
    middle = {name: median(values) for name, values in seconds.items()}
    return Speed(
        pages,
        pages / middle["kreuzberg"],
        pages / middle["ours"],
        pages / middle["markitdown"] if "markitdown" in middle else None,
        size / middle["text"] if "text" in middle else None,
    )


@contextmanager
def _one_core() -> Iterator[None]:
    """Stay on one core, where the system can be told so."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _pages(data: bytes, name: str) -> int:
    """Return how many pages a PDF has, 0 when it cannot be read; what is loaded once is loaded by this."""
    try:
        extract(data, PDF, name)
        raw = read_pdf(data, name)
    except ReadError:
        return 0
    _to_sentences(raw)
    return len(raw.pages)


def _to_sentences(raw: RawDocument) -> None:
    sentences(clean(raw).text, raw.metadata.language or "en")


def _timed(read: Callable[[Path], object], paths: Sequence[Path]) -> float:
    start = time.perf_counter()
    for path in paths:
        read(path)
    return time.perf_counter() - start


def _markitdown(python: str, paths: Sequence[Path]) -> float:
    done = subprocess.run([python, "-c", _MARKITDOWN, *map(str, paths)], capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Print the speeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pdfs", type=Path, help="folder of PDF files")
    parser.add_argument("texts", type=Path, nargs="?", help="folder of plain text files")
    parser.add_argument("--markitdown", help="a Python that has markitdown")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    speed = measure(given.pdfs, given.texts, rounds=given.rounds, markitdown=given.markitdown)
    out = sys.stdout.write
    out(f"{speed.pages} pages; pages/s: kreuzberg {speed.kreuzberg:.0f}, ours to sentences {speed.ours:.0f}")
    out(f" ({speed.share:.0%}), markitdown {f'{speed.markitdown:.1f}' if speed.markitdown else 'not measured'}\n")
    if speed.text is not None:
        out(f"plain text to sentences: {speed.text:.2f} MB/s\n")


if __name__ == "__main__":
    main()
