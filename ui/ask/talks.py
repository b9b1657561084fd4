"""The conversations of a server: those that are kept, and those in which a question is being answered now.

A question is answered in a thread of its own, whoever watches: a page that is closed or loaded again finds it going on.
Imports no gradio.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from threading import BoundedSemaphore, RLock, Thread
from typing import TYPE_CHECKING

from index.errors import LibraryError
from prompts import PromptError
from rag.conversations import ConversationError, Conversations, Forgotten, Listed, new_id
from rag.errors import RagError
from rag.exchange import Exchange, Rating
from rag.halt import Halt, Halted, halting
from rag.models import describe, model_options
from rag.standing import Lost, Span, lost, span
from ui.ask.conversation import FAILED, Conversation, known

if TYPE_CHECKING:
    from ui.desk import Desk

AT_ONCE = 4
"""Questions that are answered at the same time; more wait in line."""
ENDING_S = 5.0
"""Seconds that a thread has to end when the server does."""


class Talks:
    """The conversations of a desk. Safe to share between threads."""

    def __init__(self, desk: Desk) -> None:
        """Open those that are kept.

        Raises:
            ConversationError: when they cannot be read.
        """
        self.desk = desk
        self.store = Conversations(desk.settings.home.expanduser() / "conversations.db")
        self._lock = RLock()
        self._running: dict[str, tuple[Conversation, Halt, Thread]] = {}
        self._places = BoundedSemaphore(AT_ONCE)
        self._seen: dict[tuple[str, tuple[int, int], Span, str], Lost | None] = {}

    def close(self) -> None:
        """Stop what is being answered, and close the file; what was asked is kept as it stands."""
        with self._lock:
            running = list(self._running.values())
        for _, halt, _ in running:
            halt.wish()
        for _, _, thread in running:
            thread.join(ENDING_S)
        self.store.close()

    # Finding

    def open(self, user: str, identity: str, collection: str) -> Conversation:
        """Return a conversation of a user; without an id, a new one with a collection.

        Raises:
            ConversationError: when this user has none of that id.
        """
        if not identity:
            return Conversation([], user, collection)
        with self._lock:
            if (running := self._running.get(identity)) and running[0].user == user:
                return running[0]
            talk = self.store.talk(user, identity)
            return Conversation(known(talk.exchanges), user, talk.collection, identity, talk.title)

    def listed(self, user: str, collection: str, search: str = "") -> list[Listed]:
        """Return a user's conversations with a collection, the newest first."""
        return self.store.listed(user, collection, search)

    def models(self) -> list[str]:
        """Return the names of the models that can answer here, the one of the settings first."""
        settings = self.desk.settings
        usable = [info.name for info in describe(model_options(settings)) if info.usable]
        named = [name for name in usable if not name.endswith((":PATH", ":NAME"))]
        return list(dict.fromkeys((settings.model, *named)))

    def lost(self, conversation: Conversation) -> dict[Span, Lost]:
        """Return what was cited in a conversation and does not stand in its document any more.

        A quote that was looked up is looked up again only when the library has changed.
        """
        places = [place for e in conversation.exchanges if not e.waiting for place in e.places.values()]
        if not places:
            return {}
        try:
            library = self.desk.library(conversation.collection)
        except (LibraryError, RagError):  # the whole collection is gone
            return {span(place): "gone" for place in places}
        state = library.store.state
        keys = {span(p): (conversation.collection, state, span(p), p.quote) for p in places}
        if any(key not in self._seen for key in keys.values()):
            if len(self._seen) > REMEMBERED:
                self._seen.clear()
            found = lost(places, library)
            self._seen.update({key: found.get(place) for place, key in keys.items()})
        return {place: why for place, key in keys.items() if (why := self._seen.get(key))}

    # Asking

    def ask(self, conversation: Conversation, question: str, model: str = "", *, before: int | None = None) -> None:
        """Have a question answered in a conversation, which shows what comes of it.

        Args:
            conversation: what it belongs to; nothing is being answered in it.
            question: as it was asked.
            model: who is to answer; the one of the settings if none is named.
            before: the number of the question that it is asked in the place of, so that it leans on those before it.

        Raises:
            ConversationError: when it cannot be kept.
        """
        history = conversation.history(before)
        identity = conversation.id or new_id()
        asked = Exchange(question, model=model or self.desk.settings.model)
        with self._lock:
            asked = self.store.ask(conversation.user, conversation.collection, identity, asked)
            if not conversation.id:
                conversation.id = identity
                conversation.title = self.store.talk(conversation.user, identity).title
            run, halt = conversation.begin(asked), Halt()

            def answer() -> None:
                problem = FAILED  # of what is raised here the thread's own hook tells on the server's side
                try:
                    with self._places:
                        problem = self._answer(conversation, run, halt, question, history, model)
                finally:
                    self._settle(conversation, run, halt, asked.id, problem)

            thread = Thread(target=answer, name="rag-answer", daemon=True)
            self._running[identity] = conversation, halt, thread
        thread.start()

    def _answer(
        self, c: Conversation, run: int, halt: Halt, question: str, history: Sequence[object], model: str
    ) -> str:
        """Answer a question, and return what went wrong, if anything."""
        try:
            assistant = halting(self.desk.assistant(c.collection, model or None), halt)
            with closing(assistant.stream(question, history)) as events:  # type: ignore[type-var, arg-type]
                for event in events:
                    halt.check()
                    if not c.take(run, event):
                        break
        except Halted:
            return ""
        except (LibraryError, PromptError, RagError) as error:
            return str(error)
        return ""

    def _settle(self, conversation: Conversation, run: int, halt: Halt, identity: int, problem: str) -> None:
        """Keep what has come of a question, unless it was stopped, when that is done already."""
        conversation.end(run, problem)
        if run == conversation.run:
            for exchange in conversation.exchanges:
                if exchange.id == identity:
                    self._put(exchange)
        with self._lock:
            if (there := self._running.get(conversation.id)) and there[1] is halt:
                del self._running[conversation.id]

    def stop(self, conversation: Conversation) -> None:
        """Stop the answer that is coming, and the model that writes it."""
        if not conversation.busy:
            return
        conversation.stop()
        self._put(conversation.exchanges[-1])
        with self._lock:
            running = self._running.pop(conversation.id, None)
        if running:
            running[1].wish()

    def retry(self, conversation: Conversation, turn: int, model: str = "") -> None:
        """Ask a question once more, perhaps of another model; the last takes the place of one that has no answer.

        Raises:
            ConversationError: when the model is none of `models`.
        """
        if model and model not in self.models():
            raise ConversationError(f"There is no model {model!r} to choose here: {', '.join(self.models())}.")
        exchange = conversation.exchanges[turn]
        self._make_room(conversation, turn)
        self.ask(conversation, exchange.question, model, before=turn)

    def edit(self, conversation: Conversation, turn: int, question: str) -> Conversation:
        """Ask another question in the place of one, and return the conversation that goes on with it.

        It is a copy, unless there is nothing to lose: what was asked and answered stays as it is.
        """
        fork = conversation
        if not self._make_room(conversation, turn):
            user, collection = conversation.user, conversation.collection
            fork = self.open(user, self.store.fork(user, conversation.id, turn) if turn else "", collection)
        self.ask(fork, question)
        return fork

    def _make_room(self, conversation: Conversation, turn: int) -> bool:
        """Take the last question away if there is no answer to it, and tell whether that was done."""
        exchange = conversation.exchanges[turn]
        alone = turn == len(conversation.exchanges) - 1 and not exchange.answer and not exchange.checked
        if alone:
            self.store.drop(conversation.user, exchange.id)
            conversation.drop()
        return alone

    # Keeping

    def rate(self, conversation: Conversation, turn: int, rating: Rating, reason: str = "") -> None:
        """Keep what a user thinks of an answer."""
        exchange = replace(conversation.exchanges[turn], rating=rating, reason=reason if rating else "")
        self.store.rate(conversation.user, exchange.id, exchange.rating, exchange.reason)
        conversation.put(turn, exchange)

    def rename(self, conversation: Conversation, title: str) -> None:
        """Give a conversation another title."""
        self.store.rename(conversation.user, conversation.id, title)
        conversation.title = self.store.talk(conversation.user, conversation.id).title

    def delete(self, conversation: Conversation) -> None:
        """Delete a conversation; what is being answered in it stops."""
        self.stop(conversation)
        self.store.delete(conversation.user, conversation.id)

    def forget(self, collection: str) -> Forgotten:
        """Delete every user's conversations with a collection; what is being answered in them stops."""
        with self._lock:
            running = [conversation for conversation, _, _ in self._running.values()]
        for conversation in running:
            if conversation.collection == collection:
                self.stop(conversation)
        return self.store.forget(collection)

    def _put(self, exchange: Exchange) -> None:
        try:
            self.store.put(exchange)
        except ConversationError as error:  # shown it is; who reads the log learns that it will not be found again
            traceback.print_exception(error)


REMEMBERED = 10_000
"""Quotes of which is remembered whether they still stand."""
