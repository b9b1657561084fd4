"""What is done with questions that were asked: again, changed, judged, kept in a set; and with whole conversations.

Belongs to `ui.ask.tab`, whose parts it changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from eval.formats import SetError
from rag.errors import RagError
from rag.exchange import Rating
from ui.ask import keeping, keeping_view, talks_view
from ui.ask.acts_view import LONGEST_REASON
from ui.ask.conversation import Conversation
from ui.ask.seat import NOTHING, Seat, Shown
from ui.events import DIRECT, KNOWN, chosen, html
from ui.server.users import user_of
from ui.sets import shelf as sets

if TYPE_CHECKING:
    from ui.ask.tab import AskTab

RATINGS: dict[str, Rating] = {"up": "up", "down": "down"}


class AskActs:
    """The acts of the tab where questions are asked."""

    def __init__(self, tab: AskTab) -> None:
        self.tab = tab
        self.talks = tab.talks
        self.words = tab.words

    def build(
        self, talk: gr.HTML, notice: gr.HTML, where: list[Any], parts: list[Any], streamed: dict[str, Any]
    ) -> None:
        """Tie the events of the conversation."""
        form = html("", "keeping")
        talk.retry(self.retry, where, parts, **streamed)
        talk.edit(self.edit, where, parts, **DIRECT)
        talk.like(self.rate, where, parts, **DIRECT)
        talk.apply(self.change, where, parts, **DIRECT)
        talk.select(self.offer, where, [form], **DIRECT)
        form.submit(self.keep, where, [form, notice], **DIRECT)
        notice.undo(self.cancel, where, parts, **DIRECT)

    def retry(
        self, seat: Seat, shown_id: str, collection: str, request: gr.Request, event: gr.EventData
    ) -> Iterator[Shown]:
        """Ask a question again, of the model that was chosen."""
        data = chosen(event)
        try:
            c = self._open(shown_id, collection, request)
            if c.busy or not c.exchange(data.get("turn", "")):
                yield self._said(self.words("ask.busy"))
                return
            self.talks.retry(c, int(data["turn"]), data.get("model", ""))
        except KNOWN as error:
            yield self._said(str(error))
            return
        yield from self.tab.watched(seat, c)

    def edit(self, seat: Seat, shown_id: str, collection: str, request: gr.Request, event: gr.EventData) -> Shown:
        """Put a question into the box, to be asked otherwise."""
        turn = chosen(event).get("turn", "")
        c = self._open(shown_id, collection, request)
        exchange = c.exchange(turn)
        if exchange is None:
            return NOTHING
        seat.editing = int(turn)
        said = talks_view.notice(self.words("ask.editing"), self.words, cancel=True)
        return (*NOTHING[:3], exchange.question, *NOTHING[4:6], said)

    def cancel(self, seat: Seat, shown_id: str, collection: str, request: gr.Request) -> Shown:
        """Leave the question as it was."""
        seat.editing = None
        return (*NOTHING[:3], "", *NOTHING[4:6], "")

    def rate(self, seat: Seat, shown_id: str, collection: str, request: gr.Request, event: gr.EventData) -> Shown:
        """Keep whether an answer is good, and why."""
        data = chosen(event)
        c = self._open(shown_id, collection, request)
        if c.busy or not c.exchange(data.get("turn", "")):
            return NOTHING
        reason = " ".join(data.get("reason", "").split())[:LONGEST_REASON]
        self.talks.rate(c, int(data["turn"]), RATINGS.get(data.get("rating", ""), ""), reason)
        return self.tab.shown(seat, c, entire=True)

    def change(self, seat: Seat, shown_id: str, collection: str, request: gr.Request, event: gr.EventData) -> Shown:
        """Rename or delete the conversation."""
        data = chosen(event)
        try:
            c = self._open(shown_id, collection, request)
            if data.get("what") == "delete":
                seat.take()
                self.talks.delete(c)
                return self.tab.shown(seat, self._open("", collection, request), entire=True, said="", question="")
            self.talks.rename(c, data.get("text", ""))
            return self.tab.shown(seat, c, entire=True)
        except RagError as error:
            return self._said(str(error))

    # Sets

    def offer(self, seat: Seat, shown_id: str, collection: str, request: gr.Request, event: gr.EventData) -> str:
        """Show the form by which a question enters a set."""
        c, turn = self._open(shown_id, collection, request), chosen(event).get("turn", "")
        exchange = c.exchange(turn)
        if exchange is None:
            return ""
        names = self._sets(c)
        return keeping_view.dialog(int(turn), exchange, keeping.first_form(exchange, names), names, self.words)

    def keep(
        self, seat: Seat, shown_id: str, collection: str, request: gr.Request, event: gr.EventData
    ) -> tuple[Any, Any]:
        """Add the question to the set, or say what is wrong with it."""
        data = chosen(event)
        c, turn = self._open(shown_id, collection, request), data.get("turn", "")
        exchange, form = c.exchange(turn), keeping.form_of(data)
        if exchange is None:
            return "", gr.skip()
        try:
            path, item = keeping.keep(sets.folder(self.tab.desk.settings, c.collection), exchange, form)
        except SetError as error:
            form = replace(form, places=form.places & exchange.places.keys())
            return keeping_view.dialog(int(turn), exchange, form, self._sets(c), self.words, str(error)), gr.skip()
        return "", talks_view.notice(self.words("ask.set_kept", id=item.id, name=path.stem), self.words)

    def _sets(self, c: Conversation) -> list[str]:
        kept = sets.kept(sets.folder(self.tab.desk.settings, c.collection))
        return [one.name for one in kept if not one.problem]

    # What all share

    def _said(self, problem: str) -> Shown:
        return (*NOTHING[:-1], talks_view.notice(problem, alert=True))

    def _open(self, shown_id: str, collection: str, request: gr.Request) -> Conversation:
        return self.talks.open(user_of(request), shown_id, collection)
