"""The report in a real browser: filters, keyboard, light and dark, paper, a phone; and it asks nobody for anything."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pypdfium2
import pytest

from eval.compare import compare
from eval.report_html import write_comparison_html, write_html
from tests.report_run import CARGO, RUN, changed_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = Path("/usr/bin/chromium")
if not CHROMIUM.exists():
    pytest.skip(f"{CHROMIUM} is not there: apt-get install chromium", allow_module_level=True)

ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync "
    "--no-first-run"
).split()
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const light = ([r, g, b]) => [r, g, b]
    .map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
      if (color[3] !== 0) throw new Error("a background is half transparent: " + at.className);
    }
    throw new Error("no background");
  };
  const found = [];
  for (const element of document.querySelectorAll("body *:not(script)")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility({ visibilityProperty: true }) || element.closest("title")) continue;
    const style = getComputedStyle(element);
    const color = element.closest("svg") ? style.fill : style.color;
    const [one, two] = [light(rgba(color)), light(behind(element))].sort((a, b) => b - a);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    const name = `${element.className}: ${element.textContent}`.slice(0, 60);
    found.push([(one + 0.05) / (two + 0.05), large ? 3 : 4.5, name]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the addresses of a report and of a comparison."""
    folder = tmp_path_factory.mktemp("report")
    write_html(RUN, folder / "run.html")
    write_comparison_html(compare([RUN, changed_run()], ["before", "after"]), folder / "comparison.html")
    return {name: (folder / f"{name}.html").as_uri() for name in ("run", "comparison")}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with playwright.sync_playwright() as p:
        started = p.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def page(pages: dict[str, str], browser: Browser) -> Iterator[Page]:
    """Open the report, and fail if it asked for anything, complained, or let a document's text run."""
    with browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light") as context:
        opened, asked, complaints = context.new_page(), [], []
        opened.on("request", lambda request: asked.append(request.url))
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(pages["run"])
        yield opened
        assert {url.split("#")[0] for url in asked} <= {*pages.values(), "data:,"}
        assert complaints == []
        assert opened.evaluate("window.hacked") is None


def questions(page: Page) -> list[str]:
    """Return the ids of the questions that are shown, in their order."""
    return [text.split(" · ")[0] for text in page.locator(".item:visible .meta").all_inner_texts()]


def choose(page: Page, outcome: str) -> None:
    page.locator(".outcomes span", has_text=outcome).first.click()


def test_questions_are_filtered_by_outcome(page: Page) -> None:
    assert questions(page) == ["a1", "a2", "a3", "a4", "a5", "a6"]
    for outcome, wanted in (("Wrong", ["a3", "a5"]), ("Refused", ["a3", "a4"]), ("Partly", ["a2"]), ("All", 6)):
        choose(page, outcome)
        assert questions(page) == wanted or len(questions(page)) == wanted
    choose(page, "Wrong")
    assert page.locator("#count").inner_text() == "2 of 6 questions"


def test_questions_are_filtered_by_type_document_and_words(page: Page) -> None:
    page.get_by_role("combobox", name="Type").select_option("date")
    assert questions(page) == ["a3"]
    page.get_by_role("combobox", name="Type").select_option("all types")
    page.get_by_role("combobox", name="Document").select_option("Log <i>of</i> the lighthouse")
    assert questions(page) == ["a2"]
    page.get_by_role("combobox", name="Document").select_option("all documents")
    page.get_by_label("Search").fill("HÁRBOUR  close")  # in any order, without accents, whatever the case
    assert questions(page) == ["a5"]
    page.get_by_label("Search").fill("zebra crossing")
    assert questions(page) == [] and page.locator("#count").inner_text() == "0 of 6 questions"
    page.get_by_role("button", name="Show all questions").click()
    assert len(questions(page)) == 6
    assert page.evaluate("document.activeElement.name") == "text"


def test_questions_are_put_into_order(page: Page) -> None:
    for order, first in (
        ("wrong first", "a3"),
        ("surest first", "a1"),
        ("least sure first", "a4"),
        ("slowest first", "a3"),
    ):
        page.get_by_role("combobox", name="Order").select_option(order)
        assert questions(page)[0] == first, order
    page.get_by_role("combobox", name="Order").select_option("wrong first")
    assert questions(page) == ["a3", "a5", "a2", "a6", "a1", "a4"]
    page.get_by_role("combobox", name="Order").select_option("as in the set")
    assert questions(page) == ["a1", "a2", "a3", "a4", "a5", "a6"]


def test_a_row_of_a_table_shows_its_questions(page: Page) -> None:
    choose(page, "Wrong")
    page.get_by_role("link", name="false-premise").click()
    assert questions(page) == ["a5"]
    assert page.get_by_role("combobox", name="Type").input_value() == "false-premise"
    page.get_by_role("link", name="The harbour report").click()
    assert questions(page) == ["a1", "a2", "a3", "a5", "a6"]


def test_it_is_used_by_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the questions"
    page.keyboard.press("/")
    page.keyboard.type("crane built")
    assert questions(page) == ["a3"]
    while not page.evaluate("document.activeElement.matches('.item > summary')"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator(".item[open] .meta").inner_text().startswith("a3")
    page.keyboard.press("/")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.locator("input[value='']").focus()
    page.keyboard.press("ArrowRight")
    assert questions(page) == ["a1", "a4"]


def test_a_citation_leads_to_its_quote(page: Page, pages: dict[str, str]) -> None:
    page.goto(pages["run"] + "#q1-c1")
    first = page.locator(".item").first
    assert first.get_attribute("open") is not None
    assert first.locator("li:target mark").inner_text() == CARGO
    first.locator("summary").first.click()
    choose(page, "Wrong")
    page.evaluate("location.hash = '#q1'")
    page.locator(".item[open]").wait_for()
    assert len(questions(page)) == 6, "a filter does not hide what was asked for"


def test_all_are_opened_and_closed(page: Page) -> None:
    choose(page, "Wrong")
    button = page.locator("#open")
    button.click()
    assert page.locator(".item[open]").count() == 2 and button.inner_text() == "Close all"
    page.locator(".item[open] > summary").first.click()
    assert page.locator(".item[open]").count() == 1
    page.wait_for_function("document.getElementById('open').textContent === 'Open all'")


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def test_light_and_dark_follow_the_system_and_the_switch(page: Page) -> None:
    light = background(page)
    page.emulate_media(color_scheme="dark")
    dark = background(page)
    assert dark != light and page.locator("#theme").inner_text() == "Light"
    page.get_by_role("button", name="Light", exact=True).click()
    assert background(page) == light
    page.get_by_role("button", name="Dark", exact=True).click()
    page.emulate_media(color_scheme="light")
    assert background(page) == dark, "the switch has the last word"
    page.emulate_media(media="print")
    assert background(page) == light, "paper is white"


def test_paper_shows_everything_but_the_controls(page: Page) -> None:
    document = pypdfium2.PdfDocument(page.pdf(format="A4"))
    text = " ".join(" ".join(p.get_textpage().get_text_range() for p in document).split())
    document.close()
    for part in ("Passages found", "score 1.25, dense 1, lexical 2", "Dropped", "refuse_below", "fedcba98"):
        assert part in text, part
    for control in ("Open all", "Dark", "all types", "Skip to", "Search"):
        assert control not in text, control
    assert page.locator(".item[open]").count() == 0, "and on the screen all is as before"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["run", "comparison"])
def test_text_can_be_read(pages: dict[str, str], browser: Browser, name: str, scheme: Literal["light", "dark"]) -> None:
    with browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme) as context:
        opened = context.new_page()
        opened.goto(pages[name])
        opened.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        contrasts = opened.evaluate(CONTRASTS)
        assert len(contrasts) > 100
        assert [found for found in contrasts if found[0] < found[1]] == []


@pytest.mark.parametrize("name", ["run", "comparison"])
def test_it_can_be_heard(pages: dict[str, str], browser: Browser, name: str) -> None:
    """Check what a screen reader needs: a name for every control, headings in order, no id twice."""
    with browser.new_context() as context:
        opened = context.new_page()
        opened.goto(pages[name])
        opened.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        levels = opened.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((h) => +h.tagName[1])")
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        ids = opened.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)")
        assert len(ids) == len(set(ids))
        pointed = opened.evaluate(
            "[...document.querySelectorAll('[aria-labelledby], a[href]')]"
            ".map((e) => e.getAttribute('aria-labelledby') || e.getAttribute('href').slice(1))"
        )
        assert set(pointed) <= set(ids)
        nameless = "e => [...e].filter((c) => !c.labels.length && !c.textContent.trim()).map((c) => c.outerHTML)"
        assert opened.eval_on_selector_all("input, select, button", nameless) == []
        assert opened.evaluate("document.documentElement.lang") == "en"
        unnamed = "svg[role=img]:not([aria-label]), svg:not([role], [aria-hidden]), table:not(:has(th[scope]))"
        assert opened.locator(unnamed).count() == 0


@pytest.mark.parametrize("name", ["run", "comparison"])
def test_a_phone_needs_no_sideways_scrolling(pages: dict[str, str], browser: Browser, name: str) -> None:
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        opened = context.new_page()
        opened.goto(pages[name])
        opened.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        assert opened.evaluate("document.documentElement.scrollWidth") <= 390
        small = boxes(opened.locator("#controls :is(input[type=search], select), button:visible"))
        assert small and all(height >= 38 for height in small)


def boxes(found: Locator) -> list[float]:
    """Return the heights of elements."""
    return [box["height"] for element in found.all() if (box := element.bounding_box())]


def test_what_changed_between_runs_is_filtered(pages: dict[str, str], browser: Browser) -> None:
    with browser.new_context() as context:
        opened = context.new_page()
        opened.goto(pages["comparison"])
        assert questions(opened) == ["a1", "a3"]
        choose(opened, "Better")
        assert questions(opened) == ["a3"]
        opened.get_by_role("combobox", name="Type").select_option("number")
        assert questions(opened) == []


def test_the_policy_stops_what_would_get_in(pages: dict[str, str], browser: Browser) -> None:
    """Put markup into the page as if something had not been escaped: it neither runs nor fetches."""
    with browser.new_context() as context:
        opened, asked = context.new_page(), []
        opened.goto(pages["run"])
        opened.on("requestfinished", lambda request: asked.append(request.url))
        opened.evaluate(
            """() => {
              const markup = '<img src="x.png" onerror="window.hacked=1"><b onclick="window.hacked=1">b</b>';
              document.body.insertAdjacentHTML("beforeend", markup);
              const script = document.createElement("script");
              script.textContent = "window.hacked = 1";
              document.body.append(script);
              document.querySelector("body > b").click();
            }"""
        )
        opened.wait_for_timeout(200)
        assert opened.evaluate("window.hacked") is None and asked == []


def test_it_can_be_read_without_its_script(pages: dict[str, str], browser: Browser) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        opened = context.new_page()
        opened.goto(pages["run"])
        assert len(questions(opened)) == 6
        assert not opened.locator("#controls").is_visible() and not opened.locator("#theme").is_visible()
        opened.locator(".item > summary").first.click()
        assert CARGO in opened.locator(".item").first.inner_text()
