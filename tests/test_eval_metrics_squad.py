"""Exact match and F1 against SQuAD's published definitions, written down anew with other means and exact fractions."""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval import metrics

PUNCTUATION = set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def defined_words(text: str) -> list[str]:
    """Lower case; ASCII punctuation goes; the words a, an and the become blanks; split at white space."""
    kept = [c for c in text.lower() if c not in PUNCTUATION]
    runs = ["".join(run) for _, run in groupby(kept, key=lambda c: c.isalnum())]
    return "".join(" " if run in {"a", "an", "the"} else run for run in runs).split()


def defined_f1(prediction: str, golds: list[str]) -> Fraction:
    """Precision and recall over the words that both hold, each as often as both hold it; the best over the golds.

    Where one of two texts has no words, F1 is 1 if neither has, else 0. A question without an answer has one gold
    answer, the empty one.
    """
    best = Fraction(0)
    for gold in [g for g in golds if defined_words(g)] or [""]:
        said, expected = defined_words(prediction), defined_words(gold)
        if not said or not expected:
            best = max(best, Fraction(int(said == expected)))
            continue
        left = list(expected)
        common = 0
        for word in said:
            if word in left:
                left.remove(word)
                common += 1
        precision, recall = Fraction(common, len(said)), Fraction(common, len(expected))
        best = max(best, 2 * precision * recall / (precision + recall) if common else Fraction(0))
    return best


def defined_exact(prediction: str, golds: list[str]) -> int:
    usable = [g for g in golds if defined_words(g)] or [""]
    return max(int(defined_words(prediction) == defined_words(gold)) for gold in usable)


WORDS = st.sampled_from("the The a an A nine Nine-tenths ship's of, (harbour) é 1998. theme ana – “quay” x_y".split())
TEXTS = st.lists(WORDS, max_size=7).map(" ".join) | st.text("aAnthe 9.,-–'\n\té", max_size=15)


@settings(max_examples=400)
@given(prediction=TEXTS, golds=st.lists(TEXTS, max_size=3))
def test_exact_match_and_f1_are_squad_s(prediction: str, golds: list[str]) -> None:
    expected = metrics.squad_expected(golds)
    assert metrics.exact_match(prediction, expected) == defined_exact(prediction, golds)
    assert metrics.token_f1(prediction, expected) == pytest.approx(float(defined_f1(prediction, golds)), abs=1e-9)


@pytest.mark.parametrize(
    ("prediction", "golds", "exact", "f1"),
    [
        ("", [], 1, 1),  # no answer, and none given
        ("nine ships", [], 0, 0),
        ("", ["nine"], 0, 0),
        ("the", ["the"], 1, 1),  # nothing is left of either
        ("Nine ships!", ["ten", "the nine ships"], 1, 1),
        ("nine old ships", ["nine ships"], 0, 4 / 5),  # precision 2/3, recall 2/2
    ],
)
def test_by_hand(prediction: str, golds: list[str], exact: float, f1: float) -> None:
    expected = metrics.squad_expected(golds)
    assert metrics.exact_match(prediction, expected) == pytest.approx(exact)
    assert metrics.token_f1(prediction, expected) == pytest.approx(f1)
