"""Sets in the formats of others: tables, SQuAD, BEIR, FinanceBench; and what a broken one is told."""

from __future__ import annotations

import html
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.formats import Evidence, SetError, load_set
from eval.formats.source import file_name

DATA = Path(__file__).parents[2] / "shared" / "data"

NAMESPACE = "http://schemas.openxmlformats.org"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def complaint(path: Path) -> str:
    with pytest.raises(SetError) as caught:
        load_set(path)
    return str(caught.value)


# Tables


def csv_file(folder: Path, *lines: str, name: str = "set.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """Write the parts of a workbook that a reader needs."""
    rels, parts, names, types = "", {}, "", ""
    for number, (name, rows) in enumerate(sheets.items(), 1):
        cells = ""
        for r, row in enumerate(rows, 1):
            cells += f'<row r="{r}">'
            for c, value in enumerate(row):
                at = f"{chr(65 + c)}{r}"
                if isinstance(value, str):
                    cells += f'<c r="{at}" t="inlineStr"><is><t>{html.escape(value)}</t></is></c>'
                elif value is not None:
                    cells += f'<c r="{at}"><v>{value}</v></c>'
            cells += "</row>"
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{NAMESPACE}/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>'
        )
        kind = f"{NAMESPACE}/officeDocument/2006/relationships/worksheet"
        rels += f'<Relationship Id="r{number}" Type="{kind}" Target="worksheets/sheet{number}.xml"/>'
        names += f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>'
        types += f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{TYPE}.worksheet+xml"/>'
    relations = f'<Relationships xmlns="{NAMESPACE}/package/2006/relationships">'
    office = f"{NAMESPACE}/officeDocument/2006/relationships"
    parts |= {
        "[Content_Types].xml": f'<Types xmlns="{NAMESPACE}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>{types}</Types>',
        "_rels/.rels": f'{relations}<Relationship Id="r0" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/_rels/workbook.xml.rels": f"{relations}{rels}</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{NAMESPACE}/spreadsheetml/2006/main" xmlns:r="{office}">'
        f"<sheets>{names}</sheets></workbook>",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return path


def test_a_table_with_columns_of_other_names(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "No;Query;Expected answer;Also accepted;Key facts;Supporting text;Source document;Page number;Remark",
        'h1;"How many ships; and when?";Nine ships in May;9 ships;"nine|9; May";"Nine ships sailed in May.";01;4;ok',
        ";;;;;;;;",
        "h2;Who sank?;;;;;;;",
    )
    found = load_set(path)
    first, second = found.items
    assert (first.id, first.question, first.type) == ("h1", "How many ships; and when?", "factoid")
    assert (first.answer, first.aliases) == ("Nine ships in May", ("9 ships",))
    assert first.must_include == (("nine", "9"), ("May",))
    assert first.evidence == (Evidence("01", "Nine ships sailed in May.", 4),)
    assert (second.type, second.answer, second.evidence, second.where) == ("unanswerable", "", (), "row 4")
    assert found.remarks == (f"{path}: not used: the columns 'Remark'",)


def test_several_evidences_share_a_document_unless_they_name_their_own(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "question\ttype\tanswer\tdoc\tquote\tquote 2\tevidence_3\tdocument 3",
        "Who and where?\tCross Document\tAda in Lorn\t01\tAda came.\tShe went on.\tTo Lorn.\t02",
        name="set.tsv",
    )
    item = load_set(path).items[0]
    assert (item.id, item.type) == ("row-2", "cross-document")
    assert item.evidence == (Evidence("01", "Ada came."), Evidence("01", "She went on."), Evidence("02", "To Lorn."))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1251"])
def test_tables_of_other_encodings(tmp_path: Path, encoding: str) -> None:
    path = csv_file(tmp_path, "question;answer", "Сколько судов вышло из гавани?;Девять судов", encoding=encoding)
    assert load_set(path).items[0].answer == "Девять судов"


def test_the_separator_that_a_spreadsheet_declares(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "sep=|", "question|answer", "Which one?|This, that")
    assert [(i.answer, i.where) for i in load_set(path).items] == [("This, that", "row 3")]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["question,answer", "Who?,Ada", ",Bo"], "row 3, column 'question': expected a text that is not empty"),
        (["Query,Answer,Kind", "Who?,Ada,riddle"], "row 2, column 'Kind': expected one of factoid"),
        (["query,kind,answer", "Who?,date,"], "row 2, column 'answer': expected a text, for the type is 'date'"),
        (["question,answer,quote", "Who?,Ada,Ada came."], "row 2, column 'doc' is missing"),
        (["question,answer,file,page", "Who?,Ada,01,two"], "row 2, column 'page'"),
        (["question,answer,file", "Who?,Ada,01"], "row 2, column 'quote' is missing"),
        (["question,answr", "Who?,Ada"], "'answr' is unknown; did you mean 'answer'?"),
        (["name,answer", "Who?,Ada"], "has no column 'question'; its columns are 'name', 'answer'"),
        (["question,answer,q", "Who?,Ada,Who?"], "'q' says again what another column says"),
        (["question,answer"], "the set is empty"),
        ([""], "has no column 'question'; its columns are none"),
        (["id,question", "a,Who?", "b,Why?", "a,How?"], "row 4, field id: 'a' is already on row 2"),
        (["question,answer", '"Who?,Ada'], "is not a table that can be read"),
    ],
)
def test_what_is_wrong_in_a_table_is_told_with_row_and_column(tmp_path: Path, lines: list[str], expected: str) -> None:
    path = csv_file(tmp_path, *lines)
    message = complaint(path)
    assert str(path) in message
    assert expected in message


def test_a_workbook_is_read_at_the_sheet_that_holds_questions(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "set.xlsx",
        {
            "About": [["Made in spring"]],
            "Questions": [
                ["ID", "Question", "Answer", "Quote", "File", "Page"],
                ["a", "When was it built?", 1912, "It was built in 1912.", "01", 3],
                [],
                [7, "Who built it?", None, None, None, None],
            ],
        },
    )
    first, second = load_set(path).items
    assert (first.answer, first.evidence) == ("1912", (Evidence("01", "It was built in 1912.", 3),))
    assert (second.id, second.type, second.where) == ("7", "unanswerable", "row 4")


def test_a_damaged_workbook(tmp_path: Path) -> None:
    path = tmp_path / "set.xlsx"
    path.write_bytes(b"PK\x03\x04 not a workbook")
    assert str(path) in complaint(path)


# SQuAD

CONTEXT = "Lorn is a port. Its crane was bought in 1912, by Ada Falk. Ada Falk died in 1930."
ANSWER: dict[str, Any] = {"text": "Ada Falk", "answer_start": 49}


def squad(folder: Path, *qas: object, context: str = CONTEXT) -> Path:
    path = folder / "squad.json"
    data = [{"title": "The_port", "paragraphs": [{"context": context, "qas": list(qas)}]}]
    path.write_text(json.dumps({"version": "v2.0", "data": data}), encoding="utf-8")
    return path


def test_squad_has_articles_as_documents_and_sentences_as_evidence(tmp_path: Path) -> None:
    impossible = {"id": "b", "question": "Who sold it?", "answers": [], "is_impossible": True}
    asked = {
        "id": "a",
        "question": " Who bought it?",
        "answers": [ANSWER, {"text": "Falk", "answer_start": 53}, ANSWER],
    }
    found = load_set(squad(tmp_path, asked, impossible))
    first, second = found.items
    assert (first.question, first.type, first.answer, first.aliases) == (
        "Who bought it?",
        "factoid",
        "Ada Falk",
        ("Falk",),
    )
    assert first.must_include == (("Ada Falk", "Falk"),)
    assert first.evidence == (Evidence("The port.txt", "Its crane was bought in 1912, by Ada Falk."),)
    assert (second.type, second.answer, second.evidence) == ("unanswerable", "", ())
    assert [(t.name, t.title, t.text) for t in found.texts] == [("The port.txt", "The port", CONTEXT)]
    assert first.where == "data[0].paragraphs[0].qas[0]"


def test_the_sentence_that_most_annotators_marked_is_the_evidence(tmp_path: Path) -> None:
    later = {"text": "Ada Falk", "answer_start": 59}
    item = load_set(squad(tmp_path, {"id": "a", "question": "Who?", "answers": [ANSWER, later, later]})).items[0]
    assert item.evidence[0].quote == "Ada Falk died in 1930."


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"id": "a", "question": "Who?"}, "data[0].paragraphs[0].qas[0].answers: field required"),
        ({"id": "a", "question": "", "answers": []}, "qas[0].question: string should match"),
        ({"id": "a", "question": "Who?", "answers": []}, "qas[0].answers: is empty, and the question is not marked"),
        (
            {"id": "a", "question": "Who?", "answers": [{"text": "Ada Falk", "answer_start": 4}]},
            'qas[0].answers[0].answer_start: at 4 stands " is a po", not "Ada Falk", which stands at 49',
        ),
        (
            {"id": "a", "question": "Who?", "answers": [{"text": "Bo", "answer_start": 0}]},
            'at 0 stands "Lo", not "Bo", which is nowhere in the paragraph',
        ),
    ],
)
def test_what_is_wrong_in_squad_is_told_with_its_place(tmp_path: Path, asked: object, expected: str) -> None:
    assert expected in complaint(squad(tmp_path, asked))


def test_json_that_is_not_squad(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_text('[{"question": "Who?"}]', encoding="utf-8")
    assert "has no 'data' as SQuAD has" in complaint(path)
    path.write_text('{"data": [', encoding="utf-8")
    assert "not JSON" in complaint(path)


# BEIR


def beir(folder: Path, qrels: str, name: str = "qrels.tsv") -> Path:
    corpus = [{"_id": "d/1", "title": "Port", "text": "Lorn is a port."}, {"_id": "d2", "text": "Bread is baked."}]
    queries = [{"_id": "q1", "text": "Where is the port?"}, {"_id": "q2", "text": "Who bakes?"}]
    for file, records in (("corpus.jsonl", corpus), ("queries.jsonl", queries)):
        (folder / file).write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(qrels, encoding="utf-8")
    return folder


@pytest.mark.parametrize("head", ["query-id\tcorpus-id\tscore\n", ""])
def test_beir_has_graded_documents_as_evidence(tmp_path: Path, head: str) -> None:
    found = load_set(beir(tmp_path, f"{head}q1\td2\t1\nq1\td/1\t2\nq2\td2\t0\n"))
    assert [(i.id, i.type, i.question, i.answerable) for i in found.items] == [
        ("q1", "retrieval", "Where is the port?", True)
    ]
    assert found.items[0].evidence == (Evidence("d%2F1.txt", relevance=2), Evidence("d2.txt"))
    assert [(t.name, t.title) for t in found.texts] == [("d%2F1.txt", "Port"), ("d2.txt", "")]
    assert found.remarks == (f"{tmp_path}: 1 queries are left out, as nothing is judged relevant to them",)


def test_beir_takes_the_test_split_and_the_form_of_trec(tmp_path: Path) -> None:
    beir(tmp_path, "q1\td2\t1\n", "qrels/train.tsv")
    (tmp_path / "qrels" / "test.tsv").write_text("q2 0 d2 1\n", encoding="utf-8")
    assert [i.id for i in load_set(tmp_path / "corpus.jsonl").items] == ["q2"]


def test_a_judged_document_that_is_not_in_the_corpus_stays_evidence_and_is_told(tmp_path: Path) -> None:
    found = load_set(beir(tmp_path, "q1\td22\t1\n"))
    assert found.items[0].evidence == (Evidence("d22.txt"),)
    assert found.remarks[0].endswith("line 1, field corpus-id: 'd22' is not in corpus.jsonl; nearest is 'd2'")


def test_what_is_wrong_in_a_beir_folder(tmp_path: Path) -> None:
    beir(tmp_path, "q1\td2\tyes\nq1\td2\tmaybe\n")
    assert "qrels.tsv, line 2: expected query-id, corpus-id and a whole number" in complaint(tmp_path)
    (tmp_path / "corpus.jsonl").write_text('{"_id": "a"}\n{\n{"_id": "b", "text": "x"}\n{"_id": "b", "text": "y"}')
    message = complaint(tmp_path)
    assert "corpus.jsonl, line 1, field text: expected '_id' and 'text'" in message
    assert "corpus.jsonl, line 2: not JSON" in message
    assert "corpus.jsonl, line 4, field _id: 'b' is already on line 3" in message
    (tmp_path / "qrels.tsv").unlink()
    assert "has no judgements" in complaint(tmp_path)
    (tmp_path / "queries.jsonl").unlink()
    assert "has no queries.jsonl" in complaint(tmp_path)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200), unique=True, max_size=5))
def test_names_of_documents_are_file_names_and_differ_as_the_ids_do(ids: list[str]) -> None:
    names = [file_name(id_) for id_ in ids]
    assert len(set(names)) == len(ids)
    assert all(Path(name).name == name and len(name.encode()) < 200 and not name.startswith(".") for name in names)


# FinanceBench

FILING: dict[str, Any] = {
    "financebench_id": "f1",
    "question": "What was the revenue?",
    "answer": "$1577.00",
    "doc_name": "LORN_2020_10K",
    "evidence": [{"evidence_text": "Revenue\n1,577", "doc_name": "LORN_2020_10K", "evidence_page_num": 58}],
}


def financebench(folder: Path, *questions: object, pdf: str = "LORN_2020_10K.pdf") -> Path:
    path = folder / "questions.jsonl"
    path.write_text("\n".join(map(json.dumps, questions)), encoding="utf-8")
    (folder / pdf).write_bytes(b"%PDF-1.4")
    (folder / "OTHER.pdf").write_bytes(b"%PDF-1.4")
    return path


def test_financebench_counts_pages_from_zero_and_we_from_one(tmp_path: Path) -> None:
    words = FILING | {"financebench_id": "f2", "answer": "It rose by 3.5% to $2."}
    found = load_set(financebench(tmp_path, FILING, words))
    first, second = found.items
    assert first.evidence == (Evidence("LORN_2020_10K.pdf", "Revenue\n1,577", 59, by_page=True),)
    assert first.evidence[0].whole
    assert (first.type, first.must_include) == ("number", (("1577", "1,577", "1577.00", "1,577.00"),))
    assert (second.type, second.must_include) == ("factoid", ())
    assert found.paths == (tmp_path / "LORN_2020_10K.pdf",)


@pytest.mark.parametrize(
    ("answer", "ways"),
    [
        ("$8.70", ("8.7", "8.70")),
        ("-12%", ("-12",)),
        ("101.5%", ("101.5",)),
        ("382", ("382",)),
        ("no", ()),
        ("2 of 3", ()),
    ],
)
def test_a_figure_may_be_written_in_several_ways(tmp_path: Path, answer: str, ways: tuple[str, ...]) -> None:
    item = load_set(financebench(tmp_path, FILING | {"answer": answer})).items[0]
    assert item.must_include == ((ways,) if ways else ())


def test_a_filing_that_is_missing_is_told_with_what_comes_nearest(tmp_path: Path) -> None:
    path = financebench(tmp_path, FILING, pdf="LORN_2021_10K.pdf")
    message = complaint(path)
    assert f"{path}, line 1, field doc_name: there is no LORN_2020_10K.pdf" in message
    assert message.endswith("nearest is LORN_2021_10K.pdf")


def test_what_is_wrong_in_financebench_is_told_with_line_and_field(tmp_path: Path) -> None:
    wrong = FILING | {"evidence": [FILING["evidence"][0] | {"evidence_page_num": -1}]}
    missing = {name: value for name, value in FILING.items() if name != "answer"}
    message = complaint(financebench(tmp_path, FILING, wrong, missing))
    assert "line 2, field evidence[0].evidence_page_num: input should be greater than or equal to 0, got -1" in message
    assert "line 3, field answer is missing" in message


# The public files themselves


@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")
@pytest.mark.parametrize(
    ("name", "questions", "answerable", "documents"),
    [
        ("squad2/squad2-dev-part.json", 3708, 1721, 10),
        ("xquad/xquad.zh.json", 1190, 1190, 48),
        ("classic_ir/cranfield", 225, 225, 1400),
        ("classic_ir/time", 83, 83, 423),
        ("financebench", 21, 21, 8),
    ],
)
def test_reads_the_public_sets(name: str, questions: int, answerable: int, documents: int) -> None:
    found = load_set(DATA / name)
    assert len(found.items) == questions
    assert sum(item.answerable for item in found.items) == answerable
    assert len(found.texts) + len(found.paths) == documents
