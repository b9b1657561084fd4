"""The documents of a library, as HTML. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from index.types import DocumentInfo, FileReport, Outcome, Report
from ui.markup import text

OUTCOMES = {
    Outcome.ADDED: "Added",
    Outcome.UPDATED: "Updated",
    Outcome.UNCHANGED: "Unchanged",
    Outcome.REMOVED: "Removed",
    Outcome.SKIPPED: "Skipped",
    Outcome.FAILED: "Refused",
}

COLUMNS = ("Author", "Date", "Type", "Pages", "Passages")
NONE = "\u2013"


def documents(infos: Sequence[DocumentInfo]) -> str:
    """Return a table of the documents."""
    if not infos:
        return '<p class="hint">There are no documents yet.</p>'
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Title", *COLUMNS))
    count = "One document" if len(infos) == 1 else f"{len(infos):,} documents"
    return (
        f'<p class="label">{count}</p><div class="scroll"><table class="documents">'
        f'<thead><tr>{heads}<th><span class="unseen">Remove</span></th></tr></thead>'
        f"<tbody>{''.join(map(_row, infos))}</tbody></table></div>"
    )


def _row(info: DocumentInfo) -> str:
    m = info.metadata
    file = Path(info.source).name
    name = f'<strong dir="auto">{text(info.title)}</strong>'
    if file != info.title:
        name += f'<span class="file" title="{text(info.source)}"><bdi>{text(file)}</bdi></span>'
    values = (m.author, m.date, info.kind, info.pages, f"{info.passages:,}")
    cells = "".join(
        f'<td data-name="{column}"><bdi>{text(value or NONE)}</bdi></td>'
        for column, value in zip(COLUMNS, values, strict=True)
    )
    question = f"Remove “{info.title}” with all that was derived from it?"
    remove = (
        f'<button type="button" data-act="remove" data-document="{text(info.id)}" '
        f'data-confirm="{text(question)}" aria-label="{text(f"Remove {info.title}")}">Remove</button>'
    )
    return f'<tr><th scope="row">{name}</th>{cells}<td>{remove}</td></tr>'


def report(result: Report) -> str:
    """Return what became of each file, and for those refused why."""
    entries = "".join(map(_entry, result.files))
    return f'<ul class="report" role="status">{entries}</ul>' if entries else ""


def _entry(entry: FileReport) -> str:
    file = Path(entry.source).name
    detail = entry.detail.removeprefix(f"{entry.source}: ").removeprefix(f"{file}: ")
    why = f' <span class="why" dir="auto">{text(detail)}</span>' if detail else ""
    name = f"<strong>{OUTCOMES[entry.outcome]}</strong> <bdi>{text(file)}</bdi>"
    return f'<li class="{text(entry.outcome.value)}">{name}{why}</li>'
