"""Say a run in a few plain sentences, and lay out its figures in groups: what the page and the Markdown share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.figures import PERCENTILES, Figure, shown
from eval.plots import Stage
from eval.report_items import ItemView, Outcome
from eval.runs import Run

GROUPS: Mapping[str, str] = {
    "answers": "Answers",
    "retrieval": "Retrieval",
    "citations": "Citations",
    "refusals": "Refusals",
    "confidence": "Confidence",
    "cost": "Time and cost",
    "judge": "Judged by a hosted model",
}

TILES = ("right", "facts", "citation_precision", "citation_recall", "refusal_recall", "latency_p50")
"""The figures that stand out; whoever reads no further has read these."""


@dataclass(frozen=True)
class Summary:
    """A run in words: the headline, a few lines, and how many questions had which outcome."""

    headline: str
    lines: tuple[str, ...]
    counts: Mapping[Outcome, int]


def summary(items: Sequence[ItemView], figures: Sequence[Figure]) -> Summary:
    """Return what a reader should know first."""
    counts = Counter(item.outcome for item in items)
    right = next((f for f in figures if f.key == "right"), None)
    if right is None or right.value is None:
        headline = f"{_questions(len(items))}, none of which is judged right or wrong."
    else:
        share = f"{100 * right.value:.0f}\u00a0%"
        if right.interval is not None:
            share += ", 95\u00a0% interval {:.0f} to {:.0f}".format(*(100 * bound for bound in right.interval))
        headline = f"{counts[Outcome.RIGHT]} of {_questions(right.n)} went right ({share})."
    return Summary(headline, tuple(_lines(items)), {o: counts[o] for o in Outcome if counts[o]})


def _lines(items: Sequence[ItemView]) -> list[str]:
    judged = [item for item in items if item.outcome is not Outcome.UNJUDGED]
    answerable = [item for item in judged if item.record.answerable]
    silent = [item for item in judged if not item.record.answerable and item.record.type != "false-premise"]
    premises = [item for item in judged if item.record.type == "false-premise"]
    lines = []
    if answerable:
        wrong = [item for item in answerable if item.outcome is Outcome.WRONG]
        partly = sum(item.outcome is Outcome.PARTLY for item in answerable)
        refused = sum(item.refused for item in wrong)
        lines.append(
            f"Of {_questions(len(answerable))} that the documents answer, {_right(answerable)} went right, {partly} in "
            f"part, {len(wrong) - refused} wrong, and {refused} {_were(refused)} refused."
        )
    if silent:
        refused = sum(item.refused for item in silent)
        many = _questions(len(silent))
        lines.append(f"Of {many} that they do not answer, {refused} {_were(refused)} refused, as all should be.")
    if premises:
        take = "takes" if len(premises) == 1 else "take"
        lines.append(
            f"Of {_questions(len(premises))} that {take} something false for granted, {_right(premises)} "
            f"{_were(_right(premises))} refused or corrected."
        )
    if long := sum(i.outcome is Outcome.UNJUDGED and bool(i.record.expected) for i in items):
        lines.append(
            f"{_questions(long)} {_were(long)} not judged right or wrong: the expected answer is long, and the set "
            "names no facts (must_include) that an answer must have."
        )
    return lines


def _were(n: int) -> str:
    return "was" if n == 1 else "were"


def _right(items: Sequence[ItemView]) -> int:
    return sum(item.outcome is Outcome.RIGHT for item in items)


def _questions(n: int) -> str:
    return f"{n} question" + ("" if n == 1 else "s")


def groups(figures: Sequence[Figure]) -> dict[str, list[Figure]]:
    """Return the figures that have a value by the title of their group; the times of single stages are left out."""
    kept = [f for f in figures if f.value is not None and not f.key.startswith("ms_")]
    found = {title: [f for f in kept if f.group == group] for group, title in GROUPS.items()}
    return {title: rows for title, rows in found.items() if rows}


def stages(figures: Sequence[Figure]) -> list[Stage]:
    """Return how long each stage took, in the order in which a question travels; the whole comes last."""
    values = {f.key: f.value for f in figures if f.key.startswith("ms_") and f.value is not None}
    names = [key.removeprefix("ms_").removesuffix("_p50") for key in values if key.endswith("_p50")]
    names.sort(key=lambda name: name == "total")
    return [Stage(name, *(values[f"ms_{name}_p{percent}"] for percent in PERCENTILES)) for name in names]


def interval(figure: Figure) -> str:
    """Return the 95 % interval of a figure, or nothing where it has none."""
    if figure.interval is None:
        return ""
    low, high = figure.interval
    if figure.unit == "share":
        return f"{low:.2f} to {high:.2f}"
    return f"{shown(low, figure.unit)} to {shown(high, figure.unit)}"


def header(run: Run) -> list[str]:
    """Return what a run is of, in a few words each: how many questions, by which composer, over what, when."""
    documents = len(run.library.get("documents", ()))
    library = run.library.get("name") or run.settings.get("collection")
    parts = [
        _questions(len(run.records)),
        str(run.settings.get("model", "")),
        f"library {library}, {documents} documents" if documents else f"library {library}" if library else "",
        f"rag {run.versions['rag']}" if run.versions.get("rag") else "",
        run.started[:16].replace("T", ", ") + " UTC" if run.started else "",
    ]
    return [part for part in parts if part]


def weights(run: Run) -> dict[str, str]:
    """Return the name of each model and the beginning of the hash of its weights."""
    return {
        part: f"{model.get('name')} {(model.get('sha256') or '')[:12]}".strip() for part, model in run.models.items()
    }
