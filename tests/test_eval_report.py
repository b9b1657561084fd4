"""The figures of a run, worked by hand over four questions, and what people see of them."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from eval.report import by_type, figures, print_table, to_markdown
from eval.run import FORMAT, Record, Run, Unlocated


def record(id_: str, type_: str, seconds: float, **scores: float) -> Record:
    answerable = type_ not in ("unanswerable", "false-premise")
    return Record(id_, "?", type_, answerable, "", {}, {k.replace("_at_", "@"): v for k, v in scores.items()}, seconds)


RECORDS = (
    record("a", "number", 1.0, refused=0, answerable=0.9, hit_at_1=1, reciprocal_rank=1, facts=1, token_f1=0.5),
    record("b", "reason", 2.0, refused=1, answerable=0.2, hit_at_1=0, reciprocal_rank=0.25, facts=0, token_f1=0),
    record("c", "unanswerable", 3.0, refused=1, answerable=0.2),
    record("d", "false-premise", 9.0, refused=0, answerable=0.4, facts=1),
)
RUN = Run(
    FORMAT,
    "har[bour]",
    "2024-01-02T03:04:05+00:00",
    {"model": "extractive", "top_k": 10},
    RECORDS,
    (Unlocated("b", "09", "a | b\n[c]", "no document's file name starts so"),),
)


@pytest.mark.parametrize(
    ("key", "value", "n"),
    [
        ("hit@1", 1 / 2, 2),
        ("reciprocal_rank", 1.25 / 2, 2),
        ("facts", 1 / 2, 2),  # not the false premise
        ("token_f1", 0.25, 2),
        ("citation_precision", None, 0),
        ("refusal_precision", 1 / 2, 2),  # refused: b and c
        ("refusal_recall", 1 / 2, 2),  # to refuse: c and d
        ("refusal_f1", 1 / 2, 4),
        ("false_premise_refused", 0.0, 1),
        ("wrongly_refused", 1 / 2, 2),
        ("answerable_auroc", 2.5 / 4, 4),  # .9>.2, .9>.4, .2=.2, .2<.4
        ("latency_p50", 2.0, 4),
        ("latency_p95", 9.0, 4),
    ],
)
def test_a_figure(key: str, value: float | None, n: int) -> None:
    (figure,) = (f for f in figures(RECORDS) if f.key == key)
    assert figure.n == n
    assert figure.value == (None if value is None else pytest.approx(value))


def test_means_have_an_interval_and_other_figures_none() -> None:
    found = {f.key: f for f in figures(RECORDS)}
    interval = found["reciprocal_rank"].interval
    assert interval is not None
    assert 0.25 <= interval[0] <= 0.625 <= interval[1] <= 1
    assert found["refusal_f1"].interval is None
    assert found["citation_precision"].interval is None


def test_by_type_in_order_of_appearance() -> None:
    found = by_type(RECORDS)
    assert list(found) == ["number", "reason", "unanswerable", "false-premise"]
    assert found["reason"]["refused"] == 1
    assert found["unanswerable"]["facts"] is None
    assert found["false-premise"]["facts"] == 1


def printed(run: Run) -> str:
    console = Console(file=io.StringIO(), width=100, color_system=None)
    print_table(run, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_table_shows_figures_meanings_and_lost_evidence() -> None:
    text = printed(RUN)
    assert "har[bour]: 4 questions" in text  # brackets are text, not markup
    assert "model = extractive, top_k = 10" in text
    (line,) = (line for line in text.splitlines() if "Mean reciprocal rank" in line)
    assert "0.625" in line
    assert " to " in line
    assert "9.00 s" in text
    assert "counted as not found (1)" in text
    assert "b, 09: no document's file name starts so: a | b [c]" in text


def test_markdown_keeps_its_columns() -> None:
    text = to_markdown(RUN)
    rows = [line for line in text.splitlines() if line.startswith("| Mean reciprocal rank")]
    assert rows[0].split(" | ")[1] == "0.625"
    assert r"a \| b [c] |" in text
    for block in text.split("\n\n"):
        if block.startswith("|"):
            assert len({line.replace(r"\|", "").count("|") for line in block.strip().splitlines()}) == 1


def test_an_empty_run_is_shown_with_dashes() -> None:
    empty = replace(RUN, records=(), unlocated=(), settings={})
    assert "-" in printed(empty)
    assert "| Hit at 1 | - |" in to_markdown(empty)
    assert "not located" not in to_markdown(empty)
