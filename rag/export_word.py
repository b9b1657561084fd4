"""A conversation as a Word document, the quotes as footnotes of Word.

Writes the parts of Office Open XML (ECMA-376) that this needs: python-docx 1.2 knows no footnotes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from xml.sax.saxutils import escape

from rag.export import Said, Sheet

_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold."""

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

_PARTS = {"styles": "styles", "footnotes": "footnotes", "settings": "settings"}

_TYPES = (
    f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    f'<Default Extension="rels" ContentType="{"application/vnd.openxmlformats-package.relationships+xml"}"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_WORD}.document.main+xml"/>'
    + "".join(f'<Override PartName="/word/{p}.xml" ContentType="{_WORD}.{p}+xml"/>' for p in _PARTS)
    + '<Override PartName="/docProps/core.xml" '
    'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
)
_ROOT = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="r2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
    "</Relationships>"
)
_LINKS = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    + "".join(f'<Relationship Id="{p}" Type="{_OFFICE}/{p}" Target="{p}.xml"/>' for p in _PARTS)
    + "</Relationships>"
)
_SETTINGS = (
    f'{_HEAD}<w:settings xmlns:w="{_MAIN}"><w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>'
    "</w:settings>"
)
_LINES = (
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>'
)


def _style(name: str, shown: str, run: str, spacing: str = "", *, kind: str = "paragraph") -> str:
    base = '<w:basedOn w:val="Normal"/>' if kind == "paragraph" and name != "Normal" else ""
    paragraph = f"<w:pPr>{spacing}</w:pPr>" if spacing else ""
    default = ' w:default="1"' if name == "Normal" else ""
    return (
        f'<w:style w:type="{kind}" w:styleId="{name}"{default}><w:name w:val="{shown}"/>{base}<w:qFormat/>{paragraph}'
        f"<w:rPr>{run}</w:rPr></w:style>"
    )


_STYLES = (
    f'{_HEAD}<w:styles xmlns:w="{_MAIN}"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" '
    'w:hAnsi="Calibri" w:cs="Calibri"/><w:sz w:val="22"/></w:rPr></w:rPrDefault></w:docDefaults>'
    + _style("Normal", "Normal", "", '<w:spacing w:after="120" w:line="276" w:lineRule="auto"/>')
    + _style("Title", "Title", '<w:b/><w:sz w:val="34"/>', '<w:spacing w:after="240"/>')
    + _style(
        "Heading1",
        "heading 1",
        '<w:b/><w:sz w:val="26"/>',
        '<w:keepNext/><w:spacing w:before="360" w:after="60"/><w:outlineLvl w:val="0"/>',
    )
    + _style("About", "About", '<w:color w:val="5B6472"/><w:sz w:val="18"/>')
    + _style("Passage", "Passage", "", '<w:spacing w:after="80"/><w:ind w:left="360"/>')
    + _style("FootnoteText", "footnote text", '<w:sz w:val="18"/>', '<w:spacing w:after="40"/>')
    + _style("FootnoteReference", "footnote reference", '<w:vertAlign w:val="superscript"/>', kind="character")
    + "</w:styles>"
)


def to_word(sheet: Sheet) -> bytes:
    """Return a sheet as the bytes of a .docx file; the same sheet gives the same bytes."""
    written = _Written(sheet)
    body = "".join(written.body())
    page = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" '
    page += 'w:left="1134" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _ROOT,
        "word/_rels/document.xml.rels": _LINKS,
        "word/document.xml": f'{_HEAD}<w:document xmlns:w="{_MAIN}"><w:body>{body}{page}</w:body></w:document>',
        "word/footnotes.xml": f'{_HEAD}<w:footnotes xmlns:w="{_MAIN}">{_LINES}{"".join(written.notes)}</w:footnotes>',
        "word/styles.xml": _STYLES,
        "word/settings.xml": _SETTINGS,
        "docProps/core.xml": f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{_xml(sheet.title)}</dc:title></cp:coreProperties>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return file.getvalue()


class _Written:
    """The text of a sheet as it is written, and the footnotes that have come with it."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.notes: list[str] = []
        self._first: dict[int, int] = {}

    def body(self) -> Iterable[str]:
        """Yield the paragraphs."""
        yield _paragraph("Title", _run(self.sheet.title))
        for part in self.sheet.parts:
            yield _paragraph("Heading1", _run(part.question))
            if part.about:
                yield _paragraph("About", _run(part.about))
            if part.sentences:
                yield _paragraph("Normal", _run(" ").join(map(self._said, part.sentences)))
            if part.told:
                yield _paragraph("Normal", _run(part.told))
            if part.nearest:
                yield _paragraph("Normal", _run(f"{self.sheet.labels.nearest}:"))
                for near in part.nearest:
                    yield _paragraph("Passage", _run(f"“{near.quote}” {near.source}"))

    def _said(self, said: Said) -> str:
        lead = _run(f"{said.lead} ", '<w:color w:val="5B6472"/>') if said.lead else ""
        doubt = _run(f" ({said.doubt})", "<w:i/>") if said.doubt else ""
        return f"{lead}{_run(said.text)}{''.join(map(self._mark, said.notes))}{doubt}"

    def _mark(self, number: int) -> str:
        """Return the mark of a note. In Word each mark has a note of its own: a second one names the first."""
        here, note = len(self.notes) + 1, self.sheet.notes[number - 1]
        first = self._first.setdefault(number, here)
        text = f"“{note.quote}” {note.source}" if first == here else self.sheet.labels.again.format(n=first)
        mark = '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
        inside = _paragraph("FootnoteText", f"{mark}<w:footnoteRef/></w:r>{_run(f' {text}')}")
        self.notes.append(f'<w:footnote w:id="{here}">{inside}</w:footnote>')
        return f'{mark}<w:footnoteReference w:id="{here}"/></w:r>'


def _paragraph(style: str, runs: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{runs}</w:p>'


def _run(text: str, properties: str = "") -> str:
    format_ = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{format_}<w:t xml:space="preserve">{_xml(text)}</w:t></w:r>'


def _xml(text: str) -> str:
    return escape(_UNWRITABLE.sub("\ufffd", text))
