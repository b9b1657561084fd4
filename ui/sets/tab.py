"""The tab of question sets: its parts, and what happens when they are used. Imports gradio.

Here sets are made of proposals or taken from files; asking them is `ui.sets.runs_tab`.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gradio as gr

from eval.formats import SetError, load_set
from eval.placing import problems
from eval.propose import SHARE, Session, propose
from index.errors import LibraryError
from rag.errors import RagError
from ui.desk import Desk
from ui.events import DIRECT, KNOWN, STREAMED, chosen, html
from ui.markup import note, text
from ui.sets import shelf as sets
from ui.sets import view as sets_view
from ui.sets.runs_tab import QUIET, RunsPart
from ui.sets.sitting import Sitting, facts_text
from ui.source import panel as source
from ui.words import ENGLISH, Words

WANTED = 20
"""Questions proposed at a time, unless the user says otherwise."""
MOST = 500

FILES = [".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".xlsx"]
"""The files that a set is read from."""

Shown = tuple[Any, ...]
"""Values for the parts: of the sitting, the shelf and what is decided on."""


class SetsTab:
    """Sets of questions on the documents of a collection: made of proposals that a person decides on, and asked."""

    def __init__(self, desk: Desk, words: Words = ENGLISH) -> None:
        self.desk = desk
        self.words = words
        self.runs = RunsPart(desk, words)
        self._pool = ThreadPoolExecutor(1, "propose")

    def folder(self, collection: str | None = None) -> Path:
        """Return where the sets on a collection are."""
        return sets.folder(self.desk.settings, collection)

    # Parts

    def build(self, tab: gr.Tab, collection: gr.Dropdown) -> None:
        """Put the parts into the open tab."""
        words = self.words
        sitting: gr.State = gr.State(None)
        with gr.Column(elem_id="shelf") as shelf:
            html(sets_view.intro(words), "sets-intro")
            with gr.Row(elem_id="new-set"):
                name = gr.Textbox(label=words("sets.name"), max_lines=1, scale=3, min_width=260)
                wanted = gr.Number(
                    label=words("sets.wanted"), value=WANTED, minimum=1, maximum=MOST, precision=0, min_width=120
                )
                near = round(100 * SHARE)
                share = gr.Number(label=words("sets.share"), value=near, minimum=0, maximum=100, min_width=120)
                start = gr.Button(words("sets.propose"), variant="primary", scale=1, min_width=160)
            with gr.Row(elem_id="set-file"):
                label = words("sets.upload")
                file = gr.UploadButton(label, file_types=FILES, file_count="single", size="sm", scale=0, min_width=180)
                html(f'<p class="hint">{text(words("sets.upload_hint"))}</p>', "set-file-hint")
            said = html("", "sets-said")
            listed = html("", "sets")
            earlier = self.runs.build(listed, collection)
        with gr.Column(visible=False, elem_id="deciding") as deciding, gr.Row(elem_id="sets-desk"):
            with gr.Column(scale=3, min_width=320):
                head = html("", "offer")
                question = gr.Textbox(label=words("sets.question"), lines=2, max_lines=6)
                answer = gr.Textbox(label=words("sets.answer"), lines=1, max_lines=6)
                facts = gr.Textbox(label=words("sets.facts"), info=words("sets.facts_hint"), lines=2, max_lines=8)
                decide = html(sets_view.decide(words), "decide")
            with gr.Column(scale=2, min_width=320):
                panel = html("", "context")
        parts = [sitting, shelf, deciding, said, listed, head, question, answer, facts, decide, panel]
        gr.on([start.click, name.submit], self.start, [name, wanted, share, collection], parts, **QUIET)
        listed.click(self.open, [wanted, share, collection], parts, **QUIET)
        decide.click(self.decide, [sitting, question, answer, facts], parts, **DIRECT)
        head.click(self.lead, [sitting, collection], parts, **DIRECT)
        panel.click(self.show, [sitting], [panel], **DIRECT)
        file.upload(self.take, [file, collection], [said, listed, file], **STREAMED | {"show_progress": "hidden"})
        tab.select(self.refresh, [collection], [listed, earlier], **DIRECT)
        collection.change(self.runs.refresh, [collection], [earlier], **DIRECT)
        collection.change(self.close, [collection], parts, **DIRECT)

    # Choosing a set

    def refresh(self, collection: str | None = None) -> tuple[str, str]:
        """Show the sets and the runs as they are now."""
        return self._shelf(collection), self.runs.refresh(collection)

    def _shelf(self, collection: str | None) -> str:
        return sets_view.shelf(sets.kept(self.folder(collection)), self.words)

    def take(self, file: str | None, collection: str | None = None) -> tuple[str, str, None]:
        """Keep the questions of a file as a set of the collection."""
        said = ""
        if file:
            try:
                path, items = sets.take(Path(file), self.folder(collection), self.words)
                lost = [
                    p.replace(str(path), path.name) for p in problems(load_set(path), self.desk.library(collection))
                ]
                said = sets_view.added(path.stem, len(items), lost, self.words)
            except KNOWN as error:
                said = note(str(error))
            finally:
                Path(file).unlink(missing_ok=True)
        return said, self._shelf(collection), None

    def start(self, name: str, wanted: float | None, share: float | None, collection: str | None) -> Iterator[Shown]:
        """Begin a new set, and show the first proposal."""
        try:
            path = sets.new(self.folder(collection), name, self.words)
        except SetError as error:
            yield self._closed(collection, note(str(error)))
            return
        yield from self._begin(Session(path), wanted, share, collection)

    def open(
        self, wanted: float | None, share: float | None, collection: str | None, event: gr.EventData
    ) -> Iterator[Shown]:
        """Go on with a set where it was left."""
        data = chosen(event)
        if data.get("act") != "go-on":  # what else is chosen there is for `RunsPart`
            yield NOTHING
            return
        try:
            path = sets.path_of(self.folder(collection), data.get("set", ""), self.words)
            if not path.exists():
                raise SetError(self.words("sets.gone", path=path))
            sets.check_writable(path.parent, self.words)
            yield from self._begin(Session(path), wanted, share, collection)
        except SetError as error:
            yield self._closed(collection, note(str(error)))

    def _begin(
        self, session: Session, wanted: float | None, share: float | None, collection: str | None
    ) -> Iterator[Shown]:
        library = self.desk.library(collection)
        if not library.documents():
            yield self._closed(collection, note(self.words("sets.no_documents")))
            return
        yield self._closed(collection, sets_view.waiting(self.words("sets.looking")))
        proposals = propose(
            library,
            share=min(max(100 * SHARE if share is None else share, 0), 100) / 100,
            known=session.known,
            quotes=session.quotes,
        )
        most = min(max(int(wanted or WANTED), 1), MOST)
        try:
            yield self._shown(Sitting(session, proposals, most, self._pool, self.words))
        except (LibraryError, RagError) as error:
            yield self._closed(collection, note(str(error)))

    def lead(self, sitting: Sitting | None, collection: str | None, event: gr.EventData) -> Shown:
        """Take back the last decision, or go back to the sets."""
        if chosen(event).get("act") != "undo" or sitting is None:
            return self.close(collection)
        try:
            return self._shown(sitting) if sitting.undo() else NOTHING
        except OSError as error:
            return self._kept(sitting, sets.unwritable(sitting.path, error, self.words))
        except (LibraryError, RagError) as error:
            return self._kept(sitting, str(error))

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
            problem = sets.unwritable(sitting.path, error, self.words)
        except (LibraryError, RagError) as error:
            problem = str(error)
        else:
            return self._shown(sitting) if done else NOTHING
        return self._kept(sitting, problem) if sitting.number == number else self._shown(sitting, problem)

    def _kept(self, sitting: Sitting, problem: str) -> Shown:
        """Say what could not be done; what was written in the fields stays there."""
        if sitting.current is None:
            return self._shown(sitting, problem)
        return (*NOTHING[:5], sets_view.head(sitting, problem, self.words), *NOTHING[6:])

    def show(self, sitting: Sitting | None, event: gr.EventData) -> str:
        """Show more of the document, or it in another view."""
        return self._panel(sitting, chosen(event))

    def _panel(self, sitting: Sitting | None, data: dict[str, str] | None = None) -> str:
        if sitting is None or sitting.current is None:
            return ""
        words = self.words
        try:
            library = self.desk.library(sitting.path.parent.name)
            found = sets_view.place(sitting.current, library)
        except LibraryError:
            found = None
        if found is None:
            return source.lost_source(words("sets.lost", title=sitting.current.title), words)
        back = f'<a class="back" href="#offer" data-act="back">{text(words("sets.back"))}</a>'
        return source.panel(found[0], library, data or {}, words, back=back)

    def _closed(self, collection: str | None, said: str) -> Shown:
        hidden = gr.update(visible=False)
        listed = self._shelf(collection)
        return None, gr.update(visible=True), hidden, said, listed, "", "", "", "", gr.skip(), ""

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
            sets_view.head(sitting, problem, self.words),
            gr.update(value=item.question if item else "", visible=there),
            gr.update(value=item.answer if item else "", visible=answerable),
            gr.update(value=facts_text(item.must_include) if item else "", visible=answerable),
            gr.update(visible=there),
            self._panel(sitting),
        )


NOTHING: Shown = (gr.skip(),) * 11
"""Changes none of the parts."""
