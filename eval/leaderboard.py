"""Compare our composers on our sets on one page, `eval/RESULTS.md`, and hold what is quoted from it to it.

`python -m eval.leaderboard RUN…` writes the page from the files of runs; it asks nothing and measures nothing itself.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from eval.figures import Figure, figures
from eval.markdown import plain, table
from eval.report_summary import interval
from eval.runs import Run, RunError, load_run
from rag.settings import Settings

RESULTS = Path(__file__).parent / "RESULTS.md"
BEGIN, END = "<!-- quoted from eval/RESULTS.md -->", "<!-- end of quote -->"
_PLACES = ("home", "collection", "model", "base_url", "threads")
_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+")


def results_page(runs: Sequence[Run], *, command: str) -> str:
    """Return the page: a table for each set with a column for each composer, and what it was measured with.

    Raises:
        RunError: when a run is not complete, or two are of the same set and composer.
    """
    _check(runs)
    lines = ["# Results", "", f"Written by `{command}`; not by hand. In brackets: 95 % bootstrap intervals.", ""]
    for name, of_set in groupby(sorted(runs, key=lambda run: run.set), key=lambda run: run.set):
        lines += [f"## {plain(name)}", "", *_set(list(of_set)), ""]
    lines += ["## What it was measured with", "", *_conditions(runs)]
    return "\n".join(lines) + "\n"


def write_results(runs: Sequence[Run], path: Path = RESULTS, *, command: str = "make bench") -> None:
    """Write the page."""
    path.write_text(results_page(runs, command=command), encoding="utf-8")


def _check(runs: Sequence[Run]) -> None:
    seen: set[tuple[str, str]] = set()
    for run in runs:
        key = (run.set, _composer(run))
        if key in seen:
            raise RunError(f"two runs are of the set {key[0]!r} with the composer {key[1]!r}; give one of them")
        if not run.complete:
            asked = f"{len(run.records)} of {len(run.ids)}"
            raise RunError(f"the run of {key[0]!r} with {key[1]!r} has {asked} questions; finish it with --resume")
        seen.add(key)


def _composer(run: Run) -> str:
    return str(run.settings.get("model", ""))


def _set(runs: Sequence[Run]) -> list[str]:
    documents = len(runs[0].library.get("documents", ()))
    over = f" over {documents} documents" if documents else ""
    columns = [{f.key: f for f in figures(run.records)} for run in runs]
    rows = []
    for figure in columns[0].values():
        cells = [_cell(column.get(figure.key)) for column in columns]
        if not figure.key.startswith("ms_") and any(cell != "-" for cell in cells):
            rows.append([figure.label, *cells])
    headings = [f"{plain(run.set)}, {plain(_composer(run))}" for run in runs]
    return [f"{len(runs[0].records)} questions{over}.", "", *table(["", *headings], rows)]


def _cell(figure: Figure | None) -> str:
    if figure is None or figure.value is None:
        return "-"
    between = interval(figure)
    return str(figure) + (f" [{between}]" if between else "")


def _conditions(runs: Sequence[Run]) -> list[str]:
    rows = []
    for run in sorted(runs, key=lambda run: (run.set, _composer(run))):
        versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
        models = ", ".join(
            f"{part} {model.get('name')}" + (f" ({sha[:8]})" if (sha := model.get("sha256")) else "")
            for part, model in run.models.items()
        )
        machine = ", ".join(f"{name} {value}" for name, value in run.machine.items())
        cells = (_composer(run), run.started[:10], run.set_hash[:8], _settings(run), versions, models, machine)
        rows.append([plain(run.set), *(plain(cell) for cell in cells)])
    return table(["set", "composer", "date", "set's hash", "settings", "versions", "models", "machine"], rows)


def _settings(run: Run) -> str:
    """Return the settings that are not the defaults; where things are kept has no bearing on a figure."""
    defaults = {name: field.default for name, field in Settings.model_fields.items() if name not in _PLACES}
    changed = {
        name: run.settings[name]
        for name, default in defaults.items()
        if name in run.settings and run.settings[name] not in (default, str(default))
    }
    return ", ".join(f"{name} = {value}" for name, value in changed.items()) or "defaults"


# What is quoted


def quoted(readme: str, results: str) -> list[str]:
    """Return what a text quotes wrongly from the page of results, in words; nothing when all of it stands there.

    Quoted are the tables between the lines `BEGIN` and `END`. A column is headed as on the page ("SET, COMPOSER"), a
    row begins with the name of its figure. A cell may leave out the interval, and round: ".67" quotes "0.673".
    """
    there = _cells(results)
    blocks = re.findall(re.escape(BEGIN) + r"(.*?)" + re.escape(END), readme, re.DOTALL)
    said = [cell for block in blocks for cell in _cells(block).items()]
    if not said:
        return [f"nothing is quoted: put a table between {BEGIN} and {END}"]
    problems = []
    for (column, row), cell in said:
        if (column, row) not in there:
            problems.append(f"{column}: {row}: there is no such figure in the results")
        elif not _agrees(cell, there[column, row]):
            problems.append(f"{column}: {row}: {cell!r} is quoted, the results have {there[column, row]!r}")
    return problems


def _cells(markdown: str) -> dict[tuple[str, str], str]:
    """Return the cells of all tables by the heading of their column and the beginning of their row."""
    found: dict[tuple[str, str], str] = {}
    for block in re.findall(r"(?:^\|.*\|[ \t]*\n?)+", markdown, re.MULTILINE):
        heading, _, *rows = (
            [cell.strip() for cell in line.strip().strip("|").split("|")] for line in block.splitlines()
        )
        for first, *cells in rows:
            found |= {(column, first): cell for column, cell in zip(heading[1:], cells, strict=False)}
    return found


def _agrees(quote: str, source: str) -> bool:
    """Return whether the numbers of a quote are, when rounded as they are, the first numbers of the source."""
    said, true = _NUMBER.findall(quote), _NUMBER.findall(source)
    if not said:
        return quote == source
    return len(said) <= len(true) and all(_rounds(t, s) for t, s in zip(true, said, strict=False))


def _rounds(value: str, to: str) -> bool:
    """Return whether `to` is `value`, or is what is left of it with fewer decimals."""
    digits = len(to.partition(".")[2])
    return abs(float(value) - float(to)) <= 0.5 * 10**-digits + 1e-9 and digits <= len(value.partition(".")[2])


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page from the files of runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+", help="files of runs, one for each set and composer")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the page")
    parser.add_argument("--command", default="make bench", help="the command that the page names")
    chosen = parser.parse_args(arguments)
    write_results([load_run(path) for path in chosen.runs], chosen.out, command=chosen.command)


if __name__ == "__main__":
    main()
