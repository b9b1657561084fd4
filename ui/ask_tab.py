"""The tab where questions are asked: its parts, and what happens when they are used. Imports gradio.

What was asked is kept per browser session. Errors that a user can do something about become a sentence in the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from ui import ask_view, source
from ui.conversation import Conversation
from ui.desk import Desk
from ui.events import DIRECT, KNOWN, STREAMED, chosen, html
from ui.words import Words

AT_ONCE = 4
"""Questions that are answered at the same time; more wait in line."""

FAILED = "This question could not be answered: 'rag ui' has written why where it was started."

Shown = tuple[str, Any, Any]
"""The conversation, and the two buttons of which one is there: ask, stop."""


class AskTab:
    """A conversation with the documents of a collection, and the document of a citation beside it."""

    def __init__(self, desk: Desk, words: Words) -> None:
        self.desk = desk
        self.words = words

    # Parts

    def build(self, session: gr.State, collection: gr.Dropdown) -> gr.HTML:
        """Put the parts into the open tab; return the conversation, for the page to refresh."""
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=3, min_width=320, elem_id="talk"):
                talk = html(ask_view.conversation([], len(self.desk.library().documents())), "conversation")
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
            [question, session, collection],
            [*shown, question],
            concurrency_limit=AT_ONCE,
            trigger_mode="multiple",  # or a question after a stop would be ignored until the model pauses
            show_progress="hidden",
            **STREAMED,
        )
        stop.click(self.stop, [session], shown, **DIRECT)
        clear.click(self.clear, [session, collection], [*shown, panel], **DIRECT)
        for part in (talk, panel):
            part.click(self.show, [session, collection], [panel], **DIRECT)
        return talk

    # What happens

    def refresh(self, session: Conversation, collection: str | None = None) -> str:
        """Show the conversation as it is now."""
        return self._shown(session, collection)[0]

    def ask(self, question: str, session: Conversation, collection: str | None = None) -> Iterator[tuple[Any, ...]]:
        """Answer a question, and show each stage and each sentence as it comes."""
        if session.busy:  # one at a time; the question stays in its box
            yield NOTHING
            return
        if not question.strip():
            yield (*self._shown(session, collection), "")
            return
        history = session.history()
        run = session.begin(question.strip())
        yield (*self._shown(session, collection), "")
        try:
            if not self.desk.library(collection).documents():
                session.end(run, ask_view.empty_library())
            else:
                for event in self.desk.assistant(collection).stream(question.strip(), history):
                    if not session.take(run, event):
                        break
                    yield (*self._shown(session, collection), gr.skip())
        except KNOWN as error:
            session.end(run, str(error))
        finally:
            session.end(run, FAILED)
        # Gradio shows the last of a generator's values once more when it ends: one that is over must end on nothing.
        yield (*self._shown(session, collection), gr.skip()) if run == session.run else NOTHING

    def stop(self, session: Conversation) -> Shown:
        """Leave the last question as far as it is answered."""
        session.stop()
        return self._shown(session)

    def clear(self, session: Conversation, collection: str | None = None) -> tuple[Any, ...]:
        """Begin anew."""
        session.clear()
        return (*self._shown(session, collection), source.no_source())

    def _shown(self, session: Conversation, collection: str | None = None) -> Shown:
        documents = 0 if session.exchanges else len(self.desk.library(collection).documents())
        buttons = gr.update(visible=not session.busy), gr.update(visible=session.busy)
        return ask_view.conversation(session.exchanges, documents), *buttons

    def show(self, session: Conversation, collection: str | None, event: gr.EventData) -> str:
        """Show the document of the citation that was chosen."""
        data = chosen(event)
        place = session.find(data.get("turn", ""), data.get("place", ""))
        exchange = session.exchanges[int(data["turn"])] if place else None
        return source.panel(place, self.desk.library(collection), data, self.words, exchange)


NOTHING = (gr.skip(),) * 4
"""Changes neither the conversation, nor the buttons, nor the question."""
