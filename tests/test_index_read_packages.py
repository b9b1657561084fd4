"""Reading of OpenDocument files and books."""

from __future__ import annotations

import io
import zipfile

import pytest

from index.clean import clean
from index.errors import ReadError
from index.read import read_bytes
from index.types import RawDocument

_NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"), ("style", "style"),
        ("presentation", "presentation"), ("meta", "meta"),
    )
)  # fmt: skip
_NAMES += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'


def odf(kind: str, body: str, styles: str = "", meta: str = "") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        part = {"text": "text", "spreadsheet": "spreadsheet", "presentation": "presentation"}[kind]
        archive.writestr(
            "content.xml",
            f"<office:document-content {_NAMES}><office:body><office:{part}>{body}</office:{part}></office:body>"
            "</office:document-content>",
        )
        archive.writestr("styles.xml", f"<office:document-styles {_NAMES}>{styles}</office:document-styles>")
        archive.writestr(
            "meta.xml", f"<office:document-meta {_NAMES}><office:meta>{meta}</office:meta></office:document-meta>"
        )
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return made.getvalue()


def noted(raw: RawDocument) -> list[tuple[str, str, str]]:
    return [(raw.text[: note.mark].split()[-1], raw.text[note.start : note.end], note.label) for note in raw.notes]


def test_an_opendocument_text() -> None:
    note = (
        "<text:note><text:note-citation>7</text:note-citation><text:note-body><text:p>Ten knots.</text:p>"
        "</text:note-body></text:note>"
    )
    body = (
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        '<text:h text:outline-level="2">Speed</text:h>'
        f"<text:p>The ferry<text:s/>is <text:span>slow</text:span>{note}, says<text:line-break/>the log.</text:p>"
        "<text:list><text:list-item><text:p>sixty people</text:p><text:p>at most</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>Port</text:p></table:table-cell><table:table-cell>"
        "<text:p>Cars</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell><text:p>Leith"
        "</text:p></table:table-cell><table:table-cell><text:p>5</text:p></table:table-cell></table:table-row></table:table>"
        "<text:table-of-content><text:index-body><text:p>Speed 2</text:p></text:index-body></text:table-of-content>"
    )
    styles = "<style:master-page><style:header><text:p>Harbour report</text:p></style:header></style:master-page>"
    meta = "<dc:title>Ferry and ice</dc:title><meta:initial-creator>Anna Berg</meta:initial-creator>"
    meta += "<meta:creation-date>2015-05-08T10:00:00</meta:creation-date>"
    raw = read_bytes(odf("text", body, styles, meta), "a.odt")
    assert clean(raw).text == (
        "Speed\n\nThe ferry is slow, says the log.\n\n- sixty people\n\nat most\n\nPort: Leith; Cars: 5\n\nTen knots."
    )
    assert noted(raw) == [("slow", "Ten knots.", "7")]
    assert [item.reason for item in raw.removed] == ["table of contents", "page header"]
    assert [(h.level, raw.text[h.start : h.end]) for h in raw.headings] == [(2, "Speed")]
    known = raw.metadata
    assert (known.title, known.author, known.date) == ("Ferry and ice", "Anna Berg", "2015-05-08")


def test_an_opendocument_sheet_that_repeats_itself() -> None:
    def row(*cells: str, attributes: str = "") -> str:
        inner = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
        return f"<table:table-row {attributes}>{inner}</table:table-row>"

    empty = '<table:table-cell table:number-columns-repeated="16000"/>'
    body = (
        '<table:table table:name="Ports">' + row("Port", "Cars") + row("Leith", "5")
        + row("Wick", "7", attributes='table:number-rows-repeated="2"')
        + f'<table:table-row table:number-rows-repeated="1048000">{empty}</table:table-row></table:table>'
    )  # fmt: skip
    raw = read_bytes(odf("spreadsheet", body), "a.ods")
    assert raw.text == "Ports\n\nPort: Leith; Cars: 5\nPort: Wick; Cars: 7\nPort: Wick; Cars: 7"
    assert (raw.layout, raw.kind) == ("rows", "ods")


def test_an_opendocument_presentation() -> None:
    def frame(text: str, kind: str = "") -> str:
        inner = f"<draw:text-box><text:p>{text}</text:p></draw:text-box>"
        return f'<draw:frame presentation:class="{kind}">{inner}</draw:frame>'

    body = (
        f"<draw:page>{frame('sixty people')}{frame('Ferry', 'title')}{frame('3', 'page-number')}"
        f"<presentation:notes>{frame('Speak slowly.')}</presentation:notes></draw:page>"
        f"<draw:page>{frame('Ice')}</draw:page>"
    )
    raw = read_bytes(odf("presentation", body), "a.odp")
    assert clean(raw).text == "Ferry\n\nsixty people\n\nNotes: Speak slowly.\n\nIce"
    assert [raw.text[start:][:3] for start in raw.pages] == ["Fer", "Ice"]


def test_a_protected_opendocument() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", b"\x91\x02\x13 encrypted bytes")
        archive.writestr(
            "META-INF/manifest.xml", "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
        )
    with pytest.raises(ReadError, match=r"a\.odt: is protected with a password"):
        read_bytes(made.getvalue(), "a.odt")


def epub(pages: dict[str, str], more: dict[str, str] | None = None) -> bytes:
    made = io.BytesIO()
    items = "".join(
        f'<item id="{n}" href="{path}" media-type="application/xhtml+xml"/>' for n, path in enumerate(pages)
    )
    order = "".join(f'<itemref idref="{n}"/>' for n in range(len(pages)))
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<container><rootfiles><rootfile full-path="OEBPS/a.opf"/></rootfiles></container>',
        )
        archive.writestr(
            "OEBPS/a.opf",
            '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Ferry and ice</dc:title>'
            "<dc:creator>Anna Berg</dc:creator><dc:publisher>Harbour Press</dc:publisher>"
            "<dc:date>2015-05-08T00:00:00Z</dc:date>"
            f"<dc:language>en-GB</dc:language></metadata><manifest>{items}</manifest><spine>{order}</spine></package>",
        )
        for path, page in pages.items():
            archive.writestr(
                f"OEBPS/{path}",
                '<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml" '
                f'xmlns:epub="http://www.idpf.org/2007/ops"><head><title/></head><body>{page}</body></html>',
            )
        for path, content in (more or {}).items():
            archive.writestr(path, content)
    return made.getvalue()


def test_a_book() -> None:
    first = (
        '<h1>Speed</h1><p>The ferry&nbsp;is <i>slow</i><a epub:type="noteref" href="notes.xhtml#n1">1</a>.</p>'
        "<ul><li>sixty people</li><li>five cars</li></ul><blockquote><p>So it is.</p></blockquote>"
        "<table><tr><th>Port</th><th>Cars</th></tr><tr><td>Leith</td><td>5</td></tr></table>"
    )
    notes = (
        '<aside epub:type="footnote" id="n1"><p>Ten knots. <a role="doc-backlink" href="a.xhtml#r">back</a></p></aside>'
    )
    raw = read_bytes(epub({"text/a.xhtml": first.replace("notes", "../notes"), "notes.xhtml": notes}), "a.epub")
    assert raw.text == (
        "Speed\n\nThe ferry is slow.\n\n- sixty people\n- five cars\n\nSo it is.\n\nPort: Leith; Cars: 5\n\nTen knots."
    )
    assert noted(raw) == [("slow", "Ten knots.", "")]
    known = raw.metadata
    assert (known.title, known.author, known.publisher) == ("Ferry and ice", "Anna Berg", "Harbour Press")
    assert (known.date, known.language) == ("2015-05-08", "en")


def test_a_book_whose_chapters_are_encrypted() -> None:
    locked = '<encryption><CipherReference URI="OEBPS/a.xhtml"/></encryption>'
    with pytest.raises(ReadError, match="chapters are encrypted"):
        read_bytes(epub({"a.xhtml": "<p>x</p>"}, {"META-INF/encryption.xml": locked}), "a.epub")


def test_a_book_named_as_an_archive_is_a_book() -> None:
    assert read_bytes(epub({"a.xhtml": "<p>The ferry.</p>"}), "a.zip").kind == "epub"
