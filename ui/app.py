"""The chat in the browser: the page of a library, and the server that shows it on this machine.

The page asks no other machine for anything, and the server tells the browser to refuse it. Uploaded files
that wait to be added are in a folder that goes when the server stops. Gradio is imported when it is needed.
"""

from __future__ import annotations

import os
import socket
import tempfile
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from signal import SIGTERM, default_int_handler, signal
from threading import current_thread, main_thread
from typing import TYPE_CHECKING

from index.library import Library
from rag.assistant import Assistant
from rag.errors import RagError, SettingsError
from rag.settings import Settings
from ui.desk import Desk
from ui.words import ENGLISH, Words

if TYPE_CHECKING:
    import gradio
    import uvicorn
    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
"""What the browser may load: only what this server gives. Gradio needs inline scripts and `Function`."""

HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


def build_page(desk: Desk, words: Words = ENGLISH) -> gradio.Blocks:
    """Return the page of a desk. `serve` adds its style and theme."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # gradio reads it while it is imported
    from ui.page import Page

    return Page(desk, words).build()


def serve(
    assistant: Assistant,
    library: Library,
    settings: Settings,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    open_browser: bool = False,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Show the page until interrupted.

    Args:
        assistant: who answers.
        library: the documents it answers from.
        settings: what the page says is running, and where uploaded files are kept.
        host: the address to listen on; on any but this machine's own, others can ask and add as well.
        port: the port to listen on; 0 takes a free one.
        open_browser: open the page in the browser.
        on_ready: called with the page's address once connections are taken.

    Raises:
        SettingsError: when the address cannot be listened on.

    """
    listening = _listen(host, port)
    with listening, tempfile.TemporaryDirectory(prefix="rag-ui-") as waiting, suppress(KeyboardInterrupt):
        os.environ["GRADIO_TEMP_DIR"] = waiting
        desk = Desk(assistant, library, settings)
        server = _server(desk, host)
        name = f"[{host}]" if ":" in host else host
        url = f"http://{name}:{listening.getsockname()[1]}/"
        if on_ready:
            on_ready(url)
        if open_browser:
            webbrowser.open(url)
        if current_thread() is main_thread():  # let SIGTERM, too, end here and not before the folder is removed
            signal(SIGTERM, default_int_handler)
        server.run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        why = error.strerror or str(error)
        message = f"cannot listen on {host} port {port} ({why}): choose another --port or --host"
        raise SettingsError(message) from error


def _server(desk: Desk, host: str) -> uvicorn.Server:
    import gradio
    import uvicorn
    from fastapi import FastAPI
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    page = build_page(desk)
    from ui.page import style, theme

    settings = desk.settings
    app = FastAPI(openapi_url=None)
    if host in LOCAL:  # a page of another site whose name is made to lead here gets no answer
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOCAL, "[::1]"])
    app.add_middleware(_Headers)
    app.router.routes += _files(settings)
    gradio.mount_gradio_app(
        app,
        page,
        path="/",
        server_name=host,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        blocked_paths=[str(settings.home.expanduser())],
        max_file_size=settings.max_file_mb << 20,
        theme=theme(),
        css=style(),
    )
    return uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))


def _files(settings: Settings) -> list[BaseRoute]:
    """Return the routes of what the page links to: a set as its file, and the report of a run."""
    from starlette.responses import HTMLResponse, PlainTextResponse, Response
    from starlette.routing import Route

    from eval.report_html import to_html
    from eval.runs import load_run
    from ui import set_run, sets, sets_view

    def questions(request: Request) -> Response:
        try:
            data = sets.path_of(sets.folder(settings), request.path_params["name"]).read_bytes()
        except (RagError, OSError):
            return PlainTextResponse("There is no set of this name.", 404)
        return Response(data, media_type="application/jsonl", headers={"content-disposition": "attachment"})

    def report(request: Request) -> Response:
        try:
            return HTMLResponse(to_html(load_run(sets.path_of(set_run.folder(settings), request.path_params["name"]))))
        except RagError as error:
            return PlainTextResponse(str(error), 404)

    return [Route(f"{sets_view.ROUTE}{{name}}", questions), Route(f"{set_run.ROUTE}{{name}}", report)]


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
