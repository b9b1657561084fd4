"""The whole app for everyone: screen readers, the keyboard alone, narrow screens, two languages, five at once.

One server, as `rag ui` starts it, and one browser; nothing may be asked of another machine on any view.
"""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from index.embed import Embedder
from tests.ui_server import launched, needed, serving, written
from ui.words import FOLDER

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

needed()
axe_core = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")

TOWNS = ("Norby", "Tarn", "Orlo", "Havbris", "Sule")
YEARS = {town: str(1811 + 7 * n) for n, town in enumerate(TOWNS)}
DOCUMENTS = {
    f"{town.lower()}.txt": f"The mill of {town}\n\nThe mill of {town} was built in {YEARS[town]} by Greta Voss. "
    f"The council of {town} paid {30 + n} crowns for its wheel. Nobody in {town} remembers the miller's name.\n"
    for n, town in enumerate(TOWNS)
} | {"bread.txt": "A note on bread\n\nSourdough needs two things: flour and patience.\n"}
BUILT = {town: f"When was the mill of {town} built?" for town in TOWNS}
QUESTION = "Who built the mill of Tarn?"
REFUSED = "What is the boiling point of tungsten?"

TABS = ("ask", "documents", "sets", "settings")

SERVER = """
import sys
from pathlib import Path
from index.embed import open_embedder
from index.library import Library
from rag.assistant import Assistant
from rag.settings import Settings
from ui.app import serve

home, cache, documents = map(Path, sys.argv[1:])
settings = Settings(home=home)
library = Library(settings.library, open_embedder(settings.embedder, cache))
library.add([documents])
serve(Assistant(library, settings), library, settings, on_ready=lambda url: print(url, flush=True))
library.close()
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, models_folder: Path) -> Iterator[str]:
    root = tmp_path_factory.mktemp("everyone")
    with serving(root, SERVER, root / "home", models_folder, written(root / "documents", DOCUMENTS)) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


class Person:
    """Somebody with a browser of their own; at the end it has asked no other machine for anything, nor failed."""

    def __init__(self, browser: Browser, url: str, width: int = 1280, calm: bool = False) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 844},
            reduced_motion="reduce" if calm else "no-preference",
        )
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.context.set_default_timeout(30_000)
        self.page: Page = self.context.new_page()
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.goto(url)
        self.page.locator("#asking textarea").wait_for()

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *error: object) -> None:
        self.context.close()
        if error[0] is None:
            elsewhere = {
                u
                for u in self.asked
                if urlsplit(u).scheme not in ("data", "blob") and urlsplit(u).hostname != "127.0.0.1"
            }
            assert self.asked and not elsewhere and not self.errors

    def to(self, tab: str) -> Page:
        self.page.locator(f'[role="tab"][data-tab-id="{tab}"]').click()
        self.page.locator(f'[role="tab"][data-tab-id="{tab}"][aria-selected="true"]').wait_for()
        return self.page

    def ask(self, question: str) -> Locator:
        before = self.page.locator(".exchange").count()
        self.page.locator("#asking textarea").fill(question)
        self.page.locator("#asking textarea").press("Enter")
        exchange = self.page.locator(".exchange").nth(before)
        exchange.locator(".places, .problem").first.wait_for()
        return exchange


def views(person: Person) -> Iterator[str]:
    """Bring every view to the screen, one after the other, and yield its name."""
    page = person.page
    yield "empty"
    person.ask(REFUSED)
    yield "refusal"
    person.ask(QUESTION).locator(".cite").first.click()
    page.locator("mark").first.wait_for()
    yield "answer and source"
    person.to("documents").locator("[data-act=edit]").first.click()
    page.locator("#documents input").first.wait_for()
    yield "documents, one of them edited"
    person.to("settings").locator("#writer label").last.click()
    page.get_by_text("OpenAI-compatible").or_(page.get_by_text("Совместимый с OpenAI")).wait_for()
    yield "settings of a service"
    person.to("sets").locator("#new-set input").first.fill(f"mills {time.time_ns()}")
    page.locator("#new-set input").nth(1).fill("2")
    page.locator("#new-set button").last.click()
    page.locator("[data-key]").wait_for()
    yield "proposal"
    page.wait_for_timeout(450)  # before that nothing is decided
    page.locator("#decide .accept").click()
    page.locator('.offer [data-act="undo"]').wait_for()
    page.locator('.offer [data-act="close"]').click()
    page.locator("#sets [data-act=ask]").first.click()
    page.locator(".result h2").wait_for()
    yield "question sets, a result, earlier runs"


def too_wide(page: Page) -> list[str]:
    """Return what of a view is wider than a phone."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(100)
    found = page.evaluate("""() => document.documentElement.scrollWidth <= 390 ? [] :
      [...document.querySelectorAll("body *")].filter((part) => part.getBoundingClientRect().right > 391)
        .map((part) => part.outerHTML.slice(0, 120))""")
    page.set_viewport_size({"width": 1280, "height": 844})
    return list(found)[:5]


def violations(page: Page, *rules: str) -> list[str]:
    """Return what keeps people from using the page, as axe-core finds it: serious and critical."""
    options = {"runOnly": list(rules)} if rules else {}
    found = axe_core.Axe().run(page, options={"resultTypes": ["violations"]} | options).response["violations"]
    return [
        f"{v['impact']} {v['id']}: {node['html'][:200]} {node['any'][0]['message'][:120] if node['any'] else ''}"
        for v in found
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]


def test_every_view_is_open_to_everyone_in_light_and_dark_and_on_a_phone(url: str, browser: Browser) -> None:
    problems: list[str] = []
    with Person(browser, url) as person:
        for view in views(person):
            problems += [f"{view}: {v}" for v in violations(person.page)]
            person.page.emulate_media(color_scheme="dark")
            person.page.wait_for_function("document.body.classList.contains('dark')")
            person.page.wait_for_function("document.getAnimations().every((a) => a.playState !== 'running')")
            problems += [f"{view}, dark: {v}" for v in violations(person.page, "color-contrast")]
            person.page.emulate_media(color_scheme="light")
            person.page.wait_for_function("!document.body.classList.contains('dark')")
            problems += [f"{view}: wider than a phone: {part}" for part in too_wide(person.page)]
            assert person.page.locator("html").get_attribute("lang") == "en"
    assert not problems


# Two languages


def spoken(language: str) -> dict[str, list[str]]:
    """Return the texts of a language by name, each form, in the pieces between its values."""
    found: dict[str, list[str]] = {}
    for path in (FOLDER / language).glob("*.toml"):
        for name, value in tomllib.loads(path.read_text(encoding="utf-8")).items():
            forms = value.values() if isinstance(value, dict) else [value]
            pieces = [
                piece
                for form in forms
                for piece in re.split(Template.pattern.pattern + "|\\[\\w+\\]", form, flags=re.X)
            ]
            found[f"{path.stem}.{name}"] = [piece.strip(" .,:;“”«»()") for piece in pieces if piece]
    return found


def said(page: Page) -> str:
    """Return all that the page says, its labels and hints too, but not what documents and people have written."""
    return str(
        page.evaluate(
            """() => {
              const mine = "bdi, mark, blockquote, code, .question, .answer, .quote, .body, .talks .name, "
                + "cite, strong[dir], h2[dir], textarea, .refusal, .open, [data-testid=block-label]";
              const shown = [...document.querySelectorAll("#head, .tab-container, .tabitem")]
                .map((root) => root.cloneNode(true));
              shown.forEach((root) => root.querySelectorAll(mine).forEach((part) => part.remove()));
              const labels = [...document.querySelectorAll("[aria-label], [placeholder], [title]")].flatMap((part) =>
                ["aria-label", "placeholder", "title"].map((name) => part.getAttribute(name)));
              return [...shown.map((root) => root.textContent), ...labels].join("\\n");
            }"""
        )
    )


def test_on_a_phone_the_russian_page_speaks_russian_and_keeps_calm(url: str, browser: Browser) -> None:
    english, russian = spoken("en"), spoken("ru")
    ours = {
        piece
        for name, pieces in english.items()
        for piece in pieces
        if len(re.findall(r"[A-Za-z]{2,}", piece)) > 1 and piece not in " ".join(russian[name])
    }
    assert len(ours) > 100
    with Person(browser, f"{url}ru", width=390, calm=True) as person:
        page, seen = person.page, ""
        for view in views(person):
            seen += said(page)
            assert page.locator("html").get_attribute("lang") == "ru"
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, view
            endless = "document.getAnimations().filter((a) => a.effect.getTiming().iterations === Infinity).length"
            assert not page.evaluate(endless), f"{view}: something moves for someone who asked for calm"
        assert "Вопросы к вашим документам" in seen and "Click to Upload" not in seen, "gradio speaks it too"
        assert not {piece for piece in ours if piece in seen}
        tabs = page.locator('[role="tab"]')
        assert [tabs.nth(n).get_attribute("data-tab-id") for n in range(tabs.count())] == list(TABS), "none is hidden"
        page.get_by_role("link", name="English").click()
        page.wait_for_url(url)


# Without a mouse


def focused(page: Page, selector: str, key: str = "Tab", most: int = 80) -> None:
    """Go on with a key until what a selector names has the focus, and see that one sees it."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            shadow = page.evaluate("getComputedStyle(document.activeElement).boxShadow")
            assert outline != "none" or shadow != "none", f"{selector} has the focus and does not show it"
            return
    raise AssertionError(f"{selector} is not reached by {key}")


def test_everything_is_done_by_keyboard_alone(url: str, browser: Browser) -> None:
    with Person(browser, url) as person:
        page = person.page
        assert page.evaluate("document.activeElement.matches('#asking textarea')"), "one can type at once"
        page.keyboard.type(BUILT["Sule"])
        page.keyboard.press("Enter")
        page.locator(".places").wait_for()
        focused(page, ".answer .cite", "Shift+Tab")
        page.keyboard.press("Enter")
        page.locator("mark").wait_for()
        assert page.locator("mark").inner_text() in DOCUMENTS["sule.txt"]
        focused(page, ".back")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.matches('.answer .cite')")
        focused(page, '[role="tab"][data-tab-id="documents"]', "Shift+Tab")
        page.keyboard.press("Enter")
        page.locator("#documents [data-act=remove]").first.wait_for()
        rows = page.locator("#documents tbody tr").count()
        page.on("dialog", lambda dialog: dialog.accept())
        focused(page, "#documents [data-act=remove]")
        page.keyboard.press("Enter")
        page.wait_for_function("rows => document.querySelectorAll('#documents tbody tr').length === rows", arg=rows - 1)


# Many at once

WATCH = """() => {
  window.waited = null;
  const box = document.querySelector("#asking textarea");
  box.addEventListener("keydown", (event) => { if (event.key === "Enter") window.begun = performance.now(); });
  new MutationObserver(() => {
    if (window.waited === null && document.querySelector(".exchange .places"))
      window.waited = performance.now() - window.begun;
  }).observe(document.body, { childList: true, subtree: true });
}"""


def test_five_people_ask_at_once_and_each_gets_the_own_answer(url: str, browser: Browser) -> None:
    with Person(browser, url) as first:  # in windows of one browser, which has the page's files by then
        pages = [first.page, *(first.context.new_page() for _ in TOWNS[1:])]
        for page in pages[1:]:
            page.goto(url)
        for page, question in zip(pages, BUILT.values(), strict=True):
            page.locator("#asking textarea").fill(question)
            page.evaluate(WATCH)
        for page in pages:
            page.locator("#asking textarea").press("Enter", no_wait_after=True)
        waits = []
        for page, (town, question) in zip(pages, BUILT.items(), strict=True):
            page.wait_for_function("window.waited !== null")
            assert page.locator(".exchange .question").all_inner_texts() == [question]
            assert YEARS[town] in page.locator(".exchange .answer").inner_text()
            others = [year for other, year in YEARS.items() if other != town]
            assert not any(year in page.locator(".conversation").inner_text() for year in others)
            waits.append(page.evaluate("window.waited"))
        assert max(waits) < 10_000, f"{waits} ms: on a quiet machine it is well under a second"
