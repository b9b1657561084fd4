"""Read the Office files of before 2007, as far as kreuzberg reads them."""

from __future__ import annotations

import re

from index.readers.blocks import Blocks
from index.readers.native import DOC, PPT, XLS, extract, newlines, properties
from index.readers.sheets import native_sheets
from index.types import RawDocument

_PARAGRAPH = re.compile(r"\n\s*\n")
# What a slide master holds in the places of text.
_MASTER = re.compile(
    r"Click to edit (?:the )?Master .*|Click to edit .* style|(?:Second|Third|Fourth|Fifth) level|\*|[‹<]#[›>]"
)


def read_doc(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a Word 97 file.

    Raises:
        ReadError: when it is protected or damaged.
    """
    result = extract(data, DOC, name)
    blocks = Blocks()
    for paragraph in _PARAGRAPH.split(newlines(result.content)):
        rows = [line.split("\t") for line in paragraph.split("\n")]
        if len(rows) > 1 and all(len(row) == len(rows[0]) > 1 for row in rows):
            blocks.add_table(rows)
        else:
            blocks.add(paragraph)
    return blocks.document("doc", properties(result.metadata))


def read_xls(data: bytes, name: str) -> RawDocument:
    """Read the bytes of an Excel 97 workbook.

    Raises:
        ReadError: when it is protected, damaged, or has more cells than can be searched.
    """
    return native_sheets(data, XLS, name, "xls")


def read_ppt(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a PowerPoint 97 file.

    Raises:
        ReadError: when it is protected or damaged.
    """
    result = extract(data, PPT, name)
    blocks = Blocks()
    for paragraph in _PARAGRAPH.split(newlines(result.content)):
        blocks.add(paragraph, furniture="slide master" if _MASTER.fullmatch(paragraph.strip()) else "")
    return blocks.document("ppt", properties(result.metadata))
