"""Pairs of a claim and the text it is said to rest on, from the public sets that ask whether it does.

AttributionBench and WiCE are what our verdict is measured on; CovidFact, SICK and ClimateFEVER are what it may learn
from. A claim that its text supports in part only counts as not supported, in all of them.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.sentences import sentences


@dataclass(frozen=True)
class Pair:
    """A claim, the sentences of the text given for it, and whether they support it."""

    claim: str
    text: tuple[str, ...]
    supported: bool


_MARKERS = re.compile(r"\s*\[\d+\]")
_LABELS = re.compile(r"^(?:\(meta data\) [A-Z ]+:|Title:|Text:|Section:|\[\d+\])\s*", re.MULTILINE)
_ADDRESS = re.compile(r"https?://\S+")


def attribution_bench(path: Path) -> Iterator[Pair]:
    """Read AttributionBench: claims of generated answers, each with the references it cites."""
    for row in _rows(path):
        text = tuple(s for reference in row["references"] for s in _sentences(reference))
        yield Pair(_bare(row["claim"]), text, row["attribution_label"] == "attributable")


def wice(path: Path) -> Iterator[Pair]:
    """Read WiCE: sentences of Wikipedia, each with the sentences of the page it cites."""
    for row in _rows(path):
        text = tuple(s for line in row["evidence"] for s in _sentences(line))
        yield Pair(_bare(row["claim"]), text, row["label"] == "supported")


def climate_fever(path: Path) -> Iterator[Pair]:
    """Read ClimateFEVER: claims, each with five sentences of Wikipedia, judged one by one."""
    for row in _rows(path):
        for evidence in row["evidences"]:
            yield Pair(row["claim"], (evidence["evidence"].strip('"'),), evidence["evidence_label"] == "SUPPORTS")


def covid_fact(path: Path) -> Iterator[Pair]:
    """Read CovidFact: claims as they were made and with one word changed, each with its evidence."""
    for row in _table(path):
        yield Pair(row[2], tuple(_sentences(row[1])), row[3] == "entailment")


def sick(path: Path) -> Iterator[Pair]:
    """Read SICK: pairs of short descriptions, of which the first may entail the second."""
    for row in _table(path):
        yield Pair(row[2], (row[1],), row[4] == "ENTAILMENT")


MEASURED: dict[str, tuple[str, Callable[[Path], Iterator[Pair]]]] = {
    "AttributionBench": ("support/attributionbench-dev.jsonl", attribution_bench),
    "WiCE": ("support/wice-claim-dev.jsonl", wice),
}
LEARNED: dict[str, tuple[str, Callable[[Path], Iterator[Pair]]]] = {
    "CovidFact": ("training/covidfact-rte-train.tsv", covid_fact),
    "SICK": ("training/SICK_train.txt", sick),
    "ClimateFEVER": ("training/climate-fever.jsonl", climate_fever),
}


def read_pairs(data: Path, name: str) -> list[Pair]:
    """Return the pairs of a set that have a claim and a text.

    Raises:
        FileNotFoundError: when the set is not in the folder.
    """
    file, read = (MEASURED | LEARNED)[name]
    return [pair for pair in read(data / file) if pair.claim and pair.text]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _table(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        yield from rows


def _bare(claim: str) -> str:
    """Return a claim without the citation markers it was written with."""
    return _MARKERS.sub("", claim).strip()


def _sentences(text: str) -> Iterator[str]:
    text = _ADDRESS.sub("", _LABELS.sub("", text))
    return (text[s.start : s.end] for s in sentences(text))
