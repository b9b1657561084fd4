"""Measure how well the article of a web page is told from its furniture.

The score is that of the article extraction benchmark (`evaluate.py` in github.com/scrapinghub/
article-extraction-benchmark), so that our figures stand beside its own: four words in a row are a shingle, a
page's shingles are compared with those of its gold text as multisets, precision and recall are means over pages,
and F1 comes from these two means. Case counts, punctuation does not.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from rich.console import Console

from index.clean import clean
from index.errors import ReadError
from index.readers.html import read_html

WORDS = 4
_WORD = re.compile(r"\w+")
console = Console(highlight=False)


class Overlap(NamedTuple):
    """How many shingles a text shares with its gold text, has beyond it, and lacks."""

    shared: int
    extra: int
    missing: int

    @property
    def precision(self) -> float | None:
        """The share of the text that is gold, None where there is no text; 1 where text and gold are the same."""
        return self.shared / (self.shared + self.extra) if self.shared + self.extra else None

    @property
    def recall(self) -> float | None:
        """The share of the gold that is in the text, None where there is no gold."""
        return self.shared / (self.shared + self.missing) if self.shared + self.missing else None


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Return every run of four words of a text with its count; a text of fewer words is one run."""
    words = _WORD.findall(text)
    runs = (tuple(words[i : i + WORDS]) for i in range(max(len(words) - WORDS + 1, 1)))
    return Counter(run for run in runs if run)


def overlap(text: str, gold: str) -> Overlap:
    """Compare a text with its gold text by their shingles."""
    ours, theirs = shingles(text), shingles(gold)
    shared = (ours & theirs).total()
    return Overlap(shared, ours.total() - shared, theirs.total() - shared)


def scores(pages: Sequence[Overlap]) -> dict[str, float]:
    """Return mean precision, mean recall, the F1 of the two means, and the number of pages.

    A page without text counts for recall only, a page without gold for precision only.
    """
    precision = fmean([page.precision for page in pages if page.precision is not None] or [0.0])
    recall = fmean([page.recall for page in pages if page.recall is not None] or [0.0])
    both = precision + recall
    f1 = 2 * precision * recall / both if both else 0.0
    return {"precision": precision, "recall": recall, "f1": f1, "pages": float(len(pages))}


def compare(folder: Path) -> Iterator[tuple[str, Overlap]]:
    """Yield for each page of the gold file its name and how our clean text compares with the gold.

    `folder` holds `ground-truth.json` (name of a page to its `articleBody`) and the pages as `<name>.html.gz`. A
    page that cannot be read counts as an empty text.

    Raises:
        FileNotFoundError: when the gold file or a page of it is missing.
    """
    gold = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    for name, page in sorted(gold.items()):
        data = gzip.decompress((folder / f"{name}.html.gz").read_bytes())
        try:
            text = clean(read_html(data, name)).text
        except ReadError:
            text = ""
        yield name, overlap(text, page.get("articleBody") or "")


def measure(folder: Path) -> dict[str, float]:
    """Return precision, recall and F1 over the pages in a folder, and their number."""
    return scores([page for _, page in compare(folder)])


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the scores over a folder and, if asked to, the pages that score worst."""
    parser = argparse.ArgumentParser(description="Measure the text of web pages against gold texts.")
    parser.add_argument("folder", type=Path, help="pages as <name>.html.gz, and ground-truth.json")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="also list the N pages that score worst")
    chosen = parser.parse_args(arguments)
    pages = dict(compare(chosen.folder))
    found = scores(list(pages.values()))
    console.print(
        f"{found['pages']:.0f} pages: F1 {found['f1']:.3f}, precision {found['precision']:.3f}, "
        f"recall {found['recall']:.3f}"
    )
    worst = sorted(pages, key=lambda name: min(pages[name].precision or 0, pages[name].recall or 0))
    for name in worst[: chosen.worst]:
        page = pages[name]
        console.print(f"  {name}  {page.shared} shared, {page.extra} extra, {page.missing} missing")


if __name__ == "__main__":
    main()
