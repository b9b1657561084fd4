"""Lay out what a report shows of a comparison of runs: what got better or worse, and whether that may be chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eval.figures import Figure, Unit, shown
from eval.report_summary import weights

if TYPE_CHECKING:
    from eval.compare import Change, Comparison, Difference, Row

KINDS = {"better": "Better", "worse": "Worse", "changed": "Changed"}
"""How a question can change from the first run to the last, and what a reader calls it."""


@dataclass(frozen=True)
class Shift:
    """A difference in words. `kind` is "better" or "worse" where it is hardly chance, else empty."""

    value: str
    about: str
    kind: str


@dataclass(frozen=True)
class ChangedView:
    """A question that changed, with a column for each run: name, verdict, status, answer, reasons."""

    change: Change
    kind: str
    columns: tuple[tuple[str, str, str, str, tuple[str, ...]], ...]

    @property
    def label(self) -> str:
        """What a reader calls the change."""
        return KINDS[self.kind]

    @property
    def badge(self) -> str:
        """The class that colours it."""
        return {"better": "right", "worse": "wrong"}.get(self.kind, "partly")


def rows(comparison: Comparison) -> list[tuple[Row, list[tuple[Figure, Shift | None]]]]:
    """Return the rows that have a value, each with its figures and how they differ from the first."""
    found: list[tuple[Row, list[tuple[Figure, Shift | None]]]] = []
    for row in comparison.rows:
        if any(figure.value is not None for figure in row.figures) and not row.key.startswith("ms_"):
            shifts = [None, *(shift(row, d) if d else None for d in row.differences)]
            found.append((row, list(zip(row.figures, shifts, strict=True))))
    return found


def shift(row: Row, difference: Difference) -> Shift:
    """Return a difference in words."""
    about = []
    if difference.interval not in (None, (0.0, 0.0)):
        about.append(" to ".join(_signed(bound, row.unit) for bound in difference.interval or ()))
    if difference.better or difference.worse:
        about.append(f"{difference.better} better, {difference.worse} worse")
    if difference.p is not None:
        about.append(f"p {difference.p:.3f}" if difference.p >= 0.001 else "p < 0.001")
    kind = ""
    if difference.significant and difference.value:
        kind = "better" if (difference.value > 0) == (row.better == "higher") else "worse"
    return Shift(_signed(difference.value, row.unit), ", ".join(about), kind)


def _signed(value: float, unit: Unit) -> str:
    """Return a difference with its sign; one that is too small to be seen has none."""
    size = shown(abs(value), unit)
    if size == shown(0.0, unit):
        return "0"
    return ("+" if value > 0 else "−") + size


def changed(comparison: Comparison) -> list[ChangedView]:
    """Return the questions that changed, what got worse first: that is what a reader of a pull request looks for."""
    views = [_changed(change, comparison.names) for change in comparison.changed]
    return sorted(views, key=lambda view: ["worse", "better", "changed"].index(view.kind))


def _changed(change: Change, names: Sequence[str]) -> ChangedView:
    first, last = change.right[0] or 0.0, change.right[-1] or 0.0
    kind = "better" if last > first else "worse" if last < first else "changed"
    verdicts = ["not judged" if right is None else "right" if right > 0 else "wrong" for right in change.right]
    columns = zip(names, verdicts, change.status, change.answers, change.reasons, strict=True)
    return ChangedView(change, kind, tuple(columns))


def headline(views: Sequence[ChangedView]) -> str:
    """Return in a sentence what changed."""
    better, worse = (sum(view.kind == kind for view in views) for kind in ("better", "worse"))
    if not better and not worse:
        return "No question went from right to wrong, or from wrong to right."
    return f"{worse or 'None'} went from right to wrong, {better or 'none'} from wrong to right."


def differing(comparison: Comparison) -> dict[str, list[str]]:
    """Return the settings, versions and weights that are not the same in all runs, with each run's value."""
    found = {name: [str(value) for value in values] for name, values in comparison.settings}
    others = [{**run.versions, **weights(run)} for run in comparison.runs]
    for name in dict.fromkeys(name for values in others for name in values):
        values = [values.get(name, "-") for values in others]
        if len(set(values)) > 1:
            found[name] = values
    return found
