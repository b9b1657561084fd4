"""The scripts and styles of gradio's page, from memory.

The page asks for some seventy of them at once. Gradio reads each anew and compresses it while all else waits, which
between a browser and a server of the same machine only takes time: a new browser is ready to type in 1.7 s, without
this in 2.0 (means of twelve by turns). Starlette's files from the disk take 2.1 where these take 1.9.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_KINDS = {"js": b"text/javascript", "css": b"text/css"}
_PATH = re.compile(rf"(?:/[a-z]{{2}})?/assets/(?P<name>\w[\w.-]*\.(?P<kind>{'|'.join(_KINDS)}))")
_HERE = ("127.0.0.1", "::1")
_FOR_EVER = b"public, max-age=31536000, immutable"
"""Their names change with what they hold."""


class Assets:
    """Gives the files of a folder to browsers of this machine; all else goes on to the application."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self.app = app
        self._folder = folder
        self._known: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        here = scope["type"] == "http" and scope["method"] == "GET" and (scope.get("client") or "?")[0] in _HERE
        match = _PATH.fullmatch(scope["path"]) if here else None
        body = self._read(match["name"]) if match else None
        if match is None or body is None:
            await self.app(scope, receive, send)
            return
        kind, length = _KINDS[match["kind"]], b"%d" % len(body)
        headers = [(b"content-type", kind), (b"content-length", length), (b"cache-control", _FOR_EVER)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _read(self, name: str) -> bytes | None:
        """Return a file; None where there is none."""
        if name not in self._known:
            file = self._folder / name
            if not file.is_file():
                return None
            self._known[name] = file.read_bytes()
        return self._known[name]
