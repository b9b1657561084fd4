"""What the command line prints: answers, documents, reports. Text of documents is never read as markup."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from index.types import Outcome, Report
from rag.types import Answer, Checked, Citation, Event, Nearest, Turn, Verdict

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.models import ModelInfo
    from rag.settings import Settings

PREVIEW = 240
"""Characters shown of a passage that is near a question without answering it."""

_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_UNSAFE = {code: " " for code in _CONTROLS} | {code: "\ufffd" for code in range(0xD800, 0xE000)}

console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def line(text: str) -> None:
    """Print a line."""
    console.print(safe(text))


def as_json(data: object) -> None:
    """Print data as JSON."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=_plain) + "\n")


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)


def safe(text: str) -> str:
    """Return a text without the characters that could move a terminal's cursor, or turn what follows around."""
    return text.translate(_UNSAFE)


class Bar:
    """A progress bar over files, on standard error; silent where that is no terminal."""

    def __init__(self, what: str) -> None:
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self._progress = Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)
        self._task = self._progress.add_task(what, total=None)
        self._what = what

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def update(self, done: int, total: int, name: str) -> None:
        """Move the bar."""
        self._progress.update(self._task, completed=done, total=total, description=f"{self._what} {safe(name)[:40]}")


# Answers


def streamed(events: Iterator[Event], *, trace: bool = False) -> Answer:
    """Print each sentence when it is verified, then its citations; return the answer."""
    shown = 0
    answer: Answer | None = None
    for event in events:
        if isinstance(event, Checked):
            console.print(_sentence(event), end=" ")
            shown += 1
        elif isinstance(event, Answer):
            answer = event
    assert answer is not None
    if answer.status == "refused":
        console.print(Text(safe(answer.answer), style="bold yellow"), end="")
    console.print("\n")
    if answer.nearest:
        console.print("What comes nearest:", style="dim")
    places: list[Citation | Nearest] = [*answer.citations, *answer.nearest]
    for place in places:
        _citation(place)
    for dropped in answer.dropped:
        console.print(Text(f"left out: “{safe(dropped.text)}” ({safe(dropped.why)})", style="dim"))
    if trace:
        _trace(answer)
    return answer


def _sentence(event: Checked) -> Text:
    text = Text(f"{safe(event.sentence.lead)} " if event.sentence.lead else "", style="dim")
    text.append(safe(event.sentence.text), style="not dim")
    if event.sentence.verdict is not Verdict.SUPPORTED:
        text.append(f" ({event.sentence.verdict})", style="yellow")
    return text.append(" " + "".join(f"[{n}]" for n in event.sentence.citations), style="bold cyan")


def _citation(place: Citation | Nearest) -> None:
    cited = isinstance(place, Citation)
    number = f"[{place.id}] " if isinstance(place, Citation) else "  • "
    quote = safe(place.quote) if cited else shorten(safe(place.quote), PREVIEW, placeholder=" …")
    console.print(Text(number, style="bold cyan").append(f"“{quote}”", style="none"))
    facts = [place.title, place.author, place.date, place.page and f"p. {place.page}"]
    where = ", ".join(safe(str(f)) for f in facts if f)
    command = f"rag show {place.document[:8]} --span {place.start}:{place.end}"
    console.print(Text(f"    {where}  ({safe(Path(place.source).name)}; {command})", style="dim"))


def _trace(answer: Answer) -> None:
    trace = answer.trace
    facts(
        {
            "question": trace.standalone_question,
            "filters": dict(trace.filters) or "none",
            "answerable": trace.answerable,
            "missing": ", ".join(trace.missing) or "nothing",
            "model": trace.model,
            "milliseconds": ", ".join(f"{k} {v:g}" for k, v in trace.timings_ms.items()),
        }
        | ({"notes": "; ".join(trace.notes)} if trace.notes else {})
    )
    table = Table(
        "rank", "score", "dense", "lexical", "fused", "evidence", "best sentence", box=None, header_style="dim"
    )
    for rank, hit in enumerate(trace.retrieved, start=1):
        dense, lexical = (str(hit.ranks.get(name, "–")) for name in ("dense", "lexical"))
        evidence = "–" if hit.evidence is None else f"{hit.evidence:.2f}"
        start, end = hit.best or (hit.start, hit.end)
        best = Text(safe(hit.text[start - hit.start : end - hit.start][:90]))
        table.add_row(str(rank), f"{hit.score:.2f}", dense, lexical, f"{hit.fused:.2f}", evidence, best)
    console.print(table)


def chat(assistant: Assistant) -> None:
    """Ask for questions until an empty one, `exit` or the end of the input."""
    from rag.errors import RagError

    history: list[Turn] = []
    line("Ask a question (an empty line ends).")
    while True:
        try:
            question = console.input("> ").strip()
        except EOFError:
            break
        if question.lower() in {"", "exit", "quit"}:
            break
        try:
            answer = streamed(assistant.stream(question, history))
        except RagError as error:
            errors.print(f"rag: {error}")
            continue
        history.append(Turn(question, answer.answer, answer.trace.standalone_question))


# Documents


def report(result: Report) -> None:
    """Print what became of the files: a line for each that was not simply taken, then the counts."""
    for entry in result.files:
        if entry.outcome is Outcome.FAILED:
            errors.print(Text(f"failed: {safe(entry.detail)}", style="red"))
        elif entry.detail:
            line(f"{entry.outcome}: {entry.source}: {entry.detail}")
    counts = [f"{result.count(outcome)} {outcome}" for outcome in Outcome if result.count(outcome)]
    line(", ".join(counts) or "no file was found: give files, or a folder that holds some")


def facts(values: Mapping[str, object]) -> None:
    """Print names and values in two columns."""
    width = max(map(len, values), default=0)
    for name, value in values.items():
        shown = f"{value:,}" if isinstance(value, int) else str(value)
        console.print(Text(f"{name:{width}}  ", style="dim").append(safe(shown), style="not dim"))


def models(infos: Sequence[ModelInfo], settings: Settings, weights: str | None) -> None:
    """Print the models that can be used, and which would be."""
    table = Table("model", "usable", "size", "", box=None, header_style="dim")
    for info in infos:
        table.add_row(info.name, "yes" if info.usable else "no", info.size or "–", Text(safe(info.note)))
    console.print(table)
    line(f"answers are written by: {settings.model}")
    line(f"passages are embedded by: {settings.embedder} ({weights or 'not on this machine'}) on {settings.device}")
    line("connections: none but to this machine" if settings.offline else "connections: allowed (offline = false)")
