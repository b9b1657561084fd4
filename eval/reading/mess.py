"""Make a mess of clean text as real documents do, clean it, and count what comes back.

    python -m eval.reading.mess [FOLDER] [--documents N] [--show N]

FOLDER holds Markdown texts with front matter; without one, our own in `eval/reading/texts` and the sources of
`eval/sets/eurasia` are used. The figure is the share of sentences that come back identical, in their order.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from pathlib import Path

from eval.reading.alignment import faults
from eval.reading.layouts import Block, Layout, Source, Typesetter, draw_layout, parse
from index.clean import clean
from index.languages import language_of
from index.sentences import sentences
from index.types import CleanText, Heading, Metadata, RawDocument

HERE = Path(__file__).parent
TEXTS = (HERE / "texts", HERE.parent / "sets" / "eurasia" / "sources")


@dataclass(frozen=True)
class Sample:
    """A messy document and what it was made of."""

    seed: int
    source: Source
    layout: Layout
    raw: RawDocument
    lost: int = 0
    """The number of the note that has lost it."""

    @property
    def clean_text(self) -> str:
        """The text as it should come back, without its notes."""
        return "\n\n".join(block.text for block in self.source.blocks)


@dataclass
class Figures:
    """What came back of the documents, and what happened to the sentences that did not."""

    documents: int = 0
    sentences: int = 0
    identical: int = 0
    notes: int = 0
    notes_found: int = 0
    headings: int = 0
    headings_found: int = 0
    headings_wrong: int = 0
    faults: int = 0
    effects: Counter[str] = field(default_factory=Counter)
    layouts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The share of sentences that came back identical."""
        return self.identical / max(self.sentences, 1)


def read_sources(folders: Iterable[Path] = TEXTS) -> list[Source]:
    """Return the clean texts of the folders."""
    texts = [path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.glob("*.md"))]
    return [parse(text, language_of(text) or "en") for text in texts]


def make(sources: Sequence[Source], seed: int) -> Sample:
    """Return a messy document: parts of one of the sources, in their order, in a layout, both drawn by the seed."""
    rng = random.Random(seed)
    source = _shuffled(sources[rng.randrange(len(sources))], rng)
    layout = draw_layout(rng, source.language)
    return set_in(source, layout, seed)


def set_in(source: Source, layout: Layout, seed: int) -> Sample:
    """Return a source set in a layout."""
    setter = Typesetter(source, layout, random.Random(seed))
    metadata = Metadata(title=source.title, author=source.author)
    headings = _headings(source, setter.text) if layout.given else ()
    raw = RawDocument(setter.text, layout.kind, "lines", setter.pages, metadata, headings)
    return Sample(seed, source, layout, raw, setter.lost)


def _headings(source: Source, text: str) -> tuple[Heading, ...]:
    """Return the headings as a reader gives them that knows the size of the letters."""
    found, at = [], 0
    for block in source.blocks:
        if block.heading:
            words = re.compile(r"^" + r"\s+".join(map(re.escape, block.text.split())) + "$", re.MULTILINE)
            if match := words.search(text, at):
                at = match.end()
                found.append(Heading(match.start(), match.end(), 1))
    return tuple(found)


def _shuffled(source: Source, rng: random.Random) -> Source:
    """Return some of the paragraphs of a source, each chapter under its heading, with their notes counted anew."""
    chapters: list[list[Block]] = []
    for block in source.blocks:
        if block.heading or not chapters:
            chapters.append([])
        chapters[-1].append(block)
    kept: list[Block] = []
    for chapter in chapters:
        body = [block for block in chapter if not block.heading and rng.random() < 0.85]
        if body:
            rng.shuffle(body)
            kept += [block for block in chapter if block.heading] + body
    numbers: dict[int, int] = {}
    blocks = []
    for block in kept or source.blocks:
        marks = [(at, numbers.setdefault(n, len(numbers) + 1)) for at, n in block.marks if n in source.notes]
        blocks.append(replace(block, marks=tuple(marks)))
    return replace(source, blocks=tuple(blocks), notes={new: source.notes[old] for old, new in numbers.items()})


def measure(samples: Iterable[Sample]) -> Figures:
    """Clean every sample and count what came back."""
    figures = Figures()
    for sample in samples:
        cleaned = clean(sample.raw)
        figures.documents += 1
        figures.faults += bool(faults(sample.raw, cleaned))
        _measure_sentences(sample, cleaned, figures)
        _measure_notes(sample, cleaned, figures)
        wanted = Counter(block.text for block in sample.source.blocks if block.heading)
        found = Counter(cleaned.text[h.start : h.end] for h in cleaned.headings)
        figures.headings += wanted.total()
        figures.headings_found += (wanted & found).total()
        figures.headings_wrong += (found - wanted).total()
    return figures


def _measure_sentences(sample: Sample, cleaned: CleanText, figures: Figures) -> None:
    language = sample.source.language
    end = max(cleaned.notes[0].start - 2, 0) if cleaned.notes else len(cleaned.text)
    wanted = _sentences(sample.clean_text, language)
    found = _sentences(cleaned.text[:end], language)
    figures.sentences += len(wanted)
    for tag, a, b, c, d in SequenceMatcher(None, wanted, found, autojunk=False).get_opcodes():
        if tag == "equal":
            figures.identical += b - a
            continue
        effect = _effect(wanted[a:b], found[c:d])
        figures.effects[effect] += max(b - a, 1)
        if b > a:
            for name in ("kind", "paragraphs", "gap", "head", "notes", "mark", "spaced", "soft", "stray", "lost"):
                figures.layouts[f"{name}={getattr(sample.layout, name)!r}"] += b - a
            figures.layouts[f"language={language}"] += b - a
        figures.examples.append(
            f"seed {sample.seed} [{effect}]\n  - " + "\n  - ".join(wanted[a:b]) + "\n  + " + "\n  + ".join(found[c:d])
        )


def _sentences(text: str, language: str) -> list[str]:
    return [text[sentence.start : sentence.end] for sentence in sentences(text, language)]


def _effect(wanted: Sequence[str], found: Sequence[str]) -> str:
    """Name what happened to the sentences that did not come back."""
    a, b = " ".join(wanted), " ".join(found)
    letters = ["".join(c for c in text if c.isalpha()) for text in (a, b)]
    if not found:
        return "lost"
    if not wanted:
        return "left over"
    if "".join(a.split()) == "".join(b.split()):
        return "cut or joined"
    if "".join(a.split()).replace("-", "") == "".join(b.split()).replace("-", ""):
        return "hyphen"
    if letters[0] == letters[1]:
        return "mark or number"
    return "something inside" if len(letters[1]) > len(letters[0]) else "something lost"


def _measure_notes(sample: Sample, cleaned: CleanText, figures: Figures) -> None:
    wanted: Counter[tuple[str, str]] = Counter()
    for block in sample.source.blocks:
        for at, number in block.marks:
            wanted[sample.source.notes[number], _tail(block.text[:at])] += 1
    found = Counter((cleaned.text[n.start : n.end], _tail(cleaned.text[: n.mark])) for n in cleaned.notes)
    figures.notes += wanted.total()
    figures.notes_found += (wanted & found).total()
    for note, place in (wanted - found).keys():
        figures.examples.append(f"seed {sample.seed} [note] after {place!r}: {note}")


def _tail(text: str) -> str:
    return text.strip()[-12:].split()[-1]


def report(figures: Figures) -> str:
    """Return the figures as lines to read."""
    lost = figures.effects.total()
    notes = figures.notes_found / max(figures.notes, 1)
    effects = ", ".join(f"{name} {count}" for name, count in figures.effects.most_common())
    return "\n".join(
        (
            f"documents           {figures.documents}",
            f"sentences identical {figures.share:.2%} ({figures.identical} of {figures.sentences})",
            f"notes recovered     {notes:.2%} ({figures.notes_found} of {figures.notes})",
            f"headings recovered  {figures.headings_found / max(figures.headings, 1):.2%} "
            f"({figures.headings_found} of {figures.headings}; {figures.headings_wrong} more are none)",
            f"broken alignments   {figures.faults}",
            f"lost by effect      {effects}" if lost else "lost by effect      none",
        )
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures of generated documents."""
    parser = argparse.ArgumentParser(description="Measure cleaning on generated mess.")
    parser.add_argument("folder", nargs="?", type=Path, help="Markdown texts to make documents of")
    parser.add_argument("--documents", type=int, default=300, help="how many documents to make (300)")
    parser.add_argument("--show", type=int, default=0, help="show that many of the failures")
    options = parser.parse_args(arguments)
    sources = read_sources([options.folder] if options.folder else TEXTS)
    if not sources:
        parser.error(f"{options.folder}: holds no .md files")
    figures = measure(make(sources, seed) for seed in range(options.documents))
    lines = [report(figures), *figures.examples[: options.show]]
    if options.show:
        lines.append(", ".join(f"{name} {count}" for name, count in figures.layouts.most_common()))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
