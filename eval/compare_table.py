"""A comparison of runs, and a sweep, as tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from eval.compare import Change, Comparison, Difference, Row
from eval.figures import Figure
from eval.report_changes import differing
from eval.report_summary import interval

if TYPE_CHECKING:
    from eval.sweep import Point

INTERVAL = 12
"""Characters of an interval, which is not to be broken."""
CHANGES = 25
"""Changed questions that are listed; the report has all of them."""


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print the figures of all runs, what is not alike, and the questions that changed."""
    for name, values in differing(comparison).items():
        console.print(Text(f"{name}: {' → '.join(map(str, values))}"))
    for note in comparison.notes:
        console.print(Text(note, style="yellow"))
    console.print(_figures(comparison))
    console.print(Text("* beyond chance: the 95 % interval of the paired bootstrap does not hold 0", style="dim"))
    _changes(comparison, console)


def _figures(comparison: Comparison) -> Table:
    table = _table(f"{comparison.questions} questions")
    table.add_column("metric", no_wrap=True)
    for number, name in enumerate(comparison.names):
        table.add_column(Text(name), justify="right", overflow="fold", min_width=INTERVAL)
        if number:
            table.add_column("difference", overflow="fold")
            table.add_column("better : worse (p)", overflow="fold")
    for row in comparison.rows:
        if any(figure.value is not None for figure in row.figures):
            table.add_row(row.label, *_cells(row))
    return table


def _cells(row: Row) -> list[str | Text]:
    cells: list[str | Text] = [_sure(row.figures[0])]
    for number, (figure, difference) in enumerate(zip(row.figures[1:], row.differences, strict=True), start=1):
        style = "" if not (difference and difference.significant) else "red" if row.worse(number) else "green"
        cells += [_sure(figure), Text(_difference(difference), style=style), _signs(difference)]
    return cells


def _sure(figure: Figure) -> Text:
    """Return a figure, and below it its interval."""
    return Text.assemble(str(figure), (f"\n{interval(figure)}", "dim") if figure.interval else "")


def _difference(difference: Difference | None) -> str:
    if difference is None:
        return "-"
    digits = 3 if difference.interval else 2
    text = f"{difference.value:+.{digits}f}"
    if difference.interval:
        low, high = difference.interval
        text += f" ({low:+.2f} to {high:+.2f})"
    return text + " *" * difference.significant


def _signs(difference: Difference | None) -> str:
    if difference is None or difference.p is None:
        return ""
    return f"{difference.better} : {difference.worse} ({difference.p:.2g})"


def _changes(comparison: Comparison, console: Console) -> None:
    count = len(comparison.changed)
    console.print(Text(f"\nQuestions that changed ({count}):" if count else "\nNo question changed."))
    for change in comparison.changed[:CHANGES]:
        console.print(Text(f"  {change.id}  {_verdicts(change)}  {shorten(change.question, 90, placeholder=' …')}"))
        for name, why in zip(comparison.names, change.reasons, strict=True):
            console.print(Text(f"      {name}: {'; '.join(why)}", style="dim"))
    if count > CHANGES:
        console.print(Text(f"  and {count - CHANGES} more: --html FILE has all of them"))


def _verdicts(change: Change) -> str:
    words = {None: "not judged", 1.0: "right", 0.0: "wrong"}
    return " → ".join(words.get(right, "wrong") for right in change.right)


def print_sweep(points: Sequence[Point], quality: str, cost: str, console: Console) -> None:
    """Print a line for each point of a grid, the best first; those on the Pareto front are marked."""
    names = list(points[0].values) if points else []
    table = _table(f"{len(points)} settings; ● none is both better and quicker (Pareto front)")
    table.add_column("")
    for heading in names:
        table.add_column(Text(heading), overflow="fold")
    for heading in (quality, "95 % interval", cost):
        table.add_column(Text(heading), justify="right", no_wrap=True)
    for point in sorted(points, key=lambda p: -(p.quality.value or 0.0)):
        sure = interval(point.quality)
        mark = "●" if point.front else ""
        table.add_row(mark, *(Text(str(point.values[n])) for n in names), str(point.quality), sure, str(point.cost))
    console.print(table)


def _table(title: str) -> Table:
    return Table(title=Text(title), box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
