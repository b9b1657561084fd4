"""`make bench-retrieval`: every figure of retrieval and evidence in one table: `python -m eval.retrieval [DATA]`.

DATA holds the public sets, each in a folder of its own; what is not there is left out, and said. Libraries and
embedded questions are kept in --cache; a second run asks only.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import platformdirs
import typer
from rich.console import Console

from eval.formats import load_set
from eval.metrics import reliability, risk_coverage
from eval.retrieval import collections, latency, paragraphs, questions
from eval.retrieval.asking import Way
from eval.retrieval.corpora import (
    Paragraphs,
    mark_trained,
    read_collection,
    read_paragraphs,
    without_titles,
)
from eval.retrieval.libraries import build, question_vectors
from eval.retrieval.paragraphs import Goals
from eval.retrieval.rows import Curves, Row, print_curves, print_rows
from index.embed import Embedder, open_embedder
from index.sentences import sentences
from rag.errors import RagError
from rag.reader import open_reader
from rag.settings import load_settings

SAMPLES = Path(__file__).parents[1] / "sets" / "eurasia"
CACHE = Path(platformdirs.user_cache_dir("rag", appauthor=False)) / "bench"
PARTS = ("squad", "xquad", "classic", "questions", "latency")
TIMED = 200
"""Questions that are timed."""
CLASSIC = {
    "cranfield": (0.42, "BM25 .35, dense .40, rank fusion .42, best peer .42"),
    "medline": (0.79, "BM25 .67, dense .79, rank fusion .78, best peer .77"),
    "time": (0.65, "BM25 .64, dense .57, rank fusion .65"),
}
"""The best figure that others reach on each, and whose."""
WIDTH = 130
"""Columns of the table where it goes into a file."""
console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
errors = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else WIDTH)


@dataclass
class Bench:
    """What all parts share, and the rows and curves so far."""

    data: Path
    cache: Path
    embedder: Embedder
    way: Way
    sample: int | None
    rows: list[Row]
    curves: dict[str, Curves]

    def take(self, rows: Sequence[Row]) -> None:
        """Keep rows; they go to standard error at once, so that a run that is interrupted has told something."""
        self.rows += rows
        print_rows(rows, errors)

    def curve(self, name: str, chances: Sequence[float], true: Sequence[bool], right: Sequence[bool]) -> None:
        """Keep how far the chances can be trusted, and what is wrong of what they let through."""
        self.curves[name] = Curves(reliability(chances, true), risk_coverage(chances, right))

    def drawn(self, given: Paragraphs) -> Paragraphs:
        """Return the set with no more questions than the sample."""
        if self.sample is None or self.sample >= len(given.questions):
            return given
        return replace(given, questions=tuple(random.Random(0).sample(given.questions, self.sample)))


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the public sets.")] = Path("../shared/data"),
    evidence_model: Annotated[
        str | None, typer.Option(help="default, off, or a folder of weights; as set if not given.")
    ] = None,
    cache: Annotated[Path, typer.Option(help="Folder that keeps libraries and embedded questions.")] = CACHE,
    parts: Annotated[str, typer.Option(help="What to measure, between commas.")] = ",".join(PARTS),
    sample: Annotated[int | None, typer.Option(help="Most questions of a set; all if not given.")] = None,
    asked: Annotated[list[Path] | None, typer.Option("--set", help="Questions of your own, JSON Lines.")] = None,
    documents: Annotated[list[Path] | None, typer.Option(help="The documents of each such set, in order.")] = None,
    passages: Annotated[int, typer.Option(help="Passages of the library that is timed.")] = latency.PASSAGES,
    out: Annotated[Path | None, typer.Option("--json", help="File for the figures and curves.")] = None,
) -> None:
    """Measure retrieval and evidence."""
    chosen = parts.split(",")
    if unknown := set(chosen) - set(PARTS):
        raise typer.BadParameter(f"there is no part {unknown.pop()!r}; there are: {', '.join(PARTS)}")
    if len(asked or []) != len(documents or []):
        raise typer.BadParameter("each --set needs its --documents")
    settings = load_settings({"evidence_model": evidence_model, "home": cache})
    reader = open_reader(settings.evidence_model, settings.cache / "evidence")
    embedder = open_embedder(settings.embedder, settings.cache)
    bench = Bench(data, cache, embedder, Way(reader, settings), sample, [], {})
    own = list(zip(asked or [], documents or [], strict=True)) or _own(data)
    work: dict[str, Callable[[], None]] = {
        "squad": lambda: _squad(bench),
        "xquad": lambda: _xquad(bench),
        "classic": lambda: _classic(bench),
        "questions": lambda: _questions(bench, own),
        "latency": lambda: _latency(bench, passages),
    }
    begun = time.perf_counter()
    for part in PARTS:
        if part in chosen:
            work[part]()
    console.print(f"\n[bold]evidence model: {settings.evidence_model}[/bold], {time.perf_counter() - begun:.0f} s")
    print_rows(bench.rows, console)
    for name, curves in bench.curves.items():
        print_curves(name, curves, console)
    if out:
        found = {
            "evidence_model": settings.evidence_model,
            "rows": [r.to_dict() for r in bench.rows],
            "curves": {n: c.to_dict() for n, c in bench.curves.items()},
        }
        out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _own(data: Path) -> list[tuple[Path, Path]]:
    """Return the sets of questions that are there, with their documents."""
    pairs = [
        (data / "seeds-dev.jsonl", data.parent / "seeds"),
        (SAMPLES / "questions.jsonl", SAMPLES / "documents"),
    ]
    return [pair for pair in pairs if _there(*pair)]


def _there(*paths: Path) -> bool:
    for path in paths:
        if not path.exists():
            console.print(f"{path} is not there: left out")
            return False
    return True


def _squad(bench: Bench) -> None:
    path = bench.data / "squad2" / "squad2-dev-part.json"
    if not _there(path):
        return
    # Without the titles of the articles, as others are measured; with them the right one is first as often.
    given = without_titles(bench.drawn(read_paragraphs(path)))
    built = build(path.stem, given.entries, bench.way.settings)
    vectors = question_vectors([q.question for q in given.questions], bench.embedder, bench.cache)
    outcomes = paragraphs.ask_all(given, built, vectors, bench.way, given=True)
    must = Goals(0.91, 0.98, 0.85, 0.80, 0.85)
    bench.take(paragraphs.rows("SQuAD2, all articles", outcomes, must, Goals(0.865, 0.965, 0.742, 0.64)))
    for part, said in (("dev", "not trained on"), ("train", "trained on")):
        own = [o for o in outcomes if o.asked.part == part]
        bench.take(paragraphs.rows(f"SQuAD2, articles {said}", own, must))
    bench.curve("SQuAD2", [o.open for o in outcomes], [o.asked.answered for o in outcomes], [o.top for o in outcomes])
    built.library.close()


def _xquad(bench: Bench) -> None:
    squad = bench.data / "squad2" / "squad2-dev-part.json"
    for language in ("en", "de", "ru", "zh"):
        path = bench.data / "xquad" / f"xquad.{language}.json"
        if not _there(path):
            continue
        given = without_titles(bench.drawn(read_paragraphs(path, training=0)))
        built = build(path.stem, given.entries, bench.way.settings)
        if language == "en":
            known = mark_trained(given, read_paragraphs(squad)) if squad.exists() else given
            vectors = question_vectors([q.question for q in known.questions], bench.embedder, bench.cache)
            outcomes = paragraphs.ask_all(known, built, vectors, bench.way, given=False)
            must, base = Goals(top=0.88), Goals(top=0.771)
            bench.take(paragraphs.rows("xquad.en", outcomes, must, base))
            own = [o for o in outcomes if o.asked.part == "dev"]
            if len(own) < len(outcomes):
                bench.take(paragraphs.rows("xquad.en, paragraphs not trained on", own, must))
        bench.take([paragraphs.lexical(given, built, goal=None if language == "en" else 0.95)])
        built.library.close()


def _classic(bench: Bench) -> None:
    for name, (goal, baselines) in CLASSIC.items():
        folder = bench.data / "classic_ir" / name
        if not _there(folder):
            continue
        collection = read_collection(folder)
        built = build(name, collection.entries, bench.way.settings)
        vectors = question_vectors(list(collection.queries.values()), bench.embedder, bench.cache)
        found = collections.rankings(collection, built, vectors, bench.way)
        bench.take(collections.rows(collection, found, goal=goal, baselines=baselines))
        built.library.close()


def _questions(bench: Bench, sets: Sequence[tuple[Path, Path]]) -> None:
    for path, documents in sets:
        asked = load_set(path)
        library = questions.build(asked.name, documents, bench.way.settings)
        outcomes = questions.ask_all(asked, library, bench.way)
        bench.take(questions.rows(asked.name, outcomes, marked=asked.name == "seeds-dev"))
        true, right = [o.item.answerable for o in outcomes], [o.right for o in outcomes]
        bench.curve(asked.name, [o.chance for o in outcomes], true, right)
        library.close()


def _latency(bench: Bench, count: int) -> None:
    path = bench.data / "squad2" / "squad2-dev-part.json"
    if not _there(path):
        return
    given = read_paragraphs(path)
    texts = [e.text[s.start : s.end] for e in given.entries for s in sentences(e.text, "en")]
    library = latency.build(texts, count, bench.embedder, bench.cache)
    drawn = random.Random(0).sample([q.question for q in given.questions], latency.WARM_UP + TIMED)
    bench.take(latency.rows(library, drawn, bench.way, marked=count >= latency.PASSAGES))
    library.close()


if __name__ == "__main__":
    try:
        typer.run(main)
    except RagError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
