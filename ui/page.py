"""The page: its head, and its tabs. Imports gradio; `ui.app` imports this lazily.

Everything that is shown is HTML of our own, in components that run nothing but `page.js`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from ui.ask.tab import AskTab
from ui.desk import Desk
from ui.documents.tab import DocumentsTab
from ui.events import DIRECT, html
from ui.markup import text
from ui.page_view import languages, running
from ui.sets.tab import SetsTab
from ui.settings.tab import SettingsTab
from ui.words import ENGLISH, Words

FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")
STYLES = Path(__file__).with_name("style")


def style() -> str:
    """Return the style of the page: the files of `ui/style`, in the order of their names."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(STYLES.glob("*.css")))


def theme() -> gr.themes.Base:
    """Return a theme of system fonts and quiet colours: nothing of it is fetched."""
    return gr.themes.Base(primary_hue="slate", secondary_hue="slate", neutral_hue="slate", font=FONTS, font_mono=MONO)


class Page:
    """The page of a desk in one language."""

    def __init__(self, desk: Desk, words: Words = ENGLISH) -> None:
        self.desk = desk
        self.words = words
        self.ask = AskTab(desk, words)
        self.documents = DocumentsTab(desk, words)
        self.sets = SetsTab(desk, words)
        self.settings = SettingsTab(desk, words)

    def build(self) -> gr.Blocks:
        """Return the page."""
        words = self.words
        blocks = gr.Blocks(title="rag", analytics_enabled=False, fill_width=True)
        with blocks:
            with gr.Row(elem_id="head"):
                head = html(self._head(), "top")
                collection = gr.Dropdown(**self._collections(), interactive=True, elem_id="collection")
            loaded = blocks.load(self._heads, None, [head, collection], **DIRECT)
            with gr.Tabs():
                with gr.Tab(words("page.ask"), id="ask"):
                    self.ask.build(collection, loaded)
                with gr.Tab(words("page.documents"), id="documents") as documents:
                    self.documents.build(documents, collection, loaded)
                with gr.Tab(words("page.sets"), id="sets") as sets:
                    self.sets.build(sets, collection)
                with gr.Tab(words("page.settings"), id="settings") as settings:
                    changed = self.settings.build(settings, collection)
            changed.change(self._head, None, [head], **DIRECT)
        return blocks

    def _heads(self) -> tuple[str, Any]:
        return self._head(), gr.update(**self._collections())

    def _head(self) -> str:
        settings = self.desk.settings
        title = text(self.words("page.title"))
        head = f'<div class="title"><h1>{title}</h1>{languages(settings, self.words)}</div>'
        return head + running(settings, settings.model, self.words)

    def _collections(self) -> dict[str, Any]:
        names = self.desk.collections()
        return {
            "choices": names,
            "value": self.desk.settings.collection,
            "label": self.words("page.collection"),
            "visible": len(names) > 1,
        }
