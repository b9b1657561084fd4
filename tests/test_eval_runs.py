"""The file of a run: written as it goes, gone on with, and what is said of one that cannot be used."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.formats import Item, QuestionSet
from eval.run import run_to_file
from eval.runs import FORMAT, Gold, Record, Run, RunError, RunFile, load_run
from eval.session import Choice, check_free, new_file, resumed
from rag.errors import ModelError, RagError

IDS = ("a", "b", "c", "d")
RUN = Run(
    "small",
    "2024-05-06T07:08:09+00:00",
    {"model": "extractive", "refuse_below": 0.5, "home": "/somewhere"},
    IDS,
    (),
    "5e7",
    4,
    versions={"rag": "0.1.0"},
    models={"embedder": {"name": "mini", "sha256": "e1"}},
    library={"name": "l", "documents": [{"id": "d1", "name": "one.txt"}]},
)


def record(id_: str, **scores: float) -> Record:
    evidence = (Gold("01", "exact – words", "d1", 3, 9), Gold("02", "x" * 100, None, problem="nowhere"))
    trace: dict[str, object] = {"timings_ms": {"total": 1.5}, "tokens": {}, "retrieved": []}
    trace |= {"standalone_question": "", "filters": {}, "answerable": 0.9, "model": "extractive"}
    said = {"question": "", "status": "answered", "answer": f"Réponse {id_}\u2028 [1]", "trace": trace}
    answer = said | {name: [] for name in ("sentences", "citations", "nearest", "dropped")}
    return Record(
        id_,
        f"Question {id_}?",
        "number",
        True,
        "9",
        answer,
        {"refused": 0.0, "answerable": 0.9, **scores},
        0.25,
        ("nine",),
        (("9", "nine"),),
        evidence,
        ("holds all expected facts",),
        (("before", "after"),),
    )


WHOLE = RUN.with_records([record(id_, right=1.0) for id_ in IDS])
ITEMS = tuple(Item(id_, f"Question {id_}?", "number" if id_ < "c" else "date", "9", (), (), ()) for id_ in IDS)
SET = QuestionSet("small", ITEMS)


def asking(ids: list[str], fail_at: str = "") -> object:
    def ask(items: Sequence[Item]) -> Iterator[Record]:
        for item in items:
            if item.id == fail_at:
                raise ModelError("the model is down; start it")
            ids.append(item.id)
            yield record(item.id, right=1.0)

    return ask


# --- the file ---


def test_a_saved_run_is_read_back_equal(tmp_path: Path) -> None:
    path = tmp_path / "new" / "run.jsonl"
    WHOLE.save(path)
    assert load_run(path) == WHOLE
    assert [p.name for p in path.parent.iterdir()] == ["run.jsonl"]
    assert json.loads(path.read_text(encoding="utf-8").split("\n")[0])["format"] == FORMAT == 2
    assert (WHOLE.complete, RUN.complete) == (True, False)
    assert [(u.item, u.doc, len(u.quote), u.reason) for u in WHOLE.unlocated[:1]] == [("a", "02", 80, "nowhere")]


def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(TypeError):
        replace(RUN, settings={"late": object()}).save(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_each_answer_is_in_the_file_as_soon_as_it_is_there(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    file = RunFile(path, RUN)
    for count, id_ in enumerate(IDS[:3], start=1):
        file.append(record(id_))
        assert len(load_run(path).records) == count  # while the file is open
    file.close()
    assert not load_run(path).complete


def test_answers_that_come_out_of_order_are_put_into_the_order_of_the_set(tmp_path: Path) -> None:
    straight, crossed = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    for path, ids in ((straight, IDS), (crossed, ("c", "a", "d", "b"))):
        file = RunFile(path, RUN)
        for id_ in ids:
            file.append(record(id_))
        file.close()
    assert straight.read_bytes() == crossed.read_bytes()


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, 10_000))
def test_a_file_cut_off_anywhere_keeps_every_whole_answer(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "run.jsonl"
    WHOLE.save(path)
    data = path.read_bytes()
    header = data.index(b"\n") + 1
    size = header + cut % (len(data) - header)
    path.write_bytes(data[:size])
    kept = load_run(path)
    # The last line may be whole but for its line end.
    assert len(kept.records) - data[header:size].count(b"\n") in (0, 1)
    assert kept.records == WHOLE.records[: len(kept.records)]


LINES = [json.dumps(RUN.header()), "{}"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "cannot be read"),
        (b"", "line 1: not a saved run"),
        (b"{", "line 1: not a saved run"),
        (b"[]", "line 1: not a saved run (no field format)"),
        (b"id,question\n1,Why?\n", "line 1: not a saved run"),
        (b'{"id": "a", "question": "Why?"}\n', "no field format"),
        (b'\xff{"format": 2}\n', "line 1: not a saved run (byte 0xff is not UTF-8)"),
        (b'{"format": 2}\n', "line 1, field set: field required; run it again"),
        (b'{\n "format": 1,\n "set": "s"\n}\n', "has format 1, this version reads 2; run the evaluation again"),
        (b'{"format": 3}\n', "has format 3, this version reads 2; it was written by a newer version of rag"),
        ("\n".join([*LINES, ""]).encode(), "line 2, field id: field required"),
    ],
)
def test_a_file_that_is_no_run_of_this_version(tmp_path: Path, data: bytes | None, words: str) -> None:
    path = tmp_path / "run.jsonl"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(RunError) as caught:
        load_run(path)
    assert isinstance(caught.value, RagError)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


def test_damage_in_the_middle_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    WHOLE.save(path)
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join([*lines[:2], lines[2][:40], *lines[3:]]), encoding="utf-8")
    with pytest.raises(RunError, match=r"line 3: damaged .* remove the line, then --resume asks its question again"):
        load_run(path)
    path.write_text("\n".join([*lines[:2], *lines[3:]]), encoding="utf-8")
    assert [r.id for r in load_run(path).records] == ["a", "c", "d"]
    path.write_text("\n".join([lines[0], json.dumps({**json.loads(lines[1]), "id": "z"}), ""]), encoding="utf-8")
    with pytest.raises(RunError, match="line 2, field id: 'z' is no question of this run"):
        load_run(path)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("answer", "status"), None, "field answer.status: field required"),
        (("answer", "status"), "perhaps", "field answer.status: input should be 'answered', 'partial' or 'refused'"),
        (("answer", "citations"), [{"document": "d1", "start": 0}], "field answer.citations.0.id: field required"),
        (("answer", "trace"), None, "field answer.trace: field required"),
        (("answer", "trace", "retrieved"), [{}], "field answer.trace.retrieved.0.document: field required"),
        (("scores", "refused"), None, "field scores.refused: field required"),
    ],
)
def test_an_answer_that_lacks_a_part_is_told_with_line_and_field(
    tmp_path: Path, path: tuple[str, ...], value: object, words: str
) -> None:
    file = tmp_path / "run.jsonl"
    WHOLE.save(file)
    header, first, second, *rest = file.read_text(encoding="utf-8").split("\n")
    damaged = json.loads(second)
    *way, name = path
    at = damaged
    for step in way:
        at = at[step]
    at.pop(name)
    if value is not None:
        at[name] = value
    file.write_text("\n".join([header, first, json.dumps(damaged), *rest]), encoding="utf-8")
    with pytest.raises(RunError) as caught:
        load_run(file)
    assert f"{file}, line 3, {words}" in str(caught.value)
    assert "remove the line, then --resume asks its question again" in str(caught.value)


# --- going on ---


def test_a_run_that_is_stopped_loses_nothing_and_goes_on(tmp_path: Path) -> None:
    path, asked = tmp_path / "run.jsonl", list[str]()
    told: list[tuple[int, int, str]] = []
    with pytest.raises(ModelError):
        run_to_file(path, RUN, ITEMS, asking(asked, "c"))  # type: ignore[arg-type]
    assert asked == ["a", "b"]
    found, half = resumed(RUN, path, tmp_path)
    assert (found, len(half.records)) == (path, 2)
    done = run_to_file(path, half, ITEMS, asking(asked), lambda *now: told.append(now))  # type: ignore[arg-type]
    assert asked == ["a", "b", "c", "d"]
    assert told == [(3, 4, "Question c?"), (4, 4, "Question d?")]
    assert done == load_run(path) == WHOLE


def test_a_line_that_was_cut_off_is_asked_again(tmp_path: Path) -> None:
    path, asked = tmp_path / "run.jsonl", list[str]()
    WHOLE.save(path)
    path.write_bytes(path.read_bytes()[:-30])
    _, half = resumed(RUN, path, tmp_path)
    assert run_to_file(path, half, ITEMS, asking(asked)) == WHOLE  # type: ignore[arg-type]
    assert asked == ["d"]
    assert load_run(path) == WHOLE


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"set_hash": "other"}, "the set of questions"),
        ({"ids": ("a",)}, "which questions are asked"),
        ({"library": {"documents": []}}, "the documents of the library"),
        ({"settings": {"model": "gguf:package", "refuse_below": 0.5}}, "model ('extractive', now 'gguf:package')"),
        ({"models": {"embedder": {"name": "mini", "sha256": "e2"}}}, "the weights of the embedder"),
        ({"versions": {"rag": "0.2.0", "numpy": "2"}}, "the version of numpy, rag"),
    ],
)
def test_only_the_same_run_is_gone_on_with(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    path = tmp_path / "run.jsonl"
    RUN.with_records([record("a")]).save(path)
    with pytest.raises(RunError) as caught:
        resumed(replace(RUN, **changes), path, tmp_path)  # type: ignore[arg-type]
    assert words in str(caught.value)
    with pytest.raises(RunError, match="there is no run of 'small' with these settings to go on with"):
        resumed(replace(RUN, **changes), None, tmp_path)  # type: ignore[arg-type]


def test_where_the_library_lies_and_when_it_began_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    RUN.with_records([record("a")]).save(path)
    moved = replace(RUN, settings={**RUN.settings, "home": "/elsewhere"}, started="2025-01-01T00:00:00+00:00")
    assert len(resumed(moved, path, tmp_path)[1].records) == 1


def test_without_a_name_the_unfinished_run_is_found_among_others(tmp_path: Path) -> None:
    WHOLE.save(tmp_path / "done.jsonl")
    replace(RUN, set_hash="other").save(tmp_path / "other.jsonl")
    (tmp_path / "broken.jsonl").write_text("{", encoding="utf-8")
    with pytest.raises(RunError, match="leave out --resume"):
        resumed(RUN, None, tmp_path)
    RUN.with_records([record("b")]).save(tmp_path / "half.jsonl")
    assert resumed(RUN, None, tmp_path)[0] == tmp_path / "half.jsonl"


def test_a_named_file_that_is_not_there_is_begun(tmp_path: Path) -> None:
    assert resumed(RUN, tmp_path / "new.jsonl", tmp_path) == (tmp_path / "new.jsonl", RUN)


def test_no_file_is_written_over_but_a_run_that_is_done(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    check_free(path)
    WHOLE.save(path)
    check_free(path)
    RUN.with_records([record("a")]).save(path)
    with pytest.raises(RunError, match="holds 1 of 4 answers of a run: go on with it by --resume"):
        check_free(path)
    path.write_text("A letter.", encoding="utf-8")
    with pytest.raises(RunError, match="would be lost: name another file"):
        check_free(path)


def test_new_files_never_meet(tmp_path: Path) -> None:
    run = replace(RUN, set="a/b: c")
    first = new_file(tmp_path, run)
    first.touch()
    assert new_file(tmp_path, run) != first
    assert first.parent == tmp_path and first.name.startswith("a-b--c-")


# --- some of the questions ---


@pytest.mark.parametrize(
    ("choice", "ids"),
    [
        (Choice(), "abcd"),
        (Choice(ids=("d", "a")), "ad"),
        (Choice(types=("date",)), "cd"),
        (Choice(types=("date", "number"), limit=3), "abc"),
        (Choice(ids=("b", "c"), types=("date",)), "c"),
    ],
)
def test_some_of_the_questions(choice: Choice, ids: str) -> None:
    assert "".join(item.id for item in choice.of(SET)) == ids


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (Choice(ids=("a", "bb")), "the set 'small' has no question 'bb'. Did you mean 'b'? It has a, b, c, d."),
        (Choice(types=("dates",)), "has no type 'dates'. Did you mean 'date'? It has number, date."),
    ],
)
def test_questions_that_are_not_there(choice: Choice, words: str) -> None:
    with pytest.raises(RunError) as caught:
        choice.of(SET)
    assert words in str(caught.value)
