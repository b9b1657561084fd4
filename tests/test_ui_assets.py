"""The files of the page are given from memory to this machine alone, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.server.assets import Assets


def _client(folder: Path, host: str = "127.0.0.1") -> TestClient:
    (folder / "assets").mkdir()
    (folder / "assets" / "Index-ab12.js").write_text("let a = 1;")
    (folder / "assets" / "notes.txt").write_text("none of the page's")
    (folder / "secret.js").write_text("let secret = 1;")
    further = Starlette(
        routes=[Route("/{path:path}", lambda request: PlainTextResponse("further"), methods=["GET", "POST"])]
    )
    return TestClient(Assets(further, folder / "assets"), client=(host, 50_000))


def test_a_file_is_given_and_kept_by_the_browser(tmp_path: Path) -> None:
    client = _client(tmp_path)
    for path in ("/assets/Index-ab12.js", "/ru/assets/Index-ab12.js"):
        reply = client.get(path)
        assert (reply.status_code, reply.text) == (200, "let a = 1;")
        assert reply.headers["content-type"] == "text/javascript"
        assert "immutable" in reply.headers["cache-control"]
    (tmp_path / "assets" / "Index-ab12.js").unlink()
    assert client.get("/assets/Index-ab12.js").text == "let a = 1;"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/gone.js",
        "/assets/../secret.js",
        "/assets/%2e%2e/secret.js",
        "/assets/notes.txt",
        "/assets/",
        "/secret.js",
    ],
)
def test_what_is_no_file_of_the_page_goes_on(tmp_path: Path, path: str) -> None:
    assert _client(tmp_path).get(path).text == "further"


def test_other_machines_and_other_methods_go_on(tmp_path: Path) -> None:
    client = _client(tmp_path, "192.0.2.7")
    assert client.get("/assets/Index-ab12.js").text == "further"
    assert client.post("/assets/Index-ab12.js").text == "further"
