"""How the parts of the page and what happens on it are tied: the options of events, and what was clicked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from index.errors import LibraryError
from prompts import PromptError
from rag.errors import RagError

KNOWN = (LibraryError, PromptError, RagError)
"""The errors whose message is written for the user."""

SCRIPT = Path(__file__).with_name("page.js")
SCRIPTS = Path(__file__).with_name("scripts")
"""What parts of the page add to it: each file stands in a block of its own behind `page.js`, whose names it sees."""

STREAMED: dict[str, Any] = {"api_visibility": "private"}
DIRECT: dict[str, Any] = STREAMED | {"queue": False, "show_progress": "hidden"}
"""Events whose answer is the reply itself. An event of the stream is lost when it comes just as the stream closes
after the one before (gradio 6.31), so only what takes its time goes through the stream. None is part of an API."""


def html(value: str, name: str) -> gr.HTML:
    """Return a part that shows HTML, and runs nothing but `page.js` and `scripts`."""
    return gr.HTML(value, elem_id=name, apply_default_css=False, js_on_load=_script())


def _script() -> str:
    added = (path.read_text(encoding="utf-8") for path in sorted(SCRIPTS.glob("*.js")))
    return "\n".join((SCRIPT.read_text(encoding="utf-8"), *(f"{{\n{part}\n}}" for part in added)))


def chosen(event: gr.EventData) -> dict[str, str]:
    """Return the data of what was clicked: texts only, whatever a page may send."""
    data = event._data if isinstance(event._data, dict) else {}
    return {str(name): str(value) for name, value in data.items()}
