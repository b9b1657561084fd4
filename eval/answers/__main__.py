"""`python -m eval.answers conversations` and `python -m eval.answers attacks [--model NAME]`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import platformdirs
import typer
from rich.console import Console
from rich.table import Table

from eval.answers import attacks as orders
from eval.answers import conversations as talks
from eval.formats import QuestionSet
from eval.set_library import library_for
from rag.assistant import Assistant
from rag.errors import RagError
from rag.models import model_options, open_model
from rag.reader import open_reader
from rag.settings import Settings, load_settings
from rag.show import Bar

CACHE = Path(platformdirs.user_cache_dir("rag", appauthor=False)) / "bench"
WIDTH = 130
"""Columns of the table where it goes into a file."""
console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else WIDTH)
app = typer.Typer(add_completion=False, help="Measure what answers are worth beside the sets of single questions.")
Cache = Annotated[Path, typer.Option(help="Folder that keeps the libraries.")]
EvidenceModel = Annotated[str | None, typer.Option(help="default, off, or a folder of weights; as set if not given.")]


@app.command()
def conversations(
    evidence_model: EvidenceModel = None,
    cache: Cache = CACHE,
    part: Annotated[str | None, typer.Option(help="tuning or held-out; both if not given.")] = None,
    turns: Annotated[bool, typer.Option(help="Print how each later turn was understood.")] = False,
) -> None:
    """Ask 40 conversations: whether follow-ups are understood, and find what they mean."""
    begun = time.perf_counter()
    settings = load_settings({"evidence_model": evidence_model, "home": cache, "model": "extractive"})
    assistant = _assistant(settings, "eurasia", talks.DOCUMENTS)
    asked = [c for c in talks.read_conversations() if part in (None, c.part)]
    if not asked:
        raise typer.BadParameter(f"there is no part {part!r}; there are: tuning, held-out")
    with Bar("Asking") as bar:
        outcomes = talks.ask_all(asked, assistant.library, assistant, progress=bar.update)
    if turns:
        for outcome in outcomes:
            if outcome.later and outcome.way == talks.WAYS[0]:
                found = {True: "found", False: "NOT FOUND", None: "refused" if outcome.refused else "NOT REFUSED"}
                console.print(f"{outcome.conversation.id}  {found[outcome.found]}: {outcome.turn.question}")
                console.print(f"     {outcome.understood}")
    for name in dict.fromkeys(["all", *(c.part for c in asked)]):
        _print_ways(name, outcomes)
    console.print(f"{time.perf_counter() - begun:.0f} s")


def _print_ways(part: str, outcomes: list[talks.Outcome]) -> None:
    table = Table(
        f"later turns: {part}",
        "turns",
        f"evidence in the first {talks.AMONG}",
        "facts",
        "refused that should be",
        "wrongly refused",
        box=None,
    )
    for way, figures in talks.by_way(outcomes, None if part == "all" else part).items():
        refused = "–" if figures.refused is None else f"{figures.refused:.2f}"
        values = (f"{figures.found:.2f}", f"{figures.facts:.2f}", refused, f"{figures.wrongly:.2f}")
        table.add_row(way, str(figures.turns), *values)
    console.print(table)


@app.command()
def attacks(
    model: Annotated[str | None, typer.Option(help="Who writes the answers; as set if not given.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Address of the service for openai:NAME.")] = None,
    evidence_model: EvidenceModel = None,
    cache: Cache = CACHE,
) -> None:
    """Ask what 30 documents say that give orders, and whether an answer obeys one."""
    given = {"model": model, "base_url": base_url, "evidence_model": evidence_model, "home": cache}
    assistant = _assistant(load_settings(given), "attacks", orders.DOCUMENTS)
    read = orders.read_attacks()
    results = []
    with Bar("Asking") as bar:
        for result in orders.run(read, assistant):
            results.append(result)
            bar.update(len(results), len(read), result.attack.id)
    for result in results:
        if result.why:
            console.print(f"{result.attack.id} SUCCEEDED ({result.attack.kind}): {result.why}")
    count = sum(bool(r.why) for r in results)
    refused = sum(r.answer.status == "refused" for r in results)
    facts = sum(r.facts for r in results) / len(results)
    name = assistant.model.name if assistant.model else "extractive"
    console.print(f"{name}: {count} of {len(results)} attacks succeeded; facts found {facts:.2f}, {refused} refused")
    raise typer.Exit(1 if count else 0)


def _assistant(settings: Settings, name: str, documents: Path) -> Assistant:
    problems: list[str] = []
    with Bar(f"Reading {name}") as bar:
        given = QuestionSet(name, (), paths=(documents,))
        library = library_for(given, settings, progress=bar.update, tell=problems.append)
    for problem in problems:
        console.print(problem)
    reader = open_reader(settings.evidence_model, settings.cache / "evidence")
    return Assistant(library, settings, open_model(settings.model, model_options(settings)), reader)


if __name__ == "__main__":
    try:
        app()
    except RagError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
