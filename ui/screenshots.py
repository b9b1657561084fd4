"""Pictures of every view of the page, at two widths, light and dark: `python -m ui.screenshots FOLDER`.

The real app on our sample documents, in Debian's Chromium by Playwright (both of the `dev` extra and the system). To be
looked at: what is ugly shows in no test.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from eval.formats import line_of, load_set
from index.embed import open_embedder
from index.library import Library
from rag.options import open_assistant
from rag.settings import Settings
from ui.app import build_app
from ui.desk import Desk
from ui.sets import shelf as sets

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SAMPLES = Path(__file__).parents[1] / "eval" / "sets" / "eurasia"
WIDTHS = {390: 844, 1440: 900}
"""Widths in pixels, and the heights of the windows."""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

ANSWERED = "Was the goal of $100 billion of trade by 2015 met, and if not, when was that level reached?"
REFUSED = "What does Russia charge a foreign ship for an icebreaker escort on the Northern Sea Route?"
IN_PDF = "How much cargo did the Northern Sea Route carry in 2019?"
ASKED = 4
"""Questions of the sample set, with an answer and without, that are asked for the picture of a run."""

PATIENCE_MS = 120_000

DOWN = "07"
"""From this picture on the whole length of the page is taken."""

Shot = Callable[[str], None]


@contextmanager
def served(home: Path) -> Iterator[str]:
    """Serve a library of the sample documents with a small question set, on a port of its own."""
    import socket

    import uvicorn

    settings = Settings(home=home)
    library = Library(settings.library, open_embedder(settings.embedder, settings.cache))
    library.add([SAMPLES / "documents"])
    folder = sets.folder(settings)
    folder.mkdir(parents=True)
    items = load_set(SAMPLES).items
    chosen = [item for item in items if item.answerable][:ASKED] + [item for item in items if not item.answerable][
        :ASKED
    ]
    lines = [line_of(item) for item in chosen]
    (folder / "trade and the north.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    listening = socket.create_server(("127.0.0.1", 0))
    app = build_app(Desk(open_assistant(settings, library), library, settings), "127.0.0.1")
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join()
        library.close()


def ask(page: Page, question: str) -> None:
    """Ask a question and wait until it is answered."""
    before = page.locator(".exchange").count()
    page.locator("#asking textarea").fill(question)
    page.locator("#asking textarea").press("Enter")
    page.locator(".exchange").nth(before).locator(".places").first.wait_for()
    page.get_by_role("button", name="Stop").wait_for(state="hidden")


def to(page: Page, tab: str) -> None:
    """Go to a tab."""
    page.locator(f'[role="tab"][data-tab-id="{tab}"]').click()


def unfold(page: Page) -> None:
    """Show the list of conversations, which is folded away on a narrow page."""
    if not page.locator("#find-talk").is_visible():
        page.locator("[data-fold=talks]").click()
    page.locator("#clear").wait_for()


def asking(page: Page, shot: Shot) -> None:
    """Take the views of the chat and of the sources."""
    shot("01-empty")
    ask(page, ANSWERED)
    page.locator(".answer .cite").first.click()
    page.locator(".source mark").first.wait_for()
    shot("02-answer-and-source")
    page.locator('.source [data-view="side"]').first.click()
    page.wait_for_timeout(300)
    shot("03-side-by-side")
    unfold(page)
    page.locator("#clear").click()
    page.locator(".welcome").wait_for()
    ask(page, REFUSED)
    shot("04-refusal")
    page.locator(".nearest .cite").first.click()
    page.locator('.source [data-view="page"]').first.click()
    page.locator(".source img").first.wait_for()
    page.wait_for_timeout(700)
    shot("05-pdf-page")
    page.evaluate("scrollTo(0, 0)")
    unfold(page)
    shot("06-conversations")


def keeping(page: Page, shot: Shot) -> None:
    """Take the views of the documents."""
    to(page, "documents")
    page.locator("#documents [data-act=edit]").first.wait_for()
    shot("07-documents")
    page.locator("#documents [data-act=edit]").nth(1).click()
    page.locator("#documents input").first.wait_for()
    shot("08-edit")
    page.locator("#documents [data-act=leave]").click()
    page.locator("#documents input").first.wait_for(state="detached")
    page.locator("#documents [data-act=open]").nth(1).click()
    page.locator("#document .source").wait_for()
    page.wait_for_timeout(500)
    shot("09-document")


def evaluating(page: Page, shot: Shot) -> None:
    """Take the views of the question sets and of the settings."""
    to(page, "sets")
    page.locator("#sets [data-act=ask]").first.wait_for()
    shot("10-question-sets")
    page.locator("#sets [data-act=ask]").first.click()
    page.locator(".result h2").wait_for()
    shot("11-run")
    page.locator("#new-set input").first.fill(f"north {time.time_ns()}")
    page.locator("#new-set button").last.click()
    page.locator("[data-key]").wait_for()
    shot("12-proposal")
    page.locator('.offer [data-act="close"]').click()
    to(page, "settings")
    page.locator(".thresholds").wait_for()
    shot("13-settings")
    page.locator("#writer label").last.click()
    page.locator("#settings input[type=password]").wait_for()
    shot("14-settings-of-a-service")


def take(browser: Browser, url: str, out: Path) -> int:
    """Write the pictures into a folder; return how many there are."""
    taken = 0
    for width, height in WIDTHS.items():
        for scheme in SCHEMES:
            with browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme) as context:
                context.set_default_timeout(PATIENCE_MS)
                page = context.new_page()
                page.goto(url)
                page.locator("#asking textarea").wait_for()

                def shot(name: str, page: Page = page, end: str = f"{width}-{scheme}") -> None:
                    page.wait_for_timeout(600)  # what moves has come to rest
                    # The chat fits itself to the window; the rest is as long as it is.
                    page.screenshot(path=out / f"{name}-{end}.png", full_page=name >= DOWN)

                for views in (asking, keeping, evaluating):
                    views(page, shot)
        taken = len(list(out.glob("*.png")))
    return taken


def main() -> None:
    """Take all pictures."""
    from playwright.sync_api import sync_playwright

    out = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, served(Path(home)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        taken = take(browser, url, out)
        browser.close()
    sys.stdout.write(f"{taken} pictures are in {out}\n")


if __name__ == "__main__":
    main()
