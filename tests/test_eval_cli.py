"""`rag eval` as a user meets it: runs, going on, gates, comparisons and sweeps, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Rag

ITEMS = (
    {
        "id": "cargo",
        "question": "How many tons of cargo did the harbour of Lorn handle in 2013?",
        "type": "number",
        "answer": "4.2 million tons",
        "must_include": [["4.2 million"]],
        "evidence": [{"doc": "harbour.md", "quote": "handled 4.2 million tons of cargo in 2013"}],
    },
    {
        "id": "bread",
        "question": "Which two things does sourdough need?",
        "type": "list",
        "answer": "flour and patience",
        "must_include": [["flour"], ["patience"]],
        "evidence": [{"doc": "bakery", "quote": "two things: flour and patience"}],
    },
    {
        "id": "moons",
        "question": "How many moons does Neptune have?",
        "type": "unanswerable",
        "answer": "",
        "must_include": [],
        "evidence": [],
    },
)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "set.jsonl"
    path.write_text("".join(json.dumps(item) + "\n" for item in ITEMS), encoding="utf-8")
    return path


def ids(path: Path) -> list[str]:
    return [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()[1:]]


def test_a_run_is_kept_gone_on_with_and_compared(filled: Rag, questions: Path, tmp_path: Path) -> None:
    first = filled("eval", "set.jsonl", "--out", "a.jsonl")
    assert first.returncode == 0, first.stderr
    assert "Facts found" in first.stdout and "the run is in a.jsonl" in first.stdout
    path = tmp_path / "a.jsonl"
    whole = path.read_bytes()
    header = json.loads(whole.split(b"\n")[0])
    assert (header["set"], header["questions"], header["ids"]) == ("set", 3, ["cargo", "bread", "moons"])
    assert "api_key" not in header["settings"] and header["models"]["embedder"]["sha256"]

    path.write_bytes(whole[:-200])  # as an interruption leaves it
    over = filled("eval", "set.jsonl", "--out", "a.jsonl")
    assert over.returncode == 2 and "holds 2 of 3 answers of a run: go on with it by --resume" in over.stderr
    again = filled("eval", "set.jsonl", "--out", "a.jsonl", "--resume")
    assert again.returncode == 0, again.stderr
    assert ids(path) == ["cargo", "bread", "moons"]
    assert path.read_bytes().split(b"\n")[:3] == whole.split(b"\n")[:3]  # what was answered was not asked again

    bold = filled("eval", "set.jsonl", "--refuse-below", "0", "--out", "b.jsonl", "--fail-under", "refusal_recall=1")
    assert bold.returncode == 1
    assert "rag: not good enough, for 1 reason:\n  refusal_recall is 0.000, below 1.000 (n = 1" in bold.stderr
    compared = filled("eval", "compare", "a.jsonl", "b.jsonl")
    assert compared.returncode == 0, compared.stderr
    assert "refuse_below: 0.5 → 0.0" in compared.stdout
    assert "moons  right → wrong" in compared.stdout


def killed(folder: Path, *arguments: str) -> list[Path]:
    """Run `rag eval` until some answers are in a.jsonl, kill it, and return the processes that it had begun."""
    program = Path(sys.executable).parent / "rag"
    process = subprocess.Popen(
        [str(program), "eval", *arguments, "--out", "a.jsonl"],
        cwd=folder,
        env={**os.environ, "RAG_HOME": str(folder / "home")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 100
    out = folder / "a.jsonl"
    while not (out.exists() and out.read_bytes().count(b"\n") > 3):
        assert process.poll() is None and time.monotonic() < until, "it ended before it could be killed"
        time.sleep(0.02)
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    begun = [Path(f"/proc/{pid}/stat") for pid in listed.read_text().split()] if listed.exists() else []
    process.kill()
    process.wait()
    return begun


def running(stat: Path) -> bool:
    try:
        return stat.read_text().rpartition(") ")[2][0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_run_that_is_killed_loses_nothing_and_goes_on_as_if_it_had_not_been(filled: Rag, tmp_path: Path) -> None:
    items = [{**item, "id": f"{item['id']}-{n}"} for n in range(100) for item in ITEMS]
    (tmp_path / "set.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    begun = killed(tmp_path, "set.jsonl", "--jobs", "2", "--limit", "45")
    path = tmp_path / "a.jsonl"
    before = path.read_text(encoding="utf-8").splitlines()[1:-1]
    assert 2 <= len(before) < 45
    until = time.monotonic() + 30
    while any(map(running, begun)):
        assert time.monotonic() < until, "the processes that ask questions outlive the one that began them"
        time.sleep(0.1)

    again = filled("eval", "set.jsonl", "--limit", "45", "--out", "a.jsonl", "--resume")
    assert again.returncode == 0, again.stderr
    assert ids(path) == [item["id"] for item in items[:45]]
    after = path.read_text(encoding="utf-8").splitlines()[1:]
    assert set(before) <= set(after)  # as they were, times and all: none was asked again
    for name in ("cargo", "bread", "moons"):
        same = [timeless(json.loads(line)) for line in after if json.loads(line)["id"].startswith(name)]
        assert len(same) == 15 and all(one == same[0] for one in same)


def timeless(record: dict[str, Any]) -> dict[str, Any]:
    trace = {name: value for name, value in record["answer"]["trace"].items() if name != "timings_ms"}
    kept = {name: value for name, value in record.items() if name not in ("id", "seconds")}
    return kept | {"answer": {**record["answer"], "trace": trace}}


def test_some_questions_without_a_file_name_and_without_one_to_go_on_with(
    filled: Rag, questions: Path, tmp_path: Path
) -> None:
    done = filled("eval", "run", "set.jsonl", "--items", "bread,moons", "--type", "list")
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "home" / "runs").glob("set-*.jsonl")
    assert ids(path) == ["bread"]
    nothing = filled("eval", "set.jsonl", "--resume")
    assert nothing.returncode == 2 and "leave out --resume" in nothing.stderr


def test_a_sweep_shows_what_is_worth_its_time(filled: Rag, questions: Path, tmp_path: Path) -> None:
    done = filled("eval", "sweep", "set.jsonl", "--grid", "threshold=0,0.5", "--out", "runs")
    assert done.returncode == 0, done.stderr
    assert "Pareto front" in done.stdout
    best = next(line for line in done.stdout.splitlines() if "1.000" in line)
    assert "●" in best and "0.5" in best
    assert len(list((tmp_path / "runs").glob("*.jsonl"))) == 2


def test_evidence_that_stands_nowhere_is_told_with_what_comes_nearest(filled: Rag, tmp_path: Path) -> None:
    lost = {**ITEMS[0], "evidence": [{"doc": "harbour.md", "quote": "handled 4.2 billion tons of cargo in 2013"}]}
    (tmp_path / "set.jsonl").write_text(json.dumps(lost), encoding="utf-8")
    done = filled("eval", "set.jsonl", "--out", "a.jsonl")
    assert done.returncode == 0, done.stderr
    assert "line 1 (cargo), evidence[0]" in done.stderr and "4.2 million tons of cargo" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["set.jsonl", "--fail-under", "fact=1"], 2, "there is no metric 'fact'. Did you mean 'facts'?"),
        (["set.jsonl", "--baseline", "none.jsonl"], 2, "none.jsonl: cannot be read"),
        (["set.jsonl", "--out", "set.jsonl"], 2, "set.jsonl is there and would be lost"),
        (["set.jsonl", "--items", "breed"], 2, "has no question 'breed'. Did you mean 'bread'?"),
        (["set.jsonl", "--judge", "extractive"], 1, "it writes nothing, so it cannot judge"),
        (["sweep", "set.jsonl", "--grid", "tresh=1"], 2, "there is no setting 'tresh'"),
        (["sweep", "set.jsonl", "--grid", "threshold=7"], 2, "refuse_below = '7'"),
        (["compare", "set.jsonl", "set.jsonl"], 2, "set.jsonl, line 1: not a saved run"),
    ],
)
def test_bad_input_gets_one_clear_message(
    filled: Rag, questions: Path, arguments: list[str], code: int, words: str
) -> None:
    done = filled("eval", *arguments)
    said = done.stdout + done.stderr
    assert words in said
    assert "Traceback" not in said
    assert done.returncode == code
