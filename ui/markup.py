"""How text becomes HTML: here, in the modules named `view` or `…_view`, and in `ui/source/`.

All text of documents, users and models goes through `text`, which leaves no character that a browser could
read as markup. Nothing is read as Markdown or LaTeX.
"""

from __future__ import annotations

import html
import re

_UNSHOWABLE = re.compile(r"[\x00\ud800-\udfff]")


def text(value: object) -> str:
    """Return a value as text that a browser shows as it stands, in an element or in a quoted attribute."""
    return html.escape(_UNSHOWABLE.sub("\ufffd", str(value)), quote=True).replace("\r", "&#13;")


def note(message: str) -> str:
    """Return a message that something could not be done."""
    return f'<p class="problem" role="alert" dir="auto">{text(message)}</p>'
