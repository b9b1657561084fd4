"""The questions of a set asked from the page, as `rag eval` asks them: the run is a file like any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from eval.figures import Figure, figures
from eval.formats import load_set
from eval.provenance import new_run
from eval.report_items import items
from eval.report_summary import TILES, interval, summary
from eval.run import Examiner
from eval.runs import Record, Run, RunFile
from eval.session import new_file
from index.library import Library
from rag.assistant import Assistant
from rag.settings import Settings
from ui.documents_view import NONE
from ui.markup import note, text

ROUTE = "/reports/"
"""Where the server gives the report of a run, by the name of its file."""


class Asked(NamedTuple):
    """A run so far, and its file."""

    run: Run
    file: Path


def folder(settings: Settings) -> Path:
    """Return the folder of the runs, which is that of the command line."""
    return settings.home.expanduser().resolve() / "runs"


def ask(path: Path, assistant: Assistant, library: Library, settings: Settings) -> Iterator[Asked]:
    """Ask every question of a set; yield what there is at first and after each answer.

    Raises:
        RagError: when the set cannot be read, or a question cannot be answered; what was answered is in the file.
        OSError: when the run cannot be written.
    """
    known = load_set(path)
    run = new_run(known, known.items, settings, library)
    out = new_file(folder(settings), run)
    examiner = Examiner(assistant, library, library.embedder.encode)
    records: list[Record] = []
    file = RunFile(out, run)
    try:
        yield Asked(run, out)
        for item in known.items:
            records.append(examiner.ask(item))
            file.append(records[-1])
            yield Asked(run.with_records(records), out)
    finally:
        file.close()


def asking(asked: Asked) -> str:
    """Return how far a run has come."""
    done, wanted = len(asked.run.records), len(asked.run.ids)
    return (
        f'<p class="progress" role="status"><progress max="{wanted}" value="{done}" aria-label="Questions asked">'
        f"</progress><span><bdi>{text(asked.run.set)}</bdi>: asked {done} of {wanted}…</span></p>"
    )


def stopped(asked: Asked, path: Path, why: str) -> str:
    """Say why a run has ended, and how it is gone on with."""
    run, out = asked
    return note(
        f"{why}\nStopped after {len(run.records)} of {len(run.ids)} questions. Go on with: "
        f'rag eval "{path}" -c {path.parent.name} --resume --out "{out}"'
    )


def result(asked: Asked) -> str:
    """Return the figures that stand out, with their intervals, and where all the rest is."""
    run, out = asked
    found = figures(run.records)
    words = summary(items(run), found)
    chosen = [figure for key in TILES for figure in found if figure.key == key and figure.value is not None]
    lines = "".join(f"<li>{text(line)}</li>" for line in words.lines)
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Figure", "Value", "95 % interval", "Questions"))
    link = f'<a href="{ROUTE}{quote(out.stem, safe="")}" target="_blank" rel="noopener">Open the report</a>'
    report = (
        f'<p class="into">{link}: every question with its answer, and why it counts as right or wrong · '
        f"<bdi>{text(out)}</bdi></p>"
    )
    return (
        f'<section class="result" aria-label="Result"><h2 tabindex="-1"><bdi>{text(run.set)}</bdi>: '
        f'{text(words.headline)}</h2>{report}<ul class="hint">{lines}</ul>'
        f'<div class="scroll"><table class="documents figures"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(map(_row, chosen))}</tbody></table></div></section>"
    )


def _row(figure: Figure) -> str:
    name = f'<strong>{text(figure.label)}</strong><span class="file">{text(figure.meaning)}</span>'
    return (
        f'<tr><th scope="row">{name}</th><td data-name="Value" class="number">{text(figure)}</td>'
        f'<td data-name="95 % interval" class="number">{text(interval(figure) or NONE)}</td>'
        f'<td data-name="Questions" class="number">{figure.n:,}</td></tr>'
    )
