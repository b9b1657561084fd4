"""The tab of the documents: its parts, and what happens when they are used. Imports gradio."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from index.errors import GivenError, LibraryError
from index.given import given
from index.traces import remove
from index.types import FileReport
from rag.errors import RagError
from rag.kept import kept_about
from rag.settings import COLLECTION
from ui.desk import Desk
from ui.documents import intake as documents_intake
from ui.documents import report as documents_report
from ui.documents import view as documents_view
from ui.documents.adding import Adding, latest, running
from ui.documents.listing import Listing, listed
from ui.events import DIRECT, STREAMED, chosen, html
from ui.markup import note, text
from ui.source import panel as source
from ui.words import ENGLISH, Words

PAUSE = 0.4
"""Seconds between two looks at what is being added."""

WATCHED: dict[str, Any] = STREAMED | {
    "show_progress": "hidden",
    "concurrency_limit": 8,  # people who add at the same time
    "trigger_mode": "multiple",
}

Steps = Iterator[tuple[Any, ...]]


class DocumentsTab:
    """The documents of a collection: what is there, what is added, what is removed."""

    def __init__(self, desk: Desk, words: Words = ENGLISH) -> None:
        self.desk = desk
        self.words = words

    # Parts

    def build(self, tab: gr.Tab, collection: gr.Dropdown, loaded: Any) -> None:
        """Put the parts into the open tab.

        Args:
            tab: the tab.
            collection: the collection that is chosen.
            loaded: what happens first when the page is loaded.
        """
        words = self.words
        listing: gr.State = gr.State(Listing())
        waiting: gr.State = gr.State(())
        watch = gr.Timer(1, active=False)
        with gr.Column(elem_id="library") as library:
            files = html(documents_view.drop(self.desk.settings.max_file_mb, words), "files")
            forms = html(documents_view.adding_forms(words, local=self.desk.local), "adding")
            result = html("", "report")
            find = html(documents_view.search(words), "find")
            shown = html(self.refresh(), "documents")
            leaving = html("", "leaving")
        with gr.Column(visible="hidden", elem_id="reading") as reading:
            panel = html("", "document")
        asked = [collection, listing]
        added = [
            files.click(self.drop, [collection], [result, waiting], **WATCHED),
            forms.click(self.begin, [collection], [result, collection], **WATCHED),
            result.click(self.decide, [waiting, collection], [result, waiting], **WATCHED),
        ]
        result.click(self.cancel, [collection], None, **DIRECT)
        leaving.click(self.ask_removal, [collection], [result], **DIRECT)
        result.click(self.remove_collection, [collection], [result, collection], **DIRECT)
        find.click(self.find, asked, [shown, listing], **DIRECT)
        shown.click(self.act, asked, [result, shown, listing, library, reading, panel], **DIRECT)
        panel.click(self.read, asked, [shown, library, reading, panel], **DIRECT)
        collection.input(lambda: "", None, [result], **DIRECT)
        collection.change(self.leave, None, [library, reading, panel, waiting], **DIRECT)
        loaded.then(self.refresh, asked, [shown], **DIRECT)
        gr.on([tab.select, collection.change], self.renew, asked, [shown], **DIRECT)
        # Through no stream: a question that is asked just as one closes would be lost (see `ui/events.py`).
        for event in (loaded.then, collection.change):
            event(self.busy, [collection], [watch], **DIRECT)
            event(self.leaving, [collection], [leaving], **DIRECT)
        watch.tick(self.look, asked, [result, shown, watch], **DIRECT)
        for event in added:
            event.then(self.renew, asked, [shown], **DIRECT)

    # The list

    def refresh(self, collection: str | None = None, listing: Listing = Listing(), problem: str = "") -> str:  # noqa: B008
        """Show the documents as they are now."""
        try:
            shown = listed(self.desk.library(collection).documents(), listing)
        except (LibraryError, RagError) as error:  # removed by another page, or another process
            return note(str(error))
        return documents_view.table(shown, listing, self.words, problem)

    def renew(self, collection: str | None, listing: Listing) -> Any:
        """Show the documents as they are now, unless something is being written about one."""
        return gr.skip() if listing.editing else self.refresh(collection, listing)

    def find(self, collection: str | None, listing: Listing, event: gr.EventData) -> tuple[Any, ...]:
        """Show the documents in which some words stand."""
        listing = replace(listing, query=chosen(event).get("query", "")[:200], page=1, editing="")
        return self.refresh(collection, listing), listing

    def act(self, collection: str | None, listing: Listing, event: gr.EventData) -> tuple[Any, ...]:
        """Do what was chosen in the list."""
        data = chosen(event)
        act, identity = data.get("act", ""), data.get("document", "")
        if act == "open":
            return (gr.skip(), gr.skip(), listing, *self._opened(collection, data))
        said: Any = gr.skip()
        problem = ""
        if act == "sort":
            listing = listing.sorted_by(data.get("by", ""))
        elif act == "turn" and data.get("page", "").isdecimal():
            listing = replace(listing, page=int(data["page"][:9]), editing="")
        elif act in ("edit", "leave"):
            listing = replace(listing, editing=identity if act == "edit" else "")
        elif act == "save":
            said, problem = self._save(collection, identity, data)
            listing = replace(listing, editing=identity if problem else "")
        elif act == "remove":
            said = self._remove(collection, identity)
        return (said, self.refresh(collection, listing, problem), listing, *NOTHING[:3])

    def _save(self, collection: str | None, identity: str, data: dict[str, str]) -> tuple[str, str]:
        """Set what was written about a document; return what is to be said of it, and what is wrong."""
        library = self.desk.library(collection)
        try:
            known = library.infos()[identity].metadata
            info = library.set_metadata(identity, given(data, known))
        except KeyError:
            return note(self.words("documents.not_there")), ""
        except GivenError as error:
            return "", str(error)
        except LibraryError as error:
            return note(str(error)), ""
        return f'<p role="status">{text(self.words("documents.saved", title=info.title))}</p>', ""

    def _remove(self, collection: str | None, identity: str) -> str:
        """Remove a document, and its uploaded file if it has one; return the proof."""
        library = self.desk.library(collection)
        if identity not in library.infos():
            return note(self.words("documents.not_there"))
        try:
            places = library.store.places(identity)
            removal = remove(library, identity)
            files = [container or path for path, container in places.items()]
            deleted = documents_intake.discard_unused(files, library)
        except (LibraryError, OSError) as error:
            return note(str(error))
        return documents_report.removed(removal, upload=deleted, words=self.words)

    # One document

    def read(self, collection: str | None, listing: Listing, event: gr.EventData) -> tuple[Any, ...]:
        """Show a document in another way, or go back to the list."""
        data = chosen(event)
        if data.get("act") == "list":
            return self.refresh(collection, listing), gr.update(visible=True), gr.update(visible="hidden"), ""
        return (gr.skip(), *self._opened(collection, data))

    def _opened(self, collection: str | None, data: dict[str, str]) -> tuple[Any, ...]:
        words, library = self.words, self.desk.library(collection)
        label = text(words("documents.back"))
        back = f'<a class="to-list" href="#documents" data-act="list" data-go="list">{label}</a>'
        try:
            document = library.document(data.get("document", ""))
            panel = source.document_panel(document, library, data, words, back)
        except LibraryError:
            panel = note(words("documents.not_there")) + back
        return gr.update(visible="hidden"), gr.update(visible=True), panel

    def leave(self) -> tuple[Any, ...]:
        """Leave the document that is open."""
        return gr.update(visible=True), gr.update(visible="hidden"), "", ()

    # Adding

    def drop(self, collection: str | None, event: gr.EventData) -> Steps:
        """Add the files that were uploaded, and name those that were not."""
        data = chosen(event)
        if data.get("act") != "add":
            yield NOTHING[:2]
            return
        files, lost = documents_intake.uploaded(data, Path(get_upload_folder()))
        yield from self.add(files, collection, documents_intake.refused(data, lost, self.desk.settings, self.words))

    def add(self, files: Sequence[Path], collection: str | None = None, refused: Sequence[FileReport] = ()) -> Steps:
        """Add uploaded files, and say how far they are and what became of each; ask where their names are taken."""
        library = self.desk.library(collection)
        new, taken = documents_intake.parted(files, library)
        question = documents_report.clash([path.name for path in taken], self.words) if taken else ""
        waiting = tuple(map(str, taken))
        if not new and not refused:
            yield question, waiting
            return
        for said in self._watched(documents_intake.begin(new, library, self.words, refused=refused)):
            yield question + said, waiting

    def decide(self, waiting: Sequence[str], collection: str | None, event: gr.EventData) -> Steps:
        """Add the files whose names are taken, in the place of those that are there or beside them, or leave them."""
        act = chosen(event).get("act", "")
        paths = [Path(path) for path in waiting if Path(path).exists()]
        if act not in ("replace", "both", "neither") or not waiting:
            yield NOTHING[:2]
        elif act == "neither":
            documents_intake.drop(paths)
            yield "", ()
        else:
            job = documents_intake.begin(paths, self.desk.library(collection), self.words, over=act == "replace")
            for said in self._watched(job):
                yield said, ()

    def begin(self, collection: str | None, event: gr.EventData) -> Steps:
        """Add a folder of this machine, or begin another collection."""
        data = chosen(event)
        if data.get("act") == "collection":
            yield self._created(data.get("name", "").strip())
            return
        if data.get("act") != "folder":
            yield NOTHING[:2]
            return
        library = self.desk.library(collection)
        problem = documents_intake.why_no_folder(data.get("folder", ""), self.desk.local, self.words)
        if problem or running(library):
            yield note(problem or self.words("documents.busy")), gr.skip()
            return
        job = Adding(library, [Path(data["folder"].strip()).expanduser()], sync=bool(data.get("sync")))
        for said in self._watched(job):
            yield said, gr.skip()

    def busy(self, collection: str | None) -> Any:
        """Watch what is being added already, if something is."""
        return gr.update(active=running(self.desk.library(collection)) is not None)

    def look(self, collection: str | None, listing: Listing) -> tuple[Any, Any, Any]:
        """Show how far it has come, and at its end the documents."""
        job = latest(self.desk.library(collection))
        if job is None:
            return gr.skip(), gr.skip(), gr.update(active=False)
        done = job.finished
        shown = self.renew(collection, listing) if done else gr.skip()
        return documents_report.adding(job, self.words), shown, gr.update(active=False) if done else gr.skip()

    def cancel(self, collection: str | None, event: gr.EventData) -> None:
        """End what is being added after the file that is being read."""
        job = running(self.desk.library(collection)) if chosen(event).get("act") == "cancel" else None
        if job:
            job.cancel()

    def _watched(self, job: Adding) -> Iterator[str]:
        before = ""
        while not job.wait(PAUSE):
            said = documents_report.adding(job, self.words)
            if said != before:
                yield said
            before = said
        yield documents_report.adding(job, self.words)

    # Removing a collection

    def leaving(self, collection: str | None) -> str:
        """Offer to remove the collection that is shown, unless it is the one that the server was started with."""
        default = self.desk.settings.collection
        return "" if (collection or default) == default else documents_view.leaving(str(collection), self.words)

    def ask_removal(self, collection: str | None, event: gr.EventData) -> Any:
        """Ask whether the collection that is shown is to be removed, with all of its documents."""
        if chosen(event).get("act") != "remove-collection" or not self.leaving(collection):
            return gr.skip()
        try:
            count = len(self.desk.library(collection).documents())
        except (LibraryError, RagError) as error:
            return note(str(error))
        return documents_report.sure(str(collection), count, self.words)

    def remove_collection(self, collection: str | None, event: gr.EventData) -> tuple[Any, Any]:
        """Remove the collection that is shown, and show the one that the server was started with."""
        data = chosen(event)
        if data.get("act") == "keep-collection":
            return "", gr.skip()
        if data.get("act") != "drop-collection" or not collection or data.get("name") != collection:
            return NOTHING[:2]
        try:
            removal, forgotten = self.desk.remove(collection)
            kept = kept_about(self.desk.settings.home.expanduser(), collection)
        except (LibraryError, RagError, OSError) as error:
            return note(str(error)), gr.skip()
        names = self.desk.collections()
        default = gr.update(choices=names, value=self.desk.settings.collection, visible=len(names) > 1)
        return documents_report.collection_removed(removal, forgotten, kept, self.words), default

    def _created(self, name: str) -> tuple[Any, ...]:
        there = name in self.desk.collections()
        if not re.fullmatch(COLLECTION, name):
            return note(self.words("documents.collection_bad", name=name)), gr.skip()
        try:
            self.desk.library(name, create=True)
        except (LibraryError, RagError) as error:
            return note(str(error)), gr.skip()
        done = self.words("documents.collection_there" if there else "documents.collection_made", name=name)
        chosen_now = gr.update(choices=self.desk.collections(), value=name, visible=True)
        return f'<p role="status">{text(done)}</p>', chosen_now


NOTHING: tuple[Any, ...] = (gr.skip(),) * 6
"""Changes none of so many parts."""
