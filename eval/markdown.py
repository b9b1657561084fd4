"""What reports in Markdown are made of: tables, parts that fold, and texts that stand as text (`rag.markdown`)."""

from __future__ import annotations

from collections.abc import Sequence

from rag.markdown import plain

__all__ = ["details", "plain", "shortened", "table"]


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters, cut between words."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 2].rsplit(" ", 1)[0] + " …"


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table: the first column to the left, the others to the right. Cells are Markdown."""
    rule = [":--", *["--:"] * (len(heading) - 1)]
    return ["| " + " | ".join(row) + " |" for row in (heading, rule, *rows)]


def details(heading: str, lines: Sequence[str]) -> list[str]:
    """Return lines that are folded away under a heading until somebody opens them."""
    return ["<details>", f"<summary>{heading}</summary>", "", *lines, "", "</details>"]
