"""Does the page of a filing still hold its evidence after reading? Measured on questions with known pages.

A folder holds PDF filings and `questions.jsonl`; each question names its evidence, word for word, and the page, from
0, on which it stands. The page is taken from the clean text as the library takes it. Evidence often is the whole
page: its running head and foot, which the cleaner should take out, are given back to the page before the two are
compared. They are told by the raw text alone: lines among a page's first or last three that stand there on at least
three pages, digits aside. Nothing here asks a question.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from index.clean import clean
from index.read import read

FOUND = 0.95
"""Share of the evidence's words that a page must have."""

_EDGE = 3
_RUNNING = 3
_DIGITS = re.compile(r"\d+")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")


@dataclass(frozen=True)
class Evidence:
    """What of one evidence text its page has.

    `words` is the share of its words that stand on the page, each as often as it is there; `ordered` the share that
    stands there in the same order; `missing` its numbers that do not.
    """

    document: str
    page: int
    words: float
    ordered: float
    missing: tuple[str, ...]

    @property
    def held(self) -> bool:
        """Whether the page has the evidence: nearly all words, every number."""
        return self.words >= FOUND and not self.missing

    @property
    def held_in_order(self) -> bool:
        """Whether it also has it in the order in which it was written."""
        return self.held and self.ordered >= FOUND


@dataclass(frozen=True)
class Filings:
    """What was found of each question's evidence; a question is held when all of its evidence is."""

    questions: tuple[tuple[str, tuple[Evidence, ...]], ...]

    @property
    def held(self) -> int:
        """How many questions have all their evidence on its page."""
        return sum(all(item.held for item in found) for _, found in self.questions)

    @property
    def held_in_order(self) -> int:
        """How many have it in its order."""
        return sum(all(item.held_in_order for item in found) for _, found in self.questions)


def measure(folder: Path) -> Filings:
    """Read every filing that a question of the folder names and look for the question's evidence on its page."""
    pages = cache(lambda name: clean_pages(folder / f"{name}.pdf"))
    questions = []
    for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        found = tuple(
            compare(item["doc_name"], item["evidence_page_num"], item["evidence_text"], pages(item["doc_name"]))
            for item in question["evidence"]
        )
        questions.append((str(question["financebench_id"]), found))
    return Filings(tuple(questions))


def clean_pages(path: Path) -> list[str]:
    """Return the clean text of each page between its running head and foot, a note with the page of its mark."""
    raw = read(path)
    cleaned = clean(raw)
    notes = min((note.start for note in cleaned.notes), default=len(cleaned.text))
    starts = [min(cleaned.alignment.to_clean(offset), notes) for offset in raw.pages]
    ends = [*starts[1:], notes]
    pages = [cleaned.text[start:end] for start, end in zip(starts, ends, strict=True)]
    for note in cleaned.notes:
        page = next((i for i, end in enumerate(ends) if note.mark < end), len(pages) - 1)
        pages[page] += "\n\n" + cleaned.text[note.start : note.end]
    edges = running_lines([raw.text[a:b] for a, b in zip(raw.pages, [*raw.pages[1:], len(raw.text)], strict=True)])
    return ["\n".join((*head, page, *foot)) for page, (head, foot) in zip(pages, edges, strict=True)]


def running_lines(pages: Sequence[str]) -> list[tuple[list[str], list[str]]]:
    """Return the running head and foot of each raw page."""
    cut = []
    for page in pages:
        lines = [line.strip() for line in page.splitlines() if line.strip()]
        cut.append((lines[:_EDGE], lines[max(len(lines) - _EDGE, _EDGE) :]))
    count = Counter(text for head, foot in cut for text in {_DIGITS.sub("#", line) for line in head + foot})
    running = {text for text, pages_with in count.items() if pages_with >= _RUNNING}
    return [
        (
            [line for line in head if _DIGITS.sub("#", line) in running],
            [line for line in foot if _DIGITS.sub("#", line) in running],
        )
        for head, foot in cut
    ]


def compare(document: str, page: int, evidence: str, pages: Sequence[str]) -> Evidence:
    """Compare one evidence text with its page; a word and the same letters with a space in them are the same."""
    wanted, given = tokens(evidence), tokens(pages[page] if page < len(pages) else "")
    wanted, given = respelled(wanted, given), respelled(given, wanted)
    lost = Counter(wanted) - Counter(given)
    size = len(wanted) or 1
    return Evidence(
        document,
        page,
        1 - lost.total() / size,
        common(wanted, given) / size,
        tuple(sorted(word for word in lost.elements() if word[0].isdigit())),
    )


def respelled(words: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return the words, each that the others have not in its parts when these stand there one after the other."""
    known = set(others)
    starts: dict[str, list[int]] = {}
    for i, other in enumerate(others):
        starts.setdefault(other[0], []).append(i)
    result = []
    for word in words:
        parts = [word]
        for i in starts.get(word[0], []) if word not in known else []:
            end, length = i, 0
            while end < len(others) and word.startswith(others[end], length):
                length += len(others[end])
                end += 1
            if length == len(word):
                parts = list(others[i:end])
                break
        result += parts
    return result


def tokens(text: str) -> list[str]:
    """Return the words and numbers of a text, compatibility forms and case folded."""
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())


def common(a: Sequence[str], b: Sequence[str]) -> int:
    """Return the length of the longest common subsequence.

    Bit-parallel: Hyyrö, "Bit-parallel LCS-length computation revisited" (2004).
    """
    places: dict[str, int] = {}
    for i, item in enumerate(a):
        places[item] = places.get(item, 0) | 1 << i
    full = (1 << len(a)) - 1
    row = full
    for item in b:
        match = row & places.get(item, 0)
        row = (row + match | row - match) & full
    return len(a) - row.bit_count()


def main() -> None:
    """Print what was found, a line for each evidence text that is not held, and the two figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of the filings and questions.jsonl")
    result = measure(parser.parse_args().folder)
    out = sys.stdout.write
    for name, found in result.questions:
        for item in found:
            if not item.held_in_order:
                out(f"{name} {item.document} page {item.page}: words {item.words:.3f}, in order {item.ordered:.3f}")
                out(f", numbers missing: {' '.join(item.missing) or 'none'}\n")
    count = len(result.questions)
    out(f"held {result.held} of {count}, in order {result.held_in_order} of {count}\n")


if __name__ == "__main__":
    main()
