"""Sets of questions in the page: their files, one person's going through proposals, and what the tab shows of it."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.figures import figures
from eval.formats import Evidence, Item, SetError, load_set
from eval.placing import problems
from eval.propose import Proposal, Session
from eval.report_summary import interval
from eval.runs import load_run
from index.embed import Embedder
from index.library import Library
from rag.assistant import Assistant
from rag.errors import ModelError, SettingsError
from rag.filters import NO_FILTERS, Filters
from rag.settings import Settings
from rag.types import Event, Turn
from ui.desk import Desk
from ui.sets import run as set_run
from ui.sets import shelf as sets
from ui.sets import view as sets_view
from ui.sets.sitting import Sitting, changes, facts_of, facts_text
from ui.sets.tab import NOTHING, SetsTab

MILLS = """# The mills of Orlo

## Water

The mill of Orlo was built in 1821 by Greta Voss. The council of Orlo sold the mill to Hanno Brix in 1874. In 1902 the
mill of Orlo ground 900 sacks of rye. Hanno Brix bought a steam engine in Tarn.

## Wind

The windmill of Tarn burnt in March 1911. The council of Tarn refused a loan in 1912. <b>Greta Voss</b> founded a school
in Tarn in 1830. The windmill of Tarn was sold to Ilse Moor in 1915.
"""


def library_of(folder: Path, embedder: Embedder, text: str, name: str = "mills.md") -> Library:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    library = Library(folder / "default", embedder)
    assert not library.add([path]).failed
    return library


@pytest.fixture(scope="module")
def mills(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    """Return a library that no test may change."""
    library = library_of(tmp_path_factory.mktemp("mills"), embedder, MILLS)
    yield library
    library.close()


def tab_of(library: Library, folder: Path) -> SetsTab:
    settings = Settings(home=folder / "home")
    return SetsTab(Desk(Assistant(library, settings), library, settings))


@pytest.fixture
def tab(mills: Library, tmp_path: Path) -> SetsTab:
    return tab_of(mills, tmp_path)


def event(**data: object) -> gr.EventData:
    return gr.EventData(None, data)


def last(steps: Iterator[tuple[Any, ...]]) -> tuple[Any, ...]:
    *_, step = steps
    return step


def begin(tab: SetsTab, name: str = "mills", wanted: int = 20, share: int = 30) -> Sitting:
    sitting = last(tab.start(name, wanted, share, None))[0]
    assert isinstance(sitting, Sitting)
    return sitting


def decide(tab: SetsTab, sitting: Sitting, act: str, **fields: str) -> tuple[Any, ...]:
    """Send what the page would send of the proposal that is shown, some of its fields changed."""
    assert sitting.current is not None
    item = sitting.current.item
    question = fields.get("question", item.question)
    answer, facts = fields.get("answer", item.answer), fields.get("facts", facts_text(item.must_include))
    return tab.decide(sitting, question, answer, facts, event(act=act, key=sitting.current.key))


def to_answerable(tab: SetsTab, sitting: Sitting) -> Proposal:
    while sitting.current and not (sitting.current.item.answerable and sitting.current.item.must_include):
        decide(tab, sitting, "later")
    assert sitting.current
    return sitting.current


# Facts and changes

FACT = st.text(st.characters(exclude_characters="|", exclude_categories=("C", "Z")), min_size=1, max_size=8)


@given(st.lists(st.lists(FACT, min_size=1, max_size=3), max_size=4))
def test_facts_are_read_as_they_are_shown(facts: list[list[str]]) -> None:
    assert facts_of(facts_text(facts)) == facts


def test_what_a_person_changed_and_nothing_else() -> None:
    item = Item("", "When did it open?", "date", "March 1911", (), (("March",), ("1911",)), ())
    assert changes(item, item.question, item.answer, "March\n1911") == {}
    assert changes(item, "When did  the mill open? ", item.answer, "March\n1911") == {
        "question": "When did the mill open?"
    }
    assert changes(item, item.question, item.answer, "\n 1911 |'11\n|") == {
        "answer": "March 1911",
        "must_include": [["1911", "'11"]],
    }
    with pytest.raises(SetError, match="does not hold the fact “1911”"):
        changes(item, item.question, "May 1912", "May\n1911")
    miss = Item("", "When did it close?", "unanswerable", "", (), (), ())
    assert changes(miss, miss.question, "ignored", "ignored") == {}


# Files


@pytest.mark.parametrize("name", ["../up", "a/b", "con", "what?", ".hidden", "x" * 200, "a\\b", "tab\x00"])
def test_a_name_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SetError, match="cannot be the name of a file"):
        sets.path_of(tmp_path, name)


def test_names_are_files_of_the_folder(tmp_path: Path) -> None:
    assert sets.path_of(tmp_path, "  annual   reports.jsonl ") == tmp_path / "annual reports.jsonl"
    with pytest.raises(SetError, match="Give the set a name"):
        sets.path_of(tmp_path, " ")


def test_each_collection_has_its_sets(tmp_path: Path) -> None:
    one, two = (sets.folder(Settings(home=tmp_path, collection=name)) for name in ("mills", "ships"))
    assert one != two
    assert one.is_relative_to(tmp_path)


def test_the_sets_are_listed_and_a_broken_one_says_why(tab: SetsTab) -> None:
    sitting = begin(tab)
    decide(tab, sitting, "accept")
    (tab.folder() / "broken.jsonl").write_text('{"id": 1}\n', encoding="utf-8")
    first, second = sets.kept(tab.folder())
    assert (first.name, first.questions) == ("broken", 0)
    assert "line 1, field id" in first.problem
    assert (second.name, second.questions, second.problem) == ("mills", 1, "")
    shown, _ = tab.refresh()
    assert "line 1, field id" in shown
    assert 'data-set="broken"' not in shown
    assert 'data-set="mills"' in shown
    assert str(tab.folder() / "mills.jsonl") in shown


# Deciding


def test_only_what_was_accepted_is_written_and_as_it_was_shown(tab: SetsTab, mills: Library) -> None:
    sitting = begin(tab)
    path = tab.folder() / "mills.jsonl"
    assert not path.exists(), "nothing is in the set before a person has decided"
    first = to_answerable(tab, sitting)
    assert not path.exists()
    shown = decide(tab, sitting, "accept")[5]
    assert "Kept as q001." in shown
    assert str(path) in shown
    rejected = to_answerable(tab, sitting)
    decide(tab, sitting, "reject")
    to_answerable(tab, sitting)
    decide(tab, sitting, "accept", question="Who paid for the mill?", answer="Hanno Brix, in 1874", facts="Brix\n1874")
    one, two = load_set(path).items
    assert (one.question, one.answer, one.must_include) == (
        first.item.question,
        first.item.answer,
        first.item.must_include,
    )
    assert (two.question, two.answer, two.must_include) == (
        "Who paid for the mill?",
        "Hanno Brix, in 1874",
        (("Brix",), ("1874",)),
    )
    assert problems(load_set(path), mills) == []
    assert rejected.item.question not in path.read_text(encoding="utf-8")
    assert [sitting.counts[name] for name in ("accepted", "edited", "rejected")] == [1, 1, 1]
    assert "accepted 1, edited 1, rejected 1" in sets_view.head(sitting)
    assert f"<strong>{sitting.number} of 20</strong>" in sets_view.head(sitting)


def test_a_second_click_decides_on_nothing(tab: SetsTab) -> None:
    sitting = begin(tab)
    assert sitting.current
    key = sitting.current.key
    decide(tab, sitting, "reject")
    shown = sitting.current
    for act in ("accept", "reject", "later", "", "drop"):
        assert tab.decide(sitting, "Who?", "", "", event(act=act, key=key)) == NOTHING
    assert tab.decide(sitting, "Who?", "", "", event(act="drop", key=shown.key)) == NOTHING
    assert sitting.current is shown
    assert not (tab.folder() / "mills.jsonl").exists()


def test_a_near_miss_says_why_and_asks_for_no_answer(tab: SetsTab) -> None:
    sitting = begin(tab, share=100)
    assert sitting.current
    assert not sitting.current.item.answerable
    *_, question, answer, facts, _, panel = tab._shown(sitting)
    assert question["value"] == sitting.current.item.question
    assert not answer["visible"]
    assert not facts["visible"]
    shown = html.unescape(sets_view.head(sitting))
    assert "Near miss" in shown
    assert sitting.current.note in shown
    assert html.escape(sitting.current.quote) in panel
    decide(tab, sitting, "accept")
    (item,) = load_set(tab.folder() / "mills.jsonl").items
    assert (item.type, item.evidence) == ("unanswerable", ())


def test_the_evidence_is_marked_under_its_heading(tab: SetsTab) -> None:
    sitting = begin(tab, share=0)
    seen = set()
    while sitting.current:
        panel = tab._panel(sitting)
        quote = html.escape(sitting.current.quote)
        assert f"<mark>{quote}</mark>" in panel
        assert "<b>" not in panel
        seen |= {part for part in ("Water", "Wind") if f"<bdi>{part}</bdi>" in panel}
        assert sitting.current.item.evidence[0].doc == "mills.md"
        decide(tab, sitting, "later")
    assert seen == {"Water", "Wind"}
    assert "The documents give no more" in sets_view.head(sitting)
    assert sitting.questions == 0


def test_of_two_sentences_alike_the_one_that_was_meant_is_marked(tmp_path: Path, embedder: Embedder) -> None:
    text = "Orlo has a mill. It was sold in 1874.\n\nTarn has a windmill. It was sold in 1874.\n"
    library = library_of(tmp_path, embedder, text, "sold.txt")
    title = library.documents()[0].title
    item = Item("", "When?", "date", "1874", (), (), (Evidence("sold.txt", "It was sold in 1874."),))
    for before in ("Orlo has a mill.", "Tarn has a windmill."):
        found = sets_view.place(Proposal(item, title, "It was sold in 1874.", before), library)
        assert found is not None
        near, document = found
        assert document.text[near.start : near.end] == near.quote
        assert document.text[: near.start].rstrip().endswith(before)
    library.close()


def test_what_makes_no_question_is_refused_and_stays_in_its_fields(tab: SetsTab) -> None:
    sitting = begin(tab)
    shown = to_answerable(tab, sitting)
    for fields, why in (
        ({"facts": "Atlantis"}, "does not hold the fact “Atlantis”"),
        ({"question": " "}, "field question"),
        ({"answer": "", "facts": ""}, "field answer"),
    ):
        step = decide(tab, sitting, "accept", **fields)
        assert why in html.unescape(step[5])
        assert (step[:5], step[6:]) == (NOTHING[:5], NOTHING[6:]), "what was written is not taken away"
        assert sitting.current is shown
    assert not (tab.folder() / "mills.jsonl").exists()


# Beginning and going on


def test_a_set_is_gone_on_with_where_it_was_left(tab: SetsTab) -> None:
    sitting = begin(tab, wanted=3)
    asked = []
    for act in ("accept", "reject", "later"):
        assert sitting.current
        asked.append(sitting.current.item.question)
        decide(tab, sitting, act)
    assert sitting.current is None
    assert "All were shown" in sets_view.head(sitting)
    again = last(tab.open(20, 30, None, event(act="go-on", set="mills")))[0]
    assert again.questions == 1
    proposed = []
    while again.current:
        proposed.append(again.current.item.question)
        decide(tab, again, "later")
    assert not set(proposed) & set(asked[:2])
    assert asked[2] in proposed


def test_a_name_that_is_taken_and_one_that_is_gone_are_told(tab: SetsTab) -> None:
    decide(tab, begin(tab), "accept")
    (step,) = tab.start("Mills" if (tab.folder() / "MILLS.jsonl").exists() else "mills", 20, 30, None)
    assert "already" in step[3]
    assert "Propose more" in step[3]
    assert step[0] is None
    (step,) = tab.open(20, 30, None, event(act="go-on", set="other"))
    assert "is not there any more" in step[3]
    (step,) = tab.open(20, 30, None, event(act="go-on", set="../../mills"))
    assert "cannot be the name of a file" in step[3]


def test_a_folder_that_cannot_be_written_is_told_before_anyone_has_decided(tab: SetsTab) -> None:
    tab.folder().parent.mkdir(parents=True)
    tab.folder().write_text("a file where the folder should be")
    (step,) = tab.start("mills", 20, 30, None)
    assert f"{tab.folder()} cannot be written" in step[3]


def test_a_set_that_cannot_be_written_any_more_loses_no_proposal(tab: SetsTab) -> None:
    sitting = begin(tab)
    shown = sitting.current
    (tab.folder() / "mills.jsonl").mkdir()
    step = decide(tab, sitting, "accept")
    assert "mills.jsonl cannot be written" in step[5]
    assert sitting.current is shown
    (tab.folder() / "mills.jsonl").rmdir()
    decide(tab, sitting, "accept")
    assert len(load_set(tab.folder() / "mills.jsonl").items) == 1


def test_without_documents_or_sentences_nothing_is_proposed(tmp_path: Path, embedder: Embedder) -> None:
    library = Library(tmp_path / "empty", embedder)
    tab = tab_of(library, tmp_path)
    assert "no documents" in last(tab.start("mills", 20, 30, None))[3]
    (tmp_path / "hafen.txt").write_text("Der Hafen von Lorn wurde 1912 eröffnet.", encoding="utf-8")
    library.add([tmp_path / "hafen.txt"])
    head = last(tab.start("mills", 20, 30, None))[5]
    assert "Nothing to propose" in head
    assert "data-key" not in head
    library.close()


@pytest.mark.parametrize("wanted", [None, -3, 0, 10**9])
def test_odd_numbers_are_brought_into_bounds(tab: SetsTab, wanted: int | None) -> None:
    sitting = last(tab.start("mills", wanted, -5 if wanted else None, None))[0]
    assert 1 <= sitting.wanted <= 500
    assert sitting.current is not None


# Asking the questions of a set


def a_set(tab: SetsTab, count: int) -> Path:
    sitting = begin(tab, wanted=count, share=0)
    while sitting.current:
        decide(tab, sitting, "accept")
    return tab.folder() / "mills.jsonl"


def test_the_questions_of_a_set_are_asked_and_the_figures_shown(tab: SetsTab) -> None:
    path = a_set(tab, 3)
    steps = [step[0] for step in tab.runs.ask(None, event(act="ask", set="mills"))]
    assert [f"asked {n} of 3" in step for n, step in enumerate(steps[:-1])] == [True] * 4
    (file,) = set_run.folder(tab.desk.settings).glob("*.jsonl")
    run = load_run(file)
    assert [record.question for record in run.records] == [item.question for item in load_set(path).items]
    for key in ("citation_precision", "latency_p50"):
        (figure,) = (f for f in figures(run.records) if f.key == key)
        assert figure.label in steps[-1]
        assert f">{figure}<" in steps[-1]
        assert figure.interval is None or interval(figure) in steps[-1]
    assert f'href="/reports/{file.stem}"' in steps[-1]


def test_a_run_that_fails_says_how_to_go_on_and_keeps_what_was_answered(tab: SetsTab) -> None:
    class Failing(Assistant):
        left = 2

        def stream(self, question: str, history: Sequence[Turn] = (), filters: Filters = NO_FILTERS) -> Iterator[Event]:
            self.left -= 1
            if not self.left:
                raise ModelError("the service is <b>down</b>")
            yield from super().stream(question, history)

    path = a_set(tab, 3)
    tab.runs.desk = Desk(Failing(tab.desk.library(), tab.desk.settings), tab.desk.library(), tab.desk.settings)
    *_, (said, _) = tab.runs.ask(None, event(act="ask", set="mills"))
    (file,) = set_run.folder(tab.desk.settings).glob("*.jsonl")
    assert len(load_run(file).records) == 1
    assert "<b>" not in said
    assert f'rag eval "{path}" -c default --resume --out "{file}"' in html.unescape(said)
    path.write_text("", encoding="utf-8")
    (step,) = tab.runs.ask(None, event(act="ask", set="mills"))
    assert 'role="alert"' in step[0]


def test_a_run_that_cannot_be_written_is_told(tab: SetsTab) -> None:
    a_set(tab, 1)
    set_run.folder(tab.desk.settings).write_text("a file where the folder should be")
    (step,) = tab.runs.ask(None, event(act="ask", set="mills"))
    assert f"{set_run.folder(tab.desk.settings)} cannot be written" in step[0]


# Others at the same time


def test_two_windows_add_to_one_set(tab: SetsTab) -> None:
    one = begin(tab)
    two = begin(tab)  # its file is not there yet
    assert one.current and two.current
    assert one.current.key == two.current.key
    decide(tab, one, "accept")
    said = decide(tab, two, "accept")[5]
    assert "decided on elsewhere" in said
    decide(tab, two, "accept")
    decide(tab, one, "reject")
    decide(tab, one, "accept")
    items = load_set(tab.folder() / "mills.jsonl").items
    assert [item.id for item in items] == [f"q{n:03d}" for n in range(1, len(items) + 1)]
    assert len({item.question for item in items}) == len(items) >= 2


def test_a_document_that_goes_meanwhile_is_told(tmp_path: Path, embedder: Embedder) -> None:
    library = library_of(tmp_path, embedder, "The mill of Orlo was built in 1821. The mill of Orlo was sold in 1874.")
    tab = tab_of(library, tmp_path)
    sitting = begin(tab)
    library.remove("mills.md")
    assert "not in the library any more" in tab._panel(sitting)
    while sitting.current:
        decide(tab, sitting, "later")
    assert sitting.counts["later"] == sitting.number >= 1, "the page says what it can, and does not fail"
    library.close()


def test_an_error_while_looking_ends_the_sitting_in_words(tab: SetsTab) -> None:
    def failing() -> Iterator[Proposal]:
        yield Proposal(Item("", "Who is it?", "factoid", "Ada", (), (), ()), "Mills", "Ada.")
        raise SetError("the documents cannot be read")

    tab.folder().mkdir(parents=True)
    with ThreadPoolExecutor(1) as pool:
        sitting = Sitting(Session(tab.folder() / "x.jsonl"), failing(), 5, pool)
        step = decide(tab, sitting, "reject")
    assert "the documents cannot be read" in step[5]
    assert "Stopped" in step[5]
    line = json.loads((tab.folder() / ".x.decisions.jsonl").read_text(encoding="utf-8"))
    assert line["decision"] == "rejected", "what was decided before is kept"


# Taken back, taken from a file, stopped


def lead(tab: SetsTab, sitting: Sitting, act: str) -> tuple[Any, ...]:
    return tab.lead(sitting, None, event(act=act))


def test_decisions_are_taken_back_in_their_order(tab: SetsTab) -> None:
    sitting = begin(tab, share=0)
    assert not sitting.undoable and lead(tab, sitting, "undo") == NOTHING
    shown = [sitting.current]
    for act in ("accept", "reject", "later"):
        decide(tab, sitting, act)
        shown.append(sitting.current)
    path, log = tab.folder() / "mills.jsonl", tab.folder() / ".mills.decisions.jsonl"
    before = sitting.number
    for number, proposal in enumerate(reversed(shown[:-1]), start=1):
        assert "Undone." in lead(tab, sitting, "undo")[5]
        assert (sitting.current, sitting.number) == (proposal, before - number)
    assert sitting.questions == 0 and path.read_text(encoding="utf-8") == ""
    assert Session(path).known == frozenset(), "what was taken back is proposed again"
    assert log.read_text(encoding="utf-8").count('"undone"') == 2
    assert sum(sitting.counts.values()) == 0
    decide(tab, sitting, "accept", question="Who built the mill of Orlo?")
    assert [item.question for item in load_set(path).items] == ["Who built the mill of Orlo?"]
    assert sitting.current is shown[1], "the others come after it in their order"


def test_the_last_decision_of_all_is_taken_back(tab: SetsTab) -> None:
    sitting = begin(tab, wanted=1, share=0)
    first = sitting.current
    decide(tab, sitting, "accept")
    assert sitting.current is None and 'data-act="undo"' in sets_view.head(sitting)
    lead(tab, sitting, "undo")
    assert (sitting.current, sitting.number) == (first, 1)
    decide(tab, sitting, "reject")
    assert (sitting.current, sitting.number) == (None, 1)
    assert Session(tab.folder() / "mills.jsonl").items == []


def test_what_was_changed_elsewhere_is_not_taken_back(tab: SetsTab) -> None:
    sitting = begin(tab, share=0)
    decide(tab, sitting, "accept")
    path = tab.folder() / "mills.jsonl"
    changed = path.read_text(encoding="utf-8").replace("q001", "mine")
    path.write_text(changed, encoding="utf-8")
    shown = sitting.current
    assert "cannot be undone" in lead(tab, sitting, "undo")[5]
    assert sitting.current is shown and path.read_text(encoding="utf-8") == changed
    assert lead(tab, sitting, "close")[0] is None


CSV = "question,answer,type,doc,quote\nWhen was the mill of Orlo built?,1821,date,mills.md,built in 1821\n"


def test_a_set_is_taken_from_a_table_and_told_what_it_lacks(tab: SetsTab, tmp_path: Path) -> None:
    file = tmp_path / "mills & more.csv"
    file.write_text(CSV + "When did it burn?,1911,date,kilns.md,burnt in March 1911\n", encoding="utf-8")
    said, listed, _ = tab.take(str(file), None)
    said = html.unescape(said)
    assert "Added as “mills & more”: 2 questions." in said
    assert "no document's file name starts with 'kilns.md'" in said and "mills & more.jsonl, line 2" in said
    assert 'data-set="mills &amp; more"' in listed and not file.exists()
    assert [item.answer for item in load_set(tab.folder() / "mills & more.jsonl").items] == ["1821", "1911"]
    file.write_text(CSV, encoding="utf-8")
    assert "Added as “mills & more 2”: one question." in html.unescape(tab.take(str(file), None)[0])


def test_a_file_that_is_no_set_says_where(tab: SetsTab, tmp_path: Path) -> None:
    file = tmp_path / "<b>.jsonl"
    file.write_text('{"id": "a"}\n{"id": 7}\n', encoding="utf-8")
    said, listed, _ = tab.take(str(file), None)
    assert "<b>" not in said and str(tmp_path) not in said
    assert "<b>.jsonl, line 2, field id" in html.unescape(said)
    assert "no sets" in listed and not list(tab.folder().glob("*.jsonl"))
    assert tab.take(None)[0] == ""


def test_a_run_that_is_stopped_is_gone_on_with(tab: SetsTab) -> None:
    a_set(tab, 3)
    steps = tab.runs.ask(None, event(act="ask", set="mills"))
    next(steps)
    assert "asked 1 of 3 · less than a minute left" in next(steps)[0]
    (file,) = set_run.folder(tab.desk.settings).glob("*.jsonl")
    tab.runs.stop(event(act="stop", run="other"))
    tab.runs.stop(event(act="stop", run=file.stem))
    said, earlier = next(steps)
    assert "Stopped after 1 of 3" in said and 'data-act="ask" data-set="mills"' in said
    assert "1 of 3" in earlier and 'type="checkbox"' in earlier
    assert len(load_run(file).records) == 1
    first = [step[0] for step in tab.runs.ask(None, event(act="ask", set="mills"))]
    assert "asked 1 of 3" in first[0] and len(first) == 4
    assert load_run(file).complete and len(list(file.parent.glob("*.jsonl"))) == 1
    last(tab.runs.ask(None, event(act="ask", set="mills")))
    assert len(list(file.parent.glob("*.jsonl"))) == 2, "a whole run is not gone on with: this is another"
    assert tab.runs.refresh().count('type="checkbox"') == 2 and "Compare the chosen" in tab.runs.refresh()


def test_two_ask_one_set_at_once_into_two_files(tab: SetsTab) -> None:
    a_set(tab, 2)
    one, two = (tab.runs.ask(None, event(act="ask", set="mills")) for _ in range(2))
    next(one), next(two)
    last(one), last(two)
    files = list(set_run.folder(tab.desk.settings).glob("*.jsonl"))
    assert len(files) == 2 and all(load_run(file).complete for file in files)


def test_sets_of_another_collection_are_its_own(tab: SetsTab, tmp_path: Path) -> None:
    tab.desk.library("ships", create=True)
    decide(tab, begin(tab), "accept")
    assert "data-set" not in tab.refresh("ships")[0] and "data-set" in tab.refresh("default")[0]
    with pytest.raises(SettingsError, match="collection"):
        tab.refresh("../..")
    tab.desk.close()
