"""Say in figures how far to trust the answers of a run: overall and by type of question.

This module takes means over the scores that `eval.run` gave, and lays them out for a terminal or as Markdown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval import metrics
from eval.run import Record, Run

Unit = Literal["share", "seconds"]


@dataclass(frozen=True)
class Figure:
    """One metric over many questions.

    `n` counts the questions it is taken over and `value` is None when there are none; `interval` is the 95 %
    bootstrap interval, for means; `meaning` says what is counted.
    """

    key: str
    label: str
    meaning: str
    value: float | None
    n: int
    interval: tuple[float, float] | None = None
    unit: Unit = "share"

    def __str__(self) -> str:
        if self.value is None:
            return "-"
        return f"{self.value:.2f} s" if self.unit == "seconds" else f"{self.value:.3f}"


_MEANS = (
    ("hit@1", "Hit at 1", "some evidence in passage 1"),
    ("hit@3", "Hit at 3", "... in the first 3"),
    ("hit@5", "Hit at 5", "... in the first 5"),
    ("hit@10", "Hit at 10", "... in the first 10"),
    ("all@1", "All evidence in 1", "all of it in passage 1"),
    ("all@5", "All evidence in 5", "... in the first 5"),
    ("all@10", "All evidence in 10", "... in the first 10"),
    ("reciprocal_rank", "Mean reciprocal rank", "1 / rank of first evidence"),
    ("facts", "Facts found", "expected facts in answer"),
    ("token_f1", "Token F1", "words as in expected answer"),
    ("exact_match", "Exact match", "answer is the expected one"),
    ("citations_resolve", "Citations resolve", "quotes are verbatim"),
    ("citation_precision", "Citation precision", "citations of known evidence"),
    ("citation_recall", "Citation recall", "known evidence cited"),
    ("supported_values", "Supported values hold", "names, numbers are in quotes"),
)

BY_TYPE = ("hit@5", "all@10", "facts", "citation_precision", "citation_recall", "token_f1", "refused")
"""The metrics of the table by type of question."""

_SAID = ("facts", "token_f1", "exact_match", "citation_precision", "citation_recall")
"""Taken over answerable questions only: a false premise that was refused has none of them, and `n` would hang
on how often that happens."""

_TYPES_TITLE = "By type of question (prec. and recall of citations)"

_SHORT = {
    "hit@5": "hit@5",
    "all@10": "all@10",
    "facts": "facts",
    "citation_precision": "prec.",
    "citation_recall": "recall",
    "token_f1": "F1",
    "refused": "refused",
}


def figures(records: Sequence[Record]) -> tuple[Figure, ...]:
    """Return the metrics over these records, in the order in which a question travels."""
    answerable = [record for record in records if record.answerable]
    means = [_mean(answerable if key in _SAID else records, key, key, label, meaning) for key, label, meaning in _MEANS]
    return (*means, *_refusals(records), *_confidence(records), *_latency(records))


def by_type(records: Sequence[Record]) -> dict[str, dict[str, float | None]]:
    """Return the mean of each metric of `BY_TYPE` for each type of question, in order of appearance."""
    types = dict.fromkeys(record.type for record in records)
    return {type_: {key: _average([r for r in records if r.type == type_], key) for key in BY_TYPE} for type_ in types}


def _values(records: Sequence[Record], key: str) -> list[float]:
    return [record.scores[key] for record in records if key in record.scores]


def _average(records: Sequence[Record], key: str) -> float | None:
    values = _values(records, key)
    return sum(values) / len(values) if values else None


def _mean(records: Sequence[Record], score: str, key: str, label: str, meaning: str) -> Figure:
    values = _values(records, score)
    interval = metrics.bootstrap_interval(values)
    return Figure(key, label, meaning, _average(records, score), len(values), interval)


def _refusals(records: Sequence[Record]) -> list[Figure]:
    refused = [record.scores["refused"] > 0 for record in records]
    should = [not record.answerable for record in records]
    measures: tuple[tuple[str, str, str, Callable[..., float | None], int], ...] = (
        (
            "precision",
            "Refusal precision",
            "refusals that were right",
            metrics.refusal_precision,
            sum(refused),
        ),
        (
            "recall",
            "Refusal recall",
            "unanswerable ones refused",
            metrics.refusal_recall,
            sum(should),
        ),
        ("f1", "Refusal F1", "both together", metrics.refusal_f1, len(records)),
    )
    scores = [
        Figure(f"refusal_{name}", label, meaning, measure(refused, should), n)
        for name, label, meaning, measure, n in measures
    ]
    answerable = [record for record in records if record.answerable]
    premises = [record for record in records if record.type == "false-premise"]
    return [
        *scores,
        _mean(premises, "refused", "false_premise_refused", "False premises refused", "part of the recall"),
        _mean(answerable, "refused", "wrongly_refused", "Wrongly refused", "answerable, yet refused"),
    ]


def _confidence(records: Sequence[Record]) -> list[Figure]:
    scores = [record.scores["answerable"] for record in records]
    area = metrics.auroc(scores, [record.answerable for record in records])
    meaning = "answerable higher; luck .5"
    return [Figure("answerable_auroc", "Answerable AUROC", meaning, area, len(records))]


def _latency(records: Sequence[Record]) -> list[Figure]:
    seconds = [record.seconds for record in records]
    return [
        Figure(
            f"latency_p{p}",
            f"Latency p{p}",
            meaning,
            metrics.percentile(seconds, p),
            len(seconds),
            unit="seconds",
        )
        for p, meaning in ((50, "50 % take at most this"), (95, "95 % take at most this"))
    ]


def _interval(figure: Figure) -> str:
    return "" if figure.interval is None else f"{figure.interval[0]:.2f} to {figure.interval[1]:.2f}"


def _title(run: Run) -> str:
    return f"{run.set}: {len(run.records)} questions, {run.started}"


def _settings(run: Run) -> str:
    return ", ".join(f"{name} = {value}" for name, value in sorted(run.settings.items()))


def _type_rows(run: Run) -> list[list[str]]:
    rows = []
    for type_, means in by_type(run.records).items():
        n = sum(record.type == type_ for record in run.records)
        rows.append([type_, str(n), *("-" if m is None else f"{m:.2f}" for m in means.values())])
    return rows


def _table(title: str, caption: str = "") -> Table:
    # Narrow gaps, so that 80 columns do.
    return Table(title=title, caption=caption or None, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)


def print_table(run: Run, console: Console) -> None:
    """Print the figures of a run, overall and by type, and the evidence that was not located."""
    overall = _table(escape(_title(run)), escape(_settings(run)))
    overall.add_column("metric", no_wrap=True)
    overall.add_column("value", justify="right", no_wrap=True)
    overall.add_column("95 % interval", no_wrap=True)
    overall.add_column("n", justify="right", no_wrap=True)
    overall.add_column("what it counts")
    for figure in figures(run.records):
        overall.add_row(figure.label, str(figure), _interval(figure), str(figure.n), figure.meaning)
    console.print(overall)

    types = _table(_TYPES_TITLE)
    types.add_column("type", no_wrap=True)
    for heading in ("n", *(_SHORT[key] for key in BY_TYPE)):
        types.add_column(heading, justify="right")
    for row in _type_rows(run):
        types.add_row(*(escape(cell) for cell in row))
    console.print(types)

    if run.unlocated:
        console.print(escape(_unlocated_heading(run)), style="yellow")
        for lost in run.unlocated:
            console.print(escape(f"  {lost.item}, {lost.doc}: {lost.reason}: {' '.join(lost.quote.split())}"))


def _unlocated_heading(run: Run) -> str:
    count = len(run.unlocated)
    return f"Evidence not located, counted as not found ({count}):"


def to_markdown(run: Run) -> str:
    """Return the figures of a run as Markdown: overall, by type, and the evidence that was not located."""
    lines = [f"# {_title(run)}", ""]
    if run.settings:
        lines += [_settings(run), ""]
    rows = [[f.label, str(f), _interval(f), str(f.n), f.meaning] for f in figures(run.records)]
    lines += _markdown_table(["metric", "value", "95 % interval", "n", "what it counts"], rows)
    lines += ["", f"## {_TYPES_TITLE}", ""]
    lines += _markdown_table(["type", "n", *(_SHORT[key] for key in BY_TYPE)], _type_rows(run))
    if run.unlocated:
        lines += ["", f"## {_unlocated_heading(run)[:-1]}", ""]
        rows = [[lost.item, lost.doc, lost.reason, lost.quote] for lost in run.unlocated]
        lines += _markdown_table(["question", "doc", "reason", "quote"], rows)
    return "\n".join(lines) + "\n"


def _markdown_table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    cells = [heading, ["---"] * len(heading), *rows]
    return ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in cells]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")
