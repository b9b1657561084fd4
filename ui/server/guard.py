"""Who may ask the server what: checked of every request, before anything else sees it.

Pages of other sites get no answer. On another address than this machine's own, whoever asks must have the token, and
a browser shows it once, to be remembered. What is sent to the API may not be larger than it can use.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SIGN_IN = "/sign-in"
COOKIE = "rag"
API = ("/api/", "/v1/")
OPEN = ("/api/v1/health", "/api/v1/ready", SIGN_IN)
"""What is answered without the token: nothing of it tells of the documents."""

LARGEST_JSON = 4 << 20
"""Bytes of a request's body, but for an upload: a question with its whole conversation is far less."""
UPLOADS = ("/api/v1/documents", "/api/v1/sets")
AROUND = 1 << 20
"""Bytes that may stand around an uploaded file: its name, and what is said of it."""


class SameSite:
    """Refuses what the page of another site has a browser send: it could otherwise change, or read, what is here."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through that no other site has sent."""
        if scope["type"] in ("http", "websocket") and foreign(_headers(scope), scope.get("method", "GET")):
            await _refuse(
                scope,
                receive,
                send,
                403,
                "forbidden",
                "A page of another site has sent this, which is not allowed: open the address of the server itself.",
            )
            return
        await self.app(scope, receive, send)


def foreign(headers: Mapping[str, str], method: str) -> bool:
    """Say whether a browser sends a request for a page of another site; following a link to here is none."""
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        return True
    if headers.get("sec-fetch-site", "none") in ("same-origin", "none"):
        return False
    followed = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return not (followed and method in ("GET", "HEAD"))


class WithToken:
    """Refuses whoever has not the token: programs send it as a bearer token, browsers as a cookie made of it."""

    def __init__(self, app: ASGIApp, token: SecretStr) -> None:
        self.app = app
        self._token = token.get_secret_value()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through that has the token, or needs none."""
        if scope["type"] in ("http", "websocket") and scope["path"] not in OPEN and not self._knows(_headers(scope)):
            if scope["path"].startswith(API) or not _is_page(scope):
                message = "This needs the token of the server, as the header Authorization: Bearer TOKEN."
                await _refuse(scope, receive, send, 401, "unauthorized", message)
            else:
                from starlette.responses import RedirectResponse

                await RedirectResponse(SIGN_IN, 303)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _knows(self, headers: Mapping[str, str]) -> bool:
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and same(given.strip(), self._token):
            return True
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return cookie is not None and same(cookie.value, cookie_of(self._token))


def same(given: str, wanted: str) -> bool:
    """Compare two secrets in a time that tells nothing of where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))


def cookie_of(token: str) -> str:
    """Return what a browser keeps in the place of the token: it opens this server, and does not tell the token."""
    return hmac.new(token.encode(), b"rag page", sha256).hexdigest()


class BodyLimit:
    """Refuses a body that is too large for the API, at the latest when too much of it has come."""

    def __init__(self, app: ASGIApp, largest_file: int) -> None:
        self.app = app
        self._largest_file = largest_file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the body of a request while it is read."""
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self.app(scope, receive, send)
            return
        uploads = scope["path"] in UPLOADS
        most = self._largest_file + AROUND if uploads else LARGEST_JSON
        size = _headers(scope).get("content-length", "0")
        if size.isdecimal() and int(size) > most:
            await _refuse(scope, receive, send, 413, "too_large", self._why(uploads))
            return
        taken = 0

        async def counting() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                from ui.api.errors import Problem

                raise Problem(413, "too_large", self._why(uploads))
            return message

        await self.app(scope, counting, send)

    def _why(self, uploads: bool) -> str:
        if uploads:
            return (
                f"More than {self._largest_file >> 20} MB were sent at once: send the files one by one; the setting "
                "max_file_mb of the server says how large one may be."
            )
        return f"More than {LARGEST_JSON >> 20} MB were sent: long texts are added as documents, not asked."


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _is_page(scope: Scope) -> bool:
    """Say whether a browser wants to show what is asked for, so that it can be led elsewhere."""
    return scope.get("method") in ("GET", "HEAD") and "text/html" in _headers(scope).get("accept", "")


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, kind: str, message: str) -> None:
    from ui.api.errors import Problem

    headers = {"www-authenticate": "Bearer"} if status == 401 else None
    await Problem(status, kind, message, headers).response()(scope, receive, send)
