"""Questions proposed from documents: the forms, the checks, near misses, and what a session keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from eval.formats import SetError, load_set
from eval.metrics import mentions
from eval.placing import problems
from eval.propose import Proposal, Session, Writer, propose
from eval.propose.checks import Search, adds_nothing, gives_away, stands_alone
from eval.propose.drafts import drafts
from eval.propose.lexicon import Lexicon, names_in
from eval.propose.near_misses import NearMisses
from eval.propose.verbs import base_of
from index.embed import Embedder
from index.library import Library
from prompts import Message
from rag.cli_eval_new import new

FERRY = """The ferries of Skarvik

In 1912 the shipyard of Ada Falk built the ferry Sule for the town of Skarvik. The ferry Sule carried 340 passengers
between Skarvik and Torvund. Skarvik sold the Sule to Norby in 1931 because the engine used too much coal. The sale was
announced by Mayor Jon Tveit in the town hall.

The harbour of Torvund was closed in March 1944 and opened again after the war. Skarvik, Torvund and Norby share one
ferry today. Harald Moe, the last captain of the Sule, said that the crew had wept in the rain. Tickets between Skarvik
and Norby cost 12 crowns. Karl Brun and Jon Tveit bought the ferry Havbris in 1958. Jon Tveit and Harald Moe were
friends.
"""
MUSEUM = """The museum of Norby

The museum of Norby was founded in 1975. Visitors paid $4 for a ticket to the Norby museum in 1980. The museum of Norby
received 61,000 visitors in 1999. It is small. They like it there. We do not open on Mondays.
"""


@pytest.fixture
def ferries(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    folder = tmp_path / "coast"
    folder.mkdir()
    (folder / "ferry.txt").write_text(FERRY, encoding="utf-8")
    (folder / "museum.txt").write_text(MUSEUM, encoding="utf-8")
    library = Library(tmp_path / "ferries", embedder)
    assert not library.add([folder]).failed
    yield library
    library.close()


WORDS = Lexicon(
    ["The workers reject, move, stop, visit, carry, receive and drop the exports."],
    ["reject", "move", "stop", "visit", "carry", "receive", "hope", "hop", "open", "veto", "come", "cause"],
)


# Forms


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "In November 2012 the council of Lorn rejected a second terminal.",
            [("When did the council of Lorn reject a second terminal?", "November 2012", "date")],
        ),
        (
            "The port of Lorn was opened in 1912 and the railway two years later.",
            [("When was the port of Lorn opened?", "1912", "date")],
        ),
        (
            "The port of Lorn received some 4.2 million tons of cargo in 2013, more than ever.",
            [
                ("How many tons of cargo did the port of Lorn receive in 2013?", "4.2 million tons of cargo", "number"),
                ("When did the port of Lorn receive some 4.2 million tons of cargo?", "2013", "date"),
            ],
        ),
        (
            "Exports of Lorn rose by 12 per cent in 2013.",
            [
                ("By how much did exports of Lorn rise in 2013?", "12 per cent", "number"),
                ("When did exports of Lorn rise by 12 per cent?", "2013", "date"),
            ],
        ),
        (
            "The bridge at Lorn was built by Ada Falk in 1950.",
            [
                ("When was the bridge at Lorn built by Ada Falk?", "1950", "date"),
                ("By whom was the bridge at Lorn built in 1950?", "Ada Falk", "factoid"),
            ],
        ),
        (
            "Piet Aldous, the director of the port, said that the crane had paid for itself.",
            [("Who said that the crane had paid for itself?", "Piet Aldous", "who-said")],
        ),
        (
            "Nine trawlers were sold to Torvund.",
            [("How many trawlers were sold to Torvund?", "nine trawlers", "number")],
        ),
        (
            "Torvund closed the harbour at Lorn because the herring had moved north.",
            [
                ("Why did Torvund close the harbour at Lorn?", "Because the herring had moved north.", "reason"),
                ("Who closed the harbour at Lorn?", "Torvund", "factoid"),
            ],
        ),
        (
            "The town of Lorn has 340 inhabitants.",
            [("How many inhabitants does the town of Lorn have?", "340 inhabitants", "number")],
        ),
        (
            "Sule Havn is a village of fishermen on the coast.",
            [("What is Sule Havn?", "a village of fishermen on the coast", "factoid")],
        ),
    ],
)
def test_a_plain_sentence_becomes_questions(sentence: str, expected: list[tuple[str, str, str]]) -> None:
    words = Lexicon([sentence, "The many exports rise."], ["reject", "receive", "close"])
    assert [(d.question, d.answer, d.type) for d in drafts(sentence, words)] == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "It was opened in 1912.",
        "This law was signed by Ada Falk in 1912.",
        "A law signed in May 2016 now offers every citizen of Lorn a field.",
        "The council of Lorn did not open the port in 1912.",
        "“We opened it in 1912,” Ada Falk said.",
        "Which port was opened in 1912?",
        "Opened in 1912 by Ada Falk.",
        "The council of Lorn rejected the plans which Ada Falk had made.",
        "The usual speeds of Lorn are 30 knots.",
        "The port of Lorn: Old Harbour opened its gates.",
        "Hafen und Stadt wurden im Jahre 1912 von Ada Falk gegründet.",
        "Порт был открыт в 1912 году.",
        "Year: 1912; Port: Lorn; Cargo: 300.",
    ],
)
def test_of_a_sentence_that_is_not_plain_nothing_is_made(sentence: str) -> None:
    assert drafts(sentence, WORDS) == []


@pytest.mark.parametrize(
    ("past", "base"),
    [
        ("rejected", "reject"),
        ("moved", "move"),
        ("stopped", "stop"),
        ("visited", "visit"),
        ("carried", "carry"),
        ("hoped", "hope"),
        ("opened", "open"),
        ("vetoed", "veto"),
        ("came", "come"),
        ("says", "say"),
        ("blorped", None),
        ("red", None),
    ],
)
def test_the_base_form_of_a_past(past: str, base: str | None) -> None:
    assert base_of(past, WORDS) == base


@given(st.text(max_size=200))
def test_no_text_breaks_the_forms(text: str) -> None:
    for draft in drafts(text, WORDS):
        assert draft.question.endswith("?")


@given(st.permutations("In 2012 the council of Lorn had rejected some 40 plans because Ada Falk said so .".split()))
def test_no_order_of_words_breaks_the_forms(words: list[str]) -> None:
    for draft in drafts(" ".join(words).replace(" .", "."), WORDS):
        assert draft.question.count("?") == 1


def test_names_and_their_kin() -> None:
    sentences = [
        "Trade of Lorn, Torvund and Norby grew.",
        "Norby and Sule Havn met in May.",
        "Ada Falk and Jon Tveit came.",
    ]
    lexicon = Lexicon(sentences)
    assert names_in("The port of Lorn met Ada Falk in May 1912.") == ["Lorn", "Ada Falk"]
    assert set(lexicon.kin("Lorn")) == {"Torvund", "Norby", "Sule Havn"}
    assert lexicon.kin("Lorn")[-1] == "Sule Havn"  # only beside one that stands beside it
    assert lexicon.kin("Jon Tveit") == ["Ada Falk"]


# Checks


@pytest.mark.parametrize(
    ("question", "good"),
    [
        ("When was the port of Lorn opened?", True),
        ("When was the port opened?", False),
        ("When did they open the port of Lorn?", False),
        ("When was Lorn opened? And why was Lorn closed?", False),
        ("When was the port of Lorn opened", False),
        ("How many ships came to Lorn last year?", False),
        ("Who met the two mayors of Lorn?", False),
        ("Lorn?", False),
    ],
)
def test_a_question_stands_alone(question: str, good: bool) -> None:
    assert stands_alone(question) == good


def test_a_question_does_not_hold_its_answer_nor_what_its_source_does_not() -> None:
    assert gives_away("When in 1912 was Lorn opened?", [["May"], ["1912"]])
    assert not gives_away("When was Lorn opened?", [["1912"]])
    source = "The port of Lorn was opened in 1912 by Ada Falk."
    assert adds_nothing("When did Ada Falk open the port of Lorn?", [source])
    assert not adds_nothing("When did Jon Tveit open the port of Lorn?", [source])
    assert not adds_nothing("Which of the 9 ports opened in Lorn?", [source])
    assert not adds_nothing("What is the purpose of a harbour wall?", [source])


# Proposals


def test_proposals_rest_on_the_documents(ferries: Library, tmp_path: Path) -> None:
    found = list(propose(ferries))
    answerable = [p for p in found if p.item.answerable]
    misses = [p for p in found if not p.item.answerable]
    assert len(answerable) >= 8
    assert len(misses) >= 3
    assert {p.item.evidence[0].doc for p in answerable} == {"ferry.txt", "museum.txt"}
    assert {p.item.type for p in answerable} >= {"date", "number", "factoid"}
    assert len({p.key for p in found}) == len(found)
    session = Session(tmp_path / "set.jsonl")
    for proposal in found:
        item = session.accept(proposal)
        assert all(any(mentions(proposal.quote, way) for way in ways) for ways in item.must_include)
    assert problems(load_set(session.path), ferries) == []


def test_the_same_library_and_seed_give_the_same_proposals(ferries: Library) -> None:
    first = [p.item.question for p in propose(ferries, seed=3)]
    assert first == [p.item.question for p in propose(ferries, seed=3)]
    assert first != [p.item.question for p in propose(ferries, seed=4)]


def test_a_near_miss_differs_in_one_name_or_year_and_has_no_answer(ferries: Library) -> None:
    found = list(propose(ferries, share=1))
    assert found
    text = " ".join(ferries.document(info.id).text for info in ferries.documents())
    for proposal in found:
        assert (proposal.item.type, proposal.item.evidence, proposal.item.answer) == ("unanswerable", (), "")
        now = proposal.note.split("'")[1]
        assert now in text
        assert now in proposal.item.question
        assert now not in proposal.quote


def test_what_the_documents_answer_is_no_near_miss(ferries: Library) -> None:
    search = Search(ferries)
    assert search.answers("How many visitors did the museum of Norby receive in 1999?", "1999")
    assert not search.answers("How many visitors did the museum of Norby receive in 1912?", "1912")
    lexicon = Lexicon(["Norby and Torvund traded."])
    made = NearMisses(search, lexicon, ["1999", "1944"])
    # Of 1998 only the exchange for 1999 is near, and that is answered; so 1944, farther off, is taken.
    miss = made.of("How many visitors did the museum of Norby receive in 1998?", "")
    assert miss is not None
    assert (miss.was, miss.now) == ("1998", "1944")


def test_a_known_question_is_not_proposed_again(ferries: Library) -> None:
    first = next(iter(propose(ferries)))
    rest = list(propose(ferries, known={first.key}))
    assert first.item.question not in {p.item.question for p in rest}
    without = list(propose(ferries, quotes=[first.quote]))
    assert all(p.quote != first.quote for p in without)


def test_of_documents_in_another_language_nothing_is_proposed(tmp_path: Path, embedder: Embedder) -> None:
    path = tmp_path / "hafen.txt"
    path.write_text("Der Hafen von Lorn wurde 1912 eröffnet. Er gehört der Stadt.", encoding="utf-8")
    library = Library(tmp_path / "german", embedder)
    library.add([path])
    assert list(propose(library)) == []
    library.close()


class Hosted:
    """Stands for a paid model: answers with the next of some lines, and keeps what it was told."""

    name, size, context = "openai:paid", "large", 8192

    def __init__(self, *lines: str) -> None:
        self.lines = list(lines)
        self.told: list[str] = []

    def count(self, text: str) -> int:
        return len(text.split())

    def stream(self, messages: Sequence[Message], *, max_tokens: int, temperature: float, seed: int) -> Iterator[str]:
        self.told.append(messages[-1].content)
        yield self.lines.pop(0)

    def close(self) -> None:
        pass


def test_a_model_asks_for_the_facts_of_a_sentence_and_adds_nothing() -> None:
    sentence = "The port, being old, in 1912 saw more ships than Torvund."
    model = Hosted('Question: "When did the port see\nmore ships than Torvund?"', "Which port saw the Titanic?")
    found = Writer(model).drafts(sentence, "The port of Torvund")
    assert [(d.question, d.answer, d.type) for d in found] == [
        ("When did the port see more ships than Torvund?", "1912", "date")
    ]
    assert [told.rpartition("Answer: ")[2].split("\n")[0] for told in model.told] == ["1912", "Torvund"]
    assert all(
        f"Sentence: {sentence}" in told and "Title of the document: The port of Torvund" in told for told in model.told
    )


def test_a_model_is_asked_only_where_the_forms_make_nothing(tmp_path: Path, embedder: Embedder) -> None:
    path = tmp_path / "port.txt"
    path.write_text(
        "The port of Torvund was opened in 1912.\nTorvund, being old, in 1913 saw fewer ships than Lorn.",
        encoding="utf-8",
    )
    library = Library(tmp_path / "written", embedder)
    library.add([path])
    model = Hosted("When did Torvund see fewer ships than Lorn?", "1913?")
    found = list(propose(library, share=0, writer=Writer(model)))
    assert {(p.item.question, p.item.answer) for p in found} == {
        ("When was the port of Torvund opened?", "1912"),
        ("When did Torvund see fewer ships than Lorn?", "1913"),
    }
    assert len(model.told) == 2
    library.close()


# Sessions


@pytest.fixture
def offered(ferries: Library) -> list[Proposal]:
    return list(islice(propose(ferries), 4))


def test_only_what_was_accepted_is_in_the_set(offered: list[Proposal], tmp_path: Path) -> None:
    path = tmp_path / "sets" / "coast.jsonl"
    session = Session(path)
    first, second, third, _ = offered
    assert session.accept(first).id == "q001"
    session.reject(second)
    edited = session.accept(third, question="What is asked of Norby?", answer="Another answer")
    assert (edited.id, edited.must_include) == ("q002", (("Another answer",),))
    assert [item.question for item in load_set(path).items] == [first.item.question, "What is asked of Norby?"]
    assert (session.count("accepted"), session.count("edited"), session.count("rejected")) == (1, 1, 1)


def test_a_session_is_gone_on_with(offered: list[Proposal], ferries: Library, tmp_path: Path) -> None:
    path = tmp_path / "coast.jsonl"
    session = Session(path)
    session.accept(offered[0])
    session.reject(offered[1])
    again = Session(path)
    assert again.known >= {offered[0].key, offered[1].key}
    asked = {p.item.question for p in propose(ferries, known=again.known, quotes=again.quotes)}
    assert not asked & {offered[0].item.question, offered[1].item.question}
    assert again.accept(offered[2]).id == "q002"
    assert len(load_set(path).items) == 2


def test_a_set_of_ones_own_is_added_to(offered: list[Proposal], tmp_path: Path) -> None:
    path = tmp_path / "coast.jsonl"
    line = {"id": "q017", "question": "Who?", "type": "unanswerable", "answer": "", "must_include": [], "evidence": []}
    path.write_text(json.dumps(line), encoding="utf-8")  # without a line feed at its end
    assert Session(path).accept(offered[0]).id == "q018"
    assert [item.id for item in load_set(path).items] == ["q017", "q018"]


def test_what_is_edited_into_nonsense_is_not_added(offered: list[Proposal], tmp_path: Path) -> None:
    session = Session(tmp_path / "coast.jsonl")
    with pytest.raises(SetError, match="field question"):
        session.accept(offered[0], question=" ")
    assert not session.path.exists()
    session.accept(offered[0])
    with pytest.raises(SetError, match="is in the set already"):
        session.accept(offered[1], question=offered[0].item.question)
    assert len(load_set(session.path).items) == 1


def test_a_session_takes_only_sets_of_ours(tmp_path: Path) -> None:
    with pytest.raises(SetError, match="name a file of JSON Lines"):
        Session(tmp_path / "set.csv")
    path = tmp_path / "set.jsonl"
    path.write_text('{"id": 1}', encoding="utf-8")
    with pytest.raises(SetError, match="line 1, field id"):
        Session(path)


def test_a_decision_that_was_cut_off_is_made_again(offered: list[Proposal], tmp_path: Path) -> None:
    session = Session(tmp_path / "coast.jsonl")
    session.reject(offered[0])
    session.reject(offered[1])
    log = tmp_path / ".coast.decisions.jsonl"
    log.write_bytes(log.read_bytes()[:-20])
    again = Session(tmp_path / "coast.jsonl")
    assert offered[0].key in again.known
    assert offered[1].key not in again.known
    again.reject(offered[1])
    assert offered[1].key in Session(tmp_path / "coast.jsonl").known


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(["accept", "reject", "stop"]), max_size=12))
def test_nothing_is_lost_or_doubled_whenever_one_stops(
    tmp_path_factory: pytest.TempPathFactory, acts: list[str]
) -> None:
    path = tmp_path_factory.mktemp("session") / "set.jsonl"
    session, wanted = Session(path), []
    for number, act in enumerate(acts):
        proposal = _plain_proposal(number)
        if act == "accept":
            wanted.append(session.accept(proposal).question)
        elif act == "reject":
            session.reject(proposal)
        else:
            session = Session(path)
    assert [item.question for item in Session(path).items] == wanted
    assert len(Session(path).known) == sum(act != "stop" for act in acts)


def _plain_proposal(number: int) -> Proposal:
    from eval.formats import Evidence, Item

    evidence = (Evidence("a.txt", f"Ship {number} sailed."),)
    return Proposal(Item("", f"Which ship is number {number}?", "number", str(number), (), (), evidence), "A", "")


# The command


def run(home: Path, *arguments: str, stdin: str) -> str:
    app = typer.Typer()
    app.command()(new)
    done = CliRunner().invoke(app, list(arguments), input=stdin, env={"RAG_HOME": str(home), "COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    return done.output


def test_the_command_keeps_what_is_accepted_and_goes_on(filled_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    said = run(filled_home, str(path), "-n", "3", stdin="a\nx\nr\ne\nWhat is asked of Lorn?\n\n")
    assert "1/3" in said
    assert "[a]ccept, [e]dit, [r]eject" in said
    questions = [item.question for item in load_set(path).items]
    assert questions[0] in said
    assert questions[1:] == ["What is asked of Lorn?"]
    assert f"{path}: 2 questions; of all that was proposed 1 were accepted, 1 edited, 1 rejected" in said
    again = run(filled_home, str(path), stdin="")  # the end of the input is as good as quitting
    assert f"{path}: 2 questions so far" in again
    assert questions[0] not in again.split("so far")[1]
