"""Sets of questions: what is read, and what every kind of broken file is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.formats import SCHEMA, TYPES, Evidence, Item, SetError, line_of, load_set, schema
from eval.formats.lines import item_of
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
            {"evidence": [{"doc": "01", "quote": "x", "line": 2}]},
            "field evidence[0].line is unknown",
            "'doc'",
        ),
        ({"evidence": [{"doc": "01", "quote": "x", "page": 0}]}, "field evidence[0].page", "from 1"),
        ({"evidence": [{"doc": "01", "quote": "x", "page": "2"}]}, "field evidence[0].page", 'got "2"'),
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


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1251"])
def test_other_encodings_are_read_rightly(tmp_path: Path, encoding: str) -> None:
    russian = GOOD | {"question": "Сколько судов вышло из гавани осенью?", "answer": "Девять судов вышло"}
    path = tmp_path / "set.jsonl"
    path.write_bytes("".join(json.dumps(x, ensure_ascii=False) + "\r\n" for x in (russian, REFUSE)).encode(encoding))
    first, second = load_set(path).items
    assert (first.question, first.answer, second.id) == (russian["question"], "Девять судов вышло", "q2")


def test_two_encodings_in_one_file_are_told_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    whole = json.dumps(GOOD | {"question": "Сколько судов вышло из гавани осенью этого года?"}, ensure_ascii=False)
    path.write_bytes(whole.encode() + b"\n" + json.dumps(REFUSE).encode() + b"\n" + "Ф".encode("cp1251"))
    assert f"{path}, line 3: holds bytes of another encoding than the rest" in complaint(path)


@pytest.mark.parametrize(
    ("encodings", "line"), [(("utf-8", "latin-1"), 2), (("cp1252", "utf-8", "cp1252"), 2), (("utf-8", "cp1251"), 2)]
)
def test_lines_of_two_encodings_are_no_letters_of_a_third(
    tmp_path: Path, encodings: tuple[str, ...], line: int
) -> None:
    path = tmp_path / "set.jsonl"
    text = "Größe über Maß" if "cp1251" not in encodings else "Сколько судов?"
    lines = [GOOD | {"id": f"q{n}", "question": text} for n in range(len(encodings))]
    whole = [json.dumps(x, ensure_ascii=False).encode(e) for x, e in zip(lines, encodings, strict=True)]
    path.write_bytes(b"\n".join(whole))
    assert f"{path}, line {line}: holds bytes of another encoding than the rest" in complaint(path)


@pytest.mark.parametrize("encoding", ["latin-1", "gb18030", "shift_jis"])
def test_a_set_in_an_older_encoding_is_one(tmp_path: Path, encoding: str) -> None:
    words = "Größe über Maß und Fuß" if encoding == "latin-1" else "去年秋天有多少艘船离开了港口"
    words = "昨年の秋に何隻の船が港を出ましたか" if encoding == "shift_jis" else words
    lines = [GOOD | {"id": f"q{n}", "question": f"{words} {n}?"} for n in range(30)]
    path = tmp_path / "set.jsonl"
    path.write_bytes("\n".join(json.dumps(x, ensure_ascii=False) for x in lines).encode(encoding))
    assert [item.question for item in load_set(path).items] == [line["question"] for line in lines]


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_bytes(bytes(range(256)) * 4)
    assert "not text" in complaint(path)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    message = complaint(write(tmp_path, GOOD | {"answer": ""}, REFUSE, {"id": "q3", "type": "riddle"}))
    assert [line.split(": ")[0].split(", ", 1)[1].split(" is missing")[0] for line in message.split("\n")] == [
        "line 1, field answer",
        "line 3, field question",
        "line 3, field type",
        "line 3, field answer",
        "line 3, field must_include",
        "line 3, field evidence",
    ]


def test_more_problems_than_can_be_read_are_counted(tmp_path: Path) -> None:
    message = complaint(write(tmp_path, *({"id": f"q{n}"} for n in range(30))))
    assert len(message.split("\n")) == 21
    assert message.endswith("and 130 more problems of this kind")


def test_a_page_may_stand_in_for_a_quote_but_something_must_stand(tmp_path: Path) -> None:
    item = load_set(write(tmp_path, GOOD | {"evidence": [{"doc": "01", "page": 3}]})).items[0]
    assert item.evidence == (Evidence("01", page=3),)
    assert item.evidence[0].whole
    message = complaint(write(tmp_path, GOOD | {"evidence": [{"doc": "01"}]}))
    assert "line 1, field evidence[0].quote is missing; expected a list of {'doc'" in message


def test_of_a_retrieval_question_only_the_evidence_is_known(tmp_path: Path) -> None:
    line = GOOD | {"type": "retrieval", "answer": "", "must_include": [], "evidence": [{"doc": "01", "relevance": 2}]}
    item = load_set(write(tmp_path, line)).items[0]
    assert item.answerable
    assert item.evidence == (Evidence("01", relevance=2),)


def test_documents_beside_a_set_belong_to_it(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    assert not load_set(path).own
    (tmp_path / "documents").mkdir()
    assert load_set(path).paths == (tmp_path / "documents",)


def test_the_digest_is_that_of_the_file(tmp_path: Path) -> None:
    one, same = load_set(write(tmp_path, GOOD)), load_set(write(tmp_path, GOOD, name="again.jsonl"))
    other = load_set(write(tmp_path, GOOD | {"answer": "Nine"}))
    assert one.digest == same.digest != other.digest
    assert one.items[0].where == "line 1"


@pytest.mark.parametrize("indent", [None, 1])
def test_a_saved_run_is_no_set(tmp_path: Path, indent: int | None) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"format": 9, "set": "harbour", "records": []}, indent=indent), encoding="utf-8")
    assert "is a saved run (format 9) of the set 'harbour'" in complaint(path)
    lines = tmp_path / "run.jsonl"
    lines.write_text(json.dumps({"format": 2, "set": {"name": "harbour"}}) + '\n{"id": "q1"}\n', encoding="utf-8")
    assert "is a saved run (format 2) of the set 'harbour'" in complaint(lines)


def test_the_schema_file_is_the_model_that_checks() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema(), "run: python -m eval.formats"
    assert set(json.loads(schema())["required"]) == {"id", "question", "type", "answer", "must_include", "evidence"}


_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(str.strip)


@given(
    st.builds(
        Item,
        id=_TEXT,
        question=_TEXT,
        type=st.sampled_from(TYPES),
        answer=_TEXT,
        aliases=st.lists(_TEXT, max_size=2).map(tuple),
        must_include=st.lists(st.lists(_TEXT, min_size=1, max_size=2).map(tuple), max_size=2).map(tuple),
        evidence=st.lists(
            st.builds(
                Evidence, _TEXT, _TEXT, st.none() | st.integers(min_value=1), st.integers(min_value=1, max_value=3)
            ),
            max_size=2,
        ).map(tuple),
    )
)
def test_what_is_written_is_read_again(item: Item) -> None:
    assert item_of(json.loads(line_of(item)), Path("set.jsonl"), "line 1") == item


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    assert "no such file" in complaint(tmp_path / "absent.jsonl")
    assert "the folder holds no set" in complaint(tmp_path)


def test_a_folder_is_read_by_its_questions(tmp_path: Path) -> None:
    write(tmp_path, GOOD, name="harbour/questions.jsonl")
    assert load_set(tmp_path / "harbour").name == "harbour"


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "set.docx"
    path.write_text("x")
    assert "cannot tell what it is by the suffix '.docx'; a set is a .jsonl file" in complaint(path)


@pytest.mark.skipif(not SEEDS.exists(), reason="needs ../shared/data/seeds-dev.jsonl")
def test_reads_the_development_questions() -> None:
    found = load_set(SEEDS)
    assert len(found.items) == 45
    assert sum(not item.answerable for item in found.items) == 12
