"""The page: its parts, and what happens when they are used.

Everything that is shown is HTML from `ui.view`, in components that run nothing but `page.js`. Errors that a
user can do something about end here, as a sentence in the page. Imports gradio; `ui.app` imports this lazily.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
from ui import source, uploads, view
from ui.conversation import Conversation
from ui.events import DIRECT, STREAMED, chosen, html
from ui.markup import note
from ui.sets_tab import SetsTab

KNOWN = (LibraryError, PromptError, RagError)
"""The errors whose message is written for the user."""

FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")
STYLE = Path(__file__).with_name("style.css")

AT_ONCE = 4
"""Questions that are answered at the same time; more wait in line."""

FAILED = "This question could not be answered: 'rag ui' has written why where it was started."

Shown = tuple[str, Any, Any]
"""The conversation, and the two buttons of which one is there: ask, stop."""


def theme() -> gr.themes.Base:
    """Return a theme of system fonts and quiet colours: nothing of it is fetched."""
    return gr.themes.Base(primary_hue="slate", secondary_hue="slate", neutral_hue="slate", font=FONTS, font_mono=MONO)


class Page:
    """The page of one library, and what happens on it. What was asked is kept per browser session."""

    def __init__(self, assistant: Assistant, library: Library, settings: Settings) -> None:
        self.assistant = assistant
        self.library = library
        self.settings = settings
        self.uploads = settings.library.resolve() / "uploads"
        self.sets = SetsTab(assistant, library, settings)

    # Parts

    def build(self) -> gr.Blocks:
        """Return the page."""
        model = self.assistant.model.name if self.assistant.model else "extractive"
        blocks = gr.Blocks(title="rag", analytics_enabled=False, fill_width=True)
        with blocks:
            html(f"<h1>Ask your documents</h1>{view.running(self.settings, model)}", "top")
            session: gr.State = gr.State(Conversation())
            with gr.Tabs():
                with gr.Tab("Ask", id="ask"):
                    talk = self._ask_tab(session)
                with gr.Tab("Documents", id="documents"):
                    listed = self._documents_tab()
                with gr.Tab("Question sets", id="sets"):
                    shelf = self.sets.build()
            blocks.load(self.refresh, [session], [talk, listed], **DIRECT)
            blocks.load(self.sets.refresh, None, [shelf], **DIRECT)
        return blocks

    def _ask_tab(self, session: gr.State) -> gr.HTML:
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=3, min_width=320, elem_id="talk"):
                talk = html(view.conversation([], len(self.library.documents())), "conversation")
                with gr.Row(elem_id="asking"):
                    question = gr.Textbox(
                        label="Question",
                        placeholder="Ask a question",
                        lines=1,
                        max_lines=6,
                        container=False,
                        scale=4,
                        autofocus=True,
                    )
                    ask = gr.Button("Ask", variant="primary", scale=0, min_width=80)
                    stop = gr.Button("Stop", visible=False, scale=0, min_width=80)
                clear = gr.Button("New conversation", size="sm", variant="secondary", elem_id="clear")
            with gr.Column(scale=2, min_width=320, elem_id="beside"):
                panel = html(source.no_source(), "panel")
        shown = [talk, ask, stop]
        gr.on(
            [question.submit, ask.click],
            self.ask,
            [question, session],
            [*shown, question],
            concurrency_limit=AT_ONCE,
            trigger_mode="multiple",  # or a question after a stop would be ignored until the model pauses
            show_progress="hidden",
            **STREAMED,
        )
        stop.click(self.stop, [session], shown, **DIRECT)
        clear.click(self.clear, [session], [*shown, panel], **DIRECT)
        for part in (talk, panel):
            part.click(self.show, [session], [panel], **DIRECT)
        return talk

    def _documents_tab(self) -> gr.HTML:
        files = gr.File(label="Add documents", file_count="multiple", height=150, elem_id="files")
        result = html("", "report")
        listed = html(view.documents(self.library.documents()), "documents")
        files.upload(self.add, [files], [result, listed, files], **STREAMED)
        listed.click(self.remove, None, [result, listed], **DIRECT)
        return listed

    # Asking

    def refresh(self, session: Conversation) -> tuple[str, str]:
        """Show the conversation and the documents as they are now."""
        return self._shown(session)[0], view.documents(self.library.documents())

    def ask(self, question: str, session: Conversation) -> Iterator[tuple[Any, ...]]:
        """Answer a question, and show each stage and each sentence as it comes."""
        if session.busy:  # one at a time; the question stays in its box
            yield NOTHING
            return
        if not question.strip():
            yield (*self._shown(session), "")
            return
        history = session.history()
        run = session.begin(question.strip())
        yield (*self._shown(session), "")
        try:
            if not self.library.documents():
                session.end(run, view.empty_library())
            else:
                for event in self.assistant.stream(question.strip(), history):
                    if not session.take(run, event):
                        break
                    yield (*self._shown(session), gr.skip())
        except KNOWN as error:
            session.end(run, str(error))
        finally:
            session.end(run, FAILED)
        # Gradio shows the last of a generator's values once more when it ends: one that is over must end on nothing.
        yield (*self._shown(session), gr.skip()) if run == session.run else NOTHING

    def stop(self, session: Conversation) -> Shown:
        """Leave the last question as far as it is answered."""
        session.stop()
        return self._shown(session)

    def clear(self, session: Conversation) -> tuple[Any, ...]:
        """Begin anew."""
        session.clear()
        return (*self._shown(session), source.no_source())

    def _shown(self, session: Conversation) -> Shown:
        documents = 0 if session.exchanges else len(self.library.documents())
        buttons = gr.update(visible=not session.busy), gr.update(visible=session.busy)
        return view.conversation(session.exchanges, documents), *buttons

    def show(self, session: Conversation, event: gr.EventData) -> str:
        """Show the document of the citation that was chosen."""
        data = chosen(event)
        turn, key = data.get("turn", ""), data.get("place", "")
        place = session.find(turn, key)
        if place is None:
            return source.lost_source("This citation is not in the conversation any more.")
        try:
            document = self.library.document(place.document)
        except LibraryError:
            return source.lost_source(f"{place.title} is not in the library any more.")
        whole, raw = bool(data.get("whole")), bool(data.get("raw"))
        return source.source(place, document, turn, key, whole=whole, raw=raw)

    # Documents

    def add(
        self,
        files: Sequence[str] | None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008  (gradio finds the bar by this default)
    ) -> tuple[str, str, None]:
        """Keep uploaded files, add them, and say what became of each."""
        kept, refused = self._keep(files or ())
        try:
            report = self.library.add(kept, progress=lambda done, total, name: progress((done, total), name))
        except LibraryError as error:
            report = Report(tuple(FileReport(str(path), Outcome.FAILED, str(error)) for path in kept))
        self._discard_unused(map(str, kept))
        said = view.report(Report((*report.files, *refused)))
        return said, view.documents(self.library.documents()), None

    def _keep(self, files: Sequence[str]) -> tuple[list[Path], list[FileReport]]:
        """Move files out of the folder where the browser's uploads lie; say which could not be kept."""
        kept, refused = [], []
        for file in map(Path, files):
            try:
                kept.append(uploads.keep(file, self.uploads))
            except OSError as error:
                why = f"cannot be kept in {self.uploads}: {error.strerror}"
                refused.append(FileReport(file.name, Outcome.FAILED, why))
            file.unlink(missing_ok=True)
        return kept, refused

    def _discard_unused(self, files: Iterable[str]) -> None:
        """Delete those of the uploaded files that no document of the library is, or lies in."""
        used = set(self.library.store.files().values())
        uploads.discard((file for file in files if file not in used), self.uploads)

    def remove(self, event: gr.EventData) -> tuple[str, str]:
        """Remove a document, and its uploaded file if it has one."""
        reference = chosen(event).get("document", "")
        try:
            places = self.library.store.places(reference)
            info = self.library.remove(reference)
            self._discard_unused(container or path for path, container in places.items())
            message = view.report(Report((FileReport(info.title, Outcome.REMOVED),)))
        except (LibraryError, OSError) as error:
            message = note(str(error))
        return message, view.documents(self.library.documents())


NOTHING = (gr.skip(),) * 4
"""Changes neither the conversation, nor the buttons, nor the question."""
