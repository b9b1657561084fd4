"""Read Jupyter notebooks: Markdown cells as text, code cells and their short outputs as code. Nothing is run."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from index.errors import ReadError
from index.readers.encoding import decode
from index.readers.markdown import read_markdown
from index.types import RawDocument

_LONGEST_OUTPUT = 2_000
_TICKS = re.compile(r"`{3,}")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def read_notebook(data: bytes, name: str) -> RawDocument:
    """Read the bytes of a notebook.

    Raises:
        ReadError: when it is no notebook.
    """
    try:
        notebook = json.loads(decode(data, name))
    except (ValueError, RecursionError) as error:
        raise ReadError(f"{name}: is not a notebook, or is damaged ({error}). Save it again and retry.") from error
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if cells is None and isinstance(notebook, dict):  # version 3 has sheets of cells
        sheets = notebook.get("worksheets")
        parts = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)] if isinstance(sheets, list) else []
        cells = [cell for part in parts if isinstance(part, list) for cell in part] or None
    if not isinstance(cells, list):
        raise ReadError(f"{name}: is not a notebook (it has no cells). If it is another kind of data, rename it.")
    shown = [part for cell in cells if isinstance(cell, dict) for part in _cell(cell)]
    text = "\n\n".join(part for part in shown if part.strip())
    return replace(read_markdown(text.encode("utf-8", "replace"), name), kind="ipynb")


def _cell(cell: dict[str, Any]) -> list[str]:
    source = _joined(cell.get("source", cell.get("input")))
    kind = cell.get("cell_type")
    if kind == "heading":
        return [f"{'#' * int(cell.get('level') or 1)} {source}"]
    if kind != "code":
        return [source]
    outputs = cell.get("outputs")
    texts = [_output(output) for output in outputs if isinstance(output, dict)] if isinstance(outputs, list) else []
    return [_fenced(source), *(_fenced(text) for text in texts if 0 < len(text) <= _LONGEST_OUTPUT)]


def _output(output: dict[str, Any]) -> str:
    data = output.get("data")
    plain = data.get("text/plain") if isinstance(data, dict) else None
    return _COLOUR.sub("", _joined(output.get("text") or plain)).strip()


def _joined(source: object) -> str:
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _fenced(text: str) -> str:
    if not text.strip():
        return ""
    ticks = "`" * max(3, *(len(found) + 1 for found in _TICKS.findall(text)), 3)
    return f"{ticks}\n{text.strip(chr(10))}\n{ticks}"


def _first(found: dict[str, list[str]], name: str) -> str | None:
    return next(iter(found.get(name, ())), None)
