"""Read Word files: headings, paragraphs, lists, tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from index.metadata import describe
from index.readers.blocks import Blocks
from index.readers.native import DOCX, extract, newlines, properties
from index.types import RawDocument

_COVERAGE = 0.9
_LOWEST = 6


def read_docx(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a Word file: headings, paragraphs, lists, tables.

    Raises:
        ReadError: when it is protected or damaged.
    """
    result = extract(data, DOCX, name)
    nodes = [node["content"] for node in result.document["nodes"]] if result.document else []
    blocks = _structured(nodes)
    # The structure tears formulas out of their sentences and may leave out text boxes: the words go first.
    torn = any(content["node_type"] == "formula" for content in nodes)
    whole = "\n\n".join(str(page["content"]) for page in result.pages or []) or result.content
    if torn or _letters(blocks.text) < _COVERAGE * _letters(whole):
        levels = {blocks.text[heading.start : heading.end]: heading.level for heading in blocks.headings}
        blocks = _plain(newlines(whole), levels)
    return RawDocument(
        blocks.text,
        "docx",
        "blocks",
        metadata=describe(blocks.text, properties(result.metadata)),
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


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
