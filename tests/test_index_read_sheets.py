"""Reading of sheets: every row reads alone, with the names of its columns, and values as the sheet shows them."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.errors import ReadError
from index.read import read_bytes
from index.readers import rows
from index.readers.shown import shown
from index.types import RawDocument

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def xlsx(
    sheets: dict[str, str], *, strings: tuple[str, ...] = (), formats: tuple[str, ...] = (), book: str = ""
) -> bytes:
    """Return a workbook of these sheets, each the XML of its rows and what follows them."""
    listed = "".join(f'<sheet name="{name}" r:id="s{i}"/>' for i, name in enumerate(sheets))
    related = "".join(f'<Relationship Id="s{i}" Type="x/worksheet" Target="sheet{i}.xml"/>' for i in range(len(sheets)))
    codes = "".join(f'<numFmt numFmtId="{170 + i}" formatCode="{code}"/>' for i, code in enumerate(formats))
    used = "".join(f'<xf numFmtId="{170 + i}"/>' for i in range(len(formats)))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="a" Type="x/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>",
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{book}<sheets>{listed}</sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}">{related}'
            '<Relationship Id="t" Type="x/sharedStrings" Target="strings.xml"/>'
            '<Relationship Id="y" Type="x/styles" Target="styles.xml"/></Relationships>',
        )
        items = "".join(f"<si><t>{text}</t></si>" for text in strings)
        archive.writestr("xl/strings.xml", f'<sst xmlns="{_MAIN}">{items}</sst>')
        archive.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{_MAIN}"><numFmts>{codes}</numFmts><cellXfs><xf numFmtId="0"/>{used}</cellXfs>'
            "</styleSheet>",
        )
        for i, content in enumerate(sheets.values()):
            archive.writestr(f"xl/sheet{i}.xml", f'<worksheet xmlns="{_MAIN}">{content}</worksheet>')
    return made.getvalue()


def cells(*rows_of_cells: tuple[str, ...]) -> str:
    """Return rows of text cells, empty ones left out as a sheet does."""
    made = ""
    for number, row in enumerate(rows_of_cells, 1):
        inner = "".join(
            f'<c r="{chr(65 + i)}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
            for i, text in enumerate(row)
            if text
        )
        made += f'<row r="{number}">{inner}</row>' if inner else ""
    return f"<sheetData>{made}</sheetData>"


def read(data: bytes, name: str = "a.xlsx") -> RawDocument:
    return read_bytes(data, name)


def test_a_workbook() -> None:
    first = (
        '<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
        '<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" s="1"><v>0.025</v></c></row>'
        '<row r="3"><c r="A3" s="2"><v>42132</v></c><c r="B3" t="b"><v>1</v></c></row></sheetData>'
    )
    data = xlsx(
        {"Ports": first, "Empty": "<sheetData/>", "Notes": cells(("Only one line",))},
        strings=("Port", "Share", "Leith"),
        formats=("0.0%", "d mmm yyyy"),
    )
    raw = read(data)
    assert raw.text == "Ports\n\nPort: Leith; Share: 2.5%\nPort: 2015-05-08; Share: TRUE\n\nNotes\n\nOnly one line"
    assert (raw.kind, raw.layout) == ("xlsx", "rows")
    assert [raw.text[h.start : h.end] for h in raw.headings] == ["Ports", "Notes"]


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1599.985, "#,##0.00", "1,599.99"),
        (-1599.99, "#,##0.00;[Red]($#,##0.00)", "($1,599.99)"),
        (2.5, "0", "3"),
        (0.5, "0%", "50%"),
        (7, "00000", "00007"),
        (1234567, '0.0,,"m"', "1.2m"),
        (12.5, "[$€-407] #,##0.00", "€ 12.50"),
        (1.25, "#.##", "1.25"),
        (3, "#.##", "3"),
        (198356388, "0.00E+00", "1.98E+08"),
        (0.1 + 0.2, "General", "0.3"),
        (1234567890123450.0, "General", "1234567890123450"),
        (42132.25, "m/d/yy h:mm", "2015-05-08 06:00"),
        (42132, "mmm-yy", "2015-05"),
        (0.75, "h:mm AM/PM", "18:00"),
        (1.5, "[h]:mm", "36:00"),
        (1, "m/d/yyyy", "1900-01-01"),
        (61, "m/d/yyyy", "1900-03-01"),
        (5, '"Day" 0', "Day 5"),
        (-3, "0.0", "-3.0"),
        (0, "0;-0;0.0", "0.0"),
        (1e300, "0.0", "1.0E+300"),
        (-5, "d mmm yyyy", "-5"),
    ],
)
def test_numbers_as_the_sheet_shows_them(value: float, code: str, text: str) -> None:
    assert shown(value, code) == text


@given(st.floats(allow_nan=False, allow_infinity=False), st.text('#0?.,%E+-;"[]$ymdhs/\\ @_*', max_size=12))
def test_any_format_gives_some_text(value: float, code: str) -> None:
    assert isinstance(shown(value, code), str)


def test_days_are_counted_from_1904_where_the_book_says_so() -> None:
    sheet = '<sheetData><row r="1"><c r="A1" s="1"><v>40670</v></c></row></sheetData>'
    data = xlsx({"S": sheet}, formats=("yyyy-mm-dd",), book='<workbookPr date1904="1"/>')
    assert read(data).text == "S\n\n2015-05-08"


def test_titles_over_a_table_and_a_table_below_a_blank_row() -> None:
    table = [("Traffic of the ports", "", ""), ("Port", "Cars", "People"), ("Leith", "5", "60"), ("", "", "")]
    other = [("Ship", "Length", ""), ("Aurora", "40", ""), ("", "", ""), ("Note: all in metres", "", "")]
    assert read(xlsx({"S": cells(*table, *other)})).text == (
        "S\n\nTraffic of the ports\nPort: Leith; Cars: 5; People: 60\nShip: Aurora; Length: 40\nNote: all in metres"
    )


def test_rows_below_a_blank_row_keep_the_names_above() -> None:
    table = [("Port", "Cars"), ("Leith", "5"), ("", ""), ("Wick", "7"), ("Oban", "8")]
    assert (
        read(xlsx({"S": cells(*table)})).text == "S\n\nPort: Leith; Cars: 5\nPort: Wick; Cars: 7\nPort: Oban; Cars: 8"
    )


def test_tables_side_by_side() -> None:
    beside = [
        ("Port", "Cars", "", "Ship", "Length"),
        ("Leith", "5", "", "Aurora", "40"),
        ("Wick", "7", "", "Eos", "30"),
    ]
    assert read(xlsx({"S": cells(*beside)})).text == (
        "S\n\nPort: Leith; Cars: 5\nPort: Wick; Cars: 7\nShip: Aurora; Length: 40\nShip: Eos; Length: 30"
    )


def test_a_merged_cell_holds_for_each_of_its_rows() -> None:
    merged = cells(("Port", "Year", "Cars"), ("Leith", "2014", "5"), ("", "2015", "7"))
    data = xlsx({"S": merged + '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>'})
    assert read(data).text == "S\n\nPort: Leith; Year: 2014; Cars: 5\nPort: Leith; Year: 2015; Cars: 7"


def test_a_sheet_without_names_still_reads() -> None:
    assert read(b"1,2\n3,4\n", "a.csv").text == "1; 2\n3; 4"


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("Port;Cars\nLeith;5,5\n", "Port: Leith; Cars: 5,5"),
        ("Port\tCars\nLeith\t5\n", "Port: Leith; Cars: 5"),
        ("Port|Cars\nLeith|5\n", "Port: Leith; Cars: 5"),
        ("sep=;\nPort;Cars\nLeith;5\n", "Port: Leith; Cars: 5"),
        ('Port,Remark\nLeith,"wet, and\ncold"\n', "Port: Leith; Remark: wet, and cold"),
        ('Port,Size\nLeith,27"\nWick,30"\n', 'Port: Leith; Size: 27"\nPort: Wick; Size: 30"'),
        ("Ports\nLeith, old\nWick\n", "Ports\nLeith, old\nWick"),
        ('Port,"Cars; ships"\nLeith,"5; 6"\n', "Port: Leith; Cars; ships: 5; 6"),
        ("Port,Year 2014,2015\nLeith,5,6\n", "Port: Leith; Year 2014: 5; 2015: 6"),
        ("Name:,Leith\nCars:,5\n", "Name:; Leith\nCars:; 5"),
    ],
)
def test_dialects_of_csv(text: str, read_as: str) -> None:
    assert read(text.encode(), "a.csv").text == read_as


def test_csv_in_any_encoding() -> None:
    assert read("Порт;Груз\nВыборг;пять тонн\n".encode("cp1251"), "a.csv").text == "Порт: Выборг; Груз: пять тонн"
    assert read("Port\tCars\nLeith\t5\n".encode("utf-16"), "a.tsv").text == "Port: Leith; Cars: 5"


def test_a_quote_that_is_never_closed_does_not_swallow_the_rest() -> None:
    lines = "Port,Cars\n" + 'Leith,"5\n' + "Wick,7\n" * 300
    assert read(lines.encode(), "a.csv").text.endswith("Port: Wick; Cars: 7")


_CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=8)


@given(st.lists(st.lists(_CELL, min_size=3, max_size=3), min_size=2, max_size=6), st.sampled_from(",;\t|"))
@example([["0", "0", ";"], ["0", "0", "0;"]], "\t")
@example([["0", "0", ",|"], ["0", "0", "0,"]], ";")
def test_no_cell_of_a_table_is_lost(table: list[list[str]], separator: str) -> None:
    made = io.StringIO()
    csv.writer(made, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(table)
    try:
        text = read(made.getvalue().encode(), "a.csv").text
    except ReadError:  # nothing but signs
        return
    for row in table:
        for cell in row:
            assert cell.strip(":") in text


def test_a_sheet_of_an_absurd_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MAX_CELLS", 10)
    with pytest.raises(ReadError, match=r"a\.csv: holds more than 10 cells"):
        read(b"a,b\n" * 6, "a.csv")


def test_text_under_the_name_of_a_workbook_is_a_table() -> None:
    assert read(b"Port\tCars\nLeith\t5\n", "a.xls").text == "Port: Leith; Cars: 5"
