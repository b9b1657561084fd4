"""The real app, served as `rag ui` serves it, in a real browser. Nothing may be asked of another machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import pytest

from eval.formats import load_set
from index.embed import Embedder
from tests.ui_server import launched, needed, serving, written

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

needed()

HOSTILE = (
    'The lighthouse keeper of Ulm wrote <img src=x onerror="window.hacked=1"> and '
    "<script>window.hacked=1</script> and ${window.hacked=1} and {{hacked}} and @children and "
    "[link](javascript:window.hacked=1) and ![dot](http://example.org/dot.png) into the log of 1912."
)
DOCUMENTS = {
    "harbour.txt": "The harbour\n\nBy Ines Falk\n\n2 March 2014\n\n"
    "The harbour of Lorn handled 4.2 million tons of cargo in 2013. The town rejected a second terminal."
    "\n\nNine trawlers still work from Lorn. Herring made up 60 per cent of the catch.\n",
    "bakery.txt": "Bread\n\nThe bakery on Mill Lane sells 300 loaves a day. Its oven is of brick.\n",
    "ferry.txt": "The ferry\n\nThe ferry Sule was built in Norby in 1912. Ada Moe sold the ferry Sule to Karl Brun in "
    "1931. Karl Brun bought the ferry Havbris in 1958. The council of Norby paid $4,000 for a pier in 1960.\n",
    "lighthouse.txt": f"The lighthouse of Ulm\n\n{HOSTILE} Nobody read it for many years.\n",
}
HARBOUR = "How many tons of cargo did the harbour of Lorn handle in 2013?"
BAKERY = "How many loaves does the bakery on Mill Lane sell a day?"

SERVER = """
import sys, time
from pathlib import Path
from index.embed import open_embedder
from index.library import Library
from rag.assistant import Assistant
from rag.settings import Settings
from ui.app import serve

class Patient(Assistant):
    def stream(self, question, *more):
        for event in super().stream(question, *more):
            yield event
            time.sleep(3 if "slowly" in question else 0)

home, cache, documents = map(Path, sys.argv[1:])
settings = Settings(home=home)
library = Library(settings.library, open_embedder(settings.embedder, cache))
library.add([documents])
serve(Patient(library, settings), library, settings, on_ready=lambda url: print(url, flush=True))
library.close()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ui") / "home"


@pytest.fixture(scope="module")
def url(home: Path, embedder: Embedder, models_folder: Path) -> Iterator[str]:
    """Serve a library of four documents, and stop the server as a user does."""
    root = home.parent
    with serving(root, SERVER, home, models_folder, written(root / "documents", DOCUMENTS)) as address:
        yield address
    assert not list(root.glob("rag-ui-*")), "the folder of waiting uploads goes with the server"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture
def page(url: str, browser: Browser) -> Iterator[Page]:
    """Open the page, and fail if it asked another machine for anything or ran into an error."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        opened, asked, errors = context.new_page(), [], []
        opened.on("request", lambda request: asked.append(request.url))
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.goto(url)
        opened.get_by_label("Question", exact=True).wait_for()
        yield opened
        assert asked and not errors
        elsewhere = {u for u in asked if urlsplit(u).scheme not in ("data", "blob") and host(u) != "127.0.0.1"}
        assert not elsewhere
        assert opened.evaluate("window.hacked") is None


def host(url: str) -> str | None:
    return urlsplit(url).hostname


def begin(page: Page, question: str) -> Locator:
    """Send a question, and return its place in the conversation."""
    page.get_by_role("button", name="Ask", exact=True).wait_for()
    before = page.locator(".exchange").count()
    page.get_by_label("Question", exact=True).fill(question)
    page.get_by_label("Question", exact=True).press("Enter")
    exchange = page.locator(".exchange").nth(before)
    exchange.wait_for()
    return exchange


def ask(page: Page, question: str) -> Locator:
    """Ask a question, and return its place in the conversation once it is answered."""
    exchange = begin(page, question)
    exchange.locator(".places, .problem").first.wait_for()
    return exchange


def test_a_citation_opens_exactly_its_quote(page: Page) -> None:
    exchange = ask(page, HARBOUR)
    assert "4.2 million" in exchange.locator(".answer").inner_text()
    link = exchange.locator(".answer .cite").first
    assert link.inner_text() == "[1]"
    link.click()
    mark = page.locator("mark")
    mark.wait_for()
    quote = exchange.locator(".places .quote").first.text_content()
    assert mark.count() == 1 and mark.text_content() == quote
    assert quote and quote in DOCUMENTS["harbour.txt"]
    assert "Ines Falk" in page.locator(".about").inner_text()
    assert "Herring" in page.locator(".body").inner_text()


def test_the_source_is_shown_as_in_the_file_with_what_was_removed(page: Page) -> None:
    exchange = ask(page, HARBOUR)
    exchange.locator(".answer .cite").first.click()
    page.locator("mark").wait_for()
    assert "2 March 2014" not in page.locator(".body").inner_text()
    page.locator(".views").get_by_text("As in the file").click()
    page.locator("del").first.wait_for()
    assert "2 March 2014" in page.locator("del").all_inner_texts()
    assert "date" in (page.locator("del", has_text="2 March 2014").get_attribute("title") or "")
    assert page.locator("mark").text_content() == exchange.locator(".places .quote").first.text_content()
    page.locator(".views").get_by_text("Text").click()
    page.locator("del").first.wait_for(state="detached")


def test_a_citation_is_reached_by_keyboard(page: Page) -> None:
    ask(page, BAKERY)
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('.answer .cite')"):
            break
    page.keyboard.press("Enter")
    page.locator("mark").wait_for()
    assert "300 loaves" in page.locator("mark").inner_text()
    page.locator(".back").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('.answer .cite')")


def test_a_refusal_shows_what_comes_nearest(page: Page) -> None:
    exchange = ask(page, "What is the boiling point of tungsten?")
    assert "do not answer" in exchange.locator(".refusal").inner_text()
    exchange.locator(".nearest .cite").first.click()
    page.locator("mark").wait_for()
    assert page.locator("mark").text_content() == exchange.locator(".nearest .quote").first.text_content()


def test_hostile_text_of_a_document_is_text(page: Page) -> None:
    exchange = ask(page, "What did the lighthouse keeper of Ulm write into the log of 1912?")
    assert HOSTILE in exchange.locator(".quote").first.inner_text()
    exchange.locator(".cite").first.click()
    page.locator("mark").wait_for()
    assert HOSTILE in page.locator(".body").inner_text()
    assert page.locator(".conversation img, .conversation script, .source img, .source script").count() == 0
    payload = "<img src=x onerror='window.hacked=1'> ${window.hacked=1}"
    assert ask(page, payload).locator(".question").inner_text() == payload


def test_an_uploaded_file_is_asked_and_removed(page: Page, tmp_path: Path) -> None:
    name = "tower <img src=x onerror=window.hacked=1>.txt"
    (tmp_path / name).write_text("The tower of Lorn is 41 metres high. It was built in 1780.", encoding="utf-8")
    (tmp_path / "blank.txt").write_text("", encoding="utf-8")
    page.get_by_role("tab", name="Documents").click()
    page.locator("#files input[type=file]").set_input_files([tmp_path / name, tmp_path / "blank.txt"])
    report = page.locator("#report")
    report.get_by_text("Added tower").wait_for()
    report.get_by_text("Refused blank.txt").wait_for()
    page.get_by_role("tab", name="Ask").click()
    assert "41 metres" in ask(page, "How high is the tower of Lorn?").locator(".answer").inner_text()
    page.get_by_role("tab", name="Documents").click()
    row = page.locator("#documents tr", has_text="tower")
    page.once("dialog", lambda dialog: dialog.dismiss())
    row.get_by_role("button", name="Remove").click()
    assert row.count() == 1
    page.once("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Remove").click()
    row.wait_for(state="detached")
    assert "Removed" in report.inner_text()


def test_stop_leaves_the_question_and_the_next_is_answered(page: Page) -> None:
    exchange = begin(page, f"{HARBOUR} Answer slowly.")
    assert exchange.locator(".waiting").inner_text().endswith("…")
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped.").wait_for()
    assert exchange.locator(".waiting").count() == 0
    assert "300 loaves" in ask(page, BAKERY).locator(".answer").inner_text()
    page.wait_for_timeout(3000)  # what was stopped ends after its pause, and changes nothing
    assert page.locator(".exchange").count() == 2 and exchange.get_by_text("Stopped.").is_visible()
    page.get_by_role("button", name="New conversation").click()
    page.locator(".welcome").wait_for()
    assert page.locator(".exchange").count() == 0


def test_two_people_ask_at_once(page: Page, url: str, browser: Browser) -> None:
    with browser.new_context() as other:
        second = other.new_page()
        second.goto(url)
        second.get_by_label("Question", exact=True).wait_for()
        one, two = begin(page, HARBOUR), begin(second, BAKERY)
        for exchange in (one, two):
            exchange.locator(".places").wait_for()
        assert "4.2 million" in one.inner_text() and "300 loaves" in two.inner_text()
        assert page.locator(".exchange").count() == second.locator(".exchange").count() == 1


def test_a_set_is_made_of_proposals(page: Page) -> None:
    page.get_by_role("tab", name="Question sets").click()
    page.get_by_label("Name of a new set").fill("coast")
    page.get_by_label("How many proposals").fill("3")
    page.get_by_label("Near misses").fill("0")
    page.get_by_role("button", name="Propose questions").click()
    first = proposal(page)
    path = Path(page.locator(".into bdi").inner_text())
    assert not path.exists(), "nothing is in the set before a person has decided"
    assert page.locator("#context mark").text_content() == page.locator("#offer mark").text_content()
    page.get_by_role("button", name="Accept").dblclick()  # the second click is not for the next proposal
    second = proposal(page, after=first)
    assert "accepted 1, edited 0, rejected 0" in page.locator(".progress").inner_text()
    page.keyboard.press("e")
    page.keyboard.press("Control+A")
    page.keyboard.type("What became of the mayor, as far as is known?")
    page.get_by_label("Expected answer").fill("Norby")
    page.get_by_label("Facts that").fill("Orlo | Norbi")
    page.keyboard.press("Control+Enter")
    assert "does not hold the fact “Orlo | Norbi”" in page.locator(".offer .problem").inner_text()
    page.get_by_label("Facts that").fill("Norby | Norbi")
    page.wait_for_timeout(500)
    page.keyboard.press("Control+Enter")
    proposal(page, after=second)
    page.keyboard.press("r")
    page.get_by_text("All were shown").wait_for()
    assert "accepted 1, edited 1, rejected 1" in page.locator(".progress").inner_text()
    one, two = load_set(path).items
    assert one.question and one.evidence[0].doc in DOCUMENTS
    assert (two.question, two.answer) == ("What became of the mayor, as far as is known?", "Norby")
    assert two.must_include == (("Norby", "Norbi"),)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download coast.jsonl").click()
    assert Path(download.value.path()).read_bytes() == path.read_bytes()
    page.get_by_role("button", name="Back to the sets").click()
    row = page.locator(".sets tr", has_text="coast")
    assert row.locator(".number").first.inner_text() == "2"
    row.get_by_role("button", name="Ask all").click()
    page.locator(".result h2").wait_for()
    assert "coast: " in page.locator(".result h2").inner_text()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open the report").click()
    opened.value.get_by_text(two.question).first.wait_for(state="attached")


def proposal(page: Page, after: str = "") -> str:
    """Wait for the proposal after another, until it may be decided on; return its key."""
    page.wait_for_function(
        "key => ![key, undefined].includes(document.querySelector('[data-key]')?.dataset.key)", arg=after
    )
    page.wait_for_timeout(500)
    assert page.evaluate("document.activeElement.matches('#offer h2')"), "what is proposed is read out"
    return page.locator("[data-key]").get_attribute("data-key") or ""


def test_a_collection_of_a_hostile_name_is_text(page: Page, home: Path) -> None:
    folder = home / "collections" / "<img src=x onerror=window.hacked=1> ${window.hacked=1}"
    folder.mkdir()
    (folder / "library.db").touch()
    page.reload()
    page.get_by_label("Collection").click()
    page.get_by_role("option", name=folder.name).wait_for()
    assert page.locator("#collection img").count() == 0
    (folder / "library.db").unlink()
    folder.rmdir()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_page_fits(url: str, browser: Browser, scheme: Literal["light", "dark"]) -> None:
    with browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme) as context:
        narrow = context.new_page()
        narrow.goto(url)
        ask(narrow, HARBOUR).locator(".cite").first.click()
        narrow.locator("mark").wait_for()
        narrow.get_by_role("tab", name="Documents").click()
        for tab in ("Documents", "Question sets", "Ask"):
            narrow.get_by_role("tab", name=tab).click()
            assert narrow.evaluate("document.documentElement.scrollWidth") <= 390
        assert not narrow.locator("footer").is_visible()


def test_another_name_for_this_machine_is_refused(url: str) -> None:
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    with pytest.raises(HTTPError) as refused:
        urlopen(Request(url, headers={"Host": "rebound.example"}))
    refused.value.close()
    assert refused.value.code == 400
    with urlopen(url) as response:
        assert "default-src 'self'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("sent", [False, True])
def test_what_is_typed_before_the_page_has_come_is_in_its_box_or_asked_once(
    url: str, browser: Browser, sent: bool
) -> None:
    held: list[Route] = []
    early_done = False
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        # Without its scripts the page cannot make itself.
        page.route("**/assets/*.js", lambda route: held.append(route) if not early_done else route.continue_())
        page.goto(url, wait_until="commit")
        early = page.get_by_label("Question; the page is still coming")
        early.wait_for()
        # It takes the focus once the page's styles are there, before which nothing is painted.
        page.wait_for_function("document.activeElement.matches('#early textarea')")
        page.keyboard.type(HARBOUR)
        if sent:
            page.keyboard.press("Enter")
        assert held
        assert page.locator("#asking textarea").count() == 0
        early_done = True
        for route in held:
            route.continue_()
        box = page.get_by_label("Question", exact=True)
        box.wait_for()
        early.wait_for(state="detached")
        if sent:
            page.locator(".exchange .places").wait_for()
            assert page.locator(".exchange .question").all_inner_texts() == [HARBOUR]
            assert "4.2 million" in page.locator(".exchange .answer").inner_text()
            assert not page.locator("#notice").inner_text().strip()
        else:
            assert box.input_value() == HARBOUR
            assert page.locator(".exchange").count() == 0
        assert page.evaluate("document.activeElement.matches('#asking textarea')")
