"""The tab of question sets: its parts, and what happens when they are used. Imports gradio."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gradio as gr

from eval.formats import SetError
from eval.propose import SHARE, Session, propose
from index.errors import LibraryError
from prompts import PromptError
from rag.errors import RagError
from ui import set_run, sets, sets_view, source
from ui.desk import Desk
from ui.events import DIRECT, STREAMED, chosen, html
from ui.markup import note
from ui.sitting import Sitting, facts_text
from ui.words import ENGLISH, Words

WANTED = 20
"""Questions proposed at a time, unless the user says otherwise."""
MOST = 500

BACK = '<a class="back" href="#offer" data-act="back">Back to the proposal</a>'

AT_ONCE = 4
"""People who may have questions proposed, or asked, at the same time."""

QUIET: dict[str, Any] = STREAMED | {"show_progress": "hidden", "concurrency_limit": AT_ONCE}

Shown = tuple[Any, ...]
"""Values for `SetsTab.parts`."""


class SetsTab:
    """Sets of questions on the documents of a library, made of proposals that a person decides on."""

    def __init__(self, desk: Desk, words: Words = ENGLISH) -> None:
        self.desk = desk
        self.words = words
        self._pool = ThreadPoolExecutor(1, "propose")

    def folder(self, collection: str | None = None) -> Path:
        """Return where the sets on a collection are."""
        return sets.folder(self.desk.settings, collection)

    # Parts

    def build(self, collection: gr.Dropdown) -> gr.HTML:
        """Put the parts into the open tab; return the list of sets, for the page to refresh."""
        sitting: gr.State = gr.State(None)
        with gr.Column(elem_id="shelf") as shelf:
            html(sets_view.intro(), "sets-intro")
            with gr.Row(elem_id="new-set"):
                name = gr.Textbox(label="Name of a new set", max_lines=1, scale=3, min_width=300)
                wanted = gr.Number(
                    label="How many proposals", value=WANTED, minimum=1, maximum=MOST, precision=0, min_width=120
                )
                share = gr.Number(
                    label="Near misses, per cent", value=round(100 * SHARE), minimum=0, maximum=100, min_width=120
                )
                start = gr.Button("Propose questions", variant="primary", scale=1, min_width=160)
            said = html("", "sets-said")
            listed = html("", "sets")
            result = html("", "sets-result")
        with gr.Column(visible=False, elem_id="deciding") as deciding, gr.Row(elem_id="sets-desk"):
            with gr.Column(scale=3, min_width=320):
                head = html("", "offer")
                question = gr.Textbox(label="Proposed question", lines=2, max_lines=6)
                answer = gr.Textbox(label="Expected answer", lines=1, max_lines=6)
                facts = gr.Textbox(
                    label="Facts that an answer must have",
                    info="One a line; other ways to say one after a bar: nine | 9",
                    lines=2,
                    max_lines=8,
                )
                decide = html(sets_view.decide(), "decide")
            with gr.Column(scale=2, min_width=320):
                panel = html("", "context")
        parts = [sitting, shelf, deciding, said, listed, head, question, answer, facts, decide, panel, result]
        gr.on([start.click, name.submit], self.start, [name, wanted, share, collection], parts, **QUIET)
        listed.click(self.open, [wanted, share, collection], parts, **QUIET)
        decide.click(self.decide, [sitting, question, answer, facts], parts, **DIRECT)
        head.click(self.close, [collection], parts, **DIRECT)
        panel.click(self.show, [sitting], [panel], **DIRECT)
        return listed

    # Choosing a set

    def refresh(self, collection: str | None = None) -> str:
        """Show the sets as they are now."""
        return sets_view.shelf(sets.kept(self.folder(collection)))

    def start(
        self, name: str, wanted: float | None, share: float | None, collection: str | None = None
    ) -> Iterator[Shown]:
        """Begin a new set, and show the first proposal."""
        try:
            path = sets.new(self.folder(collection), name)
        except SetError as error:
            yield self._closed(collection, note(str(error)))
            return
        yield from self._begin(Session(path), wanted, share, collection)

    def open(
        self, wanted: float | None, share: float | None, event: gr.EventData, collection: str | None = None
    ) -> Iterator[Shown]:
        """Go on with a set where it was left, or ask its questions."""
        data = chosen(event)
        try:
            path = sets.path_of(self.folder(collection), data.get("set", ""))
            if not path.exists():
                raise SetError(f"{path} is not there any more.")
            if data.get("act") == "ask":
                yield from self._ask(path, collection)
            else:
                sets.check_writable(self.folder(collection))
                yield from self._begin(Session(path), wanted, share, collection)
        except SetError as error:
            yield self._closed(collection, note(str(error)))

    def _ask(self, path: Path, collection: str | None) -> Iterator[Shown]:
        """Ask all questions of a set, and show how far it has come and then the figures."""
        asked = None
        try:
            assistant = self.desk.assistant(collection)
            for asked in set_run.ask(path, assistant, assistant.library, assistant.settings):
                yield _with_result(set_run.asking(asked))
        except (LibraryError, PromptError, RagError, OSError) as error:
            why = (
                sets.unwritable(set_run.folder(self.desk.settings), error) if isinstance(error, OSError) else str(error)
            )
            yield _with_result(set_run.stopped(asked, path, why) if asked else note(why))
        else:
            yield _with_result(set_run.result(asked) if asked else "")

    def _begin(
        self, session: Session, wanted: float | None, share: float | None, collection: str | None
    ) -> Iterator[Shown]:
        if not self.desk.library(collection).documents():
            yield self._closed(collection, note("There are no documents to ask about yet: add some under Documents."))
            return
        yield self._closed(collection, sets_view.waiting(sets_view.LOOKING))
        proposals = propose(
            self.desk.library(collection),
            share=min(max(100 * SHARE if share is None else share, 0), 100) / 100,
            known=session.known,
            quotes=session.quotes,
        )
        try:
            yield self._shown(Sitting(session, proposals, min(max(int(wanted or WANTED), 1), MOST), self._pool))
        except (LibraryError, RagError) as error:
            yield self._closed(collection, note(str(error)))

    def close(self, collection: str | None = None) -> Shown:
        """Go back to the sets."""
        return self._closed(collection, "")

    # Deciding

    def decide(self, sitting: Sitting | None, question: str, answer: str, facts: str, event: gr.EventData) -> Shown:
        """Accept or reject what is shown, or leave it for later, and show the next."""
        data = chosen(event)
        act, key = data.get("act", ""), data.get("key", "")
        if sitting is None:
            return self._closed(None, "")
        number = sitting.number
        try:
            if act == "accept":
                done = sitting.accept(key, question, answer, facts)
            else:
                done = act in ("reject", "later") and (sitting.reject if act == "reject" else sitting.later)(key)
        except OSError as error:
            problem = sets.unwritable(sitting.path, error)
        except (LibraryError, RagError) as error:
            problem = str(error)
        else:
            return self._shown(sitting) if done else NOTHING
        if sitting.current and sitting.number == number:  # not kept: what was written in the fields stays there
            return (*NOTHING[:5], sets_view.head(sitting, problem), *NOTHING[6:])
        return self._shown(sitting, problem)

    def show(self, sitting: Sitting | None, event: gr.EventData) -> str:
        """Show more of the document, or it as it stands in the file."""
        data = chosen(event)
        return self._panel(sitting, whole=bool(data.get("whole")), raw=bool(data.get("raw")))

    def _panel(self, sitting: Sitting | None, *, whole: bool = False, raw: bool = False) -> str:
        if sitting is None or sitting.current is None:
            return ""
        try:
            found = sets_view.place(sitting.current, self.desk.library(sitting.path.parent.name))
        except LibraryError:
            found = None
        if found is None:
            return source.lost_source(f"{sitting.current.title} is not in the library any more.")
        return source.source(*found, sitting.current.key, "", whole=whole, raw=raw, back=BACK)

    def _closed(self, collection: str | None, said: str) -> Shown:
        listed = self.refresh(collection)
        hidden = gr.update(visible=False)
        return None, gr.update(visible=True), hidden, said, listed, "", "", "", "", gr.skip(), "", ""

    def _shown(self, sitting: Sitting, problem: str = "") -> Shown:
        there = sitting.current is not None
        item = sitting.current.item if sitting.current else None
        answerable = item is not None and item.answerable
        return (
            sitting,
            gr.update(visible=False),
            gr.update(visible=True),
            "",
            gr.skip(),
            sets_view.head(sitting, problem),
            gr.update(value=item.question if item else "", visible=there),
            gr.update(value=item.answer if item else "", visible=answerable),
            gr.update(value=facts_text(item.must_include) if item else "", visible=answerable),
            gr.update(visible=there),
            self._panel(sitting),
            "",
        )


NOTHING: Shown = (gr.skip(),) * 12
"""Changes none of the parts."""


def _with_result(shown: str) -> Shown:
    """Change nothing but the result: meanwhile a person may go through proposals."""
    return (*NOTHING[:3], "", *NOTHING[4:-1], shown)
