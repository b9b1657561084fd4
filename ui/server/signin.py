"""The page on which a browser shows the token of the server, once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from ui.markup import text
from ui.server.guard import COOKIE, SIGN_IN, cookie_of, same
from ui.words import ENGLISH, Words, languages

if TYPE_CHECKING:
    from pydantic import SecretStr
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

PAUSE_S = 1.0
"""Seconds that a wrong token costs: too long to try many."""
LONGEST = 4096

STYLE = """
:root { color-scheme: light dark; }
body { font: 17px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; margin: 0; }
main { width: min(26rem, calc(100vw - 2rem)); } h1 { font-size: 1.4rem; }
label { display: block; margin-bottom: .35rem; }
input, button { font: inherit; padding: .6rem .75rem; width: 100%; box-sizing: border-box; border-radius: .4rem; }
input { border: 1px solid GrayText; } button { margin-top: 1rem; border: 0; background: #334155; color: #fff; }
:focus-visible { outline: 3px solid #3b82f6; outline-offset: 2px; } [role=alert] { font-weight: 600; }
"""


def routes(token: SecretStr) -> Sequence[BaseRoute]:
    """Return the routes of the page."""
    from starlette.responses import HTMLResponse, RedirectResponse
    from starlette.routing import Route

    async def show(request: Request) -> Response:
        return HTMLResponse(_page(_words(request)))

    async def take(request: Request) -> Response:
        body = await _body(request)
        given = parse_qs(body.decode("utf-8", "replace")).get("token", [""])[0]
        if not same(given.strip(), token.get_secret_value()):
            await asyncio.sleep(PAUSE_S)
            return HTMLResponse(_page(_words(request), wrong=True), 401)
        response = RedirectResponse("/", 303)
        secure = request.headers.get("origin", "").startswith("https:")
        cookie = cookie_of(token.get_secret_value())
        response.set_cookie(COOKIE, cookie, max_age=365 * 86400, httponly=True, samesite="lax", secure=secure)
        return response

    return [Route(SIGN_IN, show), Route(SIGN_IN, take, methods=["POST"])]


async def _body(request: Request) -> bytes:
    """Return the body of a request, as much of it as a token can be."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST:
            return b""
    return body


def _words(request: Request) -> Words:
    """Return the words of the language that the browser likes best."""
    wanted = (part.split(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(","))
    return next((Words(language) for language in wanted if language in languages()), ENGLISH)


def _page(words: Words, *, wrong: bool = False) -> str:
    problem = f'<p role="alert">{text(words("signin.wrong"))}</p>' if wrong else ""
    title, why = text(words("signin.title")), text(words("signin.why"))
    label, button = text(words("signin.token")), text(words("signin.open"))
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8"><title>rag</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body><main>'
        f'<h1>{title}</h1><p>{why}</p>{problem}<form method="post"><label for="token">{label}</label>'
        '<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>'
        f"<button>{button}</button></form></main></body></html>"
    )
