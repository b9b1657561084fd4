"""The API of a library, as `rag serve` gives it, by a real server on this machine; what its tests share."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from threading import Thread
from typing import Any

import httpx
import uvicorn

from index.embed import Embedder
from index.library import Library
from index.workers import Limits
from rag.assistant import Assistant
from rag.models import model_options, open_model
from rag.reader import open_reader
from rag.settings import Settings
from ui.app import build_app
from ui.desk import Desk

HARBOUR = "How many tons of cargo did the harbour of Lorn handle in 2013?"
BAKERY = "How many loaves does the bakery sell a day?"
UNKNOWN = "Who was the first bishop of Trondheim?"


class Server:
    """A server in a thread of this process: its address, a client, its desk."""

    def __init__(self, desk: Desk, url: str, client: httpx.Client) -> None:
        self.desk = desk
        self.url = url
        self.client = client

    def get(self, path: str, **query: Any) -> Any:
        """Return what is at a path of the API, which must be there."""
        return _good(self.client.get(f"/api/v1/{path}", params=query))

    def post(self, path: str, body: Any = None) -> Any:
        """Return what comes of a body, which must be good."""
        return _good(self.client.post(f"/api/v1/{path}", json=body))

    def stream(self, body: Any) -> list[tuple[str, Any]]:
        """Return the events that come of a question."""
        with self.client.stream("POST", "/api/v1/ask", json=body | {"stream": True}) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            return list(events(response))


def _good(response: httpx.Response) -> Any:
    assert response.is_success, response.text
    return response.json()


def events(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    """Yield the events of a response, each with its name."""
    name = ""
    for line in response.iter_lines():
        field, _, value = line.partition(": ")
        name = value if field == "event" else name
        if field == "data" and value != "[DONE]":
            yield name, json.loads(value)


def error(response: httpx.Response, status: int, kind: str) -> str:
    """Return the message of an error, which must be of this status and type and of no other form."""
    assert response.status_code == status, response.text
    body = response.json()
    assert body.keys() == {"error"} and body["error"].keys() == {"type", "message"}
    assert body["error"]["type"] == kind
    message = body["error"]["message"]
    assert message and "Traceback" not in message
    return str(message)


@contextmanager
def serving(library: Library, settings: Settings, host: str = "127.0.0.1") -> Iterator[Server]:
    """Serve a library until the block ends."""
    model = open_model(settings.model, model_options(settings))
    assistant = Assistant(library, settings, model, open_reader(settings.evidence_model, settings.cache / "evidence"))
    desk = Desk(assistant, library, settings)
    with create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(build_app(desk, host, page=False), log_level="critical", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            with httpx.Client(base_url=url, timeout=30) as client:
                yield Server(desk, url, client)
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()
            desk.close()


def library_in(folder: Path, filled_home: Path, embedder: Embedder, limits: Limits | None = None) -> Library:
    """Return a library of the three small documents, in a home of its own."""
    home = folder / "home"
    shutil.copytree(filled_home, home, symlinks=True)
    return Library(Settings(home=home).library, embedder, limits=limits)
