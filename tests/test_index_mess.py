"""Cleaning of generated mess: what was put in comes out again, and the account of it is without a gap."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eval.reading.alignment import faults
from eval.reading.furniture import measure as furniture
from eval.reading.layouts import Typesetter, draw_layout, parse, wrap
from eval.reading.mess import Sample, make, measure, read_sources, set_in
from index.clean import clean, page_starts
from index.types import Heading, Layout, Metadata, Note, RawDocument, Removed

SOURCES = read_sources()
SEEDS = st.integers(0, 10**6)


def plain(seed: int) -> Sample:
    """Return a sample in the simplest of layouts: wrapped lines, blank lines between paragraphs, nothing else."""
    source = make(SOURCES, seed).source
    layout = draw_layout(random.Random(seed), source.language)
    simple = replace(
        layout, kind="txt", page=0, head="none", notes="end", mark="bracket", paragraphs="blank", spaced=False,
        soft=False, stray=False, lost=False, given=False, gap="\n",
    )  # fmt: skip
    return set_in(source, simple, seed)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_every_character_of_a_mess_is_kept_moved_or_recorded(seed: int) -> None:
    sample = make(SOURCES, seed)
    assert faults(sample.raw, clean(sample.raw)) == []


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.data())
def test_spans_go_to_the_raw_text_and_back(seed: int, data: st.DataObject) -> None:
    sample = make(SOURCES, seed)
    cleaned = clean(sample.raw)
    for _ in range(10):
        run = data.draw(st.sampled_from(cleaned.alignment.runs))
        at = data.draw(st.integers(0, run.length - 1))
        begin, end = cleaned.alignment.to_raw(run.clean + at, run.clean + run.length)
        assert sample.raw.text[begin:end] == cleaned.text[run.clean + at : run.clean + run.length]
        assert cleaned.alignment.to_clean(begin) == run.clean + at


@settings(max_examples=30, deadline=None)
@given(SEEDS)
@example(132714)  # a line of a note begins with "3 June"
def test_wrapped_text_comes_back_whole(seed: int) -> None:
    sample = plain(seed)
    cleaned = clean(sample.raw)
    end = cleaned.notes[0].start - 2 if cleaned.notes else len(cleaned.text)
    # Whether a hyphen at a line's end belongs to its word is a guess where the text does not tell.
    assert cleaned.text[:end].replace("-", "") == sample.clean_text.replace("-", "")
    assert [cleaned.text[h.start : h.end] for h in cleaned.headings] == [
        block.text for block in sample.source.blocks if block.heading
    ]


def test_nearly_all_sentences_notes_and_headings_come_back() -> None:
    # Other seeds than the 300 of `python -m eval.reading.mess`.
    figures = measure(make(SOURCES, seed) for seed in range(7_000, 7_200))
    assert figures.documents == 200
    assert figures.share >= 0.99
    assert figures.notes_found >= 0.95 * figures.notes
    assert figures.headings_found >= 0.97 * figures.headings
    assert figures.faults == 0


def test_the_measure_sees_what_cleaning_misses() -> None:
    sample = plain(3)
    spoiled = replace(sample, raw=replace(sample.raw, text=sample.raw.text.replace("the", "teh").replace("и", "ы")))
    assert measure([sample]).share == 1
    assert measure([spoiled]).share < 1


def test_a_document_is_made_again_from_its_seed() -> None:
    assert make(SOURCES, 11) == make(SOURCES, 11)
    assert make(SOURCES, 11).raw.text != make(SOURCES, 12).raw.text


def test_lines_break_at_spaces_hyphens_and_between_chinese_characters() -> None:
    assert list(wrap("a well-known harbour", 8, None)) == ["a well-", "known", "harbour"]
    assert list(wrap("盐由骆驼，运下来", 4, None)) == ["盐由骆", "驼，运下", "来"]
    assert any(line.endswith("-") for line in wrap("harbours " * 9, 13, random.Random(1)))


def test_a_source_has_its_marks_where_they_stood() -> None:
    source = parse("---\ntitle: Ferry\n---\n\n## Ice\n\nIt stops.[^b] It waits.[^a]\n\n[^a]: Two.\n[^b]: One.\n", "en")
    assert [(block.text, block.heading, block.marks) for block in source.blocks] == [
        ("Ice", True, ()),
        ("It stops. It waits.", False, ((9, 1), (19, 2))),
    ]
    assert source.notes == {1: "One.", 2: "Two."}
    layout = replace(draw_layout(random.Random(0), "en"), kind="txt", notes="end", mark="glued", page=0, width=60)
    assert "It stops.1 It waits.2" in Typesetter(source, layout, random.Random(0)).text


BODY = (
    "The harbour was dug by hand in the years after the great flood. Its walls are older than the town, and for three\n"
    "centuries it has been the only shelter for ships on this coast.\n"
)


def of(text: str, kind: str = "txt", layout: Layout = "lines", title: str | None = None) -> RawDocument:
    return RawDocument(text, kind, layout, metadata=Metadata(title=title))


def kinds(raw: RawDocument) -> list[tuple[str, str]]:
    cleaned = clean(raw)
    assert faults(raw, cleaned) == []
    return [(item.kind, raw.text[item.start : item.end]) for item in cleaned.removed]


def test_notes_that_the_reader_found_are_moved_with_their_marks() -> None:
    text = "The ferry is slow [1]. It stops\u00b2 in May.\n\n1 A list of 1902.\nIt is long.\n\nThe end.\n\n² Ice."
    notes = tuple(
        Note(text.index(words), text.index(words) + len(words), text.index(mark), text.index(mark) + len(mark), label)
        for words, mark, label in (("² Ice.", "\u00b2", "²"), ("1 A list of 1902.\nIt is long.", "[1]", "1"))
    )
    raw = RawDocument(text, "html", "blocks", notes=notes)
    cleaned = clean(raw)
    assert faults(raw, cleaned) == []
    assert cleaned.text.split("\n\n") == [
        "The ferry is slow. It stops in May.", "The end.", "1 A list of 1902. It is long.", "² Ice.",
    ]  # fmt: skip
    assert [(n.label, cleaned.text[: n.mark]) for n in cleaned.notes] == [
        ("1", "The ferry is slow"),
        ("²", "The ferry is slow. It stops"),
    ]


@settings(max_examples=100, deadline=None)
@given(st.text("ab. \n\n1[]\u00ad", max_size=80), st.data())
def test_the_account_holds_for_any_notes_of_a_reader(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=4, max_size=12)))
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    notes = tuple(Note(*note, *mark, "1") for mark, note in zip(spans[::2], spans[1::2], strict=False))
    raw = RawDocument(text, "html", "blocks", notes=notes)
    assert faults(raw, clean(raw)) == []


def test_notes_at_the_end_of_a_text_follow_their_marks() -> None:
    marked = f"{BODY}It froze in 1911.1 The council paid.2 It froze again.\n"
    text = f"{marked}\nNotes\n\n1. Log of the pilots.\n2. See the list of\n1902.\n"
    cleaned = clean(of(text))
    assert [(n.label, cleaned.text[n.start : n.end]) for n in cleaned.notes] == [
        ("1", "Log of the pilots."),
        ("2", "See the list of 1902."),
    ]
    assert ("furniture", "Notes") in kinds(of(text))


def test_a_list_under_notes_without_marks_stays() -> None:
    text = f"{BODY}\nNotes\n\n1. Bring the log.\n2. Bring the list.\n"
    assert clean(of(text)).notes == ()
    assert "Bring the list." in clean(of(text)).text


def test_a_note_that_goes_on_at_the_foot_of_the_next_page_is_one_note() -> None:
    body = f"{BODY}It froze hard.1 The council paid for the ice to be cut, whatever the\n"
    first = f"{body}\n1 Log of the pilots, which is kept in the\n"
    last = "Nobody was paid for a winter\u2019s work on the ice of the sound in the year that came after\n"
    second = f"cost of it was to be.\n{BODY}{BODY}{last}\nhouse of the guild.\n"
    raw = RawDocument(f"{first}\f{second}\fthe flood.\n", "txt", "lines", (0, len(first) + 1, len(first + second) + 2))
    cleaned = clean(raw)
    assert faults(raw, cleaned) == []
    assert [cleaned.text[n.start : n.end] for n in cleaned.notes] == [
        "Log of the pilots, which is kept in the house of the guild."
    ]
    assert "whatever the cost of it was to be." in cleaned.text
    assert "that came after the flood." in cleaned.text
    assert [cleaned.text[at:].split()[0] for at in page_starts(cleaned, raw.pages)] == ["The", "cost", "the"]


def test_rows_stay_rows() -> None:
    text = "Port: Anselm; Loads: 25\nPort: Wells; Loads: 4\n\nLog in\nName: A\n"
    raw = RawDocument(text, "csv", "rows", headings=(Heading(48, 54, 2),))
    assert clean(raw).text == "Port: Anselm; Loads: 25\nPort: Wells; Loads: 4\n\nLog in\n\nName: A"


@pytest.mark.parametrize(
    "line",
    [
        "Page 3 of 10", "Seite 2 von 9", "Back to top", "Share this article", "Все права защищены", "版权所有 港口报",
        "© 2015 Harbour News", "Alle Rechte vorbehalten", "Leave a comment",
        "The views expressed here are those of the author and not of the Harbour News.",
        "Мнение редакции может не совпадать с мнением автора.", "本文仅代表作者个人观点。",
    ],
)  # fmt: skip
def test_furniture_that_is_a_block_of_its_own_goes(line: str) -> None:
    text = f"{BODY}\n{BODY}\n{BODY}\n{line}\n"
    assert line in [words for _, words in kinds(of(text, "docx", "blocks"))]


@pytest.mark.parametrize(
    "line",
    [
        "Page", "7", "More", "- Log in", "| Home | Search |", "Share this with nobody, said the pilot, and left.",
        "The views of the pilots were not heard.", "The council talks on Thursday.", "Contact us:",
    ],
)  # fmt: skip
def test_blocks_that_only_look_like_furniture_stay(line: str) -> None:
    text = f"{BODY}\n{line}\n\n{BODY}\n{BODY}\n{BODY}\n{BODY}\n{BODY}\n{BODY}\n"
    assert kinds(of(text, "docx", "blocks")) == []


def test_a_head_that_stands_in_every_part_of_a_word_file_goes() -> None:
    text = f"{BODY}\nReport of the harbour 1\n\n{BODY}\nReport of the harbour 2\n\n{BODY}\nReport of the harbour 3\n"
    assert [kind for kind, _ in kinds(of(text, "docx", "blocks"))] == ["running head"] * 3


def test_the_caption_above_a_text_goes_and_news_stays() -> None:
    caption = "The mayor, Jonas Vik, and the pilot Anna Berg shake hands on the south quay in Harrow on Thursday."
    news = "The council of the town talked about the bridge on the south quay in Harrow on Thursday."
    assert ("caption", caption) in kinds(of(f"A bridge\n\n{caption}\n\n{BODY}\n{BODY}\n{BODY}", title="A bridge"))
    assert news in clean(of(f"A bridge\n\n{news}\n\n{BODY}\n{BODY}\n{BODY}", title="A bridge")).text
    assert caption in clean(of(f"A bridge\n\n{BODY}\n{caption}\n\n{BODY}\n{BODY}", title="A bridge")).text


def test_chinese_lines_are_joined_without_a_space() -> None:
    text = (
        "盐由骆驼从盐田运下来，粮食再由骆驼运上去。谁握着井绳，谁\n就握着道路。大约四百年间，井绳一直握在车夫\n手里。\n"
    )
    assert clean(of(text)).text == text.replace("\n", "")


def test_headings_that_the_reader_gives_are_all_there_are() -> None:
    text = f"The pilots\n\n{BODY}\nThe council\n\n{BODY}"
    raw = RawDocument(text, "pdf", "lines", (0,), headings=(Heading(0, 10, 1),))
    cleaned = clean(raw)
    assert [cleaned.text[h.start : h.end] for h in cleaned.headings] == ["The pilots"]
    assert len(clean(replace(raw, headings=())).headings) == 2


def test_decimals_are_no_marks_even_above_a_list_of_notes() -> None:
    text = f"{BODY}It took 50.1 per cent.1 The rest was lost.2 Nobody paid.\n\nNotes\n\n1 Log.\n2 List.\n"
    assert "took 50.1 per cent. The rest was lost. Nobody" in clean(of(text)).text


@pytest.mark.parametrize(
    "unit",
    [" ", "1", "-", "1 \n", "word.1\n1 Note.\n", "Notes\n1 Aa.\n2 Bb.\n", "(", "a-\n", "views expressed ", "中文字\n"],
)
@pytest.mark.parametrize("kind", ["txt", "pdf", "md"])
def test_cleaning_takes_time_in_proportion_to_the_text(unit: str, kind: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        start = time.process_time()
        clean(RawDocument(text, kind, "blocks" if kind == "md" else "lines", (0,) if kind == "pdf" else ()))
        return time.process_time() - start

    seconds(1_000)
    # Quadratic time would take sixteen times as long. Of two, the second is spared a collection of others' garbage.
    assert min(seconds(80_000), seconds(80_000)) < 10 * seconds(20_000) + 0.2


def test_furniture_is_counted_by_kind() -> None:
    counts = furniture(["Log in\n12\nPhoto: Jonas Vik\nhttps://harbour.example\nA text of the harbour.3 It is old\n"])
    assert {kind: count for kind, count in counts.items() if count} == {
        "page number": 1, "address alone": 1, "caption or credit": 1, "menu or prompt": 1, "glued note mark": 1,
    }  # fmt: skip


def test_removed_spans_of_a_reader_stay_recorded() -> None:
    cut = Removed(4, 8, "furniture", "menu")
    assert cut in clean(RawDocument("The menu bridge is long.", "html", "blocks", removed=(cut,))).removed
