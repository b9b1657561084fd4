"""A window of a browser without the browser: what it sends with each event of the chat, and what it then shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.requests import Request

from index.embed import Embedder
from index.library import Library
from ui.ask.conversation import Conversation
from ui.ask.seat import NOTHING, Seat
from ui.ask.tab import AskTab


def request(user: str = "local", query: str = "") -> gr.Request:
    """Return the request of a user, as it comes through `ui.server.users.Users`."""
    scope = {"type": "http", "headers": [], "query_string": query.encode(), "state": {"rag_user": user}}
    return gr.Request(Request(scope))


def event(**data: object) -> gr.EventData:
    """Return what the page tells of a click."""
    return gr.EventData(None, data)


class Window:
    """One window of a user on a tab."""

    def __init__(self, tab: AskTab, user: str = "local", collection: str = "default") -> None:
        self.tab = tab
        self.user = user
        self.seat = Seat()
        self.collection = collection
        self.html = self.listed = self.notice = self.question = self.id = ""
        self.asks, self.stops = True, False

    @property
    def where(self) -> tuple[Seat, str, str, gr.Request]:
        return self.seat, self.id, self.collection, request(self.user)

    @property
    def conversation(self) -> Conversation:
        return self.tab.talks.open(self.user, self.id, self.collection)

    def steps(self, question: str) -> Iterator[str]:
        """Ask, and yield what is shown after each step; nothing for a step that shows nothing."""
        yield from self.follow(self.tab.ask(question, *self.where))

    def ask(self, question: str) -> str:
        """Ask, and return what is shown at last."""
        *_, shown = self.steps(question)
        return shown

    def retry(self, **data: object) -> str:
        *_, shown = self.follow(self.tab.acts.retry(*self.where, event(**data)))
        return shown

    def follow(self, events: Iterator[tuple[Any, ...]]) -> Iterator[str]:
        for values in events:
            yield self.take(values)

    def do(self, act: Any, **data: object) -> str:
        """Do what a click does that brings one reply."""
        return self.take(act(*self.where, event(**data)) if data else act(*self.where))

    def load(self, query: str = "") -> str:
        self.seat = Seat()  # a page that is loaded anew
        return self.take(self.tab.load(self.seat, "", self.collection, request(self.user, query)))

    def take(self, values: tuple[Any, ...]) -> str:
        """Show what has come, and return the conversation; nothing if nothing has come."""
        if values == NOTHING:
            return ""
        html, ask, stop, question, identity, listed, notice, *_ = values
        skip = gr.skip()
        self.html = self.html if html == skip else html
        self.question = self.question if question == skip else question
        self.id = self.id if identity == skip else identity
        self.listed = self.listed if listed == skip else listed
        self.notice = self.notice if notice == skip else notice
        if ask != skip:
            self.asks, self.stops = ask["visible"], stop["visible"]
        return self.html


DOCUMENTS = {
    "harbour.txt": "The harbour\n\nBy Ines Falk\n\n2 March 2014\n\nThe harbour of Lorn handled 4.2 million tons of "
    "cargo in 2013. The town council rejected a second terminal.\n\nNine trawlers still work from Lorn. Herring made "
    "up 60 per cent of the catch.\n",
    "later.txt": "Lorn revisited\n\nBy Tomas Brandt\n\n14 June 2019\n\nThe harbour of Lorn handled 6.8 million tons in "
    "2018. A second terminal opened in May 2018.\n",
    "bread.txt": "A note on bread\n\nThe bakery on Mill Lane sells 300 loaves a day. Its oven is of brick.\n",
}


@contextmanager
def shelf(root: Path, embedder: Embedder) -> Iterator[Library]:
    """Open a library of three documents that lie in `root/documents`."""
    folder = root / "documents"
    folder.mkdir()
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    library = Library(root / "library", embedder)
    assert not library.add([folder]).failed
    yield library
    library.close()
