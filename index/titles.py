"""Find the title of a document in its first lines, and tell a title from what a program put in its place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from index.bylines import NUMBERED, labels

_MAX_TITLE = 160
_TRIED = 2
_RUNNING = re.compile(r"^\d{1,3}\s+(\w\D*[\w?!)])$|^(\w\D*[\w?!)])\s+\d{1,3}$")
_SECTION = re.compile(
    r"^(?:introduction|contents|table of contents|abstract|summary|preface|foreword|inhalt|einleitung|sommaire"
    r"|содержание"
    r"|введение|目录|摘要)$",
    re.IGNORECASE,
)
_OPENING = "“„«\"'‘¿¡《「"
_UNFINISHED = re.compile(
    r"(?:[:–—-]|\b(?:a|an|and|as|at|by|for|from|in|into|of|on|or|the|to|with|und|der|die|das|de|la|et|и|в))$"
)
_JUNK = re.compile(
    r"^(?:microsoft \w+ - .*|untitled.*|document\d*|slide \d+|powerpoint presentation|presentation\d*"
    r"|.*\.(?:docx?|pdf|indd|qxd|tex|dvi|rtf|odt|pptx?|xlsx?|ai|html?)"
    r"|title|no ?title|\(anonymous\)|noname|new document|output|[\d\W]*|[^\s]*[_\d-][^\s]*)$",
    re.IGNORECASE,
)
_SITE = re.compile(r"\s+[|·•–—-]\s+|\s*\|\s*")


def title(head: Sequence[str], lines: Sequence[str]) -> str | None:
    """Return the title that the first lines, or the running heads, show."""
    for number, line in enumerate(head):
        if labels(line):
            continue
        if NUMBERED.match(line) or _SECTION.match(line) or number > _TRIED or not _may_begin(line):
            break
        following = head[number + 1] if len(head) > number + 1 else ""
        if following and not labels(following) and (following[0].islower() or _UNFINISHED.search(line)):
            whole = f"{line} {following}"
            third = head[number + 2] if len(head) > number + 2 else ""
            # A title over two lines, not the first lines of a wrapped paragraph.
            if _may_end(whole) and not third[:1].islower() and len(whole) <= _MAX_TITLE * 0.75:
                return whole.strip("#* ")
            break
        if not _may_end(line):
            break
        return line.strip("#* ")
    return _running(lines)


def _may_begin(line: str) -> bool:
    letters = sum(map(str.isalpha, line))
    return (
        len(line) <= _MAX_TITLE
        and (line[0].isalnum() or line[0] in _OPENING)
        and letters >= 0.6 * len(line)  # no formula, no row of a table
        and not (line.isupper() and len(line.split()) < 3 and line.isascii())  # no letterhead
    )


def _may_end(line: str) -> bool:
    words = len(line.split()) if line.isascii() or " " in line else len(line) // 2
    return line[-1] not in ".,;:–—-。，；：" and words > 1


def _running(lines: Sequence[str]) -> str | None:
    """Return the words that stand with different page numbers on three pages or more."""
    seen: Counter[str] = Counter()
    for line in set(lines):
        match = _RUNNING.match(line) if len(line) <= _MAX_TITLE else None
        if match:
            seen[match[1] or match[2]] += 1
    found, count = max(seen.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    return found if count >= 3 and len(found.split()) > 2 else None


def given_title(value: str | None) -> str | None:
    """Return the title that a file gives, or None for a file name or what a program puts there."""
    value = " ".join(value.split()) if value else ""
    return value if value and not _JUNK.match(value) else None


def without_site(text: str, publisher: str | None) -> str:
    """Return the title of a page without the name of its site before or after it."""
    site = _letters(publisher or "")
    parts = _SITE.split(text)
    if len(parts) > 1 and len(site) > 2:
        first, last = _letters(parts[0]), _letters(parts[-1])
        if last and (last in site or site in last) and len(last) <= 2 * len(site):
            text = text[: text.rindex(parts[-1])].rstrip(" |·•–—-")
        elif first and first == site:
            text = text[len(parts[0]) :].lstrip(" |·•–—-")
    lead, colon, rest = text.partition(": ")
    return rest if colon and rest and site and _letters(lead) == site else text


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
