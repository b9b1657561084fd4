"""The runs of a folder, each in a line: what was asked, when, with what, and its main figures.

A run is read once and again only when its file has changed: a folder of runs is looked through whenever its page is.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from eval import metrics
from eval.provenance import differences
from eval.ratios import RATIOS, Figure
from eval.runs import Run, RunError, load_run

FIGURES = ("right", "citation_precision", "refusal_recall", "latency_p50")
"""The figures of a line."""


@dataclass(frozen=True)
class Past:
    """A run that was made: `done` of the `wanted` questions have an answer. `problem` says why it cannot be read."""

    path: Path
    set: str = ""
    started: str = ""
    collection: str = ""
    model: str = ""
    done: int = 0
    wanted: int = 0
    figures: Mapping[str, Figure] = field(default_factory=dict)
    problem: str = ""

    @property
    def complete(self) -> bool:
        """Whether every question was answered."""
        return not self.problem and self.done == self.wanted


def past(folder: Path, collection: str | None = None) -> list[Past]:
    """Return the runs of a folder, the newest first; those on one collection alone if it is named."""
    files = [path for path in folder.glob("*.jsonl") if not path.name.startswith(".")]
    stats = [(path, path.stat()) for path in files]
    found = [_read(path, stat.st_mtime_ns, stat.st_size) for path, stat in stats]
    found = [run for run in found if collection in (None, run.collection)]
    return sorted(found, key=lambda run: (run.started, run.path.name), reverse=True)


def unfinished(run: Run, folder: Path, going: Container[str] = ()) -> tuple[Path, Run] | None:
    """Return the newest run in the folder that is the same and not complete, if there is one, as far as it got.

    Those whose files are named in `going` are left to whoever asks their questions now.
    """
    for line in past(folder):
        if not line.problem and not line.complete and line.set == run.set and line.path.stem not in going:
            old = load_run(line.path)
            if not differences(old, run):
                return line.path, old
    return None


def newest(folder: Path, collection: str) -> Run | None:
    """Return the newest whole run on a collection that the folder has."""
    line = next((line for line in past(folder, collection) if line.complete and line.done), None)
    return _whole(line.path, line.path.stat().st_mtime_ns) if line else None


@lru_cache(maxsize=4)
def _whole(path: Path, _changed: int) -> Run:
    return load_run(path)


@lru_cache(maxsize=512)
def _read(path: Path, _changed: int, _size: int) -> Past:
    try:
        run = load_run(path)
    except RunError as error:
        return Past(path, problem=str(error))
    found = {ratio.key: ratio.figure(run.records, None) for ratio in RATIOS if ratio.key in FIGURES}
    seconds = [record.seconds for record in run.records]
    half = metrics.percentile(seconds, 50)
    found["latency_p50"] = Figure("latency_p50", "", "", half, len(seconds), None, "seconds", "cost", "lower")
    collection = str(run.library.get("name") or run.settings.get("collection", ""))
    model = str(run.settings.get("model", ""))
    return Past(path, run.set, run.started, collection, model, len(run.records), len(run.ids), found)
