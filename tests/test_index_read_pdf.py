"""Reading PDFs: columns, rows, headings, turned and damaged pages. The files are written here, byte by byte."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from textwrap import wrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import ReadError
from index.readers.pdf import read_pdf
from index.types import RawDocument

Text = tuple[float, float, float, str, str]
"""x, y (upwards, in points), size, font (F1 plain, F2 bold), words."""

WORDS = (
    "harbour council ferry winter ice report found that most crossings were delayed by weather while the older boats "
    "needed repairs and the crew asked for better pay in spring because costs had risen since the new tariff of the "
    "canal office came into force among traders who send grain timber and coal to the southern towns"
).split()


def pdf(
    pages: Sequence[Iterable[Text]], *, page: str = "", fonts: str = "", trailer: str = "", extra: str = ""
) -> bytes:
    """Return a PDF of these texts, drawn in this order on pages of 612 by 792 points."""
    kinds = "".join(
        f"/{name} << /Type /Font /Subtype /Type1 /BaseFont /{base} {fonts} >> "
        for name, base in (("F1", "Helvetica"), ("F2", "Helvetica-Bold"))
    )
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for texts in pages:
        drawn = "".join(
            f"BT /{font} {size} Tf 1 0 0 1 {x} {y} Tm ({words}) Tj ET\n" for x, y, size, font, words in texts
        )
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] {page} /Contents {len(objects)} 0 R "
            f"/Resources << /Font << {kinds} >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    if extra:
        objects.append(extra)
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size, at = len(objects) + 1, len(out)
    end = f"trailer << /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{at}\n%%EOF\n"
    return out + f"xref\n0 {size}\n0000000000 65535 f \n{table}{end}".encode()


def mapping(codes: str) -> str:
    """Return a stream that says which letters the codes of a font are."""
    kind = "bfrange" if codes.count("<") == 3 else "bfchar"
    space = "1 begincodespacerange <00> <ff> endcodespacerange"
    text = f"/CIDInit /ProcSet findresource begin begincmap {space} 1 begin{kind} {codes} end{kind} endcmap end"
    return f"<< /Length {len(text)} >>\nstream\n{text}\nendstream"


def plain(lines: Sequence[str], top: float = 720, step: float = 14) -> list[Text]:
    return [(72, top - step * i, 11, "F1", line) for i, line in enumerate(lines)]


def prose(seed: int, width: int, count: int) -> list[str]:
    """Return lines of wrapped sentences."""
    rng = random.Random(seed)
    sentences = (" ".join(rng.choices(WORDS, k=rng.randint(8, 16))).capitalize() + "." for _ in range(count))
    return wrap(" ".join(sentences), width)[:count]


def lines(raw: RawDocument) -> list[str]:
    return [line for line in raw.text.split("\n") if line.strip()]


def headings(raw: RawDocument) -> list[tuple[int, str]]:
    return [(heading.level, raw.text[heading.start : heading.end]) for heading in raw.headings]


# --- pages and lines ------------------------------------------------------------------------------


def test_pages_begin_where_their_text_does() -> None:
    raw = read_pdf(pdf([plain(["The ferry is slow.", "It is old."]), [], plain(["The ice is thick."])]), "a.pdf")
    assert raw.text == "The ferry is slow.\nIt is old.\n\f\n\n\f\nThe ice is thick."
    assert [raw.text[start : start + 7] for start in (raw.pages[0], raw.pages[2])] == ["The fer", "The ice"]
    assert len(raw.pages) == 3
    assert (raw.kind, raw.layout) == ("pdf", "lines")


def test_a_blank_line_stands_where_the_page_has_a_gap() -> None:
    first, second = prose(1, 70, 5), prose(2, 70, 5)
    raw = read_pdf(pdf([plain(first) + plain(second, 720 - 14 * 5 - 9)]), "a.pdf")
    assert raw.text == "\n".join(first) + "\n\n" + "\n".join(second)


def test_a_hyphen_at_a_lines_end_stays_with_its_line_end() -> None:
    raw = read_pdf(pdf([plain(["The ferry crosses the sound in the long-", "awaited winter of the year."])]), "a.pdf")
    assert raw.text == "The ferry crosses the sound in the long-\nawaited winter of the year."


def test_properties_of_the_file() -> None:
    info = "<< /Title (Slow ferries) /Author (Anna Berg) /CreationDate (D:20190304101112+01'00') >>"
    raw = read_pdf(pdf([plain(prose(1, 70, 6))], trailer="/Info 5 0 R", extra=info), "a.pdf")
    assert (raw.metadata.title, raw.metadata.author) == ("Slow ferries", "Anna Berg")
    assert (raw.metadata.date, raw.metadata.date_basis) == ("2019-03-04", "file")


# --- columns --------------------------------------------------------------------------------------


def columns(texts: Sequence[Sequence[str]], *, across: bool, top: float = 700, size: float = 9) -> list[Text]:
    """Return columns of lines side by side, drawn one after the other or line by line across."""
    width = 492 / len(texts)
    cells = [
        (60 + k * width, top - i * 1.2 * size, size, "F1", line)
        for k, column in enumerate(texts)
        for i, line in enumerate(column)
    ]
    return sorted(cells, key=lambda cell: (-cell[1], cell[0])) if across else cells


@pytest.mark.parametrize("across", [False, True], ids=["by column", "across"])
@pytest.mark.parametrize("count", [2, 3])
def test_columns_one_after_the_other(count: int, across: bool) -> None:
    texts = [prose(seed, 100 // count, 40) for seed in range(count)]
    raw = read_pdf(pdf([columns(texts, across=across)]), "a.pdf")
    assert lines(raw) == [line for column in texts for line in column]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 3), st.integers(8, 45), st.booleans())
def test_columns_of_any_text(seed: int, count: int, height: int, across: bool) -> None:
    texts = [prose(seed + k, 100 // count, height) for k in range(count)]
    raw = read_pdf(pdf([columns(texts, across=across)]), "a.pdf")
    assert lines(raw) == [line for column in texts for line in column]


def test_title_above_figure_between_and_running_head_of_columns() -> None:
    upper, lower = [prose(s, 48, 14) for s in (1, 2)], [prose(s, 48, 14) for s in (3, 4)]
    title = "The long winter of the northern ferries and what it cost"
    caption = "Figure 1: Crossings of the sound in each month of the year, in thousands of passengers, all lines."
    head: list[Text] = [(60, 765, 8, "F1", "Harbour Studies"), (540, 765, 8, "F1", "12")]
    drawn = [
        *head,
        (60, 730, 16, "F2", title),
        *columns(upper, across=True, top=700),
        (60, 500, 9, "F1", caption),
        *columns(lower, across=True, top=470),
    ]
    raw = read_pdf(pdf([drawn]), "a.pdf")
    expected = [*upper[0], *upper[1], caption, *lower[0], *lower[1]]
    assert lines(raw) == ["Harbour Studies 12", title, *expected]


def test_side_notes_do_not_cut_the_text() -> None:
    text, notes = prose(5, 60, 30), prose(6, 24, 10)
    side = [(430.0, 700 - 11 * i, 8.0, "F1", line) for i, line in enumerate(notes)]
    body = [(60.0, 700 - 12 * i, 10.0, "F1", line) for i, line in enumerate(text)]
    drawn = sorted([*body, *side], key=lambda cell: -cell[1])
    assert lines(read_pdf(pdf([drawn]), "a.pdf")) == [*text, *notes]


def test_a_foot_drawn_first_stands_last() -> None:
    text = prose(7, 80, 20)
    raw = read_pdf(pdf([[(300, 40, 9, "F1", "14"), *plain(text)]]), "a.pdf")
    assert lines(raw) == [*text, "14"]


def test_a_head_drawn_last_stands_first_though_nothing_is_below_it() -> None:
    text = prose(7, 50, 20)
    raw = read_pdf(pdf([[*plain(text), (500, 770, 9, "F1", "Annex 4")]]), "a.pdf")
    assert lines(raw) == ["Annex 4", *text]


def test_right_to_left_columns_begin_at_the_right() -> None:
    # Latin letters, mapped to Hebrew ones: only the order of the columns is looked at.
    left, right = ["abcde fghij abcde fghij abcde fghij"] * 12, ["klmno pqrst klmno pqrst klmno pqrst"] * 12
    data = pdf([columns([left, right], across=True)], fonts="/ToUnicode 5 0 R", extra=mapping("<61> <7a> <05d0>"))
    raw = read_pdf(data, "a.pdf")
    of_left = [letter <= "\u05d9" for letter in re.findall(r"[\u05d0-\u05e9]", raw.text)]
    assert of_left == [False] * 12 * 30 + [True] * 12 * 30


# --- tables ---------------------------------------------------------------------------------------

LABELS = ["Net sales", "Cost of sales", "Gross profit", "Interest, net", "Income before tax", "Net income"]
FIRST = ["32,765", "21,003", "11,762", "(350)", "7,000", "5,363"]
SECOND = ["31,657", "20,100", "11,557", "-", "6,900", "4,869"]


def table(order: str) -> list[Text]:
    cells = [
        (x, 700 - 14.0 * i, 10.0, "F1", cell.replace("(", "\\(").replace(")", "\\)"))
        for x, column in (
            (72.0, LABELS),
            (380.0, FIRST),
            (470.0, SECOND),
        )
        for i, cell in enumerate(column)
    ]
    return cells if order == "by column" else sorted(cells, key=lambda cell: (-cell[1], cell[0]))


@pytest.mark.parametrize("order", ["by column", "by row"])
def test_the_numbers_of_a_row_stand_with_its_label(order: str) -> None:
    raw = read_pdf(pdf([table(order)]), "a.pdf")
    assert lines(raw) == [
        "Net sales\t32,765\t31,657",
        "Cost of sales\t21,003\t20,100",
        "Gross profit\t11,762\t11,557",
        "Interest, net\t(350)\t-",
        "Income before tax\t7,000\t6,900",
        "Net income\t5,363\t4,869",
    ]


def test_marks_drawn_apart_stand_with_their_text() -> None:
    texts = [f"the {word} of the old harbour office" for word in WORDS[:3]]
    drawn: list[Text] = [(90, 700 - 14.0 * i, 10, "F1", text) for i, text in enumerate(texts)]
    marks: list[Text] = [(72, 700 - 14.0 * i, 10, "F1", f"\\({'abc'[i]}\\)") for i in range(3)]
    raw = read_pdf(pdf([drawn + marks]), "a.pdf")
    assert lines(raw) == [f"({mark}) {text}" for mark, text in zip("abc", texts, strict=True)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 7), st.integers(0, 40), st.sampled_from(WORDS + FIRST)),
        min_size=1,
        unique_by=lambda cell: cell[:2],
    )
)
def test_nothing_on_a_page_is_lost(cells: list[tuple[int, int, str]]) -> None:
    drawn: list[Text] = [
        (20 + 72.0 * x, 760 - 18.0 * y, 8, "F1", word.replace("(", "\\(").replace(")", "\\)")) for x, y, word in cells
    ]
    raw = read_pdf(pdf([drawn]), "a.pdf")
    assert Counter(raw.text.split()) == Counter(word for _, _, word in cells)


# --- headings -------------------------------------------------------------------------------------


def chapter(number: int, size: float, top: float = 700) -> list[Text]:
    return [(72, top, size, "F2", f"{number} Ferries of the sound"), *plain(prose(number, 80, 12), top - 24)]


def test_larger_type_is_a_heading_and_levels_follow_size() -> None:
    first = [(72.0, 740.0, 20.0, "F2", "Winter on the sound"), *chapter(1, 14, 700)]
    bold: list[Text] = [(72, 700, 11, "F2", "What the crew said"), *plain(prose(9, 80, 12), 684)]
    raw = read_pdf(pdf([first, chapter(2, 14), bold]), "a.pdf")
    assert headings(raw) == [
        (1, "Winter on the sound"),
        (2, "1 Ferries of the sound"),
        (2, "2 Ferries of the sound"),
        (3, "What the crew said"),
    ]


def test_a_heading_of_two_lines_is_one() -> None:
    top: list[Text] = [(72, 740, 18, "F2", "The long winter of the ferries"), (72, 719, 18, "F2", "and what it cost")]
    raw = read_pdf(pdf([[*top, *plain(prose(3, 80, 20), 680)]]), "a.pdf")
    assert headings(raw) == [(1, "The long winter of the ferries\nand what it cost")]


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param([(72, 714, 11, "F2", "Costs, in thousands"), *table("by row")], id="over a table"),
        pytest.param([(72, 740, 11, "F2", "- the boats of the sound"), *plain(prose(3, 80, 9), 724)], id="item"),
        pytest.param(
            [(72, 740, 11, "F2", "The ferry, said its captain in"), *plain(["may, was slow."], 726)], id="lead"
        ),
        pytest.param(
            [(72, 740, 13, "F1", "1 The ferry . . . . . . . . . . 7"), *plain(prose(3, 80, 9))], id="contents"
        ),
        pytest.param([(72, 740, 11, "F2", "Winter came early."), *plain(prose(3, 80, 9), 724)], id="sentence"),
    ],
)
def test_what_only_looks_like_a_heading(texts: list[Text]) -> None:
    assert headings(read_pdf(pdf([[*texts, *plain(prose(4, 80, 20), 500)]]), "a.pdf")) == []


def test_a_running_head_is_no_heading() -> None:
    pages = [[(72.0, 760.0, 14.0, "F2", f"Harbour Studies {n}"), *plain(prose(n, 80, 20))] for n in range(1, 5)]
    assert headings(read_pdf(pdf(pages), "a.pdf")) == []


def test_no_headings_where_no_size_prevails() -> None:
    texts: list[Text] = [(72, 740 - 30.0 * i, 8 + 2.0 * i, "F1", "ferries " * 4) for i in range(9)]
    assert read_pdf(pdf([texts]), "a.pdf").headings == ()


# --- turned, scanned, garbled, damaged ------------------------------------------------------------


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_pages_are_read_as_shown(turn: int) -> None:
    texts = [prose(1, 48, 20), prose(2, 48, 20)]
    matrix = {0: "1 0 0 1 0 0", 90: "0 1 -1 0 700 0", 180: "-1 0 0 -1 612 792", 270: "0 -1 1 0 0 700"}[turn]
    data = pdf([columns(texts, across=True, top=600)], page=f"/Rotate {turn}")
    turned = data.replace(b"stream\nBT", f"stream\nq {matrix} cm BT".encode()).replace(b"ET\n\nend", b"ET Q\n\nend")
    assert turned.count(b" Q\n") == 1
    # The text is turned against the page, and the page back: read as shown, it is upright.
    raw = read_pdf(turned, "a.pdf")
    assert lines(raw) == [*texts[0], *texts[1]]


def test_text_set_upright_at_the_edge_is_removed() -> None:
    stamp = "BT /F1 12 Tf 0 1 -1 0 30 300 Tm (Working Paper 17, March 2019) Tj ET\n"
    data = pdf([plain(prose(1, 80, 20))]).replace(b"stream\nBT", b"stream\n" + stamp.encode() + b"BT")
    raw = read_pdf(data, "a.pdf")
    assert [(r.kind, raw.text[r.start : r.end]) for r in raw.removed] == [("margin", "Working Paper 17, March 2019")]
    assert lines(raw) == [*prose(1, 80, 20), "Working Paper 17, March 2019"]


def test_password() -> None:
    locked = "<< /Filter /Standard /V 1 /R 2 /P -4 /O <" + "41" * 32 + "> /U <" + "42" * 32 + "> >>"
    data = pdf([plain(["Secret."])], trailer="/Encrypt 5 0 R /ID [<00> <00>]", extra=locked)
    with pytest.raises(ReadError, match="protected with a password"):
        read_pdf(data, "a.pdf")


@pytest.mark.parametrize("data", [b"%PDF-1.4\nnothing", pdf([plain(["A line."])])[:200]], ids=["junk", "truncated"])
def test_damage(data: bytes) -> None:
    with pytest.raises(ReadError, match=r"a\.pdf: is damaged"):
        read_pdf(data, "a.pdf")


def test_too_many_pages() -> None:
    data = pdf([plain(["A line."])]).replace(b"/Count 1 ", b"/Count 900000 ")
    with pytest.raises(ReadError, match="900000 pages are over the limit of 20000"):
        read_pdf(data, "a.pdf")


def test_a_page_that_is_missing_is_told() -> None:
    data = pdf([plain(["The ferry is slow."]), plain(["It is old."])])
    data = data.replace(b"/Type /Page /Parent 2 0 R", b"/Type /Pony /Parent 2 0 R", 1)
    raw = read_pdf(data, "a.pdf")
    assert "It is old." in raw.text and len(raw.pages) == 2
    assert [(r.kind, r.reason) for r in raw.removed] == [("scan", "page 1 is damaged")]


@pytest.mark.parametrize("box", ["[0 0 0 0]", "[612 792 0 0]", "[0 0 1e9 1e9]", "[-100 -100 612 792]"])
def test_odd_page_boxes(box: str) -> None:
    data = pdf([plain(["The ferry is slow.", "It is old."])]).replace(b"[0 0 612 792]", box.encode())
    assert read_pdf(data, "a.pdf").text == "The ferry is slow.\nIt is old."


def test_letters_without_a_code_of_their_own() -> None:
    # A letter beyond the first plane is two characters for pdfium: what follows must not be shifted.
    texts = [*plain(["Z Z is the time"]), (500.0, 720.0, 11.0, "F1", "far away")]
    raw = read_pdf(pdf([texts], fonts="/ToUnicode 5 0 R", extra=mapping("<5a> <d835dc47>")), "a.pdf")
    assert raw.text.replace("\n", " ").split() == ["\U0001d447", "\U0001d447", "is", "the", "time", "far", "away"]
