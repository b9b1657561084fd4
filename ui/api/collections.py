"""Collections: which there are, how much is in one, and a new one."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from ui.api.bodies import CollectionBody, Name
from ui.api.errors import Problem
from ui.api.serving import ERRORS, AtDesk, library

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


def _state(name: str, status: dict[str, Any]) -> dict[str, Any]:
    kept = ("documents", "passages", "sentences", "vectors", "words", "embedder", "bytes")
    return {"name": name} | {key: status[key] for key in kept}
