"""Two runs side by side: figures and differences worked by hand, and the questions that changed."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from eval.compare import Comparison, Row, compare, names_apart
from eval.compare_table import print_comparison
from eval.figures import by_document, by_type, curve, figures, reliability_of
from eval.runs import Gold, Record, Run, RunError


def record(id_: str, right: float | None, *, answerable: bool = True, refused: bool = False) -> Record:
    scores = {"refused": float(refused), "answerable": 0.9}
    if right is not None:
        scores["right"] = right
    answer = {
        "status": "refused" if refused else "answered",
        "answer": "" if refused else f"Answer {right}.",
        "trace": {"timings_ms": {"retrieve": 10.0, "total": 30.0 if refused else 50.0}, "tokens": {}},
    }
    type_ = "number" if answerable else "unanswerable"
    gold = (Gold("01", "words", "d", 0, 5),) if answerable else ()
    reasons = (f"counts as {right}",)
    return Record(id_, f"Question {id_}?", type_, answerable, "9", answer, scores, 0.5, evidence=gold, reasons=reasons)


def run(*records: Record, **changes: object) -> Run:
    made = Run("small", "2024-05-06T07:08:09+00:00", {"k": 10, "home": "/a"}, tuple(r.id for r in records), records)
    return replace(made, **changes)  # type: ignore[arg-type]


# Ten answerable questions, all right, then one right; two unanswerable ones, refused, then one of them.
REFUSED = [record(f"u{i}", 1.0, answerable=False, refused=True) for i in "12"]
GOOD = run(*(record(f"q{i}", 1.0) for i in range(10)), *REFUSED)
BAD = run(
    record("q0", 1.0),
    *(record(f"q{i}", 0.0) for i in range(1, 10)),
    REFUSED[0],
    record("u2", 0.0, answerable=False),
    settings={"k": 1, "home": "/b"},
)


def row(comparison: Comparison, key: str) -> Row:
    return next(row for row in comparison.rows if row.key == key)


def test_a_difference_with_its_interval_and_signs() -> None:
    found = row(compare([GOOD, BAD], ["a", "b"]), "right")
    assert [f.value for f in found.figures] == [1, pytest.approx(2 / 12)]
    difference = found.differences[0]
    assert difference is not None and difference.interval is not None
    assert difference.value == pytest.approx(-10 / 12)
    # Ten of twelve fell by 1: standard error sqrt(10/12 * 2/12 / 12) = .1076.
    assert difference.interval == pytest.approx((-10 / 12 - 0.211, -10 / 12 + 0.211), abs=0.06)
    assert (difference.better, difference.worse) == (0, 10)
    assert difference.p == pytest.approx(2 / 1024)
    assert difference.significant and found.worse(1)


def test_less_is_better_where_the_metric_says_so() -> None:
    shy = run(*(record(f"q{i}", 0.0, refused=True) for i in range(10)))
    bold = run(*(record(f"q{i}", 1.0) for i in range(10)))
    found = row(compare([bold, shy], ["a", "b"]), "wrongly_refused")
    difference = found.differences[0]
    assert difference is not None
    assert (difference.value, difference.better, difference.worse) == (1, 0, 10)
    assert found.worse(1)
    assert not row(compare([shy, bold], ["a", "b"]), "wrongly_refused").worse(1)


def test_refusal_f1_is_compared_as_a_ratio_of_sums() -> None:
    found = row(compare([GOOD, BAD], ["a", "b"]), "refusal_f1")
    # 2*2/(2+2), then 2*1/(1+2).
    assert [f.value for f in found.figures] == [1, pytest.approx(2 / 3)]


def test_runs_that_are_the_same_do_not_differ() -> None:
    comparison = compare([GOOD, GOOD], ["a", "b"])
    for found in comparison.rows:
        difference = found.differences[0]
        assert difference is None or (difference.value == 0 and not difference.significant and not found.worse(1))
    assert not comparison.changed and not comparison.settings and not comparison.notes


def test_the_changed_questions_and_settings_are_named() -> None:
    comparison = compare([GOOD, BAD], ["a", "b"])
    assert [c.id for c in comparison.changed] == [*(f"q{i}" for i in range(1, 10)), "u2"]
    last = comparison.changed[-1]
    assert (last.right, last.status) == ((1.0, 0.0), ("refused", "answered"))
    assert last.reasons == (("counts as 1.0",), ("counts as 0.0",))
    assert comparison.settings == (("k", (10, 1)),)  # where the library lies is no difference


def test_what_only_the_later_run_has_is_shown() -> None:
    def written(one: Record) -> Record:
        trace = {"timings_ms": {"draft": 900.0}, "tokens": {"draft": 40}}
        return replace(one, answer={**one.answer, "trace": trace}, scores={**one.scores, "price": 0.001})

    wrote = replace(GOOD, records=tuple(written(one) for one in GOOD.records))
    comparison = compare([GOOD, wrote], ["a", "b"])
    for key, value in (("tokens", 40), ("price", 0.001), ("ms_draft_p95", 900)):
        assert [f.value for f in row(comparison, key).figures] == [None, pytest.approx(value)]
    twice = row(compare([wrote, wrote], ["a", "b"]), "tokens").differences[0]
    assert twice is not None and twice.interval == (0, 0)


def test_the_risk_is_compared_over_the_answers_of_each_run() -> None:
    found = row(compare([GOOD, BAD], ["a", "b"]), "risk_coverage_area")
    # All are equally sure, so that the area is the share of answers that are wrong: none of 10, then 10 of 11.
    assert [(f.value, f.n) for f in found.figures] == [(0, 10), (pytest.approx(10 / 11), 11)]
    difference = found.differences[0]
    assert difference is not None and difference.interval is not None
    assert 0.5 < difference.interval[0] < 10 / 11 <= difference.interval[1]
    assert found.worse(1)


def test_a_refusal_that_was_wrong_before_too_is_a_change() -> None:
    before, after = run(record("q", 0.0)), run(record("q", 0.0, refused=True))
    assert [c.status for c in compare([before, after], ["a", "b"]).changed] == [("answered", "refused")]


def with_hit(hit: float) -> Record:
    made = record("q", None)
    return replace(made, scores={**made.scores, "hit@10": hit})


def test_questions_that_cannot_be_judged_change_when_their_evidence_is_lost() -> None:
    before, after = (run(with_hit(hit)) for hit in (1.0, 0.0))
    assert len(compare([before, after], ["a", "b"]).changed) == 1
    assert not compare([before, before], ["a", "b"]).changed


def test_only_questions_of_all_runs_in_the_same_words_are_compared() -> None:
    other = run(replace(BAD.records[0], question="In other words?"), *BAD.records[1:4])
    other = replace(other, ids=(*other.ids, "q4", "q5", "q6", "q7"))
    comparison = compare([GOOD, other], ["a", "b"])
    assert comparison.questions == 3
    assert "b was interrupted: 4 of 8 questions are answered" in comparison.notes
    assert any(note.startswith("a: 9 of its questions are not in all runs") for note in comparison.notes)
    assert any(note.startswith("b: 1 of its questions") for note in comparison.notes)
    assert [figure.n for figure in row(comparison, "right").figures] == [3, 3]


def test_sets_libraries_and_words_that_differ_are_noted() -> None:
    other = replace(GOOD, set_hash="other", library={"documents": [{"id": "d2"}]})
    first = replace(GOOD.records[0], answer={**GOOD.records[0].answer, "answer": "In other words."})
    notes = compare([GOOD, replace(other, records=(first, *other.records[1:]))], ["a", "b"]).notes
    assert [note.split(":")[0] for note in notes] == [
        "the sets are not the same file",
        "the libraries do not hold the same documents",
        "1 more answers differ in their words and count as before",
    ]


def test_three_runs_are_held_against_the_first() -> None:
    comparison = compare([GOOD, BAD, GOOD], ["a", "b", "c"])
    differences = row(comparison, "right").differences
    assert [d and round(d.value, 3) for d in differences] == [-0.833, 0.0]
    assert comparison.changed[0].right == (1.0, 0.0, 1.0)


def test_what_cannot_be_compared_says_so() -> None:
    with pytest.raises(RunError, match="two runs or more"):
        compare([GOOD], ["a"])
    with pytest.raises(RunError, match="the runs a, b share no question"):
        compare([GOOD, run(record("z", 1.0))], ["a", "b"])


def test_figures_of_times_and_confidence() -> None:
    found = {f.key: f for f in figures(BAD.records)}
    assert (found["latency_p95"].value, found["ms_total_p50"].value, found["ms_retrieve_p99"].value) == (0.5, 50, 10)
    assert found["ms_total_p50"].unit == "ms"
    # All have the chance .9, and 10 of 12 are answerable: |10/12 - .9|; no order, so AUROC is that of luck.
    assert found["calibration_error"].value == pytest.approx(0.9 - 10 / 12)
    assert found["answerable_auroc"].value == 0.5
    # Eleven were answered, all equally sure: the risk is that at their end.
    assert found["risk_coverage_area"].value == pytest.approx(10 / 11)
    assert "judge_right" not in found and "tokens" not in found
    ((coverage, risk),) = curve(BAD.records)
    assert (coverage, round(risk, 9)) == (1, round(10 / 11, 9))
    assert [b.n for b in reliability_of(BAD.records)] == [12]


def test_figures_by_type_and_by_document() -> None:
    types = by_type(BAD.records)
    assert list(types) == ["number", "unanswerable"]
    assert {f.key: f.value for f in types["number"]}["right"] == 0.1
    documents = by_document(BAD.records)
    assert {name: found[0].n for name, found in documents.items()} == {"01": 10}


def test_the_table_names_what_is_worse() -> None:
    console = Console(file=io.StringIO(), width=140, color_system=None, highlight=False, markup=False)
    print_comparison(compare([GOOD, BAD], ["before", "after[x]"]), console)
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert "k: 10 → 1" in text
    (line,) = (line for line in text.splitlines() if line.strip().startswith("Right"))
    assert "1.000" in line and "0.167" in line and "-0.833" in line and "*" in line and "0 : 10 (0.002)" in line
    assert "after[x]" in text
    assert "u2  right → wrong  Question u2?" in text
    assert "after[x]: counts as 0.0" in text
    assert "Questions that changed (10):" in text


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["runs/a.jsonl", "runs/b.jsonl"], ["a", "b"]),
        (["may/a.jsonl", "june/a.jsonl"], ["may/a", "june/a"]),
        (["x/may/a.jsonl", "y/may/a.jsonl", "x/may/b.jsonl"], ["x/may/a", "y/may/a", "x/may/b"]),
        (["a.jsonl", "a.jsonl"], ["a", "a"]),
    ],
)
def test_runs_are_told_apart_by_no_more_of_their_paths_than_is_needed(paths: list[str], names: list[str]) -> None:
    assert names_apart([Path(path) for path in paths]) == names
