"""The settings in the page: what is shown of them, what a change does, and what never leaves the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr

from eval.runs import Run
from index.embed import Embedder
from index.library import Library
from rag.assistant import Assistant
from rag.settings import Settings, with_values
from tests.test_eval_past import record
from ui.desk import Desk
from ui.settings import view as settings_view
from ui.settings.tab import SettingsTab
from ui.words import Words, languages

KEY = "sk-very-secret-0123456789"


class Service(BaseHTTPRequestHandler):
    """An OpenAI-compatible service that is always of the same opinion."""

    keys: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.keys.append(self.headers["authorization"])
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for piece in ("It is ", "<b>red</b>."):
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
            choice = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
            self.wfile.write(f"data: {json.dumps(chunk | {'choices': [choice]})}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def service() -> Iterator[str]:
    Service.keys.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


def tab_of(library: Library, home: Path, language: str = "en", *, local: bool = True, **values: Any) -> SettingsTab:
    settings = with_values(Settings(home=home), values)
    return SettingsTab(Desk(Assistant(library, settings), library, settings, local=local), Words(language))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    """Return a library that no test may change."""
    made = Library(tmp_path_factory.mktemp("settings"), embedder)
    yield made
    made.close()


@pytest.fixture
def tab(library: Library, tmp_path: Path) -> SettingsTab:
    return tab_of(library, tmp_path / "home")


def last(steps: Iterator[Any]) -> Any:
    *_, step = steps
    return step


# The model


@pytest.mark.parametrize("model", ["extractive", "gguf:package", "gguf:/m/x.gguf", "transformers:a/b", "openai:m:1"])
def test_a_model_is_named_as_it_is_shown(model: str) -> None:
    assert settings_view.model_of(*settings_view.kind_of(model)) == model


def test_a_service_is_tested_and_used(tab: SettingsTab, service: str) -> None:
    said = last(tab.test("openai", "m", service, KEY, True))
    assert "It is &lt;b&gt;red&lt;/b&gt;." in said and " s.</p>" in said
    assert tab.desk.settings.model == "extractive", "a test changes nothing"
    said, key = last(tab.use("openai", "m", service, KEY, True))
    assert "In use: openai:m." in said and key == ""
    assert (tab.desk.settings.model, tab.desk.settings.base_url) == ("openai:m", service)
    assert tab.desk.assistant().model is tab.desk.model(tab.desk.settings)
    assert last(tab.test("openai", "m", service, "", True)).count("red") == 1, "the key that is there is used"
    assert Service.keys == [f"Bearer {KEY}"] * 2


def test_a_key_is_never_shown_and_never_sent_to_another_address(tab: SettingsTab, service: str) -> None:
    last(tab.use("openai", "m", "http://127.0.0.1:9/v1", KEY, True))
    shown = repr((tab.refresh(), tab.look("openai", "", True), tab.keep()))
    assert KEY not in shown and KEY[:12] not in shown
    assert KEY not in (tab.desk.settings.home / "rag.toml").read_text(encoding="utf-8")
    last(tab.test("openai", "m", service, "", True))
    assert Service.keys == ["Bearer none"]
    last(tab.use("openai", "m", service, "", True))
    assert tab.desk.settings.api_key is None


def test_a_password_in_the_address_is_not_shown_and_stays(library: Library, tmp_path: Path) -> None:
    tab = tab_of(library, tmp_path, base_url="http://ines:hunter2@127.0.0.1:9/v1", model="openai:m")
    kind, target, address, *_ = tab.refresh()
    assert (kind, target["value"]) == ("openai", "m")
    assert "hunter2" not in repr(tab.refresh())
    last(tab.use("openai", "n", address["value"], "", True))
    assert tab.desk.settings.base_url == "http://ines:hunter2@127.0.0.1:9/v1"


@pytest.mark.parametrize(
    ("kind", "target", "address", "why"),
    [
        ("openai", "m", "http://127.0.0.1:9/v1", "no server answers"),
        ("openai", "m", "https://models.example.org/v1", "offline"),
        ("openai", " ", "", "Write the name or the path first"),
        ("gguf", "/nowhere/<b>.gguf", "", "/nowhere/&lt;b&gt;.gguf"),
        ("other", "x", "", "Write the name"),
    ],
)
def test_a_model_that_cannot_be_used_says_why_and_changes_nothing(
    tab: SettingsTab, kind: Any, target: str, address: str, why: str
) -> None:
    before = tab.desk.settings
    said = last(tab.test(kind, target, address, "", True))
    assert 'role="alert"' in said and why in said and "<b>" not in said
    if "server" not in why:  # whether a service answers is found out by the test, not by its choice
        assert 'role="alert"' in last(tab.use(kind, target, address, "", True))[0]
        assert tab.desk.settings is before


def test_without_a_model_there_is_nothing_to_test(tab: SettingsTab) -> None:
    assert "answer by themselves" in last(tab.test("extractive", "", "", "", True))


@pytest.mark.parametrize(
    ("kind", "address", "offline", "leaves"),
    [
        ("extractive", "", False, "Nothing."),
        ("package", "", False, "Nothing."),
        ("transformers", "", True, "Nothing."),
        ("transformers", "", False, "name, when its weights are fetched"),
        ("openai", "http://localhost:8080/v1", True, "given to the program that listens at localhost:8080"),
        ("openai", "https://u:p@api.example.org/v1?k=1", False, "go to api.example.org."),
        ("openai", "https://api.example.org/v1", True, "Nothing: while “offline” is on"),
    ],
)
def test_what_leaves_the_machine_is_said_of_each_choice(
    tab: SettingsTab, kind: Any, address: str, offline: bool, leaves: str
) -> None:
    *_, about = tab.look(kind, address, offline)
    assert leaves in about


# The threshold


def test_without_a_run_the_meaning_of_a_threshold_is_not_known(tab: SettingsTab) -> None:
    meaning, _ = tab.threshold(0.5)
    assert "no question set was asked" in meaning and "<table" not in meaning


def test_a_threshold_says_what_it_means_by_the_last_run(tab: SettingsTab) -> None:
    records = [record("a", 0.9), record("b", 0.6), record("x", 0.7, answerable=False)]
    settings = {"refuse_below": 0.5, "evidence_model": "off"}
    run = Run("coast", "2026-02-03T10:00:00+00:00", settings, ("a", "b", "x"), tuple(records))
    run = Run(**{**run.__dict__, "library": {"name": "default"}})
    run.save(tab.desk.settings.home / "runs" / "coast.jsonl")
    meaning, said = tab.threshold(0.65)
    assert "coast” of 2026-02-03" in meaning
    assert "(evidence_model)" in meaning, "what was other then is told"
    row = meaning.split("0.65")[1].split("</tr>")[0]
    assert "now" in row and "1 of 2" in row and "1 of 1" in row
    assert "In use now" in said and tab.desk.settings.refuse_below == 0.65
    assert tab.desk.assistant().settings.refuse_below == 0.65


@pytest.mark.parametrize("value", [None, 0, 101, "ten"])
def test_a_number_that_cannot_be_is_told(tab: SettingsTab, value: Any) -> None:
    assert 'role="alert"' in tab.passages(value)
    assert tab.desk.settings.passages == 10


def test_the_evidence_model_is_left_out_and_taken_back(tab: SettingsTab) -> None:
    assert "In use now" in tab.evidence(False)
    assert tab.desk.settings.evidence_model == "off" and tab.refresh()[-1] is False
    tab.evidence(True)
    assert tab.evidence(True) == "", "nothing has changed"
    assert tab.desk.settings.evidence_model == "default"


# Keeping, and who may


def test_what_is_kept_is_said_with_its_file(tab: SettingsTab) -> None:
    tab.passages(4)
    path = tab.desk.settings.home / "rag.toml"
    assert f"Kept in {path}: passages." in tab.keep()
    assert path.read_text(encoding="utf-8") == "passages = 4\n"
    assert "says all of this already" in tab.keep()


def test_what_is_kept_goes_into_the_file_that_the_server_was_started_with(library: Library, tmp_path: Path) -> None:
    settings, file = Settings(home=tmp_path / "home"), tmp_path / "ours.toml"
    file.write_text("# Ours\n", encoding="utf-8")
    tab = SettingsTab(Desk(Assistant(library, settings), library, settings, config=file))
    tab.passages(4)
    assert f"Kept in {file}: passages." in tab.keep()
    assert file.read_text(encoding="utf-8") == "# Ours\npassages = 4\n"
    assert not (tmp_path / "home" / "rag.toml").exists()


def test_a_server_that_others_reach_changes_nothing(library: Library, tmp_path: Path, service: str) -> None:
    tab = tab_of(library, tmp_path, local=False)
    before = tab.desk.settings
    answers = [
        last(tab.use("openai", "m", service, "", True))[0],
        last(tab.test("openai", "m", service, "", True)),
        tab.threshold(0.9)[1],
        tab.passages(3),
        tab.evidence(False),
        tab.keep(),
    ]
    assert all("can be reached from other machines" in said for said in answers)
    assert tab.desk.settings is before and not Service.keys and not (tmp_path / "rag.toml").exists()


@pytest.mark.parametrize("language", languages())
def test_every_choice_can_be_shown_in_every_language(library: Library, tmp_path: Path, language: str) -> None:
    tab = tab_of(library, tmp_path, language, api_key=SecretStr(KEY))
    for kind in settings_view.KINDS:
        assert all(tab.look(kind, "http://127.0.0.1:9/v1", False))
    assert len(tab.refresh()) == 10
