"""Who says a sentence, and when: what stands before a document's own words, and what stands with them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index.embed import Embedder
from index.library import Library
from index.types import Alignment, Document, Heading, Metadata
from rag.answer import Draft
from rag.assistant import Assistant
from rag.catalogue import catalogue_of
from rag.enough import Findings, Missing
from rag.evidence import Evidence, find_evidence
from rag.extract import extract
from rag.question import standalone
from rag.retrieve import retrieve
from rag.settings import Settings
from rag.types import Answer, EvidenceSentence, Turn
from rag.verify import verify
from rag.voices import DIFFER, in_words, leads, without_lead


def _document(identity: str, author: str | None, date: str | None, basis: str = "stated") -> Document:
    known = Metadata(title=f"Report {identity}", author=author, date=date, date_basis=basis if date else None)  # type: ignore[arg-type]
    return Document(identity, f"{identity}.txt", "txt", known, "", Alignment(()), "")


DOCUMENTS = {
    "a": _document("a", "Ada Moe", "2014-03-02"),
    "b": _document("b", "Karl Brun", "2019"),
    "c": _document("c", None, "2020-05", "inferred"),
    "d": _document("d", None, None),
}


def _said(*told: tuple[str, str], question: str = "What became of the harbour?") -> list[str]:
    sentences = [EvidenceSentence(d, 1, n * 500, n * 500 + len(t), t, 0.9) for n, (d, t) in enumerate(told)]
    found = leads(sentences, question, DOCUMENTS.__getitem__)
    return [found.get((s.document, s.start), "") for s in sentences]


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("The harbour was dredged in 2013.", ""),
        ("Last year the harbour was dredged.", "Ada Moe, March 2014:"),
        ("I doubt that the harbour will pay.", "Ada Moe, March 2014:"),
        ("Our council sold the harbour.", "Ada Moe, March 2014:"),
        ("The mayor said: “I doubt that we can pay last year's bill.”", ""),
        ("World War I closed the harbour, and the US reopened it.", ""),
    ],
)
def test_a_sentence_that_speaks_for_itself_or_of_its_day_has_its_author_and_date(text: str, lead: str) -> None:
    assert _said(("a", text)) == [lead]


@pytest.mark.parametrize(
    ("question", "lead"),
    [
        ("And who said that?", "Ada Moe, March 2014:"),
        ("Whose view is it that the harbour was dredged too late?", "Ada Moe, March 2014:"),
        ("According to whom was the harbour dredged?", "Ada Moe, March 2014:"),
        ("Who dredged the harbour?", ""),
        ("Who heads the state harbours of the member states?", ""),
        ("Who pays the think tank that holds a claim to the harbour?", ""),
        ("Why was the harbour dredged?", ""),
    ],
)
def test_who_is_asked_for_is_named(question: str, lead: str) -> None:
    assert _said(("a", "The harbour was dredged in 2013."), question=question) == [lead]
    assert _said(("c", "The harbour was dredged in 2013."), question=question) == [""]  # no author is known


def test_where_several_answer_each_is_named_once() -> None:
    told = ("a", "The harbour was dredged."), ("b", "The harbour is silted."), ("b", "Ships wait outside.")
    assert _said(*told) == ["Ada Moe, March 2014:", "Karl Brun, 2019:", ""]


def test_what_is_not_known_is_not_said() -> None:
    assert _said(("c", "We dredged it."), ("d", "It silted.")) == ["Report c, about May 2020:", "Report d:"]


@pytest.mark.parametrize(
    ("question", "text", "lead"),
    [
        ("How many ships does the harbour have?", "It has nine ships.", "As of March 2014:"),
        ("Who is the mayor now?", "The mayor is Ines Falk.", "As of March 2014:"),
        ("How many ships does the harbour have?", "In 2013 it had nine ships.", ""),
        ("How many ships did the harbour have in 2013?", "It had nine ships.", ""),
        ("How many ships did the harbour have when it was said that trade is good?", "It had nine ships.", ""),
        ("Why was the harbour dredged?", "It was dredged for the ferry.", ""),
    ],
)
def test_what_may_have_changed_is_dated(question: str, text: str, lead: str) -> None:
    assert _said(("a", text), question=question) == [lead]


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("The harbour handled 4.2 million tons in 2013.", "The harbour handled 3 million tons in 2013.", 1),
        ("The harbour handled 4.2 million tons in 2013.", "The harbour handled 3 million tons in 2009.", 0),
        ("The town rejected the second terminal.", "The town did not reject the second terminal.", 1),
        ("The town rejected the second terminal.", "Nine trawlers still fish from Lorn.", 0),
        ("The harbour handled about 4.2 million tons.", "The harbour handled 4.2 million tons.", 0),
    ],
)  # fmt: skip
def test_documents_that_deny_each_other_are_said_to_differ(one: str, other: str, differ: int) -> None:
    assert _said(("a", one), ("b", other))[0].startswith(DIFFER) == bool(differ)
    assert not _said(("a", one), ("a", other))[0].startswith(DIFFER), "a document does not differ from itself"


def test_dates_in_words() -> None:
    assert [in_words(d) for d in ("2015", "2015-10", "2015-10-27")] == ["2015", "October 2015", "October 2015"]


# What an extractive draft takes


def _evidence(*told: tuple[str, str, int, float]) -> Evidence:
    made = [EvidenceSentence(d, 1, start, start + len(text), text, score) for text, d, start, score in told]
    return Evidence(
        tuple(sorted(made, key=lambda s: -s.score)), (), {}, frozenset(), 1.0, Findings("", {}, (), Missing(), 0.0, 0.0)
    )  # type: ignore[arg-type]


def test_another_figure_of_another_document_is_not_left_out_for_its_words() -> None:
    one = ("The harbour of Lorn handled 4.2 million tons in 2013.", "a", 0, 0.9)
    other = ("In 2013 the harbour of Lorn handled 3 million tons.", "b", 0, 0.89)
    rounded = ("In 2013 the harbour of Lorn handled about 4 million tons.", "c", 0, 0.88)
    assert [s.document for s in extract(_evidence(one, other, rounded), 3)] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "with_it"),
    [
        ("They sail to Norby.", True),
        ("But this ended in 1960.", True),
        ("He sold the ferry.", True),
        ("It was sold in 1931.", True),
        ("It is clear that the ferry pays.", False),
        ("The ferry pays.", False),
        ("Thus the ferry pays.", False),
    ],
)
def test_a_sentence_that_points_back_has_the_one_before_it(text: str, with_it: bool) -> None:
    before = "Two ferries belong to Ada Moe."
    evidence = _evidence((before, "a", 0, 0.2), (text, "a", len(before) + 1, 0.9), (before, "b", 900, 0.1))
    assert [s.text for s in extract(evidence, 1)] == ([before, text] if with_it else [text])


def test_one_in_another_paragraph_is_not_what_is_pointed_to() -> None:
    before, text = "Two ferries belong to Ada Moe.", "They sail to Norby."
    assert len(extract(_evidence((before, "a", 0, 0.2), (text, "a", len(before) + 20, 0.9)), 1)) == 1


def test_the_name_of_a_section_is_not_what_is_pointed_to() -> None:
    before, text = "3.4. Trademarks.", "This licence grants none of them."
    evidence = _evidence((before, "a", 0, 0.2), (text, "a", len(before) + 1, 0.9))
    assert [s.text for s in extract(evidence, 1)] == [text]


# The whole way


@pytest.fixture
def answers(tmp_path: Path, embedder: Embedder) -> Assistant:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, author, date, tons in (
        ("old", "Ada Moe", "2 March 2014", "4.2"),
        ("new", "Karl Brun", "5 May 2019", "3.1"),
    ):
        (folder / f"{name}.txt").write_text(
            f"The harbour of Lorn\n\nBy {author}\n\n{date}\n\nThe harbour of Lorn handled {tons} million tons of cargo "
            f"in 2013. Herring made up most of the catch that was landed by the {name} trawlers.\n",
            encoding="utf-8",
        )
    settings = Settings(home=tmp_path / "home")
    library = Library(settings.library, embedder)
    library.add([folder])
    return Assistant(library, settings)


def test_an_answer_says_that_its_sources_differ_who_says_what_and_when(answers: Assistant) -> None:
    answer = answers.ask("How much cargo did the harbour of Lorn handle in 2013?")
    first, second = answer.sentences[:2]
    assert {first.lead, second.lead} == {
        f"{DIFFER} {first.lead.removeprefix(DIFFER).strip()}",
        second.lead,
    } and {"Ada Moe, March 2014:", "Karl Brun, May 2019:"} == {first.lead.removeprefix(DIFFER).strip(), second.lead}
    assert answer.answer.startswith(f"{first.lead} {first.text} [1]") and first.text in answer.citations[0].quote
    assert "4.2 million" in answer.answer and "3.1 million" in answer.answer


@pytest.mark.parametrize(
    ("text", "led"),
    [
        ("Cargo came to 4.2 million tons.", True),
        ("Moe puts the cargo at 4.2 million tons.", False),
        ("Cargo came to 3.1 or 4.2 million tons.", False),
    ],
)
def test_words_of_a_model_are_led_where_they_rest_on_one_voice_and_do_not_name_it(
    answers: Assistant, text: str, led: bool
) -> None:
    question = "How much cargo did the harbour of Lorn handle in 2013?"
    query = standalone(question, (), catalogue_of(answers.library))
    vector = answers.library.embedder.encode_query(question)
    candidates = retrieve(query, vector, answers.library, 50, "scores")
    found = find_evidence(query, vector, candidates, answers.library)
    sources = [s for s in extract(found, 3) if "3.1 or" in text or "4.2" in s.text]
    kept = Draft(answers.library, extract(found, 3), question).keep(text, verify(text, [text], 1.0), sources)
    assert kept is not None
    assert kept.sentence.lead.removeprefix(DIFFER).strip() == ("Ada Moe, March 2014:" if led else "")


def test_shorter_is_shorter(answers: Assistant) -> None:
    question = "How much cargo did the harbour of Lorn handle in 2013?"
    whole = answers.ask(question)
    brief = answers.ask("Shorter, please.", [Turn(question, whole.answer, question)])
    assert isinstance(brief, Answer) and len(brief.sentences) == 1 < len(whole.sentences)
    assert len(answers.ask(f"In one sentence: {question}").sentences) == 1


def test_a_lead_is_taken_off_again_and_nothing_else_is() -> None:
    told = [("a", "We sold the crane."), ("b", "Our crane was sold."), ("c", "The crane of our town has gone.")]
    for lead, (_, text) in zip(_said(*told), told, strict=True):
        assert lead
        assert without_lead(f"{lead} {text}") == text
    assert without_lead("As of May 2011, on “The port: a history”: It has a crane.") == "It has a crane."
    assert without_lead("On “The port”: It has a crane.") == "It has a crane."
    assert without_lead("As of November 2011: Lorn has nine trawlers.") == "Lorn has nine trawlers."
    for text in (
        "In 2014: nine trawlers.",
        "Falk said, in 2014: “We go.”",
        "According to Falk, 2014 was bad: it fell.",
    ):
        assert without_lead(text) == text


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("Members of this group meet twice a year.", "On “The harbour board”:"),
        ("They meet twice a year.", "On “The harbour board”:"),
        ("The board meets twice a year.", ""),
        ("The mayor and the pilots have long held that this is too seldom.", ""),
    ],
)
def test_a_sentence_right_under_a_heading_that_means_it_is_given_the_heading(text: str, lead: str) -> None:
    heading = "The harbour board"
    whole = f"Lorn\n\n{heading}\n\n{text} They meet in May."
    at = whole.index(heading)
    headings = (Heading(0, 4, 1), Heading(at, at + len(heading), 2))
    document = replace(_document("a", "Ada Moe", None), text=whole, headings=headings)
    said = EvidenceSentence("a", 1, whole.index(text), whole.index(text) + len(text), text, 0.9)
    after = EvidenceSentence("a", 1, whole.index("They meet in May"), len(whole), "They meet in May.", 0.8)
    found = leads([said, after], "How often does the board meet?", lambda _: document)
    assert found == ({("a", said.start): lead} if lead else {})
