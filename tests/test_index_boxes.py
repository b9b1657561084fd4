"""Boxes of quotes on the pages of a PDF, held against what is drawn there."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from index.boxes import Box, render_page, sentence_boxes
from index.errors import NotFoundError, ReadError

LINES = [
    "The ferry crosses the sound four times a day. In winter",
    "it does so twice, for the ice is thick and the crew is small. A long-",
    "awaited boat was ordered in May. The council will pay for it.",
]
WHOLE = [LINES[0], "it does so twice, for the ice is thick.", LINES[2]]
SECOND = ["Nobody asked the captain", "what she thought of it. She left."]


def pdf(pages: list[list[tuple[float, float, str]]], page: str = "") -> bytes:
    """Return a PDF of pages of texts in Helvetica of 12 points, each at x, y (upwards)."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for texts in pages:
        drawn = "".join(f"BT /F1 12 Tf 1 0 0 1 {x} {y} Tm ({words}) Tj ET\n" for x, y, words in texts)
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
        font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] {page} /Contents {len(objects)} 0 R "
            f"/Resources << /Font << /F1 {font} >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    body = "".join(f"{number} 0 obj\n{content}\nendobj\n" for number, content in enumerate(objects, 1))
    return f"%PDF-1.4\n{body}trailer << /Root 1 0 R >>\n%%EOF\n".encode("latin-1")


def lines(texts: list[str], top: float = 700) -> list[tuple[float, float, str]]:
    return [(60, top - 16 * i, text) for i, text in enumerate(texts)]


@pytest.fixture(scope="module")
def report() -> bytes:
    head, foot = [(60.0, 760.0, "Harbour Studies")], [(300.0, 40.0, "7")]
    return pdf([head + lines(LINES) + foot, head + lines(SECOND)])


def drawn(data: bytes, page: int = 1) -> NDArray[np.bool_]:
    """Return which points of the page's picture are dark."""
    return np.asarray(Image.open(BytesIO(render_page(data, page, 600))).convert("L")) < 128


def inside(shape: tuple[int, ...], boxes: list[Box], more: float = 0.0) -> NDArray[np.bool_]:
    """Return which points of a picture lie in the boxes, made `more` points larger."""
    height, width = shape
    marked = np.zeros(shape, np.bool_)
    for box in boxes:
        top, bottom = int(box.top * height - more), int(np.ceil(box.bottom * height + more))
        left, right = int(box.left * width - more), int(np.ceil(box.right * width + more))
        marked[max(top, 0) : bottom, max(left, 0) : right] = True
    return marked


def test_one_box_for_each_line(report: bytes) -> None:
    boxes = sentence_boxes(report, 1, "In winter it does so twice, for the ice is thick and the crew is small.")
    assert [box.page for box in boxes] == [1, 1]
    assert boxes[0].left > 0.4 and boxes[0].top < boxes[1].top
    # Helvetica of 12 points at y = 700 and 684 of 800: the base lines lie at 100/800 and 116/800 from the top.
    assert boxes[0].top < 100 / 800 < boxes[0].bottom < boxes[1].bottom
    assert boxes[1].left == pytest.approx(60 / 600, abs=0.002)


def test_a_parted_word_made_whole_is_found(report: bytes) -> None:
    assert len(sentence_boxes(report, 1, "A longawaited boat was ordered in May.")) == 2
    assert len(sentence_boxes(report, 1, "A long-awaited boat was ordered in May.")) == 2


def test_a_quote_over_two_pages_without_their_head_and_foot(report: bytes) -> None:
    quote = "The council will pay for it. Nobody asked the captain what she thought of it."
    boxes = sentence_boxes(report, 1, quote)
    assert [box.page for box in boxes] == [1, 2, 2]
    assert all(0.1 < box.top < 0.25 for box in boxes)


def test_a_note_mark_taken_out_of_the_quote() -> None:
    data = pdf([lines(["The treaty was signed in May,4 and nobody", "has spoken of it since."])])
    boxes = sentence_boxes(data, 1, "The treaty was signed in May, and nobody has spoken of it since.")
    assert len(boxes) == 2


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", ["", "/CropBox [20 30 580 790]"])
def test_boxes_cover_what_is_drawn_and_nothing_else(turn: int, crop: str) -> None:
    data = pdf([lines([*WHOLE, "", "Another matter stands here."])], page=f"/Rotate {turn} {crop}")
    dark = drawn(data)
    boxes = sentence_boxes(data, 1, " ".join(WHOLE))
    other = sentence_boxes(data, 1, "Another matter stands here.")
    assert (dark & inside(dark.shape, boxes)).any() and (dark & inside(dark.shape, other)).any()
    assert not (dark & ~inside(dark.shape, boxes + other, more=1)).any()
    assert not (inside(dark.shape, boxes) & inside(dark.shape, other)).any()


def test_columns() -> None:
    left = [(60.0, 700.0 - 14 * i, f"left {'abcdefghij'[i]} of the long and slow old ferries") for i in range(10)]
    right = [(320.0, 700.0 - 14 * i, f"right {'abcdefghij'[i]} of the long and slow old ferries") for i in range(10)]
    data = pdf([sorted(left + right, key=lambda text: -text[1])])
    boxes = sentence_boxes(data, 1, "left c of the long and slow old ferries left d of the long and slow old ferries")
    assert len(boxes) == 2
    assert all(box.right < 0.5 for box in boxes)


WORDS = "ferry sound winter ice crew captain boat council harbour treaty".split()


def test_a_quote_is_not_found_within_a_word() -> None:
    (box,) = sentence_boxes(pdf([lines(["c sound ice", "d ice"])]), 1, "d ice")
    assert box.top < 116 / 800 < box.bottom


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8), min_size=1, max_size=30), st.data())
def test_any_stretch_of_a_page_is_covered_line_by_line(page: list[list[str]], data: st.DataObject) -> None:
    texts = [f"{'abcdefghijklmnopqrstuvwxyzABCDEF'[i]} {' '.join(words)}" for i, words in enumerate(page)]
    first = data.draw(st.integers(0, len(texts) - 1))
    last = data.draw(st.integers(first, len(texts) - 1))
    boxes = sentence_boxes(pdf([lines(texts)]), 1, " ".join(texts[first : last + 1]))
    assert len(boxes) == last - first + 1
    for i, box in enumerate(boxes, first):
        baseline = (100 + 16 * i) / 800
        assert box.top < baseline < box.bottom
        assert box.left == pytest.approx(0.1, abs=0.002)


def test_a_quote_without_letters_has_no_box(report: bytes) -> None:
    assert sentence_boxes(report, 1, " - ") == []


def test_a_page_without_text_has_no_box() -> None:
    assert sentence_boxes(pdf([[]]), 1, "The ferry crosses the sound.") == []


def test_another_file_than_the_one_that_was_read(report: bytes, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    with pytest.raises(NotFoundError, match=r"report\.pdf: the file is gone"):
        sentence_boxes(path, 1, "The ferry crosses the sound.")
    path.write_bytes(report)
    assert sentence_boxes(path, 1, "The ferry crosses the sound four times a day.")
    with pytest.raises(NotFoundError, match="does not stand on page 1: the file has changed"):
        sentence_boxes(path, 1, "The railway needs no ferry, and it runs on every day of the year.")
    with pytest.raises(NotFoundError, match="has 2 pages and no page 3"):
        sentence_boxes(path, 3, "She left.")
    path.write_bytes(b"no PDF at all")
    with pytest.raises(ReadError, match="damaged"):
        sentence_boxes(path, 1, "She left.")


def test_pictures_of_pages(report: bytes) -> None:
    picture = Image.open(BytesIO(render_page(report, 2, 300)))
    assert (picture.format, picture.size) == ("PNG", (300, 400))
    with pytest.raises(NotFoundError, match="no page 0"):
        render_page(report, 0, 300)
    with pytest.raises(ValueError, match="width 0 is not between"):
        render_page(report, 1, 0)
