"""Cleaning: each kind of mess on a text of our own, and the alignment for any text at all."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.clean import clean
from index.types import CleanText, Heading, Metadata, RawDocument, Removed


def txt(text: str, title: str | None = None) -> RawDocument:
    return RawDocument(text, "txt", "lines", metadata=Metadata(title=title))


def paragraphs(cleaned: CleanText) -> list[str]:
    return cleaned.text.split("\n\n")


def headings(cleaned: CleanText) -> list[str]:
    return [cleaned.text[heading.start : heading.end] for heading in cleaned.headings]


def removed(raw: RawDocument, cleaned: CleanText, kind: str) -> list[str]:
    return [raw.text[item.start : item.end] for item in cleaned.removed if item.kind == kind]


def check_alignment(raw: RawDocument, cleaned: CleanText) -> None:
    """Hold the clean text to its alignment: nothing comes from nowhere, nothing vanishes unrecorded."""
    clean_at, raw_at = 0, 0
    gone = [False] * len(raw.text)
    for item in cleaned.removed:
        assert 0 <= item.start < item.end <= len(raw.text)
        gone[item.start : item.end] = [True] * (item.end - item.start)
    kept = [False] * len(raw.text)
    for run in cleaned.alignment.runs:
        assert run.length > 0 and run.clean >= clean_at and run.raw >= raw_at
        assert cleaned.text[run.clean : run.clean + run.length] == raw.text[run.raw : run.raw + run.length]
        assert not cleaned.text[clean_at : run.clean].strip()
        clean_at, raw_at = run.clean + run.length, run.raw + run.length
        kept[run.raw : raw_at] = [True] * run.length
    assert not cleaned.text[clean_at:].strip()
    lost = [raw.text[i] for i in range(len(raw.text)) if not (kept[i] or gone[i]) and not raw.text[i].isspace()]
    assert lost == []
    assert not any(kept[i] and gone[i] for i in range(len(raw.text)))
    assert cleaned.text == cleaned.text.strip()
    assert "\n\n\n" not in cleaned.text
    for heading in cleaned.headings:
        assert cleaned.text[heading.start : heading.end].strip()


WRAPPED = """The ferry crosses the sound four times a day and carries no more than sixty
passengers. In winter it stops for six weeks, because the harbour of the small
island freezes over.

The islanders have asked for a bridge since the first cars came ashore in the
spring of 1931. The county has refused eleven times.
"""


def test_wrapped_lines_become_paragraphs() -> None:
    cleaned = clean(txt(WRAPPED))
    assert len(paragraphs(cleaned)) == 2
    assert "no more than sixty passengers. In winter" in cleaned.text
    assert "\n" not in paragraphs(cleaned)[0]
    check_alignment(txt(WRAPPED), cleaned)


def test_a_blank_line_after_every_line_parts_nothing() -> None:
    spaced = WRAPPED.replace("\n\n", "\n").replace("\n", "\n\n")
    assert paragraphs(clean(txt(spaced))) == paragraphs(clean(txt(WRAPPED)))


def test_a_sentence_runs_on_over_a_blank_line() -> None:
    text = WRAPPED.replace(
        "In winter it stops for six weeks, because", "In winter, on the 65th\n\nday, it stops because"
    )
    assert "on the 65th day, it stops" in clean(txt(text)).text


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("a view of the long-", "term future of the port", "the long-term future"),
        ("a crew of between 25-", "27,000 men and as many", "between 25-27,000 men"),
        ("stones used as a counter-", "weight for the crane", "as a counterweight for"),
        ("both the pre-", "and the post-war fleet", "the pre- and the post-war"),
        ("a treaty with the Anglo-", "Danish company of the", "the Anglo-Danish company"),
        ("the soft \u00adhy\u00adphen of co\u00ad", "operation in the north", "soft hyphen of cooperation"),
    ],
)
def test_hyphens_at_line_ends(first: str, second: str, joined: str) -> None:
    text = f"The counterweight is new and is the pride of the harbour, as is said in\n{first}\n{second} sea.\n"
    raw = txt(text)
    assert joined in clean(raw).text
    check_alignment(raw, clean(raw))


REPORT = """ 1 The harbour

The harbour was dug by hand in the years after the great flood, and its walls
are older than the town.1 For three centuries it has been the only shelter for
ships on this coast, and the
pilots of the port knew
every rock of it.2 They were

12 Tides and trade: a history of the port

 1 Anna Berg, 'The flood',
Harbour Review, 1988.

 2 The pilots were organised
in a guild with nine full
members.

paid by the ship and not by the day, which made them quick rather than careful
in bad weather.3 Nobody has counted the wrecks.

The harbour 13

3 See the list of 1902.

 2 The town

The town grew up around the fish market, and its oldest street still leads
there from the church without a single turn.4

14 Tides and trade: a history of the port

4 Map of 1780.

Most of the houses were built after the second fire, in the years from 1811 to
1830, when brick was cheap.

16 Tides and trade: a history of the port

The brick came from the works up the river, which closed in 1911.
"""


def test_running_heads_and_notes_do_not_cut_sentences() -> None:
    raw = txt(REPORT)
    cleaned = clean(raw)
    assert "every rock of it. They were paid by the ship" in cleaned.text
    assert "older than the town. For three centuries" in cleaned.text
    assert "careful in bad weather. Nobody" in cleaned.text
    assert headings(cleaned) == ["1 The harbour", "2 The town"]
    assert len(removed(raw, cleaned, "running head")) == 4
    assert removed(raw, cleaned, "note mark") == ["1", "2", "3", "4"]
    assert "in a guild with nine full" in removed(raw, cleaned, "note")
    assert "guild" not in cleaned.text
    check_alignment(raw, cleaned)


def test_a_numbered_heading_after_a_stray_mark_is_no_note() -> None:
    text = WRAPPED.replace("freezes over.", "freezes over.2").replace("The islanders", "2 The bridge\n\nThe islanders")
    cleaned = clean(txt(text))
    assert headings(cleaned) == ["2 The bridge"]
    assert removed(txt(text), cleaned, "note") == []


def test_numbers_glued_to_words_stay_without_a_note_or_a_count() -> None:
    text = "The car was a Corsa3, and the summit a G20 meeting in Room12, as\nthe minutes of 2004 tell.\n"
    assert "Corsa3," in clean(txt(text)).text


def test_a_decimal_is_no_note_mark() -> None:
    text = REPORT.replace("older than the town.1", "older by 1.5 than the town.1")
    assert "1.5" in clean(txt(text)).text


WEB = """Log in

Bridge to the island takes shape

Bridge to the island takes shape

412
0
Image source: © HARBOUR NEWS

The county has changed its mind about the bridge, and work on the first pier may begin soon.

Jonas Vik

For ninety years the answer had been no. The council says that the ferry costs more each year than a loan.

"We did not expect this," said the mayor, who has asked for the bridge for years. He smiled.

Author: Jonas Vik, editor of the Harbour News

All rights reserved
Share this article
  • Discussion
    Update
  • 24.11 00:12
  • 58
A headline that belongs to another article of the same paper
  • 23.11 21:50
  • 0
Another headline which has nothing to do with the bridge
  • 23.11 12:43
  • 4
Leave a Reply
Your email address will not be published. Required fields are marked *
"""


def test_the_furniture_of_a_web_page_goes_and_its_text_stays() -> None:
    raw = txt(WEB, title="Bridge to the island takes shape")
    cleaned = clean(raw)
    assert paragraphs(cleaned) == [
        "Bridge to the island takes shape",
        "The county has changed its mind about the bridge, and work on the first pier may begin soon.",
        "Jonas Vik",
        "For ninety years the answer had been no. The council says that the ferry costs more each year than a loan.",
        '"We did not expect this," said the mayor, who has asked for the bridge for years. He smiled.',
        "Author: Jonas Vik, editor of the Harbour News",
    ]
    assert headings(cleaned)[0] == "Bridge to the island takes shape"
    assert removed(raw, cleaned, "duplicate") == ["Bridge to the island takes shape"]
    check_alignment(raw, cleaned)


def test_a_word_of_furniture_over_a_paragraph_is_a_heading() -> None:
    prose = "We have found that the ice comes later every year, and that it leaves sooner than it did."
    text = f"{prose}\n\nDiscussion\n\n{prose}\n\nSource\n\n{prose}\n"
    assert headings(clean(txt(text))) == ["Discussion", "Source"]


def test_a_sentence_about_cookies_stays() -> None:
    text = "The law of 2011 says that a site uses cookies only when its reader agrees, and nobody reads it."
    assert clean(txt(text)).text == text


def pdf(*pages: str) -> RawDocument:
    starts, text = [], ""
    for page in pages:
        text += "\n\f\n" if text else ""
        starts.append(len(text))
        text += page
    return RawDocument(text, "pdf", "lines", tuple(starts))


def test_heads_and_numbers_of_pages_go() -> None:
    months = ("January", "February", "March", "April")
    raw = pdf(
        *(
            f"ICE YEARBOOK\nIn {month} the ice of the port was measured by pilots, who\nhave done so since "
            f"1931 and who write it in a log, as\nis told on page\n{number} of the book for {month}.\n"
            f"Harbour Office 20{number}\n{number}"
            for number, month in enumerate(months, 11)
        )
    )
    cleaned = clean(raw)
    assert "ICE YEARBOOK" not in cleaned.text
    assert "Harbour Office" not in cleaned.text
    assert removed(raw, cleaned, "page number") == ["11", "12", "13", "14"]
    assert "is told on page\n11 of the book for January." in cleaned.text
    check_alignment(raw, cleaned)


def test_headings_and_paragraphs_of_a_page_without_blank_lines() -> None:
    raw = pdf(
        "The harbour was dug by hand in the years after the flood, and its walls\nare older than the town.\n"
        "The pilots\n"
        "Every ship takes a pilot on board at the outer light, and pays for him by the\nday. He is fed.\n"
        "Nobody has counted the wrecks that lie on the bar, in spite of all the\npilots. Some are old."
    )
    cleaned = clean(raw)
    assert headings(cleaned) == ["The pilots"]
    assert len(paragraphs(cleaned)) == 4
    check_alignment(raw, cleaned)


def test_rows_of_numbers_stay_rows() -> None:
    raw = pdf("Ferry passengers and cars\nYear Men Cars\n2011 10,200 310\n2012 11,900 (2)\nTotal $ 22,100 308")
    assert "2011 10,200 310\n2012 11,900 (2)\nTotal $ 22,100 308" in clean(raw).text


def test_blocks_stay_blocks() -> None:
    text = "The bridge\n\nIt is long\nand narrow.\n\n- one\n- two\n\nName | Length\nOld | 12"
    raw = RawDocument(text, "md", "blocks", headings=(Heading(0, 10, 1),))
    assert clean(raw).text == "The bridge\n\nIt is long and narrow.\n\n- one\n- two\n\nName | Length\nOld | 12"
    assert headings(clean(raw)) == ["The bridge"]


def test_what_the_reader_removed_is_cut_out_and_recorded() -> None:
    text = "The **new** bridge.\n\nMenu\n\nIt is long."
    cuts = (Removed(4, 6, "markup", ""), Removed(9, 11, "markup", ""), Removed(21, 25, "furniture", ""))
    raw = RawDocument(text, "md", "blocks", removed=cuts)
    assert clean(raw).text == "The new bridge.\n\nIt is long."
    assert set(cuts) <= set(clean(raw).removed)
    check_alignment(raw, clean(raw))


def test_invisible_characters_go() -> None:
    raw = txt("\ufeffThe\u200b bridge\x00 is\u00a0 l\u00adong, and \u200fold.")
    assert clean(raw).text == "The bridge is long, and old."
    check_alignment(raw, clean(raw))


def test_cleaning_is_deterministic_and_maps_quotes_back() -> None:
    raw = txt(REPORT)
    first, second = clean(raw), clean(raw)
    assert first == second
    start = first.text.index("every rock of it. They")
    begin, end = first.alignment.to_raw(start, start + len("every rock of it. They"))
    assert raw.text[begin:end] == "every rock of it.2 They"


def test_two_megabytes_take_less_than_three_seconds() -> None:
    unit = REPORT + 4 * WRAPPED
    raw = txt(unit * (2_000_000 // len(unit)))
    start = time.process_time()
    clean(raw)
    assert time.process_time() - start < 3


WORDS = "1 |2|word|Word.|end-|next|• |12|Log in|it.1|(see it)|—|。|№|é|By A B|\n|\n\n| |  |\t|\f|\xad|\u200b|\xa0"
PIECES = st.sampled_from([*WORDS.split("|"), "|", "a longer line of words that fills its width to the end"])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=200),
    st.sampled_from(["txt", "pdf", "md", "html"]),
)
def test_the_alignment_holds_for_any_text(text: str, kind: str) -> None:
    layout = "lines" if kind in ("txt", "pdf") else "blocks"
    pages = (0, *(i + 1 for i, character in enumerate(text) if character == "\f")) if kind == "pdf" else ()
    raw = RawDocument(text, kind, layout, pages)  # type: ignore[arg-type]
    check_alignment(raw, clean(raw))


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=40).map("".join), st.data())
def test_the_alignment_holds_with_cuts_and_headings(text: str, data: st.DataObject) -> None:
    offsets = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = list(zip(offsets[::2], offsets[1::2], strict=False))
    cuts = tuple(Removed(start, end, "markup", "") for start, end in spans[1:])
    marks = tuple(Heading(start, end, 2) for start, end in spans[:1])
    raw = RawDocument(text, "md", "blocks", headings=marks, removed=cuts)
    check_alignment(raw, clean(raw))
