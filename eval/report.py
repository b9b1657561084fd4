"""Print in figures how far to trust the answers of a run: overall, by type of question, by stage.

The figures are `eval.figures`'; the same as a page is `eval.report_html`, as Markdown `eval.report_markdown`.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.figures import Figure, by_type, figures
from eval.report_items import items
from eval.report_summary import groups, header, interval, stages, summary
from eval.runs import Run

_SHORT = {
    "right": "right",
    "hit@5": "hit@5",
    "all@10": "all@10",
    "facts": "facts",
    "token_f1": "F1",
    "citation_precision": "prec.",
    "citation_recall": "recall",
    "wrongly_refused": "wr.ref.",
}
"""Headings of the table by type, so that 80 columns do; a figure that is not here is headed by its label."""


def print_table(run: Run, console: Console) -> None:
    """Print the figures of a run, and the evidence that was not located."""
    all_figures = figures(run.records)
    words = summary(items(run), all_figures)
    console.print(f"[bold]{escape(run.set)}[/bold]: {escape(words.headline)}")
    console.print(escape(", ".join(header(run))), style="dim")
    for line in words.lines:
        console.print(escape(line))
    console.print(_overall(all_figures))
    for table in (_types(run), _stages(all_figures)):
        if table.row_count:
            console.print(table)
    _print_problems(run, console)


def _table(title: str, *headings: str) -> Table:
    # Narrow gaps, so that 80 columns do.
    made = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    made.add_column(headings[0], no_wrap=True)
    for heading in headings[1:]:
        made.add_column(heading, justify="right", no_wrap=True)
    return made


def _overall(all_figures: Sequence[Figure]) -> Table:
    table = _table("", "metric", "value", "95 % interval", "n")
    table.add_column("what it counts")
    for rows in groups(all_figures).values():
        for figure in rows:
            table.add_row(figure.label, str(figure), interval(figure), str(figure.n), figure.meaning)
        table.add_section()
    return table


def _types(run: Run) -> Table:
    grouped = by_type(run.records)
    headings = [_SHORT.get(figure.key, figure.label) for figure in next(iter(grouped.values()), ())]
    table = _table("By type of question (prec. and recall of citations)", "type", "n", *headings)
    for type_, row in grouped.items():
        n = sum(record.type == type_ for record in run.records)
        cells = ["-" if figure.value is None else f"{figure.value:.2f}" for figure in row]
        table.add_row(escape(type_), str(n), *cells)
    return table


def _stages(all_figures: Sequence[Figure]) -> Table:
    table = _table("Time by stage", "stage", "p50", "p95")
    for stage in stages(all_figures):
        table.add_row(escape(stage.name), f"{stage.p50:,.0f} ms", f"{stage.p95:,.0f} ms")
    return table


def _print_problems(run: Run, console: Console) -> None:
    if not run.complete:
        asked = f"{len(run.records)} of {len(run.ids)}"
        console.print(
            f"This run was interrupted: {asked} questions were asked; --resume asks the rest.", style="yellow"
        )
    if run.unlocated:
        console.print(f"Evidence not located, counted as not found ({len(run.unlocated)}):", style="yellow")
        for lost in run.unlocated:
            console.print(escape(f"  {lost.item}, {lost.doc}: {lost.reason}: {' '.join(lost.quote.split())}"))
