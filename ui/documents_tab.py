"""The tab of the documents: its parts, and what happens when they are used. Imports gradio."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import gradio as gr

from index.errors import LibraryError
from index.library import Library
from index.types import FileReport, Outcome, Report
from ui import documents_view, uploads
from ui.desk import Desk
from ui.events import DIRECT, STREAMED, chosen, html
from ui.markup import note
from ui.words import Words


class DocumentsTab:
    """The documents of a collection: what is there, what is added, what is removed."""

    def __init__(self, desk: Desk, words: Words) -> None:
        self.desk = desk
        self.words = words

    # Parts

    def build(self, collection: gr.Dropdown) -> gr.HTML:
        """Put the parts into the open tab; return the list of documents, for the page to refresh."""
        files = gr.File(label="Add documents", file_count="multiple", height=150, elem_id="files")
        result = html("", "report")
        listed = html(self.refresh(), "documents")
        files.upload(self.add, [files, collection], [result, listed, files], **STREAMED)
        listed.click(self.remove, [collection], [result, listed], **DIRECT)
        return listed

    # What happens

    def refresh(self, collection: str | None = None) -> str:
        """Show the documents as they are now."""
        return documents_view.documents(self.desk.library(collection).documents())

    def add(
        self,
        files: Sequence[str] | None,
        collection: str | None = None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008  (gradio finds the bar by this default)
    ) -> tuple[str, str, None]:
        """Keep uploaded files, add them, and say what became of each."""
        library = self.desk.library(collection)
        kept, refused = self._keep(files or (), library)
        try:
            report = library.add(kept, progress=lambda done, total, name: progress((done, total), name))
        except LibraryError as error:
            report = Report(tuple(FileReport(str(path), Outcome.FAILED, str(error)) for path in kept))
        self._discard_unused(map(str, kept), library)
        said = documents_view.report(Report((*report.files, *refused)))
        return said, self.refresh(collection), None

    def _keep(self, files: Sequence[str], library: Library) -> tuple[list[Path], list[FileReport]]:
        """Move files out of the folder where the browser's uploads lie; say which could not be kept."""
        kept, refused = [], []
        folder = uploads.folder(library)
        for file in map(Path, files):
            try:
                kept.append(uploads.keep(file, folder))
            except OSError as error:
                why = f"cannot be kept in {folder}: {error.strerror}"
                refused.append(FileReport(file.name, Outcome.FAILED, why))
            file.unlink(missing_ok=True)
        return kept, refused

    def _discard_unused(self, files: Iterable[str], library: Library) -> None:
        """Delete those of the uploaded files that no document of the library is, or lies in."""
        used = set(library.store.files().values())
        uploads.discard((file for file in files if file not in used), uploads.folder(library))

    def remove(self, collection: str | None, event: gr.EventData) -> tuple[str, str]:
        """Remove a document, and its uploaded file if it has one."""
        reference = chosen(event).get("document", "")
        library = self.desk.library(collection)
        try:
            places = library.store.places(reference)
            info = library.remove(reference)
            self._discard_unused((container or path for path, container in places.items()), library)
            message = documents_view.report(Report((FileReport(info.title, Outcome.REMOVED),)))
        except (LibraryError, OSError) as error:
            message = note(str(error))
        return message, self.refresh(collection)
