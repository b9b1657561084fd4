"""The benchmark: which sets it finds, and what it keeps of its runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.bench import answers, development_sets, main
from eval.runs import load_run
from tests.conftest import write_documents

ITEMS = [
    {"id": "a", "question": "How much cargo did the harbour of Lorn handle in 2013?", "type": "number",
     "answer": "4.2 million tons", "must_include": [["4.2 million"]],
     "evidence": [{"doc": "harbour", "quote": "The harbour of Lorn handled 4.2 million tons of cargo in 2013."}]},
    {"id": "b", "question": "Which football club won the Champions League?", "type": "unanswerable", "answer": "",
     "must_include": [], "evidence": []},
]  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a folder with a set whose documents stand beside the folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "lorn-dev.jsonl").write_text("\n".join(map(json.dumps, ITEMS)), encoding="utf-8")
    documents = write_documents(tmp_path / "lorn")
    (documents / "NOTES.md").write_text("# Notes\n\nThe champions of the league are a club of football.\n")
    return folder


def test_sets_are_found_with_their_documents(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "lost-dev.jsonl").write_text(json.dumps(ITEMS[1]), encoding="utf-8")
    samples, lorn = development_sets(data)
    assert samples.name == "eurasia"
    assert [path.name for path in lorn.paths] == ["bakery.txt", "harbour-later.txt", "harbour.md"]
    assert "no folder 'lost'" in " ".join(capsys.readouterr().out.split())
    assert [found.name for found in development_sets(None)] == ["eurasia"]


def test_runs_are_kept_by_set_and_composer(
    data: Path, tmp_path: Path, models_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").symlink_to(models_folder, target_is_directory=True)
    monkeypatch.setenv("RAG_HOME", str(tmp_path / "home"))
    (run,) = answers(development_sets(data)[1:], ["extractive"], tmp_path / "runs")
    assert load_run(tmp_path / "runs" / "lorn-dev-extractive.jsonl") == run
    assert [r.answer["status"] for r in run.records] == ["answered", "refused"]
    assert len(run.library["documents"]) == 3
    (part,) = answers(development_sets(data)[1:], ["extractive"], tmp_path / "part", limit=1)
    assert [r.id for r in part.records] == ["a"]


def test_what_is_wrong_with_a_set_is_told_in_a_line(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "lorn-dev.jsonl").write_text('{"id": "a"}', encoding="utf-8")
    with pytest.raises(SystemExit, match=r"bench: .*lorn-dev\.jsonl, line 1"):
        main([str(data), "--no-times"])
    assert [found.name for found in development_sets(data / "nowhere")] == ["eurasia"]
    assert "no further sets" in capsys.readouterr().out
