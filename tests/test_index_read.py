"""Reading: every type of file, made here, and every way in which a file can be wrong."""

from __future__ import annotations

import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from index.clean import clean
from index.errors import ReadError
from index.metadata import iso_date
from index.read import SUFFIXES, read
from index.types import RawDocument

ARTICLE = """The ferry and the ice

By Anna Berg

8 May 2015

The ferry crosses the sound four times a day and carries no more than sixty passengers.
"""


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def pdf_bytes(pages: list[list[str]], info: str = "") -> bytes:
    """Return a PDF of pages of lines, set in Helvetica, with an information dictionary."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for lines in pages:
        rows = "".join(f"({line}) Tj 0 -16 Td " for line in lines)
        content = f"BT /F1 12 Tf 60 760 Td {rows}ET" if lines else ""
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
        font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {len(objects)} 0 R "
            f"/Resources << /Font << /F1 {font} >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    objects.append(f"<< {info} >>")
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer << /Size {size} /Root 1 0 R /Info {size - 1} 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()


_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="http://schemas.'
    'openxmlformats.org/package/2006/relationships/metadata/core-properties" '
    'Target="docProps/core.xml"/></Relationships>',
    "word/styles.xml": f'<w:styles xmlns:w="{_W}"><w:style w:type="paragraph" w:styleId="Heading1">'
    '<w:name w:val="heading 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style></w:styles>',
    "word/_rels/document.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/styles" Target="styles.xml"/></Relationships>',
}


def docx(path: Path, body: str, core: str = "") -> Path:
    """Write a Word file with this body and these core properties."""
    properties = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
        'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{core}</cp:coreProperties>'
    )
    document = f'<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>'
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in {**_PARTS, "word/document.xml": document, "docProps/core.xml": properties}.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{part}')
    return path


def paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def headings(raw: RawDocument) -> list[tuple[int, str]]:
    return [(heading.level, raw.text[heading.start : heading.end]) for heading in raw.headings]


# --- plain text -----------------------------------------------------------------------------------


def test_text_with_its_metadata(tmp_path: Path) -> None:
    raw = read(write(tmp_path, "a.txt", ARTICLE))
    assert (raw.text, raw.kind, raw.layout, raw.pages) == (ARTICLE, "txt", "lines", ())
    known = raw.metadata
    assert (known.title, known.author, known.date) == ("The ferry and the ice", "Anna Berg", "2015-05-08")
    assert known.date_basis == "stated"


_KNOWN = ("Ferry and ice", "Anna Berg", "Harbour News")


@pytest.mark.parametrize(
    ("text", "title", "author", "publisher", "date"),
    [
        ("Log in\n\nFerry and ice\n\nBy: Anna Berg\nPublication: Harbour News\n5/8/2015\n", *_KNOWN, "2015"),
        (
            "Ferry and ice\nFerry and ice\nPublished by Harbour News\nBy Anna Berg, 3 May 2015\n",
            *_KNOWN,
            "2015-05-03",
        ),
        (
            f"Ferry and ice\n\nText.\n{'Some line of text.' * 60}\n\nAuthor: Anna Berg, a pilot\n",
            *_KNOWN[:2],
            None,
            None,
        ),
        (
            "1 Introduction\n\nThe ferry is slow.\n\nAnna Berg\n\nAnna Berg is a pilot.\n",
            None,
            "Anna Berg",
            None,
            None,
        ),
        (
            "The ferry crosses the sound four times a day and\nis slow. By the way, it is old.\n",
            None,
            None,
            None,
            None,
        ),
        (
            "1 In\n\n2 Ferry and ice\n\n4 Ferry and ice\n\n6 Ferry and ice\n",
            "Ferry and ice",
            None,
            None,
            None,
        ),
    ],
)
def test_metadata_from_the_text(
    tmp_path: Path, text: str, title: str | None, author: str | None, publisher: str | None, date: str | None
) -> None:
    known = read(write(tmp_path, "a.txt", text)).metadata
    assert (known.title, known.author, known.publisher, known.date) == (title, author, publisher, date)


ISSUE = "Harbour Papers, No. 4, May 2015"


@pytest.mark.parametrize(
    ("head", "title", "author", "publisher", "date"),
    [
        (
            f"Ferry and ice: who pays for\nthe winter\nAnna Berg\n{ISSUE}",
            "Ferry and ice: who pays for the winter",
            1,
            1,
            1,
        ),
        (f"Ferry and ice\nHarbour Office\n{ISSUE}", "Ferry and ice", 0, 0, 0),  # a body is no author
        (f"Ferry and ice\nSecond Winter\n{ISSUE}", "Ferry and ice", 0, 0, 0),  # these are words of the text
        ("Ferry and ice\nAnna Berg\nThe ferry is slow.", "Ferry and ice", 0, 0, 0),  # nothing says that she wrote it
    ],
)
def test_the_first_lines_of_a_printed_paper(
    tmp_path: Path, head: str, title: str, author: int, publisher: int, date: int
) -> None:
    known = read(write(tmp_path, "a.txt", f"{head}\n1 The winter\nIn its second winter the ferry froze.\n")).metadata
    found = (known.author == "Anna Berg", known.publisher == "Harbour Papers, No. 4", known.date == "2015-05")
    assert (known.title, *found) == (title, bool(author), bool(publisher), bool(date))
    assert author or known.author is None


@pytest.mark.parametrize(
    ("byline", "author", "publisher", "date"),
    [
        ("*By Anna Berg — Harbour Quarterly, July 2017*", "Anna Berg", "Harbour Quarterly", "2017-07"),
        ("__By Anna Berg | Harbour News | 3 May 2015__", "Anna Berg", "Harbour News", "2015-05-03"),
        ("By Anna Berg, Leith, May 5, 2015", "Anna Berg", None, "2015-05-05"),
        ("Anna Berg, Harbour News, 3 May 2015", "Anna Berg", "Harbour News", "2015-05-03"),
        ("Anna Berg, 3 May 2015", None, None, None),
        ("New Delhi, Harbour News, 3 May 2015", None, None, None),
        ("Harbour Office, Harbour News, 3 May 2015", None, None, None),
        ("The ferry was late, Anna Berg, 3 May 2015", None, None, None),
    ],
)
def test_a_byline_in_one_line(
    tmp_path: Path, byline: str, author: str | None, publisher: str | None, date: str | None
) -> None:
    raw = read(write(tmp_path, "a.md", f"# Ferry and ice\n\n{byline}\n\nThe ferry is slow.\n"))
    assert (raw.metadata.author, raw.metadata.publisher, raw.metadata.date) == (author, publisher, date)
    gone = author is not None and "Leith" not in byline
    assert clean(raw).text == ("Ferry and ice\n\nThe ferry is slow." if gone else clean(raw).text)
    assert ("Anna Berg" in clean(raw).text) == ("Anna Berg" in byline and not gone)


def test_a_byline_that_a_page_shows_without_saying_so(tmp_path: Path) -> None:
    byline = "Anna Berg, Harbour News, 3 May 2015"
    prose = "The ferry crosses the sound four times a day and carries no more than sixty passengers. " * 6
    page = f"<html><body><h1>Ferry and ice</h1><div>{byline}</div><p>{prose}</p><p>{prose}</p></body></html>"
    raw = read(write(tmp_path, "a.html", page))
    assert (raw.metadata.author, raw.metadata.date) == ("Anna Berg", "2015-05-03")
    assert byline not in clean(raw).text


def test_metadata_of_our_own_samples() -> None:
    samples = Path(__file__).parent.parent / "eval" / "sets" / "eurasia" / "documents"
    paper, essay, page = (read(next(samples.glob(f"{number}-*"))).metadata for number in ("09", "06", "08"))
    assert paper.title == "The Northern Door: China's slow entry to the Russian Arctic"
    assert (paper.author, paper.publisher, paper.date) == ("Sigrid Aune", "Polar Policy Papers, No. 41", "2023-12")
    assert (essay.author, essay.publisher, essay.date) == ("Daniyar Seitkazin", "Steppe Quarterly", "2017-07")
    assert (page.author, page.date, page.date_basis) == ("Yevgeny Lapshin", "2021-07-06", "stated")


RUSSIAN = "Паром ходит через пролив четыре раза в день и берёт не больше шестидесяти пассажиров. Зимой он стоит.\n" * 3
CHINESE = "渡轮每天横渡海峡四次，最多只能搭载六十名乘客。冬天因为小岛的港口结冰，渡轮要停航六个星期。\n" * 3
FRENCH = "Le bac traverse le détroit quatre fois par jour ; l'été, il est complet. Où sont passés les marins ?\n" * 3


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "utf-8"),
        (FRENCH, "utf-8-sig"),
        (RUSSIAN, "utf-16"),
        (CHINESE, "utf-32"),
        (ARTICLE, "utf-16-le"),
        (ARTICLE, "utf-16-be"),
        (RUSSIAN, "windows-1251"),
        (CHINESE, "gb18030"),
        (FRENCH, "latin-1"),
    ],
)
def test_encodings(tmp_path: Path, text: str, encoding: str) -> None:
    assert read(write(tmp_path, "a.txt", text.encode(encoding))).text == text


def test_newlines_and_form_feeds(tmp_path: Path) -> None:
    raw = read(write(tmp_path, "a.txt", b"one\r\ntwo\rthree\n\x0cfour\n\x0c"))
    assert raw.text == "one\ntwo\nthree\n\x0cfour\n\x0c"
    assert raw.pages == (0, 15)
    assert raw.text[15:].startswith("four")


def test_one_broken_byte_does_not_change_the_encoding(tmp_path: Path) -> None:
    raw = read(write(tmp_path, "a.txt", RUSSIAN.encode() + b"\xff\n"))
    assert raw.text.startswith(RUSSIAN)


# --- Markdown -------------------------------------------------------------------------------------

MARKDOWN = """---
title: The ferry
author: [Anna Berg, Jonas Vik]
date: 2015-05-08
publisher: Harbour News
---
# The *ferry* ##

It crosses the **sound** four times a day, says [the log](http://log.example/x_(1)),
and ![a picture](x.png)carries `60 * 2` men_and_women. See <b>here</b>.

Second part
-----------

- one
- two \\*starred\\*

| Year | Cars |
|------|-----:|
| 2011 | 310  |

```
x = 1 * 2 * 3
y = 2
```

> A word of *caution*.

[1]: http://log.example
"""


def test_markdown(tmp_path: Path) -> None:
    raw = read(write(tmp_path, "a.md", MARKDOWN))
    assert raw.text == MARKDOWN
    assert headings(raw) == [(1, "The *ferry*"), (2, "Second part")]
    known = raw.metadata
    assert (known.title, known.author, known.publisher) == (
        "The ferry",
        "Anna Berg, Jonas Vik",
        "Harbour News",
    )
    assert (known.date, known.date_basis) == ("2015-05-08", "stated")
    assert clean(raw).text == (
        "The ferry\n\nIt crosses the sound four times a day, says the log, and carries 60 * 2 men_and_women. "
        "See here.\n\nSecond part\n\n- one\n- two *starred*\n\nYear | Cars\n2011 | 310\n\n"
        "x = 1 * 2 * 3\ny = 2\n\n"
        "A word of caution."
    )


def test_a_broken_front_matter_costs_only_the_metadata(tmp_path: Path) -> None:
    raw = read(write(tmp_path, "a.md", "---\ntitle: [a\n: b\n---\n# Ferry\n\nIt is slow.\n"))
    assert raw.metadata.title == "Ferry"
    assert clean(raw).text == "Ferry\n\nIt is slow."


@pytest.mark.parametrize("unit", ["_a ", "*a ", "<!--", "[", "[a](", "` ", "<a ", "\n", "> ", "|-"])
def test_no_mark_takes_quadratic_time(tmp_path: Path, unit: str) -> None:
    path = write(tmp_path, "a.md", unit * (100_000 // len(unit)) + "end")
    start = time.process_time()
    read(path)
    assert time.process_time() - start < 3


# --- PDF ------------------------------------------------------------------------------------------


def test_a_pdf(tmp_path: Path) -> None:
    info = "/Title (Ice yearbook) /Author (Anna Berg) /CreationDate (D:20150508120000Z)"
    pages = [["The ferry crosses the", "sound."], ["In winter it stops."]]
    raw = read(write(tmp_path, "a.pdf", pdf_bytes(pages, info)))
    assert (raw.kind, raw.layout, len(raw.pages)) == ("pdf", "lines", 2)
    assert raw.text[: raw.pages[1]].split() == "The ferry crosses the sound.".split()
    assert raw.text[raw.pages[1] :] == "In winter it stops."
    known = raw.metadata
    assert (known.title, known.author) == ("Ice yearbook", "Anna Berg")
    assert (known.date, known.date_basis) == ("2015-05-08", "file")


@pytest.mark.parametrize("junk", ["Microsoft Word - x.doc", "untitled", "0000764-23-01", "final_v2", "report.indd"])
def test_junk_titles_of_a_pdf(tmp_path: Path, junk: str) -> None:
    pages = [["The ferry and the ice", "It crosses the sound four times a day, and no more often than that."]]
    raw = read(write(tmp_path, "a.pdf", pdf_bytes(pages, f"/Title ({junk}) /Author (user)")))
    assert raw.metadata.title == "The ferry and the ice"
    assert raw.metadata.author is None


# --- Word -----------------------------------------------------------------------------------------


def test_a_word_file(tmp_path: Path) -> None:
    cells = "".join(
        "<w:tr>" + "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) + "</w:tr>"
        for row in (("Year", "Trade"), ("2014", "95.3"), ("2015", "68.1"))
    )
    body = (
        paragraph("The harbour", "Heading1")
        + paragraph("It was dug by hand.")
        + f"<w:tbl>{cells}</w:tbl>"
        + paragraph("The walls are old.")
    )
    core = (
        "<dc:title>Harbour report</dc:title><dc:creator>Anna Berg</dc:creator>"
        '<dcterms:created xsi:type="dcterms:W3CDTF">2015-05-08T10:00:00Z</dcterms:created>'
    )
    raw = read(docx(tmp_path / "a.docx", body, core))
    assert (raw.kind, raw.layout, headings(raw)) == ("docx", "blocks", [(1, "The harbour")])
    assert clean(raw).text == (
        "The harbour\n\nIt was dug by hand.\n\nYear: 2014; Trade: 95.3\nYear: 2015; Trade: 68.1\n\nThe walls are old."
    )
    known = raw.metadata
    assert (known.title, known.author) == ("Harbour report", "Anna Berg")
    assert (known.date, known.date_basis) == ("2015-05-08", "file")


# --- dates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2015-05-08", "2015-05-08"),
        ("2015-05-08T10:00:00+02:00", "2015-05-08"),
        ("8 May 2015", "2015-05-08"),
        ("Friday, May 8th, 2015", "2015-05-08"),
        ("May 2015", "2015-05"),
        ("8 мая 2015 г.", "2015-05-08"),
        ("2015年5月8日", "2015-05-08"),
        ("8. Mai 2015", "2015-05-08"),
        ("5/8/2015", "2015"),
        ("5/5/2015", "2015-05-05"),
        ("28/5/2015", "2015-05-28"),
        ("5/28/2015", "2015-05-28"),
        ("31 February 2015", "2015"),
        ("in May 2015 it rained", None),
        ("24.11 00:12", None),
    ],
)
def test_dates_are_no_finer_than_certain(text: str, date: str | None) -> None:
    assert iso_date(text) == date


# --- what can be wrong ----------------------------------------------------------------------------


def test_suffixes_are_public() -> None:
    known = ".txt .text .md .markdown .html .htm .pdf .docx .pptx .xlsx .csv .tsv .rtf .odt .ods .odp .epub .eml .msg"
    assert {*known.split(), ".rst", ".org", ".ipynb", ".doc", ".xls", ".ppt", ".zip"} <= SUFFIXES


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b" \n\t ", "is empty"),
        ("a.md", "\u200b\ufeff".encode() + b" ", "no text"),
        ("a.xyz", b"text", r"cannot read \.xyz\. Known: .*\.docx"),
        ("noname", b"text", "without a suffix"),
        ("a.txt", bytes(range(256)) * 20, "not text"),
        ("a.txt", b"GIF89a" + b"\0" * 50, "an image"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 50, "old Office file and damaged"),
        ("a.docx", b"PK\x03\x04 a zip of something else", "damaged or cut off"),
        ("a.docx", b"PK\x03\x04 word/document.xml cut off", "damaged"),
        ("a.docx", bytes(range(256)) * 20, "not a .docx"),
        ("a.pdf", bytes(range(256)) * 20, "not a .pdf"),
        ("a.pdf", b"%PDF-1.4\n cut off", "damaged"),
        ("a.pdf", pdf_bytes([[]]), "no text"),
        ("a.txt", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        ("a.rtf", b"{\\rtf1 }", "no text"),
        ("a.html", b"<html><body></body></html>", "no text"),
        ("a.html", b"<!-- -->", "a.html"),
    ],
)
def test_a_bad_file_is_one_message(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(ReadError, match=message) as caught:
        read(write(tmp_path, name, content))
    assert str(caught.value).startswith(f"{name}: ")
    assert "\n" not in str(caught.value)


def test_a_file_is_read_as_what_it_is(tmp_path: Path) -> None:
    assert read(write(tmp_path, "a.txt", pdf_bytes([["The ferry."]]))).kind == "pdf"
    assert read(write(tmp_path, "b.txt", "<!DOCTYPE html><html><body><p>Ferry</p></body></html>")).kind == "html"
    assert read(docx(tmp_path / "c.zip", paragraph("The ferry."))).kind == "docx"
    assert read(write(tmp_path, "d.doc", b"{\\rtf1 The ferry.}")).kind == "rtf"
    assert read(write(tmp_path, "e.doc", "<html><body><p>Ferry</p></body></html>")).kind == "html"
    assert read(write(tmp_path, "f.docx", "Plain words.")).kind == "txt"


def test_a_zip_that_speaks_of_word_is_not_a_word_file(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "The part word/document.xml holds the text.")
    assert [attached.name for attached in read(path).attached] == ["notes.txt"]


def test_a_protected_pdf(tmp_path: Path) -> None:
    secret = "(" + "x" * 32 + ")"
    body = pdf_bytes([["The ferry."]]).decode("latin-1")
    encrypt = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O {secret} /U {secret} /P -4 >> /ID [(a) (a)] "
    path = write(tmp_path, "a.pdf", body.replace("trailer << ", f"trailer << {encrypt}").encode("latin-1"))
    with pytest.raises(ReadError, match="password"):
        read(path)


def test_missing_folder_and_too_large(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file"):
        read(tmp_path / "none.txt")
    with pytest.raises(ReadError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(ReadError, match=r"11 bytes is over the limit of 10 bytes"):
        read(write(tmp_path, "a.txt", "hello world"), max_bytes=10)


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a.txt", "text")

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)  # root may read everything, so chmod proves nothing
    with pytest.raises(ReadError, match="no permission"):
        read(path)


def test_importing_the_reader_imports_no_parser() -> None:
    code = (
        "import index.read, index.clean, sys; print({'kreuzberg', 'trafilatura', 'lxml', 'olefile'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "set()"
