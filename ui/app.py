"""The server of a library: the page in the browser, and the API beside it.

The page asks no other machine for anything, and the server tells the browser to refuse it. Uploaded files
that wait to be added are in a folder that goes when the server stops. Gradio is imported when it is needed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import tempfile
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from signal import SIGTERM, default_int_handler, signal
from threading import current_thread, main_thread
from typing import TYPE_CHECKING

from index.library import Library
from rag.assistant import Assistant
from rag.errors import SettingsError
from rag.settings import Settings
from ui.desk import Desk
from ui.server.assets import Assets
from ui.server.gradio_import import import_gradio
from ui.server.guard import BodyLimit, SameSite, WithToken
from ui.server.language import InLanguage, paths
from ui.server.later import Later
from ui.server.users import Users
from ui.words import ENGLISH, Words

if TYPE_CHECKING:
    import fastapi
    import gradio
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
"""What the browser may load: only what this server gives. Gradio needs inline scripts and `Function`."""

HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"same-origin"),  # with no-referrer a browser would not say that a form is our own
    (b"x-content-type-options", b"nosniff"),
)


def build_page(desk: Desk, words: Words = ENGLISH) -> gradio.Blocks:
    """Return the page of a desk. `serve` adds its style and theme."""
    import_gradio()
    from ui.page import Page

    return Page(desk, words).build()


def serve(
    assistant: Assistant,
    library: Library,
    settings: Settings,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    page: bool = True,
    open_browser: bool = False,
    on_ready: Callable[[str], None] | None = None,
    config: Path | None = None,
) -> None:
    """Give the page and the API until interrupted.

    Args:
        assistant: who answers.
        library: the documents it answers from.
        settings: what the page says is running, and where uploaded files are kept.
        host: the address to listen on; on any but this machine's own, others can ask and add as well.
        port: the port to listen on; 0 takes a free one.
        page: give the page, too, and not the API alone.
        open_browser: open the page in the browser.
        on_ready: called with the page's address once connections are taken.
        config: the settings file that was named, if one was, so that settings are kept in it.

    Raises:
        SettingsError: when the address cannot be listened on, or others could reach it without a token.

    """
    if host not in LOCAL and settings.api_token is None:
        raise SettingsError(
            f"on --host {host} others could read and change the documents: set RAG_API_TOKEN (or api_token in "
            "rag.toml) to a secret of 16 characters or more, which the server then asks them for"
        )
    import uvicorn

    listening = _listen(host, port)
    with listening, tempfile.TemporaryDirectory(prefix="rag-ui-") as waiting, suppress(KeyboardInterrupt):
        os.environ["GRADIO_TEMP_DIR"] = waiting
        desk = Desk(assistant, library, settings, local=host in LOCAL, config=config)
        app = build_app(desk, host, page=page)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        logging.getLogger("uvicorn.error").addFilter(_no_goodbye)
        name = f"[{host}]" if ":" in host else host
        url = f"http://{name}:{listening.getsockname()[1]}/"
        if on_ready:
            on_ready(url)
        if open_browser:
            webbrowser.open(url)
        if current_thread() is main_thread():  # let SIGTERM, too, end here and not before the folder is removed
            signal(SIGTERM, default_int_handler)
        try:
            server.run(sockets=[listening])
        finally:
            desk.close()


def _no_goodbye(record: logging.LogRecord) -> bool:
    """Leave out that a page which was open when the server ended has lost its connection."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        why = error.strerror or str(error)
        message = f"cannot listen on {host} port {port} ({why}): choose another --port or --host"
        raise SettingsError(message) from error


def build_app(desk: Desk, host: str, *, page: bool = True) -> fastapi.FastAPI:
    """Return the whole application of a server: the API, the files that the pages link to, and the pages."""
    from ui import api
    from ui.server.routes import ROUTES
    from ui.server.signin import routes as sign_in

    app = api.build(desk)
    token = desk.settings.api_token
    for routes in ROUTES:
        app.router.routes += routes(desk)
    if token:
        app.router.routes += sign_in(token)
    if page:
        _mount(app, desk, host)
        app.add_middleware(Assets, folder=_assets())
        app.add_middleware(InLanguage, first=desk.settings.interface)
        app.add_middleware(Users, alone=host in LOCAL)
    _guard(app, desk.settings, host)
    return app


def _guard(app: fastapi.FastAPI, settings: Settings, host: str) -> None:
    """Put before an application what looks at each request; the last one added is the first that sees it."""
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    app.add_middleware(BodyLimit, largest_file=settings.max_file_mb << 20)
    if settings.api_token:
        app.add_middleware(WithToken, token=settings.api_token)
    app.add_middleware(SameSite)
    if host in LOCAL:  # a page of another site whose name is made to lead here gets no answer
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOCAL, "[::1]"])
    app.add_middleware(_Headers)


def _mount(app: fastapi.FastAPI, desk: Desk, host: str) -> None:
    """Put the page into an application: in its first language at once, in each other when it is first asked for."""
    for language, path in paths(desk.settings.interface).items():
        make = partial(_with_page, desk, language, path, host)
        if path == "/":
            make(app)
        else:
            app.add_middleware(Later, path=path, make=make)


def _with_page(desk: Desk, language: str, path: str, host: str, app: fastapi.FastAPI | None = None) -> fastapi.FastAPI:
    """Return an application, a new one if none is given, with the page in a language under a path."""
    import fastapi

    page = build_page(desk, Words(language))
    import gradio

    from ui.page import style, theme

    app = app or fastapi.FastAPI(openapi_url=None)
    gradio.mount_gradio_app(
        app,
        page,
        path=path,
        server_name=host,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        blocked_paths=[str(desk.settings.home.expanduser())],
        max_file_size=desk.settings.max_file_mb << 20,
        theme=theme(),
        css=style(),
    )
    return app


def _assets() -> Path:
    """Return the folder of the files that gradio's page is made of."""
    import gradio

    return Path(gradio.__file__).parent / "templates" / "frontend" / "assets"


LOCAL = ("127.0.0.1", "localhost", "::1")
"""The names of this machine for itself."""


class _Headers:
    """Adds `HEADERS` to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await self.app(scope, receive, sending)
