"""The report as a page: complete, escaped, with a policy that lets nothing else run; the same for a comparison."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from functools import cache

import pytest
from lxml import html

from eval.compare import compare
from eval.report_html import TEMPLATES, comparison_to_html, to_html
from tests.report_run import CARGO, CRANE, HOSTILE, RUN, changed_run
from tests.test_eval_report import EMPTY

PAGES = ["run", "comparison"]


@cache
def page(name: str) -> str:
    return to_html(RUN) if name == "run" else comparison_to_html(compare([RUN, changed_run()], ["before", HOSTILE]))


def parsed(name: str) -> html.HtmlElement:
    return html.document_fromstring(page(name))


def of_class(tree: html.HtmlElement, name: str) -> list[html.HtmlElement]:
    found: list[html.HtmlElement] = tree.xpath(f".//*[contains(concat(' ', @class, ' '), ' {name} ')]")
    return found


def folded(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("name", PAGES)
def test_the_policy_allows_our_own_style_and_script_and_nothing_else(name: str) -> None:
    tree = parsed(name)
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    (style,), (script,) = tree.xpath("//style/text()"), tree.xpath("//script/text()")
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    assert style == (TEMPLATES / "report.css").read_text(encoding="utf-8")
    before = page(name).split("Content-Security-Policy")[0]
    assert "<style" not in before and "<script" not in before and "<link" not in before


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_fetched_and_nothing_is_styled_or_run_in_place(name: str) -> None:
    tree = parsed(name)
    assert tree.xpath("//@src") == []
    assert tree.xpath("//link/@href") == ["data:,"]
    assert all(link.startswith("#") for link in tree.xpath("//a/@href"))
    assert tree.xpath("//@style") == []
    assert [a for a in tree.xpath("//@*") if a.attrname.startswith("on")] == []
    assert tree.xpath("//img | //iframe | //object | //embed | //base") == []
    assert not re.search(r"url\(|@import", (TEMPLATES / "report.css").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PAGES)
def test_hostile_text_stands_in_the_page_as_text(name: str) -> None:
    texts = [folded(element.text_content()) for element in parsed(name).xpath("//*[not(self::script)]")]
    assert any(folded(HOSTILE) == text for text in texts)
    assert len(parsed(name).xpath("//script")) == len(parsed(name).xpath("//style")) == 1


def test_a_question_has_all_that_is_known_of_it() -> None:
    first, second, third, *_ = of_class(parsed("run"), "item")
    assert first.xpath(".//mark/text()") == [CARGO]
    assert [around.text for around in of_class(first, "around")] == ["The sentence before it.", CRANE]
    text = folded(first.text_content())
    for part in (
        "Why it counts as right every expected fact is in the answer",
        "There: 4.2 million or 4,200,000",
        "Harbour report".lower(),
        "in passage 1 of those found, cited",
        "Chance that the documents answer: 0.90; refused below 0.50",
        "score 1.25, dense 1, lexical 2",
        "partial",
        "author: Ines Falk",
    ):
        assert folded(part).lower() in text.lower(), part
    assert "evidence 0.07" in second.text_content()
    assert f"Dropped {folded(HOSTILE)}" in folded(second.text_content())
    assert "What came nearest" in third.text_content() and "Citations" not in third.text_content()
    link = of_class(first, "answer")[0].xpath(".//a/@href")[0]
    assert first.xpath(f".//li[@id='{link[1:]}']//mark/text()") == [CARGO]


def test_marks_of_what_is_to_be_filtered() -> None:
    found = [dict(item.attrib) for item in of_class(parsed("run"), "item")]
    assert [i["data-outcome"] for i in found] == ["right", "partly", "wrong", "right", "wrong", "unjudged"]
    assert [i["data-refused"] for i in found] == ["no", "no", "yes", "yes", "no", "no"]
    assert found[1]["data-documents"] == "aaaa bbbb"
    choices = [folded(label.text_content()) for label in of_class(parsed("run"), "outcomes")[0].xpath("label")]
    assert choices == ["All 6", "Right 2", "Partly right 1", "Wrong 2", "Not judged 1", "Refused 2"]


def test_the_figures_have_their_intervals() -> None:
    rows = {}
    for table in of_class(parsed("run"), "figures"):
        rows |= {folded(r[0].text or ""): [folded(c.text_content()) for c in r[1:]] for r in table.iter("tr")}
    value, interval, n = rows["Facts found"]
    assert value == "0.500" and n == "3" and re.fullmatch(r"0\.\d\d to 1\.00", interval)


def test_a_bar_has_the_width_of_its_share() -> None:
    widths = {r.get("class"): float(r.get("width")) for r in of_class(parsed("run"), "overall")[0].iter("rect")}
    assert widths == pytest.approx(
        {"right": 100 / 3, "partly": 100 / 6, "wrong": 100 / 3, "unjudged": 100 / 6}, abs=0.01
    )


def test_a_comparison_shows_what_got_worse_first() -> None:
    tree = parsed("comparison")
    assert "1 went from right to wrong, 1 from wrong to right." in of_class(tree, "lead")[0].text
    assert [i.get("data-outcome") for i in of_class(tree, "item")] == ["worse", "better"]
    worse = folded(of_class(tree, "item")[0].text_content())
    assert "before : right" in worse.replace("before:", "before :") and "wrong, refused" in worse
    differing = of_class(tree, "by")[0]
    settings = {r[0].text: [folded(c.text_content()) for c in r[1:]] for r in differing.iter("tr")}
    assert settings["refuse_below"] == ["0.5", "0.7"]


def test_runs_that_went_alike_have_no_question_that_changed() -> None:
    tree = html.document_fromstring(comparison_to_html(compare([RUN, RUN], ["a", "b"])))
    assert "every question went as before" in tree.text_content() and not of_class(tree, "item")


def test_an_empty_and_an_interrupted_run_have_a_page() -> None:
    assert "0 questions" in html.document_fromstring(to_html(EMPTY)).text_content()
    cut = html.document_fromstring(to_html(replace(RUN, ids=(*RUN.ids, "a7"))))
    assert "6 of 7 questions were asked" in of_class(cut, "warning")[0].text


def test_what_no_page_can_hold_is_replaced() -> None:
    odd = replace(RUN.records[0], question="a\x00b\x1bc\ud800d\x85e")
    text = to_html(replace(RUN, records=(odd, *RUN.records[1:])))
    assert "a\ufffdb\ufffdc\ufffdd" in text
    text.encode("utf-8")
