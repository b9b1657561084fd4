"""Pictures of text: image files and PDF pages, with Tesseract where it is installed, and without it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from index.embed import Embedder
from index.errors import ReadError
from index.library import Library
from index.readers import scan
from index.readers.pdf import read_pdf
from index.readers.scan import read_image
from index.types import Outcome

needs_tesseract = pytest.mark.skipif(not scan.is_available(), reason="Tesseract is not installed")
LINES = ["The ferry crosses the sound", "four times a day in July,", "and twice a day in winter."]


def picture(lines: list[str], turn: int = 0) -> Image.Image:
    """Return a picture of lines of black letters on white."""
    image = Image.new("L", (1240, 1000), 255)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(56)
    for i, line in enumerate(lines):
        pen.text((120, 140 + 90 * i), line, fill=0, font=font)
    return image.rotate(turn, expand=True)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def mixed(images: list[Image.Image], words: str) -> bytes:
    """Return a PDF of scanned pages after which a page of text stands."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for image in images:
        data = saved(image, "JPEG").hex()
        objects.append(
            f"<< /Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} /ColorSpace /DeviceGray "
            f"/BitsPerComponent 8 /Filter [/ASCIIHexDecode /DCTDecode] /Length {len(data) + 1} >>\n"
            f"stream\n{data}>\nendstream"
        )
        draw = "q 595 0 0 480 0 200 cm /I Do Q"
        objects.append(f"<< /Length {len(draw)} >>\nstream\n{draw}\nendstream")
        resources = f"<< /XObject << /I {len(objects) - 1} 0 R >> >>"
        objects.append(_page(len(objects), resources))
        kids.append(f"{len(objects)} 0 R")
    draw = f"BT /F1 12 Tf 60 700 Td ({words}) Tj ET"
    objects.append(f"<< /Length {len(draw)} >>\nstream\n{draw}\nendstream")
    objects.append(_page(len(objects), "<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"))
    kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    body = "".join(f"{number} 0 obj\n{content}\nendobj\n" for number, content in enumerate(objects, 1))
    return f"%PDF-1.4\n{body}trailer << /Root 1 0 R >>\n%%EOF\n".encode("latin-1")


def _page(contents: int, resources: str) -> str:
    return f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {contents} 0 R /Resources {resources} >>"


@pytest.fixture
def without_tesseract(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


# --- with Tesseract -------------------------------------------------------------------------------


@needs_tesseract
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_image_files(kind: str) -> None:
    raw = read_image(saved(picture(LINES), kind), "note")
    assert raw.text.split("\n") == LINES
    assert (raw.kind, raw.layout, raw.pages) == ("image", "lines", (0,))


@needs_tesseract
def test_an_image_of_several_pages() -> None:
    data = saved(picture(LINES[:1]), "TIFF", save_all=True, append_images=[picture(LINES[2:])])
    raw = read_image(data, "fax.tif")
    assert raw.text == f"{LINES[0]}\n\f\n{LINES[2]}"
    assert raw.text[raw.pages[1] :] == LINES[2]


@needs_tesseract
@pytest.mark.parametrize("turn", [90, 180, 270])
def test_pictures_that_are_not_upright(turn: int) -> None:
    assert read_image(saved(picture(LINES, turn), "PNG"), "note.png").text.split("\n") == LINES


@needs_tesseract
def test_a_scanned_pdf_and_one_that_is_partly_scanned() -> None:
    raw = read_pdf(mixed([picture(LINES)], "The council pays."), "a.pdf")
    assert raw.text == "\n".join(LINES) + "\n\f\nThe council pays."
    assert raw.text[raw.pages[1] :] == "The council pays."
    assert raw.removed == ()
    assert read_pdf(saved(picture(LINES), "PDF", resolution=150), "b.pdf").text == "\n".join(LINES)


@needs_tesseract
def test_a_text_layer_without_a_meaning_is_recognised_again() -> None:
    codes = "1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfrange <20> <7e> <e020> endbfrange"
    codes = f"/CIDInit /ProcSet findresource begin begincmap {codes} endcmap end"
    stream = f"9 0 obj\n<< /Length {len(codes)} >>\nstream\n{codes}\nendstream\nendobj\ntrailer"
    words = "The boats of the sound are old and slow. " * 2
    data = mixed([], words).replace(b"/Helvetica >>", b"/Helvetica /ToUnicode 9 0 R >>")
    raw = read_pdf(data.replace(b"trailer", stream.encode()), "a.pdf")
    assert raw.text == words.strip()


@needs_tesseract
def test_a_picture_without_text() -> None:
    with pytest.raises(ReadError, match="no text was recognised"):
        read_image(saved(Image.new("L", (300, 200), 255), "PNG"), "blank.png")


@needs_tesseract
def test_a_language_that_is_not_there() -> None:
    with pytest.raises(ReadError, match=r"Tesseract has no language tlh\. Install its pack; there are: "):
        read_image(saved(picture(LINES), "PNG"), "note.png", "tlh")


@needs_tesseract
def test_the_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "SECONDS", 0.001)
    monkeypatch.setattr(scan, "_packs", lambda: ("eng",))
    with pytest.raises(ReadError, match=r"note\.png: Tesseract took more than 0 s"):
        read_image(saved(picture(LINES), "PNG"), "note.png")


# --- without it -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("without_tesseract")
def test_without_tesseract_the_remedy_is_named() -> None:
    with pytest.raises(ReadError, match=r"note\.png: is a picture.* Install Tesseract"):
        read_image(saved(picture(LINES), "PNG"), "note.png")
    with pytest.raises(ReadError, match=r"a\.pdf: is a scan.* Install Tesseract"):
        read_pdf(saved(picture(LINES), "PDF"), "a.pdf")


@pytest.mark.usefixtures("without_tesseract")
def test_without_tesseract_the_pages_with_text_are_read_and_the_others_named() -> None:
    raw = read_pdf(mixed([picture(LINES)], "The council pays."), "a.pdf")
    assert raw.text[raw.pages[1] :] == "The council pays."
    assert [(r.kind, r.reason) for r in raw.removed] == [("scan", "page 1 is a picture without text")]
    assert raw.text[raw.removed[0].start : raw.removed[0].end] == "[page 1 is a picture without text]"


@needs_tesseract
@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\nnothing", saved(picture(LINES), "PNG")[:300]], ids=["junk", "cut"])
def test_damaged_images(data: bytes) -> None:
    with pytest.raises(ReadError, match=r"note\.png: is damaged or no picture inside"):
        read_image(data, "note.png")


@needs_tesseract
def test_an_image_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "_MAX_PIXELS", 10_000)
    with pytest.raises(ReadError, match="1240 x 1000 pixels are too many"):
        read_image(saved(picture(LINES), "PNG"), "note.png")


def test_that_pages_were_not_read_is_reported_when_the_document_is_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: Embedder
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "mixed.pdf"
    path.write_bytes(mixed([picture(["The ferry sails at nine."])], "The harbour of Lorn handled four ships."))
    (entry,) = Library(tmp_path / "library", embedder).add([path]).files
    assert entry.outcome is Outcome.ADDED
    assert entry.detail.startswith("one page is a picture without text: install Tesseract")
