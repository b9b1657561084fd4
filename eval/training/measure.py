"""Measure exported weights on what was not trained on: `python -m eval.training.measure DATA_DIR WEIGHTS`.

Three figures: with the paragraph given; open, over a library of all paragraphs of the development articles; and open
on a set of questions of its own with its library. Each with the first look's ranking and with the reader's.
"""

from __future__ import annotations

import json
import math
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich import print as show

from eval.formats import load_set
from eval.metrics import Span as Located
from eval.metrics import all_at, evidence_rank, locate
from eval.train_evidence import auroc
from eval.training.data import Example, read_development
from index.embed import DEFAULT, open_embedder
from index.library import Library
from index.types import Metadata
from rag.evidence import find_evidence
from rag.facts import names, numbers, terms
from rag.reader import PassageToRead, Reader, Reading
from rag.retrieve import retrieve
from rag.types import Query

CANDIDATES = 60
OFF = 80
"""Questions asked of a library that has nothing on them."""
WEIGHTS = (0.0, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.5, 1e3)
"""Of the reader's logit, added to the score of the first look."""
Rank = Callable[[Sequence[Located]], int | None]


@dataclass(frozen=True)
class Sentence:
    """A sentence that was read: its score by the first look, the reader's logit, and whether it holds the answer."""

    before: float
    logit: float
    holds: bool


@dataclass(frozen=True)
class Read:
    """A passage that was read: its score by the first look, the reader's logit, and whether it holds the answer."""

    before: float
    passage: float
    holds: bool
    document: str
    start: int
    end: int
    sentences: tuple[Sentence, ...]

    @property
    def logit(self) -> float:
        """The mean of the best sentence's logit and the passage's."""
        return (max(s.logit for s in self.sentences) + self.passage) / 2


@dataclass(frozen=True)
class Record:
    """A question asked of a library."""

    question: str
    kind: str
    answered: bool
    before: float
    """Logit of the chance by the first look alone."""
    lost: float
    """Share of the question's names and numbers that the best passages lack."""
    covered: float
    """Share of the question's words in the passage that the reader finds best."""
    reads: tuple[Read, ...]


def main(
    data: Annotated[Path, typer.Argument(help="Folder with squad2/ and the set of questions.")],
    weights: Annotated[Path, typer.Argument(help="Folder of exported weights.")],
    cache: Annotated[Path, typer.Option(help="Folder of the traced embedder.")] = Path("models"),
    questions: Annotated[int, typer.Option(help="Development questions to ask of the library.")] = 500,
    read: Annotated[
        int, typer.Option(help="Passages that are read for a question; of the own set, twice as many.")
    ] = 10,
    asked: Annotated[Path | None, typer.Option(help="A set of questions of its own.")] = None,
    library: Annotated[Path | None, typer.Option(help="The library of that set.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to keep the records, to calibrate with.")] = None,
) -> None:
    """Measure the evidence model."""
    reader = Reader(weights)
    development = read_development(data)
    show("paragraph given:", given(reader, development))
    embedder = open_embedder(DEFAULT, cache)
    records: list[Record] = []
    with tempfile.TemporaryDirectory() as folder:
        built, homes = _build(development, Path(folder), Library(Path(folder) / "library", embedder))
        drawn = random.Random(5).sample(development, min(questions, len(development)))
        records += [_open_squad(built, reader, e, homes[" ".join(e.sentences)], read) for e in drawn]
        show("open:", report(records))
        built.close()
    if asked and library:
        own = Library(library, embedder)
        theirs, ranks = _open_set(own, reader, asked, read)
        show("own set:", report(theirs))
        for weight in WEIGHTS:
            show(
                f"all evidence in 5 and 10 passages, reader's weight {weight}:",
                _all_at(theirs, ranks, weight),
            )
        records += theirs
        off = [e.question for e in drawn if e.answered][:OFF]
        records += [_ask(own, reader, (q, "off", False), lambda *_: False, read) for q in off]
    if out:
        out.write_text(json.dumps([asdict(r) for r in records]), encoding="utf-8")


def given(reader: Reader, examples: Sequence[Example]) -> dict[str, float]:
    """Return the figures for the paragraph given, and how many passages were read in a second."""
    began = time.perf_counter()
    readings = [reader.read(e.question, [_passage(e)])[0] for e in examples]
    speed = len(examples) / (time.perf_counter() - began)
    answered = np.array([e.answered for e in examples])
    tops = [int(r.sentences.argmax()) in e.holds for e, r in zip(examples, readings, strict=True) if e.answered]
    best, whole = np.array([r.best for r in readings]), np.array([r.passage for r in readings])
    return {
        "top sentence": round(float(np.mean(tops)), 4),
        "auroc sentence": round(auroc(best, answered), 4),
        "auroc passage": round(auroc(whole, answered), 4),
        "auroc both": round(auroc(best + whole, answered), 4),
        "passages/s, one by one": round(speed, 1),
    }


def report(records: Sequence[Record]) -> dict[str, float]:
    """Return how well each score tells answered questions from others, and how well the reader ranks."""
    answered = np.array([r.answered for r in records])
    scores: dict[str, Iterable[float]] = {
        "before": (r.before for r in records),
        "best sentence": (max(s.logit for p in r.reads for s in p.sentences) for r in records),
        "best passage": (max(p.passage for p in r.reads) for r in records),
        "best mean": (max(p.logit for p in r.reads) for r in records),
        "mean of the first": (r.reads[0].logit for r in records),
    }
    found = {f"auroc {k}": round(auroc(np.array(list(v)), answered), 4) for k, v in scores.items()}
    positive = [r for r in records if r.answered and r.kind == "open"]
    for weight in WEIGHTS if positive else ():
        best = [max(r.reads, key=lambda p, w=weight: p.before + w * p.logit) for r in positive]  # type: ignore[misc]
        tops = [max((s.before + weight / 4 * s.logit, s.holds) for p in r.reads for s in p.sentences) for r in positive]
        found[f"hit@1, weight {weight}"] = round(float(np.mean([p.holds for p in best])), 4)
        found[f"top sentence, weight {weight / 4}"] = round(float(np.mean([holds for _, holds in tops])), 4)
    return found


def _all_at(records: Sequence[Record], ranks: Sequence[list[Rank]], weight: float) -> tuple[float, float]:
    found: dict[int, list[float]] = {5: [], 10: []}
    for record, golds in zip(records, ranks, strict=True):
        if record.answered and golds:
            ranked = sorted(record.reads, key=lambda p: -(p.before + weight * p.logit))
            spans = [Located(p.document, p.start, p.end) for p in ranked]
            for k, values in found.items():
                values.append(all_at(k, [gold(spans) for gold in golds]) or 0.0)
    return round(float(np.mean(found[5])), 3), round(float(np.mean(found[10])), 3)


def _passage(example: Example) -> PassageToRead:
    spans, at = [], 0
    for sentence in example.sentences:
        spans.append((at, at + len(sentence)))
        at += len(sentence) + 1
    return PassageToRead(" ".join(example.sentences), spans, example.title)


def _build(examples: Sequence[Example], folder: Path, library: Library) -> tuple[Library, dict[str, str]]:
    """Put each paragraph into a file of its own, so that the document says which one was found."""
    files: dict[str, dict[str, Path]] = defaultdict(dict)
    for example in examples:
        text = " ".join(example.sentences)
        paths = files[example.title]
        paths.setdefault(text, folder / f"{example.title}-{len(paths):03}.txt")
    for title, paths in files.items():
        for text, path in paths.items():
            path.write_text(text, encoding="utf-8")
        library.add(list(paths.values()), Metadata(title=title))
    sources = library.store.sources()
    homes = {text: sources[str(path.resolve())] for paths in files.values() for text, path in paths.items()}
    return library, homes


def _open_squad(library: Library, reader: Reader, example: Example, home: str, read: int) -> Record:
    answers = example.answer_texts()

    def judge(document: str, sentence: str) -> bool:
        return document == home and any(a in sentence.lower() for a in answers)

    return _ask(library, reader, (example.question, "open", example.answered), judge, read)


def _open_set(library: Library, reader: Reader, path: Path, read: int) -> tuple[list[Record], list[list[Rank]]]:
    documents = {Path(i.source).name: library.document(i.id) for i in library.documents()}
    records, ranks = [], []
    for item in load_set(path).items:
        golds: list[Rank] = []
        for evidence in item.evidence:
            document = next(d for name, d in documents.items() if name.startswith(evidence.doc))
            span = locate(evidence.quote, document.text)
            gold = Located(document.id, *(span or (0, len(document.text))))
            golds.append(lambda spans, gold=gold, text=document.text: evidence_rank(gold, spans, text))  # type: ignore[misc]
        ranks.append(golds)
        records.append(_ask(library, reader, (item.question, "set", item.answerable), lambda *_: False, 2 * read))
    return records, ranks


def _ask(
    library: Library,
    reader: Reader,
    asked: tuple[str, str, bool],
    judge: Callable[[str, str], bool],
    read: int,
) -> Record:
    """Ask a library, and read the first passages it finds."""
    question, kind, answered = asked
    query, vector = Query(question), library.embedder.encode_query(question)
    evidence = find_evidence(query, vector, retrieve(query, vector, library, CANDIDATES), library)
    chosen = evidence.passages[:read]
    spans = [
        [(s.start - c.hit.start, s.end - c.hit.start) for s in found]
        for c in chosen
        for found, _ in [library.sentences(c.hit.document, c.passage.first, c.passage.last)]
    ]
    given = [PassageToRead(c.hit.text, s, c.title) for c, s in zip(chosen, spans, strict=True)]
    readings = reader.read(question, given)
    before = {(s.document, s.start): s.score for s in evidence.sentences}
    reads = []
    for candidate, parts, reading in zip(chosen, spans, readings, strict=True):
        hit = candidate.hit
        scored = tuple(
            Sentence(before.get((hit.document, hit.start + a), 0.0), float(x), judge(hit.document, hit.text[a:b]))
            for (a, b), x in zip(parts, reading.sentences, strict=True)
        )
        holds = any(s.holds for s in scored)
        reads.append(Read(hit.score, reading.passage, holds, hit.document, hit.start, hit.end, scored))
    odds = min(max(evidence.answerable, 1e-4), 1 - 1e-4)
    named = len(names(question)) + len(numbers(question))
    return Record(
        question, kind, answered, math.log(odds / (1 - odds)), len(evidence.missing.values) / max(named, 1),
        _covered(question, given, readings), tuple(reads),
    )  # fmt: skip


def _covered(question: str, given: Sequence[PassageToRead], readings: Sequence[Reading]) -> float:
    best = max(range(len(readings)), key=lambda i: readings[i].best + readings[i].passage)
    wanted = set(terms(question))
    return len(wanted & set(terms(f"{given[best].title}\n{given[best].text}"))) / max(len(wanted), 1)


if __name__ == "__main__":
    typer.run(main)
