"""`rag eval report`: read the file of a run and show it: as a page, as Markdown, or in the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def write_report(run: Path, html: Path | None, markdown: Path | None, console: Console) -> None:
    """Write the report of a run to the files that are named ("-" prints the Markdown); with none, print the tables.

    Raises:
        RunError: when the file is no run, or one of another version.
    """
    from eval.runs import load_run

    loaded = load_run(run)
    if html is not None:
        from eval.report_html import write_html

        write_html(loaded, html)
        console.print(f"the report is in {html}", markup=False, highlight=False)
    if markdown is not None:
        from eval.report_markdown import to_markdown, write_markdown

        if str(markdown) == "-":
            sys.stdout.write(to_markdown(loaded))
        else:
            write_markdown(loaded, markdown)
            console.print(f"the report is in {markdown}", markup=False, highlight=False)
    if html is None and markdown is None:
        from eval.report import print_table

        print_table(loaded, console)
