"""The page in several languages: one page for each, with gradio's own words in the same language.

Gradio asks the browser which language to speak, and says so of the page. Here the page tells it instead, and begins
with a box to type in that is there before the rest (`ui.early`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ui.early import early
from ui.words import languages

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAMES: Mapping[str, str] = {"en": "English", "ru": "Русский"}
"""What each language calls itself."""

GRADIO = b'lang="en"'
"""How gradio's page begins, whatever its language."""
BODY = re.compile(rb"<body\b[^>]*>")


def paths(first: str) -> dict[str, str]:
    """Return where the page stands in each language: at `/` in the first."""
    return {language: "/" if language == first else f"/{language}/" for language in languages()}


class InLanguage:
    """Says in each page which language it is in, before anything of it runs, and puts a box to type in before it."""

    def __init__(self, app: ASGIApp, first: str) -> None:
        self.app = app
        self._languages = {path: language for language, path in paths(first).items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a page through with its language in it, and everything else as it is."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path and f"{path}/" in self._languages:
            from starlette.responses import RedirectResponse

            await RedirectResponse(f"{path}/")(scope, receive, send)
            return
        language = self._languages.get(path)
        if language is None:
            await self.app(scope, receive, send)
            return
        start: dict[str, Any] = {}
        body = bytearray()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    shown = _in(language, bytes(body))
                    await send({**start, "headers": _headers(start.get("headers", ()), len(shown))})
                    await send({"type": "http.response.body", "body": shown})

        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self.app({**scope, "headers": plain}, receive, sending)


def _headers(headers: Iterable[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    """Return the headers of a response with another length."""
    return [*((n, v) for n, v in headers if n.lower() != b"content-length"), (b"content-length", b"%d" % length)]


def _in(language: str, page: bytes) -> bytes:
    script = (
        f'<script>Object.defineProperty(navigator, "language", {{value: "{language}"}});'
        f'Object.defineProperty(navigator, "languages", {{value: ["{language}"]}});</script>'
    )
    page = page.replace(GRADIO, f'lang="{language}"'.encode(), 1)
    page = page.replace(b"<head>", b"<head>" + script.encode(), 1)
    return BODY.sub(lambda body: body[0] + early(language).encode(), page, count=1)
