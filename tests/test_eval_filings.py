"""The measures of reading filings, and of reading speed, worked by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.reading.filings import common, compare, measure, respelled, running_lines, tokens
from eval.reading.speed import measure as measure_speed


def test_tokens_are_words_and_numbers() -> None:
    assert tokens("Net sales: $1,234.5 (12)% non-GAAP ﬁt") == "net sales 1,234.5 12 non gaap fit".split()


def test_common_is_the_longest_common_subsequence() -> None:
    assert common("a b c d".split(), "b d".split()) == 2
    assert common("a b c d".split(), "d c b a".split()) == 1
    assert common([], ["a"]) == common(["a"], []) == 0


@given(st.lists(st.sampled_from("abc"), max_size=7), st.lists(st.sampled_from("abc"), max_size=7))
def test_common_against_the_textbook(a: list[str], b: list[str]) -> None:
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
    assert common(a, b) == table[-1][-1]


def test_words_that_are_spaced_otherwise_are_the_same() -> None:
    assert respelled(["netincome", "of", "grain"], ["net", "income"]) == ["net", "income", "of", "grain"]
    assert respelled(["netincome"], ["income", "net"]) == ["netincome"]


def test_what_a_page_has_of_its_evidence() -> None:
    page = "Net sales rose to 1,234 in the year"
    found = compare("a", 0, "Netsales rose to 1,234", [page])
    assert (found.words, found.ordered, found.missing, found.held_in_order) == (1, 1, (), True)
    found = compare("a", 0, "rose to 1,234 sales", [page])  # three of four in order: 3/4
    assert (found.words, found.ordered, found.held, found.held_in_order) == (1, 0.75, True, False)
    found = compare("a", 0, "sales rose to 1,235", [page])
    assert (found.words, found.missing, found.held) == (0.75, ("1,235",), False)
    assert not compare("a", 3, "sales", [page]).held


def test_running_lines_stand_on_three_pages() -> None:
    pages = [f"Annual report\nfirst {word}\nsecond {word}\n\nlast {word}\nPage {i}" for i, word in enumerate("abc")]
    assert running_lines(pages)[1] == (["Annual report"], ["Page 1"])
    assert running_lines(pages[:2])[1] == ([], [])


def pdf(lines: list[str]) -> bytes:
    drawn = "".join(f"BT /F1 12 Tf 60 {700 - 16 * i} Td ({line}) Tj ET\n" for i, line in enumerate(lines))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 "
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream",
    ]
    body = "".join(f"{number} 0 obj\n{content}\nendobj\n" for number, content in enumerate(objects, 1))
    return f"%PDF-1.4\n{body}trailer << /Root 1 0 R >>\n%%EOF\n".encode()


def test_a_folder_of_filings(tmp_path: Path) -> None:
    (tmp_path / "ferry.pdf").write_bytes(pdf(["The ferry carried 1,200 passengers in May,", "and 900 in June."]))
    asked = [("q1", "1,200 passengers in May, and 900 in June"), ("q2", "1,300 passengers in May")]
    (tmp_path / "questions.jsonl").write_text(
        "\n".join(
            json.dumps(
                {
                    "financebench_id": name,
                    "evidence": [{"doc_name": "ferry", "evidence_page_num": 0, "evidence_text": text}],
                }
            )
            for name, text in asked
        )
    )
    result = measure(tmp_path)
    assert (len(result.questions), result.held, result.held_in_order) == (2, 1, 1)


def test_speed(tmp_path: Path) -> None:
    (tmp_path / "ferry.pdf").write_bytes(pdf(["The ferry is slow.", "It is old."]))
    (tmp_path / "junk.pdf").write_bytes(b"%PDF-1.4 junk")
    (tmp_path / "ferry.txt").write_text("The ferry is slow. It is old.\n" * 50)
    speed = measure_speed(tmp_path, tmp_path, rounds=1)
    assert (speed.pages, speed.markitdown) == (1, None)
    assert speed.text is not None and min(speed.ours, speed.kreuzberg, speed.text) > 0
    assert speed.share == pytest.approx(speed.ours / speed.kreuzberg)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no PDF in it"):
        measure_speed(tmp_path / "empty")
