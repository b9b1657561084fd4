"""A box to type in that is there before the page is: gradio's page takes a second or two to make itself.

It is plain HTML with some lines of script, first in the body of the page, and goes when the page's own box is there.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ui.markup import text
from ui.words import Words

FOLDER = Path(__file__).parent


@cache
def early(language: str) -> str:
    """Return the box, as HTML, in a language."""
    words = Words(language)
    label, placeholder = text(words("ask.question_early")), text(words("ask.placeholder"))
    style, script = ((FOLDER / f"early.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    return (
        f'<form id="early"><textarea rows="1" autocomplete="off" aria-label="{label}" placeholder="{placeholder}">'
        f"</textarea></form><style>\n{style}</style><script>\n{script}</script>"
    )
