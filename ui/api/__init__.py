"""The REST API of a desk: `/api/v1/…`, and the part of OpenAI's that chats need, `/v1/…`.

No logic of its own: requests are checked, given to the desk, its libraries and `eval`, and what comes is sent as JSON.
Imports fastapi; `ui.app` imports this lazily.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from ui.api import ask, chat, collections, documents, errors, evaluation, reference, status
from ui.api.running import Runs
from ui.desk import Desk
from ui.server.readiness import Readiness

PREFIX = "/api/v1"
OPENAI = "/v1"
DESCRIPTION = """Answers from a library of documents, every sentence cited to their exact words and checked.

Errors are `{"error": {"type", "message"}}`. Where a server asks for its token, send it as `Authorization: Bearer …`.
`/v1` is the part of OpenAI's API that chats need."""


def build(desk: Desk) -> FastAPI:
    """Return an application with the routes of the API, to which pages may be added; what questions need is loading."""
    app = FastAPI(
        title="rag",
        version=version("rag"),
        description=DESCRIPTION,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # their page asks another host for its scripts
        redoc_url=None,
        lifespan=_running,
    )
    app.state.desk = desk
    app.state.runs = Runs()
    app.state.readiness = Readiness(desk)
    app.state.readiness.begin()
    errors.install(app)
    for part in (status, ask, documents, collections, evaluation, reference):
        app.include_router(part.router, prefix=PREFIX)
    app.include_router(chat.router, prefix=OPENAI)
    app.router.routes.append(_Rest(list(app.router.routes)))
    return app


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    """End a run of questions when the server stops."""
    yield
    app.state.runs.close()


class _Rest(BaseRoute):
    """Every other path of the API: it is not there, or takes another method. No page gets to see it."""

    def __init__(self, routes: list[BaseRoute]) -> None:
        self._routes = routes

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match whatever lies under the API."""
        path = scope.get("path", "")
        ours = scope["type"] == "http" and f"{path}/".startswith(("/api/", f"{OPENAI}/"))
        return (Match.FULL if ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route answer that takes another method, if there is one."""
        for route in self._routes:
            match, child = route.matches(scope)
            if match is Match.PARTIAL:
                scope.update(child)
                await route.handle(scope, receive, send)
                return
        raise HTTPException(404)
