"""Documents and sources in a real browser: one server, one library that the tests add to, one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import numpy as np
import pytest
from PIL import Image

from index.embed import Embedder
from tests.pdf_bytes import pdf
from tests.ui_server import launched, needed, serving, written

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

needed()

DOCUMENTS = {
    "harbour.txt": "The harbour\n\nBy Ines Falk\n\n2 March 2014\n\n"
    "The harbour of Lorn handled 4.2 million tons of cargo in 2013. The town rejected a second terminal.[1]"
    "\n\nNine trawlers still work from Lorn.\n\nNotes\n\n[1] Minutes of the council, kept in the town hall.\n",
    "later.txt": "Lorn revisited\n\nBy Tomas Brandt\n\n14 June 2019\n\n"
    "The harbour of Lorn handled 6.8 million tons of cargo in 2018. The fish market is closed.\n",
    "bakery.txt": "Bread\n\nThe bakery on Mill Lane sells 300 loaves a day. Its oven is of brick.\n",
}
EACH_YEAR = "How many tons of cargo did the harbour of Lorn handle in each year?"
FERRY = "When was the new boat of the ferry Sule ordered?"
SECOND_PAGE = [
    "The sound is wide at this place, and the wind is strong.",
    "A new boat for the ferry Sule was ordered in May 2015. The",
    "council of Norby paid for it out of the sale of the old pier.",
]

SERVER = """
import sys
from pathlib import Path
from index.embed import open_embedder
from index.library import Library
from rag.assistant import Assistant
from rag.settings import Settings
from ui.app import serve

home, cache, documents = map(Path, sys.argv[1:])
settings = Settings(home=home, max_file_mb=1)
library = Library(settings.library, open_embedder(settings.embedder, cache))
library.add([documents])
serve(Assistant(library, settings), library, settings, on_ready=lambda url: print(url, flush=True))
library.close()
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("documents")
    written(made / "documents", DOCUMENTS)
    return made


@pytest.fixture(scope="module")
def url(root: Path, embedder: Embedder, models_folder: Path) -> Iterator[str]:
    with serving(root, SERVER, root / "home", models_folder, root / "documents") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture(scope="module")
def opened(url: str, browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(30_000)
        page, asked, errors = context.new_page(), [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        page.get_by_label("Question", exact=True).wait_for()
        yield page
        assert not errors
        assert {urlsplit(u).hostname for u in asked if urlsplit(u).scheme not in ("data", "blob")} == {"127.0.0.1"}


@pytest.fixture
def page(opened: Page) -> Page:
    """Return the page as the test before has left it, at its first tab."""
    opened.get_by_role("tab", name="Ask").click()
    opened.get_by_label("Question", exact=True).wait_for()
    return opened


def ask(page: Page, question: str) -> Locator:
    before = page.locator(".exchange").count()
    page.get_by_label("Question", exact=True).fill(question)
    page.get_by_label("Question", exact=True).press("Enter")
    exchange = page.locator(".exchange").nth(before)
    exchange.locator(".places, .problem").first.wait_for()
    return exchange


def documents(page: Page) -> Locator:
    """Go to the documents, and return the rows of the list."""
    page.get_by_role("tab", name="Documents").click()
    rows = page.locator("#documents tbody tr")
    rows.first.wait_for()
    return rows


def view(page: Page, name: str) -> None:
    page.locator(".views").get_by_text(name).click()
    page.locator(".views [aria-current]", has_text=name).wait_for()


def test_a_pdf_is_uploaded_asked_of_and_boxed_on_its_page(page: Page, url: str, tmp_path: Path) -> None:
    file = tmp_path / "ferry report.pdf"
    file.write_bytes(pdf([["The ferry of Norby", "Nobody asked the captain what she thought of it."], SECOND_PAGE]))
    (tmp_path / "tool.exe").write_bytes(b"MZ")
    documents(page)
    page.locator("#files input[type=file]").set_input_files([file, tmp_path / "tool.exe"])
    report = page.locator("#report")
    report.locator("li", has_text="ferry report.pdf").wait_for()
    assert "Added ferry report.pdf" in report.inner_text() and "Refused tool.exe" in report.inner_text()
    assert "cannot read .exe" in report.inner_text()
    page.get_by_role("tab", name="Ask").click()
    exchange = ask(page, FERRY)
    exchange.locator(".cite", has_text="[1]").first.click()
    page.locator(".source mark").wait_for()
    quote = page.locator(".source mark").inner_text()
    assert "ordered in May 2015" in quote
    view(page, "Page")
    picture = page.locator(".page img")
    picture.wait_for()
    page.wait_for_function("document.querySelector('.page img').naturalWidth > 0")
    assert "Page 2 of 2" in page.locator(".turning").inner_text()
    assert quote in (picture.get_attribute("alt") or "")
    # The line is set on a base line 84 points from the bottom of 800 ... 700 - 16 = 684; its quote ends before " The".
    box, sheet = page.locator(".box").first.bounding_box(), picture.bounding_box()
    assert box and sheet and page.locator(".box").count() == 1
    base = sheet["y"] + (800 - 684) / 800 * sheet["height"]
    assert box["y"] < base <= box["y"] + box["height"] + 1
    assert abs(box["x"] - (sheet["x"] + 60 / 600 * sheet["width"])) < 5
    dark = np.asarray(
        Image.open(BytesIO(urlopen(url.rstrip("/") + str(picture.get_attribute("src"))).read())).convert("L")
    )
    height, width = dark.shape
    shares = [(box["x"] - sheet["x"]) / sheet["width"], (box["x"] + box["width"] - sheet["x"]) / sheet["width"]]
    line = dark[int((800 - 694) / 800 * height) : int((800 - 682) / 800 * height)] < 128
    inked = np.flatnonzero(line.any(axis=0)) / width
    inside = (inked >= shares[0] - 0.005) & (inked <= shares[1] + 0.005)
    assert 0.7 < inside.mean() < 0.98, "all of the quote's words, and not the word behind it"
    page.locator("[data-go='page-before']").click()
    page.get_by_text("Page 1 of 2").wait_for()
    assert page.locator(".box").count() == 0
    page.locator("[data-go='page-quote']").click()
    page.locator(".box").wait_for()
    view(page, "Text")
    assert page.locator(".source mark").inner_text() == quote


def test_pictures_of_pages_are_given_by_document_and_never_by_path(page: Page, url: str) -> None:
    row = documents(page).filter(has_text="ferry report.pdf")
    identity = row.locator(".open").get_attribute("data-document")
    with urlopen(f"{url}pages/default/{identity}/1.png") as response:
        assert response.headers["content-type"] == "image/png" and response.headers["cache-control"] == "no-store"
    text = page.locator(".open", has_text="bakery.txt").get_attribute("data-document")
    for path in (
        f"default/{identity}/3.png",
        f"default/{identity}/0.png",
        f"default/{text}/1.png",
        f"none/{identity}/1.png",
        "default/..%2F..%2Fharbour.txt/1.png",
        "..%2Fdefault/x/1.png",
    ):
        with pytest.raises(HTTPError) as refused:
            urlopen(f"{url}pages/{path}")
        assert refused.value.code == 404
        refused.value.close()


def test_views_and_citations_are_gone_through_by_keyboard(page: Page) -> None:
    exchange = ask(page, EACH_YEAR)
    cites = exchange.locator(".answer .cite")
    assert cites.count() == 2
    cites.first.click()
    page.locator(".source mark", has_text="of Lorn handled").wait_for()
    assert page.locator(".source mark").text_content() == exchange.locator(".places .quote").first.text_content()
    page.keyboard.press("]")
    page.locator(".steps", has_text="2 of 2").wait_for()
    second = exchange.locator(".places .quote").nth(1).text_content()
    assert page.locator(".source mark").text_content() == second
    assert cites.nth(1).get_attribute("aria-current") == "true" and not cites.first.get_attribute("aria-current")
    page.keyboard.press("[")
    page.locator(".steps", has_text="1 of 2").wait_for()
    assert page.evaluate("document.activeElement.closest('#desk') !== null"), "the focus stays within reach of the keys"
    view(page, "Side by side (2)")
    cards = page.locator(".side")
    assert [card.locator(".when").inner_text() for card in cards.all()] == ["2014-03-02", "2019-06-14"]
    assert "Ines Falk" in cards.first.inner_text() and "Tomas Brandt" in cards.nth(1).inner_text()
    assert sorted(page.locator(".side mark").all_inner_texts()) == sorted(
        exchange.locator(".places .quote").all_inner_texts()
    )
    cards.first.locator("a").click()
    page.locator(".source h2", has_text="The harbour").wait_for()
    assert "(stated in the document)" in page.locator(".about").inner_text()
    view(page, "As in the file")
    assert "2 March 2014" in page.locator(".source del").all_inner_texts()
    assert "4.2 million" in page.locator(".source mark").inner_text()
    view(page, "Notes (1)")
    assert "Minutes of the council" in page.locator(".notes").inner_text()
    page.get_by_text("to its place").click()
    page.locator(".here").wait_for(state="attached")
    page.get_by_text("Why this passage").click()
    stages = page.locator(".stages")
    assert stages.is_visible() and "place 1 in the library" in stages.inner_text()
    assert "All documents were looked at" in page.locator(".stages-of").inner_text()


def test_metadata_are_edited_in_place(page: Page) -> None:
    rows = documents(page)
    page.get_by_role("button", name="Edit what is known of bakery.txt").click()
    page.get_by_label("Author").fill("A. <b>Baker</b>")
    page.get_by_label("Date").fill("soon")
    page.keyboard.press("Enter")
    page.get_by_text("is no date").wait_for()
    assert page.evaluate("document.activeElement.form !== null")
    page.get_by_label("Author").fill("A. <b>Baker</b>")
    page.get_by_label("Date").fill("2011-05")
    page.get_by_label("Title", exact=True).fill("Of bread")
    page.keyboard.press("Enter")
    row = rows.filter(has_text="Of bread")
    row.wait_for()
    assert "A. <b>Baker</b>" in row.inner_text() and "2011-05" in row.inner_text()
    page.wait_for_function("document.activeElement.dataset.act === 'edit'")
    row.locator(".open").click()
    page.locator("#document .source").wait_for()
    assert "2011-05 (set by a user)" in page.locator("#document .about").inner_text()
    assert "300 loaves" in page.locator("#document .body").inner_text()
    page.get_by_text("Back to the documents").click()
    row.wait_for()


def test_the_list_is_searched_and_sorted(page: Page) -> None:
    rows = documents(page)
    page.get_by_label("Search the documents").fill("falk")
    page.locator("#documents .label", has_text="Found: 1 of").wait_for()
    assert rows.count() == 1 and "Ines Falk" in rows.first.inner_text()
    assert page.evaluate("document.activeElement.name") == "query", "one goes on writing"
    page.get_by_label("Search the documents").fill("")
    rows.nth(2).wait_for()
    for order in ("ascending", "descending"):
        page.get_by_role("button", name="Date").click()
        page.locator(f"th[aria-sort={order}]", has_text="Date").wait_for()
        dates = [date for date in rows.locator("td[data-name=Date]").all_inner_texts() if date != "–"]
        assert dates == sorted(dates, reverse=order == "descending") and len(dates) >= 2


def test_an_edited_file_takes_the_place_of_the_earlier_one(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "mill.txt"
    documents(page)
    for text in ("The mill of Lorn burnt down in 1801.", "The mill of Lorn burnt down in 1802, not in 1801."):
        file.write_text(text)
        page.locator("#files input[type=file]").set_input_files(file)
        page.locator("#report").get_by_text("mill.txt").first.wait_for()
    page.get_by_text("of this name is there already").wait_for()
    page.get_by_role("button", name="Replace").click()
    page.get_by_text("Updated mill.txt").wait_for()
    page.locator("#documents tr", has_text="mill.txt").wait_for()
    assert page.locator("#documents tr", has_text="mill").count() == 1


def test_a_file_that_is_too_large_is_refused_in_words_and_costs_no_other(page: Page, tmp_path: Path) -> None:
    (tmp_path / "large.txt").write_bytes(b"A word. " * 200_000)
    (tmp_path / "small.txt").write_text("The lamp of the pier is green.")
    documents(page)
    page.locator("#files input[type=file]").set_input_files([tmp_path / "large.txt", tmp_path / "small.txt"])
    page.locator("#report").get_by_text("Added small.txt").wait_for()
    assert "Refused large.txt is larger than 1 MB" in page.locator("#report").inner_text()
    assert page.locator(".sending").inner_text() == ""


def test_files_are_dropped(page: Page) -> None:
    documents(page)
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["The bell of Lorn weighs nine tons."], "bell.txt", { type: "text/plain" }));
            const drop = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
            document.querySelector(".drop label").dispatchEvent(drop);
        }"""
    )
    page.locator("#report").get_by_text("Added bell.txt").wait_for()


def test_a_folder_is_added_by_its_path(page: Page, tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"pier-{number}.txt").write_text(f"The pier number {number} of Lorn is of wood.")
    documents(page)
    page.get_by_text("Add a folder of this machine").click()
    page.get_by_label("Path of the folder").fill("papers")
    page.get_by_label("Path of the folder").press("Enter")
    page.get_by_text("is not a whole path").wait_for()
    page.get_by_label("Path of the folder").fill(str(tmp_path))
    page.get_by_label("Path of the folder").press("Enter")
    page.get_by_text("Added 3").wait_for()
    page.locator("#documents tr", has_text="pier-2.txt").wait_for()


def test_a_document_is_removed_with_its_proof_and_gone_everywhere(page: Page, browser: Browser, url: str) -> None:
    page.get_by_role("tab", name="Ask").click()
    exchange = ask(page, FERRY)
    exchange.locator(".cite", has_text="[1]").first.click()
    page.locator(".source mark").wait_for()
    with browser.new_context() as context:
        other = context.new_page()
        other.goto(url)
        documents(other)
        row = documents(page).filter(has_text="ferry report.pdf")
        address = f"{url}pages/default/{row.locator('.open').get_attribute('data-document')}/1.png"
        page.once("dialog", lambda dialog: dialog.dismiss())
        row.get_by_role("button", name="Remove").click()
        assert row.count() == 1
        page.once("dialog", lambda dialog: dialog.accept())
        row.get_by_role("button", name="Remove").click()
        row.wait_for(state="detached")
        proof = page.locator(".removal").inner_text()
        assert "nothing is left" in proof and "the uploaded file" in proof and re.search(r"\b[1-9]\d* sentences", proof)
        other.once("dialog", lambda dialog: dialog.accept())
        other.locator("#documents tr", has_text="ferry report.pdf").get_by_role("button", name="Remove").click()
        other.get_by_text("not in the library any more").wait_for()
    with pytest.raises(HTTPError) as gone:
        urlopen(address)
    gone.value.close()
    page.get_by_role("tab", name="Ask").click()
    exchange.locator(".cite", has_text="[1]").first.click()
    page.locator(".source", has_text="is not in the library any more").wait_for()


def test_a_collection_is_created_and_its_list_is_empty(page: Page) -> None:
    documents(page)
    page.get_by_text("New collection").click()
    page.get_by_label("Name of the collection").fill("papers")
    page.get_by_label("Name of the collection").press("Enter")
    page.get_by_text("was created").wait_for()
    page.get_by_text("There are no documents yet.").first.wait_for()
    assert page.get_by_label("Collection", exact=True).input_value() == "papers"


def test_a_collection_is_removed_and_the_first_is_shown(page: Page, root: Path) -> None:
    page.get_by_role("tab", name="Documents").click()
    assert page.get_by_label("Collection", exact=True).input_value() == "papers"
    page.get_by_role("button", name="Remove the collection “papers”…").click()
    question = page.get_by_role("alertdialog")
    assert "“papers” with its 0 documents" in question.inner_text()
    question.get_by_role("button", name="Keep it").click()
    question.wait_for(state="detached")
    page.get_by_role("button", name="Remove the collection “papers”…").click()
    page.get_by_role("button", name="Remove the collection", exact=True).click()
    page.locator(".removal", has_text="nothing is left").wait_for()
    page.locator("#documents .documents").wait_for()
    page.get_by_role("button", name="Remove the collection").wait_for(state="detached")  # the first one stays
    assert not list((root / "home").rglob("papers*"))
