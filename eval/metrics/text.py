"""What the metrics take a text for: typography folded, citation markers left out."""

from __future__ import annotations

import re
import unicodedata

NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
).split()

QUOTES = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032`\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"')
)
"""Quotation marks of all kinds, and what stands for them in ASCII."""

_MARKER = re.compile(r"\s*\[\d+(?:\s*[,;\u2013-]\s*\d+)*\]")


def plain(text: str) -> str:
    """Return a text without citation markers such as [1], with typography folded and white space single."""
    text = _MARKER.sub("", text).translate(QUOTES)
    text = "".join("-" if unicodedata.category(c) == "Pd" else c for c in text if c != "\u00ad")
    return " ".join(text.split())
