"""One evaluation from the command line: which questions, asked of which library, written to which file.

Owns the choice of questions and of the file, and what it takes to go on with a run that was interrupted.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from eval.formats import Item, QuestionSet
from eval.provenance import differences
from eval.runs import Run, RunError, load_run


@dataclass(frozen=True)
class Choice:
    """Which questions of a set are asked: all, or some by id, by type, or the first so many of these."""

    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    limit: int | None = None

    def of(self, question_set: QuestionSet) -> tuple[Item, ...]:
        """Return the chosen questions, in the order of the set.

        Raises:
            RunError: when an id or a type is not in the set.
        """
        items = question_set.items
        if self.ids:
            _all_known("question", self.ids, [item.id for item in items], question_set)
            items = tuple(item for item in items if item.id in self.ids)
        if self.types:
            _all_known("type", self.types, list(dict.fromkeys(item.type for item in items)), question_set)
            items = tuple(item for item in items if item.type in self.types)
        return items[: self.limit]


def _all_known(what: str, wanted: Sequence[str], known: Sequence[str], question_set: QuestionSet) -> None:
    for name in wanted:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            some = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
            raise RunError(f"the set {question_set.name!r} has no {what} {name!r}.{hint} It has {some}.")


def new_file(folder: Path, run: Run) -> Path:
    """Return the name of a file for a run, one that is not there yet."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    name = "".join(c if c.isalnum() or c in "-_." else "-" for c in run.set)[:40]
    paths = (folder / f"{name}-{stamp}{f'-{n}' if n else ''}.jsonl" for n in count())
    return next(path for path in paths if not path.exists())


def check_free(path: Path) -> None:
    """Make sure that writing a run to a file loses nothing: it is not there, or is a run that is complete.

    Raises:
        RunError: when the file is something else.
    """
    if not path.exists():
        return
    try:
        old = load_run(path)
    except RunError as error:
        raise RunError(f"{path} is there and would be lost: name another file, or remove it ({error})") from error
    if not old.complete:
        done = f"{len(old.records)} of {len(old.ids)}"
        raise RunError(f"{path} holds {done} answers of a run: go on with it by --resume, or remove the file")


def resumed(run: Run, path: Path | None, folder: Path) -> tuple[Path, Run]:
    """Return the file to go on with, and its run as far as it got; a new run where the named file is not there.

    Without a name, the youngest run in the folder is taken that is the same and not complete.

    Raises:
        RunError: when the file holds another run, or no run can be gone on with.
    """
    if path is not None:
        if not path.exists():
            return path, run
        old = load_run(path)
        if unlike := differences(old, run):
            raise RunError(f"{path} holds another run; what differs: {'; '.join(unlike)}. Name another file with --out")
        return path, old
    for found in sorted(folder.glob("*.jsonl"), key=lambda p: p.stat().st_mtime, reverse=True):
        try:
            old = load_run(found)
        except RunError:
            continue
        if not old.complete and not differences(old, run):
            return found, old
    raise RunError(
        f"there is no run of {run.set!r} with these settings to go on with in {folder}: leave out --resume to "
        "begin one, or name its file with --out FILE"
    )
