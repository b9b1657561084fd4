"""The file of a document, as long as it is the one that was read. Follows no path but those of the library."""

from __future__ import annotations

from pathlib import Path

from index.errors import NotFoundError
from index.library import Library
from index.read import identify


def original(library: Library, document: str) -> bytes:
    """Return the bytes of a document's file.

    Raises:
        NotFoundError: when there is no such document, it lies within another file, or its file was moved or edited.
    """
    places = library.store.places(document)
    if not places:
        raise NotFoundError(f"no document has the id {document!r}: 'rag list' shows those that are there")
    edited = ""
    for path in (path for path, container in places.items() if not container):
        try:
            data = Path(path).read_bytes()
        except OSError:
            continue
        if identify(data) == document:
            return data
        edited = edited or path
    if edited:
        raise NotFoundError(f"{edited} was edited since it was added: add it again to bring the library up to date.")
    path, container = next(iter(places.items()))
    if container:
        raise NotFoundError(f"{Path(path).name} lies within {container}: take it out and add it to see its pages.")
    raise NotFoundError(f"{path} is not there any more: put it back, or bring the library up to date.")
