"""The gate: limits and baselines, and deliberate regressions of the real assistant that it must not let through."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.compare import compare
from eval.formats import Item, QuestionSet, load_set
from eval.gate import GUARDED, KEYS, GateError, GateShut, Limit, parse_limits, pass_gate
from eval.provenance import new_run
from eval.run import run_to_file
from eval.runs import Record, Run, RunError, load_run
from eval.workers import Opening, ask_with
from index.embed import Embedder
from index.library import Library
from rag.settings import Settings, load_settings

ROOT = Path(__file__).parent.parent
EURASIA = ROOT / "eval" / "sets" / "eurasia"


def run(right: int, n: int = 10, seconds: float = 0.5, prefix: str = "q") -> Run:
    scores = {"refused": 0.0, "answerable": 1.0}
    records = tuple(
        Record(f"{prefix}{i}", f"{i}?", "number", True, "", {}, scores | {"right": float(i < right)}, seconds)
        for i in range(n)
    )
    return Run("s", "2024-05-06", {}, tuple(r.id for r in records), records)


def test_limits_are_names_and_numbers() -> None:
    assert parse_limits("right=0.8, latency_p95 = 2,ms_retrieve_p99=50") == (
        Limit("right", 0.8),
        Limit("latency_p95", 2),
        Limit("ms_retrieve_p99", 50),
    )
    assert set(GUARDED) <= set(KEYS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "--fail-under is empty"),
        ("facts", "'facts': expected NAME=NUMBER"),
        ("fact=0.8", "there is no metric 'fact'. Did you mean 'facts'?"),
        ("citation_precison=1", "Did you mean 'citation_precision'?"),
        ("latency_p90=1", "Did you mean 'latency_p9"),
        ("facts=many", "facts = 'many' is no number"),
    ],
)
def test_limits_that_cannot_be_understood(text: str, words: str) -> None:
    with pytest.raises(GateError) as caught:
        parse_limits(text)
    assert words in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_run_that_reaches_its_limits_passes() -> None:
    assert pass_gate(run(8), parse_limits("right=0.8,latency_p95=0.5,wrongly_refused=0")) is None


def test_every_limit_that_is_missed_is_told() -> None:
    with pytest.raises(GateShut) as caught:
        pass_gate(run(7), parse_limits("right=0.8,latency_p95=0.4,facts=0.5,wrongly_refused=0.1"))
    assert caught.value.exit_code == 1
    first, *lines = str(caught.value).splitlines()
    assert first == "not good enough, for 3 reasons:"
    assert lines[0].startswith("  right is 0.700, below 0.800 (n = 10, 95 % 0.4")
    assert lines[1] == "  latency_p95 is 0.50 s, above 0.40 s (n = 10)"
    assert lines[2] == "  facts: no question of this run has it, so that 0.5 is not reached"


def test_a_baseline_is_not_to_be_fallen_behind_beyond_chance() -> None:
    assert pass_gate(run(10, 30), (), ("a", run(11, 30))) is not None  # one question: may be chance
    assert pass_gate(run(30, 30), (), ("a", run(10, 30))) is not None  # better
    with pytest.raises(GateShut, match=r"right went from 1.000 to 0.667") as caught:
        pass_gate(run(20, 30), (), ("a", run(30, 30)))
    assert "no longer right: q20, q21, q22, q23, q24 and 5 more" in str(caught.value)
    with pytest.raises(RunError, match="share no question"):
        pass_gate(run(3), (), ("a", run(3, prefix="z")))


# --- deliberate regressions ---

BESIDE = (
    "How many moons does Neptune have?",
    "Which enzyme splits lactose?",
    "Who composed the opera about the flying Dutchman?",
    "At what temperature does tungsten melt?",
    "How long is the gestation of an elephant?",
    "Which chess opening begins with the pawn to c4?",
    "What is the wing span of a wandering albatross?",
    "Who invented the ballpoint pen?",
)
"""Questions on subjects of which the sample documents say nothing."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    made = Library(tmp_path_factory.mktemp("eurasia") / "library", embedder)
    assert not made.add([EURASIA / "documents"]).failed
    yield made
    made.close()


@pytest.fixture(scope="module")
def questions() -> QuestionSet:
    known = load_set(EURASIA / "questions.jsonl").items
    beside = [Item(f"x{i:02}", question, "unanswerable", "", (), (), ()) for i, question in enumerate(BESIDE)]
    answerable = [item for item in known if item.answerable]
    near = [item for item in known if not item.answerable]
    return QuestionSet("eurasia and beside", (*answerable, *near, *beside))


def asked(questions: QuestionSet, library: Library, path: Path, settings: Settings) -> Run:
    ask = ask_with(Opening(settings, library.folder), library, 1)
    return run_to_file(path, new_run(questions, questions.items, settings, library), questions.items, ask)


@pytest.fixture(scope="module")
def baseline(questions: QuestionSet, library: Library, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return asked(questions, library, tmp_path_factory.mktemp("run") / "a.jsonl", load_settings({}))


def test_a_run_of_the_real_assistant_is_the_same_twice(
    baseline: Run, questions: QuestionSet, library: Library, tmp_path: Path
) -> None:
    again = asked(questions, library, tmp_path / "b.jsonl", load_settings({}))
    assert timeless(again) == timeless(baseline)
    assert load_run(tmp_path / "b.jsonl") == again
    comparison = pass_gate(again, (), ("a", baseline))
    assert comparison is not None and not comparison.changed and not comparison.notes


def timeless(run: Run) -> list[object]:
    kept = []
    for record in run.records:
        trace = {name: value for name, value in record.answer["trace"].items() if name != "timings_ms"}
        kept.append((record.id, {**record.answer, "trace": trace}, record.scores, record.reasons, record.evidence))
    return [run.settings, run.models, run.library, run.versions, *kept]


def test_never_to_refuse_is_caught_and_named(
    baseline: Run, questions: QuestionSet, library: Library, tmp_path: Path
) -> None:
    bold = asked(questions, library, tmp_path / "bold.jsonl", load_settings({"refuse_below": 0.0}))
    with pytest.raises(GateShut, match="refusal_recall went from") as caught:
        pass_gate(bold, (), ("a", baseline))
    assert "right went from" in str(caught.value)
    comparison = compare([baseline, bold], ["a", "bold"])
    assert comparison.settings == (("refuse_below", (0.5, 0.0)),)
    fallen = {c.id for c in comparison.changed if c.status == ("refused", "answered") and c.right == (1.0, 0.0)}
    assert fallen >= {f"x{i:02}" for i in range(len(BESIDE))}
    assert not any(item.answerable for item in questions.items if item.id in fallen)
    change = next(c for c in comparison.changed if c.id in fallen)
    assert change.reasons == (("refused, as it should be",), ("answered, but the documents do not answer it",))


def test_to_do_without_the_evidence_model_is_caught_and_named(
    baseline: Run, questions: QuestionSet, library: Library, tmp_path: Path
) -> None:
    blunt = asked(questions, library, tmp_path / "blunt.jsonl", load_settings({"evidence_model": "off"}))
    with pytest.raises(GateShut, match="refusal_recall went from"):
        pass_gate(blunt, (), ("a", baseline))
    comparison = compare([baseline, blunt], ["a", "blunt"])
    assert comparison.settings == (("evidence_model", ("default", "off")),)
    assert "evidence" in baseline.models and "evidence" not in blunt.models
    near = {item.id for item in questions.items if not item.answerable and not item.id.startswith("x")}
    fallen = {c.id for c in comparison.changed if c.status == ("refused", "answered") and c.right == (1.0, 0.0)}
    assert len(fallen & near) >= 4


@pytest.mark.parametrize("name", ["passages", "candidates"])
def test_to_look_at_one_passage_is_caught_and_named(
    name: str, baseline: Run, questions: QuestionSet, library: Library, tmp_path: Path
) -> None:
    answerable = QuestionSet(questions.name, tuple(item for item in questions.items if item.answerable))
    blind = asked(answerable, library, tmp_path / "blind.jsonl", load_settings({name: 1}))
    with pytest.raises(GateShut, match=r"all@10 went from"):
        pass_gate(blind, (), ("a", baseline))
    comparison = compare([baseline, blind], ["a", "blind"])
    assert comparison.settings == ((name, (load_settings({}).model_dump()[name], 1)),)
    row = next(row for row in comparison.rows if row.key == "recall@5")
    assert row.worse(1)


def test_processes_of_their_own_give_the_same_answers(
    baseline: Run, questions: QuestionSet, library: Library, tmp_path: Path, models_folder: Path
) -> None:
    (tmp_path / "models").symlink_to(models_folder, target_is_directory=True)
    some = QuestionSet("some", questions.items[:6])
    settings = load_settings({"home": str(tmp_path)})
    ask = ask_with(Opening(settings, library.folder), library, 2)
    made = run_to_file(tmp_path / "two.jsonl", new_run(some, some.items, settings, library), some.items, ask)
    assert [r.scores for r in made.records] == [r.scores for r in baseline.records[:6]]
    assert load_run(tmp_path / "two.jsonl") == made
