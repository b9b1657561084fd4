"""Cleaning: each kind of mess on a text of our own, and the alignment for any text at all."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.reading.alignment import faults
from index.clean import clean
from index.furniture import is_web_furniture
from index.read import read
from index.types import CleanText, Heading, Metadata, RawDocument, Removed


def txt(text: str, title: str | None = None) -> RawDocument:
    return RawDocument(text, "txt", "lines", metadata=Metadata(title=title))


def paragraphs(cleaned: CleanText) -> list[str]:
    return cleaned.text.split("\n\n")


def headings(cleaned: CleanText) -> list[str]:
    return [cleaned.text[heading.start : heading.end] for heading in cleaned.headings]


def removed(raw: RawDocument, cleaned: CleanText, kind: str) -> list[str]:
    return [raw.text[item.start : item.end] for item in cleaned.removed if item.kind == kind]


def notes(cleaned: CleanText) -> list[tuple[str, str, str]]:
    """Return the label, the last word before the mark and the words of each note."""
    return [(n.label, cleaned.text[: n.mark].split()[-1], cleaned.text[n.start : n.end]) for n in cleaned.notes]


def check_alignment(raw: RawDocument, cleaned: CleanText) -> None:
    """Hold the clean text to its alignment: nothing comes from nowhere, nothing vanishes unrecorded."""
    assert faults(raw, cleaned) == []


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
    assert notes(cleaned) == [
        ("1", "town.", "Anna Berg, 'The flood', Harbour Review, 1988."),
        ("2", "it.", "The pilots were organised in a guild with nine full members."),
        ("3", "weather.", "See the list of 1902."),
        ("4", "turn.", "Map of 1780."),
    ]
    assert "guild" not in cleaned.text[: cleaned.notes[0].start]
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


BODY = (
    "The harbour was dug by hand in the years after the great flood, and its\n"
    "walls are older than the town. For three centuries it has been the only\n"
    "shelter for ships on this coast, whatever the pilots may say about it.\n"
)


def test_heads_that_count_the_pages_go_whatever_their_words() -> None:
    raw = pdf(
        f"The harbour book\n{BODY}The pilots know every rock of it and will take no ship through the",
        f"2 The harbour book\nsound by night, whatever it pays.\n{BODY}Nobody has counted the wrecks that lie on",
        f"Tides and trade 3\nthe bar, in spite of pilots.\n{BODY}"
        "In winter, as all the children of the town know, the ferry stops for",
        f"4 The harbour book\n60 days, and the islanders wait.\n{BODY}",
    )
    cleaned = clean(raw)
    assert removed(raw, cleaned, "running head") == ["2 The harbour book", "Tides and trade 3", "4 The harbour book"]
    assert "through the sound by night" in cleaned.text
    assert "lie on the bar, in spite" in cleaned.text
    assert "stops for 60 days, and" in cleaned.text
    check_alignment(raw, cleaned)


def test_numbered_titles_that_happen_to_count_the_pages_stay() -> None:
    raw = pdf(f"1 Aim\n{BODY}", f"2 Method\n{BODY}", f"3 Results\n{BODY}")
    assert headings(clean(raw)) == ["1 Aim", "2 Method", "3 Results"]


FOOT = pdf(
    "1 The harbour\nThe harbour was dug by hand in the years after the great flood.1 For three\n"
    "centuries it has been the only shelter for ships on this long coast.2If a\n"
    "ship came late it paid the pilots twice, and the fee was put at about 12 mil-\n"
    "1 Anna Berg, 'The flood', Harbour Review, 1988, who has it from a book that was lost in\nthe fire.\n"
    "2 See the list of 1902.",
    "lion crowns a year.3 It was one million before the flood and paid by the day,\n"
    "which made them quick rather than careful in bad weather.\n"
    "3 The pilots and the sea\nEvery ship takes a pilot on board at the outer light, and pays him by the\n"
    "day. He is fed. Nobody has counted the wrecks that lie on the bar, in spite\n"
    "of the rule that the council gave itself in the spring of 1931, which is not\n"
    "3 The guild had nine full members.",
    "much to show for so many years.\n",
)


def test_notes_at_the_foot_of_a_page_go_and_the_sentence_goes_on() -> None:
    cleaned = clean(FOOT)
    assert "about 12 million crowns a year. It was" in cleaned.text
    assert "this long coast. If a ship came late" in cleaned.text
    assert "which is not much to show for so many years." in cleaned.text
    assert headings(cleaned) == ["1 The harbour", "3 The pilots and the sea"]
    assert removed(FOOT, cleaned, "note mark") == ["1", "2", "3"]
    assert notes(cleaned) == [
        (
            "1",
            "flood.",
            "Anna Berg, 'The flood', Harbour Review, 1988, who has it from a book that was lost in the fire.",
        ),
        ("2", "coast.", "See the list of 1902."),
        ("3", "year.", "The guild had nine full members."),
    ]
    assert len(removed(FOOT, cleaned, "note")) == 3
    check_alignment(FOOT, cleaned)


@pytest.mark.parametrize(
    "last",
    [
        "2 The town and its market",  # a heading, left alone at the foot of its page
        "2 The town\nThe town grew up around the fish market, and its oldest street still leads\nthere. It is old.",
        "2 of them were lost in the flood, which nobody had foreseen or even feared.",
    ],
)
def test_the_end_of_a_page_is_no_note_without_its_look(last: str) -> None:
    raw = pdf(f"{BODY}The pilots keep a log.1 It is old.2 It tells of every ship that has come in.\n{BODY}{last}", BODY)
    assert removed(raw, clean(raw), "note") == []


def test_indices_of_a_formula_are_no_notes() -> None:
    raw = pdf(f"{BODY}The loss is \U0001d4611 and \U0001d4612 here.\n1 \u2112MTP\n2 \u2112\U0001d440")
    cleaned = clean(raw)
    assert removed(raw, cleaned, "note") == removed(raw, cleaned, "note mark") == []


def test_full_lines_of_a_page_are_no_headings() -> None:
    raw = pdf(
        "The ferry\n1 The harbour\nIn May 1811 the council of the town decreed that the harbour, some\n"
        "4,200 metres long, should be dug anew by hand. The town owns\n"
        "20 per cent of it. The pilots, who pay for the light, say that the Outer\n"
        "Sound should be dug as well, and nobody has found a reason against it. It\n"
        "is old.\nThe crane came from Leith and stands on the south quay, where the coal was\n"
        "unloaded. It has not been used since.\n2 The town and its\nmarket, where fish is sold, are older."
    )
    cleaned = clean(raw)
    assert "1 The harbour" in headings(cleaned)
    assert not any("May 1811" in heading or "its" in heading for heading in headings(cleaned))
    assert "some 4,200 metres" in cleaned.text
    assert "The town owns 20 per cent of it." in cleaned.text
    assert "the Outer Sound should be dug" in cleaned.text
    assert "It is old.\n\nThe crane came" in cleaned.text
    check_alignment(raw, cleaned)


LONG = BODY.replace("\n", " ") * 15


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("They built the fron-\ntier of the port.", "the frontier of"),
        ("They built a sea-\nwall of stone. The sea is near the old wall.", "a sea-wall of"),
        ("They built a sea-\nwall of stone. Another sea-wall is old.", "a sea-wall of"),
        ("They hired an Anglo-\nsaxon crew.", "an Anglo-saxon crew"),
        ("They built a far-\nflung light, but a far-flung sea-\nstead and ice-\nhouse.", "and ice-house."),
    ],
)
def test_a_hyphen_goes_when_a_part_is_no_word_of_the_text(text: str, joined: str) -> None:
    raw = pdf(f"{LONG}\n{text}")
    assert joined in clean(raw).text
    check_alignment(raw, clean(raw))


def test_a_byline_is_metadata_and_no_sentence() -> None:
    known = Metadata("Ferry and ice", "Anna Berg", "Harbour News", "2015-05-03")
    for line in ("By Anna Berg — Harbour News, 3 May 2015", "Anna Berg, Harbour News", "Published 3 May 2015"):
        raw = RawDocument(f"Ferry and ice\n\n{line}\n\nThe ferry is slow.", "txt", "lines", metadata=known)
        assert removed(raw, clean(raw), "metadata") == [line]
        check_alignment(raw, clean(raw))
    for line in ("Anna Berg is a pilot.", "By Anna Berg, a pilot", "3/5/2015", "3 May 2014"):
        raw = RawDocument(f"Ferry and ice\n\n{line}\n\nThe ferry is slow.", "txt", "lines", metadata=known)
        assert removed(raw, clean(raw), "metadata") == []


SAMPLES = Path(__file__).parent.parent / "eval" / "sets" / "eurasia" / "documents"


def test_a_printed_paper_comes_out_whole() -> None:
    raw = read(SAMPLES / "09-the-northern-door.pdf")
    cleaned = clean(raw)
    assert headings(cleaned) == [
        "The Northern Door: China's slow entry to the Russian Arctic",
        "1 A guest who takes off his shoes",
        "2 What China has bought",
        "3 The route and the target",
        "4 Coastguards and bombers",
        "5 Need and suspicion",
    ]
    assert "with about $12 billion. The first cargo was" in cleaned.text
    assert "CNPC owns 20 per cent of the Yamal" in cleaned.text
    assert "merchant ship to make the passage, has kept" in cleaned.text
    assert cleaned.text[: cleaned.notes[0].start].endswith("is not much to show for fifteen years of patience.\n\n")
    assert [label for label, _, _ in notes(cleaned)] == ["1", "2", "3", "4"]
    assert len(removed(raw, cleaned, "running head")) == 3
    assert removed(raw, cleaned, "note mark") == ["1", "2", "3", "4"]
    assert removed(raw, cleaned, "metadata") == ["Sigrid Aune", "Polar Policy Papers, No. 41, December 2023"]
    check_alignment(raw, cleaned)


def test_words_and_notes_of_a_longer_paper() -> None:
    raw = read(SAMPLES / "01-measured-neighbours.pdf")
    cleaned = clean(raw)
    for words in (
        "a calm frontier. They",
        "declined to recognise Abkhazia",
        "from one customer to the other",
        "deal suggests that",
        "The boundary, some 4,200 kilometres",
        "Viktor Yelagin, told the author",
        "Japanese, Chinese and Korean. How many",
        "quarries and sawmills. If the programme",
        "Russia's arms makers sold abroad: about",
    ):
        assert words in " ".join(cleaned.text.split())
    assert [heading[0] for heading in headings(cleaned)] == ["M", *"123456"]
    assert removed(raw, cleaned, "note mark") == [*"12345678"]
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


def test_what_colours_a_terminal_goes_whole() -> None:
    raw = txt("The \x1b[1mharbour\x1b[22m of \x1b[38;5;9mLorn\x1b[0m is [1m deep].")
    assert clean(raw).text == "The harbour of Lorn is [1m deep]."
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


def test_four_times_the_text_takes_about_four_times_as_long() -> None:
    unit = REPORT + 4 * WRAPPED

    def seconds(size: int) -> float:
        start = time.process_time()
        clean(txt(unit * (size // len(unit))))
        return time.process_time() - start

    seconds(100_000)
    assert seconds(2_000_000) < 7 * min(seconds(500_000), seconds(500_000))


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


def test_lines_that_come_again_because_the_text_is_a_plan_are_kept() -> None:
    day = "Meal {0}\n\nEat every three hours\n\nTwo eggs, one apple and a cup of tea\n\n"
    week = "".join(
        f"Plan {name}\n\n{day.format(1)}{day.format(2)}Walk for half an hour\n\nDrink a glass of water\n\n"
        f"Rest before the evening\n\nWrite down your weight\n\nGo to bed at ten\n\n"
        for name in "ABCDE"
    )
    cleaned = clean(txt(f"A plan for the week\n\nThe plan has five parts. Each of them is for one day.\n\n{week}"))
    assert cleaned.text.count("Eat every three hours") == 10
    assert not cleaned.removed


def test_the_title_in_capitals_on_the_back_is_not_text() -> None:
    body = "".join(f"The tide of day {n} was high at noon. It fell by six in the evening.\n\n" for n in range(30))
    cleaned = clean(txt(f"Tides of Lorn\n\n{body}TIDES OF LORN\n\nA report on a month of water.", "Tides of Lorn"))
    assert "TIDES OF LORN" not in cleaned.text
    assert cleaned.text.endswith("A report on a month of water.")


@pytest.mark.parametrize("line", ["12 shares", "Comments are closed.", "Kommentar schreiben"])
def test_phrases_of_web_pages(line: str) -> None:
    assert is_web_furniture(line)
    assert not is_web_furniture(f"{line} and the ferry sails at nine")


@pytest.mark.parametrize("line", ["closed", "schreiben", "be", "Nine trawlers still work from Lorn."])
def test_words_that_are_no_phrases_of_web_pages(line: str) -> None:
    assert not is_web_furniture(line)
