"""How examples for the evidence model are made and its chance is fitted. What it learns is measured, not tested."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.calibrate import OFF_WEIGHT, Rows, fit
from eval.training.batches import Encoder, collate
from eval.training.claims import Claims, placed, read_claims, spared_claims
from eval.training.data import Example, own_essays, own_questions, read_essays
from eval.training.first_look import FirstLook
from eval.training.negatives import exchanged_question
from eval.training.network import LOW, begin, loss, sentence_scores
from eval.training.synonyms import read_synonyms, reworded
from index.embed import DEFAULT, Embedder, find_weights
from rag.reader import SHIPPED, PassageToRead, Reader

SENTENCES = ("The ferry to Lorn sails twice a day.", "Its captain is Ada Holm.", "The crossing takes an hour.")
EXAMPLE = Example(
    "Who is captain of the ferry?", "Lorn", SENTENCES, frozenset({1}), ((1, 15, 23),), 1, "squad",
    "Who is captain of the ferry?", SENTENCES,
)  # fmt: skip


@pytest.fixture(scope="module")
def first_look(embedder: Embedder) -> FirstLook:
    return FirstLook([EXAMPLE], embedder)


@pytest.fixture(scope="module")
def encoder(first_look: FirstLook) -> Encoder:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(f"{find_weights(DEFAULT)}/tokenizer.json")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return Encoder(tokenizer, first_look, {})


def test_the_first_look_knows_the_exchanged_word_from_coverage_alone(first_look: FirstLook) -> None:
    plain = first_look(EXAMPLE)
    exchanged = first_look(replace(EXAMPLE, question="Who is captain of the tanker?"))
    assert [c for c, _ in plain] == [c for c, _ in exchanged]
    assert all(-1 <= cosine <= 1 and 0 <= covered <= 1 for cosine, covered in plain)
    assert plain[0][1] > 0 == exchanged[0][1]


def test_a_score_begins_with_the_first_look_and_ends_where_there_is_no_sentence(encoder: Encoder) -> None:
    import torch

    short = replace(EXAMPLE, sentences=SENTENCES[1:2], origins=SENTENCES[1:2], holds=frozenset({0}), focus=0)
    batch = collate([encoder.row(EXAMPLE), encoder.row(replace(short, answer=((0, 15, 23),)))])
    network = begin(find_weights(DEFAULT) or "")
    tokens = torch.zeros(*batch.ids.shape, 2)
    scores = sentence_scores(network, tokens, batch)
    expected = batch.first[0] @ network.first - network.none
    assert torch.allclose(scores[0], expected)
    assert scores[1, 1:].tolist() == [LOW, LOW]


@pytest.mark.parametrize("answer", [((1, 15, 23),), ()])
def test_the_loss_is_a_number_also_where_no_row_shows_its_answer(
    encoder: Encoder, answer: tuple[tuple[int, int, int], ...]
) -> None:
    import torch

    batch = collate([encoder.row(replace(EXAMPLE, answer=answer))])
    network = begin(find_weights(DEFAULT) or "")
    value = loss(network, network(batch.ids, batch.mask, batch.types), batch)
    value.backward()
    assert torch.isfinite(value)
    assert all(torch.isfinite(p.grad).all() for p in network.parameters() if p.grad is not None)


def _wordnet(folder: Path) -> Path:
    """Write a dictionary of two nouns in the form of WordNet's files."""
    (folder / "data.noun").write_text("  1 a notice\n00000010 06 n 02 harbour 0 haven 0 000 | a place\n")
    (folder / "index.noun").write_text("  1 a notice\nharbour n 1 1 @ 1 1 00000010\nhaven n 1 0 1 0 00000010\n")
    for part in ("verb", "adj"):
        for kind in ("data", "index"):
            (folder / f"{kind}.{part}").write_text("  1 a notice\n")
    return folder


def test_words_give_way_to_synonyms_with_their_endings(tmp_path: Path) -> None:
    synonyms = read_synonyms(_wordnet(tmp_path))
    assert synonyms == {"harbour": ["haven"], "haven": ["harbour"]}
    asked = replace(EXAMPLE, question="Which harbours lie near the Harbour of Lorn?")
    found = {reworded(asked, synonyms, random.Random(seed)) for seed in range(20)}
    assert found == {asked.question, "Which havens lie near the Harbour of Lorn?"}


def test_without_a_dictionary_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"data\.noun"):
        read_synonyms(tmp_path)


def test_our_own_questions_are_whole() -> None:
    questions = own_questions()
    assert len({q.question for q in questions}) == len(questions) > 2_000
    for asked in questions:
        assert asked.focus in asked.holds or not asked.holds
        assert asked.question.strip() == asked.question != ""
    answered = np.mean([bool(q.holds) for q in questions])
    assert 0.4 < answered < 0.6
    spared = {q.article for q in questions if q.spared}
    assert spared.isdisjoint({q.article for q in questions if not q.spared})
    assert 0.1 < np.mean([q.spared for q in questions]) < 0.3


def test_our_essays_are_whole() -> None:
    essays = own_essays()
    assert len({e.name for e in essays}) == len(essays) >= 60
    for essay in essays:
        count = len(essay.sentences)
        assert [i for part in essay.paragraphs for i in part] == list(range(count))
        assert len({q.question for q in essay.questions}) == len(essay.questions) >= 20
        for asked in essay.questions:
            assert asked.focus in (asked.holds or range(count))
            assert set(asked.holds) <= set(range(count))
    assert 0.55 < np.mean([bool(q.holds) for e in essays for q in e.questions]) < 0.7
    assert 0.1 < np.mean([e.spared for e in essays]) < 0.3


def test_essays_make_examples_with_the_answer_and_without_it() -> None:
    asked = {q.question: (essay, q) for essay in own_essays() for q in essay.questions}
    made = list(read_essays(development=True))
    assert {asked[e.question][0].spared for e in made} == {True}
    for example in made:
        essay, question = asked[example.question]
        answers = {essay.sentences[i] for i in question.holds}
        assert {example.sentences[i] for i in example.holds} == answers & set(example.sentences)
        assert example.sentences[example.focus] in (answers or example.sentences) or not example.answered
        assert example.title == essay.heading
    assert 0.15 < np.mean([e.answered for e in made]) < 0.3
    assert set(asked) - {e.question for e in made} == {q for q, (essay, _) in asked.items() if not essay.spared}


def test_what_names_something_of_elsewhere_is_exchanged_only_where_it_can_be_seen() -> None:
    plain = [e for e in read_essays(development=False) if e.source == "plain"]
    assert len(plain) > 200 and 0.6 < np.mean([e.answered for e in plain]) < 0.8
    sentences = ("The price was not published.", "Mr Hale called it a secret of the firm.")
    question = "What did Hale say of the price that Gazvar got in 2014?"
    told = Example(question, "Ann Roe, 2014: Gas", sentences, frozenset({1}), (), 1, "plain", question, sentences)
    chance = random.Random(0)
    made = [exchanged_question(told, ["Orlo", "Petra Lund"], chance) for _ in range(60)]
    asked = {e.question for e in made if e}
    assert asked and all("Gazvar" in q for q in asked) and any("2014" not in q for q in asked)
    elsewhere = [exchanged_question(replace(told, source="essay"), ["Orlo"], chance) for _ in range(60)]
    assert any(e and "Gazvar" not in e.question for e in elsewhere)
    unseen = replace(told, title="", sentences=("It was a secret.",), holds=frozenset({0}), focus=0)
    made = [exchanged_question(unseen, ["Orlo"], chance) for _ in range(60)]
    assert all(e is None or ({"Hale", "Gazvar"} <= set(e.question.split()) and "2014" in e.question) for e in made)


def test_our_claims_are_whole() -> None:
    claims = read_claims()
    assert len({claim for _, claim, _, _ in claims}) == len(claims) >= 2_000
    for essay, claim, _, sources in claims:
        assert claim.strip() == claim != ""
        assert 1 <= len(sources) <= 3
        assert set(sources) <= set(range(len(essay.sentences)))
    assert np.mean([supported for _, _, supported, _ in claims]) == pytest.approx(0.5, abs=0.02)
    assert 0.1 < np.mean([essay.spared for essay, *_ in claims]) < 0.3


def test_a_claim_comes_with_its_sentences_and_a_label() -> None:
    for essay, claim, supported, sources in read_claims()[:200]:
        for seed in range(5):
            made = placed(essay, claim, supported, sources, random.Random(seed))
            assert {essay.sentences[i] for i in sources} <= set(made.sentences) <= set(essay.sentences)
            assert made.answered is supported
            assert {made.sentences[i] for i in made.holds} == (
                {essay.sentences[i] for i in sources} if supported else set()
            )


def test_of_claims_it_is_learnt_whether_they_are_supported(encoder: Encoder) -> None:
    import torch

    batch = collate([encoder.row(claim) for claim in spared_claims()[:6]])
    assert batch.claims
    network = begin(find_weights(DEFAULT) or "")
    value = loss(network, network(batch.ids, batch.mask, batch.types), batch)
    value.backward()
    assert torch.isfinite(value)
    assert network.claim_head[2].weight.grad.abs().sum() > 0
    assert network.passage_head[2].weight.grad is None


def test_the_mean_of_two_networks_has_the_head_for_claims_of_the_first(tmp_path: Path) -> None:
    import torch

    from eval.training.mean import main

    for name in ("one", "other"):
        torch.save(begin(find_weights(DEFAULT) or "").state_dict(), tmp_path / name)
    main(tmp_path / "one", tmp_path / "other", tmp_path / "mean", share=0.25)
    one, other, mean = (torch.load(tmp_path / name, weights_only=True) for name in ("one", "other", "mean"))
    for head in ("claim_head.0.weight", "passage_head.0.weight"):
        assert not torch.equal(one[head], other[head])
    assert torch.equal(mean["claim_head.0.weight"], one["claim_head.0.weight"])
    expected = 0.75 * one["passage_head.0.weight"] + 0.25 * other["passage_head.0.weight"]
    assert torch.allclose(mean["passage_head.0.weight"], expected)


def test_claims_are_made_of_sentences_and_drawn_from_folders(tmp_path: Path) -> None:
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "covidfact-rte-train.tsv").write_text(
        "i\ta\tb\tl\n1\tMasks help.\tMasks are of help.\tentailment\n" * 2
    )
    (tmp_path / "training" / "SICK_train.txt").write_text("i\ta\tb\ts\tj\n1\tA man runs.\tA man sleeps.\t2\tNEUTRAL\n")
    (tmp_path / "training" / "climate-fever.jsonl").write_text("")
    drawn = Claims(tmp_path, [EXAMPLE], ["Bergen", "Aln"]).drawn(random.Random(0))
    ours = {claim for _, claim, _, _ in read_claims()}
    others = [e for e in drawn if e.question not in ours]
    assert ("Masks are of help.", True) in {(e.question, e.answered) for e in drawn}
    made = [e for e in others if "captain" in e.question or "crossing" in e.question or "ferry" in e.question]
    for example in made:
        if example.answered:
            assert example.question in " ".join(example.sentences)
    assert {example.answered for example in made} == {True, False}


def test_the_fit_finds_the_coefficients_that_made_the_answers() -> None:
    draw = np.random.default_rng(0)
    values = draw.normal(size=(20_000, 2))
    answered = draw.random(20_000) < 1 / (1 + np.exp(-(0.5 + values @ np.array([2.0, -1.0]))))
    intercept, coefficients = fit([Rows("one", values, answered)])
    assert intercept == pytest.approx(0.5, abs=0.1)
    assert coefficients == pytest.approx([2.0, -1.0], abs=0.1)


def test_a_large_set_counts_no_more_than_a_small_one() -> None:
    # Without features the intercept is all: the mean of the two shares, .75 of 8 and .25 of 8,000.
    small = Rows("small", np.zeros((8, 1)), np.array([True] * 6 + [False] * 2))
    large = Rows("large", np.zeros((8_000, 1)), np.array([True] * 2_000 + [False] * 6_000))
    assert fit([small, large])[0] == pytest.approx(0.0, abs=1e-3)
    off = Rows("off", np.zeros((50, 1)), np.zeros(50, bool))
    share = 0.75 / (1 + OFF_WEIGHT)
    assert fit([small, off])[0] == pytest.approx(math.log(share / (1 - share)), abs=1e-2)


def test_word_vectors_in_four_bits_are_within_half_a_step_of_what_they_were() -> None:
    import torch

    from eval.training.export import GROUP, packed

    vectors = torch.randn(50, 2 * GROUP, generator=torch.Generator().manual_seed(1))
    ids = torch.tensor([[3, 49, 0], [7, 7, 21]])
    groups = vectors.view(50, 2, GROUP)
    step = ((groups.amax(-1) - groups.amin(-1)) / 15).repeat_interleave(GROUP, -1)
    found = packed(vectors)(ids)
    assert found.shape == (2, 3, 2 * GROUP)
    assert ((found - vectors[ids]).abs() <= step[ids] / 2 + 1e-5).all()
    assert not torch.allclose(found, vectors[ids])


def test_what_ships_is_turned_back_into_a_network_that_judges_alike(tmp_path: Path) -> None:
    import torch
    from tokenizers import Tokenizer

    from eval.training.export import _inputs
    from eval.training.shipped import network_of

    network, reader = network_of(SHIPPED).eval(), Reader(SHIPPED, tmp_path)
    tokenizer = Tokenizer.from_file(str(SHIPPED / "tokenizer.json"))
    for sentences in (SENTENCES, SENTENCES[:1] + SENTENCES[2:]):  # with the one that answers, and without it
        example = replace(EXAMPLE, sentences=sentences)
        [reading] = reader.read(EXAMPLE.question, [PassageToRead(" ".join(sentences), [(0, 10)], EXAMPLE.title)])
        with torch.no_grad():
            _, passage, _ = network(*map(torch.tensor, _inputs(example, tokenizer)))
        assert float(passage) == pytest.approx(reading.passage, abs=1.5)
        assert (float(passage) > 0) is (reading.passage > 0) is (SENTENCES[1] in sentences)


def test_what_training_wrote_is_loaded_at_the_size_it_has(tmp_path: Path) -> None:
    import torch

    from eval.training.network import load

    network = begin(find_weights(DEFAULT) or "")
    network.encoder.encoder.layer = network.encoder.encoder.layer[:2]
    torch.save(network.state_dict(), tmp_path / "network.pt")
    loaded = load(tmp_path / "network.pt")
    ids, mask = torch.tensor([[101, 2040, 102, 2023, 102]]), torch.ones(1, 5, dtype=torch.int64)
    with torch.no_grad():
        for before, after in zip(network(ids, mask, mask), loaded(ids, mask, mask), strict=True):
            assert torch.allclose(before, after, atol=1e-5)
