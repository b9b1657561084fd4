"""Filters on the command line: each test runs `rag` in a process of its own."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Rag

CARGO = "How much cargo did the harbour of Lorn handle?"


@pytest.mark.parametrize(
    ("options", "author"),
    [
        (("--author", "Falk"), "Ines Falk"),
        (("--author", "tomas brandt"), "Tomas Brandt"),
        (("--after", "1 January 2015"), "Tomas Brandt"),
        (("--before", "2015"), "Ines Falk"),
        (("--source", "harbour-later*", "--type", "txt"), "Tomas Brandt"),
        (("--type", "markdown"), "Ines Falk"),
    ],
)
def test_only_documents_that_the_options_let_through_are_cited(
    filled: Rag, options: tuple[str, ...], author: str
) -> None:
    done = filled("ask", CARGO, "--json", *options)
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert {c["author"] for c in data["citations"]} == {author}
    assert len({p["document"] for p in data["trace"]["retrieved"]}) == 1
    assert set(data["trace"]["filters"]) == {option[2:] for option in options[::2]}


def test_options_that_let_nothing_through_are_one_clear_line(filled: Rag) -> None:
    done = filled("ask", CARGO, "--author", "Flak", "--type", "txt")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("rag: no document matches author Flak: the authors are Ines Falk, Tomas Brandt")
    assert "Traceback" not in done.stderr
    assert "is no date" in filled("ask", CARGO, "--after", "someday").stderr


def test_the_trace_shows_what_the_question_names(filled: Rag) -> None:
    done = filled("ask", f"{CARGO[:-1]}, according to Falk?", "--trace")
    assert "preferred author" in done.stdout
    assert "Ines Falk" in done.stdout
    header = next(text for text in done.stdout.splitlines() if "best sentence" in text)
    assert header.split()[:6] == ["rank", "score", "dense", "lexical", "fused", "evidence"]
    assert "The harbour of Lorn handled 4.2 million" in done.stdout
