"""Read PDF and Word files through kreuzberg.

Owns: mapping kreuzberg's results and errors to ours. Text recognition is off: a scan is refused with a
remedy, not read badly. Headers, footers and notes stay in the raw text; the cleaner removes and records them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from index.errors import ReadError
from index.metadata import Properties, describe
from index.readers.blocks import Blocks
from index.types import RawDocument

if TYPE_CHECKING:
    from kreuzberg import ExtractionResult

_PDF = "application/pdf"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_HARD_SPACE = re.compile("[ \xa0]*\xa0[ \xa0]*")
# pdfium gives a hyphen at a line's end as U+0002 or U+FFFE and drops the line end: we put both back.
_LINE_END_HYPHEN = re.compile("[\x02\ufffe]\n?")
_PAGE_BREAK = "\n\f\n"
_COVERAGE = 0.9
_LOWEST = 6


def read_pdf(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a PDF, page by page.

    Raises:
        ReadError: when it is protected, damaged, or has no text layer.
    """
    result = _extract(data, _PDF, name)
    pages = [_page(str(page["content"])) for page in result.pages or []]
    if not any(page.strip() for page in pages):
        raise ReadError(f"{name}: no text layer (a scan?). Run OCR (for instance ocrmypdf) and add the result.")
    text = _PAGE_BREAK.join(pages)
    starts = tuple(accumulate((len(page) + len(_PAGE_BREAK) for page in pages[:-1]), initial=0))
    return RawDocument(text, "pdf", "lines", starts, describe(text, _properties(result.metadata)))


def read_docx(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a Word file: headings, paragraphs, lists, tables.

    Raises:
        ReadError: when it is protected or damaged.
    """
    result = _extract(data, _DOCX, name)
    nodes = [node["content"] for node in result.document["nodes"]] if result.document else []
    blocks = _structured(nodes)
    # The structure tears formulas out of their sentences and may leave out text boxes: the words go first.
    torn = any(content["node_type"] == "formula" for content in nodes)
    whole = "\n\n".join(str(page["content"]) for page in result.pages or []) or result.content
    if torn or _letters(blocks.text) < _COVERAGE * _letters(whole):
        levels = {blocks.text[heading.start : heading.end]: heading.level for heading in blocks.headings}
        blocks = _plain(_newlines(whole), levels)
    return RawDocument(
        blocks.text,
        "docx",
        "blocks",
        metadata=describe(blocks.text, _properties(result.metadata)),
        headings=tuple(blocks.headings),
    )


def _structured(nodes: Sequence[Mapping[str, Any]]) -> Blocks:
    blocks = Blocks()
    # Word's outline level 9 is body text; kreuzberg gives it as a heading of level 6.
    lowest = sum(content["node_type"] == "heading" and content["level"] == _LOWEST for content in nodes)
    blocks_in_all = sum(content["node_type"] != "group" for content in nodes)
    body_level = _LOWEST if 2 * lowest > blocks_in_all else None
    for content in nodes:
        _add_node(blocks, content, body_level)
    return blocks


def _plain(text: str, levels: Mapping[str, int]) -> Blocks:
    """Return the blocks of kreuzberg's plain text, in which the cells of a table are parted by tabs."""
    blocks = Blocks()
    for paragraph in re.split(r"\n\s*\n", text):
        rows = [line.split("\t") for line in paragraph.split("\n")]
        if len(rows) > 1 and all(len(row) > 1 for row in rows):
            blocks.add_table(rows)
        else:
            blocks.add(paragraph, level=levels.get(" ".join(paragraph.split()), 0))
    return blocks


def _add_node(blocks: Blocks, content: Mapping[str, Any], body_level: int | None) -> None:
    kind, text = content["node_type"], str(content.get("text") or "")
    if kind == "table":
        blocks.add_table(_rows(content["grid"]))
    elif kind in ("heading", "title"):
        level = int(content.get("level") or 1)
        blocks.add(text, level=0 if level == body_level else level)
    elif kind == "list_item":
        blocks.add(f"- {text}", row=True)
    elif kind != "group":  # a group repeats the heading that it holds
        blocks.add(text)


def _rows(grid: Mapping[str, Any]) -> list[list[str]]:
    rows = [[""] * grid["cols"] for _ in range(grid["rows"])]
    for cell in grid["cells"]:
        rows[cell["row"]][cell["col"]] = str(cell["content"])
    return rows


def _extract(data: bytes, mime_type: str, name: str) -> ExtractionResult:
    from kreuzberg import (
        ContentFilterConfig,
        ExtractionConfig,
        KreuzbergError,
        PageConfig,
        extract_bytes_sync,
    )

    config = ExtractionConfig(
        use_cache=False,
        disable_ocr=True,  # type: ignore[call-arg] # its stubs lack it
        enable_quality_processing=False,
        include_document_structure=mime_type == _DOCX,
        pages=PageConfig(extract_pages=True),
        content_filter=ContentFilterConfig(
            include_headers=True, include_footers=True, strip_repeating_text=False, include_watermarks=False
        ),
    )
    try:
        return extract_bytes_sync(data, mime_type, config)
    except KreuzbergError as error:
        raise ReadError(_reason(name, str(error))) from error
    except Exception as error:  # the one seam to a native parser, which on junk may fail in any way
        raise ReadError(_reason(name, str(error))) from error


def _reason(name: str, message: str) -> str:
    if re.search(r"password|encrypt", message, re.IGNORECASE):
        return f"{name}: is protected with a password. Save a copy without it and add that."
    first = message.splitlines()[0][:200] if message else "no reason given"
    return f"{name}: is damaged or no such file inside ({first}). Open it, save it again and retry."


def _properties(metadata: Mapping[str, Any]) -> Properties:
    authors = metadata.get("authors") or ()
    return Properties(metadata.get("title"), ", ".join(authors), metadata.get("created_at"))


def _page(content: str) -> str:
    # Justified lines come with a hard space, or several, between every two words.
    return _HARD_SPACE.sub(" ", _LINE_END_HYPHEN.sub("-\n", _newlines(content)))


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
