"""Documents: what is there, what is added, mended and removed, and a citation where it stands.

A document is named by its whole id. Names of uploaded files lead nowhere else: `ui.documents.uploads` makes them safe.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, UploadFile

from index.given import given
from index.library import Library
from index.traces import remove as remove_with_proof
from index.types import Document, DocumentInfo, FileReport, Metadata
from ui.api.bodies import (
    CitationInContextBody,
    DocumentBody,
    FileBody,
    MetadataBody,
    RemovalBody,
    SpanBody,
    TracesBody,
)
from ui.api.errors import Problem, not_found
from ui.api.serving import ERRORS, AtDesk, InCollection, library
from ui.documents import uploads
from ui.documents.intake import discard_unused

router = APIRouter(prefix="/documents", tags=["documents"], responses=ERRORS)


@router.get("")
def documents(desk: AtDesk, collection: InCollection = None) -> list[DocumentBody]:
    """List the documents of a collection, in the order of their paths."""
    return [_row(info) for info in library(desk, collection).documents()]


@router.get("/{document}")
def document(
    document: str,
    desk: AtDesk,
    collection: InCollection = None,
    raw: Annotated[bool, Query(description="Give the text as it stands in the file, too.")] = False,
) -> dict[str, Any]:
    """Return a document: its metadata, text, headings, notes, and what was removed from the running text and why.

    Spans of headings and notes are of `text`, those of what was removed of the text as it stands in the file.
    """
    opened = library(desk, collection)
    info, found = _info(opened, document), opened.document(document)
    gone = [asdict(span) | {"text": found.raw[span.start : span.end]} for span in found.removed]
    notes = [asdict(note) | {"text": found.text[note.start : note.end]} for note in found.notes]
    texts = {"text": found.text} | ({"raw": found.raw} if raw else {})
    parts = {"headings": [asdict(heading) for heading in found.headings], "removed": gone, "notes": notes}
    return _row(info).model_dump() | texts | parts | {"page_starts": list(found.pages)}


@router.get("/{document}/citation")
def citation(
    document: str,
    desk: AtDesk,
    start: Annotated[int, Query(ge=0)],
    end: Annotated[int, Query(ge=1)],
    quote: Annotated[
        str | None, Query(description="The quote of the citation, to see if it still stands there.")
    ] = None,
    source: Annotated[
        str | None, Query(description="Its source: where the document was edited since, that is opened.")
    ] = None,
    collection: InCollection = None,
) -> CitationInContextBody:
    """Open a citation where it stands: its words, the paragraph around them, the page, the place in the file.

    `changed` says that other words stand there than were cited; `found` is then where the cited ones stand now.
    """
    opened = library(desk, collection)
    there = document if document in opened.infos() else opened.store.document_at(source) if source else None
    if there is None:
        raise _gone(document)
    found = opened.document(there)
    if end <= start or (quote is None and end > len(found.text)):
        raise Problem(
            422,
            "invalid_request",
            f"There is no span {start}:{end} in {found.title}, which has {len(found.text):,} characters: give the "
            "start and end of a citation.",
        )
    return _in_context(found, start, end, quote)


@router.post("")
def upload(
    desk: AtDesk,
    files: Annotated[list[UploadFile], File(description="One file or several.")],
    title: Annotated[str | None, Form()] = None,
    author: Annotated[str | None, Form()] = None,
    publisher: Annotated[str | None, Form()] = None,
    date: Annotated[str | None, Form()] = None,
    language: Annotated[str | None, Form()] = None,
    collection: InCollection = None,
) -> list[FileBody]:
    """Add files, and say what became of each, and of each file within it; the fields go before what the files say."""
    values = MetadataBody(title=title, author=author, publisher=publisher, date=date, language=language)
    metadata = given(_values(values), Metadata())
    opened = library(desk, collection)
    with tempfile.TemporaryDirectory(prefix="rag-upload-") as waiting:
        kept = [_kept(file, Path(waiting, str(number)), opened) for number, file in enumerate(files)]
    try:
        report = opened.add(kept, metadata)
    finally:
        discard_unused(map(str, kept), opened)
    return [_entry(entry, uploads.folder(opened)) for entry in report.files]


@router.patch("/{document}")
def edit(document: str, body: MetadataBody, desk: AtDesk, collection: InCollection = None) -> DocumentBody:
    """Mend the title, author, publisher, date or language of a document, without reading it again."""
    opened = library(desk, collection)
    return _row(opened.set_metadata(document, given(_values(body), _info(opened, document).metadata)))


@router.delete("/{document}")
def remove(document: str, desk: AtDesk, collection: InCollection = None) -> RemovalBody:
    """Remove a document with all that was derived from it, and count what is left of it: nothing."""
    opened = library(desk, collection)
    info = _info(opened, document)
    places = opened.store.places(info.id)
    removal = remove_with_proof(opened, info.id)
    discard_unused((container or path for path, container in places.items()), opened)
    return RemovalBody(
        removed=_row(removal.info),
        before=TracesBody(**asdict(removal.before)),
        left=TracesBody(**asdict(removal.after)),
        searched=removal.searched,
    )


def _info(opened: Library, document: str) -> DocumentInfo:
    try:
        return opened.infos()[document]
    except KeyError:
        raise _gone(document) from None


def _gone(document: str) -> Problem:
    return not_found(
        "document", document, "it may have been removed, or edited and read anew; GET /api/v1/documents lists all."
    )


def _row(info: DocumentInfo) -> DocumentBody:
    return DocumentBody(title=info.title, **asdict(info))


def _values(body: MetadataBody) -> dict[str, str]:
    """Return the values that a request gives."""
    return {name: value for name, value in body.model_dump().items() if value is not None}


# Uploads


def _kept(file: UploadFile, waiting: Path, opened: Library) -> Path:
    """Keep an uploaded file with the library, and return where."""
    waiting.mkdir()
    copy = waiting / uploads.safe_name(file.filename or "")
    with copy.open("xb") as to:
        shutil.copyfileobj(file.file, to)
    return uploads.keep(copy, uploads.folder(opened))


def _entry(entry: FileReport, folder: Path) -> FileBody:
    name = entry.source.removeprefix(f"{folder}/")
    detail = entry.detail.replace(f"{folder}/", "").removeprefix(f"{name}: ")
    return FileBody(file=name, outcome=entry.outcome, detail=detail, document=entry.document)


# A citation in its context


def _in_context(found: Document, start: int, end: int, quote: str | None) -> CitationInContextBody:
    text = found.text
    words = text[start:end]
    changed = quote is not None and words != quote
    at = text.find(quote) if changed and quote else -1
    first = text.rfind("\n\n", 0, start) + 2 if "\n\n" in text[:start] else 0
    last = text.find("\n\n", end)
    last = len(text) if last < 0 else last
    note = found.note_at(start)
    return CitationInContextBody(
        document=found.id,
        title=found.title,
        source=found.source,
        metadata=asdict(found.metadata),
        start=start,
        end=end,
        quote=words,
        paragraph={"start": first, "end": last, "text": text[first:last]},
        page=found.page_at(start) if start < len(text) else None,
        note=note.name if note else None,
        raw=_raw(found, start, end),
        changed=changed,
        found=SpanBody(start=at, end=at + len(quote)) if quote and at >= 0 else None,
    )


def _raw(found: Document, start: int, end: int) -> dict[str, Any] | None:
    """Return the span in the text as it stands in the file; None where none of it comes from there."""
    try:
        first, last = found.alignment.to_raw(start, end)
    except ValueError:
        return None
    return {"start": first, "end": last, "text": found.raw[first:last]}
