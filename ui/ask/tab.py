"""The tab where questions are asked: its parts, and what happens when they are used. Imports gradio.

What is asked is answered and kept by `ui.ask.talks`; here it is shown. The page itself says which conversation it shows
(`shown_id`, and the address of the page), so that it goes on with it when the server was started anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from rag.conversations import ConversationError
from rag.question import standalone
from ui.ask import talks_view
from ui.ask import view as ask_view
from ui.ask.acts import AskActs
from ui.ask.conversation import Conversation
from ui.ask.seat import NOTHING, Seat, Shown
from ui.desk import Desk
from ui.events import DIRECT, KNOWN, STREAMED, chosen, html
from ui.server.users import user_of
from ui.source import panel as source
from ui.words import Words

WATCHED = 20
"""Pages that may watch an answer come at the same time; how many are answered is `ui.ask.talks.AT_ONCE`."""
PATIENCE_S = 20.0
"""Seconds after which a page that watches is told again what it knows, so that one that has gone is noticed."""


class AskTab:
    """A conversation with the documents of a collection, and the document of a citation beside it."""

    def __init__(self, desk: Desk, words: Words) -> None:
        self.desk = desk
        self.words = words
        self.talks = desk.talks
        self.acts = AskActs(self)

    # Parts

    def build(self, collection: gr.Dropdown, loaded: Any) -> None:
        """Put the parts into the open tab; `loaded` is the event after which the page shows its conversation."""
        words = self.words
        seat: gr.State = gr.State(Seat())
        shown_id = gr.Textbox(visible=False)
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=1, min_width=180, elem_id="talks"):
                new = gr.Button(words("ask.new"), size="sm", variant="secondary", elem_id="clear")
                label = words("ask.search")
                search = gr.Textbox(label=label, placeholder=label, container=False, max_lines=1, elem_id="find-talk")
                listed = html("", "talks-list")
            with gr.Column(scale=4, min_width=320, elem_id="talk"):
                html(talks_view.bar(words), "talks-bar")
                talk = html(self._welcome(), "conversation")
                notice = html("", "notice")
                with gr.Row(elem_id="asking"):
                    question = gr.Textbox(
                        label=words("ask.question"),
                        placeholder=words("ask.placeholder"),
                        lines=1,
                        max_lines=6,
                        container=False,
                        scale=4,
                        autofocus=True,
                    )
                    ask = gr.Button(words("ask.ask"), variant="primary", scale=0, min_width=80)
                    stop = gr.Button(words("ask.stop"), visible=False, scale=0, min_width=80)
            with gr.Column(scale=3, min_width=320, elem_id="beside"):
                panel = html(source.no_source(words), "panel")
        parts = [talk, ask, stop, question, shown_id, listed, notice]
        where = [seat, shown_id, collection]
        streamed: dict[str, Any] = {"concurrency_limit": WATCHED, "show_progress": "hidden", **STREAMED}
        # Else a question after a stop would be ignored until the model pauses.
        gr.on([question.submit, ask.click], self.ask, [question, *where], parts, trigger_mode="multiple", **streamed)
        stop.click(self.stop, where, parts, **DIRECT)
        loaded.then(self.load, where, [*parts, collection], **DIRECT)
        talk.play(self.watch, where, parts, **streamed)
        new.click(self.new, where, [*parts, panel], **DIRECT)
        collection.change(self.change, where, [*parts, panel], **DIRECT)
        listed.select(self.open, where, [*parts, panel, collection], **DIRECT)
        search.change(self.find, [search, *where], [listed], trigger_mode="always_last", **DIRECT)
        for part in (talk, panel):
            # The page asks for one at a time; "once" would leave one out that is asked for as another comes.
            part.click(self.show, where, [panel], trigger_mode="multiple", **DIRECT)
        self.acts.build(talk, notice, where, parts, streamed)

    # What happens

    def load(self, seat: Seat, shown_id: str, collection: str, request: gr.Request) -> Shown:
        """Show the conversation that the address of the page names; a new one if it names none that is there."""
        if seat.number:  # a question was asked before the page had loaded to its end: that is shown
            return (*NOTHING, gr.skip())
        named = str(dict(request.query_params).get("conversation", ""))
        try:
            c = self.talks.open(user_of(request), named, collection)
        except ConversationError as error:
            return (*self.shown(seat, self._new(collection, request), entire=True, said=_alert(str(error))), gr.skip())
        seat.take()
        return (*self.shown(seat, c, entire=True, said="", watched=False), c.collection or gr.skip())

    def watch(self, seat: Seat, shown_id: str, collection: str, request: gr.Request) -> Iterator[Shown]:
        """Show what comes of a question that is being answered already: the page asks for it when it is shown one.

        Not at once after each load: a question that comes just as a stream ends is lost (`ui.events.DIRECT`).
        """
        c = self._open(shown_id, collection, request)
        yield from self.watched(seat, c) if c.busy else (NOTHING,)

    def ask(self, question: str, seat: Seat, shown_id: str, collection: str, request: gr.Request) -> Iterator[Shown]:
        """Have a question answered, and show each stage and each sentence as it comes."""
        asked, editing = question.strip(), seat.editing
        if not asked:
            yield NOTHING
            return
        try:
            c = self._open(shown_id, collection, request)
            if c.busy:  # one at a time; the question stays in its box
                yield _said(_alert(self.words("ask.busy")))
                return
            standalone(asked, (), ())  # tells what cannot be asked, before anything is kept
            if not self.desk.library(c.collection).documents():
                yield _said(_alert(ask_view.empty_library(self.words)))
                return
            seat.editing = None
            before = c
            if editing is not None and c.exchange(str(editing)):
                c = self.talks.edit(c, editing, asked)
            else:
                self.talks.ask(c, asked)
        except KNOWN as error:
            yield _said(_alert(str(error)))
            return
        said = "" if c is before else talks_view.notice(self.words("ask.forked"), self.words)
        yield from self.watched(seat, c, said=said, question="")

    def watched(self, seat: Seat, c: Conversation, **first: Any) -> Iterator[Shown]:
        """Show a conversation until its question is answered, or the page shows something else."""
        number, version, busy = seat.take(), c.wait(-1, 0), c.busy
        yield self.shown(seat, c, entire=True, **first)
        while busy:
            version = c.wait(version, PATIENCE_S)
            # Gradio shows the last of a generator's values once more when it ends: what is over must end on nothing.
            if seat.number != number:
                yield NOTHING
                return
            busy = c.busy  # before it is shown: what changes meanwhile is shown the next time
            yield self.shown(seat, c, entire=not busy)

    def stop(self, seat: Seat, shown_id: str, collection: str, request: gr.Request) -> Shown:
        """Stop the answer that is coming, and the model that writes it."""
        seat.take()
        try:
            c = self._open(shown_id, collection, request)
        except ConversationError as error:
            return _said(_alert(str(error)))
        self.talks.stop(c)
        return self.shown(seat, c, entire=True, said="")

    def new(self, seat: Seat, shown_id: str, collection: str, request: gr.Request) -> Shown:
        """Begin a new conversation; what is being answered in the other goes on."""
        seat.take()
        seat.editing = None
        c = self._new(collection, request)
        return (*self.shown(seat, c, entire=True, said="", question=""), source.no_source(self.words))

    def change(self, seat: Seat, shown_id: str, collection: str, request: gr.Request) -> Shown:
        """Begin a new conversation with another collection."""
        try:
            same = self._open(shown_id, collection, request).collection == collection
        except ConversationError:
            same = False
        if shown_id and same:  # it was chosen because its conversation was
            return (*NOTHING, gr.skip())
        return self.new(seat, shown_id, collection, request)

    def open(self, seat: Seat, shown_id: str, collection: str, request: gr.Request, event: gr.EventData) -> Shown:
        """Show the conversation that was chosen from the list."""
        seat.take()
        seat.editing = None
        try:
            c = self._open(chosen(event).get("talk", ""), collection, request)
        except ConversationError as error:
            listed = self._listed(seat, shown_id, collection, user_of(request))
            return (*NOTHING[:5], listed, _alert(str(error)), gr.skip(), gr.skip())
        shown = self.shown(seat, c, entire=True, said="", question="", watched=False)
        return (*shown, source.no_source(self.words), c.collection)

    def find(self, search: str, seat: Seat, shown_id: str, collection: str, request: gr.Request) -> str:
        """Show the conversations that hold these words."""
        seat.search = search
        return self._listed(seat, shown_id, collection, user_of(request))

    def show(self, seat: Seat, shown_id: str, collection: str, request: gr.Request, event: gr.EventData) -> str:
        """Show the document of the citation that was chosen."""
        data = chosen(event)
        try:
            c = self._open(shown_id, collection, request)
            place, exchange = c.find(data.get("turn", ""), data.get("place", "")), c.exchange(data.get("turn", ""))
            return source.panel(place, self.desk.library(c.collection), data, self.words, exchange)
        except KNOWN as error:
            return source.lost_source(str(error), self.words)

    # What is shown

    def shown(
        self,
        seat: Seat,
        c: Conversation,
        *,
        entire: bool = False,
        said: str | None = None,
        question: str | None = None,
        watched: bool = True,
    ) -> Shown:
        """Return what shows a conversation on a page.

        Args:
            seat: the page.
            c: the conversation.
            entire: with the list of all, which changes when a question begins or ends.
            said: what is said above the question; what is there, if nothing is given.
            question: what stands in the box; what is there, if nothing is given.
            watched: whether more will come by itself when a question is being answered.
        """
        documents = 0 if c.exchanges else len(self.desk.library(c.collection).documents())
        unwatched = c.busy and not watched
        around = ask_view.Around(c.id, c.title, self.talks.models(), self.talks.lost(c), unwatched)
        return (
            ask_view.conversation(c.exchanges, documents, self.words, around),
            gr.update(visible=not c.busy),
            gr.update(visible=c.busy),
            gr.skip() if question is None else question,
            c.id,
            self._listed(seat, c.id, c.collection, c.user) if entire else gr.skip(),
            gr.skip() if said is None else said,
        )

    def _listed(self, seat: Seat, shown_id: str, collection: str, user: str) -> str:
        found = self.talks.listed(user, collection, seat.search)
        return talks_view.listed(found, shown_id, seat.search, self.words)

    def _open(self, shown_id: str, collection: str, request: gr.Request) -> Conversation:
        return self.talks.open(user_of(request), shown_id, collection or self.desk.settings.collection)

    def _new(self, collection: str, request: gr.Request) -> Conversation:
        return self._open("", collection, request)

    def _welcome(self) -> str:
        return ask_view.conversation([], len(self.desk.library().documents()), self.words)


def _said(notice: str) -> Shown:
    """Change nothing but what is said above the question."""
    return (*NOTHING[:-1], notice)


def _alert(message: str) -> str:
    return talks_view.notice(message, alert=True)
