"""Tell the language of a text where its script alone tells it."""

from __future__ import annotations

import re

_SAMPLE = 20_000
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]"), 0.1),  # before Chinese: Japanese mixes kana with Han characters
    ("ko", re.compile(r"[\uac00-\ud7af]"), 0.3),
    ("zh", re.compile(r"[\u3400-\u9fff]"), 0.3),
    ("ru", re.compile(r"[\u0400-\u04ff]"), 0.5),
    ("el", re.compile(r"[\u0370-\u03ff]"), 0.5),
    ("ar", re.compile(r"[\u0600-\u06ff]"), 0.5),
    ("he", re.compile(r"[\u0590-\u05ff]"), 0.5),
    ("hi", re.compile(r"[\u0900-\u097f]"), 0.5),
    ("th", re.compile(r"[\u0e00-\u0e7f]"), 0.3),
)
_LETTER = re.compile(r"[^\W\d_]")


def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of the language that the script of the text tells, or None."""
    sample = text[:_SAMPLE]
    letters = len(_LETTER.findall(sample))
    if letters:
        for code, script, share in _SCRIPTS:
            if len(script.findall(sample)) > share * letters:
                return code
    return None
