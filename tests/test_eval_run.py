"""A run over a small real assistant: word overlap, verbatim sentences, refusal when little overlaps."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from eval.formats import Evidence, Item, QuestionSet
from eval.run import CONTEXT, Examiner, Gold, Record, Unlocated, context, in_threads, run_set
from eval.scoring import right, score
from index.types import Alignment, Document, DocumentInfo, Heading, Metadata
from index.types import Run as Kept
from rag.errors import ModelError
from rag.types import Answer, AnswerSentence, Citation, RetrievedPassage, Status, Trace, Turn, Verdict

HARBOUR = "Nine ships left Vardo harbour in May 2015. The pilot was Inga Solheim."
BRIDGE = "The bridge at Torne cost 40 million crowns. It opened in 1998."
NOTED = "The lamp was lit by Marit Dahl. It burned for years."
NOTED_RAW = "The lamp was lit by Marit7 Dahl. It burned for years."


def document(source: str, text: str, raw: str = "", runs: tuple[Kept, ...] = ()) -> Document:
    alignment = Alignment(runs or (Kept(0, 0, len(text)),))
    return Document(f"id-{source}", source, "txt", Metadata(), text, raw or text, alignment)


class Shelf:
    """A library of a few texts."""

    def __init__(self, *documents: Document) -> None:
        self._documents = {d.id: d for d in documents}

    def documents(self) -> list[DocumentInfo]:
        return [
            DocumentInfo(d.id, d.source, d.kind, d.metadata, len(d.text), 0, 0, 0, "") for d in self._documents.values()
        ]

    def document(self, id: str) -> Document:  # noqa: A002
        return self._documents[id]


class Overlap:
    """Answers with the sentence that shares most words with the question, if it shares three."""

    def __init__(self, *documents: Document) -> None:
        self._sentences = [(d, m.start(), m.end()) for d in documents for m in re.finditer(r"[A-Z][^.]*\.", d.text)]

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        asked = set(re.findall(r"\w+", question.lower()))
        ranked = sorted(
            self._sentences,
            key=lambda s: -len(asked & set(re.findall(r"\w+", s[0].text[s[1] : s[2]].lower()))),
        )
        retrieved = tuple(
            RetrievedPassage(i, d.id, a, b, d.text[a:b], "", {"overlap": i}, 1 / i)
            for i, (d, a, b) in enumerate(ranked, start=1)
        )
        best = retrieved[0]
        shared = len(asked & set(re.findall(r"\w+", best.text.lower()))) / max(len(asked), 1)
        trace = Trace(question, {}, shared, "overlap", {}, {"all": 0.0}, retrieved)
        if shared < 0.4:
            return Answer(question, "refused", "The documents do not say 9.", (), (), (), (), trace)
        citation = Citation(1, best.document, "", "", None, None, None, best.start, best.end, best.text)
        sentence = AnswerSentence(best.text, Verdict.SUPPORTED, 1.0, (1,))
        return Answer(question, "answered", f"{best.text} [1]", (sentence,), (citation,), (), (), trace)


DOCUMENTS = (
    document("/docs/01-harbour.txt", HARBOUR),
    document("https://example.org/news/02-bridge.html?back=/home", BRIDGE),
    document("C:\\docs\\03-lamp.txt", NOTED, NOTED_RAW, (Kept(0, 0, 25), Kept(25, 26, 27))),
)


def item(id_: str, question: str, **changes: Any) -> Item:
    return replace(Item(id_, question, "factoid", "yes", (), (), ()), **changes)


SHIPS = item(
    "ships",
    "How many ships left Vardo harbour in 2015?",
    answer="Nine ships",
    must_include=(("nine", "9"), ("atlantic",)),
    evidence=(
        Evidence("01", "Nine ships left Vardo har-\nbour in May 2015."),
        Evidence("02", "It opened in 1998."),
    ),
)
WHALES = item("whales", "Who painted whales?", type="unanswerable", answer="")
LOST = item(
    "lost",
    "Who was the pilot?",
    answer="Inga Solheim",
    must_include=(("solheim",),),
    evidence=(
        Evidence("01", "x" * 100),
        Evidence("09", "The pilot was Inga Solheim."),
        Evidence("0", "The pilot was Inga Solheim."),
    ),
)


def run(*items: Item, **options: Any) -> Any:
    options = {"settings": {}} | options
    return run_set(QuestionSet("small", items), Overlap(*DOCUMENTS), Shelf(*DOCUMENTS), **options)


def only(result: Any) -> Record:
    (record,) = result.records
    assert isinstance(record, Record)
    return record


def test_a_record_holds_question_expectation_answer_and_scores() -> None:
    record = only(run(SHIPS))
    assert (record.id, record.type, record.answerable, record.expected) == (
        "ships",
        "factoid",
        True,
        "Nine ships",
    )
    assert record.answer["answer"] == "Nine ships left Vardo harbour in May 2015. [1]"
    assert record.answer["sentences"][0]["verdict"] == "supported"
    assert record.seconds > 0
    scores = record.scores
    assert (scores["hit@1"], scores["reciprocal_rank"]) == (1, 1)
    # "It opened in 1998." shares one word with the question, as do others; six sentences in all.
    assert (scores["all@1"], scores["all@10"]) == (0, 1)
    assert scores["facts"] == 1 / 2
    assert (scores["citations_resolve"], scores["citation_precision"], scores["citation_recall"]) == (
        1,
        1,
        0.5,
    )
    # "nine ships left vardo harbour in may 2015" has 8 words, 2 of them in "nine ships".
    assert scores["token_f1"] == pytest.approx(2 * 2 / (8 + 2))
    assert (scores["exact_match"], scores["supported_values"], scores["refused"]) == (0, 1, 0)
    assert scores["answerable"] == pytest.approx(6 / 8)


def test_a_refusal_finds_no_fact_whatever_its_words_say() -> None:
    record = only(run(replace(SHIPS, question="Count of the navy's 9?")))
    assert record.answer["status"] == "refused"
    scores = record.scores
    assert (scores["refused"], scores["facts"], scores["token_f1"], scores["citation_recall"]) == (1, 0, 0, 0)
    assert "citation_precision" not in scores
    assert "supported_values" not in scores


def test_an_unanswerable_question_is_scored_for_its_refusal_alone() -> None:
    scores = only(run(WHALES)).scores
    assert scores == {"refused": 1, "answerable": scores["answerable"], "right": 1, "squad_exact": 1, "squad_f1": 1}


def test_a_refused_false_premise_has_no_answer_to_score_and_an_answered_one_has() -> None:
    premise = replace(SHIPS, type="false-premise")
    assert only(run(premise)).scores["facts"] == 1 / 2
    refused = only(run(replace(premise, question="Count of the navy's 9?"))).scores
    assert "facts" not in refused and "citation_recall" not in refused
    assert "hit@10" in refused


def test_evidence_that_stands_nowhere_is_told_and_counts_as_not_found() -> None:
    result = run(LOST)
    quote = "The pilot was Inga Solheim."
    assert [(u.item, u.doc, u.quote) for u in result.unlocated] == [
        ("lost", "01", "x" * 80),
        ("lost", "09", quote),
        ("lost", "0", quote),
    ]
    assert isinstance(result.unlocated[0], Unlocated)
    reasons = [u.reason for u in result.unlocated]
    assert "the quote is not in 01-harbour.txt" in reasons[0]
    assert "no document's file name starts with '09'" in reasons[1]
    assert "3 documents' file names start with '0'" in reasons[2]
    scores = only(result).scores
    assert (scores["hit@10"], scores["reciprocal_rank"], scores["citation_recall"]) == (0, 0, 0)
    assert scores["facts"] == 1


def test_a_quote_with_a_note_mark_is_found_through_the_raw_text() -> None:
    result = run(item("lamp", "Who lit the lamp?", evidence=(Evidence("03", "lit by Marit7 Dahl."),)))
    assert result.unlocated == ()
    assert only(result).scores["hit@10"] == 1


def test_a_quote_that_the_cleaner_removed_stands_nowhere() -> None:
    gap = document("/docs/04-gap.txt", "One. Two.", "One. Gone. Two.", (Kept(0, 0, 5), Kept(5, 11, 4)))
    questions = QuestionSet("s", (item("gap", "One?", evidence=(Evidence("04", "Gone."),)),))
    assert len(run_set(questions, Overlap(gap), Shelf(gap), settings={}).unlocated) == 1


def test_headings_in_a_quote_need_not_be_in_a_passage() -> None:
    text = "The crane\n\nIt was built in 1912.\n\nThe pilots\n\nThere were two of them."
    headings = (Heading(0, 9, 1), Heading(text.index("The pilots"), text.index("The pilots") + 10, 1))
    crane = replace(document("/docs/05-crane.txt", text), headings=headings)
    quotes = ("The crane It was built in 1912.", "in 1912. The pilots There", "The pilots", text)
    evidence = tuple(Evidence("05", quote) for quote in quotes)
    passages = [(crane, text.index("It was"), text.index("1912.") + 5)]
    for found, recall in ((passages, 1 / 4), ([*passages, (crane, text.index("There"), len(text))], 3 / 4)):
        given = with_passages(Overlap(crane).ask("When was it built in 1912?"), *found)

        class Given:
            def ask(self, question: str, history: Sequence[Turn] = (), given: Answer = given) -> Answer:
                return given

        record = Examiner(Given(), Shelf(crane)).ask(item("c", "?", evidence=evidence))
        assert record.scores["recall@10"] == recall  # the one that is nothing but a heading is in no passage


def test_a_citation_of_a_document_that_is_gone_does_not_resolve() -> None:
    questions = QuestionSet("s", (replace(SHIPS, evidence=()),))
    scores = only(run_set(questions, Overlap(*DOCUMENTS), Shelf(DOCUMENTS[1]), settings={})).scores
    assert scores["citations_resolve"] == 0


def test_score_takes_gold_spans_of_any_origin() -> None:
    given = Overlap(*DOCUMENTS).ask("What did the bridge at Torne cost?")
    bridge = DOCUMENTS[1]
    asked = item("b", "?", evidence=(Evidence("02", "any"),))
    scores = score(asked, given, [Gold("02", "any", bridge.id, 0, 43)], {bridge.id: bridge.text})
    assert (scores["hit@1"], scores["citation_precision"], scores["citation_recall"]) == (1, 1, 1)


def test_what_a_refusal_cites_is_no_citation() -> None:
    answered = Overlap(*DOCUMENTS).ask(SHIPS.question)
    harbour = DOCUMENTS[0]
    texts = {harbour.id: harbour.text}
    gold = [Gold("01", "", harbour.id, 0, 42), Gold("02", "", None, problem="gone")]
    scores = score(SHIPS, replace(answered, status="refused"), gold, texts)
    assert scores["citation_recall"] == 0
    assert "citations_resolve" not in scores


def test_progress_is_told_after_each_question() -> None:
    told: list[tuple[int, int, str]] = []
    run(SHIPS, WHALES, on_progress=lambda done, total, question: told.append((done, total, question)))
    assert told == [(1, 2, SHIPS.question), (2, 2, WHALES.question)]


def test_the_same_input_gives_the_same_run_apart_from_times() -> None:
    first, second = (run(SHIPS, WHALES, LOST, settings={"k": 10}) for _ in range(2))

    def timeless(made: Any) -> Any:
        return replace(made, started="", records=tuple(replace(r, seconds=0.0) for r in made.records))

    assert timeless(first) == timeless(second)


def test_an_error_of_the_assistant_ends_the_run_and_names_the_question() -> None:
    class Down:
        def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
            raise ModelError("the model is down; start it")

    with pytest.raises(ModelError) as caught:
        run_set(QuestionSet("s", (SHIPS,)), Down(), Shelf(*DOCUMENTS), settings={})
    assert caught.value.__notes__ == ["while asking question 'ships'"]


# --- what counts as found ---


def with_passages(answer: Answer, *spans: tuple[Document, int, int]) -> Answer:
    passages = tuple(
        RetrievedPassage(i, d.id, a, b, d.text[a:b], "", {"dense": i}, 1 / i) for i, (d, a, b) in enumerate(spans, 1)
    )
    return replace(answer, trace=replace(answer.trace, retrieved=passages))


def test_documents_are_ranked_by_their_first_passage_where_whole_ones_are_meant() -> None:
    harbour, bridge, lamp = DOCUMENTS
    given = with_passages(
        Overlap(*DOCUMENTS).ask("?"), (bridge, 0, 20), (bridge, 20, 40), (lamp, 0, 30), (harbour, 0, 20)
    )
    asked = item("b", "?", type="retrieval", answer="", evidence=(Evidence("03"), Evidence("01", relevance=2)))
    texts = {d.id: d.text for d in DOCUMENTS}
    gold = [
        Gold("03", "", lamp.id, 0, len(NOTED), whole=True),
        Gold("01", "", harbour.id, 0, len(HARBOUR), whole=True),
    ]
    scores = score(asked, given, gold, texts)
    # The documents in order: bridge, lamp, harbour; so ranks 2 and 3, of grades 1 and 2.
    assert scores["reciprocal_rank"] == 1 / 2
    assert (scores["recall@1"], scores["recall@3"]) == (0, 1)
    log3 = 1.584962500721156
    assert scores["ndcg@10"] == pytest.approx((1 / log3 + 2 / 2) / (2 + 1 / log3))
    assert not {"right", "facts", "token_f1", "squad_f1"} & set(scores)
    # A page is no whole document: passages are ranked.
    page = [Gold("03", "", lamp.id, 0, 10, whole=True), Gold("01", "", harbour.id, 30, 60, whole=True)]
    scores = score(asked, given, page, texts)
    assert (scores["reciprocal_rank"], scores["recall@10"]) == (1 / 3, 1 / 2)


# --- right or wrong, and why ---


def said(text: str, status: Status = "answered") -> Answer:
    given = Overlap(*DOCUMENTS).ask(SHIPS.question)
    return replace(given, answer=text, status=status)


@pytest.mark.parametrize(
    ("changes", "answer", "status", "expected"),
    [
        ({"must_include": (("nine", "9"), ("2015",))}, "9 ships, in 2015", "answered", 1),
        ({"must_include": (("nine", "9"), ("2015",))}, "9 ships", "answered", 0),
        ({"must_include": (("nine", "9"),)}, "9 ships", "refused", 0),
        ({"answer": "Nine ships"}, "It was nine ships.", "answered", 1),
        ({"answer": "Nine", "aliases": ("9",)}, "In 9 ships [1].", "partial", 1),
        ({"answer": "Nin"}, "It was nine ships.", "answered", 0),  # whole words
        ({"answer": "There were nine ships in the harbour"}, "It was nine ships.", "answered", None),  # too long
        ({"answer": "There were nine ships in the harbour", "aliases": ("nine",)}, "It was nine.", "answered", 1),
        ({"answer": "nine"}, "nine", "refused", 0),
        ({"answer": ""}, "nine", "answered", None),
        ({"type": "unanswerable"}, "nine", "answered", 0),
        ({"type": "unanswerable"}, "", "refused", 1),
        ({"type": "false-premise", "must_include": (("ten",),)}, "It was ten.", "answered", 1),
        ({"type": "false-premise", "must_include": (("ten",),)}, "It was nine.", "answered", 0),
        ({"type": "false-premise"}, "It was ten.", "answered", 0),
        ({"type": "false-premise"}, "", "refused", 1),
    ],
)
def test_right_or_wrong(changes: dict[str, Any], answer: str, status: Status, expected: float | None) -> None:
    assert right(item("i", "?", **changes), said(answer, status)) == expected


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (SHIPS, ("lacks 'atlantic'", "cites 1 of 2 known evidence")),
        (WHALES, ("refused, as it should be",)),
        (replace(WHALES, question=SHIPS.question), ("answered, but the documents do not answer it",)),
        (
            replace(SHIPS, question="Count of the navy's 9?"),
            ("refused, but the documents answer it (chance of an answer",),
        ),
        (replace(SHIPS, must_include=()), ("holds the expected answer 'Nine ships'",)),
        (replace(SHIPS, must_include=(), answer="Ten"), ("does not hold the expected answer 'Ten'",)),
        (replace(SHIPS, must_include=(), answer="There were nine of them in all"), ("not judged: the expected",)),
        (replace(SHIPS, type="false-premise"), ("answered, and should refuse or correct", "lacks 'atlantic'")),
    ],
)
def test_reasons_are_given_in_words(asked: Item, words: tuple[str, ...]) -> None:
    reasons = only(run(asked)).reasons
    assert len(reasons) >= len(words)
    for reason, start in zip(reasons, words, strict=False):
        assert reason.startswith(start)


def test_evidence_that_was_not_found_is_a_reason() -> None:
    assert "0 of 3 known evidence is in the first 10 passages" in only(run(LOST)).reasons


# --- what stands around a citation ---


def test_context_stays_within_the_paragraph_and_cuts_no_word() -> None:
    text = "Before it.\n\nFirst one. The quote. Last one.\n\nAfter it."
    start = text.index("The quote.")
    assert context(text, start, start + 10) == ("First one. ", " Last one.")
    long = "word " * 200
    before, after = context(long, 500, 504)
    assert CONTEXT - 10 < len(before) < CONTEXT and CONTEXT - 10 < len(after) < CONTEXT
    assert set(before.split()) == set(after.split()) == {"word"}


def test_a_record_holds_what_stands_around_each_citation() -> None:
    record = only(run(SHIPS))
    assert record.contexts == (("", " The pilot was Inga Solheim."),)


# --- several at a time ---


def test_questions_are_asked_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=30)

    class Waiting(Overlap):
        def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
            together.wait()  # passes only when three ask at once
            return super().ask(question, history)

    ask = Examiner(Waiting(*DOCUMENTS), Shelf(*DOCUMENTS)).ask
    records = list(in_threads(ask, 3)([SHIPS, WHALES, LOST]))
    assert {record.id for record in records} == {"ships", "whales", "lost"}


def test_when_one_fails_those_not_begun_are_not_asked() -> None:
    asked: list[str] = []

    def ask(given: Item) -> Record:
        asked.append(given.id)
        time.sleep(0.005)
        raise ModelError("down")

    with pytest.raises(ModelError):
        list(in_threads(ask, 2)([item(f"q{i}", "?") for i in range(500)]))
    assert len(asked) < 500
