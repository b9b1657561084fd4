"""Sets of questions: what is read, and what every kind of broken file is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.formats import Evidence, SetError, load_set
from rag.errors import RagError

SEEDS = Path(__file__).parents[2] / "shared" / "data" / "seeds-dev.jsonl"

GOOD = {
    "id": "q1",
    "question": "How many ships sailed?",
    "type": "number",
    "answer": "Nine ships",
    "aliases": ["nine"],
    "must_include": [["nine", "9"]],
    "evidence": [{"doc": "01", "quote": "Nine ships sailed."}],
}
REFUSE = {
    "id": "q2",
    "question": "Who sank?",
    "type": "unanswerable",
    "answer": "",
    "must_include": [],
    "evidence": [],
}


def write(folder: Path, *lines: object, name: str = "harbour.jsonl") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def complaint(path: Path) -> str:
    with pytest.raises(SetError) as caught:
        load_set(path)
    assert isinstance(caught.value, RagError)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_reads_items_in_order(tmp_path: Path) -> None:
    found = load_set(write(tmp_path, GOOD, REFUSE))
    assert found.name == "harbour"
    first, second = found.items
    assert (first.id, first.question, first.type) == ("q1", "How many ships sailed?", "number")
    assert (first.answer, first.aliases, first.must_include) == ("Nine ships", ("nine",), (("nine", "9"),))
    assert first.evidence == (Evidence("01", "Nine ships sailed."),)
    assert first.answerable and not second.answerable
    assert second.aliases == ()


def test_set_is_named_after_its_folder_when_the_file_is_called_questions(tmp_path: Path) -> None:
    assert load_set(write(tmp_path, GOOD, name="eurasia/questions.jsonl")).name == "eurasia"


def test_blank_lines_windows_line_ends_and_byte_order_mark_are_read(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    text = f"\ufeff{json.dumps(GOOD)}\r\n\r\n{json.dumps(REFUSE)}"
    path.write_bytes(text.encode("utf-8"))
    assert [item.id for item in load_set(path).items] == ["q1", "q2"]


def test_a_line_separator_inside_a_string_does_not_end_the_line(tmp_path: Path) -> None:
    quote = "Nine\u2028ships"
    item = load_set(write(tmp_path, GOOD | {"evidence": [{"doc": "01", "quote": quote}]})).items[0]
    assert item.evidence[0].quote == quote


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"id": ""}, "field id", "not empty"),
        ({"id": 7}, "field id", "got 7"),
        ({"question": "  "}, "field question", "not empty"),
        ({"type": "riddle"}, "field type", "one of factoid, number"),
        ({"type": 3}, "field type", "one of factoid"),
        ({"answer": None}, "field answer", "expected a text"),
        ({"answer": " "}, "field answer", "'number'"),
        ({"aliases": "nine"}, "field aliases", "list of texts"),
        ({"must_include": ["nine"]}, "field must_include[0]", "list of lists"),
        ({"must_include": [[]]}, "field must_include[0]", "list of lists"),
        ({"must_include": [[""]]}, "field must_include[0][0]", "list of lists"),
        ({"evidence": [{"doc": "01"}]}, "field evidence[0].quote is missing", "exact words"),
        (
            {"evidence": [{"doc": "01", "quote": "x", "page": 2}]},
            "field evidence[0].page is unknown",
            "'doc'",
        ),
        ({"hint": "x"}, "field hint is unknown", "must_include"),
    ],
)
def test_a_wrong_field_is_named_with_its_line_and_what_is_expected(
    tmp_path: Path, change: dict[str, object], field: str, expected: str
) -> None:
    message = complaint(write(tmp_path, REFUSE, GOOD | change))
    assert "line 2" in message
    assert field in message
    assert expected in message


@pytest.mark.parametrize("field", ["id", "question", "type", "answer", "must_include", "evidence"])
def test_a_missing_field_is_named(tmp_path: Path, field: str) -> None:
    line = {name: value for name, value in GOOD.items() if name != field}
    message = complaint(write(tmp_path, line))
    assert f"line 1, field {field} is missing; expected " in message


def test_a_duplicate_id_names_both_lines(tmp_path: Path) -> None:
    message = complaint(write(tmp_path, GOOD, REFUSE, GOOD))
    assert "line 3, field id: 'q1' is already on line 1" in message


@pytest.mark.parametrize("line", ["{'id': 1}", "{", "nonsense", "[" * 100_000])
def test_a_line_that_is_not_json(tmp_path: Path, line: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(GOOD) + "\n" + line, encoding="utf-8")
    assert "line 2: not JSON" in complaint(path)


@pytest.mark.parametrize("line", ["[1, 2]", '"q1"', "null"])
def test_json_that_is_no_object(tmp_path: Path, line: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(line, encoding="utf-8")
    assert "line 1: expected a JSON object, got " in complaint(path)


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_set(tmp_path: Path, text: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(text, encoding="utf-8")
    assert "empty" in complaint(path)


def test_bytes_that_are_not_utf8_are_placed(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_bytes(json.dumps(GOOD).encode() + b'\n{"id": "caf\xe9"}')
    message = complaint(path)
    assert "line 2" in message
    assert "0xe9 is not UTF-8" in message


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    assert "no such file" in complaint(tmp_path / "absent.jsonl")
    assert "expected a file" in complaint(tmp_path)


@pytest.mark.skipif(not SEEDS.exists(), reason="needs ../shared/data/seeds-dev.jsonl")
def test_reads_the_development_questions() -> None:
    found = load_set(SEEDS)
    assert len(found.items) == 45
    assert sum(not item.answerable for item in found.items) == 12
