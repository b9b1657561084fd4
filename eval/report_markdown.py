"""Write a run, or a comparison of runs, as Markdown that fits into a pull request: figures, then what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eval import figures, report_changes
from eval.figures import Figure
from eval.markdown import details, plain, shortened, table
from eval.report_changes import ChangedView, Shift
from eval.report_items import ItemView, Outcome, items
from eval.report_summary import TILES, groups, header, interval, summary, weights
from eval.runs import Run

if TYPE_CHECKING:
    from eval.compare import Comparison, Row

LENGTH = 60_000
"""Characters beyond which questions are only counted: GitHub refuses a comment of 65,536."""

ANSWER, QUOTE = 400, 240
"""Characters shown of an answer and of a quote."""


def write_markdown(run: Run, path: Path) -> None:
    """Write the report of a run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_markdown(run), encoding="utf-8")


def to_markdown(run: Run) -> str:
    """Return the report of a run."""
    shown_items = items(run)
    all_figures = figures.figures(run.records)
    words = summary(shown_items, all_figures)
    lines = [
        f"## {plain(run.set)}: {words.headline.rstrip('.')}",
        "",
        " · ".join(plain(part) for part in header(run)),
        "",
    ]
    if not run.complete:
        asked = f"{len(run.records)} of {len(run.ids)}"
        lines += [f"**This run was interrupted: {asked} questions were asked. Its figures are of those.**", ""]
    lines += [f"- {line}" for line in words.lines]
    lines += ["", *_figures([f for key in TILES for f in all_figures if f.key == key and f.value is not None]), ""]
    lines += [*_by_type(run), ""]
    every = [f for rows in groups(all_figures).values() for f in rows]
    lines += [*details("All figures", _figures(every)), ""]
    if run.unlocated:
        rows = [[plain(u.item), plain(u.doc), plain(u.reason), plain(u.quote)] for u in run.unlocated]
        heading = f"Evidence that stands in no document, counted as not found ({len(rows)})"
        lines += [*details(heading, table(["question", "document", "why", "quote"], rows)), ""]
    lines += _failed(shown_items, LENGTH - sum(len(line) + 1 for line in lines))
    lines += details("Settings and versions", _settings(run))
    return "\n".join(lines) + "\n"


def write_comparison_markdown(comparison: Comparison, path: Path) -> None:
    """Write the report of a comparison."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(comparison_to_markdown(comparison), encoding="utf-8")


def comparison_to_markdown(comparison: Comparison) -> str:
    """Return the report of a comparison."""
    views = report_changes.changed(comparison)
    names = [plain(name) for name in comparison.names]
    lines = [f"## {plain(comparison.runs[0].set)}: {' → '.join(names)}", "", report_changes.headline(views), ""]
    lines += [*(f"- {plain(note)}" for note in comparison.notes), ""]
    if different := report_changes.differing(comparison):
        lines += [*table(["set differently", *names], [[plain(n), *map(plain, v)] for n, v in different.items()]), ""]
    headings = ["", names[0], *(heading for name in names[1:] for heading in (name, "difference"))]
    lines += [*table(headings, [_row(row, cells) for row, cells in report_changes.rows(comparison)]), ""]
    for kind, label in report_changes.KINDS.items():
        of_kind = [view for view in views if view.kind == kind]
        if of_kind:
            room = LENGTH - sum(len(line) + 1 for line in lines)
            lines += [*details(f"{label} ({len(of_kind)})", _fitting([list(_change(v)) for v in of_kind], room)), ""]
    return "\n".join(lines) + "\n"


def _row(row: Row, cells: Sequence[tuple[Figure, Shift | None]]) -> list[str]:
    found = [row.label]
    for place, (figure, shift) in enumerate(cells):
        found.append(_sure(figure))
        if place:
            marked = f"**{shift.value} {shift.kind}**" if shift and shift.kind else shift.value if shift else "-"
            found.append(marked + (f" ({shift.about})" if shift and shift.about else ""))
    return found


def _change(view: ChangedView) -> Iterable[str]:
    yield f"**{plain(view.change.question)}** ({plain(view.change.id)}, {plain(view.change.type)})"
    for name, verdict, status, answer, reasons in view.columns:
        how = verdict if status == "answered" else f"{verdict}, {status}"
        yield f"- {plain(name)}, {how}: {plain(shortened(answer, ANSWER))}"
        yield from (f"  - {plain(reason)}" for reason in reasons)
    yield ""


def _fitting(blocks: Sequence[list[str]], room: int) -> list[str]:
    """Return as many blocks of lines as there is room for, and how many are left out."""
    kept: list[str] = []
    for number, block in enumerate(blocks):
        room -= sum(len(line) + 1 for line in block)
        if room < 0:
            return [*kept, f"*And {len(blocks) - number} more; the HTML report has them all.*"]
        kept += block
    return kept


def _figures(chosen: Sequence[Figure]) -> list[str]:
    rows = [[f.label, str(f), interval(f), str(f.n)] for f in chosen]
    return table(["", "value", "95 % interval", "n"], rows)


def _sure(figure: Figure) -> str:
    """Return a figure with its interval, if it has one."""
    return f"{figure} ({interval(figure)})" if figure.interval else str(figure)


def _by_type(run: Run) -> list[str]:
    grouped = figures.by_type(run.records)
    headings = [f.label for f in next(iter(grouped.values()), ())]
    rows = []
    for type_, row in grouped.items():
        n = sum(record.type == type_ for record in run.records)
        rows.append([plain(type_), str(n), *map(_sure, row)])
    return table(["type of question", "n", *headings], rows) if rows else []


def _failed(shown_items: Sequence[ItemView], room: int) -> list[str]:
    """Return the questions that went wrong, as many as there is room for."""
    failed = [i for i in shown_items if i.outcome in (Outcome.WRONG, Outcome.PARTLY)]
    failed.sort(key=lambda i: i.outcome is Outcome.PARTLY)  # what is all wrong first
    if not failed:
        return []
    kept = _fitting([list(_question(item)) for item in failed], room)
    return [*details(f"What went wrong ({len(failed)})", kept), ""]


def _question(item: ItemView) -> Iterable[str]:
    yield f"**{plain(item.record.question)}** {item.outcome.label} ({plain(item.record.id)}, {plain(item.record.type)})"
    for reason in item.record.reasons:
        yield f"- {plain(reason)}"
    if item.record.expected:
        yield f"- expected: {plain(shortened(item.record.expected, ANSWER))}"
    yield f"- got: {plain(shortened(item.said, ANSWER))}"
    for place in item.citations:
        known = " (known evidence)" if place.known else ""
        yield f"  - \\[{place.number}\\] “{plain(shortened(place.quote, QUOTE))}” {plain(place.title)}{known}"
    yield ""


def _settings(run: Run) -> list[str]:
    rows = [[plain(name), plain(value)] for name, value in run.settings.items()]
    rows += [[plain(name), plain(version)] for name, version in run.versions.items()]
    rows += [[f"model: {plain(part)}", plain(model)] for part, model in weights(run).items()]
    return table(["", ""], rows)
