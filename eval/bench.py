"""`make bench`: answers on a set of known questions, cold starts, and the speed of embedding, in one run.

Times are of whole processes, the median of five; the two embedders are timed in turn in this process. Compare ratios,
not seconds: machines differ, and the same machine differs from minute to minute.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from rich.console import Console

from eval.formats import load_set
from eval.report import print_table
from eval.run import run_set
from index.embed import DEFAULT, find_weights, open_embedder
from index.library import Library
from rag.assistant import Assistant
from rag.models import ModelOptions, open_model
from rag.settings import load_settings
from rag.show import Bar

SAMPLES = Path(__file__).parent / "sets" / "eurasia"
RUNS = 5
PASSAGES = 500
console = Console(highlight=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", type=Path, default=SAMPLES / "questions.jsonl", help="questions and answers")
    parser.add_argument("--documents", type=Path, nargs="+", default=[SAMPLES / "documents"], help="their documents")
    parser.add_argument("--models", nargs="+", default=["extractive", "gguf:package"], help="who writes the answers")
    parser.add_argument("--no-times", action="store_true", help="only the answers")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(os.environ.get("RAG_HOME") or folder)
        os.environ["RAG_HOME"] = str(home)
        library = _library(home, chosen.documents)
        for model in chosen.models:
            _answers(library, chosen.set, model)
        if not chosen.no_times:
            _starts()
            _embedding(library)
        library.close()


def _library(home: Path, documents: Sequence[Path]) -> Library:
    library = Library(home / "collections" / "bench", open_embedder(DEFAULT, home / "models"))
    with Bar("Reading") as bar:
        report = library.add(documents, progress=bar.update)
    for failed in report.failed:
        console.print(f"failed: {failed.detail}")
    return library


def _answers(library: Library, questions: Path, model: str) -> None:
    settings = load_settings({"model": model, "collection": "bench"})
    console.print(f"\n[bold]{model}[/bold]")
    assistant = Assistant(library, settings, open_model(model, ModelOptions(base_url=settings.base_url)))
    with Bar("Asking") as bar:
        recorded = settings.model_dump(mode="json", exclude={"api_key"})
        run = run_set(load_set(questions), assistant, library, settings=recorded, on_progress=bar.update)
    print_table(run, console)


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
