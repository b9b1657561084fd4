from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Alignment, Document, Metadata, Run

# clean "abc def" from raw "ab\nc--def": "ab" + "c", a space put in, "def"
ALIGNMENT = Alignment((Run(0, 0, 2), Run(2, 3, 1), Run(4, 6, 3)))


def test_a_span_is_mapped_to_the_smallest_raw_span_that_holds_it() -> None:
    assert ALIGNMENT.to_raw(0, 2) == (0, 2)
    assert ALIGNMENT.to_raw(1, 3) == (1, 4)
    assert ALIGNMENT.to_raw(0, 7) == (0, 9)
    assert ALIGNMENT.to_raw(2, 4) == (3, 4)


def test_what_the_cleaner_put_in_has_no_raw_span() -> None:
    with pytest.raises(ValueError, match="3:4"):
        ALIGNMENT.to_raw(3, 4)


@pytest.mark.parametrize(("raw", "clean"), [(0, 0), (2, 2), (3, 2), (4, 4), (6, 4), (8, 6), (99, 7)])
def test_a_raw_offset_leads_to_the_next_kept_character(raw: int, clean: int) -> None:
    assert ALIGNMENT.to_clean(raw) == clean


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(1, 6)), min_size=1, max_size=20))
def test_every_kept_character_goes_there_and_back(steps: list[tuple[int, int, int]]) -> None:
    clean = raw = 0
    runs = []
    for inserted, removed, length in steps:
        clean, raw = clean + inserted, raw + removed
        runs.append(Run(clean, raw, length))
        clean, raw = clean + length, raw + length
    alignment = Alignment(tuple(runs))
    for run in runs:
        for step in range(run.length):
            start, end = alignment.to_raw(run.clean + step, run.clean + step + 1)
            assert (start, end) == (run.raw + step, run.raw + step + 1)
            assert alignment.to_clean(start) == run.clean + step


def test_the_users_word_wins_over_what_was_found() -> None:
    found = Metadata(title="Found", author="A", date="2015", date_basis="stated")
    assert found.overridden_by(Metadata(author="B", date="2016-01", date_basis="user")) == Metadata(
        title="Found", author="B", date="2016-01", date_basis="user"
    )


def test_pages_are_counted_from_one() -> None:
    document = Document("i", "a.pdf", "pdf", Metadata(), "x" * 30, "", Alignment(()), pages=(0, 10, 20))
    assert [document.page_at(offset) for offset in (0, 9, 10, 29)] == [1, 1, 2, 3]
    assert Document("i", "a.txt", "txt", Metadata(), "x", "", Alignment(())).page_at(0) is None
