"""The second look: which sentences come first, and how much of the library the evidence model reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.embed import Embedder
from index.library import Library
from rag.catalogue import catalogue_of
from rag.evidence import AT_ONCE, FINALISTS, QUOTED, READ, Evidence, find_evidence
from rag.extract import extract
from rag.question import standalone
from rag.reader import EvidenceModel, PassageToRead, Reading
from rag.retrieve import retrieve


def _find(library: Library, question: str, reader: EvidenceModel | None = None) -> Evidence:
    query = standalone(question, [], catalogue_of(library))
    vector = library.embedder.encode_query(query.text)
    return find_evidence(query, vector, retrieve(query, vector, library, 60), library, reader)


def _library(folder: Path, embedder: Embedder, texts: Sequence[str]) -> Library:
    (folder / "texts").mkdir(parents=True)
    for number, text in enumerate(texts):
        (folder / "texts" / f"{number}.md").write_text(text, encoding="utf-8")
    made = Library(folder / "library", embedder)
    assert not made.add([folder / "texts"]).failed
    return made


def test_a_note_on_the_author_does_not_outdo_what_he_writes(tmp_path: Path, embedder: Embedder) -> None:
    note = "Osric Vane is a fellow of the Institute of Canal Studies and has written on canals and locks for years."
    text = (
        "---\ntitle: The price of water\nauthor: Osric Vane\n---\n"
        "The council wants to close the upper locks. To shut them would strand forty barges above the town, and it "
        "would cost the mills their coal.\n\n" + note + "\n"
    )
    library = _library(tmp_path, embedder, [text, "# Ferries\n\nThe ferry crosses at noon. It is painted blue.\n"])
    evidence = _find(library, "What are Osric Vane's objections to closing the locks?")
    assert evidence.sentences[0].text != note
    assert "locks" in evidence.sentences[0].text or "shut them" in evidence.sentences[0].text
    assert _find(library, "Who is Osric Vane?").sentences[0].text == note
    library.close()


def test_both_sides_of_a_comparison_have_a_sentence(library: Library) -> None:
    evidence = _find(library, "How does the cargo of Lorn in 2013 compare with the cargo of Lorn in 2018?")
    assert ["2013" in evidence.sides[0].text, "2018" in evidence.sides[1].text] == [True, True]
    shown = " ".join(s.text for s in extract(evidence, 3))
    assert "4.2 million" in shown
    assert "6.8 million" in shown
    assert _find(library, "Who rejected a second terminal?").sides == ()


class Counting:
    """Counts what it is given to read, and finds the answer in the passage that says so."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.given: list[int] = []

    def prepare(self) -> None:
        """Nothing is loaded."""

    def read(self, question: str, passages: Sequence[PassageToRead]) -> list[Reading]:
        """Score by whether a sentence holds the answer."""
        self.given.append(len(passages))
        scores = [[3.0 if self.answer in p.text[a:b] else -3.0 for a, b in p.sentences] for p in passages]
        return [Reading(np.array(s, np.float32), max(s)) for s in scores]

    def support(self, claim: str, text: str, title: str = "") -> float | None:
        """Say nothing of claims."""
        return None


class Comparing(Counting):
    """Finds nothing between sentences until it reads them as one text, and then in favour of one."""

    def read(self, question: str, passages: Sequence[PassageToRead]) -> list[Reading]:
        """Keep the last text that was read."""
        found = super().read(question, passages)
        self.text = passages[0].text
        self.sentences = [self.text[a:b] for a, b in passages[0].sentences]
        return found if len(passages) == 1 else [Reading(r.sentences * 0, 0.0) for r in found]


class Liking(Counting):
    """Finds the answer to any question that has a certain word, and to no other, in the sentences that hold another."""

    def __init__(self, asked: str, answer: str) -> None:
        super().__init__(answer)
        self.asked = asked

    def read(self, question: str, passages: Sequence[PassageToRead]) -> list[Reading]:
        """Score by both words."""
        found = super().read(question, passages)
        return found if self.asked in question else [Reading(r.sentences * 0 - 8, -8.0) for r in found]


def test_for_each_part_of_a_question_is_read(library: Library) -> None:
    question = "Who rejected a second terminal, and how much cargo did the harbour handle in 2018?"
    for answer in ("4.2 million", "6.8 million"):
        evidence = _find(library, question, Liking("how much cargo", answer))
        assert answer in evidence.sides[1].text
        assert set(evidence.sides) <= set(evidence.sentences)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Library:
    """Return a library of more passages than are read."""
    texts = [f"# Lock {n}\n\nThe lock of reach {n} was opened in {1800 + n} by the canal company.\n" for n in range(30)]
    return _library(tmp_path_factory.mktemp("many"), embedder, texts)


def test_reading_stops_at_an_answer(many: Library) -> None:
    reader = Counting("reach 7 ")
    _find(many, "When was the lock of reach 7 opened?", reader)
    assert reader.given == [AT_ONCE, 1]  # and the best sentences once more, as one text


def test_the_best_sentences_are_read_side_by_side_and_the_order_heeds_it(many: Library) -> None:
    question = "When was a lock opened by the canal company?"
    before = _find(many, question, Comparing("nowhere"))
    fourth = before.sentences[3].text
    reader = Comparing(fourth)
    after = _find(many, question, reader)
    assert after.sentences[0].text == fourth
    assert {s.text for s in after.sentences} == {s.text for s in before.sentences}
    assert len(reader.sentences) == FINALISTS
    # Each is led by what its document is called by: here a title alone.
    numbers = [sentence.split(" reach ")[1].split()[0] for sentence in reader.sentences]
    assert reader.text == "".join(f"Lock {n}: {s} " for n, s in zip(numbers, reader.sentences, strict=True))
    assert set(reader.sentences) == {s.text for s in before.sentences[:FINALISTS]}
    assert (before.findings.final, after.findings.final) == (-3.0, 3.0)


def test_a_question_without_an_answer_is_read_for_to_the_end(many: Library) -> None:
    reader = Counting("nowhere")
    evidence = _find(many, "When was the lock of reach 7 opened?", reader)
    assert reader.given == [*[AT_ONCE] * (READ // AT_ONCE), 1]
    rest = len(evidence.passages) - READ
    assert rest > 0
    assert [p.hit.evidence is not None for p in evidence.passages] == [True] * READ + [False] * rest


def test_what_answers_comes_first_and_what_was_not_read_is_taken_for_middling(many: Library) -> None:
    question = "When was a lock opened by the company?"
    third = _find(many, question).passages[2].hit
    evidence = _find(many, question, Counting(third.text.split("lock")[-1].split("was")[0].strip()))
    assert evidence.passages[0].hit.id == third.id
    assert evidence.sentences[0].document == third.document
    assert all(0 <= s.score <= 1 for s in evidence.sentences)
    read = {p.hit.id: p.hit.evidence is not None for p in evidence.passages}
    order = [read[s.passage] for s in evidence.sentences]
    assert order[0] and not all(order) and order[-1]
    assert evidence.passages == tuple(sorted(evidence.passages, key=lambda p: (-p.hit.score, p.hit.id)))


def test_who_said_a_sentence_is_told_by_where_it_stands(library: Library) -> None:
    said = _find(library, "Who rejected a second terminal?").sentences[0].text
    evidence = _find(library, f"Who said that {said.rstrip('.')}?")
    assert evidence.sentences[0].text == said
    assert evidence.answerable == QUOTED


def test_why_a_sentence_is_so_is_not_answered_by_the_sentence(library: Library) -> None:
    said = _find(library, "Who rejected a second terminal?").sentences[0].text
    assert said not in {s.text for s in _find(library, f"Why is it that {said.rstrip('.')}?").sentences}
    # What a follow-up was about stands in brackets.
    assert said in {s.text for s in _find(library, f"When was that ({said.rstrip('.')})?").sentences}


def test_what_a_question_repeats_answers_no_part_of_it_either(library: Library) -> None:
    said = _find(library, "Who rejected a second terminal?").sentences[0].text
    evidence = _find(library, f"Why is it that {said.rstrip('.')}, and who rejected a second terminal in Lorn?")
    assert evidence.sides
    assert said not in {s.text for s in (*evidence.sides, *evidence.sentences)}
