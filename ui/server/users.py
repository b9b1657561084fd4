"""Who a request comes from: on this machine alone there is one user; elsewhere each browser is one, by a cookie.

It keeps the conversations of people apart who share a server. It is no login: who has the cookie is the user.
"""

from __future__ import annotations

import re
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALONE = "local"
"""The one user of a server that only this machine can reach."""
COOKIE = "rag_user"
_NAME = "rag_user"
_FORM = re.compile(r"[0-9a-f]{32}")
_YEAR_S = 365 * 24 * 3600


class Users:
    """Tells who asks, for `user_of`; a browser that is new here is given a cookie."""

    def __init__(self, app: ASGIApp, *, alone: bool) -> None:
        self.app = app
        self.alone = alone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        known = ALONE if self.alone else _user(scope)
        user = known or secrets.token_hex(16)
        scope.setdefault("state", {})[_NAME] = user

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and known is None and _is_page(scope):
                # Lax, not Strict: who follows a link to this page would come without it, and be made another user.
                cookie = f"{COOKIE}={user}; Max-Age={_YEAR_S}; Path=/; HttpOnly; SameSite=Lax"
                message["headers"] = [*message.get("headers", ()), (b"set-cookie", cookie.encode())]
            await send(message)

        await self.app(scope, receive, sending)


def user_of(request: object) -> str:
    """Return the user of a request that has come through `Users`."""
    return str(getattr(request.state, _NAME))  # type: ignore[attr-defined]  # starlette's request, or gradio's


def _is_page(scope: Scope) -> bool:
    """Tell whether a page is asked for: its parts come after it, with the cookie."""
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def _user(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                found = SimpleCookie(value.decode("latin-1")).get(COOKIE)
            except CookieError:
                continue
            if found and _FORM.fullmatch(found.value):
                return found.value
    return None
