from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from string import ascii_lowercase
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.library import Library
from index.traces import Removal, Traces
from index.types import (
    Alignment,
    Document,
    DocumentInfo,
    FileReport,
    Heading,
    Metadata,
    Note,
    Outcome,
    Removed,
    Report,
    Run,
)
from rag.answer import REFUSAL
from rag.settings import Settings
from rag.types import (
    Answer,
    AnswerSentence,
    Checked,
    Citation,
    Dropped,
    Nearest,
    RetrievedPassage,
    Stage,
    Trace,
    Turn,
    Verdict,
)
from ui import markup, page_view
from ui.ask import view as ask_view
from ui.ask.conversation import Conversation, Exchange
from ui.documents import report as documents_report
from ui.documents import view as documents_view
from ui.documents.listing import Listing, Shown, listed
from ui.source import panel as source
from ui.source import text as source_text
from ui.source.reading import reading
from ui.source.side import side_by_side
from ui.words import ENGLISH, Words

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "</mark></div><iframe src=https://example.org></iframe>",
    "[click](javascript:alert(1))",
    "![pixel](https://example.org/p.png)",
    "$$\\href{javascript:alert(1)}{x}$$ and \\(x\\)",
    "${alert(1)} `+alert(1)+`",
    "{{constructor.constructor('alert(1)')()}} @children",
    "&lt;b&gt; &#x3C;script&#x3E; &amp;",
    "<!-- <style>body{display:none}</style> -->",
    "https://example.org/ www.example.org",
    "a\u202eb\u2066c **bold** _it_ # head",
    "line\r\nline\nline",
    "</textarea></title></style></noscript><script>alert(1)</script>",
    "<a href='jav\tascript:alert(1)' style=position:fixed>x</a>",
    "\x1b[31mred\x1b[0m \x07\x08\x7f\x9b tab\tend",
    '=HYPERLINK("https://example.org","x") \\u003cscript\\u003e %3Cscript%3E',
    "<math><mtext><table><mglyph><style><!--</style><img src=x onerror=alert(1)>",
]
assert len(PAYLOADS) == 20

OURS = set(
    "a article bdi button dd del details div dl dt form h2 h3 header img input label li mark ol p q section span "
    "strong summary table tbody td th thead tr ul".split()
)
"""Every element that the view writes; what is none of them came in with a text."""
VOID = {"img", "input"}

ATTRIBUTES = set(
    "alt aria-current aria-hidden aria-keyshortcuts aria-label aria-live aria-sort autocomplete class colspan data-act "
    "data-asked data-at data-by data-confirm data-document data-form data-go data-name data-page data-place data-raw "
    "data-talk data-turn data-view data-whole dir disabled href id name role scope src style tabindex "
    "title type value".split()
)


class Seen(HTMLParser):
    """What a browser would make of a piece of HTML: its elements, their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.marked = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open, "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open += [] if tag in VOID else [tag]
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "mark" in self.open:
            self.marked += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("there is no comment in what the view writes")


def seen(html: str) -> Seen:
    parsed = Seen(html)
    assert set(parsed.tags) <= OURS
    assert {name for name, _ in parsed.attributes} <= ATTRIBUTES
    assert {value for name, value in parsed.attributes if name == "href"} <= {"#source", "#conversation"}
    return parsed


def document(text: str, title: str = "Report", pages: tuple[int, ...] = ()) -> Document:
    source, metadata = f"/somewhere/{title}.txt", Metadata(title)
    return Document("d1", source, "txt", metadata, text, text, Alignment(()), pages=pages)


def citation(number: int = 1, quote: str = "Herring is 60 per cent.", title: str = "Report") -> Citation:
    end = 10 + len(quote)
    return Citation(number, "d1", "/files/report.txt", title, "Ines Falk", "2014-03", 3, 10, end, quote)


def trace(standalone: str = "", filters: dict[str, str] | None = None) -> Trace:
    return Trace(standalone, filters or {}, 0.9, "extractive", {}, {}, ())


def answer(verdict: Verdict = Verdict.SUPPORTED, *, text: str = "Herring.", **given: object) -> Answer:
    sentence = AnswerSentence(text, verdict, 0.9, (1,))
    whole = Answer("What?", "answered", f"{text} [1]", (sentence,), (citation(),), (), (), trace("What?"))
    return replace(whole, **given)  # type: ignore[arg-type]  # the fields of a test are written with care


def shown(made: Answer) -> Seen:
    return seen(ask_view.conversation([Exchange(made.question, answer=made)], 1))


NO_LIBRARY = cast(Library, None)
"""For views that need nothing but the document."""


def shown_source(place: Citation, made: Document, *, whole: bool = False, raw: bool = False) -> str:
    data = {"turn": "0", "place": "1", "whole": "1" if whole else "", "view": "raw" if raw else "text"}
    return source.shown(reading(made, data, place=place, back=source.back_to_answer(ENGLISH)), NO_LIBRARY)


# What others wrote stays text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_text_stays_text_in_a_conversation(payload: str) -> None:
    cited = replace(citation(quote=payload, title=payload), author=payload, date=payload, source=payload)
    near = Nearest("d1", payload, payload, payload, payload, 1, 0, len(payload), payload)
    made = replace(
        answer(Verdict.PARTIAL, text=payload),
        question=payload,
        status="refused",
        answer=payload,
        citations=(cited,),
        nearest=(near,),
        dropped=(Dropped(payload, payload),),
        trace=replace(trace(payload + "!", {"author": payload}), missing=(payload,)),
    )
    parsed = seen(ask_view.conversation([Exchange(payload, "searching", answer=made, problem=payload)], 1))
    # question, sentence, problem, refusal; two quotes; title, author, date of two places; dropped, why;
    # question as understood, filter
    assert parsed.text.count(payload) >= 16


def hostile(payload: str) -> tuple[Document, Citation]:
    """Return a document of which everything that a file can say is a payload, and a citation of it."""
    text = f"{payload} before {payload} after {payload}\n\n{payload}"
    start, note = text.index("before"), len(text) - len(payload)
    metadata = Metadata(payload, payload, payload, payload, "stated", payload)
    made = Document(
        payload,
        f"/x/{payload}",
        "pdf",
        metadata,
        text,
        f"{text}\n{payload} gone",
        Alignment((Run(0, 0, len(text)),)),
        (Heading(0, len(payload), 1),),
        (Removed(len(text) + 1, len(text) + 1 + len(payload), payload, payload),),
        (0,),
        (Note(note, len(text), start, start, payload),),
    )
    place = replace(citation(title=payload), document=payload, start=start, end=text.index(" after"), author=payload)
    return made, replace(place, quote=text[place.start : place.end])


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("view", ["text", "raw", "notes", "left-out"])
def test_a_hostile_text_stays_text_beside_the_conversation(payload: str, view: str) -> None:
    made, place = hostile(payload)
    hit = RetrievedPassage(1, payload, 0, len(made.text), made.text, payload, {"dense": 1}, 1.0, 1.0, 0.9, (0, 4))
    why = replace(trace(payload, {"author": payload, "preferred type": payload, "parts": payload}), retrieved=(hit,))
    asked = Exchange(payload, answer=replace(answer(), citations=(place,), trace=replace(why, missing=(payload,))))
    data = {"turn": payload, "place": payload, "view": view, "whole": "1"}
    known: dict[str, object] = {"place": place, "exchange": asked, "collection": payload}
    parsed = seen(source.shown(reading(made, data, **known), NO_LIBRARY))
    # title, author, publisher, date, heading, note or page and file; question, two filters, parts, what is missing
    assert parsed.text.count(payload) >= 10
    if view in ("text", "raw"):
        assert parsed.marked == place.quote and made.text in parsed.text
    assert seen(source.lost_source(payload)).text == payload


class Shelf(Library):
    """A library of one document, to be looked up."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.folder = Path("/nowhere")

    def document(self, identity: str) -> Document:
        return self._document


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_text_stays_text_side_by_side(payload: str) -> None:
    made, place = hostile(payload)
    asked = Exchange(payload, answer=replace(answer(), citations=(place,)))
    parsed = seen(side_by_side(asked, Shelf(made), payload, ENGLISH))
    # date, title, author and publisher; the quote, and what stands before and after it
    assert parsed.text.count(payload) >= 6 and parsed.marked == place.quote


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_text_stays_text_among_the_documents(payload: str) -> None:
    metadata = Metadata(payload, payload, payload, payload, "user", payload)
    info = DocumentInfo(payload, f"/x/{payload}", payload, metadata, 9, 1, 1, 1, payload)
    listings = Listing(payload), Listing(payload, editing=payload)
    shown = Shown((info,), 1, 1, 1, 2)
    parsed = seen("".join(documents_view.table(shown, listing, problem=payload) for listing in listings))
    # of the row title, author, publisher, date, type; of the form the problem; its values are attributes
    assert parsed.text.count(payload) >= 6
    values = [value for name, value in parsed.attributes if name == "value"]
    assert values == [payload] * 5
    entry = FileReport(f"{payload}/name {payload.replace('/', '')}", Outcome.FAILED, payload)
    assert payload in seen(documents_report.report(Report((entry,)))).text
    assert payload in seen(documents_report.clash([payload], ENGLISH)).text
    left = Traces(1, 0, 0, 0, 0, 0, (payload,))
    removal = Removal(info, left, left, 10)
    assert seen(documents_report.removed(removal, upload=True)).text.count(payload) == 2
    settings = Settings(embedder=payload, model=f"openai:{payload}", base_url="http://models.example/v1", offline=False)
    assert payload in seen(page_view.running(settings, payload)).text


@given(st.text(max_size=200))
def test_any_text_reads_as_it_was_written(value: str) -> None:
    assert seen(f"<p>{markup.text(value)}</p>").text == value.replace("\0", "\ufffd")


def test_a_lone_surrogate_of_a_file_name_can_be_sent() -> None:
    assert markup.text("caf\udce9.txt") == "caf\ufffd.txt"


# Source


@given(st.text(max_size=60), st.text(min_size=1, max_size=60), st.text(max_size=60))
def test_the_quote_alone_is_marked(before: str, quote: str, after: str) -> None:
    place = replace(citation(quote=quote), start=len(before), end=len(before) + len(quote))
    parsed = seen(shown_source(place, document(before + quote + after)))
    assert parsed.marked == quote.replace("\0", "\ufffd")


def test_the_window_reaches_to_the_ends_of_paragraphs() -> None:
    paragraphs = [letter * 1000 for letter in ascii_lowercase]
    body = "\n\n".join(paragraphs)
    # The paragraph of "m" starts at 12 * 1002 = 12024. 1500 before lies in "k" (10020), which is shown whole;
    # 1500 after the end at 13024 lies in "o", which ends at 14 * 1002 + 1000 = 15028.
    assert source_text.window(body, 12024, 13024) == (10020, 15028)
    assert source_text.window(body, 0, 10) == (0, 2 * 1002 - 2)


def test_the_window_of_an_endless_paragraph_is_cut() -> None:
    assert source_text.window("x" * 100_000, 50_000, 50_010) == (45_500, 54_510)


def test_a_window_offers_the_whole_and_the_whole_the_window() -> None:
    body = "\n\n".join(["A sentence. " * 100] * 20)
    place = replace(citation(quote=body[12_000:12_011]), start=12_000, end=12_011)
    part, whole = (shown_source(place, document(body), whole=w) for w in (False, True))
    assert "Show the whole document" in part and len(seen(part).text) < 6000
    assert "Show less" in whole and body in seen(whole).text
    short = "One. Two."
    place = replace(citation(quote="Two."), start=5, end=9)
    assert "Show" not in seen(shown_source(place, document(short))).text


def test_a_document_that_changed_is_not_marked_at_random() -> None:
    assert "has changed" in seen(shown_source(citation(), document("Another text altogether."))).text


def test_the_text_as_in_the_file_shows_what_was_removed_and_why() -> None:
    raw = "The tide was\n12 Lorn papers\nhigh. <b>Menu</b> Home"
    text = "The tide was high."
    runs = (Run(0, 0, 12), Run(13, 28, 5))
    removed = (Removed(13, 27, "header", "running header"), Removed(34, len(raw), "furniture", '"menu"'))
    made = Document("d1", "/a.txt", "txt", Metadata("Tides"), text, raw, Alignment(runs), (), removed)
    place = replace(citation(quote=text), start=0, end=len(text))
    clean, shown = (seen(shown_source(place, made, raw=raw)) for raw in (False, True))
    assert clean.marked == text and "del" not in clean.tags
    assert shown.marked == raw[:33]
    assert "<b>Menu</b> Home" in shown.text
    titles = [value for name, value in shown.attributes if name == "title"]
    assert titles == ["header: running header", 'furniture: "menu"']
    assert ("data-raw", "1") in clean.attributes and ("data-raw", "") in shown.attributes


def test_a_source_is_told_with_its_facts() -> None:
    place = replace(citation(quote="Two."), start=5, end=9)
    known = Metadata("Report", "Ines Falk", "Skarv Museum", "2014-03", "file")
    made = replace(document("One. Two.", pages=(0, 5)), metadata=known)
    facts = ("Report", "Ines Falk", "Skarv Museum", "2014-03 (a property of the file)", "Page2", "Report.txt")
    text = seen(shown_source(place, made)).text
    assert all(fact in text for fact in facts)


# Conversation


def test_an_answer_shows_its_sentence_number_and_quote() -> None:
    parsed = shown(answer())
    assert "Herring.[1]" in parsed.text
    assert "Herring is 60 per cent." in parsed.text
    assert "Report · Ines Falk · 2014-03 · p. 3 · report.txt" in parsed.text
    assert "partly" not in parsed.text
    assert ("data-turn", "0") in parsed.attributes and ("data-place", "1") in parsed.attributes


def test_a_partial_sentence_is_marked() -> None:
    assert "Herring.[1] partly supported" in shown(answer(Verdict.PARTIAL)).text


def test_dropped_sentences_are_one_click_away() -> None:
    parsed = shown(answer(dropped=(Dropped("Cod is 70.", "70 is not in the source"),)))
    assert "details" in parsed.tags
    assert "One sentence was left out" in parsed.text and "70 is not in the source" in parsed.text
    assert "details" not in shown(answer()).tags


def test_a_refusal_shows_the_nearest_passages() -> None:
    near = Nearest("d1", "/files/a.txt", "A", None, None, None, 0, 4, "Near")
    parsed = shown(answer(status="refused", answer=REFUSAL, sentences=(), citations=(), nearest=(near, near)))
    assert REFUSAL in parsed.text and "What comes nearest" in parsed.text
    assert [v for n, v in parsed.attributes if n == "data-place"] == ["a", "b"]


@pytest.mark.parametrize(
    ("missing", "english", "russian"),
    [
        ((), REFUSAL, "В документах нет ответа на этот вопрос."),
        (
            ("Lorn", "a date"),
            f"{REFUSAL} Nothing near it mentions Lorn, a date.",
            "В документах нет ответа на этот вопрос. Рядом с ним нигде не упомянуто: Lorn, дата.",
        ),
    ],
)
def test_a_refusal_is_in_the_language_of_the_page(missing: tuple[str, ...], english: str, russian: str) -> None:
    lacking = ", ".join(missing)
    said = f"{REFUSAL} Nothing near it mentions {lacking}." if lacking else REFUSAL
    made = answer(
        status="refused", answer=said, sentences=(), citations=(), trace=replace(trace("What?"), missing=missing)
    )
    assert english == said and english in shown(made).text
    assert russian in seen(ask_view.conversation([Exchange("?", answer=made)], 1, Words("ru"))).text


def test_a_follow_up_says_how_it_was_understood() -> None:
    assert "Understood" not in shown(answer()).text
    parsed = shown(answer(trace=trace("What in 2019?", {"author": "Trenin"})))
    assert "Understood as “What in 2019?”; looked for author Trenin" in parsed.text


@pytest.mark.parametrize("stage", ["searching", "reading", "writing", "checking"])
def test_each_stage_has_its_word(stage: str) -> None:
    assert f"{stage.capitalize()}…" in ask_view.conversation([Exchange("Q?", stage)], 1)


def test_the_beginning_says_what_to_do() -> None:
    assert "add some under Documents" in ask_view.conversation([], 0)
    assert "one document" in ask_view.conversation([], 1)
    assert "2 documents" in ask_view.conversation([], 2)


def test_events_build_an_exchange() -> None:
    first = Checked(AnswerSentence("One.", Verdict.SUPPORTED, 0.9, (2,)), (citation(2),))
    second = Checked(AnswerSentence("Two.", Verdict.PARTIAL, 0.6, (1, 2)), (citation(1), citation(2)))
    exchange = Exchange("Q?", "searching").after(Stage("checking")).after(first).after(second)
    assert exchange.waiting == "checking"
    assert [c.id for c in exchange.citations] == [1, 2]
    text = seen(ask_view.conversation([exchange], 1)).text
    assert "One.[2] Two.[1][2] partly supportedChecking…" in text
    assert text.count("Herring is") == 0, "the list of citations comes with the answer"
    ended = exchange.ended("Stopped.")
    assert not ended.waiting and seen(ask_view.conversation([ended], 1)).text.count("Herring is") == 2
    assert exchange.after(answer()).waiting == ""


def test_only_answers_are_leant_on() -> None:
    exchanges = [Exchange("A?", answer=answer()), Exchange("B?", problem="no"), Exchange("C?", "searching")]
    assert Conversation(exchanges).history() == [Turn("What?", "Herring. [1]", "What?")]


@pytest.mark.parametrize("turn", ["", "-1", "1", "x", "0x0", "9" * 30, "²"])
def test_a_place_that_is_not_there_is_not_found(turn: str) -> None:
    session = Conversation([Exchange("A?", answer=answer())])
    assert session.find("0", "1") == citation()
    assert session.find("0", "7") is None
    assert session.find(turn, "1") is None


# Documents, and what runs


def test_the_table_counts_what_it_shows() -> None:
    info = DocumentInfo("d1", "/x/a.pdf", "pdf", Metadata("A", "B", date="2015"), 9, 1, 1234, 41, "2026-01-01")
    text = seen(documents_view.table(listed([info, info], Listing()), Listing())).text
    assert "2 documents" in text and "1,234" in text and "a.pdf" in text and "41" in text
    assert "no documents" in documents_view.table(listed([], Listing()), Listing())


def test_a_report_names_each_outcome() -> None:
    entries = (
        FileReport("/x/a.txt", Outcome.ADDED),
        FileReport("/x/b.exe", Outcome.FAILED, "b.exe: unknown"),
    )
    text = seen(documents_report.report(Report(entries))).text
    assert "Added a.txt" in text and "Refused b.exe unknown" in text and "Added 1 · Refused 1" in text
    assert documents_report.report(Report()) == ""


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "nothing leaves this machine (offline)"),
        ({"model": "openai:m", "offline": False}, "nothing leaves this machine"),
        (
            {"model": "openai:m", "base_url": "https://api.example/v1"},
            "nothing leaves this machine (offline)",
        ),
        (
            {"model": "openai:m", "base_url": "https://api.example/v1", "offline": False},
            "questions, and the passages found for them, are sent to api.example",
        ),
    ],
)
def test_the_page_says_what_leaves_the_machine(given: dict[str, object], says: str) -> None:
    settings = Settings(**given)  # type: ignore[arg-type]  # as above
    assert seen(page_view.running(settings, settings.model)).text.endswith(says)


def test_the_app_is_imported_without_gradio() -> None:
    code = "import sys, ui.app; sys.exit('gradio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent.parent, check=False).returncode == 0
