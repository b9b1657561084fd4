"""The measures of retrieval, on sets of our own that are small enough to work each figure out by hand."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval.formats import load_set
from eval.retrieval import collections, latency, paragraphs, questions
from eval.retrieval.asking import Way, distinct
from eval.retrieval.corpora import (
    CorpusError,
    Entry,
    mark_trained,
    read_collection,
    read_paragraphs,
    without_titles,
)
from eval.retrieval.libraries import Within, build, question_vectors
from eval.retrieval.rows import Row
from index.embed import Embedder
from rag.settings import load_settings

MILL = "The water mill at Orsund ground rye for four villages. Its wheel was replaced in 1874 by Nils Brae."
GLASS = "Window glass was blown in Hald until the furnace cracked. Forty families left the town that winter."
BEES = "The monks of Torvik kept ninety hives of bees. They sold candles of wax at the harvest fair in Lund."


def _asked(question: str, text: str, answer: str = "") -> dict[str, Any]:
    answers = [{"text": answer, "answer_start": text.index(answer)}] if answer else []
    return {"id": question, "question": question, "answers": answers, "is_impossible": not answer}


def _squad() -> dict[str, Any]:
    mill = [
        _asked("Who replaced the wheel of the mill at Orsund?", MILL, "Nils Brae"),
        _asked("How much did the wheel of the mill cost?", MILL),
    ]
    glass = [_asked("How many families left the town of glass in winter?", GLASS, "Forty")]
    bees = [
        _asked("What did the monks of Torvik sell at the fair?", BEES, "candles of wax"),
        _asked("Which king visited the monks of Torvik?", BEES),
    ]
    return {
        "data": [
            {"title": "Orsund_Mill", "paragraphs": [{"context": MILL, "qas": mill}, {"context": GLASS, "qas": glass}]},
            {"title": "Torvik", "paragraphs": [{"context": BEES, "qas": bees}]},
        ]
    }


def _data(folder: Path) -> Path:
    """Write sets of the form that the benchmark knows, but not all of them."""
    (folder / "squad2").mkdir(parents=True)
    (folder / "squad2" / "squad2-dev-part.json").write_text(json.dumps(_squad()))
    (folder / "xquad").mkdir()
    for language in ("en", "zh"):
        answered = json.loads(json.dumps(_squad()))
        for article in answered["data"]:
            for paragraph in article["paragraphs"]:
                paragraph["qas"] = [q for q in paragraph["qas"] if q["answers"]]
        (folder / "xquad" / f"xquad.{language}.json").write_text(json.dumps(answered))
    for name in ("medline", "time"):
        classic = folder / "classic_ir" / name
        classic.mkdir(parents=True)
        texts = [{"_id": str(i), "title": "", "text": text} for i, text in enumerate((MILL, GLASS, BEES), start=1)]
        (classic / "corpus.jsonl").write_text("\n".join(map(json.dumps, texts)))
        asked = [{"_id": "a", "text": "bees and wax"}, {"_id": "b", "text": "blowing of glass"}]
        (classic / "queries.jsonl").write_text("\n".join(map(json.dumps, asked)))
        (classic / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\na\t3\t1\nb\t2\t1\n")
    return folder


@pytest.fixture
def squad_file(tmp_path: Path) -> Path:
    path = tmp_path / "set.json"
    path.write_text(json.dumps(_squad()))
    return path


@pytest.fixture
def way(tmp_path: Path, models_folder: Path) -> Way:
    home = tmp_path / "home"
    home.mkdir()
    (home / "models").symlink_to(models_folder, target_is_directory=True)
    return Way(None, load_settings({"home": home, "evidence_model": "off"}))


# Texts


def test_paragraphs_know_their_article_and_whether_it_is_trained_on(squad_file: Path) -> None:
    read = read_paragraphs(squad_file, training=1)
    assert [(e.key, e.title) for e in read.entries] == [
        ("000000", "Orsund Mill"),
        ("000001", "Orsund Mill"),
        ("000002", "Torvik"),
    ]
    assert [(q.key, q.part, q.answers) for q in read.questions] == [
        ("000000", "train", ("Nils Brae",)),
        ("000000", "train", ()),
        ("000001", "train", ("Forty",)),
        ("000002", "dev", ("candles of wax",)),
        ("000002", "dev", ()),
    ]
    assert {e.title for e in without_titles(read).entries} == {""}


def test_a_paragraph_that_another_set_trains_on_is_marked(squad_file: Path) -> None:
    trained = read_paragraphs(squad_file, training=1)
    marked = mark_trained(read_paragraphs(squad_file, training=0), trained)
    assert [q.part for q in marked.questions] == ["train", "train", "train", "dev", "dev"]


def test_what_is_no_squad_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(CorpusError, match=r"x\.json: not JSON"):
        read_paragraphs(tmp_path / "x.json")
    with pytest.raises(CorpusError, match=r"none\.json: cannot be read"):
        read_paragraphs(tmp_path / "none.json")
    (tmp_path / "empty.json").write_text('{"data": []}')
    with pytest.raises(CorpusError, match="no question in it"):
        read_paragraphs(tmp_path / "empty.json")


def test_a_collection_is_read_with_its_grades(tmp_path: Path) -> None:
    read = read_collection(_data(tmp_path / "data") / "classic_ir" / "time")
    assert [e.text for e in read.entries] == [MILL, GLASS, BEES]
    assert read.queries == {"a": "bees and wax", "b": "blowing of glass"}
    third, second = read.entries[2].key, read.entries[1].key
    assert read.relevant == {"a": {third: 1}, "b": {second: 1}}


# Libraries


def test_a_library_of_texts_is_built_once_and_equal_texts_share_a_document(way: Way) -> None:
    home = way.settings
    entries = [Entry("a", MILL, "On mills"), Entry("b", GLASS), Entry("c", " . "), Entry("d", GLASS)]
    built = build("small", entries, home)
    assert set(built.homes) == {"a", "b", "d"}
    assert built.homes["b"] == built.homes["d"] != built.homes["a"]
    assert built.keys == {built.homes["a"]: ["a"], built.homes["b"]: ["b", "d"]}
    assert {i.id: i.metadata.title for i in built.library.documents()}[built.homes["a"]] == "On mills"
    generation = built.library.store.generation
    built.library.close()
    again = build("small", entries, home)
    assert (again.homes, again.library.store.generation) == (built.homes, generation)
    again.library.close()
    other = build("small", entries[:1], home)
    assert other.library.store.counts()["documents"] == 1
    other.library.close()


def test_within_one_document_nothing_else_is_found(tmp_path: Path, embedder: Embedder, way: Way) -> None:
    built = build("small", [Entry("a", MILL), Entry("b", GLASS), Entry("c", BEES)], way.settings)
    question = "What did the monks of Torvik sell?"
    vector = embedder.encode_query(question)
    assert way.evidence(question, vector, built.library).passages[0].hit.document == built.homes["c"]
    alone = way.evidence(question, vector, Within(built.library, built.homes["a"]))
    assert {c.hit.document for c in alone.passages} == {built.homes["a"]}
    assert alone.answerable < way.evidence(question, vector, Within(built.library, built.homes["c"])).answerable
    built.library.close()


def test_questions_are_embedded_once(tmp_path: Path, embedder: Embedder) -> None:
    first = question_vectors(["one?", "two?", "one?"], embedder, tmp_path)
    assert list(first) == ["one?", "two?"]
    np.testing.assert_allclose(first["two?"], embedder.encode_query("two?"), atol=1e-6)

    class Broken:
        name = embedder.name

        def encode_query(self, text: str) -> None:
            raise AssertionError(f"{text} was embedded again")

    again = question_vectors(["one?", "two?"], Broken(), tmp_path)  # type: ignore[arg-type]
    np.testing.assert_array_equal(again["one?"], first["one?"])


# Figures


def test_figures_of_paragraphs(squad_file: Path, tmp_path: Path, embedder: Embedder, way: Way) -> None:
    given = without_titles(read_paragraphs(squad_file, training=1))
    built = build("squad", given.entries, way.settings)
    vectors = question_vectors([q.question for q in given.questions], embedder, tmp_path)
    outcomes = paragraphs.ask_all(given, built, vectors, way, given=True)
    assert [o.rank for o in outcomes] == [1, 1, 1, 1, 1]
    tops = [way.evidence(q.question, vectors[q.question], built.library).sentences[0].text for q in given.questions]
    words = ("Nils Brae", "no answer", "Forty", "candles of wax", "no answer")
    assert [o.top for o in outcomes] == [word in top for word, top in zip(words, tops, strict=True)]
    assert outcomes[0].top
    rows = paragraphs.rows("small", outcomes, paragraphs.Goals(first=0.91), paragraphs.Goals(first=0.865))
    assert [(r.figure, r.value, r.count, r.reached) for r in rows[:3]] == [
        ("right paragraph first", 1.0, 3, True),
        ("right paragraph in five", 1.0, 3, None),
        ("top sentence holds the answer", sum(o.top for o in outcomes) / 3, 3, None),
    ]
    assert [r.figure for r in rows[3:]] == [
        "answerable, AUROC, paragraph given",
        "answerable, AUROC, open",
        "calibration error, open",
    ]
    assert paragraphs.lexical(given, built, goal=0.95).value == 1.0
    built.library.close()


def test_ranks_are_counted_once_a_paragraph() -> None:
    assert distinct(["a", "a", "b", "a", "c"]) == ["a", "b", "c"]


def test_a_share_of_ranks(squad_file: Path) -> None:
    asked = [q for q in read_paragraphs(squad_file).questions if q.answered]
    ranks, tops = (1, 3, None), (True, False, False)
    outcomes = [paragraphs.Outcome(q, r, t, 0.5, None) for q, r, t in zip(asked, ranks, tops, strict=True)]
    rows = paragraphs.rows("x", outcomes, paragraphs.Goals())
    assert [r.value for r in rows] == pytest.approx([1 / 3, 2 / 3, 1 / 3])


def test_ndcg_by_hand() -> None:
    # Query a: relevant at ranks 2 and 3 of two: (1/log2(3) + 1/log2(4)) / (1/log2(2) + 1/log2(3)).
    # Query b: its one relevant text, of grade 2, is first. Query c: nothing relevant is found.
    ranking = {"a": ["z", "x", "y"], "b": ["q"], "c": ["x"]}
    relevant = {"a": {"x": 1, "y": 1}, "b": {"q": 2}, "c": {"q": 1}}
    a = (1 / math.log2(3) + 1 / 2) / (1 + 1 / math.log2(3))
    assert collections.ndcg(ranking, relevant) == pytest.approx((a + 1 + 0) / 3)
    # Beyond the cutoff nothing counts.
    assert collections.ndcg({"a": ["z", "x", "y"]}, {"a": {"y": 1}}, cutoff=2) == 0.0


def test_ndcg_keeps_our_order_where_ten_texts_are_many(tmp_path: Path) -> None:
    keys = [f"t{n}" for n in range(30)]
    found = collections.ndcg({"a": keys}, {"a": {"t9": 1, "t10": 1}})
    assert found == pytest.approx((1 / math.log2(11)) / (1 + 1 / math.log2(3)))


def test_a_collection_is_ranked_four_ways(tmp_path: Path, embedder: Embedder, way: Way) -> None:
    collection = read_collection(_data(tmp_path / "data") / "classic_ir" / "time")
    built = build("time", collection.entries, way.settings)
    vectors = question_vectors(list(collection.queries.values()), embedder, tmp_path)
    found = collections.rankings(collection, built, vectors, way)
    rows = collections.rows(collection, found, goal=0.5, baselines="others .5")
    assert [r.figure for r in rows] == [f"nDCG@10, {n}" for n in ("dense alone", "lexical alone", "fused", "ours")]
    assert rows[-1].value == 1.0
    assert rows[-1].goal == 1.0
    assert rows[-1].reached is False, "as good as the best is not above it"
    built.library.close()


@pytest.mark.parametrize(
    ("row", "reached", "mark"),
    [
        (Row("x", "y", 0.91, 1, 0.91), True, "≥ 0.91"),
        (Row("x", "y", 0.909, 1, 0.91), False, "≥ 0.91"),
        (Row("x", "y", 8.0, 1, 8, low=True), True, "≤ 8"),
        (Row("x", "y", 8.1, 1, 8, low=True), False, "≤ 8"),
        (Row("x", "y", 0.42, 1, 0.42, above=True), False, "> 0.42"),
        (Row("x", "y", None, 0, 0.5), None, "≥ 0.5"),
        (Row("x", "y", 0.5, 1), None, ""),
    ],
)
def test_marks(row: Row, reached: bool | None, mark: str) -> None:
    assert (row.reached, row.mark, row.to_dict()["reached"]) == (reached, mark, reached)


def test_a_set_of_questions(tmp_path: Path, documents: Path, embedder: Embedder, way: Way) -> None:
    lines = [
        {"id": "1", "question": "How much cargo did the harbour of Lorn handle in 2013?", "type": "number",
         "answer": "4.2 million tons", "must_include": [],
         "evidence": [{"doc": "harbour.md", "quote": "handled 4.2 million tons of cargo in 2013"}]},
        {"id": "2", "question": "How many trawlers work from Lorn?", "type": "list", "answer": "nine",
         "must_include": [],
         "evidence": [{"doc": "harbour.md", "quote": "Nine trawlers still work from Lorn."},
                      {"doc": "harbour.md", "quote": "These words stand nowhere."}]},
        {"id": "3", "question": "Who painted the ceiling of the cathedral?", "type": "unanswerable", "answer": "",
         "must_include": [], "evidence": []},
    ]  # fmt: skip
    path = tmp_path / "own.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    library = questions.build("own", documents, way.settings)
    outcomes = questions.ask_all(load_set(path), library, way)
    library.close()
    assert outcomes[0].ranks == (1,)
    assert outcomes[1].ranks[1] is None, "what stands nowhere is never found"
    assert [o.right for o in outcomes] == [True, False, False]
    assert outcomes[2].refused and not outcomes[0].refused
    rows = {r.figure: r for r in questions.rows("own", outcomes, marked=True)}
    assert (rows["all evidence in 1 passage"].value, rows["all evidence in 1 passage"].count) == (0.5, 2)
    assert rows["all evidence in 10 passages"].reached is False
    assert rows["answerable, AUROC"].value == 1.0
    assert rows["refusals that are made"].value == 1.0


# Times


def test_a_large_library_is_made_and_goes_on_where_it_stopped(tmp_path: Path, embedder: Embedder, way: Way) -> None:
    texts = [f"Sentence number {n} tells of {what}." for n in range(20) for what in ("herring", "timber", "salt")]
    library = latency.build(texts, 120, embedder, tmp_path / "whole")
    assert library.store.counts() == {"documents": 3, "passages": 120, "sentences": 600}
    rows = latency.rows(library, ["salt?", *["Where is timber?"] * latency.WARM_UP, "herring"], way, marked=False)
    assert {r.count for r in rows} == {2}
    assert all(r.value and r.value > 0 for r in rows)
    whole = library.passages(library.store.passage_ids().tolist())

    stopped = latency.build(texts, 120, embedder, tmp_path / "part")
    last = stopped.documents()[-1].id
    stopped.remove(last)
    stopped.close()
    resumed = latency.build(texts, 120, embedder, tmp_path / "part")
    found = resumed.passages(resumed.store.passage_ids().tolist())
    assert [text for _, _, text in found.values()] == [text for _, _, text in whole.values()]
    sentences, vectors = resumed.sentences(last, 0, 4)
    assert len(sentences) == 5
    passage = resumed.store.passage_vectors([min(i for i, row in found.items() if row[0] == last)], 384)[0]
    expected = vectors.sum(0) / np.linalg.norm(vectors.sum(0))
    np.testing.assert_allclose(passage, expected, atol=2e-3)  # sentence vectors are kept as float16
    library.close()
    resumed.close()


# All of it


def test_the_whole_benchmark(tmp_path: Path, models_folder: Path, embedder: Embedder) -> None:
    data, cache, out = _data(tmp_path / "data"), tmp_path / "cache", tmp_path / "figures.json"
    cache.mkdir()
    (cache / "models").symlink_to(models_folder, target_is_directory=True)
    question = {"id": "1", "question": "How many hives were kept in Torvik?", "type": "number", "answer": "ninety",
                "must_include": [], "evidence": [{"doc": "bees", "quote": "ninety hives"}]}  # fmt: skip
    (tmp_path / "own.jsonl").write_text(json.dumps(question))
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "bees.txt").write_text(BEES)
    command = [
        sys.executable, "-m", "eval.retrieval", str(data), "--evidence-model", "off", "--cache", str(cache),
        "--set", str(tmp_path / "own.jsonl"), "--documents", str(tmp_path / "texts"), "--parts",
        "squad,xquad,classic,questions", "--json", str(out),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=Path(__file__).parents[1])
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text())
    figures = {(r["on"], r["figure"]): r["value"] for r in found["rows"]}
    assert figures["SQuAD2, all articles", "right paragraph first"] == 1.0
    assert figures["time", "nDCG@10, ours"] == 1.0
    assert figures["own", "all evidence in 1 passage"] == 1.0
    assert {on for on, _ in figures if on.startswith("xquad")} == {
        "xquad.en",
        "xquad.zh",
        "xquad.en, paragraphs not trained on",
    }
    assert found["curves"]["own"]["risk_coverage"] == [[1.0, 0.0]]
    assert "right paragraph first" in done.stdout and "✓" in done.stdout
    assert "cranfield is not there: left out" in done.stdout


def test_an_unknown_part_lists_those_that_there_are(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "eval.retrieval", str(tmp_path), "--parts", "squat"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=Path(__file__).parents[1])
    assert done.returncode != 0
    assert "squat" in done.stderr and "latency" in done.stderr
