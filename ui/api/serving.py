"""What the routes share: the desk of the server, the collection and the model that a request may name."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request

from index.library import Library
from rag.assistant import Assistant
from rag.models import EXTRACTIVE
from rag.settings import COLLECTION
from ui.api.errors import ErrorBody, Problem, not_found, shown
from ui.desk import Desk

ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": ErrorBody}, "5XX": {"model": ErrorBody}}
"""The answers of every route that are no success, for the description."""

SERVED = (EXTRACTIVE, "gguf:package", "openai:NAME")
"""The models that a request may name, beside that of the server's settings."""


def desk_of(request: Request) -> Desk:
    """Return the desk of the server."""
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(desk_of)]
InCollection = Annotated[
    str | None, Query(pattern=COLLECTION, description="Name of a collection; that of the server's settings if unset.")
]


def library(desk: Desk, collection: str | None) -> Library:
    """Return the library of a collection.

    Raises:
        Problem: when there is no such collection.
    """
    check_collection(desk, collection)
    return desk.library(collection)


def assistant(desk: Desk, collection: str | None, model: str | None) -> Assistant:
    """Return who answers from a collection with a model.

    A request cannot name a file of the server, nor have a model fetched: those are for who starts it.

    Raises:
        Problem: when there is no such collection, or the model is not served.
        ModelError: when the model cannot be used here.
    """
    check_collection(desk, collection)
    if model and model not in (desk.settings.model, *SERVED) and not model.startswith("openai:"):
        names = ", ".join(dict.fromkeys((desk.settings.model, *SERVED)))
        raise Problem(
            422,
            "model",
            f"The model {shown(model)} is not served here. Requests may name {names}; any other is given to 'rag ui' "
            "or 'rag serve' as --model.",
        )
    return desk.assistant(collection, model)


def check_collection(desk: Desk, collection: str | None) -> None:
    """Make sure that there is a collection, if one is named.

    Raises:
        Problem: when there is none of that name.
    """
    if collection and collection not in desk.collections():
        raise not_found("collection", collection, f"there are {', '.join(desk.collections())}.")
