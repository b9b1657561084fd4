"""Compare runs of the same questions: every figure, how sure the difference is, and the questions that changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.figures import CONFIDENCE, RATIOS, SPENT, Better, Figure, Ratio, Unit, figures
from eval.provenance import changed_settings
from eval.runs import Record, Run, RunError
from eval.statistics import Interval, paired_interval, sign_test, statistic_interval


@dataclass(frozen=True)
class Difference:
    """How much larger a figure is than the first run's, with the 95 % interval of the paired bootstrap.

    `better` and `worse` count the questions on which it differs, `p` is the sign test's over these. `significant`
    says that the interval does not hold 0.
    """

    value: float
    interval: Interval | None
    better: int = 0
    worse: int = 0
    p: float | None = None

    @property
    def significant(self) -> bool:
        """Whether the interval does not hold 0."""
        return self.interval is not None and not self.interval[0] <= 0 <= self.interval[1]


@dataclass(frozen=True)
class Row:
    """A metric in all runs, and its difference from the first run in each of the others."""

    key: str
    label: str
    unit: Unit
    better: Better
    figures: tuple[Figure, ...]
    differences: tuple[Difference | None, ...]

    def worse(self, other: int) -> bool:
        """Whether a run, by its place from 1, is worse than the first beyond chance."""
        found = self.differences[other - 1]
        return found is not None and found.significant and (found.value < 0) == (self.better == "higher")


@dataclass(frozen=True)
class Change:
    """A question that went right in one run and wrong in another, or was refused in one and answered in another."""

    id: str
    question: str
    type: str
    right: tuple[float | None, ...]
    status: tuple[str, ...]
    answers: tuple[str, ...]
    reasons: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Comparison:
    """Runs side by side; the first is what the others are held against.

    `settings` are those that differ, with the value in each run; `notes` say what is not alike in the runs, or not
    compared.
    """

    names: tuple[str, ...]
    runs: tuple[Run, ...]
    questions: int
    rows: tuple[Row, ...]
    changed: tuple[Change, ...]
    settings: tuple[tuple[str, tuple[Any, ...]], ...]
    notes: tuple[str, ...]


def names_apart(paths: Sequence[Path]) -> list[str]:
    """Return what tells the files of runs apart: their names, or else as much of their folders' as is needed."""
    parts = [(*path.resolve().parent.parts, path.stem) for path in paths]
    for count in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part[-count:]) for part in parts]
        if len(set(names)) == len(set(parts)):
            return names
    return [path.stem for path in paths]


def compare(runs: Sequence[Run], names: Sequence[str]) -> Comparison:
    """Compare runs on the questions that all of them hold, in the same words.

    Raises:
        RunError: when there are fewer than two, or they share no question.
    """
    if len(runs) < 2:
        raise RunError("a comparison needs two runs or more: rag eval compare A B")
    common = _common(runs)
    if not common[0]:
        raise RunError(f"the runs {', '.join(names)} share no question, so that nothing can be compared")
    made = [{f.key: f for f in figures(records)} for records in common]
    # A model that writes has stages and costs that quoting has not, in whichever run it is.
    every = {key: figure for found in reversed(made) for key, figure in found.items()}
    order = dict.fromkeys(key for found in made for key in found)
    rows = [_row(key, [found.get(key) or _absent(every[key]) for found in made], common) for key in order]
    changed = [change for group in zip(*common, strict=True) if (change := _change(group))]
    kept = tuple(replace(run, records=tuple(records)) for run, records in zip(runs, common, strict=True))
    return Comparison(
        tuple(names), kept, len(common[0]), tuple(rows), tuple(changed), _settings(runs), _notes(runs, names, common)
    )


def _common(runs: Sequence[Run]) -> list[list[Record]]:
    """Return each run's records of the questions that all runs have answered, in the order of the first run."""
    asked = [{record.id: record for record in run.records} for run in runs]
    first, *others = asked
    ids = [
        identity
        for identity, record in first.items()
        if all(identity in other and other[identity].question == record.question for other in others)
    ]
    return [[records[identity] for identity in ids] for records in asked]


def _absent(figure: Figure) -> Figure:
    return Figure(figure.key, figure.label, figure.meaning, None, 0, None, figure.unit, figure.group, figure.better)


def _row(key: str, found: Sequence[Figure], common: Sequence[Sequence[Record]]) -> Row:
    first, *others = found
    differences = [
        _difference(key, (first, other), (common[0], records))
        for other, records in zip(others, common[1:], strict=True)
    ]
    return Row(key, first.label, first.unit, first.better, tuple(found), tuple(differences))


def _difference(
    key: str, pair: tuple[Figure, Figure], records: tuple[Sequence[Record], Sequence[Record]]
) -> Difference | None:
    one, other = pair
    if one.value is None or other.value is None:
        return None
    value = other.value - one.value
    ratio = next((r for r in (*RATIOS, *SPENT) if r.key == key), None)
    if ratio is None:
        return Difference(value, _sampled(key, records))
    terms = [ratio.terms(r) for r in records]
    better, worse = _signs(ratio, records)
    p = sign_test(better, worse) if better + worse else None
    return Difference(value, paired_interval(terms[0], terms[1]), better, worse, p)


def _signs(ratio: Ratio, records: tuple[Sequence[Record], Sequence[Record]]) -> tuple[int, int]:
    """Count the questions on which a metric is better and worse in the other run, where it applies in both."""
    up = down = 0
    for one, other in zip(*records, strict=True):
        if ratio.over(one) and ratio.over(other):
            up += ratio.top(other) > ratio.top(one)
            down += ratio.top(other) < ratio.top(one)
    return (up, down) if ratio.better == "higher" else (down, up)


def _sampled(key: str, records: tuple[Sequence[Record], Sequence[Record]]) -> Interval | None:
    """Return the interval of the difference of a figure that is no ratio, the same questions drawn for both."""
    statistic = next((s for s in CONFIDENCE if s.key == key), None)
    if statistic is None:
        return None
    sides = [statistic.columns(side) for side in records]

    def of(drawn: NDArray[np.int64]) -> float | None:
        drawn_sides = ((given[drawn], came[drawn], over[drawn]) for given, came, over in sides)
        before, after = (statistic.of(given[over], came[over]) for given, came, over in drawn_sides)
        return None if before is None or after is None else after - before

    return statistic_interval(len(records[0]), of)


def _change(group: Sequence[Record]) -> Change | None:
    right = tuple(record.scores.get("right") for record in group)
    refused = {record.refused for record in group}
    found = {record.scores.get("hit@10") for record in group} if right[0] is None else set()
    if len(set(right)) == len(refused) == 1 and len(found) <= 1:
        return None
    first = group[0]
    return Change(
        first.id,
        first.question,
        first.type,
        right,
        tuple(str(record.answer.get("status", "")) for record in group),
        tuple(str(record.answer.get("answer", "")) for record in group),
        tuple(record.reasons for record in group),
    )


def _settings(runs: Sequence[Run]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    names = sorted({name for run in runs[1:] for name, _, _ in changed_settings(runs[0], run)})
    return tuple((name, tuple(run.settings.get(name) for run in runs)) for name in names)


def _notes(runs: Sequence[Run], names: Sequence[str], common: Sequence[Sequence[Record]]) -> tuple[str, ...]:
    notes = []
    for name, run in zip(names, runs, strict=True):
        if not run.complete:
            notes.append(f"{name} was interrupted: {len(run.records)} of {len(run.ids)} questions are answered")
        if left := len(run.records) - len(common[0]):
            notes.append(f"{name}: {left} of its questions are not in all runs, or in other words, and are left out")
    if len({run.set_hash for run in runs}) > 1:
        notes.append("the sets are not the same file: what is expected may differ")
    contents = [{d["id"] for d in run.library.get("documents", ())} for run in runs]
    if any(other != contents[0] for other in contents):
        notes.append("the libraries do not hold the same documents")
    texts = sum(
        _change(group) is None and len({str(record.answer.get("answer")) for record in group}) > 1
        for group in zip(*common, strict=True)
    )
    if texts:
        notes.append(f"{texts} more answers differ in their words and count as before")
    return tuple(notes)
