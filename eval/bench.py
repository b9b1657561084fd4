"""`make bench`: answers on our sets, cold starts, and the speed of embedding: `python -m eval.bench [DATA]`.

Each set is asked by each composer; the runs are kept as files, and `eval/RESULTS.md` is written of them. DATA is a
folder of further sets: `NAME-dev.jsonl` asks about the documents in the folder NAME, there or beside DATA.

Times are of whole processes, the median of five; the two embedders are timed in turn in this process. Compare ratios,
not seconds: machines differ, and the same machine differs from minute to minute.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from rich.console import Console

from eval.formats import QuestionSet, load_set
from eval.leaderboard import RESULTS, write_results
from eval.provenance import new_run
from eval.report import print_table
from eval.run import run_to_file
from eval.runs import Run
from eval.session import Choice
from eval.set_library import library_for
from eval.workers import Opening, ask_with
from index.embed import DEFAULT, find_weights
from index.errors import LibraryError
from index.library import Library
from rag.errors import RagError
from rag.options import open_library
from rag.settings import load_settings
from rag.show import Bar

SAMPLES = Path(__file__).parent / "sets" / "eurasia"
CACHE = Path(".bench-cache")
COMPOSERS = ("extractive", "gguf:package")
ABOUT = {"notes.md", "readme.md"}
"""What tells of a folder's documents, and is none of them."""
RUNS = 5
PASSAGES = 500
console = Console(highlight=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="folder of further sets")
    parser.add_argument("--models", nargs="+", default=COMPOSERS, help="who writes the answers")
    parser.add_argument("--runs", type=Path, default=CACHE / "runs", help="folder for the files of the runs")
    parser.add_argument("--page", type=Path, default=RESULTS, help="the page of results")
    parser.add_argument("--limit", type=int, help="ask the first so many questions of each set, and write no page")
    parser.add_argument("--no-times", action="store_true", help="only the answers")
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("RAG_HOME", str(CACHE.resolve() / "home"))
    try:
        runs = answers(development_sets(chosen.data), chosen.models, chosen.runs, chosen.limit)
        if chosen.limit is None:
            write_results(runs, chosen.page)
            console.print(f"\nthe results are in {chosen.page}, the runs in {chosen.runs}")
        if not chosen.no_times:
            _times()
    except (LibraryError, RagError) as error:
        raise SystemExit(f"bench: {error}") from error


def development_sets(data: Path | None) -> list[QuestionSet]:
    """Return our sample set, and each set in a folder whose documents are there."""
    sets = [load_set(SAMPLES / "questions.jsonl")]
    if data and not data.is_dir():
        console.print(f"no further sets: there is no folder {data}", style="yellow")
    for path in sorted(data.glob("*-dev.jsonl")) if data else ():
        name = path.stem.removesuffix("-dev")
        folder = next((f for f in (path.parent / name, path.parent.resolve().parent / name) if f.is_dir()), None)
        if folder is None:
            console.print(f"left out: {path}: there is no folder {name!r} of its documents", style="yellow")
        else:
            documents = [file for file in sorted(folder.iterdir()) if file.name.lower() not in ABOUT]
            sets.append(replace(load_set(path), paths=tuple(documents)))
    return sets


def answers(sets: Sequence[QuestionSet], models: Sequence[str], folder: Path, limit: int | None = None) -> list[Run]:
    """Ask each set of its own library by each model; print the figures, and keep each run as a file in the folder."""
    runs = []
    for questions in sets:
        for model in models:
            settings = load_settings({"model": model})
            with Bar("Reading") as bar:
                library = library_for(questions, settings, progress=bar.update, tell=console.print)
            items = Choice(limit=limit).of(questions)
            path = folder / f"{questions.name}-{model.replace(':', '-').replace('/', '-')}.jsonl"
            try:
                ask = ask_with(Opening(settings, library.folder), library, 1)
                with Bar("Asking") as bar:
                    run = run_to_file(path, new_run(questions, items, settings, library), items, ask, bar.update)
            finally:
                library.close()
            console.print(f"\n[bold]{model}[/bold]")
            print_table(run, console)
            runs.append(run)
    return runs


def _times() -> None:
    library = open_library(load_settings({"collection": "bench"}), create=True)
    library.add([SAMPLES / "documents"])
    _starts()
    _embedding(library)
    library.close()


def _starts() -> None:
    program = str(Path(sys.executable).parent / "rag")
    question = "What is the annual capacity of the gas pipeline?"
    console.print("\n[bold]cold starts[/bold], a new process each, median of five")
    for arguments in (["--help"], ["ask", "--model", "extractive", "-c", "bench", question]):
        seconds = [_timed(lambda a=arguments: _run([program, *a])) for _ in range(RUNS)]  # type: ignore[misc]
        console.print(f"rag {' '.join(arguments)[:24]:<26} {median(seconds):.2f} s")


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _embedding(library: Library) -> None:
    """Time our embedder against sentence-transformers' default, on the library's own passages, in turn."""
    from sentence_transformers import SentenceTransformer

    texts = [text for _, _, text in library.passages(library.store.passage_ids().tolist()).values()]
    texts = (texts * (PASSAGES // max(len(texts), 1) + 1))[:PASSAGES]
    reference = SentenceTransformer(find_weights(DEFAULT), device="cpu")
    ours, theirs = [], []
    library.embedder.encode(texts)  # the first time, each engine prepares itself for texts of these lengths
    reference.encode(texts)
    for _ in range(RUNS):
        sleep(0.5)  # the threads of torch spin for a moment after their work
        ours.append(len(texts) / _timed(lambda: library.embedder.encode(texts)))
        theirs.append(len(texts) / _timed(lambda: reference.encode(texts, normalize_embeddings=True)))
    ratio = median(a / b for a, b in zip(ours, theirs, strict=True))
    console.print("\n[bold]embedding[/bold], passages a second, median of five")
    console.print(f"ours (OpenVINO) {median(ours):.0f}, sentence-transformers {median(theirs):.0f}: {ratio:.1f} times")


def _timed(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun


if __name__ == "__main__":
    main()
