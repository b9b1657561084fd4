"""What the API says when something cannot be done: `{"error": {"type": …, "message": …}}`, and a fitting status.

Messages are written for people: those of the errors of `rag`, `index` and `prompts` as they are, and one sentence for
everything else. What went wrong in our own code is logged where the server was started, and not told.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from eval.formats import SetError
from eval.runs import RunError
from index.collections import BusyError
from index.errors import EmbedderError, GivenError, LibraryError, NotFoundError, StoreError
from prompts import PromptError
from rag.errors import ModelError, QuestionError, RagError, SettingsError

KNOWN = (LibraryError, PromptError, RagError, OSError)
"""The errors that a client can be told of."""

FAILED = "This could not be done: the server has written why where it was started."
SHOWN = 80
"""Most characters of a value that are repeated in a message."""

_log = logging.getLogger("uvicorn.error")

STATUS: Mapping[type[Exception], tuple[int, str]] = {
    QuestionError: (422, "question"),
    SettingsError: (422, "invalid_request"),
    SetError: (422, "set"),
    RunError: (422, "run"),
    ModelError: (503, "model"),
    RagError: (422, "invalid_request"),
    NotFoundError: (404, "not_found"),
    GivenError: (422, "invalid_request"),
    BusyError: (409, "conflict"),
    EmbedderError: (503, "library"),
    StoreError: (503, "library"),
    LibraryError: (422, "library"),
    PromptError: (500, "prompt"),
}
"""The status and the type of an error; an error that is not named goes by its parent."""


class ErrorText(BaseModel):
    """What went wrong, for programs and for people."""

    type: str
    message: str


class ErrorBody(BaseModel):
    """The body of every answer that is no success."""

    error: ErrorText


class Problem(HTTPException):
    """Something that cannot be done, as the API tells it."""

    def __init__(self, status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, message, headers)
        self.kind = kind

    @property
    def body(self) -> dict[str, Any]:
        """The body of the response."""
        return {"error": {"type": self.kind, "message": self.detail}}

    def response(self) -> Response:
        """Return the response that tells it."""
        return JSONResponse(self.body, self.status_code, self.headers)


def problem(error: Exception) -> Problem:
    """Return how an error is told; one that is not known is logged, and told without its details."""
    if isinstance(error, Problem):
        return error
    for kind in type(error).__mro__:
        if kind in STATUS:
            return Problem(*STATUS[kind], str(error))
    if isinstance(error, OSError):
        what = error.strerror or str(error)
        return Problem(507, "storage", f"Nothing could be written or read ({what}): check the server's disk.")
    _log.error(FAILED, exc_info=error)
    return Problem(500, "internal", FAILED)


def not_found(what: str, name: str, known: str) -> Problem:
    """Return that there is nothing of a name, and where to look for what there is."""
    return Problem(404, "not_found", f"There is no {what} {shown(name)}: {known}")


def shown(value: object) -> str:
    """Return a value as a message repeats it."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text):,} characters)"


def install(app: FastAPI) -> None:
    """Let an application tell all of its errors so."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    for kind in KNOWN:
        app.add_exception_handler(kind, _known)
    app.add_exception_handler(Exception, _unknown)


def _http(request: Request, error: Exception) -> Response:
    if isinstance(error, Problem):
        return error.response()
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    if error.status_code == 404:
        said = not_found("address", request.url.path, "/api/v1/openapi.json lists those that are there.")
    elif error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "another method")
        message = f"{request.url.path} is not to be asked by {request.method}: it takes {allowed}."
        said = Problem(405, "method_not_allowed", message, error.headers)
    else:
        said = Problem(error.status_code, phrase.lower().replace(" ", "_"), str(error.detail), error.headers)
    return said.response()


def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return Problem(422, "invalid_request", "; ".join(map(_field, error.errors()[:5]))).response()


def _field(fault: Mapping[str, Any]) -> str:
    """Return what is wrong with a field, with its name and its value."""
    place = [str(part) for part in fault["loc"]]
    name = ".".join(place[1:]) or "body"
    if fault["type"] == "missing":
        if name == "body":
            return "the body is missing: send JSON, with the header Content-Type: application/json"
        return f"the field {name} is missing"
    if fault["type"] == "json_invalid":
        return f"the body is no JSON: {fault.get('ctx', {}).get('error', fault['msg'])}"
    if fault["type"] == "extra_forbidden":
        return f"there is no field {name}: /api/v1/openapi.json lists those that are there"
    if name == "body":
        return "the body is no JSON object: send one, with the header Content-Type: application/json"
    if fault["type"] == "string_pattern_mismatch":
        why = "a name has letters, digits, '.', '_' and '-', at most 64, and begins with a letter or a digit"
    else:
        why = fault["msg"].removeprefix("Value error, ")
    return f"the field {name} = {shown(fault.get('input'))} cannot be used: {why[0].lower()}{why[1:]}"


def _known(_: Request, error: Exception) -> Response:
    return problem(error).response()


def _unknown(_: Request, __: Exception) -> Response:
    return Problem(500, "internal", FAILED).response()  # the server logs it
