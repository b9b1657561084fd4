"""Pairs of a claim and the text it is said to rest on, from the public sets that ask whether it does.

AttributionBench and WiCE are what our verdict is measured on; CovidFact, SICK and ClimateFEVER are what it may learn
from. A claim that its text supports in part only counts as not supported, in all of them.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.sentences import sentences


@dataclass(frozen=True)
class Text:
    """The sentences of a text, and what is known of it: title, author, publisher, date."""

    sentences: tuple[str, ...]
    title: str = ""
    about: str = ""


@dataclass(frozen=True)
class Pair:
    """A claim, the texts given for it, and whether they support it."""

    claim: str
    texts: tuple[Text, ...]
    supported: bool


_MARKERS = re.compile(r"\s*\[\d+\]")
_LABELS = re.compile(r"^(?:Text:|Section:|\[\d+\])\s*", re.MULTILINE)
_TITLE = re.compile(r"^Title:\s*(.+)$", re.MULTILINE)
_KNOWN = re.compile(r"\(meta data\) (?P<what>[A-Z ]+):\s*(?P<value>.*)")
_ADDRESS = re.compile(r"https?://\S+")


def attribution_bench(path: Path) -> Iterator[Pair]:
    """Read AttributionBench: claims of generated answers, each with the references it cites."""
    for row in _rows(path):
        texts = tuple(map(_reference, row["references"]))
        yield Pair(_bare(row["claim"]), texts, row["attribution_label"] == "attributable")


def _reference(text: str) -> Text:
    found = _TITLE.search(text)
    title = found[1].strip() if found else ""
    return Text(tuple(_sentences(_TITLE.sub("", text, count=1))), title, title)


def wice(path: Path) -> Iterator[Pair]:
    """Read WiCE: sentences of Wikipedia, each with the sentences of the pages it cites, below what is known of each."""
    for row in _rows(path):
        yield Pair(_bare(row["claim"]), tuple(_pages(row["evidence"])), row["label"] == "supported")


def _pages(lines: Sequence[str]) -> Iterator[Text]:
    known: dict[str, str] = {}
    told: list[str] = []
    for line in lines:
        match = _KNOWN.fullmatch(line)
        if match is None:
            told += _sentences(line)
            continue
        if match["what"] in known or told:  # another page begins
            yield _page(known, told)
            known, told = {}, []
        known[match["what"]] = _ADDRESS.sub("", match["value"])
    yield _page(known, told)


def _page(known: Mapping[str, str], told: Sequence[str]) -> Text:
    return Text(tuple(told), known.get("TITLE", ""), " ".join(known.values()))


def climate_fever(path: Path) -> Iterator[Pair]:
    """Read ClimateFEVER: claims, each with five sentences of Wikipedia, judged one by one."""
    for row in _rows(path):
        for evidence in row["evidences"]:
            text = Text((evidence["evidence"].strip('"'),))
            yield Pair(row["claim"], (text,), evidence["evidence_label"] == "SUPPORTS")


def covid_fact(path: Path) -> Iterator[Pair]:
    """Read CovidFact: claims as they were made and with one word changed, each with its evidence."""
    for row in _table(path):
        yield Pair(row[2], (Text(tuple(_sentences(row[1]))),), row[3] == "entailment")


def sick(path: Path) -> Iterator[Pair]:
    """Read SICK: pairs of short descriptions, of which the first may entail the second."""
    for row in _table(path):
        yield Pair(row[2], (Text((row[1],)),), row[4] == "ENTAILMENT")


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
    return [pair for pair in read(data / file) if pair.claim and any(text.sentences for text in pair.texts)]


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
