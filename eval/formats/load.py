"""Which format a set is in, by what the file is rather than by what it is called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.formats import tables
from eval.formats.beir import FILES, load_beir
from eval.formats.financebench import MARK, load_financebench
from eval.formats.lines import load_lines
from eval.formats.source import read_bytes, read_text
from eval.formats.squad import load_squad
from eval.formats.tables import load_table
from eval.formats.types import QuestionSet, SetError

KNOWN = (
    "a set is a .jsonl file (ours or FinanceBench), a table (.csv, .tsv, .xlsx), a SQuAD file (.json) or a BEIR folder"
)


def load_set(path: Path | str) -> QuestionSet:
    """Read a set of questions: our JSON Lines, a table, SQuAD, XQuAD, FinanceBench, or a BEIR folder.

    The set is named after the file, or after its folder where the file is called `questions`. A folder that holds
    a `questions` file is read as that file.

    Raises:
        SetError: when it is missing or holds anything but a set, with a line for each problem: file, line, field.
    """
    path = Path(path)
    if path.is_dir():
        return _folder(path)
    if path.name in FILES and all((path.parent / name).is_file() for name in FILES):
        return load_beir(path.parent)
    data = read_bytes(path)
    suffix = path.suffix.lower()
    if suffix in tables.SUFFIXES:
        return load_table(path, data)
    if suffix not in (".jsonl", ".ndjson", ".json"):
        raise SetError(f"{path}: cannot tell what it is by the suffix {suffix!r}; {KNOWN}")
    text = read_text(data, path)
    if not text.strip():
        raise SetError(f"{path}: the set is empty; expected at least one question")
    whole = _json(text)
    first = _json(next(line for line in text.split("\n") if line.strip()))
    for found in (whole, first):
        if isinstance(found, dict) and "format" in found and ("records" in found or "set" in found):
            raise SetError(_run(path, found))
    if suffix == ".json":
        return _json_file(path, data, whole)
    if isinstance(first, dict) and MARK in first:
        return load_financebench(path, data)
    return load_lines(path, data)


def _folder(path: Path) -> QuestionSet:
    if any((path / name).is_file() for name in FILES):
        for name in FILES:
            if not (path / name).is_file():
                raise SetError(f"{path}: has no {name}; a BEIR folder holds {' and '.join(FILES)} and qrels.tsv")
        return load_beir(path)
    for suffix in (".jsonl", *tables.SUFFIXES, ".json"):
        if (path / f"questions{suffix}").is_file():
            return load_set(path / f"questions{suffix}")
    raise SetError(f"{path}: the folder holds no set, expected a file questions.jsonl in it, or a BEIR folder; {KNOWN}")


def _json_file(path: Path, data: bytes, whole: object) -> QuestionSet:
    if whole is None:
        try:
            json.loads(read_text(data, path))
        except (json.JSONDecodeError, RecursionError) as error:
            raise SetError(f"{path}: not JSON ({error}); expected SQuAD, or JSON Lines in a .jsonl file") from error
    if isinstance(whole, dict) and isinstance(whole.get("data"), list):
        return load_squad(path, data, whole)
    raise SetError(f"{path}: is JSON, but has no 'data' as SQuAD has; {KNOWN}")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None


def _run(path: Path, run: Mapping[str, Any]) -> str:
    asked = run.get("set")
    name = asked.get("name") if isinstance(asked, dict) else asked
    return (
        f"{path}: is a saved run (format {run.get('format')!r}) of the set {name!r}, and no set of questions; "
        "give the set itself"
    )
