"""A gate for continuous integration: figures that must be reached, and a baseline that must not be fallen behind."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.compare import Comparison, Row, compare
from eval.figures import RATIOS, Figure, figures, shown
from eval.runs import Run
from rag.errors import RagError

GUARDED = (
    "right",
    "all@10",
    "hit@5",
    "facts",
    "token_f1",
    "citations_resolve",
    "citation_precision",
    "citation_recall",
    "refusal_recall",
    "wrongly_refused",
)
"""The figures that must not be worse than the baseline's. Few: each may by chance be called worse once in 40 times."""

OTHERS = ("answerable_auroc", "calibration_error", "risk_coverage_area", "tokens", "price")
_TIME = re.compile(r"(latency|ms_\w+)_p(50|95|99)")
_NAMED = 5


class GateError(RagError):
    """A limit that cannot be understood."""

    exit_code = 2


class GateShut(RagError):
    """A run that is not good enough; the text says why."""


@dataclass(frozen=True)
class Limit:
    """A value that a figure must reach; for one of which less is better, that it must not exceed."""

    key: str
    value: float


def parse_limits(text: str) -> tuple[Limit, ...]:
    """Read limits such as "facts=0.8,citation_precision=0.9,latency_p95=2".

    Raises:
        GateError: when a part is no name with a number, or the name is no metric's.
    """
    limits = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, sign, value = (x.strip() for x in part.partition("="))
        if not sign:
            raise GateError(f"--fail-under {part!r}: expected NAME=NUMBER, such as facts=0.8")
        if name not in KEYS and not _TIME.fullmatch(name):
            raise GateError(f"--fail-under: there is no metric {name!r}.{_meant(name)}")
        try:
            limits.append(Limit(name, float(value)))
        except ValueError:
            raise GateError(f"--fail-under: {name} = {value!r} is no number; give one, such as {name}=0.8") from None
    if not limits:
        raise GateError("--fail-under is empty: give NAME=NUMBER, such as facts=0.8,citation_precision=0.9")
    return tuple(limits)


def pass_gate(run: Run, limits: Sequence[Limit], baseline: tuple[str, Run] | None = None) -> Comparison | None:
    """Let a run pass, or say why it may not; return the comparison with the baseline, if there is one.

    Raises:
        GateShut: when a figure misses its limit, or is worse than the baseline's beyond chance.
        RunError: when the baseline shares no question with the run.
    """
    found = {figure.key: figure for figure in figures(run.records)}
    reasons = [why for limit in limits if (why := _missed(limit, found))]
    comparison = None
    if baseline:
        name, before = baseline
        comparison = compare([before, run], [name, "this run"])
        reasons += [_worse(row, comparison) for row in comparison.rows if row.key in GUARDED and row.worse(1)]
    if reasons:
        raise GateShut("\n".join([f"not good enough, for {len(reasons)} reason{'s' * (len(reasons) > 1)}:", *reasons]))
    return comparison


def _missed(limit: Limit, found: Mapping[str, Figure]) -> str:
    figure = found.get(limit.key)
    if figure is None or figure.value is None:
        return f"  {limit.key}: no question of this run has it, so that {limit.value:g} is not reached"
    low, high = figure.interval or (None, None)
    sure = f", 95 % {shown(low, figure.unit)} to {shown(high, figure.unit)}" if low is not None else ""
    have, want = shown(figure.value, figure.unit), shown(limit.value, figure.unit)
    if figure.better == "higher" and figure.value < limit.value:
        return f"  {limit.key} is {have}, below {want} (n = {figure.n}{sure})"
    if figure.better == "lower" and figure.value > limit.value:
        return f"  {limit.key} is {have}, above {want} (n = {figure.n}{sure})"
    return ""


def _worse(row: Row, comparison: Comparison) -> str:
    difference = row.differences[0]
    assert difference is not None and difference.interval is not None
    before, after = (shown(figure.value, row.unit) for figure in row.figures)
    low, high = difference.interval
    text = f"  {row.key} went from {before} to {after} (difference 95 % {low:+.3f} to {high:+.3f})"
    turned = [c.id for c in comparison.changed if (c.right[0] or 0) > (c.right[1] or 0)]
    if row.key == "right" and turned:
        more = f" and {len(turned) - _NAMED} more" if len(turned) > _NAMED else ""
        text += f"; no longer right: {', '.join(turned[:_NAMED])}{more}"
    return text


def _meant(name: str) -> str:
    close = difflib.get_close_matches(name.lower(), [*KEYS, "latency_p50", "latency_p95", "latency_p99"], n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"{hint} There are {', '.join(KEYS)}, latency_p95 and ms_STAGE_p95 (p50 and p99 as well)."


KEYS = (*(ratio.key for ratio in RATIOS), *OTHERS)
