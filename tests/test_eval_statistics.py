"""Intervals and paired comparison against known distributions and arithmetic worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from eval.metrics import bootstrap_interval
from eval.statistics import paired_interval, ratio_interval, sign_test, statistic_interval


def test_bootstrap_interval_is_seeded_and_about_two_standard_errors_wide() -> None:
    values = [0.0, 1.0] * 50  # mean .5, standard error .05
    interval = bootstrap_interval(values)
    assert interval == bootstrap_interval(values)
    assert interval is not None
    assert interval == pytest.approx((0.5 - 1.96 * 0.05, 0.5 + 1.96 * 0.05), abs=0.015)
    assert bootstrap_interval([0.7] * 9) == pytest.approx((0.7, 0.7))
    assert bootstrap_interval([]) is None


def test_a_ratio_is_resampled_by_whole_questions() -> None:
    # Of 100 questions half are asked for below, and 40 of these 50 count: .8, standard error sqrt(.8 * .2 / 50).
    top = [1.0] * 40 + [0.0] * 60
    bottom = [1.0] * 50 + [0.0] * 50
    spread = 1.96 * (0.8 * 0.2 / 50) ** 0.5
    assert ratio_interval(top, bottom) == pytest.approx((0.8 - spread, 0.8 + spread), abs=0.02)
    assert ratio_interval([0.0], [0.0]) is None
    assert ratio_interval([], []) is None


def test_samples_without_any_question_that_counts_are_left_out() -> None:
    # Of three questions one counts, half of it: 8 in 27 samples miss it, and say nothing.
    assert ratio_interval([0.5, 0.0, 0.0], [1.0, 0.0, 0.0]) == (0.5, 0.5)


@pytest.mark.parametrize(("n", "least"), [(1, 0.025), (2, 0.1581), (8, 0.6306), (100, 0.9638)])
def test_where_all_went_alike_the_interval_is_exact(n: int, least: float) -> None:
    # .025 ** (1 / n): with so small a share, n of n still go right once in forty times.
    assert bootstrap_interval([1.0] * n) == pytest.approx((least, 1.0), abs=1e-4)
    assert bootstrap_interval([0.0] * n) == pytest.approx((0.0, 1 - least), abs=1e-4)
    assert ratio_interval([1.0] * n + [0.0], [1.0] * n + [0.0]) == pytest.approx((least, 1.0), abs=1e-4)


def test_memory_is_bounded_and_the_seed_decides() -> None:
    values = [float(i % 2) for i in range(5000)]  # 1,000 samples of 5,000 are drawn in several steps
    interval = bootstrap_interval(values)
    assert interval == bootstrap_interval(values)
    assert interval != bootstrap_interval(values, seed=1)
    assert interval == pytest.approx((0.5 - 1.96 * 0.00707, 0.5 + 1.96 * 0.00707), abs=0.003)


def test_any_statistic_is_resampled() -> None:
    values = np.arange(101.0)

    def middle(drawn: NDArray[np.int64]) -> float:
        return float(np.median(values[drawn]))

    interval = statistic_interval(101, middle)
    assert interval == statistic_interval(101, middle)
    # Order statistics: the median's 95 % interval is from the 40th to the 60th of 101 values.
    assert interval == pytest.approx((40, 60), abs=3)
    assert statistic_interval(0, middle) is None
    assert statistic_interval(3, lambda drawn: None) is None


def test_what_is_hard_for_both_runs_cancels_out() -> None:
    # The second run is .1 better on each question, however far the questions are apart.
    rng = np.random.default_rng(7)
    one = rng.random(40).tolist()
    other = [value + 0.1 for value in one]
    ones = [1.0] * 40
    assert paired_interval((one, ones), (other, ones)) == pytest.approx((0.1, 0.1))
    alone = bootstrap_interval(one)
    assert alone is not None and alone[1] - alone[0] > 0.1
    assert paired_interval((one, [0.0] * 40), (other, ones)) is None


def test_a_difference_that_is_all_chance_spans_zero() -> None:
    one, other = [1.0, 0.0] * 20, [0.0, 1.0] * 20
    interval = paired_interval((one, [1.0] * 40), (other, [1.0] * 40))
    assert interval is not None and interval[0] < 0 < interval[1]


@settings(max_examples=25, deadline=None)
@given(values=st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_an_interval_lies_within_the_values(values: list[float]) -> None:
    interval = bootstrap_interval(values, resamples=100)
    assert interval is not None
    low, high = (0.0, 1.0) if set(values) in ({0.0}, {1.0}) else (min(values), max(values))
    assert low - 1e-9 <= interval[0] <= interval[1] <= high + 1e-9
    assert interval[0] - 1e-9 <= sum(values) / len(values) <= interval[1] + 1e-9 or len(set(values)) > 1


@pytest.mark.parametrize(
    ("better", "worse", "expected"),
    [
        (0, 0, 1.0),
        (1, 1, 1.0),
        (5, 0, 2 / 32),
        (0, 6, 2 / 64),
        (8, 2, 2 * (1 + 10 + 45) / 1024),
        (2, 8, 2 * (1 + 10 + 45) / 1024),
    ],
)
def test_sign_test_counts_heads(better: int, worse: int, expected: float) -> None:
    assert sign_test(better, worse) == pytest.approx(expected)


def test_sign_test_of_thousands() -> None:
    assert sign_test(3000, 3000) == 1
    assert 0 < sign_test(2900, 3100) < 0.02
