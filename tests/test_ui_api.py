"""Questions by the API: the answer as JSON and as events, errors, and what happens when nobody listens any more."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, TypeAdapter

from index.embed import Embedder
from index.library import Library
from rag.settings import Settings
from tests.api_server import BAKERY, HARBOUR, UNKNOWN, Server, error, events, library_in, serving
from tests.test_rag_models_service import Service, fails, says, sends
from ui.api.bodies import AnswerBody


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
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.close()


@pytest.fixture(scope="module")
def hosted(library: Library, home: Path, service: Service) -> Iterator[Server]:
    """Serve the same library with a model behind a service that can be told what to do."""
    settings = Settings(home=home / "home", model="openai:big-70b", base_url=service.url, timeout_s=5)
    with serving(library, settings) as made:
        yield made


def without_times(answer: dict[str, Any]) -> dict[str, Any]:
    return answer | {"trace": answer["trace"] | {"timings_ms": {}}}


# Answers


def test_the_answer_is_that_of_the_command_line(server: Server) -> None:
    told = server.post("ask", {"question": HARBOUR})
    assert without_times(told) == without_times(TypeAdapter(dict[str, Any]).validate_python(_asked(server, HARBOUR)))
    assert "4.2 million" in told["answer"] and told["status"] == "answered"
    (citation,) = told["citations"]
    text = server.desk.library().document(citation["document"]).text
    assert text[citation["start"] : citation["end"]] == citation["quote"]


def _asked(server: Server, question: str) -> Any:
    answer = server.desk.assistant().ask(question).to_dict()
    return TypeAdapter(Any).dump_python(answer, mode="json")


@pytest.mark.parametrize("question", [HARBOUR, UNKNOWN])
def test_the_description_of_an_answer_names_every_field_of_it(server: Server, question: str) -> None:
    told = server.post("ask", {"question": question})
    assert told["citations"] or told["nearest"]
    _described(AnswerBody, told)
    AnswerBody.model_validate(told)


def _described(model: type[BaseModel], data: dict[str, Any]) -> None:
    assert model.model_fields.keys() == data.keys()
    for name, field in model.model_fields.items():
        inner = [m for m in _models(field.annotation) if data[name]]
        for value in data[name] if isinstance(data[name], list) else [data[name]]:
            for found in inner:
                _described(found, value)


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _models(part)]


def test_events_come_in_the_order_of_the_work(server: Server) -> None:
    told = server.stream({"question": HARBOUR})
    names = [name for name, _ in told]
    assert names[0] == "stage" and names[-1] == "answer" and "sentence" in names[1:-1]
    stages = [data["name"] for name, data in told if name == "stage"]
    assert stages == ["searching", "reading", "writing", "checking"]
    (sentence,) = [data for name, data in told if name == "sentence"]
    answer = told[-1][1]
    assert sentence["citations"] == answer["citations"] and sentence["text"] == answer["sentences"][0]["text"]
    assert without_times(answer) == without_times(server.post("ask", {"question": HARBOUR}))


def test_who_accepts_events_gets_events(server: Server) -> None:
    accept = {"accept": "text/event-stream"}
    response = server.client.post("/api/v1/ask", json={"question": UNKNOWN}, headers=accept)
    assert next(data for name, data in events(response) if name == "answer")["status"] == "refused"


def test_a_follow_up_leans_on_the_history(server: Server) -> None:
    history = [{"question": HARBOUR, "answer": "4.2 million tons. [1]"}]
    told = server.post("ask", {"question": "And in 2018?", "history": history})
    assert "6.8 million" in told["answer"] and "harbour" in told["trace"]["standalone_question"]


def test_filters_hold_and_dates_are_read_as_people_write_them(server: Server) -> None:
    question = "How many tons did the harbour of Lorn handle?"
    told = server.post("ask", {"question": question, "filters": {"after": "June 2019"}})
    assert {c["title"] for c in told["citations"] + told["nearest"]} == {"Lorn revisited"}
    told = server.post("ask", {"question": question, "filters": {"author": ["Falk"]}})
    assert {c["author"] for c in told["citations"] + told["nearest"]} == {"Ines Falk"}


def test_five_at_once_are_not_mixed(server: Server) -> None:
    asked = [HARBOUR, BAKERY, "How many trawlers work from Lorn?", "When did a second terminal open?", UNKNOWN] * 2
    alone = {question: without_times(server.post("ask", {"question": question})) for question in asked[:5]}
    with ThreadPoolExecutor(5) as people:
        told = list(people.map(lambda question: server.post("ask", {"question": question}), asked))
    assert [without_times(answer) for answer in told] == [alone[question] for question in asked]


# What cannot be asked


@pytest.mark.parametrize(
    ("body", "status", "kind", "said"),
    [
        ({"question": " \n"}, 422, "question", "is empty"),
        ({"question": "???"}, 422, "question", "is empty"),
        ({"question": "why " * 2000}, 422, "question", "at most 4,000"),
        ({}, 422, "invalid_request", "the field question is missing"),
        ({"question": 5}, 422, "invalid_request", "the field question = 5 cannot be used"),
        ({"question": BAKERY, "colection": "x"}, 422, "invalid_request", "there is no field colection"),
        ({"question": BAKERY, "collection": "../x"}, 422, "invalid_request", "collection = '../x'"),
        ({"question": BAKERY, "collection": "nope"}, 404, "not_found", "no collection 'nope': there are default"),
        ({"question": BAKERY, "model": "gguf:/etc/passwd"}, 422, "model", "'gguf:/etc/passwd' is not served"),
        ({"question": BAKERY, "model": "x" * 400}, 422, "model", "(402 characters)"),
        ({"question": BAKERY, "filters": {"after": "soon"}}, 422, "question", "'soon' is no date"),
        ({"question": BAKERY, "filters": {"author": ["Nobody"]}}, 422, "question", "no document matches author Nobody"),
        ({"question": BAKERY, "history": [{"question": 1}]}, 422, "invalid_request", "history.0.question = 1"),
        ([1], 422, "invalid_request", "no JSON object"),
    ],
)
def test_what_cannot_be_asked_is_said(server: Server, body: Any, status: int, kind: str, said: str) -> None:
    assert said in error(server.client.post("/api/v1/ask", json=body), status, kind)


def test_a_body_that_is_no_json_or_far_too_large(server: Server) -> None:
    json_kind = {"content-type": "application/json"}
    post = server.client.post
    assert "no JSON" in error(post("/api/v1/ask", content=b'{"question":', headers=json_kind), 422, "invalid_request")
    assert "Content-Type" in error(post("/api/v1/ask", content=b'{"question": "x"}'), 422, "invalid_request")
    much = b'{"question": "' + b"x" * (5 << 20) + b'"}'
    assert "More than 4 MB" in error(post("/api/v1/ask", content=much, headers=json_kind), 413, "too_large")
    pieces = (much[at : at + 65536] for at in range(0, len(much), 65536))  # sent without saying how much it is
    assert "More than 4 MB" in error(post("/api/v1/ask", content=pieces, headers=json_kind), 413, "too_large")


def test_other_addresses_and_methods_are_told(server: Server) -> None:
    for path in ("/api/v1/nothing", "/api", "/v1/embeddings", "/api/v1/ask/", "/elsewhere"):
        assert repr(path) in error(server.client.get(path), 404, "not_found")
    assert "it takes POST" in error(server.client.get("/api/v1/ask"), 405, "method_not_allowed")
    assert "/api/v1/health" in error(server.client.put("/api/v1/health"), 405, "method_not_allowed")


def test_alive_and_ready(server: Server) -> None:
    assert server.get("health") == {"status": "alive"}
    end = time.monotonic() + 20
    while not (response := server.client.get("/api/v1/ready")).is_success and time.monotonic() < end:
        assert "is being loaded" in error(response, 503, "not_ready")
        time.sleep(0.05)
    assert response.json()["status"] == "ready"
    assert server.get("version")["version"][0].isdigit()


def test_the_description_covers_every_route_and_its_page_loads_nothing(server: Server) -> None:
    described = server.get("openapi.json")
    paths = {"ask", "documents", "documents/{document}/citation", "collections", "runs", "comparison", "ready"}
    assert {f"/api/v1/{path}" for path in paths} | {"/v1/chat/completions"} <= described["paths"].keys()
    for methods in described["paths"].values():
        for operation in methods.values():
            assert operation["description"] and operation["tags"]
    page = server.client.get("/api/v1/docs").text
    assert "POST /api/v1/ask" in page and "Earlier turns" in page and "src=" not in page and "http" not in page


# Models that fail, and clients that go


def test_an_endpoint_that_is_down_is_told(hosted: Server, service: Service) -> None:
    service.acts = [fails(500, "out of memory", {"x-should-retry": "false"})]
    response = hosted.client.post("/api/v1/ask", json={"question": HARBOUR})
    assert "out of memory" in error(response, 503, "model")
    told = hosted.stream({"question": HARBOUR})
    assert told[-1][0] == "error" and told[-1][1]["error"]["type"] == "model"
    assert [data["name"] for name, data in told if name == "stage"] == ["searching", "reading", "writing"]


def test_an_endpoint_that_breaks_in_mid_answer_leaves_what_is_whole(hosted: Server, service: Service) -> None:
    service.acts = [sends(says("The harbour of Lorn handled 4.2 million tons of cargo in 2013. It al"), whole=False)]
    told = hosted.stream({"question": HARBOUR})
    assert told[-1][0] == "answer" and "4.2 million" in told[-1][1]["answer"]
    assert any("broke" in note for note in told[-1][1]["trace"]["notes"])


@pytest.mark.parametrize("stream", [True, False])
def test_a_model_stops_when_the_client_goes(hosted: Server, service: Service, stream: bool) -> None:
    stopped: list[float] = []

    def for_ever(service: Service, connection: Any) -> None:
        try:
            sends(says("The harbour "), whole=False)(service, connection)
            while not service.over.wait(0.02):
                piece = says("and ")
                connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
        finally:
            stopped.append(time.monotonic())

    service.acts = [for_ever]
    begun = len(service.asked)
    with httpx.Client(base_url=hosted.url, timeout=0.8 if not stream else 20) as client:
        if stream:
            with client.stream("POST", "/api/v1/ask", json={"question": HARBOUR, "stream": True}) as response:
                told = events(response)
                assert ("stage", "writing") in ((name, data["name"]) for name, data in told)
                _wait(lambda: len(service.asked) > begun)
        else:
            with pytest.raises(httpx.ReadTimeout):
                client.post("/api/v1/ask", json={"question": HARBOUR})
    left = time.monotonic()
    _wait(lambda: bool(stopped))
    assert stopped[0] - left < 2


def _wait(there: Any) -> None:
    end = time.monotonic() + 10
    while not there() and time.monotonic() < end:
        time.sleep(0.02)
    assert there()
