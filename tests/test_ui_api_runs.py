"""Evaluation by the API: sets, runs in the background, their figures and reports, two of them compared."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from eval.runs import load_run
from index.embed import Embedder
from rag.settings import Settings
from tests.api_server import BAKERY, HARBOUR, UNKNOWN, Server, error, library_in, serving
from tests.test_eval_formats_others import workbook
from ui.sets import run as set_run
from ui.sets import shelf as sets

ITEMS: list[dict[str, Any]] = [
    {
        "id": "harbour",
        "type": "number",
        "question": HARBOUR,
        "answer": "4.2 million tons",
        "must_include": [["4.2 million"]],
        "evidence": [{"doc": "harbour.md", "quote": "The harbour of Lorn handled 4.2 million tons of cargo in 2013."}],
    },
    {
        "id": "bread",
        "type": "number",
        "question": BAKERY,
        "answer": "300",
        "must_include": [["300"]],
        "evidence": [{"doc": "bakery.txt", "quote": "The bakery on Mill Lane sells 300 loaves a day."}],
    },
    {"id": "bishop", "type": "unanswerable", "question": UNKNOWN, "answer": "", "must_include": [], "evidence": []},
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, filled_home: Path, embedder: Embedder) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("api")
    library = library_in(folder, filled_home, embedder)
    settings = Settings(home=folder / "home")
    path = sets.folder(settings) / "small.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(item) + "\n" for item in ITEMS), encoding="utf-8")
    path.with_name("many.jsonl").write_text(
        "".join(json.dumps(ITEMS[1] | {"id": f"bread-{number}"}) + "\n" for number in range(300)), encoding="utf-8"
    )
    path.with_name("broken.jsonl").write_text('{"id": 1', encoding="utf-8")
    with serving(library, settings) as made:
        yield made
    library.close()


def finished(server: Server, name: str) -> Any:
    end = time.monotonic() + 60
    while (run := server.get(f"runs/{name}"))["state"] == "running" and time.monotonic() < end:
        time.sleep(0.05)
    return run


def test_sets_are_listed_with_what_is_wrong_with_them(server: Server) -> None:
    listed = {entry["name"]: entry for entry in server.get("sets")}
    assert listed.keys() == {"small", "many", "broken"}
    assert (listed["small"]["questions"], listed["small"]["unanswerable"]) == (3, 1)
    assert listed["broken"]["problem"] and not listed["small"]["problem"]


def test_a_run_has_figures_a_report_and_is_compared(server: Server) -> None:
    begun = server.client.post("/api/v1/runs", json={"set": "small"})
    assert begun.status_code == 202 and begun.json()["of"] == 3
    name = begun.json()["name"]
    run = finished(server, name)
    assert (run["state"], run["done"], run["problem"]) == ("done", 3, "")
    stopped = server.client.post(f"/api/v1/runs/{name}/stop")
    assert stopped.json()["state"] == "done", "stopping what has ended changes nothing"
    figures = {figure["key"]: figure for figure in run["figures"]}
    assert figures["right"]["value"] == 1 and figures["right"]["n"] == 3 and len(figures["right"]["interval"]) == 2
    listed = server.get("runs")
    assert [entry["name"] for entry in listed] == [name]
    assert {(entry["set"], entry["state"], entry["model"]) for entry in listed} == {("small", "done", "extractive")}
    page = server.client.get(f"/api/v1/runs/{name}/report")
    assert page.headers["content-type"].startswith("text/html") and BAKERY in page.text
    saved = load_run(set_run.folder(server.desk.settings) / f"{name}.jsonl")
    assert saved.complete and "api_token" not in saved.settings

    told = server.get("comparison", run=[name, name])
    assert told["runs"] == [name, name] and told["questions"] == 3 and told["changed"] == []
    (right,) = [row for row in told["rows"] if row["key"] == "right"]
    assert right["values"] == [1, 1] and right["differences"][0]["value"] == 0
    assert name in server.client.get(f"/api/v1/comparison/report?run={name}&run={name}").text
    one = server.client.get(f"/api/v1/comparison?run={name}")
    assert "two runs or more" in error(one, 422, "invalid_request")


def test_a_run_goes_on_alone_and_can_be_stopped(server: Server) -> None:
    begun = server.post("runs", {"set": "many"})
    name = begun["name"]
    assert begun["state"] == "running" and begun["of"] == 300
    again = error(server.client.post("/api/v1/runs", json={"set": "small"}), 409, "conflict")
    assert name in again and "of 300" in again
    assert "300 loaves" in server.post("ask", {"question": BAKERY})["answer"], "questions are answered meanwhile"
    server.post(f"runs/{name}/stop")
    run = finished(server, name)
    assert run["state"] == "stopped" and 0 < run["done"] < 300


def test_what_cannot_be_run_is_told(server: Server) -> None:
    post = server.client.post
    assert "there are broken, many, small" in error(post("/api/v1/runs", json={"set": "nope"}), 404, "not_found")
    assert "cannot be the name" in error(post("/api/v1/runs", json={"set": "../small"}), 422, "set")
    assert "line 1" in error(post("/api/v1/runs", json={"set": "broken"}), 422, "set")
    error(post("/api/v1/runs", json={"set": "small", "collection": "nope"}), 404, "not_found")
    for path in ("runs/nope", "runs/nope/report", "comparison?run=nope&run=other"):
        assert "no run 'nope'" in error(server.client.get(f"/api/v1/{path}"), 404, "not_found")
    error(post("/api/v1/runs/nope/stop"), 404, "not_found")
    error(server.client.get("/api/v1/runs/..%2Fx"), 404, "not_found")


# Sets that are sent


def send(server: Server, name: str, content: bytes, **query: str) -> httpx.Response:
    return server.client.post("/api/v1/sets", files={"file": (name, content)}, params=query)


LINES = "".join(json.dumps(item) + "\n" for item in ITEMS).encode()
TABLE = [["question", "answer", "quote", "doc"], ["Who is the mayor of Lorn?", "", "", ""]]


def test_a_set_is_sent_kept_beside_those_of_the_page_and_asked(server: Server) -> None:
    made = send(server, "sent.jsonl", LINES)
    assert made.status_code == 201
    told = made.json()
    assert (told["name"], told["questions"], told["unanswerable"], told["not_placed"]) == ("sent", 3, 1, [])
    path = Path(told["path"])
    assert path == sets.folder(server.desk.settings) / "sent.jsonl" and len(path.read_text().splitlines()) == 3
    assert {entry["name"]: entry["questions"] for entry in server.get("sets")}["sent"] == 3
    run = finished(server, server.post("runs", {"set": "sent"})["name"])
    assert (run["state"], run["done"]) == ("done", 3)
    assert send(server, "sent.jsonl", LINES).json()["name"] == "sent 2", "no set takes the place of another"


def test_tables_are_read_too(server: Server, tmp_path: Path) -> None:
    lines = "".join(",".join(row) + "\n" for row in TABLE)
    assert send(server, "table.csv", lines.encode()).json()["unanswerable"] == 1
    book = workbook(tmp_path / "book.xlsx", {"Questions": TABLE})
    assert send(server, "book.xlsx", book.read_bytes()).json()["questions"] == 1


def test_what_is_wrong_in_a_sent_set_is_told_with_its_line(server: Server) -> None:
    before = server.get("sets")
    said = error(send(server, "bad.jsonl", LINES + b'{"id": "x", "type": "number"}\n{"id": 1\n'), 422, "set")
    assert "bad.jsonl, line 4" in said and "bad.jsonl, line 5" in said and "/tmp" not in said
    assert "cannot tell what it is" in error(send(server, "bad.exe", b"MZ"), 422, "set")
    assert "empty" in error(send(server, "bad.jsonl", b""), 422, "set")
    error(send(server, "good.jsonl", LINES, collection="nope"), 404, "not_found")
    assert "the field file is missing" in error(server.client.post("/api/v1/sets"), 422, "invalid_request")
    assert server.get("sets") == before


def test_evidence_that_stands_in_no_document_is_named(server: Server) -> None:
    lost = ITEMS[0] | {"evidence": [{"doc": "harbour.md", "quote": "Nobody ever wrote this."}]}
    told = send(server, "lost.jsonl", json.dumps(lost).encode()).json()
    assert told["questions"] == 1
    (problem,) = told["not_placed"]
    assert "lost.jsonl" in problem and "harbour" in problem


def test_a_set_may_be_as_large_as_a_document_and_its_name_leads_nowhere(server: Server) -> None:
    long = [json.dumps(ITEMS[2] | {"id": f"q{n}", "question": f"{n} {'why ' * 1200}?"}) for n in range(1000)]
    many = "\n".join(long).encode()
    assert len(many) > 4 << 20
    told = send(server, "../../large.jsonl", many).json()
    assert told["questions"] == 1000 and Path(told["path"]).parent == sets.folder(server.desk.settings)
