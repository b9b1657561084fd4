"""Text of documents and models in Markdown, where it stands as text: no markup, no link, no mention, no formula.

Meant for GitHub, GitLab and the like, which read more than CommonMark: bare addresses, @names, #numbers, $formulas$.
"""

from __future__ import annotations

import re

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
