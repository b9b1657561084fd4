"""A page that is made when it is first asked for: most people read in one language, and each page takes a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import fastapi
    from starlette.types import ASGIApp, Receive, Scope, Send


class Later:
    """Answers what is under a path by an application that `make` returns at the first request."""

    def __init__(self, app: ASGIApp, path: str, make: Callable[[], fastapi.FastAPI]) -> None:
        self.app = app
        self._path = path
        self._make = make
        self._made: fastapi.FastAPI | None = None
        self._lock = asyncio.Lock()
        self._running = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on: to the page under its path, and else to the application."""
        if scope["type"] == "lifespan":
            async with self._running:  # the page is ended with the server, if it was ever begun
                await self.app(scope, receive, send)
        elif scope["path"].startswith(self._path):
            await (await self._page())(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _page(self) -> fastapi.FastAPI:
        async with self._lock:
            if self._made is None:
                made = await asyncio.to_thread(self._make)
                await self._running.enter_async_context(made.router.lifespan_context(made))
                self._made = made
            return self._made
