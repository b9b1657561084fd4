"""Write Markdown in which text of documents and models stands as text: no markup, no link, no mention, no formula.

Meant for GitHub, GitLab and the like, which read more than CommonMark: bare addresses, @names, #numbers, $formulas$.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~&])")
_FIRST = re.compile(r"^(\d{1,9}(?=[.)](?:\s|$)))?([-+=#]|(?<=\d)[.)])")
_ADDRESS = re.compile(r"(?i)(?<=\w)(://)|(?<=\bwww)(\.)")
_MENTION = re.compile(r"(?<=[@#])(?=\w)|(?<=[!])(?=\d)")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def plain(text: object) -> str:
    """Return a text for one line of Markdown, escaped so that it is shown as it stands, with single white space."""
    line = " ".join(_CONTROL.sub(" ", str(text)).split())
    line = _MARKUP.sub(r"\\\1", line)
    line = _FIRST.sub(lambda m: f"{m.group(1) or ''}\\{m.group(2)}", line)
    line = _ADDRESS.sub(lambda m: "\\" + m.group(), line)
    line = _MENTION.sub("<!-- -->", line)  # an escaped @ still notifies whoever has that name
    return line.replace("$", "<span>$</span>")  # GitHub's own way to write a dollar that opens no formula


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
