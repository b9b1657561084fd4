"""Reading of slides: a page for each, its title a heading, its notes marked as such."""

from __future__ import annotations

import io
import zipfile

from index.clean import clean
from index.read import read_bytes

_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMES = f'xmlns:a="{_A}" xmlns:p="{_P}" xmlns:r="{_R}"'


def relations(*parts: tuple[str, str, str]) -> str:
    rows = "".join(f'<Relationship Id="{i}" Type="x/{kind}" Target="{target}"/>' for i, kind, target in parts)
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'


def shape(lines: tuple[str, ...], placeholder: str = "") -> str:
    kind = f'<p:ph type="{placeholder}"/>' if placeholder else ""
    text = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
    return f"<p:sp><p:nvSpPr><p:nvPr>{kind}</p:nvPr></p:nvSpPr><p:txBody>{text}</p:txBody></p:sp>"


def page(shapes: str, root: str = "sld") -> str:
    return f"<p:{root} {_NAMES}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:{root}>"


def pptx(slides: list[str], notes: dict[int, str], more: dict[str, str] | None = None) -> bytes:
    made = io.BytesIO()
    numbers = range(1, len(slides) + 1)
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", relations(("m", "officeDocument", "ppt/presentation.xml")))
        listed = "".join(f'<p:sldId id="{255 + n}" r:id="s{n}"/>' for n in numbers)
        archive.writestr(
            "ppt/presentation.xml", f"<p:presentation {_NAMES}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>"
        )
        archive.writestr(
            "ppt/_rels/presentation.xml.rels", relations(*((f"s{n}", "slide", f"slides/slide{n}.xml") for n in numbers))
        )
        for number, shapes in zip(numbers, slides, strict=True):
            archive.writestr(f"ppt/slides/slide{number}.xml", page(shapes))
            parts = [("l", "slideLayout", "../slideLayouts/layout.xml")]
            if number in notes:
                archive.writestr(f"ppt/notesSlides/notes{number}.xml", page(notes[number], "notes"))
                parts.append(("n", "notesSlide", f"../notesSlides/notes{number}.xml"))
            archive.writestr(f"ppt/slides/_rels/slide{number}.xml.rels", relations(*parts))
        for path, content in (more or {}).items():
            archive.writestr(path, content)
    return made.getvalue()


def test_slides() -> None:
    first = shape(("Ten knots", "Sixty people"), "body") + shape(("The ferry",), "title") + shape(("3",), "sldNum")
    raw = read_bytes(pptx([first, "", shape(("A free text",))], {1: shape(("Speak slowly.",), "body")}), "a.pptx")
    assert raw.text == "The ferry\n\n- Ten knots\n- Sixty people\n\n3\n\nNotes: Speak slowly.\n\nA free text"
    assert [(h.level, raw.text[h.start : h.end]) for h in raw.headings] == [(1, "The ferry")]
    third = raw.text.index("A free")
    assert (raw.pages, raw.kind) == ((0, third, third), "pptx")  # the second slide is empty
    assert [(item.kind, item.reason) for item in raw.removed] == [("furniture", "slide number")]
    assert clean(raw).text == "The ferry\n\n- Ten knots\n- Sixty people\n\nNotes: Speak slowly.\n\nA free text"


def test_tables_on_slides_and_words_of_the_master() -> None:
    rows = "".join(
        "<a:tr>"
        + "".join(f"<a:tc><a:txBody><a:p><a:r><a:t>{cell}</a:t></a:r></a:p></a:txBody></a:tc>" for cell in row)
        + "</a:tr>"
        for row in (("Port", "Cars"), ("Leith", "5"))
    )
    frame = (
        f"<p:graphicFrame><a:graphic><a:graphicData><a:tbl>{rows}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )
    layout = page(shape(("Harbour Board",)) + shape(("Click to edit",), "title"), "sldLayout")
    raw = read_bytes(pptx([frame], {}, {"ppt/slideLayouts/layout.xml": layout}), "a.pptx")
    assert raw.text == "Port: Leith; Cars: 5\n\nHarbour Board"
    assert clean(raw).text == "Port: Leith; Cars: 5"


def test_a_chart_is_the_table_behind_it() -> None:
    c = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
    drawn = f'<a:graphic><a:graphicData><c:chart {c} r:id="c"/></a:graphicData></a:graphic>'
    frame = f"<p:graphicFrame>{drawn}</p:graphicFrame>"

    def points(tag: str, *values: str) -> str:
        inner = "".join(f'<c:pt idx="{i}"><c:v>{value}</c:v></c:pt>' for i, value in enumerate(values))
        return f"<c:{tag}><c:strRef><c:strCache>{inner}</c:strCache></c:strRef></c:{tag}>"

    series = f"<c:ser>{points('tx', 'Cars')}{points('cat', '2014', '2015')}{points('val', '5', '7')}</c:ser>"
    more = {
        "ppt/charts/c.xml": f"<c:chartSpace {c}><c:chart>{series}</c:chart></c:chartSpace>",
        "ppt/slides/_rels/slide1.xml.rels": relations(("c", "chart", "../charts/c.xml")),
    }
    data = io.BytesIO(pptx([frame], {}))
    with zipfile.ZipFile(data) as old:
        kept = {name: old.read(name) for name in old.namelist() if name not in more}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in {**kept, **more}.items():
            archive.writestr(name, content)
    assert read_bytes(made.getvalue(), "a.pptx").text == "2014; Cars: 5\n2015; Cars: 7"
