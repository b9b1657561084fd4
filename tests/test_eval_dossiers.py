"""Dossiers: whole, and what is trained on of them."""

from __future__ import annotations

import random

import numpy as np
import pytest

from eval.training.batches import TITLE_TOKENS, Encoder, collate
from eval.training.data import Example, own_essays
from eval.training.dossiers import MOST, WITHOUT, Dossier, alone, own_dossiers, side_by_side, windows
from eval.training.first_look import FirstLook
from index.embed import DEFAULT, Embedder, find_weights
from rag.evidence import MIDDLING
from rag.reader import STEP, brief_heading, heading


@pytest.fixture(scope="module")
def dossiers() -> tuple[Dossier, ...]:
    return own_dossiers()


def _places(dossier: Dossier) -> list[tuple[int, int]]:
    return [(t, i) for t, text in enumerate(dossier.texts) for i in range(len(text.sentences))]


def test_our_dossiers_are_whole(dossiers: tuple[Dossier, ...]) -> None:
    assert len({d.name for d in dossiers}) == len(dossiers) >= 10
    assert not {t.name for d in dossiers for t in d.texts} & {e.name for e in own_essays()}
    for dossier in dossiers:
        assert len(dossier.texts) == 4
        assert len({q.question for q in dossier.questions}) == len(dossier.questions) >= 60
        places = set(_places(dossier))
        for text in dossier.texts:
            assert [i for part in text.paragraphs for i in part] == list(range(len(text.sentences)))
            assert (text.title, text.author, text.date) == (text.title.strip(), text.author.strip(), text.date.strip())
        for asked in dossier.questions:
            assert {*asked.holds, *asked.near} <= places
            assert asked.holds or asked.near
    assert 0.55 < np.mean([bool(q.holds) for d in dossiers for q in d.questions]) < 0.75
    assert 0.02 < np.mean([d.spared for d in dossiers]) < 0.3


def test_windows_are_around_the_answers_and_around_what_only_looks_like_them(dossiers: tuple[Dossier, ...]) -> None:
    dossier, chance = dossiers[0], random.Random(0)
    for asked in dossier.questions:
        best = _places(dossier)
        chance.shuffle(best)
        made = list(windows(dossier, asked, best))
        answers = {dossier.texts[t].sentences[i] for t, i in asked.holds}
        texts = {text.heading: set(text.sentences) for text in dossier.texts}
        assert sum(e.answered for e in made) == len({t for t, _ in asked.holds})
        for example in made:
            assert set(example.sentences) <= texts[example.title]
            held = {example.sentences[i] for i in example.holds}
            assert held == answers & set(example.sentences)
            assert example.focus in example.holds or not example.answered


def test_sentences_side_by_side_keep_their_order_and_are_led_by_their_text(dossiers: tuple[Dossier, ...]) -> None:
    dossier, chance = dossiers[0], random.Random(0)
    order = {dossier.texts[t].sentences[i]: (t, i) for t, i in _places(dossier)}
    without = []
    for asked in dossier.questions * 3:
        best = _places(dossier)
        chance.shuffle(best)
        made = side_by_side(dossier, asked, best, chance)
        places = [order[s] for s in made.sentences]
        assert places == sorted(places)
        assert len(places) <= MOST
        assert {places[i] for i in made.holds} == set(asked.holds) & set(places)
        led = [text for text, head in zip((t for t, _ in places), made.heads, strict=True) if head]
        assert led == sorted({t for t, _ in places})
        assert made.heads[0] == f"{dossier.texts[places[0][0]].brief}:"
        if asked.holds:
            without.append(not made.answered)
    assert np.mean(without) == pytest.approx(WITHOUT, abs=0.1)


def test_an_essay_alone_asks_as_before() -> None:
    essay = own_essays()[0]
    dossier = alone(essay)
    assert dossier.spared is essay.spared
    assert [q.question for q in dossier.questions] == [q.question for q in essay.questions]
    assert [q.holds for q in dossier.questions] == [tuple((0, i) for i in q.holds) for q in essay.questions]


def test_what_leads_a_sentence_is_none_of_it(embedder: Embedder) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(f"{find_weights(DEFAULT)}/tokenizer.json")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    sentences = ("The crane is old.", "The shed is new.")
    example = Example(
        "Which is new?", "", sentences, frozenset({1}), ((1, 0, 16),), 1, "beside", "Which is new?", sentences,
        ("Aldous, 2012:", "Brandt, 2019:"),
    )  # fmt: skip
    encoder = Encoder(tokenizer, FirstLook([example], embedder), {})
    row = encoder.row(example)
    inside = [
        tokenizer.decode([token for token, s in zip(row.ids, row.sentence, strict=True) if s == n]) for n in (0, 1)
    ]
    assert inside == ["the crane is old.", "the shed is new."]
    assert tokenizer.decode(row.ids).count("brandt, 2019 :") == 1
    assert row.first == [MIDDLING, MIDDLING]
    assert collate([row]).ids.shape[1] % STEP == 0


def test_a_text_is_called_by_its_author_year_and_title() -> None:
    assert heading("On tolls", "Ada Holm", "2012-05-01") == "Ada Holm, 2012: On tolls"
    assert heading("On tolls", None, None) == "On tolls"
    assert heading("On tolls", None, "2012") == "2012: On tolls"
    assert brief_heading("On tolls", "Ada Holm", "2012-05-01") == "Ada Holm, 2012"
    assert brief_heading("On tolls", None, None) == "On tolls"
    assert TITLE_TOKENS >= 24
