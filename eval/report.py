"""Print in figures how far to trust the answers of a run: overall, by type of question, by stage.

The figures are `eval.figures`'; the same as a page is `eval.report_html`, as Markdown `eval.report_markdown`.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from eval.figures import PERCENTILES, Figure, by_type, figures
from eval.report_items import items
from eval.report_summary import groups, header, interval, stages, summary
from eval.runs import Run

_SHORT = {
    "right": "right",
    "hit@5": "hit@5",
    "all@10": "all@10",
    "facts": "facts",
    "citation_precision": "prec.",
    "citation_recall": "recall",
    "wrongly_refused": "wr.ref.",
}
"""The figures of the table by type, and their headings: so few and so short that 80 columns do."""


def print_table(run: Run, console: Console) -> None:
    """Print the figures of a run, and the evidence that was not located."""
    all_figures = figures(run.records)
    words = summary(items(run), all_figures)
    # As `Text`, which is never read as markup, whatever the console is told of markup.
    console.print(Text.assemble((run.set, "bold"), f": {words.headline}"))
    console.print(Text(", ".join(header(run)), style="dim"))
    for line in words.lines:
        console.print(Text(line))
    console.print(_overall(all_figures))
    for table in (_types(run), _stages(all_figures)):
        if table.row_count:
            console.print(table)
    _print_problems(run, console)


def _table(title: str, *headings: str, gap: int = 1) -> Table:
    # Narrow gaps, so that 80 columns do.
    made = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, padding=(0, gap, 0, 0), pad_edge=False)
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
    title = "By type of question, with 95 % intervals (prec. and recall of citations)"
    table = _table(title, "type", "n", *_SHORT.values(), gap=0)
    for type_, row in grouped.items():
        n = sum(record.type == type_ for record in run.records)
        chosen = {figure.key: _cell(figure) for figure in row}
        table.add_row(Text(type_), str(n), *(chosen[key] for key in _SHORT))
    return table


def _cell(figure: Figure) -> Text:
    """Return a share, and below it its interval."""
    if figure.value is None:
        return Text("-")
    low, high = (("1.0" if bound > 0.995 else f"{bound:.2f}"[1:]) for bound in figure.interval or (0, 0))
    return Text.assemble(f"{figure.value:.2f}", (f"\n{low}-{high}", "dim") if figure.interval else "")


def _stages(all_figures: Sequence[Figure]) -> Table:
    table = _table("Time by stage", "stage", *(f"p{percent}" for percent in PERCENTILES))
    for stage in stages(all_figures):
        table.add_row(Text(stage.name), *(f"{ms:,.0f} ms" for ms in (stage.p50, stage.p95, stage.p99)))
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
            console.print(Text(f"  {lost.item}, {lost.doc}: {lost.reason}: {' '.join(lost.quote.split())}"))
