"""Web pages: what is shown, what of it is the article, its notes, and what the page says of itself."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.reading.html import Overlap, measure, overlap, scores, shingles
from index.clean import clean
from index.errors import ReadError
from index.readers.html import read_html
from index.types import RawDocument

DATA = Path(__file__).parent.parent.parent / "shared" / "data"

LONG = "The ferry crosses the sound four times a day and carries no more than sixty passengers, most of them pupils."
WINTER = "In winter it stops for six weeks, because the harbour of the small island freezes, and nobody minds at all."
FUND = "The county pays for the ferry out of a fund that was set up after the war, when a first bridge was refused."
MENU = "".join(f'<li><a href="/{word}">{word}</a></li>' for word in ("Home", "Islands", "Harbours", "Weather", "Tides"))
SIDE = "<aside><h3>Latest</h3><p><time datetime='2024-03-03'>3 March</time> <a href='/a'>A new mayor</a></p></aside>"


def page(body: str, head: str = "", *, side: str = SIDE) -> RawDocument:
    """Read an article page with a menu, a side bar and a foot around `body`."""
    source = (
        f"<!doctype html><html lang='en'><head>{head}</head><body><nav><ul>{MENU}</ul></nav>"
        f"<main><article>{body}</article></main>{side}<footer><p>© 2024 Harbour News</p></footer></body></html>"
    )
    return read_html(source.encode(), "page.html")


def plain(body: str) -> RawDocument:
    """Read a document without any furniture."""
    return read_html(f"<html><body>{body}</body></html>".encode(), "plain.html")


def kinds(raw: RawDocument) -> dict[str, str]:
    return {raw.text[item.start : item.end]: item.kind for item in raw.removed}


# --- what is shown --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "element",
    [
        "<p hidden>secret</p>",
        "<p style='display: none'>secret</p>",
        "<p style='color:red; VISIBILITY : hidden'>secret</p>",
        "<p style='opacity:0'>secret</p>",
        "<p style='font-size:0px;margin:1em'>secret</p>",
        "<p style='font-size: 1px'>secret</p>",
        "<p style='color: transparent'>secret</p>",
        "<p style='color:rgba(0, 0, 0, 0)'>secret</p>",
        "<p style='position:absolute; left:-9999px'>secret</p>",
        "<p class='hint sr-only'>secret</p>",
        "<p aria-hidden='true'>secret</p>",
        "<template><p>secret</p></template>",
        "<noscript><p>secret</p></noscript>",
        "<dialog><p>secret</p></dialog>",
        "<script>secret</script>",
        "<!-- secret -->",
        "<table><tr><th>Year</th><th>Cars</th></tr><tr><td>2011</td><td>310<i hidden>secret</i></td></tr></table>",
    ],
)
def test_what_is_not_shown_is_not_read(element: str) -> None:
    raw = plain(f"<p>{LONG}</p>{element}<p>{WINTER}</p>")
    assert "secret" not in raw.text
    assert LONG in raw.text and WINTER in raw.text


@pytest.mark.parametrize(
    "style",
    [
        "opacity:0.9",
        "font-size:10px",
        "color:rgba(0,0,0,0.8)",
        "color:rgb(0,0,0)",
        "background-color:transparent",
        "margin-left:-100px",
        "left:-5px",
        "visibility:visible",
        "display:block",
    ],
)
def test_what_only_looks_like_hiding_is_shown(style: str) -> None:
    assert "A word." in plain(f"<p>{LONG}</p><p style='{style}'>A word.</p>").text


def test_a_page_saved_while_a_window_lay_over_it_is_shown() -> None:
    raw = read_html(f"<html><body><div aria-hidden='true'><p>{LONG}</p></div><p>Hello.</p></body></html>".encode(), "a")
    assert LONG in raw.text


def test_a_line_break_in_a_sentence_joins_and_between_lines_parts() -> None:
    raw = plain(
        f"<p>The ferry, which is old,<br>crosses the sound.<br>It is slow.</p><p>Anna Berg<br>Pier 4</p><p>{LONG}</p>"
    )
    assert raw.text == f"The ferry, which is old, crosses the sound.\n\nIt is slow.\n\nAnna Berg\n\nPier 4\n\n{LONG}"


def test_two_line_breaks_part_paragraphs() -> None:
    assert plain(f"<div>{LONG}<br><br>{WINTER}</div>").text == f"{LONG}\n\n{WINTER}"


def test_empty_lines_part_the_paragraphs_of_preformatted_text() -> None:
    assert plain("<pre>The ferry\nis slow.\n\n\nNobody minds.</pre>").text == "The ferry is slow.\n\nNobody minds."


def test_no_character_of_the_page_is_taken_for_a_sign_of_ours() -> None:
    raw = plain(f"<p>a\x1db &#28; &#2; \x02e</p><p>{WINTER}{FUND}</p><p>{LONG}</p>")
    assert raw.text.endswith(LONG)
    assert not any(ord(character) < 32 and character != "\n" for character in raw.text)


# --- a whole page ----------------------------------------------------------------------------------

PAGE = """<!doctype html><html lang="en"><head><meta charset="windows-1252">
<title>The ferry | Harbour News</title>
<meta property="og:title" content="The ferry and the ice"><meta name="author" content="Anna Berg">
<meta property="og:site_name" content="Harbour News">
<meta property="article:published_time" content="2015-05-08T10:00:00Z">
<script>var hidden = 1;</script></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/n">All the news</a></li>
<li><a href="/s">Sport</a></li></ul></nav>
<article><h1>The ferry and the ice</h1>
<p>The ferry crosses the sound four times a day and carries no more than sixty passengers, most of
them pupils.</p>
<p>In winter it stops for six weeks, because the <i>harbour</i> of the small island freezes \x96
and nobody minds.</p>
<h2>What it costs</h2>
<table><tr><th>Year</th><th>Cars</th></tr><tr><td>2011</td><td>310</td></tr>
<tr><td>2012</td><td>308</td></tr></table>
<p>The county pays for the ferry out of a fund that was set up after the war, when the first bridge was
refused.</p>
</article><aside><h3>Latest</h3><p><a href="/a">3 March 2024: a new mayor</a></p></aside>
<footer><a href="/p">Privacy policy</a> <a href="/c">Contact</a></footer></body></html>"""


def test_a_web_page() -> None:
    raw = read_html(PAGE.encode("latin-1"), "a.html")
    known = raw.metadata
    assert (known.title, known.author, known.publisher) == (
        "The ferry and the ice",
        "Anna Berg",
        "Harbour News",
    )
    assert (known.date, known.date_basis, known.language) == ("2015-05-08", "stated", "en")
    assert "Sport" in raw.text and "hidden" not in raw.text
    text = clean(raw).text
    assert text.startswith("The ferry crosses")
    assert "because the harbour of the small island freezes – and nobody minds." in text
    assert "What it costs\n\nYear: 2011; Cars: 310\nYear: 2012; Cars: 308\n\nThe county pays" in text
    assert not any(word in text for word in ("Sport", "new mayor", "Privacy"))
    assert [(h.level, raw.text[h.start : h.end]) for h in raw.headings] == [(2, "What it costs")]
    assert {item.kind for item in raw.removed} == {"menu", "title", "side bar", "page foot"}


# --- what is the article --------------------------------------------------------------------------


def test_each_kind_of_furniture_is_told() -> None:
    raw = page(
        f"<h1>Ferry and ice</h1><div class='byline'>By Anna Berg</div><p>{LONG}</p>"
        "<figure><img src='x.png'><figcaption>The old pier. Photo: J. Vik</figcaption></figure>"
        f"<p>{WINTER}</p><p><a href='/b'>See also: the bridge that was never built over the sound</a></p>"
        "<div class='newsletter-box'><h3>The Harbour Letter</h3><p>Four stories every Friday, free of charge.</p></div>"
        f"<p>{FUND}</p><section id='comments'><h3>3 comments</h3><p>Log in to say what you think of it.</p></section>",
        "<title>Ferry and ice | Harbour News</title><meta property='og:site_name' content='Harbour News'>",
    )
    assert clean(raw).text == f"{LONG}\n\n{WINTER}\n\n{FUND}"
    told = kinds(raw)
    assert told["Ferry and ice"] == "title" and raw.metadata.title == "Ferry and ice"
    assert told["By Anna Berg"] == "metadata" and raw.metadata.author == "Anna Berg"
    assert told["- Islands"] == "menu"
    assert told["The old pier. Photo: J. Vik"] == "caption"
    assert told["See also: the bridge that was never built over the sound"] == "related links"
    assert told["The Harbour Letter"] == told["Four stories every Friday, free of charge."] == "newsletter"
    assert told["3 comments"] == "comment prompt"
    assert told["3 March A new mayor"] == "side bar"
    assert told["© 2024 Harbour News"] == "page foot"
    assert all(item.reason for item in raw.removed)


def test_what_stands_among_the_article_is_kept() -> None:
    table = "<table><tr><th>Year</th><th>Cars</th></tr><tr><td>2011</td><td>310</td></tr></table>"
    raw = page(
        f"<h1>Ferry</h1><p>{LONG}</p><h2>What it costs</h2>{table}<p>{WINTER}</p>"
        f"<ul><li>No dogs.</li></ul><p>{FUND}</p>"
    )
    cleaned = clean(raw)
    assert cleaned.text == f"{LONG}\n\nWhat it costs\n\nYear: 2011; Cars: 310\n\n{WINTER}\n\n- No dogs.\n\n{FUND}"
    assert [cleaned.text[h.start : h.end] for h in cleaned.headings] == ["What it costs"]


def test_a_bold_line_over_a_paragraph_is_a_heading() -> None:
    raw = plain(
        f"<div><b>The <i>crossing</i></b><br><br>{LONG}<br><br><b>A bold sentence.</b><br><br>{WINTER}<br><br>"
        f"<b>What it</b> costs<br><br>{FUND}<br><br><b>Nothing below</b></div>"
    )
    assert [raw.text[h.start : h.end] for h in raw.headings] == ["The crossing"]


def test_a_form_or_side_bar_around_the_whole_page_is_none() -> None:
    raw = page(f"<form><div class='with-sidebar'><h1>Ferry</h1><p>{LONG}</p><p>{WINTER}</p><p>{FUND}</p></div></form>")
    assert clean(raw).text == f"{LONG}\n\n{WINTER}\n\n{FUND}"


def test_a_document_without_furniture_is_all_text() -> None:
    raw = plain(
        "<h1>Log</h1><p>Calm.</p><ul><li>Two ships.</li><li>No ice.</li></ul><p><a href='/x'>Chart 4</a></p>" * 2
    )
    assert raw.removed == ()
    assert len(raw.headings) == 2


def test_hardly_a_link_is_no_reason_to_keep_a_newsletter() -> None:
    offer = "<div class='newsletter'><p>Five stories every Friday, free of charge. Join 900 readers.</p></div>"
    raw = plain(f"<h1>Ferry</h1><p>{LONG}</p>{offer}<p>{WINTER}</p><p>{FUND}</p><footer>© 2024 Harbour News</footer>")
    assert "Join 900 readers" in raw.text
    assert clean(raw).text == f"{LONG}\n\n{WINTER}\n\n{FUND}"


def test_links_within_the_page_are_no_furniture() -> None:
    contents = "<ul><li><a href='#a'>The crossing and its times</a></li><li><a href='#b'>The winter</a></li></ul>"
    raw = plain(f"<h1>Ferry</h1>{contents}<h2 id='a'>Crossing</h2><p>{LONG}</p><h2 id='b'>Winter</h2><p>{WINTER}</p>")
    assert raw.removed == ()


# --- what the page says of itself -----------------------------------------------------------------

BODY = f"<h1>Ferry and ice</h1><p>{LONG}</p><p>{WINTER}</p><p>{FUND}</p>"


def linked_data(**values: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps({'@context': 'https://schema.org', **values})}</script>"


@pytest.mark.parametrize(
    ("head", "author", "date"),
    [
        ("<meta name='author' content='Anna Berg'><meta name='date' content='2015-05-08'>", "Anna Berg", "2015-05-08"),
        (
            linked_data(**{"@type": "NewsArticle"}, author={"name": "Anna Berg"}, datePublished="2015-05-08T23:00:00Z"),
            "Anna Berg",
            "2015-05-08",
        ),
        (
            linked_data(**{"@graph": [{"@type": "WebSite"}, {"@type": "Article", "datePublished": "2015-05-08"}]}),
            None,
            "2015-05-08",
        ),
        ("<meta name='citation_date' content='2015/05'>", None, "2015-05"),
        ("<meta name='story-publish-date' content='2015/05/08'>", None, "2015-05-08"),
        ("<link rel='canonical' href='https://harbour.example/2015/may/08/ferry/'>", None, "2015-05-08"),
        ("<meta property='article:modified_time' content='2019-01-01'>", None, None),
        ("<script type='application/ld+json'>{broken</script>", None, None),
        ("<meta name='author' content='https://social.example/anna'>", None, None),
    ],
)
def test_author_and_date_of_the_head(head: str, author: str | None, date: str | None) -> None:
    known = page(BODY, head).metadata
    assert (known.author, known.date, known.language) == (author, date, "en")
    assert known.date_basis == ("stated" if date else None)


def test_the_date_of_another_article_is_not_the_document_s() -> None:
    others = [{"@type": "NewsArticle", "headline": f"Other {n}", "datePublished": "2024-01-01"} for n in range(2)]
    known = page(BODY, f"<script type='application/ld+json'>{json.dumps(others)}</script>").metadata
    assert known.date is None
    assert known.title == "Ferry and ice"


def test_a_time_between_headline_and_text_is_the_document_s() -> None:
    line = "<div><span class='author'>Jonas Vik</span> <time datetime='2015-05-08T08:00'>8 May</time></div>"
    known = page(BODY.replace("</h1>", f"</h1>{line}")).metadata
    assert (known.author, known.date) == ("Jonas Vik", "2015-05-08")


def test_the_title_is_the_headline_without_the_name_of_the_site() -> None:
    head = "<title>Ferry and ice - Harbour News</title><meta property='og:site_name' content='Harbour News'>"
    assert page(f"<h1>Harbour News</h1><h2>Ferry and ice</h2>{BODY[22:]}", head).metadata.title == "Ferry and ice"


# --- notes ----------------------------------------------------------------------------------------

LINKED = f"""<p>{LONG[:-1]}<sup><a href="#fn1" id="r1">1</a></sup>. It is old.<sup>[<a href="#fn2">2</a>]</sup></p>
<p>{WINTER}<sup><a href="#fn1">1</a></sup></p>"""


@pytest.mark.parametrize(
    "notes",
    [
        '<ol><li id="fn1">Count of 2011. <a href="#r1">↩</a></li><li id="fn2"><p>Built in Leith.</p></li></ol>',
        '<section class="footnotes"><h2>Notes</h2><ol><li id="fn1"><a href="#r1">^</a> Count of 2011.</li>'
        '<li id="fn2">Built in Leith.</li></ol></section>',
        '<p><a href="#r1" name="fn1">[1]</a> Count of 2011.</p><p><a id="fn2" href="#r2">[2]</a> Built in Leith.</p>',
        '<aside role="doc-footnote" id="fn1">Count of 2011.</aside><aside role="doc-footnote" id="fn2">Built in Leith.'
        "</aside>",
    ],
)
@pytest.mark.parametrize("around", [page, plain])
def test_linked_notes(notes: str, around: Callable[[str], RawDocument]) -> None:
    raw = around(f"<h1>Ferry</h1>{LINKED}<p>{FUND}</p>{notes}")
    assert [(raw.text[n.start : n.end], n.label) for n in raw.notes] == [
        ("Count of 2011.", "1"),
        ("Built in Leith.", "2"),
    ]
    assert [raw.text[n.mark : n.mark_end] for n in raw.notes] == ["1", "[2]"]
    assert raw.text[: raw.notes[0].mark].endswith("most of them pupils")
    cleaned = clean(raw)
    running = cleaned.text[: cleaned.notes[0].start]
    assert f"{LONG} It is old.\n\n{WINTER}\n\n{FUND}" in running
    assert "Leith" not in running and "Notes" not in running
    assert [cleaned.text[n.start : n.end] for n in cleaned.notes] == ["Count of 2011.", "Built in Leith."]


def test_raised_figures_without_a_link() -> None:
    raw = plain(
        f"<p>{LONG}<sup>1</sup> It weighs 90 t/m<sup>2</sup>.</p><p>{WINTER}</p><p><sup>1</sup> Count of 2011.</p>"
    )
    (note,) = raw.notes
    assert (raw.text[note.start : note.end], note.label, raw.text[note.mark : note.mark_end]) == (
        "Count of 2011.",
        "1",
        "1",
    )
    assert "90 t/m2." in raw.text


def test_a_note_without_a_mark_belongs_where_it_stands() -> None:
    raw = plain(f"<p>{LONG}</p><aside role='doc-footnote'>Count of 2011.</aside><p>{WINTER}</p>")
    (note,) = raw.notes
    assert (note.mark, note.mark_end) == (note.start, note.start)
    assert clean(raw).text == f"{LONG}\n\n{WINTER}\n\nCount of 2011."


@pytest.mark.parametrize(
    "link",
    [
        "<a href='#sec1'>1</a>",
        "<sup><a href='#sec1'>1</a></sup>",
        "<sup><a href='#none'>1</a></sup>",
        "<sup><a href='/other#fn1'>1</a></sup>",
    ],
)
def test_links_that_are_no_marks(link: str) -> None:
    assert not plain(f"<p>{LONG} {link}</p><div id='sec1'><h2>One</h2><p>{WINTER}</p></div>").notes


WORDS = st.lists(
    st.sampled_from("ferry ice harbour sound pupils winter 2011 Leith straße 港".split()), min_size=3, max_size=12
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(WORDS, WORDS, st.sampled_from(["sup", "[]", "()"])), min_size=1, max_size=5))
def test_marks_and_notes_are_where_they_are_said_to_be(parts: list[tuple[list[str], list[str], str]]) -> None:
    text, notes, expected = "", "", []
    for n, (words, note, form) in enumerate(parts, 1):
        link = f"<a href='#note-{n}'>{n}</a>"
        shown = {"sup": f"{n}", "[]": f"[{n}]", "()": f"({n})"}[form]
        mark = f"<sup>{link}</sup>" if form == "sup" else f"<a href='#note-{n}'>{shown}</a>"
        text += f"<p>{' '.join(words)}{mark} and\n  {' '.join(words)}.</p>"
        notes += f"<li id='note-{n}'>{' '.join(note)}.</li>"
        expected.append((str(n), shown, " ".join(note) + ".", " ".join(words)))
    raw = plain(f"{text}<ol>{notes}</ol>")
    found = [
        (n.label, raw.text[n.mark : n.mark_end], raw.text[n.start : n.end], raw.text[: n.mark].rpartition("\n\n")[2])
        for n in raw.notes
    ]
    assert found == expected


# --- hostile pages --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 2_000 + "bottom",
        "<b>" * 2_000 + "bottom",
        "<p>bottom" + "<sup><a href='#x'>1</a></sup>" * 300 + "<p id=x>A note.",
        "<table>" * 300 + "<tr><td>bottom",
        "<p>bottom<a name='x'><li id='x'><a href='#x'>1</a>",
        "<ul>" + "<li><a href='/x'>bottom</a></li>" * 500 + "</ul>",
        "bottom" + "<br>" * 3_000,
    ],
)
def test_odd_pages_are_read(source: str) -> None:
    raw = read_html(source.encode(), "a.html")
    assert "bottom" in raw.text
    assert clean(raw).text


def test_a_page_that_shows_nothing_says_so() -> None:
    with pytest.raises(ReadError, match=r"a\.html: holds no text"):
        read_html(b"<html><body><div hidden>secret</div><script>fill()</script></body></html>", "a.html")


# --- the measure ----------------------------------------------------------------------------------


def test_shingles_are_runs_of_four_words() -> None:
    assert shingles("one two, three four five") == {
        ("one", "two", "three", "four"): 1,
        ("two", "three", "four", "five"): 1,
    }
    assert shingles("one two") == {("one", "two"): 1}
    assert not shingles(" .")


def test_overlap_counts_shingles_as_often_as_they_stand() -> None:
    # Gold: abcd, bcde. Text: abcd, bcda, cdab, dabc, abcd: one shared, four beyond the gold, one missing.
    assert overlap("a b c d a b c d", "a b c d e") == Overlap(1, 4, 1)


def test_scores_are_means_over_pages() -> None:
    # Precision (1/5 + 1) / 2 = .6 without the page that has no text; recall (1/2 + 1 + 0) / 3 = .5.
    found = scores([Overlap(1, 4, 1), Overlap(3, 0, 0), Overlap(0, 0, 2)])
    assert found == pytest.approx({"precision": 0.6, "recall": 0.5, "f1": 2 * 0.6 * 0.5 / 1.1, "pages": 3.0})
    assert scores([Overlap(0, 3, 3)])["f1"] == 0


def test_measure_reads_the_pages_of_a_folder(tmp_path: Path) -> None:
    source = f"<html><body><p>{LONG}</p><p>{WINTER}</p></body></html>".encode()
    (tmp_path / "a.html.gz").write_bytes(gzip.compress(source))
    (tmp_path / "b.html.gz").write_bytes(gzip.compress(b"<html></html>"))
    gold = {"a": {"articleBody": LONG}, "b": {"articleBody": FUND}}
    (tmp_path / "ground-truth.json").write_text(json.dumps(gold))
    shared, extra = shingles(LONG).total(), shingles(f"{LONG} {WINTER}").total() - shingles(LONG).total()
    found = measure(tmp_path)
    assert found["pages"] == 2
    assert found["precision"] == pytest.approx(shared / (shared + extra))
    assert found["recall"] == pytest.approx(0.5)


@pytest.mark.skipif(not (DATA / "html").is_dir(), reason="the pages of the benchmark are not here")
def test_real_pages_are_read_as_well_as_the_readme_says() -> None:
    found = measure(DATA / "html")
    assert found["f1"] >= 0.965
    assert found["precision"] >= 0.95
