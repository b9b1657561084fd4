"""The page of results, and that what is quoted from it stands there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from eval.leaderboard import BEGIN, END, main, quoted, results_page
from eval.runs import Run, RunError
from tests.report_run import RECORDS, RUN

HARBOUR = replace(RUN, set="harbour")
OTHER = replace(HARBOUR, settings={**RUN.settings, "model": "gguf:package"}, records=RECORDS[:5], ids=RUN.ids[:5])
BAKERY = replace(RUN, set="bakery", started="2024-02-03T00:00:00+00:00")

RESULTS = """# Results

## harbour

| | harbour, extractive | harbour, gguf:package |
| :-- | --: | --: |
| Facts found | 0.673 [0.51 to 0.84] | 0.500 [0.25 to 0.75] |
| Latency p50 | 0.16 s | - |
"""


def block(*rows: str) -> str:
    heading = "| | harbour, extractive | harbour, gguf:package |\n|---|---|---|\n"
    return f"Words.\n\n{BEGIN}\n{heading}" + "\n".join(rows) + f"\n{END}\n\n| | elsewhere |\n|---|---|\n| x | 9 |\n"


@pytest.mark.parametrize(
    "row",
    [
        "| Facts found | 0.673 [0.51 to 0.84] | 0.500 |",
        "| Facts found | .67 [.51-.84] | .5 |",
        "| Facts found | **0.67** | 0.50 [0.2 to 0.8] |",  # 0.25 rounds to 0.2 or 0.3
        "| Latency p50 | 0.2 s | - |",
    ],
)
def test_a_quote_may_round_and_leave_out_the_interval(row: str) -> None:
    assert quoted(block(row), RESULTS) == []


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (
            "| Facts found | 0.70 | 0.500 |",
            "harbour, extractive: Facts found: '0.70' is quoted, the results have '0.673",
        ),
        ("| Facts found | .68 | .5 |", "'.68' is quoted"),
        ("| Facts found | 0.673 [0.50 to 0.84] | .5 |", "[0.50 to 0.84]' is quoted"),
        ("| Facts found | 0.6731 | .5 |", "'0.6731' is quoted"),
        ("| Facts found | 0.673 [0.51 to 0.84] 28 | .5 |", "28' is quoted"),
        ("| Latency p50 | 0.16 s | 1 s |", "harbour, gguf:package: Latency p50: '1 s' is quoted, the results have '-'"),
        ("| Latency p50 | - | - |", "harbour, extractive: Latency p50: '-' is quoted"),
        ("| Latency p49 | 0.16 s | - |", "Latency p49: there is no such figure in the results"),
    ],
)
def test_a_quote_that_is_not_in_the_results(row: str, problem: str) -> None:
    assert problem in quoted(block(row), RESULTS)[0]


def test_a_text_that_quotes_nothing_is_a_problem() -> None:
    (problem,) = quoted("| | harbour, extractive |\n|---|---|\n| Facts found | 0.673 |\n", RESULTS)
    assert "nothing is quoted" in problem


def test_the_page_has_a_table_for_each_set_and_a_column_for_each_composer() -> None:
    strict = replace(OTHER, settings={**OTHER.settings, "refuse_below": 0.7, "home": "/anywhere"})
    page = results_page([strict, BAKERY, HARBOUR], command="make bench")
    assert "| refuse\\_below = 0.7 |" in page and "anywhere" not in page
    assert page.index("## bakery") < page.index("## harbour") < page.index("## What it was measured with")
    assert "|  | harbour, gguf:package | harbour, extractive |" in page
    assert "5 questions over 2 documents." in page
    assert "`make bench`" in page
    assert "| bakery | extractive | 2024-02-03 | 01234567 | defaults | rag 9.8.7, python 3.11.0 |" in page
    assert "embedder MiniLM (fedcba98)" in page
    assert "Retrieve p50" not in page
    row = next(line for line in page.splitlines() if line.startswith("| Facts found | 0.500 ["))
    told = row.split("|")[2].strip()
    assert quoted(f"{BEGIN}\n| | harbour, extractive |\n|--|--|\n| Facts found | {told} |\n{END}", page) == []


@pytest.mark.parametrize(
    ("runs", "problem"),
    [
        ([HARBOUR, HARBOUR], "two runs are of the set 'harbour' with the composer 'extractive'"),
        ([replace(HARBOUR, ids=(*RUN.ids, "a7"))], "has 6 of 7 questions; finish it with --resume"),
    ],
)
def test_runs_that_make_no_page(runs: list[Run], problem: str) -> None:
    with pytest.raises(RunError, match=problem):
        results_page(runs, command="make bench")


def test_the_page_is_written_from_files(tmp_path: Path) -> None:
    for name, run in (("a", HARBOUR), ("b", BAKERY)):
        run.save(tmp_path / f"{name}.jsonl")
    out = tmp_path / "RESULTS.md"
    main([str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"), "--out", str(out), "--command", "make all"])
    assert out.read_text(encoding="utf-8") == results_page([HARBOUR, BAKERY], command="make all")
