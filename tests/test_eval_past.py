"""Runs of a folder in a line each, the one to go on with, and what a threshold makes of a run's questions."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.past import newest, past, unfinished
from eval.runs import Record, Run
from eval.threshold import Refusals, refusals


def record(id_: str, chance: float, *, answerable: bool = True, refused: bool = False, seconds: float = 1) -> Record:
    scores = {"answerable": chance, "refused": float(refused), "right": float(answerable != refused)}
    answer: dict[str, Any] = {
        "question": "Q?",
        "status": "refused" if refused else "answered",
        "answer": "",
        "sentences": [],
        "citations": [],
        "nearest": [],
        "dropped": [],
        "trace": {
            "standalone_question": "Q?",
            "filters": {},
            "answerable": chance,
            "model": "extractive",
            "tokens": {},
            "timings_ms": {},
            "retrieved": [],
        },
    }
    return Record(id_, "Q?", "factoid", answerable, "", answer, scores, seconds)


def run(started: str, *records: Record, wanted: int | None = None, collection: str = "ships") -> Run:
    ids = tuple(r.id for r in records) + tuple(f"more{n}" for n in range((wanted or len(records)) - len(records)))
    settings = {"model": "extractive", "refuse_below": 0.5}
    library = {"name": collection, "documents": []}
    return Run("coast", started, settings, ids, records, library=library)


def test_runs_are_listed_newest_first_with_their_figures(tmp_path: Path) -> None:
    run("2026-01-02T00:00:00+00:00", record("a", 0.9), record("b", 0.2, refused=True)).save(tmp_path / "old.jsonl")
    run("2026-03-04T00:00:00+00:00", record("a", 0.9, seconds=3), wanted=2).save(tmp_path / "new.jsonl")
    run("2026-02-01T00:00:00+00:00", record("a", 0.9), collection="mills").save(tmp_path / "mills.jsonl")
    new, old = past(tmp_path, "ships")
    assert (new.path.stem, new.done, new.wanted, new.complete) == ("new", 1, 2, False)
    assert (old.path.stem, old.set, old.model, old.complete) == ("old", "coast", "extractive", True)
    assert str(old.figures["right"]) == "0.500"
    assert str(new.figures["latency_p50"]) == "3.00 s"
    assert [line.path.stem for line in past(tmp_path)] == ["new", "mills", "old"]


def test_a_changed_file_is_read_again_and_a_broken_one_says_why(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    made = run("2026-01-02T00:00:00+00:00", record("a", 0.9), wanted=2)
    made.save(path)
    assert past(tmp_path)[0].done == 1
    replace(made, records=(*made.records, record("more0", 0.4))).save(path)
    os.utime(path, ns=(1, 1))
    assert past(tmp_path)[0].done == 2
    (tmp_path / "broken.jsonl").write_text("no run\n", encoding="utf-8")
    (broken,) = (line for line in past(tmp_path) if line.problem)
    assert "broken.jsonl, line 1" in broken.problem and not broken.complete


def test_the_same_run_that_is_not_complete_is_gone_on_with(tmp_path: Path) -> None:
    begun = run("2026-01-02T00:00:00+00:00", record("a", 0.9), wanted=2)
    begun.save(tmp_path / "begun.jsonl")
    again = replace(begun, records=(), started="2026-05-01T00:00:00+00:00")
    found = unfinished(again, tmp_path)
    assert found is not None
    assert found[0].stem == "begun" and len(found[1].records) == 1
    assert unfinished(again, tmp_path, {"begun"}) is None
    assert unfinished(replace(again, settings={**again.settings, "refuse_below": 0.4}), tmp_path) is None
    replace(begun, records=(*begun.records, record("more0", 0.4))).save(tmp_path / "begun.jsonl")
    os.utime(tmp_path / "begun.jsonl", ns=(1, 1))
    assert unfinished(again, tmp_path) is None


def test_the_newest_whole_run_of_a_collection(tmp_path: Path) -> None:
    assert newest(tmp_path, "ships") is None
    run("2026-01-02T00:00:00+00:00", record("a", 0.9)).save(tmp_path / "old.jsonl")
    run("2026-03-04T00:00:00+00:00", record("a", 0.9), wanted=2).save(tmp_path / "new.jsonl")
    found = newest(tmp_path, "ships")
    assert found is not None and found.started.startswith("2026-01")
    assert newest(tmp_path, "mills") is None


def test_a_threshold_is_counted_by_hand() -> None:
    records = [
        record("a", 0.9),  # answered at .5
        record("b", 0.6),
        record("c", 0.4, refused=True),  # refused for its chance: let through below it
        record("d", 0.8, refused=True),  # refused though likely: no sentence held; so it is at any threshold
        record("x", 0.7, answerable=False),
        record("y", 0.1, answerable=False, refused=True),
    ]
    assert refusals(records, 0.5, 0.5) == Refusals(0.5, 4, 2, 2, 1)
    assert refusals(records, 0.3, 0.5) == Refusals(0.3, 4, 1, 2, 1)
    assert refusals(records, 0.0, 0.5) == Refusals(0.0, 4, 1, 2, 2)
    assert refusals(records, 0.75, 0.5) == Refusals(0.75, 4, 3, 2, 0)
    assert refusals([], 0.5, 0.5) == Refusals(0.5, 0, 0, 0, 0)
