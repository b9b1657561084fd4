"""What a run says of itself in words, in the terminal, and item by item."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from eval.compare import compare
from eval.compare_table import print_comparison, print_sweep
from eval.figures import figures
from eval.report import print_table
from eval.report_command import write_report
from eval.report_items import Fact, Outcome, items
from eval.report_summary import GROUPS, groups, interval, stages, summary
from eval.runs import Run, RunError
from eval.sweep import weigh
from rag import show
from tests.report_run import CARGO, CRANE, HOSTILE, RECORDS, RUN

EMPTY = replace(RUN, ids=(), records=(), settings={}, library={}, versions={}, models={}, machine={})


def printed(run: Run, width: int = 100) -> str:
    file = io.StringIO()
    print_table(run, Console(file=file, width=width, color_system=None))
    return file.getvalue()


def test_a_question_is_right_partly_right_wrong_or_not_judged() -> None:
    shown = items(RUN)
    wanted = [Outcome.RIGHT, Outcome.PARTLY, Outcome.WRONG, Outcome.RIGHT, Outcome.WRONG, Outcome.UNJUDGED]
    assert [item.outcome for item in shown] == wanted
    assert [item.refused for item in shown] == [False, False, True, True, False, False]


def test_a_citation_stands_between_its_neighbours_and_is_known_when_it_is_evidence() -> None:
    first, second, *_ = items(RUN)
    (place,) = first.citations
    assert (place.before, place.quote, place.after) == ("The sentence before it.", CARGO, CRANE)
    assert place.about == "Ines Falk, 2014-03-02, p. 3, harbour.md"
    assert place.known and not second.citations[0].known


@pytest.mark.parametrize(
    ("context", "shown"),
    [
        (("One. Two came.", "Three followed. Four."), ("Two came.", "Three followed.")),
        (
            ("and so it went on.", "It was settled by giving each what"),
            ("… and so it went on.", "It was settled by giving each what …"),
        ),
        (("", ""), ("", "")),
    ],
)
def test_the_context_is_a_sentence_and_says_where_it_is_cut(context: tuple[str, str], shown: tuple[str, str]) -> None:
    place = items(replace(RUN, records=(replace(RECORDS[0], contexts=(context,)),)))[0].citations[0]
    assert (place.before, place.after) == shown


def test_evidence_says_where_it_was_found_and_whether_it_was_cited() -> None:
    first, second, third, *_ = items(RUN)
    assert [(k.found, k.cited) for k in first.known] == [("in passage 1 of those found", True)]
    assert [(k.found, k.cited) for k in second.known] == [
        ("in passage 1 of those found", False),
        ("the quote is in no document", False),
    ]
    assert third.documents == ("aaaa",) and second.documents == ("aaaa", "bbbb")


def test_a_refusal_has_none_of_the_facts_and_shows_what_came_nearest() -> None:
    refused = items(RUN)[2]
    assert refused.facts == (Fact(("2012",), found=False),)
    assert [place.quote for place in refused.nearest] == [CARGO]
    assert not refused.citations


def test_a_run_in_words() -> None:
    words = summary(items(RUN), figures(RUN.records))
    assert words.headline.startswith("2 of 5 questions went right (40\u00a0%, 95\u00a0% interval ")
    assert words.lines == (
        "Of 3 questions that the documents answer, 1 went right, 1 in part, 0 wrong, and 1 was refused.",
        "Of 1 question that they do not answer, 1 was refused, as all should be.",
        "Of 1 question that takes something false for granted, 0 were refused or corrected.",
    )
    assert words.counts == {Outcome.RIGHT: 2, Outcome.PARTLY: 1, Outcome.WRONG: 2, Outcome.UNJUDGED: 1}
    assert (
        "none of which is judged" in summary(items(replace(RUN, records=RECORDS[-1:])), figures(RECORDS[-1:])).headline
    )


def test_answers_that_cannot_be_judged_are_told() -> None:
    prose = replace(RECORDS[-1], type="reason", expected="Because the pier had been washed away in the storm.")
    words = summary(items(replace(RUN, records=(*RECORDS[:-1], prose))), figures(RUN.records))
    assert words.lines[-1].startswith("1 question was not judged right or wrong: the expected answer is long")


def test_figures_are_grouped_and_those_without_a_value_left_out() -> None:
    found = groups(figures(RUN.records))
    assert list(found) == [title for title in GROUPS.values() if title in found]
    shown = [figure for rows in found.values() for figure in rows]
    assert all(figure.value is not None for figure in shown)
    assert {"right", "citation_precision", "latency_p50"} <= {figure.key for figure in shown}
    assert not any(figure.key.startswith("ms_") for figure in shown)
    assert interval(next(f for f in shown if f.key == "latency_p50")) == ""


def test_the_whole_comes_last_among_the_stages() -> None:
    assert [(s.name, s.p50) for s in stages(figures(RUN.records))] == [
        ("retrieve", 20.0),
        ("compose", 1.0),
        ("total", 40.0),
    ]


def test_the_terminal_shows_figures_types_stages_and_lost_evidence() -> None:
    text = printed(RUN)
    assert "har[bour] <b>set</b>: 2 of 5 questions went right" in text  # brackets are text, not markup
    (line,) = (line for line in text.splitlines() if line.strip().startswith("Facts found"))
    assert "0.500" in line and " to " in line
    assert "unanswerable" in text and "retrieve" in text
    assert "counted as not found (1)" in text
    assert "a2, lost: the quote is in no document: No such words" in text
    assert all(len(line.rstrip()) <= 80 for line in printed(RUN, 80).splitlines() if "a2, lost" not in line)


def test_types_of_question_have_their_intervals() -> None:
    lines = printed(RUN, 80).splitlines()
    at = next(i for i, line in enumerate(lines) if line.split()[:3] == ["number", "1", "1.00"])
    assert lines[at + 1].split()[0] == ".03-1.0", "of one question next to nothing is known"


def test_no_markup_is_left_to_be_read_on_the_console_of_the_command_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show.console, "width", 140)
    named = replace(RUN, set="har[bour] [bold]set[/bold]")
    print_table(named, show.console)
    print_comparison(compare([named, named], ["a[b]", "[red]b"]), show.console)
    print_sweep(weigh([({"model": "[red]m"}, named)], "right", "latency_p50"), "right", "latency_p50", show.console)
    text = capsys.readouterr().out
    assert "har[bour] [bold]set[/bold]: 2 of 5 questions" in text
    assert text.count("[bold]") == 1 and "\\" not in text
    assert "a[b]" in text and "[red]b" in text and "[red]m" in text


def test_an_interrupted_run_says_so() -> None:
    text = printed(replace(RUN, ids=(*RUN.ids, "a7")))
    assert "6 of 7 questions were asked" in text


def test_an_empty_run_is_shown() -> None:
    assert "0 questions" in printed(EMPTY)


def test_the_command_writes_what_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = tmp_path / "run.jsonl"
    RUN.save(saved)
    out = io.StringIO()
    console = Console(file=out, width=200, color_system=None)
    write_report(saved, tmp_path / "new" / "r.html", tmp_path / "new" / "r.md", console)
    assert HOSTILE[:13] in (tmp_path / "new" / "r.md").read_text(encoding="utf-8")
    assert "<!doctype html>" in (tmp_path / "new" / "r.html").read_text(encoding="utf-8")
    assert out.getvalue().count("the report is in") == 2
    write_report(saved, None, Path("-"), console)
    assert capsys.readouterr().out == (tmp_path / "new" / "r.md").read_text(encoding="utf-8")
    write_report(saved, None, None, console)
    assert "Facts found" in out.getvalue()
    with pytest.raises(RunError, match="cannot be read"):
        write_report(tmp_path / "missing.jsonl", None, None, console)
