"""What a figure is, and the table of those that are ratios of sums over questions.

So that all of them are resampled together, and two runs can be compared question by question (`eval.compare`).
`eval.figures` makes them, and the figures that are no ratios, of the records of a run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from eval.runs import Record
from eval.statistics import Interval

Unit = Literal["share", "seconds", "ms", "tokens", "dollars"]
Group = Literal["answers", "retrieval", "citations", "refusals", "confidence", "cost", "judge"]
Better = Literal["higher", "lower"]


@dataclass(frozen=True)
class Figure:
    """One metric over many questions.

    `n` counts the questions it is taken over and `value` is None when there are none; `interval` is the 95 %
    bootstrap interval; `meaning` says what is counted; `better` which way is up.
    """

    key: str
    label: str
    meaning: str
    value: float | None
    n: int
    interval: Interval | None = None
    unit: Unit = "share"
    group: Group = "answers"
    better: Better = "higher"

    def __str__(self) -> str:
        return shown(self.value, self.unit)


def shown(value: float | None, unit: Unit) -> str:
    """Return a value as people read it."""
    if value is None:
        return "-"
    return {
        "share": f"{value:.3f}",
        "seconds": f"{value:.2f} s",
        "ms": f"{value:.0f} ms",
        "tokens": f"{value:.0f}",
        "dollars": f"${value:.5f}",
    }[unit]


@dataclass(frozen=True)
class Ratio:
    """A metric as sum(top) / sum(bottom) over the records that it is taken `over`."""

    key: str
    label: str
    meaning: str
    group: Group
    over: Callable[[Record], bool]
    top: Callable[[Record], float]
    bottom: Callable[[Record], float]
    better: Better = "higher"
    unit: Unit = "share"

    def terms(self, records: Sequence[Record]) -> tuple[list[float], list[float]]:
        """Return top and bottom of each record; both 0 where the metric does not apply."""
        counted = [self.over(record) for record in records]
        return (
            [float(self.top(r)) if c else 0.0 for r, c in zip(records, counted, strict=True)],
            [float(self.bottom(r)) if c else 0.0 for r, c in zip(records, counted, strict=True)],
        )

    def figure(self, records: Sequence[Record], interval: Interval | None) -> Figure:
        """Return the metric over these records."""
        top, bottom = map(sum, self.terms(records))
        n = sum(map(self.over, records))
        value = top / bottom if bottom else None
        return Figure(self.key, self.label, self.meaning, value, n, interval, self.unit, self.group, self.better)


def _mean(key: str, label: str, meaning: str, group: Group, *, said: bool = False, **more: Better | Unit) -> Ratio:
    """Return the mean of a score over the records that have it; `said` means over answerable questions alone.

    A false premise that was refused has none of those, and `n` would hang on how often that happens.
    """

    def over(record: Record) -> bool:
        return key in record.scores and (record.answerable or not said)

    return Ratio(key, label, meaning, group, over, lambda r: r.scores[key], lambda _: 1.0, **more)  # type: ignore[arg-type]


def _share(
    key: str, label: str, meaning: str, over: Callable[[Record], bool], top: Callable[[Record], float], better: Better
) -> Ratio:
    return Ratio(key, label, meaning, "refusals", over, top, lambda _: 1.0, better)


def refused(record: Record) -> bool:
    """Return whether a question was refused."""
    return record.scores["refused"] > 0


def traced(record: Record, name: str) -> Mapping[str, float]:
    """Return a table of the answer's trace: its tokens, or its times."""
    found: Mapping[str, float] = record.answer.get("trace", {}).get(name, {})
    return found


def _rightly(record: Record) -> float:
    return float(refused(record) and not record.answerable)


RATIOS: tuple[Ratio, ...] = (
    _mean("right", "Right", "all that is expected, or refused", "answers"),
    _mean("facts", "Facts found", "expected facts in answer", "answers", said=True),
    _mean("exact_match", "Exact match", "answer is the expected one", "answers", said=True),
    _mean("token_f1", "Token F1", "words as in expected answer", "answers", said=True),
    _mean("squad_exact", "SQuAD 2.0 exact", "a refusal is an empty answer", "answers"),
    _mean("squad_f1", "SQuAD 2.0 F1", "a refusal is an empty answer", "answers"),
    _mean("similarity", "Similarity", "cosine with expected answer", "answers", said=True),
    _mean("hit@1", "Hit at 1", "some evidence in passage 1", "retrieval"),
    _mean("hit@3", "Hit at 3", "... in the first 3", "retrieval"),
    _mean("hit@5", "Hit at 5", "... in the first 5", "retrieval"),
    _mean("hit@10", "Hit at 10", "... in the first 10", "retrieval"),
    _mean("recall@1", "Recall at 1", "share of evidence in passage 1", "retrieval"),
    _mean("recall@5", "Recall at 5", "... in the first 5", "retrieval"),
    _mean("recall@10", "Recall at 10", "... in the first 10", "retrieval"),
    _mean("all@1", "All evidence in 1", "all of it in passage 1", "retrieval"),
    _mean("all@5", "All evidence in 5", "... in the first 5", "retrieval"),
    _mean("all@10", "All evidence in 10", "... in the first 10", "retrieval"),
    _mean("reciprocal_rank", "Mean reciprocal rank", "1 / rank of first evidence", "retrieval"),
    _mean("ndcg@10", "nDCG at 10", "evidence, high up", "retrieval"),
    _mean("citations_resolve", "Citations resolve", "quotes are verbatim", "citations"),
    _mean("citation_precision", "Citation precision", "citations of known evidence", "citations", said=True),
    _mean("citation_recall", "Citation recall", "known evidence cited", "citations", said=True),
    _mean("alce_recall", "ALCE citation recall", "sentences their quotes support", "citations"),
    _mean("alce_precision", "ALCE citation precision", "citations that are needed", "citations"),
    _mean("supported_values", "Supported values hold", "names, numbers are in quotes", "citations"),
    _share("refusal_precision", "Refusal precision", "refusals that were right", refused, _rightly, "higher"),
    _share(
        "refusal_recall", "Refusal recall", "unanswerable ones refused", lambda r: not r.answerable, _rightly, "higher"
    ),
    Ratio(
        "refusal_f1",
        "Refusal F1",
        "both together",
        "refusals",
        lambda _: True,
        lambda r: 2 * _rightly(r),
        lambda r: refused(r) + (not r.answerable),
    ),
    _share(
        "false_premise_refused",
        "False premises refused",
        "part of the recall",
        lambda r: r.type == "false-premise",
        refused,
        "higher",
    ),
    _share("wrongly_refused", "Wrongly refused", "answerable, yet refused", lambda r: r.answerable, refused, "lower"),
    _mean("judge_right", "Judged right", "by a model, over two prompts", "judge"),
    _mean("judge_agreement", "Judge agrees with itself", "same verdict by both prompts", "judge"),
    _mean("judge_matches", "Judge agrees with us", "same verdict as Right", "judge"),
)
"""The metrics that are ratios of sums, in the order in which they are shown. (The judge's come only with a judge.)"""

SPENT: tuple[Ratio, ...] = (
    Ratio(
        "tokens",
        "Tokens",
        "written by the model, a question",
        "cost",
        lambda r: bool(traced(r, "tokens")),
        lambda r: sum(traced(r, "tokens").values()),
        lambda _: 1.0,
        "lower",
        "tokens",
    ),
    _mean("price", "Price", "of the tokens, a question", "cost", better="lower", unit="dollars"),
)
"""What an answer costs on average, where it is known."""

HEADLINE = ("right", "hit@5", "all@10", "facts", "token_f1", "citation_precision", "citation_recall", "wrongly_refused")
"""The figures of tables by type and by document."""
