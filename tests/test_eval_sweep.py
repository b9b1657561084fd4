"""Grids of settings, and the front of those that are worth their time."""

from __future__ import annotations

import pytest

from eval.runs import Record, Run
from eval.sweep import SweepError, file_name, parse_grid, weigh

KNOWN = ["passages", "refuse_below", "model", "embedder", "evidence_model", "candidates"]


def run(right: float, seconds: float) -> Run:
    scores = {"refused": 0.0, "answerable": 1.0}
    records = tuple(
        Record(str(i), "?", "number", True, "", {}, scores | {"right": float(i < right * 10)}, seconds)
        for i in range(10)
    )
    return Run("s", "2024-05-06", {}, tuple(map(str, range(10))), records)


def test_each_value_goes_with_each_of_the_others() -> None:
    points = parse_grid("k=3,5; refuse_below = 0.3, 0.5 ;composer=extractive", KNOWN)
    assert points == [
        {"passages": k, "refuse_below": t, "model": "extractive"} for k in ("3", "5") for t in ("0.3", "0.5")
    ]


MANY = ",".join(map(str, range(1, 16)))


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ("", "is empty: give NAME=VALUE"),
        ("passagse=3", "there is no setting 'passagse'. Did you mean 'passages'?"),
        ("tresholds=3", "Did you mean 'threshold'?"),
        ("k=", "'k=': expected NAME=VALUE,VALUE"),
        ("k", "expected NAME=VALUE,VALUE"),
        ("k=3;passages=5", "'passages' comes twice"),
        (
            f"k={','.join(map(str, range(15)))};candidates={','.join(map(str, range(15)))}",
            "has 225 points, more than 200",
        ),
    ],
)
def test_grids_that_cannot_be_tried(grid: str, words: str) -> None:
    with pytest.raises(SweepError) as caught:
        parse_grid(grid, KNOWN)
    assert words in str(caught.value)


def test_the_front_holds_what_nothing_beats() -> None:
    given = {"a": (0.9, 2.0), "b": (0.8, 1.0), "c": (0.8, 1.5), "d": (0.5, 1.0), "e": (0.9, 2.0), "f": (0.1, 0.5)}
    points = weigh([({"k": name}, run(*pair)) for name, pair in given.items()], "right", "latency_p50")
    # c is as good as b and slower; d is as quick as b and worse; a and e are equals.
    assert {p.values["k"] for p in points if p.front} == {"a", "b", "e", "f"}


def test_quality_may_be_a_figure_of_which_less_is_better() -> None:
    points = weigh([({}, run(0.9, 1.0)), ({}, run(0.5, 1.0))], "risk_coverage_area", "latency_p50")
    assert [p.front for p in points] == [True, False]


def test_a_figure_that_no_question_has() -> None:
    with pytest.raises(SweepError, match=r"has the figure 'facts'; there are right,"):
        weigh([({}, run(1, 1))], "facts", "latency_p50")


def test_files_of_points_do_not_meet() -> None:
    long = {"model": "gguf:/a/very/long/path/" + "x" * 100}
    names = {file_name(long | {"k": str(k)}) for k in range(5)}
    assert len(names) == 5
    assert all(len(name) < 120 and "/" not in name for name in names)
