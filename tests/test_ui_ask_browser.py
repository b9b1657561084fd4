"""The chat in a real browser, on a server with the real small model: kept, exported, stopped, asked again, judged."""

from __future__ import annotations

import socket
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eval.formats import load_set
from index.embed import Embedder
from tests.ui_server import begun, ended, launched, needed, written
from tests.ui_window import DOCUMENTS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

needed()
pytest.importorskip("xllamacpp", reason="the small model needs xllamacpp")

HARBOUR = "How many tons of cargo did the harbour of Lorn handle in 2013?"
BREAD = "How many loaves does the bakery on Mill Lane sell a day?"
SMALL = "gguf:package"

SERVER = """
import sys, time
from pathlib import Path
from index.embed import open_embedder
from index.library import Library
from rag.assistant import Assistant
from rag.models.gguf import GgufModel
from rag.settings import Settings
from ui.app import serve

home, documents, log, port = Path(sys.argv[1]), Path(sys.argv[2]), open(sys.argv[3], "a"), int(sys.argv[4])
generate = GgufModel._generate

def told(self, *more):
    print("begins", time.time(), file=log, flush=True)
    try:
        return generate(self, *more)
    finally:
        print("ends", time.time(), file=log, flush=True)

GgufModel._generate = told
settings = Settings(home=home)
library = Library(settings.library, open_embedder(settings.embedder, settings.cache))
library.add([documents])
serve(Assistant(library, settings), library, settings, port=port, on_ready=lambda url: print(url, flush=True))
library.close()
"""


class Server:
    """The server, which can be started anew at the same address."""

    def __init__(self, root: Path, models: Path) -> None:
        self.home = root / "home"
        self.log = root / "model.log"
        self.home.mkdir()
        (self.home / "models").symlink_to(models, target_is_directory=True)
        written(root / "documents", DOCUMENTS)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = str(probe.getsockname()[1])
        self.root = root
        self.start()

    def start(self) -> None:
        given = self.home, self.root / "documents", self.log, self.port
        self.process, self.url = begun(self.root, SERVER, given)

    def stop(self) -> None:
        ended(self.root, self.process)

    def model(self, what: str, after: float) -> float:
        """Wait until the model begins or ends to write after a time; return when that was."""
        for _ in range(600):
            for line in self.log.read_text().splitlines() if self.log.exists() else ():
                if line.startswith(what) and float(line.split()[1]) > after:
                    return float(line.split()[1])
            time.sleep(0.05)
        raise AssertionError(f"it never {what}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, models_folder: Path) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("ask"), models_folder)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture
def page(server: Server, browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        opened, errors = context.new_page(), []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.goto(server.url)
        opened.get_by_label("Question", exact=True).wait_for()
        yield opened
        assert not errors


def begin(page: Page, question: str) -> Locator:
    """Send a question, and return its place in the conversation."""
    before = page.locator(".exchange").count()
    page.get_by_label("Question", exact=True).fill(question)
    page.get_by_label("Question", exact=True).press("Enter")
    return page.locator(".exchange").nth(before)


def ask(page: Page, question: str) -> Locator:
    """Ask a question, and return its place in the conversation once it is answered."""
    exchange = begin(page, question)
    exchange.locator(".acts").wait_for()
    return exchange


def again(exchange: Locator, model: str) -> None:
    exchange.get_by_text("Ask again with").click()
    exchange.get_by_role("button", name=model).click()


def test_a_conversation_outlives_the_page_and_the_server(page: Page, server: Server) -> None:
    ask(page, HARBOUR)
    assert "6.8 million" in ask(page, "And in 2018?").inner_text()
    page.reload()
    page.locator(".exchange").nth(1).wait_for()
    assert page.locator(".exchange .question").all_inner_texts() == [HARBOUR, "And in 2018?"]
    server.stop()
    server.start()
    # The page that is open asks on, with a follow-up that needs what was asked before.
    assert "6.8 million" in ask(page, "And how much was it in 2018?").inner_text()
    page.get_by_role("button", name="New conversation").click()
    page.locator(".welcome").wait_for()
    assert page.locator(".exchange").count() == 0 and "conversation=" not in page.url
    page.get_by_role("navigation", name="Conversations").get_by_role("button", name=HARBOUR).click()
    page.locator(".exchange").nth(2).wait_for()
    assert page.locator(".talks [aria-current]").count() == 1
    page.locator(".exchange .cite").first.click()
    page.locator(".source mark").first.wait_for()


def test_it_is_given_as_files_and_copied(page: Page, tmp_path: Path) -> None:
    exchange = ask(page, HARBOUR)
    quote = exchange.locator(".quote").first.inner_text()
    for place in (page.locator(".talk-head"), exchange):
        for name, suffix in (("Markdown", "md"), ("HTML", "html"), ("Word", "docx")):
            place.get_by_text("Export").click()
            with page.expect_download() as download:
                place.get_by_role("link", name=name).click()
            assert download.value.suggested_filename == f"{HARBOUR[:-1]}.{suffix}"
            path = tmp_path / f"file.{suffix}"
            download.value.save_as(path)
            if suffix == "docx":
                text = zipfile.ZipFile(path).read("word/footnotes.xml").decode()
            else:
                text = path.read_text(encoding="utf-8")
            assert "The harbour of Lorn handled 4.2 million tons" in text
            page.keyboard.press("Escape")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    exchange.get_by_role("button", name="Copy with citations").click()
    exchange.get_by_role("button", name="Copied").wait_for()
    read = """async () => Promise.all((await navigator.clipboard.read())[0].types.map(
        async (type) => (await (await navigator.clipboard.read())[0].getType(type)).text()))"""
    plain, html = page.evaluate(read)
    assert plain.startswith(f"{HARBOUR}\n\n") and f"[1] “{quote}”" in plain
    assert "<ol" in html and quote in html


def test_stop_stops_the_small_model_at_once(page: Page, server: Server) -> None:
    first = ask(page, HARBOUR)
    begun = time.time()
    again(first, SMALL)
    server.model("begins", begun)
    page.get_by_role("button", name="Stop").click()
    clicked = time.time()
    page.get_by_text("Stopped.").wait_for()
    shown = time.time() - clicked
    free = server.model("ends", begun) - clicked
    assert shown < 2 and free < 2, f"shown after {shown:.2f} s, the model free after {free:.2f} s"
    assert "300 loaves" in ask(page, BREAD).inner_text()
    assert page.locator(".exchange").nth(1).get_by_text("Stopped.").is_visible()


def test_it_is_asked_again_of_another_model(page: Page) -> None:
    first = ask(page, HARBOUR)
    again(first, SMALL)
    second = page.locator(".exchange").nth(1)
    second.locator(".acts").wait_for(timeout=60_000)
    assert SMALL in second.locator(".when").inner_text() and "extractive" in first.locator(".when").inner_text()
    assert "4.2 million" in second.locator(".answer").inner_text()


def test_a_question_is_changed_in_a_copy(page: Page) -> None:
    ask(page, HARBOUR)
    second = ask(page, "And in 2018?")
    address = page.url
    second.get_by_role("button", name="Edit").click()
    box = page.get_by_label("Question", exact=True)
    page.wait_for_function("document.querySelector('#asking textarea').value === 'And in 2018?'")
    assert page.evaluate("document.activeElement.matches('#asking textarea')")
    box.fill(BREAD)
    box.press("Enter")
    page.locator(".exchange .answer", has_text="300 loaves").wait_for()
    assert page.locator(".exchange .question").all_inner_texts() == [HARBOUR, BREAD]
    assert page.url != address
    page.goto(address)
    page.locator(".exchange .question", has_text="And in 2018?").wait_for()


def test_an_answer_is_judged_and_kept_in_a_set(page: Page, server: Server) -> None:
    exchange = ask(page, HARBOUR)
    exchange.get_by_role("button", name="Good answer").click()
    exchange.get_by_label("What is good about it?").fill("It has the year.")
    exchange.get_by_role("button", name="Save").click()
    exchange.get_by_role("button", name="Add to a question set").click()
    dialog = page.get_by_role("dialog")
    assert dialog.get_by_label("Question, as it is").input_value() == HARBOUR
    dialog.get_by_label("Name of a new set").fill("lorn")
    dialog.get_by_label("Facts that").fill("4.2 million")
    dialog.get_by_label("Expected answer").fill("")
    dialog.get_by_role("button", name="Keep").click()
    dialog.get_by_role("alert").wait_for()
    dialog.get_by_label("Expected answer").fill("4.2 million tons")
    dialog.get_by_role("button", name="Keep").click()
    page.get_by_text("Kept as q001 in the set “lorn”.").wait_for()
    (item,) = load_set(server.home / "sets" / "default" / "lorn.jsonl").items
    assert (item.question, item.answer, item.must_include) == (HARBOUR, "4.2 million tons", (("4.2 million",),))
    page.reload()
    assert exchange.get_by_label("What is good about it?").input_value() == "It has the year."


def test_citations_are_gone_through_by_key(page: Page) -> None:
    ask(page, HARBOUR)
    ask(page, BREAD)
    page.locator(".talk-title").click()  # out of the box, in which n is a letter
    for key, at in (("n", 0), ("n", 1), ("p", 0), ("ArrowRight", 1), ("ArrowLeft", 0)):
        page.keyboard.press(key)  # faster than sources come: of those on their way only the last is shown
        cites = page.locator(".answer .cite")
        assert cites.nth(at).evaluate("link => link === document.activeElement"), (key, at)
        page.locator(".source mark").first.wait_for()
    page.locator(".source mark", has_text="Lorn").first.wait_for()


def test_on_a_phone_the_list_is_behind_a_button(server: Server, browser: Browser) -> None:
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.goto(server.url)
        ask(page, BREAD)
        assert not page.locator("#talks").is_visible()
        fold = page.get_by_role("button", name="Conversations")
        assert fold.get_attribute("aria-expanded") == "false"
        fold.click()
        assert fold.get_attribute("aria-expanded") == "true"
        page.get_by_label("Search conversations").fill("Lorn")
        page.locator(".talks").get_by_text("loaves").wait_for(state="detached")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.locator(".talks button").first.click()
        page.locator("#talks").wait_for(state="hidden")
        page.locator(".exchange", has_text="Lorn").first.wait_for()
