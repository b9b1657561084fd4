"""The set of conversations, and how it is measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.answers.conversations import (
    DOCUMENTS,
    WAYS,
    AskedTurn,
    Conversation,
    Quote,
    ask_all,
    by_way,
    read_conversations,
)
from eval.formats import Evidence, SetError
from eval.metrics import facts_found
from eval.placing import Missing, Places
from index.library import Library
from index.parse import parse
from index.types import Document, DocumentInfo, Part
from rag.assistant import Assistant
from rag.settings import Settings

CONVERSATIONS = read_conversations()


class Read:
    """Documents as they are read, without being embedded."""

    def __init__(self, folder: Path) -> None:
        parts = [part for path in sorted(folder.iterdir()) for part in parse(path, 1 << 20) if isinstance(part, Part)]
        self._read = {part.document.id: part.document for part in parts if part.document}

    def documents(self) -> list[DocumentInfo]:
        return [DocumentInfo(d.id, d.source, d.kind, d.metadata, 1, 1, 1, 0, "") for d in self._read.values()]

    def document(self, id: str) -> Document:  # noqa: A002 - as the library calls it
        return self._read[id]


def test_the_set_holds_forty_conversations_of_two_or_three_turns() -> None:
    assert len({c.id for c in CONVERSATIONS}) == len(CONVERSATIONS) == 40
    assert [c.part for c in CONVERSATIONS].count("held-out") == 12
    assert {len(c.turns) for c in CONVERSATIONS} == {2, 3}
    assert all((turn.kind == "first") == (turn is c.turns[0]) for c in CONVERSATIONS for turn in c.turns)
    assert {turn.kind for c in CONVERSATIONS for turn in c.turns} >= {
        "pronoun", "demonstrative", "year", "who-said", "why", "shorter", "repeat", "compare", "what-about",
        "topic-change", "correction", "short-name", "conversation", "ellipsis", "refuse",
    }  # fmt: skip


def test_every_quote_stands_in_its_document_and_holds_the_facts() -> None:
    places = Places(Read(DOCUMENTS))
    for turn in (turn for c in CONVERSATIONS for turn in c.turns):
        assert bool(turn.evidence) == bool(turn.must_include) == bool(turn.answer)
        for quote in turn.evidence:
            assert not isinstance(placed := places.place(Evidence(quote.doc, quote.quote)), Missing), placed
        told = " ".join([turn.answer, *(quote.quote for quote in turn.evidence)])
        assert facts_found(told, turn.must_include) in (1, None), turn.question


def _turn(kind: str, question: str, standalone: str, fact: str = "", doc: str = "", quote: str = "") -> AskedTurn:
    return AskedTurn(
        question=question,
        kind=kind,
        standalone=standalone,
        answer=fact,
        must_include=((fact,),) if fact else (),
        evidence=(Quote(doc=doc, quote=quote),) if quote else (),
    )


def test_a_later_turn_is_asked_in_its_conversation_as_it_is_meant_and_bare(library: Library, tmp_path: Path) -> None:
    first = "How much cargo did the harbour of Lorn handle in 2013?"
    later = first.replace("2013", "2018")
    turns = (
        _turn("first", first, first, "4.2", "harbour.md", "4.2 million tons of cargo in 2013"),
        _turn("year", "and in 2018?", later, "6.8", "harbour-later", "Lorn handled 6.8 million tons in 2018."),
        _turn("topic-change", "Who composed the opera Salome?", "Who composed the opera Salome?"),
    )
    conversation = Conversation(id="x", part="tuning", turns=turns)
    outcomes = ask_all([conversation], library, Assistant(library, Settings(home=tmp_path / "home")))
    assert [(o.turn.question, o.way) for o in outcomes] == [
        (first, WAYS[0]),
        *(("and in 2018?", way) for way in WAYS),
        *(("Who composed the opera Salome?", way) for way in WAYS),
    ]
    changed, meant, bare = outcomes[1:4]
    assert (changed.understood, bare.understood) == (later, "and in 2018?")
    assert changed.found and meant.found and (changed.facts, changed.answer) == (meant.facts, meant.answer)
    assert changed.facts == 1.0
    assert [(o.found, o.facts, o.refused) for o in outcomes[4:]] == [(None, None, True)] * 3
    found = by_way(outcomes)
    assert (found[WAYS[0]].turns, found[WAYS[0]].found, found[WAYS[0]].refused) == (2, 1.0, 1.0)
    assert by_way(outcomes, "held-out") == {}


def test_a_line_that_is_no_conversation_is_told_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(
        CONVERSATIONS[0].model_dump_json() + '\n{"id": "x", "part": "none", "turns": []}\n', encoding="utf-8"
    )
    with pytest.raises(SetError, match=r"set\.jsonl, line 2, field part: "):
        read_conversations(path)
