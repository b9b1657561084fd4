"""Who may ask the server what: pages of other sites may not, and strangers need the token."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pydantic import SecretStr

from index.embed import Embedder
from index.library import Library
from rag.assistant import Assistant
from rag.errors import SettingsError
from rag.settings import Settings
from tests.api_server import BAKERY, Server, error, library_in, serving
from ui.app import serve
from ui.server.guard import cookie_of

TOKEN = "a-token-of-our-own-7f3a"
ASK = {"question": BAKERY}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("api")


@pytest.fixture(scope="module")
def library(home: Path, filled_home: Path, embedder: Embedder) -> Iterator[Library]:
    made = library_in(home, filled_home, embedder)
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(library: Library, home: Path) -> Iterator[Server]:
    with serving(library, Settings(home=home / "home")) as made:
        yield made


@pytest.fixture(scope="module")
def shut(library: Library, home: Path) -> Iterator[Server]:
    """Serve other machines, who need the token."""
    settings = Settings(home=home / "home", api_token=SecretStr(TOKEN))
    with serving(library, settings, "0.0.0.0") as made:
        yield made


# Other sites


OTHERS = [
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:1"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
    {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
]


@pytest.mark.parametrize("headers", OTHERS)
def test_the_page_of_another_site_may_neither_change_nor_read(server: Server, headers: dict[str, str]) -> None:
    before = server.get("documents")
    ask = partial(server.client.request, headers=headers)
    for method, path, body in (
        ("POST", "/api/v1/ask", ASK),
        ("POST", "/v1/chat/completions", {"messages": [{"role": "user", "content": BAKERY}]}),
        ("GET", "/api/v1/documents", None),
        ("DELETE", f"/api/v1/documents/{before[0]['id']}", None),
        ("POST", "/api/v1/collections", {"name": "theirs"}),
    ):
        error(ask(method, path, json=body), 403, "forbidden")
    form = {"content-type": "text/plain", **headers}
    error(server.client.post("/api/v1/ask", content=b'{"question": "x"}', headers=form), 403, "forbidden")
    assert server.get("documents") == before and server.get("collections")["collections"] == ["default"]


def test_our_own_page_a_link_and_programs_may(server: Server) -> None:
    own = {"origin": server.url, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}
    assert server.client.post("/api/v1/ask", json=ASK, headers=own).is_success
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert server.client.get("/api/v1/docs", headers=link).is_success
    error(server.client.post("/api/v1/collections", json={"name": "x"}, headers=link), 403, "forbidden")
    assert server.client.get("/api/v1/documents").is_success


def test_a_name_that_was_made_to_lead_here_gets_nothing(server: Server) -> None:
    for path in ("/api/v1/documents", "/"):
        assert server.client.get(path, headers={"host": "evil.example"}).status_code == 400


PAGE = """<!doctype html><title>Elsewhere</title><form id="f" method="post" enctype="text/plain"
action="{url}/api/v1/collections"><input name='{{"name": "form", "x' value='": 1}}'></form><script>
window.tried = (async () => {{
  const json = {{method: "POST", headers: {{"content-type": "application/json"}}, body: '{{"name": "fetch"}}'}};
  const plain = {{method: "POST", mode: "no-cors", body: '{{"name": "plain"}}'}};
  const read = async (path, options) => fetch("{url}" + path, options).then(r => r.text(), () => "");
  return [await read("/api/v1/collections", json), await read("/api/v1/collections", plain),
          await read("/api/v1/documents"), await read("/v1/models")];
}})();
</script>"""


def test_a_real_browser_on_another_page_gets_nothing(server: Server, shut: Server) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        pytest.skip(f"{chromium} is not there: apt-get install chromium")

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = PAGE.format(url=server.url).encode()
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Elsewhere) as other:
        thread = Thread(target=other.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            with playwright.sync_playwright() as p:
                browser = p.chromium.launch(executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu"])
                page = browser.new_page()
                page.goto(f"http://127.0.0.1:{other.server_address[1]}/")
                assert page.evaluate("window.tried") == ["", "", "", ""]
                with page.expect_navigation():
                    page.evaluate("document.getElementById('f').submit()")
                assert '"forbidden"' in page.content()
                page.goto(f"{server.url}/api/v1/docs")  # on our own page the same is allowed
                assert "Lorn" in page.evaluate("fetch('/api/v1/documents').then(r => r.text())")
                page.goto(f"{shut.url}/sign-in")
                page.get_by_label("Token").fill(TOKEN)
                page.get_by_label("Token").press("Enter")
                page.wait_for_url(f"{shut.url}/")
                assert "Lorn" in page.evaluate("fetch('/api/v1/documents').then(r => r.text())")
                browser.close()
        finally:
            other.shutdown()
            thread.join()
    assert server.get("collections")["collections"] == ["default"]


# Strangers


def test_without_a_token_only_this_machine_is_served(library: Library, home: Path) -> None:
    settings = Settings(home=home / "home")
    for host in ("0.0.0.0", "192.0.2.1", "::"):
        with pytest.raises(SettingsError, match="set RAG_API_TOKEN"):
            serve(Assistant(library, settings), library, settings, host=host)


@pytest.mark.parametrize("value", [None, "Bearer wrong", f"Bearer {TOKEN}x", TOKEN, f"Basic {TOKEN}", "Bearer é"])
def test_a_stranger_gets_nothing(shut: Server, value: str | None) -> None:
    headers = {b"authorization": value.encode("latin-1")} if value else {}
    for path in ("/api/v1/documents", "/v1/models", "/api/v1/openapi.json", "/sets/x", "/gradio_api/info", "/config"):
        response = shut.client.get(path, headers=headers)
        assert "Authorization: Bearer TOKEN" in error(response, 401, "unauthorized")
        assert response.headers["www-authenticate"] == "Bearer"
    error(shut.client.post("/api/v1/ask", json=ASK, headers=headers), 401, "unauthorized")
    assert shut.client.get("/api/v1/health", headers=headers).is_success


def test_who_has_the_token_is_served(shut: Server) -> None:
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert "300 loaves" in shut.client.post("/api/v1/ask", json=ASK, headers=headers).json()["answer"]
    assert shut.client.get("/v1/models", headers=headers).is_success
    named = headers | {"host": "library.example"}
    assert shut.client.get("/v1/models", headers=named).is_success, "a machine that others reach has many names"


def test_a_browser_shows_the_token_once(shut: Server) -> None:
    accept = {"accept": "text/html"}
    page = shut.client.get("/", headers=accept)
    assert page.status_code == 303 and page.headers["location"] == "/sign-in"
    form = shut.client.get("/sign-in", headers={"accept-language": "ru,en;q=0.5"})
    assert "Токен" in form.text and 'lang="ru"' in form.text
    wrong = shut.client.post("/sign-in", data={"token": "x" * 20})
    assert wrong.status_code == 401 and "not the token" in wrong.text and "set-cookie" not in wrong.headers
    other = shut.client.post("/sign-in", data={"token": TOKEN}, headers={"origin": "http://evil.example"})
    error(other, 403, "forbidden")
    done = shut.client.post("/sign-in", data={"token": TOKEN})
    assert done.status_code == 303 and done.headers["location"] == "/"
    kept = done.headers["set-cookie"]
    assert "HttpOnly" in kept and "SameSite=lax" in kept and TOKEN not in kept
    with_cookie = {**accept, "cookie": f"rag={cookie_of(TOKEN)}"}
    shut.client.cookies.clear()
    assert shut.client.get("/api/v1/docs", headers=with_cookie).is_success
    assert shut.client.get("/", headers={**accept, "cookie": f"rag={cookie_of('x' * 20)}"}).status_code == 303
