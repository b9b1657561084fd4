"""Fusion of the dense and the lexical list: arithmetic by hand, and what must hold for any scores."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.fusion import LEXICAL_WEIGHT, fuse

scores = st.floats(0, 30, allow_nan=False)
cosines = st.dictionaries(st.integers(1, 50), st.floats(-1, 1, allow_nan=False), min_size=1)
weights = st.dictionaries(st.text("abcdef", min_size=1), st.floats(0.01, 12, allow_nan=False), min_size=1)


def test_a_share_of_what_the_question_weighs_is_added() -> None:
    # The question weighs 6 + 2 = 8; BM25 of 4 is half of it, and counts LEXICAL_WEIGHT / 2.
    fused = fuse({1: 0.3, 2: 0.6, 3: 0.1}, {1: 4.0, 3: 8.0}, {"wheel": 6.0, "mill": 2.0})
    assert fused == pytest.approx({1: 0.3 + LEXICAL_WEIGHT / 2, 2: 0.6, 3: 0.1 + LEXICAL_WEIGHT})


def test_what_only_meaning_finds_stands_above_what_shares_a_word_of_little_weight() -> None:
    fused = fuse({1: 0.55, 2: 0.2}, {2: 1.0}, {"fleet": 7.0, "manoeuvre": 8.0, "year": 1.0})
    assert fused[1] > fused[2]


def test_without_content_words_the_best_of_the_list_is_the_measure() -> None:
    assert fuse({1: 0.1, 2: 0.1}, {1: 0.2, 2: 0.4}, {}) == pytest.approx(
        {1: 0.1 + LEXICAL_WEIGHT / 2, 2: 0.1 + LEXICAL_WEIGHT}
    )
    assert fuse({1: 0.1}, {}, {}) == {1: 0.1}
    assert fuse({1: 0.1}, {1: 0.0}, {}) == {1: 0.1}
    assert fuse({}, {}, {"x": 1.0}) == {}


def test_other_ways_are_there_to_compare_with() -> None:
    near, words, weighed = {1: 0.3, 2: 0.6, 3: 0.1}, {1: 4.0, 3: 8.0}, {"wheel": 6.0, "mill": 2.0}
    assert fuse(near, words, weighed, "dense") == near
    assert fuse(near, words, weighed, "lexical") == {1: 0.5, 2: 0.0, 3: 1.0}
    # Ranks 2, 1, 3 by meaning and 2, -, 1 by words; 61 / (60 + rank), halved.
    assert fuse(near, words, weighed, "ranks") == pytest.approx(
        {1: (61 / 62 + 61 / 62) / 2, 2: 0.5, 3: (61 / 63 + 1) / 2}
    )


@given(cosines, st.dictionaries(st.integers(1, 50), scores), weights)
def test_no_other_passage_changes_a_score(
    near: dict[int, float], words: dict[int, float], weighed: dict[str, float]
) -> None:
    whole = fuse(near, words, weighed)
    assert set(whole) == set(near)
    for identity, score in whole.items():
        alone = {identity: words[identity]} if identity in words else {}
        assert fuse({identity: near[identity]}, alone, weighed)[identity] == score


@given(cosines, st.dictionaries(st.integers(1, 50), scores), weights, st.floats(0.01, 5))
def test_more_words_never_lower_a_score(
    near: dict[int, float], words: dict[int, float], weighed: dict[str, float], more: float
) -> None:
    raised = {identity: score + more for identity, score in words.items()}
    before, after = fuse(near, words, weighed), fuse(near, raised, weighed)
    assert all(after[i] >= before[i] for i in near)
    assert all(after[i] == before[i] for i in set(near) - set(words))
