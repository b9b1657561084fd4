"""`rag eval`: ask the questions of a set, compare runs, try settings. Everything heavy is imported by the command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from rag.cli_eval_new import new
from rag.options import Collection, Config, read_settings

if TYPE_CHECKING:
    from eval.formats import Item, QuestionSet
    from eval.runs import Run
    from index.library import Library
    from rag.settings import Settings


class SetFirst(TyperGroup):
    """A group that takes what is none of its commands for the set to run: `rag eval SET` is `rag eval run SET`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `run` before a set, or before the options of one."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["run", *args]
        return super().parse_args(ctx, args)


commands = typer.Typer(
    cls=SetFirst,
    help="Measure answers on known questions: 'rag eval SET' asks them, the other commands make use of its runs.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

commands.command()(new)

Set = Annotated[Path, typer.Argument(metavar="SET", help="A set of known questions and answers.")]
Model = Annotated[str | None, typer.Option("--model", "-m", help="extractive, gguf:…, transformers:… or openai:…")]
Ids = Annotated[str | None, typer.Option("--items", help="Only these questions: s001,s005.")]
Types = Annotated[str | None, typer.Option("--type", help="Only questions of these types: number,date.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Only the first so many questions.")]
Jobs = Annotated[int | None, typer.Option(min=1, help="Questions asked at a time; 4 of a service, else 1.")]
Html = Annotated[Path | None, typer.Option(help="Write a report for the browser to this file.")]
Markdown = Annotated[Path | None, typer.Option(help="Write a report as Markdown to this file.")]


@commands.command()
def run(
    questions: Set,
    out: Annotated[
        Path | None, typer.Option("--out", "--json", help="File of the run; RAG_HOME/runs/… if not given.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was interrupted.")] = False,
    items: Ids = None,
    type_: Types = None,
    limit: Limit = None,
    jobs: Jobs = None,
    fail_under: Annotated[str | None, typer.Option(help="Exit 1 below these: facts=0.8,latency_p95=2.")] = None,
    baseline: Annotated[Path | None, typer.Option(help="Exit 1 if worse than this run beyond chance.")] = None,
    judge: Annotated[str | None, typer.Option(help="A model that judges answers as well: openai:NAME.")] = None,
    price: Annotated[str | None, typer.Option(help="Price of a million tokens, by kind: draft=0.6.")] = None,
    html: Html = None,
    markdown: Markdown = None,
    model: Model = None,
    passages: Annotated[int | None, typer.Option(help="Passages kept in the trace.")] = None,
    refuse_below: Annotated[float | None, typer.Option(help="Refuse below this chance of an answer, 0 to 1.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Address of the service for openai:NAME.")] = None,
    collection: Collection = None,
    config: Config = None,
) -> None:
    """Ask every question of a set and compare with the known answers ('rag eval SET' for short)."""
    from eval.gate import parse_limits, pass_gate
    from eval.report import print_table
    from eval.runs import load_run
    from rag import show

    limits = parse_limits(fail_under) if fail_under is not None else ()
    before = (str(baseline), load_run(baseline)) if baseline else None
    settings = read_settings(
        config, collection=collection, model=model, passages=passages, refuse_below=refuse_below, base_url=base_url
    )
    evaluation = Evaluation(questions, settings, collection, items, type_, limit, jobs, judge, price)
    done, path = evaluation.to_file(out, resume)
    print_table(done, show.console)
    show.line(f"the run is in {path}")
    _reports(done, html, markdown)
    compared = pass_gate(done, limits, before)
    if compared:
        from eval.compare_table import print_comparison

        print_comparison(compared, show.console)


@commands.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN…", help="Files of runs; the first is held against.")],
    html: Html = None,
    markdown: Markdown = None,
) -> None:
    """Compare runs: every figure, how sure the difference is, and the questions that changed."""
    from eval.compare import compare as compare_runs
    from eval.compare import names_apart
    from eval.compare_table import print_comparison
    from eval.runs import load_run
    from rag import show

    found = compare_runs([load_run(path) for path in runs], names_apart(runs))
    print_comparison(found, show.console)
    if html:
        from eval.report_html import write_comparison_html

        write_comparison_html(found, html)
    if markdown:
        from eval.report_markdown import write_comparison_markdown

        write_comparison_markdown(found, markdown)


@commands.command()
def report(
    run_file: Annotated[Path, typer.Argument(metavar="RUN", help="A run that 'rag eval SET --out RUN' wrote.")],
    html: Html = None,
    markdown: Annotated[Path | None, typer.Option(help="Write it as Markdown to this file; - prints it.")] = None,
) -> None:
    """Show a run: its figures, or with every question as a page or as Markdown."""
    from eval.report_command import write_report
    from rag import show

    write_report(run_file, html, markdown, show.console)


@commands.command()
def sweep(
    questions: Set,
    grid: Annotated[str, typer.Option(help="Settings and their values: 'k=3,5;refuse_below=0.3,0.5'.")],
    quality: Annotated[str, typer.Option(help="The figure that is to be good.")] = "right",
    cost: Annotated[str, typer.Option(help="The figure that is to be small.")] = "latency_p50",
    out: Annotated[Path | None, typer.Option(help="Folder for the runs, gone on with if they are there.")] = None,
    items: Ids = None,
    type_: Types = None,
    limit: Limit = None,
    jobs: Jobs = None,
    collection: Collection = None,
    config: Config = None,
) -> None:
    """Try a grid of settings on a set, and show which are worth their time."""
    from eval.compare_table import print_sweep
    from eval.sweep import file_name, parse_grid, weigh
    from rag import show
    from rag.settings import Settings

    points = parse_grid(grid, [name for name in Settings.model_fields if name not in NOT_SWEPT])
    # All of them are checked before the first is run.
    chosen = [(point, read_settings(config, collection=collection, **point)) for point in points]
    done = []
    for number, (point, settings) in enumerate(chosen, start=1):
        named = ", ".join(f"{name} = {value}" for name, value in point.items())
        show.line(f"{number} of {len(chosen)}: {named}")
        evaluation = Evaluation(questions, settings, collection, items, type_, limit, jobs)
        folder = out or settings.home.expanduser() / "runs" / f"sweep-{questions.stem}"
        made, _ = evaluation.to_file(folder / file_name(point), resume=True, again=True)
        done.append((point, made))
    print_sweep(weigh(done, quality, cost), quality, cost, show.console)


@dataclass(frozen=True)
class Evaluation:
    """A set, which of its questions, and how they are asked."""

    questions: Path
    settings: Settings
    collection: str | None = None
    items: str | None = None
    types: str | None = None
    limit: int | None = None
    jobs: int | None = None
    judge: str | None = None
    price: str | None = None

    def to_file(self, out: Path | None, resume: bool, *, again: bool = False) -> tuple[Run, Path]:
        """Ask what there is to ask and write it to a file; return the run and the file.

        `again` begins anew where the file holds another run, instead of saying so.
        """
        from eval.formats import load_set
        from eval.provenance import differences, new_run
        from eval.runs import load_run
        from eval.session import Choice, check_free, new_file, resumed

        known = load_set(self.questions)
        chosen = Choice(_split(self.items), _split(self.types), self.limit).of(known)
        library = self._library(known)
        try:
            run = new_run(known, chosen, self.settings, library)
            folder = self.settings.home.expanduser() / "runs"
            if again and out and out.exists() and differences(load_run(out), run):
                out.unlink()
            if resume:
                path, run = resumed(run, out, folder)
            elif out:
                check_free(out)
                path = out
            else:
                path = new_file(folder, run)
            return self._ask(path, run, chosen, library), path
        finally:
            library.close()

    def _library(self, known: QuestionSet) -> Library:
        """Open the library that is asked: the set's own, unless it has none or a collection is named."""
        from eval.placing import problems
        from eval.set_library import library_for
        from rag import show
        from rag.options import open_library

        for remark in known.remarks:
            show.errors.print(show.safe(remark))
        if self.collection or not known.own:
            library = open_library(self.settings)
        else:
            with show.Bar("Reading") as bar:
                library = library_for(known, self.settings, progress=bar.update, tell=_tell)
        for problem in problems(known, library):
            _tell(problem)
        return library

    def _ask(self, path: Path, run: Run, items: tuple[Item, ...], library: Library) -> Run:
        from eval.run import run_to_file
        from eval.workers import Opening, ask_with
        from index.errors import LibraryError
        from rag import show
        from rag.errors import RagError

        jobs = self.jobs or (HOSTED_JOBS if self.settings.model.startswith("openai:") else 1)
        ask = ask_with(Opening(self.settings, library.folder, self.judge, self.price), library, jobs)
        try:
            with show.Bar("Asking") as bar:
                return run_to_file(path, run, items, ask, bar.update)
        except (LibraryError, RagError, KeyboardInterrupt) as error:
            at = " ".join(getattr(error, "__notes__", []))
            _tell(f"stopped{' ' + at if at else ''}; what was answered is in {path}: go on with --resume --out {path}")
            raise


NOT_SWEPT = ("api_key", "api_token", "home", "collection", "offline", "interface")
"""Settings that are no matter of quality or time."""

HOSTED_JOBS = 4
"""Questions asked of a service at a time, unless the user says otherwise."""


def _reports(run: Run, html: Path | None, markdown: Path | None) -> None:
    if html:
        from eval.report_html import write_html

        write_html(run, html)
    if markdown:
        from eval.report_markdown import write_markdown

        write_markdown(run, markdown)


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _tell(text: str) -> None:
    from rag import show

    show.errors.print(show.safe(text), style="yellow")
