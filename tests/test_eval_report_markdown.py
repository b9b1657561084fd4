"""The report as Markdown, as a renderer reads it: the figures, what went wrong, and hostile text as text."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt

from eval.compare import compare
from eval.markdown import plain, shortened, table
from eval.report_markdown import LENGTH, comparison_to_markdown, to_markdown, write_comparison_markdown
from tests.report_run import HOSTILE, RECORDS, RUN, changed_run
from tests.test_eval_report import EMPTY

RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@cache
def markdown(name: str) -> str:
    return (
        to_markdown(RUN)
        if name == "run"
        else comparison_to_markdown(compare([RUN, changed_run()], ["before", HOSTILE]))
    )


def rendered(text: str) -> html.HtmlElement:
    body: html.HtmlElement = html.document_fromstring(f"<body>{RENDERER.render(text)}</body>").body
    return body


def shown(text: str) -> str:
    """Return what a reader sees of a text, with single white space."""
    return " ".join(rendered(text).text_content().split())


def visible(text: str) -> str:
    """Return a text as it should be seen: in one line, without what would turn it around."""
    return " ".join(re.sub("[\u202a-\u202e\u2066-\u2069]", " ", text).split())


@pytest.mark.parametrize("name", ["run", "comparison"])
def test_hostile_text_is_shown_as_it_stands(name: str) -> None:
    assert shown(markdown(name)).count(visible(HOSTILE)[:300]) >= 1
    tags = {element.tag for element in rendered(markdown(name)).iter() if isinstance(element.tag, str)}
    assert not tags & {"img", "script", "style", "a", "code", "b", "i", "del", "em"}
    assert "{{7*7}}" in shown(markdown(name))


@pytest.mark.parametrize("name", ["run", "comparison"])
def test_no_name_number_address_or_formula_is_left_to_be_read(name: str) -> None:
    text = markdown(name)
    assert "keeper" in text and not re.search(r"@\w|#\d|(?<!\\)://|www\.", text)
    assert not re.search(r"(?<!<span>)\$", text)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp"])))
def test_any_text_comes_back(text: str) -> None:
    assert shown(plain(text)) == " ".join(text.split())
    (row,) = rendered("\n".join(table(["a", "b"], [["x", plain(text)]]))).xpath("//tbody/tr")
    assert " ".join(row[1].text_content().split()) == " ".join(text.split()) and len(row) == 2


@pytest.mark.parametrize(
    "text", ["1. one", "12) b", "- dash", "+ plus", "# head", "=== line", "--- line", "> quoted", "    code"]
)
def test_a_text_opens_no_block(text: str) -> None:
    assert [element.tag for element in rendered(plain(text))] == ["p"]


def test_the_figures_of_a_run() -> None:
    text = markdown("run")
    assert text.startswith("## har\\[bour\\] \\<b\\>set\\</b\\>: 2 of 5 questions went right (40")
    lines = [line for line in text.splitlines() if line.startswith("| Facts found |")]
    assert [cell.strip() for cell in lines[0].split("|")][2::2] == ["0.500", "3"]
    headings = [" ".join(s.text_content().split()) for s in rendered(text).xpath("//summary")]
    assert headings == [
        "All figures",
        "Evidence that stands in no document, counted as not found (1)",
        "What went wrong (3)",
        "Settings and versions",
    ]


def test_what_went_wrong_comes_before_what_went_partly_wrong() -> None:
    text = markdown("run").split("What went wrong")[1]
    assert text.index("(a3, date)") < text.index("(a5, false-premise)") < text.index("Partly right (a2, list)")
    assert "(a1," not in text
    assert "- refused, but the documents answer" in text
    assert "\\[1\\] “Keeper's log" in text


def test_it_fits_into_a_comment_and_says_what_is_left_out() -> None:
    long = [replace(RECORDS[4], id=f"w{n}", question=f"Why {n}? " + "long " * 80) for n in range(300)]
    text = to_markdown(replace(RUN, ids=tuple(r.id for r in long), records=tuple(long)))
    assert len(text) < 65_536 and len(text) > LENGTH / 2
    left = re.search(r"\*And (\d+) more; the HTML report has them all\.\*", text)
    assert left and int(left[1]) == 300 - text.count("**Why ")


def test_a_comparison_names_what_changed(tmp_path: Path) -> None:
    write_comparison_markdown(compare([RUN, changed_run()], ["before", "after"]), tmp_path / "deep" / "c.md")
    text = (tmp_path / "deep" / "c.md").read_text(encoding="utf-8")
    assert "1 went from right to wrong, 1 from wrong to right." in text
    assert "| refuse\\_below | 0.5 | 0.7 |" in text
    assert text.index("Better (1)") < text.index("(a3, date)")
    assert text.index("Worse (1)") < text.index("(a1, number)")
    right = next(line for line in text.splitlines() if line.startswith("| Right |"))
    assert "1 better, 1 worse, p 1.000" in right


def test_a_difference_beyond_chance_is_marked() -> None:
    many = tuple(replace(RECORDS[0], id=f"m{n}") for n in range(12))
    before = replace(RUN, ids=tuple(r.id for r in many), records=many)
    wrong = [replace(r, scores={**r.scores, "right": 0.0, "facts": 0.0}) for r in many]
    text = comparison_to_markdown(compare([before, before.with_records(wrong)], ["a", "b"]))
    right = next(line for line in text.splitlines() if line.startswith("| Right |"))
    assert "**−1.000 worse**" in right and "p < 0.001" in right


def test_an_empty_run_is_written() -> None:
    assert "0 questions" in to_markdown(EMPTY) and "went wrong" not in to_markdown(EMPTY)


def test_a_text_is_cut_between_words() -> None:
    assert shortened("one two  three", 14) == "one two three"
    assert shortened("one two three", 10) == "one two …"
