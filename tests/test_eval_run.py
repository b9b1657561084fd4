"""A run over a small real assistant: word overlap, verbatim sentences, refusal when little overlaps."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.formats import Evidence, Item, QuestionSet
from eval.metrics import Span
from eval.run import FORMAT, Record, RunError, Unlocated, load_run, run_set, score
from index.types import Alignment, Document, DocumentInfo, Metadata
from index.types import Run as Kept
from rag.errors import ModelError, RagError
from rag.types import Answer, AnswerSentence, Citation, RetrievedPassage, Trace, Turn, Verdict

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


def timeless(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"started": "", "records": [r | {"seconds": 0} for r in data["records"]]}


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
    assert set(only(run(WHALES)).scores) == {"refused", "answerable"}


def test_a_refused_false_premise_has_no_answer_to_score_and_an_answered_one_has() -> None:
    premise = replace(SHIPS, type="false-premise")
    assert only(run(premise)).scores["facts"] == 1 / 2
    refused = only(run(replace(premise, question="Count of the navy's 9?"))).scores
    assert "facts" not in refused and "citation_recall" not in refused
    assert "hit@10" in refused


def test_evidence_that_stands_nowhere_is_told_and_counts_as_not_found() -> None:
    result = run(LOST)
    assert result.unlocated == (
        Unlocated("lost", "01", "x" * 80, "the quote is not in the document's text"),
        Unlocated("lost", "09", "The pilot was Inga Solheim.", "no document's file name starts so"),
        Unlocated("lost", "0", "The pilot was Inga Solheim.", "3 documents' file names start so; expected one"),
    )
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


def test_a_citation_of_a_document_that_is_gone_does_not_resolve() -> None:
    questions = QuestionSet("s", (replace(SHIPS, evidence=()),))
    scores = only(run_set(questions, Overlap(*DOCUMENTS), Shelf(DOCUMENTS[1]), settings={})).scores
    assert scores["citations_resolve"] == 0


def test_score_takes_gold_spans_of_any_origin() -> None:
    given = Overlap(*DOCUMENTS).ask("What did the bridge at Torne cost?")
    bridge = DOCUMENTS[1]
    scores = score(item("b", "?"), given, [Span(bridge.id, 0, 43)], {bridge.id: bridge.text})
    assert (scores["hit@1"], scores["citation_precision"], scores["citation_recall"]) == (1, 1, 1)


def test_what_a_refusal_cites_is_no_citation() -> None:
    answered = Overlap(*DOCUMENTS).ask(SHIPS.question)
    harbour = DOCUMENTS[0]
    texts = {harbour.id: harbour.text}
    scores = score(SHIPS, replace(answered, status="refused"), [Span(harbour.id, 0, 42)], texts)
    assert scores["citation_recall"] == 0
    assert "citations_resolve" not in scores


def test_progress_is_told_after_each_question() -> None:
    told: list[tuple[int, int, str]] = []
    run(SHIPS, WHALES, on_progress=lambda done, total, question: told.append((done, total, question)))
    assert told == [(1, 2, SHIPS.question), (2, 2, WHALES.question)]


def test_the_same_input_gives_the_same_run_apart_from_times() -> None:
    first, second = (run(SHIPS, WHALES, LOST, settings={"k": 10}).to_dict() for _ in range(2))
    assert timeless(first) == timeless(second)


def test_an_error_of_the_assistant_ends_the_run_and_names_the_question() -> None:
    class Down:
        def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
            raise ModelError("the model is down; start it")

    with pytest.raises(ModelError) as caught:
        run_set(QuestionSet("s", (SHIPS,)), Down(), Shelf(*DOCUMENTS), settings={})
    assert caught.value.__notes__ == ["while asking question 'ships'"]


def test_a_saved_run_is_read_back_equal(tmp_path: Path) -> None:
    result = run(SHIPS, WHALES, LOST, settings={"model": "overlap", "home": Path("lib"), "k": 10})
    path = tmp_path / "new" / "run.json"
    result.save(path)
    assert load_run(path) == result
    assert result.settings == {"model": "overlap", "home": "lib", "k": 10}
    assert [p.name for p in path.parent.iterdir()] == ["run.json"]


def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text("old", encoding="utf-8")
    broken = replace(run(WHALES), settings={"late": object()})
    with pytest.raises(TypeError):
        broken.save(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read"),
        (b"{", "not a saved run"),
        (b"\xff", "not a saved run"),
        (b"[]", "format None, this version reads 1"),
        (b'{"format": 99}', "format 99, this version reads 1"),
        (b'{"format": 1}', "field set"),
    ],
)
def test_a_file_that_is_no_run_of_this_version(tmp_path: Path, text: bytes | None, words: str) -> None:
    path = tmp_path / "run.json"
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(RunError) as caught:
        load_run(path)
    assert isinstance(caught.value, RagError)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


def test_the_file_names_its_format(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    run(WHALES).save(path)
    assert json.loads(path.read_text(encoding="utf-8"))["format"] == FORMAT == 1
