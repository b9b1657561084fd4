"""Refusals, confidence and cost against arithmetic worked by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval import metrics


def test_refusal_figures() -> None:
    # 5 questions, 2 to refuse, 3 refused, 1 of them rightly.
    refused = [True, True, True, False, False]
    should = [True, False, False, True, False]
    assert metrics.refusal_precision(refused, should) == pytest.approx(1 / 3)
    assert metrics.refusal_recall(refused, should) == 1 / 2
    assert metrics.refusal_f1(refused, should) == pytest.approx(2 / 5)  # 2*1/(3+2)
    assert metrics.refusal_precision([False], [True]) is None
    assert metrics.refusal_recall([True], [False]) is None
    assert metrics.refusal_f1([False], [False]) is None


def test_auroc_counts_pairs_and_ties_half() -> None:
    # Pairs (positive, negative): .9>.5, .9>.1, .5=.5, .5>.1: 3.5 of 4.
    assert metrics.auroc([0.9, 0.5, 0.5, 0.1], [True, True, False, False]) == 3.5 / 4
    assert metrics.auroc([0.1, 0.9], [True, False]) == 0
    assert metrics.auroc([0.3, 0.3], [True, False]) == 0.5
    assert metrics.auroc([0.3], [True]) is None
    assert metrics.auroc([], []) is None


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([3.0, 1.0, 2.0, 4.0], 50, 2.0),  # the 2nd of 4
        ([3.0, 1.0, 2.0], 50, 2.0),  # 1.5 up: the 2nd
        ([float(i) for i in range(1, 21)], 95, 19.0),
        ([float(i) for i in range(1, 11)], 95, 10.0),  # 9.5 up
        ([5.0], 95, 5.0),
        ([1.0, 2.0], 100, 2.0),
        ([1.0, 2.0], 1, 1.0),
        ([], 50, None),
    ],
)
def test_percentile_is_nearest_rank(values: Sequence[float], percent: int, expected: float | None) -> None:
    assert metrics.percentile(values, percent) == expected


@pytest.mark.parametrize("percent", [0, -1, 101])
def test_percentile_refuses_nonsense(percent: int) -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        metrics.percentile([1.0], percent)


# Chances .05 and .15 (neither came true), .95 and .9 (one of two did), 1.0 (did): three bins.
CHANCES, HAPPENED = [0.05, 0.15, 0.95, 0.9, 1.0], [False, False, True, False, True]


def test_reliability_bins_and_calibration_error() -> None:
    bins = metrics.reliability(CHANCES, HAPPENED)
    assert [(b.low, b.high, b.n) for b in bins] == [(0, 0.1, 1), (0.1, 0.2, 1), (0.9, 1, 3)]
    assert [b.share for b in bins] == pytest.approx([0, 0, 2 / 3])
    assert [b.chance for b in bins] == pytest.approx([0.05, 0.15, 0.95])
    # 1/5 * .05 + 1/5 * .15 + 3/5 * (.95 - 2/3) = .01 + .03 + .17
    assert metrics.calibration_error(CHANCES, HAPPENED) == pytest.approx(0.21)
    assert metrics.calibration_error([], []) is None
    assert metrics.reliability([], []) == []


def test_a_chance_is_between_0_and_1() -> None:
    with pytest.raises(ValueError, match=r"from 0\.5 to 1\.5"):
        metrics.reliability([1.5, 0.5], [True, False])


def test_risk_and_coverage() -> None:
    # Surest first: right, wrong, right, wrong: risks 0/1, 1/2, 1/3, 2/4; the area is their mean.
    sure, right = [0.6, 0.9, 0.8, 0.7], [0.0, 1.0, 0.0, 1.0]
    assert metrics.risk_coverage(sure, right) == [(1 / 4, 0), (2 / 4, 1 / 2), (3 / 4, 1 / 3), (1, 2 / 4)]
    assert metrics.risk_area(sure, right) == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4)
    assert metrics.risk_area([], []) is None


def test_answers_that_are_equally_sure_come_together() -> None:
    # One sure and right; then a tie of one right and one wrong: coverage 1/3 at risk 0, 3/3 at risk 1/3.
    for right in ([1.0, 1.0, 0.0], [1.0, 0.0, 1.0]):
        assert metrics.risk_coverage([0.9, 0.5, 0.5], right) == [(1 / 3, 0), (1, 1 / 3)]
        assert metrics.risk_area([0.9, 0.5, 0.5], right) == pytest.approx(2 / 3 * 1 / 3)


@given(pairs=st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30))
def test_the_curve_ends_at_the_share_of_wrong_answers(pairs: list[tuple[float, bool]]) -> None:
    curve = metrics.risk_coverage([sure for sure, _ in pairs], [float(right) for _, right in pairs])
    coverages = [coverage for coverage, _ in curve]
    assert coverages == sorted(set(coverages))
    assert curve[-1][0] == 1
    assert curve[-1][1] == pytest.approx(sum(not right for _, right in pairs) / len(pairs))


def test_price_of_tokens() -> None:
    prices = {"prompt": 0.15, "draft": 0.60}
    # 2,000 * .15 / 1e6 + 500 * .60 / 1e6
    assert metrics.price({"prompt": 2000, "draft": 500}, prices) == pytest.approx(0.0003 + 0.0003)
    assert metrics.price({}, {}) == 0
    assert metrics.price({"draft": 0}, {}) == 0
    assert metrics.price({"draft": 3, "prompt": 1}, {"prompt": 0.15}) is None
