"""Write a run, or a comparison of runs, as one HTML page that needs nothing else: no network, no other file.

Every text of a document, a model or a set goes through the templates' autoescaping. Behind it stands a policy in the
page itself: it may fetch nothing, and run no script and take no style but the two whose hashes it names.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from eval import figures, plots, report_changes
from eval.figures import Figure
from eval.report_items import ItemView, Outcome, document_titles, items
from eval.report_summary import TILES, groups, header, interval, stages, summary, weights
from eval.runs import Run

if TYPE_CHECKING:
    from eval.compare import Comparison

TEMPLATES = Path(__file__).parent / "templates"
_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def write_html(run: Run, path: Path) -> None:
    """Write the report of a run."""
    _write(path, to_html(run))


def to_html(run: Run) -> str:
    """Return the report of a run as one page."""
    shown_items = items(run)
    all_figures = figures.figures(run.records)
    return _page(
        "report.html",
        run=run,
        facts=header(run),
        summary=summary(shown_items, all_figures),
        tiles=[f for key in TILES for f in all_figures if f.key == key and f.value is not None],
        groups=groups(all_figures),
        plots=_plots(run),
        stages=_stages(all_figures),
        tables=[t for t in (_by_type(run, shown_items), _by_document(run, shown_items)) if t["rows"]],
        items=shown_items,
        choices=_choices(shown_items),
        types=list(dict.fromkeys(item.record.type for item in shown_items)),
        documents=_documents(run, shown_items),
        threshold=run.settings.get("refuse_below"),
    )


def write_comparison_html(comparison: Comparison, path: Path) -> None:
    """Write the report of a comparison."""
    _write(path, comparison_to_html(comparison))


def comparison_to_html(comparison: Comparison) -> str:
    """Return the report of a comparison as one page."""
    changed = report_changes.changed(comparison)
    choices: list[dict[str, object]] = [{"value": "", "label": "All", "n": len(changed)}]
    for kind, label in report_changes.KINDS.items():
        if n := sum(view.kind == kind for view in changed):
            choices.append({"value": kind, "label": label, "n": n})
    return _page(
        "comparison.html",
        comparison=comparison,
        headline=report_changes.headline(changed),
        runs=[(name, header(run)) for name, run in zip(comparison.names, comparison.runs, strict=True)],
        named=list(zip(comparison.names, comparison.runs, strict=True)),
        differing=report_changes.differing(comparison),
        rows=[{"label": row.label, "cells": cells} for row, cells in report_changes.rows(comparison)],
        changed=changed,
        choices=choices,
        types=list(dict.fromkeys(view.change.type for view in changed)),
    )


def _write(path: Path, page: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def _page(template: str, **values: object) -> str:
    style, script = _read("report.css"), _read("report.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    # The policy is our own and its quotes must stay; the attribute is in double quotes.
    return (
        _environment()
        .get_template(template)
        .render(style=Markup(style), script=Markup(script), policy=Markup(policy), **values)
    )


def _read(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"interval": interval, "whisker": _whisker, "shares": plots.shares, "weights": weights}
    return made


def _finalize(value: object) -> object:
    """Replace what no page can hold, as half of a surrogate pair; leave our own markup as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _UNSHOWABLE.sub("\ufffd", value)
    return "" if value is None else value


def _whisker(figure: Figure) -> Markup:
    return plots.whisker(figure.value or 0.0, figure.interval)


def _plots(run: Run) -> list[dict[str, object]]:
    return [plot for plot in (_risk(run), _reliability(run)) if plot]


def _risk(run: Run) -> dict[str, object] | None:
    points = figures.curve(run.records)
    if not points:
        return None
    _, risk = points[-1]
    words = f"{100 * risk:.0f} % of the {sum(not r.refused for r in run.records)} answers are wrong"
    return {
        "title": "Risk and coverage",
        "drawing": plots.risk_coverage(points, description=words),
        "caption": "Had only the surest answers been let through: how many of them are wrong. "
        "Where the curve rises to the right, the chance tells right from wrong; where it is flat, it does not.",
    }


def _reliability(run: Run) -> dict[str, object] | None:
    bins = figures.reliability_of(run.records)
    if not bins:
        return None
    words = "; ".join(f"chance {b.chance:.2f}, came true {b.share:.2f}, n {b.n}" for b in bins)
    return {
        "title": "Reliability",
        "drawing": plots.reliability(bins, description=words),
        "caption": "Of the questions to which the assistant gave this chance, how many the documents do answer. On the "
        "broken line it would be as many as it said; the larger a dot, the more questions.",
    }


def _stages(all_figures: Sequence[Figure]) -> list[tuple[plots.Stage, Markup]]:
    timed = stages(all_figures)
    longest = max((stage.p95 for stage in timed), default=0.0)
    return [(stage, plots.duration(stage, longest)) for stage in timed]


def _by_type(run: Run, shown_items: Sequence[ItemView]) -> dict[str, Any]:
    grouped = figures.by_type(run.records)
    rows = [_row(t, t, [i for i in shown_items if i.record.type == t], fs) for t, fs in grouped.items()]
    return _table("type", "By type of question", "Type", "", rows, grouped)


def _by_document(run: Run, shown_items: Sequence[ItemView]) -> dict[str, Any]:
    grouped = figures.by_document(run.records)
    titles, rows = document_titles(run), []
    for doc, fs in grouped.items():
        mine = [i for i in shown_items if any(e.doc == doc for e in i.record.evidence)]
        ids = [e.document for i in mine for e in i.record.evidence if e.doc == doc and e.document]
        id_ = ids[0] if ids else ""
        rows.append(_row(id_, titles.get(id_, doc), mine, fs))
    note = "Each question counts for every document that holds evidence for it."
    return _table("document", "By document", "Document", note, rows, grouped)


def _table(
    field: str, title: str, column: str, note: str, rows: list[Any], grouped: Mapping[str, Sequence[Figure]]
) -> dict[str, Any]:
    headings = [f.label for f in next(iter(grouped.values()), ())]
    return {"field": field, "title": title, "column": column, "note": note, "rows": rows, "headings": headings}


def _row(value: str, name: str, mine: Sequence[ItemView], row_figures: Sequence[Figure]) -> dict[str, Any]:
    counts = {o: sum(i.outcome is o for i in mine) for o in Outcome if o is not Outcome.UNJUDGED}
    return {
        "value": value,
        "name": name,
        "n": len(mine),
        "bar": plots.shares({o.value: n for o, n in counts.items()}),
        "counts": list(counts.values()),
        "cells": row_figures,
    }


def _choices(shown_items: Sequence[ItemView]) -> list[dict[str, object]]:
    choices: list[dict[str, object]] = [{"value": "", "label": "All", "n": len(shown_items)}]
    for o in Outcome:
        if n := sum(i.outcome is o for i in shown_items):
            choices.append({"value": o.value, "label": o.label, "n": n})
    if n := sum(i.refused for i in shown_items):
        choices.append({"value": "refused", "label": "Refused", "n": n})
    return choices


def _documents(run: Run, shown_items: Sequence[ItemView]) -> dict[str, str]:
    """Return the documents that a filter can choose, by title."""
    titles = document_titles(run)
    ids = {id_ for item in shown_items for id_ in item.documents}
    return dict(sorted(((id_, titles.get(id_, id_)) for id_ in ids), key=lambda pair: pair[1].casefold()))
