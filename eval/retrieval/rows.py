"""The lines of the table: a figure, what it was taken on, and the mark that it is held to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from eval.metrics import Bin


@dataclass(frozen=True)
class Row:
    """A figure; `goal` is the least that it must be, or the most where `low` is good; None where there is no mark."""

    on: str
    figure: str
    value: float | None
    count: int
    """Questions that the figure is taken over."""
    goal: float | None = None
    low: bool = False
    baseline: str = ""
    above: bool = False
    """Whether the goal itself is not yet enough."""

    @property
    def reached(self) -> bool | None:
        """Say whether the mark is reached; None where there is no mark or no figure."""
        if self.goal is None or self.value is None:
            return None
        if self.low:
            return self.value <= self.goal
        return self.value > self.goal if self.above else self.value >= self.goal

    @property
    def mark(self) -> str:
        """The mark in words: "≥ 0.91"."""
        if self.goal is None:
            return ""
        return f"{'≤' if self.low else '>' if self.above else '≥'} {self.goal:g}"

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON-ready data."""
        return asdict(self) | {"reached": self.reached}


@dataclass(frozen=True)
class Curves:
    """How far predicted chances can be trusted, and the risk at each share of questions that is answered."""

    reliability: Sequence[Bin]
    risk_coverage: Sequence[tuple[float, float]]

    def to_dict(self) -> dict[str, Any]:
        """Return the curves as JSON-ready data."""
        return {"reliability": [b._asdict() for b in self.reliability], "risk_coverage": list(self.risk_coverage)}


def mean(values: Sequence[float]) -> float | None:
    """Return the mean; None of nothing."""
    return sum(values) / len(values) if values else None


def print_rows(rows: Sequence[Row], console: Console) -> None:
    """Print the table; a figure that falls short of its mark is red."""
    table = Table()
    for name in ("on", "figure", "n", "ours", "must be", "", "others"):
        table.add_column(name, no_wrap=name != "others")
    for number, row in enumerate(rows):
        if number and row.on != rows[number - 1].on:
            table.add_section()
        again = number > 0 and row.on == rows[number - 1].on
        style = {True: "green", False: "bold red", None: ""}[row.reached]
        sign = {True: "✓", False: "✗", None: ""}[row.reached]
        shown = "–" if row.value is None else f"{row.value:.1f}" if row.low and row.value >= 1 else f"{row.value:.3f}"
        cells = ("" if again else row.on, row.figure, str(row.count), shown, row.mark, sign, row.baseline)
        table.add_row(*(Text(cell, style=style if place in (3, 5) else "") for place, cell in enumerate(cells)))
    console.print(table)


def print_curves(name: str, curves: Curves, console: Console, points: int = 10) -> None:
    """Print the reliability table, and the risk at some coverages."""
    table = Table("chance", "questions", "mean chance", "share answered", title=f"{name}: reliability")
    for part in curves.reliability:
        table.add_row(f"{part.low:.1f}–{part.high:.1f}", str(part.n), f"{part.chance:.2f}", f"{part.share:.2f}")
    console.print(table)
    table = Table("coverage", "risk", title=f"{name}: risk against coverage")
    for wanted in range(1, points + 1):
        coverage, risk = next(pair for pair in curves.risk_coverage if pair[0] >= wanted / points - 1e-9)
        table.add_row(f"{coverage:.2f}", f"{risk:.2f}")
    console.print(table)
