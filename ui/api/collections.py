"""Collections: which there are, how much is in one, a new one, and one that is removed."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from ui.api.bodies import CollectionBody, CollectionRemovalBody, CollectionTracesBody, Name
from ui.api.errors import Problem
from ui.api.serving import ERRORS, AtDesk, check_collection, library

router = APIRouter(prefix="/collections", tags=["collections"], responses=ERRORS)


@router.get("")
def collections(desk: AtDesk) -> dict[str, Any]:
    """List the collections, and the one that is meant where none is named."""
    return {"collections": desk.collections(), "default": desk.settings.collection}


@router.post("", status_code=201)
def create(body: CollectionBody, desk: AtDesk) -> dict[str, Any]:
    """Make a collection, which has no documents yet."""
    if body.name in desk.collections():
        raise Problem(409, "conflict", f"There is a collection {body.name!r} already: choose another name.")
    return _state(body.name, desk.library(body.name, create=True).status())


@router.get("/{name}")
def collection(name: Name, desk: AtDesk) -> dict[str, Any]:
    """Say how much a collection holds: documents, passages, sentences, and bytes on the disk."""
    return _state(name, library(desk, name).status())


@router.delete("/{name}")
def remove(name: Name, desk: AtDesk) -> CollectionRemovalBody:
    """Remove a collection with every byte of it, and the conversations with it, and look for what is left: nothing.

    Files that were uploaded to it go too; its question sets stay. The collection that the server was started with, and
    one that is being written to, cannot be removed (409).
    """
    check_collection(desk, name)
    if name == desk.settings.collection:
        raise Problem(
            409,
            "conflict",
            f"The server was started with the collection {name!r}, which stays as long as it runs: stop the server and "
            f"run 'rag collections remove {name}'.",
        )
    removal, forgotten = desk.remove(name)
    before = CollectionTracesBody(
        documents=removal.info.documents,
        files=removal.files,
        bytes=removal.info.bytes,
        conversations=forgotten.conversations,
        questions=forgotten.questions,
    )
    return CollectionRemovalBody(
        removed=name, before=before, left=[*removal.left, *forgotten.left], searched=forgotten.searched
    )


def _state(name: str, status: dict[str, Any]) -> dict[str, Any]:
    kept = ("documents", "passages", "sentences", "vectors", "words", "embedder", "bytes")
    return {"name": name} | {key: status[key] for key in kept}
