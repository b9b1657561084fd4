"""Reading of Word files: what a reader of the page sees, each in its place."""

from __future__ import annotations

import io
import zipfile

import pytest

from index.clean import clean
from index.errors import ReadError
from index.read import read_bytes
from index.types import RawDocument

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def relations(*parts: tuple[str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="r{i}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for i, (kind, target) in enumerate(parts)
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'


def docx(body: str, **parts: str) -> bytes:
    """Return a Word file with this body and these other parts ("footnotes", "styles", "header1"...)."""
    made = io.BytesIO()
    kinds = [(name.rstrip("123"), f"{name}.xml") for name in parts]
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", relations(("officeDocument", "word/document.xml")))
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>')
        archive.writestr("word/_rels/document.xml.rels", relations(*kinds))
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", f'<w:part xmlns:w="{_W}">{content}</w:part>')
    return made.getvalue()


def p(inner: str, properties: str = "") -> str:
    inner = inner if inner.startswith("<") else f"<w:r><w:t xml:space='preserve'>{inner}</w:t></w:r>"
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def run(text: str) -> str:
    return f"<w:r><w:t xml:space='preserve'>{text}</w:t></w:r>"


def note_texts(raw: RawDocument) -> list[tuple[str, str]]:
    """Return for each note the text before its mark and its own text."""
    return [(raw.text[: note.mark].rsplit("\n", 1)[-1], raw.text[note.start : note.end]) for note in raw.notes]


def read(data: bytes) -> RawDocument:
    return read_bytes(data, "a.docx")


def test_notes_have_their_place_in_the_text() -> None:
    marked = run("The ferry is slow.") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + run(" It is old.")
    notes = (
        '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:t>____</w:t></w:r></w:p></w:footnote>'
        '<w:footnote w:id="2">' + p("<w:r><w:footnoteRef/></w:r>" + run("Ten knots.")) + "</w:footnote>"
    )
    ends = '<w:endnote w:id="1">' + p("See the log.") + "</w:endnote>"
    raw = read(
        docx(p(marked) + p(run("Rust.") + '<w:r><w:endnoteReference w:id="1"/></w:r>'), footnotes=notes, endnotes=ends)
    )
    assert note_texts(raw) == [("The ferry is slow.", "Ten knots."), ("Rust.", "See the log.")]
    assert all(note.mark == note.mark_end for note in raw.notes)  # the number is not in the file
    assert clean(raw).text == "The ferry is slow. It is old.\n\nRust.\n\nTen knots.\n\nSee the log."


def test_a_comment_is_a_note_that_says_whose_it_is() -> None:
    body = p(run("Sixty passengers.") + '<w:r><w:commentReference w:id="0"/></w:r>')
    raw = read(docx(body, comments='<w:comment w:id="0" w:author="Jonas Vik">' + p("Fifty!") + "</w:comment>"))
    assert note_texts(raw) == [("Sixty passengers.", "Comment by Jonas Vik: Fifty!")]


def test_page_heads_are_in_the_raw_text_and_not_in_the_clean_one() -> None:
    raw = read(docx(p("The ferry is slow."), header1=p("Harbour report"), footer1=p("Page 3")))
    assert raw.text == "The ferry is slow.\n\nHarbour report\n\nPage 3"
    assert [(item.kind, item.reason) for item in raw.removed] == [
        ("furniture", "page header"),
        ("furniture", "page footer"),
    ]
    assert clean(raw).text == "The ferry is slow."


def test_a_file_with_nothing_but_a_page_head_is_that() -> None:
    raw = read(docx(p(""), header1=p("Harbour report, not for print")))
    assert (raw.text, raw.removed) == ("Harbour report, not for print", ())


def test_inserted_text_is_read_and_deleted_or_hidden_text_is_not() -> None:
    body = p(
        run("The ")
        + "<w:ins>" + run("new ") + "</w:ins>"
        + "<w:del><w:r><w:delText>old </w:delText></w:r></w:del>"
        + "<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret </w:t></w:r>"
        + "<w:r><w:instrText> PAGE </w:instrText></w:r>"
        + "<w:hyperlink>" + run("ferry") + "</w:hyperlink>"
        + "<w:sdt><w:sdtContent>" + run(" sails") + "</w:sdtContent></w:sdt>"
        + "<w:r><w:noBreakHyphen/><w:t>by</w:t><w:tab/><w:t>night</w:t></w:r>"
    )  # fmt: skip
    assert read(docx(body)).text == "The new ferry sails-by night"


def test_numbers_of_lists_and_headings_are_those_on_the_page() -> None:
    numbering = (
        '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="decimal"/>'
        '<w:lvlText w:val="%1."/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="lowerRoman"/><w:lvlText w:val="%1.%2)"/>'
        '</w:lvl></w:abstractNum><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/>'
        '<w:lvlText w:val="x"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    )
    styles = '<w:style w:styleId="H2"><w:name w:val="heading 2"/></w:style>'

    def item(text: str, number: int, level: int = 0, style: str = "") -> str:
        return p(text, f'{style}<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')

    body = (
        item("Fares", 1, style='<w:pStyle w:val="H2"/>')
        + item("adults", 1, 1) + item("children", 1, 1)
        + item("Cargo", 1, style='<w:pStyle w:val="H2"/>')
        + item("cars", 1, 1) + item("ropes", 2)
    )  # fmt: skip
    raw = read(docx(body, numbering=numbering, styles=styles))
    assert raw.text == "3. Fares\n\n3.i) adults\n3.ii) children\n\n4. Cargo\n\n4.i) cars\n- ropes"
    assert [(h.level, raw.text[h.start : h.end]) for h in raw.headings] == [(2, "3. Fares"), (2, "4. Cargo")]


def test_rows_of_a_table_read_alone_though_cells_are_merged() -> None:
    def cell(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text)}</w:tc>"

    head, wide = "<w:trPr><w:tblHeader/></w:trPr>", '<w:gridSpan w:val="2"/>'
    first, more = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    body = (
        "<w:tbl>"
        f"<w:tr>{head}{cell('Port')}{cell('Traffic', wide)}</w:tr>"
        f"<w:tr>{head}{cell('')}{cell('cars')}{cell('people')}</w:tr>"
        f"<w:tr>{cell('Leith', first)}{cell('5')}{cell('60')}</w:tr>"
        f"<w:tr>{cell('', more)}{cell('7')}{cell('80')}</w:tr></w:tbl>"
    )
    assert read(docx(body)).text == (
        "Port: Leith; Traffic cars: 5; Traffic people: 60\nPort: Leith; Traffic cars: 7; Traffic people: 80"
    )


def test_a_table_that_lays_out_the_page_is_paragraphs() -> None:
    long = "The ferry crosses the sound four times a day. " * 12
    body = f"<w:tbl><w:tr><w:tc>{p('Ferry')}{p(long)}</w:tc><w:tc>{p('Ice')}</w:tc></w:tr></w:tbl>"
    assert read(docx(body)).text == f"Ferry\n\n{long.strip()}\n\nIce"


def test_a_text_box_is_read_once_and_a_table_of_contents_is_furniture() -> None:
    box = f"<w:txbxContent>{p('Mind the gap.')}</w:txbxContent>"
    shape = (
        '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"<mc:Choice><w:drawing>{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    styles = '<w:style w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>'
    raw = read(docx(p(run("Fares") + run("2"), '<w:pStyle w:val="TOC1"/>') + p(run("Text.") + shape), styles=styles))
    assert clean(raw).text == "Text.\n\nMind the gap."
    assert [item.reason for item in raw.removed] == ["table of contents"]


def test_a_formula_stays_in_its_sentence() -> None:
    m = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'

    def part(name: str, text: str) -> str:
        return f"<m:{name}><m:r><m:t>{text}</m:t></m:r></m:{name}>"

    formula = (
        f"<m:oMath {m}><m:r><m:t>v=</m:t></m:r><m:f>{part('num', 's+1')}{part('den', 't')}</m:f>"
        f"<m:sSup>{part('e', 'x')}{part('sup', '2')}</m:sSup></m:oMath>"
    )
    assert read(docx(p(run("Speed is ") + formula + run(".")))).text == "Speed is v=(s+1)/tx^2 ."


def test_the_title_is_that_of_the_page() -> None:
    styles = '<w:style w:styleId="T"><w:name w:val="Title"/></w:style>'
    raw = read(docx(p("Ferry and ice", '<w:pStyle w:val="T"/>') + p("The ferry is slow."), styles=styles))
    assert raw.metadata.title == "Ferry and ice"
    assert [(h.level, raw.text[h.start : h.end]) for h in raw.headings] == [(1, "Ferry and ice")]


def test_word_2003_in_one_xml_file() -> None:
    xml = (
        '<?xml version="1.0"?><?mso-application progid="Word.Document"?>'
        '<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:body><w:p><w:r>'
        "<w:t>The ferry is slow.</w:t></w:r><w:r><w:footnote><w:p><w:r><w:t>Ten knots.</w:t></w:r></w:p></w:footnote>"
        "</w:r></w:p></w:body></w:wordDocument>"
    )
    raw = read_bytes(xml.encode(), "a.doc")
    assert (raw.kind, note_texts(raw)) == ("docx", [("The ferry is slow.", "Ten knots.")])


def test_no_entity_is_expanded_and_none_is_fetched() -> None:
    grow = "".join(f'<!ENTITY a{i + 1} "{f"&a{i};" * 10}">' for i in range(8)) + f'<!ENTITY a0 "{"x" * 1000}">'
    bomb = f'<!DOCTYPE d [{grow}<!ENTITY f SYSTEM "file:///etc/passwd">]><w:document xmlns:w="{_W}"><w:body><w:p><w:r>'
    bomb += "<w:t>Ferry &f; end &a8;</w:t></w:r></w:p></w:body></w:document>"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("word/document.xml", bomb)
    try:
        text = read(made.getvalue()).text
    except ReadError as error:
        text = str(error)
    assert "root" not in text and len(text) < 1_000


@pytest.mark.parametrize("depth", [100, 3_000])
def test_deep_nesting_ends_in_a_word_not_in_a_crash(depth: int) -> None:
    nested = "<w:tbl><w:tr><w:tc>" * depth + p("bottom") + "</w:tc></w:tr></w:tbl>" * depth
    try:
        assert "bottom" in read(docx(nested)).text
    except ReadError as error:
        assert "nests" in str(error)
