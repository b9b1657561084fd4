"""Reading of text with marks: reStructuredText, Org, notebooks, the notes of Markdown, RTF."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.clean import clean
from index.errors import ReadError
from index.read import read_bytes
from index.readers.blocks import Blocks, mark
from index.types import RawDocument


def headings(raw: RawDocument) -> list[tuple[int, str]]:
    return [(heading.level, raw.text[heading.start : heading.end]) for heading in raw.headings]


def noted(raw: RawDocument) -> list[tuple[str, str, str]]:
    """Return for each note the words before its mark, its own words, its label."""
    return [(raw.text[: note.mark].split()[-1], raw.text[note.start : note.end], note.label) for note in raw.notes]


# --- blocks ---------------------------------------------------------------------------------------

_WORDS = st.text("abc \n", min_size=1, max_size=12)


@given(st.lists(st.tuples(_WORDS, _WORDS, _WORDS), max_size=6))
def test_marks_stand_where_the_text_had_them(blocks_of_words: list[tuple[str, str, str]]) -> None:
    blocks = Blocks()
    for number, (before, after, _) in enumerate(blocks_of_words):
        blocks.add(f"{before}{mark(str(number))}{after}")
    plain = [" ".join((before + after).split()) for before, after, _ in blocks_of_words]
    assert blocks.text == "\n\n".join(filter(None, plain))
    for number, (_, _, note) in enumerate(blocks_of_words):
        blocks.add_note(str(number), note)
    raw = blocks.document("docx")
    kept = [number for number, (_, _, note) in enumerate(blocks_of_words) if note.split()]
    assert len(raw.notes) == len(kept)
    for note, number in zip(raw.notes, kept, strict=True):
        before, after, words = blocks_of_words[number]
        assert raw.text[note.start : note.end] == " ".join(words.split())
        if (before + after).split():
            line = raw.text[: note.mark].rpartition("\n")[2]
            assert line.rstrip() == " ".join(before.split())


def test_furniture_and_pages_of_blocks() -> None:
    blocks = Blocks()
    blocks.start_page()
    blocks.add("One")
    blocks.add("head", furniture="page header")
    blocks.start_page()
    blocks.start_page()
    blocks.add("Two")
    raw = blocks.document("pptx")
    assert [raw.text[start:][:3] for start in raw.pages] == ["One", "Two", "Two"]
    assert [raw.text[item.start : item.end] for item in raw.removed] == ["head"]


# --- Markdown -------------------------------------------------------------------------------------

NOTES = """The ferry is slow[^1] and old.[^old] It is `a[^1]`, slow[^1].

[^1]: It was built
  in [1960](http://log.example).
[^old]: Forty years.

    More of it.

Next paragraph[^none].

```
[^1]: code
```
"""


def test_notes_of_markdown() -> None:
    raw = read_bytes(NOTES.encode(), "a.md")
    assert [(raw.text[n.mark : n.mark_end], n.label) for n in raw.notes] == [("[^1]", "1"), ("[^old]", "old")]
    assert clean(raw).text == (
        "The ferry is slow and old. It is a[^1], slow.\n\nNext paragraph[^none].\n\n[^1]: code\n\n"
        "It was built in 1960.\n\nForty years. More of it."
    )


def test_badges_pictures_and_addresses_of_markdown() -> None:
    text = "# Ferry\n\n[![Build](https://c.example/b.svg)](https://c.example) [![x][y]][z] ![p][q]\n\nSee <https://f.example/a>.\n"
    assert clean(read_bytes(text.encode(), "a.md")).text == "Ferry\n\nSee https://f.example/a."


# --- reStructuredText -----------------------------------------------------------------------------

RST = """=====
Ferry
=====

:Author: Anna Berg
:Date: 2015-05-08

Speed
-----

The *ferry* is ``slow`` [1]_, says `the log <http://log.example>`_ of
:ref:`Lorn`.

.. include:: /etc/passwd
.. a comment
.. note::

   It is **old**.

- sixty
  people
- five cars

1. first
2. second

Run::

   make all

=====  ====
Port   Cars
=====  ====
Leith  5
Wick   7
=====  ====

+------+------+
| Ship | Size |
+======+======+
| Eos  | 30   |
+------+------+

.. [1] Ten knots.
"""


def test_restructured_text() -> None:
    raw = read_bytes(RST.encode(), "a.rst")
    assert raw.text == (
        "Ferry\n\nSpeed\n\nThe ferry is slow, says the log of Lorn.\n\nIt is old.\n\n- sixty people\n- five cars\n"
        "1. first\n2. second\n\nRun:\n\nmake all\n\nPort: Leith; Cars: 5\nPort: Wick; Cars: 7\n\n"
        "Ship: Eos; Size: 30\n\nTen knots."
    )
    assert headings(raw) == [(1, "Ferry"), (2, "Speed")]
    assert noted(raw) == [("slow", "Ten knots.", "1")]
    assert (raw.metadata.title, raw.metadata.author, raw.metadata.date) == ("Ferry", "Anna Berg", "2015-05-08")


# --- Org ------------------------------------------------------------------------------------------

ORG = """#+TITLE: Ferry
#+AUTHOR: Anna Berg
#+DATE: <2015-05-08 Fri>
#+INCLUDE: "/etc/passwd"
* TODO [#A] Speed :slow:
:PROPERTIES:
:ID: 7
:END:
The *ferry* is =slow=[fn:1], says [[http://log.example][the log]] of
Lorn.
- sixty
  people
** Ports
| Port  | Cars |
|-------+------|
| Leith |    5 |
#+BEGIN_SRC sh
make all
#+END_SRC
# a comment
[fn:1] Ten knots.
"""


def test_org() -> None:
    raw = read_bytes(ORG.encode(), "a.org")
    assert raw.text == (
        "Ferry\n\nSpeed\n\nThe ferry is slow, says the log of Lorn.\n\n- sixty people\n\nPorts\n\n"
        "Port: Leith; Cars: 5\n\nmake all\n\nTen knots."
    )
    assert headings(raw) == [(1, "Ferry"), (1, "Speed"), (2, "Ports")]
    assert noted(raw) == [("slow", "Ten knots.", "1")]
    assert (raw.metadata.title, raw.metadata.author, raw.metadata.date) == ("Ferry", "Anna Berg", "2015-05-08")


# --- notebooks ------------------------------------------------------------------------------------


def test_a_notebook() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Ferry\n", "\n", "It is *slow*."]},
        {
            "cell_type": "code",
            "source": "speed = 10\nspeed",
            "outputs": [
                {"output_type": "execute_result", "data": {"text/plain": ["10 knots"]}},
                {"output_type": "stream", "text": "x" * 5_000},
            ],
        },
    ]
    raw = read_bytes(json.dumps({"cells": cells, "nbformat": 4}).encode(), "a.ipynb")
    assert (raw.kind, headings(raw)) == ("ipynb", [(1, "Ferry")])
    assert clean(raw).text == "Ferry\n\nIt is slow.\n\nspeed = 10\nspeed\n10 knots"


@pytest.mark.parametrize("text", ["{", "[1]", '{"a": 1}', "[" * 100_000, '{"worksheets": 7}'])
def test_what_is_no_notebook(text: str) -> None:
    with pytest.raises(ReadError, match=r"a\.ipynb: is not a notebook"):
        read_bytes(text.encode(), "a.ipynb")


# --- RTF ------------------------------------------------------------------------------------------

RTF = r"""{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial;}{\f2\fcharset2 Symbol;}}
{\stylesheet{\s1 heading 1;}}{\info{\title Ferry and ice}{\author Anna Berg}{\creatim\yr2015\mo5\dy8}}
{\header Harbour report\par}{\*\generator x;}
\pard\s1 Speed\par\pard The ferry is \'abslow\'bb{\footnote Ten knots.} and {\v hidden }\u1089?\u1090? old\emdash so\
{\f1 \'cf\'e0\'f0\'ee\'ec}\par
{\pict\pngblip 89504e47}{\listtext\f2\'b7\tab}sixty people\par
\trowd\intbl Port\cell Cars\cell\row\trowd\intbl Leith\cell 5\cell\row\pard End.\par}"""


def test_rtf() -> None:
    raw = read_bytes(RTF.encode("latin-1"), "a.rtf")
    assert raw.text == (
        "Speed\n\nThe ferry is «slow» and ст old—so\n\nПаром\n\n- sixty people\n\nPort: Leith; Cars: 5\n\nEnd.\n\n"
        "Ten knots.\n\nHarbour report"
    )
    assert headings(raw) == [(1, "Speed")]
    assert noted(raw) == [("«slow»", "Ten knots.", "")]
    assert [(raw.text[item.start : item.end], item.reason) for item in raw.removed] == [
        ("Harbour report", "page header")
    ]
    known = raw.metadata
    assert (known.title, known.author, known.date, known.date_basis) == (
        "Ferry and ice",
        "Anna Berg",
        "2015-05-08",
        "file",
    )


def test_rtf_in_two_byte_characters_and_surrogates() -> None:
    data = rb"{\rtf1\ansi{\fonttbl{\f0\fcharset128 x;}}\f0 \'93\'fa\'96\'7b \u-10187?\u-9138?\par}"
    assert read_bytes(data, "a.rtf").text == "日本 " + "\U0001d44e"


@pytest.mark.parametrize(
    "text", [r"{\rtf1 ", r"{\rtf1 words{\footnote a", r"{\rtf1 words}}}}}", r"{\rtf1 words\bin99999999 x"]
)
def test_broken_rtf_gives_what_there_is(text: str) -> None:
    try:
        assert "words" in read_bytes(text.encode(), "a.rtf").text
    except ReadError as error:
        assert "no text" in str(error) and "words" not in text
