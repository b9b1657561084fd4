"""The page: its parts, and what happens when they are used.

Everything that is shown is HTML from `ui.view`, in components that run nothing but `page.js`. Errors that a user can
do something about end here, as a sentence in the page. Imports gradio; `ui.app` imports this module when it is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from index.errors import LibraryError
from index.library import Library
from index.types import FileReport, Outcome, Report
from prompts import PromptError
from rag.assistant import Assistant
from rag.errors import RagError
from rag.settings import Settings
from ui import uploads, view
from ui.conversation import Exchange, find, history

Exchanges = list[Exchange]
KNOWN = (LibraryError, PromptError, RagError)
"""The errors whose message is written for the user."""

FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")
SCRIPT = Path(__file__).with_name("page.js")
STYLE = Path(__file__).with_name("style.css")

AT_ONCE = 4
"""Questions that are answered at the same time; more wait in line."""


def theme() -> gr.themes.Base:
    """Return a theme of system fonts and quiet colours: nothing of it is fetched."""
    return gr.themes.Base(
        primary_hue="slate", secondary_hue="slate", neutral_hue="slate", font=FONTS, font_mono=MONO
    )


def layout(assistant: Assistant, library: Library, settings: Settings) -> gr.Blocks:
    """Return the page of one library."""
    script = SCRIPT.read_text(encoding="utf-8")
    with gr.Blocks(title="rag", analytics_enabled=False, fill_width=True) as page:
        model = assistant.model.name if assistant.model else "extractive"
        gr.HTML(f"<h1>Ask your documents</h1>{view.running(settings, model)}", elem_id="top", apply_default_css=False)
        with gr.Tabs():
            with gr.Tab("Ask"):
                talk = _ask_tab(assistant, library, script)
            with gr.Tab("Documents"):
                listed = _documents_tab(library, settings, script)
        both = [talk, listed]

        def refresh(exchanges: Exchanges) -> tuple[str, str]:
            return view.conversation(exchanges, len(library.documents())), view.documents(library.documents())

        state = next(block for block in page.blocks.values() if isinstance(block, gr.State))
        page.load(refresh, [state], both, show_progress="hidden", api_visibility="private")
    return page
